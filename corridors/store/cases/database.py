"""The writer's own database of case records: opened by the ETL, never by the app; nothing of it is ever in an edition."""

import hashlib
import json
import os
import secrets
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import duckdb

from corridors import ROOT
from corridors.problems import Refused
from corridors.store import lake as lakes
from corridors.store.lock import Busy

SCHEMA = ROOT / "corridors" / "store" / "schema" / "private_records.sql"
MEMORY = "1400MB"  # leaves room below 3 GB for what DuckDB does not count: CSV buffers, Python
THREADS = 4  # each thread of a CSV scan holds 32 MB and more
EARLIER = SCHEMA.with_name("private_records_before_2026_11.sql")
PATIENCE = 600.0  # seconds that a writer waits for another; a million records take four
POLL = 0.1  # seconds between two looks at the progress
NONE_HERE = "no case records have been accepted here"
_kept_open: dict[tuple[Path, int | None], duckdb.DuckDBPyConnection] = {}
OnProgress = Callable[[float], None]  # share done, 0 to 1


class NoPrivateData(Exception):
    """No case record has been accepted on this machine, so there is no private database."""


class PrivateBusy(Refused):
    """Another process is writing to the private database."""


def folder(data: Path) -> Path:
    """Where private things lie below the data folder; made when missing, for the owner alone (mode 0700)."""
    where = data / "private"
    where.mkdir(parents=True, exist_ok=True, mode=0o700)
    where.chmod(0o700)
    return where


def lake_of(data: Path, named: str | None = None) -> lakes.Lake | None:
    """The lake that CORRIDORS_LAKE (or `named`) names; a catalogue of a relative name lies in data/private/."""
    lake = lakes.configured(named)
    if lake is None or lake.server:
        return lake
    private = data / "private"
    rows = lake.rows if "://" in lake.rows else f"{private / lake.rows}/"
    return lakes.Lake("", str(private / lake.file), rows)


def exists(data: Path) -> bool:
    """Whether case records were ever accepted: in the lake where there is one, else on this machine. Raises Refused."""
    lake = lake_of(data)
    if not lake or not lake.server:
        return path_of(data).is_file()
    try:
        with reader(data):
            return True
    except NoPrivateData:
        return False


def path_of(data: Path, named: str | None = None) -> Path:
    """The private database's file, or the file that is a lake's catalogue; it may not exist yet."""
    if (lake := lake_of(data, named)) and lake.file:
        return Path(lake.file)
    return data / "private" / "cases.duckdb"


@contextmanager
def writer(data: Path, named: str | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that may write; the schema is in place. Raises PrivateBusy while another process writes to the file.

    `named`, here and below: another place than the one that CORRIDORS_LAKE names, in the same words.
    What was not committed at the end of the block, or when the process is killed, has not happened.
    """
    where = folder(data)
    lake = lake_of(data, named)
    with _temporary(where) as spill, _owner_only(), lakes.explained(lake):
        connection = _connected(data, spill, named=named)
        try:
            if not _is_of_today(connection):
                with alone(data, named):
                    if not _is_of_today(connection):  # another machine may have been first
                        _prepare(connection, bool(lake), where)
            _narrow(where)
            yield connection
        finally:
            connection.close()
            _narrow(where)


@contextmanager
def reader(data: Path, version: int | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that only reads, for the protection step of a build; `version` is the snapshot of a lake to read at.

    Raises NoPrivateData, PrivateBusy.
    """
    lake = lake_of(data)
    if opened := _kept_open.get((data, version)):
        with closing(opened.cursor()) as connection:
            if lake:
                connection.execute(f"use {lakes.NAME}")
            yield connection
        return
    on_a_server = bool(lake and lake.server)
    if not on_a_server and not path_of(data).is_file():
        raise NoPrivateData(NONE_HERE)
    with _temporary(folder(data)) as spill, _owner_only(), lakes.explained(lake):
        connection = _connected(data, spill, read_only=True, version=version)
        if on_a_server and not _has(connection, "case_standing"):
            connection.close()
            raise NoPrivateData(NONE_HERE)
        if not _is_of_today(connection):  # written by an earlier version: brought up to date first
            connection.close()
            with writer(data):
                pass
            connection = _connected(data, spill, read_only=True, version=version)
        try:
            yield connection
        finally:
            connection.close()


@contextmanager
def kept_open(data: Path, version: int | None = None) -> Iterator[None]:
    """Inside the block every `reader` of the same snapshot of a lake on a server shares one opening, which takes half a second.

    A file is opened in no time, and whoever has it open keeps writers out.
    """
    lake = lake_of(data)
    if not lake or not lake.server or (data, version) in _kept_open:
        yield
        return
    with ExitStack() as stack:
        with suppress(NoPrivateData):
            _kept_open[data, version] = stack.enter_context(reader(data, version))
        try:
            yield
        finally:
            _kept_open.pop((data, version), None)


@contextmanager
def alone(data: Path, named: str | None = None, on_wait: Callable[[str], None] = lambda _: None) -> Iterator[None]:
    """The right to add rows, for one process of all machines at a time. A file is its writer's alone as long as it is open.

    `on_wait` is told once for whom one waits. Raises PrivateBusy.
    """
    lake = lake_of(data, named)
    try:
        with lakes.one_writer(lake, "records", PATIENCE, on_wait) if lake else nullcontext():
            yield
    except Busy as fault:
        raise PrivateBusy(str(fault)) from None


@contextmanager
def sole_writer(data: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A writer who is alone, and whose view every `reader` of the newest records shares inside the block. Raises PrivateBusy."""
    before = _kept_open.get((data, None))
    with writer(data) as connection, alone(data):
        _kept_open[data, None] = connection
        try:
            yield connection
        finally:
            _kept_open.pop((data, None))
            if before:
                _kept_open[data, None] = before


def snapshot(data: Path) -> int | None:
    """The newest snapshot of the lake; None where records lie in a file, which has no snapshots, and where there are none."""
    if lake_of(data) is None:
        return None
    with suppress(NoPrivateData), reader(data) as connection:
        return lakes.snapshot(connection)
    return None


@contextmanager
def scratch(data: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to nothing, for checking a file: in memory, spilling into the private folder, gone at the end."""
    with _temporary(folder(data)) as spill, _owner_only():
        connection = _opened(":memory:", spill)
        try:
            _prepare(connection, False, None)
            yield connection
        finally:
            connection.close()


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


def _connected(
    data: Path, spill: Path, read_only: bool = False, version: int | None = None, named: str | None = None
) -> duckdb.DuckDBPyConnection:
    lake = lake_of(data, named)
    try:
        if lake is None:
            return _opened(path_of(data, named), spill, read_only)
        return _with_progress(lakes.connection(lake, _config(spill), read_only, version))
    except lakes.NoLakeYet:
        raise NoPrivateData(NONE_HERE) from None
    except duckdb.IOException as fault:
        if "lock" in str(fault).lower():
            place = lake.file if lake else "data/private/cases.duckdb"
            raise PrivateBusy(f"another process is writing to {place}") from None
        raise


def _opened(path: Path | str, spill: Path, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    if isinstance(path, Path) and not read_only and path.is_file() and not path.stat().st_size:
        path.unlink()  # begun on a full disk: nothing was ever in it
    return _with_progress(duckdb.connect(path, read_only=read_only, config=_config(spill)))


def _config(spill: Path) -> dict[str, Any]:
    return {
        "memory_limit": MEMORY,
        "threads": min(THREADS, os.cpu_count() or 1),
        "temp_directory": str(spill),
        **lakes.NO_EXTENSIONS_FROM_OUTSIDE,
    }


def _with_progress(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    connection.execute("set enable_progress_bar = true")
    connection.execute("set enable_progress_bar_print = false")
    return connection


def table_name(dataset_id: str, crime: str) -> str:
    """What the names of the files of a protected table begin with."""
    return hashlib.sha256(f"{dataset_id}/{crime}".encode()).hexdigest()[:16]


def _take_states(connection: duckdb.DuckDBPyConnection, private: Path | None) -> None:
    known = connection.execute("select distinct dataset_id, crime from case_record order by all").fetchall()
    for dataset_id, crime in known if private else ():
        file = private / "protected" / f"{table_name(dataset_id, crime)}-history.json"
        for n, state in enumerate(json.loads(file.read_text(encoding="utf-8")) if file.is_file() else ()):
            connection.execute(
                "insert into protected_state values (?, ?, ?, ?, ?, timestamp '2026-01-01' + to_microseconds(?))",
                [dataset_id, crime, state["batches"], state["renewed"], state["made"], n],
            )


def _has(connection: duckdb.DuckDBPyConnection, view: str) -> bool:
    return bool(connection.execute("from duckdb_views() where view_name = ?", [view]).fetchall())


def _is_of_today(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the tables are those of this version of the product; its newest one tells."""
    return _has(connection, "batch")


def _prepare(connection: duckdb.DuckDBPyConnection, lake: bool, private: Path | None) -> None:
    """Makes the tables; those of an earlier version (a file's) become today's, with all that stands in them.

    Earlier versions kept the states of protection in files beside the protected tables, in the folder `private`: they come in by the same
    transaction, since a state that is forgotten lets tables be published that differ from it by a single person.
    """
    fresh = not connection.execute("from duckdb_tables() where table_name = 'case_record' and not temporary").fetchall()
    connection.execute("begin")
    if not fresh:
        connection.execute("alter table case_record rename to case_record_before")
        connection.execute("drop view case_standing")
        connection.execute("alter table batch rename to batch_before")
        connection.execute("alter table rejected_case rename cure to how_to_fix")
    for statement in connection.extract_statements(SCHEMA.read_text(encoding="utf-8")):
        connection.execute(statement)
    if not fresh:
        for statement in connection.extract_statements(EARLIER.read_text(encoding="utf-8")):
            connection.execute(statement)
        _take_states(connection, private)
    if lake:  # only what a question is about is then read
        connection.execute("alter table case_record set partitioned by (dataset_id, crime)")
    connection.execute("commit")


@contextmanager
def _temporary(where: Path) -> Iterator[Path]:
    """A spill folder of this process; removed at the end, as are those of processes that were killed."""
    above = where / "tmp"
    mine = above / f"{os.getpid()}-{secrets.token_hex(4)}"
    while not mine.is_dir():
        with suppress(FileNotFoundError):  # another process has just found its folder empty and taken it away
            where.mkdir(exist_ok=True, mode=0o700)
            above.mkdir(exist_ok=True, mode=0o700)
            for left in above.iterdir():
                if not _alive(left.name):
                    shutil.rmtree(left, ignore_errors=True)
            mine.mkdir(mode=0o700)
    try:
        yield mine
    finally:
        shutil.rmtree(mine, ignore_errors=True)
        for empty in (above, where):  # a check that came first leaves no trace
            with suppress(OSError):  # not empty: somebody's
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
    for path in where.rglob("cases.duckdb*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
