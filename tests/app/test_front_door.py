"""A freshly started server: whatever its first request names, that request runs the front door (dashboard.py)."""

import urllib.error
import urllib.request

import pytest

from corridors.catalog.roles import FORMER_PAGES
from corridors.ui import contents
from tests.sampling import all_or
from tools.bench.visitor import Visitor, server


def said(messages, root: int | None = None) -> str:
    """All words sent to the page, or to one part of it."""
    parts = []
    for message in messages:
        if message.WhichOneof("type") == "delta" and (root is None or message.metadata.delta_path[0] == root):
            element = message.delta.new_element
            kind = element.WhichOneof("type")
            parts.append(str(getattr(element, kind).body) if kind in ("markdown", "heading") else "")
    return "\n".join(parts)


def choosers(messages) -> list[str]:
    elements = [m.delta.new_element for m in messages if m.WhichOneof("type") == "delta"]
    return [e.selectbox.label for e in elements if e.WhichOneof("type") == "selectbox"]


def ran_the_front_door(messages, faults, title: str, pages) -> None:
    assert not faults
    assert f"{title}" in said(messages), "the page itself"
    assert "Edition of" in said(messages, 0) and "TLP" in said(messages, 0), "edition line and label"
    assert "Member state" in choosers(messages)
    menu = [m.navigation for m in messages if m.WhichOneof("type") == "navigation"][-1]
    assert {p.url_pathname for p in menu.app_pages} == set(pages)
    assert "TLP:CLEAR · Corridors, edition" in said(messages), "the foot"


@pytest.fixture(scope="module")
def served(edition_id):
    """The port of a server, and what its very first visitor got, who came by a deep link."""
    with server() as (port, _):
        visitor = Visitor(port)
        _, messages, faults = visitor.run("member", "member=Thailand")
        visitor.close()
        yield port, messages, faults


def test_first_request_after_a_start_runs_the_front_door_even_as_a_deep_link(served, pages):
    _, messages, faults = served
    ran_the_front_door(messages, faults, "Thailand", pages)
    assert not [m for m in messages if m.WhichOneof("type") == "page_not_found"], "the visitor saw “Page not found”"


def test_first_deep_link_runs_the_front_door_without_our_entry_too(edition_id, pages):
    """`streamlit run dashboard.py` may tell the first visitor "page not found", but never skips the front door."""
    with server("dashboard.py") as (port, _):
        visitor = Visitor(port)
        _, messages, faults = visitor.run("member", "member=Thailand")
        visitor.close()
    ran_the_front_door(messages, faults, "Thailand", pages)


# Every address of 26 November 2026, before pages became parts of others: where it leads, and what is then on screen.
MOVED = {
    "plans?plan=nzl-vnm": ("action?action_part=plans&plan=nzl-vnm", "The corridor: Viet Nam to New Zealand"),
    "planning?plan_from=Viet+Nam": ("action?action_part=planning&plan_from=Viet+Nam", "Who is on the routes"),
    "lessons?lesson_part=form": ("action?action_part=lessons&lesson_part=form", "Fill in what is worth knowing next time"),
    "practices?practice_part=scenarios": (
        "action?action_part=practices&practice_part=scenarios",
        "Invented; no State is meant.",
    ),
    "scorecard": ("quality?part=scorecard", "The region's data"),
    "conflicts?kind=record&screen=1": ("quality?part=conflicts&kind=record&screen=1", "Both figures stay on screen"),
    "sources": ("quality?part=sources", "Every figure names one of these"),
    "sources?part=caveats": ("quality?part=caveats", "*What would remove it:*"),
    "sources?part=Words": ("quality?part=Words", "What a figure can be"),
    "sources?part=rejected": ("quality?part=left", "Grades set by hand"),
    "sources?part=Left+out": ("quality?part=Left+out", "Grades set by hand"),
    "sources?part=editions": ("quality?part=edition", "Files read"),
    "sources?part=This+edition": ("quality?part=This+edition", "Files read"),
    "quality?part=age": ("quality?part=edition", "How old the newest figures are"),
    "quality?part=Age+and+changes": ("quality?part=edition", "Since the edition before"),
    "quality?part=Open+questions": ("quality?part=left", "Grades set by hand"),
    "corridor?origin=Myanmar&destination=Bangladesh": (
        "routes?view=corridor&origin=Myanmar&destination=Bangladesh",
        "Myanmar to Bangladesh",
    ),
    "networks?crime=trafficking": ("routes?view=networks&crime=trafficking", "Counts are of descriptions in briefings"),
    "take-away?member=Tonga&take_theme=displacement": (
        "member?member=Tonga&take_theme=displacement&take=open",
        "each bears its own label",
    ),
    "hidden?hidden=method": ("multiple-systems?systems=method", "Several bodies keep lists of people"),
}
STAYED = {
    "": "Region",
    "member?member=Nauru&theme=missing": "Who could provide it",
    "routes?route=R10": "R10 · ",
    "factors?factors=early": "Push and pull",
    "action?action_part=differ": "The sixth.",
    "action?action_part=The+Working+Group": "Meetings of the Working Group itself",
    "quality?part=grades": "Grades by member",
    "quality?part=What+to+fix+first&member=Malaysia": "What to fix first: Malaysia",
    "meeting": "turn the page",
    "present": "",
    "notes": "TLP",
    "cases": "Cases",
    "expected?model=stock": "How well it fits",
    "multiple-systems": "Hidden numbers",
    "outlook": "can be looked ahead",
    "desk": "Nothing is kept until it is accepted",
}


class _Stay(urllib.request.HTTPRedirectHandler):
    """Tells where an answer leads instead of going there."""

    def redirect_request(self, *args):
        return None


def test_every_address_of_before_leads_to_where_its_page_stands_now_with_its_choices(served):
    known = {address.partition("?")[0] for address in {**MOVED, **STAYED}}
    assert known == contents.NAMES | FORMER_PAGES.keys(), "the walk leaves out no page"
    ask = urllib.request.build_opener(_Stay).open
    port, _, _ = served
    every = {**MOVED, **{address: (address, words) for address, words in STAYED.items()}}
    for number, (old, (new, words)) in enumerate(every.items()):
        try:
            led = ask(f"http://127.0.0.1:{port}/{old}").url.rpartition("/")[2]
        except urllib.error.HTTPError as answer:
            assert answer.code == 302, (old, answer.code)
            led = answer.headers["Location"]
        assert led == new, old
        if number % all_or(3, 1):
            continue  # a sample goes in at every third
        page, _, query = led.partition("?")
        visitor = Visitor(port)  # an address that is typed in begins anew
        _, messages, faults = visitor.run(page, query)
        visitor.close()
        assert not faults and words in said(messages), (old, led)
        assert "which this page does not have" not in said(messages), (old, led)
        assert not [m for m in messages if m.WhichOneof("type") == "page_not_found"], (old, led)


def test_two_visitors_with_different_members_do_not_mix(served):
    port, _, _ = served
    first, second = Visitor(port), Visitor(port)
    for visitor, mine, other in (
        (first, "Thailand", "Nauru"),
        (second, "Nauru", "Thailand"),
        (first, "Thailand", "Nauru"),
    ):
        _, messages, faults = visitor.run("member", f"member={mine}")
        assert not faults and mine in said(messages, 0) and other not in said(messages, 0)
    first.close(), second.close()
