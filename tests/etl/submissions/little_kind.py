"""A small kind of file for the tests of the command line: a sheet "Little" (or little.csv) with years and counts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from corridors.problems import ERROR, Problem, Refused
from etl.submissions import guard, values
from etl.submissions.report.outcome import Accepted, Progress, Report, silent
from etl.submissions.sheets import Cell, Sheet, letters

NAME = "little"


def recognises(path: Path) -> bool:
    """Whether a sheet is called Little."""
    try:
        return "little" in [name.casefold() for name in guard.sheet_names(path)]
    except Refused:
        return False


def check(path: Path, data: Path, progress: Progress = silent) -> Report:
    """The report; writes nothing."""
    progress("Reading", 0, 2)
    tables = guard.open_tables(path, progress)
    sheet = tables.sheet("little")
    rows = [number for number in sorted(sheet.rows) if number > 1]
    faults: list[Problem] = [*tables.faults]
    bad = 0
    for row in rows:
        year, count = sheet.cell(row, 1), sheet.cell(row, 2)
        read = ((year, "Year", values.as_date(year)), (count, "Count", values.as_number(count)))
        own = [placed(parsed.fault, sheet, cell, title) for cell, title, parsed in read if parsed.fault]
        bad += any(f.level == ERROR for f in own)
        faults += own
    progress("Reading", 2, 2)
    return Report(
        NAME, path, f"Little table {path.stem}", tuple(faults), len(rows), len(rows) - bad, bad, (f"{len(rows)} rows",)
    )


def placed(fault: Problem, sheet: Sheet, cell: Cell, title: str) -> Problem:
    """The fault at its cell: in a text file by the title of the column, else by its letter."""
    where = ("", title) if sheet.plain else (sheet.name, letters(cell.column))
    return replace(fault, file=sheet.file, sheet=where[0], column=where[1], row=cell.row)


def accept(path: Path, data: Path, progress: Progress = silent, partial: bool = False) -> Accepted:
    """Keeps the name of the file in `data`."""
    report = check(path, data, progress)
    if not report.fine and not partial:
        raise Refused([str(fault) for fault in report.errors])
    (data / path.stem).write_text("accepted", encoding="utf-8")
    return Accepted(f"little {path.stem}", report, ("1 file new",))


def withdraw(key: str, data: Path, why: str = "") -> Accepted:
    """Forgets it again."""
    kept = data / key.removeprefix("little ")
    if not kept.is_file():
        raise Refused(Problem("withdraw", f"“{key}”", "a key that stands", "Look at what accept printed."))
    kept.unlink()
    return Accepted(key, None, (f"gone, because {why or 'of nothing'}",))
