"""What a publisher's file is, by the names of its columns: publishers give several products, and people send any of them."""

from __future__ import annotations

import csv
import re
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple


class Product(NamedTuple):
    """A product: columns that it has, what it is, and the source whose reader takes it (empty: none)."""

    columns: frozenset[str]  # folded: lower case, letters and digits alone
    name: str
    source: str = ""


def folded(name: str) -> str:
    """A column's name in lower case, letters and digits alone."""
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def _product(columns: str, name: str, source: str = "") -> Product:
    return Product(frozenset(map(folded, columns.split("|"))), name, source)


PRODUCTS = (
    _product("gender|ageBroad|citizenship|traffickMonths", "CTDC's synthetic data set, not the k-anonymised one"),
    _product("yearOfRegistration|ageBroad|citizenship|isForcedLabour", "CTDC's k-anonymised data set", "ctdc"),
    _product(
        "Iso3_code|Indicator|Dimension|Category|txtVALUE", "UNODC's table on trafficking in persons (GLOTIP)", "unodc_glotip"
    ),
    _product("Iso3_code|Indicator|Dimension|Category|VALUE", "UNODC's table of crime statistics (CTS)", "unodc_cts"),
    _product("coo_iso|coa_iso|year", "UNHCR's table by country of origin and of asylum", "unhcr"),
    _product(
        "Year|Country of origin ISO|Country of asylum ISO", "UNHCR's download from the Refugee Data Finder's pages", "unhcr"
    ),
    _product("Main ID|Incident ID|Number of Dead", "IOM's list of incidents (Missing Migrants)", "iom_missing_migrants"),
    _product(
        "Country Name|Country Code|Indicator Name|Indicator Code", "a table of the World Bank (API_…csv)", "world_bank"
    ),
    _product("Country Name|Country Code|Series Name|Series Code", "a table of the World Bank's DataBank", "world_bank"),
    _product("Passport|Destination|Requirement", "the Passport Index", "passport_index"),
    _product("codeindyr|indicator|estimate|stddev", "the Worldwide Governance Indicators", "wgi"),
    _product("country_cy|year_cy|sb_exist_cy", "UCDP's table of organised violence", "ucdp"),
    _product("country|year|sb_exist|main_govt_name", "UCDP's table of organised violence", "ucdp"),
    _product("iso_o|iso_d|contig|dist", "CEPII's distances", "cepii"),
    _product("geo|time", "a series of Gapminder's", "ilo_undp_gapminder"),
)
JSON = {  # a field that the answers of one publisher have
    "web_id": Product(frozenset(), "IOM's yearly list of incidents (Missing Migrants)", "iom_missing_migrants"),
    "countryiso3code": Product(frozenset(), "an answer of the World Bank's interface", "world_bank"),
    "coo_iso": Product(frozenset(), "an answer of UNHCR's interface", "unhcr"),
    "names": Product(frozenset(), "squares of origins and destinations (UN DESA, or Abel and Cohen)", "un_desa"),
}


INFORM = Product(frozenset(), "INFORM's risk index", "inform")
CEPII = Product(frozenset(), "CEPII's distances", "cepii")
LOOKED_INTO = 8 * 1024 * 1024  # bytes of an archive whose list of files is read; both of these have 2 MB


def _of(columns: Iterable[str]) -> Product | None:
    held = {folded(name) for name in columns}
    return next((product for product in PRODUCTS if product.columns <= held), None)


def of_lines(lines: Iterable[Iterable[str]]) -> Product | None:
    """The product of which one of the first lines of a file names the columns."""
    return next((found for line in lines if (found := _of(line))), None)


def of_json(path: Path) -> Product | None:
    """The product that a JSON file is, by a field in its first letters; None for any other, and for what is no JSON."""
    with path.open("rb") as handle:
        head = handle.read(20_000)
    if head.lstrip()[:1] not in (b"[", b"{"):
        return None
    return next((product for field, product in JSON.items() if f'"{field}"'.encode() in head), None)


def of_archive(path: Path) -> Product | None:
    """The product that an archive is which the guard of members' files refuses: by the names in it, never by its content alone."""
    if path.stat().st_size > LOOKED_INTO or not zipfile.is_zipfile(path):
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if any(re.match(r"(dist|geo)_cepii\.", Path(name).name) for name in names):
                return CEPII
            if "xl/workbook.xml" in names and b'name="INFORM Risk' in archive.open("xl/workbook.xml").read(100_000):
                return INFORM
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, EOFError, zlib.error):
        return None
    return None


def named(path: Path) -> str:
    """What a CSV is by one of its first lines; empty where nobody knows, and for any other file."""
    if zipfile.is_zipfile(path):
        return ""
    with path.open(encoding="utf-8", errors="replace", newline="") as handle:
        lines = [handle.readline(20_000) for _ in range(6)]
    found = of_lines(row for line in lines for row in csv.reader([line]))
    return found.name if found else ""
