"""Numbers and dates as people write them: read where they are plain, said where they are doubtful, never lost."""

from __future__ import annotations

import csv
from datetime import date, datetime
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors import catalog
from corridors.problems import ERROR, WARNING
from etl.submissions.sheets import BOOL, DATE, EMPTY, FAILED, NUMBER, TEXT, Cell
from etl.submissions.values import NOT_REPORTED, REPORTED, UNREADABLE, ZERO, as_date, as_number, made_of

NUMBERS, DATES = (
    list(csv.DictReader(Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines()))
    for name in ("numbers.csv", "dates.csv")
)


@pytest.mark.parametrize("row", NUMBERS, ids=lambda row: row["said"])
def test_a_number_in_text_is_read_as_its_writer_meant_and_a_doubt_or_a_fault_is_said(row):
    parsed = as_number(Cell(7, 3, TEXT, row["said"]))
    wanted = [float(row[bound]) if row[bound] else None for bound in ("value", "lower", "upper")]
    assert [parsed.value, parsed.lower, parsed.upper] == wanted and parsed.status == row["status"]
    assert (parsed.fault.code if parsed.fault else "") == row["code"]
    if parsed.fault:
        assert parsed.fault.level == (ERROR if row["status"] == UNREADABLE else WARNING)
        assert row["said"] in parsed.fault.found or parsed.fault.level == WARNING


@pytest.mark.parametrize("row", DATES, ids=lambda row: f"{row['said']} {row['calendar']} {row['member']}")
def test_a_day_month_or_year_in_text_is_a_period_a_question_or_a_fault_as_the_table_says(row):
    """Of a calendar that a layout names, and with the fiscal year of a member; a fiscal year is never read as a month."""
    fiscal = {"fiscal": partial(catalog.load().fiscal_year, row["member"])} if row["member"] else {}
    parsed = as_date(Cell(2, 1, TEXT, row["said"], row["said"]), calendar=row["calendar"], **fiscal)
    assert [str(parsed.first or ""), str(parsed.last or "")] == [row["first"], row["last"]] and parsed.value == parsed.first
    assert (parsed.fault.code if parsed.fault else "") == row["code"]
    assert parsed.status == (REPORTED if row["first"] else UNREADABLE if row["code"] else NOT_REPORTED)
    if parsed.fault:
        assert parsed.fault.level == (WARNING if row["first"] else ERROR)
        told = f"{parsed.fault.found} {parsed.fault.how_to_fix}"
        assert all(part in told for part in row["says"].split(" … ")), told


def test_a_number_beyond_what_a_spreadsheet_counts_and_a_whole_one_with_a_point():
    assert as_number(Cell(1, 1, NUMBER, 2e15)).fault.code == "too-large" and as_number(Cell(1, 1, NUMBER, 5.0)).value == 5
    assert as_number(Cell(1, 1, NUMBER, 0.45, "0%")).fault.code == "percentage"


def test_what_excel_made_of_1_4_is_named_with_what_was_typed():
    for cell in (
        Cell(7, 3, DATE, date(2026, 4, 1), "d-mmm"),
        Cell(7, 3, DATE, datetime(2026, 1, 4)),
        Cell(7, 3, TEXT, "4-Jan"),
        Cell(7, 3, TEXT, "Jan-04"),
        Cell(7, 3, TEXT, "01/04/2026"),
    ):
        fault = as_number(cell).fault
        assert (
            fault.code == "number-became-date" and "“1-4”" in fault.found and "format the column as text" in fault.how_to_fix
        ), cell
    assert "“4-30”" in as_number(Cell(7, 3, DATE, date(1930, 4, 1), "mmm-yy")).fault.found
    assert made_of(date(1900, 1, 5)) == ["5"]
    assert "format it as a number" in as_number(Cell(1, 1, DATE, date(1900, 1, 5))).fault.how_to_fix


def test_a_broken_formula_is_a_fault_and_no_zero():
    for cell, rule in (
        (Cell(1, 1, FAILED, "#REF!", "", "B1"), "error-value"),
        (Cell(1, 1, EMPTY, None, "", "A2+1"), "formula-not-computed"),
        (Cell(1, 1, BOOL, True), "not-a-number"),
    ):
        parsed = as_number(cell)
        assert parsed.value is None and parsed.status == UNREADABLE and parsed.fault.code == rule
    assert as_number(Cell(1, 1)).status == NOT_REPORTED and as_date(Cell(1, 1, FAILED, "#N/A")).fault.code == "error-value"


def test_a_year_under_a_date_format_and_a_date_without_one_are_seen():
    assert as_date(Cell(1, 1, DATE, date(1905, 7, 17))).fault.found.count("2025") == 1
    assert as_date(Cell(1, 1, NUMBER, 2025)).last == date(2025, 12, 31)
    parsed = as_date(Cell(1, 1, NUMBER, 45_748))
    assert parsed.first == date(2025, 4, 1) and parsed.fault.code == "date-became-number"
    assert as_date(Cell(1, 1, DATE, datetime(2025, 1, 2, 3))).first == date(2025, 1, 2)


@given(st.text(max_size=20))
def test_no_text_whatever_breaks_the_reading_or_turns_into_a_number_in_silence(text):
    parsed = as_number(Cell(1, 1, TEXT, text))
    assert parsed.value is None or any(c.isdigit() for c in text) or parsed.status == ZERO
    assert parsed.status != UNREADABLE or parsed.fault.level == ERROR
    assert as_date(Cell(1, 1, TEXT, text)).status in (REPORTED, NOT_REPORTED, UNREADABLE)


@given(st.integers(-(10**12), 10**12))
def test_a_whole_number_is_read_back_in_every_usual_writing(number):
    for text in (
        str(number),
        f"{number:,}",
        f"{number:,}".replace(",", " "),
        f"{number:,}".replace(",", "\u202f"),
        f"{number:,}".replace(",", "'"),
    ):
        assert as_number(Cell(1, 1, TEXT, text)).value == number
    assert as_number(Cell(1, 1, NUMBER, float(number))).value == number
