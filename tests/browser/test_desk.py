"""The desk in a real browser: a file is handed in, its faults are read on its rows, it is accepted, drafted, published, seen by
another tab, and undone; a reload, a second tab and a killed job lose nothing."""

import os
import re
import resource
import signal
from pathlib import Path
from typing import NamedTuple

import pytest

from corridors.store import drafts, editions, jobs
from etl.briefings.kind import accept
from etl.build import build
from tests import small_data
from tests.browser.tab import RUNNING, Tab
from tests.etl.briefings import desk
from tools.bench.visitor import server

pytestmark = pytest.mark.browser
SEEN, STALE = re.compile("from their next tap on"), re.compile("Build the draft anew")


class House(NamedTuple):
    """Where its data lie, where it is served, and by which process."""

    folder: Path
    address: str
    process: int


@pytest.fixture(scope="module")
def house(tmp_path_factory, chromium):
    """Small data, an edition of it, and a server of its own."""
    folder = tmp_path_factory.mktemp("desk")
    data = small_data.made(folder / "data")
    build(data, folder / "editions")
    own = {f"CORRIDORS_{name.upper()}": str(folder / name) for name in ("data", "editions", "jobs", "drafts")}
    with pytest.MonkeyPatch.context() as patch, server(env=own) as (port, process):
        for name, value in own.items():
            patch.setenv(name, value)
        yield House(folder, f"http://127.0.0.1:{port}", process)


@pytest.fixture
def tab(house, chromium):
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(90_000)
    yield context.new_page()
    context.close()


def hand_in(tab, address: str, *files: Path) -> None:
    tab.goto(f"{address}/desk")
    tab.locator("input[type=file]").set_input_files(list(files))
    tab.get_by_role("button", name="Check").click()


def briefing(folder: Path, number, iso3="THA") -> Path:
    path = folder / f"{iso3}-{number}.xlsx".replace(" ", "-")
    return (
        path if path.exists() else desk.filled(path, folder / "data", {"victims_identified": {"Number": number}}, iso3=iso3)
    )


def test_a_briefing_is_judged_accepted_drafted_published_and_seen_by_another_tab(house, tab):
    folder, address, _ = house
    before = editions.current()
    hand_in(tab, address, briefing(folder, 412), briefing(folder, "12 or so", "MYS"))
    tab.get_by_text("It would be accepted").wait_for()
    tab.get_by_text("It would not be accepted until the errors are fixed").wait_for()
    tab.get_by_role("button", name="Accept a member's briefing", disabled=True).wait_for()
    named = tab.url
    tab.reload()  # what was found stands under the address
    tab.get_by_text("It would be accepted").wait_for()
    assert tab.url == named
    tab.get_by_role("button", name="Accept a member's briefing", disabled=False).click()
    tab.get_by_text("Accepted: briefing THA 2025 v1").wait_for()
    tab.go_back()  # the check that it came from
    tab.get_by_text("Accepted. It is in what the next draft is built from.").wait_for()
    tab.goto(f"{address}/desk?desk=draft")
    tab.get_by_role("button", name="Build a draft").click()
    tab.get_by_text("What would change").wait_for()
    assert editions.current() == before
    other, slides = Tab(tab.context.new_page(), address), Tab(tab.context.new_page(), address)
    other.open("member?member=Thailand&theme=briefings").page.get_by_text(before).first.wait_for()
    slides.page.goto(f"{address}/present")
    slides.page.locator(".st-key-keys").wait_for(state="attached")
    tab.get_by_role("button", name="Look at the pages with it").click()
    tab.get_by_text("Nobody else sees these figures yet").wait_for()
    tab.get_by_role("link", name="Back to the desk").click()
    tab.get_by_text("What would change").wait_for()
    # the band stands on both pages: a tap on the one before, until this one has come to rest, is lost
    tab.wait_for_function(f"() => !document.querySelector('{RUNNING}')")
    tab.get_by_role("button", name="Leave the draft").click()
    tab.get_by_text("Nobody else sees these figures yet").wait_for(state="hidden")
    tab.get_by_label("Why it should be published").fill("Briefing of Thailand for 2025")
    tab.keyboard.press("Tab")
    tab.get_by_role("button", name="Propose it").click()
    tab.get_by_role("button", name="Publish", exact=True).click()
    tab.get_by_text(SEEN).wait_for()
    now = editions.current()
    assert now != before
    published = re.compile(r"Another edition was published at \d\d:\d\d")
    other.page.get_by_text(published).wait_for()
    assert other.page.get_by_text(before).count() and not other.page.get_by_text(now).count(), (
        "whoever looks keeps what they see"
    )
    other.page.get_by_role("button", name="Show it").click()
    other.page.get_by_text(now).first.wait_for()
    other.page.get_by_text(published).wait_for(state="hidden")
    assert not other.errors + other.refused + slides.errors + slides.refused
    assert not [url for url in slides.asked if "newest" in url] and not slides.page.get_by_text(published).count()
    undo = [job for job in jobs.listed() if job.kind == "accept"][0].id
    tab.goto(f"{address}/desk?job={undo}")
    tab.get_by_role("button", name="Undo").click()
    tab.get_by_text("Undone: briefing THA 2025 v1").wait_for()


def test_a_job_that_is_killed_while_a_page_looks_on_is_told_and_can_be_asked_for_again(house, tab):
    folder, address, _ = house
    hand_in(tab, address, briefing(folder, 413))
    tab.get_by_role("button", name="Stop").wait_for()
    job = jobs.listed()[0]
    while not (alive := jobs.folder() / job.id / jobs.ALIVE).exists() and not jobs.read(job.id).ended:
        tab.wait_for_timeout(50)
    if alive.exists() and (words := alive.read_text().split()):
        os.kill(int(words[0]), signal.SIGKILL)
        tab.get_by_text("ended by the system; nothing half-written was kept").wait_for()
    hand_in(tab, address, briefing(folder, 413))
    tab.get_by_text("It would be accepted").wait_for()


def test_what_is_too_large_or_hostile_is_told_in_a_sentence(house, tab, tmp_path):
    folder, address, _ = house
    odd = tmp_path / "=cmd|calc!A1 <b>.csv"
    odd.write_bytes(b"\x00\x01\x02 not a table")
    hand_in(tab, address, odd)
    tab.get_by_text("error", exact=False).first.wait_for()
    tab.get_by_role("button", name="Drop these files now").click()
    tab.get_by_text("The files are held no longer").wait_for()
    assert not jobs.listed()[0].files


def test_a_full_disk_is_told_in_a_sentence_and_nothing_of_the_file_is_kept(house, tab, tmp_path):
    """No file of the server's may grow beyond ten kilobytes, so the system refuses the rest as a full disk does."""
    large, before = tmp_path / "large.csv", len(jobs.listed(200))
    large.write_text("record_id,year\n" + "T-1,2024\n" * 50_000, encoding="utf-8")
    kept = resource.prlimit(house.process, resource.RLIMIT_FSIZE)
    resource.prlimit(house.process, resource.RLIMIT_FSIZE, (10_000, kept[1]))
    try:
        hand_in(tab, house.address, large)
        tab.get_by_text("The disk refused (File too large). Nothing was kept; make room and try again.").wait_for()
    finally:
        resource.prlimit(house.process, resource.RLIMIT_FSIZE, kept)
    assert len(jobs.listed(200)) == before and not list(jobs.folder().rglob("*large*"))


def test_two_stewards_who_publish_at_once_each_read_one_sentence(house, tab, chromium):
    """Two drafts of one edition, each proposed and on the screen of one of them: one is published, the other is built anew."""
    made = []
    for number in (1, 2):
        accept(briefing(house.folder, number, "BGD"), house.folder / "data")
        edition = build(house.folder / "data", drafts.made(), published=house.folder / "editions").edition_id
        made.append(f"{editions.DRAFT}{edition}")
        drafts.propose(made[-1], "somebody", "Somebody", f"Briefing {number}")
    other = chromium.new_context()
    tabs = tab, other.new_page()
    for page, draft in zip(tabs, made):
        page.goto(f"{house.address}/desk?desk=draft")
        page.get_by_role("combobox", name="Draft", exact=True).click()
        page.get_by_role("option", name=draft).click()
        page.get_by_text(f"Briefing {1 + made.index(draft)}").wait_for()
    for page in tabs:
        page.get_by_role("button", name="Publish", exact=True).click()
    for page in tabs:
        page.get_by_text(SEEN).or_(page.get_by_text(STALE)).wait_for()
    told = [(page.get_by_text(SEEN).count(), page.get_by_text(STALE).count()) for page in tabs]
    assert sorted(told) == [(0, 1), (1, 0)]
    assert f"{editions.DRAFT}{editions.current()}" == made[told.index((1, 0))]
    other.close()
