"""Large unchanging data as files on our own host, so that a rerun sends an address instead of the data.

Files are named by their content; a browser that has one never fetches it again. Where the disk may not be written, the
data travels with the page instead.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "static"
ADDRESS = "app/static/"  # relative: works behind any host name


def served(name: str, data: dict | list | bytes) -> str | dict | list:
    """The address of `data` as a JSON file on our own host; the data itself when it cannot be written."""
    text = data if isinstance(data, bytes) else json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
    file = FOLDER / f"{name}-{hashlib.sha256(text).hexdigest()[:12]}.json"
    try:
        if not file.is_file():
            part = file.with_name(f"{file.name}.{secrets.token_hex(8)}.part")
            part.write_bytes(text)
            part.replace(file)
    except OSError:
        return json.loads(text)
    return ADDRESS + file.name
