"""`python -m etl multiple-systems OVERLAPS.csv`: an overlap table in, the comparison of models for the number of cases on no list out."""

from __future__ import annotations

import json as as_json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from corridors.statistics import overlap_table
from corridors.statistics.overlap_table import SEED, SHORT

if TYPE_CHECKING:
    from corridors.statistics.multiple_systems import ModelComparison, ModelResult, Resampled

from corridors.problems import Refused, shortened

READING = (
    "Intervals are 95 %, by profile likelihood, as if the model were known to be right. A total is a model's answer "
    "about people who "
    "could have been on these lists, never a count; which ties between lists are true cannot be seen in the table."
)


class NoEstimate(Refused):
    """The table was read, but no model may speak of it."""

    heading = "The table was read, and no number is given:"


def read(file: Path) -> overlap_table.OverlapTable:
    """The overlap table in a CSV file. Raises Refused with every fault by row and column."""
    try:
        if file.is_file() and file.stat().st_size > overlap_table.MOST_BYTES:
            raise Refused.of(
                file.name,
                f"{file.stat().st_size:,} bytes",
                f"at most {overlap_table.MOST_BYTES:,}",
                "An overlap table has one short line per pattern; hand in no case records.",
            )
        data = file.read_bytes()
    except OSError as fault:
        raise Refused.of(
            str(file),
            f"a file that cannot be read ({fault.strerror})",
            "a CSV with an overlap table",
            "Look at the path and at your right to read the file.",
        ) from None
    try:
        return overlap_table.read(data)
    except overlap_table.BadTable as bad:
        problems = [replace(f, file=file.name) for f in bad.faults]
        raise Refused(shortened(problems, 60)) from None


def estimate(table: overlap_table.OverlapTable, samples: int = 0, seed: int = SEED) -> ModelComparison:
    """The ladder for a table, resampled `samples` times with a progress bar on the error stream."""
    from corridors.statistics import (
        multiple_systems as models,  # the solvers take a second to load, and no other verb needs them
    )

    if not samples or models.compare(table).refusals:
        return models.compare(table)
    screen = Console(file=sys.stderr)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as bar:
        task = bar.add_task("Resampling", total=samples)

        def step(done: int):
            bar.update(task, completed=done)
            if bar.disable and done % max(samples // 10, 1) == 0:  # a log cannot redraw a bar
                print(f"Resampling: {done:,} of {samples:,}", file=sys.stderr, flush=True)

        resampled = models.bootstrap(table, samples, seed, step)
    return models.compare(table, resampled)


def register(app: typer.Typer) -> None:
    """Adds the verb `multiple-systems` to the command line; `hidden`, its name until November 2026, goes on working."""

    @app.command("hidden", hidden=True)
    @app.command("multiple-systems")
    def said(
        overlaps: Annotated[
            Path, typer.Argument(help="CSV: one 0/1 column per list and a column count; patterns not listed are zeros.")
        ],
        json: Annotated[bool, typer.Option("--json", help="Print the comparison as JSON.")] = False,
        bootstrap: Annotated[
            int, typer.Option(help="Resample so many times, choosing the model anew each time.", min=0, max=100_000)
        ] = 0,
        seed: Annotated[int, typer.Option(help="Seed of the samples.", min=0)] = SEED,
    ):
        """Estimate how many cases are on no list, by a comparison of models (multiple systems estimation)."""
        found = estimate(read(overlaps), bootstrap, seed)
        if json:
            print(as_json.dumps(found.to_dict(), ensure_ascii=False, indent=2))
        elif not found.refusals:
            show(found, Console(soft_wrap=True, width=None if sys.stdout.isatty() else 140))
        if found.refusals:
            raise NoEstimate(found.refusals)


def show(found: ModelComparison, out: Console) -> None:
    """Prints the ladder as a table, the ties of each model beneath, then the warnings and how to read it."""
    resampled = any(result.bootstrap for result in found.models)
    table = Table(
        title=f"{found.observed:,} cases on {len(found.lists)} lists ({', '.join(found.lists)})", title_justify="left"
    )
    heads = ["model", "total", "95 % interval", *(["resampled"] if resampled else []), "on no list", "AIC", "BIC"]
    for n, head in enumerate(heads):
        table.add_column(head, justify="right" if n else "left", no_wrap=True)
    for result in found.models:
        cells = [SHORT[result.key], _whole(result.total), _span(result)]
        cells += [_resampled(result.bootstrap)] if resampled else []
        table.add_row(*cells, _whole(result.hidden), _tenth(result.aic), _tenth(result.bic))
    out.print(table)
    for result in found.models:
        ties = [" × ".join(t) + (" (no case in common)" if t in result.without_overlap else "") for t in result.terms]
        out.print(f"{SHORT[result.key]}: {result.name}. Ties: {', '.join(ties) or 'none'}.", highlight=False)
    for warning in found.warnings:
        out.print(f"Warning · {warning}", highlight=False)
    out.print(READING, highlight=False)


def _whole(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"


def _tenth(value: float | None) -> str:
    return "–" if value is None else f"{value:,.1f}"


def _span(result: ModelResult) -> str:
    return (
        "–"
        if result.lower is None
        else f"{result.lower:,.0f} to {'no upper end' if result.upper is None else f'{result.upper:,.0f}'}"
    )


def _resampled(made: Resampled | None) -> str:
    if made is None or made.lower is None or made.upper is None:
        return "too few samples" if made else "–"
    return f"{made.lower:,.0f} to {made.upper:,.0f} ({made.used:,} of {made.samples:,})"
