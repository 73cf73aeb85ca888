"""What stands around every page: the edition line, the member chooser, the TLP mark, and the last word when data is gone."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from corridors.catalog import Catalog, tlp, words
from corridors.catalog.roles import Role
from corridors.store import editions, labels
from corridors.ui import access, cached, filters, find, sign_in


def stop_without_edition() -> None:
    """Stops the page with the cure when no edition can be read."""
    try:
        cached.edition()
    except editions.NoEdition as fault:
        st.title("Corridors")
        st.error(f"There is nothing to show yet. {fault}", icon=":material/database_off:")
        st.stop()


def draw_head(vocabulary: Catalog, role: Role) -> DeltaGenerator:
    """The place of the TLP mark, which `draw_foot` fills in once it is known what the page contains.

    Draws edition and role in the sidebar, and the member chooser above the page, one tap away on a tablet.
    """
    edition = cached.edition_row(cached.edition())
    oldest = edition["oldest"]
    if trouble := editions.trouble():
        st.warning(f"Not the edition that was meant: {trouble}", icon=":material/history:")
    with st.sidebar:
        st.markdown("**Corridors**  \n:small[Migration-crime figures for the Bali Process Working Group]")
        place = st.empty()
        st.caption(
            f"Edition of {words.day(edition['dated'])} · {edition['sources']} sources · oldest input: {oldest['publisher']}, "
            f"released {oldest['released']:%B %Y}"
        )
        filters.draw_intervals()
        filters.draw_edition()
        share()
        sign_in.line(role)
    chooser, finder = st.columns([3, 2], gap="small")
    with chooser:
        filters.draw_member(vocabulary)
    with finder:
        find.draw()
    return place


def share() -> None:
    """The address of what is on screen, to be copied: with the newest figures, or held on this edition."""
    with st.popover("Share this view", icon=":material/link:", on_change="rerun", key="share") as box:
        if box.open:
            query = {k: v for k in st.query_params if k != "edition" for v in [st.query_params.get_all(k)]}
            base = (st.context.url or "").split("?")[0]
            st.caption("With the newest figures")
            st.code(address(base, query), language=None, wrap_lines=True)
            st.caption("With exactly these figures, for as long as the edition is kept")
            st.code(address(base, query | {"edition": [labels.plain(cached.edition())]}), language=None, wrap_lines=True)


def address(base: str, query: dict[str, list[str]]) -> str:
    """A full address with its choices."""
    return base + (f"?{urlencode(query, doseq=True)}" if query else "")


def draw_foot(place: DeltaGenerator) -> None:
    """The page's label, in the sidebar and at its foot, and the standing line on boundaries."""
    edition, mark = cached.edition_row(cached.edition()), access.mark()
    means = f"Traffic Light Protocol 2.0: what this page contains {tlp.MEANS[mark.removeprefix('TLP:')]}."
    place.badge(mark, color="gray" if mark == "TLP:CLEAR" else "orange", help=means)
    st.caption(
        f"{mark} · Corridors, edition {edition['edition_id']} · Names and groupings imply no opinion on the status of any "
        "territory or boundary."
    )
