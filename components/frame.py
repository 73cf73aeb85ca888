"""What stands around every page: the edition line, the member chooser, the TLP mark, and the last word when data is gone."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from catalog import Catalog, words
from store import editions

from . import cached, filters, find


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
        filters.draw_edition()
        share()
    chooser, finder = st.columns([3, 2], gap="small")
    with chooser:
        filters.draw_member(vocabulary)
    with finder:
        find.draw()


def share() -> None:
    """The address of what is on screen, to be copied: with the newest figures, or held on this edition."""
    with st.popover("Share this view", icon=":material/link:", on_change="rerun", key="share") as box:
        if box.open:
            query = {k: v for k in st.query_params if k != "edition" for v in [st.query_params.get_all(k)]}
            base = (st.context.url or "").split("?")[0]
            st.caption("With the newest figures")
            st.code(address(base, query), language=None, wrap_lines=True)
            st.caption("With exactly these figures, for as long as the edition is kept")
            st.code(address(base, query | {"edition": [cached.edition()]}), language=None, wrap_lines=True)


def address(base: str, query: dict[str, list[str]]) -> str:
    """A full address with its choices."""
    return base + (f"?{urlencode(query, doseq=True)}" if query else "")


def draw_foot() -> None:
    """The label at the foot of the page and the standing line on boundaries."""
    edition = cached.edition_row(cached.edition())
    st.caption(
        f"TLP:CLEAR · Corridors, edition {edition['edition_id']} · Names and groupings imply no opinion on the status of any "
        "territory or boundary."
    )
