"""Joint action, in parts: the periods, the group behind them, where sources differ, plans, planning, lessons, practices."""

from datetime import date

import streamlit as st

from corridors.catalog import Catalog, tlp, words
from corridors.export.debrief_form import toml_text
from corridors.ui import access, cached, cards, contents, filters, frame, plots, slideshow
from corridors.views.actions import NO_SERIES, Period
from corridors.views.lessons import Entry, by_question
from pages.actions import planning, plans

STANDING = (
    "A Joint Period of Action is no joint team: in the same days each State acts in its own jurisdiction, and authorities tell one another "
    "what they need so that nobody hinders another's investigation."
)


def periods(edition: str) -> None:
    """All periods on one line of time, with its table, and one of them in full."""
    st.markdown(STANDING)
    ready = cached.action_timeline(edition)
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**When**  \n{ready.message}")
        plots.draw(ready.figure, "plot-periods", ready.alt)
        st.caption(f"Marks are meetings; a hollow mark was planned, and whether it took place is not on record. {NO_SERIES}")
        plots.table_behind("Table", ready.table, "periods-table", "periods-frame", "The periods, as a table")
    options = cached.action_names(edition)
    period(edition, filters.tabs("Period", options, "period", next(iter(options))))  # the newest to begin with


def period(edition: str, action: str) -> None:
    """One period in full."""
    ready = cached.action_period(edition, action)
    st.header(words.as_text(ready.name))
    slideshow.present_this("action", action=action)
    st.markdown(ready.summary)
    st.markdown(ready.head)
    day = _day(action, ready)
    left, right = st.columns(2, gap="small")
    with left, st.container(border=True, height="stretch", gap="xsmall"):
        _board(edition, action, day)
    with right, st.container(border=True, height="stretch", gap="xsmall"):
        _progress(edition, action, day, ready.last)
    st.subheader("Who had which role")
    st.markdown("\n".join(f"- {line}" for line in ready.roles))
    _outcomes(ready)
    if ready.conflicts:
        st.subheader("Where sources differ")
        for text in ready.conflicts:
            st.markdown(text)


def _day(action: str, ready: Period) -> date:
    chosen = st.date_input(
        "As it stood on",
        value=ready.start,
        min_value=ready.first,
        max_value=ready.last,
        key=f"day_{action.replace('-', '_')}",
        bind="query-params",
        format="YYYY-MM-DD",  # not `required`: Streamlit then puts aria-required where ARIA forbids it; empty means the default
        width=220,
        help="Board and stage are shown as on record for this day.",
    )
    return chosen if isinstance(chosen, date) else ready.start


def _board(edition: str, action: str, day: date) -> None:
    ready = cached.action_board(edition, action, day)
    st.markdown(f"**Commitments**  \n{ready.message}")
    for label, text in ready.groups:
        st.markdown(f":gray-badge[{label}]\n\n{text}")
    st.caption("The last word of each party by that day. Where one State has two agencies, each speaks for itself.")


def _progress(edition: str, action: str, day: date, today: date) -> None:
    then, now = cached.action_progress(edition, action, day), cached.action_progress(edition, action, today)
    st.markdown(
        f"**Stage on that day**: {then.stage}" + ("" if now.stage == then.stage else f"  \n**Stage now**: {now.stage}")
    )
    for label, lines in (
        ("Done", then.done),
        ("Due", then.due),
        ("Planned, and no word on whether it took place", then.silent),
    ):
        if lines:
            st.markdown(f":gray-badge[{label}]\n\n" + "\n".join(f"- {line}" for line in lines))
    if not (then.done or then.due or then.silent):
        st.markdown("No milestone is on record by that day.")


def _outcomes(ready: Period) -> None:
    st.subheader("What came of it")
    if ready.outcomes.empty:
        st.info("No outcome has been published for this period. That is not zero.", icon=":material/help:")
        st.caption(NO_SERIES)
        return
    rows = ready.outcomes
    same = [c for c in ("Of", "Source", "Certainty", "TLP") if rows[c].nunique() == 1]  # said once, beneath
    st.table(rows.drop(columns=same), hide_index=True, alt=f"Outcomes of {ready.name}: number, unit, scope, source")
    if same:
        st.caption(". ".join(f"{c}: {rows[c].iloc[0]}" for c in same) + ".")
    st.caption(
        "Not graded: none was published with what a grade is made of, coverage and method. Source and certainty are said instead."
    )
    st.caption(f"The lines of this table are not added up either: a person may stand in several. {NO_SERIES}")
    cards.cannot_say(ready.limits)


def group(edition: str) -> None:
    """What is on record about the Working Group itself."""
    topics, milestones = cached.action_group(edition)
    cards.boxes(f"**{topic}**\n\n{text}" for topic, text in topics)
    st.subheader("Meetings of the Working Group itself")
    st.markdown("\n".join(f"- {line}" for line in milestones))


def differ(edition: str) -> None:
    """Every question on which sources differ."""
    st.markdown("Where sources contradict one another, all answers are kept. None is chosen by being shown first.")
    found = cached.action_conflicts(edition)
    cards.boxes((f":gray-badge[{key.replace('-', '–')}] " if key else "") + text for key, text in found)


def library(entries: tuple[Entry, ...], chosen: str | None, name: str) -> None:
    """Practices or scenarios of a theme, each with the routes that it is tied to."""
    found = [e for e in entries if chosen is None or chosen in e.themes]
    if not found:
        st.info(f"No {name} on this theme is on record.", icon=":material/help:")
    with st.grid(2, min_column_width=380, gap="small"):
        for entry in found:
            with st.container(border=True, height="stretch", gap="xsmall"):
                st.markdown(f"**{entry.title}** :gray-badge[{entry.kind}]\n\n{entry.text}")
                for route_id, route in entry.routes:
                    contents.link("routes", f"{route_id} · {route}", "map", route=route_id)


def practices(edition: str) -> None:
    """Practices, or scenarios, of the theme chosen."""
    kinds = {"practices": "Practices and case studies", "scenarios": "Tabletop scenarios"}
    kind = filters.tabs("Kind", kinds, "practice_part", "practices")
    theme = filters.one_theme(cached.themes_used(edition), "practice_theme")
    if kind == "practices":
        st.caption(
            "What the source says and what is suggested here are told apart. No source says what a practice has changed."
        )
        library(cached.practices(edition), theme, "practice")
    else:
        library(cached.scenarios(edition), theme, "scenario")


LONGEST = 1200
LABELS = tlp.LABELS[:-1]  # what is RED must not be written down here


def answers(edition: str, chosen: str | None) -> None:
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
    periods, labels = cached.action_names(edition), cached.action_themes(edition)
    members = {"": "The meeting together"}
    members |= {m.iso3: m.name for m in sorted(vocabulary.members.values(), key=lambda m: m.name)}
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        action = filters.choice("Period", periods, "form_period", bind=None, width=160)
        member = filters.choice("Answered by", members, "form_member", bind=None, width=260)
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
        disabled=not any(a and a.strip() for a in answers.values()),
    )
    st.caption(
        "Next: hand the file to whoever looks after the data. It is then shown to those whose role reaches its label."
    )


def lessons(edition: str) -> None:
    """What was learned, or the form of the next debrief."""
    if filters.tabs("Show", {"answers": "What was learned", "form": "Debrief form"}, "lesson_part", "answers") == "answers":
        answers(edition, filters.one_theme(cached.themes_used(edition), "lesson_theme"))
    else:
        form(edition, cached.vocabulary())


PARTS = {
    "periods": periods,
    "group": group,
    "differ": differ,
    "plans": plans.draw,
    "planning": planning.draw,
    "lessons": lessons,
    "practices": practices,
}
frame.draw_parts("action", PARTS)
