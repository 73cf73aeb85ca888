"""An empty case file to fill in: a CSV with the header alone, or a workbook with lists to choose from and notes."""

from datetime import date
from pathlib import Path

import xlsxwriter

from corridors import catalog
from corridors.problems import Refused
from etl.cases import format

ROWS = 10_000  # rows for which the workbook offers its lists; longer files are better sent as CSV


def write(path: Path) -> Path:
    """Writes the template to `path`, .csv or .xlsx, and returns it. Raises Refused for another ending."""
    if path.suffix.lower() == ".csv":
        path.write_text(",".join(format.COLUMNS) + "\n", encoding="utf-8")
        return path
    if path.suffix.lower() != ".xlsx":
        raise Refused.of(path.name, f"the ending “{path.suffix}”", ".csv or .xlsx", "Choose one of them.")
    vocabulary = format.vocabulary()
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        text = book.add_format({"num_format": "@"})
        head = book.add_format({"num_format": "@", "bold": True, "bg_color": "#E6ECF2", "locked": True, "border": 1})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        bold = book.add_format({"bold": True})
        cases, lists, readme = book.add_worksheet("Cases"), book.add_worksheet("Lists"), book.add_worksheet("Read me")
        places = _lists(lists, vocabulary, bold)
        for n, column in enumerate(format.COLUMNS):
            cases.set_column(n, n, max(12, len(column) + 2), text)
            cases.write_string(0, n, column, head)
            cases.write_comment(0, n, _note(column, vocabulary), {"x_scale": 2, "y_scale": 2})
            if column in places:
                cases.data_validation(
                    1,
                    n,
                    ROWS,
                    n,
                    {
                        "validate": "list",
                        "source": places[column],
                        "error_title": column,
                        "error_message": "Choose a value of the list, or leave the cell empty.",
                    },
                )
        cases.freeze_panes(1, 1)
        readme.set_column(0, 0, 22)
        readme.set_column(1, 1, 100, wrap)
        for row, note in enumerate(format.SAID["notes"]):
            readme.write_string(row, 1, note)
        for row, (column, meaning) in enumerate(vocabulary.columns.items(), len(format.SAID["notes"]) + 1):
            readme.write_string(row, 0, column, bold)
            readme.write_string(row, 1, meaning)
    return path


def _lists(sheet, vocabulary: format.Vocabulary, bold) -> dict[str, str]:
    """Fills the sheet of lists; for each column with a list, where its values stand."""
    names = catalog.load()
    years = [str(y) for y in range(date.today().year, vocabulary.first_year - 1, -1)]
    lists = {
        "state": vocabulary.states,
        "detected_year": years,
        "detected_month": [str(m) for m in range(1, 13)],
        **vocabulary.values,
    }
    places = {}
    for n, (name, values) in enumerate(lists.items()):
        sheet.set_column(2 * n, 2 * n, 20)
        sheet.set_column(2 * n + 1, 2 * n + 1, 40)
        sheet.write_string(0, 2 * n, name, bold)
        meanings = vocabulary.meanings.get(name, {})
        for row, value in enumerate(values, 1):
            sheet.write_string(row, 2 * n, value)
            sheet.write_string(row, 2 * n + 1, names.place_name(value) if name == "state" else meanings.get(value, ""))
        column = xlsxwriter.utility.xl_col_to_name(2 * n, True)
        places[name] = f"=Lists!{column}$2:{column}${len(values) + 1}"
    return {c: places["state" if c in format.STATES else c] for c in format.COLUMNS if c in places or c in format.STATES}


def _note(column: str, vocabulary: format.Vocabulary) -> str:
    lines = [vocabulary.columns[column]]
    lines += [f"{value}: {meaning}" for value, meaning in vocabulary.meanings.get(column, {}).items()]
    return "\n".join(lines)
