"""Questions of assistants, asked with the library's own client: what comes with each number, and what is refused."""

import json
import os
import sys

import httpx
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from starlette.applications import Starlette
from starlette.routing import Route

from corridors.catalog import load, roles
from corridors.store import labels
from corridors.store.queries import figures as reading
from corridors.web import api, questions
from tests.web.asgi import elsewhere


@pytest.fixture
def asked(edition_id):
    """A question to one of the tools by the library's client, in this process: the answer, or what is said of a refusal."""

    def asked(tool: str, **words):
        async def ask():
            with questions.asking(lambda: labels.keyed(edition_id, "CLEAR")):
                async with Client(questions.made()) as client:
                    return await client.call_tool(tool, words)

        answer = elsewhere(ask)
        said = "\n".join(part.text for part in answer.content)
        return said if answer.is_error else json.loads(said)

    return asked


def victims(asked, place: str, year: int) -> dict:
    held = asked("figures", place=place, indicator="detected_victims", first_year=year, last_year=year)["figures"]
    return next(one for one in held if one["other_end"] is None and {one["sex"], one["age"], one["form"]} == {"total"})


def test_every_number_travels_with_unit_period_source_uses_caveats_and_label(asked):
    for tool, words in (
        ("figures", {"place": "Thailand", "other_end": "Burma", "indicator": "refugees"}),
        ("member", {"place": "KIR"}),
        ("corridor", {"origin": "Myanmar", "destination": "Thailand"}),
        ("compare", {"indicator": "detected_victims", "places": ["THA", "MYS"], "year": 2022}),
    ):
        held = asked(tool, **words)["figures"]
        assert held
        for one in held:
            assert one["unit"] and one["period_end"] and one["publisher"] and one["grade"] and one["tlp"] == "CLEAR"
            assert one["citation"] and len(one["uses"]) == 4 and all(use["answer"] for use in one["uses"])
            assert all(load().caveats[code].title == title for code, title in one["caveats"].items())


def test_a_name_that_is_near_is_found_and_one_that_is_wrong_is_told_with_the_nearest(asked):
    assert asked("find", text="Burma")["found"][0]["code"] == "MMR"
    assert asked("find", text="refugees")["found"][0]["kind"] == "indicator"
    assert "Near: thailand" in asked("figures", place="Thailnd") and "There are: " in asked(
        "figures", place="THA", indicator="x"
    )


def test_members_are_side_by_side_by_name_and_who_reported_nothing_is_named(asked):
    told = asked("compare", indicator="detected_victims", places=["THA", "MYS", "PRK"], year=2022)
    assert [one["place_name"] for one in told["figures"]] == ["Malaysia", "Thailand"]
    assert told["no_figure_for"] == [load().place_name("PRK")] and "no zero" in told["said"]


def test_a_ranking_is_refused_whatever_is_to_be_ranked(asked):
    assert "never ranked" in asked("reckon", kind="rank", figure_ids=["a", "b"])


def test_figures_of_other_years_units_or_with_others_in_them_are_not_added(asked, edition_id):
    first, second = victims(asked, "THA", 2021), victims(asked, "THA", 2022)
    said = asked("reckon", kind="sum", figure_ids=[first["figure_id"], second["figure_id"]])
    assert "not allowed" in said and "They differ in period_start" in said
    parts = reading.ask(
        edition_id,
        """select figure_id from figure where indicator_id = 'detected_victims' and iso3 = 'THA' and year(period_end) = 2022
        and partner_iso3 is not null and sex = 'total' and age = 'total' and form = 'total' and value > 0 limit 2""",
    ).figure_id
    assert "holds others" in asked("reckon", kind="sum", figure_ids=[second["figure_id"], parts[0]])
    assert "not all in this edition" in asked("reckon", kind="sum", figure_ids=[second["figure_id"], "gone"])


def test_a_sum_that_is_allowed_is_that_of_its_parts(asked, edition_id):
    rows = reading.ask(
        edition_id,
        """select figure_id, value from figure_annotated where indicator_id = 'asylum_applications_new' and iso3 = 'THA'
        and partner_iso3 is not null and year = 2022 and value > 0 and use_sum = 'yes' order by figure_id limit 3""",
    )
    told = asked("reckon", kind="sum", figure_ids=rows.figure_id.tolist())
    assert told["sum"] == rows.value.sum() and told["unit"] == "people" and len(told["figures"]) == 3


def test_what_may_not_be_quoted_is_not_added_either(asked, edition_id):
    rows = reading.ask(
        edition_id,
        """select figure_id from figure where use_level = 'no' and use_sum = 'yes' and iso3 = 'THA' and value > 0
        and indicator_id = 'migration_flow_estimate' and year(period_end) = 2019 order by figure_id limit 3""",
    )
    said = asked("reckon", kind="sum", figure_ids=rows.figure_id.tolist())
    assert len(rows) == 3 and "not allowed" in said and "level" in said


def test_a_change_is_told_within_a_series_and_refused_across_a_break(asked, edition_id):
    def refugees(year: int) -> str:
        held = asked("figures", place="THA", other_end="MMR", indicator="refugees", first_year=year, last_year=year)
        return held["figures"][0]["figure_id"]

    told = asked("reckon", kind="change", figure_ids=[refugees(2025), refugees(2024)])
    assert told["change"] == 80411 - 81005 and told["from"] == "2024-12-31" and "reported" in told["said"]
    before, after = victims(asked, "THA", 2016)["figure_id"], victims(asked, "THA", 2017)["figure_id"]
    assert "breaks in 2017" in asked("reckon", kind="change", figure_ids=[before, after])
    assert "name two" in asked("reckon", kind="change", figure_ids=[before, after, refugees(2024)])


@pytest.mark.parametrize(("role", "status"), [(None, 401), ("viewer", 403), ("analyst", 200)])
def test_by_http_an_assistant_stands_at_the_same_doors_as_a_program(edition_id, role, status):
    table = {one.id: one for one in roles.load().roles}
    server = questions.made()
    noted = []

    def note(file, filters, **_):
        noted.append((file, filters))
        return True

    doors = api.Api(lambda scope: role and (table[role], "x"), roles.load, note)
    app = Starlette(routes=[Route(questions.PATH, questions.Endpoint(server, doors))])
    message = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "caveats", "arguments": {"codes": ["C01"]}},
    }

    async def ask():
        async with server.session_manager.run():
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://localhost:8501") as client:
                accepted = {"accept": "application/json, text/event-stream"}
                return await client.post(questions.PATH, json=message, headers=accepted)

    answer = elsewhere(ask)
    assert noted == ([("question-caveats", [("codes", "C01")])] if status == 200 else [])
    assert answer.status_code == status
    assert ("Detected, not all" in answer.text) == (status == 200)
    if status != 200:
        assert answer.json()["how_to_fix"]


def test_an_assistant_on_the_machine_itself_asks_by_standard_input_and_output(editions_folder):
    command = [sys.executable, "-c", "import sys; from corridors import cli; sys.exit(cli.main())", "ask"]
    server = StdioServerParameters(command=command[0], args=command[1:], env=dict(os.environ))

    async def ask():
        async with Client(stdio_client(server)) as client:
            return await client.call_tool("find", {"text": "Thailand"})

    assert json.loads(elsewhere(ask).content[0].text)["found"][0]["code"] == "THA"
