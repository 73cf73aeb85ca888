"""One file of the routes or the actions under examination: a table, and the problems found in it so far."""

import re
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import pandas as pd

from corridors.catalog import people
from corridors.catalog.calendars import bounds
from corridors.problems import Problem, SourceRefused, Wording
from etl.reading import read_table

UNREAD = ("address", "via", "value", "lower", "upper", "lat", "lon")  # links of the catalog and numbers, checked as such
LONGEST = 60  # characters of a cell that a message repeats
SHOWN = 20  # so many allowed words are named in a message; longer lists are only pointed to


RULES = Wording(Path(__file__).with_name("editorial.toml"))


class Table:
    """A CSV as text with `_row`. Each check notes what it finds and goes on, so that all faults are known at once."""

    def __init__(self, file: str, frame: pd.DataFrame):
        self.file = file
        self.frame = frame.reset_index(drop=True)
        self.problems: list[Problem] = []

    def add(self, i: int, column: str, found: str, expected: str, how_to_fix: str) -> None:
        """Notes one fault of the row with index `i`."""
        row = int(self.frame.at[i, "_row"])
        self.problems.append(Problem(self.file, found, expected, how_to_fix, column=column, row=row))

    def fault(self, rows: object, column: str, rule: str, **words) -> None:
        """Notes what editorial.toml says of one row (its index), or of every row where a Series is true."""
        for i in self.frame.index[rows] if isinstance(rows, pd.Series) else [rows]:
            row = int(self.frame.at[i, "_row"])
            self.problems.append(RULES.problem(rule, self.file, column=column, row=row, **words))

    def sorted_problems(self) -> list[Problem]:
        """The faults in the order in which a person goes through the file."""
        return sorted(self.problems, key=lambda p: p.row or 0)

    def filled(self, columns: list[str], how_to_fix: str = "") -> None:
        """Every cell of these columns holds something."""
        for column in columns:
            self.fault(self.frame[column] == "", column, "empty-cell", how_to_fix=how_to_fix)

    def unique(self, columns: list[str], how_to_fix: str = "Give each row its own.") -> None:
        """No two rows with all of these cells filled agree in them; the message names the row that came first."""
        whole = self.frame[columns].notna().all(axis=1) & (self.frame[columns] != "").all(axis=1)
        first = self.frame[whole].groupby(columns)["_row"].transform("min")
        for i in first.index[first != self.frame.loc[first.index, "_row"]]:
            shown = people.shown(", ".join(_plain(self.frame.at[i, c]) for c in columns), LONGEST)
            self.add(i, columns[-1], f"{shown}, which row {first[i]} has too", "no two rows alike", how_to_fix)

    def pattern(self, column: str, form: str, expected: str) -> None:
        """Every filled cell has this form."""
        for i, text in self.frame[column].items():
            if text and not re.fullmatch(form, text):
                self.add(i, column, people.shown(text, LONGEST), expected, "Rename it, here and wherever it is used.")

    def one_of(self, column: str, allowed: Collection[str], how_to_fix: str = "", show: str = "") -> None:
        """Every cell is one of the allowed words, exactly."""
        expected = show or _listed(allowed)
        for i, text in self.frame[column].items():
            if text not in allowed:
                found = people.shown(text, LONGEST) if text else "an empty cell"
                self.add(i, column, found, expected, how_to_fix or "Use one of these words.")

    def items(self, column: str, allowed: Collection[str], how_to_fix: str = "Put “|” between the items.") -> None:
        """Every item of a list with "|" is allowed; an empty cell is an empty list."""
        for i, text in self.frame[column].items():
            for item in text.split("|") if text else []:
                if item not in allowed:
                    self.add(i, column, people.shown(item, LONGEST), _listed(allowed), how_to_fix)

    def no_persons(self) -> None:
        """No cell of the table may tell who somebody is: files of routes and actions are published. What else was found in such
        a cell is not said, for it might repeat the cell's words.
        """
        for column in self.frame.columns.drop(["_row", *UNREAD], errors="ignore"):
            for text, row in zip(self.frame[column], self.frame["_row"]):
                if isinstance(text, str) and text:
                    found = people.problems(text.replace("|", "; "), self.file, column=column, row=int(row))
                    kept = self.problems if not found else [p for p in self.problems if (p.row, p.column) != (row, column)]
                    self.problems = [*kept, *found]

    def numbers(self, column: str, low: float, high: float, whole: bool = False, how_to_fix: str = "") -> None:
        """Every filled cell is a plain number within the limits; the column becomes floats, NaN where there is none."""
        text = self.frame[column]
        number = pd.to_numeric(text.where(text != ""), errors="coerce").astype(float)
        bad = (text != "") & ~number.between(low, high) | ((number % 1 != 0) & number.notna() & whole)
        kind = "a whole number" if whole else "a plain number"
        for i in text.index[bad]:
            self.add(
                i,
                column,
                people.shown(text[i], LONGEST),
                f"{kind} from {low:,.15g} to {high:,.15g}",
                how_to_fix or "Write digits with a point, no thousands separator and no words.",
            )
        self.frame[column] = number.where(~bad)

    def dates(self, column: str) -> None:
        """Every filled cell is a day written as 2025-01-31."""
        for i, text in self.frame[column].items():
            if text and not is_day(text):
                how_to_fix = "Write year, month, day, and check the calendar."
                self.add(i, column, people.shown(text, LONGEST), "a day such as 2025-01-31", how_to_fix)


def is_day(text: str) -> bool:
    """Whether this is a day of the calendar, written as 2025-01-31."""
    return len(text) == 10 and bounds(text) is not None


def _listed(allowed: Collection[str]) -> str:
    words = [word for word in allowed if word]
    empty = " or nothing" if "" in allowed else ""
    return (", ".join(words) if len(words) <= SHOWN else f"one of the {len(words)} known codes") + empty


def _plain(value) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def open_table(path: Path, columns: list[str], folder: str, problems: list[Problem]) -> Table | None:
    """The CSV of data/editorial/`folder` as a Table of text with `_row`, or None with the reason in `problems`."""
    how_to_fix = f"Save it as CSV in UTF-8 with commas and the columns that data/editorial/{folder}/README.md lists."
    if not path.is_file():
        problems.append(
            Problem(path.name, "no such file", f"a file in the folder data/editorial/{folder}", "Put the file back.")
        )
        return None
    try:
        frame = read_table(path, columns, folder)
    except SourceRefused as refusal:
        problems += [replace(p, how_to_fix=how_to_fix) if isinstance(p, Problem) else p for p in refusal.problems]
        return None
    lines = path.read_text(encoding="utf-8").splitlines()
    blank = [number for number, line in enumerate(lines, 1) if not line.strip(' ,"')]
    problems += [Problem(path.name, "an empty line", "a row in every line", "Delete the line.", row=n) for n in blank]
    if blank:
        return None  # the row numbers of every other message would be wrong
    if len(lines) != len(frame) + 1 or not isinstance(frame.index, pd.RangeIndex):
        problems.append(
            Problem(
                path.name,
                "a line break inside a cell, or a row with more cells than the header",
                "one line for each row and a cell for each column",
                "Put texts that contain a comma in quotation marks, and keep each row on one line.",
            )
        )
        return None
    text = frame[columns].apply(lambda column: column.str.strip())
    return Table(path.name, text.assign(_row=frame["_row"]))
