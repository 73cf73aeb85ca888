"""What people type and what they should find first: names, other names, other scripts, subjects, typing errors."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors import catalog
from corridors.views import find
from tests.sampling import members


@pytest.fixture(scope="module")
def known(edition_id) -> find.Index:
    return find.index(edition_id)


ASKED = list(csv.DictReader(Path(__file__).with_name("find.csv").read_text(encoding="utf-8").splitlines()))


@pytest.mark.parametrize("row", ASKED, ids=lambda row: row["typed"])
def test_the_first_answer_is_the_right_one(known, row):
    found = find.search(known, row["typed"])
    assert found and next(iter(found.values()))[0].key == row["first_answer"], row


@pytest.mark.parametrize("text", ["", "   ", "xyzzy", "qqqq", "?", "🙂", "the", "interviews"])
def test_what_is_not_there_is_not_found(known, text):
    assert find.search(known, text) == {}


def test_every_member_is_found_by_each_of_its_names_and_answers_are_short(known):
    vocabulary = catalog.load().members
    for iso3 in members(vocabulary):
        member = vocabulary[iso3]
        for name in filter(None, (iso3, member.name, member.short_name, member.listed_as, *member.aliases)):
            assert next(iter(find.search(known, name).values()))[0].key == f"member:{iso3}", name
    assert all(
        len(answer.label) <= find.LONGEST and answer.group in find.GROUPS and "nan" not in answer.label.split(", ")
        for answer in known.answers.values()
    )


@pytest.mark.parametrize(
    ("typed", "iso3"),
    [("ไทย", "THA"), ("中国", "CHN"), ("Việt", "VNM"), ("Burma", "MMR"), ("UAE", "ARE"), ("DPRK", "PRK"), ("Laos", "LAO")],
)
def test_a_chooser_knows_members_by_the_names_that_find_knows(typed, iso3):
    assert {code for name, code in find.other_names().items() if typed in name} == {iso3}


def test_every_synonym_leads_somewhere(known):
    assert len(known.subjects) > 150 and all(known.subjects.values())


@given(st.text(max_size=200))
def test_no_text_however_odd_raises_or_gives_more_than_a_handful(known, text):
    assert all(len(answers) <= find.MOST for answers in find.search(known, text).values())
