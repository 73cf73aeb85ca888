"""Take away: brief, tables and pictures of one member as files, made on demand."""

import streamlit as st

from corridors.ui import cached, filters, member_parts, takeaway_parts

vocabulary = cached.vocabulary()
edition = cached.edition()
member = filters.member(vocabulary)

st.title("Take away")
st.markdown(takeaway_parts.HINT)
st.caption(takeaway_parts.says(edition))

if member is None:
    st.info("Choose your country in the list above or below; the files are about one member.", icon=":material/flag:")
    member_parts.all_members(vocabulary)
else:
    latest = cached.latest_totals(edition, member.iso3)
    st.header(member.name)
    with st.grid(3, min_column_width=280, gap="medium"):
        with st.container(border=True):
            takeaway_parts.member_brief(edition, member, latest)
        with st.container(border=True):
            takeaway_parts.member_tables(edition, member, vocabulary, latest)
        with st.container(border=True):
            takeaway_parts.member_picture(edition, member, latest)
