"""Rows in, figures out (plotly, pydeck). Knows neither Streamlit nor DuckDB, so charts are tested as plain Python.

Colours are left to the theme (light and dark have their own colour-blind-safe set); grey marks use NEUTRAL, which keeps
3:1 contrast on both grounds.
"""

NEUTRAL = "#7C8894"
