"""A cautious verdict on every yearly series: what was recorded rose, fell, did not clearly change, or cannot be judged."""

from itertools import groupby
from operator import attrgetter

import pandas as pd
from scipy import stats

from corridors.catalog import Catalog, words
from corridors.statistics import counts, trend

FEW = 17  # a count that never exceeds it moves by chance
NEAR_ZERO = f"At most {FEW} in every year: chance alone could have made the change"
GROWTH = "It grows almost everywhere, so that a test would say nothing"
COLUMNS = (
    "iso3 view indicator_id source_id first_year last_year years verdict p q slope slope_lower slope_upper change_after change_p "
    "since_break ratio ratio_lower ratio_upper dispersion counts note"
).split()
KEY = ["iso3", "view", "indicator_id", "source_id"]


def verdicts(series: pd.DataFrame, vocabulary: Catalog) -> pd.DataFrame:
    """One row per series (the columns of the table `trend`): test, slope, change point and what the counts say.

    `series` as `store.writing.series` gives it. Judged is the latest run of years without a gap or break. False alarms are
    controlled over all series of one theme, so that a thousand series of prices and incomes do not decide about victims.
    """
    barred = {
        key: caveat.title
        for caveat in vocabulary.caveats.values()
        if caveat.uses.get("trend") == "no"
        for rule in caveat.applies
        if not (rule.members or rule.statuses or rule.forms or rule.first_year or rule.when)
        for key in (*rule.sources, *(rule.indicators if not rule.sources else ()))
    }
    whole = series[series.status != "provisional"]  # a year that is not over would look like a fall
    made = []
    # plain rows: a frame for each of thousands of series took longer than all that is asked of them
    for key, rows in groupby(whole.sort_values([*KEY, "year"]).itertuples(), attrgetter(*KEY)):
        one = dict(zip(KEY, key))
        indicator = vocabulary.indicators[one["indicator_id"]]
        title = barred.get(one["source_id"]) or barred.get(indicator.id)
        why = f"The publisher's own limit: {words.small(title)}" if title else "" if indicator.tested else GROWTH
        made.append(one | {"theme": indicator.theme} | _judged(list(rows), why, indicator.kind == "count"))
    frame = pd.DataFrame(made)
    for _, family in frame[frame.p.notna()].groupby("theme"):
        frame.loc[family.index, "q"] = stats.false_discovery_control(family.p)
    clear = frame.q <= trend.FALSE_DISCOVERY
    frame.loc[clear, "verdict"] = frame.direction[clear].map({1: "rose", -1: "fell"})
    return frame.reindex(columns=COLUMNS).astype(
        {c: "Int64" for c in ("first_year", "last_year", "change_after", "since_break")}
    )


def _judged(rows: list, barred: str, counted: bool) -> dict:
    """What one series says, oldest first: the latest run of years that follow one another since the last break. `barred`: why no test."""
    rows = [row for row in rows if row.segment == rows[-1].segment]
    latest = [f"{words.amount(r.value, r.low, r.high)} in {r.year}" for r in rows[-6:]] if counted else []
    rows = rows[max((n for n in range(1, len(rows)) if rows[n].year > rows[n - 1].year + 1), default=0) :]
    values = [(row.low + row.high) / 2 for row in rows]
    masked = sum(pd.isna(row.value) for row in rows)
    said = {
        "first_year": rows[0].year,
        "last_year": rows[-1].year,
        "years": len(rows),
        "direction": 0,
        "since_break": None if pd.isna(rows[0].since) else int(rows[0].since),
        "note": f"{masked} of {len(rows)} years are ranges and stand at the middle of theirs" if masked else None,
        "verdict": "too few years",
        "p": None,
        "q": None,
        "counts": ", ".join(latest) if len(latest) > 1 else None,
    }
    if barred:
        return said | {"verdict": "not tested", "note": barred}
    if counted and max(row.high for row in rows) <= FEW:
        return said | {"verdict": "not tested", "note": NEAR_ZERO}
    if counted and (stands := counts.latest_against_earlier(values)):
        said |= {
            "ratio": stands.ratio,
            "ratio_lower": stands.lower,
            "ratio_upper": stands.upper,
            "dispersion": stands.dispersion,
        }
    if len(rows) < trend.FEWEST_FOR_VERDICT:
        return said
    test = trend.mann_kendall(values)
    said |= {"verdict": "no steady rise or fall", "p": test.p_value, "direction": (test.s > 0) - (test.s < 0)}
    if len(rows) >= trend.FEWEST_FOR_SLOPE:
        slope = trend.sen_slope(values)
        said |= {"slope": slope.slope, "slope_lower": slope.lower, "slope_upper": slope.upper}
    if len(rows) >= trend.FEWEST_FOR_CHANGE:
        change = trend.change_point(values)
        said |= {"change_after": rows[change.index].year, "change_p": change.p_value}
    return said
