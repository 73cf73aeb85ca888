"""Joint action, in parts: the periods, the group behind them, where sources differ, plans, planning, lessons, practices."""

from datetime import date

import streamlit as st

from corridors.catalog import words
from corridors.ui import cached, cards, filters, frame, plots, slideshow
from corridors.views.actions import NO_SERIES, Period
from pages.actions import lessons, planning, plans, practices

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
    _outcomes(action, ready)
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


def _outcomes(action: str, ready: Period) -> None:
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
    with st.grid(2, min_column_width=380, gap="small"):
        for topic, text in topics:
            with st.container(border=True, height="stretch", gap="xsmall"):
                st.markdown(f"**{topic}**\n\n{text}")
    st.subheader("Meetings of the Working Group itself")
    st.markdown("\n".join(f"- {line}" for line in milestones))


def differ(edition: str) -> None:
    """Every question on which sources differ."""
    st.markdown("Where sources contradict one another, all answers are kept. None is chosen by being shown first.")
    with st.grid(2, min_column_width=380, gap="small"):
        for key, text in cached.action_conflicts(edition):
            with st.container(border=True, height="stretch", gap="xsmall"):
                st.markdown((f":gray-badge[{key.replace('-', '–')}] " if key else "") + text)


PARTS = {
    "periods": periods,
    "group": group,
    "differ": differ,
    "plans": plans.draw,
    "planning": planning.draw,
    "lessons": lessons.draw,
    "practices": practices.draw,
}
frame.draw_parts("action", PARTS)
