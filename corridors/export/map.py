"""The map of routes: land without inner lines, legs, and the names that matter first. No boundary is drawn.

Colour says the type of crime, the pattern of a line how good the evidence is; its width says nothing. One drawer serves brief,
picture, slide and slide file: a `Look` says on how large a sheet and in which colours.
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
from corridors.catalog import words
from corridors.charts import theme
from corridors.charts.route_map import DASHES

LAND = ROOT / "data" / "geo" / "land.json"
WEST, SOUTH, NORTH = -50.0, -58.0, 74.0  # the land lies in longitudes of WEST to WEST + 360, cut in the Atlantic
TURNS = (0.0, 360.0, -360.0)  # what lies beyond the cut is drawn once more from the other side
SPOTS = (("start", 6, 4), ("end", -6, 4), ("middle", 0, -7), ("middle", 0, 14))  # beside a place, for text of size 10.5


@dataclass(frozen=True)
class Look:
    """How a map is drawn: width and height of its sheet, degrees of longitude that are always shown, sizes, colours."""

    width: float
    height: float
    least: float
    size: float  # of a place's name
    letter: float  # width of a letter as a share of its size
    stroke: float
    dot: float
    dash: float  # by how much the pattern of a line is stretched
    fine: float  # points of the coast nearer than this are one
    digits: int  # decimals of a coordinate
    on_paper: bool  # fixed colours; else names that the page around fills in

    def paint(self, name: str) -> str:
        """A colour by what it stands for: ink, sea, land, member, or a crime."""
        if not self.on_paper:
            return f"var(--{name})"
        return theme.LIGHT[
            "member" if name == "land" else name
        ]  # on paper all land is one: no line that looks like a frontier

    def pattern(self, strength: str) -> str:
        """The dashes of a line as an attribute; none for strong evidence."""
        return (
            "" if strength == "strong" else f' stroke-dasharray="{" ".join(f"{n * self.dash:g}" for n in DASHES[strength])}"'
        )


def mercator(lat: float) -> float:
    """The height of a latitude on the map, in degrees at the equator."""
    return math.degrees(math.log(math.tan(math.radians(45 + max(-80.0, min(80.0, lat)) / 2))))


def eastward(lon: float) -> float:
    """The longitude as the land has it, from WEST to WEST + 360."""
    return (lon - WEST) % 360 + WEST


@dataclass(frozen=True)
class Window:
    """A piece of the map that holds all `points`: longitudes and latitudes in, units of the drawing out."""

    points: tuple[tuple[float, float], ...]
    look: Look
    least: float = 0.0

    def __post_init__(self):
        xs, ys = [p[0] for p in self.points], [mercator(p[1]) for p in self.points]
        wide = max(
            (max(xs) - min(xs)) * 1.15,
            (max(ys) - min(ys)) * 1.22 * self.look.width / self.look.height,
            self.least or self.look.least,
        )
        scale = self.look.width / min(wide, 359.0)
        tall = self.look.height / scale
        bottom, top = mercator(SOUTH), mercator(NORTH)
        highest = min(max((max(ys) + min(ys)) / 2 + tall / 2, bottom + tall), max(top, bottom + tall))
        object.__setattr__(self, "scale", scale)
        object.__setattr__(self, "left", (max(xs) + min(xs)) / 2 - self.look.width / scale / 2)
        object.__setattr__(self, "top", highest)

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        """Where a place lies on the drawing."""
        return (lon - self.left) * self.scale, (self.top - mercator(lat)) * self.scale

    def copies(self, path: list[tuple[float, float]]) -> Iterator[list[tuple[float, float]]]:
        """The path on the drawing, once for each side of the cut from which it is seen."""
        for turn in TURNS:
            points = [self.at(lon + turn, lat) for lon, lat in path]
            if max(x for x, _ in points) > 0 and min(x for x, _ in points) < self.look.width:
                yield points


@lru_cache(maxsize=1)
def _rings() -> list[tuple[str, list]]:
    """Rings of land: whose they are ("land" or "member"), and their points."""
    rings = []
    for feature in json.loads(LAND.read_text(encoding="utf-8"))["features"]:
        whose = "member" if feature["properties"].get("kind") == "members" else "land"
        shape = feature["geometry"]["coordinates"]
        for polygon in shape if feature["geometry"]["type"] == "MultiPolygon" else [shape]:
            rings += [(whose, ring) for ring in polygon]
    return rings


def coast(window: Window, fine: float) -> Iterator[tuple[str, list[tuple[float, float]]]]:
    """What is seen of each ring through the window: whose it is, and its points.

    Points nearer than `fine` are one, and what the line between two others replaces within half of that is left out.
    """
    wide, tall = window.look.width, window.look.height
    for whose, ring in _rings():
        for turn in TURNS:
            ends = [(p[0] + turn - window.left) * window.scale for p in (min(ring), max(ring))]
            if ends[1] < 0 or ends[0] > wide:
                continue
            kept: list[tuple[float, float]] = []
            for lon, lat in ring:
                x = min(max((lon + turn - window.left) * window.scale, -30.0), wide + 30)
                y = min(max((window.top - mercator(lat)) * window.scale, -30.0), tall + 30)
                if not kept or abs(x - kept[-1][0]) + abs(y - kept[-1][1]) > fine:
                    kept.append((x, y))
            if len(kept) > 2 and min(y for _, y in kept) < tall and max(y for _, y in kept) > 0:
                thin = list(shapely.LineString(kept).simplify(fine / 2, preserve_topology=False).coords)
                yield whose, thin if len(thin) > 3 else kept  # an island of a few pixels stays as it is


@lru_cache(maxsize=16)
def ground(window: Window) -> str:
    """Sea and land seen through a window: all land as one shape, the members' on top."""
    look, shapes = window.look, {"land": [], "member": []}
    for whose, points in coast(window, look.fine):
        shapes[whose].append("M" + "L".join(f"{x:.{look.digits}f} {y:.{look.digits}f}" for x, y in points) + "Z")
    return f'<rect width="{look.width:g}" height="{look.height:g}" style="fill:{look.paint("sea")}"/>' + "".join(
        f'<path d="{"".join(pieces)}" fill-rule="evenodd" style="fill:{look.paint(whose)}"/>'
        for whose, pieces in shapes.items()
    )


def paths_of(legs: pd.DataFrame) -> list[list[tuple[float, float]]]:
    """The paths of legs, each shifted as a whole to where the land lies: it stays in one piece across the antimeridian."""
    paths = []
    for path in legs.path if len(legs) else ():
        middle = sum(p[0] for p in path) / len(path)
        paths.append([(lon + eastward(middle) - middle, lat) for lon, lat in path])
    return paths


def lines(legs: pd.DataFrame, window: Window, stroke: float, air: float) -> list[str]:
    """The legs as lines, strong evidence on top; `air` is how opaque a leg by air is, for those cross everything."""
    look, paths, parts = window.look, paths_of(legs), []
    for n in sorted(range(len(paths)), key=lambda n: list(DASHES)[::-1].index(legs.strength.iloc[n])):
        leg = legs.iloc[n]
        for points in window.copies(paths[n]):
            joined = " ".join(f"{x:.{look.digits}f},{y:.{look.digits}f}" for x, y in points)
            parts.append(
                f'<polyline points="{joined}" fill="none" style="stroke:{look.paint(leg.crime)}" stroke-width="{stroke:g}" '
                f'stroke-opacity="{air if leg["mode"] == "air" else 0.95}" stroke-linejoin="round"{look.pattern(leg.strength)}/>'
            )
    return parts


@dataclass(frozen=True)
class Name:
    """A name where there is room for it: the position of its anchor on the drawing, and which end that is."""

    said: str
    x: float
    y: float
    anchor: str
    size: float
    weight: int = 600


class Room:
    """What is written on a map already, so that no name lies over another."""

    def __init__(self, look: Look):
        self.look, self.taken = look, []

    def take(self, box: tuple[float, float, float, float]) -> bool:
        """Takes the box (left, top, right, bottom) when it is free and inside the map; whether it was."""
        inside = box[0] > 1 and box[2] < self.look.width - 1 and box[1] > 1 and box[3] < self.look.height - 1
        if not inside or any(box[0] < t[2] and t[0] < box[2] and box[1] < t[3] and t[1] < box[3] for t in self.taken):
            return False
        self.taken.append(box)
        return True

    def name(self, said: str, x: float, y: float, size: float, spots, weight: int = 600) -> Name | None:
        """The name at the first of `spots` (anchor, to the right, down) where there is room; None where there is none."""
        wide = self.look.letter * size * len(said) + 4
        for anchor, dx, dy in spots:
            left = x + dx - {"start": 2, "middle": wide / 2, "end": wide - 2}[anchor]
            if self.take((left, y + dy - size, left + wide, y + dy + 0.28 * size)):
                return Name(said, x + dx, y + dy, anchor, size, weight)
        return None


def names(
    legs: pd.DataFrame, places: pd.DataFrame, window: Window, room: Room, most: int
) -> tuple[list[tuple[float, float]], list[Name]]:
    """Dots for the places of these legs, and their names as far as there is room, those that matter first."""
    ends = {*legs.from_place, *legs.to_place} if len(legs) else set()
    dots, kept = [], []
    stretch = window.look.size / 10.5
    for place in places[places.place_id.isin(ends)].sort_values(["priority", "place_id"], kind="stable").itertuples():
        x, y = window.at(eastward(place.lon), place.lat)
        if place.kind != "sea":
            dots.append((x, y))
        # the spot that the table of places names comes first
        spots = [(a, dx * stretch, dy * stretch) for a, dx, dy in ((place.anchor, place.dx, place.dy + 4), *SPOTS)]
        if len(kept) < most and (name := room.name(place.name, x, y, window.look.size, spots)):
            kept.append(name)
    return dots, kept


def marks(dots: list[tuple[float, float]], written: list[Name], look: Look) -> list[str]:
    """Dots and names as SVG; a name has a halo of the land's colour."""
    drawn = [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{look.dot:g}" style="fill:{look.paint("ink")}"/>' for x, y in dots]
    for n in written:
        same = f'x="{n.x:.1f}" y="{n.y:.1f}" text-anchor="{n.anchor}" font-size="{n.size:g}" font-weight="{n.weight}"'
        halo = f"fill:none;stroke:{look.paint('member')};stroke-width:{n.size / 4.3:.1f}px;stroke-linejoin:round"
        drawn.append(
            f'<text {same} style="{halo}">{escape(n.said)}</text>'
            f'<text {same} style="fill:{look.paint("ink")}">{escape(n.said)}</text>'
        )
    return drawn


def whole(parts: list[str], look: Look, round_by: float = 0) -> str:
    """The parts cut off at the edge of the sheet."""
    return (
        f'<clipPath id="edge"><rect width="{look.width:g}" height="{look.height:g}" rx="{round_by:g}"/></clipPath>'
        f'<g clip-path="url(#edge)">{"".join(parts)}</g>'
    )


def legend(crimes, strengths, look: Look, y: float, size: float) -> tuple[list[str], float]:
    """Colours and patterns in one line with its letters standing on `y`, only those named; and where the line ends."""
    parts, x = [], 0.0

    def label(said: str) -> None:
        nonlocal x
        parts.append(f'<text x="{x:.0f}" y="{y:g}" font-size="{size:g}" style="fill:{look.paint("ink")}">{said}</text>')
        x += look.letter * size * len(said) + 0.7 * size

    for crime, said in words.CRIME.items():
        if crime in crimes:
            parts.append(
                f'<rect x="{x:.0f}" y="{y - 0.8 * size:.1f}" width="{1.1 * size:.1f}" height="{0.85 * size:.1f}" '
                f'style="fill:{look.paint(crime)}"/>'
            )
            x += 1.5 * size
            label(said.lower())
    for strength, said in words.STRENGTH.items():
        if strength in strengths:
            parts.append(
                f'<line x1="{x:.0f}" y1="{y - 0.35 * size:.1f}" x2="{x + 2.2 * size:.0f}" y2="{y - 0.35 * size:.1f}" '
                f'style="stroke:{look.paint("ink")}" stroke-width="{look.stroke:g}"{look.pattern(strength)}/>'
            )
            x += 2.5 * size
            label(said.lower() + (" evidence" if strength == "strong" else ""))
    return parts, x
