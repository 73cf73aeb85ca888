"""The command line `corridors …`: every verb of `python -m etl`, `export` with those of `python -m corridors.export`, `token` and `ask`."""

import sys

from corridors.export import __main__ as export
from corridors.web import commands
from etl import __main__ as etl

etl.app.add_typer(export.app, name="export")
etl.app.add_typer(commands.app, name="token")
etl.app.command()(commands.ask)


def main() -> int:
    """Runs the command line; returns the exit status. Refusals print without a traceback, and so does Ctrl-C."""
    if sys.argv[1:2] == ["export"]:
        sys.argv[:2] = ["corridors export"]
        return export.main()
    return etl.main()


if __name__ == "__main__":
    sys.exit(main())
