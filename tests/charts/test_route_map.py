"""The route map as data: what it draws for whom, and that it asks no other host for anything."""

import json

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors.charts import months, route_map, strip
from corridors.charts.map_svg import LIGHT
from corridors.charts.route_map import rgb

LEGS = pd.DataFrame(
    [
        ("R01", "a", 1, "a", "b", "A", "B", "sea", "both", "strong", [[92.0, 21.0], [95.0, 12.0], [97.0, 5.0]]),
        ("R02", "a", 1, "b", "c", "B", "C", "air", "smuggling", "none", [[97.0, 5.0], [188.0, -13.8]]),
    ],
    columns="route_id branch leg from_place to_place from_name to_name mode crime strength path".split(),
)
PLACES = pd.DataFrame(
    [
        ("a", "A", "X", 21.0, 92.0, "town", "start", 8, 0, 1),
        ("b", "B", "Y", 5.0, 97.0, "town", "start", 8, 0, 1),
        ("c", "C", "Z", -13.8, -171.8, "sea", "end", -8, 0, 2),
    ],
    columns="place_id name country lat lon kind anchor dx dy priority".split(),
)


def drawn(**choices) -> dict:
    """The map as the browser gets it, its layers by id."""
    deck = json.loads(route_map.deck(LEGS, PLACES, "app/static/land.json", LIGHT, **choices).to_json())
    return deck | {"layers": {layer["id"]: layer for layer in deck["layers"]}}


def test_no_base_map_and_no_address_but_our_own_and_land_without_a_boundary():
    text = route_map.deck(LEGS, PLACES, "app/static/land.json", LIGHT).to_json()
    assert "http" not in text and not json.loads(text).get("mapProvider")
    assert "\n" not in text  # pydeck's own JSON is three quarters white space
    land = drawn()["layers"]["land"]
    assert land["stroked"] is False and land["getFillColor"] == rgb(LIGHT.member)


def test_pattern_tells_evidence_colour_tells_type_and_width_tells_nothing():
    weak, strong = drawn()["layers"]["legs"]["data"]  # weakest first: strong lies on top
    assert (weak["r"], strong["r"]) == ("R02", "R01") and weak["d"] != strong["d"]
    assert weak["c"][:3] == rgb(LIGHT.tones["smuggling"]) and strong["c"][:3] == rgb(LIGHT.tones["both"])
    assert weak["w"] == strong["w"]


def test_chosen_route_stays_and_the_others_step_back():
    legs = {r["r"]: r for r in drawn(selected="R01")["layers"]["legs"]["data"]}
    assert legs["R02"]["c"][3] < 60 < legs["R01"]["c"][3] and legs["R01"]["w"] > legs["R02"]["w"]
    assert {n["n"] for n in drawn(selected="R01")["layers"]["places"]["data"]} - {route_map.DOT} == {"A", "B"}


def test_mode_is_a_letter_half_way_on_the_line_and_a_region_at_sea_has_a_name_but_no_dot():
    layers = drawn()["layers"]
    assert {m["n"] for m in layers["modes"]["data"]} == {"S", "A"}
    marks = layers["places"]["data"]
    assert {m["i"] for m in marks if m["n"] == route_map.DOT} == {"a", "b"} and {m["i"] for m in marks} == {"a", "b", "c"}
    assert route_map.middle([[0, 0], [10, 0]]) == [5, 0]
    assert route_map.middle([[170, 0], [190, 0]]) == [-180, 0]  # across the antimeridian


def test_incidents_are_sized_by_area_and_their_source_and_kind_can_be_seen():
    rows = pd.DataFrame(
        [
            (100.0, 8.0, 2023, 2, 4, 1, "incident", "Drowning", "X"),
            (100.0, 8.0, 2023, 0, 16, 5, "cumulative", "Drowning", "X"),
        ],
        columns="lon lat year month people quality kind cause country".split(),
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
