"""The checked route files as tables of an edition: paths drawn, lists split, evidence graded."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd

from corridors.catalog import Catalog
from corridors.problems import Problem
from corridors.statistics import quality
from etl import routes
from etl.paths import NoPath, leg_path


def tables(folder: Path, catalog: Catalog, dated: date) -> dict[str, pd.DataFrame]:
    """The frames of `place`, `route`, `route_leg` and `route_evidence`.

    Raises RoutesRefused with every fault of the files, a leg that no water route joins included.
    """
    read = routes.read(folder, catalog)
    route = read.routes.drop(columns="_row").assign(
        **{c: [_items(text) for text in read.routes[c]] for c in ("forms", "origins", "transits", "destinations")}
    )
    return {
        "place": read.places.drop(columns=["_row", "coordinates_verified"]),
        "route": route,
        "route_leg": _legs(read),
        "route_evidence": _evidence(read.evidence, dated),
    }


def _items(text: str) -> list[str]:
    return [item for item in text.split("|") if item]


def _legs(read: routes.Routes) -> pd.DataFrame:
    """The legs with their path; each leg that cannot be drawn is named with its row."""
    places = {p.place_id: p for p in read.places.itertuples()}
    paths, problems = [], []
    for row in read.legs.to_dict("records"):
        start, end = places[row["from_place"]], places[row["to_place"]]
        try:
            path = leg_path(
                row["mode"],
                (start.lon, start.lat),
                (end.lon, end.lat),
                routes.via_points(row["via"]),
                (start.name, end.name),
            )
            paths.append([list(point) for point in path])
        except NoPath as fault:
            problems += [
                Problem(
                    "legs.csv", str(text), "a path that can be drawn", "See the message.", column="mode", row=row["_row"]
                )
                for text in fault.problems
            ]
    if problems:
        raise routes.RoutesRefused(problems)
    return read.legs.drop(columns=["_row", "leg_id", "via"]).assign(path=paths)


def _evidence(evidence: pd.DataFrame, dated: date) -> pd.DataFrame:
    """The evidence with dates, caveats as lists and a grade: press and experts score as such, an authority's own as a total."""
    grades = [_grade(row, dated) for row in evidence.itertuples()]
    frame = evidence.drop(columns="_row").assign(
        approx=evidence["approx"] == "yes",
        caveats=[_items(text) for text in evidence["caveats"]],
        grade=[g.letter for g in grades],
        grade_reason=[g.reason for g in grades],
        period_start=pd.to_datetime(evidence["period_start"], errors="coerce").dt.date,
        period_end=pd.to_datetime(evidence["period_end"], errors="coerce").dt.date,
    )
    for column in ("bound_note", "conflict", "note", "leg"):
        frame[column] = frame[column].where(frame[column] != "", None)
    return frame


def _grade(row, dated: date) -> quality.Grade:
    age = None
    if row.period_end:
        end, start = date.fromisoformat(row.period_end), date.fromisoformat(row.period_start or row.period_end)
        age = max((dated - end).days, 0) / max((end - start).days + 1, 365)
    method = "expert" if row.status == "estimated" else "administrative total" if row.reliability == "A" else "media"
    return quality.grade(None, age, method, row.reliability, row.credibility)
