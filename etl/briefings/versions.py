"""The versions of every briefing: which stands, writing a new one so that nothing is ever half-written, withdrawing one.

A version is a folder that appears under its name in one step. Folders whose name begins with a dot belong to nobody; the
next writer, who holds the lock, sweeps them.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import tomli_w

from corridors.problems import Refused
from corridors.store import atomic_files, lock
from corridors.store.atomic_files import flush, flush_folder
from corridors.store.cases import database
from etl.briefings.model import COVER_FILE, WITHDRAWN_FILE, folder_of
from etl.frames import sha256

PART = ".part-"  # begins the name of what is still being written
KEY = re.compile(r"(?:briefing\s+)?([A-Z]{3})\s+([0-9][0-9_-]*)(?:\s+v([0-9]{1,4}))?", re.IGNORECASE)
SENT = (".csv", ".tsv", ".txt", ".toml")  # what a folder that was sent consists of
NUMBER = re.compile(r"v([1-9][0-9]{0,3})")


@dataclass(frozen=True)
class Version:
    """One version of one member's briefing of one period."""

    iso3: str
    period: str
    number: int
    folder: Path
    withdrawn: bool

    @property
    def key(self) -> str:
        """By what it can be withdrawn: "briefing THA 2025 v2"."""
        return f"briefing {self.iso3} {self.period} v{self.number}"


def listed(data: Path) -> list[Version]:
    """Every version of every briefing, withdrawn ones too, oldest period first."""
    found = []
    for folder in (data / "briefings").glob("[A-Z][A-Z][A-Z]/[0-9]*/v*"):
        number = NUMBER.fullmatch(folder.name)
        if number and (folder / COVER_FILE).is_file():
            found.append(
                Version(folder.parts[-3], folder.parts[-2], int(number[1]), folder, (folder / WITHDRAWN_FILE).is_file())
            )
    return sorted(found, key=lambda v: (v.iso3, v.period, v.number))


def standing(data: Path) -> list[Version]:
    """The valid version of every briefing: the highest that is not withdrawn."""
    return list({(v.iso3, v.period): v for v in listed(data) if not v.withdrawn}.values())


def of(data: Path, iso3: str, period: str) -> Version | None:
    """The valid version of one briefing, or None."""
    return next((v for v in standing(data) if (v.iso3, v.period) == (iso3, period)), None)


def named(data: Path, key: str) -> Version:
    """The version that a key names; without a number the valid one. Raises Refused listing what there is."""
    found = KEY.fullmatch(key.strip())
    known = [v for v in listed(data) if not v.withdrawn]
    if found:
        iso3, period, number = found[1].upper(), found[2], int(found[3] or 0)
        mine = [v for v in known if (v.iso3, v.period) == (iso3, period) and number in (0, v.number)]
        if mine:
            return mine[-1]
        if any((v.iso3, v.period, v.number) == (iso3, period, number) for v in listed(data)):
            raise Refused(f"“{key}”: that version is withdrawn already. Nothing was changed.")
    near = (
        ", ".join(v.key for v in known if found and v.iso3 == found[1].upper())
        or ", ".join(v.key for v in known[:8])
        or "none"
    )
    raise Refused(f"“{key}”: there is no such version; expected a key such as “briefing THA 2025 v2”. There are: {near}.")


def receipt(version: Version) -> dict:
    """What accept wrote down of the file: original, sha256, bytes, rows; empty for a briefing compiled by hand."""
    try:
        return dict(tomllib.loads((version.folder / COVER_FILE).read_text(encoding="utf-8")).get("receipt", {}))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return {}


def parts(path: Path) -> list[Path]:
    """The file itself, or the tables of a folder: nothing else that lies there is a briefing's."""
    if not path.is_dir():
        return [path] if path.exists() else []
    return sorted(p for p in path.iterdir() if p.is_file() and p.suffix.lower() in SENT)


def digest(path: Path) -> str:
    """The SHA-256 of a file, or of a folder's tables with their names."""
    if path.is_file():
        return sha256(path)
    lines = [f"{p.name} {sha256(p)}" for p in parts(path)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def store(
    data: Path, iso3: str, period: str, files: Mapping[str, str], original: Path | None = None, checksum: str = ""
) -> Version:
    """The new version, whole and on disk. Call it only inside `writing`. The original is stored first, by its checksum.

    A kill at any moment leaves either no new version or the whole of it, and always the earlier ones as they were.
    """
    if original is not None:
        _keep(original, private(data), checksum)
    above = folder_of(data, iso3, period)
    above.mkdir(parents=True, exist_ok=True)
    part = above / f"{PART}{os.getpid()}-{secrets.token_hex(4)}"
    part.mkdir()
    for name, text in files.items():
        (part / name).write_text(text, encoding="utf-8", newline="")
        flush(part / name)
    flush_folder(part)
    number = max((v.number for v in listed(data) if (v.iso3, v.period) == (iso3, period)), default=0) + 1
    final = above / f"v{number}"
    os.rename(part, final)
    flush_folder(above)
    return Version(iso3, period, number, final, False)


def withdraw(version: Version, why: str, on: date) -> None:
    """Writes down that a version no longer stands; nothing is deleted."""
    with atomic_files.whole(version.folder / WITHDRAWN_FILE) as part:
        part.write_bytes(tomli_w.dumps({"withdrawn": on, "why": why}).encode())


def private(data: Path) -> Path:
    """Where originals lie: outside the repository, for the writer's eyes only."""
    return data / "private" / "briefings"


@contextmanager
def writing(data: Path) -> Iterator[None]:
    """The right to write briefings, for one process at a time; what a killed writer left behind is swept first.

    The lock goes with its process, so a kill frees it. Raises Refused while another process holds it.
    """
    folder = private(data)
    database.folder(data)  # for the owner alone, also where it was made wider
    atomic_files.private_folder(folder).chmod(0o700)  # what was sent may hold more than may be published
    try:
        with lock.one_writer(folder / "lock", patience=0):
            _sweep(data)
            yield
    except lock.Busy as busy:
        raise Refused.of(
            "data/private/briefings/lock", "another accept or withdraw at work", "one writer at a time", str(busy)
        ) from None


def _sweep(data: Path) -> None:
    """Deletes the parts that killed writers left. A whole original stays: a version elsewhere may speak of it."""
    above = data / "briefings"
    for path in [*above.glob(f"*/*/{PART}*"), *above.glob(f"*/*/v*/{PART}*"), *private(data).glob(f"{PART}*")]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _keep(original: Path, folder: Path, checksum: str) -> None:
    """Copies what was sent into `folder` under its checksum, readable by its owner only; refuses one that changed meanwhile."""
    final = folder / (checksum + original.suffix.lower() if original.is_file() else checksum)
    if final.exists():
        return
    part = folder / f"{PART}{os.getpid()}-{secrets.token_hex(4)}"
    if original.is_dir():
        part.mkdir()
        for file in parts(original):
            shutil.copyfile(file, part / file.name)
    else:
        shutil.copyfile(original, part)
    if digest(part) != checksum:
        raise Refused.of(
            original.name,
            "a file that changed while it was read",
            "the file that was checked",
            "Close it elsewhere and try again.",
        )
    for path in [part, *part.rglob("*")] if part.is_dir() else [part]:
        path.chmod(0o700 if path.is_dir() else 0o600)
        if path.is_file():
            flush(path)
    os.rename(part, final)
    flush_folder(folder)
