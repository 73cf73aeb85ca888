"""What was said before: a member's last briefing, and the latest international figures of the imported tables."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path

from corridors import catalog, paths
from etl.briefings import text, versions
from etl.briefings.model import CAVEATS, FACTORS, FIGURES, NETWORKS, ROUTES, Briefing, FigureRow, Sheet, Vocabulary
from etl.briefings.rules_figures import shown

SOURCES = Path(__file__).parent.parent / "sources"


@dataclass(frozen=True)
class Earlier:
    """Measure → what was said and when (own); measure → figure and source with year (international). All as text to show."""

    own: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    international: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def figures(data: Path, iso3: str, words: Vocabulary, before: date) -> Earlier:
    """The last totals of a member for periods that ended before a day, in any of its briefings; the latest international ones."""
    said = [
        (row, b.cover.compiled)
        for b in _all(data, iso3, words)
        for row in b.figures
        if row.period_end and row.period_end < before
    ]
    own = {}
    for row, _ in sorted(
        said, key=lambda one: (one[0].period_end, not one[1], one[0].period_start or date.min)
    ):  # its own word last
        if (row.partner, row.sex, row.age, row.form) == ("", "total", "total", "total"):
            own[row.measure] = (figure_text(row), f"{row.period_start} to {row.period_end}")
    return Earlier(own, _international(data, iso3, words))


def last(data: Path, iso3: str, words: Vocabulary, before: date) -> Briefing | None:
    """A member's latest valid briefing whose period ended before a day; None where there is none."""
    ended = [b for b in _all(data, iso3, words) if b.cover.period_end and b.cover.period_end < before]
    return max(ended, key=lambda b: (b.cover.period_end, b.cover.period_start or date.min), default=None)


def _all(data: Path, iso3: str, words: Vocabulary) -> list[Briefing]:
    return [text.read(version.folder, words).briefing for version in versions.standing(data) if version.iso3 == iso3]


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


def _international(data: Path, iso3: str, words: Vocabulary) -> dict[str, tuple[str, str]]:
    wanted = {m.compares_with for m in words.catalog.measures.values() if m.compares_with}
    best: dict[str, tuple[str, str, dict]] = {}
    for path in sorted((data / paths.SOURCES).glob("*/figures.csv")):
        with path.open(encoding="utf-8", newline="") as handle:
            header = next(csv.reader(handle), [])
            mine = (line for line in handle if line.startswith(f"{iso3},,"))  # the tables are large, and few rows are wanted
            for row in csv.DictReader(mine, header):
                whole = not row["partner_iso3"] and row["sex"] == row["age"] == row["form"] == "total"
                if row["iso3"] == iso3 and row["indicator_id"] in wanted and whole:
                    if row["period_end"] > best.get(row["indicator_id"], ("", "", {}))[0]:
                        best[row["indicator_id"]] = (row["period_end"], path.parent.name, row)
    shown = {key: (_imported(row), f"{_publisher(source)}, {end[:4]}") for key, (end, source, row) in best.items()}
    return {m.id: shown[m.compares_with] for m in words.catalog.measures.values() if m.compares_with in shown}


def _imported(row: dict) -> str:
    values = {k: float(row[k]) if row[k] else None for k in ("value", "lower", "upper")}
    return figure_text(FigureRow(measure="", status=row["status"], **values))


def _publisher(source: str) -> str:
    """The publisher's name as its card says; the source's id where there is no card to ask."""
    path = SOURCES / source / "source.toml"
    return catalog.read_source(path).publisher if path.is_file() else source


COVER_COMPARED = ("tlp", "office", "state", "compiled", "note")
WORDS = {"route": ("change",), "factor": ("statement",), "network": ("methods", "roles"), "caveat": ("text",)}
IDENTITY = {
    "Routes": ("route", "origins", "destinations", "crime"),
    "Factors": ("factor", "partner"),
    "Networks": ("structure", "crime"),
    "Caveats": ("measure",),
}


def between(before: Briefing | None, after: Briefing | None, words: Vocabulary) -> tuple[str, ...]:
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


def label(row: FigureRow, words: Vocabulary) -> str:
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


def _of(briefing: Briefing | None, sheet: Sheet) -> tuple:
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


def _figures(before: tuple, after: tuple, words: Vocabulary) -> list[str]:
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


def _others(sheet: Sheet, before: tuple, after: tuple) -> list[str]:
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
