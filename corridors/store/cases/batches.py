"""The batches of the private database: which were taken in, which stand, and the way back."""

from contextlib import suppress
from datetime import UTC, datetime

import duckdb
import pandas as pd


def now() -> datetime:
    """The moment in UTC, to the second, without a zone, as the tables keep it."""
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)


def batches(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Every batch ever taken in, oldest first, with what came of it."""
    return connection.execute("from batch order by received, batch_id").df()


def withdraw(connection: duckdb.DuckDBPyConnection, batch_id: str, renew_noise: bool = False) -> tuple[int, str]:
    """Marks a batch as withdrawn; its rows stand no longer. What it superseded stands again. Rows, and that batch's id.

    `renew_noise` also notes that the data set's tables need other noise from now on.
    """
    connection.execute("begin")
    try:
        accepted, former = connection.execute(
            "select accepted, supersedes from batch where batch_id = ?", [batch_id]
        ).fetchone()
        note_withdrawal(connection, batch_id)
        if renew_noise:
            connection.execute(
                "insert into noise_renewal select dataset_id, ?, batch_id from batch where batch_id = ?", [now(), batch_id]
            )
        again = connection.execute(
            """
            select withdrawal_id from batch_withdrawal where batch_id = ? and withdrawn_by = ?
            and withdrawal_id not in (select withdrawal_id from withdrawal_undone)""",
            [former, batch_id],
        ).fetchall()
        if again:
            connection.executemany("insert into withdrawal_undone values (?)", again)
        connection.execute("commit")
    except BaseException:
        with suppress(duckdb.Error):  # a commit that failed on a full disk has ended the transaction itself
            connection.execute("rollback")
        raise
    return accepted, former if again else ""


def note_withdrawal(connection: duckdb.DuckDBPyConnection, batch_id: str, by: str | None = None) -> None:
    """Notes, within the caller's transaction, that a batch stands no longer; `by` is the batch that takes its place."""
    connection.execute("insert into batch_withdrawal values (uuid(), ?, ?, ?)", [batch_id, now(), by])


def repeats_after(connection: duckdb.DuckDBPyConnection, batch_id: str) -> int:
    """How many records of the batch that `batch_id` took the place of have since come in with another batch."""
    return connection.execute(
        """
        select count(*) from case_record former join batch now on now.supersedes = former.batch_id
        where now.batch_id = $1 and exists (
            select 1 from case_standing other where other.record_hash = former.record_hash and other.batch_id <> $1
        )
    """,
        [batch_id],
    ).fetchone()[0]


def salt_agrees(connection: duckdb.DuckDBPyConnection, mark: str, keep: bool) -> bool:
    """Whether the records were hashed with the salt of this mark; the first mark ever seen is kept when `keep`."""
    row = connection.execute("select salt_check from installation").fetchone()
    if row is None and keep:
        connection.execute("insert into installation values (?)", [mark])
    return row is None or row[0] == mark
