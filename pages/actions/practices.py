"""Practices and scenarios: what was tried, with its source, and cases to talk through around a table."""

import streamlit as st

from corridors.ui import cached, filters, lesson_parts

edition = cached.edition()

st.title("Practices and scenarios")
PARTS = {"practices": "Practices and case studies", "scenarios": "Tabletop scenarios"}
part = filters.part("Part", PARTS, "practice_part", "practices")
theme = lesson_parts.theme(edition, "practice_theme")
if part == "practices":
    st.caption("What the source says and what is suggested here are told apart. No source says what a practice has changed.")
    lesson_parts.library(cached.practices(edition), theme, "practice")
else:
    lesson_parts.library(cached.scenarios(edition), theme, "scenario")
