"""The page Hidden numbers: several totals with intervals, the critique beside them, no number where none may stand."""

import pandas as pd
import pytest

from corridors import catalog
from corridors.charts import multiple_systems as drawing
from corridors.statistics import multiple_systems as models
from corridors.statistics.overlap_table import read
from corridors.views import multiple_systems

VOCABULARY = catalog.load()
THIN = "A,B,C,count\n1,0,0,5\n0,1,0,4\n0,0,1,3\n1,1,0,1\n"
GOOD = "POLICE,SHELTERS,LABOUR_OFFICE,count\n1,0,0,100\n0,1,0,120\n0,0,1,90\n1,1,0,30\n1,0,1,25\n0,1,1,20\n1,1,1,10\n"


@pytest.fixture
def opened(open_page):
    def at(part: str, **address: str):
        app = open_page("multiple-systems", systems=part, **address)
        assert not app.exception and not app.error
        return app

    return at


def said(app) -> str:
    return "\n".join(e.value for kind in (app.markdown, app.caption, app.warning, app.info, app.header) for e in kind)


def test_a_reader_of_the_published_table_sees_several_totals_with_unit_period_source_and_grade(opened):
    app = opened("published")
    frame = app.dataframe[0].value
    assert list(frame["In all"]) == ["12,214", "11,418", "11,418", "12,350"]
    assert "9,982 to 13,182" in frame["95 % interval"].iloc[1]
    text = said(app)
    for word in (
        "Potential victims of trafficking, 2013",
        "Silverman 2014",
        "Not graded",
        "model estimate",
        "Whitehead",
        "Between 11,418 and 12,350",
    ):
        assert word in text, word


def test_the_critique_stands_beside_every_ladder(opened):
    for part in ("published", "own"):
        assert "Is it wise at all?" in said(opened(part))


def test_kosovo_can_be_chosen_and_shows_its_four_models(opened):
    app = opened("published")
    app.selectbox(key="example").set_value("kosovo_1999").run()
    assert list(app.dataframe[0].value["In all"]) == ["7,395", "14,342", "14,342", "14,342", "10,357"]


def test_a_table_pasted_by_a_visitor_gives_a_ladder_in_words_that_are_safe(opened):
    app = opened("own")
    app.text_input(key="systems_unit").set_value("victims ![x](http://elsewhere)")
    app.text_area(key="systems_text").set_value(GOOD).run()
    assert not app.exception and not app.error
    assert list(app.dataframe[0].value["Model"]) == [
        "Main effects",
        "Steps of AIC",
        "Steps of chance",
        "BIC, pairs",
        "BIC, all orders",
    ]
    text = said(app)
    assert "period not said" in text and "![x]" not in text and "http://" not in text
    assert "LABOUR_OFFICE" not in text  # the underscore is escaped where markdown would read it


def test_a_visitor_may_resample_the_table(opened):
    app = opened("own")
    app.text_area(key="systems_text").set_value(GOOD).run()
    app.button[0].click().run(timeout=60)
    assert not app.exception
    assert "of 100)" in app.dataframe[0].value["Resampled"].iloc[0]


def test_a_bad_table_is_answered_with_every_fault_and_no_number(opened):
    app = opened("own")
    app.text_area(key="systems_text").set_value("A,B,a,count\n1,0,0,-1\n1,0,x,<5\n").run()
    assert not app.exception and not app.error
    told = app.code[0].value.splitlines()
    assert len(told) == 4 and "row 1" in told[0] and "row 2" in told[1] and "masked" in told[3]
    assert "4 to mend" in said(app) and not app.dataframe


def test_a_thin_table_is_refused_with_reasons_and_no_number(opened):
    app = opened("own")
    app.text_area(key="systems_text").set_value(THIN).run()
    text = said(app)
    assert (
        "No number is given for this table" in text and "Fewer than 100 cases" in text and "No three lists overlap" in text
    )
    assert not app.button


def test_the_page_says_of_all_45_members_that_no_lists_are_held(opened):
    text = said(opened("members"))
    assert len(multiple_systems.without_lists(VOCABULARY)) == 45
    assert all(m.name in text for m in VOCABULARY.members.values())
    assert "For 45 of 45 members" in text


def test_the_chosen_member_is_told_that_nothing_is_held_and_that_this_is_not_zero(opened):
    assert "Thailand: no overlapping lists held" in said(opened("published", member="Thailand"))


def test_how_it_works_names_every_reason_to_refuse(opened):
    text = said(opened("method"))
    for word in (
        "Fewer than three lists",
        "fewer than 100 cases",
        "overlap",
        "does not exist",
        "factor of two",
        "113 models",
    ):
        assert word in text, word


def test_no_member_is_among_the_published_tables():
    titles = " ".join(e.title for e in multiple_systems.examples().values())
    assert not any(m.name in titles for m in VOCABULARY.members.values())


def rows(*lines) -> pd.DataFrame:
    return pd.DataFrame(lines, columns=["label", "total", "lower", "upper", "sampled_lower", "sampled_upper"]).astype(
        {n: float for n in ("total", "lower", "upper", "sampled_lower", "sampled_upper")}
    )


def test_the_chart_draws_each_interval_from_zero_and_an_open_one_to_the_edge():
    figure = drawing.draw(rows(("a", 300, 250, 400, 200, 500), ("b", 900, 600, None, None, None)), 120, "cases")
    top = figure.layout.xaxis.range[1]
    assert figure.layout.xaxis.range[0] == 0 and top > 900
    thick = next(t for t in figure.data if t.mode == "lines" and t.line.width == 7)
    assert [x for x in thick.x if x is not None] == [600, top, 250, 400]
    assert any("no upper end" in a.text for a in figure.layout.annotations)
    assert any("on a list: 120" in a.text for a in figure.layout.annotations)


def test_a_presenter_may_hide_the_intervals_and_the_table_keeps_them(opened):
    app = opened("published", intervals="false")
    assert "Thick bar" not in said(app)
    assert "9,982 to 13,182" in app.dataframe[0].value["95 % interval"].iloc[1]
    figure = drawing.draw(rows(("a", 300, 250, None, 200, 500)), 120, "cases")
    assert [t.mode for t in drawing.without_intervals(figure).data] == ["markers+text"] and len(figure.data) == 3


def test_the_ladder_of_a_refused_table_has_no_chart():
    ready = multiple_systems.view(models.compare(read("A,B,count\n1,0,60\n0,1,60\n1,1,30")), "cases")
    assert ready.figure is None and ready.refusals and ready.rows.empty
