"""The command `corridors`: every verb of both command lines, from any folder, with the same refusals."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from corridors.export import __main__ as export
from etl import __main__ as etl

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
START = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from corridors.cli import main; sys.exit(main())"
# Several command lines, one after another in one process; what each answered, as JSON.
SEVERAL = f"""
import contextlib, io, json, sys
sys.path.insert(0, {str(ROOT)!r})
from corridors.cli import main
answers = []
for words in json.load(sys.stdin):
    sys.argv, said = ["corridors", *words], (io.StringIO(), io.StringIO())
    with contextlib.redirect_stdout(said[0]), contextlib.redirect_stderr(said[1]):
        status = main()
    answers.append([status, *(each.getvalue() for each in said)])
json.dump(answers, sys.stdout)
"""
HELP, EXPORT_HELP = ["--help"], ["export", "--help"]
REFUSED = {
    "expected a date such as 2026-11-21": ["build", "--dated", "soon"],
    "What is TLP:RED is not written to files": ["export", "briefs", "-o", "x", "--tlp", "RED"],
    "no such folder": ["extract", "--from", "nowhere"],
}


def run(folder: Path, program: str, *words: str, **more) -> subprocess.CompletedProcess:
    """Runs a program in another folder than the project's, as an installed script runs the command."""
    return subprocess.run([sys.executable, "-c", program, *words], cwd=folder, capture_output=True, text=True, **more)


@pytest.fixture(scope="module")
def answered(tmp_path_factory) -> list[list]:
    """Exit status and both outputs of each command line."""
    asked = [HELP, EXPORT_HELP, *REFUSED.values()]
    ended = run(tmp_path_factory.mktemp("elsewhere"), SEVERAL, input=json.dumps(asked))
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def verbs(app) -> set[str]:
    return {command.name or command.callback.__name__ for command in app.registered_commands if not command.hidden}


def test_the_script_that_gets_installed_is_the_command_line():
    module, _, function = SCRIPTS["corridors"].partition(":")
    assert callable(getattr(importlib.import_module(module), function))


def test_help_names_every_verb_of_both_command_lines(answered):
    listed, exported = (
        {line.split()[0] for line in said.splitlines() if line[:2] == "  " and line.strip()} for _, said, _ in answered[:2]
    )
    assert verbs(etl.app) | {"export"} <= listed and verbs(export.app) <= exported


def test_a_refusal_ends_with_1_and_without_a_traceback(answered, tmp_path):
    assert all(status == 1 and "Traceback" not in err for status, _, err in answered[2:])
    assert all(said in err for said, (_, _, err) in zip(REFUSED, answered[2:], strict=True)), answered[2:]
    ended = run(tmp_path, START, *REFUSED["no such folder"])  # and as a process of its own
    assert ended.returncode == 1 and "no such folder" in ended.stderr and "Traceback" not in ended.stderr, ended.stderr
