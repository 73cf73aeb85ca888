"""The parts of a member's page as drawn: facts, headline cards, a theme, and what is missing."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from corridors.catalog import Catalog, Member
from corridors.ui import cached, cards, filters
from corridors.views.member import Headlines, ThemeView, name_of
from corridors.views.routes import CRIMES, STRENGTHS


def facts(member: Member) -> str:
    """One line: subregion, Ad Hoc Group, how the membership was verified."""
    parts = [member.subregion]
    if member.ad_hoc_group:
        parts.append("member of the Ad Hoc Group")
    if member.listed_as not in (member.name, member.short_name):
        parts.append(f"on the list of members as “{member.listed_as}”")
    if not member.verified:
        parts.append("membership not verified")
    return " · ".join(parts) + (f"  \n{member.note}" if member.note else "")


def all_members(vocabulary: Catalog) -> None:
    """A button for every member's page, by subregion. Not links: Streamlit opens a link in another tab."""
    by_region: dict[str, list[Member]] = {}
    for member in sorted(vocabulary.members.values(), key=lambda m: m.name):
        by_region.setdefault(member.subregion, []).append(member)
    with st.grid(3, min_column_width=240):
        for region, members in sorted(by_region.items()):
            with st.container(gap=None):
                st.markdown(f"**{region}**")
                for member in members:
                    st.button(
                        member.name,
                        key=f"go-{member.iso3}",
                        type="tertiary",
                        icon=":material/arrow_forward:",
                        on_click=filters.choose,
                        args=(member.iso3,),
                    )


def headline_cards(ready: Headlines) -> None:
    """The latest figure of each theme as cards; a theme without one says so."""
    if ready.cards:
        with st.grid(3, min_column_width=230, gap="small"):
            for card in ready.cards:
                cards.figure(card)
    if ready.missing:
        st.caption(f"No total held, which is not zero: {'; '.join(ready.missing)}.")


def chapter(vocabulary: Catalog, member: Member, theme_id: str, view: ThemeView) -> None:
    """One theme: its question, then what is held, or the word that nothing is."""
    entry = vocabulary.themes[theme_id]
    st.header(entry.title)
    st.markdown(f"*{entry.question}*")
    if view.empty:
        cards.nothing_yet(vocabulary, member.name, theme_id)
    else:
        theme(member, view)


def theme(member: Member, view: ThemeView) -> None:
    """Trends, more figures behind a menu, breakdowns, corridors."""
    cards.in_rows(view.main, 2, 380)
    cards.more(view.more, "more", first=not view.main)
    if view.breakdowns:
        st.subheader("By form, sex and age")
        st.caption(
            "Parts as published. They may not add up to the total: small counts are masked, and some reports leave parts out."
        )
        cards.in_rows(view.breakdowns, 3, 280)
    if view.corridors:
        st.subheader("Corridors")
        choice = filters.menu("Corridor figure", view.corridors, "corridor")
        if choice in view.corridors:
            cards.chart(cached.corridor_view(cached.edition(), member.iso3, choice))


def routes(edition: str, member: Member) -> None:
    """The routes that touch this member and in which role, and the way to the map."""
    st.header("Routes")
    rows = cached.routes_of_member(edition, member.iso3)
    if rows.empty:
        st.info(
            f"None of the 37 routes described in public literature touches {member.name}. That does not mean that there is none.",
            icon=":material/help:",
        )
        return
    st.markdown(
        f"{len(rows)} routes described in public literature touch {member.name}. Each opens its evidence on the map."
    )
    for row in rows.itertuples():
        st.page_link(
            "pages/routes/route_map.py",
            query_params={"route": row.route_id, "member": member.name},
            icon=":material/map:",
            label=f"{row.route_id} · {row.name} · as {' and '.join(row.roles)} · {CRIMES[row.crime].lower()} · evidence "
            f"{STRENGTHS[row.strength].lower()}",
        )
    st.caption("Routes are schematic and no line is a track. Evidence says how good the best published figure is.")


def missing(vocabulary: Catalog, member: Member, coverage: pd.DataFrame, latest: pd.DataFrame) -> None:
    """What is not held for this member, theme by theme and figure by figure, and who could provide it."""
    st.header("What is missing")
    for row in coverage[coverage.iso3 == member.iso3].sort_values("position").itertuples():
        theme = vocabulary.themes[row.theme]
        absent = [
            name_of(i)
            for i in vocabulary.indicators.values()
            if i.theme == row.theme and latest[latest.indicator_id == i.id].empty
        ]
        with st.container(border=True, gap="xsmall"):
            said = "no figure held" if pd.isna(row.latest) else f"latest figure {int(row.latest)}"
            st.markdown(f"**{theme.title}**: {said}" + (f"  \nNot held: {'; '.join(absent)}." if absent else ""))
            st.caption(f"Who could provide it: {theme.who_could_provide}.")
