"""Cases: identified victims and smuggled migrants in protected tables of case records."""

import streamlit as st

from corridors.ui import cached, case_parts, filters

edition = cached.edition()
member = filters.member(cached.vocabulary())

st.title("Cases")
held = cached.case_datasets(edition)
if not held:
    case_parts.nothing_held()
else:
    chosen = case_parts.choose_dataset(held)
    st.markdown(
        f"Tables of people on record, with at most {chosen.depth} dimensions, filters included. What could point to somebody "
        "is withheld, and data sets are never added to one another."
    )
    by = case_parts.choose_by(chosen)
    fixed = case_parts.choose_fixed(chosen, by, member)
    case_parts.answer(chosen, cached.case_view(edition, chosen.id, by, fixed))
