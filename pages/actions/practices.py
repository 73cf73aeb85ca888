"""Practices and scenarios: what was tried, with its source, and cases to talk through around a table."""

import streamlit as st

from corridors.ui import cached, contents, filters
from corridors.views.lessons import Entry


def library(entries: tuple[Entry, ...], chosen: str | None, name: str) -> None:
    """Practices or scenarios of a theme, each with the routes that it is tied to."""
    found = [e for e in entries if chosen is None or chosen in e.themes]
    if not found:
        st.info(f"No {name} on this theme is on record.", icon=":material/help:")
    with st.grid(2, min_column_width=380, gap="small"):
        for entry in found:
            with st.container(border=True, height="stretch", gap="xsmall"):
                st.markdown(f"**{entry.title}** :gray-badge[{entry.kind}]\n\n{entry.text}")
                for route_id, route in entry.routes:
                    contents.link("routes", f"{route_id} · {route}", "map", route=route_id)


def draw(edition: str) -> None:
    """Practices, or scenarios, of the theme chosen."""
    kinds = {"practices": "Practices and case studies", "scenarios": "Tabletop scenarios"}
    kind = filters.tabs("Kind", kinds, "practice_part", "practices")
    theme = filters.one_theme(cached.themes_used(edition), "practice_theme")
    if kind == "practices":
        st.caption(
            "What the source says and what is suggested here are told apart. No source says what a practice has changed."
        )
        library(cached.practices(edition), theme, "practice")
    else:
        library(cached.scenarios(edition), theme, "scenario")
