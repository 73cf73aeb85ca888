"""What keeps the measures of a briefing sound: units, parts, comparisons and caveats that exist, and parts that end."""

from __future__ import annotations

CRIMES = ("smuggling", "trafficking", "both")


def contradictions(catalog) -> list[str]:
    """Every fault of measures.toml in a loaded catalog, each naming its entry; none when it is sound."""
    faults = []
    for key, measure in catalog.measures.items():
        where = f"measures.toml, entry {key}"
        for field, value, known in (
            ("unit", measure.unit, catalog.units),
            ("crime", measure.crime, CRIMES),
            ("stage", measure.stage, catalog.stages),
            ("part_of", measure.part_of, {"", *catalog.measures}),
            ("compares_with", measure.compares_with, {"", *catalog.indicators}),
            *(("caveats", code, catalog.caveats) for code in measure.caveats),
        ):
            if value not in known:
                faults.append(f"{where}: {field} “{value}” is not declared")
        whole = catalog.measures.get(measure.part_of)
        if whole is not None and whole.unit != measure.unit:
            faults.append(f"{where}: counts in “{measure.unit}” but is part of {whole.id}, which counts in “{whole.unit}”")
        if _circle(catalog.measures, key):
            faults.append(f"{where}: is part of itself by way of {measure.part_of}")
        if not measure.differs:
            faults.append(f"{where}: differs is empty; say in one sentence why the international figure need not agree")
    return faults


def _circle(measures, key: str) -> bool:
    seen, at = {key}, measures[key].part_of
    while at in measures:
        if at in seen:
            return True
        seen.add(at)
        at = measures[at].part_of
    return False
