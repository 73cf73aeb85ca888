"""The reader of UN DESA's migrant stock, on small files of its older edition, and what the project holds of it."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pandas as pd
import pytest

from corridors import catalog
from etl.sources.un_desa import read as desa
from tests.etl.sources.reader import Reader, held
from tests.etl.sources.reader import by_ends as told

READER = Reader("un_desa")
extracted, refusal = READER.extracted, READER.refusal

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


def test_a_corridor_is_told_as_printed_with_its_place_in_the_file(tmp_path):
    matrix(tmp_path)
    f = extracted(tmp_path).figures
    (figure,) = f[(f["iso3"] == "THA") & (f["partner_iso3"] == "MMR")].itertuples()
    assert (figure.value, figure.status, figure.indicator_id) == (1_848_270, "estimated", "migrant_stock")
    assert (figure.period_start, figure.period_end) == ("2020-07-01", "2020-07-01")
    assert (figure.sex, figure.age, figure.form) == ("total", "total", "total") and pd.isna(figure.lower)
    assert (figure.source_ref, figure.provider_label) == ("matrix/2020/1/2", "Myanmar>Thailand")
    assert SMALL["matrix"]["2020"][1][2] == figure.value


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


def test_the_newest_workbook_is_asked_for_as_a_browser_would():
    card = catalog.read_source(Path(desa.__file__).with_name("source.toml"))
    (download,) = card.downloads
    assert (download.kind, download.file) == ("file", BOOK) and Path(BOOK).match(desa.WORKBOOK)
    assert download.url.endswith(BOOK) and download.options["user_agent"].startswith("Mozilla/5.0")


def test_every_member_has_a_total_in_every_year_and_no_total_is_below_its_corridors():
    f = held("un_desa")
    whole = f[f["partner_iso3"] == ""].set_index(["iso3", "period_end"])["value"]
    parts = f[f["partner_iso3"] != ""].groupby(["iso3", "period_end"])["value"].sum()
    assert set(whole.index.get_level_values(0)) == set(catalog.load().members) and len(whole) == 45 * 5
    assert (whole >= parts.reindex(whole.index).fillna(0)).all()


@READER.on_the_originals
def test_totals_abroad_equal_the_published_ones_and_names_lead_where_the_publishers_own_list_does():
    published = json.loads((READER.originals / desa.MATRIX).read_text(encoding="utf-8"))
    f, known = held("un_desa"), catalog.load()
    sums = f[f["partner_iso3"] != ""].groupby(["partner_iso3", "period_end"])["value"].sum()
    for year in ("2000", "2020"):
        for name, number in published["total_outflow"][year].items():
            if (iso3 := known.find(name)) in known.members:
                assert sums.get((iso3, f"{year}-07-01"), 0) == number, (name, year)
    pairs = pd.read_csv(READER.originals / "country-metadata-flags.csv", dtype=str, keep_default_na=False)
    told = {n: i for n, i in zip(pairs["origin_name"], pairs["origin_iso"]) if n in published["names"]}
    slips = {"Chile": "CHI", "Sudan": "SUD", "Channel Islands": "JEY"}  # not ISO, or a part for the whole
    assert {n: i for n, i in told.items() if known.find(n) != i} == slips
