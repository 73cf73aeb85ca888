"""Writers' work in processes that can be killed, starved of disk, or robbed of their rights; run as a script it is their parent.

A process that has loaded everything once forks a child for each job, so that a kill costs no start of Python. A *touch* is
an event of Python's audit (a file opened for writing, renamed, deleted, …) inside the watched folder: kills at touches hit
the moments between two states of the disk, which kills by the clock nearly always miss.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

from corridors.store import editions, publishing
from corridors.store.queries import figures
from etl import verify

ROOT = Path(__file__).resolve().parents[2]
TOUCHES = ("open", "os.mkdir", "os.rename", "os.chmod", "os.remove", "os.utime", "os.truncate", "os.rmdir")
NOBODY = 65534


class Workers:
    """The parent of killable children. `run` says how a job ended."""

    def __init__(self):
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.etl.killing"], cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def run(self, work: str, watched: Path, moment: int = 0, **more) -> dict:
        """Runs one of WORKS; killed at its `moment`-th touch of `watched` (0: never). Returns killed, touches, fault, answer.

        `most` limits the bytes of any file that it writes, `bare` runs it without rights, `photos` is a folder for a copy of
        `watched` at every touch: what a kill at that moment would leave.
        """
        job = {
            "work": work,
            "watched": str(watched),
            "moment": moment,
            **{k: str(v) if isinstance(v, Path) else v for k, v in more.items()},
        }
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        """Ends the parent."""
        self._process.stdin.close()
        self._process.wait()


def place(where: Path, edition_id: str = "") -> str:
    """What a reader reads just now."""
    return figures.ask(edition_id or editions.current(where), "select name from country").name[0]


def faults(where: Path, data: Path | None = None) -> list[str]:
    """What verify finds, in editions or in data; nothing when all is well."""
    found = verify.Verified()
    if data is None:
        verify._editions(found, where)
    else:
        verify._originals(found, data, verify._imported(found, data))
    return [str(p) for p in found.problems]


def damage(path: Path, how: str) -> None:
    """Does to an edition's file what disks and people do."""
    path.chmod(0o644)
    whole = path.read_bytes()
    if how == "missing":
        path.unlink()
        return
    middle = len(whole) // 2
    path.write_bytes(
        {
            "empty": b"",
            "cut off": whole[:middle],
            "flipped": whole[:middle] + bytes([whole[middle] ^ 255]) + whole[middle + 1 :],
            "garbage": b"<html>sign in</html>" * 999,
            "head only": whole[:4096],
        }[how]
    )


def publish(where: str, edition_id: str, place: str = "Thailand", rows: int = 1, **_) -> str:
    """An edition with a place in it, as a build publishes one; `rows` makes it large."""
    folder = Path(where)
    with publishing.writing(folder), publishing.draft(folder) as work:
        work.connection.execute("insert into country values ('THA', ?)", [place])
        if rows > 1:
            work.connection.execute("create table much as select hash(i) as a, hash(i + 1) as b from range(?) t(i)", [rows])
        return publishing.publish(work, edition_id, folder).name


def prune(where: str, keep: int, **_) -> list[str]:
    """Editions that were deleted."""
    return publishing.prune(keep, Path(where))


def retract(where: str, edition_id: str, **_) -> str | None:
    """The edition that readers see afterwards."""
    return publishing.retract(edition_id, "wrong", Path(where))


def extract(origin: str, data: str, names: list[str], **_) -> list[str]:
    """Sources that were extracted."""
    from etl import pipeline

    return [r.source_id for r in pipeline.extract(Path(origin), names, Path(data), older=True)]


def refresh(folder: str, base: str, **_) -> list[str]:
    """What became of the one file of the publisher's server."""
    from etl import refresh as refreshing
    from etl.download import FetchPolicy
    from tests.etl.publisher_server import a_source

    quick = FetchPolicy(first_delay=0.001, per_second=100_000, read_timeout=5, attempts=2)
    return [f.state for f in refreshing.refresh([a_source()], Path(folder), base=base, policy=quick)]


def build(data: str, where: str, day: str, photos: str = "", **_) -> str:
    """The id of the edition that was built."""
    from etl import build as building

    return building.build(
        Path(data), Path(where), date.fromisoformat(day), on_step=lambda text: _photograph(where, photos)
    ).edition_id


def _photograph(folder: str, photos: str) -> None:
    if photos:
        shutil.copytree(folder, Path(photos) / f"{len(os.listdir(photos)):03}")


def _job(job: dict, answer: int) -> None:
    """In the child: does the job and writes how it ended."""
    touches, busy = 0, False

    def watch(event: str, arguments: tuple) -> None:
        nonlocal touches, busy
        if busy or event not in TOUCHES or not str(arguments[0]).startswith(job["watched"]):
            return
        if event == "open" and not (isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")):
            return
        touches += 1
        if touches == job["moment"]:
            os.kill(os.getpid(), signal.SIGKILL)
        busy = True
        _photograph(job["watched"], job.get("photos", ""))
        busy = False

    os.write(answer, b" ")
    if job.get("most"):
        import resource  # POSIX's, while the rest of this module serves everywhere

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # the write then fails, as on a full disk
        sys.dont_write_bytecode = True  # what is cut off there would be everybody's
        resource.setrlimit(resource.RLIMIT_FSIZE, (job["most"], job["most"]))
    if job.get("bare") and os.getuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    sys.addaudithook(watch)
    told = {"fault": "", "answer": None}
    try:
        told["answer"] = globals()[job["work"]](**job)
    except Exception as fault:  # whatever it is, the test says what it must be
        told["fault"] = f"{type(fault).__name__}: {fault}"
    os.write(answer, json.dumps(told | {"touches": touches}).encode())


def _serve() -> None:
    """Forks a child for each line of the standard input and answers with how it ended."""
    from corridors import catalog
    from corridors.statistics import outlook
    from etl import build, pipeline, refresh  # noqa: F401  loaded once, for every child, as are the two seconds of its methods

    catalog.load()
    outlook._models()
    for source in ("unodc_cts", "unhcr"):
        __import__(f"etl.sources.{source}.read")
    for line in sys.stdin:
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(read)
            try:
                _job(json.loads(line), write)
            finally:
                os._exit(0)
        os.close(write)
        with os.fdopen(read, "rb") as pipe:
            text = pipe.read().strip()
        status = os.waitpid(child, 0)[1]
        told = json.loads(text) if text else {"fault": "", "answer": None, "touches": 0}
        print(json.dumps(told | {"killed": os.WIFSIGNALED(status)}), flush=True)


if __name__ == "__main__":
    _serve()
