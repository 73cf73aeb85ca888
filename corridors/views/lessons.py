"""Lessons of all debriefs, and the library of practices and scenarios, made ready."""

from dataclasses import dataclass, replace

from corridors.catalog import words
from corridors.store.queries import actions
from corridors.store.queries import routes as route_reading
from corridors.views.actions import cite
from corridors.views.routes import place_list


@dataclass(frozen=True)
class Answer:
    """One answer of a debrief: its period, the text with whose word it is and its source, and the themes it is found by."""

    action: str
    question: str
    text: str
    themes: tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """One practice, case study or scenario in words, and what it is found by."""

    kind: str
    title: str
    text: str
    themes: tuple[str, ...]
    routes: tuple[tuple[str, str], ...]  # id, name
    id: str = ""  # of a scenario, by which an agenda names it


def answers(edition_id: str) -> tuple[Answer, ...]:
    """All answers, newest period first."""
    labels = actions.themes(edition_id)
    made = []
    for row in words.with_text(actions.answers(edition_id), "text", "when_text").itertuples():
        who = row.member_name if isinstance(row.member_name, str) else "The meeting"
        themes = ", ".join(labels[t].lower() for t in row.themes)
        text = (
            f"{row.text}  \n:small[:gray[{who} · {row.when_text} · TLP:{row.tlp}"
            + (f" · {themes}" if themes else "")
            + f"]] · {cite(row)}"
        )
        made.append(Answer(row.action, row.question, text, tuple(row.themes)))
    return tuple(made)


def by_question(found: tuple[Answer, ...]) -> list[tuple[str, list[Answer]]]:
    """Answers under the five questions in their order, so that periods can be compared; questions without answers are there too."""
    return [(label, [a for a in found if a.question == key]) for key, label in words.DEBRIEF_QUESTIONS.items()]


def themes_used(edition_id: str) -> dict[str, str]:
    """The themes that an answer, a practice or a scenario bears: theme → label."""
    rows = [actions.answers(edition_id), actions.practices(edition_id), actions.scenarios(edition_id)]
    used = {t for frame in rows for themes in frame.themes for t in themes}
    return {k: v for k, v in actions.themes(edition_id).items() if k in used}


def practices(edition_id: str) -> tuple[Entry, ...]:
    """The library: what was tried, what the source says of it, and what is suggested here, told apart."""
    names = _routes(edition_id)
    made = []
    for row in words.with_text(actions.practices(edition_id), "text", "advice").itertuples():
        rated = words.admiralty(row)
        text = f"{row.text}  \n{cite(row)}" + (f" · :small[:gray[{rated}]]" if rated else "")
        if isinstance(row.advice, str):
            text += f"\n\n*Suggested here:* {row.advice}"
        made.append(_entry(row, row.kind, text, row.members, names))
    return tuple(made)


def scenarios(edition_id: str) -> tuple[Entry, ...]:
    """The tabletop scenarios with setting, what happens next, questions and roles."""
    names = _routes(edition_id)
    made = []
    for row in words.with_text(
        actions.scenarios(edition_id), "setting", "injects", "questions", "roles", "publisher", "source_title"
    ).itertuples():
        text = (
            f"*Invented; no State is meant.* {row.setting}\n\n**What happens next**\n\n"
            + "\n".join(f"{n}. {i}" for n, i in enumerate(row.injects, 1))
            + "\n\n**To talk about**\n\n"
            + "\n".join(f"- {q}" for q in row.questions)
            + f"\n\n**Around the table**: {words.listing(list(row.roles))}."
            f"\n\n:small[:gray[Written here, after the subjects of: {row.publisher}, {row.source_title}]]"
        )
        made.append(replace(_entry(row, "scenario", text, (), names), id=row.scenario))
    return tuple(made)


def _entry(row, kind: str, text: str, members, names: dict[str, str]) -> Entry:
    facts = [words.CRIME[row.crime]] + (
        [", ".join(words.ROUTE_FORM[f].lower() for f in row.forms)] if len(row.forms) else []
    )
    if len(members):
        facts.append(place_list(members))
    routes = tuple((r, names[r]) for r in row.routes if r in names)
    return Entry(kind, row.title, f":small[{' · '.join(facts)}]\n\n{text}", tuple(row.themes), routes)


def _routes(edition_id: str) -> dict[str, str]:
    rows = route_reading.routes(edition_id)
    return dict(zip(rows.route_id, rows["name"]))
