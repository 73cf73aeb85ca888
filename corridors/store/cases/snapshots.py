"""Which snapshot of a lake an edition is made of: noted when it is built, and never let go."""

from datetime import datetime
from pathlib import Path

from corridors.store import lake as lakes
from corridors.store.cases import database


def remember(data: Path, version: int | None, edition_id: str, built_at: datetime, previous_id: str | None) -> None:
    """Notes in the lake which of its snapshots an edition is made of. Nothing where records lie in a file."""
    if version is None:
        return
    with database.writer(data) as connection:
        connection.execute("insert into edition_snapshot values (?, ?, ?, ?)", [edition_id, version, built_at, previous_id])


def recipe(data: Path, edition_id: str) -> tuple[datetime, str | None, int] | None:
    """When an edition was built, which it was compared with and of which snapshot, as the lake remembers it."""
    if database.lake_of(data) is None or not database.exists(data):
        return None
    with database.reader(data) as connection:
        return connection.execute(
            "select built_at, previous_id, snapshot_id from edition_snapshot where edition_id = ? order by built_at desc",
            [edition_id],
        ).fetchone()


def unreadable(data: Path, snapshots: dict[str, int]) -> dict[str, int]:
    """Of the editions in `snapshots` (id → snapshot) those whose snapshot the lake holds no more."""
    with database.reader(data) as connection:
        kept = {n for (n,) in connection.execute(f"select snapshot_id from {lakes.NAME}.snapshots()").fetchall()}
    return {edition_id: snapshot for edition_id, snapshot in snapshots.items() if snapshot not in kept}
