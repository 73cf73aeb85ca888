"""`python -m tools.bench.steady`: memory of a server over 2,000 runs and 20 published editions, which must not go on growing.

Each edition holds the same figures under an id of its own, so that nothing of the one before can be used again.
"""

import shutil
import tempfile
import time
from pathlib import Path

from rich.console import Console

from corridors.store import editions, publishing
from tools.bench.load import PAGES, memory
from tools.bench.visitor import Visitor, server

EDITIONS, RUNS, VISITORS = 20, 100, 10
NOTICED = 3.0  # seconds until every process has looked at the pointer and filled its caches


def publish(file: Path, number: int, where: Path) -> None:
    """Publishes a copy of an edition under another id."""
    edition_id = f"2026-12-{number + 1:02d}-{number:08x}"
    copy = where / f"{edition_id}.duckdb"
    shutil.copy(file, copy)
    copy.chmod(0o444)
    digest = file.with_suffix(".sha256").read_text(encoding="utf-8").split()[0]
    copy.with_suffix(".sha256").write_text(f"{digest}  {copy.name}\n", encoding="utf-8")
    publishing.set_current(edition_id, where)


def main() -> None:
    """Prints the server's memory after each publication and its hundred runs."""
    out, file = Console(), editions.path_of(editions.current())
    with tempfile.TemporaryDirectory() as folder:
        where, faults, after = Path(folder), 0, []
        publish(file, 0, where)
        with server(env={"CORRIDORS_EDITIONS": folder}) as (port, pid):
            visitors = [Visitor(port) for _ in range(VISITORS)]
            for number in range(1, EDITIONS + 1):
                publish(file, number, where)
                time.sleep(NOTICED)
                for run in range(RUNS):
                    _, _, faulty = visitors[run % VISITORS].run(*PAGES[run % len(PAGES)])
                    faults += bool(faulty)
                after.append(memory(pid))
                out.print(f"{number} editions, {number * RUNS} runs: {after[-1]:.0f} MB")
    half = after[len(after) // 2 - 1]
    out.print(
        f"From the middle to the end: {after[-1] - half:+.0f} MB ({100 * (after[-1] / half - 1):+.0f} %); {faults} runs with a fault."
    )


if __name__ == "__main__":
    main()
