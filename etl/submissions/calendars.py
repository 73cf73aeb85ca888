"""Years of other calendars, recognised so that a message can offer the reading; nothing is converted unasked.

Within 1990 to next year the ranges of the calendars do not overlap: Solar Hijri 1369–1406, Hijri 1410–1450, Bikram Sambat
2047–2085, Buddhist era 2533–2571.
"""

from __future__ import annotations

import unicodedata
from datetime import date, timedelta

FIRST_YEAR = 1990
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
