"""Text files as people save them: read whatever encoding and separator they have, each guess told, no cell lost."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corridors.problems import ERROR, WARNING, Refused
from etl.submissions import guard
from etl.submissions.delimited import records, sniffed
from etl.submissions.guard import LIMITS, open_tables


def said(path: Path) -> str:
    """The refusal of a file or folder, as a person reads it."""
    with pytest.raises(Refused) as refusal:
        open_tables(path)
    return str(refusal.value)


WRITTEN = {
    "UTF-8": ("utf-8", ",", []),
    "UTF-8 with a mark": ("utf-8-sig", ",", []),
    "Windows-1252": ("cp1252", ",", ["Windows-1252"]),
    "UTF-16 with a mark": ("utf-16", "\t", ["UTF-16", "tabs"]),
    "UTF-16 without": ("utf-16-le", ",", ["UTF-16-LE"]),
    "UTF-16 the other way": ("utf-16-be", ",", ["UTF-16-BE"]),
    "semicolons": ("utf-8", ";", ["semicolons"]),
    "tabs": ("utf-8", "\t", ["tabs"]),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_csv_is_read_however_it_was_saved_and_every_guess_is_told(name, tmp_path):
    encoding, separator, guesses = WRITTEN[name]
    lines = ["country,year,value", 'Côte d’Ivoire,2025,"1,5"', "", 'São Tomé,2024,"two\nlines"']
    text = "\r\n".join(lines).replace(",", separator).replace(f"1{separator}5", "1,5")
    (tmp_path / "a.csv").write_bytes(text.encode(encoding))
    tables = open_tables(tmp_path / "a.csv")
    sheet = tables.sheets[0]
    assert [sheet.cell(2, c).value for c in (1, 2, 3)] == ["Côte d’Ivoire", "2025", "1,5"] and sheet.cell(
        4, 3
    ).value == "two\nlines"
    assert sheet.plain and all(f.level == "warning" for f in tables.faults)
    told = " ".join(str(f) for f in tables.faults)
    assert len(tables.faults) == len(guesses) and all(guess in told for guess in guesses)


PAGES = {  # what Excel writes by default where these are spoken
    "cp874": ("ประเทศ,ปี,จำนวน", "ประเทศไทย,2025,12", "เมียนมา,2024,40"),
    "cp932": ("国,年,人数", "日本,2025,12", "ミャンマー,2024,40"),
    "cp949": ("국가,연도,수", "대한민국,2025,12", "미얀마,2024,40"),
    "big5": ("國家,年份,數量", "臺灣,2025,12", "緬甸,2024,40"),
    "cp1251": ("страна,год,число", "Россия,2025,12", "Мьянма,2024,40"),
    "cp1256": ("البلد,السنة,العدد", "الأردن,2025,12", "العراق,2024,40"),
    "cp1252": ("País,Año,Número de víctimas", "Perú,2025,12", "México,2024,40 – “más”"),
}


@pytest.mark.parametrize("page", PAGES)
def test_text_in_the_code_page_of_its_country_is_read_and_the_guess_is_named_with_a_sample(page, tmp_path):
    (tmp_path / "a.csv").write_bytes("\r\n".join(PAGES[page]).encode(page))
    tables = open_tables(tmp_path / "a.csv")
    assert [",".join(cell.text for cell in row.values()) for row in tables.sheets[0].rows.values()] == list(PAGES[page])
    (fault,) = tables.faults
    assert "not UTF-8, read as" in fault.found
    assert (fault.level, fault.code) == ((WARNING, "guessed") if page == "cp1252" else (ERROR, "code-page"))


@pytest.mark.parametrize("page", sorted(set(PAGES) - {"cp1252"}))
def test_whoever_can_read_it_says_so_and_it_is_taken_with_a_warning(page, tmp_path, monkeypatch):
    (tmp_path / "a.csv").write_bytes("\r\n".join(PAGES[page]).encode(page))
    monkeypatch.setattr(guard, "said_code_page", page)
    tables = open_tables(tmp_path / "a.csv")
    assert [",".join(cell.text for cell in row.values()) for row in tables.sheets[0].rows.values()] == list(PAGES[page])
    assert [fault.level for fault in tables.faults] == [WARNING]
    monkeypatch.setattr(guard, "said_code_page", "cp0000")
    assert "found the code page cp0000; expected one of cp1252, cp874" in said(tmp_path / "a.csv")


@pytest.mark.parametrize("text, page", [("note\nนาย", "cp874"), ("note\nこんにちは", "cp932"), ("note\nزمین", "cp1256")])
def test_wrong_letters_would_never_be_accepted_however_few_there_are(text, page, tmp_path):
    """Too few bytes to tell a page: read as Windows-1252 they are letters that no word has side by side."""
    (tmp_path / "a.csv").write_bytes(text.encode(page, "ignore"))
    (fault,) = open_tables(tmp_path / "a.csv").faults
    assert fault.level == ERROR and "--code-page" in fault.how_to_fix


@pytest.mark.parametrize("text", ["THA,it’s one", "国家,年份,数量\r\n安徽,2025,12\r\n云南,2024,40"])
def test_where_no_page_or_several_fit_nothing_is_guessed_beyond_windows_1252(text, tmp_path):
    """The Chinese bytes are Korean words as well: the warning asks for UTF-8, and nobody reads wrong words as right."""
    (tmp_path / "a.csv").write_bytes(text.encode("gb18030" if "国" in text else "cp1252"))
    assert "read as Windows-1252" in open_tables(tmp_path / "a.csv").faults[0].found


def test_bytes_that_are_words_of_two_pages_are_told_apart_by_the_countries_that_they_name(tmp_path):
    (tmp_path / "a.csv").write_bytes("国家,年份,数量\r\n中国,2025,12\r\n缅甸,2024,40".encode("gb18030"))
    (fault,) = open_tables(tmp_path / "a.csv").faults
    assert fault.level == ERROR and "read as GB 18030 (Chinese) (for instance “国家,年份,数量”)" in fault.found


def test_the_line_by_which_excel_names_the_separator_is_no_row(tmp_path):
    (tmp_path / "a.csv").write_text("sep=;\nyear;value\n2025;1,5\n", encoding="utf-8")
    sheet = open_tables(tmp_path / "a.csv").sheets[0]
    assert sheet.cell(2, 1).value == "year"
    assert sheet.cell(3, 2).value == "1,5"


def test_a_folder_of_csv_is_a_sheet_each_and_nothing_in_it_is_passed_over_in_silence(tmp_path):
    (tmp_path / "in").mkdir()
    for name, text in (
        ("figures.csv", "a,b\n1,2\n"),
        ("Cover.csv", "k,v\n"),
        (".DS_Store", "x"),
        ("~$lock.csv", "x"),
        ("notes.txt", "x"),
    ):
        (tmp_path / "in" / name).write_text(text, encoding="utf-8")
    tables = open_tables(tmp_path / "in")
    assert tables.form == "folder" and tables.names == ["Cover", "figures"] and tables.sheet("figures").file == "figures.csv"
    assert [f.code for f in tables.faults] == ["not-read"] and "notes.txt" in tables.faults[0].found
    (tmp_path / "in" / "bad.csv").write_bytes(b"a,b\n1,\0\n")
    assert "bad" in said(tmp_path / "in") and "NUL byte" in said(tmp_path / "in")
    (tmp_path / "in" / "bad.csv").write_bytes(b"MZ\x90\0")
    assert "Windows program" in said(tmp_path / "in")
    (tmp_path / "none").mkdir()
    assert "without CSV files (in it: nothing)" in said(tmp_path / "none")


@pytest.mark.skipif(os.name == "nt", reason="links need a right of their own on Windows")
def test_a_link_in_a_folder_is_refused_lest_it_leads_to_a_secret(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "secret").write_text("x", encoding="utf-8")
    (tmp_path / "in" / "figures.csv").symlink_to(tmp_path / "secret")
    assert "a link to somewhere else (“figures.csv”)" in said(tmp_path / "in")


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=12)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=5), separator=st.sampled_from(",;\t"))
def test_no_cell_of_a_csv_is_lost_whatever_stands_in_it(tmp_path, rows, separator):
    rows = [["name", "year", "value"], *rows]
    with (tmp_path / "a.csv").open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle, delimiter=separator, quoting=csv.QUOTE_ALL).writerows(rows)
    style = guard.sniffed(tmp_path / "a.csv", LIMITS)
    sheet = [list(r) for r in records(tmp_path / "a.csv", style, LIMITS)]
    assert style.separator == separator and sheet == rows


def test_a_reading_leaves_the_limit_of_cells_of_the_whole_process_as_it_was(tmp_path):
    (tmp_path / "a.csv").write_text("Year,Number\n2025,12\n", encoding="utf-8")
    before = csv.field_size_limit()
    assert len(list(records(tmp_path / "a.csv", sniffed(tmp_path / "a.csv", LIMITS), LIMITS))) == 2
    assert csv.field_size_limit() == before
