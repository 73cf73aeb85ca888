"""Data quality: who reported what and when, how good each figure is, what to fix first, what is open."""

import streamlit as st

from corridors.ui import cached, filters, quality_parts, source_parts

edition = cached.edition()
vocabulary = cached.vocabulary()
member = filters.member(vocabulary)

st.title("Data quality")
PARTS = {
    "coverage": "Who reported",
    "grades": "Grades",
    "first": "What to fix first",
    "age": "Age and changes",
    "open": "Open questions",
}
part = filters.part("Part", PARTS, "part", "coverage")

if part == "coverage":
    quality_parts.coverage(vocabulary, edition)
elif part == "grades":
    quality_parts.grades(vocabulary, member, edition)
elif part == "first":
    quality_parts.first(vocabulary, member, edition)
elif part == "age":
    quality_parts.age(edition)
    st.header("Since the edition before")
    changes = cached.changes(edition)
    if changes.empty:
        st.markdown("No figure is new, revised or withdrawn, or there was no edition before.")
    else:
        source_parts.show_changes(changes, "changed-quality")
else:
    source_parts.checks_and_corrections(cached.checks(edition), cached.corrections(edition))
    quality_parts.by_hand(cached.overrides(edition))
    source_parts.left_out(cached.rejected(edition), cached.out_of_scope(edition))
