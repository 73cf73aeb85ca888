"""What is open to other programs, as tables with plain names: the data package, the addresses under /api/v1/ and the questions
of assistants all read these, so a figure leaves by every door with the same things beside it.

Every table is read from the file of the asking role's ceiling (see `labels`): what a role may not see is in none of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

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
USE = "what it may be used for: {}"
FIGURES = Table(
    "figures",
    "Figures, one row each, with what must be said beside it",
    ANNOTATED.format(rows="figure"),
    ("figure_id",),
    {
        "figure_id": ("figure_id", "string", "name of the figure, the same in every edition"),
        "place": ("figure.iso3", "string", "code of the place where people are counted; WLD is everywhere together"),
        "place_name": ("place.name", "string", "its name"),
        "other_end": (
            "partner_iso3",
            "string",
            "code of the other end of a corridor, of what kind says the indicator; empty: no corridor",
        ),
        "other_end_name": ("partner.name", "string", "its name"),
        "indicator": ("indicator_id", "string", "what is counted, by its code"),
        "indicator_name": ("indicator.name", "string", "what is counted"),
        "unit": ("unit_many", "string", "the counted unit"),
        "stock_or_flow": ("stock_or_flow", "string", "stock: at one time; flow: over the period"),
        "period_start": ("period_start::date", "date", "first day"),
        "period_end": ("period_end::date", "date", "last day"),
        "sex": ("sex", "string", "female, male, other, unknown or total"),
        "age": ("age", "string", "group of ages, or total"),
        "form": ("form", "string", "form of exploitation, or total"),
        "value": ("value", "number", "the value; empty where it is masked, a range or not reported, which is not zero"),
        "lower": ("lower", "number", "lower bound, where there is one"),
        "upper": ("upper", "number", "upper bound, where there is one"),
        "status": ("status", "string", "how the value came about: reported, masked, estimated, derived, not_reported …"),
        "use_level": ("use_level", "string", USE.format("said as a number")),
        "use_trend": ("use_trend", "string", USE.format("compared over years")),
        "use_compare": ("use_compare", "string", USE.format("compared with another place")),
        "use_sum": ("use_sum", "string", USE.format("added to others")),
        "grade": ("grade", "string", "how far it bears weight, A to D; U: not graded"),
        "grade_reason": ("grade_reason", "string", "what lowers the grade"),
        "caveats": ("caveats", LISTS, "codes of the caveats that hold for it"),
        "source": ("source_id", "string", "code of the source"),
        "publisher": ("publisher", "string", "who published it"),
        "source_title": ("source.title", "string", "title of the source"),
        "source_edition": ("source.edition", "string", "edition of the source"),
        "source_reference": ("source_ref", "string", "where in the source it stands"),
        "publishers_wording": ("provider_label", "string", "how the publisher words it"),
        "tlp": ("figure.tlp", "string", "Traffic Light Protocol: who may read it"),
    },
    "figure_id",
)
TABLES = {
    table.name: table
    for table in (
        FIGURES,
        Table(
            "members",
            "The members of the Bali Process",
            "member",
            ("member",),
            {
                "member": ("iso3", "string", "code"),
                "name": ("name", "string", "name"),
                "subregion": ("subregion", "string", "subregion"),
            },
            "iso3",
        ),
        Table(
            "indicators",
            "What is counted",
            "indicator",
            ("indicator",),
            {
                "indicator": ("indicator_id", "string", "code"),
                "name": ("name", "string", "name"),
                "theme": ("theme", "string", "theme"),
                "unit": ("unit_many", "string", "the counted unit"),
                "stock_or_flow": ("stock_or_flow", "string", "stock or flow"),
                "definition": ("definition", "string", "definition"),
                "place_role": ("place_role", "string", "what the place is to the people counted"),
                "other_end_role": ("partner_role", "string", "what the other end is to them"),
                "adds_over_members": ("adds_over_members", "boolean", "whether the figures of members may be added"),
                "adds_over_other_ends": ("adds_over_partners", "boolean", "whether the figures of corridors may be added"),
            },
            "indicator_id",
        ),
        Table(
            "sources",
            "Sources, their licences, and how to cite them",
            "source",
            ("source",),
            {
                "source": ("source_id", "string", "code"),
                "title": ("title", "string", "title"),
                "publisher": ("publisher", "string", "who published it"),
                "edition": ("edition", "string", "edition"),
                "released": ("released", "date", "day of release"),
                "licence": ("licence", "string", "licence"),
                "licence_address": ("licence_url", "string", "where the licence stands"),
                "citation": ("attribution", "string", "how the publisher wants to be cited"),
                "address": ("address", "string", "where it is published"),
                "method": ("method", "string", "how it is made"),
                "limits": ("limits", "string", "what it cannot say"),
                "tlp": ("tlp", "string", "Traffic Light Protocol"),
            },
            "source_id",
        ),
        Table(
            "caveats",
            "Caveats",
            "caveat",
            ("caveat",),
            {
                "caveat": ("caveat_id", "string", "code"),
                "title": ("title", "string", "in a few words"),
                "text": ("text", "string", "what it means"),
                "severity": ("severity", "integer", "3 is the gravest"),
                "remedy": ("remedy", "string", "what would remove it"),
            },
            "caveat_id",
        ),
        Table(
            "incidents",
            "Deaths and disappearances on the way, one row for each incident",
            "incident",
            ("source_reference", "incident", "year"),
            {
                "incident": ("incident_id", "string", "the publisher's name of the incident"),
                "date": ("date", "date", "day, where it is known"),
                "year": ("year", "integer", "year"),
                "month": ("month", "integer", "month, where it is known"),
                "place": ("iso3", "string", "code of the territory"),
                "origin": ("origin_iso3", "string", "code of the country that the people came from, where it is one"),
                "dead": ("dead", "integer", "dead; a minimum"),
                "missing": ("missing", "integer", "missing; a minimum"),
                "dead_and_missing": ("dead_and_missing", "integer", "dead and missing; a minimum"),
                "survivors": ("survivors", "integer", "survivors, where somebody counted them"),
                "cause": ("cause", "string", "cause"),
                "route": ("route", "string", "the publisher's route"),
                "latitude": ("lat", "number", "latitude"),
                "longitude": ("lon", "number", "longitude"),
                "source": ("source_id", "string", "code of the source"),
                "source_reference": ("source_ref", "string", "where in the source it stands"),
            },
            "source_ref, incident_id, year",
        ),
        Table(
            "routes",
            "Routes, schematic",
            "route",
            ("route",),
            {
                "route": ("route_id", "string", "code"),
                "name": ("name", "string", "name"),
                "crime": ("crime", "string", "smuggling, trafficking or both"),
                "origins": ("origins", LISTS, "codes of places"),
                "transits": ("transits", LISTS, "codes of places"),
                "destinations": ("destinations", LISTS, "codes of places"),
                "season": ("season", "string", "season, where one is known"),
                "summary": ("summary", "string", "what is known"),
                "strength": ("strength", "string", "how far the evidence bears"),
                "family": ("family_id", "string", "the family of routes that it belongs to"),
                "told_by": ("told_by", "string", "who says so"),
                "tlp": ("tlp", "string", "Traffic Light Protocol"),
            },
            "route_id",
        ),
        Table(
            "evidence",
            "What is known of routes, one row for each statement",
            "route_evidence",
            ("evidence",),
            {
                "evidence": ("evidence_id", "string", "code"),
                "route": ("route_id", "string", "code of the route"),
                "what": ("what", "string", "what is counted or said"),
                "value": ("value", "number", "the value; empty where it is a bound or a range"),
                "lower": ("lower", "number", "lower bound"),
                "upper": ("upper", "number", "upper bound"),
                "bound": ("bound_note", "string", "on which side it is open"),
                "unit": ("unit", "string", "the counted unit"),
                "stock_or_flow": ("stock_or_flow", "string", "stock or flow"),
                "period": ("period_text", "string", "period"),
                "grade": ("grade", "string", "how far it bears weight, A to D; U: not graded"),
                "grade_reason": ("grade_reason", "string", "what lowers the grade"),
                "caveats": ("caveats", LISTS, "codes of the caveats that hold for it"),
                "source": ("source", "string", "source"),
                "source_reference": ("source_ref", "string", "where in the source it stands"),
                "where_sources_differ": ("conflict", "string", "what another source says"),
                "tlp": ("tlp", "string", "Traffic Light Protocol"),
            },
            "evidence_id",
        ),
        Table(
            "actions",
            "Joint Periods of Action",
            "action",
            ("action",),
            {
                "action": ("action", "string", "code"),
                "name": ("name", "string", "name"),
                "held": ("held", "string", "whether it was held"),
                "first_day": ("first_day", "date", "first day, as far as it is known"),
                "last_day": ("last_day", "date", "last day"),
                "when": ("when_text", "string", "when, in words, to the precision that is known"),
                "summary": ("summary", "string", "what is known"),
                "source": ("source", "string", "code of the source"),
                "certainty": ("certainty", "string", "how far it was checked"),
            },
            "action",
        ),
    )
}


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
    told = [
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
    return rows[told].sort_values("figure_id", kind="stable", ignore_index=True)


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
