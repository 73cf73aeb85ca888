"""A member's own recurring table, described once in `data/layouts/`, and read as if the template had been filled in.

A layout says where the figures stand, what each row and column of the table names, and what the office's own words mean.
Every figure keeps the address of its own cell, so that each fault is named in the file as the office sent it.
"""

import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from corridors import bounded
from corridors.catalog import FiscalYear, calendars
from corridors.catalog.words import period as in_words
from corridors.paths import LAYOUTS
from corridors.problems import Problem, Refused
from etl.briefings import read
from etl.briefings.model import CHOICES, FIGURES, At, Briefing, Cover, Vocabulary
from etl.submissions import guard, nearest, values
from etl.submissions.report.outcome import Progress, silent
from etl.submissions.sheets import TEXT, Cell, Sheet, letters, place

NAMED = ("measure", "partner", "sex", "age", "form", "period")  # what a row or a column of a table can name
FIXED = (*NAMED, "source", "source_ref", "note", "method", "status")
TOTAL = {"total", "all", "grand total", "sum"}  # what stands for everything together, besides the layout's own words
NO = ""  # a header row or a column that names nothing
KEYS = {
    "member": str,
    "title": str,
    "sheet": (str, int),
    "headers": list,
    "first": int,
    "last": int,
    "skip": list,
    "calendar": str,
    "year_begins": int,
    "code_page": str,
    "tlp": str,
    "office": str,
    "state": str,
    "always": dict,
    "rows": dict,
    "columns": dict,
    "words": dict,
    "sums": dict,
}
NEEDED = ("member", "title", "first", "columns", "tlp", "office", "state")
NAME = re.compile(r"[A-Za-z]{3}-[a-z0-9][a-z0-9-]{0,40}")
HOW = "data/layouts/README.md says how a layout is written."
EXAMPLES = {"gregorian": "2024", "buddhist": "2567", "solar_hijri": "1403"}


@dataclass(frozen=True)
class Layout:
    """How one table is read. Rows and columns count from 1; `sheet` is a name, or a number among the sheets that hold something."""

    file: str
    member: str
    title: str
    first: int
    tlp: str
    office: str
    state: str
    figures: tuple[int, ...]  # the columns that hold figures
    named_by: tuple[str, ...] = ()  # what each header row names, outermost first
    headers: tuple[int, ...] = ()
    last: int | None = None
    sheet: str | int = 1
    skip: tuple[str, ...] = ()
    calendar: str = "gregorian"
    year_begins: int | None = None  # the month in which the office's year begins; None = as the catalog has it of the member
    code_page: str = ""
    always: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[int, str] = field(default_factory=dict)  # column → what its cells name
    words: Mapping[str, str] = field(default_factory=dict)  # the office's word, folded → ours
    sums: Mapping[str, str] = field(default_factory=dict)  # "B5:B9" → "B10", the cell that must hold its sum


def listed(data: Path) -> list[str]:
    """The names of the layouts in `data`."""
    return sorted(path.stem for path in (data / LAYOUTS).glob("*.toml") if NAME.fullmatch(path.stem))


def load(name: str, data: Path) -> Layout:
    """The layout of that name. Raises Refused with every fault of its file."""
    path = data / LAYOUTS / f"{name}.toml"
    if not NAME.fullmatch(name) or not path.is_file():
        there = ", ".join(listed(data)) or "none yet"
        hint = "Propose one with “python -m etl layout FILE --member THA --name victims”."
        raise Refused.of("--layout", read.shown(name[:60]), f"a layout of data/layouts ({there})", hint)
    faults: list[Problem] = []

    def fault(found: str, expected: str, how_to_fix: str = HOW) -> None:
        faults.append(Problem(path.name, found, expected, how_to_fix))

    try:
        content = bounded.read_toml(path)
    except bounded.Unreadable as broken:
        raise Refused.of(path.name, str(broken), "TOML in UTF-8", "Fix the line.") from None
    for key in content.keys() - KEYS.keys():
        fault(f"an unknown entry “{key}”", f"one of {', '.join(KEYS)}")
    for key, kind in KEYS.items():
        if key in content and (not isinstance(content[key], kind) or isinstance(content[key], bool)):
            fault(
                f"{key} = {content[key]!r}", "text in quotes" if kind is str else "a number, list or table as in the example"
            )
    for key in NEEDED:
        if not content.get(key):
            fault(f"no {key}", f"the entry {key}")
    if faults:
        raise Refused(faults)
    made = _made(path.name, content, fault)
    if faults:
        raise Refused(faults)
    return made


def _made(file: str, content: dict, fault) -> Layout:
    columns = content["columns"]
    figures = _columns(str(columns.get("figures", "")))
    named_by, headers = columns.get("named_by", []), content.get("headers", [])
    if not figures:
        fault(f"figures = {columns.get('figures')!r}", "the columns that hold figures, such as B:G or C")
    if len(named_by) != len(headers):
        fault(
            f"{len(headers)} header rows and {len(named_by)} words in named_by", "a word for each header row (“” for none)"
        )
    rows = {}
    for letter, names in content.get("rows", {}).items():
        spot = place(f"{letter}1")
        if not spot:
            fault(f"[rows] {letter}", "the letter of a column")
        else:
            rows[spot[1]] = names
    for where, names in (("named_by", named_by), ("[rows]", rows.values())):
        for name in names:
            if name not in (*NAMED, NO):
                fault(f"“{name}” in {where}", f"one of {', '.join(NAMED)}, or “”")
    for key in content.get("always", {}).keys() - set(FIXED):
        fault(f"an unknown entry “{key}” in [always]", f"one of {', '.join(FIXED)}")
    every = [name for name in (*named_by, *rows.values(), *content.get("always", {})) if name]
    for name in sorted({name for name in every if every.count(name) > 1}):
        fault(f"“{name}” named {every.count(name)} times", "each once: by a column, a header row or [always]")
    for name in {"measure", "period"} - set(every):
        fault(f"nothing that names the {name}", f"a column, a header row or an entry of [always] for {name}")
    if content.get("calendar", "gregorian") not in calendars.CALENDARS:
        fault(f"calendar = “{content['calendar']}”", f"one of {', '.join(calendars.CALENDARS)}")
    if not 1 <= content.get("year_begins", 1) <= 12:
        fault(f"year_begins = {content['year_begins']}", "a month from 1 to 12")
    for parts, total in content.get("sums", {}).items():
        if not _range(parts) or not isinstance(total, str) or not place(total):
            fault(f"“{parts}” = {total!r} in [sums]", "a range and the cell of its sum, such as “B5:B9” = “B10”")
    if code := content.get("code_page"):
        try:
            "".encode(code)
        except LookupError:
            fault(f"code_page = “{code}”", "a code page such as cp874, shift_jis or gb18030")
    simple = ("member", "title", "first", "last", "sheet", "tlp", "office", "state", "calendar", "year_begins", "code_page")
    return Layout(
        file,
        figures=figures,
        named_by=tuple(named_by),
        headers=tuple(headers),
        skip=tuple(read.plain(str(s)).casefold() for s in content.get("skip", ())),
        always=content.get("always", {}),
        rows=rows,
        words={_folded(word): str(ours) for word, ours in content.get("words", {}).items()},
        sums=content.get("sums", {}),
        **{key: content[key] for key in simple if key in content},
    )


def read_with(path: Path, layout: Layout, words: Vocabulary, progress: Progress = silent) -> read.Read:
    """What a member's own table says, as a briefing. Faults name its cells; Refused is raised for what cannot be opened."""
    tables = _opened(path, layout, progress)
    sheet = _sheet(tables, layout, path.name)
    faults = [f for f in tables.faults if f.code != "hidden-sheet" or f.sheet == sheet.name]
    reader = read.Reader(words, path.name, "" if sheet.plain else sheet.name, True, values.as_number, read.day_of)
    table = _Table(path.name, sheet, layout, reader, faults)
    heads = {c: table.heads(c) for c in layout.figures}
    raws, numbers, periods, unread = [], set(), [], {}
    for row in table.rows():
        dims = {}
        for column, names in layout.rows.items():
            if names:
                before = len(faults)
                dims |= table.named(names, sheet.cell(row, column))
                if len(faults) > before:
                    unread.setdefault(row, set()).update(("period_start", "period_end") if names == "period" else (names,))
        for column in layout.figures:
            cell = sheet.cell(row, column)
            if cell.blank or heads[column] is None:
                continue
            made = {**heads[column], **dims, **table.fixed(cell), "value": cell}
            raws.append(read.RawRow(row, made))
            numbers.add(row)
            periods += [end.text for name, end in made.items() if name.startswith("period_")]
    table.sums()
    days = sorted(day for said in periods if (day := _day(said)))
    span = (days[0], days[-1]) if days else (None, None)
    at = {name: At(layout.file, "", 0, {}) for name in ("iso3", "tlp", "office", "state", "period_start", "period_end")}
    cover = Cover(layout.member, *span, layout.tlp, layout.office, layout.state, at=at)
    made, problems = read.rows(FIGURES, raws, reader, cover)
    for n, row in enumerate(made):  # a year that was not understood is not the cover's period, and is named once
        if broken := unread.get(row.at.row):
            days = {name: None for name in broken if name.startswith("period_")}
            made[n] = replace(row, **days, at=replace(row.at, broken=row.at.broken | broken))
    facts = (f"read by the layout {layout.file}: {len(raws)} figures from {len(numbers)} rows of “{sheet.name}”",)
    if layout.calendar != "gregorian":
        facts += (f"years of the {_spoken(layout.calendar)} were converted; each figure says how its year was written",)
    return read.Read(Briefing(cover, tuple(made)), tuple(dict.fromkeys([*faults, *problems])), len(numbers), facts=facts)


def _opened(path: Path, layout: Layout, progress: Progress):
    """The file's tables; a text file in the layout's code page is opened as a copy in UTF-8."""
    if not layout.code_page or guard.inspect(path).form != "text":
        return guard.open_tables(path, progress)
    try:
        said = path.read_bytes().decode(layout.code_page)
    except UnicodeDecodeError as broken:
        found = f"bytes that are no {layout.code_page}, first at {broken.start:,}"
        raise Refused.of(path.name, found, f"the code page of {layout.file}", "Correct code_page there.") from None
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        copy.write_text(said, encoding="utf-8", newline="")
        return guard.open_tables(copy, progress)


def _sheet(tables, layout: Layout, file: str) -> Sheet:
    filled = [sheet for sheet in tables.sheets if sheet.rows]
    if isinstance(layout.sheet, int) and 1 <= layout.sheet <= len(filled):
        return filled[layout.sheet - 1]
    if isinstance(layout.sheet, str) and (found := tables.sheet(layout.sheet)):
        return found
    names = ", ".join(f"“{sheet.name}”" for sheet in filled[:12]) or "none"
    raise Refused.of(file, f"sheets {names}", f"the sheet {layout.sheet!r}", f"Correct “sheet” in {layout.file}.")


@dataclass
class _Table:
    """A member's own table while it is read: where it stands, how it is read, and the faults found so far."""

    file: str
    sheet: Sheet
    layout: Layout
    reader: read.Reader
    faults: list[Problem]

    def rows(self) -> Iterator[int]:
        """The rows that hold figures: from the first to the last, without those whose first words the layout skips."""
        sheet, layout = self.sheet, self.layout
        for row in sorted(n for n in sheet.rows if layout.first <= n <= (layout.last or sheet.height)):
            line = [sheet.rows[row][c] for c in sorted(sheet.rows[row]) if not sheet.rows[row][c].blank]
            said = read.plain(line[0].text).casefold() if line else ""
            if line and not any(said.startswith(word) for word in layout.skip):
                yield row

    def heads(self, column: int) -> dict | None:
        """What the header rows name for one column; None where a needed word is not understood (and a fault says so).

        A heading over several columns stands in the first of them, so an empty cell of an outer header row means the one left of it.
        """
        dims: dict[str, Cell] = {}
        for depth, (row, names) in enumerate(zip(self.layout.headers, self.layout.named_by)):
            cell = self.sheet.cell(row, column)
            while cell.blank and depth < len(self.layout.headers) - 1 and cell.column > min(self.layout.figures):
                cell = self.sheet.cell(row, cell.column - 1)
            if not names:
                continue
            before = len(self.faults)
            dims |= self.named(names, cell, header=True)
            if len(self.faults) > before:
                return None
        return dims

    def fixed(self, cell: Cell) -> dict:
        """What holds for every figure of the table."""
        always = {name: _instead(cell, str(said)) for name, said in self.layout.always.items()}
        period = self.named("period", always.pop("period")) if "period" in always else {}
        return period | always

    def named(self, name: str, cell: Cell, header: bool = False) -> dict:
        """One thing that a cell names, as the cells of the template would say it; a fault where its word is not known."""
        layout, vocabulary = self.layout, self.reader.vocabulary
        said = read.plain(cell.text)
        ours = layout.words.get(_folded(said))
        if ours == "":
            how_to_fix = f"Fill it in under [words] of {layout.file}."
            return self.fault(cell, said, "a meaning for this word", how_to_fix, header)
        known = said if ours is None else ours
        if name == "period":
            fiscal = vocabulary.catalog.fiscal_years.get(layout.member, ())
            got = period(known, layout.calendar, layout.year_begins, fiscal)
            if got.first is None or got.last is None:
                expected = f"a year of the {_spoken(layout.calendar)} such as {EXAMPLES[layout.calendar]}"
                fix = f"Correct it, or “calendar” in {layout.file}."
                if got.fault and got.fault.code == "fiscal-year":
                    expected = "a year whose days are known"
                    begins = f"Say with “year_begins” in {layout.file} in which month the office's year begins"
                    fix = f"{begins}, or write the days."
                return self.fault(cell, said, expected, fix, header)
            note = _written(said, got.first, got.last, layout.calendar)
            texts = {"period_start": got.first.isoformat(), "period_end": got.last.isoformat()} | (
                {"note": note} if note else {}
            )
            return {name: _instead(cell, text) for name, text in texts.items()}
        options = next(column.options for column in FIGURES.columns if column.id == name)
        if not said or known.casefold() in TOTAL:
            return {} if name in ("partner", "measure") else {name: _instead(cell, "total")}
        if name == "partner" or not (header or options in CHOICES):
            return {name: _instead(cell, known)}  # the rules judge it, with the nearest names
        called = self.reader.called(options)
        if read.plain_key(known) not in called:
            near = nearest.meant(name, known, vocabulary.options(options))
            hint = f"Did you mean “{near}”? " if near else ""
            expected = f"a {name} that is known, or a meaning for this word"
            return self.fault(cell, said, expected, f"{hint}Say under [words] of {layout.file} what it means.", header)
        return {name: _instead(cell, called[read.plain_key(known)])}

    def sums(self) -> None:
        """Notes a fault for each range whose parts cannot make the sum that stands in the file."""
        for parts, where in self.layout.sums.items():
            low = high = 0.0
            for row, column in _range(parts):
                number = values.as_number(self.sheet.cell(row, column))
                if number.value is None and number.lower is None and number.upper is None:
                    continue
                low += number.value if number.value is not None else number.lower or 0
                high += number.value if number.value is not None else number.upper or 0
            total = values.as_number(self.sheet.at(where))
            given = (total.value, total.value) if total.value is not None else (total.lower, total.upper)
            if given[0] is None or given[1] is None or given[1] < low or given[0] > high:
                most = f" to {high:g}" if high > low else ""
                found = f"{read.shown(self.sheet.at(where).text)} where {parts} make {low:g}{most}"
                fix = f"Correct the sum or its parts, or the range in {self.layout.file}."
                self.fault(self.sheet.at(where), "", "the sum of its parts", fix, True, "sum-of-layout", found)

    def fault(self, cell: Cell, said: str, expected: str, how: str, header: bool, code: str = "", found: str = "") -> dict:
        """Notes a fault: one of a heading keeps the whole file out, one of a row that row. Nothing is named then."""
        found = found or (read.shown(said) if said else "an empty cell")
        at = ("" if self.sheet.plain else self.sheet.name, letters(cell.column), cell.row)
        code = code or ("layout-heading" if header else "layout-word")
        self.faults.append(Problem(self.file, found, expected, how, *at, code=code))
        return {}


def _instead(cell: Cell, text: str) -> Cell:
    """A text in the place of a cell."""
    return Cell(cell.row, cell.column, TEXT, text)


def _written(said: str, first: date, last: date, calendar: str) -> str:
    """How a period was written, where that is not plain: in another calendar, or a year not of the calendar."""
    of_the_calendar = (first.month, first.day, last.month, last.day) == (1, 1, 12, 31)
    era = f" of the {_spoken(calendar)}" if calendar != "gregorian" else ""
    if not era and ((last - first).days < 300 or of_the_calendar):
        return ""
    days = ": " + in_words(first, last, "flow") if (first.month, first.day) != (1, 1) else ""
    return f"Written as {said}{era}{days}."


def period(said: str, calendar: str, begins: int | None = None, known: tuple[FiscalYear, ...] = ()) -> values.ParsedDate:
    """A year as an office writes it (“2566”, “๒๕๖๖”, “FY2012”, “2011/12”), a quarter, a month or a day, as its days.

    The fiscal year begins in the month that the layout says, else as the catalog `known` has it of the member. A year alone is
    a fiscal year only where the layout says so; it is named by the year in which it ends, unless the catalog says by its start.
    """

    def days(year: int) -> tuple[date, date] | None:
        if not begins:
            return calendars.fiscal_days(known, year)
        first = date(year, begins, 1)
        return first, date.fromordinal(first.replace(year=year + 1).toordinal() - 1)

    text = calendars.plain_digits(said).strip()
    alone = re.fullmatch(r"(?:B\.?E\.?|FY|ปีงบประมาณ|ปี)?\s*(?:พ\.?\s?ศ\.?)?\s*(\d{4})(?:\s*年度)?", text, re.IGNORECASE)
    asked = alone and re.search("FY|年度|งบประมาณ", text, re.IGNORECASE) and not begins  # which year begins or ends in it?
    if alone and (begins or 1) > 1 and calendar != "solar_hijri":
        year = int(alone[1]) - (543 if calendar == "buddhist" else 0)
        entry = calendars.fiscal_rule(known, year)
        span = days(year - (0 if entry and entry.named_by == "start" else 1))
        if span and calendars.in_bounds(span[0].year):
            return values.ParsedDate(*span)
    fiscal = days if begins != 1 else None
    return values.as_date(Cell(1, 1, TEXT, alone[1] if alone and not asked else text), calendar=calendar, fiscal=fiscal)


def _columns(said: str) -> tuple[int, ...]:
    """The numbers of columns written as “B:G”, “C” or “B:D, F”; empty for what is none."""
    found: list[int] = []
    for part in said.split(","):
        first, _, last = part.strip().partition(":")
        one, two = place(f"{first}1"), place(f"{last or first}1")
        if not one or not two or one[1] > two[1]:
            return ()
        found += range(one[1], two[1] + 1)
    return tuple(dict.fromkeys(found))


def _range(said: str) -> list[tuple[int, int]]:
    """The cells of “B5:B9”, of “B5:D5”, or of several such with commas; empty for what is none."""
    found = []
    for part in str(said).split(","):
        first, _, last = part.strip().partition(":")
        one, two = place(first), place(last or first)
        if not one or not two or (two[0] - one[0] + 1) * (two[1] - one[1] + 1) > 10_000:
            return []
        found += [(row, column) for row in range(one[0], two[0] + 1) for column in range(one[1], two[1] + 1)]
    return found


def _day(said: str) -> date | None:
    try:
        return date.fromisoformat(said)
    except ValueError:
        return None


def _folded(word: str) -> str:
    return calendars.plain_digits(read.plain(str(word))).casefold()


def _spoken(calendar: str) -> str:
    return calendars.CALENDARS[calendar]
