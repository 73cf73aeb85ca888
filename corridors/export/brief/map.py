"""The routes that touch a member on paper: the map of `export.map` with the member by point and name, and each route's number."""

from __future__ import annotations

import math

import pandas as pd

from corridors.catalog import Member
from corridors.export import drawing
from corridors.export import map as routes

LOOK = routes.Look(720.0, 330.0, 26.0, 10.5, 0.5, 2.4, 2.4, 2, 0.35, 1, True)
WIDTH, HEIGHT = LOOK.width, LOOK.height
BOUNDARIES = (
    "Schematic: lines join towns and regions and are no tracks. Nothing on this map implies an opinion on the legal status of any "
    "territory or on the course of any frontier or boundary."
)


def draw(member: Member, legs: pd.DataFrame, places: pd.DataFrame) -> str:
    """The map as SVG: `legs` and `places` as `store.queries.routes` has them, only those to be drawn; without legs, where the member lies."""
    paths, home = routes.paths_of(legs), (routes.eastward(member.lon), member.lat)
    points = (home, *((routes.eastward(lon), lat) for path in paths for lon, lat in path))
    window = routes.Window(points, LOOK, LOOK.least if paths else 2.4 * LOOK.least)
    x, y = window.at(*home)
    room = routes.Room(LOOK)
    room.take((x - 9, y - 9, x + 9, y + 9))
    own = room.name(
        member.short_name or member.name,
        x,
        y,
        13,
        (("start", 11, 4), ("end", -11, 4), ("middle", 0, -13), ("middle", 0, 21)),
        700,
    )
    dots, written = routes.names(legs, places, window, room, len(places))
    ink = LOOK.paint("ink")
    inside = [
        routes.ground(window),
        *routes.lines(legs, window, LOOK.stroke, 0.55),
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="8" fill="none" stroke="{ink}" stroke-width="2"/>',
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{ink}"/>',
        *_numbers(legs, paths, window, room),
        *routes.marks(dots, [*([own] if own else []), *written], LOOK),
        f'<rect x="0.4" y="0.4" width="{WIDTH - 0.8:g}" height="{HEIGHT - 0.8:g}" fill="none" stroke="{drawing.GRID}" stroke-width="0.8"/>',
    ]
    title = f"Routes that touch {member.name}" if len(legs) else f"Where {member.name} lies"
    return drawing.svg(WIDTH, HEIGHT, [routes.whole(inside, LOOK)], title, BOUNDARIES)


def _numbers(legs: pd.DataFrame, paths: list, window: routes.Window, room: routes.Room) -> list[str]:
    """Each route's number once, on the middle of one of its legs, where nothing is written yet; the longest leg first."""
    marks = []
    lengths = [sum(math.dist(window.at(*a), window.at(*b)) for a, b in zip(p, p[1:])) for p in paths]
    for route_id, rows in legs.assign(_length=lengths).groupby("route_id") if len(legs) else ():
        for row in rows.sort_values("_length", ascending=False).itertuples():
            x, y = window.at(*_halfway(paths[legs.index.get_loc(row.Index)]))
            width = 5.6 * len(route_id) + 6
            if room.take((x - width / 2, y - 7, x + width / 2, y + 7)):
                colour = LOOK.paint(row.crime)
                marks.append(
                    f'<rect x="{x - width / 2:.1f}" y="{y - 7:.1f}" width="{width:.1f}" height="14" rx="3" fill="#FFFFFF" '
                    f'stroke="{colour}" stroke-width="1"/>' + drawing.text(x, y + 3.6, route_id, 10, "middle", colour, 700)
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


def in_words(member: Member, rows: pd.DataFrame) -> str:
    """The map for those who cannot see it; the table beside it holds the rest."""
    if rows.empty:
        return f"Map of the surroundings of {member.name}; no published route touches it."
    return f"Map of {len(rows)} routes that touch {member.name}: {', '.join(rows.route_id)}. The table of routes says the same in words."


def legend(crimes: list[str], strengths: list[str]) -> str:
    """Colours and patterns of the map, only those that are in it, in one line."""
    parts, x = routes.legend(crimes, strengths, LOOK, 11.5, 10.5)
    parts += [
        f'<circle cx="{x + 8:.0f}" cy="8" r="6" fill="none" stroke="{drawing.INK}" stroke-width="1.6"/>',
        f'<circle cx="{x + 8:.0f}" cy="8" r="2.2" fill="{drawing.INK}"/>',
        drawing.text(x + 19, 11.5, "the member (capital)", 10.5),
    ]
    return drawing.svg(WIDTH, 16, parts, "Legend of the map")
