"""A member's own table, described by a layout: read as if the template had been filled in, every fault at its own cell."""

import csv
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from typer.testing import CliRunner

from corridors import catalog
from corridors.problems import Refused
from etl.__main__ import app
from etl.briefings import commands, kind, layout_proposal, layouts
from tests.etl.briefings import desk

COVER = 'member = "THA"\ntitle = "Victims"\ntlp = "GREEN"\noffice = "Division"\nstate = "final"\n'
WIDE = (
    COVER
    + 'sheet = "Annual table"\nheaders = [3, 4]\nfirst = 5\nskip = ["Source"]\n[always]\nmeasure = "victims_identified"\n[rows]\n'
    'A = "period"\n[columns]\nfigures = "B:F"\nnamed_by = ["form", "sex"]\n[words]\n"Forced work" = "forced_labour"\n'
    '[sums]\n"B5:E5" = "F5"\n"B6:E6" = "F6"\n'
)
LIST = (
    COVER + 'headers = [1]\nfirst = 2\n[always]\nmeasure = "victims_identified"\nperiod = "2023"\n[rows]\nB = "partner"\n'
    '[columns]\nfigures = "C"\nnamed_by = [""]\n[words]\n"Cambodian" = "KHM"\n[sums]\n"C2:C5" = "C6"\n'
)
THAI = (
    COVER
    + 'headers = [3]\nfirst = 4\nlast = 6\ncalendar = "buddhist"\n[always]\nmeasure = "victims_identified"\n[rows]\nA = "period"\n'
    '[columns]\nfigures = "B:D"\nnamed_by = ["sex"]\n[words]\n"หญิง" = "female"\n"ชาย" = "male"\n"รวม" = "total"\n'
)


def layout(data, name, text):
    path = data / "layouts" / f"{name}.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return name


def sheet(path, name, lines, merged=()):
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet(name)
        for n, line in lines.items():
            page.write_row(n - 1, 0, line)
        for where, text in merged:
            page.merge_range(where, text)
    return path


@pytest.fixture
def wide(tmp_path):
    """A year a row, forms over sexes above, merged headings, a total, a source line."""
    lines = {
        1: ["Victims identified by form and sex"],
        3: ["Year", "", "", "", "", "Total"],
        4: ["", "Female", "Male", "Female", "Male"],
        5: [2022, 40, 13, 20, 35, 108],
        6: [2023, 51, 14, 19, 30, 114],
        9: ["Source: national register"],
    }
    return sheet(tmp_path / "wide.xlsx", "Annual table", lines, (("B3:C3", "Sexual exploitation"), ("D3:E3", "Forced work")))


@pytest.fixture
def long(tmp_path):
    """A line a nationality, with a masked number and a total."""
    path = tmp_path / "list.csv"
    with path.open("w", newline="", encoding="utf-8") as handle:
        csv.writer(handle).writerows(
            [
                ["No.", "Nationality", "Victims 2023"],
                [1, "Myanmar", 120],
                [2, "Lao PDR", 31],
                [3, "Cambodian", "fewer than 5"],
                [4, "Viet Nam", 12],
                ["", "Total", 166],
            ]
        )
    return path


@pytest.fixture
def thai(tmp_path):
    """Two languages, Thai digits, years of the Buddhist era, a note below."""
    lines = {
        1: ["ผู้เสียหายจากการค้ามนุษย์ / Victims of trafficking"],
        3: ["ปี พ.ศ. / Year", "หญิง", "ชาย", "รวม"],
        4: ["๒๕๖๔", "๗๐", "๓๔", "๑๐๔"],
        5: ["๒๕๖๕", "๑๒๐", "๖๑", "๑๘๑"],
        6: ["๒๕๖๖", "๙๐", "๔๐", "๑๓๐"],
        8: ["หมายเหตุ: ตัวเลขเบื้องต้น"],
    }
    return sheet(tmp_path / "thai.xlsx", "ตาราง 1", lines)


def figures(data, path, name):
    report, briefing, _, _ = kind._checked(path, data, lambda *_: None, name)
    assert report.fine, report.errors
    return briefing.figures


def test_a_wide_table_with_merged_headings_gives_each_cell_its_form_and_sex(data, wide):
    rows = figures(data, wide, layout(data, "THA-wide", WIDE))
    got = {(r.period_start.year, r.form, r.sex): r.value for r in rows}
    assert len(rows) == 10 and got[2023, "forced_labour", "male"] == 30 and got[2022, "sexual_exploitation", "female"] == 40
    assert got[2023, "total", "total"] == 114 and {r.measure for r in rows} == {"victims_identified"}


def test_a_long_list_keeps_hidden_numbers_hidden_and_its_total_for_all_together(data, long):
    rows = {r.partner: r for r in figures(data, long, layout(data, "THA-list", LIST))}
    assert rows["MMR"].value == 120 and rows[""].value == 166 and rows["LAO"].value == 31
    assert (rows["KHM"].value, rows["KHM"].lower, rows["KHM"].upper, rows["KHM"].status) == (None, 1, 4, "masked")


def test_a_sheet_in_another_script_is_converted_and_says_how_its_years_were_written(data, thai):
    rows = figures(data, thai, layout(data, "THA-thai", THAI))
    got = {(r.period_start, r.period_end, r.sex): r.value for r in rows}
    assert got[date(2023, 1, 1), date(2023, 12, 31), "female"] == 90
    assert got[date(2021, 1, 1), date(2021, 12, 31), "total"] == 104
    assert len(rows) == 9 and all("Buddhist era" in r.note for r in rows) and "๒๕๖๖" in rows[-1].note


def test_it_is_accepted_with_its_original_and_withdrawn_again(data, wide):
    name = layout(data, "THA-wide", WIDE)
    done = kind.accept(wide, data, layout=name)
    assert done.key == "briefing THA 2022_2023 v1"
    folder = data / "briefings" / "THA" / "2022_2023" / "v1"
    assert 'layout = "THA-wide"' in (folder / "cover.toml").read_text(encoding="utf-8")
    assert "No briefing of THA" in kind.withdraw(done.key, data).changes[0]


def test_each_fault_is_named_at_its_cell_in_the_file_as_sent(data, tmp_path):
    lines = {3: ["Year", "Male", "Fermale", "Total"], 4: [2023, "many", 14, 99], 5: ["20x4", 51, 14, 65]}
    path = sheet(tmp_path / "a.xlsx", "T", lines)
    text = (
        COVER + 'headers = [3]\nfirst = 4\n[always]\nmeasure = "victims_identified"\n[rows]\nA = "period"\n'
        '[columns]\nfigures = "B:D"\nnamed_by = ["sex"]\n[sums]\n"B5:C5" = "D5"\n"C4:C5" = "D4"\n'
    )
    errors = kind.check(path, data, layout=layout(data, "THA-a", text)).errors
    said = {e.cell: f"{e.found} | {e.expected} | {e.how_to_fix}" for e in errors}
    assert "Did you mean “female”" in said["C3"] and "[words] of THA-a.toml" in said["C3"]
    assert "C4:C5 make 28" in said["D4"] and "a plain number" in said["B4"].lower() or "number" in said["B4"]
    assert "20x4" in said["A5"] and "D5" not in said
    with pytest.raises(Refused, match="C3"):  # a heading is no row that could be left out
        kind.accept(path, data, partial=True, layout="THA-a")


def test_with_partial_the_sound_rows_are_taken(data, tmp_path):
    lines = {1: ["Year", "n"], 2: [2022, "many"], 3: [2023, 40]}
    path = sheet(tmp_path / "a.xlsx", "T", lines)
    text = COVER + 'headers = [1]\nfirst = 2\n[always]\nmeasure = "victims_identified"\n[rows]\nA = "period"\n[columns]\n'
    name = layout(data, "THA-a", text + 'figures = "B"\nnamed_by = [""]\n')
    done = kind.accept(path, data, partial=True, layout=name)
    assert (done.report.rows_in, done.report.accepted, done.report.rejected) == (2, 1, 1)


YEARS = list(csv.DictReader(Path(__file__).with_name("years.csv").read_text(encoding="utf-8").splitlines()))


@pytest.mark.parametrize(
    "year", YEARS, ids=lambda year: f"{year['said']} {year['calendar']} {year['begins']} {year['member']}"
)
def test_a_year_of_each_calendar_has_the_days_that_the_layout_or_the_catalog_knows_or_is_asked_about(year):
    """The month in which an office's own year begins goes before that of its member."""
    known = catalog.load().fiscal_years.get(year["member"], ())
    found = layouts.period(year["said"], year["calendar"], int(year["begins"]) if year["begins"] else None, known)
    assert (str(found.first or ""), str(found.last or "")) == (year["first"], year["last"])


def test_a_fiscal_year_written_in_another_script_is_no_name_of_a_person(data, tmp_path):
    table = sheet(tmp_path / "years.xlsx", "Table", {1: ["年度", "人数"], 2: ["2023年度", 40]})
    text = (
        COVER.replace("THA", "JPN") + 'year_begins = 4\nheaders = [1]\nfirst = 2\n[always]\nmeasure = "victims_identified"\n'
    )
    text += '[rows]\nA = "period"\n[columns]\nfigures = "B"\nnamed_by = [""]\n'
    (row,) = figures(data, table, layout(data, "JPN-years", text))
    assert row.note == "Written as 2023年度: 1 April 2023 to 31 March 2024."


def test_a_fiscal_year_in_a_table_is_said_with_its_days_and_asked_about_where_they_are_unknown(data, tmp_path):
    lines = {1: ["Year", "Victims"], 2: ["2011/12", 40], 3: ["2022-23", 51]}
    table = sheet(tmp_path / "years.xlsx", "Table", lines)
    text = COVER + 'headers = [1]\nfirst = 2\n[always]\nmeasure = "victims_identified"\n[rows]\nA = "period"\n[columns]\n'
    text += 'figures = "B"\nnamed_by = [""]\n'
    rows = figures(data, table, layout(data, "IND-years", text.replace("THA", "IND")))
    assert [(str(r.period_start), str(r.period_end)) for r in rows] == [
        ("2011-04-01", "2012-03-31"),
        ("2022-04-01", "2023-03-31"),
    ]
    assert rows[0].note == "Written as 2011/12: 1 April 2011 to 31 March 2012."
    report = kind.check(table, data, layout=layout(data, "CHN-years", text.replace("THA", "CHN")))
    asked = [(f.cell, f.how_to_fix) for f in report.errors if f.code == "layout-word"]
    assert [cell for cell, _ in asked] == ["A2", "A3"] and all("year_begins" in fix for _, fix in asked)


def test_a_code_page_is_read_as_the_layout_says(data, tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes("ปี,หญิง\n2566,90\n".encode("cp874"))
    text = (
        COVER
        + 'headers = [1]\nfirst = 2\ncalendar = "buddhist"\ncode_page = "cp874"\n[always]\nmeasure = "victims_identified"\n'
    )
    text += '[rows]\nA = "period"\n[columns]\nfigures = "B"\nnamed_by = ["sex"]\n[words]\n"หญิง" = "female"\n'
    assert [(r.sex, r.value) for r in figures(data, path, layout(data, "THA-t", text))] == [("female", 90)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("member = 3", "member = 3"),
        (COVER, "no columns"),
        (COVER.replace("title", "titel") + "first = 2", "unknown entry “titel”"),
        (WIDE.replace('"B:F"', '"banana"'), "the columns that hold figures"),
        (WIDE.replace('["form", "sex"]', '["form"]'), "2 header rows and 1 words"),
        (WIDE.replace('A = "period"', 'A = "sex"'), "“sex” named 2 times"),
        (WIDE.replace('measure = "victims_identified"', ""), "nothing that names the measure"),
        (WIDE.replace('"B5:E5" = "F5"', '"B5:E5" = "total"'), "a range and the cell of its sum"),
        (WIDE + 'x = "y"', "a range and the cell of its sum"),
        (WIDE.replace("first = 5", 'first = 5\ncalendar = "lunar"'), "one of gregorian"),
        (WIDE.replace("first = 5", 'first = 5\ncode_page = "klingon"'), "a code page such as"),
        ("a = [", "TOML in UTF-8"),
        ("a" + ".a" * 5000 + " = 1", "TOML in UTF-8"),
    ],
)
def test_a_layout_with_faults_names_them_all(data, text, words):
    with pytest.raises(Refused, match="THA-x.toml") as refused:
        layouts.load(layout(data, "THA-x", text), data)
    assert words in str(refused.value)


@pytest.mark.parametrize("name", ["", "THA-nothing", "../../etc/passwd", "THA-" + "a" * 500])
def test_a_layout_that_is_not_there_is_said_with_those_that_are(data, name):
    layout(data, "THA-wide", WIDE)
    with pytest.raises(Refused, match="THA-wide"):
        layouts.load(name or "x", data)


@pytest.mark.parametrize("fixture", ["wide", "long", "thai"])
def test_a_proposal_is_close_to_the_layout_and_needs_only_what_nobody_can_guess(data, request, fixture):
    path = request.getfixturevalue(fixture)
    made = layout_proposal.write(path, "THA", "try", data, desk.words(data))
    text = made.read_text(encoding="utf-8")
    if fixture == "thai":  # words of sex and of totals are known in the members' languages
        assert 'named_by = ["sex"]' in text and '"หญิง" = "female"\n"ชาย" = "male"\n' in text
    for empty, filled in (
        ('title = ""', 'title = "Victims"'),
        ('tlp = ""', 'tlp = "GREEN"'),
        ('office = ""', 'office = "Division"'),
        ('state = ""', 'state = "final"'),
        ('measure = ""', 'measure = "victims_identified"'),
        ('period = ""', 'period = "2023"'),
        ('"Forced work" = ""', '"Forced work" = "forced_labour"'),
        ("[words]", '[words]\n"Cambodian" = "KHM"'),
    ):
        text = text.replace(empty, filled)
    made.write_text(text, encoding="utf-8")
    assert len(figures(data, path, "THA-try")) == {"wide": 10, "long": 5, "thai": 9}[fixture]
    with pytest.raises(Refused, match="a layout of that name"):
        layout_proposal.write(path, "THA", "try", data, desk.words(data))


def test_the_command_line_proposes_checks_and_says_what_to_do_next(data, wide, monkeypatch):
    monkeypatch.setattr(commands, "DATA", data)
    monkeypatch.setattr("etl.pipeline.DATA", data)
    run = CliRunner().invoke
    told = run(app, ["layout", str(wide), "--member", "THA", "--name", "wide"])
    assert told.exit_code == 0 and f"python -m etl check {wide} --layout THA-wide" in told.output.replace("\n", "")
    layout(data, "THA-wide", WIDE)
    assert run(app, ["check", str(wide), "--layout", "THA-wide"]).exit_code == 0
    assert isinstance(run(app, ["check", str(wide), "--layout", "THA-none"]).exception, (Refused, SystemExit))
