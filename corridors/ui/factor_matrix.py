"""The matrix of push and pull factors of one member: its rows, the chart behind a row, and what nobody measures."""

import pandas as pd
import streamlit as st

from corridors.catalog import Member, words
from corridors.charts import strip
from corridors.ui import cards, filters, plots
from corridors.views.factors import ENDS, Factors, Measured

STANDING = (
    "An indicator stands for some of a factor; it shows no cause. The strip shows where the member lies among the members that have a "
    "figure. It is a position, not a rank."
)


def matrix(member: Member, ready: Factors, dark: bool) -> None:
    """The matrix for one role of the member; choosing a row opens its chart and its limits."""
    end = filters.tabs("Role", ENDS, "end", "origin")
    rows = [m for m in ready.measured if end in m.factor.ends]
    st.caption(STANDING)
    if not rows:
        st.info("No factor that is read at this end has a figure here.", icon=":material/help:")
    else:
        chosen = plots.table(
            table(rows, dark),
            f"factors-{end}",
            f"Factors for {member.name}: indicator, latest figure with its period, trend, position, change, source and limits",
            on_select="rerun",
            selection_mode="single-row",
            row_height=40,
            column_config={
                "Trend": st.column_config.LineChartColumn(width="small"),
                "Among members": st.column_config.ImageColumn(width=170),
                "Factor": st.column_config.TextColumn(width=150),
                "Indicator": st.column_config.TextColumn(width=190),
                "Latest": st.column_config.TextColumn(width=120),
                "Period": st.column_config.TextColumn(width=130),
            },
        )
        picked = chosen.selection.rows
        detail(rows[picked[0]] if picked and picked[0] < len(rows) else rows[0], bool(picked))
    unmeasured(ready, end)


def table(rows: list[Measured], dark: bool) -> pd.DataFrame:
    """A row per factor and indicator, every cell with its year, source and most serious caveat beside it."""
    return pd.DataFrame(
        {
            "Factor": [m.factor.name for m in rows],
            "Indicator": [m.indicator for m in rows],
            "Latest": [f"{m.latest} {m.unit}" for m in rows],
            "Period": [m.period + (f", {m.age} years old" if m.age > 2 else "") for m in rows],
            "Trend": [list(m.spark) for m in rows],
            "Among members": [strip.draw(m.mine, list(m.others), dark) for m in rows],
            "Change": [m.change for m in rows],
            "Margin": [m.margin or "–" for m in rows],
            "Grade": [m.grade for m in rows],
            "First limit": [m.most_serious for m in rows],
            "Position": [m.position for m in rows],
            "Side": [words.FACTOR_SIDE[m.factor.side] for m in rows],
            "Source": [m.source for m in rows],
        }
    )


def detail(row: Measured, picked: bool) -> None:
    """The chart of one row, the factor's mechanism and literature, and what the indicator cannot say."""
    left, right = st.columns([3, 2], gap="small")
    with left:
        cards.chart(row.chart)
    with right, st.container(border=True, height="stretch", gap="xsmall"):
        st.markdown(f"**{row.factor.name}** ({words.FACTOR_SIDE[row.factor.side].lower()})  \n{row.factor.mechanism}")
        st.markdown(f"**What the indicator cannot say.** {row.factor.cannot_say}")
        st.markdown(f"**Named by** {'; '.join(row.factor.literature)}.")
        st.markdown(
            f"**Position** {row.position}. **Change** {row.change}." + (f" **Margin** {row.margin}." if row.margin else "")
        )
        if not picked:
            st.caption("Choose a row above to see another factor.")


def unmeasured(ready: Factors, end: str) -> None:
    """Factors of this end that the literature names and nobody measures here, and who could."""
    nobody = [f for f in ready.unmeasured if end in f.ends]
    missing = [(f, title) for f, title in ready.without_figure if end in f.ends]
    if nobody or missing:
        st.header("Named, but not measured")
        lines = [f"- **{f.name}.** {f.mechanism} Could be measured by {f.who_could_measure}." for f in nobody]
        lines += [
            f"- **{f.name}**: no figure held for “{title}”. Could come from {f.who_could_measure}." for f, title in missing
        ]
        st.markdown("\n".join(lines))
