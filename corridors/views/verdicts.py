"""Verdicts on trends in cautious words: what was recorded rose or fell, never the crime itself."""

from __future__ import annotations

import pandas as pd

from corridors.catalog import words


def by_series(trends: pd.DataFrame) -> dict[tuple[str, str], str]:
    """The sentence of each series of a member, by indicator and view."""
    return {(row.indicator_id, row.view): words.verdict(row) for row in trends.itertuples()}
