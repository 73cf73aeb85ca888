"""Reads the World Bank's development indicators: answers of its interface, and tables with years as columns.

The interface answers for one series, kept as `<code>.json`. The download of a series from its page is `API_<code>_DS2_….csv`, or
that in a ZIP archive beside its metadata. A table made on the Bank's page has one series or many, lines above (title, date) or
below (database, date), `..` where there is no number, and groups among the countries. A series is read from one file only: an
answer before a download before a table of one series before a table of many. A cell is one number.
"""

import re
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from corridors.catalog import Catalog
from corridors.problems import Problem, SourceRefused
from etl import frames, reading, series, world_bank
from etl.frames import Extract, Raw
from etl.series import PER_CENT, Scale, Series

SOURCE = "world_bank"
SERIES = {
    "BX.TRF.PWKR.CD.DT": Series("remittances_received", Scale(0, 1e13, 1e6)),
    "NY.GDP.PCAP.KD.ZG": Series("gdp_per_head_growth", Scale(-100, 1_000)),
    "FP.CPI.TOTL.ZG": Series("inflation", Scale(-100, 1e6)),
    "SL.UEM.TOTL.ZS": Series("unemployment_modelled", PER_CENT, "estimated"),
    "SP.POP.TOTL": Series("population", Scale(0, 2e10, 1_000), "estimated"),
}
MIDDLE = {"SP.POP.TOTL": "-07-01"}  # people living in a country in the middle of the year
TABLES = (["*remittances*.csv", "WDI_BX.TRF*.csv"], ["worldDevelopmentIndicators*.csv"])  # of one series, of many

DOWNLOAD = re.compile(r"API_(.+?)_DS\d+_.*\.(csv|zip)", re.IGNORECASE)
INSIDE = re.compile(r"(?!__MACOSX)(?:.*/)?API_[^/]*\.csv", re.IGNORECASE)

NAME, CODE = "Country Name", "Country Code"
SERIES_CODE = ("Series Code", "Indicator Code")
YEAR = re.compile(r"(\d{4})( \[YR\1\])?")
PREAMBLE = 30  # lines at most above the header
UPDATED = re.compile(r"last updated( date)?:?", re.IGNORECASE)

ELSEWHERE = {
    "CC.EST": "governance is read from the source wgi, where it has a margin",
    "GE.EST": "governance is read from the source wgi, where it has a margin",
    "PV.EST": "governance is read from the source wgi, where it has a margin",
    "SM.POP.RHCR.EO": "refugees are read from the source unhcr, by corridor",
}
OTHER_FILE = "the series is read from another file"


def read(folder: Path) -> Raw:
    """The numbers of every file as text, one row each, in a table named as the file.

    Refuses a file that is cut off or of another format, and when a series is in none of them.
    """
    paths = [path for code in SERIES if (path := folder / f"{code}.json").is_file()]
    together = reading.Together()
    tables = {path.name: together.do(_answer, path) for path in paths}
    for path in _downloads(folder):
        paths.append(path)
        tables[path.name] = together.do(_downloaded, path)
    for patterns in TABLES:
        if any(path.is_file() for pattern in patterns for path in folder.glob(pattern)):
            paths.append(reading.find(folder, patterns, SOURCE))
            tables[paths[-1].name] = together.do(_wide, paths[-1])
    together.refuse()
    _refuse_missing(folder, tables)
    inputs = tuple(frames.input_file(path, folder) for path in paths)
    return Raw(tables, {name: name for name in tables}, {}, inputs)


def _downloads(folder: Path) -> list[Path]:
    """The newest download from the Bank's page of each imported series."""
    found = sorted((p for p in folder.glob("*") if DOWNLOAD.fullmatch(p.name)), key=lambda p: (p.stat().st_mtime, p.name))
    newest = {DOWNLOAD.fullmatch(path.name)[1].upper(): path for path in found}
    return [newest[code] for code in SERIES if code in newest]


def _downloaded(path: Path) -> pd.DataFrame:
    if path.suffix.lower() == ".csv":
        return _wide(path)
    with tempfile.TemporaryDirectory() as room:
        return _wide(reading.unpacked(path, INSIDE, Path(room), SOURCE))


def _refuse_missing(folder: Path, tables: dict[str, pd.DataFrame]) -> None:
    found = {code for table in tables.values() for code in table["series"].unique()}
    missing = [code for code in SERIES if code not in found]
    if missing:
        wide = " or ".join(pattern for patterns in TABLES for pattern in patterns)
        expected = [f"the series {code} in {code}.json, API_{code}_DS2_….csv or {wide}" for code in missing]
        if not tables:
            raise SourceRefused([reading.absent(folder, one, SOURCE) for one in expected])
        again = reading.again(SOURCE)
        raise SourceRefused([Problem(f"{folder.name}/", "no file with a number of it", one, again) for one in expected])


def _answer(path: Path) -> pd.DataFrame:
    table, updated = world_bank.read_answer(path, path.stem, SOURCE)
    return table.assign(column="value", source_ref="answer row " + table["row"].astype(str), updated=updated)


def _wide(path: Path) -> pd.DataFrame:
    """The cells of a table with years as columns that are not blank, with the date that stands above or below it."""
    lines = reading.read_lines(path, SOURCE, "utf-8-sig")
    at = next((n for n, line in enumerate(lines[:PREAMBLE]) if CODE in (cell.strip() for cell in line)), None)
    if at is None:
        found, again = f"no such column in the first {PREAMBLE} lines", reading.again(SOURCE)
        raise SourceRefused.of(path.name, found, f"column “{CODE}”", again, column=CODE)
    header = [cell.strip() for cell in lines[at]]
    years = [n for n, name in enumerate(header) if YEAR.fullmatch(name)]
    codes = _refuse_other_columns(header, years, path.name)
    place = header.index(CODE)
    rows = [(n, line) for n, line in enumerate(lines[at + 1 :], at + 2) if len(line) > place and line[place].strip()]
    _refuse_cut(path, rows, lines, at, years, len(header))
    table = pd.DataFrame(
        {
            "place": np.repeat([line[place].strip() for _, line in rows], len(years)),
            "series": np.repeat([line[codes].strip() for _, line in rows], len(years)),
            "row": np.repeat([n for n, _ in rows], len(years)),
            "year": np.tile([header[n][:4] for n in years], len(rows)),
            "column": np.tile([header[n] for n in years], len(rows)),
            "text": [line[n].strip() for _, line in rows for n in years],
        }
    )
    table["source_ref"] = "row " + table["row"].astype(str)
    return table[~table["text"].isin(reading.BLANK)].assign(updated=_updated(lines, at, place))


def _refuse_other_columns(header: list[str], years: list[int], file: str) -> int:
    """The position of the code of the series. Refuses a table without one, or without years."""
    codes = next((header.index(name) for name in SERIES_CODE if name in header), None)
    missing = [] if codes is not None else [" or ".join(SERIES_CODE)]
    missing += [] if years else ["2004 [YR2004]"]
    if missing:
        unused = ", ".join(name for name in header if name not in (NAME, CODE))[:200]
        how_to_fix = "If the publisher renamed it, tell the reader of this source; else download the file again."
        raise SourceRefused(
            [
                Problem(
                    file, f"no such column (unused columns: {unused or 'none'})", f"column “{name}”", how_to_fix, column=name
                )
                for name in missing
            ]
        )
    return codes


def _refuse_cut(path: Path, rows: list, lines: list, at: int, years: list[int], width: int) -> None:
    """Refuses a table without rows, with a line of another width, or with numbers that nobody's code stands beside."""
    again = reading.again(SOURCE)
    if not rows:
        raise SourceRefused.of(path.name, "a header and no rows", "one row for each country and series", again)
    other = next(((n, len(line)) for n, line in rows if len(line) != width), None)
    if other:
        fewer, how_to_fix = other[1] < width, "A comma inside a number shifts the years: write points."
        found = f"a line with {'fewer' if fewer else 'more'} cells ({other[1]}) than the header"
        how_to_fix = f"The download was cut off. {again}" if fewer else how_to_fix
        raise SourceRefused.of(path.name, found, f"{width} cells", how_to_fix, row=other[0])
    named = {n for n, _ in rows}
    nobody = next(
        (
            n
            for n, line in enumerate(lines[at + 1 :], at + 2)
            if n not in named and any(len(line) > y and line[y].strip() not in reading.BLANK for y in years)
        ),
        None,
    )
    if nobody:
        raise SourceRefused.of(
            path.name,
            "numbers without a country code",
            "a code in every row with numbers",
            "Mend the cell, or download the file again.",
            column=CODE,
            row=nobody,
        )
    if rows[-1][0] == len(lines):
        reading.refuse_cut_end(path, SOURCE)


def _updated(lines: list[list[str]], at: int, place: int) -> str:
    """The date that is printed above or below the table, or its year; empty when none is."""
    below = [line for line in lines[at + 1 :] if not "".join(line[place : place + 1]).strip()]
    dates = [text for line in [*lines[:at], *below] if UPDATED.match(text := " ".join(line).strip())]
    found = re.search(r"\b(20\d\d(?:-\d\d-\d\d)?)\b", " ".join(dates))
    return found[1] if found else ""


def to_figures(raw: Raw, catalog: Catalog, latest: int) -> Extract:
    """Figures of the five series for members, and an account of every other number.

    A year is imported when it was over by the date that a file prints, or by `latest` where it prints none. Refuses
    unknown codes and years, text in a number, and a series of another unit.
    """
    taken: set[str] = set()
    parts = []
    for file, table in raw.tables.items():
        twice = table["series"].isin(taken)
        taken |= set(table["series"])
        parts.append(
            table.assign(
                iso3=_places(table, catalog, file),
                file=file,
                sheet="",
                provider_label=table["place"],
                day=table["year"] + table["series"].map(MIDDLE).fillna("-12-31"),
                why=table["series"].map(ELSEWHERE).fillna("").mask(twice, OTHER_FILE),
                year=reading.years(table["year"], table["row"], file, "year", series.FARTHEST),
                observed=min(latest, int(table["updated"].iloc[0][:4] or latest)) - 1,
            )
        )
    days = [table["updated"].iloc[0] for table in raw.tables.values()]
    released = min(days) if all(re.fullmatch(r"\d{4}-\d\d-\d\d", day) for day in days) else ""
    cells = pd.concat(parts, ignore_index=True)
    return series.extract(SOURCE, cells, SERIES, catalog, raw.inputs, notes=(series.note(SERIES),), released=released)


def _places(table: pd.DataFrame, catalog: Catalog, file: str) -> pd.Series:
    if file.endswith(".json"):
        return world_bank.answered_places(table, catalog, file)
    return world_bank.places(table["place"], table["row"], catalog, file, CODE)
