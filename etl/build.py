"""From imported tables to a published edition: draft, fill, correct, derive, grade, check, publish. All or nothing."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import pandas as pd

from corridors import ROOT, catalog, paths
from corridors.problems import Problem, Refused, SourceRefused
from corridors.statistics import quality
from corridors.store import editions, publishing, writing
from corridors.store import outlooks as outlook_store
from corridors.store.atomic_files import sha256
from corridors.store.cases import snapshots
from corridors.store.lock import Busy
from corridors.store.queries import figures
from etl import (
    checks,
    conflicts,
    corrections,
    grading,
    model,
    outlooks,
    pipeline,
    protection,
    routes,
    trends,
    visa_changes,
)
from etl.actions import tables as action_tables
from etl.briefings import tables as briefing_tables


@dataclass(frozen=True)
class Built:
    """What a build did: the edition's id, whether it is new, and what the reader should know."""

    edition_id: str
    new: bool
    open_questions: list
    accounts: pd.DataFrame
    changes: pd.DataFrame
    uses: pd.DataFrame  # use, answer, figures: how many figures may be used so
    outlooks: dict[str, int]  # shown, refused: how many series have an outlook


@dataclass(frozen=True)
class Recipe:
    """What it takes to make an edition once more, beside the same inputs."""

    edition_id: str
    built_at: datetime
    previous_id: str | None
    snapshot: int | None  # of the lake; None where records lie in a file


# every room that hands tables to an edition, in the order in which they refer to one another
ROOMS = (
    ("Drawing the routes", lambda data, vocabulary: routes.tables(data / paths.ROUTES, vocabulary)),
    (
        "Reading the changes of visa rules",
        lambda data, vocabulary: visa_changes.tables(data / paths.VISA_CHANGES, vocabulary),
    ),
    ("Reading the country briefings", briefing_tables.tables),
    ("Reading the record of actions", action_tables.tables),
)
APART = {"editions", "originals", "private"}  # below data/: written by the house itself, or never part of an edition


def inputs_digest(data: Path, version: int | None = None) -> str:
    """SHA-256 over everything that decides an edition's content: imported text, vocabulary, schema, and the code of the writers.

    Case records count as they stand in the snapshot `version` of a lake, where there is one.
    """
    imported = [
        p
        for p in sorted(data.rglob("*"))
        if p.relative_to(data).parts[0] not in APART and p.suffix in (".csv", ".toml", ".json")
    ]
    code = [
        p
        for room in (
            pipeline.SOURCES.parent,
            Path(quality.__file__).parent,
            Path(catalog.__file__).parent,
            Path(editions.__file__).parent,
        )
        for p in sorted(room.rglob("*"))
        if p.suffix in (".py", ".sql", ".toml", ".csv", ".txt")
    ]
    lines = [f"data/{p.relative_to(data).as_posix()} {sha256(p)}" for p in imported]
    lines += [f"{p.relative_to(ROOT).as_posix()} {sha256(p)}" for p in code]
    return hashlib.sha256("\n".join([*lines, protection.fingerprint(data, version)]).encode()).hexdigest()


def build(
    data: Path = pipeline.DATA,
    where: Path | None = None,
    dated: date | None = None,
    on_step: Callable[[str], None] = lambda _: None,
    published: Path | None = None,
    again: Recipe | None = None,
) -> Built:
    """Builds and publishes an edition dated `dated` (default today); returns what happened.

    `published`: the folder of the editions that it is compared with, where it is built as a draft in another one.
    `again`: what an earlier edition was made of, to make that one once more.

    The same inputs on the same date give the same edition: it is then only pointed at, and made anew if its file is
    damaged. Waits while another build is at work. Raises Refused (imported tables missing or wrong, another build that
    does not end), StaleCorrection, CheckFailed or OSError (a disk that refuses); in each case the published edition stands.
    """
    where, dated = where or editions.folder(), dated or date.today()
    try:
        with publishing.writing(where, on_wait=on_step):
            return _built(data, where, dated, on_step, published or where, again)
    except Busy as fault:
        raise Refused(str(fault)) from None


def rebuilt(edition_id: str, data: Path, where: Path, on_step: Callable[[str], None] = lambda _: None) -> Path:
    """Makes an edition once more, of the same inputs and the same snapshot, into the empty folder `where`; its file.

    Raises Refused where the inputs are no longer those of the edition, or nothing is known of how it was made.
    """
    recipe = _recipe(edition_id, data)
    made = build(data, where, date.fromisoformat(edition_id[:10]), on_step, editions.folder(), recipe)
    return editions.path_of(made.edition_id, where)


def _recipe(edition_id: str, data: Path) -> Recipe:
    """From the edition itself, or else from the lake, which remembers each that was made of it."""
    with suppress(editions.UnknownEdition):
        return Recipe(edition_id, *figures.recipe(edition_id))
    if row := snapshots.recipe(data, edition_id):
        return Recipe(edition_id, *row)
    raise Refused.of(
        edition_id,
        "no edition of this name here, and none that the lake was asked for",
        "an edition that was built here",
        "List them: python -m etl editions",
    )


def _built(
    data: Path,
    where: Path,
    dated: date,
    on_step: Callable[[str], None],
    published: Path,
    again: Recipe | None,
) -> Built:
    version = again.snapshot if again else protection.note_states(data)
    digest = inputs_digest(data, version)
    edition_id = f"{dated.isoformat()}-{digest[:8]}"
    if again and edition_id != again.edition_id:
        raise Refused.of(
            again.edition_id,
            f"inputs that make {edition_id}",
            "the data, the code and the secrets of that edition",
            "Check out the commit that it was built from (git log), and bring its salt and seed.",
        )
    for retracted, note in editions.retractions(published).items():
        if retracted.endswith(digest[:8]):
            raise Refused(
                f"These inputs made edition {retracted}, which was retracted ({note}): building from them would show the same "
                "again. Change what was wrong in data/ or in the code first. Nothing was published."
            )
    previous = again.previous_id if again else _previous(published, edition_id)
    built_at = again.built_at if again else datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    tables = pipeline.imported(data)
    vocabulary = catalog.with_breaks_of(catalog.load(), data / paths.BREAKS)
    with publishing.draft(where) as work:
        on_step("Reading the catalog and the imported tables")
        writing.catalog_rows(work, vocabulary, [t.source for t in tables])
        work.connection.execute(
            "insert into edition values (?, ?, ?, ?, ?, version(), ?)",
            [edition_id, built_at, dated, digest, previous, version],
        )
        cards = _fill(work, tables)
        for step, tables_of in (*ROOMS, ("Protecting the case tables", partial(protection.tables, version=version))):
            on_step(step)
            for name, frame in tables_of(data, vocabulary).items():
                writing.insert(work, name, frame)
        checks.run(work.connection, checks.STAGED)
        on_step("Applying corrections")
        corrections.apply(work.connection, corrections.load(data / paths.CORRECTIONS))
        on_step("Deriving totals, caveats and grades")
        writing.run_steps(work, "derived", "keyed", "steps", "agreement", "digit", "answers")
        series = writing.series(work)
        writing.run_steps(work, "caveats", "found", "figures", graded=grading.grades(writing.to_grade(work)))
        grading.apply(work, grading.overrides(data / paths.OVERRIDES, vocabulary))
        writing.run_steps(work, "regional", "panel", "coverage")
        writing.run_steps(work, "accounts", card=cards)
        on_step("Fitting the model")
        model.fit_all(work, data)
        visa_changes.fit(work)
        on_step("Looking ahead, and back at what was said before")
        ahead = outlooks.look_ahead(work, vocabulary)
        before = _before(previous, published)
        outlook_store.remember(work, before)
        on_step("Comparing with the edition before")
        writing.changes_since(work, before)
        on_step("Checking")
        open_questions = checks.run(work.connection)
        on_step("Judging trends")
        writing.insert(work, "trend", trends.verdicts(series, vocabulary))
        on_step("Listing what disagrees")
        apart, evidence, recorded = (
            writing.disagreements(work),
            writing.evidence_apart(work),
            writing.recorded_conflicts(work),
        )
        for name, frame in conflicts.tables(data / paths.CONFLICTS, apart, evidence, recorded, vocabulary).items():
            writing.insert(work, name, frame)
        accounts = work.connection.execute("from source_account order by source_id").df()
        changes = work.connection.execute(
            "select source_id, kind, count(*) as figures from change group by all order by all"
        ).df()
        uses = writing.uses(work)
        new = bool(editions.fault_of(edition_id, where))
        if inputs_digest(data, version) != digest:
            raise SourceRefused.of(
                "data/",
                "imported tables that changed while the edition was being built",
                "the same inputs from beginning to end",
                "Build again.",
            )
        on_step("Publishing")
        if new:
            if not again:
                snapshots.remember(data, version, edition_id, built_at, previous)
            publishing.publish(work, edition_id, where)
    publishing.set_current(edition_id, where)
    return Built(edition_id, new, open_questions, accounts, changes, uses, ahead)


def _before(previous: str | None, published: Path) -> Path | None:
    """The file of the edition that this one is compared with. Raises Refused where it is gone."""
    try:
        return editions.path_of(previous, published) if previous else None
    except editions.UnknownEdition as fault:
        raise Refused.of(
            f"edition {previous}",
            f"what the edition was compared with is gone ({fault})",
            "its files beside the others",
            "Bring them back from a copy; without them nobody can say what had changed.",
        ) from None


def _previous(where: Path, edition_id: str) -> str | None:
    """The edition that readers see now, if it is another one; never a damaged one."""
    try:
        now = editions.current(where)
    except editions.NoEdition:
        return None
    return now if now != edition_id else None


def _fill(work: publishing.Draft, tables: list[pipeline.Imported]) -> pd.DataFrame:
    """Loads every imported table into the draft; returns one row per source with its account of cells.

    Kept and rejected are counted anew, so that an imported table that lost rows on its way does not balance.
    """
    writing.stage(work)
    cards, problems = [], []
    for table in tables:
        source_id, card, counts = table.source.id, table.card, {}
        for part, load in (
            ("figures", writing.stage_figures),
            ("rejected", writing.read_rejected),
            *((part, partial(writing.read_rows, part=part)) for part in writing.ROWS_OF),
        ):
            path = table.path(part)
            if not path.is_file():
                continue
            try:
                counts[part] = load(work, path=path, source_id=source_id)
            except writing.UnreadableTable as fault:
                problems.append(
                    Problem(
                        f"data/{path.relative_to(table.data).as_posix()}",
                        fault.found,
                        "the columns and formats of an imported table",
                        "Undo the edit, or run “python -m etl extract” again.",
                        column=fault.column,
                        row=fault.row,
                    )
                )
        cards.append(
            {
                "source_id": source_id,
                "cells_read": card["cells_read"],
                "kept": next((counts[p] for p in ("incidents", "visas", "pairs", "figures") if p in counts), 0),
                "rejected": counts.get("rejected", 0),
                "out_of_scope": sum(card["out_of_scope"].values()),
            }
        )
        writing.insert(
            work,
            "out_of_scope",
            pd.DataFrame([{"source_id": source_id, "reason": r, "cells": n} for r, n in card["out_of_scope"].items()]),
        )
        writing.insert(
            work, "input_file", pd.DataFrame([{"source_id": source_id, **vars(f)} for f in pipeline.input_files(card)])
        )
    if problems:
        raise SourceRefused(problems)
    return pd.DataFrame(cards)
