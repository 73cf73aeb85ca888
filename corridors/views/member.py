"""A member's page, made ready: headline cards, and per theme the trends, breakdowns and corridors."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import pandas as pd

from corridors import catalog
from corridors.catalog import Indicator, Member, words
from corridors.store.queries import figures, quality
from corridors.views import verdicts
from corridors.views.figure import Card, Chart, Later, card, parts, trend

HEADLINES = (
    ("detected_victims", "place", "Detected victims"),
    ("persons_convicted", "place", "Persons convicted of trafficking"),
    ("smuggling_offences", "place", "Smuggling offences recorded"),
    ("refugees", "place", "Refugees hosted"),
    ("asylum_applications_new", "partner", "Asylum applications by its citizens"),
    ("deaths_and_disappearances", "place", "Dead or missing on its territory"),
)


@dataclass(frozen=True)
class Headlines:
    """The latest figure of each theme as cards; labels of those that are not held."""

    cards: tuple[Card, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class ThemeView:
    """One theme of one member: charts drawn at once, charts behind a menu, breakdowns, and the menu of corridors."""

    main: tuple[Chart, ...]
    more: Later  # by key, made when opened
    breakdowns: tuple[Chart, ...]
    corridors: dict[str, str]  # key → title

    @property
    def empty(self) -> bool:
        return not (self.main or self.more or self.breakdowns or self.corridors)


def name_of(indicator: Indicator) -> str:
    """The indicator's short name where it has one."""
    return indicator.short_name or indicator.name


def short(member: Member) -> str:
    """The member's short name where there is one."""
    return member.short_name or member.name


def view_title(indicator: Indicator, view: str, member: Member) -> str:
    """The indicator's name with the end of the corridor that the member stands at."""
    if view == "place":
        return f"{name_of(indicator)}, {indicator.place_role} {short(member)}"
    return f"{name_of(indicator)}, {indicator.partner_role} {short(member)}, all places"


def headlines(edition_id: str, iso3: str) -> Headlines:
    """The headline cards of a member's page."""
    latest = figures.latest_totals(edition_id, iso3)
    cards, missing = [], []
    for indicator_id, view, label in HEADLINES:
        rows = latest[(latest.indicator_id == indicator_id) & (latest["view"] == view)]
        if rows.empty:
            missing.append(words.small(label))
        else:
            cards.append(card(rows, label, f"{indicator_id}-{view}"))
    return Headlines(tuple(cards), tuple(missing))


def theme_view(edition_id: str, iso3: str, theme: str) -> ThemeView:
    """Everything of one theme for one member."""
    vocabulary = catalog.load()
    member = vocabulary.members[iso3]
    here = figures.figures(edition_id, iso3, theme)
    menu = figures.corridor_indicators(edition_id, iso3)
    series = _series(here, figures.abroad(edition_id, iso3, theme))
    breaks = figures.breaks(edition_id)
    said = verdicts.by_series(quality.trends(edition_id, iso3))
    main, more, titles = [], {}, {}
    for rows, indicator, view in series:
        title = view_title(indicator, view, member)
        key = f"{indicator.id}-{view}"
        make = partial(trend, rows, title, key, breaks, said.get((indicator.id, view), ""))
        if indicator.main:
            main.append(make())
        else:
            more[key], titles[key] = make, title
    corridors = {
        f"{row.indicator_id}.{row.end}": corridor_title(vocabulary.indicators[row.indicator_id], member, row.end, row.year)
        for row in menu[menu.theme == theme].itertuples()
    }
    return ThemeView(tuple(main), Later(more, titles), tuple(_breakdowns(here)), corridors)


def _series(here: pd.DataFrame, abroad: pd.DataFrame) -> list[tuple[pd.DataFrame, Indicator, str]]:
    indicators = catalog.load().indicators
    whole = here[(here.sex == "total") & (here.age == "total") & (here.form == "total")]
    series = [(rows, indicators[i], "place") for i, rows in whole.groupby("indicator_id", sort=False)]
    series += [(rows, indicators[i], "partner") for i, rows in abroad.groupby("indicator_id", sort=False)]
    return sorted(series, key=lambda entry: (entry[1].order, entry[2] == "partner"))


def _breakdowns(here: pd.DataFrame) -> list[Chart]:
    """The latest year of each indicator by form, by sex and by age, as published."""
    drawn = []
    for indicator_id, rows in here.groupby("indicator_id", sort=False):
        name = name_of(catalog.load().indicators[indicator_id])
        for column in ("form", "sex", "age"):
            rest = [c for c in ("form", "sex", "age") if c != column]
            some = rows[(rows[column] != "total") & (rows[rest] == "total").all(axis=1)]
            if len(some):
                some = some[some.year == some.year.max()]
                some = some.assign(part=some[column].map(words.BREAKDOWN[column]))
                drawn.append(parts(some, "part", f"{name} by {column}", f"{indicator_id}-by-{column}"))
    return drawn


def corridor_title(indicator: Indicator, member: Member, end: str, year: int) -> str:
    """What a corridor chart shows, said from the member's end."""
    if end == "place":
        return f"{name_of(indicator)}, {indicator.place_role} {short(member)}, by {indicator.partner_role} ({year})"
    return f"{name_of(indicator)}, {indicator.partner_role} {short(member)}, by {indicator.place_role} ({year})"


def corridor(edition_id: str, iso3: str, choice: str) -> Chart:
    """One indicator by partner for the latest year; `choice` is "indicator.end"."""
    vocabulary = catalog.load()
    indicator_id, end = choice.rsplit(".", 1)
    rows = figures.corridors(edition_id, iso3, indicator_id, end)
    rows = rows.assign(other_end=rows.partner if end == "place" else rows.place)
    own = rows.iso3 == rows.partner_iso3
    rows["other_end"] = rows.other_end.where(~own, rows.other_end + ", its own nationals")
    title = corridor_title(vocabulary.indicators[indicator_id], vocabulary.members[iso3], end, int(rows.year.iloc[0]))
    return parts(rows, "other_end", title, f"corridor-{indicator_id}-{end}")
