"""Series to look ahead with, out of a draft, and what earlier editions said. For `etl` only."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd

from corridors.store.editions import Draft


def series(work: Draft, indicators: list[str]) -> pd.DataFrame:
    """The yearly totals of these indicators at every place and for every pair, a row a year and series, oldest first.

    Columns: outlook_id, iso3, partner_iso3, indicator_id, source_id, year, value (null where masked), status, use_trend, tlp,
    broken (whether a break lies between this year and the one before).
    """
    return work.connection.execute(
        """
        with total as (
            select md5(concat_ws(' ', indicator_id, source_id, iso3, partner_iso3))[:16] as outlook_id, *,
                   case when iso3 = 'WLD' then partner_iso3 else iso3 end as who,
                   case when iso3 = 'WLD' then 'partner' else 'place' end as view
            from keyed where sex = 'total' and age = 'total' and form = 'total' and indicator_id in (select unnest($indicators))
            qualify count(*) over (partition by iso3, partner_iso3, indicator_id, source_id, year) = 1
        )
        select outlook_id, total.iso3, partner_iso3, total.indicator_id, total.source_id, total.year, value, status, use_trend, tlp,
               count(b.year) > 0 as broken
        from total join (select figure_id, use_trend, tlp from figure) using (figure_id) left join series_break as b on b.year = total.year
            and (b.indicator_id is null or b.indicator_id = total.indicator_id)
            and (b.source_id is null or b.source_id = total.source_id)
            and (b.iso3 is null or b.iso3 = total.who) and (b.view is null or b.view = total.view)
        group by all order by outlook_id, total.year""",
        {"indicators": indicators},
    ).df()


def remember(work: Draft, previous: Path | None) -> None:
    """Takes over what earlier editions said of years to come, adds what the edition before said, and the figures that came.

    What several editions said alike stands once, with the first of them.
    """
    if previous is not None:
        work.connection.execute(f"attach '{str(previous).replace(chr(39), chr(39) * 2)}' as former (read_only)")
        try:
            work.connection.execute("""
                insert into outlook_published by name
                with said as (
                    select * exclude (came) from former.outlook_published
                    union all by name
                    select edition_id, dated as published, iso3, partner_iso3, indicator_id, source_id, last_year, last_value,
                           method, year, middle, lower_80, upper_80, tlp
                    from former.outlook join former.outlook_year using (outlook_id) cross join former.edition)
                select *, null as came from said
                qualify row_number() over (partition by iso3, partner_iso3, indicator_id, source_id, last_year, year, method, middle,
                    lower_80, upper_80 order by published, edition_id) = 1""")
        except duckdb.CatalogException:
            pass  # an edition of before there were outlooks said nothing
        finally:
            work.connection.execute("detach former")
    work.connection.execute("""
        update outlook_published as said set came = value from figure
        where figure.iso3 = said.iso3 and figure.partner_iso3 is not distinct from said.partner_iso3
          and figure.indicator_id = said.indicator_id and figure.source_id = said.source_id and year(period_end) = said.year
          and sex = 'total' and age = 'total' and form = 'total' and status not in ('provisional', 'masked')""")
