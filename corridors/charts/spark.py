"""A small line of a few years beneath a card's number: a shape without a scale, and the same in words."""

from collections.abc import Sequence

from corridors.catalog import words
from corridors.charts import NEUTRAL, data_address

WIDTH, HEIGHT, PAD = 300, 36, 6


def draw(points: Sequence[tuple[int, float]], starts: Sequence[int] = ()) -> str:
    """A line through points (year, value; at least two) as the data address of an SVG, the last year a dot.

    From zero, so that a small change does not look like a large one; in the grey that keeps 3:1 on light and dark. No line
    comes to the years of `starts`, which follow a gap or a break.
    """
    first, last, top = points[0][0], points[-1][0], max([v for _, v in points]) or 1
    at = [
        (
            round(PAD + (year - first) / (last - first) * (WIDTH - 2 * PAD), 1),
            round(HEIGHT - PAD - max(value, 0) / top * (HEIGHT - 2 * PAD), 1),
        )
        for year, value in points
    ]
    runs: list[list[str]] = [[]]
    for (year, _), (x, y) in zip(points, at):
        if year in starts and runs[-1]:
            runs.append([])
        runs[-1].append(f"{x},{y}")
    lines = "".join(
        f'<polyline points="{" ".join(run)}" fill="none" stroke="{NEUTRAL}" stroke-width="2.5" stroke-linejoin="round"/>'
        for run in runs
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'{lines}<circle cx="{at[-1][0]}" cy="{at[-1][1]}" r="4.5" fill="{NEUTRAL}"/></svg>'
    )
    return data_address(svg)


def in_words(points: Sequence[tuple[int, float]]) -> str:
    """The same said: "2017: 1,200; 2018: 1,350; …", every point, so that nothing is only seen."""
    return "; ".join(f"{year}: {words.number(value)}" for year, value in points)
