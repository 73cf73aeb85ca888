"""Cases: identified victims and smuggled migrants in protected tables of case records."""

import streamlit as st

from corridors.catalog import Member
from corridors.export import tables
from corridors.store import labels as ceilings
from corridors.ui import access, cached, cards, filters, plots
from corridors.views.cases import LABELS, Dataset, View, held_place, shown

FIRST = ("form",)


def choose_dataset(held: dict[str, Dataset]) -> Dataset:
    """The data set asked about; two are never added."""
    if len(held) == 1:
        return next(iter(held.values()))
    names = {key: f"{d.title} ({d.crime})" for key, d in held.items()}
    named = st.query_params.get("cases")
    if named in names and filters.expand_label("cases", named, names[named]):
        st.rerun()
    return held[filters.choice("Data set", names, "cases")]


def choose_by(held: Dataset) -> tuple[str, ...]:
    """The dimensions to break down by, in the order chosen. More than a table may have can be chosen: the answer says why not."""
    labels = {d: LABELS[d] for d in held.dimensions}
    named = st.query_params.get_all("by")
    unknown = [n for n in named if n not in labels and n not in labels.values()]
    if unknown:
        filters.not_there(unknown[0], "which is no dimension of this data set.")
    if any(n in labels for n in named):
        if filters.expand_label("by", [n for n in named if n in labels], [labels.get(n, n) for n in named]):
            st.rerun()
    first = None if "by" in st.session_state else [d for d in FIRST if d in labels]
    chosen = st.pills(
        "Broken down by (up to three, filters included)",
        list(labels),
        selection_mode="multi",
        default=first,
        key="by",
        bind="query-params",
        format_func=lambda d: labels.get(d, d),
    )
    return tuple(d for d in chosen if d in labels)


def choose_fixed(held: Dataset, by: tuple[str, ...], member: Member | None) -> tuple[tuple[str, str], ...]:
    """One value kept of dimensions that are not broken down by: from the filters, or the member chosen above the page."""
    fixed = {}
    if member:
        ends = {held_place(held): "Found or exploited in", "citizenship": "Citizens of"}
        names = {d: f"{text} {member.short_name or member.name}" for d, text in ends.items() if d in held.dimensions}
        names |= {"all": "Everyone in the data"}
        whose = filters.tabs("Whose", names, "whose", next(iter(names)))
        if whose in ends and whose not in by:
            fixed[whose] = member.iso3
    free = [d for d in held.dimensions if d not in by]
    for dimension in free:
        _settle(held, dimension)
    with st.popover("Keep one value of …", icon=":material/filter_alt:", key="only"):
        for dimension in free:
            options = held.values[dimension]
            if kept := filters.choice(LABELS[dimension], options, _key(dimension), False, placeholder="All together"):
                fixed[dimension] = kept
    return tuple(fixed.items())


def _key(dimension: str) -> str:
    return f"only_{dimension}"


def _settle(held: Dataset, dimension: str) -> None:
    """Writes a code in the address out as its name, and says when the address keeps a value that is not listed.

    A value may be missing because it is withheld: the message must not tell that apart from a value that nobody has.
    """
    named, options = st.query_params.get(_key(dimension)), held.values[dimension]
    if named in options and named != options[named]:  # a year is its own name
        if filters.expand_label(_key(dimension), named, options[named]):
            st.rerun()
    elif named and named not in options.values():
        filters.not_there(named, "for which no count can be shown here.")


def answer(held: Dataset, found: View) -> None:
    """The chart with everything that must stand beside it, or the reason why there is none; never an empty chart."""
    with st.container(border=True, gap="xsmall", key="cases-answer"):
        st.markdown(f"**{found.title}**" + (f"  \n{found.message}, {held.period}" if found.message else ""))
        if found.refusal:
            st.info(found.refusal, icon=":material/visibility_off:")
        if found.figure is not None:
            plots.draw(found.figure, "plot-cases", found.alt)
        for note in found.notes:
            st.caption(note)
        protected = "Counts moved by chance" if held.perturbed else f"Protected by its publisher, k = {held.k}"
        said = f":gray-badge[TLP:{held.tlp}] :small[:gray[{held.limits.source}, {held.period}]]"
        st.markdown(f"{cards.badges(held.limits.grade, protected)} {said}")
        st.caption(
            f"{held.limits.most_serious}. Counted: {held.unit}, by the year in which they were found. Not prevalence."
        )
        with st.container(horizontal=True, gap="small"):
            cards.cannot_say(held.limits.text, f"What these figures cannot say ({held.limits.count})")
            with st.popover("How people are protected", type="tertiary", icon=":material/shield:"):
                st.markdown(f"{held.method}\n\n{held.about}")
            if found.rows is not None:
                with st.popover(
                    "Table and download", type="tertiary", icon=":material/table:", on_change="rerun", key="table-cases"
                ) as box:
                    if box.open:
                        _table(held, found)


def _table(held: Dataset, found: View) -> None:
    edition_id = ceilings.plain(cached.edition())
    plots.table(shown(held, found.rows), "frame-cases", f"{found.title}, as a table")
    access.download(
        "Download as CSV",
        lambda: tables.case_csv(held, found, edition_id),
        (held.tlp,),
        file_name=f"corridors-cases-{edition_id}.csv",
        mime="text/csv",
        key="download-cases",
    )


edition = cached.edition()
member = filters.member(cached.vocabulary())

st.title("Cases")
held = cached.case_datasets(edition)
if not held:
    st.info(
        "**No case data in this edition.** That is not zero: no data set of case records has been handed in or imported.",
        icon=":material/help:",
    )
else:
    chosen = choose_dataset(held)
    st.markdown(
        f"Tables of people on record, with at most {chosen.depth} dimensions, filters included. What could point to somebody "
        "is withheld, and data sets are never added to one another."
    )
    by = choose_by(chosen)
    fixed = choose_fixed(chosen, by, member)
    answer(chosen, cached.case_view(edition, chosen.id, by, fixed))
