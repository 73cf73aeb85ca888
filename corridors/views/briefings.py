"""What members say themselves, made ready: own figures beside the international ones, statements, networks and methods."""

from dataclasses import dataclass

import pandas as pd

from corridors.catalog import words
from corridors.store.queries import briefings
from corridors.views.figure import caveats_of, to_text

COMPILED = "compiled from public statements, not submitted by the member"
STRUCTURES = {
    "organised": "Organised groups",
    "loose": "Loose networks",
    "family_friends": "Family and friends",
    "unknown": "Not said",
}
READ_IN = " (a reading of whoever compiled this: the source does not say so)"
SHELVES = {True: "Said by the members' own authorities", False: "Said about members by others"}
APART = 2  # years that an own and an international figure may lie apart to stand beside each other
ASPECTS = {"structure": "Structure", "recruitment": "Recruitment", "evidence": "What the evidence rests on"}


# What members wrote in their own words.
WRITTEN = ("office", "source", "source_ref", "note", "statement", "roles", "methods", "money", "share", "form")


@dataclass(frozen=True)
class Own:
    """One measure of a member: its own figures in words, and what other publishers say of the same thing."""

    title: str
    definition: str
    figures: tuple[str, ...]  # said by the member's authorities
    about: tuple[str, ...]  # said about it, each with by whom
    beside: tuple[str, ...]  # the international figure, if there is one
    differences: tuple[str, ...]
    caveats: str
    count: int


@dataclass(frozen=True)
class Statement:
    """What a member says of a factor, or what was read in its public statements."""

    factor: str
    place: str
    text: str
    own: bool  # said by the member's authorities, not about it
    source: str


@dataclass(frozen=True)
class Network:
    """One description of how networks work, by a member or about it."""

    iso3: str
    place: str
    own: bool
    crime: str
    structure: str  # in words, with a mark where whoever compiled it read it in
    lines: tuple[str, ...]
    source: str


def standing(edition_id: str, iso3: str) -> list[str]:
    """Which briefings of a member are held, each in a line: period, office, state, label, how it came in."""
    return [
        f"**{words.period_of_member(r.iso3, r.period_start, r.period_end)}** · {r.office} · {r.state} · version {r.version} of {r.versions} · TLP:{r.tlp}"
        + (f" · *{COMPILED}*" if r.compiled else "")
        + (f" · {r.rejected} rows left out, with reasons" if r.rejected else "")
        for r in words.with_text(briefings.briefings(edition_id, iso3), *WRITTEN).itertuples()
    ]


def own(edition_id: str, iso3: str) -> list[Own]:
    """A member's own figures by measure, each with everything that must be said with it; never averaged with others."""
    rows = words.with_text(briefings.figures(edition_id, iso3), *set(WRITTEN) - {"form"})
    pairs = briefings.beside(edition_id, iso3)
    made = []
    for _, group in rows.groupby("measure_id", sort=False):
        row = group.iloc[0]
        theirs = pairs[(pairs.measure_id == row.measure_id) & pairs.their_name.notna()].drop_duplicates(
            ["their_publisher", "their_source", "their_year", "their_start"]
        )
        near = (theirs.their_year - pd.to_datetime(theirs.period_end).dt.year).abs() <= APART
        far, theirs = theirs[~near], theirs[near]
        codes = {code for codes in (*group.caveats, *theirs.their_caveats) for code in codes}
        made.append(
            Own(
                row.measure,
                row.definition,
                *(tuple(figure_in_words(r) for r in rows_.itertuples()) for rows_ in shelves(group)),
                tuple(_their(r) for r in theirs.itertuples()),
                tuple(
                    f"{r.their_publisher}'s nearest figure is of {int(r.their_year)}, more than {APART} years apart: no comparison."
                    for r in far.itertuples()
                )
                + tuple(dict.fromkeys(said for r in theirs.itertuples() for said in r.differences)),
                to_text(caveats_of(codes)),
                len(codes),
            )
        )
    return made


def shelves(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What the member's own authorities say, and what others say about it."""
    own = rows.said_by == "member"
    return rows[own], rows[~own]


def by_whom(said_by: str) -> str:
    """Who speaks, where it is not the member itself."""
    return "" if said_by == "member" else f"Said by {words.SPEAKERS[said_by]}. "


def figure_in_words(row) -> str:
    """One own figure with unit, period, breakdown, source, certainty and grade, as markdown."""
    amount = "not reported" if row.status == "not_reported" else words.figure(row)
    if words.missing(row.value) and not words.missing(row.lower) and words.missing(row.upper):
        amount = f"at least {words.number(row.lower)}"
    parts = [part for part in (row.partner, row.form, row.sex, row.age) if isinstance(part, str) and part != "total"]
    of = f" ({', '.join(part.replace('_', ' ') for part in parts)})" if parts else ""
    head = f"**{'about ' if row.approx else ''}{amount} {words.unit(row)}**{of}"
    ref = f", {row.source_ref}" if isinstance(row.source_ref, str) else ""
    lines = [
        f"{head} · {words.period_of_member(row.iso3, row.period_start, row.period_end)}"
        + (f" · *{row.status}*" if row.status not in ("reported", "not_reported") else ""),
        f":small[{by_whom(row.said_by)}{row.source}{ref}. {_rated(row, '. ')}{words.GRADE[row.grade]}; {words.small(row.grade_reason)}. "
        f"{words.capital(words.VERIFIED[row.verified])}.]",
    ]
    if isinstance(row.note, str):
        lines.append(f":small[{row.note}]")
    if not pd.isna(row.reports_expected) and not pd.isna(row.reports_received):
        lines.append(f":small[{row.reports_received:g} of {row.reports_expected:g} expected reports received.]")
    return "  \n".join(lines)


def _their(row) -> str:
    amount = words.amount(row.their_value, row.their_lower, row.their_upper)
    unit = row.their_unit_one if row.their_value == 1 else row.their_unit_many
    return (
        f"**{amount} {unit}** · {words.period(row.their_start, row.their_end, 'flow')}  \n:small[{row.their_publisher}, {row.their_source}, "
        f"{row.their_edition}. {words.GRADE[row.their_grade]}.]"
    )


def statements(edition_id: str, iso3: str | None) -> list[Statement]:
    """What members say of the factors, in the order of the factors."""
    return [
        Statement(
            r.factor,
            r.place + (f", on {r.partner}" if isinstance(r.partner, str) else ""),
            r.statement,
            r.said_by == "member",
            _source(r),
        )
        for r in words.with_text(briefings.factors(edition_id, iso3), *WRITTEN).itertuples()
    ]


def networks(edition_id: str) -> tuple[list[Network], pd.DataFrame]:
    """Every description of networks, by member, and how many descriptions use which word (counts of descriptions, not networks)."""
    found = []
    for r in words.with_text(briefings.networks(edition_id, None), *WRITTEN).itertuples():
        lines = [
            f"**{name}** {text}"
            for name, text in (
                ("Roles", r.roles),
                ("Methods", r.methods),
                ("Money", r.money),
                ("Recruitment", words.listing([w.replace("_", " ") for w in r.recruitment if w != "unknown"])),
                ("Evidence rests on", words.listing([w.replace("_", " ") for w in r.evidence if w != "unknown"])),
                ("Share", r.share),
                ("Note", r.note),
            )
            if isinstance(text, str) and text
        ]
        structure = STRUCTURES[r.structure] + (READ_IN if r.read_in else "")
        found.append(Network(r.iso3, r.place, r.said_by == "member", r.crime, structure, tuple(lines), _source(r)))
    counts = briefings.network_counts(edition_id)
    counts = counts.assign(
        word=counts.word.str.replace("_", " ").replace({"family friends": "family and friends", "unknown": "not said"}),
        aspect=counts.aspect.map(ASPECTS),
        crime=counts.crime.map(words.CRIME),
    )
    counts["by"] = counts.own.map({True: "members themselves", False: "others"})
    wide = counts.pivot_table(
        index=["aspect", "word", "by"], columns="crime", values="descriptions", aggfunc="sum", fill_value=0
    )
    wide = wide.reindex(columns=[c for c in words.CRIME.values() if c in wide]).reset_index()
    return sorted(found, key=lambda n: n.place), wide


def _source(row) -> str:
    ref = f", {row.source_ref}" if isinstance(row.source_ref, str) else ""
    how = f"; {COMPILED}" if row.compiled else ""
    return f"{by_whom(row.said_by)}{row.source}{ref}. {_rated(row, '; ')}{words.VERIFIED[row.verified]}{how}"


def _rated(row, end: str) -> str:
    rated = words.admiralty(row)
    return rated + end if rated else ""
