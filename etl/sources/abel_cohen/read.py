"""Abel and Cohen's five-year migration flows, estimated from migrant stocks by the closed pseudo-Bayesian method.

`flow_da_pb_closed.json` holds one square of origins and destinations for each period, named by the year in which the
period starts, and totals beside it. A cell is one number for a pair and a period, a total included. The name of the
file names the method: five others give other numbers and are not read.
"""

from pathlib import Path

import pandas as pd

from corridors.catalog import OTHER, WORLD, Catalog
from corridors.problems import Problem, SourceRefused
from etl import frames, reading, squares
from etl.frames import Extract, Raw

SOURCE, INDICATOR, FILE = "abel_cohen", "migration_flow_estimate", "flow_da_pb_closed.json"
YEARS = 5  # of one period: the publisher counts from mid-year to mid-year, we name the years in which it starts
SMALLEST = 10  # people in five years

# States that have split since: their people cannot be told apart, so the whole stands for neither part.
UNDIVIDED = ["Sudan*", "Serbia & Montenegro"]

BEFORE = f"a period that starts before {frames.FIRST_YEAR}"
NO_COUNTRY = "a region or a group of countries"
NO_MEMBER = "no member at either end"
SAME = "origin is the destination: not a corridor"
ZERO = "0: nobody, by the estimate"
FEW = f"under {SMALLEST} people in {YEARS} years: finer than the estimate can be"


def read(folder: Path) -> Raw:
    """The publisher's numbers as text in `flow`, one row each, and in `places` what stands at their ends.

    Refuses when the file is missing, cut off, or of another shape.
    """
    path = reading.find(folder, [FILE], SOURCE)
    places, flow = squares.read_square(path, SOURCE)
    files = {"places": path.name, "flow": path.name}
    return Raw({"places": places, "flow": flow}, files, {}, (frames.input_file(path, folder),))


def to_figures(raw: Raw, catalog: Catalog, latest: int) -> Extract:
    """Flows by corridor and in total to and from a member wherever a member stands at an end, and an account of the other cells.

    Refuses unknown places, periods that are not over or do not start in a fifth year, and numbers that are none,
    negative or broken, all offenders at once.
    """
    flow, places, file = raw.tables["flow"], raw.tables["places"], raw.files["flow"]
    ends = _ends(places, catalog, file)
    rows = squares.between_ends(flow, ends, _starts(flow, file, latest), _numbers(flow, file))
    out = _reasons(rows, catalog)
    kept, said = rows[out == ""], flow[out == ""]
    years = kept["year"].astype(str) + "-01-01", (kept["year"] + YEARS - 1).astype(str) + "-12-31"
    ref, label = said["ref"].str.removeprefix("matrix/"), squares.pair_labels(said, places)
    return Extract(
        source_id=SOURCE,
        cells_read=len(rows),
        figures=frames.finished(squares.figures(kept, INDICATOR, *years, ref, label), SOURCE),
        rejected=frames.empty_rejected(),
        out_of_scope=frames.counts(out),
        inputs=raw.inputs,
        notes=(
            "Labels are the publisher's own: origin>destination. With total_inflow for an origin or total_outflow for a destination "
            "it is a total.",
            "References are paths in the file, in its field matrix unless they begin with total_inflow or total_outflow: "
            "year/origin/destination, counted from 0.",
            f"Flows under {SMALLEST} people are left out; totals at both ends are as published and hold them.",
        ),
    )


def _starts(flow: pd.DataFrame, file: str, latest: int) -> dict[str, int]:
    """The year in which each period starts. Refuses one that is not over, and one that is no fifth year."""
    first = flow.drop_duplicates("year")
    starts = reading.years(first["year"], first["_row"], file, "year", latest - YEARS + 1)
    odd = first.loc[starts % YEARS != 0, "year"]
    if len(odd):
        expected = f"a year that a period of {YEARS} years starts with, such as 2015"
        tell = f"Tell the reader of this source what it means: etl/sources/{SOURCE}/read.py."
        raise SourceRefused([Problem(file, f"“{year}”", expected, tell, column="matrix") for year in odd])
    return dict(zip(first["year"], starts))


def _ends(places: pd.DataFrame, catalog: Catalog, file: str) -> dict[str, str]:
    """Each place's ISO3 key, WORLD for a total, empty for a region. Refuses with every unknown place."""
    countries = places[places["kind"] == squares.COUNTRY]
    known = {label: OTHER if label in UNDIVIDED else catalog.find(label) for label in countries["label"]}
    known = {label: iso3 for label, iso3 in known.items() if iso3 and iso3 != WORLD}
    return squares.ends(places, known, file)


def _numbers(flow: pd.DataFrame, file: str) -> pd.Series:
    """Every cell as a number. Refuses empty cells too: the estimate is complete, so one would be a fault."""
    said, again = flow[flow["value"] != "0"], reading.again(SOURCE)
    empty = said[said["value"] == ""].groupby("column", sort=False)["_row"]
    if len(empty):
        problems = [(f"{len(row)} empty cells", str(column), int(row.iloc[0])) for column, row in empty]
        raise SourceRefused(
            [Problem(file, found, "a number in every cell", again, column=c, row=row) for found, c, row in problems]
        )
    return squares.numbers(said, file)


def _reasons(rows: pd.DataFrame, catalog: Catalog) -> pd.Series:
    """Why each cell is out of scope, in the order in which one asks; empty where it is imported."""
    members = list(catalog.members)
    asked = {
        BEFORE: rows["year"] < frames.FIRST_YEAR,
        NO_COUNTRY: (rows["iso3"] == "") | (rows["partner_iso3"] == ""),
        NO_MEMBER: ~(rows["iso3"].isin(members) | rows["partner_iso3"].isin(members)),
        SAME: rows["iso3"] == rows["partner_iso3"],
        ZERO: rows["value"] == 0,
        FEW: (rows["value"] < SMALLEST) & (rows["iso3"] != WORLD) & (rows["partner_iso3"] != WORLD),
    }
    return frames.first_reason(asked, rows.index)
