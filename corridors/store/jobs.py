"""Long work that outlives the page that asked for it: each job is a folder with what was asked, how far it is, and what came of it.

The work itself is a process of its own (`python -m etl.jobs FOLDER`), so a page, a tab or the whole server may go meanwhile. It
holds a lock for as long as it lives: a job that is neither ended nor held by anybody was killed, and says so.
"""

import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from corridors import ROOT, paths
from corridors.store.atomic_files import private_folder, replace
from corridors.store.lock import is_held

ASKED, STATE, RESULT, ALIVE, FILES, LOG = "asked.json", "state.json", "result.json", "alive", "files", "log.txt"
MARKED = "marked.xlsx"  # of a check: the files with their faults marked
SENT = "sent"  # beside a job whose files a member has sent to the analysts
ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{8}")
WAITING, RUNNING, DONE, REFUSED, FAILED, CANCELLED, KILLED = (
    "waiting",
    "running",
    "done",
    "refused",
    "failed",
    "cancelled",
    "killed",
)
ENDED = {DONE, REFUSED, FAILED, CANCELLED, KILLED}
TO_BEGIN = 60.0  # seconds that a process may take to load before it counts as killed
FILES_FOR, FOR = 86400.0, 90 * 86400.0  # seconds for which handed-in files, and what is known of a job, are held
SENT_FOR = 30 * 86400.0
UNDONE = {"accept", "carry", "decide"}  # kinds of job that can be
PLAIN = re.compile(r"[^\w.,()+ -]")
_started: list[subprocess.Popen] = []  # by this process: asked now and then, so that none stays behind as a zombie


@dataclass(frozen=True)
class Job:
    """One job. `who` is the digest under which the audit trail knows who asked, `by` their name or role."""

    id: str
    kind: str
    who: str
    by: str
    options: Mapping[str, Any]
    state: str
    step: str = ""
    done: int = 0
    total: int | None = None
    began: datetime | None = None
    problems: tuple[str, ...] = ()
    result: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    sent: bool = False

    @property
    def ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state in ENDED


class NoJob(Exception):
    """There is no job of this name, or no longer."""


def folder() -> Path:
    """Where jobs lie: the environment's CORRIDORS_JOBS, else private/jobs in the folder of imported data."""
    return Path(os.environ.get("CORRIDORS_JOBS") or paths.DATA / "private" / "jobs")


def start(
    kind: str,
    who: str,
    by: str,
    options: Mapping[str, Any] | None = None,
    files: Iterable[tuple[str, Iterable[bytes]]] = (),
) -> str:
    """Begins a job and returns its id. `files`: name and pieces of each file that it needs. Raises OSError; nothing is then left."""
    sweep()
    job_id = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(4)}"
    place = private_folder(folder()) / job_id
    private_folder(place / FILES)
    try:
        for name, pieces in files:
            with _free(place / FILES, name).open("xb") as handle:
                handle.writelines(pieces)
        asked = {"kind": kind, "who": who, "by": by, "options": dict(options or {}), "began": datetime.now(UTC).isoformat()}
        replace(place / ASKED, json.dumps(asked))
        with (place / LOG).open("wb") as log:
            _started[:] = [process for process in _started if process.poll() is None]
            _started.append(
                subprocess.Popen(
                    [sys.executable, "-m", "etl.jobs", str(place)],
                    cwd=ROOT,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,  # Ctrl-C in the server's terminal does not end it
                )
            )
    except OSError:
        shutil.rmtree(place, ignore_errors=True)
        raise
    return job_id


def _free(place: Path, name: str) -> Path:
    """A place for a file that says it is called `name`: its last part in plain letters, and a number where it comes twice."""
    plain = PLAIN.sub("_", name.replace("\\", "/").rsplit("/", 1)[-1]).strip(". ")[-120:] or "file"
    stem, dot, ending = plain.rpartition(".")
    names = [plain, *(f"{stem or ending} ({n}){dot}{ending if stem else ''}" for n in range(2, 1000))]
    return next(place / each for each in names if not (place / each).exists())


def read(job_id: str) -> Job:
    """A job as it stands now. Raises NoJob."""
    place = folder() / job_id
    if not ID.fullmatch(job_id):
        raise NoJob(f"There is no job “{job_id[:40]}”.")
    asked = _content(place / ASKED)
    if not asked:
        raise NoJob("There is no such job any more.")
    held = is_held(place / ALIVE)  # asked before the result is looked for: a job that ends in between has one
    content = _content(place / RESULT) or _content(place / STATE)
    state = content.get("state", WAITING)
    began = datetime.fromisoformat(asked["began"])
    young = not content and (datetime.now(UTC) - began).total_seconds() < TO_BEGIN
    if state not in ENDED and not held and not young:
        state = KILLED
    files = tuple(sorted(path.name for path in (place / FILES).glob("*")))
    return Job(
        job_id,
        asked["kind"],
        asked["who"],
        asked["by"],
        asked["options"],
        state,
        content.get("step", ""),
        content.get("done", 0),
        content.get("total"),
        began,
        tuple(content.get("problems", ())),
        content.get("result", {}),
        files,
        (place / SENT).exists(),
    )


def listed(most: int = 50) -> list[Job]:
    """The latest jobs, newest first."""
    found = []
    names = sorted((p.name for p in folder().glob("*-*") if ID.fullmatch(p.name)), reverse=True) if folder().is_dir() else []
    for name in names[:most]:
        with suppress(NoJob):
            found.append(read(name))
    return found


def place_of(job_id: str) -> Path:
    """The folder of a job. Raises NoJob."""
    read(job_id)
    return folder() / job_id


def cancel(job_id: str) -> None:
    """Asks a job to end; nothing of it is then left half. One that has ended stays as it is. Raises NoJob."""
    place = place_of(job_id)
    if not is_held(place / ALIVE):
        return
    with suppress(ValueError, OSError):  # gone meanwhile
        os.kill(int((place / ALIVE).read_text(encoding="ascii").split()[0]), signal.SIGTERM)


def drop_files(job_id: str) -> None:
    """Deletes what was handed in with a job, also what was shown and marked of it; that it was asked for stays. Raises NoJob."""
    _drop(place_of(job_id))


def _drop(place: Path) -> None:
    shutil.rmtree(place / FILES, ignore_errors=True)
    (place / MARKED).unlink(missing_ok=True)
    content = _content(place / RESULT)
    if content.get("result", {}).get("files"):  # rows of the files, as they were sent
        replace(place / RESULT, json.dumps(content | {"result": {}}))


def no_undo(job: Job) -> str:
    """Why what a job has written cannot be undone, and what to do instead; empty where its result holds what undoing needs."""
    result = job.result
    if job.kind not in UNDONE or job.state != DONE:
        return f"The job {job.id} has written nothing that could be undone."
    if result.get("wrote") or result.get("key") or (job.kind == "decide" and result.get("file") and result.get("text")):
        return ""
    if "wrote" in result:
        return "Everything was the same already, so there is nothing to undo."
    if job.kind == "decide":
        return "An earlier version of this program wrote it, and did not note what: take the entry out of its file in data/editorial by hand."
    return (
        "An earlier version of this program read it, and did not keep what was there before: "
        "hand in the release before, and take the step back."
    )


def send(job_id: str) -> None:
    """Marks a job's files as sent to the analysts: they are held longer, and offered to them. Raises NoJob."""
    replace(place_of(job_id) / SENT, "")


def sweep() -> None:
    """Deletes handed-in files after a day (after a month if they were sent), and jobs after ninety days."""
    now = time.time()
    for place in folder().glob("*-*") if folder().is_dir() else ():
        with suppress(OSError, NoJob):
            age = now - place.stat().st_mtime
            if age > FOR or age > FILES_FOR and not (place / ASKED).exists():  # the server went while files were coming in
                shutil.rmtree(place, ignore_errors=True)
            elif age > (SENT_FOR if (place / SENT).exists() else FILES_FOR) and read(place.name).ended:
                _drop(place)


def _content(path: Path) -> dict:
    """What a small JSON file holds; empty where it is not there."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
