"""Tables as people lay them out: the header is found, every value keeps its address, nothing is left out in silence."""

from __future__ import annotations

from datetime import date

from etl.submissions.columns import find_table
from etl.submissions.sheets import NUMBER, TEXT, Block, Cell, Sheet

COLUMNS = {
    "year": ["Year"],
    "country": ["Country of citizenship"],
    "count": ["Victims", "Number of victims"],
    "note": ["Note"],
}


def sheet(lines: list[list], plain: bool = False, merged: tuple = ()) -> Sheet:
    rows = {
        r: {
            c: Cell(r, c, NUMBER if isinstance(v, (int, float)) else TEXT, v) for c, v in enumerate(line, 1) if v is not None
        }
        for r, line in enumerate(lines, 1)
        if line
    }
    return Sheet("Figures", "a.csv" if plain else "a.xlsx", rows, plain=plain, merged=merged)


def test_a_header_is_found_below_titles_however_it_is_spelt():
    lines = [
        ["Report of 2025"],
        [],
        ["YEAR ", "Country\u00a0of\ncitizenship", "number_of  victims*", "Remarks"],
        [2025, "Nepal", 3],
        [],
        [2024, "India", "<5", "new"],
    ]
    table = find_table(sheet(lines), COLUMNS, ["year", "count"])
    assert (
        table.header_row == 3
        and table.columns == {"year": 1, "country": 2, "count": 3}
        and [c.text for c in table.above] == []
    )
    assert [(r["year"].text, r.text("country"), r.number("count").upper, r.place("count")) for r in table] == [
        ("2025", "Nepal", 3, "C4"),
        ("2024", "India", 4, "C6"),
    ]
    assert (
        [f.code for f in table.faults] == ["unknown-column"]
        and table.faults[0].cell == "D3"
        and [c.address for c in table.notes] == ["D6"]
    )


def test_places_in_a_text_file_are_told_by_row_and_title():
    table = find_table(sheet([["Year", "Victims"], ["2025", "forty"]], plain=True), COLUMNS, ["year"])
    fault = table.rows[0].number("count").fault
    assert (fault.file, fault.sheet, fault.cell) == ("a.csv", "", "row 2, column Victims") and table.rows[0].date(
        "year"
    ).first == date(2025, 1, 1)


def test_a_missing_column_names_the_nearest_title_and_a_doubled_one_is_refused():
    table = find_table(sheet([["Year", "Victms", "Note", "Note"], [2025, 3, "a", "b"]]), COLUMNS, ["year", "count"])
    assert [(f.code, f.cell) for f in table.faults] == [
        ("no-column", "A1"),
        ("column-twice", "D1"),
        ("unknown-column", "B1"),
        ("outside-table", "D2"),
    ]
    assert "the nearest is “victms”" in table.faults[0].found and "Did you mean “Victims”?" in table.faults[2].cure


def test_a_sheet_without_its_header_is_one_clear_fault():
    table = find_table(sheet([["some", "words"], [1, 2]]), COLUMNS, ["year", "count"])
    assert (
        len(table) == 0
        and table.header_row == 0
        and table.faults[0].code == "no-header"
        and "“Year”, “Victims”" in table.faults[0].expected
    )
    assert "an empty sheet" in find_table(sheet([]), COLUMNS).faults[0].found


def test_a_header_of_two_rows_with_merged_titles_is_one_header():
    lines = [["Year", "Victims", None, "Note"], [None, "female", "male"], [2025, 3, 4, "x"]]
    merged = (Block(1, 1, 2, 1), Block(1, 2, 1, 3), Block(1, 4, 2, 4))
    wanted = {"year": ["Year"], "women": ["Victims female"], "men": ["Victims male"], "note": ["Note"]}
    for blocks in (merged, merged[1:2]):
        table = find_table(sheet(lines, merged=blocks), wanted, ["year", "women", "men"])
        assert table.columns == {"year": 1, "women": 2, "men": 3, "note": 4} and not table.faults
        assert [(r.number("women").value, r.number("men").value, r.text("note")) for r in table] == [(3, 4, "x")]


def test_merged_years_are_filled_down_and_a_merged_count_is_not_counted_twice():
    lines = [
        ["Year", "Country of citizenship", "Victims"],
        [2025, "Nepal", 7],
        [None, "India", None],
        [2024, "Nepal", 1],
    ]
    table = find_table(
        sheet(lines, merged=(Block(2, 1, 3, 1), Block(2, 3, 3, 3))), COLUMNS, ["year", "count"], fill=["year"]
    )
    assert [(r["year"].value, r["count"].value) for r in table] == [(2025, 7), (2025, None), (2024, 1)]
    assert [(f.code, f.cell) for f in table.faults] == [("merged-value", "C2")] and "unmerge" in table.faults[0].cure


def test_notes_below_a_repeated_header_and_cells_beside_are_told_and_not_read():
    lines = [
        ["Year", "Country of citizenship", "Victims"],
        [2025, "Nepal", 7],
        ["Year", "Country of citizenship", "Victims"],
        [2024, "Nepal", 1, None, "beside"],
        [],
        ["Source: the register of the police"],
    ]
    table = find_table(sheet(lines), COLUMNS, ["year", "count"])
    assert [r["year"].text for r in table] == ["2025", "2024"]
    assert {f.code for f in table.faults} == {"header-again", "outside-table"} and "beside" in {c.text for c in table.notes}
    filled = {c.address for c in table.sheet.cells() if c.row > 1}
    told = {c.address for r in table for c in r.cells.values()} | {c.address for c in table.notes} | {"A3", "B3", "C3"}
    assert filled == told
