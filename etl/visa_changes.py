"""Dated changes of visa rules, as editors list them: a checked table. Every fault is named with row, column and cure."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from corridors.catalog import Catalog
from corridors.problems import Problem, Refused
from etl.routes_table import is_day, open_table

COLUMNS = ["destination", "origin", "since", "change", "what", "publisher", "title", "address", "not_followed"]
CHANGES = ("eased", "tightened")


class VisaChangesRefused(Refused):
    """The list of changes of visa rules has faults; nothing of it was taken over."""

    heading = "The changes of visa rules were not taken over. These must be fixed first:"


def tables(folder: Path, vocabulary: Catalog) -> dict[str, pd.DataFrame]:
    """The frame of `visa_change`. Raises VisaChangesRefused."""
    problems: list[Problem] = []
    table = open_table(folder / "changes.csv", COLUMNS, "visas", problems)
    if table is None:
        raise VisaChangesRefused(problems)
    frame = table.frame
    table.filled(["what", "publisher", "title"])
    for end in ("destination", "origin"):
        table.one_of(end, vocabulary.countries, "Use the code of ISO 3166, such as THA.", "a country's code")
    table.one_of("change", CHANGES)
    whole = frame.since + frame.since.str.len().eq(len("2025-01")).map({True: "-01", False: ""})
    table.report(
        ~whole.map(is_day),
        "since",
        "no day of the calendar",
        "a day such as 2025-01-31, or a month such as 2025-01",
        "Say from when the rule held.",
    )
    table.pattern("address", r"https?://[^\s/]+/\S*", "the address of a page")
    ends = frame[["destination", "origin"]]
    outside = ~ends.isin(vocabulary.members).any(axis=1) & ends.isin(vocabulary.countries).all(axis=1)
    table.report(outside, "origin", "two places that are no members", "a member at one end at least", "Remove the row.")
    table.report(
        frame.destination.eq(frame.origin) & (frame.origin != ""),
        "origin",
        "the destination itself",
        "another place",
        "Mend it.",
    )
    table.unique(["destination", "origin", "since"])
    table.no_persons()
    if table.problems:
        raise VisaChangesRefused(table.sorted_problems())
    named = frame.rename(columns={end: f"{end}_iso3" for end in ends}).drop(columns="_row")
    return {"visa_change": named.assign(year=frame.since.str[:4].astype(int))}
