"""IOM Missing Migrants Project: incidents with people dead or missing, and their yearly sums by place and origin.

The whole file (workbook, or CSV with the same headings) holds all years; a yearly JSON file replaces its year unless the
whole file has newer days of it. What is provisional follows from the newest day of each table, not from its name. A cell
is one incident row. Neither links nor descriptions of places are imported: they can name people.
"""

import csv
import html
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

from corridors.catalog import OTHER, UNKNOWN, Catalog
from etl import frames, reading
from etl.frames import Extract, Raw

SOURCE = "iom_missing_migrants"
ALL = "all"  # the table of the whole file; a yearly file's table is named by its year
WHOLE = [  # the publisher keeps the first one up to date; the others are kept copies
    "Missing_Migrants_Global_Figures_allData.csv",
    "Missing_Migrants_Global_Figures_allData*.csv",
    "Missing_Migrants_Global_Figures_allData*.xlsx",
]
YEARLY = re.compile(r"^(\d{4})-json\.json$")

with Path(__file__).with_name("columns.csv").open(encoding="utf-8", newline="") as handle:
    _NAMED = list(csv.DictReader(handle))
HEADINGS = {row["ours"]: row["whole"] for row in _NAMED}  # of the whole file
FIELDS = {
    row["ours"]: row["yearly"] for row in _NAMED if row["yearly"]
}  # the spelling of location_coodinates is the publisher's
COUNTS = ["dead", "missing", "dead_and_missing", "survivors", "women", "men", "children"]
MAY_BE_BELOW_ZERO = ["missing", "survivors"]  # the publisher subtracts bodies from estimates of those aboard
NOT_A_DATE = ["", "0"]
MONTHS = {
    m: i
    for i, m in enumerate("January February March April May June July August September October November December".split(), 1)
}
KINDS = {
    "Incident": "incident",
    "Split Incident": "split",
    "Incident,Split Incident": "split",
    "Cumulative Incident": "cumulative",
}
REGIONS = ("South-eastern Asia", "Southern Asia", "Eastern Asia")  # imported even where the country is not known
ONE_OF_A_LIST = re.compile(r",(?!\s)")  # "Ghana,Nigeria" is a list, "China, Hong Kong Special …" is one name

FROM_YEARLY = "a year that is taken from its yearly file, never from both"
FROM_WHOLE = "a year of which the whole file has newer days than its yearly file"
YEAR_ENDS = "12-17"  # somewhere people die nearly every day: a table without a later day of a year stopped before its end
BEFORE = f"year before {frames.FIRST_YEAR}"
ELSEWHERE = "no member as country of incident or single country of origin, and no region of the three imported"


def read(folder: Path) -> Raw:
    """The whole file as text under "all", and each yearly file under its year.

    Of several whole files the one whose name comes first in WHOLE is taken. Refuses when there is none, and every file
    that is cut off or of another format.
    """
    present = [pattern for pattern in WHOLE if any(folder.glob(pattern))]
    path = reading.find(folder, present[:1] or [WHOLE[0], WHOLE[2]], SOURCE)
    tables, sheets, together = {}, {}, reading.Together()
    if path.suffix == ".csv":
        tables[ALL] = together.do(_whole_file, path)
    else:
        tables[ALL], sheets[ALL] = together.do(reading.read_sheet, path, list(HEADINGS.values()), SOURCE) or (None, "")
    files, inputs = {ALL: path.name}, [frames.input_file(path, folder)]
    for yearly in sorted(folder.glob("*-json.json")):
        if match := YEARLY.match(yearly.name):
            tables[match[1]] = together.do(_of_year, yearly)
            files[match[1]] = yearly.name
            inputs.append(frames.input_file(yearly, folder))
    together.refuse()
    return Raw(tables, files, sheets, tuple(inputs))


def _whole_file(path: Path) -> pd.DataFrame:
    frame = reading.read_table(path, list(HEADINGS.values()), SOURCE)
    reading.refuse_no_lines(frame, path, SOURCE)
    return frame


def _of_year(path: Path) -> pd.DataFrame:
    return reading.read_records(path, list(FIELDS.values()), SOURCE).fillna("")


def to_figures(raw: Raw, catalog: Catalog, latest: int) -> Extract:
    """Incidents in scope, their yearly sums by country of incident and by origin, and an account of every row.

    Refuses unknown countries, kinds and qualities, counts that are no numbers or negative, and years after `latest`.
    """
    parts, rejected, out_of_scope, notes = [], [frames.empty_rejected()], Counter(), []
    tables = {name: _incidents(name, frame, raw, catalog, latest) for name, frame in raw.tables.items()}
    newest = max(rows["date"].max() for rows in tables.values())
    fresh = {name: rows.groupby("year")["date"].max().to_dict() for name, rows in tables.items()}
    yearly = {int(name) for name in tables if name != ALL}
    stale = {year for year in yearly if fresh[str(year)].get(year, "") < fresh[ALL].get(year, "")}
    for name, rows in tables.items():
        reasons = _out_of_scope(rows, name, yearly, stale, catalog)
        out_of_scope.update(frames.counts(reasons))
        rows = rows[reasons == ""]
        faults = _faults(rows, name)
        rejected.append(_rejected(rows, faults, raw, name))
        rows = rows[faults["reason"] == ""]
        odd = rows["survivors"] < 0
        notes += [f"{raw.files[name]} row {r}: survivors below zero, taken as unknown" for r in rows.loc[odd, "_row"]]
        parts.append(rows.assign(survivors=rows["survivors"].where(~odd)))
    incidents = pd.concat(parts, ignore_index=True)
    incidents = incidents.sort_values(["year", "main_id", "incident_id"], kind="stable").reset_index(drop=True)
    return Extract(
        SOURCE,
        sum(len(frame) for frame in raw.tables.values()),
        _figures(incidents, catalog, _unfinished(fresh, yearly - stale, newest)),
        pd.concat(rejected, ignore_index=True)[frames.REJECTED_COLUMNS],
        dict(out_of_scope),
        raw.inputs,
        incidents=incidents[frames.INCIDENT_COLUMNS],
        notes=(*notes, *_notes(raw, fresh, stale, newest)),
        released=newest,
    )


def _incidents(name: str, frame: pd.DataFrame, raw: Raw, catalog: Catalog, latest: int) -> pd.DataFrame:
    """All rows of a table in the house's columns, both formats alike; checked for what no incident may say."""
    heading = HEADINGS if name == ALL else FIELDS
    file, sheet, row = raw.files[name], raw.sheets.get(name, ""), frame["_row"]
    text = pd.DataFrame({ours: frame[theirs].str.strip() for ours, theirs in heading.items()})
    # In the whole file every id is unique. In a yearly file one id can stand for several groups of people in one
    # incident, which differ in something; a row that repeats every field, links included, is one record sent twice.
    again = frame.drop(columns="_row").duplicated()
    if name != ALL:
        text = text.map(html.unescape)  # the yearly files write Côte d&#039;Ivoire
        text["incident_id"] = text["main_id"]
    repeated = text["incident_id"].map(text.loc[~again, "incident_id"].value_counts()) > 1
    if name != ALL:  # without a column for it, a split incident is told by its several rows
        text["kind"] = np.where(repeated, "Split Incident", "Incident")
    position = "/" + (text.groupby("incident_id").cumcount() + 1).astype(str)
    rows = pd.DataFrame(
        {
            "incident_id": text["incident_id"] + position.where(repeated, ""),
            "main_id": text["main_id"],
            "region": text["region"],
            "cause": text["cause"],
            "route": text["route"],
            "source_ref": ("allData " if name == ALL else f"{name}-json ") + row.astype(str),
            "_row": row,
            "again": again,
        }
    )
    for column in COUNTS:
        rows[column] = _count(text[column], row, file, heading[column], sheet, column in MAY_BE_BELOW_ZERO)
    member = (
        _near(text["region"]) | reading.of_a_member(text["place"], catalog) | reading.of_a_member(text["origin"], catalog)
    )
    at = "KINDS in etl/sources/iom_missing_migrants/read.py"
    rows["kind"] = reading.known_codes(text["kind"], row, KINDS, file, heading.get("kind", ""), sheet, at, member)
    rows["date"], rows["year"], rows["month"] = _when(text, row, file, heading, sheet, latest)
    for column, label in (("iso3", "place"), ("origin_iso3", "origin")):
        rows[column] = _country(text[label], row, file, heading[label], sheet, catalog, member)
    rows["place"], rows["origin"] = text["place"], text["origin"]
    rows["source_quality"] = _quality(text["quality"], row, file, heading["quality"], sheet)
    pair = text["coordinates"].str.extract(r"^\s*(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)\s*$").astype(float)
    rows["lat"], rows["lon"], rows["coordinates"] = pair[0].round(3), pair[1].round(3), text["coordinates"]
    return rows


def _count(text: pd.Series, row: pd.Series, file: str, column: str, sheet: str, below_zero: bool) -> pd.Series:
    """Counts, NaN where empty: unknown, not none. `below_zero`: the publisher does print negative ones here."""
    if not below_zero:
        return reading.whole_numbers(text, row, file, column, sheet)
    plain = text.str.strip()
    sign = np.where(plain.str.startswith("-"), -1.0, 1.0)
    return reading.whole_numbers(plain.str.removeprefix("-"), row, file, column, sheet) * sign


def _when(text: pd.DataFrame, row: pd.Series, file: str, heading: dict, sheet: str, latest: int) -> tuple:
    """ISO date (empty where there is none), year, and month (NaN where unknown).

    Rows without a date take the year from their id (2020.MMP01074) and the month from the column Month.
    """
    date = text["date"].str[:10]
    date = date.where(~date.isin(NOT_A_DATE), "")
    wrong = (date != "") & pd.to_datetime(date, format="%Y-%m-%d", errors="coerce").isna()
    reading.refuse_cells(text["date"][wrong], row, file, heading["date"], "a date like 2023-05-14, or nothing", sheet)
    said = text["year"] if "year" in text else pd.Series("", index=text.index)
    said = said.where(said != "", date.str[:4]).where(lambda s: s != "", text["main_id"].str.extract(r"^(\d{4})\.")[0])
    year = reading.years(said.fillna(""), row, file, heading.get("year", heading["date"]), latest, sheet)
    month = pd.to_numeric(date.str[5:7], errors="coerce")
    if "month" in text:
        month = month.fillna(text["month"].map(MONTHS))
    return date, year, month


def _country(
    text: pd.Series, row: pd.Series, file: str, column: str, sheet: str, catalog: Catalog, member: pd.Series
) -> pd.Series:
    """ISO3 of a single country, empty for none, several or not known. Refuses unknown names, alone or in a list, as `known_codes`."""
    known = {"": ""}
    for label in text.unique():
        names = [label] if catalog.find(label) else ONE_OF_A_LIST.split(label)
        found = [catalog.find(name) for name in names]
        if label and all(found):
            single = found[0] if len(found) == 1 else ""
            known[label] = "" if single in (UNKNOWN, OTHER) else single
    return reading.known_codes(text, row, known, file, column, sheet, carries=member)


def _quality(text: pd.Series, row: pd.Series, file: str, column: str, sheet: str) -> pd.Series:
    """1 (one media source) to 5 (official, or several humanitarian actors); of a list the lowest; NaN where empty."""
    wrong = ~text.str.fullmatch(r"([1-5](,[1-5])*)?")
    reading.refuse_cells(text[wrong], row, file, column, "a digit from 1 to 5, or several with commas", sheet)
    return pd.to_numeric(text.map(lambda listed: min(listed.split(","))), errors="coerce").astype(float)


def _out_of_scope(rows: pd.DataFrame, name: str, yearly: set[int], stale: set[int], catalog: Catalog) -> pd.Series:
    """Why each row is not imported; empty where it is."""
    members = [*catalog.members, reading.UNREAD]  # whose row is rejected
    here = rows["iso3"].isin(members) | rows["origin_iso3"].isin(members) | _near(rows["region"])
    here |= rows["kind"] == reading.UNREAD
    asked = {
        FROM_YEARLY: (name == ALL) & rows["year"].isin(yearly - stale),
        FROM_WHOLE: pd.Series(name != ALL and int(name) in stale, index=rows.index),
        BEFORE: rows["year"] < frames.FIRST_YEAR,
        ELSEWHERE: ~here,
    }
    return frames.first_reason(asked, rows.index)


def _near(regions: pd.Series) -> pd.Series:
    """Whether an incident lies in a region that is imported whole."""
    return regions.str.split(ONE_OF_A_LIST).map(lambda parts: any(part in REGIONS for part in parts)).astype(bool)


def _faults(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """For each row in scope the column at fault (ours), what stands there and why; column and reason empty if none."""
    parts = rows["dead"].fillna(0) + rows["missing"].fillna(0)
    globe = (rows["lat"].abs() <= 90) & (rows["lon"].abs() <= 180)
    dated = rows["date"].str[:4]
    file_year = rows["year"].astype(str) if name == ALL else pd.Series(name, index=rows.index)
    empty = rows["coordinates"].str.strip() == ""
    asked = [
        ("kind", rows["kind"] == reading.UNREAD, reading.UNKNOWN_LABEL),
        ("place", rows["iso3"] == reading.UNREAD, reading.UNKNOWN_LABEL),
        ("origin", rows["origin_iso3"] == reading.UNREAD, reading.UNKNOWN_LABEL),
        ("main_id", rows["main_id"] == "", "an incident without its id"),
        ("main_id", rows["again"], "the same record twice: every field is equal to an earlier row"),
        ("missing", rows["missing"] < 0, "fewer than no people missing"),
        (
            "dead_and_missing",
            rows["dead_and_missing"].isna() | (parts != rows["dead_and_missing"]),
            "dead and missing do not add up to the total",
        ),
        ("dead_and_missing", rows["dead_and_missing"] == 0, "nobody dead or missing: no incident of this data set"),
        ("date", (dated != "") & (dated != file_year), "the date lies in another year than the row or the file"),
        ("coordinates", ~empty & rows["lat"].isna(), "not a latitude and a longitude"),
        (
            "coordinates",
            ~empty & rows["lat"].notna() & ~globe,
            "outside the globe; latitude and longitude may stand the wrong way round",
        ),
    ]
    tests = [test for _, test, _ in asked]
    faults = pd.DataFrame(
        {
            "column": np.select(tests, [column for column, _, _ in asked], default=""),
            "reason": np.select(tests, [reason for _, _, reason in asked], default=""),
        },
        index=rows.index,
    )
    faults["found"] = [str(rows.at[i, column]) if column else "" for i, column in faults["column"].items()]
    return faults


def _rejected(rows: pd.DataFrame, faults: pd.DataFrame, raw: Raw, name: str) -> pd.DataFrame:
    heading = HEADINGS if name == ALL else FIELDS
    bad = faults[faults["reason"] != ""]
    return pd.DataFrame(
        {
            "file": raw.files[name],
            "sheet": raw.sheets.get(name, ""),
            "row": rows.loc[bad.index, "_row"].astype(str),
            "column": bad["column"].map(heading),
            "found": bad["found"].astype("str").str.removesuffix(".0"),
            "reason": bad["reason"],
            "how_to_fix": ("Ask IOM (missingmigrants.iom.int) to look at " + rows.loc[bad.index, "main_id"] + ".").mask(
                bad["reason"] == reading.UNKNOWN_LABEL, reading.ADD_LABEL
            ),
        }
    ).astype(str)


def _unfinished(fresh: dict[str, dict[int, str]], from_yearly: set[int], newest: str) -> dict[int, str]:
    """The years that the table they are taken from does not cover to their end, with its newest day of each."""
    taken = {year: fresh[str(year)].get(year, "") for year in from_yearly}
    stops = max(fresh[ALL].values())
    taken.setdefault(int(stops[:4]), stops)
    return {year: day for year, day in taken.items() if day and (day[5:] < YEAR_ENDS or day[:4] == newest[:4])}


def _figures(incidents: pd.DataFrame, catalog: Catalog, unfinished_years: dict[int, str]) -> pd.DataFrame:
    """People and incident rows by year: of each member as country of incident, and by origin with a member at one end.

    `unfinished_years`: year → newest day of the table that it is taken from; their sums are provisional and end on it.
    """
    members = list(catalog.members)
    placed = incidents[incidents["iso3"] != ""]
    # Of other countries only the rows with a member's citizens were kept, so their totals would be wrong.
    at_member = placed[placed["iso3"].isin(members)].assign(partner_iso3="", provider_label=lambda f: f["place"])
    one_end = placed["iso3"].isin(members) | placed["origin_iso3"].isin(members)
    corridor = placed[(placed["origin_iso3"] != "") & one_end].assign(
        partner_iso3=lambda f: f["origin_iso3"], provider_label=lambda f: f["origin"] + " > " + f["place"]
    )
    summed = (
        pd.concat([at_member, corridor])
        .groupby(["iso3", "partner_iso3", "year"], as_index=False)
        .agg(
            people=("dead_and_missing", "sum"),
            rows=("incident_id", "size"),
            provider_label=("provider_label", "first"),
        )
    )
    start, end = frames.year_period(summed["year"], stock=False)
    unfinished = summed["year"].isin(unfinished_years)
    plural = np.where(summed["rows"] == 1, "", "s")
    summed = summed.assign(
        period_start=start,
        period_end=end.where(~unfinished, summed["year"].map(unfinished_years)),
        status=np.where(unfinished, "provisional", "reported"),
        source_ref="sum of " + summed["rows"].astype(str) + " incident row" + plural,
    )
    people = summed.assign(indicator_id="deaths_and_disappearances", value=summed["people"])
    counted = summed.assign(indicator_id="fatal_incidents", value=summed["rows"])
    return frames.finished(pd.concat([people, counted]).drop(columns=["people", "rows", "year"]), SOURCE)


def _notes(raw: Raw, fresh: dict[str, dict[int, str]], stale: set[int], newest: str) -> tuple[str, ...]:
    yearly = [raw.files[name] for name in raw.tables if name != ALL and int(name) not in stale]
    passed = [
        f"{year} is taken from {raw.files[ALL]} (newest day {fresh[ALL][year]}), not from {raw.files[str(year)]} "
        f"(newest day {fresh[str(year)].get(year, 'none')})."
        for year in sorted(stale)
    ]
    return (
        f"Rows of {raw.files[ALL]}" + (f"; the years of {', '.join(yearly)} from those files." if yearly else "."),
        *passed,
        "Yearly figures are sums of incident rows made here; a cumulative row stands for many events at one date.",
        f"The newest incident is of {newest}: the sums of {newest[:4]} are provisional.",
    )
