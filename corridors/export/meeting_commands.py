"""`python -m corridors.export slides` and `pack`: a meeting as a slide file, or as a folder of pages for a memory stick."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from corridors.catalog import meetings
from corridors.export import pack as packing
from corridors.export import writing
from corridors.export.faults import Refused
from corridors.export.slides import deck as making
from corridors.export.slides import pdf, pptx
from corridors.export.slides.model import Deck
from corridors.store import labels, replica

Key = Annotated[
    str, typer.Option("--meeting", help="The agenda: the name of its file in data/editorial/meetings, without .toml.")
]
Edition = Annotated[str | None, typer.Option("--edition", help="Id of an edition; the one that readers see by default.")]
Ceiling = Annotated[str, typer.Option("--tlp", help="Nothing above this label goes in, nor above the agenda's own ceiling.")]
Folder = Annotated[Path, typer.Option("-o", "--output", help="The folder to write into; made if it is missing.")]
Sound = Annotated[
    bool, typer.Option("--only-sound", help="Leave out slides with faults instead of refusing the whole agenda.")
]


class FaultyAgenda(Refused):
    """An agenda names what is not there; the message lists every fault."""


def register(app: typer.Typer) -> None:
    """Adds the commands `slides` and `pack` to the program."""
    app.command("slides")(slides)
    app.command("pack")(pack)


def slides(
    output: Folder = Path("."),
    meeting: Key = meetings.DEFAULT,
    edition: Edition = None,
    label: Ceiling = "CLEAR",
    only_sound: Sound = False,
    paper: Annotated[bool, typer.Option("--pdf", help="As PDF, one slide a page, instead of a slide file.")] = False,
):
    """A meeting as a slide file (PPTX) with native charts and speaker's notes, or as PDF."""
    out = Console(soft_wrap=True)
    deck = _deck(out, meeting, edition, label, only_sound)
    name, content = (pdf.file_name(deck), pdf.pdf_bytes) if paper else (pptx.file_name(deck), pptx.pptx_bytes)
    file = writing.folder(output) / name
    writing.whole(file, content(deck))
    out.print(f"{len(deck.slides)} slides, TLP:{deck.tlp}, edition {deck.edition_id}: {file}")


def pack(
    output: Folder = Path("."),
    meeting: Key = meetings.DEFAULT,
    edition: Edition = None,
    label: Ceiling = "CLEAR",
    only_sound: Sound = False,
):
    """A meeting as HTML files that open without server and network."""
    out = Console(soft_wrap=True)
    deck = _deck(out, meeting, edition, label, only_sound)
    folder = packing.write(deck, output)
    size = sum(path.stat().st_size for path in folder.iterdir())
    out.print(
        f"{len(deck.slides)} pages, {size / 2**20:.1f} MB, TLP:{deck.tlp}, edition "
        f"{deck.edition_id}: open {folder / 'index.html'}"
    )


def _deck(out: Console, key: str, edition: str | None, label: str, only_sound: bool) -> Deck:
    """The deck with progress on screen. Raises FaultyAgenda, UnknownMeeting in plain words, UnknownEdition."""
    label = label.upper().removeprefix("TLP:")
    if label not in meetings.SHOWN:
        raise Refused(
            f"--tlp: found “{label}”; expected one of {', '.join(meetings.SHOWN)}. What is TLP:RED is not written to files."
        )
    edition_id = labels.keyed(replica.asked(edition), label)
    try:
        agenda = meetings.read(key, making.known(edition_id))
    except meetings.UnknownMeeting as fault:
        raise Refused(str(fault)) from None
    if agenda.faults and not only_sound:
        raise FaultyAgenda(
            "Nothing was written. These must be fixed first, or say --only-sound:\n"
            + "\n".join(f"· {f}" for f in agenda.faults_for(label))
        )
    if not agenda.shown(label):
        raise Refused(
            f"No slide of “{key}” may be shown up to TLP:{meetings.lower(label, agenda.tlp_ceiling)}. "
            "Name a higher --tlp, or mend the agenda."
        )
    with Progress(TextColumn("Slides"), BarColumn(), MofNCompleteColumn(), console=out, transient=True) as bar:
        task = bar.add_task("slides", total=len(agenda.shown(label)))
        return making.deck(edition_id, agenda, label, lambda done, _: bar.update(task, completed=done))
