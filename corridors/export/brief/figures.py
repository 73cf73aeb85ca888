"""The headline figures of a member as plain text for the brief: never a number without unit, period, source, grade and caveat."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from corridors import catalog
from corridors.catalog import Catalog, words
from corridors.export import drawing
from corridors.store.queries import factors, figures, quality

# Which figures stand at the head, in this order; the first six that are held are taken.
HEADLINES = (
    ("detected_victims", "place", "Detected victims of trafficking"),
    ("persons_convicted", "place", "Persons convicted of trafficking"),
    ("smuggling_offences", "place", "Smuggling offences recorded"),
    ("refugees", "place", "Refugees hosted"),
    ("asylum_applications_new", "partner", "Asylum applications by its citizens"),
    ("deaths_and_disappearances", "place", "Dead or missing on its territory"),
    ("refugees", "partner", "Refugees from here, in all places"),
    ("asylum_applications_new", "place", "Asylum applications lodged here"),
    ("trafficking_offences", "place", "Trafficking offences recorded"),
    ("persons_prosecuted", "place", "Persons prosecuted for trafficking"),
    ("migrant_stock", "place", "International migrants living here"),
    ("migrant_stock", "partner", "Its people living elsewhere"),
)
CORE = 6  # those of the first that are not held are said to be missing
AT_MOST = 6


def cards(edition_id: str, iso3: str) -> tuple[list[dict], list[str], list[str]]:
    """Up to six headline figures as text with a small trend; labels of the core ones not held; the codes of all caveats carried."""
    latest = figures.latest_totals(edition_id, iso3)
    trends = {(row.indicator_id, row.view): row for row in held(quality.trends, edition_id, iso3).itertuples()}
    breaks = figures.breaks(edition_id)
    known = {(r.indicator_id, r.view): r for r in latest.itertuples()}
    wanted = [h for h in HEADLINES if (h[0], h[1]) in known]
    core = [h for h in wanted if h in HEADLINES[:CORE]]
    chosen = sorted({*core, *wanted[:AT_MOST]}, key=HEADLINES.index)[:AT_MOST]
    series = factors.series(
        edition_id, iso3, [i for i, v, _ in chosen if v == "place"], [i for i, v, _ in chosen if v == "partner"]
    )
    made, carried = [], []
    for indicator_id, view, label in chosen:
        row = known[(indicator_id, view)]
        rows = series[
            (series.key == indicator_id + ("@partner" if view == "partner" else "")) & (series.source_id == row.source_id)
        ]
        verdict = trends.get((indicator_id, view))
        made.append(
            figure(row)
            | {
                "label": label,
                "spark": drawing.spark(rows, [year for year, _ in breaks_for(breaks, row)], f"{label}, by year"),
                "verdict": words.verdict(verdict) if verdict is not None else "",
            }
        )
        carried += [code for code in row.caveats if code not in carried]
    missing = [label for i, v, label in HEADLINES[:CORE] if (i, v) not in known]
    return made, missing, carried


def held(query: Callable[..., pd.DataFrame], *asked) -> pd.DataFrame:
    """The answer, or an empty frame where an edition of an earlier version has not got what is asked for."""
    try:
        return query(*asked)
    except figures.OtherShape:
        return pd.DataFrame()


def figure(row) -> dict:
    """One figure of `figure_told` as text: amount, unit, period, status, grade, source, gravest caveat, label."""
    status = catalog.load().statuses[row.status].label if row.status not in ("reported", "derived") else ""
    return {
        "amount": words.figure(row),
        "unit": words.unit(row),
        "period": words.period(row.period_start, row.period_end, row.stock_or_flow),
        "status": status,
        "grade": words.GRADE[row.grade],
        "why": row.grade_reason,
        "source": source(row),
        "caveat": gravest(row.caveats),
    }


def source(row) -> str:
    """Publisher, title and release of a figure's source."""
    return f"{row.publisher}, {row.source_title}, {row.source_edition}"


def gravest(codes) -> str:
    """The title of the gravest caveat."""
    carried = by_gravity(codes)
    return carried[0].title if carried else ""


def by_gravity(codes) -> list[catalog.Caveat]:
    """The caveats behind codes, gravest first; a code that this version does not know is left out."""
    library = catalog.load().caveats
    return sorted((library[code] for code in set(codes) if code in library), key=lambda c: (-c.severity, c.id))


def breaks_for(breaks: pd.DataFrame, row) -> list[tuple[int, str]]:
    """The breaks that concern a figure's series: first year of the new series, and the reason."""
    fits = pd.Series(True, index=breaks.index)
    for column in ("indicator_id", "source_id", "iso3"):
        fits &= breaks[column].isna() | (breaks[column] == getattr(row, column))
    return list(zip(breaks.year[fits], breaks.reason[fits]))


def name_of(vocabulary: Catalog, indicator_id: str) -> str:
    """The indicator's short name where it has one."""
    indicator = vocabulary.indicators[indicator_id]
    return indicator.short_name or indicator.name
