"""A report as a workbook: the values of what was checked, faults coloured and noted in their cells, and a list of all.

Only values are copied, and every text is written as text: no formula, no link and no macro of the original survives.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from corridors.problems import ERROR, Problem, Refused
from etl.submissions.guard import open_tables
from etl.submissions.report.outcome import Report, grouped, rows_text, verdict
from etl.submissions.sheets import BOOL, DATE, NUMBER, Cell, Sheet, address, key, place, printable

if TYPE_CHECKING:  # loaded when something is written: what is only judged is told sooner
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

FAULTS = "Faults"
LONGEST = 32_767  # characters of a cell, by Excel's own rule
_COLOURS = {ERROR: "#F6C7C3", "warning": "#FBE7B0"}
_OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
    "in_memory": True,
    "default_date_format": "yyyy-mm-dd",
}
_COLUMNS = (
    ("Level", 10),
    ("File", 26),
    ("Sheet", 18),
    ("Cell", 22),
    ("Found", 46),
    ("Expected", 40),
    ("How to fix it", 56),
    ("Rule", 20),
)


class _Names:
    """Names for sheets that Excel takes: no two alike, 31 characters, without what it forbids."""

    def __init__(self):
        self.taken = {FAULTS.casefold(), "history"}

    def new(self, wanted: str) -> str:
        """A free name, as near to `wanted` as may be."""
        plain = re.sub(r"[\[\]:*?/\\]", " ", printable(wanted, 60)).strip().strip("'")[:31] or "Sheet"
        name, number = plain, 2
        while name.casefold() in self.taken:
            tail = f" ({number})"
            name, number = plain[: 31 - len(tail)] + tail, number + 1
        self.taken.add(name.casefold())
        return name


def workbook(reports: Sequence[Report], out: Path) -> None:
    """Writes the workbook to `out`."""
    import xlsxwriter

    with xlsxwriter.Workbook(str(out), _OPTIONS) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        marks = {
            level: book.add_format({"bg_color": colour, "border": 1, "border_color": "#7A4D00"})
            for level, colour in _COLOURS.items()
        }
        dates = {
            level: book.add_format({"num_format": "yyyy-mm-dd", **({"bg_color": _COLOURS[level]} if level else {})})
            for level in ("", *_COLOURS)
        }
        listing = book.add_worksheet(FAULTS)
        names, targets, unread = _Names(), {}, []
        for report in reports:
            try:
                tables = open_tables(report.path)
            except Refused as refusal:
                unread.append(f"{printable(report.path.name)} is not copied here: {_first(refusal)}")
                continue
            for sheet in tables.sheets:
                mine = [f for f in report.faults if belongs(f, sheet)]
                marked = spots(sheet, mine)
                target = book.add_worksheet(names.new(sheet.name))
                _copy(target, sheet, marked, marks, dates)
                for spot, faults in marked.items():
                    targets.update({(id(report), fault): (target.get_name(), spot) for fault in faults})
        _list(listing, reports, targets, unread, bold, wrap, marks)


def _first(refusal: Refused) -> str:
    return printable(refusal.problems[0], 300)


def belongs(fault: Problem, sheet: Sheet) -> bool:
    """Whether a fault is one of this sheet."""
    if sheet.plain:
        return key(fault.file) == key(sheet.file) or (bool(fault.sheet) and key(fault.sheet) == key(sheet.name))
    return key(fault.sheet) == key(sheet.name)


def spots(sheet: Sheet, faults: Sequence[Problem]) -> dict[tuple[int, int], list[Problem]]:
    """Faults by row and column, from 1; faults of a whole sheet are listed only."""
    found: dict[tuple[int, int], list[Problem]] = {}
    for fault in faults:
        spot = _spot(sheet, fault)
        if spot and spot[0] <= 1_048_576 and spot[1] <= 16_384:
            found.setdefault(spot, []).append(fault)
    return found


def _spot(sheet: Sheet, problem: Problem) -> tuple[int, int] | None:
    """Row and column of a problem; a column that goes by its title is looked for in the first rows."""
    if not problem.row:
        return None
    if not sheet.plain and (spot := place(problem.cell)):
        return spot
    cells = (cell for number in sorted(sheet.rows)[:60] for cell in sheet.rows[number].values())
    titled = next((c.column for c in cells if problem.column and key(c.text) == key(problem.column)), None)
    letter = None if sheet.plain else place(f"{problem.column}1")
    return problem.row, titled or (letter[1] if letter else 1)


def _copy(target: Worksheet, sheet: Sheet, spots: dict, marks: dict[str, Format], dates: dict[str, Format]) -> None:
    for cell in sheet.cells():
        level = _level(spots.get((cell.row, cell.column), ()))
        _put(target, cell, marks.get(level), dates[level])
    for (row, column), faults in spots.items():
        if sheet.cell(row, column).value is None:
            target.write_blank(row - 1, column - 1, None, marks[_level(faults)])
        note = "\n\n".join(
            f"{f.level.upper()}: found {printable(f.found, 400)}; expected {printable(f.expected, 400)}. {printable(f.how_to_fix, 400)}"
            for f in faults
        )
        target.write_comment(row - 1, column - 1, note[:8_000], {"x_scale": 2.5, "y_scale": 1.5, "author": "check"})
    first = min(sheet.rows, default=1)
    widths: dict[int, int] = {}
    for number in sorted(sheet.rows)[:200]:
        for cell in sheet.rows[number].values():
            widths[cell.column] = min(40, max(widths.get(cell.column, 8), len(cell.text) + 2))
    for column, width in widths.items():
        target.set_column(column - 1, column - 1, width)
    if sheet.plain:
        target.freeze_panes(first, 0)
    level = _level([fault for faults in spots.values() for fault in faults])
    if level:
        target.set_tab_color(_COLOURS[level])


def _level(faults: Sequence[Problem]) -> str:
    return "" if not faults else ERROR if any(f.level == ERROR for f in faults) else "warning"


def _put(target: Worksheet, cell: Cell, mark: Format | None, day: Format) -> None:
    at = (cell.row - 1, cell.column - 1)
    if cell.kind == NUMBER:
        target.write_number(*at, cell.value, mark)
    elif cell.kind == BOOL:
        target.write_boolean(*at, cell.value, mark)
    elif cell.kind == DATE and date(1900, 3, 1) <= (cell.value.date() if isinstance(cell.value, datetime) else cell.value):
        target.write_datetime(*at, cell.value.replace(tzinfo=None) if isinstance(cell.value, datetime) else cell.value, day)
    elif cell.value is not None:
        text = str(cell.value)
        _text(target, *at, text if len(text) <= LONGEST else text[: LONGEST - 1] + "…", mark)
    elif cell.formula:
        _text(target, *at, f"(formula without a saved result: {printable(cell.formula)})", mark)


def _text(target: Worksheet, row: int, column: int, text: str, mark: Format | None = None) -> None:
    """Writes text as text: never a formula, a link or a number, whatever it begins with."""
    clean = "".join(c if not 0xD800 <= ord(c) <= 0xDFFF and c not in "\ufffe\uffff" else "\ufffd" for c in text)
    target.write_string(row, column, clean, mark)


def _list(
    listing: Worksheet, reports: Sequence[Report], targets: dict, unread: list[str], bold: Format, wrap: Format, marks: dict
) -> None:
    for column, (_, width) in enumerate(_COLUMNS):
        listing.set_column(column, column, width)
    row = 0
    for report in reports:
        for line in (
            printable(report.title),
            verdict(report),
            rows_text(report),
            *(printable(fact, 500) for fact in report.facts),
        ):
            if line:
                _text(listing, row, 0, line, bold if line == printable(report.title) else None)
                row += 1
    for line in unread:
        _text(listing, row, 0, line)
        row += 1
    row += 1
    for column, (title, _) in enumerate(_COLUMNS):
        _text(listing, row, column, title, bold)
    head = row
    for report in reports:
        for faults in grouped(report.faults).values():
            for fault in faults:
                row += 1
                at = (fault.file, fault.sheet, fault.cell)
                cells = (fault.level, *at, fault.found, fault.expected, fault.how_to_fix, fault.code)
                for column, text in enumerate(cells):
                    _text(listing, row, column, printable(text, 2_000), marks[fault.level] if column == 0 else wrap)
                if target := targets.get((id(report), fault)):
                    name, spot = target
                    quoted = name.replace("'", "''")
                    listing.write_url(
                        row, 3, f"internal:'{quoted}'!{address(*spot)}", wrap, string=printable(fault.cell, 200)
                    )
    listing.freeze_panes(head + 1, 0)
    if row > head:
        listing.autofilter(head, 0, row, len(_COLUMNS) - 1)
    listing.set_landscape()
    listing.fit_to_pages(1, 0)
    listing.repeat_rows(head)
