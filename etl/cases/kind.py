"""Case data as a kind of incoming file: what `check`, `accept` and `withdraw` do with it.

Records go into the writer's own database (`store.cases.database`) and nowhere else. The file itself is not kept, because it holds
the pseudonyms in clear; its checksum is.
"""

import re
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from corridors import bounded
from corridors.catalog import people
from corridors.problems import ERROR, Problem, Refused
from corridors.store.atomic_files import sha256
from corridors.store.cases import batches, database, file, judging, writing
from corridors.store.cases.file import Lists, Staged
from etl.cases import files, format, words
from etl.cases.files import FILE, Opened
from etl.cases.secret_file import LENGTH, SALT
from etl.submissions.report.outcome import Accepted, Progress, Report, silent

NAME = "cases"
READING = "Reading and checking case records"
STORING = "Storing case records"
DATASET = re.compile(r"[a-z][a-z0-9_]{0,39}")
CARD = {
    "dataset": "members",
    "title": "Case records sent by members",
    "source": "Case registers of members",
    "supersedes": "",
}


@dataclass(frozen=True)
class FileInfo:
    """A file that was staged and judged: what it holds, and what the report says of it."""

    opened: Opened
    staged: Staged
    report: Report
    card: dict[str, str]


def recognises(path: Path) -> bool:
    """Whether the file has a column record_id; reads a few kilobytes and raises nothing."""
    return path.is_file() and files.recognises(path)


def check(path: Path, data: Path, progress: Progress = silent) -> Report:
    """The report of a case file; writes nothing. Raises Refused for a file that cannot be opened or has not the columns."""
    opened = files.opened(path, progress)
    with _busy_refused(), _checking(data) as connection:
        known = SALT.read(data)
        _agree(connection, known, False)
        _stage(connection, opened, path, known or secrets.token_bytes(LENGTH), progress)
        return _judged(connection, opened, path, progress).report


def accept(path: Path, data: Path, progress: Progress = silent, partial: bool = False) -> Accepted:
    """Checks again and stores the records by one transaction. Raises Refused; then nothing was stored.

    `partial` takes the sound rows however many are left out; what may tell who somebody is keeps the file out even then.
    The key of what comes back withdraws the batch. A kill at any moment leaves the database as it was before.
    """
    opened = files.opened(path, progress)
    before = path.stat()
    digest = sha256(path)
    with _busy_refused(), database.writer(data) as connection:
        secret = SALT.read(data)
        _agree(connection, secret, False)
        _refuse_again(connection, path, digest)
        _stage(connection, opened, path, secret or SALT.made(data), progress)
        with database.alone(data, on_wait=lambda text: progress(text, 0, None)):  # others may have taken in records since
            _agree(connection, SALT.read(data), False)
            _refuse_again(connection, path, digest)
            judged = _judged(connection, opened, path, progress, partial)
            if not judged.report.fine:
                raise Refused([str(fault) for fault in judged.report.errors])
            after = path.stat()
            if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
                raise Refused(FILE.problem("changed", path.name))
            _agree(connection, SALT.read(data), True)
            batch_id = _free(connection, f"{date.today().isoformat()}-{digest[:8]}")
            batch = {
                "batch_id": batch_id,
                "dataset_id": judged.card["dataset"],
                "title": judged.card["title"],
                "source": judged.card["source"],
                "received": date.today(),
                "sha256": digest,
                "supersedes": judged.card["supersedes"] or None,
            }
            writing.take_in(
                connection,
                opened.source,
                _lists(),
                batch,
                judged.staged,
                words.reasons(judged.staged, date.today().year),
                _in_rows(progress, STORING, judged.staged.accepted),
            )
    changes = [
        f"{judged.staged.accepted:,} case records taken in, {judged.staged.rejected:,} rows left out with their reasons"
    ]
    if judged.card["supersedes"]:
        changes.append(f"in the place of batch {judged.card['supersedes']}, which stands no longer")
    changes.append("The file was not copied: keep or delete it as your rules say.")
    return Accepted(f"{NAME} {batch_id}", judged.report, tuple(changes))


def withdraw(key: str, data: Path, for_a_person: bool = False) -> Accepted:
    """Undoes an acceptance: the batch stands no longer, and what it had superseded stands again. Raises Refused.

    Tables of a data set are made anew only when enough records came or went. `for_a_person` makes them anew at once, all of
    them with other noise, so that nobody can tell from the difference who has gone.
    """
    batch_id = key.removeprefix(NAME).strip()
    if not database.exists(data):
        raise Refused(FILE.problem("none-accepted", key))
    with _busy_refused(), database.writer(data) as connection, database.alone(data):
        rows = batches.batches(connection)
        standing = rows[rows["withdrawn"].isna()]
        if batch_id not in set(standing["batch_id"]):
            known = ", ".join(f"{NAME} {b}" for b in standing["batch_id"]) or "none"
            rule = "batch-withdrawn" if batch_id in set(rows["batch_id"]) else "batch-unknown"
            raise Refused(FILE.problem(rule, key, known=known))
        twice = batches.repeats_after(connection, batch_id)
        if twice:
            raise Refused(FILE.problem("batch-repeated-since", key, twice=twice))
        accepted, again = batches.withdraw(connection, batch_id, for_a_person)
    changes = [f"{accepted:,} case records stand no longer"] + ([f"batch {again} stands again"] if again else [])
    if for_a_person:
        changes.append("the next build makes all tables of the data set anew, with other noise")
    return Accepted(f"{NAME} {batch_id}", None, tuple(changes))


def _lists() -> Lists:
    vocabulary = format.vocabulary()
    return Lists(format.COLUMNS, format.STATES, vocabulary.states, vocabulary.values, vocabulary.first_year, date.today())


def _stage(connection, opened: Opened, path: Path, secret: bytes, progress: Progress) -> None:
    try:
        writing.stage(connection, opened.source, _lists(), secret, _in_rows(progress, READING, opened.source.rows_guess))
    except file.Unreadable as fault:
        raise Refused(FILE.problem("unreadable", path.name, fault=fault)) from None


def _judged(connection, opened: Opened, path: Path, progress: Progress, partial: bool = False) -> FileInfo:
    """What is said of a file that was staged."""
    card, card_faults = _card(path, connection)
    step = _in_rows(progress, READING, opened.source.rows_guess)
    staged = judging.judge(connection, opened.source, _lists(), card["supersedes"], step)
    found = (*opened.faults, *card_faults, *words.faults(opened, staged, date.today().year, partial))
    report = Report(
        NAME,
        path,
        f"Case records, {path.name}",
        tuple(sorted(found, key=lambda f: f.level != ERROR)),
        staged.rows_in,
        staged.accepted,
        staged.rejected,
        judging.facts(connection),
    )
    return FileInfo(opened, staged, report, card)


@contextmanager
def _checking(data: Path) -> Iterator:
    """A connection for checking: beside the accepted records where there are any, else beside none."""
    with ExitStack() as stack:
        try:
            connection = stack.enter_context(database.reader(data))
        except database.NoPrivateData:
            connection = stack.enter_context(database.scratch(data))
        yield connection


@contextmanager
def _busy_refused() -> Iterator[None]:
    try:
        yield
    except database.PrivateBusy as fault:
        raise Refused(
            f"Another process is writing case records; wait until it is done, then try again. {fault.problems[0]}"
        ) from None


def _agree(connection, secret: bytes | None, keep: bool) -> None:
    """Nothing; raises Refused when the records in the database were hashed with another salt."""
    if not batches.salt_agrees(connection, SALT.mark(secret) if secret else "", keep):
        raise Refused(SALT.wrong("no salt" if secret is None else "another salt"))


def _refuse_again(connection, path: Path, digest: str) -> None:
    rows = batches.batches(connection)
    same = rows[(rows["sha256"] == digest) & rows["withdrawn"].isna()]
    if len(same):
        raise Refused(FILE.problem("accepted-already", path.name, batch=f"{NAME} {same['batch_id'].iloc[0]}"))


def _free(connection, wanted: str) -> str:
    taken = set(batches.batches(connection)["batch_id"])
    return next(name for n in range(1, len(taken) + 3) if (name := wanted if n == 1 else f"{wanted}-{n}") not in taken)


def _card(path: Path, connection) -> tuple[dict[str, str], list[Problem]]:
    """What a card beside the file (NAME.toml) says of data set, title, source and the batch whose place it takes."""
    beside = path.with_suffix(".toml")
    if not beside.is_file():
        return dict(CARD), []
    try:
        step = bounded.read_toml(beside)
    except bounded.Unreadable as fault:
        return dict(CARD), [FILE.problem("card-unreadable", beside.name, fault=fault)]
    others, known = [name for name in step if name not in CARD], ", ".join(CARD)
    faults = [FILE.problem("card-entry", beside.name, name=name, known=known) for name in others]
    card = {**CARD, **{k: str(v).strip() for k, v in step.items() if k in CARD}}
    if not DATASET.fullmatch(card["dataset"]):
        faults.append(FILE.problem("card-dataset", beside.name))
    for name in ("title", "source"):
        if not 1 <= len(card[name]) <= 120 or people.found(card[name]):
            faults.append(FILE.problem("card-text", beside.name, name=name))
    card["supersedes"] = card["supersedes"].removeprefix(NAME).strip()
    rows = batches.batches(connection)
    if card["supersedes"] and card["supersedes"] not in set(rows.loc[rows["withdrawn"].isna(), "batch_id"]):
        faults.append(FILE.problem("card-supersedes", beside.name))
    return card, faults


def _in_rows(progress: Progress, text: str, rows: int | None):
    """A private OnProgress that says rows instead of shares."""
    return lambda share: progress(text, round(share * (rows or 0)), rows)
