"""A member in two or three sentences, and what an official may say aloud: made from the figures, never written by hand."""

from dataclasses import dataclass

import pandas as pd

from corridors import catalog
from corridors.catalog import words
from corridors.store.queries import actions, figures, quality, routes
from corridors.views.figure import if_held

VICTIMS = "detected_victims"
ROLES = ("origin", "transit", "destination")  # a member that is several things to a route counts in each
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
    victims, aloud = _victims(edition_id, iso3, name)
    parts = [victims, _routes_sentence(mine, name), _action_sentence(edition_id, iso3)]
    return Summary(" ".join(filter(None, parts)), (aloud, *_routes_aloud(mine, name)), role_of_each(mine))


def role_of_each(mine: pd.DataFrame) -> dict[str, str]:
    """Route → the role that colours it, of rows of `routes_of_member`."""
    return {r.route_id: next(role for role in MAIN if role in list(r.roles)) for r in mine.itertuples()}


def _counted(number: int) -> str:
    """A number as a sentence begins with it."""
    names = "No One Two Three Four Five Six Seven Eight Nine Ten Eleven Twelve".split()
    return names[number] if number < len(names) else str(number)


def _victims(edition_id: str, iso3: str, name: str) -> tuple[str, str]:
    """Detected victims and how they moved, as a sentence; and what may be said aloud of them."""
    held = figures.figures(edition_id, iso3, "victims")
    whole = held[(held.indicator_id == VICTIMS) & (held[["sex", "age", "form"]] == "total").all(axis=1)].sort_values("year")
    if whole.empty:
        return (
            f"No figure of detected victims of trafficking is held for {name}, which is not zero.",
            f"We hold no figure on detected victims of trafficking for {name}. That does not mean that there were none.",
        )
    *earlier, last = whole.itertuples()
    text, moved = f"{words.figure(last)} {words.unit(last)}", ""
    if earlier:
        before = earlier[-1]
        known = not (words.missing(last.value) or words.missing(before.value)) and int(last.value) != int(before.value)
        way = f", {'up' if last.value > before.value else 'down'} from " if known else " ("
        moved = f"{way}{words.figure(before)} in {before.year}{'' if known else ')'}"
    caveats = catalog.load().caveats
    incomplete = any("incomplete" in caveats[code].title for code in last.caveats if code in caveats)
    return (
        f"Authorities detected **{text}** of trafficking in {last.year}{moved}{_trend(edition_id, iso3)}.",
        f"{name} reported {text} of trafficking in {last.year} to {last.publisher}: those found, not how many there were."
        + (" Replies are incomplete." if incomplete else ""),
    )


def _trend(edition_id: str, iso3: str) -> str:
    """ "; no steady trend since 2017", or empty where there is no verdict."""
    for row in if_held(quality.trends, edition_id, iso3).itertuples():
        if row.indicator_id == VICTIMS and row.view == "place":
            since = int(row.first_year if words.missing(row.since_break) else row.since_break)
            if row.verdict in ("rose", "fell"):
                return f"; what is recorded {row.verdict} since {since}"
            if row.verdict == "no steady rise or fall":
                return f"; no steady trend since {since}"
    return ""


def _routes_sentence(mine: pd.DataFrame, name: str) -> str:
    if mine.empty:
        return f"No described route touches {name}."
    counts = {role: sum(role in list(roles) for roles in mine.roles) for role in ROLES}
    said = [f"{role} on {count}" for role, count in sorted(counts.items(), key=lambda item: -item[1]) if count]
    if len(mine) == 1:
        return f"**One described route**, as {' and '.join(role for role in ROLES if counts[role])}."
    return f"**{_counted(len(mine))} described routes**: {', '.join(said)}."


def _action_sentence(edition_id: str, iso3: str) -> str:
    """What the member did in the newest period of action that was held; empty where nothing is known of it."""
    periods = actions.actions(edition_id)
    held = periods[periods.held == "yes"]
    if held.empty:
        return ""
    action = held.sort_values(["last_day", "action"]).iloc[-1].action
    joined = sum(iso3 in list(row.partners) for row in actions.plans(edition_id).itertuples() if row.action == action)
    days, roles = actions.commitments(edition_id, action), actions.participants(edition_id, action)
    roles = set(roles[roles.party == iso3].role)
    if joined:
        return f"Last period of action: partner in {'one plan' if joined == 1 else f'{_counted(joined).lower()} plans'}."
    if "co_chair" in roles:
        return "Last period of action: co-chair."
    if (days.party == iso3).any():
        return "Last period of action: made a commitment."
    if "participant" in roles:
        return "Last period of action: recorded as taking part."
    return "Last period of action: named in its record." if roles else ""


def _routes_aloud(mine: pd.DataFrame, name: str) -> tuple[str, ...]:
    if mine.empty:
        return ()
    strong = mine.strength.isin(("strong", "fair")).sum()
    touching = "route that touches" if len(mine) == 1 else "routes that touch"
    return (
        f"Public literature describes {_counted(len(mine)).lower()} {touching} {name}; {strong} of them with fair or strong evidence. "
        "It does not say how many people use them.",
    )
