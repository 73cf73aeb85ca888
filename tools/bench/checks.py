"""`python -m tools.bench.checks`: checking a briefing of 81 figures and 25,000 case records in a workbook, on a busy machine.

Prints seconds of CPU (the child process that opens the file is in them) and the ratio to Python with pandas opening the same
workbook by python-calamine. Two processes that do nothing but count run beside: what a check may take is CPU, so it passes on a busy machine.
"""

import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from itertools import islice, product
from pathlib import Path

import openpyxl
import pandas as pd
from rich.console import Console
from rich.table import Table

from corridors import ROOT, catalog
from etl.briefings import read, template
from etl.briefings.model import COVER_TITLES, HEADER_ROW
from etl.pipeline import DATA
from tools.bench import cases

FIGURES, RECORDS, BUSY, ROUNDS = 81, 25_000, 2, 3
BOUND = 2.0  # seconds of CPU for the briefing
BARE = "import sys, pandas, python_calamine as c; b = c.CalamineWorkbook.from_path(sys.argv[1]); [s.to_python() for s in map(b.get_sheet_by_name, b.sheet_names)]"


def briefing(path: Path) -> None:
    """A workbook of Thailand with 81 figures: measures by citizenship."""
    words = read.vocabulary(catalog.load(), DATA)
    template.write(path, "THA", words, DATA, (date(2025, 1, 1), date(2025, 12, 31)))
    book = openpyxl.load_workbook(path)
    lines = {row[0].value: row[1] for row in book["Cover"].iter_rows()}
    for name, value in {"tlp": "GREEN", "office": "Division against trafficking", "state": "final"}.items():
        lines[COVER_TITLES[name]].value = value
    page = book["Figures"]
    head = {cell.value: cell.column for cell in page[HEADER_ROW]}
    measures = [m.name for m in words.catalog.measures.values() if m.partner_role]
    pairs = islice(product(measures, words.catalog.members), FIGURES)
    first = next(row[0].row for row in page.iter_rows(min_row=HEADER_ROW + 1) if not row[0].value)
    for row, (measure, partner) in enumerate(pairs, first):
        for title, value in (("Measure", measure), ("Citizenship or other end", partner), ("Number", 1000 - row)):
            page.cell(row, head[title]).value = value
    book.save(path)


def records(path: Path) -> None:
    """A workbook of random case records."""
    cases.write(path.with_suffix(".csv"), RECORDS)
    pd.read_csv(path.with_suffix(".csv"), dtype=str).to_excel(path, index=False, engine="xlsxwriter")


def cpu(*command: str) -> tuple[float, int]:
    """The least CPU of a few runs of a command with all its children, and its exit status."""
    spent = []
    for _ in range(ROUNDS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(spent), done.returncode


def main() -> None:
    """Measures and prints."""
    table = Table("What", "CPU, s", "pandas and calamine, s", "ratio", "passed", title="Checks", title_justify="left")
    with tempfile.TemporaryDirectory() as folder:
        busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(BUSY)]
        start = time.perf_counter()
        try:
            for name, write in ((f"briefing of {FIGURES} figures", briefing), (f"{RECORDS:,} records", records)):
                path = Path(folder) / f"{write.__name__}.xlsx"
                write(path)
                (ours, status), (bare, _) = cpu("-m", "etl", "check", str(path)), cpu("-c", BARE, str(path))
                table.add_row(name, f"{ours:.2f}", f"{bare:.2f}", f"{ours / bare:.1f}", "no" if status else "yes")
        finally:
            for process in busy:
                process.kill()
                process.wait()
    Console().print(table)
    Console().print(
        f"Bound: {BOUND:g} s of CPU for the briefing. {time.perf_counter() - start:.0f} s beside {BUSY} busy processes."
    )


if __name__ == "__main__":
    main()
