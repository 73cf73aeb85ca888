"""Rows in, figures out (plotly, pydeck). Knows neither Streamlit nor DuckDB, so charts are tested as plain Python.

Colours are left to the theme (light and dark have their own colour-blind-safe set); grey marks use NEUTRAL, which keeps
3:1 contrast on both grounds.
"""

import base64

NEUTRAL = "#7C8894"
NARROW = 0.05  # a range narrower than this share of its top is drawn as a point


def data_address(svg: str) -> str:
    """A drawing as an address that holds it."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
