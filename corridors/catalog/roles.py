"""Roles: who may open which page, up to which TLP label, and for how long. From one table, access.toml."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corridors import ROOT
from corridors.catalog import tlp

PATH = ROOT / "deploy" / "access.toml"
ALL = "*"
START = "start"  # what the first page, whose address is empty, is called in the table
CEILINGS = tlp.LABELS[:-1]
AHEAD = 300  # seconds by which the provider's clock may be ahead of ours
GROUP_TEXT = 200  # characters of a group's name
NEEDED = {"title": str, "groups": list, "ceiling": str, "pages": list, "may_export": bool, "may_see_private_pages": bool}
# false where it is not said
MAY_HAVE = {"may_save_agendas": bool, "may_accept": bool, "may_publish": bool, "only_own_member": bool}
KINDS = {str: "a text in quotes", list: "a list of texts", bool: "true or false"}
SESSION = {"claim", "hours", "idle_minutes", "shut_out"}
DESK = {"member_groups": str, "one_person_may_publish": bool}


class BadAccess(Exception):
    """The table of roles cannot be used. `faults` holds every fault, one line each with its cure; nobody is let in."""

    def __init__(self, faults: list[str]):
        self.faults = faults
        super().__init__("Nobody is let in until access.toml is mended:\n" + "\n".join(f"· {fault}" for fault in faults))


@dataclass(frozen=True)
class Role:
    """What one kind of visitor may do. `pages` are parts of the address; {"*"} is every page that is not private.

    `may_accept`: take files into the data, build drafts, propose them. `may_publish`: show a draft to readers, go back.
    `only_own_member`: hands in the briefing of its own member, which its groups name, and nothing else.
    """

    id: str
    title: str
    groups: frozenset[str]
    ceiling: str
    pages: frozenset[str]
    may_export: bool
    may_see_private_pages: bool
    may_save_agendas: bool = False
    may_accept: bool = False
    may_publish: bool = False
    only_own_member: bool = False


# Who sits at the machine itself, where no sign-in is configured.
LOCAL = Role("local", "Local", frozenset(), "AMBER+STRICT", frozenset({ALL}), True, True, True, True, True)


@dataclass(frozen=True)
class Access:
    """The table of roles, from the one that sees least to the one that sees most, and how long a session lives."""

    claim: str
    hours: float
    idle_minutes: float
    shut_out: frozenset[str]
    private: frozenset[str]
    roles: tuple[Role, ...]
    member_groups: str = (
        ""  # how the name of a group begins that names a member: "corridors-member-" in "corridors-member-THA"
    )
    one_person_may_publish: bool = False

    def member_of(self, claims: Mapping[str, Any]) -> str:
        """The code of the one member that a sign-in's groups name; empty where they name none, or several."""
        mine = groups_of(claims, self.claim)
        found = {g.removeprefix(self.member_groups) for g in mine if self.member_groups and g.startswith(self.member_groups)}
        return found.pop() if len(found) == 1 else ""

    def role_of(self, claims: Mapping[str, Any]) -> Role | None:
        """The last role that one of the claimed groups gives; None for whoever is in no group, or shut out."""
        subject = claims.get("sub")
        if not isinstance(subject, str) or not subject.strip() or subject in self.shut_out:
            return None
        mine = groups_of(claims, self.claim)
        return next((role for role in reversed(self.roles) if role.groups & mine), None)

    def may_open(self, role: Role | None, page: str) -> bool:
        """Whether a role opens the page with this part of the address; nobody opens nothing."""
        name = page.strip("/") or START
        if role is None or (name in self.private and not role.may_see_private_pages):
            return False
        return ALL in role.pages or name in role.pages

    def ended(self, claims: Mapping[str, Any], last_seen: float | None, now: float) -> str | None:
        """Why a session is over: "hours", "idle", "unclear" (signed in at no known time, or in the future); None while it lives.

        `last_seen`: seconds since 1970, None when this server has not seen the sign-in before. A server that does not know
        it can only go by the token: an old one has been idle for all that anybody knows.
        """
        began = claims.get("iat")
        if isinstance(began, bool) or not isinstance(began, (int, float)) or not math.isfinite(began) or began > now + AHEAD:
            return "unclear"
        if now - began >= self.hours * 3600:
            return "hours"
        return "idle" if now - max(began, last_seen or 0) >= self.idle_minutes * 60 else None


def groups_of(claims: Mapping[str, Any], claim: str) -> frozenset[str]:
    """The groups that a sign-in claims; what is no text or list of texts is no group. A dot leads into what lies deeper."""
    found: Any = claims
    if claim not in claims:  # some providers use addresses, dots included, as names of claims
        for part in claim.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    else:
        found = claims[claim]
    names = [found] if isinstance(found, str) else found if isinstance(found, (list, tuple)) else []
    return frozenset(name for name in names if isinstance(name, str) and name.strip() and len(name) <= GROUP_TEXT)


def load(path: Path = PATH) -> Access:
    """The table of roles in a file. Raises BadAccess with every fault at once."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as fault:
        said = f"{path.name} cannot be read ({fault.strerror}). Put the file there, or mend CORRIDORS_ACCESS."
        raise BadAccess([said]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise BadAccess([f"{path.name} is no TOML: {fault}. Mend that place."]) from None
    session, roles = _table(content.get("session")), _table(content.get("role"))
    pages, desk = _table(content.get("pages")), _table(content.get("desk"))
    faults = [
        f"{path.name}: “{key}” is not known. Remove it; known are session, pages, desk and role.NAME."
        for key in content
        if key not in ("session", "pages", "desk", "role")
    ]
    faults += _session_faults(path.name, session) + _private_faults(path.name, pages) + _desk_faults(path.name, desk)
    if not roles:
        faults.append(f"{path.name}: no role at all. Add an entry [role.NAME] with {', '.join(NEEDED)}.")
    for key, entry in roles.items():
        faults += _role_faults(f"{path.name}, role.{key}", _table(entry))
    faults += _shared_groups(path.name, roles)
    if faults:
        raise BadAccess(faults)
    made = tuple(
        Role(
            key,
            entry["title"],
            frozenset(entry["groups"]),
            entry["ceiling"],
            frozenset(entry["pages"]),
            entry["may_export"],
            entry["may_see_private_pages"],
            **{name: entry.get(name, False) for name in MAY_HAVE},
        )
        for key, entry in roles.items()
    )
    return Access(
        session["claim"],
        float(session["hours"]),
        float(session["idle_minutes"]),
        frozenset(session.get("shut_out", [])),
        frozenset(pages.get("private", [])),
        made,
        **desk,
    )


def _table(value) -> dict:
    return value if isinstance(value, dict) else {}


def _texts(value) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and item.strip() for item in value)


def _session_faults(file: str, entry: dict) -> list[str]:
    faults = [
        f"{file}, session: “{key}” is not known. Known are {', '.join(sorted(SESSION))}."
        for key in entry
        if key not in SESSION
    ]
    if not isinstance(entry.get("claim"), str) or not entry["claim"].strip():
        faults.append(f'{file}, session: claim must name the claim that holds a person\'s groups, for instance "groups".')
    for key, most in (("hours", 24), ("idle_minutes", 24 * 60)):
        value = entry.get(key)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= most:
            faults.append(f"{file}, session: found {key} = {value!r}; expected a number above 0 and at most {most}.")
    if not _texts(entry.get("shut_out", [])):
        faults.append(f"{file}, session: shut_out must be a list of subjects in quotes; it may be empty.")
    return faults


def _private_faults(file: str, entry: dict) -> list[str]:
    faults = [f"{file}, pages: “{key}” is not known. Known is private." for key in entry if key != "private"]
    if not _texts(entry.get("private", [])):
        faults.append(f"{file}, pages: private must be a list of pages in quotes; it may be empty.")
    return faults


def _desk_faults(file: str, entry: dict) -> list[str]:
    faults = [f"{file}, desk: “{key}” is not known. Known are {', '.join(DESK)}." for key in entry if key not in DESK]
    return faults + [
        f"{file}, desk: found {key} = {entry[key]!r}; expected {KINDS[kind]}."
        for key, kind in DESK.items()
        if key in entry and not (isinstance(entry[key], kind) and entry[key] != "")
    ]


def _role_faults(where: str, entry: dict) -> list[str]:
    known = NEEDED | MAY_HAVE
    faults = [f"{where}: “{key}” is not known. Known are {', '.join(known)}." for key in entry if key not in known]
    for key, kind in known.items():
        if key not in entry:
            if key in MAY_HAVE:
                continue
            faults.append(f"{where}: {key} is missing. Add it: {KINDS[kind]}.")
        elif not isinstance(entry[key], kind) or (kind is list and not _texts(entry[key])):
            faults.append(f"{where}: found {key} = {entry[key]!r}; expected {KINDS[kind]}.")
    if isinstance(entry.get("ceiling"), str) and entry["ceiling"] not in CEILINGS:
        said = "RED is for the people present and is shown to nobody here" if entry["ceiling"] == "RED" else "no such label"
        faults.append(f"{where}: found ceiling “{entry['ceiling']}” ({said}); expected one of {', '.join(CEILINGS)}.")
    if entry.get("groups") == [] or (_texts(entry.get("groups")) and ALL in entry["groups"]):
        faults.append(f"{where}: groups must name groups of the identity provider; nobody has a role without one.")
    return faults


def _shared_groups(file: str, roles: dict) -> list[str]:
    """A group in two roles would silently give the wider one."""
    owners: dict[str, list[str]] = {}
    for key, entry in roles.items():
        groups = _table(entry).get("groups")
        for group in dict.fromkeys(groups) if _texts(groups) else []:
            owners.setdefault(group, []).append(key)
    return [
        f"{file}: group “{group}” is in {' and '.join(keys)}. Leave it in one of them."
        for group, keys in owners.items()
        if len(keys) > 1
    ]
