"""Editions: a draft is nobody's business until it is whole."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from corridors.store import bucket, editions, publishing
from corridors.store.queries import figures

ROOT = Path(__file__).resolve().parents[2]
OLD, NEW, NEXT = "2026-01-01-00000001", "2026-01-02-00000002", "2026-01-03-00000003"


def published(where: Path, edition_id: str, place: str = "Thailand") -> Path:
    """An edition with a single row, published."""
    with publishing.draft(where) as work:
        work.connection.execute("insert into country values ('THA', ?)", [place])
        return publishing.publish(work, edition_id, where)


@pytest.fixture
def where(tmp_path, monkeypatch) -> Path:
    """A folder of editions of the test's own, where the reader looks too."""
    monkeypatch.setenv("CORRIDORS_EDITIONS", str(tmp_path / "editions"))
    return tmp_path / "editions"


def place(edition_id: str) -> str:
    return figures.ask(edition_id, "select name from country").name[0]


def files(edition_id: str) -> list[str]:
    """The names that a published edition has on disk, in the order of the alphabet."""
    return [
        f"{edition_id}.duckdb",
        f"{edition_id}.sha256",
        *(f"{edition_id}@{c}.duckdb" for c in ("AMBER", "CLEAR", "GREEN")),
    ]


def names(where: Path) -> list[str]:
    return sorted(p.name for p in where.iterdir())


def test_a_published_edition_is_what_readers_see_and_nobody_can_write_into_it(where):
    path = published(where, OLD)
    assert editions.folder() == where and editions.current() == OLD and editions.path_of(OLD) == path
    assert names(where) == [*files(OLD), "current"]
    kept = editions.files_of(OLD)
    assert all(path.stat().st_mode & 0o377 == 0 for path in kept) and where.stat().st_mode & 0o077 == 0
    assert [p.name for p in kept] == [f"{OLD}{label}.duckdb" for label in ("", "@AMBER", "@GREEN", "@CLEAR")]
    assert len({path.stat().st_ino for path in kept}) == 1, "files that would be the same are one under four names"


def test_a_draft_that_fails_vanishes_and_the_old_edition_stands(where):
    published(where, OLD)
    with pytest.raises(ZeroDivisionError), publishing.draft(where) as work:
        work.connection.execute("insert into country values ('MMR', 'Myanmar')")
        assert work.path.is_file() and work.path.parent == where
        1 / 0
    assert names(where) == [*files(OLD), "current"] and editions.current() == OLD and place(OLD) == "Thailand"


def test_a_draft_that_nobody_publishes_vanishes_too_and_a_name_that_is_no_edition_is_never_published(where):
    with publishing.draft(where):
        pass
    with pytest.raises(ValueError), publishing.draft(where) as work:
        publishing.publish(work, "latest", where)
    assert names(where) == []


def test_without_an_edition_the_reader_is_told_what_to_run(where):
    with pytest.raises(editions.NoEdition, match="python -m etl build"):
        editions.current()
    assert editions.listed() == []


def test_a_pointer_to_an_edition_that_is_gone_says_so_and_offers_the_others(where):
    published(where, OLD)
    published(where, NEW).unlink()
    with pytest.raises(editions.NoEdition, match=f"“{NEW}”.*{OLD}.*rollback") as told:
        editions.pointer_target()
    assert "python -m etl build" in str(told.value)
    assert editions.current() == OLD and place(OLD) == "Thailand", "readers go on with the newest that is whole"


@pytest.mark.parametrize(
    "name", ["2026-01-09-00000009", "current", "../../etc/passwd", "", "2026-01-01-00000001.duckdb", "%"]
)
def test_an_edition_that_does_not_exist_is_refused_with_those_that_do(where, name):
    published(where, OLD)
    for ask in (lambda: editions.path_of(name), lambda: publishing.set_current(name), lambda: figures.edition(name)):
        with pytest.raises(editions.UnknownEdition, match=OLD):
            ask()
    assert editions.current() == OLD


def test_a_meeting_can_go_back_to_the_edition_it_was_prepared_on(where):
    published(where, OLD), published(where, NEW)
    assert editions.current() == NEW
    publishing.set_current(OLD)
    assert editions.current() == OLD and editions.listed() == [OLD, NEW]


def test_pruning_takes_the_oldest_and_never_the_one_on_screen(where):
    for edition_id in (OLD, NEW, NEXT):
        published(where, edition_id)
    publishing.set_current(OLD)
    assert publishing.prune(1) == [NEW]
    assert editions.listed() == [OLD, NEXT] and editions.current() == OLD
    assert publishing.prune(5) == []


def test_a_retracted_edition_is_gone_from_lists_addresses_and_pointers_at_once_and_kept_under_lock(where):
    for edition_id in (OLD, NEW, NEXT):
        published(where, edition_id)
    publishing.set_current(NEW, where)  # somebody rolled back from NEXT
    assert place(f"{NEW}@GREEN") == place(NEW) == "Thailand"  # held open from now on, as a server does
    before = {path.name: path.read_bytes() for path in where.glob(f"{NEW}*")}
    assert publishing.retract(NEW, " a person\nis named in it ") == OLD == editions.current(where)
    assert editions.listed(where) == [OLD, NEXT] and list(editions.retractions(where)) == [NEW]
    assert editions.retractions(where)[NEW].endswith(" a person is named in it")
    for use in (
        place,
        lambda i: place(f"{i}@CLEAR"),
        editions.path_of,
        publishing.set_current,
        lambda i: figures.difference(OLD, i),
    ):
        with pytest.raises(editions.Retracted, match=f"Edition {NEW} was retracted") as told:
            use(NEW)
        assert "person" not in str(told.value)  # the reason is not for readers
    sealed = where / "retracted"
    assert {path.name: path.read_bytes() for path in sealed.iterdir()} == before
    assert sealed.stat().st_mode & 0o077 == 0 == (where / f"{NEW}.retracted").stat().st_mode & 0o077
    assert all(path.stat().st_mode & 0o377 == 0 for path in sealed.iterdir())
    with pytest.raises(ValueError, match="retracted"):
        published(where, NEW)
    assert publishing.prune(1, where) == [] and len(list(sealed.iterdir())) == 5  # OLD is on screen, NEXT is the newest
    assert publishing.retract(NEW, "again") == OLD and editions.retractions(where)[NEW].endswith("named in it")


@pytest.mark.parametrize("pointer", ["", "garbage", f"{NEXT}\n", "gone", None])
def test_whatever_becomes_of_the_pointer_it_never_leads_to_a_retracted_edition(where, pointer):
    for edition_id in (OLD, NEXT):
        published(where, edition_id)
    whole = {path.name: path.read_bytes() for path in where.glob(f"{NEXT}*")}
    publishing.retract(NEXT, "wrong", where)
    for name, content in whole.items():  # a replica keeps what it has been sent once, or a safe copy is put back
        (where / name).write_bytes(content)
    if pointer is None:
        (where / "current").unlink()
    else:
        (where / "current").write_text(pointer)
    assert editions.listed(where) == [OLD] and editions.current(where) == OLD and editions.trouble(where)
    with pytest.raises(editions.Retracted):
        place(NEXT)
    with publishing.writing(where):  # the next writer seals it again
        assert not list(where.glob(f"{NEXT}*.duckdb"))
    assert {path.name: path.read_bytes() for path in (where / "retracted").iterdir()} == whole


def test_the_only_edition_can_be_retracted_and_one_that_is_unknown_or_without_a_reason_cannot(where):
    published(where, OLD)
    with pytest.raises(editions.UnknownEdition, match=f"Editions kept: {OLD}"):
        publishing.retract(NEW, "wrong")
    with pytest.raises(ValueError, match="needs a reason"):
        publishing.retract(OLD, " \n")
    assert editions.current(where) == OLD
    assert publishing.retract(OLD, "wrong") is None
    with pytest.raises(editions.NoEdition, match="python -m etl build"):
        editions.current(where)


def test_a_reader_of_the_old_edition_keeps_reading_while_a_new_one_comes(where):
    published(where, OLD, "as it was")
    assert place(OLD) == "as it was"
    with publishing.draft(where) as work:
        work.connection.execute("insert into country values ('THA', 'as it is now')")
        assert place(OLD) == "as it was"
        publishing.publish(work, NEW, where)
    assert (place(OLD), place(NEW), editions.current()) == ("as it was", "as it is now", NEW)
    publishing.prune(1)
    assert place(NEW) == "as it is now"


def test_two_builds_at_once_do_not_touch_each_other(where):
    with publishing.draft(where) as one, publishing.draft(where) as other:
        assert one.path != other.path
        publishing.publish(one, OLD, where)
        publishing.publish(other, NEW, where)
    assert editions.listed() == [OLD, NEW] and editions.current() == NEW


def test_what_a_killed_build_left_is_swept_by_a_later_one_but_a_running_build_is_not(where):
    where.mkdir()
    dead, wal, part, running = (
        where / n for n in ("draft-1-aa.duckdb", "draft-1-aa.duckdb.wal", "current.1.part", "draft-2-bb.duckdb")
    )
    for path in (dead, wal, part, running):
        path.write_bytes(b"x")
    for path in (dead, wal, part):
        os.utime(path, (time.time() - 2 * editions.ABANDONED,) * 2)
    published(where, OLD)
    assert names(where) == [*files(OLD), "current", running.name]


def test_what_an_earlier_version_remembered_of_a_bucket_is_not_forgotten(tmp_path):
    """Else a machine that was upgraded would not see that the bucket has lost its list, nor drop what was pruned meanwhile."""
    seen = {"current": OLD, "editions": {OLD: {"published": 1, "sums": "x"}}, "retracted": {}}
    (tmp_path / bucket.MEMORY).write_text(json.dumps({"version": "7", "shelf": seen, "fault": "", "plain": "", "well": 5.0}))
    kept = bucket.remembered(tmp_path)
    assert kept.version == "7" and kept.manifest.current == OLD and list(kept.manifest.editions) == [OLD]
