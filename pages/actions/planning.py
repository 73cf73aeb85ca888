"""Planning aid: what a proposed period would look at, and everything on record that helps to plan it."""

import streamlit as st

from corridors.ui import access, cached, planning_parts

edition = cached.edition()

st.title("Planning aid")
st.markdown(planning_parts.STANDING)
focus = planning_parts.focus(edition)
if any(focus):
    planning_parts.aid(edition, cached.planning_aid(edition, *focus, access.ceiling()))
else:
    st.info("Choose a corridor, a form or a theme. One of them is enough.", icon=":material/tune:")
