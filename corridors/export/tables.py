"""Figures as CSV to take away, safe to open in a spreadsheet."""

import csv
import io
import math
from collections.abc import Iterable
from numbers import Integral, Real

import pandas as pd

from corridors.catalog import words
from corridors.catalog.tlp import strictest
from corridors.catalog.uses import ANSWERS
from corridors.views import cases

COLUMNS = {
    "place": "place",
    "iso3": "place_code",
    "partner": "other_end",
    "partner_iso3": "other_end_code",
    "indicator": "indicator",
    "unit_many": "counted_unit",
    "period_start": "period_start",
    "period_end": "period_end",
    "sex": "sex",
    "age": "age",
    "form": "form_of_exploitation",
    "value": "value",
    "lower": "lower_bound",
    "upper": "upper_bound",
    "status": "status",
    **{f"use_{use}": f"use_{use}" for use in ANSWERS},
    "grade": "grade",
    "grade_reason": "grade_reason",
    "caveats": "caveats",
    "route_id": "route",
    "what": "what_is_counted",
    "unit": "counted_in",
    "bound_note": "bound",
    "period_text": "period",
    "source": "source",
    "conflict": "where_sources_differ",
    "note": "note",
    "verified": "checked_at_the_issuing_body",
    "publisher": "publisher",
    "source_title": "source",
    "source_edition": "source_edition",
    "source_ref": "source_reference",
    "provider_label": "publishers_wording",
    "tlp": "tlp",
}


def safe(cell) -> str | int | float:
    """The cell as a spreadsheet may show it: numbers stay numbers, text that would run as a formula is disarmed."""
    if cell is None or cell is pd.NA or cell is pd.NaT or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    if isinstance(cell, Real):
        return int(cell) if isinstance(cell, Integral) or float(cell).is_integer() else float(cell)
    return words.disarmed(str(cell))


def csv_bytes(rows: pd.DataFrame, edition_id: str, about: str) -> bytes:
    """The rows as UTF-8 CSV (with the mark that Excel needs), headed by what it is, the edition, and the TLP label.

    `rows` are rows of `figure_annotated`; columns that it lacks are left out. The lines at top and bottom carry the label.
    """
    names = [c for c in COLUMNS if c in rows.columns]
    cells = ([_cell(value) for value in row] for row in rows[names].itertuples(index=False))
    head = [about, f"Corridors, edition {edition_id}", "An empty value with bounds is masked or a range; it is not zero."]
    return _written(rows.tlp if "tlp" in rows else ["not known"], head, [COLUMNS[c] for c in names], cells)


def _written(tlp: Iterable[str], head: list[str], columns: list[str], cells: Iterable[list]) -> bytes:
    """A table with its head between two lines that carry the label."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    label = "TLP:" + strictest(tlp)
    writer.writerows([safe(line)] for line in [label, *head])
    writer.writerow(columns)
    writer.writerows(cells)
    writer.writerow([label])
    return ("\ufeff" + buffer.getvalue()).encode("utf-8")


def _cell(value):
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if hasattr(value, "__iter__") and not isinstance(value, str):
        return safe(" ".join(map(str, value)))
    return safe(value)


def case_csv(held: cases.Dataset, found: cases.View, edition_id: str) -> bytes:
    """The table as UTF-8 CSV, headed by its label, title, source, unit, method and what it cannot say."""
    head = [
        found.title,
        f"{held.limits.source}, {held.period}",
        f"Corridors, edition {edition_id}",
        held.method,
        held.means,
        f"{words.GRADE[held.limits.grade]}. {held.limits.grade_reason}.",
        f"{held.limits.most_serious}.",
    ]
    names = [d for d in found.rows.columns if d in cases.LABELS]
    cells = (
        [*map(safe, cell), *(["", held.instead] if pd.isna(value) else [int(value), "reported"])]
        for *cell, value in found.rows[[*names, "value"]].itertuples(index=False)
    )
    return _written([held.tlp], head, [*names, "value", "status"], cells)
