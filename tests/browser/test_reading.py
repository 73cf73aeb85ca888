"""What an official does: choose a country, come back, open a table, take it away."""

import csv
import io
import os
import signal

import pytest

from tests.browser.tab import PATIENCE, Tab
from tools.bench.questions import HEIGHT, QUESTIONS, answer_at, ask
from tools.bench.visitor import server

pytestmark = pytest.mark.browser


def wait_for_heading(tab, text: str) -> None:
    tab.page.locator("h1", has_text=text).wait_for(timeout=PATIENCE)
    tab.rested()


def test_two_taps_from_the_start_reach_the_own_country_on_a_tablet(tab):
    tab.page.set_viewport_size({"width": 768, "height": 1024})
    tab.open()
    tab.choose("Bangladesh")
    wait_for_heading(tab, "Bangladesh")
    tab.page.wait_for_url("**/member?member=Bangladesh")
    assert tab.page.title() == "Bangladesh · Corridors"
    assert not tab.page.locator("[data-testid=stException]").count()


def test_choosing_a_country_on_the_sources_page_leads_to_the_country(tab):
    tab.open("quality?part=Words")
    tab.choose("Australia")
    wait_for_heading(tab, "Australia")
    tab.page.wait_for_url("**/member?member=Australia")


SIGN = """() => { const plot = document.querySelector('.js-plotly-plot'), {_fullLayout: l} = plot, box = plot.getBoundingClientRect()
    const sign = plot.calcdata[0][plot.data[0].customdata.lastIndexOf('THA')]
    return [box.x + l.xaxis._offset + l.xaxis.c2p(sign.x), box.y + l.yaxis._offset + l.yaxis.c2p(sign.y)] }"""


def test_tap_on_a_sign_of_the_coverage_grid_leads_to_that_members_figures(tab):
    tab.open("quality?theme=victims")
    tab.page.locator(".js-plotly-plot .scatterlayer .point").first.wait_for()
    tab.page.set_viewport_size({"width": 1280, "height": 1400})  # the whole grid in the window
    tab.page.wait_for_timeout(500)
    tab.page.mouse.click(*tab.page.evaluate(SIGN))
    wait_for_heading(tab, "Thailand")
    tab.page.wait_for_url("**/member?*member=Thailand*")


def test_a_device_remembers_the_country_chosen_last_until_it_is_told_to_forget(chromium, address):
    visitor = chromium.new_context(viewport={"width": 768, "height": 1024})  # a tablet of one person
    first = Tab(visitor.new_page(), address).open()
    assert first.page.get_by_role("button", name="as last time").count() == 0
    first.choose("Fiji")
    wait_for_heading(first, "Fiji")
    first.rested()
    first.page.wait_for_function("() => document.cookie.includes('corridors_member=FJI')")
    first.page.close()

    next_day = Tab(visitor.new_page(), address).open()
    assert not [a for a in next_day.asked if "remember" in a], (
        "a program that says so would start the page anew, over a choice"
    )
    as_last_time = next_day.page.get_by_role("button", name="Fiji, as last time")
    assert as_last_time.bounding_box()["y"] < 300, "it stands where whoever comes back looks first"
    as_last_time.click()
    wait_for_heading(next_day, "Fiji")
    next_day.page.wait_for_url("**/member?member=Fiji")

    handed_on = Tab(visitor.new_page(), address).open()
    forget = handed_on.page.get_by_role("button", name="Forget it on this device")
    forget.click()
    handed_on.page.wait_for_function("() => !document.cookie.includes('corridors_member')")
    handed_on.choose("Bangladesh")  # in the same visit: what was forgotten is another country
    wait_for_heading(handed_on, "Bangladesh")
    handed_on.rested().page.wait_for_function("() => document.cookie.includes('corridors_member=BGD')")
    handed_on.open()
    forget.click()
    handed_on.page.wait_for_function("() => !document.cookie.includes('corridors_member')")
    handed_on.open()
    handed_on.page.wait_for_timeout(1000)
    assert handed_on.page.get_by_role("button", name="as last time").count() == 0
    assert not next_day.errors and not handed_on.errors
    visitor.close()


def test_member_page_without_a_member_leads_to_one_in_the_same_tab(tab):
    tab.open("member")
    tab.page.get_by_role("button", name="Fiji").click()
    wait_for_heading(tab, "Fiji")
    tab.page.wait_for_url("**/member?member=Fiji")
    assert len(tab.page.context.pages) == 1


def test_reload_keeps_member_and_theme(tab):
    tab.open("member?member=Thailand")
    tab.page.get_by_text("Displacement and migrants", exact=True).click()
    tab.page.get_by_role("heading", name="Displacement and asylum").wait_for()
    tab.page.wait_for_url("**theme=Displacement+and+migrants**")
    tab.page.reload()
    tab.rested()
    assert tab.heading() == "Thailand" and tab.page.get_by_role("heading", name="Displacement and asylum").is_visible()


def test_code_in_a_link_becomes_the_name_so_that_a_reload_keeps_it(tab):
    tab.open("member?member=THA&theme=deaths")
    tab.page.wait_for_url("**/member?member=Thailand&theme=Smuggling+and+deaths")
    tab.page.reload()
    tab.rested()
    assert tab.heading() == "Thailand"


def test_back_and_forward_walk_between_situation_and_member(tab):
    tab.open()
    tab.choose("Bangladesh")
    wait_for_heading(tab, "Bangladesh")
    tab.page.go_back()
    wait_for_heading(tab, "Region")
    tab.page.go_forward()
    wait_for_heading(tab, "Bangladesh")
    assert tab.chooser().input_value() == "Bangladesh"


def test_two_tabs_with_different_members_do_not_influence_each_other(context, address, tab):
    other = type(tab)(context.new_page(), address)
    tab.open("member?member=Thailand")
    other.open("member?member=Nauru")
    for each in (tab, other):
        each.page.get_by_text("Smuggling and deaths", exact=True).click()
        each.page.get_by_role("heading", name="Deaths and disappearances").wait_for()
        each.rested()
    assert (tab.heading(), other.heading()) == ("Thailand", "Nauru")
    assert (tab.chooser().input_value(), other.chooser().input_value()) == ("Thailand", "Nauru")
    assert "Thailand" not in other.page.locator("[data-testid=stMain]").inner_text()
    other.page.close()


def test_table_opens_and_its_download_carries_label_source_and_caveats(tab):
    tab.open("member?member=Thailand")
    tab.page.get_by_text("Table and download").first.click()
    tab.page.locator("[data-testid=stDataFrame]").first.wait_for()
    with tab.page.expect_download() as coming:
        tab.page.get_by_text("Download as CSV").click()
    assert coming.value.suggested_filename.startswith("corridors-thailand-detected_victims-place-")
    raw = open(coming.value.path(), "rb").read()
    assert raw.startswith("\ufeffTLP:CLEAR".encode()), "Excel needs the mark; the label comes first"
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    head = next(row for row in rows if "value" in row)
    figures = [dict(zip(head, row)) for row in rows[rows.index(head) + 1 : -1]]
    known = {row["period_start"][:4]: row["value"] for row in figures}
    assert (known["2009"], known["2015"], known["2019"], known["2022"]) == ("145", "982", "1541", "295")
    assert all(row["source"] and row["caveats"] and row["counted_unit"] == "victims" for row in figures)
    assert rows[-1] == ["TLP:CLEAR"]


def test_markdown_in_the_address_fetches_nothing_from_another_host(tab):
    tab.open("member?member=![x](http://example.invalid/pixel.png)&theme=![y](http://example.invalid/other.png)")
    tab.page.get_by_text("is not one of the 45 members").wait_for()
    assert not [a for a in tab.asked if "example.invalid" in a.partition("?")[0]]
    assert not tab.page.locator("[data-testid=stAlert] img, [data-testid=stAlert] a").count()


def test_page_says_that_it_is_disconnected_when_the_server_is_gone(edition_id, tab):
    with server() as (port, process):
        tab.address = f"http://127.0.0.1:{port}"
        tab.open("quality?part=sources")
        os.kill(process, signal.SIGKILL)
        tab.page.get_by_text("Connection error").wait_for(timeout=PATIENCE)
        assert tab.page.get_by_test_id("stConnectionStatus").inner_text().strip(), "and the status stays on the page"
        assert tab.heading() == "Data quality", "what was read stays readable"


def test_choosing_another_member_is_an_entry_of_its_own_and_back_restores_the_one_before(tab):
    tab.open("member?member=THA")
    tab.page.wait_for_url("**/member?member=Thailand*")
    before = tab.page.evaluate("history.length")
    tab.chooser().fill("Viet Nam")
    tab.page.get_by_role("option", name="Viet Nam", exact=True).click()
    wait_for_heading(tab, "Viet Nam")
    tab.page.wait_for_url("**/member?member=Viet+Nam*")
    assert tab.page.evaluate("history.length") == before + 1, "one choice, one entry; spelling a code out is none"
    tab.page.go_back()
    wait_for_heading(tab, "Thailand")
    assert tab.chooser().input_value() == "Thailand"


def test_a_part_of_a_page_is_an_entry_of_its_own_and_a_link_across_pages_takes_its_choices_along(tab):
    tab.open("action")
    before = tab.page.evaluate("history.length")
    tab.page.get_by_role("radio", name="Investigation plans").click()
    tab.page.wait_for_url("**/action?action_part=Investigation+plans")
    tab.page.get_by_text("All figures of this corridor").first.click()
    tab.page.wait_for_url("**/routes?view=Corridor&origin=*")
    assert tab.page.evaluate("history.length") == before + 2, "two choices, two entries"
    tab.page.go_back()
    tab.page.go_back()
    tab.page.wait_for_url("**/action")
    tab.page.get_by_text("A Joint Period of Action is no joint team").wait_for()


def test_each_of_the_ten_questions_is_answered_within_its_taps_and_without_scrolling(tab):
    asked = None
    for question in QUESTIONS:
        if asked != (asked := question[1:3] + question[5:]):  # those that begin alike are asked of one screen
            ask(tab.page, tab.address, question)
        down = answer_at(tab.page, question)
        assert down is not None and down < HEIGHT and len(question.taps) <= question.limit, (question.asked, down)


def test_on_paper_charts_are_whole_and_there_is_no_menu(tab):
    tab.open("member?member=Thailand")
    tab.page.locator(".js-plotly-plot .main-svg").first.wait_for()
    tab.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    tab.page.emulate_media(media="print")
    tab.page.set_viewport_size({"width": 720, "height": 1000})
    chart = tab.page.locator(".js-plotly-plot .svg-container").first
    assert chart.bounding_box()["width"] <= 720
    assert chart.locator(".main-svg").first.get_attribute("viewBox") and tab.page.get_by_test_id("stHeader").is_hidden()
    tab.page.emulate_media(media="screen")
