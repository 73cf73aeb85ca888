"""Asylum decisions of level FA (first instance and appeal together) in UNHCR's own file, where it is at hand."""

from pathlib import Path

import pandas as pd
import pytest

from corridors import catalog
from etl.sources.unhcr import read as unhcr
from tests.etl.sources.reader import Reader

READER = Reader("unhcr")
ORIGINALS, pytestmark = READER.originals, READER.on_the_originals


DECISIONS = ("decisions_recognised", "decisions_complementary", "decisions_rejected")


@pytest.fixture(scope="module")
def published():
    rows = pd.read_csv(ORIGINALS / "asylum_decisions.csv", keep_default_na=False, dtype=str)
    rows = rows[(rows.dec_level == "FA") & (rows.dec_pc == "P")]
    numbers = [c for c in rows if c.startswith("dec_") and c not in ("dec_level", "dec_pc")]
    return rows.assign(**{c: pd.to_numeric(rows[c], errors="coerce").fillna(0) for c in numbers})


@pytest.mark.parametrize(
    ("iso3", "in_all"), [("KOR", 62_495), ("MYS", 83_983), ("THA", 52_072), ("AUS", 33_256), ("PAK", 31_224)]
)
def test_decisions_with_appeals_are_imported_where_they_are_the_only_level(published, iso3, in_all):
    rows = published[published.coa_iso == iso3]
    assert rows.dec_total.sum() == in_all
    decided = rows[["dec_recognized", "dec_other", "dec_rejected"]].sum().sum()
    assert decided + rows.dec_closed.sum() == pytest.approx(in_all, rel=0.001)  # each count is rounded by itself
    held = pd.read_csv(
        Path(__file__).resolve().parents[4] / "data/sources/unhcr/figures.csv", keep_default_na=False, dtype=str
    )
    held = held[(held.iso3 == iso3) & held.indicator_id.isin(DECISIONS) & held.provider_label.str.endswith("/FA")]
    low, high = (pd.to_numeric(held.value.where(held.value != "", held[c])).sum() for c in ("lower", "upper"))
    # no corridor: an origin of UNHCR's own that is the country itself; else every published person is in the sums
    assert low <= decided <= high and high - low < 0.1 * decided, (low, decided, high)


def test_appeals_never_stand_beside_first_instance_of_the_same_authority_and_year():
    figures = unhcr.to_figures(unhcr.read(ORIGINALS), catalog.load(), 2026).figures
    figures = figures[figures.indicator_id.isin(DECISIONS)]
    level = figures.provider_label.str.split("/").str[-1]
    authority = (
        figures.iso3 + figures.period_end.str[:4] + figures.provider_label.str.split(" ").str[1].str.split("/").str[0]
    )
    assert not set(authority[level == "FA"]) & set(authority[level != "FA"])
    assert (level == "FA").sum() > 3000
