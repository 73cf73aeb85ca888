"""A gravity model of pairs: Poisson pseudo-maximum-likelihood with a log link and robust standard errors.

The expected outcome of a pair is exp(intercept + sum of coefficient x term). Pairs with an outcome of zero stay in.
The outcome need not be Poisson, nor a count: the coefficients are right when the mean is, and the errors come from the
spread that is there (Santos Silva and Tenreyro 2006). Works for any frame of pairs, so that published tables can be
checked.
"""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

INTERCEPT = "intercept"
PAIRS_PER_TERM = 10
FARTHEST = 20  # logarithms: a coefficient that has gone so far is on its way to infinity
SAME = 1e-9  # relative: what is smaller than this is no difference, only rounding
one_thread = threadpool_limits.wrap(
    limits=1
)  # matrices so small go ten times slower in parallel where other work is under way


class CannotFit(ValueError):
    """The data cannot carry the model. `reason` is a short key, the message names terms and numbers."""

    def __init__(self, reason: str, message: str):
        self.reason = reason
        super().__init__(message)


@dataclass(frozen=True)
class Fit:
    """What was found: one row of `coefficients` a term, how well it fits, and the covariance for predictions.

    `coefficients` has term (the intercept first), coefficient, error, lower, upper, z and p; a coefficient is the
    change of the logarithm of the expected outcome when the term rises by 1. `r2_correlation` is the squared correlation of
    observed and expected, `r2_mcfadden` 1 - log-likelihood over that of the mean alone. `errors` says how the errors
    were made.
    """

    outcome: str
    terms: tuple[str, ...]
    coefficients: pd.DataFrame
    covariance: np.ndarray  # in the order of `coefficients`
    n: int
    zeros: int
    deviance: float
    r2_correlation: float
    r2_mcfadden: float
    errors: str
    level: float

    def predict(self, frame: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
        """Expected outcome with the interval of that mean: columns expected, lower, upper; the index of `frame`.

        The interval is the delta method's on the scale of the logarithm. It says how well the mean is known, not where
        a single pair will lie: single pairs spread far wider. Raises CannotFit for a missing or infinite term.
        """
        x = _terms(frame, self.terms)
        design = np.column_stack([np.ones(len(x)), x])
        middle = design @ self.coefficients["coefficient"].to_numpy()
        spread = np.sqrt(np.einsum("ij,jk,ik->i", design, self.covariance, design).clip(0))
        reach = _quantile(level) * spread
        columns = {"expected": np.exp(middle), "lower": np.exp(middle - reach), "upper": np.exp(middle + reach)}
        return pd.DataFrame(columns, index=frame.index)


@one_thread
def fit(
    frame: pd.DataFrame, outcome: str, terms: Sequence[str], cluster: str | Sequence[str] | None = None, level: float = 0.95
) -> Fit:
    """The model of `outcome` on `terms` (columns of `frame`, numbers), with an intercept.

    Errors are robust to any spread (HC1). `cluster` names a column whose groups share what the model leaves out, or two
    such columns (the two ends of a pair). Raises CannotFit for: "no terms", "no pairs", "gaps", "negative outcome",
    "too few pairs", "nothing observed", "constant term", "collinear", "separation", "too few groups",
    "no convergence", "no spread".
    """
    terms = tuple(terms)
    if not terms:
        raise CannotFit("no terms", "a model needs at least one term")
    y, x = _outcome(frame, outcome), _terms(frame, terms)
    _refuse_too_few(y, terms)
    centre, scale = _standard(x, terms)
    z = (x - centre) / scale
    _refuse_collinear(z, terms)
    _refuse_separation(y, x, z, terms)
    groups = _groups(frame, cluster)
    # Terms on one scale and an outcome around 1 keep the arithmetic exact; the way back is linear.
    mean = float(y.mean())
    found = _solved(y / mean, np.column_stack([np.ones(len(z)), z]), groups)
    back = np.diag(np.concatenate([[1.0], 1 / scale]))
    back[0, 1:] = -centre / scale
    values = back @ np.asarray(found.params)
    values[0] += math.log(mean)
    # what statsmodels calls HC1 is HC0 in a model of this kind: without the correction for the number of coefficients
    correction = 1.0 if groups is not None else len(y) / (len(y) - 1 - len(terms))
    covariance = back @ _without_negative(np.asarray(found.cov_params()) * correction) @ back.T
    expected = np.asarray(found.mu) * mean
    likelihood, alone = _log_likelihood(y, expected), _log_likelihood(y, np.full(len(y), mean))
    return Fit(
        outcome=outcome,
        terms=terms,
        coefficients=_table((INTERCEPT, *terms), values, covariance, level),
        covariance=covariance,
        n=len(y),
        zeros=int((y == 0).sum()),
        deviance=float(found.deviance) * mean,
        r2_correlation=float(np.corrcoef(y, expected)[0, 1] ** 2),
        r2_mcfadden=1 - likelihood / alone,
        errors="HC1" if groups is None else f"clustered by {' and '.join(_names(cluster))}",
        level=level,
    )


@one_thread
def with_effects(
    frame: pd.DataFrame, outcome: str, terms: Sequence[str], ends: Sequence[str]
) -> tuple[pd.Series, pd.Series]:
    """The model of `outcome` on `terms` with an effect of every origin and destination (columns `ends`): how many leave and
    arrive anywhere is then given, and the terms explain only who goes where (Anderson and van Wincoop 2003).

    Returns the coefficients of the terms, and the expected outcome of each row of `frame`: 0 where nobody leaves the origin or
    arrives at the destination. Iterated least squares; raises CannotFit("no convergence").
    """
    from scipy import linalg, sparse

    whole = _outcome(frame, outcome)
    busy = np.ones(len(frame), dtype=bool)
    for _ in range(len(frame)):  # leaving out one end may empty another
        sums = [frame[end].map(pd.Series(whole * busy).groupby(frame[end].to_numpy()).sum()).to_numpy() for end in ends]
        if (now := busy & (sums[0] > 0) & (sums[1] > 0)).sum() == busy.sum():
            break
        busy = now
    y, x = whole[busy], _terms(frame[busy], tuple(terms))
    dummies = [pd.get_dummies(frame.loc[busy, end], drop_first=n > 0).to_numpy(dtype=float) for n, end in enumerate(ends)]
    design = sparse.csr_array(np.column_stack([x, *dummies]))
    expected = y + y.mean()
    for _ in range(200):
        weighted = design.multiply(expected[:, None]).tocsr()
        working = np.log(expected) + (y - expected) / expected
        values = linalg.lstsq((design.T @ weighted).toarray(), weighted.T @ working)[0]
        before, expected = expected, np.exp(design @ values)
        if np.abs(expected - before).sum() < 1e-9 * y.sum():
            result = pd.Series(0.0, frame.index)
            result[busy] = expected
            return pd.Series(values[: len(terms)], list(terms)), result
    raise CannotFit("no convergence", "the search for the effects of origins and destinations did not come to rest")


@dataclass(frozen=True)
class WithinPairs:
    """What went together with a change of a term of 0 or 1 inside pairs, everything else of an end in that time allowed for.

    `coefficient` is the change of the logarithm of the expected outcome where the term is 1 instead of 0; `freedom` says how many
    pairs its error effectively rests on; `weight` is the share of each pair (its index) in what is learnt, the largest first.
    """

    coefficient: float
    error: float
    freedom: float
    n: int
    pairs: int
    changed: int
    weight: pd.Series

    def times(self, level: float) -> tuple[float, float]:
        """By what the outcome is multiplied where the term goes from 0 to 1: the ends of the interval of this level."""
        from scipy.special import stdtrit

        reach = float(stdtrit(self.freedom, 0.5 + level / 2)) * self.error
        return math.exp(self.coefficient - reach), math.exp(self.coefficient + reach)


@one_thread
def within_pairs(
    frame: pd.DataFrame, outcome: str, term: str, pair: str, effects: Sequence[str], fewest: int = 1
) -> WithinPairs:
    """The Poisson model of `outcome` on a `term` of 0 or 1 with an effect of every pair and of every value of the columns `effects` (an
    origin's year, a destination's year): what a pair has always had, and what happened at either end, explains nothing of the term.

    One row a pair and time. Left out is what such a model learns nothing from: a pair, or an effect, without an outcome or with one
    row. Errors are clustered by pair; squared misses are enlarged by what fitting took from them, and the degrees of freedom of the interval
    are fewer where few pairs carry it (Bell and McCaffrey 2002, for one coefficient). Raises CannotFit: "gaps", "negative outcome", "no pairs", "too few changes" (fewer
    than `fewest` pairs in which the term changes), "separation", "no convergence".
    """
    from scipy import linalg, sparse

    whole = _outcome(frame, outcome)
    rows = _learnt_from(frame, whole, [pair, *effects])
    y, x, kept = whole[rows], _terms(frame[rows], (term,))[:, 0], frame[rows]
    at, names = pd.factorize(kept[pair])
    ends = pd.Series(x).groupby(at).agg(["min", "max"])
    changed = int((ends["min"] < ends["max"]).sum())
    if changed < max(fewest, 1):
        raise CannotFit(
            "too few changes", f"{term} changes in {changed:,} pairs with an outcome, at least {fewest:,} are needed"
        )
    dummies = [sparse.csr_array(pd.get_dummies(kept[name], dtype=float).to_numpy()) for name in effects]
    design = sparse.hstack([sparse.csr_array(x[:, None]), *dummies]).tocsr()
    member = sparse.csr_array((np.ones(len(y)), (at, np.arange(len(y)))))
    total = member @ y

    def expected(values: np.ndarray) -> tuple[np.ndarray, float]:
        """The outcome of a pair over its rows, as the other effects share it out (its own effect follows), and the log-likelihood."""
        level = design @ values
        level -= pd.Series(level).groupby(at).transform("max").to_numpy()
        level -= np.log(member @ np.exp(level))[at]
        return total[at] * np.exp(level), float(y @ level)

    def information(mean: np.ndarray) -> np.ndarray:
        weighted = design.multiply(mean[:, None]).tocsr()
        shared = member @ weighted
        curve = (design.T @ weighted - shared.T @ shared.multiply(1 / total[:, None]).tocsr()).toarray()
        # the effects of one end add up to those of the other, so that the curve has no inverse without a grain more on its diagonal
        return curve + np.diag(np.diag(curve) + 1) * SAME

    values, (mean, likelihood) = np.zeros(design.shape[1]), expected(np.zeros(design.shape[1]))
    for _ in range(60):
        slope = design.T @ (y - mean)
        step = linalg.solve(information(mean), slope, assume_a="pos")
        while (found := expected(values + step))[1] < likelihood - SAME * abs(likelihood):
            step /= 2
        values, (mean, likelihood) = values + step, found
        if abs(values[0]) > FARTHEST:
            raise CannotFit("separation", f"all outcomes lie on one side of {term}, so its size cannot be told")
        if slope @ step < 1e-14 * y.sum():
            break
    else:
        raise CannotFit("no convergence", "the search for the effects of pairs and years did not come to rest")
    # each row beside its own pair, weighted; `rest` is what the other effects leave of the term, `missed` how far off the model is
    inverse, root = linalg.inv(information(mean)), np.sqrt(mean)
    own = (member @ design.multiply(mean[:, None]).tocsr()).toarray() / total[:, None]
    inside = (design.toarray() - own[at]) * root[:, None]
    rest, missed = inside @ (inverse[0] / inverse[0, 0]), (y - mean) / root
    weight = member @ rest**2
    # how a pair's part of the error scatters (`target`), were its rows not used to fit the model, and how the fitted ones do (`shared`),
    # if outcomes scatter more the larger they are
    free = len(y) - len(names) - ((inside @ inverse) * inside).sum()
    spread = 1 + mean * max(float((missed**2).sum() * len(y) / max(free, 1) - len(y)) / mean.sum(), 0)
    target = member @ (rest**2 * spread)
    pulls, spreads = member @ (rest[:, None] * inside) @ inverse, member @ ((rest * spread)[:, None] * inside)
    shared = (
        pulls @ (inside.T @ (spread[:, None] * inside)) @ pulls.T - spreads @ pulls.T - pulls @ spreads.T + np.diag(target)
    )
    lift = target / np.diag(shared)
    squares = lift * (member @ (rest * missed)) ** 2
    return WithinPairs(
        coefficient=float(values[0]),
        error=float(np.sqrt(squares.sum()) / weight.sum()),
        freedom=float(target.sum() ** 2 / (lift[:, None] * shared**2 * lift).sum()),
        n=len(y),
        pairs=len(names),
        changed=changed,
        weight=pd.Series(weight / weight.sum(), names).sort_values(ascending=False, kind="stable"),
    )


def _learnt_from(frame: pd.DataFrame, y: np.ndarray, groups: list[str]) -> np.ndarray:
    """The rows whose groups all have an outcome and more than one row; leaving out one may empty another."""
    codes = [pd.factorize(frame[name])[0] for name in groups]
    rows = np.ones(len(frame), dtype=bool)
    while True:
        now = rows.copy()
        for code in codes:
            now &= (np.bincount(code, y * rows)[code] > 0) & (np.bincount(code, rows)[code] > 1)
        if now.sum() == rows.sum():
            return rows
        rows = now


def _outcome(frame: pd.DataFrame, outcome: str) -> np.ndarray:
    if frame.empty:
        raise CannotFit("no pairs", "there are no pairs to learn from")
    y = frame[outcome].to_numpy(dtype=float, na_value=np.nan)
    if not np.isfinite(y).all():
        raise CannotFit("gaps", f"{outcome}: {(~np.isfinite(y)).sum():,} pairs without a number")
    if (y < 0).any():
        raise CannotFit("negative outcome", f"{outcome}: {(y < 0).sum():,} pairs below zero, the lowest {y.min():g}")
    return y


def _terms(frame: pd.DataFrame, terms: tuple[str, ...]) -> np.ndarray:
    x = np.column_stack([frame[term].to_numpy(dtype=float, na_value=np.nan) for term in terms])
    gaps = (~np.isfinite(x)).sum(axis=0)
    if gaps.any():
        named_terms = ", ".join(f"{term} ({n:,} pairs)" for term, n in zip(terms, gaps) if n)
        raise CannotFit("gaps", f"missing or infinite: {named_terms}")
    return x


def _refuse_too_few(y: np.ndarray, terms: tuple[str, ...]) -> None:
    fewest = PAIRS_PER_TERM * len(terms)
    if len(y) < fewest:
        raise CannotFit("too few pairs", f"{len(y):,} pairs for {len(terms)} terms, at least {fewest:,} are needed")
    if not y.any():
        raise CannotFit("nothing observed", f"all {len(y):,} outcomes are zero")


def _standard(x: np.ndarray, terms: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Mean and spread of each term. Refuses a term that is the same for every pair."""
    centre, scale = x.mean(axis=0), x.std(axis=0)
    same = scale <= SAME * np.abs(x).max(axis=0)
    if same.any():
        named = ", ".join(term for term, is_same in zip(terms, same) if is_same)
        raise CannotFit("constant term", f"the same for every pair, so it says nothing: {named}")
    return centre, scale


def _refuse_collinear(z: np.ndarray, terms: tuple[str, ...]) -> None:
    """Refuses terms that repeat one another: naming all that take part in a sum that is always zero."""
    null = _null_space(z)
    if null.shape[1]:
        part = (np.abs(null) > 1e-6).any(axis=1)
        named = ", ".join(term for term, takes_part in zip(terms, part) if takes_part)
        raise CannotFit("collinear", f"these terms say the same, so none can be told from the others: {named}")


def _null_space(a: np.ndarray) -> np.ndarray:
    """Directions (as columns) along which every row of `a` is zero."""
    if not len(a):
        return np.eye(a.shape[1])
    # the triangle of a QR has the singular values of the whole, at the cost of a few columns
    _, values, rows = np.linalg.svd(np.linalg.qr(a, mode="r"))
    rank = int((values > 1e-8 * values[0]).sum()) if values[0] > 0 else 0
    return rows[rank:].T


def _refuse_separation(y: np.ndarray, x: np.ndarray, z: np.ndarray, terms: tuple[str, ...]) -> None:
    """Refuses when a combination of terms picks out pairs that are all zero: its estimate would run away to infinity.

    Separated is a direction that is zero on every pair with an outcome and never positive on the others (Correia,
    Guimaraes and Zylkin 2019). First the plain case, a term of 0 and 1, is named.
    """
    some = y > 0
    binary = [set(np.unique(column)) == {0.0, 1.0} for column in x.T]
    plain = [term for j, term in enumerate(terms) if binary[j] and len(np.unique(x[some, j])) == 1]
    if plain:
        named = ", ".join(plain)
        raise CannotFit("separation", f"every outcome on one side of it is zero, so its size cannot be told: {named}")
    design = np.column_stack([np.ones(len(z)), z])
    free = _null_space(design[some])
    if not free.shape[1]:
        return
    direction = free @ _never_positive(design[~some] @ free)
    if np.abs(direction).max() > SAME:
        part = np.abs(direction[1:]) > 1e-6 * np.abs(direction).max()
        named = ", ".join(term for term, takes_part in zip(terms, part) if takes_part)
        named_terms = "together these terms pick out pairs that are all zero, so their size cannot be told"
        raise CannotFit("separation", f"{named_terms}: {named}")


def _never_positive(rows: np.ndarray) -> np.ndarray:
    """A direction in which no row is positive and some are negative; zeros where there is none."""
    from scipy.optimize import linprog

    rows = np.unique(rows.round(9), axis=0)
    found = linprog(
        rows.sum(axis=0),
        A_ub=np.vstack([rows, -rows]),
        bounds=(None, None),
        method="highs",
        b_ub=np.concatenate([np.zeros(len(rows)), np.ones(len(rows))]),
    )
    return found.x if found.success and found.fun < -1e-6 else np.zeros(rows.shape[1])


def _names(cluster: str | Sequence[str]) -> list[str]:
    return [cluster] if isinstance(cluster, str) else list(cluster)


def _groups(frame: pd.DataFrame, cluster: str | Sequence[str] | None) -> np.ndarray | None:
    """The group of each pair as numbers, one column for each way of grouping. Refuses a way with a single group."""
    if cluster is None:
        return None
    codes = np.column_stack([pd.factorize(frame[name])[0] for name in _names(cluster)])
    useless = (codes.max(axis=0) < 1) | (codes < 0).any(axis=0)
    lone = [name for name, is_useless in zip(_names(cluster), useless) if is_useless]
    if lone:
        raise CannotFit("too few groups", f"fewer than two groups, or pairs without a group: {', '.join(lone)}")
    return codes if codes.shape[1] > 1 else codes[:, 0]


def _solved(y: np.ndarray, design: np.ndarray, groups: np.ndarray | None):
    """statsmodels' answer on standardised terms. Raises CannotFit when it does not converge."""
    from statsmodels.genmod.families import Poisson
    from statsmodels.genmod.generalized_linear_model import GLM

    spread = {"cov_type": "HC0"} if groups is None else {"cov_type": "cluster", "cov_kwds": {"groups": groups}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what matters of them is asked below
        try:
            found = GLM(y, design, family=Poisson()).fit(maxiter=200, tol=1e-12, tol_criterion="params", **spread)
        except (np.linalg.LinAlgError, ValueError, FloatingPointError) as fault:
            raise CannotFit("no convergence", f"the search for the coefficients broke off ({fault})") from None
    if not found.converged or not np.isfinite(found.params).all():
        raise CannotFit("no convergence", "the search for the coefficients did not come to rest")
    return found


def _without_negative(covariance: np.ndarray) -> np.ndarray:
    """A covariance without the negative variances that grouping two ways can give (Cameron, Gelbach, Miller 2011).

    Raises CannotFit when no spread is left for a coefficient.
    """
    if np.isfinite(covariance).all():
        values, directions = np.linalg.eigh(covariance)
        if values[0] < 0:
            covariance = directions @ np.diag(values.clip(0)) @ directions.T
        if (np.diag(covariance) > 0).all():
            return covariance
    raise CannotFit("no spread", "the spread of the coefficients cannot be worked out from these groups")


def _log_likelihood(y: np.ndarray, expected: np.ndarray) -> float:
    """Poisson's, of outcomes that need not be whole numbers."""
    from scipy.special import gammaln, xlogy

    return float((xlogy(y, expected) - expected - gammaln(y + 1)).sum())


def _quantile(level: float) -> float:
    if not 0 < level < 1:
        raise ValueError(f"a level lies between 0 and 1; found {level}")
    return NormalDist().inv_cdf(0.5 + level / 2)


def _table(names: Sequence[str], values: np.ndarray, covariance: np.ndarray, level: float) -> pd.DataFrame:
    errors = np.sqrt(np.diag(covariance))
    reach, z = _quantile(level) * errors, values / errors
    return pd.DataFrame(
        {
            "term": list(names),
            "coefficient": values,
            "error": errors,
            "lower": values - reach,
            "upper": values + reach,
            "z": z,
            "p": [math.erfc(abs(score) / math.sqrt(2)) for score in z],
        }
    )
