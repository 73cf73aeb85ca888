"""Push and pull: the factors that the literature names, one member's matrix, and an early look at the region."""

import pandas as pd
import streamlit as st

from corridors.catalog import words
from corridors.ui import access, cached, cards, contents, factor_matrix, filters, plots, slideshow


def statements(edition: str, iso3: str) -> None:
    """Members' own statements about factors, beside the indicators: statements, not measurements."""
    said = cached.statements(edition, iso3)
    if said:
        st.header("What is said of the factors")
        cards.statements(said)


def early_look(ready) -> None:
    """Members where several push factors moved together in the latest period, with the reasons spelt out; no score."""
    st.markdown(ready.message)
    for name, reasons in ready.members:
        with st.container(border=True, gap="xsmall"):
            st.markdown(f"**{name}**  \n" + "  \n".join(f"· {r}" for r in reasons))
    if ready.corridors:
        st.subheader("Corridors")
        st.markdown("Out of these members, and with more new asylum applications at the other end over the same years.")
        for title, origin, destination, reasons in ready.corridors:
            with st.expander(title):
                st.markdown("  \n".join(f"· {r}" for r in reasons))
                with st.container(horizontal=True, gap="medium"):
                    contents.link("corridor", "Open this corridor", "swap_calls", origin=origin, destination=destination)
                    if access.may_open("expected"):
                        ends = {"from": origin, "to": destination}
                        contents.link("expected", "Ask the model what if", "balance", model="What if", **ends)
    if not ready.members:
        st.info(
            "In no member did two or more push factors move together in the latest years.", icon=":material/horizontal_rule:"
        )
    st.caption(ready.note)
    cards.cannot_say(ready.caveats)


def catalogue() -> None:
    """All factors as the literature names them: side, mechanism, what stands for it, what it cannot say."""
    vocabulary = cached.vocabulary()
    rows = [
        {
            "Factor": f.name,
            "Side": words.FACTOR_SIDE[f.side],
            "How it works": f.mechanism,
            "Stands for it": words.listing([vocabulary.indicators[k.removesuffix("@partner")].name for k in f.indicators])
            or "nothing measured",
            "Cannot say": f.cannot_say,
            "Could be measured by": f.who_could_measure,
            "Named by": "; ".join(f.literature),
        }
        for f in vocabulary.factors.values()
    ]
    plots.table(pd.DataFrame(rows), "factor-catalogue", "Factors named in the literature", height=560)


vocabulary = cached.vocabulary()
edition = cached.edition()
member = filters.member(vocabulary)

with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
    st.title("Push and pull" + (f": {member.short_name or member.name}" if member else ""), width="content")
    if member:
        slideshow.present_this("factors", member=member.iso3)
PARTS = {"member": "One member", "early": "Early look", "catalogue": "All factors"}
part = filters.tabs("Part", PARTS, "factors", "member" if member else "early")
if part == "member":
    if member is None:
        st.info("Choose your country at the top of the page.", icon=":material/flag:")
    else:
        factor_matrix.matrix(member, cached.factors(edition, member.iso3), plots.dark())
        statements(edition, member.iso3)
elif part == "early":
    early_look(cached.early_look(edition))
else:
    st.markdown("Each factor is named by the literature. What stands for it is an indicator, which says less than the name.")
    catalogue()
