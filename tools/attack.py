"""Attacks on protected tables: what an outsider can work out who has every number that is shown, and all published rules.

`attack`: everything that was shown is written down as linear bounds on the full cross-classification of the records, which
the outsider does not see; linear programming then finds how far each hidden count is pinned down. It reaches what
subtraction, sums over several tables and a look at the edition before can reach together. `whole_persons`: who is known by
one or two attributes, and what the tables say of everything else. `of_one_record`: what two sets of tables that differ by
one record say of it. `python -m tools.bench.attack` prints what they find.
"""

import itertools
from math import ceil, floor, inf, prod

import numpy as np
import pandas as pd
from scipy import optimize, sparse

EXACT = 1e-6  # a bound this near to a whole number is that number


class Contradiction(Exception):
    """No records at all could lie behind these tables: the bounds given to the attack are wrong."""


def attack(tables: pd.DataFrame | list[pd.DataFrame], unknown: pd.DataFrame, dimensions: list[str]) -> pd.DataFrame:
    """The rows of `unknown` with the `lower` and `upper` that an outsider can prove, in whole persons.

    `tables` is one frame of everything shown, or one for each edition, oldest first: a column per dimension (null = all
    values together) and `lower` and `upper`, the bounds of the true count behind what was shown (equal where it is
    exact; infinite where nothing is known). A later edition holds the records of the one before and perhaps more.
    `unknown` names cells of the last edition in the same columns. Raises Contradiction.
    """
    editions = [tables] if isinstance(tables, pd.DataFrame) else tables
    categories = {d: sorted({v for f in [*editions, unknown] for v in f[d].dropna()}) for d in dimensions}
    # every edition adds one block of unknown whole tables: its own new records
    size = prod(len(values) for values in categories.values())
    rows, lower, upper = [], [], []
    for n, frame in enumerate(editions):
        for cell, low, high in zip(_cells(frame, dimensions), frame.lower, frame.upper):
            members = _members(cell, categories)
            rows.append(np.concatenate([members + block * size for block in range(n + 1)]))
            lower.append(low)
            upper.append(high)
    width = size * len(editions)
    matrix = _incidence(rows, width)
    low, high = np.array(lower, dtype=float), np.array(upper, dtype=float)
    known_high, known_low = np.isfinite(high), low > 0
    bounds = sparse.vstack([matrix[known_high], -matrix[known_low]]).tocsr()
    limits = np.concatenate([high[known_high], -low[known_low]])
    found = []
    for cell in _cells(unknown, dimensions):
        members = _members(cell, categories)
        goal = np.zeros(width)
        goal[np.concatenate([members + block * size for block in range(len(editions))])] = 1
        found.append((_extreme(goal, bounds, limits), -_extreme(-goal, bounds, limits)))
    return unknown.assign(
        lower=[int(ceil(a - EXACT)) for a, _ in found], upper=[b if b == inf else int(floor(b + EXACT)) for _, b in found]
    )


def _cells(frame: pd.DataFrame, dimensions: list[str]) -> list[tuple]:
    return list(frame[dimensions].astype(object).where(frame[dimensions].notna(), None).itertuples(index=False, name=None))


def _members(cell: tuple, categories: dict[str, list]) -> np.ndarray:
    """The positions of the full table that a cell sums over; a value that no table names has none."""
    lengths = [len(values) for values in categories.values()]
    chosen = [range(len(v)) if at is None else [v.index(at)] for at, v in zip(cell, categories.values())]
    return np.array([np.ravel_multi_index(place, lengths) for place in itertools.product(*chosen)], dtype=int)


def _incidence(rows: list[np.ndarray], width: int) -> sparse.csr_matrix:
    lengths = [len(row) for row in rows]
    return sparse.csr_matrix(
        (np.ones(sum(lengths)), np.concatenate(rows), np.concatenate([[0], np.cumsum(lengths)])), shape=(len(rows), width)
    )


def _extreme(goal: np.ndarray, bounds: sparse.csr_matrix, limits: np.ndarray) -> float:
    """The least value of goal · x for whole tables x of at least nobody that respect the bounds."""
    answer = optimize.linprog(goal, A_ub=bounds, b_ub=limits, bounds=(0, None), method="highs")
    if answer.status == 3:
        return -inf
    if answer.status != 0:
        raise Contradiction("no records could lie behind what is shown: the bounds given to the attack are wrong")
    return float(answer.fun)


def inferred(d: int, threshold: int, most: int) -> pd.DataFrame:
    """What a reader who knows the rules can infer: shown (NaN = withheld), lower and upper of the true count; up to `most`.

    An upper bound on what is known: that the fewest people are withheld whatever the noise makes it wider, never narrower.
    """
    rows = [(np.nan, 0, threshold + d - 1)]
    rows += [(shown, max(shown - d, 1), shown + d) for shown in range(threshold, most + 1)]
    return pd.DataFrame(rows, columns=["shown", "lower", "upper"])


def _shown_by_cell(cube: pd.DataFrame, names: list[str]) -> dict[frozenset, int]:
    """Each shown cell as the set of its (dimension, value) pairs → its number."""
    return {
        frozenset((n, v) for n, v in zip(names, row) if pd.notna(v)): int(value)
        for *row, value in cube[[*names, "value"]].itertuples(index=False)
    }


def whole_persons(cube: pd.DataFrame, records: pd.DataFrame, names: list[str]) -> tuple[int, int]:
    """How many persons are singled out, and how many of them are read whole and rightly.

    Singled out: a cell of one or two attributes is shown although one person alone is in it. Read whole: for each other
    attribute exactly one value is shown beside it, and it is theirs. `cube`: shown cells, a column a dimension (null = all)
    and `value`; `records`: the truth, in the same columns.
    """
    shown = _shown_by_cell(cube, names)
    singled = whole = 0
    done = set()
    for by in [c for n in (1, 2) for c in itertools.combinations(names, n)]:
        alone = records[~records.duplicated(list(by), keep=False)]
        for at, person in alone.iterrows():
            known = frozenset((n, person[n]) for n in by)
            if at in done or known not in shown:
                continue
            done.add(at)
            singled += 1
            others = [n for n in names if n not in by]
            read = [[v for v in records[n].unique() if known | {(n, v)} in shown] for n in others]
            whole += all(values == [person[n]] for n, values in zip(others, read))
    return singled, whole


def of_one_record(before: pd.DataFrame, after: pd.DataFrame, names: list[str], record: dict) -> int:
    """How many attributes of a record that was added between two cubes can be read rightly from what changed.

    For each dimension the value whose cells changed most often is taken; it is read where no other changed as often.
    """
    old, new = _shown_by_cell(before, names), _shown_by_cell(after, names)
    moved = [cell for cell in old.keys() | new.keys() if old.get(cell) != new.get(cell)]
    right = 0
    for name in names:
        votes = pd.Series([dict(cell)[name] for cell in moved if name in dict(cell)], dtype=object).value_counts()
        right += len(votes) > 0 and votes.index[0] == record[name] and (len(votes) == 1 or votes.iloc[0] > votes.iloc[1])
    return right
