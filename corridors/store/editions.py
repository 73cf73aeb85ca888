"""Editions: immutable DuckDB files (one for each label, see `labels`), one edition of them pointed at. Draft, publish, current, list, roll back, prune, retract.

A new edition gets a new file name; then the pointer is replaced in one step. A file is never replaced under its name,
because a process that holds the old one would go on serving its rows (DuckDB keeps the handle). Beside each edition lies
its checksum, in the form that `sha256sum -c` reads. What order editions have is the order in which they were published,
whatever the clock said. Who publishes, prunes or retracts holds the lock; readers never need it.

Where several machines share editions in a bucket (see `bucket`), the folder mirrors it: whoever writes looks first at what is there,
and what is published, pruned or retracted counts for everybody, or for nobody.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from dataclasses import replace as with_
from functools import lru_cache
from pathlib import Path

import duckdb

from corridors import ROOT, paths
from corridors.store import bucket, labels, lake
from corridors.store.atomic_files import flush, linked, replace
from corridors.store.lock import is_held, one_writer

log = logging.getLogger("corridors.editions")
POINTER, LOCK, CHECKSUM = "current", "writing", ".sha256"
RETRACTED, SEALED = ".retracted", "retracted"  # ending of the note on an edition that was taken back; folder of its files
PATIENCE = 600.0  # seconds that a writer waits for another; a build takes some ten
SHORT = 20.0  # the same, for who only moves the pointer
ATTEMPTS = 9  # at the list of editions in a bucket, while others change it too
SHAPE = re.compile(rb"(?s).{8}DUCK")  # how a DuckDB file begins, after a checksum of eight bytes
HEAD, BLOCK = 12288, 262144  # bytes: a DuckDB file is three headers and whole blocks
SCHEMAS = [
    Path(__file__).parent / "schema" / f"{name}.sql"
    for name in ("figures", "actions", "briefings", "cases", "quality", "outlook")
]
ABANDONED = 3600  # seconds after which a draft belongs to a build that was killed
_logged: dict[Path, str] = {}  # folder → the trouble last written to the log
FROM_BUCKET = "“python -m etl editions” fetches what is there, or says why it cannot; where nothing is, “python -m etl build” makes the first, with a writer's key."
DAMAGED = "its file is damaged (its checksum is not the one noted when it was published)"
DRAFT = labels.DRAFT
EDITION_ID = bucket.EDITION_ID


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
    """Where editions lie: the environment's CORRIDORS_EDITIONS, else data/editions; where that names a bucket, the folder that
    mirrors it: CORRIDORS_EDITIONS_CACHE, else data/editions."""
    setting = "CORRIDORS_EDITIONS_CACHE" if bucket.is_set() else bucket.SETTING
    return Path(os.environ.get(setting) or ROOT / "data" / "editions")


def shared(where: Path) -> bucket.Bucket | None:
    """The bucket that a folder mirrors; None for one of this machine alone. Raises BucketRefused."""
    return bucket.opened() if bucket.is_set() and where == folder() else None


def drafts_folder() -> Path:
    """Where drafts lie: the environment's CORRIDORS_DRAFTS, else private/drafts in the folder of imported data."""
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


def _sums(note: Path) -> str:
    """The digest of an edition's checksums: it stands for all its bytes; empty when none were kept."""
    return hashlib.sha256(note.read_bytes()).hexdigest() if note.is_file() else ""


def _pointed(where: Path) -> str:
    """What stands in the pointer, whatever it is; empty where there is none."""
    try:
        return (where / POINTER).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


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
        if bucket.is_set() and where == folder():
            # visitors read this too: no name of a bucket in it
            reason = f" The shared store of editions {plain}." if (plain := bucket.remembered(where).plain) else ""
            raise NoEdition(f"No edition has come from the bucket yet.{reason} {FROM_BUCKET}") from None
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

    Waits up to `patience` seconds for another writer, telling `on_wait` once; then raises Busy. Where a bucket is shared, the folder
    first becomes what the bucket holds, and what is written in this block is written upon what was read then. Raises BucketRefused.
    """
    where = where or folder()
    where.mkdir(parents=True, exist_ok=True, mode=0o700)
    with one_writer(where / LOCK, patience, on_wait), _one_of_all_machines(patience, on_wait):
        _seal(where)  # before the sweep, which would delete half of what a killed retraction has moved
        _sweep(where, time.time(), alone=True)
        if not (there := shared(where)):
            yield
            return
        bound = Bound(where, there, *there.shelf())
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


@dataclass
class Bound:
    """A folder that mirrors a bucket, with the shelf as it was last read there, and its version."""

    where: Path
    bucket: bucket.Bucket
    shelf: bucket.Shelf
    version: str

    def is_not_lost(self) -> None:
        """Raises BucketRefused where the bucket had a list of editions and has none any more."""
        if bucket.remembered(self.where).version and not self.version:
            raise bucket.BucketRefused(
                f"The bucket {self.bucket.address} has lost its list of editions; nothing was deleted here. If this is the right bucket, "
                "“python -m etl editions --share” puts back what this machine holds.",
                "has lost its list of editions",
            )

    def named(self, edition_id: str) -> dict[str, str]:
        """What must be in the bucket of an edition on the shelf, by the checksums there: object → digest. Raises BucketRefused."""
        sums = self.shelf.editions[edition_id]["sums"]
        note = f"{edition_id}/{sums}{CHECKSUM}"
        with tempfile.TemporaryDirectory() as room, suppress(FileNotFoundError):
            self.bucket.fetch(note, Path(room) / "note")
            return {note: sums} | {
                f"{edition_id}/{digest}.duckdb": digest for digest in _noted(Path(room) / "note").values()
            }
        return {note: sums}

    def objects(self, edition_id: str) -> dict[str, tuple[Path, str]]:
        """What an edition is in the bucket, by the checksums noted here: object → file with those bytes, their digest; equal ones once."""
        note = self.where / f"{edition_id}{CHECKSUM}"
        files = {digest: self.where / name for name, digest in _noted(note).items()}
        found = {f"{edition_id}/{digest}.duckdb": (file, digest) for digest, file in files.items()}
        return found | {f"{edition_id}/{_sums(note)}{CHECKSUM}": (note, _sums(note))}

    def put(self, edition_id: str) -> None:
        """Puts an edition's files and then its checksums where they are not yet. No reader sees them by that."""
        for name, (file, digest) in self.objects(edition_id).items():
            self.bucket.put_once(name, file, digest)

    def leftovers(self) -> list[str]:
        """Objects that no list names and that were put more than an hour ago: nobody is putting them any more."""
        named = {name for edition_id in self.shelf.editions for name in self.objects(edition_id)}
        old = [name for name, put in self.bucket.names().items() if "/" in name and time.time() - put > ABANDONED]
        return [name for name in old if name not in named]

    def change(self, new: Callable[[bucket.Shelf], bucket.Shelf]) -> None:
        """Replaces the shelf by `new` of it, worked out anew where another writer was quicker. Raises Raced after many attempts."""
        for left in reversed(range(ATTEMPTS)):
            try:
                wanted = new(self.shelf)
                if wanted != self.shelf:
                    self.version = self.bucket.swap(wanted, self.version)
                self.shelf = wanted
                return
            except bucket.Raced:
                if not left:
                    raise
                self.shelf, self.version = self.bucket.shelf()

    def fetch(self, edition_id: str) -> None:
        """Brings an edition, looks whether it is whole, and puts it among the others. Raises BucketRefused; what was here stands."""
        entry, room = (
            self.shelf.editions[edition_id],
            self.where / f"draft-{os.getpid()}-{secrets.token_hex(4)}.duckdb.fetched",
        )
        room.mkdir(mode=0o700)
        came, cure = (
            {},
            f"Show another one (“python -m etl rollback ID”), or run “python -m etl editions --share” where {edition_id} is whole.",
        )
        try:
            note = room / f"{edition_id}{CHECKSUM}"
            self.bucket.fetch(f"{edition_id}/{entry['sums']}{CHECKSUM}", note)
            for name, digest in _noted(note).items() if _sums(note) == entry["sums"] else ():
                if digest in came:
                    linked(came[digest], room / Path(name).name)
                else:
                    came[digest] = room / Path(name).name
                    self.bucket.fetch(f"{edition_id}/{digest}.duckdb", came[digest])
                    flush(came[digest])
            if fault := fault_of(edition_id, room):
                fault = f"Edition {edition_id} has come from the bucket, but {fault}. It is tried again. {cure}"
                raise bucket.BucketRefused(fault, "holds an edition that is damaged")
            _take(edition_id, room, self.where, entry["published"], linked)
        except FileNotFoundError:
            fault = (
                f"The bucket {self.bucket.address} names edition {edition_id}, but not all of its files are there. {cure}"
            )
            raise bucket.BucketRefused(fault, "names an edition that is not there") from None
        except OSError as fault:
            if isinstance(fault, bucket.BucketRefused):
                raise
            raise bucket.BucketRefused(
                f"Edition {edition_id} could not be kept in {self.where.name}/: {fault.strerror or fault}; "
                f"{shutil.disk_usage(self.where).free / 1e6:,.0f} MB are free. Make room on this machine; it is then tried again.",
                "has an edition that this machine could not store",
            ) from None
        finally:
            shutil.rmtree(room, ignore_errors=True)


_bound: ContextVar[Bound | None] = ContextVar("the shelf as it was when writing began", default=None)


def holds(shelf: bucket.Shelf, where: Path) -> bool:
    """Whether a folder still shows what it once mirrored: readers see that edition, and it is whole."""
    return bool(shelf.current) and _pointed(where) == shelf.current and not fault_of(shelf.current, where)


def mirror(bound: Bound, drop: bool = False) -> list[bucket.BucketRefused]:
    """Makes a folder what the shelf says, what readers are to see first; returns what failed. For who holds the lock.

    What was never in the bucket stays. `drop`: the files of retracted editions are deleted and not kept under lock.
    """
    where, shelf, before, faults = bound.where, bound.shelf, bucket.remembered(bound.where), []
    for edition_id in shelf.retracted.keys() - retractions(where).keys():
        _note(edition_id, shelf.retracted[edition_id], where)
    for path in unsealed(where) if drop else ():
        path.unlink(missing_ok=True)
    _seal(where)
    _sweep(where, time.time(), alone=True)
    newest_first = sorted(shelf.editions, key=lambda i: (i == shelf.current, shelf.editions[i]["published"]), reverse=True)
    for edition_id in newest_first:
        try:
            other = _sums(where / f"{edition_id}{CHECKSUM}") != shelf.editions[edition_id]["sums"]
            if other or fault_of(edition_id, where):
                bound.fetch(edition_id)
            if edition_id == shelf.current != _pointed(where):
                replace(where / POINTER, edition_id + "\n")
        except bucket.BucketRefused as fault:
            faults.append(fault)
    for edition_id in before.shelf.editions.keys() - shelf.editions.keys():
        if edition_id != _pointed(where):  # its successor has not come yet
            _remove(edition_id, where)
    if faults:  # of the version before, so that the next look tries again
        bucket.remember(where, before, with_(before, fault=str(faults[0]), plain=faults[0].plain))
    else:
        bucket.remember(where, before, bucket.Memory(bound.version, shelf))
    return faults


def share(where: Path | None = None) -> list[str]:
    """Puts every whole edition of a folder into the bucket that it mirrors, and back into its list where that has been lost; returns
    their ids. Readers elsewhere then see the edition pointed at here, unless they see another one. Raises BucketRefused, Busy."""
    where = where or folder()
    if not (there := shared(where)):
        raise bucket.BucketRefused(f"{bucket.SETTING} names no bucket. Set it to s3://bucket/prefix. {bucket.RUNBOOK}")
    with one_writer(where / LOCK, SHORT):
        bound = Bound(where, there, *there.shelf())
        mine = {
            edition_id: {
                "published": path_of(edition_id, where).stat().st_mtime_ns,
                "sums": _sums(where / f"{edition_id}{CHECKSUM}"),
            }
            for edition_id in listed(where)
            if edition_id not in bound.shelf.retracted
            and checksum_of(where / f"{edition_id}.duckdb")
            and not fault_of(edition_id, where)
        }
        for edition_id in mine:
            bound.put(edition_id)

        def with_mine(shelf: bucket.Shelf) -> bucket.Shelf:
            taken_back = retractions(where) | shelf.retracted
            kept = {
                edition_id: entry for edition_id, entry in (mine | shelf.editions).items() if edition_id not in taken_back
            }
            return bucket.Shelf(shelf.current or (now if (now := _pointed(where)) in kept else ""), kept, taken_back)

        bound.change(with_mine)
        mirror(bound)
    return list(mine)


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


def adopt(edition_id: str, origin: Path, where: Path | None = None, show: bool = True) -> None:
    """Publishes an edition that lies whole in the folder `origin` and, to `show` it, points readers at it; for who holds the lock.

    As in `publish`, the checksums come first and the widest file last. Raises UnknownEdition, also where one is damaged.
    """
    where = where or folder()
    path_of(edition_id, origin)
    if is_retracted(edition_id, where):
        raise Retracted(f"Edition {edition_id} was retracted: its figures are not to be used any more.")
    if fault_of(edition_id, where):  # not there yet, or damaged: then made anew
        stamp = max(time.time_ns(), *(path.stat().st_mtime_ns + 1_000_000 for path in where.glob("*.duckdb")), 0)
        _take(edition_id, origin, where, stamp, _copied)
    if show:
        set_current(edition_id, where)


def _take(edition_id: str, origin: Path, where: Path, stamp: int, take: Callable[[Path, Path], None]) -> None:
    """Gives the files of a whole edition in `origin` their place in `where`, each by `take(file, place)`."""
    replace(where / f"{edition_id}{CHECKSUM}", (origin / f"{edition_id}{CHECKSUM}").read_text(encoding="ascii"))
    for file in reversed(files_of(edition_id, origin)):
        part = where / f"draft-{os.getpid()}-{secrets.token_hex(4)}.duckdb"
        take(file, part)
        os.utime(part, ns=(stamp, stamp))
        part.chmod(0o400)
        os.replace(part, where / file.name)


def _copied(file: Path, place: Path) -> None:
    """No second name for the same bytes: the draft goes its own way."""
    shutil.copyfile(file, place)
    flush(place)


def set_current(edition_id: str, where: Path | None = None) -> None:
    """Makes `edition_id` the one that readers see. Raises UnknownEdition, also for one that is damaged; BucketRefused, Raced, Busy."""
    where = where or folder()
    if shared(where):
        bound = _bound.get()
        if not bound or bound.where != where:
            with writing(where, SHORT):
                set_current(edition_id, where)
            return
        path_of(edition_id, where)
        _announce(bound, edition_id)
    path_of(edition_id, where)
    replace(where / POINTER, edition_id + "\n")


def _announce(bound: Bound, edition_id: str) -> None:
    """Makes an edition the one that readers of the bucket see, if they still see what they saw when its writer began."""
    where, first = bound.where, bound.shelf.current
    sums, own = _sums(where / f"{edition_id}{CHECKSUM}"), path_of(edition_id, where).stat().st_mtime_ns
    if not sums:
        raise UnknownEdition(
            f"Edition {edition_id} has no checksums, without which it is not shared. Run “python -m etl build”."
        )
    if edition_id not in bound.shelf.editions:
        bound.put(edition_id)

    def shown(shelf: bucket.Shelf) -> bucket.Shelf:
        if edition_id in shelf.retracted:
            raise Retracted(f"Edition {edition_id} was retracted: its figures are not to be used any more.")
        after_all = max([own, *(entry["published"] + 1_000_000 for entry in shelf.editions.values())])
        entry = shelf.editions.get(edition_id, {"published": after_all, "sums": sums})
        if entry["sums"] != sums:
            raise bucket.BucketRefused(
                f"Another writer published edition {edition_id}, of the same inputs, at the same time: its bytes are others, and nothing "
                "was replaced. Run the same command again; it takes that one."
            )
        now = edition_id if shelf.current in (first, edition_id) else shelf.current
        return with_(shelf, current=now, editions=shelf.editions | {edition_id: entry})

    bound.change(shown)
    for path in files_of(edition_id, where):  # the order is the same everywhere
        os.utime(path, ns=(bound.shelf.editions[edition_id]["published"],) * 2)
    if bound.shelf.current != edition_id:
        raise bucket.Raced(
            f"Meanwhile another writer gave readers edition {bound.shelf.current}. Yours, {edition_id}, is in the bucket beside it. "
            f"See what differs (“python -m etl diff {bound.shelf.current} {edition_id}”), then show it by “python -m etl rollback {edition_id}”."
        )


def prune(keep: int, where: Path | None = None, patience: float = PATIENCE) -> list[str]:
    """Deletes the oldest editions beyond `keep`, never the current one; returns the ids deleted. Raises Busy, NoEdition.

    From a bucket too, with what no list names there and is older than an hour: nobody is putting it any more.
    """
    where = where or folder()
    if not shared(where):
        current(where)
    with writing(where, patience):
        now = current(where)
        gone = [i for i in listed(where)[: -keep if keep else None] if i != now]
        if bound := _bound.get() if shared(where) else None:
            bound.change(
                lambda shelf: with_(
                    shelf, editions={i: entry for i, entry in shelf.editions.items() if i not in gone or i == shelf.current}
                )
            )
            gone = [edition_id for edition_id in gone if edition_id not in bound.shelf.editions]
        for edition_id in gone:
            _remove(edition_id, where)
        if bound:
            fresh = [name for edition_id in gone for name in bound.bucket.names(edition_id)]
            bound.bucket.delete([*fresh, *bound.leftovers()])
    return gone


def _remove(edition_id: str, where: Path) -> None:
    """Deletes an edition's files."""
    for path in files_of(edition_id, where):
        if os.name == "nt":  # Windows does not delete what is read-only
            path.chmod(0o644)
        path.unlink(missing_ok=True)
    (where / f"{edition_id}{CHECKSUM}").unlink(missing_ok=True)


def _note(edition_id: str, text: str, where: Path) -> None:
    """Notes that an edition was taken back, and why: for its owner alone."""
    note = where / f"{edition_id}{RETRACTED}"
    replace(note, text.strip() + "\n")
    note.chmod(0o600)


def retract(edition_id: str, reason: str, where: Path | None = None, patience: float = PATIENCE) -> str | None:
    """Takes an edition back; returns the id of the edition that readers see now, None when no whole one is left.

    Its note alone makes it unreadable: from then on no list, address or pointer leads to it, in any process that reads this
    folder or a copy of it. Its files then go to retracted/, open to their owner alone; what a kill leaves, the next writer
    seals. Readers who saw it are shown the one before it, not a later one that somebody may have rolled back from. One that
    is retracted already keeps its note. In a bucket it is taken off the list first, and deleted at the end: machines that follow
    delete theirs at their next look. Raises UnknownEdition, ValueError (no reason), Busy, BucketRefused.
    """
    where, reason = where or folder(), " ".join(reason.split())
    if not reason:
        raise ValueError("a retraction needs a reason")
    with writing(where, patience):
        order = listed(where)
        bound = _bound.get() if shared(where) else None
        note = f"{time.strftime('%Y-%m-%d', time.gmtime())} {reason}"
        if edition_id in order or bound and edition_id in bound.shelf.editions:  # there perhaps not even its files are whole
            at = order.index(edition_id) if edition_id in order else 0
            others = [*reversed(order[:at]), *reversed(order[at + 1 :])]
            before = next((other for other in others if not fault_of(other, where)), None)
            if bound:
                bound.change(lambda shelf: _without(shelf, edition_id, before or "", note))
            if _pointed(where) == edition_id:  # a pointer that cannot be read leads nobody to this edition
                replace(where / POINTER, before + "\n") if before else (where / POINTER).unlink()
            _note(edition_id, note, where)
        elif not is_retracted(edition_id, where):
            path_of(edition_id, where)  # says which editions there are
        _seal(where)
        if bound:
            bound.bucket.delete(list(bound.bucket.names(edition_id)))
        try:
            return current(where)
        except NoEdition:
            return None


def _without(shelf: bucket.Shelf, edition_id: str, before: str, note: str) -> bucket.Shelf:
    """The shelf without an edition that is taken back; readers who saw it are given `before`."""
    return bucket.Shelf(
        before if shelf.current == edition_id else shelf.current,
        {other: entry for other, entry in shelf.editions.items() if other != edition_id},
        {edition_id: note} | shelf.retracted,
    )


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
