"""The route map page as drawn: filters, map, legend, the table beside it, and the evidence of one route or place."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from corridors.catalog import Member
from corridors.charts import route_map
from corridors.ui import cached
from corridors.views.routes import CRIMES, FORMS, MODES, STRENGTHS, Network

ROLES = {"any": "Any role", "origins": "Origin", "transits": "Transit", "destinations": "Destination"}
LEAST = {"none": "Any evidence", "weak": "Weak or better", "fair": "Fair or better", "strong": "Strong only"}
SHOW = {"routes": "Routes", "deaths": "Deaths and disappearances", "both": "Both"}
HEIGHT = 560
LEGEND = (
    "Legend. Blue: smuggling, pink: trafficking, green: both. Solid line: strong evidence, dashed: fair, dotted: weak, widely dotted: no "
    "figure. Letters: L land, S sea, A air."
)
STANDING = (
    "Routes are schematic: journeys change with money, season and visas, and no line is a track. Line width shows nothing, because "
    "figures of different routes cannot be compared. Nothing here implies an opinion on any boundary or territory."
)


def dark() -> bool:
    """True when the browser shows the dark theme."""
    return (st.context.theme.type or "light") == "dark"


def draw_filters(member: Member | None, years: tuple[int, int]) -> dict:
    """The page's filters, each in the address; returns the choices by name."""
    chosen = {}
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        chosen["show"] = st.selectbox("Show", list(SHOW), key="show", bind="query-params", format_func=SHOW.get, width=220)
        chosen["crime"] = st.selectbox(
            "Type",
            ["any", "smuggling", "trafficking"],
            key="crime",
            bind="query-params",
            width=140,
            format_func=lambda c: "Any type" if c == "any" else CRIMES[c],
        )
        chosen["mode"] = st.selectbox(
            "Mode",
            ["any", *MODES],
            key="mode",
            bind="query-params",
            width=130,
            format_func=lambda m: "Any mode" if m == "any" else MODES[m],
        )
        with st.popover("More filters", icon=":material/tune:"):
            chosen["role"] = st.selectbox(
                f"Role of {member.short_name or member.name}" if member else "Role of the member",
                list(ROLES),
                key="role",
                bind="query-params",
                format_func=ROLES.get,
                disabled=member is None,
                help=None if member else "Choose a member first.",
            )
            chosen["form"] = st.selectbox(
                "Form",
                ["any", *FORMS],
                key="form",
                bind="query-params",
                format_func=lambda f: "Any form" if f == "any" else FORMS[f],
            )
            chosen["least"] = st.selectbox("Evidence", list(LEAST), key="least", bind="query-params", format_func=LEAST.get)
            chosen["years"] = st.slider("Years of the figures", *years, years, key="years", bind="query-params")
    return chosen


def filtered(network: Network, member: Member | None, chosen: dict) -> pd.DataFrame:
    """The routes that pass the filters. A route without figures has no year and passes only the full range."""
    routes = network.routes
    keep = pd.Series(True, index=routes.index)
    if member:
        columns = [chosen["role"]] if chosen["role"] != "any" else ["origins", "transits", "destinations"]
        keep &= routes[columns].apply(lambda row: any(member.iso3 in codes for codes in row), axis=1)
    if chosen["crime"] != "any":
        keep &= routes.crime.isin([chosen["crime"], "both"])
    if chosen["mode"] != "any":
        keep &= routes.modes.map(lambda modes: chosen["mode"] in modes)
    if chosen["form"] != "any":
        keep &= routes.forms.map(lambda forms: chosen["form"] in forms)
    order = list(LEAST)
    keep &= routes.strength.map(order.index) >= order.index(chosen["least"])
    first, last = chosen["years"]
    bounds = (int(routes.first_year.min()), int(routes.last_year.max()))
    if (first, last) != bounds:
        keep &= (routes.first_year <= last) & (routes.last_year >= first)
    return routes[keep]


def legend(palette: route_map.Palette, shows_incidents: bool) -> None:
    """What colour, pattern and letter mean, drawn as on the map."""
    st.image(route_map.legend(palette, shows_incidents), width=560, alt=LEGEND)


def picked() -> None:
    """Takes a line or place that was tapped on the map into the address."""
    objects = (st.session_state.get("map") or {}).get("selection", {}).get("objects", {})
    for layer, items in objects.items():
        if layer.startswith("legs") and items:
            choose_route(items[0]["r"])
        elif layer == "places" and items:
            choose_place(items[0]["i"])


def choose_route(route_id: str | None) -> None:
    """Opens the evidence of a route (None: back to the table)."""
    st.session_state["route"] = route_id
    st.session_state["place"] = None


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
            "Type": routes.crime.map(CRIMES),
            "Mode": routes.modes.map(lambda m: ", ".join(m)),
            "Evidence": routes.strength.map(STRENGTHS),
        }
    )

    def row_chosen() -> None:
        rows = (st.session_state.get("routes-table") or {}).get("selection", {}).get("rows", [])
        if rows:
            choose_route(routes.route_id.iloc[rows[0]])

    st.dataframe(
        frame,
        hide_index=True,
        key="routes-table",
        on_select=row_chosen,
        selection_mode="single-row",
        height="stretch",
        column_config={"Route": st.column_config.TextColumn(width=290)},
        alt="Routes in view; Shift and Space choose a row",
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


def evidence(edition: str, route_id: str) -> None:
    """All evidence of one route in words."""
    told = cached.route_told(edition, route_id)
    st.button(
        "All routes in view", icon=":material/arrow_back:", type="tertiary", on_click=choose_route, args=(None,), key="back"
    )
    st.header(told.title)
    st.markdown(told.summary)
    st.markdown(told.facts)
    if told.unverified:
        st.caption("Not everything here was checked at the issuing body; each figure says how it was read.")
    st.markdown(
        f"**Published figures ({told.count})**"
        if told.count
        else "**No published figure was found.** That does not mean none."
    )
    st.markdown("\n\n---\n\n".join(told.figures))
    caveats = cached.caveats_of_route(edition, route_id)
    if caveats:
        with st.popover("What these figures cannot say", type="tertiary", icon=":material/info:"):
            st.markdown(caveats)
    with st.popover("Legs", type="tertiary", icon=":material/conversion_path:"):
        st.markdown(told.legs)


def place_name(name: str, country) -> str:
    """A place with its country; a sea has none."""
    return name if pd.isna(country) else f"{name}, {country}"


def place(network: Network, routes: pd.DataFrame, place_id: str) -> None:
    """What passes through a place: the routes in view that touch it, each a button."""
    row = network.places.set_index("place_id").loc[place_id]
    legs = network.legs[(network.legs.from_place == place_id) | (network.legs.to_place == place_id)]
    mine = routes[routes.route_id.isin(legs.route_id)]
    st.button(
        "All routes in view", icon=":material/arrow_back:", type="tertiary", on_click=choose_route, args=(None,), key="back"
    )
    st.header(place_name(row["name"], row.country))
    st.markdown(f"{len(mine)} routes in view touch this {'area' if row.kind != 'town' else 'town'}.")
    for route in mine.itertuples():
        st.button(
            f"{route.route_id} · {route.name}",
            key=f"open-{route.route_id}",
            on_click=choose_route,
            args=(route.route_id,),
            type="tertiary",
            width="stretch",
        )
