"""Workbooks as UNODC hands them out: two lines above the header, places first, then what is counted."""

from __future__ import annotations

from pathlib import Path

import openpyxl

HEAD = [
    "Iso3_code",
    "Country",
    "Region",
    "Subregion",
    "Indicator",
    "Dimension",
    "Category",
    "Sex",
    "Age",
    "Year",
    "Unit of measurement",
]
ASIA = ["Asia", "South-eastern Asia"]


def write(path: Path, rows: list[list], header: list[str], banner=(["UNODC"], ["14/04/2025"]), sheet: str = "Sheet") -> Path:
    """The workbook at `path`, its folder made where there is none."""
    book = openpyxl.Workbook()
    book.active.title = sheet
    for line in [*banner, header, *rows]:
        book.active.append([None if cell == "" else cell for cell in line])
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return path
