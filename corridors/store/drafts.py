"""Draft editions: built whole like any other, beside the published ones, and read under a name that begins with `draft-`.

A draft is proposed with a reason and published by copying its files into the folder of editions: what was looked at is what
readers then see, to the byte.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from corridors.store import editions, publishing
from corridors.store.atomic_files import private_folder, replace
from corridors.store.queries import figures

PROPOSAL = ".proposal.json"
KEPT = 5  # drafts; older ones go when another is built


class Stale(Exception):
    """A draft that was built beside another edition than the one that readers see now."""


def made() -> Path:
    """The same folder, made for its owner alone where it is not there."""
    return private_folder(editions.drafts_folder())


def listed() -> list[str]:
    """Ids of all drafts as an address names them (`draft-…`), newest first."""
    return [f"{editions.DRAFT}{edition_id}" for edition_id in reversed(editions.listed(editions.drafts_folder()))]


def is_kept(draft: str) -> bool:
    """Whether there is a draft of this name, whole."""
    return draft in listed() and not editions.fault_of(draft.removeprefix(editions.DRAFT), editions.drafts_folder())


def proposal(draft: str) -> Mapping[str, str]:
    """Who proposed to publish a draft: who (digest), by (name or role), why, when; and `of`, the sender of a preview. Empty: nobody."""
    try:
        return json.loads(_note(draft).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def propose(draft: str, who: str, by: str, why: str) -> None:
    """Proposes a draft to whoever may publish it. Raises ValueError without a reason, UnknownEdition for no draft."""
    editions.path_of(draft)
    if not why.strip():
        raise ValueError("a proposal needs a reason")
    when = datetime.now(UTC).isoformat(timespec="seconds")
    replace(_note(draft), json.dumps({"who": who, "by": by, "why": " ".join(why.split()), "when": when}))


def preview_of(draft: str) -> str:
    """The digest of whoever had a draft made to look at their own briefing; empty for an analyst's."""
    return _owner(draft).read_text(encoding="ascii") if _owner(draft).exists() else ""


def publish(draft: str) -> str:
    """Makes readers see a draft; returns the edition's id. It stays a draft too, until it is swept.

    Raises Stale where another edition was published since it was built, UnknownEdition, Busy.
    """
    own = draft.removeprefix(editions.DRAFT)
    editions.path_of(draft)
    with publishing.writing():
        previous = figures.edition(draft)["previous_id"]
        with suppress(editions.NoEdition):
            if previous != (now := editions.current()) and now != own:
                raise Stale(
                    f"The draft was compared with {previous or 'no edition'}, but readers see {now} by now. Build the draft anew, "
                    "look at what would change, and propose that."
                )
        publishing.adopt(own, editions.drafts_folder())
    return own


def sweep() -> list[str]:
    """Deletes all drafts but the newest five; returns the names of those that are gone."""
    gone = listed()[KEPT:]
    for draft in gone:
        for path in editions.drafts_folder().glob(f"{draft.removeprefix(editions.DRAFT)}*"):
            path.chmod(0o600)
            path.unlink(missing_ok=True)
    return gone


def mark_preview(draft: str, who: str) -> None:
    """Notes for whom a draft was made: nobody else is shown it, and nobody publishes it."""
    replace(_owner(draft), who)


def belongs_to_nobody(draft: str) -> None:
    """An analyst's own draft of what a preview showed is everybody's who may see drafts."""
    _owner(draft).unlink(missing_ok=True)


def _note(draft: str) -> Path:
    return editions.drafts_folder() / f"{draft.removeprefix(editions.DRAFT)}{PROPOSAL}"


def _owner(draft: str) -> Path:
    return editions.drafts_folder() / f"{draft.removeprefix(editions.DRAFT)}.preview"
