"""What every answer tells the browser it may do with it: content policy, framing, sniffing, referrer, TLS."""

import base64
import hashlib
import re
from collections.abc import Iterable

from corridors.web import http

INLINE = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.S)
HOST = re.compile(r"(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(:\d{1,5})?")
LONGEST_SESSION = 12 * 3600  # seconds, as `hours` of access.toml has it at most
TWO_YEARS = "max-age=63072000; includeSubDomains"
# What a dashboard has no use for. Kept: full window, copying an address, a screen that stays awake while presenting.
OFF = (
    "accelerometer",
    "autoplay",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "hid",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "serial",
    "usb",
    "xr-spatial-tracking",
)
PERMISSIONS = ", ".join(f"{name}=()" for name in OFF)


def inline_hashes(html: bytes) -> tuple[str, ...]:
    """The hashes by which a policy lets the scripts inside a page of HTML run, and no others."""
    scripts = INLINE.findall(html.decode("utf-8"))
    return tuple(f"'sha256-{base64.b64encode(hashlib.sha256(s.encode('utf-8')).digest()).decode()}'" for s in scripts)


def policy(hashes: Iterable[str] = (), host: str = "", ancestors: str = "'none'") -> str:
    """The Content-Security-Policy: only our own host, no script but Streamlit's files and inline ones named by hash.

    Why it is not stricter: Streamlit writes its styles at run time (so inline styles), its maps start WebAssembly and
    a worker, and its tables draw pictures from blobs. Nothing may turn text into program (no unsafe-eval). Its own
    component programs come from files; one given as a string would need blob: and is refused. Older Safari does not
    count a websocket of the same host as 'self', so `host` is named when known.
    """
    sockets = f" ws://{host} wss://{host}" if host.strip(".") and HOST.fullmatch(host) else ""
    rules = {
        "default-src": "'self'",
        "script-src": " ".join(["'self'", "'wasm-unsafe-eval'", *hashes]),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "media-src": "'self' data: blob:",
        "connect-src": f"'self' data: blob:{sockets}",
        "worker-src": "'self' blob:",
        "frame-src": "'self'",
        "frame-ancestors": ancestors,
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def cookie(line: bytes, tls: bool) -> bytes:
    """A Set-Cookie line as we let it go out: kept for one session's longest life at most, and sent over TLS only where there is TLS."""
    name, *attributes = line.decode("latin-1").split(";")
    kept = []
    for attribute in (a.strip() for a in attributes):
        key, _, value = attribute.partition("=")
        if key.lower() == "max-age" and value.isdecimal():
            attribute = f"Max-Age={min(int(value), LONGEST_SESSION)}"
        kept += [attribute] if key.lower() != "secure" else []
    return "; ".join([name, *kept, *(["Secure"] if tls else [])]).encode("latin-1")


class SecurityHeaders:
    """ASGI middleware: adds the headers to whatever comes out. A header that an inner part has set itself stays.

    Programs and fonts below /static/ only get nosniff: the rest speaks of documents, and a first visit has a hundred
    files.
    """

    def __init__(self, app, hashes: Iterable[str] = (), ancestors: str = "'none'"):
        self.app, self.hashes, self.ancestors = app, tuple(hashes), ancestors

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        added = self.for_request(scope)

        async def with_headers(message) -> None:
            if message["type"] == "http.response.start":
                present = http.headers(message)
                extra = [(k.encode(), v.encode("latin-1")) for k, v in added.items() if k not in present]
                tls = scope.get("scheme") == "https"
                inner = [(k, cookie(v, tls) if k.lower() == b"set-cookie" else v) for k, v in message.get("headers", ())]
                message = {**message, "headers": [*inner, *extra]}
            await send(message)

        await self.app(scope, receive, with_headers)

    def for_request(self, scope) -> dict[str, str]:
        """The headers for one request, by its path, its host, and whether it came over TLS."""
        fields = {"x-content-type-options": "nosniff"}
        if scope["path"].startswith("/static/"):
            return fields
        fields["content-security-policy"] = policy(self.hashes, http.headers(scope).get("host", ""), self.ancestors)
        fields["referrer-policy"] = "same-origin"
        fields["permissions-policy"] = PERMISSIONS
        fields["cross-origin-opener-policy"] = "same-origin"
        fields["cross-origin-resource-policy"] = "same-origin"
        if self.ancestors == "'none'":
            fields["x-frame-options"] = "DENY"
        # uvicorn believes X-Forwarded-Proto only from proxies named in FORWARDED_ALLOW_IPS: the scheme can be trusted.
        if scope.get("scheme") == "https":
            fields["strict-transport-security"] = TWO_YEARS
        return fields
