"""TOML of people's hands, read within bounds: a small file can otherwise ask the reader for gigabytes.

Every level of a dotted name costs memory in proportion to all the levels before it, and nothing in TOML limits them.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

LARGEST = 256_000  # bytes: an agenda or a debrief is a page or two
DEEPEST = 12  # parts of one name, or brackets in brackets
_PART = r"""(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*"""
_DEEP_NAME = re.compile(rf"(?:{_PART}\.[ \t]*){{{DEEPEST},}}{_PART}(?=[=\]])")
_LONG_NUMBER = re.compile(r"(?<![\w.])[+-]?\d[\d_]{400,}")


class UnreadableToml(ValueError):
    """The file is no TOML in UTF-8, or lies beyond the bounds; the message says what was found."""


def read(path: Path) -> dict:
    """The content of a TOML file. Raises UnreadableToml, and OSError where the file cannot be opened."""
    size = path.stat().st_size
    if size > LARGEST:
        raise UnreadableToml(f"{size:,} bytes, where at most {LARGEST:,} are read")
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as fault:
        raise UnreadableToml(f"bytes that are no UTF-8, first at {fault.start:,}") from None
    if found := _DEEP_NAME.search(text):
        raise UnreadableToml(f"a name of more than {DEEPEST} parts (line {text.count(chr(10), 0, found.start()) + 1})")
    if found := _LONG_NUMBER.search(text):
        raise UnreadableToml(f"a number of {len(found[0]):,} digits (line {text.count(chr(10), 0, found.start()) + 1})")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise UnreadableToml("brackets within brackets, too deep to be read") from None
    except ValueError as fault:  # also what Python refuses of numbers
        raise UnreadableToml(str(fault)[:200]) from None
