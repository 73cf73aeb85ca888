"""The gap between the two ends of a corridor, made ready: ratios and differences, conflict, ties, asylum outcomes."""

from dataclasses import dataclass

import pandas as pd

from corridors import catalog
from corridors.catalog import uses, words
from corridors.store.queries import factors, figures
from corridors.views.figure import Card, Chart, card, trend
from corridors.views.member import name_of


@dataclass(frozen=True)
class Gap:
    """Cards of the latest year, charts over time, sentences about the pair, and what is not held."""

    cards: tuple[Card, ...]
    charts: tuple[Chart, ...]
    ties: tuple[str, ...]
    missing: tuple[str, ...]


# indicator, title, unit, what it is: a share of the two ends (in “times”), or their difference
COMPARED = (
    ("gdp_per_head_ppp", "Income gap", "times", "income per head in {destination} over that in {origin}"),
    ("unemployment_modelled", "Unemployment gap", "percentage points", "unemployment: {origin} minus {destination}"),
    (
        "youth_unemployment_survey",
        "Gap in youth unemployment",
        "percentage points",
        "surveyed unemployment of the young: {origin} minus {destination}",
    ),
    (
        "extreme_poverty",
        "Gap in extreme poverty",
        "percentage points",
        "share living on under 3 dollars a day: {origin} minus {destination}",
    ),
)
OF_ORIGIN = (
    ("conflict_deaths", "Deaths in organised violence, origin", ""),
    ("remittances_received", "Remittances received, origin", "from everywhere"),
)
# what a reader would look for and no source held measures; it is said on every corridor
NOT_HELD = ("wages in the same work at both ends", "remittances between the two (published only as a model's estimates)")


def gap(edition_id: str, origin: str, destination: str) -> Gap:
    """Everything that compares the two ends. A ratio is made only from two figures of the same source and year."""
    vocabulary = catalog.load()
    names = vocabulary.place_name
    ends = factors.both_ends(edition_id, origin, destination, [indicator_id for indicator_id, *_ in (*COMPARED, *OF_ORIGIN)])
    breaks = figures.breaks(edition_id)
    cards, charts, missing = [], [], list(NOT_HELD)
    for indicator_id, title, unit, meaning in COMPARED:
        meaning = meaning.format(origin=names(origin), destination=names(destination))
        rows = compare(ends[ends.indicator_id == indicator_id], origin, destination, unit)
        if rows.empty:
            missing.append(title.lower())
            continue
        cards.append(card(rows.tail(1), title, f"gap-{indicator_id}", meaning))
        charts.append(trend(rows, f"{title}: {meaning}", f"gap-{indicator_id}", breaks))
    for indicator_id, label, note in OF_ORIGIN:
        rows = ends[(ends.indicator_id == indicator_id) & (ends.iso3 == origin)]
        if rows.empty:
            missing.append(name_of(vocabulary.indicators[indicator_id]).lower())
        else:
            title = f"{label}{f' ({note})' if note else ''}: {names(origin)}"
            cards.append(card(rows.tail(1), label, f"gap-{indicator_id}", note))
            charts.append(trend(rows, title, f"gap-{indicator_id}", breaks))
    outcomes = recognition(factors.decisions(edition_id, origin, destination))
    if outcomes.empty:
        missing.append("share of asylum decisions that granted protection")
    else:
        note = f"of {outcomes.decided.iloc[-1]} {_instance(outcomes)} on persons"
        cards.append(card(outcomes.tail(1), "Asylum decisions granting protection", "gap-recognition", note))
        charts.append(trend(outcomes, f"Share of {_instance(outcomes)} that granted protection", "gap-recognition", breaks))
    return Gap(tuple(cards), tuple(charts), tuple(_ties(edition_id, origin, destination)), tuple(missing))


def _instance(rows: pd.DataFrame) -> str:
    """What decisions these are: first instance, or with appeals where a publisher does not tell them apart."""
    return "decisions, appeals among them," if any("C39" in codes for codes in rows.caveats) else "first-instance decisions"


def compare(rows: pd.DataFrame, origin: str, destination: str, unit: str) -> pd.DataFrame:
    """Figures worked out from both ends, year by year, where one source has both; they carry the caveats of both."""
    here, there = rows[rows.iso3 == origin], rows[rows.iso3 == destination]
    known = [c for c in (f"use_{use}" for use in uses.ANSWERS) if c in rows]
    both = there.merge(
        here[["year", "source_id", "value", "caveats", "grade", "grade_reason", *known]],
        on=["year", "source_id"],
        suffixes=("", "_here"),
    )
    both = both[both.value.notna() & both.value_here.notna() & (both.value_here != 0)]
    return both.assign(
        value=both.value / both.value_here if unit == "times" else both.value_here - both.value,
        lower=float("nan"),
        upper=float("nan"),
        status="derived",
        unit_one=unit,
        unit_many=unit,
        decimals=1,
        provider_label="worked out here from both ends",
        grade=both[["grade", "grade_here"]].max(axis=1),  # the letters rise from A to U, so the weaker end counts
        grade_reason=both.grade_reason.where(both.grade >= both.grade_here, both.grade_reason_here),
        caveats=[sorted({*a, *b}) for a, b in zip(both.caveats, both.caveats_here)],
        **{c: [uses.strictest(c[4:], ends) for ends in zip(both[c], both[f"{c}_here"])] for c in known},
    )


def recognition(rows: pd.DataFrame) -> pd.DataFrame:
    """The share of decisions that granted protection, by year, as a range where counts were rounded; `decided` in words."""
    if rows.empty:
        return rows
    rows = rows.assign(
        low=rows.value.fillna(rows.lower),
        high=rows.value.fillna(rows.upper),
        granted=rows.indicator_id != "decisions_rejected",
    )
    made = []
    for year, part in rows.groupby("year"):
        yes, no = part[part.granted], part[~part.granted]
        if yes.empty or no.empty:
            continue  # the publisher does not carry zeros: one kind alone gives no share
        low = 100 * yes.low.sum() / (yes.low.sum() + no.high.sum())
        high = 100 * yes.high.sum() / (yes.high.sum() + no.low.sum())
        base = part.iloc[[0]].assign(
            value=low if low == high else float("nan"),
            lower=float("nan") if low == high else low,
            upper=float("nan") if low == high else high,
            status="derived",
            unit_one="per cent",
            unit_many="per cent",
            decimals=0,
            provider_label="worked out here from published decisions",
            decided=words.amount(None, part.low.sum(), part.high.sum()),
            form="total",
        )
        for use in uses.ANSWERS if "use_level" in part else ():
            base[f"use_{use}"] = "no" if use == "sum" else uses.strictest(use, part[f"use_{use}"])
        base["caveats"] = [sorted({code for codes in part.caveats for code in codes})]
        made.append(base)
    return pd.concat(made) if made else rows.iloc[:0]


def _ties(edition_id: str, origin: str, destination: str) -> list[str]:
    said = []
    for row in factors.pair_facts(edition_id, origin, destination).itertuples():
        ties = (
            (row.contiguous, "a", "common border"),
            (row.common_language, "an", "official language in common"),
            (row.colonial_tie, "a", "colonial tie"),
        )
        listed = [f"{article} {tie}" for held, article, tie in ties if held] + [
            f"no {tie}" for held, _, tie in ties if not held
        ]
        said.append(
            f"**{words.number(row.distance_km)} km** between the main cities; {words.listing(listed)} ({row.publisher}, {row.title})"
        )
    return said
