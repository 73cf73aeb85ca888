"""How many cases are on no list: the comparison of models for one overlap table, its refusals, its warnings, resampling.

Multiple systems estimation. Several models answer, because no model is known to be right; their spread is part of the
answer. Published checks: UK 2013 (Silverman 2014) and Kosovo 1999 (Ball and others 2002; Silverman 2020).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from corridors.statistics.loglinear import Cells, Model
from corridors.statistics.model_search import MOST_LISTS_ALL_ORDERS, SEARCHES, TooMany, hierarchical, most_fits
from corridors.statistics.overlap_table import SEED, SHORT, OverlapTable

FEWEST_LISTS, MOST_LISTS, FEWEST_CASES, SPREAD = 3, 8, 100, 2.0
NAMES = {
    "main": "Lists independent of each other (main effects)",
    "stepwise": "Ties of two lists, added by steps of AIC while the best has p < 0.05 (Bales, Hesketh and Silverman 2015)",
    "chance": "Ties of two lists, added where chance explains the common cases least, p < 0.02 (Chan, Silverman and Vincent 2021)",
    "pairs": "Ties of two lists, the set with the lowest BIC",
    "orders": "Ties of two lists and more, the set with the lowest BIC",
}


@dataclass(frozen=True)
class Resampled:
    """A 95 % interval from samples in which the model was chosen anew; None where it cannot be said.

    `used` counts the samples in which the chosen model existed; BCa (Chan and others 2021), else plain percentiles.
    """

    samples: int
    used: int
    lower: float | None
    upper: float | None


@dataclass(frozen=True)
class ModelResult:
    """One model of the ladder. Numbers are None when the model has none, and `reason` says why.

    `terms` are tuples of list names tied together, those of `without_overlap` included, which share no case. `lower`
    and `upper` bound the total (95 %, multinomial profile likelihood) as if the model were known to be right.
    """

    key: str
    name: str
    terms: tuple[tuple[str, ...], ...] = ()
    without_overlap: tuple[tuple[str, ...], ...] = ()
    total: float | None = None
    hidden: float | None = None
    lower: float | None = None
    upper: float | None = None
    aic: float | None = None
    bic: float | None = None
    exists: bool | None = None
    identifiable: bool | None = None
    reason: str = ""
    bootstrap: Resampled | None = None


@dataclass(frozen=True)
class ModelComparison:
    """All models of a table. With a refusal no model has a number."""

    lists: tuple[str, ...]
    observed: int
    models: tuple[ModelResult, ...]
    warnings: tuple[str, ...]
    refusals: tuple[str, ...]

    @property
    def refusal(self) -> str:
        """All reasons for which no number is given, as one text; empty when there are numbers."""
        return " ".join(self.refusals)

    def to_dict(self) -> dict:
        """The ladder as plain values with stable keys, for JSON."""
        return {
            "observed": self.observed,
            "lists": list(self.lists),
            "refusal": self.refusal or None,
            "warnings": list(self.warnings),
            "models": [
                {
                    "key": m.key,
                    "name": m.name,
                    "terms": [":".join(t) for t in m.terms],
                    "total": m.total,
                    "hidden": m.hidden,
                    "lower": m.lower,
                    "upper": m.upper,
                    "aic": m.aic,
                    "bic": m.bic,
                    "exists": m.exists,
                    "identifiable": m.identifiable,
                    "without_overlap": [":".join(t) for t in m.without_overlap],
                    "reason": m.reason or None,
                    "bootstrap": m.bootstrap and vars(m.bootstrap),
                }
                for m in self.models
            ],
        }


def compare(table: OverlapTable, resampled: dict[str, Resampled] | None = None) -> ModelComparison:
    """The comparison of models for a table, with the intervals of `bootstrap` when they are given."""
    reasons = refusals(table)
    if reasons:
        return ModelComparison(table.lists, table.observed, (), (), tuple(reasons))
    cells = Cells(table)
    results, reasons = [], []
    for key in SEARCHES:
        if key == "orders" and cells.size > MOST_LISTS_ALL_ORDERS:
            continue
        result = _result(table, cells, key, (resampled or {}).get(key))
        results.append(result)
        if result.exists is False or result.identifiable is False:
            reasons.append(result.reason)
    if reasons:
        results = [_without_numbers(result) for result in results]
    return ModelComparison(
        table.lists,
        table.observed,
        tuple(results),
        () if reasons else tuple(_warnings(table, cells, results)),
        tuple(reasons),
    )


def refusals(table: OverlapTable) -> list[str]:
    """Why no model should be asked of this table; empty when one may."""
    said, size, n = [], len(table.lists), table.observed
    if size < FEWEST_LISTS:
        said.append(f"Fewer than three lists ({size}): with two, how far they depend on each other can never be seen.")
    if size > MOST_LISTS:
        said.append(f"More than eight lists ({size}): too many models to compare. Join lists of the same kind.")
    if n < FEWEST_CASES:
        said.append(f"Fewer than {FEWEST_CASES} cases ({n}): overlaps so small are chance.")
    empty = [name for name in table.lists if not table.together(name)]
    whole = [name for name in table.lists if n and table.together(name) == n]
    said += [f"The list {name} is empty: it can say nothing. Leave it out." for name in empty]
    said += [
        f"The list {name} holds every case: on such a table nobody is hidden from it, and the others add nothing."
        for name in whole
    ]
    if size >= FEWEST_LISTS and not _has_triple(table):
        said.append(
            "No three lists overlap pairwise: the models could not tell lists that avoid each other from many hidden cases."
        )
    return said


def _has_triple(table: OverlapTable) -> bool:
    meet = {a: {b for b in table.lists if b != a and table.together(a, b)} for a in table.lists}
    return any(meet[a] & meet[b] for a in table.lists for b in meet[a])


def _result(table: OverlapTable, cells: Cells, key: str, resampled: Resampled | None) -> ModelResult:
    try:
        model = SEARCHES[key](cells)
    except TooMany:
        return ModelResult(
            key,
            NAMES[key],
            reason=f"Not searched to the end: more than {most_fits(cells.size):,} models of {cells.size} lists would "
            f"have to be "
            "fitted. Join lists of the same kind to compare fewer.",
        )
    fit, name = cells.fit(model), NAMES[key]
    terms, removed = _named(table, model), _named(table, frozenset(fit.removed))
    exists, identifiable = cells.exists(model), cells.identifiable(model)
    criteria = {"aic": fit.criterion(2.0), "bic": fit.criterion(math.log(cells.n))}
    if not (exists and identifiable):
        fault = (
            "its likelihood has no maximum at finite values: a parameter runs to infinity"
            if not exists
            else "the overlaps cannot tell its parameters apart"
        )
        ties = ", ".join(" with ".join(t) for t in terms) or "no ties"
        reason = f"The best model of “{name}” ({ties}) does not exist: {fault}. The table is too sparse for it."
        return ModelResult(key, name, terms, removed, exists=exists, identifiable=identifiable, reason=reason, **criteria)
    lower, upper = cells.profile(model)
    return ModelResult(
        key,
        name,
        terms,
        removed,
        cells.n + fit.hidden,
        fit.hidden,
        lower,
        upper,
        exists=True,
        identifiable=True,
        bootstrap=resampled,
        **criteria,
    )


def _without_numbers(result: ModelResult) -> ModelResult:
    return ModelResult(
        result.key,
        result.name,
        result.terms,
        result.without_overlap,
        exists=result.exists,
        identifiable=result.identifiable,
        aic=result.aic,
        bic=result.bic,
        reason=result.reason or "Not given: another of the models does not exist.",
    )


def _named(table: OverlapTable, terms: Model) -> tuple[tuple[str, ...], ...]:
    """Terms by the names of their lists, pairs before triples, in the order of the lists."""
    names = [tuple(name for i, name in enumerate(table.lists) if term >> i & 1) for term in terms]
    return tuple(sorted(names, key=lambda t: (len(t), [table.lists.index(name) for name in t])))


def _warnings(table: OverlapTable, cells: Cells, results: list[ModelResult]) -> list[str]:
    said = []
    usable = [result for result in results if result.total is not None]
    least, most = min(usable, key=lambda r: r.total), max(usable, key=lambda r: r.total)
    if most.total > SPREAD * least.total:
        said.append(
            f"The models span more than a factor of two: from {least.total:,.0f} ({SHORT[least.key]}) to "
            f"{most.total:,.0f} "
            f"({SHORT[most.key]}). The models contradict each other, and none of these numbers should be used alone."
        )
    said += [
        f"{SHORT[result.key]}: the interval has no upper end; the table does not bound the number of hidden cases."
        for result in usable
        if result.upper is None
    ]
    said += [
        f"{SHORT[result.key]}: the upper limit ({result.upper:,.0f}) is more than twice the estimate ({result.total:,.0f}): the "
        "table hardly bounds the number from above."
        for result in usable
        if result.upper is not None and result.upper > SPREAD * result.total
    ]
    apart = [pair for pair in _named(table, frozenset(cells.pairs)) if not table.together(*pair)]
    if apart:
        said.append(
            f"No case in common: {'; '.join(' and '.join(pair) for pair in apart)}. Where a model ties such lists, "
            f"the term and its histories "
            "are left out instead of giving it a parameter without limit."
        )
    said += [f"{SHORT[result.key]}: {result.reason}" for result in results if result.reason]
    if cells.size > MOST_LISTS_ALL_ORDERS:
        said.append(
            f"Terms of three lists and more were not searched: {cells.size} lists have thousands of such models, and "
            f"a table rarely tells them apart."
        )
    for result in usable:
        if result.bootstrap and result.bootstrap.used < 0.9 * result.bootstrap.samples:
            made = result.bootstrap
            said.append(
                f"{SHORT[result.key]}: in {made.samples - made.used:,} of {made.samples:,} samples the chosen model did "
                f"not exist; its resampled "
                "interval speaks only of the others."
            )
    return said


def bootstrap(
    table: OverlapTable, samples: int, seed: int = SEED, on_sample: Callable[[int], None] | None = None
) -> dict[str, Resampled]:
    """Intervals by result from `samples` tables drawn from this one, each with its own choice of model; {} when refused.

    So the choice of the model is part of the uncertainty, which the profile interval leaves out. `on_sample` is told
    the number of samples done. The same seed gives the same intervals.
    """
    if refusals(table) or samples < 1:
        return {}
    cells, chance = Cells(table), np.random.default_rng(seed)
    keys = [key for key in SEARCHES if key != "orders" or cells.size <= MOST_LISTS_ALL_ORDERS]
    share = cells.counts / cells.n
    drawn = {key: [] for key in keys}
    for done in range(1, samples + 1):
        again = cells.with_counts(chance.multinomial(int(cells.n), share))
        for key in keys:
            drawn[key].append(_total(again, key))
        if on_sample:
            on_sample(done)
    return {key: _interval(cells, key, drawn[key]) for key in keys}


def _total(cells: Cells, key: str) -> float | None:
    try:
        model = SEARCHES[key](cells)
    except TooMany:
        return None
    return cells.n + cells.fit(model).hidden if cells.sound(model) else None


def _interval(cells: Cells, key: str, drawn: list[float | None], level: float = 0.95) -> Resampled:
    found = np.sort([total for total in drawn if total is not None])
    here = _total(cells, key)
    if here is None or len(found) < 20:
        return Resampled(len(drawn), len(found), None, None)
    normal, tails = NormalDist(), ((1 - level) / 2, (1 + level) / 2)
    below = (np.sum(found < here) + np.sum(found == here) / 2) / len(found)
    if 0 < below < 1:
        bias, pull = normal.inv_cdf(below), _pull(cells, key)
        shifted = [bias + (bias + z) / (1 - pull * (bias + z)) for z in map(normal.inv_cdf, tails)]
        tails = tuple(map(normal.cdf, shifted))
    lower, upper = np.quantile(found, tails)
    return Resampled(len(drawn), len(found), float(lower), float(upper))


def _pull(cells: Cells, key: str) -> float:
    """The acceleration of BCa: how lopsided the estimate reacts when one case is left out, over all cases."""
    weights, totals = [], []
    for place in np.flatnonzero(cells.counts):
        fewer = cells.counts.copy()
        fewer[place] -= 1
        total = _total(cells.with_counts(fewer), key)
        if total is not None:
            weights.append(cells.counts[place])
            totals.append(total)
    if not totals:
        return 0.0
    off = np.average(totals, weights=weights) - np.array(totals)
    spread = float(np.sum(weights * off**2))
    return float(np.sum(weights * off**3)) / (6 * spread**1.5) if spread > 0 else 0.0


def number_of_models(size: int) -> int:
    """How many hierarchical models of `size` lists (3 or 4) are compared."""
    return len(hierarchical(size))
