"""A member in two or three sentences, and what an official may say aloud: made from the figures, never written by hand."""

from dataclasses import dataclass

import pandas as pd

from corridors import catalog
from corridors.catalog import words
from corridors.store.queries import actions, figures, quality, routes
from corridors.views.figure import if_held

VICTIMS = "detected_victims"
# How a role is said; a member that is several things to a route counts in each.
ROLES = {"origin": "origin", "transit": "transit", "destination": "destination"}
MAIN = ("destination", "transit", "origin")  # which role colours a route of a member that has several


@dataclass(frozen=True)
class Summary:
    """A member at a glance."""

    sentence: str  # markdown: victims and how they moved; routes and roles; part in the last period of action
    aloud: tuple[str, ...]  # one to three sentences ready to be read, with their caveat inside
    roles: dict[str, str]  # route → the role that colours it


def summary(edition_id: str, iso3: str) -> Summary:
    """What stands at the head of a member's page, of its brief and of its slide."""
    member = catalog.load().members[iso3]
    name = member.short_name or member.name
    mine = routes.routes_of_member(edition_id, iso3)
    victims = _victims(edition_id, iso3)
    parts = [_victims_sentence(victims, name), _routes_sentence(mine, name), _action_sentence(edition_id, iso3, name)]
    return Summary(" ".join(filter(None, parts)), _aloud(victims, mine, name), role_of_each(mine))


def role_of_each(mine: pd.DataFrame) -> dict[str, str]:
    """Route → the role that colours it, of rows of `routes_of_member`."""
    return {r.route_id: next(role for role in MAIN if role in list(r.roles)) for r in mine.itertuples()}


@dataclass(frozen=True)
class _Victims:
    year: int
    text: str  # "295 victims", "1 to 4 victims"
    exact: int | None
    before: tuple[int, str, int | None] | None  # the newest earlier year: year, figure in words, number
    trend: str  # "no steady trend since 2017", or empty
    publisher: str
    incomplete: bool


def _counted(number: int) -> str:
    """A number as a sentence begins with it."""
    names = "No One Two Three Four Five Six Seven Eight Nine Ten Eleven Twelve".split()
    return names[number] if number < len(names) else str(number)


def _victims(edition_id: str, iso3: str) -> _Victims | None:
    held = figures.figures(edition_id, iso3, "victims")
    whole = held[
        (held.indicator_id == VICTIMS) & (held.sex == "total") & (held.age == "total") & (held.form == "total")
    ].sort_values("year")
    if whole.empty:
        return None
    rows = list(whole.itertuples())
    last = rows[-1]
    exact = None if words.missing(last.value) else int(last.value)
    before = None
    if len(rows) > 1:
        row = rows[-2]
        before = (int(row.year), words.figure(row), None if words.missing(row.value) else int(row.value))
    trend = ""
    for row in if_held(quality.trends, edition_id, iso3).itertuples():
        if row.indicator_id == VICTIMS and row.view == "place":
            since = int(row.first_year) if words.missing(row.since_break) else int(row.since_break)
            if row.verdict in ("rose", "fell"):
                trend = f"what is recorded {row.verdict} since {since}"
            elif row.verdict == "no steady rise or fall":
                trend = f"no steady trend since {since}"
    caveats = catalog.load().caveats
    incomplete = any("incomplete" in caveats[code].title for code in last.caveats if code in caveats)
    return _Victims(
        int(last.year),
        f"{words.figure(last)} {words.unit(last)}",
        exact,
        before,
        trend,
        str(last.publisher),
        incomplete,
    )


def _victims_sentence(victims: _Victims | None, name: str) -> str:
    if victims is None:
        return f"No figure of detected victims of trafficking is held for {name}, which is not zero."
    moved = ""
    if victims.before:
        year, text, number = victims.before
        if victims.exact is not None and number is not None and victims.exact != number:
            moved = f", {'up' if victims.exact > number else 'down'} from {text} in {year}"
        else:
            moved = f" ({text} in {year})"
    trend = f"; {victims.trend}" if victims.trend else ""
    return f"Authorities detected **{victims.text}** of trafficking in {victims.year}{moved}{trend}."


def _routes_sentence(mine: pd.DataFrame, name: str) -> str:
    if mine.empty:
        return f"No described route touches {name}."
    counts = {role: sum(role in list(roles) for roles in mine.roles) for role in ROLES}
    said = [f"{ROLES[role]} on {count}" for role, count in sorted(counts.items(), key=lambda item: -item[1]) if count]
    if len(mine) == 1:
        return f"**One described route**, as {' and '.join(ROLES[role] for role in ROLES if counts[role])}."
    return f"**{_counted(len(mine))} described routes**: {', '.join(said)}."


def _action_sentence(edition_id: str, iso3: str, name: str) -> str:
    """What the member did in the newest period of action that was held; empty where nothing is known of it."""
    periods = actions.actions(edition_id)
    held = periods[periods.held == "yes"]
    if held.empty:
        return ""
    action = held.sort_values(["last_day", "action"]).iloc[-1].action
    plans = actions.plans(edition_id)
    joined = sum(iso3 in list(row.partners) for row in plans.itertuples() if row.action == action)
    days = actions.commitments(edition_id, action)
    committed = days[(days.party == iso3)]
    roles = actions.participants(edition_id, action)
    roles = set(roles[roles.party == iso3].role)
    if joined:
        return f"Last period of action: partner in {'one plan' if joined == 1 else f'{_counted(joined).lower()} plans'}."
    if "co_chair" in roles:
        return "Last period of action: co-chair."
    if len(committed):
        return "Last period of action: made a commitment."
    if "participant" in roles:
        return "Last period of action: recorded as taking part."
    return "Last period of action: named in its record." if roles else ""


def _aloud(victims: _Victims | None, mine: pd.DataFrame, name: str) -> tuple[str, ...]:
    said = []
    if victims is None:
        said.append(
            f"We hold no figure on detected victims of trafficking for {name}. That does not mean that there were none."
        )
    else:
        rest = " Replies are incomplete." if victims.incomplete else ""
        said.append(
            f"{name} reported {victims.text} of trafficking in {victims.year} to {victims.publisher}: those found, not how many "
            f"there were.{rest}"
        )
    if len(mine):
        strong = sum(row.strength in ("strong", "fair") for row in mine.itertuples())
        said.append(
            f"Public literature describes {_counted(len(mine)).lower()} {'route' if len(mine) == 1 else 'routes'} that "
            f"{'touches' if len(mine) == 1 else 'touch'} {name}; {strong} of them with fair or strong evidence. "
            "It does not say how many people use them."
        )
    return tuple(said)
