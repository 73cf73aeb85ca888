"""The route map as data: what it draws for whom, and that it asks no other host for anything."""

import json

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors.charts import months, route_map, strip

LIGHT = route_map.palette(False)
LEGS = pd.DataFrame(
    [
        {
            "route_id": "R01",
            "branch": "a",
            "leg": 1,
            "from_place": "a",
            "to_place": "b",
            "from_name": "A",
            "to_name": "B",
            "mode": "sea",
            "crime": "both",
            "strength": "strong",
            "path": [[92.0, 21.0], [95.0, 12.0], [97.0, 5.0]],
        },
        {
            "route_id": "R02",
            "branch": "a",
            "leg": 1,
            "from_place": "b",
            "to_place": "c",
            "from_name": "B",
            "to_name": "C",
            "mode": "air",
            "crime": "smuggling",
            "strength": "none",
            "path": [[97.0, 5.0], [188.0, -13.8]],
        },
    ]
)
PLACES = pd.DataFrame(
    [
        {
            "place_id": "a",
            "name": "A",
            "country": "X",
            "lat": 21.0,
            "lon": 92.0,
            "kind": "town",
            "anchor": "start",
            "dx": 8,
            "dy": 0,
            "priority": 1,
        },
        {
            "place_id": "b",
            "name": "B",
            "country": "Y",
            "lat": 5.0,
            "lon": 97.0,
            "kind": "town",
            "anchor": "start",
            "dx": 8,
            "dy": 0,
            "priority": 1,
        },
        {
            "place_id": "c",
            "name": "C",
            "country": "Z",
            "lat": -13.8,
            "lon": -171.8,
            "kind": "sea",
            "anchor": "end",
            "dx": -8,
            "dy": 0,
            "priority": 2,
        },
    ]
)


def drawn(**choices) -> dict:
    """The map as the browser gets it, its layers by id."""
    deck = json.loads(route_map.deck(LEGS, PLACES, "app/static/land.json", LIGHT, **choices).to_json())
    return deck | {"layers": {layer["id"]: layer for layer in deck["layers"]}}


def test_no_base_map_and_no_address_but_our_own():
    text = route_map.deck(LEGS, PLACES, "app/static/land.json", LIGHT).to_json()
    assert "http" not in text and not json.loads(text).get("mapProvider")
    assert "\n" not in text  # pydeck's own JSON is three quarters white space


def test_land_has_no_stroke_and_one_colour_so_that_no_boundary_is_drawn():
    land = drawn()["layers"]["land"]
    assert land["stroked"] is False and land["getFillColor"] == list(LIGHT.land)


def test_pattern_tells_evidence_colour_tells_type_and_width_tells_nothing():
    weak, strong = drawn()["layers"]["legs"]["data"]  # weakest first: strong lies on top
    assert (weak["r"], strong["r"]) == ("R02", "R01") and weak["d"] != strong["d"]
    assert weak["c"][:3] == list(LIGHT.smuggling) and strong["c"][:3] == list(LIGHT.both)
    assert weak["w"] == strong["w"]


def test_chosen_route_stays_and_the_others_step_back():
    legs = {r["r"]: r for r in drawn(selected="R01")["layers"]["legs"]["data"]}
    assert legs["R02"]["c"][3] < 60 < legs["R01"]["c"][3] and legs["R01"]["w"] > legs["R02"]["w"]
    assert {n["n"] for n in drawn(selected="R01")["layers"]["places"]["data"]} - {route_map.DOT} == {"A", "B"}


def test_mode_is_a_letter_on_the_line():
    assert {m["n"] for m in drawn()["layers"]["modes"]["data"]} == {"S", "A"}


def test_a_region_at_sea_has_a_name_but_no_dot():
    layers = drawn()["layers"]
    marks = layers["places"]["data"]
    assert {m["i"] for m in marks if m["n"] == route_map.DOT} == {"a", "b"} and {m["i"] for m in marks} == {"a", "b", "c"}


def test_incidents_are_sized_by_area_and_their_source_and_kind_can_be_seen():
    rows = pd.DataFrame(
        [
            {
                "lon": 100.0,
                "lat": 8.0,
                "year": 2023,
                "month": 2,
                "people": 4,
                "quality": 1,
                "kind": "incident",
                "cause": "Drowning",
                "country": "X",
            },
            {
                "lon": 100.0,
                "lat": 8.0,
                "year": 2023,
                "month": 0,
                "people": 16,
                "quality": 5,
                "kind": "cumulative",
                "cause": "Drowning",
                "country": "X",
            },
        ]
    )
    weak, many = route_map.incident_marks(rows, LIGHT)
    assert (many["r"] - 1.6) == pytest.approx(2 * (weak["r"] - 1.6), abs=0.1)  # four times the people, twice the radius
    assert weak["f"][3] == 0 < many["f"][3] and many["w"] > weak["w"]
    assert "4 people" in weak["t"] and "February 2023" in weak["t"] and "Stands for many events" in many["t"]


@given(
    st.lists(
        st.tuples(st.floats(-180, 180), st.floats(-60, 60), st.text("abcdefgh ", min_size=1, max_size=14)), max_size=30
    ),
    st.floats(1.2, 8),
)
def test_names_never_run_into_one_another(places, zoom):
    names = [{"p": [lon, lat], "n": name, "a": "start", "o": [8, 0]} for lon, lat, name in places]
    kept = route_map.apart(names, zoom)
    assert all(k in names for k in kept) and (not names or names[0] in kept)
    assert route_map.apart(kept, zoom) == kept


@given(st.lists(st.lists(st.tuples(st.floats(-50, 310), st.floats(-70, 75)), min_size=2, max_size=5), max_size=6))
def test_a_view_is_always_on_the_globe(paths):
    latitude, longitude, zoom = route_map.view_of([[list(p) for p in path] for path in paths])
    assert -90 <= latitude <= 90 and -180 <= longitude <= 180 and 1 <= zoom <= 6


def test_the_letter_stands_half_way():
    assert route_map.middle([[0, 0], [10, 0]]) == [5, 0]
    assert route_map.middle([[170, 0], [190, 0]]) == [-180, 0]  # across the antimeridian


def test_the_months_say_which_and_how_many_rows_stand_for_many():
    rows = pd.DataFrame({"month": [1, 12], "people": [5, 90], "incidents": [2, 3], "cumulative": [0, 1]})
    assert months.headline(rows) == "Most were recorded in December: 90 people in 3 rows, 1 of them cumulative."
    assert months.draw(rows).layout.yaxis.rangemode == "tozero"


@pytest.mark.parametrize(("mine", "third"), [(1, "lower"), (5, "middle"), (9, "upper")])
def test_a_position_is_a_third_and_never_a_rank(mine, third):
    assert strip.in_words(mine, list(range(1, 10))) == f"in the {third} third of 9 members with a figure"


def test_a_strip_of_equal_values_can_be_drawn():
    assert strip.draw(3, [3, 3, 3]).startswith("data:image/svg+xml;base64,")
    assert strip.in_words(3, [3, 3, 3]) == "in the middle third of 3 members with a figure"
