"""Fiscal years: which days a year such as 2011/12 has for a member, and the name of days that are such a year."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

LEAP = {1, 5, 9, 13, 17, 22, 26, 30}  # of each 33 Solar Hijri years; right for 1799 to 2256
ANCHOR_YEAR, ANCHOR = 1402, date(2023, 3, 21)  # a day whose place in both calendars is known
NOWRUZ = "nowruz"
OFFSET = 621  # from a Solar Hijri year to our year in which it begins


@dataclass(frozen=True)
class FiscalYear:
    """When the fiscal years of a member begin, from one year on; `begins` empty where none of twelve months does."""

    member: str
    begins: str  # "07-01", or nowruz
    source: str
    reference: str
    since: int = 0  # 2018 = from 2018/19 on
    named_by: str = "end"  # the year that names it where one alone is said: "end" or "start"

    def first_day(self, year: int) -> date:
        """The day on which the fiscal year that begins in `year` begins."""
        return solar_hijri(year - OFFSET)[0] if self.begins == NOWRUZ else date.fromisoformat(f"{year}-{self.begins}")


def solar_hijri(year: int) -> tuple[date, date]:
    """First and last day of a Solar Hijri year, in our calendar."""

    def begins(wanted: int) -> date:
        step = 1 if wanted >= ANCHOR_YEAR else -1
        between = range(ANCHOR_YEAR, wanted) if step > 0 else range(wanted, ANCHOR_YEAR)
        days = sum(366 if y % 33 in LEAP else 365 for y in between)
        return ANCHOR + step * timedelta(days=days)

    return begins(year), begins(year + 1) - timedelta(days=1)


def rule(known: Iterable[FiscalYear], year: int) -> FiscalYear | None:
    """The entry that holds for the year beginning in `year`; None where no year of twelve months does."""
    found = max((entry for entry in known if entry.since <= year), key=lambda entry: entry.since, default=None)
    return found if found and found.begins else None


def days(known: Iterable[FiscalYear], year: int) -> tuple[date, date] | None:
    """First and last day of the fiscal year year/year+1 of a member; None where it is not known."""
    found = rule(known, year)
    return (found.first_day(year), found.first_day(year + 1) - timedelta(days=1)) if found else None


def name(year: int) -> str:
    """The year by its name: “fiscal year 2011/12”."""
    return f"fiscal year {year}/{(year + 1) % 100:02}"


def name_of(known: Iterable[FiscalYear], start: date, end: date) -> str:
    """The name of the fiscal year, or years, that the days are: “fiscal year 2011/12”; empty where they are none."""
    start, end = (date(day.year, day.month, day.day) for day in (start, end))  # a page's rows have moments
    first, last = (days(known, year) for year in (start.year, end.year - 1))
    if not first or not last or (first[0], last[1]) != (start, end):
        return ""
    return name(start.year) if start.year == end.year - 1 else f"{name(start.year)} to {name(end.year - 1)[12:]}"
