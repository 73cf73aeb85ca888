"""What past years suggest for the next ones, and how well that went before.

A few standard methods of the library statsforecast look at the logarithm of a yearly count. Each is tried on the series' own
past: at the end of each of the ten latest years it is asked what would come, and that is held against what came. The best is told only if it beats
last year's number and its 80 % interval held about four in five of what came; else there is no outlook but last year's number.

The same values always give the same answer.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import stats

FEWEST = 10  # years without gap or break
SMALLEST = 30  # a count at or below it moves by chance
AHEAD = 3  # years that are looked ahead
LOOKED_BACK = 10  # latest years at which the methods are asked what would come
RECORD = 6  # earlier years that stand beside an outlook
FEWEST_TRIED = 6  # forecasts of the past, over all years ahead, without which nothing is known of a method
LEVELS = (50, 80, 95)  # per cent
COVERED = (0.65, 0.95)  # share of what came that the 80 % interval must have held
BETTER = 0.05  # share by which the errors must be smaller than those of last year's number
NAIVE = "naive"
# method → what it says, and the fewest years that it can learn from
METHODS = {
    NAIVE: ("last year's number", 5),
    "drift": ("the average change of the years before goes on", 5),
    "level": ("a level that moves (exponential smoothing, the local-level model)", 7),
    "damped": ("a trend that dies away (damped Holt)", 10),
    "theta": ("half the trend over a level that moves (Theta)", 6),
    "combination": ("the mean of drift, level and Theta", 7),
}
OUTER = float(stats.norm.ppf(0.9))  # of a normal distribution, nine in ten lie under it
COMBINED = ("drift", "level", "theta")
ESTIMATED = {NAIVE: 1, "drift": 2, "level": 2, "damped": 5, "theta": 3}  # numbers that a method takes from the series


class NoOutlook(Exception):
    """Nothing can be said about the years to come; the message says why, as a sentence without its full stop."""


@dataclass(frozen=True)
class Expected:
    """What is expected for one year: the middle (as likely to be too low as too high), and (lower, upper) for each level."""

    ahead: int
    middle: float
    intervals: dict[int, tuple[float, float]]


@dataclass(frozen=True)
class Tried:
    """What a method would have said at an earlier year: where in the series it stood, how far ahead, what came."""

    index: int  # of the value that came
    expected: Expected
    came: float

    @property
    def held(self) -> bool:
        """Whether the 80 % interval held what came."""
        lower, upper = self.expected.intervals[80]
        return lower <= self.came <= upper


@dataclass(frozen=True)
class Outlook:
    """The method that did best on a series' own past, what it expects, and its record.

    `skill` is the share by which its errors were smaller than those of last year's number; `mase` the mean absolute error in
    units of the usual change from one year to the next (Hyndman and Koehler 2006); `coverage` the share of what came that the
    80 % interval held, over `tried` forecasts; `record` the forecasts one year ahead for the latest years.
    """

    method: str
    expected: tuple[Expected, ...]
    skill: float
    mase: float
    coverage: float
    tried: int
    record: tuple[Tried, ...]

    @property
    def worst(self) -> Tried:
        """The forecast of the record that was furthest off, as a share of what came or was said."""
        return max(self.record, key=lambda t: abs(np.log(t.expected.middle / t.came)))


def look_ahead(values: Sequence[float]) -> Outlook:
    """The outlook of a yearly series of counts, oldest first. Raises NoOutlook with the reason."""
    series = np.asarray(values, dtype=float)
    if len(series) < FEWEST:
        raise NoOutlook(f"{len(series)} years without a gap or break, {FEWEST} are needed")
    if not np.isfinite(series).all():
        raise NoOutlook("a year without a number")
    if series.min() <= SMALLEST:
        raise NoOutlook(f"counts of {SMALLEST} or fewer, which move by chance")
    if series.min() == series.max():
        raise NoOutlook("the same number every year")
    logs = np.log(series)
    past = _past(logs, series)
    errors = {name: _scaled_errors(series, tried) for name, tried in past.items()}
    naive = {(t.index, t.expected.ahead): error for t, error in zip(past[NAIVE], errors[NAIVE])}
    able = []
    for name, tried in past.items():
        if name == NAIVE or len(tried) < FEWEST_TRIED:
            continue
        mase = float(np.mean(errors[name]))
        of_naive = float(np.mean([naive[t.index, t.expected.ahead] for t in tried]))
        able.append((mase / of_naive if of_naive else np.inf, mase, name))
    ratio, mase, best = min(able, default=(np.inf, np.inf, ""))
    if ratio > 1 - BETTER:
        raise NoOutlook("no outlook better than last year's number")
    coverage = float(np.mean([t.held for t in past[best]]))
    if not COVERED[0] <= coverage <= COVERED[1]:
        raise NoOutlook(
            f"the interval of the best method held {coverage:.0%} of what came, where 80 % were meant: no outlook better than "
            "last year's number"
        )
    record = tuple(t for t in past[best] if t.expected.ahead == 1)[-RECORD:]
    return Outlook(best, _forecasts(logs, AHEAD, [best])[best], 1 - ratio, mase, coverage, len(past[best]), record)


def _past(logs: np.ndarray, series: np.ndarray) -> dict[str, list[Tried]]:
    """What each method would have said at the end of each of the latest years."""
    found: dict[str, list[Tried]] = {name: [] for name in METHODS}
    for end in range(max(METHODS[NAIVE][1], len(series) - LOOKED_BACK), len(series)):
        able = [name for name, (_, fewest) in METHODS.items() if fewest <= end]
        for name, said in _forecasts(logs[:end], min(AHEAD, len(series) - end), able).items():
            found[name] += [Tried(end + each.ahead - 1, each, float(series[end + each.ahead - 1])) for each in said]
    return found


def _scaled_errors(series: np.ndarray, tried: list[Tried]) -> list[float]:
    """Each error in units of the mean change from year to year before the forecast was made."""
    changes = np.abs(np.diff(series))
    return [abs(t.expected.middle - t.came) / max(changes[: t.index - t.expected.ahead].mean(), 1e-9) for t in tried]


@cache
def _models() -> dict[str, Callable]:
    """The library's methods by name. Loaded when first asked: it takes seconds, and only a build needs it."""
    from statsforecast.models import AutoETS, Naive, RandomWalkWithDrift, Theta

    return {
        NAIVE: Naive(),
        "drift": RandomWalkWithDrift(),
        "level": AutoETS(model="ANN"),
        "damped": AutoETS(model="AAN", damped=True),
        "theta": Theta(),
    }


def _forecasts(logs: np.ndarray, ahead: int, names: Sequence[str]) -> dict[str, tuple[Expected, ...]]:
    """What each method expects after these logarithms, as counts."""
    wanted = {*names, *(COMBINED if "combination" in names else ())} - {"combination"}
    answers = {name: _in_logs(logs, name, ahead) for name in wanted}
    if "combination" in names:
        parts = [answers[name] for name in COMBINED]
        answers["combination"] = {key: sum(part[key] for part in parts) / len(parts) for key in parts[0]}
    return {
        name: tuple(
            Expected(
                n + 1,
                float(np.exp(answers[name]["mean"][n])),
                {
                    level: tuple(float(np.exp(answers[name][f"{end}-{level}"][n])) for end in ("lo", "hi"))
                    for level in LEVELS
                },
            )
            for n in range(ahead)
        )
        for name in names
    }


def _in_logs(logs: np.ndarray, name: str, ahead: int) -> dict[str, np.ndarray]:
    """Mean and interval ends of each level. The spread is the library's, the shape Student's: the spread itself is estimated
    from few years (the library's own ends are normal, and for Theta the quantiles of 200 draws, which are too narrow)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a run of equal values has no spread to divide by
        answer = _models()[name].forecast(y=logs, h=ahead, level=[80])
    mean, spread = np.asarray(answer["mean"], dtype=float), (answer["hi-80"] - answer["lo-80"]) / 2 / OUTER
    free = max(len(logs) - ESTIMATED[name], 3)
    made = {"mean": mean}
    for level in LEVELS:
        half = spread * _student(free, level)
        made |= {f"lo-{level}": mean - half, f"hi-{level}": mean + half}
    return made


@cache
def _student(free: int, level: int) -> float:
    return float(stats.t.ppf(0.5 + level / 200, free))
