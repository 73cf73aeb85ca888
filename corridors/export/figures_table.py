"""Figures as a table to take away: the columns of a workbook, in words and as numbers, with all that must be said with each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pandas as pd

from corridors import catalog
from corridors.catalog import WORLD, words
from corridors.catalog.uses import ANSWERS

SCORES = ("coverage", "method", "source", "agreement")


@dataclass(frozen=True)
class Column:
    """One column: its heading, how it is read from a row of `figure_annotated`, its width in characters."""

    name: str
    read: Callable
    width: int = 14


def _score(name: str) -> Callable:
    return lambda r: getattr(r, f"{name}_score", None)


def _use(name: str) -> Callable:
    return lambda r: getattr(r, f"use_{name}", None)


COLUMNS = (
    Column("indicator", lambda r: r.indicator, 40),
    Column("place", lambda r: "All places" if r.iso3 == WORLD else r.place, 26),
    Column("place_code", lambda r: r.iso3, 10),
    Column("other_end", lambda r: r.partner, 26),
    Column("other_end_code", lambda r: r.partner_iso3, 14),
    Column("period", lambda r: words.period(r.period_start, r.period_end, r.stock_or_flow), 24),
    Column("year", lambda r: r.year, 7),
    Column("sex", lambda r: r.sex, 10),
    Column("age", lambda r: r.age, 10),
    Column("form", lambda r: r.form, 20),
    Column("told", words.figure, 16),
    Column("value", lambda r: None if r.status == "masked" else r.value, 14),
    Column("lower", lambda r: r.lower, 12),
    Column("upper", lambda r: r.upper, 12),
    Column("counted_unit", lambda r: r.unit_many, 16),
    Column("status", lambda r: catalog.load().statuses[r.status].label, 16),
    Column("publisher", lambda r: r.publisher, 22),
    Column("source", lambda r: f"{r.source_title}, {r.source_edition}", 40),
    Column("source_reference", lambda r: r.source_ref, 30),
    Column("publishers_wording", lambda r: r.provider_label, 30),
    *(Column(f"use_{use}", _use(use), 12) for use in ANSWERS),
    Column("grade", lambda r: r.grade, 7),
    Column("grade_reason", lambda r: r.grade_reason, 36),
    *(Column(f"score_{name}", _score(name), 12) for name in SCORES),
    Column("caveats", lambda r: " ".join(r.caveats), 24),
    Column("licence", lambda r: getattr(r, "licence", None), 24),
    Column("tlp", lambda r: r.tlp, 12),
)


def lines(rows: pd.DataFrame) -> Iterator[list]:
    """The rows of `figure_annotated` as lists of cells in the order of COLUMNS: text, a number, or None for an empty cell."""
    for row in rows.itertuples():
        yield [_plain(column.read(row)) for column in COLUMNS]


def _plain(cell):
    """The cell as text, a finite number or None."""
    if words.missing(cell) or cell is pd.NaT:
        return None
    if isinstance(cell, str):
        return cell
    number = float(cell)
    return int(number) if number.is_integer() else number
