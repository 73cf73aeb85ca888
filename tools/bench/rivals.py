"""`python -m tools.bench.rivals [ROWS] [questions]`: the same question here, in Datasette on SQLite, and on a Dash page over pandas; and the way in.

The question: one member's victims by year and form, from case records and from the imported data. Here the answer is the whole
page with its caveats, protected; there it is the bare rows. All in one run on one machine. What a user would pick instead is
installed apart, under .cache/rivals.
"""

import csv
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

from corridors import catalog, paths
from tools.bench.cases import BARE, OURS, built, timed, write
from tools.bench.cases import imported as imported_data
from tools.bench.load import WARMING, memory
from tools.bench.visitor import ROOT, Visitor, cpu_seconds, free_port, server

HERE = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".cache" / "rivals"
ASKED = 30
MEMBERS = ("THA", "MMR", "PHL", "BGD", "AUS", "IDN")
PANDAS = """
import resource, sys, time
start = time.perf_counter()
import pandas
rows = pandas.read_csv(sys.argv[1])
print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
EMPTY = """
import streamlit as st
member = st.selectbox("Member state", [f"Member {n}" for n in range(45)], key="member", bind="query-params")
st.title("Cases")
st.pills("Broken down by", ["Form", "Sex", "Age", "Year"], selection_mode="multi", key="by", bind="query-params")
with st.popover("Keep one value of"):
    for n in range(6):
        st.selectbox(f"Dimension {n}", ["a", "b", "c"], index=None, key=f"d{n}", bind="query-params")
"""


def environment() -> Path:
    """The programs that a user would pick instead; made on first use."""
    wanted = HERE / "rivals-requirements.txt"
    there = ENVIRONMENT / "installed.txt"
    if not there.is_file() or there.read_text() != wanted.read_text():
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
        subprocess.run([ENVIRONMENT / "bin" / "pip", "install", "--quiet", "-r", wanted], check=True)
        there.write_text(wanted.read_text())
    return ENVIRONMENT / "bin"


@contextmanager
def serving(command: list, port: int, env: dict | None = None, path: str = "/") -> Iterator[int]:
    """A server on loopback; yields its process id once it answers."""
    process = subprocess.Popen(
        [str(part) for part in command],
        env={**os.environ, **(env or {})},
        cwd=HERE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60).read()
                break
            except OSError:
                time.sleep(0.2)
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)


def asked(ask: Callable[[str], object], pids: list[int]) -> tuple[float, float, float, float]:
    """Median and 95th percentile of seconds to an answer, the server's CPU seconds for each, and its memory in MB."""
    for member in MEMBERS:
        ask(member)
    before, seconds = sum(map(cpu_seconds, pids)), []
    for n in range(ASKED):
        start = time.perf_counter()
        ask(MEMBERS[n % len(MEMBERS)])
        seconds.append(time.perf_counter() - start)
    cpu = (sum(map(cpu_seconds, pids)) - before) / ASKED
    return statistics.median(seconds), statistics.quantiles(seconds, n=20)[-1], cpu, sum(map(memory, pids))


def children(pid: int) -> list[int]:
    """The process and those it started (Linux)."""
    below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(p for child in below for p in children(int(child)))]


def ours(port: int, page: str, query: str) -> Callable[[str], object]:
    """Asks our page as a browser does, by a rerun of the script; stops where the page shows a fault."""
    visitor, names = Visitor(port), catalog.load()

    def ask(member: str):
        _, messages, faults = visitor.run(page, query.format(name=names.place_name(member), iso3=member))
        if faults:
            sys.exit(faults[0])
        return messages

    return ask


def datasette(port: int) -> Callable[[str], object]:
    """Asks Datasette's page for the question."""
    sql = "select year, form, sum(people) as people from cases where place = :place group by year, form order by year, form"

    def ask(member: str):
        query = urllib.parse.urlencode({"sql": sql, "place": member, "_nocache": time.perf_counter()})
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/asked?{query}") as answer:
            page = answer.read().decode("utf-8")
        if "rows-and-columns" not in page:
            sys.exit(f"Datasette's page holds no answer: {page[:400]}")
        return page

    return ask


def dash(port: int) -> Callable[[str], object]:
    """Asks Dash's callback, as its page does when another member is chosen."""

    def ask(member: str):
        body = {
            "output": "drawn.figure",
            "outputs": {"id": "drawn", "property": "figure"},
            "inputs": [{"id": "place", "property": "value", "value": member}],
            "changedPropIds": ["place.value"],
        }
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/_dash-update-component",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    return ask


def _datasette(programs: Path, database: Path) -> tuple[float, float, float, float]:
    port = free_port()
    with serving(
        [programs / "datasette", "serve", database, "--port", port, "--setting", "sql_time_limit_ms", 60000],
        port,
        path="/asked.json",
    ) as pid:
        return asked(datasette(port), [pid])


def _dash(programs: Path, rows: Path, **more: str) -> tuple[float, float, float, float]:
    port = free_port()
    with serving(
        [programs / "gunicorn", "-w", 1, "--timeout", 300, "-b", f"127.0.0.1:{port}", "rival_dash:server"],
        port,
        {"RIVAL_CSV": str(rows), **more},
    ) as pid:
        return asked(dash(port), children(pid))


def beside(table: Table, what: str, here: tuple[Callable, list[int]], rows: Path, folder: Path) -> None:
    """One question put to all three, a row of the table each."""
    programs, database = environment(), folder / "asked.db"
    database.unlink(missing_ok=True)
    with sqlite3.connect(database) as connection, rows.open(encoding="utf-8", newline="") as handle:
        connection.execute("create table cases (place text, year integer, form text, people integer)")
        connection.executemany("insert into cases values (?, ?, ?, ?)", islice(csv.reader(handle), 1, None))
    theirs = _datasette(programs, database)
    with sqlite3.connect(database) as connection:
        connection.execute("create index by_place on cases (place)")
    indexed = _datasette(programs, database)
    drawn, tuned = _dash(programs, rows), _dash(programs, rows, RIVAL_TUNED="yes")
    own = asked(*here)
    for name, (median, p95, cpu, held) in (
        ("Corridors, the whole page", own),
        ("Datasette on SQLite", theirs),
        ("Datasette, indexed by hand", indexed),
        ("Dash over pandas", drawn),
        ("Dash, its columns made categories", tuned),
    ):
        table.add_row(
            what,
            name,
            f"{median * 1000:,.0f}",
            f"{p95 * 1000:,.0f}",
            f"{cpu * 1000:,.0f}",
            f"{held:,.0f}",
            f"{median / own[0]:.1f}",
        )


def as_asked(source: str, parameters: list, path: Path) -> Path:
    """A CSV of place, year, form, people, as a user would give it to the others."""
    with duckdb.connect() as connection:
        connection.execute(f"copy ({source}) to '{path.as_posix()}' (header)", parameters)
    return path


def imported(path: Path) -> Path:
    """The imported victims by year and form as the same four columns."""
    with (paths.source_table(paths.DATA, "unodc_glotip", "figures")).open(encoding="utf-8", newline="") as handle:
        rows = [
            r
            for r in csv.DictReader(handle)
            if r["indicator_id"] == "detected_victims" and r["form"] != "total" and r["value"]
        ]
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["place", "year", "form", "people"])
        writer.writerows([r["iso3"], r["period_end"][:4], r["form"], r["value"]] for r in rows)
    return path


def visitors(out: Console, env: dict) -> None:
    """What one more visitor costs here and in an empty Streamlit app with the same widgets."""
    table = Table(
        "Streamlit", "CPU of a rerun, ms", "Memory of one more visitor, MB", title="One more visitor", title_justify="left"
    )
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "empty.py").write_text(EMPTY)
        for name, script, cwd in (
            ("Corridors, page Cases", "corridors/web/app.py", ROOT),
            ("empty, the same widgets", "empty.py", Path(folder)),
        ):
            page = "cases" if cwd == ROOT else ""
            with server(script, cwd, env) as (port, pid):
                first = Visitor(port)
                time.sleep(WARMING)
                for _ in range(5):
                    first.run(page)
                before = memory(pid)
                more = [Visitor(port) for _ in range(50)]
                for visitor in more:
                    visitor.run(page)
                grown = (memory(pid) - before) / len(more)
                used = cpu_seconds(pid)
                for _ in range(100):
                    first.run(page)
                table.add_row(name, f"{(cpu_seconds(pid) - used) * 10:.0f}", f"{grown:.2f}")
    out.print(table)


def main() -> None:
    """Measures and prints."""
    rows = int(sys.argv[1].replace(",", "").replace("_", "")) if len(sys.argv) > 1 else 5_000_000
    out = Console(width=130)
    programs, all_of_it = environment(), "questions" not in sys.argv
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file, data, where = folder / "cases.csv", folder / "data", folder / "editions"
        write(file, rows)
        out.print(f"{rows:,} case records, {file.stat().st_size / 2**20:,.0f} MB")
        imported_data(data)
        ingest = Table(
            "The way in", "Seconds", "Memory, MB", "Times DuckDB's own", title="The same file taken in", title_justify="left"
        )
        bare, held = timed(BARE, str(file), str(folder / "bare.duckdb"))
        ingest.add_row("DuckDB, CREATE TABLE AS SELECT * FROM read_csv: the limit", f"{bare:.1f}", f"{held:,.0f}", "1.0")
        own, held, _ = timed(OURS, str(file), str(data))
        ingest.add_row("Corridors: read, every cell checked, taken in", f"{own:.1f}", f"{held:,.0f}", f"{own / bare:.1f}")
        if all_of_it:
            _others(ingest, programs, file, folder, bare)
            out.print(ingest)
        env = {"CORRIDORS_DATA": str(data), "CORRIDORS_EDITIONS": str(where)}
        out.print(f"Protected and published with the whole edition in {built(data, where)[0]:.1f} s")
        table = Table(
            "Question",
            "Answered by",
            "Median, ms",
            "95 %, ms",
            "Server's CPU, ms",
            "Memory, MB",
            "Times ours",
            title="One member's victims by year and form",
            title_justify="left",
        )
        with server(env=env) as (port, pid):
            wide = as_asked(
                "select exploitation_country as place, detected_year as year, form, weight as people from read_csv(?) "
                "where crime = 'trafficking'",
                [str(file)],
                folder / "wide.csv",
            )
            own_set = _dataset(where)
            Visitor(port).run()
            time.sleep(WARMING)
            beside(
                table,
                f"from {rows:,} case records",
                (
                    ours(
                        port, "cases", f"member={{name}}&cases={own_set}&by=detected_year&by=form&whose=exploitation_country"
                    ),
                    [pid],
                ),
                wide,
                folder,
            )
            beside(
                table,
                "from the imported data",
                (ours(port, "member", "member={name}&theme=victims"), [pid]),
                imported(folder / "imported.csv"),
                folder,
            )
        out.print(table)
        visitors(out, env)


def _others(ingest: Table, programs: Path, file: Path, folder: Path, bare: float) -> None:
    took = subprocess.run(
        [programs / "python", "-c", PANDAS, file], capture_output=True, text=True, check=True
    ).stdout.split()
    ingest.add_row(
        "pandas.read_csv, nothing checked", f"{float(took[0]):.1f}", f"{float(took[1]):,.0f}", f"{float(took[0]) / bare:.1f}"
    )
    start = time.perf_counter()
    subprocess.run(
        [programs / "sqlite-utils", "insert", folder / "all.db", "cases", file, "--csv"],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    took = time.perf_counter() - start
    (folder / "all.db").unlink()
    ingest.add_row("sqlite-utils insert, nothing checked", f"{took:.1f}", "–", f"{took / bare:.1f}")


def _dataset(where: Path) -> str:
    """The id of the data set of trafficking cases taken in."""
    edition = (where / "current").read_text().strip()
    with duckdb.connect(str(where / f"{edition}.duckdb"), read_only=True) as connection:
        return connection.execute(
            "select dataset_id from case_dataset where crime = 'trafficking' and dataset_id <> 'ctdc'"
        ).fetchone()[0]


if __name__ == "__main__":
    main()
