"""Take away: brief, tables and pictures of one member as files, made on demand."""

import pandas as pd
import streamlit as st

from corridors.catalog import Catalog, Member, words
from corridors.export import pictures, tables, workbook
from corridors.export.brief import document
from corridors.store import labels
from corridors.store.queries import members
from corridors.ui import access, cached, filters

HINT = (
    "- **Brief**: two pages for a meeting, to print or to read on the way; every number with its source and its most serious limit.\n"
    "- **Tables**: all figures behind it for those who calculate, with limits in words on a sheet of their own.\n"
    "- **Picture**: one chart for a slide or a report; unit, source, grade and label are inside it."
)
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EVERYTHING = "all"


def says(edition_id: str) -> str:
    """One line: which edition the files are of, and how far their label may reach."""
    return f"Files of edition {labels.plain(edition_id)}. Nothing above TLP:{labels.split(edition_id)[1]} is in them; each bears its own label."


def member_brief(edition_id: str, member: Member, latest: pd.DataFrame) -> None:
    """The brief of the chosen member, and with an earlier edition what changed since."""
    st.header("Brief")
    chosen = filters.earlier_edition(edition_id, "Say what changed since", placeholder="No comparison")
    earlier = access.keyed(chosen) if chosen else None
    # found out before a button promises it
    if earlier and isinstance(refusal := cached.changed(earlier, edition_id, member.iso3), str):
        st.info(f"{refusal} The brief is made without it.", icon=":material/difference:")
        earlier = None
    access.download(
        "Brief as PDF",
        lambda: document.pdf(edition_id, member.iso3, earlier),
        latest.tlp,
        mime="application/pdf",
        file_name=document.file_name(edition_id, member),
        key="take-brief",
        on_click="ignore",
        icon=":material/picture_as_pdf:",
    )


def member_tables(edition_id: str, member: Member, vocabulary: Catalog, latest: pd.DataFrame) -> None:
    """All figures, or those of one theme, as XLSX or CSV."""
    st.header("Tables")
    held = set(latest.theme)
    themes = {EVERYTHING: "All themes"} | {t.id: t.title for t in vocabulary.themes.values() if t.id in held}
    theme = st.selectbox(
        "Theme", list(themes), key="take_theme", bind="query-params", format_func=lambda key: themes.get(key, key)
    )
    absent = [t.title for t in vocabulary.themes.values() if t.id not in held]
    if absent:
        st.caption(f"No total held, which is not zero: {words.listing(absent)}.")
    chosen = [] if theme not in held else [theme]
    with st.container(horizontal=True):
        access.download(
            "Tables as XLSX",
            lambda: workbook.xlsx(edition_id, member.iso3, chosen),
            latest.tlp,
            mime=SHEET,
            file_name=workbook.file_name(edition_id, member.iso3),
            key="take-xlsx",
            on_click="ignore",
            icon=":material/table:",
        )
        access.download(
            "The same as CSV",
            lambda: csv(edition_id, member, chosen or sorted(held), themes.get(theme, "")),
            latest.tlp,
            file_name=f"tables-{member.iso3.lower()}-{labels.plain(edition_id)}.csv",
            mime="text/csv",
            key="take-csv",
            on_click="ignore",
            icon=":material/csv:",
        )


def csv(edition_id: str, member: Member, themes: list[str], title: str) -> bytes:
    """The figures of some themes as one CSV, labelled at top and bottom."""
    rows = pd.concat([members.everything(edition_id, member.iso3, theme) for theme in themes], ignore_index=True)
    return tables.csv_bytes(rows, labels.plain(edition_id), f"{member.name}: {title}")


def member_picture(edition_id: str, member: Member, latest: pd.DataFrame) -> None:
    """One chart, or the map of routes, as PNG or SVG."""
    st.header("Picture")
    choices = {f"{what}.{view}": title for (what, view), title in pictures.of_totals(latest, member.iso3).items()}
    choice = st.selectbox(
        "Chart", list(choices), key="take_picture", bind="query-params", format_func=lambda key: choices.get(key, key)
    )
    what, view = (choice if choice in choices else next(iter(choices))).rsplit(".", 1)
    with st.container(horizontal=True):
        access.download(
            "Picture as PNG",
            lambda: pictures.png(edition_id, member.iso3, what, view),
            latest.tlp,
            mime="image/png",
            file_name=pictures.file_name(edition_id, member.iso3, what, view, "png"),
            key="take-png",
            on_click="ignore",
            icon=":material/image:",
        )
        access.download(
            "Picture as SVG",
            lambda: pictures.svg(edition_id, member.iso3, what, view).encode(),
            latest.tlp,
            file_name=pictures.file_name(edition_id, member.iso3, what, view, "svg"),
            mime="image/svg+xml",
            key="take-svg",
            on_click="ignore",
            icon=":material/shapes:",
        )


vocabulary = cached.vocabulary()
edition = cached.edition()
member = filters.member(vocabulary)

st.title("Take away")
st.markdown(HINT)
st.caption(says(edition))

if member is None:
    st.info("Choose your country in the list above or below; the files are about one member.", icon=":material/flag:")
    filters.all_members(vocabulary)
else:
    latest = cached.latest_totals(edition, member.iso3)
    st.header(member.name)
    with st.grid(3, min_column_width=280, gap="medium"):
        with st.container(border=True):
            member_brief(edition, member, latest)
        with st.container(border=True):
            member_tables(edition, member, vocabulary, latest)
        with st.container(border=True):
            member_picture(edition, member, latest)
