"""Papers of a period to take away: the sheet opens in Word and bears its label; a filled form comes back through the check."""

import io
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
    assert "Meet earlier." in text and "[   ] Which law?" in text and "No forecast." in text and "own jurisdictions" in text


def test_the_label_stands_at_head_and_foot_in_twelve_points():
    section = opened().sections[0]
    for part in (section.header, section.footer):
        run = part.paragraphs[0].runs[0]
        assert run.text.startswith("TLP:AMBER") and run.font.size.pt == 12
    assert "2026-11-21-00000000" in section.footer.paragraphs[0].text


def test_an_empty_table_is_said_and_not_drawn():
    paper = opened(tables={"Figures of the corridor": (pd.DataFrame(), "No figure is held. That is not zero.")}, lessons=[])
    text = "\n".join(p.text for p in paper.paragraphs)
    assert "That is not zero." in text and "None is on record for this theme." in text


@settings(max_examples=10)
@given(st.text(st.characters(), max_size=60))
def test_whatever_stands_in_a_cell_the_sheet_opens(text):
    opened(title=text, tables={text: (pd.DataFrame({"a": [text]}), text)}, lessons=[text], checklist=[(text, [text])])


@given(st.text(max_size=200), st.sampled_from(sorted(words.DEBRIEF_QUESTIONS)))
def test_a_form_is_toml_whatever_is_typed_and_empty_answers_are_left_out(text, question):
    read = tomllib.loads(
        debrief_form.toml_text("2019", "FJI", {"worked": " ", question: text}, ["length"], "GREEN", "2020-01-15")
    )
    assert read["action"] == "2019" and read["member"] == "FJI"
    kept = [a for a in read["answer"] if a["question"] == question]
    assert [a["text"] for a in kept] == ([" ".join(text.split())] if text.strip() else [])
    assert all(a["tlp"] == "GREEN" for a in read["answer"])
