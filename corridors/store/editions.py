"""Editions: immutable DuckDB files (one for each label, see `labels`), one edition of them pointed at. Draft, publish, current, list, roll back, prune, retract.

A new edition gets a new file name; then the pointer is replaced in one step. A file is never replaced under its name,
because a process that holds the old one would go on serving its rows (DuckDB keeps the handle). Beside each edition lies
its checksum, in the form that `sha256sum -c` reads. What order editions have is the order in which they were published,
whatever the clock said. Who publishes, prunes or retracts holds the lock; readers never need it.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import duckdb

from corridors import ROOT, paths
from corridors.store import labels
from corridors.store.atomic_files import flush, linked, replace
from corridors.store.lock import is_held, one_writer

log = logging.getLogger("corridors.editions")
POINTER, LOCK, CHECKSUM = "current", "writing", ".sha256"
RETRACTED, SEALED = ".retracted", "retracted"  # ending of the note on an edition that was taken back; folder of its files
PATIENCE = 600.0  # seconds that a writer waits for another; a build takes some ten
SHAPE = re.compile(rb"(?s).{8}DUCK")  # how a DuckDB file begins, after a checksum of eight bytes
HEAD, BLOCK = 12288, 262144  # bytes: a DuckDB file is three headers and whole blocks
SCHEMAS = [
    Path(__file__).parent / "schema" / f"{name}.sql"
    for name in ("figures", "actions", "briefings", "cases", "quality", "outlook")
]
ABANDONED = 3600  # seconds after which a draft belongs to a build that was killed
_logged: dict[Path, str] = {}  # folder → the trouble last written to the log
DAMAGED = "its file is damaged (its checksum is not the one noted when it was published)"
DRAFT = labels.DRAFT
EDITION_ID = re.compile(r"^\d{4}-\d{2}-\d{2}-[0-9a-f]{8}$")


class NoEdition(Exception):
    """There is no published edition, or the pointer names one that is gone."""


class UnknownEdition(Exception):
    """The edition asked for does not exist (it may have been pruned), or its file is damaged."""


class Retracted(UnknownEdition):
    """The edition was taken back. The reason is for whoever looks after the data; its readers are told that it is gone."""


class DiskRefused(OSError):
    """The disk did not take the draft: full, read-only, or broken. Nothing was published."""


@dataclass(frozen=True)
class Draft:
    """An edition being written. Only the ETL holds one; it vanishes unless it is published."""

    path: Path
    connection: duckdb.DuckDBPyConnection


def folder() -> Path:
    """Where editions lie: the environment's CORRIDORS_EDITIONS, else data/editions."""
    return Path(os.environ.get("CORRIDORS_EDITIONS") or ROOT / "data" / "editions")


def drafts_folder() -> Path:
    """Where drafts lie: the environment's CORRIDORS_DRAFTS, else private/drafts in the folder of carried data."""
    return Path(os.environ.get("CORRIDORS_DRAFTS") or paths.DATA / "private" / "drafts")


def path_of(edition_id: str, where: Path | None = None, ceiling: str = labels.HIGHEST) -> Path:
    """The file of an edition that holds what may be seen up to `ceiling`; never a wider one in its place.

    Raises UnknownEdition for a name that is none, or whose file is gone or damaged.
    """
    if edition_id.startswith(DRAFT) and where is None:
        edition_id, where = edition_id.removeprefix(DRAFT), drafts_folder()
    where = where or folder()
    path = where / f"{edition_id}.duckdb"
    if is_retracted(edition_id, where):
        raise Retracted(f"Edition {edition_id} was retracted: its figures are not to be used any more.")
    if not EDITION_ID.match(edition_id) or not path.is_file():
        known = ", ".join(listed(where)) or "none"
        raise UnknownEdition(f"There is no edition “{edition_id}” in {where.name}/. Editions kept: {known}.")
    if fault := fault_of(edition_id, where):
        raise UnknownEdition(f"Edition {edition_id} cannot be read: {fault}.")
    path = where / _name(edition_id, ceiling)
    if not path.is_file():  # an edition of an earlier version was one file for everybody
        raise UnknownEdition(f"Edition {edition_id} has no file for TLP:{ceiling}. Run “python -m etl build”.")
    return path


def files_of(edition_id: str, where: Path | None = None) -> list[Path]:
    """All files of an edition, the widest first: those that were noted when it was published, and those that are there."""
    where = where or folder()
    noted = _noted(where / f"{edition_id}{CHECKSUM}")
    names = [_name(edition_id, ceiling) for ceiling in reversed(labels.CEILINGS)]
    return [where / name for name in names if name in noted or (where / name).exists()]


def _name(edition_id: str, ceiling: str) -> str:
    """The name of the file for a ceiling: that of the widest is the edition's id alone."""
    return f"{edition_id}{'' if ceiling == labels.HIGHEST else labels.SIGN + ceiling}.duckdb"


def _noted(path: Path) -> dict[str, str]:
    """File's name → SHA-256, as noted at the publication; empty when nothing was kept or the note is not readable."""
    try:
        lines = [line.split() for line in path.read_text(encoding="ascii").splitlines()]
    except (OSError, UnicodeDecodeError):
        return {}
    return {line[1]: line[0] for line in lines if len(line) == 2 and re.fullmatch("[0-9a-f]{64}", line[0])}


def checksum_of(path: Path) -> str:
    """The SHA-256 of an edition's file, noted at the publication; empty when none was kept or the note is not readable."""
    return _noted(path.with_name(f"{path.stem.partition(labels.SIGN)[0]}{CHECKSUM}")).get(path.name, "")


def fault_of(edition_id: str, where: Path | None = None) -> str:
    """What is wrong with one of an edition's files, in words; empty when all are whole.

    The bytes are read once for each file and process (22 MB take 20 ms); `etl verify` reads them anew every time.
    """
    where = where or folder()
    faults = (fault_of_file(path) for path in files_of(edition_id, where) or [where / f"{edition_id}.duckdb"])
    return next(filter(None, faults), "")


def fault_of_file(path: Path) -> str:
    """What is wrong with one file of an edition, in words; empty when it is whole."""
    try:
        found = path.stat()
    except OSError:
        return "its file is gone"
    return _fault(path, found.st_ino, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=512)
def _fault(path: Path, inode: int, changed: int, size: int) -> str:
    if not size:
        return "its file is empty"
    noted = checksum_of(path)
    try:
        with path.open("rb") as handle:
            if noted:
                same = hashlib.file_digest(handle, "sha256").hexdigest() == noted
                return "" if same else DAMAGED
            return "" if SHAPE.match(handle.read(16)) and size % BLOCK == HEAD else "its file is damaged or cut off"
    except OSError as fault:
        return f"its file cannot be read ({fault.strerror})"


def listed(where: Path | None = None) -> list[str]:
    """Ids of all published editions, damaged ones too but none that was retracted, oldest first."""
    where = where or folder()
    found = []
    for path in where.glob("*.duckdb") if where.is_dir() else ():
        with suppress(FileNotFoundError):  # deleted or retracted meanwhile
            if EDITION_ID.match(path.stem) and not is_retracted(path.stem, where):
                found.append((path.stat().st_mtime_ns, path.stem))
    return [edition_id for _, edition_id in sorted(found)]


def is_retracted(edition_id: str, where: Path | None = None) -> bool:
    """Whether an edition was taken back. That its note is there decides, whatever stands in it."""
    return bool(EDITION_ID.match(edition_id)) and (where or folder()).joinpath(f"{edition_id}{RETRACTED}").exists()


def retractions(where: Path | None = None) -> dict[str, str]:
    """Id of each edition that was taken back → its note: the day and the reason."""
    notes = sorted((where or folder()).glob(f"*{RETRACTED}"))
    found = {path.stem: path.read_bytes().decode("utf-8", "replace").strip() for path in notes}
    return {edition_id: note for edition_id, note in found.items() if EDITION_ID.match(edition_id)}


def pointer_target(where: Path | None = None) -> str:
    """The id that the pointer names, if that edition is whole. Raises NoEdition with the cure."""
    where = where or folder()
    cure = "Run “python -m etl build”, or “python -m etl rollback ID”."
    try:
        edition_id = (where / POINTER).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise NoEdition("No edition has been built yet. Run “python -m etl build”.") from None
    except (UnicodeDecodeError, OSError):
        raise NoEdition(f"The pointer {where.name}/{POINTER} cannot be read. {cure}") from None
    if not EDITION_ID.match(edition_id):
        found = "is empty" if not edition_id else f"holds “{edition_id[:40]}” where the id of an edition is expected"
        raise NoEdition(f"The pointer {where.name}/{POINTER} {found}. {cure}")
    try:
        path_of(edition_id, where)
    except UnknownEdition as fault:
        raise NoEdition(f"{fault} {cure}") from None
    return edition_id


def current(where: Path | None = None) -> str:
    """The id of the edition that readers see: the one pointed at, else the newest that is whole (and the log says so).

    Raises NoEdition with the cure when there is none at all.
    """
    where = where or folder()
    edition_id, told = _seen(where)
    if told != _logged.get(where, ""):  # once, not at every rerun of every page
        _logged[where] = told
        log.warning(told or "The pointer names a whole edition again.")
    return edition_id


def moved_at(where: Path | None = None) -> float:
    """When readers were last given another edition, in seconds since 1970; 0 where the pointer is missing."""
    try:
        return ((where or folder()) / POINTER).stat().st_mtime
    except OSError:
        return 0.0


def trouble(where: Path | None = None) -> str:
    """Why readers see another edition than the one pointed at, and the cure; empty when all is well.

    Raises NoEdition when there is no edition at all.
    """
    return _seen(where or folder())[1]


def _seen(where: Path) -> tuple[str, str]:
    """The edition for readers, and what they must be told of it."""
    try:
        return pointer_target(where), ""
    except NoEdition as reason:
        whole = next((i for i in reversed(listed(where)) if not fault_of(i, where)), None)
        if whole is None:
            raise
        fault = str(reason)
        if not (where / POINTER).exists():
            fault = f"The pointer {where.name}/{POINTER} is missing. Run “python -m etl build” or “rollback ID”."
        return whole, f"{fault} Until then edition {whole} is shown, the newest that is whole."


@contextmanager
def writing(
    where: Path | None = None, patience: float = PATIENCE, on_wait: Callable[[str], None] = lambda _: None
) -> Iterator[None]:
    """The right to publish and to prune, for one process at a time; leftovers of killed writers are swept first.

    Waits up to `patience` seconds for another writer, telling `on_wait` once; then raises Busy.
    """
    where = where or folder()
    where.mkdir(parents=True, exist_ok=True, mode=0o700)
    with one_writer(where / LOCK, patience, on_wait):
        _seal(where)  # before the sweep, which would delete half of what a killed retraction has moved
        _sweep(where, time.time(), alone=True)
        yield


@contextmanager
def draft(where: Path | None = None) -> Iterator[Draft]:
    """A fresh draft with the schema in it. Whatever was not published by the end of the block is deleted.

    Raises DiskRefused when the disk is full, read-only or broken.
    """
    where = where or folder()
    where.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = where / f"draft-{os.getpid()}-{secrets.token_hex(4)}.duckdb"
    _sweep(where, time.time() - ABANDONED)
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
            _delete(leftover)


def last_retraction(where: Path | None = None) -> float:
    """When an edition was last taken back here, in seconds since 1970; 0 when none ever was."""
    return max((path.stat().st_mtime for path in (where or folder()).glob(f"*{RETRACTED}")), default=0.0)


def publish(work: Draft, edition_id: str, where: Path | None = None) -> Path:
    """Turns the draft into the edition `edition_id` and points readers at it; returns its file.

    Readers of each label get a file of their own, or the same file under another name where it would be the same. All are
    complete and on disk, and their checksums noted, before the edition's name exists; the pointer moves last. So a kill at
    any moment leaves the former edition in place.
    """
    where = where or folder()
    if not EDITION_ID.match(edition_id) or is_retracted(edition_id, where):
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
    newest = max((path.stat().st_mtime_ns for path in where.glob("*.duckdb") if EDITION_ID.match(path.stem)), default=0)
    stamp = max(time.time_ns(), newest + 1_000_000)
    for file in found:
        os.utime(file, ns=(stamp, stamp))
        file.chmod(0o400)
    names = {label: _name(edition_id, label) for label in files}
    replace(where / f"{edition_id}{CHECKSUM}", "".join(f"{found[files[label]]}  {names[label]}\n" for label in files))
    for label in [label for label in files if label != labels.HIGHEST]:
        part = where / f"{work.path.stem}-{secrets.token_hex(4)}.duckdb"
        linked(files[label], part)
        os.replace(part, where / names[label])
    path = where / names[labels.HIGHEST]
    os.replace(files[labels.HIGHEST], path)
    set_current(edition_id, where)
    return path


def adopt(edition_id: str, origin: Path, where: Path | None = None) -> None:
    """Publishes an edition that lies whole in the folder `origin` and points readers at it; for who holds the lock.

    As in `publish`, the checksums come first and the widest file last. Raises UnknownEdition, also where one is damaged.
    """
    where = where or folder()
    path_of(edition_id, origin)
    if is_retracted(edition_id, where):
        raise Retracted(f"Edition {edition_id} was retracted: its figures are not to be used any more.")
    if fault_of(edition_id, where):  # not there yet, or damaged: then made anew
        replace(where / f"{edition_id}{CHECKSUM}", (origin / f"{edition_id}{CHECKSUM}").read_text(encoding="ascii"))
        stamp = max(time.time_ns(), *(path.stat().st_mtime_ns + 1_000_000 for path in where.glob("*.duckdb")), 0)
        for file in reversed(files_of(edition_id, origin)):
            part = where / f"draft-{os.getpid()}-{secrets.token_hex(4)}.duckdb"
            shutil.copyfile(file, part)  # no second name for the same bytes: the draft goes its own way
            flush(part)
            os.utime(part, ns=(stamp, stamp))
            part.chmod(0o400)
            os.replace(part, where / file.name)
    set_current(edition_id, where)


def set_current(edition_id: str, where: Path | None = None) -> None:
    """Makes `edition_id` the one that readers see. Raises UnknownEdition, also for one that is damaged."""
    where = where or folder()
    path_of(edition_id, where)
    replace(where / POINTER, edition_id + "\n")


def prune(keep: int, where: Path | None = None, patience: float = PATIENCE) -> list[str]:
    """Deletes the oldest editions beyond `keep`, never the current one; returns the ids deleted. Raises Busy, NoEdition."""
    where = where or folder()
    current(where)
    with writing(where, patience):
        now = current(where)
        gone = [i for i in listed(where)[: -keep if keep else None] if i != now]
        for edition_id in gone:
            for path in files_of(edition_id, where):
                if os.name == "nt":  # Windows does not delete what is read-only
                    path.chmod(0o644)
                path.unlink(missing_ok=True)
            (where / f"{edition_id}{CHECKSUM}").unlink(missing_ok=True)
    return gone


def retract(edition_id: str, reason: str, where: Path | None = None, patience: float = PATIENCE) -> str | None:
    """Takes an edition back; returns the id of the edition that readers see now, None when no whole one is left.

    Its note alone makes it unreadable: from then on no list, address or pointer leads to it, in any process that reads this
    folder or a copy of it. Its files then go to retracted/, open to their owner alone; what a kill leaves, the next writer
    seals. Readers who saw it are shown the one before it, not a later one that somebody may have rolled back from. One that
    is retracted already keeps its note. Raises UnknownEdition, ValueError (no reason), Busy.
    """
    where, reason = where or folder(), " ".join(reason.split())
    if not reason:
        raise ValueError("a retraction needs a reason")
    with writing(where, patience):
        order = listed(where)
        if edition_id in order:
            at = order.index(edition_id)
            with suppress(OSError, UnicodeDecodeError):  # a pointer that cannot be read leads nobody to this edition
                if (where / POINTER).read_text(encoding="utf-8").strip() == edition_id:
                    others = [*reversed(order[:at]), *reversed(order[at + 1 :])]
                    before = next((other for other in others if not fault_of(other, where)), None)
                    set_current(before, where) if before else (where / POINTER).unlink()
            note = where / f"{edition_id}{RETRACTED}"
            replace(note, f"{time.strftime('%Y-%m-%d', time.gmtime())} {reason}\n")
            note.chmod(0o600)
        elif not is_retracted(edition_id, where):
            path_of(edition_id, where)  # says which editions there are
        _seal(where)
        try:
            return current(where)
        except NoEdition:
            return None


def unsealed(where: Path | None = None) -> list[Path]:
    """Files of retracted editions that still lie among the others: left by a kill, or put back by a copy."""
    where = where or folder()
    return [path for edition_id in retractions(where) for path in _all_of(edition_id, where)]


def _all_of(edition_id: str, where: Path) -> list[Path]:
    return sorted([*where.glob(f"{edition_id}*.duckdb"), *where.glob(f"{edition_id}{CHECKSUM}")])


def _seal(where: Path) -> None:
    """Moves the files of retracted editions out of the readers' way. Only for who holds the lock."""
    for path in unsealed(where):
        sealed = where / SEALED
        sealed.mkdir(mode=0o700, exist_ok=True)
        path.chmod(0o400)
        if (sealed / path.name).exists():  # a copy has put it back
            path.unlink()
        else:
            os.replace(path, sealed / path.name)


def leftovers(where: Path | None = None) -> list[Path]:
    """What killed writers left: drafts, parts, checksums without an edition, a lock that nobody holds.

    Empty while a writer is at work, whose files these may be. The next build sweeps them.
    """
    where = where or folder()
    if not where.is_dir() or is_held(where / LOCK):
        return []
    return sorted([*_left(where, alone=True), *where.glob(LOCK)])


def _left(where: Path, alone: bool) -> list[Path]:
    found = [path for pattern in ("draft-*.duckdb*", "*.part") for path in where.glob(pattern)]
    if alone:  # a publication notes the checksums, and names the files of narrower labels, before the edition has its name
        found += [p for p in where.glob(f"*{CHECKSUM}") if not p.with_suffix(".duckdb").exists()]
        narrower = where.glob(f"*{labels.SIGN}*.duckdb")
        found += [p for p in narrower if not p.with_name(f"{p.stem.partition(labels.SIGN)[0]}.duckdb").exists()]
        sealing = unsealed(where)
        found = [path for path in found if path not in sealing]
    return found


def _sweep(where: Path, before: float, alone: bool = False) -> None:
    """Deletes what builds that were killed have left behind: older than `before`, or everything for who holds the lock."""
    for path in _left(where, alone):
        with suppress(FileNotFoundError):  # another build swept it first
            if alone or path.stat().st_mtime < before:
                _delete(path)


def _delete(path: Path) -> None:
    if path.is_dir():  # where DuckDB puts what does not fit into memory
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
