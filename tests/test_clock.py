"""Nothing depends on the day: a build, a briefing, case files and a member's pages work as well a year from now."""

import os
import subprocess
import sys
from pathlib import Path

from tests.sampling import all_or

ROOT = Path(__file__).resolve().parents[1]
CORE = [
    "tests/etl/briefings/test_accept.py",
    "tests/etl/cases/test_accept.py",
    "tests/app/test_pages.py::test_every_theme_of_a_member_runs[THA]",
]
# What asks nothing of the day: kills, full disks, and what is about every figure's grade or the database's speed.
TIMELESS = "not kill and not full_disk and not preload and not graded"


def test_a_clone_is_as_green_a_year_from_now():
    """Runs the core of the tests in a process whose clock is a year ahead; its edition is built under that clock too.

    Of that core a sample is enough: what may depend on the day does so for every member alike.
    """
    others = ("PYTEST_", "CORRIDORS_EDITIONS", "CORRIDORS_TESTS")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(others)}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-k", TIMELESS, *CORE, *all_or([], ["tests/views"])],
        cwd=ROOT,
        env=environment | {"CORRIDORS_DAYS_AHEAD": "366"},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-2000:]
    assert " passed" in run.stdout and "no tests ran" not in run.stdout
