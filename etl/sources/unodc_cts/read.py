"""Reads UNODC's workbook on corruption and economic crime (UN-CTS): one row of the sheet is one cell.

Only offences of smuggling of migrants, as counts, are imported. The same column holds rates per 100,000, which are not:
a rate of an offence that each State defines in its own way invites the ranking that the figures cannot bear.
A code with a suffix (`GBR_S`, `IRQ_C`) is a part of a country and never stands for the whole.
"""

from pathlib import Path

import pandas as pd
from rapidfuzz import fuzz

from corridors.catalog import Catalog
from corridors.problems import SourceRefused
from etl import frames, reading, unodc
from etl.frames import Extract, Raw

ID = "unodc_cts"
TABLE = "data_cts"
INDICATOR = "smuggling_offences"
CATEGORY, COUNTS, RATE = "Smuggling of migrants", "Counts", "Rate per 100,000 population"
PART = r"[A-Z]{3}_[A-Z_]+"
COLUMNS = [*unodc.COLUMNS, "VALUE", "Source"]
KEY = ["Iso3_code", "Year"]
LIKE = 80  # of 100, from which a category is taken for the imported one, written wrongly

OLD = f"before {frames.FIRST_YEAR}"
OTHER_CATEGORY = "another category of offence than smuggling of migrants"
OTHER_UNIT = "a rate per 100,000 population: counts are imported"
PART_OF_COUNTRY = "a part of a country"
NO_MEMBER = "the reporting country is not a member"
NO_VALUE = "The cell is empty: it may be none, few or many"
REPEATED = "The same country and year stand more than once, and nothing says which count is the total"
ASK_UNODC = "Ask UNODC for a corrected release; nothing can be done here."


def read(folder: Path) -> Raw:
    """The rows of the newest `data_cts_corruption_and_economic_crime*.xlsx` as text, and the two lines above them.

    Raises SourceRefused when the file is missing, is no workbook, is cut off, or lacks a column.
    """
    return unodc.read(folder, "data_cts_corruption_and_economic_crime*.xlsx", ID, TABLE, COLUMNS)


def to_figures(raw: Raw, catalog: Catalog, latest: int) -> Extract:
    """Counts of smuggling offences of members, and an account of every other row.

    Raises SourceRefused with unknown labels (see `reading.unknown_labels`), every impossible year, or count that is no whole number.
    """
    rows = raw.tables[TABLE].copy()
    file, sheet = raw.files[TABLE], raw.sheets[TABLE]
    unknown = _unknown(rows, catalog, file, sheet)
    rows["year"] = reading.years(rows["Year"], rows["_row"], file, "Year", latest, sheet)
    fated = out, bad = _fates(rows, unknown != "", catalog)
    kept, those, reason = rows[(out == "") & (bad == "")], rows[bad != ""], bad[bad != ""]
    value = reading.whole_numbers(kept["VALUE"], kept["_row"], file, "VALUE", sheet)
    label = kept["Category"] + " (" + kept["Source"] + ")"  # which survey or ministry answered
    figures = unodc.figures(kept, value, indicator_id=INDICATOR, provider_label=label)
    found = those["Iso3_code"] + " " + those["Year"] + ", " + those["Category"] + ": " + those["VALUE"]
    column, ask = unknown[those.index].replace("", "VALUE"), reading.how_to_fix(reason, ASK_UNODC)
    return unodc.extract(ID, raw, fated, figures, frames.rejected(those, file, sheet, column, found, reason, ask))


def _unknown(rows: pd.DataFrame, catalog: Catalog, file: str, sheet: str) -> pd.Series:
    """The column in which a row of the imported category has a label that the reader does not know; empty for the others.

    Refuses such labels as `reading.unknown_labels` does, and a workbook without the category at all: the publisher renamed it, or
    it is another workbook.
    """
    those = rows["Category"] == CATEGORY
    like = rows["Category"].map({label: fuzz.ratio(label, CATEGORY) >= LIKE for label in rows["Category"].unique()})
    tell = f"Tell the reader of this source what the label means: etl/sources/{ID}/read.py."
    if not those.any():
        raise SourceRefused.of(file, "no row of it", f"the category “{CATEGORY}”", tell, sheet=sheet, column="Category")
    country = rows["Iso3_code"].isin(list(catalog.countries)) | rows["Iso3_code"].str.fullmatch(PART)
    unit = rows["Unit of measurement"].isin([COUNTS, RATE])
    questions = [
        ("Category", like & ~those, f"“{CATEGORY}”", tell),
        ("Iso3_code", those & ~country, "a country of the catalog", "Add it to corridors/catalog/countries.csv."),
        ("Unit of measurement", those & ~unit, f"“{COUNTS}” or “{RATE}”", tell),
        ("Sex", those & (rows["Sex"] != "Total"), "“Total”", tell),
        ("Age", those & (rows["Age"] != "Total"), "“Total”", tell),
    ]
    return reading.unknown_labels(rows, questions, reading.of_a_member(rows["Iso3_code"], catalog), file, sheet)


def _fates(rows: pd.DataFrame, unknown: pd.Series, catalog: Catalog) -> unodc.Fates:
    imported = (rows["Category"] == CATEGORY) & (rows["Unit of measurement"] == COUNTS)
    repeated = rows[imported].duplicated(KEY, keep=False).reindex(rows.index, fill_value=False)
    asked = (
        (False, OLD, rows["year"] < frames.FIRST_YEAR),
        (True, reading.UNKNOWN_LABEL, unknown),
        (False, OTHER_CATEGORY, rows["Category"] != CATEGORY),
        (False, OTHER_UNIT, rows["Unit of measurement"] == RATE),
        (False, PART_OF_COUNTRY, rows["Iso3_code"].str.fullmatch(PART)),
        (False, NO_MEMBER, ~rows["Iso3_code"].isin(list(catalog.members))),
        (True, REPEATED, repeated),
        (True, NO_VALUE, rows["VALUE"] == ""),
    )
    return unodc.fates(asked, rows.index)
