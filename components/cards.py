"""The one component that shows a number, everywhere: value or range, counted unit, period, source, grade, caveats.

It refuses rows without a source or caveats, so a bare number cannot reach the screen.
"""

from __future__ import annotations

import pandas as pd
import streamlit as st

import charts.bars
import charts.trend
from catalog import Catalog, words
from takeaway import tables

from . import cached

NEEDED = ("value", "lower", "upper", "status", "unit_one", "unit_many", "period_start", "period_end", "publisher",
          "source_title", "source_edition", "grade", "grade_reason", "caveats", "tlp")  # fmt: skip
SEVERITY = {3: "Changes the meaning", 2: "Limits comparison", 1: "Worth knowing"}
GRADE_COLOUR = {"A": "green", "B": "green", "C": "blue", "D": "orange", "U": "gray"}


class BareNumber(Exception):
    """A figure without source, unit, grade or caveats was about to be shown."""


def refuse_bare(rows: pd.DataFrame) -> None:
    """Raises BareNumber unless every row carries all that must be said with a number."""
    missing = [c for c in NEEDED if c not in rows.columns]
    if missing:
        raise BareNumber(f"figures without {', '.join(missing)}")
    for column in ("publisher", "unit_many", "grade"):
        if rows[column].isna().any() or (rows[column].astype(str).str.strip() == "").any():
            raise BareNumber(f"figures without {column}")
    if any(len(codes) == 0 for codes in rows.caveats):
        raise BareNumber("figures without a caveat")


def period_of(row) -> str:
    """The figure's period in words."""
    return words.period(row.period_start, row.period_end, getattr(row, "stock_or_flow", "flow"))


def figure(row, label: str, key: str, spark: list[float] | None = None, note: str = "") -> None:
    """A card: label, value or range, unit and period, grade, source, and everything it cannot say one click away."""
    refuse_bare(pd.DataFrame([row._asdict() if hasattr(row, "_asdict") else dict(row)]))
    with st.container(border=True, height="stretch", key=f"card-{key}"):
        st.metric(label, words.amount(row.value, row.lower, row.upper), chart_data=spark, chart_type="line", delta_color="off")
        st.markdown(f"**{unit(row)}** · {period_of(row)}")
        if note:
            st.markdown(note)
        with st.container(horizontal=True, gap="small"):
            grade_badge(row)
            if row.status in ("provisional", "masked", "estimated", "corrected"):
                st.badge(cached.vocabulary().statuses[row.status].label, color="gray")
        st.caption(f"{row.publisher}, {row.source_title}, {row.source_edition}")
        limits_popover(row)


def unit(row) -> str:
    """The counted unit, singular for exactly one."""
    return row.unit_one if row.value == 1 else row.unit_many


def grade_badge(row) -> None:
    """Letter and word of the grade; its reason on hover."""
    st.badge(words.GRADE[row.grade].capitalize(), color=GRADE_COLOUR[row.grade], help=row.grade_reason)


def limits_popover(row, label: str = "What it cannot say") -> None:
    """The caveats of one figure in words, gravest first, with what would remove each."""
    vocabulary = cached.vocabulary()
    carried = sorted((vocabulary.caveats[c] for c in row.caveats), key=lambda c: (-c.severity, c.id))
    with st.popover(f"{label} ({len(carried)})", type="tertiary", icon=":material/info:"):
        limits(carried)
        st.markdown(f"**Grade.** {words.GRADE[row.grade].capitalize()}. {row.grade_reason}.")


def limits(carried: list, remedies: bool = False) -> None:
    """Caveats as plain paragraphs, gravest first."""
    st.markdown("\n\n".join(
        f"**{c.title}** ({SEVERITY[c.severity].lower()}). {c.text}" + (f" *What would remove it:* {c.remedy}" if remedies else "")
        for c in carried
    ))  # fmt: skip


def breaks_for(breaks: pd.DataFrame, row) -> list[tuple[int, str]]:
    """The breaks that concern a series: (first year of the new series, reason)."""
    def fits(column: str, value) -> pd.Series:
        return breaks[column].isna() | (breaks[column] == value)

    hits = breaks[fits("indicator_id", row.indicator_id) & fits("source_id", row.source_id) & fits("iso3", row.iso3)]
    return list(zip(hits.year, hits.reason))


def figure_chart(rows: pd.DataFrame, title: str, key: str, breaks: pd.DataFrame) -> None:
    """A yearly series: title that says what it shows, chart, source line, grade, caveats, table and download."""
    refuse_bare(rows)
    rows = rows.sort_values("year")
    latest = next(rows.tail(1).itertuples())
    marks = breaks_for(breaks, latest)
    with st.container(border=True, key=f"chart-{key}"):
        st.markdown(f"**{title}**  \n{charts.trend.headline(rows, marks)} ({latest.unit_many})")
        st.plotly_chart(
            charts.trend.draw(rows, marks), key=f"plot-{key}", config={"displayModeBar": False},
            alt=f"{title} by year. {charts.trend.headline(rows, marks)}. The table below holds every value.",
        )  # fmt: skip
        for year, reason in marks:
            if rows.year.min() < year <= latest.year:
                st.caption(f"Break in {year}: {reason}")
        beneath(rows, latest, title, key)


def bars(rows: pd.DataFrame, label: str, title: str, key: str, most: int = 10) -> None:
    """Bars for the parts of one period: title, chart, source line, grade, caveats, table and download."""
    refuse_bare(rows)
    first = next(rows.itertuples())
    with st.container(border=True, key=f"chart-{key}"):
        st.markdown(f"**{title}**  \n{first.unit_many.capitalize()}, {period_of(first)}")
        st.plotly_chart(
            charts.bars.draw(rows, label, most), key=f"plot-{key}", config={"displayModeBar": False},
            alt=f"{title}: " + "; ".join(f"{getattr(r, label)} {words.amount(r.value, r.lower, r.upper)}"
                                         for r in rows.head(most).itertuples()),
        )  # fmt: skip
        if len(rows) > most:
            st.caption(f"The first {most} of {len(rows)}; all are in the table.")
        beneath(rows, first, title, key)


def beneath(rows: pd.DataFrame, row, title: str, key: str) -> None:
    """Under every chart: grade, source, caveats, and the table with its download (made only when opened)."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        grade_badge(row)
        st.caption(f"{row.publisher}, {row.source_title}, {row.source_edition}")
    with st.container(horizontal=True, gap="small"):
        limits_popover(_with_all_caveats(row, rows), "What these figures cannot say")
        with st.popover("Table and download", type="tertiary", icon=":material/table:", on_change="rerun", key=f"table-{key}") as box:
            if box.open:
                table(rows, title, key)


def _with_all_caveats(row, rows: pd.DataFrame):
    """The row, carrying the caveats of every row of the series."""
    codes = sorted({code for codes in rows.caveats for code in codes})
    return row._replace(caveats=codes)


def shown(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows as a table for people: year, value or range, status, parts; the columns that say nothing are left out."""
    statuses = cached.vocabulary().statuses
    frame = pd.DataFrame({
        "Period": [period_of(r) for r in rows.itertuples()],
        "Place": rows.place.where(rows.iso3 != "WLD", "All places"),
        "Other end": rows.partner,
        "Form": rows.form.map(FORMS), "Sex": rows.sex, "Age": rows.age,
        "Figure": [words.amount(r.value, r.lower, r.upper) for r in rows.itertuples()],
        "Status": [statuses[s].label for s in rows.status],
        "Grade": rows.grade,
        "Publisher's wording": rows.provider_label,
    })  # fmt: skip
    return frame[[c for c in frame if c in ("Period", "Figure", "Status", "Grade") or frame[c].nunique(dropna=False) > 1]]


FORMS = {
    "total": "all forms", "sexual_exploitation": "sexual exploitation", "forced_labour": "forced labour",
    "other": "other forms", "other_unlabelled": "other forms (label lost)",
}  # fmt: skip


def table(rows: pd.DataFrame, title: str, key: str) -> None:
    """The figures as a table and as a CSV that carries source, edition, caveats and TLP label."""
    st.dataframe(shown(rows), hide_index=True, key=f"frame-{key}", alt=f"{title}, as a table")
    edition_id = cached.edition()
    st.download_button(
        "Download as CSV", data=lambda: tables.csv_bytes(rows, edition_id, title), file_name=f"corridors-{key}-{edition_id}.csv",
        mime="text/csv", key=f"download-{key}", on_click="ignore", icon=":material/download:",
    )  # fmt: skip


def nothing_yet(vocabulary: Catalog, name: str, theme: str) -> None:
    """A kind word where a member has no figure: what is missing, and who could provide it."""
    entry = vocabulary.themes[theme]
    st.info(
        f"**No figure held for {name} on “{entry.title.lower()}”.** That is not zero: none of the sources carried here has "
        f"published one since 2000. It could come from {entry.who_could_provide}.",
        icon=":material/help:",
    )
