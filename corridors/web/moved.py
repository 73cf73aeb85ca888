"""Old addresses: whoever comes by one is led to where it stands now, with the choices that it holds."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode

from corridors.web import http

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
