"""A plain Streamlit page of as many elements as one of ours, to hold ours against: metrics, text, choosers, a chart, a table."""

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

YEARS = list(range(2000, 2026))
count = int(st.query_params.get("elements", "30"))
for n in range(count):
    kind = n % 12
    if kind < 3:
        st.metric(f"Figure {n}", n * 1000)
    elif kind < 9:
        st.markdown(f"Sentence **{n}** about a figure and its source, as long as ours are.")
    elif kind == 9:
        st.selectbox(f"Choice {n}", [str(year) for year in YEARS], key=f"choice-{n}")
    elif kind == 10:
        st.plotly_chart(go.Figure(go.Scatter(x=YEARS, y=[year % 7 * n for year in YEARS])), key=f"chart-{n}")
    else:
        st.dataframe(pd.DataFrame({"year": YEARS, "value": [year % 5 * n for year in YEARS]}), key=f"table-{n}")
