"""Compressed copies on disk and in memory, named by the content that they were made of.

Two processes may share the folder: a copy appears under its name only when it is complete, and a copy that does not
unpack to what it was made of is made anew, because browsers would keep a broken one for a year.
"""

from __future__ import annotations

import gzip
import hashlib
import logging
import os
import queue
import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import brotli

log = logging.getLogger("corridors.serving")
HELD = 32 * 1024 * 1024  # bytes of copies kept in memory
SMALL = 256  # below this many bytes compressing saves nothing
ENDINGS = {"br": ".br", "gzip": ".gz"}
MAKE = {"br": lambda body: brotli.compress(body, quality=11), "gzip": lambda body: gzip.compress(body, 9, mtime=0)}
UNPACK = {"br": brotli.decompress, "gzip": gzip.decompress}
UNSOUND = (brotli.error, OSError, EOFError, ValueError)


@dataclass(frozen=True)
class Piece:
    """Something to hand out: its bytes (or the file that holds them), its media type, and the name of its content."""

    kind: str
    squeezable: bool
    digest: str
    size: int
    file: Path | None = None
    held: bytes = b""

    @classmethod
    def of(cls, body: bytes, kind: str, squeezable: bool) -> Piece:
        """A piece that lives in memory."""
        return cls(kind, squeezable and len(body) >= SMALL, digest(body), len(body), None, body)

    @property
    def body(self) -> bytes:
        """The bytes as they are. Raises OSError when the file is gone."""
        return self.file.read_bytes() if self.file else self.held


def digest(body: bytes) -> str:
    """The name of a content: the first 24 digits of its SHA-256."""
    return hashlib.sha256(body).hexdigest()[:24]


class Shelf:
    """Compressed copies of pieces. Without a folder, or one that can be written, memory alone holds them."""

    def __init__(self, folder: Path | None):
        self.folder = folder
        self._pieces: dict[tuple, Piece] = {}
        self._held: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()
        self._making: dict[tuple[str, str], threading.Lock] = {}
        self._wanted: queue.SimpleQueue = queue.SimpleQueue()
        self._asked: set[str] = set()
        self._worker: threading.Thread | None = None

    def piece(self, file: Path, kind: str, squeezable: bool) -> Piece:
        """A file as a piece; its content is read once for as long as it does not change."""
        stat = file.stat()
        key = (file, stat.st_mtime_ns, stat.st_size)
        if key not in self._pieces:
            worth = squeezable and stat.st_size >= SMALL
            self._pieces[key] = Piece(kind, worth, digest(file.read_bytes()), stat.st_size, file)
        return self._pieces[key]

    def best(self, piece: Piece, accepted: tuple[str, ...]) -> tuple[str, bytes]:
        """(encoding, bytes) to send now: brotli when it is ready, else gzip, made at once, else ("", as it is).

        When brotli is allowed but not ready it is put on the list of the quiet thread.
        """
        if not piece.squeezable or not accepted:
            return "", piece.body
        if "br" in accepted:
            if ready := self.ready(piece, "br"):
                return "br", ready
            self.want(piece)
        if "gzip" in accepted:
            return "gzip", self.made(piece, "gzip")
        return "", piece.body

    def ready(self, piece: Piece, coding: str) -> bytes | None:
        """A copy that exists already, from memory or from disk; None when there is none, or only an unsound one."""
        key = (piece.digest, coding)
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key]
        if not self.folder:
            return None
        try:
            copy = self.file_of(piece, coding).read_bytes()
        except OSError:
            return None
        try:
            sound = digest(UNPACK[coding](copy)) == piece.digest
        except UNSOUND:
            sound = False
        return self._hold(key, copy) if sound else None

    def made(self, piece: Piece, coding: str) -> bytes:
        """A copy, made now if there is none; two who ask at once wait for one making."""
        key = (piece.digest, coding)
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        with making:
            if copy := self.ready(piece, coding):
                return copy
            copy = MAKE[coding](piece.body)
            self._keep(self.file_of(piece, coding), copy) if self.folder else None
            return self._hold(key, copy)

    def file_of(self, piece: Piece, coding: str) -> Path:
        """Where a copy lies on disk. Only for a shelf with a folder."""
        return self.folder / f"{piece.digest}{ENDINGS[coding]}"

    def want(self, piece: Piece) -> None:
        """Puts a piece on the list of the quiet thread, once."""
        with self._lock:
            new = piece.digest not in self._asked
            self._asked.add(piece.digest)
        if new:
            self._wanted.put(piece)

    def start(self, pieces: Iterable[Piece] = ()) -> None:
        """Starts the quiet thread with a first list of pieces."""
        for piece in pieces:
            if piece.squeezable:
                self.want(piece)
        self._worker = threading.Thread(target=self._work, name="compress", daemon=True)
        self._worker.start()

    def stop(self) -> None:
        """Ends the quiet thread after the piece that it is at; waits a moment for it."""
        while not self._wanted.empty():
            self._wanted.get()
        self._wanted.put(None)
        if self._worker:
            self._worker.join(1.0)

    def _work(self) -> None:
        if hasattr(os, "setpriority"):  # visitors come first: Linux lets one thread be nicer than its process
            try:
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 15)
            except OSError as fault:
                log.info("the compressing thread runs at normal priority: %s", fault)
        while piece := self._wanted.get():
            try:
                self.made(piece, "br")
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
