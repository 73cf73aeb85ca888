"""Charts of slides as SVG of our own, in units that are pixels on a screen 1,760 wide: text is never under 32.

Colours are names that the page around fills in (`--ink`, `--line`, …), so that one drawing serves light, dark and
paper. What is known is a point, what is masked a hatched range, what is missing a gap; nothing is drawn across a break.
"""

import textwrap
from html import escape

from corridors.catalog import words
from corridors.export import drawing
from corridors.export.drawing import Box
from corridors.export.slides.model import Series, Stack

SMALL = 32  # the smallest text
WIDTH, UNIT = 1760, 17  # of a drawing, and of --u, in pixels on a screen of 1920 by 1080
WIDE = 0.6  # a letter's width as a share of its size
# in quotes: a name that ends in a digit makes the whole list void without them, and a picture in a page inherits no other
FONT = "'Source Sans 3', 'Source Sans Pro', 'Source Sans', 'Helvetica Neue', Arial, sans-serif"
HATCH = (
    '<pattern id="hatch" width="9" height="9" patternTransform="rotate(45)" patternUnits="userSpaceOnUse">'
    '<rect width="9" height="9" style="fill:var(--ground)"/><rect width="3.4" '
    'height="9" style="fill:var(--line)"/></pattern>'
)


def text(
    x: float, y: float, said: str, anchor: str = "start", colour: str = "ink", size: float = SMALL, weight: int = 400
) -> str:
    """One line of text; whatever it says is text and never markup."""
    return (
        f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" font-size="{size:g}" font-weight="{weight}" '
        f'style="fill:var(--{colour})">{escape(said)}</text>'
    )


def whole_width(tall: float) -> str:
    """The style of a drawing that takes the width of what holds it, at most `tall` units of --u high."""
    return f"width:100%;height:auto;max-height:calc(var(--u)*{tall:g});display:block"


def svg(width: float, height: float, parts: list[str], alt: str, tall: float) -> str:
    """A whole drawing that takes the width of what holds it, at most `tall` units of --u high; `alt` is read to those
    who cannot see it.
    """
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'role="img" aria-label="{escape(alt, quote=True)}" '
        f'style="{whole_width(tall)}" font-family="{FONT}">'
        f"<defs>{HATCH}</defs>{''.join(parts)}</svg>"
    )


def series(data: Series, alt: str, tall: float = 41) -> str:
    """A yearly series as a line with its gaps, masked ranges, breaks and years that are not over, and what is expected after it as a
    band and a dashed line; `tall` in units of --u."""
    width, height = WIDTH, tall * UNIT
    rows = drawing.known(data.rows)
    if rows.empty:
        return ""
    low, high = drawing.span(rows)
    if data.ahead is not None:
        high = max(high, data.ahead.upper_80.max())
    ticks = steps(low, high)
    low, high = min(ticks[0], low), max(ticks[-1], high)
    decimals = 0 if all(float(t).is_integer() for t in ticks) else 2
    names = [words.number(t, decimals) for t in ticks]
    left = 18 + max(len(n) for n in names) * SMALL * WIDE
    box = Box(left, 56, width - left - 60, height - 116)
    first, last = int(rows.year.min()), int((rows if data.ahead is None else data.ahead).year.max())

    def x(year: float) -> float:
        return box.left + (year - first + 0.5) / (last - first + 1) * box.width

    def y(amount: float) -> float:
        return box.top + (1 - (amount - low) / (high - low)) * box.height

    parts = []
    for tick, name in zip(ticks, names):
        heavy = "ink" if tick == 0 else "rule"
        parts.append(
            f'<line x1="{box.left:.0f}" x2="{box.left + box.width:.0f}" y1="{y(tick):.1f}" '
            f'y2="{y(tick):.1f}" style="stroke:var(--{heavy})" '
            f'stroke-width="{2 if tick == 0 else 1}"/>' + text(box.left - 12, y(tick) + 11, name, "end", "quiet")
        )
    every = next(n for n in (1, 2, 5, 10, 20, 50) if (last - first + 1) / n <= box.width / 110)
    parts += [
        text(x(year), box.top + box.height + 46, str(year), "middle", "quiet")
        for year in range(first, last + 1)
        if (last - year) % every == 0
    ]
    starts = [year for year, _ in data.breaks if first < year <= last]
    for year in starts:
        at = x(year - 0.5)
        parts.append(
            f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{box.top - 12:.0f}" y2="{box.top + box.height:.0f}" '
            'style="stroke:var(--quiet)" stroke-width="3" '
            'stroke-dasharray="3 8"/>' + text(at + 8, box.top - 14, "break", "start", "quiet")
        )
    if data.ahead is not None:
        parts += _fan(rows.iloc[-1], data.ahead, x, y)
    parts += _marks(rows, starts, x, y, box)
    return svg(width, height, parts, alt, tall)


def _fan(last, ahead, x, y) -> list[str]:
    """The years to come: where 80 in 100 are expected as a band without a line around it, the middle dashed; from the last figure on."""
    begin = drawing.middle(last)

    def points(amounts) -> list[str]:
        return [f"{x(year):.1f},{y(amount):.1f}" for year, amount in zip([last.year, *ahead.year], [begin, *amounts])]

    band = " ".join([*points(ahead.upper_80), *points(ahead.lower_80)[::-1]])
    return [
        f'<polygon points="{band}" style="fill:var(--line)" fill-opacity="0.22"/>',
        f'<polyline points="{" ".join(points(ahead.middle))}" fill="none" style="stroke:var(--line)" stroke-width="4" '
        'stroke-dasharray="14 10"/>',
    ]


def _marks(rows, starts: list[int], x, y, box: Box) -> list[str]:
    """Line, points and ranges, and the amounts of the newest and the highest point."""
    parts, run, before = [], [], None
    slot = box.width / max(len(range(int(rows.year.min()), int(rows.year.max()) + 1)), 1)
    bar = min(46.0, 0.6 * slot)

    def drawn() -> None:
        if len(run) > 1:
            parts.append(
                f'<polyline points="{" ".join(run)}" fill="none" style="stroke:var(--line)" '
                'stroke-width="5" stroke-linejoin="round"/>'
            )
        run.clear()

    dots = []
    for row in rows.itertuples():
        if drawing.wide(row):
            drawn()
            before = None
            dots.append(
                f'<rect x="{x(row.year) - bar / 2:.1f}" y="{y(row.upper):.1f}" width="{bar:.1f}" '
                f'height="{max(y(row.lower) - y(row.upper), 3):.1f}" '
                'fill="url(#hatch)" style="stroke:var(--line)" stroke-width="2"/>'
            )
            continue
        unfinished = getattr(row, "status", "") == "provisional"  # a year that is not over would look like a fall
        if before is None or unfinished or row.year > before + 1 or any(before < b <= row.year for b in starts):
            drawn()
        middle = drawing.middle(row)
        run.append(f"{x(row.year):.1f},{y(middle):.1f}")
        dots.append(
            f'<circle cx="{x(row.year):.1f}" cy="{y(middle):.1f}" r="'
            f'{min(8, max(5, slot / 4)):.1f}" stroke-width="3" '
            f'style="fill:var(--{"ground" if unfinished else "line"});stroke:var(--line)"/>'
        )
        before = row.year
    drawn()
    tops = sorted({_top(rows), rows.index[-1]})
    for index in tops:
        row = next(rows.loc[[index]].itertuples())
        amount = row.upper if drawing.wide(row) else drawing.middle(row)
        half = len(words.figure(row)) * 40 * 0.3
        at = min(max(x(row.year), box.left + half), box.left + box.width + 30 - half)
        dots.append(
            '<g style="paint-order:stroke;stroke:var(--ground);stroke-width:6px">'
            f"{text(at, y(amount) - 20, words.figure(row), 'middle', 'ink', 40, 700)}</g>"
        )
    return parts + dots


def _top(rows):
    return rows.apply(lambda r: r.upper if drawing.wide(r) else drawing.middle(r), axis=1).idxmax()


def steps(low: float, high: float) -> list[float]:
    """Round amounts from at or below `low` to at or above `high`, three to six of them, with zero among them."""
    span = high - low
    raw = span / 4
    size = 10.0 ** len(str(int(raw))) / 10 if raw >= 1 else 0.01
    step = next(m * size for m in (1, 2, 2.5, 5, 10, 20, 50, 100) if m * size >= raw)
    ticks, at = [], step * int(low // step)
    while not ticks or ticks[-1] < high:
        ticks.append(round(at, 6))
        at += step
    return ticks


def stack(data: Stack, alt: str, tall: float = 41) -> str:
    """Bars of one length in parts: full, hatched and empty tell the parts apart without colour; the number stands in
    each.
    """
    left, head = 620, 90
    row = min(130.0, (tall * UNIT - head) / max(len(data.labels), 1))
    thick, plane = row * 0.7, WIDTH - left - 12
    fills = (
        'style="fill:var(--line);stroke:var(--line)"',
        'fill="url(#hatch)" style="stroke:var(--line)"',
        'style="fill:var(--ground);stroke:var(--quiet)"',
    )
    parts, x = [], 20.0
    for n, (name, _) in enumerate(data.parts):
        parts.append(
            f'<rect x="{x:.0f}" y="8" width="30" height="30" stroke-width="2" {fills[n % 3]}/>' + text(x + 42, 33, name)
        )
        x += 42 + len(name) * SMALL * 0.5 + 40
    for n, label in enumerate(data.labels):
        at, x = head + n * row, float(left)
        parts.append(text(left - 18, at + thick / 2 + 11, textwrap.shorten(label, 38, placeholder="…"), "end"))
        for k, (_, counts) in enumerate(data.parts):
            size = counts[n] / data.total * plane
            if not counts[n]:
                continue
            parts.append(
                f'<rect x="{x:.1f}" y="{at}" width="{size:.1f}" height="{thick:.0f}" stroke-width="2" {fills[k % 3]}/>'
            )
            room = len(str(counts[n])) * SMALL * WIDE + 10
            if size > room:
                if k == 1:
                    parts.append(
                        f'<rect x="{x + size / 2 - room / 2:.1f}" y="{at + thick / 2 - 20:.0f}" width="{room:.1f}" '
                        'height="40" style="fill:var(--ground)"/>'
                    )
                parts.append(
                    text(
                        x + size / 2,
                        at + thick / 2 + 11,
                        str(counts[n]),
                        "middle",
                        "ground" if k == 0 else "ink",
                        SMALL,
                        700,
                    )
                )
            x += size
    return svg(WIDTH, head + row * len(data.labels) + 6, parts, alt, tall)
