"""The window of every map: where it is cut, how finely places are written, and lines that cross the antimeridian."""

from collections.abc import Iterable

from corridors import ROOT

FOLDER = ROOT / "data" / "geo"
WEST = -50.0  # left edge of the map's window, in the Atlantic, 180° from its centre at 130° E
DECIMALS = 2  # 0.01° is about 1 km


def wrapped(longitude: float) -> float:
    """The same meridian inside the map's window [WEST, WEST + 360)."""
    return (longitude - WEST) % 360.0 + WEST


def unwrapped(points: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """The same points with no jump across the antimeridian: each at most 180° from the one before."""
    line: list[tuple[float, float]] = []
    for x, y in points:
        if line:
            x += 360.0 * round((line[-1][0] - x) / 360.0)
        line.append((x, y))
    return line
