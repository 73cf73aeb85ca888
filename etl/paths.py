"""The line that a leg of a route is drawn with: schematic, but on water where it goes by sea.

A path is a list of (longitude, latitude) with two decimals. It is continuous: two neighbours are never more than 180°
of longitude apart, and it lies in the map's window (see `etl.geography`) as far as it can. The same ends always give
the same path. No path is a track: it says which places a leg joins and by what mode, nothing about where people went.
"""

import json
import math
import warnings
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyproj
import searoute
import shapely
from shapely.affinity import translate
from shapely.geometry import LineString, Point, shape

from corridors.geo import DECIMALS, FOLDER, WEST, unwrapped, wrapped
from corridors.problems import Refused

LonLat = tuple[float, float]
Path2D = list[LonLat]

EARTH = pyproj.Geod(ellps="WGS84")
KM_PER_DEGREE = 111.32
HIGHEST = 85.0  # latitude: Mercator has no pole
END_ZONE = 25.0  # km around either end of a sea leg where land is not counted: a town lies on land, at an estuary
END_SHARE = 0.4  # of the distance: on short hops the zones must not swallow the whole leg
LAND_BORNE = 3.0  # km of land outside the end zones that a sea leg may touch: the coast is simplified by about as much
BERTHS = (0.1, 0.03)  # degrees of Mercator: the distance kept from islands and capes, where there is room for it
BOW = 0.08  # a land leg's greatest distance from the straight line, as a share of its length


class NoPath(Refused, ValueError):
    """A leg cannot be drawn; the message names its ends, what is wrong and how to fix it."""


class NoWaterRoute(NoPath):
    """A sea leg would cross land."""


class Land(NamedTuple):
    """All land in the Mercator plane, thrice (moved by -360°, 0° and 360°), with an index over its parts."""

    parts: np.ndarray
    index: shapely.STRtree


def leg_path(
    mode: str, start: LonLat, end: LonLat, via: Sequence[LonLat] = (), names: tuple[str, str] | None = None
) -> Path2D:
    """The path of one leg: at least two (lon, lat), from `start` to `end` through every point of `via`, in their order.

    `mode` is land (a slightly bowed curve, always to the left of the journey, so that out and return lie apart), sea
    (on water: straight, or round what is in between, or by the lanes of the `searoute` network) or air (great circles).
    `names` are what the message calls the ends. Raises NoPath (unknown mode, coordinates out of range, ends on one
    spot) and NoWaterRoute (a sea leg that would cross land).
    """
    called = " → ".join(names or (_spot(start), _spot(end)))
    if mode not in ("land", "sea", "air"):
        raise NoPath(f"{called}: unknown mode “{mode}”. Use land, sea or air.")
    stops = [start, *via, end]
    for stop in stops:
        lon, lat = stop
        if not (-180.0 <= lon <= 360.0 and -HIGHEST <= lat <= HIGHEST):
            raise NoPath(
                f"{called}: longitude {lon:g} and latitude {lat:g} are no place on the map. "
                f"Give longitude -180 to 180 and latitude -{HIGHEST:g} to {HIGHEST:g}, in this order."
            )
    stops = unwrapped([(wrapped(stops[0][0]), stops[0][1]), *stops[1:]])
    for here, there in zip(stops, stops[1:]):
        if _rounded(here) == _rounded(there):
            raise NoPath(f"{called}: two stops of the leg lie on one spot, {_spot(here)}. Remove or move one of them.")
    return _tidy(_sea(stops, called) if mode == "sea" else _pieces(stops, _bowed if mode == "land" else _great_circle))


def _spot(point: LonLat) -> str:
    lon, lat = _signed(point[0]), point[1]
    return f"{abs(lat):.2f}° {'S' if lat < 0 else 'N'} {abs(lon):.2f}° {'W' if lon < 0 else 'E'}"


def _rounded(point: LonLat) -> LonLat:
    return round(float(point[0]), DECIMALS) + 0.0, round(float(point[1]), DECIMALS) + 0.0  # + 0.0 turns -0.0 into 0.0


def _tidy(line: Path2D) -> Path2D:
    """Rounded, without repeated points, and moved by whole turns to where most of it lies in the map's window."""
    points = [_rounded(p) for p in unwrapped(line)]
    points = [p for i, p in enumerate(points) if i == 0 or p != points[i - 1]]

    def inside(turn: int) -> int:
        return sum(WEST <= lon + 360.0 * turn <= WEST + 360.0 for lon, _ in points)

    best = max((0, 1, -1), key=inside)
    return [_rounded((lon + 360.0 * best, lat)) for lon, lat in points]


def _pieces(stops: Path2D, piece: Callable[[LonLat, LonLat], Path2D]) -> Path2D:
    """One line out of a piece between every two stops; each piece begins and ends on its stops."""
    line = [stops[0]]
    for here, there in zip(stops, stops[1:]):
        line += piece(here, there)[1:]
    return line


def kilometres(here: LonLat, there: LonLat) -> float:
    """The shortest way over the globe between two points (longitude, latitude)."""
    return EARTH.inv(*here, *there)[2] / 1000.0


# Air


def _great_circle(here: LonLat, there: LonLat) -> Path2D:
    """The shortest way over the globe, one point per 250 km, between 3 and 32 in between."""
    count = int(np.clip(kilometres(here, there) / 250.0, 3, 32))
    between = EARTH.npts(*here, *there, count)
    return unwrapped([here, *((lon, float(np.clip(lat, -HIGHEST, HIGHEST))) for lon, lat in between), there])


# Land


def _bowed(here: LonLat, there: LonLat) -> Path2D:
    """A flat arc (quadratic curve) to the left of the journey, of 3 to 12 points, as seen on the map."""
    (x0, y0), (x1, y1) = _flat(here), _flat(there)
    # The curve's middle lies half-way between the chord and its control point.
    x, y = (x0 + x1) / 2 - 2 * BOW * (y1 - y0), (y0 + y1) / 2 + 2 * BOW * (x1 - x0)
    count = int(np.clip(kilometres(here, there) / 60.0 + 2, 3, 12))
    t = np.linspace(0.0, 1.0, count)
    xs = (1 - t) ** 2 * x0 + 2 * t * (1 - t) * x + t**2 * x1
    ys = (1 - t) ** 2 * y0 + 2 * t * (1 - t) * y + t**2 * y1
    return [here, *(_round_earth(point) for point in list(zip(xs, ys))[1:-1]), there]


def _flat(point: LonLat) -> LonLat:
    """A point in the Mercator plane, in degrees: what is straight there is straight on the map."""
    return float(point[0]), math.degrees(math.asinh(math.tan(math.radians(point[1]))))


def _round_earth(point: LonLat) -> LonLat:
    lat = math.degrees(math.atan(math.sinh(math.radians(point[1]))))
    return float(point[0]), float(np.clip(lat, -HIGHEST, HIGHEST))


# Sea


@cache
def land(file: Path = FOLDER / "land.json") -> Land:
    """The land to keep off, from the imported geography."""
    features = json.loads(file.read_text(encoding="utf-8"))["features"]
    whole = next(shape(f["geometry"]) for f in features if f["properties"]["kind"] == "land")

    def moved(turn: int) -> Callable[[np.ndarray], np.ndarray]:
        return lambda xy: np.column_stack([xy[:, 0] + 360.0 * turn, np.degrees(np.arcsinh(np.tan(np.radians(xy[:, 1]))))])

    parts = np.concatenate([shapely.get_parts(shapely.transform(whole, moved(turn))) for turn in (-1, 0, 1)])
    shapely.prepare(parts)
    return Land(parts, shapely.STRtree(parts))


def _sea(stops: Path2D, called: str) -> Path2D:
    ashore = _end_zones(stops[0], stops[-1])
    line = unwrapped(_pieces(stops, lambda here, there: _by_water(here, there, ashore)))
    crossed, where = _land_on(line, ashore)
    if crossed > LAND_BORNE:
        raise NoWaterRoute(
            f"{called}: the sea leg would cross about {crossed:.0f} km of land near {_spot(where)}. "
            "Give via points in legs.csv that lead round it, or correct the place or the mode."
        )
    return line


def _end_zones(start: LonLat, end: LonLat) -> shapely.Geometry:
    """The surroundings of both ends, in the Mercator plane, where land is not counted; thrice, as the land."""
    reach = min(END_ZONE, END_SHARE * kilometres(start, end)) / KM_PER_DEGREE
    zones = [Point(_flat(p)).buffer(reach / math.cos(math.radians(p[1]))) for p in (start, end)]
    return shapely.union_all([translate(zone, shift) for zone in zones for shift in (-360.0, 0.0, 360.0)])


def _land_on(line: Path2D, ashore: shapely.Geometry) -> tuple[float, LonLat]:
    """(km of land that the line crosses outside `ashore`, the middle of the longest stretch)."""
    at_sea = LineString([_flat(p) for p in line]).difference(ashore)
    hits = land().index.query(at_sea, predicate="intersects")
    if not len(hits):
        return 0.0, line[0]
    stretches = shapely.get_parts(shapely.intersection(land().parts[hits], at_sea))
    lengths = shapely.length(stretches)
    if not lengths.any():
        return 0.0, line[0]  # it only touches a shore
    halfway = shapely.line_interpolate_point(stretches[lengths.argmax()], 0.5, normalized=True)
    middle = _round_earth((halfway.x, halfway.y))
    stretched = np.cosh(np.radians(shapely.get_y(shapely.centroid(stretches))))  # by Mercator, away from the equator
    return float((lengths / stretched).sum() * KM_PER_DEGREE), middle


def _by_water(here: LonLat, there: LonLat, ashore: shapely.Geometry) -> Path2D:
    """The straight line where it is free of land, else the shorter of a way round what is in between and the network's.

    Where nothing is free of land, the network's line comes back as it is: the caller refuses it and says where.
    """
    if _free(here, there, ashore):
        return [here, there]
    by_network = _by_network(here, there, ashore)
    ways = [w for w in (_round(here, there, ashore), by_network) if w and _land_on(w, ashore)[0] <= LAND_BORNE]
    return min(ways, key=lambda w: EARTH.line_length(*zip(*w)), default=by_network)


def _free(here: LonLat, there: LonLat, ashore: shapely.Geometry) -> bool:
    return _land_on([here, there], ashore)[0] == 0.0


def _by_network(here: LonLat, there: LonLat, ashore: shapely.Geometry) -> Path2D:
    """The lanes of the network, with every bend left out that the line can do without.

    `searoute` snaps both ends to its nearest node, which may lie behind the place and make the line bend back: going on
    from each point to the farthest one that it sees across water leaves such nodes out. Some lanes cut across islands;
    there the line goes round.
    """
    with warnings.catch_warnings(action="ignore"):  # “no path found”: the refusal says it with the names of the ends
        feature = searoute.searoute([_signed(here[0]), here[1]], [_signed(there[0]), there[1]])
    lanes = feature["geometry"]["coordinates"]
    line = unwrapped([here, *((lon, lat) for lon, lat in lanes), there])
    kept, at = [line[0]], 0
    while at < len(line) - 1:
        seen = next((i for i in range(len(line) - 1, at, -1) if _free(line[at], line[i], ashore)), None)
        if seen is None:
            seen = at + 1
            kept += (_round(line[at], line[seen], ashore) or [])[1:-1]
        kept.append(line[seen])
        at = seen
    return kept


def _round(here: LonLat, there: LonLat, ashore: shapely.Geometry) -> Path2D | None:
    """The shorter way round the land between two points, as a string pulled tight would lie; None where it is not free.

    Both points and the land that the straight line meets span a convex hull; the two points cut its edge into the two
    ways round. Only land near by counts, so this serves islands and capes, not continents.
    """
    a, b = _flat(here), _flat(there)
    straight = LineString([a, b])
    hits = land().index.query(straight.difference(ashore), predicate="intersects")
    nearby = straight.buffer(0.5 * straight.length)
    met = shapely.union_all(shapely.intersection(land().parts[hits], nearby)).difference(ashore)
    for distance in BERTHS:
        berth = met.buffer(distance, quad_segs=2)
        hull = shapely.union_all([berth, Point(a), Point(b)]).convex_hull
        corners = list(shapely.orient_polygons(hull).exterior.coords[:-1]) if hull.geom_type == "Polygon" else []
        if a not in corners or b not in corners:
            continue  # one of the points lies in a bay of what is in the way
        first = corners.index(a)
        corners = corners[first:] + corners[:first]
        half = corners.index(b)
        ways = [LineString([a, *way, b]).simplify(distance / 4) for way in (corners[1:half], corners[:half:-1])]
        ways = [[here, *(_round_earth(c) for c in way.coords[1:-1]), there] for way in ways]
        ways = [w for w in ways if all(_free(p, q, ashore) for p, q in zip(w, w[1:]))]
        if ways:
            return min(ways, key=lambda w: EARTH.line_length(*zip(*w)))
    return None


def _signed(longitude: float) -> float:
    """The meridian in [-180, 180), which is all that the network knows."""
    return (longitude + 180.0) % 360.0 - 180.0
