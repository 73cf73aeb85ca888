"""Small originals of the source whose tests lie beside them."""

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def folder(request, tmp_path) -> Path:
    """A copy of the sample in the publisher's own format, which a test may spoil."""
    here = request.path.parent
    return Path(shutil.copytree(here / "sample", tmp_path / here.name))
