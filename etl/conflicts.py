"""What disagrees, in one list: figures that the build compared, route evidence, and what the record of actions holds."""

from pathlib import Path

import pandas as pd

from corridors import bounded, paths
from corridors.catalog import Catalog, people, words
from corridors.problems import Problem, Refused

SILENT = "No explanation is recorded."
FILE, EVIDENCE = f"data/{paths.CONFLICTS.as_posix()}", "data/editorial/routes/evidence.csv"
CONFLICT = "conflict_id kind title reason places year".split()
SIDE = "conflict_id position said definition period source source_ref grade".split()


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
        conflicts.append((key, "figures", f"{row.title}, {between}, {row.year}", row.reason, places, row.year))
        for n, end in enumerate(("first", "second")):
            lower, upper, unit, definition, source, ref, grade, name = (
                getattr(row, f"{end}_{k}") for k in "lower upper unit definition source ref grade name".split()
            )
            amount = words.amount(lower if lower == upper else None, lower, upper, row.decimals)
            sides.append((key, n, f"{amount} {unit}", f"{name}. {definition}", str(row.year), source, ref, grade))
    for key, group in evidence[evidence.conflict.notna()].groupby("conflict", sort=False):
        first = group.iloc[0]
        entry = reasons[key]
        kind = "revision" if entry.get("revision") else "route evidence"
        conflicts.append((key, kind, entry["title"], entry["reason"], list(first.places), first.period_end.year))
        for n, row in enumerate(group.itertuples()):
            bound = f"{row.bound_note} " if isinstance(row.bound_note, str) else ""
            one_end = words.number(row.lower if pd.notna(row.lower) else row.upper) if bound else ""
            said = bound + (one_end or words.amount(row.value, row.lower, row.upper))
            sides.append(
                (key, n, f"{said} {row.unit or 'people'}", row.what, row.period_text, row.source, row.source_ref, row.grade)
            )
    for key, group in recorded.groupby("conflict_id", sort=False):
        conflicts.append((key, "record", group.title.iloc[0], group.reason.iloc[0] or SILENT, [], None))
        for n, row in enumerate(group.itertuples()):
            sides.append((key, n, row.said, row.definition, row.period, row.source, row.source_ref, row.grade))
    listed = pd.DataFrame(conflicts, columns=CONFLICT).astype({"year": "Int64"})
    return {"conflict": listed, "conflict_side": pd.DataFrame(sides, columns=SIDE)}


def _reasons(path: Path, named: set[str]) -> dict[str, dict]:
    """The entries by conflict. Refuses a conflict without an entry, an entry without title or reason, and one that fits nothing."""
    try:
        entries = bounded.read_toml(path) if path.is_file() else {}
    except bounded.Unreadable as fault:
        raise ConflictsRefused.of(FILE, str(fault), "TOML", "Mend the line.") from None
    problems: list[Problem] = []
    write = ("a title and a reason", "Write it; “no explanation was found” is one.")
    texts = [(key, name, entry.get(name)) for key, entry in entries.items() for name in ("title", "reason")]
    problems += [Problem(FILE, f"entry “{key}” without {name}", *write) for key, name, text in texts if not text]
    for key, name, text in texts:
        problems += people.problems(str(text or ""), FILE, column=f"{key}.{name}")
    mend = (f"a conflict of {EVIDENCE}", "Remove it or mend its name.")
    problems += [Problem(FILE, f"entry “{key}”, which no evidence names", *mend) for key in sorted(entries.keys() - named)]
    add = (f"an entry in {FILE}", "Add its title and the likely reason.")
    alone = [(EVIDENCE, f"conflict “{key}” without an entry", *add) for key in sorted(named - entries.keys())]
    problems += [Problem(*fault, column="conflict") for fault in alone]
    if problems:
        raise ConflictsRefused(problems)
    return entries
