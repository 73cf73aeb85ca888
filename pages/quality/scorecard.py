"""Scorecard: the state of the region's data on one page, with progress since an earlier edition."""

import streamlit as st

from corridors.catalog import words
from corridors.ui import access, cached, filters


def scorecard(edition: dict, lines: list, before: str | None) -> None:
    """The state of the data on one page, fit for printing."""
    head = ["The region's data", "Now"] + ([f"Edition {before}", "Change"] if before else [])
    rows = [[line.what, line.now] + ([line.before, line.change] if before else []) for line in lines]
    table = "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] + ["---:"] * (len(head) - 1), *rows])
    st.markdown(table)
    st.caption(
        f"Edition {edition['edition_id']}, of {words.day(edition['dated'])}. Counts of figures, not of people; grades say how well a figure is known."
    )


def draw(edition: str) -> None:
    """The choice of an earlier edition, and the scorecard."""
    st.markdown("What the Working Group can build on, and what it cannot yet: in numbers about figures, not about people.")
    before = filters.earlier_edition(edition, "Progress since", usable=lambda id: cached.comparable(access.keyed(id)))
    scorecard(cached.edition_row(edition), cached.scorecard(edition, access.keyed(before) if before else None), before)
