"""What changed between two editions, as drawn on the Situation page: any earlier edition can be laid beside the one shown."""

from __future__ import annotations

import streamlit as st

from corridors.catalog import Member
from corridors.store import labels
from corridors.ui import access, cached, filters
from corridors.views.changes import Shown


def since(edition: str, member: Member | None) -> None:
    """A choice of an earlier edition, kept in the address, and what the present one says otherwise."""
    chosen = filters.earlier_edition(edition, "What changed since")
    if chosen is None:
        return
    found = cached.changed(access.keyed(chosen), edition, member.iso3 if member else None)
    if isinstance(found, str):
        st.info(found, icon=":material/difference:")
        return
    _told(found, f"{chosen}-{labels.plain(edition)}-{member.iso3 if member else 'all'}")


def _told(found: Shown, key: str) -> None:
    st.markdown(found.summary)
    if not found.figures:
        st.caption("The record is the same. What has changed in the field since is for members to say.")
        return
    st.markdown("\n".join(f"- {line}" for line in found.sentences))
    st.caption("A change of a figure is a change of what is recorded here, not of the thing that it counts.")
    with st.popover(
        "By member and theme", type="tertiary", icon=":material/table:", on_change="rerun", key="changes-by-theme"
    ) as box:
        if box.open:
            st.caption("A corridor between two members counts for both, so the columns are not added up.")
            st.dataframe(
                found.counts,
                hide_index=True,
                key=f"counts-{key}",
                height=420,
                alt="Figures new, revised and withdrawn, by member and theme",
            )
    with st.popover(
        "Every changed figure", type="tertiary", icon=":material/table:", on_change="rerun", key="changes-all"
    ) as box:
        if box.open:
            part = (
                f"The first {len(found.rows):,} of {found.figures:,}"
                if len(found.rows) < found.figures
                else f"{found.figures:,} figures"
            )
            st.caption(f"{part}, newest first.")
            st.dataframe(
                found.rows,
                hide_index=True,
                key=f"changed-{key}",
                height=420,
                alt="Figures that changed, before and after",
                column_config={"Year": st.column_config.NumberColumn("Year", format="%d")},
            )
