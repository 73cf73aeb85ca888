"""Checking the folder, and taking a debrief in and out: nothing is half-stored, and what stood before can stand again."""

import errno
import shutil
from pathlib import Path

import pytest

from corridors.export.debrief_form import toml_text
from corridors.problems import Refused
from corridors.store import labels
from corridors.store.queries import actions
from etl.actions import kind


def form(tmp_path, text="Meet a month earlier.", tlp="GREEN", member="NZL"):
    path = tmp_path / "form.toml"
    path.write_text(toml_text("2018", member, {"differently": text}, ["length"], tlp, "2018-12-01"), encoding="utf-8")
    return path


def test_the_folder_and_the_form_are_recognised_and_other_files_are_not(data, tmp_path):
    assert kind.recognises(data / "editorial" / "actions") and kind.recognises(form(tmp_path))
    other = tmp_path / "other.toml"
    other.write_text("a = 1", encoding="utf-8")
    broken = tmp_path / "broken.toml"
    broken.write_bytes(b"\xff\xfe action")
    for path in (
        data,
        data / "editorial" / "routes",
        other,
        broken,
        tmp_path / "none.toml",
        data / "editorial" / "actions" / "aliases.csv",
    ):
        assert not kind.recognises(path), path


def test_the_check_of_the_folder_says_what_is_there_and_what_nobody_followed_up(data):
    report = kind.check(data / "editorial" / "actions", data)
    assert report.fine and report.kind == "actions" and report.rows_in == report.accepted + report.rejected > 300
    assert "7 periods" in report.facts[0] and {f.code for f in report.faults} == {"planned-and-past"}


def test_a_route_that_is_not_on_the_map_is_named_by_the_check(data):
    path = data / "editorial" / "actions" / "plans.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('"R26"', '"R99"'), encoding="utf-8")
    report = kind.check(data / "editorial" / "actions", data)
    assert not report.fine and "“R99”" in str(report.errors[0]) and report.rows_in == report.accepted + report.rejected


def test_a_debrief_is_stored_replaced_and_withdrawn_again(data, tmp_path, light):
    first = kind.accept(form(tmp_path, "First."), data)
    assert first.key == "actions 2018 NZL" and first.report.fine
    second = kind.accept(form(tmp_path, "Second."), data)
    assert len(second.changes) == 2
    stored = data / "editorial" / "actions" / "debrief" / "2018_NZL.toml"
    assert "Second." in stored.read_text(encoding="utf-8")
    edition = light()
    assert "Second." in set(actions.answers(labels.keyed(edition, "GREEN")).text) and "Second." not in set(
        actions.answers(labels.keyed(edition, "CLEAR")).text
    )
    assert "First." not in set(actions.answers(labels.keyed(edition, "RED")).text)
    kind.withdraw(first.key, data)
    assert "First." in stored.read_text(encoding="utf-8")
    kind.withdraw(first.key, data)
    assert not stored.exists()
    with pytest.raises(Refused, match="There is no"):
        kind.withdraw(first.key, data)


@pytest.mark.parametrize("copies", [0, 1])
def test_a_full_disk_leaves_the_debrief_that_stood_and_no_half_of_another(data, tmp_path, monkeypatch, copies):
    kind.accept(form(tmp_path, "First."), data)
    folder, copied, done = data / "editorial" / "actions" / "debrief", shutil.copyfile, []

    def full(source, target):
        if len(done) == copies:
            Path(target).write_bytes(Path(source).read_bytes()[:20])
            raise OSError(errno.ENOSPC, "No space left on device")
        done.append(copied(source, target))

    before = {p: p.read_bytes() for p in folder.rglob("*.toml")}
    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(OSError, match="No space left"):
        kind.accept(form(tmp_path, "Second."), data)
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before


def test_a_faulty_form_changes_nothing(data, tmp_path):
    path = form(tmp_path, member="")
    path.write_text(path.read_text(encoding="utf-8").replace('"2018"', '"2099"'), encoding="utf-8")
    before = sorted((data / "editorial" / "actions" / "debrief").rglob("*"))
    with pytest.raises(Refused, match="2099"):
        kind.accept(path, data)
    assert sorted((data / "editorial" / "actions" / "debrief").rglob("*")) == before
    with pytest.raises(Refused, match="edited in place"):
        kind.accept(data / "editorial" / "actions", data)


def test_an_empty_form_is_refused_in_words(data, tmp_path):
    path = tmp_path / "form.toml"
    path.write_text(toml_text("2018", "NZL", {"worked": "  "}, [], "AMBER", "2018-12-01"), encoding="utf-8")
    report = kind.check(path, data)
    assert not report.fine and "Fill in the form" in str(report.errors[0])


def test_a_key_that_leads_out_of_the_folder_is_unknown(data):
    for key in ("actions ../../x NZL", "actions 2018 ../NZL", "", "actions 2018 nzl"):
        with pytest.raises(Refused):
            kind.withdraw(key, data)


def test_results_reported_in_a_debrief_join_the_outcomes_of_their_period(data, tmp_path, light):
    path = form(tmp_path)
    path.write_text(
        path.read_text(encoding="utf-8") + '\n[[outcome]]\nmetric = "Arrests"\nvalue = "3"\nunit = "people"\n'
        'scope = "New Zealand"\ntlp = "CLEAR"\ncaveats = ["C90"]\n',
        encoding="utf-8",
    )
    kind.accept(path, data)
    rows = actions.outcomes(light(), "2018")
    mine = rows[rows.source == "debrief"]
    assert list(mine.metric) == ["Arrests"] and mine.publisher.iloc[0] == "Working Group" and mine.member.iloc[0] == "NZL"
