"""Meeting: choose an agenda, see its slides and faults, open the show and the notes."""

import secrets
from urllib.parse import urlencode

import streamlit as st

from corridors.catalog import meetings, words
from corridors.catalog.meetings import Entry, Meeting
from corridors.export.slides import screen
from corridors.store import labels
from corridors.ui import access, cached, filters, slideshow

PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
NAMES = {
    "title": "Title",
    "situation": "Region",
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
KEYS = (
    "Keys: arrows or a clicker turn the page, Home and End go to the ends, B blanks "
    "the screen, F fills it (F11 where the browser keeps F)."
)


def link(page: str, key: str, number: int, show: str) -> str:
    """The address of the show or its notes beside this page. `embed` is Streamlit's own way to leave out its header."""
    kept = {"meeting": key, "slide": str(number), "show": show}
    if held := st.query_params.get("edition"):
        kept["edition"] = held
    return f"{page}?{urlencode(kept)}&embed=true"


def plan(key: str, meeting: Meeting, changed: int) -> None:
    """The agenda as a list, with the ways to show it; its faults first."""
    ceiling = meetings.lower(access.ceiling(), meeting.tlp_ceiling)
    entries = cached.slide_entries(cached.edition(), key, changed, access.ceiling())
    st.header(meeting.title)
    when = [words.day(meeting.date)] if meeting.date else []
    st.markdown(
        " · ".join([*when, *([meeting.place] if meeting.place else []), f"{len(entries)} slides", f"up to TLP:{ceiling}"])
    )
    faults(meeting, access.ceiling())
    if not entries:
        st.info("No slide can be shown. Mend the agenda, or raise its tlp_ceiling.", icon=":material/help:")
        return
    show = st.session_state.setdefault("_show", secrets.token_hex(5))
    with st.container(horizontal=True, gap="small"):
        st.link_button(
            "Present", link("present", key, 1, show), icon=":material/slideshow:", help="Opens the show in a tab of its own."
        )
        st.link_button(
            "Speaker's notes",
            link("notes", key, 1, show),
            icon=":material/speaker_notes:",
            help="Opens the notes; they follow this show.",
        )
    st.caption(KEYS)
    hidden = len(meeting.entries) - len(meeting.shown(access.ceiling()))
    silent = len(meeting.shown(access.ceiling())) - len(entries)
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
        + (
            f"{silent} {'has' if silent == 1 else 'have'} nothing to say and {'is' if silent == 1 else 'are'} left out. "
            if silent
            else ""
        )
        + "An agenda is a small text file in data/editorial/meetings; its README says how to write one."
    )
    edition = cached.edition()
    access.download(
        "Slides as a file (PPTX)",
        lambda: screen.file(edition, meeting, ceiling),
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
    return filters.sanitise(found) if entry.kind == "text" else found


def faults(meeting: Meeting, ceiling: str) -> None:
    """Every fault of the agenda, with its cure."""
    if shown := meeting.faults_for(ceiling):
        n = len(shown)
        st.warning(
            f"{n} {'entry is' if n == 1 else 'faults are'} to be mended; the other slides can be shown.",
            icon=":material/build:",
        )
        st.code("\n".join(f"{fault}" for fault in shown), language=None, wrap_lines=True)


st.title("Meeting")
agendas = meetings.listed()
if len(agendas) > 1:
    named = slideshow.meeting_key()
    chosen = st.selectbox(
        "Agenda", list(agendas), index=list(agendas).index(named) if named in agendas else 0, format_func=agendas.get
    )
    if chosen != named and (named in agendas or chosen != next(iter(agendas))):
        st.query_params["meeting"] = chosen
if found := slideshow.opened(bare=False):
    plan(*found)
