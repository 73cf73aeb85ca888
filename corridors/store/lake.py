"""A lake (DuckLake) for case records that several machines write to: its catalogue in PostgreSQL, its rows in Parquet files.

Without CORRIDORS_LAKE there is none, and records lie in a DuckDB file of this machine. With it the same tables are attached
under the same names, so that no query knows the difference. The packages are asked for only then.
"""

import getpass
import hashlib
import importlib.util
import os
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb

from corridors.problems import Problem, Refused
from corridors.store.bucket import is_inside
from corridors.store.lock import Busy

VARIABLE = "CORRIDORS_LAKE"
NAME = "cases"  # of the attached database
FORMS = "“postgres:host=… dbname=… + s3://bucket/folder” or “ducklake:FILE”"
EXTENSIONS = ("ducklake", "postgres_scanner", "httpfs")
NO_EXTENSIONS_FROM_OUTSIDE = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
RETRIES = 100  # of 96 commits at once 3 are refused when the engine tries again only 10 times
FIRST = 60.0  # seconds in which a catalogue is made
POLL = 0.2  # seconds between two looks at a lock


@dataclass(frozen=True)
class Lake:
    """Where a lake's catalogue is (a libpq connection string, or else a file) and where its rows are (a folder or s3://…)."""

    server: str
    file: str
    rows: str

    @property
    def address(self) -> str:
        """As DuckLake attaches it."""
        return f"ducklake:postgres:{self.server}" if self.server else f"ducklake:{self.file}"


class NoLakeYet(Exception):
    """Nothing was ever written to the lake: its catalogue is empty."""


class LakeRefused(Refused):
    """The lake cannot be reached or used; says what to do."""

    heading = "Nothing was changed. This must be fixed first:"


def configured(value: str | None = None) -> Lake | None:
    """The lake that CORRIDORS_LAKE (or `value`) names; None when it names none. Raises LakeRefused."""
    named = os.environ.get(VARIABLE, "") if value is None else value
    if not named.strip():
        return None
    catalogue, _, rows = (part.strip() for part in named.partition(" + "))
    if catalogue.startswith("postgres:") and "=" in catalogue and "://" not in catalogue and rows:
        return Lake(catalogue.removeprefix("postgres:"), "", rows.rstrip("/") + "/")
    if catalogue.startswith("ducklake:") and (file := catalogue.removeprefix("ducklake:")):
        return Lake("", file, (rows or f"{file}.files").rstrip("/") + "/")
    # not repeated: a password may stand in it
    raise LakeRefused(Problem(VARIABLE, "a text that names no lake", FORMS, "See deploy/lake/README.md."))


def connection(
    lake: Lake, config: dict[str, Any], read_only: bool = False, version: int | None = None
) -> duckdb.DuckDBPyConnection:
    """A connection whose unnamed tables are the lake's, at the snapshot `version` where one is given. Raises LakeRefused."""
    opened = duckdb.connect(config={**NO_EXTENSIONS_FROM_OUTSIDE, **config})
    try:
        attach(opened, lake, NAME, read_only, version)
        opened.execute(f"use {NAME}")
        return opened
    except BaseException:
        opened.close()
        raise


def attach(
    opened: duckdb.DuckDBPyConnection, lake: Lake, name: str, read_only: bool = False, version: int | None = None
) -> None:
    """Gives a connection a lake's tables under a name of its own. Raises LakeRefused."""
    _load(opened, EXTENSIONS if lake.server or "://" in lake.rows else EXTENSIONS[:1])
    if "://" in lake.rows:
        opened.execute(_key_of_store())
    if lake.file:
        _look_at(Path(lake.file), opened, read_only)
    opened.execute(f"set ducklake_max_retry_count = {RETRIES}")
    options = [f"data_path {_text(lake.rows)}"]
    options += ["read_only"] if read_only else []
    options += [f"snapshot_version {int(version)}"] if version is not None else []
    statement = f"attach {_text(_named(lake.address, lake.server))} as {name} ({', '.join(options)})"
    with explained(lake):
        try:
            opened.execute(statement)
        except duckdb.Error as fault:
            if (
                read_only
                and "does not exist" in str(fault)
                and "creating a new DuckLake is explicitly disabled" in str(fault)
            ):
                raise NoLakeYet from None
            if "Failed to initialize DuckLake" not in str(fault):
                raise
            with one_writer(lake, "catalogue", FIRST):  # several writers made the catalogue at once: one did
                opened.execute(statement)
        if lake.server:
            _speaks_english(opened, name)


def snapshot(opened: duckdb.DuckDBPyConnection) -> int:
    """The number of the newest snapshot of an attached lake."""
    return opened.execute(f"select max(snapshot_id) from {NAME}.snapshots()").fetchone()[0]


def let_go(opened: duckdb.DuckDBPyConnection, before: datetime) -> int:
    """Expires the snapshots of a lake from before a moment (UTC) that no edition is made of, and deletes files that only
    they need and that are as old; how many snapshots went. The newest always stays.

    Only files that the catalogue knows as done with are deleted: what nobody knows may be somebody's who is writing.
    """
    gone = opened.execute(
        f"""select list(snapshot_id order by snapshot_id) from {NAME}.snapshots()
        where epoch(snapshot_time) < ? and snapshot_id not in (select snapshot_id from edition_snapshot)
        and snapshot_id < (select max(snapshot_id) from {NAME}.snapshots())""",
        [before.replace(tzinfo=UTC).timestamp()],
    ).fetchone()[0]
    if gone:
        opened.execute(f"call ducklake_expire_snapshots('{NAME}', versions => {[int(n) for n in gone]})")
    opened.execute(
        f"call ducklake_cleanup_old_files('{NAME}', older_than => to_timestamp({before.replace(tzinfo=UTC).timestamp()}))"
    )
    return len(gone or [])


@contextmanager
def one_writer(lake: Lake, what: str, patience: float, on_wait: Callable[[str], None] = lambda _: None) -> Iterator[None]:
    """The right to write `what`, for one process of all machines at a time: PostgreSQL's advisory lock, gone with its holder.

    Waits up to `patience` seconds, telling `on_wait` once for whom; then raises Busy. A catalogue that is a file is locked
    by the engine while somebody writes, so nothing is done for it.
    """
    if not lake.server:
        yield
        return
    key = int.from_bytes(hashlib.sha256(f"corridors/{what}".encode()).digest()[:4], "big") >> 1
    with closing(duckdb.connect(config=NO_EXTENSIONS_FROM_OUTSIDE)) as opened:
        _load(opened, EXTENSIONS[1:2])
        with explained(lake):
            opened.execute(f"attach {_text(_named(lake.server, lake.server))} as server (type postgres)")
        until, announced = time.monotonic() + patience, False
        while not _locked(opened, lake, key):
            holder = _holder(opened, key)
            if time.monotonic() > until:
                raise Busy(f"{holder} Nothing was changed. Wait until it is done; if it hangs, end that process.")
            if not announced:
                on_wait(f"Waiting. {holder}")
                announced = True
            time.sleep(POLL)
        try:
            yield
        finally:
            with suppress(duckdb.Error):  # a server that went away has freed the lock
                opened.execute("rollback")


@contextmanager
def explained(lake: Lake | None) -> Iterator[None]:
    """What the engine says of a lake in trouble, as one problem with its cure; other faults pass. Raises LakeRefused."""
    try:
        yield
    except duckdb.Error as fault:
        problem = _problem(lake, str(fault)) if lake else None
        if problem is None:
            raise
        raise LakeRefused(problem) from None


TROUBLES = (
    (
        r"password authentication failed|no password supplied|no pg_hba|role .* does not exist|permission denied for",
        "a catalogue that does not let this user in",
        "user and password of a writer (PGUSER, PGPASSWORD or a pgpass file)",
        "Ask whoever runs the database, then try again.",
    ),
    (
        r"database .* does not exist",
        "no such database",
        "the catalogue's database",
        "Create it (createdb), or correct the name.",
    ),
    (
        r"RequestTimeTooSkewed|clock skew|time.*skewed",
        "a store that refuses this machine's clock",
        "a clock that is right within a few minutes",
        "Set the clock (timedatectl), then try again.",
    ),
    (
        r"NoSuchBucket|bucket does not exist",
        "no such bucket",
        "the bucket of the records",
        "Correct the name, or create the bucket; the rows are in no other place.",
    ),
    (
        r"InvalidAccessKeyId|SignatureDoesNotMatch|AccessDenied|HTTP 403|403 Forbidden|HTTP code 403|Forbidden",
        "a store that does not accept this key",
        "a writer's key (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY) to the bucket of the records",
        "Ask whoever runs the store for a key; a replica's key reads editions only.",
    ),
    (
        r"DATA_PATH.*does not match|data path.*(mismatch|does not match)",
        "a catalogue whose rows lie in another place",
        "the place with which the lake was made",
        f"Correct {VARIABLE} after the “+”.",
    ),
    (
        r"(?i)ducklake.*version|catalog version|Unsupported DuckLake",
        "a catalogue of another version of the engine",
        "the version of deploy/lake/requirements.txt",
        "Install those packages on every machine that writes; nothing was migrated.",
    ),
    (
        r"(?i)could not connect|Connection refused|could not translate host|Unable to connect|server closed the connection|timeout",
        "no answer",
        "a catalogue and a store that can be reached",
        "See whether both services run (deploy/lake/up.sh status) and whether the addresses are right.",
    ),
    (
        r"HTTP 404|404 \(Not Found\)|404 Not Found|Could not establish connection",
        "a file of the lake that is not there, or a store that does not answer",
        "every file that the catalogue names",
        "See whether the store runs; then restore the bucket from its copy (deploy/lake/README.md).",
    ),
)


def _problem(lake: Lake, said: str) -> Problem | None:
    for pattern, found, expected, how_to_fix in TROUBLES:
        if re.search(pattern, said):
            return Problem(VARIABLE, f"{found} ({_place(lake)})", expected, how_to_fix)
    return None


def _place(lake: Lake) -> str:
    """Where the lake is, of the connection string no more than tells nothing secret."""
    said = re.findall(r"(?<!\S)(?:host|port|dbname|user)\s*=\s*[\w.@-]+(?=\s|$)", lake.server)
    return f"{' '.join(['postgres:', *said]) if lake.server else lake.file} + {lake.rows}"


def _load(opened: duckdb.DuckDBPyConnection, extensions: tuple[str, ...]) -> None:
    for name in extensions:
        opened.execute(f"load {_text(str(_extension(name)))}")


def _extension(name: str) -> Path:
    """The file of an engine's extension in its package; signed by its makers, so that nothing unsigned is ever let in."""
    found = importlib.util.find_spec(f"duckdb_extension_{name}")
    place = Path(found.origin).parent / "extensions" / f"v{duckdb.__version__}" if found and found.origin else None
    file = place / f"{name}.duckdb_extension" if place else None
    if file is None or not file.is_file():
        raise LakeRefused(
            Problem(
                VARIABLE,
                f"no package duckdb-extension-{name.replace('_', '-')} for DuckDB {duckdb.__version__}",
                "the packages of deploy/lake/requirements.txt",
                "Install them: uv pip install --require-hashes -c requirements.lock -r deploy/lake/requirements.txt",
            )
        )
    return file


def _key_of_store() -> str:
    """The statement that gives the engine the store's address and key, from the usual environment of S3 programs."""
    given = os.environ.get
    address = urlsplit(given("AWS_ENDPOINT_URL", ""))
    parts = {
        "key_id": given("AWS_ACCESS_KEY_ID", ""),
        "secret": given("AWS_SECRET_ACCESS_KEY", ""),
        "session_token": given("AWS_SESSION_TOKEN", ""),
        "region": given("AWS_REGION") or given("AWS_DEFAULT_REGION") or "us-east-1",
        "endpoint": address.netloc,
    }
    host = address.hostname or ""
    open_to_others = address.scheme != "https" and not (given("AWS_ALLOW_HTTP", "").lower() == "true" and is_inside(host))
    if given("AWS_ENDPOINT_URL") and (not host or open_to_others):
        raise LakeRefused(
            Problem(
                "AWS_ENDPOINT_URL",
                "an address that is not encrypted, or none at all",
                "https://HOST",
                "On this machine or in a network of its own alone: http://HOST with AWS_ALLOW_HTTP=true.",
            )
        )
    if not parts["key_id"]:
        raise LakeRefused(
            Problem(
                "AWS_ACCESS_KEY_ID",
                "no key to the store of records",
                "a writer's key",
                "Set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_ENDPOINT_URL.",
            )
        )
    said = "".join(f", {name} {_text(value)}" for name, value in parts.items() if value)
    plain = ", url_style 'path'" if address.netloc else ""
    plain += ", use_ssl false" if address.scheme == "http" else ""
    return f"create or replace secret records (type s3{said}{plain})"


def _look_at(file: Path, opened: duckdb.DuckDBPyConnection, read_only: bool) -> None:
    """The engine would make a catalogue inside whatever database lies there: a plain one is refused. Raises LakeRefused."""
    if not file.is_file() or not file.stat().st_size:
        if not read_only:
            file.unlink(missing_ok=True)  # begun on a full disk: nothing was ever in it
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return
    try:
        opened.execute(f"attach {_text(str(file))} as looked_at (read_only)")
        found = opened.execute("from duckdb_tables() where table_name = 'ducklake_metadata'").fetchall()
        opened.execute("detach looked_at")
    except duckdb.IOException as fault:
        if "not a valid DuckDB" not in str(fault):
            raise
        found = []
    if not found:
        raise LakeRefused(
            Problem(
                VARIABLE,
                f"a database that is no lake's catalogue ({file.name})",
                "a catalogue, or no file yet",
                "Name another file. To bring records into a lake: python -m etl move --to …",
            )
        )


def _named(address: str, server: str) -> str:
    """The address of a server with who is asking, for others to read while they wait."""
    if not server or "application_name" in address:
        return address
    who = re.sub(r"[^\w.@-]", "", f"{getpass.getuser()}@{socket.gethostname()}")[:40]
    return f"{address} application_name='corridors {who} {os.getpid()}'"


def _locked(opened: duckdb.DuckDBPyConnection, lake: Lake, key: int) -> bool:
    """Whether the lock is ours now; it lasts as long as the transaction that this begins."""
    with explained(lake):
        opened.execute("begin")
        got = opened.execute(
            "from postgres_query('server', ?)", [f"select pg_try_advisory_xact_lock({key}) as got"]
        ).fetchone()[0]
    if not got:
        opened.execute("rollback")
    return got


def _holder(opened: duckdb.DuckDBPyConnection, key: int) -> str:
    """Who holds the lock and since when, as PostgreSQL knows it."""
    rows = opened.execute(
        "from postgres_query('server', ?)",
        [
            "select application_name, extract(epoch from now() - xact_start)::int from pg_stat_activity join pg_locks using (pid) "
            f"where locktype = 'advisory' and granted and objid = {key} limit 1"
        ],
    ).fetchall()
    who = rows[0][0].removeprefix("corridors ").replace(" ", ", process ") if rows else ""
    return f"Another writer is at work: {who}, for {rows[0][1]} s." if rows else "Another writer is at work."


def _speaks_english(opened: duckdb.DuckDBPyConnection, name: str) -> None:
    """The engine knows a conflict that it may try again by the server's English words. Raises LakeRefused."""
    language = opened.execute(
        f"from postgres_query('__ducklake_metadata_{name}', 'select current_setting(''lc_messages'')')"
    ).fetchone()[0]
    if not re.match(r"(C|POSIX|en)(\b|_)", language):
        raise LakeRefused(
            Problem(
                VARIABLE,
                f"a catalogue whose messages are in “{language}”",
                "messages in English, by which the engine knows what to try again",
                "Have its administrator run: alter database … set lc_messages = 'C'",
            )
        )


def _text(value: str) -> str:
    """A text for a statement that takes no parameters (attach, load, create secret)."""
    return "'" + value.replace("'", "''") + "'"
