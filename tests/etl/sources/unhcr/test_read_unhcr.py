"""UNHCR: the sample follows the two formats of the publisher (package CSV, interface JSON), with real codes and facts."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from corridors import catalog
from corridors.problems import SourceRefused
from etl import frames
from etl.sources.unhcr import read as unhcr
from tests.etl.sources.reader import Reader

READER = Reader("unhcr")
extracted, ORIGINALS, originals = READER.extracted, READER.originals, READER.on_the_originals


HERE = Path(__file__).parent
KEY = ["iso3", "partner_iso3", "indicator_id", "period_end"]


@pytest.fixture
def folder(tmp_path) -> Path:
    """A copy of the package sample that a test may spoil."""
    return Path(shutil.copytree(HERE / "sample", tmp_path / "unhcr"))


@pytest.fixture
def interface(tmp_path) -> Path:
    """A copy of the interface sample that a test may spoil."""
    return Path(shutil.copytree(HERE / "sample_interface", tmp_path / "interface"))


def figure(figures: pd.DataFrame, indicator: str, iso3: str, partner: str, year: int) -> pd.DataFrame:
    here = (figures["indicator_id"] == indicator) & (figures["iso3"] == iso3) & (figures["partner_iso3"] == partner)
    return figures[here & (figures["period_end"] == f"{year}-12-31")]


def swap(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_every_sample_row_becomes_the_figure_that_a_reader_would_expect(folder, tmp_path):
    frames.write_csv(extracted(folder).figures, tmp_path / "figures.csv")
    assert (tmp_path / "figures.csv").read_text(encoding="utf-8") == (HERE / "expected.csv").read_text(encoding="utf-8")


def test_a_refresh_over_the_interface_does_not_change_what_the_package_said(folder, tmp_path):
    package = extracted(folder).figures
    interface = extracted(HERE / "sample_interface").figures
    package = package[package["indicator_id"] != "refugee_arrivals"]  # not in the interface
    asked = [*KEY, "value", "lower", "upper", "status"]
    package, interface = (f[asked].sort_values(asked).reset_index(drop=True) for f in (package, interface))
    pd.testing.assert_frame_equal(package, interface)


def test_group_arrivals_missing_from_the_interface_are_announced_not_just_gone(interface):
    assert any("group arrivals" in note for note in extracted(interface).notes)


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
    swap(folder / "population.csv", "1178003,33", "1178003,10")
    row = figure(extracted(folder).figures, "asylum_seekers", "BGD", "MMR", 2025).iloc[0]
    assert (row["status"], row["value"]) == ("reported", 10)


def test_a_published_zero_never_reaches_a_page_as_none(folder):
    result = extracted(folder)
    assert not (result.figures["value"] == 0).any() and "zero" not in set(result.figures["status"])
    assert result.out_of_scope[unhcr.ZERO] == 21


def test_people_without_a_country_keep_their_place_in_the_table(folder):
    figures = extracted(folder).figures
    assert {"XXX", "XXA", "OTH"} <= set(figures["partner_iso3"])
    assert figure(figures, "stateless_persons", "THA", "", 2025)["value"].tolist() == [610791]


def test_internally_displaced_people_are_no_corridor_from_a_country_to_itself(folder):
    figures = extracted(folder).figures
    assert figure(figures, "internally_displaced", "MMR", "", 2025)["value"].tolist() == [3628840]
    assert not (figures["iso3"] == figures["partner_iso3"]).any()


def test_the_level_na_is_a_code_and_not_a_missing_cell(folder):
    row = figure(extracted(folder).figures, "decisions_recognised", "DEU", "AFG", 2000).iloc[0]
    assert (row["value"], row["provider_label"]) == (31, "AFG>GFR G/NA")


def test_two_authorities_of_one_corridor_keep_both_rows(folder):
    rows = figure(extracted(folder).figures, "decisions_recognised", "USA", "AFG", 2023)
    assert dict(zip(rows["provider_label"], rows["value"])) == {"AFG>USA G/EO": 182, "AFG>USA G/IN": 23291}


def test_cases_are_never_added_to_persons(folder):
    result = extracted(folder)
    assert figure(result.figures, "decisions_recognised", "AUS", "AFG", 2000).empty
    assert result.out_of_scope[unhcr.CASES] == 3


def test_repeat_claims_and_appeals_are_not_new_claims(interface):
    result = extracted(interface)
    assert figure(result.figures, "asylum_applications_new", "AUS", "AFG", 2023)["value"].tolist() == [1988]
    assert figure(result.figures, "asylum_applications_new", "USA", "AFG", 2023).empty


def test_a_count_that_rounding_cannot_give_is_set_aside_with_its_row(folder):
    swap(folder / "population.csv", "4280,2677", "4280,3")
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


def test_what_is_wrong_in_one_file_hides_no_other(folder):
    swap(folder / "population.csv", "refugees", "refuges")
    swap(folder / "solutions.csv", "resettlement", "resetlement")
    with pytest.raises(SourceRefused) as refused:
        unhcr.read(folder)
    assert "population.csv" in str(refused.value) and "solutions.csv" in str(refused.value)


def test_wrong_cells_of_all_files_are_named_at_once(folder):
    swap(folder / "population.csv", "10364", "1o364")
    swap(folder / "solutions.csv", "6571", "x6571")
    swap(folder / "flows.csv", "KEN,KEN", "KEN,THX")
    with pytest.raises(SourceRefused) as refused:
        extracted(folder)
    assert all(said in str(refused.value) for said in ("“1o364”", "“x6571”", "“THX”"))


def test_two_runs_give_the_same_table(folder):
    first, second = extracted(folder), extracted(folder)
    pd.testing.assert_frame_equal(first.figures, second.figures)
    assert (first.cells_read, first.out_of_scope) == (second.cells_read, second.out_of_scope)
    assert first.inputs == second.inputs


# --- files that must be refused ---


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("population.csv", ",refugees,", ",refugee,", ["population.csv", "column “refugees”", "coo_name"]),
        ("asylum_decisions.csv", "dec_level", "level", ["asylum_decisions.csv", "column “dec_level”"]),
        ("population.csv", ",MMR,Bangladesh", ",MYA,Bangladesh", ["coo_iso", "row 7", "“MYA”", "countries.csv"]),
        ("flows.csv", "AUL,AUS,,1988", "AUL,AUL,,1988", ["flows.csv", "coa_iso", "row 4", "“AUL”"]),
        ("solutions.csv", "2025,Afghanistan", "2027,Afghanistan", ["solutions.csv", "column “year”", "row 2", "2027"]),
        ("solutions.csv", "307,6571", "307,-6571", ["solutions.csv", "resettlement", "row 2", "“-6571”"]),
        ("flows.csv", ",1988,", ",many,", ["flows.csv", "asylum_seekers", "row 4", "“many”"]),
        ("flows.csv", ",1988,", ",19.5,", ["flows.csv", "asylum_seekers", "row 4", "“19.5”"]),
        ("asylum_decisions.csv", "G,NA,P", "G,NX,P", ["asylum_decisions.csv", "dec_level", "row 3", "“NX”", "CODES"]),
        ("asylum_decisions.csv", "G,NA,P", "G,NA,H", ["asylum_decisions.csv", "dec_pc", "row 3", "“H”"]),
    ],
)
def test_a_bad_cell_or_heading_is_refused_with_file_column_row_and_cure(folder, file, old, new, says):
    swap(folder / file, old, new)
    with pytest.raises(SourceRefused) as refusal:
        extracted(folder)
    for part in says:
        assert part in str(refusal.value)


def test_all_unknown_places_are_listed_at_once(folder):
    swap(folder / "population.csv", ",MMR,Bangladesh", ",MYA,Bangladesh")
    swap(folder / "population.csv", ",TIB,TIB,", ",TIB,XTB,")
    with pytest.raises(SourceRefused) as refusal:
        extracted(folder)
    assert len(refusal.value.problems) == 2


@pytest.mark.parametrize("gone", ["population.csv", "asylum_decisions.csv", "solutions.csv", "flows.csv"])
def test_a_missing_table_is_named_with_the_command_that_fetches_it(folder, gone):
    (folder / gone).unlink()
    with pytest.raises(SourceRefused) as refusal:
        unhcr.read(folder)
    name = gone.removesuffix(".csv")
    assert f"{name}.json or {name}.csv" in str(refusal.value) and "etl refresh unhcr" in str(refusal.value)


def test_a_missing_folder_names_every_table(tmp_path):
    with pytest.raises(SourceRefused, match="no such folder") as refusal:
        unhcr.read(tmp_path / "unhcr")
    assert len(refusal.value.problems) == 5


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda data: data[:-1], "a last line without an end"),
        (lambda data: data[:-30], "a line with fewer cells (4)"),
        (lambda data: data.replace(b"Afghanistan", "Türkiye".encode("latin-1")), "not UTF-8"),
    ],
)
def test_a_spoilt_table_of_the_package_is_refused(folder, spoil, says):
    path = folder / "solutions.csv"
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(SourceRefused) as refusal:
        extracted(folder)
    assert "solutions.csv" in str(refusal.value) and says in str(refusal.value)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda data: data[:-40], "not complete JSON"),
        (lambda data: b"[]", "JSON of another shape"),
        (lambda data: b'{"page": 1, "items": []}', "JSON of another shape"),
        (lambda data: data.replace(b"Afghanistan", "Türkiye".encode("latin-1")), "not complete JSON"),
        (lambda data: data.replace(b'"resettlement"', b'"resettled"'), "column “resettlement”"),
        (lambda data: data.replace(b'"AFG", "coa_id"', b'"QQQ", "coa_id"'), "unknown label “QQQ”"),
        (lambda data: data.replace(b": 6571", b": -6571"), "“-6571”"),
        (lambda data: data.replace(b'"year": 2025', b'"year": 2031'), "“2031”"),
    ],
)
def test_a_spoilt_answer_of_the_interface_is_refused(interface, spoil, says):
    path = interface / "solutions.json"
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(SourceRefused) as refusal:
        extracted(interface)
    assert "solutions.json" in str(refusal.value) and says in str(refusal.value)


def test_the_card_of_the_source_says_how_it_is_asked():
    card = catalog.read_source(Path(unhcr.__file__).with_name("source.toml"))
    assert (card.reliability, card.credibility, card.tlp, card.licence) == ("B", "3", "CLEAR", "CC BY 4.0")
    for download in card.downloads:
        assert download.kind == "unhcr_pages" and download.file.removesuffix(".json") in unhcr.TABLES
        assert download.options["cf_type"] == "ISO"  # without it AUS would mean Austria
        assert {"yearFrom", "yearTo", "coo_all", "coa_all"} <= download.options.keys()


# --- UNHCR's own files ---


@pytest.fixture(scope="module")
def real():
    return extracted(ORIGINALS)


@originals
@pytest.mark.parametrize(("asylum", "people"), [("BGD", 1178003), ("MYS", 140238), ("THA", 80411)])
def test_refugees_from_myanmar_at_the_end_of_2025_are_those_that_unhcr_prints(real, asylum, people):
    assert figure(real.figures, "refugees", asylum, "MMR", 2025)["value"].tolist() == [people]


@originals
def test_australia_without_new_claims_in_2024_stays_a_gap(real):
    claims = real.figures[(real.figures["indicator_id"] == "asylum_applications_new") & (real.figures["iso3"] == "AUS")]
    assert set(claims["period_end"].str[:4]) == {str(y) for y in range(2000, 2026)} - {"2024"}


@originals
def test_every_cell_of_unhcr_is_accounted_for(real):
    assert (real.cells_read, len(real.figures), len(real.rejected)) == (1813138, 130116, 0)


@originals
def test_no_row_is_lost_where_several_share_a_corridor_and_year(real):
    assert real.figures.duplicated(KEY).sum() == 679
    assert not real.figures.duplicated([*KEY, "source_ref"]).any()


@originals
def test_the_imported_table_of_unhcr_stays_small_and_the_same(real, tmp_path):
    frames.write_csv(real.figures, tmp_path / "a.csv")
    frames.write_csv(extracted(ORIGINALS).figures, tmp_path / "b.csv")
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    assert (tmp_path / "a.csv").stat().st_size <= 14_000_000
