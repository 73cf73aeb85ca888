"""Case records from a file into the private database: staged as codes and hashes, then taken in by one transaction.

A clear record_id passes through memory on its way to its hash; it is in no table, in no message and in no file.
"""

from collections.abc import Mapping
from contextlib import suppress

import duckdb
import pandas as pd

from corridors.store.cases import batches, database
from corridors.store.cases.database import OnProgress
from corridors.store.cases.file import (
    ACCEPTED_IDS,
    BLANK,
    CHUNK,
    CLEAN,
    ID_KIND,
    LARGEST_WEIGHT,
    Lists,
    Source,
    Staged,
    Unreadable,
    cell_of,
    coded,
    paths_of,
    told_by,
)
from corridors.store.cases.judging import wrong_cells


def stage(
    connection: duckdb.DuckDBPyConnection, source: Source, lists: Lists, salt: bytes, on_progress: OnProgress | None = None
) -> None:
    """Reads the file once into the temporary table `staged`, in the order of the file, as codes and hashes.

    Raises Unreadable for a file that cannot be read at all.
    """
    for name, values in _enums(lists).items():
        connection.execute(f"create temp type {name} as enum (select unnest(?))", [list(values)])
    if source.frame is not None:
        connection.register("incoming", source.frame)
    parsed, bad = [], []
    for column in coded(lists):
        place = f"{column}_raw"
        clean = f"trim({place}, {CLEAN})"
        if column in lists.states:
            clean = f"upper({clean})"
        elif column in ("detected_year", "detected_month"):
            clean = rf"regexp_replace({clean}, '[.]0+$', '')"
        else:
            clean = f"lower({clean})"
        kind = _enum_of(column, lists)
        parsed.append(f"coalesce(try_cast({place} as {kind}), try_cast({clean} as {kind})) as {column}")
        bit = 1 << lists.columns.index(column)
        if column == "crime":  # the one list without "unknown": which crime it was decides everything else
            bad.append(f"case when {column} is null then {bit} else 0 end")
        else:  # CASE looks at the cell again only where it is not in the list; AND would do so for every row
            empty = f"{clean} in ('', 'unknown', 'UNKNOWN')"
            bad.append(f"case when {column} is not null or {place} is null then 0 when {empty} then 0 else {bit} end")
    weight = f"trim(weight_raw, {CLEAN})"
    at = lists.columns.index
    month = len(lists.columns)
    future = f"detected_year::varchar = '{lists.today.year}' and detected_month::varchar::utinyint > {lists.today.month}"
    # SHA-256 with the salt keeps the secret; MD5 only folds its 64 letters into a number that joins fast
    sql = f"""
    create temp table staged as
    with file as (
        select {", ".join(f"{cell_of(c, source)} as {c}_raw" for c in lists.columns)} from {told_by(source)}
    ), parsed as (
        select *, nullif(trim(record_id_raw, {CLEAN}), '') as id, {", ".join(parsed)},
            case when weight_raw = '1' or weight_raw is null then 1 when {weight} = '' then 1
            when regexp_full_match({weight}, '[0-9]{{1,7}}([.]0+)?') then try_cast({weight} as uinteger) else 0 end as weight
        from file
    ), judged as (
        select *, sha256(?::varchar || '|' || coalesce(report_state::varchar, '') || '|' || coalesce(id, '')) as digest,
            {ID_KIND} as shape, ({" + ".join(bad)})::uinteger as cells
        from parsed
    )
    select
        md5(digest)::uuid as record_hash, ('0x' || digest[1:2])::utinyint as record_key,
        {", ".join(coded(lists))}, weight,
        case when coalesce({", ".join(f"{c}_raw" for c in lists.columns)}) is null then {BLANK}
            else shape end::utinyint as id_kind,
        (cells | ((shape not in {ACCEPTED_IDS})::uinteger << {at("record_id")})
            | ((weight not between 1 and {LARGEST_WEIGHT})::uinteger << {at("weight")})
            | (coalesce({future}, false)::uinteger << {month}))::uinteger as bad,
        ((coalesce(crime = 'smuggling' and form is not null and form <> 'unknown', false))::utinyint
            | ((report_state is null)::utinyint << 1) | ((detected_year is null)::utinyint << 2))::utinyint as warn
    from judged
    """
    try:
        database.run(connection, sql, [*paths_of(source), salt.hex()], on_progress)
    except duckdb.InterruptException:
        raise
    except (duckdb.IOException, duckdb.InvalidInputException, duckdb.ConversionException) as fault:
        raise Unreadable(type(fault).__name__) from None  # DuckDB's own words may repeat a line of the file


def take_in(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    lists: Lists,
    batch: Mapping[str, object],
    staged: Staged,
    words: pd.DataFrame,
    on_progress: OnProgress | None = None,
) -> None:
    """Stores the staged rows as one batch, by one transaction; rows left out are kept with their reason.

    `words` says in words what each finding is: rule, column, value, found, reason, how_to_fix. Raises private.PrivateBusy.
    """
    names = [d[0] for d in connection.execute("select * from case_record limit 0").description]
    names = [name for name in names if name not in ("dataset_id", "batch_id")]
    # an empty cell means unknown, and is stored as the word; a state, year or month that is not known is null
    told_columns = [
        f"coalesce({n}::varchar, 'unknown')" if n in lists.values else f"{n}::varchar" if n in coded(lists) else n
        for n in names
    ]
    connection.execute("begin")
    try:
        full = {**batch, "rows_in": staged.rows_in, "accepted": staged.accepted, "rejected": staged.rejected}
        connection.execute(
            f"insert into batch_received ({', '.join(full)}) values ({', '.join('?' * len(full))})", list(full.values())
        )
        if full.get("supersedes"):
            batches.note_withdrawal(connection, str(full["supersedes"]), str(full["batch_id"]))
        database.run(
            connection,
            f"""
            insert into case_record (dataset_id, batch_id, {", ".join(names)})
            select ?, ?, {", ".join(told_columns)} from staged
            where bad = 0 and rowid not in (select row from left_out)
        """,
            [full["dataset_id"], full["batch_id"]],
            on_progress,
        )
        if staged.rejected:
            connection.register("words", words)
            _keep_rejected(connection, source, lists, str(full["batch_id"]), staged)
        connection.execute("commit")
    except BaseException:
        with suppress(duckdb.Error):  # a commit that failed on a full disk has ended the transaction itself
            connection.execute("rollback")
        raise


def _enums(lists: Lists) -> dict[str, tuple[str, ...]]:
    months = tuple(str(m) for m in range(1, 13)) + tuple(f"0{m}" for m in range(1, 10))
    years = tuple(str(y) for y in range(lists.first_year, lists.today.year + 1))
    return {
        "e_state": lists.codes,
        "e_year": years,
        "e_month": months,
        **{f"e_{c}": v for c, v in lists.values.items()},
    }


def _enum_of(column: str, lists: Lists) -> str:
    if column in lists.states:
        return "e_state"
    return {"detected_year": "e_year", "detected_month": "e_month"}.get(column, f"e_{column}")


def _keep_rejected(
    connection: duckdb.DuckDBPyConnection, source: Source, lists: Lists, batch_id: str, staged: Staged
) -> None:
    """Every row left out with its reasons, in the words registered as `words`; what was found only as it may be shown."""
    month, first = len(lists.columns), staged.lines.first_row
    fallback = {"found": "not repeated here", "reason": "not of the format", "how_to_fix": "Mend the cell."}
    rest = ", ".join(f"coalesce(w.{name}, '{words}')" for name, words in fallback.items())
    connection.execute(
        "create temp table moved as select unnest(?::bigint[]) as place, unnest(range(1, len(?) + 1)) as steps",
        [list(staged.lines.shifts)] * 2,
    )

    def keep(rows: str, join: str, values: list[str]) -> None:
        connection.execute(
            f"""
            insert into rejected_case select ?, rn + {first} + coalesce(moved.steps, 0), c, {rest}
            from ({rows}) cell
            asof left join (select place, max(steps) as steps from moved group by place) moved on rn + {first} >= moved.place
            left join words w on {join}
        """,
            [batch_id, *values],
        )

    if connection.execute("select count(*) from duckdb_tables() where table_name = 'flagged'").fetchone()[0]:
        wrong = [c for c in lists.columns if c != "record_id"]
        keep(
            wrong_cells(source, lists, wrong),
            f"w.rule = 'cell' and w.\"column\" = c and w.value = left(coalesce(v, ''), {CHUNK})",
            paths_of(source),
        )
        ids = f"bad & {1 << lists.columns.index('record_id')} <> 0 and id_kind <> {BLANK}"
        keep(
            f"select rn, 'record_id' as c, id_kind::varchar as v from flagged where {ids}",
            "w.rule = 'id' and w.value = v",
            [],
        )
        keep(f"select rn, 'detected_month' as c from flagged where bad & {1 << month} <> 0", "w.rule = 'future'", [])
    keep("select row::bigint as rn, 'record_id' as c, rule as r from left_out", "w.rule = r", [])
    if source.kind == "csv":
        connection.execute(
            f"""
            insert into rejected_case select ?, line, '', {rest} from (
                select line, min(error_type)::varchar as v from reject_errors group by line
            ) left join words w on w.rule = 'line' and w.value = v
        """,
            [batch_id],
        )
