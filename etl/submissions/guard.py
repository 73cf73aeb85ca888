"""The door for strangers' files: XLSX, ODS, CSV and folders of CSV, opened so that none of them can do harm.

In this order: it exists and is of bearable size; it is what it must be by its first bytes, whatever it is called; its
archive, part by part, by sizes that are counted and not believed; then its content, streamed in its own process with
bounded memory and time (`etl.submissions.child`). Whatever fails is a `Refused` that names the file and how to fix it.
"""

from __future__ import annotations

import os
from pathlib import Path

from corridors.problems import WARNING, Problem, Refused
from etl.submissions import reader
from etl.submissions.archive import look_through
from etl.submissions.delimited import AS_UTF8, records, sniffed
from etl.submissions.file_type import SEND, nature
from etl.submissions.limits import Limits, UnsafeFile
from etl.submissions.printable import visible
from etl.submissions.reader import Looked
from etl.submissions.report.outcome import Progress, silent
from etl.submissions.sheets import Tables

LIMITS = Limits()
ENDINGS = {"xlsx": (".xlsx",), "ods": (".ods",), "text": (".csv", ".tsv", ".txt")}
_LITTER = (".ds_store", "thumbs.db", "desktop.ini")  # what systems put into folders by themselves
_MEGA = 1024 * 1024


def look(path: Path, limits: Limits = LIMITS, any_size: bool = False) -> Looked:
    """What a file is, by its content; cheap. Raises Refused, by name, for what is hostile, damaged or no table.

    `any_size` lets text and Parquet files pass that are too large for `open_tables`: case files may be.
    """
    path = Path(path)
    try:
        if not path.exists():
            raise UnsafeFile("no such file or folder", "a file that is there", "Look for a slip in the name.")
        return _folder(path, limits, any_size) if path.is_dir() else _file(path, limits, any_size)
    except UnsafeFile as refusal:
        raise _refused(path, refusal) from None
    except PermissionError:
        raise _refused(
            path, UnsafeFile("a file that this account may not read", "a readable file", "Ask for the right to read it.")
        ) from None


def open_tables(path: Path, progress: Progress = silent, limits: Limits = LIMITS) -> Tables:
    """Everything in a workbook, a CSV, or a folder of CSV files (a sheet each, by name). Raises Refused, by name."""
    return _open(Path(path), progress, limits, None)


def peek(path: Path, rows: int = 30, limits: Limits = LIMITS) -> Tables:
    """As `open_tables`, the first `rows` rows of each sheet only; text files may be of any size. Raises Refused."""
    return _open(Path(path), silent, limits, rows)


def sheet_names(path: Path) -> list[str]:
    """The names of the sheets in order; of CSV files their own without ending. Raises Refused for what is no table."""
    looked = look(path, any_size=True)
    if looked.form in ("text", "folder", "parquet"):
        return [p.stem for p in looked.paths]
    return peek(path, 0).names


def header(path: Path) -> list[str]:
    """The texts of the first row that holds any, on the first sheet. Empty for an empty sheet. Raises Refused."""
    looked = look(path, any_size=True)
    try:
        if looked.form == "text":
            for record in records(looked.paths[0], sniffed(looked.paths[0], LIMITS), LIMITS):
                if any(cell.strip() for cell in record):
                    return [cell.strip() for cell in record]
            return []
    except UnsafeFile as refusal:
        raise _refused(path, refusal) from None
    if looked.form == "parquet":
        raise _refused(path, UnsafeFile("a Parquet file", "a workbook or CSV", "Parquet is taken for case data only."))
    for sheet in peek(path).sheets[:1]:
        for number in sorted(sheet.rows):
            return [sheet.cell(number, column).text for column in range(1, max(sheet.rows[number], default=0) + 1)]
    return []


def _refused(path: Path, refusal: UnsafeFile) -> Refused:
    return Refused(
        Problem(
            visible(Path(path).name or path),
            refusal.found,
            refusal.expected,
            refusal.how_to_fix,
            sheet=visible(refusal.sheet, 60),
            row=refusal.row,
        )
    )


def _warned(path: Path, found: str, expected: str, how_to_fix: str, sheet: str = "", code: str = "") -> Problem:
    return Problem(visible(path.name), found, expected, how_to_fix, visible(sheet, 60), level=WARNING, code=code)


def _file(path: Path, limits: Limits, any_size: bool) -> Looked:
    if not path.is_file():
        raise UnsafeFile("neither a file nor a folder", "a file", "Copy its content into a file first.")
    size = path.stat().st_size
    if size == 0:
        raise UnsafeFile("an empty file (0 bytes)", "a workbook or CSV", "Nothing arrived: send the file again.")
    form = nature(path)
    if form == "zip":
        _bearable(size, limits.file_bytes)
        form = look_through(path, limits)
    elif form == "text" and not any_size:
        if size > limits.text_bytes:
            sniffed(path, limits)  # a single endless line is worth its own name
        _bearable(size, limits.text_bytes)
    faults = ()
    ending = path.suffix.lower()
    if form in ENDINGS and ending not in ENDINGS[form]:
        what = {"xlsx": "an XLSX workbook", "ods": "an ODS workbook", "text": "a text file, read as CSV"}[form]
        faults = (
            _warned(
                path,
                f"{what} under the ending “{visible(ending, 20)}”",
                " or ".join(ENDINGS[form]),
                "Nothing to do: it is read as what it is.",
                code="wrong-ending",
            ),
        )
    return Looked(form, (path,), faults)


def _bearable(size: int, most: int) -> None:
    if size > most:
        raise UnsafeFile(
            f"{size / _MEGA:,.0f} MB",
            f"at most {most / _MEGA:,.0f} MB",
            "Send the tables without pictures; case data of this size as CSV or Parquet.",
        )


def _folder(path: Path, limits: Limits, any_size: bool) -> Looked:
    tables, faults, total = [], [], 0
    with os.scandir(path) as found:
        entries = sorted(found, key=lambda e: e.name.casefold())
    for entry in entries[: limits.files * 10]:
        name = entry.name
        if name.lower() in _LITTER or name.startswith((".", "~$")):
            continue
        if entry.is_symlink():
            raise UnsafeFile(
                f"a link to somewhere else (“{visible(name, 60)}”)",
                "files that lie in the folder",
                "Put the file itself there.",
            )
        if entry.is_file() and Path(name).suffix.lower() in ENDINGS["text"][:2]:
            tables.append(Path(entry.path))
            total += entry.stat().st_size
        else:
            faults.append(
                _warned(
                    path,
                    f"“{visible(name, 60)}”, which is not read",
                    "CSV files only",
                    "Nothing to do if it holds no table; a workbook is checked by its own name.",
                    code="not-read",
                )
            )
    if not tables:
        inside = ", ".join(visible(e.name, 40) for e in entries[:5]) or "nothing"
        raise UnsafeFile(
            f"a folder without CSV files (in it: {inside})",
            "a folder of CSV files",
            "Name the workbook itself, or the right folder.",
        )
    if len(tables) > limits.files:
        raise UnsafeFile(
            f"{len(tables):,} CSV files",
            f"at most {limits.files}",
            "Name the folder that holds the tables of one member.",
        )
    if not any_size:
        _bearable(total, limits.text_bytes)
    for table in tables:
        try:
            if table.stat().st_size and nature(table) != "text":
                raise UnsafeFile("a file that is no text", "a CSV", SEND)
        except UnsafeFile as refusal:
            raise UnsafeFile(
                f"in “{visible(table.name, 60)}” {refusal.found}", refusal.expected, refusal.how_to_fix
            ) from None
    return Looked("folder", tuple(tables), tuple(faults))


def _open(path: Path, progress: Progress, limits: Limits, rows: int | None) -> Tables:
    looked = look(path, limits, any_size=rows is not None)
    if looked.form == "parquet":
        raise _refused(
            path, UnsafeFile("a Parquet file", "a workbook or CSV", "Parquet is taken for case data only. " + AS_UTF8)
        )
    try:
        sheets, notes = reader.read(looked, path, progress, limits, rows)
    except UnsafeFile as refusal:
        raise _refused(path, refusal) from None
    hidden = [
        _warned(
            path,
            "a hidden sheet, which is read like the others",
            "sheets that the reader can see",
            "Show it (right click on a tab, Unhide) and see whether it belongs here.",
            s.name,
            "hidden-sheet",
        )
        for s in sheets
        if s.hidden and s.rows and rows is None
    ]
    form = "csv" if looked.form == "text" else looked.form
    return Tables(path, form, tuple(sheets), (*looked.faults, *notes, *hidden))
