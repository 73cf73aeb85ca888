"""The layout of route maps: nothing is written over anything else, nothing is forgotten, and it is the same each time."""

import itertools
import xml.etree.ElementTree as ET
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors import catalog
from corridors.charts import map_svg
from corridors.charts.map_layout import Leg, Place, Route, Window, fitted, lay_out, overlap
from corridors.store.queries import routes as route_queries
from corridors.views import maps

REGION = Window(38, -47, 182, 48, 1480, 1080)
MEKONG = (Window(88, -2, 110, 27, 420, 560), (1050.0, 10.0, 1470.0, 570.0))


@pytest.fixture(scope="module")
def network(edition_id) -> tuple[list[Route], list[Place]]:
    """All routes and places that the product carries."""
    legs = route_queries.legs(edition_id)
    places = [
        Place(p.place_id, p.name, p.lon, p.lat, int(p.priority), p.kind == "sea")
        for p in route_queries.places(edition_id).itertuples()
    ]
    routes = [
        Route(
            r.route_id,
            int(r.route_id[1:]),
            r.name,
            r.crime,
            r.strength,
            tuple(
                Leg(g.from_place, g.to_place, g.mode, tuple((float(x), float(y)) for x, y in g.path))
                for g in legs[legs.route_id == r.route_id].itertuples()
            ),
        )
        for r in route_queries.routes(edition_id).itertuples()
    ]
    return routes, places


@pytest.mark.parametrize("inset", [None, MEKONG], ids=["whole", "with an inset"])
def test_no_two_labels_overlap_each_leg_has_an_arrow_and_each_route_a_badge(network, inset):
    drawing = lay_out(*network, REGION, size=13, inset=inset)
    written = [*drawing.labels, *drawing.tabs]
    boxes = [thing.box for thing in written]
    assert len(drawing.labels) > 40
    assert not [(a.text, b.text) for n, a in enumerate(written) for b in written[n + 1 :] if overlap(a.box, b.box)]
    for left, top, right, bottom in boxes:
        assert left >= 0 and top >= 0 and right <= REGION.width and bottom <= REGION.height
    for line in drawing.lines:
        x, y, _ = line.arrow
        assert -1 <= x <= REGION.width + 1 and -1 <= y <= REGION.height + 1
    badged = {badge.route.id for badge in drawing.badges}
    if drawing.inset:
        badged |= {badge.route.id for badge in drawing.inset[0].badges}
    assert badged == {line.route.id for line in drawing.lines} == {route.id for route in network[0]}


def faults(drawn: maps.Map) -> list[str]:
    """What lies upon something else, or off its frame: names, tabs, numbers, signs, towns, inset, legend."""
    drawing, found = drawn.drawing, []
    wide, tall = drawing.window.width, drawing.window.height
    fixed = [("the inset", drawing.inset[1])] if drawing.inset else []
    written = [(thing.text, thing.box) for thing in (*drawing.labels, *drawing.tabs)]
    written += [(f"number {badge.route.number}", badge.box) for badge in drawing.badges]
    towns = [(place.name, (x - 2, y - 2, x + 2, y + 2)) for place, x, y in drawing.dots if not place.sea]
    legend = drawn.legend_box
    size = map_svg.legend_size(drawn.legend, legend[2] - legend[0], map_svg.DISCLAIMER, drawn.sheet.fine)
    assert size <= legend[3] - legend[1] + 0.1, "the legend holds its words"
    for n, (name, box) in enumerate([*written, *fixed]):
        if box[0] < -0.1 or box[1] < -0.1 or box[2] > wide + 0.1 or box[3] > tall + 0.1:
            found.append(f"{name} beyond the frame")
        found += [f"{name} upon {other}" for other, its in [*written, *fixed][n + 1 :] if overlap(box, its)]
    covers = [(f"number {badge.route.number}", badge.box) for badge in drawing.badges] + fixed
    covers += [(tab.text, tab.box) for tab in drawing.tabs]
    found += [f"{town} beneath {name}" for town, dot in towns for name, box in covers if overlap(dot, box)]
    if drawing.inset:
        inner, box = drawing.inset
        found += faults(replace(drawn, drawing=inner, frame=(0.0, 0.0, inner.window.width, inner.window.height)))
        assert inner.window.scale > drawing.window.scale * 1.3
    return found


@pytest.mark.parametrize("sheet", ["PAGE", "UPRIGHT", "MEMBER", "BRIEF", "PICTURE", "SLIDE"])
def test_nothing_on_any_map_lies_upon_anything_else(edition_id, sheet, monkeypatch):
    monkeypatch.setattr(maps, "laid", cache(maps.laid))  # one reading serves all maps
    paper, (known, _) = getattr(maps, sheet), maps.laid(edition_id)
    drawn = {}
    if sheet in ("PAGE", "UPRIGHT", "SLIDE"):
        drawn["all"] = maps.routes_map(edition_id, list(known), paper)
        for family in maps.families(edition_id).values():
            for zoom in (1,) if sheet == "SLIDE" else (1, 2, 4):
                drawn[family.id, zoom] = maps.routes_map(edition_id, family.routes, paper, family.bounds, zoom=zoom)
    if sheet in ("MEMBER", "BRIEF", "PICTURE", "SLIDE"):
        drawn |= {iso3: maps.member_map(edition_id, iso3, paper) for iso3 in catalog.load().members}
    if sheet == "MEMBER":
        routes = route_queries.routes(edition_id)
        pairs = {(a, b) for r in routes.itertuples() for a in r.origins for b in r.destinations if a != b}
        drawn |= {pair: maps.pair_map(edition_id, *pair, paper) for pair in sorted(pairs)[::7]}
    assert len(drawn) > 24
    for what, each in drawn.items():
        assert not overlap(each.frame, each.legend_box) and not faults(each), what
        numbered = {badge.route.id for badge in each.drawing.badges}
        numbered |= {badge.route.id for badge in each.drawing.inset[0].badges} if each.drawing.inset else set()
        assert numbered == {line.route.id for line in each.drawing.lines}, what
        hubs = {place.name for place, _, _ in each.drawing.dots if place.priority == 1 and not place.sea}
        if what != "all" or sheet != "SLIDE":  # 37 routes on a slide: not each hub has room for its name
            assert hubs <= {label.text for label in each.drawing.labels}, what


def test_the_same_input_gives_the_same_drawing(network):
    one, other = lay_out(*network, REGION, inset=MEKONG), lay_out(*network, REGION, inset=MEKONG)
    assert one == other and map_svg.paint(one) == map_svg.paint(other)


def test_legs_that_share_a_road_lie_beside_each_other():
    places = [Place("a", "A", 100, 10), Place("b", "B", 110, 10)]
    road = ((100.0, 10.0), (110.0, 10.0))
    routes = [
        Route("R01", 1, "one", "smuggling", "strong", (Leg("a", "b", "land", road),)),
        Route("R02", 2, "two", "both", "weak", (Leg("b", "a", "land", road[::-1]),)),
    ]
    first, second = lay_out(routes, places, fitted(road, 600, 400)).lines
    middle = [line.points[len(line.points) // 2] for line in (first, second)]
    assert abs(middle[0][1] - middle[1][1]) > 3


def test_air_legs_bow_the_same_way_in_both_directions():
    places = [Place("a", "A", 80, 10), Place("b", "B", 120, 12)]
    for start, end in (("a", "b"), ("b", "a")):
        at = {"a": (80.0, 10.0), "b": (120.0, 12.0)}
        leg = Leg(start, end, "air", (at[start], at[end]))
        (line,) = lay_out([Route("R01", 1, "one", "both", "fair", (leg,))], places, Window(70, -10, 130, 30, 900, 600)).lines
        straight = (line.points[0][1] + line.points[-1][1]) / 2
        assert line.points[len(line.points) // 2][1] < straight - 20


def test_what_leaves_the_paper_is_a_tab_with_its_route(network):
    window = fitted([(93, 5), (110, 25)], 560, 420)
    drawing = lay_out(*network, window)
    assert {"to Seoul", "from Kampala"} <= {tab.text for tab in drawing.tabs}
    assert all(tab.routes for tab in drawing.tabs)


def test_a_line_over_the_antimeridian_is_drawn_in_one_piece():
    places = [Place("suva", "Suva", 178.4, -18.1), Place("apia", "Apia", -171.8, -13.8)]
    leg = Leg("suva", "apia", "sea", ((178.4, -18.1), (-171.8, -13.8)))
    drawing = lay_out([Route("R27", 27, "r", "both", "weak", (leg,))], places, Window(150, -40, 210, 10, 900, 700))
    (line,) = drawing.lines
    assert abs(line.points[-1][0] - line.points[0][0]) < 200 and len(drawing.labels) == 2


@given(
    st.lists(
        st.tuples(st.floats(-179, 179), st.floats(-55, 70), st.floats(-179, 179), st.floats(-55, 70)),
        min_size=1,
        max_size=12,
    ),
    st.sampled_from(["land", "sea", "air"]),
)
def test_any_routes_can_be_drawn_and_no_label_lies_upon_another(ends, mode):
    places, routes = [], []
    for n, (x1, y1, x2, y2) in enumerate(ends):
        places += [Place(f"a{n}", f"Place {n}", x1, y1, n % 3 + 1), Place(f"b{n}", f"Town {n}", x2, y2, n % 3 + 1)]
        leg = Leg(f"a{n}", f"b{n}", mode, ((x1, y1), (x2, y2)))
        routes.append(Route(f"R{n:02}", n, "a route", "both", "none", (leg,)))
    drawing = lay_out(routes, places, REGION)
    written = [*drawing.labels, *drawing.tabs]
    assert not any(overlap(a.box, b.box) for n, a in enumerate(written) for b in written[n + 1 :])
    ET.fromstring(map_svg.paint(drawing, alt="A map <of> “everything” & more"))


def test_routes_and_members_can_be_focused_and_named_and_nothing_is_fetched(network):
    svg = map_svg.paint(lay_out(*network, REGION), linked=True, alt="All routes")
    root = ET.fromstring(svg)
    routes = [g for g in root.iter() if g.get("data-route") and g.tag.endswith("}g")]
    towns = {g.get("data-place") for g in root.iter() if g.get("data-place") and g.get("role") == "button"}
    assert {"dhaka", "bangkok"} <= towns
    assert len(routes) == len(network[0])
    assert all(g.get("tabindex") == "0" and g.get("role") == "button" and g.get("aria-label") for g in routes)
    assert "data-member" not in svg, "on a map of routes a member leads nowhere"
    about_members = map_svg.paint(lay_out(*network, REGION), linked=True, alt="All routes", tints={"THA": "own"})
    found = {m.get("data-member") for m in ET.fromstring(about_members).iter()}
    assert found >= {"THA", "FJI", "TUR", "NZL"}
    assert "href" not in svg and "url(" not in svg
    assert map_svg.DISCLAIMER.split(":")[0] in svg


@pytest.mark.parametrize("palette", [map_svg.LIGHT, map_svg.DARK], ids=["light", "dark"])
def test_every_tone_stands_out_from_sea_and_land(palette):
    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        return sum(
            w * (c / 12.92 if c <= 0.04 else ((c + 0.055) / 1.055) ** 2.4) for w, c in zip((0.2126, 0.7152, 0.0722), parts)
        )

    for tone, colour in [*palette.tones.items(), ("deaths", palette.deaths)]:
        for ground in (palette.sea, palette.land, palette.member):
            a, b = sorted((light(colour), light(ground)))
            assert (b + 0.05) / (a + 0.05) >= 3, (tone, ground)


# What eyes without one kind of cone see of linear red, green and blue (Machado and others 2009, severity 1).
SEEN = {
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
TO_XYZ = np.array(((0.4339, 0.3762, 0.1899), (0.2126, 0.7152, 0.0722), (0.0177, 0.1095, 0.8728)))  # white is 1, 1, 1


@pytest.mark.parametrize("palette", [map_svg.LIGHT, map_svg.DARK], ids=["light", "dark"])
@pytest.mark.parametrize("eyes", SEEN)
def test_colour_blind_eyes_tell_crimes_and_roles_apart(palette, eyes):
    def lab(colour: str):
        plain = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
        linear = np.where(plain <= 0.04, plain / 12.92, ((plain + 0.055) / 1.055) ** 2.4)
        x, y, z = np.cbrt(TO_XYZ @ np.clip(np.array(SEEN[eyes]) @ linear, 0, 1))
        return np.array((116 * y - 16, 500 * (x - y), 200 * (y - z)))

    for group in (("smuggling", "trafficking", "both"), ("origin", "transit", "destination")):
        for one, other in itertools.combinations(group, 2):
            apart = np.linalg.norm(lab(palette.tones[one]) - lab(palette.tones[other]))
            assert apart >= 15, f"{one} and {other} look alike: {apart:.0f}"
