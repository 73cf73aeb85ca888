"""The text form: what is written is read back as the same briefing, and a slip of a hand is named with its line."""

from __future__ import annotations

import string
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corridors import catalog
from etl.briefings import read, versions
from etl.briefings.model import (
    CHOICES,
    FIGURES,
    ROUTES,
    ROW_TYPES,
    SHEETS,
    Briefing,
    Column,
    Cover,
    FigureRow,
    Vocabulary,
    period_name,
    period_of,
)
from etl.submissions.sheets import TEXT, Cell


@cache
def words() -> Vocabulary:
    return Vocabulary(catalog.load(), {"R01": "a route"})


anything = st.text(max_size=40).map(read.plain)
days = st.dates(date(2000, 1, 1), date(2030, 12, 31))
numbers = st.none() | st.integers(0, 10**9).map(float) | st.floats(0, 10**6).map(lambda x: round(x, 3))


places = st.sampled_from(sorted(catalog.load().countries))


def cell(column: Column):
    """What a cell of a column may hold once it is understood."""
    option = st.sampled_from(sorted(words().options(column.options))) if column.options else places
    if column.kind == "choice":
        return option | st.just("") if column.id == "tlp" else option
    if column.kind in ("choices", "places"):
        least = int(bool(column.required or column.default))
        return st.lists(option, min_size=least, max_size=3, unique=True).map(tuple)
    plain = {"place": st.just("") | places, "number": numbers, "date": days, "text": anything}[column.kind]
    return plain.filter(bool) if column.required else plain


def with_unit(row):
    return replace(row, unit=words().catalog.measures[row.measure].unit) if isinstance(row, FigureRow) else row


rows = {
    sheet.name.lower(): st.lists(
        st.builds(ROW_TYPES[sheet.name], **{c.id: cell(c) for c in sheet.columns}).map(with_unit), max_size=4
    ).map(tuple)
    for sheet in SHEETS
}
covers = st.builds(
    Cover,
    **dict.fromkeys(("period_start", "period_end", "received"), days),
    **{name: st.sampled_from(sorted(words().options(options))) for name, options in (("tlp", "tlp"), ("state", "states"))},
    **dict.fromkeys(("office", "note"), anything),
    iso3=places,
    compiled=st.booleans(),
)


@settings(max_examples=25)
@given(st.builds(Briefing, covers, **rows))
def test_what_is_stored_is_what_was_understood(briefing):
    with TemporaryDirectory() as folder:
        for name, content in versions.files(briefing).items():
            (Path(folder) / name).write_text(content, encoding="utf-8", newline="")
        got = read.kept(Path(folder), words())
        assert got.faults == ()
        assert got.briefing == briefing
        assert got.rows_in == sum(len(briefing.rows(sheet)) for sheet in SHEETS)


@given(days, st.integers(0, 2000))
def test_the_folder_of_a_period_tells_its_first_and_last_day(start, length):
    end = start + timedelta(days=length)
    assert period_of(period_name(start, end)) == (start, end)


@given(st.text(string.digits + "-_.abc", max_size=14))
def test_a_period_in_odd_words_is_refused_and_never_half_understood(said):
    try:
        start, end = period_of(said)
    except (ValueError, TypeError):
        return
    assert start <= end


def written(folder: Path, figures_csv: str, cover: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "cover.toml").write_text(
        cover
        or (
            'iso3 = "THA"\nperiod_start = 2025-01-01\nperiod_end = 2025-12-31\ntlp = "CLEAR"\noffice = "An office"\nstate = "final"\n'
            "compiled = false\nreceived = 2026-01-31\n"
        ),
        encoding="utf-8",
    )
    (folder / "figures.csv").write_text(figures_csv, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "line, code, cell",
    [
        ("victims_identified,about forty,,", "not-a-number", "row 2, column value"),
        ("victims_identified,12,femal,", "unknown-word", "row 2, column sex"),
        (",12,female,", "empty", "row 2, column measure"),
        ("victims_identified,12,,31/12/2025", "not-a-date", "row 2, column period_end"),
        ("victims_identified,12,,2025-02-30", "not-a-date", "row 2, column period_end"),
    ],
)
def test_a_slip_in_the_text_is_named_with_its_row_and_column(tmp_path, line, code, cell):
    got = read.kept(written(tmp_path / "v1", f"measure,value,sex,period_end\n{line}\n"), words())
    assert [(f.code, f.file, f.cell) for f in got.faults] == [(code, "figures.csv", cell)]
    assert got.rows_in == len(got.briefing.figures) == 1, "a row with a fault is still a row"


def test_a_misspelt_word_is_offered_the_right_one(tmp_path):
    got = read.kept(written(tmp_path / "v1", "measure,value,sex\nvictims_identified,12,femal\n"), words())
    assert "female" in got.faults[0].how_to_fix


def test_a_misspelt_column_is_named_and_its_table_is_not_read_in_part(tmp_path):
    got = read.kept(written(tmp_path / "v1", "measure,valeu\nvictims_identified,12\n"), words())
    assert got.faults[0].code == "unknown-column" and "valeu" in got.faults[0].found
    assert got.briefing.figures == ()


def test_red_never_enters_by_a_row(tmp_path):
    got = read.kept(written(tmp_path / "v1", "measure,value,tlp\nvictims_identified,12,RED\n"), words())
    assert [f.code for f in got.faults] == ["tlp-red"]


@pytest.mark.parametrize("cover", ["iso3 = THA", 'iso3 = "THA"\nperiod_start = "2025-01-01"', 'iso3 = "THA"\nmember = "x"'])
def test_a_cover_with_a_slip_is_named(tmp_path, cover):
    assert read.kept(written(tmp_path / "v1", "measure\n", cover), words()).faults


def test_zero_hidden_and_missing_stay_three_things(tmp_path):
    rows = "measure,value,lower,upper,status\nvictims_identified,0,,,\nvictims_presumed,,1,4,masked\nvictims_confirmed,,,,not_reported\n"
    got = read.kept(written(tmp_path / "v1", rows), words())
    assert [row.status for row in got.briefing.figures] == ["zero", "masked", "not_reported"]
    assert [row.value for row in got.briefing.figures] == [0, None, None]


def test_a_country_whose_name_holds_a_comma_is_one_country():
    find = words().catalog.find
    assert read._split("China, Hong Kong SAR, Thailand; Viet Nam", find) == ["China, Hong Kong SAR", "Thailand", "Viet Nam"]


@pytest.mark.parametrize(
    "said, found",
    [
        ("Myanmar\nViet Nam", ["MMR", "VNM"]),  # on lines of their own
        ("Viet\nNam", ["VNM"]),  # a name that was broken to fit its cell
        ("Viet\nNam\r\nThailand", ["VNM", "THA"]),
        ("Lao People's\nDemocratic Republic, Papua New\nGuinea", ["LAO", "PNG"]),
        ("China,\nHong Kong SAR\nThailand", ["HKG", "THA"]),
        ("Myanmar;\n\nViet Nam\n", ["MMR", "VNM"]),
        ("Myanmar\nVeit Nam", ["Myanmar Veit Nam"]),  # a slip is told with the whole of what was written
    ],
)
def test_countries_stand_on_lines_of_their_own_or_are_broken_over_lines(said, found):
    row = read.RawRow(2, {"origins": Cell(2, 1, TEXT, said)})
    made, faults = read.rows(ROUTES, [row], read.Reader(words(), "x.csv"), Cover("THA", None, None))
    assert list(made[0].origins) == found and not [f for f in faults if f.column == "origins"]


@given(st.text(max_size=60), st.sampled_from([c for sheet in SHEETS for c in sheet.columns]))
def test_no_text_in_any_cell_stops_the_reader(said: str, column: Column):
    sheet = next(s for s in SHEETS if column in s.columns)
    row = read.RawRow(2, {column.id: Cell(2, 1, TEXT, said)})
    made, _ = read.rows(sheet, [row], read.Reader(words(), "x.csv"), Cover("THA", None, None))
    assert len(made) == 1


def test_every_choice_can_be_written_as_it_is_shown():
    for column in FIGURES.columns:
        if column.options in CHOICES and column.kind == "choice":
            for key, label in CHOICES[column.options].items():
                row = read.RawRow(
                    2,
                    {
                        "measure": Cell(2, 1, TEXT, "victims_identified"),
                        column.id: Cell(2, 2, TEXT, f" {label.upper()}\u00a0"),
                    },
                )
                made, faults = read.rows(FIGURES, [row], read.Reader(words(), "x.csv"), Cover("THA", None, None))
                assert getattr(made[0], column.id) == key and not faults
