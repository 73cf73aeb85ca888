"""check, accept and withdraw as people type them, with a small real kind of file."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from corridors.problems import Refused
from etl.submissions import guard
from etl.submissions.commands import KINDS, recognised, register
from tests.etl.sources.unodc_glotip import test_read_unodc_glotip as glotip
from tests.etl.submissions import samples
from tests.etl.submissions.samples import HOSTILE, workbook

ROOT = Path(__file__).resolve().parents[3]
LITTLE = {"tests.etl.submissions.little_kind": "a little table: a sheet “Little” with years and counts"}
INFORM = b'<workbook><sheets><sheet name="INFORM Risk 2025 (a-z)" sheetId="1"/></sheets></workbook>'
GOOD, BAD = "Year,Count\n2025,3\n2024,<5\n", "Year,Count\n2025,forty\nnever,1\n2024,2\n"


@pytest.fixture
def inbox(tmp_path) -> Path:
    """A folder for files and, in it, the folder of imported data."""
    for name, text in (
        ("good/little.csv", GOOD),
        ("second/little.csv", GOOD),
        ("bad/little.csv", BAD),
        ("strange.csv", "a,b\n1,2\n"),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "data").mkdir()
    return tmp_path


def run(inbox: Path, capsys, *words) -> tuple[int, str, str]:
    """Exit status, what was printed (as one line), and the refusal."""
    app = typer.Typer()
    app.command("other")(lambda: None)
    register(app, LITTLE, lambda: inbox / "data")
    refusal, status = "", 0
    try:
        status = app([str(word) for word in words], standalone_mode=False) or 0
    except Refused as told:
        refusal, status = str(told), 1
    return status, re.sub(r"\s+", " ", capsys.readouterr().out), refusal


def kept(inbox: Path) -> list[str]:
    return sorted(p.name for p in (inbox / "data").iterdir())


def test_check_tells_what_is_wrong_writes_nothing_and_says_it_by_its_exit_status(inbox, capsys):
    before = sorted(p for p in inbox.rglob("*"))
    status, out, _ = run(inbox, capsys, "check", inbox / "good")
    assert (status, kept(inbox)) == (0, []) and "0 errors" in out and "It would be accepted." in out
    status, out, _ = run(inbox, capsys, "check", inbox / "good" / "little.csv", inbox / "bad")
    assert status == 1 and "row 2, column Count" in out and "“forty”" in out and "2 errors, 0 warnings" in out
    assert "3 rows in, 1 accepted, 2 rejected." in out
    assert sorted(p for p in inbox.rglob("*")) == before


@pytest.mark.parametrize("ending", ["html", "xlsx"])
def test_check_writes_the_report_that_was_asked_for(ending, inbox, capsys):
    status, out, _ = run(inbox, capsys, "check", inbox / "bad", inbox / "good", "-o", inbox / f"report.{ending}")
    assert status == 1 and (inbox / f"report.{ending}").stat().st_size > 1_000 and f"report.{ending}" in out
    assert not list(inbox.glob(".report-*"))


def test_a_report_that_cannot_be_written_is_refused_before_anything_is_read(inbox, capsys):
    status, out, refusal = run(inbox, capsys, "check", inbox / "bad", "-o", inbox / "report.docx")
    assert status == 1 and ".html" in refusal and "little" not in out


def test_one_hostile_file_among_many_does_not_hide_what_the_others_say(inbox, capsys):
    (inbox / "evil.xlsx").write_bytes(HOSTILE["macros"][1]())
    (inbox / "cut.xlsx").write_bytes(HOSTILE["cut off"][1]())
    status, out, refusal = run(inbox, capsys, "check", inbox / "evil.xlsx", inbox / "good", inbox / "cut.xlsx")
    assert status == 1 and "It would be accepted." in out and "evil.xlsx: found macros" in refusal
    assert "cut.xlsx: found a workbook that is cut off" in refusal


def test_a_file_of_no_known_kind_is_told_what_the_kinds_look_like(inbox, capsys):
    status, _, refusal = run(inbox, capsys, "check", inbox / "strange.csv")
    assert status == 1 and "no known kind (sheets: “strange”; first row: a, b)" in refusal
    assert "a little table: a sheet “Little”" in refusal and "etl layout FILE --member THA" in refusal
    assert "no such file" in run(inbox, capsys, "check", inbox / "gone.csv")[2]
    (inbox / "data.parquet").write_bytes(b"PAR1" + b"x" * 30)
    assert "Parquet" in run(inbox, capsys, "check", inbox / "data.parquet")[2]


@pytest.mark.parametrize(
    "name", ["two cells far apart", "a million columns", "a million rows in ODS", "a DTD", "a password"]
)
def test_a_hostile_file_is_refused_for_what_it_is_and_not_as_unknown(name, inbox, capsys):
    called, made, words = HOSTILE[name]
    (inbox / called).write_bytes(made())
    for verb in ("check", "accept"):
        status, _, refusal = run(inbox, capsys, verb, inbox / called)
        assert status == 1 and all(word in refusal for word in words) and "no known kind" not in refusal


def test_accept_takes_over_says_how_to_undo_it_and_withdraw_undoes_it(inbox, capsys):
    status, out, _ = run(inbox, capsys, "accept", inbox / "good")
    assert (status, kept(inbox)) == (0, ["good"]) and "Accepted: little good" in out
    assert "python -m etl withdraw little good" in out and "1 file new" in out
    status, out, _ = run(inbox, capsys, "withdraw", "little", "good", "--why", "it was an old one")
    assert (status, kept(inbox)) == (0, []) and "Withdrawn: little good" in out and "gone, because it was an old one" in out
    status, _, refusal = run(inbox, capsys, "withdraw", "little good")
    assert status == 1 and "a key that stands" in refusal
    assert "begins with little" in run(inbox, capsys, "withdraw", "briefing", "THA")[2]


def test_accept_of_many_takes_all_or_none_and_partial_takes_what_is_sound(inbox, capsys):
    status, out, refusal = run(inbox, capsys, "accept", inbox / "good", inbox / "bad", inbox / "second")
    assert (status, kept(inbox)) == (1, []) and "“forty”" in refusal and "Accepted" not in out
    status, out, _ = run(inbox, capsys, "accept", inbox / "good", inbox / "second")
    assert (status, kept(inbox)) == (0, ["good", "second"]) and out.count("Accepted:") == 2
    assert run(inbox, capsys, "accept", inbox / "bad")[0] == 1
    status, out, _ = run(inbox, capsys, "accept", "--partial", inbox / "bad")
    assert (status, kept(inbox)) == (0, ["bad", "good", "second"]) and "3 rows in, 1 accepted, 2 rejected." in out


def test_a_workbook_is_opened_once_to_be_recognised_checked_and_reported(inbox, capsys, monkeypatch):
    def fill(book):
        book.active.title = "Little"
        for row in (["Year", "Count"], [2025, 3]):
            book.active.append(row)

    path, started = workbook(inbox / "a.xlsx", fill), []
    popen = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda *args, **options: started.append(args) or popen(*args, **options))
    assert run(inbox, capsys, "check", path, "-o", inbox / "out.xlsx")[0] == 0 and len(started) == 1
    workbook(path, lambda book: fill(book) or book.active.append(["2024", "none at all"]))
    assert run(inbox, capsys, "check", path)[0] == 1 and len(started) == 2  # another content is read anew


def test_every_command_and_option_has_a_word_of_help():
    app = typer.Typer()
    register(app)
    for name, command in get_command(app).commands.items():
        assert command.help.strip().endswith(".") and all(p.help for p in command.params if p.name != "help"), name
    assert {"check", "accept", "withdraw"} == set(get_command(app).commands)


def test_the_kinds_of_the_product_take_part_and_offer_what_they_must(tmp_path):
    from importlib import import_module

    (tmp_path / "strange.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    kinds = [import_module(name) for name in KINDS]
    assert len({kind.NAME for kind in kinds}) == len(KINDS)
    for kind in kinds:
        assert all(callable(getattr(kind, name)) for name in ("recognises", "check", "accept", "withdraw"))
        assert kind.recognises(tmp_path / "strange.csv") is False
    with pytest.raises(Refused, match="Cover.*record_id.*actions.toml"):
        recognised(tmp_path / "strange.csv")


SLOW = """
import sys, typer
from pathlib import Path
from etl.submissions.commands import register
app = typer.Typer(pretty_exceptions_enable=False)
app.command("other")(lambda: None)
data = Path(sys.argv.pop())
register(app, {"tests.etl.submissions.little_kind": "x"}, lambda: data)
sys.exit(app(standalone_mode=False))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends Ctrl-C to the whole console")
def test_ctrl_c_leaves_no_reading_process_behind_and_nothing_taken_over(inbox):
    rows = "".join(f"{2000 + n % 25},{n}\n" for n in range(240_000))
    (inbox / "good" / "little.csv").write_text("Year,Count\n" + rows, encoding="utf-8")
    started = subprocess.Popen(
        [sys.executable, "-c", SLOW, "accept", str(inbox / "good"), str(inbox / "data")],
        cwd=ROOT,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    children = Path(f"/proc/{started.pid}/task/{started.pid}/children")
    if not children.exists():
        started.wait()
        pytest.skip("children are found through /proc")
    while started.poll() is None and not children.read_text().strip():
        time.sleep(0.005)
    assert started.poll() is None
    child = children.read_text().split()[0]
    started.send_signal(signal.SIGINT)
    assert started.wait(20) != 0 and kept(inbox) == []
    patience = time.monotonic() + 8  # its writing to nobody ends it, and its own bound of processor time
    while Path(f"/proc/{child}").exists() and time.monotonic() < patience:
        time.sleep(0.02)
    assert not Path(f"/proc/{child}").exists()


def test_a_code_page_is_asked_for_and_taken_from_whoever_can_read_the_file(inbox, capsys):
    path = inbox / "bad" / "little.csv"
    path.write_bytes(GOOD.encode() + "2023,๓๔๕\n".encode("cp874"))
    status, printed, _ = run(inbox, capsys, "check", path)
    assert status == 1 and "--code-page" in printed
    status, printed, _ = run(inbox, capsys, "check", path, "--code-page", "cp874")
    assert status == 0 and "It would be accepted" in printed
    status, printed, _ = run(inbox, capsys, "accept", path, "--code-page", "cp874")
    assert status == 0 and kept(inbox)
    status, printed, _ = run(inbox, capsys, "check", path)
    assert status == 1, "what was said of one command's files is not said of the next's"


@pytest.mark.parametrize(
    "name, text, source",
    [
        ("2025-json.json", '[{"web_id": "2025.MMP1"}]', "iom_missing_migrants"),
        ("a.json", '[{"page": 1}, [{"countryiso3code": "THA"}]]', "world_bank"),
        ("stock.json", '{"names": ["Thailand"]}', "un_desa"),
        ("wgi.csv", "codeindyr,code,year,indicator,estimate,stddev\nx,THA,2023,cc,0.1,0.2\n", "wgi"),
        ("ctdc.csv", "yearOfRegistration,ageBroad,citizenship,isForcedLabour\n2016,18--20,TH,1\n", "ctdc"),
        ("ucdp.csv", "country_cy,year_cy,sb_exist_cy\nTonga,2024,0\n", "ucdp"),
    ],
)
def test_a_publishers_original_is_told_with_the_command_that_reads_it(tmp_path, name, text, source):
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(Refused, match=f"python -m etl extract --from FOLDER {source}"):
        recognised(tmp_path / name, KINDS)


def test_a_publishers_workbook_too_large_for_a_members_is_told_as_what_it_is(tmp_path, monkeypatch):
    glotip.workbook(tmp_path, [glotip.row("312")])
    (path,) = tmp_path.iterdir()
    small = replace(guard.LIMITS, cells=5)
    monkeypatch.setattr(guard.open_tables, "__defaults__", (*guard.open_tables.__defaults__[:-1], small))
    with pytest.raises(Refused, match="more than 5 cells"):
        guard.open_tables(path)
    with pytest.raises(Refused, match="UNODC's table on trafficking in persons"):
        recognised(path, KINDS)


@pytest.mark.parametrize(
    "name, body, source",
    [
        (
            "risk.xlsx",
            lambda: samples.packed({**samples.parts(), "xl/connections.xml": b"x", "xl/workbook.xml": INFORM}),
            "inform",
        ),
        ("dist_cepii.zip", lambda: samples.packed({"dist_cepii.xls": b"\xd0\xcf\x11\xe0"}), "cepii"),
    ],
)
def test_a_publishers_file_that_the_guard_refuses_is_told_as_what_it_is(tmp_path, name, body, source):
    (tmp_path / name).write_bytes(body())
    with pytest.raises(Refused, match=f"extract --from FOLDER {source}"):
        recognised(tmp_path / name)


def test_a_members_workbook_with_connections_is_still_refused_for_them(tmp_path):
    (tmp_path / "ours.xlsx").write_bytes(samples.with_part("xl/connections.xml"))
    with pytest.raises(Refused, match="connections to data"):
        recognised(tmp_path / "ours.xlsx")
