"""The desk's parts that several of its pages need: a job as it goes on, the faults of a file on its own sheet, starting a job."""

from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

import pandas as pd
import streamlit as st

from corridors import paths
from corridors.catalog import words
from corridors.problems import ERROR, WARNING
from corridors.store import drafts, editions, jobs, publishing
from corridors.ui import access, cached, contents, plots
from corridors.views.figure import if_held

FAULTY = {ERROR: "background-color: rgba(214, 69, 65, 0.35)", WARNING: "background-color: rgba(214, 154, 33, 0.35)"}
SIGN = "▶ "  # before the text of a marked cell: colour alone says nothing to many
NAMES = {
    "check": "Checking",
    "accept": "Accepting",
    "withdraw": "Undoing",
    "draft": "Building a draft",
    "preview": "Building a preview",
    "publish": "Publishing",
    "look": "Looking for newer",
    "carry": "Reading originals",
    "decide": "Writing a decision",
    "template": "Writing a form",
}
STATES = {
    jobs.WAITING: "waits",
    jobs.RUNNING: "runs",
    jobs.DONE: "done",
    jobs.REFUSED: "refused",
    jobs.FAILED: "failed",
    jobs.CANCELLED: "stopped",
    jobs.KILLED: "ended by the system; nothing half-written was kept",
}


def ask(label: str, kind: str, options: Mapping[str, Any] = MappingProxyType({}), icon: str = "", **look) -> None:
    """A button that starts a job; `look` goes to `st.button`."""
    sign = f":material/{icon}:" if icon else None
    st.button(label, icon=sign, on_click=begin, args=(kind, options), **look)


def begin(kind: str, options: Mapping[str, Any], files: Iterable[tuple[str, Iterable[bytes]]] = ()) -> str | None:
    """Starts a job in the viewer's name, notes it in the trail and in the address; None, with a sentence, if it cannot start.

    To be called from a tap: asks once more whether the viewer may.
    """
    if kind == "publish":  # what somebody proposed, by another person
        proposed = drafts.proposal(options.get("draft", ""))
        may = bool(proposed) and access.may_publish(proposed["who"])
    else:
        may = kind in ("check", "preview", "template") or access.may_accept()
    if refused(not may) or refused(not access.may_open("desk"), "Your sign-in has ended. Sign in again; nothing was kept."):
        return None
    try:
        made = jobs.start(kind, access.who(), access.name(), dict(options), files)
    except OSError as fault:
        refused(True, f"The disk refused ({fault.strerror or fault}). Nothing was kept; make room and try again.")
        return None
    access.log_saved("desk", why=kind, job=made)
    st.query_params["job"] = made
    return made


def refused(when: bool, why: str = "Your role does not do this any more. Load the page again.") -> bool:
    """Notes what a tap could not do, where it could not."""
    if when:
        st.session_state["_desk_said"] = why
    return when


def said() -> None:
    """What the last tap could not do."""
    if text := st.session_state.pop("_desk_said", ""):
        st.error(text, icon=":material/error:")


def go_to(job_id: str) -> None:
    """Names a job in the address."""
    st.query_params["job"] = job_id


def propose(draft: str, why: str) -> None:
    """Proposes a draft, if the viewer still may."""
    if refused(not access.may_accept()):
        return
    drafts.propose(draft, access.who(), access.name(), why)
    access.log_saved("desk", why="proposed", edition=draft.removeprefix(editions.DRAFT))


def go_back(edition_id: str) -> None:
    """Shows readers an earlier edition, if the viewer still may."""
    if refused(not access.may_publish()):
        return
    try:
        publishing.set_current(edition_id)
    except (editions.UnknownEdition, OSError) as fault:
        refused(True, f"Readers still see what they saw: {fault}")
    else:
        access.log_saved("desk", why="rolled back", edition=edition_id)


def layouts() -> list[str]:
    """The names of members' own layouts."""
    return sorted(path.stem for path in (paths.DATA / paths.LAYOUTS).glob("*.toml"))


def names_no_member(own: str | None) -> bool:
    """Whether the viewer may hand in for one member only and no group says for which; then says so."""
    if own == "":
        st.error("Your groups name no member to hand in for. Ask whoever looks after the roles.", icon=":material/block:")
    return own == ""


def visible(job: jobs.Job) -> bool:
    """Whether the viewer may see a job: analysts all, a contributor their own."""
    return access.may_accept() or access.may_publish() or job.who == access.who()


def chosen(*kinds: str) -> jobs.Job | None:
    """The job that the address names, if it is of these kinds and the viewer may see it; one that runs is drawn as it goes on."""
    named = st.query_params.get("job")
    if not named:
        return None
    try:
        job = jobs.read(named)
    except jobs.NoJob:
        st.caption("The job that the address names is held no longer.")
        return None
    if job.kind not in kinds or not visible(job):
        return None
    if not job.ended:
        _going_on(job.id, bool(job.result))
    return job


@st.fragment(run_every=0.5)
def _going_on(job_id: str, shown: bool = True) -> None:
    """A running job: step, progress, a way to stop it. Once it has ended the whole page is drawn anew, and before as soon as
    there is something of it to be `shown`."""
    try:
        job = jobs.read(job_id)
    except jobs.NoJob:
        st.rerun()
    if job.ended or (job.result and not shown):
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        text = f"**{NAMES[job.kind]}** {STATES[job.state]}. {job.step}"
        if job.total:
            st.progress(min(1.0, job.done / job.total), text=f"{text}: {job.done:,} of {job.total:,}")
        else:
            st.markdown(f":material/hourglass_top: {text}" + (f": {job.done:,}" if job.done else ""))
        if job.who == access.who() or access.may_publish():
            st.button("Stop", key=f"stop-{job.id}", icon=":material/stop_circle:", on_click=jobs.cancel, args=(job.id,))
    st.caption("It goes on if you leave this page. Come back with this address, or find it under “What was done”.")


def ended(job: jobs.Job) -> bool:
    """Says how a job ended where it did not end well; whether it did."""
    if job.state == jobs.DONE:
        return True
    if job.ended:
        st.error(f"{NAMES[job.kind]}: {STATES[job.state]}.", icon=":material/block:")
        for problem in job.problems:
            st.markdown(f"- {plain(problem)}")
    return False


def changed(job: jobs.Job, title: str) -> None:
    """What a job has changed, and the way back."""
    st.success(title, icon=":material/check:")
    for line in job.result["changes"]:
        st.markdown(f"- {plain(line)}")
    undo(job)


def undo(job: jobs.Job) -> None:
    """A button that undoes what a job has written; or that it is undone, or why it cannot be."""
    if job.kind not in jobs.UNDONE or job.state != jobs.DONE or not access.may_accept():
        return
    if any(j.kind == "withdraw" and j.state == jobs.DONE and j.options.get("job") == job.id for j in jobs.listed(200)):
        st.caption("It was undone.")
        return
    if refusal := jobs.no_undo(job):
        st.caption(refusal)
        return
    what = (
        job.result.get("key") or job.options.get("file") or job.result.get("file") or words.listing(job.options["sources"])
    )
    label = f"Undo {what}" if st.query_params.get("job") != job.id else "Undo"
    ask(label, "withdraw", {"job": job.id, "file": what}, "undo", key=f"undo-{job.id}")


def judged(file: Mapping[str, Any], key: str) -> None:
    """One file: verdict, its own rows with the cells marked, and the list of faults with how to fix each."""
    icon = ":material/check_circle:" if file["fine"] else ":material/block:"
    st.subheader(plain(file["title"]))
    (st.success if file["fine"] else st.error)(f"{file['file']}: {file['verdict']} {file['rows']}", icon=icon)
    if file["facts"]:
        st.caption(plain(" · ".join(file["facts"])))
    levels = sorted({fault["level"] for fault in file["faults"]})
    shown = levels
    if len(levels) > 1:
        names = {ERROR: "Errors keep it out", WARNING: "Warnings are to be looked at"}
        shown = st.pills("Show", levels, selection_mode="multi", default=levels, key=f"level-{key}", format_func=names.get)
    for excerpt in file["excerpts"]:
        if any(level in shown for _, _, level in excerpt["marks"]):
            st.markdown(f"**Sheet “{plain(excerpt['sheet'])}”**, rows around the faults")
            st.dataframe(
                sheet(excerpt, shown), key=f"sheet-{key}-{excerpt['sheet']}", alt="Rows of the file with marked cells"
            )
    faults = [fault for fault in file["faults"] if fault["level"] in shown]
    if faults:
        table = pd.DataFrame(faults)[["level", "sheet", "cell", "found", "expected", "how_to_fix"]]
        table.columns = ["Level", "Sheet", "Cell", "Found", "Expected", "How to fix it"]
        plots.table(
            table,
            f"faults-{key}",
            "Faults with place, what was found, what was expected and how to fix each",
            column_config={"How to fix it": st.column_config.TextColumn(width="large")},
            row_height=60,
        )


def sheet(excerpt: Mapping[str, Any], levels: Iterable[str]):
    """Rows of a file as a table with its own row numbers and column letters; faulty cells have a sign and a colour."""
    frame = pd.DataFrame(
        [cells for _, cells in excerpt["rows"]], index=[n for n, _ in excerpt["rows"]], columns=excerpt["columns"]
    )
    colours = frame.copy().astype("object")
    colours[:] = ""
    for row, column, level in excerpt["marks"]:
        if level in levels:
            name = excerpt["columns"][column - 1]
            frame.loc[row, name] = SIGN + frame.loc[row, name]
            colours.loc[row, name] = FAULTY[level]
    return frame.style.apply(lambda _: colours, axis=None)


def questions(draft: str) -> None:
    """Steps in series that nobody has decided, and what else an analyst may decide; written into the files of data/editorial."""
    st.header("To decide")
    steps = cached.undecided(access.keyed(draft))
    decided()
    if not access.may_accept():
        st.caption(f"{len(steps)} steps in series are not decided.")
        return
    office = st.text_input("The office that decides", key="office", max_chars=80, help="An office, never a person.")
    with st.expander(f"Steps in series: {len(steps)} not decided"):
        picked = plots.table(
            steps.drop(columns=["indicator_id", "iso3", "source_id"]),
            "steps",
            "Steps in series that nobody has decided",
            on_select="rerun",
            selection_mode="single-row",
        )
        if at := picked.selection.rows:
            row = steps.iloc[at[0]]
            kinds = {"break": "A break: what came before cannot be compared", "change": "It really changed so"}
            kind = st.radio("What it is", list(kinds), format_func=kinds.get, key="step_kind")
            reason = st.text_input("Why", key="step_reason", max_chars=300)
            entry = {
                "year": int(row.Year),
                "kind": kind,
                "reason": reason,
                "indicators": [row.indicator_id],
                "members": [row.iso3],
            }
            if not words.missing(row.source_id):  # a step that the build found is of all sources
                entry["sources"] = [row.source_id]
            _decide("break", entry, office, "step")
    with st.expander("A grade set by hand"):
        entry = _which("override")
        entry["grade"] = st.selectbox("Grade", list("ABCDU"), key="override_grade")
        entry["reason"] = st.text_input("Why", key="override_reason", max_chars=300)
        _decide("override", entry, office, "override")
    with st.expander("A publisher's error, corrected"):
        entry = _which("correction")
        entry |= {"iso3": entry.pop("member"), "found": st.number_input("Value that is found", key="found", value=None)}
        entry["corrected"] = st.number_input("Value that is right", key="corrected", value=None)
        entry["reason"] = st.text_input("How we know", key="correction_reason", max_chars=300)
        _decide("correction", entry, office, "correction")


def decided() -> None:
    """What the decision that the address names has written, with the way back."""
    job = chosen("decide", "withdraw")
    if job and ended(job):
        changed(job, "Written down" if job.kind == "decide" else "Undone")


def _which(key: str) -> dict:
    """The series and year that a decision is about."""
    vocabulary = cached.vocabulary()
    rows = cached.sources(cached.edition())
    one, two, three, four = st.columns(4)
    return {
        "source": one.selectbox("Source", sorted(rows.source_id), key=f"{key}_source"),
        "indicator": two.selectbox(
            "Figure",
            list(vocabulary.indicators),
            key=f"{key}_indicator",
            format_func=lambda i: vocabulary.indicators[i].name,
        ),
        "member": three.selectbox(
            "Member", list(vocabulary.members), key=f"{key}_member", format_func=lambda i: vocabulary.members[i].name
        ),
        "year": int(four.number_input("Year", 1990, date.today().year, value=date.today().year - 1, key=f"{key}_year")),
    }


def _decide(what: str, entry: dict, office: str, key: str) -> None:
    whole = bool(office.strip()) and all(value not in (None, "") for value in entry.values())
    decision = {"what": what, "entry": entry, "office": office}
    ask("Write it down", "decide", decision, "edit_note", key=f"decide-{key}", disabled=not whole)


def sources(edition: str) -> None:
    """Each source with its age and cadence and how looking for newer last ended; looking, and carrying what came."""
    rows = if_held(cached.source_ages, edition)
    if rows.empty:
        st.caption("The edition on screen was built by an earlier version. Look at the newest one.")
        return
    looked = [job for job in jobs.listed(200) if job.kind == "look" and job.state == jobs.DONE]
    last = {}
    for job in reversed(looked):
        for line in job.result["found"]:
            last[line.partition("/")[0]] = f"{job.began:%-d %b %Y}: {line.rpartition(': ')[2]}"
    expected = pd.to_datetime(rows["Next expected"])
    late = expected < pd.Timestamp(date.today())
    when = expected.dt.strftime("%b %Y").mask(late, "was expected " + expected.dt.strftime("%b %Y"))
    shown = rows.drop(columns="source_id").assign(
        Released=pd.to_datetime(rows.Released).dt.date,
        **{"Next expected": when.fillna("–"), "Last looked": [last.get(name, "–") for name in rows.source_id]},
    )
    plots.table(
        shown, "desk-sources", "Sources with release, age, how often they are renewed, and how looking for newer last ended"
    )
    if not access.may_accept():
        return
    wanted = st.multiselect("Which", list(rows.source_id), key="which", placeholder="All")
    ask(
        "Look for newer",
        "look",
        {"sources": wanted},
        "sync",
        type="primary",
        help="Asks the publishers; nothing is imported before you have seen what would change. Without a network, hand the "
        "original in under “Hand in”.",
    )
    said()
    job = chosen("look", "carry", "withdraw")
    if job and job.kind == "look" and ended(job):
        st.markdown("**What would change**")
        for line in job.result["changes"] or ["Nothing: no file could be had."]:
            st.markdown(f"- {plain(line)}")
        for line in job.result["faults"]:
            st.warning(plain(line), icon=":material/block:")
        if job.result["ready"]:
            ready = job.result["ready"]
            ask(f"Import {words.listing(ready)}", "carry", {"sources": ready}, "check")
    elif job and ended(job):
        changed(job, "Imported" if job.kind == "carry" else "Undone")
        contents.link("desk", "Next: build a draft", "draft", desk="draft")


def listed(edition: str) -> None:
    """Every job that the viewer may see, newest first; one that is chosen can be undone, one that runs stopped."""
    rows = [job for job in jobs.listed(200) if visible(job)]
    st.caption(
        "Jobs of the last ninety days, the newest first. Choose one to undo it. A decision of the command line is not among them."
    )
    if not rows:
        st.caption("None was asked for.")
        return
    table = [
        {
            "When": f"{job.began:%Y-%m-%d %H:%M} UTC",
            "What": NAMES[job.kind],
            "Of": ", ".join(filter(None, [*job.files, *map(job.options.get, ("file", "draft", "key")), _decided_file(job)])),
            "Who": job.by,
            "How it stands": STATES[job.state],
            "Why": str(job.options.get("why") or job.options.get("entry", {}).get("reason", ""))
            or "; ".join(job.problems)[:200],
        }
        for job in rows
    ]
    alt = "Jobs with time, kind, file, who asked and how each stands"
    picked = plots.table(pd.DataFrame(table), "jobs", alt, on_select="rerun", selection_mode="single-row")
    for job in [rows[at] for at in picked.selection.rows if at < len(rows)]:
        undo(job)
        if job.kind not in jobs.UNDONE or job.state != jobs.DONE:
            st.caption("Nothing of this one can be undone here.")
    said()
    for job in rows:
        if not job.ended:
            _going_on(job.id)


def _decided_file(job: jobs.Job) -> str | None:
    return job.result.get("file") if job.kind == "decide" else None


def forms(edition: str) -> None:
    """The forms to be filled in, an example, and what each column means."""
    own = access.own_member()
    if names_no_member(own):
        return
    members = {iso3: m.name for iso3, m in cached.vocabulary().members.items() if not own or iso3 == own}
    options = members if own else {"cases": "Case records"} | members
    what = st.selectbox("For", list(options), format_func=options.get, key="form_for")
    with st.container(horizontal=True):
        ask("Make the form", "template", {"what": what}, "table", type="primary")
        if what != "cases":
            help = "The same form with invented numbers, so that one sees what goes where."
            ask("Make a filled example", "template", {"what": what, "example": True}, help=help)
    said()
    job = chosen("template")
    if job and ended(job):
        file = jobs.place_of(job.id) / job.result["file"]
        access.download(
            file.name,
            file.read_bytes(),
            ["CLEAR"],
            of_edition=False,
            file_name=file.name,
            key="form",
        )
        plots.table(
            pd.DataFrame(job.result["columns"], columns=["Sheet", "Column", "What to write"]),
            "columns",
            "Columns of the form with what to write in each",
            column_config={"What to write": st.column_config.TextColumn(width="large")},
        )
    contents.link("lessons", "A debrief after a Joint Period of Action", "rate_review")


def plain(text: str) -> str:
    """Text of a file, so that nothing in it is read as markdown."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]()#+-!|<>~$:" else c for c in text)
