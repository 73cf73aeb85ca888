"""What members write stays text on screen: no link, no picture, no heading, no HTML, and nothing of it is lost."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from corridors.catalog import words
from corridors.store.queries import actions as queries
from corridors.views import actions, lessons, plans

TRICKS = [
    "see [our page](https://example.org)",
    "![a picture](https://example.org/p.png)",
    "<img src=x onerror=alert(1)>",
    "<https://example.org>",
    "# A heading of their own",
    "**bold** and _slanted_ and `code`",
    "[ref]: https://example.org",
    "a | b\n--- | ---\n1 | 2",
    ":red[alarm] :material/home: $x^2$",
]


def shown(text: str) -> str:
    """The words that a reader sees of an HTML page."""
    from html import unescape

    return unescape(re.sub(r"<[^>]+>", "", text)).replace("\u2060", "")


@pytest.mark.parametrize("text", TRICKS)
def test_the_known_tricks_become_text(text):
    html = MarkdownIt("commonmark").render(words.as_text(text))
    assert not re.search(r"<(a|img|h1|strong|em|code|table)\b", html), html
    assert shown(html).split() == text.replace("\n", " ").split()


@pytest.mark.parametrize(
    "text", ["https://example.org/a", "www.example.org", "write to a.person@example.org", "HTTP://X.org"]
)
def test_a_bare_address_is_none_that_markdown_makes_a_link_of(text):
    """Streamlit's markdown looks for these after escapes are gone, so they must be broken, not escaped."""
    said = words.as_text(text)
    assert not re.search(r"(?i)https?://|www\.|[\w.+-]+@[\w-]+\.", said) and said.replace("\u2060", "") == text


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60))
def test_nothing_is_lost_and_nothing_is_marked_up_whatever_is_written(text):
    html = MarkdownIt("commonmark").render("x " + words.as_text(text))
    assert not re.search(r"<(a|img|h\d|strong|em|code|table)\b", html)


def test_what_is_no_text_comes_back_as_it_is():
    assert words.as_text(None) is None and words.as_text(3) == 3


TRICK = "[our page](https://example.org) ![p](https://example.org/p.png) <img src=x> www.example.org :red[alarm]"
FREE = {*actions.WRITTEN, "setting", "advice", "publisher", "source_title"}
LISTS = {"injects", "questions", "roles"}


def strings(value):
    """Every text within dataclasses, frames, lists and dicts."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, pd.DataFrame):
        yield from (cell for column in value for cell in value[column] if isinstance(cell, str))
    elif is_dataclass(value):
        yield from strings([getattr(value, field.name) for field in fields(value)])
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from strings(part)


def test_whatever_is_written_of_joint_actions_and_debriefs_reaches_the_screen_as_text(edition_id, monkeypatch):
    """Outcomes, facts, notes, conflicts, plans, answers, practices, scenarios: every free text replaced by one that would be live."""
    told = []
    for name in ("_with_sources", "ask"):
        asked = getattr(queries, name)

        def tricked(*asking, asked=asked):
            rows = asked(*asking)
            for column in FREE & set(rows.columns):
                rows[column] = TRICK
            for column in LISTS & set(rows.columns):
                rows[column] = [[TRICK]] * len(rows)
            told.append(len(rows))
            return rows

        monkeypatch.setattr(queries, name, tricked)
    held = [actions.period(edition_id, key) for key in actions.names(edition_id)]
    held += [actions.board(edition_id, key, date(2026, 1, 1)) for key in actions.names(edition_id)]
    held += [actions.progress(edition_id, key, date(2026, 1, 1)) for key in actions.names(edition_id)]
    held += [actions.conflicts(edition_id), actions.group(edition_id), actions.under_way(edition_id)]
    held += [plans.plans(edition_id), lessons.answers(edition_id)]
    held += [lessons.practices(edition_id), lessons.scenarios(edition_id)]
    titles = {TRICK}  # of plans, practices and scenarios: labels of buttons and lists, which pages show as labels
    said = [text for text in strings(held) if text not in titles]
    assert sum(told) > 100 and sum("alarm" in text for text in said) > 50
    for text in said:
        html = MarkdownIt("commonmark").render(text)
        assert not re.search(r"<(a|img|h1)\b", html) and "www.example" not in html and ":red[" not in text, text
