"""INFORM's newest edition is found by its list, and a list that cannot be used is named."""

import json
from datetime import UTC, datetime

import pytest

from corridors.catalog import Download
from etl.download import FetchPolicy
from etl.refresh import RefreshIncomplete, refresh
from tests.etl.publisher_server import Answer, a_source, files, running

QUICK = FetchPolicy(
    first_delay=0.001,
    per_second=100_000,
    read_timeout=0.3,
    connect_timeout=1,
    longest_delay=5,
    now=lambda: datetime(2026, 9, 28, tzinfo=UTC),
)
INFORM = Download(
    "inform_scores_{date}.json", "https://example.org/api/", "inform_scores", {"indicators": ["INFORM", "HA.NAT"]}
)
SCORES = json.dumps([{"Iso3": "THA", "IndicatorId": i, "IndicatorScore": 4.1} for i in ("INFORM", "HA.NAT")]).encode()


@pytest.fixture
def publisher():
    with running() as server:
        yield server


def run(publisher, folder, download):
    return refresh([a_source(download)], folder, base=publisher.base, policy=QUICK)


def listed(*editions: tuple[int, str, str]) -> Answer:
    """INFORM's list of editions of one year."""
    told = [{"WorkflowId": n, "Name": name, "WorkflowDate": day} for n, name, day in editions]
    return Answer(json.dumps(told).encode(), type="application/json")


def test_the_newest_global_edition_of_inform_is_asked_for_by_its_number_and_named_by_its_day(publisher, tmp_path):
    publisher.script |= {
        "/api/Workflows/GetByYear/2027": [listed()],
        "/api/Workflows/GetByYear/2026": [
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
        (
            {"/api/Workflows/GetByYear/2027": [Answer(b'[{"Id": 1}]', type="application/json")]},
            "Name, WorkflowId and WorkflowDate",
        ),
        (
            {f"/api/Workflows/GetByYear/{year}": [listed()] for year in (2027, 2026, 2025, 2024)},
            "no edition from 2024 to 2027",
        ),
        ({"/api/Workflows/GetByYear/2027": [Answer(b"")]}, "an empty answer"),
        ({"/api/Workflows/GetByYear/2027": [Answer(b"<html>Sign in</html>", type="text/html")]}, "a web page"),
    ],
)
def test_a_list_of_editions_that_cannot_be_used_is_named_and_nothing_is_replaced(publisher, tmp_path, script, said):
    publisher.script |= script
    with pytest.raises(RefreshIncomplete, match=said):
        run(publisher, tmp_path, INFORM)
    assert files(tmp_path) == {}
