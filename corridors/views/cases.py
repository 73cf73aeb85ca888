"""Protected case tables made ready: one question about at most three dimensions, its chart, its table, and what must be said."""

from dataclasses import dataclass
from math import prod

import pandas as pd
import plotly.graph_objects as go

from corridors import catalog
from corridors.catalog import words
from corridors.charts import case_bars
from corridors.charts.case_bars import said
from corridors.charts.theme import themed
from corridors.store.queries import cases
from corridors.views.figure import Limits, caveats_of, to_text

Fixed = tuple[tuple[str, str], ...]
LABELS = {
    "form": "Form of exploitation",
    "sex": "Sex",
    "age_band": "Age",
    "citizenship": "Citizenship",
    "exploitation_country": "Country of exploitation",
    "interception_country": "Country where found",
    "detected_year": "Year of detection",
    "recruitment": "Recruitment",
    "control": "Means of control",
    "network": "Network",
}
PLACES = ("citizenship", "exploitation_country", "interception_country")
WORDS = {
    "unknown": "Not recorded",
    "suppressed": "Removed by the publisher",
    "0-17": "Under 18",
    "48+": "48 and older",
    "forced_labour_and_sexual": "Forced labour and sexual exploitation",
    "online_advert": "Online advertisement",
    "documents_withheld": "Documents taken away",
    "family_friends": "Family and friends",
    "friend_acquaintance": "Friend or acquaintance",
    "loose": "Loose chain",
    "none_observed": "None found",
}
NOT_SAID = ("unknown", "suppressed")
MOST_GROUPS, MOST_ROWS, WHOLE = 5, 20, 30
# What stands where there is no count: after our own noise, and in data that their publisher protected.
INSTEAD = {True: case_bars.WITHHELD, False: "none in the file"}
MEANS = {
    True: "Withheld means nobody, or too few people to show safely. Which of the two is not said anywhere: not in the length "
    "of a bar, the order, the table or the download.",
    False: "None in the file is not zero: before release the publisher removed people, and hid values, wherever fewer than {k} "
    "shared a combination.",
}
TOO_DETAILED = (
    "**Too detailed to show safely.** Tables of case records have at most {depth} dimensions, filters included; this question "
    "has {asked}: {named}. In finer tables a cell is a handful of people whom somebody could recognise. Take one away."
)
NOTHING = {
    True: "**Everything in this table is withheld.** In each cell there is nobody, or too few people to show safely, and which "
    "of the two is not said. That is not zero. Ask for fewer dimensions.",
    False: "**The publisher's file holds nobody like this.** " + MEANS[False],
}


@dataclass(frozen=True)
class Dataset:
    """A data set with what must be said beside its counts."""

    id: str
    crime: str
    title: str
    unit: str
    period: str
    depth: int
    perturbed: bool
    k: int | None
    dimensions: tuple[str, ...]
    values: dict[str, dict[str, str]]  # dimension → value → its name, in order
    method: str
    about: str
    limits: Limits
    tlp: str

    @property
    def instead(self) -> str:
        """What stands where there is no count."""
        return INSTEAD[self.perturbed]

    @property
    def means(self) -> str:
        """What that means."""
        return MEANS[self.perturbed].format(k=self.k)


@dataclass(frozen=True)
class View:
    """The answer to one question: either a refusal in words, or a chart with its table."""

    title: str
    message: str = ""
    refusal: str = ""
    figure: go.Figure | None = None
    alt: str = ""
    notes: tuple[str, ...] = ()
    rows: pd.DataFrame | None = None


def datasets(edition_id: str) -> dict[str, Dataset]:
    """Every data set of an edition by its id, those that their publisher protected first."""
    return {row.dataset_id: _dataset(edition_id, row) for row in cases.datasets(edition_id).itertuples()}


def _dataset(edition_id: str, row) -> Dataset:
    listed = cases.categories(edition_id, row.dataset_id)
    values = {d: {v: name(d, v, not row.perturbed) for v in listed.value[listed.dimension == d]} for d in row.dimensions}
    for dimension in PLACES:
        if dimension in values:  # by name, so that no list of countries is a ranking
            named = sorted(values[dimension].items(), key=lambda item: (item[0] in NOT_SAID, item[1]))
            values[dimension] = dict(named)
    caveats = caveats_of(row.caveats)
    period = (
        "no year that can be shown"
        if pd.isna(row.first_year)
        else (f"{row.first_year:.0f}" if row.first_year == row.last_year else f"{row.first_year:.0f}–{row.last_year:.0f}")
    )
    limits = Limits(
        row.grade,
        row.grade_reason,
        row.source,
        caveats[0].title,
        len(caveats) + len(row.limits),
        to_text(caveats) + "\n\n" + "\n\n".join(row.limits) + f"\n\n**{words.GRADE[row.grade]}.** {row.grade_reason}.",
    )
    note = f" {row.note}" if isinstance(row.note, str) else ""
    about = (
        f"**Licence** {row.licence}.{note} **Address** {row.address} · **Source** {row.reliability}, "
        f"{words.RELIABILITY[row.reliability]} · **Figures** {row.credibility}, {words.CREDIBILITY[row.credibility]}"
    )
    return Dataset(
        row.dataset_id,
        row.crime,
        row.title,
        row.unit_many,
        period,
        int(row.depth),
        bool(row.perturbed),
        None if pd.isna(row.k) else int(row.k),
        tuple(row.dimensions),
        values,
        row.method,
        about,
        limits,
        row.tlp,
    )


def name(dimension: str, value: str, by_publisher: bool = False) -> str:
    """A value in words. In data that their publisher protected, an empty cell that is no country may have been removed."""
    if dimension in PLACES and value not in NOT_SAID:
        return catalog.load().place_name(value)
    if by_publisher and value == "unknown" and dimension not in PLACES:
        return "Not recorded, or removed by the publisher"
    if value == "other":
        return {"form": "Other forms", "sex": "Recorded as something else"}.get(dimension, "Other")
    if dimension == "age_band" and value not in WORDS:
        return value.replace("-", words.DASH)
    return WORDS.get(value) or words.capital(value.replace("_", " "))


def view(edition_id: str, dataset_id: str, by: tuple[str, ...], fixed: Fixed = ()) -> View:
    """The answer to "how many, by these dimensions, where those have this value"."""
    held = datasets(edition_id)[dataset_id]
    asked = [*by, *(d for d, _ in fixed)]
    title = _title(held, by, fixed)
    if len(asked) > held.depth:
        named = words.listing([LABELS[d].lower() for d in asked])
        return View(title, refusal=TOO_DETAILED.format(depth=held.depth, asked=len(asked), named=named))
    total = cases.counts(edition_id, dataset_id, (), fixed).value
    message = f"{said(total[0])} {held.unit} in all" if len(total) else words.capital(held.unit) + f": {held.instead}"
    group = by[-1] if len(by) > 1 and len(held.values[by[-1]]) <= MOST_GROUPS else None
    along = tuple(d for d in by if d != group)
    size = prod(len(held.values[d]) for d in by)
    whole = cases.table(edition_id, dataset_id, by, fixed) if size <= WHOLE * MOST_GROUPS else None
    known = cases.counts(edition_id, dataset_id, by, fixed)
    rows, notes = _in_order(held, by, whole if whole is not None else known), []
    if not len(known):
        return View(title, message, refusal=NOTHING[held.perturbed].format(k=held.k))
    if not by:
        return View(title, message, rows=rows)
    drawn = rows
    if whole is None or prod(len(held.values[d]) for d in along) > WHOLE:
        drawn, cut = _largest(edition_id, held, along, group, rows, fixed)
        kept = len(drawn[list(along)].drop_duplicates())
        most = f"The {kept} largest of {cut:,} that can be shown" if kept < cut else f"The {kept} that can be shown"
        notes.append(
            f"{most}, in the order of their names or years. All are in the table; what is not in it: {held.instead}."
        )
    bars = _bars(held, drawn, along, group)
    if bars.value.isna().all():
        return View(title, message, refusal=NOTHING[held.perturbed].format(k=held.k))
    empty = [g for g in dict.fromkeys(bars.group) if group and bars.value[bars.group == g].isna().all()]
    if empty:
        bars = bars[~bars.group.isin(empty)]
        notes.append(f"{words.capital(held.instead)} throughout and not drawn: {words.listing(empty).lower()}.")
    figure = case_bars.draw(bars, list(dict.fromkeys(bars.group)) if group else None, held.instead)
    if empty or bars.value.isna().any() or whole is None:
        notes.append(held.means)
    if held.perturbed:
        notes.append("Every count is moved by chance, so parts need not add up to their total.")
    spoken = "; ".join(
        f"{r.label}{', ' + r.group if group else ''}: {said(r.value, held.instead)}" for r in bars.itertuples()
    )
    return View(title, message, "", themed(figure), f"{title}. {spoken}", tuple(notes), rows)


def _title(held: Dataset, by: tuple[str, ...], fixed: Fixed) -> str:
    what = words.capital(held.unit) + (" by " + words.listing([LABELS[d].lower() for d in by]) if by else "")
    where = [f"{LABELS[d].lower()} {held.values[d].get(v) or name(d, v)}" for d, v in fixed]
    return what + (", only " + words.listing(where) if where else "")


def _in_order(held: Dataset, by: tuple[str, ...], rows: pd.DataFrame) -> pd.DataFrame:
    """Rows in the order of the lists, never by size, with value and status."""
    rows = rows.assign(value=rows.value.astype("Int64"))
    if "status" not in rows:
        rows = rows.assign(status="reported")
    for dimension in reversed(by):
        place = {v: n for n, v in enumerate(held.values[dimension])}
        rows = rows.sort_values(dimension, key=lambda column: column.map(place), kind="stable")
    return rows.reset_index(drop=True)


def _largest(edition_id: str, held: Dataset, along: tuple[str, ...], group: str | None, rows: pd.DataFrame, fixed: Fixed):
    """The rows of the largest combinations of `along` whose own count can be shown, with all their groups; and how many there are."""
    own = cases.counts(edition_id, held.id, along, fixed)
    most = own.nlargest(MOST_ROWS, "value")[list(along)]
    if group:
        most = most.merge(pd.DataFrame({group: list(held.values[group])}), how="cross")
    drawn = most.merge(rows.drop(columns="status"), on=[*along, *([group] if group else [])], how="left")
    return _in_order(held, (*along, *([group] if group else [])), drawn), len(own)


def _bars(held: Dataset, rows: pd.DataFrame, along: tuple[str, ...], group: str | None) -> pd.DataFrame:
    names = [rows[d].map(held.values[d]) for d in along]
    joint = " → " if along == ("citizenship", held_place(held)) else ", "
    label = names[0].str.cat(names[1:], sep=joint) if len(names) > 1 else names[0]
    known = ~rows[[group] if group else list(along)].isin(NOT_SAID).any(axis=1)
    return pd.DataFrame(
        {"label": label, "value": rows.value, "known": known, "group": rows[group].map(held.values[group]) if group else ""}
    )


def held_place(held: Dataset) -> str:
    """The dimension at which a corridor of this data set ends."""
    return "interception_country" if held.crime == "smuggling" else "exploitation_country"


def shown(held: Dataset, rows: pd.DataFrame) -> pd.DataFrame:
    """A table for people: names instead of codes, and a word where there is no count. No shares: they would tell."""
    frame = {LABELS[d]: rows[d].map(held.values[d]) for d in rows.columns if d in LABELS}
    return pd.DataFrame({**frame, words.capital(held.unit): [said(v, held.instead) for v in rows.value]})
