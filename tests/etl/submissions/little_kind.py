"""A small kind of file for the tests of the command line: a sheet "Little" (or little.csv) with years and counts."""

from __future__ import annotations

from pathlib import Path

from etl.faults import Problem, Refused
from etl.submissions import guard
from etl.submissions.columns import find_table
from etl.submissions.report.outcome import ERROR, Accepted, Fault, Progress, Report, silent

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
    table = find_table(tables.sheet("little"), {"year": ["Year"], "count": ["Count"]}, ["year", "count"])
    faults: list[Fault] = [*tables.faults, *table.faults]
    bad = 0
    for row in table:
        own = [f for f in (row.date("year").fault, row.number("count", whole=True).fault) if f]
        bad += any(f.level == ERROR for f in own)
        faults += own
    progress("Reading", 2, 2)
    return Report(
        NAME,
        path,
        f"Little table {path.stem}",
        tuple(faults),
        len(table),
        len(table) - bad,
        bad,
        (f"{len(table)} rows",),
    )


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
