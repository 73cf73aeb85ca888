"""The reader of UNODC's crime trends workbook, on small workbooks in the publisher's layout, and what the project holds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from corridors import catalog
from etl.sources.unodc_cts import read as cts
from tests.etl.sources import unodc_workbook
from tests.etl.sources.reader import Reader, held, only

READER = Reader("unodc_cts")
refusal = READER.refusal

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
    return READER.extracted(folder)


def test_a_count_reaches_the_page_as_printed_with_its_row_and_survey(tmp_path):
    figure = only(extracted(tmp_path, [row(45094.0)]))
    assert (figure.iso3, figure.partner_iso3, figure.indicator_id) == ("THA", "", "smuggling_offences")
    assert (figure.value, figure.status) == (45094, "reported")
    assert (figure.period_start, figure.period_end) == ("2022-01-01", "2022-12-31")
    assert (figure.sex, figure.age, figure.form) == ("total", "total", "total")
    assert (figure.source_ref, figure.provider_label) == ("row 4", "Smuggling of migrants (CTS)")


TOLD = {  # what is printed beside Myanmar's 20 → (other figures, what is rejected and why, what is out of scope and why)
    "a printed zero stays a zero and is not taken for missing": ([row(0.0, "BTN", 2014.0)], {"BTN": 0}, [], {}),
    "an empty count is quarantined and not taken for zero": ([row("", "MMR", 2021.0)], {}, [cts.NO_VALUE], {}),
    "rates are never mixed with counts": ([row(62.89, unit=RATE)], {}, [], {cts.OTHER_UNIT: 1}),
    "other offences are left out even where their counts are broken": (
        [row(1144.106, "SGP", category="Fraud")],
        {},
        [],
        {cts.OTHER_CATEGORY: 1},
    ),
    "a part of a country never stands for the country": (
        [row(32.0, "GBR_S"), row(5.0, "IRQ_C"), row(7.0, "XKX"), row(9.0, "FRA")],
        {},
        [],
        {cts.PART_OF_COUNTRY: 2, cts.NO_MEMBER: 2},
    ),
    "two counts for one year are quarantined so that no series has two totals": (
        [row(20.0, "NZL"), row(24.0, "NZL")],
        {},
        [cts.REPEATED] * 2,
        {},
    ),
    "years before the scope are left out": ([row(6.0, year=1999.0)], {}, [], {cts.OLD: 1}),
    "empty lines below the table are no cells": ([["", "", ""], row(6.0, "NZL"), [" "]], {"NZL": 6}, [], {}),
}


@pytest.mark.parametrize("case", TOLD)
def test_what_becomes_of_each_row(tmp_path, case):
    rows, figures, rejected, out_of_scope = TOLD[case]
    result = extracted(tmp_path, [row(20.0, "MMR"), *rows])
    assert dict(zip(result.figures["iso3"], result.figures["value"])) == {"MMR": 20} | figures
    assert result.rejected["reason"].tolist() == rejected and result.out_of_scope == out_of_scope
    assert result.cells_read == 1 + len(figures) + len(rejected) + sum(out_of_scope.values())
    assert set(result.figures["status"]) == {"reported"} | {"zero" for value in figures.values() if value == 0}
    if rejected == [cts.REPEATED] * 2:
        assert result.rejected["found"].tolist()[0] == "NZL 2022, Smuggling of migrants: 20"


def test_the_date_of_release_is_told(tmp_path):
    assert "Release of 2024-05-16" in extracted(tmp_path, [row(20.0)]).notes[0]
    assert "no date" in extracted(tmp_path, [row(20.0)], banner=(["UNODC"], [""])).notes[0]


def test_another_workbook_of_the_survey_is_refused(tmp_path):
    workbook(tmp_path, [row(20.0, category="Intentional homicide")])
    assert "the category “Smuggling of migrants”" in refusal(tmp_path)


def test_every_unknown_label_is_named_at_once_with_sheet_column_row_and_how_to_fix_it(tmp_path):
    unknown = [  # from row 5 on
        ("THX", "Iso3_code", row(1.0, "THX")),
        ("IDX", "Iso3_code", row(2.0, "IDX")),
        ("Share", "Unit of measurement", row(3.0, unit="Share")),
        ("Divers", "Sex", row(4.0, sex="Divers")),
        ("60+", "Age", row(5.0, age="60+")),
    ]
    workbook(tmp_path, [row(20.0), *(line for _, _, line in unknown)])
    text = refusal(tmp_path)
    for n, (label, column, _) in enumerate(unknown, 5):
        assert f"{FILE}, sheet “{SHEET}”, column “{column}”, row {n}: found unknown label “{label}”" in text
    assert "corridors/catalog/countries.csv" in text and "etl/sources/unodc_cts/read.py" in text


@pytest.mark.parametrize(
    ("line", "said"),
    [
        *((row(6.0, year=year), "column “Year”, row 5") for year in (2027.0, "soon", 2019.5)),
        (row(-5.0, "NZL"), "column “VALUE”, row 5: found “-5”"),
        *((row(n, "NZL"), f"column “VALUE”, row 5: found “{n}”") for n in ("about 40", 12.5, "<5")),
    ],
)
def test_a_year_or_a_count_that_cannot_be_is_refused(tmp_path, line, said):
    workbook(tmp_path, [row(20.0), line])
    text = refusal(tmp_path)
    assert f"{FILE}, sheet “{SHEET}”, {said}" in text and ("Year" not in said or "a year from 1900 to 2026" in text)


def test_a_false_dimension_does_not_hide_rows(tmp_path):
    unodc_workbook.with_false_dimension(workbook(tmp_path, [row(45094.0), row(20.0, "MMR")]))
    assert len(READER.extracted(tmp_path).figures) == 2


def test_the_card_asks_for_the_newest_workbook_behind_the_page():
    (download,) = catalog.read_source(Path(cts.__file__).with_name("source.toml")).downloads
    assert download.kind == "linked_file" and download.options["prefer"] == "_0"
    for ending in ("", "_0"):
        link = f"/sites/dataportal.unodc.org/files/2024-05/data_cts_corruption_and_economic_crime{ending}.xlsx"
        assert re.fullmatch(download.options["pattern"], link)


def test_members_that_never_answered_have_no_row_and_myanmar_finds_its_own():
    f = held("unodc_cts")
    silent = ["AUS", "IDN", "MYS", "IND", "BGD", "PAK", "KHM", "VNM"]
    assert not f["iso3"].isin(silent).any() and f["iso3"].nunique() == 14 and (f["status"] == "zero").sum() == 10
    myanmar = f[f["iso3"] == "MMR"]
    assert (myanmar["period_end"].min(), myanmar["period_end"].max()) == ("2013-12-31", "2022-12-31")
    assert (myanmar["value"].min(), myanmar["value"].max()) == (17, 131)
