"""The entry as it is started: one real server, one real websocket, through all doors."""

import gzip
import json
import re
import time
import urllib.error
import urllib.request

import pytest
from websockets.exceptions import ConnectionClosed

from corridors.store import editions
from tools.bench.visitor import Visitor, server


@pytest.fixture(scope="module")
def served(edition_id, tmp_path_factory):
    """(port, folder of the audit trail) of a server of its own."""
    trail = tmp_path_factory.mktemp("trail")
    env = {"CORRIDORS_AUDIT": str(trail), "CORRIDORS_CACHE": str(tmp_path_factory.mktemp("cache"))}
    with server(env=env) as (port, _):
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


def test_a_broken_edition_shows_a_reference_and_no_trace_and_the_proxy_is_told(tmp_path):
    """Whoever reads it out over the telephone gives away nothing of how the server is made."""
    looks_whole = bytes(8) + b"DUCK" + bytes(editions.HEAD - 12)
    (tmp_path / "2020-01-01-00000000.duckdb").write_bytes(looks_whole)
    editions.point_at("2020-01-01-00000000", tmp_path)
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
