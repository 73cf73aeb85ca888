"""A file that is handed in, of whatever kind: what it is, what is wrong, and its own rows around the faults."""

import csv

import openpyxl
import pandas as pd
import pytest

from etl import inbox
from etl.cases import format
from etl.pipeline import DATA
from tests.etl.briefings import desk
from tests.etl.briefings.test_layouts import COVER, layout, sheet
from tests.etl.cases.conftest import GOOD
from tests.etl.sources.unodc_glotip import test_read_unodc_glotip as glotip


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return desk.made(tmp_path_factory.mktemp("inbox") / "data")


def cases(path, *records, form="csv"):
    rows = [{"record_id": f"T-{n}", **GOOD, **record} for n, record in enumerate(records, 1)]
    frame = pd.DataFrame(rows, columns=list(format.COLUMNS), dtype="str")
    frame.to_csv(path, index=False) if form == "csv" else frame.to_excel(path, index=False, engine="xlsxwriter")
    return path


def marked(judged, sheet_name=""):
    """Each marked cell of an excerpt → what it shows and what is said of it."""
    (one,) = [e for e in judged.excerpts if not sheet_name or e.sheet == sheet_name]
    lines = dict(one.rows)
    return {spot: (lines[spot[0]][spot[1] - 1], faults[0].how_to_fix) for spot, faults in one.marks.items()}, one


def test_a_template_shows_the_rows_around_a_fault_and_the_cell_with_its_cure(data, tmp_path):
    path = desk.filled(tmp_path / "t.xlsx", data, {"victims_identified": {"Number": "12 or so"}}, iso3="THA")
    judged = inbox.judge(path, data)
    assert judged.kind == "briefing" and not judged.report.fine
    cells, excerpt = marked(judged, "Figures")
    (spot,) = [spot for spot, (text, _) in cells.items() if text == "12 or so"]
    assert "in digits" in cells[spot][1] and excerpt.rows[0][0] == 1
    assert {number for number, _ in excerpt.rows} >= {spot[0] - 1, spot[0], spot[0] + 1}
    assert all(len(line) == len(excerpt.columns) for _, line in excerpt.rows)


def test_a_members_own_table_is_judged_by_its_layout(data, tmp_path):
    table = sheet(tmp_path / "own.xlsx", "T", {1: ["Nationality", "2023"], 2: ["Tailand", 5], 3: ["Laos", "many"]})
    text = COVER + 'headers = [1]\nfirst = 2\n[always]\nmeasure = "victims_identified"\n[rows]\nA = "partner"\n'
    name = layout(data, "THA-own", text + '[columns]\nfigures = "B"\nnamed_by = ["period"]\n')
    cells, _ = marked(inbox.judge(table, data, layout=name))
    assert cells[2, 1][0] == "Tailand" and "Thailand (THA)" in cells[2, 1][1] and cells[3, 2][0] == "many"


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_case_file_shows_its_rows_without_pseudonyms_and_without_what_may_be_a_name(data, tmp_path, form):
    records = [{}, {"citizenship": "Tailand"}, {"sex": "Somchai Jaidee"}, {}, {}, {}, {}]
    judged = inbox.judge(cases(tmp_path / f"cases.{form}", *records, form=form), data)
    cells, excerpt = marked(judged)
    assert judged.kind == "cases" and cells[3, 5][0] == "Tailand" and "THA (Thailand)" in cells[3, 5][1]
    assert "not repeated" in cells[4, 10][0] and "(a pseudonym)" in str(judged.excerpts)
    assert "Somchai" not in str(judged.excerpts)
    shown = dict(excerpt.rows)
    assert shown[1][0] == "record_id" and shown[3][0] == "(a pseudonym)" and 8 not in shown


def test_a_case_file_too_large_to_be_opened_whole_shows_the_rows_around_its_faults(data, tmp_path, monkeypatch):
    monkeypatch.setattr(inbox.guard, "open_tables", _too_large)
    judged = inbox.judge(cases(tmp_path / "cases.csv", *[{}] * 400, {"crime": "TIP"}, {}), data)
    cells, excerpt = marked(judged)
    assert cells[402, 8][0] == "TIP" and [n for n, _ in excerpt.rows] == [1, 400, 401, 402, 403]


def _too_large(path, *more):
    raise inbox.Refused("too large")


def test_a_publishers_original_is_read_by_its_reader_and_its_cells_are_marked(data, tmp_path):
    folder = tmp_path / "sent"
    folder.mkdir()
    glotip.workbook(folder, [glotip.row("312"), glotip.citizens("Lemurian", "9", iso3="IDN")])
    (path,) = folder.iterdir()
    judged = inbox.judge(path, data)
    cells, _ = marked(judged)
    assert judged.kind == inbox.ORIGINAL and "GLOTIP" in judged.report.title
    assert [text for text, _ in cells.values()] == ["Lemurian"] and "citizenship.csv" in str(judged.report.faults[0])
    glotip.workbook(folder, [glotip.row("312")])
    sound = inbox.judge(path, data).report
    assert sound.fine and sound.facts == (
        "unodc_glotip: new, 1 figure to 2019-12-31",
        "1 kept, 0 rejected with their reasons, 0 out of scope",
    )


def test_overlaps_are_known_by_their_columns_and_their_faults_have_a_place(data, tmp_path):
    path = tmp_path / "overlaps.csv"
    path.write_text("police,shelter,court,count\n1,0,0,40\n0,1,0,30\n0,0,1,20\n1,1,0,9\n", encoding="utf-8")
    judged = inbox.judge(path, data)
    assert (judged.kind, judged.report.fine, judged.report.facts) == ("overlaps", True, ("99 cases on 3 lists",))
    path.write_text("police,shelter,court,count\n1,0,0,40\n0,1,0,many\n0,0,1,20\n1,1,0,9\n", encoding="utf-8")
    cells, _ = marked(inbox.judge(path, data))
    assert [text for text, _ in cells.values()] == ["many"]


@pytest.mark.parametrize("content", [b"", b"MZ\x90\x00" * 50, b"a,b\n1,2\n", b"<html></html>"])
def test_what_is_of_no_known_kind_is_a_judgement_and_no_exception(data, tmp_path, content):
    path = tmp_path / "odd.csv"
    path.write_bytes(content)
    judged = inbox.judge(path, data)
    assert judged.kind == inbox.UNKNOWN and not judged.report.fine and not judged.excerpts
    assert all(fault.found for fault in judged.report.faults)


def test_files_of_any_kind_are_marked_in_one_workbook(data, tmp_path):
    overlaps = tmp_path / "overlaps.csv"
    with overlaps.open("w", newline="") as handle:
        csv.writer(handle).writerows([["police", "shelter", "count"], ["1", "0", "many"], ["0", "1", "5"], ["1", "1", "2"]])
    judged = [inbox.judge(p, data) for p in (cases(tmp_path / "cases.csv", {}, {"crime": "TIP"}), overlaps)]
    inbox.marked(judged, tmp_path / "marked.xlsx")
    book = openpyxl.load_workbook(tmp_path / "marked.xlsx")
    assert book["cases"]["H3"].comment and "TIP" in book["cases"]["H3"].comment.text
    assert any(cell.comment for row in book["overlaps"].iter_rows() for cell in row)


def test_a_folder_of_joint_actions_is_judged_as_one(data):
    judged = inbox.judge(DATA / "editorial" / "actions", data)
    assert judged.kind == "actions" and judged.report.rows_in
