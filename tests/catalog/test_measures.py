"""What a member may report: the measures are sound, and a slip of the pen in them is refused by name."""

from __future__ import annotations

import shutil

import pytest

from corridors import catalog
from etl import frames
from tests.etl.sources.reader import spoil


@pytest.fixture
def folder(tmp_path):
    """A copy of the vocabulary that a test may spoil."""
    for path in [*catalog.HERE.glob("*.toml"), *catalog.HERE.glob("*.csv")]:
        shutil.copy(path, tmp_path)
    return tmp_path


def test_there_is_enough_for_a_briefing_and_each_says_what_is_counted():
    measures = catalog.load().measures
    assert len(measures) >= 25
    for measure in measures.values():
        assert len(measure.definition.split()) >= 8 and measure.definition.endswith("."), measure.id
        assert measure.differs.endswith("."), measure.id


def test_no_measure_is_part_of_the_other_crime_and_codes_belong_to_the_right_one():
    measures = catalog.load().measures
    codes = {"trafficking": ("", "0204"), "smuggling": ("", "08051"), "both": ("",)}
    for measure in measures.values():
        assert not measure.part_of or measures[measure.part_of].crime == measure.crime, measure.id
        assert measure.iccs in codes[measure.crime], measure.id
    names = [m.name.casefold() for m in measures.values()]
    assert len(names) == len(set(names))


def test_only_victims_are_split_by_form_of_exploitation():
    words = catalog.load()
    assert all(words.measures[m].unit == "victim" for m in words.measures if words.measures[m].by_form)
    assert {"total", "sexual_exploitation", "forced_labour", "other"} <= set(words.forms) & set(frames.FORMS)


@pytest.mark.parametrize(
    "old, new, said",
    [
        ('unit = "vessel"', 'unit = "ship"', "unit “ship” is not declared"),
        ('compares_with = "detected_victims"', 'compares_with = "victims"', "compares_with “victims” is not declared"),
        ('part_of = "arrivals_irregular"', 'part_of = "arrivals"', "part_of “arrivals” is not declared"),
        ('part_of = "arrivals_irregular"', 'part_of = "vessels_arrived"', "which counts in “vessel”"),
        ('part_of = "arrivals_irregular"', 'part_of = "arrivals_sea"', "is part of itself"),
        ('caveats = ["C80", "C81"]', 'caveats = ["C00"]', "caveats “C00” is not declared"),
        ('after = "trafficking_suspects"', 'after = "suspects"', "after “suspects” is not declared"),
        ('confused_with = "vessels_arrived"', 'confused_with = "boats"', "confused_with “boats” is not declared"),
        ('after = "trafficking_suspects"', 'after = "trafficking_prosecuted"', "follows on itself"),
        ('confused_with = "vessels_arrived"', 'confused_with = "arrivals_irregular"', "name one of another unit"),
        ('stage = "loss"', 'stage = "end"', "stage “end” is not declared"),
    ],
)
def test_a_slip_of_the_pen_is_refused_with_its_entry(folder, old, new, said):
    spoil(folder / "measures.toml", old, new)
    with pytest.raises(catalog.CatalogFault, match="measures.toml, entry") as fault:
        catalog.load.__wrapped__(folder)
    assert said in str(fault.value)
