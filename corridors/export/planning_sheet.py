"""A planning sheet as a DOCX to fill in, three pages of A4: the founding statement's own headings, what is known about the focus,
and tools, lessons and questions. What there is no room for is counted and stands under Planning aid.
"""

import io
import math
import re
from collections.abc import Mapping, Sequence

import pandas as pd
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm, Pt

from corridors.export.brief.document import in_a_file_name
from corridors.views.planning import Aid

# What the statement of 19 May 2015 wants clear before an action, in its order; under each a word on what to write.
HEADINGS = {
    "Goals and objectives": "What shall be different afterwards, for whom, and by what would it show?",
    "Roles and responsibilities": "Each authority in its own jurisdiction: who does what, and who is the contact?",
    "Assistance required": "From members, INTERPOL, the Regional Support Office and organisations; since when asked.",
    "Identified levels of assistance": "What each has said it can give: full, partial, advice only.",
    "Dates": "Planning meeting, days of action, progression, debrief. Who speaks to the press, and when.",
}
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
BLANK_ROWS = 4
FONT = "Arial"  # or what has its measures: on every machine of an office
WIDE, TALL = (
    180.0 / 25.4 * 72,
    640.0,
)  # points: between the margins, and what of a page's 730 tables and words may take by our count
LETTER, LINE = 4.7, 11.5  # points of a letter and a line of a table, at most: Word's own fonts are narrower
NO_FIGURE = "No figure is held for this pair, or no pair was chosen. That is not zero."
RECORD_NOTE = "What stands under “On record” is taken from public pages. It is no forecast of what a member will do."


def docx_bytes(
    title: str,
    tables: Mapping[str, tuple[pd.DataFrame, str]],
    lessons: Sequence[str],
    checklist: Sequence[tuple[str, Sequence[str]]],
    edition_id: str,
    tlp: str = "CLEAR",
    tools: pd.DataFrame | None = None,
) -> bytes:
    """The sheet as a Word file.

    `tables`: heading → (frame, what to say when it is empty or beneath it). `checklist`: (group, questions). The TLP label stands
    in header and footer of every page; the edition in the footer.
    """
    paper = Document()
    _paper(paper, edition_id, tlp)
    paper.add_heading("Planning sheet for a Joint Period of Action", 0)
    paper.add_paragraph(f"Focus: {_clean(title)}")
    paper.add_paragraph(
        "A draft to be filled in by those who plan. States act in their own jurisdictions; this sheet proposes, it does not commit anybody. "
        "Write no name of a victim, a suspect or a private person into it."
    )
    paper.add_heading("To be agreed", 1)
    for heading, hint in HEADINGS.items():
        paper.add_heading(heading, 2)
        paper.add_paragraph(hint).runs[0].italic = True
        _blank(paper, ("What", "Who", "By when") if heading != "Dates" else ("Step", "From", "To"))
    paper.add_heading("What is known about the focus", 1).paragraph_format.page_break_before = True
    room = TALL
    for n, (heading, (frame, note)) in enumerate(tables.items()):
        paper.add_heading(_clean(heading), 2)
        room -= 22 + LINE * _lines(note, WIDE)
        if len(frame):
            room -= _table(paper, frame, room / (len(tables) - n))
        if note:
            paper.add_paragraph(_clean(note))
    last = paper.add_heading("Lessons on record", 1)
    last.paragraph_format.page_break_before = True
    for lesson in lessons or ["None is on record for this theme."]:
        paper.add_paragraph(_clean(lesson), style="List Bullet")
    paper.add_heading("Questions to answer before the action", 1)
    asked = [f"{_clean(group)}: [   ] {_clean(question)}" for group, questions in checklist for question in questions]
    for line in asked:
        paper.add_paragraph(line)
    if tools is not None and len(tools):
        said = [*lessons, *asked]
        paper.add_heading("Forums and tools", 1)
        _table(paper, tools, TALL - 90 - sum((LINE + 2) * _lines(line, WIDE) for line in said))
        paper.add_paragraph("Suggested uses are this product's.")
    buffer = io.BytesIO()
    paper.save(buffer)
    return buffer.getvalue()


def _paper(paper, edition_id: str, tlp: str) -> None:
    """A4 with narrow margins, small headings, and the label on each page."""
    section = paper.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(15)
    section.top_margin, section.bottom_margin = Mm(20), Mm(18)
    section.header_distance = section.footer_distance = Mm(8)
    for name, size, before in (("Normal", 9.5, 0), ("Title", 18, 0), ("Heading 1", 13, 8), ("Heading 2", 10.5, 5)):
        style = paper.styles[name]
        style.font.size, style.font.name = Pt(size), FONT
        fonts = style.element.rPr.rFonts
        for kind in [kind for kind in fonts.attrib if kind.endswith("Theme")]:
            del fonts.attrib[kind]  # a heading would keep the theme's own font
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(2)
        style.paragraph_format.line_spacing = 1.0
    _label(paper, edition_id, tlp)


def _label(paper, edition_id: str, tlp: str) -> None:
    """Label at head and foot of every page, in 12 points, as the protocol advises."""
    section = paper.sections[0]
    for part, text in ((section.header, f"TLP:{tlp}"), (section.footer, f"TLP:{tlp} · Corridors, edition {edition_id}")):
        line = part.paragraphs[0]
        line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        run = line.add_run(text)
        run.bold, run.font.size = True, Pt(12)


def _lines(text: str, width: float) -> int:
    """How many lines a text takes at most in this width, in points."""
    return math.ceil(len(text) * LETTER / max(width - 11, LETTER))


def _table(paper, frame: pd.DataFrame, room: float) -> float:
    """The rows that have room, and a line that counts the others; returns the height that it takes at most, in points."""
    texts = [[_clean(value) for value in row] for row in [tuple(frame.columns), *frame.itertuples(index=False)]]
    weights = [math.sqrt(max(map(len, column)) + 8) for column in zip(*texts)]
    widths = [WIDE * weight / sum(weights) for weight in weights]
    heights = [LINE * max(map(_lines, row, widths)) + 2 for row in texts]
    kept, used = 1, heights[0] + LINE
    while kept < len(texts) and used + heights[kept] <= room:
        used += heights[kept]
        kept += 1
    table = paper.add_table(rows=0, cols=len(widths), style="Table Grid")
    table.autofit = False
    for n, row in enumerate(texts[:kept]):
        cells = table.add_row().cells
        _fill(cells, row, bold=not n)
        for cell, width in zip(cells, widths):
            cell.width = Pt(width)
    for column, width in zip(table.columns, widths):  # what LibreOffice goes by
        column.width = Pt(width)
    if left := len(texts) - kept:
        paper.add_paragraph(f"{left} more {'is' if left == 1 else 'are'} under Planning aid.")
    return used


def _blank(paper, columns: Sequence[str]) -> None:
    table = paper.add_table(rows=1 + BLANK_ROWS, cols=len(columns), style="Table Grid")
    _fill(table.rows[0].cells, columns, bold=True)
    for row in table.rows:
        row.height = Pt(17)


def _fill(cells, values, bold: bool = False) -> None:
    for cell, value in zip(cells, values):
        run = cell.paragraphs[0].add_run(_clean(value))
        run.bold, run.font.size = bold, Pt(9)


def _clean(value) -> str:
    """Text without characters that a Word file cannot hold."""
    return NOT_XML.sub("", str(value))


def file_name(ready: Aid, edition_id: str) -> str:
    """The name of a sheet's file: its focus and the edition."""
    return f"planning-sheet-{in_a_file_name(ready.title)[:60]}-{edition_id}.docx"


def of_aid(edition_id: str, ready: Aid, label: str) -> bytes:
    """The sheet of a planning aid: everything gathered as tables, its lessons and its checklist."""
    tables = {
        "Who is on the routes": (ready.parties.drop(columns="code"), RECORD_NOTE),
        "Routes of this focus": (ready.routes, "Routes are schematic, from public literature."),
        "Figures of the corridor": (
            ready.quality,
            NO_FIGURE if ready.quality.empty else "Detected is not prevalent; masked is not zero.",
        ),
        "What is known of the members concerned": (ready.coverage, "No figure held is not zero."),
    }
    tools = ready.tools[["Forum or tool", "Suggested use", "Certainty"]]
    return docx_bytes(ready.title, tables, ready.lessons, ready.checklist, edition_id, label, tools)
