"""The time line of the periods: it shows when, never how much, and what is not known is not drawn as known."""

import pandas as pd

from corridors.charts import timeline

ACTIONS = pd.DataFrame(
    [
        ("2015", "2015-09-28", "2015-10-28", "28 September to 28 October 2015", "day", "yes"),
        ("2016", "2016-05-01", "2016-11-30", "May to November 2016", "month", "yes"),
        ("2017", "2017-01-01", "2017-12-31", "2017", "year", "yes"),
        ("2020-22", "2020-01-01", "2022-12-31", "2020 to 2022", "year", "unclear"),
    ],
    columns=["action", "first_day", "last_day", "when_text", "precision", "held"],
)
MILESTONES = pd.DataFrame(
    [
        ("2015", "planning", "2015-08-01", "2015-09-30", "August to September 2015", "Planning meeting", "planned"),
        ("2015", "commitment", "2015-05-19", "2015-05-19", "19 May 2015", "First commitments", "held"),
        (None, "group", "2014-08-06", "2014-08-06", "6 August 2014", "Working Group endorsed", "held"),
        ("2016", "tabletop", None, None, "date not known", "Exercise", "held"),
    ],
    columns=["action", "kind", "first_day", "last_day", "when_text", "title", "state"],
)


def test_a_period_that_is_only_inferred_is_drawn_hollow_and_said_so():
    figure = timeline.draw(ACTIONS, MILESTONES)
    bars = {t.name: t for t in figure.data if t.type == "bar"}
    hollow = bars["not known to have taken place"]
    assert list(hollow.y) == ["2020-22"] and hollow.marker.color == "rgba(0,0,0,0)"
    assert list(bars["known to the month"].y) == ["2016"] and bars["known to the month"].marker.pattern.shape == "/"
    assert "1 inferred only" in timeline.headline(ACTIONS)


def test_a_planned_meeting_is_hollow_and_an_undated_one_has_no_place_on_the_line():
    marks = {t.name: t for t in timeline.draw(ACTIONS, MILESTONES).data if t.type == "scatter"}
    assert list(marks["Planning"].marker.symbol) == ["diamond-open"] and "(planned)" in marks["Planning"].text[0]
    assert list(marks["Proposed, committed"].marker.symbol) == ["circle"] and "Debrief, meeting" not in marks


def test_nothing_joins_one_period_to_the_next_and_nothing_has_a_size():
    figure = timeline.draw(ACTIONS, MILESTONES)
    assert all(t.mode == "markers" for t in figure.data if t.type == "scatter")
    assert not figure.layout.annotations and not figure.layout.shapes
    assert {t.width for t in figure.data if t.type == "bar"} == {0.5}


def test_a_bar_covers_its_last_day():
    bar = next(t for t in timeline.draw(ACTIONS, MILESTONES).data if t.name == "dates known")
    assert list(bar.base) == ["2015-09-28"] and list(bar.x) == [31 * timeline.DAY]
