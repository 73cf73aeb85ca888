"""Careful opening of publishers' files. Every function refuses with file, sheet or column, row and how to fix it."""

import csv
import re
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import python_calamine
from rapidfuzz.distance import Levenshtein

from corridors import bounded
from corridors.catalog import Catalog
from corridors.problems import Problem, SourceRefused, shortened
from etl import products
from etl.frames import Raw
from etl.submissions import nearest
from etl.submissions.guard import scan_archive
from etl.submissions.limits import Limits, UnsafeFile
from etl.submissions.sheets import place, repaired

LARGEST = 300 * 1024 * 1024  # bytes; the largest original that a source publishes is 8.6 MB
PUBLISHERS = Limits(file_bytes=LARGEST, unpacked_bytes=300 * 1024 * 1024)
MOST_AREA = 20_000_000  # last row × last column of a sheet; the widest that a source publishes has 3 million
ROW_NUMBER = re.compile(rb'<(?:\w+:)?row\b[^>]{0,100}?\br="(\d{1,7})"')
WIDE_COLUMN = re.compile(rb'\br="([A-Z]{2,3})\d')
SOURCES = Path(__file__).with_name("sources")
CUT_OFF, RIGHT_FILE = "The download was cut off.", "Is this the right file?"
RENAMED = "If the publisher renamed it, tell the reader of this source; else download the file again."
BLANK = ("", "..")  # what publishers print where they have no number


def find(folder: Path, patterns: list[str], source_id: str) -> Path:
    """The newest file in `folder` that matches one of `patterns` (by date, then by name). Refuses when there is none."""
    found = {p for pattern in patterns for p in folder.glob(pattern) if p.is_file() and p.suffix not in (".part", ".toml")}
    hits = sorted(found, key=lambda p: (p.stat().st_mtime, p.name))
    if not hits:
        raise SourceRefused(absent(folder, " or ".join(patterns), source_id))
    return hits[-1]


def absent(folder: Path, expected: str, source_id: str) -> Problem:
    """A file that is not there: what lies in its folder instead, and what those files are where their columns tell."""
    if not folder.is_dir():
        return Problem(f"{folder.name}/", "no such folder", expected, again(source_id))
    there = sorted(p for p in folder.iterdir() if p.is_file() and p.suffix not in (".part", ".toml"))
    names = [f"{p.name}{f' ({what})' if (what := products.named(p)) else ''}" for p in there[:5]]
    found = f"no such file (in the folder: {', '.join(names)}{' …' if len(there) > 5 else ''})" if names else "no such file"
    return Problem(f"{folder.name}/", found, expected, again(source_id))


def again(source_id: str) -> str:
    """How the originals of a source are fetched again: by the command, where it fetches them."""
    fetched = (SOURCES / source_id / "source.toml").is_file()
    return (
        f"Download it again with “python -m etl refresh {source_id}”."
        if fetched
        else "Download it again from the publisher."
    )


def unfit(path: Path, source_id: str, found: str, expected: str, why: str = "", **where) -> SourceRefused:
    """The refusal of an original that cannot be used: why, as far as that is known, and how it is fetched again."""
    return SourceRefused.of(path.name, found, expected, f"{why} {again(source_id)}".lstrip(), **where)


class Together:
    """Does one thing after another and refuses once, with all that was wrong: what is bad in one file hides no other."""

    def __init__(self):
        self.problems: list[Problem | str] = []

    def do(self, what: Callable, *words, **more):
        """What `what` gives, or None where it refuses."""
        try:
            return what(*words, **more)
        except SourceRefused as refusal:
            self.problems += [p for p in refusal.problems if p not in self.problems]
            return None

    def refuse(self) -> None:
        """Raises SourceRefused where anything was refused."""
        if self.problems:
            raise SourceRefused(self.problems)


def mended(raw: Raw) -> tuple[Raw, tuple[str, ...]]:
    """The tables with text that was read in the wrong encoding read again, and a note that says how many cells were."""
    tables, cells = {}, 0
    for name, frame in raw.tables.items():
        for column in frame.columns:
            if not pd.api.types.is_numeric_dtype(frame[column]):
                again = {t: repaired(t) for t in frame[column].unique() if isinstance(t, str) and not t.isascii()}
                again = {before: after for before, after in again.items() if before != after}
                if again:
                    cells += int(frame[column].isin(list(again)).sum())
                    frame = frame.assign(**{column: frame[column].replace(again)})
        tables[name] = frame
    note = f"{cells:,} cells were UTF-8 read as another encoding, and were read again."
    return (replace(raw, tables=tables), (note,)) if cells else (raw, ())


def _whole(path: Path, source_id: str) -> None:
    size = path.stat().st_size
    if size == 0:
        raise unfit(path, source_id, "an empty file", "data")
    if size > LARGEST:
        raise SourceRefused.of(path.name, f"{size:,} bytes", f"at most {LARGEST:,}", RIGHT_FILE)
    with path.open("rb") as handle:
        head = handle.read(512).lstrip().lower()
    if head.startswith((b"<!doctype html", b"<html")):
        why = "The address answered with a page instead of the file."
        raise unfit(path, source_id, "a web page", "the publisher's data file", why)


def read_table(
    path: Path, columns: list[str], source_id: str, encoding: str = "utf-8", called: Callable = lambda frame: frame
) -> pd.DataFrame:
    """A CSV as text (never guessed: "NA" stays "NA"), with `_row` as a person counts lines; `called` may rename its columns.

    Refuses an empty file, a wrong encoding, a missing column, or a last line that is cut off.
    """
    _whole(path, source_id)
    try:
        refuse_short_lines(path, source_id, encoding)
        mark = separator(path, encoding)
        frame = pd.read_csv(path, sep=mark, dtype=str, keep_default_na=False, encoding=encoding, encoding_errors="strict")
    except UnicodeDecodeError as fault:
        raise SourceRefused(_not_text(path, fault, encoding)) from None
    except (csv.Error, pd.errors.ParserError, pd.errors.EmptyDataError) as fault:
        raise unfit(path, source_id, str(fault).strip(), "a CSV table") from None
    frame = called(frame)
    require_columns(frame, columns, path.name, source_id)
    frame["_row"] = range(2, len(frame) + 2)
    return _without_tags(frame)


def _without_tags(frame: pd.DataFrame) -> pd.DataFrame:
    """The table without the row of HXL tags that HDX puts below the header (#affected+dead); rows keep their numbers."""
    if frame.empty:
        return frame
    first = frame.iloc[0].drop("_row").astype("str").str.strip()
    tagged = first.str.fullmatch(r"#[a-z]+([+ ]+[\w+]+)*")
    return frame.iloc[1:].reset_index(drop=True) if tagged.any() and (tagged | (first == "")).all() else frame


def separator(path: Path, encoding: str) -> str:
    """What parts the columns of a CSV: a comma, or what a spreadsheet saved in its place where the header has no comma."""
    with path.open(encoding=encoding, newline="") as handle:
        header = handle.readline(100_000)
    return "," if "," in header else next((mark for mark in (";", "\t") if mark in header), ",")


def read_lines(path: Path, source_id: str, encoding: str = "utf-8") -> list[list[str]]:
    """Every line of a CSV as its cells, for files with lines above or below their table.

    Refuses an empty file, a web page, a wrong encoding, or a quotation that is never closed.
    """
    _whole(path, source_id)
    try:
        with path.open(encoding=encoding, newline="") as handle:
            return list(csv.reader(handle, strict=True))
    except UnicodeDecodeError as fault:
        raise SourceRefused(_not_text(path, fault, encoding)) from None
    except csv.Error as fault:
        raise unfit(path, source_id, str(fault), "a CSV table") from None


def _not_text(path: Path, fault: UnicodeDecodeError, encoding: str) -> Problem:
    return Problem(
        path.name,
        f"a byte that is not {encoding.upper()} at position {fault.start:,}",
        f"text in {encoding.upper()}",
        "Save the file as UTF-8 CSV, or download it again.",
    )


def unpacked(path: Path, wanted: re.Pattern, room: Path, source_id: str) -> Path:
    """The only CSV of an archive whose name is `wanted`, in `room`. Refuses a broken archive, and one with none or several."""
    try:
        with zipfile.ZipFile(path) as archive:
            found = [one for one in archive.infolist() if wanted.fullmatch(one.filename)]
            if len(found) != 1 or found[0].file_size > LARGEST:
                names = ", ".join(one.filename for one in found) or "no CSV"
                raise unfit(path, source_id, names, f"one CSV of at most {LARGEST:,} bytes")
            target = room / Path(found[0].filename).name
            with archive.open(found[0]) as packed, target.open("wb") as plain:
                shutil.copyfileobj(packed, plain)
            return target
    except (zipfile.BadZipFile, EOFError) as fault:
        said = f"an archive that cannot be opened ({fault})"
        raise unfit(path, source_id, said, "a zip archive", CUT_OFF) from None


def refuse_short_lines(path: Path, source_id: str, encoding: str = "utf-8") -> None:
    """Refuses a CSV with a line of fewer or more cells than the header.

    Pandas would fill what was cut off with empty cells; and where the first line has a cell too many, it would take the
    first column for row labels and put every number under its neighbour's name.
    """
    with path.open(encoding=encoding, newline="") as handle:
        lines = csv.reader(handle, delimiter=separator(path, encoding))
        width = len(next(lines, []))
        odd = next(((row, len(line)) for row, line in enumerate(lines, 2) if line and len(line) != width), None)
    if odd:
        more, why = ("fewer", CUT_OFF) if odd[1] < width else ("more", "The file was damaged or edited.")
        found = f"a line with {more} cells ({odd[1]}) than the header"
        raise unfit(path, source_id, found, f"{width} cells", why, row=odd[0])


def refuse_cut_end(path: Path, source_id: str, row: int | None = None) -> None:
    """Refuses a file whose last line has no end: cut inside its last number it would say 9 where the publisher says 90."""
    with path.open("rb") as handle:
        handle.seek(-1, 2)
        if handle.read() not in (b"\n", b"\r"):
            expected = "a line break after the last row"
            raise unfit(path, source_id, "a last line without an end", expected, CUT_OFF, row=row)


def refuse_no_lines(frame: pd.DataFrame, path: Path, source_id: str, expected: str = "at least one line") -> None:
    """Refuses a table that is a header alone: no publisher hands out an empty one."""
    if frame.empty:
        raise unfit(path, source_id, "a header and no lines", expected)


def read_sheet(path: Path, columns: list[str], source_id: str, header_row: int = 1) -> tuple[pd.DataFrame, str]:
    """The first sheet of an XLSX as text with `_row`, and the sheet's name. `header_row` counts from 1.

    Refuses a file that is no workbook, is cut off, or lacks a column.
    """
    frame, sheet, _ = read_sheet_and_banner(path, columns, source_id, header_row)
    return frame, sheet


def read_sheet_and_banner(
    path: Path, columns: list[str], source_id: str, header_row: int, sheet: str = "", wherever: bool = False
) -> tuple[pd.DataFrame, str, list[str]]:
    """As `read_sheet`, and the lines above the header, where publishers print the date of the release.

    `wherever`: the header may also stand in another of the first rows, as in copies that people keep. `sheet` names the sheet where it is not the first. Refuses a file that is no workbook, is cut off, or lacks the sheet
    or a column.
    """
    _whole(path, source_id)
    if not zipfile.is_zipfile(path):
        found = "a file that is not an XLSX workbook, or a download that was cut off"
        raise unfit(path, source_id, found, "an XLSX workbook")
    _refuse_bomb(path, source_id)
    try:
        book = python_calamine.CalamineWorkbook.from_path(path)
        sheet = sheet or book.sheet_names[0]
        rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    except python_calamine.WorksheetNotFound:
        found = f"no such sheet (sheets: {', '.join(book.sheet_names)})"
        raise unfit(path, source_id, found, f"the sheet “{sheet}”", RIGHT_FILE, sheet=sheet) from None
    except (python_calamine.CalamineError, zipfile.BadZipFile, IndexError) as fault:
        raise unfit(path, source_id, f"a workbook that cannot be opened ({fault})", "an XLSX workbook") from None
    if wherever:
        header_row = next((n for n, row in enumerate(rows[:20], 1) if {*map(_text, row)} >= {*columns}), header_row)
    if len(rows) <= header_row:
        expected = f"a header in row {header_row} and data below it"
        raise unfit(path, source_id, f"{len(rows)} rows", expected, sheet=sheet)
    frame = pd.DataFrame(
        [[_text(cell) for cell in row] for row in rows[header_row:]], columns=[_text(c) for c in rows[header_row - 1]]
    )
    require_columns(frame, columns, path.name, source_id, sheet)
    frame["_row"] = range(header_row + 1, header_row + 1 + len(frame))
    banner = [" ".join(text for cell in row if (text := _text(cell))) for row in rows[: header_row - 1]]
    return frame, sheet, banner


def _refuse_bomb(path: Path, source_id: str) -> None:
    """Refuses, before it is opened, a workbook that would fill the memory: the same guard as for members' files.

    What its parts unpack to is counted, not believed; and a single value far from the table makes a grid of all between.
    """

    try:
        scan_archive(path, PUBLISHERS, sizes_alone=True)
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if not re.search(r"worksheets/[^/]+\.xml$", name):
                    continue
                rows = columns = 1
                with archive.open(name) as part:
                    rest = b""
                    while chunk := part.read(1 << 20):
                        text = rest + chunk
                        rows = max(rows, *map(int, ROW_NUMBER.findall(text)), 1)
                        columns = max(columns, *(place(f"{name.decode()}1")[1] for name in {*WIDE_COLUMN.findall(text)}), 1)
                        rest = text[-200:]
                if rows * columns > MOST_AREA:
                    found = f"a sheet that reaches to row {rows:,} and column {columns:,}"
                    raise unfit(path, source_id, found, f"at most {MOST_AREA:,} cells", RIGHT_FILE)
    except UnsafeFile as unsafe:
        raise unfit(path, source_id, unsafe.found, unsafe.expected, RIGHT_FILE) from None


def printed_date(lines: list[str]) -> str:
    """The first date written as dd/mm/yyyy in `lines`, as an ISO date; empty when there is none."""
    found = re.search(r"\b(\d{2})/(\d{2})/(\d{4})\b", "\n".join(lines))
    return f"{found[3]}-{found[2]}-{found[1]}" if found else ""


def _text(cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()


def read_records(path: Path, fields: list[str], source_id: str) -> pd.DataFrame:
    """A JSON list of flat objects as text with `_row` (position in the list, from 1). Refuses anything else."""
    answer = read_json(path, source_id, "a JSON list")
    if not isinstance(answer, list) or not all(isinstance(item, dict) for item in answer) or not answer:
        raise unfit(path, source_id, "JSON of another shape", "a list of objects")
    frame = pd.DataFrame(answer).astype("str")
    require_columns(frame, fields, path.name, source_id)
    frame["_row"] = range(1, len(frame) + 1)
    return frame


def read_object(path: Path, fields: list[str], source_id: str) -> dict:
    """A JSON object as parsed. Refuses anything else, and an object without one of `fields`, naming each at once."""
    answer = read_json(path, source_id, "a JSON object")
    names = list(answer) if isinstance(answer, dict) else []
    missing = [name for name in fields if name not in names]
    if missing:
        spare = ", ".join(str(name) for name in names if name not in fields)[:200]
        found = f"no such field (unused fields: {spare or 'none'})"
        raise SourceRefused([Problem(path.name, found, f"field “{name}”", RENAMED, column=name) for name in missing])
    return answer


def read_json(path: Path, source_id: str, expected: str):
    """What the file says, as parsed. Refuses an empty file, a web page, or what is not complete JSON."""
    _whole(path, source_id)
    try:
        return bounded.read_json(path.read_bytes())
    except bounded.Unreadable as fault:
        raise unfit(path, source_id, f"text that is not complete JSON ({fault})", expected) from None


def require_columns(frame: pd.DataFrame, columns: list[str], file: str, source_id: str, sheet: str = "") -> None:
    """Refuses with every missing column at once and the columns that were found instead."""
    missing = [c for c in columns if c not in frame.columns]
    if missing:
        spare = [str(c) for c in frame.columns if c not in columns and not str(c).startswith("_")]
        what = products.of_lines([map(str, frame.columns)])
        other = f"This is {what.name}: another thing." if what and what.source != source_id else ""
        found = f"no such column (unused columns: {', '.join(spare[:8]) or 'none'})"
        raise SourceRefused([Problem(file, found, f"column “{n}”", other or RENAMED, sheet, n) for n in missing])


MEND = "Mend the cell or ask the publisher."


def refuse_cells(
    bad: pd.Series, rows: pd.Series, file: str, column: str, expected: str, sheet: str = "", how_to_fix: str = MEND
) -> None:
    """Refuses the cells in `bad`, if there are any; `rows` says where in the file each stands."""
    if len(bad):
        faults = [Problem(file, f"“{t}”", expected, how_to_fix, sheet, column, int(rows[i])) for i, t in bad.items()]
        raise SourceRefused(shortened(faults))


def whole_numbers(text: pd.Series, rows: pd.Series, file: str, column: str, sheet: str = "") -> pd.Series:
    """Counts as float (NaN where empty), thousands separators removed.

    Refuses text, fractions and negative counts, listing the offending rows.
    """
    plain = text.str.replace(r"[\s,\u00a0\u202f]", "", regex=True)
    numbers = pd.to_numeric(plain.where(plain != ""), errors="coerce")
    bad = (plain != "") & (numbers.isna() | (numbers < 0) | (numbers % 1 != 0))
    refuse_cells(text[bad], rows, file, column, "a whole number, zero or more", sheet)
    return numbers.astype(float)


def measures(text: pd.Series, rows: pd.Series, file: str, column: str, sheet: str = "") -> pd.Series:
    """Rates, scores and sums of money as float (NaN where the cell is blank); they may be negative.

    Refuses text and separators (a comma may stand for a decimal point), listing the offending rows.
    """
    plain = text.str.strip()
    numbers = pd.to_numeric(plain.where(~plain.isin(BLANK)), errors="coerce").astype(float)
    bad = ~plain.isin(BLANK) & ~np.isfinite(numbers)
    refuse_cells(text[bad], rows, file, column, "a number, with a point before decimals", sheet)
    return numbers


def years(text: pd.Series, rows: pd.Series, file: str, column: str, latest: int, sheet: str = "") -> pd.Series:
    """Years as integers. Refuses text and years after `latest` (the year of the edition), listing the rows."""
    numbers = pd.to_numeric(text, errors="coerce")
    bad = numbers.isna() | (numbers > latest) | (numbers < 1900) | (numbers % 1 != 0)
    refuse_cells(text[bad], rows, file, column, f"a year from 1900 to {latest}", sheet)
    return numbers.astype(int)


UNREAD = "?"  # stands for what a label means that nobody here knows
UNKNOWN_LABEL = "The label is not known here, and the row carries no figure of a member"
ADD_LABEL = "Add it to the catalog as a country or as another name of one, if it is one, and extract again."


def how_to_fix(reasons: pd.Series, else_ask: str) -> pd.Series:
    """What to do about each rejected row: an unknown label is added, anything else is for the publisher."""
    return reasons.map({UNKNOWN_LABEL: ADD_LABEL}).fillna(else_ask)


FLOOD, FLOOD_ROWS = 0.01, 10  # share, and number, of rows with unknown labels from which the file is another than it was


def unknown_labels(rows: pd.DataFrame, questions: list[tuple], carries: pd.Series, file: str, sheet: str = "") -> pd.Series:
    """The column in which each row has a label that nobody knows, else empty: such a row is rejected, and the others are read.

    `questions` are (column, whether it is unknown, expected, how to fix); `rows` has these columns and `_row`. Refuses, with every
    label once, its first row and how often it stands, when they are a flood, and labels in a row that `carries` figures of a member.
    """
    strange = pd.Series("", rows.index, dtype=object)
    for column, unknown, _, _ in questions:
        strange = strange.mask(unknown & (strange == ""), column)
    flood = (strange != "").sum() > max(FLOOD_ROWS, FLOOD * len(rows))
    problems = [
        Problem(
            file,
            f"unknown label “{label}” ({len(those):,} rows)",
            expected,
            how_to_fix,
            sheet=sheet,
            column=column,
            row=int(those["_row"].iloc[0]),
        )
        for column, unknown, expected, how_to_fix in questions
        for label, those in rows[unknown].groupby(column, sort=False)
        if flood or carries[those.index].any()
    ]
    if problems:
        raise SourceRefused(problems)
    return strange


def of_a_member(labels: pd.Series, catalog: Catalog) -> pd.Series:
    """Whether each label of a country is a member's, or so near to one that it may be: one letter of a code, or a like name."""

    def may_be(label: str) -> bool:
        if len(label) <= 4:
            return any(Levenshtein.distance(label.upper(), iso3) <= 1 for iso3 in catalog.members)
        match = nearest.country(label, catalog)
        return any(iso3 in catalog.members for iso3 in (match.key, *match.candidates))

    known = {label: may_be(label) for label in labels.unique()}
    return labels.map(known).astype(bool)


def known_codes(
    codes: pd.Series,
    rows: pd.Series,
    known: dict[str, str],
    file: str,
    column: str,
    sheet: str = "",
    where: str = "corridors/catalog/countries.csv",
    carries: pd.Series | None = None,
) -> pd.Series:
    """Each label's ISO3 key by `known`. Refuses with every unknown label once, its first row and how often it stands.

    With `carries` (whether a row has figures of a member) only as `unknown_labels` does; the others become UNREAD.
    """
    unknown = ~codes.isin(list(known))
    if unknown.any():
        asked = (column, unknown, "a country of the catalog", f"Add it as a name or alias to {where}.")
        imported = pd.Series(True, codes.index) if carries is None else carries
        unknown_labels(pd.DataFrame({column: codes, "_row": rows}), [asked], imported, file, sheet)
    return codes.map(known).mask(unknown, UNREAD)
