"""A form with a few invented numbers in it, so that whoever fills one in for the first time sees what goes where."""

from pathlib import Path

import openpyxl

from etl.briefings.model import SHEETS

# measure's place in the sheet → column's title → what stands there; counted, counted none, a range, nobody counts it
ROWS = (
    {"Number": 412, "Source or register": "Register of identified victims (invented)"},
    {"Number": 0, "Source or register": "Register of identified victims (invented)"},
    {"At least": 10, "At most": 19, "Source or register": "Estimate of the office (invented)"},
)


def fill(path: Path) -> None:
    """Fills the first prepared rows of a form's figures with invented numbers and says so on the cover."""
    book = openpyxl.load_workbook(path)
    page = book[SHEETS[0].name]
    head = next(row for row in page.iter_rows() if any(cell.value == "Number" for cell in row))
    at = {cell.value: cell.column for cell in head if cell.value}
    for n, values in enumerate(ROWS, head[0].row + 1):
        for title, value in values.items():
            if title in at:
                page.cell(n, at[title], value)
    cover = book.worksheets[1] if book.worksheets[0].title != "Cover" else book.worksheets[0]
    cover["A1"] = f"EXAMPLE with invented numbers. {cover['A1'].value}"
    book.save(path)
