"""Who reported what in which year: one sign for each member and year, told apart by form as well as by tone."""

import pandas as pd
import plotly.graph_objects as go

from corridors.charts import NEUTRAL

# state → (what it means, symbol, size, whether it takes the theme's colour)
STATES = {
    "reported": ("a figure", "square", 11, True),
    "masked": ("only a range: the publisher hides small counts", "diamond-wide-open", 11, False),
    "zero": ("zero, as reported", "circle-open", 9, True),
    "not_reported": ("not reported, though others did", "x-thin-open", 7, False),
    "not_applicable": ("not applicable: no source held publishes this year", "line-ew-open", 5, False),
}


def draw(rows: pd.DataFrame) -> go.Figure:
    """A grid of members (rows, by name) and years (columns iso3, member, year, state, figures). Nothing is ranked."""
    names = sorted(rows.member.unique(), reverse=True)
    figure = go.Figure()
    for state, (means, symbol, size, strong) in STATES.items():
        part = rows[rows.state == state]
        figure.add_scatter(
            x=part.year,
            y=part.member,
            mode="markers",
            name=means,
            customdata=part.iso3,
            marker={
                "symbol": symbol,
                "size": size,
                **({} if strong else {"color": NEUTRAL}),
                "line": {"width": 2 if symbol.endswith("open") else 0, **({} if strong else {"color": NEUTRAL})},
            },
            hovertemplate="%{y}, %{x}: " + means + "<extra></extra>",
        )
        if strong:
            figure.data[-1].marker.color = "#000001"  # what is known; what is masked is grey here as on every chart
    grid = 19 * len(names)
    figure.update_layout(
        height=110 + grid,
        margin={"l": 8, "r": 12, "t": 96, "b": 8},
        hovermode="closest",
        clickmode="event+select",
        legend={
            "orientation": "h",
            "x": 0,
            "y": 1 + 26 / grid,
            "yanchor": "bottom",
            "itemclick": False,
            "itemdoubleclick": False,
        },
        xaxis={
            "dtick": 5,
            "tickformat": "d",
            "side": "top",
            "showgrid": False,
            "range": [rows.year.min() - 0.8, rows.year.max() + 0.8],
        },
        yaxis={
            "categoryorder": "array",
            "categoryarray": names,
            "automargin": True,
            "showgrid": True,
            "ticksuffix": "  ",
            "range": [-0.8, len(names) - 0.2],
        },
    )
    return figure


def headline(rows: pd.DataFrame) -> str:
    """The message of the grid in one sentence."""
    held = rows[rows.state.isin(("reported", "masked", "zero"))]
    silent = rows.iso3.nunique() - held.iso3.nunique()
    if held.empty:
        return "No member has a figure on this theme."
    full = held.groupby("year").iso3.nunique()
    best = int(full.idxmax())
    text = f"{held.iso3.nunique()} of {rows.iso3.nunique()} members have a figure in some year; the most in one year were {full.max()}, in {best}"
    return text + (f". {silent} have none at all, which is not zero." if silent else ".")


def table(rows: pd.DataFrame) -> pd.DataFrame:
    """The same grid in words, for those who cannot see it: members as rows, years as columns."""
    words = {"reported": "figure", "masked": "range", "zero": "zero", "not_reported": "–", "not_applicable": "n/a"}
    wide = rows.assign(said=rows.state.map(words), year=rows.year.astype(str)).pivot(
        index="member", columns="year", values="said"
    )
    return wide.reset_index().rename(columns={"member": "Member"})
