"""The front door: every request comes through here, whatever page its address names."""

from pathlib import Path

import streamlit as st

from components import cached, filters, frame

# A picture of our own: a Material icon as favicon would be fetched from a font host.
ICON = Path(__file__).with_name("components") / "icon.png"
st.set_page_config(page_title="Corridors", page_icon=ICON, layout="wide")
frame.stop_without_edition()

PAGES = {
    "Overview": [
        st.Page("pages/overview/situation.py", title="Situation", icon=":material/dashboard:", default=True,
                help="The region's headline figures, what is known of whom, and what is newest."),
    ],
    "Routes": [
        st.Page("pages/routes/route_map.py", title="Route map", icon=":material/map:", url_path="routes",
                help="Where people are smuggled and trafficked, by what mode, and how good the evidence is for each line."),
        st.Page("pages/routes/corridor.py", title="Corridor", icon=":material/swap_calls:", url_path="corridor",
                help="One origin and one destination: figures over time, routes between them, and which corridors moved most."),
    ],
    "Members": [
        st.Page("pages/members/member.py", title="Member state", icon=":material/flag:", url_path="member",
                help="Every theme for one member: figures, trends, corridors, and what is missing."),
    ],
    "Factors": [
        st.Page("pages/factors/push_pull.py", title="Push and pull", icon=":material/compare_arrows:", url_path="factors",
                help="What the literature says drives people, the indicator that stands for it, and what it cannot say."),
        st.Page("pages/factors/expected_flow.py", title="Expected flow", icon=":material/balance:", url_path="expected",
                help="What size and distance suggest for a corridor, explained, with what the model leaves out."),
    ],
    "Evidence": [
        st.Page("pages/evidence/sources.py", title="Sources and methods", icon=":material/menu_book:", url_path="sources",
                help="Publishers, licences, what was rejected and why, caveats, words."),
    ],
}  # fmt: skip
vocabulary = cached.vocabulary()
if arriving := filters.arriving():
    frame.draw_head(vocabulary)  # the address gets its member before its page, so that Back leads to the page before
page = st.navigation(PAGES)
st.set_page_config(page_title=f"{page.title} · Corridors")  # adds to the call above; a page may be more precise
if not arriving:
    frame.draw_head(vocabulary)
if filters.just_chosen() and page.url_path in ("", "sources"):
    filters.arrive()
    st.switch_page("pages/members/member.py", query_params={})  # empty: Streamlit refuses to drop a bound one, and writes it anew
page.run()
frame.draw_foot()
cached.settle(cached.edition(), page.url_path)
