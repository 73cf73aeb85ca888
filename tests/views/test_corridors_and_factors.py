"""Corridors, gaps, factors and models made ready: ratios from two years or two sources would mislead, and so would a rank."""

import math

import numpy as np
import pandas as pd
import pytest

from corridors.catalog import words
from corridors.store.queries import models as model_reading
from corridors.store.queries.figures import OtherShape
from corridors.views import corridor, early, factors, gap, model


def test_a_corridor_brings_its_figures_routes_and_visas_together(edition_id):
    view = corridor.corridor(edition_id, "MMR", "BGD")
    cards = {card.label: card for card in view.cards}
    assert cards["Refugees"].amount == "1,178,003" and "end of 2025" in cards["Refugees"].line
    assert view.charts and len(view.visas) == 2 and "Passport Index" in view.visas[0]
    assert view.charts[0].slide == {"kind": "corridor", "origin": "MMR", "destination": "BGD", "indicator": "refugees"}
    through = corridor.corridor(edition_id, "AFG", "TUR")
    assert "R29" in {route.route_id for route in through.routes}


def test_a_pair_without_any_figure_says_so_and_shows_no_zero(edition_id):
    view = corridor.corridor(edition_id, "TON", "BTN")
    assert not view.cards and "Refugees" in view.missing


def test_only_corridors_between_members_are_judged_and_short_ones_get_no_verdict(edition_id):
    found = corridor.movers(edition_id, "refugees")
    assert set(found.table.verdict) <= {"rose", "fell"} and "too few years for a verdict" in found.message
    assert not found.table.corridor.str.contains("Germany").any()
    assert found.caveats and "UNHCR" in found.source
    applied = corridor.movers(edition_id, "asylum_applications_new").table
    assert len(applied) and "Afghanistan to Iraq" not in set(applied.corridor), "six years have no slope"


def ends(**years) -> pd.DataFrame:
    rows = [
        (iso3, *point, [point[1]], "B" if iso3 == "AAA" else "C", f"of {iso3}")
        for iso3, each in years.items()
        for point in each
    ]
    return pd.DataFrame(rows, columns="iso3 year source_id value caveats grade grade_reason".split())


def test_a_ratio_needs_one_source_and_one_year():
    rows = ends(
        AAA=[(2019, "x", 10.0), (2020, "y", 10.0), (2021, "x", 0.0)],
        BBB=[(2019, "x", 30.0), (2020, "x", 90.0), (2021, "x", 5.0)],
    )
    made = gap.compare(rows, "AAA", "BBB", "times")
    assert made[["year", "value"]].values.tolist() == [[2019, 3.0]]
    assert made.status.tolist() == ["derived"] and made.caveats.tolist() == [["x"]]
    assert (made.grade.tolist(), made.grade_reason.tolist()) == (["C"], ["of BBB"]), "the weaker end is told"


def test_a_recognition_rate_of_rounded_counts_is_a_range():
    rows = pd.DataFrame(
        [
            (2020, "decisions_recognised", np.nan, 3.0, 7.0, ["C14"]),
            (2020, "decisions_rejected", 20.0, np.nan, np.nan, ["C15"]),
            (2021, "decisions_rejected", 20.0, np.nan, np.nan, ["C15"]),
        ],
        columns="year indicator_id value lower upper caveats".split(),
    )
    made = gap.recognition(rows)
    assert made.year.tolist() == [2020]  # rejections alone give no share: a zero is not imported
    assert made.lower.iloc[0] == pytest.approx(100 * 3 / 23) and made.upper.iloc[0] == pytest.approx(100 * 7 / 27)
    assert made.caveats.iloc[0] == ["C14", "C15"] and made.decided.iloc[0] == "23–27"


@pytest.mark.parametrize("iso3", ["LKA", "NCL", "PRK"])
def test_every_factor_is_measured_missing_or_unmeasured_and_each_cell_has_its_source(edition_id, iso3):
    ready = factors.factors(edition_id, iso3)
    factors_known = (
        {m.factor.id for m in ready.measured} | {f.id for f, _ in ready.without_figure} | {f.id for f in ready.unmeasured}
    )
    assert len(factors_known) == 23
    for row in ready.measured:
        assert row.period and row.source and row.most_serious and row.grade in "ABCDU", row.indicator
        assert row.change == "too few years" or row.change.split(",")[0] in ("rose", "fell", "no steady rise or fall")
    assert not {m.key for m in ready.measured if m.factor.id == "joblessness"} & {
        m.key for m in ready.measured if m.factor.id == "poverty"
    }


def test_modelled_and_surveyed_unemployment_never_share_a_line(edition_id):
    rows = {m.key: m.chart.rows for m in factors.factors(edition_id, "THA").measured if m.factor.id == "joblessness"}
    assert {"unemployment_modelled", "unemployment_survey"} <= set(rows)
    assert all(part.indicator_id.nunique() == part.source_id.nunique() == 1 for part in rows.values())


def test_an_early_look_spells_out_reasons_and_has_no_score(edition_id):
    look = early.early_look(edition_id)
    names = [name for name, _ in look.members]
    assert names == sorted(names) and all(len(reasons) >= 2 for _, reasons in look.members)
    assert all("grade" in r and " in 20" in r for _, reasons in look.members for r in reasons)
    assert "In order of name" in look.message and look.caveats


def test_a_tenth_of_a_point_is_no_warning_however_steady_the_rise():
    assert not early._large([0.6, 0.65, 0.7], "per-cent") and early._large([3.1, 3.9], "per-cent")
    assert not early._large([1000, 1090], "person") and early._large([1000, 1100], "person")


def test_an_early_look_at_corridors_needs_both_ends_to_have_moved(edition_id):
    look = early.early_look(edition_id)
    names = {name for name, _ in look.members}
    assert look.corridors and [c[0] for c in look.corridors] == sorted(c[0] for c in look.corridors)
    for title, origin, destination, reasons in look.corridors:
        assert title.split(" to ")[0] in names and origin != destination
        assert "asylum applications rose" in reasons[0] and len(reasons) >= 3
    assert "not a forecast" in look.note


def test_the_models_page_explains_every_term_or_says_why_there_is_no_model(edition_id):
    models = model.models(edition_id)
    assert set(models) == {"flow", "stock"}
    flow = models["flow"]
    assert not flow.refusal and {"Distance", "Common border"} <= set(flow.terms.Term)
    assert "without anybody" in flow.facts and flow.method and flow.left_out


def test_a_corridor_is_told_by_its_place_among_similar_pairs_and_never_as_risk(edition_id):
    said, caveats = model.corridor(edition_id, "MMR", "THA")
    assert len(said) == 2 and "314,369" in said[0] and "more than 93 of 100 similar pairs" in said[0]
    assert "more than most similar pairs" in said[0]
    assert "risk" not in " ".join(said).lower() and caveats
    assert model.corridor(edition_id, "PRK", "THA")[0] == ()


def test_a_what_if_stands_beside_what_followed_like_changes_of_the_past(edition_id):
    found = model.episodes(edition_id, "ln_income_origin", math.log(0.8))
    rows = found.table.set_index("Five years")
    syria = rows[rows.Place == "Syrian Arab Republic"].loc["2008 to 2012"]
    held = model_reading.five_years_apart(edition_id, "income", True).set_index(["iso3", "year"]).loc[("SYR", 2012)]
    assert (syria["Before"], syria["After five years"]) == (words.number(held.before), words.number(held.now))
    assert syria["Times"] == f"{held.applied_after / held.applied_before:.2g}" == "30"
    assert f"{len(rows)} such episodes" in found.said and "in the middle case" in found.said
    for row in held.to_frame().T.itertuples():
        assert 0.5 <= math.log(row.now / row.before) / math.log(0.8) <= 1.5
    for place, part in found.table.groupby("Place"):  # five years of a place never overlap
        starts = sorted(int(text[:4]) for text in part["Five years"])
        assert all(b - a >= 5 for a, b in zip(starts, starts[1:])), place
    few = model.episodes(edition_id, "ln_conflict_origin", math.log1p(1000))
    assert "too few for a range" in few.said and len(few.table) < 3


def test_past_changes_of_visa_rules_stand_with_what_applications_did_about_them(edition_id):
    found = model.visa_episodes(edition_id, "tightened")
    rows = found.table.set_index(["To", "From", "Since"])
    indonesia = rows.loc[("Indonesia", "Iran (Islamic Republic of)", "2013-08-20")]
    assert (indonesia["Two years before"], indonesia["Two years after"]) == (
        "568; 804",
        "143; 55",
    )  # UNHCR: 2011, 2012; 2014, 2015
    assert indonesia.Times == f"{(143 + 55) / (568 + 804):.2g}" == "0.14" and "jakartapost" in indonesia.Source
    followed = rows[~rows.Times.str.startswith("not")]
    assert f"Of {len(rows)} listed changes that made entry harder, {len(followed)} can be followed" in found.said
    assert "no effect of a visa" in found.said and "2.6" not in found.said
    assert rows.loc[("Republic of Korea", "Bangladesh", "2008-07-15")].Times.startswith("not followed: the date")
    assert rows.loc[("Lebanon", "Syrian Arab Republic", "2015-01-05")].Times == "not followed: no figure for 2017"
    assert rows.Times.str.contains("another change in 2017-08").any()
    assert rows.Times.str.contains("2026 is not held yet").any()
    easier = model.visa_episodes(edition_id, "eased")
    assert "made entry easier, 3 can be followed, too few for a range" in easier.said and "between" not in easier.said
    brazil = easier.table[easier.table.To == "Brazil"].iloc[0]
    assert brazil.Times.startswith("not followed: a rule made for people who mean to ask for asylum")
    assert "31" not in easier.said


def test_the_model_of_visa_rules_gives_a_range_and_what_it_makes_of_a_corridor(edition_id):
    held = model_reading.visa_model(edition_id).iloc[0]
    assert held.changed >= 20 and held.pairs > 1000 and 2 < held.freedom < held.changed and words.missing(held.refusal)
    assert 0 < held.lower_95 < held.lower_80 < held.upper_80 < held.upper_95
    harder, easier = (model.visa_range(edition_id, change, "", "").said for change in ("tightened", "eased"))
    assert f"multiplied by {held.lower_80:.2g} to {held.upper_80:.2g}** where entry is made harder (80 % interval" in harder
    assert f"95 %: {1 / held.upper_95:.2g} to {1 / held.lower_95:.2g})" in easier and "made easier" in easier
    assert all("cannot tell a rise from a fall" in said and "Choose both ends" in said for said in (harder, easier))
    found = model.visa_range(edition_id, "eased", "IRN", "DEU")
    assert "Iran (Islamic Republic of) to Germany: 2,271 in 2025" in found.said  # UNHCR
    assert words.about(2271 / held.upper_80) in found.said and words.about(2271 / held.lower_95) in found.said
    named = ("12 January 2025", "Passport Index", "UNHCR", f"{held.changed} changes", "no effect of it", "Never quote it")
    assert all(each in found.method for each in named)


@pytest.mark.parametrize(
    ("change", "origin", "destination", "why"),
    [
        ("eased", "NCL", "FRA", "No visa rule of citizens of New Caledonia"),
        ("tightened", "THA", "NCL", "No visa rule of citizens of Thailand entering New Caledonia"),
        ("eased", "DEU", "THA", "were read for members’ passports, and not for Germany’s"),
        ("eased", "CHN", "JPN", "by electronic visa: such rules are left out"),
        ("eased", "TUR", "KOR", "need no visa before the journey already"),
        ("tightened", "IRN", "DEU", "need a visa already"),
        ("tightened", "IDN", "SGP", "No figure of applications by people from Indonesia in Singapore is held"),
        ("tightened", "MYS", "JPN", "No application by people from Malaysia in Japan is on record"),
    ],
)
def test_a_pair_of_which_the_model_of_visa_rules_can_say_nothing_gets_no_range(edition_id, change, origin, destination, why):
    found = model.visa_range(edition_id, change, origin, destination)
    assert found.said.startswith(model.NO_RANGE) and why in found.said and "multiplied" not in found.said


def test_a_model_of_visa_rules_that_was_refused_or_is_not_there_says_why(edition_id, monkeypatch):
    real = model_reading.visa_model(edition_id)
    why = "the visa rule changes in 16 pairs with an outcome, at least 20 are needed"
    monkeypatch.setattr(model_reading, "visa_model", lambda _: real.assign(refusal=why))
    said = model.visa_range(edition_id, "eased", "IRN", "DEU").said
    assert said == f"{model.NO_RANGE} The visa rule changes in 16 pairs with an outcome, at least 20 are needed."

    def older(_):
        raise OtherShape

    monkeypatch.setattr(model_reading, "visa_model", older)
    assert "built by an earlier version" in model.visa_range(edition_id, "eased", "", "").said
    monkeypatch.setattr(model_reading, "visa_model", lambda _: real)
    masked = {"rule": "required", "read": True, "counted": True, "year": 2023, "value": np.nan, "lower": 3, "upper": 5}
    monkeypatch.setattr(model_reading, "visa_pair", lambda *_: masked)
    assert "Germany: 3–5 in 2023" in model.visa_range(edition_id, "eased", "IRN", "DEU").said


def test_a_range_of_changes_of_visa_rules_needs_eight_of_them(edition_id, monkeypatch):
    real = model_reading.visa_changes(edition_id)
    four = real[(real.destination_iso3 == "IDN") & (real.origin_iso3 == "IRN")]

    def sentence(count):
        many = pd.concat([four.assign(since=f"2013-{n + 1:02}") for n in range(count)])
        monkeypatch.setattr(model_reading, "visa_changes", lambda _: many)
        return model.visa_episodes(edition_id, "tightened").said

    single = "0.14 times from Iran (Islamic Republic of) to Indonesia (2013)"
    assert "between" not in sentence(7) and sentence(7).count(single) == 7
    assert "between 0.14 and 0.14 times" in sentence(8) and single not in sentence(8)


def test_an_edition_without_a_list_of_changes_of_visa_rules_says_so(edition_id, monkeypatch):
    def older(_):
        raise OtherShape

    monkeypatch.setattr(model_reading, "visa_changes", older)
    found = model.visa_episodes(edition_id, "eased")
    assert "holds no list of changes" in found.said and "earlier version" in found.said
    assert "Of 0" not in found.said and not len(found.table)


def test_about_a_change_of_a_visa_rule_zero_masked_and_missing_are_three_things(edition_id, monkeypatch):
    real = model_reading.visa_changes(edition_id)
    four = real[(real.destination_iso3 == "IDN") & (real.origin_iso3 == "IRN")]

    def row_of(**columns):
        monkeypatch.setattr(model_reading, "visa_changes", lambda _: four.assign(**columns))
        found = model.visa_episodes(edition_id, "tightened")
        assert "between" not in found.said
        return found.table.iloc[0]

    masked = row_of(
        value=[100, np.nan, 0, np.nan],
        lower=[100, 3, 0, 1],
        upper=[100, 5, 0, 4],
        status=["reported", "masked", "zero", "masked"],
    )
    assert masked["Two years after"] == "0; 1–4" and masked.Times == f"{1 / 105:.2g} to {4 / 103:.2g}"
    missing = row_of(
        value=[100, np.nan, 50, 60], lower=np.nan, upper=np.nan, status=["reported", None, "reported", "reported"]
    )
    assert missing["Two years before"] == "100; no figure" and missing.Times == "not followed: no figure for 2012"
    few = row_of(value=[10, 20, 50, 60], lower=[10, 20, 50, 60], upper=[10, 20, 50, 60])
    assert few.Times == "not followed: 30 or fewer before"
    assert row_of(broken=True).Times == "not followed: counted in a new way"
    monkeypatch.setattr(model_reading, "visa_changes", lambda _: four.iloc[:0])
    assert model.visa_episodes(edition_id, "eased").said.endswith(
        "Of 0 listed changes that made entry easier, none can be followed."
    )


def test_what_if_is_the_models_own_arithmetic(edition_id):
    rows = model_reading.coefficients(edition_id, "flow").set_index("term")
    factor, low, high = model.changed(edition_id, "flow", {"ln_income_destination": math.log(2)})
    known = rows.loc["ln_income_destination"]
    assert (factor, low, high) == pytest.approx((known.effect, known.effect_lower, known.effect_upper), rel=1e-3)
    assert model.changed(edition_id, "flow", {"ln_income_destination": 0.0}) == (1, 1, 1)
    assert model.expected_number(edition_id, "flow", "MMR", "THA") == pytest.approx(74935, rel=0.01)
    assert model.expected_number(edition_id, "flow", "", "") is None


def test_a_corridor_compares_work_and_poverty_at_both_ends_and_says_that_wages_are_not_held(edition_id):
    found = gap.gap(edition_id, "VNM", "AUS")
    assert {"gap-gdp_per_head_ppp", "gap-unemployment_modelled", "gap-youth_unemployment_survey"} <= {
        c.key for c in found.cards
    }
    assert set(gap.NOT_HELD) <= set(found.missing)
    assert {c.key for c in found.cards} == {c.key for c in found.charts}, (
        "each over time, the origin's conflict and remittances too"
    )
