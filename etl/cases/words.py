"""What the SQL found, in words: a Problem for the person who mends the file, a reason for each row that is left out."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from corridors import catalog
from corridors.problems import ERROR, WARNING, Problem
from corridors.store.cases import file
from corridors.store.cases.file import Finding, Staged
from etl.cases import format
from etl.cases.files import Opened
from etl.submissions import calendars

TOLERATED = 0.01  # share of rows that may be left out; with more, something is wrong with the file, and it stays out
PSEUDONYM = "Give every case a pseudonym of your register, with at least one digit, which tells nobody who the person is."
OWN_MARK = "If these are serial numbers of your own register, write them with a mark and a hyphen, such as REG-1234567."
IDS = {  # found, how_to_fix
    file.ID_EMPTY: ("an empty cell", "Every row needs a record_id. " + PSEUDONYM),
    file.ID_EMAIL: ("what looks like an e-mail address", PSEUDONYM),
    file.ID_PHONE: ("what looks like a telephone number", PSEUDONYM),
    file.ID_DOCUMENT: ("what looks like the number of an identity document", PSEUDONYM + " " + OWN_MARK),
    file.ID_NAME: ("what looks like a name: letters, or words with a few digits", PSEUDONYM),
    file.ID_EXCEL: (
        "a number that a spreadsheet has shortened or an error that it shows",
        "Format the column as text and paste the pseudonyms again from the register.",
    ),
    file.ID_LONG: ("more than 64 characters", "Shorten the pseudonym."),
    file.ID_TOTAL: ("a row of totals", "A sum is no case: leave the row out."),
    file.ID_SIGNS: ("signs other than letters, digits and - _ . : /", PSEUDONYM),
}
PERSONAL = {file.ID_EMAIL, file.ID_PHONE, file.ID_DOCUMENT, file.ID_NAME}
SWALLOWS = "UNQUOTED VALUE"  # the rows behind it cannot be counted
LINES = {
    "TOO MANY COLUMNS": ("more cells than the header", "A comma inside a cell needs quotation marks around the cell."),
    "MISSING COLUMNS": ("fewer cells than the header", "The line was cut off: write the file again."),
    SWALLOWS: ("a quotation mark that is never closed", "Look for a single quotation mark in this line or the one before."),
    "INVALID ENCODING": ("bytes that are not UTF-8", "Save the file anew as “CSV UTF-8”."),
    "INVALID UNICODE": ("bytes that are not UTF-8", "Save the file anew as “CSV UTF-8”."),
    "LINE SIZE OVER MAXIMUM": (
        "a line of more than two million characters",
        "Its line breaks were lost: write the file again.",
    ),
}


@dataclass(frozen=True)
class Wording:
    """A finding in words: what was found, what was expected, how to fix it; and whether it keeps the whole file out."""

    found: str
    expected: str
    how_to_fix: str
    keeps_out: bool = False  # it may tell who somebody is, or rows may have been lost in it


def wording(finding: Finding, latest: int) -> Wording:
    """One finding in words; never with a record_id, and with a wrong value only where it can name nobody."""
    column = finding.column
    if finding.rule == "id":
        kind = int(finding.value)
        found, how_to_fix = IDS[kind]
        return Wording(found, format.expected(column, latest), how_to_fix, kind in PERSONAL)
    if finding.rule == "line":
        found, how_to_fix = LINES.get(finding.value, ("a line that cannot be taken apart", "Write the file again."))
        return Wording(found, "one cell for each column", how_to_fix, finding.value == SWALLOWS)
    if finding.rule in _RULES:
        return _RULES[finding.rule]
    if finding.rule == "more":
        return Wording("further values of other kinds", format.expected(column, latest), "Fix the ones above first.")
    shown = format.shown(column, finding.value)
    return Wording(shown, format.expected(column, latest), _cure(column, finding.value), shown.startswith("a text of"))


_RULES = {
    "future": Wording(
        "a month that has not come yet", "a month that is over or running", "Look at year and month of these rows."
    ),
    "repeated": Wording(
        "a record_id that an earlier row of this file has",
        "each record once",
        "Send one row for each case: the first one stands, the later ones are left out.",
    ),
    "known": Wording(
        "a record_id that an accepted batch has already",
        "records that are new",
        "Withdraw that batch first, or name it as “supersedes” in a card beside the file.",
    ),
    "form": Wording(
        "smuggling with a form of exploitation",
        "a form with trafficking only",
        "Smuggling is a crime against a State, trafficking one against a person: look "
        "whether the case is trafficking. Kept as told.",
    ),
    "no_state": Wording(
        "no report_state",
        "the state that recorded the case",
        "Name it if it is known: without it, equal numbers of two states are taken for the same case.",
    ),
    "no_year": Wording(
        "no detected_year", "the year of detection", "Name it if it is known: without it the case is in no yearly figure."
    ),
    "zeros": Wording(
        "numbers of fewer digits than others that begin with 0",
        "pseudonyms of one length",
        "A spreadsheet may have dropped zeros in front: compare with the register, and format the column as text.",
    ),
    "serial": Wording(
        "what looks like numbers of passports or identity cards: far apart from one another",
        "a pseudonym",
        PSEUDONYM + " " + OWN_MARK,
        True,
    ),
}


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
        return (
            f"Did you mean {near} ({catalog.load().place_name(near)})?"
            if near
            else "Write the ISO3 code of the state, or leave the cell empty."
        )
    near = format.meant(column, text)
    if not near and column in ("detected_year", "detected_month", "weight"):
        return "Look at these rows in the register."
    return (
        f"Did you mean {near}?"
        if near
        else "Choose a value of the list, “unknown” or an empty cell. Free text is not taken."
    )


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
        how_to_fix = "Export the records again from the register: the file holds the names of the columns alone."
        lines.insert(0, Problem(opened.source.path.name, "no rows", "case records", how_to_fix, opened.sheet, code="empty"))
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
