"""Which edition of INFORM Risk is the newest: its interface gives every edition a number, and answers nothing without one."""

import re
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode

from corridors import bounded
from corridors.problems import SourceRefused
from etl.download import Client, RetryLater, Target, read_body

BACK = 3  # years in which the newest edition is looked for
GLOBAL = re.compile(r"INFORM Risk (Mid )?20\d\d( v?[\d.]+)?")


def newest(client: Client, target: Target, options: dict) -> Target:
    """The target with the scores of the newest edition that INFORM lists, and the edition's day in the file's name.

    Every edition has a number of its own, and the list of a year is empty until its first one; so the years are asked
    backwards. The list also names editions of single regions and trials: only a name such as “INFORM Risk 2026” counts.
    """
    this_year = client.policy.now().year
    for year in range(this_year + 1, this_year - BACK, -1):
        address = f"{target.url}Workflows/GetByYear/{year}"
        editions = client.retried(
            target, lambda: listed(read_body(client, target, address, may_be_page=False), target, address)
        )
        if editions:
            day, number = max(editions)
            query = urlencode({"WorkflowId": number, "IndicatorId": ",".join(options["indicators"])}, safe=",")
            path = target.path.with_name(target.path.name.replace("{date}", day))
            return replace(
                target,
                url=f"{target.url}countries/Scores/?{query}",
                path=path,
                label=f"{target.path.parent.name}/{path.name}",
            )
    raise SourceRefused.of(
        target.label,
        f"no edition from {this_year - BACK + 1} to {this_year + 1} at {target.url}",
        "an edition named “INFORM Risk” and its year",
        f"The publisher changed its list. {target.by_hand()}",
    )


def listed(body: bytes, target: Target, address: str) -> list[tuple[str, int]]:
    """Day and number of the global editions in a list. Raises RetryLater for no answer, as INFORM gives at times."""
    if not body.strip():
        raise RetryLater("an empty answer", "a list of editions")
    try:
        named = [e for e in bounded.read_json(body) if GLOBAL.fullmatch(str(e["Name"]).strip())]
        return [(datetime.fromisoformat(str(e["WorkflowDate"])).date().isoformat(), int(e["WorkflowId"])) for e in named]
    except (ValueError, TypeError, KeyError):
        raise SourceRefused.of(
            target.label,
            f"a list in another shape at {address}",
            "Name, WorkflowId and WorkflowDate of each edition",
            f"The publisher changed its interface. {target.by_hand()}",
        ) from None
