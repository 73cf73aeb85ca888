"""Strangers' files at the door: the honest are read to the last cell, the hostile refused by name, fast and small."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.hyperlink import Hyperlink

from corridors.problems import Refused
from etl.submissions.guard import LIMITS, inspect, open_tables, peek, sheet_names
from etl.submissions.sheets import BOOL, DATE, EMPTY, FAILED, NUMBER, TEXT, address, place, printable
from tests.etl.submissions import samples
from tests.etl.submissions.samples import CELL, HOSTILE, SLOW, ods, packed, parts, workbook

ROOT = Path(__file__).resolve().parents[3]


def said(path: Path, call=open_tables) -> str:
    """The refusal of a file, as a person reads it."""
    with pytest.raises(Refused) as refusal:
        call(path)
    return str(refusal.value)


@pytest.mark.parametrize("name", [name for name in HOSTILE if name not in SLOW])
def test_a_hostile_file_is_refused_by_name_with_a_cure_and_in_time(name, tmp_path):
    called, made, words = HOSTILE[name]
    (tmp_path / called).write_bytes(made())
    begun = sum(os.times()[:4])
    told = said(tmp_path / called)
    assert sum(os.times()[:4]) - begun < 5, "seconds of work, its own and of the reading process"
    assert called in told and "; expected " in told and told.rstrip().endswith(".")
    for word in words:
        assert word in told


MEASURE = """
import json, os, resource, sys
from pathlib import Path
from corridors.problems import Refused
from etl.submissions.guard import open_tables
begun = sum(os.times()[:4])
try:
    open_tables(Path(sys.argv[1]))
    told = ""
except Refused as refusal:
    told = str(refusal)
own = next(line for line in open("/proc/self/status", encoding="utf-8") if line.startswith("VmHWM"))
children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps([told, sum(os.times()[:4]) - begun, int(own.split()[1]) // 1024, children // 1024]))
"""
WORST = sorted({"a zip bomb", "two cells far apart", "a million columns", "a text of a megabyte"} | SLOW)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted in kilobytes on Linux only")
@pytest.mark.parametrize("name", WORST)
def test_the_worst_of_them_stay_below_300_megabytes_in_both_processes_together(name, tmp_path):
    called, made, words = HOSTILE[name]
    (tmp_path / called).write_bytes(made())
    for _ in range(3):  # on a busy machine the same work takes more seconds of a processor
        done = subprocess.run(
            [sys.executable, "-c", MEASURE, str(tmp_path / called)], cwd=ROOT, capture_output=True, text=True, check=True
        )
        told, seconds, parent, child = json.loads(done.stdout)
        assert all(word in told for word in words) and parent + child < 300, (parent, child)
        if seconds < 5:
            break
    assert seconds < 5


BOUNDS = {
    "cells": (900, "more than 900 cells"),
    "elements": (900, "more than 900 tags"),
    "all_text": (4_000, "4,000 characters of text"),
    "sheets": (0, "1 sheets"),
    "merged": (0, "more than 0 merged cells"),
    "file_bytes": (900, "MB"),
}


@pytest.mark.parametrize("bound", BOUNDS)
def test_each_bound_is_named_when_it_is_passed(bound, tmp_path):
    most, words = BOUNDS[bound]
    merged = '</sheetData><mergeCells><mergeCell ref="A1:B2"/></mergeCells><sheetData>'
    (tmp_path / "a.xlsx").write_bytes(packed(parts(samples.many_cells(1_000) + merged)))
    assert words in said(tmp_path / "a.xlsx", lambda p: open_tables(p, limits=replace(LIMITS, **{bound: most})))


def test_a_reading_that_takes_too_long_is_stopped_and_says_so(tmp_path):
    (tmp_path / "slow.xlsx").write_bytes(packed(parts(samples.many_cells(200_000))))
    told = said(tmp_path / "slow.xlsx", lambda p: open_tables(p, limits=replace(LIMITS, seconds=0.15)))
    assert "still not read after 0.15 seconds of work" in told
    told = said(tmp_path / "slow.xlsx", lambda p: open_tables(p, limits=replace(LIMITS, waiting=0.1)))
    assert "still not read after 0.1 seconds" in told and "Try again when the machine has less to do." in told


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="signals of POSIX")
def test_what_is_measured_is_work_and_not_the_clock(tmp_path, monkeypatch):
    """A machine that gives the reading process no time for longer than it may work, as a busy one does."""
    (tmp_path / "a.xlsx").write_bytes(packed(parts(samples.many_cells(2_000))))
    begun = subprocess.Popen

    def kept_waiting(*words, **more):
        process = begun(*words, **more)
        process.send_signal(signal.SIGSTOP)
        threading.Timer(2.5, process.send_signal, [signal.SIGCONT]).start()
        return process

    monkeypatch.setattr(subprocess, "Popen", kept_waiting)
    assert len(list(open_tables(tmp_path / "a.xlsx", limits=replace(LIMITS, seconds=2.0)).sheets[0].cells())) == 2_000


@pytest.mark.skipif(sys.platform != "linux", reason="address space is bounded on Linux only")
def test_a_reading_that_wants_too_much_memory_is_refused_and_says_so(tmp_path):
    texts = "".join(f"<si><t>{n:01000d}</t></si>" for n in range(19_000))
    held = parts()
    held["xl/sharedStrings.xml"] = f'<sst xmlns="{samples.MAIN}">{texts}</sst>'.encode()
    (tmp_path / "large.xlsx").write_bytes(packed(held))
    limits = replace(LIMITS, memory=24 * 1024**2, seconds=20)
    told = said(tmp_path / "large.xlsx", lambda p: open_tables(p, limits=limits))
    assert "24 MB of memory" in told or "the reading process died" in told


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_a_reading_process_that_is_killed_from_outside_ends_in_a_refusal_not_in_half_a_table(tmp_path):
    (tmp_path / "a.xlsx").write_bytes(packed(parts(samples.many_cells(100_000))))
    killed = []

    def kill(text, done, total):
        if not killed:
            for entry in Path("/proc").glob("[0-9]*/stat"):
                fields = (
                    entry.read_text(encoding="utf-8", errors="replace").rsplit(")", 1)[1].split() if entry.exists() else []
                )
                if (
                    fields
                    and int(fields[1]) == os.getpid()
                    and "submissions.child" in (entry.parent / "cmdline").read_text()
                ):
                    killed.append(int(entry.parent.name))
                    os.kill(killed[0], 9)

    if not Path("/proc/self/stat").exists():
        pytest.skip("children are found through /proc")
    told = said(tmp_path / "a.xlsx", lambda p: open_tables(p, kill))
    assert killed and "died (signal 9)" in told


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 3_000), at=st.integers(0, 3_000), byte=st.integers(0, 255))
def test_a_workbook_damaged_anywhere_is_read_or_refused_and_never_ends_in_a_traceback(tmp_path, cut, at, byte):
    data = bytearray(packed(parts()))
    data[at % len(data)] = byte
    (tmp_path / "b.xlsx").write_bytes(bytes(data[: len(data) - cut % 40]))
    try:
        assert open_tables(tmp_path / "b.xlsx").names
    except Refused as refusal:
        assert "b.xlsx" in str(refusal)


def test_what_is_no_file_at_all_is_refused(tmp_path):
    assert "no such file" in said(tmp_path / "gone.xlsx")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.csv")
        assert "neither a file nor a folder" in said(tmp_path / "pipe.csv")
    (tmp_path / "cases.parquet").write_bytes(b"PAR1" + b"x" * 20)
    assert inspect(tmp_path / "cases.parquet").form == "parquet"
    assert "case data only" in said(tmp_path / "cases.parquet")


def test_a_name_or_a_word_of_the_file_cannot_reach_the_terminal_as_a_command(tmp_path):
    path = tmp_path / "a\x1b[31m.xlsx"
    path.write_bytes(packed({"[Content_Types].xml": b"<T/>", "xl/embeddings/\x1b]0;x\x07.bin": b"x"}))
    told = said(path)
    assert "\x1b" not in told and "\x07" not in told and "⟨U+001B⟩" in told
    assert printable("a\u202egnp.exe") == "a⟨U+202E⟩gnp.exe" and printable("x" * 300, 10).startswith("xxxxxxxxxx… (300")


def test_every_kind_of_cell_arrives_with_its_address_format_and_formula(tmp_path):
    def fill(book):
        sheet = book.active
        sheet.title = "Figures"
        sheet["A1"], sheet["B1"], sheet["C1"], sheet["D1"] = "Année\u00a0", 12, 1.5, True
        sheet["A2"], sheet["B2"], sheet["C7"] = date(2025, 12, 31), datetime(2025, 1, 2, 3, 4), "=A1+1"
        sheet["B2"].number_format, sheet["D2"], sheet["D2"].number_format = "d-mmm h:mm", 0.45, "0%"
        sheet["A3"] = "#REF!"
        sheet["A3"].data_type = "e"
        sheet["A9"].font = openpyxl.styles.Font(bold=True)  # a style alone is no content
        sheet.merge_cells("A4:B5")
        sheet["A4"], sheet["E6"] = "merged", "007"
        sheet.row_dimensions[7].hidden = True
        sheet.column_dimensions["E"].hidden = True
        book.create_sheet("Lists").sheet_state = "veryHidden"
        book["Lists"]["A1"] = "x"
        book.create_sheet("Empty")

    tables = open_tables(workbook(tmp_path / "a.xlsx", fill))
    sheet = tables.sheets[0]
    assert tables.form == "xlsx" and tables.names == ["Figures", "Lists", "Empty"]
    assert [s.hidden for s in tables.sheets] == [False, True, False]
    assert [(c.address, c.kind, c.value) for c in sheet.cells() if c.row < 4] == [
        ("A1", TEXT, "Année\u00a0"),
        ("B1", NUMBER, 12),
        ("C1", NUMBER, 1.5),
        ("D1", BOOL, True),
        ("A2", DATE, date(2025, 12, 31)),
        ("B2", DATE, datetime(2025, 1, 2, 3, 4)),
        ("D2", NUMBER, 0.45),
        ("A3", FAILED, "#REF!"),
    ]
    assert sheet.at("A1").text == "Année" and sheet.at("D2").format == "0%" and sheet.at("B2").format == "d-mmm h:mm"
    assert sheet.at("C7").uncomputed and sheet.at("C7").formula == "A1+1" and sheet.at("C7").kind == EMPTY
    assert sheet.hidden_rows == {7} and sheet.hidden_columns == {5}
    assert (sheet.height, sheet.width) == (7, 5) and sheet.at("Z99").blank and sheet.at("E6").value == "007"
    assert tables.sheet(" LISTS ").at("A1").text == "x" and tables.sheet("none") is None
    assert [(f.code, f.sheet) for f in tables.faults] == [
        ("hidden-rows", sheet.name),
        ("hidden-columns", sheet.name),
        ("hidden-sheet", "Lists"),
    ]
    assert "1 hidden row (7)" in tables.faults[0].found and "1 hidden column (E)" in tables.faults[1].found


def test_a_formula_with_a_saved_error_keeps_both(tmp_path):
    rows = (
        '<row r="1"><c r="A1" t="e"><f>[1]x!A1</f><v>#REF!</v></c><c r="B1" t="str"><f>A1&amp;""</f><v>said</v></c>'
        '<c r="C1"><f t="shared" si="0"/><v>5</v></c><c r="D1" t="inlineStr"><is>'
        "<t>in</t><rPh><t>no</t></rPh><r><t>line</t></r></is></c>"
        '<c r="E1" t="d"><v>2025-03-01</v></c><c r="F1"><v>nan</v></c><c r="G1"><v>1e999</v></c></row>'
    )
    (tmp_path / "a.xlsx").write_bytes(packed(parts(rows)))
    cells = {c.address: c for c in open_tables(tmp_path / "a.xlsx").sheets[0].cells()}
    assert (cells["A1"].kind, cells["A1"].value, cells["A1"].formula) == (FAILED, "#REF!", "[1]x!A1")
    assert (cells["B1"].value, cells["C1"].value, bool(cells["C1"].formula)) == ("said", 5, True)
    assert (cells["D1"].value, cells["E1"].value, cells["F1"].kind, cells["G1"].kind) == (
        "inline",
        date(2025, 3, 1),
        FAILED,
        FAILED,
    )


def test_days_of_both_calendars_of_excel_and_its_leap_year_of_1900(tmp_path):
    for epoch, name in ((openpyxl.utils.datetime.WINDOWS_EPOCH, "w"), (openpyxl.utils.datetime.MAC_EPOCH, "m")):

        def fill(book, epoch=epoch):
            book.epoch = epoch
            book.active["A1"] = date(2025, 4, 1)

        assert open_tables(workbook(tmp_path / f"{name}.xlsx", fill)).sheets[0].at("A1").value == date(2025, 4, 1)
    from etl.submissions.xlsx import moment

    assert [moment(n, False) for n in (4, 59, 61, 45_748)] == [
        date(1900, 1, 4),
        date(1900, 2, 28),
        date(1900, 3, 1),
        date(2025, 4, 1),
    ]
    assert moment(-1, False) is None and moment(3e6, False) is None


def test_a_hyperlink_is_not_an_attack_and_is_told(tmp_path):
    def fill(book):
        book.active["A1"] = "see"
        book.active["A1"].hyperlink = Hyperlink(ref="A1", target="https://example.org/report")

    tables = open_tables(workbook(tmp_path / "a.xlsx", fill))
    assert tables.sheets[0].at("A1").text == "see" and "hyperlinks to places outside (1)" in str(tables.faults[0])


def test_a_workbook_under_a_wrong_ending_is_read_as_what_it_is_with_a_warning(tmp_path):
    (tmp_path / "a.csv").write_bytes(packed(parts()))
    tables = open_tables(tmp_path / "a.csv")
    assert tables.form == "xlsx" and tables.faults[0].code == "wrong-ending"
    assert "XLSX workbook under the ending “.csv”" in str(tables.faults[0])
    (tmp_path / "a.xlsx").write_bytes(b"year,value\n2025,3\n")
    tables = open_tables(tmp_path / "a.xlsx")
    assert tables.form == "csv" and tables.sheets[0].cell(2, 2).text == "3" and tables.faults[0].code == "wrong-ending"


def test_ods_cells_repeats_hidden_sheets_dates_and_notes(tmp_path):
    cell, row = "table:table-cell", "table:table-row"
    typed = f"<{cell} office:value-type"
    rows = (
        f"<{row}>{typed}='string'><office:annotation><text:p>not this</text:p></office:annotation>"
        f"<text:p>two<text:s text:c='2'/>words</text:p><text:p>more</text:p></{cell}>"
        f"{CELL} table:number-columns-repeated='2'/>"
        f"{typed}='date' office:date-value='2025-04-01'><text:p>1-Apr</text:p></{cell}>"
        f"{typed}='boolean' office:boolean-value='true'/></{row}>"
        f"<{row} table:number-rows-repeated='1048000'><{cell} table:number-columns-repeated='16384'/></{row}>"
        f"<{row} table:visibility='collapse'>{CELL} table:formula='of:=1' table:number-columns-spanned='2'/>"
        "<table:covered-table-cell/>"
        f"{typed}='float' office:value='0' table:formula='of:=2'><text:p>#REF!</text:p></{cell}></{row}>"
    )
    style = "<style:style style:name='h'><style:table-properties table:display='false'/></style:style>"
    (tmp_path / "far.ods").write_bytes(ods(rows, style, "table:style-name='h'"))
    assert "row 1,048,002" in said(tmp_path / "far.ods")
    (tmp_path / "a.ods").write_bytes(ods(rows.replace("1048000", "2"), style, "table:style-name='h'"))
    sheet = open_tables(tmp_path / "a.ods").sheets[0]
    assert sheet.hidden and [(c.address, c.kind, c.value) for c in sheet.cells()] == [
        ("A1", TEXT, "two  words\nmore"),
        ("B1", NUMBER, 1),
        ("C1", NUMBER, 1),
        ("D1", DATE, date(2025, 4, 1)),
        ("E1", BOOL, True),
        ("A4", NUMBER, 1),
        ("C4", FAILED, "#REF!"),
    ]
    assert sheet.at("D1").shown == "1-Apr" and sheet.at("A4").formula == "of:=1" and sheet.hidden_rows == {4}
    assert peek(tmp_path / "a.ods", 1).sheets[0].height == 1 and sheet_names(tmp_path / "a.ods") == ["Figures"]


def test_names_are_known_without_reading_all(tmp_path):
    def fill(book):
        book.active.title = "Cover"
        book.active["B3"], book.active["D3"] = "record_id ", "year"
        book.create_sheet("Figures")

    path = workbook(tmp_path / "a.xlsx", fill)
    assert sheet_names(path) == ["Cover", "Figures"]
    (tmp_path / "cases.csv").write_bytes(
        b"\xef\xbb\xbfrecord_id;year\n1;2\n" + b"3;4\n" * 16_000_000
    )  # beyond what is read as a table
    begun = time.monotonic()
    assert sheet_names(tmp_path / "cases.csv") == ["cases"]
    assert [len(s.rows) for s in peek(tmp_path / "cases.csv", 5).sheets] == [5] and time.monotonic() - begun < 5
    assert "at most 60 MB" in said(tmp_path / "cases.csv")


@given(row=st.integers(1, 1_048_576), column=st.integers(1, 16_384))
def test_an_address_says_row_and_column_and_back(row, column):
    assert place(address(row, column)) == (row, column)
    assert place(f"${address(row, column).lower()}") is not None
