"""Intervals of counts, and whether two counts differ by more than chance.

They speak of chance alone: what was never detected is in none of them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import scipy  # its parts load when they are used: most commands need none


@dataclass(frozen=True)
class Comparison:
    """The ratio of two rates (second over first) with its 95 % interval and the two-sided p-value."""

    ratio: float
    lower: float
    upper: float
    p_value: float


@dataclass(frozen=True)
class Latest:
    """The latest count over the mean of those before: ratio, its 95 % interval, and the dispersion that widens it."""

    ratio: float
    lower: float
    upper: float
    dispersion: float  # variance over mean of the counts before; 1 = independent events


def latest_against_earlier(counts: Sequence[float]) -> Latest | None:
    """How the last of some counts stands to the mean of the earlier ones; None under four counts, or where either is nothing.

    People are found and counted in groups, so the interval is that of quasi-Poisson counts: the dispersion is estimated
    from the earlier ones (never under 1), and Student's t allows for how few they are.
    """
    *before, last = (float(c) for c in counts)
    if len(before) < 3 or last <= 0 or sum(before) <= 0:
        return None
    mean = sum(before) / len(before)
    freedom = len(before) - 1
    dispersion = max(1.0, sum((c - mean) ** 2 for c in before) / mean / freedom)
    error = math.sqrt(dispersion * (1 / last + 1 / sum(before)))
    wide = math.exp(scipy.special.stdtrit(freedom, 0.975) * error)
    ratio = last / mean
    return Latest(ratio, ratio / wide, ratio * wide, dispersion)


def poisson_interval(n: int, level: float = 0.95) -> tuple[float, float]:
    """The exact interval of the mean behind a count of `n` (Garwood 1936). Raises ValueError for a negative count."""
    if n < 0 or n != int(n):
        raise ValueError(f"a count is a whole number, zero or more; found {n}")
    tail = (1 - level) / 2
    lower = scipy.special.gammaincinv(n, tail) if n else 0.0  # half a quantile of chi-square
    return float(lower), float(scipy.special.gammaincinv(n + 1, 1 - tail))


def compare_counts(n1: int, n2: int, exposure1: float = 1.0, exposure2: float = 1.0, level: float = 0.95) -> Comparison:
    """Whether the rate n2/exposure2 differs from n1/exposure1, by the exact conditional binomial test.

    Given the sum, the second count is binomial. The interval is Clopper and Pearson's, carried over to the ratio; the
    p-value is the two-sided exact one. Raises ValueError for negative counts, no exposure, or two zeros.
    """
    if min(n1, n2) < 0 or min(exposure1, exposure2) <= 0 or n1 + n2 == 0:
        raise ValueError("counts must be zero or more, not both zero, and exposures above zero")
    share = exposure2 / (exposure1 + exposure2)
    test = scipy.stats.binomtest(int(n2), int(n1 + n2), share)
    low, high = test.proportion_ci(level, method="exact")
    scale = exposure1 / exposure2

    def ratio(part: float) -> float:
        return float("inf") if part >= 1 else part / (1 - part) * scale

    return Comparison(ratio(n2 / (n1 + n2)), ratio(low), ratio(high), float(test.pvalue))
