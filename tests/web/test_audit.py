"""The audit trail: complete for who must answer for it, and never holding what a visitor typed."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors import catalog
from corridors.web.audit import Audit, Trail, Vocabulary
from tests.web.asgi import answering, ask, talk

PAGES = frozenset({"", "routes", "member"})
WORDS = Vocabulary(catalog.load())


def kept(inner, folder, **more) -> tuple[Audit, Trail]:
    trail = Trail(folder)
    return Audit(inner, trail, WORDS, PAGES, read_ask=lambda m: json.loads(m) if m[:1] == b"[" else None, **more), trail


def lines(trail: Trail) -> list[dict]:
    return [json.loads(line) for line in trail.path.read_text(encoding="utf-8").splitlines()]


def asked(page, address="http://localhost:8501/", query="") -> bytes:
    return json.dumps([page, address, query]).encode()


def test_each_page_and_each_change_of_filter_is_one_line_with_who_when_and_edition(tmp_path):
    app, trail = kept(answering(), tmp_path, who=lambda scope: "analyst-7", edition=lambda: "2026-01-02-0123abcd")
    talk(
        app,
        [
            asked(None),
            asked("routes"),
            asked(None),
            b"heartbeat",
            asked("member", query="member=Thailand&theme=Displacement"),
            asked(None, query="member=Myanmar"),
        ],
    )
    told = lines(trail)
    assert [(line["event"], line.get("page"), line.get("filters")) for line in told] == [
        ("page", "start", None),
        ("page", "routes", None),
        ("page", "member", {"member": "THA", "theme": WORDS.value("Displacement")}),
        ("page", "member", {"member": "MMR"}),
        ("left", None, None),
    ]
    assert {line["who"] for line in told} == {"analyst-7"} and len({line["visit"] for line in told}) == 1
    assert {line.get("edition") for line in told[:-1]} == {"2026-01-02-0123abcd"}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00", line["when"]) for line in told)


def test_the_first_page_is_known_from_its_address(tmp_path):
    app, trail = kept(answering(), tmp_path)
    talk(app, [asked(None, "http://localhost:8501/member?member=Thailand", "member=Thailand")])
    assert lines(trail)[0]["page"] == "member"


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
    from urllib.parse import urlencode

    app, trail = kept(answering(), folder)
    trail.path.write_text("", encoding="utf-8")
    mark = "zq" + "".join(c for c in text if c.isalnum())
    talk(app, [asked(None, f"http://x/{mark}{path}", urlencode({name + mark.upper(): mark, "member": mark + text}))])
    assert mark.lower() not in trail.path.read_text(encoding="utf-8").lower()
    assert all(set(line.get("filters", {}).values()) <= {"other"} for line in lines(trail))


def test_only_its_owner_reads_the_trail_and_it_is_off_unless_a_folder_is_named(tmp_path):
    app, trail = kept(answering(), tmp_path)
    talk(app, [asked("routes")])
    assert trail.path.stat().st_mode & 0o077 == 0
    off, nowhere = kept(answering(), None)
    talk(off, [asked("routes")])
    assert nowhere.path is None


def test_the_trail_is_rotated_and_no_line_is_lost(tmp_path, monkeypatch):
    monkeypatch.setattr("corridors.web.audit.SIZE", 2000)
    trail = Trail(tmp_path)
    for n in range(60):
        trail.note("page", page="routes", n=n + 1)
    trail.close()
    files = sorted(tmp_path.glob("audit-main.jsonl*"))
    numbers = [json.loads(line)["n"] for f in files for line in f.read_text().splitlines()]
    assert len(files) > 1 and sorted(numbers) == list(range(1, 61))
