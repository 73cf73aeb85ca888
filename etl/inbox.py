"""A file that somebody hands in, judged whatever it is: its kind, its faults, and its own rows around them with the cells marked.

Nothing is kept and nothing is raised: what cannot be opened is a judgement too. Files are opened by the guard's child process.
"""

import importlib
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from corridors import catalog
from corridors.catalog import people
from corridors.problems import Problem, Refused
from etl import multiple_systems, pipeline, products
from etl.cases import format
from etl.submissions import guard
from etl.submissions.commands import OfAPublisher, recognised
from etl.submissions.delimited import records, sniffed
from etl.submissions.limits import UnsafeFile
from etl.submissions.report import xlsx
from etl.submissions.report.outcome import Progress, Report, silent
from etl.submissions.sheets import TEXT, Cell, Sheet, key, letters, printable

OVERLAPS, ORIGINAL, UNKNOWN = "overlaps", "original", "unknown"
AROUND = 2  # rows shown above and below one with a fault
MOST_ROWS, MOST_COLUMNS = 200, 40  # of one sheet
LONGEST = 120  # characters of a cell that are shown
PSEUDONYM, PERSONAL = "record_id", "personal-data"  # the column, and the rule that names what may tell who somebody is


@dataclass(frozen=True)
class Excerpt:
    """Rows of one sheet as they were sent: the first one, and those around faults. `marks`: row and column → its problems."""

    sheet: str
    columns: tuple[str, ...]  # letters
    rows: tuple[tuple[int, tuple[str, ...]], ...]  # number as a person counts, and the cells
    marks: dict[tuple[int, int], tuple[Problem, ...]] = field(default_factory=dict)  # both from 1


@dataclass(frozen=True)
class Judged:
    """What a file is and what is wrong with it. `report.fine`: it could be accepted, or, of an original, extracted."""

    kind: str  # briefing, cases, actions, overlaps, original, unknown
    report: Report
    excerpts: tuple[Excerpt, ...] = ()


def judge(path: Path, data: Path, layout: str = "", progress: Progress = silent, beside: Sequence[Path] = ()) -> Judged:
    """The judgement of one file, with the rows around its faults. `beside`: what came with it; the originals of a source are read
    together, those that are held in the place of the ones that did not come."""
    kind, report = _report(path, data, layout, progress, beside)
    return Judged(kind, report, tuple(_excerpts(path, report)))


def marked(judged: Sequence[Judged], out: Path) -> None:
    """Writes a workbook with the sheets of every file, their faults marked in their cells and listed with how to fix them."""
    xlsx.workbook([one.report for one in judged], out)


def product_of(path: Path) -> products.Product:
    """The publisher's product that a file is. Raises Refused where no reader takes it, or where it is none."""
    try:
        recognised(path)
    except OfAPublisher as found:
        if found.product.source:
            return found.product
        raise
    raise Refused(f"{printable(path.name)} is no publisher's file.")


def _report(path: Path, data: Path, layout: str, progress: Progress, beside: Sequence[Path]) -> tuple[str, Report]:
    try:
        if not layout and (table := _overlaps(path)):
            return OVERLAPS, table
        kind = recognised(path, layout=layout)
        report = kind.check(path, data, progress, **({"layout": layout} if layout else {}))
        return report.kind, report
    except OfAPublisher as found:
        return ORIGINAL, _original(path, found.product, data, beside)
    except Refused as refusal:
        return UNKNOWN, Report(UNKNOWN, path, printable(path.name), _problems(refusal, path))


def _problems(refusal: Refused, path: Path) -> tuple[Problem, ...]:
    """What a refusal says, each as a Problem: a few say a sentence alone."""
    return tuple(p if isinstance(p, Problem) else Problem(path.name, printable(p, 400), "", "") for p in refusal.problems)


def _overlaps(path: Path) -> Report | None:
    """The report of a table of overlaps, told by its columns: `count` last or first, and lists of 0 and 1; None for any other."""
    if not path.is_file() or guard.inspect(path, any_size=True).form != "text":
        return None
    lines = [[cell.text for _, cell in sorted(line.items())] for s in guard.peek(path, 6).sheets for line in s.rows.values()]
    head = [name.strip().casefold() for name in lines[0]] if lines else []
    cells = [cell for line in lines[1:] for name, cell in zip(head, line) if name != "count"]
    if "count" not in head or len(head) < 3 or not cells or sum(cell in ("0", "1") for cell in cells) < 0.8 * len(cells):
        return None
    title = f"Overlaps of {len(head) - 1} lists, {printable(path.name, 80)}"
    try:
        table = multiple_systems.read(path)
    except Refused as refusal:
        return Report(OVERLAPS, path, title, _problems(refusal, path), len(lines) - 1, 0, len(lines) - 1)
    facts = (f"{int(table.counts.sum()):,} cases on {len(table.lists)} lists",)
    return Report(OVERLAPS, path, title, (), table.listed, table.listed, 0, facts)


def _original(path: Path, product: products.Product, data: Path, beside: Sequence[Path]) -> Report:
    """The report of a publisher's file, read by the reader of its source as `extract` would; nothing is written."""
    title = f"A publisher's original: {product.name}"
    if not product.source:
        fault = Problem(
            path.name, product.name, "a file that a reader takes", "No reader takes it: nothing of it is imported."
        )
        return Report(ORIGINAL, path, title, (fault,))
    vocabulary = catalog.load()
    with tempfile.TemporaryDirectory() as room:
        folder = gathered(product.source, data, [*beside, path], Path(room))
        try:
            if product.source == "ctdc":
                reader = importlib.import_module("etl.sources.ctdc.read")
                raw = reader.read(folder)
                rows = reader.to_profiles(raw, path.name, vocabulary)["weight"].sum()
                return Report(ORIGINAL, path, title, (), len(raw), int(rows), 0)
            made = pipeline.read_source(product.source, folder, vocabulary)
        except Refused as refusal:
            faults = _problems(refusal, path)
            mine = tuple(fault for fault in faults if fault.file == path.name)
            return Report(ORIGINAL, path, title, mine or faults)
    left_out = sum(made.out_of_scope.values())
    facts = (
        pipeline.difference(made, data),
        f"{made.kept:,} kept, {len(made.rejected):,} rejected with their reasons, {left_out:,} out of scope",
    )
    faults = tuple(pipeline.steps_back(made, vocabulary, data))
    return Report(ORIGINAL, path, title, faults, made.cells_read, made.kept + left_out, len(made.rejected), facts)


def gathered(source_id: str, data: Path, files: Sequence[Path], room: Path) -> Path:
    """A folder in `room` with the originals of a source: those that are held, and in their place those among `files` that are its."""
    folder = room / source_id
    folder.mkdir()
    held = data / "originals" / source_id
    for each in [*(held.glob("*") if held.is_dir() else ()), *(f for f in files if _source_of(f) == source_id)]:
        shutil.copyfile(each, folder / each.name)
    return folder


def _source_of(path: Path) -> str:
    try:
        return product_of(path).source
    except Refused:
        return ""


def _excerpts(path: Path, report: Report) -> list[Excerpt]:
    faults = [fault for fault in report.faults if fault.row]
    if not faults:
        return []
    made = []
    for sheet in _sheets(path, {row for fault in faults for row in range(fault.row - AROUND, fault.row + AROUND + 1)}):
        spots = xlsx.spots(sheet, [fault for fault in faults if xlsx.belongs(fault, sheet)])
        if spots:
            made.append(_excerpt(sheet, spots, report.kind))
    return made


def _sheets(path: Path, wanted: set[int]) -> Sequence[Sheet]:
    """The sheets of a file; of a text file that is too large to be opened whole, the rows that are wanted and the first."""
    try:
        return guard.open_tables(path).sheets
    except Refused:
        pass
    try:
        if guard.inspect(path, any_size=True).form != "text":
            return guard.peek(path, max(wanted)).sheets
        style = sniffed(path, guard.with_code_page())
        lines = enumerate(islice(records(path, style, guard.LIMITS), max(wanted)), 1 + style.skip)
        rows = {
            number: {n: Cell(number, n, TEXT, text) for n, text in enumerate(line, 1) if text}
            for number, line in lines
            if number in wanted or number == 1 + style.skip
        }
        return [Sheet(path.stem, path.name, rows, plain=True)]
    except (Refused, UnsafeFile):  # the report says what is wrong with the whole file; there are no rows to show
        return []


def _excerpt(sheet: Sheet, spots: dict[tuple[int, int], list[Problem]], kind: str) -> Excerpt:
    first = min((number for number, line in sheet.rows.items() if line), default=1)
    known = {key(column): column for column in format.COLUMNS} if kind == "cases" else {}
    top = [cell for number in sorted(sheet.rows)[:60] for cell in sheet.rows[number].values()]
    named = {cell.column: known[key(cell.text)] for cell in reversed(top) if key(cell.text) in known}  # of a case file
    near = {first} | {row + n for row, _ in spots for n in range(-AROUND, AROUND + 1) if row + n >= first}
    numbers = sorted(near & set(sheet.rows) | {row for row, _ in spots})[:MOST_ROWS]
    width = min(MOST_COLUMNS, max([sheet.width, *(column for _, column in spots)]))
    personal = {spot for spot, faults in spots.items() if any(fault.code == PERSONAL for fault in faults)}
    careful = kind not in ("briefing", "actions")  # whose own rules look into every cell for persons
    rows = tuple(
        (n, tuple(_shown(sheet.cell(n, c), named.get(c, ""), careful or (n, c) in personal) for c in range(1, width + 1)))
        for n in numbers
    )
    marks = {spot: tuple(faults) for spot, faults in spots.items() if spot[0] in numbers and spot[1] <= width}
    return Excerpt(sheet.name, tuple(letters(c) for c in range(1, width + 1)), rows, marks)


def _shown(cell: Cell, column: str, careful: bool) -> str:
    """What may be shown of a cell; `column` names one of a case file. Never a pseudonym, nor what may tell who a person is."""
    text = printable(cell.text or cell.formula, LONGEST)
    if not text or key(text) == key(column):
        return text
    if column == PSEUDONYM:
        return "(a pseudonym)"
    if column and format.shown(column, text).startswith("a text of") or careful and people.found(text):
        return f"({len(text)} characters, not repeated: it may tell who somebody is)"
    return text
