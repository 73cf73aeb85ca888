"""The grade of every figure from stored inputs, the Admiralty digit from comparison, and the few grades set by hand."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from corridors import bounded_toml, paths
from corridors.catalog import Catalog, people
from corridors.problems import Problem, Refused
from corridors.statistics import quality
from corridors.store import writing

WINDOW = 6  # earlier years that a figure is held against
NEAR = 0.25


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


def on_trend(series: pd.DataFrame) -> pd.DataFrame:
    """Ids of figures within a quarter of what their own six years before suggest (Theil and Sen's line), in one column.

    `series` as `store.writing.series` gives it. Years must follow one another without gap or break; a figure of a year that
    is not over says nothing, and a masked one has no value.
    """
    rows = series[np.isfinite(series.value) & (series.status != "provisional")].reset_index(drop=True)
    if len(rows) <= WINDOW:
        return pd.DataFrame({"figure_id": pd.Series([], dtype="str")})
    key = rows.groupby(["iso3", "view", "indicator_id", "source_id", "segment"], sort=False).ngroup().to_numpy()
    year, value = rows.year.to_numpy(dtype=int), rows.value.to_numpy(dtype=float)
    last = np.arange(WINDOW, len(rows))
    last = last[(key[last - WINDOW] == key[last]) & (year[last] - year[last - WINDOW] == WINDOW)]
    before = value[last[:, None] + np.arange(-WINDOW, 0)]
    first, second = np.triu_indices(WINDOW, 1)
    slope = np.median((before[:, second] - before[:, first]) / (second - first), axis=1)
    level = np.median(before - slope[:, None] * np.arange(WINDOW), axis=1)
    suggested, now = level + slope * WINDOW, value[last]
    near = np.abs(now - suggested) <= NEAR * np.maximum(np.abs(now), np.abs(suggested))
    return pd.DataFrame({"figure_id": rows.figure_id.to_numpy()[last[near]]}, dtype="str")


def grades(periods: pd.DataFrame, dated: date) -> pd.DataFrame:
    """One grade per source, period and digit. Age counts from the end of the period, in lengths of the period (a stock: a year)."""
    made = []
    for row in periods.itertuples():
        days = (row.period_end - row.period_start).days + 1
        age = max((pd.Timestamp(dated) - row.period_end).days, 0) / (days if days > 1 else 365)
        grade = quality.grade(None, age, row.method_class, row.reliability, row.credibility)
        made.append(
            {
                "source_id": row.source_id,
                "period_start": row.period_start,
                "period_end": row.period_end,
                "credibility": row.credibility,
                "letter": grade.letter,
                "reason": grade.reason,
                **{f"{name}_score": score for name, score in grade.scores.items()},
            }
        )
    frame = pd.DataFrame(made)
    scores = [c for c in frame if c.endswith("_score")]
    return frame.astype({c: "Int8" for c in scores})


def overrides(path: Path, vocabulary: Catalog) -> list[Override]:
    """The entries of `overrides.toml`; none when there is no file. Refuses all faulty entries at once."""
    if not path.is_file():
        return []
    try:
        entries = bounded_toml.read(path).get("overrides", [])
    except bounded_toml.UnreadableToml as fault:
        raise OverrideRefused(
            Problem(path.name, str(fault), "TOML", "Mend the line; the file's head shows the form.")
        ) from None
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
                wrong(
                    name,
                    f"no {name}",
                    "a grade set by hand says which office set it and why",
                    "Write it, or remove the entry.",
                )
            problems += people.problems(str(entry.get(name, "")), f"data/{path.name}", column=name, row=number)
        if entry.get("grade") not in ("A", "B", "C", "D", "U"):
            wrong("grade", repr(entry.get("grade")), "A, B, C, D or U", "Mend the letter.")
        if entry.get("indicator") not in vocabulary.indicators:
            wrong("indicator", repr(entry.get("indicator")), "an indicator of the catalog", "Mend its id.")
        if entry.get("member") and entry["member"] not in vocabulary.members:
            wrong("member", repr(entry["member"]), "the ISO3 code of a member", "Mend the code.")
        if not isinstance(entry.get("dated"), date):
            wrong(
                "dated",
                repr(entry.get("dated")),
                "a date such as 2026-11-21, without quotes",
                "Write the day on which it was set.",
            )
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
