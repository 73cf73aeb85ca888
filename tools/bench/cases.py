"""`python -m tools.bench.cases [ROWS]`: taking in a file of random case records, beside DuckDB's own reading of the same file.

Prints seconds, the ratio to CREATE TABLE AS SELECT * FROM read_csv in the same run, what the records add to the making of an
edition, and the largest memory of each. Nothing
in the file is about anybody: every value is drawn by a seeded hash.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

from corridors import ROOT, catalog
from etl.cases import format

SEED = 20261121
BARE = """
import resource, sys, time, duckdb
start = time.perf_counter()
c = duckdb.connect(sys.argv[2])
c.execute("set enable_progress_bar = false")
c.execute("create table t as select * from read_csv(?)", [sys.argv[1]])
c.close()
print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
OURS = """
import resource, sys, time
from pathlib import Path
start = time.perf_counter()
from etl.cases import kind
done = kind.accept(Path(sys.argv[1]), Path(sys.argv[2]))
print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, done.report.accepted)
"""
BUILD = """
import resource
from etl.build import build
build()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def write(path: Path, rows: int, seed: int = SEED, wide: bool = False, first: int = 0) -> None:
    """A CSV of `rows` random case records in the documented format; the same seed gives the same bytes.

    `first`: the number of the first record. `wide`: as registers export it, with pseudonyms of 64 characters and every cell in quotation marks: 200 bytes a record.
    """
    vocabulary = format.vocabulary()
    states = list(catalog.load().members)
    lists = {
        **vocabulary.values,
        **{c: [*states, ""] for c in format.STATES if c != "report_state"},
        "report_state": states,
    }
    picked = ", ".join(
        f"list_extract(${name}, 1 + (hash(i, '{name}', {seed}) % {len(values)})::int) as {name}"
        for name, values in lists.items()
    )
    with duckdb.connect() as connection:
        connection.execute("set threads = 2")
        sql = f"""
        with drawn as (
            select {
            "sha256(i::varchar)" if wide else "'BP-' || lpad(i::varchar, 9, '0')"
        } as record_id, 2010 + (hash(i, 'y', {seed}) % 16)::int as detected_year,
                1 + (hash(i, 'm', {seed}) % 12)::int as detected_month, 1 as weight, {picked}
            from range({first}, {first + rows}) r (i)
        )
        select record_id, {
            ", ".join(
                c if c != "form" else "case when crime = 'trafficking' then form else '' end as form"
                for c in format.COLUMNS
                if c != "record_id"
            )
        } from drawn
        """
        connection.execute(
            f"copy ({sql}) to '{path.as_posix()}' (header{', force_quote *' * wide})", {n: list(v) for n, v in lists.items()}
        )


def timed(code: str, *arguments: str) -> list[float]:
    """What a child process printed: seconds, largest memory in MB, and whatever else."""
    done = subprocess.run([sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return [float(part) for part in done.stdout.splitlines()[-1].split()]


def main() -> None:
    """Measures and prints."""
    rows = int(sys.argv[1].replace(",", "").replace("_", "")) if len(sys.argv) > 1 else 1_000_000
    out = Console()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "cases.csv"
        start = time.perf_counter()
        write(file, rows)
        out.print(f"{rows:,} rows, {file.stat().st_size / 2**20:,.0f} MB, written in {time.perf_counter() - start:.1f} s")
        data, where = imported(Path(folder) / "data"), Path(folder) / "editions"
        without, _ = built(data, where)
        bare, bare_memory = timed(BARE, str(file), str(Path(folder) / "bare.duckdb"))
        ours, memory, accepted = timed(OURS, str(file), str(data))
        published, build_memory = built(data, where)
    table = Table("What", "Seconds", "Memory, MB", title="Case records", title_justify="left")
    table.add_row("CREATE TABLE AS SELECT * FROM read_csv", f"{bare:.2f}", f"{bare_memory:,.0f}")
    table.add_row(f"read, checked, taken in ({int(accepted):,} rows)", f"{ours:.2f}", f"{memory:,.0f}")
    table.add_row("the whole edition, protected and published", f"{published:.2f}", f"{build_memory:,.0f}")
    table.add_row("the same edition without these records", f"{without:.2f}", "")
    out.print(table)
    out.print(
        f"Taken in: {ours / bare:.2f} times DuckDB's own. With what the records add to an edition: {ours + published - without:.2f} s; "
        f"with the whole edition: {ours + published:.2f} s. Bound: 3 times + 5 s = {3 * bare + 5:.2f} s"
    )


def imported(data: Path) -> Path:
    """A copy of the imported data, without editions and private records."""
    return Path(shutil.copytree(ROOT / "data", data, ignore=shutil.ignore_patterns("editions", "private", "originals")))


def built(data: Path, where: Path) -> tuple[float, float]:
    """Seconds and largest memory (MB) of a build and its publication."""
    env = {**os.environ, "CORRIDORS_DATA": str(data), "CORRIDORS_EDITIONS": str(where)}
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", BUILD], cwd=ROOT, env=env, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return time.perf_counter() - start, float(done.stdout.split()[-1])


if __name__ == "__main__":
    main()
