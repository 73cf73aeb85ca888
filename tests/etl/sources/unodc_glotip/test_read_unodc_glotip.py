"""The reader of UNODC's trafficking workbook, on small workbooks in the publisher's layout, and what the project holds of it."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from corridors import catalog
from etl import reading
from etl.sources.unodc_glotip import read as glotip
from tests.etl.sources import unodc_workbook
from tests.etl.sources.reader import Reader, held, only

READER = Reader("unodc_glotip")
refusal = READER.refusal

FILE, SHEET = "data_glotip.xlsx", "data_glotip_1"
HEADER = [*unodc_workbook.HEAD, "txtVALUE", "Source"]
VICTIMS, CONVICTED, OTHER = "Detected trafficking victims", "Persons convicted", "Other forms of exploitation"
NAMES = {"THA": "Thailand", "PAK": "Pakistan", "AUS": "Australia", "AND": "Andorra", "DEU": "Germany", "": "Sark"}
SPANISH = "Ciudadanos de su pa\ufffds"


def row(
    value,
    iso3="THA",
    indicator=VICTIMS,
    dimension="Total",
    category="Total",
    sex="Total",
    age="Total",
    year=2019.0,
    unit="Counts",
    country=None,
):
    """One line of the sheet, as UNODC writes it: the count as text, the year as a number."""
    where = [iso3, NAMES.get(iso3, iso3) if country is None else country, *unodc_workbook.ASIA]
    return [*where, indicator, dimension, category, sex, age, year, unit, value, "GLOTIP"]


def citizens(label, value, **other):
    return row(value, dimension="by citizenship", category=label, **other)


def form(label, value, **other):
    return row(value, dimension="by form of exploitation", category=label, **other)


def workbook(folder: Path, rows: list[list], header=HEADER, banner=(["UNODC"], ["14/04/2025"])) -> Path:
    """A workbook with two lines above the header, named as a download is."""
    return unodc_workbook.write(folder / FILE, rows, header, banner, SHEET)


def extracted(folder: Path, rows: list[list], **layout):
    workbook(folder, rows, **layout)
    return READER.extracted(folder)


def test_a_total_reaches_the_page_as_printed_with_its_row(tmp_path):
    figure = only(extracted(tmp_path, [row("1,541")]))
    assert (figure.iso3, figure.partner_iso3) == ("THA", "")
    assert (figure.indicator_id, figure.value) == ("detected_victims", 1541)
    assert (figure.period_start, figure.period_end) == ("2019-01-01", "2019-12-31")
    assert (figure.sex, figure.age, figure.form, figure.status) == ("total", "total", "total", "reported")
    assert (figure.source_ref, figure.provider_label) == ("row 4", "Detected trafficking victims")


def test_each_quantity_goes_under_its_own_indicator(tmp_path):
    made = extracted(tmp_path, [row("22", indicator=printed) for printed in glotip.INDICATORS]).figures
    assert sorted(zip(made.source_ref.str[4:].astype(int), made.indicator_id)) == list(
        enumerate(glotip.INDICATORS.values(), 4)
    )


TOLD = {  # what is printed → (values of the figures, what is rejected and why, what is out of scope and why)
    "a printed zero stays a zero and is not taken for missing": ([row("0")], [0], [], {}),
    "an empty count is quarantined and not taken for zero": ([row("5"), row("", sex="Male")], [5], [glotip.NO_VALUE], {}),
    "two spellings of one country stay two figures and are never added": (
        [citizens("China", "8"), citizens("Chinese", "6")],
        [6, 8],
        [],
        {},
    ),
    "repatriation is left out and says why": (
        [row("5"), row("33", dimension="by country of repatriation", category="Abroad")],
        [5],
        [],
        {glotip.REPATRIATION: 1},
    ),
    "years before the scope are left out": ([row("5"), row("6", year=1999.0)], [5], [], {glotip.OLD: 1}),
    "two equal totals do not make two totals": (
        [row("84", "AUS"), row("84", "AUS"), row("56", "AUS", sex="Female")],
        [56],
        [glotip.REPEATED] * 2,
        {},
    ),
    "an empty citizenship is quarantined because it may be anybody": (
        [row("6,411", "IND"), citizens("", "6,691", iso3="IND")],
        [6411],
        [glotip.NO_CITIZENSHIP],
        {},
    ),
    "a country's own name beside nationals with the same count is one group: Solomon Islands 2019": (
        [citizens(label, "8", iso3="SLB") for label in ("Nationals", "Solomon islanders", "Thai")],
        [8, 8],
        [glotip.TWICE],
        {},
    ),
    "with another count it is another group": (
        [citizens("Nationals", "8", iso3="SLB"), citizens("Solomon islanders", "9", iso3="SLB")],
        [8, 9],
        [],
        {},
    ),
    "empty lines below the table are no cells": (
        [row("5"), ["", "", ""], row("6", sex="Female"), [" "]],
        [5, 6],
        [],
        {},
    ),
    "a member hears of its citizens found elsewhere": (
        [citizens("Thai", "12", iso3="DEU"), citizens("Polish", "30", iso3="DEU"), row("409", iso3="DEU")],
        [12],
        [],
        {glotip.NO_MEMBER: 2},
    ),
}


@pytest.mark.parametrize("case", TOLD)
def test_what_becomes_of_each_row(tmp_path, case):
    rows, values, rejected, out_of_scope = TOLD[case]
    result = extracted(tmp_path, rows)
    assert sorted(result.figures["value"]) == values and result.rejected["reason"].tolist() == rejected
    assert result.out_of_scope == out_of_scope
    assert result.cells_read == len(values) + len(rejected) + sum(out_of_scope.values())
    assert set(result.figures["status"]) <= {"zero" if values == [0] else "reported"}


def test_less_than_five_is_a_range_and_no_number_for_the_analyst(tmp_path):
    result = extracted(tmp_path, [row("<5", sex="Female", age="0 to 17 years"), row("7")])
    figure = result.figures[result.figures.sex == "female"].iloc[0]
    assert pd.isna(figure.value) and (figure.lower, figure.upper, figure.status) == (0, 4, "masked")
    assert (figure.sex, figure.age) == ("female", "0-17")


@pytest.mark.parametrize(
    ("year", "total", "status"),
    [(2022, None, "not_reported"), (2022, "<5", "masked"), (2022, "12", "masked"), (2016, None, "masked")],
)
def test_a_category_printed_for_everybody_is_not_reported_where_no_total_is(tmp_path, year, total, status):
    rows = [form(OTHER, "<5", year=year), row("<5", age="0 to 17 years", year=year)]
    rows += [row(total, year=year)] if total else []
    figures = extracted(tmp_path, [*rows, row("9", "MYS", year=year)]).figures
    parts = figures[(figures.iso3 == "THA") & ((figures.form == "other") | (figures.age == "0-17"))]
    assert parts.status.tolist() == [status, status] and parts.value.isna().all()
    assert parts[["lower", "upper"]].isna().all(axis=None) == (status == "not_reported")


CITIZENSHIPS = {
    "MMR": ["Burmese", "MyanMar"],
    "BGD": ["BANGLADESH"],
    "PHL": ["Filippino"],
    "CHN": ["Cina Popolare"],
    "TUR": ["T\ufffdrkiye", "Türkiye"],
    "CIV": ["C\ufffdte d\ufffdIvoire"],
    "NER": ["Nigerin"],
    "COG": ["Congo"],
    "COD": ["Congolese (DRC)"],
    "MLI": ["2 maliens"],
    "LAO": ["Lao People's Democratic Republic"],
    "VNM": ["VIET NAM"],
    "THA": ["Nationals"],  # those of the country that reports
    "XXX": ["Unknown", "NO DETERMINADA"],
    "XXA": ["Stateless", "without"],
    "OTH": ["Former Yugoslavia", "Disputed", "foreigners", "Rohingya"],  # without a country code, but with their name
}


def test_citizenship_in_any_language_or_spelling_finds_its_country_and_keeps_its_name(tmp_path):
    wanted = {(iso3, label) for iso3, labels in CITIZENSHIPS.items() for label in labels}
    elsewhere = citizens(SPANISH, "9", iso3="AND")
    result = extracted(tmp_path, [elsewhere, *(citizens(label, str(n)) for n, (_, label) in enumerate(wanted, 10))])
    assert set(zip(result.figures.partner_iso3, result.figures.provider_label)) == wanted
    assert set(result.figures.form) == {"total"} and result.out_of_scope == {glotip.NO_MEMBER: 1} and result.rejected.empty


def test_the_release_is_told_where_it_is_printed_and_a_workbook_without_those_lines_is_read_all_the_same(tmp_path):
    assert "Release of 2025-04-14" in extracted(tmp_path, [row("5")]).notes[0]
    assert "no date" in extracted(tmp_path, [row("5")], banner=(["UNODC"], [""])).notes[0]
    result = extracted(tmp_path, [row("312")], banner=())  # as people keep it
    assert only(result).source_ref == "row 2" and "The file prints no date of release." in result.notes


def test_forms_that_lost_their_label_stay_apart_and_are_numbered_and_a_single_one_is_simply_other(tmp_path):
    others = [form(OTHER, value) for value in ("<5", "8", "926", "500")]
    result = extracted(tmp_path, [*others, form("Forced labour", "500"), row("1541")])
    lost = result.figures[result.figures["form"] == "other_unlabelled"].sort_values("source_ref")
    assert lost["provider_label"].tolist() == [f"{OTHER} (label lost, {n} of 4)" for n in (1, 2, 3, 4)]
    assert lost["value"].tolist()[1:] == [8, 926, 500] and lost["status"].iloc[0] == "masked"
    assert result.figures.loc[result.figures["form"] == "forced_labour", "value"].tolist() == [500]
    figure = only(extracted(tmp_path, [form(OTHER, "21", sex="Female", age="18 years or over")]))
    assert (figure.form, figure.provider_label, figure.age) == ("other", OTHER, "18+")


def test_a_repeated_total_is_quarantined_so_that_a_part_does_not_pass_for_all_men(tmp_path):
    men = row("21", "AUS", sex="Male", age="18 years or over")
    result = extracted(tmp_path, [row("<5", "AUS", sex="Male"), row("21", "AUS", sex="Male"), men])
    assert only(result).age == "18+"
    assert result.rejected["reason"].tolist() == [glotip.REPEATED] * 2 and result.rejected["row"].tolist() == ["4", "5"]


def test_field_numbers_of_the_questionnaire_never_become_millions_of_convicts(tmp_path):
    rows = [
        row("24", "PAK", CONVICTED),
        citizens("Q6.1_10s_2019", "61,102,019", iso3="PAK", indicator=CONVICTED),
        citizens("Nationals", "6,112,019", iso3="PAK", indicator=CONVICTED),
        citizens(SPANISH, "6,112,019", iso3="AND", indicator=CONVICTED),
    ]
    result = extracted(tmp_path, rows)
    assert only(result).value == 24 and result.rejected["reason"].tolist() == [glotip.FIELD_NUMBER] * 3
    assert result.rejected.iloc[0]["found"] == "PAK 2019, Persons convicted, Q6.1_10s_2019, Total: 61,102,019"


def test_text_that_is_no_citizenship_is_quarantined_with_its_row(tmp_path):
    labels = ["TOTAL", "0", "145", "N/A", "Nationality", "(especifique otras nacionalidades)"]
    result = extracted(tmp_path, [row("5"), *(citizens(label, "173") for label in labels)])
    assert result.rejected["row"].tolist() == [str(n) for n in range(5, 11)] and only(result).value == 5
    assert set(zip(result.rejected["column"], result.rejected["reason"])) == {("Category", glotip.NOT_A_CITIZENSHIP)}


def test_a_place_without_code_is_found_by_name_or_quarantined(tmp_path):
    rows = [row("5"), row("<5", iso3=""), row("<5", iso3="", country="Erewhon"), citizens("Thai", "6", iso3="")]
    result = extracted(tmp_path, rows)
    assert result.out_of_scope == {glotip.NO_MEMBER: 1}
    assert sorted(result.figures["iso3"]) == ["GGY", "THA"]
    assert result.rejected["found"].tolist() == ["Erewhon 2019, Detected trafficking victims, Total: <5"]


def test_a_zip_that_is_no_workbook_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / FILE, "w") as archive:
        archive.writestr("readme.txt", "nothing")
    assert "cannot be opened" in refusal(tmp_path)


def test_every_unknown_label_is_named_at_once_with_sheet_column_row_and_how_to_fix_it(tmp_path):
    unknown = [  # from row 4 on
        ("Atlantean", "Category", citizens("Atlantean", "7")),
        ("Lemurian", "Category", citizens("Lemurian", "9", iso3="IDN")),
        ("THX", "Iso3_code", row("5", "THX")),
        ("Rescued", "Indicator", row("5", indicator="Rescued")),
        ("Organ removal", "Category", form("Organ removal", "6")),
        ("Divers", "Sex", row("5", sex="Divers")),
        ("60+", "Age", row("5", age="60+")),
        ("Rate", "Unit of measurement", row("0.4", unit="Rate")),
        ("by region", "Dimension", row("5", dimension="by region", category="Asia")),
    ]
    workbook(tmp_path, [line for _, _, line in unknown])
    text = refusal(tmp_path)
    for n, (label, column, _) in enumerate(unknown, 4):
        assert f"{FILE}, sheet “{SHEET}”, column “{column}”, row {n}: found unknown label “{label}”" in text
    assert "etl/sources/unodc_glotip/citizenship.csv" in text and "corridors/catalog/countries.csv" in text


def test_a_label_that_only_other_countries_report_is_rejected_with_its_reason_and_the_members_are_read(tmp_path):
    elsewhere = [citizens("Lemurian", "9", iso3="DEU"), citizens("Atlanteans", "<5", iso3="GTM")]
    result = extracted(tmp_path, [row("312"), *elsewhere])
    assert only(result).value == 312 and result.cells_read == 3
    assert list(result.rejected["row"]) == ["5", "6"] and set(result.rejected["column"]) == {"Category"}
    assert "Lemurian" in result.rejected["found"].iloc[0] and result.rejected["reason"].iloc[0] == reading.UNKNOWN_LABEL
    assert "etl/sources/unodc_glotip/citizenship.csv" in result.rejected["how_to_fix"].iloc[0]


def test_a_flood_of_unknown_labels_is_another_file_than_it_was(tmp_path):
    workbook(tmp_path, [row("312"), *(citizens(f"Lemurian {n}", "9", iso3="DEU") for n in range(11))])
    assert refusal(tmp_path).count("found unknown label “Lemurian") == 11


def test_a_name_in_the_wrong_encoding_is_read_again_and_it_is_said(tmp_path):
    spoilt = "Türkiye".encode().decode("cp1252")
    workbook(tmp_path, [row("5", iso3="", country="Türkiye"), row("7", iso3="", country=spoilt, year=2018.0)])
    raw, notes = reading.mended(glotip.read(tmp_path))
    assert list(glotip.to_figures(raw, catalog.load(), 2026).figures["iso3"]) == ["TUR", "TUR"]
    assert notes == ("1 cells were UTF-8 read as another encoding, and were read again.",)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        *((row("6", year=year), "column “Year”, row 5") for year in (2027.0, "soon", 2019.5)),
        *((row(n, sex="Female"), f"column “txtVALUE”, row 5: found “{n}”") for n in ("-5", "about 40", "12.5", "<10")),
    ],
)
def test_a_year_or_a_count_that_cannot_be_is_refused(tmp_path, line, said):
    workbook(tmp_path, [row("5"), line])
    text = refusal(tmp_path)
    assert f"{FILE}, sheet “{SHEET}”, {said}" in text and ("Year" not in said or "a year from 1900 to 2026" in text)


def test_a_misspelt_code_in_the_table_of_labels_is_refused_before_it_spreads(tmp_path, monkeypatch):
    labels = tmp_path / "citizenship.csv"
    labels.write_text("label,iso3\nThai,TAH\n", encoding="utf-8")
    monkeypatch.setattr(glotip, "LABELS", labels)
    glotip.citizenships.cache_clear()
    workbook(tmp_path, [citizens("Thai", "5")])
    try:
        assert "found “TAH” for “thai”" in refusal(tmp_path)
    finally:
        glotip.citizenships.cache_clear()


def test_a_false_dimension_does_not_hide_rows(tmp_path):
    unodc_workbook.with_false_dimension(workbook(tmp_path, [row("1,541"), row("<5", sex="Other")]))
    assert len(READER.extracted(tmp_path).figures) == 2


def test_each_label_stands_once_and_has_a_code_of_the_catalog():
    text = pd.read_csv(glotip.LABELS, dtype=str, keep_default_na=False)
    assert list(text.columns) == ["label", "iso3"]
    assert not text["label"].map(glotip.folded).duplicated().any()
    assert set(text["iso3"]) - set(catalog.load().countries) == {glotip.NATIONALS, glotip.JUNK}


def test_the_card_asks_for_the_newest_workbook_behind_the_page():
    (download,) = catalog.read_source(Path(glotip.__file__).with_name("source.toml")).downloads
    assert download.kind == "linked_file" and download.options["prefer"] == "_0"
    for link in ("2025-04/data_glotip.xlsx", "2026-07/data_glotip_0.xlsx"):
        assert re.fullmatch(download.options["pattern"], f"/sites/dataportal.unodc.org/files/{link}")


# What the project holds of the publisher's workbook


def test_no_series_has_two_totals_in_a_year_and_what_is_not_known_is_not_there():
    f = held("unodc_glotip")
    whole = f[(f["partner_iso3"] == "") & (f["form"] != "other_unlabelled")]
    assert not whole.duplicated(["iso3", "indicator_id", "period_end", "sex", "age", "form"]).any()
    key = ["iso3", "partner_iso3", "indicator_id", "period_end", "sex", "age", "form", "provider_label"]
    assert not f.duplicated(key).any() and f["value"].max() == 32_022
    assert not f["iso3"].isin(["PRK", "NCL"]).any(), "members that never replied"
    assert ((f["iso3"] == "THA") & (f["form"] == "other_unlabelled")).sum() == 37


def test_exact_totals_show_that_less_than_five_can_also_hide_none():
    """Thailand 2018: 150 + 62 + 48 + 157 = 417, the printed total, and yet three more parts are printed as <5."""
    those = held("unodc_glotip").query(
        "iso3 == 'THA' and indicator_id == 'detected_victims' and partner_iso3 == '' and form == 'total'"
        " and period_end == '2018-12-31'"
    )
    total = those[(those["sex"] == "total") & (those["age"] == "total")]["value"].iloc[0]
    parts = those[(those["sex"] != "total") & (those["age"] != "total")]
    assert total == parts["value"].sum() == 417 and (parts["status"] == "masked").sum() == 3


def test_members_whose_only_rows_are_padding_report_nothing():
    """16 members in 2022 and 17 in 2021 have nothing but “Other forms <5”; 22 and 21, and 27 in 2017, have a total."""
    f = held("unodc_glotip").query("indicator_id == 'detected_victims' and partner_iso3 == ''")
    f = f[f.iso3.isin(list(catalog.load().members))].assign(year=f.period_end.str[:4].astype(int))
    whole = f[(f.sex == "total") & (f.age == "total") & (f.form == "total")]
    assert [whole[whole.year == y].iso3.nunique() for y in (2017, 2021, 2022)] == [27, 21, 22]
    padded = f[f.status == "not_reported"]
    assert padded.groupby("year").iso3.nunique()[[2021, 2022]].tolist() == [17, 16]
    assert padded.groupby(["iso3", "year"]).ngroups == 78 and padded.merge(whole, on=["iso3", "year"]).empty
