"""Corridor: one origin, one destination, and which corridors moved most."""

import streamlit as st

from corridors.catalog import words
from corridors.ui import cached, cards, corridor_parts, filters, model_parts

vocabulary = cached.vocabulary()
edition = cached.edition()
places = cached.corridor_places(edition)
member = filters.member(vocabulary)

st.title("Corridor")
origin, destination = corridor_parts.choose(places, member)

if origin and destination and origin != destination:
    view = cached.corridor(edition, origin, destination)
    st.header(f"{places[origin]} to {places[destination]}")
    if view.cards:
        with st.grid(4, min_column_width=210, gap="small"):
            for card in view.cards:
                cards.figure(card)
    else:
        st.info("No figure is held for this pair, which is not zero.", icon=":material/help:")
    if view.missing and view.cards:
        st.caption(f"No figure held for this pair, which is not zero: {'; '.join(words.small(m) for m in view.missing)}.")
    for line in view.visas:
        st.markdown(f"- {line}")
    corridor_parts.routes(view.routes)
    if view.charts:
        st.subheader("Over time")
        cards.in_rows(view.charts, 2, 380)
    cards.more(view.more, "more_corridor")
    model_parts.corridor(*cached.expected(edition, origin, destination))
    corridor_parts.gap(cached.gap(edition, origin, destination))
else:
    st.info("Choose where people come from and where they are found.", icon=":material/swap_calls:")

corridor_parts.movers(vocabulary)
