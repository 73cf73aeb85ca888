"""Maps of routes, made ready for every medium: one layout, whose window and paper differ. Pages, brief, picture, slide, pack."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from corridors import catalog
from corridors.catalog import words
from corridors.charts import map_svg
from corridors.charts.map_layout import Box, Drawing, Leg, Place, Point, Route, Window, eastward, fitted, lay_out
from corridors.charts.map_svg import Entry
from corridors.store.queries import routes as queries
from corridors.views.figure import if_held
from corridors.views.summary import MAIN, role_of_each

EDGES = (40.0, -47.0, 182.0, 46.0)  # what of the world is in view where all routes are drawn
MEKONG = (90.0, -2.0, 110.0, 26.0)  # dense: drawn again at twice the scale
MANY = 20  # routes from which on only the towns that matter most are named
LEGEND = (
    *(Entry(f"tone:{crime}", crime) for crime in words.CRIME),
    Entry("dotted", "disputed line"),
    *(Entry(f"dash:{strength}", words.small(said)) for strength, said in words.STRENGTH.items()),
    *(Entry(f"sign:{mode}", f"by {mode}") for mode in words.MODE),
)
BUTTONS = (0.0, 0.0, 62.0, 112.0)  # the corner of the page's map where + and − stand
DEATHS = Entry("deaths", "dead or missing")


@dataclass(frozen=True)
class Sheet:
    """The paper of a map: width and height in units, size of names, width and columns of the legend, size of the small print."""

    width: float
    height: float
    size: float = 11.5
    legend: float = 380.0
    columns: int = 4
    fine: float = map_svg.FINE
    aside: bool = False  # the routes are drawn beside the legend, not behind it


PAGE = Sheet(780.0, 612.0)
MEMBER = Sheet(460.0, 400.0, 12.0, 448.0)
BRIEF = Sheet(720.0, 330.0, 12.0, 200.0, 2, 9.0, aside=True)
PICTURE = Sheet(900.0, 440.0, 14.0, 260.0, 2, 11.0, aside=True)
SLIDE = Sheet(720.0, 288.0, 11.0, 205.0, 2, 9.9, aside=True)


@dataclass(frozen=True)
class Family:
    """Routes that make one story, its sentence, and the window in which it is drawn: west, south, east, north."""

    id: str
    name: str
    sentence: str
    routes: tuple[str, ...]
    bounds: Box


@dataclass(frozen=True)
class Map:
    """A map that is laid out: its drawing, its legend, whose land has a tint of its own, and the map in words."""

    drawing: Drawing
    alt: str
    sheet: Sheet
    legend: tuple[Entry, ...]
    legend_box: Box
    tints: Mapping[str, str] = field(default_factory=dict)

    def svg(self, dark: bool | None = False, *, linked: bool = False, font: str = map_svg.FONT, style: str = "") -> str:
        """The map as SVG; `dark` None leaves the colours to the page around, `linked` lets routes, places and members be chosen."""
        return map_svg.paint(
            self.drawing,
            dark=dark,
            alt=self.alt,
            tints=self.tints,
            legend=self.legend,
            legend_box=self.legend_box,
            linked=linked,
            font=font,
            fine=self.sheet.fine,
            columns=self.sheet.columns,
            style=style,
            view=(self.sheet.width, self.sheet.height),
        )


@dataclass(frozen=True)
class Drawn:
    """A map as SVG, and in words for those who cannot see it."""

    svg: str
    alt: str


def families(edition_id: str) -> dict[str, Family]:
    """The families of routes by id; none in an edition of an earlier version."""
    return {
        f.family_id: Family(f.family_id, f.name, f.sentence, tuple(f.routes), (f.west, f.south, f.east, f.north))
        for f in if_held(queries.families, edition_id).itertuples()
    }


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


def routes_map(
    edition_id: str,
    route_ids: Collection[str],
    sheet: Sheet = PAGE,
    bounds: Box | None = None,
    deaths: bool = False,
    zoom: int = 1,
) -> Map:
    """These routes, coloured by crime. `bounds`: west, south, east, north of the window; else it fits the routes.

    `deaths`: also the people recorded dead or missing, as circles. `zoom`: the paper is so many times larger than what is seen
    of it, and all is laid out anew.
    """
    known, places = laid(edition_id)
    routes = [known[route_id] for route_id in route_ids]
    everything = len(routes) == len(known)
    points = _corners(bounds or EDGES) if everything or bounds or not routes else _points(routes)
    said = [f"{r.number} {r.name}" for r in routes]
    alt = f"{len(routes)} routes drawn between towns: {'; '.join(said)}." if routes else "The region without routes."
    lost = tuple(queries.incident_squares(edition_id).itertuples(index=False, name=None)) if deaths else ()
    return _map(
        routes, places, sheet, points, alt, 0.0 if everything or bounds else 0.08, inset=everything, deaths=lost, zoom=zoom
    )


def pair_map(edition_id: str, origin: str, destination: str, sheet: Sheet = PAGE) -> Map:
    """The routes that join two places, with both ends in view and in a tint of their own."""
    known, places = laid(edition_id)
    routes = [known[r] for r in queries.routes_between(edition_id, origin, destination).route_id]
    name = catalog.load().place_name
    members = [iso3 for iso3 in (origin, destination) if iso3 in catalog.load().members]
    points = [corner for iso3 in members for corner in map_svg.extent(iso3)] + (_points(routes) if routes else [])
    said = "; ".join(f"{r.number} {r.name}" for r in routes)
    alt = f"{name(origin)}, {name(destination)} and the routes that join them: {said or 'none is described'}."
    return _map(routes, places, sheet, points or _corners(EDGES), alt, tints=dict.fromkeys(members, "own"))


def member_map(edition_id: str, iso3: str, sheet: Sheet = MEMBER) -> Map:
    """A member with its neighbours in view, routes coloured by its role, far ends as tabs at the edge."""
    known, places = laid(edition_id)
    roles = role_of_each(queries.routes_of_member(edition_id, iso3))
    routes = [replace(known[route_id], tone=role) for route_id, role in roles.items()]
    member = catalog.load().members[iso3]
    name = member.short_name or member.name
    tones = tuple(Entry(f"tone:{role}", role) for role in reversed(MAIN) if role in roles.values())
    said = [f"{r.number} {r.name} ({r.tone})" for r in routes]
    alt = f"{name} and the routes that touch it, by its role: {'; '.join(said) or 'none is described'}."
    points, legend = map_svg.extent(iso3), (*tones, Entry("fill:own", name))
    return _map(routes, places, sheet, points, alt, 0.14, 15.0, legend, {iso3: "own"})


def _map(
    routes: Sequence[Route],
    places: Sequence[Place],
    sheet: Sheet,
    points: Sequence[Point],
    alt: str,
    margin: float = 0.08,
    least: float = 18.0,
    legend: tuple[Entry, ...] | None = None,
    tints: Mapping[str, str] | None = None,
    inset: bool = False,
    deaths: Sequence[tuple[float, float, int]] = (),
    zoom: int = 1,
) -> Map:
    """The map of routes in the window that holds `points`; its legend names what is drawn and nothing else."""
    if legend is None:
        legend = tuple(entry for entry in LEGEND if _drawn(entry, routes)) + ((DEATHS,) if deaths else ())
    wide = min(sheet.legend, sheet.width - 12)
    tall = map_svg.legend_size(legend, sheet.columns, wide, map_svg.DISCLAIMER, fine=sheet.fine)
    box = (6.0, sheet.height - tall - 6, 6.0 + wide, sheet.height - 6)
    clear = wide + 12 if sheet.aside else 0.0
    window = fitted(points, sheet.width - clear, sheet.height, margin, least)
    if clear:
        west = window.west - clear / window.scale
        window = Window(west, window.south, window.east, window.north, sheet.width, sheet.height)
    if zoom > 1:
        window = replace(window, width=window.width * zoom, height=window.height * zoom)
    again = None
    if inset and zoom == 1:
        height = sheet.height * 0.55
        inner = fitted(_corners(MEKONG), height * 0.66, height, margin=0.0)
        again = (inner, (sheet.width - inner.width - 6, 6.0, sheet.width - 6, 6.0 + inner.height))
    drawing = lay_out(
        routes,
        places,
        window,
        size=sheet.size,
        # the legend stays where it is while the paper moves beneath it; so do the buttons that enlarge the page's map
        taken=[box, *([BUTTONS] if sheet is PAGE else [])] if zoom == 1 else [],
        inset=again,
        names=2 if len(routes) > MANY and zoom == 1 else 9,
        countries=map_svg.countries() if tints else (),
        deaths=deaths,
    )
    return Map(drawing, alt, sheet, legend, box, tints or {})


def _drawn(entry: Entry, routes: Sequence[Route]) -> bool:
    kind, _, value = entry.swatch.partition(":")
    found = {
        "tone": {r.tone for r in routes},
        "dash": {r.strength for r in routes},
        "sign": {leg.mode for r in routes for leg in r.legs},
        "dotted": {""},
    }
    return value in found[kind]


def _corners(bounds: Box) -> list[Point]:
    west, south, east, north = bounds
    return [(west, south), (east, north)]


def _points(routes: Sequence[Route]) -> list[Point]:
    """All points of the routes as far as they lie in the region; the corners of the region where nothing is left."""
    west, south, east, north = EDGES
    found = [
        (eastward(lon), lat)
        for route in routes
        for leg in route.legs
        for lon, lat in leg.path
        if west <= eastward(lon) <= east and south <= lat <= north
    ]
    return found or _corners(EDGES)


def drawn_routes(
    edition_id: str,
    route_ids: tuple[str, ...],
    dark: bool,
    bounds: Box | None = None,
    deaths: bool = False,
    zoom: int = 1,
) -> Drawn:
    """The map of the routes page."""
    made = routes_map(edition_id, route_ids, PAGE, bounds, deaths, zoom)
    return Drawn(made.svg(dark, linked=True), made.alt)


def drawn_pair(edition_id: str, origin: str, destination: str, dark: bool) -> Drawn:
    """The map of a corridor or a plan."""
    made = pair_map(edition_id, origin, destination, MEMBER)
    return Drawn(made.svg(dark, linked=True), made.alt)


def drawn_member(edition_id: str, iso3: str, dark: bool) -> Drawn:
    """The map of a member's page."""
    made = member_map(edition_id, iso3)
    return Drawn(made.svg(dark, linked=True), made.alt)
