"""The table of contents: every page of the product. A page is one file in `pages/` and one entry here."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import streamlit as st

from corridors.catalog.roles import FORMER_PAGES


class Part(NamedTuple):
    """A part of a page, chosen by a key of its page in the address and loaded only then.

    `of` is its name in the table of roles, and was its own address once; empty where it is as open as its page.
    """

    id: str
    title: str
    of: str = ""


class Entry(NamedTuple):
    """A page: its part of the address (empty: the first page), its file below pages/, how the menu shows it, and its parts.

    `choice` is the name under which the address keeps the part that is chosen. No two pages share one: Streamlit takes the
    choices of the page that is left out of a link to another.
    """

    name: str
    file: str
    title: str
    icon: str
    help: str = ""
    in_menu: bool = True
    choice: str = ""
    parts: tuple[Part, ...] = ()


ANALYSTS = "For analysts"
# The seven entries of the menu and the pages that have no menu, then the closed ones.
ENTRIES = [
    Entry(
        "",
        "overview/situation.py",
        "Region",
        "public",
        "The region's headline figures, what is known of whom, and what is newest.",
    ),
    Entry(
        "member",
        "members/member.py",
        "Members",
        "flag",
        "Every theme for one member: figures, trends, corridors, and what is missing.",
    ),
    Entry(
        "routes",
        "routes/route_map.py",
        "Routes",
        "map",
        "Where people are smuggled and trafficked, one corridor from end to end, and what is said of the networks behind.",
        choice="view",
        parts=(
            Part("map", "Map"),
            Part("corridor", "Corridor", "corridor"),
            Part("networks", "Networks and methods", "networks"),
        ),
    ),
    Entry(
        "factors",
        "factors/push_pull.py",
        "Push and pull",
        "compare_arrows",
        "What the literature says drives people, the indicator that stands for it, and what it cannot say.",
    ),
    Entry(
        "action",
        "actions/joint_action.py",
        "Joint action",
        "handshake",
        "Every Joint Period of Action: who committed to what, what came of it, plans, lessons, and help for the next one.",
        choice="action_part",
        parts=(
            Part("periods", "The periods"),
            Part("group", "The Working Group"),
            Part("differ", "Where sources differ"),
            Part("plans", "Investigation plans", "plans"),
            Part("planning", "Planning aid", "planning"),
            Part("lessons", "Lessons", "lessons"),
            Part("practices", "Practices and scenarios", "practices"),
        ),
    ),
    Entry(
        "quality",
        "quality/data_quality.py",
        "Data quality",
        "fact_check",
        "Who reported what and when, how good each figure is, where sources differ, and where all of it comes from.",
        choice="part",
        parts=(
            Part("coverage", "Who reported"),
            Part("grades", "Grades"),
            Part("first", "What to fix first"),
            Part("conflicts", "Conflicts", "conflicts"),
            Part("scorecard", "Scorecard", "scorecard"),
            Part("sources", "Sources", "sources"),
            Part("caveats", "Caveats", "sources"),
            Part("words", "Words", "sources"),
            Part("edition", "This edition", "sources"),
            Part("left", "Left out"),
        ),
    ),
    Entry(
        "meeting",
        "present/meeting.py",
        "Present",
        "slideshow",
        "A meeting's agenda as slides: present it, read the speaker's notes, take it along.",
    ),
    Entry("present", "present/present.py", "Slides", "slideshow", in_menu=False),
    Entry("notes", "present/notes.py", "Speaker's notes", "speaker_notes", in_menu=False),
]
CLOSED = [
    Entry(
        "cases",
        "evidence/cases.py",
        "Cases",
        "groups",
        "Identified victims and smuggled migrants in case records, protected so that nobody can be found.",
    ),
    Entry(
        "expected",
        "factors/expected_flow.py",
        "Expected flow",
        "balance",
        "What size and distance suggest for a corridor, explained, with what the model leaves out.",
    ),
    Entry(
        "outlook",
        "evidence/outlook.py",
        "Outlook",
        "insights",
        "What past years suggest for the next ones, with the record of the same method, and why most series have none.",
        choice="outlook",
        parts=(
            Part("series", "Years to come"),
            Part("months", "Months"),
            Part("refused", "Why not"),
            Part("record", "How good were we"),
        ),
    ),
    Entry(
        "multiple-systems",
        "evidence/multiple_systems.py",
        "Hidden numbers",
        "visibility_off",
        "How many may be on no list, by several models side by side, and when no number can be given.",
    ),
    Entry(
        "desk",
        "desk/desk.py",
        "Desk",
        "inbox",
        "Hand files in, see their faults, look at a draft of what would change, publish it, go back.",
        choice="desk",
        parts=(
            Part("in", "Hand in"),
            Part("draft", "Draft and publish"),
            Part("sources", "Sources"),
            Part("work", "What was done"),
            Part("forms", "Forms and help"),
        ),
    ),
]
ENTRIES += CLOSED
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
        found[ANALYSTS if entry in CLOSED else ""].append(_page(entry, shown))
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
