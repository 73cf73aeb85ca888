"""Looking ahead: known answers, intervals that hold what they promise, and series of which nothing may be said."""

import numpy as np
import pytest
from scipy import stats
from statsforecast.utils import AirPassengers
from statsmodels.datasets import nile
from statsmodels.tsa.forecasting.theta import ThetaModel
from statsmodels.tsa.holtwinters import SimpleExpSmoothing

from corridors.statistics import outlook
from corridors.statistics.outlook import NoOutlook, look_ahead

# Box and Jenkins' airline passengers, 1949 to 1960, added up by year; logarithms, as the methods see them
PASSENGERS = np.log(AirPassengers.reshape(12, 12).sum(axis=1))
# Volume of the Nile at Aswan, 1871 to 1970 (Durbin and Koopman 2012)
NILE = nile.load_pandas().data.volume.to_list()


def middle(logs, name, ahead=3):
    """The middles of a method in logarithms."""
    return np.log([each.middle for each in outlook._forecast(np.asarray(logs, dtype=float), ahead, [name])])


def test_drift_is_its_formula_and_spreads_as_a_random_walk_does():
    said = outlook._forecast(PASSENGERS, 3, ["drift"])
    changes = np.diff(PASSENGERS)
    assert np.log([e.middle for e in said]) == pytest.approx([PASSENGERS[-1] + h * changes.mean() for h in (1, 2, 3)])
    for h, each in enumerate(said, start=1):  # Hyndman and Athanasopoulos, Forecasting: Principles and Practice, table 5.2
        half = stats.t.ppf(0.9, 10) * changes.std(ddof=1) * np.sqrt(h * (1 + h / 11))
        middle = np.log(each.middle)
        assert np.log(each.intervals[80]) == pytest.approx((middle - half, middle + half), rel=0.005)


def test_the_level_of_the_nile_is_that_of_durbin_and_koopman():
    assert middle(np.log(NILE), "level")[0] == pytest.approx(np.log(798.4), abs=0.02)
    theirs = SimpleExpSmoothing(np.log(NILE), initialization_method="estimated").fit().forecast(1)[0]
    assert middle(np.log(NILE), "level")[0] == pytest.approx(theirs, abs=0.01)


@pytest.mark.parametrize("series", [PASSENGERS, np.log(NILE)], ids=["passengers", "nile"])
def test_theta_is_that_of_another_library(series):
    theirs = ThetaModel(series, period=1, deseasonalize=False).fit().forecast(3, theta=2)
    assert middle(series, "theta") == pytest.approx(np.asarray(theirs), abs=0.01)


def test_what_is_told_is_the_mean_of_its_parts():
    parts = [middle(PASSENGERS, name) for name in outlook.PARTS]
    assert np.log([each.middle for each in outlook._forecast(PASSENGERS, 3)]) == pytest.approx(np.mean(parts, axis=0))


def walks(random, years, drift=0.0, noise=0.0):
    """A random walk of logarithms, with noise about it."""
    return 8 + np.cumsum(random.normal(drift, 0.2, years)) + random.normal(0, noise, years)


ALONE, TOGETHER = ["drift"], outlook.PARTS


@pytest.mark.parametrize("names, drift, noise", [(ALONE, 0.05, 0), (TOGETHER, 0, 0.1), (TOGETHER, 0.02, 0.1)])
def test_intervals_hold_what_they_promise_within_three_points(names, drift, noise):
    random, tries = np.random.default_rng(4), 2000
    held = dict.fromkeys(outlook.LEVELS, 0)
    for _ in range(tries):
        series = walks(random, 31, drift, noise)
        (said,) = outlook._forecast(series[:-1], 1, names)
        for level, (lower, upper) in said.intervals.items():
            held[level] += lower <= np.exp(series[-1]) <= upper
    assert {level: 100 * n / tries for level, n in held.items()} == pytest.approx({50: 50, 80: 80, 95: 95}, abs=3)


def growing(years=24, rate=0.15, noise=0.1, seed=4):
    """Counts that grow steadily: the mean of the methods must beat last year's number."""
    return 100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(rate, noise, years)))


def test_what_grows_steadily_is_looked_ahead_with_its_record():
    found = look_ahead(growing())
    assert found.skill > 0.3 and 0.65 <= found.coverage <= 0.95 and len(found.record) == 6
    assert found.record[-1].came == pytest.approx(growing()[-1]) and found.worst in found.record
    assert [e.ahead for e in found.expected] == [1, 2, 3]
    for each in found.expected:
        ends = [each.intervals[level] for level in (50, 80, 95)]
        assert ends[2][0] < ends[1][0] < ends[0][0] < each.middle < ends[0][1] < ends[1][1] < ends[2][1]
    assert look_ahead(growing()) == found  # the same values, the same answer


def test_the_shortest_series_too_has_a_record_of_six_years():
    found = look_ahead(growing(13))
    assert [tried.index for tried in found.record] == [7, 8, 9, 10, 11, 12]


def test_the_choice_is_held_against_years_that_it_had_not_seen():
    found = look_ahead(growing()).unseen
    assert (
        found.tried == 3 + 3 + 2 and found.error < 0.7 * found.naive and 5 <= found.held <= 8
    )  # chosen 2, 3 and 4 years ago
    changed = [*growing()[:-2], *(growing()[-2:] * 3)]  # what came last changes the score of the choice, not the choice
    assert look_ahead(changed).unseen.tried == 8 and look_ahead(changed).unseen.error > found.error


def test_a_random_walk_has_no_outlook_better_than_last_years_number():
    random = np.random.default_rng(11)
    said = []
    for _ in range(12):
        try:
            said.append(look_ahead(np.exp(walks(random, 24))).skill)
        except NoOutlook as refusal:
            assert "no outlook better than last year's number" in str(refusal)
    assert len(said) <= 4  # by luck


@pytest.mark.parametrize(
    "values, why",
    [
        (growing(12), "12 years without a gap or break; 13 are needed, 7 to learn from and 6 for the record"),
        ([5000.0], "1 years without a gap or break"),
        ([0.0] * 15, "counts of 30 or fewer"),
        ([400.0] * 6 + [float("nan")] + [400.0] * 6, "a year without a number"),
        ([400.0] * 15, "the same number every year"),
        ([*growing(14), 12.0], "counts of 30 or fewer"),
    ],
)
def test_what_cannot_be_looked_ahead_says_why(values, why):
    with pytest.raises(NoOutlook, match=why):
        look_ahead(values)
