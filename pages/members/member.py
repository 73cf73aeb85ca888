"""Member state: every theme for one member, its corridors in and out, and what is missing.

No `st.stop()` here: it would also stop the front door, and with it the foot of the page.
"""

import streamlit as st

from corridors.ui import action_ties, briefing_parts, cached, factor_parts, filters, member_parts, own_scripts, route_parts

vocabulary = cached.vocabulary()
edition = cached.edition()
member = filters.member(vocabulary)

if member is None:
    st.title("Member state")
    st.info(
        "Choose your country in the list above or below. The choice stays in the address, so a link leads back here.",
        icon=":material/flag:",
    )
    member_parts.all_members(vocabulary)
else:
    st.set_page_config(page_title=f"{member.name} · Corridors")
    st.title(member.name)
    st.markdown(member_parts.facts(member))
    member_parts.headline_cards(cached.headlines(edition, member.iso3))

    chapters = {t.id: t.tab for t in vocabulary.themes.values()} | {
        "routes": "Routes",
        "briefings": "Own figures",
        "action": "Joint action",
        "missing": "What is missing",
    }
    theme = filters.part("Theme", chapters, "theme", "victims")
    if theme == "factors":
        st.header("Push and pull")
        factor_parts.matrix(member, cached.factors(edition, member.iso3), route_parts.dark())
    elif theme == "routes":
        member_parts.routes(edition, member)
    elif theme == "action":
        action_ties.member(edition, member)
    elif theme == "briefings":
        briefing_parts.own(edition, member)
    elif theme == "missing":
        member_parts.missing(vocabulary, member, cached.coverage(edition), cached.latest_totals(edition, member.iso3))
    else:
        member_parts.chapter(vocabulary, member, theme, cached.theme_view(edition, member.iso3, theme))
    own_scripts.remember(member.iso3)
