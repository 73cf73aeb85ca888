"""Files of strangers: XLSX, ODS, CSV and folders of CSV, opened so that none of them can do harm.

In this order: it exists and is of bearable size; it is what it must be by its first bytes, whatever it is called; its
archive, part by part, by sizes that are counted and not believed; then its content, streamed in its own process with
bounded memory and time (`etl.submissions.child`). Whatever fails is a `Refused` that names the file and how to fix it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from corridors import ROOT
from corridors.problems import ERROR, WARNING, Problem, Refused
from etl.submissions.archive import scan_archive
from etl.submissions.delimited import ASKED, sniffed
from etl.submissions.limits import REFUSED, Limits, UnsafeFile
from etl.submissions.printable import printable
from etl.submissions.report.outcome import Progress, silent
from etl.submissions.sheets import BOOL, DATE, EMPTY, FAILED, NUMBER, TEXT, Cell, Sheet, Tables, letters

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
_MEGA = 1024 * 1024


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
        raise UnsafeFile.of("file-too-large", size=size / _MEGA, most=most / _MEGA)


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
