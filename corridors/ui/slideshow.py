"""What the pages of a meeting share: which agenda and slide the address names, the sheet that blanks the screen, a step on or back."""

import secrets
from urllib.parse import urlencode

import streamlit as st

from corridors.catalog import meetings
from corridors.catalog.meetings import Meeting
from corridors.export.slides import html, screen
from corridors.ui import access, cached, filters

BLANK = "present_blank"
ASKED = "present_asked"
# A black sheet over everything, the keys' buttons included: they go on listening underneath.
SHEET = (
    '<div role="img" aria-label="Blank screen. B brings the slide back." style="position:fixed;'
    'inset:0;background:#000;z-index:1000000"></div>'
)


def show_key() -> str:
    """The key by which the notes follow the show of this visitor."""
    return st.session_state.setdefault("_show", secrets.token_hex(5))


def link(page: str, key: str, show: str) -> str:
    """The address of the show or its notes beside this page. `embed` is Streamlit's own way to leave out its header."""
    kept = {"meeting": key, "slide": "1", "show": show}
    if held := st.query_params.get("edition"):
        kept["edition"] = held
    return f"{page}?{urlencode(kept)}&embed=true"


def present_this(kind: str, **wanted: str) -> None:
    """A link that shows what is on screen as a slide of its own; nothing for whoever may not open the show."""
    if access.may_open("present"):
        key = meetings.THIS + urlencode({"kind": kind, **wanted})
        st.link_button(
            "Present this",
            link("present", key, show_key()),
            icon=":material/slideshow:",
            type="tertiary",
            help="Opens one slide in a tab of its own, with what may be shared publicly.",
        )


def meeting_key() -> str:
    """The agenda that the address names, or the default one."""
    return st.query_params.get("meeting") or meetings.DEFAULT


def opened(bare: bool = True) -> tuple[str, Meeting, int] | None:
    """Key, agenda and its stamp; None, with a word on what to do, when there is none of that name."""
    key = meeting_key()
    try:
        changed = screen.stamp(key)
    except meetings.UnknownMeeting:
        there = ", ".join(meetings.listed()) or "none"
        if bare:
            st.title("Meeting")
        filters.not_there(key, f"which is not there. Agendas: {there}.", "the agenda ")
        if bare:
            standing()
        return None
    return key, cached.agenda(cached.edition(), key, changed), changed


def standing() -> None:
    """The line at the foot of every page; the show and its notes have no other foot."""
    st.caption(html.STANDING)


def number_of(count: int) -> int:
    """The slide that the address names, kept within the deck; 1 for anything that is no number."""
    named = st.query_params.get("slide", "1")
    return min(max(int(named), 1), count) if named.isdecimal() and len(named) < 6 else 1


def fit(show: str) -> str:
    """A show's key as far as it is one: letters and digits, at most 16."""
    return "".join(c for c in show if c.isascii() and c.isalnum())[:16]


def step(by: int, count: int) -> None:
    """On from the slide that was asked for last, drawn or not: a second press during the drawing counts too."""
    asked = st.session_state[ASKED] = min(max(st.session_state[ASKED] + by, 1), count)
    st.session_state[BLANK] = False
    st.query_params["slide"] = str(asked)
