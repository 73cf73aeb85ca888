"""Abel and Cohen's five-year migration flows, estimated from migrant stocks by the closed pseudo-Bayesian method.

`flow_da_pb_closed.json` holds one square of origins and destinations for each period, named by the year in which the
period starts, and totals beside it. A cell is one number for a pair and a period, a total included. The name of the
file names the method: five others give other numbers and are not read.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
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
    flow, file = raw.tables["flow"], raw.files["flow"]
    ends = _ends(raw.tables["places"], catalog, file)
    rows = pd.DataFrame(
        {
            "year": flow["year"].map(_starts(flow, file, latest)),
            "iso3": flow["destination"].map(ends),
            "partner_iso3": flow["origin"].map(ends),
            "value": _numbers(flow, file),
        }
    )
    out = _reasons(rows, catalog)
    kept = rows[out == ""]
    label = dict(zip(raw.tables["places"]["key"], raw.tables["places"]["label"]))
    labels = flow["origin"].map(label) + ">" + flow["destination"].map(label)
    return Extract(
        source_id=SOURCE,
        cells_read=len(rows),
        figures=frames.finished(_figures(kept, flow.loc[kept.index, "ref"], labels[kept.index]), SOURCE),
        rejected=frames.empty_rejected(),
        out_of_scope={str(reason): int(n) for reason, n in out[out != ""].value_counts().items()},
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
    odd = starts % YEARS != 0
    if odd.any():
        raise SourceRefused(
            [
                Problem(
                    file,
                    f"“{year}”",
                    f"a year that a period of {YEARS} years starts with, such as 2015",
                    f"Tell the reader of this source what it means: etl/sources/{SOURCE}/read.py.",
                    column="matrix",
                )
                for year in first.loc[odd, "year"]
            ]
        )
    return dict(zip(first["year"], starts))


def _ends(places: pd.DataFrame, catalog: Catalog, file: str) -> dict[str, str]:
    """Each place's ISO3 key, WORLD for a total, empty for a region. Refuses with every unknown place."""
    countries = places[places["kind"] == squares.COUNTRY]
    known = {label: OTHER if label in UNDIVIDED else catalog.find(label) for label in countries["label"]}
    known = {label: iso3 for label, iso3 in known.items() if iso3 and iso3 != WORLD}
    return squares.ends(places, known, file)


def _numbers(flow: pd.DataFrame, file: str) -> pd.Series:
    """Every cell as a number. Refuses empty cells too: the estimate is complete, so one would be a fault."""
    said = flow[flow["value"] != "0"]
    if (said["value"] == "").any():
        raise SourceRefused(
            [
                Problem(
                    file,
                    f"{len(some)} empty cells",
                    "a number in every cell",
                    reading.again(SOURCE),
                    column=str(column),
                    row=int(some["_row"].iloc[0]),
                )
                for column, some in said[said["value"] == ""].groupby("column", sort=False)
            ]
        )
    parts = [
        reading.whole_numbers(some["value"], some["_row"], file, str(column))
        for column, some in said.groupby("column", sort=False)
    ]
    return pd.concat(parts).reindex(flow.index, fill_value=0.0) if parts else pd.Series(0.0, flow.index)


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
    return pd.Series(np.select(list(asked.values()), list(asked), default=""), index=rows.index, dtype=object)


def _figures(rows: pd.DataFrame, ref: pd.Series, labels: pd.Series) -> pd.DataFrame:
    """Cells in scope as figures of a period of five years. A total over origins has no partner, one over destinations lies in WLD."""
    return pd.DataFrame(
        {
            "iso3": rows["iso3"],
            "partner_iso3": rows["partner_iso3"].mask(rows["partner_iso3"] == WORLD, ""),
            "indicator_id": INDICATOR,
            "period_start": rows["year"].astype(str) + "-01-01",
            "period_end": (rows["year"] + YEARS - 1).astype(str) + "-12-31",
            "sex": "total",
            "age": "total",
            "form": "total",
            "value": rows["value"],
            "status": "estimated",
            "source_ref": ref.str.removeprefix("matrix/"),
            "provider_label": labels,
        }
    )
