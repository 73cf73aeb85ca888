"""An overlap table as people hand it in: one 0/1 column per list, a column `count`, one line per pattern of lists.

Read from bytes or text without touching a disk, so that the command line and a page say the same of the same file.
"""

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass

import numpy as np

from corridors.problems import Problem

COUNT = "count"
SHORT = {
    "main": "Main effects",
    "stepwise": "Steps of AIC",
    "chance": "Steps of chance",
    "pairs": "BIC, pairs",
    "orders": "BIC, all orders",
}  # names of the models
SEED = 1
MOST_BYTES = 1024 * 1024
MOST_LISTS = (
    12  # the histories double with each list; what the models can take is less, and is refused with the reason there
)
MOST_CASES = 10**9
SHOWN = 40
# A name is repeated on screen and in tables: nothing that markdown or a spreadsheet acts upon, no separator of terms.
NAME = re.compile(r"[^\W_][\w '()&-]{0,39}")


def _problem(found: str, expected: str, how_to_fix: str, row: int | None = None, column: str = "") -> Problem:
    return Problem("the table", found, expected, how_to_fix, column=column, row=row)


class BadTable(ValueError):
    """The table cannot be read. `faults` holds everything found, in the order of the rows."""

    def __init__(self, faults: list[Problem]):
        self.faults = sorted(faults, key=lambda f: f.row or 0)
        super().__init__("\n".join(map(str, self.faults)))


@dataclass(frozen=True)
class OverlapTable:
    """Cases by pattern. `counts[h]` are the cases on exactly the lists whose bits are set in h (bit 0: `lists[0]`).

    `counts` has 2**len(lists) entries, whole numbers; entry 0 is 0: nobody can be counted who is on no list. `listed`
    is the number of patterns that the table named; all others are zeros and stand in `counts` as zeros.
    """

    lists: tuple[str, ...]
    counts: np.ndarray
    listed: int

    @property
    def observed(self) -> int:
        """Cases on at least one list."""
        return int(self.counts.sum())

    @property
    def filled(self) -> int:
        """Patterns that the table did not name and that count as zero."""
        return len(self.counts) - 1 - self.listed

    def together(self, *lists: str) -> int:
        """Cases that are on all of these lists, whatever other lists they are on."""
        wanted = sum(1 << self.lists.index(name) for name in lists)
        return int(self.counts[(np.arange(len(self.counts)) & wanted) == wanted].sum())


def read(data: bytes | str) -> OverlapTable:
    """The table in a CSV (UTF-8; commas, semicolons or tabs). Raises BadTable with every fault found."""
    rows = _rows(_text(data))
    if not rows:
        raise BadTable(
            [
                _problem(
                    "nothing",
                    "a header and one line per pattern",
                    "Hand in a table with a 0/1 column per list and a count.",
                )
            ]
        )
    head_row, header = rows[0]
    names = [name.strip() for name in header]
    faults = _header_faults(names, head_row)
    folded = [name.casefold() for name in names]
    if folded.count(COUNT) != 1 or len(names) - 1 > MOST_LISTS:
        raise BadTable(faults)  # without them no row can be judged
    at = folded.index(COUNT)
    lists = tuple(name for i, name in enumerate(names) if i != at)
    counts, seen = np.zeros(2 ** len(lists)), {}
    for number, cells in rows[1:]:
        found = _row_faults(names, at, cells, number)
        pattern = "".join(cell.strip() for i, cell in enumerate(cells) if i != at)
        if len(cells) == len(names) and re.fullmatch(f"[01]{{{len(lists)}}}", pattern):
            history = sum(1 << i for i, digit in enumerate(pattern) if digit == "1")
            if history == 0:
                found.append(
                    _problem(
                        "a pattern of noughts alone",
                        "at least one list with 1",
                        "Delete the row: who is on no list is what the models look for.",
                        number,
                    )
                )
            elif history in seen:
                found.append(
                    _problem(
                        f"the pattern {pattern} again",
                        "each pattern once",
                        f"It stands in row {seen[history]} already: keep one row, with the right count.",
                        number,
                    )
                )
            seen.setdefault(history, number)
            counts[history] = 0 if found else int(cells[at])
        faults += found
    if len(rows) == 1:
        faults.append(
            _problem(
                "a header alone",
                "one line per pattern",
                "Add a row for each pattern of lists with its count.",
                head_row,
            )
        )
    if faults:
        raise BadTable(faults)
    return OverlapTable(lists, counts, len(seen))


def _text(data: bytes | str) -> str:
    size = len(data) if isinstance(data, bytes) else len(data.encode("utf-8", "replace"))
    if size > MOST_BYTES:
        raise BadTable(
            [
                _problem(
                    f"{size:,} bytes",
                    f"at most {MOST_BYTES:,}",
                    "An overlap table has one short line per pattern; send no case records.",
                )
            ]
        )
    if isinstance(data, str):
        return data.removeprefix("\ufeff")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        row = data[: fault.start].count(b"\n") + 1
        raise BadTable(
            [_problem("bytes that are not UTF-8 text", "a CSV in UTF-8", "Save the sheet as “CSV UTF-8”.", row)]
        ) from None
    if "\0" in text:
        row = text[: text.index("\0")].count("\n") + 1
        raise BadTable(
            [
                _problem(
                    "a NUL character",
                    "a CSV in UTF-8",
                    "Save the sheet as “CSV UTF-8”; a workbook cannot be read here.",
                    row,
                )
            ]
        )
    return text


def _rows(text: str) -> list[tuple[int, list[str]]]:
    """Number of its first line and cells of every row that is not empty."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(",;\t", key=first.count)  # spreadsheets of half the region save with semicolons
    reader, rows, start = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True), [], 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((start, cells))
            start = reader.line_num + 1
    except csv.Error as fault:
        raise BadTable(
            [
                _problem(
                    f"a line that is no CSV ({fault})",
                    "cells between separators",
                    "Look for a quotation mark that is not closed.",
                    start,
                )
            ]
        ) from None
    return rows


def _header_faults(names: list[str], row: int) -> list[Problem]:
    faults = []
    folded = Counter(name.casefold() for name in names)
    if not folded[COUNT]:
        faults.append(
            _problem(
                f"the columns {_quoted(', '.join(names))}",
                f"a column “{COUNT}”",
                f"Name the column with the number of cases “{COUNT}”.",
                row,
            )
        )
    for name in dict.fromkeys(name.casefold() for name in names):
        if name and folded[name] > 1:
            places = [str(i) for i, other in enumerate(names, 1) if other.casefold() == name]
            shown = next(other for other in names if other.casefold() == name)
            faults.append(
                _problem(
                    f"{_quoted(shown)} as the name of columns {' and '.join(places)}",
                    "each list named once",
                    "Rename one of them, or delete it if it is the same list.",
                    row,
                    shown[:SHOWN],
                )
            )
    for place, name in enumerate(names, 1):
        if not name:
            faults.append(
                _problem(
                    f"no name for column {place}",
                    "the name of a list",
                    "Name the list in the header, or delete the column.",
                    row,
                )
            )
        elif not NAME.fullmatch(name):
            faults.append(
                _problem(
                    f"{_quoted(name)} as the name of column {place}",
                    "letters, digits, spaces, ' - _ & ( ), at most 40, a letter or digit first",
                    "Give the list a short plain name.",
                    row,
                )
            )
    if len(names) - folded[COUNT] > MOST_LISTS:
        faults.append(
            _problem(
                f"{len(names) - folded[COUNT]} lists",
                f"at most {MOST_LISTS}",
                "Join lists of the same kind before counting overlaps.",
                row,
            )
        )
    if not len(names) - folded[COUNT]:
        faults.append(_problem("no list", "one 0/1 column per list", "Add a column per list.", row))
    return faults


def _row_faults(names: list[str], at: int, cells: list[str], row: int) -> list[Problem]:
    if len(cells) != len(names):
        return [
            _problem(
                f"{len(cells)} cells",
                f"{len(names)}: {len(names) - 1} lists and a count",
                "Every pattern must say 0 or 1 for every list; add or remove cells.",
                row,
            )
        ]
    faults = []
    for i, (name, cell) in enumerate(zip(names, cells)):
        text = cell.strip()
        if i == at:
            faults += _count_faults(name, text, row)
        elif not text:
            faults.append(
                _problem("nothing", "0 or 1", "Write 1 when the cases of this row are on the list, else 0.", row, name)
            )
        elif text not in ("0", "1"):
            faults.append(
                _problem(_quoted(text), "0 or 1", "Write 1 when the cases of this row are on the list, else 0.", row, name)
            )
    return faults


def _count_faults(name: str, text: str, row: int) -> list[Problem]:
    if re.fullmatch(r"[0-9]{1,10}", text) and int(text) <= MOST_CASES:
        return []
    expected = "a whole number of cases, 0 or more"
    if not text:
        how_to_fix, found = (
            "Write the number; a pattern that was looked for and not found is 0, and one that nobody looked for "
            "cannot be used.",
            "nothing",
        )
    else:
        found = _quoted(text)
        if re.fullmatch(r"[-\u2212]\s*[0-9.,]+", text):
            how_to_fix = "A count cannot be negative: look for the error where the table was made."
        elif text.startswith(("<", "\u2264")):
            how_to_fix = (
                "A masked count cannot be used: ask the holder of the lists for the number, or run the models there."
            )
        elif re.fullmatch(r"[0-9]+[.,][0-9]+", text):
            how_to_fix = "Cases are whole: write no decimals and no separators of thousands."
        elif re.fullmatch(r"[0-9]+", text):
            expected, how_to_fix = f"{expected}, at most {MOST_CASES:,}", "Look whether two numbers ran together."
        else:
            how_to_fix = "Write the number in digits alone, without spaces, separators or words."
    return [_problem(found, expected, how_to_fix, row, name)]


def _quoted(text: str) -> str:
    """What was found, shortened, without characters that would break a line or a terminal."""
    plain = "".join(c if c.isprintable() else "\ufffd" for c in text)
    return f"“{plain[:SHOWN]}{'…' if len(plain) > SHOWN else ''}”"
