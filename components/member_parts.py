"""The parts of a member's page: facts, headline cards, trends, breakdowns, corridors, and what is missing."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from catalog import Catalog, Member

from . import cached, cards

HEADLINES = (
    ("detected_victims", "place", "Detected victims"),
    ("persons_convicted", "place", "Persons convicted of trafficking"),
    ("smuggling_offences", "place", "Smuggling offences recorded"),
    ("refugees", "place", "Refugees hosted"),
    ("asylum_applications_new", "partner", "New asylum applications by its citizens"),
    ("deaths_and_disappearances", "place", "Deaths and disappearances on its territory"),
)  # fmt: skip
PART_NAMES = {
    "sex": {"female": "female", "male": "male", "other": "other", "unknown": "not stated"},
    "age": {"0-17": "under 18", "18+": "18 and over", "unknown": "not stated"},
    "form": cards.FORMS,
}


def facts(member: Member) -> str:
    """One line: subregion, Ad Hoc Group, how the membership was verified."""
    parts = [member.subregion]
    if member.ad_hoc_group:
        parts.append("member of the Ad Hoc Group")
    parts.append(f"listed as “{member.listed_as}”" + ("" if member.verified else ", membership not verified"))
    return " · ".join(parts) + (f"  \n{member.note}" if member.note else "")


def all_members(vocabulary: Catalog) -> None:
    """Links to every member's page, by subregion."""
    by_region: dict[str, list[Member]] = {}
    for member in sorted(vocabulary.members.values(), key=lambda m: m.name):
        by_region.setdefault(member.subregion, []).append(member)
    with st.grid(3, min_column_width=240):
        for region, members in sorted(by_region.items()):
            with st.container():
                st.markdown(f"**{region}**  \n" + "  \n".join(f"[{m.name}](?member={m.iso3})" for m in members))


def headline_cards(vocabulary: Catalog, member: Member, latest: pd.DataFrame) -> None:
    """The latest figure of each theme as cards; a theme without one says so."""
    found = [
        (row, label)
        for indicator, view, label in HEADLINES
        for row in latest[(latest.indicator_id == indicator) & (latest["view"] == view)].itertuples()
    ]
    if found:
        with st.grid(3, min_column_width=230, gap="small"):
            for row, label in found:
                cards.figure(row, label, f"{row.indicator_id}-{row.view}")
    missing = [label for indicator, view, label in HEADLINES
               if latest[(latest.indicator_id == indicator) & (latest["view"] == view)].empty]  # fmt: skip
    if missing:
        st.caption(f"No figure held, which is not zero: {'; '.join(m[0].lower() + m[1:] for m in missing)}.")


def trends(vocabulary: Catalog, member: Member, here: pd.DataFrame, abroad: pd.DataFrame, breaks: pd.DataFrame) -> None:
    """One chart per indicator and view, two in a row, in the catalog's order; single years as cards."""
    whole = here[(here.sex == "total") & (here.age == "total") & (here.form == "total")]
    series = [(rows, vocabulary.indicators[i], "place") for i, rows in whole.groupby("indicator_id", sort=False)]
    series += [(rows, vocabulary.indicators[i], "partner") for i, rows in abroad.groupby("indicator_id", sort=False)]
    series.sort(key=lambda entry: (entry[1].order, entry[2] == "partner"))
    with st.grid(2, min_column_width=420, gap="medium"):
        for rows, indicator, view in series:
            cards.figure_chart(rows, view_title(indicator, view, member), f"{indicator.id}-{view}", breaks)


def view_title(indicator, view: str, member: Member) -> str:
    """The indicator's name with the end of the corridor that the member stands at."""
    name = indicator.short_name or indicator.name
    if view == "place":
        return f"{name}, {indicator.place_role} {short(member)}"
    return f"{name}, {indicator.partner_role} {short(member)}, all places"


def short(member: Member) -> str:
    """The short name where there is one."""
    return member.short_name or member.name


def breakdowns(vocabulary: Catalog, member: Member, here: pd.DataFrame) -> None:
    """The latest year of each indicator by form, by sex and by age. Parts need not add up to the total: masks and gaps."""
    parts = []
    for indicator_id, rows in here.groupby("indicator_id", sort=False):
        for column in ("form", "sex", "age"):
            rest = [c for c in ("form", "sex", "age") if c != column]
            some = rows[(rows[column] != "total") & (rows[rest] == "total").all(axis=1)]
            if len(some):
                some = some[some.year == some.year.max()]
                parts.append((vocabulary.indicators[indicator_id], column, some))
    if not parts:
        return
    st.subheader("By form, sex and age")
    st.caption("Parts are as published and may not add up to the total: small counts are masked, and some reports leave parts out.")
    with st.grid(3, min_column_width=300, gap="medium"):
        for indicator, column, rows in parts:
            name = indicator.short_name or indicator.name
            rows = rows.assign(part=rows[column].map(PART_NAMES[column]))
            rows["part"] += rows.groupby("part").cumcount().map(lambda n: "" if n == 0 else f" ({n + 1})")
            cards.bars(rows, "part", f"{name} by {column}", f"{indicator.id}-by-{column}")


def corridors(vocabulary: Catalog, member: Member, menu: pd.DataFrame) -> None:
    """Corridors of the theme: one indicator and end at a time, latest year, as bars with table and download."""
    if menu.empty:
        return
    st.subheader("Corridors")
    options = {f"{row.indicator_id}.{row.end}": row for row in menu.itertuples()}
    choice = st.selectbox(
        "Corridor figure", list(options), key="corridor", bind="query-params",
        format_func=lambda key: _corridor_title(vocabulary, member, options[key]) if key in options else key,
    )  # fmt: skip
    row = options[choice]
    rows = cached.corridors(cached.edition(), member.iso3, row.indicator_id, row.end)
    rows = rows.assign(other_end=rows.partner if row.end == "place" else rows.place)
    cards.bars(rows, "other_end", _corridor_title(vocabulary, member, row), f"corridor-{row.indicator_id}-{row.end}", most=12)


def _corridor_title(vocabulary: Catalog, member: Member, row) -> str:
    indicator = vocabulary.indicators[row.indicator_id]
    name = indicator.short_name or indicator.name
    if row.end == "place":
        return f"{name}, {indicator.place_role} {short(member)}, by {indicator.partner_role} ({row.year})"
    return f"{name}, {indicator.partner_role} {short(member)}, by {indicator.place_role} ({row.year})"


def missing(vocabulary: Catalog, member: Member, coverage: pd.DataFrame, latest: pd.DataFrame) -> None:
    """What is not held for this member, theme by theme and figure by figure, and who could provide it."""
    st.header("What is missing")
    mine = coverage[coverage.iso3 == member.iso3].sort_values("position")
    for row in mine.itertuples():
        theme = vocabulary.themes[row.theme]
        absent = [
            i.short_name or i.name for i in vocabulary.indicators.values()
            if i.theme == row.theme and latest[latest.indicator_id == i.id].empty
        ]  # fmt: skip
        with st.container(border=True):
            said = "no figure held" if pd.isna(row.latest) else f"latest figure {int(row.latest)}"
            st.markdown(f"**{theme.title}**: {said}")
            if absent:
                st.markdown(f"Not held: {'; '.join(absent)}.")
            st.caption(f"Who could provide it: {theme.who_could_provide}.")
