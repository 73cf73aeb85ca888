"""Reports of checks in their three forms: all faults are there, nothing in them can run, nothing is half-written."""

from __future__ import annotations

import re
import zipfile
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pytest
from rich.console import Console

from corridors.problems import WARNING, Problem, Refused
from etl.submissions.report import terminal
from etl.submissions.report.outcome import Report
from tests.etl.submissions.samples import workbook

EVIL = '=cmd|"/c calc"!A1<script>alert(1)</script>[bold]\x1b[31m\u202e'


def fill(book) -> None:
    sheet = book.active
    sheet.title = "Figures"
    for row in (["Year", "Victims", "Note"], [2025, -10, "=1+1"], [date(2024, 4, 1), True, "plain"], [None, 1.5, None]):
        sheet.append(row)
    sheet["C5"], sheet["C6"], sheet["C7"] = "@SUM(A1)", "+1", "https://example.org"
    sheet["C5"].data_type = sheet["C6"].data_type = "s"
    sheet["A6"], sheet["A6"].data_type = "#REF!", "e"
    book.create_sheet("A/B".replace("/", " ")).append(["x"])


@pytest.fixture
def report(tmp_path) -> Report:
    path = workbook(tmp_path / "thailand.xlsx", fill)
    faults = (
        Problem("thailand.xlsx", "a jump", "a note", "Say why.", "Figures", "B", 3, level=WARNING, code="jump"),
        Problem("thailand.xlsx", EVIL, "a count", "Write it.", "Figures", "B", 2, code="not-a-count"),
        Problem("thailand.xlsx", "nothing", "a year", "Write it.", "Figures", "A", 4, code="no-year"),
        Problem("thailand.xlsx", "-10 again", "a count", "Write it.", "Figures", "B", 2, code="again"),
        Problem("thailand.xlsx", "no sheet", "a sheet Cover", "Add it."),
    )
    return Report("briefing", path, f"Country briefing {EVIL}", faults, 3, 1, 2, ("12 figures", EVIL))


def shown(report: Report) -> str:
    console = Console(
        width=160,
        record=True,
        force_terminal=True,
        file=open("/dev/null", "w", encoding="utf-8") if Path("/dev/null").exists() else None,
    )
    terminal.to_terminal(report, console)
    return console.export_text(styles=False)


def test_the_terminal_shows_errors_first_by_sheet_and_says_what_would_become_of_the_file(report):
    text = shown(report)
    flat = re.sub(r"\s+", " ", text)
    assert "sheet “Figures”: 3 errors, 1 warning" in flat and text.index("nothing") < text.index("a jump")
    assert "4 errors, 1 warning. It would not be accepted until the errors are fixed." in flat
    assert "3 rows in, 1 accepted, 2 rejected." in flat
    assert "\x1b" not in text and "⟨U+001B⟩" in flat and "[bold]" in flat
    fine = Report("cases", report.path, "Cases", (), 1, 1, 0)
    assert "0 errors, 0 warnings. It would be accepted." in shown(fine) and "1 row in, 1 accepted, 0 rejected." in shown(
        fine
    )


def test_hundreds_of_faults_do_not_flood_the_terminal_and_none_is_forgotten(report):
    many = tuple(Problem("thailand.xlsx", f"no. {n}", "x", "y", "Figures", "A", n + 2, code="same") for n in range(400))
    text = shown(Report("briefing", report.path, "Many", many))
    assert "… and 340 more of this sheet (same 400)" in text and "-o report.xlsx holds them all" in re.sub(r"\s+", " ", text)


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.addresses, self.cells = [], [], 0

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.addresses += [
            value for name, value in attrs if name in ("src", "href", "action", "onload") or name.startswith("on")
        ]
        self.cells += tag == "td"


def test_the_page_stands_alone_runs_nothing_and_holds_every_fault(report, tmp_path):
    terminal.write([report, report], tmp_path / "out.html")
    text = (tmp_path / "out.html").read_text(encoding="utf-8")
    page = Page()
    page.feed(text)
    assert not {"script", "link", "img", "iframe", "object", "form"} & set(page.tags) and not page.addresses
    assert page.cells == 2 * 5 * 5
    assert "&lt;script&gt;" in text and "\x1b" not in text and "\u202e" not in text and "default-src 'none'" in text
    assert "@media print" in text
    assert not re.search(r"url\(|@import|https?://", text)


def test_the_workbook_marks_each_fault_in_its_cell_and_lists_them_all(report, tmp_path):
    terminal.write([report], tmp_path / "out.xlsx")
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert book.sheetnames == ["Faults", "Figures", "A B"]
    sheet, listing = book["Figures"], book["Faults"]
    assert sheet["B2"].value == -10 and sheet["B2"].fill.fgColor.rgb == "FFF6C7C3"
    assert sheet["B3"].fill.fgColor.rgb == "FFFBE7B0"
    assert "ERROR: found" in sheet["B2"].comment.text and "-10 again" in sheet["B2"].comment.text
    assert "WARNING" in sheet["B3"].comment.text
    assert sheet["A4"].comment and sheet["A4"].value is None and sheet["B3"].value is True
    assert sheet["A3"].value.date() == date(2024, 4, 1)
    assert not sheet["B4"].comment and sheet["B4"].value == 1.5
    rows = [[cell.value for cell in row] for row in listing.iter_rows()]
    head = next(n for n, row in enumerate(rows) if row[0] == "Level")
    assert rows[head][:5] == ["Level", "File", "Sheet", "Cell", "Found"] and len(rows) - head - 1 == 5
    assert {row[7] or "" for row in rows[head + 1 :]} == {"jump", "not-a-count", "no-year", "again", ""}
    assert [listing.cell(head + n, 4).hyperlink.location for n in (2, 3)] == ["'Figures'!B2", "'Figures'!B2"]


def test_no_text_of_the_file_becomes_a_formula_or_a_link_in_the_report(report, tmp_path):
    terminal.write([report], tmp_path / "out.xlsx")
    with zipfile.ZipFile(tmp_path / "out.xlsx") as archive:
        for name in archive.namelist():
            text = archive.read(name).decode("utf-8", "replace")
            assert "<f>" not in text and 'TargetMode="External"' not in text, name
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx")["Figures"]
    kinds = {spot: sheet[spot].data_type for spot in ("C5", "C6", "C7", "A6", "C2")}
    assert set(kinds.values()) == {"s"} and sheet["C5"].value == "@SUM(A1)" and "without a saved result" in sheet["C2"].value


def test_a_csv_is_marked_where_its_row_and_column_say(tmp_path):
    (tmp_path / "cases.csv").write_text("record_id,citizenship\nr1,NPL\nr2,Nepall\n=1+1,x\n", encoding="utf-8")
    fault = Problem("cases.csv", "“Nepall”", "a state", "NPL?", "", "citizenship", 3, code="unknown-state")
    terminal.write([Report("cases", tmp_path / "cases.csv", "Cases", (fault,), 3, 2, 1)], tmp_path / "out.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx")["cases"]
    assert sheet["B3"].value == "Nepall" and "Nepall" in sheet["B3"].comment.text and sheet["A4"].value == "=1+1"
    assert sheet["A4"].data_type == "s"


def test_a_file_that_cannot_be_copied_is_listed_all_the_same(tmp_path):
    (tmp_path / "cases.parquet").write_bytes(b"PAR1" + b"x" * 30)
    fault = Problem("cases.parquet", "x", "y", "z", "", "a", 1)
    terminal.write([Report("cases", tmp_path / "cases.parquet", "Cases", (fault,))], tmp_path / "out.xlsx")
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert book.sheetnames == ["Faults"] and any(
        "is not copied here" in str(c.value) for row in book["Faults"].iter_rows() for c in row
    )


def test_sheets_with_awkward_names_get_names_that_excel_takes(tmp_path):
    def awkward(book):
        book.active.title = "Faults"
        book.create_sheet("x" * 31)
        book.create_sheet("History")

    path = workbook(tmp_path / "a.xlsx", awkward)
    terminal.write([Report("briefing", path, "A"), Report("briefing", path, "B")], tmp_path / "out.xlsx")
    names = openpyxl.load_workbook(tmp_path / "out.xlsx").sheetnames
    assert len({n.casefold() for n in names}) == 7 and all(len(n) <= 31 for n in names)


@pytest.mark.parametrize(
    "name, words",
    [("out.pdf", ".html (a page"), ("thailand.xlsx", "Give the report another name"), ("none/out.html", "no such folder")],
)
def test_a_report_goes_where_it_can_and_never_over_the_file_that_is_checked(name, words, report, tmp_path):
    before = report.path.read_bytes()
    with pytest.raises(Refused, match=re.escape(words)):
        terminal.write([report], tmp_path / name)
    assert report.path.read_bytes() == before and [p.name for p in tmp_path.iterdir()] == ["thailand.xlsx"]
