"""The evidence of a route in words: a figure that loses its source, its range or its rival here misleads an official."""

from types import SimpleNamespace

import pytest

from corridors.store.queries import routes as route_reading
from corridors.views import maps
from corridors.views import routes as prepare_routes


def piece(**fields) -> SimpleNamespace:
    return SimpleNamespace(**{"value": None, "lower": None, "upper": None, "approx": False, "bound_note": None} | fields)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"value": 569.0}, "569"),
        ({"value": 4500.0, "approx": True}, "about 4,500"),
        ({"lower": 3500.0, "bound_note": "more than"}, "over 3,500"),
        ({"lower": 120000.0, "bound_note": "at least"}, "at least 120,000"),
        ({"lower": 201.0, "upper": 209.0}, "201–209"),
        ({"upper": 10.0, "bound_note": "up to"}, "up to 10"),
        ({"value": 0.6}, "0.6"),
        ({}, "no number"),
    ],
)
def test_a_range_an_estimate_and_a_floor_are_said_as_what_they_are(fields, said):
    assert prepare_routes.evidence_amount(piece(**fields)) == said


def test_every_route_can_be_told_and_every_figure_has_source_period_and_grade(edition_id):
    for row in route_reading.routes(edition_id).itertuples():
        view = prepare_routes.route_view(edition_id, row.route_id)
        assert view.count == len(route_reading.evidence(edition_id, row.route_id)) and view.legs
        text = "\n".join(view.figures)
        assert "nan" not in text and "None" not in text and "<NA>" not in text, row.route_id
        assert text.count("Grade ") + text.count("Not graded") >= view.count
        assert text.count("*Limits:*") == view.count


@pytest.mark.parametrize(
    ("route", "words"),
    [
        ("R24", ["Sources differ", "243", "248"]),
        ("R35", ["50,000", "355"]),
        ("R33", ["725,000", "stock"]),
        ("R25", ["201–209"]),
    ],
)
def test_what_contradicts_a_stock_printed_as_a_flow_and_a_range_are_said_as_what_they_are(edition_id, route, words):
    blocks = prepare_routes.route_view(edition_id, route).figures
    text = next(b for b in blocks if "Sources differ" in b) if route == "R24" else "\n".join(blocks)
    assert all(word.lower() in text.lower() for word in words)


def test_a_member_finds_its_routes_with_its_role(edition_id):
    rows = route_reading.routes_of_member(edition_id, "THA").set_index("route_id")
    assert list(rows.roles["R37"]) == ["origin"] and "transit" in list(rows.roles["R02"])
    assert route_reading.routes_of_member(edition_id, "TON").empty


def test_the_road_from_afghanistan_into_iran_is_named_where_it_dominates(edition_id):
    text, months = prepare_routes.incident_summary(edition_id, "IRN", 2014, 2024)
    assert "One road, from Afghanistan into Iran" in text and len(months) == 12
    text, _ = prepare_routes.incident_summary(edition_id, "AUS", 2014, 2025)
    assert "One road" not in text


def test_paths_are_lists_that_the_map_can_draw_in_one_piece(edition_id):
    network = prepare_routes.network(edition_id)
    for path in network.legs.path:
        assert len(path) >= 2 and all(isinstance(x, float) and isinstance(y, float) for x, y in path)
        assert all(abs(a[0] - b[0]) <= 180 for a, b in zip(path, path[1:]))


def test_large_data_travels_once_and_by_its_content(tmp_path, monkeypatch):
    from corridors.views import static_files

    assert static_files.served("land", {"a": 1}) == {"a": 1}  # without our own server nobody would answer
    monkeypatch.setattr(static_files, "fetchable", True)
    monkeypatch.setattr(static_files, "FOLDER", tmp_path)
    first = static_files.served("land", {"a": 1})
    assert first == static_files.served("land", b'{"a":1}') and first.startswith("app/static/land-")
    assert [p.read_bytes() for p in tmp_path.iterdir()] == [b'{"a":1}']
    monkeypatch.setattr(static_files, "FOLDER", tmp_path / "gone")
    assert static_files.served("land", {"a": 1}) == {"a": 1}  # a disk that may not be written: the data travels along


def test_a_family_says_what_its_routes_have_in_common_and_a_route_leads_to_its_corridors(edition_id):
    families = maps.families(edition_id)
    said = prepare_routes.family_facts(edition_id, families["malacca"])
    assert "- From Indonesia on every route" in said and "- To Malaysia on every route" in said and "irregular work" in said
    assert "- Season of R01: " in prepare_routes.family_facts(edition_id, families["andaman"])
    pacific = prepare_routes.family_facts(edition_id, families["pacific"])
    assert "Season" not in pacific and "no collector has a name for these roads" in pacific


def test_a_family_counts_the_deaths_on_its_own_roads_only_with_period_use_and_source(edition_id):
    rows = route_reading.incidents(edition_id)
    counted = 0
    for family in maps.families(edition_id).values():
        said = prepare_routes.family_facts(edition_id, family)
        if not family.deaths_on:
            assert "no collector has a name" in said and "dead or missing" not in said
            continue
        found = route_reading.deaths_on(edition_id, family.deaths_on)
        drawn = rows[rows.route.isin(family.deaths_on)]
        assert found["people"] >= drawn.people.sum() > 0 and found["incidents"] >= len(drawn)
        assert f"at least {found['people']:,} people" in said and str(int(found["last"])) in said
        assert "Quote as a minimum." in said and "IOM, Missing Migrants Project" in said
        counted += 1
    assert counted == 2
    assert ("MMR", "MYS") in prepare_routes.pairs_of(edition_id, "R01") and len(
        prepare_routes.pairs_of(edition_id, "R10")
    ) == 4
