"""Which series speak of the same thing, as declared in agreements.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

RELATIONS = ("same", "part", "parts")
DOUBTS = ("first", "second", "both", "none")


@dataclass(frozen=True)
class Agreement:
    """Two series that the build compares; `by` of the second names the breakdown whose parts are added up."""

    id: str
    title: str
    first: Mapping[str, str]  # indicator, source
    second: Mapping[str, str]  # indicator, source and, for parts, by
    relation: str
    independent: bool
    doubts: str
    reason: str

    @property
    def by(self) -> str:
        """The breakdown of the second series; empty when totals are compared."""
        return self.second.get("by", "")


def contradictions(agreements: Mapping[str, Agreement], indicators: Mapping) -> list[str]:
    """What is wrong with the entries, one line each, with the cure."""
    faults = []
    for key, entry in agreements.items():
        where = f"agreements.toml, entry {key}"
        for end in (entry.first, entry.second):
            if end.get("indicator") not in indicators:
                faults.append(f"{where}: indicator “{end.get('indicator')}” is not declared")
            if not end.get("source"):
                faults.append(f"{where}: each side names a source")
        if entry.relation not in RELATIONS or entry.doubts not in DOUBTS:
            faults.append(f"{where}: relation must be one of {', '.join(RELATIONS)}; doubts one of {', '.join(DOUBTS)}")
        if (entry.relation == "parts") != bool(entry.by):
            faults.append(f"{where}: “parts” needs second.by (sex, age or form), and nothing else may have it")
        if entry.first == entry.second:
            faults.append(f"{where}: compares a series with itself")
    return faults
