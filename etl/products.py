"""What a publisher's file is, by the names of its columns: publishers give several products, and people send any of them."""

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


def _listed(by: str) -> dict[str, Product]:
    """Products by what tells them: the columns of a table, or a field that the answers of one publisher have."""
    with Path(__file__).with_suffix(".csv").open(encoding="utf-8", newline="") as handle:
        rows = [row for row in csv.DictReader(handle) if row["by"] == by]
    columns = {row["named"]: frozenset(map(folded, row["named"].split("|"))) for row in rows}
    return {row["named"]: Product(columns[row["named"]], row["product"], row["source"]) for row in rows}


PRODUCTS, JSON = tuple(_listed("columns").values()), _listed("json")
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
