"""One walk over a page, as many eyes see it: sizes, themes, axe, names, contrast, thumbs, errors, what the policy refused."""

from dataclasses import dataclass, field

from tests.browser.tab import Tab
from tests.sampling import ALL, all_or

SIZES = ((1920, 1080), (1280, 800), (768, 1024))
TABLET, LAPTOP, ZOOMED = {"width": 768, "height": 1024}, {"width": 1280, "height": 800}, (640, 400)
IN_THE_DARK = ("", "member", "routes", "routes-corridor", "factors", "cases")
VIOLATION = """document.addEventListener('securitypolicyviolation',
    e => (window.refusedByPolicy ??= []).push(e.violatedDirective))"""
UNNAMED = """() => [...document.querySelectorAll(
    '[data-testid=stPlotlyChart], [data-testid=stDataFrame], [data-testid=stDeckGlJsonChart], [data-testid=stImage] img')]
    .filter(e => ![e, ...e.querySelectorAll('[aria-label][role=region], [aria-label][role=figure], [aria-label][role=img]')]
        .some(n => (n.getAttribute('aria-label') || n.getAttribute('alt') || '').trim()))
    .map(e => e.dataset.testid || e.tagName)"""
# Words with less contrast than 4.5:1 to what lies behind them: colours and opacities of all elements around them are laid
# Left out: what is not shown at all (Streamlit measures its top menu on an invisible copy), numbers inside filled bars, because their ground is the bar, icons, because they are no text, and the tags of a
# multiple choice, which are Streamlit's (docs/accessibility.md).
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
        if (!e.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue
        if (e.closest('.bartext-inside, [disabled], [aria-disabled=true]')) continue
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
OVERFLOW = """() => Math.max(0, ...[document.documentElement, document.querySelector('[data-testid=stMain]')]
    .map(e => e.scrollWidth - e.clientWidth))"""
# How much room there is around the two buttons on a map, axe would reckon from the hundred signs beneath them: a minute. They are
# measured below (SMALL).
TARGETS = "axe.configure({rules: [{id: 'target-size', selector: '*:not([data-by])'}]})"
SMALL = """all => all.map(e => [e.getAttribute('aria-label'), Math.min(e.offsetWidth, e.offsetHeight)])
    .filter(([_, least]) => least < 40)"""
RULES = """async only => (await axe.run(document, {resultTypes: ['violations'],
    ...(only ? {runOnly: only} : {rules: {'target-size': {enabled: true}}})})).violations
    .flatMap(v => v.nodes.map(n => {
        const e = document.querySelector(n.target[0]), at = name => !!e?.closest(name)
        return {rule: v.id, impact: v.impact, html: n.html.slice(0, 160),
                theirs: {'target-size': at('[data-testid=stDateInput]')}[v.id] ?? false} }))"""
LEVELS = "() => [...document.querySelectorAll('[data-testid=stMain] :is(h1, h2, h3, h4, h5, h6)')].map(e => +e.tagName[1])"
# Widgets that we place, lower than a thumb. Left out: inline links and segmented buttons, whose height Streamlit fixes at 32.
THIN = """() => [...document.querySelectorAll('[data-testid=stMain] :is([data-testid=stPopoverButton], [data-testid^=stBaseButton],'
    + ' [data-testid=stSelectbox] [role=group], [data-testid=stDownloadButton] button)')]
    .filter(e => !/elementToolbar|header/.test(e.dataset.testid ?? '')).map(e => [e.innerText.trim().slice(0, 30), e.offsetHeight])
    .filter(([_, height]) => height && height < 40)"""
CLIPPED = """() => [...document.querySelectorAll('[data-testid=stMain] *')]
    .filter(e => e.innerText && e.clientWidth && getComputedStyle(e).overflowX === 'hidden' && e.scrollWidth > e.clientWidth + 1)
    .filter(e => !e.closest('[data-testid=stDataFrame], [data-testid=stPlotlyChart], [data-testid=stSelectbox]'))
    .map(e => e.innerText.slice(0, 60))"""
BOXES = "[data-testid=stApp] input[type=text]"
# Boxes too narrow for what is written in them, as a chosen word or as a word of what to write: the browser does not tell.
CUT = (
    f"() => [...document.querySelectorAll('{BOXES}')]"
    + """.filter(e => e.clientWidth && e.checkVisibility()).filter(e => {
    const style = getComputedStyle(e), pen = document.createElement('canvas').getContext('2d')
    pen.font = style.font
    return pen.measureText(e.value || e.placeholder).width > e.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) })
    .map(e => e.value || e.placeholder)"""
)


@dataclass
class Seen:
    """What was seen on one page."""

    title: str = ""
    language: str = ""
    asked: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)  # addresses that the server does not have
    forbidden: list[str] = field(default_factory=list)  # what the page's own policy refused
    unnamed: list[str] = field(default_factory=list)
    overflow: dict[int, int] = field(default_factory=dict)  # width of the window → pixels by which the page is wider
    faint: dict[str, list[str]] = field(default_factory=dict)  # theme → words with too little contrast
    faults: list[dict] = field(default_factory=list)  # of axe, each with the place
    levels: list[int] = field(default_factory=list)  # of headings
    thin: list = field(default_factory=list)
    clipped: list = field(default_factory=list)
    boxes: int = 0  # to write or choose in
    cut: list = field(default_factory=list)  # words in them, on a tablet
    wider: int = 0  # at 200 %


def settled(page, width: int, height: int, asked: str):
    """What a question about a fault answers in this window: nothing, once charts and columns have taken up the new width, or
    what there still is after 20 seconds."""
    page.set_viewport_size({"width": width, "height": height})
    for _ in range(200):
        page.wait_for_timeout(100)
        if not (found := page.evaluate(asked)):
            break
    return found


def walked(context, address: str, name: str, path: str) -> Seen:
    """One page: with a member in the light (popovers opened, three sizes, 200 %), and in the dark on a tablet.

    A sample looks in the dark at the pages that differ most, and with axe at each page in the light on a tablet and at
    those few on a laptop and in the dark too; CORRIDORS_TESTS=all looks everywhere with everything.
    """
    from axe_playwright_python.base import AXE_SCRIPT

    def axe(scheme: str, width: int, only: str | None = None) -> list[dict]:
        page.evaluate(AXE_SCRIPT)
        page.evaluate(TARGETS)
        return [fault | {"at": (name, scheme, width)} for fault in page.evaluate(RULES, only)]

    page, found, thorough = context.new_page(), Seen(), ALL or name in IN_THE_DARK
    page.add_init_script(VIOLATION)
    base, _, query = path.partition("?")
    asked = [part for part in query.split("&") if part]
    tab = Tab(page, address).open(f"{base}?{'&'.join(asked if 'member=' in query else [*asked, 'member=Thailand'])}")
    for n in range(min(tab.popovers().count(), all_or(1, 3))):
        tab.popovers().nth(n).click()
        page.locator("[data-testid=stPopoverBody]").first.wait_for()
        page.keyboard.press("Escape")
    for width, height in SIZES:
        found.overflow[width] = settled(page, width, height, OVERFLOW)
        if width == TABLET["width"] or (thorough and width == LAPTOP["width"]):
            found.faults += axe("light", width)
    found.boxes, found.cut = page.locator(BOXES).count(), settled(page, *TABLET.values(), CUT)
    found.thin = page.evaluate(THIN) + page.locator("button[data-by]").evaluate_all(SMALL)
    found.levels, found.unnamed = page.evaluate(LEVELS), page.evaluate(UNNAMED)
    found.faint["light"] = page.evaluate(FAINT)
    found.title, found.language = page.title(), page.evaluate("document.documentElement.lang")
    found.wider, found.clipped = settled(page, *ZOOMED, OVERFLOW), settled(page, *ZOOMED, CLIPPED)
    found.forbidden = page.evaluate("window.refusedByPolicy ?? []")

    if thorough:
        page.set_viewport_size(TABLET)
        page.emulate_media(color_scheme="dark")  # a fresh load, for charts keep the colours that they were drawn in
        tab.open(f"{base}?{'&'.join(part for part in asked if not part.startswith('member='))}")
        found.faint["dark"] = page.evaluate(FAINT)
        found.faults += axe("dark", TABLET["width"], "color-contrast")  # the dark changes nothing but colours
        found.forbidden += page.evaluate("window.refusedByPolicy ?? []")
    found.forbidden += [e for e in tab.errors if "olicy" in e]
    found.asked, found.errors, found.refused = tab.asked, tab.errors, tab.refused
    page.close()
    return found
