"""Headers, limits, health, errors, and the refusal to start: what a ministry's reviewer would try first."""

import asyncio
import json
import logging
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors.store import editions, publishing
from corridors.store.queries import figures
from corridors.web import errors, headers, health, limits, start
from tests.web.asgi import answering, ask, run, scope_of, talk
from tests.web.test_streamlit_wire import MESSAGES

ROOT = Path(__file__).resolve().parents[2]
AUTH = {
    "redirect_uri": "https://corridors.example.org/oauth2callback",
    "cookie_secret": "x" * 32,
    "client_id": "a",
    "client_secret": "b",
    "server_metadata_url": "https://id.example.org/",
}


def secured(inner=None, **more):
    return headers.SecurityHeaders(inner or answering(), **more)


def test_no_page_can_be_framed_sniffed_or_made_to_talk_to_another_host():
    told = ask(secured(), "/").headers
    rules = dict(rule.split(" ", 1) for rule in told["content-security-policy"].split("; "))
    assert rules["frame-ancestors"] == rules["object-src"] == "'none'" and told["x-frame-options"] == "DENY"
    assert rules["connect-src"] == "'self' data: blob: ws://localhost:8501 wss://localhost:8501"
    assert "unsafe-eval'" not in rules["script-src"].replace("wasm-unsafe-eval'", "")
    assert "unsafe-inline" not in rules["script-src"] and "http" not in told["content-security-policy"]
    assert told["x-content-type-options"] == "nosniff" and told["referrer-policy"] == "same-origin"
    assert "camera=()" in told["permissions-policy"]


def test_a_portal_may_frame_the_page_only_when_it_is_named():
    told = ask(secured(ancestors="'self' https://portal.example.org"), "/").headers
    assert "frame-ancestors 'self' https://portal.example.org" in told["content-security-policy"]
    assert "x-frame-options" not in told


def test_tls_is_asked_for_ever_only_where_there_is_tls():
    assert "strict-transport-security" not in ask(secured(), "/").headers
    assert "max-age=63072000" in ask(secured(), "/", scheme="https").headers["strict-transport-security"]


@given(host=st.text(alphabet=st.characters(max_codepoint=255), max_size=30))
def test_a_forged_host_never_writes_into_the_policy(host):
    told = headers.policy(host=host)
    assert told.count(";") == 12 and (f"ws://{host}" not in told or limits.name_of(host) or not host)


def test_refusals_carry_the_headers_too_and_files_only_what_they_need():
    guarded = secured(limits.Limits(answering()))
    assert "content-security-policy" in ask(guarded, "/", headers={"host": "evil.example"}).headers
    assert set(ask(secured(), "/static/js/x.js").headers) == {"content-length", "x-content-type-options"}


def test_a_name_that_is_not_ours_is_refused_as_page_and_as_websocket():
    """A page of another host could otherwise point its own name at this machine and read what is on it."""
    inner = answering()
    app = limits.Limits(inner)
    assert ask(app, "/", headers={"host": "evil.example:8501"}).status == 421
    assert talk(app, headers={"host": "evil.example", "origin": "http://evil.example"}) == [
        {"type": "websocket.close", "code": 1008}
    ]
    assert inner.asked == []
    for host in ("localhost", "LOCALHOST:1", "127.0.0.1:8501", "[::1]:8501"):
        assert ask(app, "/", headers={"host": host}).status == 200
    assert ask(app, "/healthz", headers={"host": "app1:8501"}).status == 200


@given(st.text(max_size=40))
def test_no_host_header_however_odd_ends_in_a_traceback(host):
    assert isinstance(limits.name_of(host), str)


def test_a_body_over_the_limit_is_refused_whether_it_says_so_or_not():
    inner = answering()
    app = limits.Limits(inner, most=1000)
    said = ask(app, "/_stcore/upload_file/a/b", "PUT", headers={"content-length": "1001"})
    assert said.status == 413 and not inner.asked
    hidden = ask(app, "/_stcore/upload_file/a/b", "PUT", body=[b"x" * 400] * 3)
    assert hidden.status == 413 and b"larger than" in hidden.body
    assert ask(app, "/", "PUT", body=[b"x" * 400] * 2).status == 200
    assert ask(app, "/", "PUT", headers={"content-length": "-5"}).status == 413


def test_one_huge_message_of_a_websocket_ends_it_and_is_never_heard():
    inner = answering()
    sent = talk(limits.Limits(inner, most=1000), [b"a" * 10, b"b" * 1001, b"c"])
    assert inner.heard == [b"a" * 10]
    assert [m for m in sent if m["type"] == "websocket.close"] == [
        {"type": "websocket.close", "code": 1009, "reason": "message too large"}
    ]


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://localhost:3000",
        "http://0.0.0.0:1",
        "http://localhost",
        "http://127.0.0.1:8501",
        "http://localhost:8501/",
        "http://localhost:8501.evil.example",
        "http://evil.example@localhost:8501",
        "ftp://localhost:8501",
        "null",
        "",
    ],
)
def test_a_websocket_from_any_page_but_our_own_is_refused_before_streamlit_sees_it(origin):
    inner = answering()
    assert talk(limits.Limits(inner), headers={"origin": origin}) == [{"type": "websocket.close", "code": 1008}]
    assert talk(limits.Limits(inner), [b"x"])[0] == {"type": "websocket.accept"} and len(inner.asked) == 1


@pytest.mark.parametrize("host", ["localhost:3000", "0.0.0.0:1", "localhost", "127.0.0.1:85", "localhost:9000"])
def test_host_and_origin_that_agree_on_a_port_that_is_not_ours_open_no_websocket(host):
    """Both are the sender's own words; the port that the server listens on is not."""
    inner = answering()
    for scheme in ("http", "https"):
        told = {"host": host, "origin": f"{scheme}://{host}"}
        assert talk(limits.Limits(inner, hosts=(*limits.LOOPBACK, "0.0.0.0")), headers=told)[0]["code"] == 1008
    assert not inner.asked


def test_behind_a_proxy_the_page_comes_from_the_names_and_ports_that_are_configured():
    settings = start.server_settings(AUTH, True, {"CORRIDORS_HOSTS": "corridors.lan, box.lan:8080"})
    good = ("https://corridors.example.org", "http://corridors.lan", "https://corridors.lan", "http://box.lan:8080")
    bad = (
        "http://corridors.example.org",
        "https://corridors.example.org:444",
        "https://corridors.lan:8080",
        "http://box.lan",
    )
    for origin, opened in [*((o, True) for o in (*good, "http://localhost:8501")), *((o, False) for o in bad)]:
        inner = answering()
        told = {"host": origin.split("//")[1], "origin": origin}
        talk(limits.Limits(inner, hosts=settings.hosts, local_only=False, origins=settings.origins), [b"x"], headers=told)
        assert bool(inner.asked) is opened, origin


def test_a_websocket_without_an_origin_or_with_two_is_refused():
    inner = answering()
    for origins in ([], [b"http://localhost:8501", b"http://localhost:8501"]):
        headers = [(b"host", b"localhost:8501"), *((b"origin", origin) for origin in origins)]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("tests.web.asgi.scope_of", lambda path, headers=None: scope_of(path) | {"headers": told})
            told = headers
            assert talk(limits.Limits(inner)) == [{"type": "websocket.close", "code": 1008}], origins
    assert not inner.asked


def test_only_messages_that_pages_need_are_heard_and_most_of_them_after_sign_in():
    heard = {}
    for known in (False, True):
        inner = answering()
        kinds = [*sorted(MESSAGES), "", "not of Streamlit"]
        talk(
            limits.Limits(inner, message_type=lambda m: m.decode() or None, signed_in=lambda scope, known=known: known),
            [kind.encode() for kind in kinds],
        )
        heard[known] = {m.decode() for m in inner.heard}
    assert heard[False] == {"rerun_script", "app_heartbeat"}
    assert heard[True] == heard[False] | {"stop_script", "file_urls_request", "backend_operation_request"}


def test_what_streamlit_offers_beside_pages_is_not_there_and_uploads_are_for_who_signed_in():
    inner = answering()
    for path in ("/_stcore/metrics", "/_stcore/agent/mcp", "/_stcore/agent/interact", "/_stcore/script-health-check"):
        assert ask(limits.Limits(inner), path).status == 404
    upload = "/_stcore/upload_file/a/b"
    assert ask(limits.Limits(inner, uploads=lambda scope: False), upload, "PUT").status == 404 and not inner.asked
    assert ask(limits.Limits(inner), upload, "PUT").status == 200


def test_large_files_are_taken_from_whoever_may_open_the_desk_and_from_nobody_else():
    large = {"content-length": str(200 * 1024 * 1024)}
    for at_desk, status in ((True, 200), (False, 413)):
        inner = answering()
        app = limits.Limits(inner, at_desk=lambda scope: at_desk)
        assert ask(app, "/_stcore/upload_file/a/b", "PUT", headers=large).status == status
        assert ask(app, "/", "PUT", headers=large).status == 413, "nowhere else"
    over = {"content-length": str(limits.MOST_AT_DESK + 1)}
    assert (
        ask(limits.Limits(answering(), at_desk=lambda scope: True), "/_stcore/upload_file/a/b", "PUT", headers=over).status
        == 413
    )


def test_a_visitor_who_never_finishes_is_let_go(monkeypatch):
    monkeypatch.setattr(limits, "HEAD", 0.05)
    inner, sent = answering(), []

    async def silent():
        await asyncio.sleep(3600)

    async def send(message):
        sent.append(message)

    run(limits.Limits(inner)(scope_of(method="POST"), silent, send))
    assert sent[0]["status"] == 408
    sent.clear()
    socket = scope_of("/_stcore/stream", headers={"origin": "http://localhost:8501"}) | {"type": "websocket"}
    run(limits.Limits(inner)(socket, silent, send))
    assert sent[0] == {"type": "websocket.close", "code": 1008, "reason": "nothing was asked"}


def test_an_endless_address_is_refused():
    assert ask(limits.Limits(answering()), "/member", query="member=" + "x" * 5000).status == 414


def test_without_sign_in_nothing_is_answered_on_a_network_address_whoever_opened_it():
    for address, status in (("10.1.2.3", 403), ("::ffff:10.1.2.3", 403), ("127.0.0.1", 200), ("::1", 200)):
        assert ask(limits.Limits(answering()), "/", server=(address, 8501)).status == status
    assert ask(limits.Limits(answering(), local_only=False), "/", server=("10.1.2.3", 8501)).status == 200


def test_health_names_the_edition_and_its_age_and_nothing_else(edition_id):
    built = figures.edition(edition_id)["built_at"].to_pydatetime().replace(tzinfo=UTC)
    status, told = health.state(built.timestamp() + 7200)
    assert (status, told) == (
        200,
        {"ok": True, "edition": edition_id, "built": built.isoformat(timespec="seconds"), "age_hours": 2.0},
    )
    assert health.state(datetime(2001, 1, 1, tzinfo=UTC).timestamp())[1]["age_hours"] == 0


def test_open_pages_learn_which_edition_is_read_and_strangers_nothing(edition_id, tmp_path, monkeypatch):
    app = health.newest(lambda scope: True).app
    first = ask(app, health.NEWEST)
    told = json.loads(first.body)
    assert (
        told["edition"] == edition_id
        and abs(told["since"] / 1000 - editions.moved_at()) < 1
        and set(told) == {"edition", "since"}
    )
    again = ask(app, health.NEWEST, headers={"if-none-match": first.headers["etag"]})
    assert (again.status, again.body) == (304, b"") and "no-cache" in again.headers["cache-control"]
    stranger = ask(health.newest(lambda scope: False).app, health.NEWEST, headers={"if-none-match": first.headers["etag"]})
    assert (stranger.status, stranger.body) == (204, b"") and "etag" not in stranger.headers
    monkeypatch.setenv("CORRIDORS_EDITIONS", str(tmp_path))
    assert ask(app, health.NEWEST).status == 204


def test_health_says_503_without_an_edition_and_for_a_broken_one(edition_id, editions_folder, tmp_path, monkeypatch):
    sound = editions.path_of(edition_id, editions_folder)
    monkeypatch.setenv("CORRIDORS_EDITIONS", str(tmp_path))
    assert health.state() == (503, {"ok": False, "why": "no edition"})
    broken = tmp_path / "2020-01-01-00000000.duckdb"
    broken.write_bytes(sound.read_bytes()[:5000])
    (tmp_path / editions.POINTER).write_text(broken.stem, encoding="utf-8")
    assert health.state() == (503, {"ok": False, "why": "no edition"}), "a damaged edition is none"
    shutil.copy(sound, tmp_path / sound.name)
    publishing.set_current(edition_id, tmp_path)
    assert health.state()[0] == 200


def test_an_error_shows_a_reference_and_leaves_its_trace_in_the_log_only(caplog):
    async def breaks(scope, receive, send):
        raise ValueError("secret detail")

    with caplog.at_level(logging.ERROR):
        answer = ask(errors.Errors(breaks), "/")
    reference = answer.body.decode().split("Reference ")[1][:9]
    assert answer.status == 500 and b"secret" not in answer.body
    assert f"reference {reference}" in caplog.text and "secret detail" in caplog.text


def test_a_question_that_was_stopped_is_told_kindly_and_needs_no_reference():
    assert errors.said(figures.TooSlow("Choose fewer years.")) == "Choose fewer years."


def test_it_does_not_start_where_others_can_reach_it_unless_somebody_signs_in():
    for address in ("0.0.0.0", "", None, "::", "10.0.0.5", "corridors.example.org"):
        assert "no sign-in yet" in start.refusal(address, AUTH, guarded=False)
        assert "client_secret" in start.refusal(address, {**AUTH, "client_secret": ""}, guarded=True)
        assert start.refusal(address, AUTH, guarded=True) is None
    for address in ("127.0.0.1", "localhost", "::1", "127.8.8.8"):
        assert start.refusal(address, None, guarded=False) is None
    in_a_table = {"redirect_uri": "r", "cookie_secret": "c", "ministry": {k: AUTH[k] for k in start.CLIENT}}
    assert start.refusal("0.0.0.0", in_a_table, guarded=True) is None


def test_an_edition_of_another_version_is_told_with_its_cure_and_without_a_trace(caplog):
    said = errors.said(
        figures.OtherShape("Edition x was built by another version of this system: Catalog Error: no table action")
    )
    assert "python -m etl build" in said and "Catalog" not in said and "Reference" not in said
    assert "no table action" in caplog.text and not any(record.exc_info for record in caplog.records)


def test_settings_come_from_the_sign_in_and_the_environment():
    local = start.server_settings(None, False, {"CORRIDORS_HOSTS": "corridors.lan, localhost:8443"})
    assert (local.signs_in, local.hosts, local.audit, local.ancestors) == (False, limits.LOOPBACK, None, "'none'")
    assert local.origins == ("http://localhost:8443", "https://localhost:8443"), "no name but the machine's own"
    there = start.server_settings(AUTH, True, {"CORRIDORS_HOSTS": "corridors.lan, ", "CORRIDORS_CACHE": "off"})
    assert there.signs_in and {"corridors.example.org", "corridors.lan"} < set(there.hosts)
    assert there.audit and there.cache is None
    assert start.server_settings(AUTH, True, {"CORRIDORS_AUDIT": "off"}).audit is None


def test_the_command_itself_says_why_and_ends_with_1(tmp_path):
    ran = subprocess.run(
        [sys.executable, "-m", "streamlit", "run", "corridors/web/app.py", "--server.address=0.0.0.0", "--server.port=8771"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "CORRIDORS_CACHE": str(tmp_path)},
    )
    assert ran.returncode == 1
    assert "does not start on 0.0.0.0" in ran.stderr and "Traceback" not in ran.stderr, ran.stderr


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"sec-fetch-site": "cross-site", "referer": "http://localhost:8501/"}, 403),
        ({"sec-fetch-site": "none"}, 403),
        ({"referer": "http://localhost:8501.evil.example/"}, 403),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"referer": "http://localhost:8501/member"}, 200),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
def test_no_address_signs_a_visitor_out_it_only_takes_the_dead_cookie_to_a_page_of_our_own(headers, status, method):
    """A picture, a link, a form on any page, ours or not: whoever is signed in stays so. The button asks over the websocket."""
    for path in ("/auth/logout", "/auth/logout/"):
        inner = answering()
        assert ask(limits.Limits(inner), path, method, headers=headers).status == 403 and not inner.asked, "still signed in"
        over = limits.Limits(answering(), signed_in=lambda scope: False)
        assert ask(over, path, method, headers=headers).status == status


def test_cookies_live_no_longer_than_a_session_and_go_over_tls_alone_where_there_is_tls():
    given = {"set-cookie": "_streamlit_user=x; HttpOnly; Max-Age=2592000; Path=/; SameSite=lax"}
    for scheme, secure in (("https", True), ("http", False)):
        told = ask(secured(answering(headers=given)), "/oauth2callback", scheme=scheme).headers["set-cookie"]
        assert "Max-Age=43200" in told and "HttpOnly" in told and ("; Secure" in told) is secure, told
    assert headers.cookie(b"a=b; Max-Age=0; Path=/", True) == b"a=b; Max-Age=0; Path=/; Secure"
