"""Meeting: choose an agenda, see its slides and faults, open the show and the notes."""

from functools import partial

import pandas as pd
import streamlit as st
import tomli_w

from corridors.catalog import meetings, words
from corridors.catalog.meetings import Entry, Meeting
from corridors.export.slides import deck, screen
from corridors.store import labels
from corridors.ui import access, cached, filters, slideshow

# What can be taken away: end of the file's name, button, maker, type, icon.
TAKEN = (
    (
        "pptx",
        "Slides as a file (PPTX)",
        screen.file,
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "download",
    ),
    ("pdf", "Slides on paper (PDF)", screen.pdf_file, "application/pdf", "picture_as_pdf"),
    ("zip", "Pack for a memory stick (ZIP)", screen.pack_file, "application/zip", "folder_zip"),
)
NAMES = {
    "title": "Title",
    "situation": "Region",
    "changes": "What changed",
    "route_map": "Route map",
    "member": "Member",
    "corridor": "Corridor",
    "factors": "Push and pull",
    "quality": "Data quality",
    "action": "Joint action",
    "text": "Own words",
    "scenario": "Scenario",
}
BUILT = ("title", "situation", "changes", "route_map", "member", "corridor", "factors", "quality", "action")
KEYS = (
    "Keys: arrows or a clicker turn the page, Home and End go to the ends, B blanks "
    "the screen, F fills it (F11 where the browser keeps F)."
)


def plan(key: str, meeting: Meeting, changed: int) -> None:
    """The agenda as a list, with the ways to show it; its faults first."""
    ceiling = meetings.lower(access.ceiling(), meeting.tlp_ceiling)
    entries = cached.slide_entries(cached.edition(), key, changed, access.ceiling())
    st.header(meeting.title)
    when = [words.day(meeting.date)] if meeting.date else []
    st.markdown(
        " · ".join([*when, *([meeting.place] if meeting.place else []), f"{len(entries)} slides", f"up to TLP:{ceiling}"])
    )
    faults(meeting, access.ceiling())
    if not entries:
        st.info("No slide can be shown. Mend the agenda, or raise its tlp_ceiling.", icon=":material/help:")
        return
    show = slideshow.show_key()
    with st.container(horizontal=True, gap="small"):
        st.link_button(
            "Present",
            slideshow.link("present", key, show),
            icon=":material/slideshow:",
            help="Opens the show in a tab of its own.",
        )
        st.link_button(
            "Speaker's notes",
            slideshow.link("notes", key, show),
            icon=":material/speaker_notes:",
            help="Opens the notes; they follow this show.",
        )
    st.caption(KEYS)
    hidden = len(meeting.entries) - len(meeting.shown(access.ceiling()))
    silent = len(meeting.shown(access.ceiling())) - len(entries)
    minutes = [f" {e.minutes:g}" if e.minutes else "" for e in entries]
    rows = [f"| {n} | {NAMES[e.kind]} | {about(e)} |{of} |" for n, (e, of) in enumerate(zip(entries, minutes), 1)]
    st.markdown("\n".join(["| Slide | Shows | Of | Minutes |", "|---:|---|---|---:|", *rows]))
    total = sum(e.minutes for e in entries)
    has, are = ("has", "is") if silent == 1 else ("have", "are")
    st.caption(
        (f"{total:g} minutes in all. " if total else "")
        + (f"{hidden} slides lie above the ceiling and are left out. " if hidden else "")
        + (f"{silent} {has} nothing to say and {are} left out. " if silent else "")
    )
    edition = cached.edition()
    with st.container(horizontal=True, gap="small"):
        for kind, label, made, mime, icon in TAKEN:
            access.download(
                label,
                partial(made, edition, meeting, ceiling),
                [ceiling],
                file_name=f"corridors-{key}-{labels.plain(edition)}.{kind}",
                mime=mime,
                key=f"take-{kind}",
                icon=f":material/{icon}:",
            )
    st.caption("The pack needs neither server nor network: unpack it, and open index.html.")


def about(entry: Entry) -> str:
    """What a slide is of, in names."""
    name = cached.vocabulary().place_name
    if entry.kind == "corridor":
        return f"{name(entry.wanted['origin'])} to {name(entry.wanted['destination'])}"
    if entry.wanted.get("member"):
        return name(entry.wanted["member"])
    if entry.wanted.get("family"):
        return cached.route_families(cached.edition())[entry.wanted["family"]].name
    if entry.wanted.get("scenario"):
        return next((s.title for s in cached.scenarios(cached.edition()) if s.id == entry.wanted["scenario"]), "")
    found = next((entry.wanted[k] for k in ("title", "route", "action", "crime", "since") if entry.wanted.get(k)), "")
    return filters.sanitise(found) if entry.kind == "text" else found


def faults(meeting: Meeting, ceiling: str) -> None:
    """Every fault of the agenda, with its cure."""
    if shown := meeting.faults_for(ceiling):
        n = len(shown)
        st.warning(
            f"{n} {'entry is' if n == 1 else 'faults are'} to be mended; the other slides can be shown.",
            icon=":material/build:",
        )
        st.code("\n".join(f"{fault}" for fault in shown), language=None, wrap_lines=True)


def build() -> None:
    """A table of slides that becomes an agenda: what each shows, of whom, how long; saved as the text file of an agenda."""
    vocabulary = cached.vocabulary()
    names = {m.name: m.iso3 for m in sorted(vocabulary.members.values(), key=lambda m: m.name)}
    families = {f.name: f.id for f in cached.route_families(cached.edition()).values()}
    kinds = {title: kind for kind, title in NAMES.items() if kind in BUILT}
    left, right, third = st.columns(3)
    title = left.text_input("Title", "Meeting of the Working Group", key="agenda_title", max_chars=meetings.LONGEST_TITLE)
    day = right.date_input("Day", None, key="agenda_day", format="YYYY-MM-DD")
    label = third.selectbox("Nothing above", meetings.SHOWN, key="agenda_label", help="TLP label of the room.")
    start = pd.DataFrame(
        [(1, "Title", None, None, None, 1.0, ""), (2, "Region", None, None, None, 5.0, "")],
        columns=["Order", "Shows", "Member", "To", "Route family", "Minutes", "Note"],
    )
    rows = st.data_editor(
        start,
        num_rows="dynamic",
        hide_index=True,
        key="agenda_rows",
        column_config={
            "Order": st.column_config.NumberColumn(step=1),
            "Shows": st.column_config.SelectboxColumn(options=list(kinds), required=True),
            "Member": st.column_config.SelectboxColumn(
                options=list(names), help="Whose; of a corridor, where people come from."
            ),
            "To": st.column_config.SelectboxColumn(options=list(names), help="Of a corridor: where people are found."),
            "Route family": st.column_config.SelectboxColumn(options=list(families), help="Of a route map."),
            "Minutes": st.column_config.NumberColumn(min_value=0, max_value=240),
            "Note": st.column_config.TextColumn(
                max_chars=meetings.LONGEST_NOTE, help="What to say; only the speaker sees it."
            ),
        },
    )
    slides = []
    for row in rows.sort_values("Order", kind="stable", na_position="last").to_dict("records"):
        kind = kinds.get(row["Shows"])
        if not kind:
            continue
        member, to, family = names.get(row["Member"]), names.get(row["To"]), families.get(row["Route family"])
        wanted = {"origin": member, "destination": to} if kind == "corridor" else {"member": member, "family": family}
        takes = {name for part in meetings.KINDS[kind] for name in part}
        slides.append(
            {"kind": kind}
            | {name: value for name, value in wanted.items() if value and name in takes}
            | ({"minutes": row["Minutes"]} if row["Minutes"] and row["Minutes"] > 0 else {})
            | ({"note": row["Note"]} if row["Note"] else {})
        )
    agenda = {"title": title, "tlp_ceiling": label, "slides": slides} | ({"date": day} if day else {})
    content = tomli_w.dumps(agenda).encode()
    judged = meetings.judge(content, deck.known(cached.edition()))
    faults(judged, access.ceiling())
    access.download(
        "Save the agenda (TOML)",
        content,
        [label],
        file_name="agenda.toml",
        mime="application/toml",
        key="agenda-file",
    )
    if access.may_save_agendas():
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.text_input(
                "Name on this server", key="agenda_key", max_chars=41, placeholder="plenary-2027", width=260
            )
            st.button(
                "Save for all who present",
                key="agenda-save",
                icon=":material/save:",
                disabled=not name or bool(judged.faults),
                on_click=save,
                args=(name, content),
            )
    else:
        st.caption("A file in data/editorial/meetings, or in another folder of agendas, is in the list above.")
    if said := st.session_state.pop("_agenda_not_saved", ""):
        st.error(said, icon=":material/save:")


def save(name: str, content: bytes) -> None:
    """Keeps the agenda on the server and opens it; to be called from a tap."""
    if not access.may_save_agendas():  # the role may have changed since the page was drawn
        st.session_state["_agenda_not_saved"] = "Your role keeps no agendas. Whoever looks after the roles can change that."
        return
    try:
        screen.save(cached.edition(), name, content)
    except screen.NotSaved as fault:
        st.session_state["_agenda_not_saved"] = str(fault)
    else:
        access.log_saved("meeting")
        st.query_params["meeting"] = name


st.title("Meeting")
agendas = meetings.listed()
if len(agendas) > 1:
    named = slideshow.meeting_key()
    chosen = st.selectbox(
        "Agenda", list(agendas), index=list(agendas).index(named) if named in agendas else 0, format_func=agendas.get
    )
    if chosen != named and (named in agendas or chosen != next(iter(agendas))):
        st.query_params["meeting"] = chosen
if found := slideshow.opened(bare=False):
    plan(*found)
with st.expander("Make an agenda", icon=":material/edit_note:", on_change="rerun", key="make-agenda") as box:
    if box.open:
        build()
