"""A member's figures as an XLSX: one sheet a theme, one with all caveats in words, one that says what this is.

Every text is written as a text, whatever it begins with, so nothing in the file can run as a formula or lead to another host;
numbers stay numbers. A masked figure has its bounds and an empty cell for the value.
"""

import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pandas as pd
import xlsxwriter

from corridors import catalog
from corridors.catalog import WORLD, words
from corridors.catalog.tlp import strictest
from corridors.catalog.uses import ANSWERS
from corridors.export.faults import NothingHeld
from corridors.store import labels
from corridors.store.queries import figures, members

# No cell turns into a formula, a link or a number by how its text looks.
OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
}
LONGEST = 32_767  # characters that a cell can hold
# What no XML may hold; such a character in a publisher's text would make the file unreadable.
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
HEAD = 4  # rows above the table: label, title, edition, how to read it
EMPTY = "An empty value with bounds is masked or a range; it is not zero. A row that is not here was not published."


def xlsx(edition_id: str, iso3: str, themes: Sequence[str] = ()) -> bytes:
    """The workbook of one member, all themes or the given ones; themes without a figure are named on the sheet About.

    Raises UnknownEdition; NothingHeld when no theme has a figure.
    """
    own_id = labels.plain(edition_id)
    vocabulary = catalog.load()
    wanted = list(themes) or list(vocabulary.themes)
    tables = {theme: members.everything(edition_id, iso3, theme) for theme in wanted}
    held = {theme: rows for theme, rows in tables.items() if len(rows)}
    if not held:
        names = words.listing([f"“{vocabulary.themes[t].title}”" for t in wanted])
        raise NothingHeld(
            f"Edition {own_id} holds no figure of {vocabulary.members[iso3].name} on {names}. That is not zero. Choose another theme."
        )
    tlp = strictest(label for rows in held.values() for label in rows.tlp.unique())
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, OPTIONS)
    dated = pd.Timestamp(figures.edition(edition_id)["dated"])
    book.set_properties(
        {
            "title": f"Corridors: {vocabulary.members[iso3].name}",
            "comments": f"TLP:{tlp} · edition {own_id}",
            "created": dated.to_pydatetime(),
        }
    )
    sheets = Sheets(book, f"TLP:{tlp}", f"Corridors, edition {own_id} of {words.day(dated)}")
    empty = [vocabulary.themes[t].title for t in wanted if t not in held]
    _about(sheets, edition_id, vocabulary.members[iso3], held, empty)
    for theme, rows in held.items():
        title = vocabulary.themes[theme].title
        sheets.table(
            vocabulary.themes[theme].tab,
            f"{vocabulary.members[iso3].name}: {title}",
            [(c.name, c.width) for c in COLUMNS],
            lines(rows),
        )
    codes = {code for rows in held.values() for codes in rows.caveats for code in codes}
    caveats = sorted((vocabulary.caveats[c] for c in codes if c in vocabulary.caveats), key=lambda c: (-c.severity, c.id))
    sheets.table(
        "Caveats",
        "What the figures cannot say, most serious first",
        [
            ("code", 8),
            ("title", 28),
            ("gravity (3 = changes the meaning)", 14),
            ("what it says", 100),
            ("what would remove it", 80),
        ],
        ([c.id, c.title, c.severity, c.text, c.remedy] for c in caveats),
    )
    book.close()
    return buffer.getvalue()


class Sheets:
    """The sheets of a workbook, each with the label at its top and foot, and in the header and footer of its print."""

    def __init__(self, book: xlsxwriter.Workbook, label: str, edition: str):
        self.book, self.label, self.edition = book, label, edition
        self.bold = book.add_format({"bold": True})
        self.head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})

    def table(self, name: str, title: str, columns: Sequence[tuple[str, int]], rows) -> None:
        """A sheet with a table of (heading, width) columns; cells are text, numbers or None."""
        sheet = self.begin(name, title)
        for n, (heading, width) in enumerate(columns):
            sheet.set_column(n, n, width)
            write(sheet, HEAD, n, heading, self.head)
        at = HEAD
        for at, row in enumerate(rows, HEAD + 1):
            for n, cell in enumerate(row):
                write(sheet, at, n, cell)
        sheet.freeze_panes(HEAD + 1, 1)
        sheet.autofilter(HEAD, 0, max(at, HEAD + 1), len(columns) - 1)
        write(sheet, at + 2, 0, self.label, self.bold)

    def begin(self, name: str, title: str):
        """A new sheet with its first lines."""
        sheet = self.book.add_worksheet(name)
        for n, line in enumerate((self.label, title, self.edition, EMPTY)):
            write(sheet, n, 0, line, self.bold if n < 2 else None)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.set_header(f"&R&12{self.label}")
        sheet.set_footer(f"&L{self.edition}&Cpage &P of &N&R&12{self.label}")
        return sheet


def write(sheet, row: int, column: int, cell, style=None) -> None:
    """One cell: a number as a number, a text as a text, nothing for None."""
    if cell is None:
        return
    if isinstance(cell, (int, float)):
        sheet.write_number(row, column, cell, style)
    else:
        sheet.write_string(row, column, NOT_XML.sub(" ", str(cell))[:LONGEST], style)


def _about(sheets: Sheets, edition_id: str, member, held: dict[str, pd.DataFrame], empty: list[str]) -> None:
    """What this file is: member, themes, edition, label, how to read it, and every source with its licence."""
    sheet = sheets.begin("About", f"Figures of {member.name} from public sources")
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 5, 40)
    vocabulary = catalog.load()
    notes = [
        ("Member", f"{member.name} ({member.iso3})"),
        ("Themes", "; ".join(f"{vocabulary.themes[t].title}: {len(rows):,} figures" for t, rows in held.items())),
        ("Themes without a figure", "; ".join(empty) or "none"),
        ("Filters", "all years, both ends of a corridor, all breakdowns; nothing is left out"),
        ("Edition", sheets.edition),
        ("Label", f"{sheets.label} (Traffic Light Protocol 2.0)"),
        ("Value, lower, upper", EMPTY),
        ("Told", "the figure as it stands on a card: a value, a range, or ≈ where the range is under one per cent wide"),
        ("Status", "; ".join(f"{s.label}: {s.meaning}" for s in vocabulary.statuses.values())),
        ("Grade", "; ".join(f"{k}: {v.split(': ')[-1]}" for k, v in words.GRADE.items())),
        (
            "Scores",
            "0 to 3 each, empty where unknown: coverage (years answered of the last ten), method, source, agreement; age is a date",
        ),
        ("Detected victims", "what authorities found; not how many there are"),
        ("Places", "Names and groupings imply no opinion on the status of any territory or boundary."),
    ]
    row = HEAD + 1
    for row, (name, said) in enumerate(notes, HEAD + 1):
        write(sheet, row, 0, name, sheets.bold)
        write(sheet, row, 1, said)
    used = {s for rows in held.values() for s in rows.source_id.unique()}
    row += 2
    for n, heading in enumerate(("Source", "Publisher", "Release", "Licence", "Attribution", "Address")):
        write(sheet, row, n, heading, sheets.head)
    for s in members.licences(edition_id).itertuples():
        if s.source_id in used:
            row += 1
            for n, cell in enumerate((s.title, s.publisher, s.edition, s.licence, s.attribution, s.address)):
                write(sheet, row, n, cell)
    write(sheet, row + 2, 0, sheets.label, sheets.bold)


@dataclass(frozen=True)
class Column:
    """One column: its heading, its width in characters, and how it is read from a row of `figure_annotated`: a column of that, or
    something else. `older`: editions of earlier versions may have none, and it is then empty."""

    name: str
    width: int
    read: str | Callable = ""
    older: bool = False

    def cell(self, row):
        """What stands in the column for a row: text, a number, or None."""
        if callable(self.read):
            return _plain(self.read(row))
        return _plain(getattr(row, self.read or self.name, *([None] if self.older else [])))


COLUMNS = (
    Column("indicator", 40),
    Column("place", 26, lambda r: "All places" if r.iso3 == WORLD else r.place),
    Column("place_code", 10, "iso3"),
    Column("other_end", 26, "partner"),
    Column("other_end_code", 14, "partner_iso3"),
    Column("period", 24, lambda r: words.period(r.period_start, r.period_end, r.stock_or_flow)),
    Column("year", 7),
    Column("sex", 10),
    Column("age", 10),
    Column("form", 20),
    Column("told", 16, words.figure),
    Column("value", 14, lambda r: None if r.status == "masked" else r.value),
    Column("lower", 12),
    Column("upper", 12),
    Column("counted_unit", 16, "unit_many"),
    Column("status", 16, lambda r: catalog.load().statuses[r.status].label),
    Column("publisher", 22),
    Column("source", 40, lambda r: f"{r.source_title}, {r.source_edition}"),
    Column("source_reference", 30, "source_ref"),
    Column("publishers_wording", 30, "provider_label"),
    *(Column(f"use_{use}", 12, older=True) for use in ANSWERS),
    Column("grade", 7),
    Column("grade_reason", 36),
    *(Column(f"score_{name}", 12, f"{name}_score", older=True) for name in ("coverage", "method", "source", "agreement")),
    Column("caveats", 24, lambda r: " ".join(r.caveats)),
    Column("licence", 24, older=True),
    Column("tlp", 12),
)


def lines(rows: pd.DataFrame) -> Iterator[list]:
    """The rows of `figure_annotated` as lists of cells in the order of COLUMNS: text, a number, or None for an empty cell."""
    for row in rows.itertuples():
        yield [column.cell(row) for column in COLUMNS]


def _plain(cell):
    """The cell as text, a finite number or None."""
    if words.missing(cell) or cell is pd.NaT:
        return None
    if isinstance(cell, str):
        return cell
    number = float(cell)
    return int(number) if number.is_integer() else number
