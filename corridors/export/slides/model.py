"""What one slide holds, whatever it is drawn on: one sentence and one picture, and all that must be said with its numbers."""

from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from corridors.views.maps import Map


@dataclass(frozen=True)
class Fact:
    """One figure in large type: amount, unit and period, grade, most serious limit, publisher. Never a bare number."""

    label: str
    amount: str
    line: str
    grade: str
    limit: str
    publisher: str
    use: str = ""  # what the figure may be used for


@dataclass(frozen=True)
class Series:
    """A yearly series: rows as `figure_annotated` has them, the first years of new series, the unit, and the years to come where past ones
    suggest any (year, middle, lower_80, upper_80): they begin at the last row."""

    rows: pd.DataFrame
    breaks: tuple[tuple[int, str], ...]
    unit: str
    ahead: pd.DataFrame | None = None


@dataclass(frozen=True)
class Stack:
    """Stacked bars of one length: a label and one count a part; `total` is the length of a full bar."""

    labels: tuple[str, ...]
    parts: tuple[tuple[str, tuple[int, ...]], ...]
    total: int


@dataclass(frozen=True)
class Slide:
    """One slide. Source, period, unit and use stand at its foot; `details` is what the notes add for whoever asks."""

    number: int
    kind: str
    title: str
    lead: str = ""
    facts: tuple[Fact, ...] = ()
    points: tuple[str, ...] = ()
    picture: Series | Stack | Map | None = None
    sources: tuple[str, ...] = ()
    period: str = ""
    unit: str = ""
    grade: str = ""
    limit: str = ""
    use: str = ""  # what its figures may be used for
    tlp: str = "CLEAR"
    note: str = ""
    minutes: float = 0
    details: tuple[str, ...] = field(default_factory=tuple)

    @property
    def source_line(self) -> str:
        """The one line at the foot: source (of several only the publishers), period, counted unit, use or limit."""
        named = self.sources
        if len(named) > 1:
            named = tuple(dict.fromkeys(source.partition(",")[0] for source in named))
        parts = (
            f"Source: {'; '.join(named)}" if named else "",
            self.period,
            f"counted: {self.unit}" if self.unit else "",
            (self.use or self.limit).rstrip("."),
        )
        return " · ".join(part for part in parts if part and "as under each" not in part and "as in each" not in part)


@dataclass(frozen=True)
class Deck:
    """All slides of a meeting at one ceiling. `tlp` is the strictest label of any of them."""

    key: str
    title: str
    place: str
    date: date | None
    edition_id: str
    edition_dated: date
    ceiling: str
    tlp: str
    slides: tuple[Slide, ...]

    @property
    def file_stem(self) -> str:
        """How the name of each of its files begins: meeting and edition."""
        return f"corridors-{self.key}-{self.edition_id}"
