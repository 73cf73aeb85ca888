"""Joint Periods of Action, made ready: time line, one period in full, the board and the stage on any day, who differs.

No figure of one period is added to, or joined with, a figure of another: each counted other things.
"""

from dataclasses import dataclass
from datetime import date

import pandas as pd
import plotly.graph_objects as go

from corridors import catalog
from corridors.catalog import words
from corridors.charts import timeline as timeline_chart
from corridors.charts.theme import themed
from corridors.store.queries import actions as action_reading
from corridors.store.queries import figures
from corridors.views.figure import caveats_of, to_text

STATUSES = {
    "took_part": "Recorded as having taken part",
    "committed": "Committed",
    "in_principle": "Agreed in principle",
    "reverting": "Asking the capital",
    "supporting": "In a supporting role",
    "observer": "Observer",
    "withdrawn": "Withdrawn",
}
KINDS = {
    "concept": "Proposed",
    "commitment": "Commitment",
    "planning": "Planning",
    "plan": "Investigation plan",
    "action": "Action",
    "progression": "Progression session",
    "debrief": "Debrief",
    "annual_meeting": "Annual meeting",
    "tabletop": "Tabletop exercise",
    "statement": "Statement",
    "report": "Report",
    "media": "Media",
    "group": "Working Group",
}
# What people wrote, and what is put into markdown: it stays text.
WRITTEN = ("summary", "participants_note", "alias", "note", "text", "says", "question", "title", "place", "agency")
WRITTEN += ("party_name", "metric", "unit", "scope", "bound_note")
NO_SERIES = (
    "There is no total over the periods and no line from one to the next. Each period counted other things, in other units, and results "
    "are of States acting apart, each in its own jurisdiction."
)


@dataclass(frozen=True)
class Timeline:
    """The time line of all periods, its text, and the same as a table."""

    figure: go.Figure
    message: str
    alt: str
    table: pd.DataFrame


@dataclass(frozen=True)
class Period:
    """One period in words: head, roles, outcomes as a table with their limits, conflicts, and the days it can be looked at."""

    name: str
    head: str
    summary: str
    roles: tuple[str, ...]
    outcomes: pd.DataFrame
    limits: str
    conflicts: tuple[str, ...]
    first: date
    last: date
    start: date


@dataclass(frozen=True)
class Board:
    """Who had said what by the end of a day: a message and groups of (status, names with their source)."""

    message: str
    groups: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Progress:
    """The stage on a day, and milestones done, due and planned without a word on whether they took place."""

    stage: str
    done: tuple[str, ...]
    due: tuple[str, ...]
    silent: tuple[str, ...]


def cite(row) -> str:
    """Source and certainty of a row, in small print."""
    own = row.publisher == "Corridors, this product"
    where = "This product" if own else words.as_text(f"{row.publisher}, {row.source_title}")
    return f":small[:gray[{where} · {words.CERTAINTY[row.certainty]}]]"


def amount(row) -> str:
    """The number of one outcome: "59", "more than 70"; never a zero for what is not known."""
    if not words.missing(row.value):
        return words.number(row.value)
    low, high = not words.missing(row.lower), not words.missing(row.upper)
    if low and high:
        return words.amount(None, row.lower, row.upper)
    return f"{row.bound_note} {words.number(row.lower if low else row.upper)}"


def timeline(edition_id: str) -> Timeline:
    """All periods on one axis of time."""
    actions, milestones = action_reading.actions(edition_id), action_reading.milestones(edition_id)
    message = timeline_chart.headline(actions)
    table = pd.DataFrame(
        {
            "Period": actions.action,
            "When": actions.when_text,
            "Also called": [", ".join(a) or "–" for a in actions.aliases],
            "Held": actions.held.map({"yes": "yes", "unclear": "not known"}),
            "Certainty": actions.certainty.map(words.CERTAINTY),
            "Source": actions.publisher + ", " + actions.source_title,
        }
    )
    alt = f"Time line of the periods. {message}. " + "; ".join(f"{r.action}: {r.when_text}" for r in actions.itertuples())
    return Timeline(themed(timeline_chart.draw(actions, milestones)), message, alt, table)


def names(edition_id: str) -> dict[str, str]:
    """Every period for a menu, newest first: key → key with its years."""
    actions = action_reading.actions(edition_id)
    return {a: a.replace("-", "–") for a in actions.action[::-1]}


def period(edition_id: str, action: str) -> Period:
    """One period in full."""
    rows = words.with_text(action_reading.actions(edition_id), *WRITTEN)
    row = next(rows[rows.action == action].itertuples())
    labels = action_reading.themes(edition_id)
    head = [
        f"**{words.capital(row.when_text)}**"
        + ("" if row.precision == "day" else f" (days not known; known to the {row.precision})")
    ]
    if row.held != "yes":
        head = [f"**Not known to have taken place.** If it did, between {row.when_text.replace(' to ', ' and ')}"]
    also = words.with_text(action_reading.aliases(edition_id), *WRITTEN)
    for alias in also[also.action == action].itertuples():
        note = f". {alias.note}" if isinstance(alias.note, str) else ""
        head.append(f"Also “{alias.alias}”{note} {cite(alias)}")
    if len(row.themes):
        head.append("Themes: " + words.listing([labels[t].lower() for t in row.themes]))
    stated = "" if pd.isna(row.participants_stated) else f"{int(row.participants_stated)} participants by the source. "
    if stated or isinstance(row.participants_note, str):
        head.append(stated + (row.participants_note if isinstance(row.participants_note, str) else ""))
    outcomes = words.with_text(action_reading.outcomes(edition_id, action), *WRITTEN)
    days = action_reading.commitments(edition_id, action)
    said = days[~days.from_participation]
    today = _today(edition_id)
    last = min(pd.Timestamp(row.last_day).date(), today)
    start = said.as_of.max().date() if len(said) else last
    begun = row.opened if not pd.isna(row.opened) else row.first_day
    return Period(
        row.name,
        "\n".join(f"- {h}" for h in head),
        f"{row.summary} {cite(row)}",
        tuple(_roles(words.with_text(action_reading.participants(edition_id, action), *WRITTEN))),
        _outcome_table(outcomes),
        to_text(caveats_of({c for codes in outcomes.caveats for c in codes})),
        tuple(text for key, text in conflicts(edition_id) if key == action),
        pd.Timestamp(begun).date(),
        today,
        start,
    )


def _roles(rows: pd.DataFrame) -> list[str]:
    """One line a role and source: names, what is inferred said so."""
    said = []
    for role, label in words.ACTION_ROLE.items():
        for _, part in rows[rows.role == role].groupby(["source_title", "certainty"], sort=False):
            first = next(part.itertuples())
            listed = words.listing([_party(r) for r in part.itertuples()])
            notes = sorted({n for n in part.note if isinstance(n, str)})
            said.append(f"**{label}**: {listed}. {' '.join(notes)} {cite(first)}")
    return said or ["No source that names anybody was found. That does not mean nobody."]


def _party(row) -> str:
    vocabulary = catalog.load()
    member = vocabulary.members.get(row.party)
    name = (member.short_name or member.name) if member else row.party_name
    return f"{name} ({row.agency})" if isinstance(row.agency, str) else name


def _outcome_table(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Reported": rows.metric,
            "Number": [amount(r) for r in rows.itertuples()],
            "Counted": rows.unit,
            "Of": rows.scope,
            "What to know": rows.note.where(rows.note.notna(), "–"),
            "Source": (rows.publisher + ", " + rows.source_title).map(words.as_text),
            "Certainty": rows.certainty.map(words.CERTAINTY),
            "TLP": rows.tlp,
        }
    )


def board(edition_id: str, action: str, day: date) -> Board:
    """The commitments of one period as they stood at the end of a day."""
    rows = words.with_text(action_reading.board(edition_id, action, day), *WRITTEN)
    if rows.empty:
        return Board(f"Nothing is on record by {words.day(day)}. That does not mean that nobody had committed.", ())
    groups = []
    for status, part in rows.groupby("status", sort=False):
        lines = "\n".join(f"- {_on_board(r)}" for r in part.itertuples())
        sources = "  \n".join(dict.fromkeys(cite(r) for r in part.itertuples()))
        groups.append((f"{STATUSES[status]} ({len(part)})", lines, sources))
    if len({sources for _, _, sources in groups}) == 1:  # one source for all is named once, at the end
        groups = [(label, lines, sources if n == len(groups) else "") for n, (label, lines, sources) in enumerate(groups, 1)]
    counts = words.listing([f"{n} {STATUSES[s].lower()}" for s, n in rows.status.value_counts(sort=False).items()])
    return Board(
        f"By {words.day(day)}: {counts}.", tuple((label, f"{lines}\n\n{sources}") for label, lines, sources in groups)
    )


def _on_board(row) -> str:
    said = _party(row) + ("" if row.from_participation else f" :small[:gray[{words.day(row.as_of)}]]")
    return said + (f" {row.note}" if isinstance(row.note, str) else "")


def stage(action, milestones: pd.DataFrame, day: date, results: bool = False) -> str:
    """Where a period stood on a day, in words, from what is on record; `results`: outcomes of it were published."""
    moment = pd.Timestamp(day)
    held = milestones[(milestones.state == "held") & (milestones.first_day <= moment)]
    kinds = set(held.kind)
    if action.held != "yes":
        return "Not known to have taken place"
    if moment > pd.Timestamp(action.last_day):
        if kinds & {"debrief", "annual_meeting"}:
            return "Over and debriefed"
        if results or kinds & {"report", "media", "statement"}:
            return "Over; results were published, no debrief is on record"
        return "Over; neither debrief nor report is on record"
    if moment >= pd.Timestamp(action.first_day):
        if "debrief" in kinds:
            return "Last days of action, debrief held"
        sessions = int((held.kind == "progression").sum())
        return "Action" + (f", after {sessions} progression session{'s' if sessions > 1 else ''}" if sessions else "")
    for kind, text in (("planning", "Planning"), ("commitment", "Commitment"), ("concept", "Proposed")):
        if kind in kinds:
            return text
    return "Not yet proposed"


def progress(edition_id: str, action: str, day: date) -> Progress:
    """Stage, and milestones done, due and silent, as known on a day."""
    actions = action_reading.actions(edition_id)
    row = next(actions[actions.action == action].itertuples())
    rows = words.with_text(action_reading.milestones(edition_id, action), *WRITTEN)
    moment = pd.Timestamp(day)
    held = rows[rows.state == "held"]
    done = held[held.first_day <= moment]
    planned = rows[rows.state == "planned"]
    due = planned[planned.last_day >= moment]
    past = planned[(planned.last_day < moment) & ~planned.kind.isin(held.kind)]
    results = not action_reading.outcomes(edition_id, action).empty
    return Progress(
        stage(row, rows, day, results),
        tuple(_step(r) for r in done.itertuples()),
        tuple(_step(r) for r in due.itertuples()),
        tuple(_step(r) for r in past.itertuples()),
    )


def _step(row) -> str:
    place = f", {row.place}" if isinstance(row.place, str) else ""
    note = f" {row.note}" if isinstance(row.note, str) else ""
    return f"**{words.capital(row.when_text)}{place}** · {KINDS[row.kind]}: {row.title}.{note} {cite(row)}"


def under_way(edition_id: str) -> str:
    """The newest period, its stage on the day of the edition, and its plans, in a few sentences."""
    row = list(action_reading.actions(edition_id).itertuples())[-1]
    today = _today(edition_id)
    stage_now = progress(edition_id, row.action, today).stage
    said = f"Newest period on record: {row.when_text}. {stage_now}, as far as public pages show by {words.day(today)}."
    plans = words.with_text(action_reading.plans(edition_id), "title")
    titles = [r.title for r in plans[plans.action == row.action].itertuples()]
    return said + (f" Investigation plans: {'; '.join(titles)}. {NO_SERIES}" if titles else f" {NO_SERIES}")


def conflicts(edition_id: str) -> list[tuple[str, str]]:
    """Every question on which sources differ, as (period or "", text with all answers side by side)."""
    blocks = []
    for _, part in words.with_text(action_reading.conflicts(edition_id), *WRITTEN).groupby("conflict", sort=False):
        first = next(part.itertuples())
        lines = "\n".join(f"- {r.says} {cite(r)}" for r in part.itertuples())
        blocks.append(
            (first.action if isinstance(first.action, str) else "", f"**{first.question}** All answers stand.\n\n{lines}")
        )
    return blocks


def group(edition_id: str) -> tuple[list[tuple[str, str]], tuple[str, ...]]:
    """What is on record about the Working Group by topic, and its own milestones."""
    facts = words.with_text(action_reading.facts(edition_id), *WRITTEN)
    topics = [
        (topic, "\n".join(f"- {r.text} {cite(r)}" for r in part.itertuples()))
        for topic, part in facts.groupby("topic", sort=False)
    ]
    rows = words.with_text(action_reading.milestones(edition_id), *WRITTEN)
    return topics, tuple(_step(r) for r in rows[rows.action.isna()].itertuples())


def themes(edition_id: str) -> dict[str, str]:
    """The words to search by: theme → label."""
    return action_reading.themes(edition_id)


def _today(edition_id: str) -> date:
    return pd.Timestamp(figures.edition(edition_id)["dated"]).date()
