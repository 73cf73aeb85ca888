"""The few things that only a browser can do, as small programs from our own host: F fills the screen, a device remembers,
and a drawn map answers to click, tap and key.

Streamlit serves a component's file only for installed packages that name it in their manifest. This product is not
installed, so the manifest is handed over here. A program given as a string would be loaded as a blob, which the
server's content policy refuses, and rightly.
"""

import hashlib
import logging
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import streamlit as st
from streamlit import runtime
from streamlit.errors import StreamlitAPIException

from corridors.views import static_files

SCRIPTS = {
    "show_keys": "keys.js",
    "remember": "remember.js",
    "svg_map": "svg_map.js",
    "newer": "newer.js",
}  # folder → its program
LAST_MEMBER = "corridors_member"  # the name of the cookie; a session that has chosen since knows better
LOG = logging.getLogger("corridors.scripts")


def show_keys() -> None:
    """Listens for F and keeps the screen awake; draws nothing. Without it F11 of the browser does the same."""
    _placed("show_keys", key="show-keys")


def remember(iso3: str) -> None:
    """Keeps the member on this device, so that the next visit can offer it; "" keeps none. Only its code, and only for our own server."""
    st.session_state[LAST_MEMBER] = iso3
    _placed("remember", key="remember", data={"cookie": LAST_MEMBER, "member": iso3})


def remembered() -> str | None:
    """The code of the member that was chosen last on this device, as its cookie or this session says: "" once it is to be
    forgotten, None when nothing is kept."""
    return st.session_state.get(LAST_MEMBER, st.context.cookies.get(LAST_MEMBER))


def forget() -> None:
    """Says that the next run takes the member off this device; to be called from a tap."""
    st.session_state[LAST_MEMBER] = ""


def svg_map(
    svg: str,
    key: str,
    alt: str,
    selected: str | None,
    on_pick: Callable[[str], None],
    shown: Sequence[str] | None = None,
    zoom: int | None = None,
    upright: str = "",
) -> None:
    """Shows a map; `on_pick` is called with "route:R01", "place:dhaka" or "member:THA" when one is clicked, tapped or chosen by key.

    `selected` is a route that stays strong while the others step back; `shown` are the routes that are seen (None: all), so
    that a filter sends ids and no drawing. With `zoom` the map has buttons, which ask `on_pick` for "zoom:2". `upright` is the
    drawing for a window that is higher than wide. Where programs cannot be placed the map is a picture.
    """
    data = {"wide": _drawing(svg), "upright": _drawing(upright or svg)}

    def picked() -> None:
        what = getattr(st.session_state.get(key), "picked", None)
        if isinstance(what, str) and re.fullmatch(r"(route|member):[A-Z0-9]{3,4}|place:[a-z0-9-]{1,60}|zoom:[124]", what):
            on_pick(what)

    data |= {"alt": alt, "selected": selected, "shown": shown, "zoom": zoom}
    if _placed("svg_map", key=key, data=data, on_picked_change=picked) is None:
        st.image(svg, width="stretch", alt=alt)


def newer(edition_id: str) -> None:
    """Says on the page, within five seconds, that readers were given another edition than `edition_id`; a tap draws the page anew.

    The page asks the server for a few bytes; no script of ours runs before the tap.
    """
    _placed("newer", key="newer", data={"edition": edition_id}, on_show_change=lambda: None)


def _drawing(svg: str) -> dict:
    """Where the browser finds a drawing: an address on our own host, or the drawing itself with its name."""
    served = _served(svg)
    if isinstance(served, str) and not static_files.is_there(served):
        served = static_files.served("map", {"svg": svg})
    return {"key": served} if isinstance(served, str) else served | {"key": hashlib.sha256(svg.encode()).hexdigest()[:12]}


@lru_cache(maxsize=40)  # the name of a drawing is worked out from all of it, a tenth of what a rerun with a map costs
def _served(svg: str) -> str | dict:
    return static_files.served("map", {"svg": svg})


def _placed(name: str, **more):
    """Puts a program on the page and returns what it says; None where this Streamlit hands it over in another way."""
    try:
        from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager

        if runtime.exists():
            return _mounted(get_bidi_component_manager(), name)(**more)
    except (ImportError, AttributeError, TypeError, StreamlitAPIException) as fault:
        LOG.warning("%s is not offered: %s", name, fault)
    return None


@lru_cache(maxsize=8)
def _mounted(manager, name: str) -> Callable:
    """The component of this name, made once for the manager of this server."""
    _registered(manager)
    return st.components.v2.component(f"corridors.{name}", js=SCRIPTS[name])


@lru_cache(maxsize=4)
def _registered(manager) -> None:
    """Hands over the manifest, once: a second time would take away programs that a page is using."""
    from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest

    manifest = ComponentManifest("corridors", "1", [ComponentConfig(folder, folder) for folder in SCRIPTS])
    manager.register_from_manifest(manifest, Path(__file__).parent)
