"""Invented case records in a private database of a test's own: nobody of flesh and blood is behind any of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from corridors import catalog
from corridors.store import editions, writing
from corridors.store.cases import database
from etl import protection

DATED = date(2026, 11, 21)
DATASET = "register.trafficking"

VALUES = {
    "form": ["forced_labour", "sexual_exploitation", "other"],
    "sex": ["female", "male"],
    "age_band": ["0-17", "18-29", "30-47"],
    "recruitment": ["broker", "agency", "family"],
}
SHARES = {"form": [0.6, 0.3, 0.1], "sex": [0.7, 0.3], "age_band": [0.25, 0.6, 0.15], "recruitment": [0.5, 0.4, 0.1]}


def invented(size: int, seed: int) -> pd.DataFrame:
    """`size` records with dimensions as in VALUES, everything else the same for all; keys as the salt would give them."""
    draw = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            **{name: draw.choice(values, size, p=SHARES[name]) for name, values in VALUES.items()},
            "record_key": draw.integers(0, 256, size),
            "detected_year": 2020,
            "citizenship": "MMR",
            "exploitation_country": "THA",
            "crime": "trafficking",
            "weight": 1,
        }
    )


def accept(data: Path, records: pd.DataFrame, batch: str = "b1", dataset: str = "register") -> None:
    """Puts records into the private database below `data` as one accepted batch."""
    whole = {
        "batch_id": batch,
        "detected_month": None,
        "report_state": "THA",
        "interception_country": None,
        "control": "unknown",
        "network": "unknown",
        "evidence": "unknown",
        "justice_status": "unknown",
    } | {c: records[c].to_numpy() for c in records}
    frame = pd.DataFrame(whole, index=range(len(records)))
    frame["record_hash"] = [abs(hash((batch, n))) for n in range(len(frame))]
    with database.writer(data) as connection:
        connection.execute(
            "insert into batch values (?, ?, 'Register of an invented office', 'An invented office', date '2026-10-01', ?, ?, ?, "
            "0, null, null, null)",
            [batch, dataset, f"sum of {batch}", len(frame), len(frame)],
        )
        connection.register("incoming", frame)
        connection.execute("insert into case_record by name select * from incoming")


def withdraw(data: Path, batch: str) -> None:
    """Marks a batch as withdrawn."""
    with database.writer(data) as connection:
        connection.execute("update batch set withdrawn = now()::timestamp where batch_id = ?", [batch])


@pytest.fixture(scope="module")
def seed_file(tmp_path_factory) -> Path:
    """A seed that the tests of a module share."""
    path = tmp_path_factory.mktemp("secret") / "seed"
    path.write_text("0123456789abcdef" * 4, encoding="ascii")
    path.chmod(0o600)
    return path


@pytest.fixture
def bare(tmp_path) -> Path:
    """A data folder of a test's own in which nothing lies yet, not even a seed."""
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


@pytest.fixture
def data(bare, seed_file, monkeypatch) -> Path:
    """A data folder whose seed is the one that these tests share: a table of noise takes half a second to make."""
    monkeypatch.setenv("CORRIDORS_SEED_FILE", str(seed_file))
    return bare


@pytest.fixture
def where(tmp_path, monkeypatch) -> Path:
    """A folder of editions of the test's own, where readers look too."""
    monkeypatch.setenv("CORRIDORS_EDITIONS", str(tmp_path / "editions"))
    return tmp_path / "editions"


def publish(data: Path, number: int) -> str:
    """An edition with the protected tables of `data` and nothing else."""
    edition_id = f"2026-11-21-0000000{number}"
    with editions.draft() as work:
        for name, frame in protection.tables(data, catalog.load()).items():
            writing.insert(work, name, frame)
        editions.publish(work, edition_id)
    return edition_id
