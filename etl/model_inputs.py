"""What the gravity model needs of every country, not only of members: `python -m etl.model_inputs --from DIR`.

Writes `data/model/country_terms.csv`: population and income per head in one year, deaths in organised violence over the
five years up to it. The sources' own readers read the originals, so every quirk is handled in one place.
"""

import argparse
import importlib
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from corridors import catalog
from corridors.catalog import OTHER, STATELESS, UNKNOWN, WORLD, Catalog, Member
from corridors.problems import Problem, Refused, SourceRefused
from etl import pipeline
from etl.frames import write_csv

YEAR, CONFLICT_YEARS = 2015, 5  # at the beginning of the last period of flows
SUMMED = "conflict_deaths"
TERMS = {"population": "world_bank", "gdp_per_head_ppp": "ilo_undp_gapminder", SUMMED: "ucdp"}  # indicator → source
FILE = Path("model") / "country_terms.csv"  # below the data folder
COLUMNS = ["iso3", "indicator_id", "period_start", "period_end", "value", "source_id", "source_ref", "provider_label"]


def country_terms(origin: Path, vocabulary: Catalog) -> pd.DataFrame:
    """One row for each country and term (COLUMNS), in a fixed order, from the originals in `origin/<source>/`.

    Raises SourceRefused with the problems of every source at once, and when a term has no country at all.
    """
    parts, problems = [], []
    for indicator_id, source_id in TERMS.items():
        reader = importlib.import_module(f"etl.sources.{source_id}.read")
        try:
            raw = reader.read(origin / source_id)
            figures = reader.to_figures(raw, _everyone(vocabulary), date.today().year).balanced().figures
        except Refused as refusal:
            problems += [f"{source_id}: {problem}" for problem in refusal.problems]
            continue
        part = _term(figures[figures["indicator_id"] == indicator_id])
        if part.empty:
            problems.append(
                Problem(
                    f"{source_id}/",
                    f"no {indicator_id} for {YEAR}",
                    "a number for most countries",
                    "Is this the right file?",
                )
            )
        parts.append(part.assign(indicator_id=indicator_id, source_id=source_id))
    if problems:
        raise SourceRefused(problems)
    return pd.concat(parts)[COLUMNS].sort_values(["indicator_id", "iso3"], kind="stable").reset_index(drop=True)


def touched(origin: Path, named: list[str]) -> bool:
    """Whether an extract of the `named` sources (none = all) from `origin` concerns these terms, and they can be read there."""
    needed = set(TERMS.values())
    return (not named or bool(needed & set(named))) and all((origin / source).is_dir() for source in needed)


def _everyone(vocabulary: Catalog) -> Catalog:
    """The vocabulary as if every country were a member: the readers then hand over the figures of all."""
    countries = {i: c for i, c in vocabulary.countries.items() if i not in (UNKNOWN, STATELESS, OTHER, WORLD)}
    members = {
        iso3: vocabulary.members.get(iso3) or Member(iso3, country.name, country.name, "", "", 0, 0, False, False, "")
        for iso3, country in countries.items()
    }
    return replace(vocabulary, members=MappingProxyType(members))


def _term(figures: pd.DataFrame) -> pd.DataFrame:
    """One row a country: the number of the year, or the sum over the years of conflict with all its references."""
    year = figures["period_end"].str[:4].astype(int)
    summed = figures["indicator_id"].eq(SUMMED).any()
    some = figures[year.between(YEAR - CONFLICT_YEARS + 1, YEAR) if summed else year == YEAR]
    return some.groupby("iso3", as_index=False).agg(
        period_start=("period_start", "min"),
        period_end=("period_end", "max"),
        value=("value", "sum"),
        source_ref=("source_ref", ", ".join),
        provider_label=("provider_label", "first"),
    )


def main(arguments: list[str] | None = None) -> int:
    """Writes the table and says what is in it; returns the exit status. Refusals print without a traceback."""
    parser = argparse.ArgumentParser(prog="python -m etl.model_inputs", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--from", dest="origin", type=Path, required=True, help="Folder with one sub-folder of originals per source."
    )
    origin = parser.parse_args(arguments).origin
    vocabulary = catalog.load()
    try:
        terms = country_terms(origin, vocabulary)
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    target = pipeline.DATA / FILE
    write_csv(terms, target)
    for indicator_id, part in terms.groupby("indicator_id"):
        absent = ", ".join(sorted(set(vocabulary.members) - set(part["iso3"]))) or "none"
        print(f"{indicator_id}: {len(part):,} countries; members without one: {absent}")
    print(f"Written: data/model/{target.name}. Next: python -m etl build")
    return 0


if __name__ == "__main__":
    sys.exit(main())
