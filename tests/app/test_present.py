"""Drives the meeting, the show and its notes as a presenter does."""

import io
import re
import zipfile
from dataclasses import replace

import pytest

from corridors.catalog import roles
from corridors.export.slides import screen
from corridors.ui import slideshow

AGENDA = """
title = "A small meeting"
tlp_ceiling = "AMBER"
[[slides]]
kind = "title"
note = "Say hello."
minutes = 2
[[slides]]
kind = "member"
member = "Fiji"
minutes = 3
[[slides]]
kind = "member"
member = "Atlantis"
[[slides]]
kind = "text"
title = "Last words"
points = ["One"]
"""


@pytest.fixture
def agendas(tmp_path, monkeypatch):
    monkeypatch.setenv("CORRIDORS_MEETINGS", str(tmp_path))
    (tmp_path / "default.toml").write_text(AGENDA, encoding="utf-8")
    (tmp_path / "other.toml").write_text(AGENDA.replace("A small meeting", "Another meeting"), encoding="utf-8")
    return tmp_path


def html(app) -> str:
    return "".join(e.proto.body for e in app.get("html"))


def number(app) -> int:
    return int(re.search(r'aria-label="Slide (\d+) of', html(app)).group(1))


def press(app, key: str):
    app.button(key=f"key-{key}").click().run()
    assert not app.exception
    return app


def test_the_slide_of_an_address_is_shown_in_a_bare_window_with_label_and_number(agendas, open_page):
    app = open_page("present", slide="2")
    assert not app.exception and number(app) == 2 and "Fiji" in html(app)
    assert "TLP:CLEAR" in html(app) and "2 / 3" in html(app)
    assert not app.selectbox and not app.sidebar.children, "a slide has the whole window: no chooser, no menu"


def test_a_second_press_before_the_browser_has_heard_of_the_first_counts_too(agendas, open_page):
    app = press(open_page("present", slide="1"), "next")
    assert number(app) == 2
    app.query_params["slide"] = "1"  # as the browser still says
    assert number(press(app, "next")) == 3


@pytest.mark.parametrize(
    "named, shown", [("99", 3), ("0", 1), ("-4", 1), ("x", 1), ("1e9", 1), ("٣", 3), ("999999999999999", 1)]
)
def test_an_address_with_a_wrong_number_shows_a_slide_that_there_is(agendas, open_page, named, shown):
    app = open_page("present", slide=named)
    assert not app.exception and number(app) == shown


def test_keys_and_clicker_turn_the_page_and_write_it_into_the_address(agendas, open_page):
    app = open_page("present")
    for key, want in (("next", 2), ("down", 3), ("up", 2), ("last", 3), ("first", 1), ("next", 2), ("back", 1)):
        assert number(press(app, key)) == want
        assert app.query_params["slide"] in (str(want), [str(want)])


def test_every_key_of_a_presenter_has_its_button(agendas, open_page):
    app = open_page("present", slide="2")
    keys = {b.key: b.proto.shortcut.lower() for b in app.button}
    assert set(keys.values()) >= {"left", "right", "home", "end", "pageup", "pagedown", "b"}


def test_b_blanks_the_screen_and_any_turn_of_the_page_brings_it_back(agendas, open_page):
    app = press(open_page("present"), "blank")
    assert slideshow.SHEET in html(app)
    assert slideshow.SHEET not in html(press(app, "blank"))
    assert slideshow.SHEET not in html(press(press(app, "blank"), "next")) and number(app) == 2


def test_the_meeting_page_lists_slides_and_names_each_fault_with_its_cure(agendas, open_page, texts):
    app = open_page("meeting")
    assert not app.exception
    said = texts(app.main)
    assert "| 2 | Member | Fiji | 3 |" in said and "5 minutes in all" in said and "up to TLP:AMBER" in said
    assert "slide 3: found member “Atlantis”; expected one of the 45 members" in "\n".join(c.value for c in app.code)


def test_another_agenda_can_be_chosen_and_goes_into_the_address_and_the_links(agendas, open_page, texts):
    app = open_page("meeting")
    next(box for box in app.selectbox if box.label == "Agenda").set_value("other").run()
    assert "Another meeting" in texts(app.main) and app.query_params["meeting"] in ("other", ["other"])
    links = [e.proto.url for e in app.get("link_button")]
    assert len(links) == 2 and all("meeting=other" in u and "embed=true" in u for u in links)
    assert len({re.search(r"show=(\w+)", u).group(1) for u in links}) == 1, "show and notes must share a key"


@pytest.mark.parametrize("page", ["meeting", "present", "notes"])
def test_an_agenda_that_is_not_there_is_said_with_those_that_are(agendas, open_page, page):
    app = open_page(page, meeting="![x](https://a.example/b)")
    assert not app.exception and "default, other" in app.warning[0].value
    assert "https://" not in app.warning[0].value


@pytest.mark.parametrize("page", ["meeting", "present", "notes"])
def test_a_file_that_is_no_agenda_does_not_crash_the_page(agendas, open_page, page):
    (agendas / "default.toml").write_text("title = ", encoding="utf-8")
    app = open_page(page)
    assert not app.exception and app.info


def test_notes_say_what_to_say_how_long_and_what_comes_next(agendas, open_page):
    app = open_page("notes", slide="1")
    assert not app.exception
    said = [t.value for t in app.text]
    assert "Say hello." in said[0] and "Fiji" in html(app) and "**2 minutes**" in app.markdown[0].value
    app = open_page("notes", slide="3")
    assert app.text[1].value == "This is the last slide." and "begins 5 minutes into" in app.markdown[0].value


def test_the_label_of_the_notes_is_the_strictest_of_what_they_hold_the_next_slides_title_too(agendas, open_page):
    """Own words without a label of their own take the meeting's, here AMBER; the page before the last names them as next."""
    assert "TLP:CLEAR" in html(open_page("present", slide="2"))
    for slide, label in (("1", "AMBER"), ("2", "AMBER"), ("3", "AMBER")):
        app = open_page("notes", slide=slide)
        assert f"TLP:{label}" in app.markdown[0].value, slide
    (agendas / "default.toml").write_text(AGENDA.replace("[[slides]]", '[[slides]]\ntlp = "CLEAR"'), encoding="utf-8")
    assert "TLP:CLEAR" in open_page("notes", slide="2").markdown[0].value


def test_speakers_notes_are_never_on_the_screen(agendas, open_page):
    assert "Say hello" not in html(open_page("present", slide="1"))


def test_a_chair_who_mends_the_agenda_sees_it_at_the_next_turn_of_the_page(agendas, open_page):
    app = open_page("present", slide="3")
    assert "Last words" in html(app)
    (agendas / "default.toml").write_text(AGENDA.replace("Last words", "The very last words"), encoding="utf-8")
    assert "The very last words" in html(app.run())


def test_the_slide_file_can_be_taken_from_the_meeting_page(agendas, open_page):
    app = open_page("meeting")
    assert "Slides as a file (PPTX)" in [e.proto.label for e in app.get("download_button")]


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("kind=member&member=THA&indicator=detected_victims", "Thailand, detected victims"),
        ("kind=corridor&origin=MMR&destination=MYS", "Myanmar to Malaysia"),
        ("kind=route_map&family=andaman", "Andaman Sea"),
        ("kind=factors&member=Fiji", "Fiji"),
    ],
)
def test_what_is_on_screen_is_a_slide_of_its_own_by_its_address(agendas, open_page, wanted, words):
    app = open_page("present", meeting=f"this:{wanted}")
    assert not app.exception and words in html(app) and "1 / 1" in html(app) and "TLP:CLEAR" in html(app)


@pytest.mark.parametrize(
    "wanted",
    [
        "",
        "kind=nothing",
        "kind=member&member=Atlantis",
        "kind=text&title=x",
        "x" * 5000,
        "&" * 300,
        "kind=member&member=%00",
    ],
)
def test_an_address_that_is_no_slide_says_so(agendas, open_page, wanted):
    app = open_page("present", meeting=f"this:{wanted}")
    assert not app.exception and "no slide to show" in app.info[0].value


def test_present_this_stands_with_the_member_the_corridor_the_map_and_each_chart(open_page):
    def links(app):
        return [b.proto.url for b in app.get("link_button") if b.proto.label == "Present this"]

    assert "this%3Akind%3Dmember%26member%3DTHA&" in links(open_page("member", member="Thailand"))[0]
    found = links(open_page("member", member="Thailand", theme="victims"))
    assert [u for u in found if "indicator%3Ddetected_victims" in u]
    assert "kind%3Dcorridor" in links(open_page("routes", view="corridor", origin="Myanmar", destination="Malaysia"))[0]
    assert "family%3Dandaman" in links(open_page("routes"))[0]


def test_an_agenda_is_made_on_the_page_and_what_is_saved_can_be_shown(agendas, open_page, edition_id):
    from corridors.catalog import meetings
    from corridors.export.slides import deck

    app = open_page("meeting")
    app.session_state["make-agenda"] = True
    app.session_state["agenda_rows"] = {
        "edited_rows": {"1": {"Order": 9}},
        "added_rows": [
            {"Order": 2, "Shows": "Member", "Member": "Fiji", "Minutes": 4, "Note": "Thank them."},
            {"Order": 3, "Shows": "Corridor", "Member": "Myanmar", "To": "Malaysia"},
        ],
        "deleted_rows": [],
    }
    app.run()
    assert not app.exception
    made = next(d for d in app.get("download_button") if "agenda" in d.proto.label)
    assert made.proto.label == "Save the agenda (TOML)"
    agenda = meetings.judge(
        b'title = "T"\n[[slides]]\nkind = "member"\nmember = "FJI"\n[[slides]]\nkind = "corridor"\norigin = "MMR"\n',
        deck.known(edition_id),
    )
    assert [e.kind for e in agenda.entries] == ["member"] and "destination" in str(agenda.faults[0])


def test_an_agenda_is_kept_on_the_server_under_a_new_name_for_all_who_present(agendas, open_page, caplog, monkeypatch):
    app = open_page("meeting")
    app.session_state["make-agenda"] = True
    app.run()
    app.text_input(key="agenda_title").set_value("Plenary").run()
    caplog.set_level("INFO", "corridors.access")
    app.text_input(key="agenda_key").set_value("plenary-2027").run()
    app.button(key="agenda-save").click().run()
    assert not app.exception and 'title = "Plenary"' in (agendas / "plenary-2027.toml").read_text(encoding="utf-8")
    assert "Plenary" in next(box for box in app.selectbox if box.label == "Agenda").options
    saved = [record.getMessage() for record in caplog.records if '"why": "saved"' in record.getMessage()]
    assert len(saved) == 1 and "plenary" not in saved[0], "the trail holds nothing that was typed"
    assert "Plenary" in [h.value for h in open_page("meeting", meeting="plenary-2027").header]
    before = (agendas / "other.toml").read_bytes()
    for name, word in (("other", "already"), ("../up", "small letters")):
        app = open_page("meeting")
        app.session_state["make-agenda"] = True
        app.run()
        app.text_input(key="agenda_key").set_value(name).run()
        app.button(key="agenda-save").click().run()
        assert word in app.error[0].value
    assert (agendas / "other.toml").read_bytes() == before and not list(agendas.parent.glob("up*"))
    monkeypatch.setattr(roles, "LOCAL", replace(roles.LOCAL, may_save_agendas=False))
    monkeypatch.setattr("corridors.ui.access.LOCAL", roles.LOCAL)
    app = open_page("meeting")
    app.session_state["make-agenda"] = True
    app.run()
    assert not [b for b in app.button if b.key == "agenda-save"]


def test_the_pack_is_one_file_that_holds_every_slide_up_to_the_label(agendas, edition_id):
    meeting, found = screen.agenda(edition_id, "default", 0), {}
    for ceiling in ("CLEAR", "AMBER"):
        with zipfile.ZipFile(io.BytesIO(screen.pack_file(edition_id, meeting, ceiling))) as archive:
            found[ceiling] = {name.rsplit("/", 1)[-1] for name in archive.namelist() if name.endswith(".html")}
    assert found["CLEAR"] == {"index.html", "01-member.html"}, "own words are for the room unless the agenda says otherwise"
    assert found["AMBER"] == {"index.html", "01-title.html", "02-member.html", "03-text.html"}
