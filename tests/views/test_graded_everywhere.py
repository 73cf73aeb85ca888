"""No figure of any member, on any page, stands without a grade, or without saying that it has none and why."""

import re

import pytest

from corridors import catalog
from corridors.catalog import words
from corridors.store.queries import figures
from corridors.views import briefings, corridor, factors, gap, member, quality, routes
from tests.sampling import all_or, members

EVERY = members(catalog.load().members)
GRADED = re.compile("|".join(map(re.escape, words.GRADE.values())))


def graded(limits, where: str) -> None:
    assert limits.grade in words.GRADE and len(limits.grade_reason) > 10, where


def test_cards_of_all_members(edition_id):
    for iso3 in EVERY:
        for card in member.headlines(edition_id, iso3).cards:
            graded(card.limits, f"{iso3} {card.key}")


def test_factors_of_all_members(edition_id):
    for iso3 in EVERY:
        for row in factors.factors(edition_id, iso3).measured:
            assert row.grade in words.GRADE, f"{iso3} {row.key}"


def test_own_figures_of_all_members_and_what_stands_beside_them(edition_id):
    count = 0
    for iso3 in EVERY:
        for measure in briefings.own(edition_id, iso3):
            for text in (*measure.figures, *measure.beside):
                assert GRADED.search(text), f"{iso3}: {text}"
                count += 1
    assert count > all_or(8, 40)


def test_both_sides_of_every_conflict(edition_id):
    found = quality.conflicts(edition_id)
    assert {c.kind for c in found} == {"figures", "route evidence", "record", "revision"}
    for conflict in found:
        for side in conflict.sides:
            assert GRADED.search(side), f"{conflict.title}: {side}"


def test_everything_compared_for_all_members(edition_id):
    outcomes = set()
    for iso3 in EVERY:
        rows = quality.compared(edition_id, iso3)
        assert rows["First figure"].map(lambda t: bool(GRADED.search(t))).all(), iso3
        assert rows["Second figure"].map(lambda t: bool(GRADED.search(t))).all(), iso3
        outcomes |= set(rows.Outcome.str.replace(r"\d+ %$", "…", regex=True))
    assert any("can both be right" in o for o in outcomes) and any("cannot both be right" in o for o in outcomes)


def test_agreeing_pairs_are_shown_as_well_as_conflicts(edition_id):
    counts = {title: said for title, said, _ in quality.compared_counts(edition_id)}
    assert len(counts) == figures.ask(edition_id, "select count(*) as n from agreement_rule").n[0]
    assert "agree within 10 %" in counts["Unemployment as surveyed and as modelled"]
    rows = quality.compared(edition_id, "THA")
    assert (rows.Outcome == "agree within 10 %").any() and rows["First figure"].str.contains("per cent").any()


@pytest.mark.parametrize("iso3", [None, "IRN", "THA"])
def test_deaths_on_the_map(edition_id, iso3):
    assert GRADED.search(routes.incident_summary(edition_id, iso3, 2014, 2025)[0])


def test_no_incident_is_not_told_as_zero_deaths(edition_id):
    said, months = routes.incident_summary(edition_id, "NRU", 2014, 2025)
    assert "That is not zero" in said and "0 people" not in said and months.empty


def test_corridors_and_the_gap_between_their_ends(edition_id):
    for origin, destination in (("MMR", "BGD"), ("AFG", "IRN"), ("VNM", "AUS"), ("NRU", "AUS")):
        for drawn in (*gap.gap(edition_id, origin, destination).cards, *gap.gap(edition_id, origin, destination).charts):
            graded(drawn.limits, f"{origin}-{destination} {drawn.key}")
        ready = corridor.corridor(edition_id, origin, destination)
        for drawn in (*ready.cards, *ready.charts):
            graded(drawn.limits, f"{origin}-{destination} {drawn.key}")


def test_what_is_worked_out_from_two_ends_takes_the_weaker_grade(edition_id):
    rows = figures.ask(
        edition_id,
        """
        select iso3, year, grade from figure_annotated where indicator_id = 'gdp_per_head_ppp' and iso3 in ('AUS', 'VNM')""",
    )
    made = gap.gap(edition_id, "VNM", "AUS")
    ratio = next(c for c in made.cards if "income" in c.label.lower())
    year = int(re.search(r"\b(\d{4})\b", ratio.line)[1])
    assert ratio.limits.grade == rows[rows.year == year].grade.max()
