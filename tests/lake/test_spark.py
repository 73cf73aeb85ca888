"""The same counts by a distributed engine (Sail, two workers) from the same Parquet files: equal to the row, and protected alike."""

from __future__ import annotations

import stat
import sys

import numpy as np
import pytest

from corridors.store.cases import database
from corridors.store.cases import tables as case_tables
from etl import protection
from etl.cases import with_spark
from tests.etl.case_records import accept, invented

pytestmark = [
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
    pytest.mark.lake,
    pytest.mark.xdist_group("lake"),
]
SETS = {"register": "trafficking", "border": "smuggling"}


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    """A data folder whose case records lie in a lake of Parquet files: two data sets of two crimes."""
    pytest.importorskip("pysail", reason="Sail is not installed")
    pytest.importorskip("duckdb_extension_ducklake", reason="DuckLake is not installed")
    data = tmp_path_factory.mktemp("data")
    patch = pytest.MonkeyPatch()
    patch.setenv("CORRIDORS_LAKE", "ducklake:lake.ducklake")
    draw = np.random.default_rng(7)
    for number, (dataset, crime) in enumerate(SETS.items()):
        for batch in range(3):
            records = invented(600, seed=10 * number + batch).assign(crime=crime, weight=draw.integers(1, 4, 600))
            records["citizenship"] = draw.choice(["MMR", "LAO", "", None], 600)
            records["detected_year"] = draw.integers(2019, 2024, 600)
            records["network"] = draw.choice(["loose", "unknown"], 600)
            alike = records.tail(40).assign(citizenship="NPL", form="other", sex="female", age_band="0-17", network="loose")
            alike = alike.assign(recruitment="broker", detected_year=2019)  # a cell of people who are all alike
            accept(data, records.head(560), f"{dataset}{batch}", dataset)
            accept(data, alike, f"{dataset}{batch}alike", dataset)
    yield data
    patch.undo()


def cells(data, dataset: str, crime: str, counted=None) -> set[tuple]:
    """Every cell in words, of DuckDB's own count or of a file of another's."""
    dimensions = case_tables.DIMENSIONS[crime]
    with database.reader(data) as connection:
        source = f"case_record where dataset_id = '{dataset}' and crime = '{crime}'"
        if counted:
            connection.execute("create temp table counted as from read_parquet(?)", [str(counted)])
        for statement in case_tables._cells(dimensions, "counted" if counted else source, bool(counted)):
            connection.execute(statement)
        words = ", ".join(f"value_{d}.spoken" for d in dimensions)
        joins = " ".join(f"left join value_{d} on value_{d}.code = cell.{d}" for d in dimensions)
        rows = connection.execute(f"select {words}, n, key, low < high from cell {joins}").fetchall()
    assert len(rows) == len(set(rows))
    return set(rows)


def test_two_workers_count_the_same_cells_and_the_same_tables_are_protected(lake, tmp_path, monkeypatch):
    kept, modes = {}, []
    version = protection.note_states(lake)
    ours = protection.tables(lake, protection.catalog.load(), version)["case_cell"]
    for cube in (lake / "private" / "protected").glob("*.parquet"):
        cube.unlink()

    def keep(dataset, crime, names, at, to):
        modes.append(stat.S_IMODE(to.stat().st_mode))
        with_spark.count(spark, lake, dataset, crime, names, at, to)
        kept[dataset] = tmp_path / f"{dataset}.parquet"
        kept[dataset].write_bytes(to.read_bytes())

    # one of several processes that run tests is no program of a file, which pyspark takes for a doctest of its own
    monkeypatch.setattr(sys.modules["__main__"], "__file__", __file__, raising=False)
    with with_spark.cluster() as spark:
        assert protection.prepare(lake, keep) == ["border.smuggling", "register.trafficking"]
    assert modes == [0o600, 0o600] and not list(lake.rglob("*.counted"))
    for dataset, crime in SETS.items():
        found = cells(lake, dataset, crime, kept[dataset])
        assert found == cells(lake, dataset, crime) and len(found) > 400 and {row[-1] for row in found} == {True, False}
    # the next build takes what is there, and counts nothing
    monkeypatch.setattr(case_tables, "protect", lambda *_: pytest.fail("counted again"))
    theirs = protection.tables(lake, protection.catalog.load(), version)["case_cell"]
    order = [*case_tables.ALL, "value", "dataset_id"]
    assert len(ours) > 100 and ours.sort_values(order, ignore_index=True).equals(
        theirs.sort_values(order, ignore_index=True)
    )


def test_a_question_about_one_data_set_and_crime_reads_its_files_alone(lake):
    with database.reader(lake) as connection:
        plan = connection.execute(
            "explain analyze select sex from case_record where dataset_id = ? and crime = ?", ["border", "smuggling"]
        ).fetchone()[1]
    assert "Total Files Read: 6" in plan


def test_records_that_lie_in_the_catalogue_are_refused_and_counted_once_they_are_in_files(lake):
    accept(lake, invented(3, seed=1), "few")
    version = database.snapshot(lake)
    with pytest.raises(ValueError, match="3,600 records in files, 3,603 in the lake"):
        case_tables.parquet_files(lake, version)
    with database.writer(lake) as connection:
        connection.execute("call ducklake_flush_inlined_data('cases')")
    assert len(case_tables.parquet_files(lake, database.snapshot(lake))) == 13
    assert len(case_tables.parquet_files(lake, version)) == 13  # as if they had always been there
