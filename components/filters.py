"""Shared choices that live in the address. Drawn by dashboard.py only, so that number and name always agree."""

from __future__ import annotations

import streamlit as st

from catalog import Catalog, Member

EVERYONE = "All 45 members"


def draw_member(vocabulary: Catalog) -> None:
    """The member chooser; its choice is `?member=THA` in the address. Choosing leads to the member's page."""
    names = {m.iso3: m.name for m in sorted(vocabulary.members.values(), key=lambda m: m.name)}
    st.selectbox(
        "Member state", list(names), index=None, key="member", bind="query-params", placeholder="Choose your country",
        format_func=lambda iso3: names.get(iso3, iso3), filter_mode="contains", on_change=_chosen,
    )  # fmt: skip


def _chosen() -> None:
    st.session_state["_go_to_member"] = st.session_state.get("member") is not None


def just_chosen() -> bool:
    """True once, in the run after a member was picked: then the front door leads to the member's page."""
    return st.session_state.pop("_go_to_member", False)


def member(vocabulary: Catalog) -> Member | None:
    """The member chosen, or None."""
    return vocabulary.members.get(st.session_state.get("member") or "")
