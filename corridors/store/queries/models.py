"""Named queries about the models of pairs that an edition holds."""

import pandas as pd

from corridors.store.queries.figures import ask


def models(edition_id: str) -> pd.DataFrame:
    """Every model: outcome and its name, period, size, fit, method in words, inputs, or why it was refused."""
    return ask(
        edition_id,
        """
        select model_meta.*, indicator.name as outcome_name, unit_many, definition
        from model_meta join indicator on indicator_id = outcome order by model_id""",
    )


def coefficients(edition_id: str, model_id: str) -> pd.DataFrame:
    """The terms of a model in order: label, coefficient with interval, and the effect of one step in words."""
    return ask(edition_id, "from model_fit where model_id = $model order by position", {"model": model_id})


def covariance(edition_id: str, model_id: str) -> pd.DataFrame:
    """The covariance of the coefficients: term, other, value."""
    return ask(edition_id, "from model_covariance where model_id = $model", {"model": model_id})


def pair(edition_id: str, origin: str, destination: str) -> pd.DataFrame:
    """What each model says of one pair: observed, expected with its bounds, usual range, place, verdict."""
    return ask(
        edition_id,
        """
        select model_pair.*, indicator.name as outcome_name, unit_many, model_meta.period_start, model_meta.period_end,
               stock_or_flow, inputs
        from model_pair join model_meta using (model_id) join indicator on indicator_id = outcome
        where origin_iso3 = $origin and destination_iso3 = $destination order by model_id""",
        {"origin": origin, "destination": destination},
    )


def standing_out(edition_id: str, model_id: str) -> pd.DataFrame:
    """Pairs between two members with more, or fewer, people than size and distance suggest; in order of name."""
    return ask(
        edition_id,
        """
        select a.name as origin, b.name as destination, observed, usual_lower, usual_upper, place, verdict
        from model_pair join country as a on a.iso3 = origin_iso3 join country as b on b.iso3 = destination_iso3
        where model_id = $model and verdict <> 'about' and origin_iso3 in (select iso3 from member)
        and destination_iso3 in (select iso3 from member) order by verdict desc, origin, destination""",
        {"model": model_id},
    )


def left_out(edition_id: str, model_id: str) -> pd.DataFrame:
    """Places of which a model says nothing, with the reason."""
    return ask(
        edition_id,
        """
        select coalesce(name, iso3) as place, reason from model_left_out left join country using (iso3)
        where model_id = $model order by reason, place""",
        {"model": model_id},
    )


NARROW = 0.05  # share of the upper end: the middle of a range as narrow stands for it, as on a chart
FIVE_YEARS_APART = """
    with whole as (
        select case when iso3 = 'WLD' then partner_iso3 else iso3 end as who, iso3 = 'WLD' as abroad, indicator_id, source_id,
               year(period_end) as year, coalesce(value, case when upper - lower <= $narrow * upper then (lower + upper) / 2 end) as value
        from figure where sex = 'total' and age = 'total' and form = 'total' and (partner_iso3 is null or iso3 = 'WLD')
            and status <> 'provisional'),
    income as (select who, year, value as level from whole where indicator_id = 'gdp_per_head_ppp' and not abroad),
    deaths as (
        select who, year, sum(value) over five as people from whole where indicator_id = 'conflict_deaths' and not abroad
        window five as (partition by who order by year range between 4 preceding and current row) qualify count(value) over five = 5),
    conflict as (
        select deaths.who, deaths.year, people / population.value * 1e6 as level
        from deaths asof join (select * from whole where indicator_id = 'population' and not abroad) as population
            on population.who = deaths.who and population.year <= deaths.year + 5),
    applied as (select who, year, value from whole where indicator_id = 'asylum_applications_new' and abroad = $abroad)
    select now.who as iso3, name, now.year, former.level as before, now.level as now, a.value as applied_before, b.value as applied_after
    from {level} as now join {level} as former on former.who = now.who and former.year = now.year - 5
    join country on country.iso3 = now.who
    join applied as a on a.who = now.who and a.year = now.year - 5 join applied as b on b.who = now.who and b.year = now.year + 2
    where a.value is not null and b.value is not null and not exists (
        from series_break as b where b.year between now.year - 4 and now.year + 2
            and (b.indicator_id is null or b.indicator_id = 'asylum_applications_new') and (b.source_id is null or b.source_id = 'unhcr')
            and (b.iso3 is null or b.iso3 = now.who) and (b.view is null or b.view = case when $abroad then 'partner' else 'place' end))
    order by name, now.year"""


def five_years_apart(edition_id: str, what: str, abroad: bool) -> pd.DataFrame:
    """How far a condition of each place moved in five years, and the new asylum applications at their beginning and two years after their end.

    `what`: "income" (per head, international dollars) or "conflict" (deaths in organised violence in a million people, over five
    years). `abroad`: applications of the people of the place, anywhere; else those lodged in it. Columns iso3, name, year (the fifth),
    before, now, applied_before, applied_after; not there are years with a wide range or nothing at an end, and those across a break.
    """
    level = {"income": "income", "conflict": "conflict"}[what]
    return ask(edition_id, FIVE_YEARS_APART.format(level=level), {"abroad": abroad, "narrow": NARROW})


def visa_changes(edition_id: str) -> pd.DataFrame:
    """New asylum applications about each listed change of a visa rule, a row for each of the two years before and after it.

    Columns: those of visa_change, origin, destination (names), applied (the year), value, lower, upper, status (null: no figure),
    newest (the latest year that the source has), broken (a new way of counting begins within), again (another change of the same
    pair within these five years: its date). In order of names and dates. OtherShape where the edition's list does not say yet what is
    only listed: its rows would be followed where they must not be.
    """
    return ask(
        edition_id,
        """
        with applied as (
            from figure where indicator_id = 'asylum_applications_new' and source_id = 'unhcr' and sex = 'total' and age = 'total'
                and form = 'total' and status <> 'provisional')
        select c.* exclude (not_followed), c.not_followed, o.name as origin, d.name as destination, c.year + apart as applied, value, lower, upper, status,
               (select max(year(period_end)) from applied) as newest,
               exists (from series_break as b where b.year between c.year - 1 and c.year + 2
                   and (b.indicator_id is null or b.indicator_id = 'asylum_applications_new')
                   and (b.source_id is null or b.source_id = 'unhcr') and (b.iso3 is null or b.iso3 = destination_iso3)
                   and (b.view is null or b.view = 'place')) as broken,
               (select min(since) from visa_change as a where a.destination_iso3 = c.destination_iso3 and a.origin_iso3 = c.origin_iso3
                   and a.since <> c.since and abs(a.year - c.year) <= 2) as again
        from visa_change as c cross join (select unnest([-2, -1, 1, 2]) as apart)
        join country as o on o.iso3 = origin_iso3 join country as d on d.iso3 = destination_iso3
        left join applied on applied.iso3 = destination_iso3 and partner_iso3 = origin_iso3 and year(period_end) = c.year + apart
        order by origin, destination, since, applied""",
    )


def visa_model(edition_id: str) -> pd.DataFrame:
    """What goes together with a change of a visa rule, one row (see visa_model in the schema); none before it was fitted."""
    return ask(edition_id, "from visa_model")


def visa_pair(edition_id: str, origin: str, destination: str) -> dict:
    """What the model of visa rules has to know of a pair: rule (null where none is held), read (whether rules of earlier years are held for
    citizens of the origin), counted (whether it learnt from applications of the pair; null where no figure is held), and the newest figure:
    year, value, lower, upper."""
    return (
        ask(
            edition_id,
            """
        with applied as (
            select year(period_end) as year, value, lower, upper from figure
            where indicator_id = 'asylum_applications_new' and source_id = 'unhcr' and sex = 'total' and age = 'total' and form = 'total'
                and status <> 'provisional' and iso3 = $destination and partner_iso3 = $origin)
        select (select if(lower(provider_label) = 'eta', 'authorisation', rule) from visa_rule
                where origin_iso3 = $origin and destination_iso3 = $destination) as rule,
               exists (from visa_rule_change where origin_iso3 = $origin) as read,
               (select bool_or(coalesce(value, upper) > 0 and list_contains(years, year)) from applied, visa_model) as counted, newest.*
        from (select 1) left join (from applied order by year desc limit 1) as newest on true""",
            {"origin": origin, "destination": destination},
        )
        .iloc[0]
        .to_dict()
    )
