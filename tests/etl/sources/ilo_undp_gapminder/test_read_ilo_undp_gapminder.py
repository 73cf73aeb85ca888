"""The reader of Gapminder's compilation, on small files in its format, and what the project holds of it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from corridors import catalog
from etl import series
from etl.sources.ilo_undp_gapminder import read as gapminder
from tests.etl.sources.reader import Reader, held, spoil
from tests.etl.sources.reader import by_year as told

READER = Reader("ilo_undp_gapminder")
extracted, refusal = READER.extracted, READER.refusal

WORK, YOUTH, GROWTH = (gapminder.file_of(n) for n in list(gapminder.SERIES)[1:3] + ["population_growth_annual_percent"])
HDI, GDP = gapminder.file_of("hdi_human_development_index"), gapminder.file_of("alternative_gdp_per_capita_ppp_wb")


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
    assert told(extracted(folder), "population_growth")[("THA", "2024")] == -0.048, "a falling population stays negative"


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


def test_every_missing_file_is_named_at_once_with_the_command_that_fetches_it(folder):
    (folder / HDI).unlink()
    (folder / GDP).unlink()
    text = refusal(folder)
    assert HDI in text and GDP in text and "etl refresh ilo_undp_gapminder" in text


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (WORK, "aged_15plus_unemployment_rate_percent", "rate", "unused columns: rate"),
        (WORK, "tha,2023", "thx,2023", "column “geo”, row 4: found unknown label “thx” (1 rows)"),
        (WORK, "0.733", "below 1", "row 4: found “below 1”; expected a number"),
        (WORK, "0.733", "0,733", "row 4: found a line with more cells (4) than the header"),
        (WORK, "tha,2024,0.781\n", "tha,2024\n", "row 5: found a line with fewer cells (2)"),
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


DOLLARS = ["21191.45403", "21740.54032", "53673.81374", "13022.46274", "11253.3875"]


@pytest.mark.parametrize(
    ("file", "changes", "said"),
    [
        (HDI, {"0.792": "79.2", "0.798": "79.8"}, "found 79.2 in the series hdi_human_development_index"),
        (YOUTH, {"4.368": "0.04368", "4.561": "0.04561"}, "nothing above 1"),
        (GDP, {n: f"{float(n) / 1_000:.2f}" for n in DOLLARS}, "some above 1,000"),
    ],
)
def test_a_series_that_changed_its_unit_is_refused(folder, file, changes, said):
    for old, new in changes.items():
        spoil(folder / file, old, new)
    assert file in (text := refusal(folder)) and said in text


def test_the_card_fetches_every_file_that_the_reader_wants():
    card = catalog.read_source(Path(gapminder.__file__).with_name("source.toml"))
    assert {d.file for d in card.downloads} == {gapminder.PLACES, *map(gapminder.file_of, gapminder.SERIES)}
    assert all(d.kind == "file" and d.url.endswith(f"/{d.file}") for d in card.downloads)


def test_units_are_what_the_catalog_says_and_members_that_a_series_lacks_are_those_that_the_publishers_lack():
    f, known, members = held("ilo_undp_gapminder"), catalog.load().indicators, set(catalog.load().members)
    spans = f.groupby("indicator_id")["value"].agg(["min", "max"])
    for indicator, span in spans.iterrows():
        if known[indicator].unit == "per-cent" and indicator != "population_growth":
            assert 0 <= span["min"] and 10 < span["max"] <= 100, indicator
    assert spans.loc["human_development", "max"] < 1 < 1_000 < spans.loc["gdp_per_head_ppp", "min"]
    lacking = {i: members - set(some["iso3"]) for i, some in f.groupby("indicator_id")}
    assert lacking["unemployment_survey"] == lacking["youth_unemployment_survey"] == {"PRK"}
    assert lacking["human_development"] == {"MAC", "NCL", "PRK"} and lacking["gdp_per_head_ppp"] == {"NCL", "PRK"}
    assert not lacking["internet_users"] | lacking["urban_population"] | lacking["population_growth"]
