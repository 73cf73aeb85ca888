"""How figures are said: value or range, period, unit. One place, so that screen, export and chart say the same."""

import calendar
import math
import re
import tomllib
from datetime import date
from pathlib import Path

from corridors import catalog

DASH = "–"  # between the ends of a range
ABOUT = "≈ "


def missing(number) -> bool:
    """True for None, NaN and the mark of pandas' whole numbers (told by its name: this room does without pandas)."""
    return number is None or type(number).__name__ == "NAType" or (isinstance(number, float) and math.isnan(number))


def number(value: float, decimals: int = 0) -> str:
    """A number with separators and a true minus sign: 1,541 and −0.49; what rounds to nothing has no sign."""
    text = f"{abs(value):,.{decimals}f}"
    return f"−{text}" if value < 0 and text.strip("0.,") else text


def amount(value, lower=None, upper=None, decimals: int = 0) -> str:
    """Value or range as it stands on a card: "1,541", "1–4", or "≈ 1,178,000" when the range is under one per cent wide."""
    if not missing(value):
        return number(value, decimals)
    if missing(lower) or missing(upper):
        return "not known"
    width = upper - lower
    if width == 0:
        return number(upper, decimals)
    if upper >= 1000 and width / upper <= 0.01:
        return about((lower + upper) / 2)
    low, high = number(lower, decimals), number(upper, decimals)
    return low if low == high else f"{low}{DASH}{high}"  # 99.8 to 100 per cent is 100, and no range


def about(value: float) -> str:
    """A number that nobody counted to the last digit: three significant digits, with the sign for “about”."""
    step = 10 ** max(0, math.floor(math.log10(abs(value))) - 2) if value else 1
    return ABOUT + number(round(value / step) * step)


def figure(row) -> str:
    """The amount of a row that has value, lower, upper and, for a measured quantity, decimals.

    An estimate, or a measured amount, carries three significant digits: its publisher does not know more.
    """
    if getattr(row, "unit_many", "") == "US dollars" and not missing(row.value) and abs(row.value) >= 1e6:
        size, name = (1e9, "billion") if abs(row.value) >= 1e9 else (1e6, "million")
        return f"{ABOUT}{number(row.value / size, 1)} {name}"
    estimate = getattr(row, "status", "") == "estimated" or getattr(row, "kind", "") == "measure"
    if estimate and not missing(row.value) and abs(row.value) >= 1000:
        return about(row.value)
    return amount(row.value, row.lower, row.upper, int(getattr(row, "decimals", 0) or 0))


def unit(row) -> str:
    """The counted unit of a row: the singular for exactly one, where the row knows it."""
    return getattr(row, "unit_one", row.unit_many) if row.value == 1 else row.unit_many


MONTHS = ("", *calendar.month_name[1:])  # 1 is January


def day(when: date) -> str:
    """A date in words: "8 September 2025". (The short form %-d is not known on Windows.)"""
    return f"{when.day} {when:%B %Y}"


def period(start: date, end: date, stock_or_flow: str) -> str:
    """The period in words: "2022" for a calendar year, "end of 2025" for a stock, "1 January to 8 September 2025" else."""
    if stock_or_flow == "stock" or (start.month, start.day) == (end.month, end.day) == (12, 31):
        return f"end of {end.year}" if (end.month, end.day) == (12, 31) else f"on {day(end)}"
    if (start.month, start.day, end.month, end.day) == (1, 1, 12, 31):
        return f"{start.year}" if start.year == end.year else f"{start.year} to {end.year}"
    began = f"{start.day} {start:%B}" + (f" {start.year}" if start.year != end.year else "")
    return f"{began} to {end.day} {end:%B} {end.year}"


def period_of_member(iso3: str, start: date, end: date) -> str:
    """The period of a member's own figure: of its fiscal year with the name, "fiscal year 2011/12: 1 July 2011 to 30 June 2012"."""
    name = catalog.load().fiscal_name(iso3, start, end)
    return f"{name}: {period(start, end, 'flow')}" if name else period(start, end, "flow")


_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~$])")
_LINKS = re.compile(r"(?i)(https?|ftp|mailto|www)(?=[:.])")


def as_text(text):
    """Submitted text, to be put into markdown: it reads as it was written and is never a link, a picture, a heading or HTML.

    An address is broken by a sign without width, because markdown makes links of bare addresses, escaped or not. What is no
    text comes back as it is.
    """
    if not isinstance(text, str):
        return text
    text = _MARKS.sub(r"\\\1", text.replace("&", "&amp;"))
    text = re.sub(r":(?=[\w-]+[:\[\\])", "\\\\:", text)  # :red[…], :icon: and :material/…: are Streamlit's own
    return _LINKS.sub("\\1\u2060", text).replace("@", "@\u2060")


def with_text(rows, *columns: str):
    """Rows whose columns of submitted text, or of lists of it, are `as_text`; columns that are not there are passed over."""

    def shown(value):
        return as_text(value) if isinstance(value, str) or not hasattr(value, "__iter__") else [as_text(v) for v in value]

    return rows.assign(**{c: rows[c].map(shown) for c in columns if c in rows.columns})


def capital(text: str) -> str:
    """The text with its first letter as a capital, the rest as it is."""
    return text[:1].upper() + text[1:]


def small(text: str) -> str:
    """The text with a small first letter, to go on inside a sentence; an abbreviation such as INFORM stays as it is."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def share(part: float) -> str:
    """A share in per cent without false precision: "38 %", "over 99 %"; a small one never reads as none."""
    if 0 < part < 0.01:
        return "under 1\u00a0%"
    if part > 0.99:
        return "over 99\u00a0%"
    return f"{part * 100:.0f}\u00a0%"


def listing(names: list[str]) -> str:
    """Names in a sentence: "Fiji, Palau and Tonga"."""
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1] if names else ""


def _counts(row) -> str:
    """What the latest counts are, where a test says nothing; empty for a row of an earlier edition."""
    said = getattr(row, "counts", None)
    return f". The latest counts: {said}" if isinstance(said, str) else ""


def _stands(row) -> str:
    """How the latest count stands to the mean of the years before, and whether that could be chance."""
    ratio = getattr(row, "ratio", None)
    if missing(ratio):
        return _counts(row)
    apart = row.ratio_lower > 1 or row.ratio_upper < 1
    return (
        f"; the latest is {ratio:.2g} times the mean of the years before (between {row.ratio_lower:.2g} and {row.ratio_upper:.2g})"
        + ("" if apart else ", which can be chance")
        + _counts(row)
    )


def verdict(row) -> str:
    """One cautious sentence for a row of the table `trend` (with `decimals`): what was recorded rose or fell, never the crime."""
    if row.verdict == "not tested":
        return f"No trend is tested: {small(row.note)}" + _counts(row)
    since = "" if missing(row.since_break) else f" since the break of {int(row.since_break)}"
    if row.verdict == "too few years":
        return f"Too few years{since} for a verdict: {row.years}, and six are needed" + _counts(row)
    span = f"{int(row.first_year)}–{int(row.last_year)}"
    if row.verdict == "no steady rise or fall":
        return f"No steady rise or fall over {span}" + _stands(row)
    said = f"What was recorded {row.verdict} over {span}"
    if not missing(row.slope) and number(abs(row.slope), int(row.decimals)).strip("0."):  # "by about 0.0" says nothing
        step = [number(abs(x), int(row.decimals)) for x in (row.slope, *sorted((row.slope_lower, row.slope_upper), key=abs))]
        same = (row.slope_lower > 0) == (row.slope_upper > 0)
        said += f", by about {step[0]} a year" + (f" ({step[1]} to {step[2]})" if same else "")
    return said


def admiralty(row) -> str:
    """Letter and digit of a statement with what they mean; empty for the Working Group's own, which nobody rates here."""
    if getattr(row, "said_by", "") == "bali_process" or "Bali Process" in getattr(row, "publisher", ""):
        return ""
    return (
        f"{row.reliability}{row.credibility}: {RELIABILITY[row.reliability]}, {CREDIBILITY[row.credibility].split(':')[0]}"
    )


def moved(row) -> str:
    """The same in a few words: "recorded fell since 2000", "no steady trend"; of one that is not judged, that."""
    if row.verdict in ("rose", "fell"):
        return f"recorded {row.verdict} since {int(row.first_year if missing(row.since_break) else row.since_break)}"
    return {"not tested": "no trend tested", "too few years": "too few years"}.get(row.verdict, "no steady trend")


TABLE = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
SPEAKERS, GRADE, GRADE_COLOUR, RELIABILITY, CREDIBILITY, VERIFIED, DEBRIEF_QUESTIONS = (
    TABLE[name] for name in "speakers grade grade_colour reliability credibility verified debrief_questions".split()
)
CRIME, STRENGTH, STRENGTH_MEANS, MODE, ROUTE_FORM, FACTOR_SIDE, CERTAINTY, ACTION_ROLE, BREAKDOWN = (
    TABLE[name]
    for name in "crime strength strength_means mode route_form factor_side certainty action_role breakdown".split()
)
SEVERITY = {int(step): meaning for step, meaning in TABLE["severity"].items()}


# A cell that begins with one of these is run as a formula by spreadsheet programs; a quote in front makes it text.
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")


def disarmed(text: str) -> str:
    """The text as a cell that no spreadsheet program runs."""
    return "'" + text if isinstance(text, str) and text.startswith(DANGEROUS) else text
