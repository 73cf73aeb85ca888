"""Long menus write ids into the address, and the hint of a first visit comes once."""

import pytest


def fine(app):
    assert not app.exception, [e.message for e in app.exception]
    return app


def test_choice_in_a_menu_is_in_the_address_by_id_and_the_usual_one_is_not(open_page):
    app = fine(open_page("member", member="Thailand", theme="displacement"))
    assert "corridor" not in app.query_params, "what nobody chose is not written"
    for choice in ("refugees.place", "refugees.partner", None):
        fine(app.selectbox(key="corridor-menu").set_value(choice).run())
        assert app.query_params.get("corridor") == choice
    assert not app.warning


@pytest.mark.parametrize("iso3", ["Thailand", "Myanmar"])
def test_one_address_opens_the_same_figure_for_every_member(open_page, iso3):
    app = fine(open_page("member", member=iso3, theme="displacement", corridor="refugees.partner"))
    assert app.selectbox(key="corridor-menu").value == "refugees.partner" and not app.warning


def test_menu_of_further_figures_has_ids_too_and_can_be_left_empty(open_page):
    app = fine(open_page("routes", view="corridor", origin="Myanmar", destination="Bangladesh"))
    assert app.selectbox(key="more_corridor-menu").value is None
    chosen = app.selectbox(key="more_corridor-menu").options[0]
    fine(app.selectbox(key="more_corridor-menu").select(chosen).run())
    written = app.query_params["more_corridor"]
    written = written if isinstance(written, str) else written[0]
    assert written.startswith("corridor-") and " " not in written


def test_older_link_that_names_a_label_still_opens_its_figure(open_page):
    app = fine(open_page("member", member="Thailand", theme="displacement"))
    menu = app.selectbox(key="corridor-menu")
    label = menu.options[-1]
    again = fine(open_page("member", member="Thailand", theme="displacement", corridor=label))
    assert again.selectbox(key="corridor-menu").options[-1] == label and not again.warning
    assert again.query_params["corridor"] == again.selectbox(key="corridor-menu").value


def test_address_with_an_unknown_figure_is_said_and_dropped(open_page):
    app = fine(open_page("member", member="Thailand", theme="displacement", corridor="nonsense"))
    assert "“nonsense”, which is not in the list" in app.warning[0].value
    assert "corridor" not in app.query_params
    assert not fine(app.run()).warning, "said once"


def test_a_member_chosen_by_another_name_is_the_member_in_the_address_too(open_page):
    app = fine(open_page("member"))
    app.selectbox(key="member").set_value("ไทย").run()
    assert fine(app).title[0].value == "Thailand" and app.query_params["member"] == "Thailand"
    assert fine(open_page("member", member="ไทย")).title[0].value == "Thailand"


def test_a_member_stands_beside_its_subregion_with_the_word_on_comparison(open_page, texts):
    app = fine(open_page("member", **{"member": "THA", "with": "South-eastern Asia"}))
    said = texts(app.main)
    assert [h.value for h in app.header][:2] == ["Thailand", "South-eastern Asia"]
    assert said.count("Compare: ") == len([m for m in app.metric if m.label == "Victims detected"]) * 3
    assert "Compare: no, because definitions differ widely." in said


@pytest.mark.parametrize(
    ("page", "address"),
    [
        ("", {}),
        ("member", {"member": "Thailand"}),
        ("routes", {"route": "R01"}),
        ("routes", {"view": "corridor", "origin": "MMR", "destination": "BGD"}),
        ("action", {"period": "2015"}),
    ],
)
def test_a_popover_says_sixty_words_before_more(open_page, walk, page, address):
    seen = 0
    for _, block in walk(fine(open_page(page, **address)).main):
        if block.type == "popover" and (more := [b for _, b in walk(block) if b.type == "expander" and b.label == "More"]):
            behind = {id(element) for _, element in walk(more[0])}
            first = " ".join(
                str(e.value) for _, e in walk(block) if id(e) not in behind and e.type in ("markdown", "caption")
            )
            assert len(first.split()) <= 60, first
            seen += 1
    assert seen


def hinted(app) -> bool:
    return any("New here?" in m.value for m in app.markdown)


def test_the_hint_comes_once_and_never_to_whoever_has_a_member(open_page):
    assert not hinted(fine(open_page(member="Thailand")))
    app = fine(open_page())
    assert hinted(app)
    fine(app.button(key="hint-close").click().run())
    assert not hinted(app) and not hinted(fine(app.run()))
    app = fine(open_page())
    fine(app.selectbox(key="member").set_value("FJI").run())
    fine(app.selectbox(key="member").set_value(None).run())
    app.switch_page("pages/overview/situation.py").run()
    assert not hinted(fine(app)), "a choice closes it too"
