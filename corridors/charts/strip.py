"""A strip that shows where one member lies among the others: a position, never a rank. An SVG as a data address."""

from __future__ import annotations

import base64

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


def in_words(mine: float, others: list[float]) -> str:
    """The same said: "in the lower third of 41 members with a figure"; thirds by the number of members, ties in the middle."""
    below, above = sum(v < mine for v in others), sum(v > mine for v in others)
    share = (below + (len(others) - below - above) / 2) / len(others)
    third = "lower" if share < 1 / 3 else "upper" if share > 2 / 3 else "middle"
    return f"in the {third} third of {len(others)} members with a figure"
