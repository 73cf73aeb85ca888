"""A chart as a picture to take away, as SVG or PNG: title, what it shows, unit, source, grade, most serious caveat, edition and label are in it.

Drawn by our own code and turned into PNG by the typesetter, so no browser is needed and the picture is the same everywhere.
"""

import difflib
import json
import math
import textwrap

import pandas as pd
import typst

from corridors import catalog
from corridors.catalog import Member, uses, words
from corridors.catalog.tlp import strictest
from corridors.charts import trend
from corridors.export import drawing
from corridors.export.brief.document import in_a_file_name
from corridors.export.faults import NothingHeld
from corridors.store import labels
from corridors.store.queries import figures as reading
from corridors.store.queries import members, routes
from corridors.views import maps
from corridors.views.figure import breaks_for, caveats_of, period_of, source_of, uses_of
from corridors.views.member import verdicts, view_title

WIDTH, HEIGHT = 960.0, 600.0
ROUTES = "routes"  # the name by which the map of a member's routes is asked for
PNG_WIDTH = 1920  # pixels
CRIMES = "Colour: smuggling, trafficking or both."


def svg(edition_id: str, iso3: str, what: str, view: str = "place") -> str:
    """A picture of one indicator by year, or of the routes (`what` = "routes"), as SVG.

    `view` is place (counted in the member) or partner (about its people, all places together). Raises UnknownEdition;
    NothingHeld with the names of what is held.
    """
    return _routes(edition_id, iso3) if what == ROUTES else _trend(edition_id, iso3, what, view)


def png(drawn: str) -> bytes:
    """A picture as PNG, 1,920 pixels wide."""
    template = (
        b'#set page(width: 480pt, height: auto, margin: 0pt)\n#set text(font: ("Libertinus Serif", "DejaVu Sans Mono"))\n'
        b'#image(bytes(json(bytes(sys.inputs.svg))), format: "svg", width: 100%)'
    )
    return typst.compile(
        template, sys_inputs={"svg": json.dumps(drawn)}, ignore_system_fonts=True, format="png", ppi=PNG_WIDTH / 480 * 72
    )


def choices(edition_id: str, iso3: str) -> dict[tuple[str, str], str]:
    """What can be drawn of a member: (indicator, view) → title, in the order of the catalog, and the routes last."""
    return of_totals(reading.latest_totals(edition_id, iso3), iso3)


def of_totals(latest: pd.DataFrame, iso3: str) -> dict[tuple[str, str], str]:
    """The same from a member's latest totals, where they have been read already."""
    member, indicators = catalog.load().members[iso3], catalog.load().indicators
    found = {
        (row.indicator_id, row.view): view_title(indicators[row.indicator_id], row.view, member)
        for row in latest.itertuples()
        if row.indicator_id in indicators
    }
    order = list(indicators)
    found = dict(sorted(found.items(), key=lambda entry: (order.index(entry[0][0]), entry[0][1] == "partner")))
    return found | {(ROUTES, "place"): f"Routes that touch {member.short_name or member.name}"}


def _trend(edition_id: str, iso3: str, indicator_id: str, view: str) -> str:
    rows = members.series(edition_id, iso3, indicator_id, view)
    rows = rows[rows.value.notna() | rows.lower.notna()]
    if rows.empty:
        raise NothingHeld(_nothing(edition_id, iso3, indicator_id, view))
    last = next(rows.tail(1).itertuples())
    breaks = [b for b in breaks_for(reading.breaks(edition_id), last) if rows.year.min() < b[0] <= last.year]
    title = view_title(catalog.load().indicators[indicator_id], view, catalog.load().members[iso3])
    verdict = verdicts(edition_id, iso3).get((indicator_id, view))
    said = [f"{trend.headline(rows, breaks)} ({last.unit_many}).", *([verdict.rstrip(".") + "."] if verdict else [])]
    head, top = _head(title, said, f"{words.capital(last.unit_many)}, by year", strictest(rows.tlp))
    foot, bottom = _foot(edition_id, last, rows, breaks)
    box = drawing.Box(86, top + 8, WIDTH - 120, HEIGHT - bottom - 40 - top - 8)
    parts = [*head, *_axes(rows, box), *drawing.series(rows, box, [year for year, _ in breaks], 2.4, 4), *foot]
    return drawing.svg(WIDTH, HEIGHT, [_paper(HEIGHT), *parts], title, " ".join(said))


def _head(title: str, said: list[str], unit: str, tlp: str) -> tuple[list[str], float]:
    """Title, message and unit, with the label in the corner; and where the plane of values may begin."""
    parts, y = [_label(tlp, 16)], 44.0
    for line in textwrap.wrap(title, 62):
        parts.append(drawing.text(30, y, line, 25, weight=700))
        y += 30
    for line in textwrap.wrap(" ".join(said), 112):
        parts.append(drawing.text(30, y, line, 17))
        y += 22
    parts.append(drawing.text(30, y + 4, unit, 15, colour=drawing.QUIET))
    return parts, y + 18


def _foot(edition_id: str, last, rows: pd.DataFrame, breaks: list) -> tuple[list[str], float]:
    """Source, grade, most serious caveats, breaks, edition and label at the foot; and how high it is."""
    caveats = caveats_of({code for codes in rows.caveats for code in codes})
    limits = "; ".join(c.title for c in caveats[:3]) + (f"; and {len(caveats) - 3} more" if len(caveats) > 3 else "")
    said = [
        f"Source: {source_of(last)}. Latest: {period_of(last)}. "
        f"{uses.short(uses_of(last)) + ' ' if uses_of(last) else ''}{words.GRADE[last.grade]}.",
        f"What it cannot say: {limits}.",
    ]
    if rows.value.isna().any():
        said.append("Hatched: only a range is known. A gap is a year without a figure, not a zero.")
    said += [f"Dotted line, break in {year}: {reason}" for year, reason in breaks[:2]]
    wrapped = [line for text in said for line in textwrap.wrap(text, 148)][:8]
    y = HEIGHT - 28 - 18 * len(wrapped)
    parts = [drawing.text(30, y + 18 * n, line, 14, colour=drawing.QUIET) for n, line in enumerate(wrapped)]
    parts += [
        drawing.text(30, HEIGHT - 14, _edition(edition_id), 14, colour=drawing.QUIET),
        _label(strictest(rows.tlp), HEIGHT - 34),
    ]
    return parts, HEIGHT - y + 14


def _axes(rows: pd.DataFrame, box: drawing.Box) -> list[str]:
    low, high = drawing.span(drawing.known(rows))
    parts = []
    step = nice_step(high - low)
    fine = max(0, -math.floor(math.log10(step) + 1e-9))
    for n in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1):
        y = box.top + box.height * (1 - (n * step - low) / (high - low))
        if n:
            parts.append(
                f'<line x1="{box.left}" y1="{y:.1f}" x2="{box.left + box.width}" y2="{y:.1f}" stroke="{drawing.GRID}" stroke-width="1"/>'
            )
        parts.append(drawing.text(box.left - 8, y + 5, words.number(n * step, fine), 14, "end", drawing.QUIET))
    first, last = int(rows.year.min()), int(rows.year.max())
    step = next(s for s in (1, 2, 5, 10, 20) if (last - first) / s <= 12)
    for year in range(last, first - 1, -step):
        x = box.left + (year - first + 0.5) / (last - first + 1) * box.width
        parts.append(drawing.text(x, box.top + box.height + 20, str(year), 14, "middle", drawing.QUIET))
    return parts


def nice_step(span: float) -> float:
    """A round step (1, 2 or 5 times a power of ten) that divides a span into at most six."""
    power = 10.0 ** math.floor(math.log10(span / 6))
    return next(power * n for n in (1, 2, 5, 10) if span / (power * n) <= 6)


def pair_map(edition_id: str, origin: str, destination: str) -> str:
    """The map of the routes that join two places, as SVG."""
    name, mine = catalog.load().place_name, routes.routes_between(edition_id, origin, destination)
    drawn = maps.pair_map(edition_id, origin, destination, maps.PICTURE)
    return _map(edition_id, mine, drawn, f"Routes from {name(origin)} to {name(destination)}")


def route_map(edition_id: str, route_id: str) -> str:
    """The map of one route, as SVG."""
    mine = routes.routes(edition_id).query("route_id == @route_id")
    drawn = maps.routes_map(edition_id, [route_id], maps.PICTURE)
    return _map(edition_id, mine, drawn, f"Route {route_id}: {mine['name'].iloc[0]}")


def _routes(edition_id: str, iso3: str) -> str:
    member = catalog.load().members[iso3]
    mine = routes.routes_of_member(edition_id, iso3)
    drawn = maps.member_map(edition_id, iso3, maps.PICTURE)
    title, colour = f"Routes that touch {member.name}", f"Colour: role of {member.short_name or member.name}."
    return _map(edition_id, mine, drawn, title, colour)


def _map(edition_id: str, mine: pd.DataFrame, drawn: maps.Map, title: str, colour: str = CRIMES) -> str:
    about = routes.routes(edition_id).set_index("route_id")
    tlp = strictest(about.tlp.reindex(mine.route_id))
    said = f"{len(mine)} of {len(about)} routes described in public literature. No route drawn does not mean that there is none."
    head, top = _head(title, [said], f"{colour} Pattern: how good the evidence is. Width says nothing about volume.", tlp)
    # an SVG within an SVG keeps its own units and its own edge
    whole, size = drawn.svg(font=drawing.FONT), f'width="{drawn.sheet.width:g}" height="{drawn.sheet.height:.1f}"'
    parts = [*head, f'<svg x="30" y="{top:.1f}" {size}' + whole[whole.index(" viewBox") :]]
    y = top + drawn.sheet.height + 26
    names = "; ".join(f"{r.route_id} {r.name}" for r in mine.itertuples())
    source = "Source: public literature, each figure named in the evidence of the route."
    for line in [*textwrap.wrap(names, 148), source]:
        parts.append(drawing.text(30, y, line, 14, colour=drawing.QUIET))
        y += 18
    height = y + 34
    parts += [drawing.text(30, height - 14, _edition(edition_id), 14, colour=drawing.QUIET), _label(tlp, height - 34)]
    return drawing.svg(WIDTH, height, [_paper(height), *parts], title, drawn.alt)


def _paper(height: float) -> str:
    return f'<rect width="{WIDTH:g}" height="{height:g}" fill="#FFFFFF"/>'


def _label(tlp: str, top: float) -> str:
    colour = {"CLEAR": "#FFFFFF", "GREEN": "#33FF00", "RED": "#FF2B2B"}.get(tlp, "#FFC000")
    width = 9.6 * (len(tlp) + 4) + 14
    left = WIDTH - 30 - width
    return f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="24" fill="#000000"/>' + drawing.text(
        left + width / 2, top + 18, f"TLP:{tlp}", 16, "middle", colour, 700
    )


def _edition(edition_id: str) -> str:
    return f"Corridors, edition {labels.plain(edition_id)}. Names and groupings imply no opinion on the status of any territory or boundary."


def _nothing(edition_id: str, iso3: str, what: str, view: str) -> str:
    known = choices(edition_id, iso3)
    name = catalog.load().place_name(iso3)
    other = (what, "partner" if view == "place" else "place")
    if other in known:
        return f"No total of “{what}” is held for {name} as {view}; it is held as {other[1]}. Ask with --view {other[1]}."
    near = difflib.get_close_matches(what, sorted({i for i, _ in known}), n=4, cutoff=0.4)
    cure = f"Near it: {', '.join(near)}." if near else f"Held are: {', '.join(sorted({i for i, _ in known}))}."
    return f"No total of “{what}” is held for {name} in edition {labels.plain(edition_id)}; that is not zero. {cure}"


def file_stem(member: Member, what: str, view: str) -> str:
    """The beginning of the name of a picture's file."""
    return f"{in_a_file_name(member.short_name or member.name)}-{what.replace('_', '-')}{'-people' if view == 'partner' else ''}"
