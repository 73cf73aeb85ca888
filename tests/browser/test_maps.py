"""A drawn map answers to mouse and thumb at every size, its names are laid anew when it is enlarged, and the wheel scrolls the page."""

import pytest

from tests.browser.tab import PATIENCE

pytestmark = pytest.mark.browser

# Points in the window, each upon a line or a dot of the map and on nothing else that could be meant, with what lies there.
TARGETS = """map => {
    const frame = map.querySelector('svg[data-pan]').getBoundingClientRect()
    const found = []
    const meant = (x, y, kind, code) => {
        const part = map.getRootNode().elementFromPoint(x, y)?.closest('[data-route], [data-place], [data-member]')
        return x > frame.left + 60 && x < frame.right - 5 && y > frame.top + 5 && y < Math.min(frame.bottom, innerHeight) - 5
            && part?.dataset[kind] === code
    }
    for (const group of map.querySelectorAll('g[data-route]')) {
        const line = group.querySelector('path[stroke-linecap]'), whole = line.getTotalLength(), to = line.getScreenCTM()
        const at = [.5, .4, .6, .3, .7].map(share => line.getPointAtLength(whole * share).matrixTransform(to))
            .find(p => meant(p.x, p.y, 'route', group.dataset.route))
        if (at) found.push([at.x, at.y, 'route', group.dataset.route])
    }
    for (const group of map.querySelectorAll('g[data-place]')) {
        const box = group.querySelector('circle').getBoundingClientRect(), x = box.x + box.width / 2, y = box.y + box.height / 2
        if (meant(x, y, 'place', group.dataset.place)) found.push([x, y, 'place', group.dataset.place])
    }
    return found
}"""


def drawn(tab, zoom: int):
    """The map, once it stands there at this size."""
    tab.page.locator(f"div[data-map][data-zoom='{zoom}'] svg[data-pan]").wait_for(timeout=PATIENCE)
    tab.rested()
    return tab.page.locator("div[data-map]").first


def names(tab) -> set[str]:
    return set(tab.page.locator("svg[data-pan] text").all_text_contents())


def test_twenty_clicks_and_taps_on_lines_and_dots_select_at_three_sizes(tab):
    touch = tab.page.context.new_cdp_session(tab.page)
    tab.page.set_viewport_size({"width": 1280, "height": 1000})
    tab.open("routes?family=malacca")
    drawn(tab, 1)
    before, done = names(tab), 0
    for zoom, many in ((1, 8), (2, 6), (4, 6)):
        if zoom > 1:
            tab.page.get_by_role("button", name="Enlarge the map").click()
        targets = drawn(tab, zoom).evaluate(TARGETS)
        kinds = {kind: [t for t in targets if t[2] == kind] for kind in ("route", "place")}
        assert kinds["place"] or kinds["route"], targets
        ordered = [each for pair in zip(kinds["route"] * 9, kinds["place"] * 9) for each in pair] or targets * many
        for n, (x, y, kind, code) in enumerate(ordered[:many]):
            if n % 2:
                touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
                touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
            else:
                tab.page.mouse.click(x, y)
            tab.page.wait_for_url(f"**/routes?*{kind}={code}*", timeout=PATIENCE)
            drawn(tab, zoom)
            done += 1
    assert done == 20 and not tab.errors
    assert names(tab) > before & names(tab) and len(names(tab)) >= len(before), "enlarged, a map names no less"


BESIDE = """map => {
    const root = map.getRootNode(), found = []
    const at = (x, y) => root.elementFromPoint(x, y)?.closest('[data-route], [data-place], [data-above]')
    const clear = (x, y, own) => [4, 9, 13].every(far => [0, 1, 2, 3, 4, 5, 6, 7].every(turn => {
        const part = at(x + far * Math.cos(turn * Math.PI / 4), y + far * Math.sin(turn * Math.PI / 4))
        return !part || part.dataset.route === own
    }))
    for (const group of map.querySelectorAll('g[data-route]')) {
        for (const line of group.querySelectorAll('path[stroke-linecap]')) {
            const long = line.getTotalLength(), to = line.getScreenCTM()
            for (const share of [.3, .4, .5, .6, .7]) {
                const [p, q] = [0, .01].map(more => line.getPointAtLength(long * (share + more)).matrixTransform(to))
                const off = Math.hypot(q.x - p.x, q.y - p.y), x = p.x + 14 * (q.y - p.y) / off, y = p.y - 14 * (q.x - p.x) / off
                if (y < innerHeight - 20 && !at(x, y) && clear(x, y, group.dataset.route)) found.push([x, y, group.dataset.route])
            }
        }
    }
    return found
}"""


def test_a_tap_beside_a_line_means_that_line(tab):
    tab.page.set_viewport_size({"width": 1280, "height": 1000})
    tab.open("routes?family=malacca")
    beside = drawn(tab, 1).evaluate(BESIDE)
    assert beside, "some line has room beside it"
    x, y, route = beside[len(beside) // 2]
    tab.page.mouse.click(x, y)
    tab.page.wait_for_url(f"**/routes?*route={route}*", timeout=PATIENCE)


def test_the_wheel_over_a_map_scrolls_the_page_and_enlarges_only_with_ctrl(tab):
    tab.open("routes?family=malacca")
    drawn(tab, 1)
    tab.page.mouse.move(400, 500)
    tab.page.mouse.wheel(0, 200)
    tab.page.wait_for_function("() => document.querySelector('[data-testid=stMain]').scrollTop > 50")
    assert tab.page.locator("div[data-map]").first.get_attribute("data-zoom") == "1"
    tab.page.keyboard.down("Control")
    tab.page.mouse.wheel(0, -200)
    tab.page.keyboard.up("Control")
    drawn(tab, 2)


PAGES = (
    "",
    "member?member=Thailand",
    "routes?family=malacca",
    "routes?view=corridor&origin=Myanmar&destination=Thailand",
    "action?action_part=plans",
)


@pytest.mark.parametrize("page", PAGES)
def test_a_map_takes_seventy_per_cent_of_the_windows_height_and_the_full_width_of_a_tablet(tab, page):
    for wide, tall in ((1280, 800), (1920, 1080), (768, 1024)):
        tab.page.set_viewport_size({"width": wide, "height": tall})
        if wide != 1920:
            tab.open(page)
        tab.rested()
        box = tab.page.locator("div[data-drawn] > svg").first.bounding_box()
        assert box["height"] >= 0.7 * tall, (wide, box)
        assert wide > tall or box["width"] >= 0.95 * wide, box
