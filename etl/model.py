"""The gravity models of an edition: how large a corridor is, and how large its size and distance suggest.

Each model takes all ordered pairs of places with a member at an end for which every term is known, pairs without
anybody included. It says what goes together, not what causes what, and nothing about risk. A model that the data cannot
carry is stored as refused with the reason, and the edition is built without it.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from corridors.problems import SourceRefused
from corridors.statistics import gravity
from corridors.store import writing
from corridors.store.publishing import Draft
from etl import model_inputs

# model → its outcome, in the latest period there is, and what its zeros are
MODELS = {
    "flow": ("migration_flow_estimate", " Flows under 10 people in five years count as nobody."),
    "stock": (
        "migrant_stock",
        " UN DESA's 0 stands for nobody and for not reported alike: both count as nobody, so expected numbers are low.",
    ),
}
ENDS = ["origin_iso3", "destination_iso3"]
SIZE = ["ln_population_origin", "ln_population_destination"]
SMALL = 100  # people: fewer are never "more", whatever was expected
FACTOR = 2.0


@dataclass(frozen=True)
class Term:
    """One term of the models: its name in words, and the step for which its effect is told.

    `rise` is by how much the term itself rises in that step.
    """

    label: str
    step: str
    rise: float


DOUBLE = float(np.log(2))
TERMS = {
    "ln_distance": Term("Distance", "twice as far", DOUBLE),
    "contiguous": Term("Common border", "with one, against without", 1),
    "common_language": Term("Common official language", "with one, against without", 1),
    "colonial_tie": Term("Colonial tie, now or once", "with one, against without", 1),
    "ln_population_origin": Term("Population of the origin", "twice as many", DOUBLE),
    "ln_population_destination": Term("Population of the destination", "twice as many", DOUBLE),
    "ln_income_origin": Term("Income per head at the origin", "twice as high", DOUBLE),
    "ln_income_destination": Term("Income per head at the destination", "twice as high", DOUBLE),
    "ln_conflict_origin": Term(
        "Deaths in organised violence at the origin", "100 in a million people, against none", float(np.log(101))
    ),
}
OF_PAIRS = ["ln_distance", "contiguous", "common_language", "colonial_tie"]  # what is known of the pair, not of an end
FAR = 90  # of 100 similar pairs
METHOD = (
    "Poisson pseudo-maximum-likelihood with a logarithmic link, fitted with statsmodels; pairs without anybody stay in."
    " Errors allow for what the pairs of one origin and the pairs of one destination share. A corridor is told by its"
    " place among similar pairs: a second model gives every origin and every destination an effect of its own, so that"
    " how many leave and arrive anywhere is given; similar are the pairs in the same tenth by what it expects, and the"
    " place says how many of 100 have fewer people for what is expected of them. A pair has more people than such pairs"
    f" when its place is {FAR} or higher, the number over {FACTOR:g} times the expected one and at least {SMALL}; fewer"
    f" when its place is {100 - FAR} or lower and the number under 1/{FACTOR:g} of the expected one; else about as many."
    " Where a tenth of such pairs have nobody, fewer is never said. Places without an entry for organised violence count"
    " as without deaths. Visa rules are no term: those that are known begin at the end of these models' years. The"
    " model knows nothing of earlier migrants, wages, law or policy, and shows no causes."
)

PAIRS = """
    with outcome as (
        select partner_iso3 as origin_iso3, iso3 as destination_iso3, sum(value) as observed from figure
        where indicator_id = $outcome and period_end = $period and partner_iso3 is not null and iso3 <> 'WLD'
        and sex = 'total' and age = 'total' and form = 'total' group by all),
    covered as (select origin_iso3 as iso3 from outcome union select destination_iso3 from outcome)
    select pair.origin_iso3, pair.destination_iso3, coalesce(observed, 0) as observed, distance_km,
           contiguous::int as contiguous, common_language::int as common_language, colonial_tie::int as colonial_tie
    from pair_fact as pair
    left join outcome using (origin_iso3, destination_iso3)
    where pair.origin_iso3 in (select iso3 from covered) and pair.destination_iso3 in (select iso3 from covered)
    order by all"""
LATEST = """
    select min(period_start) as first, max(period_end) as last from figure
    where indicator_id = $outcome and period_end = (select max(period_end) from figure where indicator_id = $outcome)"""


def fit_all(work: Draft, data: Path) -> dict[str, str]:
    """Fits every model into the tables model_*; returns for each model what became of it, in a few words.

    Raises SourceRefused when the imported table of country terms is there but cannot be read.
    """
    _load_terms(work, data / model_inputs.FILE)
    return {model_id: _fitted(work, model_id, outcome, zeros) for model_id, (outcome, zeros) in MODELS.items()}


def _load_terms(work: Draft, path: Path) -> None:
    if path.is_file():
        try:
            writing.read_country_terms(work, path)
        except writing.UnreadableTable as fault:
            where = f"data/{path.parent.name}/{path.name}"
            raise SourceRefused.of(
                where,
                fault.found,
                "the columns and formats of that table",
                "Undo the edit, or run “python -m etl.model_inputs” again.",
                column=fault.column,
                row=fault.row,
            ) from None


def _fitted(work: Draft, model_id: str, outcome: str, zeros: str) -> str:
    ask = work.connection.execute
    first, last = ask(LATEST, {"outcome": outcome}).fetchone()
    pairs = with_terms(ask(PAIRS, {"outcome": outcome, "period": last}).df(), ask("from country_term").df())
    terms = list(TERMS)
    about = {
        "model_id": model_id,
        "outcome": outcome,
        "period_start": first,
        "period_end": last,
        "method": METHOD + zeros,
        "inputs": _inputs(work, outcome),
    }
    whole = pairs.dropna(subset=terms).reset_index(drop=True)
    try:
        fit = gravity.fit(whole, "observed", terms, cluster=ENDS)
        beyond = 1 - fit.deviance / gravity.fit(whole, "observed", SIZE).deviance
        values, expected = gravity.with_effects(whole, "observed", OF_PAIRS, ENDS)
    except gravity.CannotFit as refusal:
        why = _sentence(refusal) + _unmade(pairs, work)
        writing.insert(work, "model_meta", pd.DataFrame([{**about, "refusal": why}]))
        return f"refused: {refusal}"
    counted = {name: getattr(fit, name) for name in ("n", "zeros", "errors")}
    quality = {name: getattr(fit, name) for name in ("deviance", "r2_correlation", "r2_mcfadden")} | {"beyond_size": beyond}
    writing.insert(work, "model_meta", pd.DataFrame([about | counted | dict(_significant(pd.Series(quality), 7))]))
    for table, rows in {
        "model_fit": _coefficients(fit, values),
        "model_covariance": _covariance(fit),
        "model_pair": judged(whole, fit.predict(whole), expected),
        "model_left_out": _left_out(work, pairs, terms, outcome),
    }.items():
        writing.insert(work, table, rows.assign(model_id=model_id))
    return f"{fit.n:,} pairs"


def with_terms(pairs: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """The pairs with the terms of the models as columns, empty where a country's number is not known."""
    value = {name: part.set_index("iso3")["value"] for name, part in known.groupby("indicator_id")}
    nothing = pd.Series(dtype=float)
    population, income = value.get("population", nothing), value.get("gdp_per_head_ppp", nothing)
    deaths = pairs["origin_iso3"].map(value.get("conflict_deaths", nothing)).astype(float).fillna(0)
    per_million = deaths / pairs["origin_iso3"].map(population).astype(float) * 1e6

    def logarithm(end: str, numbers: pd.Series) -> pd.Series:
        return np.log(pairs[f"{end}_iso3"].map(numbers).astype(float).where(lambda x: x > 0))

    return pairs.assign(
        **{
            "ln_distance": np.log(pairs["distance_km"].astype(float)),
            "ln_population_origin": logarithm("origin", population),
            "ln_population_destination": logarithm("destination", population),
            "ln_income_origin": logarithm("origin", income),
            "ln_income_destination": logarithm("destination", income),
            "ln_conflict_origin": np.log1p(per_million),
        }
    )


def judged(pairs: pd.DataFrame, mean: pd.DataFrame, expected: pd.Series) -> pd.DataFrame:
    """For each pair observed, the `mean` of such pairs with its interval, the usual range, its place and the verdict, as METHOD
    defines them; `expected` is what the model with effects expects. A pair with a silent end has no place."""
    rows = pairs[[*ENDS, "observed"]].join(mean)
    tenth = (expected.rank(method="first") * 10 // (len(rows) + 1)).astype(int)
    ratio = (rows["observed"] / expected.where(expected > 0)).groupby(tenth)
    rows["usual_lower"], rows["usual_upper"] = (expected * ratio.transform("quantile", q) for q in (0.25, 0.75))
    rows["place"] = 100 * (ratio.rank(method="average") - 0.5) / ratio.transform("count")
    seen = rows["observed"]
    more = (rows["place"] >= FAR) & (seen > FACTOR * expected) & (seen >= SMALL)
    nobody = ratio.transform("quantile", 1 - FAR / 100) == 0
    less = (rows["place"] <= 100 - FAR) & (seen < expected / FACTOR) & ~nobody
    rows["verdict"] = np.select([more, less], ["more", "less"], "about")
    numbers = ["expected", "lower", "upper", "usual_lower", "usual_upper", "place"]
    return rows.assign(**{name: _significant(rows[name], 5) for name in numbers})


def _coefficients(fit: gravity.Fit, values: pd.Series) -> pd.DataFrame:
    """The coefficients with what they mean for the step that each term tells; the intercept has none."""
    rows = fit.coefficients.assign(position=range(len(fit.coefficients)))
    term_rows = [TERMS.get(name, Term("Constant", "", np.nan)) for name in rows["term"]]
    rise = np.array([term.rise for term in term_rows])
    rows["label"], rows["step"] = [term.label for term in term_rows], [term.step or None for term in term_rows]
    for effect, column in (("effect", "coefficient"), ("effect_lower", "lower"), ("effect_upper", "upper")):
        rows[effect] = _significant(np.exp(rows[column] * rise), 5)
    rows["effect_with_ends"] = _significant(np.exp(rows["term"].map(values) * rise), 5)
    numbers = ["coefficient", "error", "lower", "upper", "z", "p"]
    return rows.assign(**{name: _significant(rows[name], 7) for name in numbers})


def _covariance(fit: gravity.Fit) -> pd.DataFrame:
    names = fit.coefficients["term"].tolist()
    return pd.DataFrame(
        {
            "term": np.repeat(names, len(names)),
            "other": np.tile(names, len(names)),
            "value": _significant(pd.Series(fit.covariance.ravel()), 7),
        }
    )


def _significant(numbers: pd.Series, digits: int) -> pd.Series:
    """Rounded to so many significant digits: the last bits of a fit differ between machines, an edition must not."""
    size = np.floor(np.log10(numbers.abs().where(numbers != 0, 1)))
    return (numbers / 10 ** (size - digits + 1)).round() * 10 ** (size - digits + 1)


def _left_out(work: Draft, pairs: pd.DataFrame, terms: list[str], outcome: str) -> pd.DataFrame:
    """Every place of which the model says nothing as origin or destination, with the first reason that fits."""
    members = [row[0] for row in work.connection.execute("select iso3 from member order by 1").fetchall()]
    measured = {row[0] for row in work.connection.execute("select origin_iso3 from pair_fact").fetchall()}
    covered = {
        row[0]
        for row in work.connection.execute(
            "select iso3 from figure where indicator_id = $1 union select partner_iso3 from figure where indicator_id = $1",
            [outcome],
        ).fetchall()
    } - {None, "WLD", "OTH"}
    ends = pairs.set_index("origin_iso3")
    whole = set(ends.index[ends[terms].notna().all(axis=1)])
    missing = {
        "no distance to it is given": lambda place: place not in measured,
        "no number of it is imported for this period": lambda place: place not in ends.index,
        "its population is not known": lambda place: ends.loc[[place], "ln_population_origin"].isna().all(),
        "its income per head is not known": lambda place: True,
    }
    return pd.DataFrame(
        [
            {"iso3": place, "reason": next(reason for reason, fits in missing.items() if fits(place))}
            for place in sorted({*members, *covered} - whole)
        ],
        columns=["iso3", "reason"],
    )


def _inputs(work: Draft, outcome: str) -> str:
    """The sources behind the model in one line: title, edition and, for terms of a country, the year."""
    rows = work.connection.execute(
        """
        select title || ' (' || publisher || ', ' || edition || ')' from source where source_id in (
            select source_id from figure where indicator_id = $1 union select source_id from pair_fact union
            select source_id from country_term) order by title""",
        [outcome],
    ).fetchall()
    years = work.connection.execute("select max(year(period_end)) from country_term").fetchone()[0]
    return "; ".join(row[0] for row in rows) + (f". Population, income and violence up to {years}." if years else ".")


def _sentence(refusal: gravity.CannotFit) -> str:
    text = str(refusal)
    return text[0].upper() + text[1:] + "."


def _unmade(pairs: pd.DataFrame, work: Draft) -> str:
    """What to run when the table of country terms is not there: then no pair has its terms."""
    if pairs.empty or work.connection.execute("select count(*) from country_term").fetchone()[0]:
        return ""
    return " The table data/model/country_terms.csv is missing: run “python -m etl.model_inputs --from DIR”."
