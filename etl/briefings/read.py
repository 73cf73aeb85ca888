"""A briefing read into rows: as it was sent (a workbook, a folder of CSV files), or as text that is kept of it.

Every word, number and date is understood, or named as a fault of its cell. What needs the catalog or other rows (measures,
forms, countries, sums, jumps) stays as found; the rules judge it. Opening strangers' files is left to `etl.submissions.guard`.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import NamedTuple

from corridors import bounded, paths
from corridors.catalog import Catalog, calendars
from corridors.catalog.calendars import CALENDARS
from corridors.catalog.words import small
from corridors.problems import ERROR, WARNING, Problem, Refused
from etl.briefings import model
from etl.briefings.model import CHOICES, ROW_TYPES, At, Briefing, Column, Cover, Sheet, Vocabulary
from etl.submissions import guard, nearest, values
from etl.submissions.report.outcome import Progress, silent
from etl.submissions.sheets import TEXT, Cell, address, key
from etl.submissions.sheets import Sheet as Found
from etl.submissions.values import UNREADABLE, Parsed, ParsedDate

DEEPEST_HEADER = 40  # rows among which the header is looked for
UNTOUCHED = {"measure", "unit"}  # what the template fills in: a row with nothing else says nothing
COVER_FIELDS = ("iso3", "period_start", "period_end", "tlp", "office", "state", "compiled", "note", "received")
DATES = ("period_start", "period_end", "received")
LARGEST = 20 * 1024 * 1024  # bytes of one text table; a briefing has a few hundred rows
SPLIT = re.compile(r"[|;]")
UNSEEN, JOINERS = ("Cc", "Cf", "Cs", "Co", "Cn"), "\u200c\u200d"  # some scripts are written with the joiners
SHOWN = 60  # characters of a cell that a message repeats


@dataclass(frozen=True)
class Read:
    """What a reader found: the briefing as far as it could be understood, faults of single cells, rows met."""

    briefing: Briefing
    faults: tuple[Problem, ...] = ()
    rows_in: int = 0
    receipt: Mapping[str, object] = field(default_factory=dict)
    facts: tuple[str, ...] = ()


def vocabulary(catalog: Catalog, data: Path) -> Vocabulary:
    """What a briefing may name: the catalog and the routes imported in `data`."""
    path = data / paths.ROUTES / "routes.csv"
    if not path.is_file():
        return Vocabulary(catalog)
    with path.open(encoding="utf-8", newline="") as handle:
        return Vocabulary(catalog, {row["route_id"]: row["name"] for row in csv.DictReader(handle)})


def read(path: Path, words: Vocabulary, progress: Progress = silent) -> Read:
    """What `path` says. Faults of cells are returned; Refused is raised for what cannot be opened or is no briefing."""
    if path.is_dir() and (path / model.COVER_FILE).is_file():
        return kept(path, words)
    tables = guard.open_tables(path, progress)
    sheet = tables.sheet(model.COVER_SHEET)
    if sheet is None:
        raise Refused.of(
            path.name,
            f"sheets {', '.join(tables.names[:12]) or '(none)'}",
            f"a sheet “{model.COVER_SHEET}”",
            "Use the workbook that “python -m etl template” writes, and keep its sheets.",
        )
    faults = [
        f for f in tables.faults if not (f.code == "hidden-sheet" and key(f.sheet) == key(model.LISTS_SHEET))
    ]  # our own
    cover, calendar = _cover(sheet, path.name, words, faults)
    known = {
        key(name) for name in (model.COVER_SHEET, model.LISTS_SHEET, model.README_SHEET, *(s.name for s in model.SHEETS))
    }
    for other in tables.sheets:
        if key(other.name) not in known and other.rows:
            faults.append(At(path.name, other.name).fault("sheet-not-read", name=other.name))
    parts, rows_in, untouched = {}, 0, 0
    for spec in model.SHEETS:
        found = tables.sheet(spec.name)
        raws, empty = _rows(found, spec, path.name, faults) if found is not None else ([], 0)
        file, name = (found.file, "") if found is not None and found.plain else (path.name, spec.name)
        days = partial(day_of, calendar=calendar, fiscal=partial(words.catalog.fiscal_year, cover.iso3))
        reader = Reader(words, file, name, bool(name), values.as_number, days)
        made, told = rows(spec, raws, reader, cover)
        parts[spec.name.lower()] = [_as_written(row, calendar) for row in made]
        faults += told
        rows_in += len(raws)
        untouched += empty
    cover = _as_written(cover, calendar, {name: at.raw.get(name, "") for name, at in cover.at.items()})
    facts = (f"{untouched} prepared rows were left empty: nothing is said about those measures",) if untouched else ()
    if calendar:
        facts += (f"dates of the {CALENDARS[calendar]} were converted; each note says how they were written",)
    briefing = Briefing(cover, **{name: tuple(rows) for name, rows in parts.items()})
    return Read(briefing, tuple(faults), rows_in, facts=facts)


def recognises(path: Path) -> bool:
    """Whether a file or folder looks like a briefing: a cover. Opens little and raises nothing."""
    try:
        if path.is_dir():
            return any(
                key(p.stem) == key(model.COVER_SHEET) and p.suffix.lower() in (".toml", ".csv") for p in path.iterdir()
            )
        return any(key(name) == key(model.COVER_SHEET) for name in guard.sheet_names(path))
    except (Refused, OSError):
        return False


# As text that is kept


def kept(folder: Path, words: Vocabulary) -> Read:
    """The briefing in a version's folder. Faults are returned, never raised; a missing table has no rows."""
    faults: list[Problem] = []
    cover, receipt = _kept_cover(folder / model.COVER_FILE, faults)
    tables, rows_in = {}, 0
    for sheet in model.SHEETS:
        found = _kept_table(folder / sheet.file, sheet, faults)
        reader = Reader(words, sheet.file)
        tables[sheet.name.lower()], cell_problems = rows(sheet, found, reader, cover)
        faults += cell_problems
        rows_in += len(found)
    briefing = Briefing(cover, **{name: tuple(rows) for name, rows in tables.items()})
    return Read(briefing, tuple(faults), rows_in, receipt)


def _kept_cover(path: Path, faults: list[Problem]) -> tuple[Cover, dict]:
    at = {name: At(path.name) for name in COVER_FIELDS}
    here = At(path.name)
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
            faults.append(at[name].fault("wrong-kind", name, said=repr(value)[:SHOWN], kind=kind))
            del values[name]
    cover = Cover(**{"iso3": "", "period_start": None, "period_end": None, **values}, at=at)
    return cover, receipt if isinstance(receipt, dict) else {}


def _kept_table(path: Path, sheet: Sheet, faults: list[Problem]) -> list[RawRow]:
    """The rows of one table as found; columns may be left out, but none may be unknown or twice."""
    here = At(path.name)
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
    header = [plain(title) for title in lines[0]] if lines else []
    wrong = [name for name in dict.fromkeys(header) if name not in sheet.ids or header.count(name) > 1]
    if wrong or not header:
        told = {"wrong": ", ".join(wrong) or "(none)", "known": ", ".join(sheet.ids)}
        faults.append(At(path.name, row=1).fault("unknown-column", **told))
        return []
    found = []
    for n, line in enumerate(lines[1:], 2):
        if len(line) > len(header):
            faults.append(At(path.name, row=n).fault("ragged", cells=len(line), columns=len(header)))
        if any(plain(text) for text in line):
            filled = {name: Cell(n, c, TEXT, text) for c, (name, text) in enumerate(zip(header, line), 1) if plain(text)}
            found.append(RawRow(n, filled))
    return found


# As it was sent


def _at(found: Found, file: str, row: int, where: dict[str, str]) -> At:
    return At(found.file if found.plain else file, "" if found.plain else found.name, row, where)


def _as_written(row, calendar: str, raw: dict[str, str] | None = None):
    """A row, or the cover, whose note says how its own dates were written: in another calendar, or as a fiscal year."""
    texts = raw or getattr(row, "at", At("")).raw
    written = dict.fromkeys(texts[name] for name in ("period_start", "period_end") if texts.get(name))
    if not hasattr(row, "note") or not (written and calendar or any(map(calendars.fiscal_label, written))):
        return row
    what = [f"of the {CALENDARS[calendar]}"] if calendar else []
    what += ["fiscal year"] if any(map(calendars.fiscal_label, written)) else []
    note = f"Written as {' to '.join(written)}{' ' if calendar else ', '}{', '.join(what)}."
    return replace(row, note=f"{row.note} {note}".strip())


def _cover(found: Found, file: str, words: Vocabulary, faults: list[Problem]) -> tuple[Cover, str]:
    """The cover: what stands right of each known label; and the calendar of the dates, empty for ours."""
    titles = {key(word): name for name, title in model.COVER_TITLES.items() for word in (title, name)}
    got: dict[str, Cell] = {}
    at = {name: _at(found, file, 0, {}) for name in model.COVER_TITLES}
    for cell in found.cells():
        name = titles.get(key(cell.text))
        if name and name not in got:
            got[name] = answer = found.cell(cell.row, cell.column + 1)
            at[name] = _at(found, file, answer.row, {} if found.plain else {name: answer.address})
            at[name] = replace(at[name], raw={name: said(answer)})
    calendar = said(got.pop("calendar")) if "calendar" in got else ""
    called = {key(word): name for name, spoken in CALENDARS.items() for word in (name, spoken)}
    if calendar and key(calendar) not in called:
        options = ", ".join(CALENDARS.values())
        faults.append(at["calendar"].fault("unknown-word", "calendar", said=shown(calendar), options=options))
    calendar = called.get(key(calendar), "gregorian").replace("gregorian", "")
    answers: dict[str, object] = {"iso3": "", "period_start": None, "period_end": None}
    member = said(got["iso3"]) if "iso3" in got else ""
    fiscal = partial(words.catalog.fiscal_year, words.catalog.find(member) or "")
    for name, cell in got.items():
        text = said(cell)
        if name in ("period_start", "period_end"):
            day = day_of(cell, calendar, fiscal) if text else ParsedDate(None)
            answers[name] = day.last if name == "period_end" else day.first
            at[name] = replace(at[name], broken=frozenset({name} if day.fault and day.fault.level == ERROR else ()))
            faults += said_of(day.fault, at[name], name, "not-a-date", "not-a-date")
        elif name == "iso3":
            answers[name] = words.catalog.find(text) or text
        elif name == "compiled":
            answers[name] = text.casefold() == "yes"
            if text.casefold() not in ("", "yes", "no"):
                faults.append(at[name].fault("unknown-word", name, said=shown(text), options="yes or no"))
        elif name == "state":
            answers[name] = text.casefold() if text.casefold() in CHOICES["states"] else text
        elif name == "tlp":
            answers[name] = text.upper().removeprefix("TLP:").strip()
        else:
            answers[name] = text
    for name in model.COVER_TITLES.keys() - got.keys() - {"note", "compiled", "calendar"}:
        faults.append(at[name].fault("line-missing", title=model.COVER_TITLES[name]))
    return Cover(**answers, at=at), calendar


def _rows(found: Found, spec: Sheet, file: str, faults: list[Problem]) -> tuple[list[RawRow], int]:
    """The rows below the header, and how many prepared rows were left as the template made them."""
    columns = {key(word): column.id for column in spec.columns for word in (column.title, column.id)}
    lines = sorted(found.rows)[:DEEPEST_HEADER]
    scores = {n: len({columns[key(c.text)] for c in found.rows[n].values() if key(c.text) in columns}) for n in lines}
    header = max(scores, key=scores.get, default=0)
    if not header or scores[header] < 2:
        if any(True for _ in found.cells()):
            faults.append(_at(found, file, 0, {}).fault("no-header", columns=", ".join(c.title for c in spec.columns[:4])))
        return [], 0
    named: dict[int, str] = {}
    for number, cell in sorted(found.rows[header].items()):
        name, at = columns.get(key(cell.text)), _at(found, file, header, {} if found.plain else {"": cell.address})
        if name and name in named.values():
            faults.append(at.fault("column-twice", title=cell.text))
        elif name:
            named[number] = name
        elif cell.text and key(cell.text) not in {key(title) for title in model.NOT_READ} and _filled(found, header, number):
            title = plain(cell.text)[:40]
            faults.append(at.fault("column-not-read", title=title))
    rows, empty = [], 0
    for n in sorted(number for number in found.rows if number > header):
        mine = {named[c]: cell for c, cell in found.rows[n].items() if c in named and not cell.blank}
        if "unit" in mine and mine["unit"].uncomputed:
            del mine["unit"]  # the template's own formula, in a file saved by a program that does not calculate
        if mine.keys() - (UNTOUCHED if spec.name == "Figures" else set()):
            rows.append(RawRow(n, mine, {name: address(n, c) for c, name in named.items() if name not in mine}))
        elif "measure" in mine:
            empty += 1
    return rows, empty


def _filled(found: Found, header: int, column: int) -> bool:
    return any(n > header and not found.cell(n, column).blank for n in found.rows)


def day_of(cell: Cell, calendar: str = "", fiscal: values.FiscalDays = None) -> ParsedDate:
    """The day or days that people typed. `calendar`: what the cover names."""
    got = values.as_date(cell, calendar=calendar, fiscal=fiscal)
    fault = got.fault
    if got.first is None and fault is None:
        fault = Problem("", shown(said(cell)), values.A_DATE, "Write year-month-day.")
    if fault is None or fault.level == WARNING:
        return got
    if calendar:
        fault = replace(fault, expected=f"{fault.expected}, as the cover says")
    elif fault.how_to_fix.startswith(("Buddhist", "Solar")):
        how_to_fix = f"{fault.how_to_fix} Or name the calendar on the cover: then all dates are read in it."
        fault = replace(fault, how_to_fix=how_to_fix)
    return replace(got, fault=fault)


# Cells


class RawRow(NamedTuple):
    """One row as found: its number as a person counts, its filled cells by column id, and where empty ones would stand."""

    number: int
    cells: Mapping[str, Cell]
    empty: Mapping[str, str] = {}  # column id → "C7"


def plain(text: str) -> str:
    """The text on one line with ordinary spaces, nothing around it and no characters that nobody sees."""
    if not (text.isascii() and text.isprintable()):  # most are, and have nothing to take away
        found = unicodedata.normalize("NFC", text)
        text = "".join(c for c in found if c.isspace() or unicodedata.category(c) not in UNSEEN or c in JOINERS)
    return " ".join(text.split())


def said(cell: Cell) -> str:
    """What a cell says, in plain text: as ODS showed it, and of a formula that was never computed the formula."""
    return plain(cell.shown or cell.text or (cell.formula if cell.uncomputed else ""))


def shown(text: str) -> str:
    """A cell's text for a message: in quotation marks and not too long."""
    return f"“{text[:SHOWN]}…”" if len(text) > SHOWN else f"“{text}”"


def plain_number(cell: Cell) -> Parsed:
    """The number of a text file's cell: digits with a point, nothing guessed."""
    text = said(cell)
    if re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,9})?", text):
        return Parsed(float(text), status="")
    how_to_fix = "Write digits only; a range goes into At least and At most."
    return Parsed(None, status=UNREADABLE, fault=Problem("", shown(text), "a plain number", how_to_fix))


def plain_day(cell: Cell) -> ParsedDate:
    """The date of a text file's cell: year-month-day, nothing guessed."""
    text, expected, how_to_fix = said(cell), "a date such as 2025-03-31", "Write year-month-day."
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return ParsedDate(date.fromisoformat(text), date.fromisoformat(text))
    except ValueError:  # such as 30 February
        expected, how_to_fix = "a day that the calendar has", "Fix the date."
    return ParsedDate(None, fault=Problem("", shown(text), expected, how_to_fix))


@dataclass(frozen=True)
class Reader:
    """How the cells of one file are understood: a text file strictly, a workbook as people type."""

    vocabulary: Vocabulary
    file: str
    named: str = ""  # the sheet's name in the file
    addressed: bool = False  # whether cells go by their address
    numbers: Callable[[Cell], Parsed] = plain_number
    days: Callable[[Cell], ParsedDate] = plain_day
    _called: dict[str, dict[str, str]] = field(default_factory=dict, repr=False)

    def called(self, name: str) -> dict[str, str]:
        """Everything by which an option of a list may be called, in lower case → its id."""
        if name not in self._called:
            options = self.vocabulary.options(name)
            words = {plain_key(label): key for key, label in options.items()}
            words |= {plain_key(f"{key} {label}"): key for key, label in options.items()}
            self._called[name] = words | {plain_key(key): key for key in options}
        return self._called[name]


def rows(sheet: Sheet, found: Iterable[RawRow], reader: Reader, cover: Cover) -> tuple[list, list[Problem]]:
    """The rows of one sheet as dataclasses, and the faults of their cells.

    Every row found gives one row, whatever is wrong with it: nothing is dropped here.
    """
    made, faults = [], []
    for number, filled, empty in found:
        addresses = {name: cell.address for name, cell in filled.items()} | empty if reader.addressed else {}
        at = At(reader.file, reader.named, number, addresses, {name: said(cell) for name, cell in filled.items()})
        values, mine, broken = {}, [], set()
        for column in sheet.columns:
            got, cell_problems = _cell(column, filled.get(column.id), reader, at)
            values |= got
            mine += cell_problems
            broken |= {column.id for fault in cell_problems if fault.level != WARNING}
        if sheet.name == "Figures":
            values = _figure(values, cover, reader.vocabulary)
        faults += mine
        made.append(ROW_TYPES[sheet.name](at=replace(at, broken=frozenset(broken)), **values))
    return made, faults


def _cell(column: Column, cell: Cell | None, reader: Reader, at: At) -> tuple[dict, list[Problem]]:
    """The values that one cell gives (a number may give bounds and a status too), and its faults."""
    many = column.kind in ("choices", "places")
    text = said(cell) if cell else ""
    if not text:
        empty = {"number": None, "date": None}.get(column.kind, column.default)
        cell_problems = []
        if column.required:
            cell_problems = [at.fault("empty", column.id, what=small(column.note).rstrip("."))]
        return {column.id: ((empty,) if empty else ()) if many else empty}, cell_problems
    if column.kind == "number":
        return _numbers(column, cell, reader, at)
    if column.kind == "date":
        day = reader.days(cell)
        when = day.last if column.id.endswith("_end") else day.first
        return {column.id: when}, said_of(day.fault, at, column.id, "not-a-date", "date-guessed")
    listed = str(cell.value) if cell.kind == TEXT else text  # items may stand on lines of their own
    if column.kind in ("place", "places"):
        found = [text] if column.kind == "place" else _split(listed, reader.vocabulary.catalog.find)
        items = tuple(reader.vocabulary.catalog.find(item) or item for item in found)
        return {column.id: items if many else items[0]}, []
    if column.kind == "text":
        return {column.id: text}, []
    words = reader.called(column.options)
    items = tuple(
        words.get(plain_key(item), item) for item in (_split(listed, lambda t: words.get(plain_key(t))) if many else [text])
    )
    cell_problems = [
        _unknown(column, item, words, reader.vocabulary, at)
        for item in items
        if column.options in CHOICES and item not in words.values()
    ]
    return {column.id: items if many else items[0]}, cell_problems


def _numbers(column: Column, cell: Cell, reader: Reader, at: At) -> tuple[dict, list[Problem]]:
    got = reader.numbers(cell)
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


def plain_key(text: str) -> str:
    """Lower case, one kind of dash, no TLP: before a label."""
    return re.sub(r"[‐‑‒–—]", "-", unicodedata.normalize("NFKC", plain(text))).casefold().removeprefix("tlp:").strip()


def _unit(said: str, usual: str, vocabulary: Vocabulary) -> str:
    """The id of a counted thing called by its id, singular or plural; the measure's own where nothing or that was said.

    “Person” is the id of one thing and the name of another, so the measure's own goes first. Unknown words stay.
    """
    units = vocabulary.catalog.units
    called = [
        key for key, unit in units.items() if plain_key(said) in (key, unit["one"].casefold(), unit["many"].casefold())
    ]
    if not said or usual in called:
        return usual
    return next((key for key in called if key == plain_key(said)), called[0] if called else said)


def _split(text: str, known: Callable[[str], object]) -> list[str]:
    """The items of a list. Commas part them too, unless a known name holds them (“China, Hong Kong SAR”), and so do new lines, if
    what stands on them is all known: else somebody broke a long name to fit its cell."""
    items: list[str] = []
    for part in SPLIT.split(text):
        found = _items(part, known)
        items += found if all(map(known, found)) else _items(plain(part), known)
    return list(dict.fromkeys(filter(None, items)))


def _items(text: str, known: Callable[[str], object]) -> list[str]:
    """What stands between commas and new lines, as many pieces together as make a known name."""
    found, items = re.split(r"(,\n?|\n)", "\n".join(filter(None, map(plain, text.splitlines())))), []
    pieces = [(", " if mark[:1] == "," else " ", plain(piece)) for mark, piece in zip(["", *found[1::2]], found[::2])]
    while pieces:
        runs = ["".join(mark + piece for mark, piece in pieces[:n]).strip(" ,") for n in range(1, len(pieces) + 1)]
        size = next((n for n in range(len(runs), 0, -1) if known(runs[n - 1])), 1)
        items.append(runs[size - 1])
        pieces = pieces[size:]
    return items
