"""From a sheet as people fill it in to a table: the header found, rows below it with the address of each value.

Titles above, notes below, blank rows, two-line headers and merged cells are ordinary; whatever is not taken into a row
is told as a fault, so that nothing gets lost in silence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from etl.submissions import values
from etl.submissions.printable import key, visible
from etl.submissions.report.outcome import ERROR, WARNING, Fault
from etl.submissions.sheets import Block, Cell, Sheet, letters

DEEPEST_HEADER = 60  # rows in which a header is looked for


@dataclass(frozen=True)
class Row:
    """One row of a table: `row["year"]` is a Cell, `row.number("value")` a Parsed whose fault names the cell."""

    number_in_sheet: int
    cells: Mapping[str, Cell]
    table: Table = field(repr=False)

    def __getitem__(self, column: str) -> Cell:
        return self.cells.get(column) or Cell(self.number_in_sheet, self.table.columns.get(column, 0) or 1)

    def place(self, column: str) -> str:
        """Where the value stands: "C7", or in a text file "row 7, column citizenship"."""
        return self.table.sheet.where(self[column], self.table.titles.get(column, column))

    def text(self, column: str) -> str:
        """The cell's tidy text; empty where nothing stands."""
        return self[column].text

    def number(self, column: str, whole: bool = False) -> values.Parsed:
        """The cell's number, as `etl.submissions.values.as_number` reads it."""
        return values.as_number(self[column], self.table.sheet, self.table.titles.get(column, column), whole)

    def date(self, column: str) -> values.ParsedDate:
        """The cell's day or period, as `etl.submissions.values.as_date` reads it."""
        return values.as_date(self[column], self.table.sheet, self.table.titles.get(column, column))

    def fault(self, level: str, column: str, found: str, expected: str, cure: str, code: str = "") -> Fault:
        """A fault of this row's cell in that column."""
        return self.table.sheet.fault(
            level, self[column], found, expected, cure, code, self.table.titles.get(column, column)
        )


@dataclass(frozen=True)
class Table:
    """A table of a sheet. `columns` maps ids to columns from 1; `notes` are cells that belong to no row."""

    sheet: Sheet
    header_row: int  # the last row of the header; 0 where none was found
    columns: dict[str, int]
    titles: dict[str, str]  # ids to the words of the header
    rows: tuple[Row, ...] = field(repr=False, default=())
    above: tuple[Cell, ...] = field(repr=False, default=())
    notes: tuple[Cell, ...] = field(repr=False, default=())
    faults: tuple[Fault, ...] = ()

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class _Header:
    row: int
    columns: dict[str, int]
    titles: dict[str, str]
    twice: tuple[tuple[str, Cell], ...]
    unknown: tuple[Cell, ...]


def find_table(
    sheet: Sheet, columns: Mapping[str, Sequence[str]], required: Sequence[str] = (), fill: Sequence[str] = ()
) -> Table:
    """The table of a sheet whose header says `columns`: ids to the words that may stand there (the id too).

    `fill` names columns whose merged cells hold for every row they cover, such as a year; counts are not repeated.
    Faults: no header, a required column missing, a column twice or unknown, notes, merged cells. Never raises.
    """
    known = {key(word): name for name, words in columns.items() for word in (name, *words)}
    header = _header(sheet, known, len(columns), set(required))
    if header is None:
        return Table(sheet, 0, {}, {}, faults=(_no_header(sheet, columns, required),))
    faults = [*_missing(sheet, header, columns, required), *_spare(sheet, header, columns)]
    merged = _origins(sheet, header.row)
    above = tuple(
        cell
        for cell in sheet.cells()
        if cell.row < header.row and not cell.blank and cell.column not in header.columns.values()
    )
    table = Table(sheet, header.row, header.columns, header.titles, above=above)
    lines, notes = [], []
    used = set(header.columns.values())
    for number in sorted(n for n in sheet.rows if n > header.row):
        full = [cell for cell in sheet.rows[number].values() if not cell.blank]
        inside = {
            name: sheet.cell(number, column)
            for name, column in header.columns.items()
            if not sheet.cell(number, column).blank
        }
        notes += [cell for cell in full if cell.column not in used]
        if inside and not _repeated_header(inside, known):
            lines.append((number, inside))
        elif inside:
            faults.append(
                sheet.fault(
                    WARNING,
                    next(iter(inside.values())),
                    "the header once more",
                    "one header",
                    "The row is left out.",
                    "header-again",
                )
            )
    foot = _foot(lines, len(header.columns), set(required))
    notes += [cell for _, inside in lines[foot:] for cell in inside.values()]
    covered = {title.column for title in header.unknown}
    stray = [cell for cell in notes if cell.column not in covered]
    if stray:
        faults.append(_noted(sheet, stray))
    rows = []
    for number, inside in lines[:foot]:
        for name in fill:
            if name not in inside and (origin := merged.get((number, header.columns.get(name, 0)))):
                inside[name] = sheet.cell(*origin)
        faults += [
            _merged_value(sheet, sheet.cell(*origin), number, header.titles[name])
            for name in columns
            if name not in fill and name not in inside and (origin := merged.get((number, header.columns.get(name, 0))))
        ]
        rows.append(Row(number, inside, table))
    object.__setattr__(table, "rows", tuple(rows))
    object.__setattr__(table, "notes", tuple(notes))
    object.__setattr__(table, "faults", tuple(faults))
    return table


def _header(sheet: Sheet, known: Mapping[str, str], wanted: int, required: set[str]) -> _Header | None:
    """The row, or two rows, that say most of the expected words; None where no row says two (one, if one is wanted)."""
    origins = {
        (row, column): (block.top, block.left)
        for block in sheet.merged
        if block.bottom - block.top < 5
        for row in range(block.top, block.bottom + 1)
        for column in range(block.left, min(block.right, block.left + 200) + 1)
    }
    best: _Header | None = None
    points = (0, 0)
    for number in sorted(sheet.rows)[:DEEPEST_HEADER]:
        header = _read_header(sheet, number, known, origins)
        score = (len(required & header.columns.keys()), len(header.columns))
        if score > points:
            best, points = header, score
    return best if best and len(best.columns) >= min(2, wanted) else None


def _read_header(
    sheet: Sheet, number: int, known: Mapping[str, str], origins: Mapping[tuple[int, int], tuple[int, int]]
) -> _Header:
    columns: dict[str, int] = {}
    titles: dict[str, str] = {}
    twice, unknown = [], []
    upper = sheet.rows.get(number - 1, {})
    for column in sorted({*sheet.rows[number], *upper, *(c for row, c in origins if row == number)}):
        own = sheet.cell(*origins.get((number, column), (number, column)))
        over = sheet.cell(*origins.get((number - 1, column), (number - 1, column)))
        if own.blank and key(over.text) in known:  # of a header of two rows, a title that stands in the upper one
            own = over
        said = [own.text, f"{over.text} {own.text}", f"{own.text} {over.text}"] if over != own else [own.text]
        # “Victims” merged over “female” and “male” says “victims female” before it says “female”
        name = next((known[key(text)] for text in [*said[1:], said[0]] if own.text and key(text) in known), None)
        if name and name not in columns:
            columns[name], titles[name] = column, own.text
        elif name and (own.row, own.column) == (number, column):
            twice.append((name, own))
        elif not own.blank and own.row == number and not name:
            unknown.append(own)
    return _Header(number, columns, titles, tuple(twice), tuple(unknown))


def _repeated_header(inside: Mapping[str, Cell], known: Mapping[str, str]) -> bool:
    return len(inside) > 1 and all(known.get(key(cell.text)) == name for name, cell in inside.items())


def _foot(lines: list[tuple[int, dict]], wanted: int, required: set[str]) -> int:
    """How many of the lines are rows: those after the last whole one that hold a single text are notes."""
    last = len(lines)
    if wanted < 3:
        return last
    while last and len(lines[last - 1][1]) == 1 and (not required or not required <= lines[last - 1][1].keys()):
        cell = next(iter(lines[last - 1][1].values()))
        if cell.kind != "text" or values.as_number(cell).status not in (values.UNREADABLE, values.NOT_REPORTED):
            break
        last -= 1
    return last


def _origins(sheet: Sheet, header_row: int) -> dict[tuple[int, int], tuple[int, int]]:
    """Places below the header that are covered by a cell merged over rows, and where its value stands."""
    deepest = sheet.height
    blocks: list[Block] = [b for b in sheet.merged if b.bottom > b.top and b.bottom > header_row and b.right - b.left < 200]
    return {
        (row, column): (b.top, b.left)
        for b in blocks
        for row in range(max(b.top + 1, header_row + 1), min(b.bottom, deepest) + 1)
        for column in range(b.left, b.right + 1)
        if not sheet.cell(b.top, b.left).blank
    }


def _merged_value(sheet: Sheet, origin: Cell, row: int, title: str) -> Fault:
    return sheet.fault(
        WARNING,
        origin,
        f"“{visible(origin.text, 40)}” merged over row {row} too",
        f"a value of its own in each row of “{visible(title, 40)}”",
        "It is taken for the first row only: unmerge the cell and fill in each row.",
        "merged-value",
        title,
    )


def _noted(sheet: Sheet, notes: list[Cell]) -> Fault:
    first = notes[0]
    more = f" and {len(notes) - 1} more cells" if len(notes) > 1 else ""
    return sheet.fault(
        WARNING,
        first,
        f"“{visible(first.text, 60)}”{more} outside the table",
        "values in the columns of the table",
        "Nothing to do if these are notes: they are not read as figures.",
        "outside-table",
    )


def _no_header(sheet: Sheet, columns: Mapping[str, Sequence[str]], required: Sequence[str]) -> Fault:
    wanted = ", ".join(f"“{(columns.get(name) or [name])[0]}”" for name in (required or list(columns))[:8])
    first = next(iter(sheet.cells()), None)
    found = f"no row that names its columns (the first cell says “{visible(first.text, 60)}”)" if first else "an empty sheet"
    return sheet.fault(ERROR, first, found, f"a header with {wanted}", "Take the header from the template.", "no-header")


def _missing(sheet: Sheet, header: _Header, columns: Mapping[str, Sequence[str]], required: Sequence[str]) -> list[Fault]:
    """A fault per required column that is not there, with the unknown title that comes nearest."""
    titles = [cell.text for cell in header.unknown]
    faults = []
    for name in required:
        if name in header.columns:
            continue
        word = (columns.get(name) or [name])[0]
        near = get_close_matches(key(word), [key(t) for t in titles], 1, 0.6)
        found = f"no column “{word}”" + (f"; the nearest is “{visible(near[0], 40)}”" if near else "")
        spot = sheet.cell(header.row, 1)
        faults.append(
            sheet.fault(
                ERROR,
                None if sheet.plain else spot,
                found,
                f"the column “{word}” in row {header.row}",
                "Add it, or take the header from the template.",
                "no-column",
            )
        )
    for name, cell in header.twice:
        faults.append(
            sheet.fault(
                ERROR,
                cell,
                f"the column “{visible(cell.text, 40)}” once more (also in {letters(header.columns[name])})",
                "each column once",
                "Delete or rename one of them.",
                "column-twice",
                cell.text,
            )
        )
    return faults


def _spare(sheet: Sheet, header: _Header, columns: Mapping[str, Sequence[str]]) -> list[Fault]:
    """A warning per titled column that nobody asked for."""
    words = {
        key(word): word for name, all_words in columns.items() for word in (name, *all_words) if name not in header.columns
    }
    faults = []
    for cell in header.unknown:
        near = get_close_matches(key(cell.text), words, 1, 0.75)
        hint = f"Did you mean “{words[near[0]]}”? " if near else ""
        faults.append(
            sheet.fault(
                WARNING,
                cell,
                f"the column “{visible(cell.text, 40)}”",
                "the columns of the template",
                hint + "It is not read.",
                "unknown-column",
                cell.text,
            )
        )
    return faults
