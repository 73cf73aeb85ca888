"""The map of a slide as SVG: land without inner lines, legs, names of the places that matter first. No boundary is
drawn.

Colour says the type of crime, the pattern of a line how good the evidence is; its width says nothing.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import escape

import pandas as pd
import shapely

from corridors import ROOT
from corridors.charts.route_map import DASHES
from corridors.export.slides import svg
from corridors.export.slides.model import RouteMap

LAND = ROOT / "data" / "geo" / "land.json"
WIDTH, HEIGHT, LEGEND = 1760.0, 730.0, 56.0
DEEP = HEIGHT - LEGEND  # how far down the map itself goes
SOUTH, NORTH, WEST = -52.0, 70.0, -50.0  # the land lies in longitudes of WEST to WEST + 360, cut in the Atlantic
LEAST = 30.0  # degrees of longitude that are always shown
REGION = ((60.0, -36.0), (180.0, 37.0))  # where the places of the region lie: what the whole network is shown on
FINE = 1.4  # points of the coast nearer than this on the slide are one
NAMED = 30


def mercator(lat: float) -> float:
    """The height of a latitude on the map, in degrees at the equator."""
    return math.degrees(math.log(math.tan(math.radians(45 + max(-80.0, min(80.0, lat)) / 2))))


def eastward(lon: float) -> float:
    """The longitude as the land has it."""
    return (lon - WEST) % 360 + WEST


@dataclass(frozen=True)
class Window:
    """A piece of the map that holds all `points`: longitudes and latitudes in, units of the drawing out."""

    points: tuple[tuple[float, float], ...]

    def __post_init__(self):
        xs, ys = [p[0] for p in self.points], [mercator(p[1]) for p in self.points]
        wide = max((max(xs) - min(xs)) * 1.14, (max(ys) - min(ys)) * 1.16 * WIDTH / DEEP, LEAST)
        object.__setattr__(self, "scale", WIDTH / min(wide, 359.0))
        object.__setattr__(self, "left", (max(xs) + min(xs)) / 2 - WIDTH / self.scale / 2)
        object.__setattr__(self, "top", (max(ys) + min(ys)) / 2 + DEEP / self.scale / 2)

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        """Where a place lies on the drawing."""
        return (lon - self.left) * self.scale, (self.top - mercator(lat)) * self.scale


@lru_cache(maxsize=1)
def _rings() -> list[tuple[str, bool, list]]:
    """Rings of land: whose they are ("land" or "member"), whether they are a hole, and their points."""
    rings = []
    for feature in json.loads(LAND.read_text(encoding="utf-8"))["features"]:
        kind = "member" if feature["properties"].get("kind") == "members" else "land"
        shape = feature["geometry"]["coordinates"]
        for polygon in shape if feature["geometry"]["type"] == "MultiPolygon" else [shape]:
            rings += [(kind, n > 0, ring) for n, ring in enumerate(polygon)]
    return rings


def coast(window: Window, fine: float = FINE) -> Iterator[tuple[str, bool, list[tuple[float, float]]]]:
    """What is seen of each ring through the window: whose it is, whether a hole, its points.

    Points nearer than `fine` are one, and what the line between two others replaces within half of that is left out.
    """
    for kind, hole, ring in _rings():
        for turn in (0.0, 360.0, -360.0):
            ends = [(p[0] + turn - window.left) * window.scale for p in (min(ring), max(ring))]
            if ends[1] < 0 or ends[0] > WIDTH:
                continue
            kept: list[tuple[float, float]] = []
            for lon, lat in ring:
                x = min(max((lon + turn - window.left) * window.scale, -30.0), WIDTH + 30)
                y = min(max((window.top - mercator(lat)) * window.scale, -30.0), HEIGHT + 30)
                if not kept or abs(x - kept[-1][0]) + abs(y - kept[-1][1]) > fine:
                    kept.append((x, y))
            if len(kept) > 2:
                thin = list(shapely.LineString(kept).simplify(fine / 2, preserve_topology=False).coords)
                yield kind, hole, thin if len(thin) > 3 else kept  # an island of a few pixels stays as it is


@lru_cache(maxsize=16)
def _land(window: Window) -> str:
    """The land seen through a window, as two shapes: all land, and the members' on top."""
    shapes: dict[str, list[str]] = {"land": [], "member": []}
    for kind, _, points in coast(window):
        shapes[kind].append("M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in points) + "Z")
    return "".join(
        f'<path d="{"".join(pieces)}" fill-rule="evenodd" style="fill:var(--{name})"/>' for name, pieces in shapes.items()
    )


def paths_of(legs: pd.DataFrame) -> list[list[tuple[float, float]]]:
    """The paths of legs, each shifted as a whole to where the land lies."""
    paths = []
    for path in legs.path:
        middle = sum(p[0] for p in path) / len(path)
        paths.append([(lon + eastward(middle) - middle, lat) for lon, lat in path])
    return paths


def window_of(legs: pd.DataFrame) -> Window:
    """The piece of the map that holds the legs; of many routes, where the region lies."""
    return Window(tuple(p for path in paths_of(legs) for p in path) if few(legs) else REGION)


def few(legs: pd.DataFrame) -> bool:
    """Whether the routes are few enough to be shown whole."""
    return legs.route_id.nunique() <= 8


def draw(told: RouteMap, tall: float = 41.5) -> str:
    """The map and, beneath it, what colours and patterns mean; at most `tall` units of --u high."""
    paths, window, whole = paths_of(told.legs), window_of(told.legs), few(told.legs)
    parts = [f'<rect width="{WIDTH:g}" height="{HEIGHT:g}" style="fill:var(--sea)"/>', _land(window)]
    order = sorted(range(len(paths)), key=lambda i: list(DASHES)[::-1].index(told.legs.strength.iloc[i]))
    for i in order:
        leg = told.legs.iloc[i]
        points = " ".join("{:.0f},{:.0f}".format(*window.at(*p)) for p in paths[i])
        dash = (
            ""
            if leg.strength == "strong"
            else ' stroke-dasharray="{}"'.format(" ".join(f"{n * 4:g}" for n in DASHES[leg.strength]))
        )
        faint = 0.5 if leg["mode"] == "air" and not whole else 0.95  # air legs cross everything
        parts.append(
            f'<polyline points="{points}" fill="none" style="stroke:var(--{leg.crime})" stroke-width="'
            f'{6 if whole else 4.5}" stroke-opacity="{faint}" '
            f'stroke-linejoin="round"{dash}/>'
        )
    parts += _marks(told, window)
    parts = [
        f'<clipPath id="edge"><rect width="{WIDTH:g}" height="{DEEP:g}" rx="10"/>'
        f'</clipPath><g clip-path="url(#edge)">{"".join(parts)}</g>',
        _legend(),
    ]
    return svg.svg(WIDTH, HEIGHT, parts, told.alt, tall)


@dataclass(frozen=True)
class Name:
    """A place's name where there is room for it: position of its anchor on the drawing, and which end that is."""

    said: str
    x: float
    y: float
    anchor: str


def names(told: RouteMap, window: Window) -> tuple[list[tuple[float, float]], list[Name]]:
    """Dots for the places of these legs, and names that do not lie over one another, those that matter first."""
    ends = set(told.legs.from_place) | set(told.legs.to_place)
    dots, kept, taken = [], [], []
    for place in (
        told.places[told.places.place_id.isin(ends)].sort_values(["priority", "place_id"], kind="stable").itertuples()
    ):
        x, y = window.at(eastward(place.lon), place.lat)
        if place.kind != "sea":
            dots.append((x, y))
        if len(kept) >= NAMED:
            continue
        wide = len(place.name) * svg.SMALL * 0.58
        for anchor, dx, dy in (("start", 10, 8), ("end", -10, 8), ("middle", 0, -12), ("middle", 0, 32)):
            left = x + dx - {"start": 0, "middle": wide / 2, "end": wide}[anchor]
            box = (left - 4, y + dy - 22, left + wide + 4, y + dy + 6)
            inside = box[0] > 4 and box[2] < WIDTH - 4 and box[1] > 4 and box[3] < DEEP - 6
            if inside and not any(box[0] < t[2] and t[0] < box[2] and box[1] < t[3] and t[1] < box[3] for t in taken):
                taken.append(box)
                kept.append(Name(place.name, x + dx, y + dy, anchor))
                break
    return dots, kept


def _marks(told: RouteMap, window: Window) -> list[str]:
    dots, kept = names(told, window)
    return [f'<circle cx="{x:.0f}" cy="{y:.0f}" r="5" style="fill:var(--ink)"/>' for x, y in dots] + [
        f'<text x="{n.x:.0f}" y="{n.y:.0f}" text-anchor="{n.anchor}" font-size="{svg.SMALL}" font-weight="600" '
        'style="fill:var(--ink);paint-order:stroke;stroke:var(--member);stroke-width:6px;'
        f'stroke-linejoin:round">{escape(n.said)}</text>'
        for n in kept
    ]


def _legend() -> str:
    y, x, parts = HEIGHT - 14, 4.0, []
    for crime, label in (("smuggling", "smuggling"), ("trafficking", "trafficking"), ("both", "both")):
        parts.append(
            f'<rect x="{x:.0f}" y="{y - 22}" width="30" height="24" rx="4" style="fill:var(--{crime})"/>'
            + svg.text(x + 40, y, label)
        )
        x += 40 + len(label) * svg.SMALL * svg.WIDE + 30
    x += 30
    for strength, label in (("strong", "strong evidence"), ("fair", "fair"), ("weak", "weak"), ("none", "no figure")):
        dash = "none" if strength == "strong" else " ".join(f"{n * 4:g}" for n in DASHES[strength])
        parts.append(
            f'<line x1="{x:.0f}" x2="{x + 76:.0f}" y1="{y - 9}" y2="{y - 9}" style="stroke:var(--ink)" '
            f'stroke-width="5" stroke-dasharray="{dash}"/>' + svg.text(x + 88, y, label)
        )
        x += 88 + len(label) * svg.SMALL * svg.WIDE + 34
    return "".join(parts)
