"""The page Take away: files of the chosen member, made only when asked for, with the edition on the page."""

from __future__ import annotations


def buttons(app) -> list[str]:
    return [e.label for e in app.get("download_button")]


def test_without_a_member_the_page_asks_for_one_and_offers_no_file(open_page):
    app = open_page("take-away")
    assert not app.exception and buttons(app) == [] and "Choose your country" in app.info[0].value


def test_a_member_gets_brief_tables_and_pictures_and_the_edition_is_named(open_page, edition_id):
    app = open_page("take-away", member="New Caledonia (France)")
    assert not app.exception
    assert len(app.get("download_button")) == 5
    assert any(edition_id in c.value and "TLP:" in c.value for c in app.caption)


def test_what_is_not_held_is_said_not_to_be_zero(open_page):
    app = open_page("take-away", member="New Caledonia (France)")
    assert any("not zero" in c.value and "Smuggling of migrants" in c.value for c in app.caption)
