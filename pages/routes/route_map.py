"""Routes, in parts: the map of where, how, and how well we know it; one corridor; networks and methods."""

import pandas as pd
import streamlit as st

from corridors.catalog import Member, words
from corridors.charts import route_map
from corridors.charts.map_svg import PALETTES
from corridors.ui import access, beside_map, cached, cards, contents, filters, frame, own_scripts, plots, slideshow
from corridors.views.briefings import SHELVES
from corridors.views.maps import Family
from corridors.views.routes import Network
from pages.routes import corridor

ROLES = {"any": "Any role", "origins": "Origin", "transits": "Transit", "destinations": "Destination"}
LEAST = {"none": "Any evidence", "weak": "Weak or better", "fair": "Fair or better", "strong": "Strong only"}
SHOW = {"routes": "Routes", "deaths": "Deaths and disappearances", "both": "Both"}
HEIGHT = 580
EXPLORING = (
    "Blue: smuggling, pink: trafficking, green: both. Solid: strong evidence, dashed: fair, dotted: weak or no figure. L land, S sea, "
    "A air. Circles: people dead or missing, area by number; ring only: weak source; wide ring: many events. Lines are schematic and "
    "no tracks. Nothing here implies an opinion on any boundary or territory. Double click or + on the keyboard enlarges."
)


def draw_filters(member: Member | None, years: tuple[int, int]) -> dict:
    """The page's filters, each in the address; returns the choices by name."""
    chosen = {}
    chosen["show"] = filters.choice("Show", SHOW, "show", width=220, label_visibility="collapsed")
    chosen["explore"] = st.toggle(
        "Explore",
        key="explore",
        bind="query-params",
        help="A map that can be moved freely, with every incident; it takes some seconds to load.",
    )
    with st.popover("Filters", icon=":material/tune:"):
        kinds = {"crime": ("Type", {k: words.CRIME[k] for k in ("smuggling", "trafficking")}), "mode": ("Mode", words.MODE)}
        for key, (label, named) in (kinds | {"form": ("Form", words.ROUTE_FORM)}).items():
            named = {"any": f"Any {label.lower()}"} | named
            chosen[key] = filters.choice(label, named, key)
        role = f"Role of {member.short_name or member.name}" if member else "Role of the member"
        help = None if member else "Choose a member first."
        chosen["role"] = filters.choice(role, ROLES, "role", disabled=member is None, help=help)
        chosen["least"] = filters.choice("Evidence", LEAST, "least")
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


def picked() -> None:
    """Takes a line or place that was tapped on the map into the address."""
    objects = (st.session_state.get("map") or {}).get("selection", {}).get("objects", {})
    for layer, items in objects.items():
        if layer.startswith("legs") and items:
            beside_map.choose_route(items[0]["r"])
        elif layer == "places" and items:
            beside_map.choose_place(items[0]["i"])


def incident_filters(edition: str, dark: bool) -> tuple[str | list, tuple[int, int], tuple[int, int]]:
    """Sliders for years and months; the browser filters the marks it already has. Returns marks, years, months."""
    first, last = cached.incident_span(edition)
    with st.container(horizontal=True, gap="medium"):
        years = st.slider(
            "Years of the incidents", first, last, (first, last), key="incident_years", bind="query-params", width=330
        )
        months = st.slider("Months", 1, 12, (1, 12), key="incident_months", bind="query-params", width=330)
    return cached.incident_file(edition, dark), years, (0, 12) if months == (1, 12) else months


def incidents_beside(edition: str, member: Member | None, years: tuple[int, int]) -> None:
    """The sum of the period with its limits, and the months of the year."""
    asked = edition, member.iso3 if member else None, *years
    text, months = cached.incident_summary(*asked)
    st.header("Deaths and disappearances, all roads")
    st.markdown(text)
    if len(months):
        said, drawn = cached.incident_chart(*asked)
        st.markdown(f"**By month of the year**  \n{said}")
        plots.draw(drawn, "months", f"People dead or missing by month. {said}")
        plots.table_behind(
            "Table",
            months,
            "months-table",
            "months-frame",
            "People and incident rows by month of the year",
            column_config={
                "month": "Month",
                "people": "People dead or missing",
                "incidents": "Incident rows",
                "cumulative": "Of these, cumulative",
            },
        )
        st.caption(
            "The Andaman Sea is sailed mainly from about September to April; the shaded months are that season. A peak in another "
            "month may be one large wreck or one cumulative row."
        )
        if access.may_open("outlook"):
            contents.link("outlook", "What the months usually bring, sea by sea", "insights", outlook="Months")
    cards.cannot_say(cached.incident_caveats(edition))


def explore(edition: str, legs: pd.DataFrame, network: Network, route_id: str | None, member: Member | None, show: str):
    """The map that can be moved and enlarged, with the incidents where they are asked for; returns their years."""
    palette = PALETTES[plots.dark()]
    incidents, period, months = None, cached.incident_span(edition), (0, 12)
    if show != "routes":
        incidents, period, months = incident_filters(edition, plots.dark())
    focus = legs[legs.route_id == route_id] if route_id else legs if member is not None else legs.iloc[:0]
    with st.spinner("The map that can be moved is loading; the drawn one is back when “Explore” is off."):
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
            height=HEIGHT,
            key="map",
            on_select=picked,
            selection_mode="single-object",
            alt=f"Map of {legs.route_id.nunique()} routes. The table beside it holds the same routes and opens the same evidence.",
        )
    st.caption(EXPLORING)
    return period


def picture(
    edition: str, base: tuple[str, ...], shown: list[str], route_id: str | None, family: Family | None, deaths: bool
) -> None:
    """The drawn map: `base` are the routes it was drawn for, `shown` those that pass the filters."""
    zoomed = st.session_state.get("_zoom") or (None, 1)
    zoom = zoomed[1] if zoomed[0] == base else 1  # another map begins whole

    def tapped(what: str) -> None:
        kind, _, code = what.partition(":")
        if kind == "zoom":
            st.session_state["_zoom"] = (base, int(code))
        elif kind == "route":
            beside_map.choose_route(code)
        elif kind == "place":
            beside_map.choose_place(code)

    drawn = cached.route_map(edition, base, plots.dark(), family.bounds if family else None, deaths, zoom)
    hidden = [r for r in base if r in shown] if set(base) - set(shown) else None
    own_scripts.svg_map(drawn.svg, "route-picture", drawn.alt, route_id, tapped, hidden, zoom, drawn.upright)


def whole_map(edition: str) -> None:
    """The map with its filters, and beside it what was chosen: a family, a route, a place, deaths."""
    member = filters.member(cached.vocabulary())
    network = cached.network(edition)
    families = cached.route_families(edition)

    years = (int(network.routes.first_year.min()), int(network.routes.last_year.max()))
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        chosen = draw_filters(member, years)
        presented = st.container(width="content")
    routes = filtered(network, member, chosen)
    if chosen["show"] == "deaths":
        routes = routes.iloc[:0]
    route_id, place_id = (
        filters.query_choice("route", routes.route_id),
        filters.query_choice("place", network.places.place_id),
    )
    period = cached.incident_span(edition)
    if route_id:  # whoever goes back from a route sees its family
        st.session_state["_family"] = next((f.id for f in families.values() if route_id in f.routes), "all")
    named = {text: f.id for f in families.values() for text in (f.id, f.name)}.get(st.query_params.get("family", ""))
    usual = st.session_state.get("_family") or next(iter(families), "all")
    if place_id and usual in families:  # a town that was tapped lies in the family on screen; one that was searched may not
        here = network.legs[(network.legs.from_place == place_id) | (network.legs.to_place == place_id)].route_id
        usual = usual if set(here) & set(families[usual].routes) else "all"
    narrowed = member or len(routes) < len(network.routes)
    family_id = named or ("all" if narrowed else usual)

    with presented:
        one = {"route": route_id} if route_id else {"member": member.iso3} if member else {}
        one = one or ({"family": family_id} if family_id in families else {})
        slideshow.present_this("route_map", **one)
    whole = st.grid(3, min_column_width=362, gap="small")  # on a tablet the evidence lies beneath the map
    left, right = whole.cell(column_span=2), whole.cell()
    with right, st.container(height=HEIGHT, border=True, key="beside"):
        if chosen["show"] != "deaths" and not (route_id or place_id or narrowed):
            family_id = beside_map.families(families, family_id, len(network.routes))
        family = families.get(family_id)
        if family:
            routes = routes[routes.route_id.isin(family.routes)]
        if route_id:
            beside_map.evidence(edition, route_id)
        elif place_id:
            beside_map.place(network, routes, place_id)
        elif chosen["show"] != "deaths":
            if family:
                st.markdown(f"**{family.name}**  \n{cached.family_facts(edition, family)}")
            beside_map.table(routes, network)
        beside_deaths = st.container()
    with left:
        if chosen["explore"]:
            legs = network.legs[network.legs.route_id.isin(routes.route_id)]
            period = explore(edition, legs, network, route_id, member, chosen["show"])
        elif chosen["show"] == "deaths":
            picture(edition, (), [], None, None, True)
        elif family:
            picture(edition, family.routes, list(routes.route_id), route_id, family, chosen["show"] == "both")
        else:
            touched = network.routes[network.routes.touched.map(lambda codes: not member or member.iso3 in codes)]
            picture(edition, tuple(touched.route_id), list(routes.route_id), route_id, None, chosen["show"] == "both")
    if chosen["show"] == "deaths":
        with beside_deaths:
            incidents_beside(edition, member, period)
    elif chosen["show"] == "both":
        with st.container(border=True):
            incidents_beside(edition, member, period)


def networks(edition: str) -> None:
    """Structures, methods, recruitment and evidence across members, or of the one chosen, in words and counts."""
    member = filters.member(cached.vocabulary())
    found, counts = cached.networks(edition)
    st.markdown(
        "Organised groups, loose networks, family and friends; how people are recruited, how money moves, and what the evidence rests "
        "on: what members say, and apart from it what others say about them. Counts are of descriptions in briefings, not of networks."
    )
    if not found:
        st.info("No briefing describes networks yet.", icon=":material/help:")
        return
    plots.table(
        counts,
        "network-counts",
        "How many descriptions name which structure, recruitment and evidence",
        column_config={"aspect": "", "word": "Described as", "by": "By"},
    )
    crime = filters.tabs("Crime", {"any": "Any crime"} | words.CRIME, "crime", "any")
    shown = [n for n in found if crime in ("any", n.crime) and (member is None or member.iso3 == n.iso3)]
    if not shown:
        st.info("No description fits this choice.", icon=":material/help:")
    for own, title in SHELVES.items():
        those = [n for n in shown if n.own == own]
        if not those:
            continue
        st.header(title)
        with st.grid(2, min_column_width=380, gap="small"):
            for n in those:
                with st.container(border=True, gap="xsmall", height="stretch"):
                    st.markdown(f"**{n.place}** · {words.CRIME[n.crime]} · {n.structure}")
                    st.markdown("  \n".join(n.lines))
                    st.caption(n.source)


PARTS = {"map": whole_map, "corridor": corridor.draw, "networks": networks}
frame.draw_parts("routes", PARTS)
