"""Faults of machines at work: kill -9, full and forbidden disks, writers that died, a publisher's file that shrank.

Every time: readers go on with a whole edition, nothing is half-written, the next run completes, and verify says so.
Kills come at two moments of each of four works (four with CORRIDORS_TESTS=all) and at all of a build; CORRIDORS_KILLS=25 makes a
hundred of them.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from corridors.store import editions, lock, publishing
from etl import pipeline
from tests import small_data
from tests.etl import killing
from tests.etl.killing import damage, faults, place
from tests.etl.publisher_server import CSV, Answer, files, running
from tests.etl.test_command_line import originals
from tests.sampling import all_or

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kill -9 and forks are POSIX's")
OLD, NEW, NEXT = "2026-01-01-00000001", "2026-01-02-00000002", "2026-01-03-00000003"
KILLS = int(os.environ.get("CORRIDORS_KILLS", all_or("2", "4")))
CHOICE = random.Random(int(os.environ.get("CORRIDORS_SEED", "9")))
DISK = 16 * 1024 * 1024  # room for two editions that hold next to nothing (5 MB each)
TWO = ["unodc_cts", "unhcr"]


@pytest.fixture(scope="module")
def workers():
    """The parent of processes that may be killed."""
    made = killing.Workers()
    yield made
    made.close()


@pytest.fixture
def where(tmp_path, monkeypatch) -> Path:
    """A folder with one good edition, where readers look."""
    folder = tmp_path / "editions"
    monkeypatch.setenv("CORRIDORS_EDITIONS", str(folder))
    killing.publish(str(folder), OLD, "as it was")
    return folder


def moments(total: int, wanted: int = KILLS) -> list[int]:
    """Which of `total` touches to kill at: all, or as many as wanted, drawn by lot."""
    assert total > 3, "the work touches the disk too seldom to prove anything"
    return sorted(CHOICE.sample(range(1, total + 1), min(wanted, total)))


def test_a_publication_killed_at_any_moment_leaves_readers_a_whole_edition(workers, where, tmp_path):
    total = workers.run("publish", tmp_path / "try", where=tmp_path / "try", edition_id=OLD)["touches"]
    seen = set()
    for moment in moments(total):
        folder = Path(shutil.copytree(where, tmp_path / f"at-{moment}" / "editions"))
        assert workers.run("publish", folder, moment, where=folder, edition_id=NEW, place="as it is")["killed"], moment
        now = editions.current(folder)
        assert now in (OLD, NEW) and not editions.fault_of(now, folder) and not editions.trouble(folder)
        seen.add(now)
        left = faults(folder)
        assert all("what a build or prune that was killed left" in told for told in left), left
        workers.run("publish", folder, where=folder, edition_id=NEXT)
        assert faults(folder) == [] and editions.current(folder) == NEXT
        assert {OLD, NEXT} <= set(editions.listed(folder)) <= {OLD, NEW, NEXT}
    assert OLD in seen


def test_a_prune_killed_at_any_moment_never_takes_what_is_on_screen(workers, where, tmp_path):
    for edition_id in (NEW, NEXT):
        killing.publish(str(where), edition_id)
    publishing.set_current(OLD, where)
    trial = Path(shutil.copytree(where, tmp_path / "try" / "editions"))
    for moment in moments(workers.run("prune", trial, where=trial, keep=1)["touches"]):
        folder = Path(shutil.copytree(where, tmp_path / f"at-{moment}" / "editions"))
        assert workers.run("prune", folder, moment, where=folder, keep=1)["killed"], moment
        assert editions.current(folder) == OLD and not editions.trouble(folder)
        assert all(
            not editions.fault_of(i, folder) and editions.checksum_of(folder / f"{i}.duckdb")
            for i in editions.listed(folder)
        )
        workers.run("prune", folder, where=folder, keep=1)
        assert editions.listed(folder) == [OLD, NEXT] and faults(folder) == []


def test_a_retraction_killed_at_any_moment_shows_the_edition_as_before_or_never_again(workers, where, tmp_path):
    killing.publish(str(where), NEW)
    trial = Path(shutil.copytree(where, tmp_path / "try" / "editions"))
    seen = set()
    for moment in moments(workers.run("retract", trial, where=trial, edition_id=NEW)["touches"]):
        folder = Path(shutil.copytree(where, tmp_path / f"at-{moment}" / "editions"))
        assert workers.run("retract", folder, moment, where=folder, edition_id=NEW)["killed"], moment
        gone = editions.is_retracted(NEW, folder)
        seen.add(gone)
        assert editions.listed(folder) == ([OLD] if gone else [OLD, NEW]) and not editions.trouble(folder), moment
        assert editions.current(folder) in ({OLD} if gone else {OLD, NEW})
        killing.publish(str(folder), NEXT)
        assert faults(folder) == [] and editions.listed(folder) == ([OLD, NEXT] if gone else [OLD, NEW, NEXT])
        assert len(list(folder.glob("retracted/*"))) == (5 if gone else 0), moment
    assert True in seen


@pytest.fixture(scope="module")
def sent(tmp_path_factory) -> Path:
    """Originals of a few rows of two sources."""
    folder = originals(tmp_path_factory.mktemp("sent"))
    for other in set(p.name for p in folder.iterdir()) - set(TWO):
        shutil.rmtree(folder / other)
    return folder


def tables(data: Path) -> dict[str, dict[str, bytes]]:
    """The imported tables and the card of each source, byte by byte."""
    found: dict = {name: {} for name in TWO}
    for path in sorted(p for p in data.rglob("*") if p.suffix in (".csv", ".toml")):
        found[path.parent.name][path.relative_to(data).as_posix()] = path.read_bytes()
    return found


def test_an_extract_killed_at_any_moment_leaves_each_source_as_it_was_or_as_it_will_be(workers, sent, tmp_path, monkeypatch):
    monkeypatch.setattr(pipeline, "sources", lambda wanted=(), every=pipeline.sources: every(wanted or TWO))
    before, after = tmp_path / "before", tmp_path / "after"
    pipeline.extract(sent, TWO, before)
    new = Path(shutil.copytree(sent, tmp_path / "new"))
    rows = (new / "unhcr" / "population.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (new / "unhcr" / "population.csv").write_text("".join(rows[:-1]), encoding="utf-8")
    shutil.copytree(before, after)
    total = workers.run("extract", after, origin=new, data=after, names=TWO)["touches"]
    old_tables, new_tables, seen = tables(before), tables(after), set()
    assert old_tables["unhcr"] != new_tables["unhcr"]
    for moment in moments(total):
        data = Path(shutil.copytree(before, tmp_path / f"at-{moment}"))
        assert workers.run("extract", data, moment, origin=new, data=data, names=TWO)["killed"], moment
        promised = [told for told in faults(tmp_path, data) if pipeline.PROMISE in told]
        assert all("what an extract that was killed left" in told for told in faults(tmp_path, data)) or promised, moment
        pipeline.imported(data)  # what a build would read
        found = tables(data)
        for name in TWO:
            assert found[name] in (old_tables[name], new_tables[name]), (moment, name)
        seen.add(found == new_tables)
        done = workers.run("extract", data, origin=new, data=data, names=TWO)
        assert done["answer"] and tables(data) == new_tables and faults(tmp_path, data) == []
    assert False in seen


def test_a_refresh_killed_at_any_moment_leaves_the_old_file_or_the_new_one_and_the_next_completes(workers, tmp_path):
    old = tmp_path / "data" / "originals"
    with running() as publisher:
        publisher.script["/data.csv"] = [Answer(headers={"ETag": '"v1"'})]
        assert workers.run("refresh", old, folder=old, base=publisher.base)["answer"] == ["new"]
        publisher.script["/data.csv"] = [Answer(CSV * 3, headers={"ETag": '"v2"'})]
        trial = Path(shutil.copytree(old, tmp_path / "try" / "originals"))
        for moment in moments(workers.run("refresh", trial, folder=trial, base=publisher.base)["touches"]):
            folder = Path(shutil.copytree(old, tmp_path / f"at-{moment}" / "originals"))
            assert workers.run("refresh", folder, moment, folder=folder, base=publisher.base)["killed"], moment
            assert (folder / "unhcr" / "data.csv").read_bytes() in (CSV, CSV * 3), moment
            workers.run("refresh", folder, folder=folder, base=publisher.base)
            assert files(folder).keys() == files(trial).keys(), moment
            assert (folder / "unhcr" / "data.csv").read_bytes() == CSV * 3


def test_what_a_killed_refresh_left_goes_also_when_the_publisher_has_nothing_new(workers, tmp_path):
    folder = tmp_path / "originals"
    with running() as publisher:
        publisher.script["/data.csv"] = [Answer(headers={"ETag": '"v1"'})]
        workers.run("refresh", folder, folder=folder, base=publisher.base)
        before = files(folder)
        for moment in range(8, all_or(10, 13)):  # while the part and the file's card are written
            publisher.script["/data.csv"] = [Answer(CSV * 2, headers={"ETag": '"v2"'})]
            workers.run("refresh", folder, moment, folder=folder, base=publisher.base)
            lying = (folder / "unhcr" / "data.csv").read_bytes()
            publisher.script["/data.csv"] = [Answer(lying, headers={"ETag": '"v1"' if lying == CSV else '"v2"'})]
            assert workers.run("refresh", folder, folder=folder, base=publisher.base)["answer"] == ["unchanged"]
            assert files(folder).keys() == before.keys() and (folder / "unhcr" / "data.csv").read_bytes() == lying, moment
            if lying != CSV:
                break


def test_a_build_killed_at_any_moment_leaves_readers_alone_and_mends_what_was_damaged(workers, where, tmp_path):
    data = little(tmp_path / "data")
    photos = tmp_path / "photos"
    photos.mkdir()
    done = workers.run("build", where, data=data, where=where, day="2026-02-01", photos=photos)
    assert done["fault"] == "" and editions.current(where) == done["answer"] and faults(where) == []
    taken = sorted(photos.iterdir())
    assert len(taken) > 20
    tried = CHOICE.sample(taken, all_or(2, 4))
    for photo in taken:  # each is what kill -9 would have left at that moment
        now = editions.current(photo)
        assert now in (OLD, done["answer"]) and not editions.fault_of(now, photo) and not editions.trouble(photo)
        assert all("killed left" in told for told in faults(photo))
        if photo in tried:
            killing.publish(str(photo), NEXT)
            assert faults(photo) == [] and editions.current(photo) == NEXT
    path = where / f"{done['answer']}.duckdb"
    damage(path, "flipped")
    assert editions.current(where) == OLD and place(where) == "as it was"
    assert workers.run("build", where, data=data, where=where, day="2026-02-01")["answer"] == done["answer"]
    assert editions.current(where) == done["answer"] and faults(where) == []


def test_whole_builds_are_killed_as_often_as_asked(workers, where, tmp_path):
    data = little(tmp_path / "data")
    trial = Path(shutil.copytree(where, tmp_path / "try"))
    total = workers.run("build", trial, data=data, where=trial, day="2026-02-01")["touches"]
    for number in range(KILLS if KILLS > 4 else 2):  # some seconds each
        workers.run("build", where, CHOICE.randint(1, total), data=data, where=where, day="2026-02-01")
        now = editions.current(where)
        assert not editions.fault_of(now, where) and not editions.trouble(where), number
    workers.run("build", where, data=data, where=where, day="2026-02-02")
    assert faults(where) == [] and editions.current(where).startswith("2026-02-02")


def little(folder: Path) -> Path:
    """Imported tables without the rooms that an edition can do without."""
    small_data.made(folder)
    for room in ("briefings", "cases"):
        shutil.rmtree(folder / room)
    return folder


@pytest.fixture
def small_disk(tmp_path):
    """A folder on a disk of DISK bytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    asked = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "none", folder]
    if not shutil.which("mount") or subprocess.run(asked, capture_output=True).returncode:
        pytest.skip("only the system's keeper may mount a small disk; the limit on file sizes is tested instead")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_stops_the_build_and_the_edition_on_screen_stands(workers, where, small_disk):
    folder = small_disk / "editions"
    killing.publish(str(folder), OLD, "as it was")
    told = workers.run("publish", folder, where=folder, edition_id=NEW, rows=2_000_000)
    assert told["fault"].startswith("DiskRefused: ") and "No space left" in told["fault"]
    assert editions.current(folder) == OLD and faults(folder) == []
    assert workers.run("publish", folder, where=folder, edition_id=NEXT)["answer"] == f"{NEXT}.duckdb"


@pytest.mark.parametrize("most", [4_096, 300_000, 1_000_000, 3_000_000])
def test_a_file_that_may_not_grow_stops_the_build_wherever_it_happens(workers, where, most):
    told = workers.run("publish", where, where=where, edition_id=NEW, rows=2_000_000, most=most)
    assert told["fault"].startswith("DiskRefused: ") and not told["killed"], told
    assert editions.current(where) == OLD and place(where) == "as it was" and faults(where) == []


def test_a_full_disk_stops_an_extract_with_the_imported_tables_as_they_were(workers, sent, tmp_path, small_disk):
    data = small_disk / "data"
    pipeline.extract(sent, ["unhcr"], data)
    before = files(data)
    free = shutil.disk_usage(small_disk).free
    (small_disk / "ballast").write_bytes(b"x" * (free - 4_096))
    told = workers.run("extract", data, origin=sent, data=data, names=["unhcr"])
    assert told["fault"].startswith("OSError: [Errno 28]"), told
    assert files(data) == before


def test_a_refresh_on_a_full_disk_is_told_and_the_old_file_stands(workers, tmp_path):
    folder = tmp_path / "originals"
    with running() as publisher:
        publisher.script["/data.csv"] = [Answer(CSV)]
        workers.run("refresh", folder, folder=folder, base=publisher.base)
        publisher.script["/data.csv"] = [Answer(CSV * 50)]
        told = workers.run("refresh", folder, folder=folder, base=publisher.base, most=2 * len(CSV))
    assert "a disk that refuses" in told["fault"] and (folder / "unhcr" / "data.csv").read_bytes() == CSV


def test_a_folder_that_may_not_be_written_is_told_and_read_all_the_same(workers, where):
    for path in (where, *where.parents[:3]):
        path.chmod(0o755)
    where.chmod(0o555)
    told = workers.run("publish", where, where=where, edition_id=NEW, bare=True)
    where.chmod(0o755)
    assert told["fault"].startswith("PermissionError"), told
    assert editions.current(where) == OLD and faults(where) == []


def test_a_writer_that_does_not_end_is_named_and_a_dead_one_holds_nobody_up(workers, where):
    with publishing.writing(where):
        with (
            pytest.raises(lock.Busy, match=f"process {os.getpid()}, for .* end that process"),
            publishing.writing(where, patience=0.0),
        ):
            raise AssertionError("two writers at once")
    assert workers.run("publish", where, 4, where=where, edition_id=NEW)["killed"]
    assert (where / editions.LOCK).exists() and not lock.is_held(where / editions.LOCK)
    with publishing.writing(where, patience=0.0):
        assert lock.is_held(where / editions.LOCK)


def test_a_publishers_file_that_shrank_is_kept_out_and_readers_notice_nothing(workers, where, tmp_path):
    folder = tmp_path / "originals"
    with running() as publisher:
        publisher.script["/data.csv"] = [Answer(CSV)]
        workers.run("refresh", folder, folder=folder, base=publisher.base)
        before = files(folder)
        publisher.script["/data.csv"] = [Answer(CSV[: len(CSV) // 3])]
        told = workers.run("refresh", folder, folder=folder, base=publisher.base)
    assert "shrank to less than half" in told["fault"] and files(folder) == before
    assert place(where) == "as it was" and faults(where) == []
