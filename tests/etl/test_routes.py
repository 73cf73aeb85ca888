"""The route tables: the imported ones are sound and keep their traps, and every bad input is named with row and how to fix it."""

import csv
from pathlib import Path

import pandas as pd
import pytest

from corridors import catalog as vocabulary
from corridors.problems import Problem
from etl.routes import REGION, RoutesRefused, misplaced, read, strength, tables, via_points

IMPORTED = Path(__file__).parents[2] / "data" / "editorial" / "routes"

SOUND = {
    "places.csv": """\
place_id,name,iso3,lat,lon,kind,anchor,dx,dy,priority,coordinates_verified
dhaka,Dhaka,BGD,23.81,90.41,town,start,8,0,1,no
kolkata,Kolkata,IND,22.57,88.36,town,end,-8,0,2,no
mumbai,Mumbai,IND,19.08,72.88,town,end,-8,0,2,no
arabian-sea,Arabian Sea,,15.00,65.00,sea,middle,0,-14,3,no
""",
    "routes.csv": """\
route_id,name,crime,forms,origins,transits,destinations,season,summary,methods,told_by,fees,strength,verified,tlp
R01,Dhaka to Mumbai,both,labour|fishing,BGD,,IND,,"People travel, and work.",,Police,,strong,partly,CLEAR
REGION,The whole region,both,,,,,,Facts of no single route.,,Police,,none,no,CLEAR
""",
    "legs.csv": """\
route_id,branch,leg,from_place,to_place,mode,via,note
R01,a,1,dhaka,kolkata,land,,
R01,a,2,kolkata,mumbai,land,,
R01,b,1,mumbai,arabian-sea,sea,70.00 18.00; 68.00 16.00,
""",
    "evidence.csv": """\
evidence_id,route_id,leg,measure,what,value,lower,upper,bound_note,approx,unit,stock_or_flow,period_start,\
period_end,period_text,source,source_ref,reliability,credibility,caveats,conflict,status,verified,tlp,note
R01-01,R01,a1,recorded_victims,Victims found,12,,,,no,people,flow,2023-01-01,2023-12-31,2023,Police,site 2024,\
B,2,C01|C05,R01-x,reported,yes,CLEAR,
R01-02,R01,a,recorded_victims,Victims found,,10,14,,no,people,flow,2023-01-01,2023-12-31,2023,Press,site 2024,\
C,3,C99,R01-x,reported,partly,CLEAR,
R01-03,R01,,arrived,People who arrived,,1,4,,no,people,flow,,2023-12-31,To 2023,Police,site 2024,\
A,2,C33,,masked,yes,CLEAR,
R01-04,R01,b1,fee,Fee paid,,3500,,more than,no,USD,,2023-01-01,2023-12-31,2023,Press,site 2024,\
C,3,C50,,reported,no,CLEAR,
""",
}


@pytest.fixture(scope="module")
def catalog():
    return vocabulary.load()


@pytest.fixture(scope="module")
def imported(catalog):
    return read(IMPORTED, catalog)


def written(folder: Path, **changes: tuple[str, str]) -> Path:
    """The sound tables in `folder`, with one text replaced in the files named by `changes`."""
    for name, text in SOUND.items():
        old, new = changes.get(name.removesuffix(".csv"), ("", ""))
        assert old in text, f"{old!r} does not stand in {name}"
        (folder / name).write_text(text.replace(old, new, 1) if old else text, encoding="utf-8")
    return folder


def refused(folder: Path, catalog) -> list[Problem]:
    with pytest.raises(RoutesRefused) as refusal:
        read(folder, catalog)
    assert all(p.how_to_fix and p.expected and p.found for p in refusal.value.problems)
    return refusal.value.problems


def test_an_analysts_sound_tables_are_read_as_they_stand(tmp_path, catalog):
    routes = read(written(tmp_path), catalog)
    assert list(routes.legs["leg_id"]) == ["R01-a1", "R01-a2", "R01-b1"]
    assert routes.evidence.loc[2, ["lower", "upper"]].tolist() == [1, 4]
    assert routes.evidence["value"].isna().tolist() == [False, True, True, True]
    assert routes.places["dx"].tolist() == [8, -8, -8, 0]
    assert routes.routes["summary"].iloc[0] == "People travel, and work."


def test_a_file_saved_by_a_spreadsheet_with_a_byte_order_mark_is_read(tmp_path, catalog):
    written(tmp_path)
    path = tmp_path / "places.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert read(tmp_path, catalog).places["place_id"].iloc[0] == "dhaka"


BAD = list(
    csv.DictReader(Path(__file__).with_name("routes_refused.csv").read_text(encoding="utf-8").splitlines(keepends=True))
)


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad["what"])
def test_bad_input_is_named_with_file_row_and_how_to_fix_it(bad, tmp_path, catalog):
    problems = refused(written(tmp_path, **{bad["table"]: (bad["old"], bad["new"])}), catalog)
    file = "legs.csv" if bad["column"] == "from_place" else f"{bad['table']}.csv"
    there = [p for p in problems if (p.file, str(p.row), p.column) == (file, bad["row"], bad["column"])]
    assert any(bad["how_to_fix"] in p.how_to_fix for p in there), problems


def test_a_route_with_no_leg_is_named_but_the_region_needs_none(tmp_path, catalog):
    extra = "REGION,The whole region", "R02,No way,both,,BGD,,IND,,Nothing.,,Police,,none,no,CLEAR\nREGION,The whole region"
    (problem,) = refused(written(tmp_path, routes=extra), catalog)
    assert (problem.file, problem.row, problem.found) == ("routes.csv", 3, "a route with no leg")


def test_all_faults_of_all_files_are_listed_at_once_in_the_order_of_the_file(tmp_path, catalog):
    written(tmp_path, places=("22.57", "x"), legs=("mumbai,land", "mumbai,rail"), evidence=(",Police,site", ",,site"))
    (tmp_path / "routes.csv").unlink()
    problems = refused(tmp_path, catalog)
    rows = [("routes.csv", None), ("places.csv", 3), ("legs.csv", 3), ("evidence.csv", 2)]
    assert [(p.file, p.row) for p in problems] == rows


def test_a_file_that_a_spreadsheet_saved_with_semicolons_is_the_same_file(tmp_path, catalog):
    path = written(tmp_path) / "places.csv"
    before = read(tmp_path, catalog).places
    path.write_text(SOUND["places.csv"].replace(",", ";"), encoding="utf-8")
    pd.testing.assert_frame_equal(read(tmp_path, catalog).places, before)


def test_a_file_that_cannot_be_read_says_so_without_sending_the_analyst_to_a_download(tmp_path, catalog):
    path = written(tmp_path) / "places.csv"
    for spoilt, found in (
        (SOUND["places.csv"].replace("Dhaka,BGD", "Dhäka,BGD").encode("latin-1"), "a byte that is not UTF-8"),
        (SOUND["places.csv"].replace(",lon,", ",long,").encode(), "no such column"),
        (SOUND["places.csv"].replace("Kolkata,", "Kolkata,India,").encode(), "a line with more cells (12) than the header"),
        (SOUND["places.csv"].replace("Kolkata", '"Kol\nkata"').encode(), "a line break inside a cell"),
        (b"", "an empty file"),
    ):
        path.write_bytes(spoilt)
        first = refused(tmp_path, catalog)[0]
        assert first.file == "places.csv" and found in first.found
        assert "ownload" not in first.how_to_fix


def test_places_far_from_their_capital_are_not_called_misplaced_and_way_points_are_longitude_and_latitude(catalog):
    far = {"AUS": (-12.17, 96.83), "USA": (21.31, -157.86), "KIR": (1.87, -157.40)}  # Cocos Islands, Honolulu, Kiritimati
    far["IDN"] = (5.18, 97.15)  # north of the equator, capital south of it
    assert not [iso3 for iso3, place in far.items() if misplaced(*place, catalog.members[iso3])]
    assert via_points("103.90 1.20; -157 21.3") == [(103.9, 1.2), (-157.0, 21.3)]
    assert via_points("") == []


def row(imported, **wanted):
    frame = imported.evidence
    for column, value in wanted.items():
        frame = frame[frame[column] == value]
    assert len(frame) == 1, frame[["evidence_id", "what"]]
    return frame.iloc[0]


def test_all_37_routes_and_the_region_are_imported_and_each_members_page_finds_its_own(imported, catalog):
    assert list(imported.routes["route_id"]) == [f"R{n:02d}" for n in range(1, 38)] + [REGION]
    assert set(imported.legs["route_id"]) == set(imported.routes["route_id"]) - {REGION}
    assert imported.legs.groupby("route_id")["branch"].nunique().max() <= 6  # more cannot be read on a map
    assert not imported.legs.duplicated(["route_id", "from_place", "to_place", "mode"]).any(), (
        "drawn twice it looks better known"
    )
    listed = set("|".join(imported.routes[["origins", "transits", "destinations"]].to_numpy().ravel()).split("|")) - {""}
    assert listed <= set(catalog.countries) and len(listed & set(catalog.members)) >= 30
    found = [r for text in pd.read_csv(IMPORTED / "families.csv").routes for r in text.split("|")]
    assert len(found) == len(set(found)) and set(found) == set(imported.routes["route_id"]) - {REGION}, "each in one family"


def test_no_figure_stands_without_source_period_and_grade(imported):
    for column in ("source", "source_ref", "period_end", "period_text", "what", "reliability", "credibility"):
        assert (imported.evidence[column] != "").all(), column
    assert (imported.evidence["tlp"] == "CLEAR").all()


TRAPS = {  # which row → what it must say, and caveats that it must bear
    "a stock is never shown as a flow": (
        {"route_id": "R33", "value": 725000},
        {"measure": "estimated_stock", "stock_or_flow": "stock", "verified": "no"},
        {"C73"},
    ),
    "the figure of route 35 that nobody counted": ({"route_id": "R35", "value": 50000}, {"reliability": "E"}, {"C72"}),
    "scam sites, whose people may be held": (
        {"route_id": "R10", "lower": 120000},
        {"bound_note": "at least", "status": "estimated"},
        set(),
    ),
    "those freed there, by an armed group": ({"route_id": "R10", "value": 7141}, {"reliability": "D"}, {"C80", "C81"}),
    "a first count that was revised": ({"route_id": "R34", "value": 1323}, {"status": "provisional"}, {"C98"}),
}


@pytest.mark.parametrize("trap", TRAPS)
def test_the_careful_wording_of_each_trap_is_kept(imported, trap):
    wanted, says, caveats = TRAPS[trap]
    found = row(imported, **wanted)
    assert found[list(says)].to_dict() == says and caveats <= set(found["caveats"].split("|"))
    assert "may be held" in found["what"] or wanted.get("lower") != 120000
    assert "C99" not in found["caveats"] or wanted["route_id"] != "R34", "a revision is no disagreement"


@pytest.mark.parametrize(("route", "one", "other"), [("R35", 50000, 355), ("R34", 1323, 1306)])
def test_two_figures_of_one_thing_stand_side_by_side(imported, route, one, other):
    first, second = row(imported, route_id=route, value=one), row(imported, route_id=route, value=other)
    assert first["conflict"] == second["conflict"] != ""


def test_masked_months_stay_a_range(imported):
    masked = imported.evidence[imported.evidence["status"] == "masked"]
    assert (masked["value"].isna() & masked["lower"].notna() & masked["upper"].notna()).all()
    assert masked["caveats"].str.contains("C33").all()
    year = masked[(masked["lower"] == 201) & (masked["upper"] == 209)]
    assert year["route_id"].tolist() == ["R25"]


def test_every_row_in_a_conflict_says_so_in_its_caveats(imported):
    conflicts = imported.evidence[imported.evidence["conflict"] != ""]
    assert conflicts["caveats"].str.contains("C98|C99").all()
    values = conflicts.groupby("conflict")[["value", "lower", "upper"]].apply(lambda g: len(g.drop_duplicates()))
    assert (values >= 2).all()


def test_sources_that_disagree_are_both_kept(imported):
    def values(conflict):
        return set(imported.evidence.loc[imported.evidence["conflict"] == conflict, "value"].dropna())

    assert values("R24-2019-aboard") == {243, 248}
    assert values("R11-2024-11") == {27, 32}
    assert values("REGION-survey") == {4785, 4875}
    assert values("REGION-2024-deaths") == {2778, 2514}
    lowest = imported.evidence[imported.evidence["conflict"] == "R01-2022-embarked"]
    assert set(lowest["lower"]) == {3500, 3600} and (lowest["bound_note"] == "more than").all()


def test_the_fate_of_those_nobody_followed_is_its_own_number(imported):
    both = {"route_id": "R01", "period_text": "January 2022 to December 2023", "unit": "people"}
    measures = ("embarked", "arrived", "dead_or_missing", "fate_unknown")
    counted = {m: row(imported, **both, measure=m)["value"] for m in measures}
    assert counted["fate_unknown"] == 727
    assert counted["embarked"] == sum(counted.values()) - counted["embarked"]


def test_movements_and_rescues_are_not_victims(imported):
    monitored = imported.evidence[(imported.evidence["route_id"] == "R03") & (imported.evidence["measure"] == "movements")]
    assert len(monitored) == 4 and monitored["note"].str.contains("legal").all()
    nepal = imported.evidence[(imported.evidence["route_id"] == "R36") & (imported.evidence["unit"] == "people")]
    assert set(nepal["measure"]) == {"rescued"} and nepal["caveats"].str.contains("C31").all()


def test_strength_asks_for_an_issuing_body_or_for_two_independent_sources():
    def of(*rows):
        names = ["reliability", "credibility", "verified", "source", "source_ref"]
        return strength(pd.DataFrame([(*r[0], *r[1:]) for r in rows], columns=names, dtype=str))

    press = ("B2", "partly", "Press reports, Bangkok Post and VnExpress", "a")
    navy = ("B2", "partly", "Sri Lanka Navy, as reported by the Daily FT", "ft.lk")
    assert of() == "none" and of(("D3", "yes", "A guard", "x")) == of(("B6", "yes", "A", "x")) == "weak"
    assert of(("C3", "partly", "A", "x")) == of(press) == of(press, press) == of(navy) == of(navy, press) == "fair"
    assert of(("A2", "yes", "Sri Lanka Navy", "news.navy.lk")) == "strong"
    assert of(navy, ("B2", "partly", "IOM, as reported by the press", "iom.int")) == "strong"
    assert of(navy, ("B2", "partly", "IOM, as reported by the Daily FT", "ft.lk")) == "fair", "one paper quotes two bodies"


def test_what_is_strong_and_what_a_route_says_without_evidence(imported):
    routes, traced = imported.routes.set_index("route_id"), imported.evidence.set_index("evidence_id")
    assert (routes["strength"] == "none").sum() == 3 and routes.loc["R26", "strength"] == "weak", (
        "figures of firms and visas"
    )
    assert (
        set(routes.index[routes["strength"] == "none"])
        == set(routes.index) - set(traced["route_id"])
        == {"R05", "R07", "R17"}
    )
    strong = "R01 R19 R20 R22 R25 R29 R33 R34 R37 REGION"
    assert routes.index[routes["strength"] == "strong"].to_list() == strong.split()
    assert routes["told_by"].ne("").all() and routes["methods"].ne("").sum() == 10
    assert routes.loc[["R05", "R07", "R17"], "told_by"].str.contains("the direction only").all()
    gone = {"R33-05", "R10-06", "R10-14", "R10-16"}
    assert not gone & set(traced.index) and not traced["source_ref"].str.contains("pasa").any()
    assert "article 3189574" in traced.loc["R37-06", "source_ref"] and "item 207389" in traced.loc["R22-02", "source_ref"]


def test_no_camp_shelter_or_compound_is_on_the_map(imported):
    words = " ".join(imported.places["name"]).casefold()
    for forbidden in ("camp", "shelter", "park", "shwe kokko", "compound", "detention", "three pagodas"):
        assert forbidden not in words
    assert set(imported.legs["from_place"]) | set(imported.legs["to_place"]) == set(imported.places["place_id"])


@pytest.mark.parametrize(
    "file, old, new",
    [
        ("routes.csv", "People travel, and work.", "A broker named Rashid, and others."),
        ("evidence.csv", "Victims found,12", "Victims of +66 81 234 5678,12"),
        ("evidence.csv", "Police,site 2024", "王小明,site 2024"),
        ("legs.csv", "kolkata,mumbai,land,,", "kolkata,mumbai,land,,passport АВ1234567"),
    ],
)
def test_no_row_of_a_route_may_tell_who_somebody_is(tmp_path, catalog, file, old, new):
    with pytest.raises(RoutesRefused, match="of a person") as refusal:
        read(written(tmp_path, **{file.removesuffix(".csv"): (old, new)}), catalog)
    assert "Rashid" not in str(refusal.value) and "王小明" not in str(refusal.value) and "1234567" not in str(refusal.value)


@pytest.mark.parametrize(
    ("file", "old", "new", "secret"),
    [
        ("legs.csv", "R01,a,1,", "R01,a,+66 81 234 5678,", "5678"),  # a number, or what should be one
        ("evidence.csv", "2023-01-01,2023-12-31,2023,Police", "call 0812345678,2023-12-31,2023,Police", "081234"),
        ("places.csv", "kolkata,Kolkata", "Mr Kumara,Kolkata", "Kumara"),  # an id, and twice
        ("places.csv", "kolkata,Kolkata,IND", "kolkata,Kolkata,Mr Kumara", "Kumara"),
    ],
)
def test_a_cell_that_several_checks_find_wrong_is_named_once_and_tells_of_nobody(tmp_path, catalog, file, old, new, secret):
    with pytest.raises(RoutesRefused) as refused:
        read(written(tmp_path, **{file.removesuffix(".csv"): (old, new)}), catalog)
    cells = [(p.file, p.row, p.column) for p in refused.value.problems if p.file == file]
    assert secret not in str(refused.value) and len(cells) == len(set(cells)) >= 1, str(refused.value)


@pytest.mark.parametrize("file", ["routes.csv", "evidence.csv"])
def test_what_is_red_is_in_no_file_of_the_routes(tmp_path, catalog, file):
    with pytest.raises(RoutesRefused, match="expected CLEAR, GREEN, AMBER, AMBER.STRICT"):
        read(written(tmp_path, **{file.removesuffix(".csv"): ("CLEAR", "RED")}), catalog)


@pytest.mark.parametrize(
    ("routes", "expected"),
    [
        ("R01|R77", [("families.csv", 2, "routes")]),
        ("R01|R01", [("families.csv", 2, "routes")]),
        ("R77", [("families.csv", 2, "routes"), ("routes.csv", 2, "route_id")]),
    ],
)
def test_a_route_in_no_family_in_two_or_unknown_is_named_with_file_and_row(tmp_path, catalog, routes, expected):
    head = "family_id,name,sentence,routes,west,south,east,north,deaths_on\n"
    path = written(tmp_path) / "families.csv"
    path.write_text(head + f"bay,The bay,People cross the bay.,{routes},80,0,100,20,\n", encoding="utf-8")
    assert sorted((p.file, p.row, p.column) for p in refused(tmp_path, catalog)) == expected


def test_a_family_bears_the_label_of_its_most_widely_shared_route(tmp_path, catalog):
    folder = written(tmp_path, routes=("CLEAR", "GREEN"))
    head = "family_id,name,sentence,routes,west,south,east,north,deaths_on\n"
    (folder / "families.csv").write_text(head + "bay,The bay,People cross the bay.,R01,80,0,100,20,\n", encoding="utf-8")
    found = tables(folder, catalog)
    assert list(found["route_family"].tlp) == ["GREEN"]
    assert found["route"].set_index("route_id").family_id["R01"] == "bay"
