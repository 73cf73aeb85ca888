"""Filling a draft: the catalog as rows, the carried tables as figures, and everything derived from them. For `etl` only."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from catalog import Catalog, Source

from .editions import Draft

DERIVE = Path(__file__).with_name("derive.sql")
NUMBERS = ("value", "lower", "upper")


def steps() -> dict[str, str]:
    """The named steps of derive.sql in order."""
    parts = re.split(r"^-- name: (\w+)$", DERIVE.read_text(encoding="utf-8"), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def insert(work: Draft, table: str, frame: pd.DataFrame) -> None:
    """All rows of a frame into a table of the draft, matched by column name. Table names come from this code only."""
    if len(frame):
        work.connection.register("incoming", frame)
        work.connection.execute(f"insert into {table} by name select * from incoming")
        work.connection.unregister("incoming")


def catalog_rows(work: Draft, catalog: Catalog, sources: list[Source]) -> None:
    """The vocabulary and the sources as rows of the draft."""
    plain = {
        "member": [
            {k: getattr(m, k) for k in ("iso3", "name", "short_name", "listed_as", "subregion", "capital", "lat", "lon",
                                        "ad_hoc_group", "verified", "verified_from", "kind", "note")}
            for m in catalog.members.values()
        ],
        "country": [{"iso3": c.iso3, "name": catalog.place_name(c.iso3)} for c in catalog.countries.values()],
        "theme": [
            {"theme": t.id, "title": t.title, "question": t.question, "who_could_provide": t.who_could_provide, "position": n}
            for n, t in enumerate(catalog.themes.values())
        ],
        "indicator": [
            {"indicator_id": i.id, "name": i.name, "short_name": i.short_name or i.name, "theme": i.theme, "unit": i.unit,
             "unit_one": catalog.units[i.unit]["one"], "unit_many": catalog.units[i.unit]["many"],
             "stock_or_flow": i.stock_or_flow, "iccs": i.iccs or None, "definition": i.definition,
             "place_role": i.place_role, "partner_role": i.partner_role or None,
             "adds_over_partners": i.adds_over_partners, "adds_over_members": i.adds_over_members,
             "headline": i.headline, "headline_view": i.headline_view, "position": i.order}
            for i in catalog.indicators.values()
        ],
        "source": [
            {"source_id": s.id, **{k: getattr(s, k) for k in (
                "title", "publisher", "licence", "licence_url", "attribution", "address", "cadence", "edition", "released",
                "method", "method_class", "reliability", "credibility", "tlp", "limits")}}
            for s in sources
        ],
        "caveat": [
            {"caveat_id": c.id, "title": c.title, "text": c.text, "family": c.family, "severity": c.severity,
             "remedy": c.remedy, "applies_later": c.applies_later or None}
            for c in catalog.caveats.values()
        ],
        "caveat_rule": [
            {"caveat_id": c.id, "indicator_id": i, "source_id": s, "iso3": m, "status": t, "form": f,
             "first_year": rule.first_year or None, "last_year": rule.last_year or None}
            for c in catalog.caveats.values() for rule in c.applies
            for i in rule.indicators or (None,) for s in rule.sources or (None,) for m in rule.members or (None,)
            for t in rule.statuses or (None,) for f in rule.forms or (None,)
        ],
        "series_break": [
            {"year": b.year, "reason": b.reason, "indicator_id": i, "source_id": s, "iso3": m}
            for b in catalog.breaks for i in b.indicators or (None,) for s in b.sources or (None,)
            for m in b.members or (None,)
        ],
    }  # fmt: skip
    for table, rows in plain.items():
        insert(work, table, pd.DataFrame(rows))


def stage(work: Draft) -> None:
    """An empty staging table for figures, in the columns of the carried files and the source's id."""
    work.connection.execute("""
        create temp table staged (
            iso3 varchar, partner_iso3 varchar, indicator_id varchar, period_start date, period_end date, sex varchar,
            age varchar, form varchar, value double, lower double, upper double, status varchar, source_id varchar,
            source_ref varchar, provider_label varchar)""")


def stage_figures(work: Draft, path: Path, source_id: str) -> int:
    """The rows of one carried table into the staging table; returns how many. Empty cells are null."""
    return work.connection.execute("""
        insert into staged by name
        select iso3, nullif(partner_iso3, '') as partner_iso3, indicator_id, period_start::date as period_start,
               period_end::date as period_end, sex, age, form, try_cast(nullif(value, '') as double) as value,
               try_cast(nullif(lower, '') as double) as lower, try_cast(nullif(upper, '') as double) as upper, status,
               $source as source_id, source_ref, provider_label
        from read_csv($path, header = true, all_varchar = true, delim = ',', quote = '"', nullstr = '')""",
        {"path": str(path), "source": source_id}).fetchone()[0]  # fmt: skip


def read_incidents(work: Draft, path: Path, source_id: str) -> None:
    """The rows of one carried table of incidents. An empty cell is unknown, never zero."""
    work.connection.execute("""
        insert into incident by name
        select *, $source as source_id
        from read_csv($path, header = true, delim = ',', quote = '"', nullstr = '', auto_type_candidates = ['varchar'])""",
        {"path": str(path), "source": source_id})  # fmt: skip


def read_rejected(work: Draft, path: Path, source_id: str) -> None:
    """The rejected rows of one source."""
    work.connection.execute("""
        insert into rejected_row by name
        select $source as source_id, file, sheet, try_cast("row" as integer) as "row", "column", found, reason, cure
        from read_csv($path, header = true, all_varchar = true, delim = ',', quote = '"')""",
        {"path": str(path), "source": source_id})  # fmt: skip


def periods(work: Draft) -> pd.DataFrame:
    """Every (source, period) of the staged figures: what the grades are worked out for."""
    return work.connection.execute("""
        select distinct source_id, period_start, period_end, method_class, reliability, credibility
        from staged join source using (source_id)""").df()  # fmt: skip


def run_steps(work: Draft, *names: str, **frames: pd.DataFrame) -> None:
    """Runs named steps of derive.sql with the given frames visible as tables."""
    for name, frame in frames.items():
        work.connection.register(name, frame)
    for name in names:
        work.connection.execute(steps()[name])
    for name in frames:
        work.connection.unregister(name)


def changes_since(work: Draft, previous: Path | None) -> None:
    """What is new, revised or gone against the previous edition; and sources that shrank, for the check."""
    if previous is None:
        work.connection.execute("create temp table shrunk (source_id varchar, before bigint, now bigint)")
        return
    work.connection.execute(f"attach '{str(previous).replace(chr(39), chr(39) * 2)}' as former (read_only)")
    work.connection.execute("""
        insert into change
        with told as (
            select figure_id, iso3, partner_iso3, indicator_id, year(period_end) as year, source_id,
                   coalesce(value::bigint::varchar, lower::bigint || '–' || upper::bigint, status) as said from figure),
        former_told as (
            select figure_id, iso3, partner_iso3, indicator_id, year(period_end) as year, source_id,
                   coalesce(value::bigint::varchar, lower::bigint || '–' || upper::bigint, status) as said from former.figure)
        select case when b.figure_id is null then 'new' when a.figure_id is null then 'withdrawn' else 'revised' end,
               coalesce(a.figure_id, b.figure_id), coalesce(a.iso3, b.iso3), coalesce(a.partner_iso3, b.partner_iso3),
               coalesce(a.indicator_id, b.indicator_id), coalesce(a.year, b.year), coalesce(a.source_id, b.source_id),
               b.said, a.said
        from told as a full join former_told as b using (figure_id)
        where a.said is distinct from b.said;
        create temp table shrunk as
        select source_id, before, coalesce(now, 0) as now
        from (select source_id, count(*) as before from former.figure group by 1)
        left join (select source_id, count(*) as now from figure group by 1) using (source_id)
        where coalesce(now, 0) < before / 2""")
    work.connection.execute("detach former")
