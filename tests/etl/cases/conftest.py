"""What the tests of case data share: small files of invented records, and a data folder of their own."""

import csv
from pathlib import Path

import pytest

from etl.cases import format

GOOD = {
    "report_state": "THA",
    "detected_year": "2024",
    "detected_month": "3",
    "citizenship": "MMR",
    "exploitation_country": "KHM",
    "interception_country": "THA",
    "crime": "trafficking",
    "form": "forced_criminality",
    "sex": "male",
    "age_band": "18-29",
    "recruitment": "social_media",
    "control": "confinement",
    "network": "organised",
    "evidence": "digital",
    "justice_status": "investigation",
    "weight": "1",
}


@pytest.fixture
def data(tmp_path, monkeypatch) -> Path:
    """An empty data folder."""
    monkeypatch.delenv("CORRIDORS_SALT_FILE", raising=False)
    return tmp_path / "data"


@pytest.fixture
def case_file(tmp_path):
    """A function that writes a CSV of records, each GOOD but for what is given, and returns its path."""

    def write(*records: dict, name: str = "cases.csv", columns=format.COLUMNS) -> Path:
        path = tmp_path / name
        with path.open("w", encoding="utf-8", newline="") as handle:
            rows = csv.DictWriter(handle, columns, extrasaction="ignore")
            rows.writeheader()
            rows.writerows({"record_id": f"T-{n}", **GOOD, **record} for n, record in enumerate(records, 1))
        return path

    return write
