"""The archive that a workbook is, looked through before anything in it is read.

Sizes are counted while unpacking: what the archive declares about itself is not believed.
"""

from __future__ import annotations

import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, NamedTuple
from xml.parsers import expat

from etl.submissions.limits import MEGABYTE, REFUSED, Budget, Limits, UnsafeFile
from etl.submissions.printable import printable

PIECE = 1 << 16
Start = Callable[[str, dict], None]


class _Enough(Exception):
    """The reader has seen what it wanted of this part."""


def stop() -> None:
    """Ends the reading of a part from inside a handler, in good order."""
    raise _Enough


def local(name: str) -> str:
    """A name without its namespace: both dialects of OOXML (transitional and strict) then read the same."""
    return name[name.rfind(" ") + 1 :]


class _Local(dict):
    """Each tag of a part → its local name, made once: a part has a million tags of a few names."""

    def __missing__(self, name: str) -> str:
        if len(self) < 1_000:
            return self.setdefault(name, local(name))
        return local(name)


def _refuse_type(*_) -> None:
    raise UnsafeFile.of("dtd")


def read_part(
    archive: zipfile.ZipFile,
    name: str,
    budget: Budget,
    start: Start | None = None,
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Streams one part of the archive through the handlers, which get names without their namespace.

    Counts tags against the budget. Raises UnsafeFile for a DTD, and for what is not well-formed.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = parser.ExternalEntityRefHandler = _refuse_type
    parser.buffer_text = True
    parser.buffer_size = 1 << 15

    plain = _Local()
    if start:

        def started(tag: str, attributes: dict) -> None:
            budget.take_element()
            start(plain[tag], attributes)

        parser.StartElementHandler = started
    if end:
        parser.EndElementHandler = lambda tag: end(plain[tag])
    if text:
        parser.CharacterDataHandler = text
    try:
        with archive.open(name) as part:
            while piece := part.read(PIECE):
                parser.Parse(piece, False)
            parser.Parse(b"", True)
    except _Enough:
        pass
    except expat.ExpatError as fault:
        raise UnsafeFile.of("part-not-xml", name=printable(name, 80), fault=printable(fault, 80)) from None
    except (LookupError, UnicodeError):
        raise UnsafeFile.of("part-encoding", name=printable(name, 80)) from None


def refuse_doctypes(archive: zipfile.ZipFile, budget: Budget) -> None:
    """Looks at the beginning of every XML part, read later or not: a DTD stands before the first tag or nowhere."""
    for entry in archive.infolist():
        if entry.filename.lower().endswith((".xml", ".rels", ".vml", ".rdf", ".xhtml")) and entry.file_size:
            read_part(archive, entry.filename, budget, start=lambda tag, attributes: stop())


# what reaches outside or carries programs: kinds of relation, and names of parts, which are compared in lower case
_REACHING = {entry["relation"]: rule for rule, entry in REFUSED.table.items() if "relation" in entry}
_FORBIDDEN = [(entry["parts"], rule) for rule, entry in REFUSED.table.items() if "parts" in entry]


class Relation(NamedTuple):
    """One arrow of a `.rels` part: its kind (the last word of its type), its target, whether it leads outside."""

    kind: str
    target: str
    outside: bool


def relations(archive: zipfile.ZipFile, of: str, budget: Budget) -> dict[str, Relation]:
    """The arrows that leave part `of`, by id; targets as names inside the archive. Empty where the part has none."""
    folder, name = posixpath.split(of)
    part = posixpath.join(folder, "_rels", name + ".rels")
    found: dict[str, Relation] = {}
    if part not in archive.namelist():
        return found

    def start(tag: str, attributes: dict) -> None:
        if tag == "Relationship":
            target, outside = attributes.get("Target", ""), attributes.get("TargetMode") == "External"
            if not outside:
                target = posixpath.normpath(target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target))
            found[attributes.get("Id", str(len(found)))] = Relation(
                attributes.get("Type", "").rsplit("/", 1)[-1], target, outside
            )

    read_part(archive, part, budget, start)
    return found


def refuse_reaching(archive: zipfile.ZipFile, budget: Budget) -> int:
    """The number of hyperlinks that lead outside (nobody follows them). Raises UnsafeFile for all else that does."""
    links = 0
    for name in archive.namelist():
        if not name.lower().endswith(".rels"):
            continue
        folder, own = posixpath.split(name)
        for arrow in relations(archive, posixpath.join(posixpath.dirname(folder), own[: -len(".rels")]), budget).values():
            if arrow.kind in _REACHING:
                raise UnsafeFile.of(_REACHING[arrow.kind], part=printable(name, 80))
            if arrow.outside and arrow.kind != "hyperlink":
                raise UnsafeFile.of("link-outside", target=printable(arrow.target, 80), kind=printable(arrow.kind, 30))
            links += arrow.outside
    return links


_TAIL = 65_557  # the longest end record of an archive, its comment included


def scan_archive(path: Path, limits: Limits, sizes_alone: bool = False) -> str:
    """One of "xlsx" and "ods", by what the archive holds. Raises UnsafeFile, by name, for what must not be read.

    `sizes_alone`: of a publisher, whose links and connections are not followed anyway; then "" is returned.
    """
    with path.open("rb") as handle:
        _end_record(handle, limits)
        try:
            with zipfile.ZipFile(handle) as archive:
                entries = archive.infolist()
                form = "" if sizes_alone else _form(archive, {e.filename for e in entries})
                if not sizes_alone:
                    _names(entries)
                _unpack(archive, entries, path.stat().st_size, limits)
                return form
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            struct.error,
            NotImplementedError,
            UnicodeDecodeError,
            ValueError,
            OSError,  # a part that begins before the file does
        ) as fault:
            raise UnsafeFile.of("archive-damaged", fault=printable(fault, 120)) from None
        except RuntimeError:  # what zipfile raises for a part that asks for a password
            raise _locked() from None


def _locked() -> UnsafeFile:
    return UnsafeFile.of("archive-locked")


def _end_record(handle: BinaryIO, limits: Limits) -> None:
    """Refuses by the record at the archive's end, before zipfile reads the whole list of contents into memory."""
    size = handle.seek(0, 2)
    handle.seek(max(0, size - _TAIL))
    tail = handle.read(_TAIL)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < 22:
        raise UnsafeFile.of("archive-cut-off")
    count, length = struct.unpack("<HI", tail[at + 10 : at + 16])
    if at >= 20 and tail[at - 20 : at - 16] == b"PK\x06\x07":  # the larger form of the record stands elsewhere
        (spot,) = struct.unpack("<Q", tail[at - 12 : at - 4])
        if spot > size - 56:
            raise UnsafeFile.of("archive-end-outside")
        handle.seek(spot)
        record = handle.read(56)
        if record[:4] == b"PK\x06\x06":
            count, length = struct.unpack("<QQ", record[32:48])
    if count > limits.entries or length > limits.directory_bytes:
        raise UnsafeFile.of("archive-too-many-files", count=count, length=length, entries=limits.entries)
    handle.seek(0)


def _form(archive: zipfile.ZipFile, names: set[str]) -> str:
    if "mimetype" in names and archive.getinfo("mimetype").compress_type == zipfile.ZIP_STORED:
        with archive.open("mimetype") as part:
            said = part.read(100).decode("ascii", "replace").strip()
        if said.startswith("application/vnd.oasis.opendocument.spreadsheet"):
            return "ods"
        if said.startswith("application/"):
            raise UnsafeFile.of("other-document", said=printable(said, 80))
    lower = {n.lower() for n in names}
    if "xl/workbook.bin" in lower:
        raise UnsafeFile.of("xlsb")
    if "[content_types].xml" in lower:
        for rule, entry in REFUSED.table.items():
            folder = entry.get("folder", "")
            if folder and not any(n.startswith("xl/") for n in lower) and any(n.startswith(folder) for n in lower):
                raise UnsafeFile.of(rule)
        return "xlsx"
    if any(n.startswith("index/") or n.endswith(".iwa") for n in lower):
        raise UnsafeFile.of("numbers-document")
    inside = ", ".join(printable(n, 40) for n in sorted(names)[:4])
    raise UnsafeFile.of("zip-no-workbook", inside=inside or "nothing")


def _names(entries: list[zipfile.ZipInfo]) -> None:
    seen: set[str] = set()
    for entry in entries:
        name = entry.filename
        parts = name.replace("\\", "/").split("/")
        raw = getattr(entry, "orig_filename", name)
        if ".." in parts or name.startswith(("/", "\\")) or ":" in parts[0] or "\0" in raw:
            raise UnsafeFile.of("part-leads-out", raw=printable(raw, 80))
        if name.lower() in seen:
            raise UnsafeFile.of("part-twice", name=printable(name, 80))
        seen.add(name.lower())
        if entry.flag_bits & 0x1:
            raise _locked()
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise UnsafeFile.of("part-packed-strangely", name=printable(name, 80))
    for pattern, rule in _FORBIDDEN:
        if hit := next((e.filename for e in entries if re.search(pattern, e.filename.lower())), None):
            raise UnsafeFile.of(rule, part=printable(hit, 80))
    ordered = sorted(entries, key=lambda e: e.header_offset)
    for one, other in zip(ordered, ordered[1:]):
        if one.header_offset + 30 + one.compress_size > other.header_offset:
            raise UnsafeFile.of("parts-share-bytes")


def _unpack(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], packed: int, limits: Limits) -> None:
    """Unpacks every part into nothing, so that sizes and checksums are known and not believed."""
    total = 0
    for entry in entries:
        if entry.is_dir():
            continue
        with archive.open(entry) as part:
            while chunk := part.read(1 << 16):
                total += len(chunk)
                if total > limits.unpacked_bytes or (total > 10 * MEGABYTE and total > limits.ratio * packed):
                    raise UnsafeFile.of(
                        "zip-bomb", packed=packed, size=total - 1, unpacked_bytes=limits.unpacked_bytes, ratio=limits.ratio
                    )
