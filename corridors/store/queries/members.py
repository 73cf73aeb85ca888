"""Named queries for what a member takes away: everything about it, with scores and licence on each row."""

import pandas as pd

from corridors.store.queries.figures import ask


def everything(edition_id: str, iso3: str, theme: str) -> pd.DataFrame:
    """Every figure of a theme with the member at either end, with the licence of its source; totals first, newest first."""
    return ask(
        edition_id,
        """
        select annotated.*, source.licence, source.attribution from figure_annotated as annotated join source using (source_id)
        where (iso3 = $iso3 or partner_iso3 = $iso3) and theme = $theme
        order by position, indicator_id, iso3 <> $iso3, partner_iso3 is not null and iso3 <> 'WLD', period_end desc,
                 form <> 'total', form, sex <> 'total', sex, age <> 'total', age, place, partner""",
        {"iso3": iso3, "theme": theme},
    )


def series(edition_id: str, iso3: str, indicator_id: str, view: str) -> pd.DataFrame:
    """The yearly totals of one indicator, oldest first: counted in the member (`view` place) or about its people (partner).

    Only the source that has the latest figure, so that two publishers never make one line.
    """
    return ask(
        edition_id,
        """
        with total as (
            from figure_annotated where indicator_id = $indicator and sex = 'total' and age = 'total' and form = 'total'
            and case $view when 'place' then iso3 = $iso3 and partner_iso3 is null
                           else iso3 = 'WLD' and partner_iso3 = $iso3 end)
        from total where source_id = (select arg_max(source_id, period_end) from total) order by period_end""",
        {"iso3": iso3, "indicator": indicator_id, "view": view},
    )


def licences(edition_id: str) -> pd.DataFrame:
    """Every source with licence, attribution and address, by publisher."""
    return ask(
        edition_id,
        """
        select source_id, publisher, title, edition, released, licence, licence_url, attribution, address from source
        order by publisher, title""",
    )
