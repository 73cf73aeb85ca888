"""What can be wrong with something that comes in, said so that the reader can fix it: one kind of problem for the project.

Every reader, rule and check names problems of this one kind. A refusal holds all of them; it prints without a traceback
and ends the command with exit status 1.
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

ERROR, WARNING = "error", "warning"
_LETTERS = re.compile("[A-Z]{1,3}")


@dataclass(frozen=True)
class Problem:
    """One problem of one file: where it stands, what was found, what was expected, and how to fix it.

    An error keeps the file out; a warning is something a person should look at.
    """

    file: str
    found: str
    expected: str
    how_to_fix: str
    sheet: str = ""
    column: str = ""  # its title; in a workbook that people filled in, its letter
    row: int | None = None  # as a person counts rows in the file, from 1
    level: str = ERROR
    code: str = ""  # a short stable name of the rule, such as "total-below-parts"

    @property
    def cell(self) -> str:
        """The place within the sheet: "C7", or "row 7, column citizenship" where columns go by their titles."""
        if self.sheet and self.row and _LETTERS.fullmatch(self.column):
            return f"{self.column}{self.row}"
        row = f"row {self.row}" if self.row else ""
        return ", ".join(part for part in (row, self.column and f"column {self.column}") if part)

    def __str__(self) -> str:
        where = [self.file]
        if self.sheet:
            where.append(f"sheet “{self.sheet}”")
        if self.sheet and self.row and _LETTERS.fullmatch(self.column):
            where.append(self.cell)
        else:
            where += [f"column “{self.column}”"] if self.column else []
            where += [f"row {self.row}"] if self.row is not None else []
        return f"{', '.join(where)}: found {self.found}; expected {self.expected}. {self.how_to_fix}"


class Wording:
    """What is said of each kind of problem, in a table beside the code that finds it: found, expected, how to fix it, level.

    {name} in a text stands for a word that the finder gives; a text that it gives whole stands in place of the table's.
    """

    def __init__(self, path: Path, part: str = ""):
        whole = tomllib.loads(path.read_text(encoding="utf-8"))
        self.table: dict[str, dict[str, str]] = whole[part] if part else whole

    def problem(self, key: str, file: str, sheet: str = "", column: str = "", row: int | None = None, **words) -> Problem:
        """The problem that the table has under this key; its code, unless the table gives another."""
        entry = self.table[key]
        texts = (
            words[p] if p not in entry or words.get(p) else entry[p].format(**words)
            for p in ("found", "expected", "how_to_fix")
        )
        level = words.get("level") or entry.get("level", ERROR)
        return Problem(file, *texts, sheet, column, row, level, entry.get("code", key))


class Refused(Exception):
    """Something that came in cannot be used. `problems` holds every one found; nothing was written."""

    heading = "Nothing was changed. These must be fixed first:"

    def __init__(self, problems: Problem | str | Iterable[Problem | str]):
        self.problems = [problems] if isinstance(problems, (Problem, str)) else list(problems)
        super().__init__(self.heading + "\n" + "\n".join(f"· {p}" for p in self.problems))

    @classmethod
    def of(cls, *words: str, **where) -> Self:
        """The refusal for one Problem, which is given in its words: file, found, expected, how to fix it; and where it stands."""
        return cls(Problem(*words, **where))


class SourceRefused(Refused):
    """A publisher's file is missing, of another format, or says what it must not say."""


class RowsLost(Refused):
    """Cells read do not equal figures + rejected + out of scope: the reader dropped something silently."""


class CheckFailed(Refused):
    """A check of the draft found offenders; the draft was thrown away and the published edition stands."""

    heading = "Nothing was published. These checks failed:"


class NoNetwork(Refused):
    """The publisher could not be reached."""

    heading = "The publisher could not be reached; the files on disk are unchanged:"


def shortened(offenders: list, limit: int = 12) -> list:
    """The first `limit` offenders and a line that counts the rest, so that a message stays readable."""
    if len(offenders) <= limit:
        return offenders
    return [*offenders[:limit], f"… and {len(offenders) - limit} more of the same kind"]
