"""Tables of an edition that several pages show: what was left out, what changed, checks and corrections."""

import pandas as pd
import streamlit as st

from corridors.ui import plots


def left_out(rejected: pd.DataFrame, out_of_scope: pd.DataFrame) -> None:
    """Rows quarantined with their reasons, and cells outside what this product carries."""
    st.header("Rejected rows")
    st.markdown("Read, found wrong, and kept apart with the reason.")
    if rejected.empty:
        st.success("No row was rejected in this edition.")
    else:
        plots.table(
            rejected,
            "rejected",
            "Rejected rows by source and reason",
            column_config={
                "publisher": "Publisher",
                "title": "Source",
                "reason": "Reason",
                "cells": "Cells",
                "file": "File",
                "first_row": "First row",
                "example": "Found, for instance",
                "how_to_fix": "How to fix it",
            },
        )
    st.header("Out of scope")
    st.markdown("Read and sound, but not imported: no member at either end, before 2000, or a measure that no page uses.")
    plots.table(
        out_of_scope,
        "out-of-scope",
        "Cells out of scope by source and reason",
        column_config={"publisher": "Publisher", "title": "Source", "reason": "Reason", "cells": "Cells"},
    )


def show_changes(changes: pd.DataFrame, key: str) -> None:
    """How many figures are new, revised or withdrawn, by source and indicator."""
    plots.table(
        changes,
        key,
        "Figures new, revised or withdrawn since the edition before",
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
    plots.table(
        checks.assign(must=checks.must.map({True: "must hold", False: "open question"}), example=checks.example.fillna("")),
        "checks",
        "Checks of the edition",
        column_config={"name": "Question", "must": "Kind", "offenders": "Offenders", "example": "For instance"},
    )
    st.header("Corrections")
    if corrections.empty:
        st.markdown("No publisher's figure was corrected.")
    else:
        plots.table(corrections, "corrections", "Corrections applied")
