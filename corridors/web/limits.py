"""What this server does not take: bodies too large, addresses too long, and names that are not its own."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from corridors.web import http

MOST = 2 * 1024 * 1024  # bytes of a request's body, or of one message of a websocket
LONGEST = 4096  # bytes of a path with its query
LOOPBACK = ("localhost", "127.0.0.1", "::1")
HEALTH = ("/healthz", "/_stcore/health")  # a proxy asks by a name of its own


class _TooLarge(Exception):
    """A body went over the limit while it was being read."""


def name_of(host: str) -> str:
    """The host name in a Host header, without port, in lower case; empty when the header is no host at all."""
    try:
        parts = urlsplit(f"//{host}")
        port_is_number = parts.port is None or parts.port >= 0
    except ValueError:
        return ""
    extra = parts.path or parts.query or parts.fragment or parts.username or parts.password
    return (parts.hostname or "").rstrip(".") if port_is_number and not extra else ""


class Limits:
    """ASGI middleware. `hosts`: names it answers for; `local_only`: only what arrived on a loopback address.

    The last holds even where another program than Streamlit chose the address to listen on (uvicorn --host).
    """

    def __init__(self, app, hosts: Iterable[str] = LOOPBACK, local_only: bool = True, most: int = MOST):
        self.app, self.local_only, self.most = app, local_only, most
        self.hosts = {h.strip().lower().rstrip(".") for h in hosts}

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self.app(scope, receive, send)
        refusal = self.refusal(scope)
        if refusal and scope["type"] == "websocket":
            return await send({"type": "websocket.close", "code": 1008})
        if refusal:
            return await http.refuse(send, *refusal)
        guarded = self.socket if scope["type"] == "websocket" else self.request
        await guarded(scope, receive, send)

    def refusal(self, scope) -> tuple[int, str] | None:
        """(status, what to say) when a request is refused before anything of it is read; None when it may go on."""
        told = http.headers(scope)
        if self.local_only and not _is_loopback((scope.get("server") or ("",))[0]):
            return 403, "This server has no sign-in and answers only on its own machine. See deploy/README.md."
        if scope["path"] not in HEALTH and name_of(told.get("host", "")) not in self.hosts:
            return 421, "This server does not answer for that name. CORRIDORS_HOSTS sets its names (deploy/README.md)."
        if len(scope["path"]) + len(scope.get("query_string", b"")) > LONGEST:
            return 414, f"The address is longer than {LONGEST} characters."
        length = told.get("content-length", "0")
        if not length.isdecimal() or int(length) > self.most:
            return 413, self.too_large()
        return None

    def too_large(self) -> str:
        """What is said of a body over the limit."""
        return f"The request is larger than {self.most // 1024} KB, the most that this server takes."

    async def request(self, scope, receive, send) -> None:
        """Lets a request through while counting what its body really holds."""
        taken, started = 0, False

        async def counted():
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self.most:
                raise _TooLarge
            return message

        async def noted(message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, counted, noted)
        except _TooLarge:
            if not started:
                await http.refuse(send, 413, self.too_large())

    async def socket(self, scope, receive, send) -> None:
        """Lets a websocket through; one message over the limit ends it."""
        closed = False

        async def counted():
            nonlocal closed
            message = await receive()
            size = len(message.get("bytes") or b"") + len(message.get("text") or "")
            if size <= self.most:
                return message
            closed = True
            await send({"type": "websocket.close", "code": 1009, "reason": "message too large"})
            return {"type": "websocket.disconnect", "code": 1009}

        async def unless_closed(message) -> None:
            if not closed:
                await send(message)

        await self.app(scope, counted, unless_closed)


def _is_loopback(address: str | None) -> bool:
    """Whether a socket's own address is this machine's; a test client or a unix socket names no number."""
    known = (address or "").removeprefix("::ffff:")
    return not known or known in LOOPBACK or known.startswith("127.") or known == "testserver"
