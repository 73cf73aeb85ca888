"""Which model of lists: by steps of AIC, by BIC over all sets of pairs, by BIC over all hierarchical orders."""

import math
from collections.abc import Callable
from itertools import combinations

import numpy as np
from scipy.special import gammainc, ndtr, pdtr

from corridors.statistics.loglinear import Cells, Fit, Model

MAIN: Model = frozenset()
THRESHOLD = 0.05
MOST_LISTS_ALL_ORDERS = 4


class TooMany(Exception):
    """The search would need more fits than are allowed; no answer is better than one from half a search."""


def stepwise(cells: Cells, threshold: float = THRESHOLD) -> Model:
    """Forward selection over terms of two lists by AIC (Silverman 2014; Bales, Hesketh and Silverman 2015).

    At each step the pair that lowers AIC most enters; the search stops when its parameter does not differ from nothing with
    p under `threshold`, though another pair's might. A pair whose model does not exist is never a candidate.
    """
    return _forward(
        cells, threshold, lambda before, after, pair: (after.criterion(2.0), _chance(cells, before, after, pair))
    )


def by_chance(cells: Cells, threshold: float = 0.02) -> Model:
    """Forward selection over terms of two lists by chance (Chan, Silverman and Vincent 2021, section 3.2).

    At each step the pair enters whose number of common cases is least likely under the model so far: the smaller tail of the
    Poisson distribution, while it is under `threshold`. A pair whose model does not exist or is not identifiable is discarded.
    """
    return _forward(cells, threshold, lambda before, after, pair: (_tail(cells, before, pair),) * 2)


def _forward(cells: Cells, threshold: float, judge: Callable[[Fit, Fit, int], tuple[float, float]]) -> Model:
    """The first pair by the order that `judge` gives enters, step by step, until its p, the second number, is too high."""
    now, fitted = MAIN, cells.fit(MAIN)
    while True:
        tried = [(*judge(fitted, cells.fit(now | {pair}), pair), pair) for pair in cells.pairs if pair not in now]
        best = next((t for t in sorted(tried) if cells.sound(now | {t[2]})), None)
        if best is None or best[1] >= threshold:
            return now
        now = now | {best[2]}
        fitted = cells.fit(now)


def _tail(cells: Cells, before: Fit, pair: int) -> float:
    inside = (cells.histories & pair) == pair
    seen, expected = int(cells.counts[inside].sum()), float(before.means[inside].sum())
    return float(min(pdtr(seen, expected), gammainc(seen, expected) if seen else 1.0))


def _chance(cells: Cells, before: Fit, after: Fit, pair: int) -> float:
    """Wald's p of a pair with common cases; a pair with none has no finite parameter, and p is the chance of none."""
    if pair in after.removed:
        return _tail(cells, before, pair)
    place = 1 + cells.size + after.kept.index(pair)
    error = float(after.error[place])
    return 2 * float(ndtr(-abs(float(after.estimate[place])) / error)) if 0 < error < math.inf else 1.0


def most_fits(lists: int) -> int:
    """How many models a search may fit, so that an answer stays under some seconds: fits of eight lists are slow."""
    return 4000 if lists < 8 else 1500


def best_pairs(cells: Cells) -> Model:
    """The set of pairs with the lowest BIC among all 2**(number of pairs) sets, found without fitting them all.

    Branch and bound: a model's deviance is never below that of a model that holds it, so a branch whose fullest model
    is too bad already, with the terms that are sure to be in, is cut off. Raises TooMany beyond `most_fits` models.
    """
    penalty, most = math.log(cells.n), len(cells.known) + most_fits(cells.size)
    best = MAIN
    low = cells.fit(MAIN).criterion(penalty)

    def offer(model: Model) -> None:
        nonlocal best, low
        value = cells.fit(model).criterion(penalty)
        if value < low - 1e-9:
            best, low = model, value

    walked = stepwise(cells)
    offer(walked)
    for pair in sorted(walked):
        offer(walked - {pair})

    def descend(sure: Model, open_: Model) -> None:
        if len(cells.known) > most:
            raise TooMany
        full = cells.fit(sure | open_)
        if full.criterion(penalty) - penalty * len(open_) >= low - 1e-9:
            return
        if not open_:
            offer(sure)
            return
        term = max(open_, key=lambda t: (_weight(cells, full, t), t))
        descend(sure | {term}, open_ - {term})
        descend(sure, open_ - {term})

    descend(MAIN, frozenset(cells.pairs))
    return best


def _weight(cells: Cells, fitted: Fit, term: int) -> float:
    """How much a term seems to matter; steers the search and decides nothing."""
    if term in fitted.removed:
        return 0.0
    place = 1 + cells.size + fitted.kept.index(term)
    error = float(fitted.error[place])
    return abs(float(fitted.estimate[place])) / error if 0 < error < math.inf else 0.0


def hierarchical(size: int) -> list[Model]:
    """All hierarchical models of `size` lists (3 or 4): a term needs every pair inside it; never the fullest term.

    113 for four lists. The term of all lists together can never be told from the hidden number.
    """
    pairs = [sum(1 << i for i in pair) for pair in combinations(range(size), 2)]
    triples = [sum(1 << i for i in triple) for triple in combinations(range(size), 3)] if size > 3 else []
    models = []
    for number in range(2 ** len(pairs)):
        chosen = [pair for i, pair in enumerate(pairs) if number >> i & 1]
        able = [t for t in triples if all(p in chosen for p in pairs if p & t == p)]
        models += [frozenset([*chosen, *more]) for r in range(len(able) + 1) for more in combinations(able, r)]
    return models


def best_orders(cells: Cells) -> Model:
    """The model with the lowest BIC among all hierarchical ones; up to four lists (there are 6,893 models of five)."""
    if cells.size > MOST_LISTS_ALL_ORDERS:
        raise TooMany
    penalty = math.log(cells.n)
    models = hierarchical(cells.size)
    return models[int(np.argmin([cells.fit(m).criterion(penalty) for m in models]))]


SEARCHES: dict[str, Callable[[Cells], Model]] = {
    "main": lambda cells: MAIN,
    "stepwise": stepwise,
    "chance": by_chance,
    "pairs": best_pairs,
    "orders": best_orders,
}
