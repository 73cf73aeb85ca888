"""Squares of origins and destinations in JSON, as the Global Migration Data Explorer hands them out.

`names` lists countries and regions, `regions` says which of them are regions, `matrix[year][origin][destination]` holds
the numbers, and `total_inflow` and `total_outflow` the publisher's totals by year and name.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from corridors.catalog import WORLD
from corridors.problems import Problem, SourceRefused
from etl import reading

INFLOW, OUTFLOW = "total_inflow", "total_outflow"  # of a destination, of an origin
FIELDS = ["names", "regions", "matrix", INFLOW, OUTFLOW]
COUNTRY, REGION, EVERYWHERE = "country", "region", "everywhere"


def read_square(path: Path, source_id: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What stands at the ends (key, label, kind, _row), and every number as text.

    A number has year, origin and destination (keys of the first table), value, column, ref (its path in the file) and
    _row. A total has the name of its field in place of the end that it sums over. Refuses another shape, all
    faults at once.
    """
    answer = reading.read_object(path, FIELDS, source_id)
    _refuse_other_shape(answer, path.name, source_id)
    names, regions = answer["names"], set(answer["regions"])
    keys = np.array([str(i) for i in range(len(names))], dtype=object)
    places = pd.DataFrame(
        {
            "key": [*keys, INFLOW, OUTFLOW],
            "label": [*names, INFLOW, OUTFLOW],
            "kind": [*(REGION if i in regions else COUNTRY for i in range(len(names))), EVERYWHERE, EVERYWHERE],
            "_row": range(1, len(names) + 3),
        }
    )
    parts = [_square(year, rows, keys) for year, rows in answer["matrix"].items()]
    key_of = dict(zip(names, keys))
    parts += [_totals(field, year, row, key_of) for field in (INFLOW, OUTFLOW) for year, row in answer[field].items()]
    return places, pd.concat(parts, ignore_index=True)


def ends(places: pd.DataFrame, known: dict[str, str], file: str, sheet: str = "") -> dict[str, str]:
    """Each place's ISO3 key by `known` labels, WORLD for a total, empty for a region. Refuses with every unknown place."""
    countries = places[places["kind"] == COUNTRY]
    found = reading.known_codes(countries["label"], countries["_row"], known, file, "names", sheet)
    others = places[places["kind"] != COUNTRY]
    return {
        **dict(zip(countries["key"], found)),
        **dict(zip(others["key"], others["kind"].map({REGION: "", EVERYWHERE: WORLD}))),
    }


def numbers(flow: pd.DataFrame, file: str, sheet: str = "") -> pd.Series:
    """The values of the rows as whole numbers, by column of the file. Refuses others; rows without a value are left out."""
    parts = [
        reading.whole_numbers(some["value"], some["_row"], file, str(column), sheet)
        for column, some in flow.groupby("column", sort=False)
    ]
    return pd.concat(parts) if parts else pd.Series(dtype=float)


def between_ends(flow: pd.DataFrame, places: dict[str, str], years: dict[str, int], value: pd.Series) -> pd.DataFrame:
    """Year, iso3 (the destination), partner_iso3 (the origin) and value of every number; 0 where it has none."""
    return pd.DataFrame(
        {
            "year": flow["year"].map(years),
            "iso3": flow["destination"].map(places),
            "partner_iso3": flow["origin"].map(places),
            "value": value.reindex(flow.index, fill_value=0.0),
        }
    )


def pair_labels(flow: pd.DataFrame, places: pd.DataFrame) -> pd.Series:
    """The publisher's own names of both ends: origin>destination."""
    label = dict(zip(places["key"], places["label"]))
    return flow["origin"].map(label) + ">" + flow["destination"].map(label)


def figures(
    rows: pd.DataFrame, indicator: str, start: pd.Series, end: pd.Series, ref: pd.Series, label: pd.Series
) -> pd.DataFrame:
    """Rows of `between_ends` as estimated figures. A total over origins has no partner, one over destinations lies in WLD."""
    return pd.DataFrame(
        {
            "iso3": rows["iso3"],
            "partner_iso3": rows["partner_iso3"].mask(rows["partner_iso3"] == WORLD, ""),
            "indicator_id": indicator,
            "period_start": start,
            "period_end": end,
            "value": rows["value"],
            "status": "estimated",
            "source_ref": ref,
            "provider_label": label,
        }
    )


def _square(year: str, rows: list[list], keys: np.ndarray) -> pd.DataFrame:
    origin, destination = np.divmod(np.arange(len(keys) ** 2), len(keys))
    return pd.DataFrame(
        {
            "year": year,
            "origin": keys[origin],
            "destination": keys[destination],
            "value": [_plain(cell) for row in rows for cell in row],
            "column": f"matrix/{year}",
            "ref": f"matrix/{year}/" + keys[origin] + "/" + keys[destination],
            "_row": origin + 1,
        }
    )


def _totals(field: str, year: str, row: dict, key_of: dict[str, str]) -> pd.DataFrame:
    place = [key_of[name] for name in row]
    return pd.DataFrame(
        {
            "year": year,
            "origin": field if field == INFLOW else place,
            "destination": place if field == INFLOW else field,
            "value": [_plain(cell) for cell in row.values()],
            "column": f"{field}/{year}",
            "ref": [f"{field}/{year}/{name}" for name in row],
            "_row": range(1, len(row) + 1),
        }
    )


def _plain(cell) -> str:
    return "" if cell is None else str(cell)


def _length(row) -> int:
    return len(row) if isinstance(row, list) else -1


def _refuse_other_shape(answer: dict, file: str, source_id: str) -> None:
    """Refuses what is not a list of distinct names with a square of them for each year, and totals by their names."""
    names, regions, problems = answer["names"], answer["regions"], []

    def wrong(column: str, found: str, expected: str) -> None:
        problems.append(Problem(file, found, expected, reading.again(source_id), column=column))

    if not (isinstance(names, list) and names and all(isinstance(name, str) for name in names)):
        wrong("names", "something else than a list of names", "one name for each line of the square")
        raise SourceRefused(problems)
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        wrong("names", f"a name twice ({', '.join(twice)[:200]})", "distinct names")
    if not isinstance(regions, list) or not set(map(repr, regions)) <= {repr(i) for i in range(len(names))}:
        wrong("regions", "something else than positions in the list of names", f"numbers from 0 to {len(names) - 1}")
    for field in FIELDS[2:]:
        if not isinstance(answer[field], dict) or not answer[field]:
            wrong(field, "no years", "one entry for each year")
            continue
        for year, rows in answer[field].items():
            if field != "matrix":
                if not isinstance(rows, dict) or not rows.keys() <= set(names):
                    strange = ", ".join(sorted(set(rows) - set(names))) if isinstance(rows, dict) else "no names"
                    wrong(f"{field}/{year}", f"“{strange[:200]}”", "names that also stand in the list of names")
            elif not isinstance(rows, list) or [_length(row) for row in rows] != [len(names)] * len(names):
                expected = f"{len(names)} lines of {len(names)}"
                wrong(f"matrix/{year}", "lines that are missing or of another length", expected)
    if problems:
        raise SourceRefused(problems)
