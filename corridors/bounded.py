"""TOML and JSON from outside, read within bounds: a small file can otherwise ask its reader for gigabytes.

Every level of a dotted name costs memory in proportion to all the levels before it, and nothing in TOML limits them. All bounds are
looked for before the reader sees the file, in one pass, so that what passes them costs little and what does not costs nothing.
"""

import json
import re
import tomllib
from pathlib import Path

LARGEST = 256_000  # bytes of TOML: an agenda or a debrief is a page or two
DEEPEST = 12  # parts of one name, or brackets in brackets
DIGITS = 400  # of one number
LARGEST_JSON, MOST = 100_000_000, 5_000_000  # bytes; lists, objects and what they hold
# Every text, comment, word, dot and bracket once, so that the time is in proportion to the size; a text may lack its end.
_TOKEN = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*(?:""")?|\'\'\'(?:[^\']|\'(?!\'\'))*(?:\'\'\')?'
    r'|"(?:[^"\\\n]|\\.)*"?|\'[^\'\n]*\'?|#[^\n]*|[\w+-]+|[ \t]+|.',
    re.DOTALL,
)


class Unreadable(ValueError):
    """The file is no TOML or JSON in UTF-8, or lies beyond the bounds; the message says what was found."""


def read_toml(path: Path) -> dict:
    """The content of a TOML file. Raises Unreadable, and OSError where the file cannot be opened."""
    size = path.stat().st_size
    if size > LARGEST:
        raise Unreadable(f"{size:,} bytes, where at most {LARGEST:,} are read")
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as fault:
        raise Unreadable(f"bytes that are no UTF-8, first at {fault.start:,}") from None
    _refuse_depth(text)
    try:
        return tomllib.loads(text)
    except ValueError as fault:
        raise Unreadable(str(fault)[:200]) from None


def read_json(content: bytes):
    """What a JSON text in UTF-8 says. Raises Unreadable."""
    if len(content) > LARGEST_JSON:
        raise Unreadable(f"{len(content):,} bytes, where at most {LARGEST_JSON:,} are read")
    if (parts := sum(content.count(sign) for sign in (b",", b"[", b"{"))) > MOST:
        raise Unreadable(f"{parts:,} values, where at most {MOST:,} are read")
    try:
        return json.loads(content)
    except RecursionError:
        raise Unreadable("brackets within brackets, too deep to be read") from None
    except UnicodeDecodeError as fault:
        raise Unreadable(f"bytes that are no UTF-8, first at {fault.start:,}") from None
    except ValueError as fault:  # also what Python refuses of numbers
        raise Unreadable(str(fault)[:200]) from None


def _refuse_depth(text: str) -> None:
    """Raises Unreadable for a name of too many parts, for brackets too deep, and for a number of too many digits."""
    dots = depth = 0
    for found in _TOKEN.finditer(text):
        token, what = found[0], ""
        if token == ".":
            dots += 1
        elif token in "[{":
            depth += 1
        elif token in "]}":
            depth = max(0, depth - 1)
        if dots >= DEEPEST:
            what = f"a name of more than {DEEPEST} parts"
        elif depth > DEEPEST:
            what = "brackets within brackets, too deep to be read"
        elif len(token) > DIGITS and token.lstrip("+-").replace("_", "").isdigit():
            what = f"a number of {len(token):,} digits"
        if what:
            raise Unreadable(f"{what} (line {text.count(chr(10), 0, found.start()) + 1})")
        if not (token[0] in "\"'. \t" or token[0].isalnum() or token[0] in "_+-"):
            dots = 0
