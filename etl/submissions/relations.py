"""The arrows between the parts of an XLSX workbook, and to places outside of it.

What a part is follows from the arrow that leads to it, not from its name: a macro stays one under any name.
"""

from __future__ import annotations

import posixpath
import zipfile
from typing import NamedTuple

from etl.submissions.limits import SAVE_ANEW, Budget, UnsafeFile
from etl.submissions.markup import read_part
from etl.submissions.printable import visible

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
                raise UnsafeFile(f"{what}, in “{visible(name, 80)}”", "a workbook of values only", how_to_fix)
            if arrow.outside and arrow.kind != "hyperlink":
                raise UnsafeFile(
                    f"a link to “{visible(arrow.target, 80)}” ({visible(arrow.kind, 30)})",
                    "a workbook of values only",
                    SAVE_ANEW,
                )
            links += arrow.outside
    return links
