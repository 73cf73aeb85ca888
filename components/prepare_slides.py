"""Slides made ready once per edition, agenda, ceiling and theme: HTML for the screen, and what the notes window says.

Screen, slide file and pack are drawn from the same `takeaway.slides`; nothing is worded twice.
"""

from __future__ import annotations

from dataclasses import dataclass

from catalog import meetings
from catalog.meetings import Meeting
from store import ceilings
from takeaway import slide_html, slides, slides_pptx


@dataclass(frozen=True)
class Ready:
    """One slide on screen and in the notes window."""

    number: int
    title: str
    html: str
    tlp: str
    note: str
    minutes: float
    told: tuple[str, ...]


def stamp(key: str) -> int:
    """When the agenda's file was last changed: a chair may mend it during the meeting. Raises UnknownMeeting."""
    return meetings.path_of(key).stat().st_mtime_ns


def agenda(edition_id: str, key: str, changed: int) -> Meeting:
    """The agenda with its faults. `changed` comes from `stamp`: another file, another answer."""
    return meetings.read(key, slides.known(edition_id))


def ready(edition_id: str, key: str, changed: int, number: int, ceiling: str, dark: bool) -> Ready:
    """The slide with this number, counted from 1 among those that a viewer up to `ceiling` may see."""
    meeting = agenda(edition_id, key, changed)
    entries = meeting.shown(ceiling)
    made = slides.slide(edition_id, meeting, entries[number - 1], number, meetings.lower(ceiling, meeting.tlp_ceiling))
    html = slide_html.body(made, len(entries), ceilings.plain(edition_id), slide_html.palette(dark), drawn=True)
    return Ready(number, made.title, html, made.tlp, made.note, made.minutes, made.told)


def file(edition_id: str, meeting: Meeting, ceiling: str) -> bytes:
    """The whole meeting as a slide file, nothing above `ceiling` in it."""
    return slides_pptx.pptx_bytes(slides.deck(edition_id, meeting, ceiling))
