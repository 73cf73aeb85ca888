"""UN DESA's international migrant stock: people living in one country and coming from another, at mid-year.

Two forms are read into the same tables. `stock.json` holds the edition of 2020 as one square of origins and residences
for each year, and totals beside it. The publisher's workbook has a row for each pair, with years as columns in three
blocks (both sexes, then men, then women). Where both lie in the folder the workbook is read: it is the newer edition.
A cell is one number for a pair and a year, a total included.
"""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from corridors.catalog import OTHER, WORLD, Catalog
from corridors.problems import Problem, SourceRefused
from etl import frames, reading, squares
from etl.frames import Extract, Raw
from etl.squares import COUNTRY, EVERYWHERE, REGION

SOURCE, INDICATOR = "un_desa", "migrant_stock"
MATRIX, WORKBOOK = "stock.json", "undesa_pd_*_ims_stock_by_sex_destination_and_origin*.xlsx"
TELL = f"Tell the reader of this source what it means: etl/sources/{SOURCE}/read.py."

SHEET, HEADER_ROW = "Table 1", 11
NAME, CODE = "Region, development group, country or area of ", "Location code of "
DESTINATION, ORIGIN = "destination", "origin"
COLUMNS = [end + side for side in (DESTINATION, ORIGIN) for end in (NAME, CODE)]
BOTH = "both sexes"
BLOCKS = (BOTH, "male", "female")
NOTHING = ["0", "", "..", "…", "-", "–"]

# Codes of countries in M49 end at 894. Above are the World, regions and development groups, and "Others".
LAST_COUNTRY, ALL, OTHERS, KOSOVO = 894, "900", "2003", "412"
SEVERAL = ["Channel Islands", "Other", "Others"]  # the Channel Islands are Guernsey and Jersey in one

BEFORE = f"before {frames.FIRST_YEAR}"
BY_SEX = "a count of men or of women: both sexes together are imported"
NO_COUNTRY = "a region or a group of countries"
NO_MEMBER = "no member at either end"
ABROAD = "a total over countries of residence: it equals its parts, and is worked out from them"
SAME = "origin is the country of residence: not a corridor"
ZERO = "0 or empty: stands for none and for not reported alike"
REPEATED = "The same origin, residence and year stand more than once, and nothing says which number is meant"
ASK = "Ask UN DESA for a corrected release; nothing can be done here."


def read(folder: Path) -> Raw:
    """The publisher's numbers as text in `stock`, one row each, and in `places` what stands at their ends.

    Refuses when neither file is there, or the one that is read is cut off, of another format, or lacks a part.
    """
    path = reading.find(folder, [WORKBOOK] if any(folder.glob(WORKBOOK)) else [WORKBOOK, MATRIX], SOURCE)
    places, stock, sheet = _from_matrix(path) if path.name == MATRIX else _from_workbook(path)
    return Raw(
        tables={"places": places, "stock": stock},
        files={"places": path.name, "stock": path.name},
        sheets={"places": sheet, "stock": sheet},
        inputs=(frames.input_file(path, folder),),
    )


def _from_matrix(path: Path) -> tuple[pd.DataFrame, pd.DataFrame, str]:
    places, stock = squares.read_square(path, SOURCE)
    return places.assign(code=""), stock.assign(sex=BOTH), ""


def _from_workbook(path: Path) -> tuple[pd.DataFrame, pd.DataFrame, str]:
    frame, sheet, _ = reading.read_sheet_and_banner(path, COLUMNS, SOURCE, HEADER_ROW, SHEET)
    years = _year_columns(frame, path.name, sheet)
    codes = frame[[CODE + DESTINATION, CODE + ORIGIN]]
    frame = frame[(codes != "").any(axis=1) | (frame.iloc[:, years] != "").any(axis=1)].reset_index(drop=True)
    ends = [
        pd.DataFrame(
            {
                "key": frame[CODE + side],
                "label": frame[NAME + side].str.strip(" *\u00a0"),
                "_row": frame["_row"],
                "column": CODE + side,
            }
        )
        for side in (DESTINATION, ORIGIN)
    ]
    places = pd.concat(ends).drop_duplicates("key").reset_index(drop=True)
    _refuse_other_codes(places, path.name, sheet)
    number = places["key"].astype(int)
    places["code"] = number.astype(str).str.zfill(3)
    beyond = (number > LAST_COUNTRY) & ~places["code"].isin([ALL, OTHERS])
    places["kind"] = np.select([places["code"] == ALL, beyond], [EVERYWHERE, REGION], COUNTRY)
    block = len(years) // len(BLOCKS)
    parts = [
        pd.DataFrame(
            {
                "year": frame.columns[at],
                "origin": frame[CODE + ORIGIN],
                "destination": frame[CODE + DESTINATION],
                "value": frame.iloc[:, at],
                "column": f"{frame.columns[at]}, {BLOCKS[n // block]}",
                "ref": "row " + frame["_row"].astype(str),
                "_row": frame["_row"],
                "sex": BLOCKS[n // block],
            }
        )
        for n, at in enumerate(years)
    ]
    return places, pd.concat(parts, ignore_index=True), sheet


def _year_columns(frame: pd.DataFrame, file: str, sheet: str) -> list[int]:
    """The positions of the columns headed by a year. Refuses other than three blocks of the same years."""
    at = [i for i, name in enumerate(frame.columns) if re.fullmatch(r"\d{4}", str(name))]
    found = [str(frame.columns[i]) for i in at]
    if not found or found != found[: len(found) // len(BLOCKS)] * len(BLOCKS):
        raise SourceRefused.of(
            file,
            f"the years {', '.join(found) or 'none'}",
            f"the same years three times: {', '.join(BLOCKS)}",
            TELL,
            sheet=sheet,
            row=HEADER_ROW,
        )
    return at


def _refuse_other_codes(places: pd.DataFrame, file: str, sheet: str) -> None:
    strange = places[~places["key"].str.fullmatch(r"\d{1,5}")]
    expected, how_to_fix = "a number of UN M49", "Mend the cell, or download the file again."
    if len(strange):
        raise SourceRefused(
            [
                Problem(file, f"“{key}” for “{label}”", expected, how_to_fix, sheet, column, int(row))
                for key, label, column, row in zip(*(strange[c] for c in ("key", "label", "column", "_row")))
            ]
        )


def to_figures(raw: Raw, catalog: Catalog, latest: int) -> Extract:
    """Migrant stocks by corridor and in total wherever a member stands at an end, and an account of every other cell.

    Refuses unknown places, years after `latest`, and numbers that are none, negative or broken, all offenders at once.
    """
    stock, file, sheet = raw.tables["stock"], raw.files["stock"], raw.sheets["stock"]
    first = stock.drop_duplicates("year")
    years = dict(zip(first["year"], reading.years(first["year"], first["_row"], file, "year", latest, sheet)))
    ends = _ends(raw.tables["places"], catalog, file, sheet)
    # 0 also where nothing is reported, for the publisher does not tell the two apart
    value = squares.numbers(stock[~stock["value"].isin(NOTHING)], file, sheet)
    rows = squares.between_ends(stock, ends, years, value)
    _refuse_other_order(stock["sex"], rows["value"], file, sheet)
    out = _reasons(rows, stock["sex"], catalog)
    inside = stock[out == ""]
    bad = inside.duplicated(["origin", "destination", "year"], keep=False)
    labels = squares.pair_labels(inside, raw.tables["places"])
    twice, good = inside[bad], inside.index[~bad]
    day = rows.loc[good, "year"].astype(str) + "-07-01"
    # Totals are imported as printed: origins that are not named are in them and in no corridor, so a sum would be too low.
    figures = squares.figures(rows.loc[good], INDICATOR, day, day, stock.loc[good, "ref"], labels[good])
    found = labels[twice.index] + ": " + twice["value"]
    return Extract(
        source_id=SOURCE,
        cells_read=len(stock),
        figures=frames.finished(figures, SOURCE),
        rejected=frames.rejected(twice, file, sheet, twice["column"], found, REPEATED, ASK),
        out_of_scope=frames.counts(out),
        inputs=raw.inputs,
        notes=(
            "Labels are UN DESA's own: origin>residence. With total_inflow or World for an origin it is a total.",
            "References are paths in the file (field/year/origin/residence, counted from 0) or rows of the workbook.",
        ),
    )


def _ends(places: pd.DataFrame, catalog: Catalog, file: str, sheet: str) -> dict[str, str]:
    """Each place's ISO3 key, WORLD for a total, empty for a region. Refuses with every unknown place."""
    by_code = {c.m49: c.iso3 for c in catalog.countries.values() if c.m49} | {OTHERS: OTHER, KOSOVO: "XKX"}
    countries = places[places["kind"] == COUNTRY]
    known = {}
    for code, label in zip(countries["code"], countries["label"]):
        iso3 = by_code.get(code) or (OTHER if label in SEVERAL else catalog.find(label))
        if iso3 and iso3 != WORLD:
            known[label] = iso3
    return squares.ends(places, known, file, sheet)


def _refuse_other_order(sex: pd.Series, value: pd.Series, file: str, sheet: str) -> None:
    """Refuses a workbook whose first block is not the sum of the others: the blocks bear no names of their own."""
    sums = value.groupby(sex).sum()
    both, parts = sums[BOTH], sums.drop(BOTH).sum()
    if len(sums) > 1 and abs(both - parts) > 0.01 * both:
        raise SourceRefused.of(
            file,
            f"{both:,.0f} in the first block of years, {parts:,.0f} in the others",
            "men and women that add up to both sexes",
            TELL,
            sheet=sheet,
            row=HEADER_ROW,
        )


def _reasons(rows: pd.DataFrame, sex: pd.Series, catalog: Catalog) -> pd.Series:
    """Why each cell is out of scope, in the order in which one asks; empty where it is imported."""
    members = list(catalog.members)
    asked = {
        BEFORE: rows["year"] < frames.FIRST_YEAR,
        BY_SEX: sex != BOTH,
        NO_COUNTRY: (rows["iso3"] == "") | (rows["partner_iso3"] == ""),
        ABROAD: rows["iso3"] == WORLD,
        NO_MEMBER: ~(rows["iso3"].isin(members) | rows["partner_iso3"].isin(members)),
        SAME: rows["iso3"] == rows["partner_iso3"],
        ZERO: rows["value"] == 0,
    }
    return frames.first_reason(asked, rows.index)
