"""Member state: every theme for one member, its corridors in and out, and what is missing.

No `st.stop()` here: it would also stop the front door, and with it the foot of the page.
"""

from dataclasses import replace

import streamlit as st

from corridors.catalog import Catalog, Member, Theme, words
from corridors.charts import strip
from corridors.ui import (
    beside_map,
    cached,
    cards,
    contents,
    factor_matrix,
    filters,
    own_scripts,
    plots,
    slideshow,
    take_away,
)
from corridors.views.factors import Factors, outer
from corridors.views.figure import LazyCharts
from corridors.views.member import Headlines

AREA = (
    "What its members reported for the year of the figure beside it, that member among them. They are added up only where the uses "
    "of every one allow it; else the middle one stands here, with the least and the most."
)
NONE = "No briefing of {name} is held. That says nothing about the country; whoever looks after the data hands out the workbook to be filled in."


def facts(member: Member) -> str:
    """Subregion, Ad Hoc Group, how the membership is listed and was verified; what else there is to know of it."""
    parts = [
        member.subregion,
        "Member of the Ad Hoc Group" if member.ad_hoc_group else "",
        f"On the list of members as “{member.listed_as}”"
        if member.listed_as not in (member.name, member.short_name)
        else "",
        "" if member.verified else "Membership not verified",
        member.note,
    ]
    return ". ".join(part.rstrip(".") for part in parts if part)


def headline_cards(ready: Headlines) -> None:
    """The latest figure of each theme as compact cards; a theme without one says so."""
    with st.grid(2, min_column_width=310, gap="xsmall"):
        for card in ready.cards:
            cards.compact(card)
    if ready.missing:
        st.markdown(f":small[No total held, which is not zero: {'; '.join(words.small(label) for label in ready.missing)}.]")


def picked(what: str) -> None:
    """Leads to what was tapped on the map: another member's page, or a route's evidence."""
    kind, _, code = what.partition(":")
    if kind == "member":
        filters.choose(code)
    elif kind == "route":
        beside_map.open_route(code)


def brief(edition: str, member: Member) -> bool:
    """The first screen: a sentence, the figures, what may be said aloud, the map, what stands out; or two members, then True."""
    ready = cached.member_summary(edition, member.iso3)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.title(member.name, width="stretch", help=facts(member))
        with st.container(horizontal=True, gap="small", vertical_alignment="center", width="content"):  # wraps as a whole
            other = filters.compared_with(member)
            take_away.of_member(edition, member)
            slideshow.present_this("member", member=member.iso3)
    if other:
        side_by_side(edition, member, other)
        return True
    st.markdown(ready.sentence)
    whole = st.grid(5, min_column_width=210, gap="small")  # one below the other on a tablet: the numbers first
    with whole.cell(column_span=3):
        headline_cards(cached.headlines(edition, member.iso3))
        with st.container(border=True, key="aloud", gap="xsmall"):
            st.markdown(f"**Say this aloud:** “{ready.aloud[0]}”")
    with whole.cell(column_span=2, row_span=2):
        drawn = cached.member_map(edition, member.iso3, plots.dark())
        own_scripts.svg_map(drawn.svg, f"member-map-{member.iso3}", drawn.alt, None, picked, upright=drawn.upright)
    with whole.cell(column_span=3):  # on a tablet beneath the map
        stands_out(cached.factors(edition, member.iso3))
    return False


def side_by_side(edition: str, member: Member, other: str) -> None:
    """A member and another, or its subregion, with the same cards; beneath each pair, whether it may be compared. No ranking."""
    second = cached.vocabulary().members.get(other)
    left, right = st.columns(2)
    left.header(member.name)
    left.markdown(cached.member_summary(edition, member.iso3).sentence)
    right.header(second.name if second else other)
    right.markdown(cached.member_summary(edition, second.iso3).sentence if second else AREA)
    rows = cached.beside(edition, member.iso3, other) if second else cached.beside_subregion(edition, member.iso3)
    for row in rows:
        for n, (column, card) in enumerate(zip(st.columns(2), (row.first, row.second))):
            with column:
                if card:
                    cards.compact(replace(card, key=f"{n}-{card.key}"))
                else:
                    st.caption(f"{row.label}: no total held, which is not zero.")
        st.caption(row.said)


def stands_out(ready: Factors) -> None:
    """The factors in which a member lies in the outer thirds, each as a strip with its median; a position, never a rank."""
    found = outer(ready, 2)
    if not found:
        return
    st.markdown(
        "**Stands out**",
        help="Factors named in the literature where the member lies in the outer third of those with a figure. A position, not a "
        "rank, and no cause. All factors are under “Push and pull”.",
    )
    for row in found:
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.markdown(f":small[{row.indicator}]", width=235)
            st.image(strip.wide(row.mine, list(row.others), plots.dark()), width=120, alt=f"{row.indicator}: {row.position}")
            st.markdown(f":small[{row.latest} {row.unit.replace('per cent', '%')} · {row.third} third]", width=265)


def figures(edition: str, member: Member, themes: tuple[Theme, ...]) -> None:
    """Themes: the question of each, then two charts, or the word that nothing is held; more figures and corridors behind menus."""
    views = {theme: cached.theme_view(edition, member.iso3, theme.id) for theme in themes}
    for theme, view in views.items():
        st.header(theme.title)
        st.markdown(f"*{theme.question}*")
        if view.empty:
            cards.nothing_yet(cached.vocabulary(), member.name, theme.id)
        else:
            cards.in_rows(view.first)
    cards.more(
        LazyCharts.joined(view.more for view in views.values()), "more", first=not any(v.first for v in views.values())
    )
    if corridors := {key: title for view in views.values() for key, title in view.corridors.items()}:
        choice = filters.menu("Corridors", corridors, "corridor", first=False, placeholder=f"Choose one of {len(corridors)}")
        if choice in corridors:
            cards.chart(cached.corridor_view(edition, member.iso3, choice))


def routes(edition: str, member: Member) -> None:
    """The routes that touch this member and in which role, and the way to the map."""
    st.header("Routes")
    rows = cached.routes_of_member(edition, member.iso3)
    if rows.empty:
        st.info(
            f"None of the {cached.route_count(edition)} routes described in public literature touches {member.name}. That does not mean that there is none.",
            icon=":material/help:",
        )
        return
    said = cached.member_summary(edition, member.iso3).aloud[-1]
    st.markdown(f"**Say this aloud:** “{said}” Each route opens its evidence on the map.")
    for row in rows.itertuples():
        contents.link(
            "routes",
            f"{row.route_id} · {row.name} · as {' and '.join(row.roles)} · {words.CRIME[row.crime].lower()} · evidence "
            f"{words.STRENGTH[row.strength].lower()}",
            "map",
            route=row.route_id,  # the member stays in the address
        )
    st.caption("Routes are schematic and no line is a track. Evidence says how good the best published figure is.")


def missing(edition: str, member: Member) -> None:
    """What is not held for this member, theme by theme and figure by figure, and who could provide it."""
    st.header("What is missing")
    for gap in cached.gaps(edition, member.iso3):
        with st.container(border=True, gap="xsmall"):
            absent = f"  \nNot held: {'; '.join(gap.absent)}." if gap.absent else ""
            st.markdown(f"**{gap.theme}**: {gap.state}{absent}")
            st.caption(f"Who could provide it: {gap.who}.")


def own_figures(edition: str, member: Member) -> None:
    """A member's own figures, measure by measure, with the international ones beside them and the differences spelt out."""
    st.header("Own figures")
    lines = cached.briefing_standing(edition, member.iso3)
    if not lines:
        st.info(NONE.format(name=member.name), icon=":material/help:")
        return
    st.markdown(
        "What the member says, or what its authorities have said in public, and apart from it what others say about it. It stands "
        "beside the international figures and is never averaged with them."
    )
    st.markdown("\n".join(f"- {line}" for line in lines))
    for n, ready in enumerate(cached.own_figures(edition, member.iso3)):
        with st.container(border=True, gap="xsmall", key=f"own-{n}"):
            st.markdown(f"**{ready.title}**  \n:small[{ready.definition}]")
            left, right = st.columns([3, 2], gap="small")
            with left:
                for said, texts in (("Said by the member", ready.figures), ("Said about it", ready.about)):
                    if texts:
                        st.caption(said)
                        st.markdown("\n\n".join(texts))
            with right:
                if ready.beside:
                    st.caption("Beside it, from international sources")
                    for text in ready.beside:
                        st.markdown(text)
                    st.markdown("**Why they differ**\n\n" + "\n".join(f"- {said}" for said in ready.differences))
                else:
                    said = [f"- {line}" for line in ready.differences] or ["No international figure counts the same thing."]
                    st.caption("\n".join(said))
            if ready.count:
                cards.cannot_say(ready.caveats, f"What these figures cannot say ({ready.count})")
    said = cached.statements(edition, member.iso3)
    if said:
        st.subheader("On push and pull")
        cards.statements(said)
    contents.link("networks", "Networks and methods, all members", "hub")


def joint_action(edition: str, chosen: Member) -> None:
    """A member's roles, commitments and plans, from public pages; a section of the member's page."""
    st.subheader("Joint Periods of Action")
    if record := cached.action_record(edition).get(chosen.iso3):
        st.markdown("\n".join(f"- {period}" for period in record.split("; ")))
    else:
        st.markdown("No role or commitment is on public record. That does not mean that there was none.")
    plans = cached.plans_of_member(edition, chosen.iso3)
    if plans:
        st.markdown("**Investigation plans**\n\n" + "\n".join(f"- {line}" for line in plans))
    contents.link("action", "All periods, with sources and outcomes", "handshake")


def parts(vocabulary: Catalog, edition: str, member: Member) -> None:
    """The parts of the page, of which the one that is chosen is drawn."""
    chapters = {key: themes[0].part for key, themes in vocabulary.parts.items()} | {
        "routes": "Routes",
        "briefings": "Own figures",
        "action": "Joint action",
        "missing": "What is missing",
    }
    old = {name: key for key, themes in vocabulary.parts.items() for theme in themes for name in (theme.id, theme.tab)}
    theme = filters.tabs("Part", chapters, "theme", "victims", old)
    if theme == "factors":
        st.header("Push and pull")
        factor_matrix.matrix(member, cached.factors(edition, member.iso3), plots.dark())
    elif theme == "routes":
        routes(edition, member)
    elif theme == "action":
        joint_action(edition, member)
    elif theme == "briefings":
        own_figures(edition, member)
    elif theme == "missing":
        missing(edition, member)
    else:
        figures(edition, member, vocabulary.parts[theme])


vocabulary = cached.vocabulary()
edition = cached.edition()
member = filters.member(vocabulary)

if member is None:
    st.title("Member state")
    st.info(
        "Choose your country in the list above or below. The choice stays in the address, so a link leads back here.",
        icon=":material/flag:",
    )
    filters.all_members(vocabulary)
else:
    st.set_page_config(page_title=f"{member.name} · Corridors")
    compared = brief(edition, member)
    if not compared or "theme" in st.query_params:  # a comparison is read by itself
        parts(vocabulary, edition, member)
    own_scripts.remember(member.iso3)
