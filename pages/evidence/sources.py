"""Sources and methods: where the figures come from, what was left out and why, and what the words mean."""

import pandas as pd
import streamlit as st

from corridors.catalog import Catalog, words
from corridors.ui import cached, edition_tables, filters


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
    for severity, name in words.SEVERITY.items():
        st.header(name)
        for row in rows[rows.severity == severity].itertuples():
            carried = f"{row.figures:,} figures" if row.figures else f"none yet; waits for {row.applies_later}"
            st.markdown(
                f"**{row.caveat_id} · {row.title}.** {row.text} *What would remove it:* {row.remedy} *Carried by:* {carried}."
            )


def this_edition(
    edition: dict, checks: pd.DataFrame, corrections: pd.DataFrame, files: pd.DataFrame, changes: pd.DataFrame
) -> None:
    """The edition on screen: when it was built, what was asked of it, what was mended, the files behind it."""
    before = edition["previous_id"] if isinstance(edition["previous_id"], str) else "none"
    st.markdown(
        f"Edition **{edition['edition_id']}**, built {words.day(edition['built_at'])}, {edition['built_at']:%H:%M} UTC with DuckDB "
        f"{edition['duckdb_version']}. The edition before: {before}."
    )
    edition_tables.checks_and_corrections(checks, corrections)
    st.header("Since the edition before")
    if changes.empty:
        st.markdown("No figure is new, revised or withdrawn, or there was no edition before.")
    else:
        edition_tables.show_changes(changes, "changed")
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


edition = cached.edition()
vocabulary = cached.vocabulary()

st.title("Sources and methods")
PARTS = {"sources": "Sources", "caveats": "Caveats", "rejected": "Left out", "editions": "This edition", "words": "Words"}
part = filters.tabs("Part", PARTS, "part", "sources")

if part == "sources":
    sources(cached.sources(edition))
elif part == "caveats":
    caveats(cached.caveats(edition), vocabulary)
elif part == "rejected":
    edition_tables.left_out(cached.rejected(edition), cached.out_of_scope(edition))
elif part == "editions":
    this_edition(
        cached.edition_row(edition),
        cached.checks(edition),
        cached.corrections(edition),
        cached.input_files(edition),
        cached.changes(edition),
    )
else:
    words_used(vocabulary)
