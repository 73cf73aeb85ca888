"""What every page must keep in a real browser, in light and dark. Looks at the record of one walk."""

from urllib.parse import urlsplit

import pytest

pytestmark = pytest.mark.browser
OWN = "127.0.0.1"


def off_host(addresses) -> list[str]:
    return [a for a in addresses if urlsplit(a).scheme not in ("data", "blob", "about") and urlsplit(a).hostname != OWN]


def test_no_page_makes_a_request_off_its_own_host(seen):
    """A ministry's firewall would break the page, and another host would learn who reads what."""
    found = {name: off_host(facts.asked) for name, facts in seen.items() if off_host(facts.asked)}
    assert not found, found
    assert all(facts.asked for facts in seen.values()), "nothing was recorded"


def test_no_page_has_an_error_in_the_console(seen):
    found = {name: facts.errors for name, facts in seen.items() if facts.errors}
    assert not found, found


def test_nothing_that_a_page_asks_for_is_missing_on_the_server(seen):
    found = {name: facts.refused for name, facts in seen.items() if facts.refused}
    assert not found, found


def test_no_page_overflows_sideways_on_a_screen_a_laptop_or_a_tablet(seen):
    found = {(name, width): px for name, facts in seen.items() for width, px in facts.overflow.items() if px > 0}
    assert not found, found
    assert {width for facts in seen.values() for width in facts.overflow} == {1920, 1280, 768}


def test_tabs_of_a_browser_tell_the_pages_apart(seen):
    titles = {name: facts.title for name, facts in seen.items()}
    assert len(set(titles.values())) == len(titles), titles
    assert all(title.endswith(" · Corridors") for title in titles.values()), titles
    assert titles["member"] == "Thailand · Corridors"


def test_language_is_told_to_a_screen_reader(seen):
    assert {facts.language for facts in seen.values()} == {"en"}


def test_every_chart_map_and_table_has_a_text_for_those_who_cannot_see_it(seen):
    found = {name: facts.unnamed for name, facts in seen.items() if facts.unnamed}
    assert not found, found


def test_no_text_is_too_faint_to_read_in_the_light_or_in_the_dark_theme(seen):
    found = {(name, theme): words for name, facts in seen.items() for theme, words in facts.faint.items() if words}
    assert not found, found
    assert sum("dark" in facts.faint for facts in seen.values()) >= 6, "the dark was not looked at"
