"""Tables to take away: no cell can run, numbers stay numbers, a masked figure has no value, and every row says what it needs."""

import io
import zipfile

import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from corridors.export import faults, workbook
from corridors.store.queries import members
from tests.export.test_tables import wild


@pytest.fixture(scope="module")
def fiji(edition_id):
    """Fiji's workbook, opened as a spreadsheet program would."""
    return openpyxl.load_workbook(io.BytesIO(workbook.xlsx(edition_id, "FJI")))


def table(sheet) -> list[dict]:
    lines = list(sheet.iter_rows(min_row=workbook.HEAD + 1, values_only=True))
    return [dict(zip(lines[0], line)) for line in lines[1:] if line[1] is not None]


@given(st.lists(wild, min_size=1, max_size=8))
def test_no_text_becomes_a_formula_or_a_link_whatever_a_publisher_wrote(texts):
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, workbook.OPTIONS)
    sheet = book.add_worksheet("x")
    for n, text in enumerate([*texts, "https://example.org", "007", "1-4"]):
        workbook.write(sheet, n, 0, text)
    book.close()
    with zipfile.ZipFile(buffer) as parts:
        content = parts.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in content and "hyperlink" not in content
    read = [c.value for (c,) in openpyxl.load_workbook(buffer)["x"].iter_rows(min_row=len(texts) + 1)]
    assert read == ["https://example.org", "007", "1-4"]


@given(st.one_of(st.integers(-(10**12), 10**12), st.floats(-1e9, 1e9, allow_nan=False)))
def test_a_number_stays_a_number_negative_ones_too(number):
    cell = workbook._plain(number)
    assert cell == number and not isinstance(cell, str)


@pytest.mark.parametrize("nothing", [None, float("nan"), pd.NA, pd.NaT])
def test_what_is_not_known_is_an_empty_cell_and_no_zero(nothing):
    assert workbook._plain(nothing) is None


def test_every_theme_with_a_figure_has_a_sheet_and_there_are_about_and_caveats(fiji):
    assert fiji.sheetnames[0] == "About" and fiji.sheetnames[-1] == "Caveats"
    assert {"Victims", "Justice", "Displacement", "Factors"} <= set(fiji.sheetnames) and "Smuggling" not in fiji.sheetnames
    about = {row[0]: row[1] for row in fiji["About"].iter_rows(values_only=True) if row[0]}
    assert "Smuggling of migrants" in about["Themes without a figure"] and about["Member"] == "Fiji (FJI)"


def test_masked_figures_keep_their_bounds_and_have_no_value(fiji):
    masked = [r for r in table(fiji["Justice"]) if r["status"] == "Masked"]
    assert masked and all(r["value"] is None and r["lower"] < r["upper"] and "–" in r["told"] for r in masked)


def test_every_row_says_unit_period_status_source_reference_grade_and_caveats(fiji, edition_id):
    rows = table(fiji["Victims"])
    assert len(rows) == len(members.everything(edition_id, "FJI", "victims")) > 50
    needed = ("counted_unit", "period", "status", "publisher", "source", "source_reference", "grade", "caveats")
    assert all(row[name] for row in rows for name in needed)


def test_all_caveats_that_a_row_names_are_explained(fiji):
    named = {code for name in fiji.sheetnames[1:-1] for row in table(fiji[name]) for code in row["caveats"].split()}
    explained = {row["code"] for row in table(fiji["Caveats"])}
    assert named == explained


def test_the_label_and_the_edition_stand_on_every_sheet(fiji, edition_id):
    for sheet in fiji:
        assert sheet["A1"].value == "TLP:CLEAR" and edition_id in sheet["A3"].value
        assert "TLP:CLEAR" in sheet.oddHeader.right.text and "TLP:CLEAR" in sheet.oddFooter.right.text
        assert [c.value for (c, *_) in sheet.iter_rows() if c.value][-1] == "TLP:CLEAR"


def test_an_empty_theme_is_refused_by_name_and_not_written_as_an_empty_sheet(edition_id):
    with pytest.raises(faults.NothingHeld, match="Smuggling of migrants.*not zero"):
        workbook.xlsx(edition_id, "FJI", ["smuggling"])
