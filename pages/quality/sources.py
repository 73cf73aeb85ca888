"""Sources and methods: where the figures come from, what limits them, what this edition is, and what the words mean."""

from functools import partial

import streamlit as st

from corridors.catalog import words
from corridors.export import package
from corridors.ui import access, cached, edition_tables, plots


def sources(edition: str) -> None:
    """One card per source: publisher, licence, address, cadence, span, account of cells, limits."""
    st.markdown(
        "Every figure names one of these. The address is where a reader can check; nothing is fetched from it while you look."
    )
    for row in cached.sources(edition).itertuples():
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


def caveats(edition: str) -> None:
    """The caveat library by severity: text, remedy, and how many figures carry it."""
    st.markdown("A caveat is declared once with what it applies to, and stands beside every figure that it limits.")
    rows = cached.caveats(edition)
    for severity, name in words.SEVERITY.items():
        st.header(name)
        for row in rows[rows.severity == severity].itertuples():
            standing = f"{row.figures:,} figures" if row.figures else f"none yet; waits for {row.applies_later}"
            st.markdown(
                f"**{row.caveat_id} · {row.title}.** {row.text} *What would remove it:* {row.remedy} *Carried by:* {standing}."
            )


def this_edition(edition: str) -> None:
    """The edition on screen: when it was built, how old its newest figures are, what changed, the files behind it."""
    row, changes = cached.edition_row(edition), cached.edition_changes(edition)
    before = row["previous_id"] if isinstance(row["previous_id"], str) else "none"
    st.markdown(
        f"Edition **{row['edition_id']}**, built {words.day(row['built_at'])}, {row['built_at']:%H:%M} UTC. The edition before: {before}."
    )
    access.download(
        "All data as a package (ZIP)",
        partial(package.zipped, edition),
        [cached.package_label(edition)],
        file_name=package.file_name(edition),
        mime="application/zip",
        icon=":material/database:",
        key="package",
        on_click="rerun",
    )
    st.caption(
        "Figures, incidents, routes, evidence and actions as CSV and Parquet, figures as SDMX too, each row with what must be said beside it; about "
        "20 MB, made in some fifteen seconds. README.txt in it says how to read it."
    )
    st.header("How old the newest figures are")
    plots.table(
        cached.newest(edition),
        "newest",
        "Release and newest year of every source",
        column_config={
            "source_id": None,
            "title": "Source",
            "publisher": "Publisher",
            "released": st.column_config.DateColumn("Released", format="D MMM YYYY"),
            "last_year": st.column_config.NumberColumn("Newest year", format="%d"),
            "figures": "Figures",
            "figures_of_last_year": "Of the newest year",
        },
    )
    st.header("Since the edition before")
    if changes.empty:
        st.markdown("No figure is new, revised or withdrawn, or there was no edition before.")
    else:
        edition_tables.show_changes(changes, "changed")
    st.header("Files read")
    plots.table(
        cached.input_files(edition).drop(columns="sha256"),
        "files",
        "The publishers' files behind this edition",
        column_config={
            "title": "Source",
            "file": "File",
            "bytes": st.column_config.NumberColumn("Bytes", format="localized"),
        },
    )


def words_used() -> None:
    """The glossary, the statuses and the counted units in plain words."""
    vocabulary = cached.vocabulary()
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
