"""Slides made ready once per edition, agenda, ceiling and theme: HTML for the screen, and what the notes window says.

Screen, slide file and pack are drawn from the same `export.slides`; nothing is worded twice.
"""

import io
import zipfile
from dataclasses import dataclass

from corridors.catalog import meetings
from corridors.catalog.meetings import Entry, Meeting
from corridors.export import pack
from corridors.export.slides import deck, pdf, pptx
from corridors.export.slides import html as slide_html
from corridors.store import atomic_files, labels, lock


@dataclass(frozen=True)
class Ready:
    """One slide on screen and in the notes window."""

    number: int
    title: str
    html: str
    tlp: str
    note: str
    minutes: float
    details: tuple[str, ...]


def stamp(key: str) -> int:
    """When the agenda's file was last changed: a chair may mend it during the meeting. Raises UnknownMeeting."""
    return 0 if key.startswith(meetings.THIS) else meetings.path_of(key).stat().st_mtime_ns


def agenda(edition_id: str, key: str, changed: int) -> Meeting:
    """The agenda with its faults. `changed` comes from `stamp`: another file, another answer."""
    return meetings.read(key, deck.known(edition_id))


def entries(edition_id: str, key: str, changed: int, ceiling: str) -> tuple[Entry, ...]:
    """What the show consists of for a viewer up to `ceiling`: entries that may be seen and have something to say."""
    return deck.shown(edition_id, agenda(edition_id, key, changed), ceiling)


def ready(edition_id: str, key: str, changed: int, number: int, ceiling: str, dark: bool) -> Ready:
    """The slide with this number, counted from 1 among those that a viewer up to `ceiling` may see."""
    meeting = agenda(edition_id, key, changed)
    entries = deck.shown(edition_id, meeting, ceiling)
    made = deck.slide(edition_id, meeting, entries[number - 1], number, meetings.lower(ceiling, meeting.tlp_ceiling))
    html = slide_html.body(made, len(entries), labels.plain(edition_id), slide_html.palette(dark), drawn=True)
    return Ready(number, made.title, html, made.tlp, made.note, made.minutes, made.details)


class NotSaved(Exception):
    """An agenda was not kept; the message says why and what to do."""


def save(edition_id: str, key: str, content: bytes) -> None:
    """Keeps an agenda under a new name where all agendas lie, whole or not at all. Raises NotSaved."""
    folder = meetings.own_folder()
    if not meetings.KEY.fullmatch(key):
        raise NotSaved(f"Found the name “{key}”; expected small letters, digits, - and _, at most 41. Give it such a name.")
    if faults := meetings.judge(content, deck.known(edition_id)).faults:
        raise NotSaved("The agenda has faults: " + "; ".join(map(str, faults)))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with lock.one_writer(folder / ".agendas.lock", patience=5):
            if key in meetings.listed(folder):
                raise NotSaved(f"There is an agenda “{key}” already, and it stays as it is. Give this one another name.")
            atomic_files.replace(folder / f"{key}.toml", content.decode())
    except lock.Busy as fault:
        raise NotSaved(str(fault)) from None
    except OSError as fault:
        said = fault.strerror or str(fault)
        raise NotSaved(f"The agenda cannot be written here ({said}). Download it, and give it to the steward.") from None


def file(edition_id: str, meeting: Meeting, ceiling: str) -> bytes:
    """The whole meeting as a slide file, nothing above `ceiling` in it."""
    return pptx.pptx_bytes(deck.deck(edition_id, meeting, ceiling))


def pdf_file(edition_id: str, meeting: Meeting, ceiling: str) -> bytes:
    """The whole meeting as PDF, one slide a page, nothing above `ceiling` in it."""
    return pdf.pdf_bytes(deck.deck(edition_id, meeting, ceiling))


def pack_file(edition_id: str, meeting: Meeting, ceiling: str) -> bytes:
    """The whole meeting as pages for a memory stick, in one ZIP file; nothing above `ceiling` in it."""
    made = deck.deck(edition_id, meeting, ceiling)
    with io.BytesIO() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in pack.files(made).items():
                archive.writestr(zipfile.ZipInfo(f"{made.file_stem}/{name}", (2020, 1, 1, 0, 0, 0)), data)
        return file.getvalue()
