"""How long the route map takes to its first drawing in headless Chromium with software WebGL, and a filter change after it."""

from __future__ import annotations

import io
import time

from PIL import Image
from rich.console import Console

from tools.bench.load import WARMING


def measure(out: Console, page, address: str) -> None:
    """Prints seconds from the page's heading (drawn in the first milliseconds of the script) to lines on the map."""
    page.goto(f"{address}/sources")  # loads the application, not the map
    page.get_by_role("heading", name="Sources and methods").wait_for()
    page.wait_for_timeout(WARMING * 1000)
    for attempt in ("first visit to the map", "second visit"):
        page.get_by_role("link", name="Route map").first.click()
        page.get_by_role("heading", name="Route map").wait_for()
        start = time.perf_counter()
        _drawn(page)
        while not _shows_lines(page):  # a picture taken is the proof, and its taking is in the time
            page.wait_for_timeout(50)
        out.print(f"Map seen {time.perf_counter() - start:.1f} s after the script began ({attempt})")
        page.get_by_role("link", name="Sources and methods").first.click()
        page.get_by_role("heading", name="Sources and methods").wait_for()


SETTLED = """() => new Promise(done => {
    let quiet = 0, before = performance.now();
    const look = now => {
        const map = document.querySelector('[data-testid="stDeckGlJsonChart"] canvas');
        const land = performance.getEntriesByType('resource').some(e => e.name.includes('/static/land-') && e.responseEnd > 0);
        quiet = map && land && now - before < 60 ? quiet + 1 : 0;
        before = now;
        quiet >= 3 ? done() : requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
})"""


def _drawn(page) -> None:
    """Returns once the land has arrived and the browser draws frames freely again; looking by screenshot would slow it down."""
    page.evaluate(SETTLED)


def _shows_lines(page) -> bool:
    """Whether the map's box holds sea and dark lines."""
    picture = Image.open(io.BytesIO(page.locator('[data-testid="stDeckGlJsonChart"]').first.screenshot())).convert("RGB")
    colours = picture.resize((200, 200)).getcolors(40000)
    return (
        any(c == (226, 235, 243) for _, c in colours)
        and sum(n for n, (r, g, b) in colours if r < 60 and b > 80 and g < 110) > 20
    )
