"""The gravity model against statsmodels, against cases done by hand, and against data that cannot carry it."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import linalg, stats
from statsmodels.genmod.families import Poisson
from statsmodels.genmod.generalized_linear_model import GLM

from corridors.statistics import gravity

TRUE = {"distance": -0.8, "border": 0.7, "people": 0.6}
TERMS = list(TRUE)


def world(seed: int = 7, n: int = 400, spread: float = 1.0, width: float = 1.0) -> pd.DataFrame:
    """Pairs with a known mean, exp(2 + sum of TRUE x term), far more scattered than Poisson, many of them zero."""
    draw = np.random.default_rng(seed)
    pairs = pd.DataFrame(
        {
            "distance": draw.normal(8, width, n),
            "people": draw.normal(15, 2 * width, n),
            "border": (draw.random(n) < 0.2).astype(float),
            "origin": draw.integers(0, 40, n),
            "destination": draw.integers(0, 40, n),
        }
    )
    mean = np.exp(2 + sum(TRUE[t] * pairs[t] for t in TERMS) - 5)
    pairs["moved"] = draw.poisson(mean * draw.gamma(1 / spread, spread, n)).astype(float)
    return pairs


def refusal(frame: pd.DataFrame, terms=TERMS, outcome: str = "moved", **more) -> tuple[str, str]:
    with pytest.raises(gravity.CannotFit) as refused:
        gravity.fit(frame, outcome, terms, **more)
    return refused.value.reason, str(refused.value)


def theirs(frame: pd.DataFrame, **spread):
    """statsmodels' own answer on the plain columns."""
    design = np.column_stack([np.ones(len(frame)), frame[TERMS]])
    return GLM(frame["moved"], design, family=Poisson()).fit(tol=1e-12, maxiter=100, **spread)


@pytest.mark.parametrize("cluster", [None, "destination", ["origin", "destination"]])
def test_the_fit_equals_statsmodels(cluster):
    frame = world()
    spread = {"cov_type": "HC1"}
    if cluster:
        groups = frame[cluster].to_numpy()
        spread = {"cov_type": "cluster", "cov_kwds": {"groups": groups}}
    ours, other = gravity.fit(frame, "moved", TERMS, cluster=cluster), theirs(frame, **spread)
    # their HC1 lacks the correction that gives it its name
    more = 1 if cluster else math.sqrt(400 / (400 - 4))
    table = ours.coefficients
    assert table["term"].tolist() == ["intercept", *TERMS]
    np.testing.assert_allclose(table["coefficient"], other.params, rtol=1e-6)
    np.testing.assert_allclose(table["error"], other.bse * more, rtol=1e-6)
    half = (np.asarray(other.conf_int())[:, 1] - other.params) * more
    np.testing.assert_allclose(table["lower"], other.params - half, rtol=1e-6)
    np.testing.assert_allclose(table["upper"], other.params + half, rtol=1e-6)
    np.testing.assert_allclose(table["z"], other.tvalues / more, rtol=1e-6)
    np.testing.assert_allclose(table["p"], 2 * stats.norm.sf(abs(other.tvalues / more)), rtol=1e-6, atol=1e-300)
    np.testing.assert_allclose(ours.covariance, other.cov_params() * more**2, rtol=1e-6)
    assert ours.deviance == pytest.approx(other.deviance, rel=1e-9)
    assert ours.r2_mcfadden == pytest.approx(1 - other.llf / other.llnull, rel=1e-9)
    assert ours.r2_correlation == pytest.approx(np.corrcoef(frame["moved"], other.mu)[0, 1] ** 2, rel=1e-6)


def test_the_interval_of_an_expected_number_equals_statsmodels():
    frame = world()
    asked = frame.sample(30, random_state=1)  # an index out of order must stay with its pair
    design = np.column_stack([np.ones(len(asked)), asked[TERMS]])
    groups = frame["origin"].to_numpy()
    other = theirs(frame, cov_type="cluster", cov_kwds={"groups": groups})
    told = other.get_prediction(design).summary_frame(alpha=0.1)
    ours = gravity.fit(frame, "moved", TERMS, cluster="origin").predict(asked, level=0.9)
    assert ours.index.equals(asked.index)
    np.testing.assert_allclose(ours, told[["mean", "mean_ci_lower", "mean_ci_upper"]], rtol=1e-6)


def test_terms_on_very_different_scales_do_not_spoil_the_arithmetic():
    frame = world()
    plain = gravity.fit(frame, "moved", TERMS).coefficients.set_index("term")["coefficient"]
    huge = gravity.fit(frame.assign(people=frame["people"] * 1e8 + 1e9), "moved", TERMS).coefficients.set_index("term")
    assert huge.loc["people", "coefficient"] * 1e8 == pytest.approx(plain["people"], rel=1e-6)
    assert huge.loc["distance", "coefficient"] == pytest.approx(plain["distance"], rel=1e-6)


def neighbours() -> pd.DataFrame:
    """Ten pairs with a border, mean 30, and ten without, mean 12, two of them zero."""
    near, far = [10, 20, 30, 40, 50, 30, 30, 30, 30, 30], [0, 0, 24, 12, 12, 12, 12, 24, 12, 12]
    return pd.DataFrame({"moved": [*near, *far], "border": [1.0] * 10 + [0.0] * 10})


def test_with_one_dummy_the_model_is_the_ratio_of_two_means():
    found = gravity.fit(neighbours(), "moved", ["border"])
    base, ratio = np.exp(found.coefficients["coefficient"])
    assert base == pytest.approx(12, rel=1e-6) and ratio == pytest.approx(30 / 12, rel=1e-6)
    expected = found.predict(pd.DataFrame({"border": [1.0, 0.0]}))["expected"]
    assert expected.tolist() == pytest.approx([30, 12], rel=1e-6)
    parts = [((g - g.mean()) ** 2).sum() / (len(g) * g.mean()) ** 2 for _, g in neighbours().groupby("border")["moved"]]
    error = math.sqrt(sum(parts) * 20 / 18)  # HC1: n over n less the number of coefficients
    assert found.coefficients["error"][1] == pytest.approx(error, rel=1e-6)


def test_pairs_without_anybody_stay_in():
    frame = neighbours()
    with_zeros, without = (gravity.fit(f, "moved", ["border"]) for f in (frame, frame[frame["moved"] > 0]))
    assert (with_zeros.n, with_zeros.zeros) == (20, 2) and (without.n, without.zeros) == (18, 0)
    assert without.coefficients["coefficient"][1] == pytest.approx(math.log(30 / 15), rel=1e-6)


def test_the_expected_numbers_add_up_to_the_observed_and_the_order_of_pairs_does_not_matter():
    frame = world()
    expected = gravity.fit(frame, "moved", TERMS).predict(frame)["expected"]
    assert expected.sum() == pytest.approx(frame["moved"].sum(), rel=1e-9)
    shuffled = frame.sample(frac=1, random_state=3)
    one, other = (gravity.fit(f, "moved", TERMS, cluster="origin").coefficients["error"] for f in (frame, shuffled))
    np.testing.assert_allclose(one, other, rtol=1e-9)


@given(st.floats(1e-6, 1e9), st.integers(0, 5))
def test_counting_in_other_units_changes_the_intercept_alone(factor, seed):
    frame = world(seed, n=120)
    plain, scaled = (gravity.fit(f, "moved", TERMS) for f in (frame, frame.assign(moved=frame["moved"] * factor)))
    shift = scaled.coefficients["coefficient"] - plain.coefficients["coefficient"]
    assert shift.tolist() == pytest.approx([math.log(factor), 0, 0, 0], abs=1e-6)
    np.testing.assert_allclose(scaled.coefficients["error"], plain.coefficients["error"], rtol=1e-6)
    assert scaled.deviance == pytest.approx(plain.deviance * factor, rel=1e-6)


@given(st.lists(st.integers(0, 50), min_size=20, max_size=60), st.data())
def test_any_two_groups_with_somebody_in_each_give_the_ratio_of_their_means(moved, data):
    border = data.draw(st.lists(st.booleans(), min_size=len(moved), max_size=len(moved)))
    frame = pd.DataFrame({"moved": moved, "border": np.array(border, dtype=float)})
    means = frame.groupby("border")["moved"].mean()
    assume(len(means) == 2 and means.min() > 0)
    assume(frame.groupby("border")["moved"].std().fillna(0).max() > 0)
    found = gravity.fit(frame, "moved", ["border"])
    assert math.exp(found.coefficients["coefficient"][1]) == pytest.approx(means[1.0] / means[0.0], rel=1e-6)


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    held = []
    for seed in range(200):
        table = gravity.fit(world(seed, spread=0.5, width=0.3), "moved", TERMS).coefficients.set_index("term")
        held.append([table.loc[t, "lower"] < TRUE[t] < table.loc[t, "upper"] for t in TERMS])
    assert ((np.mean(held, axis=0) > 0.89) & (np.mean(held, axis=0) < 0.985)).all(), np.mean(held, axis=0)


def test_a_wider_level_gives_a_wider_interval():
    frame = world()
    narrow, wide = (gravity.fit(frame, "moved", TERMS, level=level) for level in (0.8, 0.99))
    assert (wide.coefficients["lower"] < narrow.coefficients["lower"]).all()
    told = [narrow.predict(frame, level)["upper"] for level in (0.8, 0.99)]
    assert (told[1] > told[0]).all()
    with pytest.raises(ValueError, match="between 0 and 1"):
        narrow.predict(frame, level=95)


def test_nothing_or_too_little_to_learn_from_is_said():
    assert refusal(world().head(0))[0] == "no pairs"
    assert refusal(world(), terms=[])[0] == "no terms"
    reason, text = refusal(world().assign(moved=0.0))
    assert reason == "nothing observed" and "400 outcomes are zero" in text
    reason, text = refusal(world().head(29))
    assert reason == "too few pairs" and "29 pairs for 3 terms, at least 30" in text
    reason, text = refusal(world().assign(world=9.25), terms=[*TERMS, "world"])
    assert reason == "constant term" and text.endswith(": world")
    below = world().assign(moved=lambda f: f["moved"].where(f.index != 4, -3.0))
    assert refusal(below) == ("negative outcome", "moved: 1 pairs below zero, the lowest -3")
    alone = world().assign(region="Asia")
    assert refusal(alone, cluster="region")[0] == "too few groups"
    assert "region" in refusal(alone, cluster=["origin", "region"])[1]


@pytest.mark.parametrize("gap", [np.nan, np.inf, -np.inf])
def test_gaps_are_named_with_how_many_pairs_they_touch(gap):
    frame = world()
    frame.loc[[3, 5], "distance"] = gap
    frame.loc[8, "people"] = gap
    reason, text = refusal(frame)
    assert reason == "gaps" and "distance (2 pairs)" in text and "people (1 pairs)" in text and "border" not in text
    frame = world()
    found = gravity.fit(frame, "moved", TERMS)
    frame.loc[2, "moved"] = gap
    assert refusal(frame) == ("gaps", "moved: 1 pairs without a number")
    frame.loc[2, "border"] = gap
    with pytest.raises(gravity.CannotFit, match="border"):
        found.predict(frame)


def test_terms_that_say_the_same_are_named_and_the_others_are_not():
    frame = world()
    twice = frame.assign(miles=frame["distance"] * 0.6214 - 2)
    assert refusal(twice, [*TERMS, "miles"]) == (
        "collinear",
        "these terms say the same, so none can be told from the others: distance, miles",
    )
    summed = frame.assign(one=frame["people"] - 2 * frame["distance"])
    assert refusal(summed, [*TERMS, "one"])[1].endswith(": distance, people, one")


def test_a_dummy_whose_pairs_are_all_zero_is_named():
    frame = world()
    frame["island"] = (frame.index < 25).astype(float)
    frame.loc[frame["island"] == 1, "moved"] = 0.0
    reason, text = refusal(frame, [*TERMS, "island"])
    assert reason == "separation" and text.endswith(": island")
    assert refusal(frame.assign(island=1 - frame["island"]), [*TERMS, "island"])[1].endswith(": island")


def test_terms_that_only_together_pick_out_the_zeros_are_named():
    frame = world()
    frame["far"], frame["poor"] = (frame.index % 2).astype(float), (frame.index // 2 % 2).astype(float)
    frame["both"] = frame["far"] * frame["poor"]
    frame["level"] = np.where(frame["both"] == 1, 2.0 + frame.index % 3, 1.0)  # above 1 only where all are zero
    frame.loc[frame["both"] == 1, "moved"] = 0.0
    frame.loc[frame["both"] == 0, "moved"] += 1
    reason, text = refusal(frame, [*TERMS, "far", "level"])
    assert reason == "separation" and text.startswith("together") and text.endswith(": level")


def test_zeros_spread_over_both_sides_are_no_separation():
    frame = world()
    frame["island"] = (frame.index < 25).astype(float)
    frame.loc[frame.index[:24], "moved"] = 0.0
    frame.loc[24, "moved"] = 5.0
    assert gravity.fit(frame, "moved", [*TERMS, "island"]).n == 400


def test_a_search_that_does_not_come_to_rest_is_said(monkeypatch):
    original = GLM.fit
    monkeypatch.setattr(GLM, "fit", lambda self, maxiter, **more: original(self, maxiter=1, **more))
    assert refusal(world()) == ("no convergence", "the search for the coefficients did not come to rest")


def test_grouping_two_ways_never_gives_a_negative_variance():
    frame = world(n=60).assign(origin=np.arange(60) % 2, destination=np.arange(60) // 30)  # two groups: far too few
    found = gravity.fit(frame, "moved", TERMS, cluster=["origin", "destination"])
    assert np.linalg.eigvalsh(found.covariance).min() > -1e-9 * np.abs(found.covariance).max()
    told = found.predict(frame)
    assert (told["lower"] <= told["expected"]).all() and (found.coefficients["error"] > 0).all()
    with pytest.raises(AttributeError):
        found.n = 3


def test_effects_of_both_ends_are_those_of_a_model_with_a_dummy_for_each():
    import statsmodels.api as sm

    draw, places = np.random.default_rng(4), list("ABCDEFGH")
    frame = pd.DataFrame([(o, d) for o in places for d in places if o != d], columns=["from", "to"])
    frame["near"] = draw.normal(size=len(frame))
    frame["seen"] = draw.poisson(np.exp(1 + 0.7 * frame["near"] + frame["from"].map(dict(zip(places, draw.normal(size=8))))))
    frame.loc[frame["from"] == "H", "seen"] = 0
    values, expected = gravity.with_effects(frame, "seen", ["near"], ["from", "to"])
    busy = frame[frame["from"] != "H"]
    dummies = [pd.get_dummies(busy["from"], dtype=float), pd.get_dummies(busy["to"], drop_first=True, dtype=float)]
    other = sm.GLM(busy["seen"], pd.concat([busy["near"], *dummies], axis=1), family=sm.families.Poisson()).fit(tol=1e-12)
    assert values["near"] == pytest.approx(other.params["near"], rel=1e-6)
    assert expected[busy.index].to_numpy() == pytest.approx(other.mu, rel=1e-5)
    assert (expected[frame["from"] == "H"] == 0).all()
    for end in ("from", "to"):  # what leaves and arrives is met exactly
        assert np.allclose(expected.groupby(frame[end]).sum(), frame.groupby(end)["seen"].sum())


EFFECTS = ["origin_year", "destination_year"]


def panel(seed: int, ends: int = 12, years: int = 4, share: float = 0.2) -> pd.DataFrame:
    """Pairs over years with a rule that changes in a `share` of them, either way; where it is 1 the mean is exp(0.5) times as high. Every
    pair, and every end in every year, has a level of its own; the outcome is three times as scattered as chance, and more where it is large.
    """
    draw = np.random.default_rng(seed)
    o, d, y = (a.ravel() for a in np.meshgrid(np.arange(ends), np.arange(ends), np.arange(years), indexing="ij"))
    pair = o * ends + d
    changes, since = draw.random(ends * ends) < share, draw.integers(1, years, ends * ends)
    up = draw.random(ends * ends) < 0.5
    rule = np.where(changes[pair], (y >= since[pair]) == up[pair], up[pair]).astype(float)
    level = draw.normal(0, 1, ends * ends)[pair] + draw.normal(0, 0.5, (ends, years))[o, y]
    level = level + draw.normal(0, 0.5, (ends, years))[d, y] + 3 + 0.5 * rule
    outcome = draw.poisson(np.exp(level) * draw.gamma(3, 1 / 3, len(pair)))
    columns = {"pair": pair, "origin_year": o * 100 + y, "destination_year": d * 100 + y, "rule": rule, "applied": outcome}
    return pd.DataFrame(columns)


def within(frame: pd.DataFrame, **more) -> gravity.WithinPairs:
    return gravity.within_pairs(frame, "applied", "rule", "pair", EFFECTS, **more)


def test_a_change_within_pairs_is_that_of_a_model_with_a_dummy_for_each_effect():
    frame = panel(3, ends=6, share=0.5)
    frame.loc[frame["pair"] == 7, "applied"] = 0  # a pair without anybody says nothing
    alone = pd.DataFrame([{"pair": 99, "origin_year": 1, "destination_year": 2, "rule": 1.0, "applied": 50}])
    found = within(pd.concat([frame, alone], ignore_index=True))
    seen = frame[frame["pair"] != 7]
    dummies = np.column_stack([pd.get_dummies(seen[name], dtype=float) for name in ("pair", *EFFECTS)])
    _, triangle, order = linalg.qr(dummies, mode="economic", pivoting=True)
    whole = dummies[:, order[: (np.abs(np.diag(triangle)) > 1e-9).sum()]]  # those of one end add up to those of the other
    other = GLM(seen["applied"], np.column_stack([seen["rule"], whole]), family=Poisson()).fit(tol=1e-12, maxiter=100)
    assert found.coefficient == pytest.approx(other.params.iloc[0], rel=1e-6)
    assert (found.n, found.pairs) == (len(seen), 35) and set(found.weight.index) == set(seen["pair"])
    assert found.weight.sum() == pytest.approx(1) and found.weight.is_monotonic_decreasing
    ends = seen.groupby("pair")["rule"].agg(["min", "max"])
    assert found.changed == (ends["min"] < ends["max"]).sum()


def test_the_range_of_a_change_within_pairs_holds_the_truth_as_often_as_it_says():
    found = [within(panel(seed)) for seed in range(400)]
    truth, middle = math.exp(0.5), [each.coefficient for each in found]
    assert np.mean(middle) == pytest.approx(0.5, abs=0.03) and 20 < np.mean([each.changed for each in found]) < 40
    for level in (0.8, 0.95):
        held = np.mean([low < truth < high for low, high in (each.times(level) for each in found)])
        assert abs(held - level) < 0.03, (level, held)


def test_where_few_pairs_carry_a_change_its_range_is_wider_than_their_number_says():
    frame = panel(8)
    many = within(frame)
    heavy = frame.assign(applied=frame["applied"] * np.where(frame["pair"] == many.weight.index[0], 200, 1))
    few = within(heavy)
    assert few.changed == many.changed and few.freedom < many.freedom / 2
    wide, narrow = (np.diff(np.log(each.times(0.95)))[0] / each.error for each in (few, many))
    assert wide > narrow


@pytest.mark.parametrize(
    ("reason", "spoilt"),
    [
        ("too few changes", lambda f: f.assign(rule=0.0)),
        ("separation", lambda f: f.assign(applied=f["applied"].where(f["rule"].eq(1), 0))),
        ("gaps", lambda f: f.assign(applied=f["applied"].where(f.index != 5))),
        ("negative outcome", lambda f: f.assign(applied=-f["applied"])),
        ("no pairs", lambda f: f.iloc[:0]),
        ("too few changes", lambda f: f.assign(applied=0)),
    ],
)
def test_a_change_that_the_pairs_cannot_tell_is_refused(reason, spoilt):
    with pytest.raises(gravity.CannotFit) as refused:
        within(spoilt(panel(1, ends=6, share=0.5)))
    assert refused.value.reason == reason
    with pytest.raises(gravity.CannotFit, match="at least 1,000 are needed"):
        within(panel(1, ends=6, share=0.5), fewest=1000)
