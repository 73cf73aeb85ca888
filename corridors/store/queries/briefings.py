"""Named queries about country briefings. As in `reading`: parameters only, small frames, no number without its source.

What is above the label of the edition's key is not in the file that is read, so it is neither shown nor counted.
"""

import pandas as pd

from corridors import catalog
from corridors.store.queries.figures import ask


def briefings(edition_id: str, iso3: str | None = None) -> pd.DataFrame:
    """The valid briefings, one member's or all, with how many rows each has; newest period first, members by name."""
    return ask(
        edition_id,
        """
        select briefing.*, country.name as place,
               (select count(*) from briefing_figure as f where f.briefing_id = briefing.briefing_id) as figures,
               (select count(*) from briefing_route as r where r.briefing_id = briefing.briefing_id) as routes,
               (select count(*) from briefing_factor as f where f.briefing_id = briefing.briefing_id) as factors,
               (select count(*) from briefing_network as n where n.briefing_id = briefing.briefing_id) as networks
        from briefing join country using (iso3) where ($iso3 is null or iso3 = $iso3)
        order by place, period_end desc, period_start desc""",
        {"iso3": iso3},
    )


def figures(edition_id: str, iso3: str) -> pd.DataFrame:
    """Every figure of a member's valid briefings, as `briefing_annotated` has it; by measure, newest first, totals first."""
    return ask(
        edition_id,
        """
        from briefing_annotated where iso3 = $iso3
        order by position, period_end desc, period_start desc, partner is not null, partner,
                 form <> 'total', form, sex <> 'total', sex, age""",
        {"iso3": iso3},
    )


def beside(edition_id: str, iso3: str) -> pd.DataFrame:
    """A member's own figures, each beside the international one with most days in common, else of the nearest year; never averaged.

    One row for each own figure of a measure that compares with an indicator, and each publisher of it; columns `their_*` are
    empty where there is none with the same breakdown. `differences` is a list of sentences: definition, counted thing,
    period, coverage, standing.
    """
    rows = ask(
        edition_id,
        """
        with own as (from briefing_annotated where iso3 = $iso3 and compares_with is not null),
        pair as (
            select own.*, their.indicator as their_name, their.value as their_value, their.lower as their_lower,
                   their.upper as their_upper, their.status as their_status, their.period_start as their_start,
                   their.period_end as their_end, their.year as their_year, their.unit_one as their_unit_one,
                   their.unit_many as their_unit_many, their.publisher as their_publisher, their.source_title as their_source,
                   their.source_edition as their_edition, their.released as their_released, their.address as their_address,
                   their.grade as their_grade, their.grade_reason as their_grade_reason, their.caveats as their_caveats,
                   their.tlp as their_tlp
            from own left join figure_annotated as their
                on their.iso3 = own.iso3 and their.indicator_id = own.compares_with and their.sex = own.sex
                and their.age = own.age and their.form = own.form and their.partner_iso3 is not distinct from own.partner_iso3
            qualify row_number() over (partition by own.figure_id, their.source_id
                                       order by greatest(0, least(own.period_end, their.period_end)
                                           - greatest(own.period_start, their.period_start)) desc, abs(their.year - year(own.period_end)), their.year desc) = 1)
        from pair order by position, period_end desc, partner, form, sex, age, their_publisher""",
        {"iso3": iso3},
    )
    rows["differences"] = [differences(row) for row in rows.to_dict("records")]
    return rows


def differences(row: dict) -> list[str]:
    """What sets a member's own figure apart from the international one, a sentence each; `row` as `beside` returns it."""
    if _none(row["their_name"]):
        return ["No international figure with this breakdown is imported."]
    said = [row["differs"]]
    if row["unit_many"] != row["their_unit_many"]:
        said.append(
            f"Counted thing: the briefing counts {row['unit_many']}, {row['their_publisher']} counts {row['their_unit_many']}."
        )
    own, theirs = _span(row["period_start"], row["period_end"]), _span(row["their_start"], row["their_end"])
    fiscal = catalog.load().fiscal_name(
        row["iso3"], *(pd.Timestamp(row[end]).date() for end in ("period_start", "period_end"))
    )
    said.append(
        f"Period: both cover {own}."
        if own == theirs
        else f"Period: the briefing covers {f'the {fiscal}, ' if fiscal else ''}{own}, {row['their_publisher']} covers {theirs}; "
        "a rise or fall between them is no difference of sources."
    )
    said.append(_coverage(row))
    if row["state"] == "provisional" or row["status"] == "provisional":
        said.append("Standing: the member's figure is provisional and may change.")
    for name, status in (
        ("the member's figure", row["status"]),
        (f"the figure of {row['their_publisher']}", row["their_status"]),
    ):
        if status == "masked":
            said.append(f"Standing: {name} is hidden, and only its range is known.")
        elif status == "estimated":
            said.append(f"Standing: {name} is an estimate.")
    if row["status"] == "not_reported":
        said.append("Standing: the member says that nobody counts this; that is not a zero.")
    return said


def _coverage(row: dict) -> str:
    expected, received = row["reports_expected"], row["reports_received"]
    if _none(expected) or _none(received):
        return "Coverage: the briefing does not say how many of its offices reported."
    return f"Coverage: {received:g} of {expected:g} expected reports are in the member's figure."


def _span(start, end) -> str:
    first, last = pd.Timestamp(start), pd.Timestamp(end)
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
        return str(first.year) if first.year == last.year else f"{first.year} to {last.year}"
    return f"{last:%Y-%m-%d}" if first == last else f"{first:%Y-%m-%d} to {last:%Y-%m-%d}"


def _none(value) -> bool:
    return value is None or bool(pd.isna(value))


def factors(edition_id: str, iso3: str | None = None) -> pd.DataFrame:
    """What members say pushes, pulls or makes it easier, with the factor's name and whether the row was compiled."""
    return ask(
        edition_id,
        """
        select row.*, factor.name as factor, country.name as place, partner.name as partner, period, compiled, state,
               office, received
        from briefing_factor as row join briefing using (briefing_id) join factor using (factor_id)
        join country on country.iso3 = row.iso3 left join country as partner on partner.iso3 = row.partner_iso3
        where ($iso3 is null or row.iso3 = $iso3)
        order by factor.position, place, briefing.period_end desc""",
        {"iso3": iso3},
    )


def networks(edition_id: str, iso3: str | None = None) -> pd.DataFrame:
    """How networks are described, one row a description: structure, roles, methods, money, recruitment, evidence, source."""
    return ask(
        edition_id,
        """
        select row.*, country.name as place, period, compiled, state, office, received
        from briefing_network as row join briefing using (briefing_id) join country on country.iso3 = row.iso3
        where ($iso3 is null or row.iso3 = $iso3)
        order by crime, structure, place, briefing.period_end desc""",
        {"iso3": iso3},
    )


def network_counts(edition_id: str) -> pd.DataFrame:
    """How many descriptions name each word of structure, recruitment and evidence, by crime and by whose words they are.

    These are counts of descriptions in briefings, never of networks; columns `aspect`, `word`, `crime`, `own` (said by the
    member's authorities), `descriptions`, `members`. A structure that was read in counts as not said.
    """
    return ask(
        edition_id,
        """
        with seen as (select *, said_by = 'member' as own from briefing_network),
        word as (
            select 'structure' as aspect, if(read_in, 'unknown', structure) as word, crime, own, iso3 from seen
            union all select 'recruitment', unnest(recruitment), crime, own, iso3 from seen
            union all select 'evidence', unnest(evidence), crime, own, iso3 from seen)
        select aspect, word, crime, own, count(*) as descriptions, count(distinct iso3) as members
        from word group by all order by all""",
    )
