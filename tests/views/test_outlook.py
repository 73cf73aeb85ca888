"""Outlooks on the screen: a sentence with its limit in it, the record beside it, and the reason where there is none."""

import numpy as np
import pytest

from corridors.export.brief import document
from corridors.store.queries import outlooks, routes
from corridors.views import corridor, member, outlook


@pytest.fixture(scope="module")
def pairs(edition_id):
    """The outlooks of the edition that speak of two members."""
    rows = outlooks.outlooks(edition_id)
    return rows[(rows.iso3 != "WLD") & rows.partner_iso3.notna()]


def test_every_outlook_has_a_fan_a_record_and_a_name(edition_id):
    known = outlook.choices(edition_id)
    assert 50 < len(known) < 300 and len(set(known.values())) == len(known)
    for outlook_id in list(known)[::25]:
        shown = outlook.outlook(edition_id, outlook_id)
        assert outlook.PROJECTION in shown.sentence and "chances in five" in shown.sentence
        assert "worst miss was" in shown.record_said and len(shown.record) == 6
        bands = [trace for trace in shown.chart.data if trace.type == "scatter" and trace.fill == "toself"]
        assert [trace.name for trace in bands] == ["95 in 100", "80 in 100", "50 in 100"] and "UNHCR" in shown.source


def test_a_corridor_says_what_is_expected_or_why_nothing_is(edition_id, pairs):
    one = pairs.iloc[0]
    lines = outlook.of_pair(edition_id, one.partner_iso3, one.iso3)
    assert any(outlook_id == one.outlook_id and outlook.PROJECTION in line for line, outlook_id in lines)
    for line, outlook_id in outlook.of_pair(edition_id, "MMR", "THA"):
        assert outlook_id or ": " in line and line.endswith(".") and "None:" in line
    assert outlook.of_pair(edition_id, "KIR", "KIR") == ()


def test_what_has_no_outlook_says_why_and_the_last_years_are_scored(edition_id):
    refused = outlook.refusals(edition_id)
    assert len(refused) > 5000 and refused["Why not"].str.len().min() > 10
    good = outlook.how_good(edition_id)
    assert set(good.tried.columns) >= {"Figure", "Year", "Range held"} and "No earlier edition" in good.said
    assert "the choice had not seen" in good.unseen and "smaller than those of last year's number" in good.unseen


def test_a_sea_says_what_its_months_bring_with_the_record_and_that_it_is_a_minimum(edition_id):
    known = outlook.season_choices(edition_id)
    assert known["sea andaman"] == "Bay of Bengal and Andaman Sea" and len(known) > 4
    shown = outlook.season(edition_id, "sea andaman")
    incidents, people = shown.sentences
    assert "four chances in five" in incidents and outlook.PROJECTION in incidents and "usually bring" in people
    assert "the least that happened" in shown.months and "IOM" in shown.source and "a year that is not over" in shown.method
    assert "2014 to 2024" in shown.method  # of 2025 a part is recorded
    assert "% of the recorded incidents and " in shown.method and "% of the people recorded dead or missing" in shown.method
    assert len(shown.record) == 6 and shown.record.columns.is_unique and list(shown.chart.data[0].x) == list(range(1, 13))
    sentences = [sentence for key in known for sentence in outlook.season(edition_id, key).sentences]
    assert any("No outlook: nothing beats" in sentence for sentence in sentences)
    assert "Afghanistan to Iran: years differ too much" in outlook.seasons_refused(edition_id)
    with pytest.raises(KeyError):
        outlook.season(edition_id, "road Afghanistan to Iran")


def test_the_region_names_few_corridors_outside_what_was_usual_in_the_order_of_names(edition_id):
    said, lines = outlook.region(edition_id)
    assert said.startswith("Of ") and "above or below the usual range, here the middle half of the last ten years" in said
    assert said.endswith(outlook.PROJECTION)
    rows = outlooks.unusual(edition_id)
    held = {row.outlook_id: row for row in rows.itertuples()}
    assert 1 <= len(lines) == min(5, rows.unusual.sum()) and [line for line, *_ in lines] == sorted(
        line for line, *_ in lines
    )
    for line, origin, destination, outlook_id in lines:
        row = held[outlook_id]
        assert (origin, destination) == (row.partner_iso3, row.iso3) and "four chances in five" in line and "(UNHCR" in line
        assert row.next_lower > row.high if "above the usual range" in line else row.next_upper < row.low
        values = sorted(
            outlooks.counted(edition_id, outlook_id).set_index("year").value.loc[row.last_year - 9 : row.last_year]
        )
        assert np.quantile(values, [0.25, 0.75]) == pytest.approx([row.low, row.high])
        assert row.beyond == (row.next_lower > max(values) or row.next_upper < min(values))
    assert f"; {rows.beyond.sum() or 'none'} outside all ten" in said


def test_charts_of_a_corridor_and_of_a_member_end_in_the_years_to_come_with_the_way_to_the_record(edition_id, pairs):
    one = pairs.iloc[0]
    drawn = [c for c in corridor.corridor(edition_id, one.partner_iso3, one.iso3).charts if c.outlook_id == one.outlook_id]
    assert len(drawn) == 1 and outlook.PROJECTION in drawn[0].notes[-1]
    assert [t.line.dash for t in drawn[0].figure.data if t.name == "projection, not a figure"] == ["dash"]
    rows = outlooks.outlooks(edition_id)
    alone = rows[rows.partner_iso3.isna() | ((rows.iso3 == "WLD") & (rows.partner_iso3 == "MMR"))]
    assert len(alone) > 1 and "WLD" in set(alone.iso3)
    for row in alone.itertuples():
        who, end = (row.partner_iso3, "partner") if row.iso3 == "WLD" else (row.iso3, "place")
        view, key = member.theme_view(edition_id, who, row.theme), f"{row.indicator_id}-{end}"
        chart = next((c for c in view.first if c.key == key), None) or view.more[key]
        assert chart.outlook_id == row.outlook_id and chart.alt.endswith(outlook.PROJECTION)
        assert any(each["text"].startswith(outlook.title(row)) for each in outlook.of_member(edition_id, who))
    plain = [c for c in corridor.corridor(edition_id, "MMR", "THA").charts if c.figure]
    assert plain and not any(c.outlook_id for c in plain)


def test_slides_and_briefs_say_that_it_is_a_projection(edition_id, pairs):
    one = pairs.iloc[0]
    figures_of = routes.corridor_series(edition_id, one.partner_iso3, one.iso3)
    rows = figures_of[figures_of.indicator_id == one.indicator_id]
    line, ahead = outlook.on_slide(edition_id, rows)
    assert line.endswith("a projection, not a figure") and line.startswith(f"{one.last_year + 1}: ")
    assert ahead.year.min() == one.last_year + 1
    assert outlook.on_slide(edition_id, rows[rows.year < one.last_year]) == (
        "",
        None,
    )  # what may not be seen is not continued
    content = document.facts(edition_id, "USA")
    assert content["ahead"] and content["projection"] == outlook.PROJECTION and any("UNHCR" in s for s in content["sources"])
    assert document.facts(edition_id, "KIR")["ahead"] == []
