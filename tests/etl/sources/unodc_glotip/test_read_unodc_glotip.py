"""The reader of UNODC's trafficking workbook, on small workbooks in the publisher's layout."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from corridors import catalog
from etl import reading
from etl.sources.unodc_glotip import read as glotip
from tests.etl.sources import unodc_workbook
from tests.etl.sources.reader import LATEST, Reader, only

READER = Reader("unodc_glotip")
refusal = READER.refusal


FILE, SHEET = "data_glotip.xlsx", "data_glotip_1"
HEADER = [*unodc_workbook.HEAD, "txtVALUE", "Source"]
VICTIMS, CONVICTED = "Detected trafficking victims", "Persons convicted"
NAMES = {"THA": "Thailand", "PAK": "Pakistan", "AUS": "Australia", "AND": "Andorra", "DEU": "Germany", "": "Sark"}


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
    return glotip.to_figures(glotip.read(folder), catalog.load(), LATEST).balanced()


# --- what a reader of the dashboard is told -------------------------------------------------------------------------


def test_a_total_reaches_the_page_as_printed_with_its_row(tmp_path):
    figure = only(extracted(tmp_path, [row("1,541")]))
    assert (figure.iso3, figure.partner_iso3) == ("THA", "")
    assert (figure.indicator_id, figure.value) == ("detected_victims", 1541)
    assert (figure.period_start, figure.period_end) == ("2019-01-01", "2019-12-31")
    assert (figure.sex, figure.age, figure.form, figure.status) == ("total", "total", "total", "reported")
    assert (figure.source_ref, figure.provider_label) == ("row 4", "Detected trafficking victims")


@pytest.mark.parametrize(("printed", "ours"), list(glotip.INDICATORS.items()))
def test_each_quantity_goes_under_its_own_indicator(tmp_path, printed, ours):
    assert only(extracted(tmp_path, [row("22", indicator=printed)])).indicator_id == ours


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
    rows = [form("Other forms of exploitation", "<5", year=year), row("<5", age="0 to 17 years", year=year)]
    rows += [row(total, year=year)] if total else []
    figures = extracted(tmp_path, [*rows, row("9", "MYS", year=year)]).figures
    parts = figures[(figures.iso3 == "THA") & ((figures.form == "other") | (figures.age == "0-17"))]
    assert parts.status.tolist() == [status, status] and parts.value.isna().all()
    assert parts[["lower", "upper"]].isna().all(axis=None) == (status == "not_reported")


def test_a_country_s_own_name_beside_nationals_with_the_same_count_is_one_group(tmp_path):
    """Solomon Islands 2019: 8 “Nationals” and 8 “Solomon islanders”."""
    rows = [
        citizens("Nationals", "8", iso3="SLB"),
        citizens("Solomon islanders", "8", iso3="SLB"),
        citizens("Thai", "8", iso3="SLB"),
    ]
    result = extracted(tmp_path, rows)
    assert result.figures.provider_label.tolist() == ["Nationals", "Thai"]
    assert result.rejected["reason"].tolist() == [glotip.TWICE]
    apart = extracted(tmp_path, [citizens("Nationals", "8", iso3="SLB"), citizens("Solomon islanders", "9", iso3="SLB")])
    assert len(apart.figures) == 2 and apart.rejected.empty


def test_a_printed_zero_stays_a_zero_and_is_not_taken_for_missing(tmp_path):
    figure = only(extracted(tmp_path, [row("0")]))
    assert (figure.value, figure.status) == (0, "zero")


def test_an_empty_count_is_quarantined_and_not_taken_for_zero(tmp_path):
    result = extracted(tmp_path, [row("5"), row("", sex="Male")])
    assert len(result.figures) == 1 and result.rejected["reason"].tolist() == [glotip.NO_VALUE]


@pytest.mark.parametrize(
    ("label", "iso3"),
    [
        ("Burmese", "MMR"),
        ("MyanMar", "MMR"),
        ("BANGLADESH", "BGD"),
        ("Filippino", "PHL"),
        ("Cina Popolare", "CHN"),
        ("T\ufffdrkiye", "TUR"),
        ("C\ufffdte d\ufffdIvoire", "CIV"),
        ("Nigerin", "NER"),
        ("Congo", "COG"),
        ("Congolese (DRC)", "COD"),
        ("2 maliens", "MLI"),
        ("Unknown", "XXX"),
        ("NO DETERMINADA", "XXX"),
        ("Stateless", "XXA"),
        ("without", "XXA"),
        ("Former Yugoslavia", "OTH"),
        ("Disputed", "OTH"),
        ("foreigners", "OTH"),
    ],
)
def test_citizenship_in_any_language_or_spelling_finds_its_country(tmp_path, label, iso3):
    figure = only(extracted(tmp_path, [citizens(label, "7")]))
    assert (figure.partner_iso3, figure.provider_label, figure.form) == (iso3, label, "total")


def test_rohingya_keep_their_name_although_they_have_no_country_code(tmp_path):
    figure = only(extracted(tmp_path, [citizens("Rohingya", "148")]))
    assert (figure.partner_iso3, figure.provider_label, figure.value) == ("OTH", "Rohingya", 148)


def test_nationals_are_citizens_of_the_country_that_reports(tmp_path):
    elsewhere = citizens("Ciudadanos de su pa\ufffds", "9", iso3="AND")
    result = extracted(tmp_path, [citizens("Nationals", "133"), elsewhere])
    assert only(result).partner_iso3 == "THA"
    assert result.out_of_scope == {glotip.NO_MEMBER: 1}


def test_a_member_hears_of_its_citizens_found_elsewhere(tmp_path):
    rows = [citizens("Thai", "12", iso3="DEU"), citizens("Polish", "30", iso3="DEU"), row("409", iso3="DEU")]
    result = extracted(tmp_path, rows)
    figure = only(result)
    assert (figure.iso3, figure.partner_iso3) == ("DEU", "THA")
    assert result.out_of_scope == {glotip.NO_MEMBER: 2}


def test_two_spellings_of_one_country_stay_two_figures_and_are_never_added(tmp_path):
    result = extracted(tmp_path, [citizens("China", "8"), citizens("Chinese", "6")])
    assert sorted(result.figures["provider_label"]) == ["China", "Chinese"]
    assert set(result.figures["partner_iso3"]) == {"CHN"} and sorted(result.figures["value"]) == [6, 8]


def test_repatriation_is_left_out_and_says_why(tmp_path):
    result = extracted(tmp_path, [row("5"), row("33", dimension="by country of repatriation", category="Abroad")])
    assert len(result.figures) == 1 and result.out_of_scope == {glotip.REPATRIATION: 1}


def test_years_before_the_scope_are_left_out(tmp_path):
    assert extracted(tmp_path, [row("5"), row("6", year=1999.0)]).out_of_scope == {glotip.OLD: 1}


def test_the_date_of_release_is_told(tmp_path):
    assert "Release of 2025-04-14" in extracted(tmp_path, [row("5")]).notes[0]


# --- repeated keys: nobody may read a part as the whole --------------------------------------------------------------


def test_forms_that_lost_their_label_stay_apart_and_are_numbered(tmp_path):
    values = ["<5", "8", "926", "500"]
    others = [form("Other forms of exploitation", v) for v in values]
    result = extracted(tmp_path, [*others, form("Forced labour", "500"), row("1541")])
    lost = result.figures[result.figures["form"] == "other_unlabelled"].sort_values("source_ref")
    labels = [f"Other forms of exploitation (label lost, {n} of 4)" for n in (1, 2, 3, 4)]
    assert lost["provider_label"].tolist() == labels
    assert lost["value"].tolist()[1:] == [8, 926, 500] and lost["status"].iloc[0] == "masked"
    assert result.figures.loc[result.figures["form"] == "forced_labour", "value"].tolist() == [500]


def test_a_single_row_of_other_forms_is_simply_other(tmp_path):
    women = form("Other forms of exploitation", "21", sex="Female", age="18 years or over")
    figure = only(extracted(tmp_path, [women]))
    assert (figure.form, figure.provider_label, figure.age) == ("other", "Other forms of exploitation", "18+")


def test_a_repeated_total_is_quarantined_so_that_a_part_does_not_pass_for_all_men(tmp_path):
    men = row("21", "AUS", sex="Male", age="18 years or over")
    result = extracted(tmp_path, [row("<5", "AUS", sex="Male"), row("21", "AUS", sex="Male"), men])
    assert only(result).age == "18+"
    assert result.rejected["reason"].tolist() == [glotip.REPEATED] * 2 and result.rejected["row"].tolist() == ["4", "5"]


def test_two_equal_totals_do_not_make_two_totals(tmp_path):
    result = extracted(tmp_path, [row("84", "AUS"), row("84", "AUS"), row("56", "AUS", sex="Female")])
    assert only(result).sex == "female" and len(result.rejected) == 2


# --- quarantine ------------------------------------------------------------------------------------------------------


def test_field_numbers_of_the_questionnaire_never_become_millions_of_convicts(tmp_path):
    rows = [
        row("24", "PAK", CONVICTED),
        citizens("Q6.1_10s_2019", "61,102,019", iso3="PAK", indicator=CONVICTED),
        citizens("Nationals", "6,112,019", iso3="PAK", indicator=CONVICTED),
        citizens("Ciudadanos de su pa\ufffds", "6,112,019", iso3="AND", indicator=CONVICTED),
    ]
    result = extracted(tmp_path, rows)
    assert only(result).value == 24 and result.rejected["reason"].tolist() == [glotip.FIELD_NUMBER] * 3
    assert result.rejected.iloc[0]["found"] == "PAK 2019, Persons convicted, Q6.1_10s_2019, Total: 61,102,019"


@pytest.mark.parametrize("label", ["TOTAL", "0", "145", "N/A", "Nationality", "(especifique otras nacionalidades)"])
def test_text_that_is_no_citizenship_is_quarantined_with_its_row(tmp_path, label):
    result = extracted(tmp_path, [row("5"), citizens(label, "173")])
    (rejected,) = result.rejected.to_dict("records")
    assert (rejected["row"], rejected["column"], rejected["reason"]) == ("5", "Category", glotip.NOT_A_CITIZENSHIP)


def test_an_empty_citizenship_is_quarantined_because_it_may_be_anybody(tmp_path):
    result = extracted(tmp_path, [row("6,411", "IND"), citizens("", "6,691", iso3="IND")])
    assert only(result).value == 6411 and result.rejected["reason"].tolist() == [glotip.NO_CITIZENSHIP]


def test_a_place_without_code_is_found_by_name_or_quarantined(tmp_path):
    rows = [row("5"), row("<5", iso3=""), row("<5", iso3="", country="Erewhon"), citizens("Thai", "6", iso3="")]
    result = extracted(tmp_path, rows)
    assert result.out_of_scope == {glotip.NO_MEMBER: 1}
    assert sorted(result.figures["iso3"]) == ["GGY", "THA"]
    assert result.rejected["found"].tolist() == ["Erewhon 2019, Detected trafficking victims, Total: <5"]


# --- files that must be refused --------------------------------------------------------------------------------------


def test_a_missing_file_is_named(tmp_path):
    text = refusal(tmp_path)
    assert "no such file" in text and "data_glotip*.xlsx" in text and "python -m etl refresh unodc_glotip" in text
    assert "no such folder" in refusal(tmp_path / "nowhere")


def test_a_zip_that_is_no_workbook_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / FILE, "w") as archive:
        archive.writestr("readme.txt", "nothing")
    assert "cannot be opened" in refusal(tmp_path)


def test_a_workbook_without_data_is_refused(tmp_path):
    workbook(tmp_path, [])
    assert SHEET in (text := refusal(tmp_path)) and "data below it" in text


def test_renamed_columns_are_all_named_at_once(tmp_path):
    renamed = ["VALUE" if c == "txtVALUE" else "ISO" if c == "Iso3_code" else c for c in HEADER]
    workbook(tmp_path, [row("5")], header=renamed)
    text = refusal(tmp_path)
    assert "column “txtVALUE”" in text and "column “Iso3_code”" in text and "VALUE" in text and SHEET in text


def test_every_unknown_label_is_named_at_once_with_sheet_column_row_and_cure(tmp_path):
    workbook(
        tmp_path,
        [
            citizens("Atlantean", "7"),
            citizens("Lemurian", "9", iso3="IDN"),
            row("5", "THX"),
            row("5", indicator="Rescued"),
            form("Organ removal", "6"),
            row("5", sex="Divers"),
            row("5", age="60+"),
            row("0.4", unit="Rate"),
            row("5", dimension="by region", category="Asia"),
        ],
    )
    text = refusal(tmp_path)
    for label, column, line in (
        ("Atlantean", "Category", 4),
        ("Lemurian", "Category", 5),
        ("THX", "Iso3_code", 6),
        ("Rescued", "Indicator", 7),
        ("Organ removal", "Category", 8),
        ("Divers", "Sex", 9),
        ("60+", "Age", 10),
        ("Rate", "Unit of measurement", 11),
        ("by region", "Dimension", 12),
    ):
        assert f"{FILE}, sheet “{SHEET}”, column “{column}”, row {line}: found unknown label “{label}”" in text
    assert "etl/sources/unodc_glotip/citizenship.csv" in text and "corridors/catalog/countries.csv" in text


def test_a_label_that_only_other_countries_report_is_rejected_with_its_reason_and_the_members_are_read(tmp_path):
    result = extracted(
        tmp_path, [row("312"), citizens("Lemurian", "9", iso3="DEU"), citizens("Atlanteans", "<5", iso3="GTM")]
    )
    assert only(result).value == 312 and result.cells_read == 3
    assert list(result.rejected["row"]) == ["5", "6"] and set(result.rejected["column"]) == {"Category"}
    assert "Lemurian" in result.rejected["found"].iloc[0] and result.rejected["reason"].iloc[0] == reading.UNKNOWN_LABEL
    assert "etl/sources/unodc_glotip/citizenship.csv" in result.rejected["how_to_fix"].iloc[0]


def test_the_name_of_a_country_is_a_citizenship_though_no_list_of_labels_has_it(tmp_path):
    labels = [citizens(name, "9", iso3="DEU") for name in ("Türkiye", "Lao People's Democratic Republic", "VIET NAM")]
    result = extracted(tmp_path, [row("312"), *labels])
    assert sorted(result.figures["partner_iso3"]) == ["", "LAO", "TUR", "VNM"] and result.rejected.empty


def test_a_flood_of_unknown_labels_is_another_file_than_it_was(tmp_path):
    workbook(tmp_path, [row("312"), *(citizens(f"Lemurian {n}", "9", iso3="DEU") for n in range(11))])
    assert refusal(tmp_path).count("found unknown label “Lemurian") == 11


def test_a_name_in_the_wrong_encoding_is_read_again_and_it_is_said(tmp_path):
    spoilt = "Türkiye".encode().decode("cp1252")
    workbook(tmp_path, [row("5", iso3="", country="Türkiye"), row("7", iso3="", country=spoilt, year=2018.0)])
    raw, notes = reading.mended(glotip.read(tmp_path))
    assert list(glotip.to_figures(raw, catalog.load(), 2026).figures["iso3"]) == ["TUR", "TUR"]
    assert notes == ("1 cells were UTF-8 read as another encoding, and were read again.",)


def test_a_workbook_without_the_lines_above_its_header_is_read_all_the_same(tmp_path):
    """As people keep it; without its date of release."""
    result = extracted(tmp_path, [row("312")], banner=())
    assert only(result).source_ref == "row 2" and "The file prints no date of release." in result.notes


@pytest.mark.parametrize("year", [2027.0, "soon", 2019.5])
def test_a_year_that_cannot_be_is_refused(tmp_path, year):
    workbook(tmp_path, [row("5"), row("6", year=year)])
    text = refusal(tmp_path)
    assert f"{FILE}, sheet “{SHEET}”, column “Year”, row 5" in text and "a year from 1900 to 2026" in text


@pytest.mark.parametrize("count", ["-5", "about 40", "12.5", "<10"])
def test_a_count_that_is_no_count_is_refused(tmp_path, count):
    workbook(tmp_path, [row("5"), row(count, sex="Female")])
    text = refusal(tmp_path)
    assert f"{FILE}, sheet “{SHEET}”, column “txtVALUE”, row 5: found “{count}”" in text


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


# --- the sheet as publishers' tools leave it -------------------------------------------------------------------------


def test_a_false_dimension_does_not_hide_rows(tmp_path):
    path = workbook(tmp_path, [row("1,541"), row("<5", sex="Other")])
    rewritten = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(rewritten, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                part, changed = re.subn(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', part)
                assert changed == 1
            new.writestr(name, part)
    path.write_bytes(rewritten.getvalue())
    result = glotip.to_figures(glotip.read(tmp_path), catalog.load(), LATEST).balanced()
    assert len(result.figures) == 2


def test_empty_lines_below_the_table_are_no_cells(tmp_path):
    assert extracted(tmp_path, [row("5"), ["", "", ""], row("6", sex="Female"), [" "]]).cells_read == 2


def test_a_file_without_a_date_is_read_and_says_so(tmp_path):
    assert "no date" in extracted(tmp_path, [row("5")], banner=(["UNODC"], [""])).notes[0]


def test_each_label_stands_once_and_has_a_code_of_the_catalog():
    text = pd.read_csv(glotip.LABELS, dtype=str, keep_default_na=False)
    assert list(text.columns) == ["label", "iso3"]
    assert not text["label"].map(glotip.folded).duplicated().any()
    assert set(text["iso3"]) - set(catalog.load().countries) == {glotip.NATIONALS, glotip.JUNK}


def test_the_card_describes_the_release_that_is_imported():
    card = catalog.read_source(Path(glotip.__file__).with_name("source.toml"))
    assert (card.id, card.publisher, card.released, card.tlp) == ("unodc_glotip", "UNODC", "2025-04-14", "CLEAR")
    (download,) = card.downloads
    assert download.kind == "linked_file" and download.options["prefer"] == "_0"
    for link in ("2025-04/data_glotip.xlsx", "2026-07/data_glotip_0.xlsx"):
        assert re.fullmatch(download.options["pattern"], f"/sites/dataportal.unodc.org/files/{link}")
