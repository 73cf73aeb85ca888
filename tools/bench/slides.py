"""`python -m tools.bench.slides`: how long a slide takes from the key to the screen in Chromium, and how long all 45 briefs take."""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from tools.bench.visitor import ROOT, in_chromium

TURNS = 3  # walks through the show after the first, which fills the caches
SEEN = """(number) => new Promise(done => {
    const start = performance.now(), look = () => document.querySelector(`section[aria-label^='Slide ${number} of']`)
        ? requestAnimationFrame(() => done(performance.now() - start)) : requestAnimationFrame(look)
    look() })"""


def slides(out: Console, page, address: str) -> None:
    """Prints milliseconds from the key → to the next slide on the screen."""
    page.goto(f"{address}/present?meeting=default&slide=1&embed=true")
    page.locator("section[aria-label^='Slide 1 of']").wait_for()
    count, taken = int(page.locator("section").get_attribute("aria-label").split()[-1]), []
    for turn in range(TURNS + 1):
        for number in range(2, count + 1):
            page.wait_for_timeout(400)  # a presenter speaks in between
            page.keyboard.press("ArrowRight")
            waited = page.evaluate(SEEN, number)
            taken += [(waited, number)] if turn else []
        page.keyboard.press("Home")
        page.locator("section[aria-label^='Slide 1 of']").wait_for()
    times = [waited for waited, _ in taken]
    out.print(
        f"Slide to slide, warm, {len(times)} turns: median {statistics.median(times):.0f} ms, "
        f"95 % {statistics.quantiles(times, n=20)[-1]:.0f} ms; the slowest to slide "
        + ", ".join(f"{number}: {waited:.0f} ms" for waited, number in sorted(taken, reverse=True)[:4])
    )


def briefs(out: Console) -> None:
    """Prints seconds and memory of one brief and of all."""
    for what, more in (("one brief", ["--member", "THA"]), ("all 45 briefs", [])):
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            subprocess.run(
                [sys.executable, "-m", "corridors.export", "briefs", "-o", folder, *more],
                cwd=ROOT,
                check=True,
                stdout=subprocess.DEVNULL,
                env=os.environ,
            )
            took, made = time.perf_counter() - start, len(list(Path(folder).glob("*.pdf")))
        most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
        out.print(f"{what} ({made} files): {took:.1f} s, largest memory so far {most} MB")


if __name__ == "__main__":
    console = Console()
    briefs(console)
    in_chromium(console, "Slides", 1920, 1080, slides)
