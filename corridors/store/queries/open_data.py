"""What is open to other programs, as tables with plain names: the data package, the addresses under /api/v1/ and the questions
of assistants all read these, so a figure leaves by every door with the same things beside it.

Every table is read from the file of the asking role's ceiling (see `labels`): what a role may not see is in none of them.
"""

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from corridors.store import labels
from corridors.store.queries.figures import ask, difference

LISTS = "string[]"


@dataclass(frozen=True)
class Table:
    """One open table. `columns`: name → (SQL, kind, what it says); kinds are string, integer, number, date, boolean, string[]."""

    name: str
    title: str
    origin: str
    key: tuple[str, ...]
    columns: Mapping[str, tuple[str, str, str]]
    order: str

    @cached_property
    def select(self) -> str:
        """The whole table, rows in an order that does not change."""
        names = ", ".join(f"{sql} as {name}" for name, (sql, _, _) in self.columns.items())
        return f"select {names} from {self.origin} order by {self.order}"


# As the view `figure_annotated`, over some rows of `figure` only: the view itself would be made for all of them.
ANNOTATED = """{rows} as figure join indicator using (indicator_id) join source using (source_id)
left join country as place on place.iso3 = figure.iso3 left join country as partner on partner.iso3 = figure.partner_iso3"""


def _tables() -> Iterator[tuple[str, Table]]:
    """The tables that open_tables.toml lists; figures come from the view's joins."""
    tables = tomllib.loads(Path(__file__).with_name("open_tables.toml").read_text(encoding="utf-8"))
    for name, table in tables.items():
        table.setdefault("origin", ANNOTATED.format(rows="figure"))
        columns = {column: tuple(rest) for column, *rest in table["columns"]}
        yield name, Table(name, **table | {"key": tuple(table["key"]), "columns": columns})


TABLES = dict(_tables())
FIGURES = TABLES["figures"]


def whole(edition_id: str, name: str) -> pd.DataFrame:
    """A whole table by its name, columns and order as in `TABLES`."""
    return ask(edition_id, TABLES[name].select, seconds=60)


def labels_held(edition_id: str) -> set[str]:
    """The labels of the rows of all open tables."""
    labelled = [table for table in TABLES.values() if "tlp" in table.columns]
    rows = " union ".join(f"select {table.columns['tlp'][0]} as tlp from {table.origin}" for table in labelled)
    return set(ask(edition_id, f"select distinct tlp from ({rows})").tlp)


@dataclass(frozen=True)
class Choice:
    """Which figures: of these places, other ends, indicators and years (nothing named: all), or one by its name.

    The last day of a figure's period decides its year.
    """

    places: Sequence[str] = ()
    other_ends: Sequence[str] = ()
    indicators: Sequence[str] = ()
    first_year: int | None = None
    last_year: int | None = None
    figure: str | None = None

    def sql(self) -> tuple[str, dict]:
        """A condition on rows of `figure`, and its parameters."""
        lists = {"iso3": self.places, "partner_iso3": self.other_ends, "indicator_id": self.indicators}
        parts = {f"list_contains(${c}, {c})": (c, list(chosen)) for c, chosen in lists.items() if chosen}
        for sign, name in ((">=", "first_year"), ("<=", "last_year")):
            if getattr(self, name) is not None:
                parts[f"year(period_end) {sign} ${name}"] = (name, getattr(self, name))
        if self.figure is not None:
            parts["figure_id = $figure"] = ("figure", self.figure)
        return " and ".join(parts) or "true", dict(parts.values())


def count(edition_id: str, choice: Choice) -> int:
    """How many figures there are of this choice."""
    where, parameters = choice.sql()
    return int(ask(edition_id, f"select count(*) as n from figure where {where}", parameters).n[0])


# Of an answer, beside the table's columns: how to cite the figure, and the address that opens the same again.
CITED = {
    "citation": "concat(concat_ws(', ', publisher, source.title, source.edition, source_ref), '. Corridors, edition ', $own, "
    "', figure ', figure_id)",
    "address": "concat('/api/v1/figures/', figure_id, '?edition=', $own)",
}


def figures(edition_id: str, choice: Choice, most: int | None = None, skip: int = 0) -> pd.DataFrame:
    """`most` figures of this choice after the first `skip`, as the edition holds them; columns as in `FIGURES`, and those of `CITED`."""
    columns = {name: sql for name, (sql, _, _) in FIGURES.columns.items()} | CITED
    return _chosen(edition_id, ", ".join(f"{sql} as {name}" for name, sql in columns.items()), choice, most, skip)


def figures_json(edition_id: str, choice: Choice, most: int | None = None, skip: int = 0) -> pd.DataFrame:
    """The same as texts of JSON objects, made by DuckDB (faster than a frame); columns record, tlp, caveats, source_id."""
    fields = {name: sql for name, (sql, _, _) in FIGURES.columns.items()} | CITED
    packed = ", ".join(f"{name} := {sql}" for name, sql in fields.items())
    columns = f"to_json(struct_pack({packed}))::varchar as record, figure.tlp, caveats, source_id"
    return _chosen(edition_id, columns, choice, most, skip)


def newest_total(edition_id: str, choice: Choice) -> str | None:
    """The name of the newest figure of a choice that is no part of another: all sexes, ages, forms; all other ends unless named."""
    where, parameters = choice.sql()
    whole = "sex = 'total' and age = 'total' and form = 'total'" + ("" if choice.other_ends else " and partner_iso3 is null")
    rows = ask(
        edition_id,
        f"select figure_id from figure where {where} and {whole} order by period_end desc, figure_id limit 1",
        parameters,
    )
    return rows.figure_id[0] if len(rows) else None


def _chosen(edition_id: str, columns: str, choice: Choice, most: int | None, skip: int) -> pd.DataFrame:
    where, parameters = choice.sql()
    limit = "" if most is None else f"limit {int(most)}"
    return ask(
        edition_id,
        # in the order in which the edition holds them, which never changes: to sort whole rows first takes twice the time
        f"""with page as (select rowid as held_at, * from figure where {where} {limit} offset {int(skip)})
        select {columns} from {ANNOTATED.format(rows="page")} order by held_at""",
        {**parameters, "own": labels.plain(edition_id)},
    )


def changes(before: str, after: str) -> pd.DataFrame:
    """Figures that differ between two editions: what kind of change, which figure, what each edition says of it."""
    rows = difference(before, after)
    units = {row.indicator: row.unit for row in whole(after, "indicators").itertuples()}
    names = {"iso3": "place", "partner_iso3": "other_end", "indicator_id": "indicator", "source_id": "source"}
    rows = rows.rename(columns=names).assign(unit=rows.indicator_id.map(units))
    columns = [
        "kind",
        "figure_id",
        "place",
        "other_end",
        "indicator",
        "unit",
        "year",
        "sex",
        "age",
        "form",
        "source",
        "said_before",
        "said_after",
    ]
    return rows[columns].sort_values("figure_id", kind="stable", ignore_index=True)


def routes_geojson(edition_id: str) -> dict:
    """The legs of all routes as a GeoJSON FeatureCollection, each with what is said of its route."""
    legs = ask(edition_id, "from route_leg order by route_id, branch, leg")
    routes = {row["route"]: row for row in json.loads(whole(edition_id, "routes").to_json(orient="records"))}
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "LineString", "coordinates": [list(point) for point in leg.path]},
            "properties": {**routes[leg.route_id], "branch": leg.branch, "leg": int(leg.leg), "mode": leg.mode},
        }
        for leg in legs.itertuples()
    ]
    return {"type": "FeatureCollection", "edition": labels.plain(edition_id), "features": features}
