"""Text out of strangers' files, made safe to show and fit to compare."""

from __future__ import annotations

import re
import unicodedata

_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹ᵃᵇᶜᵈᵉ"
_JOINERS = "\u200c\u200d"  # Sinhala, Burmese, Persian and others are written with them
_HIDDEN = ("Cc", "Cf", "Cs", "Co")  # control, format (direction of writing), halves of characters, private
_UNSEEN = dict.fromkeys(map(ord, "\u200b\u2060\ufeff\u00ad"))
_MARKS = re.compile(rf"(\s*[*†‡:{_SUPERSCRIPTS}]|\s*\[\w{{1,2}}\])+$")


def printable(text: object, limit: int = 200) -> str:
    """`text` on one line with nothing in it that a terminal, a browser or a reader's eye could be tricked by.

    Control characters, marks that turn the direction of writing, and halves of characters are written as ⟨U+001B⟩; what
    is longer than `limit` characters is cut and says so.
    """
    text = str(text)
    cut = f"… ({len(text):,} characters)" if len(text) > limit else ""
    shown = [
        " "
        if c in "\n\r\t\u00a0\u2028\u2029"
        else c
        if c in _JOINERS or unicodedata.category(c) not in _HIDDEN
        else f"⟨U+{ord(c):04X}⟩"
        for c in text[:limit]
    ]
    return "".join(shown).strip() + cut


def tidy(text: str) -> str:
    """`text` without the spaces that nobody sees: ends trimmed, non-breaking and repeated ones become one space."""
    return " ".join((text if text.isascii() else text.translate(_UNSEEN)).split())


def key(text: str) -> str:
    """`text` as it is compared: case, accents of width, underscores, dashes, breaks and footnote marks do not count."""
    plain = _MARKS.sub("", tidy(re.sub(f"[{_JOINERS}\u200e\u200f]", "", text)))
    return re.sub(r"[\s_\-–—/]+", " ", unicodedata.normalize("NFKC", plain).casefold()).strip()


def repaired(text: str) -> str:
    """UTF-8 that somebody read as Windows-1252 or Latin-1, even twice, read again: “TÃ¼rkiye” is “Türkiye”. Else as it is."""
    for encoding in ("cp1252", "latin-1") if not text.isascii() else ():
        try:
            return repaired(text.encode(encoding).decode("utf-8"))
        except UnicodeError:
            continue
    return text
