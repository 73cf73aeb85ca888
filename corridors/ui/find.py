"""One box that finds members, places, routes, figures, sources, caveats and words, and leads to the right page."""

from __future__ import annotations

import streamlit as st

from corridors.store import labels
from corridors.ui import cached

WANTED = "_wanted"


def draw() -> None:
    """The search box; choosing an entry leads to its page in the same run."""
    st.selectbox(
        "Find",
        list(_offered()),
        label_visibility="collapsed",
        index=None,
        key="find",
        placeholder="Member, place, route, figure, word",
        filter_mode="fuzzy",
        on_change=_chosen,
        icon=":material/search:",
    )


def _offered() -> dict:
    """What may be shared publicly, for every role: the box stands on all pages, and all would have to bear a name's label."""
    return cached.findable(labels.keyed(cached.edition(), "CLEAR"))


def _chosen() -> None:
    label = st.session_state["find"]
    st.session_state["find"] = None
    entry = _offered().get(label)
    if entry:
        for key, value in entry.state.items():
            st.session_state[key] = value
        st.session_state[WANTED] = entry.page


def wanted() -> str | None:
    """The page that was asked for, once."""
    return st.session_state.pop(WANTED, None)
