"""Reports of checks as people read them: on the terminal, as a page to print, as the workbook with faults marked."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from corridors.problems import ERROR, Refused
from corridors.store import atomic_files
from etl.submissions.report.html import page
from etl.submissions.report.outcome import Report, counted, grouped, rows_text, verdict
from etl.submissions.report.xlsx import workbook
from etl.submissions.sheets import printable

MOST = 60  # faults of one sheet that the terminal shows; the page and the workbook hold them all
HOW = {"html": "a page to read and print", "xlsx": "the workbook with its faults marked"}


def to_terminal(report: Report, console: Console) -> None:
    """Prints a report: its title, what was found per sheet (errors first), and the verdict."""
    console.print(Text(f"{printable(report.title)} · {printable(report.path.name)}", style="bold"))
    for (file, sheet), faults in grouped(report.faults).items():
        errors = sum(f.level == ERROR for f in faults)
        name = (f"{printable(file)}, " if file != report.path.name else "") + (
            f"sheet “{printable(sheet)}”" if sheet else "the file"
        )
        said = f"{name.removesuffix(', the file')}: {counted(errors, 'error')}, {counted(len(faults) - errors, 'warning')}"
        grid = Grid(title=Text(said), title_justify="left", expand=True, show_lines=False, padding=(0, 1))
        for column, width in (("", 7), ("cell", 10), ("found", None), ("expected", None), ("how to fix it", None)):
            grid.add_column(column, overflow="fold", min_width=width, ratio=None if width else 1)
        for fault in faults[:MOST]:
            words = (Text(printable(part, 300)) for part in (fault.cell, fault.found, fault.expected, fault.how_to_fix))
            grid.add_row(Text(fault.level, style="bold red" if fault.level == ERROR else "yellow"), *words)
        console.print(grid)
        if len(faults) > MOST:
            kinds = ", ".join(
                f"{printable(code or 'other')} {number:,}" for code, number in Counter(f.code for f in faults).most_common(6)
            )
            console.print(Text(f"… and {len(faults) - MOST:,} more of this sheet ({kinds}); -o report.xlsx holds them all."))
    for fact in report.facts:
        console.print(Text(f"· {printable(fact, 400)}"))
    if told := rows_text(report):
        console.print(Text(told))
    console.print(Text(verdict(report), style="bold green" if report.fine else "bold red"))


def write(reports: Sequence[Report], out: Path) -> None:
    """Writes the reports to `out`, by its ending a page or a workbook, whole or not at all. Raises Refused."""
    refuse_place([report.path for report in reports], out)
    with atomic_files.whole(out) as draft:
        draft.touch(0o600)  # what a member sent is for its own office
        if out.suffix.lower() == ".html":
            draft.write_text(page(reports), encoding="utf-8")
        else:
            workbook(reports, draft)


def refuse_place(checked: Sequence[Path], out: Path) -> None:
    """Raises Refused where a report cannot be written to `out`: its ending, its folder, or one of the files checked."""
    if out.suffix.lower().lstrip(".") not in HOW:
        raise Refused.of(
            out.name,
            f"the ending “{out.suffix}”",
            " or ".join(f".{name} ({what})" for name, what in HOW.items()),
            "Give the report one of these endings.",
        )
    for path in (p.resolve() for p in checked):
        if out.resolve() == path or (path.is_dir() and path in out.resolve().parents):
            raise Refused.of(
                out.name, "the place of a file that is checked", "a file of its own", "Give the report another name."
            )
    if not out.parent.is_dir():
        raise Refused.of(out.parent.name, "no such folder", "a folder that is there", "Make it first, or choose another.")
