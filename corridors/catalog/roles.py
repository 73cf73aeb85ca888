"""Roles: who may open which page, up to which TLP label, and for how long. From one table, access.toml."""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError

from corridors import ROOT
from corridors.catalog import tlp

PATH = ROOT / "deploy" / "access.toml"
ALL = "*"
START = "start"  # what the first page, whose address is empty, is called in the table
CEILINGS = tlp.LABELS[:-1]
AHEAD = 300  # seconds by which the provider's clock may be ahead of ours
GROUP_TEXT = 200  # characters of a group's name
FORMER_PAGES = {"hidden": "multiple-systems"}  # pages that had another name: a table or an address with it goes on working


def _of_somebody(groups: frozenset[str]) -> frozenset[str]:
    if not groups or ALL in groups:
        raise ValueError("nobody has a role without one")
    return groups


def _by_their_names(pages: frozenset[str]) -> frozenset[str]:
    return frozenset(FORMER_PAGES.get(page, page) for page in pages)


# Kinds of entries, each with the words for what is expected.
Text = Annotated[str, Field(strict=True, pattern=r"\S", description="a text in quotes")]
Texts = Annotated[frozenset[Text], Field(description="a list of texts in quotes")]
PageNames = Annotated[Texts, AfterValidator(_by_their_names), Field(description="a list of texts in quotes")]
Groups = Annotated[Texts, AfterValidator(_of_somebody), Field(description="a list of groups of the identity provider")]
Ceiling = Annotated[Literal[CEILINGS], Field(description=f"one of {', '.join(CEILINGS)}; RED is shown to nobody here")]
YesNo = Annotated[bool, Field(strict=True, description="true or false")]
STRICT = ConfigDict(extra="forbid")


class BadAccess(Exception):
    """The table of roles cannot be used. `faults` holds every fault, one line each with its cure; nobody is let in."""

    def __init__(self, faults: list[str]):
        self.faults = faults
        super().__init__("Nobody is let in until access.toml is mended:\n" + "\n".join(f"· {fault}" for fault in faults))


@dataclass(frozen=True)
class Rights:
    """What one kind of visitor may do. `pages` are parts of the address; {"*"} is every page that is not private.

    `may_accept`: take files into the data, build drafts, propose them. `may_publish`: show a draft to readers, go back.
    `only_own_member`: hands in the briefing of its own member, which its groups name, and nothing else.
    """

    __pydantic_config__ = STRICT
    title: Text
    groups: Groups
    ceiling: Ceiling
    pages: PageNames
    may_export: YesNo
    may_see_private_pages: YesNo
    may_save_agendas: YesNo = False
    may_accept: YesNo = False
    may_publish: YesNo = False
    only_own_member: YesNo = False


@dataclass(frozen=True)
class Role(Rights):
    """A role by the name that the table gives it."""

    id: str = field(kw_only=True)

    @property
    def may_ask(self) -> bool:
        """Whether other programs may take figures away in this role; who hands in for one member only takes none."""
        return self.may_export and not self.only_own_member


# Who sits at the machine itself, where no sign-in is configured.
LOCAL = Role("Local", frozenset(), "AMBER+STRICT", frozenset({ALL}), True, True, True, True, True, id="local")


@dataclass(frozen=True)
class Session:
    """How long a sign-in lives, and who is shut out. `claim`: what holds a person's groups."""

    __pydantic_config__ = STRICT
    claim: Annotated[Text, Field(description='the claim that holds a person\'s groups, for instance "groups"')]
    hours: Annotated[float, Field(strict=True, gt=0, le=24, description="a number above 0 and at most 24")]
    idle_minutes: Annotated[float, Field(strict=True, gt=0, le=1440, description="a number above 0 and at most 1440")]
    shut_out: Texts = frozenset()


@dataclass(frozen=True)
class Desk:
    """`member_groups`: how the name of a group begins that names a member: "corridors-member-" in "corridors-member-THA"."""

    __pydantic_config__ = STRICT
    member_groups: Text = ""
    one_person_may_publish: YesNo = False


@dataclass(frozen=True)
class Pages:
    """Pages, and parts of pages, that a role must be allowed to see."""

    __pydantic_config__ = STRICT
    private: PageNames = frozenset()


@dataclass(frozen=True)
class File:
    """What access.toml holds."""

    __pydantic_config__ = STRICT
    session: Annotated[Session, Field(description="an entry [session] with claim, hours and idle_minutes")]
    role: Annotated[dict[str, Rights], Field(min_length=1, description="an entry [role.NAME] or more")]
    pages: Pages = Pages()
    desk: Desk = Desk()


@dataclass(frozen=True, kw_only=True)
class Access(Desk, Session):
    """The table of roles, from the one that sees least to the one that sees most, and how long a session lives."""

    private: frozenset[str]
    roles: tuple[Role, ...]

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
    faults = _shared_groups(path.name, content.get("role"))
    try:
        file = TypeAdapter(File).validate_python(content)
    except ValidationError as refused:
        raise BadAccess([_in_words(path.name, dict(one)) for one in refused.errors()] + faults) from None
    if faults:
        raise BadAccess(faults)
    roles = tuple(Role(**vars(rights), id=key) for key, rights in file.role.items())
    return Access(**vars(file.session), **vars(file.desk), private=file.pages.private, roles=roles)


# Where the file holds entries: what is known there.
KNOWN = {"": File, "session": Session, "pages": Pages, "desk": Desk, "role": Rights}


def _in_words(file: str, fault: Mapping[str, Any]) -> str:
    """One fault that pydantic found: entry, what was found, what is expected."""
    place = [str(part) for part in fault["loc"]]
    depth = 0 if len(place) < 2 else 2 if place[0] == "role" else 1
    where, known = ".".join(place[:depth]), KNOWN[place[0] if depth else ""]
    name = place[depth] if len(place) > depth else ""
    hints = get_type_hints(known, include_extras=True)
    expected = next(
        (said for m in reversed(getattr(hints.get(name), "__metadata__", ())) if (said := getattr(m, "description", None))),
        "a table",
    )
    where = f"{file}, {where}" if where else file
    if fault["type"] == "unexpected_keyword_argument":
        return f"{where}: “{name}” is not known. Remove it; known are {', '.join(hints)}."
    if fault["type"] == "missing":
        return f"{where}: {name} is missing. Add it: {expected}."
    return f"{where}: found {name or 'an entry'} = {fault['input']!r}; expected {expected}."


def _shared_groups(file: str, roles: Any) -> list[str]:
    """A group in two roles would silently give the wider one."""
    owners: dict[str, list[str]] = {}
    for key, entry in roles.items() if isinstance(roles, dict) else ():
        groups = entry.get("groups") if isinstance(entry, dict) else None
        for group in {g for g in groups if isinstance(g, str)} if isinstance(groups, list) else ():
            owners.setdefault(group, []).append(key)
    return [
        f"{file}: group “{group}” is in {' and '.join(keys)}. Leave it in one of them."
        for group, keys in sorted(owners.items())
        if len(keys) > 1
    ]
