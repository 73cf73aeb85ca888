"""What every room's tests share: one edition of the carried data, built once into a folder of its own."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

from etl.build import build

# No test is timed: machines differ, and a busy one must not fail.
settings.register_profile("house", deadline=None, max_examples=60)
settings.load_profile("house")


@pytest.fixture(scope="session")
def editions_folder(tmp_path_factory) -> Path:
    """A folder holding one freshly built edition; the whole session reads editions from here."""
    where = tmp_path_factory.mktemp("editions")
    build(where=where)
    before = os.environ.get("CORRIDORS_EDITIONS")
    os.environ["CORRIDORS_EDITIONS"] = str(where)
    yield where
    if before is None:
        del os.environ["CORRIDORS_EDITIONS"]
    else:
        os.environ["CORRIDORS_EDITIONS"] = before


@pytest.fixture(scope="session")
def edition_id(editions_folder) -> str:
    """The id of that edition."""
    from store import editions

    return editions.current(editions_folder)
