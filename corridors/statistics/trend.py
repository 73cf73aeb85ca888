"""Trend over years without assuming a shape: Mann-Kendall, Sen's slope, Pettitt's change point, and a cautious verdict.

Under ten years Mann-Kendall's p-value is exact (the normal one is three times too large at six); from ten years on its
variance allows for years that resemble their neighbours (Hamed and Rao 1998).

Below six years there is no verdict, below eight no slope, below ten no change point.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy  # its parts load when they are used: scipy.stats takes a second, and most pages and commands need none of it

FEWEST_FOR_VERDICT, FEWEST_FOR_SLOPE, FEWEST_FOR_CHANGE = 6, 8, 10
EXACT_BELOW = 10
FALSE_DISCOVERY = 0.10  # share of false alarms tolerated among the verdicts of one page


class TooFewYears(ValueError):
    """The series is shorter than the method can speak about."""


@dataclass(frozen=True)
class MannKendall:
    """The statistic S, Kendall's tau, the normal score z (with continuity, ties and serial correlation), the two-sided p-value.

    `p_value` is exact under ten values and else the normal one of z.
    """

    s: int
    tau: float
    z: float
    p_value: float


@dataclass(frozen=True)
class Slope:
    """Sen's slope per step with its interval."""

    slope: float
    lower: float
    upper: float


@dataclass(frozen=True)
class ChangePoint:
    """Pettitt's test: the index of the last value before the change, the statistic K, and the approximate p-value."""

    index: int
    k: int
    p_value: float


def _clean(values: Sequence[float], fewest: int, what: str) -> np.ndarray:
    numbers = np.asarray(values, dtype=float)
    if not np.isfinite(numbers).all():
        raise ValueError("a trend is worked out over years that all have a value; cut the series at the gap")
    if len(numbers) < fewest:
        raise TooFewYears(f"too few years for {what}: {len(numbers)}, at least {fewest} are needed")
    return numbers


def mann_kendall(values: Sequence[float]) -> MannKendall:
    """Whether a series rises or falls. Raises TooFewYears under six values, ValueError for gaps."""
    x = _clean(values, FEWEST_FOR_VERDICT, "a verdict")
    n = len(x)
    s = int(np.sign(x[None, :] - x[:, None])[np.triu_indices(n, 1)].sum())
    _, ties = np.unique(x, return_counts=True)
    variance = (n * (n - 1) * (2 * n + 5) - (ties * (ties - 1) * (2 * ties + 5)).sum()) / 18
    if n >= EXACT_BELOW:
        variance *= serial_factor(x)
    z = 0.0 if s == 0 or variance == 0 else (s - math.copysign(1, s)) / math.sqrt(variance)
    # tau-b: pairs that are tied in the values count in neither direction
    pairs = n * (n - 1) / 2
    untied = pairs - (ties * (ties - 1) / 2).sum()
    tau = s / math.sqrt(pairs * untied) if untied else 0.0
    p = _exact_p(s, tuple(sorted(ties.tolist()))) if n < EXACT_BELOW else float(2 * scipy.special.ndtr(-abs(z)))
    return MannKendall(s, float(tau), float(z), p)


def serial_factor(values: Sequence[float]) -> float:
    """By how much serial correlation widens the variance of S (Hamed and Rao 1998, n/n*); never under 1.

    The correlations are those of the ranks about Sen's line, and only those that are significant at 5 % count.
    """
    x = np.asarray(values, dtype=float)
    n = len(x)
    steps = np.arange(n)
    ranks = scipy.stats.rankdata(x - scipy.stats.theilslopes(x, steps).slope * steps)
    centred = ranks - ranks.mean()
    whole = (centred**2).sum()
    if not whole:
        return 1.0
    lags = np.arange(1, n - 2)
    correlation = np.array([(centred[lag:] * centred[:-lag]).sum() / whole for lag in lags])
    low, high = ((-1 + sign * scipy.special.ndtri(0.975) * np.sqrt(n - lags - 1)) / (n - lags) for sign in (-1, 1))
    counted = np.where((correlation > high) | (correlation < low), correlation, 0.0)
    weight = (n - lags) * (n - lags - 1) * (n - lags - 2)
    return float(max(1.0, 1 + 2 / (n * (n - 1) * (n - 2)) * (weight * counted).sum()))


@lru_cache(maxsize=256)
def _inversions(ties: tuple[int, ...]) -> tuple[int, ...]:
    """How many orders of values with these ties have 0, 1, 2 … pairs that fall: a Gaussian multinomial coefficient."""
    made, placed = np.array([1], dtype=object), 0
    for size in ties:  # one group of equal values after another is spread among those placed before
        table = np.array([[None] * (size + 1)] * (placed + 1), dtype=object)
        for a in range(placed + 1):
            for b in range(size + 1):
                if not a or not b:
                    table[a][b] = np.array([1], dtype=object)
                    continue
                with_first, with_second = table[a - 1][b], np.concatenate([np.zeros(a, dtype=object), table[a][b - 1]])
                cell = np.zeros(max(len(with_first), len(with_second)), dtype=object)
                cell[: len(with_first)] += with_first
                cell[: len(with_second)] += with_second
                table[a][b] = cell
        made = np.convolve(made, table[placed][size])
        placed += size
    return tuple(made.tolist())


def _exact_p(s: int, ties: tuple[int, ...]) -> float:
    """The share of all orders of the values whose S lies as far from zero."""
    ways = _inversions(ties)
    pairs = len(ways) - 1  # S = untied pairs − 2 × pairs that fall
    return sum(w for fall, w in enumerate(ways) if abs(pairs - 2 * fall) >= abs(s)) / sum(ways)


def sen_slope(values: Sequence[float], level: float = 0.95) -> Slope:
    """The median change per year with its interval. Raises TooFewYears under eight values, ValueError for gaps."""
    x = _clean(values, FEWEST_FOR_SLOPE, "a slope")
    found = scipy.stats.theilslopes(x, np.arange(len(x)), alpha=level)
    return Slope(float(found.slope), float(found.low_slope), float(found.high_slope))


def change_point(values: Sequence[float]) -> ChangePoint:
    """The likeliest single shift of level (Pettitt 1979). Raises TooFewYears under ten values, ValueError for gaps."""
    x = _clean(values, FEWEST_FOR_CHANGE, "a change point")
    n = len(x)
    ranks = scipy.stats.rankdata(x)
    u = 2 * np.cumsum(ranks)[:-1] - np.arange(1, n) * (n + 1)
    index = int(np.abs(u).argmax())
    k = int(abs(u[index]))
    return ChangePoint(index, k, float(min(1.0, 2 * math.exp(-6 * k**2 / (n**3 + n**2)))))


def verdicts(series: Sequence[Sequence[float]], q: float = FALSE_DISCOVERY) -> list[str]:
    """One word per series: "rose", "fell", "no steady rise or fall" or "too few years".

    All series of a page are judged together: Benjamini and Hochberg's procedure keeps the share of false alarms at `q`.
    """
    tests = []
    for values in series:
        try:
            tests.append(mann_kendall(values))
        except TooFewYears:
            tests.append(None)
    judged = [t.p_value for t in tests if t]
    adjusted = iter(scipy.stats.false_discovery_control(judged) if judged else [])
    said = []
    for test in tests:
        if test is None:
            said.append("too few years")
        elif next(adjusted) > q:
            said.append("no steady rise or fall")
        else:
            said.append("rose" if test.s > 0 else "fell")
    return said
