"""Years of other calendars, recognised so that a message can offer the reading; nothing is converted unasked.

Within 1990 to next year the ranges of the calendars do not overlap: Solar Hijri 1369–1406, Hijri 1410–1450, Bikram Sambat
2047–2085, Buddhist era 2533–2571.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from datetime import date, timedelta

FIRST_YEAR = 1990
CALENDARS = {"gregorian": "Gregorian calendar", "buddhist": "Buddhist era", "solar_hijri": "Solar Hijri calendar"}
LEAP = {1, 5, 9, 13, 17, 22, 26, 30}  # of each 33 Solar Hijri years; right for 1799 to 2256
ANCHOR_YEAR, ANCHOR = 1402, date(2023, 3, 21)  # a day whose place in both calendars is known


def last_year() -> int:
    """The last year that a submitted date may lie in: next year."""
    return date.today().year + 1


def in_bounds(year: int) -> bool:
    """Whether a year is one that submitted figures and cases can be of."""
    return FIRST_YEAR <= year <= last_year()


def plain_digits(text: str) -> str:
    """The text with the digits of every script as 0 to 9."""
    return "".join(c if (digit := unicodedata.decimal(c, None)) is None else str(digit) for c in text)


def solar_hijri(year: int) -> tuple[date, date]:
    """First and last day of a Solar Hijri year, in our calendar."""

    def begins(wanted: int) -> date:
        step = 1 if wanted >= ANCHOR_YEAR else -1
        between = range(ANCHOR_YEAR, wanted) if step > 0 else range(wanted, ANCHOR_YEAR)
        days = sum(366 if y % 33 in LEAP else 365 for y in between)
        return ANCHOR + step * timedelta(days=days)

    return begins(year), begins(year + 1) - timedelta(days=1)


def days(text: str, calendar: str) -> tuple[date, date] | None:
    """First and last day, in our calendar, of a year, a month or a day of another one: 1402, 1402-05, 1402/5/20, 20/5/1402.

    None for what is none of these, or no day of that calendar.
    """
    plain = plain_digits(text)
    found = re.fullmatch(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?(?: 00:00)?", plain)
    turned = None if found else re.fullmatch(r"(?:(\d{1,2})[-/.])?(\d{1,2})[-/.](\d{4})", plain)
    if not (found or turned):
        return None
    year, month, day = (int(part) if part else None for part in (found.groups() if found else turned.groups()[::-1]))
    try:
        return (_solar_days if calendar == "solar_hijri" else _buddhist_days)(year, month, day)
    except ValueError:
        return None


def _buddhist_days(year: int, month: int | None, day: int | None) -> tuple[date, date]:
    first = date(year - 543, month or 1, day or 1)
    if day:
        return first, first
    return first, date(first.year, month or 12, monthrange(first.year, month or 12)[1])


def _solar_days(year: int, month: int | None, day: int | None) -> tuple[date, date]:
    if not 1300 < year < 1500:
        raise ValueError(year)
    first, last = solar_hijri(year)
    if month is None:
        return first, last
    lengths = [31] * 6 + [30] * 5 + [(last - first).days + 1 - 336]
    if not (1 <= month <= 12 and 1 <= (day or 1) <= lengths[month - 1]):
        raise ValueError(month)
    begun = first + timedelta(days=sum(lengths[: month - 1]))
    return (begun + timedelta(days=day - 1),) * 2 if day else (begun, begun + timedelta(days=lengths[month - 1] - 1))


def reading(year: int) -> str:
    """What a year may be in another calendar, as a sentence; empty where none leads to 1990 to next year."""
    if in_bounds(year - 543):
        return f"Buddhist era? {year} of the Buddhist era is {year - 543}."
    if 1300 < year < 1500 and in_bounds((days := solar_hijri(year))[0].year):
        return f"Solar Hijri? {year} runs from {_day(days[0])} to {_day(days[1])}."
    if 1400 < year < 1500 and in_bounds(about := int(622 + (year - 1) * 0.970224)):
        return f"Hijri? {year} of the Hijri calendar falls in {about} and {about + 1}."
    if in_bounds(year - 57) and year > last_year():
        return f"Bikram Sambat? {year} runs from the middle of April {year - 57} to the middle of April {year - 56}."
    return ""


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
