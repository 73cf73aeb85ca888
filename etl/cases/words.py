"""What the SQL found, in words: a Problem for the person who mends the file, a reason for each row that is left out."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from corridors import catalog
from corridors.catalog import calendars
from corridors.problems import ERROR, WARNING, Problem
from corridors.store.cases import file
from corridors.store.cases.file import Finding, Staged
from etl.cases import format
from etl.cases.files import FILE, Opened

TOLERATED = 0.01  # share of rows that may be left out; with more, something is wrong with the file, and it stays out
SAID = tomllib.loads(Path(__file__).with_name("rules.toml").read_text(encoding="utf-8"))
IDS = {getattr(file, f"ID_{name.upper()}"): told for name, told in SAID["id"].items()}


@dataclass(frozen=True)
class Said:
    """A finding in words: what was found, what was expected, how to fix it; and whether it keeps the whole file out."""

    found: str
    expected: str
    how_to_fix: str
    keeps_out: bool = False  # it may tell who somebody is, or rows may have been lost in it


def wording(finding: Finding, latest: int) -> Said:
    """One finding in words; never with a record_id, and with a wrong value only where it can name nobody."""
    column = finding.column
    if finding.rule == "id":
        told = IDS[int(finding.value)]
    elif finding.rule == "line":
        told = {"expected": "one cell for each column"} | SAID["line"].get(finding.value, SAID["line"]["other"])
    else:
        told = SAID["row"].get(finding.rule)
    if told is None:
        shown = format.shown(column, finding.value)
        return Said(shown, format.expected(column, latest), _cure(column, finding.value), shown.startswith("a text of"))
    return Said(**{"expected": "" if "expected" in told else format.expected(column, latest)} | told)


def _cure(column: str, found: str) -> str:
    text = found.strip()
    if format.DATE.fullmatch(text):
        return "A spreadsheet made a date of it: format the column as text, then type the value again."
    if column == "detected_year" and re.fullmatch(r"\d{4}", year := calendars.plain_digits(text)):
        if other := calendars.reading(int(year)):
            return f"{other} Write the year of the Gregorian calendar."
    if column == "detected_year" and calendars.fiscal_label(text):
        return "A fiscal year runs over two years: write the year, and the month beside it, in which the case was detected."
    if column == "detected_year" and (other := calendars.era(text)):
        return f"{other} Write the year of the Gregorian calendar."
    if text.startswith("#"):
        return "A formula failed or was never computed: paste the value itself."
    if column == "crime":
        near = format.meant(column, text)
        return f"Did you mean {near}?" if near else "Say which crime it is: one row is one person and one crime."
    if column in format.STATES:
        if text.upper() == "NA":
            return "For Namibia write NAM; for “not available” leave the cell empty."
        near = format.meant(column, text)
        meant = f"Did you mean {near} ({catalog.load().place_name(near)})?" if near else ""
        return meant or "Write the ISO3 code of the state, or leave the cell empty."
    near = format.meant(column, text)
    if not near and column in ("detected_year", "detected_month", "weight"):
        return "Look at these rows in the register."
    meant = f"Did you mean {near}?" if near else ""
    return meant or "Choose a value of the list, “unknown” or an empty cell. Free text is not taken."


def faults(opened: Opened, staged: Staged, latest: int, partial: bool = False) -> tuple[Problem, ...]:
    """Every finding as a Problem. Rows that are left out keep the whole file out only when they are more than TOLERATED
    (`partial`: never for that), or when they may hold what tells who somebody is."""
    too_many = not partial and staged.rejected > TOLERATED * staged.rows_in
    lines = []
    for finding in staged.findings:
        words = wording(finding, latest)
        error = words.keeps_out or (finding.rejects and too_many)
        how_to_fix = words.how_to_fix
        if finding.rejects and not error:
            how_to_fix += f" {'The row is' if finding.count == 1 else 'These rows are'} left out."
        code = f"{finding.rule}-{finding.column}" if finding.column else finding.rule
        lines.append(
            Problem(
                opened.source.path.name,
                f"{words.found} {_rows(finding)}",
                words.expected,
                how_to_fix,
                opened.sheet,
                *opened.place(finding.column, finding.rows[0] if finding.rows else None),
                level=ERROR if error else WARNING,
                code=code,
            )
        )
    if staged.rows_in == 0:  # where rows are left out, each says why
        lines.insert(0, FILE.problem("empty", opened.source.path.name, opened.sheet))
    return tuple(lines)


def _rows(finding: Finding) -> str:
    """In how many rows, and which first."""
    if finding.count == 1 and finding.rows:
        return f"in row {finding.rows[0]:,}"
    first = ", ".join(f"{row:,}" for row in finding.rows)
    rest = "" if finding.count == len(finding.rows) else " …"
    return f"in {finding.count:,} rows" + (f" ({first}{rest})" if first else "")


def reasons(staged: Staged, latest: int) -> pd.DataFrame:
    """The findings that leave rows out, in words, for the table of rejected rows.

    Columns: rule, column, value, found, reason, how_to_fix.
    """
    rows = []
    for finding in staged.findings:
        if finding.rejects and finding.rule != "more":
            words = wording(finding, latest)
            rows.append(
                (finding.rule, finding.column, finding.value, words.found, f"expected {words.expected}", words.how_to_fix)
            )
    return pd.DataFrame(rows, columns=["rule", "column", "value", "found", "reason", "how_to_fix"], dtype="str")
