"""The early look, made ready: members and corridors where several push factors moved together, with the reasons spelt out."""

from dataclasses import dataclass

import pandas as pd

from corridors import catalog
from corridors.catalog import words
from corridors.statistics import trend as trends
from corridors.store import labels
from corridors.store.queries import factors
from corridors.views.factors import unbroken
from corridors.views.figure import caveats_of, to_text
from corridors.views.member import name_of

WINDOW, OLDEST = 10, 6  # years a trend looks back; years after which a series is too old for an early look
POINTS, PART = 0.5, 0.1  # least change from first to last year: percentage points of a share, part of the first value else
FLOW = "asylum_applications_new"  # the yearly figure that most corridors have


@dataclass(frozen=True)
class EarlyLook:
    """Members in which at least two push factors moved towards more pressure, and corridors out of them on which more people
    applied too; with reasons, never a score."""

    message: str
    members: tuple[tuple[str, tuple[str, ...]], ...]
    corridors: tuple[tuple[str, str, str, tuple[str, ...]], ...]  # title, origin, destination, reasons
    note: str
    caveats: str


@dataclass(frozen=True)
class _Moved:
    """One series that moved: whose it is, the factor behind it (empty for a corridor), and the reason in words."""

    who: str
    factor: str
    reason: str
    caveats: tuple[str, ...]


def early_look(edition_id: str) -> EarlyLook:
    """Series whose trend over the last ten unbroken years moved towards more pressure, in several factors at once.

    Every series of every member and corridor is judged together, so that false alarms stay at one in ten of what is shown.
    """
    vocabulary = catalog.load()
    worse = {
        k: (f, direction)
        for f in vocabulary.factors.values()
        if f.side == "push"
        for k, direction in f.worse.items()
        if "@" not in k
    }
    newest = labels.year_of(edition_id)
    series = [
        *_recent(factors.all_series(edition_id, sorted(worse)), newest),
        *_recent(factors.corridor_series(edition_id, FLOW), newest),
    ]
    said = trends.verdicts([run for _, run in series])
    pushed: dict[str, list[_Moved]] = {}
    rising: dict[str, _Moved] = {}
    for (last, run), verdict in zip(series, said):
        if not _large(run, vocabulary.indicators[last.key].unit):
            continue
        if last.key == FLOW:
            if verdict == "rose":
                rising[last.who] = _moved(last, run, verdict, "")
        elif verdict == {"higher": "rose", "lower": "fell"}[worse[last.key][1]]:
            pushed.setdefault(last.who, []).append(_moved(last, run, verdict, worse[last.key][0].id))
    several = {who: moved for who, moved in pushed.items() if len({m.factor for m in moved}) >= 2}
    name = vocabulary.place_name
    members = tuple(
        (name(who), tuple(m.reason for m in moved)) for who, moved in sorted(several.items(), key=lambda e: name(e[0]))
    )
    corridors = []
    for who, moved in rising.items():
        origin, destination = who.split()
        if origin in several:
            corridors.append(
                (
                    f"{name(origin)} to {name(destination)}",
                    origin,
                    destination,
                    (moved.reason, *(m.reason for m in several[origin])),
                )
            )
    caveats = {c for moved in several.values() for m in moved for c in m.caveats}
    caveats |= {c for who, m in rising.items() if who.split()[0] in several for c in m.caveats}
    message = (
        f"{len(series)} series of members' push factors and of corridors between members were judged together; "
        f"{said.count('too few years')} have too few years for a verdict. In {len(members)} members two or more factors moved towards "
        f"more pressure, and on {len(corridors)} {'corridor' if len(corridors) == 1 else 'corridors'} out of them new asylum applications rose as well. In order of name."
    )
    note = (
        f"Left out: changes under {POINTS:g} percentage point of a share and under {words.share(PART)} of anything else. "
        f"Mann-Kendall over at most {WINDOW} unbroken years ending no more than {OLDEST} years ago; false discoveries held at one in ten. "
        "A trend in an indicator is not a forecast of anybody's journey, and that two things moved together does not make one the cause."
    )
    return EarlyLook(message, members, tuple(sorted(corridors)), note, to_text(caveats_of(caveats)))


def _large(run: list[float], unit: str) -> bool:
    """Whether a series moved enough to be spoken of: 0.6 to 0.7 per cent is no warning, however steady the rise."""
    moved = abs(run[-1] - run[0])
    return moved >= POINTS if unit == "per-cent" else moved >= PART * abs(run[0])


def _recent(rows: pd.DataFrame, newest: int) -> list[tuple]:
    """The last row and the latest unbroken run of every series that is not too old."""
    found = []
    for _, part in rows.groupby(["who", "key", "source_id"]):
        part = part.tail(WINDOW)
        if part.year.iloc[-1] >= newest - OLDEST:
            run = unbroken(part.rename(columns={"middle": "value"}).assign(lower=float("nan"), upper=float("nan")))
            found.append((next(part.tail(1).itertuples()), run))
    return found


def _moved(last, run: list[float], verdict: str, factor_id: str) -> _Moved:
    vocabulary = catalog.load()
    indicator, year = vocabulary.indicators[last.key], int(last.year)
    name = name_of(indicator)
    name = words.small(name)
    head = f"{vocabulary.factors[factor_id].name}: {name}" if factor_id else words.capital(name)
    return _Moved(
        last.who,
        factor_id,
        (
            f"{head} {verdict}, {words.number(run[0], indicator.decimals)} in {year - len(run) + 1} to "
            f"{words.number(run[-1], indicator.decimals)} {last.unit_many} in {year} ({last.publisher}, {last.source_title}; grade {last.grade})"
        ),
        tuple(last.caveats),
    )
