"""Investigation plans, made ready: what is on public record of each, and the corridor that it concerns."""

from dataclasses import dataclass

from corridors.catalog import words
from corridors.store.queries import actions
from corridors.views.actions import cite
from corridors.views.routes import place_list

STAGES = {"idea": "an idea", "drawn_up": "drawn up", "under_way": "under way", "closed": "closed", "not_known": "not known"}
SHARING = {
    "informal": "informal contact",
    "interpol": "an INTERPOL channel",
    "agreement": "an agreement",
    "agreement_sought": "an agreement that is sought, not yet made",
}
STEPS = {
    "scope": "Scope",
    "step": "Steps on record",
    "next": "Next step",
    "need": "Needs",
    "sharing": "What sharing rests on",
    "context": "Context, not a result of the plan",
}


@dataclass(frozen=True)
class Plan:
    """One plan in words, each part with its source, and its corridors as (origin, destination)."""

    plan: str
    title: str
    tlp: str
    head: str
    parts: tuple[tuple[str, str], ...]
    conflict: str
    corridors: tuple[tuple[str, str], ...]


def plans(edition_id: str) -> tuple[Plan, ...]:
    """The plans, by title."""
    differ = words.with_text(actions.conflicts(edition_id), "says")
    made = []
    for row in words.with_text(actions.plans(edition_id), "note", "when_text").itertuples():
        steps = words.with_text(actions.plan_steps(edition_id, row.plan), "text", "when_text")
        head = [
            f"**{words.CRIME[row.crime]}** · period {row.action.replace('-', '–')} · stage: **{STAGES[row.stage]}**, "
            f"as known by {row.when_text}",
            f"Partners: {place_list(row.partners)}. Each acts in its own jurisdiction. {cite(row)}",
        ]
        if len(row.others):
            head.append(f"Others named by one source: {place_list(row.others)}")
        if len(row.sharing):
            head.append("Sharing rests on " + words.listing([SHARING[s] for s in row.sharing]))
        if isinstance(row.note, str):
            head.append(row.note)
        parts = [
            (
                label,
                "\n".join(
                    f"- {s.text} :small[:gray[{words.capital(s.when_text)}]] · {cite(s)}{'' if s.tlp == 'CLEAR' else f' :orange-badge[TLP:{s.tlp}]'}"
                    for s in part.itertuples()
                ),
            )
            for kind, label in STEPS.items()
            if len(part := steps[steps.kind == kind])
        ]
        rows = differ[differ.conflict == row.plan]
        conflict = "\n".join(f"- {c.says} {cite(c)}" for c in rows.itertuples())
        corridors = tuple(tuple(pair.split(">")) for pair in row.corridors)
        made.append(
            Plan(
                row.plan,
                row.title,
                row.tlp,
                "\n".join(f"- {h}" for h in head),
                tuple(parts),
                conflict,
                corridors,
            )
        )
    return tuple(made)


def of_member(edition_id: str, iso3: str) -> list[str]:
    """The plans that a member is a partner of, a line each."""
    rows = actions.plans(edition_id)
    return [
        f"{r.title}, {r.action.replace('-', '–')}: {STAGES[r.stage]}, as known by {r.when_text} {cite(r)}"
        for r in rows.itertuples()
        if iso3 in r.partners
    ]
