"""Reads Gapminder's compilation: one CSV for each series, with a place (a lower-case key), a year and a number.

The keys are ISO codes for most countries; for the others, and for places that are no country, the list of places gives
the ISO code or none. Unemployment is as countries surveyed it and never stands on one line with the modelled series.
A line is a cell.
"""

from pathlib import Path

import pandas as pd

from corridors.catalog import Catalog
from corridors.problems import SourceRefused
from etl import frames, reading, series
from etl.frames import Extract, Raw
from etl.series import PER_CENT, Scale, Series

SOURCE = "ilo_undp_gapminder"
SERIES = {
    "alternative_gdp_per_capita_ppp_wb": Series("gdp_per_head_ppp", Scale(0, 1e6, 1_000)),
    "aged_15plus_unemployment_rate_percent": Series("unemployment_survey", PER_CENT),
    "aged_15_24_unemployment_rate_percent": Series("youth_unemployment_survey", PER_CENT),
    "internet_users": Series("internet_users", PER_CENT),
    "urban_population_percent_of_total": Series("urban_population", PER_CENT, "estimated"),
    "population_growth_annual_percent": Series("population_growth", Scale(-50, 50, 1), "estimated"),
    "extreme_poverty_percent_people_below_300_a_day": Series("extreme_poverty", PER_CENT),
    "hdi_human_development_index": Series("human_development", Scale(0, 1, 0.1)),
}
GEO, TIME = "geo", "time"
PLACES, PLACE, ISO3 = "ddf--entities--geo--country.csv", "country", "iso3166_1_alpha3"
WHERE = f"{PLACES}, with its ISO code if it has one"


def file_of(name: str) -> str:
    """The file of a series, as the publisher calls it."""
    return f"ddf--datapoints--{name}--by--geo--time.csv"


def read(folder: Path) -> Raw:
    """The lines of every series and of the list of places, as text.

    Refuses when a file is missing, cut off, of another format, or lacks a column: all faults of all files at once.
    """
    asked = {PLACES: [PLACE, ISO3]} | {file_of(name): [GEO, TIME, name] for name in SERIES}
    together = reading.Together()
    found = {file: together.do(reading.find, folder, [file], SOURCE) for file in asked}
    tables = {file: together.do(_table, path, asked[file]) for file, path in found.items() if path}
    together.refuse()
    inputs = tuple(frames.input_file(folder / file, folder) for file in tables)
    return Raw(tables, {file: file for file in tables}, {}, inputs)


def _table(path: Path, columns: list[str]) -> pd.DataFrame:
    frame = reading.read_table(path, columns, SOURCE)
    reading.refuse_cut_end(path, SOURCE)
    reading.refuse_no_lines(frame, path, SOURCE)
    return frame[[*columns, "_row"]]


def to_figures(raw: Raw, catalog: Catalog, latest: int) -> Extract:
    """Figures of the eight series for members, and an account of every other line.

    Years up to the one before `latest` are imported. Refuses unknown places and years, text in a number, and a series of
    another unit.
    """
    known, parts = _known(raw.tables[PLACES], catalog), []
    for name in SERIES:
        file = file_of(name)
        table = raw.tables[file]
        row, blank = table["_row"], table[name].str.strip().isin(reading.BLANK)
        member = reading.of_a_member(table[GEO], catalog)
        iso3 = reading.known_codes(table[GEO], row, known, file, GEO, where=WHERE, carries=member)
        year = reading.years(table[TIME], row, file, TIME, series.FARTHEST)
        columns = {"series": name, "text": table[name], "iso3": iso3, "year": year, "provider_label": table[GEO]}
        parts.append(series.cells(row, file, name, observed=latest - 1, **columns)[~blank])
    cells = pd.concat(parts, ignore_index=True)
    return series.extract(SOURCE, cells, SERIES, catalog, raw.inputs, notes=(series.note(SERIES),))


def _known(places: pd.DataFrame, catalog: Catalog) -> dict[str, str]:
    """Each key's ISO3, empty for a place without one or beyond the catalog. Refuses an ISO code that stands twice."""
    codes = places[ISO3].str.strip().str.upper()
    twice = places[codes.duplicated(keep=False) & (codes != "")]
    if len(twice):
        first = twice.iloc[0]
        keys = " and ".join(places.loc[codes == codes[first.name], PLACE])
        raise SourceRefused.of(
            PLACES,
            f"“{first[ISO3]}” for {keys}",
            "an ISO code once",
            "Mend the list, or download it again.",
            column=ISO3,
            row=int(first["_row"]),
        )
    return {key: code if code in catalog.countries else "" for key, code in zip(places[PLACE], codes)}
