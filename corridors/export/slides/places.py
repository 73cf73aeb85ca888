"""Slides about places: a member, a corridor, the route map, and what pushes and pulls. Each maker returns the fields of
a `Slide`.
"""

import pandas as pd

from corridors import catalog
from corridors.catalog import words
from corridors.catalog.meetings import Entry, Meeting
from corridors.charts import trend
from corridors.export.brief import parts
from corridors.export.slides import words as slide_words
from corridors.export.slides.model import Fact, Series
from corridors.store import labels as ceilings
from corridors.store.queries import factors as factor_reading
from corridors.store.queries import figures as reading
from corridors.store.queries import quality, routes
from corridors.views import maps
from corridors.views import routes as views
from corridors.views.figure import breaks_for, card, if_held
from corridors.views.member import HEADLINES, name_of
from corridors.views.outlook import on_slide

MEMBER_CHARTS = ("detected_victims", "smuggling_offences", "persons_convicted", "refugees", "asylum_seekers")
PAIR_CHARTS = ("refugees", "asylum_applications_new", "asylum_seekers", "detected_victims", "migrant_stock")
SCHEMATIC = "Routes are schematic; no line is a track, and width shows nothing"


def route_map(edition_id: str, meeting: Meeting, entry: Entry) -> dict:
    """The routes described in public literature: one family of them, all, those of a member or a crime, or one."""
    rows, vocabulary = routes.routes(edition_id), catalog.load()
    member, crime, route = (entry.wanted.get(k) for k in ("member", "crime", "route"))
    family = maps.families(edition_id).get(entry.wanted.get("family", ""))
    if family:
        rows = rows[rows.route_id.isin(family.routes)]
    if member:
        rows = rows[rows.touched.map(lambda codes: member in codes)]
    if crime:
        rows = rows[rows.crime.isin([crime, "both"])]
    if route:
        rows = rows[rows.route_id == route]
    what = f" touch {vocabulary.place_name(member)}" if member else ""
    kind = f" of {crime}" if crime else ""
    if rows.empty:
        return {
            "title": f"None of the described routes{kind}{what or ' is in view'}",
            "lead": "That does not mean that there is none.",
        }
    strong = int((rows.strength == "strong").sum())
    n = len(rows)
    title = f"{n} {'route' if n == 1 else 'routes'}{kind}{what.replace('touch', 'touches') if n == 1 else what}"
    title += ("" if member else " described in public literature") + f"; evidence is strong for {strong}"
    stand_out = tuple(
        f"{r.route_id} {r.name}: {words.CRIME[r.crime].lower()}, evidence {'none held' if r.strength == 'none' else r.strength}."
        for r in rows.itertuples()
    )
    if family:
        title = family.sentence
        stand_out += (views.deaths_on(edition_id, family.deaths_on).replace("**", ""),)
    if route:
        row = next(rows.itertuples())
        title = (
            f"{row.route_id} · {row.name}: {words.CRIME[row.crime].lower()}, "
            f"{row.strength if row.strength != 'none' else 'no'} evidence"
        )
        stand_out += (row.summary,) if isinstance(row.summary, str) else ()
    years = rows[["first_year", "last_year"]].dropna()
    if member and not (crime or route or family):
        picture = maps.member_map(edition_id, member, maps.SLIDE)
    else:
        picture = maps.routes_map(edition_id, list(rows.route_id), maps.SLIDE, family.bounds if family else None)
    return {
        "title": title,
        "picture": picture,
        "sources": (f"{int(rows.figures.sum())} published figures; each is named on the page Routes",),
        "period": f"figures of {int(years.first_year.min())}–{int(years.last_year.max())}"
        if len(years)
        else "no dated figure",
        "unit": "routes",
        "grade": "Line pattern: how good the best published figure is",
        "limit": SCHEMATIC,
        "labels": list(rows.tlp),
        "details": stand_out,
    }


def member(edition_id: str, meeting: Meeting, entry: Entry) -> dict:
    """One series of a member as a chart, and three more figures beside it."""
    vocabulary, iso3 = catalog.load(), entry.wanted["member"]
    member = vocabulary.members[iso3]
    name = member.short_name or member.name
    latest = reading.latest_totals(edition_id, iso3)
    if latest.empty:
        return {"title": f"No figure is held on {name}", "lead": slide_words.NOT_ZERO}
    wanted = [entry.wanted["indicator"]] if entry.wanted.get("indicator") else list(MEMBER_CHARTS)
    rows = _longest(factor_reading.series(edition_id, iso3, wanted, []), wanted)
    labels = {(i, v): label for i, v, label in HEADLINES}
    held = {(latest.indicator_id.iloc[n], latest["view"].iloc[n]): latest.iloc[[n]] for n in range(len(latest))}
    chart = rows.indicator_id.iloc[0] if len(rows) else None
    chosen = [key for key in labels if key in held and key != (chart, "place")][:3]
    facts_rows = pd.concat([held[k] for k in chosen]) if chosen else latest.iloc[:0]
    facts = tuple(slide_words.fact(card(held[k], labels[k], "-".join(k))) for k in chosen)
    if rows.empty:
        return {
            "title": f"{name}: the newest figures held",
            "lead": "No series of several years is held for what is asked.",
            "facts": facts,
            **slide_words.foot(facts_rows),
        }
    made = _series(edition_id, rows, f"{name}, {words.small(name_of(vocabulary.indicators[chart]))}", facts_rows)
    return made | {"lead": _verdict(edition_id, rows), "facts": facts}


def corridor(edition_id: str, meeting: Meeting, entry: Entry) -> dict:
    """People of one place in another as a chart, two more figures, and the routes between."""
    vocabulary = catalog.load()
    origin, destination = entry.wanted["origin"], entry.wanted["destination"]
    pair = f"{vocabulary.place_name(origin)} to {vocabulary.place_name(destination)}"
    rows = routes.corridor_series(edition_id, origin, destination)
    between = routes.routes_between(edition_id, origin, destination)
    through = tuple(f"{r.route_id} {r.name}" for r in between.itertuples())
    points = (
        (f"Routes described: {'; '.join(through[:3])}" + (f"; and {len(through) - 3} more" if len(through) > 3 else ""),)
        if through
        else ("No route between the two is described in the literature held here",)
    )
    if rows.empty:
        return {"title": f"{pair}: no figure is held", "lead": slide_words.NOT_ZERO, "points": points}
    wanted = [entry.wanted["indicator"]] if entry.wanted.get("indicator") else list(PAIR_CHARTS)
    single = rows.drop_duplicates(["indicator_id", "year"], keep=False)
    line = _longest(single, wanted)
    newest = rows[rows.year == rows.groupby("indicator_id").year.transform("max")].drop_duplicates(
        "indicator_id", keep=False
    )
    chart = line.indicator_id.iloc[0] if len(line) else None
    beside = newest[newest.indicator_id.isin(PAIR_CHARTS) & (newest.indicator_id != chart)].head(2)
    facts = tuple(
        slide_words.fact(card(beside.iloc[[n]], name_of(vocabulary.indicators[i]), i))
        for n, i in enumerate(beside.indicator_id)
    )
    if line.empty:
        return {"title": f"{pair}: the newest figures held", "facts": facts, "points": points, **slide_words.foot(beside)}
    name = name_of(vocabulary.indicators[chart])
    return _series(edition_id, line, f"{pair}, {words.small(name)}", beside) | {"facts": facts, "points": points}


def _longest(rows: pd.DataFrame, wanted: list[str]) -> pd.DataFrame:
    """The rows of the first wanted indicator with four known years, else of the one with most; of one source."""
    best = rows.iloc[:0]
    for indicator_id in wanted:
        part = rows[rows.indicator_id == indicator_id]
        if len(part):
            part = part[part.source_id == part.source_id.iloc[-1]].sort_values("year")
        if len(part) >= 4:
            return part
        best = part if len(part) > max(len(best), 1) else best
    return best


def _series(edition_id: str, rows: pd.DataFrame, name: str, noted: pd.DataFrame) -> dict:
    """The chart of a series with its foot; rows that are only `noted` stand in the notes, and their labels count."""
    last = next(rows.tail(1).itertuples())
    breaks = tuple(breaks_for(reading.breaks(edition_id), last))
    said, ahead = on_slide(edition_id, rows)
    below = slide_words.foot(rows)
    return below | {
        "labels": [*below["labels"], *noted.tlp],
        "period": f"chart {slide_words.span(rows)}",
        "grade": f"Chart: {words.small(slide_words.grades(rows))}",
        "title": f"{name}: {trend.headline(rows, list(breaks))}",
        "unit": last.unit_many,
        "picture": Series(rows, breaks, last.unit_many, ahead),
        "ahead": said,
    }


def _verdict(edition_id: str, rows: pd.DataFrame) -> str:
    """The verdict on these very rows; none where it was worked out from more years than may be seen here."""
    last = next(rows.tail(1).itertuples())
    found = if_held(quality.trends, edition_id, last.iso3)
    found = found[(found.indicator_id == last.indicator_id) & (found["view"] == "place")] if len(found) else found
    for row in found.itertuples():
        seen = rows[rows.year >= row.first_year]
        if int(row.last_year) == int(last.year) and int(row.years) <= len(seen):
            return words.verdict(row) + "."
    return ""


def factors(edition_id: str, meeting: Meeting, entry: Entry) -> dict:
    """The most telling push and pull factors of a member."""
    member = catalog.load().members[entry.wanted["member"]]
    name = member.short_name or member.name
    with ceilings.labels_read() as labels:  # the edition is already opened up to the ceiling
        stand_out = parts.factors(edition_id, member.iso3, most=4)
    if not stand_out:
        return {"title": f"No push or pull factor of {name} has a figure here", "lead": slide_words.NOT_ZERO}
    publishers = sorted(reading.sources(edition_id).publisher, key=len)
    facts = tuple(
        Fact(
            f"{f['side']}: {f['factor']}",
            f["amount"],
            f"{f['indicator']}: {f['unit']}, {f['period']}; {f['position']}; {f['change']}",
            f["grade"],
            f["caveat"],
            next((p for p in publishers if f["source"].startswith(p)), ""),
        )
        for f in stand_out
    )
    names = [words.small(f["factor"]).split(",")[0] for f in stand_out]
    return {
        "title": words.capital(f"{words.listing(names)} {'stands' if len(names) == 1 else 'stand'} out for {name}"),
        "lead": "Push and pull factors: an indicator stands for some of a factor and shows no cause.",
        "facts": facts,
        "sources": tuple(dict.fromkeys(f["source"] for f in stand_out)),
        "period": "as under each figure",
        "unit": "as under each figure",
        "grade": "Grade beside each figure",
        "limit": "A position among members is no rank",
        "labels": sorted(labels),
        "details": tuple(f"{f['factor']}: {f['grade']}. {f['why']}." for f in stand_out),
    }
