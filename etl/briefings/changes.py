"""What changed between two versions of a briefing, a line for each change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields

from etl.briefings.earlier import told
from etl.briefings.model import CAVEATS, FACTORS, FIGURES, NETWORKS, ROUTES, Briefing, FigureRow, Sheet, Vocabulary

COVER_TOLD = ("tlp", "office", "state", "compiled", "note")
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
        for name in COVER_TOLD:
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
            lines.append(f"New: {label(row, words)}: {told(row)}")
        elif told(was) != told(row):
            lines.append(f"Revised: {label(row, words)}: {told(was)} → {told(row)}")
        elif was != row:
            lines.append(f"Revised: {label(row, words)}: {told(row)} as before, but {_fields(was, row)}")
    return lines + [f"Gone: {label(row, words)}: was {told(row)}" for key, row in old.items() if key not in new]


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
