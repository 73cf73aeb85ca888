"""The one palette: the colours that Streamlit puts into charts for light and dark, and those of slides, briefs and pictures."""

import plotly.graph_objects as go

# Streamlit replaces these placeholders by the theme's categorical colours, light or dark. Its own template does the
# same but weighs 7 KB a chart on the wire.
PLACEHOLDERS = [f"#{n:06d}" for n in range(1, 7)]
# The placeholder of the theme's dark grey: its usual grey for charts has 3.7:1 on white, too little for text.
TEXT = "#000037"

# What is drawn without Streamlit: slides, slide files, briefs and pictures. Paper is the light one.
LIGHT = {
    "ground": "#FFFFFF",
    "ink": "#0E1822",
    "quiet": "#4A5967",
    "rule": "#D5DCE3",
    "line": "#12436D",
    "card": "#F2F5F8",
}
DARK = {
    "ground": "#10171F",
    "ink": "#E6ECF2",
    "quiet": "#B4C0CC",
    "rule": "#3A4958",
    "line": "#7FB2E5",
    "card": "#1A242F",
}


def themed(figure: go.Figure) -> go.Figure:
    """The figure with a template that takes the theme's colours and nothing else; its axes stay as they are drawn."""
    figure.layout.template = {"layout": {"colorway": PLACEHOLDERS}}  # an update would leave what a figure is born with
    figure.update_layout(font={"color": TEXT})
    axis = {"tickfont": {"color": TEXT}, "fixedrange": True}  # a finger that scrolls the page must not enlarge a chart
    figure.update_xaxes(**axis).update_yaxes(**axis)
    figure.update_xaxes(title_font_color=TEXT, selector=lambda axis: bool(axis.title.text))
    # Text that a chart coloured itself stands in an empty bar, that is on the ground.
    figure.update_traces(
        insidetextfont={"color": TEXT}, selector=lambda t: t.type == "bar" and t.insidetextfont.color is not None
    )
    return figure
