"""A copy of the imported periods that a test may spoil, and a light edition that holds nothing else."""

import shutil
from pathlib import Path

import pytest

from corridors import catalog
from corridors.store import publishing, writing
from etl.actions import tables
from etl.pipeline import DATA

LIGHT = "2026-11-21-00000000"


@pytest.fixture
def data(tmp_path) -> Path:
    """A data folder with the imported periods and routes; tests write into it."""
    shutil.copytree(DATA / "editorial" / "actions", tmp_path / "data" / "editorial" / "actions")
    (tmp_path / "data" / "editorial" / "routes").mkdir()
    shutil.copy(DATA / "editorial" / "routes" / "routes.csv", tmp_path / "data" / "editorial" / "routes")
    return tmp_path / "data"


def publish(data: Path, where: Path) -> str:
    """Publishes an edition of the periods alone; returns its id."""
    with publishing.draft(where) as work:
        for name, frame in tables.tables(data, catalog.load()).items():
            writing.insert(work, name, frame)
        publishing.publish(work, LIGHT, where)
    return LIGHT


@pytest.fixture
def light(data, tmp_path, monkeypatch):
    """`light()` publishes what `data` holds now and returns the edition's id."""

    def made() -> str:
        monkeypatch.setenv("CORRIDORS_EDITIONS", str(tmp_path / "editions"))
        return publish(data, tmp_path / "editions")

    return made
