"""Present: one slide of a meeting in the full window; keys and a clicker turn the page."""

import streamlit as st

from corridors.catalog.meetings import Meeting
from corridors.ui import access, cached, own_scripts, plots, slideshow


def _blank() -> None:
    st.session_state[slideshow.BLANK] = not st.session_state.get(slideshow.BLANK, False)


def show(key: str, meeting: Meeting, changed: int) -> None:
    """One slide in the full window with its keys; the next one is made ready once this one is on its way."""
    ceiling, dark, edition = access.ceiling(), plots.dark(), cached.edition()
    count = len(cached.slide_entries(edition, key, changed, ceiling))
    if not count:
        st.title(meeting.title)
        st.info(
            "This agenda has no slide to show. Its faults, if any, are named on the page Meeting.", icon=":material/help:"
        )
        slideshow.standing()
        return
    number = slideshow.number_of(count)
    cached.shows()[slideshow.fit(st.query_params.get("show", ""))] = number
    st.session_state[slideshow.ASKED] = number
    stage = st.container()
    _keys(number, count)  # before the slide: whoever sees it can turn it, also while the rest of the run goes on
    ready = cached.slide(edition, key, changed, number, ceiling, dark)
    st.set_page_config(page_title=f"{number}: {ready.title[:60]} · Corridors")
    stage.html(ready.html)
    own_scripts.show_keys()
    if st.session_state.get(slideshow.BLANK):
        st.html(slideshow.SHEET)
    for other in (number + 1, number - 1):
        if 1 <= other <= count:
            cached.slide(edition, key, changed, other, ceiling, dark)


def _keys(number: int, count: int) -> None:
    """Buttons that keys press: each key needs one of its own, and a clicker sends page up and page down."""
    last = number == count
    with st.container(horizontal=True, horizontal_alignment="right", gap="small", key="keys"):
        for label, shortcut, by, name in (
            ("First", "Home", -count, "first"),
            ("Back", "Left", -1, "back"),
            ("Next", "Right", 1, "next"),
            ("Last", "End", count, "last"),
            ("Clicker back", "PageUp", -1, "up"),
            ("Clicker on", "PageDown", 1, "down"),
        ):
            st.button(
                label,
                key=f"key-{name}",
                shortcut=shortcut,
                on_click=slideshow.step,
                args=(by, count),
                type="tertiary",
                disabled=(last and by > 0) or (number == 1 and by < 0),
            )
        st.button("Blank", key="key-blank", shortcut="B", on_click=_blank, type="tertiary")


if found := slideshow.opened():
    show(*found)
