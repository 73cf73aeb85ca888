"""Invented case records in a private database of a test's own: nobody of flesh and blood is behind any of them."""

from __future__ import annotations

import uuid
from pathlib import Path

import numpy as np
import pandas as pd

from corridors import catalog
from corridors.store import publishing, writing
from corridors.store.cases import batches, database
from etl import protection

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
        "dataset_id": dataset,
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
    frame["record_hash"] = [str(uuid.uuid5(uuid.NAMESPACE_OID, f"{batch} {n}")) for n in range(len(frame))]
    with database.writer(data) as connection:
        connection.execute(
            "insert into batch_received values (?, ?, 'Register of an invented office', 'An invented office', "
            "date '2026-10-01', ?, ?, ?, 0, null)",
            [batch, dataset, f"sum of {batch}", len(frame), len(frame)],
        )
        connection.register("incoming", frame)
        connection.execute("insert into case_record by name select * from incoming")


def withdraw(data: Path, batch: str) -> None:
    """Marks a batch as withdrawn."""
    with database.writer(data) as connection:
        batches.note_withdrawal(connection, batch)


def publish(data: Path, number: int) -> str:
    """An edition with the protected tables of `data` and nothing else."""
    edition_id = f"2026-11-21-0000000{number}"
    with publishing.draft() as work:
        for name, frame in protection.tables(data, catalog.load()).items():
            writing.insert(work, name, frame)
        publishing.publish(work, edition_id)
    return edition_id
