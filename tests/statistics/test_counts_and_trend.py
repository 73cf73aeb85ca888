"""The statistics against published numbers; a wrong one would put a false verdict beside a member's name."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau
from statsmodels.datasets import nile

from corridors.statistics import counts, trend

NILE = nile.load_pandas().data.volume.to_list()  # Pettitt's own example


@pytest.mark.parametrize(
    ("n", "lower", "upper"),
    [(0, 0, 3.689), (1, 0.0253, 5.572), (5, 1.623, 11.668), (10, 4.795, 18.390), (100, 81.36, 121.63)],
)
def test_interval_of_a_count_is_garwoods(n, lower, upper):
    assert counts.poisson_interval(n) == pytest.approx((lower, upper), abs=0.006)


def test_up_fifty_per_cent_from_forty_is_not_significant():
    found = counts.compare_counts(40, 60)
    assert (found.ratio, found.lower, found.upper) == pytest.approx((1.5, 0.989, 2.297), abs=0.001)
    assert found.p_value == pytest.approx(0.057, abs=0.001)
    assert counts.compare_counts(400, 431).p_value == pytest.approx(0.298, abs=0.001)


def test_two_rates_with_exposures():
    found = counts.compare_counts(23, 11, 3011, 800)
    assert found.ratio == pytest.approx(1.8001, abs=0.0001) and found.p_value == pytest.approx(0.1366, abs=0.005)


@given(st.integers(0, 10_000))
def test_an_interval_holds_its_count_and_impossible_counts_are_refused(n):
    lower, upper = counts.poisson_interval(n)
    assert lower <= n <= upper
    for impossible in (lambda: counts.poisson_interval(-1 - n), lambda: counts.compare_counts(0, 0)):
        with pytest.raises(ValueError):
            impossible()


def test_mann_kendall_agrees_with_scipy_and_a_hand_count():
    found = trend.mann_kendall([1, 2, 3, 4, 5, 6])
    assert (found.s, found.tau) == (15, 1.0)
    assert found.z == pytest.approx((15 - 1) / math.sqrt(6 * 5 * 17 / 18))
    values = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3]
    assert trend.mann_kendall(values).tau == pytest.approx(kendalltau(range(10), values).statistic)


def test_pettitt_finds_the_known_shift_of_the_nile():
    found = trend.change_point(NILE)
    assert 1871 + found.index == 1898
    assert found.p_value < 1e-5


@given(st.lists(st.integers(0, 20), min_size=10, max_size=25))
def test_pettitts_statistic_is_what_its_definition_says(values):
    after = [
        sum(int(np.sign(later - earlier)) for earlier in values[:t] for later in values[t:]) for t in range(1, len(values))
    ]
    assert trend.change_point(values).k == max(map(abs, after))


@pytest.mark.parametrize(("method", "fewest"), [(trend.mann_kendall, 6), (trend.sen_slope, 8), (trend.change_point, 10)])
def test_short_series_get_no_verdict_and_gaps_are_not_bridged(method, fewest):
    with pytest.raises(trend.TooFewYears):
        method(list(range(fewest - 1)))
    method(list(range(fewest)))
    with pytest.raises(ValueError, match="gap"):
        trend.mann_kendall([1, 2, np.nan, 4, 5, 6, 7])
    assert trend.sen_slope([2.0 * k + 1 for k in range(9)]).slope == pytest.approx(2)


def test_false_alarms_are_held_down_among_many_series():
    noise = np.random.default_rng(7).normal(size=(450, 12))
    said = trend.verdicts(list(noise))
    assert sum(v in ("rose", "fell") for v in said) <= 5
    assert trend.verdicts([*noise, list(range(30))])[-1] == "rose"
    assert trend.verdicts([[1, 2, 3, 4]]) == ["too few years"]
