"""`python -m etl …`: the writers' verbs. Every refusal prints what was found, what was expected and how to fix it; exit 1."""

import os
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from corridors import ROOT, catalog
from corridors.catalog import uses
from corridors.problems import Refused
from corridors.store import bucket, command, editions, mirror, publishing, replica
from corridors.store.queries import figures
from etl import lake, model_inputs, multiple_systems, pipeline, verify
from etl.briefings import commands as briefing_commands
from etl.frames import write_csv
from etl.submissions import commands as intake_commands
from tools import licences

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Read publishers' files, build an edition, publish it, compare and undo.",
)
for verbs in (lake, multiple_systems, briefing_commands, intake_commands, verify, licences):
    verbs.register(app)
out = Console(soft_wrap=True, width=None if sys.stdout.isatty() else 120)  # a log must not cut numbers off
CASES = "ctdc"  # a publisher of case data, which goes another way than figures
Names = Annotated[list[str] | None, typer.Argument(help="Sources; all when none is named.")]
Edition = Annotated[str, typer.Argument(help="Id of an edition, as the command editions prints it.")]


@contextmanager
def _at_work(text: str) -> Iterator[Callable[[str], None]]:
    """A line that says what is being done, by whatever it is called with."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=out, transient=True) as bar:
        task = bar.add_task(text, total=None)
        yield lambda said: bar.update(task, description=said)


@app.command()
def extract(
    origin: Annotated[Path, typer.Option("--from", help="Folder with one sub-folder of originals per source.")],
    source: Names = None,
    older: Annotated[
        bool, typer.Option("--older", help="Take an older release, or one that holds fewer figures than are kept.")
    ] = False,
):
    """Turn publishers' originals into the imported tables under data/sources/; case data of CTDC into data/cases/."""
    named = [name for name in source or [] if name != CASES]
    if CASES in (source or []) or not source and (origin / CASES).is_dir():
        from etl.sources.ctdc import read

        made = read.extract(origin / CASES, pipeline.DATA)
        out.print(f"{CASES}: {len(made.counts):,} counts of {made.persons:,} people")
    if source and not named:
        return
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=out, transient=True
    ) as bar:
        tasks: dict[str, int] = {}

        def step(name, result):
            if result is None:
                tasks[name] = bar.add_task(f"Reading {name}", total=1)
            else:
                bar.update(tasks[name], completed=1, description=f"{name}: {result.cells_read:,} cells")

        results = pipeline.extract(origin, named, on_source=step, older=older, before_writing=out.print)
        if model_inputs.touched(origin, named):
            write_csv(model_inputs.country_terms(origin, catalog.load()), pipeline.DATA / model_inputs.FILE)
    table = _table("Extracted", "source", "cells read", "figures", "incidents, rules, pairs", "rejected", "out of scope")
    for r in results:
        other = next((rows for rows in (r.incidents, r.visas, r.pairs) if rows is not None), None)
        table.add_row(
            r.source_id,
            f"{r.cells_read:,}",
            f"{len(r.figures):,}",
            "–" if other is None else f"{len(other):,}",
            f"{len(r.rejected):,}",
            f"{sum(r.out_of_scope.values()):,}",
        )
    out.print(table)
    out.print("Every cell read is a figure, an incident, a rejected row or out of scope. Next: python -m etl build")


@app.command()
def refresh(
    source: Names = None,
    accept_shrunk: Annotated[bool, typer.Option(help="Take a file that is less than half of the one before.")] = False,
    older: Annotated[
        bool, typer.Option("--older", help="Take an older release, or one that holds fewer figures than are kept.")
    ] = False,
):
    """Download the originals from the publishers into data/originals/, then extract."""
    from etl import refresh as refreshing

    folder = pipeline.DATA / "originals"
    with Progress(TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn(), console=out) as bar:
        tasks: dict[str, int] = {}

        def step(file: str, done: int, total: int | None):
            if file not in tasks:
                tasks[file] = bar.add_task(file, total=total)
            bar.update(tasks[file], completed=done, total=total)

        fetched = refreshing.refresh(pipeline.sources(source or []), folder, on_progress=step, accept_shrunk=accept_shrunk)
    for f in fetched:
        out.print(f"{f.source_id}/{f.file}: {f.state}")
    extract(folder, source, older)


@app.command()
def build(
    dated: Annotated[str | None, typer.Option(help="Date of the edition, YYYY-MM-DD; today by default.")] = None,
    if_missing: Annotated[bool, typer.Option(help="Do nothing when an edition is already published.")] = False,
    again: Annotated[
        str | None, typer.Option(help="Id of an edition: make it once more beside the published ones, and compare the two.")
    ] = None,
):
    """Build an edition from the imported tables, check it, publish it."""
    from etl import build as building  # statistics take a second to load, and a check of a file needs none

    if if_missing:
        _caught_up()
        try:
            out.print(f"Edition {editions.current()} is published.")
            return
        except editions.NoEdition:
            pass
    if again:
        with _at_work("Building") as said:
            compared = lake.compared(again, pipeline.DATA, said)
        out.print(compared)
        return
    day = _day(dated) if dated else date.today()
    with _at_work("Building") as said:
        made = building.build(dated=day, on_step=said)
    table = _table(
        f"Edition {made.edition_id}" + ("" if made.new else " (already built; nothing had changed)"),
        "source",
        "figures",
        "first year",
        "last year",
        "rejected",
        "out of scope",
    )
    for r in made.accounts.itertuples():
        table.add_row(
            r.source_id, f"{r.figures:,}", *_span(r.first_year, r.last_year), f"{r.rejected:,}", f"{r.out_of_scope:,}"
        )
    out.print(table)
    for use, rows in made.uses.groupby("use", sort=False):
        said = ", ".join(f"{r.answer} {r.figures:,}" for r in rows.itertuples())
        out.print(f"{uses.QUESTIONS[use]} · {said}")
    for row in figures.rejected(made.edition_id).itertuples():
        out.print(f"Rejected · {row.publisher}: {row.cells:,} cells, {row.reason}")
    for check, offenders in made.open_questions:
        out.print(f"Open question · {check.name}: {len(offenders)}, for instance {offenders[0]}")
    if len(made.changes):
        for row in made.changes.itertuples():
            out.print(f"Since the edition before · {row.source_id}: {row.figures:,} {row.kind}")
    else:
        out.print("Since the edition before: no figure changed, or there was none before.")


@app.command("editions")
def list_editions(
    share: Annotated[bool, typer.Option("--share", help="Put all that this machine holds into the bucket first.")] = False,
):
    """List the editions kept; the star marks the one that readers see, a dash those that were retracted."""
    if share:
        out.print(f"In the bucket now: {', '.join(mirror.share()) or 'nothing of this machine'}.")
    _caught_up()
    for edition_id, note in editions.retractions().items():
        out.print(f"- {edition_id}  retracted {note}", markup=False)
    now = editions.current()
    for edition_id in editions.listed():
        out.print(
            f"{'*' if edition_id == now else ' '} {edition_id}  built {figures.edition(edition_id)['built_at']:%Y-%m-%d %H:%M} UTC"
        )


@app.command()
def diff(first: Edition, second: Edition, limit: Annotated[int, typer.Option(help="Rows to print.")] = 20):
    """Say what differs between two editions."""
    rows = figures.difference(first, second)
    counts = rows.groupby(["source_id", "kind"]).size()
    out.print(f"{len(rows):,} figures differ between {first} and {second}.")
    for (source_id, kind), number in counts.items():
        out.print(f"· {source_id}: {number:,} {kind}")
    for r in rows.head(limit).itertuples():
        out.print(
            f"{r.kind}: {r.indicator_id}, {r.iso3}{' and ' + r.partner_iso3 if isinstance(r.partner_iso3, str) else ''}, "
            f"{r.year}: {r.said_before if isinstance(r.said_before, str) else '–'} → "
            f"{r.said_after if isinstance(r.said_after, str) else '–'}"
        )


@app.command()
def rollback(edition_id: Edition):
    """Show readers an earlier edition again."""
    publishing.set_current(edition_id)
    out.print(f"Readers now see edition {edition_id}.")


@app.command()
def retract(
    edition_id: Edition,
    reason: Annotated[str, typer.Option(help="Why, in a sentence. It is kept beside the editions and shown to no reader.")],
):
    """Take an edition back: nobody can read it any more; its files are kept under lock for whoever looks after the data."""
    if not reason.strip():
        raise Refused("--reason: found nothing; expected why the edition is taken back, in a sentence.")
    now = publishing.retract(edition_id, reason)
    out.print(f"Edition {edition_id} is retracted; its files lie in {editions.folder().name}/{editions.SEALED}/.")
    out.print(
        f"Readers now see edition {now}." if now else "No whole edition is left for readers. Run “python -m etl build”."
    )
    for other in editions.listed():
        if not editions.fault_of(other) and figures.edition(other)["previous_id"] == edition_id:
            out.print(
                f"Edition {other} lists what changed since it, with its figures: build anew and retract that one as well."
            )


@app.command()
def prune(keep: Annotated[int, typer.Option(help="How many editions to keep.", min=1)] = 20):
    """Delete the oldest editions; never the one that readers see, nor those that were retracted."""
    gone = publishing.prune(keep)
    out.print(f"Deleted: {', '.join(gone)}" if gone else "Nothing to delete.")


def _caught_up() -> None:
    """Looks into the bucket where there is one, and says what it cannot look at."""
    if replica.caught_up():
        out.print(f"Note · {bucket.remembered(editions.folder()).fault}", markup=False)


def _span(first, last) -> tuple[str, str]:
    """First and last year as text; dashes for a source that consists of rules, not of figures."""
    return ("–", "–") if str(first) in ("None", "nan", "<NA>") else (f"{int(first)}", f"{int(last)}")


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left")
    for n, column in enumerate(columns):
        table.add_column(column, justify="right" if n else "left", no_wrap=n == 0, overflow="fold")
    return table


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(f"--dated: found “{text}”; expected a date such as 2026-11-21.") from None


def main() -> int:
    """Runs the command line; returns the exit status. Refusals print without a traceback, and so does Ctrl-C."""
    # where Spark is installed, pandera and statsforecast load it too, and that warns of pandas 3
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    return command.run(
        app,
        dict.fromkeys((Refused, catalog.CatalogFault, editions.NoEdition, editions.UnknownEdition, bucket.BucketRefused)),
        interrupted="Nothing was half-written; readers still see a whole edition.",
        refused_by_the_system=" Nothing was published.",
    )


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main())
