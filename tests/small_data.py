"""A few hundred of the imported rows, balanced like the whole: built in half a second, and a test may spoil them."""

from __future__ import annotations

import csv
import shutil
import tomllib
from datetime import date
from functools import cache
from pathlib import Path

import tomli_w

from corridors import paths
from etl.build import build
from etl.pipeline import DATA

KEPT = ("incidents", "visas", "pairs", "figures")  # the first of these that a source has is what its cells became
NOT_CARRIED = ("editions", "originals", "private", "geo")
THINNED = ("figures.csv", "rejected.csv", "incidents.csv")
PLACES = {"THA", "MYS", "BGD", "MMR"}
ROUTE = "R02"  # over land: drawn at once, where a way over water takes a second


def rows_of(path: Path) -> list[dict]:
    """The rows of an imported table as text."""
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def write_rows(path: Path, rows: list[dict], columns: list[str]) -> None:
    """Writes rows as an imported table."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


LEFT_OUT = ("conflicts.toml", "overrides.toml")  # they name routes and figures that are not among the few


def made(folder: Path) -> Path:
    """`folder` filled with a small set of imported tables, their cards and an empty list of corrections."""
    for part in sorted(p for p in DATA.iterdir() if p.is_dir() and p.name not in NOT_CARRIED):
        shutil.copytree(part, folder / part.name, ignore=shutil.ignore_patterns(*LEFT_OUT))
    for path in sorted([*(DATA / paths.SOURCES).glob("*/*.csv"), *(DATA / paths.ROUTES).glob("*.csv")]):
        if path.name not in LEFT_OUT and (path.name in THINNED or path.parent.name == "routes"):
            write_rows(folder / path.relative_to(DATA), *_thinned(path))
    for card in sorted((folder / paths.SOURCES).glob(f"*/{paths.CARD}")):
        balance(folder, card.parent.name)
    (folder / "editorial" / "corrections.toml").write_text("# none\n", encoding="utf-8")
    return folder


@cache
def _thinned(path: Path) -> tuple[list[dict], list[str]]:
    """The wanted rows of an imported table and its columns."""
    with path.open(encoding="utf-8", newline="") as handle:
        reader = csv.DictReader(handle)
        rows = [row for row in reader if _wanted("routes" if path.parent.name == "routes" else path.stem, row)]
    if path.name == "families.csv":  # a family keeps those of its routes that are here
        rows = [row | {"routes": ROUTE} for row in rows if ROUTE in row["routes"].split("|")]
    return rows, list(reader.fieldnames)


def _wanted(part: str, row: dict) -> bool:
    if part == "figures":
        other = not row["partner_iso3"] or row["partner_iso3"] in PLACES
        return row["iso3"] in PLACES and other and row["period_end"] >= "2013"
    if part == "incidents":
        return row["iso3"] in PLACES or row["region"] == "South-eastern Asia"
    if part == "routes":
        return row.get("route_id", ROUTE) == ROUTE
    return " 2019, Persons convicted" in row["found"]


def balance(folder: Path, source: str, read: int | None = None) -> None:
    """Rewrites a source's card so that cells read = kept + rejected (or says `read` instead)."""
    path = paths.source_card(folder, source)
    card = tomllib.loads(path.read_text(encoding="utf-8"))
    rows = {p.stem: len(rows_of(p)) for p in path.parent.glob("*.csv")}
    kept = next(rows[table] for table in KEPT if table in rows)
    rejected = rows.get("rejected", 0)
    card |= {
        "cells_read": kept + rejected if read is None else read,
        "kept": kept,
        "rejected": rejected,
        "out_of_scope": {},
    }
    card.pop("tables", None)  # checksums of the whole tables, not of these few rows
    path.write_text(tomli_w.dumps(card), encoding="utf-8")


def row_of(rows: list[dict], where: dict) -> dict:
    """The one of the rows that has the values `where`."""
    (hit,) = (row for row in rows if all(row[k] == v for k, v in where.items()))
    return hit


def spoil(folder: Path, source: str, where: dict, **change: str) -> dict:
    """Changes the one imported figure that has the values `where`; returns the row as it was."""
    path = folder / "sources" / source / "figures.csv"
    rows = rows_of(path)
    hit = row_of(rows, where)
    before = dict(hit)
    hit.update(change)
    write_rows(path, rows, list(rows[0]))
    return before


THAILAND_2019 = {
    "iso3": "THA",
    "partner_iso3": "",
    "indicator_id": "detected_victims",
    "period_end": "2019-12-31",
    "sex": "total",
    "age": "total",
    "form": "total",
}
VICTIMS_2018 = THAILAND_2019 | {"period_end": "2018-12-31"}
CONVICTED_2019 = THAILAND_2019 | {"indicator_id": "persons_convicted"}


DAY, NEXT_DAY = date(2026, 1, 1), date(2026, 2, 1)


def with_edition(folder: Path) -> None:
    """Fills `folder` with the small data (`data`) and the edition that is built of them on DAY (`editions`)."""
    build(made(folder / "data"), folder / "editions", DAY)


def with_two_editions(folder: Path) -> None:
    """Fills `folder` with two editions (`editions`): in the second a total is revised, another withdrawn, a third is new."""
    path = made(folder / "data") / "sources" / "unodc_glotip" / "figures.csv"
    rows = rows_of(path)
    held_back = row_of(rows, VICTIMS_2018)
    write_rows(path, [r for r in rows if r is not held_back], list(rows[0]))
    balance(folder / "data", "unodc_glotip")
    build(folder / "data", folder / "editions", DAY)
    spoil(folder / "data", "unodc_glotip", THAILAND_2019, value="1600")
    rows = rows_of(path)
    withdrawn = row_of(rows, CONVICTED_2019)
    write_rows(path, [*(r for r in rows if r is not withdrawn), held_back], list(rows[0]))
    balance(folder / "data", "unodc_glotip")
    build(folder / "data", folder / "editions", NEXT_DAY)
