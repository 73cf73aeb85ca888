"""Hidden numbers: how many cases are on no list, by a ladder of models, with its critique and its refusals."""

import streamlit as st

from corridors.ui import cached, filters, multiple_systems_parts

vocabulary = cached.vocabulary()
member = filters.member(vocabulary)

st.title("Hidden numbers")
st.markdown(
    "Detected victims are those whom somebody found. Where three or more lists of the same people overlap, models can "
    "say how many may be "
    "on no list (multiple systems estimation). They rarely agree, so this page shows several at once, and refuses "
    "when a table cannot carry them."
)
if member:
    st.info(
        f"**{member.name}: no overlapping lists held.** None were submitted, so no hidden number is estimated. That "
        f"is not zero.",
        icon=":material/help:",
    )
PARTS = {"published": "Published tables", "own": "Your table", "members": "Members", "method": "How it works"}
part = filters.part("Part", PARTS, "hidden", "published")
if part == "published":
    multiple_systems_parts.published()
elif part == "own":
    multiple_systems_parts.own()
elif part == "members":
    multiple_systems_parts.members(vocabulary)
else:
    multiple_systems_parts.method()
