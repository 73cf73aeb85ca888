"""Files that are on the disk and not only on their way to it: what a rename promises then holds after a power cut too."""

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def flush(path: Path) -> None:
    """Returns once the file's bytes are on the disk. Raises OSError, also where the disk is full."""
    with path.open("r+b") as handle:  # Windows flushes only what is open for writing
        os.fsync(handle.fileno())


def flush_folder(folder: Path) -> None:
    """Returns once the folder's names (what was made, renamed or deleted in it) are on the disk. Raises OSError."""
    if os.name == "nt":  # Windows has no way to flush a folder, and keeps renames in its journal
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def private_folder(folder: Path) -> Path:
    """The folder; it, and whatever is missing above it, is made for its owner alone (mode 0700). Raises OSError."""
    if not folder.is_dir():  # mkdir(parents=True) would give its mode to the last one only
        private_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def replace(path: Path, text: str) -> None:
    """Writes a small file in one step: it holds the old text or the new one, whatever happens. Raises OSError."""
    with whole(path) as part:
        part.write_text(text, encoding="utf-8")


def linked(file: Path | str, name: Path | str) -> None:
    """A second name for a file; a copy where the file system has no such thing. Raises OSError."""
    try:
        os.link(file, name)
    except OSError:
        shutil.copy2(file, name)
        flush(Path(name))


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A name beside `path` to write to. It becomes `path`, on disk, when all went well, and vanishes when not.

    Raises OSError.
    """
    part = path.with_name(f".part-{secrets.token_hex(8)}-{path.name}")
    try:
        yield part
        flush(part)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    flush_folder(path.parent)


def sha256(path: Path) -> str:
    """The file's SHA-256 in hex."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
