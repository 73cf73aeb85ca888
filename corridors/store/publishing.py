"""What writers do with editions: draft, publish, adopt, show, prune, retract. Readers never need it.

A file is never replaced under its name, because a process that holds the old one would go on serving its rows (DuckDB keeps
the handle). Who publishes, prunes or retracts holds the lock. Where several machines share editions in a bucket, whoever
writes looks first at what is there (see `mirror`).
"""

import hashlib
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from dataclasses import replace as with_
from pathlib import Path

import duckdb

from corridors.store import editions, labels, lake
from corridors.store.atomic_files import flush, linked, replace
from corridors.store.lock import one_writer
from corridors.store.mirror import Bound, announce, mirror, without

PATIENCE = 600.0  # seconds that a writer waits for another; a build takes some ten
SCHEMAS = [
    Path(__file__).parent / "schema" / f"{name}.sql"
    for name in ("figures", "actions", "briefings", "cases", "quality", "outlook")
]
_bound: ContextVar[Bound | None] = ContextVar("the manifest as it was when writing began", default=None)


class DiskRefused(OSError):
    """The disk did not take the draft: full, read-only, or broken. Nothing was published."""


@dataclass(frozen=True)
class Draft:
    """An edition being written. Only the ETL holds one; it vanishes unless it is published."""

    path: Path
    connection: duckdb.DuckDBPyConnection


@contextmanager
def writing(
    where: Path | None = None, patience: float = PATIENCE, on_wait: Callable[[str], None] = lambda _: None
) -> Iterator[None]:
    """The right to publish and to prune, for one process at a time; leftovers of killed writers are swept first.

    Waits up to `patience` seconds for another writer, telling `on_wait` once; then raises Busy. Where a bucket is shared, the folder
    first becomes what the bucket holds, and what is written in this block is written upon what was read then. Raises BucketRefused.
    """
    where = where or editions.folder()
    where.mkdir(parents=True, exist_ok=True, mode=0o700)
    with one_writer(where / editions.LOCK, patience, on_wait), _one_of_all_machines(patience, on_wait):
        editions.seal(where)  # before the sweep, which would delete half of what a killed retraction has moved
        editions.sweep(where, time.time(), alone=True)
        if not (there := editions.shared(where)):
            yield
            return
        bound = Bound(where, there, *there.manifest())
        bound.is_not_lost()
        for fault in mirror(bound):
            on_wait(f"{fault}")
        token = _bound.set(bound)
        try:
            yield
        finally:
            _bound.reset(token)


def _one_of_all_machines(patience: float, on_wait: Callable[[str], None]) -> AbstractContextManager[None]:
    """The same right among all machines that share a lake. Raises Busy, LakeRefused."""
    shared_lake = lake.configured()
    return lake.one_writer(shared_lake, "editions", patience, on_wait) if shared_lake else nullcontext()


@contextmanager
def draft(where: Path | None = None) -> Iterator[Draft]:
    """A fresh draft with the schema in it. Whatever was not published by the end of the block is deleted.

    Raises DiskRefused when the disk is full, read-only or broken.
    """
    where = where or editions.folder()
    where.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = where / f"draft-{os.getpid()}-{secrets.token_hex(4)}.duckdb"
    editions.sweep(where, time.time() - editions.ABANDONED)
    connection = None
    try:
        connection = duckdb.connect(path)
        for schema in SCHEMAS:
            connection.execute(schema.read_text(encoding="utf-8"))
        yield Draft(path, connection)
    except (duckdb.IOException, duckdb.FatalException) as fault:
        raise DiskRefused(str(fault).splitlines()[0]) from fault
    finally:
        if connection is not None:
            with suppress(duckdb.Error):  # on a full disk closing fails as well, and what is deleted need not be closed well
                connection.close()
        for leftover in where.glob(f"{path.stem}*"):
            editions.delete(leftover)


def publish(work: Draft, edition_id: str, where: Path | None = None) -> Path:
    """Turns the draft into the edition `edition_id` and points readers at it; returns its file.

    Readers of each label get a file of their own, or the same file under another name where it would be the same. All are
    complete and on disk, and their checksums noted, before the edition's name exists; the pointer moves last. So a kill at
    any moment leaves the former edition in place.
    """
    where = where or editions.folder()
    if not editions.EDITION_ID.match(edition_id) or editions.is_retracted(edition_id, where):
        raise ValueError(f"not an edition id, or that of a retracted edition: {edition_id}")
    work.connection.execute("checkpoint")
    work.connection.close()
    files = labels.files_by_label(work.path)
    found = {}
    for file in dict.fromkeys(files.values()):
        flush(file)
        with file.open("rb") as handle:
            found[file] = hashlib.file_digest(handle, "sha256").hexdigest()
    # later than every edition before it, also when the clock was set back
    newest = max(
        (path.stat().st_mtime_ns for path in where.glob("*.duckdb") if editions.EDITION_ID.match(path.stem)), default=0
    )
    stamp = max(time.time_ns(), newest + 1_000_000)
    for file in found:
        os.utime(file, ns=(stamp, stamp))
        file.chmod(0o400)
    names = {label: editions.file_name(edition_id, label) for label in files}
    replace(
        where / f"{edition_id}{editions.CHECKSUM}", "".join(f"{found[files[label]]}  {names[label]}\n" for label in files)
    )
    for label in [label for label in files if label != labels.HIGHEST]:
        part = where / f"{work.path.stem}-{secrets.token_hex(4)}.duckdb"
        linked(files[label], part)
        os.replace(part, where / names[label])
    path = where / names[labels.HIGHEST]
    os.replace(files[labels.HIGHEST], path)
    set_current(edition_id, where)
    return path


def adopt(edition_id: str, origin: Path, where: Path | None = None, show: bool = True) -> None:
    """Publishes an edition that lies whole in the folder `origin` and, to `show` it, points readers at it; for who holds the lock.

    As in `publish`, the checksums come first and the widest file last. Raises UnknownEdition, also where one is damaged.
    """
    where = where or editions.folder()
    editions.path_of(edition_id, origin)
    if editions.is_retracted(edition_id, where):
        raise editions.Retracted(f"Edition {edition_id} was retracted: its figures are not to be used any more.")
    if editions.fault_of(edition_id, where):  # not there yet, or damaged: then made anew
        stamp = max(time.time_ns(), *(path.stat().st_mtime_ns + 1_000_000 for path in where.glob("*.duckdb")), 0)
        editions.take(edition_id, origin, where, stamp, _copied)
    if show:
        set_current(edition_id, where)


def _copied(file: Path, place: Path) -> None:
    """No second name for the same bytes: the draft goes its own way."""
    shutil.copyfile(file, place)
    flush(place)


def set_current(edition_id: str, where: Path | None = None) -> None:
    """Makes `edition_id` the one that readers see. Raises UnknownEdition, also for one that is damaged; BucketRefused, Raced, Busy."""
    where = where or editions.folder()
    if editions.shared(where):
        bound = _bound.get()
        if not bound or bound.where != where:
            with writing(where, editions.SHORT):
                set_current(edition_id, where)
            return
        editions.path_of(edition_id, where)
        announce(bound, edition_id)
    editions.path_of(edition_id, where)
    replace(where / editions.POINTER, edition_id + "\n")


def prune(keep: int, where: Path | None = None, patience: float = PATIENCE) -> list[str]:
    """Deletes the oldest editions beyond `keep`, never the current one; returns the ids deleted. Raises Busy, NoEdition.

    From a bucket too, with what no list names there and is older than an hour: nobody is putting it any more.
    """
    where = where or editions.folder()
    if not editions.shared(where):
        editions.current(where)
    with writing(where, patience):
        now = editions.current(where)
        gone = [i for i in editions.listed(where)[: -keep if keep else None] if i != now]
        if bound := _bound.get() if editions.shared(where) else None:
            bound.change(
                lambda manifest: with_(
                    manifest,
                    editions={i: entry for i, entry in manifest.editions.items() if i not in gone or i == manifest.current},
                )
            )
            gone = [edition_id for edition_id in gone if edition_id not in bound.manifest.editions]
        for edition_id in gone:
            editions.remove(edition_id, where)
        if bound:
            fresh = [name for edition_id in gone for name in bound.bucket.names(edition_id)]
            bound.bucket.delete([*fresh, *bound.leftovers()])
    return gone


def retract(edition_id: str, reason: str, where: Path | None = None, patience: float = PATIENCE) -> str | None:
    """Takes an edition back; returns the id of the edition that readers see now, None when no whole one is left.

    Its note alone makes it unreadable: from then on no list, address or pointer leads to it, in any process that reads this
    folder or a copy of it. Its files then go to retracted/, open to their owner alone; what a kill leaves, the next writer
    seals. Readers who saw it are shown the one before it, not a later one that somebody may have rolled back from. One that
    is retracted already keeps its note. In a bucket it is taken off the list first, and deleted at the end: machines that follow
    delete theirs at their next look. Raises UnknownEdition, ValueError (no reason), Busy, BucketRefused.
    """
    where, reason = where or editions.folder(), " ".join(reason.split())
    if not reason:
        raise ValueError("a retraction needs a reason")
    with writing(where, patience):
        order = editions.listed(where)
        bound = _bound.get() if editions.shared(where) else None
        note = f"{time.strftime('%Y-%m-%d', time.gmtime())} {reason}"
        if (
            edition_id in order or bound and edition_id in bound.manifest.editions
        ):  # there perhaps not even its files are whole
            at = order.index(edition_id) if edition_id in order else 0
            others = [*reversed(order[:at]), *reversed(order[at + 1 :])]
            before = next((other for other in others if not editions.fault_of(other, where)), None)
            if bound:
                bound.change(lambda manifest: without(manifest, edition_id, before or "", note))
            if editions.pointed(where) == edition_id:  # a pointer that cannot be read leads nobody to this edition
                replace(where / editions.POINTER, before + "\n") if before else (where / editions.POINTER).unlink()
            editions.note_retraction(edition_id, note, where)
        elif not editions.is_retracted(edition_id, where):
            editions.path_of(edition_id, where)  # says which editions there are
        editions.seal(where)
        if bound:
            bound.bucket.delete(list(bound.bucket.names(edition_id)))
        try:
            return editions.current(where)
        except editions.NoEdition:
            return None
