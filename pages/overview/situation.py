"""Region: who reported, what the region's figures say, of how many members, and what is newest."""

import streamlit as st

from corridors.catalog import Member, words
from corridors.store import labels
from corridors.ui import access, cached, cards, contents, edition_tables, filters, own_scripts, plots, slideshow
from corridors.views import region, situation
from corridors.views.changes import Shown
from corridors.views.figure import Card


def what_changed(edition: str, member: Member | None) -> None:
    """A choice of an earlier edition, kept in the address, and what the present one says otherwise."""
    chosen = filters.earlier_edition(edition, "What changed since")
    if chosen is None:
        return
    found = cached.changed(access.keyed(chosen), edition, member.iso3 if member else None)
    if isinstance(found, str):
        st.info(found, icon=":material/difference:")
        return
    _changes(found, f"{chosen}-{labels.plain(edition)}-{member.iso3 if member else 'all'}")


def _changes(found: Shown, key: str) -> None:
    st.markdown(found.summary)
    if not found.figures:
        st.caption("The record is the same. What has changed in the field since is for members to say.")
        return
    st.markdown("\n".join(f"- {line}" for line in found.sentences))
    st.caption("A change of a figure is a change of what is recorded here, not of the thing that it counts.")
    plots.table_behind(
        "By member and theme",
        found.counts,
        "changes-by-theme",
        f"counts-{key}",
        "Figures new, revised and withdrawn, by member and theme",
        note="A corridor between two members counts for both, so the columns are not added up.",
        height=420,
    )
    part = (
        f"The first {len(found.rows):,} of {found.figures:,}"
        if len(found.rows) < found.figures
        else f"{found.figures:,} figures"
    )
    plots.table_behind(
        "Every changed figure",
        found.rows,
        "changes-all",
        f"changed-{key}",
        "Figures that changed, before and after",
        note=f"{part}, newest first.",
        height=420,
        column_config={"Year": st.column_config.NumberColumn("Year", format="%d")},
    )


def under_way(edition: str) -> None:
    """The newest period, its stage and its plans in a few lines; a card of the region's page."""
    with st.container(border=True, gap="xsmall", key="under-way"):
        st.markdown(f"**Joint action**  \n{cached.action_under_way(edition)}")
        contents.link("action", "Joint Periods of Action", "handshake")


def tapped(what: str) -> None:
    """Leads to the page of the member that was tapped on the map."""
    kind, _, code = what.partition(":")
    if kind == "member":
        filters.go_to(code)


def who_reported(edition: str) -> None:
    """The map of all members, tinted by whether they reported for a theme, never by how much."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        st.title("Region", width="content")
        named = {key: parts[0] for key, parts in region.THEMES.items()}
        theme = filters.tabs("Theme of the map", named, "reported", "victims")
        slideshow.present_this("situation")
    filters.hint(cached.vocabulary())  # above the map, or nobody with a tablet meets it
    reported, svg, upright = cached.region_map(edition, theme, plots.dark())
    own_scripts.svg_map(svg, "region-map", reported.alt, None, tapped, upright=upright)
    with st.container(horizontal=True, gap="medium"):  # each one tap away
        contents.link("routes", "Route families", "map")
        contents.link("corridor", "What moved most", "swap_calls")
        if access.may_open("action"):
            contents.link("action", "Last period of action", "handshake")
    st.caption(f"{reported.title}. Tap a member. The map says who reported, never how much.")


def headline(card: Card) -> None:
    """A sum of the region: number, of whom it is, its use; all that must be said with it one tap away."""
    note = "; ".join(part for part in card.note.split("; ") if "month, most in" not in part)  # the months stand beneath
    st.markdown(f"**{card.label}: {card.amount}** {card.unit}, {card.period}.  \n:small[{note.rstrip('.')}.]")
    with st.popover(card.limits.use or card.limits.most_serious, type="tertiary", icon=":material/info:", wrap=True):
        cards.limits_in_short(card)


def years_to_come(said: str, lines: tuple[tuple[str, str, str, str], ...]) -> None:
    """What past years suggest for corridors where that is unusual; each leads to its corridor and to its record."""
    if not said:
        return
    st.header("What past years suggest")
    st.markdown(said)
    for line, origin, destination, outlook_id in lines:
        st.markdown(f"- {line}")
        with st.container(horizontal=True, gap="medium"):
            contents.link("corridor", "The corridor", "swap_calls", origin=origin, destination=destination)
            cards.record_of(outlook_id)


edition = cached.edition()
ready = cached.situation(edition)

whole = st.grid(3, min_column_width=362, gap="small")  # on a tablet the words lie beneath the map
with whole.cell(column_span=2):
    who_reported(edition)
with whole.cell(), st.container(gap="xsmall"):
    st.markdown(f"What authorities of {len(cached.vocabulary().members)} members and agencies found; not how much there is.")
    for card in ready.cards:
        if card.key in situation.FIRST:
            headline(card)
    if len(ready.changes):
        number = ready.changes.groupby("kind").figures.sum()
        st.markdown(f"**Since the last edition:** {words.listing([f'{n:,} figures {kind}' for kind, n in number.items()])}.")

st.header("The region's sums")
with st.grid(len(ready.cards), min_column_width=290, gap="small"):
    for card in ready.cards:
        cards.figure(card)
st.caption(ready.spark_note)

st.header("Who is behind each sum")
choice = filters.tabs("Figure", ready.names, "behind", next(iter(ready.names)))
behind = ready.behind[choice]
st.markdown(behind.text)
cards.beneath(behind.limits, behind.rows, behind.title, f"behind-{choice}")

years_to_come(*cached.outlooks_of_region(edition))

st.header("What is known of whom")
with st.container(border=True, gap="xsmall"):
    st.markdown(ready.coverage_message)
    plots.draw(
        ready.coverage,
        "coverage",
        f"For each theme, how many of the {len(cached.vocabulary().members)} members have a recent, an older or no figure. "
        "The table beneath has every member.",
    )
    plots.table_behind(
        "Every member, as a table",
        ready.coverage_table,
        "all-members",
        "coverage-table",
        "Latest year with a figure for each member and theme",
        height=420,
    )

under_way(cached.edition())

st.header("What is newest")
st.markdown(ready.newest)
if len(ready.changes):
    st.markdown("Since the edition before:")
    edition_tables.show_changes(ready.changes, "changes")
what_changed(cached.edition(), filters.member(cached.vocabulary()))
