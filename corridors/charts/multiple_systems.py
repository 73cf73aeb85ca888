"""The ladder of models as dots with intervals, and the known cases as a line: what is known, how far guesses part."""

import math

import pandas as pd
import plotly.graph_objects as go

from corridors.charts import NEUTRAL

INTERVAL = "interval"  # marks what a presenter may hide


def draw(rows: pd.DataFrame, observed: int, unit: str) -> go.Figure:
    """Dots for `rows` (label, total, lower, upper, sampled_lower, sampled_upper; first on top); missing ends are open.

    The thick bar is the interval as if the model were right, the thin one that of resampling. `upper` missing while
    `lower` is there means that the interval has no end: it is drawn to the edge with an arrow.
    """
    rows = rows[rows.total.notna()].iloc[::-1].reset_index(drop=True)
    ends = [observed, *rows.total, *rows.upper.dropna(), *rows.sampled_upper.dropna()]
    top = max(ends) * 1.12
    figure = go.Figure()
    figure.add_scatter(
        x=rows.total,
        y=rows.label,
        mode="markers+text",
        text=[f"{t:,.0f}" for t in rows.total],
        textposition="top center",
        cliponaxis=False,
        marker={"size": 12},
        zorder=2,
        customdata=said(rows),
        hovertemplate="%{y}: %{customdata}<extra></extra>",
    )
    for low, high, width in (("sampled_lower", "sampled_upper", 2), ("lower", "upper", 7)):
        part = rows[rows[low].notna() & (rows[high].notna() | (high == "upper"))]
        x, y = [], []
        for r in part.to_dict("records"):
            x += [r[low], top if pd.isna(r[high]) else r[high], None]
            y += [r["label"], r["label"], None]
        if x:
            figure.add_scatter(
                x=x,
                y=y,
                mode="lines",
                line={"width": width, "color": NEUTRAL},
                opacity=1.0 if width < 5 else 0.55,
                hoverinfo="skip",
                meta=INTERVAL,
            )
    note = {"showarrow": False, "yanchor": "bottom", "font": {"size": 12}}
    for r in rows[rows.upper.isna() & rows.lower.notna()].itertuples():
        figure.add_annotation(x=top, y=r.label, text="no upper end →", xanchor="right", **note)
    figure.add_vline(x=observed, line={"dash": "dot", "width": 1.5, "color": NEUTRAL})
    figure.add_annotation(x=observed, y=1, yref="paper", text=f"on a list: {observed:,}", xanchor="left", xshift=-4, **note)
    figure.update_layout(
        height=84 + 52 * max(len(rows), 1),
        margin={"l": 8, "r": 16, "t": 30, "b": 8},
        showlegend=False,
        hovermode="closest",
        xaxis={"range": [0, top], "tickformat": ",", "nticks": 5, "title": {"text": unit, "font": {"size": 12}}},
        yaxis={
            "automargin": True,
            "ticksuffix": "  ",
            "showgrid": False,
            "range": [-0.5, max(len(rows), 1) - 0.3],
            "type": "category",
        },
    )
    return figure


def without_intervals(figure: go.Figure) -> go.Figure:
    """The same drawing with its dots alone; what the intervals say stays in the table."""
    bare = go.Figure(figure)
    bare.data = [trace for trace in bare.data if trace.meta != INTERVAL]
    bare.layout.annotations = [note for note in bare.layout.annotations if "no upper end" not in note.text]
    return bare


def said(rows: pd.DataFrame) -> list[str]:
    """Every row in words: total and interval."""
    return [f"{r.total:,.0f} ({interval(r.lower, r.upper)})" for r in rows.itertuples()]


def interval(lower: float | None, upper: float | None) -> str:
    """Both ends of an interval in words; an end that is missing is said."""
    if lower is None or math.isnan(lower):
        return "no interval"
    return f"{lower:,.0f} to {'no upper end' if upper is None or math.isnan(upper) else f'{upper:,.0f}'}"
