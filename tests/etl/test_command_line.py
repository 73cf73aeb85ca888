"""The command line as people run it: its verbs work, and a bad file ends in one message, not in half a change."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest
import typer.main

from etl.__main__ import app
from etl.build import inputs_digest
from tests import small_data
from tests.etl.sources import unodc_workbook
from tests.etl.sources.reader import spoil

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = Path(__file__).parent / "sources"
FOUR = ["iom_missing_migrants", "unhcr", "unodc_cts", "unodc_glotip"]
# A file, not “python -c”: without one DuckDB takes Python for a person at a prompt, and draws a progress bar after 2 s.
SEVERAL = str(Path(__file__).with_name("several_commands.py"))


class Answer(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


def process(*command: str, data: Path, editions: Path, given: str = "") -> subprocess.CompletedProcess:
    """A Python of its own in the project's folder, with imported tables and editions elsewhere."""
    folders = {"CORRIDORS_DATA": str(data), "CORRIDORS_EDITIONS": str(editions), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, **folders},
        input=given,
    )


def run(*arguments: str, data: Path, editions: Path) -> Answer:
    """`python -m etl …`, as people start it."""
    done = process("-m", "etl", *arguments, data=data, editions=editions)
    return Answer(done.returncode, done.stdout, done.stderr)


def several(commands: list[list], data: Path, *editions: Path) -> list[Answer]:
    """Several command lines after one another, in one folder of editions or one each; starting Python is slow."""
    folders = editions if len(editions) == len(commands) else editions * len(commands)
    asked = json.dumps([[[str(word) for word in command], str(folder)] for command, folder in zip(commands, folders)])
    done = process(SEVERAL, data=data, editions=editions[0], given=asked)
    assert done.returncode == 0, done.stderr
    return [Answer(*answer) for answer in json.loads(done.stdout)]


def originals(folder: Path) -> Path:
    """Originals of four sources in the publishers' formats, of a few rows each."""
    for source in ("unhcr", "iom_missing_migrants"):
        shutil.copytree(SAMPLES / source / "sample", folder / source)
    victims = ["Detected trafficking victims", "Total", "Total", "Total", "Total"]
    unodc_workbook.write(
        folder / GLOTIP,
        [["THA", "Thailand", *unodc_workbook.ASIA, *victims, 2019.0, "Counts", "1,541", "GLOTIP"]],
        [*unodc_workbook.HEAD, "txtVALUE", "Source"],
    )
    smuggling = ["Offences", "by type of offence", "Smuggling of migrants", "Total", "Total"]
    unodc_workbook.write(
        folder / CTS,
        [["THA", "Thailand", *unodc_workbook.ASIA, *smuggling, 2019.0, "Counts", 45094.0, "CTS"]],
        [*unodc_workbook.HEAD, "VALUE", "Source"],
        (["UNODC"], ["16/05/2024"]),
    )
    return folder


def contents(*folders: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for folder in folders for p in sorted(folder.rglob("*")) if p.is_file()}


class Place(NamedTuple):
    """Where the imported tables and the editions of a test lie."""

    data: Path
    editions: Path


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> Place:
    """Small imported tables and one published edition. No test in this module may change them."""
    folder = tmp_path_factory.mktemp("published")
    place = Place(small_data.made(folder / "data"), folder / "editions")
    done = run("build", "--dated", "2026-01-01", data=place.data, editions=place.editions)
    assert done.returncode == 0, done.stderr
    return place


def test_an_analyst_extracts_builds_compares_goes_back_and_makes_room(tmp_path):
    place = Place(small_data.made(tmp_path / "data"), tmp_path / "editions")
    extract = ["extract", "--older", "--from", originals(tmp_path / "originals"), *FOUR]

    def ran(*commands: list) -> list[str]:
        answers = several(commands, *place)
        assert all(a.returncode == 0 and not a.stderr for a in answers), answers
        return [a.stdout for a in answers]

    built, extracted = ran(["build", "--dated", "2026-01-01"], extract)
    first = re.search(r"2026-01-01-[0-9a-f]{8}", built)[0]
    assert "unhcr" in built and "2025" in built and "Rejected · UNODC" in built
    assert "no figure changed, or there was none before" in built
    assert all(source in extracted for source in FOUR) and "Next: python -m etl build" in extracted

    tables = contents(place.data)
    second = f"2026-01-02-{inputs_digest(place.data)[:8]}"
    _, built, missing, differ, back, listed, pruned = ran(
        extract,
        ["build", "--dated", "2026-01-02"],
        ["build", "--if-missing"],
        ["diff", first, second, "--limit", "3"],
        ["rollback", first],
        ["editions"],
        ["prune", "--keep", "1"],
    )
    assert contents(place.data) == tables  # a second extract changes nothing
    assert f"Edition {second}" in built and "Since the edition before · unhcr: " in built and "withdrawn" in built
    assert f"Edition {second} is published." in missing
    assert f"differ between {first} and {second}" in differ and differ.count(" → ") == 3
    assert "· unodc_glotip: " in differ and f"Readers now see edition {first}" in back
    assert f"* {first}" in listed and f"  {second}" in listed and listed.index(first) < listed.index(second)
    assert "Nothing to delete" in pruned  # the newest stays, and so does the one on screen

    retracted, listed, verified = ran(["retract", first, "--reason", "it names [a person]"], ["editions"], ["verify"])
    assert f"Readers now see edition {second}." in retracted
    assert f"Edition {second} lists what changed since it" in retracted
    assert re.search(rf"- {first}  retracted \d{{4}}-\d\d-\d\d it names \[a person\]", listed) and f"* {second}" in listed
    assert "1 retracted editions" in verified
    ran(["retract", second, "--reason", "it quotes the one before"])
    again, gone = several([["build", "--dated", "2026-01-03"], ["diff", first, second]], *place)
    assert again.returncode == gone.returncode == 1 and f"edition {second}, which was retracted" in again.stderr
    assert f"Edition {first} was retracted" in gone.stderr and "person" not in gone.stderr


def test_every_command_option_and_argument_has_a_word_of_help():
    commands = typer.main.get_command(app).commands
    assert {"extract", "refresh", "build", "editions", "diff", "rollback", "retract", "prune"} <= set(commands)
    for name, command in commands.items():
        assert command.help and command.help.strip().endswith("."), name
        for parameter in command.params:
            assert parameter.help, (name, parameter.name)


def cut(path: Path, size: int) -> None:
    path.write_bytes(path.read_bytes()[:-size])


GLOTIP, CTS = "unodc_glotip/data_glotip.xlsx", "unodc_cts/data_cts_corruption_and_economic_crime.xlsx"
# what is bad: the sources asked for, what is done to their originals, what the message must say; tests/etl/sources holds all
# that a reader refuses
BAD = {
    "a missing file": (
        ["unodc_glotip"],
        lambda f: (f / GLOTIP).unlink(),
        ["unodc_glotip/", "no such file", "data_glotip*.xlsx", "etl refresh"],
    ),
    "a file of another format": (
        ["unodc_cts"],
        lambda f: (f / CTS).write_text("<!DOCTYPE html><html>Sign in</html>", encoding="utf-8"),
        ["data_cts_corruption_and_economic_crime.xlsx", "a web page", "etl refresh unodc_cts"],
    ),
    "an unknown country": (
        ["unhcr"],
        lambda f: spoil(f / "unhcr/population.csv", ",MMR,Bangladesh", ",BUR,Bangladesh"),
        ["population.csv", "column “coo_iso”", "row 7", "“BUR”", "corridors/catalog/countries.csv"],
    ),
    "a wrong encoding": (
        ["unhcr"],
        lambda f: (f / "unhcr/flows.csv").write_bytes(
            (f / "unhcr/flows.csv").read_bytes().replace(b"Afghanistan", "Türkiye".encode("latin-1"))
        ),
        ["flows.csv", "not UTF-8", "Save the file as UTF-8"],
    ),
    "a truncated workbook": (
        ["unodc_glotip"],
        lambda f: cut(f / GLOTIP, 500),
        ["data_glotip.xlsx", "cut off", "etl refresh unodc_glotip"],
    ),
    "a folder that is not there": (FOUR, lambda f: shutil.rmtree(f), ["no such folder", "--from", "etl refresh"]),
    "two bad files at once": (
        FOUR,
        lambda f: (cut(f / GLOTIP, 500), (f / "unhcr/population.csv").write_bytes(b"")),
        ["unodc_glotip: data_glotip.xlsx", "unhcr: population.csv"],
    ),
}


@pytest.fixture(scope="module")
def refusals(published, tmp_path_factory) -> dict[str, tuple]:
    """Every bad input handed to `extract`; and the published folders as they were before."""
    before = contents(*published)
    folders = {name: originals(tmp_path_factory.mktemp("bad") / "originals") for name in BAD}
    for name, folder in folders.items():
        BAD[name][1](folder)
    answers = several([["extract", "--from", folder, *BAD[name][0]] for name, folder in folders.items()], *published)
    return {name: (answer, before) for name, answer in zip(BAD, answers)}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_ends_in_one_message_with_place_and_cure(refusals, name):
    answer, _ = refusals[name]
    assert answer.returncode == 1, answer.stdout
    assert "Traceback" not in answer.stderr + answer.stdout
    assert answer.stderr.count("Nothing was changed. These must be fixed first:") == 1
    for part in BAD[name][2]:
        assert part in answer.stderr, answer.stderr


def test_no_bad_file_changes_an_edition_or_an_imported_table(refusals, published):
    (_, before) = refusals["a missing file"]
    assert contents(*published) == before


SLIPS = [
    (["extract", "--from", ".", "unhrc"], 1, ["“unhrc”", "unhcr", "spelling"]),
    (["build", "--dated", "yesterday"], 1, ["“yesterday”", "2026-11-21"]),
    (["rollback", "2020-01-01-00000000"], 1, ["“2020-01-01-00000000”", "Editions kept: 2026-01-01-"]),
    (["diff", "2020-01-01-00000000", "latest"], 1, ["“2020-01-01-00000000”", "Editions kept: 2026-01-01-"]),
    (["publish"], 2, ["publish"]),
    (["extract"], 2, ["--from"]),
    (["prune", "--keep", "0"], 2, ["--keep"]),
    (["build", "--date", "2026-01-01"], 2, ["--date"]),
]


def test_a_slip_at_the_command_line_is_told_with_the_cure(published):
    for (arguments, status, says), answer in zip(SLIPS, several([arguments for arguments, _, _ in SLIPS], *published)):
        assert answer.returncode == status and "Traceback" not in answer.stderr, answer
        for part in says:
            assert part in answer.stderr, answer


def test_a_build_from_tables_that_are_gone_names_them_and_leaves_readers_alone(published, tmp_path):
    before = contents(published.editions)
    answer = run("build", data=tmp_path / "nothing", editions=published.editions)
    assert answer.returncode == 1 and "data/sources/unhcr/figures.csv" in answer.stderr and "Traceback" not in answer.stderr
    assert contents(published.editions) == before


def test_a_folder_without_editions_and_a_disk_that_refuses_are_told_without_a_traceback(published, tmp_path):
    (tmp_path / "file").write_text("a file where a folder should be", encoding="utf-8")
    none, refuses = several([["editions"], ["build"]], published.data, tmp_path / "none", tmp_path / "file")
    assert (none.returncode, refuses.returncode) == (1, 1)
    assert "python -m etl build" in none.stderr and "Nothing was published" in refuses.stderr
    assert "Traceback" not in none.stderr + refuses.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl-C to the whole console")
def test_ctrl_c_ends_the_build_with_130_and_leaves_no_draft(tmp_path):
    def interrupted(seconds: float) -> tuple[int, str, list[str]]:
        editions = tmp_path / f"editions-{seconds}"
        environment = {**os.environ, "CORRIDORS_EDITIONS": str(editions)}
        started = subprocess.Popen(
            [sys.executable, "-m", "etl", "build"],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        while started.poll() is None and not list(editions.glob("draft-*")):
            time.sleep(0.01)
        time.sleep(seconds)  # at once, while tables are filled; later, inside a query of DuckDB
        started.send_signal(signal.SIGINT)
        _, errors = started.communicate()
        return started.returncode, errors, [p.name for p in editions.iterdir()]

    with ThreadPoolExecutor(2) as pool:
        for status, errors, left in pool.map(interrupted, (0.0, 0.6)):
            assert status == 130 and "Interrupted" in errors and "Traceback" not in errors, errors
            assert left == []
