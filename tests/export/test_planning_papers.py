"""Papers of a period to take away: the sheet opens in Word and bears its label; a filled form comes back through the check."""

import io
import math
import tomllib

import pandas as pd
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from corridors.catalog import words
from corridors.export import debrief_form, planning_sheet

FRAME = pd.DataFrame({"Member": ["Fiji"], "On record": ["2018: took part"]})


def opened(**changes) -> Document:
    given_ = {
        "title": "From Viet Nam to New Zealand",
        "tables": {"Who is on the routes": (FRAME, "No forecast.")},
        "lessons": ["Meet earlier."],
        "checklist": [("Privacy", ["Which law?"])],
        "edition_id": "2026-11-21-00000000",
        "tlp": "AMBER",
    }
    return Document(io.BytesIO(planning_sheet.docx_bytes(**{**given_, **changes})))


def test_the_sheet_has_the_statements_headings_and_what_is_known():
    paper = opened()
    headings = [p.text for p in paper.paragraphs if p.style.name.startswith(("Heading", "Title"))]
    for heading in (
        "Goals and objectives",
        "Roles and responsibilities",
        "Assistance required",
        "Identified levels of assistance",
        "Dates",
    ):
        assert heading in headings
    cells = [c.text for t in paper.tables for r in t.rows for c in r.cells]
    assert "Fiji" in cells and "2018: took part" in cells
    text = "\n".join(p.text for p in paper.paragraphs)
    assert "Meet earlier." in text and "Privacy: [   ] Which law?" in text and "No forecast." in text
    assert "own jurisdictions" in text


def test_the_label_stands_at_head_and_foot_in_twelve_points():
    section = opened().sections[0]
    for part in (section.header, section.footer):
        run = part.paragraphs[0].runs[0]
        assert run.text.startswith("TLP:AMBER") and run.font.size.pt == 12
    assert "2026-11-21-00000000" in section.footer.paragraphs[0].text


def test_the_sheet_is_three_pages_of_a4_and_what_has_no_room_is_counted():
    many = pd.DataFrame(
        {"Member": [f"Member {n}" for n in range(45)], "On record": ["2018: took part; 2019: took part; " * 4] * 45}
    )
    tables = {f"Part {n}": (many, "A note.") for n in range(4)}
    checklist = [("Privacy", ["Which law holds for what is handed over, and who asks whom?"] * 4)] * 5
    paper = opened(tables=tables, lessons=["A lesson that says much. " * 8] * 3, checklist=checklist, tools=many)
    section = paper.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    breaks = [n for n, part in enumerate(paper.element.body) if part.xpath(".//w:pageBreakBefore")]
    assert len(breaks) == 2, "three pages"
    parts = list(paper.element.body)
    usable = (section.page_height - section.top_margin - section.bottom_margin) / 12700
    width = (section.page_width - section.left_margin - section.right_margin) / 12700
    for first, end in zip([0, *breaks], [*breaks, len(parts)]):
        assert sum(height(part, width) for part in parts[first:end]) <= usable
    said = [p.text for p in paper.paragraphs if " under Planning aid." in p.text]
    assert len(said) == 5 and all(int(text.split()[0]) > 30 for text in said)


def height(part, width: float) -> float:
    """Points that a paragraph or table takes with letters half as wide as high, 9.5 points in words and 9 in tables."""
    if part.tag.endswith("}tbl"):
        rows = part.xpath("./w:tr")
        total = 0.0
        for row in rows:
            lines = [
                math.ceil(len("".join(t.text or "" for t in cell.xpath(".//w:t"))) * 4.5 / (float(w) / 20 - 11))
                if (w := (cell.xpath("./w:tcPr/w:tcW/@w:w") or [0])[0]) and float(w) > 300
                else 1
                for cell in row.xpath("./w:tc")
            ]
            fixed = [float(h) / 20 for h in row.xpath("./w:trPr/w:trHeight/@w:val")]
            total += max([11.0 * max(lines) + 1, *fixed])
        return total
    if not part.tag.endswith("}p"):
        return 0.0
    text = "".join(t.text or "" for t in part.xpath(".//w:t"))
    style = (part.xpath("./w:pPr/w:pStyle/@w:val") or ["Normal"])[0]
    size, around = {"Title": (18, 12), "Heading1": (13, 10), "Heading2": (10.5, 7)}.get(style, (9.5, 2))
    return math.ceil(len(text) * size * 0.5 / width) * size * 1.22 + around


def test_an_empty_table_is_said_and_not_drawn():
    paper = opened(tables={"Figures of the corridor": (pd.DataFrame(), "No figure is held. That is not zero.")}, lessons=[])
    text = "\n".join(p.text for p in paper.paragraphs)
    assert "That is not zero." in text and "None is on record for this theme." in text


@settings(max_examples=10)
@given(st.text(st.characters(), max_size=60))
def test_whatever_stands_in_a_cell_the_sheet_opens(text):
    opened(
        title=text,
        tables={text: (pd.DataFrame({"a": [text]}, dtype="object"), text)},
        lessons=[text],
        checklist=[(text, [text])],
    )


@given(st.text(max_size=200), st.sampled_from(sorted(words.DEBRIEF_QUESTIONS)))
def test_a_form_is_toml_whatever_is_typed_and_empty_answers_are_left_out(text, question):
    read = tomllib.loads(
        debrief_form.toml_text("2019", "FJI", {"worked": " ", question: text}, ["length"], "GREEN", "2020-01-15")
    )
    assert read["action"] == "2019" and read["member"] == "FJI"
    kept = [a for a in read["answer"] if a["question"] == question]
    assert [a["text"] for a in kept] == ([" ".join(text.split())] if text.strip() else [])
    assert all(a["tlp"] == "GREEN" for a in read["answer"])
