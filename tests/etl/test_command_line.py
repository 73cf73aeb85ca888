"""The command line as people run it: its verbs work, and whatever is wrong with a file ends in one message, not in half a change."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Callable, NamedTuple

import openpyxl
import pytest
import typer.main

from etl.__main__ import app
from tests import small_data

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = Path(__file__).parent / "sources"
FOUR = ["iom_missing_migrants", "unhcr", "unodc_cts", "unodc_glotip"]
HEAD = ["Iso3_code", "Country", "Region", "Subregion", "Indicator", "Dimension", "Category", "Sex", "Age", "Year",
        "Unit of measurement"]  # fmt: skip
ASIA = ["Asia", "South-eastern Asia"]


def run(*arguments: str, data: Path, editions: Path) -> subprocess.CompletedProcess:
    """`python -m etl …` with folders of its own."""
    return subprocess.run(
        [sys.executable, "-m", "etl", *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, encoding="utf-8",
        env={**os.environ, "CORRIDORS_DATA": str(data), "CORRIDORS_EDITIONS": str(editions), "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip


def workbook(path: Path, value_column: str, rows: list[list], date: str) -> None:
    """A workbook in UNODC's layout: two lines above the header."""
    book = openpyxl.Workbook()
    for line in [["UNODC"], [date], [*HEAD, value_column, "Source"], *rows]:
        book.active.append(line)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


def originals(folder: Path, year: int = 2019) -> Path:
    """Originals of four sources in the publishers' formats, of a few rows each."""
    for source in ("unhcr", "iom_missing_migrants"):
        shutil.copytree(SAMPLES / source / "sample", folder / source)
    victims = ["Detected trafficking victims", "Total", "Total", "Total", "Total"]
    workbook(folder / "unodc_glotip" / "data_glotip.xlsx", "txtVALUE",
             [["THA", "Thailand", *ASIA, *victims, float(year), "Counts", "1,541", "GLOTIP"]], "14/04/2025")  # fmt: skip
    smuggling = ["Offences", "by type of offence", "Smuggling of migrants", "Total", "Total"]
    workbook(folder / "unodc_cts" / "data_cts_corruption_and_economic_crime.xlsx", "VALUE",
             [["THA", "Thailand", *ASIA, *smuggling, float(year), "Counts", 45094.0, "CTS"]], "16/05/2024")  # fmt: skip
    return folder


def contents(*folders: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for folder in folders for p in sorted(folder.rglob("*")) if p.is_file()}


class Place(NamedTuple):
    data: Path
    editions: Path


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> Place:
    """Small carried tables and one published edition. No test in this module may change them."""
    folder = tmp_path_factory.mktemp("published")
    place = Place(small_data.made(folder / "data"), folder / "editions")
    done = run("build", "--dated", "2026-01-01", data=place.data, editions=place.editions)
    assert done.returncode == 0, done.stderr
    return place


# --- the verbs -------------------------------------------------------------------------------------------------------


def test_an_analyst_extracts_builds_compares_goes_back_and_makes_room(tmp_path):
    place = Place(small_data.made(tmp_path / "data"), tmp_path / "editions")

    def ran(*arguments: str) -> str:
        done = run(*arguments, data=place.data, editions=place.editions)
        assert done.returncode == 0 and not done.stderr, (arguments, done.stderr)
        return done.stdout

    said = ran("build", "--dated", "2026-01-01")
    first = re.search(r"2026-01-01-[0-9a-f]{8}", said)[0]
    assert "unhcr" in said and "2025" in said and "no figure changed, or there was none before" in said
    assert "Rejected · UNODC" in said

    said = ran("extract", "--from", originals(tmp_path / "originals"), *FOUR)
    assert all(source in said for source in FOUR) and "Next: python -m etl build" in said
    tables = contents(place.data)
    ran("extract", "--from", tmp_path / "originals", *FOUR)
    assert contents(place.data) == tables  # a second run changes nothing

    said = ran("build", "--dated", "2026-01-02")
    second = re.search(r"2026-01-02-[0-9a-f]{8}", said)[0]
    assert "Since the edition before · unhcr: " in said and "withdrawn" in said
    assert f"Edition {second} is published." in ran("build", "--if-missing")
    assert "already built; nothing had changed" in ran("build", "--dated", "2026-01-02")

    said = ran("editions")
    assert f"* {second}" in said and f"  {first}" in said and said.index(first) < said.index(second)
    said = ran("diff", first, second, "--limit", "3")
    assert f"differ between {first} and {second}" in said and "unodc_glotip" in said and "THA" in said
    assert first in ran("rollback", first) and f"* {first}" in ran("editions")
    assert "Deleted: " + second not in ran("prune", "--keep", "1")  # the newest stays, and so does the one on screen
    assert first in ran("editions")


def test_every_command_option_and_argument_has_a_word_of_help():
    commands = typer.main.get_command(app).commands
    assert {"extract", "refresh", "build", "editions", "diff", "rollback", "prune"} <= set(commands)
    for name, command in commands.items():
        assert command.help and command.help.strip().endswith("."), name
        for parameter in command.params:
            assert parameter.help, (name, parameter.name)


def test_a_command_without_words_shows_the_verbs():
    done = subprocess.run([sys.executable, "-m", "etl"], cwd=ROOT, capture_output=True, text=True)
    assert "extract" in done.stdout + done.stderr and "Traceback" not in done.stderr


# --- bad input -------------------------------------------------------------------------------------------------------


def swap(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def book(folder: Path, change: Callable) -> None:
    """Changes UNODC's trafficking workbook."""
    path = folder / "unodc_glotip" / "data_glotip.xlsx"
    opened = openpyxl.load_workbook(path)
    change(opened.active)
    opened.save(path)


def cut(path: Path, size: int) -> None:
    path.write_bytes(path.read_bytes()[:-size])


GLOTIP, CTS = "unodc_glotip/data_glotip.xlsx", "unodc_cts/data_cts_corruption_and_economic_crime.xlsx"
IOM = "iom_missing_migrants/Missing_Migrants_Global_Figures_allData.csv"
BAD = {
    "a missing file": (lambda f: (f / GLOTIP).unlink(), ["unodc_glotip/", "no such file", "data_glotip*.xlsx", "etl refresh"]),
    "a file of another format": (
        lambda f: (f / CTS).write_text("<!DOCTYPE html><html>Sign in</html>", encoding="utf-8"),
        ["data_cts_corruption_and_economic_crime.xlsx", "a web page", "etl refresh unodc_cts"],
    ),
    "a renamed column": (
        lambda f: book(f, lambda sheet: setattr(sheet["L3"], "value", "Count")),
        ["data_glotip.xlsx", "sheet “Sheet”", "column “txtVALUE”", "no such column", "Count", "download the file again"],
    ),
    "a missing column": (
        lambda f: swap(f / "unhcr/flows.csv", ",asylum_seekers", ",waiting"), ["flows.csv", "column “asylum_seekers”", "waiting"],
    ),
    "an unknown country": (
        lambda f: swap(f / "unhcr/population.csv", ",MMR,Bangladesh", ",BUR,Bangladesh"),
        ["population.csv", "column “coo_iso”", "row 7", "“BUR”", "catalog/countries.csv"],
    ),
    "a year in the future": (
        lambda f: book(f, lambda sheet: setattr(sheet["J4"], "value", 2091.0)),
        ["data_glotip.xlsx", "sheet “Sheet”", "column “Year”", "row 4", "“2091”", "a year from 1900 to"],
    ),
    "a negative count": (
        lambda f: swap(f / "unhcr/solutions.csv", "307,6571", "307,-6571"),
        ["solutions.csv", "column “resettlement”", "row 2", "“-6571”", "zero or more"],
    ),
    "text in a number": (
        lambda f: swap(f / IOM, "9,,9,", "9,,nine,"),
        ["allData.csv", "column “Total Number of Dead and Missing”", "row 4", "“nine”", "a whole number"],
    ),
    "a wrong encoding": (
        lambda f: (f / "unhcr/flows.csv").write_bytes(
            (f / "unhcr/flows.csv").read_bytes().replace(b"Afghanistan", "Türkiye".encode("latin-1"))),
        ["flows.csv", "not UTF-8", "Save the file as UTF-8"],
    ),
    "an empty file": (lambda f: (f / "unhcr/population.csv").write_bytes(b""), ["population.csv", "an empty file", "etl refresh unhcr"]),
    "a truncated table": (lambda f: cut(f / "unhcr/solutions.csv", 30), ["solutions.csv", "row", "cut off", "etl refresh unhcr"]),
    "a truncated workbook": (lambda f: cut(f / GLOTIP, 500), ["data_glotip.xlsx", "cut off", "etl refresh unodc_glotip"]),
    "a folder that is not there": (lambda f: shutil.rmtree(f), ["no such folder", "--from", "etl refresh"]),
    "two bad files at once": (
        lambda f: (cut(f / GLOTIP, 500), (f / "unhcr/population.csv").write_bytes(b"")),
        ["unodc_glotip: data_glotip.xlsx", "unhcr: population.csv"],
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def refusals(published, tmp_path_factory) -> dict[str, tuple]:
    """Every bad input handed to `extract`, two at a time; and the published folders as they were before."""
    before = contents(*published)

    def extracted(name: str):
        folder = originals(tmp_path_factory.mktemp("bad") / "originals")
        BAD[name][0](folder)
        return run("extract", "--from", folder, *FOUR, data=published.data, editions=published.editions)

    with ThreadPoolExecutor(2) as pool:
        done = dict(zip(BAD, pool.map(extracted, BAD)))
    return {name: (answer, before) for name, answer in done.items()}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_ends_in_one_message_with_place_and_cure(refusals, name):
    answer, _ = refusals[name]
    assert answer.returncode == 1, answer.stdout
    assert "Traceback" not in answer.stderr + answer.stdout
    assert answer.stderr.count("Nothing was changed. These must be mended first:") == 1
    for part in BAD[name][1]:
        assert part in answer.stderr, answer.stderr


def test_no_bad_file_changes_an_edition_or_a_carried_table(refusals, published):
    (_, before) = refusals["a missing file"]
    assert contents(*published) == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["extract", "--from", ".", "unhrc"], ["“unhrc”", "unhcr", "spelling"]),
        (["build", "--dated", "yesterday"], ["“yesterday”", "2026-11-21"]),
        (["rollback", "2020-01-01-00000000"], ["“2020-01-01-00000000”", "Editions kept: 2026-01-01-"]),
        (["diff", "2020-01-01-00000000", "latest"], ["“2020-01-01-00000000”", "Editions kept: 2026-01-01-"]),
    ],
)
def test_a_slip_at_the_command_line_is_told_with_the_cure(published, arguments, says):
    answer = run(*arguments, data=published.data, editions=published.editions)
    assert answer.returncode == 1 and "Traceback" not in answer.stderr
    for part in says:
        assert part in answer.stderr, answer.stderr


@pytest.mark.parametrize("arguments", [["publish"], ["extract"], ["prune", "--keep", "0"], ["build", "--date", "2026-01-01"]])
def test_a_verb_or_option_that_does_not_exist_is_refused_without_a_traceback(published, arguments):
    answer = run(*arguments, data=published.data, editions=published.editions)
    assert answer.returncode == 2 and answer.stderr.strip() and "Traceback" not in answer.stderr


def test_without_any_edition_the_cure_is_named(tmp_path):
    answer = run("editions", data=tmp_path, editions=tmp_path / "none")
    assert answer.returncode == 1 and "python -m etl build" in answer.stderr and "Traceback" not in answer.stderr


def test_a_build_from_tables_that_are_gone_names_them_and_leaves_readers_alone(published, tmp_path):
    before = contents(published.editions)
    answer = run("build", data=tmp_path / "nothing", editions=published.editions)
    assert answer.returncode == 1 and "data/figures/unhcr.csv" in answer.stderr and "Traceback" not in answer.stderr
    assert contents(published.editions) == before


def test_a_disk_that_refuses_is_told_without_a_traceback(published, tmp_path):
    (tmp_path / "editions").write_text("a file where a folder should be", encoding="utf-8")
    answer = run("build", data=published.data, editions=tmp_path / "editions")
    assert answer.returncode == 1 and "Nothing was published" in answer.stderr and "Traceback" not in answer.stderr


# --- Ctrl-C ----------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl-C to the whole console")
def test_ctrl_c_ends_the_build_with_130_and_leaves_no_draft(tmp_path):
    def interrupted(seconds: float) -> tuple[int, str, list[str]]:
        editions = tmp_path / f"editions-{seconds}"
        process = subprocess.Popen([sys.executable, "-m", "etl", "build"], cwd=ROOT, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True, env={**os.environ, "CORRIDORS_EDITIONS": str(editions)})  # fmt: skip
        while process.poll() is None and not list(editions.glob("draft-*")):
            time.sleep(0.01)
        time.sleep(seconds)  # at once, while tables are filled; later, inside a query of DuckDB
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate()
        return process.returncode, errors, [p.name for p in editions.iterdir()]

    with ThreadPoolExecutor(2) as pool:
        for status, errors, left in pool.map(interrupted, (0.0, 0.6)):
            assert status == 130 and "Interrupted" in errors and "Traceback" not in errors, errors
            assert left == []
