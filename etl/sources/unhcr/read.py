"""UNHCR Refugee Data Finder: stocks, applications, decisions and solutions by country of asylum and of origin.

Each table comes either as CSV (UNHCR's data package) or as JSON (UNHCR's statistics interface, all pages in one list);
both give the same figures. A cell is one measure of one row.
"""

import tomllib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from corridors.catalog import OTHER, STATELESS, UNKNOWN, Catalog
from corridors.catalog.model import Indicator
from corridors.problems import SourceRefused
from etl import frames, products, reading
from etl.frames import Extract, Raw

SOURCE = "unhcr"
ENDS = ["year", "coo", "coo_iso", "coa", "coa_iso"]
NOT_A_CELL = ["", "-"]  # the package leaves empty, the interface writes "-": not applicable or not collected

# Both forms of writing an end that is no country: the flows table uses UNHCR's own codes where the others use ISO's.
NO_COUNTRY = {"UNK": UNKNOWN, "UKN": UNKNOWN, "XXA": STATELESS, "STA": STATELESS, "TIB": OTHER}

FIRST_INSTANCE = ["FI", "NA", "IN", "EO"]  # IN and EO: the two authorities of the United States
BOTH = "FA"  # first instance and appeal together: for some authorities the only level of a year, then imported and marked
BEFORE = f"year before {frames.FIRST_YEAR}"
NO_MEMBER = "no member at either end"
SAME = "origin is the country of asylum: not a corridor"
ZERO = "published 0: stands for none, not reported and 1 to 2 alike"
ONE_PLACE = "counted where people are: not a member"
CASES = "counted in cases, not in persons: the two do not add up"
LATER = "not a first-instance level: appeals, reviews and repeats would count people again"
TOTAL = "a total over all countries at one end, which the countries' own rows make up"
NOT_NEW = "not a new application: repeats and appeals would count people again"
TAKEN_FROM_INTERFACE = "new applications are taken from asylum_applications.json, never from both"


@dataclass(frozen=True)
class Table:
    """A table of UNHCR's: the columns that become figures, those that do not and why, how small counts are rounded."""

    measures: dict[str, str]  # column → indicator
    left_out: dict[str, str] = field(default_factory=dict)
    codes: tuple[str, ...] = ()
    place_only: tuple[str, ...] = ()  # columns that count people in one country, without a second end
    rounded_to: tuple[tuple[int, int, int], ...] = ((5, 3, 5),)  # published, lowest true, highest true


_WORDS = tomllib.loads(Path(__file__).with_name("tables.toml").read_text(encoding="utf-8"))
TABLES = {name: Table(**columns) for name, columns in _WORDS["tables"].items()}
CODES: dict[str, list[str]] = _WORDS["codes"]
ON_THE_PAGES: dict[str, str] = _WORDS["on_the_pages"]  # of the download of the Refugee Data Finder's own pages
NEW_CLAIMS = ("flows", "asylum_applications")  # two tables of the same claims: one of them must be there


def read(folder: Path) -> Raw:
    """UNHCR's tables as text, each from <table>.json where there is one, else from <table>.csv.

    Refuses when a table is missing (of the two with new claims, one will do), cut off, or of another format.
    """
    tables, files, inputs, missing, together = {}, {}, [], [], reading.Together()
    for name, table in TABLES.items():
        path = next((p for p in (folder / f"{name}.json", folder / f"{name}.csv") if p.is_file()), None)
        if path is None:
            missing.append(name)
            continue
        tables[name] = together.do(_table, path, [*ENDS, *table.codes, *table.measures])
        files[name] = path.name
        inputs.append(frames.input_file(path, folder))
    if any(name not in missing for name in NEW_CLAIMS):
        missing = [name for name in missing if name not in NEW_CLAIMS]
    together.problems += [reading.absent(folder, f"{name}.json or {name}.csv", SOURCE) for name in missing]
    together.refuse()
    return Raw(tables, files, {}, tuple(inputs))


def _table(path: Path, columns: list[str]) -> pd.DataFrame:
    if path.suffix == ".json":
        return reading.read_records(path, columns, SOURCE).fillna("")
    frame = reading.read_table(path, ["year"], SOURCE, called=_called)
    without = [column for column in columns if column not in frame]
    if without and "Country of origin" in frame:
        found = f"a download of the Refugee Data Finder's pages, without {', '.join(without)}"
        cure = "In it first decisions and appeals, people and cases, cannot be told apart. " + reading.again(SOURCE)
        raise SourceRefused.of(path.name, found, "UNHCR's table with these columns", cure)
    reading.require_columns(frame, columns, path.name, SOURCE)
    # A file cut inside its last number still has all columns, and would say 17 where UNHCR says 1,737.
    reading.refuse_cut_end(path, SOURCE, row=len(frame) + 1)
    reading.refuse_no_lines(frame, path, SOURCE)
    return frame


def _called(frame: pd.DataFrame) -> pd.DataFrame:
    """A table of the Refugee Data Finder's own pages under the names of the package; any other as it is."""
    names = {column: ON_THE_PAGES.get(products.folded(column), "") for column in map(str, frame.columns)}
    if not {"coo_iso", "coa_iso"} <= set(names.values()):
        return frame
    if "dec_recognized" in names.values():
        names = {column: "dec_pc" if name == "app_pc" else name for column, name in names.items()}
    frame = frame.rename(columns={column: name for column, name in names.items() if name})
    return frame.assign(coo=frame["coo_iso"], coa=frame["coa_iso"])


def to_figures(raw: Raw, catalog: Catalog, latest: int) -> Extract:
    """The figures of every measure that the house carries, and an account of all others.

    Refuses unknown places and codes, counts that are no numbers or negative, and years after `latest`; all offenders
    of a column at once.
    """
    figures, rejected, out_of_scope, cells = [], [frames.empty_rejected()], Counter(), 0
    together = reading.Together()
    judged = {n: together.do(_rows, n, frame, raw.files[n], catalog, latest) for n, frame in raw.tables.items()}
    for name, rows in judged.items():
        for column in TABLES[name].measures if rows is not None else ():
            together.do(_numbers, raw.tables[name], rows, raw.files[name], column)
    together.refuse()
    for name, frame in raw.tables.items():
        table, file, rows = TABLES[name], raw.files[name], judged[name]
        for column, indicator in table.measures.items():
            place_only = column in table.place_only
            numbers = _numbers(frame, rows, file, column)
            cells += len(numbers)
            if name == "flows" and column == "asylum_seekers" and "asylum_applications" in raw.tables:
                out_of_scope[TAKEN_FROM_INTERFACE] += len(numbers)
                continue
            unread = rows.loc[numbers.index, "unread"]
            rejected.append(_unread(rows.loc[unread.index[unread]], numbers[unread], file, column))
            numbers = numbers[~unread]
            reasons = _reasons(rows.loc[numbers.index], numbers, place_only, catalog)
            out_of_scope.update(frames.counts(reasons))
            kept = numbers[reasons == ""]
            impossible = _impossible(kept, table)
            rejected.append(_rejected(rows.loc[kept.index[impossible]], kept[impossible], file, column, table))
            kept = kept[~impossible]
            figures.append(_figures(table, rows.loc[kept.index], kept, catalog.indicators[indicator], place_only))
        for column, why in table.left_out.items():
            if column in frame:
                count = int((~frame[column].isin(NOT_A_CELL)).sum())
                cells += count
                out_of_scope[why] += count
    return Extract(
        SOURCE,
        cells,
        frames.finished(pd.concat(figures), SOURCE),
        pd.concat(rejected, ignore_index=True)[frames.REJECTED_COLUMNS],
        {k: v for k, v in out_of_scope.items() if v},
        raw.inputs,
        notes=_notes(raw),
    )


def _rows(name: str, frame: pd.DataFrame, file: str, catalog: Catalog, latest: int) -> pd.DataFrame:
    """The rows' year, ends, label, reference, whether a label is `unread`, and `stage`: why the whole row is out of scope, or empty."""
    known = {iso3: iso3 for iso3 in catalog.countries if iso3 not in (UNKNOWN, STATELESS, OTHER)} | NO_COUNTRY | {"-": ""}
    codes = TABLES[name].codes
    listed = {column: {code: code for code in CODES[column]} for column in codes}
    ends = pd.DataFrame({"coa_iso": frame["coa_iso"], "coo_iso": frame["coo_iso"]})
    member = ends.apply(lambda end: reading.of_a_member(end, catalog)).any(axis=1)
    at = "CODES in etl/sources/unhcr/read.py"
    coded = [reading.known_codes(frame[c], frame["_row"], listed[c], file, c, where=at, carries=member) for c in codes]
    rows = pd.DataFrame(
        {
            "year": reading.years(frame["year"], frame["_row"], file, "year", latest),
            "iso3": reading.known_codes(frame["coa_iso"], frame["_row"], known, file, "coa_iso", carries=member),
            "partner_iso3": reading.known_codes(frame["coo_iso"], frame["_row"], known, file, "coo_iso", carries=member),
            "label": frame["coo"] + ">" + frame["coa"],
            "ref": name + " " + frame["_row"].astype(str),
            "_row": frame["_row"],
        }
    )
    rows["unread"] = pd.concat([rows["iso3"], rows["partner_iso3"], *coded], axis=1).eq(reading.UNREAD).any(axis=1)
    rows["stage"] = np.where((rows["iso3"] == "") | (rows["partner_iso3"] == ""), TOTAL, "")
    if codes:
        rows["label"] += " " + frame["procedure_type"] + "/" + frame["dec_level"]
        first = frame["dec_level"].isin(FIRST_INSTANCE)
        if "dec_pc" in codes:
            authority = frame["coa_iso"] + frame["year"] + frame["procedure_type"]
            first |= (frame["dec_level"] == BOTH) & ~authority.isin(set(authority[first]))
        rows.loc[~first, "stage"] = LATER
        if "app_type" in codes:
            rows.loc[frame["app_type"] != "N", "stage"] = NOT_NEW
        rows.loc[frame["dec_pc" if "dec_pc" in codes else "app_pc"] == "C", "stage"] = CASES
    return rows


def _numbers(frame: pd.DataFrame, rows: pd.DataFrame, file: str, column: str) -> pd.Series:
    """The cells of a column as numbers, by row; what is not a cell is left out."""
    text = frame.loc[~frame[column].isin(NOT_A_CELL), column]
    return reading.whole_numbers(text, rows.loc[text.index, "_row"], file, column)


def _reasons(rows: pd.DataFrame, numbers: pd.Series, place_only: bool, catalog: Catalog) -> pd.Series:
    """Why each cell is out of scope, in the order in which one asks; empty where it is imported."""
    here = rows["iso3"].isin(list(catalog.members))
    there = rows["partner_iso3"].isin(list(catalog.members))
    same = rows["iso3"] == rows["partner_iso3"]
    asked = {
        BEFORE: rows["year"] < frames.FIRST_YEAR,
        ONE_PLACE if place_only else NO_MEMBER: ~here if place_only else ~(here | there),
        **{stage: rows["stage"] == stage for stage in rows["stage"].unique() if stage},
        ZERO: numbers == 0,
        SAME: same & (not place_only),
    }
    return frames.first_reason(asked, rows.index)


def _impossible(numbers: pd.Series, table: Table) -> pd.Series:
    """Counts that UNHCR's rounding cannot give: below the highest rounded number and not a multiple of 5."""
    return (numbers < max(published for published, _, _ in table.rounded_to)) & (numbers % 5 != 0)


def _rejected(rows: pd.DataFrame, numbers: pd.Series, file: str, column: str, table: Table) -> pd.DataFrame:
    limit = max(published for published, _, _ in table.rounded_to)
    reason = f"UNHCR rounds counts under {limit} to a multiple of 5, so this cannot be a published count"
    ask = "Ask UNHCR whether small counts are still rounded; if not, the ranges shown for 5 are wrong too."
    return frames.rejected(rows, file, "", column, [f"{n:.0f}" for n in numbers], reason, ask)


def _unread(rows: pd.DataFrame, numbers: pd.Series, file: str, column: str) -> pd.DataFrame:
    found = [f"{label}: {n:.0f}" for label, n in zip(rows["label"], numbers)]
    return frames.rejected(rows, file, "", column, found, reading.UNKNOWN_LABEL, reading.ADD_LABEL)


def _figures(table: Table, rows: pd.DataFrame, numbers: pd.Series, indicator: Indicator, place_only: bool) -> pd.DataFrame:
    """The figure rows of one measure; a rounded small count is masked, with the bounds of what it may stand for."""
    start, end = frames.year_period(rows["year"], indicator.stock_or_flow == "stock")
    figures = pd.DataFrame(
        {
            "iso3": rows["iso3"],
            "partner_iso3": "" if place_only else rows["partner_iso3"],
            "indicator_id": indicator.id,
            "period_start": start,
            "period_end": end,
            "value": numbers,
            "lower": np.nan,
            "upper": np.nan,
            "status": "reported",
            "source_ref": rows["ref"],
            "provider_label": rows["label"],
        }
    )
    for published, lower, upper in table.rounded_to:
        small = numbers == published
        figures.loc[small, ["value", "lower", "upper"]] = [np.nan, float(lower), float(upper)]
        figures.loc[small, "status"] = "masked"
    return figures


def _notes(raw: Raw) -> tuple[str, ...]:
    notes = ["Labels are UNHCR's own codes, origin>asylum; then authority (G government, U UNHCR, J joint)/level."]
    if "flows" not in raw.tables:
        notes.append("No flows.csv: group arrivals are only in UNHCR's data package, not in its interface.")
    elif "asylum_applications" in raw.tables:
        notes.append(f"New applications are from asylum_applications.json, group arrivals from {raw.files['flows']}.")
    if len({Path(file).suffix for file in raw.files.values()}) > 1:
        notes.append("Files of the data package and of the interface stand side by side and may be of two editions.")
    return tuple(notes)
