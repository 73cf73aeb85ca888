"""kill -9 at any moment of accept or withdraw: no half-written version, earlier ones untouched, the next run completes."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from etl.briefings import kind, read, versions
from tests.etl.briefings import desk
from tests.sampling import all_or

pytestmark = pytest.mark.skipif(
    not hasattr(os, "fork"), reason="the test kills a copy of its own process, which Windows cannot make"
)
WRITES = ("open", "os.mkdir", "os.rename", "os.chmod", "os.remove", "shutil.copyfile", "shutil.copytree")
MOST = 80  # moments; an accept touches the disk less often


def killed(work, data: Path, moment: int) -> bool:
    """Runs `work` in a copy of this process that is killed at its n-th touch of the data folder; whether it was."""
    child = os.fork()
    if child == 0:
        touches = 0

        def count(event: str, arguments: tuple) -> None:
            nonlocal touches
            if (
                event in WRITES
                and str(data) in str(arguments[0])
                and (event != "open" or set(str(arguments[1])) & set("wax+"))
            ):
                touches += 1
                if touches == moment:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(count)
        try:
            work()
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def whole(data: Path) -> list[str]:
    """The versions that readers see, each of them readable and with as many rows as its receipt says."""
    words = desk.words(data)
    for version in versions.listed(data):
        got = read.kept(version.folder, words)
        assert got.faults == () and got.rows_in == versions.receipt(version)["accepted"], version.key
        assert (versions.private(data) / versions.receipt(version)["sha256"]).exists(), "its original is there"
    return [version.key for version in versions.listed(data)]


def test_an_accept_killed_at_any_moment_leaves_all_or_nothing(data, tmp_path):
    first = desk.sent(tmp_path / "first", data, {"victims_identified": {"Number": 120}})
    second = desk.sent(
        tmp_path / "second",
        data,
        {"victims_identified": {"Number": 131}, "victims_assisted": {"Number": 8}},
        sheets={"Caveats": [{"What limits the figure": "Late reports.", "What would remove it": "Time."}]},
    )
    kind.accept(first, data)
    before = desk.files(data / "briefings" / "THA" / "2025" / "v1")
    seen = set()
    for moment in range(1, MOST, all_or(3, 1)):
        was_killed = killed(lambda: kind.accept(second, data), data, moment)
        keys = whole(data)
        assert desk.files(data / "briefings" / "THA" / "2025" / "v1") == before
        assert keys in (["briefing THA 2025 v1"], ["briefing THA 2025 v1", "briefing THA 2025 v2"]), (moment, keys)
        seen.add(len(keys))
        if len(keys) == 2:
            break
    assert moment > 8, "the kills came too early to prove anything"
    again = kind.accept(second, data)
    assert again.key == "briefing THA 2025 v2" and not list(data.rglob(f"{versions.PART}*")), (was_killed, again)


def test_what_a_killed_writer_left_is_swept_by_the_next(data, tmp_path):
    sent = desk.sent(tmp_path / "sent", data, {"victims_identified": {"Number": 120}})
    left = set()
    for moment in (3, 5, 7, 9, 11):
        assert killed(lambda: kind.accept(sent, data), data, moment), moment
        left |= {path.parent.name for path in data.rglob(f"{versions.PART}*")}
    assert left, "none of the kills left anything behind: choose other moments"
    assert kind.accept(sent, data).key == "briefing THA 2025 v1"
    assert not list(data.rglob(f"{versions.PART}*"))


def test_a_withdrawal_killed_at_any_moment_happened_or_did_not(data, tmp_path):
    kind.accept(desk.sent(tmp_path / "sent", data, {"victims_identified": {"Number": 120}}), data)
    for moment in range(1, MOST, all_or(2, 1)):
        killed(lambda: kind.withdraw("THA 2025 v1", data), data, moment)
        assert whole(data) == ["briefing THA 2025 v1"]
        if versions.of(data, "THA", "2025") is None:
            break
    assert moment > 2
    assert kind.accept(tmp_path / "sent", data).key == "briefing THA 2025 v2"
    assert not list(data.rglob(f"{versions.PART}*"))
