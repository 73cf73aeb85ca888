"""An edition with rows of every TLP label in it, each with a word that nothing else holds: what must not come out is looked for."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from corridors.catalog import tlp
from corridors.store import publishing

EDITION = "2030-01-01-0badcafe"
ROUTE = "R02"
PLACES = (
    "evidence",
    "figure",
    "statement",
    "network",
    "plan",
    "step",
    "answer",
    "outcome",
    "route",
    "cases",
    "way",
    "limit",
    "refused",
    "outlook",
    "foretold",
)


def mark(label: str, kind: str) -> str:
    """The word planted for a label and a kind of row: "zqxamberstrictplan"."""
    return f"zqx{label.lower().replace('+', '')}q{kind}"


# a word of one label is no part of a word of another: "zqxamberq…" and "zqxamberstrictq…"
MARKS = {label: [mark(label, kind) for kind in PLACES if label != "CLEAR"] for label in tlp.LABELS}


def plant(edition: Path, where: Path) -> None:
    """Copies an edition to `where` as EDITION, plants the rows, and points readers at it."""
    with reopened(edition, where, EDITION) as connection:
        for label in tlp.LABELS[1:]:
            _rows(connection, label)
        _copied(
            connection,
            "route_evidence",
            f"route_id = '{ROUTE}'",
            evidence_id="unknown-label",
            note="PURPLEMARK",
            tlp="PURPLE",
            conflict=None,
        )


@contextmanager
def reopened(edition: Path, where: Path, edition_id: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of an edition to be changed inside the block; then it is published in `where` under a new id, as a build would."""
    where.mkdir(parents=True, exist_ok=True)
    path = where / "draft-planted.duckdb"
    shutil.copy(edition, path)
    path.chmod(0o644)
    connection = duckdb.connect(path)
    connection.execute("update edition set edition_id = ?", [edition_id])
    yield connection
    publishing.publish(publishing.Draft(path, connection), edition_id, where)
    for leftover in where.glob("draft-planted*"):
        leftover.unlink()


def _rows(connection, label: str) -> None:
    """One row of every kind that can bear a label."""
    short = label.replace("+", "")

    def put(table: str, where: str, **change) -> None:
        _copied(connection, table, where, **{"tlp": label, **change})

    put("route", f"route_id = '{ROUTE}'", route_id=f"Z{short}", name=mark(label, "route"))
    put("route_family", "true", family_id=f"z{short}", sentence=mark(label, "family"))
    put("route_leg", f"route_id = '{ROUTE}'", route_id=f"Z{short}")
    put("route_evidence", f"route_id = '{ROUTE}'", evidence_id=f"z-{short}", note=mark(label, "evidence"), conflict=None)
    put("briefing_figure", "iso3 = 'THA'", figure_id=f"z-{short}", note=mark(label, "figure"))
    put("briefing_factor", "iso3 = 'THA'", statement=mark(label, "statement"))
    put("briefing_network", "iso3 = 'THA'", methods=mark(label, "network"))
    put("briefing_route", "true", iso3="NRU", note=mark(label, "way"))
    put("briefing_caveat", "true", iso3="NRU", text=mark(label, "limit"))
    if label != "RED":  # a whole briefing is never RED
        put("briefing", "true", briefing_id=f"z-{short}", iso3="NRU")
    connection.execute(
        "insert into briefing_rejected select min(briefing_id), 'NRU', 'Figures', 7, null, $found, 'planted', null, null, $tlp "
        "from briefing",
        {"found": mark(label, "refused"), "tlp": label},
    )
    put("investigation_plan", "plan = 'lka-tha'", plan=f"z-{short}", title=mark(label, "plan"))
    put("plan_step", "plan = 'lka-tha'", text=mark(label, "step"))
    put("plan_step", "plan = 'lka-tha'", plan=f"z-{short}", text="CHILDMARK" if label == "AMBER" else "a child", tlp="CLEAR")
    put("debrief_answer", "true", text=mark(label, "answer"))
    put(
        "action_outcome",
        "action = (select max(action) from action_outcome)",
        outcome=f"z-{short}",
        metric=mark(label, "outcome"),
    )
    first = "dataset_id = (select min(dataset_id) from case_dataset)"
    put("case_dataset", first, dataset_id=f"z-{short}", title=mark(label, "cases"))
    put(
        "case_cell",
        f"{first} and coalesce(sex, age_band, citizenship, exploitation_country, detected_year, recruitment, control) is null",
        dataset_id=f"z-{short}",
    )
    put("case_category", first, dataset_id=f"z-{short}")
    put("outlook", "refusal is not null", outlook_id=f"z-{short}", refusal=mark(label, "outlook"))
    connection.execute(
        """insert into outlook_published by name select 'z' as edition_id, date '2026-01-01' as published, iso3, partner_iso3, indicator_id,
           source_id, last_year, last_value, $word as method, last_year + 1 as year, 7 as middle, 6 as lower_80, 8 as upper_80, $tlp as tlp
           from outlook where refusal is null order by outlook_id limit 1""",
        {"word": mark(label, "foretold"), "tlp": label},
    )


def _copied(connection, table: str, where: str, **change) -> None:
    """Copies one row (of a route and a data set all that hangs on it) with some values changed; names that the table has not got are left out."""
    columns = {
        name
        for (name,) in connection.execute(
            "select column_name from duckdb_columns() where table_name = ?", [table]
        ).fetchall()
    }
    change = {name: value for name, value in change.items() if name in columns}
    rows = "" if table in ("route_leg", "case_cell", "case_category") else "limit 1"
    replaced = ", ".join(f"${name} as {name}" for name in change)
    connection.execute(
        f"insert into {table} select * replace ({replaced}) from (from {table} where {where} order by all {rows})", change
    )
