"""What is wrong with one figure: its unit, its number and its status, its period, its coverage.

Reported, zero, masked and not reported are four different things; none is ever read as another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from corridors.catalog import people
from corridors.catalog.model import Measure
from corridors.problems import Problem
from etl.briefings.model import Briefing, Cover, FigureRow, Vocabulary

SHOWN = 60  # characters of a cell that a message repeats
PERSONS = ("victim", "person", "perpetrator")  # units that have a sex and an age
SMALL = 5  # counts below it, told with two details or more, may point at somebody


def quoted(text: str) -> str:
    """A cell's text for a message: in quotation marks and short, or masked where it may tell who a person is."""
    if not text.strip():
        return "an empty cell"
    return people.shown(text, SHOWN)


def shown(number: float | None) -> str:
    """A number for a message: separators, and decimals only where it has any."""
    if number is None:
        return "nothing"
    return f"{number:,.0f}" if float(number).is_integer() else f"{number:,}"


def faults(briefing: Briefing, vocabulary: Vocabulary) -> Iterator[Problem]:
    """Faults of every figure by itself."""
    for row in briefing.figures:

        def say(rule: str, column: str, row: FigureRow = row, **told) -> list[Problem]:
            return [] if column in row.at.broken else [row.at.fault(rule, column, **told)]

        measure = vocabulary.catalog.measures.get(row.measure)
        if measure:
            yield from _thing(row, measure, vocabulary, say)
        yield from _numbers(row, say)
        yield from _status(row, say)
        yield from _period(row, briefing.cover, say)
        yield from _coverage(row, say)
        if measure and measure.unit in PERSONS:
            yield from _small(row, say)


def _thing(row: FigureRow, measure: Measure, vocabulary: Vocabulary, say: Callable) -> Iterator[Problem]:
    units = vocabulary.catalog.units
    one, many = units[measure.unit]["one"], units[measure.unit]["many"]
    if row.unit and row.unit != measure.unit:
        said = units[row.unit]["many"] if row.unit in units else quoted(row.unit)
        yield from say("unit-mismatch", "unit", said=said, many=many, measure=measure.name)
    for detail in ("sex", "age"):
        if getattr(row, detail) != "total" and measure.unit not in PERSONS:
            yield from say("persons-only", detail, said=quoted(getattr(row, detail)), one=one, detail=detail)
    if row.form != "total" and not measure.by_form:
        yield from say("form-not-asked", "form", said=quoted(row.form), measure=measure.name)
    if row.partner and not measure.partner_role:
        yield from say("partner-not-asked", "partner", said=quoted(row.partner), measure=measure.name)


def whole(number: float, column: str, fault: Callable) -> list[Problem]:
    """The fault of a count that is below zero or no whole number, made by `fault`; none for a count."""
    if number >= 0 and float(number).is_integer():
        return []
    rule, how_to_fix = "negative" if number < 0 else "fraction", ""
    if number > 0 and f"{number:.6f}".endswith("000") and round(number * 1000) % 10:
        how_to_fix = (
            f"If the point parts thousands, write {round(number * 1000)}; there is no fraction of a person or a case."
        )
    return [fault(rule, column, number=shown(number), how_to_fix=how_to_fix)]


def _numbers(row: FigureRow, say: Callable) -> Iterator[Problem]:
    for column in ("value", "lower", "upper", "reports_expected", "reports_received"):
        if getattr(row, column) is not None:
            yield from whole(getattr(row, column), column, row.at.fault) if column not in row.at.broken else ()
    ends = {"low": shown(row.lower), "high": shown(row.upper), "number": shown(row.value)}
    if row.lower is not None and row.upper is not None and row.lower > row.upper:
        yield from say("bounds-reversed", "upper", **ends)
    elif row.value is not None and row.status != "masked" and (row.lower is not None or row.upper is not None):
        if (row.lower is not None and row.value < row.lower) or (row.upper is not None and row.value > row.upper):
            yield from say("value-outside", "value", **ends)
        elif row.status not in ("estimated", "not_reported", "zero"):
            yield from say("value-and-range", "value", **ends)


def _status(row: FigureRow, say: Callable) -> Iterator[Problem]:
    numbers = [n for n in (row.value, row.lower, row.upper) if n is not None]
    if {"value", "lower", "upper"} & row.at.broken:
        return
    if row.status == "masked":
        if row.value is not None:
            yield from say("masked-with-value", "value")
        if row.lower is None or row.upper is None:
            yield from say("masked-without-range", "lower")
        elif row.lower == row.upper:
            yield from say("masked-tells", "lower")
    elif row.status == "not_reported":
        if numbers:
            yield from say("missing-with-value", "status", number=shown(numbers[0]))
    elif row.status == "zero":
        if row.value is None:
            yield from say("zero-as-blank", "value")
        elif row.value != 0:
            yield from say("zero-with-value", "status", number=shown(row.value))
    elif not numbers:
        yield from say("no-number", "value")
    elif row.value == 0 and row.status == "reported":
        yield from say("zero-not-said", "status")


def _period(row: FigureRow, cover: Cover, say: Callable) -> Iterator[Problem]:
    start, end = row.period_start, row.period_end
    if not (start and end):
        return
    if (start, end) == (cover.period_start, cover.period_end):
        return  # what is wrong with these is said of the cover
    if start > end:
        yield from say("period-reversed", "period_end", start=start, end=end)
    elif cover.period_start and cover.period_end and cover.period_start <= cover.period_end:
        span = {"first": cover.period_start, "last": cover.period_end}
        if start < cover.period_start:
            yield from say("period-outside", "period_start", day=start, **span)
        if end > cover.period_end:
            yield from say("period-outside", "period_end", day=end, **span)


def _coverage(row: FigureRow, say: Callable) -> Iterator[Problem]:
    expected, received = row.reports_expected, row.reports_received
    if received is None:
        return
    if expected is None:
        yield from say("reports-without-expected", "reports_expected", received=shown(received))
    elif received > expected:
        yield from say("reports-above-expected", "reports_received", received=shown(received), due=shown(expected))


def _small(row: FigureRow, say: Callable) -> Iterator[Problem]:
    details = [
        c for c, none in (("partner", ""), ("sex", "total"), ("age", "total"), ("form", "total")) if getattr(row, c) != none
    ]
    if row.value is not None and 0 < row.value < SMALL and len(details) >= 2 and row.status != "masked":
        yield from say("small-count", "value", number=shown(row.value), details=" and ".join(details))
