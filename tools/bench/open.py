"""`python -m tools.bench.open`: what figures cost by address, beside bare DuckDB and JSON, and many readers while people click.

One member's figures: milliseconds of this process for a page of 500, and the same rows asked of DuckDB and written as JSON. Then 50
readers at once, 20 questions each, on a server where 20 visitors click: answers lost, and the 95th percentile of both.
"""

import asyncio
import json
import statistics
import threading
import time
import urllib.request
from collections.abc import Callable

from rich.console import Console
from starlette.types import ASGIApp

from corridors.catalog import roles
from corridors.store import editions
from corridors.store.queries import open_data
from corridors.store.queries.figures import ask
from corridors.web import api
from tools.bench.visitor import Visitor, server, until_idle

READERS, QUESTIONS, VISITORS, MEMBER = 50, 20, 20, "THA"
BOUNDS = "Bounds: 15 ms and twice bare DuckDB with JSON; no answer lost."


def main() -> None:
    """Measures and prints."""
    out = Console()
    made = api.made(api.Api(lambda scope: (roles.LOCAL, "local"), roles.load))
    again = _cost(lambda: asyncio.run(_asked(made, "/figures", f"place={MEMBER}")))
    sizes = iter(range(api.PAGE, api.PAGE + 100))  # so that none was asked before
    ours = _cost(lambda: asyncio.run(_asked(made, "/figures", f"place={MEMBER}&size={next(sizes)}")))
    bare = _cost(_bare)
    out.print(
        f"A page of {MEMBER}'s figures: {ours:.1f} ms CPU; the same by DuckDB and JSON alone {bare:.1f} ms: {ours / bare:.2f} times. Asked again: {again:.1f} ms."
    )
    with server() as (port, pid):
        until_idle(pid)
        visitors, done, clicks, reads, lost = [Visitor(port) for _ in range(VISITORS)], threading.Event(), [], [], []

        def click(visitor: Visitor) -> None:
            while not done.is_set():
                clicks.append(_timed(lambda: visitor.run("member", "member=Thailand")))

        def read() -> None:
            for number in range(QUESTIONS):
                address = f"http://127.0.0.1:{port}{api.ROOT}/figures?place={MEMBER}&size=100&page={number + 1}"
                try:
                    reads.append(_timed(lambda: urllib.request.urlopen(address, timeout=60).read()))
                except OSError as fault:
                    lost.append(str(fault))

        clicking = [threading.Thread(target=click, args=(visitor,)) for visitor in visitors]
        reading = [threading.Thread(target=read) for _ in range(READERS)]
        for thread in (*clicking, *reading):
            thread.start()
        for thread in reading:
            thread.join()
        done.set()
        for thread, visitor in zip(clicking, visitors):
            thread.join()
            visitor.close()
    slow = [statistics.quantiles(times, n=20)[-1] for times in (reads, clicks)]
    out.print(
        f"{READERS} readers, {READERS * QUESTIONS} questions, {VISITORS} visitors: {len(lost)} lost {sorted(set(lost))}; "
        f"95th percentile {slow[0]:.2f} s an answer, {slow[1]:.2f} s a click. {BOUNDS}"
    )


async def _asked(app: ASGIApp, path: str, query: str) -> None:
    sent: list[dict] = []
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [],
    }

    async def receive() -> dict:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict) -> None:
        sent.append(message)

    await app(scope | {"root_path": "", "scheme": "http", "server": ("127.0.0.1", 80)}, receive, send)
    if sent[0]["status"] != 200:
        raise RuntimeError(sent)


def _bare() -> None:
    """The same rows, asked of the view of the pages, written as JSON by Python."""
    rows = ask(editions.current(), f"from figure_annotated where iso3 = '{MEMBER}' order by figure_id limit {api.PAGE}")
    json.dumps(
        rows[[c for c in rows if c in {sql for sql, _, _ in open_data.FIGURES.columns.values()}]].to_dict("records"),
        default=str,
    )


def _cost(work: Callable[[], None]) -> float:
    """Median milliseconds of CPU of ten times, after two that fill what is kept."""
    times = []
    for _ in range(12):
        start = time.process_time()
        work()
        times.append((time.process_time() - start) * 1000)
    return statistics.median(times[2:])


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
