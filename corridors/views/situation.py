"""The Situation page, made ready once per edition: headline cards, who is behind each sum, coverage."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from corridors import catalog
from corridors.catalog import words
from corridors.charts import coverage as coverage_chart
from corridors.charts.theme import themed
from corridors.store.queries import figures
from corridors.views.figure import Card, Limits, card, limits, period_of, refuse_bare


@dataclass(frozen=True)
class Behind:
    """Who is behind one regional sum: the words, and the members' figures by name (never ranked)."""

    text: str
    limits: Limits
    rows: pd.DataFrame
    title: str


@dataclass(frozen=True)
class Situation:
    """All that the page shows, but for the reader's choices."""

    cards: tuple[Card, ...]
    spark_note: str
    names: dict[str, str]  # indicator → name, in the order of the cards
    behind: dict[str, Behind]
    coverage_message: str
    coverage: go.Figure
    coverage_table: pd.DataFrame
    newest: str
    changes: pd.DataFrame


def situation(edition_id: str) -> Situation:
    """The region's figures of one edition, ready to be shown."""
    totals, panel = figures.regional(edition_id), figures.panel(edition_id)
    coverage, this_year = figures.coverage(edition_id), int(edition_id[:4])
    cards, notes, behind = [], [], {}
    for n in range(len(totals)):
        rows = totals.iloc[[n]]
        row = next(rows.itertuples())
        same = panel[panel.indicator_id == row.indicator_id]
        cards.append(regional_card(rows, tuple(zip(same.year.astype(int), same.value))))
        if len(same):
            notes.append(f"{row.short_name.lower()}: {same.members.iloc[0]} members, {same.year.min()}–{same.year.max()}")
        behind[row.indicator_id] = _behind(edition_id, row)
    newest = "\n".join(
        f"- **{r.publisher}**, {r.title}: released {words.day(r.released)}, figures up to {r.last_year}"
        for r in figures.newest(edition_id).itertuples()
    )
    return Situation(
        tuple(cards),
        "The small lines compare like with like: only members with a figure in every one of six years ("
        + "; ".join(notes)
        + ").",
        dict(zip(totals.indicator_id, totals.short_name)),
        behind,
        coverage_chart.headline(coverage, this_year),
        themed(coverage_chart.draw(coverage, this_year)),
        coverage_chart.table(coverage),
        newest,
        figures.changes(edition_id),
    )


def regional_card(rows: pd.DataFrame, spark: tuple[tuple[int, float], ...] = ()) -> Card:
    """The card of one regional sum (a frame of one row): of how many members it is, and who alone is more than half of it."""
    row = next(rows.itertuples())
    note = f"{row.members} of {len(catalog.load().members)} members"
    if row.dominant_share > 0.5:
        note += f"; **{row.dominant} alone is {words.share(row.dominant_share)}**"
    return card(rows, words.capital(catalog.load().indicators[row.indicator_id].spoken), row.indicator_id, note, spark)


def _behind(edition_id: str, total) -> Behind:
    members = figures.regional_members(edition_id, total.indicator_id, int(total.year))
    refuse_bare(members)
    held = set(members.partner_iso3 if total.view == "partner" else members.iso3)
    names = {iso3: m.short_name or m.name for iso3, m in catalog.load().members.items()}
    absent = words.listing(sorted(n for iso3, n in names.items() if iso3 not in held))
    text = (
        f"{total.definition}\n\n**In {period_of(total)}, {len(held)} of {len(names)} members have a figure:** "
        f"{words.listing(sorted(n for iso3, n in names.items() if iso3 in held))}.\n\n"
        + (f"**No figure, which is not zero:** {absent}." if absent else "No member is missing.")
    )
    return Behind(text, limits(members), members, f"{total.indicator}, by member")
