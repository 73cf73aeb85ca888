"""Hidden numbers, made ready: published overlap tables, a ladder as rows and chart, members without lists."""

import tomllib
from dataclasses import dataclass
from functools import lru_cache

import pandas as pd
import plotly.graph_objects as go

from corridors import paths
from corridors.catalog import Catalog, words
from corridors.charts import multiple_systems as drawing
from corridors.charts import theme
from corridors.statistics import multiple_systems as models
from corridors.statistics import overlap_table, quality
from corridors.statistics.multiple_systems import ModelComparison, ModelResult, Resampled
from corridors.statistics.multiple_systems import compare as compare  # pages ask here: they never import statistics
from corridors.statistics.multiple_systems import number_of_models as number_of_models
from corridors.statistics.overlap_table import BadTable as BadTable
from corridors.statistics.overlap_table import OverlapTable as OverlapTable
from corridors.statistics.overlap_table import read as read_table

FOLDER = paths.MULTIPLE_SYSTEMS


@dataclass(frozen=True)
class Limits:
    """What stands beside every number of a table: what is counted, when, by whom, and the grade with its reason."""

    unit: str
    period: str
    source: str
    grade: str
    reason: str


@dataclass(frozen=True)
class Example:
    """A published overlap table with its facts; `iso3` never names a member: no member has handed one in."""

    id: str
    title: str
    limits: Limits
    lists: dict[str, str]
    reference: str
    published: str
    note: str
    csv: bytes
    table: OverlapTable


@dataclass(frozen=True)
class View:
    """A ladder ready for the page: chart, table, ties in words, warnings, or the reasons of a refusal."""

    message: str
    figure: go.Figure | None
    alt: str
    rows: pd.DataFrame
    ties: tuple[str, ...]
    warnings: tuple[str, ...]
    refusals: tuple[str, ...]


@lru_cache(maxsize=1)
def examples() -> dict[str, Example]:
    """The imported tables by id."""
    made = {}
    for entry in tomllib.loads((FOLDER / "examples.toml").read_text(encoding="utf-8"))["example"]:
        data = (FOLDER / entry["file"]).read_bytes()
        limits = limits_of(entry["unit"], entry["period"], entry["source"], entry["reliability"])
        plain = {name: entry[name] for name in ("id", "title", "lists", "reference", "published", "note")}
        made[entry["id"]] = Example(**plain, limits=limits, csv=data, table=read_table(data))
    return made


def limits_of(unit: str, period: str, source: str, reliability: str = "F") -> Limits:
    """What stands beside the numbers. Nobody can judge coverage and agreement of such an estimate: it is not graded."""
    grade = quality.grade(None, "model with interval", reliability, "6")
    return Limits(unit, period, source, grade.letter, grade.reason)


@lru_cache(maxsize=8)
def example_comparison(example_id: str) -> ModelComparison:
    """The ladder of an imported table, worked out once per process."""
    return models.compare(examples()[example_id].table)


def resampled(table: OverlapTable, samples: int, on_sample) -> ModelComparison:
    """The ladder with intervals from `samples` resampled tables; `on_sample` is told the number done."""
    return models.compare(table, models.bootstrap(table, samples, on_sample=on_sample))


@lru_cache(maxsize=32)  # a page asks at each rerun
def view(found: ModelComparison, unit: str) -> View:
    """The ladder as the page shows it."""
    known = [result for result in found.models if result.total is not None]
    rows = pd.DataFrame(
        [
            {
                "label": models.SHORT[r.key],
                "total": r.total,
                "lower": r.lower,
                "upper": r.upper,
                "sampled_lower": r.bootstrap and r.bootstrap.lower,
                "sampled_upper": r.bootstrap and r.bootstrap.upper,
            }
            for r in known
        ],
        columns=["label", "total", "lower", "upper", "sampled_lower", "sampled_upper"],
    ).astype({name: float for name in ("total", "lower", "upper", "sampled_lower", "sampled_upper")})
    if known:
        least, most = f"{rows.total.min():,.0f}", f"{rows.total.max():,.0f}"
        spread = f"Between {least} and {most} in all, by the model chosen"
        if least == most:
            spread = f"{least} in all, by every model compared"
        message = f"{spread}; {found.observed:,} are on a list. No model is known to be right."
        figure = theme.themed(drawing.draw(rows, found.observed, unit))
        alt = "Totals by model with 95 % intervals: " + "; ".join(
            f"{label}, {text}" for label, text in zip(rows.label, drawing.said(rows))
        )
    else:
        message, figure, alt = "No number is given.", None, ""
    ties = tuple(f"**{models.SHORT[r.key]}.** {r.name}: {_tied(r)}." for r in found.models)
    return View(message, figure, alt, _table(found), ties, found.warnings, found.refusals)


def _tied(result: ModelResult) -> str:
    ties = (" × ".join(t) + (" (no case in common)" if t in result.without_overlap else "") for t in result.terms)
    return ", ".join(ties) or "no ties"


def _table(found: ModelComparison) -> pd.DataFrame:
    resampled = any(r.bootstrap for r in found.models)
    return pd.DataFrame(
        [
            {
                "Model": models.SHORT[r.key],
                "In all": _whole(r.total),
                "95 % interval": drawing.interval(r.lower, r.upper) if r.total is not None else "–",
                **({"Resampled": _sampled(r.bootstrap)} if resampled else {}),
                "On no list": _whole(r.hidden),
                "AIC": "–" if r.aic is None else f"{r.aic:,.1f}",
                "BIC": "–" if r.bic is None else f"{r.bic:,.1f}",
            }
            for r in found.models
        ]
    )


def _whole(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"


def _sampled(made: Resampled | None) -> str:
    if made is None:
        return "–"
    if made.lower is None:
        return "too few samples"
    return f"{drawing.interval(made.lower, made.upper)} ({made.used:,} of {made.samples:,})"


def overlaps(table: OverlapTable, meanings: dict[str, str] | None = None) -> pd.DataFrame:
    """The lists of a table: cases on each, on it alone, and how many it shares with each other list."""
    return pd.DataFrame(
        [
            {
                "List": name,
                **({"Who kept it": meanings.get(name, "")} if meanings else {}),
                "On it": f"{table.together(name):,}",
                "On it alone": f"{int(table.counts[1 << i]):,}",
                **{f"with {other}": "" if other == name else f"{table.together(name, other):,}" for other in table.lists},
            }
            for i, name in enumerate(table.lists)
        ]
    )


def faults(bad: overlap_table.BadTable, most: int = 60) -> str:
    """Everything wrong with a table that was handed in, one line a fault."""
    lines = [words.capital(str(fault)) for fault in bad.faults]
    return "\n".join([*lines[:most], *([f"… and {len(lines) - most} more"] if len(lines) > most else [])])


def without_lists(vocabulary: Catalog) -> list[str]:
    """Names of the members of which no three overlapping lists are held: all of them, as none was submitted."""
    return sorted(m.name for m in vocabulary.members.values())
