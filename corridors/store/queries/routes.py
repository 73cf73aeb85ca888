"""Named queries about routes: lines, places, evidence, incidents. As in `reading`: parameters only, small frames."""

from collections.abc import Sequence

import pandas as pd

from corridors.catalog import NO_PLACE
from corridors.store.queries.figures import ask


def routes(edition_id: str) -> pd.DataFrame:
    """All routes with their modes, the number of published figures, and the years those figures span."""
    return ask(
        edition_id,
        """
        select route.*, coalesce(figures, 0)::integer as figures, first_year, last_year, modes,
               (select list(distinct iso3) from unnest(list_concat(origins, transits, destinations)) as t (iso3)) as touched
        from route
        left join (select route_id, count(*) as figures, min(year(period_start)) as first_year,
                          max(year(coalesce(period_end, period_start))) as last_year
                   from route_evidence group by route_id) using (route_id)
        left join (select route_id, list_sort(list(distinct mode)) as modes from route_leg group by route_id) using (route_id)
        where route_id <> 'REGION' order by route_id""",
    )


def families(edition_id: str) -> pd.DataFrame:
    """The families of routes in their order, each with its sentence, its window and the ids of its routes."""
    return ask(
        edition_id,
        """
        select route_family.*, routes from route_family
        join (select family_id, list(route_id order by route_id) as routes from route group by family_id) using (family_id)
        order by position""",
    )


def legs(edition_id: str) -> pd.DataFrame:
    """All legs with their path, the names of their ends and what their route is."""
    return ask(
        edition_id,
        """
        select route_leg.*, route.name as route, crime, strength, a.name as from_name, b.name as to_name, a.iso3 as from_iso3,
               b.iso3 as to_iso3
        from route_leg join route using (route_id) join place as a on a.place_id = from_place
        join place as b on b.place_id = to_place order by route_id, branch, leg""",
    )


def places(edition_id: str) -> pd.DataFrame:
    """All places that a leg touches, with where to write their names."""
    return ask(
        edition_id,
        """
        select place.*, country.name as country from place left join country using (iso3)
        where place_id in (select from_place from route_leg union select to_place from route_leg) order by priority, place_id""",
    )


def evidence(edition_id: str, route_id: str) -> pd.DataFrame:
    """Every published figure of a route, newest first, with source, Admiralty pair, grade and caveats."""
    return ask(
        edition_id,
        """
        from route_evidence where route_id = $route
        order by measure = 'fee', coalesce(period_end, period_start) desc nulls last, evidence_id""",
        {"route": route_id},
    )


def incidents(edition_id: str) -> pd.DataFrame:
    """Every incident with coordinates, as drawn on the map: place, month, people, cause, quality of the source, kind."""
    return ask(
        edition_id,
        """
        select incident_id, lon, lat, year, coalesce(month, 0) as month, dead_and_missing as people, source_quality as quality,
               kind, cause, route, coalesce(name, 'country not stated') as country, coalesce(region, '') as region
        from incident left join country using (iso3) where lon is not null order by year, incident_id""",
    )


def incident_squares(edition_id: str) -> pd.DataFrame:
    """People recorded dead or missing in each square of a degree: longitude and latitude of its middle by people, and how many."""
    return ask(
        edition_id,
        """
        select round(sum(lon * dead_and_missing) / sum(dead_and_missing), 2) as lon,
               round(sum(lat * dead_and_missing) / sum(dead_and_missing), 2) as lat, sum(dead_and_missing)::integer as people
        from incident where lon is not null and dead_and_missing > 0 group by round(lon), round(lat) order by all""",
    )


def incident_months(edition_id: str, iso3: str | None, first_year: int, last_year: int) -> pd.DataFrame:
    """People and incident rows by month of the year, for one country of incident (None = all), years inclusive."""
    return ask(
        edition_id,
        """
        select month, sum(dead_and_missing)::bigint as people, count(*) as incidents,
               count(*) filter (where kind = 'cumulative') as cumulative
        from incident where month is not null and year between $first and $last and ($iso3 is null or iso3 = $iso3)
        group by month order by month""",
        {"iso3": iso3, "first": first_year, "last": last_year},
    )


def incident_summary(edition_id: str, iso3: str | None, first_year: int, last_year: int) -> dict:
    """Rows, people, cumulative rows, rows of low source quality, the part of the road from Afghanistan into Iran, and the grade.

    `grade`: the letter that at least four fifths of the people reach in the yearly figures made of these rows; U if none do.
    """
    return (
        ask(
            edition_id,
            """
        with graded as (
            select grade_of_most(grade, coalesce(value, (lower + upper) / 2)) as letter from figure
            where indicator_id = 'deaths_and_disappearances' and source_id = 'iom_missing_migrants' and partner_iso3 is null
                and sex = 'total' and age = 'total' and year(period_end) between $first and $last
                and iso3 in (select iso3 from incident) and ($iso3 is null or iso3 = $iso3))
        select coalesce((select letter from graded), 'U') as grade, count(*) as incidents, coalesce(sum(dead_and_missing), 0)::bigint as people,
               count(*) filter (where kind = 'cumulative') as cumulative,
               count(*) filter (where source_quality <= 2) as weakly_sourced,
               count(*) filter (where lon is null) as without_place,
               count(*) filter (where route = 'Afghanistan to Iran') as road_incidents,
               coalesce(sum(dead_and_missing) filter (where route = 'Afghanistan to Iran'), 0)::bigint as road_people
        from incident where year between $first and $last and ($iso3 is null or iso3 = $iso3)""",
            {"iso3": iso3, "first": first_year, "last": last_year},
        )
        .iloc[0]
        .to_dict()
    )


def routes_of_member(edition_id: str, iso3: str) -> pd.DataFrame:
    """The routes that touch a member, and in which role: origin, transit, destination."""
    return ask(
        edition_id,
        """
        select route_id, name, crime, strength, summary, tlp,
               list_filter(['origin', 'transit', 'destination'], lambda role: case role
                   when 'origin' then list_contains(origins, $iso3) when 'transit' then list_contains(transits, $iso3)
                   else list_contains(destinations, $iso3) end) as roles
        from route where list_contains(list_concat(origins, transits, destinations), $iso3) order by route_id""",
        {"iso3": iso3},
    )


def corridor_pairs(edition_id: str) -> pd.DataFrame:
    """Pairs of places with figures in both ends' catalog: origin, destination, how many indicators, latest year."""
    return ask(
        edition_id,
        """
        select partner_iso3 as origin, iso3 as destination, count(distinct indicator_id) as indicators, max(year) as latest
        from figure_annotated where partner_iso3 is not null and iso3 not in ('WLD', partner_iso3)
        and partner_iso3 not in (select unnest($no_place)) group by all order by origin, destination""",
        {"no_place": list(NO_PLACE)},
    )


def corridor_series(edition_id: str, origin: str, destination: str) -> pd.DataFrame:
    """Every figure of people from `origin` counted in `destination`, all indicators and years."""
    return ask(
        edition_id,
        """
        from figure_annotated where partner_iso3 = $origin and iso3 = $destination and sex = 'total' and age = 'total'
        and form = 'total' order by position, indicator_id, year""",
        {"origin": origin, "destination": destination},
    )


def routes_between(edition_id: str, origin: str, destination: str) -> pd.DataFrame:
    """Routes that begin in one place and lead to, or through, the other."""
    return ask(
        edition_id,
        """
        select route_id, name, crime, strength, summary, tlp, list_contains(destinations, $destination) as ends_there from route
        where list_contains(origins, $origin)
        and list_contains(list_concat(transits, destinations), $destination) order by route_id""",
        {"origin": origin, "destination": destination},
    )


def corridor_history(edition_id: str, indicator_id: str) -> pd.DataFrame:
    """One indicator over all corridors by year, with `origin` and `destination`; both ends are places, not groups."""
    return ask(
        edition_id,
        """
        select *, partner_iso3 as origin, iso3 as destination
        from figure_annotated where indicator_id = $indicator and partner_iso3 is not null and iso3 <> 'WLD'
        and partner_iso3 not in (select unnest($no_place)) and iso3 <> partner_iso3 and sex = 'total' and form = 'total'
        order by origin, destination, year""",
        {"indicator": indicator_id, "no_place": list(NO_PLACE)},
    )


def visa(edition_id: str, origin: str, destination: str) -> pd.DataFrame:
    """What citizens of `origin` need to enter `destination`: rule, days, and the source that says so; one row or none."""
    return ask(
        edition_id,
        """
        select rule, days, title, edition, publisher from visa_rule join source using (source_id)
        where origin_iso3 = $origin and destination_iso3 = $destination""",
        {"origin": origin, "destination": destination},
    )


def deaths_on(edition_id: str, roads: Sequence[str]) -> dict:
    """People recorded dead or missing on what their collector calls these roads: people, incident rows, cumulative rows, first and
    last year.
    """
    return (
        ask(
            edition_id,
            """
        select coalesce(sum(dead_and_missing), 0)::bigint as people, count(*) as incidents,
               count(*) filter (where kind = 'cumulative') as cumulative, min(year) as first, max(year) as last
        from incident where list_contains($roads, route)""",
            {"roads": list(roads)},
        )
        .iloc[0]
        .to_dict()
    )


def incident_span(edition_id: str) -> tuple[int, int]:
    """First and last year with incidents."""
    row = ask(edition_id, "select min(year) as first, max(year) as last from incident").iloc[0]
    return int(row["first"]), int(row["last"])


def source_caveats(edition_id: str, source_id: str) -> list[str]:
    """The codes of all caveats that any figure of a source carries."""
    rows = ask(
        edition_id,
        """
        select distinct unnest(caveats) as code from figure where source_id = $source order by code""",
        {"source": source_id},
    )
    return list(rows.code)


def source_names(edition_id: str) -> pd.DataFrame:
    """Publisher and title of every source of the edition."""
    return ask(edition_id, "select publisher, title from source order by publisher, title")
