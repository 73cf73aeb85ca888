"""A case file as SQL sees it: how it is read, its columns as text, and what was found in it.

Column names in the SQL come from the format, never from a file; a file's own names are quoted.
"""

import unicodedata
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd

CHUNK = 60  # characters of a wrong value that are compared; a longer text is no value of a closed list anyway
VALUES_TOLD = 20  # different wrong values of one column that are told apart
ROWS_TOLD = 3
LINES_COUNTED = 100_000  # broken lines by which the rows after them are counted on; a file with more is beyond counting
DELIMITERS, ENCODINGS = (",", ";", "\t", "|"), ("utf-8", "utf-16", "latin-1")
LARGEST_WEIGHT = 1_000_000
# What a record_id may be (0) or seems to be; the words are etl/cases/words.py's.
(
    ID_FINE,
    ID_EMPTY,
    ID_EMAIL,
    ID_PHONE,
    ID_DOCUMENT,
    ID_NAME,
    ID_EXCEL,
    ID_LONG,
    ID_SIGNS,
    ID_DIGITS,
    ID_ZEROS,
    ID_SERIAL,
    ID_TOTAL,
) = range(13)
BLANK = 255
ACCEPTED_IDS = (ID_FINE, ID_DIGITS, ID_ZEROS, ID_SERIAL)
ZEROS = tuple(c for c in map(chr, range(128, 0x20000)) if unicodedata.decimal(c, None) == 0)  # of every script
OTHER_DIGITS, DIGITS = "".join(chr(ord(zero) + n) for zero in ZEROS for n in range(10)), "0123456789" * len(ZEROS)
IN_NUMBERS = ("detected_year", "detected_month", "weight", "age_band")
CLEAN = r"' ' || chr(9) || chr(160) || chr(13)"
DOCUMENTS = (
    r"\d{5}-\d{7}-\d|\d{6}-\d{2}-\d{4}"
    r"|\d-\d{4}-\d{5}-\d{2}-\d|\d{4}[ -]\d{4}[ -]\d{4}|\d{9}[VvXx]|\d{6}-[1-8]\d{6}|[STFGM]\d{7}[A-Z]"
    r"|\d{3}-\d{2}-\d{4}|\d{17}[\dXx]"
)
SERIAL = "[A-Za-z]{1,2}[-_.:/]?[0-9]{6,9}|[A-Za-z]{3}[0-9]{6,9}|[0-9]{9,16}"  # what a register numbers, and what a passport or an identity card says
MARKED = "[A-Za-z]{1,12}[_:/.-][A-Za-z0-9_.:/-]{0,50}[0-9]"  # a mark and a number, like no paper: the common case, at once
# Two words, or one with a capital, and a few digits: MarySmith1, mary.smith-01. Words that a register puts before numbers are none.
NAMED = r"[A-Z][a-z]{2,}[0-9]{1,3}|(?:[A-Z][a-z]{2,}){2,4}[._-]?[0-9]{1,3}|(?:[A-Za-z]{3,}[._-]){1,3}[A-Za-z]{3,}[._-]?[0-9]{1,3}"
TOTAL = "(?i)(grand |sub[ -]?)?totals?|sum|all|overall|รวม|ລວມ|សរុប|合计|合計|总计|總計|합계|jumlah|tổng( cộng)?|योग|মোট|جمع|المجموع"
MARKS = "(?i).*(case|victim|record|person|file|register|number|entry|migrant|suspect|offender|row|test|report|ref|year|part|batch).*"
ID_KIND = rf"""
    case
    when id is null then {ID_EMPTY}
    when regexp_full_match(id, '{TOTAL}') then {ID_TOTAL}
    when regexp_full_match(id, '{NAMED}') and not regexp_full_match(id, '{MARKS}') then {ID_NAME}
    when regexp_full_match(id, '{SERIAL}') then {ID_SERIAL}
    when regexp_full_match(id, '{MARKED}') then {ID_FINE}
    when regexp_full_match(id, '[A-Za-z0-9][A-Za-z0-9_.:/-]{{0,63}}') and regexp_matches(id, '[0-9]') then
        case
        when regexp_full_match(id, '{DOCUMENTS}') then {ID_DOCUMENT}
        when regexp_full_match(id, '[0-9]+') then case when id[1] = '0' then {ID_ZEROS} else {ID_DIGITS} end
        when regexp_full_match(id, '[0-9]+[.]0+|[0-9]+[.]?[0-9]*[eE][0-9]+') then {ID_EXCEL}
        when regexp_full_match(id, '0[0-9]{{1,3}}[-./][0-9]{{3,4}}[-./]?[0-9]{{3,4}}') then {ID_PHONE}
        else {ID_FINE} end
    when contains(id, '@') then {ID_EMAIL}
    when regexp_full_match(id, '[0-9]+([.,][0-9]+)?[eE][+-]?[0-9]+|#[A-Z0-9/!?]+') then {ID_EXCEL}
    when regexp_full_match(id, '[+(0-9][0-9 ().+-]{{6,}}') then {ID_PHONE}
    when regexp_full_match(id, '[0-9a-fA-F]{{8,64}}') then {ID_FINE}
    when regexp_matches(id, '^[\pL .,''’_-]+$') then {ID_NAME}
    when length(id) > 64 then {ID_LONG}
    else {ID_SIGNS} end
"""


@dataclass(frozen=True)
class Source:
    """A case file made ready for the SQL: how to read it, and which of the format's columns it has, in its own order."""

    path: Path
    columns: tuple[str, ...]  # names of the format; a column that the format does not have is "" and is not read
    kind: str = "csv"  # csv, parquet, frame
    delimiter: str = ","
    encoding: str = "utf-8"  # utf-8, utf-16, latin-1
    skip: int = 0  # lines above the header
    names: tuple[str, ...] = ()  # the file's own column names, for Parquet
    frame: pd.DataFrame | None = None
    first_row: int = 2  # as a person counts rows
    rows_guess: int | None = None


@dataclass(frozen=True)
class Lists:
    """The closed lists by which cells are judged: values per column, codes of states, years, and today."""

    columns: tuple[str, ...]
    states: tuple[str, ...]  # columns that hold a state
    codes: tuple[str, ...]
    values: Mapping[str, tuple[str, ...]]
    first_year: int
    today: date


@dataclass(frozen=True)
class Finding:
    """Rows with the same fault: the column, the value (never a record_id), how many rows, the first of them."""

    rule: str  # a key of etl/cases/words.py's rules: cell, id, future, repeated, known, line, more, form, zeros, serial …
    column: str
    value: str
    count: int
    rows: tuple[int, ...]
    rejects: bool = True


@dataclass(frozen=True)
class Lines:
    """Lines of a CSV that could not be taken apart: how many, by kind of fault with the first of them, and their numbers."""

    count: int = 0
    kinds: tuple[tuple[str, int, list[int]], ...] = ()
    shifts: tuple[int, ...] = ()  # in order; each at or below a row's number moves that row down by one
    first_row: int = 2

    def rows(self, places: Sequence[int]) -> tuple[int, ...]:
        """Rows as a person counts them, of places in the staging table, which such lines never reached."""
        places_found = (place + self.first_row for place in sorted(places))
        return tuple(row + bisect_right(self.shifts, row) for row in places_found)


@dataclass(frozen=True)
class Staged:
    """What the staging found: rows of the file, rows that can be taken in, and every fault, largest first."""

    rows_in: int
    accepted: int
    findings: tuple[Finding, ...]
    lines: Lines

    @property
    def rejected(self) -> int:
        """Rows that are left out."""
        return self.rows_in - self.accepted


def coded(lists: Lists) -> tuple[str, ...]:
    """The columns that are stored as codes: all but the pseudonym and the weight."""
    return tuple(c for c in lists.columns if c not in ("record_id", "weight"))


def told_by(source: Source, again: bool = False) -> str:
    """The file as a table of text, for a FROM; `again` leaves out the same broken lines without noting them once more."""
    if source.kind == "frame":
        return "incoming"
    if source.kind == "parquet":
        return "read_parquet(?)"
    names = ", ".join(f"'{c or f'other_{n}'}': 'varchar'" for n, c in enumerate(source.columns))
    faults = "ignore_errors = true" if again else "store_rejects = true"
    if source.delimiter not in DELIMITERS or source.encoding not in ENCODINGS:
        raise ValueError(f"not a way to write a case file: {source.delimiter!r}, {source.encoding}")
    return (
        f"read_csv(?, auto_detect = false, header = true, skip = {int(source.skip)}, columns = {{{names}}}, "
        f"delim = '{source.delimiter}', quote = '\"', escape = '\"', encoding = '{source.encoding}', {faults})"
    )


def paths_of(source: Source) -> list[str]:
    """The values of the parameters in `told_by`."""
    return [] if source.kind == "frame" else [str(source.path)]


def cell_of(column: str, source: Source) -> str:
    """SQL for one column of the format as text; null where the file does not have it."""
    if column not in source.columns:
        return "null::varchar"
    cell = column
    if source.kind == "parquet":
        name = '"' + source.names[source.columns.index(column)].replace('"', '""') + '"'
        cell = f"nullif({name}::varchar, 'nan')"
    if column not in IN_NUMBERS:
        return cell
    # DuckDB makes the table of a translate for each row anew: only for cells that hold more than ASCII
    return f"case when strlen({cell}) = length({cell}) then {cell} else translate({cell}, '{OTHER_DIGITS}', '{DIGITS}') end"


def numbered(source: Source, columns: Sequence[str]) -> str:
    """SQL for columns of the file as text, each row with its place `rn` in the staging table."""
    cells = ", ".join(f"trim({cell_of(c, source)}, {CLEAN}) as {c}" for c in columns)
    return f"select row_number() over () - 1 as rn, {cells} from {told_by(source, again=True)}"


def broken_lines(connection: duckdb.DuckDBPyConnection, source: Source) -> Lines:
    """The lines that DuckDB could not take apart while it staged the file."""
    if source.kind != "csv":
        return Lines(first_row=source.first_row)
    one = "(select line, min(error_type)::varchar as error from reject_errors group by line)"
    kinds = connection.execute(
        f"select error, count(*), min(line, {ROWS_TOLD}) from {one} group by error order by error"
    ).fetchall()
    numbers = connection.execute(f"select line from {one} order by line limit {LINES_COUNTED}").fetchall()
    shifts = tuple(line - n for n, (line,) in enumerate(numbers))
    return Lines(sum(n for _, n, _ in kinds), tuple(kinds), shifts, source.first_row)


class Unreadable(Exception):
    """DuckDB cannot read the file; says why, without its content."""


def parquet_columns(path: Path) -> tuple[list[str], int]:
    """Names of a Parquet file's columns and its number of rows, without reading them. Raises Unreadable."""
    try:
        with duckdb.connect(
            config={"autoinstall_known_extensions": False, "autoload_known_extensions": False}
        ) as connection:
            names = [d[0] for d in connection.execute("select * from read_parquet(?) limit 0", [str(path)]).description]
            return names, connection.execute("select sum(num_rows) from parquet_file_metadata(?)", [str(path)]).fetchone()[0]
    except duckdb.Error as fault:
        raise Unreadable(type(fault).__name__) from None
