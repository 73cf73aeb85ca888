"""A browser tab as the tests hold it, and how one knows that a page has come to rest."""

from dataclasses import dataclass, field

PATIENCE = 90_000  # milliseconds; a busy machine must not fail a test, and a page that never comes fails it all the same
RUNNING = "[data-testid=stApp][data-test-script-state=running]"
FOOT = "Names and groupings imply no opinion"
# Whether nothing on the page has changed for half a second.
STILL = """() => {
    window.changedAt ??= (new MutationObserver(() => window.changedAt = performance.now())
        .observe(document.body, {subtree: true, childList: true, attributes: true}), performance.now())
    return performance.now() - window.changedAt > 500 }"""


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
        self.page.get_by_text(FOOT).first.wait_for(timeout=PATIENCE)
        self.page.wait_for_function(f"() => !document.querySelector('{RUNNING}')", timeout=PATIENCE)
        return self

    def heading(self) -> str:
        return self.page.locator("h1").first.inner_text()

    def chooser(self):
        return self.page.get_by_role("combobox", name="Member state")

    def choose(self, member: str) -> None:
        """Two taps: on the chooser, on the country. A list that is scrolled draws its lines anew, and one under a finger loses the tap."""
        self.chooser().click()
        option = self.page.get_by_role("option", name=member, exact=True)
        option.scroll_into_view_if_needed()
        self.page.wait_for_function(STILL, timeout=PATIENCE)
        option.click()

    def popovers(self):
        return self.page.locator("[data-testid=stPopoverButton], [data-testid=stPopover] button")
