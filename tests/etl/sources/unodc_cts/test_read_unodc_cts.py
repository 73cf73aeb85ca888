"""The reader of UNODC's crime trends workbook, on small workbooks in the publisher's layout and on the real one."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from corridors import catalog
from etl.sources.unodc_cts import read as cts
from tests.etl.sources import unodc_workbook
from tests.etl.sources.reader import LATEST, Reader, only

READER = Reader("unodc_cts")
refusal, ORIGINALS, on_the_originals = READER.refusal, READER.originals, READER.on_the_originals


FILE, SHEET = "data_cts_corruption_and_economic_crime.xlsx", "data_cts_corruption_and_economi"
HEADER = [*unodc_workbook.HEAD, "VALUE", "Source"]
BANNER = (["UNODC", "unodc_ddds@un.org"], ["16/05/2024"])
SMUGGLING, RATE = "Smuggling of migrants", "Rate per 100,000 population"


def row(value, iso3="THA", year=2022.0, category=SMUGGLING, unit="Counts", sex="Total", age="Total", source="CTS"):
    """One line of the sheet, as UNODC writes it: counts, rates and years as numbers."""
    where = [iso3, iso3, *unodc_workbook.ASIA, "Offences", "by type of offence"]
    return [*where, category, sex, age, year, unit, value, source]


def workbook(folder: Path, rows: list[list], header=HEADER, banner=BANNER) -> Path:
    """A workbook with two lines above the header, named as a download is."""
    return unodc_workbook.write(folder / FILE, rows, header, banner, SHEET)


def extracted(folder: Path, rows: list[list], **layout):
    workbook(folder, rows, **layout)
    return cts.to_figures(cts.read(folder), catalog.load(), LATEST).balanced()


# --- what a reader of the dashboard is told -------------------------------------------------------------------------


def test_a_count_reaches_the_page_as_printed_with_its_row_and_survey(tmp_path):
    figure = only(extracted(tmp_path, [row(45094.0)]))
    assert (figure.iso3, figure.partner_iso3, figure.indicator_id) == ("THA", "", "smuggling_offences")
    assert (figure.value, figure.status, figure.period_start, figure.period_end) == (
        45094,
        "reported",
        "2022-01-01",
        "2022-12-31",
    )
    assert (figure.sex, figure.age, figure.form) == ("total", "total", "total")
    assert (figure.source_ref, figure.provider_label) == ("row 4", "Smuggling of migrants (CTS)")


def test_a_printed_zero_stays_a_zero_and_is_not_taken_for_missing(tmp_path):
    figure = only(extracted(tmp_path, [row(0.0, "BTN", 2014.0)]))
    assert (figure.value, figure.status) == (0, "zero")


def test_an_empty_count_is_quarantined_and_not_taken_for_zero(tmp_path):
    result = extracted(tmp_path, [row(20.0, "MMR"), row("", "MMR", 2021.0)])
    assert only(result).value == 20 and result.rejected["reason"].tolist() == [cts.NO_VALUE]


def test_rates_are_never_mixed_with_counts(tmp_path):
    result = extracted(tmp_path, [row(45094.0), row(62.89, unit=RATE)])
    assert only(result).value == 45094 and result.out_of_scope == {cts.OTHER_UNIT: 1}


def test_other_offences_are_left_out_even_where_their_counts_are_broken(tmp_path):
    result = extracted(tmp_path, [row(1144.106, "SGP", category="Fraud"), row(20.0, "MMR")])
    assert only(result).iso3 == "MMR" and result.out_of_scope == {cts.OTHER_CATEGORY: 1}


def test_a_part_of_a_country_never_stands_for_the_country(tmp_path):
    parts = [row(32.0, "GBR_S"), row(5.0, "IRQ_C")]
    result = extracted(tmp_path, [row(20.0, "MMR"), *parts, row(7.0, "XKX"), row(9.0, "FRA")])
    assert only(result).iso3 == "MMR"
    assert result.out_of_scope == {cts.PART_OF_COUNTRY: 2, cts.NO_MEMBER: 2}


def test_two_counts_for_one_year_are_quarantined_so_that_no_series_has_two_totals(tmp_path):
    result = extracted(tmp_path, [row(20.0, "MMR"), row(24.0, "MMR"), row(4.0, "NZL")])
    assert only(result).iso3 == "NZL" and result.rejected["reason"].tolist() == [cts.REPEATED] * 2
    assert result.rejected["found"].tolist()[0] == "MMR 2022, Smuggling of migrants: 20"


def test_years_before_the_scope_are_left_out(tmp_path):
    assert extracted(tmp_path, [row(20.0), row(6.0, year=1999.0)]).out_of_scope == {cts.OLD: 1}


def test_the_date_of_release_is_told(tmp_path):
    assert "Release of 2024-05-16" in extracted(tmp_path, [row(20.0)]).notes[0]
    assert "no date" in extracted(tmp_path, [row(20.0)], banner=(["UNODC"], [""])).notes[0]


# --- files that must be refused --------------------------------------------------------------------------------------


def test_a_missing_file_is_named(tmp_path):
    text = refusal(tmp_path)
    assert "no such file" in text and "data_cts_corruption_and_economic_crime*.xlsx" in text
    assert "python -m etl refresh unodc_cts" in text
    assert "no such folder" in refusal(tmp_path / "nowhere")


def test_a_workbook_without_data_is_refused(tmp_path):
    workbook(tmp_path, [])
    assert SHEET in (text := refusal(tmp_path)) and "data below it" in text


def test_renamed_columns_are_all_named_at_once(tmp_path):
    renamed = ["txtVALUE" if c == "VALUE" else "Offence" if c == "Category" else c for c in HEADER]
    workbook(tmp_path, [row(20.0)], header=renamed)
    text = refusal(tmp_path)
    assert "column “VALUE”" in text and "column “Category”" in text and "txtVALUE" in text and SHEET in text


def test_another_workbook_of_the_survey_is_refused(tmp_path):
    workbook(tmp_path, [row(20.0, category="Intentional homicide")])
    assert "the category “Smuggling of migrants”" in refusal(tmp_path)


def test_every_unknown_label_is_named_at_once_with_sheet_column_row_and_cure(tmp_path):
    workbook(
        tmp_path,
        [
            row(20.0),
            row(1.0, "THX"),
            row(2.0, "IDX"),
            row(3.0, unit="Share"),
            row(4.0, sex="Divers"),
            row(5.0, age="60+"),
        ],
    )
    text = refusal(tmp_path)
    for label, column, line in (
        ("THX", "Iso3_code", 5),
        ("IDX", "Iso3_code", 6),
        ("Share", "Unit of measurement", 7),
        ("Divers", "Sex", 8),
        ("60+", "Age", 9),
    ):
        assert f"{FILE}, sheet “{SHEET}”, column “{column}”, row {line}: found unknown label “{label}”" in text
    assert "corridors/catalog/countries.csv" in text and "etl/sources/unodc_cts/read.py" in text


@pytest.mark.parametrize("year", [2027.0, "soon", 2019.5])
def test_a_year_that_cannot_be_is_refused(tmp_path, year):
    workbook(tmp_path, [row(20.0), row(6.0, year=year)])
    text = refusal(tmp_path)
    assert f"{FILE}, sheet “{SHEET}”, column “Year”, row 5" in text and "a year from 1900 to 2026" in text


@pytest.mark.parametrize(("count", "shown"), [(-5.0, "-5"), ("about 40", "about 40"), (12.5, "12.5"), ("<5", "<5")])
def test_a_count_that_is_no_count_is_refused(tmp_path, count, shown):
    workbook(tmp_path, [row(20.0), row(count, "NZL")])
    text = refusal(tmp_path)
    assert f"{FILE}, sheet “{SHEET}”, column “VALUE”, row 5: found “{shown}”" in text


# --- the sheet as publishers' tools leave it -------------------------------------------------------------------------


def test_a_false_dimension_does_not_hide_rows(tmp_path):
    path = workbook(tmp_path, [row(45094.0), row(20.0, "MMR")])
    rewritten = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(rewritten, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                part, changed = re.subn(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', part)
                assert changed == 1
            new.writestr(name, part)
    path.write_bytes(rewritten.getvalue())
    result = cts.to_figures(cts.read(tmp_path), catalog.load(), LATEST).balanced()
    assert len(result.figures) == 2


def test_empty_lines_below_the_table_are_no_cells(tmp_path):
    assert extracted(tmp_path, [row(20.0), ["", "", ""], row(6.0, "NZL"), [" "]]).cells_read == 2


def test_the_card_describes_the_release_that_is_imported():
    card = catalog.read_source(Path(cts.__file__).with_name("source.toml"))
    assert (card.id, card.publisher, card.released, card.tlp) == ("unodc_cts", "UNODC", "2024-05-16", "CLEAR")
    (download,) = card.downloads
    assert download.kind == "linked_file" and download.options["prefer"] == "_0"
    for ending in ("", "_0"):
        link = f"/sites/dataportal.unodc.org/files/2024-05/data_cts_corruption_and_economic_crime{ending}.xlsx"
        assert re.fullmatch(download.options["pattern"], link)


# --- the real workbook -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def original():
    return cts.to_figures(cts.read(ORIGINALS), catalog.load(), LATEST).balanced()


@on_the_originals
def test_thailand_and_myanmar_find_their_own_counts(original):
    f = original.figures
    assert f.loc[(f["iso3"] == "THA") & (f["period_end"] == "2022-12-31"), "value"].tolist() == [45_094]
    myanmar = f[f["iso3"] == "MMR"]
    assert (myanmar["period_end"].min(), myanmar["period_end"].max()) == ("2013-12-31", "2022-12-31")
    assert (myanmar["value"].min(), myanmar["value"].max()) == (17, 131)


@on_the_originals
def test_every_row_is_accounted_for(original):
    assert original.cells_read == 22_754 and original.rejected.empty
    assert len(original.figures) == 75 and (original.figures["status"] == "zero").sum() == 10
    assert original.out_of_scope == {
        cts.OTHER_CATEGORY: 21_508,
        cts.OTHER_UNIT: 623,
        cts.NO_MEMBER: 530,
        cts.PART_OF_COUNTRY: 18,
    }


@on_the_originals
def test_members_that_never_answered_have_no_row(original):
    silent = ["AUS", "IDN", "MYS", "IND", "BGD", "PAK", "KHM", "VNM"]
    assert not original.figures["iso3"].isin(silent).any() and original.figures["iso3"].nunique() == 14


@on_the_originals
def test_the_release_of_the_original_is_told_and_a_second_reading_is_the_same(original):
    assert original.notes == ("Release of 2024-05-16, as printed above the table.",)
    again = cts.to_figures(cts.read(ORIGINALS), catalog.load(), LATEST)
    pd.testing.assert_frame_equal(original.figures, again.figures)
