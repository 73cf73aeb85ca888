"""Push and pull factors of one member, made ready: a row per factor and indicator, and the chart behind each row."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

import pandas as pd

from corridors import catalog
from corridors.catalog import Factor, words
from corridors.charts import strip
from corridors.statistics import trend as trends
from corridors.store import labels
from corridors.store.queries import factors as factor_reading
from corridors.store.queries import figures
from corridors.views.figure import Chart, caveats_of, margin, period_of, refuse_bare, trend
from corridors.views.member import name_of, short

ENDS = {"origin": "As a place of origin", "transit": "As a place of transit", "destination": "As a destination"}


@dataclass(frozen=True)
class Measured:
    """One factor read through one indicator for one member."""

    factor: Factor
    key: str
    indicator: str
    latest: str
    period: str
    unit: str
    margin: str
    spark: tuple[float, ...]
    position: str
    others: tuple[float, ...]
    mine: float
    change: str
    age: int
    source: str
    grade: str
    most_serious: str
    drawn: Callable[[], Chart]  # made for the one series that is looked at, not for all twenty

    @property
    def third(self) -> str:
        """In which third of the members with a figure this one lies."""
        return strip.third(self.mine, list(self.others))

    @property
    def chart(self) -> Chart:
        """The series as a chart."""
        return self.drawn()


@dataclass(frozen=True)
class Factors:
    """All factors of one member: those with a figure, those whose indicator has none here, those that nobody measures."""

    measured: tuple[Measured, ...]
    without_figure: tuple[tuple[Factor, str], ...]
    unmeasured: tuple[Factor, ...]


def outer(ready: Factors, most: int = 3) -> list[Measured]:
    """What stands out: an indicator for each factor in whose outer third the member lies, the farthest from the middle first.

    Only where twelve members or more have a figure that is at most three years old.
    """
    found = [row for row in ready.measured if row.third != "middle" and len(row.others) >= 12 and row.age <= 3]
    far = sorted(found, key=lambda row: -abs(strip.share(row.mine, list(row.others)) - 0.5))
    chosen: list[Measured] = []
    for row in far:
        if all(row.factor.id != other.factor.id and row.key != other.key for other in chosen):
            chosen.append(row)
    return chosen[:most]


def by_end(keys: Iterable[str]) -> tuple[list[str], list[str]]:
    """The indicators that are read at the place, and those read at the other end (with “@partner” in their key)."""
    return sorted(k for k in keys if "@" not in k), sorted(k.removesuffix("@partner") for k in keys if "@" in k)


def factors(edition_id: str, iso3: str) -> Factors:
    """The factor matrix of one member. Verdicts of all its series are judged together."""
    vocabulary = catalog.load()
    member = vocabulary.members[iso3]
    place, partner = by_end({k for f in vocabulary.factors.values() for k in f.indicators})
    series = factor_reading.series(edition_id, iso3, place, partner)
    latest = factor_reading.latest_of_members(edition_id, place, partner)
    breaks = figures.breaks(edition_id)
    by_key = {key: rows[rows.source_id == rows.source_id.iloc[-1]] for key, rows in series.groupby("key")}
    verdicts = dict(zip(by_key, trends.verdicts([unbroken(rows) for rows in by_key.values()])))
    measured, without = [], []
    for factor in vocabulary.factors.values():
        for key in factor.indicators:
            indicator = vocabulary.indicators[key.removesuffix("@partner")]
            title = name_of(indicator) + (f", {indicator.partner_role} {short(member)}" if "@" in key else "")
            if key not in by_key:
                without.append((factor, title))
                continue
            rows = by_key[key]
            refuse_bare(rows)
            measured.append(
                _measured(factor, key, title, rows, latest[latest.key == key], verdicts[key], breaks, edition_id)
            )
    unmeasured = tuple(f for f in vocabulary.factors.values() if not f.indicators)
    return Factors(tuple(measured), tuple(without), unmeasured)


def unbroken(rows: pd.DataFrame) -> list[float]:
    """The middle values of the run of years without a gap that ends in the latest year."""
    values = rows.value.fillna((rows.lower + rows.upper) / 2).tolist()
    years = rows.year.tolist()
    start = len(years) - 1
    while start > 0 and years[start - 1] == years[start] - 1:
        start -= 1
    return values[start:] if years else []


def _measured(factor, key, title, rows, members, verdict, breaks, edition_id) -> Measured:
    last = next(rows.tail(1).itertuples())
    middle = rows.value.fillna((rows.lower + rows.upper) / 2)
    others = members.middle.tolist() or [middle.iloc[-1]]
    span = margin(last)
    run = len(unbroken(rows))
    change = verdict if verdict == "too few years" else f"{verdict}, {last.year - run + 1}–{last.year}"
    return Measured(
        factor,
        key,
        title,
        words.figure(last),
        period_of(last),
        words.unit(last),
        f"{words.number(span[0], last.decimals)} to {words.number(span[1], last.decimals)}" if span else "",
        tuple(float(v) for v in middle),
        strip.in_words(middle.iloc[-1], others),
        tuple(others),
        float(middle.iloc[-1]),
        change,
        labels.year_of(edition_id) - int(last.year),
        f"{last.publisher}, {last.source_title}, {last.source_edition}",
        last.grade,
        caveats_of(last.caveats)[0].title,
        partial(trend, rows, title, f"factor-{factor.id}-{key.replace('@', '-')}", breaks),
    )
