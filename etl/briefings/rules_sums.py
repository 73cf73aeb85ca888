"""What figures say about each other: totals and parts, stages of justice, victims and cases, and the briefing before.

A figure is an interval here: a count is one number, a range runs from its lower to its upper end, what is not reported
may be anything. Two sources for one thing together span from the lowest to the highest. Only what cannot be true is an
error.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from math import inf
from typing import NamedTuple

from corridors.problems import Problem
from corridors.statistics.counts import compare_counts
from etl.briefings.model import Briefing, FigureRow, Vocabulary, shown

ABOUT = 0.05  # how far off a number may be that its source calls “about”
FACTOR = 2.0  # a change by this factor …
CHANCE = 0.01  # … that chance alone explains less often than this is a jump
DETAILS = {"sex": "total", "age": "total", "form": "total", "partner": ""}  # column → what stands for all together
BY = {"sex": "sex", "age": "age", "form": "form of exploitation", "partner": "citizenship or other end"}
MOST_PERIODS = 200  # of one series that are compared with each other; a longer one is no briefing
LEAST_MIXED = 5  # below it two numbers are easily the same by chance


class Range(NamedTuple):
    """The least and the most that a figure may be."""

    low: float
    high: float


def faults(briefing: Briefing, previous: Briefing | None, vocabulary: Vocabulary) -> Iterator[Problem]:
    """Faults between figures of one briefing, and against the briefing before."""
    figures = [row for row in briefing.figures if _understood(row, vocabulary)]
    yield from _twice(figures)
    spots: dict[tuple, list[FigureRow]] = defaultdict(list)
    for row in figures:
        spots[_spot(row)].append(row)
    unread = {row.measure for row in briefing.figures if not _understood(row, vocabulary)}
    for column in DETAILS:
        yield from _parts(spots, column, unread)
    yield from _wholes(spots, vocabulary)
    yield from _kinds(spots, vocabulary)
    yield from _periods(spots)
    yield from _stages(spots, vocabulary)
    yield from _mixed(spots, vocabulary)
    if previous:
        yield from _jumps(figures, previous, vocabulary)


def _understood(row: FigureRow, vocabulary: Vocabulary) -> bool:
    """Whether every cell that says what a row counts, and how many, could be read: only then does it compare with others."""
    return (
        not {"value", "lower", "upper", "period_start", "period_end", *DETAILS} & row.at.broken
        and row.measure in vocabulary.catalog.measures
        and row.form in vocabulary.options("forms")
        and (not row.partner or vocabulary.catalog.find(row.partner) == row.partner)
        and bool(row.period_start and row.period_end and row.period_start <= row.period_end)
    )


def range_of(row: FigureRow) -> Range:
    """The least and the most that a row may be; what is not reported may be anything."""
    if row.status == "not_reported":
        return Range(0, inf)
    low = row.value if row.value is not None else row.lower if row.lower is not None else 0
    high = row.value if row.value is not None else row.upper if row.upper is not None else inf
    return Range(low * (1 - ABOUT), high * (1 + ABOUT)) if row.approx == "yes" else Range(low, high)


def _hull(rows: Iterable[FigureRow]) -> Range:
    ranges = [range_of(row) for row in rows]
    return Range(min(r.low for r in ranges), max(r.high for r in ranges))


def _spot(row: FigureRow, **changed) -> tuple:
    spot = {
        "measure": row.measure,
        **{c: getattr(row, c) for c in DETAILS},
        "start": row.period_start,
        "end": row.period_end,
    }
    return tuple((spot | changed).values())


def _range_text(found: Range) -> str:
    if found.low == found.high:
        return shown(found.low)
    return (
        f"at least {shown(round(found.low))}"
        if found.high == inf
        else f"{shown(round(found.low))} to {shown(round(found.high))}"
    )


def _amount(row: FigureRow) -> str:
    """A row's number as it was sent."""
    if row.value is not None:
        return shown(row.value)
    return f"{shown(row.lower)} to {shown(row.upper)}"


def _cells(rows: Iterable[FigureRow]) -> str:
    cells = [cell for row in rows if (cell := row.at.cell("value"))]
    return f" (see {', '.join(cells[:6])}{' …' if len(cells) > 6 else ''})" if cells else ""


def _twice(figures: list[FigureRow]) -> Iterator[Problem]:
    seen: dict[tuple, FigureRow] = {}
    spots: dict[tuple, list[FigureRow]] = defaultdict(list)
    for row in figures:
        first = seen.setdefault((row.key, row.source), row)
        if first is not row and first != row:  # wholly equal rows are named elsewhere
            where = first.at.cell("value") or "an earlier row"
            yield row.at.fault("duplicate-figure", "value", amount=_amount(row), first=where, other=_amount(first))
        elif first is row:
            spots[_spot(row)].append(row)
    for rows in spots.values():
        if len(rows) > 1 and len({_amount(row) for row in rows}) > 1:
            for row in rows:
                if not {"C98", "C99"} & set(row.caveats):
                    others = " and ".join(_amount(r) for r in rows if r is not row)
                    yield row.at.fault("two-sources", "caveats", amount=_amount(row), others=others)


def _parts(spots: Mapping[tuple, list[FigureRow]], column: str, unread: set[str]) -> Iterator[Problem]:
    """Totals against their parts by sex, age, form or other end; no rest is named of measures of which rows were `unread`."""
    split: dict[tuple, list[list[FigureRow]]] = defaultdict(list)
    for rows in spots.values():
        if getattr(rows[0], column) != DETAILS[column]:
            split[_spot(rows[0], **{column: DETAILS[column]})].append(rows)
    for spot, parts in split.items():
        if spot not in spots:
            continue
        total = _hull(spots[spot])
        ranges = [_hull(rows) for rows in parts]
        sums = Range(sum(r.low for r in ranges), sum(r.high for r in ranges))
        told = {"total": _range_text(total), "by": BY[column], "sums": _range_text(sums)}
        row, told["where"] = spots[spot][0], _cells(rows[0] for rows in parts)
        if sums.low > total.high:
            yield row.at.fault("total-below-parts", "value", **told)
        elif sums.high < total.low and row.measure not in unread:
            rest = _range_text(Range(total.low - sums.high, total.high - sums.low))
            yield row.at.fault("parts-below-total", "value", rest=rest, **told)


def _above(rule: str, rows: list[FigureRow], other: list[FigureRow] | None, vocabulary: Vocabulary) -> Iterator[Problem]:
    """A fault where a measure is above another one of the same spot."""
    if other and (part := _hull(rows)).low > (total := _hull(other)).high:
        name, whole = (vocabulary.catalog.measures[some[0].measure].name for some in (rows, other))
        told = {"part": _range_text(part), "name": name, "total": _range_text(total), "whole": whole}
        yield rows[0].at.fault(rule, "value", where=_cells(other), **told)


def _wholes(spots: Mapping[tuple, list[FigureRow]], vocabulary: Vocabulary) -> Iterator[Problem]:
    """A measure that is part of another is never above it, details and period being the same."""
    measures = vocabulary.catalog.measures
    for rows in spots.values():
        whole = measures[rows[0].measure].part_of
        while whole:
            yield from _above("part-above-whole", rows, spots.get(_spot(rows[0], measure=whole)), vocabulary)
            whole = measures[whole].part_of


def _kinds(spots: Mapping[tuple, list[FigureRow]], vocabulary: Vocabulary) -> Iterator[Problem]:
    """Measures that one measure holds, taken together; a warning, for a person may stand in two of them."""
    measures = vocabulary.catalog.measures
    held: dict[tuple, list[list[FigureRow]]] = defaultdict(list)
    for rows in spots.values():
        if measures[rows[0].measure].part_of:
            held[_spot(rows[0], measure=measures[rows[0].measure].part_of)].append(rows)
    for spot, kinds in held.items():
        if len(kinds) < 2 or spot not in spots:
            continue
        total, low = _hull(spots[spot]), sum(_hull(rows).low for rows in kinds)
        # one alone above the whole is said by _wholes
        if low > total.high and all(_hull(rows).low <= total.high for rows in kinds):
            names = " and ".join(f"“{measures[rows[0].measure].name}”" for rows in kinds)
            told = {"total": _range_text(total), "sum": shown(round(low)), "where": _cells(rows[0] for rows in kinds)}
            yield spots[spot][0].at.fault("kinds-above-whole", "value", names=names, **told)


def _periods(spots: Mapping[tuple, list[FigureRow]]) -> Iterator[Problem]:
    """A part of a period against the whole; a warning, since registers are revised in between."""
    same: dict[tuple, list[list[FigureRow]]] = defaultdict(list)
    for rows in spots.values():
        same[_spot(rows[0], start=None, end=None)].append(rows)
    for groups in same.values():
        for inner in groups if len(groups) <= MOST_PERIODS else ():
            for outer in groups:
                a, b = inner[0], outer[0]
                within = b.period_start <= a.period_start and a.period_end <= b.period_end and inner is not outer
                if within and (part := _hull(inner)).low > (whole := _hull(outer)).high:
                    told = {"start": a.period_start, "end": a.period_end, "where": _cells(outer)}
                    yield a.at.fault("months-above-year", "value", part=_range_text(part), whole=_range_text(whole), **told)


def _stages(spots: Mapping[tuple, list[FigureRow]], vocabulary: Vocabulary) -> Iterator[Problem]:
    """A later stage of justice above the one before; a warning, for the same people seldom pass both in one period."""
    for rows in spots.values():
        if earlier := vocabulary.catalog.measures[rows[0].measure].after:
            yield from _above("later-stage-above", rows, spots.get(_spot(rows[0], measure=earlier)), vocabulary)


def _mixed(spots: Mapping[tuple, list[FigureRow]], vocabulary: Vocabulary) -> Iterator[Problem]:
    """The same number for two measures with different counted things, of which one is easily typed for the other."""
    catalog = vocabulary.catalog
    for rows in spots.values():
        measure = catalog.measures[rows[0].measure]
        others = spots.get(_spot(rows[0], measure=measure.confused_with), ()) if measure.confused_with else ()
        for row, other in product(rows, others):
            if row.value is not None and row.value == other.value and row.value >= LEAST_MIXED:
                people, things = (catalog.units[catalog.measures[r.measure].unit]["many"] for r in (row, other))
                told = {"people": people, "things": things, "where": _cells([other])}
                yield row.at.fault("victims-equal-cases", "value", number=shown(row.value), **told)


def _jumps(figures: list[FigureRow], previous: Briefing, vocabulary: Vocabulary) -> Iterator[Problem]:
    """Counts that changed by a factor of two or more, and by more than chance, against the briefing before."""
    before: dict[tuple, list[FigureRow]] = defaultdict(list)
    for row in previous.figures:
        if row.period_start and row.period_end and row.period_start <= row.period_end and _whole(row):
            before[_spot(row, start=None, end=None)].append(row)
    for row in figures:
        earlier = [r for r in before[_spot(row, start=None, end=None)] if r.period_end <= row.period_end]
        if not earlier or not _whole(row):
            continue
        # the same register first, then the latest period of the most similar length
        then = min(
            earlier, key=lambda r: (r.source_ref != row.source_ref, -r.period_end.toordinal(), abs(_days(r) - _days(row)))
        )
        if not row.value and not then.value or 1 / FACTOR < _ratio(then, row) < FACTOR:
            continue
        change = compare_counts(int(then.value or 0), int(row.value or 0), _days(then), _days(row))
        if change.p_value < CHANCE:
            length = "" if _days(then) == _days(row) else " (compared by day, for the periods differ in length)"
            yield row.at.fault(
                "jump",
                "value",
                now=shown(row.value),
                span=_span(row),
                then=shown(then.value),
                before=_span(then),
                length=length,
                factor=FACTOR,
                measure=vocabulary.catalog.measures[row.measure].name,
                moved="rose" if change.ratio > 1 else "fell",
            )


def _whole(row: FigureRow) -> bool:
    """Whether a row is a plain count that can be compared."""
    return (
        row.value is not None
        and row.value >= 0
        and float(row.value).is_integer()
        and row.status not in ("estimated", "masked", "not_reported")
    )


def _ratio(then: FigureRow, now: FigureRow) -> float:
    return (now.value / _days(now)) / (then.value / _days(then)) if then.value else inf


def _days(row: FigureRow) -> int:
    return (row.period_end - row.period_start).days + 1


def _span(row: FigureRow) -> str:
    if (row.period_start.month, row.period_start.day, row.period_end.month, row.period_end.day) == (1, 1, 12, 31):
        return (
            str(row.period_start.year)
            if row.period_start.year == row.period_end.year
            else f"{row.period_start.year} to {row.period_end.year}"
        )
    return f"{row.period_start} to {row.period_end}"
