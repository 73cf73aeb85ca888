"""What must hold in `data/editorial/actions`: every party known, every date possible, every result with unit and source."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from corridors.catalog import Catalog, people, tlp
from corridors.problems import Problem, Refused
from etl.actions import read
from etl.actions.read import bounds, items
from etl.routes import CRIMES, FORMS, LOWER_ONLY, UPPER_ONLY
from etl.routes_table import Table
from etl.submissions import nearest

CERTAINTY = ("verified", "founding", "unverified", "inferred", "conflict")
HELD = ("yes", "unclear")
ROLES = ("co_chair", "participant", "planning", "support", "observer", "host", "organiser")
# How far a commitment goes; a later one that stands lower needs a word of explanation.
RANK = {"withdrawn": 0, "reverting": 1, "supporting": 1, "observer": 1, "in_principle": 2, "committed": 3, "took_part": 4}
MILESTONES = tuple(
    (
        "concept commitment planning plan action progression debrief annual_meeting tabletop statement report media group"
    ).split()
)
AFTER_BEGIN = ("action", "progression", "debrief", "report", "media")
UNITS = tuple(
    (
        "people men women children warrants investigations operations enquiries events courses charges companies "
        "accounts countries cases convictions boats visas notices"
    ).split()
)
STEPS = ("scope", "step", "next", "need", "sharing", "context")
STAGES = ("idea", "drawn_up", "under_way", "closed", "not_known")
SHARING = ("informal", "interpol", "agreement", "agreement_sought")
QUESTIONS = ("worked", "not_worked", "differently", "next_steps", "expansion")
GROUPS = ("jurisdiction", "sovereignty", "privacy", "data", "victims")
LONGEST = 1200  # characters of an answer: a lesson, not a report
DATE = "a date as far as it is known: 2017, 2016-05 or 2015-09-28"


class ActionsRefused(Refused):
    """The files of the periods contradict themselves or the catalog; nothing of them was taken over."""

    heading = "The Joint Periods of Action were not taken over. These must be fixed first:"


@dataclass(frozen=True)
class Examined:
    """The tables by name (None: unreadable), answers and results of all debriefs, and every fault found."""

    tables: dict[str, Table | None]
    answers: list[Table]
    results: list[Table]
    problems: list[Problem]

    def frame(self, name: str) -> pd.DataFrame:
        """One table's rows."""
        return self.tables[name].frame

    @property
    def rows(self) -> int:
        """How many rows were read in all files."""
        return sum(len(t.frame) for t in [*self.tables.values(), *self.answers, *self.results] if t is not None)


def examine(folder: Path, catalog: Catalog, routes: set[str] | None = None) -> Examined:
    """The whole folder with every fault of it. `routes`: the routes on the map; None when they are not to be asked."""
    problems: list[Problem] = []
    tables = read.files(folder, problems)
    pairs = [pair for path in sorted((folder / "debrief").glob("*.toml")) if (pair := read.debrief(path, problems))]
    found = Examined(tables, [a for a, _ in pairs], [r for _, r in pairs], problems)
    if None not in tables.values():
        known = known_words(found, catalog, routes)
        for rule in (_words, _actions, _parties, _commitments, _milestones, _outcomes, _plans, _library):
            rule(tables, known)
        for answers, results in pairs:
            check_debrief(answers, results, known)
    for table in [*tables.values(), *found.answers, *found.results]:
        if table is not None:
            table.no_persons()
            problems += table.sorted_problems()
    return found


def known_words(found: Examined, catalog: Catalog, routes: set[str] | None) -> dict:
    """What the rows may name: sources, themes, actions, plans, parties, countries, caveats, routes."""
    keys = {name: set(found.frame(name).iloc[:, 0]) for name in ("sources", "themes", "actions", "plans", "organisations")}
    return {
        **keys,
        "members": set(catalog.members),
        "parties": {*catalog.members, *keys["organisations"]},
        "countries": set(catalog.countries),
        "caveats": set(catalog.caveats),
        "routes": routes,
        "catalog": catalog,
    }


def _words(tables: dict[str, Table], known: dict) -> None:
    """Sources, certainties, labels and lists of every file."""
    for name, table in tables.items():
        columns = set(table.frame.columns)
        if "source" in columns and name != "sources":
            table.filled(["source"], "Name an entry of sources.toml; a fact without a source is not taken.")
            filled = Table(table.file, table.frame[table.frame["source"] != ""])
            filled.one_of("source", known["sources"], "Add it to sources.toml, or fix the name.")
            table.problems += filled.problems
            table.one_of("certainty", CERTAINTY)
        if "tlp" in columns:
            table.one_of("tlp", tlp.KEPT)
        if "themes" in columns:
            table.items("themes", known["themes"], "Use words of themes.toml.")
        if "forms" in columns:
            table.items("forms", FORMS)
        if "crime" in columns:
            table.one_of("crime", CRIMES)
        if "routes" in columns and known["routes"] is not None:
            table.items("routes", known["routes"], "Name a route of data/editorial/routes/routes.csv.")
        if "action" in columns and name != "actions":
            optional = {""} if name in ("milestones", "conflicts") else set()
            table.one_of("action", known["actions"] | optional, "Name a period of actions.toml by its key.")
    tables["sources"].one_of("kind", ("founding", "official", "press", "copy", "inference"))
    tables["organisations"].unique(["party"])
    tables["organisations"].one_of("kind", ("organisation", "observer state"))
    folded = tables["aliases"].frame
    folded = Table("aliases.csv", folded.assign(alias=folded["alias"].str.casefold()))
    folded.unique(["alias"], "One name can stand for one period only: drop it, or say whose name it is.")
    tables["aliases"].problems += folded.problems
    tables["aliases"].filled(["alias"])


def _actions(tables: dict[str, Table], known: dict) -> None:
    table, takers = tables["actions"], tables["participants"].frame
    table.pattern("action", r"(19|20)\d\d(-\d\d)?", "the period, such as 2025 or 2025-26")
    table.one_of("held", HELD)
    for i, row in table.frame.iterrows():
        ends = [bounds(text) for text in items(row["window"])]
        if len(ends) != 2 or None in ends:
            table.add(
                i,
                "window",
                f"“{row['window']}”",
                f"two dates, each {DATE}",
                "Write what is known of the first and the last day.",
            )
        elif ends[0][0] > ends[1][1]:
            table.add(i, "window", f"“{row['window']}”", "a first day before the last", "Change their order.")
        elif row["opened"] and ((day := bounds(row["opened"])) is None or day[0] > ends[0][1]):
            table.add(
                i,
                "opened",
                f"“{row['opened']}”",
                "a date not after the period's first day",
                "Write when it was first proposed.",
            )
        listed = takers[(takers["action"] == row["action"]) & (takers["role"] == "participant")]["party"].nunique()
        stated = row["participants_stated"]
        if stated and not (stated.isdigit() and (int(stated) == listed or row["participants_note"])):
            table.add(
                i,
                "participants_stated",
                f"“{stated}”, and {listed} in participants.csv",
                "the same number, or participants_note",
                "List all participants, or say why one is missing.",
            )


def _party(table: Table, column: str, known: dict, listed: bool = False) -> None:
    """Every party is a member or a listed organisation; the nearest name is offered."""
    catalog = known["catalog"]
    for i, text in table.frame[column].items():
        for party in items(text) if listed else [text]:
            if party in known["parties"]:
                continue
            match = nearest.country(party, catalog)
            near = match.key or (match.candidates[0] if len(match.candidates) == 1 else "")
            hint = f"Did you mean {near} ({catalog.place_name(near)})? " if near in known["members"] else ""
            table.add(
                i,
                column,
                people.shown(party, 60) if party else "an empty cell",
                "a member's code or a party of organisations.csv",
                f"{hint}Write the code, or add the organisation to organisations.csv.",
            )


def _parties(tables: dict[str, Table], known: dict) -> None:
    table = tables["participants"]
    _party(table, "party", known)
    table.one_of("role", ROLES)
    table.unique(["action", "party", "agency", "role"])


def _commitments(tables: dict[str, Table], known: dict) -> None:
    table = tables["commitments"]
    _party(table, "party", known)
    table.one_of("status", RANK)
    table.filled(["as_of"])
    table.dates("as_of")
    table.unique(["action", "party", "agency", "as_of"])
    sound = table.frame[table.frame["status"].isin(list(RANK))]
    for _, rows in sound.groupby(["action", "party", "agency"]):
        rows = rows.sort_values("as_of", kind="stable")
        for (_, before), (i, after) in zip(rows.iterrows(), list(rows.iterrows())[1:]):
            if RANK[after["status"]] < RANK[before["status"]] and not after["note"]:
                table.add(
                    i,
                    "note",
                    f"“{after['status']}” after “{before['status']}” (row {before['_row']}), without a note",
                    "a note where a commitment goes backwards",
                    "Say in the note what happened, or fix the status.",
                )


def _milestones(tables: dict[str, Table], known: dict) -> None:
    table, actions = tables["milestones"], tables["actions"].frame.set_index("action")
    table.filled(["milestone", "title"])
    table.unique(["milestone"])
    table.one_of("kind", MILESTONES)
    table.one_of("state", ("planned", "held"))
    for i, row in table.frame.iterrows():
        ends = [bounds(row[c]) if row[c] else None for c in ("start", "end")]
        for column, found in zip(("start", "end"), ends):
            if row[column] and found is None:
                table.add(i, column, f"“{row[column]}”", DATE, "Check the calendar.")
        if (row["start"] == "") != (row["end"] == ""):
            table.add(i, "end", "one date", "two dates or none", "Repeat the date for a single day.")
        if None in ends:
            continue
        if ends[0][0] > ends[1][1]:
            table.add(i, "end", f"“{row['end']}”", f"a date not before {row['start']}", "Change their order.")
        if row["action"] not in actions.index:
            continue
        action = actions.loc[row["action"]]
        window = [bounds(text) for text in items(action["window"])]
        if len(window) != 2 or None in window:
            continue
        begun = row["kind"] in AFTER_BEGIN
        first = window[0][0] if begun else (bounds(action["opened"]) or window[0])[0]
        if ends[1][1] < first:
            what = "began" if begun else "was first proposed"
            table.add(
                i,
                "start",
                f"{row['kind']} on {row['start']}",
                f"a date not before the period {row['action']} {what}, {first}",
                "Fix the date or the period, or write in actions.toml when it was opened.",
            )


def _outcomes(tables: dict[str, Table], known: dict) -> None:
    table = tables["outcomes"]
    table.unique(["outcome"])
    table.one_of("plan", {"", *known["plans"]}, "Name a plan of plans.toml, or nothing.")
    _results(table, known)


def _results(table: Table, known: dict) -> None:
    table.filled(["metric", "scope"])
    table.one_of("unit", UNITS, "Say what is counted; a number without a unit is not taken.")
    table.items("caveats", known["caveats"], "Use codes of corridors/catalog/caveats.toml.")
    frame = table.frame
    for column in ("value", "lower", "upper"):
        table.numbers(column, 0, 10**9)
    none = frame[["value", "lower", "upper"]].isna().all(axis=1)
    table.report(
        none,
        "value",
        "no number",
        "a value, or a bound",
        "An outcome without a number is a fact for facts.csv. Empty is not zero.",
    )
    for i, row in frame.iterrows():
        single = pd.notna(row["lower"]) != pd.notna(row["upper"]) and pd.isna(row["value"])
        allowed = () if not single else LOWER_ONLY if pd.notna(row["lower"]) else UPPER_ONLY
        if (row["bound_note"] or single) and row["bound_note"] not in allowed:
            table.add(
                i,
                "bound_note",
                f"“{row['bound_note']}”",
                ", ".join(allowed) or "nothing",
                "Say on which side the number is open.",
            )


def _plans(tables: dict[str, Table], known: dict) -> None:
    table, steps = tables["plans"], tables["plan_steps"]
    _party(table, "partners", known, listed=True)
    _party(table, "others", known, listed=True)
    table.one_of("stage", STAGES)
    table.items("sharing", SHARING)
    for i, row in table.frame.iterrows():
        partners = set(items(row["partners"]))
        if len(partners) < 2:
            table.add(
                i,
                "partners",
                f"{len(partners)} partner" + ("s" if not partners else ""),
                "two or more",
                "A plan joins members; one member's own inquiry does not belong here.",
            )
        if bounds(row["stage_as_of"]) is None:
            table.add(i, "stage_as_of", f"“{row['stage_as_of']}”", DATE, "Say when the stage was known.")
        for pair in items(row["corridors"]):
            ends = pair.split(">")
            if len(ends) != 2 or not set(ends) <= known["countries"] or not partners & set(ends):
                table.add(
                    i,
                    "corridors",
                    f"“{pair}”",
                    "origin>destination, codes of countries, a partner at one end",
                    "Write VNM>NZL.",
                )
    steps.one_of("plan", known["plans"], "Name a plan of plans.toml.")
    steps.one_of("kind", STEPS)
    steps.filled(["text"])
    _dated(steps, "date", needed=False)


def _library(tables: dict[str, Table], known: dict) -> None:
    tables["practices"].one_of("kind", ("practice", "case study"))
    tables["practices"].items("members", known["members"], "Use codes of corridors/catalog/members.toml.")
    tables["practices"].one_of("reliability", tuple("ABCDEF"))
    tables["practices"].one_of("credibility", tuple("123456"))
    tables["tools"].one_of("kind", ("tool", "forum"))
    tables["questions"].one_of("group", GROUPS)
    for name in ("injects", "questions", "roles"):
        tables["scenarios"].filled([name])
    tables["facts"].filled(["topic", "text"])
    conflicts = tables["conflicts"]
    conflicts.filled(["conflict", "question", "says"])
    for _, rows in conflicts.frame.groupby("conflict"):
        if len(rows) < 2 or rows["question"].nunique() > 1:
            conflicts.add(
                rows.index[0],
                "conflict",
                f"{len(rows)} answer(s) to {rows['question'].nunique()} question(s)",
                "one question and two answers or more",
                "Add what the other source says, in the same words of the question.",
            )


def check_debrief(answers: Table, results: Table, known: dict) -> None:
    """Notes in both tables of one debrief what is wrong with them."""
    for table in (answers, results):
        table.one_of("action", known["actions"], "Name a period of actions.toml by its key.")
        table.one_of(
            "member", {"", *known["members"]}, "Write a member's code, or nothing when the meeting said it together."
        )
        table.one_of("tlp", tlp.KEPT)
    answers.one_of("question", QUESTIONS)
    answers.items("themes", known["themes"], "Use words of themes.toml.")
    answers.one_of(
        "source", {*known["sources"], "debrief"}, "Write debrief when the answer was given in the debrief itself."
    )
    answers.one_of("certainty", CERTAINTY)
    _dated(answers, "given")
    for i, text in answers.frame["text"].items():
        if len(text) > LONGEST:
            answers.add(
                i,
                "text",
                f"{len(text)} characters",
                f"at most {LONGEST}",
                "Say what others can learn from; keep the report apart.",
            )
    _results(results, known)


def _dated(table: Table, column: str, needed: bool = True) -> None:
    for i, text in table.frame[column].items():
        if (text or needed) and bounds(text) is None:
            table.add(i, column, f"“{text}”", DATE, "Check the calendar.")
