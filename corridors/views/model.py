"""The models of pairs, made ready: the page that explains one, the sentence on a corridor, and the what-if."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from corridors import catalog
from corridors.catalog import words
from corridors.store.queries import models as model_reading
from corridors.views.figure import caveats_of, if_held, to_text

VERDICTS = {
    "more": "more than most similar pairs",
    "about": "about as many as similar pairs",
    "less": "fewer than most similar pairs",
}
NAMES = {"flow": "People who moved in five years", "stock": "People who live there"}
CAVEAT = "C70"


@dataclass(frozen=True)
class Model:
    """One model as its page shows it; when `refusal` is not empty there is nothing else."""

    title: str
    period: str
    definition: str
    refusal: str
    facts: str
    method: str
    inputs: str
    terms: pd.DataFrame
    standing_out: pd.DataFrame
    left_out: str


def models(edition_id: str) -> dict[str, Model]:
    """Every model of the edition by id."""
    made = {}
    for row in model_reading.models(edition_id).itertuples():
        refusal = row.refusal if isinstance(row.refusal, str) else ""
        made[row.model_id] = Model(
            NAMES.get(row.model_id, row.outcome_name),
            "" if refusal else words.period(row.period_start, row.period_end, "flow"),
            row.definition,
            refusal,
            "" if refusal else _facts(row),
            row.method,
            row.inputs,
            _terms(edition_id, row.model_id),
            _out(edition_id, row.model_id),
            _left(edition_id, row.model_id),
        )
    return made


def _facts(row) -> str:
    return (
        f"{row.n:,} ordered pairs with a member at one end, {row.zeros:,} of them without anybody. The model explains "
        f"{row.beyond_size:.0%} of the deviance that the two populations alone leave ({row.r2_mcfadden:.0%} of what one number for "
        f"all pairs leaves). Errors {row.errors.replace('_iso3', '')}."
    )


def _terms(edition_id: str, model_id: str) -> pd.DataFrame:
    rows = model_reading.coefficients(edition_id, model_id)
    rows = rows[rows.effect.notna()]
    return pd.DataFrame(
        {
            "Term": rows.label,
            "Step": rows.step,
            "People are multiplied by": rows.effect.map("{:.2f}".format),
            "95 % interval": [f"{a:.2f} to {b:.2f}" for a, b in zip(rows.effect_lower, rows.effect_upper)],
            "With effects of both ends": ["–" if words.missing(e) else f"{e:.2f}" for e in rows.effect_with_ends],
            "Coefficient": rows.coefficient.map("{:.3f}".format),
            "Robust error": rows.error.map("{:.3f}".format),
            "Speaks clearly": [
                "yes" if (a > 1) == (b > 1) else "no: the interval holds 1"
                for a, b in zip(rows.effect_lower, rows.effect_upper)
            ],
        }
    )


def _out(edition_id: str, model_id: str) -> pd.DataFrame:
    rows = model_reading.standing_out(edition_id, model_id)
    return pd.DataFrame(
        {
            "From": rows.origin,
            "To": rows.destination,
            "Observed": rows.observed.map("{:,.0f}".format),
            "Half of similar pairs": [f"{a:,.0f} to {b:,.0f}" for a, b in zip(rows.usual_lower, rows.usual_upper)],
            "More than, of 100": rows.place.map("{:.0f}".format),
            "Reading": rows.verdict.map(VERDICTS),
        }
    )


def _left(edition_id: str, model_id: str) -> str:
    rows = model_reading.left_out(edition_id, model_id)
    return "; ".join(f"{reason}: {words.listing(sorted(part.place))}" for reason, part in rows.groupby("reason"))


def corridor(edition_id: str, origin: str, destination: str) -> tuple[tuple[str, ...], str]:
    """What the models say of one pair in sentences, and the caveats that go with them."""
    said = []
    for row in model_reading.pair(edition_id, origin, destination).itertuples():
        when = words.period(row.period_start, row.period_end, row.stock_or_flow)
        said.append(
            f"**{NAMES.get(row.model_id, row.outcome_name)}, {when}: {VERDICTS[row.verdict]}.** Observed {row.observed:,.0f} people"
            + (
                ". Nobody is recorded at one end, so that there is no similar pair."
                if words.missing(row.place)
                else f": for what is expected of it, more than {min(row.place, 99):.0f} of 100 similar pairs, of which half have "
                f"{row.usual_lower:,.0f} to {row.usual_upper:,.0f}; how many leave and arrive anywhere is allowed for."
            )
            + " A model's estimate, grade not given."
        )
    return tuple(said), to_text(caveats_of({CAVEAT}))


def expected_number(edition_id: str, model_id: str, origin: str, destination: str) -> float | None:
    """The number of people that a model expects for a pair, or None when it says nothing of it."""
    rows = model_reading.pair(edition_id, origin, destination)
    rows = rows[rows.model_id == model_id]
    return float(rows.expected.iloc[0]) if len(rows) else None


def changed(edition_id: str, model_id: str, steps: dict[str, float], level: float = 1.959964) -> tuple[float, float, float]:
    """The factor by which a model's expected number changes when its terms move by `steps`, with its 95 % interval.

    `steps` are moves of the terms themselves (ln 2 for "twice as high"). Delta method with the robust covariance.
    """
    rows = model_reading.coefficients(edition_id, model_id).set_index("term")
    spread = model_reading.covariance(edition_id, model_id).pivot(index="term", columns="other", values="value")
    terms = [t for t in steps if t in rows.index]
    move = np.array([steps[t] for t in terms])
    centre = float(rows.coefficient[terms].to_numpy() @ move)
    error = math.sqrt(max(float(move @ spread.loc[terms, terms].to_numpy() @ move), 0.0))
    return math.exp(centre), math.exp(centre - level * error), math.exp(centre + level * error)


# condition of the what-if → what it is read from, whose applications stand beside it, and its name
CONDITIONS = {
    "ln_income_origin": ("income", True, "income per head at the origin"),
    "ln_income_destination": ("income", False, "income per head at the destination"),
    "ln_conflict_origin": ("conflict", True, "deaths in organised violence at the origin"),
}
SMALLEST = 30  # applications at the beginning: fewer move by chance
FEWEST = 3  # episodes without which no range is told
NO_RANGE = "**The model gives no range.**"
FEWEST_CHANGES = 8  # of visa rules: a range of fewer is its two most unusual cases


@dataclass(frozen=True)
class Episodes:
    """Past five years in which one condition moved about as far, with what followed."""

    said: str
    table: pd.DataFrame


def episodes(edition_id: str, term: str, step: float) -> Episodes:
    """Where in the past a condition (a key of CONDITIONS) moved about as far as `step` of the model's term in five years, and by how much
    new asylum applications changed from the year before until two years after. Five years of a place that overlap count once, the first.

    About as far: for income, from half to one and a half times the change of its logarithm; for deaths, from half to twice as many,
    after at most a quarter of it in the five years before.
    """
    what, abroad, name = CONDITIONS[term]
    rows = model_reading.five_years_apart(edition_id, what, abroad)
    if what == "income":
        share = np.log(rows.now / rows.before) / step
        rows = rows[(share >= 0.5) & (share <= 1.5)]
    else:
        meant = math.expm1(step)
        rows = rows[(rows.now >= meant / 2) & (rows.now <= 2 * meant) & (rows.before <= meant / 4)]
    apart: dict[str, int] = {}  # the last episode of a place
    first = []
    for row in rows.itertuples():
        first.append(row.year >= apart.get(row.iso3, 0) + 5)
        apart[row.iso3] = row.year if first[-1] else apart[row.iso3]
    rows = rows[first]
    small = rows.applied_before <= SMALLEST
    rows = rows[~small].assign(factor=lambda r: r.applied_after / r.applied_before)
    whose = "people of the place" if abroad else "people in the place"
    left = f" Left out: {small.sum()} with {SMALLEST} applications or fewer at the beginning." if small.any() else ""
    if len(rows) < FEWEST:
        said = f"Such episodes found among the members: {len(rows) or 'none'}, too few for a range."
    else:
        low, middle, high = rows.factor.quantile([0.25, 0.5, 0.75])
        said = (
            f"{len(rows)} such episodes were found among the members. From the year before until two years after, new asylum applications of {whose} "
            f"were multiplied by {middle:.2g} in the middle case; half of the cases lie between {low:.2g} and {high:.2g}, all between "
            f"{rows.factor.min():.2g} and {rows.factor.max():.2g}."
        )
    digits = 0 if what == "income" else 1
    table = pd.DataFrame(
        {
            "Place": rows.name,
            "Five years": [f"{year - 4} to {year}" for year in rows.year],
            "Before": [words.number(v, digits) for v in rows.before],
            "After five years": [words.number(v, digits) for v in rows.now],
            "Applications the year before": [words.number(v) for v in rows.applied_before],
            "Two years after": [words.number(v) for v in rows.applied_after],
            "Times": [f"{v:.2g}" for v in rows.factor],
        }
    )
    return Episodes(f"**Like it in the past: {name}.** {said}{left}", table)


# as changes of visa rules are listed → what they made of the journey
DIRECTIONS = {"eased": "easier", "tightened": "harder"}


def visa_episodes(edition_id: str, change: str) -> Episodes:
    """What new asylum applications did about past changes of visa rules (a key of DIRECTIONS) between two places: how many times those
    of the two years before they were in the two years after. The year of the change itself is left out.

    A masked year takes part with both its ends. Not followed, and said why: what editors set aside (a rule made for asylum itself), a year
    without a figure or not held yet, a new way of counting, another change between, and so few at the beginning that they move by chance.
    Fewer than FEWEST_CHANGES are told one by one, without a range.
    """
    rows = if_held(model_reading.visa_changes, edition_id)
    if rows.columns.empty:
        said = "This edition holds no list of changes of visa rules that can be read: it was built by an earlier version."
        return Episodes(said, pd.DataFrame())
    rows = rows[rows.change == change]
    listed, low, high, cases = [], [], [], []
    for _, four in rows.groupby(["destination_iso3", "origin_iso3", "since"], sort=False):
        one, ends = four.iloc[0], four.assign(low=four.value.fillna(four.lower), high=four.value.fillna(four.upper))
        before, after = (ends[part][["low", "high"]].sum() for part in (four.applied < one.year, four.applied > one.year))
        times = _not_followed(four, before.high)
        if not times:
            low.append(after.low / before.high)
            high.append(after.high / before.low)
            times = " to ".join(dict.fromkeys(f"{each:.2g}" for each in (low[-1], high[-1])))
            cases.append(f"{times} times from {one.origin} to {one.destination} ({one.year})")
        counts = [
            "no figure" if words.missing(row.status) else words.amount(row.value, row.lower, row.upper)
            for row in four.itertuples()
        ]
        listed.append(
            {
                "From": one.origin,
                "To": one.destination,
                "Since": one.since,
                "Two years before": "; ".join(counts[:2]),
                "Two years after": "; ".join(counts[2:]),
                "Times": times,
                "What changed": one.what,
                "Source": f"{one.publisher}: {one.title}, {one.address}",
            }
        )
    found = f"**Like it in the past: entry made {DIRECTIONS[change]}.** Of {len(listed)} listed changes that made entry {DIRECTIONS[change]}, {len(low) or 'none'} can be followed"
    if not cases:
        return Episodes(f"{found}.", pd.DataFrame(listed))
    if len(cases) < FEWEST_CHANGES:
        few, followed = ", too few for a range", "; ".join(cases)
    else:
        few, followed = "", f"between {min(low):.2g} and {max(high):.2g} times"
    return Episodes(
        f"{found}{few}. New asylum applications in the two years after, as against the two years before: {followed}. Other things changed too: this is "
        "no effect of a visa.",
        pd.DataFrame(listed),
    )


@dataclass(frozen=True)
class VisaRange:
    """What the model of visa rules says of a change, or why it says nothing; and how it was made."""

    said: str
    method: str


def visa_range(edition_id: str, change: str, origin: str, destination: str) -> VisaRange:
    """By what new asylum applications were multiplied where a rule changed (`change` a key of DIRECTIONS), at 80 and at 95 per cent, and
    what that makes of the newest number of a pair. Empty ends leave the pair out.

    Nothing is told of a pair without a rule, or whose origin's earlier rules were not read; of one that has the asked-for rule already or
    an electronic visa; and of one without applications in the years that the model learnt from.
    """
    rows = if_held(model_reading.visa_model, edition_id)
    if rows.empty:
        return VisaRange(f"{NO_RANGE} This edition holds no such model: it was built by an earlier version.", "")
    found = rows.iloc[0]
    if not words.missing(found.refusal):
        return VisaRange(f"{NO_RANGE} {words.capital(found.refusal)}.", found.method)
    harder = [[found[f"{end}_{level}"] for end in ("lower", "upper")] for level in (80, 95)]
    likely, wide = harder if change == "tightened" else [[1 / high, 1 / low] for low, high in harder]
    held = "Both intervals hold" if likely[0] < 1 < likely[1] else "The wider one holds"
    unclear = f" {held} 1: the model cannot tell a rise from a fall." if wide[0] < 1 < wide[1] else ""
    pair = "Choose both ends to see what it makes of a corridor."
    if origin and destination:
        pair, able = _visa_pair(edition_id, change, origin, destination, likely, wide)
        if not able:
            return VisaRange(f"{NO_RANGE} {pair}", "")
    days = [words.day(pd.Timestamp(day)) for day in found.seen]
    return VisaRange(
        f"**New asylum applications are multiplied by {likely[0]:.2g} to {likely[1]:.2g}** where entry is made {DIRECTIONS[change]} (80 % interval; 95 %: "
        f"{wide[0]:.2g} to {wide[1]:.2g}).{unclear} {pair}",
        f"{found.method} {found.changed} changes among {found.pairs:,} pairs, {words.listing([str(year) for year in found.years])} (2020 and 2021: travel "
        f"bans); in effect the range rests on {found.freedom:.0f} pairs. Rules: Passport Index data set, {words.listing(days)}; applications: UNHCR. "
        "Never quote it as a level, never add it up.",
    )


def _visa_pair(
    edition_id: str, change: str, origin: str, destination: str, likely: list[float], wide: list[float]
) -> tuple[str, bool]:
    """What the model makes of the newest number of a pair, and True; or why it says nothing, and False."""
    pair = model_reading.visa_pair(edition_id, origin, destination)
    name = catalog.load().place_name
    here, there = name(origin), name(destination)
    rule, needed = pair["rule"], pair["rule"] in ("required", "refused")
    if words.missing(rule):
        return f"No visa rule of citizens of {here} entering {there} is held.", False
    if not pair["read"]:
        return f"Rules of earlier years were read for members’ passports, and not for {here}’s.", False
    if rule == "electronic":
        return f"Citizens of {here} enter {there} by electronic visa: such rules are left out.", False
    if needed == (change == "tightened"):
        stands = "need a visa already" if needed else "need no visa before the journey already"
        return f"Citizens of {here} {stands} to enter {there}: that is no change.", False
    if words.missing(pair["counted"]):
        return f"No figure of applications by people from {here} in {there} is held.", False
    if not pair["counted"]:
        return (
            f"No application by people from {here} in {there} is on record in the years that the model learnt from.",
            False,
        )
    low, high = (pair["value"],) * 2 if not words.missing(pair["value"]) else (pair["lower"], pair["upper"])
    ends = [f"{words.about(low * a)} to {words.about(high * b)}" for a, b in (likely, wide)]
    now = words.amount(pair["value"], pair["lower"], pair["upper"])
    return f"{here} to {there}: {now} in {pair['year']:.0f}, **{ends[0]}** after the change (95 %: {ends[1]}).", True


def _not_followed(four: pd.DataFrame, before: float) -> str:
    """Why the four years about a change (rows of `model_reading.visa_changes`) are not laid side by side; empty where they are."""
    one, gaps = four.iloc[0], four[four.status.isna()].applied
    if one.not_followed:
        return f"not followed: {one.not_followed}"
    if (gaps > one.newest).any():
        return f"not followed: {gaps.max()} is not held yet"
    if len(gaps):
        return f"not followed: no figure for {words.listing([str(year) for year in gaps])}"
    if one.broken:
        return "not followed: counted in a new way"
    if not words.missing(one.again):
        return f"not followed: another change in {one.again}"
    return f"not followed: {SMALLEST} or fewer before" if before <= SMALLEST else ""
