"""Days, months and years out of cells, as their first and last day; what Excel made of other things is named."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from corridors.problems import ERROR, WARNING, Problem
from etl.submissions.printable import visible
from etl.submissions.report.cell_text import (
    DASHES,
    NOT_REPORTED,
    NOTHING_SAID,
    REPORTED,
    UNREADABLE,
    Teller,
    broken,
    plain_text,
)
from etl.submissions.sheets import BOOL, DATE, EMPTY, NUMBER, Cell, Sheet

MONTHS = {
    name: n
    for n, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sep sept",
            "october oct",
            "november nov",
            "december dec",
        ),
        1,
    )
    for name in names.split()
}
A_DATE = "a date such as 2025-12-31, a month such as 2025-06, or a year"


@dataclass(frozen=True)
class ParsedDate:
    """A day or a period as a cell gave it: first and last day, both empty where nothing could be read."""

    first: date | None
    last: date | None = None
    status: str = REPORTED  # reported, not_reported, unreadable
    fault: Problem | None = None
    said: str = ""

    @property
    def value(self) -> date | None:
        """The first day."""
        return self.first


def made_of(day: date) -> list[str]:
    """What a person may have typed where Excel shows this day: "1-4" becomes 1 April or 4 January."""
    if day.year < 1910:  # a plain number under a date format
        return [str((day - date(1899, 12, 30)).days - (1 if day < date(1900, 3, 1) else 0))]
    small = sorted({f"{day.day}-{day.month}", f"{day.month}-{day.day}"}, key=lambda t: [int(p) for p in t.split("-")])
    return small if day.day != 1 else [*small, f"{day.month}-{day.year % 100}"]


def as_date(cell: Cell, sheet: Sheet | None = None, column: str = "") -> ParsedDate:
    """The day, month or year in a cell, as its first and last day. Never raises; day and month in doubt are said."""
    tell = Teller(cell, sheet, column)
    said = cell.text
    if wrong := broken(cell, tell, A_DATE):
        return ParsedDate(None, None, UNREADABLE, wrong, said or cell.formula)
    if cell.kind == DATE:
        day = cell.value.date() if isinstance(cell.value, datetime) else cell.value
        if day.year < 1910:
            serial = made_of(day)[0]
            fault = tell(
                ERROR,
                f"the date {day.isoformat()}, which is the number {serial} under a date format",
                A_DATE,
                "Format the cell as a number or as text.",
                "year-became-date",
            )
            return ParsedDate(None, None, UNREADABLE, fault, said)
        return ParsedDate(day, day, REPORTED, None, said)
    if cell.kind == EMPTY or said.casefold() in NOTHING_SAID | DASHES | {""}:
        return ParsedDate(None, None, NOT_REPORTED, None, said)
    try:
        if cell.kind == NUMBER and 20_000 <= cell.value < 80_000:
            day = date(1899, 12, 30) + timedelta(days=int(cell.value))
            fault = tell(
                WARNING,
                f"the number {said}, read as the day {day.isoformat()}",
                A_DATE,
                "Format the cell as a date.",
                "date-became-number",
            )
            return ParsedDate(day, day, REPORTED, fault, said)
        if cell.kind == BOOL:
            raise ValueError
        first, last, doubt = _period(plain_text(said)[0])
    except ValueError:
        fault = tell(ERROR, f"“{visible(said, 60)}”", A_DATE, "Write it as year-month-day.", "not-a-date")
        return ParsedDate(None, None, UNREADABLE, fault, said)
    fault = (
        tell(WARNING, f"“{visible(said, 40)}”, read as {first.isoformat()}", A_DATE, doubt, "ambiguous-date")
        if doubt
        else None
    )
    return ParsedDate(first, last, REPORTED, fault, said)


def _period(text: str) -> tuple[date, date, str]:
    """First day, last day and doubt of a date, month or year in text. Raises ValueError."""
    if found := re.fullmatch(r"((?:19|20)\d\d)", text):
        return date(int(found[1]), 1, 1), date(int(found[1]), 12, 31), ""
    if found := re.fullmatch(r"(\d{4})[-/.](\d{1,2})", text):
        return *_month(int(found[1]), int(found[2])), ""
    if found := re.fullmatch(r"(\d{1,2})[-/.](\d{4})", text):
        return *_month(int(found[2]), int(found[1])), ""
    if found := re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]\d\d:\d\d(?::\d\d)?Z?)?", text):
        return (day := date(int(found[1]), int(found[2]), int(found[3]))), day, ""
    if found := re.fullmatch(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})", text):
        one, two, year = int(found[1]), int(found[2]), int(found[3])
        if one > 12 or two > 12 or one == two:
            return (
                (day := date(year, min(one, two), max(one, two)) if one <= 12 < two else date(year, two, one)),
                day,
                "",
            )
        return (day := date(year, two, one)), day, "Day and month may be the other way round: write year-month-day."
    words = re.fullmatch(
        r"(?:(\d{1,2})(?:st|nd|rd|th)?[\s.-]+)?([A-Za-z]+)\.?[\s.,-]+(?:(\d{1,2})(?:st|nd|rd|th)?,?\s+)?(\d{4})", text
    )
    if words and (month := MONTHS.get(words[2].casefold())) and not (words[1] and words[3]):
        if number := words[1] or words[3]:
            return (day := date(int(words[4]), month, int(number))), day, ""
        return *_month(int(words[4]), month), ""
    raise ValueError(text)


def _month(year: int, month: int) -> tuple[date, date]:
    first = date(year, month, 1)
    return first, (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
