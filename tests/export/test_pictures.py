"""Pictures to take away: whatever must be said with a chart is inside it, so that it survives being copied into a slide."""

import xml.etree.ElementTree as ET

import pytest

from corridors.export import faults, pictures
from corridors.store import labels


def words_of(svg: str) -> str:
    return " ".join(ET.fromstring(svg).itertext())


@pytest.mark.parametrize(
    ("iso3", "what", "view"),
    [
        ("THA", "detected_victims", "place"),
        ("FJI", "persons_convicted", "place"),
        ("AFG", "refugees", "partner"),
        ("AUS", "routes", "place"),
    ],
)
def test_label_edition_and_source_are_inside_the_picture(edition_id, iso3, what, view):
    said = words_of(pictures.svg(labels.keyed(edition_id, "CLEAR"), iso3, what, view))
    assert said.count("TLP:CLEAR") == 2 and f"edition {edition_id}" in said and "Source:" in said and "@" not in said
    assert "imply no opinion" in said or "implies an opinion" in said


def test_unit_period_grade_and_the_most_serious_limits_are_inside(edition_id):
    said = words_of(pictures.svg(edition_id, "THA", "detected_victims"))
    assert "Victims, by year" in said and "Latest: 2022" in said and "Grade B" in said and "Detected, not all" in said
    drawn = pictures.svg(edition_id, "FJI", "persons_convicted")
    assert "url(#hatch)" in drawn and "only a range is known" in words_of(drawn), "masked years are hatched"
    data = pictures.png(pictures.svg(edition_id, "TUR", "refugees"))  # without a browser, large enough for a slide
    assert data.startswith(b"\x89PNG") and int.from_bytes(data[16:20], "big") == pictures.PNG_WIDTH


def test_everything_offered_can_be_drawn(edition_id):
    for what, view in pictures.choices(edition_id, "NCL"):
        ET.fromstring(pictures.svg(edition_id, "NCL", what, view))


def test_what_is_not_held_is_refused_with_what_is(edition_id):
    with pytest.raises(faults.NothingHeld, match="not zero"):
        pictures.svg(edition_id, "NCL", "detected_victims")
    with pytest.raises(faults.NothingHeld, match="--view partner"):
        pictures.svg(edition_id, "PRK", "refugees")


@pytest.mark.parametrize("span", [0.3, 1, 4, 7, 99, 1541, 45_094, 2e9])
def test_the_axis_has_round_steps_and_few_of_them(span):
    step = pictures.nice_step(span)
    assert 1 <= span / step <= 6 and f"{step:e}"[0] in "125"
