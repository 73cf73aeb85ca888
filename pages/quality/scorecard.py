"""Scorecard: the state of the region's data on one page, with progress since an earlier edition."""

import streamlit as st

from components import access, cached, quality_parts
from store import ceilings, editions

edition = cached.edition()

st.title("Scorecard of the data")
st.markdown("What the Working Group can build on, and what it cannot yet: in numbers about figures, not about people.")
earlier = [i for i in reversed(editions.listed()) if i != ceilings.plain(edition) and cached.comparable(access.keyed(i))]
before = st.selectbox("Progress since", earlier, index=None, key="since", bind="query-params", placeholder="An earlier edition")
quality_parts.scorecard(cached.edition_row(edition), cached.scorecard(edition, access.keyed(before) if before else None), before)
