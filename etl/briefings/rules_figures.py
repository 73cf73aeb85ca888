"""What is wrong with one figure: its unit, its number and its status, its period, its coverage.

Reported, zero, masked and not reported are four different things; none is ever read as another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from corridors.catalog.model import Measure
from corridors.problems import WARNING, Problem
from etl.briefings.model import Briefing, Cover, FigureRow, Vocabulary
from etl.briefings.rules_words import quoted, shown

PERSONS = ("victim", "person", "perpetrator")  # units that have a sex and an age
SMALL = 5  # counts below it, told with two details or more, may point at somebody
CODES = {
    "unit-mismatch": "counted in another unit than the measure",
    "persons-only": "sex or age of what is no person",
    "form-not-asked": "form of exploitation where none is asked",
    "partner-not-asked": "other end where none is asked",
    "negative": "negative number",
    "fraction": "fraction of a person",
    "bounds-reversed": "lower end above the upper end",
    "value-outside": "number outside its own range",
    "value-and-range": "number and range for a count",
    "masked-with-value": "masked, and the number beside it",
    "masked-without-range": "masked, and no range",
    "masked-tells": "masked, and the range leaves one number",
    "missing-with-value": "not reported, and a number",
    "zero-with-value": "none counted, and a number",
    "zero-as-blank": "none counted, and an empty cell",
    "zero-not-said": "0 whose status does not say none",
    "no-number": "neither number nor range",
    "period-outside": "counted outside the period of the briefing",
    "reports-above-expected": "more reports than expected",
    "reports-without-expected": "reports received, none expected",
    "small-count": "small count told in detail",
}


def faults(briefing: Briefing, vocabulary: Vocabulary) -> Iterator[Problem]:
    """Faults of every figure by itself."""
    for row in briefing.figures:

        def say(
            column: str, found: str, expected: str, how_to_fix: str, code: str, level: str = "error", row: FigureRow = row
        ) -> list[Problem]:
            return [] if column in row.at.broken else [row.at.fault(column, found, expected, how_to_fix, code, level)]

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
    if row.unit and row.unit != measure.unit:
        many = units[measure.unit]["many"]
        yield from say(
            "unit",
            units[row.unit]["many"] if row.unit in units else quoted(row.unit),
            many,
            f"“{measure.name}” counts {many}. One case may have many victims: move the number to a measure of what "
            f"was counted.",
            "unit-mismatch",
        )
    for column, all_of_them in (("sex", "total"), ("age", "total")):
        if getattr(row, column) != all_of_them and measure.unit not in PERSONS:
            yield from say(
                column,
                quoted(getattr(row, column)),
                "nothing",
                f"A {units[measure.unit]['one']} has no {column}: empty the cell.",
                "persons-only",
            )
    if row.form != "total" and not measure.by_form:
        yield from say(
            "form",
            quoted(row.form),
            "nothing",
            f"“{measure.name}” is not split by form of exploitation: empty the cell.",
            "form-not-asked",
        )
    if row.partner and not measure.partner_role:
        yield from say(
            "partner",
            quoted(row.partner),
            "nothing",
            f"“{measure.name}” asks for no other end; say in the note what it means.",
            "partner-not-asked",
            WARNING,
        )


def whole(number: float, column: str, fault: Callable) -> list[Problem]:
    """The fault of a count that is below zero or no whole number, made by `fault`; none for a count."""
    if number < 0:
        return [fault(column, shown(number), "zero or more", "Counts are never negative; fix the sign.", "negative")]
    if not float(number).is_integer():
        return [
            fault(
                column,
                shown(number),
                "a whole number",
                f"If the point parts thousands, write {round(number * 1000)}; there is no fraction of a person or a case."
                if number > 0 and f"{number:.6f}".endswith("000") and round(number * 1000) % 10
                else "There is no fraction of a person or a case. For an estimate, round it.",
                "fraction",
            )
        ]
    return []


def _numbers(row: FigureRow, say: Callable) -> Iterator[Problem]:
    for column in ("value", "lower", "upper", "reports_expected", "reports_received"):
        if getattr(row, column) is not None:
            found_faults = whole(getattr(row, column), column, row.at.fault)
            yield from () if column in row.at.broken else found_faults
    if row.lower is not None and row.upper is not None and row.lower > row.upper:
        yield from say(
            "upper",
            f"at least {shown(row.lower)}, at most {shown(row.upper)}",
            "the lower end first",
            "Exchange the two.",
            "bounds-reversed",
        )
    elif row.value is not None and row.status != "masked" and (row.lower is not None or row.upper is not None):
        if (row.lower is not None and row.value < row.lower) or (row.upper is not None and row.value > row.upper):
            yield from say(
                "value",
                f"{shown(row.value)} beside the range {shown(row.lower)} to {shown(row.upper)}",
                "a number within its range",
                "Fix the number or the range.",
                "value-outside",
            )
        elif row.status not in ("estimated", "not_reported", "zero"):
            yield from say(
                "value",
                f"{shown(row.value)} and a range",
                "a number or a range",
                "A count has one number. Call it an estimate, or empty one of the two.",
                "value-and-range",
                WARNING,
            )


def _status(row: FigureRow, say: Callable) -> Iterator[Problem]:
    found_faults = [n for n in (row.value, row.lower, row.upper) if n is not None]
    if {"value", "lower", "upper"} & row.at.broken:
        return
    if row.status == "masked":
        if row.value is not None:
            yield from say(
                "value",
                "a masked figure with its number",
                "only the range, in At least and At most",
                "Take the number out: hiding it has no sense while it stands there.",
                "masked-with-value",
            )
        if row.lower is None or row.upper is None:
            yield from say(
                "lower",
                "a masked figure without its range",
                "At least and At most, for instance 1 and 4",
                "Fill in both ends.",
                "masked-without-range",
            )
        elif row.lower == row.upper:
            yield from say(
                "lower",
                "a range that leaves one number",
                "a range of several numbers",
                "Widen the range, or tell the number.",
                "masked-tells",
            )
    elif row.status == "not_reported":
        if found_faults:
            yield from say(
                "status",
                f"not reported, with {shown(found_faults[0])}",
                "no number",
                "Empty the number if nobody counts it, or choose another status.",
                "missing-with-value",
            )
    elif row.status == "zero":
        if row.value is None:
            yield from say(
                "value",
                "an empty cell, called “counted: none”",
                "0",
                "Write 0 if it was counted and there were none; else choose “not reported”.",
                "zero-as-blank",
            )
        elif row.value != 0:
            yield from say(
                "status",
                f"“counted: none”, with {shown(row.value)}",
                "0",
                "Write 0, or choose “counted”.",
                "zero-with-value",
            )
    elif not found_faults:
        yield from say(
            "value",
            "an empty cell",
            "a number or a range",
            "Empty is neither zero nor missing: write 0 if it was counted and there were none, choose “not reported” "
            "if nobody counts it, "
            "or “hidden” with a range.",
            "no-number",
        )
    elif row.value == 0 and row.status == "reported":
        yield from say(
            "status",
            "0, called “counted”",
            "“counted: none”",
            "Choose “counted: none”, so that nobody takes it for a gap.",
            "zero-not-said",
            WARNING,
        )


def _period(row: FigureRow, cover: Cover, say: Callable) -> Iterator[Problem]:
    start, end = row.period_start, row.period_end
    if not (start and end):
        return
    if (start, end) == (cover.period_start, cover.period_end):
        return  # what is wrong with these is said of the cover
    if start > end:
        yield from say(
            "period_end",
            f"{start} to {end}",
            "a period that ends after it begins",
            "Exchange the two days, or fix the year.",
            "period-reversed",
        )
    elif cover.period_start and cover.period_end and cover.period_start <= cover.period_end:
        for column, day, outside in (
            ("period_start", start, start < cover.period_start),
            ("period_end", end, end > cover.period_end),
        ):
            if outside:
                yield from say(
                    column,
                    _day(day),
                    f"a day from {_day(cover.period_start)} to {_day(cover.period_end)}",
                    "Fix the date, or the period on the cover if the briefing is about other days (a fiscal year, say); a figure of "
                    "another period belongs in the briefing of that period.",
                    "period-outside",
                )


def _coverage(row: FigureRow, say: Callable) -> Iterator[Problem]:
    expected, received = row.reports_expected, row.reports_received
    if received is None:
        return
    if expected is None:
        yield from say(
            "reports_expected",
            f"{shown(received)} received, none expected",
            "how many should have reported",
            "Fill it in, or empty both.",
            "reports-without-expected",
        )
    elif received > expected:
        yield from say(
            "reports_received",
            f"{shown(received)} of {shown(expected)} reports",
            "at most as many as expected",
            "Fix one of the two.",
            "reports-above-expected",
        )


def _small(row: FigureRow, say: Callable) -> Iterator[Problem]:
    details = [
        c for c, none in (("partner", ""), ("sex", "total"), ("age", "total"), ("form", "total")) if getattr(row, c) != none
    ]
    if row.value is not None and 0 < row.value < SMALL and len(details) >= 2 and row.status != "masked":
        yield from say(
            "value",
            f"{shown(row.value)}, told by {' and '.join(details)}",
            "small counts told with one detail at most, or as a range",
            "So few people may be known by these details. Choose “hidden” with the range 1 to 4, or drop a detail.",
            "small-count",
            WARNING,
        )


def _day(day: date) -> str:
    return day.isoformat()
