"""Corridor: one origin, one destination, and which corridors moved most."""

import streamlit as st

from corridors.catalog import Catalog, Member, words
from corridors.ui import beside_map, cached, cards, filters, plots, slideshow, take_away
from corridors.views.corridor import LEAST
from corridors.views.gap import Gap
from corridors.views.member import name_of

JUDGED = ("asylum_applications_new", "refugees", "asylum_seekers")


def choose(places: dict[str, str], member: Member | None) -> tuple[str | None, str | None]:
    """Origin and destination, both in the address; the member chosen above is the origin to begin with."""
    for key in ("origin", "destination"):
        named = st.query_params.get(key)
        if named and named not in places.values():
            found = cached.vocabulary().find(named)
            if found in places:
                if filters.expand_label(key, found, places[found]):
                    st.rerun()
            else:
                filters.not_there(named, "which is no place with a corridor figure.")
    start = list(places).index(member.iso3) if member and member.iso3 in places else None
    left, right = st.columns(2)
    with left:
        hint = "Country of origin or citizenship"
        origin = filters.choice("From", places, "origin", False, index=start, filter_mode="contains", placeholder=hint)
    with right:
        hint = "Country where they are counted"
        destination = filters.choice("To", places, "destination", False, filter_mode="contains", placeholder=hint)
    return origin, destination


def gap(ready: Gap) -> None:
    """The two ends compared: a reading of the gap, not of its effect."""
    st.subheader("The gap between the two ends")
    for line in ready.ties:
        st.markdown(f"- {line}")
    if ready.cards:
        with st.grid(4, min_column_width=210, gap="small"):
            for card in ready.cards:
                cards.figure(card)
        with st.expander("Each over time", icon=":material/show_chart:", on_change="rerun", key="gap-over-time") as box:
            if box.open:  # seven charts weigh more than the page; they come when they are asked for
                cards.in_rows(ready.charts)
    if ready.missing:
        st.caption(f"Not held for this pair: {'; '.join(ready.missing)}.")


def movers(vocabulary: Catalog) -> None:
    """Which corridors moved most, by a test that all corridors share; an indicator at a time."""
    st.header("Which corridors moved most")
    choice = st.segmented_control(
        "Figure",
        JUDGED,
        default=JUDGED[0],
        key="judged",
        bind="query-params",
        required=True,
        label_visibility="collapsed",
        format_func=lambda i: name_of(vocabulary.indicators[i]),
    )
    found = cached.movers(cached.edition(), choice if choice in JUDGED else JUDGED[0])
    st.markdown(found.message)
    if found.table.empty:
        st.info("No corridor passed the test.", icon=":material/horizontal_rule:")
    else:
        plots.table(
            found.table,
            f"movers-{choice}",
            "Corridors that rose or fell, by size of change",
            column_config={
                "corridor": "Corridor",
                "verdict": "Verdict",
                "from": "From",
                "to": "To",
                "per_year": "Median change a year",
            },
        )
    themes = vocabulary.themes.values()
    lacks = [
        words.small(t.tab) for t in themes if t.in_coverage and t.id not in {vocabulary.indicators[i].theme for i in JUDGED}
    ]
    st.markdown(
        f"Not judged: {words.listing(lacks)}. No such figure of a pair, too few unbroken years, or no trend allowed."
    )
    st.caption(
        f"{found.source}. Mann-Kendall over up to ten unbroken years, at least {LEAST}; false discoveries held at one in ten; the change a year "
        "is Sen's slope. The verdict is about recorded figures, not about how many people moved."
    )
    cards.cannot_say(found.caveats)


def expected(said: tuple[str, ...], caveats: str) -> None:
    """What the models say of a pair, or that they say nothing."""
    st.subheader("Expected by size and distance")
    if not said:
        st.markdown("The models say nothing of this pair: a figure that they need is not known for one end.")
        return
    for line in said:
        st.markdown(f"- {line}")
    cards.cannot_say(caveats, "What a model cannot say")


def years_to_come(lines: list[tuple[str, str]]) -> None:
    """What past years suggest for the pair, with the way to its record; nothing where no series of it was considered."""
    if not lines:
        return
    st.subheader("Years to come")
    for line, outlook_id in lines:
        st.markdown(f"- {line}")
        if outlook_id:
            cards.record_of(outlook_id)


def draw(edition: str) -> None:
    """Both ends, what is known between them, and the corridors that moved most."""
    vocabulary = cached.vocabulary()
    places = cached.corridor_places(edition)
    member = filters.member(vocabulary)

    origin, destination = choose(places, member)

    if origin and destination and origin != destination:
        view = cached.corridor(edition, origin, destination)
        with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
            st.header(f"{places[origin]} to {places[destination]}", width="content")
            take_away.of_corridor(edition, origin, destination, view.routes)
            slideshow.present_this("corridor", origin=origin, destination=destination)
        whole = st.grid(3, min_column_width=362, gap="small")  # on a tablet the map lies beneath the figures
        with whole.cell(), st.container(gap="xsmall"):
            with st.grid(2, min_column_width=300, gap="xsmall"):
                for card in view.cards:
                    cards.compact(card, 165)
            if not view.cards:
                st.info("No figure is held for this pair, which is not zero.", icon=":material/help:")
        with whole.cell(column_span=2), st.container(gap="xsmall"):
            beside_map.pair(edition, view.routes, origin, destination)
        if view.missing and view.cards:
            st.caption(
                f"No figure held for this pair, which is not zero: {'; '.join(words.small(m) for m in view.missing)}."
            )
        for line in view.visas:
            st.markdown(f"- {line}")
        if view.charts:
            st.subheader("Over time")
            cards.in_rows(view.charts)
        cards.more(view.more, "more_corridor")
        drawn = {chart.outlook_id for chart in view.charts}  # the chart says it already
        years_to_come(
            [line for line in cached.outlooks_of_pair(edition, origin, destination) if line[1] not in drawn or not line[1]]
        )
        expected(*cached.expected(edition, origin, destination))
        gap(cached.gap(edition, origin, destination))
        st.button("Which corridors moved most", icon=":material/trending_up:", on_click=no_pair)
    else:
        st.info("Choose where people come from and where they are found.", icon=":material/swap_calls:")
        movers(vocabulary)


def no_pair() -> None:
    """Lets go of the pair; what moved most among all pairs then stands in its place."""
    st.session_state["destination"] = None
