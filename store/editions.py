"""Editions: immutable DuckDB files, one of them pointed at. Draft, publish, current, list, roll back, prune.

A new edition gets a new file name; then the pointer is replaced in one step. A file is never replaced under its name,
because a process that holds the old one would go on serving its rows (DuckDB keeps the handle).
"""

from __future__ import annotations

import os
import re
import secrets
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

import duckdb

ROOT = Path(__file__).resolve().parent.parent
POINTER = "current"
SCHEMAS = sorted(Path(__file__).parent.glob("schema*.sql"))  # schema.sql first, then one file per room
ABANDONED = 3600  # seconds after which a draft belongs to a build that was killed
EDITION_ID = re.compile(r"^\d{4}-\d{2}-\d{2}-[0-9a-f]{8}$")


class NoEdition(Exception):
    """There is no published edition, or the pointer names one that is gone."""


class UnknownEdition(Exception):
    """The edition asked for does not exist (it may have been pruned)."""


@dataclass(frozen=True)
class Draft:
    """An edition being written. Only the ETL holds one; it vanishes unless it is published."""

    path: Path
    connection: duckdb.DuckDBPyConnection


def folder() -> Path:
    """Where editions lie: the environment's CORRIDORS_EDITIONS, else data/editions."""
    return Path(os.environ.get("CORRIDORS_EDITIONS") or ROOT / "data" / "editions")


def path_of(edition_id: str, where: Path | None = None) -> Path:
    """The file of an edition. Raises UnknownEdition for a name that is none, or whose file is gone."""
    where = where or folder()
    path = where / f"{edition_id}.duckdb"
    if not EDITION_ID.match(edition_id) or not path.is_file():
        known = ", ".join(listed(where)) or "none"
        raise UnknownEdition(f"There is no edition “{edition_id}” in {where.name}/. Editions kept: {known}.")
    return path


def listed(where: Path | None = None) -> list[str]:
    """Ids of all published editions, oldest first."""
    where = where or folder()
    files = [p for p in where.glob("*.duckdb") if EDITION_ID.match(p.stem)] if where.is_dir() else []
    return [p.stem for p in sorted(files, key=lambda p: (p.stat().st_mtime_ns, p.stem))]


def current(where: Path | None = None) -> str:
    """The id of the edition that readers see. Raises NoEdition with the cure."""
    where = where or folder()
    pointer = where / POINTER
    try:
        edition_id = pointer.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise NoEdition("No edition has been built yet. Run “python -m etl build”.") from None
    try:
        path_of(edition_id, where)
    except UnknownEdition as fault:
        raise NoEdition(f"{fault} Run “python -m etl build”, or “python -m etl rollback ID”.") from None
    return edition_id


@contextmanager
def draft(where: Path | None = None) -> Iterator[Draft]:
    """A fresh draft with the schema in it. Whatever was not published by the end of the block is deleted."""
    where = where or folder()
    where.mkdir(parents=True, exist_ok=True)
    path = where / f"draft-{os.getpid()}-{secrets.token_hex(4)}.duckdb"
    _sweep(where)
    connection = None
    try:
        connection = duckdb.connect(path)
        for schema in SCHEMAS:
            connection.execute(schema.read_text(encoding="utf-8"))
        yield Draft(path, connection)
    finally:
        if connection is not None:
            connection.close()
        for leftover in (path, path.with_name(path.name + ".wal")):
            leftover.unlink(missing_ok=True)


def publish(work: Draft, edition_id: str, where: Path | None = None) -> Path:
    """Turns the draft into the edition `edition_id` and points readers at it; returns its file.

    The file is complete and on disk before its name exists, and the pointer moves last, so a kill at any moment leaves
    the former edition in place.
    """
    where = where or folder()
    if not EDITION_ID.match(edition_id):
        raise ValueError(f"not an edition id: {edition_id}")
    work.connection.execute("checkpoint")
    work.connection.close()
    _sync(work.path)
    work.path.chmod(0o444)
    path = where / f"{edition_id}.duckdb"
    os.replace(work.path, path)
    point_at(edition_id, where)
    return path


def point_at(edition_id: str, where: Path | None = None) -> None:
    """Makes `edition_id` the one that readers see. Raises UnknownEdition."""
    where = where or folder()
    path_of(edition_id, where)
    part = where / f"{POINTER}.{os.getpid()}.part"
    part.write_text(edition_id + "\n", encoding="utf-8")
    _sync(part)
    os.replace(part, where / POINTER)


def prune(keep: int, where: Path | None = None) -> list[str]:
    """Deletes the oldest editions beyond `keep`, never the current one; returns the ids deleted."""
    where = where or folder()
    now = current(where)
    gone = [i for i in listed(where)[: -keep if keep else None] if i != now]
    for edition_id in gone:
        path = path_of(edition_id, where)
        path.chmod(0o644)  # Windows does not delete what is read-only
        path.unlink()
    return gone


def _sweep(where: Path) -> None:
    """Deletes what builds that were killed have left behind; a build takes seconds, so an old draft is nobody's."""
    before = time.time() - ABANDONED
    for pattern in ("draft-*.duckdb*", f"{POINTER}.*.part"):
        for path in where.glob(pattern):
            try:
                if path.is_file() and path.stat().st_mtime < before:
                    path.unlink()
            except FileNotFoundError:  # another build swept it first
                continue


def _sync(path: Path) -> None:
    with path.open("r+b") as handle:  # Windows flushes only what is open for writing
        os.fsync(handle.fileno())
