"""Who may see what, as plain functions: claims → role → page, ceiling, export; how long a sign-in lives; what is logged."""

import ast
import json
import logging
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors.catalog import roles, tlp
from corridors.store import publishing
from corridors.ui import access, contents, sign_in

ROOT = Path(__file__).resolve().parents[2]
TABLE = roles.load()
NOW = 1_800_000_000.0
GROUPS = {role.id: next(iter(role.groups)) for role in TABLE.roles}


def claims(*groups, **more):
    return {"iss": "https://id.example", "sub": "a-person", "iat": NOW - 60, "groups": list(groups), **more}


def test_each_group_gives_its_role_and_the_widest_of_several_counts():
    for role in TABLE.roles:
        assert TABLE.role_of(claims(GROUPS[role.id])) is role
    assert TABLE.role_of(claims(GROUPS["viewer"], GROUPS["analyst"])).id == "analyst"


@pytest.mark.parametrize(
    "told",
    [
        {},
        claims(),
        claims("some-other-group"),
        claims("Corridors-Stewards"),
        claims("corridors-stewards "),
        {**claims(), "groups": None},
        {**claims(), "groups": {"corridors-stewards": True}},
        {**claims(), "groups": [["corridors-stewards"]]},
        {**claims(), "groups": 7},
        {**claims("corridors-stewards"), "sub": ""},
        {**claims("corridors-stewards"), "sub": None},
        {"groups": ["corridors-stewards"]},
    ],
)
def test_signed_in_but_in_no_group_opens_nothing(told, pages):
    role = TABLE.role_of(told)
    assert role is None and not any(TABLE.may_open(role, page) for page in pages)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)


@given(
    st.dictionaries(st.sampled_from(["sub", "iss", "iat", "exp", "groups", "realm_access", "nonce"]), json_values),
    st.none() | st.floats(),
)
def test_no_claims_however_odd_break_the_door_or_open_it(told, last_seen):
    assert TABLE.role_of(told) is None
    assert replace(TABLE, claim="realm_access.roles").role_of(told) is None
    assert TABLE.ended(told, None, NOW) in ("hours", "idle", "unclear", None)
    assert len(access.token(told)) == 64
    access.Visits().admit(TABLE, told, NOW)


def test_groups_may_lie_deeper_in_the_claims_or_under_an_address():
    assert roles.groups_of({"realm_access": {"roles": ["a", 3, ""]}}, "realm_access.roles") == {"a"}
    assert roles.groups_of({"https://id.example/groups": "a"}, "https://id.example/groups") == {"a"}
    assert roles.groups_of({"realm_access": "a"}, "realm_access.roles") == frozenset()


def test_shut_out_subject_has_no_role_whatever_the_groups_say():
    assert replace(TABLE, shut_out=frozenset({"a-person"})).role_of(claims(GROUPS["steward"])) is None


def test_pages_of_the_table_exist_and_a_new_page_is_closed_to_a_role_that_lists_its_pages():
    named = TABLE.private.union(*(role.pages for role in TABLE.roles)) - {roles.ALL, roles.START}
    assert named <= set(contents.NAMES)
    viewer, presenter, analyst = ({r.id: r for r in TABLE.roles}[name] for name in ("viewer", "presenter", "analyst"))
    assert (
        TABLE.may_open(viewer, "")
        and not TABLE.may_open(viewer, "plans")
        and not TABLE.may_open(viewer, "a-page-of-tomorrow")
    )
    assert TABLE.may_open(presenter, "plans") and not TABLE.may_open(presenter, "planning"), "private pages are not in *"
    assert TABLE.may_open(analyst, "planning")


def test_nobody_reaches_red_and_each_role_sees_at_least_what_the_one_before_sees():
    reach = [tlp.LABELS.index(role.ceiling) for role in TABLE.roles]
    assert reach == sorted(reach) and max(reach) < tlp.LABELS.index("RED")


@pytest.mark.parametrize(
    ("told", "last_seen", "over"),
    [
        (claims(iat=NOW - 60), None, None),
        (claims(iat=NOW - 29 * 60), None, None),
        (claims(iat=NOW - 31 * 60), None, "idle"),
        (claims(iat=NOW - 6 * 3600), NOW - 60, None),
        (claims(iat=NOW - 6 * 3600), NOW - 31 * 60, "idle"),
        (claims(iat=NOW - 12 * 3600), NOW - 1, "hours"),
        (claims(iat=NOW - 30 * 86400), None, "hours"),
        (claims(iat=NOW + 3600), None, "unclear"),
        (claims(iat=None), NOW, "unclear"),
        (claims(iat="now"), NOW, "unclear"),
        (claims(iat=True), NOW, "unclear"),
        (claims(iat=float("nan")), NOW, "unclear"),
        (claims(iat=NOW + 60), None, None),
    ],
)
def test_sign_in_ends_after_12_hours_and_30_idle_minutes_whatever_the_cookie_says(told, last_seen, over):
    assert TABLE.ended(told, last_seen, NOW) == over


def test_what_has_ended_stays_ended_for_every_tab_and_for_a_copied_cookie():
    visits, told = access.Visits(), claims()
    assert visits.admit(TABLE, told, NOW) is None
    assert visits.admit(TABLE, told, NOW + 20 * 60) is None and visits.admit(TABLE, told, NOW + 45 * 60) is None, (
        "each visit counts anew"
    )
    assert visits.admit(TABLE, told, NOW + 80 * 60) == "idle"
    assert visits.admit(TABLE, told, NOW + 80 * 60 + 1) == "idle" and visits.is_over(told)
    again = claims(iat=NOW + 81 * 60)
    assert visits.admit(TABLE, again, NOW + 81 * 60) is None, "a new sign-in opens the door again"
    visits.leave(again)
    assert visits.admit(TABLE, again, NOW + 81 * 60 + 1) == "left"


def test_a_sign_out_is_known_to_other_processes_and_after_a_restart(tmp_path):
    file = tmp_path / "private" / "ended"
    first, second, told = access.Visits(file), access.Visits(file), claims()
    assert first.admit(TABLE, told, NOW) is None and second.admit(TABLE, told, NOW) is None
    first.leave(told)
    assert second.is_over(told) and second.admit(TABLE, told, NOW + 1) == "left"
    assert access.Visits(file).admit(TABLE, told, NOW + 1) == "left", "a restart"
    other = claims(sub="another")
    assert (
        second.admit(TABLE, other, NOW + 3600) == "idle" and first.is_over(other) and not first.is_over(claims(sub="third"))
    )
    kept = file.read_text(encoding="ascii")
    assert file.stat().st_mode & 0o077 == 0 and "a-person" not in kept and len(kept.splitlines()) == 2


def test_ends_of_sign_ins_that_cannot_be_kept_still_hold_here_and_are_said(tmp_path, caplog):
    (tmp_path / "file").touch()
    visits, told = access.Visits(tmp_path / "file" / "below"), claims()
    visits.leave(told)
    assert visits.is_over(told) and "cannot be kept" in caplog.text


def test_a_made_file_is_for_the_sign_in_that_it_was_offered_to_while_its_role_may_have_it(monkeypatch):
    analyst, viewer, other = (
        claims(GROUPS[role], sub=sub) for role, sub in (("analyst", "a"), ("viewer", "v"), ("analyst", "o"))
    )
    amber, form = b"rows of AMBER", b"an empty form"
    access._offered(amber, "AMBER", analyst)
    access._offered("text", "CLEAR", analyst)
    assert access.may_take(analyst, amber, True) and access.may_take(analyst, b"text", True)
    assert not access.may_take(other, amber, True), "an address that was passed on"
    assert not access.may_take({}, amber, True) and not access.may_take({}, form, False), "a stranger"
    assert access.may_take(viewer, form, True) and access.may_take(viewer, b"a picture", False)
    lower = claims(GROUPS["viewer"], sub="a")
    assert access.token(lower) == access.token(analyst) and not access.may_take(lower, amber, True), "a role that shrank"


def test_a_file_that_was_offered_before_an_edition_was_retracted_is_not_to_be_had_until_it_is_offered_anew(
    monkeypatch, tmp_path
):
    monkeypatch.setenv("CORRIDORS_EDITIONS", str(tmp_path))
    analyst = claims(GROUPS["analyst"], sub="a")
    access._offered(b"rows", "CLEAR", analyst)
    assert access.may_take(analyst, b"rows", True)
    with publishing.draft(tmp_path) as work:
        publishing.publish(work, "2026-01-01-00000001", tmp_path)
    publishing.retract("2026-01-01-00000001", "wrong", tmp_path)
    assert not access.may_take(analyst, b"rows", True) and access.may_take(analyst, b"an empty form", True)
    access._offered(b"rows", "CLEAR", analyst)
    assert access.may_take(analyst, b"rows", True)


def test_without_sign_in_strangers_are_not_served():
    for address, host, stranger in (
        ("127.0.0.1", "127.0.0.1:8501", False),
        ("localhost", "localhost:8501", False),
        ("127.0.0.1", None, False),
        ("::1", "[::1]:8501", False),
        ("0.0.0.0", "127.0.0.1:8501", True),
        (None, None, True),
        ("127.0.0.1", "corridors.example", True),
        ("127.0.0.1", "10.0.0.7:8501", True),
        ("192.168.1.4", None, True),
        ("127.0.0.1", "[::1", True),
    ):
        assert access.remote_access_possible(address, host) is stranger, (address, host)


def test_every_fault_of_the_table_is_named_at_once_with_its_entry_and_cure(tmp_path):
    path = tmp_path / "access.toml"
    path.write_text(
        """
        other = 1
        [session]
        hours = 0
        idle_minutes = "30"
        [role.a]
        title = "A"
        groups = []
        ceiling = "RED"
        pages = "all"
        may_export = "yes"
        [role.b]
        title = "B"
        groups = ["g"]
        ceiling = "PURPLE"
        pages = ["*"]
        may_export = true
        may_see_private_pages = true
        may_fly = true
        [role.c]
        title = "C"
        groups = ["g"]
        ceiling = "GREEN"
        pages = ["*"]
        may_export = true
        may_see_private_pages = true
    """,
        encoding="utf-8",
    )
    with pytest.raises(roles.BadAccess) as refused:
        roles.load(path)
    said = "\n".join(refused.value.faults)
    for part in (
        "“other”",
        "claim is missing",
        "hours = 0",
        "idle_minutes = '30'",
        "role.a: found groups = []; expected a list of groups",
        "ceiling = 'RED'",
        "pages = 'all'",
        "may_export = 'yes'",
        "may_see_private_pages is missing",
        "ceiling = 'PURPLE'",
        "“may_fly”",
        "“g” is in b and c",
    ):
        assert part in said, part
    assert len(refused.value.faults) == 12


def test_a_table_that_names_a_page_as_it_was_called_before_opens_it(tmp_path):
    path = tmp_path / "access.toml"
    path.write_text(roles.PATH.read_text(encoding="utf-8").replace('"multiple-systems"', '"hidden"'), encoding="utf-8")
    assert '"hidden"' in path.read_text(encoding="utf-8") and roles.load(path) == TABLE


@pytest.mark.parametrize("text", ["", "role = 3", "[session", "\x00", "[role]\na = 1"])
def test_table_that_is_none_lets_nobody_in_and_says_why(tmp_path, text):
    path = tmp_path / "access.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(roles.BadAccess):
        roles.load(path)
    with pytest.raises(roles.BadAccess, match="cannot be read"):
        roles.load(tmp_path / "gone.toml")


def test_changed_table_holds_from_the_next_question_on(tmp_path, monkeypatch):
    path = tmp_path / "access.toml"
    text = roles.PATH.read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    monkeypatch.setenv("CORRIDORS_ACCESS", str(path))
    told = claims(GROUPS["analyst"])
    assert access.table().role_of(told).id == "analyst"
    path.write_text(text.replace("corridors-analysts", "nobody-is-in-this"), encoding="utf-8")
    assert access.table().role_of(told) is None


def test_every_provider_of_the_settings_has_its_button():
    assert sign_in.providers({"client_id": "x"}) == [None]
    assert sign_in.providers({"cookie_secret": "x", "entra": {"client_id": "a"}, "keycloak": {"client_id": "b"}}) == [
        "entra",
        "keycloak",
    ]
    assert sign_in.providers(None) == [None]


def test_local_product_says_so_and_opens_every_page_with_the_label_at_top_and_bottom(open_page, pages):
    app = open_page()
    assert sign_in.LOCAL_LINE in [c.value for c in app.main.caption]
    assert any("TLP:CLEAR" in m.value for m in app.main.markdown)
    assert list(app.main.children.values())[-1].value.startswith("TLP:CLEAR")
    assert all(access.may_open(page) for page in contents.NAMES) and access.may_export()


def test_decisions_are_logged_without_name_or_address(open_page, caplog):
    with caplog.at_level(logging.INFO, logger="corridors.access"):
        open_page("quality", part="sources")
    lines = [json.loads(r.message) for r in caplog.records if r.name == "corridors.access"]
    assert {"who": "local", "role": "local", "page": "sources", "allowed": True} in lines
    assert all(set(line) <= {"who", "role", "page", "allowed", "why"} for line in lines)


def test_every_figure_that_leaves_goes_through_the_door_that_asks_for_role_and_label():
    """Only empty forms and patterns of our own making may be handed out by Streamlit's bare button."""
    for path in [*(ROOT / "corridors" / "ui").glob("*.py"), *(ROOT / "pages").glob("*/*.py")]:
        used = [
            n.lineno
            for n in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(n, ast.Attribute) and n.attr == "download_button"
        ]
        allowed = {"access.py": 1, "multiple_systems.py": 2}.get(path.name, 0)
        assert len(used) <= allowed, (path.name, used)


def test_no_component_decides_a_ceiling_of_its_own():
    for path in [*(ROOT / "corridors" / "ui").glob("*.py"), *(ROOT / "pages").glob("*/*.py")]:
        assert not re.search(r"\bCEILING\b", path.read_text(encoding="utf-8")), path
