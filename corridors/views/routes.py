"""The route pages, made ready: what the map draws, the table beside it, and the evidence of one route in words."""

from collections import Counter
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from corridors import ROOT, catalog
from corridors.catalog import uses, words
from corridors.charts import months as months_chart
from corridors.charts import route_map
from corridors.charts.map_svg import PALETTES
from corridors.charts.theme import themed
from corridors.store.queries import figures as reading
from corridors.store.queries import routes as route_reading
from corridors.views.figure import caveats_of, to_text
from corridors.views.maps import Family
from corridors.views.static_files import served

GEO = ROOT / "data" / "geo"


@dataclass(frozen=True)
class Network:
    """Everything that the map can draw: routes, legs, places, and the addresses of land and incidents."""

    routes: pd.DataFrame
    legs: pd.DataFrame
    places: pd.DataFrame
    land: str | dict


@dataclass(frozen=True)
class RouteView:
    """One route in words: its description, its legs, and each figure with all that must be said with it."""

    title: str
    summary: str
    facts: str
    legs: str
    figures: tuple[str, ...]
    count: int
    unverified: bool


def count(edition_id: str) -> int:
    """How many routes the edition describes."""
    return len(route_reading.routes(edition_id))


def network(edition_id: str) -> Network:
    """The whole network of one edition; the land is served as a file of its own."""
    legs = route_reading.legs(edition_id)
    legs["path"] = [[[round(float(x), 2), round(float(y), 2)] for x, y in path] for path in legs.path]
    return Network(
        route_reading.routes(edition_id),
        legs,
        route_reading.places(edition_id),
        served("land", (GEO / "land.json").read_bytes()),
    )


def incident_file(edition_id: str, dark: bool) -> str | list:
    """The address of the incidents as marks in the colours of the page."""
    return served("incidents", route_map.incident_marks(route_reading.incidents(edition_id), PALETTES[dark]))


def place_list(codes) -> str:
    """Places as a list of names."""
    return words.listing([short_place(iso3) for iso3 in codes])


def short_place(iso3: str) -> str:
    """A member's short name, or the country's name."""
    vocabulary = catalog.load()
    member = vocabulary.members.get(iso3)
    return (member.short_name or member.name) if member else vocabulary.place_name(iso3)


def evidence_amount(row) -> str:
    """The figure of one piece of evidence: "over 3,500", "about 20,000", "201–209", "up to 10,000,000"."""
    if not words.missing(row.value):
        text = _plain(row.value)
        return f"about {text}" if row.approx else text
    low, high = not words.missing(row.lower), not words.missing(row.upper)
    if low and high:
        return f"{'about ' if row.approx else ''}{_plain(row.lower)}–{_plain(row.upper)}"
    if low:
        return f"over {_plain(row.lower)}" if row.bound_note == "more than" else f"at least {_plain(row.lower)}"
    return f"{'fewer than' if row.bound_note == 'fewer than' else 'up to'} {_plain(row.upper)}" if high else "no number"


def _plain(number: float) -> str:
    return words.number(number, 2).rstrip("0").rstrip(".") if number % 1 else words.number(number)


def figure_in_words(row, leg_names: dict[str, str]) -> str:
    """One piece of evidence with everything that must be said with it, as markdown."""
    unit = row.unit.replace("per cent", "%")
    amount = f"{evidence_amount(row)} {unit}".replace(" %", "\u00a0%")
    where = leg_names.get(row.leg, "") if isinstance(row.leg, str) else ""
    status = "" if row.status == "reported" else f" · *{catalog.load().statuses[row.status].label.lower()}*"
    lines = [
        f"**{amount}** · {row.what}{f' ({where})' if where else ''} · {row.period_text}{status}",
        f":small[{row.source} ({row.source_ref}). {words.admiralty(row)}. {words.GRADE[row.grade]}; {words.small(row.grade_reason)}. "
        f"{words.capital(words.VERIFIED[row.verified])}.]",
    ]
    if isinstance(row.note, str):
        lines.append(f":small[{row.note}]")
    limits = "; ".join(c.title.lower() for c in caveats_of(row.caveats)) or "none recorded for this figure"
    lines.append(f":small[*Limits:* {limits}.]")
    return "  \n".join(lines)


def route_view(edition_id: str, route_id: str) -> RouteView:
    """The evidence of one route in words; figures that contradict one another stand side by side under one head."""
    routes = route_reading.routes(edition_id)
    row = next(routes[routes.route_id == route_id].itertuples())
    legs = route_reading.legs(edition_id)
    legs = legs[legs.route_id == route_id]
    evidence = route_reading.evidence(edition_id, route_id)
    names = {f"{leg.branch}{leg.leg}": f"{leg.from_name} to {leg.to_name}" for leg in legs.itertuples()}
    for branch, part in legs.groupby("branch"):
        names[branch] = f"{part.from_name.iloc[0]} to {part.to_name.iloc[-1]}"
    through = f", through {place_list(row.transits)}" if len(row.transits) else ""
    facts = [f"**{words.CRIME[row.crime]}**", f"From {place_list(row.origins)}{through} to {place_list(row.destinations)}"]
    if len(row.forms):
        facts.append("Forms: " + ", ".join(words.ROUTE_FORM[f].lower() for f in row.forms))
    facts.append(f"Evidence: {words.STRENGTH[row.strength].lower()} ({words.STRENGTH_MEANS[row.strength]})")
    for label, text in (("Season", row.season), ("Methods", row.methods), ("Fees", row.fees), ("Told by", row.told_by)):
        if isinstance(text, str) and text:
            facts.append(f"{label}: {text}")
    lines = "  \n".join(
        f"{leg.from_name} → {leg.to_name}, by {leg.mode}{'. ' + leg.note if isinstance(leg.note, str) and leg.note else ''}"
        for leg in legs.itertuples()
    )
    return RouteView(
        f"{row.route_id} · {row.name}",
        row.summary or "",
        "\n".join(f"- {f}" for f in facts),
        lines,
        tuple(_figures(evidence, names)),
        len(evidence),
        row.verified != "yes",
    )


def family_facts(edition_id: str, family: Family) -> str:
    """What the routes of a family have in common, as a list in markdown: ends, forms, seasons, deaths on its roads."""
    rows = route_reading.routes(edition_id)
    rows = rows[rows.route_id.isin(family.routes)]
    lines = []
    for what, column in (("From", "origins"), ("To", "destinations")):
        shared = set.intersection(*map(set, rows[column])) if len(rows) > 1 else set()
        if shared:
            lines.append(f"{what} {place_list(sorted(shared))} on every route")
    forms = Counter(form for forms in rows.forms for form in forms)
    shared = [words.ROUTE_FORM[form].lower() for form, n in forms.most_common() if n > 1][:4]
    if shared:
        lines.append(f"On more than one route: {', '.join(shared)}")
    lines += [
        f"Season of {row.route_id}: {row.season}" for row in rows.itertuples() if isinstance(row.season, str) and row.season
    ]
    lines.append(deaths_on(edition_id, family.deaths_on))
    return "\n".join(f"- {words.capital(line)}" for line in lines)


def deaths_on(edition_id: str, roads: tuple[str, ...]) -> str:
    """How many people are recorded dead or missing on these roads, with period, use and source; or that no collector names them."""
    if not roads:
        return "Deaths: no collector has a name for these roads, so none are counted for them. That is not zero."
    found = route_reading.deaths_on(edition_id, roads)
    source = reading.sources(edition_id).set_index("source_id").loc["iom_missing_migrants"]
    caveats = caveats_of(route_reading.source_caveats(edition_id, "iom_missing_migrants"))
    answers = {use: uses.strictest(use, [c.uses.get(use, "yes") for c in caveats] or ["yes"]) for use in uses.ANSWERS}
    of = f"of what {source.publisher} calls {words.listing([f'“{road}”' for road in roads])}"
    if not found["incidents"]:
        return f"Deaths: no row {of}. That is not zero. {source.publisher}, {source.title}, {source.edition}."
    first, last = int(found["first"]), int(found["last"])
    of_many = f", {found['cumulative']} of them of many events each" if found["cumulative"] else ""
    return (
        f"Deaths: **at least {found['people']:,} people** dead or missing, {first if first == last else f'{first}–{last}'}, in "
        f"{_rows(found['incidents'])} {of}{of_many}; rows without a road's name are not among them. {uses.short(answers)} "
        f"{source.publisher}, {source.title}, {source.edition}."
    )


def pairs_of(edition_id: str, route_id: str) -> list[tuple[str, str]]:
    """The corridors of a route that have figures, each (origin, destination); at most four."""
    routes = route_reading.routes(edition_id)
    row = next(routes[routes.route_id == route_id].itertuples())
    held = route_reading.corridor_pairs(edition_id)
    known = set(zip(held.origin, held.destination))
    return [(o, d) for o in row.origins for d in row.destinations if (o, d) in known][:4]


def _figures(evidence: pd.DataFrame, names: dict[str, str]) -> list[str]:
    blocks = []
    for _, group in evidence.groupby(evidence.conflict.fillna(evidence.evidence_id), sort=False):
        differ = ":orange-badge[Sources differ: both figures stand]\n\n" if len(group) > 1 else ""
        blocks.append(differ + "\n\n".join(figure_in_words(row, names) for row in group.itertuples()))
    return blocks


def caveats_of_route(edition_id: str, route_id: str) -> str:
    """All caveats that any figure of the route carries, in full words."""
    evidence = route_reading.evidence(edition_id, route_id)
    return to_text(caveats_of({code for codes in evidence.caveats for code in codes}))


def incident_summary(edition_id: str, iso3: str | None, first: int, last: int) -> tuple[str, pd.DataFrame]:
    """What must be said with the incidents of a period, and the monthly profile."""
    row = route_reading.incident_summary(edition_id, iso3, first, last)
    source = reading.sources(edition_id).set_index("source_id").loc["iom_missing_migrants"]
    where = f" in {catalog.load().place_name(iso3)}" if iso3 else ""
    months = route_reading.incident_months(edition_id, iso3, first, last)
    publisher = f"{source.publisher}, {source.title}, {source.edition}."
    if not row["incidents"]:
        return (
            f"No incident is recorded{where}, {first} to {last}. That is not zero: a death that nobody reported is in no list. {publisher}",
            months,
        )
    text = (
        f"**{row['people']:,} people** recorded dead or missing in {_rows(row['incidents'])}{where}, {first} to {last}. {publisher} "
        f"{words.GRADE[row['grade']]} (what the yearly figures of at least four fifths of these people reach). "
    )
    if max(row["road_people"] / max(row["people"], 1), row["road_incidents"] / row["incidents"]) > 0.25:
        text += (
            f"**One road, from Afghanistan into Iran, carries {words.share(row['road_people'] / row['people'])} of the people and "
            f"{words.share(row['road_incidents'] / row['incidents'])} of the rows.** "
        )
    if row["cumulative"]:
        text += f"{_rows(row['cumulative'])} of many events each, cumulative. "
    if row["weakly_sourced"]:
        text += f"{_rows(row['weakly_sourced'])} with one press report or a survey behind it. "
    if row["without_place"]:
        text += f"{_rows(row['without_place'])} without a place, not drawn."
    return text.strip(), months


def incident_chart(edition_id: str, iso3: str | None, first: int, last: int) -> tuple[str, go.Figure]:
    """The months of a period with incidents: which holds most, and their bars."""
    months = route_reading.incident_months(edition_id, iso3, first, last)
    return months_chart.headline(months), themed(months_chart.draw(months))


def _rows(count: int) -> str:
    return f"{count:,} incident row{'' if count == 1 else 's'}"


def incident_caveats(edition_id: str) -> str:
    """All caveats that figures of this source carry, in full words."""
    return to_text(caveats_of(route_reading.source_caveats(edition_id, "iom_missing_migrants")))
