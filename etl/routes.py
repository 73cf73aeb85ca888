"""The route folder as four checked tables: places, routes, legs, evidence.

The files are written by analysts (`data/editorial/routes/README.md` says how). Nothing is guessed and nothing is dropped: either
every row is sound, or `RoutesRefused` lists every fault with file, row, column and how to fix it.
"""

import re
import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import pandas as pd

from corridors.catalog import Catalog, tlp
from corridors.problems import Problem, Refused
from corridors.statistics import quality
from etl.paths import NoPath, kilometres, leg_path
from etl.routes_table import Table, open_table

REGION = "REGION"  # facts about the whole region: evidence without legs
_WORDS = tomllib.loads(Path(__file__).with_name("routes.toml").read_text(encoding="utf-8"))
COLUMNS: dict[str, list[str]] = _WORDS["columns"]
KINDS, ANCHORS, CRIMES, FORMS, STRENGTHS, VERIFIED, MODES, MONEY, PRICES, STATUSES = (
    tuple(_WORDS[name]) for name in "kinds anchors crimes forms strengths verified modes money prices statuses".split()
)
UNITS, MEASURES = (*_WORDS["units"], *MONEY), (*_WORDS["measures"], *PRICES)
LOWER_ONLY, UPPER_ONLY = ("more than", "at least"), ("fewer than", "up to")
BOUND_NOTES = ("", *LOWER_ONLY, *UPPER_ONLY, "open range")
FAR = 8000  # km from the capital: no territory of a member lies farther than that


class RoutesRefused(Refused):
    """The route files contradict themselves or the catalog; nothing of them was taken over."""

    heading = "The routes were not taken over. These must be fixed first:"


@dataclass(frozen=True)
class Routes:
    """The five tables in file order, text as text and numbers as float; `_row` is the row in the file.

    `legs` has `leg_id` (R01-a2) beside the columns of the file. Lists stay texts with "|" between the items.
    """

    places: pd.DataFrame
    routes: pd.DataFrame
    legs: pd.DataFrame
    evidence: pd.DataFrame
    families: pd.DataFrame | None = None


def read(folder: Path, catalog: Catalog) -> Routes:
    """The routes in `folder`. Raises RoutesRefused with every fault of every file."""
    problems: list[Problem] = []
    tables = {
        name: open_table(folder / f"{name}.csv", columns, "routes", problems)
        for name, columns in COLUMNS.items()
        if name != "families" or (folder / "families.csv").exists()  # routes may stand without families
    }
    checks = {"places": _places, "routes": _routes, "legs": _legs, "evidence": _evidence, "families": _families}
    for name, check in checks.items():
        if tables.get(name) is not None:
            check(tables[name], catalog)
            tables[name].no_persons()
    if None not in tables.values():
        _together(**tables)
    problems += [p for table in tables.values() if table is not None for p in table.sorted_problems()]
    if problems:
        raise RoutesRefused(problems)
    legs = tables["legs"].frame.astype({"leg": int})
    return Routes(
        places=tables["places"].frame.astype({"dx": int, "dy": int, "priority": int}),
        routes=tables["routes"].frame,
        legs=legs.assign(leg_id=legs["route_id"] + "-" + legs["branch"] + legs["leg"].astype(str)),
        evidence=tables["evidence"].frame,
        families=tables["families"].frame if "families" in tables else None,
    )


def via_points(text: str) -> list[tuple[float, float]]:
    """The way points of a sea leg as (longitude, latitude) pairs. Raises ValueError for text of another form."""
    points = []
    for part in filter(None, (p.strip() for p in text.split(";"))):
        lon, lat = (float(number) for number in part.split())
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            raise ValueError(part)
        points.append((lon, lat))
    return points


def strength(evidence: pd.DataFrame) -> str:
    """How well these rows of evidence carry a route at best: none, weak, fair or strong.

    Strong asks for a good figure (A or B with 1 or 2) read in the issuing body's own text, or for good figures of two issuing
    bodies read in two places; the press by itself is no issuing body, and one paper that quotes two bodies is one place.
    """
    letters, digits = evidence["reliability"], evidence["credibility"]
    known = letters.isin(list("ABC")) & digits.isin(list("123"))
    good = evidence[letters.isin(list("AB")) & digits.isin(list("12"))]
    bodies = good["source"].map(issuing_body)
    named = good[bodies != ""].assign(body=bodies)
    twice = min(named["body"].nunique(), named["source_ref"].nunique()) >= 2
    if evidence.empty or not known.any():
        return "none" if evidence.empty else "weak"
    return "strong" if twice or (named["verified"] == "yes").any() else "fair"


def issuing_body(source: str) -> str:
    """Who issued a figure, by the form "issuing body, how it was read"; empty where nobody but the press is named."""
    body = source.split(",")[0]
    return "" if re.match(r"(Press|Indian press|The Business Standard|One press)", body) else body


def _places(table: Table, catalog: Catalog) -> None:
    table.filled(["place_id", "name", "lat", "lon", "dx", "dy", "priority"])
    table.unique(["place_id"])
    table.pattern("place_id", r"[a-z0-9]+(-[a-z0-9]+)*", "a short name such as mae-sot")
    table.one_of("kind", KINDS, "Show towns and regions only: never a camp, a shelter, a compound or a crossing track.")
    table.one_of("anchor", ANCHORS)
    table.one_of("coordinates_verified", ("yes", "no"))
    table.numbers("lat", -90, 90, how_to_fix="See whether latitude and longitude are swapped; write digits with a point.")
    table.numbers("lon", -180, 180)
    table.numbers("dx", -80, 80)
    table.numbers("dy", -80, 80)
    table.numbers("priority", 1, 3, whole=True)
    at_sea = table.frame["kind"] == "sea"
    table.one_of("iso3", ("", *catalog.countries), "Give the ISO3 code; OTH where a region spans several countries.")
    nowhere = (table.frame["iso3"] == "") & ~at_sea
    table.fault(nowhere, "iso3", "place-without-country")
    for i, place in table.frame[["lat", "lon"]].dropna().join(table.frame[["iso3"]]).iterrows():
        if place.iso3 in catalog.members and (fault := misplaced(place.lat, place.lon, catalog.members[place.iso3])):
            table.fault(
                i,
                "lat",
                "place-elsewhere",
                lat=place.lat,
                lon=place.lon,
                name=catalog.place_name(place.iso3),
                how_to_fix=fault,
            )


def misplaced(lat: float, lon: float, member) -> str:
    """What seems wrong with a place of this member, said as how to fix it; empty when nothing does.

    A place is held against the capital: swapping the two numbers or losing a minus sign must bring it far nearer.
    """
    there = kilometres((lon, lat), (member.lon, member.lat))
    twists = {
        "Latitude and longitude seem to be swapped.": (lon, lat),
        "A minus sign seems to be missing or too many in the latitude.": (-lat, lon),
        "A minus sign seems to be missing or too many in the longitude.": (lat, -lon),
    }
    for how_to_fix, (y, x) in twists.items():
        if abs(y) <= 90 and there > 1000 and kilometres((x, y), (member.lon, member.lat)) < there / 3:
            return how_to_fix
    return "It lies too far away from its country; correct the country or the numbers." if there > FAR else ""


def _routes(table: Table, catalog: Catalog) -> None:
    table.filled(["route_id", "name", "summary", "told_by"])
    table.unique(["route_id"])
    table.pattern("route_id", rf"R\d{{2,3}}|{REGION}", f"an id such as R38, or {REGION}")
    table.one_of("crime", CRIMES)
    table.items("forms", FORMS)
    for column in ("origins", "transits", "destinations"):
        table.items(column, catalog.countries, "Give ISO3 codes with “|” between them.")
    for column in ("origins", "destinations"):
        missing = (table.frame[column] == "") & (table.frame["route_id"] != REGION)
        table.fault(missing, column, "route-without-end")
    table.one_of("strength", STRENGTHS)
    table.one_of("verified", VERIFIED)
    table.one_of("tlp", tlp.KEPT)


def _legs(table: Table, catalog: Catalog) -> None:
    table.filled(["route_id", "branch", "leg", "from_place", "to_place"])
    table.pattern("branch", r"[a-z]", "one letter: a, b, c")
    table.numbers("leg", 1, 40, whole=True)
    table.unique(["route_id", "branch", "leg"], "Number the legs of a branch 1, 2, 3 in order of travel.")
    table.one_of("mode", MODES)
    frame = table.frame
    standing = frame["from_place"] == frame["to_place"]
    table.fault(standing, "to_place", "leg-on-the-spot")
    dry = (frame["via"] != "") & (frame["mode"] != "sea")
    table.fault(dry, "via", "way-points-on-land")
    for i, text in frame["via"].items():
        try:
            via_points(text)
        except ValueError:
            table.fault(i, "via", "way-points-form", said=text)
    ordered = frame.dropna(subset=["leg"]).drop_duplicates(["route_id", "branch", "leg"])
    ordered = ordered.sort_values(["route_id", "branch", "leg"], kind="stable")
    before = ordered.groupby(["route_id", "branch"])["to_place"].shift()
    for i in ordered.index[before.notna() & (before != ordered["from_place"])]:
        table.fault(i, "from_place", "leg-apart", said=frame.at[i, "from_place"], ends=before[i])


def _evidence(table: Table, catalog: Catalog) -> None:
    table.filled(["evidence_id", "route_id", "what", "period_end", "period_text"])
    table.filled(["source", "source_ref"], "Name the issuing body and how it was read; no figure is shown without.")
    table.unique(["evidence_id"])
    for column, allowed in (
        ("measure", MEASURES),
        ("bound_note", BOUND_NOTES),
        ("approx", ("yes", "no")),
        ("unit", UNITS),
        ("stock_or_flow", ("", "stock", "flow")),
        ("reliability", tuple("ABCDEF")),
        ("credibility", tuple("123456")),
        ("status", STATUSES),
        ("verified", VERIFIED),
        ("tlp", tlp.KEPT),
    ):
        table.one_of(column, allowed)
    table.items("caveats", catalog.caveats, "The codes stand in corridors/catalog/caveats.toml.")
    for column in ("value", "lower", "upper"):
        table.numbers(column, 0, 1e13)
    for column in ("period_start", "period_end"):
        table.dates(column)
    frame = table.frame
    backwards = (frame["period_start"] > frame["period_end"]) & (frame["period_end"] != "")
    table.fault(backwards, "period_end", "evidence-period")
    own = [row.evidence_id.startswith(f"{row.route_id}-") for row in frame.itertuples()]
    table.fault(~pd.Series(own, frame.index, dtype=bool), "evidence_id", "evidence-id")
    lone = (frame["conflict"] != "") & (frame.groupby("conflict")["conflict"].transform("size") == 1)
    table.fault(lone, "conflict", "evidence-conflict-of-one")
    _amounts(table)


def _amounts(table: Table) -> None:
    """Value, bounds, note on bounds, unit and status must tell one story."""
    frame = table.frame
    value, lower, upper = (frame[c].notna() for c in ("value", "lower", "upper"))
    outside = (frame["value"] < frame["lower"]) | (frame["value"] > frame["upper"])
    table.fault(~(value | lower | upper), "value", "amount-missing")
    table.fault(frame["lower"] > frame["upper"], "lower", "amount-reversed")
    table.fault(outside, "value", "amount-outside")
    notes = {"lower-bound-alone": (lower & ~upper, LOWER_ONLY), "upper-bound-alone": (upper & ~lower, UPPER_ONLY)}
    for rule, (alone, allowed) in notes.items():
        table.fault(alone & ~frame["bound_note"].isin(allowed), "bound_note", rule, allowed=" or ".join(allowed))
    table.fault((frame["status"] == "masked") & (value | ~lower | ~upper), "status", "masked-without-bounds")
    for kind, rule in (("stock", "stock-not-marked"), ("flow", "flow-not-marked")):
        unmarked = (frame["measure"] == f"estimated_{kind}") & (frame["stock_or_flow"] != kind)
        table.fault(unmarked, "stock_or_flow", rule)
    bare = frame["measure"].isin(PRICES) & ~frame["unit"].isin(MONEY)
    table.fault(bare, "unit", "price-without-currency", money=", ".join(MONEY))


def _families(table: Table, catalog: Catalog) -> None:
    table.filled(["family_id", "name", "sentence", "routes", "west", "south", "east", "north"])
    table.unique(["family_id"])
    table.pattern("family_id", r"[a-z]+", "a short name such as andaman")
    table.numbers("west", -50, 310, how_to_fix="Longitudes run eastward from -50, so 190 is 170 West.")
    table.numbers("east", -50, 310)
    table.numbers("south", -60, 74)
    table.numbers("north", -60, 74)
    for low, high in (("west", "east"), ("south", "north")):
        table.fault(table.frame[low] >= table.frame[high], low, "family-window", high=high)


def _in_one_family(families: Table, routes: Table, known: set[str]) -> None:
    """Every route stands in exactly one family."""
    families.items("routes", known, "Add the route to routes.csv, or correct the id.")
    first: dict[str, int] = {}
    for family in families.frame.itertuples():
        for route_id in _items(family.routes):
            if route_id in first:
                found = f"{route_id}, which row {first[route_id]} has too"
                families.fault(family.Index, "routes", "route-in-two-families", found=found)
            first.setdefault(route_id, int(families.frame.at[family.Index, "_row"]))
    alone = ~routes.frame["route_id"].isin(first) & (routes.frame["route_id"] != REGION)
    routes.fault(alone, "route_id", "route-in-no-family")


def _together(places: Table, routes: Table, legs: Table, evidence: Table, families: Table | None = None) -> None:
    """What one file says of another."""
    known = set(routes.frame["route_id"])
    if families is not None:
        _in_one_family(families, routes, known - {REGION})
    for table in (legs, evidence):
        table.one_of("route_id", known, "Add the route to routes.csv, or correct the id.", show="a route of routes.csv")
    legless = ~routes.frame["route_id"].isin(legs.frame["route_id"]) & (routes.frame["route_id"] != REGION)
    routes.fault(legless, "route_id", "route-without-leg")
    _known_places(legs, list(places.frame["place_id"]))
    _listed_countries(legs, routes, dict(zip(places.frame["place_id"], places.frame["iso3"])))
    _known_stretches(evidence, legs, known)
    _earned_strength(routes, evidence)


def _known_places(legs: Table, known: list[str]) -> None:
    for column in ("from_place", "to_place"):
        for i, name in legs.frame[column].items():
            if name and name not in known:
                near = get_close_matches(name, known, 1, 0.6)
                hint = f"Did you mean “{near[0]}”? " if near else ""
                legs.fault(i, column, "leg-place-unknown", said=name, how_to_fix=hint + "Else add it to places.csv.")


def _listed_countries(legs: Table, routes: Table, country: dict[str, str]) -> None:
    """A leg touches only countries that its route lists, or the members' pages would miss the route."""
    listed = {
        route.route_id: set("|".join((route.origins, route.transits, route.destinations)).split("|"))
        for route in routes.frame.itertuples()
    }
    for leg in legs.frame.itertuples():
        for column in ("from_place", "to_place"):
            iso3 = country.get(getattr(leg, column), "")
            known = len(iso3) == 3 and iso3.isalpha()  # what is no code is named where it stands, once
            if known and leg.route_id in listed and iso3 not in listed[leg.route_id]:
                legs.fault(leg.Index, column, "leg-country-not-listed", iso3=iso3, route=leg.route_id)


def _known_stretches(evidence: Table, legs: Table, routes: set[str]) -> None:
    """Evidence names a leg (a1), a branch (a) or nothing (the whole route)."""
    known = {(leg.route_id, leg.branch) for leg in legs.frame.itertuples()}
    known |= {(leg.route_id, f"{leg.branch}{leg.leg:g}") for leg in legs.frame.itertuples()}
    for row in evidence.frame.itertuples():
        if row.leg and row.route_id in routes and (row.route_id, row.leg) not in known:
            evidence.fault(row.Index, "leg", "evidence-leg-unknown", said=row.leg, route=row.route_id)


def _earned_strength(routes: Table, evidence: Table) -> None:
    """No route is called better known than its evidence makes it; an analyst may call it less."""
    for route in routes.frame.itertuples():
        own = evidence.frame[evidence.frame["route_id"] == route.route_id]
        best = strength(own)
        if route.strength in STRENGTHS and STRENGTHS.index(route.strength) > STRENGTHS.index(best):
            allowed = f"at most “{best}”, by its evidence"
            routes.fault(route.Index, "strength", "strength-not-earned", said=route.strength, expected=allowed)


def tables(folder: Path, catalog: Catalog) -> dict[str, pd.DataFrame]:
    """The frames of `place`, `route_family`, `route`, `route_leg` and `route_evidence`.

    Raises RoutesRefused with every fault of the files, a leg that no water route joins included.
    """
    files = read(folder, catalog)
    route = files.routes.drop(columns="_row").assign(
        **{c: [_items(text) for text in files.routes[c]] for c in ("forms", "origins", "transits", "destinations")}
    )
    families, family_of = _labelled_families(files)
    return {
        "place": files.places.drop(columns=["_row", "coordinates_verified"]),
        "route_family": families,
        "route": route.assign(family_id=[family_of.get(r) for r in route["route_id"]]),
        "route_leg": _drawn_legs(files),
        "route_evidence": _graded_evidence(files.evidence),
    }


def _labelled_families(files: Routes) -> tuple[pd.DataFrame, dict[str, str]]:
    """The families, each with the label of its most widely shared route; and the family of each route."""
    columns = ["family_id", "name", "sentence", "west", "south", "east", "north"]
    if files.families is None:
        return pd.DataFrame(columns=[*columns, "position", "tlp", "deaths_on"]), {}
    label = files.routes.set_index("route_id")["tlp"]
    routes = files.families["routes"].map(_items)
    widest = [min((label[route] for route in mine), key=tlp.LABELS.index) for mine in routes]
    named = files.families["deaths_on"].map(_items)
    families = files.families[columns].assign(position=range(len(routes)), tlp=widest, deaths_on=named)
    return families, {route: family for family, mine in zip(families["family_id"], routes) for route in mine}


def _items(text: str) -> list[str]:
    return [item for item in text.split("|") if item]


def _drawn_legs(files: Routes) -> pd.DataFrame:
    """The legs with their path; each leg that cannot be drawn is named with its row."""
    places = {p.place_id: p for p in files.places.itertuples()}
    paths, problems = [], []
    for row in files.legs.to_dict("records"):
        start, end = places[row["from_place"]], places[row["to_place"]]
        try:
            path = leg_path(
                row["mode"], (start.lon, start.lat), (end.lon, end.lat), via_points(row["via"]), (start.name, end.name)
            )
            paths.append([list(point) for point in path])
        except NoPath as fault:
            problems += [
                Problem(
                    "legs.csv", str(text), "a path that can be drawn", "See the message.", column="mode", row=row["_row"]
                )
                for text in fault.problems
            ]
    if problems:
        raise RoutesRefused(problems)
    return files.legs.drop(columns=["_row", "leg_id", "via"]).assign(path=paths)


def _graded_evidence(evidence: pd.DataFrame) -> pd.DataFrame:
    """The evidence with dates, caveats as lists and a grade: press and experts score as such, an authority's own as a total."""
    grades = [_grade(row) for row in evidence.itertuples()]
    frame = evidence.drop(columns="_row").assign(
        approx=evidence["approx"] == "yes",
        caveats=[_items(text) for text in evidence["caveats"]],
        grade=[g.letter for g in grades],
        grade_reason=[g.reason for g in grades],
        period_start=pd.to_datetime(evidence["period_start"], errors="coerce").dt.date,
        period_end=pd.to_datetime(evidence["period_end"], errors="coerce").dt.date,
    )
    for column in ("bound_note", "conflict", "note", "leg"):
        frame[column] = frame[column].where(frame[column] != "", None)
    return frame


def _grade(row) -> quality.Grade:
    method = "expert" if row.status == "estimated" else "administrative total" if row.reliability == "A" else "media"
    return quality.grade(None, method, row.reliability, row.credibility)
