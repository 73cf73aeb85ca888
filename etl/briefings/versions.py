"""The versions of every briefing, kept as text: which stands, what changed, writing and withdrawing one.

A version is a folder that appears under its name in one step, so that nothing is ever half-written; `data/briefings/README.md`
describes its files, which `etl.briefings.read` reads back as the same briefing. Folders whose name begins with a dot belong
to nobody; the next writer, who holds the lock, sweeps them.
"""

import csv
import hashlib
import io
import os
import re
import secrets
import shutil
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path

import tomli_w

from corridors.problems import Refused
from corridors.store import atomic_files, lock
from corridors.store.atomic_files import flush, flush_folder, sha256
from etl.briefings import model, read
from etl.briefings.model import (
    CAVEATS,
    COVER_FILE,
    FACTORS,
    FIGURES,
    NETWORKS,
    ROUTES,
    WITHDRAWN_FILE,
    Briefing,
    FigureRow,
    shown,
)

PART = ".part-"  # begins the name of what is still being written
KEY = re.compile(r"(?:briefing\s+)?([A-Z]{3})\s+([0-9][0-9_-]*)(?:\s+v([0-9]{1,4}))?", re.IGNORECASE)
SENT = (".csv", ".tsv", ".txt", ".toml")  # what a folder that was sent consists of
NUMBER = re.compile(r"v([1-9][0-9]{0,3})")


@dataclass(frozen=True)
class Version:
    """One version of one member's briefing of one period."""

    iso3: str
    period: str
    number: int
    folder: Path
    withdrawn: bool

    @property
    def key(self) -> str:
        """By what it can be withdrawn: "briefing THA 2025 v2"."""
        return f"briefing {self.iso3} {self.period} v{self.number}"


def listed(data: Path) -> list[Version]:
    """Every version of every briefing, withdrawn ones too, oldest period first."""
    found = []
    for folder in (data / "briefings").glob("[A-Z][A-Z][A-Z]/[0-9]*/v*"):
        number = NUMBER.fullmatch(folder.name)
        if number and (folder / COVER_FILE).is_file():
            found.append(
                Version(folder.parts[-3], folder.parts[-2], int(number[1]), folder, (folder / WITHDRAWN_FILE).is_file())
            )
    return sorted(found, key=lambda v: (v.iso3, v.period, v.number))


def standing(data: Path) -> list[Version]:
    """The valid version of every briefing: the highest that is not withdrawn."""
    return list({(v.iso3, v.period): v for v in listed(data) if not v.withdrawn}.values())


def of(data: Path, iso3: str, period: str) -> Version | None:
    """The valid version of one briefing, or None."""
    return next((v for v in standing(data) if (v.iso3, v.period) == (iso3, period)), None)


def of_member(data: Path, iso3: str, words: model.Vocabulary) -> list[Briefing]:
    """A member's valid briefings, the oldest period first."""
    return [read.kept(version.folder, words).briefing for version in standing(data) if version.iso3 == iso3]


def named(data: Path, key: str) -> Version:
    """The version that a key names; without a number the valid one. Raises Refused listing what there is."""
    found = KEY.fullmatch(key.strip())
    known = [v for v in listed(data) if not v.withdrawn]
    if found:
        iso3, period, number = found[1].upper(), found[2], int(found[3] or 0)
        mine = [v for v in known if (v.iso3, v.period) == (iso3, period) and number in (0, v.number)]
        if mine:
            return mine[-1]
        if any((v.iso3, v.period, v.number) == (iso3, period, number) for v in listed(data)):
            raise Refused(f"“{key}”: that version is withdrawn already. Nothing was changed.")
    near = (
        ", ".join(v.key for v in known if found and v.iso3 == found[1].upper())
        or ", ".join(v.key for v in known[:8])
        or "none"
    )
    raise Refused(f"“{key}”: there is no such version; expected a key such as “briefing THA 2025 v2”. There are: {near}.")


def receipt(version: Version) -> dict:
    """What accept wrote down of the file: original, sha256, bytes, rows; empty for a briefing compiled by hand."""
    try:
        return dict(tomllib.loads((version.folder / COVER_FILE).read_text(encoding="utf-8")).get("receipt", {}))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return {}


def parts(path: Path) -> list[Path]:
    """The file itself, or the tables of a folder: nothing else that lies there is a briefing's."""
    if not path.is_dir():
        return [path] if path.exists() else []
    return sorted(p for p in path.iterdir() if p.is_file() and p.suffix.lower() in SENT)


def digest(path: Path) -> str:
    """The SHA-256 of a file, or of a folder's tables with their names."""
    if path.is_file():
        return sha256(path)
    lines = [f"{p.name} {sha256(p)}" for p in parts(path)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def changed(original: Path) -> Refused:
    """The refusal of a file that is another than the one that was checked."""
    found, how_to_fix = "a file that changed while it was read", "Close it elsewhere and try again."
    return Refused.of(original.name, found, "the file that was checked", how_to_fix)


def store(
    data: Path, iso3: str, period: str, files: Mapping[str, str], original: Path | None = None, checksum: str = ""
) -> Version:
    """The new version, whole and on disk. Call it only inside `writing`. The original is stored first, by its checksum.

    A kill at any moment leaves either no new version or the whole of it, and always the earlier ones as they were.
    """
    if original is not None:
        _keep(original, private(data), checksum)
    above = data / "briefings" / iso3 / period
    above.mkdir(parents=True, exist_ok=True)
    part = above / f"{PART}{os.getpid()}-{secrets.token_hex(4)}"
    part.mkdir()
    for name, text in files.items():
        (part / name).write_text(text, encoding="utf-8", newline="")
        flush(part / name)
    flush_folder(part)
    number = max((v.number for v in listed(data) if (v.iso3, v.period) == (iso3, period)), default=0) + 1
    final = above / f"v{number}"
    os.rename(part, final)
    flush_folder(above)
    return Version(iso3, period, number, final, False)


def withdraw(version: Version, why: str, on: date) -> None:
    """Writes down that a version no longer stands; nothing is deleted."""
    with atomic_files.whole(version.folder / WITHDRAWN_FILE) as part:
        part.write_bytes(tomli_w.dumps({"withdrawn": on, "why": why}).encode())


def private(data: Path) -> Path:
    """Where originals lie: outside the repository, for the writer's eyes only."""
    return data / "private" / "briefings"


@contextmanager
def writing(data: Path) -> Iterator[None]:
    """The right to write briefings, for one process at a time; what a killed writer left behind is swept first.

    The lock goes with its process, so a kill frees it. Raises Refused while another process holds it.
    """
    folder = private(data)
    for each in (folder.parent, folder):  # for the owner alone, also where it was made wider: what was sent may hold more
        atomic_files.private_folder(each).chmod(0o700)
    try:
        with lock.one_writer(folder / "lock", patience=0):
            _sweep(data)
            yield
    except lock.Busy as busy:
        raise Refused.of(
            "data/private/briefings/lock", "another accept or withdraw at work", "one writer at a time", str(busy)
        ) from None


def _sweep(data: Path) -> None:
    """Deletes the parts that killed writers left. A whole original stays: a version elsewhere may speak of it."""
    above = data / "briefings"
    for path in [*above.glob(f"*/*/{PART}*"), *above.glob(f"*/*/v*/{PART}*"), *private(data).glob(f"{PART}*")]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _keep(original: Path, folder: Path, checksum: str) -> None:
    """Copies what was sent into `folder` under its checksum, readable by its owner only; refuses one that changed meanwhile."""
    final = folder / (checksum + original.suffix.lower() if original.is_file() else checksum)
    if final.exists():
        return
    part = folder / f"{PART}{os.getpid()}-{secrets.token_hex(4)}"
    if original.is_dir():
        part.mkdir()
        for file in parts(original):
            shutil.copyfile(file, part / file.name)
    else:
        shutil.copyfile(original, part)
    if digest(part) != checksum:
        raise changed(original)
    for path in [part, *part.rglob("*")] if part.is_dir() else [part]:
        path.chmod(0o700 if path.is_dir() else 0o600)
        if path.is_file():
            flush(path)
    os.rename(part, final)
    flush_folder(folder)


# A version's text


def files(
    briefing: Briefing, receipt: Mapping[str, object] | None = None, rejected: Iterable[Mapping] = ()
) -> dict[str, str]:
    """The files of a version by name: always the cover, and a table for every sheet that has rows."""
    cover = {name: getattr(briefing.cover, name) for name in read.COVER_FIELDS}
    entries = {name: value for name, value in cover.items() if value is not None}
    if receipt:
        entries["receipt"] = dict(receipt)
    made = {COVER_FILE: tomli_w.dumps(entries)}
    for sheet in model.SHEETS:
        rows = briefing.rows(sheet)
        if rows:
            made[sheet.file] = _csv(sheet.ids, ([written(getattr(row, c.id), c) for c in sheet.columns] for row in rows))
    rejected = list(rejected)
    if rejected:
        lines = ([read.plain(str(row[c])) for c in model.REJECTED_COLUMNS] for row in rejected)
        made[model.REJECTED_FILE] = _csv(model.REJECTED_COLUMNS, lines)
    return made


def written(value: object, column: model.Column) -> str:
    """A value as a cell of the text form; what an empty cell stands for stays empty, unless an analyst judged it."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        text = model.LIST.join(value)
    elif isinstance(value, float):
        text = str(int(value)) if value.is_integer() else repr(value)
    elif isinstance(value, date):
        text = value.isoformat()
    else:
        text = read.plain(str(value))
    return "" if text == column.default and column.asked and not column.required else text


def _csv(header: list[str], lines: Iterable[list[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(lines)
    return out.getvalue()


FORMERLY = {"cure": "how_to_fix", "carried": "readable"}  # columns of rows that an earlier version left out


def rejected(folder: Path) -> list[dict]:
    """The rejected rows of a version, as they were written down; none where there is no such file."""
    path = folder / model.REJECTED_FILE
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as handle:
        return [{FORMERLY.get(column, column): found for column, found in row.items()} for row in csv.DictReader(handle)]


# What changed from one to the next

COVER_COMPARED = ("tlp", "office", "state", "compiled", "note")
WORDS = {"route": ("change",), "factor": ("statement",), "network": ("methods", "roles"), "caveat": ("text",)}
IDENTITY = {
    "Routes": ("route", "origins", "destinations", "crime"),
    "Factors": ("factor", "partner"),
    "Networks": ("structure", "crime"),
    "Caveats": ("measure",),
}


def between(before: Briefing | None, after: Briefing | None, words: model.Vocabulary) -> tuple[str, ...]:
    """One line for each entry that is new, revised (from → to) or gone. Empty: nothing changed. None = no version."""
    lines = []
    if before and after:
        for name in COVER_COMPARED:
            old, new = getattr(before.cover, name), getattr(after.cover, name)
            if old != new:
                lines.append(f"Cover, {name}: {_said(old)} → {_said(new)}")
    lines += _figures(_of(before, FIGURES), _of(after, FIGURES), words)
    for sheet in (ROUTES, FACTORS, NETWORKS, CAVEATS):
        lines += _others(sheet, _of(before, sheet), _of(after, sheet))
    return tuple(lines)


def label(row: FigureRow, words: model.Vocabulary) -> str:
    """Which figure it is, in words: measure, other end, breakdown, period."""
    measure = words.catalog.measures.get(row.measure)
    parts = [measure.name if measure else row.measure]
    if row.partner:
        parts.append(words.catalog.place_name(row.partner))
    parts += [
        words.options(name).get(value, value)
        for name, value in (("sexes", row.sex), ("ages", row.age), ("forms", row.form))
        if value != "total"
    ]
    same_year = row.period_start and row.period_end and (row.period_start.month, row.period_end.month) == (1, 12)
    same_year = same_year and row.period_start.year == row.period_end.year
    parts.append(str(row.period_end.year) if same_year else f"{row.period_start} to {row.period_end}")
    return ", ".join(parts)


def _of(briefing: Briefing | None, sheet: model.Sheet) -> tuple:
    return briefing.rows(sheet) if briefing else ()


def _keyed(rows: Iterable, identity) -> dict:
    """Rows by what identifies them; those that share it are told apart by their order."""
    keyed: dict = {}
    for row in rows:
        key, n = identity(row), 1
        while (key, n) in keyed:
            n += 1
        keyed[key, n] = row
    return keyed


def _figures(before: tuple, after: tuple, words: model.Vocabulary) -> list[str]:
    old, new = (_keyed(rows, lambda row: row.key) for rows in (before, after))
    lines = []
    for key, row in new.items():
        was = old.get(key)
        if was is None:
            lines.append(f"New: {label(row, words)}: {figure_text(row)}")
        elif figure_text(was) != figure_text(row):
            lines.append(f"Revised: {label(row, words)}: {figure_text(was)} → {figure_text(row)}")
        elif was != row:
            lines.append(f"Revised: {label(row, words)}: {figure_text(row)} as before, but {_fields(was, row)}")
    return lines + [f"Gone: {label(row, words)}: was {figure_text(row)}" for key, row in old.items() if key not in new]


def _others(sheet: model.Sheet, before: tuple, after: tuple) -> list[str]:
    name = sheet.name.removesuffix("s").lower()
    same = set(map(_plain, before)) & set(map(_plain, after))
    old, new = ([row for row in rows if _plain(row) not in same] for rows in (before, after))
    ids = IDENTITY[sheet.name]
    left, right = (_keyed(rows, lambda row: tuple(getattr(row, i) for i in ids)) for rows in (old, new))
    lines = []
    for key, row in right.items():
        said = next((getattr(row, f) for f in WORDS[name] if getattr(row, f)), "")
        what = f"{name} {_said(getattr(row, ids[0]))}"
        lines.append(f"Revised: {what}: {_fields(left[key], row)}" if key in left else f"New: {what}: {said}".rstrip(": "))
    return lines + [f"Gone: {name} {_said(getattr(row, ids[0]))}" for key, row in left.items() if key not in right]


def _plain(row) -> tuple:
    return tuple(getattr(row, f.name) for f in fields(row) if f.compare)


def _fields(was, row) -> str:
    """Which fields differ, from → to."""
    return "; ".join(
        f"{f.name} {_said(getattr(was, f.name))} → {_said(getattr(row, f.name))}"
        for f in fields(row)
        if f.compare and getattr(was, f.name) != getattr(row, f.name)
    )


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "nothing"
    return str(value) if value not in (None, "") else "nothing"


def figure_text(row: FigureRow) -> str:
    """A figure in the fewest words that do not mislead: a zero, a range, a masked and a missing one differ."""
    about = "about " if row.approx == "yes" else ""
    if row.value is not None:
        return f"{about}{shown(row.value)}"
    if row.lower is not None and row.upper is not None:
        span = f"{shown(row.lower)} to {shown(row.upper)}"
        return f"hidden, {span}" if row.status == "masked" else f"{about}{span}"
    if row.lower is not None:
        return f"{about}at least {shown(row.lower)}"
    return f"{about}at most {shown(row.upper)}" if row.upper is not None else "not reported"
