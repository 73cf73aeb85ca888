"""Maps of routes, made ready for every medium: one layout, whose window and paper differ. Pages, brief, picture, slide, pack."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from corridors import catalog
from corridors.catalog import words
from corridors.charts import map_svg
from corridors.charts.map_layout import Box, Drawing, Leg, Place, Point, Route, Window, eastward, fitted, lay_out, overlap
from corridors.charts.map_svg import Entry
from corridors.store.queries import routes as queries
from corridors.views.figure import if_held
from corridors.views.summary import MAIN, role_of_each

EDGES = (40.0, -47.0, 182.0, 46.0)  # what of the world is in view where all routes are drawn
MEKONG = (92.0, 0.5, 110.0, 26.0)  # dense: drawn again where more than CROWD towns of a map lie there
CROWD = 9
LARGER = 1.4  # scale of that part at least, against the map around it
ROOM = 1400.0  # of that part at least, in square units for each route
MANY = 20  # routes from which on only the towns that matter most are named
LEGEND = (
    *(Entry(f"tone:{crime}", crime) for crime in words.CRIME),
    Entry("dotted", "disputed line"),
    *(Entry(f"dash:{strength}", words.small(said)) for strength, said in words.STRENGTH.items()),
    *(Entry(f"sign:{mode}", f"by {mode}") for mode in words.MODE),
)
DEATHS = Entry("deaths", "dead or missing")


@dataclass(frozen=True)
class Sheet:
    """The paper of a map: width and height in units, size of names and of the small print.

    The legend is a column of the width `legend` at the left, or a strip beneath where that is 0: nothing drawn lies behind it.
    """

    width: float
    height: float
    size: float = 11.5
    fine: float = map_svg.FINE
    legend: float = 0.0
    buttons: float = 0.0  # kept free beside the strip for + and −

    def parts(self, legend: tuple[Entry, ...]) -> tuple[Box, Box]:
        """Where the drawing stands, and where its legend."""
        if self.legend:
            return (self.legend, 0.0, self.width, self.height), (0.0, 0.0, self.legend, self.height)
        wide = self.width - self.buttons
        top = self.height - map_svg.legend_size(legend, wide, map_svg.DISCLAIMER, self.fine)
        return (0.0, 0.0, self.width, top), (0.0, top, wide, self.height)


PAGE = Sheet(780.0, 612.0, fine=9.0, buttons=106.0)
UPRIGHT = Sheet(620.0, 670.0, fine=9.0, buttons=106.0)  # the page's map in a window that is higher than wide
MEMBER = Sheet(460.0, 590.0, 12.0)
MEMBER_UPRIGHT = Sheet(620.0, 612.0, 12.0, 9.0)  # the whole width of a tablet
BRIEF = Sheet(720.0, 292.0, 13.4, 13.4, 208.0)  # its letters have 9.5 points on the paper
PICTURE = Sheet(900.0, 440.0, 14.0, 11.0, 260.0)
SLIDE = Sheet(720.0, 280.0, 11.0, 10.0, 205.0)


@dataclass(frozen=True)
class Family:
    """Routes that make one story, its sentence, and the window in which it is drawn: west, south, east, north."""

    id: str
    name: str
    sentence: str
    routes: tuple[str, ...]
    bounds: Box
    deaths_on: tuple[str, ...] = ()  # what the collector of deaths calls its roads


@dataclass(frozen=True)
class Map:
    """A map that is laid out: its drawing, its legend, whose land has a tint of its own, and the map in words."""

    drawing: Drawing
    alt: str
    sheet: Sheet
    legend: tuple[Entry, ...]
    frame: Box  # of the drawing on the sheet
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
            style=style,
            paper=(self.sheet.width, self.sheet.height),
            at=self.frame,
        )


@dataclass(frozen=True)
class Drawn:
    """A map as SVG, the same for a window that is higher than wide, and in words for those who cannot see it."""

    svg: str
    alt: str
    upright: str = ""


def families(edition_id: str) -> dict[str, Family]:
    """The families of routes by id; none in an edition of an earlier version."""
    return {
        f.family_id: Family(
            f.family_id,
            f.name,
            f.sentence,
            tuple(f.routes),
            (f.west, f.south, f.east, f.north),
            tuple(getattr(f, "deaths_on", ())),  # an edition of before does not hold them
        )
        for f in if_held(queries.families, edition_id).itertuples()
    }


def laid(edition_id: str) -> tuple[dict[str, Route], tuple[Place, ...]]:
    """All routes by id, and all places, as the layout wants them."""
    legs = defaultdict(list)
    for g in queries.legs(edition_id).itertuples():
        path = tuple((float(x), float(y)) for x, y in g.path)
        legs[g.route_id].append(Leg(g.from_place, g.to_place, g.mode, path))
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
            tuple(legs[r.route_id]),
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
    return _map(routes, places, sheet, points, alt, 0.0 if everything or bounds else 0.08, deaths=lost, zoom=zoom)


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
    deaths: Sequence[tuple[float, float, int]] = (),
    zoom: int = 1,
) -> Map:
    """The map of routes in the window that holds `points`; its legend names what is drawn and nothing else."""
    if legend is None:
        legend = tuple(entry for entry in LEGEND if _in_view(entry, routes)) + ((DEATHS,) if deaths else ())
    frame, legend_box = sheet.parts(legend)
    window = fitted(points, frame[2] - frame[0], frame[3] - frame[1], margin, least)
    inset = None if zoom > 1 or tints else _inset(routes, places, window)
    if zoom > 1:
        window = replace(window, width=window.width * zoom, height=window.height * zoom)
    drawing = lay_out(
        routes,
        places,
        window,
        size=sheet.size,
        inset=inset,
        names=2 if len(routes) > MANY and zoom == 1 else 9,
        countries=[c for c in map_svg.countries() if tints or not c.small],
        deaths=deaths,
    )
    return Map(drawing, alt, sheet, legend, frame, legend_box, tints or {})


def _inset(routes: Sequence[Route], places: Sequence[Place], window: Window) -> tuple[Window, Box] | None:
    """Where many towns stand close together on the Mekong: that part again, at an edge where it hides no town and least of the
    lines. None where they are few, or where no edge has room for it at a scale that helps.
    """
    ends = {place for route in routes for leg in route.legs for place in (leg.start, leg.end)}
    west, south, east, north = MEKONG
    towns = [(eastward(p.lon), p.lat) for p in places if p.id in ends]
    close = [(lon, lat) for lon, lat in towns if west <= lon <= east and south <= lat <= north]
    if len(close) < CROWD:
        return None
    left, top = window.at(west, north)
    right, bottom = window.at(east, south)
    dots = [window.at(lon, lat) for lon, lat in towns]
    there = {
        route.id for route in routes for leg in route.legs for lon, lat in leg.path if (eastward(lon), lat) in set(close)
    }
    lines = [
        window.at(*(eastward(a[0]) + (eastward(b[0]) - eastward(a[0])) * k / 12, a[1] + (b[1] - a[1]) * k / 12))
        for route in routes
        for leg in route.legs
        for a, b in [(leg.path[0], leg.path[-1])]
        for k in range(13)
    ]
    for share in (0.94, 0.84, 0.74, 0.64, 0.54, 0.48, 0.42, 0.38):
        tall = window.height * share
        inner = fitted(_corners(MEKONG), tall * (right - left) / (bottom - top), tall, margin=0.0)
        if inner.scale < LARGER * window.scale or inner.width * inner.height < ROOM * len(there):
            break
        end, low = window.width - inner.width - 6, window.height - inner.height - 6
        corners = [(x, y) for x in (end, 6.0) for y in (6.0, low)]
        edges = [(float(x), y) for x in range(30, int(end), 24) for y in (low, 6.0)]
        found = []
        for x, y in [*corners, *edges]:
            box = (x, y, x + inner.width, y + inner.height)
            inside = [p for p in dots if box[0] - 8 < p[0] < box[2] + 8 and box[1] - 8 < p[1] < box[3] + 8]
            if not inside and not overlap(box, (left, top, right, bottom)):
                hidden = sum(box[0] < p[0] < box[2] and box[1] < p[1] < box[3] for p in lines)
                found.append((hidden, inner, box))
        if found:
            return min(found, key=lambda entry: entry[0])[1:]
    return None


def _in_view(entry: Entry, routes: Sequence[Route]) -> bool:
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
    return _drawn(dark, *(routes_map(edition_id, route_ids, sheet, bounds, deaths, zoom) for sheet in (PAGE, UPRIGHT)))


def drawn_pair(edition_id: str, origin: str, destination: str, dark: bool) -> Drawn:
    """The map of a corridor or a plan."""
    return _drawn(dark, *(pair_map(edition_id, origin, destination, sheet) for sheet in (PAGE, UPRIGHT)))


def drawn_member(edition_id: str, iso3: str, dark: bool) -> Drawn:
    """The map of a member's page."""
    return _drawn(dark, *(member_map(edition_id, iso3, sheet) for sheet in (MEMBER, MEMBER_UPRIGHT)))


def _drawn(dark: bool, wide: Map, upright: Map) -> Drawn:
    return Drawn(wide.svg(dark, linked=True), wide.alt, upright.svg(dark, linked=True))
