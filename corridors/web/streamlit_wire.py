"""All that the server's doors must know of Streamlit's inside. Nothing else in the product touches its private parts.

Each name here is looked at by `tests/web/test_streamlit_wire.py`, which fails by name when a new Streamlit changes it.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from google.protobuf.message import DecodeError
from starlette.requests import HTTPConnection
from streamlit.file_util import get_static_dir
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime import get_instance
from streamlit.runtime.pages_manager import PagesManager
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME
from streamlit.web.server.starlette.starlette_websocket import _get_signed_cookie_with_chunks


def no_pages_directory() -> None:
    """Says that the application is not of the old kind with a script for each page.

    Because the folder `pages/` exists, Streamlit takes the first visit after a start for one of those, and tells a visitor
    who came by a deep link "Page not found", although the page then appears.
    """
    PagesManager.uses_pages_directory = False


def static_folder() -> Path:
    """The folder of Streamlit's own programs, with its index.html."""
    return Path(get_static_dir())


def message_type(message: bytes) -> str | None:
    """What a browser asks over the websocket, such as "rerun_script"; None for what is no message of Streamlit's."""
    asked = BackMsg()
    try:
        asked.ParseFromString(message)
    except DecodeError:
        return None
    return asked.WhichOneof("type")


def owner(session_id: str) -> dict[str, Any]:
    """What the identity provider said of whoever opened a session that is alive; empty for any other session."""
    session = get_instance().get_app_session(session_id)
    return dict(session._user_info) if session else {}


def claims(scope: Mapping) -> dict[str, Any]:
    """What the identity provider said of whoever sends this request, from Streamlit's signed cookie; empty for a stranger."""
    kept = _get_signed_cookie_with_chunks(HTTPConnection(scope).cookies, USER_COOKIE_NAME)
    found = json.loads(kept) if kept else {}
    return found if found.get("is_logged_in") is True else {}
