"""What the doors know of Streamlit's inside: each test names what a new Streamlit has changed."""

import json
from types import SimpleNamespace

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.runtime import Runtime
from streamlit.web.server.starlette import starlette_app_utils, starlette_websocket
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from corridors.web import streamlit_wire
from tests.web.asgi import scope_of

MESSAGES = {
    "clear_cache",
    "set_run_on_save",
    "stop_script",
    "rerun_script",
    "load_git_info",
    "debug_disconnect_websocket",
    "debug_shutdown_runtime",
    "file_urls_request",
    "app_heartbeat",
    "backend_operation_request",
}


def test_streamlit_has_the_message_types_that_were_looked_at_and_no_others():
    assert {field.name for field in BackMsg.DESCRIPTOR.oneofs_by_name["type"].fields} == MESSAGES


def test_a_message_tells_its_type_and_junk_tells_none():
    asked = BackMsg()
    asked.rerun_script.query_string = "member=Thailand"
    assert streamlit_wire.message_type(asked.SerializeToString()) == "rerun_script"
    assert streamlit_wire.message_type(b"\xff\xff") is None and streamlit_wire.message_type(b"") is None


def test_the_old_page_mechanism_is_switched_by_the_name_that_is_set(monkeypatch):
    monkeypatch.setattr(PagesManager, "uses_pages_directory", None)  # fails if Streamlit no longer has it
    streamlit_wire.no_pages_directory()
    assert PagesManager.uses_pages_directory is False


def test_the_folder_of_programs_has_the_page_in_it():
    assert (streamlit_wire.static_folder() / "index.html").is_file()


def test_a_session_tells_who_opened_it_and_an_invented_one_nobody(monkeypatch):
    assert callable(Runtime.get_app_session) and "_user_info" in vars(AppSession)["__init__"].__code__.co_names
    held = {"a": SimpleNamespace(_user_info={"sub": "a-person"})}
    monkeypatch.setattr(streamlit_wire, "get_instance", lambda: SimpleNamespace(get_app_session=held.get))
    assert streamlit_wire.owner("a") == {"sub": "a-person"} and streamlit_wire.owner("../b") == {}


def signed(value: dict) -> dict:
    """The cookie that Streamlit gives to whoever signed in."""
    cookie = starlette_app_utils.create_signed_value("a secret", USER_COOKIE_NAME, json.dumps(value))
    return {"cookie": f"{USER_COOKIE_NAME}={cookie.decode()}"}


def test_a_signed_cookie_tells_who_signed_in_and_any_other_tells_nothing(monkeypatch):
    monkeypatch.setattr(starlette_websocket, "get_cookie_secret", lambda: "a secret")
    person = {"sub": "a-person", "is_logged_in": True}
    whole = signed(person)
    assert streamlit_wire.claims(scope_of(headers=whole)) == person
    forged = {"cookie": whole["cookie"][:-3] + "abc"}
    for headers in ({}, forged, {"cookie": f"{USER_COOKIE_NAME}=x"}, signed({"sub": "a", "is_logged_in": False})):
        assert streamlit_wire.claims(scope_of(headers=headers)) == {}
