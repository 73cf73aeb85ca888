"""Members' own figures on screen: complete, beside the international ones, within the viewer's ceiling."""

from types import SimpleNamespace

import pytest

from corridors import catalog
from corridors.store import labels
from corridors.store.queries import briefings as briefing_reading
from corridors.views import briefings as prepare_briefings

HELD = ("AUS", "FJI", "LKA", "NZL", "THA", "USA")


@pytest.mark.parametrize("iso3", HELD)
def test_no_own_figure_is_bare_and_compiled_briefings_say_that_no_member_submitted_them(edition_id, iso3):
    lines = prepare_briefings.standing(edition_id, iso3)
    assert lines and all(prepare_briefings.COMPILED in line for line in lines)
    measures = prepare_briefings.own(edition_id, iso3)
    assert measures
    for measure in measures:
        assert measure.definition and measure.caveats and measure.count > 0
        for text in measure.figures:
            assert "Grade" in text or "Not graded" in text, text
            assert " · " in text and ":small[" in text, text
    assert iso3 != "AUS" or any("201–209 people" in text for m in measures for text in m.figures), "boats, as published"


def test_an_own_figure_beside_an_international_one_says_why_they_differ(edition_id):
    paired = [m for iso3 in catalog.load().members for m in prepare_briefings.own(edition_id, iso3) if m.beside]
    assert paired and all(m.differences for m in paired)
    assert any("Period:" in said for m in paired for said in m.differences)


def test_what_a_member_says_and_what_is_said_about_it_are_two_shelves(edition_id):
    myanmar = [m for m in prepare_briefings.own(edition_id, "MMR") if m.about]
    assert len(myanmar) == 1 and not myanmar[0].figures and len(myanmar[0].about) == 12
    assert all("Said by an armed group. " in text for text in myanmar[0].about)
    own = prepare_briefings.own(edition_id, "NZL")
    assert not [m for m in own if m.about] and not ["Said by" for m in own for t in m.figures if "Said by" in t]
    said = prepare_briefings.statements(edition_id, "THA")
    assert said and not any(s.own for s in said) and all(s.source.startswith("Said by ") for s in said)


def test_a_structure_that_was_read_in_says_so_and_is_counted_as_not_said(edition_id):
    found, counts = prepare_briefings.networks(edition_id)
    assert len(found) == 31 and len([n for n in found if n.own]) == 11
    assert len([n for n in found if n.structure.endswith(prepare_briefings.READ_IN)]) == 8
    structures = counts[counts.aspect == "Structure"].set_index(["word", "by"])
    assert structures.drop(columns="aspect").sum(axis=1).to_dict() == {
        ("not said", "members themselves"): 10,
        ("not said", "others"): 17,
        ("organised", "members themselves"): 1,
        ("organised", "others"): 3,
    }
    assert counts.drop(columns=["aspect", "word", "by"]).to_numpy().sum() == sum(
        briefing_reading.network_counts(edition_id).descriptions
    )


def test_a_viewer_with_an_unknown_ceiling_sees_only_what_is_public(edition_id):
    assert briefing_reading.briefings(labels.keyed(edition_id, "nonsense")).tlp.eq("CLEAR").all()


def test_the_working_groups_own_word_bears_no_letter_and_every_other_does():
    row = {
        "reliability": "B",
        "credibility": "2",
        "source": "A statement",
        "source_ref": None,
        "compiled": True,
        "verified": "yes",
    }
    own, other = (prepare_briefings._source(SimpleNamespace(**row, said_by=by)) for by in ("bali_process", "member"))
    assert "B2" not in own and "reliable" not in own and "checked at the issuing body" in own
    assert "B2: usually reliable source, probably true; checked at the issuing body" in other
