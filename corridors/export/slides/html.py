"""One slide as HTML with inline styles only: the same on the page Present, in the pack and on paper.

One sentence, one picture, one line of source. Sizes are in `--u`, a hundredth of the width or a 57th of the height that is
free, whichever is less, so that a slide always fits: on a screen of 1920 by 1080 the sentence has 60 pixels, everything else
32, only foot and the map's own words 24. The styles belong to these elements alone; nothing outside is touched.
"""

import re
from html import escape

from corridors.catalog import words
from corridors.charts import data_address, map_svg, theme
from corridors.export.slides import svg as slide_svg
from corridors.export.slides.model import Fact, Series, Slide, Stack
from corridors.views.maps import Map

STANDING = "Names and groupings imply no opinion on the status of any territory or boundary."
SMALLEST = "max(13px,calc(var(--u)*1.42))"
TITLE, TEXT = 3.56, 1.9  # units: 60 and 32 pixels on a screen of 1920 by 1080
COVER = 11  # units above the title of the first slide
LINE = 56  # letters of the title in one line


def palette(dark: bool | None = False) -> str:
    """The colours as custom properties."""
    own = ";".join(f"--{name}:{value}" for name, value in (theme.DARK if dark else theme.LIGHT).items())
    return f"{own};{map_svg.properties(bool(dark))}"


def body(
    slide: Slide, count: int, edition_id: str, colours: str = "", room: str = "100vh - 112px", drawn: bool = False
) -> str:
    """The slide. `count` is how many there are; `colours` come from `palette`, or from the page around; `room` is the
    free height in CSS.

    `drawn` puts the picture in as an image with its colours inside: Streamlit takes SVG out of HTML, but leaves images.
    """
    inner = _columns(slide, colours if drawn else "") if slide.kind != "title" else _points(slide, 2.0)
    lead = (
        f'<p style="{_type(TEXT)};margin:calc(var(--u)*.5) 0 0;color:var(--quiet);'
        f'max-width:calc(var(--u)*96)">{escape(slide.lead)}</p>'
        if slide.lead
        else ""
    )
    cover = slide.kind == "title"
    stand = "flex:1;display:flex;flex-direction:column;justify-content:" + (
        "flex-start" if cover or not (slide.picture or slide.facts) else "center"
    )
    big = 4.6 if cover else TITLE
    return (
        f'<div style="container-type:inline-size;{colours}"><section aria-label="Slide {slide.number} of '
        f'{count}" style="--u:min(1cqw,calc(({room}) / 57));display:flex;'
        "flex-direction:column;min-height:calc(var(--u)*57);color:var(--ink);"
        'background:var(--ground);line-height:1.3">'
        f'<h1 style="{_type(big)};line-height:1.16;font-weight:700;margin:{f"calc(var(--u)*{COVER})" if cover else "0"} '
        f'0 0;padding:0;letter-spacing:-.01em;color:var(--ink)">{_mark(slide)}{escape(slide.title)}</h1>{lead}'
        f'<div style="{stand};padding:calc(var(--u)*{1 if slide.picture or slide.facts else 2.5}) '
        f'0 calc(var(--u)*1)">{inner}</div>'
        f"{_foot(slide, count, edition_id)}</section></div>"
    )


def _mark(slide: Slide) -> str:
    """The label, in the corner above: whoever sees the screen first sees how far it may travel."""
    above = f"calc(var(--u)*{-COVER})" if slide.kind == "title" else "0"
    return (
        f'<span style="font-size:{SMALLEST};float:right;background:var(--ink);color:var(--ground);padding:0 .5em;'
        f'margin:{above} 0 0 1em;font-weight:700;letter-spacing:0;white-space:nowrap">TLP:{escape(slide.tlp)}</span>'
    )


def picture_height(slide: Slide) -> float:
    """How tall the picture may be, in units: what title, lead and foot leave."""
    return (
        44.5
        - (4.2 if len(slide.title) > LINE else 0)
        - (4.2 if len(slide.title) > 2 * LINE else 0)
        - (3 if slide.lead else 0)
    )


def _type(size: float) -> str:
    return f"font-size:max(14px,calc(var(--u)*{size:g}))"


def alt(slide: Slide) -> str:
    """The picture of a slide in words."""
    if isinstance(slide.picture, Map):
        return slide.picture.alt
    if isinstance(slide.picture, Series):
        said = "; ".join(f"{int(r.year)}: {words.figure(r)}" for r in slide.picture.rows.itertuples())
        ahead = slide.picture.ahead
        rest = () if ahead is None else ahead.itertuples()
        expected = [f"{r.year}: {words.number(r.lower_80)} to {words.number(r.upper_80)}" for r in rest]
        band = f". As a band after it, a projection and no figure (80 in 100): {'; '.join(expected)}" if expected else ""
        return f"{slide.title}. By year, {slide.picture.unit}: {said}{band}"
    if isinstance(slide.picture, Stack):
        said = "; ".join(
            f"{label}: " + ", ".join(f"{counts[n]} {name}" for name, counts in slide.picture.parts)
            for n, label in enumerate(slide.picture.labels)
        )
        return f"{slide.title}. {said}"
    return slide.title


def picture_svg(slide: Slide) -> str:
    """The picture of a slide with colours that the page around fills in; empty where there is none."""
    picture = slide.picture
    if isinstance(picture, Map):
        return picture.svg(None, style=slide_svg.whole_width(picture_height(slide)))
    if isinstance(picture, Series):
        return slide_svg.series(picture, alt(slide), picture_height(slide))
    return slide_svg.stack(picture, alt(slide), picture_height(slide)) if isinstance(picture, Stack) else ""


def _image(svg: str, said: str, colours: str) -> str:
    """The drawing as an image that carries its own colours."""
    address = data_address(svg.replace('style="', f'style="{colours};', 1))
    tall = re.search(r"max-height:([^;]+);", svg).group(1)
    return (
        f'<img alt="{escape(said, quote=True)}" src="{address}" '
        f'style="width:100%;max-height:{tall};object-fit:contain;object-position:left;display:block">'
    )


def _columns(slide: Slide, colours: str) -> str:
    """The picture alone; or facts in a grid; or points."""
    if picture := picture_svg(slide):
        return _image(picture, alt(slide), colours) if colours else picture
    if not slide.facts:
        return _points(slide, 2.4 if len(slide.points) < 5 else TEXT)
    many = 2 if len(slide.facts) in (2, 4) else 3
    cards = "".join(map(_fact, slide.facts))
    return (
        '<div style="display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,max(15rem,'
        f'{90 / many:.0f}%)),1fr));gap:calc(var(--u)*1.2)">{cards}</div>{_points(slide, TEXT)}'
    )


def _fact(fact: Fact) -> str:
    """A card: label, amount, unit and period, and what it may be used for; its limit and publisher are in the notes."""
    return (
        '<div style="background:var(--card);border-left:calc(var(--u)*.3) solid var(--line);padding:calc(var(--u)*.7) '
        'calc(var(--u)*1.1);width:100%;box-sizing:border-box;line-height:1.2">'
        f'<div style="{_type(TEXT)};font-weight:600">{escape(fact.label)}</div>'
        f'<div style="{_type(3.2)};font-weight:700;line-height:1.1">{escape(fact.amount)}</div>'
        f'<div style="{_type(TEXT)}">{escape(fact.line)}</div>'
        f'<div style="{_type(TEXT)};color:var(--quiet)">{escape(fact.use or fact.grade)}</div></div>'
    )


def _points(slide: Slide, size: float) -> str:
    if not slide.points:
        return ""
    items = "".join(f'<li style="{_type(size)};margin:calc(var(--u)*.5) 0">{escape(p)}</li>' for p in slide.points)
    return f'<ul style="margin:calc(var(--u)*.6) 0 0;padding-left:calc(var(--u)*2)">{items}</ul>'


def _foot(slide: Slide, count: int, edition_id: str) -> str:
    """The source line, and the line that is always there: label, number, edition, standing line."""
    line = f"<div>{escape(slide.source_line)}</div>" if slide.source_line else ""
    mark = (
        '<span style="background:var(--ink);color:var(--ground);padding:0 .5em;font-weight:700;'
        f'white-space:nowrap">TLP:{escape(slide.tlp)}</span>'
        f'<span style="font-weight:700;white-space:nowrap">{slide.number} / {count}</span>'
    )
    return (
        f'<footer style="font-size:{SMALLEST};line-height:1.3;color:var(--quiet);border-top:2px '
        f'solid var(--rule);padding-top:calc(var(--u)*.5)">{line}'
        '<div style="display:flex;flex-wrap:wrap;gap:0 1em;align-items:baseline;'
        f'color:var(--ink);margin-top:calc(var(--u)*.3)">{mark}'
        f'<span style="color:var(--quiet)">Edition {escape(edition_id)} · {STANDING}</span></div></footer>'
    )
