"""`python -m tools.bench`: build, extract, and a warm rerun of each page: seconds, memory, server CPU, bytes on the wire."""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tools.bench.visitor import ROOT, Visitor, cpu_seconds, in_chromium, server, until_idle

ADDRESSES = [
    ("Region", "", ""),
    ("Member, victims", "member", "member=Thailand"),
    ("Member, displacement", "member", "member=Thailand&theme=Displacement and migrants"),
    ("Member, deaths", "member", "member=Iran (Islamic Republic of)&theme=Smuggling and deaths"),
    ("Member, what is missing", "member", "member=Nauru&theme=What is missing"),
    ("Data quality, sources", "quality", "part=Sources"),
    ("Route map", "routes", ""),
    ("Route map, one route", "routes", "route=R01"),
    ("Route map, another family", "routes", "family=Mekong scam compounds"),
    ("Route map, a filter", "routes", "crime=Trafficking"),
    ("Route map, incidents", "routes", "show=Both"),
    ("Two members", "member", "member=Thailand&with=Malaysia"),
    ("Corridor", "routes", "view=Corridor&origin=Myanmar&destination=Bangladesh"),
    ("Data quality", "quality", ""),
    ("Data quality, what to fix first", "quality", "part=What to fix first&member=Thailand"),
    ("Data quality, conflicts", "quality", "part=Conflicts"),
    ("Data quality, scorecard", "quality", "part=Scorecard"),
    ("Cases", "cases", ""),
    ("Hidden numbers", "multiple-systems", ""),
    ("Networks and methods", "routes", "view=Networks and methods"),
    ("Joint action", "action", ""),
    ("Investigation plans", "action", "action_part=Investigation plans"),
    ("Expected flow", "expected", ""),
    ("Outlook", "outlook", ""),
    ("Desk", "desk", ""),
    ("Planning aid", "action", "action_part=Planning aid&plan_from=Viet Nam"),
]
ROUNDS, RERUNS = 3, 10
CPU, SHARE, KB = 0.06, 0.4, 40  # bounds of every page: seconds of the server's CPU, part of a plain page, kilobytes sent
# A plain Streamlit page of as many elements as one of ours, to hold ours against; `elements` in its address.
PLAIN = """
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

YEARS = list(range(2000, 2026))
count = int(st.query_params.get("elements", "30"))
for n in range(count):
    kind = n % 12
    if kind < 3:
        st.metric(f"Figure {n}", n * 1000)
    elif kind < 9:
        st.markdown(f"Sentence **{n}** about a figure and its source, as long as ours are.")
    elif kind == 9:
        st.selectbox(f"Choice {n}", [str(year) for year in YEARS], key=f"choice-{n}")
    elif kind == 10:
        st.plotly_chart(go.Figure(go.Scatter(x=YEARS, y=[year % 7 * n for year in YEARS])), key=f"chart-{n}")
    else:
        st.dataframe(pd.DataFrame({"year": YEARS, "value": [year % 5 * n for year in YEARS]}), key=f"table-{n}")
"""


def command(*arguments: str, env: dict | None = None) -> tuple[float, float]:
    """Seconds and the largest memory (MB) of one command."""
    start = time.perf_counter()
    code = subprocess.run(
        [
            sys.executable,
            "-c",
            "import resource, runpy, sys; sys.argv = sys.argv[1:]\ntry:\n"
            " runpy.run_module('etl', run_name='__main__')\nexcept SystemExit as e:\n"
            " print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr); sys.exit(e.code)",
            "etl",
            *arguments,
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=env,
    )
    if code.returncode:
        sys.exit(code.stderr)
    return time.perf_counter() - start, int(code.stderr.split()[-1]) / 1024


def rerun(port: int, pid: int, page: str, query: str) -> tuple[float, int, list, list]:
    """Median seconds of CPU of a warm rerun, and of the last one bytes, messages and faults."""
    visitor, used = Visitor(port), []
    visitor.run(page, query), visitor.run(page, query)
    for _ in range(ROUNDS):
        before = cpu_seconds(pid)
        for _ in range(RERUNS):
            size, messages, faults = visitor.run(page, query)
        used.append((cpu_seconds(pid) - before) / RERUNS)
    visitor.close()
    return max(statistics.median(used), 0.001), size, messages, faults


def on_the_wire(messages: list) -> int:
    """Bytes of a run as the websocket compresses them: one stream for all messages, with a window of 4 KB."""
    stream = zlib.compressobj(6, zlib.DEFLATED, -12)
    return sum(len(stream.compress(m.SerializeToString()) + stream.flush(zlib.Z_SYNC_FLUSH)) for m in messages)


def main() -> None:
    out = Console()
    table = Table("What", "Seconds", "Memory, MB", title="Writers", title_justify="left")
    with tempfile.TemporaryDirectory() as folder:
        seconds, memory = command("build", env={**os.environ, "CORRIDORS_EDITIONS": folder})
        table.add_row("build of the imported data", f"{seconds:.1f}", f"{memory:.0f}")
    originals = ROOT.parent / "shared" / "originals"
    if originals.is_dir():
        seconds, memory = command("extract", "--from", str(originals))
        table.add_row("extract of all originals", f"{seconds:.1f}", f"{memory:.0f}")
    out.print(table)
    table = Table(
        "Page",
        "CPU of a warm rerun, ms",
        "A plain page of as many elements, ms",
        "Ratio",
        "Sent, KB",
        "Compressed, KB",
        "Messages",
        "Met",
        title=f"Pages: at most {CPU * 1000:.0f} ms, {SHARE:g} of the plain page and {KB} KB compressed",
        title_justify="left",
    )
    plain_folder = tempfile.TemporaryDirectory()
    (Path(plain_folder.name) / "plain.py").write_text(PLAIN, encoding="utf-8")
    plain_page = server(str(Path(plain_folder.name) / "plain.py"), Path(plain_folder.name))
    with plain_folder, server() as (port, pid), plain_page as (plain_port, plain_pid):
        visitor = Visitor(port)
        visitor.run()  # the first visit starts what is made ready ahead
        out.print(f"Caches filled and the server idle after {until_idle(pid):.0f} s")
        visitor.close()
        until_idle(plain_pid)
        for name, page, query in ADDRESSES:
            used, size, messages, faults = rerun(port, pid, page, query)
            elements = sum(m.WhichOneof("type") == "delta" and m.delta.WhichOneof("type") == "new_element" for m in messages)
            plain, *_ = rerun(plain_port, plain_pid, "", f"elements={elements}")
            packed = on_the_wire(messages)
            table.add_row(
                name,
                f"{used * 1000:.0f}",
                f"{plain * 1000:.0f}",
                f"{used / plain:.2f}",
                f"{size / 1024:.1f}",
                f"{packed / 1024:.1f}",
                str(len(messages)) + (f" {faults}" if faults else ""),
                "yes" if used <= CPU and used / plain <= SHARE and packed / 1024 <= KB else "NO",
            )
    out.print(table)
    from tools.bench import first_map, questions

    in_chromium(out, "First visit and first drawing of the map", 1280, 800, first_map.measure)
    in_chromium(out, "Ten questions", questions.WIDTH, questions.HEIGHT, questions.measure)
    out.print(
        f"Machine: {os.cpu_count()} cores; largest memory of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB"
    )


if __name__ == "__main__":
    main()
