"""Lessons: what was learned in all periods, searchable by theme, and the form of the next debrief."""

from datetime import date

import streamlit as st

from corridors.catalog import Catalog, tlp, words
from corridors.export.debrief_form import toml_text
from corridors.ui import access, cached, filters
from corridors.views.lessons import by_question

LONGEST = 1200
LABELS = tlp.LABELS[:-1]  # what is RED must not be written down here


def lessons(edition: str, chosen: str | None) -> None:
    """Answers under the five questions, period beside period."""
    found = tuple(a for a in cached.answers(edition) if chosen is None or chosen in a.themes)
    st.markdown(
        f"**{len(found)} answer{'' if len(found) == 1 else 's'} on public record.** The five questions are those of "
        "the founding statement, so that periods can be compared. "
        "Most periods have few answers or none: their debriefs were not published."
    )
    for label, part in by_question(found):
        with st.container(border=True, gap="xsmall"):
            st.markdown(f"**{label}**")
            if not part:
                st.caption("No answer on record" + (" for this theme." if chosen else "."))
            for answer in part:
                st.markdown(f":gray-badge[{answer.action.replace('-', '–')}] {answer.text}")


def form(edition: str, vocabulary: Catalog) -> None:
    """The debrief form: what is filled in leaves as a file; nothing is kept by this page."""
    st.markdown(
        "Fill in what is worth knowing next time. **No name of a victim, a suspect or anybody else.** "
        "The page keeps nothing: it makes a file, "
        "which whoever looks after the data checks and takes over."
    )
    periods, members = (
        cached.action_names(edition),
        {m.iso3: m.name for m in sorted(vocabulary.members.values(), key=lambda m: m.name)},
    )
    labels = cached.action_themes(edition)
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        action = st.selectbox("Period", list(periods), key="form_period", format_func=lambda p: periods.get(p, p), width=160)
        member = st.selectbox(
            "Answered by",
            ["", *members],
            key="form_member",
            format_func=lambda m: members.get(m, "The meeting together"),
            width=260,
        )
        label = st.selectbox(
            "TLP label", LABELS, index=2, key="form_tlp", width=180, help="Who may see the answers. AMBER to begin with."
        )
        given = st.date_input("Given on", key="form_given", format="YYYY-MM-DD", width=180)
    themes = st.pills(
        "Themes, so that it can be found",
        list(labels),
        selection_mode="multi",
        key="form_themes",
        format_func=lambda t: labels.get(t, t),
    )
    answers = {
        key: st.text_area(label, key=f"form_{key}", max_chars=LONGEST, height=90)
        for key, label in words.DEBRIEF_QUESTIONS.items()
    }
    text = toml_text(action, member, answers, themes, label, f"{given or date.today():%Y-%m-%d}")
    access.download(
        "Download the form",
        text.encode("utf-8"),
        (),
        file_name=f"debrief_{action}_{member or 'meeting'}.toml",
        key="form_file",
        mime="application/toml",
        on_click="ignore",
        icon=":material/download:",
        disabled=not any(a and a.strip() for a in answers.values()),
    )
    st.caption(
        "Next: hand the file to whoever looks after the data. It is then shown to those whose role reaches its label."
    )


def draw(edition: str) -> None:
    """What was learned, or the form of the next debrief."""
    if filters.tabs("Show", {"answers": "What was learned", "form": "Debrief form"}, "lesson_part", "answers") == "answers":
        lessons(edition, filters.one_theme(cached.themes_used(edition), "lesson_theme"))
    else:
        form(edition, cached.vocabulary())
