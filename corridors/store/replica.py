"""A machine that follows a bucket of editions: a thread of the server looks at the manifest every few seconds, and readers never wait.

What has come is read from the folder that mirrors the bucket, as everywhere. Where the bucket does not answer, or holds what is
damaged, readers keep what they have and are told since when; several processes of one machine look, and fetch, once.
"""

import logging
import threading
import time
from contextlib import suppress
from dataclasses import replace as with_
from datetime import UTC, datetime
from pathlib import Path

from corridors.store import bucket, editions, mirror
from corridors.store.lock import Busy, one_writer

log = logging.getLogger("corridors.replica")
EVERY = 3.0  # seconds between two looks at the manifest
SILENCE = 60.0  # seconds without an answer that nobody needs to hear of
_begun = threading.Lock()


def begin() -> None:
    """Starts the thread, once in a process and only where editions are in a bucket; it goes with the process."""
    if bucket.is_set() and _begun.acquire(blocking=False):
        threading.Thread(target=_follow, name="replica", daemon=True).start()


def _follow() -> None:
    logged = ""
    while True:
        fault = logged
        try:
            look()
            fault = ""
        except Busy:
            pass  # a writer of this machine, or another process of ours, is at it
        except OSError as refused:
            fault = str(refused)
        except Exception:  # a fault here must not end the thread: what it says is seen as silence, and stands in the log
            log.exception("The bucket of editions could not be followed")
        if fault != logged:
            log.warning(fault or "The bucket of editions is followed again.")
            logged = fault
        time.sleep(EVERY)


def look(where: Path | None = None, patience: float = 0.0, always: bool = False) -> None:
    """Makes the folder what the bucket holds, if anything has changed; done with one question, or none where another process of this
    machine has just asked. Raises BucketRefused, Busy."""
    where = where or editions.folder()
    where.mkdir(parents=True, exist_ok=True, mode=0o700)
    with one_writer(where / editions.LOCK, patience):
        before = bucket.remembered(where)
        if not always and 0 <= time.time() - before.looked < EVERY / 2:
            return
        try:
            there = editions.shared(where)
            if not there:
                return
            found = there.manifest(before.version if mirror.holds(before.manifest, where) else "")
            if not found:
                bucket.remember(where, before, with_(before, fault="", plain=""))
                return
            bound = mirror.Bound(where, there, *found)
            bound.is_not_lost()
            faults = mirror.mirror(bound, drop=True)
        except bucket.BucketRefused as fault:
            bucket.remember(where, before, with_(before, fault=str(fault), plain=fault.plain))
            raise
    if faults:
        raise faults[0]


def caught_up(where: Path | None = None) -> str:
    """For commands, which no thread serves: looks now, and returns what `behind` says then."""
    if bucket.is_set():
        with suppress(bucket.BucketRefused, Busy):
            look(where, patience=editions.SHORT)
    return behind(where)


def asked(named: str | None) -> str:
    """The edition that a command asks for, proved to be there; by default the newest that the bucket, or this machine, has for readers.
    The log says where there may be a newer one. Raises NoEdition, UnknownEdition."""
    if late := caught_up():
        log.warning(late)
    if named:
        editions.path_of(named)
    return named or editions.current()


def age(where: Path | None = None) -> float | None:
    """Seconds since the bucket was last as it should be and this machine held what it holds; None where there is no bucket."""
    well = bucket.remembered(where or editions.folder()).well
    return (max(0.0, time.time() - well) if well else float("inf")) if bucket.is_set() else None


def behind(where: Path | None = None) -> str:
    """What readers must be told where this machine may not show the newest edition: since when, and why; empty when all is well."""
    if not bucket.is_set():
        return ""
    memory, since = bucket.remembered(where or editions.folder()), age(where)
    if since < SILENCE and (not memory.fault or memory.plain == bucket.SILENT):
        return ""
    why = (
        f"the shared store of editions {memory.plain}"
        if memory.fault
        else "nobody has looked into the shared store of editions"
    )
    if not memory.well:
        return f"There may be a newer edition: {why}, and nothing has come from it yet."
    when = datetime.fromtimestamp(memory.well, UTC)
    ago = f"{since / 3600:.0f} hours" if since > 2 * 3600 else f"{since / 60:.0f} minutes" if since > 90 else "a minute"
    return f"There may be a newer edition: {why}. Shown is what had come by {when:%-d %B %Y, %H:%M} UTC, {ago} ago."
