"""Whether this process can serve: for a proxy, a monitor, whoever is called at night; and which edition readers see, for the pages
that they have open. No figure and no path in it."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from corridors.store import editions, replica
from corridors.store.queries import figures
from corridors.web import http

log = logging.getLogger("corridors.serving")
PATH = "/healthz"
NEWEST = "/newest.json"


def state(now: float | None = None) -> tuple[int, dict]:
    """(HTTP status, answer): 200 with the edition's id and age in hours, 503 with a reason when no edition can be read. Where editions
    come from a bucket also how long ago all was there that it holds, and `degraded` with the reason when there may be a newer one.

    The edition is really opened, once per file: a pointer to a broken file is not health. A clock set back gives age 0.
    """
    try:
        edition_id = editions.current()
        changed = editions.path_of(edition_id).stat().st_mtime
    except (editions.NoEdition, editions.UnknownEdition, OSError):
        return 503, {"ok": False, "why": "no edition"}
    try:
        built = _built(edition_id, changed, str(editions.folder()))
    except Exception:
        # Only the store knows DuckDB's errors; whatever it is, this process cannot serve, and the log says why.
        log.exception("the current edition cannot be read")
        return 503, {"ok": False, "why": "the edition cannot be read", "edition": edition_id}
    age = max(0.0, (now or time.time()) - built.timestamp())
    when = built.astimezone(UTC).isoformat(timespec="seconds")
    report = {"ok": True, "edition": edition_id, "built": when, "age_hours": round(age / 3600, 1)}
    if (since := replica.age()) is not None:
        report["behind_seconds"] = round(since) if since < float("inf") else None
    return 200, report | ({"degraded": late} if (late := replica.behind()) else {})


def current_edition() -> str | None:
    """The id of the edition that readers see now, or None; cheap enough for every line of the audit trail."""
    try:
        return editions.current()
    except (editions.NoEdition, OSError):
        return None


def route(fault: Callable[[], str] = lambda: "") -> Route:
    """GET and HEAD of /healthz. While `fault()` says something the answer is 200 and "degraded": pages go on, exports do not."""

    async def answer(request) -> JSONResponse:
        status, report = await asyncio.to_thread(state)
        if fault():
            trail = "the audit trail cannot be written, so exports are stopped"
            report["degraded"] = " · ".join(filter(None, [trail, report.get("degraded")]))
        return JSONResponse(report, status, headers={"cache-control": "no-store"})

    return Route(PATH, answer, methods=["GET", "HEAD"])


def newest(reads: Callable[[Mapping], bool]) -> Route:
    """GET of /newest.json, which open pages ask every few seconds: the edition that readers see, and since when (milliseconds).

    304 without a body while that is what the page knows; 204 for whoever `reads(scope)` nothing, and where there is no edition.
    """

    async def answer(request) -> Response:
        now = reads(request.scope) and await asyncio.to_thread(current_edition)
        if not now:
            return Response(status_code=204, headers={"cache-control": "no-store"})
        fields = {"cache-control": "private, no-cache", "etag": f'"{now}"'}
        if http.matches(request.headers.get("if-none-match", ""), fields["etag"]):
            return Response(status_code=304, headers=fields)
        return JSONResponse({"edition": now, "since": round(editions.moved_at() * 1000)}, headers=fields)

    return Route(NEWEST, answer, methods=["GET"])


@lru_cache(maxsize=4)
def _built(edition_id: str, changed: float, folder: str) -> datetime:
    """When an edition was built. The file's time and the folder are there so that another file is another answer."""
    when = figures.edition(edition_id)["built_at"]
    built = when.to_pydatetime() if hasattr(when, "to_pydatetime") else when
    if not isinstance(built, datetime):
        return datetime.fromtimestamp(Path(editions.path_of(edition_id)).stat().st_mtime, UTC)
    return built if built.tzinfo else built.replace(tzinfo=UTC)
