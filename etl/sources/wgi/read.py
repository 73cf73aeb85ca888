"""Reads the Worldwide Governance Indicators: the workbook with a standard error for every estimate, or the interface.

The workbook has a row for each country, year and indicator, and codes that are not ISO (TMP is Timor-Leste). The
interface gives estimates without their errors, so it is read only where no workbook lies. A cell is one estimate.
"""

from pathlib import Path

import pandas as pd

from corridors.catalog import Catalog
from corridors.problems import Problem, SourceRefused
from etl import frames, reading, series, world_bank
from etl.frames import Extract, Raw
from etl.series import Scale, Series

SOURCE, BOOK = "wgi", ["wgidataset*.xlsx"]
SCORE = Scale(-4, 4, -4)  # about -2.5 to 2.5; the publisher also has a set from 0 to 100
SERIES = {
    "cc": Series("control_of_corruption", SCORE, "estimated"),
    "rl": Series("rule_of_law", SCORE, "estimated"),
    "pv": Series("political_stability", SCORE, "estimated"),
}
OTHERS = ("ge", "rq", "va")
OTHER = "another of the six indicators"
WHERE = "SERIES or OTHERS in etl/sources/wgi/read.py"
ANSWERS = {f"GOV_WGI_{name.upper()}.EST": name for name in SERIES}

KEY, CODE, YEAR, INDICATOR, ESTIMATE, ERROR = COLUMNS = ["codeindyr", "code", "year", "indicator", "estimate", "stddev"]
NINETY = 1.645  # standard errors on either side of an estimate hold it in nine of ten cases
WITHOUT = "Read from the interface: estimates without margins. Put the publisher's workbook there to have margins."


def read(folder: Path) -> Raw:
    """The rows of the workbook as text, or of the three answers of the interface where there is no workbook.

    Refuses when neither is there, or a file is cut off, of another format, or lacks a column.
    """
    answers = [path for code in ANSWERS if (path := folder / f"{code}.json").is_file()]
    if not answers or any(folder.glob(BOOK[0])):
        path = reading.find(folder, [*BOOK, f"{' and '.join(ANSWERS)} as .json"], SOURCE)
        frame, sheet = reading.read_sheet(path, COLUMNS, SOURCE)
        frame = frame[(frame[COLUMNS] != "").any(axis=1)].reset_index(drop=True)
        inputs = (frames.input_file(path, folder),)
        return Raw({path.name: frame[[*COLUMNS, "_row"]]}, {path.name: path.name}, {path.name: sheet}, inputs)
    missing = [code for code in ANSWERS if not (folder / f"{code}.json").is_file()]
    if missing:
        expected, again = "an answer for each of the three indicators", reading.again(SOURCE)
        raise SourceRefused([Problem(f"{code}.json", "no such file", expected, again) for code in missing])
    tables = {}
    for path in answers:
        table, day = world_bank.read_answer(path, path.stem, SOURCE)
        tables[path.name] = table.assign(updated=day)
    inputs = tuple(frames.input_file(path, folder) for path in answers)
    return Raw(tables, {name: name for name in tables}, {}, inputs)


def to_figures(raw: Raw, catalog: Catalog, latest: int) -> Extract:
    """Three indicators of members with nine-in-ten margins where an error is given, and an account of every other row.

    Refuses unknown codes, indicators and years, text in a number, and scores of another scale.
    """
    if raw.sheets:
        ((name, sheet),) = raw.sheets.items()
        cells = _from_book(raw.tables[name], name, sheet, catalog, latest)
        return series.extract(SOURCE, cells, SERIES, catalog, raw.inputs)
    parts = [_from_answer(table, name, catalog, latest) for name, table in raw.tables.items()]
    cells = pd.concat(parts, ignore_index=True)
    released = min(table["updated"].iloc[0] for table in raw.tables.values())
    return series.extract(SOURCE, cells, SERIES, catalog, raw.inputs, notes=(WITHOUT,), released=released)


def _from_book(table: pd.DataFrame, file: str, sheet: str, catalog: Catalog, latest: int) -> pd.DataFrame:
    table = table[~table[ESTIMATE].str.strip().isin(reading.BLANK)].reset_index(drop=True)
    row = table["_row"]
    labels = {name: name for name in (*SERIES, *OTHERS)}
    estimate = reading.measures(table[ESTIMATE], row, file, ESTIMATE, sheet)
    error = _errors(table, file, sheet)
    iso3 = world_bank.places(table[CODE], row, catalog, file, CODE, sheet)
    member = iso3.isin(list(catalog.members))
    return series.cells(
        row,
        file,
        ESTIMATE,
        sheet,
        series=reading.known_codes(table[INDICATOR], row, labels, file, INDICATOR, sheet, WHERE, member),
        iso3=iso3,
        year=reading.years(table[YEAR], row, file, YEAR, series.FARTHEST, sheet),
        text=table[ESTIMATE],
        lower=estimate - NINETY * error,
        upper=estimate + NINETY * error,
        why=table[INDICATOR].isin(OTHERS).map({True: OTHER, False: ""}),
        observed=latest - 1,
        provider_label=table[KEY],
    )


def _errors(table: pd.DataFrame, file: str, sheet: str) -> pd.Series:
    """Standard errors, NaN where none is printed. Refuses text and errors below zero."""
    error = reading.measures(table[ERROR], table["_row"], file, ERROR, sheet)
    below = table.loc[error < 0, ERROR]
    reading.refuse_cells(below, table["_row"], file, ERROR, "a standard error, zero or more", sheet)
    return error


def _from_answer(table: pd.DataFrame, file: str, catalog: Catalog, latest: int) -> pd.DataFrame:
    code = file.removesuffix(".json")
    return series.cells(
        table["row"],
        file,
        "value",
        series=ANSWERS[code],
        iso3=world_bank.answered_places(table, catalog, file),
        year=reading.years(table["year"], table["row"], file, "date", series.FARTHEST),
        text=table["text"],
        observed=min(latest, int(table["updated"].iloc[0][:4] or latest)) - 1,
        source_ref="answer row " + table["row"].astype(str),
        provider_label=code,
    )
