"""What all tests share: one edition of the project's data, built once into a folder of its own."""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
import time_machine
from hypothesis import settings
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import app_test, local_script_runner

from corridors.store import editions, lock
from etl.build import build
from tests import planted, small_data
from tests.sampling import ALL, all_or

# No test is timed: machines differ, and a busy one must not fail.
settings.register_profile("corridors", deadline=None, max_examples=all_or(15, 60))
settings.load_profile("corridors")

# tests/test_clock.py runs some of the tests as if that many days had passed.
if DAYS_AHEAD := int(os.environ.get("CORRIDORS_DAYS_AHEAD", "0")):
    time_machine.travel(datetime.now(UTC) + timedelta(days=DAYS_AHEAD), tick=True).start()

# Each AppTest reads the metadata of every installed package, 0.4 s, to find components made by others, and compiles each page anew, a
# third of what a page costs. One reading serves all.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)
app_test.ScriptCache = local_script_runner.ScriptCache = cache(app_test.ScriptCache)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Where several processes run the tests: a file's tests stay together, for what they share is made once for each
    process; and one process alone has the server of tests/browser, but for two files that start servers of their own.
    (Marks of xdist's own that would say so are lost on their way with pytest 9.2.)"""
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            if file.endswith("test_fuzz.py"):  # its two visitors take as long as everything else of tests/web
                return nodeid
            own_server = file.endswith(("test_sign_in.py", "test_desk.py"))
            return "tests/browser" if file.startswith("tests/browser/") and not own_server else file

    config.option.loadscopereorder = False  # in the order below
    return ByFile(config, log)


# What takes longest begins first, so that no process works alone at the end.
LONGEST = (
    "tests/browser/",
    "tests/web/test_fuzz.py",
    "tests/test_clock.py",
    "tests/lake/",
    "tests/etl/test_faults.py",
    "tests/etl/test_jobs.py",
    "tests/etl/cases/test_accept.py",
    "tests/app/test_pages.py",
    "tests/test_cli.py",
    "tests/web/",
    "tests/export/",
    "tests/app/",
)
# Half of all the time: real browsers, servers of other kinds, killed processes, whole runs of commands. Run where all is asked for, or they are named.
WITH_ALL = (
    "tests/browser/",
    "tests/lake/",
    "tests/web/test_fuzz.py",
    "tests/test_clock.py",
    "tests/web/test_real_server.py",
    "tests/app/test_front_door.py",
    "tests/views/test_preload.py",
    "tests/etl/test_damaged.py",
    "tests/etl/test_faults.py",
    "tests/etl/test_command_line.py",
    "tests/etl/test_jobs.py",
    "tests/etl/cases/test_accept.py::test_a_kill_",
    "tests/etl/cases/test_accept.py::test_a_full_disk_",
)
READY = "CORRIDORS_TESTS_EDITION"  # a folder with the edition that a test gives to the tests that it runs
QUICK = "CORRIDORS_TESTS_QUICK"  # how the processes that run the tests learn that no test was named


def pytest_configure(config):
    """Whether this is the quick run: nothing was named, and not all is asked for."""
    if not hasattr(config, "workerinput"):
        for inherited in ("PYTEST_XDIST_WORKER", QUICK):  # a test may run tests: those are on their own
            os.environ.pop(inherited, None)
        if not ALL and config.args_source == pytest.Config.ArgsSource.TESTPATHS:
            os.environ[QUICK] = "1"


def pytest_collection_modifyitems(config, items):
    """The longest first, the rest in the order of the folders; the quick run leaves out what takes half of all the time."""
    if QUICK in os.environ:
        config.hook.pytest_deselected(items=[item for item in items if item.nodeid.startswith(WITH_ALL)])
        items[:] = [item for item in items if not item.nodeid.startswith(WITH_ALL)]
    items.sort(key=lambda item: next((n for n, part in enumerate(LONGEST) if item.nodeid.startswith(part)), len(LONGEST)))


def pytest_terminal_summary(terminalreporter):
    """Says what a quick run has not looked at."""
    if QUICK in os.environ:
        terminalreporter.write_line(
            f"Quick run, without {', '.join(WITH_ALL)}. CORRIDORS_TESTS=all runs everything, as CI does."
        )


@pytest.fixture(scope="session", autouse=True)
def outgoing(tmp_path_factory):
    """The file in which every server that a test starts notes whom it speaks to outside this machine: nobody."""
    noted = tmp_path_factory.mktemp("outgoing") / "connections"
    noted.touch()
    watcher = str(Path(__file__).parent / "outgoing")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CORRIDORS_OUTGOING", str(noted))
        patch.setenv("PYTHONPATH", watcher, prepend=os.pathsep)
        yield noted
    assert not noted.read_text(encoding="utf-8"), "a server of the tests spoke to somebody outside"


@pytest.fixture(scope="session", autouse=True)
def no_preload():
    """Servers of the tests fill their caches when they are asked, which takes 12 s of CPU less for each label; that of
    tests/web/test_real_server.py fills them at its start, as any other does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CORRIDORS_PRELOAD", "off")
        yield


@pytest.fixture(scope="session", autouse=True)
def desk_folders(tmp_path_factory) -> Path:
    """Jobs and drafts of all tests lie here, never in the data that is imported."""
    folder = tmp_path_factory.mktemp("desk")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CORRIDORS_JOBS", str(folder / "jobs"))
        patch.setenv("CORRIDORS_DRAFTS", str(folder / "drafts"))
        yield folder


def made_once(tmp_path_factory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder filled by `make`, by one of the processes that run the tests; the others wait for it."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    with lock.one_writer(shared.with_suffix(".lock"), patience=300):
        if not shared.is_dir():
            draft = shared.with_suffix(".draft")
            make(draft)
            draft.rename(shared)
    return shared


@pytest.fixture(scope="session")
def editions_folder(tmp_path_factory) -> Iterator[Path]:
    """A folder holding one freshly built edition; the whole session reads editions from here.

    Each process has a copy, so that none sees what another publishes.
    """
    where = tmp_path_factory.mktemp("editions")
    ready = os.environ.get(READY) or made_once(tmp_path_factory, "edition", lambda draft: build(where=draft))
    shutil.copytree(ready, where, dirs_exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CORRIDORS_EDITIONS", str(where))
        yield where


@pytest.fixture(scope="session")
def edition_id(editions_folder) -> str:
    """The id of that edition."""
    return editions.current(editions_folder)


@pytest.fixture(scope="session")
def planted_folder(edition_id, editions_folder, tmp_path_factory) -> Path:
    """A folder holding the edition planted.EDITION, with rows of every label; nobody writes to it."""
    edition = editions.path_of(edition_id, editions_folder)
    return made_once(tmp_path_factory, "planted", lambda draft: planted.plant(edition, draft))


@pytest.fixture(scope="session")
def small(tmp_path_factory) -> Path:
    """A folder of small data and of the edition built of them (tests/small_data.py); whoever spoils something copies it."""
    return made_once(tmp_path_factory, "small", small_data.with_edition)


@pytest.fixture(scope="session")
def two_editions(tmp_path_factory) -> tuple[str, str, Path]:
    """Ids of an edition and of the next, and their folder: a total is revised, another withdrawn, a third is new."""
    where = made_once(tmp_path_factory, "two", small_data.with_two_editions) / "editions"
    first, second = editions.listed(where)
    return first, second, where
