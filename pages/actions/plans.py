"""Investigation plans: what is on record of each, beside the corridor that it concerns."""

import streamlit as st

from corridors.catalog import words
from corridors.ui import beside_map, cached, cards, contents, filters, slideshow
from corridors.views.plans import Plan

STANDING = (
    "Only what has been published, or what its owner lets this screen show. Nothing operational, and no name of anybody "
    "under investigation."
)
CARDS = 4  # of each kind: the corridor's own page holds all


def choose(edition: str) -> Plan | None:
    """The plan chosen, kept in the address; None when the viewer may see none."""
    ready = {p.plan: p for p in cached.plans(edition)}
    if not ready:
        st.info(
            "No investigation plan may be shown at this label. That does not mean that there is none.",
            icon=":material/lock:",
        )
        return None
    return ready[filters.tabs("Plan", {k: p.title for k, p in ready.items()}, "plan", next(iter(ready)))]


def plan(ready: Plan) -> None:
    """What is on record of the plan."""
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**The plan** :gray-badge[TLP:{ready.tlp}]\n\n{ready.head}")
        for label, text in ready.parts:
            st.markdown(f":gray-badge[{label}]\n\n{text}")
        if ready.conflict:
            st.markdown(f":orange-badge[Sources differ: both stand]\n\n{ready.conflict}")


def corridor(edition: str, origin: str, destination: str) -> None:
    """The corridor that the plan concerns: routes, figures, push and pull, and the way to its own page."""
    vocabulary = cached.vocabulary()
    here, there = vocabulary.place_name(origin), vocabulary.place_name(destination)
    view, gap = cached.corridor(edition, origin, destination), cached.gap(edition, origin, destination)
    st.header(f"The corridor: {here} to {there}")
    st.caption(
        "Figures of the corridor. None of them is a result of the plan, and a plan may concern people whom no figure counts."
    )
    contents.link("corridor", "All figures of this corridor, over time", "swap_calls", origin=here, destination=there)
    st.markdown("**Routes described in public literature**")
    beside_map.pair(edition, view.routes, origin, destination, narrow=True)
    slideshow.present_this("corridor", origin=origin, destination=destination)
    st.markdown("**Figures**")
    if view.cards:
        _cards(view.cards)
    else:
        st.info("No figure is held for this pair, which is not zero.", icon=":material/help:")
    if view.missing:
        st.caption(f"No figure held for this pair, which is not zero: {'; '.join(words.small(m) for m in view.missing)}.")
    st.markdown("**Push and pull**")
    for line in gap.ties:
        st.markdown(f"- {line}")
    if gap.cards:
        _cards(gap.cards)
    if gap.missing:
        st.caption(f"Not held for this pair: {'; '.join(gap.missing)}.")


def _cards(ready) -> None:
    with st.grid(2, min_column_width=210, gap="small"):
        for card in ready[:CARDS]:
            cards.figure(card)
    if len(ready) > CARDS:
        st.caption(f"{CARDS} of {len(ready)}; the others are on the corridor's page.")


def draw(edition: str) -> None:
    """The plan chosen, beside the corridors that it concerns."""
    st.markdown(STANDING)
    if chosen := choose(edition):
        whole = st.grid(2, min_column_width=362, gap="medium")  # on a tablet one beneath the other
        with whole.cell():
            plan(chosen)
        with whole.cell():
            for origin, destination in chosen.corridors:
                corridor(edition, origin, destination)
