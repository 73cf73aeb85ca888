"""The reader of Abel and Cohen's five-year flows, on a small file in the publisher's form, and what the project holds."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pandas as pd
import pytest

from corridors import catalog
from etl.sources.abel_cohen import read as abel
from tests.etl.sources.reader import Reader, held

READER = Reader("abel_cohen")
extracted, refusal = READER.extracted, READER.refusal

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


def told(f: pd.DataFrame) -> dict:
    """What the figures say: (destination, origin, first day) to the number."""
    return dict(zip(zip(f["iso3"], f["partner_iso3"], f["period_start"]), f["value"]))


def test_a_corridor_is_told_over_five_years_as_an_estimate_with_its_place_in_the_file(tmp_path):
    written(tmp_path)
    f = extracted(tmp_path).figures
    (figure,) = f[(f["iso3"] == "THA") & (f["partner_iso3"] == "MMR")].itertuples()
    assert (figure.value, figure.status, figure.indicator_id) == (314_369, "estimated", "migration_flow_estimate")
    assert (figure.period_start, figure.period_end) == ("2015-01-01", "2019-12-31")
    assert (figure.sex, figure.age, figure.form) == ("total", "total", "total") and pd.isna(figure.lower)
    assert (figure.source_ref, figure.provider_label) == ("2015/1/2", "Myanmar>Thailand")
    assert SMALL["matrix"]["2015"][1][2] == figure.value


def test_every_cell_is_a_figure_or_out_of_scope_with_the_reason(tmp_path):
    written(tmp_path)
    result = extracted(tmp_path)
    day = "2015-01-01"
    assert told(result.figures) == {
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


def test_nine_people_in_five_years_are_not_imported_and_ten_are(tmp_path):
    written(tmp_path, **with_cell(9))
    assert ("THA", "MMR", "2015-01-01") not in told(extracted(tmp_path).figures)
    written(tmp_path, **with_cell(10))
    assert told(extracted(tmp_path).figures)[("THA", "MMR", "2015-01-01")] == 10


def test_a_state_that_split_stands_for_neither_part_and_a_published_total_is_told_as_printed(tmp_path):
    written(tmp_path)
    f = extracted(tmp_path).figures
    assert f.loc[f["partner_iso3"] == "OTH", "provider_label"].tolist() == ["Sudan*>Thailand"]
    assert not set(f["partner_iso3"]) & {"SDN", "SSD"}
    (total,) = f[(f["iso3"] == "THA") & (f["partner_iso3"] == "")].itertuples()
    assert (total.value, total.source_ref) == (318_920, "total_inflow/2015/Thailand")
    assert total.provider_label == "total_inflow>Thailand"
    (total,) = f[(f["iso3"] == "WLD") & (f["partner_iso3"] == "THA")].itertuples()
    assert total.source_ref == "total_outflow/2015/Thailand" and total.provider_label == "Thailand>total_outflow"


def test_the_file_of_another_method_is_not_taken_for_this_one(tmp_path):
    written(tmp_path).rename(tmp_path / "flow_mig_rate.json")
    assert "no such file" in refusal(tmp_path)


def test_a_period_that_starts_in_another_year_is_not_taken_for_five(tmp_path):
    written(tmp_path, matrix={**SQUARE, "2012": SQUARE["2015"]})
    assert "found “2012”; expected a year that a period of 5 years starts with" in refusal(tmp_path)


def test_an_empty_cell_is_refused_even_in_a_period_that_is_not_imported(tmp_path):
    for year in SQUARE:
        written(tmp_path, **with_cell(None, year))
        assert f"column “matrix/{year}”, row 2: found 1 empty" in refusal(tmp_path)


def test_the_card_names_the_method_and_where_the_file_is():
    card = catalog.read_source(Path(abel.__file__).with_name("source.toml"))
    assert "pseudo-Bayesian" in card.method and "closed" in card.edition
    (download,) = card.downloads
    assert (download.file, download.kind) == (abel.FILE, "file") and download.url.endswith(abel.FILE)


@pytest.fixture(scope="module")
def f():
    return held("abel_cohen")


@pytest.mark.parametrize("end", ["iso3", "partner_iso3"])
def test_every_member_has_a_published_total_in_every_period_that_is_near_the_sum_of_its_corridors(f, end):
    """Corridors of one to nine people are in the total alone: at most nine for each of 231 origins, and the rounding."""
    total = (f["partner_iso3"] == "") if end == "iso3" else (f["iso3"] == "WLD")
    corridor = (f["partner_iso3"] != "") & (f["iso3"] != "WLD")
    whole = f[total].set_index([end, "period_start"])["value"]
    parts = f[corridor].groupby([end, "period_start"])["value"].sum().reindex(whole.index).fillna(0)
    assert set(whole.index.get_level_values(0)) == set(catalog.load().members) and len(whole) == 45 * 4
    assert (whole - parts).between(-10, 9 * 231).all()


def test_sudan_and_south_sudan_have_flows_of_their_own_from_2010_on(f):
    f = f[f["partner_iso3"].isin(["SDN", "SSD", "OTH"])]
    years = f.groupby("partner_iso3")["period_start"].agg(lambda days: sorted({day[:4] for day in days}))
    assert years.to_dict() == {"OTH": ["2000", "2005"], "SDN": ["2010", "2015"], "SSD": ["2010", "2015"]}
