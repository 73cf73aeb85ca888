"""Bars of protected case counts. What is withheld is a hatched stub of one length, whatever is behind it."""

import pandas as pd
import plotly.graph_objects as go

from corridors.catalog import words
from corridors.charts import NEUTRAL

STUB = 0.045  # of the axis: long enough to see the hatching, the same for every withheld cell
# lines without a ground and without a group's colour: nothing that could be taken for a short bar
HATCHED = {"color": NEUTRAL, "pattern": {"shape": "/", "fillmode": "replace", "solidity": 0.35, "size": 6}}
WITHHELD = "withheld"
BAR, GROUPED = 30, 19  # pixels a bar needs


def draw(rows: pd.DataFrame, groups: list[str] | None = None, instead: str = WITHHELD) -> go.Figure:
    """Bars in the order given, top first. Columns: label, value (missing = withheld), known (false = not recorded and the
    like, drawn grey; a group of such rows alone is grey), and group where `groups` names them in order. `instead` stands where there is no count.

    The axis follows the shown counts alone. Raises ValueError when there is none: an empty chart would read as zero.
    """
    top = rows.value.max()
    if pd.isna(top):
        raise ValueError("nothing of this table can be shown; say so instead of drawing it")
    stub, labels = float(top) * STUB, list(dict.fromkeys(rows.label))
    hidden = rows.value.isna()
    figure = go.Figure()
    # plotly stacks the bars of a group upwards: the last comes first, so that they read in the order of the legend
    order = list(enumerate(groups or [""]))[::-1]
    for n, name in order:
        mine = rows.group == name if groups else pd.Series(True, rows.index)
        coloured = rows.known if not groups else mine & rows.known[mine].any()
        for some, colour in ((mine & ~hidden & coloured, None), (mine & ~hidden & ~coloured, NEUTRAL)):
            if some.any():
                marker = {"color": colour} if colour else {}
                figure.add_bar(**_bars(rows[some], stub, instead), **_place(groups, n), name=name, marker=marker)
    # after all that is shown: the theme gives colours by the order of traces, and what is hatched must not use one up
    for n, name in order:
        some = hidden & (rows.group == name if groups else True)
        if some.any():
            figure.add_bar(
                **_bars(rows[some], stub, instead), **_place(groups, n), name=instead, showlegend=False, marker=HATCHED
            )
    bars = len(groups) if groups else 1
    figure.update_layout(
        height=(90 if groups else 46) + (GROUPED * bars + 12 if groups else BAR) * len(labels),
        margin={"l": 8, "r": 56, "t": 6, "b": 6},
        barmode="group" if groups else "overlay",
        bargap=0.28,
        showlegend=bool(groups),
        legend={"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0, "traceorder": "reversed"},
        xaxis={"visible": False, "range": [0, float(top) * 1.2]},
        yaxis={
            "automargin": True,
            "ticksuffix": "  ",
            "type": "category",
            "categoryorder": "array",
            "categoryarray": labels[::-1],
        },
    )
    return figure


def said(value, instead: str = WITHHELD) -> str:
    """A count as it is written, or what stands where there is none."""
    return instead if pd.isna(value) else words.number(float(value))


def _place(groups: list[str] | None, n: int) -> dict:
    return {"offsetgroup": str(n)} if groups else {}


def _bars(part: pd.DataFrame, stub: float, instead: str) -> dict:
    amounts = [said(v, instead) for v in part.value]
    return {
        "y": part.label.tolist(),
        "x": [stub if pd.isna(v) else float(v) for v in part.value],
        "orientation": "h",
        "text": amounts,
        "customdata": amounts,
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": "%{y}: %{customdata}<extra></extra>",
    }
