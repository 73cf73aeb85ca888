"""Verdicts on trends in cautious words: what was recorded rose or fell, never the crime itself."""

from __future__ import annotations

import pandas as pd

from catalog import words


def in_words(row) -> str:
    """One sentence for a row of the table `trend` (with unit_many and decimals)."""
    if row.verdict == "not tested":
        return f"No trend is tested: {row.note[0].lower()}{row.note[1:]}"
    since = f" since the break of {int(row.since_break)}" if pd.notna(row.since_break) else ""
    if row.verdict == "too few years":
        return f"Too few years{since} for a verdict: {row.years}, and six are needed"
    span = f"{int(row.first_year)}–{int(row.last_year)}"
    if row.verdict == "no clear change":
        return f"No clear change over {span}"
    said = f"What was recorded {row.verdict} over {span}"
    if pd.notna(row.slope):
        step = [words.number(abs(x), int(row.decimals)) for x in (row.slope, *sorted((row.slope_lower, row.slope_upper), key=abs))]
        same = (row.slope_lower > 0) == (row.slope_upper > 0)
        said += f", by about {step[0]} a year" + (f" ({step[1]} to {step[2]})" if same else "")
    return said


def by_series(trends: pd.DataFrame) -> dict[tuple[str, str], str]:
    """The sentence of each series of a member, by indicator and view."""
    return {(row.indicator_id, row.view): in_words(row) for row in trends.itertuples()}
