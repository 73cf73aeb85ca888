"""Speaker's notes: what to say with the slide on screen, how long, and what comes next."""

import time
from datetime import datetime
from zoneinfo import ZoneInfo

import streamlit as st

from corridors.catalog import tlp, words
from corridors.catalog.meetings import Meeting
from corridors.ui import access, cached, plots, slideshow


def notes(key: str, meeting: Meeting, changed: int) -> None:
    """Note, minutes and what comes next for the slide on screen; follows the show of the same key."""
    ceiling, edition = access.ceiling(), cached.edition()
    entries = cached.slide_entries(edition, key, changed, ceiling)
    if not entries:
        st.title("Speaker's notes")
        st.info("This agenda has no slide to show.", icon=":material/help:")
        slideshow.standing()
        return
    show_key = slideshow.fit(st.query_params.get("show", ""))
    number = slideshow.number_of(len(entries))
    st.session_state[slideshow.ASKED] = number
    _follow(show_key, number, len(entries))
    ready = cached.slide(edition, key, changed, number, ceiling, False)
    st.title(f"{number} / {len(entries)}: {words.as_text(ready.title)}")
    after = cached.slide(edition, key, changed, number + 1, ceiling, plots.dark()) if number < len(entries) else None
    label = tlp.strictest(s.tlp for s in (ready, after) if s)  # the title of the next slide stands here too
    before = sum(e.minutes for e in entries[: number - 1])
    st.markdown(f"**{ready.minutes:g} minutes** · begins {before:g} minutes into the meeting · TLP:{label}")
    _clock(sum(e.minutes for e in entries))
    left, right = st.columns(2)
    left.header("Note")
    left.text(ready.note or "No note was written for this slide.")
    right.header("Next")
    if after:
        below = after.html.replace("<h1", "<h3").replace("</h1", "</h3")  # under this page's own headings
        right.container(border=True).html(below)
    else:
        right.text("This is the last slide.")
    with st.container(horizontal=True):
        for label, by in (("Back", -1), ("Next", 1)):
            st.button(
                label,
                key=f"notes-{label}",
                on_click=slideshow.step,
                args=(by, len(entries)),
                disabled=not 1 <= number + by <= len(entries),
            )
    if ready.details:
        st.header("If somebody asks")
        st.text("\n".join(ready.details))
    st.caption(
        "The notes follow the show within a second while both come from the same "
        "server process; the buttons here turn the notes only."
    )
    slideshow.standing()


@st.fragment(run_every=10.0)
def _clock(planned: float) -> None:
    """The time where the speaker is, and how long these notes have been open, against the minutes of the agenda."""
    begun = st.session_state.setdefault("_begun", time.monotonic())
    now = datetime.now(ZoneInfo(st.context.timezone or "UTC"))
    passed = int((time.monotonic() - begun) // 60)
    st.markdown(f"**{now:%H:%M}** · {passed} {f'of {planned:g} ' if planned else ''}minutes since these notes were opened")


@st.fragment(run_every=1.0)
def _follow(show_key: str, number: int, count: int) -> None:
    """Looks once a second where the show is; the page is drawn anew only when it has moved."""
    there = cached.shows().get(show_key) if show_key else None
    if there and there != st.session_state.get("_followed"):
        st.session_state["_followed"] = there
        if there != number and there <= count:
            st.query_params["slide"] = str(there)
            st.rerun(scope="app")


if found := slideshow.opened():
    notes(*found)
