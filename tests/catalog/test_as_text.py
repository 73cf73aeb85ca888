"""What members write stays text on screen: no link, no picture, no heading, no HTML, and nothing of it is lost."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from corridors.catalog import words

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
