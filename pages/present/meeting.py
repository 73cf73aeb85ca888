"""Meeting: choose an agenda, see its slides and faults, open the show and the notes."""

import streamlit as st

from corridors.catalog import meetings
from corridors.ui import slide_parts

st.title("Meeting")
agendas = meetings.listed()
if len(agendas) > 1:
    named = slide_parts.meeting_key()
    chosen = st.selectbox(
        "Agenda", list(agendas), index=list(agendas).index(named) if named in agendas else 0, format_func=agendas.get
    )
    if chosen != named and (named in agendas or chosen != next(iter(agendas))):
        st.query_params["meeting"] = chosen
if found := slide_parts.opened(bare=False):
    key, meeting, _ = found
    slide_parts.plan(key, meeting)
