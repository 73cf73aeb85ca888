"""A writer's desk for the tests of briefings: a small data folder, and workbooks filled in as a member would."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import openpyxl

from corridors import catalog
from etl.briefings import read, template
from etl.briefings.model import COVER_TITLES, HEADER_ROW, Vocabulary
from etl.pipeline import DATA

COVER = {"tlp": "GREEN", "office": "Division against trafficking", "state": "final"}
YEAR = (date(2025, 1, 1), date(2025, 12, 31))
FIGURE = (
    "iso3,partner_iso3,indicator_id,period_start,period_end,sex,age,form,value,lower,upper,status,source_ref,provider_label\n"
    "THA,,detected_victims,2021-01-01,2021-12-31,total,total,total,250,,,reported,row 1,x\n"
    "THA,,detected_victims,2022-01-01,2022-12-31,total,total,total,295,,,reported,row 2,x\n"
)


def made(folder: Path) -> Path:
    """A data folder with the routes and two international figures."""
    (folder / "sources" / "unodc_glotip").mkdir(parents=True)
    (folder / "editorial" / "routes").mkdir(parents=True)
    shutil.copy(DATA / "editorial" / "routes" / "routes.csv", folder / "editorial" / "routes")
    (folder / "sources" / "unodc_glotip" / "figures.csv").write_text(FIGURE, encoding="utf-8")
    return folder


def words(data: Path) -> Vocabulary:
    """The vocabulary of that folder."""
    return read.vocabulary(catalog.load(), data)


def filled(
    path: Path,
    data: Path,
    figures: Mapping[str, Mapping[str, object]] | None = None,
    rows: list[dict] = (),
    cover: Mapping[str, object] | None = None,
    sheets: Mapping[str, list[dict]] | None = None,
    iso3: str = "THA",
) -> Path:
    """A template filled in: `figures` measure → column title → value, `rows` further figures, `sheets` other sheets' rows."""
    template.write(path, iso3, words(data), data, YEAR)
    book = openpyxl.load_workbook(path)
    page = book["Cover"]
    lines = {row[0].value: row[1] for row in page.iter_rows()}
    for name, value in {**COVER, **(cover or {})}.items():
        lines[COVER_TITLES[name]].value = value
    page = book["Figures"]
    head = {cell.value: cell.column for cell in page[HEADER_ROW]}
    measures = {words(data).catalog.measures[k].name: v for k, v in (figures or {}).items()}
    for row in page.iter_rows(min_row=HEADER_ROW + 1):
        for title, value in measures.get(row[0].value, {}).items():
            page.cell(row[0].row, head[title]).value = value
    empty = next(row[0].row for row in page.iter_rows(min_row=HEADER_ROW + 1) if not row[0].value)
    _write(page, head, rows, empty)
    for name, entries in (sheets or {}).items():
        page = book[name]
        _write(page, {cell.value: cell.column for cell in page[HEADER_ROW]}, entries, HEADER_ROW + 1)
    book.save(path)
    return path


def sent(
    folder: Path,
    data: Path,
    figures: Mapping[str, Mapping[str, object]] | None = None,
    rows: list[dict] = (),
    cover: Mapping[str, object] | None = None,
    sheets: Mapping[str, list[dict]] | None = None,
) -> Path:
    """The same as `filled` as a folder of CSV files with the workbook's titles, as some offices send it; quicker to make."""
    folder.mkdir()
    answers = {"iso3": "Thailand", "period_start": "2025", "period_end": "2025-12-31", **COVER, **(cover or {})}
    lines = [[COVER_TITLES[name], "" if value is None else value] for name, value in answers.items()]
    _csv(folder / "cover.csv", lines)
    catalog = words(data).catalog
    entries = [{"Measure": catalog.measures[key].name, **values} for key, values in (figures or {}).items()]
    for name, wanted in {"Figures": [*entries, *rows], **(sheets or {})}.items():
        head = list(dict.fromkeys(title for entry in wanted for title in entry))
        if head:
            _csv(folder / f"{name.lower()}.csv", [head, *([entry.get(title, "") for title in head] for entry in wanted)])
    return folder


def _csv(path: Path, lines: list[list]) -> None:
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows(lines)


def _write(page, head: Mapping[str, int], rows: list[dict], first: int) -> None:
    for number, entry in enumerate(rows, first):
        for title, value in entry.items():
            page.cell(number, head[title]).value = value


def files(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes; the lock, which holds nothing, left out."""
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name != "lock"
    }
