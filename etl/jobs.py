"""`python -m etl.jobs FOLDER`: the process of one job (`corridors.store.jobs`). It does what the command line does, and writes down
how far it is and what came of it. One job that writes is at work at a time; the others wait and say for whom.
"""

import importlib
import json
import logging
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import asdict
from datetime import date
from pathlib import Path

import tomli_w

from corridors import catalog, paths
from corridors.catalog import people
from corridors.problems import Problem, Refused
from corridors.store import bucket, command, drafts, editions, jobs
from corridors.store.atomic_files import linked, replace, sha256, whole
from corridors.store.lock import Busy, one_writer
from etl import corrections, grading, inbox, pipeline
from etl.submissions import guard
from etl.submissions.commands import KINDS, recognised
from etl.submissions.report.outcome import rows_text, verdict

log = logging.getLogger("corridors.jobs")
WRITER = "writer"  # the lock of the job that writes
PATIENCE = 6 * 3600.0  # seconds for which a job waits for the ones before it
OFTEN = 0.3  # seconds between two notes of how far a job is
OF_MEMBER = "member"  # option of a check: only a briefing of this member may come in
BEFORE = "before"  # in a job's folder: the files below data/ that it has replaced, as they were
RESTS = {".toml"}  # files that belong to another one: the card of a case file


class Cancelled(BaseException):
    """Somebody asked the job to end."""


class Noted:
    """Where a job writes how far it is; also a Progress of the readers."""

    def __init__(self, place: Path):
        self.place, self.last = place, 0.0
        self.result: dict = {}  # what can be shown while the rest goes on

    def __call__(self, step: str, done: int = 0, total: int | None = None, state: str = jobs.RUNNING) -> None:
        now = time.monotonic()
        if now - self.last >= OFTEN or state != jobs.RUNNING:
            self.last = now
            outcome = {"state": state, "step": step, "done": done, "total": total, "result": self.result}
            replace(self.place / (jobs.RESULT if self.result else jobs.STATE), json.dumps(outcome))

    def waits(self, text: str) -> None:
        """Notes for whom the job waits."""
        self(text, state=jobs.WAITING)


def run(place: Path) -> None:
    """Does the job in a folder and writes down what came of it; whatever happens, a result stands there or nothing was changed."""
    asked = json.loads((place / jobs.ASKED).read_text(encoding="utf-8"))
    work, writes = WORK[asked["kind"]]
    note = Noted(place)
    signal.signal(signal.SIGTERM, _cancelled)
    with one_writer(place / jobs.ALIVE, 0):
        try:
            note("Beginning", state=jobs.WAITING)
            with one_writer(place.parent / WRITER, PATIENCE, note.waits) if writes else nullcontext():
                note("Beginning", state=jobs.RUNNING)
                note.last = 0.0
                result = work(place, asked["options"], note)
            outcome = {"state": jobs.DONE, "result": result}
        except Cancelled:
            outcome = {"state": jobs.CANCELLED, "problems": ["Stopped. Nothing of it was kept."]}
        except (
            Refused,
            drafts.Stale,
            editions.NoEdition,
            editions.UnknownEdition,
            catalog.CatalogFault,
            Busy,
            bucket.BucketRefused,
        ) as fault:
            outcome = {"state": jobs.REFUSED, "problems": [str(p) for p in getattr(fault, "problems", [fault])]}
        except command.DISK as fault:
            outcome = {"state": jobs.FAILED, "problems": [f"The disk or the system refused: {fault}. Nothing was changed."]}
        except Exception:  # a fault of ours: its trace is for whoever looks after the server, in the job's log
            log.exception("the job %s failed", place.name)
            said = f"A fault of this program; nothing was changed. Whoever looks after the server finds it in {place.name}/log.txt."
            outcome = {"state": jobs.FAILED, "problems": [said]}
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        with suppress(OSError):  # on a full disk nobody can be told; the page then says that the job was ended
            replace(place / jobs.RESULT, json.dumps(outcome))


def _cancelled(number, frame) -> None:
    raise Cancelled


def check(place: Path, options: dict, note: Noted) -> dict:
    """Judges what was handed in; writes nothing but the marked workbook."""
    guard.said_code_page = options.get("code_page", "")
    judged, came = [], _handed_in(place)
    for path in came:
        note(f"Checking {path.name}")
        beside = [other for other in came if other != path]
        one = inbox.judge(path, pipeline.DATA, options.get("layout", ""), note, beside)
        judged.append(_only_of(one, options.get(OF_MEMBER, "")))
    note.result = {"files": [_told(one) for one in judged]}
    if any(one.report.faults for one in judged):
        note.last = 0.0
        note("Marking the cells in a workbook to take away")
        inbox.marked(judged, place / jobs.MARKED)
    return note.result


def _handed_in(place: Path) -> list[Path]:
    found = sorted(p for p in (place / jobs.FILES).iterdir())
    return [
        p for p in found if p.suffix not in RESTS or len(found) == 1 or not any(q.stem == p.stem for q in found if q != p)
    ]


def _only_of(one: inbox.Judged, iso3: str) -> inbox.Judged:
    """The same, or the refusal of what a member may not hand in: anything but its own briefing. `iso3` is empty for analysts."""
    own = one.kind == "briefing" and (one.report.member == iso3 or not (one.report.member or one.report.fine))
    if not iso3 or own or one.kind == inbox.UNKNOWN:
        return one
    fault = Problem(
        one.report.path.name,
        one.report.title,
        f"the country briefing of {catalog.load().place_name(iso3)}",
        "Hand in that one; anything else goes to the analysts of the Working Group.",
    )
    return inbox.Judged(one.kind, inbox.Report(one.kind, one.report.path, one.report.title, (fault,)))


def _told(one: inbox.Judged) -> dict:
    """A judgement as the page draws it."""
    report = one.report
    return {
        "kind": one.kind,
        "file": report.path.name,
        "title": report.title,
        "fine": report.fine,
        "verdict": verdict(report),
        "rows": rows_text(report),
        "facts": list(report.facts),
        "faults": [asdict(fault) | {"cell": fault.cell} for fault in report.faults],
        "excerpts": [
            {
                "sheet": e.sheet,
                "columns": list(e.columns),
                "rows": [[n, list(cells)] for n, cells in e.rows],
                "marks": [[row, column, faults[0].level] for (row, column), faults in e.marks.items()],
            }
            for e in one.excerpts
        ],
    }


def accept(place: Path, options: dict, note: Noted) -> dict:
    """Accepts a file of a check: members' files into data/, a publisher's original through its reader."""
    origin = jobs.place_of(options["check"])
    path = origin / jobs.FILES / Path(options["file"]).name
    if not path.exists():
        raise Refused(f"{path.name} is held no longer. Hand it in again.")
    judged = jobs.read(options["check"]).result.get("files", [])
    kind = next((f["kind"] for f in judged if f["file"] == path.name), "")
    if kind == inbox.ORIGINAL:
        return _take_original(place, path, options, note)
    guard.said_code_page, layout = options.get("code_page", ""), options.get("layout", "")
    named = {"layout": layout} if layout else {}
    module = recognised(path, layout=layout)
    done = module.accept(path, pipeline.DATA, note, **({"partial": True} if options.get("partial") else {}), **named)
    path.unlink()
    if kind == "cases":
        path.with_suffix(".toml").unlink(missing_ok=True)  # its card
    return {"key": done.key, "changes": list(done.changes)}


def _take_original(place: Path, path: Path, options: dict, note: Noted) -> dict:
    """Reads a source anew with the files of it that were handed in together, imports what they say, and holds them."""
    source = inbox.product_of(path).source
    came = sorted(path.parent.iterdir())
    held = pipeline.DATA / "originals" / source
    with tempfile.TemporaryDirectory() as room, _undoable(place, [source], held) as wrote:
        folder = inbox.gathered(source, pipeline.DATA, came, Path(room))
        said = _import(Path(room), [source], options, note)
        taken = [each for each in came if (folder / each.name).exists()]
        held.mkdir(parents=True, exist_ok=True)
        for each in taken:
            with whole(held / each.name) as part:
                shutil.copyfile(each, part)
    for each in taken:
        each.unlink()
    return {"key": "", "files": [each.name for each in taken], "changes": said, "wrote": wrote}


@contextmanager
def _undoable(place: Path, sources: list[str], *more: Path) -> Iterator[dict[str, str]]:
    """Keeps in a job's folder what is replaced meanwhile of the tables of these sources (and in `more` folders); fills in which
    files below data/ were written → their SHA-256, empty of one that went. Files there are replaced and never written into, so a second name holds one."""
    kept, wrote = place / BEFORE, {}
    folders = [*(pipeline.DATA / part / source for source in sources for part in ("sources", "cases")), *more]
    for folder in filter(Path.is_dir, folders):
        shutil.copytree(folder, kept / folder.relative_to(pipeline.DATA), copy_function=linked)

    def compare() -> None:
        now = {path.relative_to(pipeline.DATA) for folder in folders for path in folder.rglob("*") if path.is_file()}
        for name in now | {path.relative_to(kept) for path in kept.rglob("*") if path.is_file()}:
            written, former = _digest(pipeline.DATA / name), _digest(kept / name)
            if written != former:
                wrote[name.as_posix()] = written
            else:
                (kept / name).unlink()

    try:
        yield wrote
    except BaseException:  # what fails half-way, or is stopped, has written nothing
        pipeline.commit_files(pipeline.DATA)
        compare()
        _put_back(kept, wrote)
        raise
    compare()


def withdraw(place: Path, options: dict, note: Noted) -> dict:
    """Undoes an acceptance by its key, or whatever the job that `options` name has written."""
    if "job" in options:
        made = jobs.read(options["job"])
        if refusal := jobs.no_undo(made):
            raise Refused(refusal)
        if wrote := made.result.get("wrote"):
            return {"key": "", "changes": _put_back(jobs.place_of(made.id) / BEFORE, wrote)}
        if made.kind == "decide":
            return {"key": "", "changes": [_struck(made.result)]}
        options = {"key": made.result["key"]}
    name = options["key"].split()[0] if options["key"].split() else ""
    kinds = {module.NAME: module for module in map(importlib.import_module, KINDS)}
    if name not in kinds:
        raise Refused(f"“{options['key'][:80]}” is no key; expected one that begins with {' or '.join(kinds)}.")
    done = kinds[name].withdraw(options["key"], pipeline.DATA)
    return {"key": done.key, "changes": list(done.changes)}


def _digest(path: Path) -> str:
    """The SHA-256 of a file; empty where there is none."""
    return sha256(path) if path.is_file() else ""


def _put_back(kept: Path, wrote: dict[str, str]) -> list[str]:
    """Files below data/ as they were before a job wrote them; nothing is touched if one was written again since."""
    later = []
    for name, written in wrote.items():
        if _digest(pipeline.DATA / name) not in (written, _digest(kept / name)):
            later.append(
                Problem(f"data/{name}", "another content than this job wrote", "what it wrote", "Undo the later one first.")
            )
    if later:
        raise Refused(later)
    for name in wrote:
        if (kept / name).is_file():
            with whole(pipeline.DATA / name) as part:
                linked(kept / name, part)  # which a full disk allows too
        else:
            (pipeline.DATA / name).unlink(missing_ok=True)
    return [f"data/{name} is as it was before" for name in wrote]


def _struck(decided: dict) -> str:
    """Takes a decision out of its text file again, if it stands there as it was written."""
    path = pipeline.DATA / decided["file"]
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    before, found, after = text.rpartition(decided["text"])
    if not found:
        fix = "Nothing is left to undo, or somebody has changed it by hand: look into that file."
        raise Refused.of(f"data/{decided['file']}", "no entry as it was written down", "that entry", fix)
    if rest := f"{before.rstrip()}\n{after}".lstrip():
        replace(path, rest)
    else:
        path.unlink()
    return f"{decided['file']}: the entry is taken out again. It counts from the next draft on."


def draft(place: Path, options: dict, note: Noted) -> dict:
    """Builds a draft edition of what is accepted, and says what would change."""
    from etl import build

    made = build.build(pipeline.DATA, drafts.made(), on_step=note, published=editions.folder())
    name = f"{editions.DRAFT}{made.edition_id}"
    drafts.belongs_to_nobody(name)
    drafts.sweep()
    return {
        "draft": name,
        "same": made.edition_id in editions.listed(),
        "questions": [[c.name, len(offenders), offenders[:5]] for c, offenders in made.open_questions],
    }


def preview(place: Path, options: dict, note: Noted) -> dict:
    """Builds a draft from a copy of data/ with a member's briefing in it, for its sender alone; data/ stays as it is."""
    from etl import build

    path = jobs.place_of(options["check"]) / jobs.FILES / Path(options["file"]).name
    with tempfile.TemporaryDirectory() as room:
        copy = Path(room) / "data"
        note("Copying")
        apart = shutil.ignore_patterns(*build.APART)
        shutil.copytree(
            pipeline.DATA, copy, ignore=lambda folder, names: apart(folder, names) if Path(folder) == pipeline.DATA else ()
        )
        if (private := pipeline.DATA / "private").is_dir():
            (copy / "private").symlink_to(private)
        importlib.import_module("etl.briefings.kind").accept(path, copy, note)
        made = build.build(copy, drafts.made(), on_step=note, published=editions.folder())
    name = f"{editions.DRAFT}{made.edition_id}"
    drafts.mark_preview(name, options["who"])
    drafts.sweep()
    return {"draft": name}


def publish(place: Path, options: dict, note: Noted) -> dict:
    """Makes readers see a draft."""
    note("Publishing")
    return {"edition": drafts.publish(options["draft"])}


def look(place: Path, options: dict, note: Noted) -> dict:
    """Asks the publishers for newer originals and says what would change; nothing is imported."""
    from etl import refresh

    wanted = options.get("sources") or []
    folder = pipeline.DATA / "originals"
    faults = []
    try:
        fetched = refresh.refresh(pipeline.sources(wanted), folder, on_progress=note)
    except refresh.RefreshIncomplete as fault:
        fetched, faults = fault.fetched, [str(p) for p in fault.problems]
    found = [f"{f.source_id}/{f.file}: {f.state}" for f in fetched]
    note("Reading what came")
    changes, refused, ready = [], [], []
    for source in sorted({f.source_id for f in fetched}):
        try:
            pipeline.extract(folder, [source], pipeline.DATA, before_writing=changes.append, write=False)
            ready.append(source)
        except Refused as fault:
            refused += [str(p) for p in fault.problems]
    return {"found": found, "ready": ready, "changes": changes, "faults": faults + refused}


def import_held(place: Path, options: dict, note: Noted) -> dict:
    """Turns the originals that are held into imported tables."""
    with _undoable(place, options["sources"]) as wrote:
        said = _import(pipeline.DATA / "originals", options["sources"], options, note)
    return {"changes": said, "wrote": wrote}


def _import(origin: Path, sources: list[str], options: dict, note: Noted) -> list[str]:
    said: list[str] = []
    if "ctdc" in sources:
        made = importlib.import_module("etl.sources.ctdc.read").extract(origin / "ctdc", pipeline.DATA)
        said.append(f"ctdc: {len(made.counts):,} counts of {made.persons:,} people")
    if named := [source for source in sources if source != "ctdc"]:
        pipeline.extract(
            origin,
            named,
            pipeline.DATA,
            on_source=lambda name, result: note(f"Reading {name}"),
            older=bool(options.get("older")),
            before_writing=said.append,
        )
    return said


def decide(place: Path, options: dict, note: Noted) -> dict:
    """Adds a decision to the text file that the command line uses, if the file with it is sound."""
    what, entry, office = options["what"], dict(options["entry"]), options["office"].strip()
    faults = [
        fault
        for column in ("reason", "office")
        for fault in people.problems(str(entry.get(column, office)), "desk", column=column)
    ]
    if not office or not entry.get("reason", "").strip():
        faults.append(Problem("desk", "no office or no reason", "which office decides, and why", "Write both."))
    if faults:
        raise Refused(faults)
    vocabulary = catalog.load()
    file, key, validate = {
        "break": (paths.BREAKS, "breaks", lambda path: catalog.with_breaks_of(vocabulary, path)),
        "override": (paths.OVERRIDES, "overrides", lambda path: grading.overrides(path, vocabulary)),
        "correction": (paths.CORRECTIONS, "corrections", corrections.load),
    }[what]
    if what == "override":
        entry |= {"set_by": office, "dated": date.today()}
    path = pipeline.DATA / file
    before = path.read_text(encoding="utf-8") if path.is_file() else ""
    said = f"# Decided at the desk on {date.today()} by {' '.join(office.split())}."
    text = f"{said}\n{tomli_w.dumps({key: [entry]}, multiline_strings=False)}"
    with whole(path) as part:
        part.write_text(f"{before.rstrip()}\n\n{text}".lstrip(), encoding="utf-8")
        validate(part)
    changes = [f"{file}: one entry more. It counts from the next draft on."]
    return {"changes": changes, "file": Path(file).as_posix(), "text": text}


def template(place: Path, options: dict, note: Noted) -> dict:
    """Writes a form to be filled in, or the same with invented rows as an example; says what each column means."""
    from etl.briefings import example, model, read
    from etl.briefings import template as briefing
    from etl.cases import format as cases
    from etl.cases import template as case_template

    if options["what"] == "cases":
        file = case_template.write(place / "cases.xlsx")
        return {
            "file": file.name,
            "columns": [["Cases", name, meaning] for name, meaning in cases.vocabulary().columns.items()],
        }
    iso3, year = options["what"], date.today().year - 1
    name = f"briefing-{iso3}-{year}{'-example' if options.get('example') else ''}.xlsx"
    file = briefing.write(
        place / name,
        iso3,
        read.vocabulary(catalog.load(), pipeline.DATA),
        pipeline.DATA,
        (date(year, 1, 1), date(year, 12, 31)),
    )
    if options.get("example"):
        example.fill(file)
    meaning = [[sheet.name, column.title, column.note] for sheet in model.SHEETS for column in sheet.columns if column.asked]
    return {"file": file.name, "columns": meaning}


# what each kind of job does, and whether it writes below data/ or editions
WORK: dict[str, tuple[Callable[[Path, dict, Noted], dict], bool]] = {
    "check": (check, False),
    "accept": (accept, True),
    "withdraw": (withdraw, True),
    "draft": (draft, True),
    "preview": (preview, True),
    "publish": (publish, True),
    "look": (look, True),
    "carry": (import_held, True),
    "decide": (decide, True),
    "template": (template, False),
}

if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(10)  # whoever looks at pages comes first
    logging.basicConfig(level=logging.WARNING)
    run(Path(sys.argv[1]))
