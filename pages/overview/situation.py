"""Situation: what the region's figures say, of how many members, and what is newest."""

import streamlit as st

from corridors.ui import action_ties, cached, cards, change_parts, filters, plots, source_parts

ready = cached.situation(cached.edition())

st.title("Situation")
filters.hint(cached.vocabulary())
st.markdown(
    "Recorded figures for the 45 members of the Bali Process. They show what authorities and agencies found, not how much "
    "trafficking or smuggling there is."
)
with st.grid(len(ready.cards), min_column_width=230, gap="small"):
    for card in ready.cards:
        cards.figure(card)
st.caption(ready.spark_note)

st.header("Who is behind each sum")
choice = filters.part("Figure", ready.names, "behind", next(iter(ready.names)))
behind = ready.behind[choice]
st.markdown(behind.text)
cards.beneath(behind.limits, behind.rows, behind.title, f"behind-{choice}")

st.header("What is known of whom")
with st.container(border=True, gap="xsmall"):
    st.markdown(ready.coverage_message)
    plots.draw(
        ready.coverage,
        "coverage",
        "For each theme, how many of the 45 members have a recent, an older or no figure. "
        "The table beneath has every member.",
    )
    with st.popover(
        "Every member, as a table", type="tertiary", icon=":material/table:", on_change="rerun", key="all-members"
    ) as box:
        if box.open:
            st.dataframe(
                ready.coverage_table,
                hide_index=True,
                key="coverage-table",
                height=420,
                alt="Latest year with a figure for each member and theme",
            )

action_ties.under_way(cached.edition())

st.header("What is newest")
st.markdown(ready.newest)
if len(ready.changes):
    st.markdown("Since the edition before:")
    source_parts.show_changes(ready.changes, "changes")
change_parts.since(cached.edition(), filters.member(cached.vocabulary()))
