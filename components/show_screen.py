"""F fills the screen and the screen stays awake: what no native element can do, as a small program from our own host.

Streamlit serves a component's file only for installed packages that name it in their manifest. This product is not installed, so the manifest
is handed over here. A program given as a string would be loaded as a blob, which the server's content policy refuses, and rightly.
"""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path
from typing import Callable

import streamlit as st
from streamlit import runtime

NAME = "corridors.show_keys"
LOG = logging.getLogger("corridors.show")


def draw() -> None:
    """Puts the listener on the page; draws nothing. Without it F11 of the browser does the same."""
    if runtime.exists():
        if mount := _mounted():
            mount(key="show-keys")


@cache
def _mounted() -> Callable | None:
    """The component, registered once per process; None where this release of Streamlit hands it over in another way."""
    try:
        from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
        from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest

        manifest = ComponentManifest("corridors", "1", [ComponentConfig("show_keys", "show_keys")])
        get_bidi_component_manager().register_from_manifest(manifest, Path(__file__).parent)
        return st.components.v2.component(NAME, js="keys.js")
    except (ImportError, AttributeError, TypeError, st.errors.StreamlitAPIException) as fault:
        LOG.warning("The key F is not offered: %s", fault)
        return None
