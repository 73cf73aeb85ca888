"""Static files on the wire: whatever a browser asks for, it gets exactly the file, small, and may keep it."""

import gzip
import os
import threading
from pathlib import Path

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors.web import headers, http
from corridors.web.static_compressed import AssetCache, StaticCompressed, dressed
from tests.web.asgi import answering, ask

PROGRAM = b"export const figure = 'reported';\n" * 400
FONT = bytes(range(256)) * 8
SCRIPT = "/static/js/index.DormvYxC.js"
HTML = (
    b"""<!-- licence --><!DOCTYPE html><html lang="en"><head><title>Streamlit</title>
<link rel="service-desc" href="./_stcore/agent/openapi.json" />
<script>
      window.ready = false
    </script>
<script type="module" src="./static/js/index.DormvYxC.js"></script></head><body><noscript><p>long</p></noscript>
<div id="root"></div></body></html>"""
    + b" " * 600
)


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> tuple[Path, Path]:
    """A folder like Streamlit's and one like our own `static`."""
    theirs, ours = tmp_path_factory.mktemp("streamlit"), tmp_path_factory.mktemp("app")
    bodies = {"js/index.DormvYxC.js": PROGRAM, "js/plain.js": PROGRAM, "media/Sans.BsWL4Kly.woff2": FONT}
    for name, body in bodies.items():
        file = theirs / "static" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)
    (theirs / "index.html").write_bytes(HTML)
    (ours / "land-2c07aa135101.json").write_bytes(b'{"type":"land"}' * 99)
    (ours / "notes.json").write_bytes(b'{"private":1}')
    return theirs, ours


def served(folders, folder: Path | None, inner=None) -> StaticCompressed:
    return StaticCompressed(inner or answering(404), *folders, AssetCache(folder))


@pytest.fixture(scope="module")
def warm(folders, tmp_path_factory) -> StaticCompressed:
    """A server whose quiet thread is done."""
    app = served(folders, tmp_path_factory.mktemp("copies"))
    for asset in app.worth_preparing():
        app.cache.made(asset, "br")
    return app


def unpacked(answer) -> bytes:
    coding = answer.headers.get("content-encoding", "")
    return {"br": brotli.decompress, "gzip": gzip.decompress, "": bytes}[coding](answer.body)


def test_the_first_visitor_gets_gzip_at_once_and_the_next_gets_brotli(folders, tmp_path):
    app = served(folders, tmp_path)
    first = ask(app, SCRIPT, headers={"accept-encoding": "gzip, deflate, br"})
    assert first.headers["content-encoding"] == "gzip"
    app.cache.start()
    for _ in range(200):
        then = ask(app, SCRIPT, headers={"accept-encoding": "gzip, deflate, br"})
        if then.headers["content-encoding"] == "br":
            break
        threading.Event().wait(0.02)
    app.cache.stop()
    assert then.headers["content-encoding"] == "br"
    assert len(then.body) <= len(first.body) < len(PROGRAM) / 20
    assert unpacked(first) == unpacked(then) == PROGRAM


def test_a_file_named_by_its_content_is_kept_for_a_year_and_the_page_is_asked_for_again(warm, folders):
    year = "public, max-age=31536000, immutable"
    assert ask(warm, SCRIPT).headers["cache-control"] == year
    assert ask(warm, "/app/static/land-2c07aa135101.json").headers["cache-control"] == year
    assert ask(warm, "/static/js/plain.js").headers["cache-control"] == "no-cache"
    page = ask(served(folders, None, page_of(folders)), "/routes")
    assert page.headers["cache-control"] == "no-cache"


def test_a_proxy_cannot_mix_up_encodings(warm):
    answers = {e: ask(warm, SCRIPT, headers={"accept-encoding": e}) for e in ("br", "gzip", "identity")}
    assert {a.headers["vary"] for a in answers.values()} == {"Accept-Encoding"}
    assert len({a.headers["etag"] for a in answers.values()}) == 3
    assert "vary" not in ask(warm, "/static/media/Sans.BsWL4Kly.woff2", headers={"accept-encoding": "br"}).headers


def test_who_has_it_already_gets_only_a_nod(warm):
    etag = ask(warm, SCRIPT, headers={"accept-encoding": "br"}).headers["etag"]
    again = ask(warm, SCRIPT, headers={"accept-encoding": "br", "if-none-match": f'"other", W/{etag}'})
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", etag)
    assert ask(warm, SCRIPT, headers={"accept-encoding": "gzip", "if-none-match": etag}).status == 200


def test_head_tells_the_same_as_get_without_a_body(warm):
    get, head = (ask(warm, SCRIPT, method, headers={"accept-encoding": "br"}) for method in ("GET", "HEAD"))
    assert (head.status, head.headers, head.body) == (200, get.headers, b"")


def test_a_download_that_broke_off_goes_on_from_the_same_file_only(warm):
    etag = ask(warm, SCRIPT).headers["etag"]
    part = ask(warm, SCRIPT, headers={"range": "bytes=10-19", "if-range": etag, "accept-encoding": "br"})
    assert (part.status, part.body) == (206, PROGRAM[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(PROGRAM)}" and "content-encoding" not in part.headers
    other = ask(warm, SCRIPT, headers={"range": "bytes=10-19", "if-range": '"older"'})
    assert (other.status, other.body) == (200, PROGRAM)
    assert ask(warm, SCRIPT, headers={"range": "bytes=999999-"}).status == 416


@given(
    encodings=st.lists(
        st.tuples(
            st.sampled_from(["br", "gzip", "identity", "*", "zstd", "x y"]),
            st.sampled_from(["", ";q=0", ";q=0.5", "; Q=1", ";q=.", ";q=-1", ";q=1.2.3"]),
        ),
        max_size=4,
    ),
    ranged=st.one_of(st.none(), st.from_regex(r"bytes=\d{0,5}-\d{0,5}(,\d-\d)?", fullmatch=True), st.text(max_size=12)),
)
def test_no_header_however_odd_gives_a_visitor_other_bytes_than_the_file(warm, encodings, ranged):
    asked = {"accept-encoding": ", ".join(a + b for a, b in encodings)}
    if ranged is not None:
        asked["range"] = ranged.encode("latin-1", "replace").decode("latin-1")
    answer = ask(warm, SCRIPT, headers=asked)
    coding = answer.headers.get("content-encoding")
    assert coding is None or coding in http.accepted(asked["accept-encoding"])
    if answer.status == 200:
        assert unpacked(answer) == PROGRAM
    elif answer.status == 206:
        first, last = map(int, answer.headers["content-range"].split()[1].split("/")[0].split("-"))
        assert answer.body == PROGRAM[first : last + 1] and len(answer.body) == last - first + 1
    else:
        assert answer.status == 416


@pytest.mark.parametrize(
    "path",
    [
        "/static/../index.html",
        "/app/static/../secrets.toml",
        "/app/static/notes.json",
        "/app/static/land-2c07aa135101.json/..",
        "/app/static/",
        "/static/js",
        "/static/js/index.DormvYxC.js/",
        "/app/static/.gitignore",
        "/static//etc/passwd",
    ],
)
def test_no_path_reaches_a_file_that_was_not_meant_to_be_fetched(warm, path):
    assert ask(warm, path).status == 404


def test_a_broken_copy_on_disk_is_made_anew_and_not_kept_for_a_year(folders, tmp_path):
    asset = next(p for p in served(folders, tmp_path).worth_preparing() if p.file)
    for broken in (b"", b"not brotli", brotli.compress(b"another file")):
        (tmp_path / f"{asset.digest}.br").write_bytes(broken)
        answer = ask(served(folders, tmp_path), SCRIPT, headers={"accept-encoding": "br, gzip"})
        assert unpacked(answer) == PROGRAM


def test_a_disk_that_cannot_be_written_only_costs_time(folders, tmp_path):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("a file where the folder should be")
    app = served(folders, in_the_way)
    assert unpacked(ask(app, SCRIPT, headers={"accept-encoding": "gzip"})) == PROGRAM
    assert unpacked(ask(served(folders, None), SCRIPT, headers={"accept-encoding": "gzip"})) == PROGRAM


def test_copies_are_kept_on_disk_so_a_second_start_makes_none(folders, tmp_path):
    first = served(folders, tmp_path)
    for asset in first.worth_preparing():
        first.cache.made(asset, "br")
    kept = {f.name: f.stat().st_mtime_ns for f in tmp_path.iterdir()}
    second = served(folders, tmp_path)
    assert ask(second, SCRIPT, headers={"accept-encoding": "br"}).headers["content-encoding"] == "br"
    assert kept and {f.name: f.stat().st_mtime_ns for f in tmp_path.iterdir()} == kept
    assert not [f for f in os.listdir(tmp_path) if f.endswith(".part")]


def page_of(folders):
    """What Streamlit answers to the address of a page: its HTML as it is."""
    return answering(200, {"content-type": "text/html; charset=utf-8"}, (folders[0] / "index.html").read_bytes())


def test_every_page_is_our_html_small_and_asked_for_again(folders):
    app = served(folders, None, page_of(folders))
    for path in ("/", "/routes", "/deep/er"):
        answer = ask(app, path, headers={"accept-encoding": "gzip"})
        assert b"<title>Corridors</title>" in unpacked(answer) and answer.headers["content-encoding"] == "gzip"
    again = ask(app, "/", headers={"accept-encoding": "gzip", "if-none-match": answer.headers["etag"]})
    assert again.status == 304


def test_html_that_is_not_streamlits_page_and_errors_go_through_untouched(folders):
    other = answering(200, {"content-type": "text/html"}, b"<p>signed in</p>")
    assert ask(served(folders, None, other), "/oauth2callback").body == b"<p>signed in</p>"
    assert ask(served(folders, None, answering(503, body=b"busy")), "/").body == b"busy"
    post = served(folders, None, page_of(folders))
    assert ask(post, SCRIPT, "POST").body == HTML


def test_the_script_inside_the_page_still_has_the_hash_that_the_policy_lets_run():
    page = dressed(HTML, "Corridors")
    first, theirs = headers.inline_hashes(page)  # our own small program runs before Streamlit's
    assert (theirs,) == headers.inline_hashes(HTML) and first != theirs
    assert b"service-desc" not in page and b"<!--" not in page and b"<!DOCTYPE html>" in page[:20]


def test_streamlits_real_page_is_found_and_dressed():
    """If Streamlit moves its page or its files, a first visit would silently grow to 8 MB again."""
    import importlib.util

    folder = Path(importlib.util.find_spec("streamlit").origin).parent / "static"
    app = StaticCompressed(answering(404), folder, folder, AssetCache(None))
    names = [p.file.name for p in app.worth_preparing() if p.file]
    assert {n.split(".")[0] for n in names} >= {"PlotlyChart", "DeckGlJsonChart", "index", "protobuf", "embed"}
    assert b"<title>Corridors</title>" in app.index.asset.body and len(app.files) > 200
