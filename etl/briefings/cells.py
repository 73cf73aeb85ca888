"""From cells as they were found to rows of a briefing: every word, number and date understood or named as a fault.

The reader names what is wrong with a single cell: a number that is none, a word of a fixed list, an empty cell that
is needed. What needs the catalog or other rows (measures, forms, countries, sums, jumps) stays as found; the rules judge it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from corridors.catalog.words import small
from corridors.problems import ERROR, WARNING, Problem
from etl.briefings.model import CHOICES, LIST, ROW_TYPES, At, Column, Cover, Sheet, Vocabulary
from etl.submissions import nearest
from etl.submissions.values import UNREADABLE, Parsed

SPLIT = re.compile(r"[|;\n]")
UNSEEN, JOINERS = ("Cc", "Cf", "Cs", "Co", "Cn"), "\u200c\u200d"  # some scripts are written with the joiners
SHOWN = 60  # characters of a cell that a message repeats
Day = tuple[date | None, Problem | None]  # what a cell says of a day, and what is wrong with it or was guessed


@dataclass(frozen=True)
class Raw:
    """One cell as found: its text, its address, and the typed value where the file has one."""

    text: str
    address: str = ""
    value: object = None  # float, date, datetime, bool or None
    origin: object = None  # the reader's own cell, for its own understanding of numbers and dates


@dataclass(frozen=True)
class RawRow:
    """One row as found: its number as a person counts, and its filled cells by column id."""

    number: int
    cells: Mapping[str, Raw]


def plain(text: str) -> str:
    """The text on one line with ordinary spaces, nothing around it and no characters that nobody sees."""
    seen = (
        c for c in unicodedata.normalize("NFC", text) if c.isspace() or unicodedata.category(c) not in UNSEEN or c in JOINERS
    )
    return " ".join("".join(seen).split())


def shown(text: str) -> str:
    """A cell's text for a message: in quotation marks and not too long."""
    return f"“{text[:SHOWN]}…”" if len(text) > SHOWN else f"“{text}”"


def number(raw: Raw) -> Parsed:
    """The number of a text file's cell: digits with a point, nothing guessed."""
    said = plain(raw.text)
    if isinstance(raw.value, (int, float)) and not isinstance(raw.value, bool):
        return Parsed(raw.value, status="")
    if re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,9})?", said):
        return Parsed(float(said), status="")
    how_to_fix = "Write digits only; a range goes into At least and At most."
    return Parsed(None, status=UNREADABLE, fault=Problem("", shown(said), "a plain number", how_to_fix))


def day(raw: Raw, last: bool = False) -> Day:
    """The date of a text file's cell: year-month-day, nothing guessed. `last` is for readers that take a year or a month."""
    said = plain(raw.text)
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", said):
            return date.fromisoformat(said), None
    except ValueError:  # such as 30 February
        return None, Problem("", shown(said), "a day that the calendar has", "Fix the date.")
    return None, Problem("", shown(said), "a date such as 2025-03-31", "Write year-month-day.")


@dataclass(frozen=True)
class Reader:
    """How the cells of one file are understood: a text file strictly, a workbook as people type."""

    vocabulary: Vocabulary
    file: str
    numbers: Callable[[Raw], Parsed] = number
    days: Callable[[Raw, bool], Day] = day
    _called: dict[str, dict[str, str]] = field(default_factory=dict, repr=False)

    def called(self, name: str) -> dict[str, str]:
        """Everything by which an option of a list may be called, in lower case → its id."""
        if name not in self._called:
            options = self.vocabulary.options(name)
            words = {_key(label): key for key, label in options.items()}
            self._called[name] = (
                words | {_key(f"{key} {label}"): key for key, label in options.items()} | {_key(k): k for k in options}
            )
        return self._called[name]


def rows(sheet: Sheet, found: Iterable[RawRow], reader: Reader, cover: Cover, named: str = "") -> tuple[list, list[Problem]]:
    """The rows of one sheet as dataclasses, and the faults of their cells. `named` is the sheet's name in the file.

    Every row found gives one row, whatever is wrong with it: nothing is dropped here.
    """
    made, faults = [], []
    for row in found:
        at = At(
            reader.file,
            named,
            row.number,
            {k: c.address for k, c in row.cells.items() if c.address},
            {k: plain(c.text) for k, c in row.cells.items()},
        )
        values, mine, broken = {}, [], set()
        for column in sheet.columns:
            got, cell_problems = _cell(column, row.cells.get(column.id), reader, at)
            values |= got
            mine += cell_problems
            broken |= {column.id for fault in cell_problems if fault.level != WARNING}
        if sheet.name == "Figures":
            values = _figure(values, cover, reader.vocabulary)
        faults += mine
        made.append(ROW_TYPES[sheet.name](at=replace(at, broken=frozenset(broken)), **values))
    return made, faults


def _cell(column: Column, raw: Raw | None, reader: Reader, at: At) -> tuple[dict, list[Problem]]:
    """The values that one cell gives (a number may give bounds and a status too), and its faults."""
    many = column.kind in ("choices", "places")
    if raw is None or not plain(raw.text):
        empty = {"number": None, "date": None}.get(column.kind, column.default)
        cell_problems = []
        if column.required:
            cell_problems = [at.fault("empty", column.id, what=small(column.note).rstrip("."))]
        return {column.id: ((empty,) if empty else ()) if many else empty}, cell_problems
    text = plain(raw.text)
    if column.kind == "number":
        return _numbers(column, raw, reader, at)
    if column.kind == "date":
        when, fault = reader.days(raw, column.id.endswith("_end"))
        return {column.id: when}, said_of(fault, at, column.id, "not-a-date", "date-guessed")
    if column.kind in ("place", "places"):
        found = [text] if column.kind == "place" else _split(raw.text, reader.vocabulary.catalog.find)
        items = tuple(reader.vocabulary.catalog.find(item) or item for item in found)
        return {column.id: items if many else items[0]}, []
    if column.kind == "text":
        return {column.id: text}, []
    words = reader.called(column.options)
    items = tuple(
        words.get(_key(item), item) for item in (_split(raw.text, lambda t: words.get(_key(t))) if many else [text])
    )
    cell_problems = [
        _unknown(column, item, words, reader.vocabulary, at)
        for item in items
        if column.options in CHOICES and item not in words.values()
    ]
    return {column.id: items if many else items[0]}, cell_problems


def _numbers(column: Column, raw: Raw, reader: Reader, at: At) -> tuple[dict, list[Problem]]:
    got = reader.numbers(raw)
    values = {column.id: _decimal(got.value)}
    if column.id == "value":
        bounds = (got.lower, got.upper) if got.value is None else (None, None)
        status = "" if got.status == UNREADABLE else got.status
        values |= dict(zip(("_lower", "_upper"), map(_decimal, bounds)), _status=status)
    return values, said_of(got.fault, at, column.id, "not-a-number", "number-guessed")


def _decimal(number: float | None) -> float | None:
    return None if number is None else float(number)


def said_of(fault: Problem | None, at: At, column: str, wrong: str, guessed: str) -> list[Problem]:
    """What a reader of numbers or dates says of a cell, at its place and under the code of this table; empty for nothing."""
    if fault is None:
        return []
    texts = {part: getattr(fault, part) for part in ("found", "expected", "how_to_fix", "level")}
    return [at.fault(wrong if fault.level == ERROR else guessed, column, **texts)]


def _figure(values: dict, cover: Cover, vocabulary: Vocabulary) -> dict:
    """A figure with what its empty cells stand for: the cover's period, the measure's unit, the number's own status."""
    measure = vocabulary.catalog.measures.get(values["measure"])
    values["unit"] = _unit(values["unit"], measure.unit if measure else "", vocabulary)
    lower, upper, status = (values.pop(k, None) for k in ("_lower", "_upper", "_status"))
    if values["lower"] is None and values["upper"] is None:
        values |= {"lower": lower, "upper": upper}
    values["status"] = values["status"] or status or ("zero" if values["value"] == 0 else "reported")
    values["period_start"] = values["period_start"] or cover.period_start
    values["period_end"] = values["period_end"] or cover.period_end
    return values


def _unknown(column: Column, item: str, words: Mapping[str, str], vocabulary: Vocabulary, at: At) -> Problem:
    if column.id == "tlp" and item.upper() in ("RED", "TLP:RED"):
        return at.fault("row-red", "tlp")
    near = nearest.meant(column.id, item, vocabulary.options(column.options))
    options = f"one of: {', '.join(dict.fromkeys(words.values()))}"
    how_to_fix = f"Did you mean “{near}”? Choose from the list." if near else ""
    return at.fault("unknown-word", column.id, said=shown(item), options=options, how_to_fix=how_to_fix)


def _key(text: str) -> str:
    """Lower case, one kind of dash, no TLP: before a label."""
    return re.sub(r"[‐‑‒–—]", "-", unicodedata.normalize("NFKC", plain(text))).casefold().removeprefix("tlp:").strip()


def _unit(said: str, usual: str, vocabulary: Vocabulary) -> str:
    """The id of a counted thing called by its id, singular or plural; the measure's own where nothing or that was said.

    “Person” is the id of one thing and the name of another, so the measure's own goes first. Unknown words stay.
    """
    units = vocabulary.catalog.units
    called = [key for key, unit in units.items() if _key(said) in (key, unit["one"].casefold(), unit["many"].casefold())]
    if not said or usual in called:
        return usual
    return next((key for key in called if key == _key(said)), called[0] if called else said)


def _split(text: str, known: Callable[[str], object]) -> list[str]:
    """The items of a list. Commas separate too, unless a known name holds them (“China, Hong Kong SAR”)."""
    items = []
    for part in filter(None, (plain(p) for p in SPLIT.split(text))):
        pieces = [plain(p) for p in part.split(",")]
        while pieces:
            size = next((n for n in range(len(pieces), 0, -1) if known(", ".join(pieces[:n]))), 1)
            items.append(", ".join(pieces[:size]))
            pieces = pieces[size:]
    return list(dict.fromkeys(filter(None, items)))


def joined(items: Iterable[str]) -> str:
    """A list as the text form writes it."""
    return LIST.join(items)
