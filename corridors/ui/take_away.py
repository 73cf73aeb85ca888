"""Take away: a button on every member, corridor and route; its files are made when they are asked for."""

from collections.abc import Callable, Iterable
from functools import partial

import pandas as pd
import streamlit as st

from corridors.catalog import Member, words
from corridors.export import pictures, tables, workbook
from corridors.export.brief import document
from corridors.store import labels
from corridors.store.queries import members
from corridors.store.queries import routes as route_reading
from corridors.ui import access, cached, contents, filters

KINDS = {
    "pdf": ("application/pdf", "picture_as_pdf"),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "table"),
    "csv": ("text/csv", "csv"),
    "png": ("image/png", "image"),
    "svg": ("image/svg+xml", "shapes"),
}
EVERYTHING = "all"


def button(edition_id: str, draw: Callable[[], None]) -> None:
    """The button of a page for whoever may take files away; what it offers is worked out once it is open.

    An address with `take=open`, as the page Take away once was, opens it.
    """
    if not access.may_open(contents.TAKE_AWAY):
        return
    st.session_state.setdefault("take", "take" in st.query_params)
    with st.popover("Take away", type="tertiary", icon=":material/download:", on_change="rerun", key="take") as box:
        if box.open:
            own, ceiling = labels.split(edition_id)
            st.caption(f"Files of edition {own}. Nothing above TLP:{ceiling} is in them; each bears its own label.")
            draw()
        else:
            st.query_params.pop("take", None)


def of_member(edition_id: str, member: Member) -> None:
    """Brief, tables and pictures of a member."""
    button(edition_id, partial(_member, edition_id, member))


def of_corridor(edition_id: str, origin: str, destination: str, routes: tuple) -> None:
    """All figures of a corridor, and the map of its routes (rows with `tlp`)."""

    def draw() -> None:
        rows = route_reading.corridor_series(edition_id, origin, destination)
        here, there = map(cached.vocabulary().place_name, (origin, destination))
        title = f"{here} to {there}"
        file = document.in_a_file_name(title)
        made = partial(tables.csv_bytes, rows, labels.plain(edition_id), title)
        _file("Figures as CSV", "csv", made, rows.tlp, edition_id, file)
        tlp = [route.tlp for route in routes]
        _pictures("Map", partial(pictures.pair_map, edition_id, origin, destination), tlp, edition_id, f"{file}-map")

    button(edition_id, draw)


def of_route(edition_id: str, route_id: str) -> None:
    """All published figures of a route, and its map."""

    def draw() -> None:
        rows = route_reading.evidence(edition_id, route_id)
        tlp = [*rows.tlp, *cached.network(edition_id).routes.query("route_id == @route_id").tlp]
        made = partial(tables.csv_bytes, rows, labels.plain(edition_id), f"Published figures of route {route_id}")
        _file("Published figures as CSV", "csv", made, tlp, edition_id, f"route-{route_id}".lower())
        _pictures("Map", partial(pictures.route_map, edition_id, route_id), tlp, edition_id, f"route-{route_id}-map".lower())

    button(edition_id, draw)


def _file(label: str, kind: str, make: Callable[[], bytes], tlp: Iterable[str], edition_id: str, name: str) -> None:
    """One file behind one button; its name carries of what it is, and the edition."""
    mime, icon = KINDS[kind]
    access.download(
        label,
        make,
        tlp,
        mime=mime,
        file_name=f"{name}-{labels.plain(edition_id)}.{kind}",
        key=f"take-{kind}-{name}",
        icon=f":material/{icon}:",
    )


def _pictures(label: str, draw: Callable[[], str], tlp: Iterable[str], edition_id: str, name: str) -> None:
    """A drawing as PNG and as SVG."""
    with st.container(horizontal=True):
        _file(f"{label} as PNG", "png", lambda: pictures.png(draw()), tlp, edition_id, name)
        _file(f"{label} as SVG", "svg", lambda: draw().encode(), tlp, edition_id, name)


def _member(edition_id: str, member: Member) -> None:
    vocabulary, latest = cached.vocabulary(), cached.latest_totals(edition_id, member.iso3)
    name = document.in_a_file_name(member.short_name or member.name)
    chosen = filters.earlier_edition(edition_id, "Brief: say what changed since", placeholder="No comparison")
    earlier = access.keyed(chosen) if chosen else None
    # found out before a button promises it
    if earlier and isinstance(refusal := cached.changed(earlier, edition_id, member.iso3), str):
        st.info(f"{refusal} The brief is made without it.", icon=":material/difference:")
        earlier = None
    brief = partial(document.pdf, edition_id, member.iso3, earlier)
    _file("Brief of two pages as PDF", "pdf", brief, latest.tlp, edition_id, f"brief-{name}")

    held = set(latest.theme)
    themes = {EVERYTHING: "All themes"} | {t.id: t.title for t in vocabulary.themes.values() if t.id in held}
    theme = filters.choice("Tables", themes, "take_theme")
    if absent := [t.title for t in vocabulary.themes.values() if t.id not in held]:
        st.caption(f"No total held, which is not zero: {words.listing(absent)}.")
    wanted = [theme] if theme in held else []

    def csv() -> bytes:
        rows = [members.everything(edition_id, member.iso3, theme) for theme in wanted or sorted(held)]
        title = f"{member.name}: {themes.get(theme, '')}"
        return tables.csv_bytes(pd.concat(rows, ignore_index=True), labels.plain(edition_id), title)

    with st.container(horizontal=True):
        xlsx = partial(workbook.xlsx, edition_id, member.iso3, wanted)
        _file("Tables as XLSX", "xlsx", xlsx, latest.tlp, edition_id, f"tables-{name}")
        _file("The same as CSV", "csv", csv, latest.tlp, edition_id, f"tables-{name}")

    charts = {f"{what}.{view}": title for (what, view), title in pictures.of_totals(latest, member.iso3).items()}
    what, view = filters.choice("Picture", charts, "take_picture").rsplit(".", 1)
    draw = partial(pictures.svg, edition_id, member.iso3, what, view)
    _pictures("Picture", draw, latest.tlp, edition_id, pictures.file_stem(member, what, view))
