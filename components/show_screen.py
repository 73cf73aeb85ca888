"""F fills the screen and the screen stays awake: what no native element can do, as a small program from our own host.

Streamlit serves a component's file only for installed packages that name it in their manifest. This product is not
installed, so the manifest is handed over here. A program given as a string would be loaded as a blob, which the
server's content policy refuses, and rightly.
"""

from __future__ import annotations

import logging
from functools import lru_cache
from pathlib import Path
from typing import Callable

import streamlit as st
from streamlit import runtime
from streamlit.errors import StreamlitAPIException

NAME = "corridors.show_keys"
LOG = logging.getLogger("corridors.show")


def draw() -> None:
    """Puts the listener on the page; draws nothing. Without it F11 of the browser does the same."""
    try:
        from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager

        if runtime.exists():
            _mounted(get_bidi_component_manager())(key="show-keys")
    except (
        ImportError,
        AttributeError,
        TypeError,
        StreamlitAPIException,
    ) as fault:  # another release hands it over in another way
        LOG.warning("The key F is not offered: %s", fault)


@lru_cache(maxsize=4)
def _mounted(manager) -> Callable:
    """The component, registered once with the manager of this server."""
    from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest

    manifest = ComponentManifest("corridors", "1", [ComponentConfig("show_keys", "show_keys")])
    manager.register_from_manifest(manifest, Path(__file__).parent)
    return st.components.v2.component(NAME, js="keys.js")
