"""The reader of UN DESA's migrant stock, on small files in both forms of the publisher's and on the real one."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pandas as pd
import pytest

from corridors import catalog
from etl import frames
from etl.sources.un_desa import read as desa
from tests.etl.sources.reader import Reader
from tests.etl.sources.reader import by_ends as told

READER = Reader("un_desa")
extracted, refusal, ORIGINALS, on_the_originals = READER.extracted, READER.refusal, READER.originals, READER.on_the_originals


BOOK = "undesa_pd_2024_ims_stock_by_sex_destination_and_origin.xlsx"
NAMES = ["South-East Asia", "Myanmar", "Thailand", "Europe", "France", "Channel Islands"]
# origin (line) by residence (place in the line), in the order of NAMES
SQUARE = {
    "1995": [[0] * 6, [0, 0, 400_000, 0, 300, 0], [0, 90, 0, 0, 900, 0], [0] * 6, [0] * 6, [0] * 6],
    "2020": [
        [5_000_000, 70, 1_900_000, 0, 7_000, 0],
        [1_900_000, 0, 1_848_270, 4_000, 900, 0],
        [40, 33, 0, 31_000, 30_106, 12],
        [0, 0, 17_000, 0, 50, 0],
        [60, 0, 4_514, 0, 0, 500],
        [0, 0, 0, 0, 40, 0],
    ],
}
SMALL = {
    "names": NAMES,
    "regions": [0, 3],
    "flags": [None] * 6,
    "threshold": 50_000,
    "matrix": SQUARE,
    "total_inflow": {"2020": dict(zip(NAMES, [6_900_000, 33, 3_632_496, 35_000, 8_500_000, 0]))},
    "total_outflow": {"2020": dict(zip(NAMES, [9_000_000, 3_711_751, 1_086_000, 20_000, 2_300_000, 0]))},
}


def matrix(folder: Path, **change) -> Path:
    """`stock.json` with the small square, or with other fields."""
    path = folder / desa.MATRIX
    path.write_text(json.dumps({**SMALL, **change}, ensure_ascii=False), encoding="utf-8")
    return path


def with_cell(cell, year: str = "2020") -> dict:
    """The squares with one other cell: from Myanmar to Thailand."""
    squares = copy.deepcopy(SQUARE)
    squares[year][1][2] = cell
    return {"matrix": squares}


# --- what a reader of the dashboard is told -------------------------------------------------------------------------


def test_a_corridor_is_told_as_printed_with_its_place_in_the_file(tmp_path):
    matrix(tmp_path)
    f = extracted(tmp_path).figures
    (figure,) = f[(f["iso3"] == "THA") & (f["partner_iso3"] == "MMR")].itertuples()
    assert (figure.value, figure.status, figure.indicator_id) == (1_848_270, "estimated", "migrant_stock")
    assert (figure.period_start, figure.period_end) == ("2020-07-01", "2020-07-01")
    assert (figure.sex, figure.age, figure.form) == ("total", "total", "total") and pd.isna(figure.lower)
    assert (figure.source_ref, figure.provider_label) == ("matrix/2020/1/2", "Myanmar>Thailand")
    assert SMALL["matrix"]["2020"][1][2] == figure.value


def test_nobody_reads_thais_in_myanmar_as_myanmars_people_in_thailand(tmp_path):
    matrix(tmp_path)
    numbers = told(extracted(tmp_path))
    assert numbers[("THA", "MMR", "2020-07-01")] == 1_848_270 and numbers[("MMR", "THA", "2020-07-01")] == 33


def test_every_cell_is_a_figure_or_out_of_scope_with_the_reason(tmp_path):
    matrix(tmp_path)
    result = extracted(tmp_path)
    assert told(result) == {
        ("THA", "MMR", "2020-07-01"): 1_848_270,
        ("FRA", "MMR", "2020-07-01"): 900,
        ("MMR", "THA", "2020-07-01"): 33,
        ("FRA", "THA", "2020-07-01"): 30_106,
        ("OTH", "THA", "2020-07-01"): 12,
        ("THA", "FRA", "2020-07-01"): 4_514,
        ("MMR", "", "2020-07-01"): 33,
        ("THA", "", "2020-07-01"): 3_632_496,
    }
    assert result.cells_read == 2 * 36 + 2 * 6 and result.rejected.empty
    assert result.out_of_scope == {
        desa.BEFORE: 36,
        desa.NO_COUNTRY: 20 + 4,
        desa.ABROAD: 4,
        desa.NO_MEMBER: 4 + 2,
        desa.SAME: 2,
        desa.ZERO: 4,
    }


def test_a_published_total_keeps_the_people_whose_origin_nobody_named(tmp_path):
    matrix(tmp_path)
    f = extracted(tmp_path).figures
    (total,) = f[(f["iso3"] == "THA") & (f["partner_iso3"] == "")].itertuples()
    assert total.value > f.loc[(f["iso3"] == "THA") & (f["partner_iso3"] != ""), "value"].sum()
    assert (total.source_ref, total.provider_label) == ("total_inflow/2020/Thailand", "total_inflow>Thailand")


def test_a_total_of_people_abroad_is_not_imported_beside_its_parts_and_so_not_counted_twice(tmp_path):
    matrix(tmp_path)
    assert "WLD" not in set(extracted(tmp_path).figures["iso3"])


@pytest.mark.parametrize("nothing", [0, None, "..", "-"])
def test_zero_and_not_reported_look_alike_and_neither_is_told_as_a_count(tmp_path, nothing):
    matrix(tmp_path, **with_cell(nothing))
    result = extracted(tmp_path)
    assert ("THA", "MMR", "2020-07-01") not in told(result) and result.out_of_scope[desa.ZERO] == 5


def test_places_without_a_country_of_their_own_go_to_other_and_keep_their_name(tmp_path):
    names = [*NAMES[:-1], "Others"]
    totals = {k: {"2020": dict(zip(names, SMALL[k]["2020"].values()))} for k in ("total_inflow", "total_outflow")}
    matrix(tmp_path, names=names, **totals)
    f = extracted(tmp_path).figures
    assert f.loc[f["iso3"] == "OTH", "provider_label"].tolist() == ["Thailand>Others"]


# --- files that must be refused --------------------------------------------------------------------------------------


def test_a_missing_file_is_named_with_both_forms_and_the_command_that_fetches_it(tmp_path):
    text = refusal(tmp_path)
    assert "no such file" in text and desa.MATRIX in text and "undesa_pd_" in text and "etl refresh un_desa" in text
    assert "no such folder" in refusal(tmp_path / "nowhere")


def test_the_card_says_how_the_numbers_were_made_and_asks_as_a_browser_would():
    card = catalog.read_source(Path(desa.__file__).with_name("source.toml"))
    assert (card.id, card.publisher, card.licence) == ("un_desa", "UN DESA", "CC BY 3.0 IGO")
    assert card.method_class == "model"
    assert (card.reliability, card.credibility, card.tlp) == ("B", "3", "CLEAR")
    (download,) = card.downloads
    assert (download.kind, download.file) == ("file", BOOK) and Path(BOOK).match(desa.WORKBOOK)
    assert download.url.endswith(BOOK) and download.options["user_agent"].startswith("Mozilla/5.0")


# --- the real file ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def original():
    return extracted(ORIGINALS)


@on_the_originals
def test_people_from_myanmar_in_thailand_find_their_own_number(original):
    numbers = told(original)
    assert numbers[("THA", "MMR", "2020-07-01")] == 1_848_270
    assert numbers[("THA", "", "2020-07-01")] == 3_632_496 and numbers[("USA", "", "2020-07-01")] == 50_632_836


@on_the_originals
def test_every_cell_of_the_original_is_accounted_for(original):
    assert original.cells_read == 7 * 243**2 + 2 * 7 * 243 and original.rejected.empty
    assert len(original.figures) == 17_059 and original.out_of_scope == {
        desa.BEFORE: 119_070,
        desa.NO_COUNTRY: 26_235,
        desa.ABROAD: 1_160,
        desa.NO_MEMBER: 175_780,
        desa.SAME: 225,
        desa.ZERO: 77_216,
    }


@on_the_originals
def test_every_member_has_a_total_in_every_year_and_no_total_is_below_its_corridors(original):
    f = original.figures
    whole = f[f["partner_iso3"] == ""].set_index(["iso3", "period_end"])["value"]
    parts = f[f["partner_iso3"] != ""].groupby(["iso3", "period_end"])["value"].sum()
    assert set(whole.index.get_level_values(0)) == set(catalog.load().members) and len(whole) == 45 * 5
    assert (whole >= parts.reindex(whole.index).fillna(0)).all()


@on_the_originals
def test_the_total_abroad_that_is_worked_out_equals_the_published_one(original):
    published = json.loads((ORIGINALS / desa.MATRIX).read_text(encoding="utf-8"))["total_outflow"]
    f, known = original.figures, catalog.load()
    sums = f[f["partner_iso3"] != ""].groupby(["partner_iso3", "period_end"])["value"].sum()
    for year in ("2000", "2020"):
        for name, number in published[year].items():
            iso3 = known.find(name)
            if iso3 in known.members:
                assert sums.get((iso3, f"{year}-07-01"), 0) == number, (name, year)


@on_the_originals
def test_names_lead_to_the_countries_that_the_publishers_own_list_gives():
    pairs = pd.read_csv(ORIGINALS / "country-metadata-flags.csv", dtype=str, keep_default_na=False)
    names = set(json.loads((ORIGINALS / desa.MATRIX).read_text(encoding="utf-8"))["names"])
    told = {n: i for n, i in zip(pairs["origin_name"], pairs["origin_iso"]) if n in names}
    slips = {"Chile": "CHI", "Sudan": "SUD", "Channel Islands": "JEY"}  # not ISO, or a part for the whole
    assert {n: i for n, i in told.items() if catalog.load().find(n) != i} == slips


@on_the_originals
def test_the_imported_table_stays_small_and_is_the_same_again(original, tmp_path):
    again = extracted(ORIGINALS)
    pd.testing.assert_frame_equal(original.figures, again.figures)
    frames.write_csv(again.figures, tmp_path / "figures.csv")
    assert (tmp_path / "figures.csv").stat().st_size < 3_000_000
