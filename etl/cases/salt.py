"""The installation's secret salt: 32 bytes that turn a pseudonym into a hash nobody else can make or reverse."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from corridors.problems import Problem, Refused
from corridors.store import atomic_files

LENGTH = 32
ENVIRONMENT = "CORRIDORS_SALT_FILE"


def path_of(data: Path) -> Path:
    """Where the salt lies: the environment's CORRIDORS_SALT_FILE, else private/salt below the data folder."""
    named = os.environ.get(ENVIRONMENT)
    return Path(named) if named else data / "private" / "salt"


def read(data: Path) -> bytes | None:
    """The salt, or None when there is none yet. Refuses one of another length, or one that others may read."""
    path = path_of(data)
    if not path.is_file():
        return None
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise Refused(
            Problem(
                path.name,
                "a salt that others on this machine may read",
                "mode 0600",
                f"Run “chmod 600” on {path.name} in its folder, and think about who may have read it.",
            )
        )
    salt = path.read_bytes()
    if len(salt) != LENGTH:
        raise Refused(
            Problem(
                path.name,
                f"{len(salt)} bytes",
                f"a salt of {LENGTH} bytes",
                "Put back the salt that the case records were taken in with, from your backup.",
            )
        )
    return salt


def made(data: Path) -> bytes:
    """The salt, made on first use with mode 0600. Whole or not there at all, even if the process is killed meanwhile."""
    there = read(data)
    if there is not None:
        return there
    path = path_of(data)
    atomic_files.private_folder(path.parent)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(handle, secrets.token_bytes(LENGTH))
        os.fsync(handle)
    finally:
        os.close(handle)
    try:
        os.link(part, path)  # unlike a rename, this never replaces a salt that another process has just made
    except FileExistsError:
        return made(data)
    finally:
        part.unlink()
    return read(data) or made(data)


def mark(salt: bytes) -> str:
    """A word by which the same salt is known again, and from which the salt cannot be found."""
    return hmac.new(salt, b"corridors: is this the salt?", hashlib.sha256).hexdigest()[:32]
