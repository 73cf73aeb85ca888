"""The front door: every request comes through here, whatever page its address names."""

import streamlit as st

from corridors import ROOT
from corridors.ui import access, cached, filters, find, frame, sign_in

# A picture of our own: a Material icon as favicon would be fetched from a font host.
ICON = ROOT / "corridors" / "ui" / "icon.png"
st.set_page_config(page_title="Corridors", page_icon=ICON, layout="wide")

PAGES = {
    "Overview": [
        st.Page(
            "pages/overview/situation.py",
            title="Situation",
            icon=":material/dashboard:",
            default=True,
            help="The region's headline figures, what is known of whom, and what is newest.",
        ),
    ],
    "Routes": [
        st.Page(
            "pages/routes/route_map.py",
            title="Route map",
            icon=":material/map:",
            url_path="routes",
            help="Where people are smuggled and trafficked, by what mode, and how good the evidence is for each line.",
        ),
        st.Page(
            "pages/routes/corridor.py",
            title="Corridor",
            icon=":material/swap_calls:",
            url_path="corridor",
            help="One origin and one destination: figures over time, routes between them, and which corridors moved most.",
        ),
    ],
    "Members": [
        st.Page(
            "pages/members/member.py",
            title="Member state",
            icon=":material/flag:",
            url_path="member",
            help="Every theme for one member: figures, trends, corridors, and what is missing.",
        ),
        st.Page(
            "pages/members/take_away.py",
            title="Take away",
            icon=":material/download:",
            url_path="take-away",
            help="One member as a brief of two pages, as tables, as pictures: made when asked for, each with edition and label.",
        ),
        st.Page(
            "pages/members/networks.py",
            title="Networks and methods",
            icon=":material/hub:",
            url_path="networks",
            help="How members describe networks: structure, methods, recruitment, and what the evidence rests on.",
        ),
    ],
    "Factors": [
        st.Page(
            "pages/factors/push_pull.py",
            title="Push and pull",
            icon=":material/compare_arrows:",
            url_path="factors",
            help="What the literature says drives people, the indicator that stands for it, and what it cannot say.",
        ),
        st.Page(
            "pages/factors/expected_flow.py",
            title="Expected flow",
            icon=":material/balance:",
            url_path="expected",
            help="What size and distance suggest for a corridor, explained, with what the model leaves out.",
        ),
    ],
    "Joint action": [
        st.Page(
            "pages/actions/joint_action.py",
            title="Joint action",
            icon=":material/handshake:",
            url_path="action",
            help="Every Joint Period of Action: who committed to what, the stage on any day, what came of it.",
        ),
        st.Page(
            "pages/actions/plans.py",
            title="Investigation plans",
            icon=":material/assignment:",
            url_path="plans",
            help="Plans between members as far as they are public, each beside its corridor.",
        ),
        st.Page(
            "pages/actions/planning.py",
            title="Planning aid",
            icon=":material/checklist:",
            url_path="planning",
            help="For a proposed period: who is on the routes, what each has said before, forums, tools, a sheet to fill in.",
        ),
        st.Page(
            "pages/actions/lessons.py",
            title="Lessons",
            icon=":material/school:",
            url_path="lessons",
            help="What worked, what did not, what to do differently; the form of the next debrief.",
        ),
        st.Page(
            "pages/actions/practices.py",
            title="Practices and scenarios",
            icon=":material/menu_book:",
            url_path="practices",
            help="What was tried, with its source, and cases to talk through around a table.",
        ),
    ],
    "Evidence": [
        st.Page(
            "pages/evidence/cases.py",
            title="Cases",
            icon=":material/groups:",
            url_path="cases",
            help="Identified victims and smuggled migrants in case records, protected so that nobody can be found.",
        ),
        st.Page(
            "pages/quality/data_quality.py",
            title="Data quality",
            icon=":material/fact_check:",
            url_path="quality",
            help="Who reported what and when, how good each figure is, what to fix first, and what is open.",
        ),
        st.Page(
            "pages/quality/conflicts.py",
            title="Conflicts",
            icon=":material/difference:",
            url_path="conflicts",
            help="Where two sources speak of the same thing and differ: both figures, both definitions, the likely reason.",
        ),
        st.Page(
            "pages/quality/scorecard.py",
            title="Scorecard",
            icon=":material/summarize:",
            url_path="scorecard",
            help="The state of the region's data on one page, with progress since an earlier edition.",
        ),
        st.Page(
            "pages/evidence/sources.py",
            title="Sources and methods",
            icon=":material/menu_book:",
            url_path="sources",
            help="Publishers, licences, what was rejected and why, caveats, words.",
        ),
        st.Page(
            "pages/evidence/hidden.py",
            title="Hidden numbers",
            icon=":material/visibility_off:",
            url_path="hidden",
            help="How many may be on no list, by several models side by side, and when no number can be given.",
        ),
    ],
    "Meeting": [
        st.Page(
            "pages/present/meeting.py",
            title="Meeting",
            icon=":material/slideshow:",
            url_path="meeting",
            help="A meeting's agenda as slides: present it, read the speaker's notes, take it along.",
        ),
        st.Page(
            "pages/present/present.py", title="Present", icon=":material/slideshow:", url_path="present", visibility="hidden"
        ),
        st.Page(
            "pages/present/notes.py",
            title="Speaker's notes",
            icon=":material/speaker_notes:",
            url_path="notes",
            visibility="hidden",
        ),
    ],
}
role = sign_in.admit(PAGES)  # whoever may not come in learns nothing, not even whether there is an edition
frame.stop_without_edition()
vocabulary = cached.vocabulary()
if arriving := filters.arriving():
    mark = frame.draw_head(
        vocabulary, role
    )  # the address gets its member before its page, so that Back leads to the page before
for entry in (entry for section in PAGES.values() for entry in section if not access.may_open(entry.url_path)):
    entry._visibility = "hidden"  # stays known, so that a link to it leads to a kind word and not to a fault
page = st.navigation(PAGES, expanded=True)
st.set_page_config(page_title=f"{page.title} · Corridors")  # adds to the call above; a page may be more precise
if bare := page.url_path in (
    "present",
    "notes",
):  # a slide has the whole window: no menu, no chooser, and its own label and foot
    st.navigation(PAGES, position="hidden")
if not arriving and not bare:
    mark = frame.draw_head(vocabulary, role)
if filters.just_chosen() and page.url_path in ("", "sources", "quality"):
    filters.arrive()
    st.switch_page(
        "pages/members/member.py", query_params={}
    )  # empty: Streamlit refuses to drop a bound one, and writes it anew
if asked := find.wanted():
    st.switch_page(asked, query_params={})
access.decided(page.url_path, allowed := access.may_open(page.url_path))
if allowed:
    page.run()
else:
    sign_in.closed_page()
if not bare:
    frame.draw_foot(mark)
cached.settle(cached.edition(), page.url_path)
