"""A meeting as PDF, one slide a page: the same slides as on screen, tagged for screen readers, the same bytes for the same edition."""

import json
import re
from pathlib import Path

import pandas as pd
import typst

from corridors.charts import theme
from corridors.export import drawing
from corridors.export.slides import html, svg
from corridors.export.slides.model import Deck, Slide
from corridors.views.maps import Map

TEMPLATE = Path(__file__).with_name("slides.typ")
STANDARD = "ua-1"  # refuses a glyph that no font has, a picture without words, a skipped heading


def pdf_bytes(deck: Deck) -> bytes:
    """The whole deck as PDF."""
    moment = int(pd.Timestamp(deck.edition_dated, tz="UTC").timestamp())
    content = json.dumps(_content(deck))
    return typst.compile(
        TEMPLATE.read_bytes(),
        sys_inputs={"deck": content},
        ignore_system_fonts=True,
        format="pdf",
        pdf_standards=STANDARD,
        timestamp=moment,
    )


def pictures(deck: Deck, ppi: int = 72) -> list[bytes]:
    """The same pages as PNG, to look at."""
    content = json.dumps(_content(deck))
    made = typst.compile(
        TEMPLATE.read_bytes(), sys_inputs={"deck": content}, ignore_system_fonts=True, format="png", ppi=ppi
    )
    return made if isinstance(made, list) else [made]


def _content(deck: Deck) -> dict:
    dated = deck.edition_dated
    return {
        "title": deck.title,
        "date": [dated.year, dated.month, dated.day],
        "edition": deck.edition_id,
        "standing": html.STANDING,
        "colours": theme.LIGHT,
        "slides": [_page(slide) for slide in deck.slides],
    }


def _page(slide: Slide) -> dict:
    return {
        "number": slide.number,
        "kind": slide.kind,
        "title": slide.title,
        "lead": slide.lead,
        "tlp": slide.tlp,
        "source": slide.source_line,
        "points": list(slide.points),
        "facts": [{"label": f.label, "amount": f.amount, "line": f.line, "use": f.use or f.grade} for f in slide.facts],
        "picture": _picture(slide),
        "alt": html.alt(slide),
    }


def _picture(slide: Slide) -> str:
    """The picture in the colours and with the font of paper; empty where there is none."""
    if isinstance(slide.picture, Map):
        return slide.picture.svg(False, font=drawing.FONT)
    drawn = html.picture_svg(slide).replace(svg.FONT, drawing.FONT)
    drawn = re.sub(r' style="width:[^"]*"', "", drawn, count=1)  # it takes the room that the page leaves
    return re.sub(r"var\(--([a-z]+)\)", lambda name: theme.LIGHT[name.group(1)], drawn)
