"""Writers on several machines: processes forked from one that has loaded everything, all at once, some of them killed.

Run as a script it is their parent: a line of JSON with jobs comes in, a line with how each ended goes out.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

from corridors.problems import Refused
from corridors.store.cases import batches, database
from etl.cases import kind

ROOT = Path(__file__).resolve().parents[2]
RECORDS = 200  # of a batch that is committed by hand


class Workers:
    """The parent of writers. `run` takes jobs (work, data, and its values) and says how each ended, in their order."""

    def __init__(self):
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.lake.workers"], cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def run(self, *jobs: dict) -> list[dict]:
        """Runs the jobs at once; a job with `kill` is killed so many seconds after it has come to its commit."""
        here = {name: value for name, value in os.environ.items() if name.startswith(("CORRIDORS", "AWS"))}
        said = [{"env": here} | {k: str(v) for k, v in job.items()} for job in jobs]
        self._process.stdin.write(json.dumps(said) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        """Ends the parent."""
        self._process.stdin.close()
        self._process.wait()


def accept(data: Path, file: str, **_) -> str:
    """Takes in a file as the command does."""
    return kind.accept(Path(file), data).key


def withdraw(data: Path, key: str, **_) -> str:
    """Withdraws a batch as the command does."""
    return kind.withdraw(key, data).key


def commit(data: Path, batch: str, tell, times: str = "1", **_) -> str:
    """Commits batches of RECORDS records without the right to be alone: the engine alone keeps writers apart."""
    with database.writer(data) as connection:
        for n in range(int(times)):
            name = f"{batch}-{n}"
            connection.execute("begin")
            connection.execute(
                "insert into batch_received values (?, 'register', 'A register', 'An office', '2026-10-01', ?, ?, ?, 0, null)",
                [name, name, RECORDS, RECORDS],
            )
            connection.execute(
                "insert into case_record select 'register', $1, md5($1 || i)::uuid, i % 256, 'THA', 2020, 1, 'MMR', 'KHM', 'THA', "
                "'trafficking', 'other', 'male', '18-29', 'broker', 'debt', 'other', 'other', 'other', 1 from range($2) as r(i)",
                [name, RECORDS],
            )
            batches.note_withdrawal(connection, str(uuid.uuid4()))  # rows of withdrawals never clash
            tell()
            connection.execute("commit")
    return batch


WORKS = {work.__name__: work for work in (accept, withdraw, commit)}


def _child(job: dict, out: int) -> None:
    os.environ.update(job.pop("env"))
    job["data"] = Path(job["data"])
    try:
        done = {"answer": WORKS[job.pop("work")](tell=lambda: os.write(out, b"."), **job)}
    except Refused as refusal:
        done = {"refused": str(refusal)}
    except BaseException as fault:
        done = {"fault": f"{type(fault).__name__}: {fault}"}
    os.write(out, json.dumps(done).encode())
    os._exit(0)


def _started(job: dict) -> tuple[int, int]:
    into, out = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(into)
        _child(job, out)
    os.close(out)
    return pid, into


def _ended(pid: int, into: int, kill: float | None) -> dict:
    said = b""
    if kill is not None:
        said = os.read(into, 1)
        time.sleep(kill)
        os.kill(pid, signal.SIGKILL)
    while part := os.read(into, 65536):
        said += part
    os.close(into)
    os.waitpid(pid, 0)
    said = said.lstrip(b".")
    return json.loads(said) if said else {"killed": True}


def main() -> None:
    """Reads jobs until the end of the input."""
    for line in sys.stdin:
        jobs = json.loads(line)
        kills = [float(job.pop("kill")) if "kill" in job else None for job in jobs]
        started = [_started(job) for job in jobs]
        print(json.dumps([_ended(*one, kill) for one, kill in zip(started, kills, strict=True)]), flush=True)


if __name__ == "__main__":
    main()
