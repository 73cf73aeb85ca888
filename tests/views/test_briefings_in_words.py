"""Members' own figures on screen: complete, beside the international ones, within the viewer's ceiling."""

import pytest

from corridors import catalog
from corridors.store import labels
from corridors.store.queries import briefings as briefing_reading
from corridors.views import briefings as prepare_briefings

HELD = ("AUS", "FJI", "LKA", "NZL", "THA", "USA")


@pytest.mark.parametrize("iso3", HELD)
def test_no_own_figure_is_bare(edition_id, iso3):
    measures = prepare_briefings.own(edition_id, iso3)
    assert measures
    for measure in measures:
        assert measure.definition and measure.caveats and measure.count > 0
        for text in measure.figures:
            assert "Grade" in text or "Not graded" in text, text
            assert " · " in text and ":small[" in text, text


def test_australias_boats_are_told_as_the_range_that_was_published(edition_id):
    told = "\n".join(text for m in prepare_briefings.own(edition_id, "AUS") for text in m.figures)
    assert "201–209 people" in told


def test_compiled_briefings_say_that_no_member_submitted_them(edition_id):
    for iso3 in HELD:
        lines = prepare_briefings.standing(edition_id, iso3)
        assert lines and all(prepare_briefings.COMPILED in line for line in lines)


def test_an_own_figure_beside_an_international_one_says_why_they_differ(edition_id):
    paired = [m for iso3 in catalog.load().members for m in prepare_briefings.own(edition_id, iso3) if m.beside]
    assert paired and all(m.differences for m in paired)
    assert any("Period:" in said for m in paired for said in m.differences)


def test_what_one_source_says_of_all_members_is_told_once(edition_id):
    found, counts = prepare_briefings.networks(edition_id)
    many = [n for n in found if len(n.iso3) > 3]
    assert many and len({(n.crime, n.structure, n.lines, n.source) for n in found}) == len(found)
    assert counts.drop(columns=["aspect", "word"]).to_numpy().sum() == sum(
        briefing_reading.network_counts(edition_id).descriptions
    )


def test_a_viewer_with_an_unknown_ceiling_sees_only_what_is_public(edition_id):
    assert briefing_reading.briefings(labels.keyed(edition_id, "nonsense")).tlp.eq("CLEAR").all()
