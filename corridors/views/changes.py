"""What changed between two editions, made ready: in sentences, by member and theme, and figure by figure; or why there is none."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from corridors.export import changes, faults

SENTENCES, MOST = 8, 1000  # as many as one reads out, and as a tablet can scroll
COLUMNS = {"member": "Member", "title": "Theme", "new": "New", "revised": "Revised", "withdrawn": "Withdrawn"}


@dataclass(frozen=True)
class Changed:
    """All that is shown of a comparison; the whole of it may be as large as an edition and is not kept."""

    summary: str
    sentences: tuple[str, ...]
    counts: pd.DataFrame  # by member and theme
    rows: pd.DataFrame  # the first of the changed figures in words, newest first
    figures: int  # how many there are in all


def between(first: str, second: str, iso3: str | None) -> Changed | str:
    """The comparison of two editions, for one member or all; in words why they cannot be compared, where they cannot."""
    try:
        found = changes.between(first, second, iso3)
    except faults.NotComparable as refusal:
        return str(refusal)
    return Changed(
        changes.summary(found),
        tuple(changes.sentences(found, SENTENCES)),
        found.counts[list(COLUMNS)].rename(columns=COLUMNS),
        listed(found.rows),
        len(found.rows),
    )


def listed(rows: pd.DataFrame) -> pd.DataFrame:
    """Changed figures in words, newest first; both sides with period and status."""
    rows = rows.sort_values("year", ascending=False).head(MOST)
    return pd.DataFrame(
        {
            "Change": rows.kind,
            "Figure": rows.indicator,
            "Place": rows.place,
            "From or to": rows.partner.fillna("–"),
            "Year": rows.year.astype(int),
            "Before": rows.before.where(rows.before != "", "–"),
            "Now": rows.after.where(rows.after != "", "–"),
            "Counted": rows.unit_many,
            "Why": rows.reason,
            "Publisher": rows.publisher,
        }
    )
