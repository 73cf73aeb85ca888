"""Planning aid: what a proposed period would look at, and everything on record that helps to plan it."""

from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st

from corridors.catalog import words
from corridors.export import planning_sheet
from corridors.store import labels
from corridors.ui import access, cached, cards, filters, plots
from corridors.views.planning import Aid

STANDING = (
    "For a period that somebody proposes: choose what it would look at, and see who is on the routes, what each has said before, how good "
    "the figures are, and which forums and tools exist. It proposes nothing and commits nobody."
)


def choose(edition: str) -> tuple[str | None, str | None, str | None, str | None]:
    """Origin, destination, form and theme, each in the address."""
    places, themes = cached.corridor_places(edition), cached.action_themes(edition)
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        look = {"filter_mode": "contains", "width": 260}
        origin = filters.choice("From", places, "plan_from", False, placeholder="Any origin", **look)
        destination = filters.choice("To", places, "plan_to", False, placeholder="Any destination", **look)
        form = filters.choice("Form", words.ROUTE_FORM, "plan_form", False, placeholder="Any form", **look)
        theme = filters.choice("Theme", themes, "plan_theme", False, placeholder="Any theme", **look)
    return origin, destination, form, theme


def aid(edition: str, ready: Aid) -> None:
    """Everything gathered, and the sheet."""
    st.header(ready.title)
    label, own_id = access.strictest(), labels.plain(edition)
    access.download(
        "Planning sheet (Word)",
        partial(planning_sheet.of_aid, own_id, ready, label),
        (label,),
        file_name=planning_sheet.file_name(ready, own_id),
        key="sheet",
        mime="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        icon=":material/description:",
    )
    st.subheader("Who is on the routes")
    _listed(
        ready.parties,
        "No member is on a route of this focus. That does not mean that none is concerned.",
        lambda r: f"**{r.Member}**, {r[3]}. On record: {r[4]}.",
    )
    st.caption(planning_sheet.RECORD_NOTE)
    with st.grid(2, min_column_width=380, gap="small"):
        with st.container(border=True, height="stretch", gap="xsmall"):
            st.markdown("**Routes of this focus**")
            _frame(
                ready.routes,
                "routes",
                "None of the routes in public literature fits. That does not mean that there is none.",
            )
        with st.container(border=True, height="stretch", gap="xsmall"):
            st.markdown("**Figures of the corridor and how good they are**")
            _frame(ready.quality, "quality", planning_sheet.NO_FIGURE)
    st.subheader("What is known of the members concerned")
    _listed(
        ready.coverage,
        "No member is concerned by this focus.",
        lambda r: (
            f"**{r.Member}**. "
            + (f"No figure held on: {r[2].lower()}. " if r[2] != "–" else "A figure on every theme. ")
            + f":small[Latest year: {r[3]}]"
        ),
    )
    st.subheader("Forums and tools")
    _listed(
        ready.tools,
        "",
        lambda r: (
            f"**{r[1]}**{' :blue-badge[this theme]' if r[4] == 'yes' else ''}. {r[2]} *Suggested use:* {r[3]} "
            f":small[:gray[{r.Source} · {r.Certainty}]]"
        ),
    )
    st.subheader("Lessons on record")
    st.markdown("\n".join(f"- {lesson}" for lesson in ready.lessons) or "None is on record for this theme.")
    checklist(ready)


def _frame(frame: pd.DataFrame, key: str, empty: str) -> None:
    if frame.empty:
        st.info(empty, icon=":material/help:")
    else:
        plots.table(frame, f"aid-{key}", f"Planning aid: {key}")


def _listed(frame: pd.DataFrame, empty: str, line: Callable[[tuple], str]) -> None:
    """Rows as sentences: a cell of a table would cut them off."""
    if frame.empty:
        st.info(empty, icon=":material/help:")
    else:
        st.markdown("\n".join(f"- {line(row)}" for row in frame.itertuples()))


def checklist(ready: Aid) -> None:
    """The Roundtable's limits as questions; ticking is for the room, the sheet holds the same."""
    st.subheader("Questions to answer before the action")
    st.caption(
        "The Roundtable of 2014 asked for coordination within jurisdiction, sovereignty and privacy law. The sheet holds the same list."
    )
    cards.boxes(f"**{group}**\n\n" + "\n".join(f"- {q}" for q in questions) for group, questions in ready.checklist)


def draw(edition: str) -> None:
    """The choice of what a period would look at, and what is on record for it."""
    st.markdown(STANDING)
    focus = choose(edition)
    if any(focus):
        aid(edition, cached.planning_aid(edition, *focus))
    else:
        st.info("Choose a corridor, a form or a theme. One of them is enough.", icon=":material/tune:")
