"""What leaves the room as a spreadsheet: labelled top and bottom, numbers as numbers, and no cell that can run."""

import csv
import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors.catalog.tlp import LABELS
from corridors.export import tables
from corridors.store.queries import figures

EDITION = "2026-01-01-00000001"
FORMULA_STARTS = "=+-@\t\r\n\0"
wild = st.one_of(st.text(), st.builds("{}{}".format, st.sampled_from(FORMULA_STARTS), st.text()))


def figure(**change) -> dict:
    """One row of `figure_annotated`, as a download gets it."""
    row = {
        "place": "Thailand",
        "iso3": "THA",
        "partner": None,
        "partner_iso3": None,
        "indicator": "Detected victims of trafficking",
        "unit_many": "victims",
        "period_start": pd.Timestamp("2019-01-01"),
        "period_end": pd.Timestamp("2019-12-31"),
        "sex": "total",
        "age": "total",
        "form": "total",
        "value": 1541.0,
        "lower": np.nan,
        "upper": np.nan,
        "status": "reported",
        "use_level": "as a minimum",
        "use_trend": "no",
        "use_compare": "with care",
        "use_sum": "no",
        "grade": "D",
        "grade_reason": "The figure is old",
        "caveats": np.array(["C01", "C02"], dtype=object),
        "publisher": "UNODC",
        "source_title": "GLOTIP",
        "source_edition": "as of 14 April 2025",
        "source_ref": "row 4",
        "provider_label": "Detected trafficking victims",
        "tlp": "CLEAR",
    }
    return {**row, **change}


def written(rows: list[dict], about: str = "Detected victims, Thailand") -> list[list[str]]:
    """The cells of the file that a person would open."""
    data = tables.csv_bytes(pd.DataFrame(rows), EDITION, about)
    assert data.startswith(b"\xef\xbb\xbf")  # without this mark Excel takes UTF-8 for something else
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def cells(lines: list[list[str]]) -> list[dict]:
    head = next(n for n, line in enumerate(lines) if line and line[0] == "place")
    return [dict(zip(lines[head], line)) for line in lines[head + 1 : -1]]


@given(wild)
def test_text_can_never_run_as_a_formula(text):
    cell = tables.safe(text)
    assert not cell or cell[0] not in FORMULA_STARTS
    assert cell in (text, "'" + text)  # and nothing of it is lost


@given(wild, wild, wild, st.lists(wild, max_size=3))
def test_no_cell_of_a_file_can_run_whatever_a_publisher_wrote(label, place, about, caveats):
    lines = written([figure(provider_label=label, place=place, caveats=np.array(caveats, dtype=object))], about)
    for line in lines:
        for cell in line:
            assert not cell or cell[0] not in FORMULA_STARTS, line
    (row,) = cells(lines)
    assert row[tables.COLUMNS["provider_label"]] in (label, "'" + label)


@pytest.mark.parametrize(
    "text", ["=1+1", '=HYPERLINK("http://example.org")', "+41", "-5 °C", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\0=1"]
)
def test_the_known_tricks_become_text(text):
    assert tables.safe(text) == "'" + text


@given(
    st.one_of(
        st.integers(-(10**12), 10**12), st.integers(-(2**40), 2**40).map(np.int64), st.integers(-100, 100).map(np.float64)
    )
)
def test_a_number_stays_the_same_number_negative_ones_too(number):
    cell = tables.safe(number)
    assert cell == number and isinstance(cell, int) and str(cell) == f"{int(number)}"


@pytest.mark.parametrize("cell", [-10, -10.0, np.int64(-10), np.float64(-10), 0.25, -1.5])
def test_minus_ten_is_a_number_and_no_formula_and_fractions_keep_their_digits(cell):
    assert tables.safe(cell) == cell and str(tables.safe(cell)) == f"{float(cell):g}"


@pytest.mark.parametrize("nothing", [None, float("nan"), np.nan, pd.NA, pd.NaT])
def test_what_is_not_known_is_an_empty_cell_and_no_zero(nothing):
    assert tables.safe(nothing) == ""


def test_zero_masked_and_missing_stay_apart_in_the_file():
    masked = figure(value=np.nan, lower=1.0, upper=4.0, status="masked")
    rows = cells(written([figure(value=0.0, status="zero"), masked, figure(value=np.nan, status="not_reported")]))
    assert [(r["value"], r["lower_bound"], r["upper_bound"], r["status"]) for r in rows] == [
        ("0", "", "", "zero"),
        ("", "1", "4", "masked"),
        ("", "", "", "not_reported"),
    ]


def test_the_label_stands_at_the_top_and_at_the_bottom_and_the_head_says_what_it_is_and_of_which_edition():
    lines = written([figure(), figure(tlp="AMBER")])
    assert lines[0] == ["TLP:AMBER"] and lines[-1] == ["TLP:AMBER"]
    assert lines[1] == ["Detected victims, Thailand"] and EDITION in lines[2][0] and "not zero" in lines[3][0]
    row = figure()
    del row["tlp"]
    assert written([row])[0] == ["TLP:AMBER+STRICT"], "rows without any label are not taken for clear"


def test_every_row_carries_unit_period_source_reference_grade_and_caveats():
    (row,) = cells(written([figure()]))
    assert row["counted_unit"] == "victims" and (row["period_start"], row["period_end"]) == ("2019-01-01", "2019-12-31")
    assert (row["publisher"], row["source"], row["source_edition"]) == ("UNODC", "GLOTIP", "as of 14 April 2025")
    assert row["source_reference"] == "row 4" and row["publishers_wording"] == "Detected trafficking victims"
    assert (row["grade"], row["caveats"], row["value"], row["other_end"]) == ("D", "C01 C02", "1541", "")


def test_a_download_of_real_figures_has_every_row_and_every_source(edition_id):
    rows = figures.figures(edition_id, "THA", "victims")
    lines = cells(
        list(csv.reader(io.StringIO(tables.csv_bytes(rows, edition_id, "Thailand").decode("utf-8-sig"), newline="")))
    )
    assert len(lines) == len(rows) > 100
    assert all(r["publisher"] and r["source_reference"] and r["caveats"] and r["counted_unit"] for r in lines)
    assert all(r["value"] or (r["lower_bound"] and r["upper_bound"]) for r in lines)


@pytest.mark.parametrize(
    ("labels", "label"),
    [
        (["CLEAR", "CLEAR"], "CLEAR"),
        (["CLEAR", "GREEN"], "GREEN"),
        (["AMBER", "GREEN"], "AMBER"),
        (["AMBER+STRICT", "AMBER"], "AMBER+STRICT"),
        (["RED", "AMBER+STRICT"], "RED"),
        ([], "CLEAR"),
        (["CLEAR", "WHITE"], "AMBER+STRICT"),
        (["clear"], "AMBER+STRICT"),
        ([None], "AMBER+STRICT"),
        ([float("nan"), "RED"], "RED"),
    ],
)
def test_a_file_takes_the_strictest_label_and_an_unknown_one_never_counts_as_clear(labels, label):
    assert tables.strictest(labels) == label


@given(st.lists(st.sampled_from([*LABELS, "WHITE", None]), min_size=1), st.sampled_from(LABELS))
def test_adding_a_row_never_loosens_the_label(labels, more):
    before, after = tables.strictest(labels), tables.strictest([*labels, more])
    assert LABELS.index(after) >= LABELS.index(before)
