"""Named queries about factors: one member's series, where all members stand, and the two ends of a corridor."""

import pandas as pd

from corridors.store.queries.figures import ask


def series(edition_id: str, iso3: str, place: list[str], partner: list[str]) -> pd.DataFrame:
    """Yearly totals of one member: indicators of `place` counted there, indicators of `partner` about its people.

    Column `key` is the indicator's id, with "@partner" for the second kind. Several sources stay apart by `source_id`.
    """
    return ask(
        edition_id,
        """
        select *, indicator_id as key from figure_annotated
        where iso3 = $iso3 and partner_iso3 is null and indicator_id in (select unnest($place))
        and sex = 'total' and age = 'total' and form = 'total'
        union all
        select *, indicator_id || '@partner' from figure_annotated
        where iso3 = 'WLD' and partner_iso3 = $iso3 and indicator_id in (select unnest($partner)) and form = 'total'
        order by key, year""",
        {"iso3": iso3, "place": place, "partner": partner},
    )


def latest_of_members(edition_id: str, place: list[str], partner: list[str]) -> pd.DataFrame:
    """The latest value of every member for every key, not older than ten years before the newest: who, key, year, middle."""
    return ask(
        edition_id,
        """
        with yearly as (
            select iso3 as who, indicator_id as key, year, coalesce(value, (lower + upper) / 2) as middle from figure_annotated
            where partner_iso3 is null and iso3 in (select iso3 from member) and indicator_id in (select unnest($place))
            and sex = 'total' and age = 'total' and form = 'total'
            union all
            select partner_iso3, indicator_id || '@partner', year, coalesce(value, (lower + upper) / 2) from figure_annotated
            where iso3 = 'WLD' and partner_iso3 in (select iso3 from member) and indicator_id in (select unnest($partner)))
        select who, key, max(year) as year, arg_max(middle, year) as middle from yearly
        where year >= (select max(year) from yearly as t where t.key = yearly.key) - 10
        group by who, key order by key, who""",
        {"place": place, "partner": partner},
    )


def all_series(edition_id: str, place: list[str]) -> pd.DataFrame:
    """Yearly totals of every member for the given indicators: who, name, indicator, year, middle,
    and what must be said with it."""
    return ask(
        edition_id,
        """
        select iso3 as who, place as name, indicator_id as key, source_id, year, coalesce(value, (lower + upper) / 2) as middle,
               unit_many, publisher, source_title, grade, caveats
        from figure_annotated where partner_iso3 is null and iso3 in (select iso3 from member)
        and indicator_id in (select unnest($place)) and sex = 'total' and age = 'total' and form = 'total'
        order by who, key, year""",
        {"place": place},
    )


def corridor_series(edition_id: str, indicator_id: str) -> pd.DataFrame:
    """Yearly figures of every corridor between two members, in the columns of `all_series`; `who` is (origin, destination)."""
    return ask(
        edition_id,
        """
        select partner_iso3 || ' ' || iso3 as who, partner as name, place as other, indicator_id as key, source_id, year,
               coalesce(value, (lower + upper) / 2) as middle, unit_many, publisher, source_title, grade, caveats
        from figure_annotated where indicator_id = $indicator and partner_iso3 in (select iso3 from member)
        and iso3 in (select iso3 from member) and iso3 <> partner_iso3 and sex = 'total' and age = 'total' and form = 'total'
        order by who, year""",
        {"indicator": indicator_id},
    )


def pair_facts(edition_id: str, origin: str, destination: str) -> pd.DataFrame:
    """Distance, common border, language and colonial tie of a pair with the source that says so; one row or none."""
    return ask(
        edition_id,
        """
        select pair_fact.*, publisher, title, edition from pair_fact join source using (source_id)
        where origin_iso3 = $origin and destination_iso3 = $destination""",
        {"origin": origin, "destination": destination},
    )


def both_ends(edition_id: str, origin: str, destination: str, indicators: list[str]) -> pd.DataFrame:
    """Yearly totals of the indicators for the two places, as figures are told."""
    return ask(
        edition_id,
        """
        from figure_annotated where iso3 in ($origin, $destination) and partner_iso3 is null
        and indicator_id in (select unnest($indicators)) and sex = 'total' and age = 'total' and form = 'total'
        order by indicator_id, iso3, year""",
        {"origin": origin, "destination": destination, "indicators": indicators},
    )


def decisions(edition_id: str, origin: str, destination: str) -> pd.DataFrame:
    """First-instance asylum decisions on people of `origin` in `destination`, all kinds, as figures are told."""
    return ask(
        edition_id,
        """
        from figure_annotated where partner_iso3 = $origin and iso3 = $destination
        and indicator_id in ('decisions_recognised', 'decisions_complementary', 'decisions_rejected')
        order by indicator_id, year""",
        {"origin": origin, "destination": destination},
    )
