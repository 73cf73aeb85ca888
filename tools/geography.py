"""The map's own geography: `python -m tools.geography [--from world-atlas-2.0.2.tgz]` writes `data/geo/`.

Natural Earth 1:50m (public domain), as packed by the npm package `world-atlas`, becomes two small text files:

- `land.json`: two shapes without inner lines, "land" (all of it) and "members" (the land of all members as one shape),
- `members.json`: one feature per member with its ISO3, a point and whether it is too small to be seen as a shape.

Longitudes are moved into one window centred at 130° E, [WEST, WEST + 360), so that the Pacific is in one piece.
What was decided, and why, is told in `data/geo/README.md`.
"""

import argparse
import csv
import hashlib
import json
import math
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path

import shapely
from shapely.affinity import translate
from shapely.geometry import LineString, MultiPolygon, Polygon, box, mapping
from shapely.geometry.base import BaseGeometry

from corridors import catalog
from corridors.geo import DECIMALS, FOLDER, WEST, unwrapped, wrapped
from corridors.problems import NoNetwork, Problem, Refused, SourceRefused

PACKAGE = "world-atlas@2.0.2"
SHA512 = (
    "2177d5d2ac25297a5c933d458705d5c0a46388884e9d6b6d3ac926e42b7132c8"
    "e013f317018447589aa05cea4cf0891c3c1a179f24d4e651477186b90a11b42d"
)
INSIDE = "package/countries-50m.json"
LARGEST = 20_000_000  # bytes of the topology; it has 0.8 million

SOUTHERNMOST = -60.0  # Antarctica is left out: no route goes there and Mercator blows it up
NEAR = (32.0, -50.0, 192.0, 47.0)  # west, south, east, north: where the routes are; drawn finer than the rest
FINE, COARSE = 0.04, 0.15  # degrees; the root of the area of the smallest bend that is kept
FINE_ISLAND, COARSE_ISLAND = 12.0, 250.0  # km²: smaller islands are dropped, near and far
SMALL_MEMBER = 3_000.0  # km² of land; a smaller member keeps every island and is also marked by its point

# Natural Earth has shapes without an ISO code. Only these two matter to the shade of members.
BY_NAME = {
    "Indian Ocean Ter.": "AUS",  # Christmas Island and Cocos
    "Siachen Glacier": "",  # disputed between members: inside the members' shape, in no member's own
}


def main(arguments: list[str] | None = None) -> int:
    """Writes the geography and says how large it is. Returns 0, or 1 when refused (the files then stay as they are)."""
    parser = argparse.ArgumentParser(prog="python -m tools.geography", description=__doc__.splitlines()[0])
    parser.add_argument("--from", dest="archive", type=Path, metavar="FILE.tgz", help=f"{PACKAGE} as packed by npm")
    parser.add_argument("--into", type=Path, default=FOLDER, help="folder to write to (default: data/geo)")
    chosen = parser.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory() as temporary:
            archive = chosen.archive or fetched(Path(temporary))
            written = write(topology_in(archive), chosen.into)
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 1
    for path in written:
        print(f"{path}: {path.stat().st_size:,} bytes")
    return 0


def fetched(into: Path) -> Path:
    """The package's archive, fetched by npm into the folder `into`. Raises NoNetwork with npm's own last words."""
    cure = f"Fetch it elsewhere with “npm pack {PACKAGE}” and give it with --from."
    try:
        done = subprocess.run(
            ["npm", "pack", PACKAGE, "--silent"], cwd=into, capture_output=True, text=True, timeout=300, check=False
        )
    except (FileNotFoundError, subprocess.TimeoutExpired) as fault:
        raise NoNetwork(f"npm could not be run ({fault}). {cure}") from fault
    archives = sorted(into.glob("*.tgz"))
    if done.returncode != 0 or not archives:
        raise NoNetwork(f"npm pack {PACKAGE}: {(done.stderr.strip() or 'no archive came').splitlines()[-1]}. {cure}")
    return archives[0]


def topology_in(archive: Path, sha512: str = SHA512) -> dict:
    """The countries' topology in an npm archive. Raises SourceRefused when it is another one or unreadable."""

    def refused(found: str, expected: str) -> SourceRefused:
        return SourceRefused.of(archive.name, found, expected, f"Fetch it again with “npm pack {PACKAGE}”.")

    if not archive.is_file():
        raise refused("no such file", f"the archive of {PACKAGE}")
    found = hashlib.sha512(archive.read_bytes()).hexdigest()
    if found != sha512:
        raise refused(f"SHA-512 {found[:16]}…", f"{sha512[:16]}… ({PACKAGE})")
    try:
        with tarfile.open(archive, "r:gz") as tar:
            member = tar.getmember(INSIDE)
            if not member.isfile() or member.size > LARGEST:
                raise refused(f"{INSIDE} with {member.size} bytes", f"a file of at most {LARGEST} bytes")
            return json.load(tar.extractfile(member))
    except (tarfile.TarError, KeyError, OSError, ValueError) as fault:
        raise refused(str(fault), f"a gzipped archive with {INSIDE}") from fault


def decoded(topology: Mapping, layer: str = "countries") -> list[tuple[str, str, BaseGeometry]]:
    """(numeric code or "", name, shape) of each object of a TopoJSON layer, in degrees; its arcs are delta-coded."""
    (dx, dy), (x0, y0) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for deltas in topology["arcs"]:
        x = y = 0
        points = []
        for step_x, step_y in deltas:
            x, y = x + step_x, y + step_y
            points.append((x * dx + x0, y * dy + y0))
        arcs.append(points)

    def ring(indices: list[int]) -> list[tuple[float, float]]:
        points: list[tuple[float, float]] = []
        for index in indices:
            part = arcs[index] if index >= 0 else arcs[~index][::-1]  # ~index: the same arc walked backwards
            points += part[1:] if points else part
        return unwrapped(points)

    def polygon(rings: list[list[int]]) -> Polygon:
        outer, *holes = [ring(r) for r in rings]
        return Polygon(outer, holes)

    shapes = []
    for thing in topology["objects"][layer]["geometries"]:
        parts = {"Polygon": [thing.get("arcs")], "MultiPolygon": thing.get("arcs")}.get(thing["type"], [])
        shape = MultiPolygon([polygon(rings) for rings in parts])
        shapes.append((thing.get("id", ""), thing.get("properties", {}).get("name", ""), shape))
    return shapes


def in_window(shape: MultiPolygon) -> MultiPolygon:
    """The shape cut at the window's edges and joined at the antimeridian; without Antarctica."""
    window = box(WEST, SOUTHERNMOST, WEST + 360.0, 90.0)
    shape = shapely.make_valid(shape)
    copies = [translate(shape, shift).intersection(window) for shift in (-360.0, 0.0, 360.0)]
    return polygons(shapely.union_all(copies))


def polygons(shape: BaseGeometry) -> MultiPolygon:
    """Only the areas of a shape: points and lines, which cutting and rounding leave behind, are dropped."""
    return MultiPolygon(_areas(shape))


def _areas(part: BaseGeometry) -> list[Polygon]:
    if isinstance(part, Polygon):
        return [] if part.is_empty else [part]
    return [inner for deeper in getattr(part, "geoms", ()) for inner in _areas(deeper)]


def km2(part: BaseGeometry) -> float:
    """Area in km², good to a few per cent for an island: enough to tell a speck from a country."""
    return part.area * 111.32**2 * math.cos(math.radians(part.centroid.y)) if not part.is_empty else 0.0


def without_specks(shape: MultiPolygon, keep_all: bool) -> MultiPolygon:
    """The shape without the islands that nobody would see; the largest one stays always, and all with `keep_all`."""
    if keep_all or len(shape.geoms) < 2:
        return shape
    near = box(*NEAR)
    largest = max(shape.geoms, key=km2)
    return MultiPolygon(
        [p for p in shape.geoms if p is largest or km2(p) >= (FINE_ISLAND if near.intersects(p) else COARSE_ISLAND)]
    )


def rounded(shape: BaseGeometry) -> MultiPolygon:
    """The shape on a grid of 0.01°, valid; rings that collapse are gone (deck.gl calls them malformed)."""
    return polygons(shapely.set_precision(shapely.make_valid(shape), 10.0**-DECIMALS))


def simplified(shapes: list[MultiPolygon]) -> list[MultiPolygon]:
    """The shapes with fewer points, fine inside NEAR and coarse outside; neighbours still meet along the same line."""
    near = box(*NEAR)
    far = box(WEST, SOUTHERNMOST, WEST + 360.0, 90.0).difference(near)
    fine, coarse = shapely.coverage_simplify(shapes, FINE), shapely.coverage_simplify(shapes, COARSE)
    return [polygons(shapely.union(f.intersection(near), c.intersection(far))) for f, c in zip(fine, coarse)]


def drawn(topology: Mapping, vocabulary: catalog.Catalog) -> tuple[dict, dict, dict]:
    """The GeoJSON feature collections (land, members, borders) of a topology. Raises SourceRefused on an unusable one."""
    iso3_by_code = {c.m49: c.iso3 for c in vocabulary.countries.values() if c.m49}
    shapes: dict[str, list[MultiPolygon]] = {}
    for code, name, shape in decoded(topology):
        iso3 = iso3_by_code.get(code) or BY_NAME.get(name, "other")
        shapes.setdefault(iso3, []).append(in_window(shape))
    whole = {iso3: polygons(shapely.union_all(parts)) for iso3, parts in sorted(shapes.items())}
    areas = {iso3: sum(km2(p) for p in shape.geoms) for iso3, shape in whole.items()}
    small = {iso3 for iso3 in vocabulary.members if areas.get(iso3, 0.0) < SMALL_MEMBER}
    whole = {iso3: without_specks(s, iso3 in small) for iso3, s in whole.items() if not s.is_empty}
    if not whole:
        raise SourceRefused.of(INSIDE, "no land", "polygons of countries", f"Use {PACKAGE}.")
    simple = dict(zip(whole, simplified(list(whole.values()))))
    ours = [simple[iso3] for iso3 in ("", *vocabulary.members) if iso3 in simple]
    land = [
        _feature({"kind": "land"}, rounded(shapely.union_all(list(simple.values())))),
        _feature({"kind": "members"}, rounded(shapely.union_all(ours))),
    ]
    members = []
    for iso3, member in vocabulary.members.items():
        shape = rounded(simple[iso3]) if iso3 in simple else MultiPolygon()
        point = [round(wrapped(member.lon), DECIMALS), round(member.lat, DECIMALS)]
        members.append(_feature({"iso3": iso3, "point": point, "small": iso3 in small}, shape, point))
    return _collection(land), _collection(members), _collection(borders(simple, disputed()))


def disputed(path: Path = FOLDER / "disputed.csv") -> list[dict[str, str]]:
    """Boundaries that are undetermined or disputed, by the two codes and the box they lie in. Refuses rows it cannot use."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    faults = []
    for number, row in enumerate(rows, 2):
        try:
            west, south, east, north = (float(row[side]) for side in ("west", "south", "east", "north"))
            fine = west < east and south < north and row["drawn"] in ("dotted", "none") and row["why"].strip()
        except (KeyError, TypeError, ValueError):
            fine = False
        if not fine:
            faults.append(
                Problem(
                    path.name,
                    f"“{','.join(str(v) for v in row.values())[:80]}”",
                    "west < east, south < north in degrees, drawn dotted or none, and why",
                    "Correct the row.",
                    row=number,
                )
            )
    if faults:
        raise Refused(faults)
    return rows


def borders(shapes: Mapping[str, MultiPolygon], doubtful: list[dict[str, str]]) -> list[dict]:
    """Lines along which two countries meet, as features: kind solid or dotted. Coasts are none, nor is what is not to be drawn."""
    codes = [code for code in shapes if not shapes[code].is_empty]
    tree = shapely.STRtree([shapes[code] for code in codes])
    found: dict[str, list] = {"solid": [], "dotted": []}
    for n, code in enumerate(codes):
        for m in tree.query(shapes[code]):
            if m <= n:
                continue
            line = shapes[code].boundary.intersection(shapes[codes[m]].boundary)
            for row in doubtful:
                if line.is_empty or {row["a"], row["b"]} != {code, codes[m]}:
                    continue
                inside = box(*(float(row[side]) for side in ("west", "south", "east", "north")))
                if row["drawn"] == "dotted":
                    found["dotted"] += _lines(line.intersection(inside))
                line = line.difference(inside)
            found["solid"] += _lines(line)
    return [
        {
            "type": "Feature",
            "properties": {"kind": kind},
            "geometry": {
                "type": "MultiLineString",
                "coordinates": [
                    [[round(x, DECIMALS), round(y, DECIMALS)] for x, y in line.coords]
                    for line in _lines(shapely.line_merge(shapely.union_all(lines)))
                ],
            },
        }
        for kind, lines in found.items()
    ]


def _lines(part: BaseGeometry) -> list[LineString]:
    if isinstance(part, LineString):
        return [] if part.is_empty else [part]
    return [inner for deeper in getattr(part, "geoms", ()) for inner in _lines(deeper)]


def _feature(properties: dict, shape: MultiPolygon, point: list[float] | None = None) -> dict:
    """A GeoJSON feature; its geometry is the point where no area is left."""
    if shape.is_empty and point is not None:
        return {"type": "Feature", "properties": properties, "geometry": {"type": "Point", "coordinates": point}}
    wound = MultiPolygon([shapely.orient_polygons(p) for p in shape.geoms])  # outer rings counter-clockwise: RFC 7946
    areas = [
        [[[round(x, DECIMALS), round(y, DECIMALS)] for x, y in ring] for ring in part]
        for part in mapping(wound)["coordinates"]
    ]
    return {"type": "Feature", "properties": properties, "geometry": {"type": "MultiPolygon", "coordinates": areas}}


def _collection(features: list[dict]) -> dict:
    return {"type": "FeatureCollection", "features": features}


def write(topology: Mapping, into: Path) -> list[Path]:
    """Writes land.json, members.json and borders.json, one feature a line; returns their paths. Same input, same bytes."""
    land, members, lines = drawn(topology, catalog.load())
    into.mkdir(parents=True, exist_ok=True)
    written = []
    for name, collection in (("land.json", land), ("members.json", members), ("borders.json", lines)):
        features = ",\n".join(json.dumps(f, ensure_ascii=False, separators=(",", ":")) for f in collection["features"])
        path = into / name
        path.write_text('{"type":"FeatureCollection","features":[\n' + features + "\n]}\n", encoding="utf-8")
        written.append(path)
    return written


if __name__ == "__main__":
    sys.exit(main())
