"""The shape of a country briefing: five tables behind a cover, the columns of each, and the words that a cell may hold.

Workbook, text folder, reader and rules are all driven by `SHEETS`; a column is named here and nowhere else.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from corridors.catalog import SIDES, Catalog, words
from corridors.catalog.calendars import CALENDARS, span
from corridors.catalog.tlp import LABELS
from corridors.problems import Problem, Wording
from etl.submissions.sheets import letters, place

TLP = LABELS[:-1]  # RED never enters
LETTERS, DIGITS = tuple("ABCDEF"), tuple("123456")
LIST = "|"  # between the items of a list in the text form; people also type commas and semicolons
NEW_ROUTE = "new"
COMPILED = "Compiled from public statements, not submitted by the member."


@dataclass(frozen=True)
class Column:
    """One column of a sheet: its id in the text form, its title in the workbook, and what a cell may hold."""

    id: str
    title: str
    kind: str  # choice, choices, place, places, number, date, text
    note: str  # what to write here; the cell note of the workbook
    options: str = ""  # a key of CHOICES, or measures, forms, factors, routes, caveats (see Vocabulary.options)
    width: int = 14
    default: str = ""  # what an empty cell stands for
    required: bool = False
    asked: bool = True  # False: judged by the analyst, so in the text form only


@dataclass(frozen=True)
class Sheet:
    """One sheet of the workbook, and the file that it becomes."""

    name: str  # "Figures"
    file: str  # "figures.csv"
    help: str  # stands below its name
    columns: tuple[Column, ...]

    @property
    def ids(self) -> list[str]:
        """The columns of the text form in order."""
        return [column.id for column in self.columns]


WORDING = Wording(Path(__file__).with_name("rules.toml"))
_TOLD = tomllib.loads(Path(__file__).with_name("sheets.toml").read_text(encoding="utf-8"))
_ELSEWHERE = {
    "calendars": dict(CALENDARS),
    "sides": {side: side for side in SIDES},
    "speakers": words.SPEAKERS,
    "tlp": {name: name for name in TLP},
    "letters": {letter: letter for letter in LETTERS},
    "digits": {digit: digit for digit in DIGITS},
}
# Fixed words: what is kept → what the drop-down list shows. Both are read.
CHOICES: Mapping[str, Mapping[str, str]] = {name: told or _ELSEWHERE[name] for name, told in _TOLD["choices"].items()}


def _sheet(name: str, file: str, help: str, columns: list[dict], source: str = "") -> Sheet:
    judged = [told | {"note": told["note"] or source} for told in _TOLD["judged"]] if source else []
    return Sheet(name, file, help, tuple(Column(**told) for told in [*columns, *judged]))


FIGURES, ROUTES, FACTORS, NETWORKS, CAVEATS = (_sheet(**told) for told in _TOLD["sheet"])
SHEETS = (FIGURES, ROUTES, FACTORS, NETWORKS, CAVEATS)
COVER_TITLES, COVER_HELP = ({name: told[part] for name, told in _TOLD["cover"].items()} for part in ("title", "help"))
READ_ME: list[str] = _TOLD["read_me"]
COVER_SHEET, LISTS_SHEET, README_SHEET = "Cover", "Lists", "Read me"
HEADER_ROW = 3  # of the template's sheets, as a person counts: a title and a line of help stand above it
NOT_READ = ("Last briefing", "Its period", "International figure", "Its source and year")  # for comparison only
COVER_FILE, REJECTED_FILE, WITHDRAWN_FILE = "cover.toml", "rejected.csv", "withdrawn.toml"
REJECTED_COLUMNS = ["sheet", "row", "column", "found", "reason", "how_to_fix", "readable", "tlp"]


@dataclass(frozen=True)
class At:
    """Where a row stands in what was sent, so that a fault can name its cell."""

    file: str  # "thailand.xlsx", or "figures.csv" of a text folder
    sheet: str = ""  # empty for a text folder
    row: int = 0  # as a person counts rows in the file
    cells: Mapping[str, str] = field(default_factory=dict)  # column id → "C7"
    raw: Mapping[str, str] = field(default_factory=dict)  # column id → the text as found, before it was understood
    broken: frozenset[str] = frozenset()  # columns already refused by the reader: no second fault about them

    def cell(self, column: str = "") -> str:
        """The cell as the reader of a report looks for it: "C7", or "row 7, column partner" in a text file."""
        if column in self.cells:
            return self.cells[column]
        return ", ".join(part for part in (self.row and f"row {self.row}", column and f"column {column}") if part)

    def fault(self, rule: str, column: str = "", **told) -> Problem:
        """A fault of a cell of this row, in the words of rules.toml."""
        spot = place(self.cells.get(column, ""))
        row, column = (spot[0], letters(spot[1])) if spot else (self.row or None, column)
        return WORDING.problem(rule, self.file, self.sheet, column, row, **told)


@dataclass(frozen=True, kw_only=True)
class Row:
    """What every row of every table has. Unknown words stay as they were found: the rules name them."""

    at: At = field(default=At(""), compare=False, repr=False)
    source: str = ""
    source_ref: str = ""
    said_by: str = "member"
    reliability: str = "A"
    credibility: str = "3"
    verified: str = "yes"
    tlp: str = ""  # empty = as on the cover
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class FigureRow(Row):
    """One number of a member. `value` is empty when masked or when only bounds are known; None is never zero."""

    measure: str
    unit: str = ""  # the unit id, or the words found where they are none; empty = the measure's own
    partner: str = ""  # ISO3, or the text found when it names no country exactly
    sex: str = "total"
    age: str = "total"
    form: str = "total"
    period_start: date | None = None
    period_end: date | None = None
    value: float | None = None
    lower: float | None = None
    upper: float | None = None
    approx: str = "no"
    status: str = "reported"
    reports_expected: float | None = None
    reports_received: float | None = None
    method: str = ""
    caveats: tuple[str, ...] = ()

    @property
    def key(self) -> tuple:
        """What makes two rows the same figure."""
        return (
            self.measure,
            self.partner,
            self.sex,
            self.age,
            self.form,
            self.period_start,
            self.period_end,
            self.source_ref,
        )


@dataclass(frozen=True, kw_only=True)
class RouteRow(Row):
    """What a member says of a route, known or new."""

    route: str = NEW_ROUTE
    origins: tuple[str, ...] = ()
    transits: tuple[str, ...] = ()
    destinations: tuple[str, ...] = ()
    mode: str = "unknown"
    crime: str = ""
    change: str = ""
    evidence: tuple[str, ...] = ("unknown",)


@dataclass(frozen=True, kw_only=True)
class FactorRow(Row):
    """What a member says pushes, pulls or makes it easier."""

    factor: str
    side: str = ""
    partner: str = ""
    statement: str = ""
    basis: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class NetworkRow(Row):
    """How those who smuggle or traffic work together, and what that knowledge rests on. Never who they are."""

    structure: str
    read_in: str = "no"  # yes: whoever compiled the row read the structure into its source
    crime: str = ""
    roles: str = ""
    methods: str = ""
    money: str = ""
    recruitment: tuple[str, ...] = ("unknown",)
    evidence: tuple[str, ...] = ("unknown",)
    cases: float | None = None
    share: str = ""


@dataclass(frozen=True, kw_only=True)
class CaveatRow:
    """A limit that the member names itself."""

    at: At = field(default=At(""), compare=False, repr=False)
    measure: str = ""
    text: str = ""
    remedy: str = ""


@dataclass(frozen=True)
class Cover:
    """Whose briefing, of when, how far it may travel. `tlp` empty or unknown counts as AMBER+STRICT until fixed."""

    iso3: str  # ISO3 of a member, or the text found
    period_start: date | None
    period_end: date | None
    tlp: str = ""
    office: str = ""
    state: str = ""  # provisional, final
    compiled: bool = False  # from public statements, not submitted by the member
    note: str = ""
    received: date | None = None  # or compiled on
    at: Mapping[str, At] = field(default_factory=dict, compare=False, repr=False)  # field → where it stands

    @property
    def period(self) -> str:
        """The period as the folder is named: 2025, 2019_2025, 2025-01_2025-06 or 2025-01-15_2025-03-02."""
        return period_name(self.period_start, self.period_end) if self.period_start and self.period_end else "?"


@dataclass(frozen=True)
class Briefing:
    """A whole briefing as read. `read.faults` of the reader are apart: here is what could be understood."""

    cover: Cover
    figures: tuple[FigureRow, ...] = ()
    routes: tuple[RouteRow, ...] = ()
    factors: tuple[FactorRow, ...] = ()
    networks: tuple[NetworkRow, ...] = ()
    caveats: tuple[CaveatRow, ...] = ()

    def rows(self, sheet: Sheet) -> tuple:
        """The rows of one sheet."""
        return getattr(self, sheet.name.lower())


ROW_TYPES = {"Figures": FigureRow, "Routes": RouteRow, "Factors": FactorRow, "Networks": NetworkRow, "Caveats": CaveatRow}


@dataclass(frozen=True)
class Vocabulary:
    """What a briefing may name: the catalog, and the routes of data/editorial/routes (id → name)."""

    catalog: Catalog
    routes: Mapping[str, str] = field(default_factory=dict)

    def options(self, name: str) -> Mapping[str, str]:
        """What a list of that name holds: what is kept → what the drop-down shows."""
        if name in CHOICES:
            return CHOICES[name]
        if name == "routes":
            return {NEW_ROUTE: "new: not on the map", **{key: f"{key} {text}" for key, text in self.routes.items()}}
        if name == "caveats":
            return {key: caveat.title for key, caveat in self.catalog.caveats.items()}
        if name == "forms":
            return dict(self.catalog.forms)
        return {key: entry.name for key, entry in getattr(self.catalog, name).items()}


def period_name(start: date, end: date) -> str:
    """The short name of a period: a year, years, months or days; only for whole years and months the short forms."""
    if (start.month, start.day) == (1, 1) and (end.month, end.day) == (12, 31):
        return str(start.year) if start.year == end.year else f"{start.year}_{end.year}"
    if start.day == 1 and (end + timedelta(days=1)).day == 1:
        return f"{start:%Y-%m}_{end:%Y-%m}"
    return f"{start.isoformat()}_{end.isoformat()}"


def period_of(text: str) -> tuple[date, date]:
    """First and last day of "2025", "2019_2025", "2025-03", "2025-01_2025-06" (".." is read too). Raises ValueError."""
    first, _, last = text.strip().replace("..", "_").partition("_")
    start, end = span(first)[0], span(last or first)[1]
    if start > end:
        raise ValueError(text)
    return start, end


def shown(number: float | None) -> str:
    """A number for a message: separators, and decimals only where it has any."""
    if number is None:
        return "nothing"
    return f"{number:,.0f}" if float(number).is_integer() else f"{number:,}"
