"""What stands beside the route map: the table of routes in view, the evidence of one route, what passes through a place."""

import pandas as pd
import streamlit as st

from corridors.catalog import words
from corridors.ui import cached, cards, contents, filters, find, own_scripts, plots, take_away
from corridors.views.maps import Family
from corridors.views.routes import Network


def choose_route(route_id: str | None) -> None:
    """Opens the evidence of a route (None: back to the table)."""
    st.session_state["route"] = route_id
    st.session_state["place"] = None


def open_route(route_id: str) -> None:
    """Leads from another page to the evidence of a route; to be called from a tap."""
    choose_route(route_id)
    _go_to("map")


def choose_place(place_id: str | None) -> None:
    """Opens what passes through a place."""
    st.session_state["place"] = place_id
    st.session_state["route"] = None


def table(routes: pd.DataFrame, network: Network) -> None:
    """The accessible twin of the map: every route and place in view; choosing one does what tapping it does."""
    st.markdown(f"**{len(routes)} routes in view.** Choose a line on the map or a row here to see its evidence.")
    if routes.empty:
        st.info("No route passes these filters. Widen one of them.", icon=":material/filter_alt_off:")
        return
    frame = pd.DataFrame(
        {
            "Route": routes.route_id + " · " + routes.name,
            "Type": routes.crime.map(words.CRIME),
            "Mode": routes.modes.map(lambda m: ", ".join(m)),
            "Evidence": routes.strength.map(words.STRENGTH),
        }
    )

    def row_chosen() -> None:
        rows = (st.session_state.get("routes-table") or {}).get("selection", {}).get("rows", [])
        if rows:
            choose_route(routes.route_id.iloc[rows[0]])

    plots.table(
        frame,
        "routes-table",
        "Routes in view; Shift and Space choose a row",
        on_select=row_chosen,
        selection_mode="single-row",
        height="stretch",
        column_config={"Route": st.column_config.TextColumn(width=290)},
    )
    legs = network.legs[network.legs.route_id.isin(routes.route_id)]
    places = network.places[network.places.place_id.isin({*legs.from_place, *legs.to_place})].sort_values("name")
    titles = dict(zip(routes.route_id, frame["Route"]))
    names = titles | dict(zip(places.place_id, map(place_name, places["name"], places.country)))

    def found() -> None:
        chosen = st.session_state.get("find_place")
        if chosen:
            (choose_route if chosen in titles else choose_place)(chosen)

    # The way in for a keyboard or a thumb: a row of the table wants Shift and Space, or an exact tap on its box.
    st.selectbox(
        "Or choose a route or place",
        list(names),
        index=None,
        key="find_place",
        format_func=lambda p: names.get(p, p),
        placeholder=f"{len(titles)} routes, {len(places)} places in view",
        on_change=found,
    )


def families(found: dict[str, Family], chosen: str, total: int) -> str:
    """The families of routes, one sentence each, and all routes together; the one that is chosen, kept in the address."""
    names = {family.id: family.name for family in found.values()} | {"all": f"All {total} routes"}
    said = [f"{family.sentence} {len(family.routes)} routes." for family in found.values()]
    named = st.query_params.get("family")
    if named in names and named != names[named] and filters.expand_label("family", named, names[named]):
        st.rerun()
    picked = st.radio(
        "Family of routes",
        list(names),
        index=list(names).index(chosen),
        captions=[*said, "The whole network, drawn at once."],
        key="family",
        bind="query-params",
        format_func=lambda f: names.get(f, f),
        on_change=choose_route,
        args=(None,),
    )
    return picked if picked in names else chosen


def evidence(edition: str, route_id: str) -> None:
    """All evidence of one route in words."""
    view = cached.route_view(edition, route_id)
    with st.container(horizontal=True, gap="small", horizontal_alignment="distribute"):
        filters.step("All routes in view", choose_route, None, key="back", icon="arrow_back")
        take_away.of_route(edition, route_id)
    st.header(view.title)
    st.markdown(view.summary)
    st.markdown(view.facts)
    if view.unverified:
        st.caption("Not everything here was checked at the issuing body; each figure says how it was read.")
    st.markdown(
        f"**Published figures ({view.count})**"
        if view.count
        else "**No published figure was found.** That does not mean none."
    )
    st.markdown("\n\n---\n\n".join(view.figures))
    place_name_of = cached.vocabulary().place_name
    for origin, destination in cached.pairs_of_route(edition, route_id):
        label = f"Corridor {place_name_of(origin)} to {place_name_of(destination)}"
        key = f"corridor-{origin}-{destination}"
        filters.step(label, open_corridor, origin, destination, key=key, icon="swap_calls")
    caveats = cached.caveats_of_route(edition, route_id)
    if caveats:
        cards.cannot_say(caveats)
    with st.popover("Legs", type="tertiary", icon=":material/conversion_path:"):
        st.markdown(view.legs)


def open_corridor(origin: str, destination: str) -> None:
    """Leads to the page of a corridor."""
    st.session_state["origin"], st.session_state["destination"] = origin, destination
    _go_to("corridor")


def _go_to(part: str) -> None:
    st.session_state["view"] = part
    if st.session_state["_page"] != "routes":
        st.session_state[find.WANTED] = contents.file_of("routes")


def place_name(name: str, country) -> str:
    """A place with its country; a sea has none."""
    return name if pd.isna(country) else f"{name}, {country}"


def place(network: Network, routes: pd.DataFrame, place_id: str) -> None:
    """What passes through a place: the routes in view that touch it, each a button."""
    row = network.places.set_index("place_id").loc[place_id]
    legs = network.legs[(network.legs.from_place == place_id) | (network.legs.to_place == place_id)]
    mine = routes[routes.route_id.isin(legs.route_id)]
    filters.step("All routes in view", choose_route, None, key="back", icon="arrow_back")
    st.header(place_name(row["name"], row.country))
    touch = "1 route in view touches" if len(mine) == 1 else f"{len(mine)} routes in view touch"
    st.markdown(f"{touch} this {'town' if row.kind == 'town' else 'area'}.")
    for route in mine.itertuples():
        label = f"{route.route_id} · {route.name}"
        filters.step(label, choose_route, route.route_id, key=f"open-{route.route_id}", width="stretch")


def pair(edition: str, routes: tuple, origin: str, destination: str, narrow: bool = False) -> None:
    """The routes that join two places on a map of their own, and each as a link to its evidence; `narrow`: in half a page."""

    def tapped(what: str) -> None:
        kind, _, code = what.partition(":")
        if kind == "route":
            open_route(code)

    drawn = cached.pair_map(edition, origin, destination, plots.dark())
    shown = drawn.upright if narrow else drawn.svg
    own_scripts.svg_map(shown, f"pair-map-{origin}-{destination}", drawn.alt, None, tapped, upright=drawn.upright)
    if not routes:
        st.markdown(
            f"None of the {cached.route_count(edition)} routes joins these two. That does not mean that there is none."
        )
    for row in routes:
        through = "" if row.ends_there else ", passing through"
        key = f"route-{origin}-{destination}-{row.route_id}"
        filters.step(f"{row.route_id} · {row.name}", open_route, row.route_id, key=key, icon="map")
        st.caption(f"{words.CRIME[row.crime]}{through}; evidence {words.STRENGTH[row.strength].lower()}")
