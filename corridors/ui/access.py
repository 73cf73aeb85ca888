"""Who looks, and how far: the viewer's role, the strictest label that may be shown, and the labels of what is on screen.

Nothing of this is kept between runs: the role is worked out anew from the claims and the table of roles each time somebody
asks, so that a role taken away is gone with the next click.
"""

import hashlib
import hmac
import ipaddress
import json
import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import streamlit as st

from corridors import ROOT, catalog
from corridors.catalog import roles, tlp
from corridors.catalog.roles import LOCAL, Access, BadAccess, Role
from corridors.store import drafts, editions
from corridors.store import labels as ceilings
from corridors.store.atomic_files import private_folder

LOG = logging.getLogger("corridors.access")
REASONS = ("hours", "idle", "unclear", "left")
VISIT = "x-corridors-visit"  # the header by which the server hands over the mark of a connection
_run = threading.local()  # what this run of the script has shown (labels) and looked up; one run is one thread
OFFERS = 10_000  # files whose offers are remembered; Streamlit itself keeps a file only while its page is open
_offers: dict[bytes, dict[str, tuple[str, float]]] = {}  # SHA-256 of a file → sign-in that was offered it → its label, when
_offers_lock = threading.Lock()
_configured = False  # once a process has seen a sign-in it never goes back to letting everybody in


class Visits:
    """When each sign-in was last seen by this process, and which ones are over for good, whatever a cookie says.

    What is over stands in a small file, one line each, that all processes share and that outlives them; without one (`file`
    None) it is forgotten with the process.
    """

    def __init__(self, file: Path | None = None):
        self.file = file
        self._read = 0  # bytes of the file that this process has read
        self._seen: dict[str, float] = {}
        self._over: dict[str, str] = {}
        self._lock = threading.Lock()

    def admit(self, access: Access, claims: Mapping[str, Any], now: float) -> str | None:
        """Notes a visit; returns why it is refused ("hours", "idle", "unclear", "left"), or None."""
        key = token(claims)
        with self._lock:
            self._look()
            reason = self._over.get(key) or access.ended(claims, self._seen.get(key), now)
            if reason:
                self._end(key, reason)
            else:
                self._seen[key] = now
                self._forget(now - access.hours * 3600)
        return reason

    def leave(self, claims: Mapping[str, Any]) -> None:
        """Ends a sign-in: other tabs and a copied cookie are refused from now on."""
        with self._lock:
            self._end(token(claims), "left")

    def is_over(self, claims: Mapping[str, Any]) -> bool:
        """Whether a sign-in has been ended."""
        with self._lock:
            self._look()
            return token(claims) in self._over

    def _end(self, key: str, reason: str) -> None:
        self._seen.pop(key, None)
        if key in self._over:
            return
        self._over[key] = reason
        if self.file:
            try:
                private_folder(self.file.parent)
                # one short line in one write: processes that write at once do not mix theirs
                handle = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
                try:
                    os.write(handle, f"{key} {reason}\n".encode())
                finally:
                    os.close(handle)
            except OSError as fault:
                LOG.error("The end of a sign-in cannot be kept; other processes do not know of it: %s", fault)

    def _look(self) -> None:
        """Reads what other processes have added since the last look."""
        try:
            if not self.file or (size := self.file.stat().st_size) == self._read:
                return
            if size < self._read:  # somebody emptied it
                self._read = 0
            with self.file.open("rb") as lines:
                lines.seek(self._read)
                for line in lines:
                    if not line.endswith(b"\n"):
                        break  # somebody is writing it
                    self._read += len(line)
                    key, _, reason = line.decode("ascii", "replace").strip().partition(" ")
                    self._over.setdefault(key, reason if reason in REASONS else "left")
        except FileNotFoundError:
            self._read = 0
        except OSError as fault:
            LOG.error("What other processes know of ended sign-ins cannot be read: %s", fault)

    def _forget(self, before: float) -> None:
        """Drops what no cookie could bring back: not seen within a session's longest life."""
        for key in [k for k, when in self._seen.items() if when < before]:
            del self._seen[key]
        while len(self._over) > 10_000:  # an old sign-in that is forgotten here is still refused for its age
            del self._over[next(iter(self._over))]


# where sign-ins that are over are kept
VISITS = Visits(Path(os.environ.get("CORRIDORS_ENDED") or ROOT / "data" / "private" / "ended-sign-ins"))


def token(claims: Mapping[str, Any]) -> str:
    """One sign-in of one person, as a digest: no name can be read from it."""
    named = json.dumps([str(claims.get(k)) for k in ("iss", "sub", "iat", "nonce")])
    return hashlib.sha256(named.encode()).hexdigest()


def signs_in() -> bool:
    """Whether visitors must sign in: there is a section [auth] in Streamlit's secrets, or there once was in this process."""
    global _configured
    if not _configured and not getattr(_run, "looked", False):
        _run.looked = True  # once in a run: each look asks the disk for secrets, a tenth of a page's time
        if "is_logged_in" in st.user:
            _configured = True
            ceilings.unnamed_means("CLEAR")  # what asks without a ceiling gets no more than everybody may see
    return _configured


def claims() -> dict[str, Any]:
    """What the identity provider says of the visitor; empty for a stranger."""
    identity = st.user.to_dict()
    return identity if identity.get("is_logged_in") is True else {}


def table() -> Access:
    """The table of roles as it stands now. Raises BadAccess."""
    path = Path(os.environ.get("CORRIDORS_ACCESS") or roles.PATH)
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        changed = 0
    return _table(path, changed)


@lru_cache(maxsize=2)
def _table(path: Path, changed: int) -> Access:
    return roles.load(path)


def role() -> Role | None:
    """The visitor's role now; None for a stranger, for whoever has none, and for everybody while the table has a fault."""
    if not signs_in():
        return LOCAL
    try:
        return table().role_of(claims())
    except BadAccess as fault:
        LOG.error("%s", fault)
        return None


def ceiling() -> str:
    """The strictest TLP label that this viewer may see."""
    mine = role()
    return mine.ceiling if mine else "CLEAR"


def keyed(edition_id: str) -> str:
    """The edition as this viewer may read it: its plain id where nobody signs in, else the id with the viewer's ceiling."""
    return ceilings.keyed(edition_id, ceiling()) if signs_in() else ceilings.plain(edition_id)


def may_open(page: str) -> bool:
    """Whether the viewer's role opens the page with this part of the address."""
    mine = role()
    return bool(mine) and (mine is LOCAL or table().may_open(mine, page))


def may_export() -> bool:
    """Whether the viewer's role may take files away."""
    mine = role()
    return bool(mine) and mine.may_export


def may_save_agendas() -> bool:
    """Whether the viewer's role may keep an agenda on this server, for all who may present."""
    mine = role()
    return bool(mine) and mine.may_save_agendas


def may_accept() -> bool:
    """Whether the viewer's role may take files into the data, build drafts and propose them."""
    mine = role()
    return bool(mine) and mine.may_accept


def may_publish(proposed_by: str = "") -> bool:
    """Whether the viewer may show a draft to readers that `proposed_by` (a digest) has proposed, or go back to an edition.

    Whoever proposed it does not publish it too, unless the table allows that; at the machine itself there is one person.
    """
    mine = role()
    if not mine or not mine.may_publish:
        return False
    return mine is LOCAL or not proposed_by or proposed_by != who() or table().one_person_may_publish


def own_member() -> str | None:
    """The code of the only member that the viewer may hand in for, empty where their groups name none; None for any member."""
    mine = role()
    if not mine or not mine.only_own_member:
        return None
    named = table().member_of(claims())
    return named if named in catalog.load().members else ""


def name() -> str:
    """The visitor's name as the identity provider gives it, for colleagues at the desk; else their role."""
    mine = role()
    return str(claims().get("name") or (mine.title if mine else "Nobody"))[:80]


def may_see_draft(draft: str) -> bool:
    """Whether the viewer may look at a draft edition: analysts at any but another's preview, a contributor at their own."""
    of = drafts.preview_of(draft)
    return of == who() if of else may_accept() or may_publish()


def draft() -> str | None:
    """The draft edition that is on screen: the one that is held or that the address names, if the viewer may see it."""
    named = st.query_params.get("edition") or st.session_state.get("edition") or ""
    shown = named.startswith(editions.DRAFT) and drafts.is_kept(named) and may_see_draft(named)
    return named if shown else None


def log_saved(page: str, why: str = "saved", **fields: str) -> None:
    """Logs that a page changed something on this server, for the audit trail: who (digest), role, page, what it did, and
    `fields` from closed lists (a job, an edition). What was typed is not in it."""
    LOG.info("%s", json.dumps(_entry(page, True) | {"why": why} | fields))


def who() -> str:
    """The visitor of this page for a log."""
    identity = claims()
    return user_digest(identity) if identity or signs_in() else "local"


def user_digest(identity: Mapping[str, Any]) -> str:
    """Whoever makes these claims, for a log: a keyed digest of the subject, always the same, from which no name can be
    worked out; “stranger” where there are none."""
    if not identity:
        return "stranger"
    try:
        key = str(st.secrets["auth"]["cookie_secret"])
    except (KeyError, FileNotFoundError):
        key = "none"
    subject = f"{identity.get('iss')}|{identity.get('sub')}".encode()
    return hmac.new(key.encode(), subject, hashlib.sha256).hexdigest()[:16]


def _entry(page: str, allowed: bool) -> dict[str, Any]:
    """What every line of the log holds: who, in which role, on which page, and whether that was allowed."""
    mine = role()
    return {"who": who(), "role": mine.id if mine else None, "page": page or roles.START, "allowed": allowed}


def log_access(allowed: bool, why: str) -> None:
    """Logs a decision at the door, once until it changes: who (digest), role, page, allowed or not, and why not. No name, no address."""
    _log_once(json.dumps(_entry(roles.START, allowed) | {"why": why}), allowed, {})


def log_visit(page: str, allowed: bool, key: str) -> None:
    """Logs a page that somebody opened, and each change of its filters, for the audit trail.

    What the address holds is handed over beside the message, never in it: only the trail knows which of it may be written.
    """
    more = {"visit": visit(), "edition": ceilings.plain(key), "query": st.query_params.to_dict()}
    _log_once(json.dumps(_entry(page, allowed)), allowed, more)


def visit() -> str:
    """The mark of this tab's connection in the trail, given by the server's doors; empty without them."""
    return st.context.headers.get(VISIT) or ""


def _log_once(line: str, allowed: bool, more: Mapping[str, Any]) -> None:
    if st.session_state.get("_logged") != (line, more):
        st.session_state["_logged"] = (line, more)
        LOG.log(logging.INFO if allowed else logging.WARNING, "%s", line, extra=more)


def remote_access_possible(address: str | None, host: str | None) -> bool:
    """Whether somebody from another machine could be here: the server listens to others, or was asked under another name."""
    try:
        asked = urlsplit(f"//{host}").hostname or "" if host else "localhost"
    except ValueError:
        asked = ""
    return not (_loopback(address or "") and _loopback(asked))


def _loopback(name: str) -> bool:
    """Whether a name or an address means this machine; no address to listen on means every address."""
    try:
        return name.lower() == "localhost" or ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def now() -> float:
    """Seconds since 1970; tokens are dated in them."""
    return time.time()


def fresh_page() -> None:
    """Forgets the labels of the run before, and what it found out about signing in and about editions."""
    _run.labels, _run.looked, _run.found = set(), False, {}


def once_a_run(name: str | None, find: Callable[[], str]) -> str:
    """What `find` answers for `name`, asked once in a run of the script: the disk is asked for every file of an edition."""
    found = getattr(_run, "found", None)
    if found is None:  # nobody came through the front door: a test, or a thread of our own
        return find()
    if name not in found:
        found[name] = find()
    return found[name]


def note(labels: str | Iterable[str]) -> None:
    """Adds labels to what is on screen; the page then carries the strictest, top and bottom."""
    if not hasattr(_run, "labels"):
        _run.labels = set()
    _run.labels.update([labels] if isinstance(labels, str) else labels)


def strictest() -> str:
    """The strictest label of what is on screen so far."""
    return tlp.strictest(getattr(_run, "labels", ()))


def mark(labels: Iterable[str] | None = None) -> str:
    """The label that a view of all these must carry, as it is printed: "TLP:AMBER". Without labels: of the page so far."""
    return f"TLP:{strictest() if labels is None else tlp.strictest(labels)}"


def download(label: str, data: bytes | str | Callable, labels: Iterable[str], of_edition: bool = True, **options) -> None:
    """Streamlit's download button for whoever may take files away, if the strictest of `labels` may leave the house.

    In its place stands a word on why there is none. `of_edition`: it holds figures of the edition on screen, which may be a draft.
    `options` go to `st.download_button`, which draws nothing anew unless told otherwise.
    """
    label_of_all = tlp.strictest(labels)
    if of_edition and draft():
        st.caption("A draft does not leave this screen. Publish it first.")
    elif not may_export():
        st.caption("Your role shows figures and takes none away. Whoever looks after the roles can change that.")
    elif label_of_all not in tlp.allowed(ceiling()):
        st.caption(f"TLP:{label_of_all} does not leave this screen.")
    else:
        note(label_of_all)
        usual = {"on_click": "ignore", "icon": ":material/download:"}
        st.download_button(label, data=_still_allowed(data, label_of_all), **(usual | options))


def _still_allowed(data: bytes | str | Callable, label: str) -> bytes | str | Callable:
    """What makes a file when its button is pressed asks once more: its page may have stood open since the role was taken away.

    What was offered is noted, so that its address answers only whom it was offered to.
    """
    if not signs_in():
        return data
    identity = claims()
    if not callable(data):
        return _offered(data, label, identity)

    def made():
        mine = None if VISITS.is_over(identity) else table().role_of(identity)
        if mine is None or not mine.may_export:
            raise PermissionError("This sign-in may not take files away any more. Load the page again.")
        return _offered(data(), label, identity)

    return made


def _offered(data: bytes | str, label: str, identity: Mapping[str, Any]) -> bytes | str:
    """Notes that a file with this label was offered to this sign-in; returns the file."""
    key = hashlib.sha256(data.encode() if isinstance(data, str) else data).digest()
    with _offers_lock:
        _offers.setdefault(key, {})[token(identity)] = (label, now())
        while len(_offers) > OFFERS:
            del _offers[next(iter(_offers))]
    return data


def opens(identity: Mapping[str, Any], page: str) -> bool:
    """Whether the sign-in with these claims opens a page."""
    try:
        return table().may_open(table().role_of(identity), page)
    except BadAccess:
        return False


def may_take(identity: Mapping[str, Any], body: bytes, saved: bool) -> bool:
    """Whether the sign-in with these claims may have a made file, asked by its address.

    A picture on a page (not `saved`) needs a role; a file that was offered with a label needs the very sign-in that it was
    offered to, still with export and with the label, and no edition retracted since: it may be made of that one. Empty forms,
    which bear no figures, were offered to nobody in particular.
    """
    try:
        mine = table().role_of(identity)
    except BadAccess:
        return False
    with _offers_lock:
        offers = _offers.get(hashlib.sha256(body).digest())
    if mine is None or not saved or offers is None:
        return mine is not None
    label, when = offers.get(token(identity), ("", 0.0))
    return mine.may_export and label in tlp.allowed(mine.ceiling) and when > editions.last_retraction()
