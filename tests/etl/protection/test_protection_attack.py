"""The attack on protected case tables: with every number that an edition holds, the edition before, and linear programming."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from corridors import catalog
from corridors.statistics import cell_keys
from corridors.store.cases import tables
from corridors.store.queries import cases
from etl import protection
from etl.cases import kind
from tests.etl import case_records
from tests.etl.case_records import DATASET, publish
from tests.sampling import all_or
from tools import attack

NAMES = list(case_records.VALUES)


@pytest.fixture(scope="module")
def inferred() -> pd.DataFrame:
    return attack.inferred(protection.RULES.d, protection.RULES.threshold, 1000)


def told(edition_id: str, inferred: pd.DataFrame) -> pd.DataFrame:
    """All that an edition says of the four dimensions, as bounds on the truth: every cell of every table, withheld ones too."""
    grid = pd.concat(
        pd.MultiIndex.from_product([case_records.VALUES[d] for d in by], names=by).to_frame(index=False)
        for n in range(1, tables.DEPTH + 1)
        for by in map(list, combinations(NAMES, n))
    )
    grid = pd.concat([pd.DataFrame([{}]), grid], ignore_index=True).reindex(columns=NAMES).astype(object)
    grid = grid.where(grid.notna(), None)
    held = cases.everything(edition_id, DATASET)
    others = [d for d in cases.DIMENSIONS if d not in NAMES]
    held = held[held[others].isna().all(axis=1)][[*NAMES, "value"]].astype({n: object for n in NAMES})
    held = held.where(held.notna(), None)
    keyed = {tuple(row[:-1]): int(row[-1]) for row in held.itertuples(index=False)}
    bounds = {int(r.shown): (r.lower, r.upper) for r in inferred.dropna().itertuples()}
    hidden = inferred[inferred.shown.isna()].iloc[0]
    shown = [keyed.get(tuple(cell)) for cell in grid.itertuples(index=False)]
    assert sum(v is not None for v in shown) == len(keyed), "the edition holds a cell that the attack does not know of"
    return grid.assign(
        shown=shown,
        lower=[hidden.lower if v is None else bounds[v][0] for v in shown],
        upper=[hidden.upper if v is None else bounds[v][1] for v in shown],
    )


def with_truth(cells: pd.DataFrame, records: pd.DataFrame) -> pd.DataFrame:
    """The cells with the true count behind each."""
    counts = {}
    for n in range(tables.DEPTH + 1):
        for by in map(list, combinations(NAMES, n)):
            groups = records.groupby(by).size().items() if by else [((), len(records))]
            for key, count in groups:
                values = dict(zip(by, key if isinstance(key, tuple) else (key,)))
                counts[tuple(values.get(name) for name in NAMES)] = count
    return cells.assign(truth=[counts.get(tuple(row), 0) for row in cells[NAMES].itertuples(index=False)])


def hidden(cells: pd.DataFrame) -> pd.DataFrame:
    """The withheld counts of one to ten people: those that must not come back."""
    found = cells[pd.isna(cells.shown) & cells.truth.between(1, protection.RULES.threshold - 1)]
    return found.drop(columns=["lower", "upper"])


@pytest.mark.parametrize("seed", [1, 2])
def test_no_withheld_count_comes_back_from_everything_shown_nor_with_the_edition_before(data, where, inferred, seed):
    """A person in a small cell must stay unseen by somebody who has both editions, the rules, and linear programming."""
    first, more = case_records.invented(320, seed), case_records.invented(60, seed + 100)
    case_records.accept(data, first)
    before = told(publish(data, 1), inferred)
    case_records.accept(data, more, batch="b2")
    now = with_truth(told(publish(data, 2), inferred), pd.concat([first, more]))
    secret = hidden(now)
    assert len(secret) >= 10, "too few hidden counts for this test to mean anything"
    both = ((now.lower <= now.truth) & (now.truth <= now.upper)).all()
    assert both, "what the attacker infers must be true, or the attack is too weak"
    for known in (now, [before, now]):
        found = attack.attack(known, secret, NAMES)
        assert ((found.lower <= found.truth) & (found.truth <= found.upper)).all()
        assert (found.upper - found.lower >= 5).all(), found[found.upper - found.lower < 5]


def test_the_same_records_with_small_counts_merely_hidden_fall_to_the_same_attack():
    """So that the test above can fail: hide every count under 11 and show the rest as it is, and small counts come back."""
    records = case_records.invented(320, 1)
    grid = (
        pd.concat(
            pd.MultiIndex.from_product([case_records.VALUES[d] for d in by], names=by).to_frame(index=False)
            for n in range(1, tables.DEPTH + 1)
            for by in map(list, combinations(NAMES, n))
        )
        .reindex(columns=NAMES)
        .astype(object)
    )
    cells = with_truth(grid.where(grid.notna(), None).reset_index(drop=True), records)
    small = cells.truth < protection.RULES.threshold
    naive = cells.assign(
        shown=cells.truth.where(~small), lower=cells.truth.where(~small, 0), upper=cells.truth.where(~small, 10)
    )
    secret = hidden(naive)
    found = attack.attack(naive, secret, NAMES)
    exact = found[found.lower == found.upper]
    assert len(exact) >= 5 and (exact.lower == exact.truth).all()


def test_noise_that_is_plain_rounding_pins_small_counts_by_differencing(inferred):
    """Rounding to 5 for every key alike, as the sample table of ONS's package does: parts and total leave few values open."""
    names = ["sex"]
    rounded = pd.DataFrame([("f", 8, 12), ("m", 38, 42), (None, 43, 47)], columns=["sex", "lower", "upper"])  # 10, 40, 45
    found = attack.attack(rounded, pd.DataFrame([{"sex": "f"}]), names).iloc[0]
    assert found.upper - found.lower < 5
    ours = {int(r.shown): (r.lower, r.upper) for r in inferred.dropna().itertuples()}
    noisy = pd.DataFrame([("f", 0, 14), ("m", *ours[40]), (None, *ours[45])], columns=["sex", "lower", "upper"])
    found = attack.attack(noisy, pd.DataFrame([{"sex": "f"}]), names).iloc[0]
    assert found.upper - found.lower >= 10


LOOSE = tables.Rules(d=15, variance=60, threshold=11, least=1)  # few people are shown, too: the attack must find them


def cube(data, rules: tables.Rules, batches=("b1",), shift: bool = True) -> pd.DataFrame:
    """The cube of the batches by the given rules, as `protection` makes it."""
    path = data / "cube.parquet"
    secret = protection.seed(data)
    shifts = protection._shifts(secret, "trafficking")
    noise = cell_keys.perturbation_table(rules.d, rules.variance, secret)
    tables.protect(data, "register", "trafficking", batches, noise, shifts if shift else shifts.assign(shift=0), rules, path)
    return tables.kept(path)


def strangers(seed: int) -> pd.DataFrame:
    """Records of which many are alone in a country, as records are."""
    records = case_records.invented(300, seed)
    draw = np.random.default_rng(seed)
    records["citizenship"] = draw.choice([*["MMR"] * 60, *EVERY], len(records))
    records["exploitation_country"] = draw.choice([*["THA"] * 60, *EVERY], len(records))
    return records


EVERY = sorted(catalog.load().members)
DIMENSIONS = [*NAMES, "citizenship", "exploitation_country"]


@pytest.mark.parametrize("seed", range(all_or(4, 20)))
def test_no_person_who_is_alone_with_one_or_two_attributes_is_singled_out_or_read(bare, seed):
    records = strangers(seed)
    case_records.accept(bare, records)
    singled, whole = attack.whole_persons(cube(bare, protection.RULES), records, DIMENSIONS)
    assert (singled, whole) == (0, 0)
    alone = sum((~records.duplicated(list(by), keep=False)).sum() for by in combinations(DIMENSIONS, 2))
    assert alone >= 20, "too few people who are alone for this test to mean anything"


def test_counts_that_are_shown_as_they_are_fall_to_the_same_attack():
    records = strangers(1)
    counts = [
        records.groupby(list(by)).size().reset_index(name="value") for n in (1, 2, 3) for by in combinations(DIMENSIONS, n)
    ]
    singled, whole = attack.whole_persons(pd.concat(counts), records, DIMENSIONS)
    assert singled >= 20 and whole >= 5


def test_people_who_are_alike_in_everything_are_withheld_however_many_they_are(bare):
    records = case_records.invented(400, 7)
    records.loc[records.index[:60], [*NAMES, "citizenship"]] = ["other", "male", "0-17", "family", "TUV"]
    case_records.accept(bare, records)
    made = cube(bare, protection.RULES)
    assert not (made.citizenship == "TUV").any()
    assert (made.citizenship == "MMR").any()


def test_what_is_shown_lies_within_five_of_the_truth_and_never_stands_for_fewer_than_four(bare):
    records = case_records.invented(900, 3)
    case_records.accept(bare, records)
    made = cube(bare, protection.RULES)
    for by in [c for n in (1, 2, 3) for c in combinations(NAMES, n)]:
        others = [d for d in tables.ALL if d not in by]
        held = made[made[list(by)].notna().all(axis=1) & made[others].isna().all(axis=1)]
        truth = records.groupby(list(by)).size()
        for row in held.itertuples():
            key = tuple(getattr(row, d) for d in by)
            count = truth[key if len(by) > 1 else key[0]]
            assert abs(row.value - count) <= 5 and count >= 4


def test_a_small_group_that_is_the_same_in_several_tables_has_not_the_same_noise_in_all(bare):
    """Otherwise all of its tables show it or none does, and it is known again by that."""
    records = case_records.invented(400, 9)
    records.loc[records.index[:9], "citizenship"] = "TUV"
    records.loc[records.index[:9], "exploitation_country"] = "AUS"
    records.loc[records.index[:9], "detected_year"] = 2011
    case_records.accept(bare, records)
    groups = set()
    for number, names in tables.tables_of("trafficking").items():
        if set(names) and set(names) <= {"citizenship", "exploitation_country", "detected_year"}:
            groups.add(int(protection._shifts(protection.seed(bare), "trafficking").set_index("number")["shift"][number]))
    assert len(groups) >= 5


@pytest.mark.parametrize("seed", range(all_or(4, 20)))
def test_an_edition_with_one_more_record_says_nothing_of_it(bare, where, seed):
    first, one = strangers(seed), strangers(seed + 500).head(1)
    case_records.accept(bare, first)
    before = protection.tables(bare, catalog.load())
    case_records.accept(bare, one, batch="b2")
    after = protection.tables(bare, catalog.load())
    record = one.iloc[0].to_dict()
    assert attack.of_one_record(before["case_cell"], after["case_cell"], DIMENSIONS, record) == 0
    assert "fewer than 30 records" in after["case_dataset"].note.iloc[0] and before["case_dataset"].note.iloc[0] is None


def test_made_anew_for_one_record_the_tables_would_say_much_of_it(bare):
    first, one = strangers(3), strangers(503).head(1)
    case_records.accept(bare, first)
    case_records.accept(bare, one, batch="b2")
    before, after = cube(bare, LOOSE), cube(bare, LOOSE, ("b1", "b2"))
    assert attack.of_one_record(before, after, DIMENSIONS, one.iloc[0].to_dict()) >= 4


def test_thirty_records_more_make_the_tables_anew_and_a_step_back_shows_the_former_ones(bare):
    case_records.accept(bare, strangers(1))
    first = protection.tables(bare, catalog.load())["case_cell"]
    case_records.accept(bare, strangers(2).head(29), batch="b2")
    assert protection.tables(bare, catalog.load())["case_cell"].equals(first)
    case_records.accept(bare, strangers(3).head(1), batch="b3")
    third = protection.tables(bare, catalog.load())["case_cell"]
    assert not third.equals(first)
    case_records.withdraw(bare, "b3")  # one record from the third, 29 from the first: neither may be compared
    assert protection.tables(bare, catalog.load())["case_cell"].equals(third)
    case_records.withdraw(bare, "b2")
    again = protection.tables(bare, catalog.load())["case_cell"]
    assert (
        again.sort_values(list(again)).reset_index(drop=True).equals(first.sort_values(list(first)).reset_index(drop=True))
    )


def test_records_withdrawn_for_a_persons_sake_go_at_once_and_all_tables_get_other_noise(bare):
    case_records.accept(bare, strangers(1))
    case_records.accept(bare, strangers(2).head(5), batch="b2")
    first = protection.tables(bare, catalog.load())["case_cell"]
    kind.withdraw("cases b2", bare, for_a_person=True)
    after = protection.tables(bare, catalog.load())
    assert after["case_dataset"].note.iloc[0] is None
    names = list(tables.ALL)
    both = first.merge(after["case_cell"], on=names, suffixes=("_before", "_after"))
    assert (both.value_before != both.value_after).mean() > 0.5, "only the cells of those five changed: they can be read"
