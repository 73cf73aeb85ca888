"""The imported land and member shapes, and the script that makes them, on small authored topologies. No network."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path

import pytest
import shapely
from shapely.geometry import Point, Polygon, box, shape

from corridors import catalog
from corridors.geo import FOLDER
from corridors.problems import Refused, SourceRefused
from tools import geography

GEO = Path(__file__).parents[2] / "data" / "geo"
LAND = {f["properties"]["kind"]: f for f in json.loads((GEO / "land.json").read_text(encoding="utf-8"))["features"]}
MEMBERS = {f["properties"]["iso3"]: f for f in json.loads((GEO / "members.json").read_text(encoding="utf-8"))["features"]}
EVERYTHING = [*LAND.values(), *MEMBERS.values()]
TINY = {"NRU", "MDV", "PLW", "TON", "WSM", "KIR", "MAC", "HKG", "SGP"}


def rings(feature: dict) -> list[list[list[float]]]:
    geometry = feature["geometry"]
    return [ring for part in geometry["coordinates"] for ring in part] if geometry["type"] == "MultiPolygon" else []


def test_every_member_has_a_shape_or_a_point_on_or_near_its_own_land_and_small_ones_are_marked():
    assert set(MEMBERS) == set(catalog.load().members) and len(MEMBERS) == 45
    assert {f["geometry"]["type"] for f in MEMBERS.values()} <= {"MultiPolygon", "Point"}
    assert all(f["geometry"]["coordinates"] for f in MEMBERS.values())
    assert {iso3 for iso3, f in MEMBERS.items() if f["properties"]["small"]} == TINY, "or they are lost at sea"
    strays = {i: shape(f["geometry"]).distance(Point(f["properties"]["point"])) for i, f in MEMBERS.items()}
    assert max(strays.values()) <= 0.3, strays
    west, _, east, _ = shape(MEMBERS["FJI"]["geometry"]).bounds
    assert 174 < west < 180 < east < 183, "Fiji is in one piece across the antimeridian"


def test_every_shape_can_be_drawn_by_deck_gl_in_the_maps_window():
    for feature in EVERYTHING:
        about = feature["properties"]
        assert shape(feature["geometry"]).is_valid, about
        for ring in rings(feature):
            assert len(ring) >= 4 and ring[0] == ring[-1] and Polygon(ring).area > 0, about
            assert all(a != b for a, b in zip(ring, ring[1:])), about
            for lon, lat in ring:
                assert geography.WEST <= lon <= geography.WEST + 360 and geography.SOUTHERNMOST <= lat <= 90
                assert round(lon, 2) == lon and round(lat, 2) == lat
            if feature in MEMBERS.values():  # an antimeridian that was not cut reaches across the whole map
                assert max(x for x, _ in ring) - min(x for x, _ in ring) < 70, about  # China, the widest, has 62
    assert sum((GEO / name).stat().st_size for name in ("land.json", "members.json")) <= 700_000, "for a first drawing"


def test_disputed_ground_between_members_is_plain_one_shape_without_a_line():
    members = shape(LAND["members"]["geometry"])
    disputed = {
        "Siachen": (77.0, 35.4),
        "Srinagar": (74.8, 34.1),
        "Gilgit": (74.3, 35.9),
        "Aksai Chin": (79.5, 35.0),
        "Arunachal": (94.5, 28.0),
        "Kalapani": (80.9, 30.2),
        "Doklam": (89.0, 27.3),
        "Panmunjom": (126.7, 37.95),
        "Preah Vihear": (104.68, 14.4),
    }
    assert not [name for name, place in disputed.items() if not members.contains(Point(place))]
    asia = next(part for part in members.geoms if part.contains(Point(77.0, 35.4)))
    assert [h for h in asia.interiors if box(66, 24, 106, 40).contains(h)] == []


def test_new_caledonia_is_a_member_and_france_is_not():
    west, south, east, north = shape(MEMBERS["NCL"]["geometry"]).bounds
    assert 158 < west and east < 169 and -23.5 < south and north < -17
    members, land = (shape(LAND[kind]["geometry"]) for kind in ("members", "land"))
    for lon, lat in [(2.35, 48.85), (55.5, -21.1)]:  # Paris, Réunion
        assert land.contains(Point(lon, lat)) and not members.contains(Point(lon, lat))


def test_islands_that_routes_need_are_still_there():
    land = shape(LAND["land"]["geometry"])
    for name, lon, lat in [
        ("Christmas Island", 105.69, -10.45),
        ("Langkawi", 99.8, 6.35),
        ("Batam", 104.03, 1.05),
        ("Rote", 123.12, -10.74),
        ("Jolo", 121.0, 6.05),
        ("Bongao", 119.77, 5.03),
        ("Ambon", 128.18, -3.69),
        ("Nunukan", 117.65, 4.14),
    ]:
        assert land.distance(Point(lon, lat)) < 0.15, name


def topology(*countries: tuple[str, str, list[list[tuple[float, float]]]]) -> dict:
    """A TopoJSON of (code, name, outer rings in degrees), one arc a ring, on a grid of 0.001°."""
    arcs, geometries = [], []
    for code, name, outlines in countries:
        indices = []
        for outline in outlines:
            grid = [(round((x + 180) * 1000), round((y + 90) * 1000)) for x, y in [*outline, outline[0]]]
            arcs.append([list(grid[0]), *([b[0] - a[0], b[1] - a[1]] for a, b in zip(grid, grid[1:]))])
            indices.append([[len(arcs) - 1]])
        geometries.append({"type": "MultiPolygon", "arcs": indices, "id": code, "properties": {"name": name}})
    for geometry in geometries:
        if not geometry["id"]:
            del geometry["id"]
    return {
        "type": "Topology",
        "transform": {"scale": [0.001, 0.001], "translate": [-180, -90]},
        "objects": {"countries": {"type": "GeometryCollection", "geometries": geometries}},
        "arcs": arcs,
    }


def square(x: float, y: float, side: float) -> list[tuple[float, float]]:
    return [(x, y), (x, y + side), (x + side, y + side), (x + side, y)]


def drawn(*countries) -> tuple[dict[str, shapely.Geometry], dict[str, dict]]:
    land, members, _ = geography.drawn(topology(*countries), catalog.load())
    return (
        {f["properties"]["kind"]: shape(f["geometry"]) for f in land["features"]},
        {f["properties"]["iso3"]: f for f in members["features"]},
    )


def packed(folder: Path, content: bytes, name: str = geography.INSIDE) -> tuple[Path, str]:
    archive = folder / "small.tgz"
    with tarfile.open(archive, "w:gz") as tar:
        info = tarfile.TarInfo(name)
        info.size = len(content)
        tar.addfile(info, io.BytesIO(content))
    return archive, hashlib.sha512(archive.read_bytes()).hexdigest()


def test_arcs_are_shared_and_walked_backwards_by_the_neighbour():
    shared = {
        "transform": {"scale": [1, 1], "translate": [10, 20]},
        "arcs": [[[1, 0], [0, 1]], [[1, 1], [-1, 0], [0, -1], [1, 0]], [[1, 0], [1, 0], [0, 1], [-1, 0]]],
        "objects": {
            "countries": {
                "geometries": [
                    {"type": "Polygon", "arcs": [[0, 1]], "id": "356", "properties": {"name": "left"}},
                    {"type": "Polygon", "arcs": [[2, -1]], "id": "586", "properties": {"name": "right"}},
                ]
            }
        },
    }
    (_, _, left), (_, _, right) = geography.decoded(shared)
    assert left.equals(box(10, 20, 11, 21)) and right.equals(box(11, 20, 12, 21))


def test_a_country_at_the_antimeridian_comes_back_in_one_piece_and_is_not_drawn_around_the_world():
    _, members = drawn(("242", "Fiji", [square(177, -19, 3), square(-180, -19, 1)]))
    assert shape(members["FJI"]["geometry"]).equals(box(177, -19, 181, -16).difference(box(180, -18, 181, -16)))
    assert len(shape(members["FJI"]["geometry"]).geoms) == 1
    jumping = [(179.0, -17.0), (179.0, -16.0), (-179.0, -16.0), (-179.0, -17.0)]
    _, members = drawn(("242", "Fiji", [jumping]))
    assert shape(members["FJI"]["geometry"]).equals(box(179, -17, 181, -16))


def test_land_is_cut_at_the_windows_edge_and_antarctica_is_left_out():
    land, _ = drawn(("304", "Greenland", [square(-52, 60, 4)]))
    assert land["land"].equals(shapely.union_all([box(-50, 60, -48, 64), box(308, 60, 310, 64)]))
    land, _ = drawn(("010", "Antarctica", [square(100, -80, 5)]), ("356", "India", [square(75, 20, 5)]))
    assert land["land"].bounds == (75, 20, 80, 25)
    with pytest.raises(SourceRefused, match="no land"):
        drawn(("010", "Antarctica", [square(100, -80, 5)]))


def test_specks_are_dropped_but_not_those_of_a_small_member():
    big, speck = square(110, 0, 3), square(120, 0, 0.03)
    atolls = [square(73, 1, 0.2), square(74, 3, 0.03)]
    _, members = drawn(("360", "Indonesia", [big, speck]), ("462", "Maldives", atolls))
    assert len(members["IDN"]["geometry"]["coordinates"]) == 1
    assert len(members["MDV"]["geometry"]["coordinates"]) == 2
    assert members["MDV"]["properties"]["small"] and not members["IDN"]["properties"]["small"]


def test_a_member_whose_land_collapses_when_rounded_or_is_missing_becomes_its_point():
    _, members = drawn(("520", "Nauru", [square(166.931, -0.531, 0.003)]))
    assert members["NRU"]["geometry"] == {"type": "Point", "coordinates": members["NRU"]["properties"]["point"]}
    assert members["WSM"]["geometry"] == {"type": "Point", "coordinates": [188.23, -13.83]}, "in the map's window"


def test_ground_without_a_code_joins_the_members_shape_only_where_it_is_disputed_between_them():
    land, members = drawn(("356", "India", [square(75, 30, 2)]), ("", "Siachen Glacier", [square(77, 30, 2)]))
    assert land["members"].equals(box(75, 30, 79, 32))
    assert shape(members["IND"]["geometry"]).equals(box(75, 30, 77, 32))
    land, _ = drawn(("356", "India", [square(75, 20, 2)]), ("", "Somaliland", [square(45, 9, 2)]))
    assert land["members"].equals(box(75, 20, 77, 22)) and land["land"].contains(Point(46, 10))


def test_the_same_archive_gives_the_same_bytes(tmp_path):
    content = json.dumps(topology(("356", "India", [square(75, 20, 5)]))).encode()
    archive, digest = packed(tmp_path, content)
    once = [p.read_bytes() for p in geography.write(geography.topology_in(archive, digest), tmp_path / "a")]
    again = [p.read_bytes() for p in geography.write(geography.topology_in(archive, digest), tmp_path / "b")]
    assert once == again and all(json.loads(text) for text in once)


def test_another_archive_than_the_pinned_one_is_refused_and_nothing_is_written(tmp_path, capsys):
    archive, _ = packed(tmp_path, b"{}")
    assert geography.main(["--from", str(archive), "--into", str(tmp_path / "geo")]) == 1
    assert "SHA-512" in capsys.readouterr().err and not (tmp_path / "geo").exists()


@pytest.mark.parametrize("content, name", [(b"{", geography.INSIDE), (b"{}", "package/other.json")])
def test_a_broken_archive_is_refused_with_what_to_do(tmp_path, content, name):
    archive, digest = packed(tmp_path, content, name)
    with pytest.raises(SourceRefused, match="npm pack"):
        geography.topology_in(archive, digest)


def test_a_file_that_is_no_archive_or_not_there_is_refused_by_name(tmp_path):
    plain = tmp_path / "plain.tgz"
    plain.write_bytes(b"not an archive")
    with pytest.raises(SourceRefused, match="gzipped archive"):
        geography.topology_in(plain, hashlib.sha512(b"not an archive").hexdigest())
    with pytest.raises(SourceRefused, match="gone.tgz.*no such file"):
        geography.topology_in(tmp_path / "gone.tgz")


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        (("356", "India", [square(75, 20, 2)]), ("050", "Bangladesh", [square(77, 20, 2)]), "solid"),
        (("356", "India", [square(75, 33, 2)]), ("586", "Pakistan", [square(73, 33, 2)]), "dotted"),  # disputed
    ],
)
def test_a_boundary_is_a_line_between_two_countries_and_no_coast_and_a_disputed_one_is_dotted(one, other, kind):
    _, _, borders = geography.drawn(topology(one, other), catalog.load())
    found = {f["properties"]["kind"]: f["geometry"]["coordinates"] for f in borders["features"]}
    assert {kind for kind in found if found[kind]} == {kind}
    assert {x for line in found[kind] for x, _ in line} == {77.0 if kind == "solid" else 75.0}


def test_bad_rows_of_disputed_lines_are_named_with_file_and_row(tmp_path):
    path = tmp_path / "disputed.csv"
    head = "id,name,a,b,west,south,east,north,drawn,why\n"
    path.write_text(
        head + "x,X,IND,PAK,80,30,70,40,dotted,because\ny,Y,IND,PAK,70,30,80,40,wavy,because\n", encoding="utf-8"
    )
    with pytest.raises(Refused) as refusal:
        geography.disputed(path)
    assert "row 2" in str(refusal.value) and "row 3" in str(refusal.value)


def test_the_imported_boundaries_leave_no_disputed_line_solid():
    features = json.loads((FOLDER / "borders.json").read_text(encoding="utf-8"))["features"]
    solid = next(f for f in features if f["properties"]["kind"] == "solid")["geometry"]["coordinates"]
    dotted = next(f for f in features if f["properties"]["kind"] == "dotted")["geometry"]["coordinates"]
    korea = shapely.box(126.0, 37.5, 128.4, 38.7)
    assert not any(shapely.LineString(line).intersects(korea) for line in solid)
    assert any(shapely.LineString(line).intersects(korea) for line in dotted)
