"""What disagrees, in one list: figures that the build compared, route evidence, and what the record of actions holds."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from corridors import bounded, paths
from corridors.catalog import Catalog, people, words
from corridors.problems import Problem, Refused

SILENT = "No explanation is recorded."


class ConflictsRefused(Refused):
    """An entry of `conflicts.toml` names no evidence, or evidence in conflict has no entry."""


def tables(
    path: Path, agreement: pd.DataFrame, evidence: pd.DataFrame, recorded: pd.DataFrame, vocabulary: Catalog
) -> dict[str, pd.DataFrame]:
    """The frames of `conflict` and `conflict_side`.

    `agreement`: rows of `store.writing.disagreements`; `evidence`: rows of `route_evidence` with the route's places;
    `recorded`: conflict_id, title, reason, said, definition, period, source, source_ref, grade. Raises ConflictsRefused.
    """
    reasons = _reasons(path, set(evidence.conflict.dropna()))
    conflicts, sides = [], []
    for row in agreement.itertuples():
        key = f"{row.rule_id}-{row.first_id}"
        places = [p for p in (row.iso3, row.partner_iso3) if isinstance(p, str)]
        between = " and ".join(vocabulary.place_name(p) for p in places)
        conflicts.append(_conflict(key, "figures", f"{row.title}, {between}, {row.year}", row.reason, places, row.year))
        for n, end in enumerate(("first", "second")):
            described = {
                k: getattr(row, f"{end}_{k}")
                for k in ("lower", "upper", "unit", "definition", "source", "ref", "grade", "name")
            }
            amount = words.amount(
                described["lower"] if described["lower"] == described["upper"] else None,
                described["lower"],
                described["upper"],
                row.decimals,
            )
            sides.append(
                _side(
                    key,
                    n,
                    f"{amount} {described['unit']}",
                    f"{described['name']}. {described['definition']}",
                    str(row.year),
                    described["source"],
                    described["ref"],
                    described["grade"],
                )
            )
    for key, group in evidence[evidence.conflict.notna()].groupby("conflict", sort=False):
        first = group.iloc[0]
        entry = reasons[key]
        kind = "revision" if entry.get("revision") else "route evidence"
        conflicts.append(_conflict(key, kind, entry["title"], entry["reason"], list(first.places), first.period_end.year))
        for n, row in enumerate(group.itertuples()):
            unit = "" if row.unit == "people" else row.unit
            bound = f"{row.bound_note} " if isinstance(row.bound_note, str) else ""
            said = (
                bound + words.amount(*(row.value, row.lower, row.upper))
                if not bound
                else bound + words.number(row.lower if pd.notna(row.lower) else row.upper)
            )
            sides.append(
                _side(key, n, f"{said} {unit or 'people'}", row.what, row.period_text, row.source, row.source_ref, row.grade)
            )
    for key, group in recorded.groupby("conflict_id", sort=False):
        conflicts.append(_conflict(key, "record", group.title.iloc[0], group.reason.iloc[0] or SILENT, [], None))
        for n, row in enumerate(group.itertuples()):
            sides.append(_side(key, n, row.said, row.definition, row.period, row.source, row.source_ref, row.grade))
    return {"conflict": pd.DataFrame(conflicts).astype({"year": "Int64"}), "conflict_side": pd.DataFrame(sides)}


def _conflict(key: str, kind: str, title: str, reason: str, places: list[str], year: int | None) -> dict:
    return {"conflict_id": key, "kind": kind, "title": title, "reason": reason, "places": places, "year": year}


def _side(key: str, n: int, said: str, definition: str, period: str, source: str, ref: str, grade: str) -> dict:
    return {
        "conflict_id": key,
        "position": n,
        "said": said,
        "definition": definition,
        "period": period,
        "source": source,
        "source_ref": ref,
        "grade": grade,
    }


def _reasons(path: Path, named: set[str]) -> dict[str, dict]:
    """The entries by conflict. Refuses a conflict without an entry, an entry without title or reason, and one that fits nothing."""
    try:
        entries = bounded.read_toml(path) if path.is_file() else {}
    except bounded.Unreadable as fault:
        raise ConflictsRefused(Problem(f"data/{paths.CONFLICTS.as_posix()}", str(fault), "TOML", "Mend the line.")) from None
    problems = [
        Problem(
            f"data/{paths.CONFLICTS.as_posix()}",
            f"entry “{key}” without {name}",
            "a title and a reason",
            "Write it; “no explanation was found” is one.",
        )
        for key, entry in entries.items()
        for name in ("title", "reason")
        if not entry.get(name)
    ]
    for key, entry in entries.items():
        for name in ("title", "reason"):
            problems += people.problems(
                str(entry.get(name, "")), f"data/{paths.CONFLICTS.as_posix()}", column=f"{key}.{name}"
            )
    problems += [
        Problem(
            f"data/{paths.CONFLICTS.as_posix()}",
            f"entry “{key}”, which no evidence names",
            "a conflict of data/editorial/routes/evidence.csv",
            "Remove it or mend its name.",
        )
        for key in sorted(entries.keys() - named)
    ]
    problems += [
        Problem(
            "data/editorial/routes/evidence.csv",
            f"conflict “{key}” without an entry",
            f"an entry in data/{paths.CONFLICTS.as_posix()}",
            "Add its title and the likely reason.",
            column="conflict",
        )
        for key in sorted(named - entries.keys())
    ]
    if problems:
        raise ConflictsRefused(problems)
    return entries
