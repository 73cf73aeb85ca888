"""The parts of the page Sources and methods."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from corridors.catalog import Catalog, words
from corridors.views.figure import SEVERITY


def sources(rows: pd.DataFrame) -> None:
    """One card per source: publisher, licence, address, cadence, span, account of cells, limits."""
    st.markdown(
        "Every figure names one of these. The address is where a reader can check; nothing is fetched from it while you look."
    )
    for row in rows.itertuples():
        with st.container(border=True):
            st.header(f"{row.publisher}: {row.title}")
            st.markdown(
                f"{row.limits}\n\n"
                f"**Edition** {row.edition}, released {words.day(row.released)} · **Cadence** {row.cadence} · **{span(row)}**  \n"
                f"**Licence** {row.licence} · **Attribution** {row.attribution} · **Address** {row.address}  \n"
                f"**Method** {row.method} · **Source** {row.reliability}, {words.RELIABILITY[row.reliability]} · **Figures** "
                f"{row.credibility}, {words.CREDIBILITY[row.credibility]} · **TLP:{row.tlp}**"
            )
            st.caption(
                f"Cells read {row.cells_read:,} = kept {row.kept:,} + rejected {row.rejected:,} + out of scope "
                f"{row.out_of_scope:,}. With the totals worked out here, {row.figures:,} figures."
            )


def span(row) -> str:
    """The years that a source's figures cover; a source of rules has none."""
    return f"Figures {int(row.first_year)}–{int(row.last_year)}" if row.figures else "Rules, not figures"


def caveats(rows: pd.DataFrame, vocabulary: Catalog) -> None:
    """The caveat library by severity: text, remedy, and how many figures carry it."""
    st.markdown("A caveat is declared once with what it applies to, and stands beside every figure that it limits.")
    for severity, name in SEVERITY.items():
        st.header(name)
        for row in rows[rows.severity == severity].itertuples():
            carried = f"{row.figures:,} figures" if row.figures else f"none yet; waits for {row.applies_later}"
            st.markdown(
                f"**{row.caveat_id} · {row.title}.** {row.text} *What would remove it:* {row.remedy} *Carried by:* {carried}."
            )


def left_out(rejected: pd.DataFrame, out_of_scope: pd.DataFrame) -> None:
    """Rows quarantined with their reasons, and cells outside what this product carries."""
    st.header("Rejected rows")
    st.markdown("Read, found wrong, and kept apart with the reason.")
    if rejected.empty:
        st.success("No row was rejected in this edition.")
    else:
        st.dataframe(
            rejected,
            hide_index=True,
            key="rejected",
            alt="Rejected rows by source and reason",
            column_config={
                "publisher": "Publisher",
                "title": "Source",
                "reason": "Reason",
                "cells": "Cells",
                "file": "File",
                "first_row": "First row",
                "example": "Found, for instance",
                "cure": "Cure",
            },
        )
    st.header("Out of scope")
    st.markdown("Read and sound, but not carried: no member at either end, before 2000, or a measure that no page uses.")
    st.dataframe(
        out_of_scope,
        hide_index=True,
        key="out-of-scope",
        alt="Cells out of scope by source and reason",
        column_config={"publisher": "Publisher", "title": "Source", "reason": "Reason", "cells": "Cells"},
    )


def show_changes(changes: pd.DataFrame, key: str) -> None:
    """How many figures are new, revised or withdrawn, by source and indicator."""
    st.dataframe(
        changes,
        hide_index=True,
        key=key,
        alt="Figures new, revised or withdrawn since the edition before",
        column_config={
            "publisher": "Publisher",
            "indicator": "Figure",
            "kind": "Change",
            "figures": "How many",
            "first_year": st.column_config.NumberColumn("From", format="%d"),
            "last_year": st.column_config.NumberColumn("To", format="%d"),
        },
    )


def checks_and_corrections(checks: pd.DataFrame, corrections: pd.DataFrame) -> None:
    """What was asked of the edition before it was published, and which known errors of publishers it mends."""
    st.header("Checks")
    st.dataframe(
        checks.assign(must=checks.must.map({True: "must hold", False: "open question"}), example=checks.example.fillna("")),
        hide_index=True,
        key="checks",
        alt="Checks of the edition",
        column_config={"name": "Question", "must": "Kind", "offenders": "Offenders", "example": "For instance"},
    )
    st.header("Corrections")
    if corrections.empty:
        st.markdown("No publisher's figure was corrected.")
    else:
        st.dataframe(corrections, hide_index=True, key="corrections", alt="Corrections applied")


def this_edition(
    edition: dict, checks: pd.DataFrame, corrections: pd.DataFrame, files: pd.DataFrame, changes: pd.DataFrame
) -> None:
    """The edition on screen: when it was built, what was asked of it, what was mended, the files behind it."""
    before = edition["previous_id"] if isinstance(edition["previous_id"], str) else "none"
    st.markdown(
        f"Edition **{edition['edition_id']}**, built {words.day(edition['built_at'])}, {edition['built_at']:%H:%M} UTC with DuckDB "
        f"{edition['duckdb_version']}. The edition before: {before}."
    )
    checks_and_corrections(checks, corrections)
    st.header("Since the edition before")
    if changes.empty:
        st.markdown("No figure is new, revised or withdrawn, or there was no edition before.")
    else:
        show_changes(changes, "changed")
    st.header("Files read")
    st.dataframe(
        files,
        hide_index=True,
        key="files",
        alt="The publishers' files behind this edition, with checksums",
        column_config={
            "title": "Source",
            "file": "File",
            "bytes": st.column_config.NumberColumn("Bytes", format="localized"),
            "sha256": "SHA-256",
        },
    )


def words_used(vocabulary: Catalog) -> None:
    """The glossary, the statuses and the counted units in plain words."""
    st.header("Words")
    st.markdown(
        "\n\n".join(
            f"**{t['term']}.** {t['meaning']}"
            for t in sorted(vocabulary.glossary.values(), key=lambda t: t["term"].casefold())
        )
    )
    st.header("What a figure can be")
    st.markdown("\n\n".join(f"**{s.label}.** {s.meaning}" for s in vocabulary.statuses.values()))
    st.header("What is counted")
    st.markdown("\n\n".join(f"**{u['many'].capitalize()}.** {u['meaning']}" for u in vocabulary.units.values()))
