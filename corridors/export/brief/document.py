"""The member brief: one or two A4 pages as PDF, from one edition, labelled top and bottom, the same bytes for the same edition.

Typst sets the pages with the fonts that it brings; no other program, font or network is needed. All text goes in as data, so no
name from a table can become markup.
"""

import json
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import typst

from corridors import catalog
from corridors.catalog import Member, words
from corridors.catalog.tlp import strictest
from corridors.export.brief import parts as brief_parts
from corridors.store import labels as ceilings
from corridors.store.queries import figures as reading
from corridors.store.queries import members
from corridors.views import changes, outlook, summary

TEMPLATE = Path(__file__).with_name("brief.typ")
PAGES = 2
STANDARD = "ua-1"  # tagged for screen readers; refuses a glyph that no font has, a picture without words, a skipped heading


@dataclass(frozen=True)
class Room:
    """How much of each part there is room for; the first that fits two pages is taken."""

    conflicts: int
    limits: int
    own: int
    changes: int
    routes: int
    joint: int
    factors: int
    ahead: int


ROOMS = (
    Room(4, 6, 6, 6, 12, 6, 5, 3),
    Room(3, 4, 5, 5, 12, 5, 5, 3),
    Room(2, 3, 4, 4, 12, 4, 5, 2),
    Room(2, 2, 3, 4, 11, 3, 4, 2),
    Room(1, 2, 3, 3, 10, 3, 4, 1),
    Room(1, 2, 2, 3, 9, 2, 4, 1),
    Room(1, 1, 2, 2, 8, 2, 3, 1),
    Room(1, 1, 1, 2, 6, 2, 3, 1),
    Room(1, 1, 1, 2, 4, 1, 2, 1),
)


def facts(edition_id: str, iso3: str, since: str | None = None) -> dict:
    """Everything that a brief could say, as plain text and SVG. Nothing above the label that the edition is named with is in it
    (`id@GREEN`, see `store.labels`); its own label is the strictest of all rows that were read for it.

    `since` is an earlier edition; with it the brief says what changed. Raises UnknownEdition, NotComparable.
    """
    with ceilings.labels_read() as labels:
        content = _gathered(edition_id, iso3, since)
    return content | {"tlp": strictest(labels)}


def _gathered(edition_id: str, iso3: str, since: str | None) -> dict:
    member = catalog.load().members[iso3]
    dated = pd.Timestamp(reading.edition(edition_id)["dated"])
    cards, missing, codes = brief_parts.cards(edition_id, iso3)
    routes = brief_parts.routes(edition_id, member)
    own, own_note = brief_parts.own_figures(edition_id, iso3)
    factors, ahead = brief_parts.factors(edition_id, iso3), outlook.of_member(edition_id, iso3)
    moved = changes.between(since, edition_id, iso3) if since else None
    return {
        "member": member.name,
        "about": about(member),
        "lead": _lead(edition_id, iso3),
        "edition": ceilings.plain(edition_id),
        "dated": words.day(dated),
        "date": [dated.year, dated.month, dated.day],
        "cards": cards,
        "missing": missing,
        "routes": routes,
        "factors": factors,
        "changes": moved
        and {
            "summary": changes.summary(moved),
            "said": changes.sentences(moved, ROOMS[0].changes),
            "totals": int(moved.rows.whole.sum()),
        },
        "joint": brief_parts.joint_action(edition_id, iso3),
        "own": own,
        "own_note": own_note,
        "conflicts": brief_parts.conflicts(edition_id, iso3),
        "ahead": [each["text"] for each in ahead],
        "projection": outlook.PROJECTION,
        "gaps": brief_parts.gaps(edition_id, iso3),
        "limits": brief_parts.limits(codes),
        "sources": _sources(edition_id, cards, [*factors, *ahead]),
    }


def _lead(edition_id: str, iso3: str) -> str:
    """The member's sentence; empty for an edition of an earlier version that cannot say it."""
    try:
        return summary.summary(edition_id, iso3).sentence.replace("**", "")
    except reading.OtherShape:
        return ""


def cut(content: dict, room: Room) -> dict:
    """The facts with as much of each part as there is room for; what is left out is counted or named."""
    routes, moved = content["routes"], content["changes"]
    return content | {
        "routes": routes | {"rows": routes["rows"][: room.routes], "left_out": max(0, len(routes["rows"]) - room.routes)},
        "changes": moved and moved | {"said": moved["said"][: room.changes], "more": max(0, moved["totals"] - room.changes)},
        "own": content["own"][: room.own],
        "more_own": max(0, len(content["own"]) - room.own),
        "conflicts": content["conflicts"] and content["conflicts"][: room.conflicts],
        "more_conflicts": max(0, len(content["conflicts"] or []) - room.conflicts),
        "limits": content["limits"][: room.limits],
        "more_limits": [entry["title"] for entry in content["limits"][room.limits :]],
        "joint": content["joint"] and content["joint"][-room.joint :],
        "more_joint": max(0, len(content["joint"] or []) - room.joint),
        "factors": content["factors"][: room.factors],
        "ahead": content["ahead"][: room.ahead],
        "more_ahead": max(0, len(content["ahead"]) - room.ahead),
    }


def about(member: Member) -> str:
    """One line on a member: subregion, capital, Ad Hoc Group, and whether the membership was verified."""
    parts = [member.subregion, f"capital {member.capital}"]
    if member.ad_hoc_group:
        parts.append("member of the Ad Hoc Group")
    if not member.verified:
        parts.append("membership not verified")
    return " · ".join(parts)


def _sources(edition_id: str, cards: list[dict], others: list[dict]) -> list[str]:
    """Attribution and licence of every source that stands behind a number of the brief."""
    used = {entry["source"] for entry in (*cards, *others)}
    rows = members.licences(edition_id)
    return [
        f"{r.attribution.rstrip('.')}. Licence: {r.licence}."
        for r in rows.itertuples()
        if f"{r.publisher}, {r.title}, {r.edition}" in used
    ]


def pdf(edition_id: str, iso3: str, since: str | None = None) -> bytes:
    """The brief of a member as PDF, at most two A4 pages. Raises UnknownEdition, NotComparable."""
    content, _ = fitted(edition_id, iso3, since)
    return typst.compile(
        TEMPLATE.read_bytes(),
        sys_inputs={"brief": json.dumps(content)},
        ignore_system_fonts=True,
        pdf_standards=STANDARD,
        timestamp=int(pd.Timestamp(*content["date"], tz="UTC").timestamp()),  # so that the same edition gives the same bytes
    )


def fitted(edition_id: str, iso3: str, since: str | None = None) -> tuple[dict, int]:
    """What the brief says with as much as fits two pages, and how many pages it takes."""
    everything = facts(edition_id, iso3, since)
    for room in ROOMS:
        content = cut(everything, room)
        count = page_count(content)
        if count <= PAGES:
            break
    return content, count


def page_count(content: dict) -> int:
    """How many pages the template makes of these facts."""
    compiler = typst.Compiler(TEMPLATE.read_bytes(), sys_inputs={"brief": json.dumps(content)}, ignore_system_fonts=True)
    return int(json.loads(compiler.query("<pages>", field="value", one=True)))


def file_name(edition_id: str, member: Member) -> str:
    """The name of a brief's file: the member's name and the edition."""
    return f"brief-{in_a_file_name(member.short_name or member.name)}-{ceilings.plain(edition_id)}.pdf"


def in_a_file_name(text: str) -> str:
    """A text as part of a file's name: letters, digits and hyphens only."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return "-".join(re.findall("[a-z0-9]+", plain.lower()))
