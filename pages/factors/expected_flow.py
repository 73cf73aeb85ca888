"""Expected flow: what size and distance alone suggest, which corridors stand out, and what a change would do in the model."""

import streamlit as st

from corridors.ui import cached, filters, model_parts

edition = cached.edition()

st.title("Expected flow")
st.markdown(
    "Large neighbours exchange many people, small distant places few. A gravity model says how many one would expect from size, "
    "distance, income and a few ties. A corridor with more or fewer is worth a question. This is **not risk**, and no cause is shown."
)
PARTS = {"flow": "Moved in five years", "stock": "Live there", "what_if": "What if"}
model_parts.page(edition, filters.part("Part", PARTS, "model", "flow"))
