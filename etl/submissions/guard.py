"""Files of strangers: XLSX, ODS, CSV and folders of CSV, opened so that none of them can do harm.

In this order: it exists and is of bearable size; it is what it must be by its first bytes, whatever it is called; its
archive, part by part, by sizes that are counted and not believed; then its content, streamed in its own process with
bounded memory and time (`etl.submissions.child`). Whatever fails is a `Refused` that names the file and how to fix it.
"""

import json
import os
import re
import signal
import struct
import subprocess
import sys
import sysconfig
import threading
import time
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from corridors import ROOT
from corridors.problems import ERROR, WARNING, Problem, Refused
from etl.submissions.delimited import ASKED, sniffed
from etl.submissions.limits import MEGABYTE, REFUSED, Limits, UnsafeFile
from etl.submissions.report.outcome import Progress, silent
from etl.submissions.sheets import BOOL, DATE, EMPTY, FAILED, NUMBER, TEXT, Cell, Sheet, Tables, letters, printable

HEAD = 1024
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SIGNS = [(bytes.fromhex(sign), rule) for rule, entry in REFUSED.table.items() for sign in entry.get("begins", ())]


def file_type(path: Path) -> str:
    """One of "zip", "parquet" and "text", by the first bytes. Raises UnsafeFile, by name, for what cannot be a table."""
    with path.open("rb") as handle:
        head = handle.read(HEAD)
    if head.startswith(b"PK\x03\x04"):
        return "zip"
    if head.startswith((b"PK\x05\x06", b"PK\x07\x08")):
        raise UnsafeFile.of("archive-empty")
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(_OLE):
        raise _office(path)
    for sign, rule in _SIGNS:
        if head.startswith(sign) and not (sign == b"MZ" and head[:64].isascii() and b"\0" not in head[:64]):
            raise UnsafeFile.of(rule)
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<!doctype html", b"<html")):
        raise UnsafeFile.of("web-page")
    if text.startswith(b"<?xml") or text.startswith(b"<!doctype"):
        raise UnsafeFile.of("xml-file")
    if not any(head) and head:
        raise UnsafeFile.of("nul-bytes")
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
        return UnsafeFile.of("encrypted")
    if excel:
        return UnsafeFile.of("xls")
    return UnsafeFile.of("old-office")


# Archives: sizes are counted while unpacking, for what one declares about itself is not believed

_TAIL = 65_557  # the longest end record of an archive, its comment included
# names of parts that reach outside or carry programs, compared in lower case
_FORBIDDEN = [(entry["parts"], rule) for rule, entry in REFUSED.table.items() if "parts" in entry]


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
            raise UnsafeFile.of("archive-locked") from None


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
            raise UnsafeFile.of("archive-locked")
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


# The reading process

LONGEST = 64 * 1024 * 1024  # characters of one message; a row of a thousand full cells stays below it
_KINDS = {"t": TEXT, "n": NUMBER, "d": DATE, "b": BOOL, "e": FAILED, "x": EMPTY}
_KEPT = (
    "SYSTEMROOT",
    "PATH",
    "TEMP",
    "TMP",
    "TMPDIR",
    "LANG",
    "LD_LIBRARY_PATH",
)  # nothing else of the environment goes along


@dataclass(frozen=True)
class FileInfo:
    """What a file is, after the checks that need no reading process."""

    form: str  # "xlsx", "ods", "text", "parquet", "folder"
    paths: tuple[Path, ...]  # the file; of a folder its CSV files
    faults: tuple[Problem, ...] = ()


def _read_sheets(
    looked: FileInfo, path: Path, progress: Progress, limits: Limits, rows: int | None
) -> tuple[list[Sheet], list[Problem]]:
    """Sheets and warnings of what was looked at. Raises UnsafeFile for what the process refused or did not survive."""
    form = "text" if looked.form == "folder" else looked.form
    sheets: list[dict] = []
    notes: list[Problem] = []
    names = {p.stem: p.name for p in looked.paths} if looked.form in ("folder", "text") else {}
    done = 0
    for message in _messages(form, looked.paths, limits, rows):
        what = message[0]
        if what == "row":
            _row(sheets[-1], message[1], message[2])
            done += 1
            if done % 1000 == 0:
                progress(f"Reading {printable(path.name)}", done, None)
        elif what == "sheet":
            name = message[1]
            sheets.append({"name": name, "hidden": message[2], "rows": {}, "file": printable(names.get(name, path.name))})
        elif what == "marks":
            _marks(sheets[-1], message[1:])
        else:  # guess: of the sheet before; note: of a sheet named in it
            name, said = (sheets[-1]["name"], message[1:]) if what == "guess" else (message[1], message[2:])
            found, expected, how_to_fix = said
            file = names.get(name, path.name)
            notes.append(
                Problem(
                    printable(file),
                    found,
                    expected,
                    how_to_fix,
                    "" if names else printable(name, 60),
                    level=ERROR if expected == ASKED else WARNING,
                    code="code-page" if expected == ASKED else "guessed",
                )
            )
    twice = {s["name"].casefold() for s in sheets}
    if len(twice) != len(sheets):
        raise UnsafeFile.of("sheets-of-one-name")
    return [Sheet(plain=bool(names), **told) for told in sheets], notes


def _row(sheet: dict, number: int, cells: list[list]) -> None:
    line = sheet["rows"].setdefault(number, {})
    for column, kind, value, *rest in cells:
        if kind == "d":
            kind, value = _day(value)
        line[column] = Cell(number, column, _KINDS[kind], value, *rest)


def _day(said: str) -> tuple[str, object]:
    try:
        return "d", date.fromisoformat(said) if len(said) <= 10 else datetime.fromisoformat(said)
    except ValueError:
        return "e", printable(said, 40)


def _marks(sheet: dict, marks: list[list]) -> None:
    rows, columns = marks
    sheet["hidden_rows"] = frozenset(rows)
    used = {column for line in sheet["rows"].values() for column in line} if columns else set()
    sheet["hidden_columns"] = frozenset(c for c in used if any(first <= c <= last for first, last in columns))


def _messages(form: str, paths: tuple[Path, ...], limits: Limits, rows: int | None) -> Iterator[list]:
    """What the reading process says, message by message. Raises UnsafeFile when it refuses, dies, or takes too long."""
    asked = json.dumps({"form": form, "paths": [str(p.resolve()) for p in paths], "limits": asdict(limits), "rows": rows})
    paths_of_code = [str(ROOT), sysconfig.get_path("purelib")]  # -S leaves out the packages, of which it needs one
    start = f"import sys; sys.path += {paths_of_code!r}; from etl.submissions.child import main; main()"
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-B", "-X", "utf8", "-c", start, asked],
        env=environment,
        close_fds=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    )
    ended, begun, clock = False, time.monotonic(), _clock(process, limits.waiting)
    try:
        while line := process.stdout.readline(LONGEST):
            if not line.endswith("\n"):
                break  # the last words of a process that was stopped in the middle of them
            message = json.loads(line)
            if message[0] == "refused":
                _, found, expected, how_to_fix, sheet, row = message
                raise UnsafeFile(found, expected, how_to_fix, sheet, row)
            if message[0] == "memory":
                raise _too_much(limits)
            if message[0] == "done":
                ended = True
                break
            yield message
        if not ended:
            raise _stopped(process.wait(), time.monotonic() - begun, limits)
    finally:
        clock.cancel()
        process.kill()
        process.stdout.close()
        process.wait()


def _too_much(limits: Limits) -> UnsafeFile:
    return UnsafeFile.of("memory", megabytes=limits.memory // 1024**2)


def _clock(process: subprocess.Popen, seconds: float) -> threading.Timer:
    """A clock that runs already and stops the process when its time is over."""
    clock = threading.Timer(seconds, process.kill)
    clock.daemon = True
    clock.start()
    return clock


def _stopped(status: int, took: float, limits: Limits) -> UnsafeFile:
    if -status in (getattr(signal, "SIGPROF", 0), getattr(signal, "SIGXCPU", 0)):
        return UnsafeFile.of("too-long-work", seconds=limits.seconds)
    if took >= limits.waiting:
        return UnsafeFile.of("too-long-waiting", waiting=limits.waiting)
    how = f"signal {-status}" if status < 0 else f"exit status {status}"
    return UnsafeFile.of("reader-died", how=how)


LIMITS = Limits()
said_code_page = ""  # set by the command line: whoever can read the files says so
_LAST: dict[tuple, Tables] = {}  # the file that was read last: recognising, checking and reporting share one opening
ENDINGS = {"xlsx": (".xlsx",), "ods": (".ods",), "text": (".csv", ".tsv", ".txt")}
_LITTER = (".ds_store", "thumbs.db", "desktop.ini")  # what systems put into folders by themselves


def inspect(path: Path, limits: Limits = LIMITS, any_size: bool = False) -> FileInfo:
    """What a file is, by its content; cheap. Raises Refused, by name, for what is hostile, damaged or no table.

    `any_size` lets text and Parquet files pass that are too large for `open_tables`: case files may be.
    """
    path = Path(path)
    try:
        if not path.exists():
            raise UnsafeFile.of("no-such-file")
        return _folder(path, limits, any_size) if path.is_dir() else _file(path, _stamp(path), limits, any_size)
    except UnsafeFile as refusal:
        raise _refused(path, refusal) from None
    except PermissionError:
        raise _refused(path, UnsafeFile.of("not-readable")) from None


def with_code_page(limits: Limits = LIMITS) -> Limits:
    """The bounds with the code page that was said for the files of this command, if one was."""
    return replace(limits, code_page=said_code_page) if said_code_page else limits


def open_tables(path: Path, progress: Progress = silent, limits: Limits = LIMITS) -> Tables:
    """Everything in a workbook, a CSV, or a folder of CSV files (a sheet each, by name). Raises Refused, by name."""
    path, limits = Path(path), with_code_page(limits)
    if not path.is_file():
        return _open(path, progress, limits, None)
    key = (path, _stamp(path), limits)
    if key not in _LAST:
        _LAST.clear()
        _LAST[key] = _open(path, progress, limits, None)
    return _LAST[key]


def _stamp(path: Path) -> tuple[int, ...]:
    """What changes with a file's content."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def peek(path: Path, rows: int = 30) -> Tables:
    """As `open_tables`, the first `rows` rows of each sheet only; text files may be of any size. Raises Refused."""
    path, limits = Path(path), with_code_page()
    if path.is_file() and (whole := _LAST.get((path, _stamp(path), limits))):
        sheets = (replace(s, rows={n: line for n, line in s.rows.items() if n <= rows}) for s in whole.sheets)
        return replace(whole, sheets=tuple(sheets))
    return _open(path, silent, limits, rows)


def sheet_names(path: Path) -> list[str]:
    """The names of the sheets in order; of CSV files their own without ending. Raises Refused for what is no table."""
    looked = inspect(path, any_size=True)
    if looked.form in ("text", "folder", "parquet"):
        return [p.stem for p in looked.paths]
    return peek(path, 0).names


def _refused(path: Path, refusal: UnsafeFile) -> Refused:
    words = (refusal.found, refusal.expected, refusal.how_to_fix, printable(refusal.sheet, 60))
    return Refused.of(printable(Path(path).name or path), *words, row=refusal.row)


def _warned(path: Path, found: str, expected: str, how_to_fix: str, sheet: str = "", code: str = "") -> Problem:
    return Problem(printable(path.name), found, expected, how_to_fix, printable(sheet, 60), level=WARNING, code=code)


@lru_cache(maxsize=8)  # the kinds of file are tried one after another, and each asks
def _file(path: Path, stamp: tuple[int, ...], limits: Limits, any_size: bool) -> FileInfo:
    if not path.is_file():
        raise UnsafeFile.of("no-file")
    size = path.stat().st_size
    if size == 0:
        raise UnsafeFile.of("file-empty")
    form = file_type(path)
    if form == "zip":
        _bearable(size, limits.file_bytes)
        form = scan_archive(path, limits)
    elif form == "text" and not any_size:
        if size > limits.text_bytes:
            sniffed(path, limits)  # a single endless line is worth its own name
        _bearable(size, limits.text_bytes)
    faults = ()
    ending = path.suffix.lower()
    if form in ENDINGS and ending not in ENDINGS[form]:
        what = {"xlsx": "an XLSX workbook", "ods": "an ODS workbook", "text": "a text file, read as CSV"}[form]
        found, how_to_fix = f"{what} under the ending “{printable(ending, 20)}”", "Nothing to do: it is read as what it is."
        faults = (_warned(path, found, " or ".join(ENDINGS[form]), how_to_fix, code="wrong-ending"),)
    return FileInfo(form, (path,), faults)


def _bearable(size: int, most: int) -> None:
    if size > most:
        raise UnsafeFile.of("file-too-large", size=size / MEGABYTE, most=most / MEGABYTE)


def _folder(path: Path, limits: Limits, any_size: bool) -> FileInfo:
    tables, faults, total = [], [], 0
    with os.scandir(path) as found:
        entries = sorted(found, key=lambda e: e.name.casefold())
    for entry in entries[: limits.files * 10]:
        name = entry.name
        if name.lower() in _LITTER or name.startswith((".", "~$")):
            continue
        if entry.is_symlink():
            raise UnsafeFile.of("link-in-folder", name=printable(name, 60))
        if entry.is_file() and Path(name).suffix.lower() in ENDINGS["text"][:2]:
            tables.append(Path(entry.path))
            total += entry.stat().st_size
        else:
            how_to_fix = "Nothing to do if it holds no table; a workbook is checked by its own name."
            unread = f"“{printable(name, 60)}”, which is not read"
            faults.append(_warned(path, unread, "CSV files only", how_to_fix, code="not-read"))
    if not tables:
        inside = ", ".join(printable(e.name, 40) for e in entries[:5]) or "nothing"
        raise UnsafeFile.of("folder-without-csv", inside=inside)
    if len(tables) > limits.files:
        raise UnsafeFile.of("too-many-csv", number=len(tables), files=limits.files)
    if not any_size:
        _bearable(total, limits.text_bytes)
    for table in tables:
        try:
            if table.stat().st_size and file_type(table) != "text":
                raise UnsafeFile.of("csv-no-text")
        except UnsafeFile as refusal:
            inside = f"in “{printable(table.name, 60)}” {refusal.found}"
            raise UnsafeFile(inside, refusal.expected, refusal.how_to_fix) from None
    return FileInfo("folder", tuple(tables), tuple(faults))


def _open(path: Path, progress: Progress, limits: Limits, rows: int | None) -> Tables:
    looked = inspect(path, limits, any_size=rows is not None)
    if looked.form == "parquet":
        raise _refused(path, UnsafeFile.of("parquet-here"))
    if looked.form == "text" and path.suffix.lower() == ".toml":  # no table: each line is a row
        lines = enumerate(path.read_text(encoding="utf-8", errors="replace").split("\n"), 1)
        rows_of_text = {n: {1: Cell(n, 1, TEXT, line.rstrip())} for n, line in lines if line.strip()}
        return Tables(path, "text", (Sheet(path.stem, printable(path.name), rows_of_text, plain=True),), ())
    try:
        sheets, notes = _read_sheets(looked, path, progress, limits, rows)
    except UnsafeFile as refusal:
        raise _refused(path, refusal) from None
    hidden = [] if rows is not None else [fault for sheet in sheets for fault in _hidden(path, sheet)]
    form = "csv" if looked.form == "text" else looked.form
    return Tables(path, form, tuple(sheets), (*looked.faults, *notes, *hidden))


def _hidden(path: Path, sheet: Sheet) -> Iterator[Problem]:
    """Warnings of what a sheet holds and the person who looks at it does not see; all of it is read."""

    def said(what: str, places: list[str], code: str) -> Problem:
        named = f" ({', '.join(places[:6])}{' …' if len(places) > 6 else ''})" if places else ""
        found = f"{what}{named}, read like the others"
        how_to_fix = "Show it (mark all, right click, Unhide) and see whether it belongs here."
        return _warned(path, found, "what the reader can see", how_to_fix, sheet.name, code)

    rows = sorted(n for n in sheet.hidden_rows if any(not cell.blank for cell in sheet.rows.get(n, {}).values()))
    columns = sorted(c for c in sheet.hidden_columns if any(c in line and not line[c].blank for line in sheet.rows.values()))
    if sheet.hidden and sheet.rows:
        yield said("a hidden sheet", [], "hidden-sheet")
    elif rows:
        yield said(f"{len(rows):,} hidden row{'s' if len(rows) > 1 else ''}", [f"{n:,}" for n in rows], "hidden-rows")
    if columns and not sheet.hidden:
        many = "s" if len(columns) > 1 else ""
        yield said(f"{len(columns):,} hidden column{many}", [letters(c) for c in columns], "hidden-columns")
