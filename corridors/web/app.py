"""The server's entry: `python -m streamlit run corridors/web/app.py` (or any ASGI server with `corridors.web.app:app`).

It serves dashboard.py behind the doors of `corridors.web`. `streamlit run dashboard.py` works too, without those doors.
"""

import logging
import sys
from contextlib import asynccontextmanager

import streamlit as st
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from corridors import ROOT
from corridors.catalog.roles import LOCAL, BadAccess
from corridors.ui import access, contents, preload
from corridors.views import static_files
from corridors.web import Serving, errors, limits, start, streamlit_wire

GUARDED = True  # dashboard.py asks every visitor who they are; only so may other addresses than this machine's be served
FRONT_DOOR = ROOT / "dashboard.py"
streamlit_wire.no_pages_directory()
limits.limit_heads(AutoHTTPProtocol)


def who(scope) -> str:
    """The visitor for the trail, under the digest that the guard of the pages logs."""
    return access.user_digest(streamlit_wire.claims(scope)) if auth else "local"


def signed_in(scope) -> bool:
    """Whether whoever sends this has signed in and not out again; everybody has where nobody needs to."""
    return not auth or bool(identity := streamlit_wire.claims(scope)) and not access.VISITS.is_over(identity)


def uploads(scope) -> bool:
    """Whether this visitor may send a file to the session that the address names: one that they have opened themselves, by the
    sign-in that they send now."""
    session = scope["path"].removeprefix(limits.UPLOAD).strip("/").partition("/")[0]
    mine = streamlit_wire.claims(scope) if auth else {}
    return not auth or (signed_in(scope) and access.token(mine) == access.token(streamlit_wire.owner(session)))


def may_take(scope, body: bytes, saved: bool) -> bool:
    """Whether this visitor may have a made file now."""
    return not auth or (signed_in(scope) and access.may_take(streamlit_wire.claims(scope), body, saved))


def opens(page: str):
    """What says of a request whether its visitor may open a page: the desk, and so hand in files of the size that members send;
    the first one, and so learn which edition readers see."""
    return lambda scope: not auth or (signed_in(scope) and access.opens(streamlit_wire.claims(scope), page))


def reader(scope):
    """The role and the digest of whoever asks for figures by address with the sign-in of a browser; None for a stranger."""
    if not auth:
        return LOCAL, "local"
    identity = streamlit_wire.claims(scope)
    try:
        role = access.table().role_of(identity)
        refused = role is None or access.VISITS.admit(access.table(), identity, access.now())
    except BadAccess:
        return None
    return None if refused else (role, access.user_digest(identity))


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
static_files.fetchable = True
serving = Serving(
    start.server_settings(auth, GUARDED),
    streamlit_wire.static_folder(),
    frozenset(entry.name for entry in contents.ENTRIES),
    str(st.get_option("server.port")),
    who,
    streamlit_wire.message_type,
    signed_in,
    may_take,
    contents.moved,
    opens("desk"),
    opens(""),
    reader,
    access.table,
    uploads,
)
serving.trail.hear(logging.getLogger("corridors.access"))


@asynccontextmanager
async def lifespan(app):
    """From the first moment on, what every visitor asks first is made ready; the doors open meanwhile."""
    preload.begin(sign_in=bool(auth))
    print(f"\n  Corridors: http://{st.get_option('server.address')}:{st.get_option('server.port')}\n", flush=True)
    async with serving.lifespan(app) as state:
        yield state


app = st.App(FRONT_DOOR, middleware=serving.middleware, routes=serving.routes, lifespan=lifespan, on_script_error=tell)
