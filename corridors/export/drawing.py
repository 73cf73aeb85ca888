"""A yearly series as SVG of our own: what is known is a point, what is masked a hatched range, what is missing a gap.

Used small on a card of the brief and large as a picture to take away. Colours keep 3:1 contrast on white.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd

from corridors.catalog import words
from corridors.charts import NARROW, NEUTRAL, theme

INK, LINE, QUIET, GRID = (theme.LIGHT[name] for name in ("ink", "line", "quiet", "rule"))
FONT = "'Libertinus Serif', 'Source Serif 4', Georgia, serif"
DRAWN = ("year", "value", "lower", "upper", "status", "decimals")


@dataclass(frozen=True)
class Box:
    """Where a drawing lies: left, top, width and height of the plane of values, in the units of the SVG."""

    left: float
    top: float
    width: float
    height: float


def text(x: float, y: float, said: str, size: float, anchor: str = "start", colour: str = INK, weight: int = 400) -> str:
    """One line of text; whatever it says is text and never markup."""
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}" font-weight="{weight}">{escape(said)}</text>'


def svg(width: float, height: float, parts: Sequence[str], title: str, description: str = "") -> str:
    """A whole SVG with a title and a description for those who cannot see it."""
    head = f"<title>{escape(title)}</title>" + (f"<desc>{escape(description)}</desc>" if description else "")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}" '
        f'font-family="{FONT}" role="img">{head}{HATCH}{"".join(parts)}</svg>'
    )


HATCH = (
    '<defs><pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    f'<rect width="5" height="5" fill="#EEF1F4"/>'
    f'<line x1="0" y1="0" x2="0" y2="5" stroke="{NEUTRAL}" stroke-width="1.6"/></pattern></defs>'
)


def middle(row) -> float:
    """The value, or the middle of the range."""
    return (row.lower + row.upper) / 2 if words.missing(row.value) else row.value


def wide(row) -> bool:
    """Whether only a range is known that is too wide to stand for a point."""
    return words.missing(row.value) and (row.upper - row.lower) > NARROW * abs(row.upper)


def known(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of which a value or both bounds are known, oldest first; only what is drawn of them, because each column costs."""
    rows = rows[[c for c in DRAWN if c in rows]]
    return rows[rows.value.notna() | (rows.lower.notna() & rows.upper.notna())].sort_values("year")


def span(rows: pd.DataFrame) -> tuple[float, float]:
    """Lowest and highest amount that must be seen; zero is always among them."""
    ends = [(r.lower, r.upper) if wide(r) else (middle(r), middle(r)) for r in rows.itertuples()]
    low, high = min(0.0, *(e[0] for e in ends)), max(0.0, *(e[1] for e in ends))
    return (low, high) if high > low else (low, low + 1)


def series(
    rows: pd.DataFrame, box: Box, breaks: Sequence[int] = (), stroke: float = 1.6, dot: float = 2.0, every: bool = True
) -> list[str]:
    """The marks of a series inside a box: line, points, ranges; none across a missing year, a break, or a year not over.

    `every` False draws the line and only its last point.
    """
    rows = known(rows)
    low, high = span(rows)
    first, last = int(rows.year.min()), int(rows.year.max())

    def x(year: float) -> float:
        return box.left + (year - first + 0.5) / (last - first + 1) * box.width

    def y(amount: float) -> float:
        return box.top + (1 - (amount - low) / (high - low)) * box.height

    parts = [
        f'<line x1="{box.left:.1f}" y1="{y(0):.1f}" x2="{box.left + box.width:.1f}" y2="{y(0):.1f}" stroke="{QUIET}" stroke-width="0.8"/>'
    ]
    for year in breaks:
        if first < year <= last:
            at = x(year - 0.5)
            parts.append(
                f'<line x1="{at:.1f}" y1="{box.top:.1f}" x2="{at:.1f}" y2="{box.top + box.height:.1f}" stroke="{QUIET}" '
                'stroke-width="1" stroke-dasharray="1.5 2.5"/>'
            )
    run: list[str] = []
    before = None
    bar = min(14.0, 0.6 * box.width / (last - first + 1))

    def drawn() -> None:
        if len(run) > 1:
            parts.append(
                f'<polyline points="{" ".join(run)}" fill="none" stroke="{LINE}" stroke-width="{stroke}" stroke-linejoin="round"/>'
            )
        run.clear()

    for row in rows.itertuples():
        if wide(row):
            parts.append(
                f'<rect x="{x(row.year) - bar / 2:.1f}" y="{y(row.upper):.1f}" width="{bar:.1f}" '
                f'height="{max(y(row.lower) - y(row.upper), 1):.1f}" fill="url(#hatch)" stroke="{NEUTRAL}" stroke-width="0.6"/>'
            )
            drawn()
            before = None
            continue
        open_year = getattr(row, "status", "") == "provisional"
        if before is None or open_year or row.year > before + 1 or any(before < b <= row.year for b in breaks):
            drawn()
        run.append(f"{x(row.year):.1f},{y(middle(row)):.1f}")
        alone = len(run) == 1
        if every or row.year == last or alone:
            fill = "#FFFFFF" if open_year else LINE
            size = dot if every or row.year == last else dot * 0.6
            parts.append(
                f'<circle cx="{x(row.year):.1f}" cy="{y(middle(row)):.1f}" r="{size:.1f}" fill="{fill}" stroke="{LINE}" stroke-width="1"/>'
            )
        before = row.year
    drawn()
    return parts


def spark(rows: pd.DataFrame, breaks: Sequence[int], title: str) -> str:
    """A small trend for a card, with its first and last year and its highest amount; empty below three known years."""
    rows = known(rows)
    if len(rows) < 3:
        return ""
    box = Box(2, 12, 156, 24)
    low, high = span(rows)
    decimals = int(rows.decimals.iloc[-1]) if "decimals" in rows else 0
    edge = box.top + box.height
    parts = series(rows, box, breaks, 1.4, 2.2, every=False)
    top = max(rows.itertuples(), key=lambda r: r.upper if wide(r) else middle(r))
    bottom = min(rows.itertuples(), key=lambda r: r.lower if wide(r) else middle(r))
    if high > 0:
        parts.append(text(2, 8, f"highest {words.figure(top)} in {int(top.year)}", 9.6, colour=QUIET))
    elif low < 0:
        parts.append(text(2, 8, f"lowest {words.number(low, decimals)} in {int(bottom.year)}", 9.6, colour=QUIET))
    parts += [
        text(2, edge + 10, str(int(rows.year.min())), 9.6, colour=QUIET),
        text(158, edge + 10, str(int(rows.year.max())), 9.6, "end", QUIET),
    ]
    return svg(160, 48, parts, title)
