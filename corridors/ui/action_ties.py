"""Joint action on the pages of others: what a member has on record, and what is under way in the region."""

from __future__ import annotations

import streamlit as st

from corridors.catalog import Member
from corridors.ui import access, cached

PAGE = "pages/actions/joint_action.py"


def member(edition: str, chosen: Member) -> None:
    """A member's roles, commitments and plans, from public pages; a section of the member's page."""
    st.subheader("Joint Periods of Action")
    told = cached.action_record(edition).get(chosen.iso3)
    if told:
        st.markdown("\n".join(f"- {period}" for period in told.split("; ")))
    else:
        st.markdown("No role or commitment is on public record. That does not mean that there was none.")
    plans = cached.plans_of_member(edition, chosen.iso3, access.ceiling())
    if plans:
        st.markdown("**Investigation plans**\n\n" + "\n".join(f"- {line}" for line in plans))
    st.page_link(PAGE, label="All periods, with sources and outcomes", icon=":material/handshake:")


def under_way(edition: str) -> None:
    """The newest period, its stage and its plans in a few lines; a card of the Situation page."""
    with st.container(border=True, gap="xsmall", key="under-way"):
        st.markdown(f"**Joint action**  \n{cached.action_under_way(edition, access.ceiling())}")
        st.page_link(PAGE, label="Joint Periods of Action", icon=":material/handshake:")
