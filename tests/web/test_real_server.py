"""The entry as it is started: one real server, one real websocket, through all doors."""

import gzip
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
from mcp import Client
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

import corridors
from corridors.store import editions, publishing
from tests.web.asgi import elsewhere
from tools.bench.visitor import Visitor, server


@pytest.fixture(scope="module")
def served(edition_id, tmp_path_factory):
    """(port, folder of the audit trail) of a server of its own."""
    trail = tmp_path_factory.mktemp("trail")
    with server(env={"CORRIDORS_AUDIT": str(trail), "CORRIDORS_PRELOAD": "on"}) as (port, _):
        yield port, trail


def get(port: int, path: str, **headers):
    return urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers), timeout=60)


def test_a_visit_passes_all_doors_and_leaves_its_lines(served):
    port, trail = served
    visitor = Visitor(port)
    _, _, faults = visitor.run(query="member=Thailand&unheard=secret")
    visitor.close()
    assert not faults
    for _ in range(50):
        lines = [json.loads(line) for f in trail.glob("*.jsonl") for line in f.read_text().splitlines()]
        if any(line["event"] == "left" for line in lines):
            break
        time.sleep(0.1)
    first = next(line for line in lines if line["event"] == "page")
    assert first["filters"] == {"member": "THA", "unheard": "other"} and first["who"] == "local"
    assert first["page"] == "start" and first["edition"]


def test_another_program_reads_figures_and_an_assistant_asks_through_the_same_doors(served, edition_id):
    port, trail = served
    read = corridors.read(place="NRU", indicator="refugees", address=f"http://127.0.0.1:{port}")
    assert len(read) and set(read.place) == {"NRU"} and read.attrs["edition"] == edition_id

    async def ask():
        async with Client(f"http://127.0.0.1:{port}/mcp") as client:
            return await client.call_tool("caveats", {"codes": ["C01"]})

    assert not elsewhere(ask).is_error
    with pytest.raises(urllib.error.HTTPError) as refused:
        get(port, f"/api/v1/figures?{'&'.join(['place=THA'] * 10_000)}")
    assert refused.value.code == 414 and json.load(refused.value)["how_to_fix"]
    lines = [json.loads(line) for f in trail.glob("*.jsonl") for line in f.read_text().splitlines()]
    taken = [line for line in lines if line["event"] == "export" and line["page"] == "api"]
    assert {"figures.json", "question-caveats"} <= {line["file"] for line in taken}
    assert {"place": "NRU", "indicator": "refugees"} in [line.get("filters") for line in taken]


def test_health_programs_and_pages_are_served_by_us(served, edition_id):
    port, _ = served
    with get(port, "/healthz") as answer:
        assert json.load(answer)["edition"] == edition_id
    with get(port, "/_stcore/health") as answer:
        assert answer.status == 200
    with get(port, "/routes", **{"Accept-Encoding": "gzip"}) as page:
        html = gzip.decompress(page.read()).decode()
        assert "<title>Corridors</title>" in html and page.headers["Content-Security-Policy"]
    program = html.split('crossorigin src=".')[1].split('"')[0]
    with get(port, program, **{"Accept-Encoding": "gzip"}) as answer:
        assert answer.headers["Content-Encoding"] == "gzip" and "immutable" in answer.headers["Cache-Control"]


def test_a_huge_message_or_body_or_a_strange_name_is_turned_away_and_the_server_goes_on(served):
    port, _ = served
    visitor = Visitor(port)
    visitor.socket.send(b"x" * 3_000_000)
    with pytest.raises(ConnectionClosed):
        while True:
            visitor.socket.recv(timeout=60)
    with pytest.raises(urllib.error.HTTPError) as refused:
        get(port, "/", Host="evil.example")
    assert refused.value.code == 421
    with get(port, "/healthz") as answer:
        assert answer.status == 200


def test_a_page_of_another_host_gets_no_websocket_and_makes_the_server_call_nobody(served, outgoing):
    """Streamlit itself would ask an address service of the internet who it is, and stand still until the answer comes."""
    port, _ = served
    for origin in ("http://evil.example", "http://localhost:3000", "http://0.0.0.0:1", None):
        with pytest.raises(InvalidStatus) as refused:
            connect(f"ws://127.0.0.1:{port}/_stcore/stream", subprotocols=["streamlit"], origin=origin)
        assert refused.value.response.status_code == 403
    assert not outgoing.read_text(encoding="utf-8")


def test_the_watcher_of_connections_sees_one(outgoing, tmp_path):
    """The count of zero above proves something only if one would be counted."""
    noted = tmp_path / "connections"
    program = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('192.0.2.1', 9))"
    env = {**os.environ, "CORRIDORS_OUTGOING": str(noted)}
    subprocess.run([sys.executable, "-c", program, "streamlit"], env=env, timeout=60, check=False)
    assert noted.read_text(encoding="utf-8") == "socket.connect 192.0.2.1\n"


def test_half_heads_are_let_go_and_whole_requests_are_still_answered(edition_id):
    """Three hundred connections that never finish their first line would otherwise stay for ever."""
    program = "from corridors.web import limits; limits.limit_heads.__defaults__ = (1.0,); from streamlit.web.cli import main; main()"
    with server(env={"CORRIDORS_CACHE": "off"}, start=["-c", program]) as (port, _):
        half = [socket.create_connection(("127.0.0.1", port)) for _ in range(300)]
        for each in half:
            each.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Half: ")
        for each in half:
            each.settimeout(60)
            assert each.recv(1) == b""  # closed by the server
            each.close()
        with get(port, "/healthz") as answer:
            assert answer.status == 200


def test_a_broken_edition_shows_a_reference_and_no_trace_and_the_proxy_is_told(tmp_path):
    """Whoever reads it out over the telephone gives away nothing of how the server is made."""
    looks_whole = bytes(8) + b"DUCK" + bytes(editions.HEAD - 12)
    (tmp_path / "2020-01-01-00000000.duckdb").write_bytes(looks_whole)
    publishing.set_current("2020-01-01-00000000", tmp_path)
    with server(env={"CORRIDORS_EDITIONS": str(tmp_path), "CORRIDORS_CACHE": "off"}) as (port, _):
        visitor = Visitor(port)
        _, messages, faults = visitor.run()
        visitor.close()
        shown = [m.delta.new_element.alert.body for m in messages if m.delta.new_element.WhichOneof("type") == "alert"]
        assert not faults and len(shown) == 1
        assert re.search(r"Reference \*\*[2-9A-Z]{4}-[2-9A-Z]{4}\*\*", shown[0])
        assert "duckdb" not in shown[0].lower() and str(tmp_path) not in shown[0]
        with pytest.raises(urllib.error.HTTPError) as unwell:
            get(port, "/healthz")
        assert unwell.value.code == 503
