"""The small rules of HTTP that several doors need: headers, encodings, conditions, ranges, plain answers."""

import json
import re
from collections.abc import Mapping

UNSATISFIABLE = (-1, -1)
CHUNK = 256 * 1024
PROBLEM = "application/problem+json"


def headers(message: Mapping) -> dict[str, str]:
    """Headers of a scope or of a response's start, names in lower case; the last of a repeated name."""
    return {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in message.get("headers") or ()}


def accepted(header: str) -> tuple[str, ...]:
    """The encodings of ours that an Accept-Encoding header allows, best first: br, then gzip. q=0 is a refusal."""
    weights: dict[str, float] = {}
    for part in header.lower().split(","):
        name, _, rest = part.strip().partition(";")
        weight = re.search(r"q\s*=\s*([0-9.]+)", rest)
        try:
            weights[name.strip()] = float(weight[1]) if weight else 1.0
        except ValueError:
            weights[name.strip()] = 0.0
    return tuple(c for c in ("br", "gzip") if weights.get(c, weights.get("*", 0.0)) > 0)


def matches(if_none_match: str, etag: str) -> bool:
    """Whether the visitor has this very thing already: weak comparison, lists and “*”."""
    tags = [t.strip().removeprefix("W/") for t in if_none_match.split(",")]
    return "*" in tags or etag in tags


def may_range(asked: Mapping[str, str], etag: str) -> bool:
    """Whether a Range may be answered in part: no If-Range, or one that names exactly what we hold."""
    return asked.get("if-range", etag) == etag


def span(header: str, length: int) -> tuple[int, int] | None:
    """First and last byte of a Range with one part; None to ignore it, UNSATISFIABLE when it lies outside."""
    found = re.fullmatch(r"\s*bytes\s*=\s*(\d{0,15})\s*-\s*(\d{0,15})\s*", header)
    if not found or not any(found.groups()):
        return None
    first, last = found.groups()
    if not first:
        size = min(int(last), length)
        return (length - size, length - 1) if size else UNSATISFIABLE
    start, end = int(first), min(int(last), length - 1) if last else length - 1
    if start >= length:
        return UNSATISFIABLE
    return (start, end) if start <= end else None


async def send_all(send, status: int, fields: Mapping[str, str], body: bytes = b"") -> None:
    """Sends a whole response, in pieces that let a slow line set the pace."""
    raw = [(k.encode("latin-1"), v.encode("latin-1")) for k, v in fields.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    for start in range(0, len(body), CHUNK):
        await send({"type": "http.response.body", "body": body[start : start + CHUNK], "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def refuse(send, status: int, said: str, path: str = "") -> None:
    """Sends a refusal, never to be kept: a sentence of plain text; to other programs, whose paths begin with /api/, a problem."""
    title, _, how_to_fix = said.partition(". ")
    problem = {
        "title": title.rstrip("."),
        "status": status,
        "how_to_fix": how_to_fix or "Ask otherwise: /api/v1/openapi.json says how.",
    }
    body, kind = (json.dumps(problem), PROBLEM) if path.startswith("/api/") else (said, "text/plain; charset=utf-8")
    fields = {"content-type": kind, "content-length": str(len(body.encode())), "cache-control": "no-store"}
    await send_all(send, status, fields, body.encode())
