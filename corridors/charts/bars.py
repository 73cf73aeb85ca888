"""Horizontal bars: who stands at the other end of a corridor, and parts of a whole. From zero; ranges are hatched."""

import pandas as pd
import plotly.graph_objects as go

from corridors.catalog import words
from corridors.charts import NARROW, NEUTRAL


def draw(rows: pd.DataFrame, label: str, most: int = 10) -> go.Figure:
    """Bars of the first `most` rows (columns `label`, value, lower, upper, unit_many), in the order given, top first."""
    rows = rows.head(most).iloc[::-1]
    middle = rows.value.fillna((rows.lower + rows.upper) / 2)
    ranged = rows.value.isna() & ((rows.upper - rows.lower) > NARROW * rows.upper)
    said = [getattr(r, "said", "") or words.figure(r) for r in rows.itertuples()]
    figure = go.Figure()
    figure.add_bar(
        y=rows[label],
        x=middle.where(~ranged, 0),
        orientation="h",
        hovertemplate="%{y}: %{customdata}<extra></extra>",
        customdata=said,
        text=["" if r else s for r, s in zip(ranged, said)],
        textposition="outside",
        cliponaxis=False,
        width=0.62,
    )
    if ranged.any():
        part = rows[ranged]
        figure.add_bar(
            y=part[label],
            x=part.upper - part.lower,
            base=part.lower,
            orientation="h",
            width=0.62,
            marker={"color": NEUTRAL, "pattern": {"shape": "/", "fillmode": "overlay", "solidity": 0.35}},
            textposition="outside",
            text=[s for r, s in zip(ranged, said) if r],
            hovertemplate="%{y}: %{text}<extra></extra>",
            cliponaxis=False,
        )
    top = max([1.0, *rows.value.dropna(), *rows.upper.dropna()])
    figure.update_layout(
        height=46 + 30 * max(len(rows), 1),
        margin={"l": 8, "r": 48, "t": 6, "b": 6},
        showlegend=False,
        barmode="overlay",
        xaxis={"visible": False, "range": [0, top * 1.16]},
        yaxis={"automargin": True, "ticksuffix": "  "},
    )
    return figure
