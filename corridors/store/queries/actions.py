"""Named queries about Joint Periods of Action. What is above the label of the edition's key is not in its file.

Nothing here adds results up: each period counted other things.
"""

from datetime import date

import pandas as pd

from corridors.store.queries.figures import ask


def actions(edition_id: str) -> pd.DataFrame:
    """All periods, oldest first, with their aliases as a list and their source in words."""
    return ask(
        edition_id,
        """
        select action.*, coalesce(aliases, []) as aliases, title as source_title, publisher from action
        left join (select action, list(alias order by alias) as aliases from action_alias group by action) using (action)
        left join action_source on source_key = action.source order by first_day""",
    )


def _with_sources(edition_id: str, table: str, where: str, order: str, parameters: dict) -> pd.DataFrame:
    """Rows of one table with the title and publisher of their source. `table`, `where`, `order` come from this module."""
    return ask(
        edition_id,
        f"""
        select {table}.*, coalesce(s.title, 'Debrief of the period') as source_title, coalesce(s.publisher, 'Working Group') as publisher,
               coalesce(s.address, '') as address
        from {table} left join action_source as s on s.source_key = {table}.source where {where} order by {order}""",
        parameters,
    )


def aliases(edition_id: str) -> pd.DataFrame:
    """Every other name of a period, with its source."""
    return _with_sources(edition_id, "action_alias", "true", "action, alias", {})


def participants(edition_id: str, action: str | None = None) -> pd.DataFrame:
    """Who had which role in one period, or in all; by name."""
    return _with_sources(
        edition_id,
        "action_participant",
        "$action is null or action = $action",
        "action, role, party_name, agency",
        {"action": action},
    )


def commitments(edition_id: str, action: str | None = None) -> pd.DataFrame:
    """Everything on record about commitments of one period, or of all, oldest first."""
    return _with_sources(
        edition_id,
        "action_commitment",
        "$action is null or action = $action",
        "as_of, party_name, agency",
        {"action": action},
    )


def board(edition_id: str, action: str, as_of: date) -> pd.DataFrame:
    """The last word of each party and agency on one period by the end of a day; parties not yet heard are absent."""
    return ask(
        edition_id,
        """
        select c.*, s.title as source_title, s.publisher from action_commitment as c
        left join action_source as s on s.source_key = c.source
        where action = $action and as_of <= $day
        qualify row_number() over (partition by party, agency order by as_of desc) = 1
        order by rank desc, party_name, agency""",
        {"action": action, "day": as_of},
    )


def milestones(edition_id: str, action: str | None = None) -> pd.DataFrame:
    """The steps of one period, or of all and the Working Group's own, oldest first; undated ones last."""
    return _with_sources(
        edition_id,
        "action_milestone",
        "$action is null or action = $action",
        "first_day nulls last, milestone",
        {"action": action},
    )


def outcomes(edition_id: str, action: str | None = None) -> pd.DataFrame:
    """Published and reported results of one period, or of all, each for itself."""
    return _with_sources(
        edition_id,
        "action_outcome",
        "$action is null or action = $action",
        "action, outcome",
        {"action": action},
    )


def conflicts(edition_id: str) -> pd.DataFrame:
    """Every question on which sources differ, with all answers."""
    return _with_sources(edition_id, "action_conflict", "true", "action nulls last, conflict, position", {})


def facts(edition_id: str) -> pd.DataFrame:
    """What is on record about the Working Group and the form of a period, by topic."""
    return _with_sources(edition_id, "action_fact", "true", "action_fact.rowid", {})


def plans(edition_id: str) -> pd.DataFrame:
    """The investigation plans."""
    return _with_sources(edition_id, "investigation_plan", "true", "plan", {})


def plan_steps(edition_id: str, plan: str) -> pd.DataFrame:
    """Scope, steps, needs and context of one plan."""
    return _with_sources(
        edition_id,
        "plan_step",
        "plan = $plan",
        "position",
        {"plan": plan},
    )


def answers(edition_id: str) -> pd.DataFrame:
    """The answers of all debriefs, newest period first, in the order of the five questions."""
    return _with_sources(
        edition_id,
        "debrief_answer",
        "true",
        """action desc,
        list_position(['worked', 'not_worked', 'differently', 'next_steps', 'expansion'], question), member nulls first, text""",
        {},
    )


def practices(edition_id: str) -> pd.DataFrame:
    """The library of practices and case studies, by title."""
    return _with_sources(edition_id, "practice", "true", "practice.title", {})


def scenarios(edition_id: str) -> pd.DataFrame:
    """The tabletop scenarios, by title."""
    return _with_sources(edition_id, "scenario", "true", "scenario.title", {})


def tools(edition_id: str) -> pd.DataFrame:
    """Forums and tools that a period can use, tools first."""
    return _with_sources(edition_id, "planning_tool", "true", "planning_tool.kind desc, planning_tool.title", {})


def questions(edition_id: str) -> pd.DataFrame:
    """The checklist in its order."""
    return ask(edition_id, "from planning_question order by position")


def themes(edition_id: str) -> dict[str, str]:
    """The words to search by: theme → label, in their order."""
    rows = ask(edition_id, "from action_theme order by position")
    return dict(zip(rows.theme, rows.label))


def focus_quality(edition_id: str, origin: str, destination: str) -> pd.DataFrame:
    """What is held on a corridor: indicator, first and last year, figures, masked ones, grade of the last, publisher."""
    return ask(
        edition_id,
        """
        select indicator, min(year) as first_year, max(year) as last_year, count(*) as figures,
               count(*) filter (where status = 'masked') as masked, arg_max(grade, (period_end, figure_id)) as grade,
               arg_max(publisher, (period_end, figure_id)) as publisher
        from figure_annotated where partner_iso3 = $origin and iso3 = $destination and sex = 'total' and age = 'total' and form = 'total'
        group by indicator order by min(position), indicator""",
        {"origin": origin, "destination": destination},
    )
