"""Drives the pages on Joint Periods of Action. Each test's name says what would break for whom."""

import io
from datetime import date

import pytest
from docx import Document

from corridors.export import planning_sheet
from corridors.store.queries import actions as action_reading
from corridors.views import actions as prepare_actions
from corridors.views import planning, plans

PERIODS = ("2015", "2016", "2017", "2018", "2019", "2020-22", "2023-24")


def fine(app) -> None:
    """No exception, no error box."""
    assert not app.exception, [e.value for e in app.exception]
    assert not app.error, [e.value for e in app.error]


def test_every_period_opens_from_its_address_and_says_that_nothing_is_summed(open_page, texts):
    for period in PERIODS:
        app = open_page("action", period=period)
        fine(app)
        assert not app.warning
        said = texts(app.main)
        assert "no total over the periods and no line from one to the next" in said, period
        assert "no joint team" in said


def test_the_chair_sees_the_board_of_may_2015_and_of_a_later_day(open_page, texts):
    app = open_page("action", period="2015")
    said = texts(app.main)
    assert "By 19 May 2015: 7 committed, 1 agreed in principle, 4 asking the capital and 2 in a supporting role." in said
    assert "Indonesia (Coast Guard)" in said and "Indonesia (Police)" in said and "**Stage on that day**: Commitment" in said
    app.date_input(key="day_2015").set_value(date(2015, 10, 1)).run()
    fine(app)
    said = texts(app.main)
    assert "8 recorded as having taken part" in said and "**Stage on that day**: Action" in said
    assert "no word on whether it took place" in said


def test_results_stand_with_unit_source_and_limits_and_never_as_a_bare_number(open_page, texts):
    app = open_page("action", period="2015")
    table = app.table[0].value
    assert list(table["Number"]) == ["59", "7", "63", "32", "8", "more than 70", "68", "12", "485"]
    assert (table["Counted"].str.len() > 0).all()
    said = texts(app.main)
    assert "Source: Bali Process, First Joint Period of Action" in said and "National results side by side" in said


def test_a_period_without_results_is_not_shown_as_zero(open_page):
    for period in ("2019", "2023-24", "2020-22"):
        app = open_page("action", period=period)
        assert not app.table and any("That is not zero" in i.value for i in app.info), period


def test_both_numbers_of_the_last_period_stand_where_sources_differ(open_page, texts):
    app = open_page("action", action_part="differ")
    fine(app)
    said = texts(app.main)
    assert "The sixth." in said and "The seventh." in said and "All answers stand" in said
    app = open_page("action", action_part="group")
    fine(app)
    assert "Fiji took part and co-chaired" in texts(app.main)


def test_every_plan_stands_beside_its_corridor_with_figures_that_are_not_its_results(open_page, texts):
    for plan, corridor in (("nzl-vnm", "Viet Nam to New Zealand"), ("lka-tha", "Sri Lanka to Thailand")):
        app = open_page("action", action_part="plans", plan=plan)
        fine(app)
        said = texts(app.main)
        assert f"The corridor: {corridor}" in said and "None of them is a result of the plan" in said and "TLP:CLEAR" in said
        assert app.metric and "What sharing rests on" in said
    assert "Sources differ: both stand" in said


def test_a_planner_gets_who_what_and_a_sheet_for_a_focus(open_page, texts, edition_id):
    app = open_page("action", action_part="planning")
    fine(app)
    assert app.info and not app.subheader
    app = open_page("action", action_part="planning", plan_from="Viet Nam", plan_to="New Zealand", plan_theme="Visa fraud")
    fine(app)
    said = texts(app.main)
    assert (
        "**Viet Nam**, origin (R26)" in said
        and "2015: asking the capital, 19 May 2015" in said
        and "INTERPOL MIND and FIND" in said
    )
    aid = planning.aid(edition_id, "VNM", "NZL", None, "visa_fraud")
    paper = Document(io.BytesIO(planning_sheet.of_aid(edition_id, aid, "CLEAR")))
    assert paper.sections[0].header.paragraphs[0].text == "TLP:CLEAR"
    assert any("R26" in c.text for t in paper.tables for r in t.rows for c in r.cells)


def test_a_focus_that_no_route_fits_says_so_and_invents_nothing(open_page, texts):
    app = open_page("action", action_part="planning", plan_from="Bhutan", plan_to="Tonga", plan_form="Fishing")
    fine(app)
    assert any("That does not mean that there is none" in i.value for i in app.info)


def test_lessons_are_found_by_theme_and_empty_questions_stay_visible(open_page, texts):
    app = open_page("action", action_part="lessons")
    fine(app)
    assert "3 answers on public record" in texts(app.main)
    app.selectbox(key="lesson_theme").set_value("training").run()
    fine(app)
    said = texts(app.main)
    assert "1 answer on public record" in said
    assert "What worked?" in said and "No answer on record for this theme." in said


def test_the_debrief_form_opens_and_keeps_nothing(open_page):
    app = open_page("action", action_part="lessons", lesson_part="form")
    fine(app)
    assert len(app.text_area) == 5
    app.text_area(key="form_worked").set_value("Meeting before.").run()
    fine(app)


def test_practices_and_scenarios_open_and_tell_source_from_suggestion(open_page, texts):
    app = open_page("action", action_part="practices")
    fine(app)
    assert "*Suggested here:*" in texts(app.main) and "completely reliable source" in texts(app.main)
    app = open_page("action", action_part="practices", practice_part="scenarios")
    fine(app)
    assert texts(app.main).count("Invented; no State is meant.") == 3


@pytest.mark.parametrize(
    "action, day, expected",
    [
        ("2015", date(2015, 5, 19), "Commitment"),
        ("2015", date(2015, 10, 1), "Action"),
        ("2015", date(2016, 1, 1), "Over; results were published, no debrief is on record"),
        ("2019", date(2019, 7, 2), "Action"),
        ("2019", date(2021, 1, 1), "Over; neither debrief nor report is on record"),
        ("2023-24", date(2023, 1, 1), "Proposed"),
        ("2023-24", date(2024, 1, 25), "Action, after 2 progression sessions"),
        ("2023-24", date(2026, 1, 1), "Over and debriefed"),
        ("2020-22", date(2026, 1, 1), "Not known to have taken place"),
    ],
)
def test_the_stage_on_a_day_is_what_was_on_record(edition_id, action, day, expected):
    assert prepare_actions.progress(edition_id, action, day).stage == expected


def test_every_party_of_every_period_has_a_name(edition_id):
    rows = action_reading.participants(edition_id)
    assert (rows.party_name.str.len() > 2).all()
    assert {"FJI", "CAN", "INTERPOL"} <= set(rows.party)


def test_a_member_without_any_role_is_told_so_and_one_with_two_agencies_gets_both(edition_id):
    told = planning.record(edition_id)
    assert "BTN" not in told
    assert (
        "committed (Coast Guard), 19 May 2015" in told["IDN"] and "asking the capital (Police), 19 May 2015" in told["IDN"]
    )
    assert plans.of_member(edition_id, "VNM") and not plans.of_member(edition_id, "AUS")
    assert "Over and debriefed" in prepare_actions.under_way(edition_id)
