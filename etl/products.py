"""What a publisher's file is, by the names of its columns: publishers give several products, and people send any of them."""

from __future__ import annotations

import csv
import re
import zipfile
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
    _product("yearOfRegistration|Datasource|ageBroad|citizenship", "CTDC's k-anonymised data set", "ctdc"),
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
    _product("Passport|Destination|Requirement", "the Passport Index", "passport_index"),
)


def _of(columns: Iterable[str]) -> Product | None:
    held = {folded(name) for name in columns}
    return next((product for product in PRODUCTS if product.columns <= held), None)


def of_lines(lines: Iterable[Iterable[str]]) -> Product | None:
    """The product of which one of the first lines of a file names the columns."""
    return next((found for line in lines if (found := _of(line))), None)


def named(path: Path) -> str:
    """What a CSV is by one of its first lines; empty where nobody knows, and for any other file."""
    if zipfile.is_zipfile(path):
        return ""
    with path.open(encoding="utf-8", errors="replace", newline="") as handle:
        lines = [handle.readline(20_000) for _ in range(6)]
    found = of_lines(row for line in lines for row in csv.reader([line]))
    return found.name if found else ""
