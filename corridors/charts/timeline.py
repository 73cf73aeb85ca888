"""Periods on one line of time each: how long, how exactly known, and the meetings around them. No quantity is drawn."""

from datetime import timedelta
from html import escape

import pandas as pd
import plotly.graph_objects as go

from corridors.charts import NEUTRAL

DAY = 86_400_000  # plotly counts lengths on an axis of dates in milliseconds
KNOWN = {
    "day": "dates known",
    "month": "known to the month",
    "year": "known to the year",
    "unclear": "not known to have taken place",
}
# Bars are grey and told apart by pattern: the theme's colours are left to the marks, which lie on them.
LOOKS = {
    "day": {"color": NEUTRAL},
    "month": {"color": NEUTRAL, "pattern": {"shape": "/", "fgcolor": NEUTRAL, "bgcolor": "rgba(0,0,0,0)", "solidity": 0.5}},
    "year": {"color": NEUTRAL, "pattern": {"shape": ".", "fgcolor": NEUTRAL, "bgcolor": "rgba(0,0,0,0)", "solidity": 0.35}},
    "unclear": {"color": "rgba(0,0,0,0)", "line": {"color": NEUTRAL, "width": 1.5}},
}
MARKS = {
    "Proposed, committed": (("concept", "commitment"), "circle"),
    "Planning": (("planning", "plan"), "diamond"),
    "Progression": (("progression",), "triangle-up"),
    "Debrief, meeting": (("debrief", "annual_meeting", "tabletop", "statement", "report"), "square"),
}


def known(actions: pd.DataFrame) -> pd.Series:
    """How exactly each period is known: a key of KNOWN."""
    return actions.precision.where(actions.held == "yes", "unclear")


def draw(actions: pd.DataFrame, milestones: pd.DataFrame) -> go.Figure:
    """A bar a period (columns action, first_day, last_day, when_text, precision, held), oldest on top, and marks for meetings.

    Milestones (action, kind, first_day, last_day, when_text, title, state) without a day are left out; those only planned are hollow.
    """
    order = list(actions.action)
    figure = go.Figure()
    dated = milestones[milestones.first_day.notna() & milestones.action.isin(order)]
    for name, (kinds, symbol) in MARKS.items():
        rows = dated[dated.kind.isin(kinds)]
        if len(rows):
            figure.add_scatter(
                x=[_text(_day(a) + (_day(b) - _day(a)) / 2) for a, b in zip(rows.first_day, rows.last_day)],
                y=rows.action,
                mode="markers",
                name=name,
                text=[
                    f"{escape(r.title)}, {r.when_text}" + (" (planned)" if r.state == "planned" else "")
                    for r in rows.itertuples()
                ],
                hovertemplate="%{text}<extra></extra>",
                marker={
                    "size": 11,
                    "symbol": [f"{symbol}-open" if s == "planned" else symbol for s in rows.state],
                    "line": {"width": 2},
                },
            )
    for kind, rows in actions.groupby(known(actions), sort=False):
        figure.add_bar(
            y=rows.action,
            base=[_text(d) for d in rows.first_day],
            width=0.5,
            orientation="h",
            name=KNOWN[kind],
            marker=LOOKS[kind],
            legendrank=1,
            x=[(_day(b) - _day(a) + timedelta(days=1)).days * DAY for a, b in zip(rows.first_day, rows.last_day)],
            text=rows.when_text,
            textposition="none",
            hovertemplate="%{y}: %{text}<extra>" + KNOWN[kind] + "</extra>",
        )
    first, last = min(map(_day, actions.first_day)), max(map(_day, actions.last_day))
    figure.update_layout(
        height=74 + 40 * len(order),
        margin={"l": 8, "r": 16, "t": 64, "b": 8},
        barmode="overlay",
        hovermode="closest",
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 12}},
        xaxis={
            "type": "date",
            "range": [f"{first.year}-01-01", f"{last.year + 1}-01-01"],
            "dtick": "M12",
            "tickformat": "%Y",
        },
        yaxis={"type": "category", "categoryorder": "array", "categoryarray": order[::-1], "ticksuffix": "  "},
    )
    return figure


def headline(actions: pd.DataFrame) -> str:
    """The message of the chart in one sentence."""
    exact, unclear = int((known(actions) == "day").sum()), int((actions.held != "yes").sum())
    return (
        f"{len(actions)} periods from {min(map(_day, actions.first_day)).year} to {max(map(_day, actions.last_day)).year}: {exact} with "
        f"known days, {unclear} inferred only"
    )


def _day(value) -> pd.Timestamp:
    return pd.Timestamp(value)


def _text(value) -> str:
    return f"{_day(value):%Y-%m-%d}"
