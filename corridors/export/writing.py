"""Files written whole or not at all: a reader never finds half of one, whatever interrupts the writing."""

import os
import secrets
from pathlib import Path

from corridors.export.faults import NotWritable
from corridors.store.atomic_files import flush


def folder(path: Path) -> Path:
    """The folder, made if it is missing and proved to be writable. Raises NotWritable."""
    trial = path / f".{secrets.token_hex(4)}.part"
    try:
        path.mkdir(parents=True, exist_ok=True)
        trial.touch()
        trial.unlink()
    except OSError as fault:
        raise NotWritable(
            f"The folder {path} cannot be written: {fault.strerror or fault}. Name another one with -o."
        ) from None
    return path


def whole(path: Path, data: bytes) -> Path:
    """Writes the file in one step and returns its path: a new file beside it first, then the name. Raises NotWritable."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as handle:
            handle.write(data)
        flush(part)
        os.replace(part, path)
    except OSError as fault:
        raise NotWritable(
            f"{path} cannot be written: {fault.strerror or fault}. Close it where it is open, or name another with -o."
        ) from None
    finally:
        part.unlink(missing_ok=True)
    return path
