"""The grade of a figure, against the worked examples of the method and under every cap."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors.statistics.quality import AGREEMENT, DIMENSIONS, METHOD, SOURCE, WORDS, coverage_score, grade, in_words

PERFECT = {"coverage": 1.0, "method": "linked unit records", "reliability": "A", "credibility": "1"}
inputs = st.fixed_dictionaries(
    {
        "coverage": st.one_of(st.none(), st.floats(0, 1)),
        "method": st.sampled_from([*METHOD, "nobody says"]),
        "reliability": st.sampled_from("ABCDEF"),
        "credibility": st.sampled_from("123456"),
    }
)


@pytest.mark.parametrize(
    ("given_", "letter", "total"),
    [
        ({**PERFECT, "coverage": 12 / 12}, "A", 12),
        ({"coverage": 0.75, "method": "administrative total", "reliability": "B", "credibility": "1"}, "B", 8),
        ({"coverage": 0.8, "method": "administrative total", "reliability": "B", "credibility": "3"}, "B", 7),
        ({"coverage": 0.7, "method": "administrative total", "reliability": "B", "credibility": "3"}, "C", 6),
        ({"coverage": 0.4, "method": "administrative total", "reliability": "B", "credibility": "3"}, "D", 5),
        ({**PERFECT, "method": "model with interval"}, "B", 11),
        ({"coverage": None, "method": "media", "reliability": "F", "credibility": "3"}, "U", None),
        ({**PERFECT, "coverage": None}, "C", 9),
    ],
)
def test_the_examples_of_the_method(given_, letter, total):
    made = grade(**given_)
    assert made.letter == letter
    if total is not None:
        assert sum(s for s in made.scores.values() if s is not None) == total


@pytest.mark.parametrize(
    ("share", "score"),
    [(1, 3), (0.95, 3), (0.949, 2), (0.80, 2), (0.79, 1), (0.50, 1), (0.499, 0), (0, 0), (None, None)],
)
def test_coverage_is_scored_at_its_thresholds(share, score):
    assert coverage_score(share) == score


@pytest.mark.parametrize(
    ("change", "letter"),
    [
        ({"coverage": 0.49}, "D"),  # a missing half of the reports makes the best figure weak
        *(({"reliability": letter}, "C") for letter in "DE"),  # one nought is not bought back by three perfect scores
        *(({"credibility": digit}, "C") for digit in "45"),
        *(({"method": model}, "B") for model in ("model with interval", "model")),  # a model is never graded A
    ],
)
def test_one_weak_dimension_caps_the_letter(change, letter):
    assert grade(**{**PERFECT, **change}).letter == letter


@pytest.mark.parametrize("change", [{"coverage": None}, {"reliability": "F"}, {"credibility": "6"}])
def test_one_unknown_caps_at_c_two_are_not_graded_and_cannot_be_judged_is_unknown_and_not_worst(change):
    made = grade(**{**PERFECT, **change})
    assert made.letter == "C" and list(made.scores.values()).count(None) == 1
    made = grade(**{**PERFECT, **change, "method": "nobody says"})
    assert made.letter == "U" and made.reason.startswith("Not graded")
    assert "F" not in SOURCE and "6" not in AGREEMENT


def test_the_reason_names_the_weakest_dimension_in_words_that_can_be_read_aloud():
    assert grade(0.6, "administrative total", "B", "2").reason == "Half to four fifths of the expected reports came in"
    assert grade(None, "linked unit records", "A", "3").reason == "No second source to compare with; coverage unknown"
    assert all(len(words) == 4 for words in WORDS.values())


def test_a_model_is_called_a_model_and_nothing_is_called_fresh_where_coverage_is_worst():
    for method, (score, said) in METHOD.items():
        assert in_words("method", score, method) == said and ("administrative" in said) == method.startswith(
            "administrative"
        )
    made = grade(0.1, "model with interval", "A", "1")
    assert made.reason == "Under half of the expected reports came in" and "timeliness" not in DIMENSIONS


@given(inputs)
def test_every_figure_gets_a_letter_and_a_reason_and_no_cap_is_broken(given_):
    made = grade(**given_)
    unknown = [s for s in made.scores.values() if s is None]
    assert made.letter in "ABCDU" and made.reason
    assert (made.letter == "U") == (len(unknown) >= 2)
    if made.letter in "AB":
        assert not unknown and 0 not in made.scores.values()
    if made.scores["coverage"] == 0 and made.letter != "U":
        assert made.letter == "D"


@given(inputs, st.floats(0, 1))
def test_a_better_figure_is_never_graded_worse(given_, more):
    """More reports never cost a letter, all else equal."""
    if given_["coverage"] is None:
        return
    better = {**given_, "coverage": max(more, given_["coverage"])}
    assert grade(**better).letter <= grade(**given_).letter
