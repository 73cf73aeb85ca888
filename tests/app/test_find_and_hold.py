"""The search box and addresses that hold on to an edition."""

from datetime import date

import pytest

from corridors.store import editions
from corridors.views import find
from etl.build import build


def label(edition_id, *parts: str) -> str:
    """The one entry whose label holds all these words."""
    found = [e for e in find.entries(edition_id) if all(part.casefold() in e.casefold() for part in parts)]
    assert found, parts
    return found[0]


def foot(app) -> str:
    """The last line of the page."""
    return list(app.main.children.values())[-1].value


@pytest.mark.parametrize(
    ("words", "title"),
    [
        (("burma", "member"), "Myanmar"),
        (("türkiye", "member"), "Türkiye"),
        (("HK", "hong kong", "member"), "Hong Kong SAR, China"),
        (("scam", "route"), "Route map"),
        (("boat", "route"), "Route map"),
        (("mae sot", "place"), "Route map"),
        (("detected, not all", "caveat"), "Sources and methods"),
        (("unhcr", "source"), "Sources and methods"),
    ],
)
def test_a_name_or_an_alias_leads_to_its_page_at_once(open_page, edition_id, words, title):
    app = open_page()
    app.selectbox(key="find").set_value(label(edition_id, *words)).run()
    assert not app.exception and app.title[0].value == title
    assert app.selectbox(key="find").value is None


def test_a_route_that_was_found_opens_its_evidence(open_page, edition_id):
    app = open_page("sources", part="words")
    app.selectbox(key="find").set_value(label(edition_id, "R10", "route")).run()
    assert app.query_params["route"] in ("R10", ["R10"])
    assert any("R10" in s.value for s in app.header) or "R10" in " ".join(m.value for m in app.markdown)


def test_every_entry_leads_to_a_page_that_exists(edition_id, pages):
    found = find.entries(edition_id)
    assert len(found) > 300 and {e.page for e in found.values()} <= set(pages.values())


def test_an_address_can_hold_on_to_an_edition_and_says_when_it_is_gone(open_page, editions_folder, edition_id):
    newer = build(where=editions_folder, dated=date(2027, 1, 1)).edition_id
    try:
        assert foot(open_page()).count(newer) == 1
        held = open_page(edition=edition_id)
        assert edition_id in foot(held) and not held.exception
        gone = open_page(edition="2001-01-01-00000000")
        assert newer in foot(gone) and "no longer kept" in gone.warning[0].value
    finally:
        editions.set_current(edition_id, editions_folder)
        path = editions.path_of(newer, editions_folder)
        path.chmod(0o644)
        path.unlink()
