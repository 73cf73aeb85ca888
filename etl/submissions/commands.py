"""`python -m etl check | accept | withdraw`: whatever members send, whichever kind of file it is."""

import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from inspect import signature
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from rich.text import Text

from corridors.problems import Problem, Refused
from etl import products
from etl.submissions import guard
from etl.submissions.report.outcome import Accepted, Kind, Progress, Report
from etl.submissions.sheets import Cell, Sheet, Tables, printable

# The modules that take part, and what a file of theirs looks like, for the reader of a file that is none of them.
KINDS = {
    "etl.briefings.kind": "a country briefing: a workbook with a sheet “Cover” (python -m etl template THA -o a.xlsx)",
    "etl.cases.kind": "case data: CSV, Parquet or XLSX with a column record_id (python -m etl template cases -o a.csv)",
    "etl.actions.kind": "Joint Periods of Action: the folder data/editorial/actions with its actions.toml, or a debrief in TOML",
}
Layout = Annotated[
    str, typer.Option("--layout", help="A member's own table, read as data/layouts/NAME.toml describes it.", metavar="NAME")
]
CodePage = Annotated[
    str,
    typer.Option("--code-page", help="How text files that are no UTF-8 are written, such as cp874, if you can read them."),
]
Files = Annotated[list[Path], typer.Argument(metavar="FILE…", help="Workbooks, CSV files or folders of CSV files.")]


class Undecided(Refused):
    """Several files were to be accepted and one could not be."""

    heading = "These were not accepted; what is listed above as accepted stands:"


TEMPLATE_OR_LAYOUT = (
    "Take the template, and leave its headers as they are. For an office's own table of figures, describe it once: "
    "“python -m etl layout FILE --member THA --name victims” proposes how, and check and accept then take it with --layout."
)


def register(app: typer.Typer, kinds: Mapping[str, str] = KINDS, data: Callable[[], Path] | None = None) -> None:
    """Adds the three commands to the command line. `data` gives the folder of imported data when a command runs."""
    out = Console(soft_wrap=False, width=None if sys.stdout.isatty() else 120)

    def folder() -> Path:
        from etl import pipeline

        return data() if data else pipeline.DATA

    @app.command()
    def check(
        file: Files,
        report: Annotated[
            Path | None, typer.Option("--report", "-o", help="Also write the report: a name in .html or .xlsx.")
        ] = None,
        layout: Layout = "",
        code_page: CodePage = "",
    ):
        """Validate submitted files without importing them. Exit status 1 where there is an error."""
        from etl.submissions.report import terminal

        guard.said_code_page = code_page
        if report:
            terminal.refuse_place(file, report)
        reports, problems = [], []
        for path in file:
            try:
                kind = recognised(path, kinds, layout)
                with _progress(out) as progress:
                    reports.append(kind.check(path, folder(), progress, **({"layout": layout} if layout else {})))
            except Refused as refusal:
                problems += refusal.problems
                continue
            terminal.to_terminal(reports[-1], out)
        if report and reports:
            terminal.write(reports, report)
            out.print(Text(f"The report is in {report}."))
        if problems:
            raise Refused(problems)
        if not all(r.fine for r in reports):
            raise typer.Exit(1)

    @app.command()
    def accept(
        file: Files,
        partial: Annotated[
            bool, typer.Option(help="Take the sound rows and keep the rejected ones with their reasons.")
        ] = False,
        layout: Layout = "",
        code_page: CodePage = "",
    ):
        """Validate submitted files and import them; each says how it is undone."""
        guard.said_code_page = code_page
        named = {"layout": layout} if layout else {}
        chosen = [(path, recognised(path, kinds, layout)) for path in file]
        if len(chosen) > 1 and not partial:  # all or none, as far as can be known beforehand
            refused = [problem for path, kind in chosen for problem in _standing(path, kind, folder(), out, named)]
            if refused:
                raise Refused(refused)
        problems, done = [], 0
        for path, kind in chosen:
            try:
                with _progress(out) as progress:
                    _print(_accepted(kind, path, folder(), progress, partial, named), out)
                done += 1
            except Refused as refusal:
                problems += refusal.problems
        if problems:
            raise (Undecided if done else Refused)(problems)
        out.print("Next: python -m etl build")

    @app.command()
    def withdraw(
        key: Annotated[
            list[str], typer.Argument(metavar="KEY…", help="As accept printed it, such as: briefing THA 2025 v2")
        ],
        why: Annotated[str, typer.Option(help="The reason, which is kept.")] = "",
        for_a_person: Annotated[
            bool,
            typer.Option(help="Case records: a person asked for it; the tables are made anew at once, with other noise."),
        ] = False,
    ):
        """Undo an import and restore the version before."""
        words = " ".join(key).split()
        loaded = {kind.NAME: kind for kind in map(importlib.import_module, kinds)}
        if not words or words[0] not in loaded:
            raise Refused.of(
                "withdraw",
                f"“{printable(' '.join(words), 80)}”",
                f"a key that begins with {' or '.join(loaded)}",
                "Copy it from what accept printed.",
            )
        kind = loaded[words[0]]
        wishes = {"why": why, "for_a_person": for_a_person}
        options = {name: wish for name, wish in wishes.items() if wish and _takes(kind.withdraw, name)}
        _print(kind.withdraw(" ".join(words), folder(), **options), out, "Withdrawn")
        out.print("Next: python -m etl build")


def recognised(path: Path, kinds: Mapping[str, str] = KINDS, layout: str = "") -> Kind:
    """The module whose kind of file `path` is; what a layout describes is a briefing, whatever it looks like.

    Raises Refused for what is hostile or damaged, or known to none.
    """
    if layout:
        return importlib.import_module("etl.briefings.kind")
    try:
        form = "" if path.is_dir() else guard.inspect(path, any_size=True).form
        workbook = form in ("xlsx", "ods")
        if workbook:  # opened once for all that ask; what is hostile is refused by its own name, not as unknown
            guard.open_tables(path)
    except Refused as refusal:  # a publisher's file is larger than what members send, is packed, or asks other files
        if path.is_file() and (product := _product(path) or products.of_archive(path)):
            raise _of_a_publisher(path, product) from refusal
        raise
    if product := form == "text" and products.of_json(path):
        raise _of_a_publisher(path, product)
    for kind in map(importlib.import_module, kinds):  # one after the other: what is not asked is not loaded
        if kind.recognises(path):
            return kind
    tables = guard.open_tables(path) if workbook else guard.peek(path)
    if product := products.of_lines(lines for sheet in tables.sheets for lines in _first_rows(sheet)):
        raise _of_a_publisher(path, product)
    sheets = ", ".join(f"“{printable(name, 40)}”" for name in tables.names[:8])
    first = printable(", ".join(cell.text for cell in _first_row(tables)[:8]) or "empty", 120)
    found = f"a file of no known kind (sheets: {sheets or 'none'}; first row: {first})"
    raise Refused.of(printable(path.name), found, "; or ".join(kinds.values()), TEMPLATE_OR_LAYOUT)


def _product(path: Path) -> products.Product | None:
    """The publisher's product that a workbook too large to be opened is, by its first rows; None where nobody knows."""
    try:
        return products.of_lines(lines for sheet in guard.peek(path).sheets for lines in _first_rows(sheet))
    except Refused:
        return None


class OfAPublisher(Refused):
    """A publisher's original, and the product that it is."""

    def __init__(self, problem: Problem, product: products.Product):
        self.product = product
        super().__init__(problem)


def _of_a_publisher(path: Path, product: products.Product) -> OfAPublisher:
    its = f"Put it into a folder {product.source} and run “python -m etl extract --from FOLDER {product.source}”."
    how_to_fix = its if product.source else "No reader takes it: nothing of it is imported."
    found = f"a publisher's file: {product.name}"
    return OfAPublisher(Problem(printable(path.name), found, "what members send", how_to_fix), product)


def _first_rows(sheet: Sheet) -> Iterator[list[str]]:
    return ([cell.text for cell in sheet.rows[n].values()] for n in sorted(sheet.rows)[:6])


def _first_row(tables: Tables) -> list[Cell]:
    return next(([line[c] for c in sorted(line)] for s in tables.sheets for _, line in sorted(s.rows.items()) if line), [])


def _takes(function: Callable, name: str) -> bool:
    return name in signature(function).parameters


def _standing(path: Path, kind: Kind, data: Path, out: Console, named: Mapping[str, str]) -> list:
    """What keeps a file out, found by a check."""
    try:
        with _progress(out) as progress:
            report: Report = kind.check(path, data, progress, **named)
    except Refused as refusal:
        return list(refusal.problems)
    return [str(fault) for fault in report.errors]


def _accepted(kind: Kind, path: Path, data: Path, progress: Progress, partial: bool, named: Mapping[str, str]) -> Accepted:
    if partial and not _takes(kind.accept, "partial"):
        raise Refused.of(
            printable(path.name), "--partial", f"all or nothing for {kind.NAME}", "Fix the errors, or leave the option out."
        )
    return kind.accept(path, data, progress, **({"partial": True} if partial else {}), **named)


def _print(done: Accepted, out: Console, verb: str = "Accepted") -> None:
    out.print(Text(f"{verb}: {done.key}", style="bold"))
    if done.report and done.report.rows_in:
        from etl.submissions.report.outcome import rows_text

        out.print(Text(rows_text(done.report)))
    for line in done.changes:
        out.print(Text(f"· {printable(line, 400)}"))
    if verb == "Accepted":
        out.print(Text(f"To undo it: python -m etl withdraw {done.key}"))


@contextmanager
def _progress(out: Console) -> Iterator[Progress]:
    """A Progress that draws a bar while something runs and leaves nothing behind."""
    with Bar(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TimeElapsedColumn(),
        console=out,
        transient=True,
    ) as bar:
        tasks: dict[str, int] = {}

        def step(text: str, done: int, total: int | None) -> None:
            if text not in tasks:
                tasks[text] = bar.add_task(printable(text, 80), total=total)
            bar.update(tasks[text], completed=done, total=total)

        yield step
