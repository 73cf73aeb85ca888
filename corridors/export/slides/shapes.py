"""What a slide file is drawn with: boxes of words, and the map as shapes that can be edited."""

from __future__ import annotations

import re

from lxml import etree
from pptx.dml.color import RGBColor
from pptx.enum.dml import MSO_LINE
from pptx.oxml.ns import qn
from pptx.util import Emu, Inches, Pt

from corridors.charts import theme
from corridors.export import map as routes
from corridors.export.slides import map
from corridors.export.slides.model import RouteMap

NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
INK, QUIET, LINE, CARD, RULE = (theme.LIGHT[name].lstrip("#") for name in ("ink", "quiet", "line", "card", "rule"))
DASHES = {"strong": None, "fair": MSO_LINE.DASH, "weak": MSO_LINE.SQUARE_DOT, "none": MSO_LINE.ROUND_DOT}
COAST = 4.0  # points of the coast nearer than this on a drawing 1,760 wide are one


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


def draw_map(page, told: RouteMap, left: float, top: float, width: float, height: float) -> None:
    """The map as shapes that can be edited: sea, land without inner lines, legs, names, legend."""
    scale = min(width / map.WIDTH, height / map.HEIGHT)
    window = map.window_of(told.legs)
    deep = map.DEEP

    def held(points) -> list[tuple[int, int]]:
        """Points on the slide in EMU, kept inside the map's frame."""
        return [
            (
                Emu(int(Inches(left + min(max(x, 0), map.WIDTH) * scale))),
                Emu(int(Inches(top + min(max(y, 0), deep) * scale))),
            )
            for x, y in points
        ]

    _filled(page, [held([(0, 0), (map.WIDTH, 0), (map.WIDTH, deep), (0, deep)])], theme.LIGHT["sea"], "Sea", told.alt)
    rings: dict[str, list] = {"land": [], "member": []}
    for whose, ring in routes.coast(window, COAST):
        if len(set(points := held(ring))) > 2:
            rings[whose].append(points)
    for whose, drawn in rings.items():
        _filled(page, drawn, theme.LIGHT[whose], "Land" if whose == "land" else "Land of members")
    paths = routes.paths_of(told.legs)
    for route_id, legs in told.legs.assign(_n=range(len(told.legs))).groupby("route_id"):
        pieces = [held(piece) for n in legs._n for piece in _inside([window.at(*p) for p in paths[n]], deep)]
        if pieces:
            _line(page, pieces, legs.iloc[0], f"{route_id} {legs.route.iloc[0]}")
    _, names = map.names(told, window)
    for name in names:
        wide = len(name.said) * 0.105 + 0.2
        shift = {"start": 0.1, "middle": wide / 2, "end": wide - 0.1}[name.anchor]
        box(
            page, left + name.x * scale - shift, top + name.y * scale - 0.27, wide, 0.3, [(name.said, 12, INK, False)]
        ).text_frame.word_wrap = False
    said = (
        "Blue: smuggling; pink: trafficking; green: both. Solid: strong evidence; dashed: fair; dotted: weak or no figure."
    )
    box(page, left, top + deep * scale, width, 0.3, [(said, 14, QUIET, False)])


def _inside(points: list[tuple[float, float]], deep: float) -> list[list[tuple[float, float]]]:
    """The pieces of a path that lie on the map; a step that leaves it ends the piece."""
    pieces: list[list[tuple[float, float]]] = [[]]
    for x, y in points:
        if 0 <= x <= map.WIDTH and 0 <= y <= deep:
            pieces[-1].append((x, y))
        elif pieces[-1]:
            pieces.append([])
    return [piece for piece in pieces if len(piece) > 1]


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


def _line(page, pieces: list, leg, name: str) -> None:
    """All legs of a route as one shape; the colour says the type, the pattern how good the evidence is."""
    shape = _freeform(page, pieces, False, name)
    shape.fill.background()
    shape.line.color.rgb = RGBColor.from_string(theme.LIGHT[leg.crime].lstrip("#"))
    shape.line.width = Pt(2)
    if DASHES[leg.strength]:
        shape.line.dash_style = DASHES[leg.strength]


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
