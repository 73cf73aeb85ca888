"""The grade of every figure from stored inputs, the Admiralty digit from comparison, and the few grades set by hand."""

from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path

import pandas as pd

from corridors import bounded, paths
from corridors.catalog import Catalog, people, words
from corridors.problems import Problem, Refused
from corridors.statistics import quality
from corridors.store import writing


class OverrideRefused(Refused):
    """A grade set by hand without a name, without a reason, or for figures that do not exist."""


@dataclass(frozen=True)
class Override:
    """A grade set by hand: for which figures, which grade, by which office, and why."""

    indicator: str
    source: str
    grade: str
    set_by: str
    reason: str
    dated: date
    member: str = ""
    year: int = 0


def grades(asked: pd.DataFrame) -> pd.DataFrame:
    """One grade for each row of `store.writing.to_grade`: those rows with letter, reason and the scores."""
    made = []
    for row in asked.itertuples():
        share = None if pd.isna(row.answered) else row.answered / row.expected
        grade = quality.grade(share, row.method_class, row.reliability, row.credibility)
        reason = grade.reason
        if share is not None and reason == words.capital(quality.WORDS["coverage"][grade.scores["coverage"]]):
            reason += f": {row.answered} of the last {row.expected} years"
        made.append({"letter": grade.letter, "reason": reason, **{f"{n}_score": s for n, s in grade.scores.items()}})
    frame = pd.DataFrame(made, index=asked.index)
    return asked.join(frame.astype({c: "Int8" for c in frame if c.endswith("_score")}))


def overrides(path: Path, vocabulary: Catalog) -> list[Override]:
    """The entries of `overrides.toml`; none when there is no file. Refuses all faulty entries at once."""
    if not path.is_file():
        return []
    try:
        entries = bounded.read_toml(path).get("overrides", [])
    except bounded.Unreadable as fault:
        raise OverrideRefused.of(path.name, str(fault), "TOML", "Mend the line; the file's head shows the form.") from None
    known, made, problems = {f.name for f in fields(Override)}, [], []
    for number, entry in enumerate(entries, 1):

        def wrong(column: str, found: str, expected: str, how_to_fix: str, number: int = number) -> None:
            problems.append(
                Problem(f"data/{path.name}", f"{found} (entry {number})", expected, how_to_fix, column=column, row=number)
            )

        for name in entry.keys() - known:
            wrong(name, f"field “{name}”", ", ".join(sorted(known)), "Remove it or mend its name.")
        for name in ("set_by", "reason"):
            if not str(entry.get(name, "")).strip():
                expected = "a grade set by hand says which office set it and why"
                wrong(name, f"no {name}", expected, "Write it, or remove the entry.")
            problems += people.problems(str(entry.get(name, "")), f"data/{path.name}", column=name, row=number)
        member, days = entry.get("member"), "a date such as 2026-11-21, without quotes"
        for name, fits, expected, how_to_fix in (
            ("grade", entry.get("grade") in ("A", "B", "C", "D", "U"), "A, B, C, D or U", "Mend the letter."),
            ("indicator", entry.get("indicator") in vocabulary.indicators, "an indicator of the catalog", "Mend its id."),
            ("member", not member or member in vocabulary.members, "the ISO3 code of a member", "Mend the code."),
            ("dated", isinstance(entry.get("dated"), date), days, "Write the day on which it was set."),
        ):
            if not fits:
                wrong(name, repr(entry.get(name)), expected, how_to_fix)
        if not entry.get("source"):
            wrong("source", "no source", "the id of a source", "Name it.")
        if not problems:
            made.append(Override(**entry))
    if problems:
        raise OverrideRefused(problems)
    return made


def apply(work: writing.Draft, entries: list[Override]) -> None:
    """Sets the grades of the entries in a draft and logs each with the letter that was computed. Refuses one that finds nothing."""
    missed = []
    for number, entry in enumerate(entries, 1):
        found = writing.override(work, vars(entry))
        if not found:
            missed.append(
                Problem(
                    f"data/{paths.OVERRIDES.as_posix()}",
                    f"no figure of {entry.indicator}, {entry.source}, {entry.member or 'any member'}, "
                    f"{entry.year or 'any year'} (entry {number})",
                    "figures that exist",
                    "Mend the entry, or remove it if the figures are gone.",
                    row=number,
                )
            )
    if missed:
        raise OverrideRefused(missed)
