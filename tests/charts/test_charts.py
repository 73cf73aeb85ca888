"""Charts as plain Python: what is not known is never drawn as known, and no line says more than the figures do."""

import re

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import plotly.io as pio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors.charts import bars, coverage, theme, trend
from corridors.store.queries import figures

BREAK_2017 = [(2017, "UNODC changed its questionnaire.")]
OVERLAP = "ranges overlap, so which year was the highest is not known"


def test_a_chart_carries_the_colours_of_the_theme_and_no_other_template(monkeypatch):
    monkeypatch.setattr(pio.templates, "default", "plotly")  # what a figure is born with, seven times what it draws
    sent = theme.themed(go.Figure(go.Scatter(x=[1], y=[2]))).to_dict()
    assert sent["layout"]["template"] == {"layout": {"colorway": theme.PLACEHOLDERS}}


def figure(year: int, value=None, lower=None, upper=None) -> dict:
    """One year of a series: a value, or bounds."""
    numbers = {"value": value, "lower": lower, "upper": upper}
    known = {name: np.nan if number is None else float(number) for name, number in numbers.items()}
    return {"year": year, **known, "unit_many": "victims"}


def series(*rows: dict) -> pd.DataFrame:
    return pd.DataFrame(rows)


def line_of(drawn) -> list[tuple]:
    (line,) = [t for t in drawn.data if t.type == "scatter"]
    return list(zip(line.x, line.y))


def joined(drawn) -> list[tuple[int, int]]:
    """Pairs of years that the line joins."""
    points = line_of(drawn)
    return [(a[0], b[0]) for a, b in zip(points, points[1:]) if a[1] is not None and b[1] is not None]


def ranges_of(drawn) -> list:
    return [t for t in drawn.data if t.type == "bar" and t.marker.pattern.shape]


@st.composite
def wild_series(draw) -> pd.DataFrame:
    """Years in any order with gaps; each reported, zero, masked or a narrow range."""
    years = draw(st.lists(st.integers(2000, 2026), min_size=1, max_size=20, unique=True))
    rows = []
    for year in years:
        value = draw(st.integers(0, 10**6))
        kind = draw(st.sampled_from(["reported", "masked", "narrow"]))
        rows.append(
            figure(year, value)
            if kind == "reported"
            else figure(year, lower=1, upper=4)
            if kind == "masked"
            else figure(year, lower=value + 1000, upper=value + 1005)
        )
    return series(*rows)


breaks = st.lists(st.integers(1999, 2027), max_size=3, unique=True).map(lambda years: [(y, "why") for y in years])


def test_no_line_is_drawn_across_a_break():
    drawn = trend.draw(series(*(figure(y, 100) for y in range(2014, 2020))), BREAK_2017)
    assert joined(drawn) == [(2014, 2015), (2015, 2016), (2017, 2018), (2018, 2019)]
    (mark,) = drawn.layout.shapes
    assert mark.x0 == mark.x1 == 2016.5 and mark.line.dash == "dot"
    assert [a.text for a in drawn.layout.annotations] == ["break"]


def test_a_masked_year_is_a_hatched_range_and_no_point():
    drawn = trend.draw(series(figure(2014, 5), figure(2015, lower=1, upper=4), figure(2016, 7)))
    (masked,) = ranges_of(drawn)
    assert (list(masked.x), list(masked.base), list(masked.y)) == ([2015], [1], [3])
    assert list(masked.text) == ["2015: 1–4 victims"] and masked.name == "only a range is known"
    assert 2015 not in [x for x, y in line_of(drawn) if y is not None] and joined(drawn) == []


def test_a_range_too_narrow_to_see_is_a_point_that_still_says_it_is_a_range():
    drawn = trend.draw(series(figure(2014, lower=1200, upper=1230)))
    assert ranges_of(drawn) == [] and line_of(drawn) == [(2014, 1215.0)]
    assert list(drawn.data[0].text) == ["2014: 1,200–1,230 victims"]


def test_a_zero_is_a_point_at_zero_and_zeros_alone_or_no_year_at_all_are_no_fault():
    drawn = trend.draw(series(figure(2014, 0), figure(2015, 3)))
    assert line_of(drawn) == [(2014, 0.0), (2015, 3.0)] and list(drawn.data[0].text)[0] == "2014: 0 victims"
    assert trend.draw(series(figure(2014, 0), figure(2015, 0))).layout.yaxis.range[1] >= 1
    assert trend.draw(series(figure(2014, 1)).iloc[:0]).layout.yaxis.range[0] == 0


def test_years_are_drawn_in_order_no_line_crosses_a_missing_one_and_a_break_outside_is_not_marked():
    drawn = trend.draw(series(figure(2019, 8), figure(2014, 5), figure(2018, 9), figure(2015, 6)), BREAK_2017[:0])
    assert [x for x, y in line_of(drawn) if y is not None] == [2014, 2015, 2018, 2019]
    assert joined(drawn) == [(2014, 2015), (2018, 2019)] and drawn.data[0].connectgaps is False
    for first, last in ((2018, 2019), (2010, 2016)):
        assert not trend.draw(series(figure(first, 3), figure(last, 4)), BREAK_2017).layout.shapes


@given(wild_series(), breaks)
def test_whatever_the_series_the_line_joins_only_neighbouring_years_of_one_method(rows, cuts):
    drawn = trend.draw(rows, cuts)
    for before, after in joined(drawn):
        assert after == before + 1 and not any(before < year <= after for year, _ in cuts)


@given(wild_series(), breaks)
def test_whatever_the_series_every_year_is_drawn_once_inside_a_frame_that_starts_at_zero(rows, cuts):
    drawn = trend.draw(rows, cuts)
    years = [x for x, y in line_of(drawn) if y is not None] + [x for t in ranges_of(drawn) for x in t.x]
    assert sorted(years) == sorted(rows.year)
    low, high = drawn.layout.yaxis.range
    assert low == 0 and high >= max(rows.value.max(skipna=True) or 0, rows.upper.max(skipna=True) or 0, key=np.nan_to_num)
    assert drawn.layout.xaxis.range[0] < rows.year.min() and drawn.layout.xaxis.range[1] > rows.year.max()


@pytest.mark.parametrize(
    ("rows", "cuts", "said"),
    [
        ([figure(2019, 1541), figure(2022, 295)], [], "295 in 2022; the highest since 2019 was 1,541 in 2019"),
        ([figure(2016, 900), figure(2019, 155), figure(2022, 295)], BREAK_2017, "295 in 2022, the highest since 2017"),
        ([figure(2016, 900), figure(2022, 295)], BREAK_2017, "295 in 2022, the only year since the break"),
        ([figure(2022, 295)], [], "295 in 2022, the only year on record"),
        ([figure(2021, 9), figure(2022, lower=1, upper=4)], [], "1–4 in 2022; the highest since 2021 was 9 in 2021"),
        ([figure(2021, 3), figure(2022, lower=1, upper=4)], [], f"1–4 in 2022; {OVERLAP}"),
        ([figure(2021, lower=1, upper=4), figure(2022, lower=1, upper=4)], [], f"1–4 in 2022; {OVERLAP}"),
        ([figure(2021, 0), figure(2022, 0)], [], "0 in 2022; the highest since 2021 was 0 in 2021"),
    ],
)
def test_the_headline_says_no_more_than_the_figures_do(rows, cuts, said):
    assert trend.headline(series(*rows), cuts) == said


@given(wild_series(), breaks)
def test_a_highest_year_is_only_named_when_no_other_can_be_higher(rows, cuts):
    said = trend.headline(rows, cuts)
    latest = rows.year.max()
    assert f" in {latest}" in said
    if "the highest since" in said:
        named = int(re.search(r" in (\d{4})(?:, a spike)?$", said)[1]) if "; " in said else latest
        since = int(re.search(r"since (\d{4})", said)[1])
        sure = rows.set_index("year")
        least = sure.value.fillna(sure.lower)[named]
        others = sure[(sure.index >= since) & (sure.index != named)]
        assert not (others.value.fillna(others.upper) > least).any()


def partners(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame([{**figure(2025, *numbers), "partner": name} for name, *numbers in rows])


def test_bars_start_at_zero_and_keep_the_order_they_were_given_top_first():
    drawn = bars.draw(partners(("Bangladesh", 1178003), ("Malaysia", 140238), ("Thailand", 80411)), "partner")
    (bar,) = drawn.data
    assert list(bar.y) == ["Thailand", "Malaysia", "Bangladesh"] and list(bar.x) == [80411, 140238, 1178003]
    low, high = drawn.layout.xaxis.range
    assert low == 0 and high > 1178003 and bar.base is None
    assert list(bar.text) == ["80,411", "140,238", "1,178,003"]


def test_a_masked_partner_is_a_hatched_range_between_its_bounds():
    drawn = bars.draw(partners(("Bangladesh", 900), ("Nepal", None, 3, 5)), "partner")
    (masked,) = ranges_of(drawn)
    assert (list(masked.y), list(masked.base), list(masked.x), list(masked.text)) == (["Nepal"], [3], [2], ["3–5"])
    (solid,) = [t for t in drawn.data if not t.marker.pattern.shape]
    assert dict(zip(solid.y, solid.x)) == {"Bangladesh": 900, "Nepal": 0}


def test_only_the_first_ten_are_drawn():
    drawn = bars.draw(partners(*((f"Country {n}", 100 - n) for n in range(14))), "partner")
    assert len(drawn.data[0].y) == 10 and "Country 9" in drawn.data[0].y and "Country 10" not in drawn.data[0].y


@given(wild_series())
def test_every_bar_lies_inside_the_frame_and_says_what_the_card_says(rows):
    drawn = bars.draw(rows.assign(name=rows.year.astype(str)), "name", most=30)
    high = drawn.layout.xaxis.range[1]
    texts = [t for bar in drawn.data for t in bar.text if t]
    assert len(texts) == len(rows) and "not known" not in texts
    for bar in drawn.data:
        base = np.zeros(len(bar.x)) if bar.base is None else np.array(bar.base, dtype=float)
        assert (base >= 0).all() and (base + np.array(bar.x, dtype=float) <= high).all()


def test_the_coverage_chart_shows_all_45_members_apart_without_colour_and_names_where_least_is_known(edition_id):
    rows = figures.coverage(edition_id)
    table = coverage.counted(rows, 2026)
    assert (table.recent + table.older + table.none == 45).all() and table.position.is_monotonic_increasing
    drawn = coverage.draw(rows, 2026)
    assert [t.name for t in drawn.data] == ["a figure since 2022", "only older figures", "no figure held"]
    assert np.array([list(t.x) for t in drawn.data]).sum(axis=0).tolist() == [45] * len(drawn.data[0].y)
    looks = [(t.marker.pattern.shape, bool(t.marker.line.width)) for t in drawn.data]
    assert len(set(looks)) == 3 and drawn.layout.barmode == "stack" and list(drawn.layout.xaxis.range) == [0, 45]
    silent = rows[rows.latest.isna()].groupby("title").size()
    said = coverage.headline(rows, 2026)
    assert f"**{silent.idxmax()}**" in said and f"{silent.max()} of 45 members have no figure at all" in said


def test_the_coverage_table_has_every_member_and_tells_nothing_held_from_zero_and_masked(edition_id):
    rows = figures.coverage(edition_id)
    wide = coverage.table(rows).set_index("Member")
    assert len(wide) == 45 and list(wide.columns)[0] == "Subregion"
    titles = rows.drop_duplicates("theme").sort_values("position").title
    assert list(wide.columns)[1:] == list(titles)
    assert wide.loc["Thailand", titles.iloc[0]] == "2022" and "–" in set(wide.loc["Nauru"])
    states = set(rows.state.dropna())
    said = set(wide.drop(columns="Subregion").to_numpy().ravel())
    assert all(re.fullmatch(r"–|\d{4}( masked| zero)?", text) for text in said)
    assert ("masked" in states) == any("masked" in t for t in said) and ("zero" in states) == any("zero" in t for t in said)


@given(st.lists(st.one_of(st.none(), st.integers(2000, 2026)), min_size=45, max_size=45), st.integers(2020, 2030))
def test_counts_always_make_up_the_members_that_were_given(years, this_year):
    names = {"iso3": [f"M{n:02}" for n in range(45)], "theme": "victims", "title": "Victims", "position": 0}
    rows = pd.DataFrame(names | {"latest": pd.array(years, dtype="Int64")})
    table = coverage.counted(rows, this_year)
    assert (table.recent + table.older + table.none).tolist() == [45]
    assert table.none[0] == years.count(None)


def test_a_year_that_is_not_over_stands_apart_and_is_said():
    rows = series(figure(2023, 10), figure(2024, 12), figure(2025, 3)).assign(status=["reported", "reported", "provisional"])
    line = trend.draw(rows).data[0]
    assert line.y[-2] is None and line.marker.symbol[-1] == "circle-open"  # no line falls to it
    assert trend.headline(rows).startswith("3 in 2025 so far, a year that is not complete")


def test_years_of_which_no_trend_may_be_read_are_not_joined():
    rows = series(figure(2014, 5), figure(2015, 6), figure(2016, 7))
    assert trend.draw(rows).data[0].mode == "lines+markers" and trend.draw(rows, joined=False).data[0].mode == "markers"
