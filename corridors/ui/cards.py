"""The one component that shows a number, everywhere: value or range, counted unit, period, source, grade, caveats."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

import pandas as pd
import streamlit as st

from corridors.catalog import Catalog, words
from corridors.charts import spark
from corridors.export import tables
from corridors.export.brief.document import in_a_file_name
from corridors.store import labels
from corridors.ui import access, cached, contents, filters, plots, slideshow
from corridors.views.briefings import Statement
from corridors.views.figure import Card, Chart, LazyCharts, Limits, period_of

FEW = 60  # words before "More"


def figure(card: Card) -> None:
    """A card: label, value or range, unit and period, grade, source, and everything it cannot say one click away."""
    with st.container(border=True, height="stretch", gap="xsmall", key=f"card-{card.key}"):
        st.metric(card.label, card.amount)
        if card.spark:
            st.markdown(f"![{card.label}: {spark.in_words(card.spark)}]({spark.draw(card.spark)})")
        st.markdown(card.line)
        st.markdown(f"{use(card.limits)}{badges(card.limits.grade, card.status, card.limits.dated_scores)}")
        st.caption(f"**Limit:** {card.limits.most_serious}  \n**Source:** {card.limits.source}")
        cite = citation(f"{card.label}, {card.period}", card.limits.source)
        cannot_say(f"{card.limits.text}\n\n{cite}", f"What it cannot say ({card.limits.count})")


def compact(card: Card, width: int = 130) -> None:
    """A card of a few lines: number and small line; how it moved, period and publisher; its first use, and all else one tap away.

    `width` is that of the label.
    """
    first = card.limits.use.partition(". ")[0].rstrip(".")
    first = {"Do not quote the level": "Do not quote"}.get(first, first.replace("Quote as a", "As a"))
    key = f"card-{card.key}"
    with st.container(border=True, height="stretch", gap="xsmall", horizontal=True, vertical_alignment="center", key=key):
        with st.container(width=width, gap=None):
            st.metric(card.short or card.label, card.amount)
            if card.spark:
                st.image(
                    spark.draw(card.spark, card.spark_starts), width=124, alt=f"{card.label}: {spark.in_words(card.spark)}"
                )
        with st.container(width=154, gap=None):
            said = filter(None, [card.change, f"{card.when} · {card.publisher}"])
            st.caption("  \n".join(said))
            label = f":small[{first or 'What it cannot say'}]"
            with st.popover(label, type="tertiary", icon=":material/info:", wrap=True):
                st.markdown(f"**{card.label}: {card.amount}**")
                st.markdown(card.line_with(""))
                limits_in_short(card, card.note)


def badges(grade: str, status: str = "", scores: str = "") -> str:
    """Grade and status as badges, with the scores behind the letter, in one line of markdown."""
    return (
        f":{words.GRADE_COLOUR[grade]}-badge[{words.GRADE[grade]}]"
        + (f" :gray-badge[{status}]" if status else "")
        + (f" :small[:gray[{scores}]]" if scores else "")
    )


def use(limits: Limits) -> str:
    """What a figure may be used for, as a line of markdown; nothing where an earlier edition does not know."""
    return f"**{limits.use}**  \n" if limits.use else ""


def limits_in_short(card: Card, note: str = "") -> None:
    """Use, grade, most serious limit and source of a card, beneath a line that says the period; note, all caveats and how to cite
    it behind "More"."""
    limits, cite = card.limits, citation(f"{card.label}, {card.period}", card.limits.source)
    st.markdown(f"{use(limits)}{badges(limits.grade, card.status, limits.scores)}")
    st.caption(f"**Limit:** {limits.most_serious}  \n**Source:** {limits.source}")
    more_words("", "\n\n".join(filter(None, [note and f"{words.capital(note)}.", limits.text, cite])))


def citation(title: str, source: str) -> str:
    """How to cite figures of this view: title, source, edition, and the address that opens the same again; a draft is not cited."""
    if access.draft():
        return ""
    edition = labels.plain(cached.edition())
    return f"**Cite as:** {title}. {source}. Corridors, edition {edition}. {filters.address_of_view(edition)}"


def cannot_say(text: str, label: str = "What these figures cannot say") -> None:
    """Caveats behind a button: as many as fit into few words, the others behind "More"."""
    with st.popover(label, type="tertiary", icon=":material/info:"):
        parts, first = text.split("\n\n"), []
        while parts and len(" ".join([*first, parts[0]]).split()) <= FEW:
            first.append(parts.pop(0))
        if not first:  # its title and first sentence stand for a long one, which is then told whole
            first = [parts[0].partition(". ")[0].rstrip(".") + "."]
        more_words("\n\n".join(first), "\n\n".join(parts))


def more_words(first: str, rest: str) -> None:
    """A few words, and the rest behind "More"."""
    if first:
        st.markdown(first)
    if rest:
        with st.expander("More"):
            st.markdown(rest)


def chart(drawn: Chart) -> None:
    """A chart with its message above, and beneath it grade, source, caveats, table and download."""
    with st.container(border=True, height="stretch", gap="xsmall", key=f"chart-{drawn.key}"):
        st.markdown(f"**{drawn.title}**  \n{drawn.message}")
        if drawn.figure:  # a single value is a number, and the message says it
            plots.draw(drawn.figure, f"plot-{drawn.key}", drawn.alt)
        if drawn.notes:
            st.caption("  \n".join(drawn.notes))
        if drawn.outlook_id:
            record_of(drawn.outlook_id)
        beneath(drawn.limits, drawn.rows, drawn.title, drawn.key, drawn.slide)


def boxes(texts: Iterable[str]) -> None:
    """Texts in boxes, two beside each other."""
    with st.grid(2, min_column_width=380, gap="small"):
        for text in texts:
            with st.container(border=True, height="stretch", gap="xsmall"):
                st.markdown(text)


def record_of(outlook_id: str) -> None:
    """The way to what the method of an outlook would have said of earlier years."""
    if access.may_open("outlook"):
        contents.link("outlook", "How the same method did before", "insights", series=outlook_id)


def in_rows(drawn: Sequence[Chart]) -> None:
    """Charts, two side by side; one alone takes the whole row."""
    with st.grid(min(2, len(drawn)) or 1, min_column_width=380, gap="small"):
        for each in drawn:
            chart(each)


def more(charts: LazyCharts, key: str, first: bool = False) -> None:
    """Charts behind a menu: one at a time, kept in the address by its key; `first` opens the first one."""
    if charts:
        choice = filters.menu("More figures", charts.titles, key, first, f"Choose one of {len(charts)}")
        if choice in charts:
            chart(charts[choice])


def beneath(
    limits: Limits, rows: pd.DataFrame, title: str, key: str, slide: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Under every chart and table: grade, source, caveats, the table with its download (made only when opened), its slide."""
    st.markdown(f"{use(limits)}{badges(limits.grade, '', limits.dated_scores)}  \n:small[:gray[{limits.source}]]")
    with st.container(horizontal=True, gap="small"):
        cannot_say(limits.text, f"What these figures cannot say ({limits.count})")
        with st.popover(
            "Table and download", type="tertiary", icon=":material/table:", on_change="rerun", key=f"table-{key}"
        ) as box:
            if box.open:
                table(rows, title, key)
                more_words(citation(title, limits.source), "")
        if slide:
            slideshow.present_this(**slide)


def shown(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows as a table for people: period, value or range, status, parts; columns that say nothing are left out."""
    statuses = cached.vocabulary().statuses
    frame = pd.DataFrame(
        {
            "Period": [period_of(r) for r in rows.itertuples()],
            "Place": rows.place.where(rows.iso3 != "WLD", "All places"),
            "Other end": rows.partner,
            "Form": rows.form.map(words.BREAKDOWN["form"]),
            "Sex": rows.sex,
            "Age": rows.age,
            "Figure": [words.figure(r) for r in rows.itertuples()],
            "Status": [statuses[s].label for s in rows.status],
            **({"Quote the level": rows.use_level, "Speak of a trend": rows.use_trend} if "use_level" in rows else {}),
            "Grade": rows.grade,
            "Publisher's wording": rows.provider_label,
        }
    )
    return frame[[c for c in frame if c in ("Period", "Figure", "Status", "Grade") or frame[c].nunique(dropna=False) > 1]]


def _whose(rows: pd.DataFrame) -> list[str]:
    """Whose figures these are, as a file's name says it: the one place, or both ends; nothing where there are many."""
    ends = [rows[column].dropna().unique() for column in ("partner", "place")]
    return [in_a_file_name(found[0]) for found in ends if len(found) == 1]


def table(rows: pd.DataFrame, title: str, key: str) -> None:
    """The figures as a table and as a CSV that carries source, edition, caveats and TLP label."""
    plots.table(shown(rows), f"frame-{key}", f"{title}, as a table")
    edition_id = labels.plain(cached.edition())
    access.download(
        "Download as CSV",
        lambda: tables.csv_bytes(rows, edition_id, title),
        rows.tlp,
        file_name=f"{'-'.join(['corridors', *_whose(rows), key, edition_id])}.csv",
        mime="text/csv",
        key=f"download-{key}",
    )


def statements(said: Sequence[Statement]) -> None:
    """What is said of push and pull: by the member's authorities, and about it by others."""
    for own, title in ((True, "Said by the member"), (False, "Said about it by others")):
        lines = [f"**{s.factor}** ({s.place}). {s.text}  \n:small[:gray[{s.source}]]" for s in said if s.own == own]
        if lines:
            st.markdown(f"*{title}*\n\n" + "\n\n".join(lines))


def nothing_yet(vocabulary: Catalog, name: str, theme: str) -> None:
    """A kind word where a member has no figure: what is missing, and who could provide it."""
    entry = vocabulary.themes[theme]
    st.info(
        f"**No figure held for {name} on “{entry.title.lower()}”.** That is not zero: none of the sources imported here has "
        f"published one since 2000. It could come from {entry.who_could_provide}.",
        icon=":material/help:",
    )
