"""What was said before: a member's last briefing, and the latest international figures of the carried tables."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from corridors import catalog
from etl.briefings import text, versions
from etl.briefings.model import Briefing, FigureRow, Vocabulary

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
            own[row.measure] = (told(row), f"{row.period_start} to {row.period_end}")
    return Earlier(own, _international(data, iso3, words))


def last(data: Path, iso3: str, words: Vocabulary, before: date) -> Briefing | None:
    """A member's latest valid briefing whose period ended before a day; None where there is none."""
    ended = [b for b in _all(data, iso3, words) if b.cover.period_end and b.cover.period_end < before]
    return max(ended, key=lambda b: (b.cover.period_end, b.cover.period_start or date.min), default=None)


def _all(data: Path, iso3: str, words: Vocabulary) -> list[Briefing]:
    return [text.read(version.folder, words).briefing for version in versions.standing(data) if version.iso3 == iso3]


def told(row: FigureRow) -> str:
    """A figure in the fewest words that do not mislead: a zero, a range, a masked and a missing one differ."""
    about = "about " if row.approx == "yes" else ""
    if row.value is not None:
        return f"{about}{number(row.value)}"
    if row.lower is not None and row.upper is not None:
        span = f"{number(row.lower)} to {number(row.upper)}"
        return f"hidden, {span}" if row.status == "masked" else f"{about}{span}"
    if row.lower is not None:
        return f"{about}at least {number(row.lower)}"
    return f"{about}at most {number(row.upper)}" if row.upper is not None else "not reported"


def number(value: float) -> str:
    """A number with commas between thousands and no needless decimals."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,}"


def _international(data: Path, iso3: str, words: Vocabulary) -> dict[str, tuple[str, str]]:
    wanted = {m.compares_with for m in words.catalog.measures.values() if m.compares_with}
    best: dict[str, tuple[str, str, dict]] = {}
    for path in sorted((data / "figures").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as handle:
            header = next(csv.reader(handle), [])
            mine = (line for line in handle if line.startswith(f"{iso3},,"))  # the tables are large, and few rows are wanted
            for row in csv.DictReader(mine, header):
                whole = not row["partner_iso3"] and row["sex"] == row["age"] == row["form"] == "total"
                if row["iso3"] == iso3 and row["indicator_id"] in wanted and whole:
                    if row["period_end"] > best.get(row["indicator_id"], ("", "", {}))[0]:
                        best[row["indicator_id"]] = (row["period_end"], path.stem, row)
    shown = {key: (_carried(row), f"{_publisher(source)}, {end[:4]}") for key, (end, source, row) in best.items()}
    return {m.id: shown[m.compares_with] for m in words.catalog.measures.values() if m.compares_with in shown}


def _carried(row: dict) -> str:
    values = {k: float(row[k]) if row[k] else None for k in ("value", "lower", "upper")}
    return told(FigureRow(measure="", status=row["status"], **values))


def _publisher(source: str) -> str:
    """The publisher's name as its card says; the source's id where there is no card to ask."""
    path = SOURCES / source / "source.toml"
    return catalog.read_source(path).publisher if path.is_file() else source
