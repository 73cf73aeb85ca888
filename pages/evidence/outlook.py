"""Outlook: what past years suggest for the next ones, with the record of the same method beside it, and why most series have none."""

import streamlit as st

from corridors.ui import cached, filters, frame, plots
from corridors.views.outlook import PROJECTION


def series(edition: str) -> None:
    """One series: its years to come as a fan, the sentence, and what the same method would have said of earlier years."""
    known, refused = cached.outlook_choices(edition), cached.outlook_refusals(edition)
    if not known:
        st.info("Of no series of this edition can anything be said that beats last year's number.", icon=":material/block:")
        return
    st.markdown(
        f"**{len(known):,} of {len(known) + len(refused):,} yearly series can be looked ahead.** For the others nothing beats "
        f"last year's number, or too little is known. {PROJECTION}"
    )
    chosen = filters.menu("Series", known, "series")
    shown = cached.outlook(edition, chosen)
    st.header(shown.title)
    st.markdown(shown.sentence)
    plots.draw(shown.chart, f"outlook-{chosen}", f"{shown.title}: {shown.sentence}")
    st.markdown(f"**Its record.** {shown.record_said}")
    plots.table(shown.record, f"record-{chosen}", "What the method would have said, and what came")
    st.caption(f"{shown.method} · {shown.source}")


def months(edition: str) -> None:
    """A sea or a road: what the six months that come usually bring, month by month, and the record of saying so."""
    known = cached.season_choices(edition)
    if not known:
        st.info(
            "Of no sea and no road are there enough recorded incidents to tell the months apart.", icon=":material/block:"
        )
        return
    chosen = filters.menu("Sea or road", known, "sea")
    shown = cached.season(edition, chosen)
    st.header(shown.title)
    st.markdown("\n\n".join(shown.sentences))
    st.subheader("Month by month")
    st.markdown(f"Recorded incidents in a month, the mean and the range of four years in five. {shown.months}")
    plots.draw(shown.chart, f"season-{chosen}", f"Recorded incidents by month, {shown.title}. {shown.months}")
    st.subheader("What would have been said of the same months before")
    plots.table(shown.record, f"season-record-{chosen}", "What would have been said, and what came")
    st.caption(f"{shown.method} · {shown.source}")


def refused(edition: str) -> None:
    """Why nothing is said of the other series."""
    st.markdown("What has no outlook, and why. The best guess for these is last year's number, or none.")
    rows = cached.outlook_refusals(edition)
    plots.table(rows, "outlook-refused", "Series without an outlook, and why", height=560)
    st.markdown(f"**Months of the year.** {cached.seasons_refused(edition)}")


def record(edition: str) -> None:
    """How outlooks did: those of earlier editions, and what these methods would have said of the last years."""
    good = cached.outlooks_how_good(edition)
    st.markdown(good.said)
    if len(good.published):
        plots.table(good.published, "published", "Outlooks of earlier editions, and what came")
    st.markdown(good.unseen)
    st.header("What these methods would have said of the last years")
    plots.table(good.tried, "tried", "How often the range held, by figure and year")
    st.caption("The series of this edition that have an outlook, one year ahead, each fitted to the years before.")


frame.draw_parts("outlook", {"series": series, "months": months, "refused": refused, "record": record})
