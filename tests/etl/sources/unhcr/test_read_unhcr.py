"""UNHCR: the sample follows the two formats of the publisher (package CSV, interface JSON), with real codes and facts."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from corridors import catalog
from corridors.problems import SourceRefused
from etl.sources.unhcr import read as unhcr
from tests.etl.sources.reader import Reader, held, spoil

READER = Reader("unhcr")
extracted, refusal = READER.extracted, READER.refusal

HERE = Path(__file__).parent
KEY = ["iso3", "partner_iso3", "indicator_id", "period_end"]


@pytest.fixture
def interface(tmp_path) -> Path:
    """A copy of the interface sample that a test may spoil."""
    return Path(shutil.copytree(HERE / "sample_interface", tmp_path / "interface"))


def figure(figures: pd.DataFrame, indicator: str, iso3: str, partner: str, year: int) -> pd.DataFrame:
    here = (figures["indicator_id"] == indicator) & (figures["iso3"] == iso3) & (figures["partner_iso3"] == partner)
    return figures[here & (figures["period_end"] == f"{year}-12-31")]


def test_a_refresh_over_the_interface_does_not_change_what_the_package_said(folder, tmp_path):
    package = extracted(folder).figures
    interface = extracted(HERE / "sample_interface")
    assert any("group arrivals" in note for note in interface.notes), "announced, not just gone"
    package = package[package["indicator_id"] != "refugee_arrivals"]  # not in the interface
    asked = [*KEY, "value", "lower", "upper", "status"]
    package, interface = (f[asked].sort_values(asked).reset_index(drop=True) for f in (package, interface.figures))
    pd.testing.assert_frame_equal(package, interface)


def test_new_claims_are_counted_once_when_package_and_interface_lie_side_by_side(folder):
    shutil.copy(HERE / "sample_interface" / "asylum_applications.json", folder)
    result = extracted(folder)
    assert len(figure(result.figures, "asylum_applications_new", "AUS", "AFG", 2023)) == 1
    assert len(figure(result.figures, "refugee_arrivals", "BGD", "MMR", 2025)) == 1
    assert result.out_of_scope[unhcr.TAKEN_FROM_INTERFACE] == 5


def test_austria_is_not_shown_as_australia(folder):
    """UNHCR's AUS is Austria and its AUL Australia."""
    figures = extracted(folder).figures
    assert figure(figures, "refugees", "AUS", "AFG", 2023)["value"].tolist() == [4280]
    assert figure(figures, "refugees", "AUT", "AFG", 2023)["value"].tolist() == [41456]


def test_people_without_a_country_keep_their_place_and_those_displaced_at_home_are_no_corridor(folder):
    figures = extracted(folder).figures
    assert {"XXX", "XXA", "OTH"} <= set(figures["partner_iso3"])
    assert figure(figures, "stateless_persons", "THA", "", 2025)["value"].tolist() == [610791]
    assert figure(figures, "internally_displaced", "MMR", "", 2025)["value"].tolist() == [3628840]
    assert not (figures["iso3"] == figures["partner_iso3"]).any()


@pytest.mark.parametrize(
    ("indicator", "iso3", "partner", "year", "bounds"),
    [
        ("refugees", "AUS", "OTH", 2025, (3, 5)),
        ("decisions_recognised", "IRL", "AFG", 2000, (3, 7)),
        ("decisions_rejected", "IRL", "AFG", 2000, (8, 10)),
    ],
)
def test_a_rounded_small_count_is_shown_as_a_range_never_as_a_number(folder, indicator, iso3, partner, year, bounds):
    row = figure(extracted(folder).figures, indicator, iso3, partner, year).iloc[0]
    assert row["status"] == "masked" and pd.isna(row["value"]) and (row["lower"], row["upper"]) == bounds


def test_ten_refugees_are_ten_although_ten_decisions_are_eight_to_ten(folder):
    spoil(folder / "population.csv", "1178003,33", "1178003,10")
    row = figure(extracted(folder).figures, "asylum_seekers", "BGD", "MMR", 2025).iloc[0]
    assert (row["status"], row["value"]) == ("reported", 10)


def test_what_is_left_out_of_the_decisions_and_what_keeps_its_own_row(folder):
    result = extracted(folder)
    assert not (result.figures["value"] == 0).any() and "zero" not in set(result.figures["status"])
    assert result.out_of_scope[unhcr.ZERO] == 21, "a published zero may hide a few"
    row = figure(result.figures, "decisions_recognised", "DEU", "AFG", 2000).iloc[0]
    assert (row["value"], row["provider_label"]) == (31, "AFG>GFR G/NA"), "the level NA is no missing cell"
    rows = figure(result.figures, "decisions_recognised", "USA", "AFG", 2023)
    assert dict(zip(rows["provider_label"], rows["value"])) == {"AFG>USA G/EO": 182, "AFG>USA G/IN": 23291}
    assert figure(result.figures, "decisions_recognised", "AUS", "AFG", 2000).empty
    assert result.out_of_scope[unhcr.CASES] == 3, "cases are never added to persons"


def test_repeat_claims_and_appeals_are_not_new_claims(interface):
    result = extracted(interface)
    assert figure(result.figures, "asylum_applications_new", "AUS", "AFG", 2023)["value"].tolist() == [1988]
    assert figure(result.figures, "asylum_applications_new", "USA", "AFG", 2023).empty


def test_a_count_that_rounding_cannot_give_is_set_aside_with_its_row(folder):
    spoil(folder / "population.csv", "4280,2677", "4280,3")
    rejected = extracted(folder).rejected[["file", "row", "column", "found"]]
    assert rejected.values.tolist() == [["population.csv", "4", "asylum_seekers", "3"]]


def test_an_empty_answer_inside_the_interface_is_no_cell(interface):
    whole = extracted(interface).cells_read
    items = json.loads((interface / "solutions.json").read_text(encoding="utf-8"))
    items[0]["resettlement"] = None
    (interface / "solutions.json").write_text(json.dumps(items), encoding="utf-8")
    assert extracted(interface).cells_read == whole - 1


ON_THE_PAGES = """Year,"Country of Asylum","Country of Origin","Country of Asylum ISO","Country of Origin ISO",Refugees,Asylum-seekers,IDPs,"Stateless persons","Host community","Others of concern"
2024,Thailand,Myanmar,THA,MMR,81380,1200,0,0,0,0
2024,-,Myanmar,-,MMR,1400000,300000,3500000,0,0,0
2024,Thailand,-,THA,-,90000,1300,0,0,0,0
"""


def test_the_download_of_the_publishers_own_pages_is_read_and_its_totals_are_no_country(folder):
    (folder / "population.csv").write_text(ON_THE_PAGES, encoding="utf-8")
    result = extracted(folder).balanced()
    for indicator, value in (("refugees", 81_380), ("asylum_seekers", 1_200)):
        assert figure(result.figures, indicator, "THA", "MMR", 2024)["value"].tolist() == [value]
    rows = result.figures[result.figures["source_ref"].str.startswith("population ")]
    assert len(rows) == 2 and result.out_of_scope[unhcr.TOTAL] == 6


def test_a_download_that_cannot_tell_appeals_apart_is_named_as_what_it_is(folder):
    (folder / "asylum_decisions.csv").write_text(
        "Year,Country of origin,Country of origin (ISO),Country of asylum,Country of asylum (ISO),Recognized decisions,"
        "Complementary protection,Rejected decisions,Otherwise closed,Total decisions\n2024,Myanmar,MMR,Thailand,THA,35,0,25,0,60\n",
        encoding="utf-8",
    )
    with pytest.raises(
        SourceRefused, match="a download of the Refugee Data Finder's pages, without procedure_type"
    ) as refused:
        extracted(folder)
    assert len(refused.value.problems) == 1


@pytest.mark.parametrize(
    "slips",
    [
        [
            ("population.csv", "refugees", "refuges", "population.csv"),
            ("solutions.csv", "resettlement", "x", "solutions.csv"),
        ],
        [
            ("population.csv", "10364", "1o364", "“1o364”"),
            ("solutions.csv", "6571", "x6571", "“x6571”"),
            ("flows.csv", "KEN,KEN", "KEN,THX", "“THX”"),
        ],
        [
            ("population.csv", ",MMR,Bangladesh", ",MYA,Bangladesh", "“MYA”"),
            ("population.csv", ",TIB,TIB,", ",TIB,XTB,", "“XTB”"),
        ],
    ],
    ids=["columns", "cells", "places"],
)
def test_what_is_wrong_in_one_place_hides_no_other(folder, slips):
    for file, old, new, _ in slips:
        spoil(folder / file, old, new)
    with pytest.raises(SourceRefused) as refused:
        extracted(folder)
    assert all(said in str(refused.value) for *_, said in slips) and len(refused.value.problems) == len(slips)


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("population.csv", ",refugees,", ",refugee,", ["column “refugees”", "coo_name"]),
        ("asylum_decisions.csv", "dec_level", "level", ["column “dec_level”"]),
        ("population.csv", ",MMR,Bangladesh", ",MYA,Bangladesh", ["coo_iso", "row 7", "“MYA”", "countries.csv"]),
        ("flows.csv", "AUL,AUS,,1988", "AUL,AUL,,1988", ["coa_iso", "row 4", "“AUL”"]),
        ("solutions.csv", "2025,Afghanistan", "2027,Afghanistan", ["column “year”", "row 2", "2027"]),
        ("solutions.csv", "307,6571", "307,-6571", ["resettlement", "row 2", "“-6571”"]),
        ("flows.csv", ",1988,", ",many,", ["asylum_seekers", "row 4", "“many”"]),
        ("flows.csv", ",1988,", ",19.5,", ["asylum_seekers", "row 4", "“19.5”"]),
        ("asylum_decisions.csv", "G,NA,P", "G,NX,P", ["dec_level", "row 3", "“NX”", "CODES"]),
        ("asylum_decisions.csv", "G,NA,P", "G,NA,H", ["dec_pc", "row 3", "“H”"]),
    ],
)
def test_a_bad_cell_or_heading_is_refused_with_file_column_row_and_how_to_fix_it(folder, file, old, new, says):
    spoil(folder / file, old, new)
    text = refusal(folder)
    assert all(part in text for part in [file, *says]), text


@pytest.mark.parametrize("gone", ["population", "asylum_decisions", "solutions", "flows"])
def test_a_missing_table_is_named_with_the_command_that_fetches_it(folder, gone):
    (folder / f"{gone}.csv").unlink()
    assert f"{gone}.json or {gone}.csv" in (text := refusal(folder)) and "etl refresh unhcr" in text


@pytest.mark.parametrize(
    ("spoilt", "says"),
    [
        (lambda data: data[:-30], "not complete JSON"),
        (lambda data: data.replace(b"Afghanistan", "Türkiye".encode("latin-1")), "not complete JSON"),
        (lambda data: data.replace(b'"resettlement"', b'"resettled"'), "column “resettlement”"),
        (lambda data: data.replace(b'"AFG", "coa_id"', b'"QQQ", "coa_id"'), "unknown label “QQQ”"),
        (lambda data: data.replace(b": 6571", b": -6571"), "“-6571”"),
        (lambda data: data.replace(b'"year": 2025', b'"year": 2031'), "“2031”"),
    ],
)
def test_a_spoilt_answer_of_the_interface_is_refused(interface, spoilt, says):
    path = interface / "solutions.json"
    path.write_bytes(spoilt(path.read_bytes()))
    assert "solutions.json" in (text := refusal(interface)) and says in text


def test_the_interface_is_asked_by_iso_codes_for_all_places_and_years():
    for download in catalog.read_source(Path(unhcr.__file__).with_name("source.toml")).downloads:
        assert download.kind == "unhcr_pages" and download.file.removesuffix(".json") in unhcr.TABLES
        assert download.options["cf_type"] == "ISO"  # without it AUS would mean Austria
        assert {"yearFrom", "yearTo", "coo_all", "coa_all"} <= download.options.keys()


# What the project holds of the publisher's files


def test_a_year_without_new_claims_stays_a_gap_and_rows_that_share_a_corridor_and_year_are_all_there():
    f = held("unhcr")
    claims = f[(f["indicator_id"] == "asylum_applications_new") & (f["iso3"] == "AUS")]
    assert set(claims["period_end"].str[:4]) == {str(y) for y in range(2000, 2026)} - {"2024"}
    assert f.duplicated(KEY).sum() == 679 and not f.duplicated([*KEY, "source_ref"]).any()


DECISIONS = ("decisions_recognised", "decisions_complementary", "decisions_rejected")


@READER.on_the_originals
def test_decisions_with_appeals_are_held_where_they_are_the_only_level():
    """Level FA: first instance and appeal together."""
    rows = pd.read_csv(READER.originals / "asylum_decisions.csv", keep_default_na=False, dtype=str)
    rows = rows[(rows.dec_level == "FA") & (rows.dec_pc == "P")]
    numbers = [c for c in rows if c.startswith("dec_") and c not in ("dec_level", "dec_pc")]
    rows = rows.assign(**{c: pd.to_numeric(rows[c], errors="coerce").fillna(0) for c in numbers}).groupby("coa_iso")
    of, f = rows[numbers].sum(), held("unhcr")
    f = f[f.indicator_id.isin(DECISIONS) & f.provider_label.str.endswith("/FA")]
    for iso3, in_all in {"KOR": 62_495, "MYS": 83_983, "THA": 52_072, "AUS": 33_256, "PAK": 31_224}.items():
        assert of.dec_total[iso3] == in_all
        decided = of.loc[iso3, ["dec_recognized", "dec_other", "dec_rejected"]].sum()
        assert decided + of.dec_closed[iso3] == pytest.approx(in_all, rel=0.001)  # each count is rounded by itself
        low, high = (f.value.fillna(f[c])[f.iso3 == iso3].sum() for c in ("lower", "upper"))
        # no corridor: an origin of UNHCR's own that is the country itself; else every published person is in the sums
        assert low <= decided <= high and high - low < 0.1 * decided, (low, decided, high)


def test_appeals_never_stand_beside_first_instance_of_the_same_authority_and_year():
    f = held("unhcr")
    f = f[f.indicator_id.isin(DECISIONS)]
    level = f.provider_label.str.split("/").str[-1]
    authority = f.iso3 + f.period_end.str[:4] + f.provider_label.str.split(" ").str[1].str.split("/").str[0]
    assert not set(authority[level == "FA"]) & set(authority[level != "FA"])
    assert (level == "FA").sum() > 3000
