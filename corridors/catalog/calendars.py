"""Years of other calendars and fiscal years: their days and names, and how people write them; nothing is converted unasked.

Within 1990 to next year the ranges of the calendars do not overlap: Solar Hijri 1369–1406, Hijri 1410–1450, Bikram Sambat
2047–2085, Buddhist era 2533–2571.
"""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

FIRST_YEAR = 1990
LEAP = {1, 5, 9, 13, 17, 22, 26, 30}  # of each 33 Solar Hijri years; right for 1799 to 2256
ANCHOR_YEAR, ANCHOR = 1402, date(2023, 3, 21)  # a day whose place in both calendars is known
NOWRUZ = "nowruz"
OFFSET = 621  # from a Solar Hijri year to our year in which it begins
CALENDARS = {"gregorian": "Gregorian calendar", "buddhist": "Buddhist era", "solar_hijri": "Solar Hijri calendar"}


def last_year() -> int:
    """The last year that a submitted date may lie in: next year."""
    return date.today().year + 1


def in_bounds(year: int) -> bool:
    """Whether a year is one that submitted figures and cases can be of."""
    return FIRST_YEAR <= year <= last_year()


def plain_digits(text: str) -> str:
    """The text with the digits of every script as 0 to 9."""
    return "".join(c if (digit := unicodedata.decimal(c, None)) is None else str(digit) for c in text)


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


def fiscal_rule(known: Iterable[FiscalYear], year: int) -> FiscalYear | None:
    """The entry that holds for the year beginning in `year`; None where no year of twelve months does."""
    found = max((entry for entry in known if entry.since <= year), key=lambda entry: entry.since, default=None)
    return found if found and found.begins else None


def fiscal_days(known: Iterable[FiscalYear], year: int) -> tuple[date, date] | None:
    """First and last day of the fiscal year year/year+1 of a member; None where it is not known."""
    found = fiscal_rule(known, year)
    return (found.first_day(year), found.first_day(year + 1) - timedelta(days=1)) if found else None


def fiscal_name(year: int) -> str:
    """The year by its name: “fiscal year 2011/12”."""
    return f"fiscal year {year}/{(year + 1) % 100:02}"


def fiscal_name_of(known: Iterable[FiscalYear], start: date, end: date) -> str:
    """The name of the fiscal year, or years, that the days are: “fiscal year 2011/12”; empty where they are none."""
    start, end = (date(day.year, day.month, day.day) for day in (start, end))  # a page's rows have moments
    first, last = (fiscal_days(known, year) for year in (start.year, end.year - 1))
    if not first or not last or (first[0], last[1]) != (start, end):
        return ""
    return (
        fiscal_name(start.year)
        if start.year == end.year - 1
        else f"{fiscal_name(start.year)} to {fiscal_name(end.year - 1)[12:]}"
    )


FISCAL = re.compile(
    r"(?P<named>FY|F\.Y\.|fiscal year|financial year)?\s*(?P<first>\d{4})\s*[-–—/]\s*(?P<second>\d{2}|\d{4})", re.IGNORECASE
)
ONE_YEAR = re.compile(
    r"(?:FY|F\.Y\.|fiscal year|financial year|ปีงบประมาณ)\s*(?:พ\.?\s?ศ\.?)?\s*(\d{4})|(\d{4})\s*年度", re.IGNORECASE
)


class FiscalLabel(NamedTuple):
    """A fiscal year as it is written: the year in which it begins, and whether the text may as well be a month of that year."""

    year: int
    or_month: bool = False


def fiscal_label(text: str) -> FiscalLabel | None:
    """The fiscal year that 2011/12, 2011-12, 2011-2012 or FY2011-12 names; None where the second is not the year after."""
    found = FISCAL.fullmatch(plain_digits(text).strip())
    if not found or int(found["second"]) != (int(found["first"]) + 1) % (100 if len(found["second"]) == 2 else 10_000):
        return None
    return FiscalLabel(int(found["first"]), not found["named"] and 1 <= int(found["second"]) <= 12)


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
        return _solar_days(year, month, day) if calendar == "solar_hijri" else gregorian(year - 543, month, day)
    except ValueError:
        return None


def gregorian(year: int, month: int | None = None, day: int | None = None) -> tuple[date, date]:
    """First and last day of a year, of a month or of a day. Raises ValueError for what the calendar has not."""
    first = date(year, 1 if month is None else month, 1 if day is None else day)
    month = 12 if month is None else month
    return first, first if day is not None else date(year, month, monthrange(year, month)[1])


def span(text: str) -> tuple[date, date]:
    """First and last day of "2025", "2025-03" or "2025-03-31". Raises ValueError for what is none of these, or no day."""
    if not re.fullmatch(r"\d{4}(-\d{1,2}){0,2}", text):
        raise ValueError(text)
    return gregorian(*map(int, text.split("-")))


def bounds(text: str) -> tuple[date, date] | None:
    """The same of a date of this century or the last, written with all its digits; None for anything else."""
    try:
        return span(text) if re.fullmatch(r"(19|20)\d\d(-\d\d){0,2}", text, re.ASCII) else None
    except ValueError:
        return None


def solar_hijri(year: int) -> tuple[date, date]:
    """First and last day of a Solar Hijri year, in our calendar."""

    def begins(wanted: int) -> date:
        step = 1 if wanted >= ANCHOR_YEAR else -1
        between = range(ANCHOR_YEAR, wanted) if step > 0 else range(wanted, ANCHOR_YEAR)
        days = sum(366 if y % 33 in LEAP else 365 for y in between)
        return ANCHOR + step * timedelta(days=days)

    return begins(year), begins(year + 1) - timedelta(days=1)


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


ERAS = {  # as offices of Japan and Taiwan number years: the year before the first
    "令和": 2018,
    "reiwa": 2018,
    "平成": 1988,
    "heisei": 1988,
    "民國": 1911,
    "民国": 1911,
    "中華民國": 1911,
    "r": 2018,
    "h": 1988,
}


def era(text: str) -> str:
    """What a year of an era, such as 令和5年, is in our calendar, as a sentence; empty for what is none."""
    found = re.fullmatch(rf"({'|'.join(ERAS)})\s*(\d{{1,3}}|元)\s*年?", plain_digits(text).strip(), re.IGNORECASE)
    if not found:
        return ""
    year = ERAS[found[1].casefold()] + (1 if found[2] == "元" else int(found[2]))
    return f"{text.strip()} is the year {year}." if in_bounds(year) else ""


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
