"""Entry point of every page: every request comes through here, whatever page its address names."""

import streamlit as st

from corridors import ROOT
from corridors.ui import access, cached, contents, filters, find, frame, sign_in

# A picture of our own: a Material icon as favicon would be fetched from a font host.
ICON = ROOT / "corridors" / "ui" / "icon.png"
st.set_page_config(page_title="Corridors", page_icon=ICON, layout="wide")

role = sign_in.admit()  # whoever may not come in learns nothing, not even whether there is an edition
frame.stop_without_edition()
vocabulary = cached.vocabulary()
if arriving := filters.arriving():
    # the address gets its member before its page, so that Back leads to the page before
    mark = frame.draw_head(vocabulary, role)
pages = contents.pages(access.may_open)
page = st.navigation(pages, position="top")
st.set_page_config(page_title=f"{page.title} · Corridors")  # adds to the call above; a page may be more precise
if bare := page.url_path in contents.BARE:  # a slide has the whole window: no menu, no chooser, its own label and foot
    st.navigation(pages, position="hidden")
if bare and access.draft():
    st.error("A draft is not presented: what a room sees is published first.", icon=":material/draft:")
    st.stop()
if not arriving and not bare:
    mark = frame.draw_head(vocabulary, role)
if filters.just_chosen(page.url_path):
    filters.arrive()
    # empty: Streamlit refuses to drop a bound one, and writes it anew
    st.switch_page("pages/members/member.py", query_params={})
if asked := find.wanted():
    st.switch_page(asked, query_params={})
if not bare:
    find.draw_answers(page.url_path)
st.session_state["_page"] = page.url_path
if contents.entry_of(page.url_path).parts or frame.opened(
    page.url_path
):  # a page with parts asks for the one that is chosen
    page.run()
if not bare:
    frame.draw_foot(mark)
cached.freeze_gc(cached.edition(), page.url_path)
