"""The process that reads a stranger's file, with bounded memory and time, and tells its parent cell by cell.

It prints one JSON list per line: `sheet`, `guess`, `row`, `marks`, `note`; at last `done`, `refused` or `memory`.
It loads nothing of the product but these readers, and can neither write files nor start programs that do.
"""

import json
import signal
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from etl.submissions import delimited, ods, xlsx
from etl.submissions.archive import refuse_doctypes, refuse_reaching
from etl.submissions.limits import Budget, Limits, UnsafeFile
from etl.submissions.sheets import printable

Emit = Callable[[list], None]


def bound(limits: Limits) -> None:
    """Bounds this process where the system can: its memory, its processor time, no file written, no core dumped."""
    try:
        import resource
    except ImportError:  # Windows has none; the parent's clock and the readers' budgets hold there
        return
    if hasattr(signal, "setitimer"):  # waiting for a busy machine is no work
        signal.setitimer(signal.ITIMER_PROF, limits.seconds)
    seconds = int(limits.seconds) + 2
    for what, most in (("RLIMIT_AS", limits.memory), ("RLIMIT_CPU", seconds), ("RLIMIT_FSIZE", 0), ("RLIMIT_CORE", 0)):
        number = getattr(resource, what, None)
        if number is None:
            continue
        _, hard = resource.getrlimit(number)
        soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
        try:
            resource.setrlimit(number, (soft, hard))
        except (ValueError, OSError):  # macOS knows RLIMIT_AS and refuses to set it; the budgets hold there
            continue


def emit(message: list) -> None:
    """Sends one message to the parent."""
    sys.stdout.write(json.dumps(message, separators=(",", ":")) + "\n")


def read(form: str, paths: list[str], limits: Limits, most_rows: int | None, send: Emit) -> None:
    """Reads one workbook, or CSV files as a sheet each, and tells what is in them. Raises UnsafeFile."""
    budget = Budget(limits)
    if form == "text":
        for text in paths:
            path = Path(text)
            try:
                delimited.read(path, path.stem, budget, send, most_rows)
            except UnsafeFile as refusal:
                if not refusal.sheet:
                    refusal.sheet = path.stem
                raise
        return
    try:
        with zipfile.ZipFile(paths[0]) as archive:
            refuse_doctypes(archive, budget)
            if form == "ods":
                ods.BookReader(budget, send, most_rows).read(archive)
            else:
                _read_xlsx(archive, budget, most_rows, send)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as fault:
        raise UnsafeFile.of("archive-damaged", fault=printable(fault, 120)) from None


def _read_xlsx(archive: zipfile.ZipFile, budget: Budget, most_rows: int | None, send: Emit) -> None:
    links = refuse_reaching(archive, budget)
    sheets, from_1904, charts, targets = xlsx.workbook(archive, budget)
    if len(sheets) > budget.limits.sheets:
        raise UnsafeFile.of("too-many-sheets", number=len(sheets), sheets=budget.limits.sheets)
    for name in charts:
        send(["note", name, "a sheet that holds a chart only", "tables", "Nothing to do: charts are not read."])
    if links:
        how_to_fix = "Nothing to do: links are neither followed nor kept."
        send(["note", "", f"hyperlinks to places outside ({links:,})", "values", how_to_fix])
    if most_rows == 0:
        for sheet in sheets:
            send(["sheet", sheet.name, sheet.hidden])
        return
    texts, styles = xlsx.strings(archive, targets, budget), xlsx.formats(archive, targets, budget)
    for sheet in sheets:
        send(["sheet", sheet.name, sheet.hidden])
        xlsx.SheetReader(sheet, texts, styles, from_1904, budget, send, most_rows).read(archive)


def main() -> None:
    """Reads what the first argument asks for, as JSON: form, paths, limits, rows."""
    asked = json.loads(sys.argv[1])
    limits = Limits(**asked["limits"])
    bound(limits)
    try:
        read(asked["form"], asked["paths"], limits, asked["rows"], emit)  # the parent lets go of it all if it is refused
        emit(["done"])
    except UnsafeFile as refusal:
        emit(["refused", refusal.found, refusal.expected, refusal.how_to_fix, refusal.sheet, refusal.row])
    except MemoryError:
        emit(["memory"])
    sys.stdout.flush()
