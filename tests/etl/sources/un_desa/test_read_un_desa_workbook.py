"""The reader of UN DESA's own workbook of 2024, on small workbooks in its layout: no original is at hand."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from etl.sources.un_desa import read as desa
from tests.etl.sources.reader import Reader
from tests.etl.sources.reader import by_ends as told

READER = Reader("un_desa")
extracted, refusal = READER.extracted, READER.refusal


BOOK = "undesa_pd_2024_ims_stock_by_sex_destination_and_origin.xlsx"
YEARS = [1995, 2020, 2024]
HEADER = ["Index", desa.NAME + "destination", "Coverage", "Data type", desa.CODE + "destination"]
HEADER += [desa.NAME + "origin", desa.CODE + "origin"]
WORLD, THAILAND, MYANMAR, FRANCE = (900, "World"), (764, "Thailand*"), (104, "  Myanmar"), (250, "France*")
OTHERS, ASIA, CHANNEL_ISLANDS = (2003, "Others"), (935, "ASIA"), (830, "Channel Islands*")


def row(destination, origin, men=(1, 2, 3), women=(4, 5, 6), both=None) -> list:
    """One line of the table: both sexes, then men, then women, for the years of YEARS."""
    both = both or [m + w for m, w in zip(men, women)]
    return [1, destination[1], None, "B", destination[0], origin[1], origin[0], *both, *men, *women]


ROWS = [
    row(WORLD, WORLD, (900, 900, 900), (800, 800, 800)),
    row(ASIA, MYANMAR, (90, 90, 90), (80, 80, 80)),
    row(THAILAND, WORLD, (70, 77, 78), (60, 66, 67)),
    row(THAILAND, MYANMAR, (40, 44, 45), (30, 33, 34)),
    row(THAILAND, OTHERS, (7, 7, 7), (6, 6, 6)),
    row(FRANCE, CHANNEL_ISLANDS, (3, 3, 3), (2, 2, 2)),
    row(CHANNEL_ISLANDS, THAILAND, (1, 1, 1), (0, 0, 0)),
    row(WORLD, MYANMAR, (55, 55, 55), (50, 50, 50)),
]


def workbook(folder: Path, rows=ROWS, header=None, sheet="Table 1", years=YEARS * 3, above=10) -> Path:
    """A workbook with a list of contents first and ten lines above the table's header."""
    book = openpyxl.Workbook()
    book.active.title = "Contents"
    table = book.create_sheet(sheet)
    for line in range(above):
        table.append(["United Nations" if line == 3 else None])
    for line in [[*(header or HEADER), *years], *rows]:
        table.append(line)
    path = folder / BOOK
    book.save(path)
    return path


def older_edition(folder: Path) -> None:
    """`stock.json` of two countries and one corridor."""
    square = {"2020": [[0, 1_848_270], [0, 0]]}
    small = {"names": ["Myanmar", "Thailand"], "regions": [], "matrix": square, "total_inflow": {"2020": {}}}
    (folder / desa.MATRIX).write_text(json.dumps({**small, "total_outflow": {"2020": {}}}), encoding="utf-8")


def test_both_sexes_of_a_corridor_are_told_by_codes_whatever_the_marks_on_the_names(tmp_path):
    workbook(tmp_path)
    result = extracted(tmp_path)
    wanted = {("THA", ""): (143, 145), ("THA", "MMR"): (77, 79), ("THA", "OTH"): (13, 13), ("OTH", "THA"): (1, 1)}
    days = ("2020-07-01", "2024-07-01")
    assert told(result) == {(*ends, day): n for ends, both in wanted.items() for day, n in zip(days, both)}
    f = result.figures
    (figure,) = f[(f["partner_iso3"] == "MMR") & (f["period_end"] == "2024-07-01")].itertuples()
    assert (figure.source_ref, figure.provider_label, figure.status) == ("row 15", "Myanmar>Thailand", "estimated")
    assert result.cells_read == len(ROWS) * 9 and result.rejected.empty
    left_out = {desa.BEFORE: 8 * 3, desa.BY_SEX: 8 * 4, desa.NO_COUNTRY: 2, desa.ABROAD: 4, desa.NO_MEMBER: 2}
    assert result.out_of_scope == left_out


def test_the_workbook_wins_over_the_older_edition_beside_it(tmp_path):
    workbook(tmp_path)
    older_edition(tmp_path)
    result = extracted(tmp_path)
    assert told(result)[("THA", "MMR", "2020-07-01")] == 77 and [f.file for f in result.inputs] == [BOOK]
    (tmp_path / BOOK).unlink()
    assert told(extracted(tmp_path))[("THA", "MMR", "2020-07-01")] == 1_848_270


def test_both_forms_give_the_same_corridor_in_the_same_columns(tmp_path):
    workbook(tmp_path, [row(THAILAND, MYANMAR, (0, 1_000_000, 5), (0, 848_270, 5))])
    new = extracted(tmp_path).figures
    (tmp_path / BOOK).unlink()
    older_edition(tmp_path)
    old = extracted(tmp_path).figures
    new = new[new["period_end"] == "2020-07-01"].reset_index(drop=True)
    assert old["value"].tolist() == [1_848_270]
    pd.testing.assert_frame_equal(new.drop(columns="source_ref"), old.drop(columns="source_ref"))


@pytest.mark.parametrize("text", ["1 848 270", "1\u00a0848\u00a0270", "1\u202f848\u202f270", "1,848,270"])
def test_spaces_inside_numbers_do_not_cut_a_corridor_to_its_first_digits(tmp_path, text):
    workbook(tmp_path, [row(THAILAND, MYANMAR, (0, 1_000_000, 5), (0, 848_270, 5), both=[0, text, 10])])
    assert told(extracted(tmp_path))[("THA", "MMR", "2020-07-01")] == 1_848_270


@pytest.mark.parametrize("nothing", ["..", "-", "–", None, 0])
def test_marks_for_nothing_reported_are_no_counts(tmp_path, nothing):
    workbook(tmp_path, [row(THAILAND, MYANMAR), row(THAILAND, FRANCE, both=[nothing] * 3, men=[0] * 3, women=[0] * 3)])
    result = extracted(tmp_path)
    assert {p for _, p, _ in told(result)} == {"MMR"} and result.out_of_scope[desa.ZERO] == 2


def test_a_pair_that_stands_twice_is_quarantined_so_that_no_corridor_has_two_numbers(tmp_path):
    workbook(tmp_path, [*ROWS, row(THAILAND, MYANMAR)])
    result = extracted(tmp_path)
    assert ("THA", "MMR", "2024-07-01") not in told(result)
    assert result.rejected["row"].tolist() == ["15", "20", "15", "20"]
    assert set(result.rejected["reason"]) == {desa.REPEATED}
    assert result.rejected["found"][0] == "Myanmar>Thailand: 77" and result.rejected["column"][0] == "2020, both sexes"


def test_notes_below_the_table_are_no_cells(tmp_path):
    workbook(tmp_path, [*ROWS, [], ["Note: refugees are included."]])
    assert extracted(tmp_path).cells_read == len(ROWS) * 9


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<html><body>403</body></html>", "a web page"),
        (b"Index,1990\n1,5\n", "not an XLSX workbook"),
        (b"", "an empty file"),
        (-400, "cut off"),
    ],
)
def test_a_file_of_another_format_or_cut_off_is_refused_though_an_older_edition_lies_beside_it(tmp_path, content, said):
    older_edition(tmp_path)
    path = workbook(tmp_path)
    path.write_bytes(content if isinstance(content, bytes) else path.read_bytes()[:content])
    text = refusal(tmp_path)
    assert BOOK in text and said in text and "python -m etl refresh un_desa" in text


def test_another_workbook_of_the_publisher_is_refused_with_its_sheets(tmp_path):
    workbook(tmp_path, sheet="Table 2")
    text = refusal(tmp_path)
    assert "the sheet “Table 1”" in text and "Contents, Table 2" in text


def test_renamed_columns_and_a_header_on_another_line_are_refused(tmp_path):
    workbook(tmp_path, header=[h.replace("Location code of ", "M49 of ") for h in HEADER])
    text = refusal(tmp_path)
    assert "column “Location code of destination”" in text and "column “Location code of origin”" in text
    assert "M49 of" in text
    workbook(tmp_path, above=9)
    assert "no such column" in refusal(tmp_path)


@pytest.mark.parametrize("years", [YEARS, YEARS * 2, [*YEARS, *YEARS, 1995, 2020, 2025], ["a", "b"]])
def test_blocks_of_years_that_are_not_three_alike_are_refused(tmp_path, years):
    workbook(tmp_path, years=years)
    assert "the same years three times: both sexes, male, female" in refusal(tmp_path)


def test_blocks_in_another_order_would_tell_women_as_everyone_and_are_refused(tmp_path):
    workbook(tmp_path, [r[:7] + r[13:] + r[7:10] + r[10:13] for r in ROWS])
    assert "men and women that add up to both sexes" in refusal(tmp_path)


def test_every_unknown_country_is_named_at_once(tmp_path):
    workbook(tmp_path, [*ROWS, row(THAILAND, (123, "Atlantis")), row((124, "Canada"), (125, "Lemuria"))])
    text = refusal(tmp_path)
    assert f"{BOOK}, sheet “Table 1”" in text and "row 20: found unknown label “Atlantis”" in text
    assert "row 21: found unknown label “Lemuria”" in text and "Canada" not in text


def test_a_code_that_is_no_number_is_refused_with_its_cell(tmp_path):
    workbook(tmp_path, [*ROWS, row(("THA", "Thailand"), MYANMAR), row(THAILAND, (None, "Myanmar"))])
    text = refusal(tmp_path)
    assert "column “Location code of destination”, row 20: found “THA” for “Thailand”" in text
    assert "column “Location code of origin”, row 21: found “” for “Myanmar”" in text


def test_a_year_in_the_future_is_refused(tmp_path):
    workbook(tmp_path, years=[1995, 2020, 2027] * 3)
    assert "found “2027”; expected a year from 1900 to 2026" in refusal(tmp_path)


@pytest.mark.parametrize(("cell", "shown"), [(-5, "-5"), ("about 40", "about 40"), (12.5, "12.5"), ("<5", "<5")])
def test_a_number_that_is_no_count_is_refused_with_its_cell(tmp_path, cell, shown):
    workbook(tmp_path, [*ROWS, row(THAILAND, FRANCE, both=[0, cell, 9])])
    assert f"sheet “Table 1”, column “2020, both sexes”, row 20: found “{shown}”" in refusal(tmp_path)
