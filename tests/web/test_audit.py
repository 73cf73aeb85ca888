"""The audit trail: complete for who must answer for it, and never holding what a visitor typed."""

import json
import logging
import re
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette

from corridors import catalog
from corridors.web import health
from corridors.web.audit import VISIT, Audit, Trail, Vocabulary
from tests.web.asgi import answering, ask, talk

PAGES = frozenset({"", "routes", "member"})
WORDS = Vocabulary(catalog.load())


def kept(inner, folder, **more) -> tuple[Audit, Trail]:
    trail = Trail(folder, WORDS)
    return Audit(inner, trail, PAGES, **more), trail


def lines(trail: Trail) -> list[dict]:
    return [json.loads(line) for line in trail.path.read_text(encoding="utf-8").splitlines()]


def opened(page: str, query: dict, visit: str = "", who: str = "analyst-7") -> logging.LogRecord:
    """What the entry point of the pages logs when somebody opens a page."""
    told = {"who": who, "role": "analyst", "page": page or "start", "allowed": True}
    more = {"visit": visit, "edition": "2026-01-02-0123abcd", "query": query}
    return logging.makeLogRecord({"levelno": 20, "msg": json.dumps(told), **more})


def pages_that_log(trail: Trail, *visited: tuple[str, dict]):
    """A server inside which each connection opens these pages; keeps the mark that it was given in `.marks`."""
    logger = logging.Logger("pages")
    trail.hear(logger)

    async def app(scope, receive, send):
        mark = dict(scope["headers"])[VISIT].decode()
        app.marks.append(mark)
        for page, query in visited:
            logger.handle(opened(page, query, mark))

    app.marks = []
    return app


def test_each_page_is_one_line_with_who_when_and_edition_and_the_end_of_the_visit_is_another(tmp_path):
    trail = Trail(tmp_path, WORDS)
    inner = pages_that_log(trail, ("", {}), ("member", {"member": "Thailand", "theme": "Displacement"}))
    talk(Audit(inner, trail, PAGES), headers={VISIT.decode(): "forged"})
    told = lines(trail)
    assert [(line["event"], line.get("page"), line.get("filters")) for line in told] == [
        ("page", "start", None),
        ("page", "member", {"member": "THA", "theme": WORDS.value("Displacement")}),
        ("left", None, None),
    ]
    assert {line["who"] for line in told} == {"analyst-7"} and {line["visit"] for line in told} == set(inner.marks)
    assert "forged" not in inner.marks and not trail.visits
    assert {line.get("edition") for line in told[:-1]} == {"2026-01-02-0123abcd"}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00", line["when"]) for line in told)


def test_a_connection_that_opens_no_page_leaves_no_line_and_a_refusal_is_an_access(tmp_path):
    trail = Trail(tmp_path, WORDS)
    talk(Audit(pages_that_log(trail), trail, PAGES))
    logger = logging.Logger("pages")
    trail.hear(logger)
    logger.handle(
        logging.makeLogRecord({"levelno": 20, "msg": json.dumps({"who": "stranger", "allowed": False, "why": "no role"})})
    )
    logger.handle(logging.makeLogRecord({"levelno": 20, "msg": "the table has a fault at line 3"}))
    assert [(line["event"], line.get("why")) for line in lines(trail)] == [("access", "no role"), ("access", "fault")]


def test_a_download_is_a_line_and_a_picture_on_a_page_is_none(tmp_path):
    inner = answering(headers={"content-disposition": 'attachment; filename="corridors-THA.xlsx"'})
    app, trail = kept(inner, tmp_path)
    ask(app, "/media/0a1b.xlsx", headers={"referer": "http://localhost:8501/member?member=Thailand&q=my+secret"})
    shown, _ = kept(answering(headers={"content-disposition": "inline"}), tmp_path)
    ask(shown, "/media/0a1b.png")
    gone, _ = kept(answering(404, headers={"content-disposition": "attachment"}), tmp_path)
    ask(gone, "/media/0a1b.png")
    (line,) = lines(trail)
    assert (line["event"], line["page"], line["file"]) == ("export", "member", "corridors-THA.xlsx")
    assert line["filters"] == {"member": "THA"}, "a name of one letter is no filter of ours"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("audit")


@given(name=st.text(max_size=20), text=st.text(min_size=4, max_size=40), path=st.text(max_size=20))
def test_nothing_that_a_visitor_typed_is_ever_written(folder, name, text, path):
    inner = answering(headers={"content-disposition": "attachment"})
    app, trail = kept(inner, folder)
    trail.path.write_text("", encoding="utf-8")
    mark = "zq" + "".join(c for c in text if c.isalnum())
    query = {name + mark.upper(): mark, "member": mark + text}
    logger = logging.Logger("pages")
    trail.hear(logger)
    logger.handle(opened("member", query))
    ask(app, "/media/0a1b", headers={"referer": quote(f"http://x/{mark}{path}", safe=":/") + "?" + urlencode(query)})
    assert mark.lower() not in trail.path.read_text(encoding="utf-8").lower()
    assert all(set(line.get("filters", {}).values()) <= {"other"} for line in lines(trail))


def test_only_its_owner_reads_the_trail_and_it_is_off_unless_a_folder_is_named(tmp_path):
    inner = answering(headers={"content-disposition": "attachment"})
    app, trail = kept(inner, tmp_path)
    ask(app, "/media/0a1b.csv")
    assert lines(trail) and trail.path.stat().st_mode & 0o077 == 0
    off, nowhere = kept(inner, None)
    ask(off, "/media/0a1b.csv")
    assert nowhere.path is None


def test_the_trail_is_rotated_and_no_line_is_lost(tmp_path, monkeypatch):
    monkeypatch.setattr("corridors.web.audit.SIZE", 2000)
    trail = Trail(tmp_path, WORDS)
    for n in range(60):
        trail.note("page", page="routes", n=n + 1)
    trail.close()
    files = sorted(tmp_path.glob("audit-main.jsonl*"))
    numbers = [json.loads(line)["n"] for f in files for line in f.read_text().splitlines()]
    assert len(files) > 1 and sorted(numbers) == list(range(1, 61))


FILE = {"content-disposition": 'attachment; filename="corridors-THA.xlsx"'}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no disk that is always full")
def test_when_the_trail_cannot_be_written_nothing_is_taken_away_and_health_says_so(tmp_path, edition_id):
    app, trail = kept(answering(headers=FILE), tmp_path)
    before = trail._log.handlers[0].stream
    trail._log.handlers[0].stream = full = open("/dev/full", "w", encoding="utf-8")  # noqa: SIM115
    refused = ask(app, "/media/0a1b.xlsx")
    trail._log.handlers[0].stream = before
    with suppress(OSError):  # closing writes what could not be written
        full.close()
    assert refused.status == 503 and b"taken away" in refused.body and b"inner" not in refused.body
    served = Starlette(routes=[health.route(lambda: trail.fault)])
    told = json.loads(ask(served, "/healthz").body)
    assert told["ok"] and "audit trail" in told["degraded"]
    assert ask(app, "/media/0a1b.xlsx").body == b"inner" and "degraded" not in json.loads(ask(served, "/healthz").body)


def test_a_part_of_a_file_is_a_download_too_and_a_look_at_its_head_is_none(tmp_path):
    app, trail = kept(answering(headers=FILE), tmp_path)
    assert ask(app, "/media/0a1b.xlsx", headers={"range": "bytes=0-2"}).body == b"inner"
    ask(app, "/media/0a1b.xlsx", "HEAD")
    assert [line["event"] for line in lines(trail)] == ["export"]


def test_a_made_file_is_kept_by_nobody_and_is_not_there_for_who_may_not_have_it(tmp_path):
    asked = []

    def may_take(scope, body, saved):
        asked.append((body, saved))
        return len(asked) == 1

    app, trail = kept(answering(headers=FILE), tmp_path, may_take=may_take)
    given, refused = ask(app, "/media/0a1b.xlsx"), ask(app, "/media/0a1b.xlsx")
    assert given.headers["cache-control"] == "no-store" and asked == [(b"inner", True)] * 2
    assert (refused.status, b"inner" in refused.body, len(lines(trail))) == (404, False, 1)
