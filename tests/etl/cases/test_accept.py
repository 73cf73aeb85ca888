"""Taking case records in and out again: nothing private leaks, nothing is half-written, nothing is counted twice."""

import hashlib
import json
import os
import signal
import stat
import subprocess
import sys
import time

import duckdb
import pytest
import typer

from corridors.problems import Refused
from corridors.store.cases import database
from corridors.store.labels import LOCKED
from etl.cases import kind
from etl.cases.secret_file import SALT
from etl.submissions import commands
from tests.test_architecture import ROOT
from tools.bench.cases import write

CHILD = """
import os, signal, sys
from pathlib import Path
from etl.cases import kind
path, data, at = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
calls = 0
def progress(text, done, total):
    global calls
    calls += 1
    if calls == at:
        os.kill(os.getpid(), signal.SIGKILL)
print("ready", flush=True)
sys.stdin.readline()
kind.accept(path, data, progress)
"""


def rows(data, sql="from case_standing", *values):
    with database.reader(data) as connection:
        return connection.execute(sql, list(values)).fetchall()


def test_records_go_in_as_codes_and_no_pseudonym_is_anywhere_on_disk(case_file, data):
    path = case_file(
        {"record_id": "SECRET-PSEUDONYM-2024-0001", "citizenship": ""},
        {"record_id": "SECRET-PSEUDONYM-2024-0002", "weight": "3"},
    )
    done = kind.accept(path, data)
    assert done.report.fine and done.key.startswith("cases ")
    (first, second) = rows(
        data, "select citizenship, form, sex, detected_year, weight, crime, network from case_standing order by weight"
    )
    assert first == (None, "forced_criminality", "male", 2024, 1, "trafficking", "organised") and second[4] == 3
    for file in data.rglob("*"):
        if file.is_file():
            assert b"SECRET-PSEUDONYM" not in file.read_bytes(), file


@pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX's")
def test_everything_private_is_readable_by_its_owner_alone(case_file, data):
    kind.accept(case_file({}), data)
    assert stat.S_IMODE((data / "private").stat().st_mode) == 0o700
    files = [p for p in (data / "private").rglob("*") if p.is_file()]
    assert {p.name for p in files} == {"cases.duckdb", "salt"}
    assert all(stat.S_IMODE(p.stat().st_mode) == 0o600 for p in files)
    (data / "private" / "salt").chmod(0o644)
    with pytest.raises(Refused, match="0600"):
        kind.accept(case_file({"record_id": "N-1"}), data)


def test_git_keeps_the_private_folder_out(data):
    if not (ROOT / ".git").exists():
        pytest.skip("this copy is no git repository")
    asked = subprocess.run(
        ["git", "check-ignore", "data/private/cases.duckdb", "data/private/salt"], cwd=ROOT, capture_output=True, text=True
    )
    assert asked.stdout.split() == ["data/private/cases.duckdb", "data/private/salt"]


def test_a_record_keeps_its_key_in_a_later_batch_and_under_another_salt_has_another(case_file, data, tmp_path):
    many = [{"record_id": f"K-{n}"} for n in range(300)]
    first = kind.accept(case_file(*many), data)
    keys = rows(data, "select record_hash, record_key from case_standing order by record_hash")
    kind.withdraw(first.key, data)
    assert rows(data) == []
    kind.accept(case_file(*many, {"record_id": "K-new1"}), data)
    again = rows(data, "select record_hash, record_key from case_standing order by record_hash")
    assert set(keys) < set(again) and len({key for _, key in keys}) > 100
    other = tmp_path / "other"
    kind.accept(case_file(*many), other)
    assert not set(keys) & set(rows(other, "select record_hash, record_key from case_standing"))


def test_a_lost_or_changed_salt_is_refused(case_file, data):
    kind.accept(case_file({}), data)
    path = SALT.path(data)
    whole = path.read_bytes()
    for content in (None, hashlib.sha256(b"other").digest(), b"short", whole[:32]):
        path.unlink(missing_ok=True)
        if content is not None:
            path.write_bytes(content)
            path.chmod(0o600)
        with pytest.raises(Refused, match="salt"):
            kind.accept(case_file({"record_id": "N-1"}), data)
        with pytest.raises(Refused, match="salt"):
            kind.check(case_file({"record_id": "N-1"}), data)
    path.write_bytes(whole)
    kind.accept(case_file({"record_id": "N-1"}), data)


def test_the_salt_may_lie_where_the_environment_says(case_file, data, tmp_path, monkeypatch):
    monkeypatch.setenv("CORRIDORS_SALT_FILE", str(tmp_path / "vault" / "salt"))
    kind.accept(case_file({}), data)
    assert len(SALT.read(data)) == 32 and (tmp_path / "vault" / "salt").exists() and not (data / "private" / "salt").exists()


def test_the_same_file_and_the_same_records_do_not_come_in_twice(case_file, data):
    first = kind.accept(case_file({}, {}), data)
    with pytest.raises(Refused, match=first.key):
        kind.accept(case_file({}, {}), data)
    report = kind.check(case_file(*[{}] * 300, name="more.csv"), data)
    known = next(f for f in report.faults if f.code == "known-record_id")
    assert "2 rows" in known.found and (report.accepted, report.rejected) == (298, 2) and report.fine


def test_rows_left_out_are_kept_with_row_column_reason_and_cure(case_file, data):
    path = case_file(*[{}] * 400, {"citizenship": "Myanmar"}, {"record_id": "T-5"}, {"record_id": "", "weight": "0"})
    text = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*text[:11], "T-9,THA", *text[11:]]) + "\n", encoding="utf-8")
    done = kind.accept(path, data)
    assert (done.report.rows_in, done.report.accepted, done.report.rejected) == (404, 400, 4)
    kept = rows(data, 'select "row", "column", found, how_to_fix from rejected_case order by all')
    assert [(row, column) for row, column, *_ in kept] == [
        (12, ""),
        (403, "citizenship"),
        (404, "record_id"),
        (405, "record_id"),
        (405, "weight"),
    ]
    assert kept[1][2] == "“Myanmar”" and "MMR" in kept[1][3]
    assert "T-5" not in str(kept) and "T-9" not in str(kept)
    assert rows(data, "select rows_in, accepted, rejected from batch") == [(404, 400, 4)]


def test_a_file_with_errors_stores_nothing(case_file, data):
    with pytest.raises(Refused, match="a name"):
        kind.accept(case_file({}, {"record_id": "Example"}), data)
    assert rows(data, "from batch") == [] and rows(data) == []


def test_sound_rows_are_taken_on_demand_but_never_beside_a_name(case_file, data):
    path = case_file({}, {"detected_month": "13"})
    with pytest.raises(Refused, match="13"):
        kind.accept(path, data)
    assert (done := kind.accept(path, data, partial=True).report).accepted == 1 and done.rejected == 1
    with pytest.raises(Refused, match="a name"):
        kind.accept(case_file({"record_id": "N-1"}, {"record_id": "Example"}), data, partial=True)


def test_a_batch_takes_anothers_place_and_gives_it_back(case_file, data, tmp_path):
    first = kind.accept(case_file({}, {}, {"sex": "female"}), data)
    better = case_file({}, {}, {}, {}, name="better.csv")
    better.with_suffix(".toml").write_text(f'supersedes = "{first.key}"\n', encoding="utf-8")
    second = kind.accept(better, data)
    assert second.report.rejected == 0
    assert [r[0] for r in rows(data, "select distinct batch_id from case_standing")] == [second.key.split()[1]]
    kind.withdraw(second.key, data)
    assert [r[0] for r in rows(data, "select distinct batch_id from case_standing")] == [first.key.split()[1]]
    with pytest.raises(Refused, match="withdrawn already"):
        kind.withdraw(second.key, data)
    with pytest.raises(Refused, match=first.key):
        kind.withdraw("cases 2020-01-01-none", data)


def test_a_card_names_the_data_set_and_no_person(case_file, data):
    path = case_file({})
    card = path.with_suffix(".toml")
    card.write_text('dataset = "ngo_network"\ntitle = "Assisted persons"\n', encoding="utf-8")
    kind.accept(path, data)
    assert rows(data, "select distinct dataset_id from case_standing") == [("ngo_network",)]
    for bad in (
        'datset = "x"',
        'dataset = "Two words"',
        'title = "Records of Mr John Example"',
        'supersedes = "cases x"',
        "= =",
    ):
        card.write_text(bad, encoding="utf-8")
        assert not kind.check(path, data).fine, bad


def test_a_second_writer_is_told_to_wait(case_file, data):
    kind.accept(case_file({}), data)
    held = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; from pathlib import Path; from corridors.store.cases import database as private\n"
            "with private.writer(Path(sys.argv[1])):\n print('held', flush=True)\n sys.stdin.readline()",
            str(data),
        ],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert held.stdout.readline() == "held\n"
        with pytest.raises(Refused, match="wait"):
            kind.accept(case_file({"record_id": "N-1"}), data)
    finally:
        held.communicate("\n", timeout=30)


def test_ctrl_c_while_storing_leaves_nothing(tmp_path, data):
    path = tmp_path / "cases.csv"
    write(path, 2_000)

    def stop(text, done, total):
        if text == kind.STORING:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        kind.accept(path, data, stop)
    assert rows(data, "from batch") == [] and rows(data) == []
    assert kind.accept(path, data).report.accepted == 2_000


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is POSIX's")
def test_a_kill_at_any_moment_leaves_the_database_whole_and_the_next_run_completes(tmp_path, data):
    path = tmp_path / "cases.csv"
    write(path, 30_000)
    kind.accept(_first(tmp_path), data)
    moments = [("call", 2), ("call", 3), ("after", 0.03), ("after", 0.1), ("after", 0.3)]
    for how, moment in moments:
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(path), str(data), str(moment if how == "call" else 0)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert child.stdout.readline() == "ready\n"
        child.stdin.write("\n")
        child.stdin.flush()
        if how == "after":
            time.sleep(moment)
            child.send_signal(signal.SIGKILL)
        child.communicate(timeout=60)
        found = dict(rows(data, "select batch_id, count(*) from case_record group by all"))
        told = dict(rows(data, "select batch_id, accepted from batch"))
        assert found == told and sorted(found.values()) in ([3], [3, 30_000])
        if len(found) == 2:  # the kill came after the end
            kind.withdraw(f"cases {next(b for b, n in found.items() if n > 3)}", data)
            break
    done = kind.accept(path, data)
    assert len(rows(data)) == done.report.accepted + 3
    assert not (data / "private" / "tmp").exists()


def test_what_was_committed_survives_a_kill_before_the_log_is_merged(tmp_path, data, case_file):
    done = kind.accept(case_file({}), data)
    code = """
import os, signal, sys
from pathlib import Path
from corridors.store.cases import batches as case_batches, database as private
with private.writer(Path(sys.argv[1])) as connection:
    case_batches.withdraw(connection, sys.argv[2])
    os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", code, str(data), done.key.split()[1]], cwd=ROOT)
    assert rows(data) == []


def test_no_edition_holds_a_record_or_the_way_to_one(editions_folder, edition_id):
    with duckdb.connect(str(editions_folder / f"{edition_id}.duckdb"), read_only=True, config=LOCKED) as connection:
        columns = {c for (c,) in connection.execute("select column_name from duckdb_columns()").fetchall()}
    assert not columns & {"record_hash", "record_key", "record_id", "salt_check", "batch_id"}


def _first(tmp_path):
    path = tmp_path / "first.csv"
    write(path, 3, seed=7)
    path.write_text(path.read_text(encoding="utf-8").replace("BP-", "AA-"), encoding="utf-8")
    return path


def test_the_whole_way_by_commands(case_file, data, capsys):
    app = typer.Typer()
    commands.register(app, data=lambda: data)

    def run(*words) -> int:
        return app([str(w) for w in words], standalone_mode=False) or 0

    good, bad = case_file({}, {}), case_file({"citizenship": "Myanmar"}, name="bad.csv")
    assert run("check", good) == 0
    assert run("check", bad) == 1
    assert "MMR" in capsys.readouterr().out
    run("accept", good)
    printed = capsys.readouterr().out
    key = next(line for line in printed.splitlines() if "withdraw" in line).split("withdraw ")[1].split()
    assert len(rows(data)) == 2
    run("withdraw", *key)
    assert rows(data) == []


@pytest.mark.parametrize("most", [0, 20_000, 400_000])
def test_a_full_disk_is_one_sentence_and_leaves_no_batch(data, tmp_path, most):
    """The system's limit on the size of files stands in for the full disk, whose errors the database words itself."""
    path = tmp_path / "cases.csv"
    write(path, 60_000)
    program = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); sys.dont_write_bytecode = True;"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, resource.RLIM_INFINITY));"
        "from etl.__main__ import main; sys.exit(main())"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, "accept", str(path)],
        env=os.environ | {"CORRIDORS_DATA": str(data)},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 1 and "Traceback" not in ended.stderr and ended.stderr.strip(), ended.stderr
    again = kind.accept(path, data)
    assert again.report.accepted > 59_000 and len(rows(data)) == again.report.accepted


EARLIER = """
create table installation (salt_check varchar not null);
create table protection_seed (seed_check varchar not null);
create table noise_renewal (dataset_id varchar not null, renewed timestamp not null, batch_id varchar not null);
create table batch (
    batch_id varchar primary key, dataset_id varchar not null, title varchar not null, source varchar not null,
    received date not null, sha256 varchar not null, rows_in bigint not null, accepted bigint not null,
    rejected bigint not null, withdrawn timestamp, withdrawn_by varchar, supersedes varchar
);
create table case_record (
    batch_id varchar not null, record_hash uhugeint not null, record_key utinyint not null,
    report_state varchar, detected_year usmallint, detected_month utinyint,
    citizenship varchar, exploitation_country varchar, interception_country varchar,
    crime varchar not null, form varchar not null, sex varchar not null, age_band varchar not null,
    recruitment varchar not null, control varchar not null, network varchar not null,
    evidence varchar not null, justice_status varchar not null, weight uinteger not null
);
create table rejected_case (
    batch_id varchar not null, "row" bigint not null, "column" varchar not null, found varchar not null,
    reason varchar not null, cure varchar not null
);
create view case_standing as
select batch.dataset_id, case_record.* from case_record join batch using (batch_id) where batch.withdrawn is null;
"""


def test_records_of_an_earlier_version_stand_as_they_stood_and_are_known_again(case_file, data, monkeypatch):
    """A file of before November 2026: hashes were numbers, a withdrawal changed its batch."""
    monkeypatch.delenv("CORRIDORS_LAKE", raising=False)  # there were no lakes
    first, second = case_file({}, {}, name="a.csv"), case_file({"record_id": "T-9"}, name="b.csv")
    kind.accept(first, data)
    gone = kind.accept(second, data).key.split()[1]
    kind.withdraw(gone, data)
    here, standing = rows(data, "from case_record"), rows(data)
    path = database.path_of(data)
    with duckdb.connect(path) as connection:
        old = data / "old.duckdb"
        connection.execute(f"attach '{old}' as old")
        connection.execute("use old")
        for statement in connection.extract_statements(EARLIER):
            connection.execute(statement)
        name = path.stem
        connection.execute(f"insert into batch by name from {name}.batch")
        connection.execute(f"insert into installation from {name}.installation")
        hashes = connection.execute(f"select distinct record_hash from {name}.case_record").fetchall()
        numbers = {str(h): str(int.from_bytes(h.bytes[::-1], "big")) for (h,) in hashes}  # as md5_number gave them
        connection.execute(
            "create temp table number as select unnest(?) as record_hash, unnest(?) as digits",
            [[*numbers], [*numbers.values()]],
        )
        connection.execute(
            "insert into case_record by name select record.* exclude (dataset_id) replace (digits::uhugeint as record_hash) "
            f"from {name}.case_record as record join number on number.record_hash = record.record_hash::varchar"
        )
    os.replace(old, path)
    folder = data / "private" / "protected"
    folder.mkdir()
    history = [
        {"batches": ["b1"], "renewed": 0, "made": "2026-03-01"},
        {"batches": ["b1", "b2"], "renewed": 0, "made": "2026-04-01"},
    ]
    (folder / f"{database.table_name('members', 'trafficking')}-history.json").write_text(
        json.dumps(history), encoding="utf-8"
    )
    assert rows(data) == standing and rows(data, "from case_record") == here
    assert [withdrawn is None for (withdrawn,) in rows(data, "select withdrawn from batch order by title, batch_id")].count(
        True
    ) == 1
    states = rows(data, "select dataset_id, crime, batches, renewed, made::varchar from protected_state order by noted")
    assert states == [("members", "trafficking", s["batches"], 0, s["made"]) for s in history], (
        "all, by the same transaction"
    )
    again = case_file({}, {"record_id": "T-3"}, name="c.csv")
    report = kind.check(again, data)
    assert report.rejected == 1, "a record that stands is known by its hash"
