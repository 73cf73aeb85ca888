"""The writer's own database of case records: opened by the ETL, never by the app; nothing of it is ever in an edition."""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from corridors import ROOT

SCHEMA = ROOT / "corridors" / "store" / "schema" / "private_records.sql"
MEMORY = "1400MB"  # leaves room below 3 GB for what DuckDB does not count: CSV buffers, Python
THREADS = 4  # each thread of a CSV scan holds 32 MB and more
POLL = 0.1  # seconds between two looks at the progress
OnProgress = Callable[[float], None]  # share done, 0 to 1


class NoPrivateData(Exception):
    """No case record has been accepted on this machine, so there is no private database."""


class PrivateBusy(Exception):
    """Another process is writing to the private database."""


def folder(data: Path) -> Path:
    """Where private things lie below the data folder; made when missing, for the owner alone (mode 0700)."""
    where = data / "private"
    where.mkdir(parents=True, exist_ok=True, mode=0o700)
    where.chmod(0o700)
    return where


def path_of(data: Path) -> Path:
    """The private database's file; it may not exist yet."""
    return data / "private" / "cases.duckdb"


@contextmanager
def writer(data: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that may write; the schema is in place. Raises PrivateBusy while another process writes.

    What was not committed at the end of the block, or when the process is killed, has not happened.
    """
    where = folder(data)
    with _temporary(where) as spill, _owner_only():
        connection = _connected(path_of(data), spill)
        try:
            connection.execute(SCHEMA.read_text(encoding="utf-8"))
            _narrow(where)
            yield connection
        finally:
            connection.close()
            _narrow(where)


@contextmanager
def reader(data: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that only reads, for the protection step of a build. Raises NoPrivateData, PrivateBusy."""
    if not path_of(data).is_file():
        raise NoPrivateData("no case records have been accepted here")
    with _temporary(folder(data)) as spill, _owner_only():
        connection = _connected(path_of(data), spill, read_only=True)
        try:
            yield connection
        finally:
            connection.close()


@contextmanager
def scratch(data: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to nothing, for checking a file: in memory, spilling into the private folder, gone at the end."""
    with _temporary(folder(data)) as spill, _owner_only():
        connection = _connected(":memory:", spill)
        try:
            connection.execute(SCHEMA.read_text(encoding="utf-8"))
            yield connection
        finally:
            connection.close()


def fingerprint(data: Path) -> str:
    """SHA-256 over the batches that stand, for an edition's list of inputs; empty without a private database."""
    try:
        with reader(data) as connection:
            rows = connection.execute(
                "select batch_id, dataset_id, title, source, sha256, accepted from batch "
                "where withdrawn is null order by batch_id"
            ).fetchall()
    except NoPrivateData:
        return ""
    return hashlib.sha256(repr(rows).encode()).hexdigest() if rows else ""


def run(
    connection: duckdb.DuckDBPyConnection, sql: str, values: list[Any] | None = None, on_progress: OnProgress | None = None
) -> list[tuple]:
    """The rows of one statement, run aside so that progress is told and Ctrl-C stops it at once (KeyboardInterrupt)."""
    answer: dict[str, Any] = {}

    def work() -> None:
        try:
            answer["rows"] = connection.execute(sql, values or []).fetchall()
        except BaseException as fault:  # handed over to the waiting thread, which raises it
            answer["fault"] = fault

    thread = threading.Thread(target=work, name="private-query", daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(POLL)
            if on_progress is not None and thread.is_alive():
                on_progress(max(0.0, min(1.0, connection.query_progress() / 100)))
    except BaseException:
        connection.interrupt()
        thread.join()
        raise
    if "fault" in answer:
        raise answer["fault"]
    if on_progress is not None:
        on_progress(1.0)
    return answer["rows"]


def _connected(path: Path | str, spill: Path, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    if isinstance(path, Path) and not read_only and path.is_file() and not path.stat().st_size:
        path.unlink()  # begun on a full disk: nothing was ever in it
    try:
        connection = duckdb.connect(
            path,
            read_only=read_only,
            config={
                "memory_limit": MEMORY,
                "threads": min(THREADS, os.cpu_count() or 1),
                "temp_directory": str(spill),
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            },
        )
    except duckdb.IOException as fault:
        if "lock" in str(fault).lower():
            raise PrivateBusy("another process is writing to data/private/cases.duckdb") from None
        raise
    connection.execute("set enable_progress_bar = true")
    connection.execute("set enable_progress_bar_print = false")
    return connection


@contextmanager
def _temporary(where: Path) -> Iterator[Path]:
    """A spill folder of this process; removed at the end, as are those of processes that were killed."""
    above = where / "tmp"
    above.mkdir(exist_ok=True, mode=0o700)
    for left in above.iterdir():
        if not _alive(left.name):
            shutil.rmtree(left, ignore_errors=True)
    mine = above / f"{os.getpid()}-{threading.get_ident()}"
    mine.mkdir(exist_ok=True, mode=0o700)
    try:
        yield mine
    finally:
        shutil.rmtree(mine, ignore_errors=True)
        for empty in (above, where):  # a check that came first leaves no trace
            if not any(empty.iterdir()):
                empty.rmdir()


def _alive(name: str) -> bool:
    number = name.split("-")[0]
    if not number.isdigit():
        return False
    if os.name != "posix":  # Windows keeps the files of a living process from being deleted anyway
        return True
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def _owner_only() -> Iterator[None]:
    """Files made inside the block are for the owner alone: DuckDB makes its log and spill files by the umask."""
    former = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(former)


def _narrow(where: Path) -> None:
    for path in where.glob("cases.duckdb*"):
        path.chmod(0o600)
