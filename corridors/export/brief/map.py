"""The routes that touch a member as an SVG of our own: land without inner lines, legs, places, the member by point and name.

Colour says the type, the pattern of a line how good the evidence is; its width says nothing. No boundary is drawn.
"""

from __future__ import annotations

import json
import math
from functools import lru_cache
from html import escape

import numpy as np
import pandas as pd

from corridors import ROOT
from corridors.catalog import Member
from corridors.charts.route_map import DASHES, LIGHT, hexa
from corridors.export import drawing

LAND = ROOT / "data" / "geo" / "land.json"
WIDTH, HEIGHT = 720.0, 330.0
WEST, SOUTH, NORTH = -50.0, -58.0, 74.0  # the land lies in longitudes of WEST to WEST + 360, cut in the Atlantic
LEAST = 26.0  # degrees of longitude: a map of one island would show nothing around it
FINE = 0.35  # points of the coast nearer than this on paper are one
BOUNDARIES = (
    "Schematic: lines join towns and regions and are no tracks. Nothing on this map implies an opinion on the legal status of any "
    "territory or on the course of any frontier or boundary."
)


def mercator(lat: float) -> float:
    """The height of a latitude on the map, in degrees at the equator."""
    return math.degrees(math.log(math.tan(math.radians(45 + max(SOUTH, min(NORTH, lat)) / 2))))


class Window:
    """A piece of the map: longitudes and Mercator heights in, units of the SVG out."""

    def __init__(self, points: list[tuple[float, float]], least: float = LEAST):
        xs, ys = [p[0] for p in points], [mercator(p[1]) for p in points]
        wide = max((max(xs) - min(xs)) * 1.16, (max(ys) - min(ys)) * 1.3 * WIDTH / HEIGHT, least)
        wide = min(wide, 360.0)
        self.scale = WIDTH / wide
        tall = HEIGHT / self.scale
        self.left = min(max((max(xs) + min(xs)) / 2 - wide / 2, WEST), WEST + 360 - wide)
        middle = (max(ys) + min(ys)) / 2
        self.top = min(max(middle + tall / 2, mercator(SOUTH) + tall), max(mercator(NORTH), mercator(SOUTH) + tall))

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        """Where a place lies on the paper."""
        return (lon - self.left) * self.scale, (self.top - mercator(lat)) * self.scale


def eastward(lon: float) -> float:
    """The longitude as the land has it, from WEST to WEST + 360."""
    return (lon - WEST) % 360 + WEST


def unbroken(path: list) -> list[tuple[float, float]]:
    """A path shifted as a whole to where the land lies; it stays in one piece across the antimeridian."""
    middle = sum(p[0] for p in path) / len(path)
    shift = eastward(middle) - middle
    return [(lon + shift, lat) for lon, lat in path]


def around(path: list[tuple[float, float]]) -> list[list[tuple[float, float]]]:
    """The path, and once more from the other side where it runs over the edge of the land: the map is cut in the Atlantic."""
    copies = [path]
    if min(p[0] for p in path) < WEST:
        copies.append([(lon + 360, lat) for lon, lat in path])
    if max(p[0] for p in path) > WEST + 360:
        copies.append([(lon - 360, lat) for lon, lat in path])
    return copies


@lru_cache(maxsize=1)
def _rings() -> list[tuple[np.ndarray, np.ndarray]]:
    """Every ring of land: its longitudes, and its latitudes as heights on the map."""
    features = json.loads(LAND.read_text(encoding="utf-8"))["features"]
    rings = [np.array(ring) for f in features for polygon in f["geometry"]["coordinates"] for ring in polygon]
    bounded = [np.radians(45 + np.clip(ring[:, 1], SOUTH, NORTH) / 2) for ring in rings]
    return [(ring[:, 0], np.degrees(np.log(np.tan(half)))) for ring, half in zip(rings, bounded)]


def _land(window: Window) -> str:
    pieces = []
    for lons, heights in _rings():
        xs, ys = (lons - window.left) * window.scale, (window.top - heights) * window.scale
        if xs.max() < 0 or xs.min() > WIDTH or ys.max() < 0 or ys.min() > HEIGHT:
            continue
        kept, last = [], (math.inf, math.inf)
        # what lies far outside is only needed to close the shape
        for x, y in zip(np.clip(xs, -40, WIDTH + 40).tolist(), np.clip(ys, -40, HEIGHT + 40).tolist()):
            if abs(x - last[0]) + abs(y - last[1]) > FINE:
                kept.append(f"{x:.1f} {y:.1f}")
                last = (x, y)
        if len(kept) > 2:
            pieces.append("M" + "L".join(kept) + "Z")
    return f'<path d="{"".join(pieces)}" fill="{hexa(LIGHT.land)}"/>'


def draw(member: Member, legs: pd.DataFrame, places: pd.DataFrame) -> str:
    """The map as SVG: `legs` and `places` as `store.queries.routes` has them, only those to be drawn; without legs, where the member lies."""
    paths = [unbroken(path) for path in legs.path] if len(legs) else []
    home = (eastward(member.lon), member.lat)
    window = Window([home, *((eastward(lon), lat) for path in paths for lon, lat in path)], LEAST if paths else 2.4 * LEAST)
    parts = [f'<rect width="{WIDTH:g}" height="{HEIGHT:g}" fill="{hexa(LIGHT.sea)}"/>', _land(window)]
    order = sorted(range(len(paths)), key=lambda i: list(DASHES)[::-1].index(legs.strength.iloc[i]))
    for i in order:
        leg = legs.iloc[i]
        dash = (
            ""
            if leg.strength == "strong"
            else ' stroke-dasharray="{}"'.format(" ".join(f"{n * 2:g}" for n in DASHES[leg.strength]))
        )
        faint = 0.55 if leg["mode"] == "air" else 0.95  # air legs cross everything
        for path in around(paths[i]):
            points = " ".join("{:.1f},{:.1f}".format(*window.at(*p)) for p in path)
            parts.append(
                f'<polyline points="{points}" fill="none" stroke="{hexa(getattr(LIGHT, leg.crime))}" stroke-width="2.4" '
                f'stroke-opacity="{faint}" stroke-linejoin="round"{dash}/>'
            )
    names, dots = _names(member, home, legs, places, window)
    parts += dots + _route_marks(legs, paths, window, names) + [name for *_, name in names]
    parts.append(
        f'<rect x="0.4" y="0.4" width="{WIDTH - 0.8:g}" height="{HEIGHT - 0.8:g}" fill="none" stroke="{drawing.GRID}" stroke-width="0.8"/>'
    )
    title = f"Routes that touch {member.name}" if len(legs) else f"Where {member.name} lies"
    return drawing.svg(
        WIDTH,
        HEIGHT,
        [
            f'<clipPath id="edge"><rect width="{WIDTH:g}" height="{HEIGHT:g}"/></clipPath>'
            f'<g clip-path="url(#edge)">{"".join(parts)}</g>'
        ],
        title,
        BOUNDARIES,
    )


def _names(member: Member, home, legs: pd.DataFrame, places: pd.DataFrame, window: Window) -> tuple[list, list[str]]:
    """The member's name and then those of places, nearest in weight first, none over another; and a dot for each place."""
    ends = set(legs.from_place) | set(legs.to_place) if len(legs) else set()
    x, y = window.at(*home)
    dots = [
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="8" fill="none" stroke="{hexa(LIGHT.text)}" stroke-width="2"/>',
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{hexa(LIGHT.text)}"/>',
    ]
    taken: list = [(x - 9, y - 9, x + 9, y + 9, "")]
    placed = [
        p
        for p in (
            _placed(member.short_name or member.name, x, y, 13, *spot, 700)
            for spot in (("start", 11, 4), ("end", -11, 4), ("middle", 0, -13), ("middle", 0, 21))
        )
        if _inside(p)
    ]
    taken += placed[:1]
    for place in places[places.place_id.isin(ends)].sort_values(["priority", "place_id"], kind="stable").itertuples():
        px, py = window.at(eastward(place.lon), place.lat)
        if place.kind != "sea":
            dots.append(f'<circle cx="{px:.1f}" cy="{py:.1f}" r="2.4" fill="{hexa(LIGHT.text)}"/>')
        for spot in (
            (place.anchor, place.dx, place.dy + 4),
            ("end", -6, 4),
            ("start", 6, 4),
            ("middle", 0, -7),
            ("middle", 0, 14),
        ):
            box = _placed(place.name, px, py, 10.5, *spot)
            if _inside(box) and not any(_over(box, other) for other in taken):
                taken.append(box)
                break
    return taken, dots


def _placed(name: str, x: float, y: float, size: float, anchor: str, dx: float, dy: float, weight: int = 400) -> tuple:
    width = 0.5 * size * len(name) + 4
    left = x + dx - {"start": 2, "middle": width / 2, "end": width - 2}[anchor]
    return left, y + dy - size, left + width, y + dy + 3, _haloed(x + dx, y + dy, name, size, anchor, weight)


def _haloed(x: float, y: float, name: str, size: float, anchor: str, weight: int = 400) -> str:
    same = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" font-weight="{weight}"'
    return (
        f'<text {same} fill="none" stroke="#FFFFFF" stroke-width="2.6" stroke-opacity="0.85" stroke-linejoin="round">{escape(name)}</text>'
        f'<text {same} fill="{hexa(LIGHT.text)}">{escape(name)}</text>'
    )


def _inside(box: tuple) -> bool:
    return box[0] > 1 and box[2] < WIDTH - 1 and box[1] > 1 and box[3] < HEIGHT - 1


def _over(box: tuple, other: tuple) -> bool:
    return box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]


def _route_marks(legs: pd.DataFrame, paths: list, window: Window, taken: list) -> list[str]:
    """Each route's number once, on the middle of one of its legs, where nothing is written yet; the longest leg first."""
    marks = []
    if not len(legs):
        return marks
    lengths = [sum(math.dist(window.at(*a), window.at(*b)) for a, b in zip(p, p[1:])) for p in paths]
    for route_id, rows in legs.assign(_n=range(len(legs)), _length=lengths).groupby("route_id"):
        for row in rows.sort_values("_length", ascending=False).itertuples():
            path = paths[legs.index.get_loc(row.Index)]
            x, y = window.at(*_halfway(path))
            width = 5.6 * len(route_id) + 6
            box = (x - width / 2, y - 7, x + width / 2, y + 7, "")
            if _inside(box) and not any(_over(box, other) for other in taken):
                taken.append(box)
                colour = hexa(getattr(LIGHT, row.crime))
                marks.append(
                    f'<rect x="{box[0]:.1f}" y="{box[1]:.1f}" width="{width:.1f}" height="14" rx="3" fill="#FFFFFF" stroke="{colour}" '
                    f'stroke-width="1"/>' + drawing.text(x, y + 3.6, route_id, 10, "middle", colour, 700)
                )
                break
    return marks


def _halfway(path: list[tuple[float, float]]) -> tuple[float, float]:
    lengths = [math.dist(a, b) for a, b in zip(path, path[1:])]
    left = sum(lengths) / 2
    for (a, b), length in zip(zip(path, path[1:]), lengths):
        if length and left <= length:
            part = left / length
            return a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part
        left -= length
    return path[-1]


def in_words(member: Member, routes: pd.DataFrame) -> str:
    """The map for those who cannot see it; the table beside it holds the rest."""
    if routes.empty:
        return f"Map of the surroundings of {member.name}; no published route touches it."
    return f"Map of {len(routes)} routes that touch {member.name}: {', '.join(routes.route_id)}. The table of routes says the same in words."


def legend(crimes: list[str], strengths: list[str]) -> str:
    """Colours and patterns of the map, only those that are in it, in one line."""
    parts, x = [], 0.0
    for crime, label in (("smuggling", "smuggling"), ("trafficking", "trafficking"), ("both", "both crimes")):
        if crime in crimes:
            parts.append(f'<rect x="{x:.0f}" y="3" width="12" height="9" fill="{hexa(getattr(LIGHT, crime))}"/>')
            parts.append(drawing.text(x + 16, 11.5, label, 11))
            x += 16 + 5.0 * len(label) + 11
    for strength, label in (("strong", "strong evidence"), ("fair", "fair"), ("weak", "weak"), ("none", "no figure")):
        if strength in strengths:
            dash = (
                ""
                if strength == "strong"
                else ' stroke-dasharray="{}"'.format(" ".join(f"{n * 2:g}" for n in DASHES[strength]))
            )
            parts.append(
                f'<line x1="{x:.0f}" y1="8" x2="{x + 30:.0f}" y2="8" stroke="{drawing.INK}" stroke-width="2.4"{dash}/>'
            )
            parts.append(drawing.text(x + 34, 11.5, label, 11))
            x += 35 + 4.9 * len(label) + 11
    parts.append(f'<circle cx="{x + 8:.0f}" cy="8" r="6" fill="none" stroke="{drawing.INK}" stroke-width="1.6"/>')
    parts.append(f'<circle cx="{x + 8:.0f}" cy="8" r="2.2" fill="{drawing.INK}"/>')
    parts.append(drawing.text(x + 19, 11.5, "the member (capital)", 11))
    return drawing.svg(WIDTH, 16, parts, "Legend of the map")
