"""The years to come as a fan after the last figure: three bands, and the middle as a dashed line."""

import pandas as pd
import plotly.graph_objects as go

from corridors.catalog import words
from corridors.charts import trend

OPACITY = {95: 0.15, 80: 0.25, 50: 0.45}  # of the bands, the widest first


def draw(rows: pd.DataFrame, breaks: list[tuple[int, str]], ahead: pd.DataFrame) -> go.Figure:
    """The chart of `trend.draw` with what is expected behind it (columns year, middle, lower_50 … upper_95)."""
    figure = trend.draw(rows, breaks, 300)
    amounts = rows.value.fillna((rows.lower + rows.upper) / 2)
    last = rows.assign(value=amounts)[amounts.notna() & (rows.year < ahead.year.min())].iloc[-1]
    for level, opacity in OPACITY.items():
        lower, upper = ([last.value, *ahead[f"{end}_{level}"]] for end in ("lower", "upper"))
        xs = [last.year, *ahead.year]
        figure.add_scatter(
            x=xs + xs[::-1],
            y=upper + lower[::-1],
            fill="toself",
            mode="none",
            fillcolor=f"rgba(110, 140, 180, {opacity})",
            hoverinfo="skip",
            name=f"{level} in 100",
        )
    figure.add_scatter(
        x=[last.year, *ahead.year],
        y=[last.value, *ahead.middle],
        mode="lines",
        line={"dash": "dash", "width": 2},
        name="projection, not a figure",
        text=[
            "",
            *(f"{r.year}: {words.number(r.lower_80)} to {words.number(r.upper_80)} (80 in 100)" for r in ahead.itertuples()),
        ],
        hovertemplate="%{text}<extra></extra>",
    )
    top = max([*amounts.dropna(), *ahead.upper_80]) * 1.12
    figure.update_xaxes(range=[min(rows.year) - 0.6, max(ahead.year) + 0.6]).update_yaxes(range=[0, top])
    return figure


def draw_months(rows: pd.DataFrame) -> go.Figure:
    """What each month usually brings (columns month, middle, lower_80, upper_80): the mean as a mark, the range as a line through it."""
    figure = go.Figure()
    figure.add_scatter(
        x=rows.month,
        y=rows.middle,
        mode="markers",
        marker={"size": 9},
        error_y={
            "array": rows.upper_80 - rows.middle,
            "arrayminus": rows.middle - rows.lower_80,
            "thickness": 2,
            "width": 6,
        },
        text=[
            f"{words.MONTHS[r.month]}: {words.number(r.lower_80)} to {words.number(r.upper_80)} (80 in 100)"
            for r in rows.itertuples()
        ],
        hovertemplate="%{text}<extra></extra>",
    )
    figure.update_xaxes(
        tickvals=list(rows.month), ticktext=[words.MONTHS[month][:3] for month in rows.month], range=[0.4, 12.6]
    )
    figure.update_yaxes(range=[0, max(rows.upper_80) * 1.08], nticks=5)
    return figure.update_layout(height=260, margin={"l": 8, "r": 8, "t": 8, "b": 8}, showlegend=False)
