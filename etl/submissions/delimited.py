"""The cells of CSV files as people send them: any usual encoding and separator, guessed where the file does not say.

Every guess is told as a warning. Small enough to be tried on the first bytes only (`sniffed`), for files of any size.
"""

import codecs
import csv
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, TextIO

from etl.submissions.limits import Budget, Limits, UnsafeFile
from etl.submissions.sheets import printable

Emit = Callable[[list], None]
HEAD = 1 << 16
ASKED = "UTF-8, or the word of somebody who reads it"  # what is expected of text that may be wrong letters: it is not taken
_RUN = re.compile(r"[^\x00-\x7f\xa0«»“”‘’–—…]{3,}")  # in Western writing no three signs beyond a to z stand side by side
AS_UTF8 = "Save it anew as “CSV UTF-8”."
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
LEAST_FOREIGN = 12  # bytes beyond ASCII below which a page cannot be told
_PAGES = {
    "cp1252": "Windows-1252",
    "cp874": "Windows-874 (Thai)",
    "cp932": "Shift-JIS (Japanese)",
    "cp949": "Windows-949 (Korean)",
    "big5": "Big5 (Chinese)",
    "gb18030": "GB 18030 (Chinese)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "cp1256": "Windows-1256 (Arabic)",
}
_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "upright strokes"}


class Style(NamedTuple):
    """How a text file is written: a codec of Python, the separator, lines to leave out above, what was guessed."""

    encoding: str
    separator: str
    skip: int  # 1 where the first line only names the separator (“sep=;”, as Excel writes it)
    guesses: tuple[tuple[str, str, str], ...]  # found, expected, how_to_fix


def sniffed(path: Path, limits: Limits) -> Style:
    """How a text file is written, from its first 64 KB (the encoding from all of it, in pieces).

    Raises UnsafeFile for NUL bytes, for a first line without an end, and for bytes that no guess can read.
    """
    with path.open("rb") as handle:
        head = handle.read(HEAD)
        if not head:
            raise UnsafeFile.of("text-empty")
    encoding, guesses = _encoding(path, head, limits)
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head)
    with path.open(encoding=encoding, newline="", errors="replace") as handle:
        if len(handle.readline(limits.line + 1)) > limits.line:
            raise _long_line(1, limits)
    skip, named = 0, re.match(r"sep=(.)\r?\n", text)
    if named:
        return Style(encoding, named[1], 1, guesses)
    separator = _separator(text)
    if separator != ",":
        guesses += (
            (f"columns parted by {_SEPARATORS[separator]}", "commas", "Nothing to do if the columns below look right."),
        )
    return Style(encoding, separator, skip, guesses)


def _encoding(path: Path, head: bytes, limits: Limits) -> tuple[str, tuple]:
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name, () if name == "utf-8-sig" else ((f"text in {name.upper()}", "UTF-8", AS_UTF8),)
    if b"\0" in head:
        even, odd = head[::2].count(0), head[1::2].count(0)
        half = len(head) // 2
        for count, other, name in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
            if count > 0.3 * half and other < 0.02 * half:
                return name, ((f"text without a mark of its encoding, read as {name.upper()}", "UTF-8", AS_UTF8),)
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as handle:
        done = 0
        try:
            while piece := handle.read(1 << 20):
                if (at := piece.find(0)) >= 0:
                    raise UnsafeFile.of("nul-byte", at=done + at)
                decoder.decode(piece)
                done += len(piece)
                if done >= limits.text_bytes:  # a file beyond this is not read as a table here
                    return "utf-8", ()
            decoder.decode(b"", True)
            return "utf-8", ()
        except UnicodeDecodeError as fault:
            return _code_page(path, head, done + fault.start, limits.code_page)


def _code_page(path: Path, head: bytes, at: int, said: str) -> tuple[str, tuple]:
    """The code page of text that is not UTF-8: another than Windows-1252 only where the bytes fit that one alone, or it was `said`.

    What may be wrong letters is asked: whoever can read the sample says that it is right.
    """
    with path.open("rb") as handle:
        handle.seek(max(0, at - 30))
        around = handle.read(60)
    page = said or _likely_page(head)
    try:
        sample = around.decode(page, "strict" if page == "cp1252" else "replace")
    except LookupError:
        raise UnsafeFile.of("code-page-unknown", page=printable(page, 30), pages=", ".join(_PAGES)) from None
    except UnicodeDecodeError:
        raise UnsafeFile.of("byte-of-no-page", at=at) from None
    line = next((part for part in re.split(r"[\r\n]+", sample) if not part.isascii()), sample)
    found = f"text that is not UTF-8, read as {_PAGES.get(page, page)} (for instance “{printable(line, 60)}”)"
    if not said and (page != "cp1252" or _RUN.search(codecs.decode(head, page, "replace"))):
        return page, (
            (found, ASKED, f"{AS_UTF8} If the letters of the sample are right: check it with --code-page {page}."),
        )
    return page, ((found, "UTF-8", "If letters look wrong: " + AS_UTF8[0].lower() + AS_UTF8[1:]),)


def _likely_page(head: bytes) -> str:
    """Windows-1252, which Excel writes in much of the world, unless one other page fits clearly better and no third does."""
    piece = head if len(head) < 1 << 14 else head[: 1 << 14].rpartition(b"\n")[0]  # a letter cut in two fits no page
    if page := _page_of_known_words(piece):
        return page
    if sum(byte > 127 for byte in piece) < LEAST_FOREIGN:
        return "cp1252"
    from charset_normalizer import from_bytes  # loads only for files that are not UTF-8

    fits = list(from_bytes(piece, cp_isolation=list(_PAGES), enable_fallback=False))
    best = {match.encoding for match in fits if match.chaos <= fits[0].chaos}
    return best.pop() if len(best) == 1 and "cp1252" not in {match.encoding for match in fits} else "cp1252"


def _page_of_known_words(piece: bytes) -> str:
    """The one page in which most words are names of countries or words of sex in the members' languages; empty for none."""
    from corridors.catalog import load
    from etl.submissions.nearest import words_of_other_scripts

    known, hits = words_of_other_scripts(tuple(load().countries)), {}
    for page in _PAGES:
        try:
            cells = re.split(r"[,;\t|\r\n\"]+", piece.decode(page))
        except UnicodeDecodeError:
            continue
        hits[page] = sum(not cell.isascii() and " ".join(cell.split()).casefold() in known for cell in cells)
    most = max(hits.values(), default=0)
    best = [page for page, count in hits.items() if count == most]
    return best[0] if most and len(best) == 1 else ""


def _separator(text: str) -> str:
    """The separator that parts the first lines most alike; a comma where none does."""
    lines = [line for line in re.split(r"\r\n|\n|\r", re.sub(r'"[^"]*"', "", text))[:40] if line.strip(" ")]
    if len(text) >= HEAD // 4 and len(lines) > 1:
        lines = lines[:-1]  # the last one may be cut off by the end of the piece
    best, points = ",", 0.0
    for separator in _SEPARATORS:
        counts = [line.count(separator) for line in lines]
        usual = max(set(counts), key=counts.count, default=0)
        likeness = counts.count(usual) / len(counts) if counts else 0
        # a comma inside numbers is as frequent as a separator, but it is seldom in the header
        score = usual * likeness * (2 if counts and counts[0] == usual else 1)
        if score > points:
            best, points = separator, score
    return best


def _long_line(row: int, limits: Limits) -> UnsafeFile:
    return UnsafeFile.of("line-too-long", row=row, line=limits.line)


def _lines(handle: TextIO, limits: Limits) -> Iterator[str]:
    row = 0
    while line := handle.readline(limits.line + 1):
        row += 1
        if len(line) > limits.line:
            raise _long_line(row, limits)
        if "\0" in line:
            raise UnsafeFile.of("nul-character", row=row)
        yield line


def records(path: Path, style: Style, limits: Limits) -> Iterator[list[str]]:
    """The lines of a text file as their cells. Raises UnsafeFile for an open quotation and for long lines."""
    former, row = csv.field_size_limit(limits.cell_text * 2), 0  # the limit is the whole process's
    try:
        with path.open(encoding=style.encoding, newline="", errors="strict") as handle:
            lines = _lines(handle, limits)
            for _ in range(style.skip):
                next(lines, None)
            for row, record in enumerate(csv.reader(lines, delimiter=style.separator, strict=True), 1 + style.skip):
                yield record
    except csv.Error as fault:
        raise UnsafeFile.of("quotation-open", row=row + 1, fault=printable(fault, 80), last=row) from None
    except UnicodeError as fault:
        raise UnsafeFile.of("bytes-of-other-encoding", encoding=style.encoding.upper(), fault=printable(fault, 80)) from None
    finally:
        csv.field_size_limit(former)


def read(path: Path, name: str, budget: Budget, emit: Emit, most_rows: int | None) -> None:
    """Emits one CSV as a sheet: `["sheet", …]`, `["guess", …]`, rows and marks as the other readers do."""
    style = sniffed(path, budget.limits)
    emit(["sheet", name, False])
    for guess in style.guesses:
        emit(["guess", *guess])
    for row, record in enumerate(records(path, style, budget.limits), 1 + style.skip):
        if most_rows is not None and row > most_rows:
            break
        line = []
        for column, text in enumerate(record, 1):
            if text:
                budget.take_cell(row, column, len(text), name)
                line.append([column, "t", text, "", ""])
        if line:
            emit(["row", row, line])
    emit(["marks", [], []])
