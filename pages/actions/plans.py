"""Investigation plans: what is on record of each, beside the corridor that it concerns."""

import streamlit as st

from corridors.ui import cached, plan_parts

edition = cached.edition()

st.title("Investigation plans")
st.markdown(plan_parts.STANDING)
chosen = plan_parts.choose(edition)
if chosen:
    left, right = st.columns(2, gap="medium")
    with left:
        plan_parts.plan(chosen)
    with right:
        for origin, destination in chosen.corridors:
            plan_parts.corridor(edition, origin, destination)
