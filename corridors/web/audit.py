"""The audit trail: who opened which page of which edition with which filters, and what was taken away, as JSON lines.

Pages are noted by their one entry point and downloads by the server, so no page can forget it. No text that a visitor typed is ever
kept: a filter's value is written only if the catalog knows it, or if it is an edition or a year; else as “other”.
"""

import json
import logging
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from corridors.catalog import Catalog
from corridors.store import editions
from corridors.store.atomic_files import private_folder
from corridors.web import http

log = logging.getLogger("corridors.audit")
SIZE, KEPT = 10_000_000, 20  # a file is closed at 10 MB; twenty are kept
NAME = re.compile(r"[a-z][a-z_]{1,23}")
FILE = re.compile(r'filename="([A-Za-z0-9][A-Za-z0-9 ._-]{0,120})"')
YEARS = re.compile(r"\d{4}([,-]\d{4})?")
FIGURE = re.compile("[0-9a-f]{16}")  # how the name of a figure looks
OTHER = "other"
FULL = (
    "Nothing can be taken away at the moment, because it could not be written down who takes it. Whoever runs this server "
    "finds the reason in its log; most likely a disk is full. The pages go on."
)
VISIT = b"x-corridors-visit"  # the header by which the pages learn the mark of their connection


class Vocabulary:
    """The words that may stand in the trail, with the id that is written for each."""

    def __init__(self, catalog: Catalog):
        ids: dict[str, str] = {}
        for iso3, place in {**catalog.countries, **catalog.members}.items():
            ids |= {iso3: iso3, place.name: iso3}
        for key, theme in catalog.themes.items():
            ids |= {key: key, theme.title: key, theme.tab: key}
        ids |= {themes[0].part: key for key, themes in catalog.parts.items()}
        for key, indicator in catalog.indicators.items():
            ids |= {key: key, indicator.name: key} | ({indicator.short_name: key} if indicator.short_name else {})
        for key, factor in catalog.factors.items():
            ids |= {key: key, factor.name: key}
        self._ids = {word.casefold(): key for word, key in ids.items() if word}

    def value(self, text: str) -> str:
        """The id of a known word; an edition's id, a year or a range of years as they are; else “other”."""
        if known := self._ids.get(text.strip().casefold()):
            return known
        return text if editions.EDITION_ID.match(text) or YEARS.fullmatch(text) or FIGURE.fullmatch(text) else OTHER

    def filters(self, query: str | Mapping[str, str] | list[tuple[str, str]]) -> dict[str, str]:
        """Names and closed values of an address's query; at most eighty, several of one name with "|" between them, and only
        names that a page could have."""
        try:
            pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=40) if isinstance(query, str) else query
        except ValueError:
            return {}
        kept: dict[str, str] = {}
        for name, text in list(pairs.items() if isinstance(pairs, Mapping) else pairs)[:80]:
            if NAME.fullmatch(name):
                kept[name] = "|".join(filter(None, [kept.get(name), self.value(text)]))
        return kept


class Trail:
    """Where lines go: a folder with one rotated file for this process, or nowhere (`folder` None).

    `visits`: mark of each connection that has opened a page → who opened it. `fault`: why the last line could not be
    written, empty when all is well.
    """

    def __init__(self, folder: Path | None, vocabulary: Vocabulary, process: str = "main"):
        self.vocabulary, self.visits, self.fault = vocabulary, {}, ""
        self.path = folder / f"audit-{process}.jsonl" if folder else None
        self._log = logging.Logger(f"corridors.audit.{process}")
        if self.path:
            private_folder(folder)
            handler = _Private(self.path, maxBytes=SIZE, backupCount=KEPT, encoding="utf-8")
            handler.setFormatter(logging.Formatter("%(message)s"))
            self._log.addHandler(handler)
        else:
            self._log.addHandler(logging.NullHandler())

    def note(self, event: str, **fields) -> bool:
        """Writes one line: when, event, and the fields that are not empty. Values must come from closed lists.

        Returns whether the line was written; if not, the log and `fault` say why.
        """
        when = datetime.now(UTC).isoformat(timespec="milliseconds")
        kept = {k: v for k, v in fields.items() if v not in (None, "", {})}
        try:
            self._log.info(json.dumps({"when": when, "event": event, **kept}, ensure_ascii=False))
        except OSError as fault:
            log.error("The audit trail cannot be written, so nothing can be taken away: %s", fault)
            self.fault = str(fault)
            return False
        self.fault = ""
        return True

    def hear(self, logger: logging.Logger) -> None:
        """Writes into the same file what the guard of the pages decides, each message being an object in JSON."""
        if self.path:
            logger.setLevel(logging.INFO)
            logger.addHandler(_Heard(self))

    def close(self) -> None:
        """Closes the file."""
        for handler in self._log.handlers:
            handler.close()


class _Heard(logging.Handler):
    """Passes decisions of another logger on to the trail."""

    def __init__(self, trail: Trail):
        super().__init__()
        self._trail = trail

    def emit(self, record: logging.LogRecord) -> None:
        said = record.getMessage()
        # a decision is an object in JSON; anything else is free text, which the trail does not keep
        fields = json.loads(said) if said.startswith("{") else {"why": "fault"}
        if (query := getattr(record, "query", None)) is None:
            return self._trail.note("access", **fields)
        if record.visit:
            self._trail.visits[record.visit] = fields["who"]
        filters = self._trail.vocabulary.filters(query)
        self._trail.note("page", **fields, visit=record.visit, edition=record.edition, filters=filters)


class _Private(RotatingFileHandler):
    """A rotated file that only its owner may read. What cannot be written is a fault, not a line on the screen."""

    def handleError(self, record):
        raise

    def _open(self):
        stream = super()._open()
        Path(self.baseFilename).chmod(0o600)
        return stream


class Audit:
    """ASGI middleware: marks each connection, so that the lines of one visit are found together, and notes downloads.

    `who(scope)` names the visitor ("local" where nobody signs in); `edition()` the edition that readers see now; `pages`
    are the pages that exist, so that no invented path is written. `may_take(scope, body, saved)` says whether this visitor may
    have a made file now; `saved` tells a download from a picture on a page. Pages opened are noted by the entry point of the pages.
    """

    def __init__(
        self,
        app,
        trail: Trail,
        pages: frozenset[str],
        who: Callable[[Mapping], str] = lambda scope: "local",
        edition: Callable[[], str | None] = lambda: None,
        may_take: Callable[[Mapping, bytes, bool], bool] = lambda scope, body, saved: True,
    ):
        self.app, self.trail, self.pages, self.who, self.edition = app, trail, pages, who, edition
        self.may_take = may_take

    async def __call__(self, scope, receive, send) -> None:
        if self.trail.path and scope["type"] == "websocket":
            return await self.visit(scope, receive, send)
        if scope["type"] == "http" and scope["path"].startswith("/media/"):
            return await self.export(scope, receive, send)
        await self.app(scope, receive, send)

    def page(self, path: str) -> str:
        """A page's name for the trail: “start” for the first, “other” for a path that no page has."""
        name = path.strip("/")
        return (name or "start") if name in self.pages else OTHER

    async def visit(self, scope, receive, send) -> None:
        """One tab from its first page to its end; the mark goes inward as a header, whatever the visitor sent under its name."""
        mark = secrets.token_hex(4)
        kept = [(name, value) for name, value in scope["headers"] if name.lower() != VISIT]
        try:
            await self.app({**scope, "headers": [*kept, (VISIT, mark.encode())]}, receive, send)
        finally:
            if mark in self.trail.visits:
                self.trail.note("left", who=self.trail.visits.pop(mark), visit=mark)

    async def export(self, scope, receive, send) -> None:
        """A made file, by its address: for whoever may have it, kept by nobody on the way, and noted if it is a download.

        It is handed out whole or not at all: a part would pass unnoted. When the trail cannot be written no download goes out.
        """
        whole = {**scope, "headers": [(name, value) for name, value in scope["headers"] if name.lower() != b"range"]}
        start, body = {}, b""

        async def held(message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
            else:
                body += message.get("body", b"")

        await self.app(whole, receive, held)
        sent_fields = http.headers(start)
        disposition = sent_fields.get("content-disposition", "")
        saved = disposition.startswith("attachment")
        if start["status"] == 200:
            if not self.may_take(scope, body, saved):
                return await http.refuse(send, 404, "There is nothing here.")
            if saved and self.trail.path and scope["method"] == "GET" and not self.noted(scope, disposition):
                return await http.refuse(send, 503, FULL)
        sent_fields |= {"cache-control": "no-store"}
        await http.send_all(send, start["status"], sent_fields, body)

    def noted(self, scope, disposition: str) -> bool:
        """Writes the line of a download: what it was called, from which page, in which edition; returns whether it could."""
        came = urlsplit(http.headers(scope).get("referer", ""))
        named = FILE.search(disposition)
        return self.trail.note(
            "export",
            who=self.who(scope),
            page=self.page(came.path),
            edition=self.edition(),
            filters=self.trail.vocabulary.filters(came.query),
            file=named[1] if named else OTHER,
        )
