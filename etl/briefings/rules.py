"""What is wrong with a briefing: its cover, words that the catalog does not know, text about persons, each figure by itself.

The reader has named what is wrong with single cells; a column that it refused is not judged again. What figures say about
each other is judged in `rules_sums`; what is said of a fault stands in `rules.toml`, by its code.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from corridors.catalog import NO_PLACE, calendars, people
from corridors.catalog.model import Measure
from corridors.problems import ERROR, WARNING, Problem
from etl.briefings import rules_sums
from etl.briefings.model import SHEETS, TLP, WORDING, At, Briefing, Column, Cover, FigureRow, Sheet, Vocabulary, shown
from etl.briefings.read import SHOWN
from etl.submissions import nearest

LONGEST_TEXT = 5_000  # characters of one cell; what is longer is a document and no note
# letters of another alphabet from which a person should read the text, because the search for names cannot
OTHER_LETTERS = 12
COVER_TEXTS = ("office", "note")
FILE = "cover.toml"
PERSONS = ("victim", "person", "perpetrator")  # units that have a sex and an age
SMALL = 5  # counts below it, told with two details or more, may point at somebody


def faults(briefing: Briefing, previous: Briefing | None, vocabulary: Vocabulary) -> list[Problem]:
    """Every fault of a briefing that a single cell does not show, errors and warnings, in the order of its sheets.

    `previous` is the briefing before it: the version that it replaces or the one of an earlier period; None for the first.
    Raises nothing, whatever the briefing holds.
    """
    found = [
        *_cover(briefing.cover, previous, vocabulary),
        *_tables(briefing, vocabulary),
        *_figures(briefing, vocabulary),
        *rules_sums.faults(briefing, previous, vocabulary),
    ]
    return sorted(dict.fromkeys(found), key=lambda fault: (fault.level != ERROR, _order(fault)))


def quoted(text: str) -> str:
    """A cell's text for a message: in quotation marks and short, or masked where it may tell who a person is."""
    if not text.strip():
        return "an empty cell"
    return people.shown(text, SHOWN)


def _order(fault: Problem) -> tuple:
    names = [FILE, "Cover", *(name for sheet in SHEETS for name in (sheet.file, sheet.name))]
    where = fault.sheet or fault.file
    return names.index(where) if where in names else 0, fault.row or 0


# The cover


def _cover(cover: Cover, previous: Briefing | None, vocabulary: Vocabulary) -> Iterator[Problem]:
    def say(rule: str, field: str, **told) -> Problem:
        return cover.at.get(field, At(FILE)).fault(rule, field, **told)

    catalog = vocabulary.catalog
    if cover.iso3 not in catalog.members:
        match = nearest.country(cover.iso3, catalog)
        near = " or ".join(f"{catalog.place_name(key)} ({key})" for key in match.candidates if key in catalog.members)
        rule = "member-unknown"
        if match.accepted:
            rule = "member-alias" if match.key in catalog.members else "not-a-member"
        yield say(rule, "iso3", said=quoted(cover.iso3), iso3=match.key, how_to_fix=f"Did you mean {near}?" if near else "")
    yield from _period(cover, say)
    label = cover.tlp.strip().upper().replace(" ", "").removeprefix("TLP:")
    if label == "RED" or cover.tlp not in TLP:
        rule = "tlp-red" if label == "RED" else "tlp-unknown" if label else "tlp-missing"
        yield say(rule, "tlp", said=quoted(cover.tlp), labels=", ".join(TLP))
    if cover.state not in ("provisional", "final"):
        yield say("state-unknown", "state", said=quoted(cover.state))
    if not cover.office.strip():
        yield say("office-missing", "office", how_to_fix="Say where it was compiled." if cover.compiled else "")
    before = previous.cover if previous and not previous.cover.compiled else None
    if before and before.state == "final" and cover.state == "provisional" and before.period == cover.period:
        yield say("provisional-after-final", "state", period=cover.period)
    for field in COVER_TEXTS:
        yield from _text(getattr(cover, field), cover.at.get(field, At(FILE)), field)


def _period(cover: Cover, say) -> Iterator[Problem]:
    start, end, today = cover.period_start, cover.period_end, cover.received or date.today()
    for field, day in (("period_start", start), ("period_end", end)):
        if day is None and field not in cover.at.get(field, At(FILE)).broken:
            yield say("period-missing", field)
    for field, day in (("period_start", start), ("period_end", end)):
        if day and not calendars.in_bounds(day.year):
            other = calendars.reading(day.year)
            yield say(
                "period-year",
                field,
                day=day,
                first=calendars.FIRST_YEAR,
                last=calendars.last_year(),
                how_to_fix=other and f"{other} {WORDING.table['period-year']['how_to_fix']}",
            )
    if start and end and start > end:
        yield say("period-reversed", "period_end", start=start, end=end)
    elif start and start > today and calendars.in_bounds(start.year):
        yield say("period-future", "period_start", start=start, today=today)
    elif end and end > today and cover.state == "final":
        yield say("period-open", "state", end=end)


# The tables

PERIOD = ("period_start", "period_end")


def _tables(briefing: Briefing, vocabulary: Vocabulary) -> Iterator[Problem]:
    if not any(briefing.rows(sheet) for sheet in SHEETS):
        at = briefing.cover.at.get("iso3", At(FILE))
        yield At(at.file).fault("empty-briefing")
    reported = {row.measure for row in briefing.figures}
    for sheet in SHEETS:
        seen: dict[object, object] = {}
        for row in briefing.rows(sheet):
            if row in seen and not (row.at.broken or seen[row].at.broken):
                first = seen[row].at.cell() or "an earlier row"
                here, there = (" to ".join(r.at.raw.get(end, "") for end in PERIOD) for r in (row, seen[row]))
                same = f"“{here}”, the same days as “{there}”, and all else as in {first}"
                yield row.at.fault("duplicate-row", first=first, found=same if here != there else "")
            seen.setdefault(row, row)
            for column in sheet.columns:
                if column.id not in row.at.broken:
                    yield from _cell(sheet, column, row, vocabulary)
            if sheet.name != "Caveats":
                yield from _row(briefing.cover, sheet, row)
            elif row.measure in vocabulary.catalog.measures and row.measure not in reported:
                yield row.at.fault("caveat-unused", "measure", measure=vocabulary.catalog.measures[row.measure].name)
    if briefing.cover.iso3 in vocabulary.catalog.members:
        for row in briefing.routes:
            if briefing.cover.iso3 not in (*row.origins, *row.transits, *row.destinations):
                member = vocabulary.catalog.place_name(briefing.cover.iso3)
                yield row.at.fault("route-elsewhere", "origins", member=member)


def _cell(sheet: Sheet, column: Column, row, vocabulary: Vocabulary) -> Iterator[Problem]:
    """Faults of the words in one cell: known to the catalog, a known place, no text about a person."""
    value = getattr(row, column.id)
    if column.kind == "text" and column.id != "unit":
        yield from _text(value, row.at, column.id)
    elif column.kind == "number" and value is not None and sheet.name != "Figures":
        yield from _whole(value, column.id, row.at.fault)
    elif column.kind == "place" and value:
        yield from _place(value, row.at, column.id, vocabulary)
    elif column.kind == "places":
        for item in value:
            yield from _place(item, row.at, column.id, vocabulary)
    elif column.options in ("measures", "forms", "routes", "factors", "caveats"):
        for item in value if isinstance(value, tuple) else (value,):
            if item:
                yield from _one(item, vocabulary.options(column.options), row.at, column)


def _place(text: str, at: At, column: str, vocabulary: Vocabulary) -> Iterator[Problem]:
    """Faults of a place: none for a code, a warning for another name, an error naming the nearest for anything else."""
    catalog = vocabulary.catalog
    match = nearest.country(text, catalog)
    if match.accepted:
        # The reader keeps the code; what was typed stands beside it.
        typed = at.raw.get(column, "")
        if text != match.key:
            typed = text
        elif not typed or "," in typed or "|" in typed or ";" in typed:
            return
        how = nearest.country(typed, catalog)
        if how.key == match.key and how.how == nearest.ALIAS and match.key not in NO_PLACE:
            name = catalog.place_name(match.key)
            kept = text == match.key
            told = {"level": WARNING, "how_to_fix": f"It was taken as {name}; write it so, to be sure."} if kept else {}
            yield at.fault("place-alias", column, said=quoted(typed), name=name, iso3=match.key, **told)
        return
    rule = "place-near" if match.how == nearest.NEAR else "place-unknown"
    if nearest.is_total(text) or nearest.is_region(text):
        rule = "place-total" if nearest.is_total(text) else "place-region"
    meant = " or ".join(f"{catalog.place_name(key)} ({key})" for key in match.candidates)
    yield at.fault(rule, column, said=quoted(text), meant=meant)


def _one(text: str, options: Mapping[str, str], at: At, column: Column) -> Iterator[Problem]:
    """A fault where `text` is none of the ids of a list; it names the nearest."""
    if text in options:
        return
    near = nearest.meant(column.id, text, options)
    named = f"{near} ({options[near]})" if near and options[near] != near else near
    meant = f"Did you mean {named}?" if near else ""
    yield at.fault("word-unknown", column.id, said=quoted(text), listed=column.options, how_to_fix=meant)


def _row(cover: Cover, sheet: Sheet, row) -> Iterator[Problem]:
    if row.tlp in TLP and cover.tlp in TLP and TLP.index(row.tlp) < TLP.index(cover.tlp):
        yield row.at.fault("tlp-wider", "tlp", said=row.tlp, cover=cover.tlp)
    if cover.compiled and not (row.source.strip() and row.source_ref.strip()):
        yield row.at.fault("source-missing", "source" if not row.source.strip() else "source_ref")


def _text(text: str, at: At, column: str) -> Iterator[Problem]:
    if len(text) > LONGEST_TEXT:
        yield at.fault("text-too-long", column, length=len(text), most=LONGEST_TEXT)
    for what in people.found(text[:LONGEST_TEXT], column):
        told = {"kind": what.kind, "excerpt": what.excerpt_masked, "how_to_fix": people.how_to_fix(what.kind)}
        yield at.fault("personal-data", column, **told)
    other = people.unread_letters(text[:LONGEST_TEXT])
    if other >= OTHER_LETTERS and column not in people.NAMES_ONLY:  # there every letter is known, or was named
        yield at.fault("text-unread", column, letters=other)


# Each figure by itself: reported, zero, masked and not reported are four things; none is ever read as another


def _figures(briefing: Briefing, vocabulary: Vocabulary) -> Iterator[Problem]:
    """Faults of every figure by itself."""
    for row in briefing.figures:

        def say(rule: str, column: str, row: FigureRow = row, **told) -> list[Problem]:
            return [] if column in row.at.broken else [row.at.fault(rule, column, **told)]

        measure = vocabulary.catalog.measures.get(row.measure)
        if measure:
            yield from _thing(row, measure, vocabulary, say)
        yield from _numbers(row, say)
        yield from _status(row, say)
        yield from _within(row, briefing.cover, say)
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


def _whole(number: float, column: str, fault: Callable) -> list[Problem]:
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
            yield from _whole(getattr(row, column), column, row.at.fault) if column not in row.at.broken else ()
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


def _within(row: FigureRow, cover: Cover, say: Callable) -> Iterator[Problem]:
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
