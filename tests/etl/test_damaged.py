"""Damaged editions and pointers, clocks set back, two writers at once, a crowd reading: readers go on with a whole edition."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import threading
import time
from pathlib import Path

import pytest

from corridors.store import editions, lock, publishing
from corridors.store.queries import figures
from tests.etl import killing
from tests.etl.killing import damage, faults, place

OLD, NEW, NEXT = "2026-01-01-00000001", "2026-01-02-00000002", "2026-01-03-00000003"


@pytest.fixture
def where(tmp_path, monkeypatch) -> Path:
    """A folder with one good edition, where readers look."""
    folder = tmp_path / "editions"
    monkeypatch.setenv("CORRIDORS_EDITIONS", str(folder))
    killing.publish(str(folder), OLD, "as it was")
    return folder


@pytest.mark.parametrize("how", ["missing", "empty", "cut off", "flipped", "garbage", "head only"])
def test_a_damaged_edition_is_never_shown_and_is_named_with_its_cure(where, caplog, how):
    killing.publish(str(where), NEW, "as it is")
    assert place(where) == "as it is"
    damage(where / f"{NEW}.duckdb", how)
    with caplog.at_level(logging.WARNING):
        assert editions.current(where) == OLD and place(where) == "as it was"
    assert f"Until then edition {OLD} is shown" in caplog.text and "python -m etl build" in editions.trouble(where)
    for asked in (editions.path_of, publishing.set_current, figures.edition):
        with pytest.raises(editions.UnknownEdition, match=NEW):
            asked(NEW)
    told = "\n".join(faults(where))
    assert editions.POINTER in told and (how == "missing" or f"{NEW}.duckdb" in told)
    publishing.set_current(OLD, where)
    assert editions.trouble(where) == ""


@pytest.mark.parametrize(
    "said", [b"", b"\n", b"latest\n", b"\xff\xfe\x00", b"../../etc/passwd", NEXT.encode(), b"x" * 99_999, None]
)
def test_a_pointer_that_says_nothing_lets_readers_see_the_newest_whole_edition(where, said):
    killing.publish(str(where), NEW, "as it is")
    pointer = where / editions.POINTER
    pointer.unlink() if said is None else pointer.write_bytes(said)
    assert editions.current(where) == NEW and place(where) == "as it is"
    assert f"edition {NEW} is shown" in editions.trouble(where) and "rollback" in editions.trouble(where)
    assert len(editions.trouble(where)) < 400
    (told,) = faults(where)
    assert editions.POINTER in told
    assert publishing.prune(1, where) == [OLD]
    publishing.set_current(NEW, where)
    assert faults(where) == []


def test_a_folder_where_the_pointer_should_be_is_told_too(where):
    (where / editions.POINTER).unlink()
    (where / editions.POINTER).mkdir()
    assert editions.current(where) == OLD and "cannot be read" in editions.trouble(where)


def test_when_no_edition_is_whole_the_reader_is_told_what_to_run(where):
    damage(where / f"{OLD}.duckdb", "cut off")
    with pytest.raises(editions.NoEdition, match="python -m etl build"):
        editions.current(where)


def test_an_edition_from_before_checksums_is_read_and_a_cut_one_still_noticed(where):
    (where / f"{OLD}.sha256").unlink()
    assert editions.current(where) == OLD and place(where) == "as it was" and faults(where) == []
    damage(where / f"{OLD}.duckdb", "cut off")
    assert editions.fault_of(OLD, where) == "its file is damaged or cut off"


def test_the_checksum_is_one_that_sha256sum_reads(where):
    if not shutil.which("sha256sum"):
        pytest.skip("this system has no sha256sum")
    done = subprocess.run(["sha256sum", "--check", "--strict", f"{OLD}.sha256"], cwd=where, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (
        0,
        "".join(f"{OLD}{label}.duckdb: OK\n" for label in ("", "@AMBER", "@GREEN", "@CLEAR")),
    )


def test_a_clock_set_back_changes_neither_what_readers_see_nor_what_is_pruned(where):
    ahead = time.time_ns() + 10**9 * 86_400 * 365
    (where / f"{OLD}.duckdb").chmod(0o644)
    os.utime(where / f"{OLD}.duckdb", ns=(ahead, ahead))  # published while the clock was a year ahead
    killing.publish(str(where), NEXT, "as it is")
    killing.publish(str(where), "2025-12-31-00000004", "the newest")
    assert editions.listed(where) == [OLD, NEXT, "2025-12-31-00000004"]
    assert place(where) == "the newest" and publishing.prune(1, where) == [OLD, NEXT]
    assert faults(where) == []


def test_two_builds_at_once_take_turns_and_the_second_is_told_whom_it_waits_for(where):
    told, order, begun = [], [], threading.Event()

    def first():
        with publishing.writing(where):
            begun.set()
            time.sleep(0.2)
            order.append("first")

    thread = threading.Thread(target=first)
    thread.start()
    begun.wait()
    assert editions.leftovers(where) == [], "what lies there belongs to who is at work"
    with publishing.writing(where, on_wait=told.append):
        order.append("second")
    thread.join()
    assert order == ["first", "second"] and len(told) == 1 and f"process {os.getpid()}" in told[0]
    assert not (where / editions.LOCK).exists()


def test_a_lock_that_tells_nothing_is_still_a_lock(where):
    with publishing.writing(where):
        (where / editions.LOCK).write_bytes(b"\xff garbage")
        with pytest.raises(lock.Busy, match="Another writer is at work. Nothing"), publishing.writing(where, patience=0.0):
            raise AssertionError("two writers at once")


def test_editions_published_and_pruned_while_twenty_sessions_read_are_whole_for_everyone(where):
    killing.publish(str(where), NEW, NEW)
    stop, wrong, answers = threading.Event(), [], set()

    def session():
        while not stop.is_set():
            edition_id = editions.current(where)
            try:
                answers.add((edition_id, place(where, edition_id)))
                time.sleep(0.05)
            except editions.UnknownEdition:  # pruned between two questions: the next run of the page asks anew
                continue
            except Exception as fault:
                wrong.append(repr(fault))

    readers = [threading.Thread(target=session) for _ in range(20)]
    for thread in readers:
        thread.start()
    for number in range(3):
        edition_id = f"2026-02-0{number + 1}-0000000{number}"
        killing.publish(str(where), edition_id, edition_id)
        if number == 1:
            publishing.prune(2, where)
    stop.set()
    for thread in readers:
        thread.join()
    assert wrong == [] and all(said == edition_id for edition_id, said in answers if edition_id != OLD)
    assert len(answers) > 2 and faults(where) == [] and place(where) == edition_id
