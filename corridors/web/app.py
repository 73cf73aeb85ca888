"""The server's entry: `python -m streamlit run corridors/web/app.py` (or any ASGI server with `corridors.web.app:app`).

It serves dashboard.py behind the doors of `corridors.web`. `streamlit run dashboard.py` works too, without those doors, and
with one flaw: because the folder `pages/` exists, Streamlit takes the very first visit after a start for an
application of its old kind and tells a visitor who came by a deep link "Page not found", although the page then
appears. Saying beforehand that this is none mends it.
"""

import json
import logging
import re
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from google.protobuf.message import DecodeError
from starlette.requests import HTTPConnection
from streamlit.file_util import get_static_dir
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime.pages_manager import PagesManager
from streamlit.util import calc_hash
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME
from streamlit.web.server.starlette.starlette_websocket import _get_signed_cookie_with_chunks

from corridors import ROOT
from corridors.ui import access, warm
from corridors.views import static_files
from corridors.web import Serving, errors, start

GUARDED = True  # dashboard.py asks every visitor who they are; only so may other addresses than this machine's be served
FRONT_DOOR = ROOT / "dashboard.py"
PagesManager.uses_pages_directory = False


def pages() -> dict[str, str]:
    """Streamlit's id of each page in the table of contents → its part of the address."""
    named = re.findall(r'url_path="([a-z0-9_-]+)"', FRONT_DOOR.read_text(encoding="utf-8"))
    return {calc_hash(name): name for name in ["", *named]}


def read_ask(message: bytes) -> tuple[str | None, str, str] | None:
    """(page or None for the one before, address, query) of a browser's question; None for other messages."""
    ask = BackMsg()
    try:
        ask.ParseFromString(message)
    except DecodeError:
        return None
    if ask.WhichOneof("type") != "rerun_script":
        return None
    run = ask.rerun_script
    named = PAGES.get(run.page_script_hash, "unknown") if run.page_script_hash else run.page_name or None
    return named, run.context_info.url, run.query_string


def who(scope) -> str:
    """The visitor for the trail, under the digest that the guard of the pages logs; their cookie is Streamlit's own."""
    if not auth:
        return "local"
    kept = _get_signed_cookie_with_chunks(HTTPConnection(scope).cookies, USER_COOKIE_NAME)
    return access.known_as(json.loads(kept) if kept else {})


def tell(fault: Exception) -> bool:
    """Shows an error of a page as a sentence with a reference; True keeps Streamlit's own display away."""
    st.error(errors.said(fault), icon=":material/error:")
    return True


try:
    auth = st.secrets.get("auth")
except FileNotFoundError:
    auth = None
if refusal := start.refusal(st.get_option("server.address"), auth, GUARDED):
    sys.exit(refusal)
PAGES = pages()
static_files.fetchable = True
serving = Serving(start.door(auth, GUARDED), Path(get_static_dir()), PAGES, read_ask, str(st.get_option("server.port")), who)
serving.trail.hear(logging.getLogger("corridors.access"))


@asynccontextmanager
async def lifespan(app):
    """From the first moment on, what every visitor asks first is made ready; the doors open meanwhile."""
    warm.begin(sign_in=bool(auth))
    async with serving.lifespan(app) as state:
        yield state


app = st.App(FRONT_DOOR, middleware=serving.middleware, routes=serving.routes, lifespan=lifespan, on_script_error=tell)
