"""What changed between two editions: new, revised and withdrawn figures, by member and theme, with size and reason where known.

A change of a figure is a change of what is recorded here, not of the thing that it counts; the sentences say no more.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from corridors import catalog
from corridors.catalog import WORLD, words
from corridors.catalog.tlp import strictest
from corridors.store import labels
from corridors.store.queries import changes as reading
from corridors.store.queries import figures
from corridors.views import member

KINDS = ("new", "revised", "withdrawn")
SAID = (
    "place partner indicator theme unit_many stock_or_flow decimals year "
    "sex age form iso3 partner_iso3 indicator_id source_id publisher source_title"
).split()
MENDED = ["source_id", "indicator_id", "iso3", "partner_iso3", "year"]
PARTS = ("status", "value", "lower", "upper", "decimals", "period_start", "period_end", "stock_or_flow")
# What the reason is when nothing more is known: it is said, never guessed.
NO_REASON = "The release is the same; no reason is on record."
SENTENCES, MOST = 8, 1000  # as many as one reads out, and as a tablet can scroll
COLUMNS = {"member": "Member", "title": "Theme", "new": "New", "revised": "Revised", "withdrawn": "Withdrawn"}


class NotComparable(Exception):
    """Two editions cannot be laid beside one another; the message says why in plain words."""


@dataclass(frozen=True)
class Changes:
    """Two editions laid beside one another.

    `rows`: one a figure (kind, ids and names, before, after in words, value_before, value_after, size, share, whole, reason, tlp).
    `counts`: one a member and theme (iso3, member, theme, title, new, revised, withdrawn); a corridor between two members
    counts for both, so that the column does not add up to `rows`. `tlp` is the strictest label of all rows.
    """

    first: str
    second: str
    first_dated: date
    second_dated: date
    iso3: str | None
    rows: pd.DataFrame
    counts: pd.DataFrame
    tlp: str

    @property
    def number(self) -> dict[str, int]:
        """How many figures are new, revised, withdrawn."""
        return {kind: int((self.rows.kind == kind).sum()) for kind in KINDS}


def between(first: str, second: str, iso3: str | None = None) -> Changes:
    """What the second edition says otherwise than the first, for one member or for all.

    Raises UnknownEdition; NotComparable in plain words when one was built by an earlier version of the system.
    """
    if labels.plain(first) == labels.plain(second):
        raise NotComparable(
            f"Both are edition {labels.plain(first)}: there is nothing to compare. "
            "Name an earlier one, as “python -m etl editions” lists them."
        )
    try:
        rows = reading.differing(first, second, iso3)
        corrections = reading.corrections(first, second)
        sources = [reading.sources(e).set_index("source_id") for e in (first, second)]
        dated = [pd.Timestamp(figures.edition(e)["dated"]).date() for e in (first, second)]
    except figures.OtherShape as fault:
        raise NotComparable(str(fault)) from None
    rows = _both_sides(rows)
    rows["reason"] = _reasons(rows, corrections, *sources)
    return Changes(labels.plain(first), labels.plain(second), *dated, iso3, rows, _counted(rows, iso3), strictest(rows.tlp))


def _both_sides(rows: pd.DataFrame) -> pd.DataFrame:
    """Each difference with what is known from either side, what each side said, and by how much the middle moved."""
    both = {name: rows[f"{name}_after"].where(rows.kind != "withdrawn", rows[f"{name}_before"]) for name in SAID}
    frame = pd.DataFrame({"figure_id": rows.figure_id, "kind": rows.kind, **both})
    for side in ("before", "after"):
        ends = rows[[f"value_{side}", f"lower_{side}", f"upper_{side}"]].astype(float)
        frame[f"value_{side}"] = ends.iloc[:, 0].fillna((ends.iloc[:, 1] + ends.iloc[:, 2]) / 2)
        # column by column: a row of sixty columns costs more than its sentence
        parts = [rows[f"{part}_{side}"] for part in PARTS]
        frame[side] = [_said(*row) for row in zip(*parts)]
    frame["size"] = frame.value_after - frame.value_before
    frame["share"] = (frame["size"] / frame.value_before.abs().where(frame.value_before != 0)).replace(
        [np.inf, -np.inf], np.nan
    )
    whole = (frame.sex == "total") & (frame.age == "total") & (frame.form == "total")
    frame["whole"] = whole & (frame.partner_iso3.isna() | (frame.iso3 == WORLD))
    frame["tlp"] = [strictest(t for t in pair if isinstance(t, str)) for pair in zip(rows.tlp_before, rows.tlp_after)]
    return frame


def _said(status, value, lower, upper, decimals, start, end, stock_or_flow) -> str:
    """What one edition said: value or range, its status where it is not simply reported; empty where it had no such figure."""
    if not isinstance(status, str):
        return ""
    plain = "" if status in ("reported", "derived") else ", " + catalog.load().statuses[status].label.lower()
    return f"{words.amount(value, lower, upper, int(decimals or 0))} ({words.period(start, end, stock_or_flow)}{plain})"


def _reasons(rows: pd.DataFrame, corrections: pd.DataFrame, before: pd.DataFrame, after: pd.DataFrame) -> list[str]:
    mended = {
        (c.source_id, c.indicator_id, _text(c.iso3), _text(c.partner_iso3), int(c.year)): c.reason
        for c in corrections.itertuples()
        if not words.missing(c.year)
    }
    released = {}
    for source_id in {*before.index, *after.index}:
        if source_id not in before.index:
            released[source_id] = "The source was not imported before."
        elif source_id not in after.index:
            released[source_id] = "The source is no longer imported."
        elif before.edition[source_id] != after.edition[source_id]:
            released[source_id] = (
                f"A new release of the source: {before.edition[source_id]}, now {after.edition[source_id]}."
            )
    return [
        mended.get((r.source_id, r.indicator_id, _text(r.iso3), _text(r.partner_iso3), int(r.year)))
        or released.get(r.source_id, NO_REASON)
        for r in rows[MENDED].itertuples()
    ]


def _text(value) -> str:
    return value if isinstance(value, str) else ""


def _counted(rows: pd.DataFrame, iso3: str | None) -> pd.DataFrame:
    vocabulary = catalog.load()
    ends = pd.concat([rows[["kind", "theme"]].assign(iso3=rows[end]) for end in ("iso3", "partner_iso3")])
    own = rows.iso3 == rows.partner_iso3  # a country's own nationals stand at both ends, and count once
    ends = ends[~np.concatenate([np.zeros(len(rows), bool), own.to_numpy()])] if len(rows) else ends
    ends = ends[ends.iso3.isin([iso3] if iso3 else list(vocabulary.members))]
    counts = ends.groupby(["iso3", "theme", "kind"]).size().unstack("kind", fill_value=0)
    counts = counts.reindex(columns=list(KINDS), fill_value=0).reset_index()
    counts.insert(1, "member", [vocabulary.members[i].name for i in counts.iso3])
    counts.insert(3, "title", [vocabulary.themes[t].title for t in counts.theme])
    order = list(vocabulary.themes)
    return counts.sort_values(
        ["member", "theme"], key=lambda c: c.map(order.index) if c.name == "theme" else c, ignore_index=True
    )


def sentences(changes: Changes, most: int = 6) -> list[str]:
    """The changed totals in words, one sentence each: newest period first, revised before new; at most `most`."""
    order = {"revised": 0, "withdrawn": 1, "new": 2}
    rows = changes.rows[changes.rows.whole]
    rows = rows.assign(_order=rows.kind.map(order)).sort_values(
        ["_order", "year", "indicator"], ascending=[True, False, True]
    )
    return [_sentence(row, changes.iso3) for row in rows.head(most).itertuples()]


def _sentence(row, iso3: str | None) -> str:
    indicator = catalog.load().indicators.get(row.indicator_id)
    name = (indicator.short_name or indicator.name) if indicator else row.indicator
    if row.iso3 == WORLD and indicator:
        name += f" by {indicator.partner_role}"
    where = "" if iso3 else f"{row.partner if row.iso3 == WORLD else row.place}, "
    head = words.capital(f"{where}{name if not where else words.small(name)}")
    if row.kind == "new":
        said = f"new: {row.after} {row.unit_many}"
    elif row.kind == "withdrawn":
        said = f"withdrawn: {row.before} {row.unit_many}"
    else:
        said = f"{row.after} {row.unit_many}; before {row.before}{_moved(row)}"
    return f"{head}: {said}. {row.reason}"


def _moved(row) -> str:
    if words.missing(row.size) or row.size == 0:
        return ""
    by = words.number(abs(row.size), int(row.decimals or 0))
    if not words.missing(row.share):
        by += f", {words.share(abs(row.share)) if abs(row.share) <= 1 else f'{abs(row.share):.1f} times the former'}"
    return f" ({'up' if row.size > 0 else 'down'} {by})"


def summary(changes: Changes) -> str:
    """One line: which editions, and how many figures are new, revised, withdrawn."""
    parts = [f"{n:,} {kind}" for kind, n in changes.number.items()]
    who = f" about {catalog.load().place_name(changes.iso3)}" if changes.iso3 else ""
    return (
        f"From the edition of {words.day(changes.first_dated)} ({changes.first}) to that of {words.day(changes.second_dated)} "
        f"({changes.second}), of the figures{who}: {words.listing(parts)}."
    )


@dataclass(frozen=True)
class Shown:
    """All that a page shows of a comparison; the whole of it may be as large as an edition and is not kept."""

    summary: str
    sentences: tuple[str, ...]
    counts: pd.DataFrame  # by member and theme
    rows: pd.DataFrame  # the first of the changed figures in words, newest first
    figures: int  # how many there are in all


def shown(first: str, second: str, iso3: str | None) -> Shown | str:
    """The comparison of two editions, for one member or all; in words why they cannot be compared, where they cannot."""
    try:
        found = between(first, second, iso3)
    except NotComparable as refusal:
        return str(refusal)
    return Shown(
        summary(found),
        tuple(sentences(found, SENTENCES)),
        found.counts[list(COLUMNS)].rename(columns=COLUMNS),
        listed(found.rows),
        len(found.rows),
    )


def listed(rows: pd.DataFrame) -> pd.DataFrame:
    """Changed figures in words, newest first; both sides with period and status."""
    rows = rows.sort_values("year", ascending=False).head(MOST)
    return pd.DataFrame(
        {
            "Change": rows.kind,
            "Figure": rows.indicator,
            "Place": rows.place,
            "From or to": rows.partner.fillna("–"),
            "Year": rows.year.astype(int),
            "Before": rows.before.where(rows.before != "", "–"),
            "Now": rows.after.where(rows.after != "", "–"),
            "Counted": rows.unit_many,
            "Why": rows.reason,
            "Publisher": rows.publisher,
        }
    )


USE = {"level": "Quote the level", "trend": "Speak of a trend", "compare": "Compare", "sum": "Add up"}


@dataclass(frozen=True)
class Difference:
    """A draft beside the edition that readers see: frames in words, each empty where nothing of its kind changes."""

    figures: Shown | str  # or why the two cannot be compared
    briefings: pd.DataFrame  # Member, Period, Before, After
    uses: pd.DataFrame  # Use, Before, After, Figures
    headlines: pd.DataFrame  # Member, Headline, Before, After

    @property
    def nothing(self) -> bool:
        """Whether readers would see the same."""
        return not isinstance(self.figures, str) and not (
            self.figures.figures or len(self.briefings) or len(self.uses) or len(self.headlines)
        )


def difference(published: str, draft: str) -> Difference:
    """What a draft says otherwise. Raises UnknownEdition."""
    figures = shown(published, draft, None)
    if isinstance(figures, str):
        return Difference(figures, *(pd.DataFrame() for _ in range(3)))
    names = {iso3: m.name for iso3, m in catalog.load().members.items()}
    rows = reading.briefings(published, draft)
    said = rows[["before", "after"]].map(lambda version: "–" if pd.isna(version) else f"version {int(version)}")
    own = pd.DataFrame({"Member": rows.iso3.map(names), "Period": rows.period, "Before": said.before, "After": said.after})
    rows = reading.uses(published, draft)
    uses = pd.DataFrame({"Use": rows.use.map(USE), "Before": rows.before, "After": rows.after, "Figures": rows.figures})
    rows = []
    for iso3 in sorted((iso3 for iso3, name in names.items() if name in set(figures.counts["Member"])), key=names.get):
        before, after = (
            {c.label: f"{c.amount} ({c.period})" for c in member.headlines(edition, iso3).cards}
            for edition in (published, draft)
        )
        rows += [
            (names[iso3], label, before.get(label, "–"), after.get(label, "–"))
            for label in dict.fromkeys([*before, *after])
            if before.get(label) != after.get(label)
        ]
    return Difference(figures, own, uses, pd.DataFrame(rows, columns=["Member", "Headline", "Before", "After"]))
