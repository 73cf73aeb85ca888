"""The checked files of `data/editorial/actions` as tables of an edition: dates as days and in words, lists split, commitments dated."""

from datetime import date
from pathlib import Path

import pandas as pd

from corridors import paths
from corridors.catalog import Catalog, words
from corridors.catalog.calendars import bounds
from etl.actions import rules
from etl.actions.read import items
from etl.actions.rules import RANK

LISTS = "themes forms routes members partners others corridors sharing injects questions roles caveats".split()


def tables(data: Path, vocabulary: Catalog) -> dict[str, pd.DataFrame]:
    """The frames of every table of schema_actions.sql, by name.

    Raises ActionsRefused with every fault of the files. Routes are not asked for here: `python -m etl check` does it.
    """
    found = rules.examine(data / paths.ACTIONS, vocabulary)
    if found.problems:
        raise rules.ActionsRefused(found.problems)
    names = {**{m.iso3: m.name for m in vocabulary.members.values()}, **dict(zip(*_two(found.frame("organisations"))))}
    actions = _actions(found.frame("actions"))
    answers, results = _joined(found.answers), _joined(found.results)
    participants = found.frame("participants").assign(party_name=lambda f: f["party"].map(names))
    made = {
        "action_source": found.frame("sources").rename(columns={"source": "source_key"}),
        "action_theme": found.frame("themes").assign(position=range(len(found.frame("themes")))),
        "action": actions,
        "action_alias": found.frame("aliases"),
        "action_participant": participants,
        "action_commitment": _commitments(found.frame("commitments"), participants, actions, names),
        "action_milestone": _dated(found.frame("milestones"), "start", "end"),
        "action_outcome": _outcomes(found.frame("outcomes"), results),
        "action_conflict": _placed(found.frame("conflicts"), "conflict"),
        "action_fact": _placed(found.frame("facts"), "topic"),
        "investigation_plan": _dated(found.frame("plans"), "stage_as_of"),
        "plan_step": _placed(_dated(found.frame("plan_steps"), "date"), "plan"),
        "debrief_answer": _dated(answers, "given").assign(member_name=lambda f: f["member"].map(names)),
        "practice": found.frame("practices"),
        "scenario": found.frame("scenarios"),
        "planning_tool": found.frame("tools"),
        "planning_question": found.frame("questions").assign(position=range(len(found.frame("questions")))),
    }
    return {name: _finished(frame) for name, frame in made.items()}


def when(first: date, last: date, start: str, end: str) -> str:
    """A stretch of time in words, no finer than its ends are known: "May to November 2016", "2017", "19 May 2015"."""
    if start == end:
        return _one(first, start)
    if len(start) == len(end) == 4:
        return f"{start} to {end}"
    if first.year == last.year and len(start) == len(end):
        if len(start) == 10 and first.month == last.month:
            return f"{first.day} to {words.day(last)}"
        begun = f"{first:%B}" if len(start) == 7 else f"{first.day} {first:%B}"
        return f"{begun} to {_one(last, end)}"
    return f"{_one(first, start)} to {_one(last, end)}"


def _one(day: date, text: str) -> str:
    return {4: f"{day.year}", 7: f"{day:%B %Y}"}.get(len(text)) or words.day(day)


def _two(frame: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    return frame["party"], frame["name"]


def _actions(frame: pd.DataFrame) -> pd.DataFrame:
    windows = frame["window"].map(items)
    frame = frame.drop(columns="window").assign(start=[w[0] for w in windows], end=[w[1] for w in windows])
    return _dated(frame, "start", "end").assign(
        opened=[bounds(t)[0] if t else None for t in frame["opened"]],
        participants_stated=pd.to_numeric(
            frame["participants_stated"].where(frame["participants_stated"] != ""), errors="coerce"
        ),
    )


def _commitments(frame: pd.DataFrame, participants: pd.DataFrame, actions: pd.DataFrame, names: dict) -> pd.DataFrame:
    """What was said, and beside it who is recorded as having taken part, dated by the first day of action."""
    begun = dict(zip(actions["action"], actions["first_day"]))
    took = participants[participants["role"] == "participant"]
    took = took.assign(as_of=took["action"].map(begun), status="took_part", from_participation=True)
    said = frame.assign(as_of=[date.fromisoformat(t) for t in frame["as_of"]], from_participation=False)
    columns = [*[c for c in frame.columns if c != "_row"], "from_participation"]
    both = pd.concat([said[columns], took[columns]], ignore_index=True)
    return both.assign(party_name=both["party"].map(names), rank=both["status"].map(RANK))


def _outcomes(published: pd.DataFrame, reported: pd.DataFrame) -> pd.DataFrame:
    """Published outcomes and those reported in a debrief, which say so; a debrief's has no certainty but its giver's word."""
    columns = [c for c in published.columns if c != "_row"]
    reported = reported.assign(
        outcome=[f"{r.action}-{r.member or 'meeting'}-{n}" for n, r in enumerate(reported.itertuples(), 1)],
        plan="",
        source="debrief",
        certainty="verified",
    )
    return pd.concat([published.assign(member="")[[*columns, "member"]], reported[[*columns, "member"]]], ignore_index=True)


def _dated(frame: pd.DataFrame, start: str, end: str = "") -> pd.DataFrame:
    """Adds first_day, last_day (None when unknown), precision (day, month, year) and when_text; drops the texts."""
    end = end or start
    first = [bounds(t)[0] if t else None for t in frame[start]]
    last = [bounds(t)[1] if t else None for t in frame[end]]
    texts = [when(f, g, s, e) if f and g else "date not known" for f, g, s, e in zip(first, last, frame[start], frame[end])]
    precise = [{4: "year", 7: "month", 10: "day"}.get(min(len(s), len(e)), "none") for s, e in zip(frame[start], frame[end])]
    return frame.drop(columns=list({start, end})).assign(first_day=first, last_day=last, when_text=texts, precision=precise)


def _placed(frame: pd.DataFrame, by: str) -> pd.DataFrame:
    return frame.assign(position=frame.groupby(by, sort=False).cumcount())


def _joined(parts) -> pd.DataFrame:
    frames = [t.frame for t in parts if len(t.frame)] or [t.frame for t in parts[:1]]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def _finished(frame: pd.DataFrame) -> pd.DataFrame:
    """Lists as lists, empty texts as nothing, without the file's line numbers."""
    frame = frame.drop(columns="_row", errors="ignore")
    for column in frame.columns:
        if column in LISTS:
            frame[column] = [items(text) for text in frame[column]]
        elif pd.api.types.is_string_dtype(frame[column]):
            frame[column] = frame[column].astype(object).where(frame[column] != "", None)
    return frame
