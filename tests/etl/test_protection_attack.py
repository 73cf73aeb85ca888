"""The attack on protected case tables: with every number that an edition holds, the edition before, and linear programming."""

from __future__ import annotations

from itertools import combinations

import pandas as pd
import pytest

from corridors.statistics import cell_keys, disclosure
from corridors.store.cases import tables
from corridors.store.queries import cases
from etl import protection
from tests.etl import case_records
from tests.etl.case_records import DATASET, bare, data, publish, seed_file, where  # noqa: F401  fixtures

NAMES = list(case_records.VALUES)


@pytest.fixture(scope="module")
def inferred() -> pd.DataFrame:
    return cell_keys.truths(protection.D, protection.VARIANCE, protection.THRESHOLD)


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
    found = cells[pd.isna(cells.shown) & cells.truth.between(1, protection.THRESHOLD - 1)]
    return found.drop(columns=["lower", "upper"])


# --- the attack --------------------------------------------------------------------------------------------------------


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
        found = disclosure.attack(known, secret, NAMES)
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
    small = cells.truth < protection.THRESHOLD
    naive = cells.assign(
        shown=cells.truth.where(~small), lower=cells.truth.where(~small, 0), upper=cells.truth.where(~small, 10)
    )
    secret = hidden(naive)
    found = disclosure.attack(naive, secret, NAMES)
    exact = found[found.lower == found.upper]
    assert len(exact) >= 5 and (exact.lower == exact.truth).all()


def test_noise_that_is_plain_rounding_pins_small_counts_by_differencing(inferred):
    """Rounding to 5 for every key alike, as the sample table of ONS's package does: parts and total leave few values open."""
    names = ["sex"]
    rounded = pd.DataFrame([("f", 8, 12), ("m", 38, 42), (None, 43, 47)], columns=["sex", "lower", "upper"])  # 10, 40, 45
    found = disclosure.attack(rounded, pd.DataFrame([{"sex": "f"}]), names).iloc[0]
    assert found.upper - found.lower < 5
    ours = {int(r.shown): (r.lower, r.upper) for r in inferred.dropna().itertuples()}
    noisy = pd.DataFrame([("f", 0, 14), ("m", *ours[40]), (None, *ours[45])], columns=["sex", "lower", "upper"])
    found = disclosure.attack(noisy, pd.DataFrame([{"sex": "f"}]), names).iloc[0]
    assert found.upper - found.lower >= 10
