"""What a check of an incoming file says: every fault with its cell, what was found, what was expected and how to fix it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from corridors.problems import ERROR, Problem
from etl.submissions.sheets import place

Progress = Callable[[str, int, int | None], None]  # what is being done, done so far, of how many (None = not known)


def silent(text: str, done: int, total: int | None) -> None:
    """A Progress that says nothing."""


@dataclass(frozen=True)
class Report:
    """What `check` found in one file. rows_in = accepted + rejected, always; `fine` means that `accept` would take it."""

    kind: str  # "briefing", "cases", "actions"
    path: Path
    title: str  # "Country briefing of Thailand, 2025"
    faults: tuple[Problem, ...] = ()
    rows_in: int = 0
    accepted: int = 0
    rejected: int = 0
    facts: tuple[str, ...] = field(default=())  # what the reader should know besides: "12 figures, 3 routes"
    member: str = ""  # of a briefing: the code of the member that its cover names

    @property
    def errors(self) -> list[Problem]:
        """The faults that keep the file out."""
        return [f for f in self.faults if f.level == ERROR]

    @property
    def fine(self) -> bool:
        """Whether `accept` would take the file."""
        return not self.errors


@dataclass(frozen=True)
class Accepted:
    """What `accept` or `withdraw` did: the key by which it can be withdrawn, and what changed, a line each."""

    key: str  # "briefing THA 2025 v2"
    report: Report | None
    changes: tuple[str, ...] = ()


class Kind(Protocol):
    """What a module must offer to take part in check, accept and withdraw."""

    NAME: str

    def recognises(self, path: Path) -> bool:
        """Whether this file or folder is of this kind; cheap, opens nothing large, raises nothing."""

    def check(self, path: Path, data: Path, progress: Progress = silent) -> Report:
        """The report of a file; writes nothing. Raises Refused for what cannot be opened at all."""

    def accept(self, path: Path, data: Path, progress: Progress = silent) -> Accepted:
        """Checks again and stores. Raises Refused (nothing was written) where the report has errors."""

    def withdraw(self, key: str, data: Path) -> Accepted:
        """Undoes an acceptance: the version before stands again. Raises Refused for an unknown key."""


def counted(number: int, one: str, many: str = "") -> str:
    """The number with its noun: "1 error", "2 errors"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def verdict(report: Report) -> str:
    """One sentence: what was found and whether the file would be taken."""
    errors, warnings = len(report.errors), len(report.faults) - len(report.errors)
    found = f"{counted(errors, 'error')}, {counted(warnings, 'warning')}"
    return f"{found}. " + (
        "It would be accepted." if report.fine else "It would not be accepted until the errors are fixed."
    )


def rows_text(report: Report) -> str:
    """What became of the rows, in one line; empty where none were counted."""
    if not report.rows_in:
        return ""
    return f"{counted(report.rows_in, 'row')} in, {report.accepted:,} accepted, {report.rejected:,} rejected."


def grouped(faults: Sequence[Problem]) -> dict[tuple[str, str], list[Problem]]:
    """Faults by file and sheet, in the order in which these come; within one, errors first and then by place."""
    groups: dict[tuple[str, str], list[Problem]] = {}
    for fault in faults:
        groups.setdefault((fault.file, fault.sheet), []).append(fault)
    return {
        name: sorted(group, key=lambda f: (f.level != ERROR, f.row or 0, place(f.cell) or (0, 0), f.cell))
        for name, group in groups.items()
    }
