"""Data quality, in parts: who reported, how good each figure is, what to fix first, conflicts, sources, what was left out."""

import pandas as pd
import streamlit as st

from corridors.catalog import Member, words
from corridors.ui import access, cached, edition_tables, filters, frame, plots
from corridors.views.quality import Conflict
from pages.quality import sources


def coverage(edition: str) -> None:
    """The grid of members and years for one theme; a tap on a sign leads to the member's figures."""
    vocabulary = cached.vocabulary()
    themes = {t.id: t.tab for t in vocabulary.themes.values() if t.in_coverage}
    theme = filters.tabs("Theme", themes, "theme", "victims")
    grid = cached.quality_grid(edition, theme)
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**{vocabulary.themes[theme].title}, by member and year**  \n{grid.message}")
        plots.pick(
            grid.figure, f"coverage-{theme}", f"{grid.message} The table beneath says the same in words.", filters.go_to
        )
        st.caption("Tap a sign to see that member's figures. Members stand in order of name.")
        plots.table_behind(
            "The same as a table",
            grid.table,
            "grid-table",
            f"grid-{theme}",
            f"{vocabulary.themes[theme].title}: coverage by member and year",
            height=420,
        )


def grades(edition: str) -> None:
    """Grades by source and by member, and what a grade is made of."""
    st.markdown(
        "A grade is worked out from four things, each 0 to 3 or unknown: **coverage** (in how many of the last ten years there was an "
        "answer), **method**, **source** and **agreement** with another source. Age is not in it: the date stands beside the letter. It "
        "says how well a figure is known, not whether it is high or low. Unknown is not bad; two unknowns are not graded."
    )
    figure, table = cached.source_profile(edition)
    with st.container(border=True, gap="xsmall"):
        st.markdown("**Grades by source, newest year of each**")
        plots.draw(
            figure, "grades-by-source", "Share of figures by grade for each source; the table beneath has the numbers."
        )
        plots.table_behind(
            "The same as a table",
            table,
            "source-grades",
            "source-grades-table",
            "Grades by source",
            column_config={
                "publisher": "Publisher",
                "title": "Source",
                "grade": "Grade",
                "figures": "Figures",
                "last_year": st.column_config.NumberColumn("Year", format="%d"),
                "released": st.column_config.DateColumn("Released", format="D MMM YYYY"),
            },
        )
    st.header("Grades by member")
    rows, member = cached.member_profile(edition), filters.member(cached.vocabulary())
    if member is not None:
        rows = rows[rows.Member == member.name]
    st.markdown("How many of a member's latest totals have which grade, in order of name. Grades of data, not of members.")
    plots.table(rows, "member-grades", "Latest totals of each member by grade", height="content" if member else 420)


def first(edition: str) -> None:
    """What to fix first for one member, and the sheet of its caveats with what would remove each."""
    member = filters.member(cached.vocabulary())
    if member is None:
        st.info("Choose a member above to see what would lift most of its grades.", icon=":material/flag:")
        return
    st.header(f"What to fix first: {member.name}")
    fixes = cached.fixes(edition, member.iso3)
    if not fixes:
        st.markdown("No single step would lift a grade.")
    for n, fix in enumerate(fixes, 1):
        with st.container(border=True, gap="xsmall"):
            st.markdown(
                f"**{n}. {fix.what}** lifts {fix.lifted} {'grade' if fix.lifted == 1 else 'grades'}.  \nWho: {fix.who}."
            )
            with st.expander("Which figures"):
                st.markdown("\n".join(f"- {name}" for name in fix.names))
    for line in cached.unreported(edition, member.iso3):
        st.markdown(f"- {line}")
    st.header("Caveats on its latest figures")
    for severity, name in words.SEVERITY.items():
        sheet = [c for c in cached.caveat_sheet(edition, member.iso3) if c.severity == severity]
        if not sheet:
            continue
        with st.expander(f"{name} ({len(sheet)})", expanded=severity == 3):
            st.markdown(
                "\n".join(f"- **{c.title}** ({c.figures}). {c.text} *What would remove it:* {c.remedy}" for c in sheet)
            )


def left_out(edition: str) -> None:
    """What was asked of the edition, what was mended and set by hand, and what did not get in."""
    edition_tables.checks_and_corrections(cached.checks(edition), cached.corrections(edition))
    st.header("Grades set by hand")
    if (rows := cached.overrides(edition)).empty:
        st.markdown("None. Every grade in this edition is computed.")
    else:
        plots.table(rows, "overrides", "Grades set by hand, with office and reason")
    edition_tables.left_out(cached.rejected(edition), cached.out_of_scope(edition))


def scores(edition: dict, lines: list, before: str | None) -> None:
    """The state of the data on one page, fit for printing."""
    head = ["The region's data", "Now"] + ([f"Edition {before}", "Change"] if before else [])
    rows = [[line.what, line.now] + ([line.before, line.change] if before else []) for line in lines]
    table = "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] + ["---:"] * (len(head) - 1), *rows])
    st.markdown(table)
    st.caption(
        f"Edition {edition['edition_id']}, of {words.day(edition['dated'])}. Counts of figures, not of people; grades say how well a figure is known."
    )


def scorecard(edition: str) -> None:
    """The choice of an earlier edition, and the scorecard."""
    st.markdown("What the Working Group can build on, and what it cannot yet: in numbers about figures, not about people.")
    before = filters.earlier_edition(edition, "Progress since", usable=lambda id: cached.comparable(access.keyed(id)))
    scores(cached.edition_row(edition), cached.scorecard(edition, access.keyed(before) if before else None), before)


KINDS = {
    "all": "Everything",
    "figures": "Figures",
    "route evidence": "Routes",
    "record": "The record of actions",
    "revision": "Revisions",
}
VIEWS = {"apart": "What disagrees", "compared": "Everything compared"}
AT_ONCE = 20  # conflicts on one screen


def compared(member: Member | None, edition: str) -> None:
    """Everything that the build compared, agreeing or not: counts for all members, and the pairs of the one chosen."""
    st.markdown(
        "The build compares every two figures that speak of the same thing, in the same place and year. Agreement is shown as well as conflict."
    )
    if member is None:
        st.info("Choose a member above to see its pairs, figure by figure.", icon=":material/balance:")
    else:
        _pairs(member, cached.compared(edition, member.iso3))
    st.header("For all members")
    for title, counts, reason in cached.compared_counts(edition):
        st.markdown(f"**{title}.** {counts}.  \n:small[Why they may differ: {reason}]")


def _pairs(member: Member, rows: pd.DataFrame) -> None:
    st.header(f"Compared for {member.name}")
    if rows.empty:
        st.markdown(
            "Nothing: no two figures held for this member speak of the same thing. None of them can be confirmed or doubted this way."
        )
        return
    plots.table(
        rows,
        f"compared-{member.iso3}",
        f"Figures compared for {member.name}, both sides and the outcome",
        height="content" if len(rows) < 10 else 420,
        column_config={"Year": st.column_config.NumberColumn("Year", format="%d")},
    )


def each_conflict(member: Member | None, found: tuple[Conflict, ...]) -> None:
    """Conflicts of one kind, of a member if one is chosen; each side stands, and none is picked."""
    kind = filters.tabs("Kind", KINDS, "kind", "all")
    shown = [
        c for c in found if kind in ("all", c.kind) and (member is None or member.iso3 in c.places or c.kind == "record")
    ]
    if not shown:
        st.info(
            "Nothing of this kind is known to disagree here. That may only mean that one source is held.",
            icon=":material/help:",
        )
        return
    pages = -(-len(shown) // AT_ONCE)
    page = st.number_input("Screen", 1, pages, key="screen", bind="query-params", width=160) if pages > 1 else 1
    st.markdown(
        f"{len(shown)} conflicts"
        + (f", {AT_ONCE} on a screen" if pages > 1 else "")
        + ". Both figures stay on screen; no winner is picked."
    )
    for conflict in shown[(page - 1) * AT_ONCE : page * AT_ONCE]:
        with st.container(border=True, gap="xsmall"):
            st.markdown(f"**{conflict.title}**")
            with st.grid(min(len(conflict.sides), 3), min_column_width=260, gap="small"):
                for side in conflict.sides:
                    st.markdown(side)
            st.caption(f"Likely reason: {conflict.reason}")


def conflicts(edition: str) -> None:
    """What disagrees, or everything that was compared."""
    member = filters.member(cached.vocabulary())
    st.markdown(
        "Where two figures speak of the same thing, both stand here, with what each counts and the likely reason for a difference."
    )
    if filters.tabs("Show", VIEWS, "verdicts", "apart") == "apart":
        each_conflict(member, cached.conflicts(edition))
    else:
        compared(member, edition)


PARTS = {
    "coverage": coverage,
    "grades": grades,
    "first": first,
    "conflicts": conflicts,
    "scorecard": scorecard,
    "sources": sources.sources,
    "caveats": sources.caveats,
    "words": lambda edition: sources.words_used(),
    "edition": sources.this_edition,
    "left": left_out,
}
frame.draw_parts("quality", PARTS)
