"""What a slide file is drawn with: boxes of words, and the map as shapes that can be edited."""

import math
import re
from collections.abc import Mapping

from lxml import etree
from pptx.dml.color import RGBColor
from pptx.enum.dml import MSO_LINE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Emu, Inches, Pt

from corridors.charts import map_svg, theme
from corridors.charts.map_layout import Box, Drawing
from corridors.charts.map_svg import Entry
from corridors.views.maps import Map

NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
INK, QUIET, LINE, CARD, RULE = (theme.LIGHT[name].lstrip("#") for name in ("ink", "quiet", "line", "card", "rule"))
DASHES = {"strong": None, "fair": MSO_LINE.DASH, "weak": MSO_LINE.SQUARE_DOT, "none": MSO_LINE.ROUND_DOT}
LINES = {"strong": "——", "fair": "— —", "weak": "- - -", "none": "· · ·"}
COAST = 1.6  # points of the coast nearer than this on the drawing are one
SIZE = 11.0  # of what is written, in units of the drawing
PALETTE = map_svg.LIGHT


def clean(text: str) -> str:
    """Text without characters that no XML can hold."""
    return NOT_XML.sub("", str(text))


def write(paragraph, text: str, size: float, colour: str, bold: bool = False) -> None:
    """Adds words to a paragraph; `size` in points, `colour` as RRGGBB."""
    run = paragraph.add_run()
    run.text = clean(text)
    run.font.size, run.font.bold = Pt(size), bold
    run.font.color.rgb = RGBColor.from_string(colour)


def box(page, left: float, top: float, width: float, height: float, lines, gap: float = 2, fill: str = ""):
    """A text box; `lines` are (text, size in points, colour, bold)."""
    box = page.shapes.add_textbox(Inches(left), Inches(top), Inches(width), Inches(height))
    frame = box.text_frame
    frame.word_wrap = True
    for n, (text, size, colour, bold) in enumerate(lines):
        paragraph = frame.paragraphs[0] if n == 0 else frame.add_paragraph()
        paragraph.space_after = Pt(gap)
        write(paragraph, text, size, colour, bold)
    if fill:
        box.fill.solid()
        box.fill.fore_color.rgb = RGBColor.from_string(fill)
    return box


def draw_map(page, drawn: Map, left: float, top: float, width: float, height: float) -> None:
    """The map as shapes that can be edited: sea, land, boundaries, routes, numbers, names, and its legend in words."""
    scale = min(width / drawn.sheet.width, height / drawn.sheet.height)
    at = (left + drawn.frame[0] * scale, top + drawn.frame[1] * scale, scale)
    _drawing(page, drawn.drawing, drawn.tints, at, drawn.alt)
    if drawn.drawing.inset:
        inner, (x, y, right, _) = drawn.drawing.inset
        within = (at[0] + x * scale, at[1] + y * scale, (right - x) / inner.window.width * scale)
        _drawing(page, inner, drawn.tints, within, "")
    x, y, right, bottom = drawn.legend_box
    lines = [(f"{_swatch(entry)}{entry.text}", 11, *_ink(entry)) for entry in drawn.legend]
    lines.append((map_svg.DISCLAIMER, 10, QUIET, False))
    wide, tall = (right - x) * scale, (bottom - y) * scale
    box(page, left + x * scale, top + y * scale, wide, tall, lines, gap=0, fill=PALETTE.paper.lstrip("#"))


def _swatch(entry: Entry) -> str:
    kind, _, value = entry.swatch.partition(":")
    return {"dash": f"{LINES.get(value, '')}  ", "dotted": "┄┄  "}.get(kind, "■ " if kind in ("tone", "fill") else "")


def _ink(entry: Entry) -> tuple[str, bool]:
    kind, _, value = entry.swatch.partition(":")
    return (PALETTE.tones[value].lstrip("#"), True) if kind == "tone" else (INK, False)


def _drawing(page, drawing: Drawing, tints: Mapping[str, str], at: tuple[float, float, float], said: str) -> None:
    """One window of the map at a place of the slide; `at` is left, top (inches) and inches for a unit."""
    left, top, scale = at
    window = drawing.window

    def held(points) -> list[tuple[int, int]]:
        """Points on the slide in EMU, kept inside the map's frame."""
        return [
            (
                Emu(int(Inches(left + min(max(x, 0), window.width) * scale))),
                Emu(int(Inches(top + min(max(y, 0), window.height) * scale))),
            )
            for x, y in points
        ]

    def filled(pieces, colour: str, name: str, said: str = "") -> None:
        rings = [ring for piece in pieces if len(set(ring := held(piece))) > 2]
        _filled(page, rings, colour, name, said)

    corners = [(0, 0), (window.width, 0), (window.width, window.height), (0, window.height)]
    filled([corners], PALETTE.sea, "Sea", said)
    land = map_svg.land(window, COAST)
    filled(land.pop("", []), PALETTE.land, "Land")
    own = [ring for iso3 in tints for ring in land.pop(iso3, [])]
    filled([ring for rings in land.values() for ring in rings], PALETTE.member, "Land of members")
    filled(own, PALETTE.own, "Land of the member")
    for kind, lines in map_svg.borders(window, COAST).items():
        if pieces := [held(line) for line in lines]:
            dash = MSO_LINE.ROUND_DOT if kind == "dotted" else None
            _line(page, pieces, PALETTE.border, 0.75, dash, f"Boundaries, {kind}")
    for route_id in dict.fromkeys(line.route.id for line in drawing.lines):
        mine = [line for line in drawing.lines if line.route.id == route_id]
        route, colour = mine[0].route, PALETTE.tones[mine[0].route.tone]
        _line(page, [held(line.points) for line in mine], colour, 2, DASHES[route.strength], f"{route_id} {route.name}")
        filled([_head(line.arrow) for line in mine], colour, f"Arrows of {route_id}")
    filled([_dot(x, y) for place, x, y in drawing.dots if not place.sea], PALETTE.text, "Places")
    ties = [label.tie for label in drawing.labels if label.tie]
    ties += [(badge.tie, (badge.x, badge.y)) for badge in drawing.badges if badge.tie]
    if ties:
        _line(page, [held(tie) for tie in ties], PALETTE.text, 0.75, None, "What stands aside")
    for badge in drawing.badges:
        _written(page, at, badge.box, str(badge.route.number), "FFFFFF", PALETTE.tones[badge.route.tone], True)
    for tab in drawing.tabs:
        numbers = ", ".join(map(str, tab.routes))
        _written(page, at, tab.box, f"{numbers} {tab.text}", PALETTE.text, PALETTE.paper)
    for label in drawing.labels:
        _written(page, at, label.box, label.text, PALETTE.text, "", label.strong)


def _written(page, at: tuple[float, float, float], area: Box, text: str, colour: str, fill: str, bold: bool = False) -> None:
    """Words in a box of the map; the box grows to both sides where the slide's font is wider than the drawing's."""
    left, top, scale = at
    x, y, right, bottom = area
    line = [(text, max(10, round(SIZE * scale * 72)), colour.lstrip("#"), bold)]
    made = box(page, left + x * scale, top + y * scale, (right - x) * scale, (bottom - y) * scale, line, 0, fill.lstrip("#"))
    frame = made.text_frame
    frame.word_wrap = False
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    frame.paragraphs[0].alignment = PP_ALIGN.CENTER
    frame.vertical_anchor = MSO_ANCHOR.MIDDLE


def _head(arrow: tuple[float, float, float]) -> list[tuple[float, float]]:
    x, y, turn = arrow
    ahead, aside = (math.cos(turn), math.sin(turn)), (-math.sin(turn), math.cos(turn))
    back = (x - 6 * ahead[0], y - 6 * ahead[1])
    return [(x, y), *((back[0] + side * aside[0], back[1] + side * aside[1]) for side in (3, -3))]


def _dot(x: float, y: float) -> list[tuple[float, float]]:
    return [(x + 2.4 * math.cos(k * math.pi / 4), y + 2.4 * math.sin(k * math.pi / 4)) for k in range(8)]


def _filled(page, rings: list, colour: str, name: str, said: str = "") -> None:
    """All rings as one shape without a line around it; a ring inside another is a hole."""
    if not rings:
        return
    shape = _freeform(page, rings, True, name)
    if said:
        shape._element.nvSpPr.cNvPr.set("descr", clean(said))
    shape.fill.solid()
    shape.fill.fore_color.rgb = RGBColor.from_string(colour.lstrip("#"))
    shape.line.fill.background()


def _line(page, pieces: list, colour: str, width: float, dash, name: str) -> None:
    """All pieces of a line as one shape."""
    shape = _freeform(page, pieces, False, name)
    shape.fill.background()
    shape.line.color.rgb = RGBColor.from_string(colour.lstrip("#"))
    shape.line.width = Pt(width)
    if dash:
        shape.line.dash_style = dash


def _freeform(page, pieces: list, close: bool, name: str):
    """One shape of many pieces. Its path is written here: the library's own builder takes half a minute for a coast."""
    xs, ys = [int(x) for piece in pieces for x, _ in piece], [int(y) for piece in pieces for _, y in piece]
    left, top = min(xs), min(ys)
    builder = page.shapes.build_freeform(left, top, scale=1.0)
    builder.add_line_segments([(max(xs), max(ys))], close=False)
    shape = builder.convert_to_shape()
    shape._element.remove(shape._element.find(qn("p:style")))  # the theme's shadow would make a coast look like a cliff
    shape.name = clean(name)
    path = shape._element.find(".//" + qn("a:path"))
    path[:] = []
    for piece in pieces:
        for n, (x, y) in enumerate(piece):
            step = etree.SubElement(path, qn("a:lnTo" if n else "a:moveTo"))
            etree.SubElement(step, qn("a:pt"), x=str(int(x) - left), y=str(int(y) - top))
        if close:
            etree.SubElement(path, qn("a:close"))
    return shape
