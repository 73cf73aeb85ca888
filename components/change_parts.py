"""What changed between two editions, as drawn on the Situation page: any earlier edition can be laid beside the one shown."""

from __future__ import annotations

import streamlit as st

from store import ceilings, editions
from takeaway import changes

from . import access, cached, filters
from .prepare_changes import listed

SENTENCES = 8
COLUMNS = {"member": "Member", "title": "Theme", "new": "New", "revised": "Revised", "withdrawn": "Withdrawn"}


def since(edition: str, member) -> None:
    """A choice of an earlier edition, kept in the address, and what the present one says otherwise."""
    own = ceilings.plain(edition)
    known = editions.listed()
    earlier = [e for e in reversed(known[: known.index(own)] if own in known else known) if e != own]
    if not earlier:
        st.caption("This is the only edition held, so there is nothing to compare it with.")
        return
    named = st.query_params.get("since")
    if named and named not in earlier:
        st.warning(f"The address names the edition “{filters.harmless(named)}”, which is not held or is not earlier than this one.",
                   icon=":material/link_off:")  # fmt: skip
    chosen = st.selectbox("What changed since", earlier, index=None, key="since", bind="query-params", placeholder="An earlier edition",
                          help="An earlier edition, such as that of the last meeting.", width=330)  # fmt: skip
    if chosen is None:
        return
    found = cached.changed(access.keyed(chosen), edition, member.iso3 if member else None)
    if isinstance(found, str):
        st.info(found, icon=":material/difference:")
        return
    _told(found, f"{chosen}-{own}-{member.iso3 if member else 'all'}")


def _told(found: changes.Changes, key: str) -> None:
    st.markdown(changes.summary(found))
    if found.rows.empty:
        st.caption("The record is the same. What has changed in the field since is for members to say.")
        return
    st.markdown("\n".join(f"- {line}" for line in changes.sentences(found, SENTENCES)))
    st.caption("A change of a figure is a change of what is recorded here, not of the thing that it counts.")
    with st.popover("By member and theme", type="tertiary", icon=":material/table:", on_change="rerun", key="changes-by-theme") as box:
        if box.open:
            st.caption("A corridor between two members counts for both, so the columns are not added up.")
            st.dataframe(found.counts[list(COLUMNS)].rename(columns=COLUMNS), hide_index=True, key=f"counts-{key}", height=420,
                         alt="Figures new, revised and withdrawn, by member and theme")  # fmt: skip
    with st.popover("Every changed figure", type="tertiary", icon=":material/table:", on_change="rerun", key="changes-all") as box:
        if box.open:
            rows = listed(found.rows)
            st.caption(f"The first {len(rows):,} of {len(found.rows):,}, newest first." if len(rows) < len(found.rows) else f"{len(rows):,} figures.")
            st.dataframe(rows, hide_index=True, key=f"changed-{key}", height=420, alt="Figures that changed, before and after",
                         column_config={"Year": st.column_config.NumberColumn("Year", format="%d")})  # fmt: skip
