"""The page that a user would write with Dash over pandas: one member's victims by year and form. For `tools.bench.rivals` only.

Started as `gunicorn rival_dash:server` in an environment of its own, with the file to read in RIVAL_CSV. RIVAL_TUNED=yes turns
the columns of text into categories beforehand, which not everybody would think of.
"""

import os

import pandas as pd
import plotly.express as px
from dash import Dash, Input, Output, dcc, html

rows = pd.read_csv(os.environ["RIVAL_CSV"], keep_default_na=False)
if os.environ.get("RIVAL_TUNED"):
    rows = rows.astype({"place": "category", "form": "category"})
app = Dash(__name__)
server = app.server
app.layout = html.Div([dcc.Dropdown(sorted(rows.place.unique()), "THA", id="place"), dcc.Graph(id="drawn")])


@app.callback(Output("drawn", "figure"), Input("place", "value"))
def draw(place):
    """Victims by year and form as stacked bars."""
    asked = rows[rows.place == place].groupby(["year", "form"], observed=True).people.sum().reset_index()
    return px.bar(asked, x="year", y="people", color="form")
