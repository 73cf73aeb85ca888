"""The attack itself: it must bring back what careless hiding leaves, and fail on nothing that is really hidden."""

from math import inf

import numpy as np
import pandas as pd
import pytest

from tools import attack

TABLE = np.array([[23, 17, 3, 9], [14, 31, 8, 6], [11, 7, 12, 26], [19, 13, 7, 15]])


def told(cells: dict[tuple, int | None], names: list[str]) -> pd.DataFrame:
    """Cells with exact counts, or hidden where None: all that the reader knows."""
    return pd.DataFrame(
        [
            dict(zip(names, cell)) | {"lower": 0 if n is None else n, "upper": inf if n is None else n}
            for cell, n in cells.items()
        ]
    )


def test_one_hidden_cell_comes_back_from_row_and_column_totals():
    """Hiding the only 3 of a table protects nobody: it is found to the person."""
    cells = {(r, c): None if TABLE[r, c] == 3 else int(TABLE[r, c]) for r in range(4) for c in range(4)}
    cells |= {(r, None): int(TABLE[r].sum()) for r in range(4)} | {(None, c): int(TABLE[:, c].sum()) for c in range(4)}
    hidden = pd.DataFrame([{"row": 0, "column": 2}])
    found = attack.attack(told(cells, ["row", "column"]), hidden, ["row", "column"])
    assert found[["lower", "upper"]].values.tolist() == [[3, 3]]


def test_all_small_cells_hidden_still_give_one_back():
    """Everything under 11 hidden, the totals shown: the fourth row's only hidden cell is a subtraction."""
    cells = {(r, c): None if TABLE[r, c] < 11 else int(TABLE[r, c]) for r in range(4) for c in range(4)}
    cells |= {(r, None): int(TABLE[r].sum()) for r in range(4)} | {(None, c): int(TABLE[:, c].sum()) for c in range(4)}
    hidden = pd.DataFrame([{"row": 3, "column": 2}])
    found = attack.attack(told(cells, ["row", "column"]), hidden, ["row", "column"]).iloc[0]
    assert (found.lower, found.upper) == (7, 7)


def test_views_that_are_each_safe_undo_one_another():
    """Total, women and men, each with its small counts hidden: 40 − 34 gives the hidden women back."""
    cells = {(None, "x"): 40, ("men", "x"): 34, ("women", "x"): None}
    found = attack.attack(told(cells, ["sex", "form"]), pd.DataFrame([{"sex": "women", "form": "x"}]), ["sex", "form"])
    assert found[["lower", "upper"]].values.tolist() == [[6, 6]]


def test_the_edition_before_gives_back_what_the_new_one_hides():
    """Published as 12 last time, records were only added: now it is at least 12, whatever is hidden today."""
    names, cell = ["form"], pd.DataFrame([{"form": "x"}])
    before, now = (
        told({("x",): 12, ("y",): None, (None,): 20}, names),
        told({("x",): None, ("y",): None, (None,): 23}, names),
    )
    assert attack.attack(now, cell, names)[["lower", "upper"]].values.tolist() == [[0, 23]]
    assert attack.attack([before, now], cell, names)[["lower", "upper"]].values.tolist() == [[12, 15]]


def test_noise_on_totals_leaves_the_hidden_cell_open():
    names, rows = ["sex"], [("women", 0, 14), ("men", 28, 40), (None, 34, 46)]
    tables = pd.DataFrame([{"sex": sex, "lower": low, "upper": high} for sex, low, high in rows])
    found = attack.attack(tables, pd.DataFrame([{"sex": "women"}]), names).iloc[0]
    assert (found.lower, found.upper) == (0, 14)


def test_a_cell_about_which_nothing_is_said_is_open_upwards():
    found = attack.attack(told({("a",): 3}, ["x"]), pd.DataFrame([{"x": None}]), ["x"]).iloc[0]
    assert found.lower == 3 and found.upper == 3
    two = told({("a",): 3, ("b",): None}, ["x"])
    assert attack.attack(two, pd.DataFrame([{"x": "b"}]), ["x"]).upper[0] == inf


def test_tables_that_contradict_each_other_are_said_and_not_solved():
    impossible = told({("a",): 3, ("b",): 4, (None,): 5}, ["x"])
    with pytest.raises(attack.Contradiction):
        attack.attack(impossible, pd.DataFrame([{"x": "a"}]), ["x"])
