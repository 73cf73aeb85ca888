"""Sources and methods: where the figures come from, what was left out and why, and what the words mean."""

import streamlit as st

from corridors.ui import cached, filters, source_parts

edition = cached.edition()
vocabulary = cached.vocabulary()

st.title("Sources and methods")
PARTS = {
    "sources": "Sources",
    "caveats": "Caveats",
    "rejected": "Left out",
    "editions": "This edition",
    "words": "Words",
}
part = filters.part("Part", PARTS, "part", "sources")

if part == "sources":
    source_parts.sources(cached.sources(edition))
elif part == "caveats":
    source_parts.caveats(cached.caveats(edition), vocabulary)
elif part == "rejected":
    source_parts.left_out(cached.rejected(edition), cached.out_of_scope(edition))
elif part == "editions":
    source_parts.this_edition(
        cached.edition_row(edition),
        cached.checks(edition),
        cached.corrections(edition),
        cached.input_files(edition),
        cached.changes(edition),
    )
else:
    source_parts.words_used(vocabulary)
