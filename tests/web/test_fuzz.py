"""Whatever a browser, or who plays one, sends: no crash, no fault on the screen, and nothing above the label of who asks.

20,000 seeded cases from the grammar of addresses, query values and websocket messages, as stranger and as viewer, against a
real server with rows of every label; a sample by default, all with CORRIDORS_TESTS=all. CORRIDORS_SEED draws others.
"""

import http.client
import json
import os
import random
import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from google.protobuf.descriptor import FieldDescriptor
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.web.server.starlette import starlette_app_utils
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME, XSRF_COOKIE_NAME
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from corridors import ROOT, catalog
from corridors.catalog import roles, tlp
from corridors.ui.contents import ENTRIES
from tests.planted import EDITION, MARKS, mark
from tests.sampling import all_or
from tools.bench.visitor import free_port

CASES = all_or(400, 20_000)
SEED = int(os.environ.get("CORRIDORS_SEED", "9"))
SECRET = "a secret that is long enough to be one, for tests"
VIEWER = next(role for role in roles.load().roles if role.id == "viewer")
TRACE = re.compile(rb"Traceback|File \\?\"[^\"]+\.py|site-packages|\.py\\?\", line \d")
PAGES = [entry.name for entry in ENTRIES]
KEYS = (
    "member",
    "edition",
    "theme",
    "route",
    "plan",
    "cases",
    "by",
    "since",
    "part",
    "view",
    "action_part",
    "take",
    "origin",
    "destination",
    "period",
    "crime",
)
KEYS += ("incident_years", "corridor", "intervals", "briefing", "meeting", "slide", "show", "end", "model", "behind", "zqx")
ODD = (
    "",
    "\0",
    "\n",
    "'; drop table country; --",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "${jndi:x}",
    "../../etc/passwd",
    "%",
    "%zz",
)
ODD += (
    "٣",
    "\u202e",
    "\ufeff",
    "𝕋",
    "a" * 900,
    "-1",
    "1e999",
    "nan",
    "null",
    "[]",
    "2026-01-01-00000001@RED",
    f"{EDITION}@RED",
)
ODD += (
    f"{EDITION}@AMBER+STRICT",
    EDITION,
    *(f"z-{label.replace('+', '')}" for label in tlp.LABELS),
    "R02",
    "ZAMBER",
    "Thailand",
)
PATHS = (
    "/",
    "/_stcore/stream",
    "/_stcore/health",
    "/_stcore/host-config",
    "/_stcore/metrics",
    "/_stcore/agent",
    "/media/",
    "/healthz",
)
PATHS += (
    "/_stcore/upload_file/a/b",
    "/component/x/y.js",
    "/static/",
    "/static/index.html",
    "/auth/logout",
    "/app/static/",
    "/robots.txt",
)
PATHS += ("/data/private/seed", "/.streamlit/secrets.toml", *(f"/{page}" for page in PAGES))  # /auth/login asks the provider
METHODS = ("GET", "GET", "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "BREW")


class Grammar:
    """Draws what may be sent, always the same from the same seed."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)
        self.members = catalog.load().members

    def word(self) -> str:
        draw = self.random.random()
        if draw < 0.5:
            return self.random.choice(ODD)
        if draw < 0.7:
            return self.random.choice([*self.members, *PAGES, *KEYS])
        return "".join(
            chr(self.random.choice((self.random.randrange(1, 128), self.random.randrange(0xD7FF)))) for _ in range(8)
        )

    def query(self) -> str:
        pairs = [(self.random.choice(KEYS), self.word()) for _ in range(self.random.randrange(5))]
        return urlencode(pairs) if self.random.random() < 0.9 else quote(self.word(), safe="&=%")

    def address(self) -> tuple[str, str, dict[str, str]]:
        """Method, path with query, and headers that an honest browser would not send."""
        path = self.random.choice(PATHS)
        if self.random.random() < 0.5:
            path += self.random.choice(("/", "..", "/..%2f..%2fREADME.md", "%00", "//", ";a=b", "." + quote(self.word())))
        odd = {
            "Range": "bytes=-1",
            "Accept-Encoding": "br;q=x",
            "If-None-Match": "*",
            "Expect": "x",
            "X-Forwarded-Proto": "https",
        }
        odd |= {
            "Cookie2": "x",
            "Content-Length": "0",
            "X-Forwarded-For": "8.8.8.8",
            "Upgrade": "websocket",
            "Origin": "http://evil",
        }
        some = self.random.sample(sorted(odd), self.random.randrange(3))
        return self.random.choice(METHODS), f"{path}?{self.query()}"[:5000], {name: odd[name] for name in some}

    def message(self) -> bytes:
        """A message of any type with any fields filled in, sometimes cut or with other bytes in it."""
        asked = BackMsg()
        fields = BackMsg.DESCRIPTOR.oneofs_by_name["type"].fields
        self._fill(asked, self.random.choice(fields))
        raw = bytearray(asked.SerializeToString())
        if raw and self.random.random() < 0.3:
            raw[self.random.randrange(len(raw))] = self.random.randrange(256)
            raw = raw[: self.random.randrange(len(raw) + 1)]
        return bytes(raw)

    def _fill(self, message, field, depth: int = 0) -> None:
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            if field.message_type.GetOptions().map_entry:
                return
            inner = getattr(message, field.name)
            inner = inner.add() if field.is_repeated else inner
            inner.SetInParent()
            for part in field.message_type.fields if depth < 4 else ():
                if self.random.random() < 0.5:
                    self._fill(inner, part, depth + 1)
            return
        value = self._value(field)
        if field.is_repeated:
            getattr(message, field.name).append(value)
        else:
            setattr(message, field.name, value)

    def _value(self, field):
        kind = field.cpp_type
        if kind == FieldDescriptor.CPPTYPE_STRING:
            if field.type == FieldDescriptor.TYPE_BYTES:
                return self.random.randbytes(9)
            return self.query() if field.name == "query_string" else self.word()
        if kind == FieldDescriptor.CPPTYPE_BOOL:
            return self.random.random() < 0.5
        if kind in (FieldDescriptor.CPPTYPE_DOUBLE, FieldDescriptor.CPPTYPE_FLOAT):
            return self.random.choice((0.0, -1.0, 1e300, float("nan"), float("inf")))
        if kind == FieldDescriptor.CPPTYPE_ENUM:
            return self.random.choice(field.enum_type.values).number
        return self.random.choice((0, 1, 127))


class Visitor:
    """A stranger (no claims) or somebody who has signed in, with a websocket that is opened anew when the server ends it."""

    def __init__(self, port: int, log: Path, ceiling: str, claims: dict | None):
        self.port, self.log, self.socket, self.sent = port, log, None, []
        self.above = [word.encode() for label in tlp.LABELS if label not in tlp.allowed(ceiling) for word in MARKS[label]]
        self.hidden = [] if claims else [EDITION.encode()]
        cookie = starlette_app_utils.create_signed_value(SECRET, USER_COOKIE_NAME, json.dumps(claims)) if claims else b""
        token = starlette_app_utils.generate_xsrf_token_string()  # without it Streamlit takes no cookie at its websocket
        self.headers = {"Cookie": f"{USER_COOKIE_NAME}={cookie.decode()}; {XSRF_COOKIE_NAME}={token}"} if claims else {}
        self.subprotocols = ["streamlit", *([token] if claims else [])]

    def look(self, received: bytes, sent: object) -> None:
        """What nothing that is received may hold. What the visitor has sent may come back as it was sent."""
        assert not TRACE.search(received), (sent, received[:2000])
        hidden = self.above + ([] if "/healthz" in repr(sent) else self.hidden)  # a monitor is told the edition's id
        said = repr([sent, *self.sent]).encode()
        assert not [word for word in hidden if word in received and word not in said], sent

    def get(self, method: str, address: str, headers: dict[str, str]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection._validate_path = lambda path: None  # whoever attacks does not ask the library
        connection.putrequest(method, address.replace(" ", "%20").replace("\n", "%0a"))
        for name, value in {**self.headers, **headers}.items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        assert answer.status < 500, (method, address, answer.status, body[:300])
        self.look(str(answer.headers).encode() + body, (method, address))

    def _connected(self):
        if self.socket is None:
            self.sent = []
            self.socket = connect(
                f"ws://127.0.0.1:{self.port}/_stcore/stream",
                subprotocols=self.subprotocols,
                max_size=None,
                origin=f"http://127.0.0.1:{self.port}",
                compression=None,
                legacy=True,
                close_timeout=1,
                additional_headers=self.headers,
            )
        return self.socket

    def say(self, raw: bytes) -> None:
        """Sends one message; who is turned away for it comes back."""
        try:
            self._connected().send(raw)
            self.sent.append(raw)  # a later answer may still hold it
        except ConnectionClosed:
            self.socket = None
        self.hear(raw)

    def hear(self, sent: object) -> None:
        """Looks at all that has come by now."""
        try:
            while self.socket:
                self.look(self.socket.recv(timeout=0.002), sent)
        except TimeoutError:
            return
        except ConnectionClosed:
            self.socket = None

    def visit(self, page: str, query: str) -> bytes:
        """Opens a page on a connection of its own; returns what came until its script was done. Raises for a fault on it."""
        self.close()
        received = b""
        ask = BackMsg()
        ask.rerun_script.page_name, ask.rerun_script.query_string = page, query
        self._connected().send(ask.SerializeToString())
        while True:
            frame = self.socket.recv(timeout=120)
            received += frame
            self.look(frame, (page, query))
            told = ForwardMsg.FromString(frame)
            kind = told.WhichOneof("type")
            if kind == "delta" and told.delta.new_element.WhichOneof("type") == "exception":
                raise AssertionError((page, query, told.delta.new_element.exception))
            if (
                kind == "delta"
                and "Reference **" in told.delta.new_element.markdown.body + told.delta.new_element.alert.body
            ):
                raise AssertionError((page, query, self.log.read_text(encoding="utf-8")[-3000:]))
            if kind == "script_finished" and told.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return received

    def close(self) -> None:
        self.hear("what came after the last message")  # unread, it would also keep the server's farewell from being heard
        if self.socket is not None:
            self.socket.close()
            self.socket = None


@pytest.fixture(scope="module")
def served(planted_folder, tmp_path_factory):
    """(port, process, log) of a server where people must sign in, over an edition with rows of every label."""
    folder = tmp_path_factory.mktemp("fuzz")
    port, secrets, log = free_port(), folder / "secrets.toml", folder / "server.log"
    auth = {
        "redirect_uri": f"http://127.0.0.1:{port}/oauth2callback",
        "cookie_secret": SECRET,
        "client_id": "a",
        "client_secret": "b",
    }
    auth["server_metadata_url"] = "http://127.0.0.1:9/"  # nobody is there: the visitors below bring their sign-in with them
    secrets.write_text("[auth]\n" + "".join(f'{key} = "{value}"\n' for key, value in auth.items()), encoding="utf-8")
    environment = os.environ | {"CORRIDORS_EDITIONS": str(planted_folder)}
    environment |= {f"CORRIDORS_{name.upper()}": str(folder / name) for name in ("audit", "ended")}
    command = [sys.executable, "-m", "streamlit", "run", "corridors/web/app.py", f"--server.port={port}"]
    with log.open("wb") as lines:
        process = subprocess.Popen(
            [*command, f"--secrets.files={secrets}"], cwd=ROOT, env=environment, stdout=lines, stderr=lines
        )
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield port, process, log
    finally:
        process.terminate()
        process.wait(10)


@pytest.mark.parametrize("who", ["stranger", "viewer"])
def test_nothing_that_is_sent_breaks_the_server_shows_a_fault_or_brings_more_than_the_label_allows(served, who):
    port, process, log = served
    grammar = Grammar(SEED + (who == "viewer"))
    claims = {"is_logged_in": True, "iss": "https://id.example", "sub": "a-person", "iat": time.time(), "nonce": "n"}
    claims |= {"origin": f"http://127.0.0.1:{port}", "groups": [next(iter(VIEWER.groups))]}
    visitor = Visitor(port, log, VIEWER.ceiling if who == "viewer" else "CLEAR", claims if who == "viewer" else None)
    for number in range(CASES // 2):
        if number % 25 == 0:  # a page takes a hundred times as long as the others
            visitor.visit(grammar.random.choice(PAGES), grammar.query())
        elif number % 2:
            visitor.get(*grammar.address())
        else:
            visitor.say(grammar.message())
        assert process.poll() is None, log.read_text(encoding="utf-8")[-3000:]
    last = visitor.visit("routes", "route=ZGREEN")  # what was looked for all the time can be found where it is allowed
    assert (mark("GREEN", "route").encode() in last) is (who == "viewer") and (b"Please sign in" in last) is (
        who == "stranger"
    )
    visitor.close()
    visitor.get("GET", "/healthz", {})
