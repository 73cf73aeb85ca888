"""Case records to protected counts: every table of up to three dimensions in one pass, before anybody can filter.

For the ETL only. What comes back are counts that may be shown; the cells that may not be are dropped here, so that
nothing later can show them.
"""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import duckdb
import pandas as pd

from corridors.store.cases import database

DEPTH = 3
UNKNOWN = "unknown"
KEYS, LARGEST, REUSED = 256, 750, 250  # the format of the perturbation table
# Smuggling has no exploitation; its corridor ends where the person was found.
DIMENSIONS = {
    "trafficking": (
        "form",
        "sex",
        "age_band",
        "citizenship",
        "exploitation_country",
        "detected_year",
        "recruitment",
        "control",
    ),
    "smuggling": ("sex", "age_band", "citizenship", "interception_country", "detected_year", "network"),
}
ALL = tuple(dict.fromkeys(d for names in DIMENSIONS.values() for d in names))


def standing(data: Path) -> pd.DataFrame:
    """The data sets among the accepted batches: dataset_id, crime, title, source, of the batch received last. No counts.

    Empty without a private database. Raises private.PrivateBusy.
    """
    try:
        with database.reader(data) as connection:
            return connection.execute("""
                select record.dataset_id, record.crime, arg_max(batch.title, (received, batch_id)) as title,
                       arg_max(batch.source, (received, batch_id)) as source, max(received) as received
                from (select distinct dataset_id, batch_id, crime from case_standing) as record join batch using (batch_id)
                group by all order by all""").df()
    except database.NoPrivateData:
        return pd.DataFrame(columns=["dataset_id", "crime", "title", "source", "received"])


def batches(data: Path) -> dict[str, str]:
    """For each data set, a text that changes whenever the records that stand in it do."""
    try:
        with database.reader(data) as connection:
            rows = connection.execute("""
                select dataset_id, string_agg(batch_id || ' ' || sha256 || ' ' || accepted, '; ' order by batch_id)
                from batch where withdrawn is null group by all order by all""").fetchall()
    except database.NoPrivateData:
        return {}
    return dict(rows)


def protect(data: Path, dataset_id: str, crime: str, noise: pd.DataFrame, threshold: int, to: Path) -> None:
    """Writes the cube of one data set and crime out of the private database to a Parquet file, whole or not at all.

    `noise` is the perturbation table (pcv, ckey, pvalue) of the cell-key method; see `_cube`. Raises private.NoPrivateData,
    private.PrivateBusy.
    """
    part = to.with_name(to.name + ".part")
    with database.reader(data) as connection:
        connection.register("noise", noise)
        source = "case_standing where dataset_id = $dataset and crime = $crime"
        values = {"dataset": dataset_id, "crime": crime}
        for statement in _cells(DIMENSIONS[crime], source):
            connection.execute(statement, values if "$crime" in statement else {})
        connection.execute(
            "create temp table cube as " + _shown(DIMENSIONS[crime], perturbed=True), {"threshold": threshold}
        )
        connection.table("cube").write_parquet(str(part))
    part.replace(to)


def kept(path: Path) -> pd.DataFrame:
    """A cube that `protect` wrote."""
    with duckdb.connect() as connection:
        return connection.read_parquet(str(path)).df()


def counted(path: Path, crime: str, threshold: int) -> pd.DataFrame:
    """The cube of carried profiles that their publisher has protected: counts as they are, below the threshold withheld.

    `path` is a CSV with a column `weight` and some of the crime's dimensions.
    """
    with duckdb.connect() as connection:
        table = connection.read_csv(str(path), header=True, all_varchar=True, na_values=[])
        dimensions = [d for d in DIMENSIONS[crime] if d in table.columns]
        # without keys the sum of keys is the same for all, and there is no noise to look up
        connection.register("profiles", table.project("* replace (weight::bigint as weight), 0 as record_key"))
        for statement in _cells(dimensions, "profiles where crime = $crime"):
            connection.execute(statement, {"crime": crime} if "$crime" in statement else {})
        return connection.execute(_shown(dimensions, perturbed=False), {"threshold": threshold}).df()


def _cells(dimensions: tuple[str, ...] | list[str], source: str) -> list[str]:
    """Statements that fill the temporary table `cell` (dimensions, n, key) with every table of up to DEPTH dimensions.

    Values become small numbers first (tables `value_…`), and equal records one, which halves the work. One pass by GROUPING
    SETS makes the deepest tables; the others are rolled up from those, since counts and keys add. Null = all values
    together, so what is not recorded becomes 'unknown' before. All names are of this module.
    """
    depth, names = min(DEPTH, len(dimensions)), ", ".join(dimensions)
    read = {d: f"coalesce(nullif(source.{d}::varchar, ''), '{UNKNOWN}')" for d in dimensions}
    sums = f"sum(n)::bigint as n, (sum(key) % {KEYS})::usmallint as key"
    deepest = list(combinations(dimensions, depth))
    statements = [
        f"""
        create temp table value_{d} as
        select told, (row_number() over (order by told))::usmallint as code
        from (select distinct {read[d]} as told from (from {source}) as source)"""
        for d in dimensions
    ]
    what, _, which = source.partition(" where ")
    joins = " ".join(f"join value_{d} on value_{d}.told = {read[d]}" for d in dimensions)
    codes = ", ".join(f"value_{d}.code as {d}" for d in dimensions)
    statements.append(f"""
        create temp table record as
        with source as (from {what} where {which})
        select {codes}, sum(weight)::bigint as n, (sum(record_key) % {KEYS})::usmallint as key from source {joins} group by all""")
    statements.append(
        f"create temp table cell as select {names}, {sums} from record group by grouping sets ({_sets(deepest)})"
    )
    wanted = {part for n in range(depth) for part in combinations(dimensions, n)}
    while wanted:
        best = max(deepest, key=lambda whole: len(wanted & _parts(whole)))
        taken = sorted(wanted & _parts(best))
        wanted -= set(taken)
        only = " and ".join(f"{d} is {'not ' if d in best else ''}null" for d in dimensions)
        statements.append(f"""
            insert into cell by name
            select {"".join(f"{d}, " for d in best if any(d in part for part in taken))}{sums}
            from cell where {only} group by grouping sets ({_sets(taken)})""")
    return statements


def _parts(whole: tuple[str, ...]) -> set[tuple[str, ...]]:
    return {part for n in range(len(whole)) for part in combinations(whole, n)}


def _sets(parts: list[tuple[str, ...]]) -> str:
    return ", ".join(f"({', '.join(part)})" for part in parts)


def _shown(dimensions: tuple[str, ...] | list[str], perturbed: bool) -> str:
    """The query for what may be shown of `cell`: noise looked up by count and cell key, and only what reaches the threshold.

    A total is a cell of its own with noise of its own, never a sum of others.
    """
    # rows 501 to 750 of the table serve every larger count, as in the package of ONS
    noisy = (
        f"""join noise on noise.ckey = cell.key and noise.pcv = case when n <= {LARGEST} then n
                else (n - 1) % {REUSED} + {LARGEST - REUSED + 1} end"""
        if perturbed
        else ""
    )
    moved = "n + pvalue" if perturbed else "n"
    told = "".join(f"value_{d}.told as {d}, " if d in dimensions else f"null::varchar as {d}, " for d in ALL)
    back = " ".join(f"left join value_{d} on value_{d}.code = cell.{d}" for d in dimensions)
    return f"select {told}{moved} as value from cell {noisy} {back} where {moved} >= $threshold"
