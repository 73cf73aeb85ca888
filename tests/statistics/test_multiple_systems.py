"""Hidden numbers: published totals come out, thin tables are refused, and no number hides what it rests on."""

import math
from dataclasses import replace
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from corridors.statistics import model_search, multiple_systems
from corridors.statistics.loglinear import Cells
from corridors.statistics.model_search import best_orders, best_pairs, by_chance, hierarchical, stepwise
from corridors.statistics.overlap_table import COUNT, BadTable, OverlapTable, read
from tests.sampling import all_or

DATA = Path(__file__).resolve().parents[2] / "data" / "multiple_systems"
UK = read((DATA / "uk_2013.csv").read_bytes())
KOSOVO = read((DATA / "kosovo_1999.csv").read_bytes())
ABC = ("A", "B", "C")


def of_patterns(lists: tuple[str, ...], patterns: dict[str, int]) -> OverlapTable:
    """The table of patterns such as {"101": 19}, one digit a list; unnamed patterns are zeros."""
    return read("\n".join([",".join([*lists, COUNT]), *(f"{','.join(p)},{count}" for p, count in patterns.items())]))


def results(table: OverlapTable) -> dict[str, multiple_systems.ModelResult]:
    return {result.key: result for result in multiple_systems.compare(table).models}


def model(table: OverlapTable, *terms: str) -> frozenset[int]:
    return frozenset(sum(1 << table.lists.index(name) for name in term.split(":")) for term in terms)


def test_uk_2013_gives_the_totals_that_were_published():
    assert UK.observed == 2744
    told = results(UK)
    assert told["stepwise"].total == pytest.approx(11418, abs=0.5)
    assert told["chance"].total == pytest.approx(11418, abs=0.5)
    assert told["main"].total == pytest.approx(12214, abs=0.5)
    assert (told["stepwise"].lower, told["stepwise"].upper) == pytest.approx((9982, 13182), abs=0.5)


def test_kosovo_gives_the_totals_that_were_published():
    assert KOSOVO.observed == 4400
    told = results(KOSOVO)
    assert told["pairs"].total == pytest.approx(14342, abs=0.5)
    assert told["orders"].total == pytest.approx(10357, abs=0.5)
    assert told["orders"].terms[-1] == ("EXH", "ABA", "OSCE")


# Ball, Shin and Yang 2018, the women of Palembang on three lists; the totals are those of Silverman's own program
PALEMBANG = of_patterns(("b", "c", "d"), {"001": 41, "010": 5, "100": 5, "110": 54, "101": 6, "011": 0, "111": 12})
# Chan, Silverman and Vincent 2021, tables 2 and 3
ARTIFICIAL = of_patterns(ABC, {"100": 40, "010": 30, "001": 20, "110": 6})


def test_the_rule_of_chan_silverman_and_vincent_gives_the_totals_of_their_program():
    cells = Cells(PALEMBANG)
    chosen = by_chance(cells)
    assert chosen == model(PALEMBANG, "b:c")
    assert cells.n + cells.fit(chosen).hidden == pytest.approx(268.7778, abs=0.0001)
    assert cells.n + cells.fit(best_pairs(cells)).hidden == pytest.approx(157.1667, abs=0.0001)


def test_a_tie_whose_model_does_not_exist_is_discarded_as_in_their_table_3():
    cells = Cells(ARTIFICIAL)
    every = model(ARTIFICIAL, "A:B", "A:C", "B:C")
    assert (cells.exists(every), cells.identifiable(every)) == (True, False)
    assert cells.exists(model(ARTIFICIAL, "A:B")) is False and cells.sound(model(ARTIFICIAL, "A:C", "B:C"))
    assert model(ARTIFICIAL, "A:B").isdisjoint(by_chance(cells))


@pytest.mark.parametrize(
    "patterns",
    [
        {"0001": 67, "0010": 46, "0011": 3, "0100": 15, "0101": 4, "0110": 10, "1000": 81, "1001": 1, "1011": 1, "1100": 7},
        {"0001": 78, "0010": 12, "0100": 92, "0101": 3, "1000": 25, "1001": 10, "1010": 3, "1100": 5, "1110": 1},
    ],
)
def test_steps_of_aic_stop_at_the_best_tie_though_another_would_pass(patterns):
    cells = Cells(of_patterns(tuple("ABCD"), patterns))
    chosen = stepwise(cells)
    before, more = cells.fit(chosen), [chosen | {pair} for pair in cells.pairs if pair not in chosen]
    by_aic = sorted((cells.fit(after).criterion(2.0), *(after - chosen)) for after in more if cells.sound(after))
    chances = [model_search._chance(cells, before, cells.fit(chosen | {pair}), pair) for _, pair in by_aic]
    assert chances[0] >= model_search.THRESHOLD > min(chances)


def test_an_upper_limit_beyond_twice_the_estimate_is_warned_of():
    thin = {"0001": 21, "0010": 114, "0011": 4, "0100": 171, "0110": 3, "1000": 35, "1001": 1, "1010": 9}
    told = multiple_systems.compare(of_patterns(tuple("ABCD"), thin))
    wide = {m.key for m in told.models if m.upper and m.upper > 2 * m.total}
    warned = [w for w in told.warnings if "is more than twice the estimate" in w]
    assert "stepwise" in wide and len(warned) == len(wide)
    assert "Steps of AIC: the upper limit (26,433) is more than twice the estimate (8,375)" in " ".join(warned)


def test_published_tables_are_whole_and_patterns_left_out_of_a_file_are_zeros_in_the_model():
    for table in (UK, KOSOVO):
        assert table.listed == len(table.counts) - 1 and table.filled == 0
    short = "\n".join(line for line in (DATA / "uk_2013.csv").read_text().splitlines() if not line.endswith(",0"))
    table = read(short)
    assert table.listed == 25 and table.filled == 38
    assert multiple_systems.compare(table).to_dict() == multiple_systems.compare(UK).to_dict()


def test_fit_agrees_with_statsmodels():
    for table, terms in (
        (UK, ["LA:NG", "NG:GO", "PF:NCA"]),
        (KOSOVO, ["EXH:ABA", "EXH:OSCE", "ABA:OSCE", "EXH:ABA:OSCE"]),
    ):
        cells, chosen = Cells(table), model(table, *terms)
        kept, _, stay = cells.overlap(chosen)
        glm = sm.GLM(cells.counts[stay], cells.design(kept, stay), family=sm.families.Poisson()).fit(tol=1e-12)
        fit = cells.fit(chosen)
        assert fit.estimate == pytest.approx(np.asarray(glm.params), abs=1e-6)
        assert fit.error == pytest.approx(np.asarray(glm.bse), rel=1e-5)
        assert fit.criterion(2.0) == pytest.approx(glm.aic, abs=1e-6)
        assert fit.deviance == pytest.approx(glm.deviance, abs=1e-6)


def test_two_lists_seen_through_a_third_give_the_textbook_ratio():
    """Saturated in pairs, three lists: hidden = product of odd patterns over product of even ones."""
    c = {"100": 100, "010": 120, "001": 90, "110": 30, "101": 25, "011": 20, "111": 10}
    table = of_patterns(ABC, c)
    cells = Cells(table)
    expected = c["111"] * c["100"] * c["010"] * c["001"] / (c["110"] * c["101"] * c["011"])
    assert cells.fit(frozenset(cells.pairs)).hidden == pytest.approx(expected, rel=1e-9)


def test_best_set_of_pairs_is_the_best_of_all_sets():
    """Branch and bound against every one of the 64 sets of four lists, on resampled tables."""
    assert len(hierarchical(3)) == 8 and len(hierarchical(4)) == len(set(hierarchical(4))) == 113, "as counted by hand"
    chance = np.random.default_rng(5)
    cells = Cells(KOSOVO)
    for size in (4400, 400, 120):
        again = cells.with_counts(chance.multinomial(size, cells.counts / cells.n))
        every = [frozenset(c) for r in range(7) for c in combinations(again.pairs, r)]
        penalty = math.log(again.n)
        lowest = min(again.fit(m).criterion(penalty) for m in every)
        assert cells.with_counts(again.counts).fit(best_pairs(again)).criterion(penalty) == pytest.approx(lowest, abs=1e-6)


def test_profile_interval_holds_its_estimate_and_falls_by_the_right_depth():
    cells = Cells(KOSOVO)
    chosen = best_orders(cells)
    lower, upper = cells.profile(chosen)
    narrow = cells.profile(chosen, level=0.5)
    assert lower < narrow[0] < cells.n + cells.fit(chosen).hidden < narrow[1] < upper


def test_lists_without_a_common_case_leave_the_table_instead_of_running_to_minus_infinity():
    cells = Cells(UK)
    fit = cells.fit(model(UK, "LA:GP", "LA:NG"))
    both = model(UK, "LA:GP")
    assert fit.removed == tuple(both) and np.isfinite(fit.estimate).all()
    assert not fit.means[(cells.histories & min(both)) == min(both)].any()
    assert cells.exists(fit.terms) and cells.identifiable(fit.terms)
    assert fit.parameters == 1 + 6 + 2
    # the value that a parameter running away would approach
    kept, _, stay = cells.overlap(model(UK, "LA:NG"))
    x = np.column_stack([cells.design(kept, stay), ((cells.histories & min(both)) == min(both)).astype(float)])
    far = sm.GLM(cells.counts, x, offset=-30.0 * x[:, -1], family=sm.families.Poisson()).fit()
    assert fit.hidden == pytest.approx(float(np.exp(far.params[0])), rel=1e-4)


@pytest.mark.parametrize(
    ("patterns", "exists", "identifiable"),
    [
        # B and C meet only on A: with all pairs tied every cell must be met exactly, and none says nought
        ({"100": 90, "010": 70, "001": 60, "110": 20, "101": 15, "111": 3}, False, True),
        # A meets only B, and C meets only B; tying all three leaves nothing to learn the third from
        ({"100": 90, "010": 70, "001": 60, "110": 20, "011": 15}, None, False),
    ],
)
def test_a_model_without_a_finite_best_fit_or_that_the_overlaps_cannot_tell_apart_is_not_sound(
    patterns, exists, identifiable
):
    cells = Cells(of_patterns(ABC, patterns))
    every = frozenset(cells.pairs)
    assert cells.identifiable(every) == identifiable and not cells.sound(every) and cells.exists(frozenset())
    assert exists is None or cells.exists(every) == exists


counts3 = st.lists(st.integers(0, 12), min_size=7, max_size=7)


@given(counts3, st.sets(st.sampled_from([3, 5, 6])))
@settings(max_examples=all_or(25, 150), suppress_health_check=[HealthCheck.filter_too_much])
def test_programme_and_fit_agree_on_existence(counts, terms):
    cells = Cells(OverlapTable(ABC, np.array([0, *counts], dtype=float), 7))
    assume(all(cells.together[1 << i] for i in range(3)))
    chosen = frozenset(terms)
    assume(cells.identifiable(chosen))
    exists = cells.exists(chosen)
    assert cells.sound(chosen) == exists
    if exists:
        kept, _, stay = cells.overlap(chosen)
        x = cells.design(kept, stay)
        assert cells.fit(chosen).means[stay] @ x == pytest.approx(cells.counts[stay] @ x, abs=1e-4)


def ladder_of(patterns: dict[str, int], lists=ABC) -> multiple_systems.ModelComparison:
    return multiple_systems.compare(of_patterns(lists, patterns))


GOOD = {"100": 100, "010": 120, "001": 90, "110": 30, "101": 25, "011": 20, "111": 10}


@pytest.mark.parametrize(
    ("patterns", "lists", "said"),
    [
        ({"10": 200, "01": 100, "11": 50}, ("A", "B"), "Fewer than three lists (2)"),
        ({"1": 200}, ("A",), "Fewer than three lists (1)"),
        ({k: v // 10 for k, v in GOOD.items()}, ABC, "Fewer than 100 cases (39)"),
        ({"100": 0}, ABC, "Fewer than 100 cases (0)"),
        ({"100": 100, "010": 80, "110": 40}, ABC, "The list C is empty"),
        ({"100": 100, "110": 80, "111": 40, "101": 30}, ABC, "The list A holds every case"),
        ({"100": 100, "010": 120, "001": 90, "110": 30, "011": 20}, ABC, "No three lists overlap pairwise"),
        ({"100": 300, "010": 280, "001": 200, "110": 20, "101": 90, "111": 60}, ABC, "does not exist"),
        ({"0" * i + "1" + "0" * (8 - i): 50 for i in range(9)}, tuple("ABCDEFGHI"), "More than eight lists (9)"),
    ],
)
def test_a_table_that_cannot_carry_models_is_refused_with_the_reason(patterns, lists, said):
    found = ladder_of(patterns, lists)
    assert said in found.refusal
    assert all(m.total is m.hidden is m.lower is m.upper is None for m in found.models)
    assert found.to_dict()["refusal"] == found.refusal
    assert len(ladder_of({"100": 5, "010": 3}).refusals) == 3, "all reasons stand together"


def test_a_sound_table_is_not_refused_and_its_keys_are_stable():
    told = ladder_of(GOOD).to_dict()
    assert told["refusal"] is None and told["observed"] == 395 and told["lists"] == ["A", "B", "C"]
    assert {"name", "terms", "total", "hidden", "lower", "upper", "aic", "bic", "exists", "identifiable"} <= set(
        told["models"][0]
    )
    for m in told["models"]:
        assert m["total"] == pytest.approx(told["observed"] + m["hidden"]) and m["lower"] <= m["total"] <= m["upper"]


def test_a_ladder_wider_than_a_factor_of_two_warns():
    wide = replace_counts(KOSOVO, {"1110": 700, "1100": 20})
    found = multiple_systems.compare(wide)
    totals = [m.total for m in found.models]
    assert max(totals) > 2 * min(totals)
    assert any("factor of two" in w for w in found.warnings)
    assert not any("factor of two" in w for w in multiple_systems.compare(KOSOVO).warnings)
    assert any("LA and GP; LA and NCA" in w for w in multiple_systems.compare(UK).warnings), "lists that share nobody"


def replace_counts(table: OverlapTable, patterns: dict[str, int]) -> OverlapTable:
    counts = table.counts.copy()
    for pattern, count in patterns.items():
        counts[sum(1 << i for i, c in enumerate(pattern) if c == "1")] = count
    return replace(table, counts=counts)


def test_the_order_of_lists_changes_no_number():
    turned = of_patterns(("C", "A", "B"), {k[2] + k[:2]: v for k, v in GOOD.items()})
    here, there = multiple_systems.compare(of_patterns(ABC, GOOD)), multiple_systems.compare(turned)
    assert [m.total for m in there.models] == pytest.approx([m.total for m in here.models], rel=1e-7)


@given(st.lists(st.integers(0, 400), min_size=15, max_size=15))
@settings(max_examples=all_or(6, 25), suppress_health_check=[HealthCheck.too_slow])
def test_any_table_of_four_lists_ends_in_numbers_or_in_a_reason(counts):
    table = OverlapTable(("A", "B", "C", "D"), np.array([0, *counts], dtype=float), 15)
    found = multiple_systems.compare(table)
    for m in found.models:
        if found.refusals:
            assert m.total is None
        else:
            assert m.exists and m.identifiable and m.total >= table.observed and m.lower <= m.total * (1 + 1e-6)
            assert m.upper is None or m.upper >= m.total * (1 - 1e-3)
    assert found.refusals or found.models


def test_resampling_repeats_itself_and_counts_its_samples():
    steps = []
    made = multiple_systems.bootstrap(KOSOVO, 40, seed=7, on_sample=steps.append)
    assert steps == list(range(1, 41))
    assert made == multiple_systems.bootstrap(KOSOVO, 40, seed=7)
    assert set(made) == {"main", "stepwise", "chance", "pairs", "orders"}
    assert made["main"].used == 40 and made["main"].lower < 7395 < made["main"].upper
    told = multiple_systems.compare(KOSOVO, made).to_dict()
    assert told["models"][0]["bootstrap"]["samples"] == 40
    assert multiple_systems.bootstrap(of_patterns(("A", "B"), {"10": 100, "01": 100, "11": 50}), 10) == {}, "refused"


def test_resampling_tells_how_much_the_choice_of_a_model_adds():
    """With ties of three lists the choice itself moves the total: the resampled interval is the wider one."""
    made = multiple_systems.bootstrap(KOSOVO, 60)["orders"]
    profile = results(KOSOVO)["orders"]
    assert made.upper - made.lower > 1.3 * (profile.upper - profile.lower)


def faults(text) -> list[str]:
    with pytest.raises(BadTable) as caught:
        read(text)
    return [str(f) for f in caught.value.faults]


HEAD = "A,B,C,count\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + "1,0,0,-3\n", ["“count”, row 2", "“-3”", "negative"]),
        (HEAD + "1,0,0,\u22123\n", ["row 2", "negative"]),
        (HEAD + "1,0,,3\n", ["“C”, row 2", "nothing", "0 or 1"]),
        (HEAD + ",,,3\n", ["“A”, row 2", "nothing"]),
        (HEAD + "1,0,0,3\n0,1,0,2\n1,0,0,4\n", ["row 4", "100 again", "row 2"]),
        (HEAD + "1,0,3\n", ["row 2", "3 cells", "4"]),
        (HEAD + "1,0,0,1,3\n", ["row 2", "5 cells"]),
        ("A,B,a,count\n1,0,0,3\n", ["row 1", "columns 1 and 3", "once"]),
        ("A,,C,count\n1,0,0,3\n", ["row 1", "no name for column 2"]),
        ("A,B,C\n1,0,0\n", ["row 1", "a column “count”"]),
        ("A,B,C,count,Count\n1,0,0,3,3\n", ["columns 4 and 5"]),
        (HEAD + "1,0,0,2.5\n", ["“2.5”", "whole"]),
        (HEAD + '1,0,0,"1,131"\n', ["“1,131”", "separators"]),
        (HEAD + "1,0,0,<5\n", ["“<5”", "masked"]),
        (HEAD + "1,0,0,many\n", ["“many”", "digits"]),
        (HEAD + "1,0,0,1e3\n", ["“1e3”", "digits"]),
        (HEAD + "1,0,0,\n", ["“count”, row 2", "nothing"]),
        (HEAD + "1,0,2,3\n", ["“C”, row 2", "“2”"]),
        (HEAD + "0,0,0,9\n", ["row 2", "noughts alone", "Delete"]),
        (HEAD + "1,0,0,99999999999\n", ["ran together"]),
        (HEAD, ["a header alone"]),
        ("", ["nothing"]),
        ("count\n3\n", ["no list"]),
        ("A,[x](http://h),count\n1,0,3\n", ["name of column 2", "plain name"]),
        (HEAD + '1,0,0,"3\n', ["no CSV"]),
        (b"A,B,C,count\n1,0,0,3\n\xff\n", ["row 3", "UTF-8"]),
        (b"PK\x03\x04\x00\x00", ["UTF-8"]),
        ("x" * 1_100_000, ["1,100,000 bytes"]),
        (",".join(f"L{i}" for i in range(13)) + ",count\n", ["13 lists"]),
    ],
)
def test_a_bad_table_is_named_with_row_and_cure(text, said):
    told = " | ".join(faults(text))
    assert all(part in told for part in said), told


def test_every_fault_of_a_table_is_said_at_once_in_the_order_of_rows():
    told = faults("A,B,a,count\n1,0,0,-1\n1,1,x,5\n0,0,0,1\n1,0,0,7\n1,0,1\n")
    assert [t.split("row ")[1][0] for t in told] == ["1", "2", "3", "4", "5", "6"]


def test_spreadsheets_of_every_country_can_be_read():
    plain = read(HEAD + "1,0,0,3\n1,1,0,2\n")
    for other in (
        "\ufeffA;B;C;count\r\n1;0;0;3\r\n1;1;0;2\r\n",
        "A\tB\tC\tCount\n1\t0\t0\t3\n\n1\t1\t0\t2\n",
        "count,A,B,C\n3,1,0,0\n2,1,1,0",
    ):
        assert read(other.encode()).lists == plain.lists
        assert (read(other).counts == plain.counts).all()


@given(st.text(max_size=300) | st.binary(max_size=300))
def test_no_text_and_no_bytes_break_the_reader(data):
    try:
        assert read(data).observed >= 0
    except BadTable as bad:
        assert bad.faults and all(f.found and f.expected and f.how_to_fix for f in bad.faults)


@given(
    st.integers(1, 4).flatmap(
        lambda k: st.dictionaries(
            st.sampled_from(["".join(p) for p in product("01", repeat=k)][1:]), st.integers(0, 10**6), min_size=1
        )
    )
)
def test_what_was_written_is_what_is_read(patterns):
    size = len(next(iter(patterns)))
    lists = tuple("ABCD"[:size])
    table = of_patterns(lists, patterns)
    assert table.observed == sum(patterns.values()) and table.listed == len(patterns)
    assert table.filled == 2**size - 1 - len(patterns) and COUNT not in table.lists
    for name in lists:
        assert table.together(name) == sum(v for p, v in patterns.items() if p[lists.index(name)] == "1")


def test_stepwise_never_takes_a_tie_that_could_be_chance():
    cells = Cells(UK)
    chosen = stepwise(cells)
    for pair in chosen:
        without = cells.fit(chosen - {pair})
        assert without.criterion(2.0) > cells.fit(chosen).criterion(2.0)
