"""Lessons: what was learned in all periods, searchable by theme, and the form of the next debrief."""

import streamlit as st

from corridors.ui import cached, filters, lesson_parts

edition = cached.edition()

st.title("Lessons")
PARTS = {"answers": "What was learned", "form": "Debrief form"}
if filters.part("Part", PARTS, "lesson_part", "answers") == "answers":
    lesson_parts.lessons(edition, lesson_parts.theme(edition, "lesson_theme"))
else:
    lesson_parts.form(edition, cached.vocabulary())
