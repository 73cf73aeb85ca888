"""What sources share of the World Bank: its country codes, its groups of countries, the answers of its interface."""

from pathlib import Path

import pandas as pd

from corridors.catalog import OTHER, STATELESS, UNKNOWN, WORLD, Catalog
from corridors.problems import SourceRefused
from etl import reading

# Codes of its own, or from before a country changed its name. The Netherlands Antilles (ANT) have no one heir.
CODES = {"ADO": "AND", "ANT": "", "KSV": "XKX", "ROM": "ROU", "TMP": "TLS", "WBG": "PSE", "ZAR": "COD"}
GROUPS = frozenset(
    """AFE AFW ARB CEB CHI CSS EAP EAR EAS ECA ECS EMU EUU FCS HIC HPC IBD IBT IDA IDB IDX INX LAC LCN LDC LIC LMC LMY
    LTE MEA MIC MNA NAC OED OSS PRE PSS PST SAS SSA SSF SST TEA TEC TLA TMN TSA TSS UMC WLD""".split()
)
NO_COUNTRIES = (UNKNOWN, STATELESS, OTHER, WORLD)
HEAD = ("page", "pages", "total")


def places(codes: pd.Series, rows: pd.Series, catalog: Catalog, file: str, column: str, sheet: str = "") -> pd.Series:
    """Each code's ISO3 key, empty for a group of countries. Refuses unknown codes as `reading.known_codes` does."""
    known = {iso3: iso3 for iso3 in catalog.countries if iso3 not in NO_COUNTRIES}
    known |= {code: "" for code in GROUPS} | CODES
    where = "corridors/catalog/countries.csv; a group of countries goes to GROUPS in etl/world_bank.py"
    return reading.known_codes(codes, rows, known, file, column, sheet, where, reading.of_a_member(codes, catalog))


def read_answer(path: Path, code: str, source_id: str) -> tuple[pd.DataFrame, str]:
    """The rows of an answer about the series `code` (place, series, year, text, row), and the day of its last update.

    Refuses an error message, an answer without rows or numbers, one page of several, lost rows, and another series.
    """
    answer = reading.read_json(path, source_id, "an answer of the World Bank's interface")
    again = reading.again(source_id)
    head = answer[0] if isinstance(answer, list) and answer and isinstance(answer[0], dict) else {}
    if not all(field in head for field in HEAD):
        said = f"“{str(head['message'])[:200]}”" if "message" in head else "JSON of another shape"
        raise SourceRefused.of(path.name, said, "a list of page, pages and total, and then of rows", again)
    rows = answer[1] if len(answer) > 1 and isinstance(answer[1], list) else []
    if not rows or str(head["pages"]) != "1" or len(rows) != int(head["total"]):
        found = f"{len(rows):,} of {head['total']} rows, page {head['page']} of {head['pages']}"
        raise SourceRefused.of(path.name, found, "all rows on one page", f"Ask with a larger per_page. {again}")
    table = _table(rows, path.name, code, again)
    if table.empty:
        found = f"{len(rows):,} rows without a number"
        raise SourceRefused.of(path.name, found, "numbers", again, column="value")
    return table, str(head.get("lastupdated") or "")


def _table(rows: list, file: str, code: str, again: str) -> pd.DataFrame:
    found = []
    for number, row in enumerate(rows, 1):
        try:
            place, name = row["country"]["id"], row["country"]["value"]
            # series outside the development indicators leave the ISO3 field empty and put the code into the id
            key = row["countryiso3code"] or (place if len(place) == 3 else name)
            text = "" if row["value"] is None else str(row["value"])
            found.append((key, row["date"], text, row["indicator"]["id"], number))
        except (KeyError, TypeError):
            fields = "the fields country, countryiso3code, date, value and indicator"
            raise SourceRefused.of(file, "a row of another shape", fields, again, row=number) from None
    table = pd.DataFrame(found, columns=["place", "year", "text", "series", "row"])
    other = table[table["series"] != code]
    if len(other):
        raise SourceRefused.of(
            file,
            f"the series {other['series'].iloc[0]}",
            f"the series {code}",
            again,
            column="indicator",
            row=int(other["row"].iloc[0]),
        )
    return table[table["text"] != ""].astype({"place": "str", "year": "str", "text": "str"}).reset_index(drop=True)


def answered_places(table: pd.DataFrame, catalog: Catalog, file: str) -> pd.Series:
    """As `places` for the rows of an answer, where a name may stand for a code, as it does for groups of countries."""
    named = ~table["place"].str.fullmatch(r"[A-Z0-9]{2,4}")  # a code that lost a letter is no name of a group
    codes = table["place"].mask(named, table["place"].map(lambda name: catalog.find(name) or "INX"))
    return places(codes, table["row"], catalog, file, "countryiso3code")
