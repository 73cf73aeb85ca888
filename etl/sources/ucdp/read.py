"""Reads UCDP's country-year table of organised violence: a line for each country and year since 1989, as CSV or zipped.

A line is one cell: the best estimate of deaths with its low and high; what it says of single kinds of violence are
parts of it. Countries have names and no ISO codes, with a former name in brackets: Myanmar (Burma). Until version 25.1
the names of columns end in `_cy`. The version says which year is the last: 25.1 goes to 2024.
"""

import re
import tempfile
from pathlib import Path

import pandas as pd

from corridors.catalog import Catalog
from corridors.problems import SourceRefused
from etl import frames, reading, series
from etl.frames import Extract, Raw
from etl.series import Scale, Series

SOURCE, TABLE = "ucdp", "deaths"
PATTERNS = ["organizedviolencecy*.csv", "OrganizedViolenceCY*.csv", "organizedviolencecy*.zip"]
TOTAL = "cumulative_total_deaths_in_orgvio"
COUNTRY, YEAR, BEST, HIGH, LOW, VERSION = COLUMNS = [
    "country",
    "year",
    f"{TOTAL}_best",
    f"{TOTAL}_high",
    f"{TOTAL}_low",
    "version",
]
SERIES = {TOTAL: Series("conflict_deaths", Scale(0, 1e7, -1))}  # a year without a death is a good year

DATA = re.compile(r"(?!__MACOSX).*\.csv", re.IGNORECASE)  # in the archive, beside a codebook or a Mac's leavings
FORMER_NAME = re.compile(r"\s*\([^)]*\)$")
NAMES = {
    "Kingdom of eSwatini": "SWZ",
    "Vatican City State": "VAT",
    "Czechoslovakia": "",  # until 1992
    "German Democratic Republic": "",  # until 1990
    "Yemen (South Yemen)": "",  # until 1990; Yemen (North Yemen) is Yemen since
}
CROSSED = "The best estimate does not lie between the publisher's own low and high"


def read(folder: Path) -> Raw:
    """The lines of the newest table as text, its columns without the ending `_cy`.

    Refuses when the file is missing, cut off, of another format, or lacks a column.
    """
    path = reading.find(folder, PATTERNS, SOURCE)
    if path.suffix != ".zip":
        frame, name = _table(path), path.name
    else:
        with tempfile.TemporaryDirectory() as room:
            inside = reading.unpacked(path, DATA, Path(room), SOURCE)
            frame, name = _table(inside), inside.name
    return Raw({TABLE: frame}, {TABLE: name}, {}, (frames.input_file(path, folder),))


def _table(path: Path) -> pd.DataFrame:
    frame = reading.read_table(path, [], SOURCE, "utf-8-sig")
    reading.refuse_cut_end(path, SOURCE)
    frame = frame.rename(columns=lambda name: name if name == "_row" else name.strip().lower().removesuffix("_cy"))
    reading.require_columns(frame, COLUMNS, path.name, SOURCE)
    reading.refuse_no_lines(frame, path, SOURCE, "one line for each country and year")
    return frame[[*COLUMNS, "_row"]]


def to_figures(raw: Raw, catalog: Catalog, latest: int) -> Extract:
    """Deaths in organised violence in members, best with low and high, and an account of every other line.

    Refuses unknown countries, versions and years, and numbers that are no counts.
    """
    rows, file = raw.tables[TABLE], raw.files[TABLE]
    row = rows["_row"]
    best, high, low = (reading.whole_numbers(rows[name], row, file, name) for name in (BEST, HIGH, LOW))
    member = reading.of_a_member(rows[COUNTRY], catalog)
    cells = series.cells(
        row,
        file,
        BEST,
        series=TOTAL,
        iso3=reading.known_codes(rows[COUNTRY], row, _known(rows[COUNTRY], catalog), file, COUNTRY, carries=member),
        year=reading.years(rows[YEAR], row, file, YEAR, series.FARTHEST),
        text=rows[BEST].str.strip(),
        lower=low,
        upper=high,
        observed=min(_last_year(rows, file), latest - 1),
        doubt=((low > best) | (best > high)).map({True: CROSSED, False: ""}),
        provider_label=rows[COUNTRY],
    )
    return series.extract(SOURCE, cells[best.notna()], SERIES, catalog, raw.inputs)


def _known(names: pd.Series, catalog: Catalog) -> dict[str, str]:
    """Each name's ISO3 key: as it stands, else without the former name in brackets; empty for States of the past."""
    known = {}
    for name in names.unique():
        plain = FORMER_NAME.sub("", name)
        iso3 = next((NAMES[n] for n in (name, plain) if n in NAMES), None)
        iso3 = iso3 if iso3 is not None else catalog.find(name) or catalog.find(plain)
        if iso3 is not None:
            known[name] = iso3
    return known


def _last_year(rows: pd.DataFrame, file: str) -> int:
    """The last year that the version covers. Refuses several versions in one file, and one of another form."""
    found = rows.drop_duplicates(VERSION)
    if len(found) > 1 or not re.fullmatch(r"\d\d\.\d", found[VERSION].iloc[0]):
        said = " and ".join(f"“{text}”" for text in found[VERSION].iloc[:5])
        raise SourceRefused.of(
            file,
            said,
            "one yearly version such as 25.1",
            "Monthly candidate versions are not read: download the yearly one.",
            column=VERSION,
            row=int(found["_row"].iloc[-1]),
        )
    return 2000 + int(found[VERSION].iloc[0][:2]) - 1
