"""Which model of lists: by steps of AIC, by BIC over all sets of pairs, by BIC over all hierarchical orders."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import combinations

import numpy as np
from scipy.special import ndtr

from corridors.statistics.loglinear import Cells, Fit, Model

MAIN: Model = frozenset()
THRESHOLD = 0.05
MOST_LISTS_ALL_ORDERS = 4


class TooMany(Exception):
    """The search would need more fits than are allowed; no answer is better than one from half a search."""


def stepwise(cells: Cells, threshold: float = THRESHOLD) -> Model:
    """Forward selection over terms of two lists by AIC (Silverman 2014; Bales, Hesketh and Silverman 2015).

    At each step the pair that lowers AIC most enters, when its parameter differs from nothing with p under `threshold`
    and the model that it makes exists and is identifiable. p is Wald's for a pair with common cases; a pair with none
    has no finite parameter, and p is the Poisson chance of none when the model expects as many as it does (Chan and
    others 2021).
    """
    now, fitted = MAIN, cells.fit(MAIN)
    while True:
        level, tried = fitted.criterion(2.0), []
        for pair in cells.pairs:
            if pair not in now:
                after = cells.fit(now | {pair})
                if after.criterion(2.0) < level - 1e-9 and _chance(cells, fitted, after, pair) < threshold:
                    tried.append((after.criterion(2.0), pair))
        chosen = next((now | {pair} for _, pair in sorted(tried) if cells.sound(now | {pair})), None)
        if chosen is None:
            return now
        now, fitted = chosen, cells.fit(chosen)


def _chance(cells: Cells, before: Fit, after: Fit, pair: int) -> float:
    if pair in after.removed:
        return math.exp(-float(before.means[(cells.histories & pair) == pair].sum()))
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
    "pairs": best_pairs,
    "orders": best_orders,
}
