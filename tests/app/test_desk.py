"""The desk as each role meets it: who sees what, who may do what, and that a draft stays with those who may see drafts."""

import json
from dataclasses import replace

import pytest

from corridors.catalog import roles
from corridors.catalog.roles import LOCAL
from corridors.store import drafts, editions, jobs, publishing
from corridors.store.lock import one_writer
from corridors.ui import access, own_scripts
from corridors.ui.desk import NAMES

TABLE = roles.load()
ROLES = {role.id: role for role in TABLE.roles}


@pytest.fixture
def as_role(monkeypatch):
    """`as_role("analyst", who="ann")`: whoever opens pages from now on."""

    def seen(name: str, who: str = "ann", member: str = "", **changed):
        role = replace(ROLES[name], **changed)
        monkeypatch.setattr(access, "role", lambda: role)
        monkeypatch.setattr(access, "who", lambda: who)
        monkeypatch.setattr(access, "name", lambda: who.title())
        monkeypatch.setattr(access, "may_open", lambda page: TABLE.may_open(role, page))
        monkeypatch.setattr(access, "table", lambda: TABLE)
        monkeypatch.setattr(
            access, "claims", lambda: {"sub": who, "groups": [f"corridors-member-{member}"] if member else []}
        )
        return role

    return seen


@pytest.fixture
def own_folders(tmp_path, monkeypatch, editions_folder):
    """Jobs and drafts of the test's own, and one draft: a copy of the edition that readers see, under another name."""
    monkeypatch.setenv("CORRIDORS_JOBS", str(tmp_path / "jobs"))
    monkeypatch.setenv("CORRIDORS_DRAFTS", str(tmp_path / "drafts"))
    now, made = editions.current(), "2026-01-01-0123abcd"
    for path in editions.files_of(now):
        drafts.made().joinpath(path.name.replace(now, made)).hardlink_to(path)
    noted = editions_folder / f"{now}{editions.CHECKSUM}"
    (drafts.made() / f"{made}{editions.CHECKSUM}").write_text(noted.read_text().replace(now, made))
    return f"{editions.DRAFT}{made}"


def job(kind: str, who: str, result: dict | None = None, options: dict | None = None, files=(), problems=()) -> str:
    """A job that has ended, as its process would have left it; refused where there are problems."""
    n = len(list(jobs.folder().glob("*"))) if jobs.folder().is_dir() else 0
    place = jobs.folder() / f"20261127-00000{n}-0000000{n}"
    (place / jobs.FILES).mkdir(parents=True)
    for name in files:
        (place / jobs.FILES / name).write_bytes(b"x")
    asked = {"kind": kind, "who": who, "by": who.title(), "options": options or {}, "began": "2026-11-27T00:00:00+00:00"}
    (place / jobs.ASKED).write_text(json.dumps(asked))
    state = jobs.REFUSED if problems else jobs.DONE
    (place / jobs.RESULT).write_text(json.dumps({"state": state, "result": result or {}, "problems": list(problems)}))
    return place.name


FILE = {
    "kind": "briefing",
    "file": "tha.xlsx",
    "title": "Country briefing of Thailand, 2025",
    "fine": False,
    "verdict": "1 error, 1 warning.",
    "rows": "2 rows in, 1 accepted, 1 rejected.",
    "facts": ["2 figures; TLP:GREEN"],
    "faults": [
        {
            "level": level,
            "code": "",
            "sheet": "Figures",
            "cell": cell,
            "found": "*12* or so",
            "expected": "digits",
            "how_to_fix": "Write it.",
        }
        for level, cell in (("error", "B7"), ("warning", "A7"))
    ],
    "excerpts": [
        {
            "sheet": "Figures",
            "columns": ["A", "B"],
            "rows": [[1, ["What", "Number"]], [7, ["Victims", "12 or so"]]],
            "marks": [[7, 2, "error"]],
        }
    ],
}


def buttons(app) -> list[str]:
    return [b.label for b in app.button]


def test_faults_are_drawn_on_the_rows_of_the_file_with_a_sign_and_how_to_fix_each(open_page, own_folders, texts):
    made = job("check", "local", {"files": [FILE]}, files=["tha.xlsx"])
    app = open_page("desk", job=made)
    assert not app.exception
    sheet, faults = app.dataframe[0].value, app.dataframe[1].value
    assert list(sheet.index) == [1, 7] and sheet.loc[7, "B"] == "▶ 12 or so" and sheet.loc[7, "A"] == "Victims"
    assert list(faults["How to fix it"]) == ["Write it.", "Write it."] and list(faults.Cell) == ["B7", "A7"]
    app.pills(key=f"level-{made}-0").set_value(["warning"]).run()
    assert len(app.dataframe) == 1 and list(app.dataframe[0].value.Level) == ["warning"]
    assert "Accept a member's briefing" in buttons(app) and app.button(key="accept-tha.xlsx").disabled


def test_faults_are_shown_while_the_marked_workbook_is_still_being_written(open_page, own_folders, texts):
    made = job("check", "local", {"files": [FILE]}, files=["tha.xlsx"])
    told = json.loads((jobs.place_of(made) / jobs.RESULT).read_text()) | {"state": jobs.RUNNING, "step": "Marking the cells"}
    (jobs.place_of(made) / jobs.RESULT).write_text(json.dumps(told))
    with one_writer(jobs.place_of(made) / jobs.ALIVE, 0):
        app = open_page("desk", job=made)
    assert not app.exception and app.dataframe[0].value.loc[7, "B"] == "▶ 12 or so"
    assert "Marking the cells" in texts(app.main) and "Stop" in buttons(app)
    assert not [label for label in buttons(app) if label.startswith(("Accept", "Drop"))], "the process still has the files"
    assert {"Accept a member's briefing", "Drop these files now"} <= set(buttons(open_page("desk", desk="in", job=made)))


def test_what_a_stopped_check_has_left_can_be_dropped_at_once(open_page, own_folders):
    made = job("check", "local", files=["tha.xlsx"], problems=["Stopped."])
    app = open_page("desk", job=made)
    app.button(key="drop").click().run()
    assert not app.exception and not jobs.read(made).files and "Drop these files now" not in buttons(app)


@pytest.mark.parametrize(
    ("codes", "offered"), [(["steps-back"], True), (["steps-back", "cut-off"], False), (["cut-off"], False)]
)
def test_a_release_that_only_steps_back_can_be_taken_all_the_same(open_page, own_folders, monkeypatch, codes, offered):
    faults = [FILE["faults"][0] | {"code": code} for code in codes]
    file = FILE | {"kind": "original", "file": "glotip.xlsx", "faults": faults, "excerpts": []}
    app = open_page("desk", job=job("check", "local", {"files": [file]}, files=["glotip.xlsx"]))
    assert ("Take the step back" in buttons(app)) is offered and app.button(key="accept-glotip.xlsx").disabled
    if offered:
        begun = []
        monkeypatch.setattr(jobs, "start", lambda *given: begun.append(given) or "20261127-000000-00000000")
        app.button(key="older-glotip.xlsx").click().run()
        assert begun[0][0] == "accept" and begun[0][3]["older"] is True


@pytest.mark.parametrize("name", ["viewer", "presenter"])
def test_who_has_no_desk_learns_nothing_of_it(open_page, own_folders, as_role, texts, name):
    as_role(name)
    made = job("check", "ann", {"files": [FILE]})
    app = open_page("desk", job=made, edition=own_folders)
    assert "Not open to your role" in [t.value for t in app.title] and not app.dataframe
    app = open_page("member", member="Thailand", edition=own_folders)
    assert "Nobody else sees these figures" not in texts(app.main) and editions.current() in texts(app.main)


def test_a_contributor_sees_its_own_and_can_neither_accept_nor_publish(open_page, own_folders, as_role, texts):
    as_role("contributor", who="tha", member="THA")
    other = job("check", "mys", {"files": [FILE]}, files=["tha.xlsx"])
    assert not open_page("desk", job=other).dataframe
    mine = job("check", "tha", {"files": [FILE | {"fine": True}]}, {"member": "THA"}, files=["tha.xlsx"])
    app = open_page("desk", job=mine)
    assert app.dataframe and "For Thailand" in texts(app.main)
    assert not [label for label in buttons(app) if label.startswith("Accept")] and "Send it to the analysts" in buttons(app)
    app.button(key="send").click().run()
    assert jobs.read(mine).sent and "An analyst of the Working Group accepts it" in app.success[-1].value
    app = open_page("desk", desk="draft")
    assert not {"Build a draft", "Propose it", "Publish", "Show readers this one"} & set(buttons(app))
    assert own_folders not in texts(app.main)
    drafts.mark_preview(own_folders, "tha")
    assert "Nobody else sees these figures" in texts(open_page("member", member="Thailand", edition=own_folders).main)
    as_role("contributor", who="mys", member="MYS")
    assert "Nobody else sees these figures" not in texts(open_page("member", member="Thailand", edition=own_folders).main)
    for member in ("", "XYZ"):
        as_role("contributor", who="nobody", member=member)
        for part in ("in", "forms"):
            app = open_page("desk", desk=part)
            assert not app.exception and "Your groups name no member" in "".join(e.value for e in app.error)
    as_role("analyst")
    assert any(label.startswith("Tha: tha.xlsx") for label in buttons(open_page("desk")))


def test_whoever_proposes_does_not_publish_and_another_does(open_page, own_folders, as_role, texts):
    as_role("analyst", who="ann")
    app = open_page("desk", desk="draft")
    assert "Publish" not in buttons(app) and app.button[-1].label != "Show readers this one"
    app.text_input(key="why").input("Briefing of Thailand").run()
    next(b for b in app.button if b.label == "Propose it").click().run()
    assert "Proposed by Ann" in "".join(i.value for i in app.info) and "Publish" not in buttons(app)
    as_role("steward", who="ann")
    app = open_page("desk", desk="draft")
    assert "Publish" not in buttons(app) and "another person publishes it" in texts(app.main)
    as_role("steward", who="bob")
    assert "Publish" in buttons(open_page("desk", desk="draft"))


def test_one_person_may_do_both_where_the_table_says_so(as_role, monkeypatch):
    as_role("steward", who="ann")
    assert not access.may_publish("ann") and access.may_publish("bob")
    monkeypatch.setattr(access, "table", lambda: replace(TABLE, one_person_may_publish=True))
    assert access.may_publish("ann")
    monkeypatch.setattr(access, "role", lambda: LOCAL)
    assert access.may_publish("local")


def test_a_tap_of_a_role_taken_away_does_nothing(as_role, own_folders, monkeypatch):
    from corridors.ui import desk

    as_role("viewer")
    for kind in ("check", "accept", "withdraw", "draft", "publish", "look", "carry", "decide", "preview", "template"):
        assert desk.begin(kind, {}) is None
    desk.propose(own_folders, "because")
    desk.go_back(editions.current())
    assert not jobs.listed() and not drafts.proposal(own_folders)
    as_role("steward", who="ann")
    assert desk.begin("publish", {"draft": own_folders}) is None, "nobody has proposed it"
    desk.propose(own_folders, "because")
    assert desk.begin("publish", {"draft": own_folders}) is None, "she has proposed it herself"
    assert not jobs.listed()


@pytest.mark.parametrize("page", ["", "member", "routes", "quality", "factors", "action", "outlook", "cases"])
def test_pages_show_a_draft_with_a_band_and_let_nothing_of_it_leave(open_page, own_folders, texts, page):
    app = open_page(page, edition=own_folders, **({"member": "Thailand"} if page == "member" else {}))
    assert not app.exception and "Nobody else sees these figures" in texts(app.main)
    assert not app.get("download_button")


def test_what_is_taken_away_of_a_draft_is_refused_in_words_and_ones_own_file_is_not(open_page, own_folders, texts):
    address = {"member": "Thailand", "take": "open", "take_theme": "victims"}
    assert open_page("member", **address).get("download_button")
    app = open_page("member", **address, edition=own_folders)
    assert not app.get("download_button") and "A draft does not leave this screen" in texts(app.main)
    checked = job("check", "local", {"files": [FILE]}, files=["tha.xlsx"])
    (jobs.place_of(checked) / jobs.MARKED).write_bytes(b"x")
    app = open_page("desk", job=checked, edition=own_folders)
    assert [b.label for b in app.get("download_button")] == ["The files with their faults marked (XLSX)"]


def test_a_draft_is_not_presented(open_page, own_folders):
    app = open_page("present", edition=own_folders)
    assert "published first" in "".join(e.value for e in app.error)


@pytest.mark.parametrize(("page", "watches"), [("quality", True), ("present", False), ("notes", False)])
def test_a_page_watches_for_another_edition_unless_it_holds_on_to_one_and_slides_never_do(
    open_page, own_folders, monkeypatch, page, watches
):
    watched = []
    monkeypatch.setattr(own_scripts, "newer", watched.append)
    open_page(page)  # by way of the first page, which watches
    assert watched == [editions.current()] * (1 + watches)
    watched.clear()
    for held in (editions.current(), own_folders):
        open_page(page, edition=held)
    assert not watched


def test_going_back_takes_two_taps_and_is_done(open_page, own_folders, editions_folder):
    now, other = editions.current(), "2026-01-01-0123abcd"
    for path in drafts.made().glob(f"{other}*"):
        (editions_folder / path.name).hardlink_to(path)
    try:
        app = open_page("desk", desk="draft")
        app.selectbox(key="back_to").set_value(other).run()
        next(b for b in app.button if b.label == "Show readers this one").click().run()
        assert editions.current() == other
    finally:
        publishing.set_current(now)
        for path in editions_folder.glob(f"{other}*"):
            path.unlink()


@pytest.mark.parametrize("part", ["draft", "sources", "work", "forms"])
def test_each_part_opens_with_work_done_and_without(open_page, own_folders, part):
    assert not open_page("desk", desk=part).exception
    found = {
        "changes": ["unhcr: the same"],
        "found": ["unhcr/a.json: unchanged"],
        "ready": ["unhcr"],
        "faults": ["a *fault*"],
    }
    made = {
        "draft": ("draft", {"draft": own_folders, "same": True, "questions": []}),
        "sources": ("look", found),
        "work": ("accept", {"key": "briefing THA 2025 v1", "changes": []}),
        "forms": ("decide", {"changes": ["one entry more"], "file": "editorial/breaks.toml"}),
    }[part]
    app = open_page("desk", desk=part, job=job(made[0], "local", made[1]))
    assert not app.exception


@pytest.mark.parametrize(
    ("part", "kind", "result", "options"),
    [
        ("in", "accept", {"key": "", "files": ["glotip.xlsx"], "wrote": {"a": "b"}}, {"file": "glotip.xlsx"}),
        ("in", "accept", {"key": "actions 2018 NZL"}, {"file": "debrief.toml"}),
        ("draft", "decide", {"file": "editorial/breaks.toml", "text": "x"}, {"what": "break"}),
        ("sources", "carry", {"wrote": {"a": "b"}}, {"sources": ["unhcr"]}),
    ],
)
def test_what_was_written_is_undone_with_a_tap_where_it_was_made_and_once(
    open_page, own_folders, as_role, texts, monkeypatch, part, kind, result, options
):
    made, begun = job(kind, "ann", {"changes": ["one entry more"], **result}, options), []
    monkeypatch.setattr(jobs, "start", lambda *given: begun.append(given) or made)
    app = open_page("desk", desk=part, job=made)
    assert not app.exception and "one entry more" in texts(app.main)
    app.button(key=f"undo-{made}").click().run()
    assert begun[0][0] == "withdraw" and begun[0][3]["job"] == made and begun[0][3]["file"]
    undone = job("withdraw", "bob", {"key": "", "changes": ["as it was before"]}, begun[0][3])
    app = open_page("desk", desk=part, job=made)
    assert "Undo" not in buttons(app) and "It was undone." in texts(app.main)
    assert "as it was before" in texts(open_page("desk", desk=part, job=undone).main)
    whole = open_page("desk", desk="work").dataframe[0].value
    assert list(whole.What)[:2] == ["Undoing", NAMES[kind]] and list(whole.Who)[:2] == ["Bob", "Ann"], "both are kept"
    as_role("contributor", who="ann", member="THA")
    assert "Undo" not in buttons(open_page("desk", desk=part, job=made))


@pytest.mark.parametrize(
    ("part", "kind", "result", "options", "why"),
    [
        ("sources", "carry", {"wrote": {}}, {"sources": ["unhcr"]}, "nothing to undo"),
        ("sources", "carry", {}, {"sources": ["unhcr"]}, "take the step back"),
        ("draft", "decide", {}, {"what": "break", "entry": {"reason": "Known"}}, "by hand"),
        ("in", "accept", {"key": "", "files": ["glotip.xlsx"]}, {"file": "glotip.xlsx"}, "take the step back"),
    ],
)
def test_what_holds_nothing_to_undo_it_with_says_so_instead_of_a_button(
    open_page, own_folders, texts, monkeypatch, part, kind, result, options, why
):
    from corridors.ui import desk

    made = job(kind, "local", {"changes": ["one entry more"], **result}, options)
    app = open_page("desk", desk=part, job=made)
    assert not app.exception and "Undo" not in buttons(app) and why in texts(app.main)
    told = []
    monkeypatch.setattr(desk.st, "caption", told.append)
    desk.undo(jobs.read(made))  # as the list of what was done calls it
    assert len(told) == 1 and why in told[0]


def test_each_source_says_when_it_is_expected_next_and_how_looking_last_ended(open_page, own_folders):
    job("look", "ann", {"changes": [], "found": ["unhcr/a.json: unchanged"], "ready": [], "faults": []})
    rows = open_page("desk", desk="sources").dataframe[0].value.set_index("Source")
    unhcr, cepii = (next(rows.loc[name] for name in rows.index if name.startswith(who)) for who in ("UNHCR", "CEPII"))
    assert cepii["Next expected"] == "–" and cepii["Last looked"] == "–"
    assert (
        unhcr["Last looked"] == "27 Nov 2026: unchanged"
        and unhcr["Next expected"].removeprefix("was expected ")[-4:].isdigit()
    )


def test_an_analyst_decides_a_step_with_office_and_reason(open_page, own_folders, monkeypatch):
    from corridors.ui import desk

    asked = []
    monkeypatch.setattr(desk.jobs, "start", lambda *given: asked.append(given) or "20261127-000000-00000000")
    app = open_page("desk", desk="draft")
    app.text_input(key="office").input("Data unit").run()
    app.selectbox(key="override_indicator").set_value("refugees").run()
    app.text_input(key="override_reason").input("A register was lost").run()
    assert app.button(key="decide-correction").disabled and not app.button(key="decide-override").disabled
    app.button(key="decide-override").click().run()
    ((kind, who, _, options, _),) = asked
    assert (kind, who, options["what"], options["office"]) == ("decide", "local", "override", "Data unit")
    assert options["entry"]["indicator"] == "refugees" and options["entry"]["reason"] == "A register was lost"
