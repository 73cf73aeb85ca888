"""Workbooks of our own making: honest ones as people send them, and hostile ones that must be turned away."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def parts(
    sheet: str = '<row r="1"><c r="A1"><v>1</v></c></row>', dimension: str = "A1", before: str = "", after: str = ""
) -> dict[str, bytes]:
    """The parts of a small XLSX whose one sheet holds `sheet`."""
    texts = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" Type="{REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{REL}"><sheets><sheet name="Figures" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" Type="{REL}/worksheet" Target="worksheets/s1.xml"/>'
        f'<Relationship Id="r2" Type="{REL}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/worksheets/s1.xml": f'{before}<worksheet xmlns="{MAIN}"><dimension ref="{dimension}"/><sheetData>{sheet}</sheetData>{after}</worksheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"><si><t>text</t></si></sst>',
    }
    return {name: text.encode() for name, text in texts.items()}


def packed(contents: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive of these parts."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        for name, content in contents.items():
            archive.writestr(name, content, zipfile.ZIP_STORED if name == "mimetype" else method)
    return held.getvalue()


def with_part(name: str, content: bytes = b"x") -> bytes:
    """A small XLSX with one part more."""
    return packed({**parts(), name: content})


def with_arrow(kind: str, target: str, mode: str = ' TargetMode="External"') -> bytes:
    """A small XLSX whose sheet leads to `target` by an arrow of this kind."""
    arrow = f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r9" Type="{REL}/{kind}" Target="{target}"{mode}/></Relationships>'
    return with_part("xl/worksheets/_rels/s1.xml.rels", arrow.encode())


def ods(rows: str, styles: str = "", table: str = "", manifest: str = "") -> bytes:
    """A small ODS whose one sheet holds `rows`."""
    spaces = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for short, name in (
            ("office", "office"),
            ("table", "table"),
            ("text", "text"),
            ("style", "style"),
            ("draw", "drawing"),
        )
    )
    content = (
        f"<office:document-content {spaces}><office:automatic-styles>{styles}</office:automatic-styles><office:body>"
        f'<office:spreadsheet><table:table table:name="Figures" {table}>{rows}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    held = {"mimetype": ODS_TYPE.encode(), "content.xml": content.encode()}
    return packed({**held, "META-INF/manifest.xml": manifest.encode()} if manifest else held)


def many_cells(number: int) -> str:
    """Rows of ten cells each."""
    return "".join(
        f'<row r="{r}">' + "".join(f"<c><v>{r}</v></c>" for _ in range(10)) + "</row>" for r in range(1, number // 10 + 1)
    )


def zip_bomb() -> bytes:
    """40 KB that unpack to 40 MB."""
    return with_part("xl/media/image1.xml", b"<a>" + b" " * 40_000_000 + b"</a>")


def lying_bomb() -> bytes:
    """As the bomb, and the list of contents says that the part holds ten bytes."""
    data = bytearray(zip_bomb())
    at = data.rfind(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 10)
    return bytes(data)


def many_entries(number: int) -> bytes:
    """An archive of so many empty parts; beyond 65,535 its end is written in another form."""
    return packed({**parts(), **{f"x/{n}": b"" for n in range(number)}}, zipfile.ZIP_STORED)


def overlapping() -> bytes:
    """An archive in which one part lies inside another."""
    data = bytearray(packed(parts(), zipfile.ZIP_STORED))
    first = data.find(b"PK\x01\x02")
    second = data.find(b"PK\x01\x02", first + 4)
    data[second + 42 : second + 46] = struct.pack("<I", 5)
    return bytes(data)


def encrypted_archive() -> bytes:
    """An archive whose parts say that they need a password."""
    data = bytearray(packed(parts(), zipfile.ZIP_STORED))
    at = -1
    while (at := data.find(b"PK\x01\x02", at + 1)) >= 0:
        data[at + 8] |= 1
    return bytes(data)


def duplicated() -> bytes:
    """An archive that holds the sheet twice under one name."""
    held = io.BytesIO(packed(parts()))
    with zipfile.ZipFile(held, "a") as archive:
        archive.filelist.append(archive.getinfo("xl/worksheets/s1.xml"))
        archive._didModify = True
    return held.getvalue()


DTD = '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUT = '<?xml version="1.0"?><!DOCTYPE w SYSTEM "http://192.0.2.1/x.dtd">'
FAR = '<row r="1"><c r="A1"><v>1</v></c></row><row r="300000"><c r="CV300000"><v>1</v></c></row>'
LOCKED = '<m xmlns="urn:x"><file-entry><encryption-data/></file-entry></m>'
CELL = '<table:table-cell office:value-type="float" office:value="1"'

# what is hostile: the name it comes under, its bytes, and words that the refusal must say
HOSTILE: dict[str, tuple[str, Callable[[], bytes], list[str]]] = {
    "zero bytes": ("a.xlsx", lambda: b"", ["empty file", "send the file again"]),
    "a renamed program": ("a.xlsx", lambda: b"MZ\x90\0" + b"\0" * 200, ["Windows program", "attack"]),
    "a Linux program as CSV": ("a.csv", lambda: b"\x7fELF\2\1\1" + b"\0" * 90, ["Linux program"]),
    "a script as CSV": ("a.csv", lambda: b"#!/bin/sh\nrm -r x\n", ["script"]),
    "an old workbook": (
        "a.xls",
        lambda: OLE + b"\0" * 504 + "Workbook".encode("utf-16-le") + b"\0" * 99,
        [".xls", "Save as"],
    ),
    "an old workbook as xlsx": ("a.xlsx", lambda: OLE + b"\0" * 504 + "Workbook".encode("utf-16-le"), ["Excel 97"]),
    "a password": (
        "a.xlsx",
        lambda: OLE + b"\0" * 3_000 + "EncryptedPackage".encode("utf-16-le"),
        ["encrypted with a password"],
    ),
    "a locked archive": ("a.xlsx", encrypted_archive, ["password"]),
    "a locked ODS": ("a.ods", lambda: ods("", manifest=LOCKED), ["encrypted with a password"]),
    "a PDF as xlsx": ("a.xlsx", lambda: b"%PDF-1.7\n%x", ["PDF"]),
    "a web page as CSV": ("a.csv", lambda: b"\n<!DOCTYPE html><html><body>sign in", ["web page"]),
    "a Word document": (
        "a.xlsx",
        lambda: packed({"[Content_Types].xml": b"<T/>", "word/document.xml": b"<d/>"}),
        ["Word document"],
    ),
    "a binary workbook": ("a.xlsx", lambda: packed({"[Content_Types].xml": b"<T/>", "xl/workbook.bin": b"x"}), [".xlsb"]),
    "a plain archive": ("a.zip", lambda: packed({"thailand.csv": b"a,b"}), ["no workbook", "thailand.csv", "Unpack"]),
    "macros": ("a.xlsm", lambda: with_part("xl/vbaProject.bin"), ["macros", "vbaProject.bin", "Excel workbook (.xlsx)"]),
    "macros under another name": ("a.xlsx", lambda: with_arrow("vbaProject", "harmless.bin", ""), ["macros"]),
    "Excel 4 macros": ("a.xlsx", lambda: with_part("xl/macrosheets/sheet1.xml"), ["Excel 4 macro"]),
    "macros of LibreOffice": ("a.ods", lambda: packed({"mimetype": ODS_TYPE.encode(), "Basic/x.xml": b"<a/>"}), ["macros"]),
    "external links": (
        "a.xlsx",
        lambda: with_part("xl/externalLinks/externalLink1.xml"),
        ["links to other workbooks", "Break"],
    ),
    "a link by another name": ("a.xlsx", lambda: with_arrow("externalLink", "x.xml", ""), ["links to other workbooks"]),
    "a picture from elsewhere": ("a.xlsx", lambda: with_arrow("image", "http://192.0.2.1/a.png"), ["192.0.2.1"]),
    "a sheet from elsewhere": ("a.ods", lambda: ods("<table:table-source/>"), ["read from elsewhere"]),
    "a DDE link in ODS": ("a.ods", lambda: ods("<office:dde-source/>"), ["DDE"]),
    "embedded files": ("a.xlsx", lambda: with_part("xl/embeddings/oleObject1.bin"), ["OLE"]),
    "ActiveX": ("a.xlsx", lambda: with_part("xl/activeX/activeX1.xml"), ["ActiveX"]),
    "a query": ("a.xlsx", lambda: with_part("xl/connections.xml"), ["connections to data"]),
    "a way out": ("a.xlsx", lambda: with_part("../../evil.xml"), ["leads out", "evil.xml"]),
    "a way out by drive": ("a.xlsx", lambda: with_part("C:\\evil.xml"), ["leads out"]),
    "a way out by root": ("a.xlsx", lambda: with_part("/etc/evil.xml"), ["leads out"]),
    "two parts of one name": ("a.xlsx", duplicated, ["two parts of one name"]),
    "parts that overlap": ("a.xlsx", overlapping, ["share their bytes"]),
    "a zip bomb": ("a.xlsx", zip_bomb, ["unpack to more than", "zip bomb"]),
    "a bomb that lies": ("a.xlsx", lying_bomb, ["a.xlsx"]),
    "too many parts": ("a.xlsx", lambda: many_entries(3_000), ["3,006 files (list of contents"]),
    "far too many parts": ("a.xlsx", lambda: many_entries(66_000), ["66,006 files (list of contents"]),
    "an odd packing": ("a.xlsx", lambda: packed(parts(), zipfile.ZIP_LZMA), ["no spreadsheet uses"]),
    "cut off": ("a.xlsx", lambda: packed(parts())[:-300], ["cut off", "send it again"]),
    "a byte changed": ("a.xlsx", lambda: packed(parts(), 0).replace(b"<v>1</v>", b"<v>2</v>"), ["damaged", "CRC"]),
    "a DTD": ("a.xlsx", lambda: packed(parts(before=DTD)), ["DTD", "entities"]),
    "a DTD in a part nobody reads": ("a.xlsx", lambda: with_part("docProps/app.xml", (DTD + "<w/>").encode()), ["DTD"]),
    "a DTD in UTF-16": (
        "a.xlsx",
        lambda: with_part("docProps/app.xml", (DTD.replace("?>", ' encoding="utf-16"?>', 1) + "<w/>").encode("utf-16")),
        ["DTD"],
    ),
    "a DTD from elsewhere": ("a.xlsx", lambda: packed(parts(before=OUT)), ["DTD"]),
    "a DTD in ODS": (
        "a.ods",
        lambda: packed({"mimetype": ODS_TYPE.encode(), "content.xml": (DTD + "<w/>").encode()}),
        ["DTD"],
    ),
    "two cells far apart": (
        "a.xlsx",
        lambda: packed(parts(FAR)),
        ["row 300,000 and column 100", "Figures", "delete the rows"],
    ),
    "a far cell with a lying extent": ("a.xlsx", lambda: packed(parts(FAR, dimension="A1:B2")), ["row 300,000"]),
    "a million columns": (
        "a.xlsx",
        lambda: packed(parts('<row r="1"><c r="BDWGN1"><v>1</v></c></row>')),
        ["columns", "BDWGN1"],
    ),
    "16,384 columns": ("a.xlsx", lambda: packed(parts('<row r="1"><c r="XFD1"><v>1</v></c></row>')), ["column 16,384"]),
    "a million columns in ODS": (
        "a.ods",
        lambda: ods(f'<table:table-row>{CELL} table:number-columns-repeated="1000000"/></table:table-row>'),
        ["column 1,000,000"],
    ),
    "a million rows in ODS": (
        "a.ods",
        lambda: ods(f'<table:table-row table:number-rows-repeated="1000000">{CELL}/></table:table-row>'),
        ["row 1,000,000"],
    ),
    "a row of cells after the last column": (
        "a.xlsx",
        lambda: packed(parts('<row r="1">' + "<c><v>1</v></c>" * 2_000 + "</row>")),
        ["column 1,001"],
    ),
    "too many cells": ("a.xlsx", lambda: packed(parts(many_cells(501_000))), ["a.xlsx"]),
    "endless tags": ("a.xlsx", lambda: packed(parts("<x/>" * 5_000_000), 0), ["a.xlsx"]),
    "a text of a megabyte": (
        "a.xlsx",
        lambda: packed(parts(f'<row r="1"><c r="A1" t="str"><v>{"ab" * 500_000}</v></c></row>')),
        ["characters"],
    ),
    "a text that is not there": (
        "a.xlsx",
        lambda: packed(parts('<row r="1"><c r="A1" t="s"><v>99</v></c></row>')),
        ["text number"],
    ),
    "rows out of order": ("a.xlsx", lambda: packed(parts('<row r="2"/><row r="1"/>')), ["rows in order"]),
    "a sheet that is no XML": ("a.xlsx", lambda: packed(parts("<row>")), ["not XML"]),
    "a NUL in a text file": ("a.csv", lambda: b"a,b\n1,\0\0\0\n" * 50, ["NUL byte at position"]),
    "a file of NULs": ("a.csv", lambda: b"\0" * 5_000, ["nothing but NUL bytes"]),
    "a quotation without end": ("a.csv", lambda: b'a,b\n1,"x\n' + b"2,3\n" * 30_000, ["row 2"]),
    "an endless line": ("a.csv", lambda: b"1," * 3_000_000, ["a line of more than 1,000,000"]),
    "an encoding nobody knows": ("a.csv", lambda: b"a,b\n\x81\x8d\x90,1\n", ["neither UTF-8 nor Windows-1252"]),
    "a CSV beyond all bounds": ("a.csv", lambda: b"1,2\n" * 16_000_000, ["at most 60 MB"]),
}


SLOW = {"too many cells", "endless tags", "far too many parts"}  # these take what time they are given, or long to make


def workbook(path: Path, fill: Callable) -> Path:
    """A workbook made with openpyxl: `fill` gets the opened book."""
    book = openpyxl.Workbook()
    fill(book)
    book.save(path)
    return path
