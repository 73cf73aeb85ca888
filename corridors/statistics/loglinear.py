"""One log-linear model of lists: Poisson fit by Newton's method, existence, identifiability, profile interval.

A model is a set of terms; a term is a number whose bits name the lists that it ties together (0b011: the first and
second list). Main effects are always in. The hidden number is exp(intercept): the expected number of cases on no list.
A term whose lists share no case would run to minus infinity; as in Chan, Silverman and Vincent (2021) the term and all
histories that hold its lists leave the table instead, and the term still counts as one parameter.
"""

from __future__ import annotations

import math
from copy import copy
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from scipy.linalg.lapack import dposv  # a sixth of the cost of numpy's solve on matrices this small
from scipy.optimize import brentq, linprog, minimize_scalar
from scipy.special import gammaln

from corridors.statistics.overlap_table import OverlapTable

STEPS = 60
SETTLED = 1e-9  # relative change of the deviance; Newton's next step would change it by the square of that
POSITIVE = 1e-6  # cases; what is below is rounding of the linear programme
FLAT = 1e7  # times the observed cases: an interval that reaches further has no upper end
Model = frozenset[int]


@dataclass(frozen=True)
class Fit:
    """A fitted model. `total` is observed + hidden; `log_likelihood` the Poisson one over the observed table.

    `kept` terms have an `estimate` and `error` (after the intercept and the lists); `removed` terms tie lists without a
    common case. `means` holds the expected count by history, 0 where the history left the table.
    """

    terms: Model
    kept: tuple[int, ...]
    removed: tuple[int, ...]
    estimate: np.ndarray
    error: np.ndarray
    means: np.ndarray
    hidden: float
    deviance: float
    log_likelihood: float
    parameters: int

    def criterion(self, penalty: float) -> float:
        """Minus twice the log-likelihood plus `penalty` for each parameter: 2 is AIC, ln(cases) is BIC."""
        return penalty * self.parameters - 2 * self.log_likelihood


class Cells:
    """The histories of a table made ready for many models; fits are kept, for searches meet the same model often."""

    def __init__(self, table: OverlapTable):
        self.size = len(table.lists)
        self.histories = np.arange(1, 2**self.size)
        masks = np.arange(2**self.size)
        self._holds = ((self.histories[:, None] & masks) == masks).astype(float)  # history × term
        self._take(np.asarray(table.counts, dtype=float)[1:])

    def _take(self, counts: np.ndarray) -> None:
        self.counts = counts  # by history, from the first list alone to all lists
        self.n = float(counts.sum())
        self.known: dict[Model, Fit] = {}
        self.together = counts @ self._holds  # cases on all lists of a term

    def with_counts(self, counts: np.ndarray) -> Cells:
        """The same lists with other counts, in the order of `histories`."""
        other = copy(self)
        other._take(np.asarray(counts, dtype=float))
        return other

    @property
    def pairs(self) -> list[int]:
        """The terms of two lists."""
        return [t for t in range(2**self.size) if t.bit_count() == 2]

    def overlap(self, terms: Model) -> tuple[tuple[int, ...], tuple[int, ...], np.ndarray]:
        """Terms that stay, terms without a common case, and which histories stay."""
        removed = tuple(sorted(t for t in terms if not self.together[t]))
        stay = np.ones(len(self.histories), dtype=bool)
        for t in removed:
            stay &= self._holds[:, t] == 0
        return tuple(sorted(t for t in terms if self.together[t])), removed, stay

    def design(self, kept: tuple[int, ...], stay: np.ndarray) -> np.ndarray:
        """Ones, a column a list, a column a kept term; one row a history that stays."""
        return self._holds[np.ix_(stay, [0, *(1 << i for i in range(self.size)), *kept])]

    def fit(self, terms: Model) -> Fit:
        """The maximum-likelihood fit of the main effects and `terms`."""
        if terms not in self.known:
            self.known[terms] = self._fit(terms)
        return self.known[terms]

    def _fit(self, terms: Model) -> Fit:
        kept, removed, stay = self.overlap(terms)
        x, y = self.design(kept, stay), self.counts[stay]
        values, mu, deviance = solved(x, y)
        means = np.zeros(len(self.histories))
        means[stay] = mu
        try:
            variance = np.diag(np.linalg.inv((x.T * mu) @ x)).clip(0)
        except np.linalg.LinAlgError:
            variance = np.full(len(values), math.inf)
        likelihood = float(np.sum(np.where(y > 0, y * np.log(mu), 0.0) - mu - gammaln(y + 1)))
        return Fit(
            terms=terms,
            kept=kept,
            removed=removed,
            estimate=values,
            error=np.sqrt(variance),
            means=means,
            hidden=float(np.exp(min(values[0], 700.0))),
            deviance=deviance,
            log_likelihood=likelihood,
            parameters=1 + self.size + len(terms),
        )

    def exists(self, terms: Model) -> bool:
        """Whether the likelihood has a maximum at finite values: Fienberg and Rinaldo's linear programme (2012).

        The maximum exists when counts above zero in every history give the same sums as those observed; the programme
        makes the smallest of them as large as it can.
        """
        kept, _, stay = self.overlap(terms)
        x, y = self.design(kept, stay), self.counts[stay]
        if (y > 0).all():
            return True
        goal = np.zeros(len(y) + 1)
        goal[-1] = -1
        sums = np.column_stack([x.T, x.sum(axis=0)])  # counts are written as smallest + rest, both at least zero
        found = linprog(goal, A_eq=sums, b_eq=x.T @ y, bounds=(0, None), method="highs")
        return bool(found.status == 0 and -found.fun > POSITIVE)

    def identifiable(self, terms: Model) -> bool:
        """Whether the histories that stay tell every parameter from every other: full rank of the design."""
        kept, _, stay = self.overlap(terms)
        x = self.design(kept, stay)
        return int(np.linalg.matrix_rank(x)) == x.shape[1]

    def sound(self, terms: Model) -> bool:
        """Whether the maximum exists and is unique; the programme is only asked when the fit itself is no proof.

        Fitted counts that keep the observed sums and are above zero are what the programme looks for. What Newton's
        method left over of the sums is first taken out; on the way to an infinite parameter that leaves a count at zero
        or below.
        """
        if not self.identifiable(terms):
            return False
        kept, _, stay = self.overlap(terms)
        x, mu = self.design(kept, stay), self.fit(terms).means[stay]
        mended = mu + x @ np.linalg.solve(x.T @ x, x.T @ (self.counts[stay] - mu))
        return bool(mended.min() > POSITIVE) or self.exists(terms)

    def profile(self, terms: Model, level: float = 0.95) -> tuple[float, float | None]:
        """Interval of the total by multinomial profile likelihood (Cormack 1992); None for an upper end without limit.

        For each number of hidden cases the model is fitted to the table completed with it; the interval holds the
        numbers whose log-likelihood lies within half a chi-squared quantile of the best.
        """
        kept, _, stay = self.overlap(terms)
        observed, y = self.design(kept, stay), self.counts[stay]
        nobody = np.zeros((1, observed.shape[1]))
        nobody[0, 0] = 1
        x = np.vstack([nobody, observed])

        def likelihood(hidden: float) -> float:
            full = np.concatenate([[hidden], y])
            mu, total = solved(x, full)[1], self.n + hidden
            return float(gammaln(total + 1) - gammaln(hidden + 1) + np.sum(full * np.log(mu / total)))

        start = max(self.fit(terms).hidden, 1.0)
        found = minimize_scalar(
            lambda log: -likelihood(math.exp(log)),
            bounds=(math.log(start / 8), math.log(start * 8)),
            method="bounded",
            options={"xatol": 1e-5},
        )
        top, peak = math.exp(found.x), -found.fun
        floor = peak - NormalDist().inv_cdf((1 + level) / 2) ** 2 / 2

        def gap(hidden: float) -> float:
            return likelihood(hidden) - floor

        lower = 0.0 if gap(0.0) >= 0 else brentq(gap, 0.0, top, xtol=1e-3)
        far = top * 2
        while gap(far) > 0:
            far *= 2
            if far > FLAT * self.n:
                return self.n + lower, None
        return self.n + lower, self.n + brentq(gap, top, far, xtol=1e-3)


def solved(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Coefficients, means and deviance of a Poisson model with a log link; Newton's method from the counts."""
    eta = np.log(y + 0.5)
    mu, before = np.exp(eta), math.inf
    constant = float(np.sum(np.where(y > 0, y * np.log(np.where(y > 0, y, 1.0)), 0.0) - y))
    for _ in range(STEPS):
        weighted = x.T * mu
        _, values, failed = dposv(weighted @ x, weighted @ (eta - 1) + x.T @ y)
        if failed:
            root = np.sqrt(mu)
            values = np.linalg.lstsq(x * root[:, None], root * (eta - 1) + y / root, rcond=None)[0]
        # counts on their way to nothing would overflow elsewhere long before they mattered here
        eta = np.minimum(np.maximum(x @ values, -35.0), 35.0)
        mu = np.exp(eta)
        deviance = 2 * (constant - float(y @ eta - mu.sum()))
        if abs(before - deviance) <= SETTLED * (abs(deviance) + len(y)):
            break
        before = deviance
    return values, mu, deviance
