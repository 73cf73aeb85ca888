"""The pages of a meeting as drawn: the agenda, the show in a full window with its keys, and the speaker's notes that
follow it.

Big type is HTML with inline styles: Streamlit's own text sizes are one setting for the whole app, and no native element
reaches 24 pixels without changing every other page.
"""

from __future__ import annotations

import secrets
from urllib.parse import urlencode

import streamlit as st

from corridors.catalog import meetings, words
from corridors.catalog.meetings import Entry, Meeting
from corridors.export.slides import html
from corridors.export.slides import screen as slides
from corridors.store import labels
from corridors.ui import access, cached, filters, own_scripts, route_parts

BLANK = "present_blank"
ASKED = "present_asked"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
NAMES = {
    "title": "Title",
    "situation": "Situation",
    "changes": "What changed",
    "route_map": "Route map",
    "member": "Member",
    "corridor": "Corridor",
    "factors": "Push and pull",
    "quality": "Data quality",
    "action": "Joint action",
    "text": "Own words",
    "scenario": "Scenario",
}
# A black sheet over everything, the keys' buttons included: they go on listening underneath.
SHEET = (
    '<div role="img" aria-label="Blank screen. B brings the slide back." style="position:fixed;'
    'inset:0;background:#000;z-index:1000000"></div>'
)
KEYS = (
    "Keys: arrows or a clicker turn the page, Home and End go to the ends, B blanks "
    "the screen, F fills it (F11 where the browser keeps F)."
)


def meeting_key() -> str:
    """The agenda that the address names, or the default one."""
    return st.query_params.get("meeting") or meetings.DEFAULT


def opened(bare: bool = True) -> tuple[str, Meeting, int] | None:
    """Key, agenda and its stamp; None, with a word on what to do, when there is none of that name."""
    key = meeting_key()
    try:
        changed = slides.stamp(key)
    except meetings.UnknownMeeting:
        there = ", ".join(meetings.listed()) or "none"
        if bare:
            st.title("Meeting")
        st.warning(
            f"The address names the agenda “{filters.harmless(key)}”, which is not there. Agendas: {there}.",
            icon=":material/link_off:",
        )
        if bare:
            _standing()
        return None
    return key, cached.agenda(cached.edition(), key, changed), changed


def _standing() -> None:
    """The line at the foot of every page; the show and its notes have no other foot."""
    st.caption(html.STANDING)


def number_of(count: int) -> int:
    """The slide that the address names, kept within the deck; 1 for anything that is no number."""
    named = st.query_params.get("slide", "1")
    return min(max(int(named), 1), count) if named.isdecimal() and len(named) < 6 else 1


def link(page: str, key: str, number: int, show: str) -> str:
    """The address of the show or its notes beside this page. `embed` is Streamlit's own way to leave out its header."""
    kept = {"meeting": key, "slide": str(number), "show": show}
    if held := st.query_params.get("edition"):
        kept["edition"] = held
    return f"{page}?{urlencode(kept)}&embed=true"


def fit(show: str) -> str:
    """A show's key as far as it is one: letters and digits, at most 16."""
    return "".join(c for c in show if c.isascii() and c.isalnum())[:16]


# --- the page Meeting
# ---------------------------------------------------------------------------------------------------------------------


def plan(key: str, meeting: Meeting) -> None:
    """The agenda as a list, with the ways to show it; its faults first."""
    ceiling = meetings.lower(access.ceiling(), meeting.tlp_ceiling)
    entries = meeting.shown(access.ceiling())
    st.header(meeting.title)
    when = [words.day(meeting.date)] if meeting.date else []
    st.markdown(
        " · ".join([*when, *([meeting.place] if meeting.place else []), f"{len(entries)} slides", f"up to TLP:{ceiling}"])
    )
    faults(meeting)
    if not entries:
        st.info("No slide can be shown. Mend the agenda, or raise its tlp_ceiling.", icon=":material/help:")
        return
    show = st.session_state.setdefault("_show", secrets.token_hex(5))
    with st.container(horizontal=True, gap="small"):
        st.link_button(
            "Present",
            link("present", key, 1, show),
            icon=":material/slideshow:",
            help="Opens the show in a tab of its own.",
        )
        st.link_button(
            "Speaker's notes",
            link("notes", key, 1, show),
            icon=":material/speaker_notes:",
            help="Opens the notes; they follow this show.",
        )
    st.caption(KEYS)
    hidden = len(meeting.entries) - len(entries)
    rows = [
        f"| {n} | {NAMES[e.kind]} | {about(e)} | {e.minutes:g} |"
        if e.minutes
        else f"| {n} | {NAMES[e.kind]} | {about(e)} | |"
        for n, e in enumerate(entries, 1)
    ]
    st.markdown("\n".join(["| Slide | Shows | Of | Minutes |", "|---:|---|---|---:|", *rows]))
    total = sum(e.minutes for e in entries)
    st.caption(
        (f"{total:g} minutes in all. " if total else "")
        + (f"{hidden} slides lie above the ceiling and are left out. " if hidden else "")
        + "An agenda is a small text file in data/meetings; its README says how to write one."
    )
    edition = cached.edition()
    access.download(
        "Slides as a file (PPTX)",
        lambda: slides.file(edition, meeting, ceiling),
        [ceiling],
        file_name=f"corridors-{key}-{labels.plain(edition)}.pptx",
        mime=PPTX,
        key="slides-file",
        on_click="ignore",
        icon=":material/download:",
    )
    st.caption("A pack of pages for a memory stick, without server and network:")
    st.code(f"python -m corridors.export pack --meeting {key} -o FOLDER", language=None, wrap_lines=True)


def about(entry: Entry) -> str:
    """What a slide is of, in names."""
    name = cached.vocabulary().place_name
    if entry.kind == "corridor":
        return f"{name(entry.wanted['origin'])} to {name(entry.wanted['destination'])}"
    if entry.wanted.get("member"):
        return name(entry.wanted["member"])
    found = next(
        (entry.wanted[k] for k in ("title", "route", "action", "scenario", "crime", "since") if entry.wanted.get(k)), ""
    )
    return filters.harmless(found) if entry.kind == "text" else found


def faults(meeting: Meeting) -> None:
    """Every fault of the agenda, with its cure."""
    if meeting.faults:
        n = len(meeting.faults)
        st.warning(
            f"{n} {'entry is' if n == 1 else 'faults are'} to be mended; the other slides can be shown.",
            icon=":material/build:",
        )
        st.code("\n".join(f"{fault}" for fault in meeting.faults), language=None, wrap_lines=True)


# --- the show ---------------------------------------------------------------------------------------------------------
# --------------------


def _step(by: int, count: int) -> None:
    """On from the slide that was asked for last, drawn or not: a second press during the drawing counts too."""
    asked = st.session_state[ASKED] = min(max(st.session_state[ASKED] + by, 1), count)
    st.session_state[BLANK] = False
    st.query_params["slide"] = str(asked)


def _blank() -> None:
    st.session_state[BLANK] = not st.session_state.get(BLANK, False)


def show(key: str, meeting: Meeting, changed: int) -> None:
    """One slide in the full window with its keys; the next one is made ready once this one is on its way."""
    ceiling, dark, edition = access.ceiling(), route_parts.dark(), cached.edition()
    count = len(meeting.shown(ceiling))
    if not count:
        st.title(meeting.title)
        st.info(
            "This agenda has no slide to show. Its faults, if any, are named on the page Meeting.",
            icon=":material/help:",
        )
        _standing()
        return
    number = number_of(count)
    cached.shows()[fit(st.query_params.get("show", ""))] = number
    st.session_state[ASKED] = number
    stage = st.container()
    _keys(number, count)  # before the slide: whoever sees it can turn it, also while the rest of the run goes on
    ready = cached.slide(edition, key, changed, number, ceiling, dark)
    st.set_page_config(page_title=f"{number}: {ready.title[:60]} · Corridors")
    stage.html(ready.html)
    own_scripts.show_keys()
    if st.session_state.get(BLANK):
        st.html(SHEET)
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
                on_click=_step,
                args=(by, count),
                type="tertiary",
                disabled=(last and by > 0) or (number == 1 and by < 0),
            )
        st.button("Blank", key="key-blank", shortcut="B", on_click=_blank, type="tertiary")


# --- the notes --------------------------------------------------------------------------------------------------------
# --------------------


def notes(key: str, meeting: Meeting, changed: int) -> None:
    """Note, minutes and what comes next for the slide on screen; follows the show of the same key."""
    ceiling, edition = access.ceiling(), cached.edition()
    entries = meeting.shown(ceiling)
    if not entries:
        st.title("Speaker's notes")
        st.info("This agenda has no slide to show.", icon=":material/help:")
        _standing()
        return
    show_key = fit(st.query_params.get("show", ""))
    number = number_of(len(entries))
    st.session_state[ASKED] = number
    _follow(show_key, number, len(entries))
    ready = cached.slide(edition, key, changed, number, ceiling, False)
    st.title(f"{number} / {len(entries)}: {ready.title}")
    before = sum(e.minutes for e in entries[: number - 1])
    st.markdown(f"**{ready.minutes:g} minutes** · begins {before:g} minutes into the meeting · TLP:{ready.tlp}")
    st.header("Note")
    st.text(ready.note or "No note was written for this slide.")
    st.header("Next")
    if number < len(entries):
        st.text(cached.slide(edition, key, changed, number + 1, ceiling, False).title)
    else:
        st.text("This is the last slide.")
    with st.container(horizontal=True):
        for label, by in (("Back", -1), ("Next", 1)):
            st.button(
                label,
                key=f"notes-{label}",
                on_click=_step,
                args=(by, len(entries)),
                disabled=not 1 <= number + by <= len(entries),
            )
    if ready.told:
        st.header("If somebody asks")
        st.text("\n".join(ready.told))
    st.caption(
        "The notes follow the show within a second while both come from the same "
        "server process; the buttons here turn the notes only."
    )
    _standing()


@st.fragment(run_every=1.0)
def _follow(show_key: str, number: int, count: int) -> None:
    """Looks once a second where the show is; the page is drawn anew only when it has moved."""
    there = cached.shows().get(show_key) if show_key else None
    if there and there != st.session_state.get("_followed"):
        st.session_state["_followed"] = there
        if there != number and there <= count:
            st.query_params["slide"] = str(there)
            st.rerun(scope="app")
