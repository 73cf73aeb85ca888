"""What the tests of protection share: a data folder of their own, a seed for a module, and a folder of editions."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def seed_file(tmp_path_factory) -> Path:
    """A seed that the tests of a module share."""
    path = tmp_path_factory.mktemp("secret") / "seed"
    path.write_text("0123456789abcdef" * 4, encoding="ascii")
    path.chmod(0o600)
    return path


@pytest.fixture
def bare(tmp_path) -> Path:
    """A data folder of a test's own in which nothing lies yet, not even a seed."""
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


@pytest.fixture
def data(bare, seed_file, monkeypatch) -> Path:
    """A data folder whose seed is the one that these tests share: a table of noise takes half a second to make."""
    monkeypatch.setenv("CORRIDORS_SEED_FILE", str(seed_file))
    return bare


@pytest.fixture
def where(tmp_path, monkeypatch) -> Path:
    """A folder of editions of the test's own, where readers look too."""
    monkeypatch.setenv("CORRIDORS_EDITIONS", str(tmp_path / "editions"))
    return tmp_path / "editions"
