"""How figures are said: a range holds what may be true, and zero, masked and missing never read alike."""

from __future__ import annotations

import re
from datetime import date
from types import SimpleNamespace

import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from corridors.catalog import words

counts = st.integers(min_value=0, max_value=10**9)
MISSING = [None, float("nan")]


def printed(text: str) -> list[int]:
    """The numbers in a text."""
    return [int(n.replace(",", "")) for n in re.findall(r"\d[\d,]*", text)]


@pytest.mark.parametrize(
    ("value", "lower", "upper", "said"),
    [
        (1541, None, None, "1,541"),
        (0, None, None, "0"),
        (None, 1, 4, "1–4"),
        (None, 201, 209, "201–209"),
        (None, 3, 3, "3"),
        (None, None, None, "not known"),
        (None, 1, None, "not known"),
        (float("nan"), 1, 4, "1–4"),
        (None, 1177990, 1178010, "≈ 1,180,000"),
        (None, 990, 1000, "≈ 995"),
        (None, 980, 1000, "980–1,000"),
    ],
)
def test_a_card_says_a_value_a_range_or_that_nothing_is_known(value, lower, upper, said):
    assert words.amount(value, lower, upper) == said


@given(counts, counts)
def test_a_range_always_holds_its_bounds_and_a_rounded_one_stays_possible(one, other):
    lower, upper = sorted((one, other))
    text = words.amount(None, lower, upper)
    if text.startswith(words.ABOUT):
        (number,) = printed(text)
        assert lower <= number <= upper and upper - lower <= upper / 100
    else:
        assert printed(text) in ([lower, upper], [upper] if lower == upper else None)


@given(counts)
def test_a_value_is_printed_whole(value):
    assert printed(words.amount(value)) == [value]


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.sampled_from(MISSING))
def test_zero_masked_and_missing_never_print_the_same(one, other, nothing):
    lower, upper = sorted((one, other))
    assume(lower < upper)
    cases = [(0, nothing, nothing), (nothing, lower, upper), (nothing, nothing, nothing)]
    assert len({words.amount(*case) for case in cases}) == 3


@given(st.sampled_from(MISSING), st.one_of(st.sampled_from(MISSING), counts), st.sampled_from(MISSING))
def test_what_is_not_known_never_prints_a_number(value, lower, upper):
    assert words.amount(value, lower, upper) == "not known"


@pytest.mark.parametrize(
    ("start", "end", "kind", "said"),
    [
        (date(2022, 1, 1), date(2022, 12, 31), "flow", "2022"),
        (date(2025, 12, 31), date(2025, 12, 31), "stock", "end of 2025"),
        (date(2025, 6, 30), date(2025, 6, 30), "stock", "on 30 June 2025"),
        (date(2025, 1, 1), date(2025, 9, 8), "flow", "1 January to 8 September 2025"),
        (date(2013, 1, 1), date(2022, 12, 31), "flow", "2013 to 2022"),
        (date(2021, 7, 1), date(2022, 6, 30), "flow", "1 July 2021 to 30 June 2022"),
    ],
)
def test_a_period_is_said_as_people_say_it(start, end, kind, said):
    assert words.period(start, end, kind) == said


@given(st.dates(date(2000, 1, 1), date(2030, 12, 31)), st.integers(0, 1500))
def test_a_period_always_names_its_last_year_and_its_first_when_it_differs(start, days):
    end = date.fromordinal(start.toordinal() + days)
    text = words.period(start, end, "flow")
    assert str(end.year) in text and str(start.year) in text


@pytest.mark.parametrize(
    ("part", "said"),
    [(0, "0\u00a0%"), (0.001, "under 1\u00a0%"), (0.38, "38\u00a0%"), (0.5138, "51\u00a0%"), (0.995, "over 99\u00a0%")],
)
def test_a_share_has_no_false_precision_and_little_is_not_none(part, said):
    assert words.share(part) == said


@given(st.floats(0, 1))
def test_only_nothing_reads_as_none(part):
    assert (words.share(part) == "0\u00a0%") == (part == 0)


@given(st.lists(st.text(st.characters(categories=["L"]), min_size=1), max_size=6))
def test_a_listing_names_everybody_once(names):
    text = words.listing(names)
    assert (text == "") == (not names)
    assert text.replace(" and ", ", ").split(", ") == (names or [""])


def test_grades_listings_and_equal_ends_read_as_sentences():
    assert words.listing(["Fiji", "Palau", "Tonga"]) == "Fiji, Palau and Tonga" and words.listing(["Fiji"]) == "Fiji"
    assert list(words.GRADE) == list("ABCDU") and list(words.RELIABILITY) == list("ABCDEF")
    assert list(words.CREDIBILITY) == list("123456") and "cannot be judged" in words.RELIABILITY["F"]
    assert "cannot be judged" in words.CREDIBILITY["6"]
    assert words.amount(None, 99.8, 100.0) == "100" and words.amount(None, 99.2, 100.0) == "99–100"
    row = SimpleNamespace(value=2_614_000_000.0, lower=None, upper=None, unit_many="US dollars", decimals=0)
    assert words.figure(row) == "≈ 2.6 billion"


@pytest.mark.parametrize(
    "member, start, end, said",
    [
        ("AUS", "2021-07-01", "2022-06-30", "fiscal year 2021/22: 1 July 2021 to 30 June 2022"),
        ("IND", "2010-04-01", "2012-03-31", "fiscal year 2010/11 to 2011/12: 1 April 2010 to 31 March 2012"),
        ("AUS", "2021-01-01", "2021-12-31", "2021"),
        ("CHN", "2021-07-01", "2022-06-30", "1 July 2021 to 30 June 2022"),
    ],
)
def test_a_members_own_period_is_said_with_the_name_of_its_fiscal_year(member, start, end, said):
    for kind in (date.fromisoformat, pd.Timestamp):  # a page's rows have moments
        assert words.period_of_member(member, kind(start), kind(end)) == said
