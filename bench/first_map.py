"""How long the route map takes to its first drawing in headless Chromium with software WebGL, and a filter change after it."""

from __future__ import annotations

import io
import shutil
import time

from PIL import Image
from rich.console import Console

from .visitor import server

FLAGS = ("--use-gl=angle --use-angle=swiftshader --enable-unsafe-swiftshader --no-sandbox --disable-quic --no-first-run "
         "--disable-background-networking --disable-component-update --disable-sync").split()  # fmt: skip


def measure(out: Console) -> None:
    """Prints seconds from the page's heading (drawn in the first milliseconds of the script) to lines on the map."""
    chromium = shutil.which("chromium")
    if not chromium:
        out.print("First drawing of the map: not measured, no Chromium found.")
        return
    from playwright.sync_api import sync_playwright

    with server() as (port, _), sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(f"http://127.0.0.1:{port}/sources")  # loads the application, not the map
        page.get_by_role("heading", name="Sources and methods").wait_for()
        for attempt in ("first visit to the map", "second visit"):
            page.get_by_role("link", name="Route map").first.click()
            page.get_by_role("heading", name="Route map").wait_for()
            start = time.perf_counter()
            _drawn(page)
            out.print(f"Map drawn {time.perf_counter() - start:.1f} s after the script began ({attempt})")
            page.get_by_role("link", name="Sources and methods").first.click()
            page.get_by_role("heading", name="Sources and methods").wait_for()
        browser.close()


def _drawn(page, wait: float = 30) -> None:
    """Returns once the map's box holds sea, land and dark lines."""
    until = time.perf_counter() + wait
    while time.perf_counter() < until:
        box = page.locator('[data-testid="stDeckGlJsonChart"]').first
        if box.count() and box.bounding_box():
            picture = Image.open(io.BytesIO(page.screenshot(clip=box.bounding_box()))).convert("RGB")
            colours = picture.resize((200, 200)).getcolors(40000)
            lines = sum(n for n, (r, g, b) in colours if r < 60 and b > 80 and g < 110)
            if lines > 30 and any(c == (226, 235, 243) for _, c in colours):
                return
        page.wait_for_timeout(40)
    raise TimeoutError("the map was not drawn")
