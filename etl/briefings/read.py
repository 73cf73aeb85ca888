"""A briefing as it was sent, read into rows: a workbook (XLSX, ODS), a folder of CSV files, our own text.

Opening strangers' files safely is left to `etl.submissions.guard`, single cells to `cells`, judging the whole to `rules`.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from functools import partial
from pathlib import Path

from corridors import paths
from corridors.catalog import Catalog
from corridors.problems import ERROR, WARNING, Problem, Refused
from etl.briefings import cells, model, text
from etl.submissions import calendars, guard, values
from etl.submissions.calendars import CALENDARS
from etl.submissions.printable import key
from etl.submissions.report.outcome import Progress, silent
from etl.submissions.sheets import Cell
from etl.submissions.sheets import Sheet as Found

DEEPEST_HEADER = 40  # rows among which the header is looked for
UNTOUCHED = {"measure", "unit"}  # what the template fills in: a row with nothing else says nothing


def vocabulary(catalog: Catalog, data: Path) -> model.Vocabulary:
    """What a briefing may name: the catalog and the routes imported in `data`."""
    path = data / paths.ROUTES / "routes.csv"
    if not path.is_file():
        return model.Vocabulary(catalog)
    with path.open(encoding="utf-8", newline="") as handle:
        return model.Vocabulary(catalog, {row["route_id"]: row["name"] for row in csv.DictReader(handle)})


def read(path: Path, words: model.Vocabulary, progress: Progress = silent) -> text.Read:
    """What `path` says. Faults of cells are returned; Refused is raised for what cannot be opened or is no briefing."""
    if path.is_dir() and (path / model.COVER_FILE).is_file():
        return text.read(path, words)
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
            faults.append(model.At(path.name, other.name).fault("sheet-not-read", name=other.name))
    parts, rows_in, untouched = {}, 0, 0
    for spec in model.SHEETS:
        found = tables.sheet(spec.name)
        raws, empty = _rows(found, spec, path.name, faults) if found is not None else ([], 0)
        file, name = (found.file, "") if found is not None and found.plain else (path.name, spec.name)
        days = partial(_day, calendar=calendar, fiscal=partial(words.catalog.fiscal_year, cover.iso3))
        made, told = cells.rows(spec, raws, cells.Reader(words, file, number, days), cover, name)
        parts[spec.name.lower()] = [_as_written(row, calendar) for row in made]
        faults += told
        rows_in += len(raws)
        untouched += empty
    cover = _as_written(cover, calendar, {name: at.raw.get(name, "") for name, at in cover.at.items()})
    facts = (f"{untouched} prepared rows were left empty: nothing is said about those measures",) if untouched else ()
    if calendar:
        facts += (f"dates of the {CALENDARS[calendar]} were converted; each note says how they were written",)
    briefing = model.Briefing(cover, **{name: tuple(rows) for name, rows in parts.items()})
    return text.Read(briefing, tuple(faults), rows_in, facts=facts)


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


def _at(found: Found, file: str, row: int, where: dict[str, str]) -> model.At:
    return model.At(found.file if found.plain else file, "" if found.plain else found.name, row, where)


def _raw(cell: Cell) -> cells.Raw:
    return cells.Raw(cell.shown or cell.text or (cell.formula if cell.uncomputed else ""), cell.address, cell.value, cell)


def _as_written(row, calendar: str, raw: dict[str, str] | None = None):
    """A row, or the cover, whose note says how its own dates were written: in another calendar, or as a fiscal year."""
    said = raw or getattr(row, "at", model.At("")).raw
    written = dict.fromkeys(said[name] for name in ("period_start", "period_end") if said.get(name))
    if not hasattr(row, "note") or not (written and calendar or any(map(calendars.fiscal_label, written))):
        return row
    what = [f"of the {CALENDARS[calendar]}"] if calendar else []
    what += ["fiscal year"] if any(map(calendars.fiscal_label, written)) else []
    note = f"Written as {' to '.join(written)}{' ' if calendar else ', '}{', '.join(what)}."
    return replace(row, note=f"{row.note} {note}".strip())


def _cover(found: Found, file: str, words: model.Vocabulary, faults: list[Problem]) -> tuple[model.Cover, str]:
    """The cover: what stands right of each known label; and the calendar of the dates, empty for ours."""
    titles = {key(title): name for name, title in model.COVER_TITLES.items()} | {
        key(name): name for name in model.COVER_TITLES
    }
    got: dict[str, cells.Raw] = {}
    at = {name: _at(found, file, 0, {}) for name in model.COVER_TITLES}
    for cell in found.cells():
        name = titles.get(key(cell.text))
        if name and name not in got:
            answer = found.cell(cell.row, cell.column + 1)
            got[name] = _raw(answer)
            at[name] = _at(found, file, answer.row, {} if found.plain else {name: answer.address})
            at[name] = replace(at[name], raw={name: cells.plain(got[name].text)})
    calendar = cells.plain(got.pop("calendar").text) if "calendar" in got else ""
    called = {key(word): name for name, spoken in CALENDARS.items() for word in (name, spoken)}
    if calendar and key(calendar) not in called:
        options = ", ".join(CALENDARS.values())
        faults.append(at["calendar"].fault("unknown-word", "calendar", said=cells.shown(calendar), options=options))
    calendar = called.get(key(calendar), "gregorian").replace("gregorian", "")
    answers: dict[str, object] = {"iso3": "", "period_start": None, "period_end": None}
    member = cells.plain(got["iso3"].text) if "iso3" in got else ""
    fiscal = partial(words.catalog.fiscal_year, words.catalog.find(member) or "")
    for name, raw in got.items():
        said = cells.plain(raw.text)
        if name in ("period_start", "period_end"):
            answers[name], fault = _day(raw, name == "period_end", calendar, fiscal) if said else (None, None)
            at[name] = replace(at[name], broken=frozenset({name} if fault and fault.level == ERROR else ()))
            faults += cells.said_of(fault, at[name], name, "not-a-date", "not-a-date")
        elif name == "iso3":
            answers[name] = words.catalog.find(said) or said
        elif name == "compiled":
            answers[name] = said.casefold() == "yes"
            if said.casefold() not in ("", "yes", "no"):
                faults.append(at[name].fault("unknown-word", name, said=cells.shown(said), options="yes or no"))
        elif name == "state":
            answers[name] = said.casefold() if said.casefold() in model.CHOICES["states"] else said
        elif name == "tlp":
            answers[name] = said.upper().removeprefix("TLP:").strip()
        else:
            answers[name] = said
    for name in model.COVER_TITLES.keys() - got.keys() - {"note", "compiled", "calendar"}:
        faults.append(at[name].fault("line-missing", title=model.COVER_TITLES[name]))
    return model.Cover(**answers, at=at), calendar


def _rows(found: Found, spec: model.Sheet, file: str, faults: list[Problem]) -> tuple[list[cells.RawRow], int]:
    """The rows below the header, and how many prepared rows were left as the template made them."""
    columns = {key(column.title): column.id for column in spec.columns} | {
        key(column.id): column.id for column in spec.columns
    }
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
            title = cells.plain(cell.text)[:40]
            faults.append(at.fault("column-not-read", title=title))
    rows, empty = [], 0
    for n in sorted(number for number in found.rows if number > header):
        mine = {named[c]: _raw(cell) for c, cell in found.rows[n].items() if c in named and not cell.blank}
        if "unit" in mine and mine["unit"].origin.uncomputed:
            del mine["unit"]  # the template's own formula, in a file saved by a program that does not calculate
        if mine.keys() - (UNTOUCHED if spec.name == "Figures" else set()):
            where = {k: replace(raw, address="" if found.plain else raw.address) for k, raw in mine.items()}
            rows.append(cells.RawRow(n, where))
        elif "measure" in mine:
            empty += 1
    return rows, empty


def _filled(found: Found, header: int, column: int) -> bool:
    return any(n > header and not found.cell(n, column).blank for n in found.rows)


def number(raw: cells.Raw) -> values.Parsed:
    """The number that people typed, as `etl.submissions.values` understands it."""
    return values.as_number(raw.origin)


def _day(raw: cells.Raw, last: bool = False, calendar: str = "", fiscal: values.FiscalDays = None) -> cells.Day:
    """The day that people typed; of a year or a month its first, or with `last` its last day. `calendar`: what the cover names."""
    got = values.as_date(raw.origin, calendar=calendar, fiscal=fiscal)
    fault = got.fault
    if got.first is None and not (fault and fault.level == ERROR):
        fault = Problem("", cells.shown(cells.plain(raw.text)), values.A_DATE, "Write year-month-day.")
    if fault is None or fault.level == WARNING:
        return (got.last if last else None) or got.first, fault
    if calendar:
        return None, replace(fault, expected=f"{fault.expected}, as the cover says")
    if fault.how_to_fix.startswith(("Buddhist", "Solar")):
        how_to_fix = f"{fault.how_to_fix} Or name the calendar on the cover: then all dates are read in it."
        return None, replace(fault, how_to_fix=how_to_fix)
    return None, fault
