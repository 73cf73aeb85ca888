"""A real Chromium and a real server. Without Chromium these tests are skipped with the reason printed, or fail where
CORRIDORS_BROWSER=required."""

import os
import shutil
from collections.abc import Iterator

import pytest

from corridors.ui.contents import ENTRIES, place
from tests.browser.tab import PATIENCE, Tab
from tests.browser.walk import Seen, walked
from tools.bench.visitor import FLAGS, server

QUERY = {"member": "member=Thailand&theme=Displacement", "routes-corridor": "origin=Myanmar&destination=Bangladesh"}
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
        # No graphics card is played to put pages together, which costs more than all pages do; and no window has the list below its
        # line of addresses, two pages of their own. Of Playwright's list of features, which this one takes the place of, three.
        without = "WebUIOmniboxPopup,WebUIOmniboxAimPopup,OptimizationHints,MediaRouter,PaintHolding"
        given = {
            "args": [*FLAGS, "--disable-gpu-compositing", f"--disable-features={without}"],
            "ignore_default_args": ["--enable-gpu-rasterization"],
        }
        browser = playwright.chromium.launch(executable_path=path, **given)
        browser.on("context", lambda opened: opened.set_default_timeout(PATIENCE))
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def address(edition_id, chromium) -> Iterator[str]:
    """Where the app is served for all tests of this room."""
    with server() as (port, _):
        yield f"http://127.0.0.1:{port}"


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
    """Every page of the table of contents and the parts that differ most: its name → path with a query that fills it."""
    found = {e.name: [e.name] for e in ENTRIES}
    found |= {
        f"{e.name}-{part.id}": [e.name, f"{e.choice}={part.id}"]
        for e in ENTRIES
        for part in e.parts
        if place(part.of)[1] == part
    }
    filled = {name: [path, "&".join(filter(None, [*part, QUERY.get(name)]))] for name, (path, *part) in found.items()}
    return {name: "?".join(filter(None, parts)) for name, parts in filled.items()}


@pytest.fixture(scope="package")
def seen(context, address, paths) -> dict[str, Seen]:
    """One walk over all pages; the tests of this room look at its record."""
    return {name: walked(context, address, name, path) for name, path in paths.items()}
