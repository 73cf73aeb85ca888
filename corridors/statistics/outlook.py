"""What past years suggest for the next ones, and how well that went before.

Three standard methods of the library statsforecast look at the logarithm of a yearly count, and their mean is what is expected.
It is tried on the series' own past: at the end of each of the ten latest years it is asked what would come, and that is held
against what came. It is told only if it beats last year's number and its 80 % interval held about four in five of what came; else
there is no outlook but last year's number. The methods are no candidates of their own: whichever of them did best on a series' past did
worse than last year's number on the years after the choice, and their mean did better (Makridakis and others 2020 found the same).

The same values always give the same answer.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import special  # not scipy.stats, which takes a second to load: pages and exports need these two quantiles alone

SMALLEST = 30  # a count at or below it moves by chance
AHEAD = 3  # years that are looked ahead
LOOKED_BACK = 10  # latest years at which the methods are asked what would come
UNSEEN = (2, 3, 4)  # years before the last at which the choice is tried anew, and held against what it had not seen
RECORD = 6  # earlier years that stand beside each outlook
FEWEST_TRIED = 6  # forecasts of the past, over all years ahead, without which nothing is known of a method
LEVELS = (50, 80, 95)  # per cent
COVERED = (0.65, 0.95)  # share of what came that the 80 % interval must have held
BETTER = 0.05  # share by which the errors must be smaller than those of last year's number
MEAN = "mean"
SAID = "the mean of drift, of a level that moves (the local-level model) and of Theta"
FEWEST_LEARNT = 7  # years that the methods need before they can be tried: the library fits no level to fewer
FEWEST = (
    FEWEST_LEARNT + RECORD
)  # years without gap or break. Of shorter series, with fewer years to learn from, 34 % of what came
# was outside the range, and errors on unseen years were 11 % larger than those of last year's number
OUTER = float(special.ndtri(0.9))  # of a normal distribution, nine in ten lie under it
PARTS = ("drift", "level", "theta")
ESTIMATED = {"drift": 2, "level": 2, "theta": 3}  # numbers that a method takes from the series


@dataclass(frozen=True)
class Expected:
    """What is expected for one year: the middle (as likely to be too low as too high), and (lower, upper) for each level."""

    ahead: int
    middle: float
    intervals: dict[int, tuple[float, float]]


@dataclass(frozen=True)
class Tried:
    """What would have been said at an earlier year: where in the series it stood, how far ahead, what came."""

    index: int  # of the value that came
    expected: Expected
    came: float
    before: float  # the last number that was known then: what is expected where nothing better is

    @property
    def held(self) -> bool:
        """Whether the 80 % interval held what came."""
        lower, upper = self.expected.intervals[80]
        return lower <= self.came <= upper


@dataclass(frozen=True)
class Unseen:
    """How the choice did on years that came after it: over `tried` forecasts the errors in units of the usual change, those
    of last year's number (both added up), and how many the 80 % interval held."""

    tried: int
    error: float
    naive: float
    held: int


class NoOutlook(Exception):
    """Nothing can be said about the years to come; the message says why, as a sentence without its full stop.

    `unseen` is there where the methods could be tried.
    """

    def __init__(self, reason: str, unseen: Unseen | None = None):
        super().__init__(reason)
        self.unseen = unseen


@dataclass(frozen=True)
class Outlook:
    """What is expected of a series, and the record of the same methods on its past.

    `skill` is the share by which the errors were smaller than those of last year's number; `mase` the mean absolute error in
    units of the usual change from one year to the next (Hyndman and Koehler 2006); `coverage` the share of what came that the
    80 % interval held, over `tried` forecasts; `record` the forecasts one year ahead for the latest years.
    """

    expected: tuple[Expected, ...]
    skill: float
    mase: float
    coverage: float
    tried: int
    record: tuple[Tried, ...]
    unseen: Unseen

    @property
    def worst(self) -> Tried:
        """The forecast of the record that was furthest off, as a share of what came or was said."""
        return max(self.record, key=lambda t: abs(np.log(t.expected.middle / t.came)))


def look_ahead(values: Sequence[float]) -> Outlook:
    """The outlook of a yearly series of counts, oldest first. Raises NoOutlook with the reason."""
    series = np.asarray(values, dtype=float)
    if len(series) < FEWEST:
        raise NoOutlook(
            f"{len(series)} years without a gap or break; {FEWEST} are needed, {FEWEST_LEARNT} to learn from and {RECORD} for the record"
        )
    if not np.isfinite(series).all():
        raise NoOutlook("a year without a number")
    if series.min() <= SMALLEST:
        raise NoOutlook(f"counts of {SMALLEST} or fewer, which move by chance")
    if series.min() == series.max():
        raise NoOutlook("the same number every year")
    logs = np.log(series)
    past = _past(logs, series)
    found, unseen = _score(series, past, len(series)), _unseen(series, past)
    if found.refusal:
        raise NoOutlook(found.refusal, unseen)
    record = tuple(t for t in past if t.expected.ahead == 1)[-RECORD:]
    return Outlook(_forecast(logs, AHEAD), found.skill, found.mase, found.coverage, found.tried, record, unseen)


@dataclass(frozen=True)
class _Score:
    refusal: str
    skill: float
    mase: float
    coverage: float
    tried: int


def _score(series: np.ndarray, past: list[Tried], until: int) -> _Score:
    """How the mean of the methods did on what came before place `until` of the series, and why it is not told."""
    tried = [t for t in past if t.index < until]
    if len(tried) < FEWEST_TRIED:
        return _Score("too few years to try a method on", 0.0, 0.0, 0.0, len(tried))
    mase, of_naive = _scaled_errors(series, tried).mean(axis=1).tolist()
    skill = 1 - mase / of_naive if of_naive else -np.inf
    coverage = float(np.mean([t.held for t in tried]))
    refusal = ""
    if skill < BETTER:
        refusal = "no outlook better than last year's number"
    elif not COVERED[0] <= coverage <= COVERED[1]:
        refusal = f"the interval held {coverage:.0%} of what came, where 80 % were meant: no outlook better than last year's number"
    return _Score(refusal, skill, mase, coverage, len(tried))


def _unseen(series: np.ndarray, past: list[Tried]) -> Unseen:
    """What was said at the end of earlier years where the record until then allowed it, held against what came after."""
    new: list[Tried] = []
    for before in UNSEEN:
        until = len(series) - before
        if not _score(series, past, until).refusal:
            new += [t for t in past if t.index - t.expected.ahead + 1 == until]
    error, naive = _scaled_errors(series, new).sum(axis=1).tolist()
    return Unseen(len(new), error, naive, sum(t.held for t in new))


def _past(logs: np.ndarray, series: np.ndarray) -> list[Tried]:
    """What the mean of the methods would have said at the end of each of the latest years."""
    return [
        Tried(end + each.ahead - 1, each, float(series[end + each.ahead - 1]), float(series[end - 1]))
        for end in range(max(FEWEST_LEARNT, len(series) - LOOKED_BACK), len(series))
        for each in _forecast(logs[:end], min(AHEAD, len(series) - end))
    ]


def _scaled_errors(series: np.ndarray, tried: list[Tried]) -> np.ndarray:
    """Two rows, the errors of what was expected and of last year's number, each in units of the mean change from year to year
    before the forecast was made."""
    changes = np.abs(np.diff(series))
    usual = np.cumsum(changes) / np.arange(1, len(series))
    made = np.array([(t.expected.middle, t.before, t.came, t.index - t.expected.ahead - 1) for t in tried]).reshape(-1, 4).T
    return np.abs(made[:2] - made[2]) / np.maximum(usual[made[3].astype(int)], 1e-9)


@cache
def _models() -> dict[str, object]:
    """The library's methods by name. Loaded when first asked: it takes seconds, and only a build needs it."""
    from statsforecast.models import AutoETS, RandomWalkWithDrift, Theta

    return {"drift": RandomWalkWithDrift(), "level": AutoETS(model="ANN"), "theta": Theta()}


def _forecast(logs: np.ndarray, ahead: int, names: Sequence[str] = PARTS) -> tuple[Expected, ...]:
    """What the mean of these methods expects after these logarithms, as counts. The spread is the library's, the shape Student's:
    the spread itself is estimated from few years (the library's own ends are normal, and for Theta the quantiles of 200 draws,
    which are too narrow)."""
    middle, half = np.zeros(ahead), np.zeros((len(LEVELS), ahead))
    for name in names:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # a run of equal values has no spread to divide by
            answer = _models()[name].forecast(y=logs, h=ahead, level=[80])
        wide = np.array([[student(max(len(logs) - ESTIMATED[name], 3), level)] for level in LEVELS])
        middle += answer["mean"] / len(names)
        half += wide * (answer["hi-80"] - answer["lo-80"]) / 2 / OUTER / len(names)
    lower, upper = np.exp(middle - half).tolist(), np.exp(middle + half).tolist()
    return tuple(
        Expected(n + 1, each, {level: (lower[k][n], upper[k][n]) for k, level in enumerate(LEVELS)})
        for n, each in enumerate(np.exp(middle).tolist())
    )


@cache
def student(free: int, level: int) -> float:
    """How many spreads from the middle the interval of this level ends, where the spread has so many degrees of freedom."""
    return float(special.stdtrit(free, 0.5 + level / 200))
