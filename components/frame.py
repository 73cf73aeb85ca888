"""What stands around every page: the edition line, the member chooser, the TLP mark, and the last word when data is gone."""

from __future__ import annotations

import streamlit as st

from catalog import Catalog, words
from store import editions

from . import cached, filters


def stop_without_edition() -> None:
    """Stops the page with the cure when no edition can be read."""
    try:
        cached.edition()
    except editions.NoEdition as fault:
        st.title("Corridors")
        st.error(f"There is nothing to show yet. {fault}", icon=":material/database_off:")
        st.stop()


def draw_head(vocabulary: Catalog) -> None:
    """Edition and TLP mark in the sidebar; the member chooser above the page, so that it is one tap away on a tablet."""
    edition = cached.edition_row(cached.edition())
    oldest = edition["oldest"]
    with st.sidebar:
        st.markdown("**Corridors**  \n:small[Migration-crime figures for the Bali Process Working Group]")
        st.badge("TLP:CLEAR", color="gray", help="Traffic Light Protocol 2.0: everything in this edition may be shared publicly.")
        st.caption(
            f"Edition of {words.day(edition['dated'])} · {edition['sources']} sources · oldest input: {oldest['publisher']}, "
            f"released {oldest['released']:%B %Y}"
        )
        filters.draw_intervals()
    filters.draw_member(vocabulary)


def draw_foot() -> None:
    """The label at the foot of the page and the standing line on boundaries."""
    edition = cached.edition_row(cached.edition())
    st.caption(
        f"TLP:CLEAR · Corridors, edition {edition['edition_id']} · Names and groupings imply no opinion on the status of any "
        "territory or boundary."
    )
