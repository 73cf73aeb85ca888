"""What was in a workbook or a folder of CSV files: sheets of cells, each with its address, and text that is safe to show.

Nothing is judged here. `etl.submissions.guard.open_tables` makes them, and `etl.submissions.values` makes numbers and dates out of cells.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from corridors.problems import Problem

TEXT, NUMBER, DATE, BOOL, FAILED, EMPTY = "text", "number", "date", "bool", "error", "empty"
_ADDRESS = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})")


def letters(column: int) -> str:
    """The name of a column counted from 1: A, B, … Z, AA."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def address(row: int, column: int) -> str:
    """A cell's place as a spreadsheet names it: row 7, column 3 is "C7"."""
    return f"{letters(column)}{row}"


def place(text: str) -> tuple[int, int] | None:
    """Row and column, each from 1, of an address such as "C7"; None for text that is none."""
    found = _ADDRESS.fullmatch(text.strip())
    if not found:
        return None
    return int(found[2]), _column(found[1])


@lru_cache(maxsize=1024)
def _column(name: str) -> int:
    number = 0
    for letter in name.upper():
        number = number * 26 + ord(letter) - 64
    return number


class Cell(NamedTuple):
    """One cell. `value` is str, int, float, date, datetime, bool or None by `kind`; of an error its name, "#REF!"."""

    row: int  # from 1, as a person counts
    column: int  # from 1; A is 1
    kind: str = EMPTY  # TEXT, NUMBER, DATE, BOOL, FAILED, EMPTY
    value: object = None
    format: str = ""  # the number format's code; in ODS and CSV empty
    formula: str = ""  # the formula whose saved result `value` is
    shown: str = ""  # what ODS says that the cell showed; empty elsewhere

    @property
    def address(self) -> str:
        """Its place as a spreadsheet names it, "C7"."""
        return address(self.row, self.column)

    @property
    def uncomputed(self) -> bool:
        """Whether it is a formula whose result was never saved."""
        return self.kind == EMPTY and bool(self.formula)

    @property
    def blank(self) -> bool:
        """Whether nothing stands in it: no value, no formula, at most spaces."""
        return (self.kind == EMPTY and not self.formula) or (self.kind == TEXT and not tidy(self.value))

    @property
    def text(self) -> str:
        """What it says, as tidy text; whole numbers without “.0”, dates as 2025-12-31, an empty cell as ""."""
        if self.value is None:
            return ""
        if self.kind == BOOL:
            return "TRUE" if self.value else "FALSE"
        if isinstance(self.value, float) and self.value.is_integer() and abs(self.value) < 1e15:
            return str(int(self.value))
        if isinstance(self.value, datetime):
            return self.value.isoformat(sep=" ", timespec="minutes")
        return self.value.isoformat() if isinstance(self.value, date) else tidy(str(self.value))


@dataclass(frozen=True)
class Sheet:
    """One sheet, or one CSV file: `rows[7][3]` is the cell C7; what is empty is not kept; `cell(7, 3)` answers."""

    name: str
    file: str
    rows: dict[int, dict[int, Cell]] = field(repr=False, default_factory=dict)
    hidden: bool = False
    plain: bool = False  # a text file: places are told as “row 7, column citizenship”
    hidden_rows: frozenset[int] = field(repr=False, default=frozenset())  # those that hold something
    hidden_columns: frozenset[int] = field(repr=False, default=frozenset())

    def cell(self, row: int, column: int) -> Cell:
        """The cell at a place; an empty one where nothing stands."""
        return self.rows.get(row, {}).get(column) or Cell(row, column)

    def at(self, where: str) -> Cell:
        """The cell at an address such as "C7". Raises ValueError for text that is no address."""
        found = place(where)
        if not found:
            raise ValueError(f"“{where}” is not the address of a cell; write it as C7.")
        return self.cell(*found)

    def cells(self) -> Iterator[Cell]:
        """Every cell in which something stands, row by row."""
        for number in sorted(self.rows):
            line = self.rows[number]
            yield from (line[column] for column in sorted(line))

    @property
    def height(self) -> int:
        """The last row in which something stands, from 1; 0 for an empty sheet."""
        return max((n for n, line in self.rows.items() if line), default=0)

    @property
    def width(self) -> int:
        """The last column in which something stands, from 1; 0 for an empty sheet."""
        return max((max(line) for line in self.rows.values() if line), default=0)


@dataclass(frozen=True)
class Tables:
    """Everything that was in one file or folder, sheets in order, and what the reader should know about the opening."""

    path: Path
    form: str  # "xlsx", "ods", "csv", "folder"
    sheets: tuple[Sheet, ...]
    faults: tuple[Problem, ...] = ()  # warnings of the opening: a guessed encoding, a wrong ending, hidden sheets

    @property
    def names(self) -> list[str]:
        """The sheets' names in order."""
        return [sheet.name for sheet in self.sheets]

    def sheet(self, name: str) -> Sheet | None:
        """The sheet of that name (case, spaces and underscores do not count); None where there is none."""
        return next((s for s in self.sheets if key(s.name) == key(name)), None)


# Text out of strangers' files, made safe to show and fit to compare

_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹ᵃᵇᶜᵈᵉ"
_JOINERS = "\u200c\u200d"  # Sinhala, Burmese, Persian and others are written with them
_HIDDEN = ("Cc", "Cf", "Cs", "Co")  # control, format (direction of writing), halves of characters, private
_UNSEEN = dict.fromkeys(map(ord, "\u200b\u2060\ufeff\u00ad"))
_MARKS = re.compile(rf"(\s*[*†‡:{_SUPERSCRIPTS}]|\s*\[\w{{1,2}}\])+$")


def printable(text: object, limit: int = 200) -> str:
    """`text` on one line with nothing in it that a terminal, a browser or a reader's eye could be tricked by.

    Control characters, marks that turn the direction of writing, and halves of characters are written as ⟨U+001B⟩; what
    is longer than `limit` characters is cut and says so.
    """
    text = str(text)
    cut = f"… ({len(text):,} characters)" if len(text) > limit else ""
    shown = [
        " "
        if c in "\n\r\t\u00a0\u2028\u2029"
        else c
        if c in _JOINERS or unicodedata.category(c) not in _HIDDEN
        else f"⟨U+{ord(c):04X}⟩"
        for c in text[:limit]
    ]
    return "".join(shown).strip() + cut


def tidy(text: str) -> str:
    """`text` without the spaces that nobody sees: ends trimmed, non-breaking and repeated ones become one space."""
    return " ".join((text if text.isascii() else text.translate(_UNSEEN)).split())


def key(text: str) -> str:
    """`text` as it is compared: case, accents of width, underscores, dashes, breaks and footnote marks do not count."""
    plain = _MARKS.sub("", tidy(re.sub(f"[{_JOINERS}\u200e\u200f]", "", text)))
    return re.sub(r"[\s_\-–—/]+", " ", unicodedata.normalize("NFKC", plain).casefold()).strip()


def repaired(text: str) -> str:
    """UTF-8 that somebody read as Windows-1252 or Latin-1, even twice, read again: “TÃ¼rkiye” is “Türkiye”. Else as it is."""
    for encoding in ("cp1252", "latin-1") if not text.isascii() else ():
        try:
            return repaired(text.encode(encoding).decode("utf-8"))
        except UnicodeError:
            continue
    return text
