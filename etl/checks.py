"""What must hold in a draft before it is published: each check is a question whose answer should be nothing.

A *must* check stops the edition and names the rows. The others are recorded and shown as open questions.
"""

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
_STAGED = {
    "indicators are known to the catalog": f"""select {WHO} || ': ' || indicator_id from staged
        where indicator_id not in (select indicator_id from indicator)""",
    "statuses, sexes, ages and forms are the house's": f"""select {WHO} || ': ' || concat_ws(', ', status, sex, age, form) from staged
        where coalesce(status, '') not in {FIGURE_STATUSES} or coalesce(sex, '') not in {SEXES}
        or coalesce(age, '') not in {AGES} or coalesce(form, '') not in {FORMS}""",
    "no cell that a figure needs is empty": f"""select coalesce({WHO}, source_id || ', a row without place, period or reference') from staged
        where iso3 is null or indicator_id is null or period_start is null or period_end is null
        or source_ref is null or provider_label is null""",
}

# Each stops the edition.
MUST = {
    "every figure has a source reference and a provider label": f"""select {WHO} from figure
        where trim(source_ref) = '' or trim(provider_label) = ''""",
    "places are known to the catalog": f"""select {WHO} from figure where iso3 not in (select iso3 from country)
        or (partner_iso3 is not null and partner_iso3 not in (select iso3 from country))""",
    "a member stands at one end of every figure": f"""select {WHO} from figure where iso3 not in (select iso3 from member)
        and coalesce(partner_iso3, '') not in (select iso3 from member)""",
    "no figure lies in the future": f"select {WHO} from figure, edition where period_end > make_date(year(dated), 12, 31)",
    "no count is negative or endless": f"""select {WHO} from figure join indicator using (indicator_id)
        where (kind = 'count' and (value < 0 or lower < 0)) or not isfinite(value) or not isfinite(upper)""",
    "a masked figure shows bounds and no value": f"""select {WHO} from figure
        where status = 'masked' and (value is not null or lower is null or upper is null)""",
    "what is not reported has neither value nor bounds": f"""select {WHO} from figure
        where status = 'not_reported' and coalesce(value, lower, upper) is not null""",
    "a zero is zero and a reported figure has a value": f"""select {WHO} from figure where (status = 'zero' and value is distinct from 0)
        or (status in ('reported', 'corrected', 'provisional') and value is null)""",
    "a value lies inside its own bounds": f"select {WHO} from figure where value < lower or value > upper or lower > upper",
    "figures have distinct ids": "select figure_id from figure group by all having count(*) > 1",
    "a series has one total a year": """select source_id || ', ' || indicator_id || ', ' || iso3 || ', ' || year(period_end) from figure
       where partner_iso3 is null and sex = 'total' and age = 'total' and form = 'total'
       group by source_id, indicator_id, iso3, period_end having count(*) > 1""",
    "every figure carries at least one caveat": f"select {WHO} from figure where len(caveats) = 0",
    "no caveat is carried by every figure": """select caveat_id || ' applies to every figure and so tells nothing apart; narrow its rule in corridors/catalog/caveats.toml'
       from (select unnest(caveats) as caveat_id from figure) group by caveat_id
       having count(*) = (select count(*) from figure) and (select count(distinct source_id) from figure) > 1
       and caveat_id not in (select caveat_id from caveat_rule where "when" = 'single_source')  -- true of all in small data""",
    "every figure and every source may be shared publicly": f"""select {WHO} || ' bears TLP:' || coalesce(tlp, 'nothing')
        || '; a restricted figure comes in as a briefing, a plan or a case table, because sums are worked out from all of these'
        from figure where tlp is distinct from 'CLEAR'
        union all
        select source_id || ' bears TLP:' || tlp || ' in its source.toml; hand restricted figures in as a briefing, a plan or a case table'
        from source where tlp <> 'CLEAR'""",
    "what is listed as a conflict may be shared publicly": """select evidence_id || ' bears TLP:' || tlp
       || '; empty its cell “conflict” in data/editorial/routes/evidence.csv, because conflicts are listed for everybody'
       from route_evidence where conflict is not null and tlp <> 'CLEAR'""",
    "every figure is graded or says why not": f"select {WHO} from figure where trim(grade_reason) = ''",
    "cells read = kept + rejected + out of scope": """select source_id || ': ' || cells_read || ' read, ' || (kept + rejected + out_of_scope) || ' accounted for'
       from source_account where cells_read <> kept + rejected + out_of_scope""",
    "every figure imported or worked out is in the edition": """select (select count(*) from staged) || ' rows, but ' || (select count(*) from figure) || ' figures'
       where (select count(*) from staged) <> (select count(*) from figure)""",
    "every source gave figures": """select source_id from source where source_id not in (select source_id from figure)
       and source_id not in (select source_id from visa_rule) and source_id not in (select source_id from pair_fact)""",
}

# Each is recorded and shown as an open question.
OPEN = {
    "every caveat that names figures is carried by some": """select caveat_id || ' applies to nothing; mend its rule in corridors/catalog/caveats.toml, or say what it waits for in applies_later'
       from caveat_rule where caveat_id not in (
           select unnest(caveats) from figure union all select unnest(caveats) from regional_total
           union all select unnest(caveats) from route_evidence) group by caveat_id""",
    "every step in a series is decided": """select indicator_id || ', ' || iso3 || case view when 'partner' then ' (all places)' else '' end || ', ' || year || ': ' || reason
       || '; decide at the desk, or in data/editorial/breaks.toml'
       from series_break where not decided""",
    "victims by sex do not exceed the total": """with part as (
         select source_id, indicator_id, iso3, period_end, sum(coalesce(value, lower)) as parts from figure
         where partner_iso3 is null and form = 'total' and age = 'total' and sex <> 'total' group by all)
       select part.source_id || ', ' || part.indicator_id || ', ' || part.iso3 || ', ' || year(part.period_end)
              || ': parts ' || parts::bigint || ', total ' || coalesce(value, upper)::bigint
       from part join figure as whole using (source_id, indicator_id, iso3, period_end)
       where whole.partner_iso3 is null and whole.form = 'total' and whole.age = 'total' and whole.sex = 'total'
       and parts > coalesce(whole.value, whole.upper)""",
    "the incidents know each road whose deaths a family of routes counts": """select 'families.csv, deaths_on of ' || family_id || ': “' || road || '” is no route of the incidents; correct the name'
       from (select family_id, unnest(deaths_on) as road from route_family)
       where road not in (select route from incident where route is not null)""",
    "no source fell by more than half since the last edition": """select source_id || ': ' || before || ' figures before, ' || now || ' now'
        from shrunk""",
}

STAGED = [Check(name, True, sql) for name, sql in _STAGED.items()]
CHECKS = [Check(name, name in MUST, sql) for name, sql in (MUST | OPEN).items()]


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
