"""What charts and words must be on every member's page, held for six that differ most: much, little and nothing reported."""

import re

import pytest

from corridors import catalog
from corridors.charts import NEUTRAL
from corridors.views import briefings, factors, member

SIX = ("AUS", "IDN", "IRN", "KIR", "MMR", "THA")
LESS_THAN_LESS = re.compile(r"[-−–](?<!\d[-−–])\d[\d.,]*(?: \S+)? (?:less|fewer|lower|down|decrease)\b")


@pytest.fixture(scope="module", params=SIX)
def charts(request, edition_id):
    """The charts of a member's parts, those of its victims behind menus too."""
    made = [m.chart for m in factors.factors(edition_id, request.param).measured]
    for theme in catalog.load().themes:
        view = member.theme_view(edition_id, request.param, theme)
        made += [*view.first, *(view.more.values() if theme == "victims" else ())]
    return request.param, made


def said(chart) -> str:
    return " ".join([chart.title, chart.message, chart.alt, *chart.notes])


def test_what_is_masked_has_one_colour_and_one_pattern(charts):
    hatched = [
        trace.marker
        for chart in charts[1]
        if chart.figure
        for trace in chart.figure.data
        if trace.type == "bar" and trace.marker.pattern.shape
    ]
    assert {(marker.color, marker.pattern.shape) for marker in hatched} <= {(NEUTRAL, "/")}
    assert hatched or charts[0] in ("KIR",), "a member of which something is masked"


def test_a_single_value_is_a_number_and_no_chart_with_one_dot(charts):
    for chart in charts[1]:
        drawn = sum(len(trace.x) for trace in chart.figure.data if trace.x is not None) if chart.figure else 0
        assert drawn != 1, chart.title
        assert drawn or re.search(r"\d", chart.message), chart.title


def test_rows_that_lost_their_label_are_one(charts):
    for chart in charts[1]:
        assert not re.search(r"label lost, \d", said(chart)), chart.title
        for trace in chart.figure.data if chart.figure else ():
            assert not re.search(r"label lost, \d", str(trace.y) if trace.type == "bar" else ""), chart.title


def test_no_number_is_a_range_of_itself_nor_less_than_less(charts, edition_id):
    texts = [(chart.title, said(chart)) for chart in charts[1]]
    texts += [(row.indicator, row.change) for row in factors.factors(edition_id, charts[0]).measured]
    texts += [(own.title, line) for own in briefings.own(edition_id, charts[0]) for line in own.differences]
    for title, text in texts:
        assert not LESS_THAN_LESS.search(text), (title, text)
        for low, high in re.findall(r"(\d[\d,.]*)–(\d[\d,.]*)", text):
            assert low != high, (title, text)


def test_a_year_three_times_its_neighbours_is_named_a_spike(charts):
    for chart in charts[1]:
        found = re.search(r"the highest since (\d{4}) was [^;(]*? in (\d{4})(, a spike)?", chart.message)
        if not found or "year" not in chart.rows or chart.rows.year.duplicated().any():
            continue
        most = dict(zip(chart.rows.year, chart.rows.value.fillna(chart.rows.upper)))
        year = int(found[2])
        beside = [most.get(year - 1), most.get(year + 1)]
        if None not in beside and min(year - 1, year + 1) >= int(found[1]):
            sure = chart.rows.set_index("year").pipe(lambda rows: rows.value.fillna(rows.lower))[year]
            assert (sure >= 3 * max(beside) > 0) == bool(found[3]), (chart.title, chart.message)


def test_own_figures_stand_beside_none_more_than_two_years_away(edition_id):
    compared = 0
    for iso3 in SIX:
        for own in briefings.own(edition_id, iso3):
            years = [
                {int(y) for t in texts for y in re.findall(r"\b(?:19|20)\d\d\b", t)} for texts in (own.figures, own.beside)
            ]
            if own.beside and all(years):
                compared += 1
                assert min(abs(a - b) for a in years[0] for b in years[1]) <= briefings.APART, (iso3, own.title)
    assert compared
