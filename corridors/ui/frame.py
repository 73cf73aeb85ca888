"""What stands around every page: the edition line, the member chooser, the TLP mark, and the last word when data is gone."""

from collections.abc import Callable, Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from corridors.catalog import Catalog, tlp
from corridors.catalog.roles import Role
from corridors.store import editions, labels, replica
from corridors.ui import access, cached, contents, filters, find, own_scripts, sign_in


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

    One line above the page: product, label and edition; member chooser and search; edition, sharing and role in one menu.
    """
    edition = cached.edition_row(cached.edition())
    oldest = edition["oldest"]
    if trouble := editions.trouble():
        st.warning(f"Not the edition that was meant: {trouble}", icon=":material/history:")
    if behind := replica.behind():
        st.warning(behind, icon=":material/cloud_off:")
    if draft := access.draft():
        with st.container(horizontal=True, vertical_alignment="center", border=True, key="draft-band"):
            st.markdown(f":orange-badge[Draft] **Nobody else sees these figures yet.** {draft}", width="content")
            contents.link("desk", "Back to the desk", "inbox", desk="draft")
            st.button("Leave the draft", type="tertiary", icon=":material/close:", on_click=filters.look_at, args=(None,))
    name, chooser, finder, menu = st.columns([4.4, 4, 3.6, 1.9], gap="small", vertical_alignment="center")
    with name, st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown("**Corridors**", width="content")
        place = st.empty()
        st.caption(f"Edition of {edition['dated']:%-d %b %Y}", width="content")
    with chooser:
        filters.draw_member(vocabulary)
    with finder:
        find.draw()
    with menu, st.popover("Menu", width="stretch"):
        st.caption(
            f"Migration-crime figures for the Bali Process Working Group. {edition['sources']} sources; oldest input: "
            f"{oldest['publisher']}, released {oldest['released']:%B %Y}"
        )
        filters.draw_intervals()
        filters.draw_edition()
        share()
        sign_in.line(role)
    return place


def opened(name: str) -> bool:
    """Whether the viewer's role opens what has this name in the table of roles; noted, and said where it does not."""
    allowed = access.may_open(name)
    access.log_visit(name, allowed, cached.edition())
    if not allowed:
        sign_in.closed_page()
    return allowed


def draw_parts(name: str, draw: Mapping[str, Callable[[str], None]]) -> None:
    """A page's title, its parts, each one tap away, and the part that is chosen; `draw` holds what draws each, by its id.

    Called by the page, not by the front door: Streamlit carries the choices of the front door on to other pages. Parts that
    the viewer's role does not open are not offered.
    """
    entry, named = contents.entry_of(name), st.query_params.get(contents.entry_of(name).choice)
    may = {part: access.may_open(part.of or name) for part in entry.parts}
    shown = {part.id: part for part in entry.parts if may[part]}
    refused = [part.of or name for part in entry.parts if not may[part] and named in (part.id, part.title)]
    if refused or not shown:
        opened((refused or [name])[0])
        return
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        st.title(entry.title, width="content")
        first = next(iter(shown))
        chosen = filters.tabs("Part", {key: part.title for key, part in shown.items()}, entry.choice, first)
    if chosen != first:
        st.set_page_config(page_title=f"{shown[chosen].title} · Corridors")
    st.session_state["_part"] = chosen
    if opened(shown[chosen].of or name):
        draw[chosen](cached.edition())


def share() -> None:
    """The address of what is on screen, to be copied: with the newest figures, or held on this edition."""
    with st.expander("Share this view", icon=":material/link:", on_change="rerun", key="share") as box:
        if box.open:
            st.caption("With the newest figures")
            st.code(filters.address_of_view(), language=None, wrap_lines=True)
            st.caption("With exactly these figures, for as long as the edition is kept")
            st.code(filters.address_of_view(labels.plain(cached.edition())), language=None, wrap_lines=True)


def draw_foot(place: DeltaGenerator) -> None:
    """The page's label, at its head and at its foot, and the standing line on boundaries."""
    edition, mark = cached.edition_row(cached.edition()), access.mark()
    means = f"Traffic Light Protocol 2.0: what this page contains {tlp.MEANS[mark.removeprefix('TLP:')]}."
    if not filters.holds_on():
        own_scripts.newer(labels.plain(cached.edition()))
    place.badge(mark, color="gray" if mark == "TLP:CLEAR" else "orange", help=means)
    st.caption(
        f"{mark} · Corridors, edition {edition['edition_id']} · Names and groupings imply no opinion on the status of any "
        "territory or boundary."
    )
