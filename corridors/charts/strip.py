"""A strip that shows where one member lies among the others: a position, never a rank. An SVG as a data address."""

from statistics import median

from corridors.charts import data_address

PAD = 8


def draw(mine: float, others: list[float], dark: bool = False) -> str:
    """Ticks for all members between the smallest and largest value, the member's own as a dot; for a table's image column."""
    # a table scales the picture to its row: flatter than this, its ends are cut off
    return data_address(_svg(mine, others, dark, 150, 36))


def wide(mine: float, others: list[float], dark: bool = False) -> str:
    """The strip for a page, as SVG: ticks, the median dotted, the member's own as a dot."""
    return _svg(mine, others, dark, 140, 26, with_median=True)


def _svg(mine: float, others: list[float], dark: bool, width: int, height: int, with_median: bool = False) -> str:
    low, high = min(others), max(others)
    span, middle = (high - low) or 1, height // 2
    grey, ink = ("#8A97A5", "#E58AB8") if dark else ("#9AA5B1", "#801650")

    def x(value: float) -> float:
        return PAD + (value - low) / span * (width - 2 * PAD)

    def tick(value: float, half: int, look: str) -> str:
        return f'<line x1="{x(value):.1f}" y1="{middle - half}" x2="{x(value):.1f}" y2="{middle + half}" stroke={look}/>'

    ticks = [tick(value, 7 if not with_median else 6, f'"{grey}" stroke-width="1.2"') for value in others]
    if with_median:
        ticks.append(tick(median(others), 11, f'"{ink}" stroke-width="1.6" stroke-dasharray="2 2"'))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">{"".join(ticks)}'
        f'<circle cx="{x(mine):.1f}" cy="{middle}" r="5.5" fill="{ink}"/></svg>'
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
