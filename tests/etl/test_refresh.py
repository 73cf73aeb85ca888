"""Downloads, against a real server on this machine that misbehaves as publishers and venue networks do."""

from __future__ import annotations

import json
import socket
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import formatdate
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corridors.catalog import Download
from corridors.problems import NoNetwork, SourceRefused
from corridors.store.atomic_files import sha256
from etl.download import FetchPolicy
from etl.refresh import RefreshIncomplete, refresh
from tests.etl.publisher_server import CSV, FAILURES, PAGE, Answer, a_source, files, running, unhcr, workbook

ORIGINALS = Path(__file__).resolve().parents[3] / "shared" / "originals"
QUICK = FetchPolicy(
    first_delay=0.001,
    per_second=100_000,
    read_timeout=0.3,
    connect_timeout=1,
    longest_delay=5,
    now=lambda: datetime(2026, 9, 28, tzinfo=UTC),
)


BUSY = Answer(status=429, headers={"Retry-After": "3"})
BUSY_UNTIL = Answer(status=503, headers={"Retry-After": formatdate(QUICK.now().timestamp() + 4, usegmt=True)})


@pytest.fixture(scope="module")
def server():
    """One server for all tests; each test writes its script."""
    with running() as server:
        yield server


@pytest.fixture
def publisher(server):
    server.script.clear()
    server.asked.clear()
    return server


def run(publisher, folder, *downloads, policy=QUICK, **more):
    return refresh([a_source(*downloads)], folder, base=publisher.base, policy=policy, **more)


def test_a_file_arrives_with_a_card_that_an_auditor_can_check(publisher, tmp_path):
    publisher.script["/data.csv"] = [Answer(headers={"ETag": '"v1"', "Last-Modified": "Mon, 01 Jun 2026 00:00:00 GMT"})]
    seen = []
    (got,) = run(publisher, tmp_path, on_progress=lambda *step: seen.append(step))
    card = tomllib.loads((tmp_path / "unhcr/data.csv.card.toml").read_text())
    assert (tmp_path / "unhcr/data.csv").read_bytes() == CSV
    assert card == {
        "url": "https://data.example.org/data.csv",
        "retrieved": "2026-09-28T00:00:00Z",
        "bytes": len(CSV),
        "sha256": sha256(tmp_path / "unhcr/data.csv"),
        "etag": '"v1"',
        "last_modified": "Mon, 01 Jun 2026 00:00:00 GMT",
    }
    assert (got.state, got.sha256, got.bytes) == ("new", card["sha256"], len(CSV))
    assert seen[-1] == ("unhcr/data.csv", len(CSV), len(CSV))
    assert sorted(files(tmp_path)) == ["unhcr/data.csv", "unhcr/data.csv.card.toml"]
    assert publisher.asked[0][1]["User-Agent"] == "Corridors/1.0 (+data refresh)"


def test_an_unchanged_file_is_not_sent_again_and_a_tampered_one_is(publisher, tmp_path):
    publisher.script["/data.csv"] = [Answer(headers={"ETag": '"v1"'})]
    run(publisher, tmp_path)
    before = files(tmp_path)
    assert [f.state for f in run(publisher, tmp_path)] == ["unchanged"]
    assert publisher.asked[-1][1]["If-None-Match"] == '"v1"' and files(tmp_path) == before
    (tmp_path / "unhcr/data.csv").write_bytes(CSV + b"THA,LAO,2025,7\n")
    assert [f.state for f in run(publisher, tmp_path)] == ["updated"]
    assert "If-None-Match" not in publisher.asked[-1][1] and files(tmp_path) == before
    publisher.script["/data.csv"] = [Answer()]  # without a version the bytes tell
    assert run(publisher, tmp_path)[0].state == "unchanged"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.binary(min_size=1, max_size=3000),
    cuts=st.lists(st.integers(0, 3000), max_size=4),
)
def test_however_often_the_line_is_cut_the_file_is_the_publishers(publisher, tmp_path_factory, body, cuts):
    folder = tmp_path_factory.mktemp("cut")
    publisher.script["/data.bin"] = [*(Answer(b"y" + body, cut=cut % (1 + len(body))) for cut in cuts), Answer(b"x" + body)]
    run(publisher, folder, Download("data.bin", "https://example.org/data.bin", "file"))
    assert (folder / "unhcr/data.bin").read_bytes() == b"x" + body


def test_an_interruption_by_hand_leaves_the_old_file_and_nothing_else(publisher, tmp_path):
    run_first(publisher, tmp_path)
    before = files(tmp_path)
    publisher.script["/data.csv"] = [Answer(CSV * 50, headers={"ETag": '"v2"'})]

    def stop(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(publisher, tmp_path, on_progress=stop)
    assert files(tmp_path) == before
    assert run(publisher, tmp_path)[0].state == "updated"
    assert (tmp_path / "unhcr/data.csv").read_bytes() == CSV * 50


@pytest.mark.parametrize(
    ("answers", "jitter", "waits"),
    [
        (
            [Answer(status=500), Answer(status=503), Answer(status=502)],
            1.0,
            [1, 2, 4],
        ),  # growing pauses for one that stumbles
        ([BUSY, BUSY_UNTIL], 0.0, [3, 4]),  # a busy one is left alone as long as it asks
    ],
)
def test_a_server_that_does_not_answer_at_once_is_asked_again_after_a_pause(publisher, tmp_path, answers, jitter, waits):
    publisher.script["/data.csv"], waited = [*answers, Answer()], []
    run(publisher, tmp_path, policy=replace(QUICK, first_delay=1, sleep=waited.append, jitter=lambda: jitter))
    assert waited == waits


def test_a_silent_server_is_given_up_in_time_and_asked_again(publisher, tmp_path):
    publisher.script["/data.csv"] = [Answer(delay=0.6), Answer()]
    assert run(publisher, tmp_path)[0].state == "new"


def run_first(publisher, folder):
    """An earlier file with its card on disk."""
    publisher.script["/data.csv"] = [Answer(headers={"ETag": '"v0"'})]
    run(publisher, folder)


@pytest.mark.parametrize("name", FAILURES)
def test_after_any_failure_the_previous_file_is_what_it_was(publisher, tmp_path, name):
    answer, said = FAILURES[name]
    run_first(publisher, tmp_path)
    card = tmp_path / "unhcr/data.csv.card.toml"
    if name == "unasked 304":
        card.unlink()
    before = files(tmp_path)
    publisher.script["/data.csv"] = [answer]
    with pytest.raises(SourceRefused, match=said) as refusal:
        run(publisher, tmp_path, policy=replace(QUICK, largest=len(CSV) * 10))
    assert files(tmp_path) == before
    (problem,) = refusal.value.problems
    assert problem.file == "unhcr/data.csv" and problem.found and problem.expected and problem.how_to_fix


def test_a_shrunk_file_is_taken_when_a_person_says_so(publisher, tmp_path):
    run_first(publisher, tmp_path)
    publisher.script["/data.csv"] = [Answer(CSV[: len(CSV) // 3])]
    assert run(publisher, tmp_path, accept_shrunk=True)[0].state == "updated"


@pytest.mark.parametrize(
    "file, body, good",
    [
        ("d.xlsx", workbook(), True),
        ("d.xlsx", workbook()[:60], False),
        ("d.xlsx", CSV, False),
        ("d.json", b'[{"web_id": "2025.MMP0937"}]', True),
        ("d.json", b'[{"web_id": "2025.MM', False),
        ("d.json", b"[]", False),
        ("d.csv", b"\xef\xbb\xbf" + CSV, True),
        ("d.csv", b"\xef\xbb\xbf<html>", False),
    ],
)
def test_only_a_file_of_the_promised_kind_is_put_in_place(publisher, tmp_path, file, body, good):
    publisher.script["/d"] = [Answer(body, type="application/octet-stream")]
    wish = Download(file, "https://example.org/d", "file")
    if good:
        assert run(publisher, tmp_path, wish)[0].bytes == len(body)
    else:
        with pytest.raises(SourceRefused, match=f"unhcr/{file}: found"):
            run(publisher, tmp_path, wish)
        assert files(tmp_path) == {}


def test_without_network_the_message_says_where_to_put_a_file_by_hand(tmp_path):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{closed.getsockname()[1]}"
    wishes = [Download(f"{n}.csv", f"https://example.org/{n}.csv", "file") for n in "abc"]
    waits = []
    with pytest.raises(NoNetwork) as refusal:
        refresh([a_source(*wishes)], tmp_path, base=base, policy=replace(QUICK, sleep=waits.append))
    text = str(refusal.value)
    assert "unhcr/a.csv and 2 more: found no way to 127.0.0.1" in text and "https://example.org/a.csv" in text
    assert "imported figures" in text and f"{tmp_path / 'unhcr'}/" in text
    assert len([w for w in waits if w > 0.0004]) == 1  # a host without a way is not called for every file
    assert files(tmp_path) == {}


def test_a_proxy_that_is_not_there_is_no_network(tmp_path, monkeypatch):
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with pytest.raises(NoNetwork, match="no way to data.example.org.*HTTPS_PROXY"):
        refresh([a_source()], tmp_path, policy=QUICK)


def test_a_disk_that_refuses_is_told_like_any_other_fault(publisher, tmp_path):
    (tmp_path / "unhcr").write_text("a file where the folder should be")
    publisher.script["/data.csv"] = [Answer()]
    with pytest.raises(RefreshIncomplete, match="a disk that refuses"):
        run(publisher, tmp_path)


def test_an_opened_secure_line_is_no_network_and_not_a_broken_file(publisher, tmp_path):
    with pytest.raises(NoNetwork, match="SSL"):
        refresh([a_source()], tmp_path, base=publisher.base.replace("http:", "https:"), policy=QUICK)


def test_one_failing_source_does_not_stop_the_others_and_all_faults_come_at_once(publisher, tmp_path):
    publisher.script["/good.csv"] = [Answer()]
    good = Download("good.csv", "https://example.org/good.csv", "file")
    lost = [Download(f"{n}.csv", f"https://example.org/{n}.csv", "file") for n in ("lost", "gone")]
    odd = Download("odd.csv", "ftp://example.org/odd.csv", "file")
    sources = [a_source(*lost, id="one"), a_source(odd, good, id="two")]
    with pytest.raises(RefreshIncomplete) as refusal:
        refresh(sources, tmp_path, base=publisher.base, policy=QUICK)
    assert [p.file for p in refusal.value.problems] == ["one/lost.csv", "one/gone.csv", "two/source.toml"]
    assert [f.file for f in refusal.value.fetched] == ["good.csv"] and (tmp_path / "two/good.csv").read_bytes() == CSV


def test_every_year_is_fetched_and_only_the_present_one_may_be_missing(publisher, tmp_path):
    yearly = Download("{year}-json.json", "https://example.org/{year}/json", "file", {"years": [2024, "now"]})
    for year in (2024, 2025):
        publisher.script[f"/{year}/json"] = [Answer(b'[{"web_id": "%d.MMP0001"}]' % year, type="application/json")]
    got = run(publisher, tmp_path, yearly)
    assert [(f.file, f.state) for f in got] == [
        ("2024-json.json", "new"),
        ("2025-json.json", "new"),
        ("2026-json.json", "not yet published"),
    ]
    del publisher.script["/2024/json"]
    with pytest.raises(SourceRefused, match="2024-json.json: found the answer 404"):
        run(publisher, tmp_path, yearly)


FITS = {"pattern": r"/files/\d{4}-\d{2}/data_glotip(_0)?\.xlsx", "prefer": "_0", "user_agent": "Mozilla/5.0"}
LINKED = Download("data_glotip.xlsx", "https://data.unodc.org/datareport/tip-victims", "linked_file", FITS)


def test_the_newest_workbook_behind_a_page_is_taken(publisher, tmp_path):
    names = ["2024-05/data_glotip_0", "2025-04/data_glotip", "2025-04/data_glotip_0", "2025-11/other"]
    page = "".join(f'<a class=x href="/sites/files/{name}.xlsx">Download</a>' for name in names)
    publisher.script["/datareport/tip-victims"] = [Answer(page.encode(), type="text/html")]
    publisher.script["/sites/files/2025-04/data_glotip_0.xlsx"] = [Answer(workbook(), headers={"ETag": '"x"'})]
    got = [run(publisher, tmp_path, LINKED)[0] for _ in range(2)]
    assert [f.state for f in got] == ["new", "unchanged"]
    assert got[0].url == "https://data.unodc.org/sites/files/2025-04/data_glotip_0.xlsx"
    assert {headers["User-Agent"] for _, headers, _ in publisher.asked} == {"Mozilla/5.0"}


def test_a_page_without_the_link_is_named_with_the_cure(publisher, tmp_path):
    publisher.script["/datareport/tip-victims"] = [Answer(b"<a href='/login'>Sign in</a>", type="text/html")]
    with pytest.raises(SourceRefused, match="changed the page"):
        run(publisher, tmp_path, LINKED)


ASKED = {"cf_type": "ISO", "coo_all": True, "coa_all": True, "yearFrom": 2000, "yearTo": "now", "limit": 4}
ROWS = [{"year": 2000 + n, "coo_iso": "MMR", "coa_iso": "THA", "refugees": n, "oip": "-"} for n in range(10)]


API = "/population/v1/population/"


def wish(**options) -> Download:
    return Download("population.json", f"https://api.unhcr.org{API}", "unhcr_pages", ASKED | options)


@pytest.mark.parametrize("rows, total", [(ROWS, None), (ROWS[:8], None), (ROWS[:3], 3), (ROWS, {"refugees": 45})])
def test_all_pages_become_one_list_as_the_reader_expects(publisher, tmp_path, rows, total):
    publisher.script[API] = unhcr(rows, total=total)
    assert [run(publisher, tmp_path, wish())[0].state for _ in range(2)] == ["new", "unchanged"]
    assert json.loads((tmp_path / "unhcr/population.json").read_text()) == rows
    assert sorted(files(tmp_path)) == ["unhcr/population.json", "unhcr/population.json.card.toml"]
    query = parse_qs(urlsplit(publisher.asked[0][0]).query)
    assert query == {
        "cf_type": ["ISO"],
        "coo_all": ["true"],
        "coa_all": ["true"],
        "yearFrom": ["2000"],
        "yearTo": ["2026"],
        "limit": ["4"],
        "page": ["1"],
    }


SUMS = [row | {"coo_iso": "-"} for row in ROWS]
LOSSES = {
    "a page comes back empty": (unhcr(ROWS, lose=2), "0 rows on page 2 of 3"),
    "the last page comes back empty": (unhcr(ROWS, lose=3), "0 rows on page 3 of 3"),
    "a page is short": (unhcr(ROWS, limit=3), "3 rows on page 1 of 4"),
    "a page is repeated": (unhcr(ROWS[:4] * 2 + ROWS[8:]), "repeats an earlier one"),
    "the page asked for is ignored": ([lambda query: unhcr(ROWS)[0](query | {"page": "1"})], "page 1 of 3, 5"),
    "a new release in between": ([*unhcr(ROWS), *unhcr(ROWS * 2)], "page 2 of 5, 5 times.*expected page 2 of 3"),
    "the count differs": (unhcr(ROWS, total=11), "10 rows in 3 pages; expected 11 rows"),
    "rows after the end": (unhcr(ROWS, last=2), "rows after the last page"),
    "no rows": (unhcr([]), "an answer without rows"),
    "a page in words": ([Answer(b'{"items": "none"}', type="application/json")], "another shape"),
    "a web page": ([Answer(PAGE, type="text/html")], "a web page"),
    "other years": (unhcr([{**row, "year": 1951} for row in ROWS]), "years 1951 to 1951"),
    "world totals": (unhcr(SUMS), "sums over all countries"),
}


@pytest.mark.parametrize("name", LOSSES)
def test_no_list_with_lost_or_wrong_rows_replaces_the_earlier_one(publisher, tmp_path, name):
    publisher.script[API] = unhcr(ROWS[:3])
    run(publisher, tmp_path, wish())
    before = files(tmp_path)
    publisher.script[API], said = list(LOSSES[name][0]), LOSSES[name][1]
    with pytest.raises(SourceRefused, match=said):
        run(publisher, tmp_path, wish())
    assert files(tmp_path) == before


def test_a_page_lost_once_is_asked_again(publisher, tmp_path):
    (whole,), (torn,) = unhcr(ROWS), unhcr(ROWS, lose=2)
    publisher.script[API] = [whole, torn, whole]
    assert run(publisher, tmp_path, wish())[0].state == "new" and len(publisher.asked) == 4


def test_unhcr_is_asked_at_most_four_times_a_second(publisher, tmp_path):
    publisher.script[API] = unhcr(ROWS)
    run(publisher, tmp_path, wish(), policy=replace(QUICK, per_second=FetchPolicy().per_second))
    times = [at for _, _, at in publisher.asked]
    assert FetchPolicy().per_second == 4 and all(b - a > 0.2 for a, b in zip(times, times[1:]))


@pytest.mark.parametrize(
    "download, said",
    [
        (wish(cf_type="iso3"), "without it AUS is Austria"),
        (wish(coo_al=True), "parameter coo_al"),
        (wish(coo="MMR"), "UNHCR ignores the list"),
        (replace(wish(), options={"cf_type": "ISO", "yearFrom": 2000}), "one bound of the years"),
        (replace(LINKED, options={}), "options.pattern"),
        (replace(LINKED, options={"pattern": "("}), "options.pattern"),
        (Download("a.csv", "https://example.org/{year}", "file", {"years": [2014, "now"]}), "{year} in file and in url"),
        (Download("{year}.csv", "https://example.org/{year}", "file", {"years": ["now"]}), "years = "),
        (Download("../a.csv", "https://example.org/a", "file"), "a plain file name"),
        (Download("a.csv", "http://example.org/a", "file"), "https://"),
        (Download("a.csv", "https://example.org/a", "csv"), "kind file, linked_file, unhcr_pages or inform_scores"),
    ],
)
def test_a_misdescribed_download_is_refused_before_anyone_is_asked(publisher, tmp_path, download, said):
    with pytest.raises(SourceRefused, match="unhcr/source.toml: found") as refusal:
        run(publisher, tmp_path, download)
    assert said in str(refusal.value) and publisher.asked == []


@pytest.mark.skipif(not ORIGINALS.is_dir(), reason="the originals lie beside the project only while it is developed")
def test_the_real_originals_arrive_byte_for_byte_over_a_bad_line(publisher, tmp_path):
    names = ["unhcr/solutions.csv", "iom_missing_migrants/2025-json.json", "unodc_glotip/data_glotip_2025-04-14.xlsx"]
    wishes = []
    for name in names:
        body, tag = (ORIGINALS / name).read_bytes(), {"ETag": f'"{name}"'}
        whole = Answer(body, type="", headers=tag)
        publisher.script[f"/{name}"] = [replace(whole, cut=len(body) // 2), whole]
        wishes.append(Download(Path(name).name, f"https://example.org/{name}", "file"))
    got = run(publisher, tmp_path, *wishes)
    assert [f.sha256 for f in got] == [sha256(ORIGINALS / name) for name in names]
    assert len(publisher.asked) == 2 * len(names)


INFORM = Download(
    "inform_scores_{date}.json", "https://example.org/api/", "inform_scores", {"indicators": ["INFORM", "HA.NAT"]}
)
BY_YEAR = "/api/Workflows/GetByYear/{}"
SCORES = json.dumps([{"Iso3": "THA", "IndicatorId": i, "IndicatorScore": 4.1} for i in ("INFORM", "HA.NAT")]).encode()


def listed(*editions: tuple[int, str, str]) -> Answer:
    """INFORM's list of editions of one year."""
    told = [{"WorkflowId": n, "Name": name, "WorkflowDate": day} for n, name, day in editions]
    return Answer(json.dumps(told).encode(), type="application/json")


def test_the_newest_global_edition_of_inform_is_asked_for_by_its_number_and_named_by_its_day(publisher, tmp_path):
    publisher.script |= {
        BY_YEAR.format(2027): [listed()],
        BY_YEAR.format(2026): [
            Answer(b""),
            listed(
                (509, "INFORM Risk 2026", "2025-09-30T00:00:00"),
                (515, "INFORM Risk Mid 2026", "2026-03-31T00:00:00"),
                (600, "INFORM LAC 2026", "2026-06-01T00:00:00"),
            ),
        ],
        "/api/countries/Scores/": [Answer(SCORES, type="application/json")],
    }
    (got,) = run(publisher, tmp_path, INFORM)
    assert (got.state, got.file) == ("new", "inform_scores_2026-03-31.json")
    assert (tmp_path / "unhcr" / got.file).read_bytes() == SCORES
    assert publisher.asked[-1][0] == "/api/countries/Scores/?WorkflowId=515&IndicatorId=INFORM,HA.NAT"


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ({BY_YEAR.format(2027): [Answer(b'[{"Id": 1}]', type="application/json")]}, "Name, WorkflowId and WorkflowDate"),
        ({BY_YEAR.format(year): [listed()] for year in (2027, 2026, 2025, 2024)}, "no edition from 2024 to 2027"),
        ({BY_YEAR.format(2027): [Answer(b"")]}, "an empty answer"),
        ({BY_YEAR.format(2027): [Answer(b"<html>Sign in</html>", type="text/html")]}, "a web page"),
    ],
)
def test_a_list_of_editions_that_cannot_be_used_is_named_and_nothing_is_replaced(publisher, tmp_path, script, said):
    publisher.script |= script
    with pytest.raises(RefreshIncomplete, match=said):
        run(publisher, tmp_path, INFORM)
    assert files(tmp_path) == {}
