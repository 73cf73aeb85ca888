"""Paths of legs: on water by sea, continuous everywhere, the same each time. On the imported land; no network."""

from __future__ import annotations

import json
import math
from itertools import pairwise

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import shape

from corridors.geo import FOLDER
from corridors.problems import Refused
from etl import paths
from etl.paths import NoPath, NoWaterRoute, leg_path
from tests.sampling import all_or

PLACES = {
    "Colombo": (79.85, 6.93),
    "Christmas Island": (105.69, -10.45),
    "Kupang": (123.61, -10.18),
    "Ashmore": (123.05, -12.25),
    "Broome": (122.24, -17.96),
    "Cox's Bazar": (92.01, 21.43),
    "Lhokseumawe": (97.15, 5.18),
    "Trincomalee": (81.23, 8.57),
    "Auckland": (174.76, -36.85),
    "Negombo": (79.84, 7.21),
    "Réunion": (55.45, -20.88),
    "Batam": (104.03, 1.05),
    "Tanjung Balau": (104.26, 1.61),
    "Nunukan": (117.65, 4.14),
    "Tawau": (117.89, 4.24),
    "Kunming": (102.72, 25.04),
    "Apia": (-171.77, -13.83),
    "Cocos": (96.83, -12.19),
    "Suva": (178.44, -18.14),
    "Kaohsiung": (120.30, 22.63),
    "Christmas": (105.69, -10.45),
    "Nauru": (166.93, -0.53),
    "Dili": (125.57, -8.56),
    "Darwin": (130.84, -12.46),
    "Quito": (-78.5, -0.2),
    "Tijuana": (-117.04, 32.51),
    "Dubai": (55.27, 25.2),
    "Dhaka": (90.41, 23.81),
}
BY_SEA = [
    ("Colombo", "Christmas Island"),
    ("Kupang", "Ashmore"),
    ("Kupang", "Broome"),
    ("Cox's Bazar", "Lhokseumawe"),
    ("Trincomalee", "Auckland"),
    ("Negombo", "Réunion"),
    ("Batam", "Tanjung Balau"),
    ("Nunukan", "Tawau"),
    ("Negombo", "Cocos"),
    ("Kaohsiung", "Suva"),
    ("Christmas", "Nauru"),
    ("Dili", "Darwin"),
    ("Apia", "Auckland"),
]
GROUND = json.loads((FOLDER / "land.json").read_text(encoding="utf-8"))["features"]
LAND = shape(next(f for f in GROUND if f["properties"]["kind"] == "land")["geometry"])
shapely.prepare(LAND)


def leg(mode: str, start: str, end: str, **more) -> list[tuple[float, float]]:
    return leg_path(mode, PLACES[start], PLACES[end], names=(start, end), **more)


def km(path) -> float:
    return paths.EARTH.line_length(*zip(*path)) / 1000


def km_on_land(path) -> float:
    """Measured otherwise than the code does: a point every kilometre, those within 25 km of the ends left out."""
    lons, lats = [], []
    for (x0, y0), (x1, y1) in pairwise(path):
        steps = max(2, math.ceil(km([(x0, y0), (x1, y1)])))
        lons += [x0 + (x1 - x0) * i / steps for i in range(steps)]
        m0, m1 = (math.asinh(math.tan(math.radians(y))) for y in (y0, y1))
        lats += [math.degrees(math.atan(math.sinh(m0 + (m1 - m0) * i / steps))) for i in range(steps)]
    reach = min(25.0, 0.4 * km([path[0], path[-1]]))
    wet = shapely.contains_xy(LAND, [(x + 50) % 360 - 50 for x in lons], lats)
    return sum(
        1 for inside, x, y in zip(wet, lons, lats) if inside and min(km([(x, y), path[0]]), km([(x, y), path[-1]])) > reach
    )


def continuous(path) -> bool:
    return all(abs(a[0] - b[0]) <= 180 for a, b in pairwise(path))


def same_place(a, b) -> bool:
    return abs((a[0] - b[0] + 180) % 360 - 180) <= 0.0051 and abs(a[1] - b[1]) <= 0.0051


@pytest.mark.parametrize("start, end", BY_SEA)
def test_a_sea_leg_stays_on_water_from_its_true_start_to_its_true_end(start, end):
    path = leg("sea", start, end)
    assert same_place(path[0], PLACES[start]) and same_place(path[-1], PLACES[end])
    assert continuous(path)
    assert km_on_land(path) <= 4


def test_a_way_does_not_bend_back_and_a_short_hop_goes_round_the_island_and_not_round_the_sea():
    path = leg("sea", "Negombo", "Cocos")
    lats = [lat for _, lat in path]
    assert lats == sorted(lats, reverse=True) and km(path) < 1.05 * km([path[0], path[-1]])
    path = leg("sea", "Nunukan", "Tawau")
    assert len(path) > 2 and km(path) < 2 * km([path[0], path[-1]])


@pytest.mark.parametrize(
    ("start", "end", "via", "said"),
    [
        ("Lhokseumawe", "Kunming", [], r"Lhokseumawe → Kunming.*km of land near.*via points in legs\.csv"),
        ("Lhokseumawe", "Dhaka", [], "Dhaka"),  # a town far up a river is no port
        ("Kupang", "Broome", [(134.0, -24.0)], "Kupang → Broome"),
    ],
)
def test_a_landlocked_end_or_way_is_refused_with_both_ends_and_what_to_do(start, end, via, said):
    with pytest.raises(NoWaterRoute, match=said) as refused:
        leg("sea", start, end, via=via)
    assert isinstance(refused.value, Refused) and isinstance(refused.value, ValueError), (
        "as this project and as Python know it"
    )


def test_via_points_lead_the_way():
    by = [(100.0, -20.0), (125.0, -45.0)]
    path = leg("sea", "Trincomalee", "Auckland", via=by)
    assert [p for p in path if p in by] == by
    assert km_on_land(path) <= 4


def test_a_flight_follows_the_great_circle():
    path = leg("air", "Dubai", "Auckland")
    assert km(path) == pytest.approx(km([PLACES["Dubai"], PLACES["Auckland"]]), rel=0.001)
    assert 5 <= len(path) <= 34
    path = leg("air", "Dubai", "Quito")  # over the Atlantic in one piece
    assert continuous(path) and path[0][0] - path[-1][0] == pytest.approx(133.77)


@pytest.mark.parametrize("mode", ["sea", "air", "land"])
def test_a_leg_across_the_antimeridian_does_not_jump_around_the_world(mode):
    there, back = leg(mode, "Apia", "Auckland"), leg(mode, "Auckland", "Apia")
    assert there[0] == (188.23, -13.83) and there[-1] == (174.76, -36.85)
    assert back[-1] == (188.23, -13.83)
    assert continuous(there) and continuous(back)
    path = leg("land", "Quito", "Tijuana")  # the Americas lie on the map's right-hand side
    assert path[0] == (281.5, -0.2) and path[-1] == (242.96, 32.51)


def test_the_way_out_and_the_way_back_by_land_lie_apart():
    out, back = leg("land", "Dhaka", "Kunming"), leg("land", "Kunming", "Dhaka")
    assert shapely.LineString(out).hausdorff_distance(shapely.LineString(back)) > 1
    assert 2 <= len(out) <= 12


def test_land_and_air_go_through_their_via_points():
    for mode in ("land", "air"):
        assert (98.58, 16.71) in leg(mode, "Dhaka", "Kunming", via=[(98.58, 16.71)])


@pytest.mark.parametrize(
    "mode, start, end, said",
    [
        ("boat", (100.0, 10.0), (101.0, 10.0), "unknown mode “boat”"),
        ("air", (10.0, 100.0), (101.0, 10.0), "no place on the map"),  # swapped
        ("air", (100.0, 10.0), (float("nan"), 10.0), "no place on the map"),
        ("land", (100.0, 10.0), (float("inf"), 10.0), "no place on the map"),
        ("sea", (100.0, 10.0), (100.001, 10.0), "on one spot"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(mode, start, end, said):
    with pytest.raises(NoPath, match=said):
        leg_path(mode, start, end)


points = st.tuples(st.floats(-180, 180), st.floats(-80, 80))


def sound(path, start, end) -> None:
    assert len(path) >= 2 and continuous(path)
    assert all(math.isfinite(x) and -85 <= y <= 85 and (round(x, 2), round(y, 2)) == (x, y) for x, y in path)
    assert all(a != b for a, b in pairwise(path))
    assert same_place(path[0], start) and same_place(path[-1], end)


@settings(max_examples=all_or(20, 150), deadline=None)
@given(st.sampled_from(["air", "land"]), points, points, st.lists(points, max_size=2))
def test_any_journey_by_land_or_air_is_finite_continuous_and_repeatable(mode, start, end, via):
    try:
        path = leg_path(mode, start, end, via)
    except NoPath as refused:
        assert "on one spot" in str(refused)
        return
    sound(path, start, end)
    assert path == leg_path(mode, start, end, via)


@settings(max_examples=all_or(8, 30), deadline=None)
@given(points, points)
def test_any_journey_by_sea_is_on_water_or_refused(start, end):
    try:
        path = leg_path("sea", start, end)
    except NoPath:
        return
    sound(path, start, end)
    assert km_on_land(path) <= 6
    assert path == leg_path("sea", start, end)
