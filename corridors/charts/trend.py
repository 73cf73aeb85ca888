"""A yearly series as a line with its limits drawn: masked years as hatched ranges, gaps as gaps, breaks as dotted lines."""

import pandas as pd
import plotly.graph_objects as go

from corridors.catalog import words
from corridors.charts import NARROW, NEUTRAL


def draw(rows: pd.DataFrame, breaks: list[tuple[int, str]] = (), height: int = 250, joined: bool = True) -> go.Figure:
    """A line chart of figure rows (columns year, value, lower, upper, unit_many), one row a year, y from zero.

    `breaks` are (first year of the new series, reason). Nothing is drawn across a break or a year without a figure; not
    `joined`, the years stand as points, because no trend may be read from them.
    """
    rows = rows.sort_values("year")
    wide = rows.value.isna() & ((rows.upper - rows.lower) > NARROW * rows.upper)
    points = rows[~wide]
    figure = go.Figure()
    xs, ys, texts = _with_gaps(points, [year for year, _ in breaks])
    unfinished = set(rows.year[rows.status == "provisional"]) if "status" in rows else set()
    figure.add_scatter(
        x=xs,
        y=ys,
        text=texts,
        mode="lines+markers" if joined else "markers",
        connectgaps=False,
        hovertemplate="%{text}<extra></extra>",
        marker={
            "size": [10 if x in unfinished else 7 for x in xs] if unfinished else 7,
            "symbol": ["circle-open" if x in unfinished else "circle" for x in xs] if unfinished else "circle",
        },
        line={"width": 2.5},
        name="reported",
    )
    spans = _spans(points)
    if len(spans):
        figure.add_scatter(
            x=spans.year,
            y=spans.value,
            mode="markers",
            marker={"size": 1, "color": NEUTRAL},
            hoverinfo="skip",
            name="interval",
            error_y={
                "type": "data",
                "symmetric": False,
                "array": spans.high - spans.value,
                "arrayminus": spans.value - spans.low,
                "color": NEUTRAL,
                "thickness": 1.2,
                "width": 3,
                "visible": True,
            },
        )
    masked = rows[wide]
    if len(masked):
        figure.add_bar(
            x=masked.year,
            y=masked.upper - masked.lower,
            base=masked.lower,
            width=0.5,
            name="only a range is known",
            marker={"color": NEUTRAL, "pattern": {"shape": "/", "fillmode": "overlay", "solidity": 0.35}},
            text=_said(masked),
            textposition="none",
            hovertemplate="%{text}<extra></extra>",
        )
    first, last = (rows.year.min(), rows.year.max()) if len(rows) else (2000, 2001)
    for year, _ in breaks:
        if first < year <= last:
            figure.add_vline(x=year - 0.5, line={"dash": "dot", "width": 1.5, "color": NEUTRAL})
            figure.add_annotation(
                x=year - 0.5,
                y=1,
                yref="paper",
                text="break",
                showarrow=False,
                xanchor="left",
                yanchor="top",
                xshift=4,
                font={"size": 12},
            )
    known = [0.0, *rows.value.dropna(), *rows.upper.dropna(), *rows.lower.dropna(), *spans.high, *spans.low]
    top, bottom = max(known) or 1.0, min(known)
    span = int(last - first)
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 16, "t": 12, "b": 8},
        showlegend=False,
        bargap=0.4,
        hovermode="closest",
        xaxis={"dtick": 1 if span <= 8 else 2 if span <= 16 else 5, "tickformat": "d", "range": [first - 0.6, last + 0.6]},
        yaxis={"range": [bottom * 1.12, top * 1.12 if top > 0 else 0.1], "tickformat": ",", "nticks": 5},
    )
    return figure


def _spans(points: pd.DataFrame) -> pd.DataFrame:
    """The intervals around known values (year, value, low, high): what chance allows, or the publisher's own margin."""
    low = points.chance_low if "chance_low" in points else points.lower
    high = points.chance_high if "chance_high" in points else points.upper
    frame = pd.DataFrame({"year": points.year, "value": points.value, "low": low, "high": high}).astype(float)
    return frame.dropna()


def _said(rows: pd.DataFrame) -> list[str]:
    return [f"{r.year}: {words.figure(r)} {words.unit(r)}" for r in rows.itertuples()]


def _with_gaps(points: pd.DataFrame, breaks: list[int]) -> tuple[list, list, list]:
    """The series with empty points wherever a year is missing or a break lies between, so that no line bridges them."""
    xs, ys, texts, before = [], [], [], None
    for row, text in zip(points.itertuples(), _said(points)):
        apart = getattr(row, "status", "") == "provisional"  # a year that is not over would look like a fall
        if before is not None and (apart or row.year > before + 1 or any(before < b <= row.year for b in breaks)):
            xs.append(row.year - 0.5), ys.append(None), texts.append("")
        xs.append(row.year)
        ys.append((row.lower + row.upper) / 2 if pd.isna(row.value) else row.value)
        texts.append(text)
        before = row.year
    return xs, ys, texts


SPIKE = 3  # times the years before and after


def headline(rows: pd.DataFrame, breaks: list[tuple[int, str]] = ()) -> str:
    """What the chart shows in one sentence, without judging: latest, and the highest since the last break, if that is known."""
    rows = rows.sort_values("year")
    latest = rows.iloc[-1]
    said = f"{words.figure(latest)} in {latest.year}"
    if latest.get("status") == "provisional":
        said += " so far, a year that is not complete"
    start = max([b for b, _ in breaks if b <= latest.year], default=int(rows.year.min()))
    since = rows[rows.year >= start]
    if len(since) < 2:
        return said + (", the only year since the break" if start > rows.year.min() else ", the only year on record")
    least, most = since.value.fillna(since.lower), since.value.fillna(since.upper)
    top = since.loc[least.idxmax()]
    if (most.drop(top.name) > least.max()).any():
        return f"{said}; ranges overlap, so which year was the highest is not known"
    if top.year == latest.year:
        return f"{said}, the highest since {start}"
    beside = most[since.year.isin((top.year - 1, top.year + 1))]
    spike = ", a spike" if len(beside) == 2 and least.max() >= SPIKE * beside.max() > 0 else ""
    return f"{said}; the highest since {start} was {words.figure(top)} in {top.year}{spike}"
