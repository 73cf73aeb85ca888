"""The workbook that a member gets: what it can choose, what is locked, what was said before, and that it reads back."""

from __future__ import annotations

from datetime import date

import openpyxl
import pytest
import typer
from typer.testing import CliRunner

from corridors.problems import Refused
from etl.briefings import commands, kind, read, template
from etl.briefings.model import HEADER_ROW, NOT_READ, SHEETS
from tests import office
from tests.etl.briefings import desk


@pytest.fixture
def book(data, tmp_path):
    return openpyxl.load_workbook(template.write(tmp_path / "thailand.xlsx", "THA", desk.words(data), data, desk.YEAR))


def titles(page) -> dict[str, int]:
    return {cell.value: cell.column for cell in page[HEADER_ROW] if cell.value}


def test_a_member_finds_the_sheets_in_the_order_of_a_briefing_and_the_lists_out_of_sight(book):
    assert book.sheetnames == ["Cover", "Figures", "Routes", "Factors", "Networks", "Caveats", "Read me", "Lists"]
    assert book["Lists"].sheet_state == "hidden" and book.active.title == "Cover"


def test_every_question_that_a_member_is_asked_has_its_column_with_a_note(book):
    for sheet in SHEETS:
        page = book[sheet.name]
        for column in sheet.columns:
            if column.asked:
                assert page.cell(HEADER_ROW, titles(page)[column.title]).comment.text == column.note
            else:
                assert column.title not in titles(page)


def test_headers_cannot_be_typed_over_and_answers_can(book):
    for name in ("Cover", *(sheet.name for sheet in SHEETS)):
        page = book[name]
        assert page.protection.sheet, name
    page = book["Figures"]
    at = titles(page)
    for title in ("Number", "Citizenship or other end", "Note"):
        assert page.cell(HEADER_ROW, at[title]).protection.locked
        assert not page.cell(HEADER_ROW + 1, at[title]).protection.locked
    for title in ("Counted thing", *NOT_READ):
        assert page.cell(HEADER_ROW + 1, at[title]).protection.locked
    assert page.freeze_panes == f"B{HEADER_ROW + 1}"


def test_drop_down_lists_come_from_the_catalog_and_an_age_band_is_no_date_for_excel(book, data):
    """Excel makes 17 January of 0-17: the list shows words, and the cells are text."""
    page, lists = book["Figures"], book["Lists"]
    rules = {min(r.min_col for r in v.sqref.ranges): v for v in page.data_validations.dataValidation if v.type == "list"}
    head = {cell.value: cell.column_letter for cell in lists[1]}
    assert head["measures"] in rules[titles(page)["Measure"]].formula1
    measures = [cell.value for cell in lists[head["measures"]][1:] if cell.value]
    assert measures == [m.name for m in desk.words(data).catalog.measures.values()]
    chosen = {title for title, column in titles(page).items() if column in rules}
    assert {"Measure", "Citizenship or other end", "Sex", "Age", "Form", "Status", "Method", "TLP"} <= chosen
    ages = next(column for column in lists.iter_cols(values_only=True) if column[0] == "ages")
    assert "under 18" in ages and "0-17" not in ages
    assert page.cell(HEADER_ROW + 1, titles(page)["Age"]).number_format == "@"


def test_the_counted_thing_and_the_international_figure_with_its_source_stand_beside_every_measure(book, data):
    page, catalog = book["Figures"], desk.words(data).catalog
    for row, measure in enumerate(catalog.measures.values(), HEADER_ROW + 1):
        assert page.cell(row, 1).value == measure.name
        assert page.cell(row, 2).value == catalog.units[measure.unit]["many"]
        assert measure.definition in page.cell(row, 1).comment.text
    at = titles(page)
    assert page.cell(HEADER_ROW + 1, at["International figure"]).value == "295"
    assert page.cell(HEADER_ROW + 1, at["Its source and year"]).value == "UNODC, 2022"
    assert "UNODC" in page.cell(HEADER_ROW + 1, at["International figure"]).comment.text


def test_the_last_briefing_stands_beside_but_is_not_sent_back_as_new(data, tmp_path):
    first = desk.filled(
        tmp_path / "first.xlsx", data, {"victims_identified": {"Number": 120}, "victims_presumed": {"Number": "<5"}}
    )
    kind.accept(first, data)
    words = desk.words(data)
    out = template.write(tmp_path / "next.xlsx", "THA", words, data, (date(2026, 1, 1), date(2026, 12, 31)))
    page = openpyxl.load_workbook(out)["Figures"]
    at = titles(page)
    assert page.cell(HEADER_ROW + 1, at["Last briefing"]).value == "120"
    assert page.cell(HEADER_ROW + 1, at["Its period"]).value == "2025-01-01 to 2025-12-31"
    assert page.cell(HEADER_ROW + 2, at["Last briefing"]).value == "hidden, 1 to 4"
    got = read.read(out, words)
    assert got.briefing.figures == () and got.rows_in == 0, "a row that nobody filled in says nothing"


def test_an_earlier_year_of_a_briefing_over_many_years_stands_beside_too(data, tmp_path):
    rows = [
        {"Measure": "Vessels intercepted", "Number": n, "From": f"{y}-01-01", "To": f"{y}-12-31"}
        for y, n in ((2023, 4), (2024, 7), (2025, 9))
    ]
    kind.accept(desk.sent(tmp_path / "sent", data, {}, rows, {"period_start": "2023"}), data)
    out = template.write(tmp_path / "next.xlsx", "THA", desk.words(data), data, desk.YEAR)
    page = openpyxl.load_workbook(out)["Figures"]
    said = {row[0].value: row[titles(page)["Last briefing"] - 1].value for row in page.iter_rows(min_row=HEADER_ROW + 1)}
    assert said["Vessels intercepted"] == "7", "the last one before the period asked for"


def test_an_empty_template_reads_back_without_a_fault_of_a_cell(data, tmp_path):
    out = template.write(tmp_path / "empty.xlsx", "THA", desk.words(data), data, desk.YEAR)
    got = read.read(out, desk.words(data))
    assert got.faults == ()
    assert (got.briefing.cover.iso3, got.briefing.cover.period) == ("THA", "2025")
    assert "were left empty" in got.facts[0]


@pytest.mark.parametrize("ending", ["ods", "xlsx"])
def test_an_office_that_uses_libreoffice_fills_it_in_and_is_read_alike(data, tmp_path, ending):
    sent = desk.filled(
        tmp_path / "thailand.xlsx", data, {"victims_identified": {"Number": 120}, "victims_presumed": {"Number": "<5"}}
    )
    saved = office.converted(sent, ending, tmp_path / "saved")
    first, again = (read.read(path, desk.words(data)) for path in (sent, saved))
    assert first.briefing.figures == again.briefing.figures and len(again.briefing.figures) == 2
    assert first.briefing.cover == again.briefing.cover and [f.found for f in again.faults] == [
        f.found for f in first.faults
    ]
    if ending == "xlsx":  # lists, locks and hidden sheet came through
        kept, book = openpyxl.load_workbook(saved), openpyxl.load_workbook(sent)
        assert kept["Lists"].sheet_state == "hidden" and kept["Figures"].protection.sheet
        lists = [
            [v.formula1 for v in b["Figures"].data_validations.dataValidation if v.type == "list"] for b in (book, kept)
        ]
        assert len(lists[0]) == len(lists[1]) > 3


def test_a_workbook_that_may_be_filled_in_is_never_overwritten(data, tmp_path):
    out = tmp_path / "thailand.xlsx"
    out.write_bytes(b"somebody's work")
    with pytest.raises(Refused, match="filled in already"):
        template.write(out, "THA", desk.words(data), data, desk.YEAR)
    assert out.read_bytes() == b"somebody's work"


@pytest.mark.parametrize("iso3, how_to_fix", [("THAI", "AUS"), ("Burma", "MMR"), ("DEU", "THA")])
def test_an_unknown_member_is_told_which_codes_there_are(data, tmp_path, iso3, how_to_fix):
    with pytest.raises(Refused, match=how_to_fix):
        template.write(tmp_path / "x.xlsx", iso3, desk.words(data), data, desk.YEAR)
    assert not list(tmp_path.glob("*.xlsx"))


@pytest.fixture
def line() -> typer.Typer:
    app = typer.Typer(pretty_exceptions_enable=False)
    commands.register(app)
    app.command()(lambda: None)  # a second command, so that the first keeps its name
    return app


def test_the_command_line_writes_the_workbook_for_the_period_asked(line, tmp_path):
    out = tmp_path / "australia.xlsx"
    got = CliRunner().invoke(
        line, ["template", "aus", "-o", str(out), "--period", "2025-01..2025-06"], catch_exceptions=False
    )
    assert got.exit_code == 0 and "etl check" in got.output
    page = openpyxl.load_workbook(out)["Cover"]
    said = {row[0].value: row[1].value for row in page.iter_rows()}
    assert said["Member"] == "Australia" and said["Period to"].date() == date(2025, 6, 30)


def test_a_period_that_is_none_is_refused_with_an_example(line, tmp_path):
    with pytest.raises(Refused, match="2025-01..2025-06"):
        CliRunner().invoke(
            line, ["template", "THA", "-o", str(tmp_path / "x.xlsx"), "--period", "lately"], catch_exceptions=False
        )
