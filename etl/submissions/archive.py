"""The XML parts of the archive that a workbook is, streamed in the reading process of `etl.submissions.child`."""

import posixpath
import zipfile
from collections.abc import Callable
from typing import NamedTuple
from xml.parsers import expat

from etl.submissions.limits import REFUSED, Budget, UnsafeFile
from etl.submissions.sheets import printable

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


# kinds of relation that reach outside or carry programs
_REACHING = {entry["relation"]: rule for rule, entry in REFUSED.table.items() if "relation" in entry}


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
