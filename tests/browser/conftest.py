"""A real Chromium and a real server. Without Chromium these tests are skipped with the reason printed, or fail where
CORRIDORS_BROWSER=required."""

import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterator

import pytest

from bench.visitor import server

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--no-sandbox", "--disable-quic",
    "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
RUNNING = "[data-testid=stApp][data-test-script-state=running]"
FOOT = "Names and groupings imply no opinion"
SIZES = ((1920, 1080), (1280, 800), (768, 1024))
QUERY = {"member": "member=Thailand&theme=Displacement", "corridor": "origin=Myanmar&destination=Bangladesh"}
NO_CHROMIUM = "Browser tests skipped: no Chromium found on this machine (Debian: apt-get install chromium)."


def chromium_path() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def pytest_terminal_summary(terminalreporter) -> None:
    if not chromium_path() and any("tests/browser" in r.nodeid for r in terminalreporter.getreports("skipped")):
        terminalreporter.write_line(NO_CHROMIUM)


@pytest.fixture(scope="package")
def chromium() -> Iterator:
    """One browser for all tests of this room."""
    from playwright.sync_api import sync_playwright

    path = chromium_path()
    if not path:
        (pytest.fail if os.environ.get("CORRIDORS_BROWSER") == "required" else pytest.skip)(NO_CHROMIUM)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def address(edition_id, chromium) -> Iterator[str]:
    """Where the app is served for all tests of this room."""
    with server() as (port, _):
        yield f"http://127.0.0.1:{port}"


@dataclass
class Tab:
    """A browser tab that remembers every request, socket and console error."""

    page: object
    address: str
    asked: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.page.on("request", lambda r: self.asked.append(r.url))
        self.page.on("websocket", lambda w: self.asked.append(w.url))
        self.page.on("pageerror", lambda e: self.errors.append(f"exception in the page: {e}"))
        self.page.on("console", self._console)

    def _console(self, message) -> None:
        if message.type == "error":
            where = (message.location or {}).get("url", "")
            if "404" in message.text:
                self.refused.append(where)
            else:
                self.errors.append(f"{message.text} {where}")

    def open(self, path: str = "") -> "Tab":
        """Goes to a path and waits for the foot of the page and for the app to rest."""
        self.page.goto(f"{self.address}/{path}")
        return self.rested()

    def rested(self) -> "Tab":
        self.page.get_by_text(FOOT).first.wait_for(timeout=30_000)
        self.page.wait_for_function(f"() => !document.querySelector('{RUNNING}')", timeout=30_000)
        return self

    def heading(self) -> str:
        return self.page.locator("h1").first.inner_text()

    def chooser(self):
        return self.page.get_by_role("combobox", name="Member state")

    def choose(self, member: str) -> None:
        """Two taps: on the chooser, on the country."""
        self.chooser().click()
        self.page.get_by_role("option", name=member, exact=True).click()

    def popovers(self):
        return self.page.locator("[data-testid=stPopoverButton], [data-testid=stPopover] button")


@pytest.fixture(scope="package")
def context(chromium) -> Iterator:
    """One visitor for all tests, so that the static files are fetched once."""
    kept = chromium.new_context(color_scheme="light", viewport={"width": 1280, "height": 800}, accept_downloads=True)
    yield kept
    kept.close()


@pytest.fixture
def tab(context, address) -> Iterator[Tab]:
    """A fresh tab at 1280×800, light."""
    page = context.new_page()
    yield Tab(page, address)
    page.close()


@pytest.fixture(scope="package")
def paths() -> dict[str, str]:
    """Every page of the table of contents: its part of the address → path with a query that fills it."""
    entries = re.findall(r'st\.Page\(\s*"[^"]+"(.*?)\)', (ROOT / "dashboard.py").read_text(encoding="utf-8"), re.S)
    names = [(re.search(r'url_path="([^"]+)"', rest) or [None, ""])[1] for rest in entries]
    return {name: name + (f"?{QUERY[name]}" if name in QUERY else "") for name in names}


@dataclass
class Seen:
    """What was seen on one page."""

    title: str
    language: str
    asked: list[str]
    errors: list[str]
    refused: list[str]
    unnamed: list[str]
    overflow: dict
    faint: dict[str, list[str]]  # theme → words with too little contrast


UNNAMED = """() => [...document.querySelectorAll(
    '[data-testid=stPlotlyChart], [data-testid=stDataFrame], [data-testid=stDeckGlJsonChart], [data-testid=stImage] img')]
    .filter(e => ![e, ...e.querySelectorAll('[aria-label][role=region], [aria-label][role=figure], [aria-label][role=img]')]
        .some(n => (n.getAttribute('aria-label') || n.getAttribute('alt') || '').trim()))
    .map(e => e.dataset.testid || e.tagName)"""
# Words with less contrast than 4.5:1 to what lies behind them: colours and opacities of all elements around them are laid
# over each other. Left out: numbers inside filled bars, because their ground is the bar, and icons, because they are no text.
FAINT = """() => {
    const rgba = c => { const m = c.match(/[\\d.]+/g).map(Number); return [m[0], m[1], m[2], m[3] ?? 1] }
    const over = (a, b) => [0, 1, 2].map(i => a[i] * a[3] + b[i] * (1 - a[3])).concat([1])
    const light = c => { const f = c.slice(0, 3).map(v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
        return .2126 * f[0] + .7152 * f[1] + .0722 * f[2] }
    const found = new Set(), app = document.querySelector('[data-testid=stApp]')
    const walk = document.createTreeWalker(app, NodeFilter.SHOW_TEXT)
    for (let node; node = walk.nextNode();) {
        const e = node.parentElement, box = e.getBoundingClientRect(), style = getComputedStyle(e)
        if (!node.textContent.trim() || !box.width || !box.height || style.fontFamily.includes('Material')) continue
        if (e.closest('.bartext-inside') || e.closest('[disabled], [aria-disabled=true]')) continue
        const around = []
        for (let a = e; a; a = a.parentElement) around.push(getComputedStyle(a))
        const ground = around.reduceRight((below, s) => over(rgba(s.backgroundColor), below), [255, 255, 255, 1])
        const ink = rgba(e.closest('svg') ? style.fill : style.color)
        ink[3] *= around.reduce((all, s) => all * s.opacity, 1)
        const [a, b] = [light(over(ink, ground)), light(ground)]
        const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05)
        if (ratio < 4.5) found.add(ratio.toFixed(2) + ' ' + node.textContent.trim().slice(0, 40))
    }
    return [...found] }"""
GROUND = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
OVERFLOW = """() => [document.documentElement, document.querySelector('[data-testid=stMain]')]
    .map(e => e.scrollWidth - e.clientWidth)"""


def settled_overflow(page, width: int, height: int) -> int:
    """Pixels by which the page is wider than the window, once charts have taken up the new width (at most 3 seconds)."""
    page.set_viewport_size({"width": width, "height": height})
    for _ in range(30):
        page.wait_for_timeout(100)
        over = max(page.evaluate(OVERFLOW))
        if over <= 0:
            break
    return over


@pytest.fixture(scope="package")
def seen(context, address, paths) -> dict[str, Seen]:
    """One walk over all pages: popovers opened, three sizes, light and dark; the tests of this room look at the record."""
    record = {}
    for name, path in paths.items():
        page = context.new_page()
        tab = Tab(page, address).open(path)
        for n in range(min(tab.popovers().count(), 3)):
            tab.popovers().nth(n).click()
            page.locator("[data-testid=stPopoverBody]").first.wait_for()
            page.keyboard.press("Escape")
        overflow = {width: settled_overflow(page, width, height) for width, height in SIZES}
        faint, ground = {"light": page.evaluate(FAINT)}, page.evaluate(GROUND)
        page.emulate_media(color_scheme="dark")
        page.wait_for_function(f"() => {GROUND} !== '{ground}'")
        page.reload()  # charts keep the colours of the theme that they were drawn in
        faint["dark"] = tab.rested().page.evaluate(FAINT)
        language = page.evaluate("document.documentElement.lang")
        unnamed = page.evaluate(UNNAMED)
        record[name] = Seen(page.title(), language, tab.asked, tab.errors, tab.refused, unnamed, overflow, faint)
        page.close()
    return record
