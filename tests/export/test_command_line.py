"""`python -m corridors.export`: files whole or not at all, and refusals that a person can act on."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import openpyxl
import pytest

from corridors.export import __main__ as command
from corridors.export import faults, writing
from corridors.store.command import INTERRUPTED

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def run(edition_id, monkeypatch, capsys):
    """`run("tables", "THA")` runs the command in this process and returns status, what it said, what it complained of."""

    def ran(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["corridors.export", *words])
        status = command.main()
        said = capsys.readouterr()
        return status, said.out, said.err

    return ran


def test_a_brief_by_name_or_code(run, tmp_path, edition_id):
    status, said, _ = run("briefs", "-o", str(tmp_path / "new"), "--member", "Türkiye", "--member", "NCL", "--member", "TUR")
    assert status == 0 and "2 briefs" in said and edition_id in said
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == [
        f"brief-new-caledonia-{edition_id}.pdf",
        f"brief-turkiye-{edition_id}.pdf",
    ]


def test_tables_and_pictures(run, tmp_path):
    assert run("tables", "Fiji", "-o", str(tmp_path / "f.xlsx"), "--theme", "victims")[0] == 0
    assert openpyxl.load_workbook(tmp_path / "f.xlsx").sheetnames == ["About", "Victims", "Caveats"]
    assert run("picture", "THA", "detected_victims", "-o", str(tmp_path / "a.svg"))[0] == 0
    assert run("picture", "THA", "routes", "-o", str(tmp_path / "a.png"))[0] == 0
    assert (tmp_path / "a.svg").read_bytes().startswith(b"<svg") and (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("briefs", "-o", "{}", "--member", "Thialand"), "Did you mean Thailand (THA)"),
        (("briefs", "-o", "{}", "--member", "Germany"), "not one of the 45 members"),
        (("briefs", "-o", "{}", "--edition", "2020-01-01-00000000"), "There is no edition “2020-01-01-00000000”"),
        (("briefs", "-o", "{}", "--tlp", "RED"), "TLP:RED is not written to files"),
        (("tables", "THA", "-o", "{}/x.csv"), "ends in .xlsx"),
        (("tables", "THA", "-o", "{}/x.xlsx", "--theme", "money"), "Themes: victims"),
        (("picture", "NCL", "detected_victim", "-o", "{}/x.png"), "that is not zero"),
        (("picture", "THA", "refugees", "-o", "{}/x.png", "--view", "both"), "place or partner"),
        (("changes", "2020-01-01-00000000"), "There is no edition"),
    ],
)
def test_a_refusal_says_what_to_mend_and_writes_nothing(run, tmp_path, words, expected):
    status, _, complaint = run(*(w.format(tmp_path) for w in words))
    assert status == 1 and expected in complaint and "Traceback" not in complaint
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_file_is_refused_by_name(run, tmp_path):
    (tmp_path / "taken").write_text("here already", encoding="utf-8")
    status, _, complaint = run("briefs", "-o", str(tmp_path / "taken" / "x"), "--member", "NCL")
    assert status == 1 and "cannot be written" in complaint and "-o" in complaint


def test_without_any_edition_the_cure_is_named(run, tmp_path, monkeypatch):
    monkeypatch.setenv("CORRIDORS_EDITIONS", str(tmp_path))
    status, _, complaint = run("briefs", "-o", str(tmp_path / "x"))
    assert status == 1 and "python -m etl build" in complaint


def test_a_file_is_replaced_whole_or_stays_as_it_was(tmp_path, monkeypatch):
    path = writing.whole(tmp_path / "a.pdf", b"first")

    def refused(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", refused)
    with pytest.raises(faults.NotWritable, match="No space left"):
        writing.whole(path, b"second")
    assert path.read_bytes() == b"first" and [p.name for p in tmp_path.iterdir()] == ["a.pdf"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for a single process")
def test_ctrl_c_leaves_only_whole_files_and_no_traceback(edition_id, editions_folder, tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "corridors.export", "briefs", "-o", str(tmp_path)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"CORRIDORS_EDITIONS": str(editions_folder)},
    )
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob("*.pdf")) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, complaint = process.communicate(timeout=60)
    assert process.returncode == INTERRUPTED and "Interrupted" in complaint and "Traceback" not in complaint
    assert all(p.suffix == ".pdf" and p.read_bytes().rstrip().endswith(b"%%EOF") for p in tmp_path.iterdir())
