"""A member in a sentence: every number in it is a figure of the edition, and what is not held is not told as zero."""

import re

import pandas as pd
import pytest

from corridors import catalog
from corridors.catalog import words
from corridors.store.queries import figures, routes
from corridors.views import summary
from corridors.views.figure import without_label

MEMBERS = sorted(catalog.load().members)


@pytest.mark.parametrize("iso3", MEMBERS)
def test_each_sentence_is_true_of_the_edition(edition_id, iso3):
    said = summary.summary(edition_id, iso3)
    mine = routes.routes_of_member(edition_id, iso3)
    held = figures.figures(edition_id, iso3, "victims")
    whole = held[
        (held.indicator_id == "detected_victims") & (held.sex == "total") & (held.age == "total") & (held.form == "total")
    ].sort_values("year")
    if whole.empty:
        assert "which is not zero" in said.sentence and "0 victims" not in said.sentence
        assert "does not mean that there were none" in said.aloud[0]
    else:
        last = next(whole.tail(1).itertuples())
        assert f"**{words.figure(last)} {words.unit(last)}**" in said.sentence and f"in {last.year}" in said.sentence
        if "up from" in said.sentence or "down from" in said.sentence:
            before = whole.iloc[-2]
            assert f"from {words.figure(before)} in {before.year}" in said.sentence
            assert ("up from" in said.sentence) == (last.value > before.value)
        assert "not how many there were" in said.aloud[0]
    for role in summary.ROLES:
        count = sum(role in list(roles) for roles in mine.roles)
        found = re.search(rf"{role} on (\d+)", said.sentence)
        of_one = "One described route**, as " in said.sentence and role in said.sentence.partition("route**, as ")[2]
        assert (int(found[1]) if found else int(of_one)) == count
    assert set(said.roles) == set(mine.route_id)


def test_thailand_is_said_as_its_figures_are(edition_id):
    said = summary.summary(edition_id, "THA")
    assert "**295 victims** of trafficking in 2022, up from 190 in 2021" in said.sentence
    assert "**Eleven described routes**: transit on 10" in said.sentence
    assert "partner in one plan" in said.sentence
    assert len(said.sentence.split()) <= 50


def test_nothing_said_aloud_is_longer_than_a_breath_or_has_marks_of_writing(edition_id):
    for iso3 in MEMBERS:
        for line in summary.summary(edition_id, iso3).aloud:
            assert len(line.split()) <= 45 and "*" not in line, line


def test_rows_that_lost_their_label_and_say_the_same_are_one_bar():
    rows = pd.DataFrame(
        {
            "part": ["Other (label lost, 1 of 2)", "Other (label lost, 2 of 2)", "Begging"],
            "value": [float("nan")] * 2 + [7.0],
            "lower": [0.0, 0.0, float("nan")],
            "upper": [4.0, 4.0, float("nan")],
        }
    )
    shown = without_label(rows, "part")
    assert list(zip(shown.part, shown.said)) == [("Other (label lost)", "0–4 in each of 2"), ("Begging", "7")]
