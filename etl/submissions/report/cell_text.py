"""What numbers and dates in cells have in common: words for nothing, broken formulas, digits of any script."""

from __future__ import annotations

import re
import unicodedata

from corridors.problems import ERROR, Problem
from etl.submissions.printable import tidy, visible
from etl.submissions.sheets import FAILED, Cell, Sheet

REPORTED, NOT_REPORTED, UNREADABLE = "reported", "not_reported", "unreadable"
NOTHING_SAID = {
    "n/a",
    "na",
    "n.a.",
    "n.a",
    "n/k",
    "nk",
    "not available",
    "not applicable",
    "not reported",
    "no data",
    "unknown",
    "..",
    "...",
    "…",
    "?",
    "tbc",
    "pending",
}
DASHES = {"-", "–", "—", "--", "−"}
_MARK = re.compile(r"(?<=\d)\s*([*†‡⁰¹²³⁴⁵⁶⁷⁸⁹]+|\[\w{1,2}\]|\([a-z]\))$", re.I)


class Teller:
    """Puts the cell's place to what is said about it."""

    def __init__(self, cell: Cell, sheet: Sheet | None, column: str):
        self.cell, self.sheet, self.column = cell, sheet or Sheet("", ""), column

    def __call__(self, level: str, found: str, expected: str, how_to_fix: str, code: str) -> Problem:
        return self.sheet.fault(level, self.cell, found, expected, how_to_fix, code, self.column)


def broken(cell: Cell, tell: Teller, expected: str) -> Problem | None:
    """The fault of a cell that holds an error or a formula without a saved result; None for any other."""
    if cell.kind == FAILED:
        how_to_fix = (
            "Mend the formula it comes from, or write the value itself." if cell.formula else "Write the value itself."
        )
        return tell(ERROR, f"the error {visible(cell.text, 40)}", expected, how_to_fix, "error-value")
    if cell.uncomputed:
        return tell(
            ERROR,
            f"a formula whose result was not saved (“{visible(cell.formula, 60)}”)",
            expected,
            "Open the workbook in Excel or LibreOffice, save it, and send that; or write the value itself.",
            "formula-not-computed",
        )
    return None


def plain_text(said: str) -> tuple[str, str]:
    """Text with ordinary digits and spaces, and the footnote mark that was taken off (a raised 1 is no digit)."""
    mark = _MARK.search(said)
    text = said[: mark.start()] if mark else said
    text = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)
    text = text.translate({0x066B: ".", 0x066C: ",", 0xFF0C: ",", 0x2212: "-", 0x2019: "'", 0x02BC: "'"})
    return tidy(text), mark[1] if mark else ""
