"""The search box and addresses that hold on to an edition."""

from datetime import date

import pytest

from corridors.store import editions, publishing
from corridors.ui import contents
from corridors.views import find
from etl.build import build
from tests import small_data


def foot(app) -> str:
    """The last line of the page."""
    return list(app.main.children.values())[-1].value


@pytest.mark.parametrize(
    ("text", "answer", "title"),
    [
        ("burma", "member:MMR", "Myanmar"),
        ("HK", "member:HKG", "Hong Kong SAR, China"),
        ("scam", "family:compounds", "Routes"),
        ("mae sot", "place:mae-sot", "Routes"),
        ("detected, not all", "caveat:C01", "Data quality"),
        ("debrief", "page:lessons Lessons of the periods", "Joint action"),
    ],
)
def test_what_is_found_leads_to_its_page_in_one_tap(open_page, text, answer, title):
    app = open_page()
    app.text_input(key="find").set_value(text).run()
    app.button(key=f"found-{answer}").click().run()
    assert not app.exception and title in app.title[0].value
    assert app.text_input(key="find").value == "" and not [b for b in app.button if (b.key or "").startswith("found-")]


def test_a_route_that_was_found_opens_its_evidence(open_page):
    app = open_page("quality", part="words")
    app.text_input(key="find").set_value("R10").run()
    app.button(key="found-route:R10").click().run()
    assert app.query_params["route"] in ("R10", ["R10"])
    assert any("R10" in s.value for s in app.header) or "R10" in " ".join(m.value for m in app.markdown)


def test_nothing_found_is_said_and_the_box_can_be_closed(open_page):
    app = open_page()
    app.text_input(key="find").set_value("xyzzy").run()
    assert any("Nothing here is called that" in c.value for c in app.caption)
    app.button(key="found-close").click().run()
    assert app.text_input(key="find").value == "" and not any("Nothing here" in c.value for c in app.caption)


def test_every_answer_leads_to_a_page_that_exists(edition_id, pages):
    found = find.index(edition_id).answers.values()
    assert len(found) > 500 and {contents.file_of(answer.page) for answer in found} <= set(pages.values())


def test_an_address_can_hold_on_to_an_edition_and_says_when_it_is_gone(open_page, editions_folder, edition_id, tmp_path):
    newer = build(small_data.made(tmp_path / "data"), editions_folder, date(2027, 1, 1)).edition_id
    try:
        assert foot(open_page()).count(newer) == 1
        held = open_page(edition=edition_id)
        assert edition_id in foot(held) and not held.exception
        gone = open_page(edition="2001-01-01-00000000")
        assert newer in foot(gone) and "no longer kept" in gone.warning[0].value
    finally:
        publishing.set_current(edition_id, editions_folder)
        path = editions.path_of(newer, editions_folder)
        path.chmod(0o644)
        path.unlink()
