"""The map of a slide: the map of `export.map` in the colours of the page around, with its legend beneath."""

from __future__ import annotations

import pandas as pd

from corridors.catalog import words
from corridors.export import map as routes
from corridors.export.slides import svg
from corridors.export.slides.model import RouteMap

LEGEND = 56.0
LOOK = routes.Look(1760.0, 730.0 - LEGEND, 30.0, svg.SMALL, 0.56, 5, 5, 4, 1.4, 0, False)
WIDTH, HEIGHT, DEEP = LOOK.width, LOOK.height + LEGEND, LOOK.height
REGION = ((60.0, -36.0), (180.0, 37.0))  # where the places of the region lie: what the whole network is shown on
NAMED = 30


def window_of(legs: pd.DataFrame) -> routes.Window:
    """The piece of the map that holds the legs; of many routes, where the region lies."""
    return routes.Window(tuple(p for path in routes.paths_of(legs) for p in path) if few(legs) else REGION, LOOK)


def few(legs: pd.DataFrame) -> bool:
    """Whether the routes are few enough to be shown whole."""
    return legs.route_id.nunique() <= 8


def names(told: RouteMap, window: routes.Window) -> tuple[list[tuple[float, float]], list[routes.Name]]:
    """Dots and names of the places, those that matter first."""
    return routes.names(told.legs, told.places, window, routes.Room(LOOK), NAMED)


def draw(told: RouteMap, tall: float = 41.5) -> str:
    """The map and, beneath it, what colours and patterns mean; at most `tall` units of --u high."""
    window, whole = window_of(told.legs), few(told.legs)
    inside = [
        routes.ground(window),
        *routes.lines(told.legs, window, 6 if whole else 4.5, 0.95 if whole else 0.5),
        *routes.marks(*names(told, window), LOOK),
    ]
    legend, _ = routes.legend(words.CRIME, words.STRENGTH, LOOK, HEIGHT - 14, svg.SMALL)
    return svg.svg(WIDTH, HEIGHT, [routes.whole(inside, LOOK, 10), *legend], told.alt, tall)
