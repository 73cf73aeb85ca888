"""What a time of the year usually brings: counts by month, pooled over years, and the next six months, with their record.

Years differ by more than chance alone would have it (over-dispersion): the variance of a count is its mean times a factor, which is
Pearson's chi-square over its degrees of freedom, as in a quasi-Poisson regression on the month, and at least 1. The interval is
that of one more year: the quantiles of the negative binomial distribution with this mean and with the variance of a new year about an
estimated mean, widened as Student's distribution is, for the factor is estimated too. No trend is in it, no day and no place.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from corridors.statistics.outlook import BETTER, COVERED, LEVELS, RECORD, Expected, NoOutlook, Tried, student

FEWEST = 10  # years without gap or break
SMALLEST = 30  # as few incidents in all years together say nothing of a month
LEARNT = 4  # years that a forecast of the past must have before it
AHEAD = 6  # months


@dataclass(frozen=True)
class Season:
    """What each month usually brings, January first, and the six months that were asked for.

    `refusal` says why there is no outlook for these (`expected` then says nothing that beats the same months of the year before);
    `skill` and `coverage` are over `tried` forecasts of half-years that begin in any month. `record` has the half-years that
    begin in the month that was asked for; its indexes count the years from the first.
    """

    months: tuple[Expected, ...]
    expected: Expected
    refusal: str
    skill: float
    coverage: float
    tried: int
    record: tuple[Tried, ...]


def season(counts: Sequence[Sequence[float]], first_month: int) -> Season:
    """The season of counts (a row a year, twelve months each, oldest first) and the six months from `first_month` on (1 to 12).

    Raises NoOutlook where not even a single month can be told.
    """
    table = np.asarray(counts, dtype=float).reshape(-1, 12)
    if len(table) < FEWEST:
        raise NoOutlook(f"{len(table)} years without a gap or break, {FEWEST} are needed")
    if not np.isfinite(table).all():
        raise NoOutlook("a month without a number")
    if not table.any():
        raise NoOutlook("none in any year")
    halves = {month: _halves(table, month) for month in range(1, 13)}
    tried = [one for values in halves.values() for one in _tried(values)]
    error, naive = (
        float(np.sum(np.abs(errors))) for errors in zip(*((t.expected.middle - t.came, t.before - t.came) for t in tried))
    )
    skill = 1 - error / max(naive, 1.0)
    coverage = float(np.mean([t.held for t in tried]))
    if coverage < COVERED[0]:
        raise NoOutlook(
            f"years differ too much for a month to be usual: the range held {coverage:.0%} of what came, where 80 % were meant"
        )
    refusal = ""
    if skill < BETTER:
        refusal = "nothing beats what the same months of the year before had"
    elif coverage > COVERED[1]:
        refusal = f"the interval held {coverage:.0%} of what came, where 80 % were meant"
    asked = halves[first_month]
    factor = dispersion(table)  # one for all months, which are too few years each to tell it
    months = tuple(usual(month, factor, table.size - 12) for month in table.T)
    return Season(months, usual(asked), refusal, skill, coverage, len(tried), tuple(_tried(asked)[-RECORD:]))


def dispersion(table: np.ndarray) -> float:
    """By how much the years differ more than by chance: a row a year, a column for each time of the year. 1 where they do not."""
    means = table.mean(axis=0)
    some = means > 0
    chi_square = float(((table - means) ** 2)[:, some].sum(axis=0) @ (1 / means[some]))
    return max(chi_square / (table.size - table.shape[1]), 1.0)


def usual(values: np.ndarray, factor: float = 0.0, free: int = 0) -> Expected:
    """What one more year would bring, after these counts of one and the same time of the year; `factor` of dispersion with its
    degrees of freedom, if it is not to be taken from these counts alone."""
    n = len(values)
    factor, free = factor or dispersion(values[:, None]), free or n - 1
    mean = (values.sum() + 0.5) / n  # half an event, so that none in all years does not mean none ever
    tails = np.array([(0.5 - level / 200, 0.5 + level / 200) for level in LEVELS])
    wider = np.array([student(free, level) for level in LEVELS]) / stats.norm.ppf(tails[:, 1])
    # of the negative binomial distribution with this mean and variance
    chance = 1 / (factor * (1 + 1 / n) * wider**2)[:, None]
    ends = stats.nbinom.ppf(tails, mean * chance / (1 - chance), chance)
    return Expected(AHEAD, float(values.mean()), {level: tuple(map(float, pair)) for level, pair in zip(LEVELS, ends)})


def _halves(table: np.ndarray, first_month: int) -> np.ndarray:
    """The sums of the six months from `first_month` on, of each year that has them all."""
    months = table.ravel()[first_month - 1 :]
    starts = range(0, len(months) - AHEAD + 1, 12)
    return np.array([months[start : start + AHEAD].sum() for start in starts])


def _tried(values: np.ndarray) -> list[Tried]:
    """What would have been said of each half-year after the first few, by those before it."""
    return [Tried(n, usual(values[:n]), float(values[n]), float(values[n - 1])) for n in range(LEARNT, len(values))]
