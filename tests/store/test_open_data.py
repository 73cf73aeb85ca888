"""The open tables: every figure once, under plain names, with all that must be said beside it."""

import json

import pytest

from corridors.store.queries import figures, open_data
from corridors.store.queries.open_data import Choice

KINDS = {"string", "integer", "number", "date", "boolean", open_data.LISTS}


@pytest.mark.parametrize("name", open_data.TABLES)
def test_every_row_of_an_open_table_has_a_key_of_its_own_and_every_column_a_kind_and_a_meaning(edition_id, name):
    table, rows = open_data.TABLES[name], open_data.whole(edition_id, name)
    assert list(rows.columns) == list(table.columns) and len(rows)
    assert not rows.duplicated(list(table.key)).any()
    assert all(kind in KINDS and meaning for _, kind, meaning in table.columns.values())


def test_a_figure_is_the_same_in_all_forms_and_as_the_pages_read_it(edition_id):
    choice = Choice(["THA"], ["MMR"], ["refugees"], 2020, 2022)
    rows = open_data.figures(edition_id, choice)
    told = [json.loads(text) for text in open_data.figures_json(edition_id, choice).record]
    assert len(rows) == len(told) == open_data.count(edition_id, choice) == 3
    whole = figures.ask(edition_id, "from figure_annotated", seconds=60).set_index("figure_id")
    for row, one in zip(rows.to_dict("records"), told):
        seen = whole.loc[row["figure_id"]]
        assert one["figure_id"] == row["figure_id"] and one["value"] == row["value"] == seen["value"]
        assert list(row["caveats"]) == one["caveats"] == list(seen.caveats) and one["use_sum"] == seen.use_sum
        assert (one["place_name"], one["other_end_name"]) == (seen.place, seen.partner)
        assert one["period_end"] == str(seen.period_end.date()) and one["publisher"] == seen.publisher


@pytest.mark.parametrize(
    ("chosen", "size"), [({"places": ["KIR"]}, 50), ({"places": ["THA"]}, 500), ({"first_year": 2022}, 5000)]
)
def test_pages_of_figures_follow_one_another_without_a_gap(edition_id, chosen, size):
    choice = Choice(**chosen)
    starts = range(0, open_data.count(edition_id, choice), size)
    pages = [open_data.figures_json(edition_id, choice, size, skip).record.tolist() for skip in starts]
    assert len(set(sum(pages, []))) == open_data.count(edition_id, choice)
    assert sum(pages, []) == open_data.figures_json(edition_id, choice).record.tolist()
    assert open_data.figures_json(edition_id, choice, 50, 10**6).empty


def test_a_masked_figure_has_bounds_and_no_value_and_is_no_zero(edition_id):
    told = [json.loads(text) for text in open_data.figures_json(edition_id, Choice(indicators=["detected_victims"])).record]
    masked = [one for one in told if one["status"] == "masked"]
    assert masked and all(one["value"] is None and one["upper"] is not None for one in masked)
    assert all(one["value"] == 0 for one in told if one["value"] is not None and one["upper"] == 0)
