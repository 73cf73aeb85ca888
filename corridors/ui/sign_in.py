"""The door itself, as drawn: signing in, being turned away with a kind word, signing out."""

from collections.abc import Mapping

import streamlit as st

from corridors.catalog.roles import LOCAL, BadAccess, Role
from corridors.catalog.tlp import MEANS
from corridors.ui import access, contents

OVER = {
    "hours": "You were signed in for as long as one session lasts. Please sign in again.",
    "idle": "Nothing was asked for a while, so your session was closed: somebody else might have sat down at the screen. "
    "Please sign in again.",
    "left": "You have signed out. Close the window if others use this machine too.",
    "unclear": "Your sign-in does not say when it was made, or its clock is ahead of ours. Please sign in again; if that does "
    "not help, tell whoever looks after this system that the clocks of provider and server differ.",
}
INSIDE = "_inside"
LOCAL_LINE = "Served to this machine only; every page is open."


class _TurnedAway(Exception):
    """Somebody was told why not; st.stop() itself would let nothing more be drawn, not even an empty menu."""


def admit() -> Role:
    """The role of whoever comes. Everybody else is told why not, and the run ends here, before anything of the edition is read;
    the table of contents is then taken off the screen of somebody who was in before.
    """
    access.fresh_page()
    try:
        role = _role_or_word()
    except _TurnedAway:
        if st.session_state.pop(INSIDE, False):
            st.navigation(contents.pages(lambda page: False), position="hidden")
        st.stop()
    st.session_state[INSIDE] = True
    return role


def _role_or_word() -> Role:
    if not access.signs_in():
        if access.remote_access_possible(st.get_option("server.address"), st.context.headers.get("Host")):
            _turned_away(
                "strangers",
                "Without a sign-in this system serves its own machine only. Open it at 127.0.0.1 or "
                "localhost, or set up a sign-in as the file deploy/README.md says.",
            )
        return LOCAL
    identity = access.claims()
    if not identity:
        _ask("Please sign in. You will come back here.")
    try:
        table = access.table()
    except BadAccess as fault:
        access.LOG.error("%s", fault)
        _turned_away(
            "table",
            "Nobody can be let in at the moment: the table of roles has a fault. Whoever looks after this "
            "system finds it in the log.",
        )
    if over := access.VISITS.admit(table, identity, access.now()):
        access.log_access(False, over)
        _ask(OVER[over])
    role = table.role_of(identity)
    if role is None:
        _turned_away(
            "no role",
            "You are signed in, but none of your groups has been given access to this system. Ask whoever "
            "looks after the Working Group's data to add you to one, then sign in again.",
            leave=True,
        )
    return role


def _ask(said: str) -> None:
    """The page of whoever is not signed in: one line, one button for each provider."""
    st.title("Corridors")
    st.markdown(said)
    for name in providers(st.secrets.get("auth") if access.signs_in() else None):
        label = "Sign in" if name is None else f"Sign in with {name.capitalize()}"
        if st.button(label, key=f"sign-in-{name}", type="primary", icon=":material/login:"):
            st.login(name)
    raise _TurnedAway


def providers(auth: Mapping | None) -> list[str | None]:
    """The names of the identity providers that are configured; None is the one without a name."""
    auth = auth or {}
    named = [key for key, value in auth.items() if isinstance(value, Mapping) and "client_id" in value]
    return ([None] if "client_id" in auth else []) + named or [None]


def _turned_away(why: str, said: str, leave: bool = False) -> None:
    access.log_access(False, why)
    st.title("Corridors")
    st.info(said, icon=":material/lock:")
    if leave:
        sign_out()
    raise _TurnedAway


def sign_out() -> None:
    """The button that ends this sign-in everywhere: in this browser, in other tabs, and for a copy of its cookie."""
    if st.button("Sign out", key="sign-out", icon=":material/logout:", type="tertiary"):
        access.VISITS.leave(access.claims())
        access.log_access(True, "left")
        st.logout()
        st.stop()


def line(role: Role) -> None:
    """Who looks, in the sidebar: role and ceiling, and the way out; or that nobody signs in here."""
    if role is LOCAL:
        st.caption(LOCAL_LINE)
    else:
        st.caption(f"Signed in as {role.title.lower()}: up to TLP:{role.ceiling}, {MEANS[role.ceiling]}.")
        sign_out()


def closed_page() -> None:
    """What stands in the place of a page that the viewer's role does not open."""
    st.title("Not open to your role")
    st.markdown(
        "This page belongs to other roles. The menu shows what is open to you; whoever looks after the roles can change it."
    )
