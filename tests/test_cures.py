"""Every command that a message, a comment or a document names exists, with the options that it is given, and says what it does."""

from __future__ import annotations

import ast
import importlib.util
import re
import tomllib
from functools import lru_cache

import pytest
import typer.main
from typer.testing import CliRunner

from corridors import ROOT
from corridors.export import __main__ as export
from etl import __main__ as etl
from etl import pipeline, reading

APPS = {"etl": etl.app, "corridors.export": export.app}
COMMAND = re.compile(r"python -m ([\w.]*\w)((?:[ ]+[^\s“”\"`(),;…]+)*)")
WORDS = [
    *ROOT.glob("*.md"),
    *ROOT.glob("docs/*.md"),
    *ROOT.glob("deploy/**/*.md"),
    *ROOT.glob("data/**/*.md"),
    *ROOT.glob("etl/**/*.toml"),
    ROOT / "Makefile",
]


def texts(path) -> list[str]:
    """The string constants of a program, with {} for what is filled in; the whole of any other file."""
    content = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return [content]
    found = []
    for node in ast.walk(ast.parse(content)):
        if isinstance(node, ast.JoinedStr):
            found.append("".join(str(v.value) if isinstance(v, ast.Constant) else "{}" for v in node.values))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.append(node.value)
    return found


@lru_cache(maxsize=1)
def named() -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Every command that is named anywhere: where, the module, its words."""
    programs = [p for folder in ("corridors", "etl", "pages", "tools") for p in (ROOT / folder).rglob("*.py")]
    found = set()
    for path in [*programs, *WORDS]:
        for text in texts(path):
            for module, words in COMMAND.findall(text):
                found.add((str(path.relative_to(ROOT)), module, tuple(words.split())))
    return tuple(sorted(found))


def verbs(module: str) -> dict:
    """The commands of a command line by name; empty for a program without any."""
    group = typer.main.get_command(APPS[module]) if module in APPS else None
    return dict(getattr(group, "commands", {}))


def test_every_command_that_is_named_exists_with_its_options():
    wrong = []
    assert len(named()) > 60, "the messages are no longer found"
    for where, module, words in named():
        if module in ("pip", "venv", "pytest", "streamlit", "compileall", "http.server"):
            continue
        if importlib.util.find_spec(module) is None:
            wrong.append(f"{where}: no program {module}")
        verb = next((w.rstrip(".:") for w in words if not w.startswith("-")), "")
        if module not in APPS or not re.fullmatch("[a-z_-]+", verb) or verb in ("is", "and", "or", "in", "as"):
            continue
        if verb not in verbs(module):
            wrong.append(f"{where}: {module} has no command {verb}")
            continue
        options = {o for p in verbs(module)[verb].params for o in (*p.opts, *p.secondary_opts)} | {"--help"}
        wrong += [
            f"{where}: {module} {verb} has no option {w}"
            for w in words
            if re.fullmatch("--?[a-z-]+", w) and w not in options
        ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("module, verb", [(m, v) for m in APPS for v in verbs(m)])
def test_every_command_says_what_it_does(module, verb):
    told = CliRunner().invoke(APPS[module], [verb, "--help"])
    assert told.exit_code == 0 and len(told.output) > 80, told.output


def test_only_what_a_command_fetches_is_to_be_refreshed_by_it():
    fetched = {source.id for source in pipeline.sources()}
    for folder in sorted(p.name for p in pipeline.SOURCES.iterdir() if (p / "read.py").is_file()):
        assert ("python -m etl refresh" in reading.again(folder)) is (folder in fetched), folder


TABLES = [
    "editorial.toml",
    "briefings/rules.toml",
    "cases/rules.toml",
    "submissions/refused.toml",
    "submissions/values.toml",
]
BY_THE_FILE = {"begins", "parts", "relation", "tag", "folder"}  # what a file is told by, in place of a name in the code


@pytest.mark.parametrize("table", TABLES)
def test_everything_that_a_table_says_is_said_somewhere_and_whole(table):
    path = ROOT / "etl" / table
    code = "".join(part.read_text(encoding="utf-8") for part in (ROOT / "etl").rglob("*.py"))
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    entries = {k: v for part in told.values() for k, v in part.items()} if table.startswith("cases") else told
    kinds = {*told.get("id", ()), *told.get("line", ()), *told.get("row", ())} if table.startswith("cases") else set()
    kinds |= {key for key, entry in entries.items() if BY_THE_FILE & entry.keys()}
    assert not [key for key in entries.keys() - kinds if f'"{key}"' not in code]
    assert not [key for key, entry in entries.items() if entry and not entry.keys() & {"found", "how_to_fix"}]
