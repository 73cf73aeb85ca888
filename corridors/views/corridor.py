"""The corridor page, made ready: one origin and one destination, and which corridors moved most."""

from dataclasses import dataclass
from functools import partial

import pandas as pd

from corridors import catalog
from corridors.catalog import words
from corridors.statistics import trend as trends
from corridors.store.queries import figures
from corridors.store.queries import routes as route_reading
from corridors.views.figure import Card, Chart, LazyCharts, card, limits, refuse_bare
from corridors.views.member import name_of
from corridors.views.outlook import trend_ahead

ON_CARDS = (
    "refugees",
    "asylum_applications_new",
    "asylum_seekers",
    "detected_victims",
    "refugees_returned",
    "deaths_and_disappearances",
    "migrant_stock",
)
WINDOW = 10  # years that a verdict looks back
LEAST = trends.FEWEST_FOR_SLOPE  # unbroken years of a corridor that is judged
SMALLEST = 100  # corridors under this in the latest year are not listed: small counts are rounded by the publisher
RULES = {
    "free": "no visa needed",
    "on_arrival": "visa on arrival",
    "electronic": "electronic visa or travel authorisation",
    "required": "visa needed before travel",
    "refused": "entry refused",
}


@dataclass(frozen=True)
class Corridor:
    """One pair: cards, charts over time, routes between, visa rules both ways, and what is not held."""

    cards: tuple[Card, ...]
    charts: tuple[Chart, ...]
    more: LazyCharts
    routes: tuple  # rows of `routes_between`: walking a frame costs a rerun three milliseconds
    visas: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Movers:
    """Corridors judged together: the message, the table of those that rose or fell, and the rows behind them."""

    message: str
    table: pd.DataFrame
    source: str
    caveats: str


def places(edition_id: str) -> dict[str, str]:
    """Every place that stands at an end of some corridor, by name: code → name, members first."""
    vocabulary = catalog.load()
    pairs = route_reading.corridor_pairs(edition_id)
    codes = set(pairs.origin) | set(pairs.destination)
    ordered = sorted(codes, key=lambda c: (c not in vocabulary.members, vocabulary.place_name(c)))
    return {code: vocabulary.place_name(code) for code in ordered}


def corridor(edition_id: str, origin: str, destination: str) -> Corridor:
    """Everything held about people of `origin` in, or on the way to, `destination`."""
    vocabulary = catalog.load()
    rows = route_reading.corridor_series(edition_id, origin, destination)
    breaks = figures.breaks(edition_id)
    cards, charts, more, held = [], [], {}, set()
    for indicator_id, part in rows.groupby("indicator_id", sort=False):
        indicator = vocabulary.indicators[indicator_id]
        # Several figures of one year (two authorities, two labels) stay apart: no line joins them.
        single = part.drop_duplicates("year", keep=False)
        held.add(indicator_id)
        if indicator_id in ON_CARDS:
            latest = part[part.year == part.year.max()]
            for n in range(len(latest)):
                note = f"as {latest.provider_label.iloc[n]}" if len(latest) > 1 else ""
                made = card(latest.iloc[[n]], name_of(indicator), f"{indicator_id}-{n}", note)
                cards.append((ON_CARDS.index(indicator_id), made))
        if len(single) > 1:
            key, title = f"corridor-{indicator_id}", name_of(indicator)
            make = partial(trend_ahead, edition_id, single, title, key, breaks)
            if indicator.main:
                charts.append((list(vocabulary.themes).index(indicator.theme), indicator.order, make()))
            else:
                more[key] = title, make
    missing = [name_of(vocabulary.indicators[i]) for i in ON_CARDS if i not in held]
    return Corridor(
        tuple(c for _, c in sorted(cards, key=lambda pair: pair[0])),
        tuple(c[-1] for c in sorted(charts, key=lambda entry: entry[:2])),
        LazyCharts(more),
        tuple(route_reading.routes_between(edition_id, origin, destination).itertuples(index=False)),
        tuple(_visas(edition_id, origin, destination)),
        tuple(missing),
    )


def _visas(edition_id: str, origin: str, destination: str) -> list[str]:
    """The visa rule each way in one sentence, with its source; nothing where the source has none."""
    name = catalog.load().place_name
    said = []
    for here, there in ((origin, destination), (destination, origin)):
        for row in route_reading.visa(edition_id, here, there).itertuples():
            days = f" for {int(row.days)} days" if pd.notna(row.days) else ""
            said.append(
                f"Citizens of {name(here)} entering {name(there)}: **{RULES[row.rule]}{days}** "
                f"({row.title}, {row.edition}; ordinary passports, rules change fast)"
            )
    return said


def movers(edition_id: str, indicator_id: str) -> Movers:
    """Corridors between two members whose figures rose or fell, judged together; no verdict from too few years."""
    vocabulary = catalog.load()
    indicator = vocabulary.indicators[indicator_id]
    rows = route_reading.corridor_history(edition_id, indicator_id)
    rows = rows[rows.origin.isin(vocabulary.members) & rows.destination.isin(vocabulary.members)]
    latest = int(rows.year.max())
    rows = rows[rows.year > latest - WINDOW].drop_duplicates(["origin", "destination", "year"], keep=False)
    refuse_bare(rows)
    rows = rows.assign(middle=rows.value.fillna((rows.lower + rows.upper) / 2))
    years = list(range(latest - WINDOW + 1, latest + 1))
    wide = rows.pivot(index=["origin", "destination"], columns="year", values="middle").reindex(columns=years)
    unbroken = wide.iloc[:, ::-1].notna().cumprod(axis=1).sum(axis=1)  # years without a gap, counted back from the latest
    wide, unbroken = wide[unbroken > 0], unbroken[unbroken > 0]
    series = [values[-n:] for values, n in zip(wide.to_numpy(), unbroken)]
    big = [i for i, run in enumerate(series) if run[0] + run[-1] >= SMALLEST]
    verdicts = zip(big, trends.verdicts([series[i] for i in big]))
    # fewer years have no slope, so how much they moved is not known
    said = [verdict if len(series[i]) >= LEAST else "too few years" for i, verdict in verdicts]
    moved = [(i, verdict) for i, verdict in zip(big, said) if verdict in ("rose", "fell")]
    table = pd.DataFrame([_moved(rows, wide.index[i], series[i], latest, verdict) for i, verdict in moved])
    message = (
        f"Of {len(big):,} corridors between two members with at least {SMALLEST} people at the start and end of the last {WINDOW} years "
        f"together, **{said.count('rose')} rose, {said.count('fell')} fell**, {said.count('no steady rise or fall')} show no steady rise or fall, and "
        f"{said.count('too few years')} have too few years for a verdict. {indicator.definition}"
    )
    if len(table):
        table = table.sort_values("per_year", key=abs, ascending=False)
        table["per_year"] = [f"{v:+,.0f}" for v in table.per_year]
    its = limits(rows)
    return Movers(message, table, its.source, its.text)


def _moved(rows: pd.DataFrame, pair: tuple[str, str], run, latest: int, verdict: str) -> dict:
    """One line of the table: the corridor, its verdict, its first and last figure, and Sen's slope."""
    mine = rows[(rows.origin == pair[0]) & (rows.destination == pair[1])].set_index("year")
    first, last = mine.loc[latest - len(run) + 1], mine.loc[latest]
    return {
        "corridor": f"{last.partner} to {last.place}",
        "verdict": verdict,
        "from": f"{words.figure(first)} ({latest - len(run) + 1})",
        "to": f"{words.figure(last)} ({latest})",
        "per_year": trends.sen_slope(run).slope,
    }
