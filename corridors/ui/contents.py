"""The table of contents: every page of the product. A page is one file in `pages/` and one entry here."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import streamlit as st


class Entry(NamedTuple):
    """A page: its part of the address (empty: the first page), its file below pages/, and how the menu shows it."""

    name: str
    file: str
    title: str
    icon: str
    help: str = ""
    in_menu: bool = True


ANALYSTS = "For analysts"
# The seven entries of the menu, and the closed one. The first page of an entry opens it; the others are its parts.
CONTENTS = {
    "Region": [
        Entry(
            "",
            "overview/situation.py",
            "Region",
            "public",
            "The region's headline figures, what is known of whom, and what is newest.",
        ),
    ],
    "Members": [
        Entry(
            "member",
            "members/member.py",
            "Members",
            "flag",
            "Every theme for one member: figures, trends, corridors, and what is missing.",
        ),
        Entry(
            "take-away",
            "members/take_away.py",
            "Take away",
            "download",
            "One member as a brief of two pages, as tables, as pictures: made when asked for, each with edition and label.",
        ),
    ],
    "Routes": [
        Entry(
            "routes",
            "routes/route_map.py",
            "Routes",
            "map",
            "Where people are smuggled and trafficked, by what mode, and how good the evidence is for each line.",
        ),
        Entry(
            "corridor",
            "routes/corridor.py",
            "Corridor",
            "swap_calls",
            "One origin and one destination: figures over time, routes between them, and which corridors moved most.",
        ),
        Entry(
            "networks",
            "members/networks.py",
            "Networks and methods",
            "hub",
            "How members describe networks: structure, methods, recruitment, and what the evidence rests on.",
        ),
    ],
    "Push and pull": [
        Entry(
            "factors",
            "factors/push_pull.py",
            "Push and pull",
            "compare_arrows",
            "What the literature says drives people, the indicator that stands for it, and what it cannot say.",
        ),
    ],
    "Joint action": [
        Entry(
            "action",
            "actions/joint_action.py",
            "Joint action",
            "handshake",
            "Every Joint Period of Action: who committed to what, the stage on any day, what came of it.",
        ),
        Entry(
            "plans",
            "actions/plans.py",
            "Investigation plans",
            "assignment",
            "Plans between members as far as they are public, each beside its corridor.",
        ),
        Entry(
            "planning",
            "actions/planning.py",
            "Planning aid",
            "checklist",
            "For a proposed period: who is on the routes, what each has said before, forums, tools, a sheet to fill in.",
        ),
        Entry(
            "lessons",
            "actions/lessons.py",
            "Lessons",
            "school",
            "What worked, what did not, what to do differently; the form of the next debrief.",
        ),
        Entry(
            "practices",
            "actions/practices.py",
            "Practices and scenarios",
            "menu_book",
            "What was tried, with its source, and cases to talk through around a table.",
        ),
    ],
    "Data quality": [
        Entry(
            "quality",
            "quality/data_quality.py",
            "Data quality",
            "fact_check",
            "Who reported what and when, how good each figure is, what to fix first, and what is open.",
        ),
        Entry(
            "scorecard",
            "quality/scorecard.py",
            "Scorecard",
            "summarize",
            "The state of the region's data on one page, with progress since an earlier edition.",
        ),
        Entry(
            "conflicts",
            "quality/conflicts.py",
            "Conflicts",
            "difference",
            "Where two sources speak of the same thing and differ: both figures, both definitions, the likely reason.",
        ),
        Entry(
            "sources",
            "evidence/sources.py",
            "Sources and methods",
            "menu_book",
            "Publishers, licences, what was rejected and why, caveats, words.",
        ),
    ],
    "Present": [
        Entry(
            "meeting",
            "present/meeting.py",
            "Present",
            "slideshow",
            "A meeting's agenda as slides: present it, read the speaker's notes, take it along.",
        ),
        Entry("present", "present/present.py", "Slides", "slideshow", in_menu=False),
        Entry("notes", "present/notes.py", "Speaker's notes", "speaker_notes", in_menu=False),
    ],
    ANALYSTS: [
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
            "hidden",
            "evidence/hidden.py",
            "Hidden numbers",
            "visibility_off",
            "How many may be on no list, by several models side by side, and when no number can be given.",
        ),
    ],
}
ENTRIES = [entry for section in CONTENTS.values() for entry in section]
BARE = {entry.name for entry in ENTRIES if not entry.in_menu}  # slides and notes have the whole window


def pages(may_open: Callable[[str], bool]) -> dict[str, list]:
    """Streamlit's pages: the entries of the menu, then what stands behind "For analysts".

    A page that `may_open` refuses is not in the menu, but a link to it leads to a kind word; parts are reached from their entry.
    """
    found: dict[str, list] = {"": [], ANALYSTS: []}
    for section, entries in CONTENTS.items():
        for n, entry in enumerate(entries):
            shown = entry.in_menu and may_open(entry.name) and (section == ANALYSTS or n == 0)
            found[ANALYSTS if section == ANALYSTS else ""].append(_page(entry, shown))
    return found


def parts_of(name: str) -> list[Entry]:
    """The pages that stand beside the page of this address, itself among them; empty where it stands alone."""
    for section, entries in CONTENTS.items():
        shown = [entry for entry in entries if entry.in_menu]
        if section != ANALYSTS and name in {entry.name for entry in shown} and len(shown) > 1:
            return shown
    return []


def file_of(name: str) -> str:
    """The file of the page with this address, as st.switch_page wants it. Raises StopIteration for no page."""
    return f"pages/{next(entry.file for entry in ENTRIES if entry.name == name)}"


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
