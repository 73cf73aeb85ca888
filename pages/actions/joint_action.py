"""Joint action: all periods on one line of time, one of them in full, the group behind them, and where sources differ."""

import streamlit as st

from corridors.ui import action_parts, cached, filters

edition = cached.edition()

st.title("Joint action")
st.markdown(action_parts.STANDING)
PARTS = {"periods": "The periods", "group": "The Working Group", "differ": "Where sources differ"}
part = filters.part("Part", PARTS, "action_part", "periods")
if part == "periods":
    action_parts.timeline(edition)
    action_parts.period(edition, action_parts.choose(edition))
elif part == "group":
    action_parts.group(edition)
else:
    action_parts.differ(edition)
