"""An error in two halves: a reference and a kind sentence on screen, the trace in the log only."""

import logging
import secrets

from corridors.store.queries import figures
from corridors.web import http

log = logging.getLogger("corridors.errors")
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that is misread aloud: no 0 O 1 I L


def reference() -> str:
    """A name for one error, short enough to be read out over a telephone: K7Q2-M4XD."""
    drawn = "".join(secrets.choice(LETTERS) for _ in range(8))
    return f"{drawn[:4]}-{drawn[4:]}"


def said(fault: BaseException) -> str:
    """What a reader is told of an error, with its reference; the trace goes to the log under the same reference."""
    if isinstance(fault, figures.TooSlow):
        log.warning("a question was stopped: %s", fault)
        return str(fault)
    if isinstance(fault, figures.OtherShape):
        log.warning("%s", fault)
        return (
            "This needs an edition that this version of the system has made; the one shown was made by another. Whoever "
            "runs this server makes a new one with `python -m etl build`. Pages that need less go on meanwhile."
        )
    name = reference()
    log.error("reference %s", name, exc_info=fault)
    return (
        f"Something went wrong here; the fault is ours. Reference **{name}**: whoever runs this server finds the "
        "details under it in the log. The other pages are not affected. Reloading this one may help."
    )


class Errors:
    """ASGI middleware: an exception below becomes a 500 with a reference. Streamlit's pages have `said` instead."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send) -> None:
        started = False

        async def noted(message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, noted)
        except Exception as fault:
            if scope["type"] != "http" or started:
                raise
            await http.refuse(send, 500, said(fault).replace("**", ""), scope["path"])
