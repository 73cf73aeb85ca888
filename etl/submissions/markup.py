"""XML out of strangers' workbooks: streamed, without a document type, entities or anything from outside."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from xml.parsers import expat

from etl.submissions.limits import SAVE_ANEW, Budget, UnsafeFile
from etl.submissions.printable import visible

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

    if start:

        def started(tag: str, attributes: dict) -> None:
            budget.take_elements()
            start(tag[tag.rfind(" ") + 1 :], attributes)

        parser.StartElementHandler = started
    if end:
        parser.EndElementHandler = lambda tag: end(tag[tag.rfind(" ") + 1 :])
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
            f"a part that is not XML (“{visible(name, 80)}”: {visible(fault, 80)})", "a whole workbook", SAVE_ANEW
        ) from None
    except (LookupError, UnicodeError):
        raise UnsafeFile(f"a part in an unknown encoding (“{visible(name, 80)}”)", "XML in UTF-8", SAVE_ANEW) from None


def refuse_doctypes(archive: zipfile.ZipFile, budget: Budget) -> None:
    """Looks at the beginning of every XML part, read later or not: a DTD stands before the first tag or nowhere."""
    for entry in archive.infolist():
        if entry.filename.lower().endswith((".xml", ".rels", ".vml", ".rdf", ".xhtml")) and entry.file_size:
            read_part(archive, entry.filename, budget, start=lambda tag, attributes: stop())
