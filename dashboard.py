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
if not arriving and not bare:
    mark = frame.draw_head(vocabulary, role)
if filters.just_chosen() and page.url_path in ("", "sources", "quality"):
    filters.arrive()
    # empty: Streamlit refuses to drop a bound one, and writes it anew
    st.switch_page("pages/members/member.py", query_params={})
if asked := find.wanted():
    st.switch_page(asked, query_params={})
allowed = access.may_open(page.url_path)
access.log_visit(page.url_path, allowed, cached.edition())
if allowed:
    if not bare:
        find.draw_answers(page.url_path)
    if not bare and page.url_path != "member":  # the member's page has them beside its title
        frame.draw_parts(page.url_path)
    page.run()
else:
    sign_in.closed_page()
if not bare:
    frame.draw_foot(mark)
cached.freeze_gc(cached.edition(), page.url_path)
