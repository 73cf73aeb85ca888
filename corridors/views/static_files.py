"""Large unchanging data as files on our own host, so that a rerun sends an address instead of the data.

Files are named by their content; a browser that has one never fetches it again. Where the disk may not be written, the
data travels with the page instead.
"""

import hashlib
import json
import secrets

from corridors import ROOT

FOLDER = ROOT / "corridors" / "web" / "static"
ADDRESS = "app/static/"  # relative: works behind any host name
fetchable = False  # corridors.web.app sets it: without our own server nobody answers for these files


def is_there(address: str) -> bool:
    """Whether an address that was handed out is still answered."""
    return (FOLDER / address.removeprefix(ADDRESS)).is_file()


def served(name: str, data: dict | list | bytes) -> str | dict | list:
    """The address of `data` as a JSON file on our own host; the data itself when it cannot be written."""
    if not fetchable:
        return json.loads(data) if isinstance(data, bytes) else data
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
