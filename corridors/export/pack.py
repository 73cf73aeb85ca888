"""The take-along pack: a meeting as a folder of HTML files that need no server and no network.

The folder appears under its name in one step, complete: it is written beside first. A pack of the same name is replaced
whole.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

from corridors.export import pack_page, writing
from corridors.export.faults import NotWritable, Refused
from corridors.export.slides.model import Deck

MOST = 15 * 1024 * 1024  # bytes: fits an e-mail and opens on an old tablet
MARK = "corridors-pack"  # a file of this name says that the folder is one of ours and may be replaced


class TooLarge(Refused):
    """The pack would be larger than it may be."""


def name_of(deck: Deck) -> str:
    """The name of the pack's folder: meeting and edition."""
    return f"corridors-{deck.key}-{deck.edition_id}"


def files(deck: Deck, on_page: Callable[[int, int], None] | None = None) -> dict[str, bytes]:
    """Every file of the pack by name. Raises TooLarge."""
    made = {"index.html": pack_page.index(deck).encode("utf-8")}
    for slide in deck.slides:
        made[pack_page.file_of(slide)] = pack_page.slide_page(deck, slide).encode("utf-8")
        if on_page:
            on_page(slide.number, len(deck.slides))
    made[MARK] = f"{deck.key} {deck.edition_id} TLP:{deck.tlp}\n".encode("ascii")
    size = sum(map(len, made.values()))
    if size > MOST:
        raise TooLarge(
            f"The pack would have {size / 2**20:.1f} MB; at most {MOST // 2**20} are allowed. Take slides out of the agenda."
        )
    return made


def write(deck: Deck, folder: Path, on_page: Callable[[int, int], None] | None = None) -> Path:
    """Writes the pack into a folder of its own inside `folder`; returns that folder. Raises NotWritable, TooLarge."""
    made = files(deck, on_page)
    writing.folder(folder)
    target = folder / name_of(deck)
    if target.exists() and not (target / MARK).is_file():
        raise NotWritable(
            f"{target} is there already and is no pack of this program. Name another folder with -o, or move it away."
        )
    part, old = (folder / f".{target.name}.{secrets.token_hex(4)}.{kind}" for kind in ("part", "old"))
    try:
        part.mkdir()
        for name, data in made.items():
            (part / name).write_bytes(data)
        if target.exists():
            os.replace(target, old)
        os.replace(part, target)
    except OSError as fault:
        if old.exists() and not target.exists():
            os.replace(old, target)
        raise NotWritable(
            f"{target} cannot be written: {fault.strerror or fault}. Close its files "
            "where they are open, or name another folder with -o."
        ) from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
    return target
