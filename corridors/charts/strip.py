"""A strip that shows where one member lies among the others: a position, never a rank. An SVG as a data address."""

from __future__ import annotations

import base64
from statistics import median

WIDTH, HEIGHT, PAD = 150, 36, 8  # a table scales the picture to its row: flatter than this, its ends are cut off


def draw(mine: float, others: list[float], dark: bool = False) -> str:
    """Ticks for all members between the smallest and largest value, the member's own as a dot; for a table's image column."""
    low, high = min(others), max(others)
    span = (high - low) or 1
    grey, ink = ("#8A97A5", "#E58AB8") if dark else ("#9AA5B1", "#801650")

    def x(value: float) -> float:
        return PAD + (value - low) / span * (WIDTH - 2 * PAD)

    ticks = "".join(
        f'<line x1="{x(v):.1f}" y1="11" x2="{x(v):.1f}" y2="25" stroke="{grey}" stroke-width="1.2"/>' for v in others
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}">{ticks}'
        f'<circle cx="{x(mine):.1f}" cy="18" r="5.5" fill="{ink}"/></svg>'
    )
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def wide(mine: float, others: list[float], dark: bool = False) -> str:
    """The strip for a page, as SVG: ticks, the median dotted, the member's own as a dot."""
    width, height = 140, 26
    low, high = min(others), max(others)
    span = (high - low) or 1
    grey, ink = ("#8A97A5", "#E58AB8") if dark else ("#9AA5B1", "#801650")

    def x(value: float) -> float:
        return PAD + (value - low) / span * (width - 2 * PAD)

    ticks = "".join(
        f'<line x1="{x(v):.1f}" y1="7" x2="{x(v):.1f}" y2="19" stroke="{grey}" stroke-width="1.2"/>' for v in others
    )
    middle = x(median(others))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">{ticks}'
        f'<line x1="{middle:.1f}" y1="2" x2="{middle:.1f}" y2="24" stroke="{ink}" stroke-width="1.6" stroke-dasharray="2 2"/>'
        f'<circle cx="{x(mine):.1f}" cy="13" r="5.5" fill="{ink}"/></svg>'
    )


def share(mine: float, others: list[float]) -> float:
    """The share of members below, ties counted half: 0 is the lowest of all, 1 the highest."""
    below, above = sum(v < mine for v in others), sum(v > mine for v in others)
    return (below + (len(others) - below - above) / 2) / len(others)


def third(mine: float, others: list[float]) -> str:
    """Lower, middle or upper: thirds by the number of members, ties in the middle."""
    part = share(mine, others)
    return "lower" if part < 1 / 3 else "upper" if part > 2 / 3 else "middle"


def in_words(mine: float, others: list[float]) -> str:
    """The same said: "in the lower third of 41 members with a figure"."""
    return f"in the {third(mine, others)} third of {len(others)} members with a figure"
