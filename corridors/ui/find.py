"""One box that finds members, routes, places, figures, words and pages, and leads to the right page."""

import streamlit as st

from corridors.store import labels
from corridors.ui import access, cached, contents, filters
from corridors.views.find import Answer, search

WANTED = "_wanted"
HERE = "_found_on"  # the page on which the question was asked: what was found goes when the visitor goes on


def draw() -> None:
    """The search box: a text and Enter; `draw_answers` shows what was found."""
    st.text_input(
        "Find",
        key="find",
        label_visibility="collapsed",
        placeholder="Find a name or word",
        icon=":material/search:",
        on_change=_asked,
    )


def draw_answers(page: str) -> None:
    """What was found for the text in the box, by kind, the best first; each is one tap away. Gone on another page."""
    text = (st.session_state.get("find") or "").strip()
    if not text:
        return
    if st.session_state.setdefault(HERE, page) != page:
        st.session_state[HERE] = None  # nor does it come back with the page
        return
    with st.container(border=True, gap="xsmall", key="found"):
        found = search(cached.findable(labels.keyed(cached.edition(), "CLEAR")), text)
        rows = [(group, [a for a in answers if access.may_open(a.page)]) for group, answers in found.items()]
        rows = [row for row in rows if row[1]] or [("Nothing here is called that. Try a country, a crime, a word.", [])]
        for n, (group, answers) in enumerate(rows):
            with st.container(horizontal=True, gap="small", vertical_alignment="center"):
                st.caption(group, width=130 if answers else "content")
                for answer in answers:
                    st.button(answer.label, key=f"found-{answer.key}", on_click=_chosen, args=(answer,))
                if n == len(rows) - 1:
                    filters.step("Close", clear, key="found-close", icon="close")


def clear() -> None:
    """Empties the box."""
    st.session_state["find"] = ""
    st.session_state.pop(HERE, None)


def _asked() -> None:
    st.session_state.pop(HERE, None)


def _chosen(answer: Answer) -> None:
    clear()
    entry, part = contents.place(answer.page)
    leads = part or next(iter(entry.parts), None)
    for key, value in (({entry.choice: leads.id} if leads else {}) | dict(answer.state)).items():
        st.session_state[key] = value
    st.session_state[WANTED] = contents.file_of(answer.page)


def wanted() -> str | None:
    """The page that was asked for, once."""
    return st.session_state.pop(WANTED, None)
