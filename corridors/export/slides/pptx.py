"""A meeting as a slide file (PPTX): native charts that can be edited, the map as shapes, the foot on each slide, notes
filled in.

Wide format, 13.333 by 7.5 inches. A range cannot be a point of a native chart: it is said in words beneath, and its
year is a gap.
"""

import io
import textwrap

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_MARKER_STYLE
from pptx.enum.dml import MSO_LINE, MSO_PATTERN
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from corridors.catalog import words
from corridors.export import drawing
from corridors.export.slides import html, shapes
from corridors.export.slides.model import Deck, Fact, Series, Slide, Stack
from corridors.export.slides.shapes import CARD, INK, LINE, QUIET, RULE
from corridors.export.tables import safe
from corridors.views.maps import Map

LEFT, WIDE, TOP, BELOW = 0.55, 12.23, 1.5, 6.05  # inches: the margins of a slide, and where its foot begins
AHEAD = {"upper end (80 in 100)": "upper_80", "middle": "middle", "lower end (80 in 100)": "lower_80"}
RANGES = 8  # ranges said in words beneath a chart


def pptx_bytes(deck: Deck) -> bytes:
    """The whole deck as a slide file. Its label is the strictest of its slides."""
    file = Presentation()
    file.slide_width, file.slide_height = Inches(13.333), Inches(7.5)
    about = file.core_properties
    about.title, about.subject, about.author = shapes.clean(deck.title), f"TLP:{deck.tlp}", "Corridors"
    about.comments = f"Edition {deck.edition_id}, shown up to TLP:{deck.ceiling}"
    for slide in deck.slides:
        _page(file, slide, deck)
    buffer = io.BytesIO()
    file.save(buffer)
    return buffer.getvalue()


def _page(file, slide: Slide, deck: Deck) -> None:
    page = file.slides.add_slide(
        file.slide_layouts[5]
    )  # title only: the title is then also the slide's name for a screen reader
    title = page.shapes.title
    cover = slide.kind == "title"
    big = 40 if cover else 30  # 60 pixels of a screen of 1920
    above, tall = (2.0 if cover else 0.3), lines(slide.title, big) * big * 1.2 / 72 + 0.1
    title.left, title.top, title.width, title.height = (Inches(n) for n in (LEFT, above, WIDE, tall))
    title.text_frame.word_wrap = True
    title.text_frame.vertical_anchor = MSO_ANCHOR.TOP
    title.text_frame.margin_top = title.text_frame.margin_bottom = Inches(0.05)
    shapes.write(title.text_frame.paragraphs[0], slide.title, big, INK, bold=True)
    title.text_frame.paragraphs[0].alignment = PP_ALIGN.LEFT
    top = max(above + tall + 0.1, TOP)
    if slide.lead:
        high = lines(slide.lead, 18) * 18 * 1.2 / 72 + 0.1
        shapes.box(page, LEFT, above + tall, WIDE, high, [(slide.lead, 18, QUIET, False)])
        top = max(top, above + tall + high + 0.1)
    low = BELOW - (0.7 if slide.points and (slide.picture or slide.facts) else 0)
    ranges = _picture(page, slide, top, low)
    if slide.facts:
        _facts(page, slide, top, low)
    points = [*slide.points, *([ranges] if ranges else [])]
    if points:
        alone = not (slide.picture or slide.facts)
        shapes.box(
            page,
            LEFT,
            top if alone else low + 0.08,
            WIDE,
            (low - top) if alone else 0.6,
            [(f"• {p}", 26 if alone and len(points) < 5 else 22 if alone else 16, INK, False) for p in points],
            gap=10 if alone else 2,
        )
    _foot(page, slide, deck)
    _notes(page, slide, deck)


def lines(text: str, size: float) -> int:
    """How many lines words of this size take at most in the width of a slide: a bold letter is hardly ever wider than 0.55 of it."""
    per_line = int((WIDE - 0.2) * 72 / (size * 0.55))
    return len(textwrap.wrap(text, per_line)) or 1


def _facts(page, slide: Slide, top: float, low: float) -> None:
    """Cards in rows of three or two."""
    columns = 2 if len(slide.facts) in (2, 4) else 3
    rows = -(-len(slide.facts) // columns)
    wide, tall = (WIDE - 0.2 * (columns - 1)) / columns, min((low - top - 0.15 * (rows - 1)) / rows, 2.2)
    for n, fact in enumerate(slide.facts):
        _fact(page, fact, LEFT + (n % columns) * (wide + 0.2), top + (n // columns) * (tall + 0.15), wide, tall)


def _fact(page, fact: Fact, left: float, top: float, width: float, height: float) -> None:
    long = len(fact.line) > 90
    shapes.box(
        page,
        left,
        top,
        width,
        height,
        [
            (fact.label, 16, INK, True),
            (fact.amount, 28, INK, True),
            (fact.line, 13 if long else 16, INK, False),
            (fact.use or fact.grade, 13 if long else 16, QUIET, False),
        ],
        gap=0,
        fill=CARD,
    )


def _picture(page, slide: Slide, top: float, low: float) -> str:
    """Draws the picture; returns what it could not draw, in words."""
    picture = slide.picture
    where = (Inches(LEFT), Inches(top), Inches(WIDE), Inches(low - top))
    if isinstance(picture, Series):
        return _series(page, slide, picture, where)
    if isinstance(picture, Stack):
        _stack(page, slide, picture, where)
    elif isinstance(picture, Map):
        shapes.draw_map(page, picture, LEFT, top, WIDE, low - top + 0.2)
    return ""


def _series(page, slide: Slide, chosen: Series, where) -> str:
    """A line chart: a missing year is a gap, each side of a break a series of its own, a year that is not over stands
    apart, and what is expected after them is three dashed lines.
    """
    rows = drawing.known(chosen.rows)
    ahead = [] if chosen.ahead is None else list(chosen.ahead.itertuples())
    years = list(range(int(rows.year.min()), int(rows.year.max()) + 1))
    starts = sorted(b for b, _ in chosen.breaks if years[0] < b <= years[-1])
    ends = [*starts, years[-1] + 1]
    points = {int(r.year): drawing.middle(r) for r in rows.itertuples() if not drawing.wide(r)}
    unfinished = {int(r.year) for r in rows.itertuples() if getattr(r, "status", "") == "provisional"}
    data = CategoryChartData()
    data.categories = [*map(str, years), *(str(r.year) for r in ahead)]
    first = years[0]
    for end in ends:
        name = f"{chosen.unit}, {first}–{end - 1}" if starts else chosen.unit
        data.add_series(
            safe(shapes.clean(name)), [points.get(y) if first <= y < end and y not in unfinished else None for y in years]
        )
        first = end
    if unfinished & points.keys():
        data.add_series("year not over", [points.get(y) if y in unfinished else None for y in years])
    begin = [*[None] * (len(years) - 1), drawing.middle(rows.iloc[-1])]
    for name, end in AHEAD.items() if ahead else ():
        data.add_series(f"projection, {name}", [*begin, *(getattr(r, end) for r in ahead)])
    shape = page.shapes.add_chart(XL_CHART_TYPE.LINE_MARKERS, *where, data)
    chart = _plain(shape, slide, legend=bool(starts or unfinished))
    _gaps(chart)
    for n, line in enumerate(chart.plots[0].series):
        line.smooth = False
        line.format.line.width = Pt(3)
        line.format.line.color.rgb = RGBColor.from_string(LINE)
        line.marker.style, line.marker.size = XL_MARKER_STYLE.CIRCLE, 8
        if line.name.startswith("projection"):
            line.format.line.width, line.format.line.dash_style = Pt(1.5), MSO_LINE.DASH
            line.marker.style = XL_MARKER_STYLE.NONE
            continue
        hollow = bool(unfinished) and n == len(data) - 1 - len(ahead and AHEAD)
        line.marker.format.fill.solid()
        line.marker.format.fill.fore_color.rgb = RGBColor.from_string("FFFFFF" if hollow else LINE)
        line.marker.format.line.color.rgb = RGBColor.from_string(LINE)
    low, _ = drawing.span(rows)
    if low >= 0:
        chart.value_axis.minimum_scale = 0
    ranged = [f"{int(r.year)}: {words.figure(r)}" for r in rows.itertuples() if drawing.wide(r)]
    if not ranged:
        return ""
    more = f"; and {len(ranged) - RANGES} more years" if len(ranged) > RANGES else ""
    return f"Only a range is known, so no point is drawn: {'; '.join(ranged[-RANGES:])}{more}"


def _gaps(chart) -> None:
    """Says in the file that an empty cell is a gap and not a zero."""
    element = chart._chartSpace.chart
    blanks = element.find(qn("c:dispBlanksAs"))
    if blanks is None:
        blanks = element.makeelement(qn("c:dispBlanksAs"), {})
        after = element.find(qn("c:plotVisOnly"))
        after.addnext(blanks) if after is not None else element.append(blanks)
    blanks.set("val", "gap")


def _stack(page, slide: Slide, chosen: Stack, where) -> None:
    data = CategoryChartData()
    data.categories = [safe(shapes.clean(label)) for label in chosen.labels[::-1]]
    for name, counts in chosen.parts:
        data.add_series(safe(shapes.clean(name)), [n or None for n in counts[::-1]])
    chart = _plain(page.shapes.add_chart(XL_CHART_TYPE.BAR_STACKED, *where, data), slide, legend=True)
    plot = chart.plots[0]
    plot.gap_width, plot.overlap = 45, 100
    chart.value_axis.maximum_scale, chart.value_axis.minimum_scale = chosen.total, 0
    for n, part in enumerate(plot.series):
        part.format.line.color.rgb = RGBColor.from_string(LINE)
        if n == 1:
            part.format.fill.patterned()
            part.format.fill.pattern = MSO_PATTERN.WIDE_UPWARD_DIAGONAL
            part.format.fill.fore_color.rgb, part.format.fill.back_color.rgb = (
                RGBColor.from_string("9DB6CC"),
                RGBColor(255, 255, 255),
            )
        else:
            part.format.fill.solid()
            part.format.fill.fore_color.rgb = RGBColor.from_string(LINE if n == 0 else "FFFFFF")
        labels = part.data_labels
        labels.show_value = True
        labels.font.size, labels.font.bold = Pt(16), True
        labels.font.color.rgb = RGBColor.from_string("FFFFFF" if n == 0 else INK)


def _plain(shape, slide: Slide, legend: bool):
    """The chart without ornaments: its message is the slide's title; its words for a screen reader are in the file."""
    shape._element.nvGraphicFramePr.cNvPr.set("descr", shapes.clean(html.alt(slide)))
    shape.name = "Chart"
    chart = shape.chart
    chart.has_title, chart.has_legend = False, legend
    chart.font.size = Pt(16)
    chart.font.color.rgb = RGBColor.from_string(INK)
    if legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
    chart.value_axis.major_gridlines.format.line.color.rgb = RGBColor.from_string(RULE)
    chart.value_axis.tick_labels.number_format, chart.value_axis.tick_labels.number_format_is_linked = "#,##0.##", False
    if all(float(v).is_integer() for part in chart.plots[0].series for v in part.values if v is not None):
        chart.value_axis.tick_labels.number_format = "#,##0"
    chart.value_axis.format.line.fill.background()
    return chart


def _foot(page, slide: Slide, deck: Deck) -> None:
    """The label in the corner above; the source line; then label, number, edition, standing sentence."""
    corner = shapes.box(page, LEFT, 0.0, WIDE, 0.3, [(f"TLP:{slide.tlp}", 13, INK, True)], gap=0)
    corner.text_frame.paragraphs[0].alignment = PP_ALIGN.RIGHT
    if slide.source_line:
        shapes.box(page, LEFT, BELOW + 0.4, WIDE, 0.5, [(slide.source_line, 12, QUIET, False)], gap=0)
    shapes.box(page, LEFT, 7.02, 2.6, 0.35, [(f"TLP:{slide.tlp}   {slide.number} / {len(deck.slides)}", 13, INK, True)])
    shapes.box(
        page, LEFT + 2.6, 7.04, WIDE - 2.6, 0.35, [(f"Edition {deck.edition_id} · {html.STANDING}", 10.5, QUIET, False)]
    )


def _notes(page, slide: Slide, deck: Deck) -> None:
    """What to say, how long, and all caveats and grade reasons in full for whoever asks."""
    lines = [
        slide.note or "No note was written for this slide.",
        f"Minutes: {slide.minutes:g}" if slide.minutes else "",
        *(["If somebody asks:", *slide.details] if slide.details else []),
        f"TLP:{slide.tlp} · Corridors, edition {deck.edition_id}",
    ]
    page.notes_slide.notes_text_frame.text = shapes.clean("\n".join(line for line in lines if line))
