"""A data folder of its own for every test of briefings."""

from pathlib import Path

import pytest

from tests.etl.briefings import desk


@pytest.fixture
def data(tmp_path) -> Path:
    """A small data folder that a test may fill."""
    return desk.made(tmp_path / "data")
