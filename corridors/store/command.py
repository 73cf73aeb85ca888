"""How every command line of the house ends: refusals in words and without a traceback, Ctrl-C told, an exit status."""

import signal
import sys
from collections.abc import Mapping

import duckdb

INTERRUPTED = 130
# what a disk that is full or shut makes of a write, inside the database too
DISK = (OSError, duckdb.IOException, duckdb.FatalException, duckdb.TransactionException)
USAGE = 2


def run(app, refusals: Mapping[type[Exception], str | None], interrupted: str, refused_by_the_system: str) -> int:
    """Runs a typer app and returns the exit status.

    `refusals`: faults that a person can mend → what is printed instead of their own words, None for their own words.
    `interrupted` and `refused_by_the_system` end the messages for Ctrl-C and for a disk that is full or shut.
    Raises what is a fault of ours.
    """
    pressed = []  # typer, DuckDB and the typesetter each turn Ctrl-C into a fault of their own, so it is noted here

    def stop(number, frame):
        pressed.append(number)
        raise KeyboardInterrupt

    former = signal.signal(signal.SIGINT, stop)
    try:
        ended = app(standalone_mode=False)  # the exit code where a command ended with one
        status = ended if isinstance(ended, int) else 0
    except (Exception, KeyboardInterrupt) as fault:
        status = INTERRUPTED if pressed else _status_of(fault, refusals, refused_by_the_system)
    finally:
        signal.signal(signal.SIGINT, former)
    if pressed:
        print(f"\nInterrupted. {interrupted}", file=sys.stderr)
        return INTERRUPTED
    return status


def _status_of(fault: BaseException, refusals: Mapping[type[Exception], str | None], system: str) -> int:
    for kind, words in refusals.items():
        if isinstance(fault, kind):
            print(words or fault, file=sys.stderr)
            return 1
    if hasattr(fault, "format_message"):  # click's usage errors
        print(fault.format_message(), file=sys.stderr)
        return USAGE
    if isinstance(fault, DISK):
        print(f"The disk or the system refused: {fault}.{system}", file=sys.stderr)
        return 1
    raise fault
