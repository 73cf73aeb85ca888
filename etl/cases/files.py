"""Opening a case file: CSV and Parquet of any size, and workbooks; which of the format's columns it has."""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from corridors.problems import ERROR, WARNING, Problem, Refused, Wording
from corridors.store.cases import file
from corridors.store.cases.file import Source
from etl.cases import format
from etl.submissions import guard
from etl.submissions.delimited import ASKED, Style, records, sniffed
from etl.submissions.limits import UnsafeFile
from etl.submissions.report.outcome import Progress, counted, silent
from etl.submissions.sheets import FAILED, Cell, Sheet, letters, printable

HEAD = 1 << 16
TAIL = 1 << 16  # a Parquet file keeps its column names at its end
HEADER_WITHIN = 30  # rows of a sheet in which the header is looked for
ENCODINGS = {"utf-8": "utf-8", "utf-8-sig": "utf-8", "utf-16": "utf-16", "cp1252": "latin-1"}
KEY = "record_id"
LIKE_A_HEADER = 3  # names of the format in one row that make it a header
FILE = Wording(Path(__file__).with_name("rules.toml"), "file")


@dataclass(frozen=True)
class Opened:
    """A case file that can be read: for the SQL, and what was wrong with its columns already."""

    source: Source
    faults: tuple[Problem, ...]
    sheet: str = ""
    letters: tuple[str, ...] = ()  # of a workbook: the spreadsheet's letter of each column of `source`

    def place(self, column: str, row: int | None) -> tuple[str, int | None]:
        """Column and row as a Problem names them: in a workbook the column's letter."""
        if row and self.letters and column in self.source.columns:
            column = self.letters[self.source.columns.index(column)]
        return column, row


def recognises(path: Path) -> bool:
    """Whether a file looks like case data: a column record_id. Reads a few kilobytes, of a workbook a few rows."""
    try:
        with path.open("rb") as handle:
            head = handle.read(HEAD)
            if head[:4] == b"PAR1":
                handle.seek(max(0, path.stat().st_size - TAIL))
                return KEY.encode() in handle.read()
        if head[:2] == b"PK":
            return any(_header(sheet) for sheet in guard.peek(path, HEADER_WITHIN).sheets)
        codec = "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
        lines = head.decode(codec, "replace").splitlines()[:HEADER_WITHIN]
        return any(KEY in _plain(line) for line in lines[:2]) or any(_names_columns(re.split(r"[,;\t|]", x)) for x in lines)
    except (OSError, Refused, UnicodeError):
        return False


def opened(path: Path, progress: Progress = silent) -> Opened:
    """The file made ready for the SQL. Raises Refused for what is no table at all, or has none of the needed columns."""
    looked = guard.inspect(path, any_size=True)
    if looked.form == "text":
        return _text(path, looked.faults)
    if looked.form == "parquet":
        return _parquet(path)
    if looked.form == "folder":
        raise Refused(FILE.problem("folder", printable(path.name)))
    return _workbook(path, progress)


def _text(path: Path, faults: tuple[Problem, ...]) -> Opened:
    try:
        style = sniffed(path, guard.with_code_page())
    except UnsafeFile as refusal:
        raise Refused.of(path.name, refusal.found, refusal.expected, refusal.how_to_fix, row=refusal.row) from None
    small = path.stat().st_size <= guard.LIMITS.text_bytes
    if style.encoding not in ENCODINGS and not small:
        raise Refused(FILE.problem("encoding", path.name, encoding=style.encoding.upper()))
    with path.open(encoding=style.encoding, newline="", errors="replace") as handle:
        text = handle.read(HEAD)
    rows = [
        next(csv.reader([line], delimiter=style.separator), []) for line in re.split(r"\r\n|\n|\r", text)[:HEADER_WITHIN]
    ]
    skip = next((n for n, row in enumerate(rows) if n >= style.skip and _names_columns(row)), style.skip)
    columns, wrong = _columns(path, rows[skip] if skip < len(rows) else [])
    if skip > style.skip:
        wrong += (FILE.problem("title-rows", path.name, rows=counted(skip - style.skip, "row")),)
    unseen = ("If the letters of the sample are right", "If your office writes so")
    guesses = tuple(  # the excerpt of a guess is cut off: it may hold a pseudonym
        Problem(
            path.name,
            found.split(" (for instance")[0],
            expected,
            how_to_fix.replace(*unseen),
            level=ERROR if expected == ASKED else WARNING,
            code="guessed",
        )
        for found, expected, how_to_fix in style.guesses
    )
    row = mixed_ends(path) if small else 0
    if row or style.encoding not in ENCODINGS:  # what the database does not read
        mixed = [FILE.problem("mixed-ends", path.name, first=row)] if row else []
        frame, uneven = _read_here(path, style, skip, columns)
        source = Source(path, columns, kind="frame", frame=frame, first_row=2 + skip, rows_guess=len(frame))
        return Opened(source, (*faults, *guesses, *wrong, *mixed, *uneven))
    source = Source(
        path,
        columns,
        delimiter=style.separator,
        encoding=ENCODINGS[style.encoding],
        skip=skip,
        first_row=2 + skip,
        rows_guess=_guess(path, text),
    )
    return Opened(source, (*faults, *guesses, *wrong))


def mixed_ends(path: Path) -> int:
    """The first row that ends otherwise than the first; 0 where all lines end alike, or in a text of two bytes a sign."""
    with path.open("rb") as handle:
        content = handle.read()
    ends = {"\r\n": content.count(b"\r\n")}
    ends |= {"\n": content.count(b"\n") - ends["\r\n"], "\r": content.count(b"\r") - ends["\r\n"]}
    if b"\0" in content[:HEAD] or sum(bool(n) for n in ends.values()) < 2:
        return 0
    found = re.finditer(rb"\r\n|\n|\r", content)
    first = next(found)[0]
    return next(n for n, end in enumerate(found, 2) if end[0] != first)


def _read_here(path: Path, style: Style, skip: int, columns: tuple[str, ...]) -> tuple[pd.DataFrame, list[Problem]]:
    """The rows below the header as text, read without the database, which takes one line end only; and rows of another length."""
    try:
        rows = list(records(path, style._replace(skip=skip), guard.LIMITS))[1:]
    except UnsafeFile as refusal:
        raise Refused.of(path.name, refusal.found, refusal.expected, refusal.how_to_fix, row=refusal.row) from None
    while rows and not any(rows[-1]):
        rows.pop()
    uneven = [
        FILE.problem("line", path.name, row=n, cells=len(row), columns=len(columns))
        for n, row in enumerate(rows, skip + 2)
        if row and len(row) != len(columns)
    ]
    cells = {c: [row[n] or None if n < len(row) else None for row in rows] for n, c in enumerate(columns) if c}
    return pd.DataFrame({c: pd.Series(values, dtype="str") for c, values in cells.items()}), uneven


def _guess(path: Path, text: str) -> int | None:
    """About how many rows a text file has, from its size and its first lines."""
    lines = text.splitlines()[1:]
    return round(path.stat().st_size * len(lines) / max(1, len(text))) or None


def _parquet(path: Path) -> Opened:
    try:
        names, rows = file.parquet_columns(path)
    except file.Unreadable as fault:
        raise Refused(FILE.problem("damaged", path.name, fault=fault)) from None
    columns, wrong = _columns(path, names)
    return Opened(Source(path, columns, kind="parquet", names=tuple(names), first_row=1, rows_guess=rows), wrong)


def _workbook(path: Path, progress: Progress) -> Opened:
    tables = guard.open_tables(path, progress)
    found = [(sheet, row) for sheet in tables.sheets if (row := _header(sheet))]
    if not found:
        raise Refused(FILE.problem("no-sheet", path.name))
    if len(found) > 1:
        raise Refused(FILE.problem("sheets", path.name, names=", ".join(s.name for s, _ in found)))
    sheet, top = found[0]
    width = max(sheet.rows[top])
    columns, wrong = _columns(path, [sheet.cell(top, n).text for n in range(1, width + 1)], sheet.name)
    outside = max((max(line) for row, line in sheet.rows.items() if row > top and line), default=0)
    if outside > width:
        wrong += (FILE.problem("outside", path.name, sheet.name, last=letters(outside)),)
    lines = [sheet.rows.get(row, {}) for row in range(top + 1, sheet.height + 1)]
    frame = pd.DataFrame(
        {c: pd.Series([_text_of(line.get(n)) for line in lines], dtype="str") for n, c in enumerate(columns, 1) if c}
    )
    at = tuple(letters(n + 1) for n in range(width))
    source = Source(path, columns, kind="frame", frame=frame, first_row=top + 1, rows_guess=len(frame))
    return Opened(source, (*tables.faults, *wrong, *_zeros_lost(path, sheet, columns, top)), sheet.name, at)


def _text_of(cell: Cell | None) -> str | None:
    if cell is None:
        return None
    if cell.uncomputed:
        return "#FORMULA"
    return str(cell.value) if cell.kind == FAILED else (cell.text or None)


def _zeros_lost(path: Path, sheet: Sheet, columns: tuple[str, ...], top: int) -> tuple[Problem, ...]:
    """A warning where pseudonyms are kept as numbers: Excel has then dropped any zeros in front."""
    if KEY not in columns:
        return ()
    at = columns.index(KEY) + 1
    numbers = [row for row in range(top + 1, sheet.height + 1) if sheet.cell(row, at).kind == "number"]
    found = FILE.problem("zeros", path.name, sheet.name, letters(at), min(numbers, default=0), cells=len(numbers))
    return (found,) if numbers else ()


def _header(sheet: Sheet) -> int:
    """The row that names the columns, or 0."""
    rows = sorted(sheet.rows)[:HEADER_WITHIN]
    return next((row for row in rows if _names_columns(cell.text for cell in sheet.rows[row].values())), 0)


def _names_columns(cells: Iterable[str]) -> bool:
    """Whether a row names the columns of the format."""
    names = {_plain(cell.strip('"')) for cell in cells}
    return KEY in names and len(names & set(format.COLUMNS)) >= LIKE_A_HEADER


def _plain(name: str) -> str:
    return "_".join(name.replace("\xa0", " ").replace("\ufeff", "").strip().casefold().replace("-", " ").split())


def _columns(path: Path, names: list[str], sheet: str = "") -> tuple[tuple[str, ...], tuple[Problem, ...]]:
    """The format's name of each column of the file, empty where it has none, and what is wrong with them.

    Raises Refused when a column is missing without which a file is none of cases.
    """
    vocabulary = format.vocabulary()
    columns, faults = [], []
    absent = [c for c in format.COLUMNS if c not in {_plain(name) for name in names}]
    rename = f"If it holds what one of these asks for, give it that name: {', '.join(absent)}. Else delete it"
    for name in names:
        plain = _plain(name)
        known = plain in format.COLUMNS
        columns.append(plain if known and plain not in columns else "")
        if not plain:
            faults.append(FILE.problem("column-without-name", path.name, sheet))
        elif not known:
            told = {"name": printable(name, 40), "rename": rename if absent else "Delete it"}
            faults.append(FILE.problem("column", path.name, sheet, **told))
        elif columns[-1] == "":
            faults.append(FILE.problem("column-twice", path.name, sheet, name=plain))
    missing = [c for c in vocabulary.required if c not in columns]
    if missing:
        told = [(c, {"name": c, "meaning": vocabulary.columns[c]}) for c in missing]
        lost = [FILE.problem("column-missing", path.name, sheet, c, **words) for c, words in told]
        raise Refused([*lost, *(str(fault) for fault in faults if fault.level == ERROR)])
    if left := [c for c in format.COLUMNS if c not in columns]:
        faults.append(FILE.problem("columns-left-out", path.name, sheet, names=", ".join(left)))
    return tuple(columns), tuple(faults)
