"""The state of the data, made ready: the coverage grid, grades, what to fix first, conflicts, and the scorecard."""

from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from corridors import catalog
from corridors.catalog import words
from corridors.charts import coverage_matrix, grades
from corridors.charts.theme import themed
from corridors.statistics import quality
from corridors.store.queries import figures as reading
from corridors.store.queries import quality as quality_reading
from corridors.views.figure import scores_of

SCORES = tuple(f"{name}_score" for name in quality.DIMENSIONS)
# What would lift a grade: the dimension, the score it would then have, and what somebody has to do
REMEDIES = {
    "coverage": (3, "answer for each of the last ten years, also with a zero", "the office that answers the publisher"),
    "agreement": (
        2,
        "give a second count to compare with: the member's own figure in a country briefing",
        "the member's delegation",
    ),
    "method": (3, "build the figure from linked case records", "the office that keeps the case register"),
}
# the scorecard's lines: key of store.queries.quality.state_of → what it says; whether more is better (None = neither)
LINES = {
    "figures": ("Figures in the edition", None),
    "sources": ("Sources", None),
    "any_figure": ("Members and themes with any figure, of {cells}", True),
    "recent": ("… of these, with a figure of the last four years", True),
    "latest": ("Newest totals, one for each member and figure", None),
    "good": ("… of grade A or B", True),
    "care": ("… of grade C", None),
    "weak": ("… of grade D", False),
    "ungraded": ("… not graded", False),
    "coverage_known": ("… of which it is known how many years were answered", True),
    "second_source": ("… near a second source", True),
    "contradicted": ("… that another figure contradicts", False),
    "masked": ("Figures of which only a range is known", False),
    "conflicts": ("Things on which sources disagree, all shown", None),
    "open_checks": ("Open questions of the build", False),
    "rejected": ("Cells rejected, each with its reason", None),
}


UNGRADED = "Not graded: what a record says, not a series of counts"
# how the comparison of two figures came out: in a row of one pair, and where pairs are counted
OUTCOMES = {
    "within 10 %": "agree within 10 %",
    "within 25 %": "apart by {gap}, within a quarter",
    "apart": "apart by {gap}",
    "possible": "can both be right",
    "impossible": "cannot both be right, apart by {gap}",
}
COUNTED = {
    "within 10 %": "agree within 10 %",
    "within 25 %": "within a quarter",
    "apart": "farther apart",
    "possible": "can both be right",
    "impossible": "cannot both be right",
}


@dataclass(frozen=True)
class Grid:
    """The coverage of one theme: message, chart, and the same as a table."""

    message: str
    figure: go.Figure
    table: pd.DataFrame


@dataclass(frozen=True)
class Fix:
    """One thing to mend: what, who could, how many grades it lifts, and which figures those are."""

    what: str
    who: str
    lifted: int
    names: tuple[str, ...]


@dataclass(frozen=True)
class Conflict:
    """Something on which two sides disagree, with both sides in words."""

    kind: str
    title: str
    reason: str
    places: frozenset[str]
    sides: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """One line of the scorecard: what, how many now, how many in the edition compared with, and the change in words."""

    what: str
    now: str
    before: str
    change: str


def grid(edition_id: str, theme: str) -> Grid:
    """The coverage grid of one theme."""
    rows = quality_reading.matrix(edition_id, theme)
    return Grid(coverage_matrix.headline(rows), themed(coverage_matrix.draw(rows)), coverage_matrix.table(rows))


def source_profile(edition_id: str) -> tuple[go.Figure, pd.DataFrame]:
    """Grades by source, for the newest year of each, as chart and table."""
    rows = quality_reading.source_grades(edition_id)
    newest = rows[rows.figures_of_last_year > 0].assign(figures=lambda r: r.figures_of_last_year)
    newest["source"] = newest.publisher + ", " + newest.last_year.astype(int).astype(str)
    twice = newest.groupby("source").title.transform("nunique") > 1
    newest["source"] = newest.source.where(~twice, newest.publisher + ": " + newest.title)
    table = newest[["publisher", "title", "last_year", "grade", "figures", "released"]]
    return themed(grades.draw(newest, "source")), table


def member_profile(edition_id: str) -> pd.DataFrame:
    """Latest totals of each member by grade, in order of names, with the dimension in which most of them are weakest."""
    rows = quality_reading.latest(edition_id)
    names = catalog.load().members
    wide = rows.pivot_table(index="iso3", columns="grade", values="indicator_id", aggfunc="count", fill_value=0)
    wide = wide.reindex(index=sorted(names, key=lambda i: names[i].name), columns=["A", "B", "C", "D", "U"], fill_value=0)
    weakest = rows[list(SCORES)].astype(float).idxmin(axis=1).groupby(rows.iso3).agg(lambda s: s.mode().iat[0])
    newest = rows.groupby("iso3").year.median()
    return pd.DataFrame(
        {
            "Member": [names[i].name for i in wide.index],
            **{letter: wide[letter].to_list() for letter in wide},
            "Weakest in most": [str(weakest.get(i, "–")).removesuffix("_score") for i in wide.index],
            "Half are newer than": [str(int(newest[i])) if i in newest else "–" for i in wide.index],
        }
    )


def fixes(edition_id: str, iso3: str) -> list[Fix]:
    """What would lift most grades of a member, first things first; each supposes that one thing is mended and nothing else."""
    rows = quality_reading.latest(edition_id, iso3)
    found = []
    for name, (score, what, who) in REMEDIES.items():
        lifted = []
        for row in rows.itertuples():
            scores = scores_of(row)
            if name == "coverage" and scores[name] is None:
                continue  # nobody answers a model or a collection of reports
            if scores[name] is None or scores[name] < score:
                method = "linked unit records" if name == "method" else row.method_class
                then = quality.graded(scores | {name: score}, method).letter
                if then < row.grade:
                    lifted.append(f"{row.short_name} ({row.year}, {row.publisher}): {row.grade} to {then}")
        if lifted:
            found.append(Fix(words.capital(what), who, len(lifted), tuple(sorted(lifted))))
    return sorted(found, key=lambda f: -f.lifted)


def unreported(edition_id: str, iso3: str) -> list[str]:
    """Themes of which nothing at all is held for a member, with who could provide it."""
    vocabulary = catalog.load()
    held = set(quality_reading.latest(edition_id, iso3).theme)
    return [
        f"**{t.title}**: no total is held. It could come from {t.who_could_provide}."
        for t in vocabulary.themes.values()
        if t.in_coverage and t.id not in held
    ]


@dataclass(frozen=True)
class MemberCaveat:
    """A caveat on a member's latest figures, and which of them carry it."""

    title: str
    severity: int
    text: str
    remedy: str
    figures: str


def caveat_sheet(edition_id: str, iso3: str) -> list[MemberCaveat]:
    """Every caveat on the latest totals of a member, most serious first, with what would remove it."""
    rows = quality_reading.latest(edition_id, iso3)
    library = catalog.load().caveats
    carrying: dict[str, list[str]] = {}
    for row in rows.itertuples():
        for code in row.caveats:
            carrying.setdefault(code, []).append(words.small(row.short_name))
    return [
        MemberCaveat(
            c.title,
            c.severity,
            c.text,
            c.remedy,
            f"{len(set(carrying[c.id]))} of {rows.indicator_id.nunique()} figures"
            if len(set(carrying[c.id])) > 3
            else words.listing(sorted(set(carrying[c.id]))),
        )
        for c in sorted((library[code] for code in carrying), key=lambda c: (-c.severity, c.id))
    ]


def comparable(edition_id: str) -> bool:
    """Whether an edition knows enough of its own quality to be compared; those built before grades were stored do not."""
    try:
        quality_reading.state_of(edition_id)
    except reading.OtherShape:
        return False
    return True


def conflicts(edition_id: str) -> tuple[Conflict, ...]:
    """Every conflict with its sides in words."""
    sides: dict[str, list[str]] = {}
    for row in quality_reading.conflict_sides(edition_id).itertuples():
        grade = words.GRADE.get(row.grade, row.grade) or UNGRADED
        text = f"**{row.said}** · {row.period} · {row.source}, {row.source_ref} · {grade}  \n:small[{row.definition}]"
        sides.setdefault(row.conflict_id, []).append(text)
    return tuple(
        Conflict(c.kind, c.title, c.reason, frozenset(c.places), tuple(sides[c.conflict_id]))
        for c in quality_reading.conflicts(edition_id).itertuples()
    )


def compared(edition_id: str, iso3: str) -> pd.DataFrame:
    """Every pair of a member's figures that the build compared, agreeing or not, in words; one row a pair."""
    rows = quality_reading.compared(edition_id, iso3)

    def end(row, which: str) -> str:
        low, high, unit, source, grade = (
            getattr(row, f"{which}_{k}") for k in ("lower", "upper", "unit", "source", "grade")
        )
        return (
            f"{words.amount(low if low == high else None, low, high, row.decimals)} {unit} · {source} · {words.GRADE[grade]}"
        )

    return pd.DataFrame(
        {
            "Year": rows.year.astype(int),
            "Outcome": [OUTCOMES[r.verdict].format(gap=f"{r.gap:.0%}".replace("%", " %")) for r in rows.itertuples()],
            "What": rows.title,
            "Place": rows.place,
            "From or to": rows.partner.fillna("–"),
            "First figure": [end(r, "first") for r in rows.itertuples()],
            "Second figure": [end(r, "second") for r in rows.itertuples()],
        }
    )


def compared_counts(edition_id: str) -> list[tuple[str, str, str]]:
    """What was compared for all members: what, how the pairs came out, and why they may differ."""
    rows = quality_reading.compared_counts(edition_id)
    sentences = []
    for (title, reason), group in rows.groupby(["title", "reason"], sort=True):
        ends = words.listing([f"{r.pairs:,} {COUNTED[r.verdict]}" for r in group.itertuples()])
        sentences.append((title, f"{group.pairs.sum():,} pairs: {ends}", reason))
    return sentences


def scorecard(edition_id: str, before_id: str | None) -> list[Line]:
    """The state of the data in a few lines, beside an earlier edition where one is named and knows the same things."""
    now = quality_reading.state_of(edition_id)
    before = quality_reading.state_of(before_id) if before_id else None
    lines = []
    for key, (what, better) in LINES.items():
        change = ""
        if before is not None:
            step = int(now[key]) - int(before[key])
            change = (
                "no change"
                if not step
                else f"{abs(step):,} {'more' if step > 0 else 'fewer'}"
                + ("" if better is None else ", better" if (step > 0) == better else ", worse")
            )
        lines.append(
            Line(what.format(**now), f"{int(now[key]):,}", "" if before is None else f"{int(before[key]):,}", change)
        )
    return lines
