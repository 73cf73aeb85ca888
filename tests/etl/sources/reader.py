"""What the tests of every source share: its reader as a build uses it, and what of its originals is held."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path

import pandas as pd
import pytest

from corridors import catalog, paths
from corridors.problems import SourceRefused

LATEST = 2026
SHARED = Path(__file__).resolve().parents[4] / "shared" / "originals"


class Reader:
    """The reader of one source. `originals` is a folder beside the project, `on_the_originals` marks tests that need it."""

    def __init__(self, source: str):
        self.module = import_module(f"etl.sources.{source}.read")
        self.originals = SHARED / source
        self.on_the_originals = pytest.mark.skipif(
            not self.originals.is_dir(), reason="the publisher's files are not on this machine"
        )

    def extracted(self, folder: Path, latest: int = LATEST):
        """What the reader makes of a folder, every cell accounted for."""
        return self.module.to_figures(self.module.read(folder), catalog.load(), latest).balanced()

    def refusal(self, folder: Path, latest: int = LATEST) -> str:
        """What the reader says of a folder that it refuses."""
        with pytest.raises(SourceRefused) as refused:
            self.extracted(folder, latest)
        return str(refused.value)


@cache
def held(source: str, table: str = "figures") -> pd.DataFrame:
    """A table of the source in the project's data: what its originals give, as test_contract.py holds; not to be changed."""
    blank = dict.fromkeys(("value", "lower", "upper"), "")
    return pd.read_csv(
        paths.source_table(paths.DATA, source, table), keep_default_na=False, na_values=blank, low_memory=False
    )


def spoil(path: Path, old: str, new: str) -> None:
    """Writes something else into a file, once."""
    text = path.read_text(encoding="utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def only(result) -> pd.Series:
    """The one figure that there must be."""
    assert len(result.figures) == 1, result
    return result.figures.iloc[0]


def by_year(result, indicator: str) -> dict:
    """(place, year) to the number."""
    f = result.figures[result.figures["indicator_id"] == indicator]
    return dict(zip(zip(f["iso3"], f["period_end"].str[:4]), f["value"]))


def by_ends(result) -> dict:
    """(residence, origin, day) to the number."""
    f = result.figures
    return dict(zip(zip(f["iso3"], f["partner_iso3"], f["period_end"]), f["value"]))
