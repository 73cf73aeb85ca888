"""A laid-out map as SVG: countries, lines, names, legend and disclaimer. For pages, slides, briefs and files alike."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape

import numpy as np

from corridors import catalog
from corridors.charts.map_layout import Box, Country, Drawing, Label, Line, Point, Window, mercator
from corridors.geo import FOLDER

FONT = "'Source Sans', 'Source Sans 3', 'Source Sans Pro', 'Noto Sans', sans-serif"
DASHES = {"strong": "", "fair": "9 4", "weak": "3 3.5", "none": "1 4"}
WIDEST = 50.0  # degrees of longitude that a member with several pieces of land may take on its own map
FINE, LETTERS = 8.6, 10.5  # size of the small print, and of the words of a legend
WEIGHT = 1.8  # of a line
NEAR = 0.4  # points of a coast nearer than this on the paper are one
BOUNDARIES = (
    "Boundaries and names shown do not imply any opinion on the legal status of a territory. Dotted lines are undetermined or "
    "disputed boundaries; the parties have not agreed upon the final status of Jammu and Kashmir."
)
SCHEMATIC = "Schematic: lines join towns and regions and are no tracks; width says nothing of volume. "
DISCLAIMER = SCHEMATIC + BOUNDARIES  # of a map with routes
# Strokes of the signs of modes, in a square of 10 around the middle.
SIGNS = {
    "land": "M-3.6 1.6V-1.8H1V1.6ZM1-.6H3.2L3.8.6V1.6H1M-2.3 2.6a.9.9 0 1 0 .01 0M2.2 2.6a.9.9 0 1 0 .01 0",
    "sea": "M-3.8.6H3.8L2.6 2.8H-2.6ZM-1.6.6V-1.4H1.8V.6M0-1.4V-3.2",
    "air": "M0-3.8C.8-3.8.8-1.6.8-1L3.8 1V1.9L.8 1V2.6L1.8 3.6H-1.8L-.8 2.6V1L-3.8 1.9V1L-.8-1C-.8-1.6-.8-3.8 0-3.8Z",
}


@dataclass(frozen=True)
class Palette:
    """Colours of a map on a light or dark page. Each tone keeps 3:1 against sea and land; colour-blind eyes tell them apart."""

    sea: str
    land: str
    member: str
    border: str
    text: str
    quiet: str
    paper: str
    edge: str
    own: str  # the member in the centre of its own map
    deaths: str
    tones: Mapping[str, str]


LIGHT = Palette(
    "#DCE7F0",
    "#E7E9EC",
    "#FDF8EA",
    "#B8C2CC",
    "#1B2733",
    "#52606D",
    "#FFFFFF",
    "#9AA8B5",
    "#F6E2AE",
    "#8A5A00",
    {
        "smuggling": "#1C5AA3",
        "trafficking": "#801650",
        "both": "#0A8A7D",
        "origin": "#1C5AA3",
        "transit": "#A65200",
        "destination": "#801650",
        "other": "#5B6B7B",
    },
)
DARK = Palette(
    "#18222D",
    "#2A3642",
    "#453F35",
    "#5A6B7B",
    "#E6ECF2",
    "#A9B6C3",
    "#10171F",
    "#5A6B7B",
    "#66562E",
    "#E0B860",
    {
        "smuggling": "#8CBEF0",
        "trafficking": "#E0609F",
        "both": "#6FE3D8",
        "origin": "#7CB6F5",
        "transit": "#FFE066",
        "destination": "#F58BC0",
        "other": "#A9B6C3",
    },
)


def _named(prefix: str, palette: Palette) -> dict[str, str]:
    """Every colour of a palette by the name of a custom property."""
    plain = {f"{prefix}{key}": value for key, value in vars(palette).items() if isinstance(value, str)}
    return plain | {f"{prefix}{tone}": colour for tone, colour in palette.tones.items()}


def properties(dark: bool) -> str:
    """The colours as custom properties, for a drawing that was painted with `dark` None: the page around fills them in."""
    return ";".join(f"{name}:{value}" for name, value in _named("--map-", DARK if dark else LIGHT).items())


_BY_NAME = {key: f"var(--map-{key})" for key in _named("", LIGHT)}
AROUND = Palette(
    **{key: _BY_NAME[key] for key, value in vars(LIGHT).items() if isinstance(value, str)},
    tones={tone: _BY_NAME[tone] for tone in LIGHT.tones},
)
PALETTES = {False: LIGHT, True: DARK, None: AROUND}


@dataclass(frozen=True)
class Entry:
    """One line of a legend: a swatch ("tone:smuggling", "dash:fair", "sign:sea", "fill:#abc", "dotted", "deaths") and what it means."""

    swatch: str
    text: str


# --- countries ---------------------------------------------------------------------------------------------------------


def _features(name: str) -> list[dict]:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))["features"]


@lru_cache(maxsize=1)
def _rings() -> list[tuple[str, np.ndarray]]:
    """Every ring of land with the member it belongs to ("" = no member): longitude and Mercator height."""
    found = []
    for name in ("land", "members"):
        for feature in _features(name):
            properties, shape = feature["properties"], feature["geometry"]
            if properties.get("kind") == "members" or shape["type"] != "MultiPolygon":
                continue
            for polygon in shape["coordinates"]:
                for ring in polygon:
                    found.append((properties.get("iso3", ""), _heights(ring)))
    return found


@lru_cache(maxsize=1)
def countries() -> tuple[Country, ...]:
    """The members as the map names them: in the middle of their largest piece of land, larger ones first."""
    found = []
    for feature in _features("members"):
        properties, geometry = feature["properties"], feature["geometry"]
        member = catalog.load().members[properties["iso3"]]
        (lon, lat), area = properties["point"], 0.0
        if geometry["type"] == "MultiPolygon":
            rings = [np.array(polygon[0]) for polygon in geometry["coordinates"]]
            areas = [_area(ring) for ring in rings]
            area = max(areas)
            if not properties["small"]:
                lon, lat = _middle(rings[areas.index(area)])
        found.append((area, Country(member.iso3, member.short_name or member.name, lon, lat, properties["small"])))
    return tuple(country for _, country in sorted(found, key=lambda item: (-item[0], item[1].iso3)))


def extent(iso3: str) -> list[tuple[float, float]]:
    """West-south and east-north corner of a member's larger pieces of land, or its point where none is drawn.

    A piece counts from a seventh of the largest on, unless all together would be wider than an archipelago (so no Alaska).
    """
    feature = next(f for f in _features("members") if f["properties"]["iso3"] == iso3)
    if feature["geometry"]["type"] != "MultiPolygon":
        return [tuple(feature["properties"]["point"])]
    rings = sorted((np.array(polygon[0]) for polygon in feature["geometry"]["coordinates"]), key=_area, reverse=True)
    (west, south), (east, north) = rings[0].min(axis=0).tolist(), rings[0].max(axis=0).tolist()
    for ring in rings[1:]:
        (left, bottom), (right, top) = ring.min(axis=0).tolist(), ring.max(axis=0).tolist()
        if _area(ring) * 7 > _area(rings[0]) and max(east, right) - min(west, left) < WIDEST:
            west, south, east, north = min(west, left), min(south, bottom), max(east, right), max(north, top)
    return [(west, south), (east, north)]


def _area(ring: np.ndarray) -> float:
    x, y = ring[:, 0], ring[:, 1]
    return abs(float(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1]))) / 2


def _middle(ring: np.ndarray) -> tuple[float, float]:
    """The centre of gravity of a ring."""
    x, y = ring[:, 0], ring[:, 1]
    cross = x[:-1] * y[1:] - x[1:] * y[:-1]
    six = 3 * cross.sum()
    return float(((x[:-1] + x[1:]) * cross).sum() / six), float(((y[:-1] + y[1:]) * cross).sum() / six)


@lru_cache(maxsize=1)
def _borders() -> list[tuple[str, np.ndarray]]:
    """Every boundary line with its kind, solid or dotted."""
    return [(f["properties"]["kind"], _heights(line)) for f in _features("borders") for line in f["geometry"]["coordinates"]]


def _heights(points: list) -> np.ndarray:
    lines = np.array(points, dtype=float)
    lines[:, 1] = np.degrees(np.log(np.tan(np.radians(45 + np.clip(lines[:, 1], -60.0, 74.0) / 2))))
    return lines


def seen(points: np.ndarray, window: Window, near: float = NEAR) -> Iterator[list[Point]]:
    """The pieces of a ring or line that show on the paper; far outside only what closes them is kept."""
    for shift in (0.0, -360.0, 360.0):
        xs = (points[:, 0] + shift - window.west) * window.scale
        ys = (mercator(window.north) - points[:, 1]) * window.scale
        if xs.max() < 0 or xs.min() > window.width or ys.max() < 0 or ys.min() > window.height:
            continue
        xs, ys = np.clip(xs, -30, window.width + 30), np.clip(ys, -30, window.height + 30)
        kept, last = [], (math.inf, math.inf)
        for x, y in zip(xs.tolist(), ys.tolist()):
            if abs(x - last[0]) + abs(y - last[1]) > near:
                kept.append((x, y))
                last = (x, y)
        if len(kept) > 1:
            yield kept


def land(window: Window, near: float = NEAR) -> dict[str, list[list[Point]]]:
    """The land of a window as rings on the paper, by the member it belongs to ("" = none)."""
    found: dict[str, list[list[Point]]] = {}
    for iso3, ring in _rings():
        found.setdefault(iso3, []).extend(piece for piece in seen(ring, window, near) if len(piece) > 2)
    return {iso3: rings for iso3, rings in found.items() if rings}


def borders(window: Window, near: float = NEAR) -> dict[str, list[list[Point]]]:
    """The boundary lines of a window, by kind: solid, or dotted where undetermined or disputed."""
    return {
        kind: [p for k, line in _borders() if k == kind for p in seen(line, window, near)] for kind in ("solid", "dotted")
    }


def _path(pieces: list[list[Point]], closed: bool = False) -> str:
    end = "Z" if closed else ""
    return "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in piece) + end for piece in pieces)


@lru_cache(maxsize=64)
def _countries(window: Window, tints: tuple[tuple[str, str], ...], dark: bool | None, linked: bool) -> str:
    """The land of a window: members in a tint of their own or the members' colour, others in the land's, thin boundaries."""
    colours = PALETTES[dark]
    tint, pieces = dict(tints), land(window)
    parts = [f'<path d="{_path(pieces.pop("", []), True)}" fill="{colours.land}"/>']
    names = {country.iso3: country.name for country in countries()}
    for iso3, rings in sorted(pieces.items()):
        fill = tint.get(iso3, colours.member)
        link = _link("member", iso3, names[iso3]) if linked and tints else ">"
        parts.append(f'<path d="{_path(rings, True)}" fill="{fill}" stroke="{fill}" stroke-width=".6"{link}</path>')
    for kind, lines in borders(window).items():
        dash = ' stroke-dasharray="1.5 2.5"' if kind == "dotted" else ""
        parts.append(f'<path d="{_path(lines)}" fill="none" stroke="{colours.border}" stroke-width=".8"{dash}/>')
    return "".join(parts)


# --- the drawing -------------------------------------------------------------------------------------------------------


def paint(
    drawing: Drawing,
    *,
    dark: bool | None = False,
    alt: str = "",
    tints: Mapping[str, str] | None = None,
    legend: tuple[Entry, ...] = (),
    legend_box: Box | None = None,
    disclaimer: str = DISCLAIMER,
    linked: bool = False,
    font: str = FONT,
    fine: float = FINE,
    style: str = "",
    paper: tuple[float, float] | None = None,
    at: Box | None = None,
) -> str:
    """The drawing as one SVG document. `dark` None: the page around fills in the colours, see `properties`.

    `tints`: ISO3 → fill of that member, or the name of a colour of the palette. `linked`: routes and members can be focused.
    `fine`: size of the small print. `paper`: width and height of the whole, where the drawing stands `at` a part of it; of a
    drawing larger than its part, the middle is seen.
    """
    palette = PALETTES[dark]
    tints = {iso3: getattr(palette, tint, tint) for iso3, tint in (tints or {}).items()}
    window = drawing.window
    wide, tall = paper or (window.width, window.height)
    left, top, right, bottom = at or (0.0, 0.0, wide, tall)
    seen_wide, seen_tall = right - left, bottom - top
    parts = [_inside(drawing, palette, dark, tints, linked)]
    if drawing.inset:
        inner, box = drawing.inset
        parts.append(_framed(box, inner.window, _inside(inner, palette, dark, tints, linked)))
        x, y, x2, y2 = box
        parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{x2 - x:g}" height="{y2 - y:g}" rx="5" fill="none" stroke="{palette.edge}"/>'
        )
    ids = {line.route.number: line.route.id for line in drawing.lines}
    parts += [
        f'<g data-of="{" ".join(ids[n] for n in tab.routes)}">{_tab(tab, palette, drawing)}</g>' for tab in drawing.tabs
    ]
    # within a frame of its own: what lies beyond the paper is cut off, and a part of it can be looked at
    x, y = (window.width - seen_wide) / 2, (window.height - seen_tall) / 2
    body = (
        f'<svg data-pan="" x="{left:g}" y="{top:g}" width="{seen_wide:g}" height="{seen_tall:g}" '
        f'viewBox="{x:g} {y:g} {seen_wide:g} {seen_tall:g}">{"".join(parts)}</svg>'
    )
    box = legend_box or (8.0, tall - legend_size(legend, 380.0, disclaimer, fine) - 8, 388.0, tall - 8)
    body += _legend(legend, box, palette, disclaimer, fine)
    title = f"<title>{escape(alt)}</title>" if alt else ""
    styled = f'style="{style}" ' if style else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:g} {tall:g}" {styled}font-family="{font}" '
        f'role="{"group" if linked else "img"}" aria-label="{escape(alt)}">{title}{body}</svg>'
    )


def _framed(box: Box, window: Window, body: str) -> str:
    left, top, right, bottom = box
    return (
        f'<svg x="{left:g}" y="{top:g}" width="{right - left:g}" height="{bottom - top:g}" '
        f'viewBox="0 0 {window.width:g} {window.height:g}">{body}</svg>'
    )


def _link(kind: str, code: str, name: str) -> str:
    """What makes a part of a map a button with a name; a hint shows the name, too."""
    return (
        f' data-{kind}="{escape(code)}" tabindex="0" role="button" aria-label="{escape(name)}"><title>{escape(name)}</title>'
    )


def _inside(drawing: Drawing, palette: Palette, dark: bool | None, tints: Mapping[str, str], linked: bool) -> str:
    """Land, deaths, lines, numbers and signs, dots and names, from the bottom up."""
    window = drawing.window
    parts = [
        f'<rect width="{window.width:g}" height="{window.height:g}" fill="{palette.sea}"/>',
        _countries(window, tuple(sorted(tints.items())), dark, linked),
    ]
    parts += [
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:g}" fill="{palette.deaths}" fill-opacity=".28" stroke="{palette.deaths}" '
        f'stroke-width=".7" stroke-opacity=".8" pointer-events="none"/>'
        for x, y, r in drawing.deaths
    ]
    groups: dict[str, list[str]] = {}
    above: dict[str, list[str]] = {}  # no line of another route lies upon a number or a sign
    for line in drawing.lines:
        groups.setdefault(line.route.id, []).append(_line(line, palette, linked))
        above.setdefault(line.route.id, []).append(_sign(line, palette))
    for badge in drawing.badges:
        colour = palette.tones[badge.route.tone]
        left, top, right, bottom = badge.box
        tie = ""
        if badge.tie:
            x, y = badge.tie
            tie = f'<path d="M{badge.x:.1f} {badge.y:.1f}L{x:.1f} {y:.1f}" stroke="{colour}" stroke-width=".8"/>'
        above.setdefault(badge.route.id, []).append(
            f'{tie}<rect x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" height="{bottom - top:.1f}" rx="3" fill="{colour}" '
            f'stroke="{palette.paper}" stroke-width=".8"/><text x="{badge.x:.1f}" y="{badge.y + (bottom - top) * 0.264:.1f}" text-anchor="middle" '
            f'font-size="{(bottom - top) * 0.75:.1f}" font-weight="700" fill="{palette.paper}">{badge.route.number}</text>'
        )
    at: dict[str, set[str]] = {}
    for line in drawing.lines:
        for place_id in (line.leg.start, line.leg.end):
            at.setdefault(place_id, set()).add(line.route.id)

    def of(place_id: str) -> str:
        """Names the routes of a place, so that it can be hidden with them."""
        return f' data-of="{" ".join(sorted(at[place_id]))}"' if linked and place_id in at else ""

    dots = [(place, x, y) for place, x, y in drawing.dots if not place.sea]
    named = {line.route.id: line.route for line in drawing.lines}
    for route_id, pieces in groups.items():
        route = named[route_id]
        link = _link("route", route_id, f"{route.number}. {route.name}") if linked else ">"
        parts.append(f"<g{link}{''.join(pieces)}</g>")
    for route_id, pieces in above.items():
        whose = f' data-above="{escape(route_id)}" data-of="{escape(route_id)}"' if linked else ""
        parts.append(f"<g{whose}>{''.join(pieces)}</g>")
    for place, x, y in dots:
        radius = 3.2 if place.priority == 1 else 2.3
        link = _link("place", place.id, place.name) if linked else ">"
        parts.append(
            f'<g{of(place.id)}{link}<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{palette.paper}" stroke="{palette.text}" '
            'stroke-width="1.2"/></g>'
        )
    for country, x, y in drawing.marks:
        fill = tints.get(country.iso3, palette.member)
        link = _link("member", country.iso3, country.name) if linked else ">"
        dot = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" stroke="{palette.text}" stroke-width=".9"/>'
        parts.append(f'<g fill="{fill}"{link}{dot}</g>')
    parts += [
        _name(
            label,
            palette,
            sea=any(p.id == label.place and p.sea for p, _, _ in drawing.dots),
            quiet=label.country and bool(drawing.lines),
            more=of(label.place),
        )
        for label in drawing.labels
    ]
    return "".join(parts)


def _line(line: Line, palette: Palette, linked: bool) -> str:
    colour = palette.tones[line.route.tone]
    path = _path([line.points])
    thin = WEIGHT * (0.5 if line.feeder else 1.0)
    dash = DASHES[line.route.strength]
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    faint = ' opacity=".8"' if line.feeder else ""
    x, y, turn = line.arrow
    head = 5.2 * (0.8 if line.feeder else 1.0)
    arrow = (
        f'<path d="M0 0L{-head:g} {head * 0.48:.1f}L{-head:g} {-head * 0.48:.1f}Z" transform="translate({x:.1f} {y:.1f}) '
        f'rotate({math.degrees(turn):.0f})" fill="{colour}"/>'
    )
    # the gaps of a pattern belong to the line
    whole = f'<path d="{path}" fill="none" stroke="transparent" stroke-width="5"/>' if linked else ""
    return (
        f'{whole}<path d="{path}" fill="none" stroke="{colour}" stroke-width="{thin:g}" stroke-linecap="round"{dashes}{faint}/>'
        f"{arrow}"
    )


def _sign(line: Line, palette: Palette) -> str:
    """The sign of a line's mode; empty where there was no room for it."""
    if not line.sign:
        return ""
    x, y = line.sign
    colour = palette.tones[line.route.tone]
    return (
        f'<g transform="translate({x:.1f} {y:.1f})"><circle r="6.4" fill="{palette.paper}" stroke="{colour}" stroke-width="1.1"/>'
        f'<path d="{SIGNS[line.leg.mode]}" fill="{colour}" stroke="{colour}" stroke-width=".5"/></g>'
    )


def _name(label: Label, palette: Palette, sea: bool = False, quiet: bool = False, more: str = "") -> str:
    weight = ' font-weight="600"' if label.strong and not sea else ""
    slant = ' font-style="italic"' if sea else ""
    colour = palette.tones["smuggling"] if sea else palette.quiet if quiet else palette.text
    tie = ""
    if label.tie:
        tie = f'<path d="{_path([list(label.tie)])}" stroke="{palette.text}" stroke-width=".7" pointer-events="none"{more}/>'
    return (
        f'{tie}<text x="{label.x:.1f}" y="{label.y:.1f}" text-anchor="{label.anchor}" font-size="{label.size:.1f}"{weight}{slant} '
        f'fill="{colour}" stroke="{palette.paper}" stroke-width="2.6" stroke-opacity=".85" stroke-linejoin="round" '
        f'paint-order="stroke" pointer-events="none"{more}>{escape(label.text)}</text>'
    )


def _tab(tab: Label, palette: Palette, drawing: Drawing) -> str:
    """A tab at the edge: the routes' numbers as badges, then where they lead."""
    left, top, right, bottom = tab.box
    tones = {line.route.number: palette.tones[line.route.tone] for line in drawing.lines}
    parts = [
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" height="{bottom - top:.1f}" rx="3" fill="{palette.paper}" '
        f'fill-opacity=".92" stroke="{palette.edge}" stroke-width=".8"/>'
    ]
    x = left + 4
    for number in tab.routes:
        parts.append(
            f'<rect x="{x:.1f}" y="{top + 2.5:.1f}" width="19" height="{bottom - top - 5:.1f}" rx="3" fill="{tones[number]}"/>'
            f'<text x="{x + 9.5:.1f}" y="{tab.y:.1f}" text-anchor="middle" font-size="{tab.size:.1f}" font-weight="700" '
            f'fill="{palette.paper}">{number}</text>'
        )
        x += 23
    parts.append(
        f'<text x="{x:.1f}" y="{tab.y:.1f}" font-size="{tab.size:g}" fill="{palette.text}">{escape(tab.text)}</text>'
    )
    return "".join(parts)


def _columns(entries: tuple[Entry, ...], width: float, size: float) -> tuple[int, float]:
    """How many entries stand beside each other in a legend of this width, and how far apart."""
    widest = max((25 + len(entry.text) * size * 0.46 + 4 for entry in entries), default=width)
    columns = max(1, int((width - 12) // widest))
    return columns, (width - 12) / columns


def legend_size(entries: tuple[Entry, ...], width: float, disclaimer: str, fine: float = FINE) -> float:
    """How high a legend of this width becomes."""
    size = max(LETTERS, fine)
    rows = math.ceil(len(entries) / _columns(entries, width, size)[0])
    lines = len(wrapped(disclaimer, width - 16, fine))
    return 12 + rows * (size + 7) + lines * (fine + 2.5)


def _legend(entries, box: Box, palette: Palette, disclaimer: str, fine: float) -> str:
    left, top, right, bottom = box
    size = max(LETTERS, fine)
    parts = [
        f'<rect x="{left:g}" y="{top:g}" width="{right - left:g}" height="{bottom - top:g}" rx="5" fill="{palette.paper}" '
        f'fill-opacity=".9" stroke="{palette.edge}" stroke-width=".6"/>'
    ]
    columns, step = _columns(entries, right - left, size)
    for n, entry in enumerate(entries):
        x, y = left + 8 + (n % columns) * step, top + 14 + (n // columns) * (size + 7)
        parts.append(_swatch(entry.swatch, x, y - 4, palette))
        parts.append(
            f'<text x="{x + 25:.1f}" y="{y:.1f}" font-size="{size}" fill="{palette.text}">{escape(entry.text)}</text>'
        )
    y = top + 12 + math.ceil(len(entries) / columns) * (size + 7)
    for n, words in enumerate(wrapped(disclaimer, right - left - 16, fine)):
        parts.append(
            f'<text x="{left + 8:.1f}" y="{y + n * (fine + 2.5):.1f}" font-size="{fine:.2f}" '
            f'fill="{palette.quiet}">{escape(words)}</text>'
        )
    return "".join(parts)


def _swatch(kind: str, x: float, y: float, palette: Palette) -> str:
    name, _, value = kind.partition(":")
    if name == "tone":
        return f'<rect x="{x:.1f}" y="{y - 4:.1f}" width="19" height="8" rx="2" fill="{palette.tones[value]}"/>'
    if name == "dash":
        dash = f' stroke-dasharray="{DASHES[value]}"' if DASHES[value] else ""
        return f'<path d="M{x:.1f} {y:.1f}h19" stroke="{palette.text}" stroke-width="1.8" stroke-linecap="round"{dash} fill="none"/>'
    if name == "sign":
        return (
            f'<g transform="translate({x + 9:.1f} {y:.1f})"><circle r="6.2" fill="{palette.paper}" stroke="{palette.text}"/>'
            f'<path d="{SIGNS[value]}" fill="{palette.text}"/></g>'
        )
    if name == "dotted":
        return f'<path d="M{x:.1f} {y:.1f}h19" stroke="{palette.border}" stroke-width="1.4" stroke-dasharray="1.5 2.5"/>'
    if name == "deaths":
        return f'<circle cx="{x + 9:.1f}" cy="{y:.1f}" r="6" fill="{palette.deaths}" fill-opacity=".28" stroke="{palette.deaths}"/>'
    fill = getattr(palette, value, value)
    return f'<rect x="{x:.1f}" y="{y - 5:.1f}" width="17" height="10" fill="{fill}" stroke="{palette.border}"/>'


def wrapped(text: str, width: float, size: float) -> list[str]:
    lines, current = [], ""
    for word in text.split():
        if current and (len(current) + 1 + len(word)) * size * 0.53 > width:
            lines.append(current)
            current = word
        else:
            current = f"{current} {word}".strip()
    return [*lines, current] if current else lines
