"""The layout of a route map: from routes, legs and places to a drawing in units of the paper. Knows no library.

Legs that share a road lie beside each other; air legs bow the same way; each leg has an arrow, each trunk leg a sign of its
mode, each route a numbered badge; names are set without overlap, the more important first; ends beyond the edge become tabs.
The same input gives the same drawing.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from corridors.geo import WEST

Point = tuple[float, float]
Box = tuple[float, float, float, float]  # left, top, right, bottom

SOUTH, NORTH = -60.0, 74.0
BESIDE = 4.5  # between legs that share a road
BOW = 0.13  # of an air leg's length, always to the north
SIGN = 7.0  # radius of a sign of mode
BADGE, NUMBER = (20.0, 14.0), 10.5  # and the height of its number; both grow with the names
DOT, MARK = (5.0, 5.0), (10.0, 10.0)  # of a town, of a small country
WIDE = 0.62  # width of a letter, in parts of its height
TALL = 1.25  # height of a line, in parts of its letters


@dataclass(frozen=True)
class Place:
    """A town, region or stretch of sea; `priority` 1 is named first."""

    id: str
    name: str
    lon: float
    lat: float
    priority: int = 3
    sea: bool = False


@dataclass(frozen=True)
class Leg:
    """One stage of a route between two places, by land, sea or air, along `path` (longitude, latitude)."""

    start: str
    end: str
    mode: str
    path: tuple[Point, ...]


@dataclass(frozen=True)
class Route:
    """A described route; `tone` decides its colour (a crime, or a member's role), `strength` its pattern."""

    id: str
    number: int
    name: str
    tone: str
    strength: str
    legs: tuple[Leg, ...]


@dataclass(frozen=True)
class Country:
    """A country to be named in its middle; one that is too small to be seen is also marked by a dot."""

    iso3: str
    name: str
    lon: float
    lat: float
    small: bool = False


@dataclass(frozen=True)
class Window:
    """What of the world is drawn (degrees) and on how large a paper (units). Longitudes run on from WEST."""

    west: float
    south: float
    east: float
    north: float
    width: float
    height: float

    @property
    def scale(self) -> float:
        """Units for a degree of longitude."""
        return self.width / (self.east - self.west)

    def at(self, lon: float, lat: float) -> Point:
        """Where a place lies on the paper."""
        top = mercator(self.north)
        return (lon - self.west) * self.scale, (top - mercator(lat)) * self.scale


@dataclass(frozen=True)
class Line:
    """A leg as drawn: its points, an arrow head (tip and direction), a sign of its mode where there is room."""

    route: Route
    leg: Leg
    points: tuple[Point, ...]
    arrow: tuple[float, float, float]  # x, y, angle in radians
    sign: Point | None
    feeder: bool


@dataclass(frozen=True)
class Label:
    """A name beside its dot, or a tab at the edge."""

    text: str
    x: float  # of the anchor
    y: float  # of the base line
    anchor: str  # start, middle, end
    size: float
    strong: bool
    box: Box
    place: str = ""
    routes: tuple[int, ...] = ()
    country: bool = False
    tie: tuple[Point, Point] | None = None  # from its dot, where it stands aside


@dataclass(frozen=True)
class Badge:
    """A route's number on its line, or beside it, tied to the point of the line that it belongs to."""

    route: Route
    x: float
    y: float
    box: Box
    tie: Point | None = None


@dataclass(frozen=True)
class Drawing:
    """A map that a painter can draw. Lines lie in drawing order."""

    window: Window
    lines: tuple[Line, ...]
    dots: tuple[tuple[Place, float, float], ...]
    labels: tuple[Label, ...]
    badges: tuple[Badge, ...]
    tabs: tuple[Label, ...]
    inset: tuple[Drawing, Box] | None = None
    marks: tuple[tuple[Country, float, float], ...] = ()
    deaths: tuple[tuple[float, float, float], ...] = ()  # x, y, radius: area follows the people lost


def mercator(lat: float) -> float:
    """The height of a latitude on the map, in degrees at the equator."""
    return math.degrees(math.log(math.tan(math.radians(45 + max(SOUTH, min(NORTH, lat)) / 2))))


def latitude(height: float) -> float:
    """The latitude of a height on the map."""
    return math.degrees(2 * math.atan(math.exp(math.radians(height))) - math.pi / 2)


def eastward(lon: float) -> float:
    """The longitude as the maps have it, from WEST to WEST + 360: the cut lies in the Atlantic."""
    return (lon - WEST) % 360.0 + WEST


def fitted(points: Iterable[Point], width: float, height: float, margin: float = 0.08, least: float = 18.0) -> Window:
    """The smallest window of a paper's shape that holds all points with a margin; at least `least` degrees wide."""
    points = [(eastward(lon), mercator(lat)) for lon, lat in points]
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    wide = max((max(xs) - min(xs)) / (1 - 2 * margin), (max(ys) - min(ys)) / (1 - 2 * margin) * width / height, least)
    tall = wide * height / width
    low, high = mercator(SOUTH), mercator(NORTH)
    if tall > high - low:
        tall, wide = high - low, (high - low) * width / height
    left = (max(xs) + min(xs)) / 2 - wide / 2
    bottom = min(max((max(ys) + min(ys)) / 2 - tall / 2, low), high - tall)
    return Window(left, latitude(bottom), left + wide, latitude(bottom + tall), width, height)


def lay_out(
    routes: Sequence[Route],
    places: Sequence[Place],
    window: Window,
    *,
    size: float = 11.0,
    taken: Sequence[Box] = (),
    inset: tuple[Window, Box] | None = None,
    tabs: bool = True,
    names: int = 9,
    countries: Sequence[Country] = (),
    deaths: Sequence[tuple[float, float, int]] = (),
) -> Drawing:
    """The drawing of these routes in this window.

    `size`: height of a name's letters. `taken`: boxes where nothing may be written, such as a legend. `inset`: a window drawn
    again at the given box of this paper; what lies in it is named there. `names`: places up to this priority are named.
    `countries` are named after all places, where there is room and no line. `deaths`: longitude, latitude, people lost there.
    """
    by_id = {place.id: place for place in places}
    boxes = list(taken) + ([inset[1]] if inset else [])
    edge = (0.0, 0.0, window.width, window.height)
    lines, leaving = _lines(routes, by_id, window)
    ends = {place for line in lines for place in (line.leg.start, line.leg.end)}
    dots = [(place, *window.at(eastward(place.lon), place.lat)) for place in places if place.id in ends]
    dots = [dot for dot in dots if _within(dot[1:], edge)]
    marks = [(c, *window.at(eastward(c.lon), c.lat)) for c in countries if c.small]
    marks = tuple(m for m in marks if _within(m[1:], edge) and not any(_within(m[1:], box) for box in boxes))
    towns = [_around(x, y, *DOT) for place, x, y in dots if not place.sea] + [_around(x, y, *MARK) for _, x, y in marks]
    drawn_tabs = _tabs(leaving, edge, [*boxes, *towns], size) if tabs else ()
    boxes += [tab.box for tab in drawn_tabs]
    aside = [_seen_in(inset[0], window)] if inset else []  # what lies there is signed and named in the inset
    crossed = Crossed(lines)
    first = _labels([d for d in dots if d[0].priority == 1], edge, [*boxes, *towns], size, crossed)
    boxes += [label.box for label in first]
    badges = _badges(lines, edge, [*boxes, *towns], inset, window, max(1.0, size / NUMBER))
    boxes += [badge.box for badge in badges]
    lines = _signs(lines, edge, [*boxes, *towns, *aside])
    boxes += [(x - SIGN, y - SIGN, x + SIGN, y + SIGN) for line in lines if line.sign for x, y in [line.sign]]
    rest = [d for d in dots if 1 < d[0].priority <= names and not any(_within(d[1:], a) for a in aside)]
    labels = first + _labels(rest, edge, [*boxes, *towns], size, crossed)
    written = [*boxes, *towns, *aside, *(label.box for label in labels)]
    labels += _country_names(countries, window, edge, written, size, crossed)
    circles = [
        (*window.at(eastward(lon), lat), round(1.2 + 0.28 * math.sqrt(people), 1))
        for lon, lat, people in sorted(deaths, key=lambda d: -d[2])
    ]
    circles = tuple(c for c in circles if _within(c[:2], edge))
    smaller = {"size": size * 0.92, "tabs": False, "names": names, "countries": countries, "deaths": deaths}
    inner = (lay_out(routes, places, inset[0], **smaller), inset[1]) if inset else None
    ordered = tuple(sorted(lines, key=lambda line: line.route.number))
    return Drawing(window, ordered, tuple(dots), labels, badges, drawn_tabs, inner, marks, circles)


# --- lines -------------------------------------------------------------------------------------------------------------


def _lines(routes: Sequence[Route], places: dict[str, Place], window: Window) -> tuple[list[Line], list[tuple]]:
    """Every leg that the window shows, as a line; and for those that leave it (end place, where it leaves, route, outward)."""
    shared: dict[frozenset, list[tuple[Route, Leg]]] = defaultdict(list)
    for route in routes:
        for leg in route.legs:
            shared[frozenset((leg.start, leg.end))].append((route, leg))
    lines, leaving = [], []
    for route in routes:
        arriving: dict[str, set[str]] = defaultdict(set)
        for leg in route.legs:
            arriving[leg.end].add(leg.start)
        for leg in route.legs:
            mates = shared[frozenset((leg.start, leg.end))]
            rank = next(i for i, (r, g) in enumerate(mates) if r is route and g is leg)
            offset = (rank - (len(mates) - 1) / 2) * BESIDE
            if mates[0][1].start != leg.start:  # the other way along the same road lies on the same side of it
                offset = -offset
            whole = _beside(_bowed(leg, window), offset)
            parts = _clipped(whole, window)
            if not parts:
                continue
            points = max(parts, key=_length)
            if _length(points) < 1.0:
                continue
            feeder = len(arriving[leg.end]) >= 3 and leg.start not in arriving and leg.mode == "air"
            lines.append(Line(route, leg, tuple(points), _arrow(points), None, feeder))
            ends = [(leg.start, points[0], False), (leg.end, points[-1], True)]
            for place, where, outward in ends:
                home = window.at(eastward(places[place].lon), places[place].lat)
                if not _within(home, (0.0, 0.0, window.width, window.height)):
                    leaving.append((places[place].name, where, route, outward))
    return lines, leaving


def _bowed(leg: Leg, window: Window) -> list[Point]:
    """A leg's path on the paper; by air a bow to the north, smoothly curved."""
    lons = [eastward(leg.path[0][0])]
    for (before, _), (lon, _) in zip(leg.path, leg.path[1:]):
        lons.append(lons[-1] + (lon - before + 180.0) % 360.0 - 180.0)
    points = [window.at(lon, lat) for lon, (_, lat) in zip(lons, leg.path)]
    if leg.mode != "air":
        return points
    (x1, y1), (x2, y2) = points[0], points[-1]
    long = math.hypot(x2 - x1, y2 - y1)
    if long == 0:
        return points
    nx, ny = (y2 - y1) / long, -(x2 - x1) / long
    if ny > 0 or (ny == 0 and nx < 0):
        nx, ny = -nx, -ny
    cx, cy = (x1 + x2) / 2 + nx * long * BOW * 2, (y1 + y2) / 2 + ny * long * BOW * 2
    steps = max(8, min(40, int(long / 12)))
    return [
        ((1 - t) ** 2 * x1 + 2 * t * (1 - t) * cx + t * t * x2, (1 - t) ** 2 * y1 + 2 * t * (1 - t) * cy + t * t * y2)
        for t in (i / steps for i in range(steps + 1))
    ]


def _beside(points: list[Point], offset: float) -> list[Point]:
    """The points moved sideways, to the left of the walk for a positive offset; the ends stay at their places."""
    if not offset or len(points) < 2:
        return points
    if len(points) == 2:
        (x1, y1), (x2, y2) = points
        points = [(x1 + (x2 - x1) * t, y1 + (y2 - y1) * t) for t in (0.0, 0.15, 0.5, 0.85, 1.0)]
    moved = [points[0]]
    for before, here, after in zip(points, points[1:], points[2:]):
        dx, dy = after[0] - before[0], after[1] - before[1]
        long = math.hypot(dx, dy) or 1.0
        moved.append((here[0] + dy / long * offset, here[1] - dx / long * offset))
    return [*moved, points[-1]]


def _clipped(points: Sequence[Point], window: Window) -> list[list[Point]]:
    """The pieces of a line inside the paper, each with its crossing points of the edge."""
    pieces: list[list[Point]] = []
    ended = True
    for a, b in zip(points, points[1:]):
        part = _inside(a, b, window.width, window.height)
        if part:
            if ended or pieces[-1][-1] != part[0]:
                pieces.append([part[0]])
            pieces[-1].append(part[1])
        ended = not part or part[1] != b
    return pieces


def _inside(a: Point, b: Point, width: float, height: float) -> tuple[Point, Point] | None:
    """The part of a straight piece inside the paper (Liang and Barsky), or None."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    first, last = 0.0, 1.0
    for p, q in ((-dx, a[0]), (dx, width - a[0]), (-dy, a[1]), (dy, height - a[1])):
        if p == 0:
            if q < 0:
                return None
        elif p < 0:
            first = max(first, q / p)
        else:
            last = min(last, q / p)
    if first > last:
        return None
    here = a if first == 0 else (a[0] + dx * first, a[1] + dy * first)
    there = b if last == 1 else (a[0] + dx * last, a[1] + dy * last)
    return here, there


def _length(points: Sequence[Point]) -> float:
    return sum(math.dist(a, b) for a, b in zip(points, points[1:]))


def along(points: Sequence[Point], share: float) -> tuple[float, float, float]:
    """The point at a share of a line's length, and the direction there (radians)."""
    left = _length(points) * share
    for a, b in zip(points, points[1:]):
        step = math.dist(a, b)
        if step and left <= step:
            t = left / step
            return a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, math.atan2(b[1] - a[1], b[0] - a[0])
        left -= step
    a, b = points[-2], points[-1]
    return *b, math.atan2(b[1] - a[1], b[0] - a[0])


def _arrow(points: Sequence[Point]) -> tuple[float, float, float]:
    """Near the end, but off the dot that lies there."""
    long = _length(points)
    return along(points, max(0.5, 1 - 7.0 / long) if long > 14 else 0.6)


# --- what is written ---------------------------------------------------------------------------------------------------


def _within(point: Point, box: Box) -> bool:
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]


def overlap(a: Box, b: Box) -> bool:
    """Whether two boxes share any area."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _free(box: Box, edge: Box, boxes: Sequence[Box]) -> bool:
    inside = edge[0] <= box[0] and edge[1] <= box[1] and box[2] <= edge[2] and box[3] <= edge[3]
    return inside and not any(overlap(box, other) for other in boxes)


def _around(x: float, y: float, width: float, height: float) -> Box:
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


SHARES = (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82, 0.12, 0.88, 0.06, 0.94)


def _badges(
    lines: Sequence[Line],
    edge: Box,
    boxes: Sequence[Box],
    inset: tuple[Window, Box] | None,
    window: Window,
    larger: float,
) -> tuple[Badge, ...]:
    """One badge for each route in the window: on its longest line that has room, else as near to one as there is room."""
    badge = (BADGE[0] * larger, BADGE[1] * larger)
    taken, found = list(boxes), []
    routes = {line.route.id: line.route for line in lines}
    inner = _seen_in(inset[0], window) if inset else None
    for route in sorted(routes.values(), key=lambda r: r.number):
        if inner and all(_mostly(line.points, inner) for line in lines if line.route.id == route.id):
            continue  # the inset has its badge
        own = sorted((line for line in lines if line.route.id == route.id), key=lambda o: (o.feeder, -_length(o.points)))
        spots = [along(line.points, share)[:2] for line in own for share in SHARES]
        spot = next((((x, y), None) for x, y in spots if _free(_around(x, y, *badge), edge, taken)), None)
        ties = spots if inner is None else [at for at in spots if not _within(at, inner)] or spots
        (x, y), tie = spot or _beside_line(ties, edge, taken, badge)
        taken.append(_around(x, y, *badge))
        found.append(Badge(route, x, y, taken[-1], tie))
    return tuple(found)


def _beside_line(spots: Sequence[Point], edge: Box, taken: Sequence[Box], badge: tuple[float, float]) -> tuple[Point, Point]:
    """The nearest free place beside any of the spots, and the spot it belongs to; on the first spot where all is full."""
    for radius in range(14, 240, 8):
        for x, y in spots[: len(SHARES)]:
            for turn in (k * math.pi / 8 for k in range(16)):
                here = (x + radius * math.cos(turn), y + radius * math.sin(turn))
                if _free(_around(*here, *badge), edge, taken):
                    return here, (x, y)
    x, y = spots[0]
    wide, tall = badge[0] / 2, badge[1] / 2
    return (min(max(x, wide), edge[2] - wide), min(max(y, tall), edge[3] - tall)), (x, y)


class Crossed:
    """How much of the lines a box would cover, so that words keep off them where they can."""

    CELL = 24.0

    def __init__(self, lines: Sequence[Line]):
        self.cells: dict[tuple[int, int], list[Point]] = defaultdict(list)
        for line in lines:
            for a, b in zip(line.points, line.points[1:]):
                steps = max(1, int(math.dist(a, b) / 5))
                for k in range(steps):
                    x, y = a[0] + (b[0] - a[0]) * k / steps, a[1] + (b[1] - a[1]) * k / steps
                    self.cells[(int(x // self.CELL), int(y // self.CELL))].append((x, y))

    def by(self, box: Box) -> int:
        """Points of lines in the box, one for about five units of a line."""
        left, top, right, bottom = (int(side // self.CELL) for side in box)
        return sum(
            _within(point, box)
            for column in range(left, right + 1)
            for row in range(top, bottom + 1)
            for point in self.cells.get((column, row), ())
        )


def _seen_in(inner: Window, window: Window) -> Box:
    """Where an inset's piece of the world lies on the paper of the whole map."""
    left, top = window.at(inner.west, inner.north)
    right, bottom = window.at(inner.east, inner.south)
    return left, top, right, bottom


def _mostly(points: Sequence[Point], box: Box) -> bool:
    """Whether a line lies in a box but for a sixth of its length."""
    inside = [_within(along(points, share / 12)[:2], box) for share in range(13)]
    return sum(inside) >= 11


def _signs(lines: list[Line], edge: Box, boxes: list[Box]) -> list[Line]:
    """The lines with a sign of their mode where there is room; feeders and short legs have none."""
    done = []
    for line in lines:
        sign = None
        if not line.feeder and _length(line.points) > 5 * SIGN:
            spots = (along(line.points, share)[:2] for share in SHARES)
            sign = next((at for at in spots if _free(_around(*at, 2 * SIGN, 2 * SIGN), edge, boxes)), None)
            boxes = [*boxes, _around(*sign, 2 * SIGN, 2 * SIGN)] if sign else boxes
        done.append(replace(line, sign=sign))
    return done


def _labels(
    wanted: list[tuple[Place, float, float]], edge: Box, boxes: list[Box], size: float, crossed: Crossed
) -> tuple[Label, ...]:
    """Names beside their dots, the more important first; a name for which there is no room is left out."""
    boxes, found = list(boxes), []
    for place, x, y in sorted(wanted, key=lambda dot: (dot[0].priority, dot[0].id)):
        letters = size * (1.12 if place.priority == 1 else 1.0)
        width, height = len(place.name) * letters * WIDE, letters * TALL
        gap = 5.0
        spots = [
            (x + gap, y, "start"),
            (x - gap, y, "end"),
            (x, y - gap - height / 2, "middle"),
            (x, y + gap + height / 2, "middle"),
            (x + gap, y - height * 0.6, "start"),
            (x + gap, y + height * 0.6, "start"),
            (x - gap, y - height * 0.6, "end"),
            (x - gap, y + height * 0.6, "end"),
        ]
        spot, tie = _best(spots, width, height, edge, boxes, crossed), None
        if not spot and place.priority == 1 and not place.sea:  # a hub has its name, if need be at the end of a thin line
            aside = [
                (x + radius * math.cos(turn), y + radius * math.sin(turn), "start" if math.cos(turn) > 0 else "end")
                for radius in (16.0, 24.0, 34.0, 46.0, 60.0, 76.0, 94.0, 114.0, 140.0, 170.0, 205.0)
                for turn in (k * math.pi / 8 + 0.01 for k in range(16))
            ]
            near = (_best(aside[k : k + 16], width, height, edge, boxes, crossed) for k in range(0, len(aside), 16))
            spot = next(filter(None, near), None)
            tie = spot and ((x, y), (spot[0], spot[1]))
        if spot:
            at, middle, anchor, box = spot
            boxes.append(box)
            first, low = place.priority == 1, middle + letters * 0.35
            found.append(Label(place.name, at, low, anchor, letters, first, box, place.id, tie=tie))
    return tuple(found)


def _best(
    spots: Sequence[tuple[float, float, str]],
    width: float,
    height: float,
    edge: Box,
    boxes: Sequence[Box],
    crossed: Crossed,
    most: float = math.inf,
) -> tuple[float, float, str, Box] | None:
    """The free spot that covers least of the lines (at most `most`), the earlier one of equals: anchor, middle, side, box."""
    best, least = None, most
    for at, middle, anchor in spots:
        left = {"start": at, "middle": at - width / 2, "end": at - width}[anchor]
        box = (left, middle - height / 2, left + width, middle + height / 2)
        if _free(box, edge, boxes) and (best is None or crossed.by(box) < least) and crossed.by(box) <= most:
            best, least = (at, middle, anchor, box), crossed.by(box)
            if not least:
                break
    return best


def _country_names(
    countries: Sequence[Country], window: Window, edge: Box, boxes: list[Box], size: float, crossed: Crossed
) -> tuple[Label, ...]:
    """Names about the middle of their countries, or beside the dot of a small one, in their order, where there is room."""
    found, taken = [], list(boxes)
    for country in countries:
        x, y = window.at(eastward(country.lon), country.lat)
        width, height = len(country.name) * size * WIDE, size * TALL
        spots = [(x, y + shift * height, "middle") for shift in (0.0, -1.0, 1.0, -2.0, 2.0)]
        if country.small:
            spots = [
                (x + 7, y, "start"),
                (x - 7, y, "end"),
                (x, y - height * 0.9, "middle"),
                (x, y + height * 0.9, "middle"),
            ]
        if spot := _best(spots, width, height, edge, taken, crossed, most=math.inf if country.small else 2):
            at, middle, anchor, box = spot
            taken.append(box)
            found.append(Label(country.name, at, middle + size * 0.35, anchor, size, False, box, country.iso3, country=True))
    return tuple(found)


def _tabs(leaving: list[tuple], edge: Box, boxes: Sequence[Box], size: float) -> tuple[Label, ...]:
    """What leaves the paper, as tabs at its edge: "to Lampedusa" with the numbers of the routes. None lies upon another."""
    grouped: dict[str, list[tuple[Point, Route, bool]]] = defaultdict(list)
    for name, where, route, outward in leaving:
        grouped[name].append((where, route, outward))
    found, taken = [], list(boxes)
    height = size * TALL + 6
    for name, ends in sorted(grouped.items(), key=lambda item: (item[1][0][0][1], item[1][0][0][0], item[0])):
        numbers = tuple(sorted({route.number for _, route, _ in ends}))
        there, back = ({route.id for _, route, outward in ends if outward is way} for way in (True, False))
        way = "via" if there & back else "to and from" if there and back else "to" if there else "from"
        text = f"{way} {name}"
        width = len(text) * size * 0.56 + len(numbers) * (BADGE[0] + 3) + 12
        x, y = ends[0][0]
        left = 2.0 if x <= 1 else edge[2] - width - 2 if x >= edge[2] - 1 else x - width / 2
        left = min(max(left, 2.0), edge[2] - width - 2)
        top = min(max(y - height / 2, 2.0), edge[3] - height - 2)
        upright = x <= 1 or x >= edge[2] - 1  # it moves along the edge that it stands at
        inward = -1 if (x if upright else y) > 1 else 1
        for depth, k in sorted(((d, k) for d in range(4) for k in range(-80, 81)), key=lambda s: (s[0], abs(s[1]))):
            along_edge, off = k * ((height + 2) / 2 if upright else 16.0), inward * depth * (60.0 if upright else height + 2)
            step = (off, along_edge) if upright else (along_edge, off)
            box = (left + step[0], top + step[1], left + step[0] + width, top + step[1] + height)
            if _free(box, edge, taken):
                taken.append(box)
                middle = box[1] + height / 2 + size * 0.35
                found.append(Label(text, box[0], middle, "start", size, False, box, name, numbers))
                break
    return tuple(found)
