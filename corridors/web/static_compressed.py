"""Static files, compressed once and then only handed out: what makes a first visit bearable on a poor network.

Streamlit sends its programs as they are (8.5 MB for the first page) and leaves compression to a proxy. Here each file
is compressed once per content: gzip at the first question, because somebody is waiting; brotli at its best in a quiet
thread, for everybody after. What was compressed is kept on disk, named by the content it was made of.

Two processes may share the folder: a copy appears under its name only when it is complete, and a copy that does not
unpack to what it was made of is made anew, because browsers would keep a broken one for a year.

The library servestatic was measured in its place: it reads from disk in a thread (0.6 ms of CPU for a small file and 1.7 for
the largest program, against 0.05 here), and what it is to send in brotli must be there before it starts (13 s of CPU).
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import logging
import os
import queue
import re
import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import brotli

from corridors.web import http

log = logging.getLogger("corridors.serving")
HELD = 32 * 1024 * 1024  # bytes of copies kept in memory
SMALL = 256  # below this many bytes compressing saves nothing
ENDINGS = {"br": ".br", "gzip": ".gz"}
MAKE = {"br": lambda body: brotli.compress(body, quality=11), "gzip": lambda body: gzip.compress(body, 9, mtime=0)}
UNPACK = {"br": brotli.decompress, "gzip": gzip.decompress}
UNSOUND = (brotli.error, OSError, EOFError, ValueError)


@dataclass(frozen=True)
class Asset:
    """Something to hand out: its bytes (or the file that holds them), its media type, and the name of its content."""

    kind: str
    compressible: bool
    digest: str
    size: int
    file: Path | None = None
    held: bytes = b""

    @classmethod
    def of(cls, body: bytes, kind: str, compressible: bool) -> Asset:
        """A asset that lives in memory."""
        return cls(kind, compressible and len(body) >= SMALL, digest(body), len(body), None, body)

    @property
    def body(self) -> bytes:
        """The bytes as they are. Raises OSError when the file is gone."""
        return self.file.read_bytes() if self.file else self.held


def digest(body: bytes) -> str:
    """The name of a content: the first 24 digits of its SHA-256."""
    return hashlib.sha256(body).hexdigest()[:24]


class AssetCache:
    """Compressed copies of assets. Without a folder, or one that can be written, memory alone holds them."""

    def __init__(self, folder: Path | None):
        self.folder = folder
        self._assets: dict[tuple, Asset] = {}
        self._held: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()
        self._making: dict[tuple[str, str], threading.Lock] = {}
        self._waiting: queue.SimpleQueue = queue.SimpleQueue()
        self._asked: set[str] = set()
        self._worker: threading.Thread | None = None

    def asset(self, file: Path, kind: str, compressible: bool) -> Asset:
        """A file as a asset; its content is read once for as long as it does not change."""
        stat = file.stat()
        key = (file, stat.st_mtime_ns, stat.st_size)
        if key not in self._assets:
            worth = compressible and stat.st_size >= SMALL
            self._assets[key] = Asset(kind, worth, digest(file.read_bytes()), stat.st_size, file)
        return self._assets[key]

    def best(self, asset: Asset, accepted: tuple[str, ...]) -> tuple[str, bytes]:
        """(encoding, bytes) to send now: brotli when it is ready, else gzip, made at once, else ("", as it is).

        When brotli is allowed but not ready it is put on the list of the quiet thread.
        """
        if not asset.compressible or not accepted:
            return "", asset.body
        if "br" in accepted:
            if ready := self.ready(asset, "br"):
                return "br", ready
            self.want(asset)
        if "gzip" in accepted:
            return "gzip", self.made(asset, "gzip")
        return "", asset.body

    def ready(self, asset: Asset, coding: str) -> bytes | None:
        """A copy that exists already, from memory or from disk; None when there is none, or only an unsound one."""
        key = (asset.digest, coding)
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key]
        if not self.folder:
            return None
        try:
            copy = self.file_of(asset, coding).read_bytes()
        except OSError:
            return None
        try:
            sound = digest(UNPACK[coding](copy)) == asset.digest
        except UNSOUND:
            sound = False
        return self._hold(key, copy) if sound else None

    def made(self, asset: Asset, coding: str) -> bytes:
        """A copy, made now if there is none; two who ask at once wait for one making."""
        key = (asset.digest, coding)
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        with making:
            if copy := self.ready(asset, coding):
                return copy
            copy = MAKE[coding](asset.body)
            self._keep(self.file_of(asset, coding), copy) if self.folder else None
            return self._hold(key, copy)

    def file_of(self, asset: Asset, coding: str) -> Path:
        """Where a copy lies on disk. Only for a cache with a folder."""
        return self.folder / f"{asset.digest}{ENDINGS[coding]}"

    def want(self, asset: Asset) -> None:
        """Puts a asset on the list of the quiet thread, once."""
        with self._lock:
            new = asset.digest not in self._asked
            self._asked.add(asset.digest)
        if new:
            self._waiting.put(asset)

    def start(self, assets: Iterable[Asset] = ()) -> None:
        """Starts the quiet thread with a first list of assets."""
        for asset in assets:
            if asset.compressible:
                self.want(asset)
        self._worker = threading.Thread(target=self._work, name="compress", daemon=True)
        self._worker.start()

    def stop(self) -> None:
        """Ends the quiet thread after the asset that it is at; waits a moment for it."""
        while not self._waiting.empty():
            self._waiting.get()
        self._waiting.put(None)
        if self._worker:
            self._worker.join(1.0)

    def _work(self) -> None:
        if hasattr(os, "setpriority"):  # visitors come first: Linux lets one thread be nicer than its process
            try:
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 15)
            except OSError as fault:
                log.info("the compressing thread runs at normal priority: %s", fault)
        while asset := self._waiting.get():
            try:
                self.made(asset, "br")
            except OSError as fault:  # the file went away, as those of an edition that was replaced do
                log.info("not compressed: %s", fault)

    def _hold(self, key: tuple[str, str], copy: bytes) -> bytes:
        with self._lock:
            if key not in self._held:
                self._held[key] = copy
                self._bytes += len(copy)
            while self._bytes > HELD and len(self._held) > 1:
                self._bytes -= len(self._held.popitem(last=False)[1])
        return copy

    def _keep(self, file: Path, copy: bytes) -> None:
        part = file.with_name(f"{file.name}.{secrets.token_hex(8)}.part")  # in containers every process has the number 1
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(copy)
            os.replace(part, file)
        except OSError as fault:
            if part.exists():
                part.unlink()
            log.warning("compressed copies cannot be kept on disk, so each start makes them anew: %s", fault)


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
COMPRESSIBLE = {".js", ".css", ".json", ".html", ".svg", ".txt", ".wasm"}
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


FIRST_PROGRAM = Path(__file__).with_name("first.js")  # runs before Streamlit's own
PRINTED = (  # no menu on paper; a chart keeps its shape in the width of the sheet
    "header,[data-testid=stToolbar],[class*=st-key-parts],[data-testid=stMain] [data-testid=stSelectbox],[data-testid=stTextInput],"
    "[data-testid=stButtonGroup],[data-testid=stPageLink],button:not([data-testid=stPopoverButton]){display:none!important}"
    ".js-plotly-plot,.plot-container,.svg-container{width:100%!important;height:auto!important}"
    ".svg-container .main-svg{width:100%!important;height:100%!important}"
    "[data-testid=stVerticalBlock][class*=st-key-c]{break-inside:avoid}"
)
# A member's map has the whole width of a tablet, which no number of columns gives it beside cards that are wider than it; on
# a wider screen what stands out follows the cards at once, however tall the map beside them is.
AROUND_MAP = (
    "@media (max-width:900px){.stGridCell:has([class*=st-key-member-map]){grid-column:1/-1!important}}"
    "@media (min-width:901px){.stGrid:has(>.stGridCell [class*=st-key-member-map]){grid-template-rows:auto 1fr}}"
)


@dataclass(frozen=True)
class Index:
    """Streamlit's one page of HTML: as it is on disk (to be recognised) and as we send it."""

    raw_length: int
    asset: Asset


class StaticCompressed:
    """ASGI middleware: answers /static/…, /app/static/… and the page's HTML itself, everything else goes on.

    `streamlit_folder` holds Streamlit's index.html, `app_folder` our own large files; `cache` keeps what was
    compressed. Correct for caches: Vary, a strong ETag per encoding, 304, HEAD; a Range is answered from the file as
    it is.
    """

    def __init__(self, app, streamlit_folder: Path, app_folder: Path, cache: AssetCache, title: str = "Corridors"):
        self.app, self.app_folder, self.cache = app, app_folder, cache
        self.files = listing(streamlit_folder)
        self.index = index_of(streamlit_folder, title)

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            return await self.app(scope, receive, send)
        path = scope["path"]
        if file := self.find(path):
            asset = await asyncio.to_thread(self.cache.asset, file, kind_of(file), compressible(file))
            return await self.answer(scope, send, asset, YEAR if HASHED.search(file.name) else ASK_AGAIN)
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
                fields = http.headers(message)
                is_html = fields.get("content-type", "").startswith("text/html")
                ours = message["status"] == 200 and is_html and fields.get("content-length") == str(self.index.raw_length)
                if ours:
                    return await self.answer(scope, send, self.index.asset, ASK_AGAIN)
            if not ours:
                await send(message)

        await self.app(plain, receive, instead)

    async def answer(self, scope, send, asset: Asset, cache: str) -> None:
        """Sends a asset as the visitor's browser likes it best."""
        asked = http.headers(scope)
        fields = {"content-type": asset.kind, "cache-control": cache, "accept-ranges": "bytes"}
        if asset.compressible:
            fields["vary"] = "Accept-Encoding"
        wants_part = "range" in asked and http.may_range(asked, f'"{asset.digest}"')
        accepted = http.accepted(asked.get("accept-encoding", "")) if asset.compressible and not wants_part else ()
        coding, body = await asyncio.to_thread(self.cache.best, asset, accepted)
        fields["etag"] = f'"{asset.digest}-{coding}"' if coding else f'"{asset.digest}"'
        status = 200
        if http.matches(asked.get("if-none-match", ""), fields["etag"]):
            return await http.send_all(send, 304, {k: fields[k] for k in ("cache-control", "etag", "vary") if k in fields})
        if coding:
            fields["content-encoding"] = coding
        elif wants_part:
            span = http.span(asked["range"], len(body))
            if span == http.UNSATISFIABLE:
                return await http.send_all(send, 416, {"content-range": f"bytes */{len(body)}"})
            if span:
                fields["content-range"] = f"bytes {span[0]}-{span[1]}/{len(body)}"
                status, body = 206, body[span[0] : span[1] + 1]
        fields["content-length"] = str(len(body))
        await http.send_all(send, status, fields, b"" if scope["method"] == "HEAD" else body)

    def worth_preparing(self) -> list[Asset]:
        """What to compress ahead of the first visitor, in the order in which a page asks for it."""
        index = self.index.asset.body.decode("utf-8") if self.index else ""
        named = [f for name, f in self.files.items() if compressible(f) and f".{name}" in index]
        later = [f for prefix in FIRST + SOON for f in self.files.values() if f.name.startswith(prefix)]
        assets = [self.cache.asset(f, kind_of(f), True) for f in dict.fromkeys([*named, *later])]
        return [*([self.index.asset] if self.index else []), *assets]


def kind_of(file: Path) -> str:
    """The media type of a file by its ending."""
    return KINDS.get(file.suffix, "application/octet-stream")


def compressible(file: Path) -> bool:
    """Whether compressing a file makes it smaller: fonts and pictures are compressed already."""
    return file.suffix in COMPRESSIBLE


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
    return Index(len(raw), Asset.of(dressed(raw, title, listing(streamlit_folder)), KINDS[".html"], True))


def dressed(html: bytes, title: str, files: dict[str, Path] | None = None) -> bytes:
    """Streamlit's HTML with our title from the first moment, our words for browsers without scripts, no comments."""
    text = html.decode("utf-8")
    text = re.sub(r"<!--.*?-->", "", text, flags=re.S)
    text = re.sub(r"<title>.*?</title>", f"<title>{title}</title>", text, count=1, flags=re.S)
    without = f"<noscript><p>{title} needs JavaScript. It sends nothing to any other host.</p></noscript>"
    first = FIRST_PROGRAM.read_text(encoding="utf-8")
    first = re.sub(r"^\s*//.*\n", "", first, flags=re.M)
    text = text.replace(
        "<head>", f"<head><script>{first}</script><style media=print>{PRINTED}</style><style>{AROUND_MAP}</style>", 1
    )
    text = re.sub(r"<noscript>.*?</noscript>", without, text, count=1, flags=re.S)
    text = re.sub(r'<link rel="service-desc"[^>]*>', "", text)
    return re.sub(r"\n\s*\n+", "\n", text).lstrip().encode("utf-8")
