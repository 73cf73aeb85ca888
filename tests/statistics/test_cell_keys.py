"""The noise of the cell-key method: what it must be, against ONS's own package, and for whom it breaks if it is not."""

import numpy as np
import pandas as pd
import pytest
from cell_key_perturbation.create_perturbed_table import create_perturbed_table
from hypothesis import given, settings
from hypothesis import strategies as st

from corridors.statistics import cell_keys
from tools import attack

D, VARIANCE, THRESHOLD = 5, 6, 11
SEED = bytes(range(32))


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return cell_keys.perturbation_table(D, VARIANCE, SEED)


def test_table_has_the_format_of_the_package_of_ons(table):
    assert list(table.columns) == ["pcv", "ckey", "pvalue"]
    assert len(table) == 750 * 256 and not table.duplicated(["pcv", "ckey"]).any()
    assert (table.pcv.min(), table.pcv.max(), table.ckey.min(), table.ckey.max()) == (1, 750, 0, 255)


def test_noise_of_every_count_has_mean_zero_and_the_stated_variance_and_never_leaves_the_limits(table):
    by = table.groupby("pcv").pvalue
    assert (by.sum() == 0).all(), "or totals drift"
    assert table.pvalue.abs().max() <= D
    assert (table.pvalue**2).groupby(table.pcv).mean().to_numpy() == pytest.approx(VARIANCE, rel=0.03)
    assert table.pcv[table.pcv + table.pvalue >= THRESHOLD].min() == 6, "fewer can never reach the threshold"


@pytest.mark.parametrize(("d", "variance"), [(5, 6), (5, 2), (5, 12), (15, 9)])
def test_distribution_has_the_largest_entropy_under_its_constraints(d, variance):
    noise, share = cell_keys.distribution(d, variance)
    assert noise @ share == pytest.approx(0, abs=1e-5) and noise**2 @ share == pytest.approx(variance, abs=1e-4)
    # any step that keeps sum, mean and variance can only lose entropy
    kept = np.vstack([np.ones_like(noise), noise, noise**2]).astype(float)
    free = np.linalg.svd(kept)[2][3:]
    for step in free:
        for sign in (1, -1):
            other = share + sign * step * share.min() / 2
            assert -(other * np.log(other)).sum() <= -(share * np.log(share)).sum() + 1e-6


def test_the_same_seed_gives_the_same_table_and_another_seed_another_order(table):
    assert cell_keys.perturbation_table(D, VARIANCE, SEED).equals(table)
    other = cell_keys.perturbation_table(D, VARIANCE, b"another secret seed of ours")
    assert (other.pvalue != table.pvalue).mean() > 0.5
    same_counts = [t.groupby("pcv").pvalue.apply(lambda v: sorted(v)) for t in (table, other)]
    assert same_counts[0].equals(same_counts[1]), "what is published must not depend on what is secret"


def test_order_over_the_keys_differs_from_count_to_count(table):
    """Otherwise the change from one count to the next would always carry the same noise."""
    wide = table.pivot(index="pcv", columns="ckey", values="pvalue").to_numpy()[100:400]
    agreement = (wide[1:] == wide[:-1]).mean()
    assert agreement < 0.15


@pytest.mark.parametrize(("d", "variance"), [(5, 25), (3, 100), (0, 1), (5, 0)])
def test_rules_that_no_noise_can_meet_are_refused(d, variance):
    with pytest.raises(ValueError, match="allow more noise"):
        cell_keys.perturbation_table(d, variance, SEED, largest=30)
    with pytest.raises(ValueError, match="16 secret bytes"):
        cell_keys.perturbation_table(D, VARIANCE, b"guess")


def micro(seed: int, size: int) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "place": draw.choice(list("ABCDE"), size, p=[0.55, 0.3, 0.1, 0.04, 0.01]),
            "sex": draw.choice(["f", "m", "u"], size),
            "age": draw.choice(["0-17", "18+"], size, p=[0.2, 0.8]),
            "record_key": draw.integers(0, 256, size),
        }
    )


def ours(data: pd.DataFrame, by: list[str], table: pd.DataFrame) -> pd.DataFrame:
    cells = data.groupby(by).agg(n=("record_key", "size"), key=("record_key", "sum")).reset_index()
    return cells.assign(shown=[cell_keys.shown(n, k, table, THRESHOLD) for n, k in zip(cells.n, cells.key)])


@given(seed=st.integers(0, 10_000), size=st.sampled_from([40, 300, 1500, 4000]), deep=st.booleans())
@settings(max_examples=12)
def test_numbers_equal_those_of_the_package_of_ons_on_the_same_records(table, seed, size, deep):
    """Counts far above 750 are among them: there the package uses rows 501 to 750 again."""
    data, by = micro(seed, size), ["place", "sex", "age"] if deep else ["age"]
    theirs = create_perturbed_table(data, table, [], by, "record_key", threshold=THRESHOLD)
    both = ours(data, by, table).merge(theirs, on=by)
    assert len(both) == len(ours(data, by, table))
    assert (both.ckey == both.key % 256).all()
    assert [None if pd.isna(v) else int(v) for v in both.shown] == [None if pd.isna(v) else int(v) for v in both["count"]]


def test_an_empty_cell_gets_no_noise_and_says_no_more_than_a_small_one(table):
    assert [cell_keys.shown(0, 77, table, least) for least in (THRESHOLD, 1, 0)] == [None, None, 0]
    theirs = create_perturbed_table(micro(1, 30), table, [], ["place", "sex", "age"], "record_key", threshold=THRESHOLD)
    empty = theirs[theirs.pre_sdc_count == 0]
    assert len(empty) and (empty.pvalue == 0).all() and empty["count"].isna().all()


def test_what_a_reader_can_infer_from_a_shown_number_is_never_narrow():
    inferred = attack.inferred(D, THRESHOLD, 800)
    assert ((inferred.upper - inferred.lower) >= 10).all()
    withheld = inferred[inferred.shown.isna()].iloc[0]
    assert withheld.lower == 0 and withheld.upper >= THRESHOLD - 1


def test_what_a_reader_can_infer_holds_for_every_cell(table):
    inferred = {None if pd.isna(r.shown) else int(r.shown): r for r in attack.inferred(D, THRESHOLD, 800).itertuples()}
    for row in table[table.pcv <= 700].itertuples():
        said = row.pcv + row.pvalue
        known = inferred[said if said >= THRESHOLD else None]
        assert known.lower <= row.pcv <= known.upper
