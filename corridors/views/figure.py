"""Everything a page shows, made ready once per edition and kept: cards and charts with all that must be said beside them.

A rerun of a page then only hands finished parts to the browser. Nothing here draws; `cards` does. A number without unit,
source, grade or caveats is refused here, so it cannot reach the screen.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, partial

import pandas as pd
import plotly.graph_objects as go

from corridors import catalog
from corridors.catalog import uses, words
from corridors.charts import NARROW
from corridors.charts import bars as bars_chart
from corridors.charts import trend as trend_chart
from corridors.charts.theme import themed
from corridors.statistics import quality
from corridors.statistics.counts import poisson_interval
from corridors.store.queries.figures import OtherShape, deaths_by_month

NEEDED = (
    "value lower upper status unit_one unit_many period_start "
    "period_end publisher source_title source_edition grade grade_reason caveats tlp"
).split()
OF_ONE_NUMBER = ("few_events", "old", "single_source")  # said of the number on the card, not of every year of its chart


class BareNumber(Exception):
    """A figure without source, unit, grade or caveats was about to be shown."""


@dataclass(frozen=True)
class Limits:
    """What must be said with a figure: grade and why, source, most serious caveat, and all caveats in words."""

    grade: str
    grade_reason: str
    source: str
    most_serious: str
    count: int
    text: str
    scores: str = ""  # of the grade's dimensions
    counted_to: str = ""  # the date of the figure, which is no part of the grade
    use: str = ""  # what the figure may be used for, in a line; empty where an earlier edition does not know

    @property
    def dated_scores(self) -> str:
        """The scores with the date that they are of, for a place where no period stands beside them."""
        return " · ".join(filter(None, [self.scores, self.counted_to]))


@dataclass(frozen=True)
class Card:
    """One figure ready to be shown, on whatever medium: page, brief, slide."""

    key: str
    label: str
    amount: str
    unit: str
    period: str
    note: str
    interval: str  # what chance alone, or the publisher's own margin, allows around the value; empty where neither is known
    status: str  # in words, empty when simply reported or derived
    publisher: str
    source_id: str
    caveats: tuple[str, ...]
    limits: Limits
    spark: tuple[tuple[int, float], ...] = ()  # year and value, oldest first
    spark_starts: tuple[int, ...] = ()  # years before which no line may come: after a gap or a break
    compare: tuple[str, str] = ("", "")  # whether it may be compared with another member, and why not
    short: str = ""  # the label on a compact card
    change: str = ""  # how the series moved, in a few words

    @property
    def when(self) -> str:
        """The period where it is short, else the part of the year that it is of."""
        return self.period if len(self.period) < 15 else f"part of {self.period[-4:]}"

    @property
    def line(self) -> str:
        """Counted unit and period, note and interval, as markdown."""
        return self.line_with(self.note)

    def line_with(self, note: str) -> str:
        """The same with another note, or none."""
        interval = f":small[{self.interval}]" if self.interval else ""
        return "  \n".join(filter(None, [f"**{self.unit}** · {self.period}", note, interval]))


@dataclass(frozen=True)
class Chart:
    """One chart ready to be shown, with its message, the text for those who cannot see it, and its rows for the table."""

    key: str
    title: str
    message: str
    figure: go.Figure | None  # none of a single value, which is a number and no chart
    alt: str
    limits: Limits
    rows: pd.DataFrame
    notes: tuple[str, ...] = field(default_factory=tuple)
    outlook_id: str = ""  # of the years to come that are drawn behind the last figure

    @cached_property
    def slide(self) -> dict[str, str]:
        """What a slide of these rows is asked by, where they are one figure of a member or of a corridor; else empty."""
        one = [self.rows[name].unique() for name in ("indicator_id", "iso3")]
        if any(len(found) != 1 for found in one):
            return {}
        (indicator,), (here,) = one
        others, known = self.rows.partner_iso3.dropna().unique(), self.rows.partner_iso3.notna().all()
        if not len(others) and here in catalog.load().members:
            return {"kind": "member", "member": here, "indicator": indicator}
        if len(others) == 1 and known and "WLD" not in (here, others[0]):
            return {"kind": "corridor", "origin": others[0], "destination": here, "indicator": indicator}
        return {}


Makers = dict[str, tuple[str, Callable[[], Chart]]]  # key → title, and what makes the chart when it is opened


class LazyCharts(Mapping[str, Chart]):
    """Charts by key, each made when it is first asked for: most wait behind a menu and are never opened.

    `titles` is key → title, known without making a chart; a key names the same figure for every member and edition.
    """

    def __init__(self, makers: Makers):
        self._makers, self._made = makers, {}

    @classmethod
    def joined(cls, several: Iterable[LazyCharts]) -> LazyCharts:
        """All charts of several, in their order."""
        return cls({k: (t, partial(each.__getitem__, k)) for each in several for k, t in each.titles.items()})

    @property
    def titles(self) -> dict[str, str]:
        """Key → title."""
        return {key: title for key, (title, _) in self._makers.items()}

    def __getitem__(self, key: str) -> Chart:
        if key not in self._made:
            self._made[key] = self._makers[key][1]()
        return self._made[key]

    def __contains__(self, key: object) -> bool:
        return key in self._makers

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


def refuse_bare(rows: pd.DataFrame) -> None:
    """Raises BareNumber unless every row carries all that must be said with a number."""
    missing = [c for c in NEEDED if c not in rows.columns]
    if missing:
        raise BareNumber(f"figures without {', '.join(missing)}")
    for column in ("publisher", "unit_many", "grade"):
        if rows[column].isna().any() or (rows[column].astype(str).str.strip() == "").any():
            raise BareNumber(f"figures without {column}")
    if any(len(codes) == 0 for codes in rows.caveats):
        raise BareNumber("figures without a caveat")


def period_of(row) -> str:
    """The figure's period in words."""
    return words.period(row.period_start, row.period_end, getattr(row, "stock_or_flow", "flow"))


def source_of(row) -> str:
    """Publisher, title and release of a figure's source."""
    return f"{row.publisher}, {row.source_title}, {row.source_edition}"


def if_held(query: Callable[..., pd.DataFrame], *asked) -> pd.DataFrame:
    """The answer, or an empty frame where an edition of an earlier version has not got what is asked for."""
    try:
        return query(*asked)
    except OtherShape:
        return pd.DataFrame()


def caveats_of(codes) -> list[catalog.Caveat]:
    """The caveats behind codes, most serious first; a code that this version does not know is left out.

    Of two that are as severe, the one comes first that bars more uses, then the one that names members or years.
    """
    library = catalog.load().caveats

    def order(c: catalog.Caveat) -> tuple:
        narrow = any(rule.members or rule.first_year or rule.when for rule in c.applies)
        return -c.severity, -uses.strictness(c.uses), not narrow, c.id

    return sorted((library[code] for code in set(codes) if code in library), key=order)


def uses_of(row) -> dict[str, str]:
    """The answers to the four uses of a figure, by use; empty for a row of an earlier edition, which has none."""
    return {use: getattr(row, f"use_{use}") for use in uses.ANSWERS} if hasattr(row, "use_level") else {}


def uses_to_text(answers: dict[str, str], caveats: list[catalog.Caveat]) -> str:
    """The four uses as a list: question, answer, and the caveats that limit it."""
    return "\n".join(
        f"- {question}: **{answer}**" + (f" ({why})" if why else "") for question, answer, why in uses.full(answers, caveats)
    )


def to_text(caveats: list[catalog.Caveat]) -> str:
    """Caveats as plain paragraphs."""
    return "\n\n".join(f"**{c.title}** ({words.SEVERITY[c.severity].lower()}). {c.text}" for c in caveats)


def limits(rows: pd.DataFrame, last=None) -> Limits:
    """What must be said with these rows of one series: grade and source of the last, caveats of all. `last`: where it is known."""
    row = last or next(rows.tail(1).itertuples())
    earlier = {code for codes in rows.caveats.head(len(rows) - 1) for code in codes} - _of_one_number()
    caveats = caveats_of(earlier | set(row.caveats))
    answers = uses_of(row)
    return Limits(
        row.grade,
        row.grade_reason,
        source_of(row),
        caveats[0].title,
        len(caveats),
        (uses_to_text(answers, caveats_of(row.caveats)) + "\n\n" if answers else "")
        + to_text(caveats)
        + f"\n\n**{words.GRADE[row.grade]}.** {row.grade_reason}.{dimensions_of(row)}",
        scores_in_short(row),
        f"counted to {words.day(row.period_end)}",
        uses.short(answers) if answers else "",
    )


@cache
def _of_one_number() -> frozenset[str]:
    library = catalog.load().caveats.values()
    return frozenset(c.id for c in library if c.applies and all(rule.when in OF_ONE_NUMBER for rule in c.applies))


def scores_of(row) -> dict[str, int | None]:
    """The scores of a grade by dimension; empty for a row of an edition that was graded by another rule."""
    if not hasattr(row, "method_class"):
        return {}
    return {name: None if pd.isna(score := getattr(row, f"{name}_score")) else int(score) for name in quality.DIMENSIONS}


def scores_in_short(row) -> str:
    """The scores beside the letter, in a line; empty where the row holds none."""
    said = [f"{name} {'?' if score is None else score}" for name, score in scores_of(row).items()]
    return f"of 3: {', '.join(said)}" if said else ""


def dimensions_of(row) -> str:
    """The scores of a grade as a list in words, and when it was released; empty where the row holds none."""
    lines = [
        f"- {words.capital(name)}: " + ("unknown" if score is None else quality.in_words(name, score, row.method_class))
        for name, score in scores_of(row).items()
    ]
    released = f"- Released {words.day(row.released)}"
    return "\n\n" + "\n".join([*lines, released]) if lines else ""


def chance(row) -> tuple[float, float] | None:
    """The interval that chance alone gives a count of events, or None: not such a count, masked, or narrower than a tenth."""
    if not catalog.load().indicators[row.indicator_id].chance or pd.isna(row.value):
        return None
    low, high = poisson_interval(int(row.value))
    return None if row.value and high - low < 0.1 * row.value else (low, high)


def margin(row) -> tuple[float, float] | None:
    """The range that the publisher itself gives around a value it states, or None."""
    held = not (pd.isna(row.value) or pd.isna(row.lower) or pd.isna(row.upper)) and row.lower < row.upper
    return (row.lower, row.upper) if held else None


def card(rows: pd.DataFrame, label: str, key: str, note: str = "", spark: tuple[tuple[int, float], ...] = ()) -> Card:
    """The card of a single figure (a frame of one row). Raises BareNumber."""
    refuse_bare(rows)
    row = next(rows.itertuples())
    interval = ""
    if span := chance(row):
        interval = f"chance alone: {words.number(span[0])}{words.DASH}{words.number(span[1])}"
    elif span := margin(row):
        interval = f"publisher's own margin: {words.number(span[0], row.decimals)} to {words.number(span[1], row.decimals)}"
    elif words.figure(row).startswith(words.ABOUT) and pd.isna(row.value):
        interval = f"between {words.number(row.lower)} and {words.number(row.upper)}"
    caveats = caveats_of(row.caveats)
    compare = {question: (answer, why) for question, answer, why in uses.full(uses_of(row), caveats)} if uses_of(row) else {}
    return Card(
        key,
        label,
        words.figure(row),
        words.unit(row),
        period_of(row),
        note,
        interval,
        "" if row.status in ("reported", "derived") else catalog.load().statuses[row.status].label,
        row.publisher,
        row.source_id,
        tuple(row.caveats),
        limits(rows, row),
        spark if len(spark) > 1 else (),
        compare=compare.get(uses.QUESTIONS["compare"], ("", "")),
    )


def most_deadly_months(edition_id: str, iso3: str | None, year: int, most: int = 3) -> str:
    """The months of a year in which most were recorded dead or missing, in words; for a card that may draw no line over years."""
    rows = deaths_by_month(edition_id, iso3, year)
    dated = rows[(rows.month > 0) & (rows.people > 0)].sort_values(["people", "month"], ascending=[False, True])
    if dated.empty:
        return ""
    months = [f"{words.MONTHS[r.month]} ({words.number(r.people)})" for r in dated.head(most).itertuples()]
    if len(dated) == 1:
        return f"all that are dated in {months[0]}"
    return f"by month, most in {words.listing(months)}"


def point(row) -> float | None:
    """Where a figure stands on a line: its value, or the middle of a narrow range; None where only a wide range is known."""
    if not words.missing(row.value):
        return float(row.value)
    if words.missing(row.lower) or words.missing(row.upper) or row.upper - row.lower > NARROW * abs(row.upper):
        return None
    return float(row.lower + row.upper) / 2


def barred_trend(row) -> bool:
    """Whether the publisher itself advises against a trend over all years of the figure's series: no line then joins them."""
    return any(
        c.uses.get("trend") == "no"
        and any(rule.sources and not (rule.first_year or rule.when or rule.members) for rule in c.applies)
        for c in caveats_of(row.caveats)
        if not any(rule.statuses for rule in c.applies)
    )


def trend(rows: pd.DataFrame, title: str, key: str, breaks: pd.DataFrame, verdict: str = "") -> Chart:
    """A yearly series as a chart whose message says what it shows; `verdict` is a sentence on whether it rose or fell."""
    refuse_bare(rows)
    rows = rows.sort_values("year")
    latest = next(rows.tail(1).itertuples())
    marks = breaks_for(breaks, latest)
    drawn = slim(rows, "year")
    # of two columns: a row of forty costs more than its span
    spans = [chance(row) for row in rows[["indicator_id", "value"]].itertuples()]
    if any(spans):
        drawn = drawn.assign(
            chance_low=[s[0] if s else None for s in spans], chance_high=[s[1] if s else None for s in spans]
        )
    message = f"{trend_chart.headline(drawn, marks)} ({latest.unit_many})" + (f". {verdict}" if verdict else "")
    return Chart(
        key,
        title,
        message,
        themed(trend_chart.draw(drawn, marks, joined=not barred_trend(latest))) if len(rows) > 1 else None,
        f"{title}, by year. {message}. The table beneath holds every value.",
        limits(rows, latest),
        rows,
        _thin_lines(rows, any(spans))
        + tuple(f"Break in {year}: {reason}" for year, reason in marks if rows.year.min() < year <= latest.year),
    )


def _thin_lines(rows: pd.DataFrame, by_chance: bool) -> tuple[str, ...]:
    """What the thin lines around a value mean, where there are any."""
    if by_chance:
        return ("Thin lines: what chance alone allows (95 %). They say nothing of what was never recorded.",)
    if any(margin(row) for row in rows[["value", "lower", "upper"]].itertuples()):
        return ("Thin lines: the margin that the publisher itself gives.",)
    return ()


MOST = 12  # bars of a chart


def parts(rows: pd.DataFrame, label: str, title: str, key: str, note: str = "") -> Chart:
    """The parts of one period as bars, in the order given, or in words where there is one; `note` stands beneath them."""
    refuse_bare(rows)
    rows = distinct(rows, label)
    first = next(rows.itertuples())
    shown = without_label(rows, label)
    said = "; ".join(f"{getattr(r, label)} {r.said}" for r in shown.head(MOST).itertuples())
    notes = (f"The first {MOST} of {len(shown)}; all are in the table.",) if len(shown) > MOST else ()
    drawn = slim(shown, label).assign(said=shown.said, **{label: shown[label].map(in_lines)})
    return Chart(
        key,
        title,
        f"{words.capital(first.unit_many)}, {period_of(first)}" + (f". {words.capital(said)}" if len(shown) == 1 else ""),
        themed(bars_chart.draw(drawn, label, MOST)) if len(shown) > 1 else None,
        f"{title}: {said}",
        limits(rows),
        rows,
        tuple(filter(None, (*notes, note))),
    )


def slim(rows: pd.DataFrame, along: str) -> pd.DataFrame:
    """What a chart draws of figures, without the other thirty columns: charts walk rows, and each column costs."""
    return rows[[c for c in (along, "value", "lower", "upper", "decimals", "unit_one", "unit_many", "status") if c in rows]]


def distinct(rows: pd.DataFrame, label: str) -> pd.DataFrame:
    """The rows with distinct labels: figures that share one are told apart by the publisher's own wording."""
    twice = rows[label].duplicated(keep=False)
    named = rows[label].where(~twice, rows.provider_label)
    again = named.groupby(named).cumcount()
    return rows.assign(**{label: named.where(again == 0, named + " (" + (again + 1).astype(str) + ")")})


LOST = re.compile(r" \(label lost, \d+ of \d+\)$")  # as the reader of the table names rows that a publisher made alike


def without_label(rows: pd.DataFrame, label: str) -> pd.DataFrame:
    """The rows with their figure in words (`said`); those that lost their label and say the same stand as one: "0–4 in each of 4"."""
    rows = rows.assign(said=[words.figure(r) for r in rows.itertuples()])
    plain = rows[label].map(lambda text: LOST.sub("", text))
    lost = plain != rows[label]
    many = rows.groupby([plain, rows.said])[label].transform("size")
    again = lost & rows.assign(_plain=plain).duplicated(["_plain", "said"])
    named = plain.where(~lost, plain + " (label lost)")
    said = rows.said.where(~lost | (many == 1), rows.said + " in each of " + many.astype(str))
    return rows.assign(**{label: named.where(lost, rows[label]), "said": said})[~again]


def in_lines(label: str) -> str:
    """A long label in two lines, so that a narrow card does not cut it off on the left; a bar has no room for three."""
    return "<br>".join(textwrap.wrap(label, max(30, len(label) // 2 + 6))) or label


def breaks_for(breaks: pd.DataFrame, row) -> list[tuple[int, str]]:
    """The breaks that concern a series: (first year of the new series, reason)."""
    fits = pd.Series(True, index=breaks.index)
    whole = row.iso3 == catalog.WORLD
    about = {"indicator_id": row.indicator_id, "source_id": row.source_id}
    about |= {"iso3": row.partner_iso3, "view": "partner"} if whole else {"iso3": row.iso3, "view": "place"}
    for column, value in about.items():
        if column in breaks:
            fits &= breaks[column].isna() | (breaks[column] == value)
    return list(zip(breaks.year[fits], breaks.reason[fits]))
