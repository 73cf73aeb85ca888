"""What readers get of the periods: the board of any day, every result of 2015, and nothing above their label."""

from datetime import date

import pytest

from corridors.store import labels
from corridors.store.queries import actions


def board(edition, day):
    rows = actions.board(edition, "2015", day)
    return {s: sorted(zip(part.party, part.agency.fillna(""))) for s, part in rows.groupby("status")}


def test_the_board_of_19_may_2015_is_as_the_statement_records_it(light):
    edition = light()
    assert actions.board(edition, "2015", date(2015, 5, 18)).empty
    then = board(edition, date(2015, 5, 19))
    assert then == {
        "committed": [("AUS", ""), ("IDN", "Coast Guard"), ("LKA", ""), ("MDV", ""), ("NZL", ""), ("PHL", ""), ("THA", "")],
        "in_principle": [("MYS", "")],
        "reverting": [("AFG", ""), ("IDN", "Police"), ("MMR", ""), ("VNM", "")],
        "supporting": [("INTERPOL", ""), ("USA", "")],
    }
    later = board(edition, date(2015, 10, 28))
    assert ("MYS", "") in later["took_part"] and later["reverting"] == then["reverting"] and len(later["took_part"]) == 8


def test_the_results_of_2015_are_all_there_and_seventy_enquiries_stay_a_bound(light):
    rows = actions.outcomes(light(), "2015")
    assert sorted(rows.value.dropna()) == [7, 8, 12, 32, 59, 63, 68, 485]
    open_ended = rows[rows.value.isna()].iloc[0]
    assert (open_ended.lower, open_ended.bound_note, open_ended.unit) == (70, "more than", "enquiries")
    assert all("C90" in codes for codes in rows.caveats)


def test_seven_periods_and_both_numbers_of_the_last_one(light):
    edition = light()
    rows = actions.actions(edition)
    assert list(rows.action) == ["2015", "2016", "2017", "2018", "2019", "2020-22", "2023-24"]
    assert list(rows[rows.held == "unclear"].action) == ["2020-22"]
    said = actions.conflicts(edition)
    assert set(said[said.conflict == "number-2023"].says) == {"The sixth.", "The seventh."}


@pytest.mark.parametrize(
    "ceiling, seen", [("CLEAR", False), ("GREEN", False), ("AMBER", True), ("RED", True), ("nonsense", False)]
)
def test_a_plan_above_the_viewers_label_is_not_handed_out_and_neither_are_its_steps(data, light, ceiling, seen):
    path = data / "editorial" / "actions" / "plans.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('tlp = "CLEAR"', 'tlp = "AMBER"', 1), encoding="utf-8")
    edition = labels.keyed(light(), ceiling)
    assert ("nzl-vnm" in set(actions.plans(edition).plan)) is seen
    assert (len(actions.plan_steps(edition, "nzl-vnm")) > 0) is seen
    assert len(actions.plan_steps(edition, "lka-tha")) > 0
