"""Networks and methods: how members describe the groups behind smuggling and trafficking, in words and counts."""

import streamlit as st

from corridors.ui import briefing_parts, cached, filters

vocabulary = cached.vocabulary()
member = filters.member(vocabulary)

st.title("Networks and methods" + (f": {member.short_name or member.name}" if member else ""))
briefing_parts.networks(cached.edition(), member)
