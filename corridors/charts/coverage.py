"""Who has a figure on what: counts of members per theme, and the table of latest years."""

import pandas as pd
import plotly.graph_objects as go

from corridors.charts import NEUTRAL

RECENT = 4  # years: newer than this counts as recent
KINDS = ("recent", "older", "none")
NAMES = {"recent": "a figure since {year}", "older": "only older figures", "none": "no figure held"}


def counted(coverage: pd.DataFrame, this_year: int) -> pd.DataFrame:
    """Members per theme and kind (columns theme, title, recent, older, none), in the order of themes."""
    kind = coverage.latest.map(
        lambda year: "none" if pd.isna(year) else "recent" if year >= this_year - RECENT else "older", na_action=None
    )
    table = coverage.assign(kind=kind).pivot_table(
        index=["position", "theme", "title"], columns="kind", values="iso3", aggfunc="count", fill_value=0
    )
    return table.reindex(columns=list(KINDS), fill_value=0).reset_index()


def headline(coverage: pd.DataFrame, this_year: int) -> str:
    """The message of the chart in one sentence."""
    table = counted(coverage, this_year)
    silent = int((coverage.groupby("iso3").latest.apply(lambda s: s.isna().all())).sum())
    worst = table.loc[table.none.idxmax()]
    text = f"**{worst.title}** is where least is known: {worst.none} of {coverage.iso3.nunique()} members have no figure at all."
    return text + (f" {silent} members have none on any theme." if silent else " Every member has a figure on some theme.")


def draw(coverage: pd.DataFrame, this_year: int) -> go.Figure:
    """One stacked bar a theme, all members in each; patterns tell the kinds apart without colour."""
    table = counted(coverage, this_year).iloc[::-1]
    figure = go.Figure()
    marks = (
        {},
        {
            "pattern": {"shape": "/", "fillmode": "replace", "solidity": 0.15, "bgcolor": "rgba(0,0,0,0)"},
            "line": {"color": NEUTRAL, "width": 1.5},
        },
        {"color": "rgba(0,0,0,0)", "line": {"color": NEUTRAL, "width": 1.5}},
    )
    for kind, marker in zip(KINDS, marks):
        values = table[kind]
        figure.add_bar(
            y=table.title,
            x=values,
            orientation="h",
            name=NAMES[kind].format(year=this_year - RECENT),
            width=0.6,
            marker=marker,
            insidetextfont={"color": NEUTRAL} if kind != "recent" else None,
            text=[str(v) if v else "" for v in values],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            hovertemplate="%{y}: %{x} members<extra>" + NAMES[kind].format(year=this_year - RECENT) + "</extra>",
        )
    figure.update_layout(
        barmode="stack",
        height=270,
        margin={"l": 8, "r": 16, "t": 30, "b": 8},
        legend={"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom", "traceorder": "normal"},
        xaxis={"range": [0, coverage.iso3.nunique()], "visible": False},
        yaxis={"automargin": True, "ticksuffix": "  "},
    )
    return figure


def table(coverage: pd.DataFrame) -> pd.DataFrame:
    """Members as rows, themes as columns, the latest year as text; a dash where nothing is held, "masked" said in words."""
    said = [
        "–"
        if pd.isna(r.latest)
        else f"{int(r.latest)}" + (" masked" if r.state == "masked" else " zero" if r.state == "zero" else "")
        for r in coverage.itertuples()
    ]
    titles = coverage.drop_duplicates("theme").sort_values("position").title
    wide = coverage.assign(said=said).pivot(index=["subregion", "member"], columns="title", values="said")
    return wide[list(titles)].reset_index().rename(columns={"subregion": "Subregion", "member": "Member"})
