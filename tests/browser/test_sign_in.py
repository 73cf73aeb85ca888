"""A real identity provider, a real server, a real browser: who comes in, how far, and what is never sent to them."""

import csv
import http.client
import io
import json
import os
import re
import subprocess
import sys
import time
import urllib.request
import zipfile
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from corridors.catalog import roles, tlp
from corridors.ui import contents
from tests.browser.tab import PATIENCE
from tests.planted import EDITION, MARKS, mark
from tools.bench.visitor import Visitor, free_port

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parents[2]
TABLE = roles.load()
PEOPLE = {role.id: [next(iter(role.groups))] for role in TABLE.roles} | {
    "stranger": ["some-other-group"],
    "leaver": ["corridors-analysts"],
}
# pages with choices that bring planted rows to the screen
ADDRESSES = {
    "": [""],
    "routes": [
        "",
        "route=R02",
        *(f"route=Z{label.replace('+', '')}" for label in tlp.LABELS[1:]),
        "view=corridor&origin=Myanmar&destination=Bangladesh",
        "view=networks",
    ],
    "member": [
        "member=Thailand",
        *(f"member=Thailand&theme={t}" for t in ("briefings", "routes", "action", "factors", "missing")),
    ],
    "factors": ["member=Thailand"],
    "action": [
        "",
        "action_part=lessons",
        *(f"action_part=plans&plan=z-{label.replace('+', '')}" for label in tlp.LABELS[1:]),
        "action_part=planning&plan_form=Sexual%20exploitation",
        "action_part=practices",
    ],
    "quality": [f"part={part.id}" for part in contents.entry_of("quality").parts],
    "cases": [f"cases=z-{label.replace('+', '')}" for label in tlp.LABELS[1:]],
}
CLOSED = "Not open to your role"


class Desk:
    """The provider and the server of one test run, and the table of roles that the server reads."""

    def __init__(self, folder: Path, where: Path):
        self.folder, self.port, provider = folder, free_port(), free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.table, self.log = folder / "access.toml", folder / "server.log"
        self.table.write_text(roles.PATH.read_text(encoding="utf-8"), encoding="utf-8")
        secrets = folder / "secrets.toml"
        secrets.write_text(
            f"""
            [auth]
            redirect_uri = "{self.address}/oauth2callback"
            cookie_secret = "a secret that is long enough to be one, for tests"
            client_id = "corridors"
            client_secret = "no secret"
            server_metadata_url = "http://127.0.0.1:{provider}/.well-known/openid-configuration"
        """,
            encoding="utf-8",
        )
        people = [
            f"--user-claims={json.dumps({'sub': name, 'name': f'Name of {name}', 'email': f'{name}@example.org', 'groups': groups})}"
            for name, groups in PEOPLE.items()
        ]
        self.provider = subprocess.Popen(
            [sys.executable, "-m", "oidc_provider_mock", f"--port={provider}", *people],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.command = [
            sys.executable,
            "-m",
            "streamlit",
            "run",
            "corridors/web/app.py",
            f"--server.port={self.port}",
            "--server.address=127.0.0.1",
            f"--secrets.files={secrets}",
        ]
        self.environment = {
            **os.environ,
            "CORRIDORS_EDITIONS": str(where),
            "CORRIDORS_ACCESS": str(self.table),
            "CORRIDORS_AUDIT": str(folder / "audit"),
            "CORRIDORS_ENDED": str(folder / "ended"),
            "CORRIDORS_JOBS": str(folder / "jobs"),
            "CORRIDORS_DRAFTS": str(folder / "drafts"),
        }
        _wait(f"http://127.0.0.1:{provider}/.well-known/openid-configuration")
        self.start()

    def start(self) -> None:
        """A fresh server, on the same port and with the same secret, so that cookies of the one before are still whole."""
        with self.log.open("a", encoding="utf-8") as log:
            self.server = subprocess.Popen(self.command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)
        _wait(f"{self.address}/_stcore/health")

    def restart(self) -> None:
        self.server.terminate()
        self.server.wait(10)
        self.start()

    def stop(self) -> None:
        for process in (self.server, self.provider):
            process.terminate()
            process.wait(10)

    def rewrite(self, old: str, new: str) -> None:
        text = self.table.read_text(encoding="utf-8")
        assert old in text
        self.table.write_text(text.replace(old, new), encoding="utf-8")


def _wait(address: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(address, timeout=1)
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"nothing answers at {address}")


@pytest.fixture(scope="module")
def desk(chromium, planted_folder, tmp_path_factory):
    made = Desk(tmp_path_factory.mktemp("sign-in"), planted_folder)
    yield made
    made.stop()


@pytest.fixture
def table_as_it_was(desk):
    yield desk.table
    desk.table.write_text(roles.PATH.read_text(encoding="utf-8"), encoding="utf-8")


@pytest.fixture
def visitor(chromium, desk):
    """`visitor("viewer")` is a fresh browser, signed in as that person, on the first page."""
    opened = []

    def come(person: str | None, path: str = ""):
        context = chromium.new_context(bypass_csp=True, accept_downloads=True, viewport={"width": 1280, "height": 900})
        opened.append(context)
        page = context.new_page()
        page.goto(f"{desk.address}/{path}")
        if person:
            sign_in(page, person)
        return page

    yield come
    for context in opened:
        context.close()


def sign_in(page, person: str) -> None:
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name=person, exact=True).click()
    page.wait_for_url(re.compile(r"^http://127\.0\.0\.1:\d+/(?!oauth2)"))


def sees(page, text: str) -> None:
    page.get_by_text(text).first.wait_for(timeout=PATIENCE)


def sees_in_menu(page, text: str) -> None:
    """Opens the menu at the head of the page, where role and switches are, and waits for a text in it."""
    button = page.get_by_role("button", name="Menu", exact=True)
    button.wait_for(timeout=PATIENCE)
    if not page.get_by_text("Draw intervals").first.is_visible():
        button.click()
    sees(page, text)


def menu(page) -> set[str]:
    """The parts of the address that the menu offers."""
    page.locator("[data-testid=stTopNavLink]").first.wait_for(timeout=PATIENCE)
    return {
        a.split("?")[0].rstrip("/").rpartition("/")[2]
        for a in page.locator("[data-testid=stTopNavLink]").evaluate_all("links => links.map(a => new URL(a.href).pathname)")
    }


def test_stranger_learns_nothing_but_where_to_sign_in(visitor, desk):
    for path in ("", "plans", "planning?edition=" + EDITION):
        page = visitor(None, path)
        page.get_by_role("button", name="Sign in").wait_for(timeout=PATIENCE)
        text = page.locator("[data-testid=stApp]").inner_text()
        assert EDITION not in text and "Edition of" not in text and page.locator("[data-testid=stTopNavLink]").count() == 0


def test_signed_in_but_in_no_group_gets_a_kind_word_and_no_page(visitor):
    page = visitor("stranger")
    sees(page, "none of your groups has been given access")
    assert page.locator("[data-testid=stTopNavLink]").count() == 0
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(lambda url: True)


def test_viewer_is_told_role_and_reach_and_a_hidden_page_is_a_forbidden_one_on_a_fresh_server(visitor, desk):
    page = visitor("viewer")
    sees_in_menu(page, "Signed in as viewer: up to TLP:GREEN")
    offered = menu(page)
    page.goto(f"{desk.address}/action")
    assert "quality" in offered and not offered & {"plans", "planning", "lessons"}
    sees(page, "The periods")
    for part in ("Investigation plans", "Planning aid", "Lessons"):
        assert page.get_by_role("radio", name=part).count() == 0
    desk.restart()
    page.goto(f"{desk.address}/plans?plan=z-GREEN")
    sees(page, CLOSED)
    assert mark("GREEN", "plan") not in page.content()
    page.goto(f"{desk.address}/sources")
    sees(page, "Every figure names one of these")
    sees_in_menu(page, "Signed in as viewer")


def test_role_taken_away_ends_with_the_next_click_in_a_page_that_stands_open(visitor, desk, table_as_it_was):
    page = visitor("leaver")
    sees_in_menu(page, "Signed in as analyst")
    desk.rewrite("corridors-analysts", "corridors-nobody")
    page.get_by_text("Draw intervals").first.click()
    sees(page, "none of your groups has been given access")
    page.locator("[data-testid=stTopNavLink]").first.wait_for(state="detached", timeout=PATIENCE)
    desk.rewrite("shut_out = []", 'shut_out = ["leaver"]')
    desk.rewrite("corridors-nobody", "corridors-analysts")
    page.goto(f"{desk.address}/plans")
    sees(page, "none of your groups has been given access")


def test_table_with_a_fault_shuts_everybody_out_kindly(visitor, desk, table_as_it_was):
    page = visitor("steward")
    sees_in_menu(page, "Signed in as steward")
    desk.rewrite('ceiling = "AMBER+STRICT"', 'ceiling = "RED"')
    page.goto(desk.address)
    sees(page, "the table of roles has a fault")
    assert "RED" not in page.locator("[data-testid=stApp]").inner_text()


def test_idle_or_overlong_session_ends_whatever_the_cookie_says(visitor, desk, table_as_it_was):
    page = visitor("viewer")
    sees_in_menu(page, "Signed in as viewer")
    desk.rewrite("idle_minutes = 30", "idle_minutes = 0.02")
    time.sleep(2)
    page.get_by_text("Draw intervals").first.click()
    sees(page, "Nothing was asked for a while")
    desk.rewrite("idle_minutes = 0.02", "idle_minutes = 30")
    page.goto(f"{desk.address}/sources")  # a fresh session with the same cookie
    sees(page, "Nothing was asked for a while")
    sign_in(page, "viewer")
    sees_in_menu(page, "Signed in as viewer")
    desk.rewrite("hours = 12", "hours = 0.0001")
    page.goto(desk.address)
    sees(page, "as long as one session lasts")


def test_signing_out_ends_other_tabs_and_a_copied_cookie_too(visitor, desk):
    page = visitor("viewer")
    sees_in_menu(page, "Signed in as viewer")
    copied = page.context.cookies()
    other = page.context.new_page()
    other.goto(desk.address)
    sees_in_menu(other, "Signed in as viewer")
    for foreign in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-origin"}):  # a picture at that address
        assert page.context.request.get(f"{desk.address}/auth/logout", headers=foreign, max_redirects=0).status == 403
    page.get_by_role("button", name="Sign out").click()
    for _ in range(100):  # the browser goes for it once the page has told it to
        if not (left := [c for c in page.context.cookies() if c["name"].startswith("_streamlit_user")]):
            break
        page.wait_for_timeout(200)
    assert not left, "its dead cookie is taken"
    other.get_by_text("Draw intervals").first.click()
    sees(other, "You have signed out")
    desk.restart()
    thief = visitor(None)
    thief.context.add_cookies(copied)
    thief.goto(desk.address)
    sees(thief, "You have signed out")


class Guest(Visitor):
    """A session with a browser's cookies that hears every byte of the socket."""

    def __init__(self, desk: Desk, cookies: list[dict]):
        self.cookies = jar = {c["name"]: c["value"] for c in cookies}
        self.socket = connect(
            f"ws://127.0.0.1:{desk.port}/_stcore/stream",
            subprotocols=["streamlit", jar["_streamlit_xsrf"]],
            max_size=None,
            origin=desk.address,
            compression=None,
            legacy=True,
            additional_headers={"Cookie": "; ".join(f"{k}={v}" for k, v in jar.items())},
        )

    def heard(self, page: str, query: str) -> tuple[bytes, list]:
        """All bytes of one visit, and the messages of its last run: a page may begin anew to write its choice out in the address."""
        heard, messages = b"", []
        ask = BackMsg()
        ask.rerun_script.query_string, ask.rerun_script.page_name = query, page
        self.socket.send(ask.SerializeToString())
        while True:
            frame = self.socket.recv(timeout=60)
            heard += frame
            message = ForwardMsg()
            message.ParseFromString(frame)
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self.session = message.new_session.initialize.session_id
            messages = [] if kind == "new_session" else [*messages, message]
            assert not (kind == "delta" and message.delta.new_element.WhichOneof("type") == "exception"), (
                page,
                query,
                message,
            )
            if kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return heard, messages


def opened_as(page: str, query: str) -> str:
    """The name in the table of roles of the part of a page that an address opens."""
    entry = contents.entry_of(page)
    return next((part.of for part in entry.parts if f"{entry.choice}={part.id}" in query.split("&") and part.of), page)


def label_of(messages) -> tuple[str, str]:
    """The label at the top and at the foot of a page."""
    said = [
        (m.metadata.delta_path[0], m.delta.new_element.markdown.body)
        for m in messages
        if m.WhichOneof("type") == "delta" and m.delta.new_element.WhichOneof("type") == "markdown"
    ]
    alone = (
        re.fullmatch(r":\w+-badge\[TLP:([A-Z+]+)\]", body.strip()) for _, body in said
    )  # a page's own stand in a sentence
    top = [found[1] for found in alone if found]
    foot = [
        re.match(r"TLP:([A-Z+]+) · Corridors, edition", body)[1]
        for root, body in said
        if root == 0 and " · Corridors, edition" in body
    ]
    return top[-1], foot[-1]


@pytest.mark.parametrize("role", [role.id for role in TABLE.roles])
def test_no_byte_above_the_ceiling_reaches_any_page_of_a_role_and_each_page_bears_its_strictest_label(visitor, desk, role):
    mine = next(r for r in TABLE.roles if r.id == role)
    page = visitor(role)
    sees_in_menu(page, f"Signed in as {role}")
    cookies, found = page.context.cookies(), set()
    above = [word for label in tlp.LABELS if label not in tlp.allowed(mine.ceiling) for word in MARKS[label]]
    below = {word: label for label in tlp.allowed(mine.ceiling) for word in MARKS[label]}
    for name in (entry.name for entry in contents.ENTRIES):
        for query in ADDRESSES.get(name, [""]):
            guest = Guest(desk, cookies)
            heard, messages = guest.heard(name, query)
            guest.close()
            assert not [word for word in above if word.encode() in heard], (name, query)
            shown = {word for word in below if word.encode() in heard}
            found |= shown
            if not TABLE.may_open(mine, opened_as(name, query)):
                assert CLOSED.encode() in heard and not shown, (name, query)
            elif name not in ("present", "notes"):
                top, foot = label_of(messages)
                assert top == foot and tlp.LABELS.index(foot) >= max(
                    (tlp.LABELS.index(below[w]) for w in shown), default=0
                ), (name, query)
    # the walk proves something only if it brings the rows to the screen that the role may see
    on = {"routes": {"evidence"}, "networks": {"network"}, "cases": {"cases"}, "plans": {"plan", "step", "answer"}}
    kinds = {"figure", "statement", "route"}.union(*(there for page, there in on.items() if TABLE.may_open(mine, page)))
    missing = {mark(mine.ceiling, kind) for kind in kinds} - found
    assert not missing


def pressed(page, name: str) -> bytes:
    with page.expect_download(timeout=PATIENCE) as wait:
        page.get_by_role("button", name=name).click()
    return Path(wait.value.path()).read_bytes()


def test_file_bears_the_label_of_its_rows_at_head_and_foot_and_a_role_without_export_gets_none(visitor, desk):
    for role, may in (("presenter", True), ("viewer", False)):
        page = visitor(role)
        sees_in_menu(page, f"Signed in as {role}")
        page.goto(f"{desk.address}/cases?cases=z-GREEN")
        page.get_by_role("button", name="Table and download").click()
        if may:
            lines = list(csv.reader(io.StringIO(pressed(page, "Download as CSV").decode("utf-8-sig"))))
            assert (
                lines[0] == ["TLP:GREEN"]
                and lines[-1] == ["TLP:GREEN"]
                and any(EDITION in cell for line in lines for cell in line)
            )
            assert not any("@" in cell for line in lines[:6] for cell in line), "people are told the plain id of the edition"
        else:
            sees(page, "takes none away")
            assert page.get_by_role("button", name="Download as CSV").count() == 0


def test_a_sign_in_that_ends_while_a_file_is_coming_in_is_told_in_a_sentence_and_nothing_is_kept(
    visitor, desk, table_as_it_was, tmp_path
):
    page = visitor("analyst")
    sees_in_menu(page, "Signed in as analyst")
    page.goto(f"{desk.address}/desk")
    page.locator("input[type=file]").wait_for(state="attached", timeout=PATIENCE)
    came = tmp_path / "cases.csv"
    came.write_text("record_id,year\nT-1,2024\n", encoding="utf-8")

    def slowly(route):
        desk.rewrite("hours = 12", "hours = 0.0001")  # it is over before the last byte is here
        route.continue_()

    page.route("**/_stcore/upload_file/**", slowly)
    page.locator("input[type=file]").set_input_files(came)
    sees(page, "as long as one session lasts")
    assert page.get_by_role("button", name="Check").count() == 0 and page.get_by_role("button", name="Sign in").count() == 1
    assert not list((desk.folder / "jobs").glob("*"))


def test_who_posts_a_file_by_hand_gets_nothing_unless_the_session_is_their_own(visitor, desk):
    """A viewer and a contributor, with their own cookies, into a session of their own and into a steward's."""
    own = {}
    for who in ("steward", "viewer", "contributor"):
        page = visitor(who)
        sees_in_menu(page, f"Signed in as {who}")
        own[who] = Guest(desk, page.context.cookies())
        own[who].heard("desk", "desk=draft")
    steward = own["steward"].session
    assert put(desk, own["steward"], steward, b"x" * 100) == 204, "the door is open for who it is for"
    assert put(desk, own["steward"], steward, b"x" * 3_000_000) == 204
    for who in ("viewer", "contributor"):
        for method in ("PUT", "POST", "DELETE"):
            assert put(desk, own[who], steward, b"x", method) == 404, (who, method)
        assert put(desk, own[who], "00000000-0000-0000-0000-000000000000", b"x") == 404
    assert put(desk, own["viewer"], own["viewer"].session, b"", announced=3_000_000) == 413, (
        "no large file from who has no desk"
    )
    heard, _ = own["viewer"].heard("desk", "")
    assert CLOSED.encode() in heard and b"file_uploader" not in heard
    heard, _ = own["contributor"].heard("desk", "desk=draft")
    assert not [word for word in (b"Build a draft", b"Propose it", b"Show readers this one") if word in heard]
    for guest in own.values():
        guest.close()
    assert not list((desk.folder / "jobs").glob("*")) and not list((desk.folder / "drafts").glob("*"))


def put(desk, guest, session: str, body: bytes, method: str = "PUT", announced: int = 0) -> int:
    """The status of a file sent by hand with a visitor's cookies; one that is only `announced` is refused by its size alone."""
    part = b'--b\r\nContent-Disposition: form-data; name="f"; filename="a.csv"\r\n\r\n' + body + b"\r\n--b--\r\n"
    headers = {
        "Content-Type": "multipart/form-data; boundary=b",
        "Content-Length": str(announced or len(part)),
        "Cookie": "; ".join(f"{name}={value}" for name, value in guest.cookies.items()),
        "X-Xsrftoken": guest.cookies["_streamlit_xsrf"],
        "Origin": desk.address,
    }
    line = http.client.HTTPConnection("127.0.0.1", desk.port, timeout=60)
    line.request(method, f"/_stcore/upload_file/{session}/some-file", b"" if announced else part, headers)
    status = line.getresponse().status
    line.close()
    return status


def test_planning_sheet_holds_nothing_above_the_ceiling_and_says_its_label(visitor, desk):
    page = visitor("analyst")
    sees_in_menu(page, "Signed in as analyst")
    page.goto(f"{desk.address}/planning?plan_form=Sexual%20exploitation")
    sheet = zipfile.ZipFile(io.BytesIO(pressed(page, "Planning sheet")))
    text = {name: sheet.read(name).decode("utf-8") for name in sheet.namelist() if name.endswith(".xml")}
    whole = "".join(text.values())
    assert mark("AMBER", "answer") in whole and mark("GREEN", "answer") in whole
    assert not [word for label in ("AMBER+STRICT", "RED") for word in MARKS[label] if word in whole]
    for part in ("header", "footer"):
        assert any("TLP:AMBER" in body and "STRICT" not in body for name, body in text.items() if f"/{part}" in name), part


def test_log_holds_decisions_and_no_name_or_address_of_anybody(desk, visitor):
    page = visitor("stranger")
    sees(page, "none of your groups has been given access")
    written = desk.log.read_text(encoding="utf-8")
    written += "".join(p.read_text(encoding="utf-8") for p in (desk.folder / "audit").glob("*") if p.is_file())
    assert '"allowed": false, "why": "no role"' in written
    assert "example.org" not in written and "Name of" not in written


def test_the_trail_says_who_opened_and_took_what_by_the_digest_that_the_guard_logs(desk, visitor):
    page = visitor("analyst")
    sees_in_menu(page, "Signed in as analyst")
    page.goto(f"{desk.address}/planning?plan_form=Sexual%20exploitation")
    pressed(page, "Planning sheet")
    lines = [
        json.loads(line)
        for p in (desk.folder / "audit").glob("*.jsonl")
        for line in p.read_text(encoding="utf-8").splitlines()
    ]
    analysts = {line["who"] for line in lines if line.get("role") == "analyst"}
    assert analysts and all(re.fullmatch("[0-9a-f]{16}", who) for who in analysts)
    for event in ("page", "export"):
        assert analysts & {line["who"] for line in lines if line["event"] == event}, event
    assert "local" not in {line.get("who") for line in lines}
