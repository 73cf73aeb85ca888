"""Squares of origin by residence, as UN DESA's stock and Abel and Cohen's flows come: which files must be refused, in both.

That a missing, damaged or renamed file is refused is held for every source in test_contract.py.
"""

from __future__ import annotations

import copy
from types import ModuleType
from typing import NamedTuple

import pytest

from tests.etl.sources.abel_cohen import test_read_abel_cohen as abel
from tests.etl.sources.un_desa import test_read_un_desa as desa


class Square(NamedTuple):
    """A source of squares: its tests' module, how a small file of it is written, its year, and a name that is left alone."""

    tests: ModuleType
    year: str
    last: str

    def written(self, folder, **change):
        """The small file, with other fields."""
        return (self.tests.written if self.tests is abel else self.tests.matrix)(folder, **change)

    def refusal(self, folder, **change) -> str:
        """What is said of the small file with other fields."""
        self.written(folder, **change)
        return self.tests.refusal(folder)


SQUARES = {"abel_cohen": Square(abel, "2015", "2022"), "un_desa": Square(desa, "2020", "2026")}


@pytest.fixture(params=SQUARES)
def square(request) -> Square:
    return SQUARES[request.param]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda data: data[:-200], "not complete JSON"),
        (lambda data: data.replace(b"Myanmar", "Birmânia".encode("latin-1")), "not complete JSON"),
        (lambda data: b"[]", "field “matrix”"),
        (lambda data: data.replace(b'"matrix"', b'"squares"'), ", squares"),
    ],
)
def test_a_spoilt_or_cut_off_file_is_refused(tmp_path, square, spoil, said):
    path = square.written(tmp_path)
    path.write_bytes(spoil(path.read_bytes()))
    text = square.tests.refusal(tmp_path)
    assert path.name in text and said in text


def test_renamed_fields_are_all_named_at_once(tmp_path, square):
    path = square.written(tmp_path)
    path.write_bytes(path.read_bytes().replace(b'"names"', b'"label"').replace(b'"total_inflow"', b'"inflow"'))
    text = square.tests.refusal(tmp_path)
    assert "field “names”" in text and "field “total_inflow”" in text and "label, flags" in text and "inflow" in text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda names, lines: {"names": [*names[:-1], "Thailand"]}, "a name twice (Thailand)"),
        (lambda names, lines: {"names": "Thailand"}, "column “names”"),
        (lambda names, lines: {"names": [*names[:-1], None]}, "column “names”"),
        (lambda names, lines: {"regions": [0, 6]}, "column “regions”"),
        (lambda names, lines: {"regions": [0, "3"]}, "column “regions”"),
        (lambda names, lines: {"regions": [True]}, "column “regions”"),
        (lambda names, lines: {"matrix": {"YEAR": lines[:-1]}}, "column “matrix/YEAR”: found lines that are missing"),
        (lambda names, lines: {"matrix": {"YEAR": [row[:-1] for row in lines]}}, "6 lines of 6"),
        (lambda names, lines: {"matrix": {"YEAR": [*lines[:-1], "nobody"]}}, "6 lines of 6"),
        (lambda names, lines: {"matrix": {}}, "column “matrix”: found no years"),
        (lambda names, lines: {"total_inflow": {"YEAR": {"Siam": 5}}}, "column “total_inflow/YEAR”: found “Siam”"),
        (lambda names, lines: {"total_outflow": {"YEAR": [5]}}, "column “total_outflow/YEAR”"),
    ],
)
def test_a_square_that_lost_a_line_or_a_name_would_shift_every_corridor_and_is_refused(tmp_path, square, change, said):
    fields = change(square.tests.NAMES, square.tests.SQUARE[square.year])
    for field, value in fields.items():
        if isinstance(value, dict):
            fields[field] = {square.year: lines for lines in value.values()}
    assert said.replace("YEAR", square.year) in square.refusal(tmp_path, **fields)


def test_all_faults_of_the_shape_are_named_at_once(tmp_path, square):
    text = square.refusal(tmp_path, regions=[99], matrix={square.year: []}, total_inflow={})
    assert "column “regions”" in text and f"column “matrix/{square.year}”" in text and "column “total_inflow”" in text


def test_every_unknown_country_is_named_at_once_with_the_cure(tmp_path, square):
    names = ["South-East Asia", "Atlantis", "Thailand", "Europe", "Lemuria", square.tests.NAMES[-1]]
    small, year = square.tests.SMALL, square.year
    totals = {k: {year: dict(zip(names, small[k][year].values()))} for k in ("total_inflow", "total_outflow")}
    text = square.refusal(tmp_path, names=names, **totals)
    assert "column “names”, row 2: found unknown label “Atlantis”" in text
    assert "row 5: found unknown label “Lemuria”" in text and "corridors/catalog/countries.csv" in text


@pytest.mark.parametrize("year", ["2027", "soon", "20.5"])
def test_a_period_that_is_not_over_or_no_year_is_refused(tmp_path, square, year):
    text = square.refusal(tmp_path, matrix={**square.tests.SQUARE, year: square.tests.SQUARE[square.year]})
    assert f"found “{year}”; expected a year from 1900 to {square.last}" in text


@pytest.mark.parametrize(
    ("cell", "shown"),
    [(-5, "“-5”"), ("some 40", "“some 40”"), (12.5, "“12.5”"), ([7], "“[7]”"), (True, "“True”"), (float("nan"), "“nan”")],
)
def test_a_number_that_is_no_count_is_refused_even_in_a_period_that_is_not_imported(tmp_path, square, cell, shown):
    for year in square.tests.SQUARE:
        assert f"column “matrix/{year}”, row 2: found {shown}" in square.refusal(tmp_path, **with_cell(square, cell, year))


def with_cell(square: Square, cell, year: str) -> dict:
    """The squares with one other cell: from Myanmar to Thailand."""
    squares = copy.deepcopy(square.tests.SQUARE)
    squares[year][1][2] = cell
    return {"matrix": squares}


def test_regions_never_stand_for_countries(tmp_path, square):
    square.written(tmp_path)
    labels = square.tests.extracted(tmp_path).figures["provider_label"]
    assert not labels.str.contains("Europe|South-East Asia").any()
