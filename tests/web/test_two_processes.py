"""Two real processes behind a real Caddy with the Caddyfile of deploy/: what happens to visitors when one dies.

Skipped where there is no Caddy (Debian: apt-get install caddy).
"""

import os
import shutil
import socket
import ssl
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tools.bench.visitor import server

ROOT = Path(__file__).resolve().parents[2]
CADDY = shutil.which("caddy")
pytestmark = pytest.mark.skipif(not CADDY, reason="no Caddy on this machine (Debian: apt-get install caddy)")


def free_port() -> int:
    """A port of 8750 to 8790, so that a firewall's list stays short."""
    for port in range(8750, 8791):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    raise AssertionError("no free port between 8750 and 8790")


def trusting() -> ssl.SSLContext:
    """Caddy's own certificate of a test has no public issuer."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


@pytest.fixture(scope="module")
def crowd(edition_id, tmp_path_factory):
    """(port of Caddy, {port: process id} of the two processes)."""
    home = tmp_path_factory.mktemp("caddy")
    port = free_port()
    env = {"CORRIDORS_HOSTS": f"localhost:{port}"}
    with server(env=env) as first, server(env=env) as second:
        settings = {
            "CORRIDORS_SITE": f"https://localhost:{port}",
            "CORRIDORS_TLS": "tls internal",
            "HOME": str(home),
            "CORRIDORS_UPSTREAMS": f"127.0.0.1:{first[0]} 127.0.0.1:{second[0]}",
            "XDG_DATA_HOME": str(home),
            "CORRIDORS_GLOBAL": "admin off\n\tskip_install_trust\n\tauto_https disable_redirects",
        }
        caddy = subprocess.Popen(
            [CADDY, "run", "--adapter", "caddyfile", "--config", str(ROOT / "deploy" / "Caddyfile")],
            env={**os.environ, **settings},
            stdout=subprocess.DEVNULL,
            stderr=(home / "log").open("w"),
        )
        try:
            for _ in range(100):
                try:
                    get(port, "/healthz")
                    break
                except OSError:
                    time.sleep(0.2)
            yield port, dict([first, second])
        finally:
            caddy.terminate()
            caddy.wait(10)


def get(port: int, path: str, **headers):
    asked = urllib.request.Request(f"https://localhost:{port}{path}", headers=headers)
    return urllib.request.urlopen(asked, timeout=15, context=trusting())


class Tab:
    """A browser tab: keeps its cookies, opens the websocket, reads the page that comes."""

    def __init__(self, port: int):
        self.port, self.cookie = port, ""
        self.open()

    def open(self) -> None:
        with get(self.port, "/_stcore/health", Cookie=self.cookie) as answer:
            if given := answer.headers.get_all("Set-Cookie"):
                self.cookie = "; ".join(c.split(";")[0] for c in given)
        self.socket = connect(
            f"wss://localhost:{self.port}/_stcore/stream",
            subprotocols=["streamlit"],
            max_size=None,
            ssl=trusting(),
            origin=f"https://localhost:{self.port}",
            additional_headers={"Cookie": self.cookie},
            legacy=True,
        )

    @property
    def process(self) -> str:
        """The mark by which Caddy knows where this visitor belongs."""
        return self.cookie.split("corridors_process=")[1].split(";")[0]

    def page(self, query: str) -> str:
        """Everything written on the page at this address, as text."""
        ask, words = BackMsg(), []
        ask.rerun_script.query_string = query
        ask.rerun_script.page_name = "member"
        self.socket.send(ask.SerializeToString())
        while True:
            message = ForwardMsg()
            message.ParseFromString(self.socket.recv(timeout=30))
            element = message.delta.new_element
            kind = element.WhichOneof("type")
            assert kind != "exception", element.exception.message
            words += [element.heading.body] if kind == "heading" else []
            if message.WhichOneof("type") == "script_finished":
                return " ".join(words)


def test_when_one_process_dies_its_visitors_come_back_on_the_other_and_find_their_page(crowd):
    port, processes = crowd
    tabs, deadline = [], time.monotonic() + 30
    while len(tabs) < 4 or (len({tab.process for tab in tabs}) < 2 and time.monotonic() < deadline):
        tabs.append(Tab(port))
    before = [tab.page("member=Thailand") for tab in tabs]
    assert all("Thailand" in text for text in before)
    victim, survivor = sorted(processes.values())
    subprocess.run(["kill", "-9", str(victim)], check=True)
    while not (died := {tab.process for tab in tabs if is_cut(tab)}) and time.monotonic() < deadline + 30:
        pass  # on a busy machine the word of the death takes its time; one visitor who heard it tells of all beside him
    lost = [tab for tab in tabs if tab.process in died]
    assert 0 < len(lost) < len(tabs), f"{len(lost)} of {len(tabs)} visitors were on the process that died"
    started = time.monotonic()
    for tab in lost:
        tab.open()
        assert tab.page("member=Thailand") == before[0]
    assert time.monotonic() - started < 15
    for tab in set(tabs) - set(lost):
        assert tab.page("member=Thailand") == before[0], "who was on the other noticed nothing"
    with get(port, "/healthz") as answer:
        assert answer.status == 200


def is_cut(tab: Tab) -> bool:
    try:
        while True:
            tab.socket.recv(timeout=0.5)
    except TimeoutError:
        return False
    except ConnectionClosed:
        return True


def test_caddy_passes_on_what_was_compressed_and_adds_tls_to_every_answer(crowd):
    port, _ = crowd
    with get(port, "/", **{"Accept-Encoding": "gzip"}) as page:
        assert page.headers["Content-Encoding"] == "gzip" and page.headers["ETag"].endswith('-gzip"')
        assert page.headers.get_all("Strict-Transport-Security") == ["max-age=63072000; includeSubDomains"]
        assert page.headers["Server"] is None
    with pytest.raises(urllib.error.HTTPError) as hidden:
        get(port, "/_stcore/metrics")
    assert hidden.value.code == 404
