"""A cautious verdict on every yearly series: what was recorded rose, fell, did not clearly change, or cannot be judged."""

from __future__ import annotations

import pandas as pd
from scipy import stats

from corridors.catalog import Catalog
from corridors.statistics import trend

NO_TREND = "C24"  # the caveat of sources whose publisher says that counts must not be compared over time
COLUMNS = (
    "iso3",
    "view",
    "indicator_id",
    "source_id",
    "first_year",
    "last_year",
    "years",
    "verdict",
    "p",
    "q",
    "slope",
    "slope_lower",
    "slope_upper",
    "change_after",
    "change_p",
    "since_break",
    "note",
)
KEY = ["iso3", "view", "indicator_id", "source_id"]


def verdicts(series: pd.DataFrame, vocabulary: Catalog) -> pd.DataFrame:
    """One row per series (the columns of the table `trend`): test, slope and change point since the last break.

    `series` as `store.writing.series` gives it. Judged is the latest run of years without a gap. False alarms are controlled
    over all series of one member, since they stand on one page.
    """
    barred = {source for rule in vocabulary.caveats[NO_TREND].applies for source in rule.sources}
    whole = series[series.status != "provisional"]  # a year that is not over would look like a fall
    made = [dict(zip(KEY, key)) | _judged(rows, key[-1] in barred) for key, rows in whole.groupby(KEY, sort=True)]
    frame = pd.DataFrame(made)
    for _, page in frame[frame.p.notna()].groupby("iso3"):
        frame.loc[page.index, "q"] = stats.false_discovery_control(page.p)
    clear = frame.q <= trend.FALSE_DISCOVERY
    frame.loc[clear, "verdict"] = frame.direction[clear].map({1: "rose", -1: "fell"})
    return frame.reindex(columns=COLUMNS).astype(
        {c: "Int64" for c in ("first_year", "last_year", "change_after", "since_break")}
    )


def _judged(rows: pd.DataFrame, barred: bool) -> dict:
    """What one series says: the latest run of years that follow one another since the last break."""
    rows = rows.sort_values("year")
    rows = rows[rows.segment == rows.segment.iloc[-1]]
    gaps = (rows.year.diff() > 1).cumsum()
    rows = rows[gaps == gaps.iloc[-1]]
    values = ((rows.low + rows.high) / 2).to_list()
    masked = int(rows.value.isna().sum())
    said = {
        "first_year": int(rows.year.iloc[0]),
        "last_year": int(rows.year.iloc[-1]),
        "years": len(rows),
        "direction": 0,
        "since_break": None if pd.isna(rows.since.iloc[0]) else int(rows.since.iloc[0]),
        "note": f"{masked} of {len(rows)} years are ranges and stand at the middle of theirs" if masked else None,
        "verdict": "too few years",
        "p": None,
        "q": None,
    }
    if barred:
        return said | {"verdict": "not tested", "note": "The publisher says that these counts do not show trends over time"}
    if len(rows) < trend.FEWEST_FOR_VERDICT:
        return said
    test = trend.mann_kendall(values)
    said |= {"verdict": "no clear change", "p": test.p_value, "direction": (test.s > 0) - (test.s < 0)}
    if len(rows) >= trend.FEWEST_FOR_SLOPE:
        slope = trend.sen_slope(values)
        said |= {"slope": slope.slope, "slope_lower": slope.lower, "slope_upper": slope.upper}
    if len(rows) >= trend.FEWEST_FOR_CHANGE:
        change = trend.change_point(values)
        said |= {"change_after": int(rows.year.iloc[change.index]), "change_p": change.p_value}
    return said
