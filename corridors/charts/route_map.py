"""The route map as a pydeck Deck: land, legs, places, incidents. No base map, no request to any other host.

Colour tells the type, the line's pattern and strength tell how good the evidence is, a letter in the middle tells the
mode. Width tells nothing: figures of different routes cannot be compared. Land has no strokes and one colour, so no
boundary is drawn.
"""

import json
import math

import pandas as pd
import pydeck as pdk
from pydeck.bindings.json_tools import default_serialize

from corridors.catalog import words
from corridors.charts.map_svg import Palette

DOT = "●"
LETTERS = {"land": "L", "sea": "S", "air": "A"}
DASHES = {"strong": [0, 0], "fair": [6, 3], "weak": [2, 3], "none": [1, 5]}
OPACITY = {"strong": 255, "fair": 230, "weak": 205, "none": 175}
PIXELS = pdk.types.String("pixels")
CENTRE = (6.0, 108.0, 2.7)  # latitude, longitude, zoom of the first view
FONT = pdk.types.String('"Source Sans", "Source Sans Pro", sans-serif')
HAZE = 0.55  # air legs cross everything: they step back unless their route is chosen


def rgb(colour: str) -> list[int]:
    """A colour of the drawn map as deck.gl wants it."""
    return [*bytes.fromhex(colour.lstrip("#"))]


class Deck(pdk.Deck):
    """A Deck whose JSON has no indentation: pydeck's own is three quarters white space."""

    def to_json(self) -> str:
        """The map as compact JSON, the same text for the same map."""
        return json.dumps(self, sort_keys=True, default=default_serialize, separators=(",", ":"))


def deck(
    legs: pd.DataFrame,
    places: pd.DataFrame,
    land: str | dict,
    palette: Palette,
    selected: str | None = None,
    incidents: str | list | None = None,
    years: tuple[int, int] = (2014, 2100),
    months: tuple[int, int] = (0, 12),
    view: tuple[float, float, float] = CENTRE,
) -> pdk.Deck:
    """The map of the given legs and places. `land` and `incidents` are addresses on our own host, or the data itself.

    `selected` is a route: its legs stay strong and its places are named, the others step back. Rows that the filters
    left out are simply not in `legs`.
    """
    layers = [_sea(palette), _land(land, palette)]
    if incidents is not None:
        layers.append(_incidents(incidents, years, months))
    layers += _legs(legs, palette, selected)
    layers += _places(places, legs, palette, selected, view[2])
    return Deck(
        layers=layers,
        map_provider=None,
        # the wheel scrolls the page
        views=[pdk.View(type="MapView", controller={"scrollZoom": False, "keyboard": True}, repeat=True)],
        initial_view_state=pdk.ViewState(latitude=view[0], longitude=view[1], zoom=view[2], min_zoom=1.2, max_zoom=8),
        tooltip={"html": "{t}", "style": {"fontSize": "14px", "maxWidth": "320px"}},
    )


def _sea(palette: Palette) -> pdk.Layer:
    around = [[-180, -85], [0, -85], [180, -85], [180, 85], [0, 85], [-180, 85]]
    return pdk.Layer("SolidPolygonLayer", id="sea", data=[{"p": around}], get_polygon="p", get_fill_color=rgb(palette.sea))


def _land(land: str | dict, palette: Palette) -> pdk.Layer:
    return pdk.Layer(
        "GeoJsonLayer",
        id="land",
        data=land,
        stroked=False,
        filled=True,
        get_fill_color=rgb(palette.member),
        wrap_longitude=True,
        pickable=False,
    )


def _legs(legs: pd.DataFrame, palette: Palette, selected: str | None) -> list[pdk.Layer]:
    """All legs in one layer (each further one is another program for the graphics card), weakest first: strong lies on top."""
    rows, letters = [], []
    for leg in legs.sort_values("strength", key=lambda s: s.map(list(DASHES)[::-1].index), kind="stable").itertuples():
        back = selected is not None and leg.route_id != selected
        solid = OPACITY[leg.strength] * (HAZE if leg.mode == "air" and leg.route_id != selected and len(legs) > 60 else 1)
        colour = [*rgb(palette.tones[leg.crime]), 45 if back else round(solid)]
        label_html = f"<b>{leg.route_id}</b> {leg.from_name} to {leg.to_name}, by {leg.mode}"
        rows.append(
            {
                "r": leg.route_id,
                "p": leg.path,
                "c": colour,
                "w": 4.5 if leg.route_id == selected else 2.4,
                "d": DASHES[leg.strength],
                "t": label_html,
            }
        )
        if not back and (selected is not None or len(legs) <= 60):
            letters.append({"p": middle(leg.path), "s": LETTERS[leg.mode], "r": leg.route_id, "t": label_html})
    made = [
        pdk.Layer(
            "PathLayer",
            id="legs",
            data=rows,
            get_path="p",
            get_color="c",
            get_width="w",
            width_units=PIXELS,
            width_min_pixels=2,
            get_dash_array="d",
            dash_justified=True,
            extensions=[{"@@type": "PathStyleExtension", "dash": True}],
            pickable=True,
            auto_highlight=True,
            wrap_longitude=True,
        )
    ]
    if letters:
        marks = [
            m
            for row in letters
            for m in haloed({"p": row["p"], "n": row["s"], "s": 12, "a": "middle", "o": [0, 0]}, palette)
        ]
        made.append(_text("modes", marks, pickable=False))
    return made


def _places(
    places: pd.DataFrame, legs: pd.DataFrame, palette: Palette, selected: str | None, zoom: float
) -> list[pdk.Layer]:
    """Dots for all places, names for those that matter first and do not run into one another at the first zoom."""
    shown = set(legs.from_place) | set(legs.to_place)
    mine = legs[legs.route_id == selected] if selected else legs.iloc[:0]
    named = set(mine.from_place) | set(mine.to_place)
    few = len(shown) <= 14
    dots, names = [], []
    for place in places[places.place_id.isin(shown)].itertuples():
        back = bool(selected) and place.place_id not in named
        about = {
            "p": [signed(place.lon), place.lat],
            "i": place.place_id,
            "t": place.name if pd.isna(place.country) else f"{place.name}, {place.country}",
        }
        if place.kind != "sea":
            dots.append(
                about | {"n": DOT, "s": 13, "a": "middle", "o": [0, 0], "c": [*rgb(palette.text), 80 if back else 255]}
            )
        if place.place_id in named or (not selected and (few or place.priority == 1)):
            names.append(about | {"n": place.name, "s": 14, "a": place.anchor, "o": [place.dx, place.dy]})
    return [_text("places", dots + [m for name in apart(names, zoom) for m in haloed(name, palette)], pickable=True)]


def haloed(mark: dict, palette: Palette) -> list[dict]:
    """A text with a rim in the colour of the paper: the same text four times around it, then itself."""
    x, y = mark["o"]
    rim = [
        mark | {"o": [x + dx, y + dy], "c": [*rgb(palette.paper), 235]}
        for dx, dy in ((-1.5, 0), (1.5, 0), (0, -1.5), (0, 1.5))
    ]
    return [*rim, mark | {"c": [*rgb(palette.text), 255]}]


def _text(name: str, marks: list[dict], pickable: bool) -> pdk.Layer:
    """Dots, names and letters are all text: one program for the graphics card instead of three."""
    return pdk.Layer(
        "TextLayer",
        id=name,
        data=marks,
        get_position="p",
        get_text="n",
        get_size="s",
        get_color="c",
        get_text_anchor="a",
        get_pixel_offset="o",
        character_set=pdk.types.String("auto"),
        get_alignment_baseline=pdk.types.String("center"),
        font_weight=600,
        font_family=FONT,
        pickable=pickable,
    )


def _incidents(data: str | list, years: tuple[int, int], months: tuple[int, int]) -> pdk.Layer:
    """Circles whose area follows the people lost. Filled: sources 3 to 5; ring only: 1 or 2. The browser filters by year and month."""
    return pdk.Layer(
        "ScatterplotLayer",
        id="incidents",
        data=data,
        get_position="p",
        get_radius="r",
        radius_units=PIXELS,
        radius_min_pixels=2,
        radius_max_pixels=46,
        filled=True,
        stroked=True,
        get_fill_color="f",
        get_line_color="l",
        get_line_width="w",
        line_width_units=PIXELS,
        pickable=True,
        get_filter_value="v",
        filter_range=[list(years), list(months)],
        extensions=[{"@@type": "DataFilterExtension", "filterSize": 2}],
    )


def incident_marks(incidents: pd.DataFrame, palette: Palette) -> list[dict]:
    """The incidents as marks for the map: position, radius in pixels (area ∝ people), fill, ring, [year, month], text.

    A cumulative row (many events in one) has a wide ring; a row that rests on one press report or a survey is a ring only.
    """
    marks = []
    for row in incidents.itertuples():
        weak = not row.quality >= 3
        many = row.kind == "cumulative"
        people = f"{row.people:,} {'person' if row.people == 1 else 'people'}"
        quality = f"source quality {int(row.quality)} of 5" if row.quality == row.quality else "source quality not stated"
        when = f"{words.MONTHS[row.month]} {row.year}" if row.month else str(row.year)
        marks.append(
            {
                "p": [round(row.lon, 2), round(row.lat, 2)],
                "r": round(1.6 + 1.5 * math.sqrt(row.people), 1),
                "f": [*rgb(palette.deaths), 0 if weak else 90],
                "l": [*rgb(palette.deaths), 255],
                "w": 3 if many else 1,
                "v": [row.year, row.month],
                "t": f"<b>{people} dead or missing</b>, {when}<br>{row.country}. {row.cause}. {quality[0].upper() + quality[1:]}"
                + (". Stands for many events" if many else ""),
            }
        )
    return marks


def middle(path: list) -> list[float]:
    """The point half-way along a path, longitude within ±180."""
    lengths = [math.dist(a, b) for a, b in zip(path, path[1:])]
    left = sum(lengths) / 2
    for (a, b), length in zip(zip(path, path[1:]), lengths):
        if length and left <= length:
            share = left / length
            return [round(signed(a[0] + (b[0] - a[0]) * share), 2), round(a[1] + (b[1] - a[1]) * share, 2)]
        left -= length
    return [signed(path[-1][0]), path[-1][1]]


def apart(names: list[dict], zoom: float) -> list[dict]:
    """The names that do not overlap an earlier one at this zoom (boxes of the text at 14 pixels); the rest stay as dots."""
    scale, taken, kept = 512 * 2**zoom / 360, [], []
    for name in names:
        lon, lat = name["p"]
        x = lon % 360 * scale + name["o"][0]
        y = -math.degrees(math.log(math.tan(math.radians(45 + lat / 2)))) * scale + name["o"][1]
        width = 7.4 * len(name["n"]) + 6
        left = x - {"start": 0, "middle": width / 2, "end": width}[name["a"]]
        box = (left, y - 9, left + width, y + 9)
        if not any(box[0] < t[2] and t[0] < box[2] and box[1] < t[3] and t[1] < box[3] for t in taken):
            taken.append(box)
            kept.append(name)
    return kept


def signed(longitude: float) -> float:
    """The longitude within ±180."""
    return (longitude + 180) % 360 - 180


def view_of(paths: list[list]) -> tuple[float, float, float]:
    """A view (latitude, longitude, zoom) that holds all paths."""
    points = [p for path in paths for p in path]
    if not points:
        return CENTRE
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    # A map of about 480 by 540 pixels (the narrowest it is drawn) holds 340/2^zoom degrees of longitude.
    span = max(east - west, (north - south) * 1.1, 3.0) * 1.15
    return ((south + north) / 2, signed((west + east) / 2), round(min(6.0, max(1.2, math.log2(340 / span))), 2))
