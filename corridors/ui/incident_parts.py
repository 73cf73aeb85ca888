"""Deaths and disappearances on the map: the sliders, what must be said, and the monthly profile."""

from __future__ import annotations

import streamlit as st

from corridors.catalog import Member
from corridors.charts import months as months_chart
from corridors.charts import theme
from corridors.ui import cached, plots


def draw_filters(edition: str, dark: bool) -> tuple[str | list, tuple[int, int], tuple[int, int]]:
    """Sliders for years and months; the browser filters the marks it already has. Returns marks, years, months."""
    first, last = cached.incident_span(edition)
    with st.container(horizontal=True, gap="medium"):
        years = st.slider(
            "Years of the incidents", first, last, (first, last), key="incident_years", bind="query-params", width=330
        )
        months = st.slider("Months", 1, 12, (1, 12), key="incident_months", bind="query-params", width=330)
    return cached.incident_file(edition, dark), years, (0, 12) if months == (1, 12) else months


def beside(edition: str, member: Member | None, years: tuple[int, int]) -> None:
    """The sum of the period with its limits, and the months of the year."""
    text, months = cached.incident_summary(edition, member.iso3 if member else None, *years)
    st.header("Deaths and disappearances")
    st.markdown(text)
    if len(months):
        st.markdown(f"**By month of the year**  \n{months_chart.headline(months)}")
        plots.draw(
            theme.themed(months_chart.draw(months)),
            "months",
            f"People dead or missing by month. {months_chart.headline(months)}",
        )
        with st.popover("Table", type="tertiary", icon=":material/table:", on_change="rerun", key="months-table") as box:
            if box.open:
                st.dataframe(
                    months,
                    hide_index=True,
                    key="months-frame",
                    alt="People and incident rows by month of the year",
                    column_config={
                        "month": "Month",
                        "people": "People dead or missing",
                        "incidents": "Incident rows",
                        "cumulative": "Of these, cumulative",
                    },
                )
        st.caption(
            "The Andaman Sea is sailed mainly from about September to April; the shaded months are that season. A peak in another "
            "month may be one large wreck or one cumulative row."
        )
    with st.popover("What these figures cannot say", type="tertiary", icon=":material/info:"):
        st.markdown(cached.incident_caveats(edition))
