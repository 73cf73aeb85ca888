"""Outlooks, made ready: what past years suggest for the next ones, always with the record of the same method."""

from dataclasses import dataclass, replace

import pandas as pd
import plotly.graph_objects as go

from corridors import catalog
from corridors.catalog import WORLD, words
from corridors.charts import fan
from corridors.charts.theme import themed
from corridors.statistics.outlook import SAID
from corridors.store.queries import figures, outlooks
from corridors.views.figure import Chart, breaks_for, if_held, slim, source_of, trend

MEASURES = {"incidents": "recorded incidents", "people": "people recorded dead or missing"}
MINIMUM = (
    "What is recorded is the least that happened, not how dangerous a month is: where more people cross, more are lost, and where "
    "nobody looks, none is recorded. A projection names no day and no place."
)
PROJECTION = "A projection, not a figure: never quote it as a level, never add it up."


@dataclass(frozen=True)
class Outlook:
    """One series with its years to come, ready to show. `record` has a row for each earlier year that was tried."""

    title: str
    sentence: str
    chart: go.Figure
    record: pd.DataFrame
    record_said: str
    method: str
    source: str


@dataclass(frozen=True)
class Season:
    """A sea or a road: what each month usually brings, the six months that come, and the record of saying so."""

    title: str
    sentences: tuple[str, ...]
    months: str
    chart: go.Figure
    record: pd.DataFrame
    method: str
    source: str


@dataclass(frozen=True)
class HowGood:
    """How outlooks did: on the past of the series of this edition, and those that earlier editions published."""

    tried: pd.DataFrame
    published: pd.DataFrame
    said: str
    unseen: str


def title(row) -> str:
    """The name of a series: its indicator and the place or the two ends that it speaks of."""
    name = row.short_name or row.indicator
    if words.missing(row.partner_iso3):
        return f"{name}: {row.place}"
    return f"{name}: from {row.partner} to {'all places' if row.iso3 == WORLD else row.place}"


def choices(edition_id: str) -> dict[str, str]:
    """The outlooks that there are: id → title, in the order of indicators and names."""
    return {row.outlook_id: title(row) for row in if_held(outlooks.outlooks, edition_id).itertuples()}


def outlook(edition_id: str, outlook_id: str) -> Outlook:
    """One outlook. Raises KeyError where the edition has none of that id."""
    rows = outlooks.outlooks(edition_id)
    rows = rows[rows.outlook_id == outlook_id]
    if rows.empty:
        raise KeyError(outlook_id)
    row = next(rows.itertuples())
    ahead, past = outlooks.years(edition_id, outlook_id), outlooks.record(edition_id, outlook_id)
    counted = outlooks.counted(edition_id, outlook_id)
    breaks = breaks_for(figures.breaks(edition_id), next(counted.tail(1).itertuples()))
    return Outlook(
        title(row),
        sentence(row),
        themed(fan.draw(counted, breaks, ahead)),
        _record(past),
        record_said(past),
        f"Method: {SAID}, on logarithms, fitted with statsforecast to {row.first_year} to {row.last_year}"
        f"{f' ({row.shortened})' if row.shortened else ''}. Its errors on the series' own past were {row.skill:.0%} smaller than those "
        f"of last year's number (MASE {row.mase:.2f}). Its 80 % interval held {row.coverage:.0%} of what came, over {row.tried} "
        "forecasts of one to three years.",
        source_of(row),
    )


def of_pair(edition_id: str, origin: str, destination: str) -> tuple[tuple[str, str], ...]:
    """What past years suggest for a corridor: a line for each figure that was considered, and the outlook's id; "" where none is."""
    lines = []
    for row in if_held(outlooks.of_pair, edition_id, destination, origin).itertuples():
        name = row.short_name or row.indicator
        if words.missing(row.refusal):
            lines.append((f"**{name}.** {sentence(row)}", row.outlook_id))
        else:
            lines.append((f"**{name}.** None: {row.refusal}.", ""))
    return tuple(lines)


def of_member(edition_id: str, iso3: str) -> list[dict[str, str]]:
    """The outlooks of series that speak of a member at either end: text and source of each. PROJECTION must stand beside them."""
    rows = if_held(outlooks.of_member, edition_id, iso3)
    return [{"text": f"{title(row)}. {expected(row)}", "source": source_of(row)} for row in rows.itertuples()]


def on_slide(edition_id: str, rows: pd.DataFrame) -> tuple[str, pd.DataFrame | None]:
    """What is expected after the figures of a slide's chart: one short line, and the years to come (see `outlooks.years`); "" and None
    where nothing is, or where the chart ends in another year or at another source than the outlook began from."""
    last = rows.iloc[-1]
    row = _after(edition_id, last)
    if row is None or row.last_year != last.year:
        return "", None
    low, high = words.number(row.next_lower), words.number(row.next_upper)
    said = f"{row.next_year:.0f}: past years suggest {low} to {high} {row.unit_many}, a projection, not a figure"
    return said, outlooks.years(edition_id, row.outlook_id)


def _after(edition_id: str, last):
    """The outlook of the series that ends in this row; None where there is none."""
    partner = None if words.missing(last.partner_iso3) else last.partner_iso3
    for row in if_held(outlooks.of_pair, edition_id, last.iso3, partner).itertuples():
        if words.missing(row.refusal) and (row.indicator_id, row.source_id) == (last.indicator_id, last.source_id):
            return row
    return None


def trend_ahead(edition_id: str, rows: pd.DataFrame, title: str, key: str, breaks: pd.DataFrame, verdict: str = "") -> Chart:
    """`figure.trend`, with the years to come behind the last figure where past years suggest any."""
    chart = trend(rows, title, key, breaks, verdict)
    if chart.figure is None:
        return chart
    rows = rows.sort_values("year")
    last = next(rows[["iso3", "partner_iso3", "indicator_id", "source_id"]].tail(1).itertuples())  # each column more costs
    if not catalog.load().indicators[last.indicator_id].outlook:
        return chart
    row = _after(edition_id, last)
    if row is None:
        return chart
    drawn = themed(fan.draw(slim(rows, "year"), breaks_for(breaks, last), outlooks.years(edition_id, row.outlook_id)))
    said = sentence(row)
    return replace(chart, figure=drawn, alt=f"{chart.alt} {said}", notes=(*chart.notes, said), outlook_id=row.outlook_id)


def region(edition_id: str, most: int = 5) -> tuple[str, tuple[tuple[str, str, str, str], ...]]:
    """One sentence on the corridors whose outlook is outside what was usual, and up to five of them in the order of names: line, origin,
    destination, outlook's id."""
    rows = if_held(outlooks.unusual, edition_id)
    if rows.empty:
        return "", ()
    found = list(rows[rows.unusual].itertuples())
    said = (
        f"Of {len(rows)} figures of corridors between members that can be looked ahead, {len(found) or 'none'} "
        f"{'has' if len(found) == 1 else 'have'} a range for the next year that lies wholly above or below the usual range, here the middle "
        f"half of the last ten years; {int(rows.beyond.sum()) or 'none'} outside all ten"
        f"{f'. The first {most} by name' if len(found) > most else ''}. {PROJECTION}"
    )
    lines = tuple(
        (
            f"{row.partner} to {row.place}: {words.small(row.short_name or row.indicator)}, {'above' if row.above else 'below'} the usual range. "
            f"{expected(row)}",
            row.partner_iso3,
            row.iso3,
            row.outlook_id,
        )
        for row in found[:most]
    )
    return said, lines


def sentence(row) -> str:
    """What is expected for the first year to come, beside the last figure; ready to be read aloud."""
    return f"{expected(row)} {PROJECTION}"


def expected(row) -> str:
    """The same without the word on what a projection is, which must stand beside it."""
    return (
        f"For {row.next_year:.0f}, past years suggest between {words.number(row.next_lower)} and {words.number(row.next_upper)} "
        f"{row.unit_many} (four chances in five), after {last_figure(row)} in {row.last_year:.0f} ({row.publisher})."
    )


def last_figure(row) -> str:
    """The figure that an outlook begins from, as it is told elsewhere: a sum of which a small part is masked is about so many."""
    value = row.last_value if words.missing(row.last_lower) else float("nan")
    ends = {"lower": row.last_lower, "upper": row.last_upper}
    return words.figure(pd.Series({"value": value, **ends, "decimals": row.decimals}))


def record_said(past: pd.DataFrame) -> str:
    """How the method did in the latest years, in words, its worst miss named."""
    held = int(past.came.between(past.lower_80, past.upper_80).sum())
    worst = next(past[past.worst].itertuples())
    return (
        f"In {held} of the last {len(past)} years the range held what came. Its worst miss was {worst.year}: it would have said "
        f"{words.number(worst.middle)}, and {words.number(worst.came)} came."
    )


def _record(past: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Year": past.year,
            "Would have said": past.middle.map(words.number),
            "Range (80 in 100)": [_range(row) for row in past.itertuples()],
            "Came": past.came.map(words.number),
            "Held": past.came.between(past.lower_80, past.upper_80).map({True: "yes", False: "no"}),
        }
    )


def refusals(edition_id: str) -> pd.DataFrame:
    """Why nothing is said of the other series, a row each."""
    rows = outlooks.refusals(edition_id)
    spans = zip(rows.first_year, rows.last_year)
    return pd.DataFrame(
        {
            "Figure": rows.indicator,
            "From": rows.partner.fillna(""),
            "Place": rows.place.fillna(""),
            "Years": ["" if words.missing(first) else f"{first:.0f} to {last:.0f}" for first, last in spans],
            "Why not": rows.refusal.map(words.capital),
        }
    )


def how_good(edition_id: str) -> HowGood:
    """The record of the whole product."""
    rows, years, months = (ask(edition_id) for ask in (outlooks.tried, outlooks.published, outlooks.seasons_published))
    ends = months.starts + pd.DateOffset(months=5)
    before = pd.concat(
        [
            years.assign(period=years.year.astype(str)),
            months.assign(
                indicator=months.measure.map(MEASURES).map(words.capital),
                place=months.name,
                period=[f"{start:%B %Y} to {end:%B %Y}" for start, end in zip(months.starts, ends)],
            ),
        ]
    )
    tried = pd.DataFrame(
        {
            "Figure": rows.indicator,
            "Year": rows.year,
            "Outlooks": rows.said,
            "Range held": [f"{r.held} of {r.said}" for r in rows.itertuples()],
            "Off by, in the middle": rows.off.map("{:.0%}".format),
        }
    )
    came = before[before.came.notna()]
    held = int(came.came.between(came.lower_80, came.upper_80).sum())
    if before.empty:
        said = "No earlier edition published an outlook yet: from the next edition on, what this one says is kept and scored here."
    elif came.empty:
        said = f"Earlier editions published {len(before):,} outlooks; of none has the figure come yet."
    else:
        said = f"Earlier editions published {len(before):,} outlooks. Of {len(came):,} the figure has come; the range held {held:,}."
    listed = pd.DataFrame(
        {
            "Published": before.published.dt.date,
            "Figure": before.indicator,
            "From": before.partner.fillna(""),
            "Place": before.place.fillna(""),
            "Period": before.period,
            "Range (80 in 100)": [_range(row) for row in before.itertuples()],
            "Came": [("not yet" if words.missing(r.came) else words.number(r.came)) for r in before.itertuples()],
        }
    )
    return HowGood(tried, listed, said, _unseen(outlooks.unseen(edition_id)))


def season_choices(edition_id: str) -> dict[str, str]:
    """The seas and roads of whose months something can be said: id → name."""
    return {row.season_id: row.name for row in _incident_seasons(edition_id) if words.missing(row.refusal)}


def _incident_seasons(edition_id: str) -> list:
    return [row for row in if_held(outlooks.seasons, edition_id).itertuples(index=False) if row.measure == "incidents"]


def seasons_refused(edition_id: str) -> str:
    """The seas and roads of whose months nothing is said, and why, in one sentence; empty where there is none."""
    rows = [row for row in _incident_seasons(edition_id) if not words.missing(row.refusal)]
    return f"Nothing is said of {'; '.join(f'{row.name}: {row.refusal}' for row in rows)}." if rows else ""


def season(edition_id: str, season_id: str) -> Season:
    """The months of one sea or road. Raises KeyError where the edition has none of that id."""
    rows = outlooks.seasons(edition_id)
    rows = rows[rows.season_id == season_id].set_index("measure")
    if rows.empty or not words.missing(rows.refusal["incidents"]):
        raise KeyError(season_id)
    incidents = rows.loc["incidents"]
    months, past = outlooks.season_months(edition_id, season_id, "incidents"), outlooks.season_record(edition_id, season_id)
    record = {"Six months from": [f"{start:%B %Y}" for start in sorted(set(past.starts))]}
    for measure in past.measure.unique():
        part = past[past.measure == measure].set_index("starts")
        record[f"{words.capital(MEASURES[measure])}: range"] = [_range(row) for row in part.itertuples()]
        record["Came" if measure == "incidents" else "People came"] = list(part.came.map(words.number))
        record["Held" if measure == "incidents" else "Held, people"] = list(
            part.came.between(part.lower_80, part.upper_80).map({True: "yes", False: "no"})
        )
    held = words.listing(
        [f"{row.coverage:.0%} of the {MEASURES[m]}" for m, row in rows.iterrows() if not words.missing(row.coverage)]
    )
    return Season(
        incidents["name"],
        tuple(_half_year(measure, row) for measure, row in rows.iterrows()),
        f"The highest mean is that of {words.MONTHS[int(months.month[months.middle.idxmax()])]}; one year can make it, and the range shows "
        f"that. {MINIMUM}",
        themed(fan.draw_months(months)),
        pd.DataFrame(record),
        f"Method: recorded incidents of {incidents.first_year:.0f} to {incidents.last_year:.0f} pooled by month, negative binomial, with the "
        f"spread from year to year (quasi-Poisson). {incidents.left_out:,.0f} rows without a month or standing for many events are left out, and "
        f"so is a year that is not over. Over {incidents.tried:.0f} half-years of the past the range held, where 80 % were meant, {held}.",
        source_of(incidents),
    )


def _half_year(measure: str, row) -> str:
    """What the six months that come usually bring, or why that is not said."""
    ends = row.starts + pd.DateOffset(months=5)
    head = f"**{words.capital(MEASURES[measure])}, {row.starts:%B %Y} to {ends:%B %Y}.**"
    why = next((each for each in (row.refusal, row.no_outlook) if not words.missing(each)), "")
    if why:
        return f"{head} No outlook: {why}."
    return f"{head} These months usually bring {_range(row)} (four chances in five). {PROJECTION}"


def _range(row) -> str:
    return f"{words.number(row.lower_80)} to {words.number(row.upper_80)}"


def _unseen(row: dict) -> str:
    """How the choice of what is told did on years after it: the one score that the choice itself cannot flatter."""
    gain = 1 - row["error"] / row["naive"]
    return (
        f"**On years that the choice had not seen.** A series is told because its record is good, which flatters the record. So the same "
        f"choice was made two, three and four years before the last figure, and held against what came after: over "
        f"{row['tried']:,.0f} forecasts of {row['series']:,.0f} series the range held {row['held'] / row['tried']:.0%} (80 % are meant), and the errors were "
        f"{abs(gain):.0%} {'smaller' if gain >= 0 else 'larger'} than those of last year's number."
    )
