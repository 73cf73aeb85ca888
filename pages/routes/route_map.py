"""Route map: where, how, and how well we know it."""

import streamlit as st

from corridors.charts import route_map
from corridors.ui import cached, filters, incident_parts, route_parts

edition = cached.edition()
member = filters.member(cached.vocabulary())
network = cached.network(edition)

st.title("Route map" + (f": {member.short_name or member.name}" if member else ""))
years = (int(network.routes.first_year.min()), int(network.routes.last_year.max()))
chosen = route_parts.draw_filters(member, years)
routes = route_parts.filtered(network, member, chosen)
if chosen["show"] == "deaths":
    routes = routes.iloc[:0]
route_id, place_id = filters.one_of("route", routes.route_id), filters.one_of("place", network.places.place_id)

legs = network.legs[network.legs.route_id.isin(routes.route_id)]
palette = route_map.DARK if route_parts.dark() else route_map.LIGHT
incidents, period, months = None, (2014, 2100), (0, 12)
if chosen["show"] != "routes":
    incidents, period, months = incident_parts.draw_filters(edition, route_parts.dark())
focus = legs[legs.route_id == route_id] if route_id else legs if member is not None else legs.iloc[:0]

left, right = st.columns([3, 2], gap="small")
with left:
    deck = route_map.deck(
        legs,
        network.places,
        network.land,
        palette,
        route_id,
        incidents,
        period,
        months,
        view=route_map.view_of(list(focus.path)),
    )
    st.pydeck_chart(
        deck,
        height=route_parts.HEIGHT,
        key="map",
        on_select=route_parts.picked,
        selection_mode="single-object",
        alt=f"Map of {len(routes)} routes. The table beside it holds the same routes and opens the same evidence.",
    )
    route_parts.legend(palette, incidents is not None)
    st.caption(route_parts.STANDING)
with right, st.container(height=route_parts.HEIGHT, border=True, key="beside"):
    if chosen["show"] == "deaths":
        incident_parts.beside(edition, member, period)
    elif route_id:
        route_parts.evidence(edition, route_id)
    elif place_id:
        route_parts.place(network, routes, place_id)
    else:
        route_parts.table(routes, network)
if chosen["show"] == "both":
    with st.container(border=True):
        incident_parts.beside(edition, member, period)
