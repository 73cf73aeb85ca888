"""Push and pull: the factors that the literature names, one member's matrix, and an early look at the region."""

import streamlit as st

from corridors.ui import briefing_parts, cached, factor_parts, filters, route_parts

vocabulary = cached.vocabulary()
edition = cached.edition()
member = filters.member(vocabulary)

st.title("Push and pull" + (f": {member.short_name or member.name}" if member else ""))
PARTS = {"member": "One member", "early": "Early look", "catalogue": "All factors"}
part = filters.part("Part", PARTS, "factors", "member" if member else "early")
if part == "member":
    if member is None:
        st.info("Choose your country at the top of the page.", icon=":material/flag:")
    else:
        factor_parts.matrix(member, cached.factors(edition, member.iso3), route_parts.dark())
        briefing_parts.beside_factors(edition, member.iso3)
elif part == "early":
    factor_parts.early_look(cached.early_look(edition))
else:
    st.markdown("Each factor is named by the literature. What stands for it is an indicator, which says less than the name.")
    factor_parts.catalogue()
