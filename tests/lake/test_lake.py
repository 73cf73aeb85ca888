"""Case records that several machines write to: nothing lost, nothing twice, nothing half, and what was read can be read again."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import uuid
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from corridors import ROOT, catalog
from corridors.problems import Refused
from corridors.store import lake as lakes
from corridors.store import publishing
from corridors.store.cases import database, snapshots
from corridors.store.lock import Busy
from etl import lake, protection, verify
from etl.cases import kind
from tests.conftest import READY
from tests.etl import case_records
from tests.lake.workers import RECORDS, Workers
from tools.bench.cases import write

pytestmark = pytest.mark.lake


@pytest.fixture(scope="module")
def workers():
    """Writers at once, in processes that can be killed."""
    parent = Workers()
    yield parent
    parent.close()


READS = "select sum(hash(record_hash)::hugeint)::varchar from case_record"  # more than the catalogue knows by itself


def asked(data, sql: str, *values, version=None) -> list[tuple]:
    with database.reader(data, version) as connection:
        return connection.execute(sql, list(values)).fetchall()


def files(folder, number: int, rows: int = 300) -> list:
    """Case files of different records, each of a data set of its own."""
    made = []
    for n in range(number):
        path = folder / f"office{n}.csv"
        write(path, rows, seed=n)
        text = path.read_text(encoding="utf-8").replace("BP-", f"{'ABCDEFGH'[n]}Q-")
        path.write_text(text, encoding="utf-8")
        path.with_suffix(".toml").write_text(
            f'dataset = "office{n}"\ntitle = "Register"\nsource = "Office"\n', encoding="utf-8"
        )
        made.append(path)
    return made


def test_offices_that_send_files_at_once_lose_nothing(shared_lake, tmp_path, workers):
    paths = files(tmp_path, 4)
    kind.accept(paths.pop(), shared_lake)  # the salt is made once, and every writer brings the same
    ended = workers.run(*({"work": "accept", "data": shared_lake, "file": path} for path in paths))
    assert [e for e in ended if "answer" not in e] == []
    assert asked(shared_lake, "select count(*), count(distinct record_hash) from case_standing") == [(1_200, 1_200)]
    assert asked(shared_lake, "select dataset_id, accepted from batch order by all") == [
        (f"office{n}", 300) for n in range(4)
    ]


def test_a_lake_in_which_nothing_was_ever_written_is_no_fault(shared_lake, tmp_path):
    path = files(tmp_path, 1)[0]
    assert kind.check(path, shared_lake).accepted == 300 and not database.exists(shared_lake)
    assert protection.note_states(shared_lake) is None and protection.fingerprint(shared_lake) == ""
    assert not tables(shared_lake)["case_cell"].size and database.snapshot(shared_lake) is None


def test_the_same_file_from_two_offices_is_taken_once(shared_lake, tmp_path, workers):
    first, path = files(tmp_path, 2)
    kind.accept(first, shared_lake)
    ended = workers.run(*[{"work": "accept", "data": shared_lake, "file": path}] * 2)
    assert sorted(next(iter(e)) for e in ended) == ["answer", "refused"], ended
    assert "accepted already" in next(e["refused"] for e in ended if "refused" in e)
    assert asked(shared_lake, "select count(*), count(distinct record_hash) from case_standing") == [(600, 600)]


def test_a_batch_that_two_withdraw_at_once_is_withdrawn_once(shared_lake, tmp_path, workers):
    first, second = files(tmp_path, 2)
    kind.accept(first, shared_lake)
    key = kind.accept(second, shared_lake).key
    ended = workers.run(*[{"work": "withdraw", "data": shared_lake, "key": key}] * 2)
    assert sorted(next(iter(e)) for e in ended) == ["answer", "refused"], ended
    assert "withdrawn already" in next(e["refused"] for e in ended if "refused" in e)
    assert asked(shared_lake, "select count(*) from case_standing") == [(300,)]


def test_eight_analysts_who_commit_at_once_are_all_there_to_the_record(shared_lake, workers):
    """Nobody waits for a lock here: the engine tries again until each commit has found its place."""
    jobs = [{"work": "commit", "data": shared_lake, "batch": f"b{n}", "times": 5} for n in range(8)]
    assert [e for e in workers.run(*jobs) if "answer" not in e] == []
    assert asked(shared_lake, "select count(*) from batch_received") == [(40,)]
    assert asked(shared_lake, "select count(distinct withdrawal_id) from batch_withdrawal") == [(40,)]
    found = asked(
        shared_lake, "select batch_id, count(*), count(distinct record_hash) from case_record group by all order by all"
    )
    assert found == sorted((f"b{n}-{m}", RECORDS, RECORDS) for n in range(8) for m in range(5))


def test_twenty_kills_around_a_commit_leave_whole_batches_only(shared_lake, workers):
    workers.run({"work": "commit", "data": shared_lake, "batch": "whole"})
    draw = random.Random(21)
    for round_ in range(5):  # four writers at once, each killed at another moment within 100 ms of its commit
        jobs = [
            {"work": "commit", "data": shared_lake, "batch": f"k{round_}{n}", "kill": draw.random() / 10} for n in range(4)
        ]
        workers.run(*jobs)
    found = dict(asked(shared_lake, "select batch_id, count(*) from case_record group by all"))
    told = {batch for (batch,) in asked(shared_lake, "select batch_id from batch_received")}
    assert set(found) == told and set(found.values()) == {RECORDS} and "whole-0" in told
    with lakes.one_writer(database.lake_of(shared_lake), "records", 5):
        pass  # no dead writer holds the lock
    assert workers.run({"work": "commit", "data": shared_lake, "batch": "after"}) == [{"answer": "after"}]


def test_hashes_are_exact_in_the_files_too(shared_lake):
    """Small inserts lie in the catalogue, large ones in Parquet; a number of 128 bits would become a float there."""
    wanted = [str(uuid.uuid5(uuid.NAMESPACE_OID, f"b1 {n}")) for n in range(400)]
    with database.writer(shared_lake) as connection:
        connection.execute("call cases.set_option('data_inlining_row_limit', 0)")
    case_records.accept(shared_lake, case_records.invented(400, 1))
    with database.reader(shared_lake) as connection:
        paths = connection.execute("select data_file from ducklake_list_files('cases', 'case_record')").fetchall()
        assert paths
        kept = connection.execute("select record_hash from read_parquet(?)", [[p for (p,) in paths]]).fetchall()
    assert sorted(str(h) for (h,) in kept) == sorted(wanted)
    assert sorted(str(h) for (h,) in asked(shared_lake, "select record_hash from case_record")) == sorted(wanted)


def tables(data, version=None) -> dict[str, pd.DataFrame]:
    return protection.tables(data, catalog.load(), version)


def test_an_edition_remembers_its_snapshot_and_the_same_tables_can_be_made_again(shared_lake, seed_of_a_test, monkeypatch):
    case_records.accept(shared_lake, case_records.invented(900, 5))
    version = protection.note_states(shared_lake)
    made, print_ = tables(shared_lake, version), protection.fingerprint(shared_lake, version)
    with database.writer(shared_lake) as connection:
        connection.execute("insert into edition_snapshot values ('2026-11-27-0123abcd', ?, '2026-11-27', null)", [version])
    case_records.accept(shared_lake, case_records.invented(500, 6), batch="b2")
    case_records.withdraw(shared_lake, "b1")
    later = protection.note_states(shared_lake)
    assert later > version and protection.fingerprint(shared_lake) != print_
    assert len(tables(shared_lake)["case_cell"]) != len(made["case_cell"])
    assert lake.tidy(shared_lake, timedelta(seconds=-5)).split()[0] != "0"
    for shelved in (shared_lake / "private" / "protected").glob("*.parquet"):
        shelved.unlink()  # or it would be looked up instead of made
    again = tables(shared_lake, version)
    assert protection.fingerprint(shared_lake, version) == print_
    for name, frame in made.items():
        columns = [c for c in frame.columns if frame[c].map(lambda v: not isinstance(v, list)).all()]
        one, other = (f[columns].astype(str).sort_values(columns, ignore_index=True) for f in (frame, again[name]))
        pd.testing.assert_frame_equal(one, other)
    assert snapshots.unreadable(shared_lake, {"kept": version, "gone": version - 1}) == {"gone": version - 1}


def test_a_lake_restored_from_an_older_copy_publishes_nothing_until_its_noise_is_renewed(
    shared_lake, seed_of_a_test, three, monkeypatch
):
    """It has forgotten which tables were published since: the next ones could differ from those by a single person."""
    case_records.accept(shared_lake, case_records.invented(300, 1))
    version = protection.note_states(shared_lake)
    monkeypatch.setenv("CORRIDORS_EDITIONS", str(three))
    built = datetime.now(UTC).replace(tzinfo=None)
    monkeypatch.setattr("corridors.store.queries.figures.recipe", lambda edition_id: (built, None, version + 100))
    with pytest.raises(Refused, match="an older copy of the catalogue was restored"):
        protection.note_states(shared_lake)
    lake.renew(shared_lake)
    assert protection.note_states(shared_lake) > version


def test_a_catalogue_that_is_lost_is_restored_and_gives_the_same_edition(shared_lake, seed_of_a_test, database_of_a_test):
    case_records.accept(shared_lake, case_records.invented(700, 3))
    version = protection.note_states(shared_lake)
    before = tables(shared_lake, version)["case_cell"]
    copy = database_of_a_test.run("pg_dump", "--format=custom", database_of_a_test.name)
    database_of_a_test.run("dropdb", "--force", database_of_a_test.name)
    with pytest.raises(Refused, match="no such database"):
        tables(shared_lake, version)
    database_of_a_test.run("createdb", database_of_a_test.name)
    database_of_a_test.run("pg_restore", f"--dbname={database_of_a_test.name}", input=copy)
    for shelved in (shared_lake / "private" / "protected").glob("*.parquet"):
        shelved.unlink()
    after = tables(shared_lake, version)["case_cell"]
    one, other = (f.astype(str).sort_values(list(f.columns), ignore_index=True) for f in (before, after))
    pd.testing.assert_frame_equal(one, other)


def test_records_move_to_a_lake_and_back_and_nothing_is_lost(shared_lake, tmp_path, monkeypatch):
    there = os.environ[lakes.VARIABLE]
    data = tmp_path / "here"
    monkeypatch.setenv(lakes.VARIABLE, "")
    case_records.accept(data, case_records.invented(300, 1))
    case_records.accept(data, case_records.invented(80, 2), batch="b2")
    case_records.withdraw(data, "b2")
    before = asked(data, "from case_record order by all"), asked(data, "from batch order by all")
    assert "Set CORRIDORS_LAKE to what you gave" in "\n".join(said := lake.move(there, data)) and there not in "\n".join(
        said
    )
    with pytest.raises(Refused, match="already"):
        lake.move(there, data)
    database.path_of(data).rename(data / "private" / "put-away")
    monkeypatch.setenv(lakes.VARIABLE, there)
    assert (asked(data, "from case_record order by all"), asked(data, "from batch order by all")) == before
    assert "Snapshots stay in the lake" in "\n".join(lake.move(lake.HERE, data))
    monkeypatch.setenv(lakes.VARIABLE, "")
    assert (asked(data, "from case_record order by all"), asked(data, "from batch order by all")) == before


def test_who_writes_is_said_and_a_writer_that_died_holds_nobody_up(shared_lake, machines, workers):
    said = []
    the_lake = database.lake_of(shared_lake)
    machines.at("one")
    with lakes.one_writer(the_lake, "editions", 1):
        with pytest.raises(Busy, match=rf"at work: \S+@\S+, process {os.getpid()}, for \d+ s"):
            with lakes.one_writer(the_lake, "editions", 0.3, said.append):
                pass
        with pytest.raises(Busy), publishing.writing(patience=0.3):  # another folder: the file's lock is free
            pass
        with lakes.one_writer(the_lake, "records", 1):
            pass  # another right
    assert len(said) == 1 and said[0].startswith("Waiting. Another writer is at work: ")
    with lakes.one_writer(the_lake, "editions", 1):
        pass


def test_a_replicas_key_reaches_no_record(shared_lake, machines, tmp_path):
    """It reads editions; the bucket of the records refuses it, for reading as for writing."""
    case_records.accept(shared_lake, case_records.invented(400, 1))
    machines.at("hall", "replica")
    for use in (
        lambda: asked(shared_lake, READS),
        lambda: kind.accept(files(tmp_path, 1)[0], shared_lake),
    ):
        with pytest.raises(Refused, match="does not accept this key"):
            use()


WRONG = {
    "a key nobody knows": ({"AWS_SECRET_ACCESS_KEY": "0" * 40}, "does not accept this key"),
    "no key": ({"AWS_ACCESS_KEY_ID": ""}, "no key to the store"),
    "a store that is off": ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "no answer|does not answer"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_store_in_trouble_is_one_sentence_with_its_cure(shared_lake, monkeypatch, what):
    case_records.accept(shared_lake, case_records.invented(400, 1))
    settings, said = WRONG[what]
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Refused, match=said) as refusal:
        asked(shared_lake, READS)
    assert len(refusal.value.problems) == 1 and refusal.value.problems[0].how_to_fix


def test_a_catalogue_in_trouble_is_one_sentence_with_its_cure(shared_lake, monkeypatch, database_of_a_test):
    case_records.accept(shared_lake, case_records.invented(50, 1))
    right = os.environ[lakes.VARIABLE]
    for wrong, said in (
        (right.replace(f"dbname={database_of_a_test.name}", "dbname=nowhere"), "no such database"),
        (right.replace(f"port={database_of_a_test.port}", "port=9"), "no answer"),
        (right.replace("user=corridors", "user=stranger password=geheim"), "does not let this user in"),
        (right.replace("s3://records/", "s3://records/other-"), "rows lie in another place"),
        ("postgres:host=here", "postgres:host=… dbname=…"),
        ("postgres:postgresql://u:geheim@h/db + s3://records/x", "names no lake"),
    ):
        monkeypatch.setenv(lakes.VARIABLE, wrong)
        with pytest.raises(Refused, match=said) as refusal:
            asked(shared_lake, READS)
        assert len(refusal.value.problems) == 1 and "geheim" not in str(refusal.value)
    monkeypatch.setenv(lakes.VARIABLE, right)
    database_of_a_test.run(
        "psql", "-qc", "update ducklake_metadata set value = '99.0' where key = 'version'", database_of_a_test.name
    )
    with pytest.raises(Refused, match="another version"):
        asked(shared_lake, "from batch")
    database_of_a_test.run(
        "psql", "-qc", "update ducklake_metadata set value = '1.0' where key = 'version'", database_of_a_test.name
    )
    assert len(str(refusal.value)) < 600


def test_a_bucket_that_is_gone_and_a_clock_that_is_wrong_are_named(shared_lake):
    """What stores say, since no test sets the clock: the words of the S3 reference."""
    the_lake = database.lake_of(shared_lake)
    for said, found in (
        ("HTTP 403: <Code>RequestTimeTooSkewed</Code>", "clock"),
        ("HTTP 404: <Code>NoSuchBucket</Code>", "no such bucket"),
    ):
        assert found in lakes._problem(the_lake, said).found


def test_verify_says_which_edition_cannot_be_made_again(shared_lake, monkeypatch, three):
    case_records.accept(shared_lake, case_records.invented(50, 1))
    found = verify.Verified()
    monkeypatch.setattr("corridors.store.queries.figures.recipe", lambda edition_id: (None, None, 10_000))
    verify._snapshots(found, shared_lake, three)
    assert len(found.problems) == 3 and all("snapshot 10000" in str(p) for p in found.problems)


def test_nothing_but_a_catalogue_is_taken_for_one(tmp_path, monkeypatch):
    case_records.accept(tmp_path, case_records.invented(50, 1))
    monkeypatch.setenv(lakes.VARIABLE, "ducklake:cases.duckdb")
    with pytest.raises(Refused, match="no lake's catalogue"):
        asked(tmp_path, "from batch")


def test_services_start_stop_and_say_what_they_are(database_of_a_test):
    script = database_of_a_test.script
    assert subprocess.run([script, "status"], env=database_of_a_test.env, capture_output=True).returncode == 0
    assert subprocess.run([script, "again"], env=database_of_a_test.env, capture_output=True).returncode == 2


def test_the_plain_tests_of_records_pass_unchanged_on_a_lake_in_one_file(edition_id, editions_folder):
    """The same readings, checks and refusals, with the tables in a lake whose catalogue is a file."""
    words = ["tests/etl/cases/test_accept.py", "-q", "-p", "no:cacheprovider", "-k", "not kill and not full_disk"]
    env = {**os.environ, lakes.VARIABLE: "ducklake:cases.duckdb", READY: str(editions_folder)}
    done = subprocess.run([sys.executable, "-m", "pytest", *words], cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]
