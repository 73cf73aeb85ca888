"""Numbers and dates out of cells, as people write them; what Excel made of them is named, and no guess is silent.

`as_number` reads numbers, `as_date` days and periods; what they say of a cell stands in `values.toml`.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

from corridors.catalog import calendars, words
from corridors.problems import Problem, Wording
from etl.submissions.sheets import BOOL, DATE, EMPTY, FAILED, NUMBER, Cell, printable, tidy

WORDING = Wording(Path(__file__).with_name("values.toml"))
problem = partial(WORDING.problem, file="")  # whoever asks knows the place
REPORTED, NOT_REPORTED, UNREADABLE = "reported", "not_reported", "unreadable"
NOTHING_SAID = set(
    ("n/a|na|n.a.|n.a|n/k|nk|not available|not applicable|not reported|no data|unknown|..|...|…|?|tbc|pending").split("|")
)
DASHES = {"-", "–", "—", "--", "−"}
_MARK = re.compile(r"(?<=\d)\s*([*†‡⁰¹²³⁴⁵⁶⁷⁸⁹]+|\[\w{1,2}\]|\([a-z]\))$", re.I)


def broken(cell: Cell, what: str) -> Problem | None:
    """The fault of a cell that holds an error or a formula without a saved result; None for any other."""
    if cell.kind == FAILED:
        how_to_fix = "Fix the formula it comes from, or write the value itself." if cell.formula else ""
        return problem("error-value", said=printable(cell.text, 40), what=what, how_to_fix=how_to_fix)
    return problem("formula-not-computed", said=printable(cell.formula, 60), what=what) if cell.uncomputed else None


def plain_text(said: str) -> tuple[str, str]:
    """Text with ordinary digits and spaces, and the footnote mark that was taken off (a raised 1 is no digit)."""
    mark = _MARK.search(said)
    text = said[: mark.start()] if mark else said
    text = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)
    text = text.translate({0x066B: ".", 0x066C: ",", 0xFF0C: ",", 0x2212: "-", 0x2019: "'", 0x02BC: "'"})
    return tidy(text), mark[1] if mark else ""


_NAMES = "january february march april may june july august september october november december".split()
MONTHS = {form: n for n, name in enumerate(_NAMES, 1) for form in (name, name[:3])} | {"sept": 9}
A_DATE, A_NUMBER = (WORDING.table[rule]["expected"] for rule in ("not-a-date", "not-a-number"))


@dataclass(frozen=True)
class ParsedDate:
    """A day or a period as a cell gave it: first and last day, both empty where nothing could be read."""

    first: date | None
    last: date | None = None
    status: str = REPORTED  # reported, not_reported, unreadable
    fault: Problem | None = None

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


FiscalDays = Callable[[int], tuple[date, date] | None] | None


def as_date(cell: Cell, calendar: str = "", fiscal: FiscalDays = None) -> ParsedDate:
    """The day, month or year in a cell, as its first and last day. Never raises; day and month in doubt are said.

    `calendar` names another one that the sender writes dates in. `fiscal` gives the days of the sender's fiscal year that begins
    in a year; without it 2011/12 is a question.
    """
    said = cell.text
    in_ours = calendar in ("", "gregorian") or cell.kind == DATE and calendars.in_bounds(cell.value.year)
    if not in_ours and not cell.blank:
        return _of_calendar(calendar, said, fiscal)
    if wrong := broken(cell, A_DATE):
        return _refused(wrong)
    if cell.kind == DATE:
        day = cell.value.date() if isinstance(cell.value, datetime) else cell.value
        if day.year < 1910:
            serial = made_of(day)[0]
            fix = f"{WORDING.table['year-became-date']['how_to_fix']} {calendars.reading(int(serial))}".strip()
            return _refused(problem("year-became-date", day=day, serial=serial, how_to_fix=fix))
        wrong = _outside(day, day, said)
        return _refused(wrong) if wrong else ParsedDate(day, day)
    if cell.kind == EMPTY or said.casefold() in NOTHING_SAID | DASHES | {""}:
        return ParsedDate(None, None, NOT_REPORTED)
    try:
        if cell.kind == NUMBER and 20_000 <= cell.value < 80_000:
            day = date(1899, 12, 30) + timedelta(days=int(cell.value))
            return ParsedDate(day, day, REPORTED, problem("date-became-number", said=said, day=day))
        if cell.kind == BOOL:
            raise ValueError
        text = plain_text(said)[0]
        if found := _fiscal(text, said, fiscal):
            return found
        first, last, doubt = _period(text)
        if wrong := _outside(first, last, said):
            return _refused(wrong)
    except ValueError:
        era = calendars.era(said)
        how_to_fix = era and f"{era} {WORDING.table['not-a-date']['how_to_fix']}"
        return _refused(problem("not-a-date", said=printable(said, 60), how_to_fix=how_to_fix))
    read = first.isoformat() + (f" to {last.isoformat()}" if last != first else "")
    fault = problem("ambiguous-date", said=printable(said, 40), read=read, doubt=doubt) if doubt else None
    return ParsedDate(first, last, REPORTED, fault)


def _refused(fault: Problem) -> ParsedDate:
    return ParsedDate(None, None, UNREADABLE, fault)


def _outside(first: date, last: date, said: str) -> Problem | None:
    """An error for a day of no year that figures can be of, with the reading that another calendar gives."""
    if calendars.in_bounds(first.year) and calendars.in_bounds(last.year):
        return None
    other = calendars.reading(first.year)
    rule = "year-of-no-figures" if other or first.year > 1899 else "day-of-no-figures"
    how_to_fix = other and f"{other} {WORDING.table[rule]['how_to_fix']}"
    bounds = {"first": calendars.FIRST_YEAR, "last": calendars.last_year()}
    return problem(rule, said=printable(said, 40), how_to_fix=how_to_fix, **bounds)


def _fiscal(text: str, said: str, fiscal: FiscalDays) -> ParsedDate | None:
    """A fiscal year, with its days where `fiscal` knows them, else with what it may mean; None for what names none."""
    label, shown = calendars.fiscal_label(text), printable(said, 40)
    if label is None:
        if not (found := calendars.ONE_YEAR.fullmatch(text)):
            return None
        which = f"which may begin or end in {found[1] or found[2]}"
        return _refused(problem("fiscal-year", said=shown, which=which))
    month = f"{date(label.year, (label.year + 1) % 100, 1):%B %Y}" if label.or_month else ""
    span = fiscal(label.year) if fiscal else None
    if span and calendars.in_bounds(span[0].year):
        named = f"{calendars.fiscal_name(label.year)}: {words.day(span[0])} to {words.day(span[1])}"
        told = {"said": shown, "words": named, "month": month}
        return ParsedDate(*span, REPORTED, problem("fiscal-year-or-month", **told) if label.or_month else None)
    named = calendars.fiscal_name(label.year)
    which = f"which is the {named}, or {month}" if month else f"the {named}"
    other = calendars.reading(label.year)
    how_to_fix = other and f"{other} {WORDING.table['fiscal-year']['how_to_fix']}"
    return _refused(problem("fiscal-year", said=shown, which=which, how_to_fix=how_to_fix))


def _of_calendar(calendar: str, said: str, fiscal: FiscalDays) -> ParsedDate:
    """The day or period that a text in another calendar says."""
    text = re.sub(r"^(B\.?E\.?|ปี(?!งบ))?\s*(พ\.?\s?ศ\.?)?\s*", "", plain_text(said)[0], flags=re.IGNORECASE)
    label = calendars.fiscal_label(text)
    if label or calendars.ONE_YEAR.fullmatch(text):
        rule = "fiscal-year-of-that-calendar"
        span = fiscal(label.year - 543) if label and fiscal and calendar == "buddhist" else None
    else:
        rule, span = "no-day-of-that-calendar", calendars.days(text, calendar)
    if span and all(calendars.in_bounds(day.year) for day in span):
        return ParsedDate(*span)
    return _refused(problem(rule, said=printable(said, 60), calendar=calendars.CALENDARS[calendar]))


_PARTS = {"q": 3, "quarter": 3, "h": 6, "half": 6, "s": 6, "semester": 6}  # months of each
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4}
_PART = r"(?:(?P<kind>[QHS]|quarter|half|semester)\s?(?P<number>\d)|(?P<ordinal>\d|first|second|third|fourth)(?:st|nd|rd|th)?\s?(?P<called>[QHS]|quarter|half|semester))"
_PART_OF_YEAR = [  # Q1 2023, 2023 H1, 1H2023, first half of 2023
    re.compile(shape, re.IGNORECASE)
    for shape in (rf"{_PART}[\s/,-]*(?:of\s)?(?P<year>\d{{4}})", rf"(?P<year>\d{{4}})[\s/,-]*{_PART}")
]
_MONTHS_ON = re.compile(  # Jan-Mar 2023, Jan-23..Mar-23
    r"([A-Za-z]{3,9})\.?(?:[\s-]?(\d{4}|\d\d))?\s*(?:-|–|—|to|\.\.+)\s*([A-Za-z]{3,9})\.?[\s-]?(\d{4}|\d\d)", re.IGNORECASE
)


def _period(text: str) -> tuple[date, date, str]:
    """First day, last day and doubt of a date, month or year in text. Raises ValueError."""
    if found := re.fullmatch(r"(\d{4})\s*[年년](?:\s*(\d{1,2})\s*[月월](?:\s*(\d{1,2})\s*[日일])?)?", text):
        text = "-".join(part for part in found.groups() if part)
    if found := re.fullmatch(r"([12]\d{3})", text):
        return date(int(found[1]), 1, 1), date(int(found[1]), 12, 31), ""
    if found := next((match for shape in _PART_OF_YEAR if (match := shape.fullmatch(text))), None):
        months = _PARTS[(found["kind"] or found["called"]).casefold()]
        said = (found["number"] or found["ordinal"]).casefold()
        number = _ORDINALS.get(said) or int(said)
        if not 1 <= number <= 12 // months:
            raise ValueError(text)
        last = number * months
        return date(int(found["year"]), last - months + 1, 1), calendars.gregorian(int(found["year"]), last)[1], ""
    if (found := _MONTHS_ON.fullmatch(text)) and {found[1].casefold(), found[3].casefold()} <= MONTHS.keys():
        years = [int(year) if len(year) == 4 else 2000 + int(year) for year in (found[2] or found[4], found[4])]
        first, last = (
            calendars.gregorian(years[0], MONTHS[found[1].casefold()]),
            calendars.gregorian(years[1], MONTHS[found[3].casefold()]),
        )
        if first[0] > last[0]:
            raise ValueError(text)
        return first[0], last[1], ""
    if (found := re.fullmatch(r"([A-Za-z]{3,9})\.?[\s'’-](\d\d)", text)) and (month := MONTHS.get(found[1].casefold())):
        return *calendars.gregorian(2000 + int(found[2]), month), "The number may be a day or a year: write year-month."
    if found := re.fullmatch(r"(\d{4})[-/.](\d{1,2})", text):
        return *calendars.gregorian(int(found[1]), int(found[2])), ""
    if found := re.fullmatch(r"(\d{1,2})[-/.](\d{4})", text):
        return *calendars.gregorian(int(found[2]), int(found[1])), ""
    if found := re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]\d\d:\d\d(?::\d\d)?Z?)?", text):
        return (day := date(int(found[1]), int(found[2]), int(found[3]))), day, ""
    if found := re.fullmatch(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})", text):
        one, two, year = int(found[1]), int(found[2]), int(found[3])
        if one > 12 or two > 12 or one == two:
            return ((day := date(year, min(one, two), max(one, two)) if one <= 12 < two else date(year, two, one)), day, "")
        return (day := date(year, two, one)), day, "Day and month may be the other way round: write year-month-day."
    words = re.fullmatch(
        r"(?:(\d{1,2})(?:st|nd|rd|th)?[\s.-]+)?([A-Za-z]+)\.?[\s.,-]+(?:(\d{1,2})(?:st|nd|rd|th)?,?\s+)?(\d{4})", text
    )
    if words and (month := MONTHS.get(words[2].casefold())) and not (words[1] and words[3]):
        if number := words[1] or words[3]:
            return (day := date(int(words[4]), month, int(number))), day, ""
        return *calendars.gregorian(int(words[4]), month), ""
    raise ValueError(text)


ZERO, MASKED, ESTIMATED = "zero", "masked", "estimated"
_NONE = {"nil", "none", "zero", "null", "no"}
_WITHHELD = {"*", "x", "c", "withheld", "confidential", "suppressed", "masked", "redacted"}
_BELOW = re.compile(r"(?:<|under|below|less than|fewer than)\s*(\d+)", re.I)
_UP_TO = re.compile(r"(?:≤|<=|=<|up to|at most)\s*(\d+)", re.I)
_ABOVE = re.compile(r"(>=|≥|at least|>|over|above|more than)\s*([\d., ]+)|([\d., ]+)\s*\+", re.I)
_RANGE = re.compile(r"(?:between\s+)?(\d[\d., ]*?)\s*(?:-|–|—|−|to|and)\s*(\d[\d., ]*)", re.I)
_ABOUT = re.compile(r"(?:~|≈|c\.|ca\.?|circa|about|approx\.?|approximately|around|estimated)\s*([\d., ]+)", re.I)
_GROUPED_BY = {
    ",": re.compile(r"[+-]?\d{1,3}(,\d{3})+"),
    ".": re.compile(r"[+-]?\d{1,3}(\.\d{3})+"),
    " ": re.compile(r"[+-]?\d{1,3}( \d{3})+([.,]\d+)?"),
    "'": re.compile(r"[+-]?\d{1,3}('\d{3})+(\.\d+)?"),
}
_SHORT = "|".join(name for name in MONTHS if len(name) == 3)
_SHORT_DATE = re.compile(
    rf"(\d{{1,2}})-({_SHORT})(?:-\d{{2,4}})?|({_SHORT})-(\d{{2}})|(\d{{1,2}})/(\d{{1,2}})/\d{{4}}", re.I
)


@dataclass(frozen=True)
class Parsed:
    """A number as a cell gave it. `value` is empty when only bounds are known or nothing was said.

    `status`: reported, zero, masked, not_reported, estimated, or unreadable. `fault` may come with a value: a warning.
    """

    value: float | int | None
    lower: float | int | None = None
    upper: float | int | None = None
    status: str = REPORTED
    fault: Problem | None = None


class _Fault(Exception):
    """What is wrong with a cell, before its place is put to it."""


def as_number(cell: Cell) -> Parsed:
    """The number in a cell. Never raises.

    "<5" is masked with the bounds 1 and 4; "n/a" and an empty cell are not reported; "0" is zero; a range has bounds and no value.
    """
    said = cell.text
    if wrong := broken(cell, A_NUMBER):
        return Parsed(None, status=UNREADABLE, fault=wrong)
    if cell.kind == DATE:
        day = cell.value.date() if isinstance(cell.value, datetime) else cell.value
        rule = "number-under-date-format" if day.year < 1910 else "number-became-date"
        typed = " or ".join(f"“{text}”" for text in made_of(day))
        return Parsed(None, status=UNREADABLE, fault=problem(rule, day=day, typed=typed))
    if cell.kind == BOOL:
        return Parsed(None, status=UNREADABLE, fault=problem("logical-value", said=said))
    return _checked(cell.value, said, "%" in cell.format) if cell.kind == NUMBER else _from_text(said)


def _checked(value: float | int, said: str, percent: bool = False, warned: Problem | None = None) -> Parsed:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if abs(value) >= 1e15:
        return Parsed(None, status=UNREADABLE, fault=problem("too-large", said=said))
    fault = problem("percentage", value=value) if percent else warned
    return Parsed(value, value, value, ZERO if value == 0 else REPORTED, fault)


def _from_text(said: str) -> Parsed:
    plain, marked = plain_text(said)
    low, shown = plain.casefold(), printable(said)
    if not low or low in NOTHING_SAID:
        return Parsed(None, status=NOT_REPORTED)
    if low in DASHES:
        return Parsed(None, status=NOT_REPORTED, fault=problem("dash", said=shown))
    if low in _NONE:
        return Parsed(0, 0, 0, ZERO, problem("word-for-zero", said=shown))
    if low in _WITHHELD:
        return Parsed(None, status=MASKED, fault=problem("withheld", said=shown))
    if shortened := _SHORT_DATE.fullmatch(plain):
        fault = problem("number-as-excel-writes-dates", said=printable(said, 40), typed=" or ".join(_typed(shortened)))
        return Parsed(None, status=UNREADABLE, fault=fault)
    try:
        return _bounded(plain, said) or _digits(plain, marked, said)
    except _Fault:
        return Parsed(None, status=UNREADABLE, fault=problem("not-a-number", said=printable(said, 60)))


def _typed(shortened: re.Match) -> list[str]:
    """What may have been typed where a CSV says 4-Jan, Jan-04 or 04/01/2025."""
    parts = [str(MONTHS.get(part.casefold()) or int(part)) for part in shortened.groups() if part]
    return [f"“{parts[0]}-{parts[1]}”", f"“{parts[1]}-{parts[0]}”"]


def _bounded(plain: str, said: str) -> Parsed | None:
    """Masks, ranges and approximations; None for what is none of them."""
    shown = printable(said, 40)
    if found := _BELOW.fullmatch(plain) or _UP_TO.fullmatch(plain):
        top = int(found[1]) - (1 if _BELOW.fullmatch(plain) else 0)
        if top < 1:
            raise _Fault
        return Parsed(None, 1, top, MASKED)
    if (found := _RANGE.fullmatch(plain)) and not _GROUPED_BY[" "].fullmatch(plain):
        lower, upper = _number(found[1])[0], _number(found[2])[0]
        if lower > upper:
            raise _Fault
        if (lower, upper) == (1, 4):  # how many offices write their mask
            return Parsed(None, 1, 4, MASKED)
        return Parsed(None, lower, upper, ESTIMATED, problem("range", said=shown))
    if found := _ABOVE.fullmatch(plain):
        more = (found[1] or "").casefold() in (">", "over", "above", "more than")
        lower = _number(found[2] or found[3])[0] + more
        return Parsed(None, lower, None, ESTIMATED, problem("lower-bound", said=shown))
    if found := _ABOUT.fullmatch(plain):
        parsed = _checked(_number(found[1])[0], said)
        if parsed.status == UNREADABLE:
            return parsed
        return Parsed(parsed.value, None, None, ESTIMATED, problem("estimate", said=shown))
    return None


def _digits(plain: str, marked: str, said: str) -> Parsed:
    if plain.endswith("%"):
        return _checked(_number(plain[:-1].strip())[0] / 100, said, percent=True)
    value, doubt = _number(plain)
    told = {"said": printable(said, 40), "value": value}
    fault = problem("footnote-mark", mark=printable(marked, 10), **told) if marked else None
    return _checked(value, said, warned=problem("ambiguous-number", doubt=doubt, **told) if doubt else fault)


def _number(text: str) -> tuple[float | int, str]:
    """The number that a text of digits and separators says, and the doubt about it in a sentence. Raises _Fault."""
    text = text.strip()
    if re.fullmatch(r"[+-]?\d{1,18}", text):
        code = len(text.lstrip("+-")) > 1 and text.lstrip("+-").startswith("0")
        return int(text), "If the zeros in front belong to it, it is a code and not a number." if code else ""
    if re.fullmatch(r"[+-]?\d+(\.\d+)?[eE][+-]?\d{1,2}", text):
        return float(text), "Excel shortens long numbers so: digits may be lost. Write it out."
    comma = "If the comma stands before decimals, write a point."
    for mark in (" ", "'"):
        if _GROUPED_BY[mark].fullmatch(text):
            bare = text.replace(mark, "")
            return (
                (float(bare.replace(",", ".")), comma.replace("If", "If not,")) if "," in bare else (_bare_float(bare), "")
            )
    if _GROUPED_BY[","].fullmatch(text) or re.fullmatch(r"[+-]?\d{1,2}(,\d\d)+,\d{3}", text):  # lakhs: 1,23,456
        return int(text.replace(",", "")), ""
    if _GROUPED_BY["."].fullmatch(text):
        number = int(text.replace(".", "")) if text.count(".") > 1 else float(text)
        return number, "A point may part thousands or stand before decimals: write digits only."
    if re.fullmatch(r"[+-]?(\d+\.\d*|\.\d+)", text):
        return float(text), ""
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+\.\d+", text):
        return float(text.replace(",", "")), ""
    if re.fullmatch(r"[+-]?\d{1,3}(\.\d{3})+,\d+", text):
        return float(text.replace(".", "").replace(",", ".")), "The comma is taken to stand before decimals: write a point."
    if re.fullmatch(r"[+-]?\d+,\d+", text):
        return float(text.replace(",", ".")), "The comma is taken to stand before decimals: write a point."
    raise _Fault


def _bare_float(text: str) -> float | int:
    return float(text) if "." in text else int(text)
