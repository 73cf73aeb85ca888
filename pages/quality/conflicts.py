"""Conflicts: where two sources speak of the same thing and do not agree. Both stand."""

import streamlit as st

from corridors.ui import cached, filters, quality_parts

vocabulary = cached.vocabulary()
member = filters.member(vocabulary)

st.title("Conflicts")
st.markdown(
    "Where two figures speak of the same thing, this page shows both, what each counts, and the likely reason for a difference."
)
if filters.part("Show", quality_parts.VIEWS, "verdicts", "apart") == "apart":
    quality_parts.conflicts(vocabulary, member, cached.conflicts(cached.edition()))
else:
    quality_parts.compared(member, cached.edition())
