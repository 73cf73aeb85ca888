"""The desk: what the command line does, with eyes. Files are handed in and judged, a draft is looked at, published, taken back."""

from functools import partial

import streamlit as st

from corridors.problems import ERROR
from corridors.store import drafts, editions, jobs
from corridors.ui import access, cached, contents, desk, filters, frame, plots

LARGEST = 210  # MB of one file: a million case records
PIECE = 1 << 20  # bytes that are taken over at a time
KINDS = {
    "briefing": "a member's briefing",
    "cases": "case records",
    "actions": "a record of a Joint Period of Action",
    "overlaps": "a table of overlaps",
    "original": "a publisher's original",
    "unknown": "none of the known kinds",
}


def hand_in(edition: str) -> None:
    """Files are dropped, checked by a process of their own, shown with their faults, and accepted or dropped."""
    own = access.own_member()
    if desk.names_no_member(own):
        return
    whom = cached.vocabulary().members[own].name if own else "any member, any publisher"
    st.caption(f"For {whom}. Nothing is kept until it is accepted; files that are not are deleted after a day.")
    n = st.session_state.setdefault("_handed", 0)
    files = st.file_uploader(
        f"Workbooks, CSV, Parquet, debriefs; several at once, up to {LARGEST} MB each",
        accept_multiple_files=True,
        max_upload_size=LARGEST,
        key=f"files-{n}",
    )
    with st.expander("A table in an office's own form, or text in an old code page"):
        left, right = st.columns(2)
        layout = left.selectbox("Layout", ["", *desk.layouts()], format_func=lambda name: name or "None: the template")
        code_page = right.text_input(
            "Code page", key="code_page", max_chars=20, placeholder="cp874", help="If you can read them."
        )
    st.button(
        "Check",
        type="primary",
        icon=":material/fact_check:",
        disabled=not files,
        on_click=check,
        args=(n, layout, code_page, own or ""),
    )
    desk.said()
    waiting = [job for job in jobs.listed() if job.sent and job.files and not accepted_of(job.id)]
    if access.may_accept() and waiting:
        st.markdown("**Sent by members, waiting for an analyst**")
        for job in waiting:
            label = f"{job.by}: {', '.join(job.files)}, {job.began:%-d %b %Y}"
            st.button(label, key=f"sent-{job.id}", icon=":material/mail:", on_click=desk.go_to, args=(job.id,))
    job = desk.chosen("check", "accept", "withdraw", "preview")
    if job and job.kind == "check":
        if desk.ended(job) or job.result:
            checked(job, own)
        if job.ended and (job.files or job.result):  # one that still runs would write down again what was dropped
            st.button("Drop these files now", key="drop", icon=":material/delete:", on_click=jobs.drop_files, args=(job.id,))
    elif job and job.kind in ("accept", "withdraw") and desk.ended(job):
        stored(job)
    elif job and job.kind == "preview" and desk.ended(job):
        st.success("The preview is ready. Only you can see it.", icon=":material/visibility:")
        held = (job.result["draft"], own and cached.vocabulary().members[own].iso3)
        if st.button("Your page as it would look", icon=":material/flag:", on_click=filters.look_at, args=held):
            st.switch_page(contents.file_of("member"))


def check(n: int, layout: str, code_page: str, member: str) -> None:
    """Starts the check of what lies in the uploader, and empties it."""
    files = [(f.name, iter(partial(f.read, PIECE), b"")) for f in st.session_state.get(f"files-{n}") or []]
    if desk.begin("check", {"layout": layout, "code_page": code_page.strip(), "member": member}, files):
        st.session_state["_handed"] = n + 1


def accepted_of(check_id: str) -> dict[str, jobs.Job]:
    """The files of a check that were accepted → the job that did it."""
    done = [
        j for j in jobs.listed(200) if j.kind == "accept" and j.options.get("check") == check_id and j.state == jobs.DONE
    ]
    return {name: job for job in done for name in job.result.get("files", [job.options["file"]])}


def checked(job: jobs.Job, own: str | None) -> None:
    """What a check found, file by file, and what can be done with each."""
    if not job.result:
        st.caption("The files are held no longer. Hand them in again.")
        return
    taken = accepted_of(job.id)
    marked = jobs.place_of(job.id) / jobs.MARKED
    if marked.exists():
        access.download(  # whoever handed it in gets it back: nothing in it is above their own label
            "The files with their faults marked (XLSX)",
            marked.read_bytes(),
            [access.ceiling()],
            of_edition=False,
            file_name="faults.xlsx",
            key="marked",
        )
    for n, file in enumerate(job.result["files"]):
        with st.container(border=True):
            desk.judged(file, f"{job.id}-{n}")
            if file["file"] in taken:
                st.caption("Accepted. It is in what the next draft is built from.")
            elif file["file"] not in job.files:
                st.caption("The file is held no longer. Hand it in again to accept it.")
            elif file["kind"] == "overlaps":
                contents.link("multiple-systems", "Overlaps are computed there and kept nowhere", "visibility_off")
            elif own is not None:
                send(job, file)
            elif access.may_accept() and job.ended:  # until then its process still reads the file
                accept(job, file)


def accept(job: jobs.Job, file: dict) -> None:
    """The buttons that take a file into the data."""
    options = {"check": job.id, "file": file["file"]} | {k: job.options.get(k, "") for k in ("layout", "code_page")}
    with st.container(horizontal=True):
        look = {"key": f"accept-{file['file']}", "type": "primary", "disabled": not file["fine"]}
        desk.ask(f"Accept {KINDS[file['kind']]}", "accept", options, "check", **look)
        if file["kind"] in ("briefing", "cases") and not file["fine"]:
            help = (
                "The others are kept apart with their reasons. What may tell who a person is keeps the file out even then."
            )
            sound = options | {"partial": True}
            desk.ask("Accept the sound rows only", "accept", sound, key=f"partial-{file['file']}", help=help)
        if {fault["code"] for fault in file["faults"] if fault["level"] == ERROR} == {"steps-back"}:
            help = "This older or smaller release then stands in the place of the figures that are kept."
            older = options | {"older": True}
            desk.ask("Take the step back", "accept", older, key=f"older-{file['file']}", help=help)


def send(job: jobs.Job, file: dict) -> None:
    """What a contributor may do with a sound briefing: look at its page with it, and send it to the analysts."""
    if job.sent:
        st.success("Sent. An analyst of the Working Group accepts it.", icon=":material/mail:")
    with st.container(horizontal=True):
        mine, look = (
            {"check": job.id, "file": file["file"], "who": access.who()},
            {"key": "preview", "disabled": not file["fine"]},
        )
        desk.ask("See my page as it would look", "preview", mine, "visibility", **look)
        st.button(
            "Send it to the analysts",
            key="send",
            type="primary",
            icon=":material/send:",
            disabled=not file["fine"] or job.sent,
            on_click=jobs.send,
            args=(job.id,),
        )


def stored(job: jobs.Job) -> None:
    """What an acceptance or its undoing changed, with the way back."""
    key = job.result["key"]
    desk.changed(job, f"{'Accepted' if job.kind == 'accept' else 'Undone'}: {key or job.options['file']}")
    contents.link("desk", "Next: build a draft", "draft", desk="draft")


def draft(edition: str) -> None:
    """A draft of all that is accepted, what it would change, proposing and publishing it, and going back."""
    now = editions.current()
    st.markdown(f"Readers see edition **{now}**. A draft is seen by analysts alone.")
    if access.may_accept():
        desk.ask("Build a draft", "draft", icon="draft", type="primary")
    desk.said()
    job = desk.chosen("draft", "publish")
    if job and job.kind == "publish" and desk.ended(job):
        st.success(f"Readers see edition {job.result['edition']} from their next tap on.", icon=":material/public:")
    elif job and job.kind == "draft" and desk.ended(job) and job.result["same"]:
        st.info("Nothing has changed since the edition that readers see.", icon=":material/equal:")
    kept = [d for d in drafts.listed() if access.may_see_draft(d) and not drafts.preview_of(d)]
    if not kept:
        st.caption("There is no draft.")
    chosen = st.selectbox("Draft", kept, key="draft_chosen") if len(kept) > 1 else next(iter(kept), "")
    if chosen and chosen.removeprefix(editions.DRAFT) not in editions.listed():
        look_at(chosen, now)
    else:
        desk.decided()
    st.header("Go back")
    going_back(now)


def look_at(name: str, now: str) -> None:
    """What a draft would change, and the buttons that propose and publish it."""
    found = cached.draft_difference(access.keyed(now), access.keyed(name))
    st.header("What would change")
    if st.button("Look at the pages with it", icon=":material/visibility:", on_click=filters.look_at, args=(name,)):
        st.switch_page(contents.file_of(""))
    if isinstance(found.figures, str):
        st.warning(found.figures, icon=":material/compare_arrows:")
    elif found.nothing:
        st.info("No figure, briefing, use or headline would change.", icon=":material/equal:")
    else:
        st.markdown(found.figures.summary)
        for title, rows in (
            ("Headlines before and after", found.headlines),
            ("Briefings", found.briefings),
            ("Figures by member and theme", found.figures.counts),
            ("Uses gained or lost", found.uses),
            ("Changed figures, newest first", found.figures.rows),
        ):
            if len(rows):
                st.subheader(title)
                plots.table(rows, f"draft-{title}", title)
    desk.questions(name)
    proposed = drafts.proposal(name)
    if proposed:
        st.info(f"Proposed by {desk.plain(proposed['by'])}, {proposed['when'][:10]}: {desk.plain(proposed['why'])}")
        if access.may_publish(proposed["who"]):
            desk.ask("Publish", "publish", {"draft": name, "why": proposed["why"]}, "public", type="primary")
        elif access.may_publish():
            st.caption("You proposed it; another person publishes it (access.toml, desk).")
        else:
            st.caption("Whoever may publish sees this proposal here.")
    elif access.may_accept():
        why = st.text_input(
            "Why it should be published", key="why", max_chars=300, placeholder="Briefing of Thailand for 2025"
        )
        st.button(
            "Propose it", disabled=not why.strip(), icon=":material/how_to_vote:", on_click=desk.propose, args=(name, why)
        )


def going_back(now: str) -> None:
    """Shows readers an earlier edition again: one tap chooses it, the next does it."""
    others = [e for e in reversed(editions.listed()) if e != now and not editions.fault_of(e)]
    if not access.may_publish() or not others:
        st.caption(
            "Whoever may publish can show readers an earlier edition again." if others else "No other edition is kept."
        )
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox("Earlier edition", others, index=None, key="back_to", placeholder="Choose one", width=300)
        st.button(
            "Show readers this one", disabled=not chosen, icon=":material/history:", on_click=desk.go_back, args=(chosen,)
        )
    st.caption("Whoever is looking at an edition by its address keeps it until they move.")


PARTS = {"in": hand_in, "draft": draft, "sources": desk.sources, "work": desk.listed, "forms": desk.forms}
frame.draw_parts("desk", PARTS)
