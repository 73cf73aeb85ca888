"""What is said of a series: tests that fit short and correlated series, steps as open questions, and what the counts say."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from corridors import catalog
from corridors.catalog import words
from corridors.statistics import counts, trend
from corridors.store.queries.figures import ask
from corridors.store.queries.figures import breaks as breaks_of
from corridors.store.queries.quality import trends as trends_of
from corridors.views.figure import breaks_for


def statistic(values) -> int:
    return sum((b > a) - (b < a) for a, b in itertools.combinations(values, 2))


@given(st.lists(st.integers(0, 4), min_size=6, max_size=7))
def test_the_exact_p_value_is_the_share_of_all_orders(values):
    found = trend.mann_kendall(values)
    every = [abs(statistic(order)) >= abs(found.s) for order in itertools.permutations(values)]
    assert found.p_value == pytest.approx(sum(every) / len(every))


@pytest.mark.parametrize(("n", "p"), [(6, 2 / 720), (7, 2 / 5040), (9, 2 / 362_880)])
def test_a_steady_rise_of_few_years_has_the_p_value_of_the_tables(n, p):
    """Kendall's table: one of n! orders rises throughout, and one falls. The normal value at six years is three times that."""
    assert trend.mann_kendall(range(n)).p_value == pytest.approx(p)
    assert 2 * (1 - 0.5 * (1 + math.erf(trend.mann_kendall(range(6)).z / math.sqrt(2)))) > 3 * 2 / 720


def test_years_that_resemble_their_neighbours_are_no_evidence_of_a_trend():
    rng = np.random.default_rng(15)
    alarms = plain = 0
    for _ in range(300):
        x = [0.0]
        for _ in range(39):
            x.append(0.7 * x[-1] + rng.normal())
        found, factor = trend.mann_kendall(x), trend.serial_factor(x)
        alarms += found.p_value < 0.05
        plain += math.erfc(abs(found.z) * math.sqrt(factor) / math.sqrt(2)) < 0.05
    assert plain > 70 and alarms < 0.7 * plain


def test_independent_years_keep_their_variance():
    rng = np.random.default_rng(3)
    assert np.mean([trend.serial_factor(rng.normal(size=25)) for _ in range(100)]) < 1.3
    assert trend.serial_factor([5.0] * 12) == 1.0


def test_the_factor_of_hamed_and_rao_is_what_their_formula_says():
    x = [3, 5, 4, 8, 9, 7, 12, 13, 11, 9, 6, 5, 4, 3, 5, 8]
    n, steps = len(x), np.arange(len(x))
    ranks = stats.rankdata(np.array(x, float) - stats.theilslopes(x, steps).slope * steps)
    c = ranks - ranks.mean()
    total = 0.0
    for k in range(1, n - 2):
        r = float((c[k:] * c[:-k]).sum() / (c * c).sum())
        bound = 1.959964 * math.sqrt(n - k - 1)
        if r > (-1 + bound) / (n - k) or r < (-1 - bound) / (n - k):
            total += (n - k) * (n - k - 1) * (n - k - 2) * r
    assert trend.serial_factor(x) == pytest.approx(max(1, 1 + 2 * total / (n * (n - 1) * (n - 2))), rel=1e-6) and total > 0


def test_the_latest_count_is_held_against_the_earlier_with_over_dispersion():
    found = counts.latest_against_earlier([353, 317, 358, 167, 29, 53])
    assert found.ratio == pytest.approx(53 / 244.8) and found.dispersion == pytest.approx(84.1, abs=0.1)
    assert found.lower < found.ratio < 1 < found.upper, "the earlier years alone differ as much"
    steady = counts.latest_against_earlier([100, 104, 97, 101, 99, 20])
    assert steady.dispersion == 1 and steady.upper < 1
    assert counts.latest_against_earlier([1, 2, 3]) is None and counts.latest_against_earlier([4, 5, 6, 0]) is None


def of(edition_id, iso3, indicator, view="place"):
    rows = trends_of(edition_id, iso3)
    return next(rows[(rows.indicator_id == indicator) & (rows["view"] == view)].itertuples())


def test_a_swing_is_no_steady_rise_or_fall_and_the_counts_are_said(edition_id):
    thailand, myanmar = (of(edition_id, iso3, "detected_victims") for iso3 in ("THA", "MMR"))
    assert thailand.verdict == myanmar.verdict == "no steady rise or fall"
    said = words.verdict(thailand)
    assert said.startswith("No steady rise or fall over 2017–2022; the latest is 0.53 times the mean of the years before")
    assert "which can be chance" in said and "1,541 in 2019, 155 in 2020" in said and said.endswith("295 in 2022")
    assert "353 in 2017, 317 in 2018, 358 in 2019, 167 in 2020, 29 in 2021, 53 in 2022" in words.verdict(myanmar)


def test_few_events_growth_everywhere_and_a_publishers_warning_get_no_test(edition_id):
    rows = ask(edition_id, "select indicator_id, iso3, verdict, note from trend")
    for indicator in ("population", "internet_users", "deaths_and_disappearances", "migrant_stock"):
        assert (rows[rows.indicator_id == indicator].verdict == "not tested").all()
    small = rows[(rows.iso3 == "BTN") & (rows.indicator_id == "persons_convicted")].iloc[0]
    assert small.verdict == "not tested" and "At most 17 in every year" in small.note
    chance = {i.id for i in catalog.load().indicators.values() if i.chance}
    tested = ask(edition_id, "select theme, p, q from trend join indicator using (indicator_id) where p is not null")
    for _, family in tested.groupby("theme"):  # false alarms are controlled by theme
        assert family.q.to_numpy() == pytest.approx(stats.false_discovery_control(family.p.to_numpy()))
    assert chance == {"fatal_incidents"}, "people are found in groups, so their counts have no interval of chance"


def test_a_step_is_an_open_question_that_no_test_crosses(edition_id):
    """UNHCR: refugees in China, 303,434 in 2021 and 318 in 2022."""
    row = of(edition_id, "CHN", "refugees")
    assert (row.first_year, row.since_break) == (2022, 2022) and row.verdict == "too few years"
    assert of(edition_id, "CHN", "refugees", "partner").first_year == 2000, "the other end has no step"
    question = ask(edition_id, "from check_result where name = 'every step in a series is decided'").iloc[0]
    steps = ask(edition_id, "from series_break where not decided")
    assert question.offenders == len(steps) > 10
    figure = next(
        ask(
            edition_id,
            "from figure_annotated where iso3 = 'CHN' and indicator_id = 'refugees' and partner_iso3 is null and year = 2023",
        ).itertuples()
    )
    assert figure.use_trend == "since 2022"
    drawn = breaks_for(breaks_of(edition_id), figure)
    assert [y for y, _ in drawn] == [2022] and drawn[0][1].endswith("from 303,434 to 318")
