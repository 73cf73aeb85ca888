"""The parent's side of the reading process: starts it, watches the clock, and makes sheets of what it tells."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path

from corridors import ROOT
from corridors.problems import WARNING, Problem
from etl.submissions.limits import SPLIT, Limits, UnsafeFile
from etl.submissions.printable import visible
from etl.submissions.report.outcome import Progress
from etl.submissions.sheets import BOOL, DATE, EMPTY, FAILED, NUMBER, TEXT, Block, Cell, Sheet

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
class Looked:
    """What a file is, after the checks that need no reading process."""

    form: str  # "xlsx", "ods", "text", "parquet", "folder"
    paths: tuple[Path, ...]  # the file; of a folder its CSV files
    faults: tuple[Problem, ...] = ()


def read(
    looked: Looked, path: Path, progress: Progress, limits: Limits, rows: int | None
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
                progress(f"Reading {visible(path.name)}", done, None)
        elif what == "sheet":
            name = message[1]
            sheets.append({"name": name, "hidden": message[2], "rows": {}, "file": visible(names.get(name, path.name))})
        elif what == "marks":
            _marks(sheets[-1], message[1:])
        else:  # guess: of the sheet before; note: of a sheet named in it
            name, said = (sheets[-1]["name"], message[1:]) if what == "guess" else (message[1], message[2:])
            found, expected, how_to_fix = said
            file = names.get(name, path.name)
            notes.append(
                Problem(
                    visible(file),
                    found,
                    expected,
                    how_to_fix,
                    "" if names else visible(name, 60),
                    level=WARNING,
                    code="guessed",
                )
            )
    twice = {s["name"].casefold() for s in sheets}
    if len(twice) != len(sheets):
        raise UnsafeFile("two sheets of one name", "each name once", "Rename one of them, save, and send it again.")
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
        return "e", visible(said, 40)


def _marks(sheet: dict, marks: list[list]) -> None:
    merged, rows, columns = marks
    sheet["merged"] = tuple(Block(*corners) for corners in merged)
    sheet["hidden_rows"] = frozenset(rows)
    used = {column for line in sheet["rows"].values() for column in line} if columns else set()
    sheet["hidden_columns"] = frozenset(c for c in used if any(first <= c <= last for first, last in columns))


def _messages(form: str, paths: tuple[Path, ...], limits: Limits, rows: int | None) -> Iterator[list]:
    """What the reading process says, message by message. Raises UnsafeFile when it refuses, dies, or takes too long."""
    asked = json.dumps({"form": form, "paths": [str(p.resolve()) for p in paths], "limits": asdict(limits), "rows": rows})
    start = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from etl.submissions.child import main; main()"
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
    ended, begun, seconds = False, time.monotonic(), limits.seconds
    clock = _clock(process, seconds)
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
            if message[0] == "fair":  # it keeps all bounds: what is left takes time and does no harm
                clock.cancel()
                clock, seconds = _clock(process, limits.patience), limits.patience
                continue
            yield message
        if not ended:
            raise _stopped(process.wait(), time.monotonic() - begun, seconds)
    finally:
        clock.cancel()
        process.kill()
        process.stdout.close()
        process.wait()


def _too_much(limits: Limits) -> UnsafeFile:
    return UnsafeFile(
        f"a file that takes more than {limits.memory // 1024**2} MB of memory to read",
        "a table of ordinary size",
        SPLIT,
    )


def _clock(process: subprocess.Popen, seconds: float) -> threading.Timer:
    """A clock that runs already and stops the process when its time is over."""
    clock = threading.Timer(seconds, process.kill)
    clock.daemon = True
    clock.start()
    return clock


def _stopped(status: int, took: float, seconds: float) -> UnsafeFile:
    if took >= seconds:
        return UnsafeFile(
            f"a file that was still not read after {seconds:g} seconds",
            "a table of ordinary size",
            "If the machine is busy, try again. " + SPLIT,
        )
    how = f"signal {-status}" if status < 0 else f"exit status {status}"
    return UnsafeFile(
        f"a file on which the reading process died ({how})",
        "a table that can be read",
        "Open it in Excel or LibreOffice, save it anew, and try that.",
    )
