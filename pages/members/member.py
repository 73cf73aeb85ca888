"""Member state: every theme for one member, its corridors in and out, and what is missing."""

import streamlit as st

from components import cached, cards, filters, member_parts

vocabulary = cached.vocabulary()
edition = cached.edition()
member = filters.member(vocabulary)

if member is None:
    st.title("Member state")
    st.info("Choose your country at the top of the page. The choice stays in the address, so a link leads back here.",
            icon=":material/flag:")  # fmt: skip
    member_parts.all_members(vocabulary)
    st.stop()

st.title(member.name)
st.markdown(member_parts.facts(member))

latest = cached.latest_totals(edition, member.iso3)
member_parts.headline_cards(vocabulary, member, latest)

theme = st.segmented_control(
    "Theme", [*vocabulary.themes, "missing"], default="victims", key="theme", bind="query-params", required=True,
    format_func=lambda t: vocabulary.themes[t].title if t in vocabulary.themes else "What is missing",
    label_visibility="collapsed",
)  # fmt: skip

if theme == "missing":
    member_parts.missing(vocabulary, member, cached.coverage(edition), latest)
    st.stop()

st.header(vocabulary.themes[theme].title)
st.markdown(f"*{vocabulary.themes[theme].question}*")
here, abroad = cached.figures(edition, member.iso3, theme), cached.abroad(edition, member.iso3, theme)
corridors = cached.corridor_indicators(edition, member.iso3)
corridors = corridors[corridors.theme == theme]
if here.empty and abroad.empty and corridors.empty:
    cards.nothing_yet(vocabulary, member.name, theme)
    st.stop()

breaks = cached.breaks(edition)
member_parts.trends(vocabulary, member, here, abroad, breaks)
member_parts.breakdowns(vocabulary, member, here)
member_parts.corridors(vocabulary, member, corridors)
