"""Figures by address: who may ask what, what comes back with each figure, and what is said of questions that cannot be asked."""

import io
import json
import shutil
import threading
from datetime import date, timedelta

import pandas as pd
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance
from starlette.applications import Starlette

from corridors.catalog import roles, tlp, words
from corridors.problems import Refused
from corridors.store import editions, tokens
from corridors.store.queries import figures as reading
from corridors.store.queries import open_data
from corridors.web import api
from tests.planted import EDITION, MARKS
from tests.sampling import all_or
from tests.web.asgi import ask

ROLES = {role.id: role for role in roles.load().roles}
TODAY = date.today()


def served(visitor=lambda scope: (roles.LOCAL, "local"), table=roles.load, note=lambda **fields: True) -> Starlette:
    return Starlette(routes=[api.mounted(api.Api(visitor, table, note))])


@pytest.fixture(scope="module")
def app(edition_id):
    return served()


@pytest.fixture
def keys(tmp_path, monkeypatch):
    monkeypatch.setenv("CORRIDORS_TOKENS", str(tmp_path / "tokens.json"))
    return tmp_path / "tokens.json"


def told(app, path: str, query: str = "", **headers) -> dict:
    answer = ask(app, api.ROOT + path, query=query, headers=headers)
    assert answer.status == 200, answer.body
    return json.loads(answer.body)


def problem(app, path: str, query: str = "", headers: dict | None = None) -> tuple[int, str, dict]:
    """Status, everything that is said, and the headers of an answer that is a problem with how to fix it."""
    answer = ask(app, api.ROOT + path, query=query, headers=headers)
    said = json.loads(answer.body)
    assert answer.headers["content-type"] == "application/problem+json" and answer.headers["cache-control"] == "no-store"
    assert said["status"] == answer.status and said["title"] and said["how_to_fix"]
    return answer.status, f"{said['title']} {said['how_to_fix']}", answer.headers


def with_key(text: str) -> dict:
    return {"authorization": f"Bearer {text}"}


# --- figures ---------------------------------------------------------------------------------------------------------


def test_a_figure_comes_with_unit_period_source_uses_caveats_label_and_citation(app, edition_id):
    found = told(app, "/figures", "place=Thailand&other_end=Burma&indicator=refugees&first_year=2025")
    (one,) = found["figures"]
    assert (one["value"], one["unit"], one["period_end"], one["publisher"]) == (80411, "people", "2025-12-31", "UNHCR")
    assert {"use_level", "use_trend", "use_compare", "use_sum", "grade", "grade_reason", "tlp"} <= one.keys()
    assert set(one["caveats"]) == found["caveats"].keys() and all(words["text"] for words in found["caveats"].values())
    assert found["sources"].keys() == {"unhcr"} and found["sources"]["unhcr"]["licence"]
    assert edition_id in one["citation"] and one["figure_id"] in one["citation"]
    again = told(app, one["address"].removeprefix(api.ROOT).partition("?")[0], one["address"].partition("?")[2])
    assert again["figures"] == [one]


def test_all_figures_of_a_member_come_page_by_page_in_the_same_bytes_each_time(app, edition_id):
    query, ids = "place=KIR&size=40", []
    while query:
        found = told(app, "/figures", query)
        assert ask(app, f"{api.ROOT}/figures", query=query).body == ask(app, f"{api.ROOT}/figures", query=query).body
        ids += [one["figure_id"] for one in found["figures"]]
        query = found["next"] and found["next"].partition("?")[2]
    assert len(ids) == len(set(ids)) == found["count"] == open_data.count(edition_id, open_data.Choice(["KIR"]))


@pytest.mark.parametrize("name", [*open_data.TABLES])
def test_a_table_is_the_same_in_all_three_forms(app, name):
    query = "place=NRU" if name == "figures" else ""
    as_json = pd.DataFrame(told(app, f"/{name}", query)[name])
    as_csv = ask(app, f"{api.ROOT}/{name}", query=f"{query}&format=csv")
    as_parquet = ask(app, f"{api.ROOT}/{name}", query=query, headers={"accept": "application/vnd.apache.parquet"})
    for answer in (as_csv, as_parquet):
        assert (
            answer.status == 200
            and "filename=" in answer.headers["content-disposition"]
            and answer.headers["x-corridors-tlp"]
        )
    read = pd.read_csv(io.BytesIO(as_csv.body)), pd.read_parquet(io.BytesIO(as_parquet.body))
    key = open_data.TABLES[name].key[0]
    assert len(as_json) == len(read[0]) == len(read[1]) > 0
    assert as_json[key].tolist() == read[1][key].tolist() == [str(v).removeprefix("'") for v in read[0][key]]


def test_routes_are_lines_of_a_map(app):
    found = told(app, "/routes", "format=geojson")
    assert found["type"] == "FeatureCollection" and len({leg["properties"]["route"] for leg in found["features"]}) > 30
    assert all(leg["geometry"]["type"] == "LineString" and leg["properties"]["strength"] for leg in found["features"])


def test_a_text_that_a_spreadsheet_would_run_is_disarmed():
    assert [words.disarmed(text) for text in ("=1+1", "@x", "fine", 3)] == ["'=1+1", "'@x", "fine", 3]


def test_what_the_asker_has_already_is_not_sent_again(app):
    first = ask(app, f"{api.ROOT}/caveats")
    again = ask(app, f"{api.ROOT}/caveats", headers={"if-none-match": first.headers["etag"]})
    assert (again.status, again.body) == (304, b"") and first.headers["cache-control"] == "private, no-cache"
    assert ask(app, f"{api.ROOT}/sources").headers["etag"] != first.headers["etag"]


def test_examples_can_be_asked_as_they_stand_and_the_description_names_every_address(app, edition_id):
    found = told(app, "/")
    for address in found["addresses"]:
        path, _, query = address.partition("?")
        assert ask(app, path, query=query).status == 200, address
    page = ask(app, f"{api.ROOT}/", headers={"accept": "text/html,*/*;q=0.8"})
    assert (
        page.headers["content-type"].startswith("text/html")
        and page.body.count(b"<li><a href=") == len(found["addresses"]) + 1
    )
    described = json.loads(ask(app, f"{api.ROOT}/openapi.json").body)
    assert {"/figures", "/changes", "/editions", *(f"/{name}" for name in open_data.TABLES)} <= described["paths"].keys()


# --- who may ask -----------------------------------------------------------------------------------------------------


def test_nobody_asks_without_a_key_or_a_sign_in_that_takes_figures_away(edition_id):
    status, said, headers = problem(served(lambda scope: None), "/members")
    assert status == 401 and "key" in said and headers["www-authenticate"] == "Bearer"
    for role in ("viewer", "contributor"):
        assert problem(served(lambda scope: (ROLES[role], "x")), "/members")[0] == 403
    assert told(served(lambda scope: (ROLES["presenter"], "x")), "/members")["members"]


def test_a_key_opens_until_its_day_is_over_or_it_is_withdrawn_or_its_role_is_gone(edition_id, keys):
    app = served(lambda scope: None)
    made, text = tokens.make("An office", "analyst", TODAY + timedelta(3), TODAY)
    assert text not in keys.read_text() and keys.stat().st_mode & 0o777 == 0o600
    assert ask(app, f"{api.ROOT}/members", headers=with_key(text)).status == 200
    assert problem(app, "/members", headers=with_key(text + "x"))[0] == 401
    assert "last day" in made.ended(TODAY + timedelta(4)) and not made.ended(TODAY + timedelta(3))
    without = roles.Access(**{**vars(roles.load()), "roles": (ROLES["viewer"],)})
    assert problem(served(lambda scope: None, lambda: without), "/members", headers=with_key(text))[0] == 403
    tokens.withdraw(made.id, TODAY)
    status, said, _ = problem(app, "/members", headers=with_key(text))
    assert status == 401 and "withdrawn" in said


@pytest.mark.parametrize("until", [TODAY - timedelta(1), TODAY + timedelta(500)])
def test_a_key_that_is_over_or_lives_on_is_not_made(keys, until):
    with pytest.raises(Refused, match="last day"):
        tokens.make("An office", "analyst", until, TODAY)
    with pytest.raises(Refused, match="There is no key"):
        tokens.withdraw("gone", TODAY)
    assert not keys.exists()


def test_a_file_of_keys_that_cannot_be_read_opens_nothing(edition_id, keys):
    keys.write_text("[{")
    assert problem(served(lambda scope: None), "/members", headers=with_key("corridors_x"))[0] == 503


def test_whoever_asks_too_often_waits_and_others_do_not(edition_id):
    pace = api.Pace(steady=2, burst=3)
    assert [pace.wait("one", 0.0) > 0 for _ in range(4)] == [False, False, False, True]
    assert not pace.wait("other", 0.0) and not pace.wait("one", 1.0)


def test_who_asks_too_often_is_told_when_to_come_back(edition_id, monkeypatch):
    monkeypatch.setattr(api.Pace, "wait", lambda *_: 1.5)
    status, _, headers = problem(served(lambda scope: (ROLES["analyst"], "x")), "/members")
    assert (status, headers["retry-after"]) == (429, "2")


def test_every_answer_is_a_line_of_the_trail_and_none_goes_out_without(edition_id):
    noted = []
    told(served(note=lambda **fields: noted.append(fields) or True), "/figures", "place=THA&size=1")
    assert noted == [{"who": "local", "edition": edition_id, "filters": [("place", "THA")], "file": "figures.json"}]
    assert problem(served(note=lambda **fields: False), "/members")[0] == 503


# --- labels ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def planted(planted_folder):
    """A copy of the edition with rows of every label in it; reads come from its folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CORRIDORS_EDITIONS", str(planted_folder))
        yield EDITION


@pytest.mark.parametrize("ceiling", tlp.LABELS[:-1])
def test_no_answer_holds_a_mark_above_the_ceiling_of_who_asks(planted, ceiling):
    role = roles.Role("R", frozenset({"g"}), ceiling, frozenset({"*"}), True, True, id="r")
    app, seen = served(lambda scope: (role, "x")), set()
    for name in [*open_data.TABLES, "changes", "routes", "editions", "figures/nothing"]:
        for form in ("json", "csv", "geojson"):
            body = ask(app, f"{api.ROOT}/{name}", query=f"format={form}" + f"&since={planted}" * (name == "changes")).body
            marks = {label for label in tlp.LABELS for word in MARKS[label] if word.encode() in body}
            assert marks <= set(tlp.allowed(ceiling)), (name, form)
            seen |= marks
    assert ceiling in seen | {"CLEAR"}, "nothing of the ceiling itself was seen: the test looks at nothing"


# --- questions that cannot be asked ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("place=Thailnd&indicator=refugee", 400, "“Thailnd” (near: thailand), “refugee” (near: refugees)"),
        ("first_year=2022&last_year=2020", 400, "Change their order"),
        ("page=99999", 404, "The last page is"),
        ("page=0&size=x&colour=red", 400, "colour"),
        ("edition=2020-01-01-00000000", 404, "/api/v1/editions"),
        ("edition=draft-2026-01-01-00000000", 404, "no such edition"),
        ("edition=draft-2026-01-01-00000000&since=x", 400, "since"),
        ("format=geojson", 400, "'json', 'csv' or 'parquet'"),
        ("&".join(["place=THA"] * 61), 400, "place"),
    ],
)
def test_a_question_that_cannot_be_asked_is_told_with_how_to_ask(app, query, status, words):
    found, said, _ = problem(app, "/figures", query)
    assert found == status and words in said


def test_a_draft_is_compared_with_nothing_and_a_retracted_edition_is_gone_at_once(app, tmp_path, monkeypatch):
    now = editions.current()
    draft = "draft-2026-11-27-aaaaaaaa"
    monkeypatch.setenv("CORRIDORS_DRAFTS", str(tmp_path))
    shutil.copy(editions.path_of(now), tmp_path / f"{draft.removeprefix('draft-')}.duckdb")
    assert problem(app, "/changes", f"since={draft}")[0] == 404
    had = ask(app, f"{api.ROOT}/changes", query=f"since={now}")
    assert had.status == 200 and json.loads(had.body)["changes"] == []
    monkeypatch.setattr(editions, "is_retracted", lambda *_: True)
    gone = ask(app, f"{api.ROOT}/changes", query=f"since={now}", headers={"if-none-match": had.headers["etag"]})
    assert gone.status in (404, 503)


def test_an_odd_accept_header_another_method_and_an_address_of_nothing_are_problems_too(app):
    assert problem(app, "/members", headers={"accept": "text/html;q=0.2"})[0] == 406
    assert problem(app, "/nothing")[0] == problem(app, "/figures/0000")[0] == 404
    answer = ask(app, f"{api.ROOT}/members", method="POST")
    assert answer.status == 405 and answer.headers["allow"] == "GET" and json.loads(answer.body)["how_to_fix"]


def test_a_question_that_takes_too_long_is_a_problem(app, monkeypatch):
    def slow(*_):
        raise reading.TooSlow("slow")

    monkeypatch.setattr(open_data, "count", slow)
    assert problem(app, "/figures", "place=TLS&first_year=2001")[0] == 503  # nobody has asked this before


def test_many_readers_at_once_all_get_their_answer(app):
    answers = []

    def read():
        for _ in range(4):
            answers.append(ask(app, f"{api.ROOT}/figures", query="place=FJI&size=50"))

    threads = [threading.Thread(target=read) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [a.status for a in answers] == [200] * 200 and len({a.body for a in answers}) == 1


def test_a_line_break_in_an_address_is_answered_in_the_same_form(app):
    answer = ask(app, f"{api.ROOT}/figures/a\nb")
    assert answer.status == 404 and answer.headers["content-type"].startswith("application/problem+json")


def test_whatever_is_asked_by_the_description_is_answered_as_it_says(edition_id, keys):
    _, text = tokens.make("A test", "analyst", TODAY + timedelta(1), TODAY)
    schema = schemathesis.openapi.from_asgi(f"{api.ROOT}/openapi.json", served(lambda scope: None))
    seen = set()

    for operation in schema.get_all_operations():

        @settings(max_examples=all_or(8, 50), deadline=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.ok().as_strategy())
        def one(case):
            # one asks again with this very key; the other would have every name of a place be known
            answer = case.call_and_validate(headers=with_key(text), excluded_checks=[ignored_auth, positive_data_acceptance])
            seen.add(answer.status_code)
            assert answer.status_code < 500 and b"Traceback" not in answer.content

        one()
    assert {200, 400} <= seen
