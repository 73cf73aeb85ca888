"""Maps of routes, made ready as SVG: a member with the routes that touch it, and any selection of routes in its own window."""

from __future__ import annotations

from dataclasses import dataclass, replace

from corridors import catalog
from corridors.charts import map_svg
from corridors.charts.map_layout import Box, Leg, Place, Route, Window, eastward, fitted, lay_out
from corridors.charts.map_svg import Entry
from corridors.store.queries import routes as queries
from corridors.views.figure import if_held
from corridors.views.summary import MAIN, role_of_each

WIDTH, HEIGHT = 780.0, 600.0  # of the map of the routes page
MEMBER_WIDTH, MEMBER_HEIGHT = 560.0, 400.0
EDGES = (40.0, -47.0, 182.0, 46.0)  # what of the world is in view where all routes are drawn
MEKONG = Window(90.0, -2.0, 110.0, 26.0, 218.0, 330.0)  # dense: drawn again at twice the scale
LEGEND = tuple(
    [Entry("tone:smuggling", "smuggling"), Entry("tone:trafficking", "trafficking"), Entry("tone:both", "both")]
    + [Entry("dotted", "disputed line")]
    + [
        Entry("dash:strong", "strong"),
        Entry("dash:fair", "fair"),
        Entry("dash:weak", "weak"),
        Entry("dash:none", "no figure"),
    ]
    + [Entry("sign:land", "by land"), Entry("sign:sea", "by sea"), Entry("sign:air", "by air")]
)


@dataclass(frozen=True)
class Family:
    """Routes that make one story, its sentence, and the window in which it is drawn: west, south, east, north."""

    id: str
    name: str
    sentence: str
    routes: tuple[str, ...]
    bounds: tuple[float, float, float, float]


def families(edition_id: str) -> dict[str, Family]:
    """The families of routes by id; none in an edition of an earlier version."""
    return {
        f.family_id: Family(f.family_id, f.name, f.sentence, tuple(f.routes), (f.west, f.south, f.east, f.north))
        for f in if_held(queries.families, edition_id).itertuples()
    }


@dataclass(frozen=True)
class Drawn:
    """A map as SVG, and in words for those who cannot see it."""

    svg: str
    alt: str


def laid(edition_id: str) -> tuple[dict[str, Route], tuple[Place, ...]]:
    """All routes by id, and all places, as the layout wants them."""
    legs = queries.legs(edition_id)
    places = tuple(
        Place(p.place_id, p.name, p.lon, p.lat, int(p.priority), p.kind == "sea")
        for p in queries.places(edition_id).itertuples()
    )
    routes = {
        r.route_id: Route(
            r.route_id,
            int("".join(filter(str.isdigit, r.route_id)) or 0),  # an id without a number must not take the map away
            r.name,
            r.crime,
            r.strength,
            tuple(
                Leg(g.from_place, g.to_place, g.mode, tuple((float(x), float(y)) for x, y in g.path), g.branch)
                for g in legs[legs.route_id == r.route_id].itertuples()
            ),
        )
        for r in queries.routes(edition_id).itertuples()
    }
    return routes, places


def window_of(routes: list[Route], width: float, height: float) -> Window:
    """The window that holds these routes, as far as they lie in the region; the whole region where nothing is left."""
    west, south, east, north = EDGES
    points = [
        (eastward(lon), lat)
        for route in routes
        for leg in route.legs
        for lon, lat in leg.path
        if west <= eastward(lon) <= east and south <= lat <= north
    ]
    return fitted(points or [(west, south), (east, north)], width, height)


def route_map(
    edition_id: str, route_ids: tuple[str, ...], dark: bool, bounds: tuple[float, float, float, float] | None = None
) -> Drawn:
    """These routes as SVG, coloured by crime. `bounds`: west, south, east, north of the window; else it fits the routes."""
    known, places = laid(edition_id)
    routes = [known[route_id] for route_id in route_ids]
    everything = len(routes) == len(known)
    if everything or bounds:
        west, south, east, north = bounds or EDGES
        window = fitted([(west, south), (east, north)], WIDTH, HEIGHT, margin=0.0)
    else:
        window = window_of(routes, WIDTH, HEIGHT)
    legend = _legend_box(LEGEND, window, 380.0)
    inset = (MEKONG, (WIDTH - MEKONG.width - 6, 6.0, WIDTH - 6, 6.0 + MEKONG.height)) if everything else None
    drawing = lay_out(routes, places, window, size=11.5, taken=[legend], inset=inset, names=2 if len(routes) > 20 else 9)
    alt = f"{len(routes)} routes drawn between towns: " + "; ".join(f"{r.number} {r.name}" for r in routes) + "."
    return Drawn(map_svg.paint(drawing, dark=dark, alt=alt, legend=LEGEND, legend_box=legend, linked=True), alt)


def member_map(edition_id: str, iso3: str, dark: bool, width: float = MEMBER_WIDTH, height: float = MEMBER_HEIGHT) -> Drawn:
    """The map of a member's page: neighbours in view, routes coloured by the member's role, far ends as tabs at the edge."""
    known, places = laid(edition_id)
    roles = role_of_each(queries.routes_of_member(edition_id, iso3))
    routes = [replace(known[route_id], tone=role) for route_id, role in roles.items()]
    member = catalog.load().members[iso3]
    name = member.short_name or member.name
    window = fitted(map_svg.extent(iso3), width, height, margin=0.14, least=15.0)
    entries = tuple(Entry(f"tone:{role}", role) for role in reversed(MAIN) if role in roles.values())
    entries += (Entry("fill:" + map_svg.own_tint(dark), name),)
    legend = _legend_box(entries, window, width - 12)
    drawing = lay_out(routes, places, window, size=12.0, taken=[legend], countries=map_svg.countries())
    said = [f"{r.number} {r.name} ({r.tone})" for r in routes]
    alt = f"{name} and the routes that touch it, by its role: {'; '.join(said) or 'none is described'}."
    svg = map_svg.paint(
        drawing,
        dark=dark,
        alt=alt,
        tints={iso3: map_svg.own_tint(dark)},
        legend=entries,
        legend_box=legend,
        disclaimer=map_svg.DISCLAIMER,
        linked=True,
    )
    return Drawn(svg, alt)


def _legend_box(entries: tuple[Entry, ...], window: Window, width: float) -> Box:
    width = min(width, window.width - 12)
    height = map_svg.legend_size(entries, 4, width, map_svg.DISCLAIMER)
    return 6.0, window.height - height - 6, 6.0 + width, window.height - 6
