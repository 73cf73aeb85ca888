"""Grades from stored inputs, digits from comparison, grades set by hand: what is graded, and what is refused by name."""

from datetime import date

import pandas as pd
import pytest

from corridors import catalog
from corridors.statistics import quality, trend
from corridors.store import editions
from corridors.store.queries import figures
from corridors.views import quality as views
from etl import conflicts, grading, trends
from etl.build import build
from tests.small_data import made

VOCABULARY = catalog.load()


def series(
    values, first=2010, status="reported", segment=0, iso3="THA", indicator="detected_victims", source="unodc_glotip"
):
    """A yearly series in the columns that the store hands over; None is a gap, a pair is a range."""
    known = [
        (first + n, *(value if isinstance(value, tuple) else (value, value)))
        for n, value in enumerate(values)
        if value is not None
    ]
    rows = pd.DataFrame(known, columns=["year", "low", "high"]).astype({"low": float, "high": float})
    about = {"iso3": iso3, "view": "place", "indicator_id": indicator, "source_id": source, "status": status}
    rows = rows.assign(**about, segment=segment, since=float("nan"), value=rows.low.where(rows.low == rows.high))
    return rows.assign(figure_id=iso3 + "-" + rows.year.astype(str))


def verdict(rows) -> dict:
    return trends.verdicts(rows, VOCABULARY).iloc[0].to_dict()


def test_a_rise_is_said_with_its_slope_and_a_short_series_gets_no_verdict():
    rose = verdict(series(range(100, 220, 10)))
    assert (rose["verdict"], rose["first_year"], rose["last_year"], rose["years"]) == ("rose", 2010, 2021, 12)
    assert rose["slope"] == pytest.approx(10) and rose["change_after"] == 2015
    short = verdict(series([100, 200, 300, 400, 500]))
    assert short["verdict"] == "too few years" and pd.isna(short["p"]) and pd.isna(short["slope"])


def test_no_test_is_drawn_across_a_break_or_a_gap():
    broken = pd.concat([series(range(10)), series([500, 400, 300], first=2020, segment=1)])
    assert (verdict(broken)["verdict"], verdict(broken)["first_year"]) == ("too few years", 2020)
    gap = series([21, 22, 23, 24, 25, 26, 27, None, 28, 29])
    assert (verdict(gap)["verdict"], verdict(gap)["years"]) == ("too few years", 2)


def test_a_publisher_that_forbids_trends_is_obeyed():
    told = verdict(series(range(100, 220, 10), indicator="deaths_and_disappearances", source="iom_missing_migrants"))
    assert told["verdict"] == "not tested" and pd.isna(told["p"])


def test_many_series_of_one_theme_raise_no_crowd_of_false_alarms():
    weak = series([50, 40, 60, 55, 70, 65, 72])
    assert verdict(weak)["verdict"] == "rose" and verdict(weak)["q"] == pytest.approx(verdict(weak)["p"])
    flat = [series([50, 60, 50, 60, 50, 60, 50], iso3=iso3) for iso3 in list(VOCABULARY.members)[:20] if iso3 != "THA"]
    prices = [
        series([50, 60, 50, 60, 50, 60, 50], iso3=iso3, indicator="inflation") for iso3 in list(VOCABULARY.members)[:20]
    ]
    other_theme = trends.verdicts(pd.concat([weak, *prices]), VOCABULARY)
    assert (other_theme.verdict == "rose").sum() == 1, "series of another theme do not decide about victims"
    together = trends.verdicts(pd.concat([weak, *flat]), VOCABULARY)
    assert together.verdict.eq("no steady rise or fall").all() and together.q.min() > trend.FALSE_DISCOVERY


def test_ranges_stand_at_the_middle_and_the_verdict_says_so():
    told = verdict(series([(30, 40)] * 8))
    assert told["verdict"] == "no steady rise or fall" and told["note"].startswith("8 of 8 years are ranges")


ENTRY = """
[[overrides]]
indicator = "detected_victims"
source = "unodc_glotip"
member = "THA"
year = 2019
grade = "C"
set_by = "Analysts' desk"
reason = "The ministry confirmed the count in writing."
dated = 2026-11-21
"""


@pytest.fixture
def data(tmp_path):
    return made(tmp_path / "data")


def test_a_grade_set_by_hand_replaces_the_computed_one_and_is_listed_with_both(data, tmp_path, monkeypatch):
    (data / "editorial" / "overrides.toml").write_text(ENTRY, encoding="utf-8")
    made_edition = build(data, tmp_path / "editions", date(2026, 11, 21))
    monkeypatch.setenv("CORRIDORS_EDITIONS", str(tmp_path / "editions"))
    rows = figures.ask(
        made_edition.edition_id,
        "select distinct grade, grade_reason from figure_annotated where indicator_id = "
        "'detected_victims' and 'THA' in (iso3, partner_iso3) and year = 2019",
    )
    assert rows.grade.to_list() == ["C"] and rows.grade_reason[0].startswith("Set by Analysts' desk: The ministry")
    log = figures.ask(made_edition.edition_id, "from grade_override").iloc[0]
    assert (log.grade, log.computed) == ("C", "B") and log.figures > 0


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('reason = "The ministry confirmed the count in writing."', 'reason = ""'), "no reason"),
        (('set_by = "Analysts\' desk"', 'set_by = " "'), "no set_by"),
        (('grade = "C"', 'grade = "A+"'), "'A+'"),
        (('member = "THA"', 'member = "Thailand"'), "'Thailand'"),
        (('indicator = "detected_victims"', 'indicator = "victims"'), "'victims'"),
        (("dated = 2026-11-21", 'dated = "soon"'), "'soon'"),
        (("year = 2019", "jahr = 2019"), "field “jahr”"),
        (("[[overrides]]", "[[overrides]"), "TOML"),
    ],
)
def test_an_override_that_says_too_little_is_refused_by_name(tmp_path, change, says):
    path = tmp_path / "overrides.toml"
    path.write_text(ENTRY.replace(*change), encoding="utf-8")
    with pytest.raises(grading.OverrideRefused) as refusal:
        grading.overrides(path, VOCABULARY)
    assert says in str(refusal.value) and "overrides.toml" in str(refusal.value)


def test_an_override_that_finds_no_figure_stops_the_build(data, tmp_path):
    (data / "editorial" / "overrides.toml").write_text(ENTRY.replace("year = 2019", "year = 1900"), encoding="utf-8")
    with pytest.raises(grading.OverrideRefused, match="no figure of detected_victims, unodc_glotip, THA, 1900 .entry 1."):
        build(data, tmp_path / "editions", date(2026, 11, 21))
    assert editions.listed(tmp_path / "editions") == []


def test_a_total_below_its_parts_is_doubtful_and_says_that_sources_disagree(edition_id):
    rows = figures.ask(
        edition_id,
        """
        select figure.* from figure join agreement on first_id = figure_id
        where rule_id = 'victims_by_sex' and verdict = 'impossible'""",
    )
    assert len(rows) == 12 and set(rows.credibility) == {"4"} and (rows.agreement_score == 0).all()
    assert all("C99" in codes for codes in rows.caveats)


def test_ranges_that_meet_do_not_contradict(edition_id):
    rows = figures.ask(edition_id, "from agreement where verdict = 'impossible'")
    parts = rows.rule_id.str.endswith("by_sex")
    assert (rows.first_upper[parts] < rows.second_lower[parts]).all()
    assert (rows.first_lower[~parts] > rows.second_upper[~parts]).all()


def test_every_figure_has_its_scores_and_the_letter_they_give(edition_id):
    names = quality.DIMENSIONS
    rows = figures.ask(
        edition_id, f"select distinct {', '.join(f'{n}_score' for n in names)}, method_class, grade from figure"
    )
    assert len(rows) == 25
    for row in rows.itertuples():
        scores = {n: None if pd.isna(getattr(row, f"{n}_score")) else int(getattr(row, f"{n}_score")) for n in names}
        assert quality.graded(scores, row.method_class).letter == row.grade, row


def test_the_letter_tells_members_that_answer_from_those_that_do_not(edition_id):
    rows = figures.ask(
        edition_id,
        """
        select theme, grade, count(*)::integer as n from figure join indicator using (indicator_id)
        where partner_iso3 is null and sex = 'total' and age = 'total' and form = 'total' and iso3 in (select iso3 from member)
        group by all""",
    )
    counted = {theme: dict(zip(of.grade, of.n)) for theme, of in rows.groupby("theme")}
    assert counted["justice"] == {"B": 569, "C": 369, "D": 166}
    assert counted["victims"] == {"B": 202, "C": 64, "D": 48}
    assert counted["smuggling"] == {"B": 25, "C": 32, "D": 18}
    assert counted["deaths"] == {"C": 310} and counted["migration"] == {"C": 405}


def test_coverage_counts_the_last_ten_years_and_is_unknown_where_nobody_is_asked(edition_id):
    rows = figures.ask(
        edition_id,
        """
        select distinct indicator_id, iso3, answered, expected, coverage_score from figure
        where iso3 in ('THA', 'SLB', 'WLD') and partner_iso3 is null or iso3 = 'WLD'""",
    ).set_index(["indicator_id", "iso3"])
    assert rows.loc[("detected_victims", "THA")].to_list() == [10, 10, 3]
    assert rows.loc[("detected_victims", "SLB")].to_list() == [4, 10, 0]
    asked = set(rows[rows.answered.notna()].reset_index().indicator_id)
    assert not asked & {"deaths_and_disappearances", "migrant_stock", "unemployment_modelled", "refugees_returned"}
    assert {"detected_victims", "smuggling_offences", "refugees", "inflation", "extreme_poverty"} <= asked
    assert rows.xs("WLD", level="iso3").answered.isna().all()


def test_what_to_fix_first_follows_the_letter(edition_id):
    first = views.fixes(edition_id, "FJI")[0]
    assert first.what.startswith("Answer for each of the last ten years") and first.lifted == len(first.names) > 0
    assert not any("Deaths" in name or "modelled" in name for name in first.names)


def test_caveats_apply_themselves(edition_id):
    few = figures.ask(
        edition_id,
        "select count(*) as n from figure join indicator using (indicator_id) where list_contains(caveats, 'C91') and "
        "not (kind = 'count' and stock_or_flow = 'flow' and coalesce(value, upper) between 1 and 17)",
    ).n[0]
    old = figures.ask(
        edition_id,
        "select count(*) as n from figure cross join edition where list_contains(caveats, 'C92') <> "
        "(dated - period_end > 2 * case when period_end > period_start then period_end - period_start + 1 else 365 end)",
    ).n[0]
    new = figures.ask(
        edition_id, "select distinct year(period_end) as year from figure where list_contains(caveats, 'C94')"
    ).year.to_list()
    assert (few, old) == (0, 0) and 2017 in new


def test_every_conflict_has_two_sides_a_reason_and_sources(edition_id):
    rows = figures.ask(
        edition_id,
        """
        select conflict.conflict_id, count(side.conflict_id) as sides, any_value(reason) as reason,
               bool_and(trim(said) <> '' and trim(source) <> '' and trim(definition) <> '') as full
        from conflict left join conflict_side as side using (conflict_id) group by 1""",
    )
    assert (rows.sides >= 2).all() and rows.full.all() and rows.reason.str.len().gt(10).all()
    said = figures.ask(
        edition_id, "select said from conflict_side where conflict_id = 'R24-2019-aboard' order by position"
    ).said.to_list()
    assert said[:2] == ["243 people", "248 people"]


def test_a_conflict_without_a_reason_and_a_reason_without_a_conflict_are_refused_together(tmp_path):
    path = tmp_path / "conflicts.toml"
    path.write_text('[gone]\ntitle = "Gone"\nreason = "x"\n\n[bare]\ntitle = ""\nreason = ""\n', encoding="utf-8")
    evidence = pd.DataFrame({"conflict": ["new", "bare"]})
    with pytest.raises(conflicts.ConflictsRefused) as refusal:
        conflicts._reasons(path, set(evidence.conflict))
    text = str(refusal.value)
    assert all(said in text for said in ("“gone”", "“new”", "“bare” without title", "“bare” without reason"))
