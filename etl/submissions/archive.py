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

from etl.submissions.limits import MEGABYTE, SAVE_ANEW, Budget, Limits, UnsafeFile
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
    raise UnsafeFile(
        "a document type (DTD), by which XML defines entities",
        "XML without a DTD",
        "No spreadsheet program writes one: tell the sender, it may be an attack. " + SAVE_ANEW,
    )


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
            budget.take_elements()
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
        raise UnsafeFile(
            f"a part that is not XML (“{printable(name, 80)}”: {printable(fault, 80)})", "a whole workbook", SAVE_ANEW
        ) from None
    except (LookupError, UnicodeError):
        raise UnsafeFile(f"a part in an unknown encoding (“{printable(name, 80)}”)", "XML in UTF-8", SAVE_ANEW) from None


def refuse_doctypes(archive: zipfile.ZipFile, budget: Budget) -> None:
    """Looks at the beginning of every XML part, read later or not: a DTD stands before the first tag or nowhere."""
    for entry in archive.infolist():
        if entry.filename.lower().endswith((".xml", ".rels", ".vml", ".rdf", ".xhtml")) and entry.file_size:
            read_part(archive, entry.filename, budget, start=lambda tag, attributes: stop())


# kinds of relation by which a workbook reaches outside or carries programs, whatever its parts are called
_REACHING = {
    "vbaProject": ("macros (a VBA project)", "Save it as “Excel workbook (.xlsx)”, which drops macros, and send that."),
    "externalLink": ("links to other workbooks", "Break them (Data, Edit links, Break link), save, and send it again."),
    "oleObject": ("embedded files (OLE objects)", "Delete the embedded objects, save, and send it again."),
    "package": ("embedded files", "Delete the embedded objects, save, and send it again."),
    "control": ("ActiveX controls", "Delete the controls, save, and send it again."),
    "xlMacrosheet": ("macros (an Excel 4 macro sheet)", "Delete the macro sheet, save as XLSX, and send that."),
    "connections": (
        "connections to data elsewhere",
        "Remove them (Data, Queries and connections), save, and send it again.",
    ),
    "attachedTemplate": ("a template elsewhere", SAVE_ANEW),
}


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
                what, how_to_fix = _REACHING[arrow.kind]
                raise UnsafeFile(f"{what}, in “{printable(name, 80)}”", "a workbook of values only", how_to_fix)
            if arrow.outside and arrow.kind != "hyperlink":
                raise UnsafeFile(
                    f"a link to “{printable(arrow.target, 80)}” ({printable(arrow.kind, 30)})",
                    "a workbook of values only",
                    SAVE_ANEW,
                )
            links += arrow.outside
    return links


DAMAGED = "The file was cut off or damaged on its way: send it again."
_TAIL = 65_557  # the longest end record of an archive, its comment included
# names of parts that carry programs or reach outside, by what they are; names are compared in lower case
_FORBIDDEN = (
    (
        r"(^|/)vbaproject",
        "macros (a VBA project)",
        "Save it as “Excel workbook (.xlsx)”, which drops macros, and send that.",
    ),
    (
        r"(^|/)(macrosheets|dialogsheets|intlmacrosheets)/",
        "macros (an Excel 4 macro sheet)",
        "Delete the macro sheet, save as XLSX, and send that.",
    ),
    (
        r"^(basic|scripts)/",
        "macros (a script of LibreOffice)",
        "Delete them under Tools, Macros, Organise; save, and send it again.",
    ),
    (
        r"(^|/)externallinks/",
        "links to other workbooks",
        "Break them (Data, Edit links, Break link), so that the values stand in the workbook; save, and send it anew.",
    ),
    (
        r"^xl/(connections\.xml|querytables/)",
        "connections to data elsewhere",
        "Remove them (Data, Queries and connections), save, and send it again.",
    ),
    (r"(^|/)embeddings/", "embedded files (OLE objects)", "Delete the embedded objects, save, and send it again."),
    (r"(^|/)activex/", "ActiveX controls", "Delete the controls, save, and send it again."),
)


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
            raise UnsafeFile(f"an archive that is damaged ({printable(fault, 120)})", "a whole workbook", DAMAGED) from None
        except RuntimeError:  # what zipfile raises for a part that asks for a password
            raise _locked() from None


def _locked() -> UnsafeFile:
    return UnsafeFile(
        "an archive locked with a password", "a workbook without a password", "Remove the password and send it again."
    )


def _end_record(handle: BinaryIO, limits: Limits) -> None:
    """Refuses by the record at the archive's end, before zipfile reads the whole list of contents into memory."""
    size = handle.seek(0, 2)
    handle.seek(max(0, size - _TAIL))
    tail = handle.read(_TAIL)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < 22:
        raise UnsafeFile("a workbook that is cut off (its end is missing)", "a whole workbook", DAMAGED)
    count, length = struct.unpack("<HI", tail[at + 10 : at + 16])
    if at >= 20 and tail[at - 20 : at - 16] == b"PK\x06\x07":  # the larger form of the record stands elsewhere
        (spot,) = struct.unpack("<Q", tail[at - 12 : at - 4])
        if spot > size - 56:
            raise UnsafeFile("a workbook whose end points outside of it", "a whole workbook", DAMAGED)
        handle.seek(spot)
        record = handle.read(56)
        if record[:4] == b"PK\x06\x06":
            count, length = struct.unpack("<QQ", record[32:48])
    if count > limits.entries or length > limits.directory_bytes:
        raise UnsafeFile(
            f"an archive of {count:,} files (list of contents: {length:,} bytes)",
            f"at most {limits.entries:,} files",
            SAVE_ANEW,
        )
    handle.seek(0)


def _form(archive: zipfile.ZipFile, names: set[str]) -> str:
    if "mimetype" in names and archive.getinfo("mimetype").compress_type == zipfile.ZIP_STORED:
        with archive.open("mimetype") as part:
            said = part.read(100).decode("ascii", "replace").strip()
        if said.startswith("application/vnd.oasis.opendocument.spreadsheet"):
            return "ods"
        if said.startswith("application/"):
            raise UnsafeFile(f"a document of another kind ({printable(said, 80)})", "an XLSX or ODS workbook", SAVE_ANEW)
    lower = {n.lower() for n in names}
    if "xl/workbook.bin" in lower:
        raise UnsafeFile(
            "a binary workbook (.xlsb)", "an XLSX or ODS workbook", "Save it as “Excel workbook (.xlsx)” and send that."
        )
    if "[content_types].xml" in lower:
        for folder, what in (
            ("word/", "a Word document"),
            ("ppt/", "a PowerPoint presentation"),
            ("visio/", "a Visio drawing"),
        ):
            if not any(n.startswith("xl/") for n in lower) and any(n.startswith(folder) for n in lower):
                raise UnsafeFile(
                    what, "an XLSX or ODS workbook", "Put the figures into the template's workbook and send that."
                )
        return "xlsx"
    if any(n.startswith("index/") or n.endswith(".iwa") for n in lower):
        raise UnsafeFile(
            "a Numbers document", "an XLSX or ODS workbook", "In Numbers choose File, Export to, Excel, and send that."
        )
    inside = ", ".join(printable(n, 40) for n in sorted(names)[:4])
    raise UnsafeFile(
        f"a ZIP archive that is no workbook (in it: {inside or 'nothing'})",
        "an XLSX or ODS workbook, or a folder of CSV files",
        "Unpack it and name the workbook, or the folder of CSV files.",
    )


def _names(entries: list[zipfile.ZipInfo]) -> None:
    seen: set[str] = set()
    for entry in entries:
        name = entry.filename
        parts = name.replace("\\", "/").split("/")
        raw = getattr(entry, "orig_filename", name)
        if ".." in parts or name.startswith(("/", "\\")) or ":" in parts[0] or "\0" in raw:
            raise UnsafeFile(
                f"a part whose name leads out of the workbook (“{printable(raw, 80)}”)",
                "names inside the workbook",
                "Do not unpack it, and tell the sender: it may be an attack.",
            )
        if name.lower() in seen:
            raise UnsafeFile(f"two parts of one name (“{printable(name, 80)}”)", "each part once", SAVE_ANEW)
        seen.add(name.lower())
        if entry.flag_bits & 0x1:
            raise _locked()
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise UnsafeFile(
                f"a part packed in a way that no spreadsheet uses (“{printable(name, 80)}”)",
                "an ordinary workbook",
                SAVE_ANEW,
            )
    for pattern, what, how_to_fix in _FORBIDDEN:
        if hit := next((e.filename for e in entries if re.search(pattern, e.filename.lower())), None):
            raise UnsafeFile(f"{what}, in “{printable(hit, 80)}”", "a workbook of values only", how_to_fix)
    ordered = sorted(entries, key=lambda e: e.header_offset)
    for one, other in zip(ordered, ordered[1:]):
        if one.header_offset + 30 + one.compress_size > other.header_offset:
            raise UnsafeFile("parts that share their bytes (the mark of a zip bomb)", "an ordinary workbook", SAVE_ANEW)


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
                    raise UnsafeFile(
                        f"{packed:,} bytes that unpack to more than {total - 1:,} (a zip bomb, or empty rows)",
                        f"at most {limits.unpacked_bytes:,} bytes, and at most {limits.ratio} times the file's size",
                        "If it is honest: delete the empty rows and columns outside the table, and send it again.",
                    )
