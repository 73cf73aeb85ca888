"""Situation: what the region's figures say, of how many members, and what is newest."""

import streamlit as st

import charts.coverage
from catalog import words
from components import cached, cards

vocabulary = cached.vocabulary()
edition = cached.edition()

st.title("Situation")
st.markdown(
    "Recorded figures for the 45 members of the Bali Process. They show what authorities and agencies found, not how much "
    "trafficking or smuggling there is."
)

totals, panel = cached.regional(edition), cached.panel(edition)
grid = st.grid(len(totals), min_column_width=230, gap="small")
for total in totals.itertuples():
    same = panel[panel.indicator_id == total.indicator_id]
    indicator = vocabulary.indicators[total.indicator_id]
    with grid:
        note = f"{total.members} of 45 members"
        if total.dominant_share > 0.5:
            note += f"; **{total.dominant} alone is {words.share(total.dominant_share)}**"
        cards.figure(total, indicator.spoken.capitalize(), total.indicator_id, spark=list(same.value), note=note)
if len(panel):
    said = "; ".join(
        f"{r.short_name.lower()} {int(part.members.iloc[0])} members, {part.year.min()}–{part.year.max()}"
        for r in totals.itertuples() if len(part := panel[panel.indicator_id == r.indicator_id])
    )  # fmt: skip
    st.caption(f"The small lines compare like with like: only members with a figure in every one of six years ({said}).")

st.header("Who is behind each sum")
choice = st.segmented_control(
    "Figure", list(totals.indicator_id), default=totals.indicator_id.iloc[0], key="behind", bind="query-params", required=True,
    format_func=lambda i: vocabulary.indicators[i].short_name or vocabulary.indicators[i].name, label_visibility="collapsed",
)  # fmt: skip
row = next(totals[totals.indicator_id == choice].itertuples())
members = cached.regional_members(edition, choice, int(row.year))
who = members.partner.where(members.iso3 == "WLD", members.place)
absent = 45 - len(members)
st.markdown(
    f"{vocabulary.indicators[choice].definition} In {cards.period_of(row)}, {len(members)} members have a figure and "
    f"{absent} have none. In order of name, because these figures do not rank members."
)
cards.bars(members.assign(member=who), "member", f"{row.indicator}, by member", f"behind-{choice}", most=45)

st.header("What is known of whom")
coverage = cached.coverage(edition)
with st.container(border=True):
    st.markdown(charts.coverage.headline(coverage, int(edition[:4])))
    st.plotly_chart(
        charts.coverage.draw(coverage, int(edition[:4])), key="coverage", config={"displayModeBar": False},
        alt="For each theme, how many of the 45 members have a recent, an older or no figure. The table below has every member.",
    )  # fmt: skip
    with st.popover("Every member, as a table", type="tertiary", icon=":material/table:", on_change="rerun", key="all-members") as box:
        if box.open:
            st.dataframe(charts.coverage.table(coverage), hide_index=True, key="coverage-table", height=420,
                         alt="Latest year with a figure for each member and theme")  # fmt: skip

st.header("What is newest")
newest, changes = cached.newest(edition), cached.changes(edition)
lines = [
    f"- **{r.publisher}**, {r.title}: released {r.released:%-d %B %Y}, figures up to {r.last_year}" for r in newest.itertuples()
]
st.markdown("\n".join(lines))
if len(changes):
    st.markdown("Since the edition before:")
    st.dataframe(changes, hide_index=True, key="changes", alt="Figures new, revised or withdrawn since the edition before")
