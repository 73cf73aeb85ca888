"""Outlooks on the screen: a sentence with its limit in it, the record beside it, and the reason where there is none."""

import pytest

from corridors.store.queries import outlooks
from corridors.views import outlook


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
        assert "worst miss was" in shown.record_said and 3 <= len(shown.record) <= 6
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
    assert len(shown.record) == 6 and shown.record.columns.is_unique and list(shown.chart.data[0].x) == list(range(1, 13))
    told = [sentence for key in known for sentence in outlook.season(edition_id, key).sentences]
    assert any("No outlook: nothing beats" in sentence for sentence in told)
    assert "Afghanistan to Iran: years differ too much" in outlook.seasons_refused(edition_id)
    with pytest.raises(KeyError):
        outlook.season(edition_id, "road Afghanistan to Iran")
