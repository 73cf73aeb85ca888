"""Case records to protected counts: every table of up to three dimensions in one pass, before anybody can filter.

For the ETL only. What comes back are counts that may be shown; the cells that may not be are dropped here, so that
nothing later can show them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import combinations
from pathlib import Path

import duckdb
import pandas as pd

from corridors.store import atomic_files
from corridors.store import lake as lakes
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


@dataclass(frozen=True)
class Rules:
    """What may be published of the protection, but for the secret seed."""

    d: int  # the most by which a count is moved
    variance: float
    threshold: int  # the smallest number that is shown
    least: int  # the smallest true count that is shown, whatever the noise


ALL = tuple(dict.fromkeys(d for names in DIMENSIONS.values() for d in names))


def standing(data: Path, version: int | None = None) -> pd.DataFrame:
    """The data sets among the accepted batches: dataset_id, crime, title, source, of the batch received last. No counts.

    Empty without case records. `version`, here and below: the snapshot of a lake to read at. Raises database.PrivateBusy.
    """
    try:
        with database.reader(data, version) as connection:
            return connection.execute("""
                select record.dataset_id, record.crime, arg_max(batch.title, (received, batch_id)) as title,
                       arg_max(batch.source, (received, batch_id)) as source, max(received) as received
                from (select distinct dataset_id, batch_id, crime from case_standing) as record join batch using (batch_id)
                group by all order by all""").df()
    except database.NoPrivateData:
        return pd.DataFrame(columns=["dataset_id", "crime", "title", "source", "received"])


def batches(data: Path, version: int | None = None) -> dict[str, tuple[str, ...]]:
    """The batches that stand, for each data set; a batch never changes. Raises database.PrivateBusy."""
    try:
        with database.reader(data, version) as connection:
            rows = connection.execute("""
                select dataset_id, list(batch_id order by batch_id)
                from batch where withdrawn is null group by all order by all""").fetchall()
    except database.NoPrivateData:
        return {}
    return {dataset_id: tuple(ids) for dataset_id, ids in rows}


def renewals(data: Path, version: int | None = None) -> dict[str, int]:
    """How often the noise of a data set was renewed, because records were withdrawn for a person's sake."""
    try:
        with database.reader(data, version) as connection:
            return dict(connection.execute("select dataset_id, count(*) from noise_renewal group by all").fetchall())
    except database.NoPrivateData:
        return {}


def last_renewal(data: Path) -> datetime | None:
    """When the noise of every data set that stands had been renewed last (UTC); None where one never was."""
    with database.reader(data) as connection:
        return connection.execute(
            "select case when bool_and(renewed is not null) then min(renewed) end from (select dataset_id, max(renewed) as renewed "
            "from batch left join noise_renewal using (dataset_id) where withdrawn is null group by dataset_id)"
        ).fetchone()[0]


def states(data: Path, version: int | None = None) -> pd.DataFrame:
    """Of which batches protected tables were ever made, oldest first: dataset_id, crime, batches, renewed, made."""
    with database.reader(data, version) as connection:
        return connection.execute("select * exclude noted from protected_state order by noted").df()


def note_state(
    connection: duckdb.DuckDBPyConnection, dataset_id: str, crime: str, batch_ids: Sequence[str], renewed: int, made: date
) -> None:
    """Notes that tables are made of these batches from now on."""
    connection.execute(
        # later than every other, also where a machine's clock is late
        "insert into protected_state select ?, ?, ?, ?, ?, "
        "greatest(now()::timestamp, (select max(noted) + interval 1 microsecond from protected_state))",
        [dataset_id, crime, list(batch_ids), renewed, made],
    )


def renew_noise(connection: duckdb.DuckDBPyConnection) -> int:
    """Notes that every data set gets other noise from now on, so that no tables of before can be compared; how many there are."""
    names = connection.execute("select distinct dataset_id from case_standing").fetchall()
    for (dataset_id,) in names:
        connection.execute("insert into noise_renewal values (?, now()::timestamp, '')", [dataset_id])
    return len(names)


def tables_of(crime: str) -> dict[int, tuple[str, ...]]:
    """Every table of up to DEPTH dimensions that is made of a crime's records: its number (a bit for each dimension) and them."""
    names = DIMENSIONS[crime]
    return {sum(1 << names.index(d) for d in part): part for n in range(DEPTH + 1) for part in combinations(names, n)}


def protect(
    data: Path,
    dataset_id: str,
    crime: str,
    batch_ids: Sequence[str],
    noise: pd.DataFrame,
    shifts: pd.DataFrame,
    rules: Rules,
    to: Path,
    version: int | None = None,
    counted: Path | None = None,
) -> None:
    """Writes the cube of one crime's records in these batches of a data set to a Parquet file, whole or not at all.

    `noise` is the perturbation table (pcv, ckey, pvalue) of the cell-key method, `shifts` what each table's number
    (see `tables_of`) adds to the key of a count below the threshold (number, shift): a small group that is the same in several
    tables must not be recognised by its noise. `counted`: what another engine has counted of the same records, a Parquet file of
    the tables `blocks` with the columns of `_cells`. Raises database.NoPrivateData, database.PrivateBusy.
    """
    part = to.with_name(to.name + ".part")
    with database.reader(data, version) as connection:
        connection.register("noise", noise)
        connection.register("shifts", shifts)
        if counted:
            connection.execute("create temp table counted as from read_parquet($file)", {"file": str(counted)})
        which = "case_record where dataset_id = $dataset and crime = $crime and list_contains($batches, batch_id)"
        values = {"dataset": dataset_id, "crime": crime, "batches": list(batch_ids)}
        for statement in _cells(DIMENSIONS[crime], "counted" if counted else which, bool(counted)):
            connection.execute(statement, values if "$crime" in statement else {})
        connection.execute(
            "create temp table cube as " + _shown(DIMENSIONS[crime], perturbed=True),
            {"threshold": rules.threshold, "least": rules.least},
        )
        connection.table("cube").write_parquet(str(part))
        part.chmod(0o600)
    atomic_files.flush(part)  # a build that finds it must find it whole, after a power cut too
    part.replace(to)


def parquet_files(data: Path, version: int) -> list[str]:
    """The files that hold the records of a lake at a snapshot, for another engine: some may hold other records, too.

    Raises ValueError where some records are in the catalogue, or a file's rows were deleted: then files alone tell too little.
    """
    with database.reader(data, version) as connection:
        name = "ducklake_list_files($lake, 'case_record', snapshot_version => $version)"
        values = {"lake": lakes.NAME, "version": version}
        found = connection.execute(f"select data_file, delete_file from {name}", values).fetchall()
        paths = [path for path, _ in found]
        whole = connection.execute("select count(*) from case_record").fetchone()[0]
        held = (
            connection.execute("select count(*) from read_parquet($paths)", {"paths": paths}).fetchone()[0] if paths else 0
        )
    if held != whole or any(deleted for _, deleted in found):
        raise ValueError(f"{held:,} records in files, {whole:,} in the lake")
    return paths


def changed(
    data: Path, dataset_id: str, crime: str, before: Sequence[str], now: Sequence[str], version: int | None = None
) -> int:
    """How many records of a crime came or went between two sets of batches; a record that changed did both.

    Raises database.NoPrivateData, database.PrivateBusy.
    """
    with database.reader(data, version) as connection:
        one = (
            "select * exclude (batch_id) from case_record where dataset_id = $dataset and crime = $crime "
            "and list_contains({}, batch_id)"
        )
        here, there = one.format("$before"), one.format("$now")
        return connection.execute(
            f"""select (select count(*) from ({here} except all {there})) + (select count(*) from ({there} except all {here}))""",
            {
                "dataset": dataset_id,
                "crime": crime,
                "before": sorted(set(before) - set(now)),
                "now": sorted(set(now) - set(before)),
            },
        ).fetchone()[0]


def kept(path: Path) -> pd.DataFrame:
    """A cube that `protect` wrote."""
    with duckdb.connect() as connection:
        return connection.read_parquet(str(path)).df()


def counted(path: Path, crime: str, threshold: int) -> pd.DataFrame:
    """The cube of imported profiles that their publisher has protected: counts as they are, below the threshold withheld.

    `path` is a CSV with a column `weight` and some of the crime's dimensions.
    """
    with duckdb.connect() as connection:
        table = connection.read_csv(str(path), header=True, all_varchar=True, na_values=[])
        dimensions = [d for d in DIMENSIONS[crime] if d in table.columns]
        # without keys the sum of keys is the same for all, and there is no noise to look up
        table.project("* replace (weight::bigint as weight), 0 as record_key").create("profiles")
        for statement in _cells(dimensions, "profiles where crime = $crime"):
            connection.execute(statement, {"crime": crime} if "$crime" in statement else {})
        return connection.execute(_shown(dimensions, perturbed=False), {"threshold": threshold}).df()


def kept_counts(path: Path, crime: str, threshold: int) -> pd.DataFrame:
    """The same cube from a file of counts that `extract` made: a column for each dimension, null = all, and `value`.

    Raises ValueError for a count below the threshold or a table of too many dimensions, OSError without the file.
    """
    cube = pd.read_csv(path, dtype={d: "str" for d in ALL} | {"value": "int64"}, keep_default_na=False, na_values=[""])
    named = [d for d in DIMENSIONS[crime] if d in cube]
    if set(cube) != {*named, "value"} or cube.duplicated(named).any():
        raise ValueError(f"columns {', '.join(cube)} in {path.name}, or a cell twice")
    if (cube["value"] < threshold).any() or (cube[named].notna().sum(axis=1) > DEPTH).any():
        raise ValueError(f"counts below {threshold} or of more than {DEPTH} dimensions in {path.name}")
    return cube.reindex(columns=[*ALL, "value"]).astype({d: object for d in ALL if d not in named})


def blocks(dimensions: Sequence[str]) -> dict[tuple[str, ...], list[tuple[str, ...]]]:
    """Few tables of one dimension more than DEPTH that hold all that are wanted, each with those that are rolled up from it."""
    rest = _parts(tuple(dimensions), DEPTH)
    deeper, made = list(combinations(dimensions, min(DEPTH + 1, len(dimensions)))), {}
    while rest:
        best = max(deeper, key=lambda whole: len(rest & _parts(whole, DEPTH)))
        made[best] = sorted(rest & _parts(best, DEPTH))
        rest -= set(made[best])
    return made


def _cells(dimensions: tuple[str, ...] | list[str], source: str, counted: bool = False) -> list[str]:
    """Statements that fill the temporary table `cell` (dimensions, n, key, low, high) with every table of up to DEPTH dimensions.

    The first asks which values there are, which Parquet and DuckDB files keep in dictionaries: they become small numbers
    (tables `value_…`). One reading of the records then fills tables of one dimension more than is wanted, of which few hold all
    the others; what they take of memory rises with the cells, not with the records. The rest is rolled up from those, since
    counts and keys add. Null = all values together, so what is not recorded becomes 'unknown' before. `low` and `high` are the
    numbers (or texts) of two whole rows, equal where all in a cell are alike. All names are of this module. `counted`: the source
    holds those tables already.
    """
    names, read = ", ".join(dimensions), "coalesce(nullif({}::varchar, ''), '" + UNKNOWN + "')"
    statements = [
        f"create temp table said as select {', '.join(f'list(distinct {d}) as {d}' for d in dimensions)} from (from {source})"
    ]
    for n, d in enumerate(dimensions):
        step = " + ".join(["1", *(f"(select max(digit) from value_{e})" for e in dimensions[:n])])
        statements.append(f"""
            create temp table value_{d} as
            select spoken, code::usmallint as code, (code - 1)::ubigint * ({step})::ubigint as digit
            from (select spoken, row_number() over (order by spoken) as code from (
                select distinct {read.format("said")} as spoken from (select unnest(list_append({d}, null)) as said from said)))""")
    codes = ", ".join(f"value_{d}.code as {d}" for d in dimensions)
    row = " + ".join(f"value_{d}.digit" for d in dimensions)
    joins = " ".join(f"join value_{d} on value_{d}.spoken = {read.format(f'source.{d}')}" for d in dimensions)
    sums = f"sum(n)::bigint as n, (sum(key) % {KEYS})::usmallint as key, min(low) as low, max(high) as high"
    records = (
        f"select {codes}, weight as n, record_key as key, {row} as low, low as high from (from {source}) as source {joins}"
    )
    if counted:
        back = " ".join(f"left join value_{d} on value_{d}.spoken = source.{d}" for d in dimensions)
        statements.append(f"create temp table block as select {codes}, n, key, low, high from {source} as source {back}")
    else:
        statements.append(
            f"create temp table block as select {names}, {sums} from ({records}) group by grouping sets ({_sets(blocks(dimensions))})"
        )
    for n, (block, parts) in enumerate(blocks(dimensions).items()):
        only = " and ".join(f"{d} is {'not ' if d in block else ''}null" for d in dimensions)
        columns = "".join(f"{d if d in block else 'null::usmallint'} as {d}, " for d in dimensions)
        statements.append(f"""
            {"insert into cell" if n else "create temp table cell as"}
            select {columns}{sums} from block where {only} group by grouping sets ({_sets(parts)})""")
    return statements


def _parts(whole: tuple[str, ...], depth: int) -> set[tuple[str, ...]]:
    return {part for n in range(depth + 1) for part in combinations(whole, n)}


def _sets(parts: Iterable[tuple[str, ...]]) -> str:
    return ", ".join(f"({', '.join(part)})" for part in parts)


def _shown(dimensions: tuple[str, ...] | list[str], perturbed: bool) -> str:
    """The query for what may be shown of `cell`: noise looked up by count and cell key, and only what reaches the threshold.

    A total is a cell of its own with noise of its own, never a sum of others.
    """
    # rows 501 to 750 of the table serve every larger count, as in the package of ONS
    number = " + ".join(f"case when cell.{d} is null then 0 else {1 << n} end" for n, d in enumerate(dimensions))
    noisy = (
        f"""join shifts on shifts.number = {number}
            join noise on noise.ckey = (cell.key + case when n < $threshold then shift else 0 end) % {KEYS}
                and noise.pcv = case when n <= {LARGEST} then n else (n - 1) % {REUSED} + {LARGEST - REUSED + 1} end"""
        if perturbed
        else ""
    )
    moved = "n + pvalue" if perturbed else "n"
    # few people never, nor people who are all alike: who knows one of them would know everything else, too
    safe = "and n >= $least and low < high" if perturbed else ""
    values = "".join(f"value_{d}.spoken as {d}, " if d in dimensions else f"null::varchar as {d}, " for d in ALL)
    back = " ".join(f"left join value_{d} on value_{d}.code = cell.{d}" for d in dimensions)
    return f"select {values}{moved} as value from cell {noisy} {back} where {moved} >= $threshold {safe}"
