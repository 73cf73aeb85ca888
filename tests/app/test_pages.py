"""Drives the app without a browser. Each test's name says what would break for whom."""

import re
from urllib.parse import parse_qsl

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corridors import catalog
from corridors.catalog import words
from corridors.store import editions
from corridors.store.queries import figures
from corridors.ui import contents
from corridors.views import member as prepare_member
from corridors.views.figure import in_lines
from tests.sampling import all_or, members

VOCABULARY = catalog.load()
EVERY = members(sorted(VOCABULARY.members))
UNITS = {text for unit in VOCABULARY.units.values() for text in (unit["one"], unit["many"])}
THEMES = tuple(VOCABULARY.themes)
SILENT_ON_SMUGGLING = ("NCL", "PRK", "NRU")


def fine(app) -> None:
    """No exception and no error box."""
    assert not app.exception, [e.value for e in app.exception]
    assert not app.error, [e.value for e in app.error]


# --- every page runs --------------------------------------------------------------------------------------------------


def test_every_page_opens_with_and_without_a_member(open_page, pages):
    for page in pages:
        for member in (None, "Thailand", "New Caledonia (France)"):
            fine(open_page(page, **({"member": member} if member else {})))


def test_every_part_of_a_page_opens(open_page):
    for entry in contents.ENTRIES:
        for part in entry.parts:
            app = open_page(entry.name, **{entry.choice: part.id, "member": "Thailand"})
            fine(app)
            assert app.title[0].value == entry.title and not app.warning
            assert len(app.main.children) > 4, f"the part {part.id} is empty"


def test_foot_with_label_and_edition_stands_under_every_page(open_page, pages, edition_id):
    for page in pages.keys() - {"present", "notes"}:  # a slide has its own label and foot
        for address in ({}, {"member": "Thailand", "theme": "missing"}):
            app = open_page(page, **address)
            last = list(app.main.children.values())[-1]
            assert last.value.startswith(f"TLP:CLEAR · Corridors, edition {edition_id}"), page


def test_page_of_each_member_runs_and_bears_the_right_name(open_page):
    app = open_page("member")
    for iso3 in EVERY:
        app.selectbox(key="member").set_value(iso3).run()
        fine(app)
        assert app.title[0].value == VOCABULARY.members[iso3].name
        assert app.metric or "No total held, which is not zero" in " ".join(m.value for m in app.markdown)


@pytest.mark.parametrize("iso3", ["THA", "BGD", "IRN", "NCL", "PRK", "NRU"])
def test_every_theme_of_a_member_runs(open_page, iso3):
    app = open_page("member", member=VOCABULARY.members[iso3].name)
    said = "Victims and justice · Smuggling and deaths · Displacement and migrants · Push and pull · Routes · Own figures"
    assert " · ".join(app.button_group(key="theme").options) == said + " · Joint action · What is missing"
    parts = {key: [theme.title for theme in themes] for key, themes in VOCABULARY.parts.items()}
    for option, titles in (parts | {"missing": ["What is missing"], "routes": ["Routes"]}).items():
        app.session_state["theme"] = option
        app.run()
        fine(app)
        assert all(any(title.startswith(header.value) for header in app.header) for title in titles), option


# The victims of all members are in the test above; factors are a matrix and no series of charts.
@pytest.mark.parametrize("theme", [t for t in THEMES if t not in ("victims", "factors")])
def test_every_theme_of_all_members_can_be_made_ready(edition_id, theme):
    for iso3 in EVERY:
        view = prepare_member.theme_view(edition_id, iso3, theme)
        for drawn in (*view.first, *view.more.values()):
            complete(drawn, f"{iso3} {drawn.key}")
        if view.corridors:
            complete(prepare_member.corridor(edition_id, iso3, next(iter(view.corridors))), f"{iso3} corridor")
        if view.empty:
            assert figures.figures(edition_id, iso3, theme).empty and figures.abroad(edition_id, iso3, theme).empty, iso3


def test_a_category_that_is_printed_for_everybody_is_no_figure_of_a_member_that_did_not_answer(edition_id):
    """Papua New Guinea has only such rows: they are no chart, no part of 0 to 4, and nothing is said to be held."""
    view = prepare_member.theme_view(edition_id, "PNG", "victims")
    assert not view.first and not view.more


@pytest.mark.parametrize("iso3", all_or(["MMR", "NRU"], ["MMR", "NRU", "USA"]))
def test_every_chart_and_corridor_behind_a_menu_can_be_made(edition_id, iso3):
    for theme in THEMES:
        view = prepare_member.theme_view(edition_id, iso3, theme)
        for key, drawn in view.more.items():
            assert (drawn.key, drawn.title) == (key, view.more.titles[key])
            complete(drawn, f"{iso3} {key}")
        for choice in view.corridors:
            complete(prepare_member.corridor(edition_id, iso3, choice), f"{iso3} {choice}")


def complete(drawn, where: str) -> None:
    """A chart made ready carries everything that must be said with its figures."""
    assert drawn.title and drawn.message and drawn.alt and len(drawn.rows), where
    assert drawn.limits.source and drawn.limits.most_serious and drawn.limits.count and drawn.limits.grade in words.GRADE, (
        where
    )
    assert unit_in(drawn.message) and period_in(drawn.message), f"{where}: {drawn.message}"


def test_long_label_of_a_bar_is_set_in_two_lines_so_that_a_narrow_card_does_not_cut_it_off():
    assert (
        in_lines("Other forms of exploitation (label lost, 1 of 4)") == "Other forms of exploitation<br>(label lost, 1 of 4)"
    )
    assert in_lines("female") == "female" and in_lines("x " * 60).count("<br>") == 1


# --- unknown is never zero --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("iso3", SILENT_ON_SMUGGLING)
def test_member_without_a_figure_is_told_so_and_never_shown_a_zero(open_page, iso3):
    member = VOCABULARY.members[iso3]
    app = open_page("member", member=member.name, theme="smuggling")
    fine(app)
    said = app.info[0].value
    assert f"No figure held for {member.name}" in said and "not zero" in said and "could come from" in said
    assert "Smuggling offences" not in [m.label for m in app.metric]
    assert not [c for c in app.get("plotly_chart") if "smuggling" in c.proto.id]
    assert any("smuggling offences recorded" in m.value and "not zero" in m.value for m in app.markdown)


def test_zero_is_on_a_card_only_where_the_publisher_says_zero(edition_id):
    labels = [label for _, _, label in prepare_member.HEADLINES[: prepare_member.CORE]]
    for iso3 in EVERY:
        ready = prepare_member.headlines(edition_id, iso3)
        for card in ready.cards:
            if card.amount == "0":
                assert "zero" in card.status.lower(), f"{iso3} {card.label}"
        assert len(ready.cards) + len(ready.missing) == len(labels), f"{iso3}: a headline neither shown nor missed"


def test_what_is_missing_names_who_could_provide_it(open_page, edition_id):
    app = open_page("member", member="Nauru", theme="missing")
    fine(app)
    told = [c.value for c in app.caption if c.value.startswith("Who could provide it")]
    assert len(told) == figures.coverage(edition_id).theme.nunique() >= 5
    assert any(m.value.startswith("**Smuggling of migrants**: no figure held") for m in app.markdown)


# --- no number without unit, period, source, grade, caveats -----------------------------------------------------------


def unit_in(text: str) -> bool:
    return any(re.search(rf"\b{re.escape(unit)}\b", text, re.I) for unit in UNITS)


def period_in(text: str) -> bool:
    return bool(re.search(r"\b(19|20)\d\d\b", text))


def told(block, texts, edition_id) -> list[str]:
    """What is missing beside a number or chart; empty when all is told."""
    said, absent = texts(block), []
    publishers = set(figures.sources(edition_id).publisher)
    absent += [] if unit_in(said) else ["unit"]
    absent += [] if period_in(said) else ["period"]
    absent += [] if any(p in said for p in publishers) else ["source"]
    absent += [] if any(f"badge[{g}]" in said for g in words.GRADE.values()) else ["grade"]
    caveats = sum(said.count(f"({name.lower()}).") for name in words.SEVERITY.values())
    return absent + ([] if caveats else ["caveats"])


ADDRESSES = [
    ("", {}),
    *(("member", {"member": m, "theme": t}) for m in ("Thailand", "Iran (Islamic Republic of)") for t in VOCABULARY.parts),
    ("member", {"member": "Nauru", "theme": "displacement"}),
    ("routes", {"view": "corridor", "origin": "MMR", "destination": "BGD"}),
]


@pytest.mark.parametrize(("page", "address"), ADDRESSES)
def test_no_number_or_chart_is_on_screen_without_unit_period_source_grade_and_caveats(
    open_page, walk, texts, edition_id, page, address
):
    app = open_page(page, **address)
    fine(app)
    seen, around = 0, {id(element): parent for parent, element in walk(app.main)}
    for parent, element in walk(app.main):
        if element.type == "metric":
            # a card of two columns holds its number in one of them: then the card is looked at, which holds that number alone
            card = around[id(parent)] if told(parent, texts, edition_id) else parent
            assert not told(card, texts, edition_id), f"{element.label}: {told(card, texts, edition_id)} not said"
            kinds = [c.type for _, c in walk(card) if not hasattr(c, "children") and c.type != "image"]
            assert kinds.count("metric") == 1, f"{element.label}: what is said may be said of another number"
            assert kinds[0] == "metric" and kinds[1] in ("markdown", "caption"), (
                f"{element.label}: unit and period do not follow the number at once"
            )
            seen += 1
        elif element.type == "plotly_chart" and not element.key.startswith(
            "coverage"
        ):  # coverage counts members, not figures
            assert not told(parent, texts, edition_id), f"{element.key}: {told(parent, texts, edition_id)} not said"
            seen += 1
    assert seen


def test_nothing_drawn_lacks_a_text_for_those_who_cannot_see_it(open_page, walk, pages):
    for page in pages:
        for address in ({}, {"member": "Thailand"}):
            for _, element in walk(open_page(page, **address).main):
                if element.type in ("plotly_chart", "arrow_data_frame", "dataframe", "deck_gl_json_chart"):
                    assert element.proto.alt.strip(), f"{page}: {element.type} {element.key} has no alt text"


def test_what_moved_most_says_which_themes_it_lacks_and_how_many_had_too_few_years(open_page):
    said = " ".join(m.value for m in open_page("routes", view="corridor").markdown)
    assert "too few years for a verdict" in said and "Not judged: " in said
    lacks = said.partition("Not judged: ")[2].partition(".")[0]
    assert "smuggling" in lacks.lower() and "displacement" not in lacks.lower()


def test_known_answers_stand_on_the_screen(open_page):
    cards = {m.label: m.value for m in open_page("member", member="Thailand").metric}
    assert cards["Victims detected"] == "295" and cards["Smuggling offences"] == "45,094"


# --- A's number never under B's name ----------------------------------------------------------------------------------


def figures_of(app) -> dict[str, str]:
    return {m.label: m.value for m in app.metric}


@pytest.mark.parametrize("page", ["member", ""])
def test_number_and_name_agree_in_every_run_while_the_member_changes(open_page, edition_id, page):
    """The shared chooser is drawn by the front door; drawn inside pages it would lag one run behind the figures."""
    app = open_page(page)
    for iso3 in ("THA", "MMR", "NRU", "THA", "BGD"):
        app.selectbox(key="member").set_value(iso3).run()
        fine(app)
        member, shown = VOCABULARY.members[iso3], app.selectbox(key="member")
        assert (app.title[0].value, shown.value) == (member.name, iso3), "choosing leads to the member's page"
        expected = {c.short: c.amount for c in prepare_member.headlines(edition_id, iso3).cards}
        assert figures_of(app) == expected
        named = [m.value for m in app.markdown if re.match(r"\*\*.*(country of|citizenship)", m.value)]
        assert all(prepare_member.short(member) in text for text in named), named


def test_theme_and_member_chosen_in_turn_keep_agreeing(open_page, edition_id):
    app = open_page("member", member="Thailand", theme="displacement")
    app.selectbox(key="corridor-menu").set_value("refugees.place").run()
    app.selectbox(key="member").set_value("MMR").run()
    fine(app)
    assert app.title[0].value == "Myanmar" and app.header[0].value == "Displacement and asylum"
    drawn = [m.value for m in app.markdown if m.value.startswith("**Refugees")]
    assert drawn and all("Myanmar" in text and "Thailand" not in text for text in drawn)
    app.selectbox(key="member").set_value("NCL").run()
    fine(app)
    assert app.title[0].value == "New Caledonia (France)"


# --- addresses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("named", "name"), [("THA", "Thailand"), ("tha", "Thailand"), ("Thailand", "Thailand"), ("Burma", "Myanmar")]
)
def test_address_names_a_member_by_code_alias_or_name_and_is_written_out(open_page, named, name):
    app = open_page("member", member=named)
    fine(app)
    assert app.title[0].value == name
    assert app.query_params["member"] == name, "or a reload loses the choice"
    assert not app.warning


def test_unknown_member_in_the_address_is_said_and_not_guessed(open_page):
    app = open_page("", member="Atlantis")
    fine(app)
    assert "“Atlantis”, which is not one of the 45 members" in app.warning[0].value
    assert app.selectbox(key="member").value is None


def test_partner_country_in_the_address_is_not_taken_for_a_member(open_page):
    app = open_page("", member="France")
    assert app.warning and app.selectbox(key="member").value is None


def test_theme_in_the_address_opens_that_theme_and_nonsense_is_said(open_page):
    assert open_page("member", member="Thailand", theme="displacement").header[0].value == "Displacement and asylum"
    old = {
        "Displacement": "displacement",
        "justice": "victims",
        "Deaths": "smuggling",
        "migration": "displacement",
        "Factors": "factors",
    }
    for named, part in old.items():  # names that parts had in older addresses
        app = open_page("member", member="Thailand", theme=named)
        title = next(t.title for t in VOCABULARY.themes.values() if named in (t.id, t.tab))
        assert any(title.startswith(header.value) for header in app.header) and not app.warning
        first = VOCABULARY.parts["victims"][0].part  # needs no name in the address
        assert app.query_params.get("theme", first) == VOCABULARY.parts[part][0].part, "a reload keeps it"
    app = open_page("member", member="Thailand", theme="nonsense")
    fine(app)
    assert "“nonsense”, which this page does not have" in app.warning[0].value
    assert app.header[0].value == "Trafficking: detected victims"


HOSTILE = [
    "![x](http://example.invalid/x.png)",
    "[click](http://example.invalid)",
    "<script>alert(1)</script>",
    "$x$",
    "\x00",
    "`",
    "~~x~~",
    "http://example.invalid",
    ":material/flag:",
    ":red[x]",
    "a" * 5000,
    "../../etc/passwd",
    "' or 1=1 --",
    "%",
    "ไทย",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_in_the_address_cannot_put_pictures_links_or_markup_on_the_page(open_page, text):
    for page, address in (("member", {"member": text, "theme": text}), ("routes", {"view": "corridor", "origin": text})):
        app = open_page(page, **address)
        fine(app)
        quotes_harmlessly(app)


def quotes_harmlessly(app) -> None:
    for warning in app.warning:
        quoted = re.search(r"“(.*)”, which", warning.value, re.S)[1]
        assert len(quoted) <= 40 and not set(quoted) & set("[](){}<>!`*_~$:/\\#|&.@\n"), warning.value


KEYS = (
    "member",
    "theme",
    "behind",
    "part",
    "corridor",
    "more",
    "origin",
    "destination",
    "route",
    "place",
    "years",
    "show",
    "mode",
    "role",
    "view",
    "lang",
    "embed",
)
KNOWN = ("THA", " thailand ", "Thailand", "MMR,THA", "-1", "2022", "nan")
ODD = st.one_of(st.text(max_size=30), st.sampled_from([*HOSTILE, *KNOWN]))
PAGES = ("", "member", "quality", "action", "routes", "factors")


@given(address=st.dictionaries(st.sampled_from(KEYS), ODD, max_size=5), page=st.sampled_from(PAGES))
@settings(max_examples=all_or(8, 30), deadline=None, database=None, suppress_health_check=list(HealthCheck))
def test_no_address_however_odd_breaks_a_page(open_page, address, page):
    fine(open_page(page, **address))


# --- nothing to show --------------------------------------------------------------------------------------------------


def test_without_an_edition_the_app_says_what_to_do(open_page, monkeypatch, tmp_path):
    monkeypatch.setenv("CORRIDORS_EDITIONS", str(tmp_path))
    app = open_page()
    assert not app.exception
    assert "python -m etl build" in app.error[0].value
    assert not app.metric and not app.get("plotly_chart")


def test_edition_that_is_gone_is_said_with_the_cure(open_page, monkeypatch, tmp_path):
    monkeypatch.setenv("CORRIDORS_EDITIONS", str(tmp_path))
    (tmp_path / editions.POINTER).write_text("2026-01-01-00000000\n", encoding="utf-8")
    app = open_page()
    assert not app.exception
    assert "rollback" in app.error[0].value


def test_table_behind_a_chart_opens_with_every_row_of_the_chart(open_page, edition_id):
    app = open_page("member", member="Thailand")
    app.session_state["table-detected_victims-place"] = True
    app.run()
    fine(app)
    rows = figures.figures(edition_id, "THA", "victims")
    whole = rows[(rows.sex == "total") & (rows.age == "total") & (rows.form == "total")]
    table = pd.DataFrame(app.dataframe[0].value)
    assert len(table) == len(whole) and {"Period", "Figure", "Status", "Grade"} <= set(table.columns)


def test_each_card_and_table_says_how_it_is_cited_by_an_address_that_opens_the_same_again(open_page, edition_id):
    app = open_page("member", member="Thailand")
    app.session_state["table-detected_victims-place"] = True
    app.run()
    fine(app)
    cited = [said for text in app.markdown if (said := re.search(r"\*\*Cite as:\*\* (.+)", text.value))]
    assert len(cited) > 5 and all(f"Corridors, edition {edition_id}. " in said[1] for said in cited)
    victims = next(said[1] for said in cited if said[1].startswith("Detected victims") and "UNODC" in said[1])
    query = dict(parse_qsl(victims.partition("?")[2]))
    assert query["member"] == "Thailand" and query["edition"] == edition_id
    again = open_page("member", **query)
    assert [card.value for card in again.metric] == [card.value for card in app.metric]


def test_a_what_if_shows_the_range_of_its_model_beside_the_past(open_page):
    app = open_page("expected", model="what_if", **{"from": "MMR", "to": "THA"})  # as the early look's links name the pair
    assert not any("in the past" in text.value for text in app.markdown)
    app.slider(key="what_if_origin").set_value(0.8).run()
    fine(app)
    page = "\n".join(text.value for text in app.markdown)
    assert "expected number is multiplied by" in page and "Like it in the past: income per head at the origin" in page
    assert (
        "Today’s visa rule.** " in page
        and "Citizens of Myanmar entering Thailand" in page
        and "where entry is made" not in page
    )
    assert any("no probability" in caption.value for caption in app.caption)
    assert any("95 % interval of that model’s averages" in caption.value for caption in app.caption)
    app.segmented_control(key="what_if_visa").set_value("tightened").run()
    fine(app)
    page = "\n".join(text.value for text in app.markdown)
    assert (
        "where entry is made harder (80 % interval" in page
        and "Myanmar to Thailand: " in page
        and "Like it in the past: entry made harder" in page
        and "that made entry harder, 7 can be followed, too few for a range" in page
    )
    assert any("the year of the change is left out" in caption.value for caption in app.caption)
    assert any("has a level of its own" in caption.value for caption in app.caption)
    assert any({"Since", "Times", "Source"} <= set(pd.DataFrame(table.value).columns) for table in app.dataframe)
