"""What can be wrong with a file that comes in, said so that the reader can mend it.

Every refusal of the ETL is one of these. They print without a traceback and end the command with exit status 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One fault of one file: where it stands, what was found, what was expected, and the cure."""

    file: str
    found: str
    expected: str
    cure: str
    sheet: str = ""
    column: str = ""
    row: int | None = None  # as a person counts rows in the file, from 1

    def __str__(self) -> str:
        where = [self.file]
        if self.sheet:
            where.append(f"sheet “{self.sheet}”")
        if self.column:
            where.append(f"column “{self.column}”")
        if self.row is not None:
            where.append(f"row {self.row}")
        return f"{', '.join(where)}: found {self.found}; expected {self.expected}. {self.cure}"


class Refused(Exception):
    """Something that came in cannot be used. `problems` holds every fault found; nothing was written."""

    heading = "Nothing was changed. These must be mended first:"

    def __init__(self, problems: Problem | str | Iterable[Problem | str]):
        self.problems = [problems] if isinstance(problems, (Problem, str)) else list(problems)
        super().__init__(self.heading + "\n" + "\n".join(f"· {p}" for p in self.problems))


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
