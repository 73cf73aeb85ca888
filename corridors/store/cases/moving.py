"""All case records from one place to another: from a file of this machine to a lake, or back; compared before they count."""

from contextlib import suppress
from pathlib import Path

import duckdb

from corridors.problems import Problem, Refused
from corridors.store import lake as lakes
from corridors.store.cases import database

TABLES = (
    "installation",
    "protection_seed",
    "noise_renewal",
    "protected_state",
    "batch_received",
    "batch_withdrawal",
    "withdrawal_undone",
    "case_record",
    "rejected_case",
)


def copied(data: Path, there: str) -> dict[str, int]:
    """Copies every table to the place that `there` names, by one transaction; table → rows. Raises Refused, database.PrivateBusy.

    The two are then the same: as many rows, and the same sum of hashes over them.
    """
    try:
        with database.reader(data):  # brought up to date, where an earlier version wrote them
            pass
    except database.NoPrivateData:
        raise Refused(Problem("move", "no case records here", "records that were accepted", "Nothing to do.")) from None
    with database.alone(data), database.writer(data, there) as connection, database.alone(data, there):
        if any(connection.execute(f"select exists (from {table})").fetchone()[0] for table in TABLES):
            how = "Name another, or put data/private/cases.duckdb away first where it is the folder; nothing is mixed."
            raise Refused(Problem("--to", "a place that holds case records already", "an empty one", how))
        _attach_origin(connection, data)
        counts = {}
        connection.execute("begin")
        try:
            for table in TABLES:
                connection.execute(f"insert into {table} by name select * from origin.{table}")
                before, after = _sum(connection, f"origin.{table}"), _sum(connection, table)
                if before != after:
                    raise Refused(Problem("move", f"{table}: {after} there", f"{before}, as here", "Run it again."))
                counts[table] = before[0]
            connection.execute("commit")
        except BaseException:
            with suppress(duckdb.Error):
                connection.execute("rollback")
            raise
    return counts


def _attach_origin(connection: duckdb.DuckDBPyConnection, data: Path) -> None:
    lake = database.lake_of(data)
    if lake:
        lakes.attach(connection, lake, "origin", read_only=True)
    else:
        path = str(database.path_of(data)).replace("'", "''")
        connection.execute(f"attach '{path}' as origin (read_only)")


def _sum(connection: duckdb.DuckDBPyConnection, table: str) -> tuple:
    """Rows, and a sum over the hashes of whole rows, whatever their order."""
    return connection.execute(
        f"select count(*), coalesce(sum(hash(row)::hugeint), 0)::varchar from (from {table}) as row"
    ).fetchone()
