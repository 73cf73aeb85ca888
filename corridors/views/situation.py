"""The region's page, made ready once per edition: headline cards, who is behind each sum, coverage."""

from dataclasses import dataclass, replace

import pandas as pd
import plotly.graph_objects as go

from corridors import catalog
from corridors.catalog import words
from corridors.charts import coverage as coverage_chart
from corridors.charts.theme import themed
from corridors.store import labels
from corridors.store.queries import figures
from corridors.views.figure import Card, Limits, card, caveats_of, limits, most_deadly_months, period_of, refuse_bare


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
    coverage, this_year = figures.coverage(edition_id), labels.year_of(edition_id)
    cards, notes, behind = [], [], {}
    for n in range(len(totals)):
        rows = totals.iloc[[n]]
        row = next(rows.itertuples())
        same = panel[panel.indicator_id == row.indicator_id]
        line = _line(row, same)
        months = most_deadly_months(edition_id, None, int(row.year)) if row.indicator_id == DEATHS else ""
        cards.append(regional_card(rows, line, months))
        if line:
            notes.append(f"{row.short_name.lower()}: {row.members} members, {same.year.min()}–{same.year.max()}")
        behind[row.indicator_id] = _behind(edition_id, row)
    newest = "\n".join(
        f"- **{r.publisher}**, {r.title}: released {words.day(r.released)}, figures up to {r.last_year}"
        for r in figures.newest(edition_id).itertuples()
    )
    return Situation(
        tuple(cards),
        "A small line stands only under a sum of the members that have a figure in every one of six years"
        + (f" ({'; '.join(notes)})." if notes else "; this edition has none."),
        dict(zip(totals.indicator_id, totals.short_name)),
        behind,
        coverage_chart.headline(coverage, this_year),
        themed(coverage_chart.draw(coverage, this_year)),
        coverage_chart.table(coverage),
        newest,
        figures.changes(edition_id),
    )


DEATHS = "deaths_and_disappearances"
FIRST = ("detected_victims", "smuggling_offences", DEATHS)  # the headlines of the first screen


def regional_card(rows: pd.DataFrame, spark: tuple[tuple[int, float], ...] = (), months: str = "") -> Card:
    """The card of one regional sum (a frame of one row): of how many members it is, and who makes most of it.

    Where a caveat bars the sum the card says how many members reported, and why there is no total.
    """
    row = next(rows.itertuples())
    vocabulary = catalog.load()
    note = f"{row.members} of {len(vocabulary.members)} members"
    if months:
        note += f"; {months}"
    if pd.notna(row.one_share):
        note += f"; **{vocabulary.place_name(row.largest[0])} alone is {words.share(row.one_share)}**"
    if pd.notna(row.three_share):
        note += f"; **three members are {words.share(row.three_share)}**"
    made = card(rows, words.capital(vocabulary.indicators[row.indicator_id].spoken), row.indicator_id, note, spark)
    if row.use_sum != "no":
        return made
    barring = [c.title for c in caveats_of(row.caveats) if c.uses.get("sum") == "no"]
    return replace(
        made,
        amount=str(row.members),
        unit=f"members of {len(vocabulary.members)} reported",
        note=f"No total is shown: {words.small(words.listing(barring))}. Each member's own figure is below.",
        interval="",
    )


def _line(row, same: pd.DataFrame) -> tuple[tuple[int, float], ...]:
    """The small line under a sum: only where it speaks of the same members as the number, and a trend may be spoken of."""
    if row.use_trend == "no" or row.use_sum == "no" or same.empty or int(same.members.iloc[-1]) != row.members:
        return ()
    return tuple(zip(same.year.astype(int), same.value))


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
