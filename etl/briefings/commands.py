"""`python -m etl template …`: the files that members and case offices fill in."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from corridors import catalog
from corridors.problems import Refused
from etl.pipeline import DATA


def template(
    what: Annotated[str, typer.Argument(help="ISO3 code of a member for a briefing workbook, or “cases”.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="File to write: .xlsx for a briefing.")],
    period: Annotated[str | None, typer.Option(help="2025, 2025-01..2025-06; last year by default.")] = None,
):
    """Write a file to be filled in: a member's briefing workbook, or the columns of case data."""
    if what.casefold() == "cases":
        from etl.cases.template import write as write_cases

        write_cases(out)
    else:
        from etl.briefings import read
        from etl.briefings import template as briefings

        briefings.write(out, what.upper(), read.vocabulary(catalog.load(), DATA), DATA, span(period))
    typer.echo(f"Written: {out}. Fill it in, then: python -m etl check {out}")


def layout(
    file: Annotated[Path, typer.Argument(help="A member's own table: XLSX, ODS or CSV.")],
    member: Annotated[str, typer.Option(help="Whose table it is, such as THA.")],
    name: Annotated[str, typer.Option(help="A short name for it, such as victims-by-year.")],
):
    """Propose a layout from a member's own table, to be corrected and used with check and accept."""
    from etl.briefings import layout_proposal, read

    made = layout_proposal.write(file, member, name, DATA, read.vocabulary(catalog.load(), DATA))
    typer.echo(f"Written: data/layouts/{made.name}. Look at every guess and fill in what is empty, then:")
    typer.echo(f"python -m etl check {file} --layout {made.stem}")


def span(period: str | None) -> tuple[date, date]:
    """First and last day of a period as typed; last year where none is. Raises Refused for what is none."""
    from etl.briefings.model import period_of

    try:
        return period_of(period or str(date.today().year - 1))
    except ValueError:
        raise Refused.of(
            "--period", f"“{period}”", "a year, a month or a span such as 2025-01..2025-06", "Write it so."
        ) from None


def register(app: typer.Typer) -> None:
    """Adds the command to the command line of `python -m etl`."""
    app.command()(template)
    app.command()(layout)
