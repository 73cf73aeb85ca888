"""Numbers and dates as people write them: read where they are plain, said where they are doubtful, never lost."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors.problems import ERROR, WARNING
from etl.submissions.sheets import BOOL, DATE, EMPTY, FAILED, NUMBER, TEXT, Cell
from etl.submissions.values import ESTIMATED, MASKED, NOT_REPORTED, REPORTED, UNREADABLE, ZERO, as_date, as_number, made_of

# what stands in the cell: value, lower, upper, status, and the rule of the warning or error ("" = none)
NUMBERS = {
    "12": (12, 12, 12, REPORTED, ""),
    "0": (0, 0, 0, ZERO, ""),
    "-3": (-3, -3, -3, REPORTED, ""),
    "0.0": (0, 0, 0, ZERO, ""),
    "1 234": (1234, 1234, 1234, REPORTED, ""),
    "1\u00a0234": (1234, 1234, 1234, REPORTED, ""),
    "1\u202f234,5": (1234.5, 1234.5, 1234.5, REPORTED, "ambiguous-number"),
    "1,234": (1234, 1234, 1234, REPORTED, ""),
    "1,23,456": (123456, 123456, 123456, REPORTED, ""),
    "12,34,567": (1234567, 1234567, 1234567, REPORTED, ""),
    "1'234": (1234, 1234, 1234, REPORTED, ""),
    "1,234.5": (1234.5, 1234.5, 1234.5, REPORTED, ""),
    "1.234,5": (1234.5, 1234.5, 1234.5, REPORTED, "ambiguous-number"),
    "1.234": (1.234, 1.234, 1.234, REPORTED, "ambiguous-number"),
    "1.234.567": (1234567, 1234567, 1234567, REPORTED, "ambiguous-number"),
    "1,5": (1.5, 1.5, 1.5, REPORTED, "ambiguous-number"),
    "007": (7, 7, 7, REPORTED, "ambiguous-number"),
    "1.2E+05": (120000, 120000, 120000, REPORTED, "ambiguous-number"),
    "": (None, None, None, NOT_REPORTED, ""),
    " \u00a0": (None, None, None, NOT_REPORTED, ""),
    "n/a": (None, None, None, NOT_REPORTED, ""),
    "..": (None, None, None, NOT_REPORTED, ""),
    "-": (None, None, None, NOT_REPORTED, "dash"),
    "–": (None, None, None, NOT_REPORTED, "dash"),
    "nil": (0, 0, 0, ZERO, "word-for-zero"),
    "<5": (None, 1, 4, MASKED, ""),
    "< 10": (None, 1, 9, MASKED, ""),
    "≤4": (None, 1, 4, MASKED, ""),
    "fewer than 5": (None, 1, 4, MASKED, ""),
    "1-4": (None, 1, 4, MASKED, ""),
    "1 – 4": (None, 1, 4, MASKED, ""),
    "*": (None, None, None, MASKED, "withheld"),
    "201–209": (None, 201, 209, ESTIMATED, "range"),
    "201 to 209": (None, 201, 209, ESTIMATED, "range"),
    ">100": (None, 101, None, ESTIMATED, "lower-bound"),
    "100+": (None, 100, None, ESTIMATED, "lower-bound"),
    "about 40": (40, None, None, ESTIMATED, "estimate"),
    "~1,200": (1200, None, None, ESTIMATED, "estimate"),
    "12¹": (12, 12, 12, REPORTED, "footnote-mark"),
    "12*": (12, 12, 12, REPORTED, "footnote-mark"),
    "12 [a]": (12, 12, 12, REPORTED, "footnote-mark"),
    "١٢٣": (123, 123, 123, REPORTED, ""),
    "๑๒": (12, 12, 12, REPORTED, ""),
    "−3": (-3, -3, -3, REPORTED, ""),
    "45%": (0.45, 0.45, 0.45, REPORTED, "percentage"),
}


@pytest.mark.parametrize("text", NUMBERS)
def test_a_number_in_text_is_read_as_its_writer_meant_and_a_doubt_is_said(text):
    value, lower, upper, status, rule = NUMBERS[text]
    parsed = as_number(Cell(7, 3, TEXT, text))
    assert (parsed.value, parsed.lower, parsed.upper, parsed.status) == (value, lower, upper, status)
    assert (parsed.fault.code if parsed.fault else "") == rule
    assert not parsed.fault or parsed.fault.level == WARNING


@pytest.mark.parametrize(
    "text",
    [
        "about forty",
        "12 34",
        "½",
        "²",
        "(5)",
        "3 million",
        "inf",
        "nan",
        "1_000",
        "9-3",
        "<1",
        "1.2.3",
        "=1+1",
        "0x1F",
        "1,23,4",
    ],
)
def test_what_is_no_number_is_a_fault(text):
    parsed = as_number(Cell(7, 3, TEXT, text))
    assert (parsed.value, parsed.status, parsed.fault.level) == (None, UNREADABLE, ERROR) and text in parsed.fault.found


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
    assert (
        made_of(date(1900, 1, 5)) == ["5"]
        and "format it as a number" in as_number(Cell(1, 1, DATE, date(1900, 1, 5))).fault.how_to_fix
    )


def test_a_broken_formula_is_a_fault_and_no_zero():
    for cell, rule in (
        (Cell(1, 1, FAILED, "#REF!", "", "B1"), "error-value"),
        (Cell(1, 1, EMPTY, None, "", "A2+1"), "formula-not-computed"),
        (Cell(1, 1, BOOL, True), "not-a-number"),
    ):
        parsed = as_number(cell)
        assert parsed.value is None and parsed.status == UNREADABLE and parsed.fault.code == rule
    assert as_number(Cell(1, 1)).status == NOT_REPORTED and as_date(Cell(1, 1, FAILED, "#N/A")).fault.code == "error-value"


DATES = {
    "2025": (date(2025, 1, 1), date(2025, 12, 31), ""),
    "2025-02": (date(2025, 2, 1), date(2025, 2, 28), ""),
    "6/2025": (date(2025, 6, 1), date(2025, 6, 30), ""),
    "2025-12-31": (date(2025, 12, 31), date(2025, 12, 31), ""),
    "31/12/2025": (date(2025, 12, 31), date(2025, 12, 31), ""),
    "12/31/2025": (date(2025, 12, 31), date(2025, 12, 31), ""),
    "03/04/2025": (date(2025, 4, 3), date(2025, 4, 3), "ambiguous-date"),
    "3 June 2025": (date(2025, 6, 3), date(2025, 6, 3), ""),
    "June 3rd, 2025": (date(2025, 6, 3), date(2025, 6, 3), ""),
    "Dec 2024": (date(2024, 12, 1), date(2024, 12, 31), ""),
    "n/a": (None, None, ""),
    "": (None, None, ""),
    "2025-02-30": (None, None, "not-a-date"),
    "next year": (None, None, "not-a-date"),
    "1899": (None, None, "not-a-date"),
}


@pytest.mark.parametrize("text", DATES)
def test_a_date_month_or_year_in_text_is_a_period_and_day_against_month_is_said(text):
    first, last, rule = DATES[text]
    parsed = as_date(Cell(2, 1, TEXT, text))
    assert (parsed.first, parsed.last, parsed.value) == (first, last, first) and (
        parsed.fault.code if parsed.fault else ""
    ) == rule


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
