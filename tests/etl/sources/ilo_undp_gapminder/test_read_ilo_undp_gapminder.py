"""The reader of Gapminder's compilation, on small files in its format and on the real ones."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from corridors import catalog
from etl import frames, pipeline, series
from etl.sources.ilo_undp_gapminder import read as gapminder
from tests.etl.sources.reader import Reader, spoil
from tests.etl.sources.reader import by_year as told

READER = Reader("ilo_undp_gapminder")
extracted, refusal, ORIGINALS, on_the_originals = READER.extracted, READER.refusal, READER.originals, READER.on_the_originals


HERE = Path(__file__).parent

WORK, YOUTH, GROWTH = (gapminder.file_of(n) for n in list(gapminder.SERIES)[1:3] + ["population_growth_annual_percent"])
HDI, GDP = gapminder.file_of("hdi_human_development_index"), gapminder.file_of("alternative_gdp_per_capita_ppp_wb")


@pytest.fixture
def folder(tmp_path) -> Path:
    """The small files, which a test may spoil."""
    return Path(shutil.copytree(HERE / "sample", tmp_path / "ilo_undp_gapminder"))


# --- what a reader of the dashboard is told -------------------------------------------------------------------------


def test_the_small_files_give_exactly_the_expected_figures(folder, tmp_path):
    frames.write_csv(extracted(folder).figures, tmp_path / "figures.csv")
    assert (tmp_path / "figures.csv").read_text() == (HERE / "expected.csv").read_text()


def test_every_line_is_a_figure_or_out_of_scope_with_the_reason(folder):
    result = extracted(folder)
    assert result.cells_read == 25 and result.rejected.empty and len(result.figures) == 15
    assert result.out_of_scope == {series.OLD: 2, series.GROUP: 3, series.NO_MEMBER: 5}


def test_a_surveyed_rate_is_never_told_as_the_modelled_one(folder):
    f = extracted(folder).figures
    assert {"unemployment_survey", "youth_unemployment_survey"} <= set(f["indicator_id"])
    assert "unemployment_modelled" not in set(f["indicator_id"])
    assert set(f.loc[f["indicator_id"].str.contains("unemployment"), "status"]) == {"reported"}
    assert set(f.loc[f["indicator_id"] == "urban_population", "status"]) == {"estimated"}


def test_a_rate_of_0_per_cent_is_a_rate_and_not_a_count_of_nobody(folder):
    f = extracted(folder).figures
    assert f.loc[(f["indicator_id"] == "extreme_poverty") & (f["value"] == 0), "status"].tolist() == ["reported"]


def test_a_falling_population_stays_negative(folder):
    assert told(extracted(folder), "population_growth")[("THA", "2024")] == -0.048


def test_years_that_are_not_over_are_cut_and_the_cut_is_told(folder):
    lines = "".join(f"tha,{year},-0.1\n" for year in (2026, 2050, 2100))
    with (folder / GROWTH).open("a", encoding="utf-8") as handle:
        handle.write(lines)
    result = extracted(folder)
    assert max(year for _, year in told(result, "population_growth")) == "2024"
    assert result.out_of_scope[series.PROJECTED] == 3
    assert "3 numbers of members for years after 2025 were cut: projections." in result.notes


def test_blank_numbers_and_a_new_column_change_nothing(folder):
    before = extracted(folder)
    spoil(folder / WORK, "geo,time,", "geo,time,note,")
    text = (folder / WORK).read_text(encoding="utf-8").splitlines()
    cells = [line.split(",") for line in text[1:]]
    rows = [",".join([*line[:2], "survey", line[2]]) for line in cells] + ["tha,2021,none,", "tha,2020,none,.."]
    (folder / WORK).write_text("\n".join([text[0], *rows]) + "\n", encoding="utf-8")
    pd.testing.assert_frame_equal(extracted(folder).figures, before.figures)


def test_two_numbers_for_one_year_are_quarantined(folder):
    spoil(folder / HDI, "tha,2022", "tha,2023")
    result = extracted(folder)
    assert result.rejected["reason"].tolist() == [series.REPEATED] * 2 and not told(result, "human_development")
    assert set(result.rejected["file"]) == {HDI} and result.rejected["row"].tolist() == ["2", "3"]


# --- files that must be refused --------------------------------------------------------------------------------------


def test_every_missing_file_is_named_at_once_with_the_command_that_fetches_it(folder):
    (folder / HDI).unlink()
    (folder / GDP).unlink()
    text = refusal(folder)
    assert HDI in text and GDP in text and "etl refresh ilo_undp_gapminder" in text
    assert "no such folder" in refusal(folder / "nowhere")


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (WORK, "geo,time", "place,time", "column “geo”"),
        (WORK, "aged_15plus_unemployment_rate_percent", "rate", "unused columns: rate"),
        (WORK, "tha,2023", "thx,2023", "column “geo”, row 4: found unknown label “thx” (1 rows)"),
        (WORK, "0.733", "below 1", "row 4: found “below 1”; expected a number"),
        (WORK, "0.733", "0,733", "row 4: found a line with more cells (4) than the header"),
        (WORK, "tha,2024,0.781\n", "tha,2024\n", "row 5: found a line with fewer cells (2)"),
        (WORK, "tha,2024,0.781\n", "tha,2024,0.781", "a last line without an end"),
        (WORK, "2023", "soon", "column “time”, row 4: found “soon”"),
        (WORK, "2023", "20233", "found “20233”; expected a year from 1900 to 2150"),
        (gapminder.PLACES, "XK,,", "XK,THA,", "row 5: found “THA” for kos and tha; expected an ISO code once"),
        (gapminder.PLACES, "iso3166_1_alpha3", "iso3", "column “iso3166_1_alpha3”"),
    ],
)
def test_a_file_that_lost_or_changed_a_part_is_refused_by_name(folder, file, old, new, said):
    spoil(folder / file, old, new)
    text = refusal(folder)
    assert file in text and said in text


@pytest.mark.parametrize(
    ("file", "changes", "said"),
    [
        (HDI, {"0.792": "79.2", "0.798": "79.8"}, "found 79.2 in the series hdi_human_development_index"),
        (YOUTH, {"4.368": "0.04368", "4.561": "0.04561"}, "nothing above 1"),
        (
            GDP,
            {
                "21191.45403": "21.19",
                "21740.54032": "21.74",
                "53673.81374": "53.67",
                "13022.46274": "13.02",
                "11253.3875": "11.25",
            },
            "some above 1,000",
        ),
    ],
)
def test_a_series_that_changed_its_unit_is_refused(folder, file, changes, said):
    for old, new in changes.items():
        spoil(folder / file, old, new)
    assert file in (text := refusal(folder)) and said in text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda data: data.replace(b"tha", "th\xe3".encode("latin-1")), "a byte that is not UTF-8"),
        (lambda data: data.split(b"\n")[0] + b"\n", "a header and no lines"),
    ],
)
def test_a_spoilt_file_is_refused(folder, change, said):
    (folder / YOUTH).write_bytes(change((folder / YOUTH).read_bytes()))
    assert YOUTH in (text := refusal(folder)) and said in text


def test_the_card_fetches_every_file_that_the_reader_wants():
    card = catalog.read_source(Path(gapminder.__file__).with_name("source.toml"))
    assert (card.id, card.licence, card.reliability, card.tlp) == ("ilo_undp_gapminder", "CC BY 4.0", "B", "CLEAR")
    assert {d.file for d in card.downloads} == {gapminder.PLACES, *map(gapminder.file_of, gapminder.SERIES)}
    assert all(d.kind == "file" and d.url.endswith(f"/{d.file}") for d in card.downloads)


# --- the real files --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def original():
    return extracted(ORIGINALS)


@on_the_originals
def test_members_find_their_own_numbers(original):
    assert told(original, "gdp_per_head_ppp")[("THA", "2024")] == 21740.5403
    assert told(original, "unemployment_survey")[("THA", "2023")] == 0.733
    assert told(original, "youth_unemployment_survey")[("THA", "2024")] == 4.561
    assert told(original, "human_development")[("THA", "2023")] == 0.798
    assert told(original, "internet_users")[("THA", "2024")] == 90.8672
    assert told(original, "urban_population")[("THA", "2024")] == 61.8689
    assert told(original, "extreme_poverty")[("THA", "2020")] == 0.1


@on_the_originals
def test_every_line_of_the_originals_is_accounted_for(original):
    assert original.cells_read == 57_422 and original.rejected.empty and len(original.figures) == 6_751
    assert original.out_of_scope == {series.OLD: 25_023, series.GROUP: 190, series.NO_MEMBER: 25_458}


@on_the_originals
def test_units_are_what_the_catalog_says(original):
    known = catalog.load().indicators
    spans = original.figures.groupby("indicator_id")["value"].agg(["min", "max"])
    for indicator, span in spans.iterrows():
        if known[indicator].unit == "per-cent" and indicator != "population_growth":
            assert 0 <= span["min"] and 10 < span["max"] <= 100, indicator
    assert spans.loc["human_development", "max"] < 1 < 1_000 < spans.loc["gdp_per_head_ppp", "min"]


@on_the_originals
def test_members_that_a_series_lacks_are_those_that_the_publishers_lack(original):
    f, members = original.figures, set(catalog.load().members)
    lacking = {i: members - set(some["iso3"]) for i, some in f.groupby("indicator_id")}
    assert lacking["unemployment_survey"] == lacking["youth_unemployment_survey"] == {"PRK"}
    assert lacking["human_development"] == {"MAC", "NCL", "PRK"} and lacking["gdp_per_head_ppp"] == {"NCL", "PRK"}
    assert not lacking["internet_users"] | lacking["urban_population"] | lacking["population_growth"]


@on_the_originals
def test_the_files_give_what_is_imported_and_the_imported_table_stays_small(tmp_path):
    frames.write_csv(extracted(ORIGINALS).figures, tmp_path / "figures.csv")
    assert (tmp_path / "figures.csv").stat().st_size < 700_000
    imported = pipeline.DATA / "sources" / "ilo_undp_gapminder" / "figures.csv"
    assert imported.read_bytes() == (tmp_path / "figures.csv").read_bytes()
