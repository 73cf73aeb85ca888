"""Networks and methods: how members describe the groups behind smuggling and trafficking, in words and counts."""

import streamlit as st

from corridors.catalog import words
from corridors.ui import cached, filters
from corridors.views.briefings import SHELVES


def draw(edition: str) -> None:
    """Structures, methods, recruitment and evidence across members, or of the one chosen, in words and counts."""
    member = filters.member(cached.vocabulary())
    found, counts = cached.networks(edition)
    st.markdown(
        "Organised groups, loose networks, family and friends; how people are recruited, how money moves, and what the evidence rests "
        "on: what members say, and apart from it what others say about them. Counts are of descriptions in briefings, not of networks."
    )
    if not found:
        st.info("No briefing describes networks yet.", icon=":material/help:")
        return
    st.dataframe(
        counts,
        hide_index=True,
        key="network-counts",
        alt="How many descriptions name which structure, recruitment and evidence",
        column_config={"aspect": "", "word": "Described as", "by": "By"},
    )
    crime = filters.tabs("Crime", {"any": "Any crime"} | words.CRIME, "crime", "any")
    shown = [n for n in found if crime in ("any", n.crime) and (member is None or member.iso3 == n.iso3)]
    if not shown:
        st.info("No description fits this choice.", icon=":material/help:")
    for own, title in SHELVES.items():
        shelf = [n for n in shown if n.own == own]
        if not shelf:
            continue
        st.header(title)
        with st.grid(2, min_column_width=380, gap="small"):
            for n in shelf:
                with st.container(border=True, gap="xsmall", height="stretch"):
                    st.markdown(f"**{n.place}** · {words.CRIME[n.crime]} · {n.structure}")
                    st.markdown("  \n".join(n.lines))
                    st.caption(n.source)
