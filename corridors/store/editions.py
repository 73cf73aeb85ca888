"""Editions: immutable DuckDB files (one for each label, see `labels`), one edition of them pointed at. What is there, what is whole, what readers see.

A new edition gets a new file name; then the pointer is replaced in one step. A file is never replaced under its name,
because a process that holds the old one would go on serving its rows (DuckDB keeps the handle). Beside each edition lies
its checksum, in the form that `sha256sum -c` reads. What order editions have is the order in which they were published,
whatever the clock said. Who publishes, prunes or retracts holds the lock; readers never need it.

Where several machines share editions in a bucket (see `bucket`), the folder mirrors it: whoever writes looks first at what is there,
and what is published, pruned or retracted counts for everybody, or for nobody.
"""

import hashlib
import logging
import os
import re
import secrets
import shutil
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from corridors import ROOT, paths
from corridors.store import bucket, labels
from corridors.store.atomic_files import replace
from corridors.store.lock import is_held

log = logging.getLogger("corridors.editions")
POINTER, LOCK, CHECKSUM = "current", "writing", ".sha256"
RETRACTED, SEALED = ".retracted", "retracted"  # ending of the note on an edition that was taken back; folder of its files
SHORT = 20.0  # the same, for who only moves the pointer
SHAPE = re.compile(rb"(?s).{8}DUCK")  # how a DuckDB file begins, after a checksum of eight bytes
HEAD, BLOCK = 12288, 262144  # bytes: a DuckDB file is three headers and whole blocks
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
    path = where / file_name(edition_id, ceiling)
    if not path.is_file():  # an edition of an earlier version was one file for everybody
        raise UnknownEdition(f"Edition {edition_id} has no file for TLP:{ceiling}. Run “python -m etl build”.")
    return path


def files_of(edition_id: str, where: Path | None = None) -> list[Path]:
    """All files of an edition, the widest first: those that were noted when it was published, and those that are there."""
    where = where or folder()
    sums = noted(where / f"{edition_id}{CHECKSUM}")
    names = [file_name(edition_id, ceiling) for ceiling in reversed(labels.CEILINGS)]
    return [where / name for name in names if name in sums or (where / name).exists()]


def file_name(edition_id: str, ceiling: str) -> str:
    """The name of the file for a ceiling: that of the widest is the edition's id alone."""
    return f"{edition_id}{'' if ceiling == labels.HIGHEST else labels.SIGN + ceiling}.duckdb"


def noted(path: Path) -> dict[str, str]:
    """File's name → SHA-256, as noted at the publication; empty when nothing was kept or the note is not readable."""
    try:
        lines = [line.split() for line in path.read_text(encoding="ascii").splitlines()]
    except (OSError, UnicodeDecodeError):
        return {}
    return {line[1]: line[0] for line in lines if len(line) == 2 and re.fullmatch("[0-9a-f]{64}", line[0])}


def sums_of(note: Path) -> str:
    """The digest of an edition's checksums: it stands for all its bytes; empty when none were kept."""
    return hashlib.sha256(note.read_bytes()).hexdigest() if note.is_file() else ""


def pointed(where: Path) -> str:
    """What stands in the pointer, whatever it is; empty where there is none."""
    try:
        return (where / POINTER).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def checksum_of(path: Path) -> str:
    """The SHA-256 of an edition's file, noted at the publication; empty when none was kept or the note is not readable."""
    return noted(path.with_name(f"{path.stem.partition(labels.SIGN)[0]}{CHECKSUM}")).get(path.name, "")


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
    edition_id, warning = _seen(where)
    if warning != _logged.get(where, ""):  # once, not at every rerun of every page
        _logged[where] = warning
        log.warning(warning or "The pointer names a whole edition again.")
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


def last_retraction(where: Path | None = None) -> float:
    """When an edition was last taken back here, in seconds since 1970; 0 when none ever was."""
    return max((path.stat().st_mtime for path in (where or folder()).glob(f"*{RETRACTED}")), default=0.0)


def take(edition_id: str, origin: Path, where: Path, stamp: int, take: Callable[[Path, Path], None]) -> None:
    """Gives the files of a whole edition in `origin` their place in `where`, each by `take(file, place)`."""
    replace(where / f"{edition_id}{CHECKSUM}", (origin / f"{edition_id}{CHECKSUM}").read_text(encoding="ascii"))
    for file in reversed(files_of(edition_id, origin)):
        part = where / f"draft-{os.getpid()}-{secrets.token_hex(4)}.duckdb"
        take(file, part)
        os.utime(part, ns=(stamp, stamp))
        part.chmod(0o400)
        os.replace(part, where / file.name)


def remove(edition_id: str, where: Path) -> None:
    """Deletes an edition's files."""
    for path in files_of(edition_id, where):
        if os.name == "nt":  # Windows does not delete what is read-only
            path.chmod(0o644)
        path.unlink(missing_ok=True)
    (where / f"{edition_id}{CHECKSUM}").unlink(missing_ok=True)


def note_retraction(edition_id: str, text: str, where: Path) -> None:
    """Notes that an edition was taken back, and why: for its owner alone."""
    note = where / f"{edition_id}{RETRACTED}"
    replace(note, text.strip() + "\n")
    note.chmod(0o600)


def unsealed(where: Path | None = None) -> list[Path]:
    """Files of retracted editions that still lie among the others: left by a kill, or put back by a copy."""
    where = where or folder()
    return [path for edition_id in retractions(where) for path in _all_of(edition_id, where)]


def _all_of(edition_id: str, where: Path) -> list[Path]:
    return sorted([*where.glob(f"{edition_id}*.duckdb"), *where.glob(f"{edition_id}{CHECKSUM}")])


def seal(where: Path) -> None:
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


def sweep(where: Path, before: float, alone: bool = False) -> None:
    """Deletes what builds that were killed have left behind: older than `before`, or everything for who holds the lock."""
    for path in _left(where, alone):
        with suppress(FileNotFoundError):  # another build swept it first
            if alone or path.stat().st_mtime < before:
                delete(path)


def delete(path: Path) -> None:
    if path.is_dir():  # where DuckDB puts what does not fit into memory
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
