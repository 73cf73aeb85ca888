"""Named queries about quality: coverage year by year, grades and what they rest on, trends, conflicts, the state of an edition."""

import pandas as pd

from corridors.store.queries.figures import ask

LATEST = """
    select *, 'place' as view, iso3 as who from figure_annotated
    where iso3 in (select iso3 from member) and partner_iso3 is null and sex = 'total' and age = 'total' and form = 'total'
    qualify row_number() over (partition by iso3, indicator_id order by period_end desc) = 1
    union all
    select *, 'partner', partner_iso3 from figure_annotated
    where iso3 = 'WLD' and partner_iso3 in (select iso3 from member) and form = 'total'
    qualify row_number() over (partition by partner_iso3, indicator_id order by period_end desc) = 1"""


def matrix(edition_id: str, theme: str) -> pd.DataFrame:
    """Every member and year of a theme (iso3, member, subregion, year, state, figures).

    `state`: reported, masked, zero, not_reported (others have a figure for that year), not_applicable (nobody has).
    """
    return ask(
        edition_id,
        """
        with span as (select unnest(generate_series(2000, (select year(dated) from edition)::bigint))::integer as year),
             anyone as (select distinct year from coverage where theme = $theme)
        select member.iso3, coalesce(nullif(member.short_name, ''), member.name) as member, subregion, span.year,
               coalesce(coverage.state, case when anyone.year is null then 'not_applicable' else 'not_reported' end) as state,
               coalesce(figures, 0)::bigint as figures
        from member cross join span left join anyone on anyone.year = span.year
        left join coverage on coverage.iso3 = member.iso3 and coverage.year = span.year and coverage.theme = $theme
        order by subregion, member, span.year""",
        {"theme": theme},
    )


def latest(edition_id: str, iso3: str | None = None) -> pd.DataFrame:
    """The latest total of every indicator, of one member or of all: grade, four scores, years answered, and method."""
    return ask(
        edition_id,
        f"""
        with latest as ({LATEST})
        select who as iso3, view, latest.indicator_id, indicator, short_name, theme, year, period_end, grade, grade_reason, status,
               coverage_score, method_score, source_score, agreement_score, caveats, latest.reliability, latest.credibility,
               source.publisher, source.title as source_title, source_id, answered, expected, method_class, position
        from latest join source using (source_id)
        where $iso3 is null or who = $iso3 order by who, position, view""",
        {"iso3": iso3},
    )


def trends(edition_id: str, iso3: str) -> pd.DataFrame:
    """The verdict on every yearly series of a member."""
    return ask(
        edition_id,
        """
        select trend.*, indicator.name as indicator, unit_many, decimals from trend join indicator using (indicator_id)
        where iso3 = $iso3 order by position, view""",
        {"iso3": iso3},
    )


def conflicts(edition_id: str) -> pd.DataFrame:
    """Everything that disagrees, without its sides, by title."""
    return ask(edition_id, "from conflict order by kind desc, title")


def conflict_sides(edition_id: str) -> pd.DataFrame:
    """What each side of a conflict says."""
    return ask(edition_id, "from conflict_side order by conflict_id, position")


def compared(edition_id: str, iso3: str) -> pd.DataFrame:
    """Every pair of figures of a member that the build compared, agreeing or not, newest first; both ends with unit and source."""
    return ask(
        edition_id,
        """
        select pair.*, place.name as place, partner.name as partner from agreement_told as pair
        left join country as place on place.iso3 = pair.iso3 left join country as partner on partner.iso3 = pair.partner_iso3
        where $iso3 in (pair.iso3, pair.partner_iso3)
        order by title, year desc, place, partner""",
        {"iso3": iso3},
    )


def compared_counts(edition_id: str) -> pd.DataFrame:
    """How many pairs of each rule were compared and how they came out (title, verdict, pairs), members' pairs only."""
    return ask(
        edition_id,
        """
        select title, reason, verdict, count(*) as pairs from agreement join agreement_rule using (rule_id)
        where iso3 in (select iso3 from member) or partner_iso3 in (select iso3 from member)
        group by all order by title, verdict""",
    )


def overrides(edition_id: str) -> pd.DataFrame:
    """Grades set by hand, with the letter that was computed."""
    return ask(
        edition_id,
        """
        select indicator.name as indicator, source_id, member.name as member, year, grade_override.grade, computed, set_by, reason,
               grade_override.dated, figures
        from grade_override join indicator using (indicator_id) left join member using (iso3) order by indicator""",
    )


def source_grades(edition_id: str) -> pd.DataFrame:
    """How many figures of each source have which grade, for the latest year of the source and for all its years."""
    return ask(
        edition_id,
        """
        select publisher, title, source_id, grade, count(*) as figures,
               count(*) filter (year(period_end) = account.last_year) as figures_of_last_year, account.last_year, released
        from figure join source using (source_id) join source_account as account using (source_id)
        group by all order by title, grade""",
    )


def state_of(edition_id: str) -> dict:
    """An edition in a few numbers, for the scorecard; the names are the keys of `views.quality.LINES`."""
    return (
        ask(
            edition_id,
            f"""
        with latest as ({LATEST}),
             recent as (select iso3, theme, max(year) as year from coverage join theme using (theme) where in_coverage group by all),
             cells as (select count(*) as cells, count(year) as any_figure, count(*) filter (year >= year(dated) - 4) as recent
                       from member cross join theme cross join edition left join recent using (iso3, theme) where in_coverage)
        select edition_id, edition.dated, (select count(*) from figure) as figures, cells, any_figure, recent,
               (select count(*) from latest) as latest, (select count(*) from latest where grade in ('A', 'B')) as good,
               (select count(*) from latest where grade = 'C') as care, (select count(*) from latest where grade = 'D') as weak,
               (select count(*) from latest where grade = 'U') as ungraded,
               (select count(*) from latest where coverage_score is not null) as coverage_known,
               (select count(*) from latest where credibility in ('1', '2')) as second_source,
               (select count(*) from latest where credibility in ('4', '5')) as contradicted,
               (select count(*) from figure where status = 'masked') as masked, (select count(*) from conflict) as conflicts,
               (select count(*) from check_result where offenders > 0) as open_checks,
               (select count(*) from rejected_row) as rejected, (select count(*) from source) as sources
        from edition cross join cells""",
        )
        .iloc[0]
        .to_dict()
    )


def undecided(edition_id: str) -> pd.DataFrame:
    """Steps in series that nobody has decided: Figure, Member, Year, Found, and the ids that a decision names."""
    return ask(
        edition_id,
        """
        select indicator.name as "Figure", coalesce(country.name, step.iso3) as "Member", step.year as "Year",
               step.reason as "Found", indicator_id, step.iso3, source_id
        from series_break as step join indicator using (indicator_id) left join country on country.iso3 = step.iso3
        where not decided order by 1, 2, 3""",
    )


def source_ages(edition_id: str) -> pd.DataFrame:
    """Each source of an edition: Source, Released, Age in days (on the edition's day), Renewed (how often), Next expected (a day,
    empty where there is no rhythm), source_id."""
    return ask(
        edition_id,
        """
        select publisher || ', ' || title as "Source", released as "Released",
               (select dated from edition) - released as "Age in days", cadence as "Renewed",
               released + every_days as "Next expected", source_id
        from source order by 1""",
    )
