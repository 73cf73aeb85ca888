"""Static files, compressed once and then only handed out: what makes a first visit bearable on a poor network.

Streamlit sends its programs as they are (8.5 MB for the first page) and leaves compression to a proxy. Here each file
is compressed once per content: gzip at the first question, because somebody is waiting; brotli at its best in a quiet
thread, for everybody after. What was compressed is kept on disk, named by the content it was made of.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path

from corridors.web import http
from corridors.web.shelf import Piece, Shelf

KINDS = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".html": "text/html; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".woff2": "font/woff2",
    ".png": "image/png",
    ".gif": "image/gif",
    ".ico": "image/x-icon",
}
SQUEEZABLE = {".js", ".css", ".json", ".html", ".svg", ".txt", ".wasm"}
YEAR = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
HASHED = re.compile(r"\.[A-Za-z0-9_-]{8}\.[a-z0-9]+$|-[0-9a-f]{12}\.[a-z0-9]+$")
SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,120}")
APP = "/app/static/"
# What the first page asks for after Streamlit's own list; the names go on with a hash that changes with its version.
FIRST = (
    "PlotlyChart.",
    "embed.",
    "vega-interpreter.",
    "numbro.",
    "Metric.",
    "Selectbox.",
    "useSyncComboBox",
    "useMenuTrigger.",
)
SOON = ("DeckGlJsonChart.", "ArrowDataFrame.", "es6.")


@dataclass(frozen=True)
class Index:
    """Streamlit's one page of HTML: as it is on disk (to be recognised) and as we send it."""

    raw_length: int
    piece: Piece


class StaticCompressed:
    """ASGI middleware: answers /static/…, /app/static/… and the page's HTML itself, everything else goes on.

    `streamlit_folder` holds Streamlit's index.html, `app_folder` our own large files; `shelf` keeps what was
    compressed. Correct for caches: Vary, a strong ETag per encoding, 304, HEAD; a Range is answered from the file as
    it is.
    """

    def __init__(self, app, streamlit_folder: Path, app_folder: Path, shelf: Shelf, title: str = "Corridors"):
        self.app, self.app_folder, self.shelf = app, app_folder, shelf
        self.files = listing(streamlit_folder)
        self.index = index_of(streamlit_folder, title)

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            return await self.app(scope, receive, send)
        path = scope["path"]
        if file := self.find(path):
            piece = await asyncio.to_thread(self.shelf.piece, file, kind_of(file), squeezable(file))
            return await self.answer(scope, send, piece, YEAR if HASHED.search(file.name) else ASK_AGAIN)
        if self.index and may_be_page(path):
            return await self.page(scope, receive, send)
        await self.app(scope, receive, send)

    def find(self, path: str) -> Path | None:
        """The file for a path of the address, or None. A stranger's path never reaches the disk: it is looked up."""
        if path.startswith(APP):
            name = path.removeprefix(APP)
            file = self.app_folder / name
            return file if SAFE_NAME.fullmatch(name) and HASHED.search(name) and file.is_file() else None
        return self.files.get(path)

    async def page(self, scope, receive, send) -> None:
        """Lets Streamlit decide whether an address is a page; if it is, sends our copy of its HTML instead."""
        ours = False
        conditions = {b"accept-encoding", b"if-none-match", b"if-modified-since", b"range", b"if-range"}
        plain = {**scope, "headers": [(k, v) for k, v in scope["headers"] if k.lower() not in conditions]}

        async def instead(message) -> None:
            nonlocal ours
            if message["type"] == "http.response.start":
                told = http.headers(message)
                is_html = told.get("content-type", "").startswith("text/html")
                ours = message["status"] == 200 and is_html and told.get("content-length") == str(self.index.raw_length)
                if ours:
                    return await self.answer(scope, send, self.index.piece, ASK_AGAIN)
            if not ours:
                await send(message)

        await self.app(plain, receive, instead)

    async def answer(self, scope, send, piece: Piece, cache: str) -> None:
        """Sends a piece as the visitor's browser likes it best."""
        asked = http.headers(scope)
        told = {"content-type": piece.kind, "cache-control": cache, "accept-ranges": "bytes"}
        if piece.squeezable:
            told["vary"] = "Accept-Encoding"
        wants_part = "range" in asked and http.may_range(asked, f'"{piece.digest}"')
        accepted = http.accepted(asked.get("accept-encoding", "")) if piece.squeezable and not wants_part else ()
        coding, body = await asyncio.to_thread(self.shelf.best, piece, accepted)
        told["etag"] = f'"{piece.digest}-{coding}"' if coding else f'"{piece.digest}"'
        status = 200
        if http.matches(asked.get("if-none-match", ""), told["etag"]):
            return await http.send_all(send, 304, {k: told[k] for k in ("cache-control", "etag", "vary") if k in told})
        if coding:
            told["content-encoding"] = coding
        elif wants_part:
            span = http.span(asked["range"], len(body))
            if span == http.UNSATISFIABLE:
                return await http.send_all(send, 416, {"content-range": f"bytes */{len(body)}"})
            if span:
                told["content-range"] = f"bytes {span[0]}-{span[1]}/{len(body)}"
                status, body = 206, body[span[0] : span[1] + 1]
        told["content-length"] = str(len(body))
        await http.send_all(send, status, told, b"" if scope["method"] == "HEAD" else body)

    def worth_preparing(self) -> list[Piece]:
        """What to compress ahead of the first visitor, in the order in which a page asks for it."""
        index = self.index.piece.body.decode("utf-8") if self.index else ""
        named = [f for name, f in self.files.items() if squeezable(f) and f".{name}" in index]
        later = [f for prefix in FIRST + SOON for f in self.files.values() if f.name.startswith(prefix)]
        pieces = [self.shelf.piece(f, kind_of(f), True) for f in dict.fromkeys([*named, *later])]
        return [*([self.index.piece] if self.index else []), *pieces]


def kind_of(file: Path) -> str:
    """The media type of a file by its ending."""
    return KINDS.get(file.suffix, "application/octet-stream")


def squeezable(file: Path) -> bool:
    """Whether compressing a file makes it smaller: fonts and pictures are compressed already."""
    return file.suffix in SQUEEZABLE


def may_be_page(path: str) -> bool:
    """Whether Streamlit may answer a path with its page: no file, none of its own doors."""
    return "." not in path.rsplit("/", 1)[-1] and not path.startswith(("/_stcore/", "/media/", "/component/", "/auth/"))


def listing(streamlit_folder: Path) -> dict[str, Path]:
    """Address → file for all of Streamlit's programs, styles and fonts."""
    root = streamlit_folder / "static"
    return {f"/static/{f.relative_to(root).as_posix()}": f for f in sorted(root.rglob("*")) if f.is_file()}


def index_of(streamlit_folder: Path, title: str) -> Index | None:
    """Streamlit's HTML and what we make of it; None when it is not where it was."""
    file = streamlit_folder / "index.html"
    if not file.is_file():
        return None
    raw = file.read_bytes()
    return Index(len(raw), Piece.of(dressed(raw, title, listing(streamlit_folder)), KINDS[".html"], True))


def dressed(html: bytes, title: str, files: dict[str, Path] | None = None) -> bytes:
    """Streamlit's HTML with our title from the first moment, our words for browsers without scripts, no comments."""
    text = html.decode("utf-8")
    text = re.sub(r"<!--.*?-->", "", text, flags=re.S)
    text = re.sub(r"<title>.*?</title>", f"<title>{title}</title>", text, count=1, flags=re.S)
    without = f"<noscript><p>{title} needs JavaScript. It sends nothing to any other host.</p></noscript>"
    text = re.sub(r"<noscript>.*?</noscript>", without, text, count=1, flags=re.S)
    text = re.sub(r'<link rel="service-desc"[^>]*>', "", text)
    return re.sub(r"\n\s*\n+", "\n", text).lstrip().encode("utf-8")
