"""A freshly started server: whatever its first request names, that request runs the front door (dashboard.py)."""

import pytest

from tools.bench.visitor import Visitor, server

FIRST = {
    "member": ("member=Thailand", "Thailand"),
    "sources": ("part=Caveats", "Sources and methods"),
    "": ("", "Region"),
}


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


@pytest.mark.parametrize("page", FIRST)
def test_first_request_after_a_start_runs_the_front_door_even_as_a_deep_link(edition_id, pages, page):
    query, title = FIRST[page]
    with server() as (port, _):
        visitor = Visitor(port)
        _, messages, faults = visitor.run(page, query)
        visitor.close()
    ran_the_front_door(messages, faults, title, pages)
    assert not [m for m in messages if m.WhichOneof("type") == "page_not_found"], "the visitor saw “Page not found”"


def test_first_deep_link_runs_the_front_door_without_our_entry_too(edition_id, pages):
    """`streamlit run dashboard.py` may tell the first visitor "page not found", but never skips the front door."""
    with server("dashboard.py") as (port, _):
        visitor = Visitor(port)
        _, messages, faults = visitor.run("member", "member=Thailand")
        visitor.close()
    ran_the_front_door(messages, faults, "Thailand", pages)


def test_two_visitors_with_different_members_do_not_mix(edition_id):
    with server() as (port, _):
        first, second = Visitor(port), Visitor(port)
        for visitor, mine, other in (
            (first, "Thailand", "Nauru"),
            (second, "Nauru", "Thailand"),
            (first, "Thailand", "Nauru"),
        ):
            _, messages, faults = visitor.run("member", f"member={mine}")
            assert not faults and mine in said(messages, 0) and other not in said(messages, 0)
        first.close(), second.close()
