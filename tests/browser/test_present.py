"""The show in a real browser: size of type, keys, full screen, notes that follow; and the pack with the network cut."""

import pytest

from corridors.catalog import meetings
from corridors.export import pack
from corridors.export.slides import deck
from corridors.store import labels
from tests.browser.tab import PATIENCE, RUNNING

pytestmark = pytest.mark.browser
SIZES = """() => [...document.querySelectorAll('section *')]
    .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
    .map(e => [parseFloat(getComputedStyle(e).fontSize), e.textContent.slice(0, 40)])"""


def at(page, number: int) -> None:
    page.locator(f"section[aria-label^='Slide {number} of']").wait_for(timeout=PATIENCE)


@pytest.fixture
def show(chromium, address):
    """A projector's window on the show; requests to other hosts are kept in `asked`."""
    context = chromium.new_context(viewport={"width": 1920, "height": 1080}, color_scheme="light", bypass_csp=False)
    page = context.new_page()
    page.asked, page.faults = [], []
    page.on("request", lambda r: page.asked.append(r.url))
    page.on("pageerror", lambda e: page.faults.append(str(e)))
    page.goto(f"{address}/present?meeting=default&slide=1&show=abc123&embed=true")
    at(page, 1)
    page.wait_for_function(f"() => !document.querySelector('{RUNNING}')")  # the slide is there before its keys are
    yield page
    context.close()


def test_every_slide_can_be_read_from_the_back_of_the_room_and_fits_the_window(show):
    count = int(show.locator("section").get_attribute("aria-label").split()[-1])
    for number in range(1, count + 1):
        at(show, number)
        sizes = show.evaluate(SIZES)
        assert min(sizes)[0] >= 24, (number, min(sizes))
        small = [
            text
            for size, text in sizes
            if size < 32 and not text.startswith(("TLP:", "Source: ", "Edition ", f"{number} / "))
        ]
        assert not small, (number, small)
        title = show.locator("section h1")
        assert float(title.evaluate("e => parseFloat(getComputedStyle(e).fontSize)")) >= 60, number
        assert title.bounding_box()["y"] >= 0, number
        foot = show.locator("section footer").bounding_box()
        assert foot["y"] + foot["height"] <= 1080, number
        if picture := show.locator("section img").all():
            assert picture[0].bounding_box()["height"] >= 0.6 * show.locator("section").bounding_box()["height"], number
        assert show.locator("section footer").get_by_text("TLP:").is_visible()
        assert show.locator("section h1").get_by_text("TLP:").is_visible()
        assert show.evaluate("[...document.images].every(i => i.complete && i.naturalWidth && i.alt)")
        show.keyboard.press("ArrowRight")


def test_keys_turn_the_page_blank_it_and_fill_the_screen(show):
    for key, want in (("ArrowRight", 2), ("PageDown", 3), ("PageUp", 2), ("End", 10), ("ArrowLeft", 9), ("Home", 1)):
        show.keyboard.press(key)
        at(show, want)
    assert "slide=1&" in show.url
    sheet = show.get_by_label("Blank screen", exact=False)
    show.keyboard.press("b")
    sheet.wait_for(timeout=PATIENCE)
    assert sheet.bounding_box()["width"] == 1920
    show.keyboard.press("b")
    sheet.wait_for(state="detached", timeout=PATIENCE)
    show.keyboard.press("f")
    show.wait_for_function("() => document.fullscreenElement")
    show.keyboard.press("f")
    show.wait_for_function("() => !document.fullscreenElement")
    show.keyboard.press("ArrowRight")
    at(show, 2)
    show.go_back()
    at(show, 1)
    assert not show.faults


def test_the_row_of_keys_fades_and_comes_back_with_the_mouse(show):
    faded = "() => getComputedStyle(document.querySelector('.st-key-keys')).opacity === '%d'"
    show.wait_for_function(faded % 0, timeout=PATIENCE)
    show.mouse.move(400, 400)
    show.wait_for_function(faded % 1, timeout=PATIENCE)


def test_the_show_has_no_menu_and_asks_nothing_of_another_host(show, address):
    assert (
        not show.locator("[data-testid=stSidebar], [data-testid=stSidebarNav], [data-testid=stMainMenu]")
        .locator("visible=true")
        .count()
    )
    host = address.removeprefix("http://")
    assert not [u for u in show.asked if not u.startswith(("data:", "blob:")) and u.split("/")[2] != host]


def test_the_speakers_window_follows_the_show(show, address):
    notes = show.context.new_page()
    notes.goto(f"{address}/notes?meeting=default&slide=1&show=abc123&embed=true")
    notes.get_by_role("heading", name="Note").wait_for(timeout=PATIENCE)
    show.bring_to_front()
    show.keyboard.press("ArrowRight")
    at(show, 2)
    notes.locator("h1", has_text="2 / 10").wait_for(timeout=PATIENCE)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pack_opens_from_a_memory_stick_with_the_network_cut(chromium, edition_id, tmp_path, scheme):
    agenda = meetings.read("default", deck.known(edition_id), meetings.HERE)
    folder = pack.write(deck.deck(labels.keyed(edition_id, "CLEAR"), agenda, "CLEAR"), tmp_path)
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, color_scheme=scheme, offline=True)
    page, asked, faults = context.new_page(), [], []
    page.on("request", lambda r: asked.append(r.url))
    page.on("console", lambda m: faults.append(m.text) if m.type in ("error", "warning") else None)
    page.route("**/*", lambda route: route.continue_() if route.request.url.startswith("file:") else route.abort())
    page.goto((folder / "index.html").as_uri())
    page.get_by_role("link", name="Begin").click()
    count = len(deck.shown(edition_id, agenda, "CLEAR"))
    for number in range(1, count):
        at(page, number)
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, number
        page.keyboard.press("ArrowRight" if number % 2 else "PageDown")
    at(page, count)
    page.keyboard.press("ArrowLeft")
    at(page, count - 1)
    page.keyboard.press("Home")
    page.get_by_role("link", name="Begin").wait_for()
    assert all(u.startswith(("file:", "data:")) for u in asked) and len(asked) >= count
    assert not faults
    context.close()
