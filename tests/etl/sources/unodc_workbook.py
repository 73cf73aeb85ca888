"""Workbooks as UNODC hands them out: two lines above the header, places first, then what is counted."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import openpyxl

HEAD = "Iso3_code,Country,Region,Subregion,Indicator,Dimension,Category,Sex,Age,Year,Unit of measurement".split(",")
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


def with_false_dimension(path: Path) -> None:
    """Says in the workbook that its sheet has one cell, as some publishers' tools do."""
    rewritten = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(rewritten, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                part, changed = re.subn(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', part)
                assert changed == 1
            new.writestr(name, part)
    path.write_bytes(rewritten.getvalue())
