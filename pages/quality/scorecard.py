"""Scorecard: the state of the region's data on one page, with progress since an earlier edition."""

import streamlit as st

from corridors.ui import access, cached, filters, quality_parts

edition = cached.edition()

st.title("Scorecard of the data")
st.markdown("What the Working Group can build on, and what it cannot yet: in numbers about figures, not about people.")
before = filters.earlier_edition(edition, "Progress since", usable=lambda id: cached.comparable(access.keyed(id)))
quality_parts.scorecard(
    cached.edition_row(edition), cached.scorecard(edition, access.keyed(before) if before else None), before
)
