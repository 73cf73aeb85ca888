"""The installation's two secrets: the salt that makes hashes of pseudonyms, and the seed of the noise over case counts."""

import hashlib
import hmac
import os
import re
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from corridors.problems import Problem, Refused
from corridors.store import atomic_files

LENGTH = 32


@dataclass(frozen=True)
class Secret:
    """32 bytes in data/private/, or where the environment says: of their owner alone, made once and never replaced."""

    name: str
    expected: str  # what only the first one is
    lost: str  # what to do when it is not there, or is another one

    @property
    def environment(self) -> str:
        """The variable that may name another file."""
        return f"CORRIDORS_{self.name.upper()}_FILE"

    def path(self, data: Path) -> Path:
        """Where it lies."""
        named = os.environ.get(self.environment)
        return Path(named) if named else data / "private" / self.name

    def wrong(self, found: str, expected: str = "", how_to_fix: str = "") -> Problem:
        """A problem with it; unless said otherwise, that it is not the first one."""
        named = f"the file that {self.environment} names"
        file = named if os.environ.get(self.environment) else f"data/private/{self.name}"
        return Problem(file, found, expected or self.expected, how_to_fix or self.lost)

    def fault(self, data: Path, mark: str = "") -> Problem | None:
        """What is wrong with its file, a missing one included; `mark` is that of the first secret, or empty."""
        path = self.path(data)
        if not path.is_file():
            return self.wrong(f"no {self.name}")
        if os.name == "posix" and (mode := stat.S_IMODE(path.stat().st_mode)) & 0o077:
            how_to_fix = f"Run “chmod 600” on it; if others may have read it, treat the {self.name} as known."
            return self.wrong(f"mode {mode:04o}, which others can open", "mode 0600", how_to_fix)
        found = _bytes(path)
        if len(found) != LENGTH:
            return self.wrong(f"{path.stat().st_size} bytes", f"a {self.name} of {LENGTH} bytes, or as many in hexadecimal")
        return self.wrong(f"another {self.name}") if mark and self.mark(found) != mark else None

    def read(self, data: Path) -> bytes | None:
        """The secret, or None when there is none yet. Refuses one of another length, or one that others may read."""
        if not self.path(data).is_file():
            return None
        if fault := self.fault(data):
            raise Refused(fault)
        return _bytes(self.path(data))

    def made(self, data: Path) -> bytes:
        """The secret, made on first use with mode 0600: whole or not there at all, even if the process is killed."""
        path = self.path(data)
        if not path.is_file():
            atomic_files.private_folder(path.parent)
            part = path.with_name(f"{path.name}.{os.getpid()}.part")
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
                file.write(secrets.token_hex(LENGTH) + "\n")
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(part, path)  # unlike a rename, this never replaces one that another process has just made
            except FileExistsError:
                pass  # theirs is read below
            finally:
                part.unlink()
        return self.read(data) or self.made(data)

    def mark(self, secret: bytes) -> str:
        """A word by which the same secret is known again, and from which it cannot be found."""
        return hmac.new(secret, f"corridors: is this the {self.name}?".encode(), hashlib.sha256).hexdigest()[:32]


def _bytes(path: Path) -> bytes:
    """The secret in a file, which holds it in hexadecimal, or as it is: salts of earlier versions."""
    raw = path.read_bytes()
    text = raw.strip().decode("latin-1")
    if re.fullmatch(r"[0-9a-fA-F]+", text):
        return bytes.fromhex(text) if len(text) % 2 == 0 else b""
    return raw


SALT = Secret(
    "salt",
    "the salt with which the accepted case records were hashed",
    "Put it back from your backup, or name it with CORRIDORS_SALT_FILE: without it no repeated record is found.",
)
SEED = Secret(
    "seed",
    "the seed with which these records were protected first",
    "Bring it back from your backup: a second noise over the same records would tell what the first one hides.",
)
