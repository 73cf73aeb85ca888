"""How many figures have which grade: one bar a row, letters written in the bars."""

import pandas as pd
import plotly.graph_objects as go

from corridors.charts import NEUTRAL

LETTERS = {"A": "strong", "B": "good", "C": "use with care", "D": "weak", "U": "not graded"}
PATTERN = {"A": "", "B": "", "C": "", "D": "/", "U": "."}  # hatched bars stand on the ground, so that letters stay legible
NEEDS_ROOM = 0.04  # a part of the bar smaller than this share carries no letter


def draw(rows: pd.DataFrame, label: str) -> go.Figure:
    """Stacked bars (columns `label`, grade, figures), each as long as the others: shares, with numbers on hover."""
    order = sorted(rows[label].unique(), reverse=True)
    totals = rows.groupby(label).figures.sum()
    figure = go.Figure()
    for letter, means in LETTERS.items():
        part = rows[rows.grade == letter]
        if part.empty:
            continue
        share = part.figures / part[label].map(totals)
        figure.add_bar(
            y=part[label],
            x=share,
            orientation="h",
            name=f"{letter}, {means}",
            width=0.66,
            customdata=part.figures,
            marker={
                "pattern": {"shape": PATTERN[letter], "fillmode": "replace", "solidity": 0.15, "bgcolor": "rgba(0,0,0,0)"},
                "line": {"width": 1.5, "color": NEUTRAL},
            }
            if PATTERN[letter]
            else {},
            insidetextfont={"color": NEUTRAL} if PATTERN[letter] else None,
            text=[f"{letter} {n:,}" if s >= NEEDS_ROOM else "" for s, n in zip(share, part.figures)],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            hovertemplate="%{y}: %{customdata:,} figures<extra>" + f"{letter}, {means}</extra>",
        )
    figure.update_layout(
        barmode="stack",
        height=60 + 30 * len(order),
        margin={"l": 8, "r": 12, "t": 8, "b": 8},
        legend={"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom", "traceorder": "normal"},
        xaxis={"visible": False, "range": [0, 1]},
        yaxis={"categoryorder": "array", "categoryarray": order, "automargin": True, "ticksuffix": "  "},
    )
    return figure
