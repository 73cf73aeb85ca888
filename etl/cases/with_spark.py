"""`python -m etl.cases.with_spark`: counts case records of a lake with a distributed engine instead of with DuckDB.

Sail, which speaks Spark's language, reads the lake's Parquet files at one snapshot with two workers of this machine. What it counts is
protected by the same rules and the same SQL as always and kept where the next `python -m etl build` looks first; the unprotected counts
are a file of the owner's alone (mode 0600) in data/private/ for as long as that takes. While it counts, Sail listens on a port of loopback
without asking who is there: run it only where nobody else can log in.
"""

import importlib.util
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from corridors.problems import Refused
from corridors.store import lake as lakes
from corridors.store.cases import database
from corridors.store.cases import tables as case_tables
from etl import pipeline, protection

WORKERS = 2
CLUSTER = {
    "SAIL_MODE": "local-cluster",
    "SAIL_CLUSTER__WORKER_INITIAL_COUNT": str(WORKERS),
    "SAIL_CLUSTER__WORKER_MAX_COUNT": str(WORKERS),
    "RUST_LOG": "error",
}


class NotCounted(Refused):
    """The lake's files do not hold what is to be counted."""

    heading = "Nothing was counted. This must be fixed first:"


@contextmanager
def cluster() -> Iterator[Any]:
    """A session of Spark on a cluster of this machine."""
    os.environ.update({name: os.environ.get(name, value) for name, value in CLUSTER.items()})
    from pysail.spark import SparkConnectServer
    from pyspark.sql import SparkSession

    server = SparkConnectServer()
    server.start(background=True)
    spark = SparkSession.builder.remote(f"sc://127.0.0.1:{server.listening_address[1]}").create()
    try:
        yield spark
    finally:
        spark.stop()
        server.stop()


def count(spark: Any, data: Path, dataset_id: str, crime: str, batches: list[str], version: int, to: Path) -> None:
    """Writes the tables of `case_tables.blocks` of these batches to `to`: dimensions, n, key, low, high. Raises NotCounted."""
    try:
        files = case_tables.parquet_files(data, version)
    except ValueError as fault:
        raise NotCounted.of(
            f"snapshot {version}",
            str(fault),
            "every record in a file",
            "Run it again: records that lay in the catalogue are put into files first. Else build with DuckDB: python -m etl build",
        ) from None
    dimensions = case_tables.DIMENSIONS[crime]
    said = {d: f"coalesce(nullif(cast({d} as string), ''), '{case_tables.UNKNOWN}')" for d in dimensions}
    records = spark.read.parquet(*files)
    records = records.where((records.dataset_id == dataset_id) & (records.crime == crime) & records.batch_id.isin(batches))
    records.selectExpr(
        *(f"{text} as {d}" for d, text in said.items()),
        "cast(weight as bigint) as n",
        f"(cast(record_key as bigint) + {case_tables.KEYS}) % {case_tables.KEYS} as key",  # Spark knows no unsigned numbers
        f"concat_ws(chr(31), {', '.join(said.values())}) as row",
    ).createOrReplaceTempView("record")
    sets = ", ".join(f"({', '.join(block)})" for block in case_tables.blocks(dimensions))
    counted = spark.sql(
        f"select {', '.join(dimensions)}, sum(n) as n, sum(key) as key, min(row) as low, max(row) as high from record group by grouping sets ({sets})"
    )
    pq.write_table(counted.toArrow(), to)


def main() -> int:
    """Counts and protects every private data set; returns the exit status."""
    data = pipeline.DATA
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)  # nothing here is a frame
    try:
        if database.lake_of(data) is None:
            raise NotCounted.of(lakes.VARIABLE, "no lake", lakes.FORMS, "See deploy/lake/README.md.")
        if importlib.util.find_spec("pysail") is None:
            how = "Install them: uv pip install -c requirements.lock pysail pyspark-client"
            raise NotCounted.of("pysail", "not installed", "the packages pysail and pyspark-client", how)
        with database.writer(data) as connection:
            connection.execute("call ducklake_flush_inlined_data(?)", [lakes.NAME])
        with cluster() as spark:
            done = protection.prepare(data, lambda *what: count(spark, data, *what))
    except Refused as fault:
        print(fault, file=sys.stderr)
        return 1
    print(
        f"Counted by {WORKERS} workers and protected: {', '.join(done) or 'nothing, there are no records'}. Next: python -m etl build"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
