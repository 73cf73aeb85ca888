"""What puts a plotly figure, or the table behind it, on screen: theme colours, no toolbar, a text for those who cannot see it."""

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from corridors.ui import filters


def keyed(key: str) -> str:
    """The key of a chart under the theme on screen.

    Streamlit keeps the colours that a chart was first drawn in (its issue 11974), so a chart of the other theme must be
    another chart. A switch of theme starts no run: the colours are right from the next choice on.
    """
    return f"{key}-{st.context.theme.type or 'light'}"


def ready(figure: go.Figure) -> go.Figure:
    """A figure that Streamlit takes apart once: it asks for all its parts at each rerun, a third of what a chart costs."""
    if "to_dict" not in vars(figure):
        parts = figure.to_dict()
        figure.to_dict = lambda: parts
    return figure


def draw(figure: go.Figure, key: str, alt: str) -> None:
    """Shows a themed figure; without its intervals where the presenter has hidden them (the words stay)."""
    if not filters.intervals_drawn() and any("error_y" in trace and trace.error_y.visible for trace in figure.data):
        figure = go.Figure(figure)
        figure.update_traces(error_y={"visible": False}, selector={"type": "scatter"})
    st.plotly_chart(ready(figure), key=keyed(key), config={"displayModeBar": False}, alt=alt)


def pick(figure: go.Figure, key: str, alt: str, on_pick) -> None:
    """Shows a themed figure whose signs can be tapped; `on_pick` is called with what the tapped sign stands for (customdata)."""

    def tapped() -> None:
        points = st.session_state[keyed(key)].selection.points
        if points:
            on_pick(points[0]["customdata"])

    st.plotly_chart(
        ready(figure), key=keyed(key), config={"displayModeBar": False}, alt=alt, on_select=tapped, selection_mode="points"
    )


def dark() -> bool:
    """True when the browser shows the dark theme."""
    return (st.context.theme.type or "light") == "dark"


def table(frame: pd.DataFrame, key: str, alt: str, **options):
    """A table without an index; `options` are those of `st.dataframe`, whose answer comes back."""
    return st.dataframe(frame, hide_index=True, key=key, alt=alt, **options)


def table_behind(label: str, frame: pd.DataFrame, key: str, frame_key: str, alt: str, note: str = "", **options) -> None:
    """A table behind a button, sent only once it is opened; `note` stands above it, `options` are those of `st.dataframe`."""
    with st.popover(label, type="tertiary", icon=":material/table:", on_change="rerun", key=key) as box:
        if box.open:
            if note:
                st.caption(note)
            table(frame, frame_key, alt, **options)
