"""What changed between two editions, made ready: the comparison or why there is none, and the list of changed figures."""

from __future__ import annotations

import pandas as pd

from takeaway import changes, faults


def between(first: str, second: str, iso3: str | None) -> changes.Changes | str:
    """The comparison of two editions, for one member or all; in words why they cannot be compared, where they cannot."""
    try:
        return changes.between(first, second, iso3)
    except faults.NotComparable as refusal:
        return str(refusal)


def listed(rows: pd.DataFrame, most: int = 1000) -> pd.DataFrame:
    """Changed figures in words, newest first, at most so many as a tablet can scroll; both sides with period and status."""
    rows = rows.sort_values("year", ascending=False).head(most)
    return pd.DataFrame({
        "Change": rows.kind, "Figure": rows.indicator, "Place": rows.place, "From or to": rows.partner.fillna("–"),
        "Year": rows.year.astype(int), "Before": rows.before.where(rows.before != "", "–"), "Now": rows.after.where(rows.after != "", "–"),
        "Counted": rows.unit_many, "Why": rows.reason, "Publisher": rows.publisher,
    })  # fmt: skip
