"""`python -m tools.bench.load`: a meeting opens the page at once, then uses it. First view, reruns, memory; client and server share the cores.

Each visitor is a real websocket session that speaks Streamlit's protocol. Figures are of this machine in this run; nothing
here is asserted in a test.
"""

import random
import statistics
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tools.bench.visitor import Visitor, cpu_seconds, server

JOINING, WITHIN = 100, 5.0  # visitors, seconds
WARMING = 10.0  # seconds after a start in which the app fills its caches; a meeting begins later than that
STAYING, THINKING = 50, 10.0  # visitors, seconds between two looks
PAGES = [
    ("", ""),
    ("member", "member=Thailand"),
    ("member", "member=Fiji"),
    ("member", "member=Bangladesh&theme=Displacement and migrants"),
    ("routes", ""),
    ("routes", "route=R01"),
    ("routes", "view=Corridor&origin=Myanmar&destination=Bangladesh"),
    ("quality", ""),
    ("quality", "part=Sources"),
]


def memory(pid: int) -> float:
    """Resident memory of a process in MB (Linux)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def p95(values: list[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(values, n=20)[-1] if len(values) > 1 else values[0]


def join(port: int) -> tuple[list[float], list[Visitor], int]:
    """Everybody opens the start page within a few seconds: seconds to the first whole view, the sessions, and how many failed."""
    seconds, visitors, failed = [], [], 0
    lock = threading.Lock()

    def one(delay: float) -> None:
        nonlocal failed
        time.sleep(delay)
        start = time.perf_counter()
        try:
            visitor = Visitor(port)
            _, _, faults = visitor.run()
        except (OSError, TimeoutError) as fault:
            with lock:
                failed += 1
            print(f"A visitor was lost: {fault}", file=sys.stderr)
            return
        with lock:
            failed += bool(faults)
            seconds.append(time.perf_counter() - start)
            visitors.append(visitor)

    with ThreadPoolExecutor(JOINING) as pool:
        list(pool.map(one, [n * WITHIN / JOINING for n in range(JOINING)]))
    return seconds, visitors, failed


def stay(visitors: list[Visitor], minutes: float) -> tuple[list[float], int]:
    """Visitors look at one page after another with time to think: seconds of each look, and how many failed."""
    seconds, failed, lock, end = [], 0, threading.Lock(), time.monotonic() + minutes * 60

    def one(number: int) -> None:
        nonlocal failed
        choose = random.Random(number)
        time.sleep(choose.random() * THINKING)
        while time.monotonic() < end:
            start = time.perf_counter()
            try:
                _, _, faults = visitors[number].run(*choose.choice(PAGES))
            except (OSError, TimeoutError) as fault:
                print(f"A visitor was lost: {fault}", file=sys.stderr)
                with lock:
                    failed += 1
                return
            with lock:
                failed += bool(faults)
                seconds.append(time.perf_counter() - start)
            time.sleep(THINKING * (0.5 + choose.random()))

    with ThreadPoolExecutor(len(visitors)) as pool:
        list(pool.map(one, range(len(visitors))))
    return seconds, failed


def main(minutes: float = 2.0) -> None:
    """Runs the crowd and prints what was measured."""
    out = Console()
    table = Table(
        "What", "Median, s", "95 %, s", "Lost", "CPU of the server, s", "Memory, MB", title="A crowd", title_justify="left"
    )
    start = time.perf_counter()
    with server() as (port, pid):
        first = Visitor(port)
        first.run()
        ready = time.perf_counter() - start
        time.sleep(WARMING)
        before, alone = cpu_seconds(pid), memory(pid)
        seconds, visitors, failed = join(port)
        table.add_row(
            f"{JOINING} visitors within {WITHIN:g} s, first view",
            f"{statistics.median(seconds):.2f}",
            f"{p95(seconds):.2f}",
            str(failed),
            f"{cpu_seconds(pid) - before:.1f}",
            f"{alone:.0f} → {memory(pid):.0f}",
        )
        for visitor in visitors[STAYING:]:
            visitor.close()
        before, joined = cpu_seconds(pid), memory(pid)
        seconds, failed = stay(visitors[:STAYING], minutes)
        table.add_row(
            f"{STAYING} visitors for {minutes:g} min, {len(seconds)} looks",
            f"{statistics.median(seconds):.2f}",
            f"{p95(seconds):.2f}",
            str(failed),
            f"{cpu_seconds(pid) - before:.1f}",
            f"{joined:.0f} → {memory(pid):.0f}",
        )
    out.print(table)
    out.print(f"Start to first answer: {ready:.1f} s. Memory for each extra visitor: {(joined - alone) / JOINING:.2f} MB.")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 2.0)
