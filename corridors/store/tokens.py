"""Keys for other programs: one for each person, with a role and a last day, made and withdrawn by a steward.

The file keeps of each only a digest: who reads it can ask nothing with it. A key without a line in it opens nothing.
"""

import hashlib
import json
import os
import secrets
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from corridors import ROOT
from corridors.problems import Refused
from corridors.store import atomic_files
from corridors.store.lock import one_writer

SIGN = "corridors_"  # how every key begins, so that who finds one knows what it opens
PATIENCE = 10.0  # seconds that one waits for another who makes or withdraws a key


@dataclass(frozen=True)
class Token:
    """One key, as the steward sees it. `until`: the last day on which it opens anything."""

    id: str
    person: str
    role: str
    until: str
    made: str
    digest: str
    withdrawn: str = ""

    def ended(self, today: date) -> str:
        """Why it opens nothing any more; empty while it does."""
        if self.withdrawn:
            return f"It was withdrawn on {self.withdrawn}."
        return f"Its last day was {self.until}." if today.isoformat() > self.until else ""


def file() -> Path:
    """Where keys are kept: the environment's CORRIDORS_TOKENS, else data/private/tokens.json."""
    return Path(os.environ.get("CORRIDORS_TOKENS") or ROOT / "data" / "private" / "tokens.json")


def listed() -> tuple[Token, ...]:
    """All keys ever made, oldest first. Raises Refused where the file cannot be read: then no key opens anything."""
    path = file()
    try:
        return _read(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        return ()


@lru_cache(maxsize=2)
def _read(path: Path, changed: int) -> tuple[Token, ...]:
    try:
        return tuple(Token(**entry) for entry in json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as fault:
        raise Refused(f"{path.name} cannot be read ({fault}). Put back a copy; until then no key opens anything.") from None


def make(person: str, role: str, until: date, today: date) -> tuple[Token, str]:
    """A new key and its text, which is shown this once. Raises Refused for a day that is over or more than a year away."""
    if not person.strip() or len(person) > 80:
        raise Refused("A key is for a person: found no name, or one of over 80 characters. Say who will hold it.")
    if not 0 <= (until - today).days <= 366:
        raise Refused(
            f"found the last day {until}; expected one from today to a year ahead. A key that lives on is forgotten."
        )
    text = SIGN + secrets.token_urlsafe(32)
    made = Token(secrets.token_hex(4), person.strip(), role, until.isoformat(), today.isoformat(), _digest(text))
    with _writing():
        _write([*listed(), made])
    return made, text


def withdraw(token_id: str, today: date) -> Token:
    """Ends a key from the next question on. Raises Refused for a name that no key has."""
    with _writing():
        kept = listed()
        found = next((one for one in kept if one.id == token_id), None)
        if found is None:
            raise Refused(f"There is no key “{token_id}”. “corridors token list” names them all.")
        ended = Token(**{**asdict(found), "withdrawn": found.withdrawn or today.isoformat()})
        _write([ended if one is found else one for one in kept])
    return ended


def find(text: str) -> Token | None:
    """The key whose text this is, ended or not; None for what is no key."""
    digest = _digest(text)
    return next((one for one in listed() if secrets.compare_digest(one.digest, digest)), None)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _writing():
    atomic_files.private_folder(file().parent)
    return one_writer(file().with_suffix(".lock"), PATIENCE)


def _write(tokens: list[Token]) -> None:
    with atomic_files.whole(file()) as part:
        part.touch(mode=0o600)
        part.write_text(json.dumps([asdict(one) for one in tokens], indent=1, ensure_ascii=False), encoding="utf-8")
