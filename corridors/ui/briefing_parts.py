"""What members say themselves, as drawn: own figures on the member's page, statements beside factors, networks and methods."""

from __future__ import annotations

import streamlit as st

from corridors.catalog import Member
from corridors.ui import access, cached, filters
from corridors.views.briefings import CRIMES, STRUCTURES

NONE = "No briefing of {name} is held. That says nothing about the country; the workbook to fill in is made by `python -m etl template {iso3}`."


def own(edition: str, member: Member) -> None:
    """A member's own figures, measure by measure, with the international ones beside them and the differences spelt out."""
    ceiling = access.ceiling()
    st.header("Own figures")
    lines = cached.briefing_standing(edition, member.iso3, ceiling)
    if not lines:
        st.info(NONE.format(name=member.name, iso3=member.iso3), icon=":material/help:")
        return
    st.markdown(
        "What the member says, or what its authorities have said in public. It stands beside the international figures and is never "
        "averaged with them."
    )
    st.markdown("\n".join(f"- {line}" for line in lines))
    for n, ready in enumerate(cached.own_figures(edition, member.iso3, ceiling)):
        with st.container(border=True, gap="xsmall", key=f"own-{n}"):
            st.markdown(f"**{ready.title}**  \n:small[{ready.definition}]")
            left, right = st.columns([3, 2], gap="small")
            with left:
                for text in ready.figures:
                    st.markdown(text)
            with right:
                if ready.beside:
                    st.caption("Beside it, from international sources")
                    for text in ready.beside:
                        st.markdown(text)
                    st.markdown("**Why they differ**\n\n" + "\n".join(f"- {said}" for said in ready.differences))
                else:
                    st.caption("No international figure counts the same thing.")
            if ready.count:
                with st.popover(f"What these figures cannot say ({ready.count})", type="tertiary", icon=":material/info:"):
                    st.markdown(ready.caveats)
    said = cached.statements(edition, member.iso3, ceiling)
    if said:
        st.subheader("On push and pull")
        for s in said:
            st.markdown(f"**{s.factor}** ({s.place}). {s.text}  \n:small[:gray[{s.source}]]")
    st.page_link("pages/members/networks.py", label="Networks and methods, all members", icon=":material/hub:")


def beside_factors(edition: str, iso3: str) -> None:
    """Members' own statements about factors, beside the indicators: statements, not measurements."""
    said = cached.statements(edition, iso3, access.ceiling())
    if said:
        st.header("What the member says")
        for s in said:
            st.markdown(f"**{s.factor}** ({s.place}). {s.text}  \n:small[:gray[{s.source}]]")


def networks(edition: str, member: Member | None) -> None:
    """Structures, methods, recruitment and evidence across members, in words and counts."""
    found, counts = cached.networks(edition, access.ceiling())
    st.markdown(
        "How members describe networks: organised groups, loose networks, family and friends; how people are recruited, how money moves, and "
        "what the evidence rests on. Counts below are of descriptions in briefings, not of networks."
    )
    if not found:
        st.info("No briefing describes networks yet.", icon=":material/help:")
        return
    st.dataframe(
        counts,
        hide_index=True,
        key="network-counts",
        alt="How many descriptions name which structure, recruitment and evidence",
        column_config={"aspect": "", "word": "Described as"},
    )
    crime = filters.part("Crime", {"any": "Any crime"} | CRIMES, "crime", "any")
    shown = [n for n in found if crime in ("any", n.crime) and (member is None or member.iso3 in n.iso3)]
    if not shown:
        st.info("No description fits this choice.", icon=":material/help:")
    with st.grid(2, min_column_width=380, gap="small"):
        for n in shown:
            with st.container(border=True, gap="xsmall", height="stretch"):
                st.markdown(f"**{n.place}** · {CRIMES[n.crime]} · {STRUCTURES[n.structure]}")
                st.markdown("  \n".join(n.lines))
                st.caption(n.source)
