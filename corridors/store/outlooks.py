"""Series to look ahead with, out of a draft, and what earlier editions said. For `etl` only."""

from datetime import date
from pathlib import Path

import duckdb
import pandas as pd

from corridors.store.publishing import Draft
from corridors.store.queries.models import NARROW

# whether a year of the incidents is over: of one that is not, months are missing that look like months without deaths
OVER = (
    "year not in (select year(period_end) from figure where source_id = 'iom_missing_migrants' and status = 'provisional')"
)


def series(work: Draft, indicators: list[str]) -> pd.DataFrame:
    """The yearly totals of these indicators at every place and for every pair, a row a year and series, oldest first.

    Columns: outlook_id, iso3, partner_iso3, indicator_id, source_id, year, value (null where masked), status, use_trend, tlp,
    broken (whether a break lies between this year and the one before), lower, upper, ranged (whether value is the middle of a
    narrow range: of a sum of which a small part is masked).
    """
    return work.connection.execute(
        """
        with total as (
            select md5(concat_ws(' ', indicator_id, source_id, iso3, partner_iso3))[:16] as outlook_id, *,
                   case when upper - lower <= $narrow * upper then (lower + upper) / 2 end as middle,
                   case when iso3 = 'WLD' then partner_iso3 else iso3 end as who,
                   case when iso3 = 'WLD' then 'partner' else 'place' end as view
            from keyed where sex = 'total' and age = 'total' and form = 'total' and indicator_id in (select unnest($indicators))
            qualify count(*) over (partition by iso3, partner_iso3, indicator_id, source_id, year) = 1
        )
        select outlook_id, total.iso3, partner_iso3, total.indicator_id, total.source_id, total.year, coalesce(value, middle) as value,
               status, use_trend, tlp, count(b.year) > 0 as broken, lower, upper, value is null and middle is not null as ranged
        from total join (select figure_id, use_trend, tlp from figure) using (figure_id) left join series_break as b on b.year = total.year
            and (b.indicator_id is null or b.indicator_id = total.indicator_id)
            and (b.source_id is null or b.source_id = total.source_id)
            and (b.iso3 is null or b.iso3 = total.who) and (b.view is null or b.view = total.view)
        group by all order by outlook_id, total.year""",
        {"indicators": indicators, "narrow": NARROW},
    ).df()


def count_months(work: Draft, seas: list[dict]) -> pd.DataFrame:
    """Fills season_count: incidents and people by month, on each sea (`seas`: id, name, position, west, south, east, north) and each
    road that IOM names, in years that are over. Month 0 holds what cannot be laid on a month: rows without one, and cumulative
    rows, which stand for many events. Returns its rows.
    """
    work.connection.execute(
        f"""
        insert into season_count
        with sea as (select unnest($seas, recursive := true)),
        drowned as (
            select incident.*, 'sea ' || sea.id as season_id, sea.name from incident join sea
                on lon between west and east and lat between south and north
            where cause = 'Drowning' qualify row_number() over (partition by source_id, incident_id order by position) = 1),
        placed as (from drowned union all by name select *, 'road ' || route as season_id, route as name from incident where route is not null)
        select season_id, name, source_id, year, case kind when 'cumulative' then 0 else coalesce(month, 0) end as month,
               count(*), sum(dead_and_missing)
        from placed where {OVER} group by all""",
        {"seas": seas},
    )
    return work.connection.execute("from season_count order by all").df()


def recorded_years(work: Draft) -> list[tuple[int, bool]]:
    """The years that are over and of which the list of incidents holds anything at all, oldest first, and whether a new way of
    counting begins with it."""
    rows = work.connection.execute(f"""
        select distinct incident.year, count(b.year) > 0 from incident left join series_break as b on b.year = incident.year
            and (b.indicator_id is null or b.indicator_id = 'fatal_incidents') and b.iso3 is null
            and (b.source_id is null or b.source_id = incident.source_id)
        where incident.{OVER} group by all order by all""")
    return rows.fetchall()


def dated(work: Draft) -> date:
    """The day that the edition is dated."""
    return work.connection.execute("select dated from edition").fetchone()[0]


def remember(work: Draft, previous: Path | None) -> None:
    """Takes over what earlier editions said of years to come, adds what the edition before said, and the figures that came.

    What several editions said alike stands once, with the first of them.
    """
    if previous is not None:
        work.connection.execute(f"attach '{str(previous).replace(chr(39), chr(39) * 2)}' as former (read_only)")
        try:
            for statement in SAID_BEFORE:
                work.connection.execute(statement)
        except duckdb.CatalogException:
            pass  # an edition of before there were outlooks, or seasons, said nothing
        finally:
            work.connection.execute("detach former")
    work.connection.execute(
        """
        update outlook_published as said
        set came = coalesce(value, case when upper - lower <= $narrow * upper then (lower + upper) / 2 end) from figure
        where figure.iso3 = said.iso3 and figure.partner_iso3 is not distinct from said.partner_iso3
          and figure.indicator_id = said.indicator_id and figure.source_id = said.source_id and year(period_end) = said.year
          and sex = 'total' and age = 'total' and form = 'total' and status not in ('provisional', 'masked')""",
        {"narrow": NARROW},
    )

    score_months(work)


SAID_BEFORE = (
    """
    insert into outlook_published by name
    with said as (
        select * exclude (came) from former.outlook_published
        union all by name
        select edition_id, dated as published, iso3, partner_iso3, indicator_id, source_id, last_year, last_value,
               method, year, middle, lower_80, upper_80, tlp
        from former.outlook join former.outlook_year using (outlook_id) cross join former.edition)
    select *, null as came from said
    qualify row_number() over (partition by iso3, partner_iso3, indicator_id, source_id, last_year, year, method, middle,
        lower_80, upper_80 order by published, edition_id) = 1""",
    """
    insert into season_published by name
    with said as (
        select * exclude (came) from former.season_published
        union all by name
        select edition_id, dated as published, season_id, measure, name, starts, middle, lower_80, upper_80
        from former.season cross join former.edition where refusal is null and no_outlook is null)
    select *, null as came from said
    qualify row_number() over (partition by season_id, measure, starts, middle, lower_80, upper_80 order by published, edition_id) = 1""",
)


def score_months(work: Draft) -> None:
    """Lays what was recorded beside each six months that were looked ahead and lie in years that are over."""
    work.connection.execute("""
        update season_published as said set came = (
            select coalesce(sum(case measure when 'people' then people else incidents end), 0) from season_count as counted
            where counted.season_id = said.season_id and month > 0
                and make_date(counted.year, month, 1) between starts and starts + interval 5 months)
        where starts + interval 5 months < (select make_date(max(year) + 1, 1, 1) from season_count)""")
