"""The table of contents: every page of the product. A page is one file in `pages/` and one entry of contents.toml."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from corridors.catalog.roles import FORMER_PAGES


class Part(NamedTuple):
    """A part of a page, chosen by a key of its page in the address and loaded only then."""

    id: str
    title: str
    of: str = ""


class Entry(NamedTuple):
    """A page: its part of the address, its file below pages/, how the menu shows it, and its parts; see contents.toml."""

    name: str
    file: str
    title: str
    icon: str
    help: str = ""
    in_menu: bool = True
    for_analysts: bool = False
    choice: str = ""
    parts: tuple[Part, ...] = ()


ANALYSTS = "For analysts"
ENTRIES = [
    Entry(**page | {"parts": tuple(Part(**part) for part in page.get("parts", ()))})
    for page in tomllib.loads(Path(__file__).with_name("contents.toml").read_text(encoding="utf-8"))["page"]
]
BARE = {entry.name for entry in ENTRIES if not entry.in_menu}  # slides and notes have the whole window
TAKE_AWAY = "take-away"  # the name by which the table of roles opens the button that makes files, and its old address
# What stands in the table of roles: pages, and parts that were pages once.
NAMES = {entry.name for entry in ENTRIES} | {part.of for entry in ENTRIES for part in entry.parts if part.of} | {TAKE_AWAY}
# Parts that had another name: old address → old name → name.
RENAMED = {
    "quality": {"age": "edition", "Age and changes": "edition", "open": "left", "Open questions": "left"},
    "sources": {"rejected": "left", "editions": "edition"},
}
# Choices that had another name in the address: old address → old name → name.
FORMER_KEYS = {"hidden": {"hidden": "systems"}}


def pages(may_open: Callable[[str], bool]) -> dict[str, list]:
    """Streamlit's pages: the entries of the menu, then what stands behind "For analysts".

    A page of which `may_open` refuses every part is not in the menu, but a link to it leads to a kind word.
    """
    found: dict[str, list] = {"": [], ANALYSTS: []}
    for entry in ENTRIES:
        shown = entry.in_menu and any(may_open(part.of or entry.name) for part in entry.parts or [Part("", "")])
        found[ANALYSTS if entry.for_analysts else ""].append(_page(entry, shown))
    return found


def entry_of(name: str) -> Entry:
    """The page with this address. Raises StopIteration for no page."""
    return next(entry for entry in ENTRIES if entry.name == name)


def place(name: str) -> tuple[Entry, Part | None]:
    """The page, and the part of it, that a name of the table of roles stands for. Raises StopIteration for no name."""
    for entry in ENTRIES:
        if part := next((part for part in entry.parts if part.of and part.of == name), None):
            return entry, part
    return entry_of("member" if name == TAKE_AWAY else name), None


def file_of(name: str) -> str:
    """The file of the page with this name, as st.switch_page wants it. Raises StopIteration for no page."""
    return f"pages/{place(name)[0].file}"


def link(name: str, label: str, icon: str, **query: str) -> None:
    """A link to a page, or to a part of one, with its choices."""
    entry, part = place(name)
    chosen = ({entry.choice: part.title} if part else {}) | query
    st.page_link(file_of(name), label=label, icon=f":material/{icon}:", query_params=chosen or None)


def moved(name: str, query: list[tuple[str, str]]) -> tuple[str, list[tuple[str, str]]] | None:
    """Where what once had this address stands now, with the choices that it holds; None for what has not moved, or never was."""
    now = FORMER_PAGES.get(name, name)
    if now not in NAMES:
        return None
    entry, part = place(now)
    renamed, keys = RENAMED.get(name, {}), FORMER_KEYS.get(name, {})
    kept = [(keys.get(key, key), renamed.get(text, text) if key == "part" else text) for key, text in query]
    if name == TAKE_AWAY:
        kept.append(("take", "open"))
    elif part and entry.choice not in dict(kept):
        kept.insert(0, (entry.choice, part.id))
    return None if (entry.name, kept) == (name, query) else (entry.name, kept)


def _page(entry: Entry, shown: bool):
    return st.Page(
        f"pages/{entry.file}",
        title=entry.title,
        icon=f":material/{entry.icon}:",
        url_path=entry.name or None,
        default=not entry.name,
        help=entry.help or None,
        visibility="visible" if shown else "hidden",
    )
