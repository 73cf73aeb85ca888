"""Trend over years without assuming a shape: Mann-Kendall, Sen's slope, Pettitt's change point, and a cautious verdict.

Below six years there is no verdict, below eight no slope, below ten no change point.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

FEWEST_FOR_VERDICT, FEWEST_FOR_SLOPE, FEWEST_FOR_CHANGE = 6, 8, 10
FALSE_DISCOVERY = 0.10  # share of false alarms tolerated among the verdicts of one page


class TooFewYears(ValueError):
    """The series is shorter than the method can speak about."""


@dataclass(frozen=True)
class MannKendall:
    """The statistic S, Kendall's tau, the normal score z (with continuity and ties), and the two-sided p-value."""

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
    z = 0.0 if s == 0 or variance == 0 else (s - math.copysign(1, s)) / math.sqrt(variance)
    # tau-b: pairs that are tied in the values count in neither direction
    pairs = n * (n - 1) / 2
    untied = pairs - (ties * (ties - 1) / 2).sum()
    tau = s / math.sqrt(pairs * untied) if untied else 0.0
    return MannKendall(s, float(tau), float(z), float(2 * stats.norm.sf(abs(z))))


def sen_slope(values: Sequence[float], level: float = 0.95) -> Slope:
    """The median change per year with its interval. Raises TooFewYears under eight values, ValueError for gaps."""
    x = _clean(values, FEWEST_FOR_SLOPE, "a slope")
    found = stats.theilslopes(x, np.arange(len(x)), alpha=level)
    return Slope(float(found.slope), float(found.low_slope), float(found.high_slope))


def change_point(values: Sequence[float]) -> ChangePoint:
    """The likeliest single shift of level (Pettitt 1979). Raises TooFewYears under ten values, ValueError for gaps."""
    x = _clean(values, FEWEST_FOR_CHANGE, "a change point")
    n = len(x)
    ranks = stats.rankdata(x)
    u = 2 * np.cumsum(ranks)[:-1] - np.arange(1, n) * (n + 1)
    index = int(np.abs(u).argmax())
    k = int(abs(u[index]))
    return ChangePoint(index, k, float(min(1.0, 2 * math.exp(-6 * k**2 / (n**3 + n**2)))))


def verdicts(series: Sequence[Sequence[float]], q: float = FALSE_DISCOVERY) -> list[str]:
    """One word per series: "rose", "fell", "no clear change" or "too few years".

    All series of a page are judged together: Benjamini and Hochberg's procedure keeps the share of false alarms at `q`.
    """
    tests = []
    for values in series:
        try:
            tests.append(mann_kendall(values))
        except TooFewYears:
            tests.append(None)
    judged = [t.p_value for t in tests if t]
    adjusted = iter(stats.false_discovery_control(judged) if judged else [])
    said = []
    for test in tests:
        if test is None:
            said.append("too few years")
        elif next(adjusted) > q:
            said.append("no clear change")
        else:
            said.append("rose" if test.s > 0 else "fell")
    return said
