"""Names of countries as people write them: taken where they mean one place only, never guessed."""

from __future__ import annotations

import csv
import unicodedata
from pathlib import Path

import pytest
from babel.core import get_global
from hypothesis import given
from hypothesis import strategies as st

from corridors import catalog
from corridors.catalog import person_names
from corridors.catalog.country_names import in_many_languages
from etl.briefings.model import CHOICES
from etl.submissions import nearest
from tests.sampling import all_or

NAMES = list(csv.DictReader(Path(__file__).with_name("country_names.csv").read_text(encoding="utf-8").splitlines()))


@pytest.mark.parametrize("row", NAMES, ids=lambda row: row["said"])
def test_a_name_that_means_one_country_is_taken_and_a_misspelt_or_shared_one_only_offered(row):
    match = nearest.country(row["said"])
    if row["how"] in ("exact", "alias"):
        assert (match.how, match.key) == (row["how"], row["iso3"])
    elif row["how"] == "offered":
        assert not match.accepted and not match.key and row["iso3"] in match.candidates
    else:  # a code, a people, a name in a member's own language
        assert row["how"] == "offered alone" and match == nearest.Match(nearest.NEAR, candidates=(row["iso3"],))


def test_two_countries_that_share_a_name_are_both_offered():
    assert set(nearest.country("Korea").candidates) == {"KOR", "PRK"}


@pytest.mark.parametrize("text", ["Rohingya", "xyzzy", "", "?", "12", "a" * 10_000])
def test_what_is_near_to_nothing_offers_nothing(text):
    match = nearest.country(text)
    assert (match.how, match.key, match.candidates) == ("unknown", "", ())


@given(st.sampled_from(sorted(catalog.load().iso3_by_name)))
def test_every_name_of_the_catalog_is_taken_as_its_own_country(name):
    assert nearest.country(name.upper()).key == catalog.load().iso3_by_name[name]


@given(st.text(max_size=60))
def test_no_text_can_break_the_search_and_none_is_guessed(text):
    match = nearest.country(text)
    assert match.accepted == bool(match.key)
    assert set(match.candidates) <= set(catalog.load().countries) | set(catalog.load().members)


@given(st.sampled_from(sorted(m.name for m in catalog.load().members.values() if len(m.name) > 6)), st.integers(1, 4))
def test_a_member_with_a_letter_left_out_is_offered(name, at):
    match = nearest.country(name[:at] + name[at + 1 :])
    assert match.candidates == () or catalog.load().find(name) in match.candidates


@pytest.mark.parametrize("text", ["Austrlia", "Lagos", "Niger1a", "Guyena", "Slovania", "Swazia", "THAI", "TH A"])
def test_where_two_names_are_about_as_near_or_the_word_is_short_nothing_is_offered_but_a_question(text):
    """Never a list of guesses, and never a code that another is like."""
    match = nearest.country(text)
    assert not match.accepted and len(match.candidates) <= 1 and match.candidates != ("LAO",)
    assert text != "Austrlia" or match.how == "unknown"


def test_an_id_typed_as_its_label_is_found_and_a_misspelt_one_is_offered():
    options = {
        "victims_identified": "Victims of trafficking identified",
        "arrivals_sea": "People who arrived irregularly by sea",
    }
    assert nearest.word("Victims of trafficking identified", options).key == "victims_identified"
    assert nearest.word("victims identifed", options).candidates == ("victims_identified",)
    assert nearest.word("rainfall", options).how == "unknown"


@pytest.mark.parametrize(
    "column, said, option",
    [
        *(("age", "<18", "0-17"), ("age", "under 18", "0-17"), ("age", "18 years and over", "18+"), ("age", "≥18", "18+")),
        *(("age", "17", "0-17"), ("age", "๑๗", "0-17"), ("age", "<15", ""), ("age", "15+", ""), ("age", "Adults", "18+")),
        *(("sex", "ชาย", "male"), ("sex", "女", "female"), ("sex", "Laki-laki", "male"), ("sex", "Both", "total")),
        *(("sex", "femal", "female"), ("sex", "fml", ""), ("age", "adul", "")),
    ],
)
def test_the_option_that_an_office_means_is_offered_and_never_its_opposite(column, said, option):
    options = {"sex": CHOICES["sexes"], "age": CHOICES["ages"]}[column]
    assert nearest.meant(column, said, options) == option


@pytest.mark.parametrize("said", ["ASEAN", "Non-ASEAN", "South Asia", "Asia", "Other Europe", "world"])
def test_a_group_of_countries_is_known_as_one(said):
    assert nearest.is_region(said)


def test_no_two_letter_code_leads_to_another_country():
    two = get_global("territory_aliases")
    for iso3 in catalog.load().members:
        found = nearest.country(two[iso3][0])
        assert (found.key or found.candidates) in (iso3, (iso3,)), (two[iso3][0], found)
    assert not nearest.country("ZZ").candidates and not nearest.country("Asia").candidates


def dictionary() -> list[tuple[str, frozenset[str]]]:
    """Every word by which the dictionaries name a country, with all the countries that it may mean."""
    vocabulary = catalog.load()
    meant: dict[str, set[str]] = {}
    for name, key in vocabulary.iso3_by_name.items():
        meant.setdefault(name, set()).add(key)
    for name, keys in in_many_languages(frozenset(vocabulary.countries)).items():
        meant.setdefault(name, set()).update(keys)
    for name, keys in nearest.SHARED.items():
        meant.setdefault(name, set()).update(keys)
    for name, key in nearest.MORE_PEOPLES.items():
        meant.setdefault(name, set()).add(key)
    for name in list(meant):  # what two words become when they are compared is one word
        for other in (vocabulary.find(name), *nearest.SHARED.get(nearest.reduce(name), ())):
            meant[name] |= {other} - {None}
    return sorted((name, frozenset(keys)) for name, keys in meant.items())


WORDS = dictionary()
SPOILT = {
    "as it is": lambda word: word,
    "upper case": str.upper,
    "title case": str.title,
    "swapped case": str.swapcase,
    "spaces around": lambda word: f"  {word} ",
    "other spaces": lambda word: "\u00a0" + word.replace(" ", "\u00a0\u202f") + "\u00a0",
    "diacritics lost": person_names.folded,
    "composed otherwise": lambda word: unicodedata.normalize("NFD", word),
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_word_of_the_dictionary_however_it_is_written_never_gives_another_countrys_code(how):
    """Its own code, or a question that has it among its answers or none at all."""
    vocabulary, wrong = catalog.load(), []
    for word, keys in WORDS[:: all_or(10, 1)]:
        match = nearest.country(SPOILT[how](word), vocabulary)
        if match.accepted and match.key not in keys or match.candidates and not keys & set(match.candidates):
            wrong.append((SPOILT[how](word), sorted(keys), match))
    assert len(WORDS) > 8_000 and not wrong, wrong[:12]


@pytest.mark.parametrize("column", nearest.SYNONYMS)
def test_a_word_for_a_value_of_a_list_however_it_is_written_gives_its_own_or_a_question(column):
    options = {
        "form": list(catalog.load().forms),
        "sex": ["total", "female", "male", "other", "unknown"],
        "age": ["0-17", "18+", "total"],
    }[column]
    for word, value in nearest.SYNONYMS[column].items():
        for how in SPOILT.values():
            assert nearest.synonym(column, how(word), options) == value, (word, how(word))
    for option in options:
        assert nearest.word(SPOILT["upper case"](option), options).key in (option, "")
