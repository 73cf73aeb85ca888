"""Known upstream errors as declared entries, each with the value that it expects to find.

An entry whose expected value is no longer there fails the build: the publisher has mended it, and the entry must go.
"""

from dataclasses import dataclass
from pathlib import Path

from corridors import bounded
from corridors.catalog import people
from corridors.problems import Problem, Refused


class StaleCorrection(Refused):
    """A correction does not find the value that it was written for."""


@dataclass(frozen=True)
class Correction:
    """One known error: which figure, the value found, the value that is right, and how we know."""

    source: str
    indicator: str
    iso3: str
    year: int
    found: float
    corrected: float
    reason: str
    partner: str = ""
    sex: str = "total"
    age: str = "total"
    form: str = "total"


def load(path: Path) -> list[Correction]:
    """The entries of `corrections.toml`; none when the file has none. Refuses entries with missing fields."""
    try:
        entries = bounded.read_toml(path).get("corrections", []) if path.is_file() else []
    except bounded.Unreadable as fault:
        raise StaleCorrection.of(path.name, str(fault), "TOML", "Mend the line; the file's head shows the form.") from None
    made, problems = [], []
    for number, entry in enumerate(entries, 1):
        try:
            made.append(Correction(**entry))
        except TypeError as fault:
            problems.append(
                Problem(path.name, f"{fault} (entry {number})", "the fields of a correction", "Complete the entry.")
            )
            continue
        problems += people.problems(str(entry["reason"]), path.name, column=f"reason (entry {number})")
        problems += [
            Problem(path.name, f"{entry[name]!r} (entry {number})", "a number", "Write it without quotes.", column=name)
            for name in ("year", "found", "corrected")
            if type(entry[name]) not in (int, float)
        ]
    if problems:
        raise StaleCorrection(problems)
    return made


def apply(connection, corrections: list[Correction]) -> None:
    """Mends the staged figures of a draft and logs each correction. Raises StaleCorrection listing every entry that misses."""
    stale = []
    for entry in corrections:
        where = """source_id = $source and indicator_id = $indicator and iso3 = $iso3 and year(period_end) = $year
                   and coalesce(partner_iso3, '') = $partner and sex = $sex and age = $age and form = $form"""
        key = {k: v for k, v in vars(entry).items() if k not in ("found", "corrected", "reason")}
        hits = connection.execute(f"select value from staged where {where}", key).fetchall()
        if hits != [(entry.found,)]:
            now = ", ".join("masked" if v is None else f"{v:g}" for (v,) in hits) or "no such figure"
            stale.append(
                Problem(
                    "data/editorial/corrections.toml",
                    f"{now} for {entry.indicator}, {entry.iso3}, {entry.year}",
                    f"{entry.found:g}",
                    "The publisher may have mended it: look, and remove the entry.",
                )
            )
            continue
        connection.execute(
            f"update staged set value = $corrected, status = 'corrected' where {where}",
            {**key, "corrected": entry.corrected},
        )
        connection.execute(
            "insert into correction_applied values (?, ?, ?, nullif(?, ''), ?, ?, ?, ?)",
            [
                entry.source,
                entry.indicator,
                entry.iso3,
                entry.partner,
                entry.year,
                entry.found,
                entry.corrected,
                entry.reason,
            ],
        )
    if stale:
        raise StaleCorrection(stale)
