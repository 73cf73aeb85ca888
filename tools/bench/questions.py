"""`python -m tools.bench.questions`: ten questions of an official: taps to the answer, how far down it stands, and how many words the screen has.

Chromium at 1280 by 800. An answer beyond 800 pixels needs scrolling. Words are those on the first screen below the head; what
leads elsewhere or explains the page is no answer. "No total held, which is not zero: …" is one: whoever asks how many is told
that nobody knows, of which figure, and that it is not none.
"""

import re
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from tools.bench.visitor import in_chromium

SETTLED = "() => document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'"
WORDS = """() => {
    const walk = document.createTreeWalker(document.querySelector('[data-testid=stMain]'), NodeFilter.SHOW_TEXT), found = []
    for (let node; node = walk.nextNode();) {
        const e = node.parentElement, box = e.getBoundingClientRect()
        if (e.closest('svg, style, script, [data-testid=stIconMaterial]') || !e.checkVisibility({ visibilityProperty: true })) continue
        const apparatus = e.closest('[role=radio], a, button:not([data-testid=stPopoverButton]), .st-key-take, [data-testid=stCaptionContainer]')
            && !e.closest('[class*=st-key-card-]')
        const words = node.textContent.match(/\\S*[\\p{L}\\p{N}]\\S*/gu) ?? []
        if (box.width && box.top > 110 && box.top < innerHeight) found.push(...words.map((word) => [word, !!apparatus]))
    }
    return [found.length, found.filter(([_, apparatus]) => !apparatus).length]
}"""


class Question(NamedTuple):
    """What is asked, where one begins, what is tapped (role and name, in order), what the answer says, how many taps it may
    cost, and what is typed at the end."""

    asked: str
    start: str
    taps: tuple[tuple[str, str], ...]
    answer: str
    limit: int
    typed: str = ""


MEMBER = "member?member=Thailand"
WIDTH, HEIGHT, MOST_WORDS = 1280, 800, 150
FIRST_SCREENS = (
    "",
    *(f"member?member={name}" for name in ("Thailand", "Australia", "Iran", "Bhutan", "Kiribati", "Myanmar")),
)
QUESTIONS = (
    Question(
        "My country?",
        "",
        (("combobox", "Member state"), ("option", "Afghanistan")),
        "Authorities detected|No figure of detected",
        2,
    ),
    Question("Is it rising?", MEMBER, (), "no steady trend|rose|fell", 0),
    Question("My routes, and my role?", MEMBER, (), "described routes?", 0),
    Question("What do I say aloud?", MEMBER, (), "Say this aloud", 0),
    Question("What may I quote?", MEMBER, (), "As a minimum|As a range|Quote the level", 0),
    Question("Who committed last?", "", (("link", "Joint action"),), "committed|commitment", 1),
    Question("What moved most?", "", (("link", "What moved most"),), "moved most", 1),
    Question("Compare two?", MEMBER, (("combobox", "Compare with"), ("option", "Afghanistan")), "Compare: ", 2),
    Question("Where do I find the Rohingya?", MEMBER, (("textbox", "Find"),), "Andaman Sea, routes", 1, "Rohingya"),
    Question("Present this?", MEMBER, (), "Present this", 1),
)


def ask(page, address: str, question: Question) -> None:
    """Opens where a question begins, taps what it costs and types what it wants."""
    page.goto(f"{address}/{question.start}")
    settle(page)
    for role, name in question.taps:
        page.get_by_role(role, name=name).first.click()
        page.wait_for_timeout(300)
    if question.typed:
        page.keyboard.type(question.typed)
        page.keyboard.press("Enter")
    settle(page)


def answer_at(page, question: Question) -> float | None:
    """How many pixels down the answer of a question stands, None where it is not seen within ten seconds."""
    from playwright.sync_api import TimeoutError as NotSeen

    found = page.locator("[data-testid=stMain]").get_by_text(re.compile(question.answer)).locator("visible=true").first
    try:
        found.wait_for(timeout=10_000)
    except NotSeen:
        return None
    return found.bounding_box()["y"]


def measure(out: Console, page, address: str) -> None:
    """Prints a line for each question, and the words of each first screen."""
    page.goto(f"{address}/{MEMBER}")
    page.wait_for_function(SETTLED, timeout=60_000)
    table = Table(
        "Question", "Taps", "At most", "Pixels down", "At most", "Met", title="Ten questions", title_justify="left"
    )
    for question in QUESTIONS:
        ask(page, address, question)
        down, taps = answer_at(page, question), len(question.taps)
        met = down is not None and down < HEIGHT and taps <= question.limit
        seen = "not seen" if down is None else f"{down:.0f}"
        table.add_row(question.asked, str(taps), str(question.limit), seen, str(HEIGHT), "yes" if met else "NO")
    out.print(table)
    table = Table(
        "First screen", "Words", "At most", "Of them answer", "At least", "Met", title="Words", title_justify="left"
    )
    for screen in FIRST_SCREENS:
        page.goto(f"{address}/{screen}")
        settle(page)
        page.wait_for_timeout(2000)  # the map comes last and moves what stands beneath it
        words, answer = page.evaluate(WORDS)
        met = words <= MOST_WORDS and answer * 3 >= words * 2
        table.add_row(
            screen or "Region", str(words), str(MOST_WORDS), f"{answer / words:.0%}", "67%", "yes" if met else "NO"
        )
    out.print(table)


def settle(page) -> None:
    """Waits until the page's script has run and half a second of quiet has passed."""
    page.wait_for_timeout(500)
    page.wait_for_function(SETTLED, timeout=60_000)
    page.wait_for_timeout(500)


if __name__ == "__main__":
    in_chromium(Console(), "Ten questions", WIDTH, HEIGHT, measure)
