"""The named queries that pages, exports and tests read with. Parameters only; nobody's text becomes SQL.

Every function takes an edition's id first and returns a small frame (or a dict for one row). Figures always come from the
view `figure_annotated`, so a number cannot be read without its unit, source, status, grade and caveats.
"""

import logging
import threading
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import duckdb
import pandas as pd

from corridors.store import editions, labels

LOG = logging.getLogger("corridors.reading")
TIMEOUT = 5.0  # seconds; DuckDB has no statement timeout of its own


class OtherShape(Exception):
    """The edition was built by an earlier version and has not got what is asked for."""


class TooSlow(Exception):
    """A query was interrupted because it took longer than TIMEOUT."""


@lru_cache(maxsize=16)
def opened(path: Path, ceiling: str) -> labels.LabelledConnection:
    """The file of an edition for a label, kept open; what is dropped here closes once nobody reads it any more."""
    return labels.LabelledConnection(path, ceiling)


def ask(edition_id: str, sql: str, parameters: dict | list | None = None, seconds: float = 0) -> pd.DataFrame:
    """The answer to one query, without any row above the label that the id names (`id@GREEN`, see `labels`).

    Raises TooSlow after TIMEOUT, or after `seconds` where more are needed than a page may take.
    """
    seconds = max(seconds, TIMEOUT)
    own_id, ceiling = labels.split(edition_id)
    try:
        door = opened(editions.path_of(own_id, ceiling=ceiling), ceiling)
    except labels.AboveLabel as fault:
        raise OtherShape(str(fault)) from fault
    with door.cursor() as cursor:
        timer = threading.Timer(seconds, _interrupt, [cursor])
        timer.daemon = True  # whoever stops this program does not wait for it
        try:
            timer.start()
            answer = cursor.execute(sql, parameters or []).df()
        except (duckdb.BinderException, duckdb.CatalogException) as fault:
            raise OtherShape(f"Edition {own_id} was built by another version of this system: {fault}") from fault
        except duckdb.InterruptException:
            raise TooSlow(f"The question took longer than {seconds:g} seconds. Choose fewer years or one member.") from None
        finally:
            timer.cancel()
    labels.note_labels(answer, door.bears(sql))
    return answer


def _interrupt(cursor: duckdb.DuckDBPyConnection) -> None:
    try:
        cursor.interrupt()
    except duckdb.ConnectionException as fault:  # it was closed in the same moment: there is nothing to interrupt any more
        LOG.info("nothing to interrupt: %s", fault)


def edition(edition_id: str) -> dict:
    """The edition's own row: id, date, when it was built, the one before; and its oldest input."""
    row = ask(edition_id, "from edition").iloc[0].to_dict()
    oldest = ask(
        edition_id,
        """
        select title, publisher, released from source where source_id in (select source_id from figure)
        order by released limit 1""",
    ).iloc[0]
    return {**row, "sources": int(ask(edition_id, "select count(*) as n from source").n[0]), "oldest": oldest.to_dict()}


def recipe(edition_id: str) -> tuple[datetime, str | None, int | None]:
    """When an edition was built, which one it was compared with, and the lake's snapshot that it was made of (None: a file)."""
    rows = ask(edition_id, "from edition")
    if rows.empty:
        raise editions.UnknownEdition(f"Edition {edition_id} does not say how it was built.")
    row = rows.iloc[0]
    previous, snapshot = row["previous_id"], row.get("lake_snapshot")  # an edition of an earlier version has no such column
    return (
        row["built_at"].to_pydatetime(),
        previous if isinstance(previous, str) else None,
        None if pd.isna(snapshot) else int(snapshot),
    )


def figures(edition_id: str, iso3: str, theme: str) -> pd.DataFrame:
    """Every figure of one theme that is counted in a place, at all breakdowns. One row a figure, oldest first."""
    return ask(
        edition_id,
        """
        from figure_annotated where iso3 = $iso3 and theme = $theme and partner_iso3 is null
        order by position, indicator_id, period_end, form, sex, age""",
        {"iso3": iso3, "theme": theme},
    )


def abroad(edition_id: str, iso3: str, theme: str) -> pd.DataFrame:
    """Figures of one theme about a place's people everywhere together (the other end of its corridors), oldest first."""
    return ask(
        edition_id,
        """
        from figure_annotated where partner_iso3 = $iso3 and iso3 = 'WLD' and theme = $theme
        order by position, indicator_id, period_end""",
        {"iso3": iso3, "theme": theme},
    )


def corridors(edition_id: str, iso3: str, indicator_id: str, end: str) -> pd.DataFrame:
    """One indicator by partner. `end` is "place" (who is counted in iso3) or "partner" (where iso3's people are counted).

    Only the latest year that has figures for at least one partner; largest first by the upper bound.
    """
    mine, other = ("iso3", "partner_iso3") if end == "place" else ("partner_iso3", "iso3")
    return ask(
        edition_id,
        f"""
        with rows as (
            from figure_annotated where {mine} = $iso3 and indicator_id = $indicator and {other} is not null
            and {other} <> 'WLD' and sex = 'total' and age = 'total' and form = 'total')
        from rows where year = (select max(year) from rows)
        order by coalesce(value, upper) desc, {other}""",
        {"iso3": iso3, "indicator": indicator_id},
    )


def corridor_indicators(edition_id: str, iso3: str) -> pd.DataFrame:
    """Which indicators have corridors for a member, at which end, and their latest year: iso3's menu of corridors."""
    return ask(
        edition_id,
        """
        select theme, indicator_id, any_value(short_name) as short_name, any_value(position) as position,
               'place' as "end", max(year) as year, count(distinct partner_iso3) as partners
        from figure_annotated where iso3 = $iso3 and partner_iso3 is not null and form = 'total' and sex = 'total'
        group by theme, indicator_id
        union all
        select theme, indicator_id, any_value(short_name), any_value(position), 'partner', max(year), count(distinct iso3)
        from figure_annotated where partner_iso3 = $iso3 and iso3 <> 'WLD' and form = 'total' and sex = 'total'
        group by theme, indicator_id
        order by theme, position, "end" desc """,
        {"iso3": iso3},
    )


def regional(edition_id: str) -> pd.DataFrame:
    """The latest full-year sum over members of every headline indicator, with how many members are behind it."""
    return ask(
        edition_id,
        """
        select total.*, indicator.name as indicator, indicator.short_name, unit_one, unit_many, theme, headline, definition,
               stock_or_flow, decimals, publisher, source.title as source_title,
               source.edition as source_edition, released, address, tlp, reliability, credibility
        from regional_total as total
        join indicator using (indicator_id) join source using (source_id)
        where headline > 0 and use_sum in ('yes', 'no') and year = (select max(year) from regional_panel as panel
                                       where panel.indicator_id = total.indicator_id)
        order by headline""",
    )


def panel(edition_id: str) -> pd.DataFrame:
    """Yearly sums over the members that have a figure in every one of the six years, for all headline indicators."""
    return ask(edition_id, "from regional_panel order by indicator_id, year")


def coverage(edition_id: str) -> pd.DataFrame:
    """For each member and theme the latest year with any figure and its state; members and themes without are there too."""
    return ask(
        edition_id,
        """
        select member.iso3, member.name as member, subregion, theme.theme, theme.title, theme.position,
               max(year) as latest, arg_max(state, year) as state, coalesce(sum(figures), 0)::bigint as figures
        from member cross join theme left join coverage on coverage.iso3 = member.iso3 and coverage.theme = theme.theme
        where theme.in_coverage
        group by all order by subregion, member, position""",
    )


def reporting(edition_id: str, indicator_id: str, view: str) -> pd.DataFrame:
    """Of each member the latest year with a total of one indicator, counted there or about its people; null where there is none.

    Columns iso3, member, latest; and `year`, the year that the region is asked about: that of its sum, else the newest.
    """
    return ask(
        edition_id,
        """
        with held as (
            select case when $view = 'place' then iso3 else partner_iso3 end as iso3, year from figure_annotated
            where indicator_id = $indicator and sex = 'total' and age = 'total' and form = 'total'
              and (($view = 'place' and partner_iso3 is null) or ($view = 'partner' and iso3 = 'WLD'))
              and status <> 'not_reported'),
        region as (
            select coalesce((select max(year) from regional_panel where indicator_id = $indicator),
                            (select max(year) from held)) as year)
        select member.iso3, member.name as member, max(held.year) filter (where held.year <= region.year) as latest, region.year
        from member cross join region left join held on held.iso3 = member.iso3
        group by all order by member.name""",
        {"indicator": indicator_id, "view": view},
    )


def newest(edition_id: str) -> pd.DataFrame:
    """Per source: release date, latest period, and how many figures that period has."""
    return ask(
        edition_id,
        """
        select source_id, title, publisher, released, account.last_year, account.figures,
               (select count(*) from figure where figure.source_id = source.source_id
                and year(period_end) = account.last_year) as figures_of_last_year
        from source join source_account as account using (source_id) where account.figures > 0 order by released desc""",
    )


def breaks(edition_id: str) -> pd.DataFrame:
    """All breaks in series: first year of the new series, reason, and what it concerns (null = all)."""
    return ask(edition_id, "from series_break order by year")


def caveats(edition_id: str) -> pd.DataFrame:
    """The caveat library with how many figures carry each, most serious first."""
    return ask(
        edition_id,
        """
        with given as (select unnest(caveats) as caveat_id from figure)
        select caveat.*, count(given.caveat_id) as figures from caveat left join given using (caveat_id)
        group by all order by severity desc, caveat_id""",
    )


def sources(edition_id: str) -> pd.DataFrame:
    """Every source with its account: cells read, kept, rejected, out of scope, span of years."""
    return ask(edition_id, "from source join source_account using (source_id) order by title")


def rejected(edition_id: str) -> pd.DataFrame:
    """Rejected rows, counted by source and reason, with one example each."""
    return ask(
        edition_id,
        """
        select publisher, title, reason, count(*) as cells, min(file) as file, min("row") as first_row,
               min(found) as example, min(columns('^(cure|how_to_fix)$')) as how_to_fix
        from rejected_row join source using (source_id) group by publisher, title, reason order by cells desc""",
    )


def out_of_scope(edition_id: str) -> pd.DataFrame:
    """Cells read but not imported, by source and reason."""
    return ask(
        edition_id,
        """
        select publisher, title, reason, cells from out_of_scope join source using (source_id) order by title, cells desc""",
    )


def input_files(edition_id: str) -> pd.DataFrame:
    """The publishers' files behind the edition, with checksums."""
    return ask(edition_id, "select title, file, bytes, sha256 from input_file join source using (source_id) order by 1, 2")


def checks(edition_id: str) -> pd.DataFrame:
    """What was asked of the draft before it was published, and what is still open."""
    return ask(edition_id, "from check_result order by offenders desc, must desc, name")


def corrections(edition_id: str) -> pd.DataFrame:
    """Known upstream errors that this edition mends."""
    return ask(edition_id, "from correction_applied")


def changes(edition_id: str) -> pd.DataFrame:
    """Figures new, revised or withdrawn since the edition before, counted by source, indicator and kind."""
    return ask(
        edition_id,
        """
        select publisher, indicator.name as indicator, change.kind, count(*) as figures, min(year) as first_year, max(year) as last_year
        from change join source using (source_id) join indicator using (indicator_id)
        group by publisher, indicator.name, change.kind order by publisher, indicator, change.kind""",
    )


def difference(first: str, second: str) -> pd.DataFrame:
    """Figures whose value, bounds or status differ between two editions: kind, ids, what each said. Raises UnknownEdition."""
    number = "case when {0} = trunc({0}) then {0}::bigint::varchar else {0}::varchar end"
    said = f"coalesce({number.format('value')}, {number.format('lower')} || '–' || {number.format('upper')}, status)"
    sql = f"select figure_id, iso3, partner_iso3, indicator_id, year, source_id, sex, age, form, {said} as said from figure_annotated"
    before, after = ask(first, sql), ask(second, sql)
    key = [c for c in before.columns if c != "said"]
    both = before.merge(after, on=key, how="outer", suffixes=("_before", "_after"), indicator="kind")
    both = both[both.said_before.fillna("") != both.said_after.fillna("")]
    kinds = {"left_only": "withdrawn", "right_only": "new", "both": "revised"}
    return both.assign(kind=both.kind.astype(str).map(kinds)).reset_index(drop=True)


def deaths_by_month(edition_id: str, iso3: str | None, year: int) -> pd.DataFrame:
    """People recorded dead or missing in each month of a year on a member's territory (None = all members'), month 0 where the
    record names none (month, people); their sum is the year's figure."""
    return ask(
        edition_id,
        """
        select coalesce(month, 0) as month, sum(dead_and_missing)::integer as people from incident
        where year = $year and (iso3 = $iso3 or $iso3 is null and iso3 in (select iso3 from member)) group by 1 order by 1""",
        {"iso3": iso3, "year": year},
    )


def latest_totals(edition_id: str, iso3: str) -> pd.DataFrame:
    """The latest total of every indicator for one member: counted there (`view` place) or about its people (partner)."""
    return ask(
        edition_id,
        """
        select *, 'place' as view from figure_annotated
        where iso3 = $iso3 and partner_iso3 is null and sex = 'total' and age = 'total' and form = 'total'
        qualify row_number() over (partition by indicator_id order by period_end desc) = 1
        union all
        select *, 'partner' from figure_annotated where iso3 = 'WLD' and partner_iso3 = $iso3 and form = 'total'
        qualify row_number() over (partition by indicator_id order by period_end desc) = 1
        order by position""",
        {"iso3": iso3},
    )


def regional_members(edition_id: str, indicator_id: str, year: int) -> pd.DataFrame:
    """The members' totals behind a regional sum in one year, by name (never ranked)."""
    return ask(
        edition_id,
        """
        select annotated.* from figure_annotated as annotated join indicator using (indicator_id)
        where indicator_id = $indicator and year = $year and sex = 'total' and age = 'total' and annotated.form = 'total'
        and ((headline_view = 'place' and partner_iso3 is null and iso3 in (select iso3 from member))
          or (headline_view = 'partner' and iso3 = 'WLD' and partner_iso3 in (select iso3 from member)))
        order by coalesce(partner, place)""",
        {"indicator": indicator_id, "year": year},
    )
