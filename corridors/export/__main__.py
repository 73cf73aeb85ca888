"""`python -m corridors.export …`: briefs, tables, pictures, changes and all data as files. Every refusal says what to mend; exit 1, no traceback."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from corridors import catalog
from corridors.catalog import meetings, tlp
from corridors.export import pack as packing
from corridors.export import package, pictures, workbook, writing
from corridors.export.brief import document
from corridors.export.faults import Refused, member
from corridors.export.slides import deck as making
from corridors.export.slides import pdf, pptx
from corridors.export.slides.model import Deck
from corridors.store import command, editions, labels, replica
from corridors.store.queries import figures
from corridors.views import changes as changing

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Write what leaves the room: briefs (PDF), tables (XLSX), pictures (PNG, SVG), slides, packs, changes, or all data.",
)
out = Console(soft_wrap=True, width=None if sys.stdout.isatty() else 120)
Who = Annotated[str, typer.Argument(help="A member: its code, name or alias.")]
Edition = Annotated[str | None, typer.Option("--edition", help="Id of an edition; the one that readers see by default.")]
Since = Annotated[str | None, typer.Option("--since", help="An earlier edition: the brief then says what changed.")]
Ceiling = Annotated[str, typer.Option("--tlp", help="Nothing above this label goes in: CLEAR, GREEN, AMBER, AMBER+STRICT.")]
Key = Annotated[
    str, typer.Option("--meeting", help="The agenda: the name of its file in data/editorial/meetings, without .toml.")
]
Folder = Annotated[Path, typer.Option("-o", "--output", help="The folder to write into; made if it is missing.")]
Sound = Annotated[
    bool, typer.Option("--only-sound", help="Leave out slides with faults instead of refusing the whole agenda.")
]
AgendaCeiling = Annotated[
    str, typer.Option("--tlp", help="Nothing above this label goes in, nor above the agenda's own ceiling.")
]
File = Annotated[Path, typer.Option("-o", "--output", help="The file to write.")]


class FaultyAgenda(Refused):
    """An agenda names what is not there; the message lists every fault."""


@app.command()
def slides(
    output: Folder = Path("."),
    meeting: Key = meetings.DEFAULT,
    edition: Edition = None,
    label: AgendaCeiling = "CLEAR",
    only_sound: Sound = False,
    paper: Annotated[bool, typer.Option("--pdf", help="As PDF, one slide a page, instead of a slide file.")] = False,
):
    """A meeting as a slide file (PPTX) with native charts and speaker's notes, or as PDF."""
    deck = _deck(out, meeting, edition, label, only_sound)
    kind, content = ("pdf", pdf.pdf_bytes) if paper else ("pptx", pptx.pptx_bytes)
    file = writing.folder(output) / f"{deck.file_stem}.{kind}"
    writing.whole(file, content(deck))
    out.print(f"{len(deck.slides)} slides, TLP:{deck.tlp}, edition {deck.edition_id}: {file}")


@app.command()
def pack(
    output: Folder = Path("."),
    meeting: Key = meetings.DEFAULT,
    edition: Edition = None,
    label: AgendaCeiling = "CLEAR",
    only_sound: Sound = False,
):
    """A meeting as HTML files that open without server and network."""
    deck = _deck(out, meeting, edition, label, only_sound)
    folder = packing.write(deck, output)
    size = sum(path.stat().st_size for path in folder.iterdir())
    out.print(
        f"{len(deck.slides)} pages, {size / 2**20:.1f} MB, TLP:{deck.tlp}, edition "
        f"{deck.edition_id}: open {folder / 'index.html'}"
    )


def _deck(out: Console, key: str, edition: str | None, label: str, only_sound: bool) -> Deck:
    """The deck with progress on screen. Raises FaultyAgenda, UnknownMeeting in plain words, UnknownEdition."""
    label = _ceiling(label)
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


@app.command()
def briefs(
    folder: Folder,
    members: Annotated[
        list[str] | None, typer.Option("--member", help="A member; may be given several times. All 45 by default.")
    ] = None,
    edition: Edition = None,
    since: Since = None,
    label: Ceiling = "CLEAR",
):
    """Member briefs as PDF, one or two pages each; all 45 or the ones named."""
    ceiling = _ceiling(label)
    key = labels.keyed(replica.asked(edition), ceiling)
    earlier = labels.keyed(replica.asked(since), ceiling) if since else None
    chosen = list(dict.fromkeys(member(name).iso3 for name in members)) if members else sorted(catalog.load().members)
    writing.folder(folder)
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=out, transient=True
    ) as bar:
        task = bar.add_task("Briefs", total=len(chosen))
        for iso3 in chosen:
            who = catalog.load().members[iso3]
            bar.update(task, description=who.short_name or who.name)
            writing.whole(folder / document.file_name(key, who), document.pdf(key, iso3, earlier))
            bar.advance(task)
    out.print(
        f"{len(chosen)} {'brief' if len(chosen) == 1 else 'briefs'} of edition {labels.plain(key)} in {folder}, nothing above TLP:{ceiling}."
    )


@app.command()
def tables(
    who: Who,
    output: File,
    theme: Annotated[
        list[str] | None, typer.Option("--theme", help="A theme; may be given several times. All by default.")
    ] = None,
    edition: Edition = None,
    label: Ceiling = "CLEAR",
):
    """A member's figures as XLSX: a sheet a theme, one of caveats, one that says what it is."""
    iso3, key = member(who).iso3, labels.keyed(replica.asked(edition), _ceiling(label))
    known = catalog.load().themes
    if unknown := [t for t in theme or [] if t not in known]:
        raise Refused(f"There is no theme “{unknown[0]}”. Themes: {', '.join(known)}.")
    _kind(output, (".xlsx",))
    writing.folder(output.parent)
    writing.whole(output, workbook.xlsx(key, iso3, theme or ()))
    out.print(f"{output}: figures of {catalog.load().members[iso3].name}, edition {labels.plain(key)}.")


@app.command()
def picture(
    who: Who,
    what: Annotated[str, typer.Argument(help="An indicator, such as detected_victims; or “routes” for the map.")],
    output: File,
    view: Annotated[
        str, typer.Option(help="place: counted in the member; partner: about its people, all places together.")
    ] = "place",
    edition: Edition = None,
    label: Ceiling = "CLEAR",
):
    """One chart, or the map of a member's routes, as PNG or SVG; source, unit, grade, edition and label are in the picture."""
    iso3, key = member(who).iso3, labels.keyed(replica.asked(edition), _ceiling(label))
    if view not in ("place", "partner"):
        raise Refused(f"--view: found “{view}”; expected place or partner.")
    kind = _kind(output, (".png", ".svg"))
    writing.folder(output.parent)
    drawn = pictures.svg(key, iso3, what, view)
    data = pictures.png(drawn) if kind == ".png" else drawn.encode()
    writing.whole(output, data)
    out.print(f"{output}: edition {labels.plain(key)}.")


@app.command()
def changes(
    first: Annotated[str, typer.Argument(help="The earlier edition.")],
    second: Annotated[str | None, typer.Argument(help="The later one; the one that readers see by default.")] = None,
    name: Annotated[str | None, typer.Option("--member", help="Only this member.")] = None,
    limit: Annotated[int, typer.Option(help="Changed totals to print.", min=0)] = 20,
):
    """What is new, revised or withdrawn between two editions, by member and theme."""
    iso3 = member(name).iso3 if name else None
    found = changing.between(*(labels.keyed(replica.asked(e), "CLEAR") for e in (first, second)), iso3)
    out.print(changing.summary(found))
    table = Table(title="By member and theme; a corridor between two members counts for both", title_justify="left")
    for n, heading in enumerate(("member", "theme", *changing.KINDS)):
        table.add_column(heading, justify="right" if n > 1 else "left")
    for row in found.counts.itertuples():
        table.add_row(row.member, row.title, *(f"{getattr(row, kind):,}" for kind in changing.KINDS))
    if len(found.counts):
        out.print(table)
    for sentence in changing.sentences(found, limit):
        out.print(f"· {sentence}")


@app.command()
def data(
    folder: Folder,
    edition: Edition = None,
    label: Ceiling = "CLEAR",
    hxl: Annotated[bool, typer.Option("--hxl", help="A second line in each CSV with the tags of HXL.")] = False,
):
    """All figures, incidents, routes, evidence and actions as a data package: CSV, Parquet and SDMX, described, with checksums."""
    key = labels.keyed(replica.asked(edition), _ceiling(label))
    writing.folder(folder)
    written = [writing.whole(folder / name, made).stat().st_size for name, made in package.files(key, hxl)]
    out.print(
        f"{len(written)} files in {folder}, {sum(written) / 1e6:.0f} MB: edition {labels.plain(key)}, TLP:{package.label(key)}. Begin with README.txt."
    )


def _ceiling(label: str) -> str:
    plain = label.upper().removeprefix("TLP:")
    if plain not in tlp.KEPT:
        raise Refused(
            f"--tlp: found “{label}”; expected one of {', '.join(tlp.KEPT)}. What is TLP:RED is not written to files."
        )
    return plain


def _kind(path: Path, endings: tuple[str, ...]) -> str:
    if path.suffix.lower() not in endings:
        raise Refused(f"-o: found “{path.name}”; expected a name that ends in {' or '.join(endings)}.")
    return path.suffix.lower()


def main() -> int:
    """Runs the command line; returns the exit status. A refusal prints without a traceback, and so does Ctrl-C."""
    mended = (
        Refused,
        changing.NotComparable,
        catalog.CatalogFault,
        editions.NoEdition,
        editions.UnknownEdition,
        figures.TooSlow,
    )
    older = "This edition was built by an earlier version and lacks what is asked for. Choose a later one with --edition."
    return command.run(
        app,
        dict.fromkeys(mended) | {figures.OtherShape: older},
        interrupted="Files that are there are whole; none was half-written.",
        refused_by_the_system="",
    )


if __name__ == "__main__":
    sys.exit(main())
