"""What members say themselves, made ready: own figures beside the international ones, statements, networks and methods."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from corridors import catalog
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
ASPECTS = {"structure": "Structure", "recruitment": "Recruitment", "evidence": "What the evidence rests on"}


# What members wrote in their own words.
WRITTEN = ("office", "source", "source_ref", "note", "statement", "roles", "methods", "money", "share", "form")


@dataclass(frozen=True)
class Own:
    """One measure of a member: its own figures in words, and what other publishers say of the same thing."""

    title: str
    definition: str
    figures: tuple[str, ...]
    beside: tuple[str, ...]  # the international figure, if there is one
    differences: tuple[str, ...]
    caveats: str
    count: int


@dataclass(frozen=True)
class Statement:
    """What a member says of a factor, or what was read in its public statements."""

    factor_id: str
    factor: str
    place: str
    text: str
    source: str


@dataclass(frozen=True)
class Network:
    """One description of how networks work; several members where one source says it of all of them."""

    iso3: tuple[str, ...]
    place: str
    crime: str
    structure: str
    lines: tuple[str, ...]
    source: str


def standing(edition_id: str, iso3: str) -> list[str]:
    """Which briefings of a member are held, each in a line: period, office, state, label, how it came in."""
    return [
        f"**{words.period(r.period_start, r.period_end, 'flow')}** · {r.office} · {r.state} · version {r.version} of {r.versions} · TLP:{r.tlp}"
        + (f" · *{COMPILED}*" if r.compiled else "")
        + (f" · {r.rejected} rows left out, with reasons" if r.rejected else "")
        for r in words.with_text(briefings.briefings(edition_id, iso3), *WRITTEN).itertuples()
    ]


def labels(edition_id: str, iso3: str | None) -> tuple[str, ...]:
    """The TLP labels of everything that `own` or `networks` shows."""
    return tuple(briefings.briefings(edition_id, iso3).tlp)


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
        codes = {code for codes in (*group.caveats, *theirs.their_caveats) for code in codes}
        made.append(
            Own(
                row.measure,
                row.definition,
                tuple(figure_in_words(r) for r in group.itertuples()),
                tuple(_their(r) for r in theirs.itertuples()),
                tuple(dict.fromkeys(said for r in theirs.itertuples() for said in r.differences)),
                to_text(caveats_of(codes)),
                len(codes),
            )
        )
    return made


def figure_in_words(row) -> str:
    """One own figure with unit, period, breakdown, source, certainty and grade, as markdown."""
    amount = "not reported" if row.status == "not_reported" else words.figure(row)
    if words.missing(row.value) and not words.missing(row.lower) and words.missing(row.upper):
        amount = f"at least {words.number(row.lower)}"
    parts = [
        p
        for p in (
            row.partner,
            row.form if row.form != "total" else None,
            row.sex if row.sex != "total" else None,
            row.age if row.age != "total" else None,
        )
        if isinstance(p, str)
    ]
    approx = "about " if row.approx else ""
    head = f"**{approx}{amount} {words.unit(row)}**" + (
        f" ({', '.join(p.replace('_', ' ') for p in parts)})" if parts else ""
    )
    ref = f", {row.source_ref}" if isinstance(row.source_ref, str) else ""
    lines = [
        f"{head} · {words.period(row.period_start, row.period_end, 'flow')}"
        + (f" · *{row.status}*" if row.status not in ("reported", "not_reported") else ""),
        f":small[{row.source}{ref}. {row.reliability}{row.credibility}: {words.RELIABILITY[row.reliability]}, "
        f"{words.CREDIBILITY[row.credibility].split(':')[0]}. {words.GRADE[row.grade]}; {words.small(row.grade_reason)}. "
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
            r.factor_id,
            r.factor,
            r.place + (f", on {r.partner}" if isinstance(r.partner, str) else ""),
            r.statement,
            _source(r),
        )
        for r in words.with_text(briefings.factors(edition_id, iso3), *WRITTEN).itertuples()
    ]


def networks(edition_id: str) -> tuple[list[Network], pd.DataFrame]:
    """Every description of networks, by member, and how many descriptions use which word (counts of descriptions, not networks)."""
    made: dict[tuple, list] = {}
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
        made.setdefault((r.crime, r.structure, tuple(lines), _source(r)), []).append((r.place, r.iso3))
    found = [
        Network(tuple(i for _, i in who), words.listing(sorted({p for p, _ in who})), *rest) for rest, who in made.items()
    ]
    counts = briefings.network_counts(edition_id)
    counts = counts.assign(
        word=counts.word.str.replace("_", " ").replace({"family friends": "family and friends", "unknown": "not said"}),
        aspect=counts.aspect.map(ASPECTS),
        crime=counts.crime.map(words.CRIME),
    )
    wide = counts.pivot_table(index=["aspect", "word"], columns="crime", values="descriptions", aggfunc="sum", fill_value=0)
    wide = wide.reindex(columns=[c for c in words.CRIME.values() if c in wide]).reset_index()
    return sorted(found, key=lambda n: (len(n.iso3), n.place)), wide


def _source(row) -> str:
    ref = f", {row.source_ref}" if isinstance(row.source_ref, str) else ""
    how = f"; {COMPILED}" if row.compiled else ""
    return (
        f"{row.source}{ref}. {row.reliability}{row.credibility}: {words.RELIABILITY[row.reliability]}, "
        f"{words.CREDIBILITY[row.credibility].split(':')[0]}; {words.VERIFIED[row.verified]}{how}"
    )


def names() -> dict[str, str]:
    """Short names of all members, by code."""
    return {iso3: m.short_name or m.name for iso3, m in catalog.load().members.items()}
