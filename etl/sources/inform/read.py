"""Reads one edition of INFORM Risk: the publisher's workbook, or the scores of its interface.

The first sheet has a row for each country and a column for each part of the index, `x` where nothing is known; lines
with a title or a legend may stand above the header or below it. The date stands on the sheet About. The interface gives no date: its
answer is kept under a name that ends in one, `inform_scores_2026-03-31.json`, and is read before a workbook.
A cell is one entry beside a country's code.
"""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pandas as pd

from catalog import Catalog
from etl import frames, reading, series, world_bank
from etl.faults import Problem, SourceRefused
from etl.frames import Extract, Raw
from etl.series import Scale, Series

SOURCE, BOOK, SCORES = "inform", "*inform*risk*.xlsx", "inform_scores_*.json"
POINTS = Scale(0, 10)
RISK, NATURAL = "INFORM RISK", "Natural"
SERIES = {RISK: Series("inform_risk", POINTS), NATURAL: Series("inform_natural_hazard", POINTS)}
IDS = {"INFORM": RISK, "HA.NAT": NATURAL}
ISO3 = "ISO3"
ABOUT, PREAMBLE = "About", 10
UNKNOWN = "x"
OTHER = "another part of the index"
DATE = re.compile(r"\b(\d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November|December) 20\d\d)\b")


def read(folder: Path) -> Raw:
    """The entries as text, one row each, and the day of the edition.

    Refuses when no file is there, or it is cut off, of another format, without a date, or lacks a column.
    """
    answers = sorted(path for path in folder.glob(SCORES) if path.is_file())
    books = [BOOK, BOOK.replace("inform", "INFORM").replace("risk", "Risk")]
    path = answers[-1] if answers else reading.find(folder, [*books, SCORES], SOURCE)
    cells, sheet, day = _from_answer(path) if answers else _from_book(path)
    return Raw({"scores": cells.assign(day=day)}, {"scores": path.name}, {"scores": sheet}, (frames.input_file(path, folder),))


def _from_book(path: Path) -> tuple[pd.DataFrame, str, str]:
    frame, sheet, header = _sheet(path)
    about, name, _ = reading.read_sheet_and_banner(path, [], SOURCE, 1, ABOUT)
    lines = [*about.columns, *(str(cell) for cell in about.drop(columns="_row").to_numpy().ravel())]
    found = DATE.search("\n".join(lines))
    if not found:
        raise SourceRefused(Problem(path.name, "no date", "the day of the edition, such as 31 March 2025",
                                    "Is this the publisher's whole workbook? " + reading.REFRESH.format(source=SOURCE), sheet=name))  # fmt: skip
    named = frame[ISO3].str.fullmatch(r"[A-Z]{3}")
    legend = frame[~named & frame[[RISK, NATURAL]].apply(lambda text: text.str.fullmatch(r"[\d.]+")).any(axis=1)]
    if len(legend):
        raise SourceRefused(Problem(path.name, f"scores beside “{legend[ISO3].iloc[0]}”", "a country's code of three letters",
                                    "Mend the cell, or download the file again.", sheet=sheet, column=ISO3, row=int(legend["_row"].iloc[0])))  # fmt: skip
    rows = frame[named]
    at = [n for n, name in enumerate(frame.columns) if name and name not in (ISO3, "_row", frame.columns[0])]
    cells = pd.concat([
        pd.DataFrame({"place": rows[ISO3], "series": frame.columns[n], "column": frame.columns[n], "text": rows.iloc[:, n], "row": rows["_row"]})
        for n in at
    ], ignore_index=True)  # fmt: skip
    return cells[~cells["text"].isin([*reading.BLANK, UNKNOWN])], sheet, f"{datetime.strptime(found[1], '%d %B %Y'):%Y-%m-%d}"


def _sheet(path: Path) -> tuple[pd.DataFrame, str, int]:
    """The first sheet below its header, which is the first line with the column of codes. Refuses when no line is."""
    frame, sheet, _ = reading.read_sheet_and_banner(path, [], SOURCE, 1)
    header = 1
    if ISO3 not in frame.columns:
        fits = frame[(frame.drop(columns="_row") == ISO3).any(axis=1)]["_row"]
        header = int(fits.iloc[0]) if len(fits) and fits.iloc[0] <= PREAMBLE else 1
    frame, sheet, _ = reading.read_sheet_and_banner(path, [ISO3, *SERIES], SOURCE, header)
    twice = [name for name in (ISO3, *SERIES) if list(frame.columns).count(name) > 1]
    if twice:
        raise SourceRefused(Problem(path.name, "two columns of this name", "one", "Tell the reader of this source which is meant.",
                                    sheet=sheet, column=twice[0], row=header))  # fmt: skip
    return frame, sheet, header


def _from_answer(path: Path) -> tuple[pd.DataFrame, str, str]:
    frame = reading.read_records(path, ["Iso3", "IndicatorId", "IndicatorScore"], SOURCE)
    day = path.stem.removeprefix("inform_scores_")
    try:
        datetime.strptime(day, "%Y-%m-%d")
    except ValueError:
        raise SourceRefused(Problem(path.name, f"“{day}”", "the day of the edition, such as 2026-03-31",
                                    "Rename the file: the answer itself bears no date.")) from None  # fmt: skip
    cells = pd.DataFrame({
        "place": frame["Iso3"], "series": frame["IndicatorId"].map(IDS).fillna(frame["IndicatorId"]), "column": "IndicatorScore",
        "text": frame["IndicatorScore"], "row": frame["_row"],
    })  # fmt: skip
    missing = [name for name, column in IDS.items() if column not in set(cells["series"])]
    if missing:
        raise SourceRefused([Problem(path.name, "no row of it", f"the indicator {name}", "Ask for both: IndicatorId=INFORM,HA.NAT.",
                                     column="IndicatorId") for name in missing])  # fmt: skip
    return cells[~cells["text"].isin([*reading.BLANK, UNKNOWN, "None", "nan"])], "", day


def to_figures(raw: Raw, catalog: Catalog, latest: int) -> Extract:
    """Two scores of every member on the day of the edition, and an account of every other entry.

    Refuses unknown codes, text in a score, scores beyond 0 to 10, and an edition after `latest`.
    """
    table, file, sheet = raw.tables["scores"], raw.files["scores"], raw.sheets["scores"]
    day = str(table["day"].iloc[0])
    year = reading.years(table["day"].str[:4], table["row"], file, "date", latest, sheet)
    cells = table.assign(
        iso3=world_bank.places(table["place"], table["row"], catalog, file, ISO3, sheet), year=year, observed=latest, file=file, sheet=sheet,
        why=table["series"].isin(list(SERIES)).map({True: "", False: OTHER}),
        source_ref="row " + table["row"].astype(str), provider_label=table["series"],
    )  # fmt: skip
    return series.extract(SOURCE, cells, SERIES, catalog, raw.inputs, released=day,
                          notes=(f"Edition of {day}. Editions are made anew each time and never form a series.",))  # fmt: skip
