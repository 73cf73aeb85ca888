"""What is wrong with a briefing as a whole: its cover, words that the catalog does not know, and text about persons.

The reader has named what is wrong with single cells; a column that it refused is not judged again. Figures are judged
in `rules_figures`, sums and comparisons in `rules_sums`. Every fault has a code that never changes (`CODES`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from corridors.catalog import people
from corridors.problems import ERROR, WARNING, Problem
from etl.briefings import rules_figures, rules_sums
from etl.briefings.model import SHEETS, TLP, At, Briefing, Column, Cover, Sheet, Vocabulary
from etl.briefings.rules_words import one, place, quoted
from etl.submissions import calendars, nearest

LONGEST_TEXT = 5_000  # characters of one cell; what is longer is a document and no note
OTHER_LETTERS = (
    12  # letters of another alphabet from which a person should read the text, because the search for names cannot
)
COVER_TEXTS = ("office", "note")
FILE = "cover.toml"
# Every rule by its code: what it is about. The code stands in reports and in tests, and is never reused.
CODES = {
    "member-unknown": "the cover names no country",
    "member-alias": "the cover names the member in its own way",
    "not-a-member": "the country on the cover is no member",
    "period-missing": "no period on the cover",
    "period-reversed": "a period ends before it begins",
    "period-year": "a period in years that figures cannot be of",
    "period-future": "a period that has not begun",
    "period-open": "final, but the period is not over",
    "tlp-missing": "no TLP label",
    "tlp-unknown": "unknown TLP label",
    "tlp-red": "TLP:RED",
    "tlp-wider": "a row may travel farther than the cover",
    "state-unknown": "neither provisional nor final",
    "office-missing": "no reporting office",
    "provisional-after-final": "provisional after final",
    "empty-briefing": "nothing in it",
    "personal-data": "text that may tell who a person is",
    "text-too-long": "a document in a cell",
    "text-unread": "text in letters that are not searched",
    "place-unknown": "unknown place",
    "place-total": "all together in a column for one country",
    "place-region": "a region in a column for countries",
    "place-near": "place that is only near to a known one",
    "place-alias": "place called by another name",
    "word-unknown": "unknown measure, form, route, factor or caveat",
    "duplicate-row": "the same row twice",
    "source-missing": "compiled figure without a source",
    "route-elsewhere": "route that does not touch the member",
    "caveat-unused": "limit of a measure that is not in the briefing",
    **rules_figures.CODES,
    **rules_sums.CODES,
}


def faults(briefing: Briefing, previous: Briefing | None, vocabulary: Vocabulary) -> list[Problem]:
    """Every fault of a briefing that a single cell does not show, errors and warnings, in the order of its sheets.

    `previous` is the briefing before it: the version that it replaces or the one of an earlier period; None for the first.
    Raises nothing, whatever the briefing holds.
    """
    found = [
        *_cover(briefing.cover, previous, vocabulary),
        *_tables(briefing, vocabulary),
        *rules_figures.faults(briefing, vocabulary),
        *rules_sums.faults(briefing, previous, vocabulary),
    ]
    return sorted(dict.fromkeys(found), key=lambda fault: (fault.level != ERROR, _order(fault)))


def _order(fault: Problem) -> tuple:
    names = [FILE, "Cover", *(name for sheet in SHEETS for name in (sheet.file, sheet.name))]
    where = fault.sheet or fault.file
    return names.index(where) if where in names else 0, fault.row or 0


# The cover


def _cover(cover: Cover, previous: Briefing | None, vocabulary: Vocabulary) -> Iterator[Problem]:
    def say(field: str, found: str, expected: str, how_to_fix: str, code: str, level: str = ERROR) -> Problem:
        return cover.at.get(field, At(FILE)).fault(field, found, expected, how_to_fix, code, level)

    catalog = vocabulary.catalog
    if cover.iso3 not in catalog.members:
        match = nearest.country(cover.iso3, catalog)
        if match.accepted and match.key in catalog.members:
            yield say("iso3", quoted(cover.iso3), f"the code {match.key}", f"Write {match.key}.", "member-alias")
        elif match.accepted:
            yield say(
                "iso3", quoted(cover.iso3), "one of the 45 members", "Only members send country briefings.", "not-a-member"
            )
        else:
            near = " or ".join(f"{catalog.place_name(key)} ({key})" for key in match.candidates if key in catalog.members)
            yield say(
                "iso3",
                quoted(cover.iso3),
                "the ISO3 code of a member",
                f"Did you mean {near}?" if near else "Choose the member from the list.",
                "member-unknown",
            )
    yield from _period(cover, say)
    label = cover.tlp.strip().upper().replace(" ", "").removeprefix("TLP:")
    held = "Until it has a known label it is handled as AMBER+STRICT."
    if label == "RED":
        yield say(
            "tlp",
            "TLP:RED",
            "at most AMBER+STRICT",
            "RED never enters this system. Do not send it; agree with the source on a part that may be shared.",
            "tlp-red",
        )
    elif not label:
        yield say(
            "tlp",
            "no TLP label",
            f"one of {', '.join(TLP)}",
            f"Choose how far this briefing may travel. {held}",
            "tlp-missing",
        )
    elif cover.tlp not in TLP:
        yield say(
            "tlp", quoted(cover.tlp), f"one of {', '.join(TLP)}", f"Choose a label from the list. {held}", "tlp-unknown"
        )
    if cover.state not in ("provisional", "final"):
        yield say(
            "state",
            quoted(cover.state),
            "provisional or final",
            "Say whether the figures may still change.",
            "state-unknown",
        )
    if not cover.office.strip():
        how_to_fix = (
            "Say where it was compiled."
            if cover.compiled
            else "Name the office, never the person, that answers for the figures."
        )
        yield say("office", "no reporting office", "the name of an office", how_to_fix, "office-missing")
    before = previous.cover if previous and not previous.cover.compiled else None
    if before and before.state == "final" and cover.state == "provisional" and before.period == cover.period:
        yield say(
            "state",
            "provisional",
            f"final, as the briefing of {cover.period} that stands",
            "Send the revision as final, or withdraw the final briefing first.",
            "provisional-after-final",
        )
    for field in COVER_TEXTS:
        yield from _text(getattr(cover, field), cover.at.get(field, At(FILE)), field)


def _period(cover: Cover, say) -> Iterator[Problem]:
    start, end, today = cover.period_start, cover.period_end, cover.received or date.today()
    for field, day in (("period_start", start), ("period_end", end)):
        if day is None and field not in cover.at.get(field, At(FILE)).broken:
            yield say(
                field, "no date", "first and last day of the period", "Write a date such as 2025-01-01.", "period-missing"
            )
    for field, day in (("period_start", start), ("period_end", end)):
        if day and not calendars.in_bounds(day.year):
            yield say(
                field,
                str(day),
                f"a day from {calendars.FIRST_YEAR} to {calendars.last_year()}",
                f"{calendars.reading(day.year)} Write the day of the Gregorian calendar.".strip(),
                "period-year",
            )
    if start and end and start > end:
        yield say(
            "period_end",
            f"{start} to {end}",
            "a period that ends after it begins",
            "Exchange the two days, or fix the year.",
            "period-reversed",
        )
    elif start and start > today and calendars.in_bounds(start.year):
        yield say("period_start", str(start), f"a period that had begun by {today}", "Fix the year.", "period-future")
    elif end and end > today and cover.state == "final":
        yield say(
            "state",
            f"final, for a period until {end}",
            "provisional",
            "The period is not over: call it provisional.",
            "period-open",
            WARNING,
        )


# The tables

PERIOD = ("period_start", "period_end")


def _tables(briefing: Briefing, vocabulary: Vocabulary) -> Iterator[Problem]:
    if not any(briefing.rows(sheet) for sheet in SHEETS):
        at = briefing.cover.at.get("iso3", At(FILE))
        yield At(at.file).fault(
            "", "a cover and no rows", "at least one row in one sheet", "Fill in a sheet, or send nothing.", "empty-briefing"
        )
    reported = {row.measure for row in briefing.figures}
    for sheet in SHEETS:
        seen: dict[object, object] = {}
        for row in briefing.rows(sheet):
            if row in seen and not (row.at.broken or seen[row].at.broken):
                first = seen[row].at.cell() or "an earlier row"
                here, there = (" to ".join(r.at.raw.get(end, "") for end in PERIOD) for r in (row, seen[row]))
                same = f"“{here}”, the same days as “{there}”, and all else as in {first}"
                found = same if here != there else f"the same as {first}"
                yield row.at.fault("", found, "each row once", "Take one of the two out.", "duplicate-row")
            seen.setdefault(row, row)
            for column in sheet.columns:
                if column.id not in row.at.broken:
                    yield from _cell(sheet, column, row, vocabulary)
            if sheet.name != "Caveats":
                yield from _row(briefing.cover, sheet, row)
            elif row.measure in vocabulary.catalog.measures and row.measure not in reported:
                yield row.at.fault(
                    "measure",
                    f"a limit of “{vocabulary.catalog.measures[row.measure].name}”, which has no row in Figures",
                    "a measure of this briefing, or none",
                    "Add the figure (as not reported, if nobody counts it), or leave the measure empty.",
                    "caveat-unused",
                    WARNING,
                )
    if briefing.cover.iso3 in vocabulary.catalog.members:
        for row in briefing.routes:
            if briefing.cover.iso3 not in (*row.origins, *row.transits, *row.destinations):
                yield row.at.fault(
                    "origins",
                    f"a route that does not touch {vocabulary.catalog.place_name(briefing.cover.iso3)}",
                    "the member among the countries of the route",
                    "Add the member where it lies on the route, or leave the row to others.",
                    "route-elsewhere",
                    WARNING,
                )


def _cell(sheet: Sheet, column: Column, row, vocabulary: Vocabulary) -> Iterator[Problem]:
    """Faults of the words in one cell: known to the catalog, a known place, no text about a person."""
    value = getattr(row, column.id)
    if column.kind == "text" and column.id != "unit":
        yield from _text(value, row.at, column.id)
    elif column.kind == "number" and value is not None and sheet.name != "Figures":
        yield from rules_figures.whole(value, column.id, row.at.fault)
    elif column.kind == "place" and value:
        yield from place(value, row.at, column.id, vocabulary)
    elif column.kind == "places":
        for item in value:
            yield from place(item, row.at, column.id, vocabulary)
    elif column.options in ("measures", "forms", "routes", "factors", "caveats"):
        for item in value if isinstance(value, tuple) else (value,):
            if item:
                yield from one(item, vocabulary.options(column.options), row.at, column)


def _row(cover: Cover, sheet: Sheet, row) -> Iterator[Problem]:
    if row.tlp in TLP and cover.tlp in TLP and TLP.index(row.tlp) < TLP.index(cover.tlp):
        yield row.at.fault(
            "tlp",
            row.tlp,
            f"{cover.tlp} or stricter",
            f"The cover says {cover.tlp}, and that stands for this row too. Empty the cell, or change the cover.",
            "tlp-wider",
            WARNING,
        )
    if cover.compiled and not (row.source.strip() and row.source_ref.strip()):
        missing = "source" if not row.source.strip() else "source_ref"
        yield row.at.fault(
            missing,
            "a compiled row without its source",
            "who published it, and where",
            "Fill in source and source_ref, or leave the row out.",
            "source-missing",
        )


def _text(text: str, at: At, column: str) -> Iterator[Problem]:
    if len(text) > LONGEST_TEXT:
        yield at.fault(
            column, f"{len(text):,} characters", f"at most {LONGEST_TEXT:,}", "Say it in a few sentences.", "text-too-long"
        )
    for what in people.found(text[:LONGEST_TEXT], column):
        yield at.fault(
            column,
            f"what looks like the {what.kind} of a person: {what.excerpt_masked}",
            "no personal data",
            people.how_to_fix(what.kind),
            "personal-data",
        )
    other = people.unread_letters(text[:LONGEST_TEXT])
    if other >= OTHER_LETTERS and column not in people.NAMES_ONLY:  # there every letter is known, or was named
        yield at.fault(
            column,
            f"{other} letters of another alphabet, which are not searched for names",
            "text in Latin letters",
            "Have somebody who reads it make sure that it names no person, or write it in English.",
            "text-unread",
            WARNING,
        )


def codes() -> set[str]:
    """The codes of all rules."""
    return set(CODES)
