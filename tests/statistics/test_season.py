"""What a time of the year usually brings: known answers, intervals that hold what they promise, and months of which nothing is said."""

import numpy as np
import pytest
from scipy import stats
from statsforecast.utils import AirPassengers
from statsmodels.api import GLM, families

from corridors.statistics import season as seasons
from corridors.statistics.outlook import LEVELS, NoOutlook
from corridors.statistics.season import season, usual

PASSENGERS = AirPassengers.reshape(12, 12)  # Box and Jenkins: January 1949 to December 1960


def test_means_and_spread_are_those_of_a_quasi_poisson_regression_on_the_month():
    months = np.kron(np.ones((12, 1)), np.eye(12))
    fitted = GLM(PASSENGERS.ravel(), months, family=families.Poisson()).fit(scale="X2")
    assert seasons.dispersion(PASSENGERS) == pytest.approx(fitted.scale)
    told = season(PASSENGERS[-10:] * 0 + PASSENGERS.mean(axis=0).round(), 7)
    assert [each.middle for each in told.months] == pytest.approx(np.exp(fitted.params), abs=0.5)


def test_without_more_spread_than_chance_the_range_is_that_of_poisson():
    same = np.full(5000, 40.0)
    lower, upper = usual(same).intervals[80]
    assert (lower, upper) == pytest.approx(stats.poisson.ppf((0.1, 0.9), 40), abs=1)


def counts(random, mean, factor, shape):
    """Counts whose variance is `factor` times their mean."""
    return random.negative_binomial(mean / (factor - 1), 1 / factor, shape).astype(float)


@pytest.mark.parametrize("mean, factor, years", [(40, 3, 10), (200, 20, 8), (150, 60, 11)])
def test_ranges_hold_what_they_promise_within_three_points(mean, factor, years):
    random, tries = np.random.default_rng(3), 1500
    held = dict.fromkeys(LEVELS, 0)
    for values in counts(random, mean, factor, (tries, years + 1)):
        for level, (lower, upper) in usual(values[:-1]).intervals.items():
            held[level] += (lower <= values[-1] <= upper) - 0.5 * (
                values[-1] in (lower, upper)
            )  # whole numbers: half an end is within
    assert {level: 100 * n / tries for level, n in held.items()} == pytest.approx({50: 50, 80: 80, 95: 95}, abs=3)


def sailing(years=11, seed=2, wet=2.0, dry=20.0):
    """Incidents by month: few in the monsoon, many after it."""
    means = np.array([dry] * 4 + [wet] * 5 + [dry] * 3)
    return counts(np.random.default_rng(seed), means, 1.6, (years, 12))


def test_a_season_is_found_with_its_half_year_and_its_record():
    told = season(sailing(), 11)
    assert min(told.months[month].middle for month in (0, 1, 10, 11)) > 3 * max(told.months[m].middle for m in range(5, 9))
    assert told.refusal == "" and told.skill > 0.1 and 0.65 <= told.coverage <= 0.95
    assert len(told.record) == 6 and all(t.came == sailing().ravel()[12 * t.index + 10 :][:6].sum() for t in told.record)
    lower, upper = told.expected.intervals[80]
    assert 70 < lower < told.expected.middle < upper < 150 and season(sailing(), 11) == told
    summer = season(sailing(), 5)
    assert summer.expected.middle < 0.5 * told.expected.middle


def test_what_only_follows_the_year_before_has_months_but_no_outlook():
    level = np.repeat([1.0, 1.4], [5, 6])[:, None] * np.array([20] * 4 + [2] * 5 + [20] * 3)
    told = season(np.random.default_rng(2).poisson(level), 11)
    assert "the same months of the year before" in told.refusal and len(told.months) == 12


@pytest.mark.parametrize(
    "table, why",
    [
        (sailing(9), "9 years without a gap or break, 10 are needed"),
        (np.zeros((12, 12)), "none in any year"),
        (np.where(np.arange(144).reshape(12, 12) == 70, np.nan, 4.0), "a month without a number"),
        (sailing() * np.exp(np.arange(11))[:, None].round(), "years differ too much"),
    ],
)
def test_months_of_which_nothing_can_be_said_say_why(table, why):
    with pytest.raises(NoOutlook, match=why):
        season(table, 1)
