"""Taking in a member's workbook: what is stored, what is kept out and why, versions, withdrawing, and saying what changed."""

from __future__ import annotations

import csv
import inspect
import os
import shutil
import signal
import sys
import tomllib
from pathlib import Path

import openpyxl
import pytest

from corridors import ROOT
from corridors.problems import Refused
from corridors.store.atomic_files import sha256
from etl import __main__ as command_line
from etl import pipeline
from etl.briefings import kind, versions
from etl.briefings.model import HEADER_ROW
from etl.submissions import guard
from tests.etl.briefings import desk

SOUND = {
    "victims_identified": {"Number": 120, "Reports expected": 12, "Reports received": 9, "Known limits": "C05, C06"},
    "victims_presumed": {"Number": "<5"},
    "trafficking_cases_opened": {"Number": 0},
}
OTHERS = {
    "Routes": [
        {
            "Route": "R02 Rakhine overland through Thailand to Malaysia",
            "From": "Myanmar",
            "Through": "Thailand",
            "To": "Malaysia",
            "Way": "land",
            "Crime": "smuggling of migrants",
            "What changed": "Fewer groups, smaller ones.",
            "What this rests on": "financial, digital",
        }
    ],
    "Networks": [
        {
            "Structure": "loose network",
            "Crime": "trafficking in persons",
            "Modus operandi": "Debt is sold on from stage to stage.",
            "Recruitment": "social media; family and friends",
            "What the evidence rests on": "testimony of victims",
            "Cases behind this": 14,
        }
    ],
    "Factors": [
        {"Factor": "Online recruitment", "In your own words": "Offers in closed groups.", "What this rests on": "cases"}
    ],
    "Caveats": [
        {
            "Measure": "Victims of trafficking identified",
            "What limits the figure": "Three months are missing.",
            "What would remove it": "The late reports.",
        }
    ],
}


@pytest.fixture
def workbook(data, tmp_path):
    return desk.filled(tmp_path / "thailand.xlsx", data, SOUND, sheets=OTHERS)


@pytest.fixture
def folder(data, tmp_path):
    """The same as a folder of CSV files."""
    return desk.sent(tmp_path / "thailand", data, SOUND, sheets=OTHERS)


def stored(data, version: int = 1):
    return data / "briefings" / "THA" / "2025" / f"v{version}"


def table(path) -> list[dict]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_checking_writes_nothing(data, workbook):
    before = desk.files(data)
    report = kind.check(workbook, data)
    assert report.fine and (report.rows_in, report.accepted, report.rejected) == (7, 7, 0)
    assert report.title == "Country briefing of Thailand, 2025"
    assert desk.files(data) == before


def test_a_sound_workbook_becomes_text_that_an_official_can_read(data, workbook):
    got = kind.accept(workbook, data)
    assert got.key == "briefing THA 2025 v1"
    rows = {row["measure"]: row for row in table(stored(data) / "figures.csv")}
    assert (rows["victims_identified"]["value"], rows["victims_identified"]["caveats"]) == ("120", "C05|C06")
    assert (rows["victims_presumed"]["value"], rows["victims_presumed"]["lower"], rows["victims_presumed"]["status"]) == (
        "",
        "1",
        "masked",
    )
    assert (rows["trafficking_cases_opened"]["value"], rows["trafficking_cases_opened"]["status"]) == ("0", "zero")
    assert table(stored(data) / "networks.csv")[0]["recruitment"] == "social_media|family_friends"
    assert table(stored(data) / "routes.csv")[0]["route"] == "R02"


def test_a_reader_follows_an_accept_through_twenty_files_one_child_and_one_opening(data, tmp_path, monkeypatch):
    """From the command line on: files of ours of which a function is entered, once the product and its catalog are loaded."""
    figures = {name: SOUND[name] for name in ("victims_presumed", "trafficking_cases_opened")}
    workbook = desk.filled(tmp_path / "thailand.xlsx", data, figures)
    monkeypatch.setattr(pipeline, "DATA", data)
    monkeypatch.setattr(sys, "argv", ["etl", "check", str(workbook)])
    assert command_line.main() == 0
    guard._LAST.clear()
    guard._file.cache_clear()
    entered, children = set(), []

    def note(frame, event, _):
        code = frame.f_code
        if event == "call" and code.co_flags & inspect.CO_OPTIMIZED:  # a function, and no module or class
            entered.add(code.co_filename)
            if code.co_qualname == "Popen.__init__":
                children.append(code)

    monkeypatch.setattr(sys, "argv", ["etl", "accept", str(workbook)])
    sys.setprofile(note)
    try:
        assert command_line.main() == 0
    finally:
        sys.setprofile(None)
    ours = {Path(file).relative_to(ROOT).as_posix() for file in entered if Path(file).is_relative_to(ROOT)}
    ours = {file for file in ours if file.startswith(("etl/", "corridors/"))}
    assert len(ours) <= 20, sorted(ours)
    assert len(children) == 1, "who reads the file for all that ask"


def test_the_original_is_kept_by_its_checksum_for_its_owner_only(data, workbook):
    kind.accept(workbook, data)
    receipt = tomllib.loads((stored(data) / "cover.toml").read_text(encoding="utf-8"))["receipt"]
    kept = versions.private(data) / f"{receipt['sha256']}.xlsx"
    assert receipt["sha256"] == sha256(workbook) == sha256(kept)
    if os.name != "nt":
        assert kept.stat().st_mode & 0o077 == 0 and kept.parent.stat().st_mode & 0o077 == 0


def test_what_changed_is_said_line_by_line(data, folder, tmp_path):
    kind.accept(folder, data)
    changed = {
        **SOUND,
        "victims_identified": {**SOUND["victims_identified"], "Number": 131},
        "victims_assisted": {"Number": 88},
    }
    del changed["trafficking_cases_opened"]
    second = desk.sent(tmp_path / "second", data, changed, sheets={**OTHERS, "Factors": []})
    lines = kind.accept(second, data).changes
    assert "Revised: Victims of trafficking identified, 2025: 120 → 131" in lines
    assert "New: Victims of trafficking assisted, 2025: 88" in lines
    assert "Gone: Trafficking cases opened, 2025: was 0" in lines
    assert "Gone: factor online_recruitment" in lines
    assert len(lines) == 4


def test_every_earlier_version_stays_as_it_was(data, folder, tmp_path):
    kind.accept(folder, data)
    before = desk.files(stored(data))
    kind.accept(desk.sent(tmp_path / "second", data, {"victims_identified": {"Number": 131}}), data)
    assert desk.files(stored(data)) == before
    assert versions.of(data, "THA", "2025").number == 2


def test_the_same_file_twice_changes_nothing(data, folder):
    kind.accept(folder, data)
    before = desk.files(data)
    again = kind.accept(folder, data)
    assert again.changes == ("Nothing changed: THA 2025 v1 says the same already.",)
    assert desk.files(data) == before


def test_the_same_words_saved_anew_change_nothing(data, workbook, tmp_path):
    kind.accept(workbook, data)
    copy = desk.sent(tmp_path / "as-tables", data, SOUND, sheets=OTHERS)
    assert kind.accept(copy, data).changes[0].startswith("Nothing changed")


SPOILT = [
    {"Measure": "Victims of trafficking assisted", "Number": "about forty or so"},
    {"Measure": "Victims of trafficking assisted", "Citizenship or other end": "Atlantis", "Number": 12},
]


def test_a_file_with_an_error_is_not_taken_at_all(data, tmp_path):
    before = desk.files(data)
    with pytest.raises(Refused) as refusal:
        kind.accept(desk.sent(tmp_path / "x", data, SOUND, SPOILT), data)
    assert "Atlantis" in str(refusal.value) and "about forty" in str(refusal.value) and "--partial" in str(refusal.value)
    assert desk.files(data) == before


def test_partly_taken_rejected_rows_keep_their_cell_and_their_reason(data, tmp_path):
    got = kind.accept(desk.sent(tmp_path / "x", data, SOUND, SPOILT), data, partial=True)
    assert (got.report.rows_in, got.report.accepted, got.report.rejected) == (5, 3, 2)
    rejected = table(stored(data) / "rejected.csv")
    assert len(rejected) == 2 and all(row["column"] and row["reason"] and row["how_to_fix"] for row in rejected)
    assert "measure=victims_assisted" in rejected[0]["readable"] and "Atlantis" in rejected[1]["found"]
    assert len(table(stored(data) / "figures.csv")) == 3


def test_a_person_named_in_a_rejected_row_is_not_written_down(data, tmp_path):
    rows = [
        {
            "Measure": "Victims of trafficking assisted",
            "Number": 12,
            "Note": "Her passport is AB1234567, phone +66 81 234 5678, named Somchai Jaidee.",
        }
    ]
    kind.accept(desk.sent(tmp_path / "x", data, SOUND, rows), data, partial=True)
    public = b"".join(desk.files(data / "briefings").values())
    assert b"AB1234567" not in public and b"234 5678" not in public and b"Somchai" not in public
    assert b"personal data" in public, "the reason is written down"


@pytest.mark.parametrize("label", ["RED", "TLP:RED", "tlp: red"])
def test_nothing_of_a_row_labelled_red_is_kept_anywhere(data, tmp_path, label):
    rows = [{"Measure": "Victims of trafficking assisted", "Number": 987654, "TLP": label, "Note": "unspeakable"}]
    got = kind.accept(desk.sent(tmp_path / "x", data, SOUND, rows), data, partial=True)
    assert got.report.rejected == 1 and table(stored(data) / "rejected.csv")[0]["found"] == "a row labelled TLP:RED"
    written = b"".join(desk.files(data).values())
    assert b"987654" not in written and b"unspeakable" not in written
    assert not [p for p in (data / "private" / "briefings").iterdir() if p.suffix in (".xlsx", ".ods")]


def test_a_rejected_row_bears_its_strictest_label(data, tmp_path):
    rows = [
        {"Measure": "Victims of trafficking assisted", "Number": "about forty", "TLP": label} for label in ("AMBER", None)
    ]
    kind.accept(desk.sent(tmp_path / "x", data, SOUND, rows, cover={"tlp": "GREEN"}), data, partial=True)
    assert [row["tlp"] for row in table(stored(data) / "rejected.csv")] == ["AMBER", "GREEN"]


@pytest.mark.parametrize(
    "cover", [{"tlp": "RED"}, {"tlp": None}, {"iso3": "Atlantis"}, {"period_start": "lately"}, {"office": None}]
)
def test_a_fault_of_the_cover_keeps_everything_out_even_partly(data, tmp_path, cover):
    before = desk.files(data)
    with pytest.raises(Refused):
        kind.accept(desk.sent(tmp_path / "x", data, SOUND, cover=cover), data, partial=True)
    assert desk.files(data) == before


def test_withdrawing_lets_the_version_before_stand_again_and_deletes_nothing(data, folder, tmp_path):
    kind.accept(folder, data)
    kind.accept(desk.sent(tmp_path / "second", data, {**SOUND, "victims_identified": {"Number": 131}}, sheets=OTHERS), data)
    before = desk.files(stored(data, 2))
    got = kind.withdraw("briefing THA 2025 v2", data, "sent by mistake")
    assert got.changes[0] == "briefing THA 2025 v1 stands again."
    assert any("131 → 120" in line or "131" in line for line in got.changes[1:])
    after = desk.files(stored(data, 2))
    assert {k: v for k, v in after.items() if k != "withdrawn.toml"} == before
    assert tomllib.loads(after["withdrawn.toml"].decode())["why"] == "sent by mistake"
    assert versions.of(data, "THA", "2025").number == 1


def test_a_withdrawn_number_is_never_given_again(data, folder):
    kind.accept(folder, data)
    kind.withdraw("THA 2025", data)
    assert versions.of(data, "THA", "2025") is None
    assert kind.accept(folder, data).key == "briefing THA 2025 v2"


@pytest.mark.parametrize("key", ["briefing THA 2024 v1", "THA", "briefing THA 2025 v9", "../../etc", "", "cases ctdc"])
def test_an_unknown_key_is_refused_with_those_there_are(data, folder, key):
    kind.accept(folder, data)
    before = desk.files(data)
    with pytest.raises(Refused, match="briefing THA 2025 v1"):
        kind.withdraw(key, data)
    assert desk.files(data) == before


def test_withdrawing_twice_says_that_it_is_done(data, folder):
    kind.accept(folder, data)
    kind.withdraw("THA 2025 v1", data)
    with pytest.raises(Refused, match="withdrawn already"):
        kind.withdraw("THA 2025 v1", data)


def test_two_writers_at_once_one_is_told_to_wait(data, folder):
    with versions.writing(data):
        with pytest.raises(Refused, match="one writer at a time"):
            kind.accept(folder, data)
    assert kind.accept(folder, data).key.endswith("v1")


def test_a_briefing_in_our_own_text_is_checked_like_any_other(data, folder):
    kind.accept(folder, data)
    report = kind.check(stored(data), data)
    assert report.fine and report.rows_in == 7
    assert kind.recognises(stored(data)) and kind.recognises(folder)
    assert kind.accept(stored(data), data).changes[0].startswith("Nothing changed")


def test_a_text_folder_can_be_sent_and_its_files_are_kept(data, folder, tmp_path):
    kind.accept(folder, data)
    sent = shutil.copytree(stored(data), tmp_path / "sent")
    kind.withdraw("THA 2025 v1", data)
    got = kind.accept(sent, data)
    assert got.key == "briefing THA 2025 v2"
    kept = versions.private(data) / versions.receipt(versions.of(data, "THA", "2025"))["sha256"]
    assert (kept / "figures.csv").read_bytes() == (sent / "figures.csv").read_bytes()


def test_what_is_no_briefing_is_not_recognised(data, tmp_path):
    (tmp_path / "cases.csv").write_text("record_id,crime\n1,trafficking\n", encoding="utf-8")
    (tmp_path / "odd.xlsx").write_bytes(b"MZ\x90\x00")
    for path in (tmp_path / "cases.csv", tmp_path / "odd.xlsx", tmp_path, tmp_path / "nothing.xlsx"):
        assert not kind.recognises(path), path


def test_a_briefing_of_which_every_row_falls_is_told_of_its_rows_and_not_that_it_had_none(data, tmp_path):
    bad = desk.sent(tmp_path / "sent", data, {"victims_identified": {"Number": "about forty"}})
    report = kind.check(bad, data)
    assert (report.rows_in, report.accepted) == (1, 0) and "empty-briefing" not in {f.code for f in report.faults}
    assert any("about forty" in f.found for f in report.faults)


def test_a_column_that_nobody_asked_for_or_that_stands_twice_is_named_at_its_heading(data, tmp_path, workbook):
    book = openpyxl.load_workbook(workbook)
    for column, title in enumerate(("Our own remark", "Number"), 30):
        book["Figures"].cell(HEADER_ROW, column).value, book["Figures"].cell(HEADER_ROW + 1, column).value = title, "x"
    book.save(workbook)
    folder = desk.sent(tmp_path / "sent", data, {"victims_identified": {"Number": 120, "Our own remark": "x"}})
    told = {f.code: (f.cell, f.level) for f in kind.check(workbook, data).faults}
    assert (told["column-not-read"], told["column-twice"]) == ((f"AD{HEADER_ROW}", "warning"), (f"AE{HEADER_ROW}", "error"))
    assert [(f.code, f.file, f.cell) for f in kind.check(folder, data).faults] == [
        ("column-not-read", "figures.csv", "row 1")
    ]
    assert kind.accept(folder, data).report.rows_in == 1


def commanded(data, words: list[str], most: int) -> tuple[int, str]:
    """Exit status and what was said by a command whose files may not grow beyond `most` bytes, as on a full disk."""
    import resource  # POSIX's

    heard, spoken = os.pipe()
    child = os.fork()
    if not child:
        sys.stdout = sys.stderr = os.fdopen(spoken, "w")  # a pipe, which the limit does not concern
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        sys.dont_write_bytecode = True  # what is cut off there would be everybody's
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))
        sys.argv[1:], pipeline.DATA = words, data
        done = command_line.main()
        sys.stdout.flush()
        os._exit(done)
    os.close(spoken)
    with os.fdopen(heard) as lines:
        said = lines.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), said


@pytest.mark.parametrize("most", [150, 700, 2_500])
def test_a_full_disk_is_one_sentence_and_what_stood_before_stands(data, folder, tmp_path, most):
    """Nothing at all fits, the original does not, or the text of its rows does not; the next accept takes every row."""
    kind.accept(folder, data)
    stood = desk.files(data)
    notes = [{**OTHERS["Caveats"][0], "What limits the figure": f"{place} is late. " * 100} for place in ("Tak", "Loei")]
    more = desk.sent(tmp_path / "more", data, SOUND, sheets=OTHERS | {"Caveats": notes})
    status, said = commanded(data, ["accept", str(more)], most)
    assert status == 1 and "Traceback" not in said, said
    assert "File too large" in said and len(said.strip().splitlines()) <= 2, said
    assert {n for n in desk.files(data) if "/v" in n} == {n for n in stood if "/v" in n}, "no half version"
    again = kind.accept(more, data)
    assert again.key == "briefing THA 2025 v2" and again.report.accepted == again.report.rows_in == 8
    status, said = commanded(data, ["withdraw", *again.key.split()], 10)
    assert status == 1 and "Traceback" not in said and versions.of(data, "THA", "2025").number == 2, said


@pytest.mark.parametrize(
    "calendar, cover, row, days",
    [
        ("Buddhist era", ("2566", "2566"), ("2566-04-01", "2566-06-30"), ("2023-04-01", "2023-06-30")),
        ("Solar Hijri calendar", ("1402-01-01", "1402-12-29"), ("۱۴۰۲-۰۷", "1402-07"), ("2023-09-23", "2023-10-22")),
    ],
)
def test_a_calendar_that_the_cover_names_is_converted_and_both_are_written_down(data, tmp_path, calendar, cover, row, days):
    measure = {"Number": 12, "From": row[0], "To": row[1], "Note": "Late."}
    sent = desk.sent(
        tmp_path / "sent",
        data,
        {"victims_identified": measure, "victims_presumed": {"Number": 7}},
        cover={"calendar": calendar, "period_start": cover[0], "period_end": cover[1]},
    )
    report = kind.check(sent, data)
    assert report.fine, [str(f) for f in report.errors]
    assert any(f"dates of the {calendar} were converted" in fact for fact in report.facts)
    made = data / "briefings" / "THA"
    kind.accept(sent, data)
    folder = next(made.glob("*/v1"))
    first, second = table(folder / "figures.csv")
    assert (first["period_start"], first["period_end"]) == days
    assert first["note"] == f"Late. Written as {' to '.join(dict.fromkeys(row))} of the {calendar}."
    assert second["note"] == "" and second["period_start"] == "2023-01-01" if calendar == "Buddhist era" else True
    note = tomllib.loads((folder / "cover.toml").read_text(encoding="utf-8"))["note"]
    assert note == f"Written as {' to '.join(dict.fromkeys(cover))} of the {calendar}."


ERA = {"calendar": "Buddhist era", "period_start": "2566", "period_end": "2566"}
NO_DAYS_OF_IT = ("2023", "1402-13", "2566-02-30", "some day")


@pytest.mark.parametrize(
    "cover, row, times, said",
    [
        *((ERA, {"From": said}, 1, ["of the Buddhist era, as the cover says"]) for said in NO_DAYS_OF_IT),
        ({"calendar": "Bikram Sambat"}, {}, 1, ["Gregorian calendar, Buddhist era, Solar Hijri calendar"]),
        ({"period_start": "1402-01-01", "period_end": "1402-12-29"}, {}, 2, ["Solar Hijri? 1402 runs", "on the cover"]),
        (
            {"iso3": "China"},  # whose fiscal year is not known
            {"From": "2025/26", "To": "2025/26"},
            2,
            ["the fiscal year 2025/26", "2011-04-01 and 2012-03-31"],
        ),
    ],
)
def test_a_date_or_a_calendar_that_cannot_be_read_is_named_once_with_what_to_do(data, tmp_path, cover, row, times, said):
    sent = desk.sent(tmp_path / "sent", data, {"victims_identified": {"Number": 12, **row}}, cover=cover)
    errors = kind.check(sent, data).errors
    assert len(errors) == times and all(words in f"{e.found} {e.expected} {e.how_to_fix}" for e in errors for words in said)
    assert not row or {e.row for e in errors} == {2}


def test_a_fiscal_year_on_cover_and_in_a_row_has_the_members_days_and_is_written_down(data, tmp_path):
    measures = {
        "victims_identified": {"Number": 12, "From": "2011/12", "To": "2011/12"},
        "victims_presumed": {"Number": 7},
        "trafficking_cases_opened": {"Number": 3, "From": "2010", "To": "2010/11"},
    }
    cover = {"iso3": "India", "period_start": "FY2010-11", "period_end": "2011-2012"}
    sent = desk.sent(tmp_path / "sent", data, measures, cover=cover)
    report = kind.check(sent, data)
    assert [e.found for e in report.errors] == ["2010-01-01"]  # the row from 2010 on begins before the cover
    warned = [f for f in report.faults if f.code == "date-guessed"]
    assert warned[0].found == "“2011/12”, read as the fiscal year 2011/12: 1 April 2011 to 31 March 2012"
    assert len(warned) == 3 and all("is meant, write “" in w.how_to_fix for w in warned)
    kind.accept(sent, data, partial=True)
    folder = next((data / "briefings" / "IND").glob("*/v1"))
    first, second = table(folder / "figures.csv")
    assert (first["period_start"], first["period_end"], first["note"]) == (
        "2011-04-01",
        "2012-03-31",
        "Written as 2011/12, fiscal year.",
    )
    assert (second["period_start"], second["period_end"], second["note"]) == ("2010-04-01", "2012-03-31", "")
    assert (
        "FY2010-11 to 2011-2012, fiscal year" in tomllib.loads((folder / "cover.toml").read_text(encoding="utf-8"))["note"]
    )
