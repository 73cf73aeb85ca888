"""The reader of Abel and Cohen's five-year flows, on a small file in the publisher's form and on the real one."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pandas as pd
import pytest

from corridors import catalog
from etl import frames
from etl.sources.abel_cohen import read as abel
from tests.etl.sources.reader import Reader

READER = Reader("abel_cohen")
extracted, refusal, ORIGINALS, on_the_originals = READER.extracted, READER.refusal, READER.originals, READER.on_the_originals


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


def test_nine_people_in_five_years_are_not_imported_and_ten_are(tmp_path):
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


# --- files that must be refused --------------------------------------------------------------------------------------


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
def test_the_imported_table_stays_small_and_is_the_same_again(original, tmp_path):
    again = extracted(ORIGINALS)
    pd.testing.assert_frame_equal(original.figures, again.figures)
    frames.write_csv(again.figures, tmp_path / "figures.csv")
    assert (tmp_path / "figures.csv").stat().st_size < 2_500_000
