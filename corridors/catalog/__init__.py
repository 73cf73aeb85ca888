"""The vocabulary of the house, read once from the text files in this folder.

Everything that the other rooms may name (members, countries, indicators, themes, caveats, statuses, breaks) comes from
here. `load()` returns one frozen `Catalog`; the files are small and are read in a few milliseconds.
"""

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType

from corridors.catalog import calendars as _calendars
from corridors.catalog.calendars import FiscalYear
from corridors.catalog.model import (
    Agreement,
    Caveat,
    CaveatRule,
    Country,
    Download,
    Factor,
    Indicator,
    Measure,
    Member,
    Sea,
    SeriesBreak,
    Source,
    Status,
    Theme,
)
from corridors.catalog.uses import ANSWERS

HERE = Path(__file__).parent
WORLD = "WLD"  # the place "everywhere together"
UNKNOWN = "XXX"
STATELESS = "XXA"
OTHER = "OTH"
NO_PLACE = (UNKNOWN, STATELESS, OTHER)  # ends of a corridor that are no place
SIDES = ("push", "pull", "pair", "enabler", "modulator")
ENDS = ("origin", "transit", "destination", "corridor")
# what the build finds out about a figure by itself, so that a caveat can ask for it
WHEN = ("few_events", "old", "single_source", "contradicted", "new_series", "dominated", "with_appeals")

__all__ = [
    "Agreement",
    "Catalog",
    "CatalogFault",
    "Caveat",
    "CaveatRule",
    "Country",
    "Download",
    "Factor",
    "FiscalYear",
    "Indicator",
    "Measure",
    "Member",
    "OTHER",
    "STATELESS",
    "SeriesBreak",
    "Source",
    "Status",
    "Theme",
    "UNKNOWN",
    "WORLD",
    "load",
    "read_source",
]
# what entries may say
RELATIONS = ("same", "part", "parts")
DOUBTS = ("first", "second", "both", "none")
CRIMES = ("smuggling", "trafficking", "both")


class CatalogFault(Exception):
    """The vocabulary contradicts itself; the message lists every fault with file and entry."""


@dataclass(frozen=True)
class Catalog:
    """All vocabulary by id. Mappings are read-only."""

    members: Mapping[str, Member]
    countries: Mapping[str, Country]
    themes: Mapping[str, Theme]
    indicators: Mapping[str, Indicator]
    units: Mapping[str, Mapping[str, str]]
    caveats: Mapping[str, Caveat]
    statuses: Mapping[str, Status]
    seas: Mapping[str, Sea]
    breaks: tuple[SeriesBreak, ...]
    factors: Mapping[str, Factor]
    agreements: Mapping[str, Agreement]
    glossary: Mapping[str, Mapping[str, str]]
    measures: Mapping[str, Measure]  # what a member may report in its briefing
    forms: Mapping[str, str]  # form of exploitation → its name
    stages: Mapping[str, str]  # where a measure stands between finding and judging → its name
    fiscal_years: Mapping[str, tuple[FiscalYear, ...]]  # member → when its fiscal years begin, where a source says so

    def place_name(self, iso3: str | None) -> str:
        """The name to print for a place: a member's UN short name, else the country's."""
        if not iso3:
            return "All"
        if iso3 in self.members:
            return self.members[iso3].name
        return self.countries[iso3].name if iso3 in self.countries else iso3

    def fiscal_year(self, iso3: str, year: int) -> tuple[date, date] | None:
        """First and last day of a member's fiscal year that begins in `year`; None where it is not known."""
        return _calendars.fiscal_days(self.fiscal_years.get(iso3, ()), year)

    def fiscal_name(self, iso3: str, start: date, end: date) -> str:
        """“fiscal year 2011/12” where the days are that year of the member; else empty."""
        return _calendars.fiscal_name_of(self.fiscal_years.get(iso3, ()), start, end)

    @cached_property
    def parts(self) -> Mapping[str, tuple[Theme, ...]]:
        """The parts of a member's page that are made of themes: the id of the first theme → all of them."""
        found: dict[str, tuple[Theme, ...]] = {}
        for theme in self.themes.values():
            first = next((key for key, themes in found.items() if themes[0].part == theme.part), theme.id)
            found[first] = (*found.get(first, ()), theme)
        return MappingProxyType(found)

    @cached_property
    def iso3_by_name(self) -> Mapping[str, str]:
        """Every known name, alias and code in lower case to its ISO3 key."""
        names: dict[str, str] = {}
        for country in self.countries.values():
            for text in (country.iso3, country.name, *country.aliases):
                names.setdefault(text.casefold(), country.iso3)
        for member in self.members.values():
            for text in (member.iso3, member.name, member.short_name, member.listed_as, *member.aliases):
                if text:
                    names[text.casefold()] = member.iso3
        return MappingProxyType(names)

    def find(self, label: str) -> str | None:
        """The ISO3 key of a name or alias, or None; exact apart from case and surrounding space."""
        return self.iso3_by_name.get(label.strip().casefold())


def _toml(path: Path) -> dict:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise CatalogFault(
            f"{path.parent.name}/{path.name}: found {fault}; expected TOML in UTF-8. Mend the line."
        ) from None


def _made(kind, entry: dict, key: str, file: str, faults: list[str]):
    """An instance of `kind` from a TOML table; unknown and missing fields are collected, not raised one by one."""
    known = {f.name for f in fields(kind)}
    for name in sorted(entry.keys() - known):
        faults.append(f"{file}, entry {key}: unknown field “{name}” (known: {', '.join(sorted(known))})")
    values = {k: tuple(v) if isinstance(v, list) else v for k, v in entry.items() if k in known}
    try:
        return kind(**values)
    except TypeError as fault:
        faults.append(f"{file}, entry {key}: {fault}")
        return None


@lru_cache(maxsize=1)
def load(folder: Path = HERE) -> Catalog:
    """The whole vocabulary. Raises CatalogFault with every contradiction that it finds."""
    faults: list[str] = []

    def table(file: str, section: str, kind, key_field: str) -> dict:
        rows = {}
        for key, entry in _toml(folder / file)[section].items():
            made = _made(kind, {**entry, key_field: key}, key, file, faults)
            if made is not None:
                rows[key] = made
        return rows

    with (folder / "countries.csv").open(encoding="utf-8", newline="") as handle:
        countries = {
            row["iso3"]: Country(row["iso3"], row["name"], row["m49"], tuple(a for a in row["aliases"].split("|") if a))
            for row in csv.DictReader(handle)
        }
    indicators_file = _toml(folder / "indicators.toml")
    briefing = _toml(folder / "measures.toml")
    caveats = {}
    for key, entry in _toml(folder / "caveats.toml")["caveats"].items():
        rules = tuple(
            rule
            for raw in entry.get("applies", [])
            if (rule := _made(CaveatRule, raw, key, "caveats.toml", faults)) is not None
        )
        caveat = _made(Caveat, {**entry, "id": key, "applies": rules}, key, "caveats.toml", faults)
        if caveat is not None:
            caveats[key] = caveat
    breaks = _breaks(folder / "breaks.toml", faults)
    fiscal_years: dict[str, tuple[FiscalYear, ...]] = {}
    for i, entry in enumerate(_toml(folder / "fiscal_years.toml")["fiscal_years"], 1):
        if made := _made(FiscalYear, entry, str(i), "fiscal_years.toml", faults):
            fiscal_years[made.member] = (*fiscal_years.get(made.member, ()), made)
    catalog = Catalog(
        members=MappingProxyType(table("members.toml", "members", Member, "iso3")),
        countries=MappingProxyType(countries),
        themes=MappingProxyType(table("indicators.toml", "themes", Theme, "id")),
        indicators=MappingProxyType(table("indicators.toml", "indicators", Indicator, "id")),
        units=MappingProxyType(indicators_file["units"] | briefing["units"]),
        caveats=MappingProxyType(caveats),
        statuses=MappingProxyType({k: Status(id=k, **v) for k, v in _toml(folder / "statuses.toml").items()}),
        seas=MappingProxyType(table("seas.toml", "seas", Sea, "id")),
        breaks=breaks,
        factors=MappingProxyType(table("factors.toml", "factors", Factor, "id")),
        agreements=MappingProxyType(table("agreements.toml", "agreements", Agreement, "id")),
        glossary=MappingProxyType(_toml(folder / "glossary.toml")["terms"]),
        measures=MappingProxyType(table("measures.toml", "measures", Measure, "id")),
        forms=MappingProxyType(briefing["forms"]),
        stages=MappingProxyType(briefing["stages"]),
        fiscal_years=MappingProxyType(fiscal_years),
    )
    faults += _contradictions(catalog) + _of_agreements(catalog.agreements, catalog.indicators)
    if faults:
        raise CatalogFault("The catalog contradicts itself:\n" + "\n".join(f"· {fault}" for fault in faults))
    return catalog


def with_breaks_of(catalog: Catalog, file: Path) -> Catalog:
    """The same with what a file of this house's own decisions says of steps in series. Raises CatalogFault with all its faults."""
    if not file.is_file():
        return catalog
    faults: list[str] = []
    own = _breaks(file, faults)
    faults += _break_faults(own, catalog, file.name)
    if faults:
        raise CatalogFault(
            f"Decisions on steps in series are wrong; mend {file.name}:\n" + "\n".join(f"· {f}" for f in faults)
        )
    return replace(catalog, breaks=(*catalog.breaks, *own))


def _breaks(file: Path, faults: list[str]) -> tuple[SeriesBreak, ...]:
    return tuple(
        made
        for i, entry in enumerate(_toml(file).get("breaks", []), 1)
        if (made := _made(SeriesBreak, entry, str(i), file.name, faults)) is not None
    )


def _break_faults(breaks: tuple[SeriesBreak, ...], catalog: Catalog, file: str) -> list[str]:
    faults = []
    for entry in breaks:
        if entry.kind not in ("break", "change"):
            faults.append(f"{file}, entry of {entry.year}: kind must be break or change, found “{entry.kind}”")
        unknown = [n for n in entry.indicators if n not in catalog.indicators] + [
            n for n in entry.members if n not in catalog.members
        ]
        faults += [f"{file}, entry of {entry.year}: unknown indicator or member “{n}”" for n in unknown]
    return faults


def _contradictions(catalog: Catalog) -> list[str]:
    faults = []
    for key, indicator in catalog.indicators.items():
        if indicator.theme not in catalog.themes:
            faults.append(f"indicators.toml, entry {key}: theme “{indicator.theme}” is not declared")
        if indicator.unit not in catalog.units:
            faults.append(f"indicators.toml, entry {key}: unit “{indicator.unit}” is not declared")
        if indicator.stock_or_flow not in ("stock", "flow"):
            faults.append(f"indicators.toml, entry {key}: stock_or_flow must be stock or flow")
    for key, caveat in catalog.caveats.items():
        if caveat.severity not in (1, 2, 3):
            faults.append(f"caveats.toml, entry {key}: severity must be 1, 2 or 3, found {caveat.severity}")
        for use, answer in caveat.uses.items():
            allowed = ANSWERS.get(use, ())[1:]
            if answer not in allowed:
                expected = f"one of {', '.join(allowed)}" if allowed else f"a use: {', '.join(ANSWERS)}"
                faults.append(f"caveats.toml, entry {key}: uses says {use} = “{answer}”; expected {expected}")
        for rule in caveat.applies:
            faults += _rule_faults(key, rule, catalog)
        if not caveat.applies and not caveat.applies_later:
            faults.append(f"caveats.toml, entry {key}: applies to nothing; name what it applies to, or applies_later")
    faults += _break_faults(catalog.breaks, catalog, "breaks.toml")
    for key, factor in catalog.factors.items():
        if factor.side not in SIDES or not factor.ends or set(factor.ends) - set(ENDS):
            faults.append(f"factors.toml, entry {key}: side must be one of {', '.join(SIDES)}; ends of {', '.join(ENDS)}")
        for name, direction in factor.worse.items():
            if name not in factor.indicators or direction not in ("higher", "lower"):
                faults.append(
                    f"factors.toml, entry {key}: worse names “{name}” as “{direction}”; expected one of its indicators"
                )
        for name in factor.indicators:
            if name.removesuffix("@partner") not in catalog.indicators:
                faults.append(f"factors.toml, entry {key}: indicator “{name}” is not declared")
    for iso3, member in catalog.members.items():
        if not (-90 <= member.lat <= 90 and -180 <= member.lon <= 180):
            faults.append(f"members.toml, entry {iso3}: coordinates out of range")
        if iso3 not in catalog.countries:
            faults.append(f"members.toml, entry {iso3}: not in countries.csv")
    for entry in (entry for entries in catalog.fiscal_years.values() for entry in entries):
        if entry.member not in catalog.members or not (entry.source and entry.reference):
            faults.append(f"fiscal_years.toml, entry {entry.member}: a member, a source and a reference are needed")
        try:
            if entry.begins:
                entry.first_day(2020)
        except ValueError:
            faults.append(
                f"fiscal_years.toml, entry {entry.member}: begins “{entry.begins}” is no month and day, nor nowruz"
            )
        if entry.named_by not in ("start", "end"):
            faults.append(f"fiscal_years.toml, entry {entry.member}: named_by must be start or end")
    return faults + _of_measures(catalog)


def _rule_faults(key: str, rule: CaveatRule, catalog: Catalog) -> list[str]:
    if not any((rule.indicators, rule.sources, rule.members, rule.statuses, rule.forms, rule.when)):
        return [f"caveats.toml, entry {key}: a rule that names nothing would apply to everything; say what it applies to"]
    faults = []
    for named, known, what in (
        (rule.indicators, catalog.indicators, "indicator"),
        (rule.members, {*catalog.members, WORLD}, "member"),
        (rule.statuses, catalog.statuses, "status"),
        ((rule.when,) if rule.when else (), WHEN, "condition"),
    ):
        faults += [f"caveats.toml, entry {key}: unknown {what} “{n}”" for n in named if n not in known]
    return faults


def read_source(path: Path) -> Source:
    """The source described by a `source.toml`. Raises CatalogFault naming file and field."""
    faults: list[str] = []
    entry = _toml(path)
    name = f"{path.parent.name}/source.toml"
    downloads = tuple(
        made for d in entry.pop("downloads", []) if (made := _made(Download, d, d.get("file", "?"), name, faults))
    )
    source = _made(Source, {**entry, "id": path.parent.name, "downloads": downloads}, path.parent.name, name, faults)
    if faults:
        raise CatalogFault("\n".join(faults))
    if source.licence.startswith("CC BY"):  # which asks that changes are said wherever the source is named
        source = replace(source, attribution=f"{source.attribution} (selected and re-arranged: changes were made)")
    return source


def _of_agreements(agreements: Mapping[str, Agreement], indicators: Mapping) -> list[str]:
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


def _of_measures(catalog: Catalog) -> list[str]:
    """Every fault of measures.toml in a loaded catalog, each naming its entry; none when it is sound."""
    faults = []
    for key, measure in catalog.measures.items():
        where = f"measures.toml, entry {key}"
        for field, value, known in (
            ("unit", measure.unit, catalog.units),
            ("crime", measure.crime, CRIMES),
            ("stage", measure.stage, catalog.stages),
            *((f, getattr(measure, f), {"", *catalog.measures}) for f in ("part_of", "after", "confused_with")),
            ("compares_with", measure.compares_with, {"", *catalog.indicators}),
            *(("caveats", code, catalog.caveats) for code in measure.caveats),
        ):
            if value not in known:
                faults.append(f"{where}: {field} “{value}” is not declared")
        whole = catalog.measures.get(measure.part_of)
        if whole is not None and whole.unit != measure.unit:
            faults.append(f"{where}: counts in “{measure.unit}” but is part of {whole.id}, which counts in “{whole.unit}”")
        if measure.after == key:
            faults.append(f"{where}: follows on itself")
        other = catalog.measures.get(measure.confused_with)
        if other is not None and other.unit == measure.unit:
            faults.append(
                f"{where}: is confused with {other.id}, which counts in “{other.unit}” too; name one of another unit"
            )
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
