"""What a planner needs for a focus: who is on the routes, what each has said before, what is known, forums and tools."""

from dataclasses import dataclass

import pandas as pd

from corridors import catalog
from corridors.catalog import words
from corridors.store.queries import actions, figures
from corridors.store.queries import routes as route_reading
from corridors.views.actions import STATUSES
from corridors.views.routes import short_place

GROUPS = {
    "jurisdiction": "Jurisdiction",
    "sovereignty": "Sovereignty",
    "privacy": "Privacy",
    "data": "Data",
    "victims": "Victims",
}
ROUTE_ROLES = {"origins": "origin", "transits": "transit", "destinations": "destination"}
ON_RECORD = "no role or commitment in an earlier period is on record"


@dataclass(frozen=True)
class Aid:
    """Everything gathered for a focus. Frames are ready to be shown and to be put into the planning sheet."""

    title: str
    routes: pd.DataFrame
    parties: pd.DataFrame
    quality: pd.DataFrame
    coverage: pd.DataFrame
    tools: pd.DataFrame
    lessons: tuple[str, ...]
    checklist: tuple[tuple[str, tuple[str, ...]], ...]


def aid(edition_id: str, origin: str | None, destination: str | None, form: str | None, theme: str | None) -> Aid:
    """The planning aid for a focus: what a proposed period would look at, None where nothing was chosen."""
    routes = _routes(route_reading.routes(edition_id), origin, destination, form)
    parties = _parties(edition_id, routes, origin, destination)
    quality = actions.focus_quality(edition_id, origin, destination) if origin and destination else pd.DataFrame()
    name, asked = catalog.load().place_name, actions.questions(edition_id)
    ends = [f"from {name(origin)}" if origin else "", f"to {name(destination)}" if destination else ""]
    topics = [words.ROUTE_FORM[form] if form else "", actions.themes(edition_id)[theme] if theme else ""]
    focus = [" ".join(filter(None, ends)), *map(str.lower, topics)]
    return Aid(
        words.capital(", ".join(filter(None, focus))) or "All routes",
        _route_table(routes),
        parties,
        _quality_table(quality),
        _coverage(edition_id, list(parties.code)),
        _tools(edition_id, theme),
        tuple(_lessons(edition_id, theme)),
        tuple((label, tuple(asked[asked.group == key].text)) for key, label in GROUPS.items() if (asked.group == key).any()),
    )


def _routes(routes: pd.DataFrame, origin: str | None, destination: str | None, form: str | None) -> pd.DataFrame:
    """Routes that begin at the origin, touch the destination, and know the form, as far as each is chosen."""
    fits = [
        (not origin or origin in row.origins)
        and (not destination or destination in (*row.transits, *row.destinations))
        and (not form or form in row.forms)
        for row in routes.itertuples()
    ]
    return routes[pd.Series(fits, index=routes.index, dtype=bool)]


def _route_table(routes: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Route": routes.route_id + " · " + routes["name"],
            "By": [", ".join(words.MODE[m].lower() for m in modes) if modes is not None else "–" for modes in routes.modes],
            "Evidence": routes.strength.map(words.STRENGTH),
            "Published figures": routes.figures,
            "Years": [_years(a, b) for a, b in zip(routes.first_year, routes.last_year)],
        }
    )


def _years(first, last) -> str:
    if pd.isna(first) or pd.isna(last):
        return "–"
    return f"{int(first)}" if first == last else f"{int(first)}–{int(last)}"


def _parties(edition_id: str, routes: pd.DataFrame, origin: str | None, destination: str | None) -> pd.DataFrame:
    """Members on the routes and at the ends of the corridor, by name, with everything that is on record of each."""
    vocabulary = catalog.load()
    on: dict[str, dict[str, set[str]]] = {}
    for row in routes.itertuples():
        for column, role in ROUTE_ROLES.items():
            for code in getattr(row, column):
                on.setdefault(code, {}).setdefault(role, set()).add(row.route_id)
    for code, role in ((origin, "origin"), (destination, "destination")):
        if code:
            on.setdefault(code, {}).setdefault(role, set())
    lines = record(edition_id)
    members = sorted((c for c in on if c in vocabulary.members), key=lambda c: vocabulary.members[c].name)
    rows = [
        {
            "code": c,
            "Member": short_place(c),
            "On the routes as": "; ".join(
                role + (f" ({', '.join(sorted(ids))})" if ids else "") for role, ids in on[c].items()
            ),
            "On record": lines.get(c, ON_RECORD),
        }
        for c in members
    ]
    return pd.DataFrame(rows, columns=["code", "Member", "On the routes as", "On record"])


def record(edition_id: str) -> dict[str, str]:
    """Commitments and roles of every party in all periods, newest first, in words."""
    said: dict[str, list[tuple[str, str]]] = {}
    for row in actions.commitments(edition_id).itertuples():
        agency = f" ({row.agency})" if isinstance(row.agency, str) else ""
        if not row.from_participation:
            said.setdefault(row.party, []).append(
                (row.action, f"{STATUSES[row.status].lower()}{agency}, {words.day(row.as_of)}")
            )
    for row in actions.participants(edition_id).itertuples():
        doubt = "" if row.certainty in ("verified", "founding") else f" ({words.CERTAINTY[row.certainty]})"
        said.setdefault(row.party, []).append((row.action, words.ACTION_ROLE[row.role].lower() + doubt))
    lines = {}
    for party, entries in said.items():
        by_action: dict[str, list[str]] = {}
        for action, text in entries:
            by_action.setdefault(action, []).append(text)
        lines[party] = "; ".join(
            f"{a.replace('-', '–')}: {', '.join(dict.fromkeys(t))}" for a, t in sorted(by_action.items(), reverse=True)
        )
    return lines


def _quality_table(rows: pd.DataFrame) -> pd.DataFrame:
    if rows.empty:
        return pd.DataFrame()
    return pd.DataFrame(
        {
            "Figure": rows.indicator,
            "Years": [_years(a, b) for a, b in zip(rows.first_year, rows.last_year)],
            "Figures": rows.figures,
            "Of these masked": rows.masked,
            "Grade of the latest": rows.grade.map(words.GRADE),
            "Publisher": rows.publisher,
        }
    )


def _coverage(edition_id: str, codes: list[str]) -> pd.DataFrame:
    """For each member of the focus the themes on which nothing is held, and the age of the rest."""
    rows = figures.coverage(edition_id)
    made = []
    for code in codes:
        mine = rows[rows.iso3 == code]
        none = mine[mine.latest.isna()].title
        made.append(
            {
                "Member": short_place(code),
                "No figure held on": ", ".join(none) or "–",
                "Latest year by theme": "; ".join(
                    f"{r.title} {int(r.latest)}" + (" (masked)" if r.state == "masked" else "")
                    for r in mine[mine.latest.notna()].itertuples()
                ),
            }
        )
    return pd.DataFrame(made, columns=["Member", "No figure held on", "Latest year by theme"])


def _tools(edition_id: str, theme: str | None) -> pd.DataFrame:
    """All forums and tools; those that fit the theme first."""
    rows = actions.tools(edition_id)
    fits = [theme in themes for themes in rows.themes]
    return pd.DataFrame(
        {
            "Forum or tool": rows.title,
            "What it is": rows.text,
            "Suggested use": rows.use,
            "For this theme": ["yes" if f else "–" for f in fits],
            "Certainty": rows.certainty.map(words.CERTAINTY),
            "Source": rows.source_title,
        }
    ).iloc[[i for i, f in sorted(enumerate(fits), key=lambda pair: not pair[1])]]


def _lessons(edition_id: str, theme: str | None) -> list[str]:
    rows = actions.answers(edition_id)
    return [
        f"{r.text} ({r.action.replace('-', '–')}; {r.source_title}; TLP:{r.tlp})"
        for r in rows.itertuples()
        if theme is None or theme in r.themes
    ]
