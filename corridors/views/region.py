"""The region at a glance: who reported for a theme, as a map; never how much."""

from dataclasses import dataclass

from corridors.catalog import words
from corridors.charts import map_svg
from corridors.charts.map_layout import fitted, lay_out
from corridors.store.queries import figures

# What the map can be asked: key → button, indicator, end of the corridor that a member stands at, what was reported.
THEMES = {
    "victims": ("Victims", "detected_victims", "place", "detected victims of trafficking"),
    "convictions": ("Convictions", "persons_convicted", "place", "persons convicted of trafficking"),
    "smuggling": ("Smuggling", "smuggling_offences", "place", "offences of smuggling of migrants"),
    "displacement": ("Displacement", "asylum_applications_new", "partner", "asylum applications by their citizens"),
    "deaths": ("Deaths", "deaths_and_disappearances", "place", "deaths and disappearances on their territory"),
}
WIDTH, HEIGHT, UPRIGHT = 860.0, 650.0, 840.0  # the height in a window that is wider than high, and in one that is not
EDGES = ((25.0, -49.0), (192.0, 54.0))  # what of the world is in view
AMERICA = ((190.0, 16.0), (296.0, 60.0))
INSET = (664.0, 8.0, 852.0, 136.0)
STATES = ("reported", "older", "none")
TINTS = {
    False: {"reported": "#12436D", "older": "#8FB0D0", "none": "#FFFFFF"},
    True: {"reported": "#7FB2E5", "older": "#3F638A", "none": "#636A75"},
}


@dataclass(frozen=True)
class ReportMap:
    """Who reported: the title as a sentence, and each member's state."""

    title: str
    year: int
    states: dict[str, str]  # ISO3 → reported, older, none
    alt: str


def report_map(edition_id: str, theme: str) -> ReportMap:
    """Which members have a figure for the year that the region is asked about, an older one, or none."""
    _, indicator_id, view, what = THEMES[theme]
    rows = figures.reporting(edition_id, indicator_id, view)
    year = int(rows.year.iloc[0])
    states = {
        r.iso3: "none" if words.missing(r.latest) else "reported" if int(r.latest) == year else "older"
        for r in rows.itertuples()
    }
    held = sum(state == "reported" for state in states.values())
    verb = "have a figure of" if view == "partner" or theme == "deaths" else "reported"
    title = f"{held} of {len(states)} members {verb} {what} for {year}"
    by_state = {s: words.listing(sorted(r.member for r in rows.itertuples() if states[r.iso3] == s)) for s in STATES}
    alt = f"{title}: {by_state['reported'] or 'nobody'}. Older figures only: {by_state['older'] or 'nobody'}. "
    return ReportMap(title, year, states, alt + f"No figure, which is not zero: {by_state['none'] or 'nobody'}.")


def draw(reported: ReportMap, dark: bool, height: float = HEIGHT) -> str:
    """The map as SVG, each member tinted by whether it reported, never by how much."""
    tint = TINTS[dark]
    legend = (
        map_svg.Entry(f"fill:{tint['reported']}", f"reported for {reported.year}"),
        map_svg.Entry(f"fill:{tint['older']}", "older figures only"),
        map_svg.Entry(f"fill:{tint['none']}", "no figure, not zero"),
        map_svg.Entry(f"fill:{(map_svg.DARK if dark else map_svg.LIGHT).land}", "not a member"),
    )
    box = (8.0, height - 62.0, WIDTH * 0.68, height - 8.0)
    whole = fitted(EDGES, WIDTH, height, margin=0.0)
    america = fitted(AMERICA, INSET[2] - INSET[0], INSET[3] - INSET[1], margin=0.0)
    drawing = lay_out((), (), whole, size=10.5, taken=(box,), inset=(america, INSET), countries=map_svg.countries())
    tints = {iso3: tint[state] for iso3, state in reported.states.items()}
    return map_svg.paint(
        drawing,
        dark=dark,
        alt=reported.alt,
        tints=tints,
        legend=legend,
        legend_box=box,
        disclaimer=map_svg.BOUNDARIES,
        linked=True,
    )


def region_map(edition_id: str, theme: str, dark: bool) -> tuple[ReportMap, str, str]:
    """Who reported for a theme, the map of it as SVG, and that for a window that is higher than wide."""
    reported = report_map(edition_id, theme)
    return reported, draw(reported, dark), draw(reported, dark, UPRIGHT)
