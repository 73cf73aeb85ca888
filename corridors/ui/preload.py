"""Caches filled before anybody waits for them: at start, and after each publication.

A thread of its own looks at the pointer, as the pages do on every run, and asks what the first screen of every visitor
asks, for each label up to which visitors may read. What it fills is kept by the same caches that the pages use.
With CORRIDORS_PRELOAD=off it fills nothing: those who come do.
"""

import logging
import os
import threading
import time
from collections.abc import Iterator

from corridors import catalog
from corridors.catalog.roles import BadAccess
from corridors.store import editions, labels
from corridors.ui import access, cached
from corridors.views import find

LOG = logging.getLogger("corridors.preload")
EVERY = 2.0  # seconds between two looks at the pointer
_begun = threading.Lock()


def begin(sign_in: bool) -> None:
    """Starts the thread, once in a process; it goes with the process. `sign_in`: whether visitors have to sign in here."""
    if _begun.acquire(blocking=False):
        threading.Thread(target=_keep, args=(sign_in,), name="preload", daemon=True).start()


def _keep(sign_in: bool) -> None:
    warmed = edition = last_fault = None
    while True:
        time.sleep(EVERY)  # also before the first look: whoever comes in the first moment is answered first
        try:
            edition = editions.current()
            if edition != warmed:
                if warmed:
                    cached.clear_caches()  # nobody asks for the edition before, but for addresses that hold on to it
                cached.freeze_gc(edition, "programs")
                start = time.perf_counter()
                for key in keys(edition, sign_in) if os.environ.get("CORRIDORS_PRELOAD") != "off" else ():
                    fill(key)
                cached.freeze_gc(edition, "start")  # also for those who only see the page that asks them to sign in
                warmed = edition
                LOG.info("Edition %s is loaded after %.1f s", edition, time.perf_counter() - start)
        except (editions.NoEdition, BadAccess) as fault:  # there is nothing to fill yet; the pages say so to whoever comes
            if str(fault) != last_fault:
                last_fault = str(fault)
                LOG.warning("Nothing to make ready yet: %s", fault)
        except Exception:  # a fault here must not end the thread: the page that asks the same tells it to its visitor
            LOG.exception("Caches could not be filled")
            warmed = edition


def keys(edition_id: str, sign_in: bool) -> Iterator[str]:
    """The edition under each name by which visitors read it: once, or once for each role's label where they sign in."""
    if not sign_in:
        yield labels.plain(edition_id)
        return
    for label in sorted({role.ceiling for role in access.table().roles}):
        yield labels.keyed(edition_id, label)


def fill(key: str) -> None:
    """Asks what the first screens ask: the start page, the map, the chooser's members, the search box, the grid of quality."""
    cached.edition_row(key)
    cached.situation(key)
    cached.findable(key)
    find.other_names()
    cached.network(key)
    cached.incident_span(key)
    cached.corridor_places(key)
    cached.action_under_way(key)
    for iso3 in catalog.load().members:
        cached.headlines(key, iso3)
    for family in list(cached.route_families(key).values())[:1]:
        for dark in (False, True):
            cached.route_map(key, family.routes, dark, family.bounds, False, 1)
    cached.quality_grid(key, "victims")
    cached.case_datasets(key)
