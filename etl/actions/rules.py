"""What must hold in `data/editorial/actions`: every party known, every date possible, every result with unit and source."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from corridors.catalog import Catalog, people, tlp
from corridors.catalog.calendars import bounds
from corridors.problems import Problem, Refused
from etl.actions import read
from etl.actions.read import items
from etl.routes import CRIMES, FORMS, LOWER_ONLY, UPPER_ONLY
from etl.routes_table import Table
from etl.submissions import nearest

CERTAINTY, HELD, ROLES, MILESTONES, AFTER_BEGIN, UNITS, STEPS, STAGES, SHARING, QUESTIONS, GROUPS = (
    tuple(read.HELD[name])
    for name in "certainty held roles milestones after_begin units steps stages sharing questions groups".split()
)
RANK: dict[str, int] = read.HELD["commitments"]  # a later one that stands lower needs a word of explanation
LONGEST = 1200  # characters of an answer: a lesson, not a report


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
            table.fault(i, "window", "window-dates", said=row["window"])
        elif ends[0][0] > ends[1][1]:
            table.fault(i, "window", "window-order", said=row["window"])
        elif row["opened"] and ((day := bounds(row["opened"])) is None or day[0] > ends[0][1]):
            table.fault(i, "opened", "opened-late", said=row["opened"])
        listed = takers[(takers["action"] == row["action"]) & (takers["role"] == "participant")]["party"].nunique()
        stated = row["participants_stated"]
        if stated and not (stated.isdigit() and (int(stated) == listed or row["participants_note"])):
            table.fault(i, "participants_stated", "participants-number", said=stated, listed=listed)


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
            table.fault(i, column, "party-unknown", hint=hint, found=people.shown(party, 60) if party else "an empty cell")


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
                table.fault(
                    i, "note", "commitment-backwards", now=after["status"], before=before["status"], earlier=before["_row"]
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
                table.fault(i, column, "date-unknown", said=row[column])
        if (row["start"] == "") != (row["end"] == ""):
            table.fault(i, "end", "milestone-one-date")
        if None in ends:
            continue
        if ends[0][0] > ends[1][1]:
            table.fault(i, "end", "milestone-order", said=row["end"], start=row["start"])
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
            table.fault(
                i,
                "start",
                "milestone-before-period",
                kind=row["kind"],
                start=row["start"],
                action=row["action"],
                what=what,
                day=first,
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
    table.fault(none, "value", "outcome-without-number")
    for i, row in frame.iterrows():
        single = pd.notna(row["lower"]) != pd.notna(row["upper"]) and pd.isna(row["value"])
        allowed = () if not single else LOWER_ONLY if pd.notna(row["lower"]) else UPPER_ONLY
        if (row["bound_note"] or single) and row["bound_note"] not in allowed:
            table.fault(i, "bound_note", "outcome-bound", said=row["bound_note"], expected=", ".join(allowed) or "nothing")


def _plans(tables: dict[str, Table], known: dict) -> None:
    table, steps = tables["plans"], tables["plan_steps"]
    _party(table, "partners", known, listed=True)
    _party(table, "others", known, listed=True)
    table.one_of("stage", STAGES)
    table.items("sharing", SHARING)
    for i, row in table.frame.iterrows():
        partners = set(items(row["partners"]))
        if len(partners) < 2:
            table.fault(i, "partners", "plan-of-one", found=f"{len(partners)} partner" + ("s" if not partners else ""))
        if bounds(row["stage_as_of"]) is None:
            table.fault(i, "stage_as_of", "plan-stage-date", said=row["stage_as_of"])
        for pair in items(row["corridors"]):
            ends = pair.split(">")
            if len(ends) != 2 or not set(ends) <= known["countries"] or not partners & set(ends):
                table.fault(i, "corridors", "plan-corridor", said=pair)
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
            conflicts.fault(
                rows.index[0], "conflict", "conflict-of-one", answers=len(rows), questions=rows["question"].nunique()
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
            answers.fault(i, "text", "answer-too-long", length=len(text), most=LONGEST)
    _results(results, known)


def _dated(table: Table, column: str, needed: bool = True) -> None:
    for i, text in table.frame[column].items():
        if (text or needed) and bounds(text) is None:
            table.fault(i, column, "date-unknown", said=text)
