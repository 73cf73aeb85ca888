"""A planning sheet as a DOCX to fill in: the founding statement's own headings, and what is known about the focus."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence

import pandas as pd
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Pt

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
NO_FIGURE = "No figure is held for this pair, or no pair was chosen. That is not zero."
RECORD_NOTE = "What stands under “On record” is taken from public pages. It is no forecast of what a member will do."


def docx_bytes(
    title: str,
    tables: Mapping[str, tuple[pd.DataFrame, str]],
    lessons: Sequence[str],
    checklist: Sequence[tuple[str, Sequence[str]]],
    edition_id: str,
    tlp: str = "CLEAR",
) -> bytes:
    """The sheet as a Word file.

    `tables`: heading → (frame, what to say when it is empty or beneath it). `checklist`: (group, questions). The TLP label stands
    in header and footer of every page; the edition in the footer.
    """
    paper = Document()
    _label(paper, edition_id, tlp)
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
    paper.add_heading("What is known about the focus", 1)
    for heading, (frame, note) in tables.items():
        paper.add_heading(_clean(heading), 2)
        if len(frame):
            _table(paper, frame)
        if note:
            paper.add_paragraph(_clean(note))
    paper.add_heading("Lessons on record", 1)
    for lesson in lessons or ["None is on record for this theme."]:
        paper.add_paragraph(_clean(lesson), style="List Bullet")
    paper.add_heading("Questions to answer before the action", 1)
    for group, questions in checklist:
        paper.add_heading(_clean(group), 2)
        for question in questions:
            paper.add_paragraph(f"[   ] {_clean(question)}")
    buffer = io.BytesIO()
    paper.save(buffer)
    return buffer.getvalue()


def _label(paper, edition_id: str, tlp: str) -> None:
    """Label at head and foot of every page, in 12 points, as the protocol advises."""
    section = paper.sections[0]
    for part, text in ((section.header, f"TLP:{tlp}"), (section.footer, f"TLP:{tlp} · Corridors, edition {edition_id}")):
        line = part.paragraphs[0]
        line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        run = line.add_run(text)
        run.bold, run.font.size = True, Pt(12)


def _table(paper, frame: pd.DataFrame) -> None:
    table = paper.add_table(rows=1, cols=len(frame.columns), style="Table Grid")
    _fill(table.rows[0].cells, frame.columns, bold=True)
    for row in frame.itertuples(index=False):
        _fill(table.add_row().cells, row)


def _blank(paper, columns: Sequence[str]) -> None:
    table = paper.add_table(rows=1 + BLANK_ROWS, cols=len(columns), style="Table Grid")
    _fill(table.rows[0].cells, columns, bold=True)


def _fill(cells, values, bold: bool = False) -> None:
    for cell, value in zip(cells, values):
        run = cell.paragraphs[0].add_run(_clean(value))
        run.bold, run.font.size = bold, Pt(9)


def _clean(value) -> str:
    """Text without characters that a Word file cannot hold."""
    return NOT_XML.sub("", str(value))


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
        "Forums and tools": (ready.tools, "Suggested uses are this product's."),
    }
    return docx_bytes(ready.title, tables, ready.lessons, ready.checklist, edition_id, label)
