"""Agendas: whatever a chair writes, the sound slides can be shown and every fault is named with its cure."""

import tomllib
import tracemalloc

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from corridors.catalog import meetings, tlp

KNOWN = meetings.Known(
    routes=frozenset({"R01", "R02"}),
    actions=frozenset({"2018"}),
    scenarios=frozenset({"by-sea"}),
    editions=frozenset({"2026-01-01-0a1b2c3d"}),
)


def read(folder, told: dict | str, key: str = "m") -> meetings.Meeting:
    (folder / f"{key}.toml").write_text(told if isinstance(told, str) else tomli_w.dumps(told), encoding="utf-8")
    return meetings.read(key, KNOWN, folder)


def agenda(*slides: dict, **head) -> dict:
    return {"title": "A meeting", **head, "slides": list(slides)}


@pytest.mark.parametrize(
    ("slide", "said"),
    [
        ({"kind": "sitution"}, "Did you mean “situation”?"),
        ({}, "no kind"),
        ({"kind": "member"}, "without member"),
        ({"kind": "member", "member": "Thialand"}, "Did you mean “thailand”?"),
        ({"kind": "member", "member": "Germany"}, "is not a member"),
        ({"kind": "member", "member": 7}, "Put it into quotes"),
        ({"kind": "member", "member": "Thailand", "indicator": "detected_victim"}, "Did you mean “detected_victims”?"),
        ({"kind": "corridor", "destination": "Thailand"}, "without origin"),
        ({"kind": "corridor", "origin": "THA", "destination": "Thailand"}, "two places"),
        ({"kind": "route_map", "route": "R99"}, "R01, R02"),
        ({"kind": "route_map", "crime": "both"}, "smuggling, trafficking"),
        ({"kind": "action", "action": "2031"}, "2018"),
        ({"kind": "scenario", "scenario": "by-air"}, "by-sea"),
        ({"kind": "changes", "since": "2020-01-01-00000000"}, "2026-01-01-0a1b2c3d"),
        ({"kind": "text", "title": "T", "points": ["x" * 400]}, "a point of 400 characters"),
        ({"kind": "text", "title": "T", "points": ["a"] * 9}, "9 points"),
        ({"kind": "text", "title": "T" * 200, "points": ["a"]}, "a title of 200 characters"),
        ({"kind": "text", "title": "T", "points": "a"}, "no list of texts"),
        ({"kind": "title", "minutes": -3}, "minutes = -3"),
        ({"kind": "title", "tlp": "WHITE"}, "tlp “WHITE”"),
        ({"kind": "title", "tlp": "RED"}, "RED is said, not shown"),
        ({"kind": "title", "colour": "red"}, "unknown field “colour”"),
    ],
)
def test_a_faulty_entry_is_named_with_its_number_and_cure_and_the_others_are_shown(tmp_path, slide, said):
    found = read(tmp_path, agenda({"kind": "title"}, slide, {"kind": "quality"}))
    assert [e.kind for e in found.entries] == ["title", "quality"]
    assert all(str(f).startswith("m.toml, slide 2: found ") and "; expected " in str(f) for f in found.faults)
    assert said in " ".join(map(str, found.faults))


def test_names_aliases_and_codes_lead_to_one_member_and_a_corridor_may_begin_elsewhere(tmp_path):
    found = read(tmp_path, agenda(*({"kind": "member", "member": n} for n in ("Burma", "MMR", "Myanmar"))))
    assert not found.faults and {e.wanted["member"] for e in found.entries} == {"MMR"}
    found = read(tmp_path, agenda({"kind": "corridor", "origin": "Germany", "destination": "Thailand"}))
    assert not found.faults and dict(found.entries[0].wanted) == {"origin": "DEU", "destination": "THA"}


@pytest.mark.parametrize(
    "text", ["title = ", "slides = 3", "title = 'x'", "", "[[slides]]\nkind = 'title'\n\x00", "title = 'x'\nslides = []"]
)
def test_a_broken_file_is_a_fault_and_not_a_crash(tmp_path, text):
    found = read(tmp_path, text)
    assert found.entries == () and (found.faults or not text)


@pytest.mark.parametrize("key", ["../default", "/etc/passwd", "", "A", "none", "x" * 90, "default.toml"])
def test_a_key_in_an_address_is_never_taken_for_a_path(tmp_path, key):
    (tmp_path / "default.toml").write_text("title = 'x'", encoding="utf-8")
    with pytest.raises(meetings.UnknownMeeting, match="There are: default"):
        meetings.read(key, KNOWN, tmp_path)


def test_own_words_above_the_ceiling_of_meeting_or_viewer_are_left_out(tmp_path):
    words = [{"kind": "text", "title": label, "points": ["p"], "tlp": label} for label in meetings.SHOWN]
    found = read(tmp_path, agenda(*words, tlp_ceiling="AMBER"))
    assert [e.tlp for e in found.shown("AMBER+STRICT")] == ["CLEAR", "GREEN", "AMBER"]
    assert [e.tlp for e in found.shown("CLEAR")] == ["CLEAR"] == [e.tlp for e in found.shown("nonsense")]
    slides = [{"kind": "text", "title": "t", "points": ["p"]}, {"kind": "quality", "note": "n"}, {"kind": "quality"}]
    found = read(tmp_path, agenda(*slides, tlp_ceiling="AMBER"))  # without a label they take the meeting's
    assert [e.tlp for e in found.entries] == ["AMBER", "AMBER", "CLEAR"] and len(found.shown("CLEAR")) == 1
    found = read(tmp_path, agenda({"kind": "text", "title": "t", "points": ["p"], "tlp": "GREEN"}, tlp_ceiling="PURPLE"))
    assert found.tlp_ceiling == "CLEAR" and not found.shown("AMBER") and "PURPLE" in str(found.faults[0]), "counts as CLEAR"


def test_a_fault_message_repeats_nothing_of_a_slide_above_the_reader(tmp_path):
    secret = {"kind": "member", "member": "Hidden words", "note": "n"}
    for slide, head in (({**secret, "tlp": "AMBER"}, {}), (secret, {"tlp_ceiling": "AMBER"}), ({"kind": "Hidden"}, {})):
        found = read(tmp_path, agenda(slide, **({"tlp_ceiling": "AMBER"} | head)))
        assert found.faults and "Hidden" in str(found.faults_for("AMBER")) and "Hidden" not in str(found.faults_for("CLEAR"))
        assert len(found.faults_for("CLEAR")) == len(found.faults)


@pytest.mark.parametrize(
    "slide", [{"points": ["A broker named Rashid"]}, {"note": "call +66 81 234 5678"}, {"title": "王小明"}]
)
def test_an_agenda_that_names_a_person_is_told_so_and_the_slide_is_left_out(tmp_path, slide):
    found = read(tmp_path, agenda({"kind": "text", "title": "t", "points": ["p"], **slide}, {"kind": "quality"}))
    assert [e.kind for e in found.entries] == ["quality"] and "of a person" in str(found.faults[0])
    assert not {"Rashid", "234", "王小明"} & set(str(found.faults[0]).replace("“", " ").split())


@pytest.mark.parametrize(
    "bomb",
    [
        "title = 'x'\n" + "a." * 20_000 + "b = 1",
        "title = 'x'\n[" + '"a".' * 5_000 + "b]\n",
        "a = " + "[" * 20_000 + "]" * 20_000,
        "a = " + "{b = " * 5_000 + "1" + "}" * 5_000,
        "a = " + "9" * 5_000,
        "a = 1" + "_000" * 2_000,
        "# " + "x" * 300_000,
        "a = '\ud800'",
    ],
)
def test_a_bomb_of_an_agenda_is_one_message_and_the_others_are_listed(tmp_path, bomb):
    (tmp_path / "default.toml").write_text("title = 'Sound'\n[[slides]]\nkind = 'title'", encoding="utf-8")
    (tmp_path / "m.toml").write_bytes(bomb.encode("utf-8", "surrogatepass"))
    tracemalloc.start()
    found = meetings.read("m", KNOWN, tmp_path)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.entries == () and len(found.faults) == 1 and most < 50_000_000
    assert meetings.listed(tmp_path) == {"default": "Sound", "m": "m"}


plain = st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | st.text(max_size=20)
wild = st.recursive(
    plain.filter(lambda v: v is not None),
    lambda x: st.lists(x, max_size=3) | st.dictionaries(st.text(max_size=8), x, max_size=3),
    max_leaves=8,
)
entry = st.dictionaries(
    st.sampled_from(["kind", "member", "origin", "destination", "points", "note", "minutes", "tlp", "title", "route"]),
    wild | st.sampled_from([*meetings.KINDS, "Thailand", "R01"]),
    max_size=6,
)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "title": wild,
            "date": wild,
            "place": wild,
            "tlp_ceiling": wild,
            "slides": st.lists(entry, max_size=4) | wild,
        },
    )
)
def test_whatever_stands_in_the_file_it_is_read_without_a_crash_and_nothing_unsound_comes_through(tmp_path_factory, told):
    folder = tmp_path_factory.getbasetemp()
    try:
        text = tomli_w.dumps(told)
        tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeEncodeError, ValueError):
        return
    try:
        found = read(folder, text, "wild")
    except UnicodeEncodeError:
        return
    assert found.tlp_ceiling in tlp.LABELS and isinstance(found.title, str)
    for made in found.entries:
        assert made.kind in meetings.KINDS and made.tlp in tlp.LABELS
        assert all(made.points if name == "points" else made.wanted.get(name) for name in meetings.KINDS[made.kind][0])
