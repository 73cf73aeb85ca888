"""What readers would see otherwise once a draft is published: briefings, figures by member and theme, uses, headlines."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from corridors import catalog
from corridors.store.queries import changes as reading
from corridors.views import changes, member

USE = {"level": "Quote the level", "trend": "Speak of a trend", "compare": "Compare", "sum": "Add up"}


@dataclass(frozen=True)
class Difference:
    """A draft beside the edition that readers see: frames in words, each empty where nothing of its kind changes."""

    figures: changes.Shown | str  # or why the two cannot be compared
    briefings: pd.DataFrame  # Member, Period, Before, After
    uses: pd.DataFrame  # Use, Before, After, Figures
    headlines: pd.DataFrame  # Member, Headline, Before, After

    @property
    def nothing(self) -> bool:
        """Whether readers would see the same."""
        return not isinstance(self.figures, str) and not (
            self.figures.figures or len(self.briefings) or len(self.uses) or len(self.headlines)
        )


def difference(published: str, draft: str) -> Difference:
    """What a draft says otherwise. Raises UnknownEdition."""
    figures = changes.shown(published, draft, None)
    if isinstance(figures, str):
        return Difference(figures, *(pd.DataFrame() for _ in range(3)))
    names = {iso3: m.name for iso3, m in catalog.load().members.items()}
    told = reading.briefings(published, draft)
    said = told[["before", "after"]].map(lambda version: "–" if pd.isna(version) else f"version {int(version)}")
    told = pd.DataFrame({"Member": told.iso3.map(names), "Period": told.period, "Before": said.before, "After": said.after})
    other = reading.uses(published, draft)
    other = pd.DataFrame({"Use": other.use.map(USE), "Before": other.before, "After": other.after, "Figures": other.figures})
    rows = []
    for iso3 in sorted((iso3 for iso3, name in names.items() if name in set(figures.counts["Member"])), key=names.get):
        before, after = (
            {c.label: f"{c.amount} ({c.period})" for c in member.headlines(edition, iso3).cards}
            for edition in (published, draft)
        )
        rows += [
            (names[iso3], label, before.get(label, "–"), after.get(label, "–"))
            for label in dict.fromkeys([*before, *after])
            if before.get(label) != after.get(label)
        ]
    return Difference(figures, told, other, pd.DataFrame(rows, columns=["Member", "Headline", "Before", "After"]))
