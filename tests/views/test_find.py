"""What people type and what they should find first: names, other names, other scripts, subjects, typing errors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors import catalog
from corridors.views import find


@pytest.fixture(scope="module")
def known(edition_id) -> find.Index:
    return find.index(edition_id)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Rohingya", "family:andaman"),
        ("rohingas", "family:andaman"),
        ("Cox's Bazar", "family:andaman"),
        ("scam centre", "family:compounds"),
        ("scam", "family:compounds"),
        ("boat", "family:andaman"),
        ("brides", "route:R16"),
        ("fishing", "route:R20"),
        ("Lampedusa", "family:west"),
        ("R10", "route:R10"),
        ("r7", "route:R07"),
        ("indonesia to australia", "route:R25"),
        ("mae sot", "place:mae-sot"),
        ("uganda", "corridor:UGA"),
        ("Burma", "member:MMR"),
        ("UAE", "member:ARE"),
        ("DPRK", "member:PRK"),
        ("PNG", "member:PNG"),
        ("south korea", "member:KOR"),
        ("Turkey", "member:TUR"),
        ("turkiye", "member:TUR"),
        ("vietnam", "member:VNM"),
        ("Việt Nam", "member:VNM"),
        ("laos", "member:LAO"),
        ("HK", "member:HKG"),
        ("tailand", "member:THA"),
        ("philipines", "member:PHL"),
        ("ไทย", "member:THA"),
        ("中国", "member:CHN"),
        ("インドネシア", "member:IDN"),
        ("бангладеш", "member:BGD"),
        ("trafficking victims", "figure:detected_victims"),
        ("trafiking victims", "figure:detected_victims"),
        ("convictions", "figure:persons_convicted"),
        ("how many died", "figure:deaths_and_disappearances"),
        ("remittances", "figure:remittances_received"),
        ("tolerance", "figure:control_of_corruption"),
        ("smugling", "figure:smuggling_offences"),
        ("asylum claims", "figure:asylum_applications_new"),
        ("masked", "word:Masked"),
        ("<5", "word:Masked"),
        ("tlp", "word:TLP"),
        ("C07", "caveat:C07"),
        ("UNHCR", "source:UNHCR: Refugee Data Finder"),
        ("who committed", "page:action Joint action: who committed to what"),
        ("commit", "page:action Joint action: who committed to what"),
        ("compare", "page:corridor Corridor: two places side by side"),
        ("lessons", "page:lessons Lessons of the periods"),
        ("download", "page:take-away Take away: brief, tables, pictures"),
    ],
)
def test_the_first_answer_is_the_right_one(known, text, first):
    found = find.search(known, text)
    assert found, text
    assert next(iter(found.values()))[0].key == first


@pytest.mark.parametrize("text", ["", "   ", "xyzzy", "qqqq", "?", "🙂", "the", "interviews"])
def test_what_is_not_there_is_not_found(known, text):
    assert find.search(known, text) == {}


def test_every_member_is_found_by_each_of_its_names_and_answers_are_short(known):
    for iso3, member in catalog.load().members.items():
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
