"""The command `corridors`: every verb of both command lines, from any folder, with the same refusals."""

from __future__ import annotations

import importlib
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


def run(folder: Path, *words: str) -> subprocess.CompletedProcess:
    """Runs the command in another folder than the project's, as an installed script runs it."""
    return subprocess.run([sys.executable, "-c", START, *words], cwd=folder, capture_output=True, text=True)


def verbs(app) -> set[str]:
    return {command.name or command.callback.__name__ for command in app.registered_commands if not command.hidden}


def test_the_script_that_gets_installed_is_the_command_line():
    module, _, function = SCRIPTS["corridors"].partition(":")
    assert callable(getattr(importlib.import_module(module), function))


def test_help_names_every_verb_of_both_command_lines(tmp_path):
    said, exported = run(tmp_path, "--help").stdout, run(tmp_path, "export", "--help").stdout
    listed = {line.split()[0] for line in said.splitlines() if line.startswith("  ") and line.strip()}
    assert verbs(etl.app) | {"export"} <= listed
    assert verbs(export.app) <= {line.split()[0] for line in exported.splitlines() if line.startswith("  ") and line.strip()}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["build", "--dated", "soon"], "expected a date such as 2026-11-21"),
        (["export", "briefs", "-o", "x", "--tlp", "RED"], "What is TLP:RED is not written to files"),
        (["extract", "--from", "nowhere"], "no such folder"),
    ],
)
def test_a_refusal_ends_with_1_and_without_a_traceback(tmp_path, words, said):
    ended = run(tmp_path, *words)
    assert ended.returncode == 1 and said in ended.stderr and "Traceback" not in ended.stderr, ended.stderr
