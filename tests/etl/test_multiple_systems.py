"""`python -m etl multiple-systems`: a ministry's analyst hands in a table and gets a ladder, or every fault with how to fix it."""

import json
from pathlib import Path

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from corridors.problems import Refused
from corridors.statistics import multiple_systems as models
from etl import multiple_systems

DATA = Path(__file__).resolve().parents[2] / "data" / "multiple_systems"
THIN = "A,B,C,count\n1,0,0,5\n0,1,0,4\n0,0,1,3\n1,1,0,1\n"


@pytest.fixture(scope="module")
def run():
    """`run("file.csv", "--json")` as the command line would, with its refusals as exceptions."""
    app = typer.Typer()
    multiple_systems.register(app)
    app.callback()(lambda: None)  # so that the verb has to be named, as in the house's own command line
    return lambda *arguments: CliRunner().invoke(app, ["multiple-systems", *map(str, arguments)])


def test_the_published_table_comes_out_as_published(run):
    answer = run(DATA / "uk_2013.csv")
    assert answer.exit_code == 0
    for said in ("2,744 cases on 6 lists", "11,418", "9,982 to 13,182", "12,214", "LA × NG", "LA and GP; LA and NCA"):
        assert said in answer.stdout


def test_json_has_the_keys_that_programs_rely_on(run):
    told = json.loads(run(DATA / "kosovo_1999.csv", "--json").stdout)
    assert list(told) == ["observed", "lists", "refusal", "warnings", "models"]
    assert told["observed"] == 4400 and told["refusal"] is None
    totals = {m["key"]: m["total"] for m in told["models"]}
    assert totals["pairs"] == pytest.approx(14342, abs=0.5) and totals["orders"] == pytest.approx(10357, abs=0.5)
    for m in told["models"]:
        assert {"name", "terms", "total", "hidden", "lower", "upper", "aic", "bic", "exists", "identifiable"} <= set(m)


def test_resampling_shows_progress_apart_from_the_answer(run):
    answer = run(DATA / "kosovo_1999.csv", "--json", "--bootstrap", 25)
    assert json.loads(answer.stdout)["models"][0]["bootstrap"]["samples"] == 25
    assert "Resampling: 2 of 25" in answer.stderr and "24 of 25" in answer.stderr
    assert "(25 of 25)" in run(DATA / "kosovo_1999.csv", "--bootstrap", 25).stdout
    assert "too few samples" in run(DATA / "kosovo_1999.csv", "--bootstrap", 3).stdout


def test_a_table_too_thin_is_refused_with_all_reasons_and_json_says_the_same(run, tmp_path):
    file = tmp_path / "thin.csv"
    file.write_text(THIN)
    answer = run(file, "--json")
    assert answer.exit_code == 1 and isinstance(answer.exception, multiple_systems.NoEstimate)
    assert len(answer.exception.problems) == 2
    told = json.loads(answer.stdout)
    assert told["models"] == [] and all(reason in told["refusal"] for reason in answer.exception.problems)
    plain = run(file, "--bootstrap", 10)
    assert plain.exit_code == 1 and plain.stdout == ""


def test_a_bad_table_is_refused_with_file_row_column_and_cure_all_at_once(run, tmp_path):
    file = tmp_path / "bad.csv"
    file.write_text("A,B,a,count\n1,0,0,-1\n1,0,0,2\n1,1,,x\n1,1\n")
    answer = run(file)
    assert answer.exit_code == 1 and isinstance(answer.exception, Refused) and answer.stdout == ""
    told = list(map(str, answer.exception.problems))
    assert len(told) == 6 and all(t.startswith("bad.csv") for t in told)
    assert "column “count”, row 2: found “-1”; expected a whole number" in told[1]
    assert "Rename one of them" in told[0] and "It stands in row 2 already" in told[2]


@pytest.mark.parametrize(
    "make",
    [lambda p: None, lambda p: p.mkdir(), lambda p: p.write_bytes(b"x" * 2_000_000), lambda p: p.write_bytes(b"")],
)
def test_a_file_that_is_none_is_refused_without_a_traceback(run, tmp_path, make):
    make(tmp_path / "given.csv")
    answer = run(tmp_path / "given.csv")
    assert answer.exit_code == 1 and isinstance(answer.exception, Refused)
    assert "expected" in str(answer.exception)


def test_an_open_interval_is_printed_as_open(capsys):
    numbers = {"total": 500.0, "hidden": 300.0, "lower": 300.0, "upper": None, "aic": 1.0, "bic": 2.0}
    result = models.ModelResult("main", "name", **numbers, exists=True, identifiable=True)
    multiple_systems.show(models.ModelComparison(("A", "B", "C"), 200, (result,), (), ()), Console(width=140))
    assert "300 to no upper end" in capsys.readouterr().out
