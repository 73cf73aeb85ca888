"""What stands between network and Streamlit: compression, headers, limits, health, audit trail, errors by reference.

Plain ASGI, outermost first: headers (on every answer, refusals too), limits, errors, old addresses, audit, static files.
"""

from collections.abc import Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from starlette.middleware import Middleware
from starlette.routing import Route

from corridors import ROOT, catalog
from corridors.catalog import roles
from corridors.store import replica
from corridors.web import api, audit, errors, headers, health, http, limits, questions, start, static_compressed


class Serving:
    """All that `st.App` is given: `middleware`, `routes` and `lifespan`.

    `streamlit_folder`: where Streamlit's index.html lies. `pages`: the names of all pages ("" is the first). `who` names a
    visitor for the trail, `may_take` says who may have a made file: see `audit.Audit`; `new_address` leads on from old ones:
    see `Moved`; `message_type`, `signed_in`, `at_desk` and `uploads`: see `limits.Limits`; `reads`: see `health.newest`; `reader`
    and `table`: see `api.Api`.
    """

    def __init__(
        self,
        settings: start.ServerSettings,
        streamlit_folder: Path,
        pages: frozenset[str],
        process: str = "main",
        who=lambda scope: "local",
        message_type=lambda message: "rerun_script",
        signed_in=lambda scope: True,
        may_take=lambda scope, body, saved: True,
        new_address=lambda name, query: None,
        at_desk=lambda scope: True,
        reads=lambda scope: True,
        reader=lambda scope: None,
        table=roles.load,
        uploads=lambda scope: True,
    ):
        self.settings = settings
        self.asset_cache = static_compressed.AssetCache(settings.cache)
        self.trail = audit.Trail(settings.audit, audit.Vocabulary(catalog.load()), process)
        index = static_compressed.index_of(streamlit_folder, "Corridors")
        hashes = headers.inline_hashes(index.asset.body) if index else ()
        self._static = static_compressed.StaticCompressed(
            None, streamlit_folder, ROOT / "corridors" / "web" / "static", self.asset_cache
        )
        asked, self.assistants = api.Api(reader, table, self.note_answer), questions.made()
        self.routes = [
            health.route(lambda: self.trail.fault),
            health.newest(reads),
            api.mounted(asked),
            Route(questions.PATH, questions.Endpoint(self.assistants, asked)),
        ]
        self.middleware = [
            Middleware(headers.SecurityHeaders, hashes=hashes, ancestors=settings.ancestors),
            Middleware(
                limits.Limits,
                hosts=settings.hosts,
                origins=settings.origins,
                local_only=not settings.signs_in,
                message_type=message_type,
                signed_in=signed_in,
                at_desk=at_desk,
                uploads=uploads,
            ),
            Middleware(errors.Errors),
            Middleware(Moved, moved=new_address),
            Middleware(
                audit.Audit, trail=self.trail, pages=pages, who=who, edition=health.current_edition, may_take=may_take
            ),
            Middleware(
                static_compressed.StaticCompressed,
                streamlit_folder=streamlit_folder,
                app_folder=ROOT / "corridors" / "web" / "static",
                cache=self.asset_cache,
            ),
        ]

    def note_answer(self, who: str, edition: str, filters: list[tuple[str, str]], file: str) -> bool:
        """Writes the line of figures that another program takes away; returns whether it could, or none is wanted."""
        kept = self.trail.vocabulary.filters(filters)
        return not self.trail.path or self.trail.note(
            "export", who=who, page="api", edition=edition, filters=kept, file=file
        )

    @asynccontextmanager
    async def lifespan(self, app):
        """Compresses, and follows a bucket of editions, in quiet threads while the server runs; closes the trail when it ends."""
        replica.begin()
        self.asset_cache.start(self._static.worth_preparing())
        async with self.assistants.session_manager.run():
            yield {}
        self.asset_cache.stop()
        self.trail.close()


Query = list[tuple[str, str]]


class Moved:
    """ASGI middleware. `moved(name, query)`: name and query of where a page stands now; None for what has not moved.

    Answered before the page is loaded: a page that leads on by itself would stand in the way of Back.
    """

    def __init__(self, app, moved: Callable[[str, Query], tuple[str, Query] | None]):
        self.app, self.moved = app, moved

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and (new := self.new(scope)):
            return await http.send_all(send, 302, {"location": new, "cache-control": "no-store", "content-length": "0"})
        await self.app(scope, receive, send)

    def new(self, scope) -> str | None:
        """The address to go to, beside the one that was asked for."""
        try:
            query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True, max_num_fields=40)
        except ValueError:
            return None
        found = self.moved(scope["path"].removeprefix("/"), query)
        return f"{found[0]}?{urlencode(found[1])}" if found else None
