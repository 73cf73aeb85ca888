"""What is wrong with staged case records: every fault once, with how many rows have it and the first of them.

No finding holds a record_id. The file is read a second time only when it has a fault, and then its faulty columns only.
"""

import duckdb

from corridors.store.cases import database
from corridors.store.cases.database import OnProgress
from corridors.store.cases.file import (
    BLANK,
    CHUNK,
    ID_DIGITS,
    ID_SERIAL,
    ID_ZEROS,
    ROWS_TOLD,
    SERIAL,
    VALUES_TOLD,
    Finding,
    Lines,
    Lists,
    Source,
    Staged,
    broken_lines,
    numbered,
    paths_of,
)


def judge(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    lists: Lists,
    supersedes: str = "",
    on_progress: OnProgress | None = None,
) -> Staged:
    """What is wrong with the staged rows, aggregated: a million equal faults are one finding.

    Also fills the temporary tables `left_out` (rows that are repeated or known already) and `flagged`. The file is read a
    second time only when it has a fault.
    """
    lines = broken_lines(connection, source)
    month = len(lists.columns)
    sums = ", ".join(f"count(*) filter (bad & {1 << bit} <> 0)" for bit in range(month + 1))
    rows, fine, *counts = database.run(
        connection, f"select count(*), count(*) filter (bad = 0), {sums} from staged where id_kind <> {BLANK}"
    )[0]
    _repeated(connection, supersedes)
    twice = database.run(connection, f"select rule, count(*), min(row, {ROWS_TOLD}) from left_out group by rule")
    findings = [Finding("line", "", error, n, tuple(first)) for error, n, first in lines.kinds]
    if any(counts):
        findings += _cells(connection, source, lists, counts, lines, on_progress)
    findings += [Finding(rule, "record_id", "", n, lines.rows(first)) for rule, n, first in twice]
    findings += _warnings(connection, source, lines)
    findings.sort(key=lambda f: (not f.rejects, -f.count, f.column, f.value))
    return Staged(rows + lines.count, fine - sum(n for _, n, _ in twice), tuple(findings), lines)


def _repeated(connection: duckdb.DuckDBPyConnection, supersedes: str) -> None:
    """Fills `left_out`: later rows of a record that the file or a batch that stands has already."""
    connection.execute("create temp table left_out (row ubigint, rule varchar)")
    database.run(
        connection,
        """
        insert into left_out select row, 'repeated' from (
            select rowid as row, row_number() over (partition by record_hash order by rowid) as n from staged
            where bad = 0 and record_hash in (
                select record_hash from staged where bad = 0 group by record_hash having count(*) > 1
            )
        ) where n > 1
    """,
    )
    database.run(
        connection,
        """
        insert into left_out select rowid, 'known' from staged
        where bad = 0 and record_hash in (select record_hash from case_standing where batch_id <> ?)
        and rowid not in (select row from left_out)
    """,
        [supersedes],
    )


def _cells(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    lists: Lists,
    counts: list[int],
    lines: Lines,
    on_progress: OnProgress | None,
) -> list[Finding]:
    """Findings about cells: each wrong value once, with its rows. Reads the file again, the faulty columns only."""
    month, at = len(lists.columns), lists.columns.index
    database.run(connection, "create temp table flagged as select rowid as rn, bad, id_kind from staged where bad <> 0")
    wrong = [c for n, c in enumerate(lists.columns) if counts[n] and c != "record_id"]
    findings = []
    if counts[at("record_id")]:
        rows = database.run(
            connection,
            f"""
            select id_kind, count(*), min(rn, {ROWS_TOLD}) from flagged
            where bad & {1 << at("record_id")} <> 0 and id_kind <> {BLANK}
            group by id_kind
        """,
        )
        findings += [Finding("id", "record_id", str(kind), n, lines.rows(first)) for kind, n, first in rows]
    if counts[month]:
        n, first = database.run(
            connection, f"select count(*), min(rn, {ROWS_TOLD}) from flagged where bad & {1 << month} <> 0"
        )[0]
        findings.append(Finding("future", "detected_month", "", n, lines.rows(first)))
    if wrong:
        rows = database.run(
            connection,
            f"""
            select c, v, n, first from (
                select c, left(coalesce(v, ''), {CHUNK}) as v, count(*) as n, min(rn, {ROWS_TOLD}) as first
                from ({wrong_cells(source, lists, wrong)})
                group by all
            ) qualify row_number() over (partition by c order by n desc, v) <= {VALUES_TOLD}
        """,
            paths_of(source),
            on_progress,
        )
        findings += [Finding("cell", c, v, n, lines.rows(first)) for c, v, n, first in rows]
        for column in wrong:
            rest = counts[at(column)] - sum(f.count for f in findings if f.column == column and f.rule == "cell")
            if rest > 0:
                findings.append(Finding("more", column, "", rest, ()))
    return findings


def wrong_cells(source: Source, lists: Lists, columns: list[str]) -> str:
    """SQL for every wrong cell of the columns as rn, c, v."""
    cells = ", ".join(f"{{'c': '{c}', 'v': {c}, 'b': bad & {1 << lists.columns.index(c)} <> 0}}" for c in columns)
    return f"""
    select rn, cell.c as c, cell.v as v from (
        select rn, unnest(list_filter([{cells}], lambda x: x.b)) as cell
        from ({numbered(source, columns)}) join flagged using (rn)
        where id_kind <> {BLANK}
    )
    """


def _warnings(connection: duckdb.DuckDBPyConnection, source: Source, lines: Lines) -> list[Finding]:
    """What a person should look at, though the rows are taken."""
    findings = []
    for bit, rule, column in ((0, "form", "form"), (1, "no_state", "report_state"), (2, "no_year", "detected_year")):
        n, first = database.run(
            connection,
            f"""
            select count(*), min(rowid, {ROWS_TOLD}) from staged where bad = 0 and warn & {1 << bit} <> 0
        """,
        )[0]
        if n:
            findings.append(Finding(rule, column, "", n, lines.rows(first), rejects=False))
    kinds = dict(
        database.run(
            connection,
            f"select id_kind, count(*) from staged where id_kind in ({ID_DIGITS}, {ID_ZEROS}, {ID_SERIAL}) group by id_kind",
        )
    )
    ids = f"select rn, record_id as id from ({numbered(source, ['record_id'])})"
    if kinds.get(ID_DIGITS) and kinds.get(ID_ZEROS):
        n, first = database.run(
            connection,
            f"""
            with digits as (select * from ({ids}) where regexp_full_match(id, '[0-9]+'))
            select count(*), min(rn, {ROWS_TOLD}) from digits
            where length(id) < (select max(length(id)) from digits where id[1] = '0')
        """,
            paths_of(source),
        )[0]
        if n:
            findings.append(Finding("zeros", "record_id", "", n, lines.rows(first), rejects=False))
    if kinds.get(ID_SERIAL):
        # numbers of a register lie close together, numbers of passports do not
        n, first = database.run(
            connection,
            f"""
            with parts as (
                select rn, left(id, length(id) - 6) as head, length(id) as long, right(id, 6)::integer as tail from ({ids})
                where regexp_full_match(id, '{SERIAL}')
            ), heads as (
                select count(*) as n, max(tail) - min(tail) + 1 as span, max(tail) as top, min(rn) as first
                from parts group by head, long
            )
            select coalesce(sum(n), 0)::bigint, min(first, {ROWS_TOLD}) from heads
            where not (top < 10000 or (n >= 3 and span <= 4 * n))
        """,
            paths_of(source),
        )[0]
        if n:
            findings.append(Finding("serial", "record_id", "", n, lines.rows(first), rejects=False))
    return findings


def facts(connection: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """What the reader of a report should know besides: rows that can be taken, states that report, years."""
    records, persons, states, first, last = database.run(
        connection,
        """
        select count(*), sum(weight)::bigint, count(distinct report_state), min(detected_year), max(detected_year) from staged
        where bad = 0 and rowid not in (select row from left_out)
    """,
    )[0]
    if not records:
        return ()
    span = "" if first is None else f", {first}" if first == last else f", {first} to {last}"
    return (
        f"{records:,} rows for {persons:,} persons{span}",
        f"reported by {states:,} state{'' if states == 1 else 's'}",
    )
