"""How long a first visit, a part of a page and a map take in headless Chromium with software WebGL."""

import time

from rich.console import Console

from tools.bench.load import WARMING

# Returns once a drawing stands in the map's box and the browser has shown it: two frames later.
DRAWN = """() => new Promise(done => {
    const look = () => {
        const hosts = [...document.querySelectorAll('*')].map(e => e.shadowRoot).filter(Boolean)
        hosts.some(root => root.querySelector('div[data-map] svg[data-pan]'))
            ? requestAnimationFrame(() => requestAnimationFrame(done)) : requestAnimationFrame(look)
    }
    look()
})"""
# Returns once the land has arrived and frames come freely again; looking by screenshot would slow it down.
MOVABLE = """() => new Promise(done => {
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


# Settled: the script has ended, every number is there in place of its grey block, and so is the map.
SETTLED = """() => document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'
    && document.querySelectorAll('[data-testid=stMetricValue]').length > 3
    && !document.querySelector('[data-testid=stMain] [data-testid=stSkeleton]')"""
VISIT, PART = 4.0, 1.0  # seconds at most


def visits(out: Console, page, address: str) -> None:
    """Prints how long the first visit to a member's page takes with nothing kept by the browser, and a part of that page.

    Nobody has asked for this member before: what the server works out is in it.
    """
    start = time.perf_counter()
    page.goto(f"{address}/member?member=Thailand")
    page.wait_for_function(SETTLED)
    page.evaluate(DRAWN)
    took = time.perf_counter() - start
    out.print(
        f"First visit to a member's page settled after {took:.1f} s (at most {VISIT:g}: {'met' if took <= VISIT else 'NOT MET'})"
    )
    for part, heading in (
        ("Smuggling and deaths", "Deaths and disappearances"),
        ("What is missing", "What is missing"),
        ("Displacement and migrants", "Migrants living abroad"),
    ):
        start = time.perf_counter()
        page.get_by_role("radio", name=part).click()
        page.get_by_role("heading", name=heading).first.wait_for()
        page.wait_for_function(SETTLED)
        took = time.perf_counter() - start
        out.print(f"Part {part} settled after {took:.1f} s (at most {PART:g}: {'met' if took <= PART else 'NOT MET'})")


def measure(out: Console, page, address: str) -> None:
    """Prints seconds from the page's heading (drawn in the first milliseconds of the script) to lines on the map."""
    visits(out, page, address)
    page.goto(f"{address}/quality?part=Sources")  # loads the application, not the map
    page.get_by_role("heading", name="Data quality").wait_for()
    page.wait_for_timeout(WARMING * 1000)
    for attempt in ("first visit to the map", "second visit"):
        page.get_by_role("link", name="Routes").first.click()
        page.get_by_role("heading", name="Routes").wait_for()
        start = time.perf_counter()
        page.evaluate(DRAWN)
        out.print(f"Map seen {time.perf_counter() - start:.1f} s after the script began ({attempt})")
        if attempt == "second visit":
            break
        page.get_by_role("link", name="Data quality").first.click()
        page.get_by_role("heading", name="Data quality").wait_for()
    page.get_by_text("Explore", exact=True).click()
    start = time.perf_counter()
    page.evaluate(MOVABLE)
    out.print(f"The map that can be moved seen {time.perf_counter() - start:.1f} s after it was asked for")
