"""Reads one edition of INFORM Risk: the publisher's workbook, or the scores of its interface.

The first sheet has a row for each country and a column for each part of the index, `x` where nothing is known; lines
with a title or a legend may stand above the header or below it. The date stands on the sheet About. The interface gives
no date: its answer is kept under a name that ends in one, `inform_scores_2026-03-31.json`, and is read before a
workbook. A cell is one entry beside a country's code.
"""

import re
from datetime import datetime
from pathlib import Path

import pandas as pd

from corridors.catalog import Catalog
from corridors.problems import Problem, SourceRefused
from etl import frames, reading, series, world_bank
from etl.frames import Extract, Raw
from etl.series import Scale, Series

SOURCE, TABLE = "inform", "scores"
BOOKS, ANSWER = ["inform_risk*.xlsx", "INFORM_Risk*.xlsx"], "inform_scores_*.json"
RISK, NATURAL = "INFORM RISK", "Natural"
POINTS = Scale(0, 10)
SERIES = {RISK: Series("inform_risk", POINTS), NATURAL: Series("inform_natural_hazard", POINTS)}
IDS = {"INFORM": RISK, "HA.NAT": NATURAL}
FIELDS = PLACE, ID, SCORE = "Iso3", "IndicatorId", "IndicatorScore"

NAME, ISO3, ABOUT = "COUNTRY", "ISO3", "About"
PREAMBLE = 10  # lines at most above the header
BLANK = (*reading.BLANK, "x")
MONTHS = "January February March April May June July August September October November December"
DATE = re.compile(rf"\b(\d{{1,2}} (?:{MONTHS.replace(' ', '|')}) 20\d\d)\b")
OTHER = "another part of the index"
AGAIN = reading.again(SOURCE)


def read(folder: Path) -> Raw:
    """The entries as text, one row each, with the day of the edition.

    Refuses when no file is there, or it is cut off, of another format, without a date, or lacks a column.
    """
    answers = sorted(path for path in folder.glob(ANSWER) if path.is_file())  # the day in the name sorts them
    path = answers[-1] if answers else reading.find(folder, [*BOOKS, ANSWER], SOURCE)
    cells, sheet, day = _from_answer(path) if answers else _from_book(path)
    cells = cells[~cells["text"].isin(BLANK)].assign(day=day)
    return Raw({TABLE: cells}, {TABLE: path.name}, {TABLE: sheet}, (frames.input_file(path, folder),))


def _from_book(path: Path) -> tuple[pd.DataFrame, str, str]:
    frame, sheet = _sheet(path)
    named = frame[ISO3].str.fullmatch(r"[A-Z]{3}")
    nobody = frame[~named & frame[list(SERIES)].apply(lambda text: text.str.fullmatch(r"[\d.]+")).any(axis=1)]
    if len(nobody):
        first = nobody.iloc[0]
        raise SourceRefused.of(
            path.name,
            f"scores beside “{first[ISO3]}”",
            "a country's code of three letters",
            "Mend the cell, or download the file again.",
            sheet=sheet,
            column=ISO3,
            row=int(first["_row"]),
        )
    rows = frame[named]
    parts = [
        pd.DataFrame({"place": rows[ISO3], "series": name, "column": name, "text": rows.iloc[:, n], "row": rows._row})
        for n, name in enumerate(rows.columns)
        if name not in ("", NAME, ISO3, "_row")
    ]
    return pd.concat(parts, ignore_index=True), sheet, _day(path)


def _sheet(path: Path) -> tuple[pd.DataFrame, str]:
    """The first sheet below its header, which is the first line with the column of codes."""
    frame, sheet, _ = reading.read_sheet_and_banner(path, [], SOURCE, 1)
    if ISO3 not in frame.columns:
        fits = frame.loc[(frame.drop(columns="_row") == ISO3).any(axis=1), "_row"]
        header = int(fits.iloc[0]) if len(fits) and fits.iloc[0] <= PREAMBLE else 1
        frame, sheet, _ = reading.read_sheet_and_banner(path, [], SOURCE, header)
    reading.require_columns(frame, [ISO3, *SERIES], path.name, SOURCE, sheet)
    twice = [name for name in (ISO3, *SERIES) if list(frame.columns).count(name) > 1]
    if twice:
        how_to_fix = f"Tell the reader of this source which is meant: etl/sources/{SOURCE}/read.py."
        raise SourceRefused(
            [Problem(path.name, "two columns of this name", "one", how_to_fix, sheet=sheet, column=name) for name in twice]
        )
    return frame, sheet


def _day(path: Path) -> str:
    """The day of the edition from the sheet About, as an ISO date. Refuses a workbook without the sheet or a date."""
    about, sheet, _ = reading.read_sheet_and_banner(path, [], SOURCE, 1, ABOUT)
    lines = [*about.columns, *(str(cell) for cell in about.drop(columns="_row").to_numpy().ravel())]
    found = DATE.search("\n".join(lines))
    if not found:
        raise SourceRefused.of(
            path.name,
            "no date",
            "the day of the edition, such as 31 March 2025",
            f"Is this the publisher's whole workbook? {AGAIN}",
            sheet=sheet,
        )
    day, month, year = found[1].split()
    return f"{year}-{MONTHS.split().index(month) + 1:02}-{int(day):02}"


def _from_answer(path: Path) -> tuple[pd.DataFrame, str, str]:
    frame = reading.read_records(path, list(FIELDS), SOURCE)
    missing = [name for name in IDS if name not in set(frame[ID])]
    if missing:
        raise SourceRefused(
            [
                Problem(path.name, "no row of it", f"the indicator {name}", f"Ask for {','.join(IDS)}.", column=ID)
                for name in missing
            ]
        )
    day = path.stem.removeprefix(ANSWER.partition("*")[0])
    try:
        datetime.strptime(day, "%Y-%m-%d")
    except ValueError:
        raise SourceRefused.of(
            path.name,
            f"“{day}”",
            "the day of the edition, such as 2026-03-31",
            "Rename the file: the answer itself bears no date.",
        ) from None
    cells = pd.DataFrame(
        {
            "place": frame[PLACE],
            "series": frame[ID].replace(IDS),
            "column": SCORE,
            "text": frame[SCORE].fillna(""),
            "row": frame["_row"],
        }
    )
    return cells, "", day


def to_figures(raw: Raw, catalog: Catalog, latest: int) -> Extract:
    """Two scores of every member on the day of the edition, and an account of every other entry.

    Refuses unknown codes, text in a score, scores beyond 0 to 10, and an edition after `latest`.
    """
    table, file, sheet = raw.tables[TABLE], raw.files[TABLE], raw.sheets[TABLE]
    row, day = table["row"], str(table["day"].iloc[0])
    cells = table.assign(
        iso3=world_bank.places(table["place"], row, catalog, file, ISO3, sheet),
        year=reading.years(table["day"].str[:4], row, file, "day of the edition", latest, sheet),
        observed=latest,
        file=file,
        sheet=sheet,
        why=table["series"].isin(list(SERIES)).map({True: "", False: OTHER}),
        source_ref="row " + row.astype(str),
        provider_label=table["series"],
    )
    notes = (f"Edition of {day}. Every edition is made anew: two editions do not form a series.",)
    return series.extract(SOURCE, cells, SERIES, catalog, raw.inputs, notes=notes, released=day)
