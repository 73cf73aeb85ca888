"""The words that every form of a report shares: counts, the verdict, faults in the order in which people mend them."""

from __future__ import annotations

from collections.abc import Sequence

from corridors.problems import ERROR, Problem
from etl.submissions.report.outcome import Report
from etl.submissions.sheets import place


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


def rows_told(report: Report) -> str:
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
