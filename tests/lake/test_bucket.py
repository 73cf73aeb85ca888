"""Editions in a bucket: several writers, replicas with a key that only reads, and all that can be wrong with either."""

from __future__ import annotations

import http.server
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from corridors import ROOT
from corridors.store import bucket, editions, labels, mirror, publishing, replica
from corridors.store.lock import one_writer
from corridors.store.queries import figures
from etl import verify
from tests.lake.conftest import key
from tests.store.test_editions import NEW, NEXT, OLD, files, published
from tools.bench.visitor import Visitor, replicas

pytestmark = pytest.mark.lake


def look(machines, name: str = "hall"):
    """What a replica does every few seconds; returns its folder."""
    where = machines.at(name, "replica")
    replica.look(always=True)
    return where


def name(edition_id: str) -> str:
    """What tells one edition from another."""
    return figures.ask(edition_id, "select name from country where iso3 = 'THA'").name[0]


def faults(where) -> list[str]:
    found = verify.Verified()
    verify._editions(found, where)
    return [str(problem) for problem in found.problems]


def test_a_replica_shows_what_a_writer_published_and_equal_files_travel_once(machines):
    machines.publish("ministry", OLD)
    machines.publish("ministry", NEW)
    where = look(machines)
    assert editions.folder() == where and editions.current() == NEW and name(NEW) == "new" and name(OLD) == "old"
    assert editions.listed() == [OLD, NEW] and not replica.behind() and faults(where) == []
    kept = sorted(p.name for p in where.iterdir())
    assert kept == sorted([*files(OLD), *files(NEW), bucket.MEMORY, editions.POINTER])
    assert (
        len({path.stat().st_ino for path in editions.files_of(NEW)})
        == 1
        == len(set(editions.noted(where / f"{NEW}.sha256").values()))
    )
    assert len(machines.objects()) == 5, "the list, and of each edition its one file and its checksums"
    stamp = (where / f"{NEW}.duckdb").stat().st_mtime_ns
    machines.at("ministry")
    assert (editions.folder() / f"{NEW}.duckdb").stat().st_mtime_ns == stamp, "the order is the same everywhere"


def test_a_look_without_news_fetches_nothing_and_one_look_serves_all_processes_of_a_machine(machines, monkeypatch):
    machines.publish("ministry", OLD)
    look(machines)
    asked = []
    monkeypatch.setattr(bucket.Bucket, "fetch", lambda *_: asked.append("fetch"))
    manifest = bucket.Bucket.manifest
    monkeypatch.setattr(bucket.Bucket, "manifest", lambda self, known="": asked.append(manifest(self, known)))
    replica.look(always=True)
    assert asked == [None], "one conditional question, answered by 'not modified'"
    replica.look()
    assert asked == [None], "somebody of this machine has just looked"
    with one_writer(editions.folder() / editions.LOCK, 0), pytest.raises(OSError, match="Another writer"):
        replica.look(always=True)


def test_rollback_and_prune_count_for_everybody(machines):
    for edition_id in (OLD, NEW, NEXT):
        machines.publish("ministry", edition_id)
    where = look(machines)
    machines.at("secretariat")
    publishing.set_current(OLD)
    assert publishing.prune(1) == [NEW] and editions.listed() == [OLD, NEXT]
    assert not [name for name in machines.objects() if NEW in name]
    look(machines)
    assert editions.current() == OLD and editions.listed() == [OLD, NEXT] and faults(where) == []
    assert not list(where.glob(f"{NEW}*"))


def test_a_retracted_edition_is_gone_from_bucket_and_replicas_at_the_next_look(machines):
    machines.publish("ministry", OLD)
    machines.publish("ministry", NEW)
    where = look(machines)
    assert name(NEW) == "new"
    other = machines.at("secretariat")
    assert publishing.retract(NEW, "a person is named in it") == OLD
    assert (other / editions.SEALED / f"{NEW}.duckdb").is_file(), "whoever retracts keeps it under lock"
    assert not [name for name in machines.objects() if NEW in name and name != bucket.MANIFEST]
    look(machines)
    assert editions.current() == OLD and editions.listed() == [OLD] and not (where / editions.SEALED).exists()
    assert not [p for p in where.iterdir() if p.name.startswith(NEW) and p.suffix != editions.RETRACTED]
    assert faults(where) == []
    with pytest.raises(editions.Retracted):
        figures.edition(NEW)
    with pytest.raises(editions.Retracted):
        machines.publish("third", NEW)
    look(machines)
    assert editions.current() == OLD


def test_a_retraction_cut_off_half_way_counts_and_the_next_writer_ends_it(machines, monkeypatch):
    machines.publish("ministry", OLD)
    machines.publish("ministry", NEW)
    look(machines)
    where = machines.at("ministry")
    with monkeypatch.context() as cut, pytest.raises(KeyboardInterrupt):
        cut.setattr(
            editions, "note_retraction", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
        )  # the list is changed, nothing else
        publishing.retract(NEW, "wrong")
    look(machines)
    assert editions.current() == OLD and editions.is_retracted(NEW)
    machines.at("ministry")
    with publishing.writing():
        assert editions.current() == OLD and (where / editions.SEALED / f"{NEW}.duckdb").is_file()
    found = verify.Verified()
    verify._bucket(found, where)
    assert len(found.problems) == 2 and f"python -m etl retract {NEW} --reason again" in found.problems[0].how_to_fix
    publishing.retract(NEW, "again")  # the cure that was named
    assert len(machines.objects()) == 3 and editions.retractions(where)[NEW].endswith("wrong")


def test_of_two_writers_at_once_one_wins_the_other_is_told_and_nothing_is_lost(machines, three):
    machines.publish("ministry", OLD)
    machines.at("secretariat")
    with pytest.raises(bucket.Raced, match=f"readers edition {NEXT}.*python -m etl rollback {NEW}"), publishing.writing():
        secretariat = editions.folder()
        machines.publish("ministry", NEXT)  # while the other is still building upon what readers saw before
        machines.at("secretariat")
        publishing.adopt(NEW, three)
    assert editions.current(secretariat) == OLD, "its own machine shows nothing that others do not"
    look(machines)
    assert editions.current() == NEXT and set(editions.listed()) == {OLD, NEW, NEXT}
    machines.at("secretariat")
    publishing.set_current(NEW)  # the cure that was named
    look(machines)
    assert editions.current() == NEW


def test_eight_writers_at_the_list_at_once_lose_nothing(machines):
    machines.at("ministry")
    there = bucket.opened()
    ids = [f"2026-02-0{n}-0000000{n}" for n in range(1, 9)]

    def write(edition_id: str) -> None:
        bound = mirror.Bound(editions.folder(), there, *there.manifest())
        entry = {edition_id: {"published": 1, "sums": "0"}}
        bound.change(lambda manifest: bucket.Manifest(manifest.current, manifest.editions | entry, manifest.retracted))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, ids))
    assert sorted(there.manifest()[0].editions) == ids


def test_two_builds_of_the_same_inputs_keep_the_bytes_of_the_first(machines, three, tmp_path):
    """The time of building stands in an edition, so the second has other bytes under the same name."""
    published(tmp_path / "own", NEW, "the same, a second later")
    machines.publish("ministry", OLD)
    machines.at("secretariat")
    with (
        pytest.raises(bucket.BucketRefused, match="at the same time: its bytes are others.*Run the same command again"),
        publishing.writing(),
    ):
        machines.publish("ministry", NEW)
        machines.at("secretariat")
        publishing.adopt(NEW, tmp_path / "own")
    with publishing.writing():
        assert name(NEW) == "new", "the cure that was named takes that of the first"
    look(machines)
    assert name(NEW) == "new"


KILLED = """
import os, signal, sys
from pathlib import Path
from corridors.store import bucket, publishing

left = int(sys.argv[1])
def counted(method):
    def call(self, *given):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return method(self, *given)
    return call
bucket.Bucket.put_once, bucket.Bucket.swap = counted(bucket.Bucket.put_once), counted(bucket.Bucket.swap)
if len(sys.argv) > 4:  # killed just behind the last word instead
    swap = bucket.Bucket.swap
    bucket.Bucket.swap = lambda *given: swap(*given) and os.kill(os.getpid(), signal.SIGKILL)
with publishing.writing():
    publishing.adopt(sys.argv[2], Path(sys.argv[3]))
"""


def test_a_kill_between_any_two_puts_leaves_the_former_edition_for_everybody(machines, three):
    machines.publish("ministry", OLD)
    env = {**os.environ, **machines.env("ministry")}
    for puts, more in ((0, []), (1, []), (2, []), (9, ["behind"])):
        program = [sys.executable, "-c", KILLED, str(puts), NEW, str(three), *more]
        assert subprocess.run(program, env=env, cwd=ROOT, timeout=60).returncode == -signal.SIGKILL
        where = look(machines)
        assert editions.current() == (NEW if more else OLD) and not replica.behind() and faults(where) == []
        machines.at("ministry")
        assert editions.current() == OLD, "the killed writer's own machine"
    machines.publish("ministry", NEW)
    assert editions.current() == NEW and faults(editions.folder()) == []


def test_what_a_killed_writer_put_is_swept_once_nobody_can_be_putting_it(machines, monkeypatch):
    machines.publish("ministry", OLD)
    half = f"{NEW}/{'0' * 64}.duckdb"
    bucket.opened().put_once(half, b"half", "")
    assert publishing.prune(5) == [] and half in machines.objects()
    monkeypatch.setattr(editions, "ABANDONED", -1)
    assert publishing.prune(5) == [] and half not in machines.objects() and len(machines.objects()) == 3


def test_a_replica_without_its_bucket_serves_what_it_has_and_says_since_when(machines, monkeypatch):
    machines.publish("ministry", OLD)
    where = look(machines)
    machines.at("hall", "replica", AWS_ENDPOINT_URL="http://127.0.0.1:1")
    with pytest.raises(bucket.BucketRefused, match="does not answer. Check the network"):
        replica.look(always=True)
    assert editions.current() == OLD and name(OLD) == "old" and not editions.trouble()
    assert replica.behind() == "", "a minute of silence is nobody's trouble"
    monkeypatch.setattr(replica, "SILENCE", -1.0)
    told = replica.behind()
    assert "does not answer" in told and "Shown is what had come by" in told and "127.0.0.1" not in told
    assert 0 <= replica.age() < 60
    note = json.loads((where / bucket.MEMORY).read_text())
    (where / bucket.MEMORY).write_text(json.dumps(note | {"well": time.time() - 3 * 3600}))
    assert "3 hours ago" in replica.behind() and 10_000 < replica.age() < 11_000
    look(machines)
    monkeypatch.setattr(replica, "SILENCE", 60.0)
    assert replica.behind() == "" and not bucket.remembered(where).fault


def test_a_first_start_without_edition_and_bucket_is_one_message_with_its_cure(machines):
    machines.at("hall", "replica", AWS_ENDPOINT_URL="http://127.0.0.1:1")
    assert (
        replica.caught_up()
        == "There may be a newer edition: the shared store of editions does not answer, and nothing has come from it yet."
    )
    with pytest.raises(
        editions.NoEdition, match="The shared store of editions does not answer. “python -m etl editions” fetches"
    ):
        editions.current()
    look(machines)
    with pytest.raises(editions.NoEdition, match="No edition has come from the bucket yet. “python -m etl editions”"):
        editions.current()


def test_a_read_key_reads_editions_and_can_do_nothing_else(machines):
    machines.publish("ministry", OLD)
    machines.publish("ministry", NEW)
    machines.at("hall", "replica")
    hall = bucket.opened()
    item = next(item for item in hall.names() if item.endswith(".duckdb"))
    for attempt in (
        lambda: hall.put_once("zz", b"1", ""),
        lambda: hall.swap(bucket.Manifest(), hall.manifest()[1]),
        lambda: hall.delete([item]),
        lambda: hall.delete([bucket.MANIFEST]),
    ):
        with pytest.raises(bucket.BucketRefused, match="refuses the key.*writers put, replicas only read"):
            attempt()
    machines.at("ministry", CORRIDORS_EDITIONS="s3://records/cases")
    bucket.opened().put_once("secret", b"1", "")
    machines.at("hall", "replica", CORRIDORS_EDITIONS="s3://records/cases")
    for attempt in (lambda: bucket.opened().digest("secret"), bucket.opened().manifest, bucket.opened().names):
        with pytest.raises(bucket.BucketRefused, match="refuses the key"):
            attempt()
    machines.at("hall", "replica")
    replica.look(always=True)
    for write in (
        lambda: publishing.set_current(OLD),
        lambda: publishing.retract(NEW, "wrong"),
        lambda: publishing.prune(1),
    ):
        with pytest.raises(bucket.BucketRefused, match="refuses the key"):
            write()
        assert editions.current() == NEW and editions.listed() == [OLD, NEW] and not editions.retractions()
    look(machines, "other")
    assert editions.current() == NEW and name(NEW) == "new"


@contextmanager
def answering(status: int, text: str):
    """A server that answers everything with one refusal, as S3 words it."""

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = f"<Error><Code>{text}</Code></Error>".encode()
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_settings_and_refusals_are_one_message_each_with_its_cure_and_readers_keep_what_they_have(machines):
    machines.publish("ministry", OLD)
    look(machines)
    with answering(403, "RequestTimeTooSkewed") as skewed, answering(404, "NoSuchBucket") as empty:
        for change, words in (
            ({"AWS_SECRET_ACCESS_KEY": "wrong"}, "refuses the key (SignatureDoesNotMatch). Check AWS_ACCESS_KEY_ID and"),
            ({"AWS_ACCESS_KEY_ID": "nobody"}, "refuses the key (InvalidAccessKeyId)"),
            ({"AWS_ACCESS_KEY_ID": ""}, "AWS_ACCESS_KEY_ID is not set. See deploy/lake/README.md"),
            ({"CORRIDORS_EDITIONS": "s3://nowhere/x"}, "refuses the key (AccessDenied). Check the bucket's name"),
            ({"CORRIDORS_EDITIONS": "s3://"}, "expected a folder, or s3://bucket/prefix"),
            ({"CORRIDORS_EDITIONS": "gs://editions"}, "expected a folder, or s3://bucket/prefix"),
            ({"AWS_ENDPOINT_URL": skewed}, "refuses the time (RequestTimeTooSkewed). This machine's clock differs"),
            ({"AWS_ENDPOINT_URL": empty}, "is not there (NoSuchBucket). Check its name in CORRIDORS_EDITIONS, or make it"),
            ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "does not answer. Check the network"),
            ({"AWS_ALLOW_HTTP": ""}, "is not encrypted. Use https://"),
            ({"AWS_ENDPOINT_URL": "http://s3.example.org"}, "is not encrypted. Use https://"),
            ({"AWS_CA_BUNDLE": "/nowhere.pem"}, "cannot be used: [Errno 2]"),
        ):
            where = machines.at("hall", "replica", **{"AWS_CA_BUNDLE": ""} | change)
            with pytest.raises(bucket.BucketRefused) as refused:
                replica.look(always=True)
            assert words in str(refused.value) and "\n" not in str(refused.value), (change, str(refused.value))
            assert bucket.remembered(where).fault == str(refused.value)
            assert editions.current() == OLD and name(OLD) == "old"
            with pytest.raises(bucket.BucketRefused), publishing.writing():
                pass


def test_a_missing_package_is_one_message_with_its_cure(machines, monkeypatch):
    machines.publish("ministry", OLD)
    bucket._opened.cache_clear()
    monkeypatch.setitem(sys.modules, "obstore.store", None)
    with pytest.raises(bucket.BucketRefused, match="obstore is not installed. Run “make lake”"):
        replica.look(always=True)
    assert editions.current() == OLD and "is not set up" in replica.behind()


def test_what_is_damaged_or_missing_in_the_bucket_is_not_shown_and_is_told(machines, three):
    machines.publish("ministry", OLD)
    where = look(machines)
    machines.publish("ministry", NEW)
    there = bucket.opened()
    item = next(item for item in there.names(NEW) if item.endswith(".duckdb"))
    there._store.put(item, b"other bytes")
    with pytest.raises(bucket.BucketRefused, match=f"{NEW} has come from the bucket, but.*damaged.*rollback"):
        look(machines)
    assert editions.current() == OLD and "holds an edition that is damaged" in replica.behind() and faults(where) == []
    assert not list(where.glob("draft-*")) and not list(where.glob(f"{NEW}*"))
    there.delete([item])
    with pytest.raises(bucket.BucketRefused, match=f"names edition {NEW}, but not all of its files are there.*--share"):
        look(machines)
    machines.at("ministry")
    there._store.put(item, b"other bytes")
    with pytest.raises(bucket.BucketRefused, match="is there already, with other bytes than its name says"):
        mirror.share()
    there.delete([item])
    assert mirror.share() == [OLD, NEW]  # the cure that was named
    look(machines)
    assert editions.current() == NEW and name(NEW) == "new" and not replica.behind()
    (where / f"{NEW}.duckdb").chmod(0o600)
    (where / f"{NEW}.duckdb").write_bytes(b"rotten")
    look(machines)
    assert name(NEW) == "new", "what rots on the replica is fetched again"


def test_a_list_that_is_lost_or_not_readable_deletes_nothing_and_can_be_put_back(machines):
    machines.publish("ministry", OLD)
    machines.publish("ministry", NEW)
    look(machines)
    machines.at("ministry")
    there = bucket.opened()
    for text in (None, b"{", b'{"current": "../../x", "editions": {}, "retracted": {}}'):
        there.delete(list(there.names())) if text is None else there._store.put(bucket.MANIFEST, text)
        with pytest.raises(bucket.BucketRefused, match="--share"):
            look(machines)
        assert editions.current() == NEW and editions.listed() == [OLD, NEW] and replica.behind()
        machines.at("ministry")
        with pytest.raises(bucket.BucketRefused, match="--share"), publishing.writing():
            pass
        there.delete([bucket.MANIFEST])
        assert mirror.share() == [OLD, NEW]
        look(machines)
        assert editions.current() == NEW and not replica.behind()


FULL = """
import resource, signal, sys
from corridors.store import bucket, editions, labels, replica
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
sys.dont_write_bytecode = True
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
try:
    replica.look(always=True)
except bucket.BucketRefused as fault:
    print(fault, "|", editions.current(), "|", replica.behind())
"""


def test_a_full_disk_on_the_replica_keeps_the_former_edition(machines):
    machines.publish("ministry", OLD)
    where = look(machines)
    machines.publish("ministry", NEW)
    env = {**os.environ, **machines.env("hall", "replica")}
    done = subprocess.run([sys.executable, "-c", FULL], env=env, cwd=ROOT, capture_output=True, text=True, timeout=60)
    fault, now, told = done.stdout.split(" | ")
    assert f"Edition {NEW} could not be kept in hall/: " in fault and "MB are free. Make room" in fault
    assert now == OLD and "has an edition that this machine could not store" in told
    assert not list(where.glob("draft-*")) and not done.stderr
    look(machines)
    assert editions.current() == NEW


def test_a_folder_becomes_a_bucket_and_back(machines, three, tmp_path, monkeypatch):
    shutil.copytree(three, tmp_path / "folder")
    publishing.retract(NEW, "wrong", tmp_path / "folder")
    where = machines.at("folder")
    assert mirror.share() == [OLD, NEXT] and editions.current() == NEXT
    look(machines)
    assert editions.listed() == [OLD, NEXT] and editions.current() == NEXT and list(editions.retractions()) == [NEW]
    seen = {c: len(figures.ask(labels.keyed(NEXT, c), "select 1 from figure")) for c in labels.CEILINGS}
    assert seen == {"AMBER+STRICT": 1, "AMBER": 1, "GREEN": 0, "CLEAR": 0}
    assert len([item for item in machines.objects() if item.startswith(NEXT)]) == 3, (
        "of four names two files, and the checksums"
    )
    look(machines)
    monkeypatch.setenv("CORRIDORS_EDITIONS", str(tmp_path / "hall"))
    assert editions.listed() == [OLD, NEXT] and editions.current() == NEXT and name(NEXT) == "next"
    publishing.set_current(OLD)
    assert editions.current() == OLD and editions.current(where) == NEXT


def test_verify_and_the_commands_look_into_the_bucket(machines):
    machines.publish("ministry", OLD)
    machines.publish("ministry", NEW)

    def run(*words: str) -> tuple[int, str]:
        env = {**os.environ, **machines.env("secretariat")}
        done = subprocess.run(
            [sys.executable, "-m", "etl", *words], env=env, cwd=ROOT, capture_output=True, text=True, timeout=90
        )
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout + done.stderr

    status, said = run("editions")
    assert status == 0 and f"* {NEW}" in said and f"  {OLD}" in said
    there = bucket.opened()
    item = next(item for item in there.names(OLD) if item.endswith(".duckdb"))
    there._store.put(item, b"other bytes")
    there._store.put(f"{NEXT}/left", b"1")
    found = verify.Verified()
    verify._bucket(found, editions.folder())
    assert [p.file for p in found.problems] == [f"{machines.prefix}/{item}"] and "1 objects" in found.notes[0]
    assert found.looked == {"objects in the bucket": 6}
    status, said = run("retract", OLD, "--reason", "wrong")
    assert status == 0 and f"Readers now see edition {NEW}" in said
    found = verify.Verified()
    verify._bucket(found, editions.folder())
    assert not found.problems
    env = machines.env("secretariat") | {"AWS_SECRET_ACCESS_KEY": "wrong"}
    done = subprocess.run(
        [sys.executable, "-m", "etl", "rollback", NEW],
        env={**os.environ, **env},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert done.returncode == 1 and "refuses the key" in done.stderr and "Traceback" not in done.stderr


def get(port: int, path: str) -> tuple[int, dict]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


def until(true, seconds: float = 60.0):
    """What `true` says once it says something."""
    for _ in range(int(seconds / 0.2)):
        if found := true():
            return found
        time.sleep(0.2)
    raise AssertionError("it did not come")


def test_two_real_replicas_follow_a_writer_and_say_their_age(machines):
    machines.publish("ministry", OLD)
    envs = [machines.env(name, "replica") for name in ("north", "south")]
    with replicas(envs) as ports:
        for port in ports:
            until(lambda: get(port, "/healthz")[1].get("edition") == OLD)
        machines.publish("ministry", NEW)
        for port in ports:
            report = until(lambda: (told := get(port, "/healthz")[1]).get("edition") == NEW and told)
            assert report["ok"] and report["behind_seconds"] < 60 and "degraded" not in report
        assert key(machines.store, "replica")["AWS_SECRET_ACCESS_KEY"] not in json.dumps(report)
        there, nowhere = bucket.opened(), {NEXT: {"published": 9, "sums": "0" * 64}}
        manifest, version = there.manifest()
        there.swap(bucket.Manifest(NEXT, manifest.editions | nowhere), version)  # by somebody's hand
        report = until(lambda: (told := get(ports[0], "/healthz")[1]).get("degraded") and told)
        assert report["ok"] and report["edition"] == NEW and "names an edition that is not there" in report["degraded"]
        visitor = Visitor(ports[0])
        _, messages, _ = visitor.run()
        visitor.close()
        shown = [m.delta.new_element.alert.body for m in messages if m.delta.new_element.WhichOneof("type") == "alert"]
        assert any("There may be a newer edition" in body and "Shown is what had come by" in body for body in shown), shown
    machines.at("secretariat")
    assert publishing.retract(NEXT, "named by mistake") == NEW and list(there.manifest()[0].editions) == [OLD, NEW]
