"""`python -m tools.bench.desk`: the desk's jobs, and what other visitors feel of them.

A workbook of 5 MB, a million case records in 200 MB, a draft of everything: seconds from the tap until its faults can be shown, or
else to the end of the job; largest memory of its process, and the reruns of a visitor of a member's page meanwhile (95th percentile) beside those on an idle server.
"""

import os
import random
import statistics
import tempfile
import time
import zipfile
from contextlib import suppress
from pathlib import Path

import pandas as pd
import xlsxwriter
from rich.console import Console
from rich.table import Table

from corridors.store import jobs
from tools.bench import cases
from tools.bench.visitor import Visitor, server

ROWS, IN_WORKBOOK, IDLE = 1_000_000, 29_000, 40  # of a workbook as many as its bound of cells lets in
BOOK = 5 * 2**20  # bytes
BOUNDS = {"workbook": "5 s", "records": "1,200 MB", "draft": "30 s", "others": "1.5 times"}


def main() -> None:
    """Measures and prints."""
    out = Console()
    with tempfile.TemporaryDirectory() as room:
        folder = Path(room)
        data = cases.imported(folder / "data")
        own = {f"CORRIDORS_{name.upper()}": str(folder / name) for name in ("data", "editions", "jobs", "drafts")}
        os.environ.update(own)
        cases.built(data, folder / "editions")
        large, book = folder / "records.csv", folder / "records.xlsx"
        cases.write(large, ROWS, wide=True)
        _workbook(book, pd.read_csv(large, dtype=str, keep_default_na=False, nrows=IN_WORKBOOK))
        with server(env=own) as (port, _):
            visitor = Visitor(port)
            _reruns(visitor, lambda: False, 10)  # what is made ready at first is not what a rerun costs
            idle = _reruns(visitor, lambda: False, IDLE)
            table = Table(
                "Job", "File", "Seconds", "To the end", "Memory, MB", "Others' rerun, p95", "Idle p95", title_justify="left"
            )
            for name, kind, file in (("workbook", "check", book), ("records", "check", large), ("draft", "draft", None)):
                start = time.perf_counter()
                job_id = jobs.start(kind, "bench", "Bench", {}, [(file.name, [file.read_bytes()])] if file else [])
                seen: list[float] = []
                shown: list[float] = []
                felt = _reruns(visitor, lambda: _running(job_id, seen, shown))
                took = time.perf_counter() - start
                size = f"{file.stat().st_size / 2**20:,.1f} MB" if file else ""
                job = jobs.read(job_id)
                table.add_row(
                    f"{name}: {job.state}",
                    size,
                    f"{(shown or [took])[0] - (start if shown else 0):.1f}",
                    f"{took:.1f}",
                    f"{max(seen, default=0):,.0f}",
                    f"{felt * 1000:.0f} ms",
                    f"{idle * 1000:.0f} ms",
                )
            visitor.close()
    out.print(table)
    out.print(f"Bounds: {BOUNDS}. Seconds count from the moment when the file lies on the server.")


def _reruns(visitor: Visitor, go_on, least: int = 1) -> float:
    """The 95th percentile of a visitor's reruns, in seconds, for as long as `go_on` says."""
    took: list[float] = []
    while go_on() or len(took) < least:
        start = time.perf_counter()
        visitor.run("member", "member=Thailand")
        took.append(time.perf_counter() - start)
        time.sleep(0.2)
    return statistics.quantiles(took, n=20)[-1] if len(took) > 1 else took[0]


def _workbook(path: Path, rows: pd.DataFrame) -> None:
    """Case records with one fault, as registers write workbooks: texts in their cells, packed in haste, a preview beside them."""
    rows.loc[7, "crime"] = "TIP"
    plain = path.with_suffix(".plain")
    with xlsxwriter.Workbook(plain, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("Cases")
        for n, line in enumerate([tuple(rows.columns), *rows.itertuples(index=False)]):
            sheet.write_row(n, 0, [int(text) if text.isdigit() else text or None for text in line])
    with zipfile.ZipFile(plain) as held, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for part in held.infolist():
            packed.writestr(part.filename, held.read(part))
        packed.writestr("docProps/thumbnail.jpeg", random.Random(1).randbytes(max(0, BOOK - path.stat().st_size)))


def _running(job_id: str, seen: list[float], shown: list[float]) -> bool:
    """Whether a job still runs; notes the largest memory of its process and of its children so far, in MB, and when there was
    first something of it to be shown."""
    with suppress(OSError, ValueError, IndexError):
        process = int((jobs.folder() / job_id / jobs.ALIVE).read_text(encoding="ascii").split()[0])
        children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split()
        lines = [line for p in (process, *children) for line in Path(f"/proc/{p}/status").read_text().splitlines()]
        seen.append(sum(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024)
    job = jobs.read(job_id)
    if job.result:
        shown.append(time.perf_counter())
    return not job.ended


if __name__ == "__main__":
    main()
