"""The reader of Abel and Cohen's five-year flows, on a small file in the publisher's form and on the real one."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pandas as pd
import pytest

from corridors import catalog
from corridors.problems import SourceRefused
from etl import frames
from etl.sources.abel_cohen import read as abel

PROJECT = Path(__file__).resolve().parents[4]
ORIGINALS = PROJECT.parent / "shared" / "originals" / "abel_cohen"
on_the_originals = pytest.mark.skipif(not ORIGINALS.is_dir(), reason="the publisher's file is not on this machine")

LATEST = 2026
NAMES = ["South-East Asia", "Myanmar", "Thailand", "Europe", "France", "Sudan*"]
# origin (line) by destination (place in the line), in the order of NAMES
SQUARE = {
    "1995": [[0] * 6, [0, 0, 397_045, 0, 40, 0], [0, 47_376, 0, 0, 600, 0], [0] * 6, [0] * 6, [0] * 6],
    "2015": [
        [600_000, 208_885, 314_369, 9_000, 700, 0],
        [314_369, 0, 314_369, 200, 90, 0],
        [208_885, 208_885, 0, 8_000, 7_512, 0],
        [0, 0, 12_000, 0, 50, 0],
        [60, 9, 4_514, 0, 0, 500],
        [0, 0, 33, 0, 40, 0],
    ],
}
SMALL = {
    "names": NAMES,
    "regions": [0, 3],
    "flags": [None] * 6,
    "threshold": 10_000,
    "colours": ["#40A4D8"],
    "matrix": SQUARE,
    "total_inflow": {"2015": dict(zip(NAMES, [600_000, 208_901, 318_920, 35_000, 90_000, 500]))},
    "total_outflow": {"2015": dict(zip(NAMES, [620_000, 314_459, 216_397, 20_000, 5_023, 73]))},
}


def written(folder: Path, **change) -> Path:
    """The publisher's file with the small square, or with other fields."""
    path = folder / abel.FILE
    path.write_text(json.dumps({**SMALL, **change}, ensure_ascii=False), encoding="utf-8")
    return path


def with_cell(cell, year: str = "2015") -> dict:
    """The squares with one other cell: from Myanmar to Thailand."""
    squares = copy.deepcopy(SQUARE)
    squares[year][1][2] = cell
    return {"matrix": squares}


def extracted(folder: Path):
    return abel.to_figures(abel.read(folder), catalog.load(), LATEST).balanced()


def refusal(folder: Path) -> str:
    with pytest.raises(SourceRefused) as refused:
        extracted(folder)
    return str(refused.value)


def told(result) -> dict:
    """What the figures say: (destination, origin, first day) to the number."""
    f = result.figures
    return dict(zip(zip(f["iso3"], f["partner_iso3"], f["period_start"]), f["value"]))


# --- what a reader of the dashboard is told -------------------------------------------------------------------------


def test_a_corridor_is_told_over_five_years_as_an_estimate_with_its_place_in_the_file(tmp_path):
    written(tmp_path)
    f = extracted(tmp_path).figures
    (figure,) = f[(f["iso3"] == "THA") & (f["partner_iso3"] == "MMR")].itertuples()
    assert (figure.value, figure.status, figure.indicator_id) == (314_369, "estimated", "migration_flow_estimate")
    assert (figure.period_start, figure.period_end) == ("2015-01-01", "2019-12-31")
    assert (figure.sex, figure.age, figure.form) == ("total", "total", "total") and pd.isna(figure.lower)
    assert (figure.source_ref, figure.provider_label) == ("2015/1/2", "Myanmar>Thailand")
    assert SMALL["matrix"]["2015"][1][2] == figure.value


def test_nobody_reads_thais_who_go_to_myanmar_as_people_of_myanmar_who_go_to_thailand(tmp_path):
    written(tmp_path)
    numbers = told(extracted(tmp_path))
    assert numbers[("THA", "MMR", "2015-01-01")] == 314_369 and numbers[("MMR", "THA", "2015-01-01")] == 208_885


def test_every_cell_is_a_figure_or_out_of_scope_with_the_reason(tmp_path):
    written(tmp_path)
    result = extracted(tmp_path)
    day = "2015-01-01"
    assert told(result) == {
        ("THA", "MMR", day): 314_369,
        ("FRA", "MMR", day): 90,
        ("MMR", "THA", day): 208_885,
        ("FRA", "THA", day): 7_512,
        ("THA", "FRA", day): 4_514,
        ("THA", "OTH", day): 33,
        ("MMR", "", day): 208_901,
        ("THA", "", day): 318_920,
        ("WLD", "MMR", day): 314_459,
        ("WLD", "THA", day): 216_397,
    }
    assert result.cells_read == 2 * 36 + 2 * 6 and result.rejected.empty
    assert result.out_of_scope == {
        abel.BEFORE: 36,
        abel.NO_COUNTRY: 20 + 4,
        abel.NO_MEMBER: 4 + 2 + 2,
        abel.SAME: 2,
        abel.ZERO: 3,
        abel.FEW: 1,
    }


def test_nine_people_in_five_years_are_not_carried_and_ten_are(tmp_path):
    written(tmp_path, **with_cell(9))
    assert ("THA", "MMR", "2015-01-01") not in told(extracted(tmp_path))
    written(tmp_path, **with_cell(10))
    assert told(extracted(tmp_path))[("THA", "MMR", "2015-01-01")] == 10


def test_a_state_that_split_stands_for_neither_part_and_keeps_its_name(tmp_path):
    written(tmp_path)
    f = extracted(tmp_path).figures
    assert f.loc[f["partner_iso3"] == "OTH", "provider_label"].tolist() == ["Sudan*>Thailand"]
    assert not set(f["partner_iso3"]) & {"SDN", "SSD"}


def test_a_published_total_is_told_as_printed(tmp_path):
    written(tmp_path)
    f = extracted(tmp_path).figures
    (total,) = f[(f["iso3"] == "THA") & (f["partner_iso3"] == "")].itertuples()
    assert (total.value, total.source_ref) == (318_920, "total_inflow/2015/Thailand")
    assert total.provider_label == "total_inflow>Thailand"
    (total,) = f[(f["iso3"] == "WLD") & (f["partner_iso3"] == "THA")].itertuples()
    assert total.source_ref == "total_outflow/2015/Thailand" and total.provider_label == "Thailand>total_outflow"


def test_regions_never_stand_for_countries(tmp_path):
    written(tmp_path)
    assert not extracted(tmp_path).figures["provider_label"].str.contains("Europe|South-East Asia").any()


# --- files that must be refused --------------------------------------------------------------------------------------


def test_a_missing_file_is_named_with_the_command_that_fetches_it(tmp_path):
    text = refusal(tmp_path)
    assert "no such file" in text and abel.FILE in text and "etl refresh abel_cohen" in text
    assert "no such folder" in refusal(tmp_path / "nowhere")


def test_the_file_of_another_method_is_not_taken_for_this_one(tmp_path):
    written(tmp_path).rename(tmp_path / "flow_mig_rate.json")
    assert "no such file" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda data: data[:-200], "not complete JSON"),
        (lambda data: data.replace(b"Myanmar", "Birmânia".encode("latin-1")), "not complete JSON"),
        (lambda data: b"[]", "field “matrix”"),
        (lambda data: data.replace(b'"matrix"', b'"flows"'), "unused fields: flags, threshold, colours, flows"),
    ],
)
def test_a_spoilt_or_cut_off_file_is_refused(tmp_path, spoil, said):
    path = written(tmp_path)
    path.write_bytes(spoil(path.read_bytes()))
    text = refusal(tmp_path)
    assert abel.FILE in text and said in text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"names": [*NAMES[:-1], "Thailand"]}, "a name twice (Thailand)"),
        ({"names": "Thailand"}, "column “names”"),
        ({"names": [*NAMES[:-1], None]}, "column “names”"),
        ({"regions": [0, 6]}, "column “regions”"),
        ({"regions": [0, "3"]}, "column “regions”"),
        ({"regions": [True]}, "column “regions”"),
        ({"matrix": {"2015": SQUARE["2015"][:-1]}}, "column “matrix/2015”: found lines that are missing"),
        ({"matrix": {"2015": [row[:-1] for row in SQUARE["2015"]]}}, "6 lines of 6"),
        ({"matrix": {"2015": [*SQUARE["2015"][:-1], "nobody"]}}, "6 lines of 6"),
        ({"matrix": {}}, "column “matrix”: found no years"),
        ({"total_inflow": {"2015": {"Siam": 5}}}, "column “total_inflow/2015”: found “Siam”"),
        ({"total_outflow": {"2015": [5]}}, "column “total_outflow/2015”"),
    ],
)
def test_a_square_that_lost_a_line_or_a_name_would_shift_every_corridor_and_is_refused(tmp_path, change, said):
    written(tmp_path, **change)
    assert said in refusal(tmp_path)


def test_all_faults_of_the_shape_are_named_at_once(tmp_path):
    written(tmp_path, regions=[99], matrix={"2015": []}, total_inflow={})
    text = refusal(tmp_path)
    assert "column “regions”" in text and "column “matrix/2015”" in text and "column “total_inflow”" in text


def test_every_unknown_country_is_named_at_once_with_the_cure(tmp_path):
    names = ["South-East Asia", "Atlantis", "Thailand", "Europe", "Lemuria", "Sudan*"]
    totals = {k: {"2015": dict(zip(names, SMALL[k]["2015"].values()))} for k in ("total_inflow", "total_outflow")}
    written(tmp_path, names=names, **totals)
    text = refusal(tmp_path)
    assert "column “names”, row 2: found unknown label “Atlantis”" in text
    assert "row 5: found unknown label “Lemuria”" in text and "corridors/catalog/countries.csv" in text


@pytest.mark.parametrize("year", ["2025", "soon", "2015.5"])
def test_a_period_that_is_not_over_or_no_year_is_refused(tmp_path, year):
    written(tmp_path, matrix={**SQUARE, year: SQUARE["2015"]})
    assert f"found “{year}”; expected a year from 1900 to 2022" in refusal(tmp_path)


def test_a_period_that_starts_in_another_year_is_not_taken_for_five(tmp_path):
    written(tmp_path, matrix={**SQUARE, "2012": SQUARE["2015"]})
    assert "found “2012”; expected a year that a period of 5 years starts with" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("cell", "shown"),
    [(-5, "“-5”"), ("some 40", "“some 40”"), (12.5, "“12.5”"), ([7], "“[7]”"), (True, "“True”"), (None, "1 empty")],
)
def test_a_number_that_is_no_count_is_refused_even_in_a_period_that_is_not_carried(tmp_path, cell, shown):
    for year in SQUARE:
        written(tmp_path, **with_cell(cell, year))
        assert f"column “matrix/{year}”, row 2: found {shown}" in refusal(tmp_path)


def test_the_card_names_the_method_and_where_the_file_is():
    card = catalog.read_source(Path(abel.__file__).with_name("source.toml"))
    assert (card.id, card.publisher, card.licence) == ("abel_cohen", "Abel and Cohen", "CC BY 4.0")
    assert card.method_class == "model" and "pseudo-Bayesian" in card.method and "closed" in card.edition
    (download,) = card.downloads
    assert (download.file, download.kind) == (abel.FILE, "file") and download.url.endswith(abel.FILE)


# --- the real file ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def original():
    return extracted(ORIGINALS)


@on_the_originals
def test_people_who_went_from_myanmar_to_thailand_find_the_published_number(original):
    numbers = told(original)
    assert numbers[("THA", "MMR", "2015-01-01")] == 314_369 and numbers[("THA", "MMR", "2000-01-01")] == 602_652


@on_the_originals
def test_every_cell_of_the_original_is_accounted_for(original):
    assert original.cells_read == 6 * 242**2 + 2 * 6 * 242 and original.rejected.empty
    assert len(original.figures) == 20_197 and original.out_of_scope == {
        abel.BEFORE: 118_096,
        abel.NO_COUNTRY: 20_900,
        abel.NO_MEMBER: 139_872,
        abel.SAME: 180,
        abel.ZERO: 44_891,
        abel.FEW: 10_152,
    }


@on_the_originals
def test_every_member_has_a_total_in_every_period_that_is_near_the_sum_of_its_corridors(original):
    f = original.figures
    whole = f[f["partner_iso3"] == ""].set_index(["iso3", "period_start"])["value"]
    parts = f[f["partner_iso3"] != ""].groupby(["iso3", "period_start"])["value"].sum().reindex(whole.index)
    assert set(whole.index.get_level_values(0)) == set(catalog.load().members) and len(whole) == 45 * 4
    # corridors of one to nine people are in the total alone: at most nine for each of 231 origins, and the rounding
    assert (whole - parts).between(-10, 9 * 231).all()


@on_the_originals
def test_a_total_is_the_publishers_and_no_sum_of_corridors_of_ten_and_more(original):
    numbers = told(original)
    assert numbers[("WLD", "PNG", "2005-01-01")] == 244 and numbers[("WLD", "NRU", "2015-01-01")] == 801
    f = original.figures
    whole = f[f["iso3"] == "WLD"].set_index(["partner_iso3", "period_start"])["value"]
    parts = f[(f["iso3"] != "WLD") & (f["partner_iso3"] != "")].groupby(["partner_iso3", "period_start"])["value"].sum()
    short = whole - parts.reindex(whole.index).fillna(0)
    assert len(whole) == 45 * 4 and short.between(-10, 9 * 231).all()


@on_the_originals
def test_sudan_and_south_sudan_have_flows_of_their_own_from_2010_on(original):
    f = original.figures[original.figures["partner_iso3"].isin(["SDN", "SSD", "OTH"])]
    years = f.groupby("partner_iso3")["period_start"].agg(lambda days: sorted({day[:4] for day in days}))
    assert years.to_dict() == {"OTH": ["2000", "2005"], "SDN": ["2010", "2015"], "SSD": ["2010", "2015"]}


@on_the_originals
def test_the_carried_table_stays_small_and_is_the_same_again(original, tmp_path):
    again = extracted(ORIGINALS)
    pd.testing.assert_frame_equal(original.figures, again.figures)
    frames.write_csv(again.figures, tmp_path / "figures.csv")
    assert (tmp_path / "figures.csv").stat().st_size < 2_500_000
