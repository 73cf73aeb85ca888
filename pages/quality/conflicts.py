"""Conflicts: where two sources speak of the same thing and do not agree. Both stand."""

import pandas as pd
import streamlit as st

from corridors.catalog import Member
from corridors.ui import cached, filters
from corridors.views.quality import Conflict

KINDS = {
    "all": "Everything",
    "figures": "Figures",
    "route evidence": "Routes",
    "record": "The record of actions",
    "revision": "Revisions",
}
VIEWS = {"apart": "What disagrees", "compared": "Everything compared"}
AT_ONCE = 20  # conflicts on one screen


def compared(member: Member | None, edition: str) -> None:
    """Everything that the build compared, agreeing or not: counts for all members, and the pairs of the one chosen."""
    st.markdown(
        "The build compares every two figures that speak of the same thing, in the same place and year. Agreement is shown as well as conflict."
    )
    if member is None:
        st.info("Choose a member above to see its pairs, figure by figure.", icon=":material/balance:")
    else:
        _pairs(member, cached.compared(edition, member.iso3))
    st.header("For all members")
    for title, counts, reason in cached.compared_counts(edition):
        st.markdown(f"**{title}.** {counts}.  \n:small[Why they may differ: {reason}]")


def _pairs(member: Member, rows: pd.DataFrame) -> None:
    st.header(f"Compared for {member.name}")
    if rows.empty:
        st.markdown(
            "Nothing: no two figures held for this member speak of the same thing. None of them can be confirmed or doubted this way."
        )
        return
    st.dataframe(
        rows,
        hide_index=True,
        key=f"compared-{member.iso3}",
        height="content" if len(rows) < 10 else 420,
        alt=f"Figures compared for {member.name}, both sides and the outcome",
        column_config={"Year": st.column_config.NumberColumn("Year", format="%d")},
    )


def conflicts(member: Member | None, found: tuple[Conflict, ...]) -> None:
    """Conflicts of one kind, of a member if one is chosen; each side stands, and none is picked."""
    kind = filters.tabs("Kind", KINDS, "kind", "all")
    shown = [
        c for c in found if kind in ("all", c.kind) and (member is None or member.iso3 in c.places or c.kind == "record")
    ]
    if not shown:
        st.info(
            "Nothing of this kind is known to disagree here. That may only mean that one source is held.",
            icon=":material/help:",
        )
        return
    pages = -(-len(shown) // AT_ONCE)
    page = st.number_input("Screen", 1, pages, key="screen", bind="query-params", width=160) if pages > 1 else 1
    st.markdown(
        f"{len(shown)} conflicts"
        + (f", {AT_ONCE} on a screen" if pages > 1 else "")
        + ". Both figures stay on screen; no winner is picked."
    )
    for conflict in shown[(page - 1) * AT_ONCE : page * AT_ONCE]:
        with st.container(border=True, gap="xsmall"):
            st.markdown(f"**{conflict.title}**")
            with st.grid(min(len(conflict.sides), 3), min_column_width=260, gap="small"):
                for side in conflict.sides:
                    st.markdown(side)
            st.caption(f"Likely reason: {conflict.reason}")


def draw(edition: str) -> None:
    """What disagrees, or everything that was compared."""
    member = filters.member(cached.vocabulary())
    st.markdown(
        "Where two figures speak of the same thing, both stand here, with what each counts and the likely reason for a difference."
    )
    if filters.tabs("Show", VIEWS, "verdicts", "apart") == "apart":
        conflicts(member, cached.conflicts(edition))
    else:
        compared(member, edition)
