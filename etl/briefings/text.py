"""A briefing as text: read from and written to a version's folder, so that every line of a change can be seen.

`data/briefings/README.md` describes the form. What is written is read back as the same briefing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import tomli_w

from corridors import bounded
from corridors.problems import Problem
from etl.briefings import cells, model

COVER_FIELDS = ("iso3", "period_start", "period_end", "tlp", "office", "state", "compiled", "note", "received")
DATES = ("period_start", "period_end", "received")
LARGEST = 20 * 1024 * 1024  # bytes of one text table; a briefing has a few hundred rows


@dataclass(frozen=True)
class Read:
    """What a reader found: the briefing as far as it could be understood, faults of single cells, rows met."""

    briefing: model.Briefing
    faults: tuple[Problem, ...] = ()
    rows_in: int = 0
    receipt: Mapping[str, object] = field(default_factory=dict)
    facts: tuple[str, ...] = ()


def read(folder: Path, vocabulary: model.Vocabulary) -> Read:
    """The briefing in a version's folder. Faults are returned, never raised; a missing table has no rows."""
    faults: list[Problem] = []
    cover, receipt = _cover(folder / model.COVER_FILE, faults)
    tables, rows_in = {}, 0
    for sheet in model.SHEETS:
        found = _table(folder / sheet.file, sheet, faults)
        reader = cells.Reader(vocabulary, sheet.file)
        tables[sheet.name.lower()], cell_problems = cells.rows(sheet, found, reader, cover)
        faults += cell_problems
        rows_in += len(found)
    briefing = model.Briefing(cover, **{name: tuple(rows) for name, rows in tables.items()})
    return Read(briefing, tuple(faults), rows_in, receipt)


def _cover(path: Path, faults: list[Problem]) -> tuple[model.Cover, dict]:
    at = {name: model.At(path.name) for name in COVER_FIELDS}
    here = model.At(path.name)
    try:
        entries = bounded.read_toml(path)
    except FileNotFoundError:
        faults.append(here.fault("no-cover", name=path.name))
        entries = {}
    except bounded.Unreadable as fault:
        faults.append(here.fault("cover-unreadable", fault=fault))
        entries = {}
    receipt = entries.pop("receipt", {})
    for name in sorted(entries.keys() - set(COVER_FIELDS)):
        faults.append(here.fault("unknown-entry", name=name, known=", ".join(COVER_FIELDS)))
    values = {name: entries[name] for name in COVER_FIELDS if name in entries}
    for name, value in list(values.items()):
        right = type(value) is date if name in DATES else isinstance(value, bool if name == "compiled" else str)
        if not right:
            kind = "true or false" if name == "compiled" else "text in quotation marks"
            kind = "a date without quotation marks" if name in DATES else kind
            faults.append(at[name].fault("wrong-kind", name, said=repr(value)[: cells.SHOWN], kind=kind))
            del values[name]
    cover = model.Cover(**{"iso3": "", "period_start": None, "period_end": None, **values}, at=at)
    return cover, receipt if isinstance(receipt, dict) else {}


def _table(path: Path, sheet: model.Sheet, faults: list[Problem]) -> list[cells.RawRow]:
    """The rows of one table as found; columns may be left out, but none may be unknown or twice."""
    here = model.At(path.name)
    if not path.is_file():
        return []
    if path.stat().st_size > LARGEST:
        faults.append(here.fault("too-large", size=path.stat().st_size, most=LARGEST))
        return []
    try:
        lines = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as fault:
        faults.append(here.fault("not-a-table", fault=fault))
        return []
    header = [cells.plain(title) for title in lines[0]] if lines else []
    wrong = [name for name in dict.fromkeys(header) if name not in sheet.ids or header.count(name) > 1]
    if wrong or not header:
        told = {"wrong": ", ".join(wrong) or "(none)", "known": ", ".join(sheet.ids)}
        faults.append(model.At(path.name, row=1).fault("unknown-column", **told))
        return []
    found = []
    for n, line in enumerate(lines[1:], 2):
        if len(line) > len(header):
            faults.append(model.At(path.name, row=n).fault("ragged", cells=len(line), columns=len(header)))
        if any(cells.plain(text) for text in line):
            filled = {name: cells.Raw(text) for name, text in zip(header, line) if cells.plain(text)}
            found.append(cells.RawRow(n, filled))
    return found


def files(
    briefing: model.Briefing, receipt: Mapping[str, object] | None = None, rejected: Iterable[Mapping] = ()
) -> dict[str, str]:
    """The files of a version by name: always the cover, and a table for every sheet that has rows."""
    cover = {name: getattr(briefing.cover, name) for name in COVER_FIELDS}
    entries = {name: value for name, value in cover.items() if value is not None}
    if receipt:
        entries["receipt"] = dict(receipt)
    made = {model.COVER_FILE: tomli_w.dumps(entries)}
    for sheet in model.SHEETS:
        rows = briefing.rows(sheet)
        if rows:
            made[sheet.file] = _csv(sheet.ids, ([written(getattr(row, c.id), c) for c in sheet.columns] for row in rows))
    rejected = list(rejected)
    if rejected:
        lines = ([cells.plain(str(row[c])) for c in model.REJECTED_COLUMNS] for row in rejected)
        made[model.REJECTED_FILE] = _csv(model.REJECTED_COLUMNS, lines)
    return made


def written(value: object, column: model.Column) -> str:
    """A value as a cell of the text form; what an empty cell stands for stays empty, unless an analyst judged it."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        text = cells.joined(value)
    elif isinstance(value, float):
        text = str(int(value)) if value.is_integer() else repr(value)
    elif isinstance(value, date):
        text = value.isoformat()
    else:
        text = cells.plain(str(value))
    return "" if text == column.default and column.asked and not column.required else text


def _csv(header: list[str], lines: Iterable[list[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(lines)
    return out.getvalue()


FORMERLY = {"cure": "how_to_fix", "carried": "readable"}  # columns of rows that an earlier version left out


def rejected(folder: Path) -> list[dict]:
    """The rejected rows of a version, as they were written down; none where there is no such file."""
    path = folder / model.REJECTED_FILE
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as handle:
        return [{FORMERLY.get(column, column): found for column, found in row.items()} for row in csv.DictReader(handle)]
