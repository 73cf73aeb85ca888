"""Jobs: each does what the command line does, in a process of its own, and whatever happens to it nothing is left half."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pytest

from corridors import ROOT
from corridors.export.debrief_form import toml_text
from corridors.store import drafts, editions, jobs, publishing
from corridors.store.queries import figures
from etl import jobs as work
from etl import pipeline
from tests import small_data
from tests.etl.briefings import desk
from tests.etl.test_steps_back import SOURCE, TWENTY, release

SAMPLE = Path(__file__).with_name("sources") / "iom_missing_migrants" / "sample"


@pytest.fixture
def data(small, tmp_path, monkeypatch) -> Path:
    """A copy of both, with jobs and drafts of the test's own; what this process and its children read and write."""
    shutil.copytree(small, tmp_path, dirs_exist_ok=True)
    for name in ("data", "editions", "jobs", "drafts"):
        monkeypatch.setenv(f"CORRIDORS_{name.upper()}", str(tmp_path / name))
    monkeypatch.setattr(pipeline, "DATA", tmp_path / "data")
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # the tests' own process keeps its signals
    return tmp_path / "data"


@pytest.fixture
def here(monkeypatch):
    """Jobs are done by this process, at once."""

    class Started:
        def __init__(self, command, **_):
            work.run(Path(command[-1]))

        def poll(self):
            return 0

    monkeypatch.setattr(jobs, "subprocess", SimpleNamespace(Popen=Started, DEVNULL=subprocess.DEVNULL))


def done(kind: str, options: dict | None = None, *files: Path, who: str = "ann", state: str = jobs.DONE) -> jobs.Job:
    """The job after it has ended as expected."""
    job = jobs.read(jobs.start(kind, who, who.title(), options, [(f.name, [f.read_bytes()]) for f in files]))
    assert job.state == state, job
    return job


def briefing(folder: Path, data: Path, number=412, iso3="THA") -> Path:
    return desk.filled(folder / f"{iso3}.xlsx", data, {"victims_identified": {"Number": number}}, iso3=iso3)


def test_a_briefing_goes_from_the_inbox_to_the_readers_and_back(data, here, tmp_path):
    before = editions.current()
    checked = done("check", None, briefing(tmp_path, data))
    (file,) = checked.result["files"]
    assert file["kind"] == "briefing" and file["fine"] and not file["faults"]
    taken = done("accept", {"check": checked.id, "file": "THA.xlsx"})
    assert taken.result["key"] == "briefing THA 2025 v1" and (data / "briefings/THA/2025/v1").is_dir()
    drafted = done("draft").result
    assert editions.current() == before and not drafted["same"], "readers see what they saw"
    name = drafted["draft"]
    assert figures.edition(name)["previous_id"] == before
    assert len(figures.ask(name, "from briefing where iso3 = 'THA' and period = '2025'")) == 1
    drafts.propose(name, "ann", "Ann", "Briefing of Thailand")
    assert drafts.proposal(name)["why"] == "Briefing of Thailand"
    published = done("publish", {"draft": name}, who="bob").result["edition"]
    assert editions.current() == published and not editions.fault_of(published)
    for label in ("CLEAR", "GREEN"):
        assert len(figures.ask(f"{published}@{label}", "from figure"))
    undone = done("withdraw", {"key": taken.result["key"]})
    assert undone.result["key"] == "briefing THA 2025 v1" and (data / "briefings/THA/2025/v1/withdrawn.toml").exists()
    publishing.set_current(before)
    assert editions.current() == before


def test_faults_stand_on_the_sheet_with_their_cure_and_the_file_is_not_taken(data, here, tmp_path):
    checked = done("check", None, briefing(tmp_path, data, "12 or so"))
    (file,) = checked.result["files"]
    excerpt = next(e for e in file["excerpts"] if e["sheet"] == "Figures")
    (row, column, level) = excerpt["marks"][0]
    cells = dict(excerpt["rows"])
    assert cells[row][column - 1] == "12 or so" and level == "error" and not file["fine"]
    assert "in digits" in file["faults"][0]["how_to_fix"]
    marked = openpyxl.load_workbook(jobs.place_of(checked.id) / jobs.MARKED)
    assert any("Figures" in name for name in marked.sheetnames)
    refused = done("accept", {"check": checked.id, "file": "THA.xlsx"}, state=jobs.REFUSED)
    assert "in digits" in refused.problems[0] and not (data / "briefings/THA/2025").exists()


def test_a_member_hands_in_its_own_briefing_and_nothing_else(data, here, tmp_path):
    other = done("check", {"member": "MYS"}, briefing(tmp_path, data)).result["files"][0]
    assert not other["fine"] and "Malaysia" in other["faults"][0]["expected"] and not other["excerpts"]
    for own, others in (("CHN", "HKG"), ("KOR", "PRK")):  # whose names hold the other's
        path = briefing(tmp_path, data, iso3=others)
        assert not done("check", {"member": own}, path).result["files"][0]["fine"]
    cases = tmp_path / "cases.csv"
    cases.write_text("record_id,year,crime\nT-1,2024,trafficking\n", encoding="utf-8")
    assert not done("check", {"member": "MYS"}, cases).result["files"][0]["fine"]
    assert done("check", {"member": "THA"}, tmp_path / "THA.xlsx").result["files"][0]["fine"]


def test_a_preview_is_built_beside_the_data_and_belongs_to_its_sender(data, here, tmp_path):
    checked = done("check", {"member": "THA"}, briefing(tmp_path, data))
    name = done("preview", {"check": checked.id, "file": "THA.xlsx", "who": "tha"}, who="tha").result["draft"]
    assert drafts.preview_of(name) == "tha" and not (data / "briefings/THA/2025").exists()
    assert len(figures.ask(name, "from briefing where iso3 = 'THA' and period = '2025'")) == 1
    done("accept", {"check": checked.id, "file": "THA.xlsx"})
    same = done("draft").result["draft"]
    assert not drafts.preview_of(same), "what analysts build is theirs, whoever looked at the same before"


def test_a_draft_beside_which_another_was_published_is_refused(data, here, tmp_path):
    done("accept", {"check": done("check", None, briefing(tmp_path, data)).id, "file": "THA.xlsx"})
    first = done("draft").result["draft"]
    other = briefing(tmp_path, data, iso3="MYS")
    done("accept", {"check": done("check", None, other).id, "file": "MYS.xlsx"})
    second = done("draft").result["draft"]
    now = done("publish", {"draft": second}).result["edition"]
    refused = done("publish", {"draft": first}, state=jobs.REFUSED)
    assert "Build the draft anew" in refused.problems[0] and editions.current() == now
    assert done("publish", {"draft": second}).result["edition"] == now, "twice the same is once"


def test_decisions_are_written_where_the_command_line_reads_them(data, here):
    step = {"year": 2020, "kind": "break", "reason": "Another register", "indicators": ["refugees"], "members": ["MYS"]}
    decided_by = done("decide", {"what": "break", "entry": step, "office": "Data unit"})
    text = (data / "editorial/breaks.toml").read_text(encoding="utf-8")
    assert "Another register" in text and "by Data unit" in text
    name = done("draft").result["draft"]
    decided = figures.ask(name, "from series_break where reason = 'Another register'")
    assert decided.decided.all() and len(decided)
    before = (data / "editorial/overrides.toml").read_bytes() if (data / "editorial/overrides.toml").exists() else b""
    entry = {"indicator": "refugees", "source": "unhcr", "grade": "Z", "member": "MYS", "year": 2025, "reason": "Known"}
    refused = done("decide", {"what": "override", "entry": entry, "office": "Data unit"}, state=jobs.REFUSED)
    assert "A, B, C, D or U" in refused.problems[0]
    named = done("decide", {"what": "break", "entry": step, "office": "+66 81 234 5678"}, state=jobs.REFUSED)
    assert "desk" in named.problems[0]
    for missing in ({**step, "reason": " "}, step | {"indicators": ["no_such"]}):
        done("decide", {"what": "break", "entry": missing, "office": "Data unit"}, state=jobs.REFUSED)
    after = (data / "editorial/overrides.toml").read_bytes() if (data / "editorial/overrides.toml").exists() else b""
    assert after == before and text == (data / "editorial/breaks.toml").read_text(encoding="utf-8")
    undone = done("withdraw", {"job": decided_by.id})
    assert not (data / "editorial/breaks.toml").exists() and "next draft" in undone.result["changes"][0]
    twice = done("withdraw", {"job": decided_by.id}, state=jobs.REFUSED)
    assert "changed it by hand" in twice.problems[0]
    assert {job.id for job in jobs.listed()} >= {decided_by.id, undone.id}, "the list keeps both"
    refused = done("withdraw", {"job": undone.id}, state=jobs.REFUSED)
    assert "nothing that could be undone" in refused.problems[0]


def test_a_correction_and_a_grade_are_added_below_what_stands_there(data, here):
    row = next(r for r in small_data.rows_of(data / "sources/unhcr/figures.csv") if r["value"] and not r["partner_iso3"])
    entry = {
        "source": "unhcr",
        "indicator": row["indicator_id"],
        "iso3": row["iso3"],
        "year": int(row["period_end"][:4]),
        "found": float(row["value"]),
        "corrected": float(row["value"]) + 1,
        "reason": "Twice in the release",
    }
    before = {p.name: p.read_text(encoding="utf-8") for p in (data / "editorial").glob("*.toml")}
    made = [done("decide", {"what": "correction", "entry": entry, "office": "Data unit"})]
    text = (data / "editorial/corrections.toml").read_text(encoding="utf-8")
    assert text.startswith("# none") and "Twice in the release" in text
    grade = {"indicator": row["indicator_id"], "source": "unhcr", "grade": "D", "member": row["iso3"], "reason": "Known gap"}
    made.append(done("decide", {"what": "override", "entry": grade, "office": "Data unit"}))
    name = done("draft").result["draft"]
    assert len(figures.ask(name, "from correction_applied")) == 1 and len(figures.ask(name, "from grade_override")) == 1
    for each in made:
        done("withdraw", {"job": each.id})
    assert {p.name: p.read_text(encoding="utf-8").rstrip() for p in (data / "editorial").glob("*.toml")} == {
        name: text.rstrip() for name, text in before.items()
    }


def test_forms_are_written_with_the_meaning_of_each_column_and_an_example_is_sound(data, here):
    made = done("template", {"what": "THA", "example": True})
    file = jobs.place_of(made.id) / made.result["file"]
    assert file.exists() and ["Figures", "Number"] in [line[:2] for line in made.result["columns"]]
    (judged,) = done("check", None, file).result["files"]
    assert judged["kind"] == "briefing" and "EXAMPLE" in str(openpyxl.load_workbook(file)["Cover"]["A1"].value)
    assert not [f for f in judged["faults"] if f["sheet"] == "Figures" and f["level"] == "error"], judged["faults"]
    assert done("template", {"what": "cases"}).result["columns"]


def test_what_is_dropped_leaves_no_row_behind_and_what_is_accepted_no_second_copy(data, here, tmp_path):
    wrong = done("check", None, briefing(tmp_path, data, "a Somchai or so"))
    assert (jobs.place_of(wrong.id) / jobs.MARKED).exists()
    jobs.drop_files(wrong.id)
    held = [p for p in jobs.place_of(wrong.id).rglob("*") if p.is_file()]
    assert not [p for p in held if b"Somchai" in p.read_bytes()] and not (jobs.place_of(wrong.id) / jobs.MARKED).exists()
    right = done("check", None, briefing(tmp_path, data, iso3="MYS"), briefing(tmp_path, data, iso3="BGD"))
    done("accept", {"check": right.id, "file": "MYS.xlsx"})
    assert jobs.read(right.id).files == ("BGD.xlsx",) and jobs.read(right.id).result


def test_a_file_that_is_held_no_longer_is_asked_for_again(data, here, tmp_path):
    checked = done("check", None, briefing(tmp_path, data))
    jobs.drop_files(checked.id)
    refused = done("accept", {"check": checked.id, "file": "THA.xlsx"}, state=jobs.REFUSED)
    assert "Hand it in again" in refused.problems[0]


@pytest.mark.parametrize(
    "name", ["../../etc/x.csv", "a/b/c.xlsx", "C:\\temp\\d.xlsx", "", "...", "\x00\n.csv", "e" * 400 + ".csv"]
)
def test_a_files_own_name_leads_nowhere(data, here, name):
    job_id = jobs.start("check", "ann", "Ann", {}, [(name, [b"a"]), (name, [b"b"])])
    files = list((jobs.place_of(job_id) / jobs.FILES).iterdir())
    assert len(files) == 2 and {f.parent for f in files} == {jobs.folder() / job_id / jobs.FILES}
    assert all(len(f.name) < 140 for f in files) and jobs.read(job_id).ended


@pytest.mark.parametrize("named", ["../data", "", "x", "20261127-000000-00000000", "20261127-000000-zzzzzzzz", "a" * 5000])
def test_an_invented_job_is_none(data, named):
    with pytest.raises(jobs.NoJob):
        jobs.read(named)
    with pytest.raises(jobs.NoJob):
        jobs.drop_files(named)


def test_a_full_disk_is_told_and_nothing_is_kept(data, here, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(jobs, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        jobs.start("check", "ann", "Ann", {}, [("a.csv", [b"a"])])
    assert not list(jobs.folder().iterdir())
    monkeypatch.undo()


def test_a_fault_of_ours_ends_the_job_in_words_and_its_trace_in_the_log(data, here, monkeypatch, caplog):
    monkeypatch.setitem(work.WORK, "draft", (lambda *_: 1 / 0, True))
    failed = done("draft", state=jobs.FAILED)
    assert "log.txt" in failed.problems[0] and "ZeroDivisionError" in caplog.text and "Zero" not in failed.problems[0]


def test_files_go_after_a_day_and_jobs_after_ninety(data, here, tmp_path):
    one = done("check", None, briefing(tmp_path, data))
    sent = done("check", {"member": "THA"}, tmp_path / "THA.xlsx")
    jobs.send(sent.id)
    for job, days in ((one, 2), (sent, 2)):
        os.utime(jobs.place_of(job.id), (time.time() - days * 86400,) * 2)
    jobs.sweep()
    assert not jobs.read(one.id).files and jobs.read(sent.id).files == ("THA.xlsx",)
    assert not jobs.read(one.id).result and jobs.read(sent.id).result
    half = jobs.folder() / "20261127-000000-00000000"  # a server that went while a file was coming in
    (half / jobs.FILES).mkdir(parents=True)
    os.utime(half, (time.time() - 2 * 86400,) * 2)
    os.utime(jobs.place_of(one.id), (time.time() - 91 * 86400,) * 2)
    jobs.sweep()
    assert [job.id for job in jobs.listed()] == [sent.id] and not half.exists()


def until(what, seconds: float = 60.0):
    """Waits until something is so."""
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, "it never became so"
        time.sleep(0.02)
    return found


def test_a_job_that_is_killed_says_so_and_one_that_is_stopped_too_and_writers_wait_for_each_other(data):
    """Real processes: the first is held by the lock of the second, which is held by this test."""
    from corridors.store.lock import is_held, one_writer

    jobs.folder().mkdir()
    with one_writer(jobs.folder() / work.WRITER, 0):
        first, second = (jobs.start("draft", "ann", "Ann") for _ in range(2))
        for job_id in (first, second):
            until(lambda: jobs.read(job_id).step.startswith("Waiting"))
        os.kill(int((jobs.folder() / first / jobs.ALIVE).read_text().split()[0]), signal.SIGKILL)
        until(lambda: jobs.read(first).state == jobs.KILLED)
        jobs.cancel(second)
        until(lambda: jobs.read(second).state == jobs.CANCELLED)
    jobs.cancel(second)
    assert not drafts.listed() and not is_held(jobs.folder() / work.WRITER)


def test_a_publication_that_is_killed_leaves_readers_the_edition_before(data, here, tmp_path):
    """Killed between the files and the pointer: the pointer still leads to a whole edition, and publishing again does it."""
    before = editions.current()
    done("accept", {"check": done("check", None, briefing(tmp_path, data)).id, "file": "THA.xlsx"})
    name = done("draft").result["draft"]
    script = (
        "import os, signal\nfrom corridors.store import drafts, publishing\n"
        "publishing.set_current = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"drafts.publish({name!r})"
    )
    ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True)
    assert ended.returncode == -signal.SIGKILL and editions.pointer_target() == before
    assert done("publish", {"draft": name}).result["edition"] == editions.current()
    state = json.loads((jobs.folder() / jobs.listed()[0].id / jobs.STATE).read_text())
    assert state["state"] in (jobs.WAITING, jobs.RUNNING)


def test_the_originals_of_a_source_are_judged_and_taken_together(data, here):
    """A yearly file says nothing without the file of all years that came with it."""
    sample = sorted(p for p in SAMPLE.iterdir() if p.suffix in (".csv", ".json"))
    assert len(sample) > 1
    alone = next(f for f in sample if f.suffix == ".json" or "20" in f.stem)
    assert "no such file" in done("check", None, alone).result["files"][0]["faults"][0]["found"]
    checked = done("check", None, *sample)
    assert {f["kind"] for f in checked.result["files"]} == {"original"}
    codes = {fault["code"] for f in checked.result["files"] for fault in f["faults"]}
    assert codes <= {"steps-back"}, checked.result
    taken = done("accept", {"check": checked.id, "file": sample[0].name, "older": True})
    assert sorted(taken.result["files"]) == [p.name for p in sample] and not jobs.read(checked.id).files
    assert sorted(p.name for p in (data / "originals" / "iom_missing_migrants").iterdir()) == [p.name for p in sample]


def test_an_older_release_is_told_by_the_check_and_taken_only_where_it_is_meant(data, here, tmp_path):
    new = next((release(tmp_path, TWENTY) / SOURCE).iterdir())
    first = done("check", None, new).result["files"][0]

    def tables() -> dict[Path, bytes]:
        return {
            p: p.read_bytes() for part in ("sources", "originals") for p in (data / part / SOURCE).rglob("*") if p.is_file()
        }

    before = tables()
    taken = done("accept", {"check": jobs.listed()[0].id, "file": new.name, "older": True})
    after_first = tables()
    assert before != after_first
    old = next((release(tmp_path, TWENTY, "30/05/2023") / SOURCE).iterdir())
    checked = done("check", None, old)
    (file,) = checked.result["files"]
    assert first["kind"] == "original" and not file["fine"] and "older than the kept one" in file["faults"][0]["found"]
    assert {fault["code"] for fault in file["faults"]} == {"steps-back"} and "2025-04-14 → 2023-05-30" in file["facts"][0]
    refused = done("accept", {"check": checked.id, "file": old.name}, state=jobs.REFUSED)
    assert "--older" in refused.problems[0]
    second = done("accept", {"check": checked.id, "file": old.name, "older": True})
    assert "→ 2023-05-30" in second.result["changes"][0] and tables() != after_first
    refused = done("withdraw", {"job": taken.id}, state=jobs.REFUSED)
    assert "Undo the later one first" in refused.problems[0]
    done("withdraw", {"job": second.id})
    assert tables() == after_first
    done("withdraw", {"job": taken.id})
    assert tables() == before


@pytest.mark.parametrize(
    ("kind", "result", "why"),
    [
        ("carry", {"changes": [], "wrote": {}}, "nothing to undo"),
        ("carry", {"changes": []}, "take the step back"),
        ("decide", {"changes": []}, "by hand"),
        ("decide", {"changes": [], "file": "editorial/breaks.toml"}, "by hand"),
        ("accept", {"key": "", "files": ["a.csv"], "changes": []}, "take the step back"),
    ],
)
def test_undoing_what_left_nothing_to_undo_it_with_is_refused_with_what_to_do(data, here, monkeypatch, kind, result, why):
    monkeypatch.setitem(work.WORK, kind, (lambda *_: result, True))
    made = done(kind, {"sources": [SOURCE]})
    refused = done("withdraw", {"job": made.id}, state=jobs.REFUSED)
    assert len(refused.problems) == 1 and why in refused.problems[0]


def test_an_original_that_is_taken_half_when_the_disk_is_full_is_not_taken_at_all(data, here, tmp_path, monkeypatch):
    new = next((release(tmp_path, TWENTY) / SOURCE).iterdir())
    checked = done("check", None, new)
    before = {p: p.read_bytes() for p in (data / "sources" / SOURCE).rglob("*") if p.is_file()}
    copied = shutil.copyfile

    def full(source, target):
        if "originals" in str(target):
            raise OSError(28, "No space left on device")
        return copied(source, target)

    monkeypatch.setattr(shutil, "copyfile", full)
    failed = done("accept", {"check": checked.id, "file": new.name, "older": True}, state=jobs.FAILED)
    assert "No space left" in failed.problems[0] and jobs.read(checked.id).files == (new.name,)
    assert {p: p.read_bytes() for p in (data / "sources" / SOURCE).rglob("*") if p.is_file()} == before
    assert not [p for p in (data / "originals").rglob("*") if p.is_file()]


def test_a_debrief_is_judged_on_its_lines_accepted_and_undone(data, here, tmp_path):
    form = tmp_path / "debrief.toml"
    form.write_text(toml_text("2018", "NZL", {"worked": "One, two"}, [], "PURPLE", "2018-12-01"), encoding="utf-8")
    checked = done("check", None, form)
    (file,) = checked.result["files"]
    (excerpt,) = file["excerpts"]
    ((row, column, level),) = excerpt["marks"]
    assert file["kind"] == "actions" and dict(excerpt["rows"])[row] == ['tlp = "PURPLE"'] and (column, level) == (1, "error")
    assert "GREEN" in file["faults"][0]["expected"] and file["faults"][0]["cell"] == "row 9, column tlp"
    marked = openpyxl.load_workbook(jobs.place_of(checked.id) / jobs.MARKED)["debrief"]
    assert marked["A9"].comment and "PURPLE" in marked["A9"].comment.text and marked["A7"].value == 'text = "One, two"'
    refused = done("accept", {"check": checked.id, "file": form.name}, state=jobs.REFUSED)
    assert "PURPLE" in refused.problems[0]
    form.write_text(form.read_text(encoding="utf-8").replace("PURPLE", "GREEN"), encoding="utf-8")
    checked = done("check", None, form)
    assert checked.result["files"][0]["fine"]
    taken = done("accept", {"check": checked.id, "file": form.name})
    stored = data / "editorial/actions/debrief/2018_NZL.toml"
    assert taken.result["key"] == "actions 2018 NZL" and stored.is_file()
    done("withdraw", {"job": taken.id})
    assert not stored.exists()
