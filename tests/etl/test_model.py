"""The models of an edition: a made-up world whose law is known comes back, and what cannot be said is not said."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from corridors import ROOT, catalog
from corridors.problems import SourceRefused
from corridors.store import editions, publishing, writing
from corridors.store.queries import figures as reading
from etl import model, pipeline

MEMBERS = ["AFG", "AUS", "BGD", "IDN", "IND", "JPN", "LKA", "MMR", "MYS", "NPL", "PHL", "THA"]
OTHERS = ["DEU", "FRA", "GBR", "KEN", "BRA", "EGY"]
LAW = {
    "ln_distance": -0.8,
    "contiguous": 0.5,
    "common_language": 0.4,
    "colonial_tie": 0.6,
    "ln_population_origin": 0.7,
    "ln_population_destination": 0.6,
    "ln_income_origin": -0.3,
    "ln_income_destination": 0.9,
    "ln_conflict_origin": 0.2,
}


USES = ("use_level", "use_trend", "use_compare", "use_sum")


def world(seed: int = 5) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Facts of every pair with a member at an end, and each country's terms in the imported form."""
    draw = np.random.default_rng(seed)
    places = [*MEMBERS, *OTHERS]
    pairs = pd.DataFrame([(o, d) for o in places for d in places if o != d and {o, d} & set(MEMBERS)], columns=model.ENDS)
    n = len(pairs)
    pairs["distance_km"] = draw.integers(200, 15_000, n)
    for flag in ("contiguous", "common_language", "colonial_tie"):
        pairs[flag] = draw.integers(0, 2, n)
    numbers = {
        "population": draw.integers(1_000_000, 200_000_000, len(places)),
        "gdp_per_head_ppp": draw.integers(1_500, 60_000, len(places)),
        "conflict_deaths": draw.integers(0, 5_000, len(places)),
    }
    about = {"period_start": "2015-01-01", "period_end": "2015-12-31", "source_id": "un_desa", "source_ref": "row 2"}
    known = pd.concat(
        pd.DataFrame({"iso3": places, "indicator_id": name, "value": value.astype(float), "provider_label": places} | about)
        for name, value in numbers.items()
    )
    return pairs, known


def by_the_law(pairs: pd.DataFrame, known: pd.DataFrame) -> pd.Series:
    """What the law expects of each pair."""
    terms = model.with_terms(pairs, known)
    return np.exp(-14 + sum(LAW[name] * terms[name] for name in LAW))


def figures(pairs: pd.DataFrame, value: pd.Series, indicator="migration_flow_estimate", year=2015) -> pd.DataFrame:
    """Flows as rows of the table figure; pairs where `value` is missing or 0 have none."""
    rows = pairs.assign(value=value)
    rows = rows[rows["value"] > 0]
    of = {
        "figure_id": [f"{indicator}{year}{i}" for i in range(len(rows))],
        "iso3": rows["destination_iso3"],
        "partner_iso3": rows["origin_iso3"],
        "indicator_id": indicator,
        "period_start": f"{year}-01-01",
        "period_end": f"{year + 4}-12-31",
        "value": rows["value"].astype(float),
        "caveats": [["C70"]] * len(rows),
    }
    of |= dict.fromkeys(("sex", "age", "form"), "total") | {"status": "estimated", "tlp": "CLEAR", "method_class": "model"}
    of |= {
        "source_id": "abel_cohen",
        "source_ref": "2015/0/1",
        "provider_label": "A>B",
        "reliability": "B",
        "credibility": "3",
    }
    return pd.DataFrame(of | {"grade": "C", "grade_reason": "old"} | dict.fromkeys(USES, "yes"))


@contextmanager
def drafted(folder: Path, pairs: pd.DataFrame, known: pd.DataFrame | None, told: pd.DataFrame):
    """A draft with the vocabulary and these rows, and the models fitted; a question to it gives rows as dicts."""
    data = folder / "data"
    (data / "model").mkdir(parents=True)
    if known is not None:
        known.to_csv(data / model.model_inputs.FILE, index=False)
    with publishing.draft(folder / "editions") as work:
        sources = pipeline.sources(["abel_cohen", "cepii", "un_desa"])
        writing.catalog_rows(work, catalog.load(), sources)
        writing.insert(work, "pair_fact", pairs.assign(source_id="cepii"))
        writing.insert(work, "figure", told)
        model.fit_all(work, data)
        yield lambda sql: work.connection.execute(sql).df().to_dict("records")


def flow(ask, table: str) -> list[dict]:
    return ask(f"from {table} where model_id = 'flow'")


def test_the_law_of_a_made_up_world_comes_back(tmp_path):
    pairs, known = world()
    expected = by_the_law(pairs, known)
    with drafted(tmp_path, pairs, known, figures(pairs, expected)) as ask:
        (meta,) = flow(ask, "model_meta")
        assert (meta["n"], meta["zeros"], meta["outcome"]) == (len(pairs), 0, "migration_flow_estimate")
        assert meta["r2_correlation"] == pytest.approx(1) and meta["refusal"] is None
        assert (str(meta["period_start"])[:10], str(meta["period_end"])[:10]) == ("2015-01-01", "2019-12-31")
        found = {row["term"]: row["coefficient"] for row in flow(ask, "model_fit")}
        assert list(found) == ["intercept", *model.TERMS]
        assert {name: round(value, 6) for name, value in found.items()} == {"intercept": -14} | LAW
        rows = flow(ask, "model_pair")
        assert len(rows) == len(pairs) and {row["verdict"] for row in rows} == {"about"}
        assert all(row["expected"] == pytest.approx(row["observed"], rel=1e-4) for row in rows)


def test_the_effect_of_a_step_is_told_in_words_and_by_how_much_it_multiplies(tmp_path):
    pairs, known = world()
    with drafted(tmp_path, pairs, known, figures(pairs, by_the_law(pairs, known))) as ask:
        told = {row["term"]: row for row in flow(ask, "model_fit")}
        (meta,) = flow(ask, "model_meta")
    distance, border, conflict = (told[name] for name in ("ln_distance", "contiguous", "ln_conflict_origin"))
    assert (distance["step"], distance["effect"]) == ("twice as far", pytest.approx(2**-0.8, rel=1e-4))
    assert border["effect"] == pytest.approx(np.exp(0.5), rel=1e-4)
    assert conflict["effect"] == pytest.approx(101**0.2, rel=1e-4) and "none" in conflict["step"]
    assert pd.isna(told["intercept"]["step"]) and np.isnan(told["intercept"]["effect"])
    assert all(row["label"] for row in told.values()) and not any("visa" in term for term in told)
    assert "Passport" not in meta["inputs"] and "Visa rules are no term" in meta["method"], (
        "rules of 2025 explain no earlier year"
    )


def test_the_covariance_that_a_what_if_needs_agrees_with_the_errors(tmp_path):
    pairs, known = world()
    moved = by_the_law(pairs, known) * np.random.default_rng(1).gamma(1, 1, len(pairs))
    with drafted(tmp_path, pairs, known, figures(pairs, moved)) as ask:
        variance = {row["term"]: row["value"] for row in flow(ask, "model_covariance") if row["term"] == row["other"]}
        for row in flow(ask, "model_fit"):
            assert variance[row["term"]] ** 0.5 == pytest.approx(row["error"], rel=1e-5)
            assert row["lower"] == pytest.approx(row["coefficient"] - 1.959964 * row["error"], abs=1e-5)
        assert len(flow(ask, "model_covariance")) == 10**2


def test_pairs_without_anybody_count_and_pairs_of_places_that_nobody_estimates_do_not(tmp_path):
    pairs, known = world()
    expected = by_the_law(pairs, known)
    kenya = (pairs[model.ENDS] == "KEN").any(axis=1)
    moved = expected.where(~kenya & (pairs.index % 7 != 0))
    with drafted(tmp_path, pairs, known, figures(pairs, moved)) as ask:
        (meta,) = flow(ask, "model_meta")
        assert meta["n"] == (~kenya).sum() and meta["zeros"] == (moved[~kenya].isna()).sum() > 20
        assert not [r for r in flow(ask, "model_pair") if "KEN" in (r["origin_iso3"], r["destination_iso3"])]


def test_only_the_latest_period_and_only_corridors_of_people_of_all_kinds_enter(tmp_path):
    pairs, known = world()
    expected = by_the_law(pairs, known)
    now = figures(pairs, expected)
    earlier = figures(pairs, expected * 50, year=2010)
    women = now.assign(sex="female", figure_id="w" + now["figure_id"])
    total = now.head(3).assign(iso3="WLD", figure_id=["t1", "t2", "t3"])
    several = now.head(3).assign(partner_iso3="OTH", figure_id=["s1", "s2", "s3"])
    with drafted(tmp_path, pairs, known, pd.concat([now, earlier, women, total, several])) as ask:
        assert {round(row["coefficient"], 6) for row in flow(ask, "model_fit")[:1]} == {-14.0}
        (sums,) = ask("select sum(observed) as moved from model_pair where model_id = 'flow'")
    assert sums["moved"] == pytest.approx(expected.sum())


def test_stocks_have_a_model_of_their_own_that_says_what_its_zeros_are(tmp_path):
    pairs, known = world()
    living = figures(pairs, by_the_law(pairs, known) * 10, indicator="migrant_stock").assign(source_id="un_desa")
    with drafted(tmp_path, pairs, known, living) as ask:
        (stock,) = ask("from model_meta where model_id = 'stock'")
        assert stock["n"] == len(pairs) and "not reported" in stock["method"]
        assert "International Migrant Stock" in stock["inputs"] and "up to 2015" in stock["inputs"]
        assert "no pairs" in flow(ask, "model_meta")[0]["refusal"]


def test_a_place_without_a_term_is_left_out_with_the_reason(tmp_path):
    pairs, known = world()
    known = known[~((known["iso3"] == "NPL") & (known["indicator_id"] == "gdp_per_head_ppp"))]
    known = known[~((known["iso3"] == "KEN") & (known["indicator_id"] == "population"))]
    moved = by_the_law(pairs, known).fillna(5.0) * np.random.default_rng(1).gamma(1, 1, len(pairs))
    with drafted(tmp_path, pairs, known, figures(pairs, moved)) as ask:
        reasons = {row["iso3"]: row["reason"] for row in flow(ask, "model_left_out")}
        assert reasons["NPL"] == "its income per head is not known" and reasons["KEN"] == "its population is not known"
        assert "GBR" not in reasons and reasons["NCL"] == "no distance to it is given"
        assert set(reasons) >= set(catalog.load().members) - set(MEMBERS) and not {"THA", "MMR", "FRA"} & set(reasons)
        ends = {end for row in flow(ask, "model_pair") for end in (row["origin_iso3"], row["destination_iso3"])}
    assert ends == {*MEMBERS, *OTHERS} - {"NPL", "KEN"}


def test_a_place_without_an_entry_for_violence_counts_as_without(tmp_path):
    pairs, known = world()
    known = known[~((known["iso3"] == "THA") & (known["indicator_id"] == "conflict_deaths"))]
    terms = model.with_terms(pairs, known)
    assert (terms.loc[terms["origin_iso3"] == "THA", "ln_conflict_origin"] == 0).all()
    with drafted(tmp_path, pairs, known, figures(pairs, by_the_law(pairs, known))) as ask:
        assert flow(ask, "model_meta")[0]["n"] == len(pairs)


def test_a_model_that_the_data_cannot_carry_is_stored_as_refused_with_the_reason_and_nothing_else(tmp_path):
    pairs, known = world()
    pairs["contiguous"] = 1
    with drafted(tmp_path, pairs, known, figures(pairs, by_the_law(pairs, known))) as ask:
        (meta,) = flow(ask, "model_meta")
        assert meta["refusal"] == "The same for every pair, so it says nothing: contiguous." and meta["method"]
        assert pd.isna(meta["n"])
        for table in ("model_fit", "model_covariance", "model_pair", "model_left_out"):
            assert flow(ask, table) == []


def test_without_country_terms_the_refusal_names_the_command(tmp_path):
    pairs, known = world()
    with drafted(tmp_path, pairs, None, figures(pairs, by_the_law(pairs, known))) as ask:
        assert "python -m etl.model_inputs --from DIR" in flow(ask, "model_meta")[0]["refusal"]


def test_country_terms_that_somebody_broke_are_refused_with_row_and_column(tmp_path):
    pairs, known = world()
    known["value"] = known["value"].astype(object)
    known.iloc[3, known.columns.get_loc("value")] = "many"
    with pytest.raises(SourceRefused, match="data/model/country_terms.csv.*many"):
        with drafted(tmp_path, pairs, known, figures(pairs, pd.Series(5.0, pairs.index))):
            pass


def test_an_edition_of_a_few_rows_is_built_without_its_models_and_says_why(small, monkeypatch):
    monkeypatch.setenv("CORRIDORS_EDITIONS", str(small / "editions"))
    edition_id = editions.current(small / "editions")
    meta = reading.ask(edition_id, "from model_meta order by model_id")
    assert meta["model_id"].tolist() == ["flow", "stock"]
    assert meta["refusal"].str.contains("at least 90 are needed").all()
    assert reading.ask(edition_id, "select count(*) as n from model_pair").n[0] == 0


def test_the_command_line_starts_without_the_statistics():
    code = "import sys, etl.__main__; sys.exit(any(name in sys.modules for name in ('statsmodels', 'scipy.optimize')))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def judged(observed: float, expected: float) -> dict:
    """The judgement on one pair among 999 of the same expected size, from a fifth up to four times the expected."""
    others = np.random.default_rng(3).permutation(np.linspace(0.2, 4, 999)) * expected
    pairs = pd.DataFrame({"observed": [observed, *others], "origin_iso3": "MMR", "destination_iso3": "THA"})
    mean = pd.DataFrame({"expected": expected, "lower": expected, "upper": expected}, index=pairs.index)
    return model.judged(pairs, mean, mean["expected"]).iloc[0].to_dict()


@pytest.mark.parametrize(
    ("observed", "verdict"),
    [(1000, "about"), (3900, "more"), (3000, "about"), (1900, "about"), (210, "less"), (2, "less"), (600, "about")],
)
def test_a_pair_is_more_or_less_only_far_out_among_similar_pairs_and_beyond_twofold(observed, verdict):
    assert judged(observed, 1000)["verdict"] == verdict


def test_the_place_says_how_many_of_a_hundred_similar_pairs_have_fewer():
    assert judged(2100, 1000)["place"] == pytest.approx(50, abs=12) and judged(5000, 1000)["place"] == pytest.approx(99.5)
    assert judged(1, 1000)["place"] == pytest.approx(0.5)
    assert judged(99, 10)["verdict"] == "about" and judged(100, 10)["verdict"] == "more", "a handful is never more"


def test_none_is_never_less_where_a_tenth_of_such_pairs_have_none():
    observed = np.where(np.arange(1000) % 3 == 0, 0.0, 2500.0)
    pairs = pd.DataFrame({"observed": observed, "origin_iso3": "MMR", "destination_iso3": "THA"})
    mean = pd.DataFrame({"expected": 1600.0, "lower": 1500.0, "upper": 1700.0}, index=pairs.index)
    rows = model.judged(pairs, mean, mean["expected"])
    assert set(rows["verdict"]) == {"about"} and (rows["usual_lower"] == 0).all()


def test_the_usual_range_holds_the_middle_half_of_pairs_of_similar_size():
    draw = np.random.default_rng(2)
    expected = pd.Series(np.exp(draw.normal(6, 2, 5000)))
    observed = expected * draw.lognormal(0, 1.5, 5000)
    pairs = pd.DataFrame({"observed": observed, "origin_iso3": "MMR", "destination_iso3": "THA"})
    mean = pd.DataFrame({"expected": expected, "lower": expected * 0.9, "upper": expected * 1.1})
    rows = model.judged(pairs, mean, expected)
    inside = rows["observed"].between(rows["usual_lower"], rows["usual_upper"]).mean()
    assert inside == pytest.approx(0.5, abs=0.01)


@pytest.fixture(scope="module")
def edition(edition_id):
    return lambda sql: reading.ask(edition_id, sql)


def test_the_model_of_flows_says_what_is_known_of_distance_size_and_income(edition):
    fit = edition("from model_fit where model_id = 'flow' order by position").set_index("term")
    assert fit.loc["ln_distance", "upper"] < 0 < fit.loc["contiguous", "lower"] and len(fit) == 10
    for name in ("ln_population_origin", "ln_population_destination", "ln_income_destination", "common_language"):
        assert fit.loc[name, "lower"] > 0, name
    meta = edition("from model_meta where model_id = 'flow'").iloc[0]
    assert meta["n"] > 13_000 and meta["zeros"] > 9_000 and 0 < meta["r2_correlation"] < 1 and pd.isna(meta["refusal"])
    assert (round(meta["beyond_size"], 3), round(meta["r2_mcfadden"], 3)) == (0.434, 0.636), (
        "against sizes; against one number"
    )
    ends = fit["effect_with_ends"].dropna()
    assert ends.index.to_list() == model.OF_PAIRS and ends["ln_distance"] < 1 < ends["contiguous"]


def test_every_pair_has_an_expected_number_inside_its_interval_and_they_add_up(edition):
    rows = edition("from model_pair")
    assert rows[["observed", "expected", "lower", "upper"]].notna().all(axis=None)
    assert ((rows["lower"] <= rows["expected"]) & (rows["expected"] <= rows["upper"])).all()
    assert (rows["lower"] > 0).all()
    assert not rows.duplicated(["model_id", *model.ENDS]).any()
    sums = rows.groupby("model_id")[["observed", "expected"]].sum()
    assert np.allclose(sums["observed"], sums["expected"], rtol=1e-4)


def test_people_of_myanmar_in_thailand_are_more_than_in_nine_of_ten_similar_pairs(edition):
    rows = edition("from model_pair where model_id = 'flow' and origin_iso3 = 'MMR' and destination_iso3 = 'THA'")
    row = rows.iloc[0]
    assert (row["observed"], row["verdict"]) == (314_369, "more") and round(row["place"]) == 93


def test_every_member_is_in_the_model_or_left_out_with_a_reason(edition):
    for name in model.MODELS:
        inside = set(edition(f"select origin_iso3 as iso3 from model_pair where model_id = '{name}'").iso3)
        out = edition(f"from model_left_out where model_id = '{name}'").set_index("iso3")["reason"]
        assert inside | set(out.index) >= set(catalog.load().members) and not inside & set(out.index)
        assert out["NCL"] == out["PRK"] == "its income per head is not known"
