"""`data/editorial/actions` and debrief forms as a kind of file that can be checked, accepted and withdrawn."""

import re
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

from corridors import bounded, catalog, paths
from corridors.catalog.calendars import bounds
from corridors.problems import WARNING, Problem, Refused
from corridors.store import atomic_files
from etl.actions import read, rules
from etl.reading import read_table
from etl.submissions.report.outcome import Accepted, Progress, Report, silent

NAME = "actions"
KEY = re.compile(r"actions ((?:19|20)\d\d(?:-\d\d)?) ([A-Z]{3}|meeting)")


def recognises(path: Path) -> bool:
    """True for a folder with an actions.toml and for a debrief form in TOML."""
    if path.is_dir():
        return (path / "actions.toml").is_file()
    if path.suffix != ".toml" or not path.is_file():
        return False
    try:
        content = bounded.read_toml(path)
    except bounded.Unreadable:
        return False
    return isinstance(content.get("action"), str) and bool({"answer", "outcome"} & content.keys())


def check(path: Path, data: Path, progress: Progress = silent) -> Report:
    """The report of the folder, or of one debrief form against the folder in `data`; writes nothing."""
    progress("Reading", 0, None)
    vocabulary = catalog.load()
    if path.is_dir():
        found = rules.examine(path, vocabulary, _routes(data))
        return _report(path, "Joint Periods of Action", found.problems, found.rows, _overdue(found), _facts(found))
    return _check_form(path, data, vocabulary)


def accept(path: Path, data: Path, progress: Progress = silent) -> Accepted:
    """Stores a debrief form among the others, keeping the one before; refuses a folder, which is edited in place."""
    if path.is_dir():
        raise Refused(
            "The folder of actions is edited in place and taken over by “python -m etl build”. Only a debrief form is accepted."
        )
    report = check(path, data, progress)
    if not report.fine:
        raise Refused([str(fault) for fault in report.errors])
    content = bounded.read_toml(path)
    name = f"{content['action']}_{content.get('member') or 'meeting'}"
    target = _place(data, name)
    changes = [f"{target.name} stored"]
    target.parent.mkdir(parents=True, exist_ok=True)
    with atomic_files.whole(target) as part:
        shutil.copyfile(path, part)
        if target.is_file():
            former = target.parent / "former" / f"{name}.{len(_former(data, name)) + 1:03d}.toml"
            former.parent.mkdir(exist_ok=True)
            with atomic_files.whole(former) as kept:
                shutil.copyfile(target, kept)
            changes.append(f"the one before kept as former/{former.name}")
    return Accepted(f"actions {name.replace('_', ' ')}", report, tuple(changes))


def withdraw(key: str, data: Path) -> Accepted:
    """Takes a debrief out again; the one that it replaced stands again. Raises Refused for an unknown key."""
    found = KEY.fullmatch(key.strip())
    target = _place(data, f"{found[1]}_{found[2]}") if found else None
    if target is None or not target.is_file():
        kept = [p.stem.replace("_", " ") for p in sorted((data / paths.ACTIONS / "debrief").glob("*_*.toml"))]
        raise Refused(
            f"There is no “{key}”. Debriefs that can be withdrawn: {', '.join(f'actions {k}' for k in kept) or 'none'}."
        )
    former = _former(data, target.stem)
    if former:
        former[-1].replace(target)
        return Accepted(key, None, (f"{former[-1].name} stands again",))
    target.unlink()
    return Accepted(key, None, (f"{target.name} taken out",))


def _check_form(path: Path, data: Path, vocabulary: catalog.Catalog) -> Report:
    folder = rules.examine(data / paths.ACTIONS, vocabulary)
    if folder.problems:
        raise Refused(["The folder data/editorial/actions itself has faults; fix them first:", *map(str, folder.problems)])
    problems: list[Problem] = []
    pair = read.debrief(path, problems)
    rows = 0
    if pair:
        rows = sum(len(t.frame) for t in pair)
        rules.check_debrief(*pair, rules.known_words(folder, vocabulary, None))
        for table in pair:
            table.no_persons()
            problems += table.sorted_problems()
        if not rows:
            problems.append(
                Problem(path.name, "no answer and no outcome", "at least one", "Fill in the form before it is handed in.")
            )
    head = pair[0].frame if pair and len(pair[0].frame) else None
    title = (
        "Debrief"
        if head is None
        else " of ".join(filter(None, (f"Debrief {head['action'].iloc[0]}", head["member"].iloc[0])))
    )
    facts = (f"{len(pair[0].frame)} answers, {len(pair[1].frame)} outcomes",) if pair else ()
    report = _report(path, title, problems, rows, [], facts)
    return replace(report, faults=tuple(read.on_its_line(path, fault) for fault in report.faults))


def _report(
    path: Path, title: str, problems: list[Problem], rows: int, warnings: list[Problem], facts: tuple[str, ...]
) -> Report:
    spoilt = len({(p.file, p.row) for p in problems if p.row is not None})
    spoilt = min(spoilt, rows)
    return Report(NAME, path, title, (*problems, *warnings), rows, rows - spoilt, spoilt, facts)


def _overdue(found: rules.Examined) -> list[Problem]:
    """Warnings: what was planned, is past, and has no word on whether it took place."""
    table = found.tables["milestones"]
    if table is None:
        return []
    rows = table.frame
    held = set(zip(rows[rows["state"] == "held"]["action"], rows[rows["state"] == "held"]["kind"]))
    today = date.today()
    return [
        Problem(
            table.file,
            f"“{r['title']}”, planned for {r['end']}, and nothing held of the kind {r['kind']}",
            "a word on whether it took place",
            "Add the meeting as held, or a note why not.",
            row=r["_row"],
            level=WARNING,
            code="planned-and-past",
        )
        for r in rows.to_dict("records")
        if r["state"] == "planned" and (day := bounds(r["end"])) and day[1] < today and (r["action"], r["kind"]) not in held
    ]


def _facts(found: rules.Examined) -> tuple[str, ...]:
    counted = [
        f"{len(found.frame(n))} {w}"
        for n, w in (
            ("actions", "periods"),
            ("participants", "roles"),
            ("commitments", "commitments"),
            ("milestones", "milestones"),
            ("outcomes", "outcomes"),
            ("plans", "investigation plans"),
        )
        if found.tables[n] is not None
    ]
    return (", ".join(counted),) if counted else ()


def _routes(data: Path) -> set[str] | None:
    path = data / paths.ROUTES / "routes.csv"
    return set(read_table(path, ["route_id"], "routes")["route_id"]) if path.is_file() else None


def _place(data: Path, name: str) -> Path:
    return data / paths.ACTIONS / "debrief" / f"{name}.toml"


def _former(data: Path, name: str) -> list[Path]:
    return sorted((data / paths.ACTIONS / "debrief" / "former").glob(f"{name}.*.toml"))
