"""`python -m tools.bench.lake [--large]`: what more than one machine costs: writers, replicas, counting, file against lake.

Starts PostgreSQL and SeaweedFS of its own on loopback (deploy/lake/up.sh). Every record is drawn by a hash: none is about anybody.
`--large` counts up to a hundred million records (3 GB of disk, half an hour), too.
"""

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table

from corridors import ROOT
from corridors.store.cases import database
from etl.cases import format
from tools.bench import cases
from tools.bench.visitor import Visitor, cpu_seconds, free_port, server, until_idle

BATCHES, BATCH = 4, 50_000  # batches of each writer, records of a batch
STEP = 5_000_000  # records of one commit of the large lake
SIZES = (1_000_000, 10_000_000, 35_000_000, 100_000_000)
VISITORS, SECONDS = 6, 12
WRITER = """
import sys, time
from pathlib import Path
from etl.cases import kind
start = time.perf_counter()
for file in sys.argv[2:]:
    kind.accept(Path(file), Path(sys.argv[1]))
print(time.perf_counter() - start, time.process_time())
"""
HELD = """
import sys
from pathlib import Path
from corridors.store.cases import database
with database.reader(Path(sys.argv[1])) as connection:
    print(*connection.execute("select count(distinct record_hash), sum(weight) from case_record").fetchone())
"""
FILL = "import sys; from pathlib import Path; from tools.bench import lake; lake.fill(Path(sys.argv[1]), int(sys.argv[2]))"
PROTECT = """
import resource, sys, time
from pathlib import Path
from corridors.statistics import cell_keys
from corridors.store.cases import database, tables
from etl import protection
data, secret = Path(sys.argv[1]), b"of this measurement alone, 32 byt"
noise, shifts = protection._noise(secret), protection._shifts(secret, "trafficking")
with database.reader(data) as connection:
    ids = [row[0] for row in connection.execute("select batch_id from batch_received").fetchall()]
for _ in range(int(sys.argv[2])):
    start, used = time.perf_counter(), time.process_time()
    tables.protect(data, "large", "trafficking", ids, noise, shifts, protection.RULES, data / "cube.parquet")
    print(time.perf_counter() - start, time.process_time() - used, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


@contextmanager
def services() -> Iterator[dict[str, str]]:
    """PostgreSQL and an S3 store; yields a writer's environment."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as catalogue:
        base = next(p for p in range(10_000, 30_000, 20) if all(map(_is_free, range(p, p + 15))))
        env = {**os.environ, "LAKE_FOLDER": f"{folder}/lake", "S3_PORT": str(base), "PG_PORT": str(free_port())}
        env["PG_FOLDER"] = f"{catalogue}/catalogue"
        Path(catalogue).chmod(0o711)
        up, log = ROOT / "deploy" / "lake" / "up.sh", Path(folder) / "log"

        def do(verb: str) -> None:
            with log.open("w") as out:  # the servers keep what they were given open, so no pipe
                if subprocess.run([up, verb], env=env, stdout=out, stderr=subprocess.STDOUT).returncode:
                    sys.exit(log.read_text())

        try:
            do("start")
            lines = (Path(folder) / "lake" / "writer.env").read_text().splitlines()
            key = dict(line.split("=", 1) for line in lines)
            yield {**os.environ, **key, "CORRIDORS_LAKE": key["CORRIDORS_LAKE"].strip('"')}
        finally:
            do("stop")


def fill(data: Path, rows: int) -> None:
    """Puts `rows` records into a data folder's database by SQL alone, a batch for each STEP."""
    vocabulary = format.vocabulary()
    lists = {**vocabulary.values, **{c: vocabulary.states[:45] for c in format.STATES}}
    del lists["crime"]
    picked = ", ".join(
        f"list_extract(${name}, 1 + (hash(i, '{name}') % {len(v)})::int) as {name}" for name, v in lists.items()
    )
    data.mkdir(parents=True, exist_ok=True)
    with database.writer(data) as connection:
        for start in range(0, rows, STEP):
            end, batch = min(rows, start + STEP), f"batch {start}"
            connection.execute("begin")
            connection.execute(
                "insert into batch_received values (?, 'large', 'Drawn', 'A hash', current_date, ?, ?, ?, 0, null)",
                [batch, batch, end - start, end - start],
            )
            connection.execute(
                f"""insert into case_record by name select 'large' as dataset_id, $batch as batch_id, 'trafficking' as crime,
                md5(i::varchar)::uuid as record_hash, (hash(i, 'k') % 256)::utinyint as record_key, 1 as weight,
                (2010 + hash(i, 'y') % 16)::usmallint as detected_year, (1 + hash(i, 'm') % 12)::utinyint as detected_month, {picked}
                from range({start}, {end}) r (i)""",
                {"batch": batch, **{name: list(v) for name, v in lists.items()}},
            )
            connection.execute("commit")


def main() -> None:
    """Measures and prints."""
    out = Console()
    with tempfile.TemporaryDirectory() as folder:
        with services() as env:
            _writers(out, Path(folder), env)
            _counting(out, Path(folder), env)
        if "--large" in sys.argv:
            _curve(out, Path(folder))
    _replicas(out)
    out.print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}: servers and those who ask share them.")


def _writers(out: Console, folder: Path, env: dict[str, str]) -> None:
    """1, 2 and 4 processes that take in batches at once, each of a folder of its own; then whether every record is there."""
    table = Table("Writers", "Records/s", "CPU seconds", "Lost", title="Batches taken in at once", title_justify="left")
    (folder / "salt").write_text("0123456789abcdef" * 4)
    (folder / "salt").chmod(0o600)
    own, asked = env | {"CORRIDORS_SALT_FILE": str(folder / "salt")}, 0
    for writers in (1, 2, 4):
        files, running = [folder / f"{writers}-{n}.csv" for n in range(writers * BATCHES)], []
        for file in files:
            cases.write(file, BATCH, first=asked)
            asked += BATCH
        start = time.perf_counter()
        for n in range(writers):
            (data := folder / f"data{n}").mkdir(exist_ok=True)
            command = [sys.executable, "-c", WRITER, str(data), *map(str, files[n::writers])]
            running.append(
                subprocess.Popen(command, cwd=ROOT, env=own, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            )
        said = [process.communicate() for process in running]
        took = time.perf_counter() - start
        if faults := [words[1] for words, process in zip(said, running) if process.returncode]:
            sys.exit("\n".join(faults))
        held, weight = _said(HELD, own, folder / "data0")[0]
        cpu = sum(float(words[0].split()[1]) for words in said)
        exact = f"{asked - held:,.0f}{'' if weight == asked else ', and not exact'}"
        table.add_row(str(writers), f"{writers * BATCHES * BATCH / took:,.0f}", f"{cpu:.1f}", exact)
    out.print(table)


def _counting(out: Console, folder: Path, env: dict[str, str], size: int = SIZES[0]) -> None:
    """All protected tables of the same records in a file, in a lake of this machine, and in PostgreSQL with an S3 store."""
    table = Table(
        "Where", "Filled, s CPU", "Cold, s", "CPU", "Warm, s", "CPU", title=f"{size:,} records", title_justify="left"
    )
    places = {"DuckDB file": "", "lake in a folder": "ducklake:lake.ducklake", "PostgreSQL and S3": env["CORRIDORS_LAKE"]}
    for name, place in places.items():
        data = folder / name.replace(" ", "-")
        own = env | {"CORRIDORS_LAKE": place}
        filled = _said(FILL + "; import time; print(time.process_time())", own, data, size)[0][0]
        cold, warm = _said(PROTECT, own, data, 2)
        table.add_row(name, f"{filled:.1f}", *(f"{value:.1f}" for value in (*cold[:2], *warm[:2])))
    out.print(table)


def _curve(out: Console, folder: Path) -> None:
    """All protected tables of more and more records, in a lake of this machine."""
    table = Table("Records", "GB", "Seconds", "CPU seconds", "Memory, MB", title="Protected tables", title_justify="left")
    for size in SIZES:
        with tempfile.TemporaryDirectory(dir=folder) as data:
            own = {**os.environ, "CORRIDORS_LAKE": "ducklake:lake.ducklake"}
            _said(FILL, own, data, size)
            took, cpu, memory = _said(PROTECT, own, data, 1)[0]
            held = sum(path.stat().st_size for path in Path(data).rglob("*.parquet")) / 1e9
        table.add_row(f"{size:,}", f"{held:.2f}", f"{took:.0f}", f"{cpu:.0f}", f"{memory:,.0f}")
    out.print(table)


def _replicas(out: Console) -> None:
    """1 to 3 servers and visitors who ask as fast as they are answered."""
    table = Table("Replicas", "Pages/s", "CPU seconds a page", title=f"{VISITORS} visitors", title_justify="left")
    for number in (1, 2, 3):
        with ExitStack() as started:
            servers = [started.enter_context(server()) for _ in range(number)]
            for _, pid in servers:
                until_idle(pid)
            visitors = [Visitor(servers[n % number][0]) for n in range(VISITORS)]
            until, done = time.monotonic() + SECONDS, []
            before = sum(cpu_seconds(pid) for _, pid in servers)

            def click(visitor: Visitor) -> None:
                while time.monotonic() < until:
                    done.append(visitor.run("member", "member=Thailand"))

            clicking = [threading.Thread(target=click, args=(visitor,)) for visitor in visitors]
            start = time.perf_counter()
            for thread in clicking:
                thread.start()
            for thread in clicking:
                thread.join()
            took = time.perf_counter() - start
            used = sum(cpu_seconds(pid) for _, pid in servers) - before
            for visitor in visitors:
                visitor.close()
        table.add_row(str(number), f"{len(done) / took:.1f}", f"{used / len(done):.3f}")
    out.print(table)


def _said(code: str, env: dict[str, str], *arguments: object) -> list[list[float]]:
    """The numbers that a process printed, a list for each line."""
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], cwd=ROOT, env=env, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(done.stderr)
    return [[float(word) for word in line.split()] for line in done.stdout.splitlines()]


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


if __name__ == "__main__":
    main()
