"""A publisher's server on this machine that follows a script: cut lines, ranges, versions, UNHCR's pages."""

from __future__ import annotations

import gzip
import http.server
import io
import json
import threading
import time
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from corridors.catalog import Download, Source

CSV = b"iso3,partner_iso3,year,value\n" + b"".join(b"THA,MMR,%d,%d\n" % (y, y * 40) for y in range(2000, 2026))


@dataclass
class Answer:
    """What the server says to one request; `cut` closes the line after so many bytes of the body."""

    body: bytes = CSV
    status: int = 200
    type: str = "text/csv"
    headers: dict = field(default_factory=dict)
    cut: int | None = None
    delay: float = 0.0


class Handler(http.server.BaseHTTPRequestHandler):
    """Follows the server's `script` (path → answers, the last one for good); notes in `asked` who asked what when."""

    protocol_version = "HTTP/1.1"
    wbufsize = 65536  # head and body in one go; else every answer waits 40 ms for an acknowledgement

    def do_GET(self):
        """The next answer of the script, with ETag and date honoured."""
        publisher, path = self.server, urlsplit(self.path).path
        publisher.asked.append((self.path, dict(self.headers), time.monotonic()))
        script = publisher.script.get(path, [Answer(b"gone", 404)])
        answer = script.pop(0) if len(script) > 1 else script[0]
        if callable(answer):
            answer = answer(parse_qs(urlsplit(self.path).query))
        time.sleep(answer.delay)
        body, status, extra = answer.body, answer.status, dict(answer.headers)
        said = [answer.headers.get(name) for name in ("ETag", "Last-Modified") if name in answer.headers]
        if self.headers.get("If-None-Match", self.headers.get("If-Modified-Since")) in said:
            body, status = b"", 304
        self.send_response(status)
        for name, value in {"Content-Type": answer.type, "Content-Length": str(len(body)), **extra}.items():
            if value is not None:
                self.send_header(name, value)
        self.end_headers()
        self.close_connection = answer.cut is not None
        try:
            self.wfile.write(body[: answer.cut])
            self.wfile.flush()
        except ConnectionError:  # the visitor has read enough
            self.close_connection = True

    def log_message(self, *_):
        """Quiet."""


@contextmanager
def running():
    """The server with `script`, `asked` and `base` (its address)."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads, server.script, server.asked = True, {}, []
        server.base = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


def workbook() -> bytes:
    """The smallest ZIP that passes for a workbook."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as book:
        # with a day of its own instead of now: the bytes name tests, and every process must know them by the same name
        book.writestr(zipfile.ZipInfo("[Content_Types].xml"), "<Types/>")
    return made.getvalue()


def unhcr(rows, limit=4, total=None, lose=None, last=None):
    """A script like UNHCR's interface over `rows`: pages of `limit`, nothing past the end; page `lose` comes empty."""

    def answer(query):
        page, pages = int(query["page"][0]), last or -(-len(rows) // limit)
        items = [] if page == lose else rows[(page - 1) * limit : page * limit]
        told = {"page": page, "short-url": "x", "maxPages": pages, "total": [] if total is None else total}
        return Answer(json.dumps(told | {"items": items}).encode(), type="application/json")

    return [answer]


def a_source(*downloads: Download, id: str = "unhcr") -> Source:
    """A source with these downloads; /data.csv as data.csv when none is given."""
    words = {name: "x" for name in Source.__dataclass_fields__ if name not in ("id", "downloads", "address")}
    downloads = downloads or (Download("data.csv", "https://data.example.org/data.csv", "file"),)
    return Source(id=id, downloads=downloads, address="https://example.org/data", **words)


def files(folder: Path) -> dict[str, bytes]:
    """Every file below `folder` by name, with its bytes."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


PAGE = b"<!DOCTYPE html>\n<html><body>Please sign in</body></html>" + b" " * 2000
CHUNKED = {"Transfer-Encoding": "chunked", "Content-Length": None}
LONG = b"%x\r\n%s\r\n0\r\n\r\n" % (len(CSV) * 100, CSV * 100)
FAILURES = {  # what a publisher does → the answer, and what the refusal says
    "moved": (Answer(b"", 404), "404"),
    "turned away": (Answer(b"", 403), "options.user_agent"),
    "broken for good": (Answer(b"", 500), "500.*5 times"),
    "busy for an hour": (Answer(b"", 429, headers={"Retry-After": "3600"}), "in 3,600 s, as the publisher asks"),
    "a page that says so": (Answer(PAGE, type="text/html; charset=utf-8"), "a web page"),
    "a page in disguise": (Answer(PAGE), "a web page"),
    "a workbook": (Answer(workbook() + b"\0" * 2000), "a file of another kind"),
    "an error object": (Answer(b'{"error": "' + b"x" * 2000 + b'"}'), "a file of another kind"),
    "nothing": (Answer(b""), "an empty file"),
    "always cut off": (Answer(cut=10), "a line that was cut"),
    "shrunk": (Answer(CSV[: len(CSV) // 3]), "shrank to less than half"),
    "too large": (Answer(CSV * 100), "the limit"),
    "too large and unannounced": (Answer(LONG, headers=CHUNKED), "more than"),
    "packed and too large": (Answer(gzip.compress(CSV * 100), headers={"Content-Encoding": "gzip"}), "more than"),
    "packed badly": (Answer(CSV, headers={"Content-Encoding": "gzip"}), "cannot be read"),
    "sent to a plain line": (Answer(b"", 302, headers={"Location": "http://example.org/d.csv"}), "https all the way"),
    "sent in circles": (Answer(b"", 302, headers={"Location": "/data.csv"}), "redirects"),
    "unasked 304": (Answer(b"", 304), "does not fit|5 times"),
    "a lost part": (Answer(b"tail", 206, headers={"Content-Range": "bytes 5-9/10"}), "does not fit"),
}
