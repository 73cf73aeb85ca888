"""What this server does not take: strangers' websockets, messages that no page needs, bodies too large, addresses too long,
names that are not its own, and visitors who never finish what they began to say."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import urlsplit

from corridors.web import http

MOST = 2 * 1024 * 1024  # bytes of a request's body, or of one message of a websocket
MOST_AT_DESK = 222 * 1024 * 1024  # bytes that whoever may open the desk may hand in at once
LONGEST = 4096  # bytes of a path with its query
LOOPBACK = ("localhost", "127.0.0.1", "::1")
HEAD = 15.0  # seconds for the head of a request, for its body, and for the first message of a websocket
EVERYBODY = {"rerun_script", "app_heartbeat"}  # what a page asks before it is known who looks
SIGNED_IN = EVERYBODY | {"stop_script", "file_urls_request", "backend_operation_request"}
CLOSED = ("/_stcore/metrics", "/_stcore/agent", "/_stcore/script-health-check")  # Streamlit's own; no page needs them
SIGN_OUT = "/auth/logout"  # takes the cookie of a sign-in that has ended; ends none
PORTS = {"http": 80, "https": 443}
UPLOAD = "/_stcore/upload_file"
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
    """ASGI middleware. `hosts`: names it answers for; `local_only`: only what arrived on a loopback address. `origins`: where
    a proxy shows the pages, such as https://corridors.example.org, beside the port that the server itself listens on.

    The last holds even where another program than Streamlit chose the address to listen on (uvicorn --host).
    `message_type(bytes)` names what a browser asks over the websocket, `signed_in(scope)` says whether its visitor may ask
    for more than a page (everybody where nobody signs in); `at_desk(scope)` whether they may hand in large files, `uploads(scope)` whether they may send any to the session that is named.
    """

    def __init__(
        self,
        app,
        hosts: Iterable[str] = LOOPBACK,
        local_only: bool = True,
        most: int = MOST,
        message_type: Callable[[bytes], str | None] = lambda message: "rerun_script",
        signed_in: Callable[[Mapping], bool] = lambda scope: True,
        origins: Iterable[str] = (),
        at_desk: Callable[[Mapping], bool] = lambda scope: False,
        uploads: Callable[[Mapping], bool] = lambda scope: True,
    ):
        self.uploads = uploads
        self.app, self.local_only, self.most, self.at_desk = app, local_only, most, at_desk
        self.message_type, self.signed_in = message_type, signed_in
        self.hosts = {h.strip().lower().rstrip(".") for h in hosts}
        self.origins = frozenset(origin.lower() for origin in origins)

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self.app(scope, receive, send)
        refusal = self.refusal(scope)
        if refusal and scope["type"] == "websocket":
            return await send({"type": "websocket.close", "code": 1008})
        if refusal:
            return await http.refuse(send, *refusal, scope["path"])
        guarded = self.socket if scope["type"] == "websocket" else self.request
        await guarded(scope, receive, send)

    def refusal(self, scope) -> tuple[int, str] | None:
        """(status, what to say) when a request is refused before anything of it is read; None when it may go on."""
        fields = http.headers(scope)
        if self.local_only and not _is_loopback((scope.get("server") or ("",))[0]):
            return 403, "This server has no sign-in and answers only on its own machine. See deploy/README.md."
        if scope["path"] not in HEALTH and name_of(fields.get("host", "")) not in self.hosts:
            return 421, "This server does not answer for that name. CORRIDORS_HOSTS sets its names (deploy/README.md)."
        if scope["type"] == "websocket" and not self._from_our_own_page(scope, fields):
            return 403, "Only a page of this server may open its websocket."
        if scope["path"].rstrip("/").endswith(SIGN_OUT) and (self.signed_in(scope) or not _asked_by_our_own_page(fields)):
            return 403, "Sign out with the button on a page of this server."
        if scope["path"].startswith(CLOSED) or (scope["path"].startswith(UPLOAD) and not self.uploads(scope)):
            return 404, "There is nothing here."
        if len(scope["path"]) + len(scope.get("query_string", b"")) > LONGEST:
            return 414, f"The address is longer than {LONGEST} characters."
        length = fields.get("content-length", "0")
        most = self.most_of(scope)
        if not length.isdecimal() or int(length) > most:
            return 413, self.too_large(most)
        return None

    def most_of(self, scope) -> int:
        """How many bytes the body of this request may have."""
        return MOST_AT_DESK if scope["path"].startswith(UPLOAD) and self.at_desk(scope) else self.most

    def _from_our_own_page(self, scope, fields: Mapping[str, str]) -> bool:
        """Whether a websocket's handshake names, once, the name that it was sent to as the page it comes from, with the port
        that this server listens on or as a configured proxy shows it. A Host header alone proves nothing: who writes one writes
        both.

        Streamlit itself would ask an address service of the internet about any other Origin, and wait for its answer.
        """
        origin, host = fields.get("origin", "").lower(), fields["host"].lower()
        named_once = sum(name.lower() == b"origin" for name, _ in scope["headers"]) == 1
        if not named_once or origin not in (f"http://{host}", f"https://{host}"):
            return False
        return origin in self.origins or (urlsplit(origin).port or PORTS[origin.partition(":")[0]]) == scope["server"][1]

    def too_large(self, most: int) -> str:
        """What is said of a body over the limit."""
        return f"The request is larger than {most // 1024} KB, the most that this server takes."

    async def request(self, scope, receive, send) -> None:
        """Lets a request through while counting what its body really holds."""
        taken, started, whole, most = 0, False, False, self.most_of(scope)

        async def counted():
            nonlocal taken, whole
            message = await (receive() if whole else asyncio.wait_for(receive(), HEAD))
            whole = not message.get("more_body", False)
            taken += len(message.get("body", b""))
            if taken > most:
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
                await http.refuse(send, 413, self.too_large(most), scope["path"])
        except TimeoutError:
            if whole:
                raise
            if not started:
                await http.refuse(send, 408, "The request did not come to its end.", scope["path"])

    async def socket(self, scope, receive, send) -> None:
        """Lets a websocket through, and of its messages those that pages need; one over the limit, or silence, ends it."""
        closed = spoken = False

        async def end(code: int, reason: str) -> dict:
            nonlocal closed
            closed = True
            await send({"type": "websocket.close", "code": code, "reason": reason})
            return {"type": "websocket.disconnect", "code": code}

        async def counted():
            nonlocal spoken
            while True:
                try:
                    message = await (receive() if spoken else asyncio.wait_for(receive(), HEAD))
                except TimeoutError:
                    return await end(1008, "nothing was asked")
                if message["type"] != "websocket.receive":
                    return message
                spoken = True
                if len(message.get("bytes") or b"") + len(message.get("text") or "") > self.most:
                    return await end(1009, "message too large")
                kind = self.message_type(message.get("bytes") or b"")
                if kind in EVERYBODY or (kind in SIGNED_IN and self.signed_in(scope)):
                    return message

        async def unless_closed(message) -> None:
            if not closed:
                await send(message)

        await self.app(scope, counted, unless_closed)


def _is_loopback(address: str | None) -> bool:
    """Whether a socket's own address is this machine's; a test client or a unix socket names no number."""
    known = (address or "").removeprefix("::ffff:")
    return not known or known in LOOPBACK or known.startswith("127.") or known == "testserver"


def _asked_by_our_own_page(fields: Mapping[str, str]) -> bool:
    """Whether a request comes from a page of ours, as the browser itself says it.

    The button ends a sign-in by a message over the websocket; Streamlit then sends the browser here, by GET, for its dead cookie.
    """
    if "sec-fetch-site" in fields:
        return fields["sec-fetch-site"] == "same-origin"
    return fields.get("referer", "").startswith((f"http://{fields['host']}/", f"https://{fields['host']}/"))


def limit_heads(protocol: type[asyncio.Protocol], seconds: float = HEAD) -> None:
    """Gives every connection of uvicorn's `protocol` so many seconds to send the whole head of each request.

    uvicorn itself only ends a connection that says nothing after an answer: one that sends half a head stays for ever. The
    class is changed in place, because it is chosen before the application is loaded.
    """
    made, received = protocol.connection_made, protocol.data_received

    def close_unless_asked(self) -> None:
        asked = self.cycle is not None and not self.cycle.response_complete
        # a websocket has taken the connection over, and a request that is being answered may take its time
        if not asked and self.transport.get_protocol() is self and not self.transport.is_closing():
            self.transport.close()

    def wait(self) -> None:
        if getattr(self, "head_timer", None) is None:
            self.head_timer = self.loop.call_later(seconds, close_unless_asked, self)

    def connection_made(self, transport) -> None:
        made(self, transport)
        wait(self)

    def data_received(self, data: bytes) -> None:
        received(self, data)
        if self.cycle is not None and not self.cycle.response_complete:  # the head is whole
            if self.head_timer is not None:
                self.head_timer.cancel()
                self.head_timer = None
        else:
            wait(self)

    protocol.connection_made, protocol.data_received = connection_made, data_received
