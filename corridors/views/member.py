"""A member's page, made ready: headline cards, and per theme the trends, breakdowns and corridors."""

from dataclasses import dataclass, replace
from functools import partial

import pandas as pd

from corridors import catalog
from corridors.catalog import Indicator, Member, uses, words
from corridors.store.queries import factors as factor_queries
from corridors.store.queries import figures, quality
from corridors.views.figure import (
    Card,
    Chart,
    LazyCharts,
    Makers,
    barred_trend,
    breaks_for,
    card,
    if_held,
    limits,
    most_deadly_months,
    parts,
    period_of,
    point,
    uses_of,
)
from corridors.views.outlook import trend_ahead

# The figures at the head of a member's page, brief and slide, in this order.
DEATHS = "deaths_and_disappearances"
HEADLINES = (
    ("detected_victims", "place", "Detected victims of trafficking"),
    ("persons_convicted", "place", "Persons convicted of trafficking"),
    ("smuggling_offences", "place", "Smuggling offences recorded"),
    ("refugees", "place", "Refugees hosted"),
    ("asylum_applications_new", "partner", "Asylum applications by its citizens"),
    (DEATHS, "place", "Dead or missing on its territory"),
    ("refugees", "partner", "Refugees from here, in all places"),
    ("asylum_applications_new", "place", "Asylum applications lodged here"),
    ("trafficking_offences", "place", "Trafficking offences recorded"),
    ("persons_prosecuted", "place", "Persons prosecuted for trafficking"),
    ("migrant_stock", "place", "International migrants living here"),
    ("migrant_stock", "partner", "Its people living elsewhere"),
)
SHORT = {  # on a compact card
    "detected_victims-place": "Victims detected",
    "persons_convicted-place": "Persons convicted",
    "smuggling_offences-place": "Smuggling offences",
    "asylum_applications_new-partner": "Asylum claims abroad",
    "deaths_and_disappearances-place": "Dead or missing",
}
DRAWN = 2  # charts of a theme drawn at once: each costs a tablet a tenth of a second
NOT_A_SUM = "As published; may not add up to the total: small counts are masked, and some reports leave parts out."
CORE = 6  # those of the first that are not held are said to be missing


@dataclass(frozen=True)
class Headlines:
    """The latest figures of the core headlines as cards, those of the others, and labels of the core ones not held."""

    cards: tuple[Card, ...]
    others: tuple[Card, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Gap:
    """What is not held of one theme: the latest year of any figure, the figures without one, and who could provide them.

    Absent is not zero.
    """

    theme: str
    latest: int | None
    absent: tuple[str, ...]
    who: str

    @property
    def state(self) -> str:
        """What is held, in words."""
        return "no figure held" if self.latest is None else f"latest figure {self.latest}"


@dataclass(frozen=True)
class ThemeView:
    """One theme of one member: charts drawn at once, charts behind a menu, and the menu of corridors."""

    first: tuple[Chart, ...]
    more: LazyCharts  # by key, made when opened
    corridors: dict[str, str]  # key → title

    @property
    def empty(self) -> bool:
        return not (self.first or self.more or self.corridors)


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
    """The headline figures of a member: what page, brief and slide show of them."""
    latest = figures.latest_totals(edition_id, iso3)
    moved = changes(edition_id, iso3)
    cards: list[list[Card]] = [[], []]
    missing = []
    for n, (indicator_id, view, label) in enumerate(HEADLINES):
        rows = latest[(latest.indicator_id == indicator_id) & (latest["view"] == view)]
        if len(rows):
            key, note, change = f"{indicator_id}-{view}", "", moved.get((indicator_id, view), "")
            if indicator_id == DEATHS:  # no line over years: the months of the latest one instead
                note, change = (most_deadly_months(edition_id, iso3, int(rows.year.iloc[0]), most) for most in (3, 1))
                change = change.removeprefix("by month, ").removeprefix("all that are dated ")
            cards[n >= CORE].append(replace(card(rows, label, key, note), short=SHORT.get(key, label), change=change))
        elif n < CORE:
            missing.append(label)
    lines = _lines(edition_id, iso3, [each.key for each in (*cards[0], *cards[1])])
    drawn = [tuple(replace(each, **lines.get((each.key, each.source_id), {})) for each in some) for some in cards]
    return Headlines(*drawn, tuple(missing))


def _lines(edition_id: str, iso3: str, keys: list[str]) -> dict[tuple[str, str], dict]:
    """The small line of each card and where it is cut, by the card's key and source; none where no trend may be seen."""
    pairs = [tuple(key.rsplit("-", 1)) for key in keys]
    asked = ([i for i, view in pairs if view == "place"], [i for i, view in pairs if view == "partner"])
    breaks, found, series = figures.breaks(edition_id), {}, {}
    for row in factor_queries.series(edition_id, iso3, *asked).itertuples():
        series.setdefault((row.key, row.source_id), []).append(row)
    for (key, source_id), mine in series.items():
        known = [(int(row.year), middle) for row in mine if (middle := point(row)) is not None]
        last = mine[-1]
        if len(known) < 3 or barred_trend(last):
            continue
        years = [year for year, _ in known]
        starts = [b for a, b in zip(years, years[1:]) if b > a + 1]
        for first, _ in breaks_for(breaks, last):
            starts += [year for year in years if year >= first][:1]
        indicator_id, _, partner = key.partition("@")
        found[(f"{indicator_id}-{partner or 'place'}", source_id)] = {"spark": tuple(known), "spark_starts": tuple(starts)}
    return found


@dataclass(frozen=True)
class Beside:
    """One headline of two members: a card each, or none, and whether the two may be compared."""

    label: str
    first: Card | None
    second: Card | None
    said: str


def beside(edition_id: str, iso3: str, other: str) -> tuple[Beside, ...]:
    """The headlines of two members side by side, in the order of the page: no ranking, and why a comparison is barred."""
    pages = [headlines(edition_id, each) for each in (iso3, other)]
    cards = [{each.key: each for each in page.cards} for page in pages]
    found = []
    for indicator_id, view, label in HEADLINES[:CORE]:
        key = f"{indicator_id}-{view}"
        pair = [held.get(key) for held in cards]
        if any(pair):
            found.append(Beside(label, *pair, _comparable(pair)))
    return tuple(found)


def beside_subregion(edition_id: str, iso3: str) -> tuple[Beside, ...]:
    """The headlines of a member beside those of its subregion, itself among it.

    A sum stands there only where no figure's uses forbid to add it up; else the median, with the least and the most.
    """
    vocabulary = catalog.load()
    names = {m.iso3: short(m) for m in vocabulary.members.values() if m.subregion == vocabulary.members[iso3].subregion}
    latest = pd.concat([figures.latest_totals(edition_id, each) for each in names], ignore_index=True)
    own, found = {each.key: each for each in headlines(edition_id, iso3).cards}, []
    for indicator_id, view, label in HEADLINES[:CORE]:
        rows = latest[(latest.indicator_id == indicator_id) & (latest["view"] == view)]
        if rows.empty:
            continue
        mine, key = rows[rows[_end(view)] == iso3], f"{indicator_id}-{view}"
        year = int(mine.year.iloc[0]) if len(mine) else int(rows.year.max())
        rows = rows[rows.year == year]
        area = _area_card(rows.sort_values(_end(view)), [names[code] for code in rows[_end(view)]], len(names), label, key)
        pair = [own.get(key), area]
        found.append(Beside(label, *pair, _comparable(pair)))
    return tuple(found)


def _end(view: str) -> str:
    return "iso3" if view == "place" else "partner_iso3"


def _area_card(rows: pd.DataFrame, named: list[str], members: int, label: str, key: str) -> Card:
    """What members of a subregion reported for one year, on a card: never a sum that their uses forbid.

    A figure of which only a range is known goes in with both ends, so that sum and median are ranges too.
    """
    low, high = rows.value.fillna(rows.lower), rows.value.fillna(rows.upper)
    if len(rows) == 1:
        ends, said = (low, high), "the only figure"
    elif (rows.use_sum == "no").any() and len(rows) < 3:
        ends, said = (low.min(), high.max()), "two figures, not added up"
    elif (rows.use_sum == "no").any():
        span = " to ".join(words.number(end) for end in (low.min(), high.max()))
        ends, said = (low.median(), high.median()), f"median; all lie within {span}"
    else:
        ends, said = (low.sum(), high.sum()), "added up"
    lower, upper = (float(pd.Series(end).iloc[0]) for end in ends)
    one = rows.head(1).assign(value=lower if lower == upper else None, lower=lower, upper=upper)
    of = f"{len(rows)} of {members} members have a figure for {int(rows.year.iloc[0])}: {words.listing(sorted(named))}."
    made = card(one, label, key, f"{words.capital(said)}. {of}")
    change = f"{said}  \n{len(rows)} of {members} members"
    strictest = max(rows.itertuples(), key=lambda row: uses.strictness(uses_of(row)))
    return replace(made, short=SHORT.get(key, label), change=change, status="", limits=limits(rows, strictest))


def _comparable(pair: list[Card | None]) -> str:
    held = [card for card in pair if card]
    if len(held) < 2:
        return "Compare: no, because one of the two has no figure, which is not zero."
    order = ["", *uses.ANSWERS["compare"]]
    answer, why = max((card.compare for card in held), key=lambda compare: order.index(compare[0]))
    if held[0].source_id != held[1].source_id:
        return "Compare: no, because the two figures come from different sources."
    if held[0].period != held[1].period:
        why = "; ".join(filter(None, (why, f"the periods differ: {held[0].period} and {held[1].period}")))
        answer = "with care" if answer == "yes" else answer
    return {"yes": "Compare: yes.", "": ""}.get(
        answer, f"Compare: {answer}, because {'; '.join(map(words.small, why.split('; ')))}."
    )


def gaps(edition_id: str, iso3: str) -> tuple[Gap, ...]:
    """What is not held on a member, theme by theme and figure by figure: everything, not only the main figures."""
    vocabulary = catalog.load()
    coverage = figures.coverage(edition_id)
    held = set(figures.latest_totals(edition_id, iso3).indicator_id)
    return tuple(
        Gap(
            vocabulary.themes[row.theme].title,
            None if words.missing(row.latest) else int(row.latest),
            tuple(name_of(i) for i in vocabulary.indicators.values() if i.theme == row.theme and i.id not in held),
            vocabulary.themes[row.theme].who_could_provide,
        )
        for row in coverage[coverage.iso3 == iso3].sort_values("position").itertuples()
    )


def verdicts(edition_id: str, iso3: str) -> dict[tuple[str, str], str]:
    """A cautious sentence on each series of a member, by indicator and view: what was recorded rose or fell, never the crime."""
    return {(r.indicator_id, r.view): words.verdict(r) for r in if_held(quality.trends, edition_id, iso3).itertuples()}


def changes(edition_id: str, iso3: str) -> dict[tuple[str, str], str]:
    """How each series of a member moved, in a few words for a compact card, by indicator and view."""
    return {(row.indicator_id, row.view): words.moved(row) for row in if_held(quality.trends, edition_id, iso3).itertuples()}


def theme_view(edition_id: str, iso3: str, theme: str) -> ThemeView:
    """Everything of one theme for one member."""
    vocabulary = catalog.load()
    member = vocabulary.members[iso3]
    here = figures.figures(edition_id, iso3, theme)
    menu = figures.corridor_indicators(edition_id, iso3)
    series = _series(here, figures.abroad(edition_id, iso3, theme))
    breaks = figures.breaks(edition_id)
    said = verdicts(edition_id, iso3)
    made: Makers = {}
    for rows, indicator, view in series:
        title, key = view_title(indicator, view, member), f"{indicator.id}-{view}"
        make = partial(trend_ahead, edition_id, rows, title, key, breaks, said.get((indicator.id, view), ""))
        made[key] = title, make
    made |= _months(edition_id, iso3, here[here.indicator_id == DEATHS]) | _breakdowns(here)
    ahead = [key for i, view, _ in HEADLINES if (key := f"{i}-{view}") in made]
    first = [*ahead, *(key for key in made if "-by-" in key)][:DRAWN]
    corridors = {
        f"{row.indicator_id}.{row.end}": corridor_title(vocabulary.indicators[row.indicator_id], member, row.end, row.year)
        for row in menu[menu.theme == theme].itertuples()
    }
    return ThemeView(
        tuple(made[key][1]() for key in first),
        LazyCharts({key: each for key, each in made.items() if key not in first}),
        corridors,
    )


def _months(edition_id: str, iso3: str, deaths: pd.DataFrame) -> Makers:
    """The months of the latest year of deaths: what may be shown where their collector advises against a line over years."""
    if deaths.empty:
        return {}
    latest = deaths.sort_values("year").tail(1)
    months = figures.deaths_by_month(edition_id, iso3, int(latest.year.iloc[0]))
    if months.empty:
        return {}
    names = [words.MONTHS[m] if m else "Month not said" for m in months.month]
    rows = latest.loc[latest.index.repeat(len(months))].assign(
        month=names, provider_label=names, value=months.people.astype(float).to_numpy()
    )
    title, key = f"Dead or missing by month, {period_of(next(latest.itertuples()))}", f"{DEATHS}-by-month"
    return {key: (title, partial(parts, rows.reset_index(drop=True), "month", title, key))}


def _series(here: pd.DataFrame, abroad: pd.DataFrame) -> list[tuple[pd.DataFrame, Indicator, str]]:
    indicators = catalog.load().indicators
    whole = here[(here.sex == "total") & (here.age == "total") & (here.form == "total")]
    series = [(rows, indicators[i], "place") for i, rows in whole.groupby("indicator_id", sort=False)]
    series += [(rows, indicators[i], "partner") for i, rows in abroad.groupby("indicator_id", sort=False)]
    return sorted(series, key=lambda entry: (entry[1].order, entry[2] == "partner"))


def _breakdowns(here: pd.DataFrame) -> Makers:
    """The latest year of each indicator by form, by sex and by age, as published."""
    made = {}
    for indicator_id, rows in here[here.status != "not_reported"].groupby("indicator_id", sort=False):
        name = name_of(catalog.load().indicators[indicator_id])
        for column in ("form", "sex", "age"):
            rest = [c for c in ("form", "sex", "age") if c != column]
            some = rows[(rows[column] != "total") & (rows[rest] == "total").all(axis=1)]
            if len(some):
                some = some[some.year == some.year.max()]
                some = some.assign(part=some[column].map(words.BREAKDOWN[column]))
                title, key = f"{name} by {column}", f"{indicator_id}-by-{column}"
                made[key] = title, partial(parts, some, "part", title, key, note=NOT_A_SUM)
    return made


def corridor_title(indicator: Indicator, member: Member, end: str, year: int) -> str:
    """What a corridor chart shows, said from the member's end."""
    roles = indicator.place_role, indicator.partner_role
    own, other = roles if end == "place" else roles[::-1]
    return f"{name_of(indicator)}, {own} {short(member)}, by {other} ({year})"


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
