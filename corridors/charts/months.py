"""People lost by month of the year, with the sailing season of the Andaman Sea shaded."""

import pandas as pd
import plotly.graph_objects as go

from corridors.catalog import words
from corridors.catalog.words import MONTHS
from corridors.charts import NEUTRAL

SEASON = ((0.5, 4.5), (8.5, 12.5))  # about September to April


def headline(months: pd.DataFrame) -> str:
    """Which months hold most, and how much of that is cumulative rows."""
    top = months.loc[months.people.idxmax()]
    text = f"Most were recorded in {MONTHS[int(top.month)]}: {words.number(top.people)} people in {words.number(top.incidents)} rows"
    return text + (f", {int(top.cumulative)} of them cumulative." if top.cumulative else ".")


def draw(months: pd.DataFrame) -> go.Figure:
    """Twelve bars from zero."""
    figure = go.Figure()
    for left, right in SEASON:
        figure.add_vrect(x0=left, x1=right, fillcolor=NEUTRAL, opacity=0.13, line_width=0)
    figure.add_bar(
        x=months.month,
        y=months.people,
        width=0.7,
        customdata=months.incidents,
        hovertemplate="%{y:,} people in %{customdata:,} rows<extra></extra>",
    )
    figure.update_layout(
        height=210,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        showlegend=False,
        xaxis={"tickvals": list(range(1, 13)), "ticktext": [m[:3] for m in MONTHS[1:]], "range": [0.4, 12.6]},
        yaxis={"rangemode": "tozero", "tickformat": ",", "nticks": 4},
    )
    return figure
