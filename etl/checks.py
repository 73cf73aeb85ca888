"""What must hold in a draft before it is published: each check is a question whose answer should be nothing.

A *must* check stops the edition and names the rows. The others are recorded and shown as open questions.
"""

from __future__ import annotations

from dataclasses import dataclass

from corridors.problems import CheckFailed
from etl.frames import AGES, FIGURE_STATUSES, FORMS, SEXES


@dataclass(frozen=True)
class Check:
    """A question in SQL that returns its offenders, one line of text each."""

    name: str
    must: bool
    sql: str


WHO = "source_id || ', ' || indicator_id || ', ' || iso3 || coalesce(' and ' || partner_iso3, '') || ', ' || year(period_end) || ' (' || source_ref || ')'"

# Asked of the imported rows before anything is derived from them.
STAGED = [
    Check(
        "indicators are known to the catalog",
        True,
        f"select {WHO} || ': ' || indicator_id from staged where indicator_id not in (select indicator_id from indicator)",
    ),
    Check(
        "statuses, sexes, ages and forms are the house's",
        True,
        f"""select {WHO} || ': ' || concat_ws(', ', status, sex, age, form) from staged
              where coalesce(status, '') not in {FIGURE_STATUSES} or coalesce(sex, '') not in {SEXES}
              or coalesce(age, '') not in {AGES} or coalesce(form, '') not in {FORMS}""",
    ),
    Check(
        "no cell that a figure needs is empty",
        True,
        f"""select coalesce({WHO}, source_id || ', a row without place, period or reference') from staged
              where iso3 is null or indicator_id is null or period_start is null or period_end is null
              or source_ref is null or provider_label is null""",
    ),
]

CHECKS = [
    Check(
        "every figure has a source reference and a provider label",
        True,
        f"select {WHO} from figure where trim(source_ref) = '' or trim(provider_label) = ''",
    ),
    Check(
        "places are known to the catalog",
        True,
        f"""select {WHO} from figure where iso3 not in (select iso3 from country)
              or (partner_iso3 is not null and partner_iso3 not in (select iso3 from country))""",
    ),
    Check(
        "a member stands at one end of every figure",
        True,
        f"""select {WHO} from figure where iso3 not in (select iso3 from member)
              and coalesce(partner_iso3, '') not in (select iso3 from member)""",
    ),
    Check(
        "no figure lies in the future",
        True,
        f"select {WHO} from figure, edition where period_end > make_date(year(dated), 12, 31)",
    ),
    Check(
        "no count is negative or endless",
        True,
        f"""select {WHO} from figure join indicator using (indicator_id)
              where (kind = 'count' and (value < 0 or lower < 0)) or not isfinite(value) or not isfinite(upper)""",
    ),
    Check(
        "a masked figure shows bounds and no value",
        True,
        f"select {WHO} from figure where status = 'masked' and (value is not null or lower is null or upper is null)",
    ),
    Check(
        "what is not reported has neither value nor bounds",
        True,
        f"select {WHO} from figure where status = 'not_reported' and coalesce(value, lower, upper) is not null",
    ),
    Check(
        "a zero is zero and a reported figure has a value",
        True,
        f"""select {WHO} from figure where (status = 'zero' and value is distinct from 0)
              or (status in ('reported', 'corrected', 'provisional') and value is null)""",
    ),
    Check(
        "a value lies inside its own bounds",
        True,
        f"select {WHO} from figure where value < lower or value > upper or lower > upper",
    ),
    Check("figures have distinct ids", True, "select figure_id from figure group by all having count(*) > 1"),
    Check(
        "a series has one total a year",
        True,
        """select source_id || ', ' || indicator_id || ', ' || iso3 || ', ' || year(period_end) from figure
             where partner_iso3 is null and sex = 'total' and age = 'total' and form = 'total'
             group by source_id, indicator_id, iso3, period_end having count(*) > 1""",
    ),
    Check("every figure carries at least one caveat", True, f"select {WHO} from figure where len(caveats) = 0"),
    Check(
        "every caveat that names figures is carried by some",
        False,
        """select caveat_id || ' applies to nothing; mend its rule in corridors/catalog/caveats.toml, or say what it waits for in applies_later'
             from caveat_rule where caveat_id not in (
                 select unnest(caveats) from figure union all select unnest(caveats) from regional_total
                 union all select unnest(caveats) from route_evidence) group by caveat_id""",
    ),
    Check(
        "no caveat is carried by every figure",
        True,
        """select caveat_id || ' applies to every figure and so tells nothing apart; narrow its rule in corridors/catalog/caveats.toml'
             from (select unnest(caveats) as caveat_id from figure) group by caveat_id
             having count(*) = (select count(*) from figure) and (select count(distinct source_id) from figure) > 1
             and caveat_id not in (select caveat_id from caveat_rule where "when" = 'single_source')  -- true of all in small data""",
    ),
    Check(
        "every figure and every source may be shared publicly",
        True,
        f"""select {WHO} || ' bears TLP:' || coalesce(tlp, 'nothing')
              || '; a restricted figure comes in as a briefing, a plan or a case table, because sums are worked out from all of these'
              from figure where tlp is distinct from 'CLEAR'
              union all
              select source_id || ' bears TLP:' || tlp || ' in its source.toml; hand restricted figures in as a briefing, a plan or a case table'
              from source where tlp <> 'CLEAR'""",
    ),
    Check(
        "what is listed as a conflict may be shared publicly",
        True,
        """select evidence_id || ' bears TLP:' || tlp
             || '; empty its cell “conflict” in data/editorial/routes/evidence.csv, because conflicts are listed for everybody'
             from route_evidence where conflict is not null and tlp <> 'CLEAR'""",
    ),
    Check("every figure is graded or says why not", True, f"select {WHO} from figure where trim(grade_reason) = ''"),
    Check(
        "cells read = kept + rejected + out of scope",
        True,
        """select source_id || ': ' || cells_read || ' read, ' || (kept + rejected + out_of_scope) || ' accounted for'
             from source_account where cells_read <> kept + rejected + out_of_scope""",
    ),
    Check(
        "every figure imported or worked out is in the edition",
        True,
        """select (select count(*) from staged) || ' rows, but ' || (select count(*) from figure) || ' figures'
             where (select count(*) from staged) <> (select count(*) from figure)""",
    ),
    Check(
        "every source gave figures",
        True,
        """select source_id from source where source_id not in (select source_id from figure)
             and source_id not in (select source_id from visa_rule) and source_id not in (select source_id from pair_fact)""",
    ),
    Check(
        "every step in a series is decided",
        False,
        """select indicator_id || ', ' || iso3 || case view when 'partner' then ' (all places)' else '' end || ', ' || year || ': ' || reason
             || '; decide at the desk, or in data/editorial/breaks.toml'
             from series_break where not decided""",
    ),
    Check(
        "victims by sex do not exceed the total",
        False,
        """with part as (
               select source_id, indicator_id, iso3, period_end, sum(coalesce(value, lower)) as parts from figure
               where partner_iso3 is null and form = 'total' and age = 'total' and sex <> 'total' group by all)
             select part.source_id || ', ' || part.indicator_id || ', ' || part.iso3 || ', ' || year(part.period_end)
                    || ': parts ' || parts::bigint || ', total ' || coalesce(value, upper)::bigint
             from part join figure as whole using (source_id, indicator_id, iso3, period_end)
             where whole.partner_iso3 is null and whole.form = 'total' and whole.age = 'total' and whole.sex = 'total'
             and parts > coalesce(whole.value, whole.upper)""",
    ),
    Check(
        "the incidents know each road whose deaths a family of routes counts",
        False,
        """select 'families.csv, deaths_on of ' || family_id || ': “' || road || '” is no route of the incidents; correct the name'
             from (select family_id, unnest(deaths_on) as road from route_family)
             where road not in (select route from incident where route is not null)""",
    ),
    Check(
        "no source fell by more than half since the last edition",
        False,
        "select source_id || ': ' || before || ' figures before, ' || now || ' now' from shrunk",
    ),
]


def run(connection, questions: list[Check] = CHECKS) -> list[tuple[Check, list[str]]]:
    """Asks every question of the draft, records the answers in `check_result`, and returns those with offenders.

    Raises CheckFailed naming every failed *must* check and its first offenders.
    """
    open_questions, failed = [], []
    for check in questions:
        offenders = sorted(str(row[0]) for row in connection.execute(check.sql).fetchall())  # the same ones first each time
        connection.execute(
            "insert into check_result values (?, ?, ?, ?)",
            [check.name, check.must, len(offenders), offenders[0] if offenders else None],
        )
        if offenders:
            open_questions.append((check, offenders))
            if check.must:
                failed.append(f"{check.name}: {len(offenders)} offenders, first {'; '.join(offenders[:5])}")
    if failed:
        raise CheckFailed(failed)
    return open_questions
