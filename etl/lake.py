"""Verbs for a lake of case records: bring records in and out, let go of what no edition needs, make an edition once more."""

import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from corridors.problems import Refused
from corridors.store import editions, publishing
from corridors.store import lake as lakes
from corridors.store.cases import database, moving, tables
from corridors.store.cases.batches import now
from corridors.store.queries import changes
from etl import pipeline
from etl.submissions.report.outcome import counted

HERE = "folder"  # the way to name the file of this machine


def register(app: typer.Typer) -> None:
    """Adds the verbs `move` and `tidy` to a command line."""

    @app.command("move")
    def moved(
        to: Annotated[str, typer.Option(help=f"“{HERE}” for this machine's file, or a lake: {lakes.FORMS}.")],
    ):
        """Copy all case records to a lake, or back to a file; nothing is deleted where they are now."""
        for line in move(to, pipeline.DATA):
            typer.echo(line)

    @app.command("renew")
    def renewed():
        """Give all tables of case records other noise: after an older copy of the records was restored."""
        typer.echo(renew(pipeline.DATA))

    @app.command("tidy")
    def tidied(
        days: Annotated[int, typer.Option(help="Keep every snapshot of the last so many days.", min=1)] = 30,
    ):
        """Let go of snapshots of the lake that are older and that no edition was made of, and of the files only they need."""
        typer.echo(tidy(pipeline.DATA, timedelta(days=days)))


def move(to: str, data: Path) -> list[str]:
    """Copies every row to where `to` says and compares counts and checksums; what was copied, in lines. Raises Refused.

    The copy is one transaction: a kill leaves an empty place, never half of the records.
    """
    here = os.environ.get(lakes.VARIABLE, "")
    there = "" if to == HERE else to
    lakes.configured(there)  # refuses what is no lake before anything else
    if database.lake_of(data, there) == database.lake_of(data, here):
        raise Refused.of("--to", "the place where records are now", "another place", "Nothing to do.")
    counts = moving.copied(data, there)
    lines = [f"{table}: {counted(n, 'row')}, the same there as here" for table, n in counts.items()]
    if database.lake_of(data, here):
        lines.append("Snapshots stay in the lake: editions made of them can be made again only as long as it is kept.")
    set_to = f"Set {lakes.VARIABLE} to what you gave to --to" if there else f"Unset {lakes.VARIABLE}"
    lines.append(
        f"{set_to} on every machine that writes before anybody takes in another file: what comes in here is not there."
    )
    return [*lines, "Salt and seed go with it. What was here stays until you delete it."]


def renew(data: Path) -> str:
    """Gives all tables of case records other noise from the next build on; a sentence. Raises Refused without records."""
    if not database.exists(data):
        raise Refused.of("renew", "no case records here", "records that were accepted", "Nothing to do.")
    with database.sole_writer(data) as connection:
        return (
            f"The tables of {counted(tables.renew_noise(connection), 'data set')} get other noise. Next: python -m etl build"
        )


def tidy(data: Path, older_than: timedelta) -> str:
    """Expires snapshots and deletes files that no kept one needs; what went, in a sentence. Raises Refused without a lake."""
    if database.lake_of(data) is None:
        raise Refused.of(lakes.VARIABLE, "no lake", "a lake; a file has no snapshots", "Nothing to do.")
    with database.writer(data) as connection, database.alone(data):
        gone = lakes.let_go(connection, now() - older_than)
    return f"{gone:,} snapshots let go; those of the last {older_than.days} days and of every edition stay."


def compared(edition_id: str, data: Path, on_step: Callable[[str], None]) -> str:
    """Makes an edition once more and says whether every table holds the same rows. Raises Refused where one does not.

    Rows are compared, not bytes: the engine writes even one table of equal rows with other bytes each time.
    """
    from etl import build  # statistics take a second to load

    where = Path(tempfile.mkdtemp(prefix="again-", dir=database.folder(data)))
    try:
        path = build.rebuilt(edition_id, data, where, on_step)
        if editions.fault_of(edition_id):
            return _put_back(edition_id, where)
        different = changes.different_tables(editions.path_of(edition_id), path)
        if not different:
            return f"Edition {edition_id} was made once more: every table holds the same rows."
        raise Refused.of(
            edition_id, f"other rows in {', '.join(different)}", "the same rows", "See whether data/ or the code differ."
        )
    finally:
        shutil.rmtree(where, ignore_errors=True)


def _put_back(edition_id: str, where: Path) -> str:
    """Puts an edition whose file is gone or damaged back among the others; readers go on seeing what they see."""
    with publishing.writing():
        seen = None
        with suppress(editions.NoEdition):
            seen = editions.current()
        publishing.adopt(edition_id, where, show=seen in (None, edition_id))
    return f"Edition {edition_id} was gone or damaged; it was made once more. Readers see {editions.current()}."
