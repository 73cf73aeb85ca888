"""What a file is by its first bytes, whatever its name says."""

from __future__ import annotations

from pathlib import Path

from etl.submissions.limits import UnsafeFile

HEAD = 1024
SEND = "Send the workbook as XLSX or ODS, or its sheets as CSV."
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# first bytes, what it is, how to fix it
_SIGNS = (
    (b"MZ", "a Windows program", "Do not open it, and tell the sender: it may be an attack. " + SEND),
    (b"\x7fELF", "a Linux program", "Do not open it, and tell the sender: it may be an attack. " + SEND),
    (b"\xcf\xfa\xed\xfe", "a macOS program", "Do not open it, and tell the sender: it may be an attack. " + SEND),
    (b"\xca\xfe\xba\xbe", "a program", "Do not open it, and tell the sender: it may be an attack. " + SEND),
    (b"#!", "a script", "Do not run it, and tell the sender: it may be an attack. " + SEND),
    (b"%PDF", "a PDF document", "A PDF cannot be read as figures. " + SEND),
    (b"{\\rtf", "an RTF document", SEND),
    (b"\x1f\x8b", "a gzip archive", "Unpack it and send the file inside."),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "Unpack it and send the file inside."),
    (b"Rar!", "a RAR archive", "Unpack it and send the file inside."),
    (b"BZh", "a bzip2 archive", "Unpack it and send the file inside."),
    (b"\xfd7zXZ", "an xz archive", "Unpack it and send the file inside."),
    (b"\x89PNG", "a picture", "A picture cannot be read as figures. " + SEND),
    (b"\xff\xd8\xff", "a picture", "A picture cannot be read as figures. " + SEND),
    (b"GIF8", "a picture", "A picture cannot be read as figures. " + SEND),
    (b"SQLite format 3", "an SQLite database", SEND),
)


def nature(path: Path) -> str:
    """One of "zip", "parquet" and "text", by the first bytes. Raises UnsafeFile, by name, for what cannot be a table."""
    with path.open("rb") as handle:
        head = handle.read(HEAD)
    if head.startswith(b"PK\x03\x04"):
        return "zip"
    if head.startswith((b"PK\x05\x06", b"PK\x07\x08")):
        raise UnsafeFile("an empty or divided archive", "a workbook or CSV", SEND)
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(_OLE):
        raise _office(path)
    for sign, what, how_to_fix in _SIGNS:
        if head.startswith(sign) and not (sign == b"MZ" and head[:64].isascii() and b"\0" not in head[:64]):
            raise UnsafeFile(what, "a workbook or CSV", how_to_fix)
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<!doctype html", b"<html")):
        raise UnsafeFile("a web page", "a workbook or CSV", "Save the table itself, not the page about it. " + SEND)
    if text.startswith(b"<?xml") or text.startswith(b"<!doctype"):
        raise UnsafeFile("an XML file", "a workbook or CSV", "Open it in Excel or LibreOffice and save it as XLSX.")
    if not any(head) and head:
        raise UnsafeFile("nothing but NUL bytes", "a workbook or CSV", "The file was damaged on its way: send it again.")
    return "text"


def _office(path: Path) -> UnsafeFile:
    """What an old container of Microsoft Office holds: an encrypted workbook, or an old format."""
    tail, encrypted, excel = b"", False, False
    with path.open("rb") as handle:
        while chunk := handle.read(1 << 20):
            window = tail + chunk
            encrypted |= "EncryptedPackage".encode("utf-16-le") in window or "DRMContent".encode("utf-16-le") in window
            excel |= "Workbook".encode("utf-16-le") in window or "Book\0".encode("utf-16-le") in window
            tail = window[-64:]
    if encrypted:
        return UnsafeFile(
            "a workbook that is encrypted with a password",
            "a workbook without a password",
            "Open it with the password, remove it (File, Info, Protect Workbook), save, and send it by a safe way.",
        )
    if excel:
        return UnsafeFile(
            "a workbook of Excel 97–2003 (.xls)",
            "an XLSX or ODS workbook",
            "Old workbooks may hide macros: open it, choose “Save as”, type “Excel workbook (.xlsx)”, and send that.",
        )
    return UnsafeFile("an old Microsoft Office file that is no workbook", "a workbook or CSV", SEND)
