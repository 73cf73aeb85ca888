"""`corridors token …`: keys for other programs, made and withdrawn by a steward; `corridors ask`: an assistant on this machine."""

import datetime as dt
from typing import Annotated

import typer

from corridors.catalog import roles, tlp
from corridors.problems import Refused
from corridors.store import tokens
from corridors.web import questions

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Keys for other programs that ask under /api/v1/.")


@app.command()
def make(
    person: Annotated[str, typer.Argument(help="Who will hold it.")],
    role: Annotated[str, typer.Option("--role", help="A role of access.toml that may take files away.")],
    until: Annotated[dt.datetime, typer.Option("--until", formats=["%Y-%m-%d"], help="Its last day, at most a year ahead.")],
):
    """Makes a key and shows it, this once."""
    try:
        known = {one.id: one for one in roles.load().roles}
    except roles.BadAccess as fault:
        raise Refused(fault.faults) from None
    if role not in known or not known[role].may_ask:
        able = ", ".join(one.id for one in known.values() if one.may_ask)
        raise Refused(f"found the role “{role}”; expected one that may take files away: {able}.")
    made, text = tokens.make(person, role, until.date(), dt.date.today())
    typer.echo(f"Key {made.id} for {made.person}, {made.role}, until {made.until}. It is shown this once:\n{text}")


@app.command(name="list")
def list_():
    """All keys: who holds them, with which role, until when."""
    for one in tokens.listed():
        said = one.ended(dt.date.today()) or "It opens."
        typer.echo(f"{one.id}  {one.role:<12} until {one.until}  {one.person}. {said}")


@app.command()
def withdraw(token: Annotated[str, typer.Argument(help="The name of a key, as “corridors token list” shows it.")]):
    """Ends a key from the next question on."""
    ended = tokens.withdraw(token, dt.date.today())
    typer.echo(f"Key {ended.id} of {ended.person} opens nothing any more.")


def ask(ceiling: Annotated[str, typer.Option("--tlp", help="Nothing above this label is told.")] = "CLEAR"):
    """Answers an assistant on this machine, by standard input and output (Model Context Protocol)."""
    if ceiling not in tlp.KEPT:
        raise Refused(f"found the label “{ceiling}”; expected one of {', '.join(tlp.KEPT)}.")
    with questions.locally(ceiling):
        questions.made().run("stdio")
