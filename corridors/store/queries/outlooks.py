"""Named queries about outlooks: what past years suggest for the next, how it was tried, and what earlier editions said."""

import pandas as pd

from corridors.store.queries.figures import ask

# two columns by name: an edition that has not got them is one of an earlier version, and says so here
NAMED = """
    select outlook.* exclude (last_lower, last_upper), last_lower, last_upper, indicator.name as indicator, short_name, unit_many, decimals, position, place.name as place,
           partner.name as partner, publisher, source.title as source_title, source.edition as source_edition, indicator.theme,
           ahead.year as next_year, ahead.lower_80 as next_lower, ahead.upper_80 as next_upper
    from outlook join indicator using (indicator_id) join source using (source_id)
    left join outlook_year as ahead on ahead.outlook_id = outlook.outlook_id and ahead.year = last_year + 1
    left join country as place on place.iso3 = outlook.iso3 left join country as partner on partner.iso3 = outlook.partner_iso3"""


def outlooks(edition_id: str) -> pd.DataFrame:
    """Every series of which something can be said, with its names, its source and what is expected of the next year (next_year,
    next_lower and next_upper of 80 %), by indicator and name."""
    return ask(edition_id, f"{NAMED} where refusal is null order by position, partner, place")


def of_pair(edition_id: str, iso3: str, partner_iso3: str | None) -> pd.DataFrame:
    """What was considered of one pair, or of one place, refusals too."""
    return ask(
        edition_id,
        f"{NAMED} where outlook.iso3 = $iso3 and outlook.partner_iso3 is not distinct from $partner order by position",
        {"iso3": iso3, "partner": partner_iso3},
    )


def of_member(edition_id: str, iso3: str) -> pd.DataFrame:
    """The outlooks of series that speak of a member at either end, those of the member alone first."""
    return ask(
        edition_id,
        f"{NAMED} where refusal is null and $iso3 in (outlook.iso3, outlook.partner_iso3) order by outlook.partner_iso3 is not null and outlook.iso3 <> 'WLD', position, partner, place",
        {"iso3": iso3},
    )


def unusual(edition_id: str) -> pd.DataFrame:
    """The outlooks between two members, by name: above and unusual say whether the whole range for the next year lies above, or above or
    below, the middle half of the ten years before (low, high), beyond whether it lies outside all ten."""
    return ask(
        edition_id,
        f"""
        with usual as (
            select outlook_id, quantile_cont(coalesce(value, (lower + upper) / 2), 0.25) as low,
                   quantile_cont(coalesce(value, (lower + upper) / 2), 0.75) as high,
                   min(coalesce(value, lower)) as least, max(coalesce(value, upper)) as most
            from outlook join figure on figure.iso3 = outlook.iso3 and figure.partner_iso3 is not distinct from outlook.partner_iso3
                and figure.indicator_id = outlook.indicator_id and figure.source_id = outlook.source_id
                and sex = 'total' and age = 'total' and form = 'total' and year(period_end) between last_year - 9 and last_year
            group by outlook_id),
        among as (
            select named.*, low, high, least, most from ({NAMED}) as named join usual using (outlook_id)
            where refusal is null and iso3 in (select iso3 from member) and partner_iso3 in (select iso3 from member))
        select *, next_lower > high as above, next_lower > high or next_upper < low as unusual,
               next_lower > most or next_upper < least as beyond from among order by partner, place, position""",
    )


def refusals(edition_id: str) -> pd.DataFrame:
    """Why nothing is said: indicator, place, partner, refusal, years; by indicator and name."""
    return ask(
        edition_id,
        f"""select indicator, place, partner, years, first_year, last_year, refusal
            from ({NAMED}) where refusal is not null order by position, partner, place""",
    )


def years(edition_id: str, outlook_id: str) -> pd.DataFrame:
    """The years to come of one outlook: year, middle, and lower and upper for 50, 80 and 95 %."""
    return ask(edition_id, "from outlook_year where outlook_id = $id order by year", {"id": outlook_id})


def record(edition_id: str, outlook_id: str) -> pd.DataFrame:
    """What the method would have said for earlier years, and what came: year, middle, lower_80, upper_80, came, worst."""
    return ask(edition_id, "from outlook_record where outlook_id = $id order by year", {"id": outlook_id})


def counted(edition_id: str, outlook_id: str) -> pd.DataFrame:
    """The yearly figures of an outlook's series, as figures are told."""
    return ask(
        edition_id,
        """
        select figure_annotated.* from figure_annotated join outlook using (iso3, indicator_id, source_id)
        where outlook_id = $id and figure_annotated.partner_iso3 is not distinct from outlook.partner_iso3
        and sex = 'total' and age = 'total' and form = 'total' order by year""",
        {"id": outlook_id},
    )


def tried(edition_id: str) -> pd.DataFrame:
    """How the outlooks of this edition did on their own past, by indicator: series, forecasts, held, missed most (year and share)."""
    return ask(
        edition_id,
        """
        select indicator.name as indicator, year, count(*) as said, count(*) filter (where came between lower_80 and upper_80) as held,
               median(abs(middle - came) / came) as off
        from outlook_record join outlook using (outlook_id) join indicator using (indicator_id) group by all order by indicator, year""",
    )


def unseen(edition_id: str) -> dict:
    """How the choice of what is told did on years after it, over all series: series, tried, held, and the errors of ours and of last
    year's number (error, naive), each series with the same weight for each of its forecasts."""
    rows = ask(
        edition_id,
        """
        select count(*) as series, sum(unseen_tried) as tried, sum(unseen_held) as held, sum(unseen_error) as error,
               sum(unseen_naive) as naive from outlook where unseen_tried > 0""",
    )
    return rows.iloc[0].to_dict()


def published(edition_id: str) -> pd.DataFrame:
    """Every outlook that an earlier edition published, with the figure where it has come."""
    return ask(
        edition_id,
        """
        select said.*, indicator.name as indicator, place.name as place, partner.name as partner
        from outlook_published as said join indicator using (indicator_id)
        left join country as place on place.iso3 = said.iso3 left join country as partner on partner.iso3 = said.partner_iso3
        order by published desc, indicator, partner, place, said.year""",
    )


def seasons(edition_id: str) -> pd.DataFrame:
    """What is said of a time of the year on each sea and road, refusals too, with its source; seas first, incidents before people."""
    return ask(
        edition_id,
        """
        select season.*, publisher, source.title as source_title, source.edition as source_edition, released
        from season join source using (source_id) order by season_id like 'road %', name, measure""",
    )


def season_months(edition_id: str, season_id: str, measure: str) -> pd.DataFrame:
    """What each month usually brings: month, middle, and lower and upper for 50, 80 and 95 %."""
    return ask(
        edition_id,
        "from season_month where season_id = $id and measure = $measure order by month",
        {"id": season_id, "measure": measure},
    )


def season_record(edition_id: str, season_id: str) -> pd.DataFrame:
    """What would have been said of the same six months of earlier years, and what came, of incidents and of people."""
    return ask(edition_id, "from season_record where season_id = $id order by measure, starts", {"id": season_id})


def seasons_published(edition_id: str) -> pd.DataFrame:
    """Every six months that an earlier edition looked ahead, with what came where they are over."""
    return ask(edition_id, "from season_published order by published desc, name, measure, starts")
