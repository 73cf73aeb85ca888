"""Take away: files of a member, a corridor or a route, made only when asked for, with the edition in name and words."""

from __future__ import annotations

MEMBER = {"member": "New Caledonia (France)", "take": "open"}


def buttons(app) -> list[str]:
    return [e.label for e in app.get("download_button")]


def test_nothing_is_made_or_offered_before_the_button_is_opened(open_page):
    for app in (open_page("member"), open_page("member", member="Thailand")):
        assert not app.exception and not [label for label in buttons(app) if "Brief" in label or "Tables" in label]


def test_a_member_gets_brief_tables_and_pictures_and_the_edition_is_named(open_page, edition_id):
    app = open_page("member", **MEMBER)
    assert not app.exception
    assert len(app.get("download_button")) == 5
    assert any(edition_id in c.value and "TLP:" in c.value for c in app.caption)
    assert any("not zero" in c.value and "Smuggling of migrants" in c.value for c in app.caption)


def test_a_corridor_and_a_route_have_their_figures_and_their_map(open_page):
    app = open_page("routes", view="corridor", origin="MMR", destination="BGD", take="open")
    assert not app.exception and buttons(app)[:3] == ["Figures as CSV", "Map as PNG", "Map as SVG"]
    app = open_page("routes", route="R01", take="open")
    assert not app.exception and buttons(app) == ["Published figures as CSV", "Map as PNG", "Map as SVG"]


def test_all_data_leave_as_a_package_from_the_page_of_the_edition(open_page):
    app = open_page("quality", part="edition")
    assert not app.exception and "All data as a package (ZIP)" in buttons(app)
