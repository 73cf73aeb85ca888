"""Answers as the World Bank's interface writes them, for the tests of two readers."""

from __future__ import annotations

import json
from pathlib import Path


def row(code: str, iso3: str, year: int, value, iso2: str = "", name: str = "") -> dict:
    """One row; without `iso2` as other series than development indicators have it: the ISO3 code as the id."""
    return {
        "indicator": {"id": code, "value": f"title of {code}"},
        "country": {"id": iso2 or iso3, "value": name or iso3},
        "countryiso3code": iso3 if iso2 else "",
        "date": str(year),
        "value": value,
        "unit": "",
        "obs_status": "",
    }


def text(rows: list[dict], **head) -> str:
    """The whole answer; `head` replaces fields of its first part."""
    first = {"page": 1, "pages": 1, "per_page": 20000, "total": len(rows), "sourceid": "2", "lastupdated": "2026-07-15"}
    return json.dumps([{**first, **head}, rows])


def write(folder: Path, code: str, rows: list[dict], **head) -> Path:
    """`<code>.json` in `folder`."""
    path = folder / f"{code}.json"
    path.write_text(text(rows, **head), encoding="utf-8")
    return path
